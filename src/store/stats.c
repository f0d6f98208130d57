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
    const struct store_sums *tracks; /* those of kind, or of all that was ever played */
    struct store_sums kind[STORE_KINDS];
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

/* Of moment, track_id, listened_ms. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    return track_add(context, row[1], 1, row[2]);
}

static enum store_result row_count(struct pass *pass, struct store_unpack *tracks)
{
    enum store_result result = STORE_OK;
    struct store_packed track;
    while (result == STORE_OK && store_unpack_next(tracks, &track)) {
        result = track_add(pass, track.id, track.plays, track.listened_ms);
    }
    return result;
}

static enum store_result blocks_count(struct pass *pass, int64_t user_id,
                                      const struct store_plan_piece *piece)
{
    struct stats_walk walk;
    stats_walk_begin(&walk, pass->store, STORE_SQL_STATS_BLOCKS, user_id, piece, what);
    while (stats_walk_next(&walk, STORE_PACK_TRACK)) {
        walk.query.result = row_count(pass, &walk.entries);
    }
    return stats_walk_end(&walk);
}

static enum store_result piece_count(struct pass *pass, int64_t user_id,
                                     const struct store_plan_piece *piece)
{
    return piece->source == STORE_PLAN_SUMS
               ? blocks_count(pass, user_id, piece)
               : stats_plays_feed(pass->store, user_id, piece, what, play_visit, pass);
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

static enum store_result pass_on(struct pass *pass, enum store_kind kind,
                                 const struct stats_tie *tie)
{
    const struct store_sum *track = store_sums_find(pass->tracks, tie->track_id);
    return track == NULL || store_sums_add(&pass->kind[kind], tie->other_id, track->plays,
                                           track->listened_ms)
               ? STORE_OK
               : stats_no_memory(pass->store, what);
}

/* Hands the sums of a track on to what it belongs to. */
struct passing {
    struct pass *pass;
    enum store_kind kind;
};

/* Of the other's number, track_id. */
static enum store_result tie_visit(void *context, const int64_t *row)
{
    struct passing *passing = context;
    return pass_on(passing->pass, passing->kind, &(struct stats_tie){row[1], row[0]});
}

static enum store_result others_of_few(struct pass *pass, enum store_kind kind)
{
    const struct store_counts *tracks = &pass->tally->kind[STORE_KIND_TRACK];
    struct store_query query;
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < tracks->count; i++) {
        store_query_begin(&query, pass->store,
                          kind == STORE_KIND_ARTIST ? STORE_SQL_STATS_ARTISTS_OF
                                                    : STORE_SQL_STATS_ALBUM_OF,
                          what);
        store_query_int(&query, ":id", tracks->items[i].id);
        result = store_query_feed(&query, tie_visit, &(struct passing){pass, kind});
    }
    return result;
}

static enum store_result others_count(struct pass *pass, enum store_kind kind)
{
    const struct stats_ties *ties = NULL;
    if (pass->tally->kind[STORE_KIND_TRACK].count <= STATS_MANY) {
        return others_of_few(pass, kind);
    }
    enum store_result result = stats_ties_read(pass->store, kind, what, &ties);
    for (size_t i = 0; result == STORE_OK && i < ties->count; i++) {
        result = pass_on(pass, kind, &ties->items[i]);
    }
    return result;
}

static enum store_result list(struct pass *pass, const struct store_sums *sums,
                              enum store_kind kind)
{
    return store_sums_list(sums, &pass->tally->kind[kind]) ? STORE_OK
                                                           : stats_no_memory(pass->store, what);
}

/* -- the tally -------------------------------------------------------------------------------- */

static enum store_result tracks_count(struct pass *pass, const struct stats_numbers *users)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < users->count; i++) {
        result = user_count(pass, users->items[i]);
    }
    return result;
}

/* Of all that was ever played the sums may be at hand. */
static enum store_result tracks_take(struct pass *pass)
{
    const struct stats_all *all = NULL;
    enum store_result result = stats_all_read(pass->store, pass->tally->filter.user_id, what, &all);
    if (result == STORE_OK) {
        pass->tracks = &all->tracks;
        pass->tally->plays = all->plays;
        pass->tally->listened_ms = all->listened_ms;
    }
    return result;
}

static enum store_result tally_count(struct pass *pass, bool artists, bool albums)
{
    const struct store_stats_filter *filter = &pass->tally->filter;
    bool of_all = filter->since == STORE_NO_TIME && filter->until == STORE_NO_TIME;
    struct stats_numbers users;
    enum store_result result = stats_users_read(pass->store, filter->user_id, what, &users);
    if (result == STORE_OK) {
        result = stats_kept_begin(pass->store, what);
    }
    if (result == STORE_OK) {
        result = of_all ? tracks_take(pass) : tracks_count(pass, &users);
    }
    stats_numbers_free(&users);
    if (result == STORE_OK) {
        result = list(pass, pass->tracks, STORE_KIND_TRACK);
    }
    if (result == STORE_OK && artists) {
        result = others_count(pass, STORE_KIND_ARTIST);
    }
    if (result == STORE_OK && albums) {
        result = others_count(pass, STORE_KIND_ALBUM);
    }
    for (enum store_kind kind = STORE_KIND_ARTIST; result == STORE_OK && kind < STORE_KINDS;
         kind++) {
        result = list(pass, &pass->kind[kind], kind);
    }
    return result;
}

enum store_result stats_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   bool artists, bool albums, struct store_tally **tally)
{
    struct pass pass = {.store = store};
    pass.tracks = &pass.kind[STORE_KIND_TRACK];
    *tally = NULL;
    pass.tally = calloc(1, sizeof *pass.tally);
    if (pass.tally == NULL) {
        return stats_no_memory(store, what);
    }
    pass.tally->filter = *filter;
    enum store_result result = tally_count(&pass, artists, albums);
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
