/* SPDX-License-Identifier: MIT */
/* store/stats_read: what the files of store/stats have in common: whose plays, which blocks are
 * stale, the plays of a stretch, and how long a track is. */
#ifndef STORE_STATS_READ_H
#define STORE_STATS_READ_H

#include "store/pack.h"
#include "store/plan.h"
#include "store/stats.h"
#include "store/store_private.h"
#include "store/sums.h"
#include "store/totals.h"

/* From so many tracks on, what belongs to them is read in a row, and not one by one. */
#define STATS_MANY 2000

struct stats_numbers {
    int64_t *items;
    size_t count, cap;
};
bool stats_numbers_add(struct stats_numbers *numbers, int64_t number);
void stats_numbers_free(struct stats_numbers *numbers);

/* The number of the user, or of all of them for 0. STORE_NOT_FOUND: there is no such user.
 * STORE_MISUSE: outside of a transaction. */
enum store_result stats_users_read(struct store *store, int64_t user_id, const char *what,
                                   struct stats_numbers *users);

/* Stale blocks of a user, ascending. */
enum store_result stats_stale_read(struct store *store, int64_t user_id, const char *what,
                                   struct stats_numbers *blocks);

/* Moments of the first and the last play of a user in a stretch; STORE_NO_TIME: none. */
enum store_result stats_ends_read(struct store *store, int64_t user_id, int64_t since,
                                  int64_t until, const char *what, int64_t *first, int64_t *last);

/* Cuts a stretch of a user's plays into pieces. A bound beyond the first or the last play is none.
 * plan uses stale; false: there is no play in it. */
bool stats_plan_open(struct store_plan *plan, const struct store_stats_filter *filter,
                     int64_t first, int64_t last, int64_t unit, const struct stats_numbers *stale);

/* Hands the plays of a piece to visit: moment, track_id, and what they were heard for: what was
 * told, else the length of the track, else 0. */
enum store_result stats_plays_feed(struct store *store, int64_t user_id,
                                   const struct store_plan_piece *piece, const char *what,
                                   store_visit *visit, void *context);

/* Rows of play_sums whose blocks a piece has something of: their packed quarters or tracks. */
struct stats_walk {
    struct store_query query;
    const char *what;
    int64_t block; /* of the row */
    struct store_unpack entries;
};
void stats_walk_begin(struct stats_walk *walk, struct store *store, enum store_sql id,
                      int64_t user_id, const struct store_plan_piece *piece, const char *what);

/* The next row, whose entries are to be read with store_unpack_next(); false at the end, and on
 * failure. A visit that fails puts that into query.result. */
bool stats_walk_next(struct stats_walk *walk, int numbers);

/* STORE_CORRUPT: the bytes are none of ours. */
enum store_result stats_walk_end(struct stats_walk *walk);

/* -- what is kept (stats_kept.c) ---------------------------------------------------------------- */

/* To be called first by whoever reads what is kept, within the transaction, after a statement of
 * it: a reader keeps it from call to call until something in the file changes, others do not. */
enum store_result stats_kept_begin(struct store *store, const char *what);

/* Sums of all that a user (0: all of them) ever played. */
struct stats_all {
    int64_t user_id;
    int64_t plays, listened_ms;
    struct store_sums tracks; /* plays and listened_ms */
    struct store_sums firsts; /* plays of 1, and first_at */
};
/* They stay the store's. STORE_NOT_FOUND: there is no such user. */
enum store_result stats_all_read(struct store *store, int64_t user_id, const char *what,
                                 const struct stats_all **all);

/* All artists (or albums) of all tracks, by track. They stay the store's. */
struct stats_tie {
    int64_t track_id, other_id;
};
struct stats_ties {
    struct stats_tie *items;
    size_t count;
};
enum store_result stats_ties_read(struct store *store, enum store_kind kind, const char *what,
                                  const struct stats_ties **ties);

/* What every caller says when there is no memory. */
enum store_result stats_no_memory(struct store *store, const char *what);

/* The first n in an order, into a malloc'ed array. */
typedef int stats_order(const void *one, const void *other);
int stats_by_plays(const void *one, const void *other); /* then by time, then by number */
enum store_result stats_first_of(struct store *store, const struct store_counts *from,
                                 stats_order *order, size_t n, struct store_counts *to);

/* The first play of a track by a user in a stretch; STORE_NO_TIME: none. */
enum store_result stats_track_first(struct store *store, int64_t user_id, int64_t track_id,
                                    int64_t since, int64_t until, const char *what, int64_t *first);

/* store_tally_read(), but of artists and albums only the kind that is asked for. */
enum store_result stats_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   bool artists, bool albums, struct store_tally **tally);

#endif
