/* SPDX-License-Identifier: MIT */
/* The numbers about the file for those who watch. */
#include "store/gaps.h"
#include "store/measure.h"

#include <check.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store_help.h"

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static void add_gap(int n, const char *certainty)
{
    struct store_gap gap = {.user_id = 1,
                            .after_played_at = n,
                            .before_played_at = n + 1,
                            .certainty = certainty,
                            .cause = "unknown"};

    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
}

static struct store_measures measure(void)
{
    struct store_measures measures;

    ck_assert_int_eq(store_measure(store, &measures), STORE_OK);
    return measures;
}

static struct store_sizes sizes(void)
{
    struct store_sizes sizes;

    ck_assert_int_eq(store_measure_sizes(store, &sizes), STORE_OK);
    return sizes;
}

START_TEST(a_new_database_has_no_gaps_and_no_imports)
{
    struct store_measures measures = measure();

    ck_assert_int_eq(measures.likely_gaps, 0);
    ck_assert_int_eq(measures.possible_gaps, 0);
    for (int i = 0; i < STORE_MEASURE_ROWS; i++)
        ck_assert_int_eq(measures.imported[i], 0);
}
END_TEST

START_TEST(open_gaps_are_counted_by_certainty_and_filled_ones_are_not)
{
    store_help_begin(store, STORE_DURABLE);
    for (int n = 0; n < 5; n++)
        add_gap(n, n < 3 ? "likely" : "possible");
    store_help_commit(store);
    store_help_exec(store_help_db(),
                    "INSERT INTO imports (import_id, user_id, file, hash, source, started_at,"
                    " row_count, added, matched, duplicate, rejected)"
                    " VALUES (1, 1, 'f', 'h', 'extended', 0, 0, 0, 0, 0, 0);"
                    "UPDATE gaps SET filled_by = 1 WHERE after_played_at = 0");
    ck_assert_int_eq(measure().likely_gaps, 2);
    ck_assert_int_eq(measure().possible_gaps, 2);
}
END_TEST

START_TEST(rows_of_imports_that_ended_are_added_up)
{
    struct store_measures measures;

    store_help_exec(store_help_db(),
                    "INSERT INTO imports (user_id, file, hash, source, started_at, finished_at,"
                    " row_count, added, matched, duplicate, rejected) VALUES"
                    " (1, 'a', 'a', 'extended', 0, 1, 10, 1, 2, 3, 4),"
                    " (1, 'b', 'b', 'account', 0, 1, 100, 10, 20, 30, 40),"
                    " (1, 'c', 'c', 'account', 0, NULL, 900, 900, 0, 0, 0)");
    measures = measure();
    ck_assert_int_eq(measures.imported[STORE_MEASURE_ADDED], 11);
    ck_assert_int_eq(measures.imported[STORE_MEASURE_MATCHED], 22);
    ck_assert_int_eq(measures.imported[STORE_MEASURE_DUPLICATE], 33);
    ck_assert_int_eq(measures.imported[STORE_MEASURE_REJECTED], 44);
}
END_TEST

START_TEST(pages_of_the_log_wait_until_they_are_copied)
{
    struct stat status;

    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert_int_eq(sizes().log_pages, 0);
    store_help_begin(store, STORE_DURABLE);
    add_gap(1, "likely");
    store_help_commit(store);
    ck_assert_int_gt(sizes().log_pages, 0);
    ck_assert_int_gt(sizes().log_bytes, sizes().log_pages * 4096);
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert_int_eq(sizes().log_pages, 0);
    ck_assert_int_eq(sizes().log_bytes, 0);
    ck_assert_int_eq(stat(store_help_db(), &status), 0);
    ck_assert_int_eq(sizes().file_bytes, status.st_size);
}
END_TEST

START_TEST(a_large_log_is_copied_by_itself_and_then_none_waits)
{
    store_help_begin(store, STORE_DURABLE);
    for (int n = 0; n < 40000; n++)
        add_gap(n, "possible");
    store_help_commit(store);
    ck_assert_int_eq(sizes().log_pages, 0);
    ck_assert_int_gt(sizes().log_bytes, 0);
}
END_TEST

START_TEST(a_database_that_is_gone_has_no_size)
{
    struct store_sizes gone;

    ck_assert_int_eq(remove(store_help_db()), 0);
    ck_assert_int_eq(store_measure_sizes(store, &gone), STORE_IO);
}
END_TEST

Suite *store_measure_suite(void)
{
    Suite *suite = suite_create("store_measure");
    TCase *tcase = tcase_create("measure");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_new_database_has_no_gaps_and_no_imports);
    tcase_add_test(tcase, open_gaps_are_counted_by_certainty_and_filled_ones_are_not);
    tcase_add_test(tcase, rows_of_imports_that_ended_are_added_up);
    tcase_add_test(tcase, pages_of_the_log_wait_until_they_are_copied);
    tcase_add_test(tcase, a_large_log_is_copied_by_itself_and_then_none_waits);
    tcase_add_test(tcase, a_database_that_is_gone_has_no_size);
    suite_add_tcase(suite, tcase);
    return suite;
}
