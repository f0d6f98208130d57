/* SPDX-License-Identifier: MIT */
/* store/totals: brings the derived table up to date, block by block. */
#include "store/totals.h"

#include "base/clock.h"
#include "totals_count.h"

static const char writing[] = "bringing sums over plays up to date";

/* A block of a user. */
struct place {
    int64_t user_id, block;
};

static void bind_place(struct store_query *query, const struct place *place)
{
    store_query_int(query, ":user_id", place->user_id);
    store_query_int(query, ":block", place->block);
}

static enum store_result place_run(struct store *store, const struct place *place,
                                   enum store_sql id)
{
    struct store_query query;
    store_query_begin(&query, store, id, writing);
    bind_place(&query, place);
    return store_query_run(&query, NULL);
}

/* A buffer that was never written has no data, which would be NULL. */
static void bind_bytes(struct store_query *query, const char *name, const struct buf *bytes)
{
    store_query_blob(query, name, bytes->len > 0 ? bytes->data : "", bytes->len);
}

static enum store_result block_put(struct store *store, const struct place *place,
                                   const struct totals_block *block)
{
    struct store_query query;
    if (block->plays == 0) {
        return place_run(store, place, STORE_SQL_TOTALS_DROP);
    }
    store_query_begin(&query, store, STORE_SQL_TOTALS_PUT, writing);
    bind_place(&query, place);
    store_query_int(&query, ":plays", block->plays);
    store_query_int(&query, ":listened_ms", block->listened_ms);
    bind_bytes(&query, ":quarters", &block->quarters);
    bind_bytes(&query, ":tracks", &block->tracks);
    return store_query_run(&query, NULL);
}

enum store_result totals_block_write(struct store *store, int64_t user_id, int64_t block,
                                     const struct totals_block *counted)
{
    struct place place = {user_id, block};
    enum store_result result = block_put(store, &place, counted);
    return result == STORE_OK ? place_run(store, &place, STORE_SQL_STALE_DROP) : result;
}

static enum store_result block_refresh(struct store *store, const struct place *place)
{
    struct totals_block block;
    enum store_result result = totals_block_count(store, place->user_id, place->block, &block);
    if (result == STORE_OK) {
        result = totals_block_write(store, place->user_id, place->block, &block);
    }
    totals_block_free(&block);
    return result;
}

/* STORE_NOT_FOUND: none is stale. */
static enum store_result stale_newest(struct store *store, struct place *place)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STALE_NEWEST, writing);
    bool found = store_query_row(&query);
    if (found) {
        place->user_id = store_query_get_int(&query, 0, INT64_MIN);
        place->block = store_query_get_int(&query, 1, 0);
        found = place->user_id != INT64_MIN;
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
    int64_t until = clock_boot_us() + ms * 1000;
    struct place place = {0};
    enum store_result result;
    do {
        result = stale_newest(store, &place);
        if (result == STORE_OK) {
            result = block_refresh(store, &place);
        }
    } while (result == STORE_OK && clock_boot_us() < until);
    if (result == STORE_NOT_FOUND) {
        *left = 0;
        return STORE_OK;
    }
    return result == STORE_OK ? store_totals_stale(store, left) : result;
}

/* -- anew ------------------------------------------------------------------------------------- */

static enum store_result mark_user(struct store *store, int64_t user_id)
{
    struct place place = {.user_id = user_id, .block = INT64_MIN};
    enum store_result result;
    while ((result = totals_next_block(store, user_id, place.block, &place.block)) == STORE_OK) {
        result = place_run(store, &place, STORE_SQL_STALE_ADD);
        if (result != STORE_OK) {
            return result;
        }
    }
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

enum store_result store_totals_reset(struct store *store)
{
    struct store_query query;
    int64_t user_id = INT64_MIN;
    store_query_begin(&query, store, STORE_SQL_TOTALS_EMPTY, "emptying sums over plays");
    enum store_result result = store_query_run(&query, NULL);
    while (result == STORE_OK &&
           (result = totals_next_user(store, user_id, &user_id)) == STORE_OK) {
        result = mark_user(store, user_id);
    }
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}
