/* SPDX-License-Identifier: MIT */
/*
 * store/imports: imports, rejected rows, gaps that are filled, and what is left over.
 */
#include "store/imports.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char noting[] = "noting an import";
static const char undoing[] = "undoing an import";

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
    store_query_begin(&query, store, STORE_SQL_IMPORT_GET, "reading an import");
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

/* Runs a statement with one parameter. */
static enum store_result run_with(struct store *store, enum store_sql id, const char *name,
                                  int64_t value, int64_t *changes)
{
    struct store_query query;
    store_query_begin(&query, store, id, undoing);
    store_query_int(&query, name, value);
    return store_query_run(&query, changes);
}

enum store_result store_import_remove(struct store *store, int64_t import_id)
{
    return run_with(store, STORE_SQL_IMPORT_REMOVE, ":import_id", import_id, NULL);
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

/* -- gaps ------------------------------------------------------------------------------------- */

enum store_result store_gaps_open(struct store *store, int64_t user_id,
                                  struct store_open_gap **gaps, size_t *count)
{
    struct store_query query;
    size_t cap = 0;
    *gaps = NULL;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_GAPS_OPEN, "reading gaps");
    store_query_int(&query, ":user_id", user_id);
    while (store_query_row(&query)) {
        if (*count == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            struct store_open_gap *grown = realloc(*gaps, cap * sizeof *grown);
            if (grown == NULL) {
                query.result = store_fail(store, STORE_NOMEM, "reading gaps: out of memory");
                break;
            }
            *gaps = grown;
        }
        (*gaps)[(*count)++] = (struct store_open_gap){store_query_get_int(&query, 0, 0),
                                                      store_query_get_int(&query, 1, 0),
                                                      store_query_get_int(&query, 2, 0)};
    }
    return store_query_end(&query);
}

enum store_result store_gap_fill(struct store *store, int64_t gap_id, int64_t import_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GAP_FILL, noting);
    store_query_int(&query, ":gap_id", gap_id);
    store_query_int(&query, ":import_id", import_id);
    return store_query_run(&query, NULL);
}

enum store_result store_gaps_reopen(struct store *store, int64_t import_id)
{
    return run_with(store, STORE_SQL_GAPS_REOPEN, ":import_id", import_id, NULL);
}

/* -- the catalogue ---------------------------------------------------------------------------- */

bool store_ids_add(struct store_ids *ids, int64_t id)
{
    if (ids->count > 0 && ids->at[ids->count - 1] == id) {
        return true;
    }
    bool full = ids->count == ids->cap;
    if (full) {
        store_ids_settle(ids);
    }
    /* Sorted again only after as many more have come as there are. */
    if (full && ids->count * 2 >= ids->cap) {
        size_t wanted = ids->cap == 0 ? 256 : ids->cap * 2;
        int64_t *grown = realloc(ids->at, wanted * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        ids->at = grown;
        ids->cap = wanted;
    }
    ids->at[ids->count++] = id;
    return true;
}

static int compare_ids(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one;
    int64_t b = *(const int64_t *)other;
    return a < b ? -1 : a > b;
}

void store_ids_settle(struct store_ids *ids)
{
    size_t kept = 0;
    if (ids->count > 1) {
        qsort(ids->at, ids->count, sizeof *ids->at, compare_ids);
    }
    for (size_t i = 0; i < ids->count; i++) {
        if (kept == 0 || ids->at[kept - 1] != ids->at[i]) {
            ids->at[kept++] = ids->at[i];
        }
    }
    ids->count = kept;
}

void store_ids_free(struct store_ids *ids)
{
    free(ids->at);
    *ids = (struct store_ids){0};
}

/* Adds the numbers in the first column of what a statement finds. */
static enum store_result collect(struct store *store, enum store_sql id, int64_t of,
                                 struct store_ids *ids)
{
    struct store_query query;
    store_query_begin(&query, store, id, undoing);
    store_query_int(&query, ":id", of);
    while (store_query_row(&query)) {
        int64_t found = store_query_get_int(&query, 0, 0);
        if (found != 0 && !store_ids_add(ids, found)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", undoing);
            break;
        }
    }
    return store_query_end(&query);
}

enum store_result store_prune_track(struct store *store, int64_t track_id, struct store_ids *albums,
                                    struct store_ids *artists)
{
    enum store_result result = collect(store, STORE_SQL_PRUNE_TRACK_OF, track_id, albums);
    if (result == STORE_OK) {
        result = collect(store, STORE_SQL_PRUNE_TRACK_ARTISTS, track_id, artists);
    }
    return result == STORE_OK ? run_with(store, STORE_SQL_PRUNE_TRACK, ":id", track_id, NULL)
                              : result;
}

enum store_result store_prune_album(struct store *store, int64_t album_id,
                                    struct store_ids *artists)
{
    enum store_result result = collect(store, STORE_SQL_PRUNE_ALBUM_ARTISTS, album_id, artists);
    return result == STORE_OK ? run_with(store, STORE_SQL_PRUNE_ALBUM, ":id", album_id, NULL)
                              : result;
}

enum store_result store_prune_artist(struct store *store, int64_t artist_id)
{
    return run_with(store, STORE_SQL_PRUNE_ARTIST, ":id", artist_id, NULL);
}
