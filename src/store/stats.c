/* SPDX-License-Identifier: MIT */
/*
 * store/stats: one pass by the key, and sums in memory. SQL that groups would sort the plays once
 * for each question and ask for the local time of each; this reads each play once.
 */
#include "store/stats.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS_FIRST 256 /* a power of two */
#define EPOCH_WEEKDAY 3 /* 1970-01-01 was a Thursday; Monday is 0 */

static const char what[] = "counting plays";

/* -- sums by number --------------------------------------------------------------------------- */

/* A hash table over counts->items: slots hold the index of an item, plus 1. */
struct index {
    struct store_counts *counts;
    size_t cap; /* of items */
    uint32_t *slots;
    size_t slot_count; /* a power of two, at least twice the items */
};

static size_t slot_of(const struct index *index, int64_t id)
{
    /* Numbers are handed out one after the other: they spread best as they are. */
    size_t slot = (size_t)id & (index->slot_count - 1);
    while (index->slots[slot] != 0 && index->counts->items[index->slots[slot] - 1].id != id) {
        slot = (slot + 1) & (index->slot_count - 1);
    }
    return slot;
}

static bool index_grow(struct index *index)
{
    size_t slot_count = index->slot_count > 0 ? 2 * index->slot_count : SLOTS_FIRST;
    size_t cap = slot_count / 2;
    if (slot_count > UINT32_MAX / 2) {
        return false;
    }
    struct store_count *items =
        reallocarray(index->counts->items, cap, sizeof *index->counts->items);
    if (items == NULL) {
        return false;
    }
    index->counts->items = items;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    free(index->slots);
    index->slots = slots;
    index->slot_count = slot_count;
    index->cap = cap;
    for (size_t i = 0; i < index->counts->count; i++) {
        slots[slot_of(index, items[i].id)] = (uint32_t)i + 1;
    }
    return true;
}

/* The item of a number, made where there is none (plays 0); NULL without memory. */
static struct store_count *index_get(struct index *index, int64_t id)
{
    if ((index->slots == NULL || index->counts->count == index->cap) && !index_grow(index)) {
        return NULL;
    }
    size_t slot = slot_of(index, id);
    if (index->slots[slot] == 0) {
        index->counts->items[index->counts->count] =
            (struct store_count){.id = id, .first_at = INT64_MAX};
        index->slots[slot] = (uint32_t)++index->counts->count;
    }
    return &index->counts->items[index->slots[slot] - 1];
}

static void count_add(struct store_count *count, int64_t plays, int64_t listened_ms,
                      int64_t first_at)
{
    count->plays += plays;
    count->listened_ms += listened_ms;
    if (first_at < count->first_at) {
        count->first_at = first_at;
    }
}

/* -- local time ------------------------------------------------------------------------------- */

/* Seconds that local time is ahead of UTC at a moment. */
static int64_t offset_at(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts;
    return localtime_r(&time, &parts) != NULL ? parts.tm_gmtoff : 0;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* A day of UTC at whose begin and end local time is equally far from it has no change within: asked
 * once a day, not once a play. */
struct zone {
    int64_t day; /* of UTC */
    bool known, even;
    int64_t offset;
};

static int64_t zone_local(struct zone *zone, int64_t moment)
{
    int64_t seconds = floor_div(moment, 1000);
    int64_t day = floor_div(seconds, 86400);
    if (!zone->known || zone->day != day) {
        *zone = (struct zone){.day = day, .known = true, .offset = offset_at(day * 86400)};
        zone->even = zone->offset == offset_at((day + 1) * 86400);
    }
    return seconds + (zone->even ? zone->offset : offset_at(seconds));
}

int64_t store_local_day(int64_t moment)
{
    struct zone zone = {0};
    return floor_div(zone_local(&zone, moment), 86400);
}

/* -- the pass --------------------------------------------------------------------------------- */

struct track_facts {
    int64_t duration_ms, album_id; /* -1: not known */
};

struct pass {
    struct store *store;
    struct store_tally *tally;
    enum store_result result;
    struct index kind[STORE_KINDS], days;
    struct track_facts *facts; /* of tally->kind[STORE_KIND_TRACK].items */
    size_t facts_cap;
    struct zone zone;
};

static void out_of_memory(struct pass *pass)
{
    if (pass->result == STORE_OK) {
        pass->result = store_fail(pass->store, STORE_NOMEM, "%s: out of memory", what);
    }
}

static bool facts_read(struct pass *pass, int64_t track_id, struct track_facts *facts)
{
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_STATS_TRACK, what);
    store_query_int(&query, ":id", track_id);
    *facts = (struct track_facts){-1, -1};
    if (store_query_row(&query)) {
        facts->duration_ms = store_query_get_int(&query, 0, -1);
        facts->album_id = store_query_get_int(&query, 1, -1);
    }
    pass->result = store_query_end(&query);
    return pass->result == STORE_OK;
}

