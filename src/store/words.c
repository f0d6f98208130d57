/* SPDX-License-Identifier: MIT */
/* store/search: tracks by words: the index and its upkeep, and the tracks that it does not have as
 * they are now. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/search.h"

#define REFRESH_TRACKS 50  /* between two looks at the clock */
#define STALE_TRACKS 20000 /* that a reader looks at by itself: the newest */

static const char what[] = "searching for words";
static const char bringing[] = "bringing the words of tracks up to date";

/* -- a set of tracks --------------------------------------------------------------------------- */

struct store_tracks {
    size_t count;
    int64_t last; /* the highest there can be */
    uint8_t bits[];
};

bool store_tracks_have(const struct store_tracks *tracks, int64_t track_id)
{
    return track_id >= 0 && track_id <= tracks->last &&
           (tracks->bits[track_id / 8] & 1U << track_id % 8) != 0;
}

static void tracks_set(struct store_tracks *tracks, int64_t track_id, bool in)
{
    if (track_id < 0 || track_id > tracks->last || store_tracks_have(tracks, track_id) == in) {
        return;
    }
    tracks->bits[track_id / 8] ^= (uint8_t)(1U << track_id % 8);
    if (in) {
        tracks->count++;
    } else {
        tracks->count--;
    }
}

size_t store_tracks_count(const struct store_tracks *tracks)
{
    return tracks->count;
}

int64_t store_tracks_last(const struct store_tracks *tracks)
{
    return tracks->last;
}

void store_tracks_free(struct store_tracks *tracks)
{
    free(tracks);
}

