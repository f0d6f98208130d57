/* SPDX-License-Identifier: MIT */
/* store/search: tracks, artists and albums by their own names: where a search may want to go. */
#include "stats_read.h"
#include "store/search.h"
#include "store/sums.h"
#include "words.h"

#include <stdlib.h>

#define TRACKS_LOOKED_AT 2000 /* those played most: a name that none of them has is not missed */

static const char what[] = "looking for names";

struct names {
    struct store *store;
    enum store_kind kind;
    struct words_cutter *cutter;
    struct words words;
    struct store_tracks *tracks;
    struct store_sums sums; /* plays of what may be meant */
    enum store_result result;
};

static void add(struct names *names, int64_t id, int64_t plays)
{
    if (!store_sums_add(&names->sums, id, plays, 0) && names->result == STORE_OK) {
        names->result = stats_no_memory(names->store, what);
    }
}

/* -- the tracks that have the words ------------------------------------------------------------ */

static void tracks_count(struct names *names)
{
    struct store_query query;
    store_query_begin(&query, names->store, STORE_SQL_WORDS_PLAYS, what);
    while (names->result == STORE_OK && store_query_row(&query)) {
        int64_t track_id = store_query_get_int(&query, 0, -1);
        if (store_tracks_have(names->tracks, track_id)) {
            add(names, track_id, store_query_get_int(&query, 1, 0));
        }
    }
    enum store_result result = store_query_end(&query);
    if (names->result == STORE_OK) {
        names->result = result;
    }
}

/* The first of them, most plays first. */
static enum store_result first_of(struct names *names, size_t n, struct store_counts *first)
{
    struct store_counts all = {0};
    *first = (struct store_counts){0};
    if (!store_sums_list(&names->sums, &all)) {
        return stats_no_memory(names->store, what);
    }
    enum store_result result = stats_first_of(names->store, &all, stats_by_plays, n, first);
    free(all.items);
    return result;
}

/* -- their artists or albums ------------------------------------------------------------------- */

static void others_count(struct names *names, const struct store_count *track)
{
    struct store_query query;
    bool artists = names->kind == STORE_KIND_ARTIST;
    store_query_begin(&query, names->store,
                      artists ? STORE_SQL_WORDS_ARTISTS : STORE_SQL_WORDS_ALBUM, what);
    store_query_int(&query, ":id", track->id);
    while (names->result == STORE_OK && store_query_row(&query)) {
        add(names, store_query_get_int(&query, 0, -1), track->plays);
    }
    enum store_result result = store_query_end(&query);
    if (names->result == STORE_OK) {
        names->result = result;
    }
}

static void tracks_to_others(struct names *names)
{
    struct store_counts tracks;
    names->result = first_of(names, TRACKS_LOOKED_AT, &tracks);
    store_sums_free(&names->sums);
    names->sums = (struct store_sums){0};
    for (size_t i = 0; names->result == STORE_OK && i < tracks.count; i++) {
        others_count(names, &tracks.items[i]);
    }
    free(tracks.items);
}

/* -- those whose own name has the words -------------------------------------------------------- */

static bool is_meant(struct names *names, int64_t id)
{
    struct store_name name;
    bool meant = false;
    names->result = store_name_get(names->store, names->kind, id, &name);
    if (names->result == STORE_OK) {
        meant = name.name != NULL && words_are_in(names->cutter, &names->words, name.name);
    }
    store_name_free(&name);
    return meant;
}

static void choose(struct names *names, size_t n, struct store_counts *found)
{
    size_t chosen = 0;
    names->result = first_of(names, TRACKS_LOOKED_AT, found);
    for (size_t i = 0; names->result == STORE_OK && i < found->count && chosen < n; i++) {
        if (is_meant(names, found->items[i].id)) {
            found->items[chosen++] = found->items[i];
        }
    }
    found->count = chosen;
}

enum store_result store_search_names(struct store *store, const char *words, enum store_kind kind,
                                     size_t n, struct store_counts *found)
{
    struct names names = {.store = store, .kind = kind};
    *found = (struct store_counts){0};
    names.cutter = words_cutter_open(store, &names.result);
    if (names.cutter == NULL) {
        return names.result;
    }
    if (!words_cut(names.cutter, words, &names.words)) {
        names.result = stats_no_memory(store, what);
    }
    if (names.result == STORE_OK && names.words.count > 0) {
        names.result = store_tracks_search(store, words, &names.tracks);
        if (names.result == STORE_OK) {
            tracks_count(&names);
        }
        if (names.result == STORE_OK && kind != STORE_KIND_TRACK) {
            tracks_to_others(&names);
        }
        if (names.result == STORE_OK) {
            choose(&names, n, found);
        }
    }
    store_tracks_free(names.tracks);
    store_sums_free(&names.sums);
    words_free(&names.words);
    words_cutter_close(names.cutter);
    return names.result;
}
