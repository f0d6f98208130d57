/* SPDX-License-Identifier: MIT */
/*
 * For the tests of statistics: histories by chance, with all that makes counting hard, and what
 * plain SQL says of them.
 */
#ifndef TESTS_UNIT_HISTORY_HELP_H
#define TESTS_UNIT_HISTORY_HELP_H

#include "lib/chance.h"
#include "store/stats.h"

#define HISTORY_USERS 3
#define HISTORY_TRACKS 60
#define HISTORY_ARTISTS 15
#define HISTORY_ALBUMS 12

/* How far the sums over the plays are behind. */
enum history_state {
    HISTORY_FRESH,  /* not at all */
    HISTORY_BEHIND, /* in some blocks: plays came, went and changed since */
    HISTORY_PART,   /* the newest blocks were counted, then plays came, went and changed */
    HISTORY_STALE,  /* nothing was counted */
    HISTORY_STATES
};

/* Users 1 to HISTORY_USERS and so many plays, over a bit more than a year: moved to a free ms or by
 * up to an hour, deleted, of unknown length; tracks without length, album or artist, with several
 * artists; the last user has no play. Into a new database (store_help_setup()). */
void history_make(struct chance *chance, size_t plays, enum history_state state);

/* A stretch of one user or of all: none, bounds on and off the edges of blocks and quarters. */
struct store_stats_filter history_filter(struct chance *chance);

/* Rows of plain SQL, columns by '|', rows by newline, from malloc. Tables of it: "plain" (user_id,
 * track_id, album_id, m, ms: all plays that are not deleted) and "here" (those of the filter). */
char *history_rows(const struct store_stats_filter *filter, const char *sql);

/* Closes what history_rows() opened. */
void history_end(void);

/* Fails unless counts are what the SQL says: id, plays, listened_ms. */
void history_check(const struct store_stats_filter *filter, const char *of,
                   const struct store_counts *counts, const char *sql);

#endif