/* The track of a play, with its facts; NULL on failure. */
static struct store_count *track_get(struct pass *pass, int64_t track_id,
                                     const struct track_facts **facts)
{
    struct store_counts *tracks = &pass->tally->kind[STORE_KIND_TRACK];
    size_t known = tracks->count;
    struct store_count *track = index_get(&pass->kind[STORE_KIND_TRACK], track_id);
    if (track == NULL) {
        out_of_memory(pass);
        return NULL;
    }
    if (pass->facts_cap < pass->kind[STORE_KIND_TRACK].cap) {
        struct track_facts *grown =
            reallocarray(pass->facts, pass->kind[STORE_KIND_TRACK].cap, sizeof *grown);
        if (grown == NULL) {
            out_of_memory(pass);
            return NULL;
        }
        pass->facts = grown;
        pass->facts_cap = pass->kind[STORE_KIND_TRACK].cap;
    }
    size_t at = (size_t)(track - tracks->items);
    if (tracks->count > known && !facts_read(pass, track_id, &pass->facts[at])) {
        return NULL;
    }
    *facts = &pass->facts[at];
    return track;
}

static void play_count(struct pass *pass, int64_t moment, int64_t track_id, int64_t ms_played)
{
    struct store_tally *tally = pass->tally;
    const struct track_facts *facts = NULL;
    struct store_count *track = track_get(pass, track_id, &facts);
    if (track == NULL) {
        return;
    }
    int64_t local = zone_local(&pass->zone, moment);
    int64_t number = floor_div(local, 86400);
    struct store_count *day = index_get(&pass->days, number);
    if (day == NULL) {
        out_of_memory(pass);
        return;
    }
    int64_t known = ms_played >= 0 ? ms_played : facts->duration_ms;
    int64_t listened = known >= 0 ? known : 0;
    count_add(track, 1, listened, moment);
    count_add(day, 1, listened, moment);
    tally->plays++;
    tally->listened_ms += listened;
    if (tally->first_at == STORE_NO_TIME || moment < tally->first_at) {
        tally->first_at = moment;
    }
    if (tally->last_at == STORE_NO_TIME || moment > tally->last_at) {
        tally->last_at = moment;
    }
    int64_t weekday = number + EPOCH_WEEKDAY - 7 * floor_div(number + EPOCH_WEEKDAY, 7);
    tally->clock[weekday][(local - number * 86400) / 3600]++;
}

static void plays_count(struct pass *pass)
{
    const struct store_stats_filter *filter = &pass->tally->filter;
    int64_t until = filter->until != STORE_NO_TIME ? filter->until : INT64_MAX;
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_STATS_PLAYS, what);
    store_query_int(&query, ":user_id", filter->user_id);
    store_query_int(&query, ":since", filter->since != STORE_NO_TIME ? filter->since : INT64_MIN);
    store_query_int(&query, ":until", until);
    store_query_int(&query, ":until_key", store_key_bound(until));
    while (pass->result == STORE_OK && store_query_row(&query)) {
        play_count(pass, store_query_get_int(&query, 0, 0), store_query_get_int(&query, 1, 0),
                   store_query_get_int(&query, 2, -1));
    }
    enum store_result result = store_query_end(&query);
    if (pass->result == STORE_OK) {
        pass->result = result;
    }
}

/* -- from tracks to artists and albums -------------------------------------------------------- */

static void pass_on(struct pass *pass, enum store_kind kind, int64_t id,
                    const struct store_count *track)
{
    struct store_count *count = index_get(&pass->kind[kind], id);
    if (count == NULL) {
        out_of_memory(pass);
        return;
    }
    count_add(count, track->plays, track->listened_ms, track->first_at);
}

