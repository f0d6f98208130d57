/* SPDX-License-Identifier: MIT */
/*
 * store/listing: all plays, or those of one user or of a stretch of time, one after the other.
 *
 * Owns: the order: by the key played_at, then by user. It is the same each time.
 * Offers: a cursor over plays with track, artists, album, user and details, in flat memory.
 * Never: shows a play that is marked as deleted, writes, sorts.
 */
#ifndef STORE_LISTING_H
#define STORE_LISTING_H

#include "store/users.h"

/* Which plays. Moments are reported ones in ms, since <= moment < until; STORE_NO_TIME: no bound.
 */
struct store_listing_filter {
    int64_t user_id; /* 0: of all */
    int64_t since, until;
};

/* Texts are NULL where nothing is known, but for what says otherwise. */
struct store_listed_artist {
    const char *uri; /* never NULL; "historyd:..." is made up */
    const char *name;
};

struct store_listed_track {
    int64_t track_id;
    const char *uri;  /* never NULL */
    const char *kind; /* "track", "episode", "chapter", "local" */
    const char *name; /* NULL: not told */
    const char *isrc;
    int64_t duration_ms;      /* -1: not known */
    const char *album;        /* album or show */
    const char *album_uri;    /* "historyd:..." is made up */
    const char *album_artist; /* the first of them */
    const struct store_listed_artist *artists;
    size_t artist_count;
};

struct store_listed {
    const struct store_user *user;
    const struct store_listed_track *track;
    int64_t played_at;  /* the reported moment, ms */
    int64_t nudge_ms;   /* the key is played_at + nudge_ms */
    const char *source; /* "api", "extended", "account" */
    int64_t first_seen_at;
    int64_t ms_played; /* -1: not known */
    const char *context_uri;
    const char *reason_start, *reason_end, *platform, *country;
    int shuffle, skipped, offline, incognito; /* -1: not known */
    int64_t offline_at; /* when an offline play began by its device; STORE_NO_TIME */
};

struct store_listing;

/* Begins inside of a transaction (store_begin_read()), so that all is of one moment. On failure
 * *listing is NULL. STORE_NOT_FOUND: no such user. */
enum store_result store_listing_begin(struct store *store,
                                      const struct store_listing_filter *filter,
                                      struct store_listing **listing);

/* The next play, all of it valid until the next call; false at the end and on failure. */
bool store_listing_next(struct store_listing *listing, struct store_listed *row);

/* Ends it, before the transaction. The first failure, or STORE_OK. NULL is fine. */
enum store_result store_listing_end(struct store_listing *listing);

#endif
