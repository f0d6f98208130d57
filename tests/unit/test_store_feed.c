/* SPDX-License-Identifier: MIT */
/* Rows that are handed over from within a scan. */
#include <check.h>
#include <sqlite3.h>

#include "store/store_private.h"
#include "store_help.h"

static struct store *store;
static int rows;
static int64_t sum;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0 + i, 1 + i % 3), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    rows = 0;
    sum = 0;
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static enum store_result feed(store_visit *visit)
{
    struct store_query query;

    store_query_begin(&query, store, STORE_SQL_STATS_PLAYS, "a test");
    store_query_int(&query, ":user_id", 1);
    store_query_int(&query, ":since", INT64_MIN);
    store_query_int(&query, ":until", INT64_MAX);
    store_query_int(&query, ":until_key", INT64_MAX);
    return store_query_feed(&query, visit, NULL);
}

static enum store_result count(void *context, const int64_t *row)
{
    (void)context;
    rows++;
    sum += row[1];
    return STORE_OK;
}

START_TEST(each_row_is_handed_over)
{
    ck_assert_int_eq(feed(count), STORE_OK);
    ck_assert_int_eq(rows, 1000);
    ck_assert_int_eq(sum, 1999);
}
END_TEST

/* NULL: the API does not tell how long a play was heard. */
static enum store_result look_at_nothing(void *context, const int64_t *row)
{
    (void)context;
    ck_assert_int_eq(row[0], 1);
    ck_assert_int_eq(row[2], STORE_NO_TIME);
    rows++;
    return STORE_OK;
}

START_TEST(null_is_no_time)
{
    struct store_query query;

    store_query_begin(&query, store, STORE_SQL_DETAIL_PLAYS, "a test");
    store_query_int(&query, ":id", 1);
    ck_assert_int_eq(store_query_feed(&query, look_at_nothing, NULL), STORE_OK);
    ck_assert_int_gt(rows, 0);
}
END_TEST

static enum store_result stop(void *context, const int64_t *row)
{
    (void)context;
    (void)row;
    return ++rows < 10 ? STORE_OK : store_fail(store, STORE_NOMEM, "no more");
}

START_TEST(who_stops_says_why_and_gets_no_more)
{
    ck_assert_int_eq(feed(stop), STORE_NOMEM);
    ck_assert_str_eq(store_message(store), "no more");
    ck_assert_int_eq(rows, 10);
    rows = 0;
    ck_assert_int_eq(feed(count), STORE_OK); /* and the next begins anew */
}
END_TEST

static enum store_result nested(void *context, const int64_t *row)
{
    enum store_result result = STORE_OK;

    if (row[0] % 100 == 0) {
        struct store_query query;

        store_query_begin(&query, store, STORE_SQL_STATS_ARTISTS_OF, "a test");
        store_query_int(&query, ":id", row[1]);
        result = store_query_feed(&query, stop, context);
    }
    return result;
}

START_TEST(a_row_may_ask_for_others)
{
    ck_assert_int_eq(feed(nested), STORE_NOMEM); /* at the tenth of the inner ones */
    ck_assert_int_eq(rows, 10);
}
END_TEST

static enum store_result interrupt(void *context, const int64_t *row)
{
    (void)context;
    (void)row;
    rows++;
    sqlite3_interrupt(store->db);
    return STORE_OK;
}

START_TEST(it_can_be_interrupted)
{
    ck_assert_int_ne(feed(interrupt), STORE_OK);
    ck_assert_int_lt(rows, 1000);
}
END_TEST

START_TEST(nobody_else_can_call_it)
{
    ck_assert_int_eq(sqlite3_exec(store->db, "SELECT feed(1)", NULL, NULL, NULL), SQLITE_ERROR);
}
END_TEST

Suite *store_feed_suite(void);

Suite *store_feed_suite(void)
{
    Suite *suite = suite_create("store_feed");
    TCase *test = tcase_create("feed");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, each_row_is_handed_over);
    tcase_add_test(test, null_is_no_time);
    tcase_add_test(test, who_stops_says_why_and_gets_no_more);
    tcase_add_test(test, a_row_may_ask_for_others);
    tcase_add_test(test, it_can_be_interrupted);
    tcase_add_test(test, nobody_else_can_call_it);
    suite_add_tcase(suite, test);
    return suite;
}
