/* SPDX-License-Identifier: MIT */
/*
 * store/search: plays page by page: by words, user, day and source, from any place, forward and
 * back; and marking a play as deleted, and not.
 *
 * Owns: track_words (FTS5: words of track, artists and album, accents and case aside) and
 * stale_words: tracks whose words are not in it as they are now. Triggers on tracks, albums,
 * artists and what ties them mark them in the transaction that changes them.
 * Never: skips rows one by one to get to a page (pages go on from a key), reads the plays of all
 * years for a page of one day, loses a track that is stale: a reader looks at those by themselves.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/detail.h"

#define STORE_SEARCH_WORDS_MAX \
    200 /* bytes of what is searched for; what is beyond is passed over */

struct store_search {
    int64_t user_id;      /* 0: of all */
    int64_t since, until; /* reported moments in ms; STORE_NO_TIME: no bound */
    const char *source;   /* "api", "extended", "account"; NULL: any */
    /* As a person types them: every word has to begin a word of the track, its artists or album.
     * NULL or without a letter or digit: all. */
    const char *words;
    bool deleted; /* only plays that are marked as deleted, instead of those that are not */
};

/* Where a page ends and the next begins: the key of a play. */
struct store_place {
    int64_t key;     /* played_tracks.played_at */
    int64_t user_id; /* 0: no place, the newest (or going back: the oldest) */
};

struct store_shown {
    struct store_place place;
    int64_t played_at; /* the reported moment */
    int64_t ms_played; /* -1: not known */
    int64_t first_seen_at;
    int64_t deleted_at; /* STORE_NO_TIME: it is not */
    char source[16];
    char *context_uri;        /* from malloc; NULL: not told */
    struct store_title title; /* of the track */
};

struct store_plays_page {
    struct store_shown *items; /* newest first, whichever way was asked */
    size_t count;
    bool newer, older; /* there are plays beyond its ends */
};

/* n plays (1 .. 500) older than from, or with back: newer than it; by key, then user. Free the page
 * with store_plays_free() in any case. */
enum store_result store_plays_find(struct store *store, const struct store_search *search,
                                   struct store_place from, bool back, size_t n,
                                   struct store_plays_page *page);
void store_plays_free(struct store_plays_page *page);

/* -- tracks by words --------------------------------------------------------------------------- */

struct store_tracks;

/* The tracks that have all of the words, into *tracks, which store_tracks_free() frees; NULL on
 * failure. Words without a letter or digit are in every track. */
enum store_result store_tracks_search(struct store *store, const char *words,
                                      struct store_tracks **tracks);
bool store_tracks_have(const struct store_tracks *tracks, int64_t track_id);
void store_tracks_free(struct store_tracks *tracks);

/* Tracks, artists and albums whose own name has the words, n of each at most: where a search may
 * want to go. Those that the user played most come first, and what they never played is left out;
 * for user 0 anybody's plays count, and all are in. Of thousands that are in question only the most
 * played ones are looked at. Free the items; on failure there are none. STORE_NOT_FOUND: there is
 * no such user. */
enum store_result store_search_names(struct store *store, int64_t user_id, const char *words,
                                     size_t n, struct store_counts found[static STORE_KINDS]);

/* Marks a play as deleted at now, or takes the mark away; inside of a write transaction. The row
 * stays, so that neither a poll nor an import brings it back. STORE_NOT_FOUND: no such play, or it
 * is so already. */
enum store_result store_play_delete(struct store *store, struct store_place place, int64_t now);
enum store_result store_play_restore(struct store *store, struct store_place place);

/* Brings the words of stale tracks up to date for at most ms (at least some are done), inside of a
 * write transaction; *left: how many still are,
 * counted as store_words_stale() does. */
enum store_result store_words_refresh(struct store *store, int64_t ms, int64_t *left);
/* How many tracks are stale now; more than a thousand are not counted. */
enum store_result store_words_stale(struct store *store, int64_t *tracks);
/* Empties the index and marks every track as stale; inside of a write transaction. */
enum store_result store_words_reset(struct store *store);

#endif
