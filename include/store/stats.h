/* SPDX-License-Identifier: MIT */
/*
 * store/stats: what was played in a stretch of time, counted: by track, artist and album, by day,
 * hour and weekday; the plays that came last; how much of the record has gaps.
 *
 * Owns: the sums in memory. What the derived table (store/totals) holds is taken from there; the
 * ends of a stretch and stale blocks are read from the plays, by their key.
 * Never: counts a play that is marked as deleted or outside of the stretch, writes.
 *
 * All of it is called inside of a transaction (store_begin_read()), so that sums agree. Days, hours
 * and weekdays are those of the zone that is given. Moments are reported ones in ms since 1970
 * UTC; since <= moment < until; STORE_NO_TIME: no bound. Listening time is what was heard, and
 * where nobody told that, the length of the track, as the views have it.
 */
#ifndef STORE_STATS_H
#define STORE_STATS_H

#include "base/zone.h"
#include "store/users.h"

#define STORE_DAY_HOURS 24
#define STORE_WEEK_DAYS 7

struct store_stats_filter {
    int64_t user_id; /* 0: of all */
    int64_t since, until;
};

enum store_kind { STORE_KIND_TRACK, STORE_KIND_ARTIST, STORE_KIND_ALBUM, STORE_KINDS };
enum store_measure { STORE_BY_PLAYS, STORE_BY_TIME };

/* Sums of one track, artist, album or day. A play counts for each artist of its track. */
struct store_count {
    int64_t id; /* track_id, artist_id, album_id; a day: as base/zone counts them */
    int64_t plays, listened_ms;
};

struct store_counts {
    struct store_count *items;
    size_t count;
};

/* Plays and time in a stretch, as a whole and by days and hours: from quarters of hours, cheap. */
struct store_times {
    int64_t plays, listened_ms;
    struct store_counts days;                                   /* days with a play, in order */
    struct store_count clock[STORE_WEEK_DAYS][STORE_DAY_HOURS]; /* Monday is 0; id is not used */
};

/* STORE_NOT_FOUND: no such user. Free it with store_times_free(). */
enum store_result store_times_read(struct store *store, const struct store_stats_filter *filter,
                                   const struct zone *zone, struct store_times *times);
void store_times_free(struct store_times *times);

/* What was played in a stretch. */
struct store_tally {
    struct store_stats_filter filter;
    int64_t plays, listened_ms;
    struct store_counts kind[STORE_KINDS]; /* by id; count: how many different ones */
};

/* Counts them into *tally, which store_tally_free() frees; NULL on failure. STORE_NOT_FOUND: no
 * such user. */
enum store_result store_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   struct store_tally **tally);
void store_tally_free(struct store_tally *tally);

/* The n of a kind with most plays or time (then with most of the other, then the lowest id), into a
 * malloc'ed array. At least one play each. */
enum store_result store_tally_top(struct store *store, const struct store_tally *tally,
                                  enum store_kind kind, enum store_measure measure, size_t n,
                                  struct store_counts *top);

/* The place of one by plays, from 1; equal plays have the same. 0: it is not in the tally. */
int64_t store_tally_rank(const struct store_tally *tally, enum store_kind kind, int64_t id);

/* One that was heard for the first time. */
struct store_found {
    int64_t id, first_at;
};
struct store_found_list {
    struct store_found *items;
    size_t count; /* of items */
    int64_t all;  /* how many there were in the stretch */
};

/* Of each of the kinds, count of them, the n that the user (all of them: anybody) heard for the
 * first time in the stretch, the newest first, into found[] in the order of the kinds. Free the
 * items of each, on failure too. */
enum store_result store_discoveries(struct store *store, const struct store_stats_filter *filter,
                                    const enum store_kind *kinds, size_t count, size_t n,
                                    struct store_found_list *found);

/* The first and the last play there are; STORE_NO_TIME: none. */
enum store_result store_bounds_get(struct store *store, int64_t user_id, int64_t *first,
                                   int64_t *last);

/* The same within a stretch. STORE_NOT_FOUND: no such user. */
enum store_result store_bounds_within(struct store *store, const struct store_stats_filter *filter,
                                      int64_t *first, int64_t *last);

/* The first play of one track, artist or album in a stretch; STORE_NO_TIME: none. */
enum store_result store_first_get(struct store *store, const struct store_stats_filter *filter,
                                  enum store_kind kind, int64_t id, int64_t *first);

/* The longest row of days with a play, the latest of equal ones. */
struct store_streak {
    int64_t first_day, days; /* as store_count has them; 0 days: nothing was played */
};
struct store_streak store_days_streak(const struct store_counts *days);

/* Plays and time of a day (or of any other number that counts are in order of); zero if it has
 * none. */
struct store_count store_days_get(const struct store_counts *days, int64_t day);

/* -- names ------------------------------------------------------------------------------------- */

/* Texts from malloc, free them with store_name_free(); NULL: not known. */
struct store_name {
    char *uri;
    char *name;
    char *artists;       /* "A, B"; of a track or album */
    char *album;         /* of a track */
    int64_t duration_ms; /* of a track; -1: not known */
};
enum store_result store_name_get(struct store *store, enum store_kind kind, int64_t id,
                                 struct store_name *name);
void store_name_free(struct store_name *name);

/* -- the plays that came last ------------------------------------------------------------------ */

struct store_recent {
    int64_t user_id;
    int64_t key;       /* played_tracks.played_at: with the user what names the play */
    int64_t played_at; /* the reported moment */
    int64_t track_id;
    int64_t ms_played; /* -1: not known */
    int64_t first_seen_at;
    char source[16];   /* "api", "extended", "account" */
    char *context_uri; /* NULL: not told */
    struct store_name track;
};

struct store_recent_list {
    struct store_recent *items;
    size_t count;
};

/* The last n in the stretch, the newest first, then by user; no more than n of each user are read.
 * Free them with store_recent_free(). */
enum store_result store_recent_load(struct store *store, const struct store_stats_filter *filter,
                                    size_t n, struct store_recent_list *list);
void store_recent_free(struct store_recent_list *list);

/* -- what is missing --------------------------------------------------------------------------- */

/* Gaps that no import has filled and that have a moment in common with the stretch. */
struct store_missing {
    int64_t likely, possible;  /* how many of each certainty */
    int64_t first_at, last_at; /* where the first begins and the last ends; STORE_NO_TIME: none */
};
enum store_result store_missing_get(struct store *store, const struct store_stats_filter *filter,
                                    struct store_missing *missing);

#endif
