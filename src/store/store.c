/* SPDX-License-Identifier: MIT */
/*
 * store/store: opening, transactions, closing.
 */
#include "store/store.h"

#include "store/store_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- opening ---------------------------------------------------------------------------------- */

static enum store_result file_prepare(struct store *store, const char *path,
                                      const struct store_ladder *ladder)
{
    int version = store_ladder_version(ladder);
    enum store_result result = store_file_find(store, path);
    if (result == STORE_NOT_FOUND && store->mode == STORE_READER) {
        return store_fail(store, STORE_CANTOPEN, "there is no database at %s", path);
    }
    if (result == STORE_NOT_FOUND) {
        unsigned char *image = NULL;
        size_t size = 0;
        result = store_schema_image(store, ladder, &image, &size);
        if (result == STORE_OK) {
            result = store_file_create(store, image, size);
        }
        sqlite3_free(image);
    }
    return result == STORE_OK || result == STORE_EXISTS ? store_file_inspect(store, version)
                                                        : result;
}

/* Nothing is checkpointed when this connection closes before it was found to be good. */
static int connection_configure(struct store *store)
{
    static const struct {
        int option;
        int value;
    } options[] = {
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    int code = sqlite3_extended_result_codes(store->db, 1);
    for (size_t i = 0; i < sizeof options / sizeof options[0] && code == SQLITE_OK; i++) {
        code = sqlite3_db_config(store->db, options[i].option, options[i].value, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_busy_timeout(store->db, store->mode == STORE_WRITER ? STORE_BUSY_WRITER_MS
                                                                           : STORE_BUSY_READER_MS);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(
            store->db,
            "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;"
            "PRAGMA wal_autocheckpoint = 0",
            NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = store_feed_offer(store);
    }
    return code;
}

static int pragma_int(sqlite3 *db, const char *pragma, int *value)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, pragma, -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *value = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

/* The same look as at the header, now with what is still in the WAL. The first that reads pages. */
static enum store_result connection_inspect(struct store *store, const struct store_ladder *ladder)
{
    int application = 0;
    int found = 0;
    int tables = 0;
    int version = store_ladder_version(ladder);
    int code = pragma_int(store->db, "PRAGMA application_id", &application);
    if (code == SQLITE_OK) {
        code = pragma_int(store->db, "PRAGMA user_version", &found);
    }
    if (code == SQLITE_OK) {
        code = pragma_int(store->db, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, store->path);
    }
    if (application != STORE_APPLICATION_ID) {
        return store_fail(store, STORE_NOT_OURS, "%s is a database of another program",
                          store->path);
    }
    if (found > version) {
        return store_fail(
            store, STORE_NEWER,
            "%s was made by a newer version of this program (its layout is %d, known up to %d)",
            store->path, found, version);
    }
    if (found < version && store->mode == STORE_READER) {
        return store_fail(store, STORE_CANTOPEN,
                          "%s is of an older version: start the daemon once to bring it up to date",
                          store->path);
    }
    return STORE_OK;
}

static enum store_result connection_open(struct store *store, const struct store_ladder *ladder)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE;
    flags |= store->mode == STORE_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(store->path, &store->db, flags, NULL);
    if (code == SQLITE_OK) {
        code = connection_configure(store);
    }
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, store->path);
    }
    if (store->mode == STORE_WRITER && sqlite3_db_readonly(store->db, "main") == 1) {
        return store_fail(store, STORE_READONLY, "%s cannot be written to", store->path);
    }
    return connection_inspect(store, ladder);
}

/* After each commit that left enough in the WAL. In place of SQLite's own automatic one, which
 * keeps a failed sync to itself. */
static int checkpoint_after_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    struct store *store = context;
    store->log_pages = pages;
    if (pages >= STORE_CHECKPOINT_PAGES) {
        int in_log = -1;
        int copied = -1;
        int code = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
        if (in_log >= 0 && copied >= 0) {
            store->log_pages = in_log - copied;
        }
        if (code != SQLITE_OK && store_result_failed(db, code) == STORE_IO) {
            (void)store_fail_sqlite(store, db, code, "copying the log into the database");
        }
    }
    return SQLITE_OK; /* the commit itself is done */
}

