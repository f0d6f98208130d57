/* SPDX-License-Identifier: MIT */
/*
 * store/detail: one track, artist or album, and what was played of it; and titles as pages show
 * them, with the numbers to link to.
 *
 * Never: reads plays of anything else, but for the rank; counts one that is marked as deleted;
 * writes. All of it is called inside of a transaction.
 */
#ifndef STORE_DETAIL_H
#define STORE_DETAIL_H

#include "store/stats.h"

/* Something with a page of its own. Texts are from malloc, NULL: not known or not told. */
struct store_link {
    int64_t id; /* 0: there is none */
    char *uri;
    char *name;
};

struct store_links {
    struct store_link *items;
    size_t count;
};

/* What a row about a track, artist or album shows. */
struct store_title {
    enum store_kind kind;
    struct store_link self;
    struct store_links artists; /* of a track or album, in their order */
    struct store_link album;    /* of a track */
    char *cover_url;            /* of a track (its album's) or album; of an artist: none */
    char *release_date;         /* of a track (its album's) or album */
    char *track_kind;           /* "track", "episode", "chapter", "local"; of a track */
    int64_t duration_ms;        /* of a track; -1: not known */
};

/* STORE_NOT_FOUND: no such. Free it with store_title_free() in any case. */
enum store_result store_title_get(struct store *store, enum store_kind kind, int64_t id,
                                  struct store_title *title);
void store_title_free(struct store_title *title);

/* What one user heard of it. */
struct store_heard {
    int64_t user_id;
    int64_t plays, listened_ms;
    int64_t first_at, last_at; /* STORE_NO_TIME: never */
};

#define STORE_DETAIL_RELATED 50

struct store_detail {
    struct store_title title;
    struct store_heard heard;    /* by the user asked for, or by all */
    int64_t rank, ranked;        /* its place by plays, of how many of its kind; 0: not played */
    struct store_counts months;  /* plays by month with any; id: the first day of the month */
    struct store_heard *by_user; /* everybody who played it, most plays first */
    size_t user_count;
    /* Most played first, STORE_DETAIL_RELATED at most: tracks of an artist or album; albums of an
     * artist. */
    struct store_counts tracks, albums;
    int64_t track_count, album_count; /* how many were played in all */
};

/* For the page of one: of a user, 0: of all. Months are of the zone. STORE_NOT_FOUND: no such. Free
 * it with store_detail_free() in any case. */
enum store_result store_detail_get(struct store *store, enum store_kind kind, int64_t id,
                                   int64_t user_id, const struct zone *zone,
                                   struct store_detail *detail);
void store_detail_free(struct store_detail *detail);

#endif
