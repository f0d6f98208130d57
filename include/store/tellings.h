/* SPDX-License-Identifier: MIT */
/*
 * store/tellings: plays with all that each source tells of them, for matching (doc/matching.md).
 * The telling that stands for a play is the row in played_tracks itself, with details of the long
 * form; what other sources tell beside it is in play_tellings.
 */
#ifndef STORE_TELLINGS_H
#define STORE_TELLINGS_H

#include "store/plays.h"
#include "store/users.h"

#define STORE_REASON_SIZE 64
#define STORE_PLATFORM_SIZE 256
#define STORE_COUNTRY_SIZE 8

/* What one export's row tells of a play, as far as matching needs it. */
struct store_telling {
    int64_t at;        /* ms; STORE_NO_TIME: there is none, and all else is nothing */
    int64_t track_id;  /* that it names */
    int64_t ms_played; /* -1: not told */
    int64_t import_id;
    int64_t nudge_ms; /* of the key, when this telling stood or stands for the play */
};

/* A stored play. */
struct store_told {
    int64_t played_at; /* key */
    int64_t nudge_ms;
    int64_t track_id;
    enum store_source source; /* of its first telling: API before long before short form */
    struct store_telling long_form, short_form;
    int64_t offline_at; /* of the long form; STORE_NO_TIME */
    bool offline;       /* the long form says so */
};

/* Adds the plays of a user with from <= played_at <= to, deleted ones too, oldest first and so many
 * at most, to the *count that are in told (grown by realloc; *told may be NULL with *cap 0; the
 * caller frees it). */
enum store_result store_told_between(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                     size_t most, struct store_told **told, size_t *count,
                                     size_t *cap);

/* Of which tracks the tellings of a play are: its own, and what the long and the short form named
 * in its place (0: the same). */
#define STORE_TOLD_TRACKS 3
struct store_told_tracks {
    int64_t played_at;
    int64_t tracks[STORE_TOLD_TRACKS];
    bool exported; /* an export tells of it */
};

/* Adds the plays of a user with from <= played_at <= to, deleted ones too, oldest first, to the
 * *count that are in rows (as store_told_between() does with told). */
enum store_result store_told_tracks(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                    struct store_told_tracks **rows, size_t *count, size_t *cap);

/* played_at of the play that has so many plays between from and itself. STORE_NOT_FOUND: there are
 * not so many. */
enum store_result store_told_fence(struct store *store, int64_t user_id, int64_t from,
                                   int64_t plays, int64_t *played_at);

/* Looks through the user's plays with a key later than *after (STORE_NO_TIME: from the start), so
 * many at a time, for those that have a telling of this import: their keys, oldest first, so many
 * at most. *after: the last key it looked at; STORE_NO_TIME: there are no more. */
#define STORE_TOLD_LOOK 8000
enum store_result store_told_by_import(struct store *store, int64_t user_id, int64_t import_id,
                                       int64_t *after, int64_t *keys, size_t most, size_t *count);

/* True if the user has plays there that an import brought or completed. */
enum store_result store_told_any(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                 bool *any);

/* What only the long form tells. Flags: -1 not told, 0, 1. */
struct store_details {
    char reason_start[STORE_REASON_SIZE], reason_end[STORE_REASON_SIZE];
    char platform[STORE_PLATFORM_SIZE], country[STORE_COUNTRY_SIZE];
    int shuffle, skipped, offline, incognito;
};

/* Finds or adds what the long form of an import tells of some play; *detail_id: its number. */
enum store_result store_details_put(struct store *store, int64_t import_id,
                                    const struct store_details *details, int64_t *detail_id);

/* STORE_NOT_FOUND: the play has none. */
enum store_result store_details_get(struct store *store, int64_t user_id, int64_t played_at,
                                    struct store_details *details);

/* Of a row that is about to move: what moves with it. */
struct store_play_marks {
    int64_t first_seen_at;
    int64_t deleted_at; /* 0: not deleted */
};
enum store_result store_play_marks_get(struct store *store, int64_t user_id, int64_t played_at,
                                       struct store_play_marks *marks);

/* Removes a play with its details. STORE_NOT_FOUND. */
enum store_result store_play_remove(struct store *store, int64_t user_id, int64_t played_at);

/* Further no play of an export is moved from its moment to a free ms. */
#define STORE_NUDGE_MOST (60 * INT64_C(1000))

/* Adds a play whose key is its reported moment plus play->nudge_ms, or, where that is taken, a free
 * ms from the reported moment on, the first one unless plays crowd there: sets played_at and
 * nudge_ms. played_at is the reported moment before. STORE_EXISTS: there is none for a play of an
 * export; what the API tells is always stored. */
enum store_result store_play_place(struct store *store, struct store_play *play);

/* Writes track, source, ms_played, import and what the long form tells of a play that stays where
 * it is (and its context, if one is given). */
enum store_result store_play_change(struct store *store, const struct store_play *play);

/* Writes (replaces), or removes where there is nothing to say, what exports tell beside the row
 * itself. placed: the play was just placed, so that there is nothing to replace. */
enum store_result store_told_put(struct store *store, const struct store_play *play,
                                 const struct store_told *told, bool placed);

/* -- titles ----------------------------------------------------------------------------------- */

#define STORE_TITLE_URI_SIZE 1100

/* What a track is known by. Texts are "" where nothing is known. */
struct store_told_title {
    int64_t track_id;
    char uri[STORE_TITLE_URI_SIZE]; /* "historyd:..." is made up */
    char isrc[32];
    char name[1025], album_artist[1025], artist[1025]; /* the first of each */
};

/* A number that is another one once a title that was read may be another: names of artists have
 * changed, or rows have gone, or were rolled back, or another program wrote to the file. What
 * store_track_put() says of its own track does not count. */
enum store_result store_names_version(struct store *store, int64_t *version);

/* STORE_NOT_FOUND. */
enum store_result store_told_title_get(struct store *store, int64_t track_id,
                                       struct store_told_title *title);
enum store_result store_told_title_find(struct store *store, const char *uri,
                                        struct store_told_title *title);

#endif
