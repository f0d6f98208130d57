/* SPDX-License-Identifier: MIT */
/*
 * A VFS for SQLite that goes wrong on order: the k-th operation that changes or syncs a file fails,
 * or the process is killed there, or the power goes: then only what was synced is left, and by
 * chance some of the rest.
 */
#ifndef TESTS_UNIT_STORE_FAULTS_H
#define TESTS_UNIT_STORE_FAULTS_H

#include <stdbool.h>

/* Makes it the VFS of this process, without a fault. */
void store_faults_install(void);

enum store_faults_kind {
    STORE_FAULTS_NONE,
    STORE_FAULTS_IO,   /* the operation fails as on a broken disk */
    STORE_FAULTS_READ, /* the same, for the k-th read */
    STORE_FAULTS_FULL, /* a write fails as on a full disk, a sync as on a broken one */
    STORE_FAULTS_KILL, /* the process is killed before the operation */
    STORE_FAULTS_POWER /* the same, and what a power cut would have left is written to another
                          folder first */
};

/* Orders the fault at the k-th operation from now on. */
void store_faults_order(enum store_faults_kind kind, int k);

/* For STORE_FAULTS_POWER: where to write what is left, and what chance begins with. */
void store_faults_power(const char *folder, unsigned seed);

/* Has it happened? */
bool store_faults_fired(void);

/* The power goes now: writes what is left. */
void store_faults_cut(void);

#endif
