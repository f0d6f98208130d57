/* SPDX-License-Identifier: MIT */
/*
 * store/backup: a copy of the whole database while somebody else writes to it.
 *
 * Owns: the copy's connection, and one read transaction of the store from beginning to last step.
 * Offers: the copy in steps, so that the caller can pause between them; its verification.
 * Never: holds up the writer (WAL: it waits for no reader), begins anew when the writer commits,
 * makes, names or syncs the file: that is the caller's.
 *
 * Why so. sqlite3_backup_step() takes pages of one moment only if the source's connection is in a
 * read transaction all the time; without one each step reads what is newest, and a commit of
 * another process between two steps makes it begin again at page 1, without an end if commits come
 * often enough. VACUUM INTO has one moment too, but cannot be paused, and writes every row anew.
 * The price of the transaction is that the log is not reset meanwhile: it grows by what is written
 * until the copy is done, and the next checkpoint takes it back.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

struct store_backup;

/* Begins to copy into the file at path, which is there and empty; no transaction of store may be
 * open. On failure *backup is NULL; store_message(store) says why, also of the calls below. */
enum store_result store_backup_begin(struct store *store, const char *path,
                                     struct store_backup **backup);

/* Copies the next so many pages. After the last one *done is true, the store's transaction is over,
 * and the copy is a plain file without a log beside it. */
enum store_result store_backup_step(struct store_backup *backup, int pages, bool *done);

/* Reads the copy through (PRAGMA integrity_check, foreign_key_check) and counts the rows of every
 * table, which must be those of the store at the beginning. STORE_CORRUPT: it is not a true copy.
 */
enum store_result store_backup_verify(struct store_backup *backup);

/* Rows copied from played_tracks, deleted ones too. */
int64_t store_backup_plays(const struct store_backup *backup);

/* Closes the copy. NULL is fine. */
void store_backup_end(struct store_backup *backup);

#endif
