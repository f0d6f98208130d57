/* SPDX-License-Identifier: MIT */
/*
 * store/totals: brings the derived tables up to date, block by block. What is as it should be is
 * not written: a play more in a block of a thousand changes some rows and not a thousand.
 *
 * Of first_at this is true at any time (of last_at the same the other way round): no play of a
 * block that is not stale is before it; and if its own block is not stale, it is the moment of a
 * play. So when nothing is stale any more it is the first.
 */
#include "store/totals.h"

#include "base/clock.h"
#include "totals_count.h"

static const char writing[] = "bringing sums over plays up to date";

#define LEAST_ROWS 2000 /* written of a block before it is left, however late it is */

/* A block that is brought up to date. */
struct change {
    struct store *store;
    int64_t user_id, block;
    int64_t until; /* boot us */
    int64_t rows;  /* written so far */
};

/* A block may have more to be written than there is time for. It stays stale then; what is written
 * is not written again. */
static bool is_late(const struct change *change)
{
    return change->rows >= LEAST_ROWS && clock_boot_us() >= change->until;
}

/* -- rows of one block ------------------------------------------------------------------------ */

static enum store_result row_put(struct change *change, enum store_sql id,
                                 const struct totals_row *row)
{
    struct store_query query;
    change->rows++;
    store_query_begin(&query, change->store, id, writing);
    store_query_int(&query, ":user_id", change->user_id);
    if (id == STORE_SQL_TOTALS_BLOCK_PUT) {
        store_query_int(&query, ":block", change->block);
    }
    store_query_int(&query, ":id", row->id);
    store_query_int(&query, ":plays", row->plays);
    store_query_int(&query, ":listened_ms", row->listened_ms);
    if (id == STORE_SQL_TOTALS_PUT) {
        store_query_int(&query, ":first_at", row->first_at);
        store_query_int(&query, ":last_at", row->last_at);
    }
    return store_query_run(&query, NULL);
}

/* Runs a statement on the row of an id; block is for statements on play_blocks. */
static enum store_result row_run(struct change *change, enum store_sql statement, int64_t block,
                                 int64_t id)
{
    struct store_query query;
    change->rows++;
    store_query_begin(&query, change->store, statement, writing);
    store_query_int(&query, ":user_id", change->user_id);
    if (statement == STORE_SQL_TOTALS_BLOCK_DROP || statement == STORE_SQL_TOTALS_BLOCK_REMIND) {
        store_query_int(&query, ":block", block);
    }
    store_query_int(&query, ":id", id);
    return store_query_run(&query, NULL);
}

static enum store_result quarters_change(struct change *change, const struct totals_rows *was,
                                         const struct totals_rows *is)
{
    struct totals_pair pair = {.was_rows = was, .is_rows = is};
    enum store_result result = STORE_OK;
    while (result == STORE_OK && !is_late(change) && totals_pair_next(&pair)) {
        if (totals_pair_differs(&pair)) {
            result = pair.is != NULL ? row_put(change, STORE_SQL_TOTALS_QUARTER_PUT, pair.is)
                                     : row_run(change, STORE_SQL_TOTALS_QUARTER_DROP, 0, pair.id);
        }
    }
    return result;
}

/* -- the first and the last play of a track --------------------------------------------------- */

static void ask_begin(struct store_query *query, const struct change *change, enum store_sql id,
                      int64_t track_id)
{
    store_query_begin(query, change->store, id, writing);
    store_query_int(query, ":user_id", change->user_id);
    store_query_int(query, ":id", track_id);
}

/* In the order of keys, which are at most so much after the moments. */
static enum store_result ask_first(const struct change *change, int64_t track_id, int64_t *first_at)
{
    struct store_query query;
    *first_at = TOTALS_NO_FIRST;
    ask_begin(&query, change, STORE_SQL_TOTALS_FIRST, track_id);
    while (store_query_row(&query)) {
        int64_t key = store_query_get_int(&query, 0, 0);
        int64_t moment = totals_difference(key, store_query_get_int(&query, 1, 0));
        if (key > store_key_bound(*first_at)) {
            break;
        }
        *first_at = moment < *first_at ? moment : *first_at;
    }
    return store_query_end(&query);
}

static enum store_result ask_last(const struct change *change, int64_t track_id, int64_t *last_at)
{
    struct store_query query;
    *last_at = TOTALS_NO_LAST;
    ask_begin(&query, change, STORE_SQL_TOTALS_LAST, track_id);
    while (store_query_row(&query)) {
        int64_t key = store_query_get_int(&query, 0, 0);
        int64_t moment = totals_difference(key, store_query_get_int(&query, 1, 0));
        if (key <= *last_at) {
            break;
        }
        *last_at = moment > *last_at ? moment : *last_at;
    }
    return store_query_end(&query);
}

