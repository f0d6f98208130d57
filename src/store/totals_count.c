/* SPDX-License-Identifier: MIT */
/* store/totals_count: one pass by the key over the plays of a block, and sums in memory. */
#include "totals_count.h"

#include <stdlib.h>

#define BLOCK_QUARTERS (STORE_BLOCK_MS / STORE_QUARTER_MS)

static const char what[] = "summing up plays";

/* -- numbers ---------------------------------------------------------------------------------- */

int64_t totals_sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

int64_t totals_difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

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

/* -- rows ------------------------------------------------------------------------------------- */

static int by_id(const void *one, const void *other)
{
    int64_t a = ((const struct totals_row *)one)->id;
    int64_t b = ((const struct totals_row *)other)->id;
    return (a > b) - (a < b);
}

static void row_join(struct totals_row *row, const struct totals_row *other)
{
    row->plays = totals_sum(row->plays, other->plays);
    row->listened_ms = totals_sum(row->listened_ms, other->listened_ms);
    row->first_at = other->first_at < row->first_at ? other->first_at : row->first_at;
    row->last_at = other->last_at > row->last_at ? other->last_at : row->last_at;
}

void totals_rows_settle(struct totals_rows *rows)
{
    size_t left = 0;
    if (rows->count == 0) {
        return;
    }
    qsort(rows->at, rows->count, sizeof *rows->at, by_id);
    for (size_t i = 1; i < rows->count; i++) {
        if (rows->at[i].id == rows->at[left].id) {
            row_join(&rows->at[left], &rows->at[i]);
        } else {
            rows->at[++left] = rows->at[i];
        }
    }
    rows->count = left + 1;
}

/* Room is made by joining what belongs together, and only if that brings little by asking for more:
 * memory is for tracks and quarters, not for plays. */