/* "wal" is what PRAGMA journal_mode answers if it could. */
static enum store_result wal_begin(struct store *store)
{
    sqlite3_stmt *statement = NULL;
    char mode[16] = "";
    int code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        snprintf(mode, sizeof mode, "%s", (const char *)sqlite3_column_text(statement, 0));
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, store->path);
    }
    if (strcmp(mode, "wal") != 0) {
        return store_fail(store, STORE_CANTOPEN,
                          "%s: the file system has no shared memory for a write-ahead log",
                          store->path);
    }
    return STORE_OK;
}

static enum store_result writer_configure(struct store *store)
{
    char pragmas[200];
    int persist = 1;
    enum store_result result = wal_begin(store);
    if (result != STORE_OK) {
        return result;
    }
    /* secure_delete: what is removed is overwritten, not only unlinked. */
    snprintf(pragmas, sizeof pragmas,
             "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = %d;"
             "PRAGMA analysis_limit = 400; PRAGMA secure_delete = ON",
             STORE_WAL_LIMIT_BYTES);
    int code = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        /* A reader of another group may not create these files: they have to stay when we go. */
        code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    }
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, store->path);
    }
    store->synced_as = STORE_DURABLE;
    sqlite3_wal_hook(store->db, checkpoint_after_commit, store);
    return STORE_OK;
}

static enum store_result writer_open(struct store *store, const struct store_ladder *ladder)
{
    int steps = 0;
    enum store_result result = writer_configure(store);
    if (result == STORE_OK) {
        result = store_migrate(store, store->db, ladder, true, &steps);
    }
    if (result == STORE_OK && steps > 0) {
        /* So that an older program sees the new version in the file's header, before it opens the
         * WAL. */
        result = store_checkpoint(store);
        result = result == STORE_BUSY ? STORE_OK : result;
    }
    return result;
}

static enum store_result reader_configure(struct store *store)
{
    int code = sqlite3_exec(store->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    store_set_budget(store, 0);
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(store, store->db, code, store->path);
}

static enum store_result open_all(struct store *store, const char *path,
                                  const struct store_ladder *ladder)
{
    enum store_result result = file_prepare(store, path, ladder);
    if (result == STORE_OK && store->mode == STORE_WRITER) {
        result = store_file_protect(store);
    }
    if (result == STORE_OK) {
        result = connection_open(store, ladder);
    }
    if (result == STORE_OK) {
        result = store->mode == STORE_WRITER ? writer_open(store, ladder) : reader_configure(store);
    }
    return result == STORE_OK ? store_file_note(store) : result;
}

enum store_result store_open_ladder(const char *path, enum store_mode mode,
                                    const struct store_ladder *ladder, struct store **store,
                                    char *why, size_t size)
{
    *store = NULL;
    store_library_init();
    struct store *made = calloc(1, sizeof *made);
    if (made == NULL) {
        snprintf(why, size, "out of memory");
        return STORE_NOMEM;
    }
    made->mode = mode;
    enum store_result result = open_all(made, path, ladder);
    snprintf(why, size, "%s", made->message);
    if (result == STORE_OK) {
        *store = made;
    } else {
        made->broken = true; /* nothing more is written */
        store_close(made);
    }
    return result;
}

enum store_result store_open(const char *path, enum store_mode mode, struct store **store,
                             char *why, size_t size)
{
    return store_open_ladder(path, mode, &store_schema, store, why, size);
}

/* -- closing ---------------------------------------------------------------------------------- */

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    assert(store_query_left(store) == NULL);
    store->is_long = false;
    store_rollback(store);
    store_query_finalize_all(store);
    if (store->db != NULL) {
        bool good =
            !store->broken && store->mode == STORE_WRITER && store_file_check(store) == STORE_OK;
        if (good) {
            sqlite3_exec(store->db, "PRAGMA optimize", NULL, NULL, NULL);
        } else {
            sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        }
        sqlite3_close(store->db);
    }
    stats_kept_free(store->kept);
    free(store->path);
    free(store->wal_path);
    free(store->shm_path);
    free(store);
}

