/* SPDX-License-Identifier: MIT */
/* store/search: tracks by words: the index and its upkeep, and the tracks that it does not have as
 * they are now. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/prune.h"
#include "store/search.h"

/* Between two looks at the clock. FTS5 writes a piece of its index for each of these rounds, and
 * merges the pieces: fewer and larger ones cost less. */
#define REFRESH_TRACKS_PER_MS 10
#define REFRESH_TRACKS_MOST 5000
#define MERGE_PAGES 32 /* of the index, the same */

static const char what[] = "searching for words";
static const char bringing[] = "bringing the words of tracks up to date";

/* -- a set of tracks --------------------------------------------------------------------------- */

static int compare_ids(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

bool store_tracks_have(const struct store_tracks *tracks, int64_t track_id)
{
    return tracks->all ||
           (tracks->ids.count > 0 && bsearch(&track_id, tracks->ids.at, tracks->ids.count,
                                             sizeof *tracks->ids.at, compare_ids) != NULL);
}

void store_tracks_free(struct store_tracks *tracks)
{
    if (tracks != NULL) {
        store_ids_free(&tracks->ids);
        free(tracks);
    }
}

/* Takes some off again; both are settled. */
static void ids_take_off(struct store_ids *ids, const struct store_ids *others)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < ids->count; i++) {
        while (at < others->count && others->at[at] < ids->at[i]) {
            at++;
        }
        if (at == others->count || others->at[at] != ids->at[i]) {
            ids->at[kept++] = ids->at[i];
        }
    }
    ids->count = kept;
}

/* -- matching ---------------------------------------------------------------------------------- */

struct matching {
    struct store *store;
    struct words_cutter *cutter;
    struct words words;
    struct store_ids found;        /* in the index, some of them as they were */
    struct store_ids stale, fresh; /* those that are stale; which of them have the words */
};

static bool add(struct store_query *query, struct store_ids *ids, int64_t id)
{
    if (!store_ids_add(ids, id)) {
        query->result = store_fail(query->store, STORE_NOMEM, "%s: out of memory", query->what);
        return false;
    }
    return true;
}

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

static enum store_result match_index(struct matching *matching)
{
    struct store_query query;
    struct buf text = {0};
    if (!match_text(&matching->words, &text)) {
        buf_free(&text, false);
        return store_fail(matching->store, STORE_NOMEM, "%s: out of memory", what);
    }
    store_query_begin(&query, matching->store, STORE_SQL_WORDS_MATCH, what);
    store_query_text(&query, ":words", text.data);
    while (store_query_row(&query) &&
           add(&query, &matching->found, store_query_get_int(&query, 0, 0))) {
    }
    enum store_result result = store_query_end(&query);
    buf_free(&text, false);
    return result;
}

/* However many there are: none is lost. */
static enum store_result match_stale(struct matching *matching)
{
    struct store_query query;
    store_query_begin(&query, matching->store, STORE_SQL_WORDS_STALE, what);
    while (store_query_row(&query)) {
        int64_t track_id = store_query_get_int(&query, 0, 0);
        char *text = store_name_text(&query, 1);
        bool has = text != NULL && words_are_in(matching->cutter, &matching->words, text);
        free(text);
        if (!add(&query, &matching->stale, track_id) ||
            (has && !add(&query, &matching->fresh, track_id))) {
            break;
        }
    }
    return store_query_end(&query);
}

static enum store_result match(struct matching *matching, struct store_ids *ids)
{
    enum store_result result = match_index(matching);
    if (result == STORE_OK) {
        result = match_stale(matching);
    }
    store_ids_settle(&matching->found);
    store_ids_settle(&matching->stale);
    ids_take_off(&matching->found, &matching->stale);
    for (size_t i = 0; result == STORE_OK && i < matching->fresh.count; i++) {
        if (!store_ids_add(&matching->found, matching->fresh.at[i])) {
            result = store_fail(matching->store, STORE_NOMEM, "%s: out of memory", what);
        }
    }
    store_ids_settle(&matching->found);
    *ids = matching->found;
    store_ids_free(&matching->stale);
    store_ids_free(&matching->fresh);
    return result;
}

