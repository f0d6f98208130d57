/* SPDX-License-Identifier: MIT */
/* store/totals_verify: all that the derived table says, beside the plays themselves: the same sums
 * are the same bytes. */
#include <string.h>

#include "totals_count.h"

static const char what[] = "comparing sums with the plays";

struct verify {
    struct store *store;
    int64_t user_id;
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

static bool is_same(const struct store_query *query, int column, const struct buf *bytes)
{
    size_t len = 0;
    const void *stored = store_query_get_blob(query, column, &len);
    return len == bytes->len && (len == 0 || memcmp(stored, bytes->data, len) == 0);
}

/* No row is as good as one without plays is bad. */
static enum store_result compare(struct verify *verify, int64_t block,
                                 const struct totals_block *counted, bool *same)
{
    struct store_query query;
    store_query_begin(&query, verify->store, STORE_SQL_TOTALS_GET, what);
    store_query_int(&query, ":user_id", verify->user_id);
    store_query_int(&query, ":block", block);
    if (store_query_row(&query)) {
        *same = counted->plays > 0 && store_query_get_int(&query, 0, -1) == counted->plays &&
                store_query_get_int(&query, 1, 0) == counted->listened_ms &&
                is_same(&query, 2, &counted->quarters) && is_same(&query, 3, &counted->tracks);
    } else {
        *same = counted->plays == 0;
    }
    return store_query_end(&query);
}

static enum store_result verify_block(struct verify *verify, int64_t block)
{
    struct totals_block counted = {0};
    bool stale = false, same = true;
    enum store_result result = is_stale(verify, block, &stale);
    if (result == STORE_OK && !stale) {
        result = totals_block_count(verify->store, verify->user_id, block, &counted);
    }
    if (result == STORE_OK && !stale) {
        result = compare(verify, block, &counted, &same);
    }
    verify->differences += !same;
    totals_block_free(&counted);
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
    return result == STORE_NOT_FOUND ? STORE_OK : result;
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