/* -- transactions ----------------------------------------------------------------------------- */

static enum store_result control(struct store *store, enum store_sql id, const char *what)
{
    int code = store_query_control(store, id);
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(store, store->db, code, what);
}

/* PRAGMA synchronous counts from the next transaction on, and is taken outside of one only. */
static enum store_result sync_as(struct store *store, enum store_durability durability)
{
    if (store->synced_as == durability) {
        return STORE_OK;
    }
    const char *pragma =
        durability == STORE_DURABLE ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    int code = sqlite3_exec(store->db, pragma, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, "beginning to write");
    }
    store->synced_as = durability;
    return STORE_OK;
}

/* What every begin asks first. */
static enum store_result may_begin(struct store *store, const char *what)
{
    if (store->broken) {
        return STORE_IO;
    }
    if (store->transaction != STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: a transaction is open", what);
    }
    if (store->is_long) {
        return store_fail(store, STORE_BUSY, "%s: a long change is under way", what);
    }
    return store_file_check(store);
}

enum store_result store_begin(struct store *store, enum store_durability durability)
{
    static const char what[] = "beginning to write";
    enum store_result result = may_begin(store, what);
    if (result != STORE_OK) {
        return result;
    }
    if (store->mode != STORE_WRITER) {
        return store_fail(store, STORE_MISUSE, "%s: opened for reading", what);
    }
    result = sync_as(store, durability);
    if (result == STORE_OK) {
        result = control(store, STORE_SQL_BEGIN, what);
    }
    if (result == STORE_OK) {
        store->transaction = STORE_TRANSACTION_WRITE;
    }
    return result;
}

enum store_result store_begin_read(struct store *store)
{
    static const char what[] = "beginning to read";
    enum store_result result = may_begin(store, what);
    if (result == STORE_OK) {
        result = control(store, STORE_SQL_BEGIN_READ, what);
    }
    if (result == STORE_OK) {
        store->transaction = STORE_TRANSACTION_READ;
    }
    return result;
}

/* All that has to be true before a COMMIT is tried. */
static enum store_result may_commit(struct store *store)
{
    const char *left = store_query_left(store);
    if (store->broken) {
        return STORE_IO;
    }
    if (store->doomed != STORE_OK) {
        return store_fail(store, store->doomed,
                          "committing: the transaction was rolled back before (%s)",
                          store_result_name(store->doomed));
    }
    if (store->transaction != STORE_TRANSACTION_WRITE || store->marked || left != NULL) {
        return store_fail(store, STORE_MISUSE, "committing: %s",
                          left != NULL    ? left
                          : store->marked ? "a mark is open"
                                          : "no transaction is open");
    }
    return store_file_check(store);
}

/* KiB of pages that are kept. A long change goes to and fro between tables and indexes: pages that
 * are pushed out are written to the log, and once more when they change again. */
static void cache_resize(struct store *store, int kib)
{
    char pragma[64];
    snprintf(pragma, sizeof pragma, "PRAGMA cache_size = -%d", kib);
    (void)sqlite3_exec(store->db, pragma, NULL, NULL, NULL);
}

void store_keep_pages(struct store *store, int kib)
{
    cache_resize(store, kib);
}

static void long_end(struct store *store)
{
    if (store->is_long && store->db != NULL) {
        cache_resize(store, STORE_CACHE_KIB);
        (void)sqlite3_db_release_memory(store->db);
    }
    store->is_long = false;
}

enum store_result store_commit(struct store *store)
{
    enum store_result result = may_commit(store);
    if (result == STORE_OK && store->marks.own) {
        result = store_marks_give(store);
    }
    if (result == STORE_OK) {
        result = control(store, STORE_SQL_COMMIT, "committing");
    }
    if (result == STORE_OK) {
        store->transaction = STORE_TRANSACTION_NONE;
        long_end(store);
    } else {
        store_rollback(store);
    }
    return result;
}

