/* SPDX-License-Identifier: MIT */
/* store/stats: what was heard for the first time, and when the first and the last play was. */
#include "stats_read.h"

#include <stdlib.h>

static const char what[] = "looking for first plays";

static int64_t since_of(const struct store_stats_filter *filter)
{
    return filter->since != STORE_NO_TIME ? filter->since : STORE_PLAN_BEGIN;
}

static int64_t until_of(const struct store_stats_filter *filter)
{
    return filter->until != STORE_NO_TIME ? filter->until : STORE_PLAN_END;
}

/* -- ends of a stretch ------------------------------------------------------------------------- */

static void widen(int64_t *first, int64_t *last, int64_t from, int64_t to)
{
    if (from != STORE_NO_TIME && (*first == STORE_NO_TIME || from < *first)) {
        *first = from;
    }
    if (to != STORE_NO_TIME && (*last == STORE_NO_TIME || to > *last)) {
        *last = to;
    }
}

enum store_result store_bounds_within(struct store *store, const struct store_stats_filter *filter,
                                      int64_t *first, int64_t *last)
{
    struct stats_numbers users;
    *first = *last = STORE_NO_TIME;
    enum store_result result = stats_users_read(store, filter->user_id, what, &users);
    for (size_t i = 0; result == STORE_OK && i < users.count; i++) {
        int64_t from = STORE_NO_TIME, to = STORE_NO_TIME;
        result = stats_ends_read(store, users.items[i], since_of(filter), until_of(filter), what,
                                 &from, &to);
        widen(first, last, from, to);
    }
    stats_numbers_free(&users);
    return result;
}

enum store_result store_bounds_get(struct store *store, int64_t user_id, int64_t *first,
                                   int64_t *last)
{
    struct store_stats_filter filter = {user_id, STORE_NO_TIME, STORE_NO_TIME};
    return store_bounds_within(store, &filter, first, last);
}

/* -- the first play of one --------------------------------------------------------------------- */

/* Of the other's number, track_id. */
static enum store_result track_note(void *context, const int64_t *row)
{
    return stats_numbers_add(context, row[1]) ? STORE_OK : STORE_NOMEM;
}

static enum store_result tracks_of(struct store *store, enum store_kind kind, int64_t id,
                                   struct stats_numbers *tracks)
{
    struct store_query query;
    *tracks = (struct stats_numbers){0};
    if (kind == STORE_KIND_TRACK) {
        return stats_numbers_add(tracks, id) ? STORE_OK : stats_no_memory(store, what);
    }
    store_query_begin(&query, store,
                      kind == STORE_KIND_ARTIST ? STORE_SQL_STATS_TRACKS_OF_ARTIST
                                                : STORE_SQL_STATS_TRACKS_OF_ALBUM,
                      what);
    store_query_int(&query, ":id", id);
    enum store_result result = store_query_feed(&query, track_note, tracks);
    return result == STORE_NOMEM ? stats_no_memory(store, what) : result;
}

enum store_result store_first_get(struct store *store, const struct store_stats_filter *filter,
                                  enum store_kind kind, int64_t id, int64_t *first)
{
    struct stats_numbers users, tracks = {0};
    *first = STORE_NO_TIME;
    enum store_result result = stats_users_read(store, filter->user_id, what, &users);
    if (result == STORE_OK) {
        result = tracks_of(store, kind, id, &tracks);
    }
    for (size_t i = 0; result == STORE_OK && i < users.count * tracks.count; i++) {
        int64_t at = STORE_NO_TIME, last = STORE_NO_TIME;
        result =
            stats_track_first(store, users.items[i / tracks.count], tracks.items[i % tracks.count],
                              since_of(filter), until_of(filter), what, &at);
        widen(first, &last, at, STORE_NO_TIME);
    }
    stats_numbers_free(&users);
    stats_numbers_free(&tracks);
    return result;
}

/* -- of artists and albums --------------------------------------------------------------------- */

static enum store_result others_read(struct store *store, const struct stats_all *all,
                                     enum store_kind kind, struct store_sums *others)
{
    const struct stats_ties *ties = NULL;
    enum store_result result = stats_ties_read(store, kind, what, &ties);
    for (size_t i = 0; result == STORE_OK && i < ties->count; i++) {
        const struct store_sum *track = store_sums_find(&all->firsts, ties->items[i].track_id);
        struct store_sum *other =
            track != NULL ? store_sums_at(others, ties->items[i].other_id) : NULL;
        if (track != NULL && other == NULL) {
            result = stats_no_memory(store, what);
        } else if (track != NULL && (other->plays == 0 || track->first_at < other->first_at)) {
            *other = *track;
        }
    }
    return result;
}

/* -- the newest of them ------------------------------------------------------------------------ */

/* first_at stands where listened_ms does. */
static int by_first(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    int order = (a->listened_ms < b->listened_ms) - (a->listened_ms > b->listened_ms);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

static enum store_result found_list(struct store *store, const struct store_counts *newest,
                                    struct store_found_list *found)
{
    found->items = calloc(newest->count + 1, sizeof *found->items);
    if (found->items == NULL) {
        return stats_no_memory(store, what);
    }
    for (size_t i = 0; i < newest->count; i++) {
        found->items[i] = (struct store_found){newest->items[i].id, newest->items[i].listened_ms};
    }
    found->count = newest->count;
    return STORE_OK;
}

static enum store_result pick(struct store *store, const struct store_sums *firsts,
                              const struct store_stats_filter *filter, size_t n,
                              struct store_found_list *found)
{
    struct store_counts all = {0}, newest = {0};
    if (!store_sums_list(firsts, &all)) {
        return stats_no_memory(store, what);
    }
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++) {
        int64_t at = all.items[i].listened_ms;
        if (at >= since_of(filter) && at < until_of(filter)) {
            all.items[kept++] = all.items[i];
        }
    }
    all.count = kept;
    found->all = (int64_t)kept;
    enum store_result result = stats_first_of(store, &all, by_first, n, &newest);
    if (result == STORE_OK) {
        result = found_list(store, &newest, found);
    }
    free(all.items);
    free(newest.items);
    return result;
}

static enum store_result kind_find(struct store *store, const struct stats_all *all,
                                   const struct store_stats_filter *filter, enum store_kind kind,
                                   size_t n, struct store_found_list *found)
{
    struct store_sums others = {0};
    if (kind == STORE_KIND_TRACK) {
        return pick(store, &all->firsts, filter, n, found);
    }
    enum store_result result = others_read(store, all, kind, &others);
    if (result == STORE_OK) {
        result = pick(store, &others, filter, n, found);
    }
    store_sums_free(&others);
    return result;
}

enum store_result store_discoveries(struct store *store, const struct store_stats_filter *filter,
                                    const enum store_kind *kinds, size_t count, size_t n,
                                    struct store_found_list *found)
{
    const struct stats_all *all = NULL;
    struct stats_numbers users;
    for (size_t i = 0; i < count; i++) {
        found[i] = (struct store_found_list){0};
    }
    enum store_result result = stats_users_read(store, filter->user_id, what, &users);
    stats_numbers_free(&users);
    if (result == STORE_OK) {
        result = stats_kept_begin(store, what);
    }
    if (result == STORE_OK) {
        result = stats_all_read(store, filter->user_id, what, &all);
    }
    for (size_t i = 0; result == STORE_OK && i < count; i++) {
        result = kind_find(store, all, filter, kinds[i], n, &found[i]);
    }
    return result;
}