/* Numbers of tracks are handed out one after the other. A file edited by hand may have any. */
static enum store_result tracks_new(struct store *store, struct store_tracks **tracks)
{
    struct store_query query;
    int64_t last = 0;
    *tracks = NULL;
    store_query_begin(&query, store, STORE_SQL_WORDS_LAST_TRACK, what);
    if (store_query_row(&query)) {
        last = store_query_get_int(&query, 0, 0);
    }
    enum store_result result = store_query_end(&query);
    if (result != STORE_OK) {
        return result;
    }
    last = last < 0 ? 0 : last;
    if (last <= INT32_MAX) {
        *tracks = calloc(1, sizeof **tracks + (size_t)last / 8 + 1);
    }
    if (*tracks == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    (*tracks)->last = last;
    return STORE_OK;
}

/* -- matching ---------------------------------------------------------------------------------- */

/* "velvet"* "har"*: the cutter leaves no quotes in a word. */
static bool match_text(const struct words *words, struct buf *text)
{
    for (size_t i = 0; i < words->count; i++) {
        buf_add_text(text, i > 0 ? " \"" : "\"");
        buf_add_text(text, words->text.data + words->at[i]);
        buf_add_text(text, "\"*");
    }
    return !text->failed;
}

static enum store_result match_index(struct store *store, const struct words *words,
                                     struct store_tracks *tracks)
{
    struct store_query query;
    struct buf text = {0};
    if (!match_text(words, &text)) {
        buf_free(&text, false);
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    store_query_begin(&query, store, STORE_SQL_WORDS_MATCH, what);
    store_query_text(&query, ":words", text.data);
    while (store_query_row(&query)) {
        tracks_set(tracks, store_query_get_int(&query, 0, -1), true);
    }
    enum store_result result = store_query_end(&query);
    buf_free(&text, false);
    return result;
}

/* The words of a track, from malloc; NULL: there is no such track, or a failure in *result. */
static char *text_of(struct store *store, int64_t track_id, const char *trying,
                     enum store_result *result)
{
    struct store_query query;
    char *text = NULL;
    store_query_begin(&query, store, STORE_SQL_WORDS_TEXT, trying);
    store_query_int(&query, ":track_id", track_id);
    if (store_query_row(&query)) {
        text = store_name_text(&query, 0);
    }
    *result = store_query_end(&query);
    return text;
}

static enum store_result match_stale(struct store *store, struct words_cutter *cutter,
                                     const struct words *words, struct store_tracks *tracks)
{
    struct store_query query;
    enum store_result result = STORE_OK;
    store_query_begin(&query, store, STORE_SQL_WORDS_STALE, what);
    store_query_int(&query, ":limit", STALE_TRACKS);
    while (result == STORE_OK && store_query_row(&query)) {
        int64_t track_id = store_query_get_int(&query, 0, -1);
        char *text = text_of(store, track_id, what, &result);
        tracks_set(tracks, track_id, text != NULL && words_are_in(cutter, words, text));
        free(text);
    }
    enum store_result ended = store_query_end(&query);
    return result != STORE_OK ? result : ended;
}

static void set_all(struct store_tracks *tracks)
{
    for (int64_t id = 0; id <= tracks->last; id++) {
        tracks_set(tracks, id, true);
    }
}

enum store_result store_tracks_search(struct store *store, const char *words,
                                      struct store_tracks **tracks)
{
    struct words cut = {0};
    struct words_cutter *cutter = words_cutter_open(store);
    *tracks = NULL;
    if (cutter == NULL) {
        return STORE_MISUSE;
    }
    enum store_result result = tracks_new(store, tracks);
    if (result == STORE_OK && !words_cut(cutter, words, &cut)) {
        result = store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    if (result == STORE_OK && cut.count == 0) {
        set_all(*tracks);
    } else if (result == STORE_OK) {
        result = match_index(store, &cut, *tracks);
        if (result == STORE_OK) {
            result = match_stale(store, cutter, &cut, *tracks);
        }
    }
    words_free(&cut);
    words_cutter_close(cutter);
    if (result != STORE_OK) {
        store_tracks_free(*tracks);
        *tracks = NULL;
    }
    return result;
}

/* -- upkeep ------------------------------------------------------------------------------------ */

static enum store_result run_on(struct store *store, enum store_sql id, int64_t track_id)
{
    struct store_query query;
    store_query_begin(&query, store, id, bringing);
    store_query_int(&query, ":track_id", track_id);
    return store_query_run(&query, NULL);
}

static enum store_result track_refresh(struct store *store, int64_t track_id)
{
    enum store_result result = run_on(store, STORE_SQL_WORDS_DROP, track_id);
    if (result != STORE_OK) {
        return result;
    }
    char *text = text_of(store, track_id, bringing, &result);
    if (result == STORE_OK && text != NULL) {
        struct store_query query;
        store_query_begin(&query, store, STORE_SQL_WORDS_PUT, bringing);
        store_query_int(&query, ":track_id", track_id);
        store_query_text(&query, ":words", text);
        result = store_query_run(&query, NULL);
    }
    free(text);
    return result == STORE_OK ? run_on(store, STORE_SQL_WORDS_DONE, track_id) : result;
}

static enum store_result some_refresh(struct store *store, size_t *done)
{
    int64_t ids[REFRESH_TRACKS];
    struct store_query query;
    size_t count = 0;
    store_query_begin(&query, store, STORE_SQL_WORDS_STALE, bringing);
    store_query_int(&query, ":limit", REFRESH_TRACKS);
    while (store_query_row(&query) && count < REFRESH_TRACKS) {
        ids[count++] = store_query_get_int(&query, 0, -1);
    }
    enum store_result result = store_query_end(&query);
    for (*done = 0; result == STORE_OK && *done < count; (*done)++) {
        result = track_refresh(store, ids[*done]);
    }
    return result;
}

enum store_result store_words_refresh(struct store *store, int64_t ms, int64_t *left)
{
    int64_t end = clock_boot_ms() + ms;
    enum store_result result;
    struct store_query query;
    size_t done = 0;
    do {
        result = some_refresh(store, &done);
    } while (result == STORE_OK && done == REFRESH_TRACKS && clock_boot_ms() < end);
    if (result != STORE_OK) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_WORDS_LEFT, bringing);
    return store_query_run_int(&query, left);
}

enum store_result store_words_stale(struct store *store, int64_t *tracks)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_WORDS_LEFT, bringing);
    return store_query_run_int(&query, tracks);
}

enum store_result store_words_reset(struct store *store)
{
    static const enum store_sql steps[] = {STORE_SQL_WORDS_EMPTY, STORE_SQL_WORDS_ALL_STALE};
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < sizeof steps / sizeof steps[0]; i++) {
        struct store_query query;
        store_query_begin(&query, store, steps[i], bringing);
        result = store_query_run(&query, NULL);
    }
    return result;
}