void store_rollback(struct store *store)
{
    if (store->is_long && store->transaction != STORE_TRANSACTION_WRITE) {
        return; /* whoever asks did not begin it */
    }
    if (store->db != NULL && sqlite3_get_autocommit(store->db) == 0) {
        (void)store_query_control(
            store, STORE_SQL_ROLLBACK); /* rolls back also when it says that it failed */
    }
    store->transaction = STORE_TRANSACTION_NONE;
    store->marked = false;
    store->doomed = STORE_OK;
    store->names_changed++;
    store_marks_forget(store);
    long_end(store);
}

enum store_result store_finish(struct store *store, enum store_result result)
{
    if (result == STORE_OK) {
        return store_commit(store);
    }
    store_rollback(store);
    return result;
}

/* -- a long change --------------------------------------------------------------------------- */

enum store_result store_long_begin(struct store *store)
{
    enum store_result result = store_begin(store, STORE_DURABLE);
    if (result == STORE_OK) {
        cache_resize(store, STORE_CACHE_LONG_KIB);
        store->is_long = true;
        store_long_pause(store);
    }
    return result;
}

enum store_result store_long_resume(struct store *store)
{
    static const char what[] = "going on with a long change";
    if (!store->is_long || store->transaction != STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: there is none", what);
    }
    store->transaction = STORE_TRANSACTION_WRITE;
    if (sqlite3_get_autocommit(store->db) != 0) {
        store->doomed = STORE_IO; /* a read in between failed in a way that ended it */
    }
    return store->doomed == STORE_OK
               ? STORE_OK
               : store_fail(store, store->doomed, "%s: it was rolled back before", what);
}

void store_long_pause(struct store *store)
{
    store->transaction = STORE_TRANSACTION_NONE;
}

bool store_long_is_open(const struct store *store)
{
    return store->is_long;
}

static enum store_result may_mark(struct store *store, bool marked, const char *what)
{
    if (store->broken) {
        return STORE_IO;
    }
    if (store->doomed != STORE_OK) {
        return store_fail(store, store->doomed, "%s: the transaction was rolled back before (%s)",
                          what, store_result_name(store->doomed));
    }
    if (store->transaction != STORE_TRANSACTION_WRITE || store->marked != marked) {
        return store_fail(store, STORE_MISUSE, "%s: %s", what,
                          marked ? "there is no mark" : "one mark at a time");
    }
    return STORE_OK;
}

enum store_result store_mark(struct store *store)
{
    static const char what[] = "setting a mark";
    enum store_result result = may_mark(store, false, what);
    if (result == STORE_OK) {
        result = control(store, STORE_SQL_MARK, what);
    }
    store->marked = store->marked || result == STORE_OK;
    return result;
}

enum store_result store_mark_keep(struct store *store)
{
    static const char what[] = "keeping what was done since a mark";
    enum store_result result = may_mark(store, true, what);
    if (result == STORE_OK) {
        store->marked = false;
        result = control(store, STORE_SQL_MARK_KEEP, what);
    }
    return result;
}

enum store_result store_mark_undo(struct store *store)
{
    static const char what[] = "undoing what was done since a mark";
    enum store_result result = may_mark(store, true, what);
    if (result == STORE_OK) {
        store->marked = false;
        store->names_changed++;
        result = control(store, STORE_SQL_MARK_UNDO, what);
    }
    if (result == STORE_OK) {
        result = control(store, STORE_SQL_MARK_KEEP, what); /* the savepoint itself */
    }
    return result;
}

enum store_result store_checkpoint(struct store *store)
{
    static const char what[] = "copying the log into the database";
    if (store->broken) {
        return STORE_IO;
    }
    if (store->mode != STORE_WRITER || store->transaction != STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE,
                          "%s: a transaction is open, or it was opened for reading", what);
    }
    if (store->is_long) {
        return store_fail(store, STORE_BUSY, "%s: a long change is under way", what);
    }
    int code = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code != SQLITE_OK) {
        return store_fail_sqlite(store, store->db, code, what);
    }
    store->log_pages = 0;
    return STORE_OK;
}
