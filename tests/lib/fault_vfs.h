/* SPDX-License-Identifier: MIT */
/*
 * A VFS for SQLite that goes wrong on order: the k-th operation of a kind fails, once or from then
 * on, or the process is killed there, or the power goes: then only what was synced is left, and by
 * chance some of the rest.
 *
 * Owns: the state of one process; there is one such VFS.
 * Never: follows what goes past SQLite (renames, files that the program writes itself). The shared
 * memory of the log (-shm) is never left after a power cut, as on a real machine.
 */
#ifndef TESTS_LIB_FAULT_VFS_H
#define TESTS_LIB_FAULT_VFS_H

#include <stdbool.h>

/* Makes it the VFS of this process, without a fault. Before SQLite opens anything. */
void fault_vfs_install(void);

enum fault_vfs_kind {
    FAULT_VFS_NONE,
    FAULT_VFS_IO,    /* an operation that changes or syncs a file fails as on a broken disk */
    FAULT_VFS_READ,  /* a read does */
    FAULT_VFS_FULL,  /* a write fails as on a full disk, a sync as on a broken one */
    FAULT_VFS_SHORT, /* the same, but half of what was to be written is in the file */
    FAULT_VFS_KILL,  /* the process is killed before the operation */
    FAULT_VFS_POWER  /* the same, and what a power cut would have left is written to another
                        folder first */
};

/* Orders the fault at the k-th operation from now on (1: the next), and counts anew. Every kind but
 * READ counts what changes or syncs a file, so a number means the same to all of them. */
void fault_vfs_order(enum fault_vfs_kind kind, long k);

/* The same, and everything of the kind that comes after it fails as well. */
void fault_vfs_order_for_ever(enum fault_vfs_kind kind, long k);

/* For FAULT_VFS_POWER: where to write what is left ("NAME.gone" for a file that was used and is not
 * there any more), and what chance begins with. It also decides
 * what becomes of writes that were not synced: all are lost, each sector has its chance, or a write
 * may end at any byte. */
void fault_vfs_power(const char *folder, unsigned seed);

/* Forgets what the disk knows, for who looks for memory that is left; no power cut from here on. */
void fault_vfs_forget(void);

/* Has it happened? */
bool fault_vfs_fired(void);

/* Operations since the order: those that change or sync a file, or reads. */
long fault_vfs_changes(void);
long fault_vfs_reads(void);

/* The power goes now: writes what is left. */
void fault_vfs_cut(void);

#endif
