/* SPDX-License-Identifier: MIT */
/* Reads that take too long, or that are stopped from another thread. */
#include <check.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "store_help.h"

#define MANY_PLAYS                                                                     \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"  \
    " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)" \
    " SELECT 1, i, 1, 'api', 0 FROM n"
#define MANY 40000

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store_help_exec(store_help_db(), MANY_PLAYS);
    store = store_help_open(STORE_READER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* Counts them all, which takes some ms. */
static enum store_result count(int64_t *plays)
{
    return store_user_plays_since(store, 1, INT64_MIN, plays);
}

/* Counts until that fails. */
static enum store_result count_until_failure(void)
{
    enum store_result result = STORE_OK;
    int64_t plays;

    while (result == STORE_OK)
        result = count(&plays);
    return result;
}

START_TEST(without_a_budget_a_read_takes_its_time)
{
    int64_t plays = 0;

    store_set_budget(store, 0);
    ck_assert_int_eq(count(&plays), STORE_OK);
    ck_assert_int_eq(plays, MANY);
}
END_TEST

START_TEST(a_read_within_its_budget_is_not_disturbed)
{
    int64_t plays = 0;

    store_set_budget(store, CLOCK_HOUR);
    ck_assert_int_eq(count(&plays), STORE_OK);
    ck_assert_int_eq(plays, MANY);
}
END_TEST

START_TEST(a_read_past_its_budget_is_late_and_says_so)
{
    int64_t began = clock_boot_ms();

    store_set_budget(store, 20);
    ck_assert_int_eq(count_until_failure(), STORE_LATE);
    ck_assert_int_ge(clock_boot_ms() - began, 20);
    ck_assert_ptr_nonnull(strstr(store_message(store), "took longer than 20 ms"));
    ck_assert_ptr_null(strstr(store_message(store), "interrupted"));
}
END_TEST

/* The one statement is cut off in its middle, not only what comes after it. */
START_TEST(H7_one_long_statement_is_cut_off)
{
    int64_t plays = -1;

    store_set_budget(store, 1);
    ck_assert_int_eq(count(&plays), STORE_LATE);
    ck_assert_int_eq(plays, -1);
}
END_TEST

START_TEST(what_is_begun_after_the_budget_is_late)
{
    struct store_user user;

    store_set_budget(store, 1);
    ck_assert_int_eq(count_until_failure(), STORE_LATE);
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_LATE);
}
END_TEST

START_TEST(a_new_budget_begins_afresh)
{
    int64_t plays = 0;

    store_set_budget(store, 1);
    ck_assert_int_eq(count_until_failure(), STORE_LATE);
    store_set_budget(store, CLOCK_HOUR);
    ck_assert_int_eq(count(&plays), STORE_OK);
}
END_TEST

START_TEST(a_transaction_that_was_late_ends_as_any_other)
{
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    store_set_budget(store, 1);
    ck_assert_int_eq(count_until_failure(), STORE_LATE);
    store_rollback(store);
    store_set_budget(store, 0);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
}
END_TEST

static void *stop(void *context)
{
    store_stop(context);
    return NULL;
}

START_TEST(another_thread_can_stop_it)
{
    pthread_t thread;

    store_set_budget(store, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, stop, store), 0);
    ck_assert_int_eq(count_until_failure(), STORE_LATE);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_ptr_nonnull(strstr(store_message(store), "nobody waits for it"));
}
END_TEST

START_TEST(late_is_temporary)
{
    ck_assert(store_result_is_temporary(STORE_LATE));
}
END_TEST

Suite *store_budget_suite(void)
{
    Suite *suite = suite_create("store_budget");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, without_a_budget_a_read_takes_its_time);
    tcase_add_test(all, a_read_within_its_budget_is_not_disturbed);
    tcase_add_test(all, a_read_past_its_budget_is_late_and_says_so);
    tcase_add_test(all, H7_one_long_statement_is_cut_off);
    tcase_add_test(all, what_is_begun_after_the_budget_is_late);
    tcase_add_test(all, a_new_budget_begins_afresh);
    tcase_add_test(all, a_transaction_that_was_late_ends_as_any_other);
    tcase_add_test(all, another_thread_can_stop_it);
    tcase_add_test(all, late_is_temporary);
    suite_add_tcase(suite, all);
    return suite;
}
