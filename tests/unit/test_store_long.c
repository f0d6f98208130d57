/* SPDX-License-Identifier: MIT */
/* A change that is made in steps between which the program goes on: one transaction all the same.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"
#include "store_help.h"

#define ANN INT64_C(1)
#define BO INT64_C(2)

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_user(store, "ann"), ANN);
    ck_assert_int_eq(store_help_user(store, "bo"), BO);
    for (int n = 1; n <= 40; n++) {
        int64_t user = n % 4 == 0 ? BO : ANN;
        struct store_poll poll = {
            .user_id = user, .started_at = n, .kind = "tail", .outcome = "ok"};
        ck_assert_int_eq(
            store_help_play(store, user, STORE_HELP_T0 + n * 1000, store_help_track(store, n)),
            STORE_OK);
        ck_assert_int_eq(store_poll_add(store, &poll), STORE_OK);
    }
    store_help_commit(store);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* As another connection sees it: what is committed. */
static const char *committed(const char *sql)
{
    return store_help_ask(sql);
}

static const char all_rows[] =
    "SELECT 'u', user_id, NULL FROM users UNION ALL SELECT 'p', user_id, played_at FROM "
    "played_tracks UNION ALL SELECT 't', track_id, name FROM tracks UNION ALL SELECT 'b', album_id, "
    "name FROM albums UNION ALL SELECT 'a', artist_id, name FROM artists UNION ALL SELECT 'l', "
    "poll_id, user_id FROM polls ORDER BY 1, 2, 3";

/* Forgets Ann in steps of so many rows; how many it took. */
static int forget_in_steps(int64_t rows, struct store_holdings *removed)
{
    int steps;
    enum store_result result = store_help_forget(store, ANN, rows, removed, &steps);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    return steps;
}

static const int64_t sizes[] = {1, 2, 3, 7, 29, 30, 31, 1000};

START_TEST(steps_of_any_size_end_where_one_statement_does)
{
    struct store_holdings stepped, whole;
    char *after;

    forget_in_steps(sizes[_i], &stepped);
    after = strdup(committed(all_rows));
    store_close(store);
    store_help_teardown();
    setup();
    forget_in_steps(INT64_MAX, &whole);
    ck_assert_str_eq(after, committed(all_rows));
    ck_assert_mem_eq(&stepped, &whole, sizeof stepped);
    ck_assert_int_eq(whole.plays, 30);
    ck_assert_int_eq(whole.polls, 30);
    free(after);
}
END_TEST

START_TEST(small_steps_are_many)
{
    struct store_holdings removed;
    ck_assert_int_gt(forget_in_steps(1, &removed), 100);
}
END_TEST

/* A few steps in. */
static void begin(struct store_forget *forget)
{
    bool done;
    ck_assert_int_eq(store_forget_begin(forget, store, ANN), STORE_OK);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(store_forget_step(forget, 1, &done), STORE_OK);
        ck_assert(!done);
    }
}

START_TEST(nobody_sees_anything_of_it_before_its_end)
{
    struct store_forget forget;
    char *before = strdup(committed(all_rows));
    begin(&forget);
    ck_assert_str_eq(before, committed(all_rows));
    free(before);
    store_forget_drop(&forget);
}
END_TEST

START_TEST(given_up_everything_is_as_it_was)
{
    struct store_forget forget;
    char *before = strdup(committed(all_rows));
    begin(&forget);
    store_forget_drop(&forget);
    ck_assert(!store_long_is_open(store));
    ck_assert_str_eq(before, committed(all_rows));
    store_help_begin(store, STORE_DURABLE);
    store_help_commit(store);
    free(before);
}
END_TEST

START_TEST(closing_the_database_gives_it_up)
{
    struct store_forget forget;
    char *before = strdup(committed(all_rows));
    begin(&forget);
    store_close(store);
    store = store_help_open(STORE_WRITER);
    ck_assert_str_eq(before, committed(all_rows));
    free(before);
}
END_TEST

START_TEST(others_are_told_to_wait_and_cannot_end_it)
{
    struct store_forget forget;
    bool done = false;
    begin(&forget);
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_BUSY);
    ck_assert_ptr_nonnull(strstr(store_message(store), "a long change is under way"));
    ck_assert_int_eq(store_finish(store, STORE_BUSY), STORE_BUSY); /* as everybody does */
    ck_assert_int_eq(store_checkpoint(store), STORE_BUSY);
    ck_assert(store_long_is_open(store));
    while (!done) {
        ck_assert_int_eq(store_forget_step(&forget, 100, &done), STORE_OK);
    }
    ck_assert_str_eq(committed("SELECT count(*) FROM users"), "1");
    store_help_begin(store, STORE_DURABLE);
    store_help_commit(store);
}
END_TEST

START_TEST(a_write_without_a_transaction_does_not_slip_into_it)
{
    struct store_forget forget;
    begin(&forget);
    ck_assert_int_eq(store_user_set_countdown(store, BO, 7), STORE_MISUSE);
    store_forget_drop(&forget);
}
END_TEST

START_TEST(a_second_one_waits_as_well)
{
    struct store_forget one, other;
    begin(&one);
    ck_assert_int_eq(store_forget_begin(&other, store, BO), STORE_BUSY);
    store_forget_drop(&one);
}
END_TEST

START_TEST(who_is_not_there_cannot_be_forgotten_and_nothing_is_begun)
{
    struct store_forget forget;
    ck_assert_int_eq(store_forget_begin(&forget, store, 77), STORE_NOT_FOUND);
    ck_assert(!store_long_is_open(store));
}
END_TEST

Suite *store_long_suite(void)
{
    Suite *suite = suite_create("store_long");
    TCase *tcase = tcase_create("long");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, steps_of_any_size_end_where_one_statement_does, 0,
                        (int)(sizeof sizes / sizeof sizes[0]));
    tcase_add_test(tcase, small_steps_are_many);
    tcase_add_test(tcase, nobody_sees_anything_of_it_before_its_end);
    tcase_add_test(tcase, given_up_everything_is_as_it_was);
    tcase_add_test(tcase, closing_the_database_gives_it_up);
    tcase_add_test(tcase, others_are_told_to_wait_and_cannot_end_it);
    tcase_add_test(tcase, a_write_without_a_transaction_does_not_slip_into_it);
    tcase_add_test(tcase, a_second_one_waits_as_well);
    tcase_add_test(tcase, who_is_not_there_cannot_be_forgotten_and_nothing_is_begun);
    suite_add_tcase(suite, tcase);
    return suite;
}
