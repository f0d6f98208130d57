/* SPDX-License-Identifier: MIT */
/*
 * store/migrate: brings a file up the ladder, one transaction a step, so that a program killed at
 * any point leaves the old version or the new one; and makes the bytes of a fresh file by the same
 * steps.
 */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int store_ladder_version(const struct store_ladder *ladder)
{
    return ladder->steps[ladder->count - 1].version;
}

static int read_version(sqlite3 *db, int *version)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *version = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

/* Syncs what VACUUM INTO wrote (it does not) and gives it its name. */
static int copy_settle(const char *made, const char *name)
{
    int fd = open(made, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno;
    }
    int error = fsync(fd) != 0 ? errno : 0;
    close(fd);
    if (error == 0 && rename(made, name) != 0) {
        error = errno;
    }
    return error != 0 ? error : store_file_sync_directory(name);
}

/* The copy holds sealed tokens: it gets our mode from the first byte on. VACUUM INTO takes an empty
 * file. */
static int copy_make_empty(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, STORE_FILE_MODE);
    if (fd < 0) {
        return errno;
    }
    int error = fchmod(fd, STORE_FILE_MODE) != 0 ? errno : 0;
    close(fd);
    return error;
}

static int copy_fill(sqlite3 *db, const char *path)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, "VACUUM INTO :path", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Copies the whole database to <path>.v<version>.bak before a step that could lose something. */
static enum store_result copy_before(struct store *store, sqlite3 *db, int version)
{
    enum store_result result = STORE_NOMEM;
    char *name = NULL;
    char *made = NULL;
    if (asprintf(&name, "%s.v%d.bak", store->path, version) < 0 ||
        asprintf(&made, "%s.tmp", name) < 0) {
        result = store_fail(store, STORE_NOMEM, "copying the database: out of memory");
        goto out;
    }
    int error = copy_make_empty(made);
    if (error == 0) {
        int code = copy_fill(db, made);
        if (code != SQLITE_OK) {
            result = store_fail_sqlite(store, db, code,
                                       "copying the database before a change of its layout");
            unlink(made);
            goto out;
        }
        error = copy_settle(made, name);
    }
    result = error == 0 ? STORE_OK
                        : store_fail_errno(store, error,
                                           "copying the database before a change of its layout");
out:
    free(made);
    free(name);
    return result;
}

/* Foreign keys are off while steps run, so that a table can be rebuilt; what a step leaves must fit
 * all the same. */
static int check_references(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        code = code == SQLITE_DONE  ? SQLITE_OK
               : code == SQLITE_ROW ? SQLITE_CONSTRAINT_FOREIGNKEY
                                    : code;
    }
    sqlite3_finalize(statement);
    return code;
}

static int step_apply(sqlite3 *db, const struct store_step *step)
{
    int code = SQLITE_OK;
    for (const char *const *sql = step->sql; sql != NULL && *sql != NULL && code == SQLITE_OK;
         sql++) {
        code = sqlite3_exec(db, *sql, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && step->run != NULL) {
        code = step->run(db);
    }
    if (code == SQLITE_OK) {
        code = check_references(db);
    }
    if (code == SQLITE_OK) {
        char pragma[64];
        snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", step->version);
        code = sqlite3_exec(db, pragma, NULL, NULL, NULL);
    }
    return code;
}

static enum store_result step_take(struct store *store, sqlite3 *db, const struct store_step *step)
{
    char what[200];
    snprintf(what, sizeof what, "changing the database to version %d (%s)", step->version,
             step->description);
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        code = step_apply(db, step);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        return STORE_OK;
    }
    enum store_result result = store_fail_sqlite(store, db, code, what);
    if (sqlite3_get_autocommit(db) == 0) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return result;
}

enum store_result store_migrate(struct store *store, sqlite3 *db, const struct store_ladder *ladder,
                                bool copies, int *steps)
{
    int version = 0;
    int taken = 0;
    int code = read_version(db, &version);
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    }
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, db, code, "reading the database's version");
    }
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < ladder->count && result == STORE_OK; i++) {
        const struct store_step *step = &ladder->steps[i];
        if (step->version <= version) {
            continue;
        }
        if (step->destructive && copies) {
            result = copy_before(store, db, step->version - 1);
        }
        if (result == STORE_OK) {
            result = step_take(store, db, step);
            taken++;
        }
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (steps != NULL) {
        *steps = taken;
    }
    return result;
}

enum store_result store_schema_image(struct store *store, const struct store_ladder *ladder,
                                     unsigned char **image, size_t *size)
{
    char pragma[64];
    sqlite3 *db = NULL;
    sqlite3_int64 bytes = 0;
    snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d", STORE_APPLICATION_ID);
    enum store_result result = STORE_OK;
    int code = sqlite3_open_v2(
        ":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE", NULL, NULL,
                            NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db, pragma, NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        result = store_fail_sqlite(store, db, code, "preparing a new database");
        goto out;
    }
    result = store_migrate(store, db, ladder, false, NULL);
    if (result == STORE_OK) {
        *image = sqlite3_serialize(db, "main", &bytes, 0);
        *size = (size_t)bytes;
        if (*image == NULL) {
            result = store_fail(store, STORE_NOMEM, "preparing a new database: out of memory");
        }
    }
out:
    sqlite3_close(db);
    return result;
}
