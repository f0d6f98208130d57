/* SPDX-License-Identifier: MIT */
/* store/plays: the catalogue (tracks, albums, artists) and the plays. */
#ifndef STORE_PLAYS_H
#define STORE_PLAYS_H

#include "store/store.h"

struct store_artist {
    const char *uri; /* NULL: known by name only, stored under the made-up "historyd:artist:NAME" */
    const char *name;
};

/* One track as it is to be stored. NULL or -1: not known (an older known value is kept). */
struct store_track {
    const char *uri;  /* never NULL */
    const char *kind; /* "track", "episode", "chapter", "local" */
    const char *name;
    const char *isrc;
    int64_t duration_ms;
    int64_t track_number;
    int64_t disc_number;
    int explicit_lyrics;
    const struct store_artist *artists;
    size_t artist_count;
    const char *album_uri; /* NULL: no album */
    const char *album_name;
    const char *album_type;
    const char *album_release_date;
    const char *album_cover_url;
    int64_t album_total_tracks;
    const struct store_artist *album_artists;
    size_t album_artist_count;
};

/* Id of a track by uri. STORE_NOT_FOUND. */
enum store_result store_track_find(struct store *store, const char *uri, int64_t *track_id);

/* Adds a track with its album and artists, or brings them up to date (writes nothing where nothing
 * changed). Artists known by name only never replace a list that is there, nor does an album whose
 * uri begins with "historyd:" replace one. */
enum store_result store_track_put(struct store *store, const struct store_track *track, int64_t now,
                                  int64_t *track_id);

enum store_source { STORE_SOURCE_API, STORE_SOURCE_EXTENDED, STORE_SOURCE_ACCOUNT };

/* "api", "extended", "account"; static. Of another name: STORE_SOURCE_API. */
const char *store_source_name(enum store_source source);
enum store_source store_source_of(const char *name);

struct store_play {
    int64_t user_id;
    int64_t played_at; /* ms, the key; reported moment is played_at - nudge_ms */
    int64_t nudge_ms;
    int64_t track_id;
    const char *context_uri; /* or NULL */
    enum store_source source;
    int64_t first_seen_at;
    int64_t ms_played;  /* -1 = NULL */
    int64_t import_id;  /* 0 = NULL */
    int64_t deleted_at; /* 0 = NULL */
    int64_t detail_id;  /* what the long form tells of it (store_details_put()), 0: it is in none */
    int64_t offline_at; /* with detail_id: when an offline play began; STORE_NO_TIME */
};

/* A stored play as the reconciler sees it. */
struct store_play_mark {
    int64_t played_at;
    int64_t nudge_ms;
    int64_t track_id;
    enum store_source source;
    bool deleted;
};

/* Stored plays of a user with from <= played_at <= to, deleted ones too, oldest first, into marks
 * (grown by realloc; *marks may be NULL with *cap 0; the caller frees it). */
enum store_result store_plays_between(struct store *store, int64_t user_id, int64_t from,
                                      int64_t to, struct store_play_mark **marks, size_t *count,
                                      size_t *cap);

/* played_at of the newest play of the API strictly before / oldest strictly after ms (deleted ones
 * too). STORE_NOT_FOUND. */
enum store_result store_play_before(struct store *store, int64_t user_id, int64_t ms,
                                    int64_t *played_at);
enum store_result store_play_after(struct store *store, int64_t user_id, int64_t ms,
                                   int64_t *played_at);

/* Reported moment of the newest API play that is not later than latest. STORE_NOT_FOUND. */
enum store_result store_play_newest_api(struct store *store, int64_t user_id, int64_t latest,
                                        int64_t *reported);

/* STORE_EXISTS when (user_id, played_at) is taken. */
enum store_result store_play_insert(struct store *store, const struct store_play *play);

/* Plays of a user, not counting deleted ones. user_id 0: of all. Reads them all: 20 ms and more for
 * 100,000 plays, so not for the event loop. */
enum store_result store_play_count(struct store *store, int64_t user_id, int64_t *count);

#endif
