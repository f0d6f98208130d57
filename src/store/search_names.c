/* SPDX-License-Identifier: MIT */
/* store/search: tracks, artists and albums by their own names: where a search may want to go. They
 * are among those of the tracks that have the words anywhere. */
#include "stats_read.h"
#include "store/search.h"
#include "words.h"

#include <stdlib.h>

#define LOOKED_AT 5000 /* those played most whose own names are read */

static const char what[] = "looking for names";

#define FEW 64 /* tracks whose plays are counted one by one */

struct names {
    struct store *store;
    int64_t user_id; /* 0: anybody */
    struct words_cutter *cutter;
    struct words words;
    struct store_tracks *tracks;
    struct store_counts counts; /* plays of the tracks, in order of their numbers */
    struct store_counts *meant; /* of each kind what may be meant */
};

/* -- the tracks that have the words ------------------------------------------------------------ */

static enum store_result plays_read_one_by_one(struct names *names)
{
    struct store_query query;
    store_query_begin(&query, names->store, STORE_SQL_WORDS_PLAYS_OF, what);
    for (size_t i = 0; i < names->counts.count && query.result == STORE_OK; i++) {
        store_query_int(&query, ":id", names->counts.items[i].id);
        store_query_int(&query, ":user_id", names->user_id);
        if (store_query_row(&query)) {
            names->counts.items[i].plays = store_query_get_int(&query, 0, 0);
        }
        store_query_again(&query);
    }
    return store_query_end(&query);
}

static enum store_result plays_read_in_a_row(struct names *names)
{
    const struct stats_all *all = NULL;
    enum store_result result = stats_all_read(names->store, names->user_id, what, &all);
    for (size_t i = 0; result == STORE_OK && i < names->counts.count; i++) {
        const struct store_sum *sum = store_sums_find(&all->tracks, names->counts.items[i].id);
        names->counts.items[i].plays = sum != NULL ? sum->plays : 0;
    }
    return result;
}

/* Another one's tracks are none of this user's. */
static void leave_out_others(struct names *names)
{
    struct store_counts *counts = &names->counts;
    size_t kept = 0;
    for (size_t i = 0; i < counts->count; i++) {
        if (names->user_id == 0 || counts->items[i].plays > 0) {
            counts->items[kept++] = counts->items[i];
        }
    }
    counts->count = kept;
}

static enum store_result tracks_read(struct names *names, const char *words)
{
    enum store_result result = store_tracks_search(names->store, words, &names->tracks);
    if (result != STORE_OK || names->tracks->ids.count == 0) {
        return result;
    }
    const struct store_ids *ids = &names->tracks->ids;
    names->counts.items = calloc(ids->count, sizeof *names->counts.items);
    if (names->counts.items == NULL) {
        return stats_no_memory(names->store, what);
    }
    for (size_t i = 0; i < ids->count; i++) {
        names->counts.items[i].id = ids->at[i];
    }
    names->counts.count = ids->count;
    result = stats_kept_begin(names->store, what);
    if (result != STORE_OK) {
        return result;
    }
    result = ids->count <= FEW ? plays_read_one_by_one(names) : plays_read_in_a_row(names);
    leave_out_others(names);
    return result;
}

/* -- what they belong to ----------------------------------------------------------------------- */

/* Plays are added up in listened_ms: a sum without plays would be none. */
static bool other_add(struct store_sums *sums, const struct store_count *track, int64_t other)
{
    return store_sums_add(sums, other, 1, track->plays);
}

static enum store_result others_read_one_by_one(struct names *names, enum store_sql id,
                                                struct store_sums *sums)
{
    struct store_query query;
    store_query_begin(&query, names->store, id, what);
    for (size_t i = 0; i < names->counts.count && query.result == STORE_OK; i++) {
        store_query_int(&query, ":id", names->counts.items[i].id);
        while (store_query_row(&query)) {
            if (!other_add(sums, &names->counts.items[i], store_query_get_int(&query, 0, 0))) {
                query.result = stats_no_memory(names->store, what);
            }
        }
        store_query_again(&query);
    }
    return store_query_end(&query);
}

