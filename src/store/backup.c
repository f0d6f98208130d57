/* SPDX-License-Identifier: MIT */
/*
 * store/backup: SQLite's backup API inside of one read transaction, and a look at what came of it.
 */
#include "store/backup.h"

#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_MAX 64

static const char what[] = "copying the database";
static const char looking[] = "looking at the copy";

/* A table of the source, and its rows. */
struct table {
    char name[64];
    int64_t rows;
};

struct store_backup {
    struct store *store;
    char *path;
    sqlite3 *copy; /* NULL: not open */
    sqlite3_backup *backup;
    struct table tables[TABLES_MAX];
    size_t table_count;
};

/* -- what is there ---------------------------------------------------------------------------- */

/* A name as SQL takes it, whatever is in it. */
static int64_t count_rows(sqlite3 *db, const char *table, int *code)
{
    sqlite3_stmt *statement = NULL;
    int64_t rows = -1;
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\"", table);
    *code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
    if (*code == SQLITE_OK && (*code = sqlite3_step(statement)) == SQLITE_ROW) {
        rows = sqlite3_column_int64(statement, 0);
        *code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return rows;
}

/* Counts every table into tables. The first that reads, so it settles which moment is copied. */
static enum store_result tables_count(struct store_backup *backup)
{
    sqlite3 *db = backup->store->db;
    sqlite3_stmt *names = NULL;
    int code = sqlite3_prepare_v2(
        db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &names, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(names)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        struct table *table = &backup->tables[backup->table_count];
        if (name == NULL || backup->table_count == TABLES_MAX ||
            strlen(name) >= sizeof table->name) {
            sqlite3_finalize(names);
            return store_fail(backup->store, STORE_MISUSE, "%s: a table too many", what);
        }
        snprintf(table->name, sizeof table->name, "%s", name);
        table->rows = count_rows(db, name, &code);
        backup->table_count++;
    }
    enum store_result result =
        code == SQLITE_DONE ? STORE_OK : store_fail_sqlite(backup->store, db, code, what);
    sqlite3_finalize(names);
    return result;
}

/* -- copying ---------------------------------------------------------------------------------- */

/* Nobody else knows the file, and one that is not complete is thrown away: no journal, no locks, no
 * syncs. The caller syncs it once. */
