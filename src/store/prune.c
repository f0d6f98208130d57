/* SPDX-License-Identifier: MIT */
#include "store/prune.h"

#include "store/store_private.h"

#include <stdlib.h>

static const char pruning[] = "tidying the catalogue";

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

/* Whoever reads in the order of numbers need not pay for sorting. */
static bool is_settled(const struct store_ids *ids)
{
    for (size_t i = 1; i < ids->count; i++) {
        if (ids->at[i] <= ids->at[i - 1]) {
            return false;
        }
    }
    return true;
}

void store_ids_settle(struct store_ids *ids)
{
    size_t kept = 0;
    if (!is_settled(ids)) {
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

enum store_result store_ids_read(struct store *store, enum store_sql id, int64_t of,
                                 struct store_ids *ids)
{
    struct store_query query;
    store_query_begin(&query, store, id, pruning);
    store_query_int(&query, ":id", of);
    while (store_query_row(&query)) {
        int64_t found = store_query_get_int(&query, 0, 0);
        if (found != 0 && !store_ids_add(ids, found)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", pruning);
            break;
        }
    }
    return store_query_end(&query);
}

static enum store_result prune(struct store *store, enum store_sql id, int64_t row)
{
    struct store_query query;
    store_query_begin(&query, store, id, pruning);
    store_query_int(&query, ":id", row);
    return store_query_run(&query, NULL);
}

/* -- all that nobody needs ---------------------------------------------------------------------- */

/* How a row of each kind goes, and whose rows may go behind it. */
static const struct kind {
    enum store_sql remove;
    struct {
        enum store_sql read;
        enum store_prune_kind kind;
    } behind[2];
    size_t behind_count;
} kinds[STORE_PRUNE_KINDS] = {
    [STORE_PRUNE_TRACKS] = {STORE_SQL_PRUNE_TRACK,
                            {{STORE_SQL_PRUNE_TRACK_OF, STORE_PRUNE_ALBUMS},
                             {STORE_SQL_PRUNE_TRACK_ARTISTS, STORE_PRUNE_ARTISTS}},
                            2},
    [STORE_PRUNE_ALBUMS] = {STORE_SQL_PRUNE_ALBUM,
                            {{STORE_SQL_PRUNE_ALBUM_ARTISTS, STORE_PRUNE_ARTISTS}},
                            1},
    [STORE_PRUNE_ARTISTS] = {.remove = STORE_SQL_PRUNE_ARTIST},
};

static enum store_result prune_next(struct store *store, struct store_prune *list)
{
    const struct kind *kind = &kinds[list->kind];
    int64_t row = list->rows[list->kind].at[list->next++];
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < kind->behind_count && result == STORE_OK; i++) {
        result =
            store_ids_read(store, kind->behind[i].read, row, &list->rows[kind->behind[i].kind]);
    }
    store->names_changed += list->kind == STORE_PRUNE_TRACKS; /* its number may come again */
    return result == STORE_OK ? prune(store, kind->remove, row) : result;
}

enum store_result store_prune_step(struct store *store, struct store_prune *list, size_t rows,
                                   bool *done)
{
    enum store_result result = STORE_OK;
    while (result == STORE_OK && list->kind < STORE_PRUNE_KINDS) {
        struct store_ids *ids = &list->rows[list->kind];
        if (list->next == 0) {
            store_ids_settle(ids);
        }
        if (list->next == ids->count) {
            list->kind++;
            list->next = 0;
        } else if (rows-- > 0) {
            result = prune_next(store, list);
        } else {
            break;
        }
    }
    *done = list->kind == STORE_PRUNE_KINDS;
    return result;
}

void store_prune_free(struct store_prune *list)
{
    for (int kind = 0; kind < STORE_PRUNE_KINDS; kind++) {
        store_ids_free(&list->rows[kind]);
    }
    *list = (struct store_prune){0};
}

/* -- what an export made up --------------------------------------------------------------------- */

enum store_result store_prune_made_up_artists(struct store *store, const struct store_ids *artists)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < artists->count && result == STORE_OK; i++) {
        result = prune(store, STORE_SQL_PRUNE_MADE_UP_ARTIST, artists->at[i]);
    }
    return result;
}

enum store_result store_prune_made_up_album(struct store *store, int64_t album_id)
{
    struct store_ids artists = {0};
    enum store_result result =
        store_ids_read(store, STORE_SQL_PRUNE_ALBUM_ARTISTS, album_id, &artists);
    if (result == STORE_OK) {
        result = prune(store, STORE_SQL_PRUNE_MADE_UP_ALBUM, album_id);
    }
    if (result == STORE_OK) {
        result = store_prune_made_up_artists(store, &artists);
    }
    store_ids_free(&artists);
    return result;
}
