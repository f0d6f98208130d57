/* SPDX-License-Identifier: MIT */
/*
 * store/imports_list: a person asks for this now and then, so its statements are not kept prepared.
 */
#include "store/imports_list.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                  \
    "SELECT import_id, user_id, file, hash, source, started_at, finished_at, first_at, last_at," \
    " row_count, added, matched, duplicate, rejected FROM imports"

static const char what[] = "reading the imports";

static enum store_result list_begin(struct store *store, const char *sql, int64_t import_id,
                                    sqlite3_stmt **statement)
{
    int code = sqlite3_prepare_v2(store->db, sql, -1, statement, NULL);
    if (code == SQLITE_OK && sqlite3_bind_parameter_count(*statement) > 0) {
        code = sqlite3_bind_int64(*statement, 1, import_id);
    }
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(store, store->db, code, what);
}

/* True for a row; at the end and on a failure false, with *result. */
static bool list_row(struct store *store, sqlite3_stmt *statement, enum store_result *result)
{
    if (*result != STORE_OK) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        *result = store_fail_sqlite(store, store->db, code, what);
    }
    return code == SQLITE_ROW;
}

static const char *list_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? text : "";
}

/* What does not fit is cut before a character. */
static void list_copy(sqlite3_stmt *statement, int column, char *text, size_t size)
{
    const char *value = list_text(statement, column);
    size_t len = strlen(value);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(text, value, len);
    text[len] = '\0';
}

static int64_t list_time(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? STORE_NO_TIME
               : sqlite3_column_int64(statement, column);
}

static void import_read(sqlite3_stmt *statement, struct store_import *import)
{
    *import = (struct store_import){
        .import_id = sqlite3_column_int64(statement, 0),
        .user_id = sqlite3_column_int64(statement, 1),
        .started_at = sqlite3_column_int64(statement, 5),
        .finished_at = list_time(statement, 6),
        .first_at = list_time(statement, 7),
        .last_at = list_time(statement, 8),
        .row_count = sqlite3_column_int64(statement, 9),
        .added = sqlite3_column_int64(statement, 10),
        .matched = sqlite3_column_int64(statement, 11),
        .duplicate = sqlite3_column_int64(statement, 12),
        .rejected = sqlite3_column_int64(statement, 13),
    };
    list_copy(statement, 2, import->file, sizeof import->file);
    list_copy(statement, 3, import->hash, sizeof import->hash);
    list_copy(statement, 4, import->source, sizeof import->source);
}

/* Room for one more, doubled where it is full. */
static bool imports_grow(struct store_import **imports, size_t count)
{
    if ((count & (count - 1)) != 0) {
        return true;
    }
    size_t cap = count == 0 ? 1 : 2 * count;
    struct store_import *grown = realloc(*imports, cap * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    *imports = grown;
    return true;
}

enum store_result store_imports_load(struct store *store, struct store_import **imports,
                                     size_t *count)
{
    sqlite3_stmt *statement = NULL;
    *imports = NULL;
    *count = 0;
    enum store_result result = list_begin(store, COLUMNS " ORDER BY import_id", 0, &statement);
    while (list_row(store, statement, &result)) {
        if (!imports_grow(imports, *count)) {
            result = store_fail(store, STORE_NOMEM, "%s: out of memory", what);
            break;
        }
        import_read(statement, &(*imports)[(*count)++]);
    }
    sqlite3_finalize(statement);
    if (result != STORE_OK) {
        free(*imports);
        *imports = NULL;
        *count = 0;
    }
    return result;
}

enum store_result store_import_load(struct store *store, int64_t import_id,
                                    struct store_import *import)
{
    sqlite3_stmt *statement = NULL;
    enum store_result result =
        list_begin(store, COLUMNS " WHERE import_id = ?1", import_id, &statement);
    if (list_row(store, statement, &result)) {
        import_read(statement, import);
    } else if (result == STORE_OK) {
        result =
            store_fail(store, STORE_NOT_FOUND, "there is no import %lld", (long long)import_id);
    }
    sqlite3_finalize(statement);
    return result;
}

enum store_result store_import_rejects(struct store *store, int64_t import_id,
                                       store_import_reject_take *take, void *context)
{
    sqlite3_stmt *statement = NULL;
    enum store_result result =
        list_begin(store,
                   "SELECT row_no, reason, excerpt FROM import_rejects WHERE import_id = ?1"
                   " ORDER BY row_no",
                   import_id, &statement);
    while (list_row(store, statement, &result)) {
        take(&(struct store_import_reject){.row_no = sqlite3_column_int64(statement, 0),
                                           .reason = list_text(statement, 1),
                                           .excerpt = list_text(statement, 2)},
             context);
    }
    sqlite3_finalize(statement);
    return result;
}
