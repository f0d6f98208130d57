/* SPDX-License-Identifier: MIT */
/* store/totals_verify: all that the derived tables say, beside the plays themselves. */
#include "totals_count.h"

static const char what[] = "comparing sums with the plays";

struct verify {
    struct store *store;
    int64_t user_id;
    struct totals_rows sums; /* what play_totals should have of this user */
    int64_t differences;
};

static enum store_result is_stale(struct verify *verify, int64_t block, bool *stale)
{
    struct store_query query;
    int64_t one = 0;
    store_query_begin(&query, verify->store, STORE_SQL_STALE_HAS, what);
    store_query_int(&query, ":user_id", verify->user_id);
    store_query_int(&query, ":block", block);
    enum store_result result = store_query_run_int(&query, &one);
    *stale = result == STORE_OK;
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

static int64_t count_differences(const struct totals_rows *was, const struct totals_rows *is)
{
    struct totals_pair pair = {.was_rows = was, .is_rows = is};
    int64_t count = 0;
    while (totals_pair_next(&pair)) {
        count += totals_pair_differs(&pair);
    }
    return count;
}

static enum store_result sum_up(struct verify *verify, const struct totals_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (!totals_rows_add(&verify->sums, &rows->at[i])) {
            return store_fail(verify->store, STORE_NOMEM, "%s: out of memory", what);
        }
    }
    return STORE_OK;
}

/* What a stale block has is in the totals as it stands, right or not. */
static enum store_result verify_block(struct verify *verify, int64_t block)
{
    struct totals_block was = {0}, is = {0};
    bool stale = false;
    enum store_result result = is_stale(verify, block, &stale);
    if (result == STORE_OK) {
        result = totals_block_read(verify->store, verify->user_id, block, &was, NULL);
    }
    if (result == STORE_OK && !stale) {
        result = totals_block_count(verify->store, verify->user_id, block, &is);
    }
    if (result == STORE_OK && !stale) {
        verify->differences += count_differences(&was.tracks, &is.tracks);
        verify->differences += count_differences(&was.quarters, &is.quarters);
    }
    if (result == STORE_OK) {
        result = sum_up(verify, stale ? &was.tracks : &is.tracks);
    }
    totals_block_free(&was);
    totals_block_free(&is);
    return result;
}

/* Is the moment right, beside the first (or last) one of blocks that are not stale? One of a stale
 * block only has to be no worse. */
static enum store_result judge_moment(struct verify *verify, int64_t moment, int64_t fresh,
                                      bool no_worse, bool *right)
{
    bool stale = false;
    enum store_result result =
        moment == fresh ? STORE_OK : is_stale(verify, totals_block_of(moment), &stale);
    *right = moment == fresh || (stale && no_worse);
    return result;
}

static enum store_result verify_total(struct verify *verify, const struct totals_pair *pair)
{
    bool first = false, last = false;
    if (pair->is == NULL || pair->is->plays == 0) {
        verify->differences += pair->was != NULL;
        return STORE_OK;
    }
    if (totals_pair_differs(pair)) {
        verify->differences++;
        return STORE_OK;
    }
    enum store_result result = judge_moment(verify, pair->was->first_at, pair->is->first_at,
                                            pair->was->first_at <= pair->is->first_at, &first);
    if (result == STORE_OK) {
        result = judge_moment(verify, pair->was->last_at, pair->is->last_at,
                              pair->was->last_at >= pair->is->last_at, &last);
    }
    verify->differences += !first || !last;
    return result;
}

static enum store_result totals_read(struct verify *verify, struct totals_rows *totals)
{
    struct store_query query;
    store_query_begin(&query, verify->store, STORE_SQL_TOTALS_OF_USER, what);
    store_query_int(&query, ":user_id", verify->user_id);
    while (store_query_row(&query)) {
        struct totals_row row = {
            .id = store_query_get_int(&query, 0, 0),
            .plays = store_query_get_int(&query, 1, 0),
            .listened_ms = store_query_get_int(&query, 2, 0),
            .first_at = store_query_get_int(&query, 3, 0),
            .last_at = store_query_get_int(&query, 4, 0),
        };
        if (!totals_rows_add(totals, &row)) {
            query.result = store_fail(verify->store, STORE_NOMEM, "%s: out of memory", what);
        }
    }
    return store_query_end(&query);
}

static enum store_result verify_totals(struct verify *verify)
{
    struct totals_rows totals = {0};
    enum store_result result = totals_read(verify, &totals);
    totals_rows_settle(&verify->sums);
    struct totals_pair pair = {.was_rows = &totals, .is_rows = &verify->sums};
    while (result == STORE_OK && totals_pair_next(&pair)) {
        result = verify_total(verify, &pair);
    }
    totals_rows_free(&totals);
    return result;
}

static enum store_result verify_user(struct verify *verify)
{
    int64_t block = INT64_MIN;
    enum store_result result;
    while ((result = totals_next_block(verify->store, verify->user_id, block, &block)) ==
           STORE_OK) {
        result = verify_block(verify, block);
        if (result != STORE_OK) {
            break;
        }
    }
    if (result == STORE_NOT_FOUND) {
        result = verify_totals(verify);
    }
    totals_rows_free(&verify->sums);
    return result;
}

enum store_result store_totals_verify(struct store *store, int64_t *differences)
{
    struct verify verify = {.store = store, .user_id = INT64_MIN};
    enum store_result result;
    while ((result = totals_next_user(store, verify.user_id, &verify.user_id)) == STORE_OK) {
        result = verify_user(&verify);
        if (result != STORE_OK) {
            break;
        }
    }
    *differences = verify.differences;
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}
