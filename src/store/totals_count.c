/* SPDX-License-Identifier: MIT */
/* store/totals_count: one pass by the key over the plays of a block, and sums in memory. */
#include "totals_count.h"

#include <stdlib.h>

#include "store/sums.h"

static const char what[] = "summing up plays";

/* -- numbers ---------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

int64_t totals_block_of(int64_t moment)
{
    return floor_div(moment, STORE_BLOCK_MS);
}

/* Where a number that somebody wrote into the file leads beyond all time, the end of all time. */
static int64_t bounded_product(int64_t a, int64_t b)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return a < 0 ? INT64_MIN : INT64_MAX;
    }
    return product;
}

/* -- the plays of a block ---------------------------------------------------------------------- */

struct count {
    struct store *store;
    int64_t block;
    struct store_sums quarters, tracks;
    struct store_sums firsts; /* by track: plays of 1, and first_at */
    struct store_count whole;
};

static bool first_add(struct store_sums *firsts, int64_t id, int64_t moment)
{
    struct store_sum *sum = store_sums_at(firsts, id);
    if (sum != NULL && (sum->plays == 0 || moment < sum->first_at)) {
        *sum = (struct store_sum){.plays = 1, .first_at = moment};
    }
    return sum != NULL;
}

/* Of track_id, moment, listened_ms. A key is never before its moment and at most so much after it:
 * who is found by the key but belongs to a neighbour is passed over. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    struct count *count = context;
    int64_t quarter = floor_div(row[1], STORE_QUARTER_MS);
    if (totals_block_of(row[1]) != count->block) {
        return STORE_OK;
    }
    count->whole.plays++;
    count->whole.listened_ms = store_sum_wrap(count->whole.listened_ms, row[2]);
    return store_sums_add(&count->quarters, quarter, 1, row[2]) &&
                   store_sums_add(&count->tracks, row[0], 1, row[2]) &&
                   first_add(&count->firsts, row[0], row[1])
               ? STORE_OK
               : store_fail(count->store, STORE_NOMEM, "%s: out of memory", what);
}

static enum store_result plays_count(struct count *count, int64_t user_id)
{
    struct store_query query;
    int64_t next;
    if (__builtin_add_overflow(count->block, 1, &next)) {
        next = INT64_MAX;
    }
    store_query_begin(&query, count->store, STORE_SQL_TOTALS_PLAYS, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", bounded_product(count->block, STORE_BLOCK_MS));
    store_query_int(&query, ":to", store_key_bound(bounded_product(next, STORE_BLOCK_MS)));
    return store_query_feed(&query, play_visit, count);
}

/* -- packing ----------------------------------------------------------------------------------- */

static bool quarters_pack(const struct count *count, struct buf *packed)
{
    struct store_counts counts = {0};
    int64_t before = 0, begin = store_block_begin(count->block, STORE_BLOCK_QUARTERS);
    bool listed = store_sums_list(&count->quarters, &counts);
    for (size_t i = 0; listed && i < counts.count; i++) {
        const struct store_count *quarter = &counts.items[i];
        struct store_packed entry = {store_sum_wrap(quarter->id, -begin), quarter->plays,
                                     quarter->listened_ms, 0};
        store_pack(packed, STORE_PACK_QUARTER, &before, &entry);
    }
    free(counts.items);
    return listed && !packed->failed;
}

static bool tracks_pack(const struct count *count, struct buf *packed)
{
    struct store_counts counts = {0};
    int64_t before = 0, begin = store_block_begin(count->block, STORE_BLOCK_MS);
    bool listed = store_sums_list(&count->tracks, &counts);
    for (size_t i = 0; listed && i < counts.count; i++) {
        const struct store_count *track = &counts.items[i];
        const struct store_sum *first = store_sums_find(&count->firsts, track->id);
        struct store_packed entry = {track->id, track->plays, track->listened_ms,
                                     first != NULL ? store_sum_wrap(first->first_at, -begin) : 0};
        store_pack(packed, STORE_PACK_TRACK, &before, &entry);
    }
    free(counts.items);
    return listed && !packed->failed;
}

static enum store_result count_pack(const struct count *count, struct totals_block *counted)
{
    counted->plays = count->whole.plays;
    counted->listened_ms = count->whole.listened_ms;
    return quarters_pack(count, &counted->quarters) && tracks_pack(count, &counted->tracks)
               ? STORE_OK
               : store_fail(count->store, STORE_NOMEM, "%s: out of memory", what);
}

void totals_block_free(struct totals_block *block)
{
    buf_free(&block->quarters, false);
    buf_free(&block->tracks, false);
}

enum store_result totals_block_count(struct store *store, int64_t user_id, int64_t block,
                                     struct totals_block *counted)
{
    struct count count = {.store = store, .block = block};
    *counted = (struct totals_block){0};
    enum store_result result = plays_count(&count, user_id);
    if (result == STORE_OK) {
        result = count_pack(&count, counted);
    }
    store_sums_free(&count.quarters);
    store_sums_free(&count.tracks);
    store_sums_free(&count.firsts);
    return result;
}

/* -- what there is ---------------------------------------------------------------------------- */

enum store_result totals_next_user(struct store *store, int64_t after, int64_t *user_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TOTALS_NEXT_USER, what);
    store_query_int(&query, ":after", after);
    return store_query_run_int(&query, user_id);
}

/* Of a play only the key is asked: a play that was moved may be of the block before. */
static int64_t earliest_block(int64_t key, int64_t after)
{
    int64_t block =
        totals_block_of(key < INT64_MIN + STORE_NUDGE_BOUND ? key : key - STORE_NUDGE_BOUND);
    return block > after ? block : after + 1;
}

enum store_result totals_next_block(struct store *store, int64_t user_id, int64_t after,
                                    int64_t *block)
{
    struct store_query query;
    if (after == INT64_MAX) {
        return STORE_NOT_FOUND;
    }
    store_query_begin(&query, store, STORE_SQL_TOTALS_NEXT_BLOCK, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":block", after);
    store_query_int(&query, ":key", bounded_product(after + 1, STORE_BLOCK_MS));
    *block = INT64_MAX;
    if (store_query_row(&query)) {
        int64_t key = store_query_get_int(&query, 0, INT64_MAX);
        int64_t stored = store_query_get_int(&query, 1, INT64_MAX);
        int64_t of_key = key == INT64_MAX ? INT64_MAX : earliest_block(key, after);
        *block = of_key < stored ? of_key : stored;
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && *block == INT64_MAX ? STORE_NOT_FOUND : result;
}
