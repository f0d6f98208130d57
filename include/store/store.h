/* SPDX-License-Identifier: MIT */
/*
 * store: the database: one SQLite file, and the only room that knows SQLite.
 *
 * Owns: the file, its schema and migrations, the one writing connection (or a reading one), every
 * SQL statement.
 * Offers: typed reads and writes (users, tokens, catalogue, plays, ledger), inside transactions
 * begun here.
 * Never: decides anything about plays, touches a file that is not ours or of a newer version,
 * checkpoints from a reader, commits twice after a failed sync, stores a secret that is not sealed.
 *
 * Every function returns enum store_result; STORE_OK is 0. Nothing is logged here: store_message()
 * tells what was tried and what SQLite said.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_result {
    STORE_OK = 0,
    STORE_NOT_FOUND, /* no such row */
    STORE_EXISTS,    /* a unique key is taken */
    STORE_BUSY,      /* another process holds the write lock: try again */
    STORE_FULL,      /* no space (disk, quota, file size limit): try again later */
    STORE_READONLY,  /* file or file system takes no writes */
    STORE_IO,        /* the disk failed: close, exit, start anew */
    STORE_CORRUPT,   /* damaged, or not a database */
    STORE_NOT_OURS,  /* a database of another program */
    STORE_NEWER,     /* made by a newer version of this program */
    STORE_CANTOPEN,  /* directory missing, no permission */
    STORE_GONE,      /* the file was removed or replaced while it was open */
    STORE_NOMEM,
    STORE_LATE,  /* took longer than its budget (store_set_budget) */
    STORE_MISUSE /* a bug of ours, or SQL that failed unexpectedly */
};

enum store_mode {
    STORE_WRITER, /* creates and migrates; there is one a file, guarded by the caller's lock */
    STORE_READER  /* never writes, never checkpoints */
};

/* How sure a commit has to be. A crash of the program loses neither; a power cut may lose RELAXED
 * ones. */
enum store_durability {
    STORE_DURABLE, /* synced before commit returns: plays, tokens, states */
    STORE_RELAXED  /* not synced: ledger, counters, signs of life */
};

struct store;

/* Opens (and as writer creates or migrates) the database at path. A file that is no database, not
 * ours or newer is left untouched byte by byte. On failure *store is NULL and why (of size bytes)
 * holds one line for people; on success why is empty, or says which file others could read and now
 * cannot. Writes are taken inside of transactions only; one that fails leaves the transaction as it
 * was, or dooms it: then every call up to the commit says why. */
enum store_result store_open(const char *path, enum store_mode mode, struct store **store,
                             char *why, size_t size);

/* Opens a writer on a private copy of the database at path, which vanishes with the process: to see
 * what a change would do. What it needs of the disk is in the directory for temporary files. On
 * failure as store_open() for a reader. */
enum store_result store_open_scratch(const char *path, struct store **store, char *why,
                                     size_t size);

/* Ends it: rolls back what is open, optimizes (writer), keeps the WAL files for readers. NULL is
 * fine. */
void store_close(struct store *store);

/* What the last failure was, one line, never a secret. Valid until the next call. */
const char *store_message(const struct store *store);

const char *store_result_name(enum store_result result);

/* True for results after which the same call may work later with the same connection (BUSY, FULL,
 * READONLY, NOMEM, LATE). */
bool store_result_is_temporary(enum store_result result);

/* Begins a write transaction at once (BEGIN IMMEDIATE; waits for another process at most 50 ms).
 * Checks first that the file is still the one opened (STORE_GONE). One at a time; nesting is
 * STORE_MISUSE. */
enum store_result store_begin(struct store *store, enum store_durability durability);

/* Commits it. On any failure it is rolled back. */
enum store_result store_commit(struct store *store);

/* Drops it. Fine when none is open. */
void store_rollback(struct store *store);

/* Ends a transaction by what became of it so far (store_begin() included): commits after STORE_OK,
 * else rolls back and hands result on. */
enum store_result store_finish(struct store *store, enum store_result result);

/* Keeps so many KiB of the file in memory, in place of some 2,000: for a reader that goes through
 * the same pages again and again. */
void store_keep_pages(struct store *store, int kib);

/* From now on statements that are still at work, or begun, ms later fail with STORE_LATE; 0: no
 * budget. Takes back a store_stop(). For readers: a transaction that writes would be lost. */
void store_set_budget(struct store *store, int64_t ms);

/* Makes what is under way, and all that is begun after it, fail with STORE_LATE until the next
 * store_set_budget(). The one call that may come from another thread; the store must stay open
 * until it returns. For readers, too. */
void store_stop(struct store *store);

/* -- a change too large for one turn of the loop: one durable transaction in steps -------------- */

/* Begins it, paused. While it is paused store_begin() is STORE_BUSY for everybody, and reads of
 * this store see what is done so far. */
enum store_result store_long_begin(struct store *store);

/* Goes on with it: from here to store_long_pause(), store_commit() or store_rollback() it is the
 * open transaction. */
enum store_result store_long_resume(struct store *store);
void store_long_pause(struct store *store);
bool store_long_is_open(const struct store *store);

/* A savepoint inside the transaction: one outcome of a group. mark, then keep or undo. */
enum store_result store_mark(struct store *store);
enum store_result store_mark_keep(struct store *store);
enum store_result store_mark_undo(struct store *store);

/* Copies the WAL into the file and empties it (writer, no transaction open). After removing
 * secrets. */
enum store_result store_checkpoint(struct store *store);

/* A begin in read mode: several reads see one moment. Ended by store_rollback(). */
enum store_result store_begin_read(struct store *store);

#endif
