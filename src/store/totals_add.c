/* SPDX-License-Identifier: MIT */
/* store/totals_add: a few plays that came, added to the sums of their block. What a recount of the
 * block finds is the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "store/sums.h"
#include "totals_count.h"

static const char what[] = "adding plays to their sums";

/* -- may they be added? ------------------------------------------------------------------------ */

static enum store_result is_stale(struct store *store, int64_t user_id, int64_t block, bool *stale)
{
    struct store_query query;
    int64_t one = 0;
    store_query_begin(&query, store, STORE_SQL_STALE_HAS, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":block", block);
    enum store_result result = store_query_run_int(&query, &one);
    *stale = result == STORE_OK;
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

/* A play near the beginning of a block marks the block before as well (see the triggers): those few
 * are counted anew. */
enum store_result store_totals_follow(struct store *store, int64_t user_id, int64_t first,
                                      int64_t last, int64_t *block, bool *can)
{
    bool stale = true;
    *block = totals_block_of(first);
    *can = false;
    if (totals_block_of(last) != *block || totals_block_of(first - STORE_NUDGE_BOUND) != *block) {
        return STORE_OK;
    }
    enum store_result result = is_stale(store, user_id, *block, &stale);
    *can = !stale;
    return result;
}

/* -- entries ----------------------------------------------------------------------------------- */

/* Those of a row, in order of their numbers, with room for some more. */
struct entries {
    struct store_packed *at;
    size_t count, cap;
};

static bool entries_grow(struct entries *entries)
{
    size_t cap = entries->cap > 0 ? entries->cap * 2 : 64;
    struct store_packed *grown = reallocarray(entries->at, cap, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    entries->at = grown;
    entries->cap = cap;
    return true;
}

/* *good: the bytes are what they should be. False: no memory. */
static bool entries_read(struct entries *entries, const void *data, size_t len, int numbers,
                         bool *good)
{
    struct store_unpack unpack = store_unpack_open(data, len, numbers);
    struct store_packed entry;
    *good = true;
    while (store_unpack_next(&unpack, &entry)) {
        if (entries->count == entries->cap && !entries_grow(entries)) {
            return false;
        }
        *good = *good && (entries->count == 0 || entry.id > entries->at[entries->count - 1].id);
        entries->at[entries->count++] = entry;
    }
    *good = *good && !unpack.bad;
    return true;
}

/* Where a number stands, or would. */
static size_t entries_find(const struct entries *entries, int64_t id)
{
    size_t from = 0, to = entries->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (entries->at[middle].id < id) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static bool entries_add(struct entries *entries, int64_t id, int64_t listened_ms, int64_t first)
{
    size_t place = entries_find(entries, id);
    if (place == entries->count || entries->at[place].id != id) {
        if (entries->count == entries->cap && !entries_grow(entries)) {
            return false;
        }
        memmove(entries->at + place + 1, entries->at + place,
                (entries->count - place) * sizeof *entries->at);
        entries->at[place] = (struct store_packed){.id = id, .first = first};
        entries->count++;
    }
    struct store_packed *entry = &entries->at[place];
    entry->plays++;
    entry->listened_ms = store_sum_wrap(entry->listened_ms, listened_ms);
    entry->first = first < entry->first ? first : entry->first;
    return true;
}

static bool entries_pack(const struct entries *entries, int numbers, struct buf *packed)
{
    int64_t before = 0;
    for (size_t i = 0; i < entries->count; i++) {
        store_pack(packed, numbers, &before, &entries->at[i]);
    }
    return !packed->failed;
}

/* -- a block ----------------------------------------------------------------------------------- */

struct adding {
    struct store *store;
    int64_t user_id, block;
    int64_t plays, listened_ms;
    struct entries quarters, tracks;
    bool good; /* the row is what it should be, or there is none yet */
};

static enum store_result no_memory(struct adding *adding)
{
    return store_fail(adding->store, STORE_NOMEM, "%s: out of memory", what);
}

static enum store_result row_read(struct adding *adding)
{
    struct store_query query;
    bool quarters = true, tracks = true, enough = true;
    size_t len = 0;
    store_query_begin(&query, adding->store, STORE_SQL_TOTALS_GET, what);
    store_query_int(&query, ":user_id", adding->user_id);
    store_query_int(&query, ":block", adding->block);
    if (store_query_row(&query)) {
        adding->plays = store_query_get_int(&query, 0, 0);
        adding->listened_ms = store_query_get_int(&query, 1, 0);
        const void *data = store_query_get_blob(&query, 2, &len);
        enough = entries_read(&adding->quarters, data, len, STORE_PACK_QUARTER, &quarters);
        data = store_query_get_blob(&query, 3, &len);
        enough = enough && entries_read(&adding->tracks, data, len, STORE_PACK_TRACK, &tracks);
    }
    adding->good = quarters && tracks;
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !enough ? no_memory(adding) : result;
}

/* As STORE_LISTENED has it. */
static enum store_result length_read(struct store *store, const struct store_play *play,
                                     int64_t *listened_ms)
{
    struct store_query query;
    *listened_ms = play->ms_played;
    if (play->ms_played != -1) {
        return STORE_OK;
    }
    *listened_ms = 0;
    store_query_begin(&query, store, STORE_SQL_TOTALS_LENGTH, what);
    store_query_int(&query, ":track_id", play->track_id);
    enum store_result result = store_query_run_int(&query, listened_ms);
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

static enum store_result play_add(struct adding *adding, const struct store_play *play)
{
    int64_t begin = store_block_begin(adding->block, STORE_BLOCK_MS), listened_ms;
    int64_t moment = play->played_at - play->nudge_ms - begin;
    enum store_result result = length_read(adding->store, play, &listened_ms);
    if (result != STORE_OK) {
        return result;
    }
    adding->plays++;
    adding->listened_ms = store_sum_wrap(adding->listened_ms, listened_ms);
    return entries_add(&adding->quarters, moment / STORE_QUARTER_MS, listened_ms, 0) &&
                   entries_add(&adding->tracks, play->track_id, listened_ms, moment)
               ? STORE_OK
               : no_memory(adding);
}

static enum store_result row_write(struct adding *adding)
{
    struct totals_block row = {.plays = adding->plays, .listened_ms = adding->listened_ms};
    enum store_result result = STORE_OK;
    if (entries_pack(&adding->quarters, STORE_PACK_QUARTER, &row.quarters) &&
        entries_pack(&adding->tracks, STORE_PACK_TRACK, &row.tracks)) {
        result = totals_block_write(adding->store, adding->user_id, adding->block, &row);
    } else {
        result = no_memory(adding);
    }
    totals_block_free(&row);
    return result;
}

enum store_result store_totals_add(struct store *store, int64_t block,
                                   const struct store_play *plays, size_t count)
{
    if (count == 0) {
        return STORE_OK;
    }
    struct adding adding = {.store = store, .user_id = plays[0].user_id, .block = block};
    enum store_result result = row_read(&adding);
    for (size_t i = 0; i < count && result == STORE_OK && adding.good; i++) {
        result = play_add(&adding, &plays[i]);
    }
    if (result == STORE_OK && adding.good) {
        result = row_write(&adding);
    }
    free(adding.quarters.at);
    free(adding.tracks.at);
    return result;
}
