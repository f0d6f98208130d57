/* SPDX-License-Identifier: MIT */
/* The gaps that there are, read back. */
#include "store/gaps.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "store_help.h"

static struct store *store;
static char seen[400];

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store_help_exec(
        store_help_db(),
        "INSERT INTO users (user_id, spotify_id, display_name, state, state_since, added_at)"
        " SELECT 2, 'two', 'Two', state, state_since, added_at FROM users WHERE user_id = 1;"
        "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added,"
        " matched, duplicate, rejected) VALUES"
        " (3, 1, 'a.zip: one.json', 'ab', 'extended', 5, 0, 0, 0, 0, 0);"
        "INSERT INTO gaps (gap_id, user_id, after_played_at, before_played_at, certainty, cause,"
        " detected_at, filled_by) VALUES (1, 1, 300, 400, 'likely', 'daemon_down', 401, NULL),"
        " (2, 1, 100, 200, 'possible', 'unknown', 201, 3),"
        " (4, 2, 150, 250, 'possible', 'needs_login', 251, NULL)");
    store = store_help_open(STORE_READER);
    seen[0] = '\0';
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static void take(const struct store_gap_row *gap, void *context)
{
    size_t len = strlen(seen);

    ck_assert_ptr_eq(context, seen);
    snprintf(seen + len, sizeof(seen) - len, "%d/%d %d-%d %s %s %d %d[%s]\n", (int)gap->gap_id,
             (int)gap->user_id, (int)gap->after_played_at, (int)gap->before_played_at,
             gap->certainty, gap->cause, (int)gap->detected_at, (int)gap->filled_by, gap->file);
}

START_TEST(all_gaps_come_with_what_filled_them_oldest_first)
{
    ck_assert_int_eq(store_gaps_list(store, 0, 0, take, seen), STORE_OK);
    ck_assert_str_eq(seen, "2/1 100-200 possible unknown 201 3[a.zip: one.json]\n"
                           "4/2 150-250 possible needs_login 251 0[]\n"
                           "1/1 300-400 likely daemon_down 401 0[]\n");
}
END_TEST

START_TEST(those_of_one_user_come_alone)
{
    ck_assert_int_eq(store_gaps_list(store, 2, 0, take, seen), STORE_OK);
    ck_assert_str_eq(seen, "4/2 150-250 possible needs_login 251 0[]\n");
}
END_TEST

START_TEST(the_newest_ones_come_oldest_first_too)
{
    ck_assert_int_eq(store_gaps_list(store, 0, 2, take, seen), STORE_OK);
    ck_assert_str_eq(seen, "4/2 150-250 possible needs_login 251 0[]\n"
                           "1/1 300-400 likely daemon_down 401 0[]\n");
}
END_TEST

START_TEST(who_has_no_gap_has_none)
{
    ck_assert_int_eq(store_gaps_list(store, 9, 0, take, seen), STORE_OK);
    ck_assert_str_eq(seen, "");
}
END_TEST

START_TEST(a_table_that_is_not_there_is_said)
{
    store_close(store);
    store_help_exec(store_help_db(), "DROP VIEW coverage_by_day; DROP TABLE gaps");
    store = store_help_open(STORE_READER);
    ck_assert_int_ne(store_gaps_list(store, 0, 0, take, seen), STORE_OK);
    ck_assert_ptr_nonnull(strstr(store_message(store), "reading the gaps"));
}
END_TEST

Suite *store_gaps_suite(void);

Suite *store_gaps_suite(void)
{
    Suite *suite = suite_create("store_gaps");
    TCase *test = tcase_create("list");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, all_gaps_come_with_what_filled_them_oldest_first);
    tcase_add_test(test, those_of_one_user_come_alone);
    tcase_add_test(test, the_newest_ones_come_oldest_first_too);
    tcase_add_test(test, who_has_no_gap_has_none);
    tcase_add_test(test, a_table_that_is_not_there_is_said);
    suite_add_tcase(suite, test);
    return suite;
}