enum store_result store_tracks_search(struct store *store, const char *words,
                                      struct store_tracks **tracks)
{
    enum store_result result;
    struct matching matching = {.store = store};
    *tracks = NULL;
    matching.cutter = words_cutter_open(store, &result);
    if (matching.cutter == NULL) {
        return result;
    }
    struct store_tracks *made = calloc(1, sizeof *made);
    if (made == NULL || !words_cut(matching.cutter, words, &matching.words)) {
        result = store_fail(store, STORE_NOMEM, "%s: out of memory", what);
        goto out;
    }
    made->all = matching.words.count == 0;
    result = made->all ? STORE_OK : match(&matching, &made->ids);
out:
    words_free(&matching.words);
    words_cutter_close(matching.cutter);
    if (result == STORE_OK) {
        *tracks = made;
    } else {
        store_tracks_free(made);
    }
    return result;
}

/* -- upkeep ------------------------------------------------------------------------------------ */

static enum store_result run_up_to(struct store *store, enum store_sql id, int64_t last,
                                   int64_t *changes)
{
    struct store_query query;
    store_query_begin(&query, store, id, bringing);
    store_query_int(&query, ":last", last);
    return store_query_run(&query, changes);
}

/* FTS5 notes what goes and keeps it until it merges the pieces of its index. A negative number
 * begins to merge all of them, a positive one goes on. *done: nothing was left to be merged. */
static enum store_result merge(struct store *store, int pages, bool *done)
{
    struct store_query query;
    int64_t before = sqlite3_total_changes64(store->db);
    store_query_begin(&query, store, STORE_SQL_WORDS_MERGE, bringing);
    store_query_int(&query, ":pages", pages);
    enum store_result result = store_query_run(&query, NULL);
    *done = sqlite3_total_changes64(store->db) - before < 2;
    return result;
}

/* The first few; STORE_NOT_FOUND: none is left. */
static enum store_result some_refresh(struct store *store, int64_t tracks)
{
    struct store_query query;
    int64_t last = 0, dropped = 0;
    bool done = false;
    store_query_begin(&query, store, STORE_SQL_WORDS_SOME, bringing);
    store_query_int(&query, ":rows", tracks);
    enum store_result result = store_query_run_int(&query, &last);
    if (result == STORE_OK) {
        result = run_up_to(store, STORE_SQL_WORDS_DROP, last, &dropped);
    }
    if (result == STORE_OK) {
        result = run_up_to(store, STORE_SQL_WORDS_PUT, last, NULL);
    }
    if (result == STORE_OK && dropped > 0) {
        result = merge(store, -MERGE_PAGES, &done);
    }
    return result == STORE_OK ? run_up_to(store, STORE_SQL_WORDS_DONE, last, NULL) : result;
}

enum store_result store_words_refresh(struct store *store, int64_t ms, int64_t *left)
{
    int64_t end = clock_boot_ms() + ms;
    int64_t most = REFRESH_TRACKS_MOST / REFRESH_TRACKS_PER_MS;
    int64_t tracks = (ms < 1 ? 1 : ms < most ? ms : most) * REFRESH_TRACKS_PER_MS;
    enum store_result result;
    bool done = false;
    do {
        result = some_refresh(store, tracks);
        if (result == STORE_NOT_FOUND) {
            result = merge(store, MERGE_PAGES, &done);
        }
    } while (result == STORE_OK && !done && clock_boot_ms() < end);
    return result == STORE_OK ? store_words_stale(store, left) : result;
}

enum store_result store_words_stale(struct store *store, int64_t *tracks)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_WORDS_LEFT, bringing);
    return store_query_run_int(&query, tracks);
}

enum store_result store_words_reset(struct store *store)
{
    static const enum store_sql steps[] = {STORE_SQL_WORDS_REMOVE, STORE_SQL_WORDS_MAKE,
                                           STORE_SQL_WORDS_ALL_STALE};
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < sizeof steps / sizeof steps[0]; i++) {
        struct store_query query;
        store_query_begin(&query, store, steps[i], bringing);
        result = store_query_run(&query, NULL);
    }
    return result;
}
