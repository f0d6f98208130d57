/* SPDX-License-Identifier: MIT */
/* store/stats: what comes first in a tally, what its numbers are called, and what is missing. */
#include "stats_read.h"

#include <stdlib.h>
#include <string.h>

static const char what[] = "reading statistics";

/* -- what comes first ------------------------------------------------------------------------- */

static int by_number(int64_t one, int64_t other)
{
    return (one < other) - (one > other); /* the larger first */
}

int stats_by_plays(const void *one, const void *other)
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
    return order != 0 ? order : stats_by_plays(one, other);
}

/* Lets the item at a place of a heap, whose top comes last of all in the order, sink to where it
 * belongs. */
static void sink(struct store_count *heap, size_t count, size_t at, stats_order *order)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && order(&heap[child], &heap[child + 1]) < 0) {
            child++;
        }
        if (order(&heap[at], &heap[child]) >= 0) {
            return;
        }
        struct store_count item = heap[at];
        heap[at] = heap[child];
        heap[child] = item;
        at = child;
    }
}

/* Ten of fifty thousand: most are only held against the last of those ten. */
enum store_result stats_first_of(struct store *store, const struct store_counts *from,
                                 stats_order *order, size_t n, struct store_counts *to)
{
    size_t count = n < from->count ? n : from->count;
    *to = (struct store_counts){.items = calloc(count + 1, sizeof *to->items)};
    if (to->items == NULL) {
        return stats_no_memory(store, what);
    }
    if (count == 0) {
        return STORE_OK;
    }
    to->count = count;
    memcpy(to->items, from->items, count * sizeof *to->items);
    for (size_t i = count / 2; i-- > 0;) {
        sink(to->items, count, i, order);
    }
    for (size_t i = count; i < from->count; i++) {
        if (order(&from->items[i], &to->items[0]) < 0) {
            to->items[0] = from->items[i];
            sink(to->items, count, 0, order);
        }
    }
    qsort(to->items, count, sizeof *to->items, order);
    return STORE_OK;
}

enum store_result store_tally_top(struct store *store, const struct store_tally *tally,
                                  enum store_kind kind, enum store_measure measure, size_t n,
                                  struct store_counts *top)
{
    return stats_first_of(store, &tally->kind[kind],
                          measure == STORE_BY_TIME ? by_time : stats_by_plays, n, top);
}

int64_t store_tally_rank(const struct store_tally *tally, enum store_kind kind, int64_t id)
{
    const struct store_counts *counts = &tally->kind[kind];
    struct store_count one = store_days_get(counts, id);
    int64_t rank = 1;
    for (size_t i = 0; i < counts->count; i++) {
        rank += counts->items[i].plays > one.plays;
    }
    return one.plays > 0 ? rank : 0;
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
