/* SPDX-License-Identifier: MIT */
/* store/stats: what was heard for the first time, and when the first and the last play was. */
#include "stats_read.h"

#include <stdlib.h>

static const char what[] = "looking for first plays";

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

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

/* -- first plays of all tracks ----------------------------------------------------------------- */

struct pass {
    struct store *store;
    int64_t user_id;
    struct stats_numbers stale;
    struct store_sums of_stale; /* first plays in stale blocks, by track */
    struct store_sums tracks;   /* of the users read so far */
    struct store_sums others;   /* by artist or album */
};

static enum store_result first_add(struct pass *pass, struct store_sums *sums, int64_t id,
                                   int64_t first_at)
{
    struct store_sum *sum = store_sums_at(sums, id);
    if (sum == NULL) {
        return stats_no_memory(pass->store, what);
    }
    if (sum->plays == 0 || first_at < sum->first_at) {
        *sum = (struct store_sum){.plays = 1, .first_at = first_at};
    }
    return STORE_OK;
}

/* Of moment, track_id, ms_played. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    struct pass *pass = context;
    return first_add(pass, &pass->of_stale, row[1], row[0]);
}

static bool is_stale(const struct pass *pass, int64_t block)
{
    size_t low = 0, high = pass->stale.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pass->stale.items[middle] < block) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < pass->stale.count && pass->stale.items[low] == block;
}

/*
 * Of track_id, plays, listened_ms, first_at. No play in a block that is not stale is earlier than
 * first_at. If that is in a stale block, it may be gone; then those plays are all of later blocks,
 * so one of a stale block that is not later is the first. If there is none either, the plays of
 * the track are asked.
 */
static enum store_result total_visit(void *context, const int64_t *row)
{
    struct pass *pass = context;
    int64_t first_at = row[3];
    const struct store_sum *stale = store_sums_find(&pass->of_stale, row[0]);
    int64_t block = floor_div(first_at, STORE_BLOCK_MS);
    if (pass->stale.count == 0 || !is_stale(pass, block)) {
        return first_add(pass, &pass->tracks, row[0], first_at);
    }
    if (stale != NULL && floor_div(stale->first_at, STORE_BLOCK_MS) <= block) {
        return STORE_OK; /* it is added with the others of stale blocks */
    }
    enum store_result result = stats_track_first(pass->store, pass->user_id, row[0],
                                                 STORE_PLAN_BEGIN, STORE_PLAN_END, what, &first_at);
    return result == STORE_OK && first_at != STORE_NO_TIME
               ? first_add(pass, &pass->tracks, row[0], first_at)
               : result;
}

/* The first plays of tracks in stale blocks, from the plays. */
static enum store_result stale_read(struct pass *pass)
{
    struct store_plan plan;
    struct store_plan_piece piece;
    enum store_result result = STORE_OK;
    store_plan_open(&plan, STORE_PLAN_BEGIN, STORE_PLAN_END, STORE_BLOCK_MS, STORE_BLOCK_MS,
                    pass->stale.items, pass->stale.count);
    while (result == STORE_OK && store_plan_next(&plan, &piece)) {
        if (piece.source == STORE_PLAN_PLAYS) {
            result = stats_plays_feed(pass->store, pass->user_id, &piece, what, play_visit, pass);
        }
    }
    return result;
}

/* Those of stale blocks are first plays too, where nothing else is earlier. */
static enum store_result stale_add(struct pass *pass)
{
    struct store_counts firsts = {0};
    enum store_result result = STORE_OK;
    if (!store_sums_list(&pass->of_stale, &firsts)) {
        return stats_no_memory(pass->store, what);
    }
    for (size_t i = 0; result == STORE_OK && i < firsts.count; i++) {
        result = first_add(pass, &pass->tracks, firsts.items[i].id, firsts.items[i].listened_ms);
    }
    free(firsts.items);
    return result;
}

static enum store_result user_read(struct pass *pass, int64_t user_id)
{
    struct store_query query;
    pass->user_id = user_id;
    enum store_result result = stats_stale_read(pass->store, user_id, what, &pass->stale);
    if (result == STORE_OK) {
        result = stale_read(pass);
    }
    if (result == STORE_OK) {
        store_query_begin(&query, pass->store, STORE_SQL_STATS_TOTALS, what);
        store_query_int(&query, ":user_id", user_id);
        result = store_query_feed(&query, total_visit, pass);
    }
    if (result == STORE_OK) {
        result = stale_add(pass);
    }
    store_sums_free(&pass->of_stale);
    stats_numbers_free(&pass->stale);
    return result;
}

/* -- of artists and albums --------------------------------------------------------------------- */

/* Of the other's number, track_id. */
static enum store_result pass_on(void *context, const int64_t *row)
{
    struct pass *pass = context;
    const struct store_sum *track = store_sums_find(&pass->tracks, row[1]);
    return track != NULL ? first_add(pass, &pass->others, row[0], track->first_at) : STORE_OK;
}

static enum store_result others_read(struct pass *pass, enum store_kind kind)
{
    struct store_query query;
    store_query_begin(&query, pass->store,
                      kind == STORE_KIND_ARTIST ? STORE_SQL_STATS_ARTISTS : STORE_SQL_STATS_ALBUMS,
                      what);
    return store_query_feed(&query, pass_on, pass);
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

static enum store_result pick(struct pass *pass, const struct store_sums *firsts,
                              const struct store_stats_filter *filter, size_t n,
                              struct store_found_list *found)
{
    struct store_counts all = {0}, newest = {0};
    if (!store_sums_list(firsts, &all)) {
        return stats_no_memory(pass->store, what);
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
    enum store_result result = stats_first_of(pass->store, &all, by_first, n, &newest);
    if (result == STORE_OK) {
        result = found_list(pass->store, &newest, found);
    }
    free(all.items);
    free(newest.items);
    return result;
}

enum store_result store_discoveries(struct store *store, const struct store_stats_filter *filter,
                                    enum store_kind kind, size_t n, struct store_found_list *found)
{
    struct pass pass = {.store = store};
    struct stats_numbers users;
    *found = (struct store_found_list){0};
    enum store_result result = stats_users_read(store, filter->user_id, what, &users);
    for (size_t i = 0; result == STORE_OK && i < users.count; i++) {
        result = user_read(&pass, users.items[i]);
    }
    stats_numbers_free(&users);
    if (result == STORE_OK && kind != STORE_KIND_TRACK) {
        result = others_read(&pass, kind);
    }
    if (result == STORE_OK) {
        result =
            pick(&pass, kind == STORE_KIND_TRACK ? &pass.tracks : &pass.others, filter, n, found);
    }
    store_sums_free(&pass.tracks);
    store_sums_free(&pass.others);
    return result;
}