static enum store_result others_read_in_a_row(struct names *names, enum store_kind kind,
                                              struct store_sums *sums)
{
    const struct stats_ties *ties = NULL;
    struct store_sums places = {0}; /* of each track in counts, plus 1 */
    enum store_result result = stats_ties_read(names->store, kind, what, &ties);
    for (size_t i = 0; result == STORE_OK && i < names->counts.count; i++) {
        if (!store_sums_add(&places, names->counts.items[i].id, (int64_t)i + 1, 0)) {
            result = stats_no_memory(names->store, what);
        }
    }
    for (size_t i = 0; result == STORE_OK && i < ties->count; i++) {
        const struct store_sum *place = store_sums_find(&places, ties->items[i].track_id);
        if (place != NULL &&
            !other_add(sums, &names->counts.items[place->plays - 1], ties->items[i].other_id)) {
            result = stats_no_memory(names->store, what);
        }
    }
    store_sums_free(&places);
    return result;
}

static enum store_result others_read(struct names *names, enum store_kind kind)
{
    bool artists = kind == STORE_KIND_ARTIST;
    struct store_sums sums = {0};
    struct store_counts *meant = &names->meant[kind];
    enum store_result result =
        names->counts.count <= STATS_MANY
            ? others_read_one_by_one(
                  names, artists ? STORE_SQL_WORDS_ARTISTS_OF : STORE_SQL_WORDS_ALBUM_OF, &sums)
            : others_read_in_a_row(names, kind, &sums);
    if (result == STORE_OK && !store_sums_list(&sums, meant)) {
        result = stats_no_memory(names->store, what);
    }
    for (size_t i = 0; i < meant->count; i++) {
        meant->items[i].plays = meant->items[i].listened_ms;
        meant->items[i].listened_ms = 0;
    }
    store_sums_free(&sums);
    return result;
}

/* -- those whose own name has the words -------------------------------------------------------- */

static bool is_meant(struct names *names, struct store_query *query, int64_t id)
{
    bool meant = false;
    store_query_int(query, ":id", id);
    if (store_query_row(query)) {
        char *name = store_name_text(query, 0);
        meant = name != NULL && words_are_in(names->cutter, &names->words, name);
        free(name);
    }
    store_query_again(query);
    return meant;
}

/* Those that are chosen stand in front. */
static enum store_result choose(struct names *names, enum store_kind kind, size_t n)
{
    static const enum store_sql ids[STORE_KINDS] = {
        STORE_SQL_WORDS_NAME_TRACK, STORE_SQL_WORDS_NAME_ARTIST, STORE_SQL_WORDS_NAME_ALBUM};
    struct store_counts *meant = &names->meant[kind];
    size_t chosen = 0, looked_at = meant->count < LOOKED_AT ? meant->count : LOOKED_AT;
    struct store_query query;
    if (meant->count > 1) {
        qsort(meant->items, meant->count, sizeof *meant->items, stats_by_plays);
    }
    store_query_begin(&query, names->store, ids[kind], what);
    for (size_t i = 0; i < looked_at && chosen < n && query.result == STORE_OK; i++) {
        if (is_meant(names, &query, meant->items[i].id)) {
            meant->items[chosen++] = meant->items[i];
        }
    }
    meant->count = chosen;
    return store_query_end(&query);
}

static enum store_result names_find(struct names *names, const char *words, size_t n)
{
    enum store_result result = tracks_read(names, words);
    for (enum store_kind kind = STORE_KIND_ARTIST; result == STORE_OK && kind < STORE_KINDS;
         kind++) {
        result = others_read(names, kind);
    }
    names->meant[STORE_KIND_TRACK] = names->counts;
    names->counts = (struct store_counts){0};
    for (enum store_kind kind = 0; result == STORE_OK && kind < STORE_KINDS; kind++) {
        result = choose(names, kind, n);
    }
    return result;
}

enum store_result store_search_names(struct store *store, int64_t user_id, const char *words,
                                     size_t n, struct store_counts found[static STORE_KINDS])
{
    struct names names = {.store = store, .user_id = user_id, .meant = found};
    struct stats_numbers users;
    enum store_result result;
    for (int kind = 0; kind < STORE_KINDS; kind++) {
        found[kind] = (struct store_counts){0};
    }
    result = stats_users_read(store, user_id, what, &users);
    stats_numbers_free(&users);
    if (result != STORE_OK) {
        return result;
    }
    names.cutter = words_cutter_open(store, &result);
    if (names.cutter == NULL) {
        return result;
    }
    if (!words_cut(names.cutter, words, &names.words)) {
        result = stats_no_memory(store, what);
    } else if (names.words.count > 0) {
        result = names_find(&names, words, n);
    }
    for (int kind = 0; result != STORE_OK && kind < STORE_KINDS; kind++) {
        free(found[kind].items);
        found[kind] = (struct store_counts){0};
    }
    free(names.counts.items);
    store_tracks_free(names.tracks);
    words_free(&names.words);
    words_cutter_close(names.cutter);
    return result;
}