/* What was asked may be a play of a stale block, whose rows do not know the track yet. A row of no
 * plays there sees to it that the track is looked at when that block has its turn. */
static enum store_result remind(struct change *change, int64_t track_id, int64_t moment)
{
    int64_t block = totals_block_of(moment);
    return moment == TOTALS_NO_FIRST || moment == TOTALS_NO_LAST || block == change->block
               ? STORE_OK
               : row_run(change, STORE_SQL_TOTALS_BLOCK_REMIND, block, track_id);
}

/* Only a first play that was in this block and is gone has to be asked for. */
static enum store_result first_change(struct change *change, const struct totals_pair *pair,
                                      int64_t *first_at)
{
    int64_t here = pair->is != NULL ? pair->is->first_at : TOTALS_NO_FIRST;
    if (here <= *first_at) {
        *first_at = here;
        return STORE_OK;
    }
    if (totals_block_of(*first_at) != change->block) {
        return STORE_OK;
    }
    enum store_result result = ask_first(change, pair->id, first_at);
    return result == STORE_OK ? remind(change, pair->id, *first_at) : result;
}

static enum store_result last_change(struct change *change, const struct totals_pair *pair,
                                     int64_t *last_at)
{
    int64_t here = pair->is != NULL ? pair->is->last_at : TOTALS_NO_LAST;
    if (here >= *last_at) {
        *last_at = here;
        return STORE_OK;
    }
    if (totals_block_of(*last_at) != change->block) {
        return STORE_OK;
    }
    enum store_result result = ask_last(change, pair->id, last_at);
    return result == STORE_OK ? remind(change, pair->id, *last_at) : result;
}

/* -- totals of tracks ------------------------------------------------------------------------- */

static enum store_result total_ask(const struct change *change, struct totals_row *total,
                                   bool *found)
{
    struct store_query query;
    ask_begin(&query, change, STORE_SQL_TOTALS_GET, total->id);
    *found = store_query_row(&query);
    if (*found) {
        total->plays = store_query_get_int(&query, 0, 0);
        total->listened_ms = store_query_get_int(&query, 1, 0);
        total->first_at = store_query_get_int(&query, 2, TOTALS_NO_FIRST);
        total->last_at = store_query_get_int(&query, 3, TOTALS_NO_LAST);
    }
    return store_query_end(&query);
}

/* The totals of the tracks that the block had are at hand, in the order of the pairs; those of a
 * new one are asked for. */
static enum store_result total_get(const struct change *change, const struct totals_pair *pair,
                                   struct totals_rows *at_hand, struct totals_row *total,
                                   bool *found)
{
    *total =
        (struct totals_row){.id = pair->id, .first_at = TOTALS_NO_FIRST, .last_at = TOTALS_NO_LAST};
    if (pair->was == NULL) {
        return total_ask(change, total, found);
    }
    *found = at_hand->count > 0 && at_hand->at->id == pair->id;
    if (*found) {
        *total = *at_hand->at++;
        at_hand->count--;
    }
    return STORE_OK;
}

static void add_difference(struct totals_row *total, const struct totals_pair *pair)
{
    if (pair->is != NULL) {
        total->plays = totals_sum(total->plays, pair->is->plays);
        total->listened_ms = totals_sum(total->listened_ms, pair->is->listened_ms);
    }
    if (pair->was != NULL) {
        total->plays = totals_difference(total->plays, pair->was->plays);
        total->listened_ms = totals_difference(total->listened_ms, pair->was->listened_ms);
    }
}

static enum store_result total_change(struct change *change, const struct totals_pair *pair,
                                      struct totals_rows *totals)
{
    struct totals_row was, is;
    bool found = false;
    enum store_result result = total_get(change, pair, totals, &was, &found);
    if (result != STORE_OK) {
        return result;
    }
    is = was;
    add_difference(&is, pair);
    if (is.plays <= 0) {
        return found ? row_run(change, STORE_SQL_TOTALS_DROP, 0, pair->id) : STORE_OK;
    }
    result = first_change(change, pair, &is.first_at);
    if (result == STORE_OK) {
        result = last_change(change, pair, &is.last_at);
    }
    bool same = found && is.plays == was.plays && is.listened_ms == was.listened_ms &&
                is.first_at == was.first_at && is.last_at == was.last_at;
    return result == STORE_OK && !same ? row_put(change, STORE_SQL_TOTALS_PUT, &is) : result;
}