static bool rows_make_room(struct totals_rows *rows)
{
    totals_rows_settle(rows);
    if (rows->count < rows->cap / 2) {
        return true;
    }
    size_t cap = rows->cap == 0 ? 256 : 2 * rows->cap;
    struct totals_row *grown = reallocarray(rows->at, cap, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    rows->at = grown;
    rows->cap = cap;
    return true;
}

bool totals_rows_add(struct totals_rows *rows, const struct totals_row *row)
{
    if (rows->count > 0 && rows->at[rows->count - 1].id == row->id) {
        row_join(&rows->at[rows->count - 1], row);
        return true;
    }
    if (rows->count == rows->cap && !rows_make_room(rows)) {
        return false;
    }
    rows->at[rows->count++] = *row;
    return true;
}

void totals_rows_free(struct totals_rows *rows)
{
    free(rows->at);
    *rows = (struct totals_rows){0};
}

void totals_block_free(struct totals_block *block)
{
    totals_rows_free(&block->tracks);
    totals_rows_free(&block->quarters);
}

/* -- pairs ------------------------------------------------------------------------------------ */

bool totals_pair_next(struct totals_pair *pair)
{
    const struct totals_row *was = NULL, *is = NULL;
    if (pair->was_next < pair->was_rows->count) {
        was = &pair->was_rows->at[pair->was_next];
    }
    if (pair->is_next < pair->is_rows->count) {
        is = &pair->is_rows->at[pair->is_next];
    }
    if (was == NULL && is == NULL) {
        return false;
    }
    pair->id = is == NULL || (was != NULL && was->id < is->id) ? was->id : is->id;
    pair->was = was != NULL && was->id == pair->id ? was : NULL;
    pair->is = is != NULL && is->id == pair->id ? is : NULL;
    pair->was_next += pair->was != NULL;
    pair->is_next += pair->is != NULL;
    return true;
}

bool totals_pair_differs(const struct totals_pair *pair)
{
    return pair->was == NULL || pair->is == NULL || pair->was->plays != pair->is->plays ||
           pair->was->listened_ms != pair->is->listened_ms;
}

/* -- reading ---------------------------------------------------------------------------------- */

static void out_of_memory(struct store_query *query)
{
    query->result = store_fail(query->store, STORE_NOMEM, "%s: out of memory", what);
}

/* One play to its track and its quarter. A key is never before its moment and at most so much after
 * it: who is found by the key but belongs to a neighbour is passed over. */
static void count_play(struct store_query *query, int64_t block, struct totals_block *counted)
{
    int64_t moment = store_query_get_int(query, 1, 0);
    struct totals_row row = {
        .id = store_query_get_int(query, 0, 0),
        .plays = 1,
        .listened_ms = store_query_get_int(query, 2, 0),
        .first_at = moment,
        .last_at = moment,
    };
    if (totals_block_of(moment) != block) {
        return;
    }
    bool good = totals_rows_add(&counted->tracks, &row);
    row.id = floor_div(moment, STORE_QUARTER_MS);
    if (!good || !totals_rows_add(&counted->quarters, &row)) {
        out_of_memory(query);
    }
}

enum store_result totals_block_count(struct store *store, int64_t user_id, int64_t block,
                                     struct totals_block *counted)
{
    struct store_query query;
    *counted = (struct totals_block){0};
    store_query_begin(&query, store, STORE_SQL_TOTALS_PLAYS, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", bounded_product(block, STORE_BLOCK_MS));
    store_query_int(&query, ":to",
                    store_key_bound(bounded_product(totals_sum(block, 1), STORE_BLOCK_MS)));
    while (store_query_row(&query)) {
        count_play(&query, block, counted);
    }
    totals_rows_settle(&counted->tracks);
    totals_rows_settle(&counted->quarters);
    return store_query_end(&query);
}

/* Adds what a column and the next say of an id. */
static void row_read(struct store_query *query, int first, int64_t id, struct totals_rows *rows)
{
    struct totals_row row = {
        .id = id,
        .plays = store_query_get_int(query, first, 0),
        .listened_ms = store_query_get_int(query, first + 1, 0),
        .first_at = TOTALS_NO_FIRST,
        .last_at = TOTALS_NO_LAST,
    };
    if (!totals_rows_add(rows, &row)) {
        out_of_memory(query);
    }
}

static void total_read(struct store_query *query, int64_t id, struct totals_rows *totals)
{
    struct totals_row row = {
        .id = id,
        .plays = store_query_get_int(query, 3, 0),
        .listened_ms = store_query_get_int(query, 4, 0),
        .first_at = store_query_get_int(query, 5, TOTALS_NO_FIRST),
        .last_at = store_query_get_int(query, 6, TOTALS_NO_LAST),
    };
    if (row.plays != 0 && !totals_rows_add(totals, &row)) {
        out_of_memory(query);
    }
}

static enum store_result tracks_read(struct store *store, int64_t user_id, int64_t block,
                                     struct totals_rows *tracks, struct totals_rows *totals)
{
    struct store_query query;
    store_query_begin(&query, store,
                      totals != NULL ? STORE_SQL_TOTALS_BLOCK_WITH : STORE_SQL_TOTALS_BLOCK, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":block", block);
    while (store_query_row(&query)) {
        int64_t id = store_query_get_int(&query, 0, 0);
        row_read(&query, 1, id, tracks);
        if (totals != NULL) {
            total_read(&query, id, totals);
        }
    }
    return store_query_end(&query);
}

static enum store_result quarters_read(struct store *store, int64_t user_id, int64_t block,
                                       struct totals_rows *quarters)
{
    struct store_query query;
    int64_t from = bounded_product(block, BLOCK_QUARTERS);
    int64_t last;
    if (__builtin_add_overflow(from, BLOCK_QUARTERS - 1, &last)) {
        last = INT64_MAX;
    }
    store_query_begin(&query, store, STORE_SQL_TOTALS_QUARTERS, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", last);
    while (store_query_row(&query)) {
        row_read(&query, 1, store_query_get_int(&query, 0, 0), quarters);
    }
    return store_query_end(&query);
}

enum store_result totals_block_read(struct store *store, int64_t user_id, int64_t block,
                                    struct totals_block *stored, struct totals_rows *totals)
{
    *stored = (struct totals_block){0};
    if (totals != NULL) {
        *totals = (struct totals_rows){0};
    }
    enum store_result result = tracks_read(store, user_id, block, &stored->tracks, totals);
    return result == STORE_OK ? quarters_read(store, user_id, block, &stored->quarters) : result;
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
    store_query_begin(&query, store, STORE_SQL_TOTALS_NEXT_BLOCK, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":block", after);
    store_query_int(&query, ":key", bounded_product(after + 1, STORE_BLOCK_MS));
    store_query_int(&query, ":quarter", bounded_product(after + 1, BLOCK_QUARTERS));
    *block = INT64_MAX;
    if (store_query_row(&query)) {
        int64_t key = store_query_get_int(&query, 0, INT64_MAX);
        int64_t stored = store_query_get_int(&query, 1, INT64_MAX);
        int64_t quarter = store_query_get_int(&query, 2, INT64_MAX);
        int64_t of_key = key == INT64_MAX ? INT64_MAX : earliest_block(key, after);
        int64_t of_quarter = quarter == INT64_MAX ? INT64_MAX : floor_div(quarter, BLOCK_QUARTERS);
        *block = of_key < stored ? of_key : stored;
        *block = of_quarter < *block ? of_quarter : *block;
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && *block == INT64_MAX ? STORE_NOT_FOUND : result;
}
