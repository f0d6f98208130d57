/* SPDX-License-Identifier: MIT */
/*
 * store/scratch: a copy of a database to try things on. It is a temporary database of SQLite's own:
 * a file without a name, gone with the process however that ends.
 */
#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_PAGES 1024

static const char copying[] = "copying the database to try it";

/* Nobody else sees it, and it is never read again: no log, no locks, no syncs. */
static int configure(sqlite3 *db)
{
    int code = sqlite3_extended_result_codes(db, 1);
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db,
                            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                            "PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY",
                            NULL, NULL, NULL);
    }
    return code;
}

/* All of it at one moment: between two steps others may write, and then it begins anew. */
static enum store_result copy(struct store *scratch, struct store *source)
{
    sqlite3_backup *backup = NULL;
    enum store_result result = store_begin_read(source);
    if (result != STORE_OK) {
        return result;
    }
    int code = SQLITE_ERROR;
    backup = sqlite3_backup_init(scratch->db, "main", source->db, "main");
    if (backup != NULL) {
        do {
            code = sqlite3_backup_step(backup, COPY_PAGES);
        } while (code == SQLITE_OK);
        code = sqlite3_backup_finish(backup);
    }
    store_rollback(source);
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(scratch, scratch->db, code, copying);
}

static enum store_result fill(struct store *scratch, struct store *source)
{
    int code = sqlite3_open_v2("", &scratch->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_PRIVATECACHE,
                               NULL);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(scratch, scratch->db, code, copying);
    }
    enum store_result result = copy(scratch, source);
    if (result != STORE_OK) {
        return result;
    }
    code = configure(scratch->db);
    if (code == SQLITE_OK) {
        code = store_feed_offer(scratch);
    }
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(scratch, scratch->db, code, copying);
}

enum store_result store_open_scratch(const char *path, struct store **store, char *why, size_t size)
{
    struct store *source = NULL;
    enum store_result result = store_open(path, STORE_READER, &source, why, size);
    *store = NULL;
    if (result != STORE_OK) {
        return result;
    }
    struct store *made = calloc(1, sizeof *made);
    if (made == NULL) {
        store_close(source);
        snprintf(why, size, "out of memory");
        return STORE_NOMEM;
    }
    made->mode = STORE_WRITER;
    made->synced_as = STORE_DURABLE;
    result = fill(made, source);
    store_close(source);
    snprintf(why, size, "%s", made->message);
    if (result == STORE_OK) {
        *store = made;
    } else {
        made->broken = true;
        store_close(made);
    }
    return result;
}