static enum store_result copy_open(struct store_backup *backup, int flags)
{
    int code = sqlite3_open_v2(
        backup->path, &backup->copy,
        flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(backup->copy, 1);
        code = sqlite3_db_config(backup->copy, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(backup->copy,
                            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
                            "PRAGMA synchronous = OFF; PRAGMA mmap_size = 0;"
                            "PRAGMA temp_store = MEMORY",
                            NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? STORE_OK
                             : store_fail_sqlite(backup->store, backup->copy, code, what);
}

static void copy_close(struct store_backup *backup)
{
    sqlite3_close(backup->copy);
    backup->copy = NULL;
}

/* The header says "WAL", as that of the source. In a file to be put away that would only ask for
 * two more files beside it, which a reader may not be able to make; the daemon turns WAL on again.
 */
static enum store_result copy_without_log(struct store_backup *backup)
{
    sqlite3_stmt *statement = NULL;
    char mode[16] = "";
    int code =
        sqlite3_prepare_v2(backup->copy, "PRAGMA journal_mode = DELETE", -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        snprintf(mode, sizeof mode, "%s", (const char *)sqlite3_column_text(statement, 0));
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(backup->store, backup->copy, code, what);
    }
    if (strcmp(mode, "delete") != 0) {
        return store_fail(backup->store, STORE_IO, "%s: its journal mode stays \"%s\"", what, mode);
    }
    return STORE_OK;
}

enum store_result store_backup_begin(struct store *store, const char *path,
                                     struct store_backup **backup)
{
    *backup = NULL;
    enum store_result result = store_begin_read(store);
    if (result != STORE_OK) {
        return result;
    }
    struct store_backup *made = calloc(1, sizeof *made);
    char *copy = strdup(path);
    if (made == NULL || copy == NULL) {
        free(made);
        free(copy);
        store_rollback(store);
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    made->store = store;
    made->path = copy;
    result = tables_count(made);
    if (result == STORE_OK) {
        result = copy_open(made, SQLITE_OPEN_READWRITE);
    }
    if (result == STORE_OK) {
        made->backup = sqlite3_backup_init(made->copy, "main", store->db, "main");
        if (made->backup == NULL) {
            result =
                store_fail_sqlite(store, made->copy, sqlite3_extended_errcode(made->copy), what);
        }
    }
    if (result != STORE_OK) {
        store_backup_end(made);
        return result;
    }
    *backup = made;
    return STORE_OK;
}

/* After the last page: the writer may reset its log again. */
static enum store_result copy_finish(struct store_backup *backup)
{
    int code = sqlite3_backup_finish(backup->backup);
    backup->backup = NULL;
    store_rollback(backup->store);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(backup->store, backup->copy, code, what);
    }
    enum store_result result = copy_without_log(backup);
    copy_close(backup);
    return result;
}

enum store_result store_backup_step(struct store_backup *backup, int pages, bool *done)
{
    *done = false;
    if (backup->backup == NULL) {
        return store_fail(backup->store, STORE_MISUSE, "%s: it is over", what);
    }
    int code = sqlite3_backup_step(backup->backup, pages);
    if (code == SQLITE_OK) {
        return STORE_OK;
    }
    if (code != SQLITE_DONE) {
        return store_fail_sqlite(backup->store, NULL, code, what);
    }
    enum store_result result = copy_finish(backup);
    *done = result == STORE_OK;
    return result;
}

int64_t store_backup_plays(const struct store_backup *backup)
{
    for (size_t i = 0; i < backup->table_count; i++) {
        if (strcmp(backup->tables[i].name, "played_tracks") == 0) {
            return backup->tables[i].rows;
        }
    }
    return 0;
}

void store_backup_end(struct store_backup *backup)
{
    if (backup == NULL) {
        return;
    }
    if (backup->backup != NULL) {
        sqlite3_backup_finish(backup->backup);
    }
    copy_close(backup);
    store_rollback(backup->store);
    free(backup->path);
    free(backup);
}

/* -- looking at it ---------------------------------------------------------------------------- */

/* A check that answers with rows of what is wrong; good: the one answer that is none. */
static enum store_result check(struct store_backup *backup, const char *pragma, const char *good)
{
    sqlite3_stmt *statement = NULL;
    char answer[200] = "";
    int code = sqlite3_prepare_v2(backup->copy, pragma, -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        snprintf(answer, sizeof answer, "%s", text != NULL ? text : "?");
        code = SQLITE_DONE;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        return store_fail_sqlite(backup->store, backup->copy, code, looking);
    }
    return strcmp(answer, good) == 0
               ? STORE_OK
               : store_fail(backup->store, STORE_CORRUPT, "%s: %s: %s", looking, pragma, answer);
}

static enum store_result counts_compare(struct store_backup *backup)
{
    for (size_t i = 0; i < backup->table_count; i++) {
        const struct table *table = &backup->tables[i];
        int code = SQLITE_OK;
        int64_t rows = count_rows(backup->copy, table->name, &code);
        if (code != SQLITE_OK) {
            return store_fail_sqlite(backup->store, backup->copy, code, looking);
        }
        if (rows != table->rows) {
            return store_fail(backup->store, STORE_CORRUPT, "%s: %s has %lld rows in place of %lld",
                              looking, table->name, (long long)rows, (long long)table->rows);
        }
    }
    return STORE_OK;
}

enum store_result store_backup_verify(struct store_backup *backup)
{
    enum store_result result = copy_open(backup, SQLITE_OPEN_READONLY);
    if (result == STORE_OK) {
        result = check(backup, "PRAGMA integrity_check(1)", "ok");
    }
    if (result == STORE_OK) {
        result = check(backup, "PRAGMA foreign_key_check", "");
    }
    if (result == STORE_OK) {
        result = counts_compare(backup);
    }
    copy_close(backup);
    return result;
}
