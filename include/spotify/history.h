/* SPDX-License-Identifier: MIT */
/*
 * spotify/history: reads an answer of GET /v1/me/player/recently-played into plain structs.
 *
 * Owns: the shape of the answer, with everything about it that is odd in practice.
 * Offers: every item that can be understood; a count and one excerpt of those that cannot.
 * Never: lets one odd item spoil its page; trusts next, href or cursors.
 */
#ifndef SPOTIFY_HISTORY_H
#define SPOTIFY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SPOTIFY_HISTORY_MAX 200 /* items read of one page; Spotify sends 50 at most */
#define SPOTIFY_ARTISTS_MAX 64  /* artists kept of one track or album */

enum spotify_kind { SPOTIFY_TRACK, SPOTIFY_EPISODE, SPOTIFY_CHAPTER, SPOTIFY_LOCAL };

struct spotify_artist {
    const char *uri;  /* NULL: none */
    const char *name; /* "" if none */
};

struct spotify_album {
    const char *uri; /* NULL: no album */
    const char *name;
    const char *type;         /* "album", "single", "compilation" or NULL */
    const char *release_date; /* as sent: "1981", "1981-12", "1981-12-15", or NULL */
    const char *cover_url;    /* https address of the widest image, or NULL */
    int64_t total_tracks;     /* -1: not said */
    struct spotify_artist *artists;
    size_t artist_count;
};

struct spotify_track {
    const char *uri; /* never NULL or empty: what it is known by */
    enum spotify_kind kind;
    const char *name;     /* "" if none */
    const char *isrc;     /* or NULL */
    int64_t duration_ms;  /* -1: not said */
    int64_t track_number; /* -1 */
    int64_t disc_number;  /* -1 */
    int explicit_lyrics;  /* 1, 0, -1 not said */
    struct spotify_artist *artists;
    size_t artist_count;
    struct spotify_album album;
};

struct spotify_play {
    int64_t played_at_ms;    /* the reported moment, UTC, ms; the end of the play */
    const char *context_uri; /* or NULL */
    struct spotify_track track;
};

struct spotify_page {
    struct spotify_play *plays; /* as sent: newest first, but do not rely on it */
    size_t play_count;
    size_t item_count;      /* items in the answer, odd ones included */
    size_t odd_count;       /* items not understood */
    const char *odd_reason; /* of the first odd one, static text, NULL if none */
    char odd_excerpt[200];  /* escaped excerpt of the first odd one */
    struct arena arena;     /* owns all of the above */
};

/* Decodes len bytes into *page (uninitialised before; free it with spotify_page_free() after
 * success). False, with *error a static text, when the whole is not a history page (no JSON, no
 * object, no items array) or without memory. Times outside earliest_ms .. latest_ms make an item
 * odd (pass what is believable: 2006 to two days ahead). */
bool spotify_history_decode(const char *json, size_t len, int64_t earliest_ms, int64_t latest_ms,
                            struct spotify_page *page, const char **error);

void spotify_page_free(struct spotify_page *page);

/* "track", "episode", "chapter", "local" */
const char *spotify_kind_name(enum spotify_kind kind);

#endif
