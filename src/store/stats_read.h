/* SPDX-License-Identifier: MIT */
/* store/stats_read: what the files of store/stats have in common: whose plays, which blocks are
 * stale, the plays of a stretch, and how long a track is. */
#ifndef STORE_STATS_READ_H
#define STORE_STATS_READ_H

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

/* How long tracks are, looked up once each. */
struct stats_lengths {
    struct store *store;
    const char *what;
    struct store_sums known;
};
/* What a play was heard for: what was told, else the length of the track, else 0. */
enum store_result stats_listened(struct stats_lengths *lengths, int64_t track_id, int64_t ms_played,
                                 int64_t *listened_ms);
void stats_lengths_free(struct stats_lengths *lengths);

/* Hands the plays of a piece to visit: moment, track_id, ms_played (STORE_NO_TIME: not told). */
enum store_result stats_plays_feed(struct store *store, int64_t user_id,
                                   const struct store_plan_piece *piece, const char *what,
                                   store_visit *visit, void *context);

/* The same of sums that are kept by a unit of so many ms: rows as the statement has them. */
enum store_result stats_sums_feed(struct store *store, enum store_sql id, int64_t user_id,
                                  const struct store_plan_piece *piece, int64_t unit,
                                  const char *what, store_visit *visit, void *context);

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
