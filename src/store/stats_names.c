/* SPDX-License-Identifier: MIT */
/* store/stats: what comes first in a tally, what its numbers are called, and what is missing. */
#include "store/stats.h"
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char what[] = "reading statistics";

/* -- what comes first ------------------------------------------------------------------------- */

static int by_number(int64_t one, int64_t other)
{
    return (one < other) - (one > other); /* the larger first */
}

static int by_plays(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    int order = by_number(a->plays, b->plays);
    if (order == 0) {
        order = by_number(a->listened_ms, b->listened_ms);
    }
    return order != 0 ? order : by_number(b->id, a->id);
}

static int by_time(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    int order = by_number(a->listened_ms, b->listened_ms);
    return order != 0 ? order : by_plays(one, other);
}

static int by_first(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    int order = by_number(a->first_at, b->first_at);
    return order != 0 ? order : by_number(b->id, a->id);
}

/* A copy in another order. */
static enum store_result copy_sorted(struct store *store, const struct store_counts *from,
                                     int (*order)(const void *, const void *),
                                     struct store_counts *to)
{
    *to = (struct store_counts){.items = calloc(from->count + 1, sizeof *to->items)};
    if (to->items == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    if (from->count > 0) {
        memcpy(to->items, from->items, from->count * sizeof *to->items);
        qsort(to->items, from->count, sizeof *to->items, order);
    }
    to->count = from->count;
    return STORE_OK;
}

enum store_result store_tally_top(struct store *store, const struct store_tally *tally,
                                  enum store_kind kind, enum store_measure measure, size_t n,
                                  struct store_counts *top)
{
    enum store_result result =
        copy_sorted(store, &tally->kind[kind], measure == STORE_BY_TIME ? by_time : by_plays, top);
    if (top->count > n) {
        top->count = n;
    }
    return result;
}

static enum store_result was_played_before(struct store *store,
                                           const struct store_stats_filter *filter,
                                           int64_t track_id, bool *played)
{
    struct store_query query;
    *played = false;
    if (filter->since == STORE_NO_TIME) {
        return STORE_OK;
    }
    store_query_begin(&query, store, STORE_SQL_STATS_BEFORE, what);
    store_query_int(&query, ":id", track_id);
    store_query_int(&query, ":user_id", filter->user_id);
    store_query_int(&query, ":until", filter->since);
    store_query_int(&query, ":until_key", store_key_bound(filter->since));
    *played = store_query_row(&query);
    return store_query_end(&query);
}

enum store_result store_tally_discoveries(struct store *store, const struct store_tally *tally,
                                          size_t n, struct store_counts *found)
{
    enum store_result result = copy_sorted(store, &tally->kind[STORE_KIND_TRACK], by_first, found);
    size_t all = found->count;
    found->count = 0;
    for (size_t i = 0; result == STORE_OK && i < all && found->count < n; i++) {
        bool played = false;
        result = was_played_before(store, &tally->filter, found->items[i].id, &played);
        if (!played) {
            found->items[found->count++] = found->items[i];
        }
    }
    if (result != STORE_OK) {
        free(found->items);
        *found = (struct store_counts){0};
    }
    return result;
}

/* -- names ------------------------------------------------------------------------------------ */

char *store_name_text(struct store_query *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    char *copy = NULL;
    bool is_null = sqlite3_column_type(query->statement, column) == SQLITE_NULL;
    if (text != NULL && text[0] != '\0') {
        copy = strdup(text);
    }
    if (copy == NULL && !is_null && !(text != NULL && text[0] == '\0')) {
        query->result = store_fail(query->store, STORE_NOMEM, "%s: out of memory", what);
    }
    return copy;
}

enum store_result store_name_get(struct store *store, enum store_kind kind, int64_t id,
                                 struct store_name *name)
{
    static const enum store_sql ids[STORE_KINDS] = {
        [STORE_KIND_TRACK] = STORE_SQL_STATS_NAME_TRACK,
        [STORE_KIND_ARTIST] = STORE_SQL_STATS_NAME_ARTIST,
        [STORE_KIND_ALBUM] = STORE_SQL_STATS_NAME_ALBUM,
    };
    struct store_query query;
    *name = (struct store_name){.duration_ms = -1};
    store_query_begin(&query, store, ids[kind], what);
    store_query_int(&query, ":id", id);
    if (store_query_row(&query)) {
        name->uri = store_name_text(&query, 0);
        name->name = store_name_text(&query, 1);
        name->artists = store_name_text(&query, 2);
        name->album = store_name_text(&query, 3);
        name->duration_ms = store_query_get_int(&query, 4, -1);
    }
    enum store_result result = store_query_end(&query);
    if (result != STORE_OK) {
        store_name_free(name);
    }
    return result;
}

void store_name_free(struct store_name *name)
{
    free(name->uri);
    free(name->name);
    free(name->artists);
    free(name->album);
    *name = (struct store_name){.duration_ms = -1};
}

/* -- what is missing -------------------------------------------------------------------------- */

enum store_result store_missing_get(struct store *store, const struct store_stats_filter *filter,
                                    struct store_missing *missing)
{
    struct store_query query;
    *missing = (struct store_missing){.first_at = STORE_NO_TIME, .last_at = STORE_NO_TIME};
    store_query_begin(&query, store, STORE_SQL_STATS_GAPS, what);
    store_query_int(&query, ":user_id", filter->user_id);
    store_query_int(&query, ":since", filter->since != STORE_NO_TIME ? filter->since : INT64_MIN);
    store_query_int(&query, ":until", filter->until != STORE_NO_TIME ? filter->until : INT64_MAX);
    if (store_query_row(&query)) {
        missing->likely = store_query_get_int(&query, 1, 0);
        missing->possible = store_query_get_int(&query, 0, 0) - missing->likely;
        missing->first_at = store_query_get_int(&query, 2, STORE_NO_TIME);
        missing->last_at = store_query_get_int(&query, 3, STORE_NO_TIME);
    }
    return store_query_end(&query);
}