static void artists_count(struct pass *pass, const struct store_count *track)
{
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_STATS_ARTISTS, what);
    store_query_int(&query, ":id", track->id);
    while (pass->result == STORE_OK && store_query_row(&query)) {
        pass_on(pass, STORE_KIND_ARTIST, store_query_get_int(&query, 0, 0), track);
    }
    enum store_result result = store_query_end(&query);
    if (pass->result == STORE_OK) {
        pass->result = result;
    }
}

struct place {
    int64_t id;
    size_t at;
};

static int by_place(const void *one, const void *other)
{
    const struct place *a = one, *b = other;
    return (a->id > b->id) - (a->id < b->id);
}

/* In the order of their numbers, as track_artists has them: each page of it is read once. */
static void others_count(struct pass *pass)
{
    const struct store_counts *tracks = &pass->tally->kind[STORE_KIND_TRACK];
    if (pass->facts == NULL) {
        return; /* nothing was played */
    }
    struct place *places = calloc(tracks->count, sizeof *places);
    if (places == NULL) {
        out_of_memory(pass);
        return;
    }
    for (size_t i = 0; i < tracks->count; i++) {
        places[i] = (struct place){tracks->items[i].id, i};
    }
    qsort(places, tracks->count, sizeof *places, by_place);
    for (size_t i = 0; pass->result == STORE_OK && i < tracks->count; i++) {
        size_t at = places[i].at;
        if (pass->facts[at].album_id >= 0) {
            pass_on(pass, STORE_KIND_ALBUM, pass->facts[at].album_id, &tracks->items[at]);
        }
        artists_count(pass, &tracks->items[at]);
    }
    free(places);
}

/* -- the tally -------------------------------------------------------------------------------- */

static int by_id(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    return (a->id > b->id) - (a->id < b->id);
}

static enum store_result user_check(struct store *store, int64_t user_id)
{
    struct store_user user;
    enum store_result result = store_user_get(store, user_id, &user);
    if (result == STORE_NOT_FOUND) {
        return store_fail(store, result, "%s: there is no user %lld", what, (long long)user_id);
    }
    return result;
}

static void pass_begin(struct pass *pass)
{
    pass->days.counts = &pass->tally->days;
    for (int i = 0; i < STORE_KINDS; i++) {
        pass->kind[i].counts = &pass->tally->kind[i];
    }
}

static void pass_end(struct pass *pass)
{
    struct store_counts *days = &pass->tally->days;
    if (days->count > 0) {
        qsort(days->items, days->count, sizeof *days->items, by_id);
    }
    free(pass->facts);
    free(pass->days.slots);
    for (int i = 0; i < STORE_KINDS; i++) {
        free(pass->kind[i].slots);
    }
}

enum store_result store_tally_read(struct store *store, const struct store_stats_filter *filter,
                                   struct store_tally **tally)
{
    struct pass pass = {.store = store};
    *tally = NULL;
    if (store->transaction == STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    pass.result = user_check(store, filter->user_id);
    if (pass.result != STORE_OK) {
        return pass.result;
    }
    pass.tally = calloc(1, sizeof *pass.tally);
    if (pass.tally == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    pass.tally->filter = *filter;
    pass.tally->first_at = pass.tally->last_at = STORE_NO_TIME;
    pass_begin(&pass);
    plays_count(&pass);
    others_count(&pass);
    pass_end(&pass);
    if (pass.result == STORE_OK) {
        *tally = pass.tally;
    } else {
        store_tally_free(pass.tally);
    }
    return pass.result;
}

void store_tally_free(struct store_tally *tally)
{
    if (tally == NULL) {
        return;
    }
    for (int i = 0; i < STORE_KINDS; i++) {
        free(tally->kind[i].items);
    }
    free(tally->days.items);
    free(tally);
}

struct store_streak store_tally_streak(const struct store_tally *tally)
{
    struct store_streak longest = {0}, here = {0};
    for (size_t i = 0; i < tally->days.count; i++) {
        int64_t day = tally->days.items[i].id;
        if (here.days == 0 || day != here.first_day + here.days) {
            here = (struct store_streak){.first_day = day};
        }
        here.days++;
        if (here.days >= longest.days) {
            longest = here;
        }
    }
    return longest;
}

struct store_count store_tally_day(const struct store_tally *tally, int64_t day)
{
    struct store_count key = {.id = day};
    const struct store_count *found =
        tally->days.count > 0
            ? bsearch(&key, tally->days.items, tally->days.count, sizeof *tally->days.items, by_id)
            : NULL;
    return found != NULL ? *found : key;
}
