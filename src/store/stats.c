/* SPDX-License-Identifier: MIT */
/*
 * store/stats: the tally: sums by track in memory, from what is kept of blocks and from the plays,
 * and from tracks to artists and albums. SQL that groups would sort the plays once for each
 * question; this reads each row once.
 */
#include "stats_read.h"

#include <stdlib.h>

static const char what[] = "counting plays";

/* -- plays and blocks by track ----------------------------------------------------------------- */

struct pass {
    struct store *store;
    struct store_tally *tally;
    struct stats_lengths lengths;
    struct store_sums kind[STORE_KINDS];
    bool off; /* sums that are read are taken off */
};

static enum store_result track_add(struct pass *pass, int64_t track_id, int64_t plays,
                                   int64_t listened_ms)
{
    pass->tally->plays = store_sum_wrap(pass->tally->plays, plays);
    pass->tally->listened_ms = store_sum_wrap(pass->tally->listened_ms, listened_ms);
    return store_sums_add(&pass->kind[STORE_KIND_TRACK], track_id, plays, listened_ms)
               ? STORE_OK
               : stats_no_memory(pass->store, what);
}

/* Of moment, track_id, ms_played. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    struct pass *pass = context;
    int64_t listened_ms = 0;
    enum store_result result = stats_listened(&pass->lengths, row[1], row[2], &listened_ms);
    return result == STORE_OK ? track_add(pass, row[1], 1, listened_ms) : result;
}

static int64_t negative(int64_t value)
{
    return (int64_t)(0 - (uint64_t)value);
}

/* Of track_id, plays, listened_ms. */
static enum store_result sum_visit(void *context, const int64_t *row)
{
    struct pass *pass = context;
    return pass->off ? track_add(pass, row[0], negative(row[1]), negative(row[2]))
                     : track_add(pass, row[0], row[1], row[2]);
}

static enum store_result totals_count(struct pass *pass, int64_t user_id)
{
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_STATS_TOTALS, what);
    store_query_int(&query, ":user_id", user_id);
    return store_query_feed(&query, sum_visit, pass);
}

static enum store_result piece_count(struct pass *pass, int64_t user_id,
                                     const struct store_plan_piece *piece)
{
    pass->off = piece->source == STORE_PLAN_SUMS_OFF;
    switch (piece->source) {
    case STORE_PLAN_TOTALS:
        return totals_count(pass, user_id);
    case STORE_PLAN_SUMS:
    case STORE_PLAN_SUMS_OFF:
        return stats_sums_feed(pass->store, STORE_SQL_STATS_BLOCKS, user_id, piece, STORE_BLOCK_MS,
                               what, sum_visit, pass);
    case STORE_PLAN_PLAYS:
        break;
    }
    return stats_plays_feed(pass->store, user_id, piece, what, play_visit, pass);
}

static enum store_result user_count(struct pass *pass, int64_t user_id)
{
    struct store_plan plan;
    struct store_plan_piece piece;
    struct stats_numbers stale;
    int64_t first = STORE_NO_TIME, last = STORE_NO_TIME;
    enum store_result result = stats_stale_read(pass->store, user_id, what, &stale);
    if (result == STORE_OK) {
        result = stats_ends_read(pass->store, user_id, STORE_PLAN_BEGIN, STORE_PLAN_END, what,
                                 &first, &last);
    }
    if (result == STORE_OK &&
        stats_plan_open(&plan, &pass->tally->filter, first, last, STORE_BLOCK_MS, &stale)) {
        while (result == STORE_OK && store_plan_next(&plan, &piece)) {
            result = piece_count(pass, user_id, &piece);
        }
    }
    stats_numbers_free(&stale);
    return result;
}

/* -- from tracks to artists and albums -------------------------------------------------------- */

/* Hands the sums of a track on to something it belongs to. */
struct passing {
    struct pass *pass;
    enum store_kind kind;
};

/* Of the other's number, track_id. */
static enum store_result pass_on(void *context, const int64_t *row)
{
    struct passing *passing = context;
    struct pass *pass = passing->pass;
    const struct store_sum *track = store_sums_find(&pass->kind[STORE_KIND_TRACK], row[1]);
    if (track == NULL) {
        return STORE_OK;
    }
    return store_sums_add(&pass->kind[passing->kind], row[0], track->plays, track->listened_ms)
               ? STORE_OK
               : stats_no_memory(pass->store, what);
}

static enum store_result others_count(struct pass *pass, enum store_kind kind,
                                      enum store_sql of_one, enum store_sql of_all)
{
    const struct store_counts *tracks = &pass->tally->kind[STORE_KIND_TRACK];
    struct passing passing = {pass, kind};
    struct store_query query;
    enum store_result result = STORE_OK;
    if (tracks->count > STATS_MANY) {
        store_query_begin(&query, pass->store, of_all, what);
        return store_query_feed(&query, pass_on, &passing);
    }
    for (size_t i = 0; result == STORE_OK && i < tracks->count; i++) {
        store_query_begin(&query, pass->store, of_one, what);
        store_query_int(&query, ":id", tracks->items[i].id);
        result = store_query_feed(&query, pass_on, &passing);
    }
    return result;
}

static enum store_result list(struct pass *pass, enum store_kind kind)
{
    return store_sums_list(&pass->kind[kind], &pass->tally->kind[kind])
               ? STORE_OK
               : stats_no_memory(pass->store, what);
}

/* -- the tally -------------------------------------------------------------------------------- */

static enum store_result tally_count(struct pass *pass, bool artists, bool albums)
{
    struct stats_numbers users;
    enum store_result result =
        stats_users_read(pass->store, pass->tally->filter.user_id, what, &users);
    for (size_t i = 0; result == STORE_OK && i < users.count; i++) {
        result = user_count(pass, users.items[i]);
    }
    stats_numbers_free(&users);
    if (result == STORE_OK) {
        result = list(pass, STORE_KIND_TRACK);
    }
    if (result == STORE_OK && artists) {
        result = others_count(pass, STORE_KIND_ARTIST, STORE_SQL_STATS_ARTISTS_OF,
                              STORE_SQL_STATS_ARTISTS);
    }
    if (result == STORE_OK && albums) {
        result =
            others_count(pass, STORE_KIND_ALBUM, STORE_SQL_STATS_ALBUM_OF, STORE_SQL_STATS_ALBUMS);
    }
    for (int kind = STORE_KIND_ARTIST; result == STORE_OK && kind < STORE_KINDS; kind++) {
        result = list(pass, (enum store_kind)kind);
    }
    return result;
}

enum store_result stats_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   bool artists, bool albums, struct store_tally **tally)
{
    struct pass pass = {.store = store, .lengths = {.store = store, .what = what}};
    *tally = NULL;
    pass.tally = calloc(1, sizeof *pass.tally);
    if (pass.tally == NULL) {
        return stats_no_memory(store, what);
    }
    pass.tally->filter = *filter;
    enum store_result result = tally_count(&pass, artists, albums);
    stats_lengths_free(&pass.lengths);
    for (int kind = 0; kind < STORE_KINDS; kind++) {
        store_sums_free(&pass.kind[kind]);
    }
    if (result == STORE_OK) {
        *tally = pass.tally;
    } else {
        store_tally_free(pass.tally);
    }
    return result;
}

enum store_result store_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   struct store_tally **tally)
{
    return stats_tally_read(store, filter, true, true, tally);
}

void store_tally_free(struct store_tally *tally)
{
    if (tally == NULL) {
        return;
    }
    for (int i = 0; i < STORE_KINDS; i++) {
        free(tally->kind[i].items);
    }
    free(tally);
}
