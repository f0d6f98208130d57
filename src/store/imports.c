/* SPDX-License-Identifier: MIT */
/*
 * store/imports: imports and their rejected rows.
 */
#include "store/imports.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char noting[] = "noting an import";
static const char reading[] = "reading the imports";

enum store_result store_import_add(struct store *store, const struct store_import_start *start,
                                   int64_t *import_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_IMPORT_ADD, noting);
    store_query_int(&query, ":user_id", start->user_id);
    store_query_text(&query, ":file", start->file);
    store_query_text(&query, ":hash", start->hash);
    store_query_text(&query, ":source", store_source_name(start->source));
    store_query_int(&query, ":started_at", start->started_at);
    enum store_result result = store_query_run(&query, NULL);
    *import_id = result == STORE_OK ? sqlite3_last_insert_rowid(store->db) : 0;
    return result;
}

enum store_result store_import_finish(struct store *store, int64_t import_id,
                                      const struct store_import_end *end)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_IMPORT_FINISH, noting);
    store_query_int(&query, ":import_id", import_id);
    store_query_int(&query, ":finished_at", end->finished_at);
    store_query_int(&query, ":row_count", end->rows);
    store_query_int(&query, ":added", end->added);
    store_query_int(&query, ":matched", end->matched);
    store_query_int(&query, ":duplicate", end->duplicate);
    store_query_int(&query, ":rejected", end->rejected);
    store_query_int_or_null(&query, ":first_at", end->first_at, STORE_NO_TIME);
    store_query_int_or_null(&query, ":last_at", end->last_at, STORE_NO_TIME);
    return store_query_run(&query, NULL);
}

enum store_result store_import_get(struct store *store, int64_t import_id,
                                   struct store_import_brief *brief)
{
    struct store_query query;
    char source[16];
    store_query_begin(&query, store, STORE_SQL_IMPORT_GET, reading);
    store_query_int(&query, ":import_id", import_id);
    bool found = store_query_row(&query);
    if (found) {
        brief->user_id = store_query_get_int(&query, 0, 0);
        brief->started_at = store_query_get_int(&query, 1, 0);
        brief->rows = store_query_get_int(&query, 2, 0);
        store_query_get_text(&query, 3, brief->file, sizeof brief->file);
        store_query_get_text(&query, 4, source, sizeof source);
        brief->source = store_source_of(source);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_import_same(struct store *store, int64_t user_id, const char *hash,
                                    int64_t import_id, int64_t *same)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_IMPORT_SAME, "looking for an import");
    store_query_int(&query, ":user_id", user_id);
    store_query_text(&query, ":hash", hash);
    store_query_int(&query, ":import_id", import_id);
    return store_query_run_int(&query, same);
}

enum store_result store_import_remove(struct store *store, int64_t import_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_IMPORT_REMOVE, "undoing an import");
    store_query_int(&query, ":import_id", import_id);
    return store_query_run(&query, NULL);
}

enum store_result store_reject_add(struct store *store, int64_t import_id, int64_t row_no,
                                   const char *reason, const char *excerpt)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_REJECT_ADD, noting);
    store_query_int(&query, ":import_id", import_id);
    store_query_int(&query, ":row_no", row_no);
    store_query_text(&query, ":reason", reason);
    store_query_text_or_null(&query, ":excerpt", excerpt);
    return store_query_run(&query, NULL);
}

/* -- for people to look at --------------------------------------------------------------------- */

static void import_read(struct store_query *query, struct store_import *import)
{
    *import = (struct store_import){
        .import_id = store_query_get_int(query, 0, 0),
        .user_id = store_query_get_int(query, 1, 0),
        .started_at = store_query_get_int(query, 5, 0),
        .finished_at = store_query_get_int(query, 6, STORE_NO_TIME),
        .first_at = store_query_get_int(query, 7, STORE_NO_TIME),
        .last_at = store_query_get_int(query, 8, STORE_NO_TIME),
        .row_count = store_query_get_int(query, 9, 0),
        .added = store_query_get_int(query, 10, 0),
        .matched = store_query_get_int(query, 11, 0),
        .duplicate = store_query_get_int(query, 12, 0),
        .rejected = store_query_get_int(query, 13, 0),
    };
    store_query_get_text(query, 2, import->file, sizeof import->file);
    store_query_get_text(query, 3, import->hash, sizeof import->hash);
    store_query_get_text(query, 4, import->source, sizeof import->source);
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
    struct store_query query;
    *imports = NULL;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_IMPORTS_LIST, reading);
    while (store_query_row(&query)) {
        if (!imports_grow(imports, *count)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", reading);
            break;
        }
        import_read(&query, &(*imports)[(*count)++]);
    }
    enum store_result result = store_query_end(&query);
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
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_IMPORTS_ONE, reading);
    store_query_int(&query, ":import_id", import_id);
    bool found = store_query_row(&query);
    if (found) {
        import_read(&query, import);
    }
    enum store_result result = store_query_end(&query);
    return result != STORE_OK || found
               ? result
               : store_fail(store, STORE_NOT_FOUND, "there is no import %lld",
                            (long long)import_id);
}

enum store_result store_import_rejects(struct store *store, int64_t import_id,
                                       store_import_reject_take *take, void *context)
{
    char reason[32], excerpt[256];
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_REJECTS_LIST, reading);
    store_query_int(&query, ":import_id", import_id);
    while (store_query_row(&query)) {
        store_query_get_text(&query, 1, reason, sizeof reason);
        store_query_get_text(&query, 2, excerpt, sizeof excerpt);
        take(&(struct store_import_reject){store_query_get_int(&query, 0, 0), reason, excerpt},
             context);
    }
    return store_query_end(&query);
}
