/* SPDX-License-Identifier: MIT */
/*
 * store/feed: rows by the hundred thousand. A SQL function, feed(), hands each row to one of ours
 * from within the scan: half the price of a step a row.
 */
#include "store/store_private.h"

/* A row has come. What went wrong is kept in the feed; the text that SQLite is told ends the scan.
 */
static void row_come(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct store *store = sqlite3_user_data(context);
    struct store_feed *feed = store->feed;
    int64_t row[STORE_FEED_COLUMNS] = {0};
    if (feed == NULL || count > STORE_FEED_COLUMNS) {
        sqlite3_result_error(context, "feed() is not for this statement", -1);
        return;
    }
    for (int i = 0; i < count; i++) {
        row[i] = sqlite3_value_int64(values[i]); /* 0 where it is NULL */
        if (row[i] == 0 && sqlite3_value_type(values[i]) == SQLITE_NULL) {
            row[i] = STORE_NO_TIME;
        }
    }
    feed->result = feed->visit(feed->context, row);
    if (feed->result != STORE_OK) {
        sqlite3_result_error(context, "stopped", -1);
    }
}

static void rows_end(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

int store_feed_offer(struct store *store)
{
    return sqlite3_create_function_v2(store->db, "feed", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, store,
                                      NULL, row_come, rows_end, NULL);
}

enum store_result store_query_feed(struct store_query *query, store_visit *visit, void *context)
{
    struct store_feed feed = {.visit = visit, .context = context, .result = STORE_OK};
    struct store_feed *outer = query->store->feed;
    if (query->result == STORE_OK) {
        query->store->feed = &feed;
        int code = sqlite3_step(query->statement);
        query->store->feed = outer;
        if (feed.result != STORE_OK) {
            query->result = feed.result; /* who stopped it has said why */
        } else {
            store_query_stepped(query, code);
        }
    }
    return store_query_end(query);
}