static enum store_result tracks_change(struct change *change, const struct totals_rows *was,
                                       const struct totals_rows *is, struct totals_rows totals)
{
    struct totals_pair pair = {.was_rows = was, .is_rows = is};
    enum store_result result = STORE_OK;
    while (result == STORE_OK && !is_late(change) && totals_pair_next(&pair)) {
        if (totals_pair_differs(&pair)) {
            result = pair.is != NULL
                         ? row_put(change, STORE_SQL_TOTALS_BLOCK_PUT, pair.is)
                         : row_run(change, STORE_SQL_TOTALS_BLOCK_DROP, change->block, pair.id);
        }
        if (result == STORE_OK) {
            result = total_change(change, &pair, &totals);
        }
    }
    return result;
}

/* -- blocks ----------------------------------------------------------------------------------- */

static enum store_result stale_run(const struct change *change, enum store_sql id)
{
    struct store_query query;
    store_query_begin(&query, change->store, id, writing);
    store_query_int(&query, ":user_id", change->user_id);
    store_query_int(&query, ":block", change->block);
    return store_query_run(&query, NULL);
}

static enum store_result block_change(struct change *change, const struct totals_block *was,
                                      const struct totals_block *is, struct totals_rows totals)
{
    enum store_result result = quarters_change(change, &was->quarters, &is->quarters);
    if (result == STORE_OK) {
        result = tracks_change(change, &was->tracks, &is->tracks, totals);
    }
    return result == STORE_OK && !is_late(change) ? stale_run(change, STORE_SQL_STALE_DROP)
                                                  : result;
}

static enum store_result block_refresh(struct change *change)
{
    struct totals_block was = {0}, is = {0};
    struct totals_rows totals = {0};
    enum store_result result =
        totals_block_read(change->store, change->user_id, change->block, &was, &totals);
    if (result == STORE_OK) {
        result = totals_block_count(change->store, change->user_id, change->block, &is);
    }
    if (result == STORE_OK) {
        result = block_change(change, &was, &is, totals);
    }
    totals_block_free(&was);
    totals_block_free(&is);
    totals_rows_free(&totals);
    return result;
}

/* STORE_NOT_FOUND: none is stale. */
static enum store_result stale_newest(struct change *change)
{
    struct store_query query;
    store_query_begin(&query, change->store, STORE_SQL_STALE_NEWEST, writing);
    bool found = store_query_row(&query);
    if (found) {
        change->user_id = store_query_get_int(&query, 0, INT64_MIN);
        change->block = store_query_get_int(&query, 1, 0);
        found = change->user_id != INT64_MIN;
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_totals_stale(struct store *store, int64_t *blocks)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STALE_COUNT, "looking for sums that are behind");
    return store_query_run_int(&query, blocks);
}

enum store_result store_totals_plays(struct store *store, int64_t *plays)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TOTALS_SUM, "counting plays");
    return store_query_run_int(&query, plays);
}

enum store_result store_totals_refresh(struct store *store, int64_t ms, int64_t *left)
{
    struct change change = {.store = store, .until = clock_boot_us() + ms * 1000};
    enum store_result result;
    do {
        result = stale_newest(&change);
        if (result == STORE_OK) {
            result = block_refresh(&change);
        }
    } while (result == STORE_OK && clock_boot_us() < change.until);
    if (result == STORE_NOT_FOUND) {
        *left = 0;
        return STORE_OK;
    }
    return result == STORE_OK ? store_totals_stale(store, left) : result;
}

/* -- anew ------------------------------------------------------------------------------------- */

static enum store_result mark_user(struct store *store, int64_t user_id)
{
    struct change change = {.store = store, .user_id = user_id, .block = INT64_MIN};
    enum store_result result;
    while ((result = totals_next_block(store, user_id, change.block, &change.block)) == STORE_OK) {
        result = stale_run(&change, STORE_SQL_STALE_ADD);
        if (result != STORE_OK) {
            return result;
        }
    }
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

enum store_result store_totals_reset(struct store *store)
{
    static const enum store_sql empty[] = {STORE_SQL_TOTALS_EMPTY_QUARTERS,
                                           STORE_SQL_TOTALS_EMPTY_BLOCKS, STORE_SQL_TOTALS_EMPTY};
    enum store_result result = STORE_OK;
    int64_t user_id = INT64_MIN;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0] && result == STORE_OK; i++) {
        struct store_query query;
        store_query_begin(&query, store, empty[i], "emptying sums over plays");
        result = store_query_run(&query, NULL);
    }
    while (result == STORE_OK &&
           (result = totals_next_user(store, user_id, &user_id)) == STORE_OK) {
        result = mark_user(store, user_id);
    }
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}
