/* SPDX-License-Identifier: MIT */
/* Names of copies, and which of them are removed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/keep.h"
#include "store_help.h"

static const struct tm moment = {
    .tm_year = 126, .tm_mon = 10, .tm_mday = 2, .tm_hour = 3, .tm_min = 4, .tm_sec = 5};

static void assert_expands(const char *pattern, const char *expected)
{
    struct buf out = {0};

    keep_expand(pattern, &moment, &out);
    ck_assert_str_eq(out.data, expected);
    buf_free(&out, false);
}

START_TEST(a_pattern_becomes_the_name_of_a_moment)
{
    assert_expands("h-%Y%m%d%H%M%S.db", "h-20261102030405.db");
    assert_expands("/a/b/plain.db", "/a/b/plain.db");
    assert_expands("100%%-%Y", "100%-2026");
    assert_expands("100%", "100%");
}
END_TEST

START_TEST(what_a_pattern_cannot_hold_is_told)
{
    ck_assert_ptr_nonnull(keep_problem("h-%y.db", false));
    ck_assert_ptr_nonnull(keep_problem("h-%", false));
    ck_assert_ptr_nonnull(keep_problem("/%Y/h.db", false));
    ck_assert_ptr_nonnull(keep_problem("h.db", true));
    ck_assert_ptr_nonnull(keep_problem("h-%Y%m.db", true));
    ck_assert_ptr_nonnull(keep_problem("h-%d%H%M%S.db", true));
    ck_assert_ptr_null(keep_problem("/100%%/h.db", false));
    ck_assert_ptr_null(keep_problem("h-%d%m%Y.db", true));
}
END_TEST

START_TEST(a_name_matches_only_if_the_pattern_could_have_made_it)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"h-%Y-%m-%d.db", "h-2026-11-22.db", true},
        {"/x/h-%Y-%m-%d.db", "h-2026-11-22.db", true},
        {"h-%Y-%m-%d.db", "h-2026-11-22.db-wal", false},
        {"h-%Y-%m-%d.db", "h-2026-11-22.d", false},
        {"h-%Y-%m-%d.db", "h-2026-13-22.db", false},
        {"h-%Y-%m-%d.db", "h-2026-00-22.db", false},
        {"h-%Y-%m-%d.db", "h-2026-11-2x.db", false},
        {"h-%Y-%m-%d.db", "h-2026-11-", false},
        {"h-%Y-%m-%d.db", "h-2026-1", false},
        {"h-%Y-%m-%d.db", "H-2026-11-22.db", false},
        {"h-%Y-%m-%d.db", "", false},
        {"h-%Y%m%d-%d.db", "h-20261122-22.db", true},
        {"h-%Y%m%d-%d.db", "h-20261122-23.db", false},
        {"%%-%Y%m%d", "%-20261122", true},
        {"%%-%Y%m%d", "%%-20261122", false},
        {"h.*%Y%m%d", "hxx20261122", false},
    };
    int when[KEEP_FIELDS];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(keep_match(rows[i].pattern, rows[i].name, when) == rows[i].matches, "%s, %s",
                      rows[i].pattern, rows[i].name);
    ck_assert(keep_match("%S%M%H-%d%m%Y", "050403-02112026", when));
    ck_assert_int_eq(when[0], 2026);
    ck_assert_int_eq(when[1], 11);
    ck_assert_int_eq(when[5], 5);
}
END_TEST

static void touch(const char *name)
{
    store_help_write(store_help_path(name), "x", 1, 0600);
}

static bool is_there(const char *name)
{
    struct stat status;

    return lstat(store_help_path(name), &status) == 0;
}

static char *keep(const char *pattern, const char *made, long count)
{
    struct buf removed = {0};

    ck_assert_int_eq(keep_newest(store_help_path(pattern), store_help_path(made), count, &removed),
                     0);
    return removed.data ? removed.data : strdup("");
}

START_TEST(the_oldest_go_and_the_newest_stay)
{
    char *removed;

    /* The day stands first: the order of the names is not that of time. */
    touch("h-01.12.2026");
    touch("h-30.11.2026");
    touch("h-02.01.2026");
    touch("h-03.12.2025");
    touch("h-02.12.2026");
    removed = keep("h-%d.%m.%Y", "h-02.12.2026", 3);
    ck_assert_str_eq(removed, "h-02.01.2026\nh-03.12.2025\n");
    free(removed);
    ck_assert(is_there("h-01.12.2026") && is_there("h-30.11.2026") && is_there("h-02.12.2026"));
    ck_assert(!is_there("h-02.01.2026") && !is_there("h-03.12.2025"));
}
END_TEST

START_TEST(what_does_not_match_or_is_no_plain_file_stays)
{
    char *removed;

    touch("h-20260102.db");
    touch("h-20260102.db-wal");
    touch("h-2026010.db");
    touch("other.db");
    touch(".h-20260101.db.part-abcdef");
    ck_assert_int_eq(mkdir(store_help_path("h-20200101.db"), 0700), 0);
    ck_assert_int_eq(symlink("other.db", store_help_path("h-20200102.db")), 0);
    touch("h-20260103.db");
    removed = keep("h-%Y%m%d.db", "h-20260103.db", 1);
    ck_assert_str_eq(removed, "h-20260102.db\n");
    free(removed);
    ck_assert(is_there("h-20260102.db-wal") && is_there("h-2026010.db") && is_there("other.db"));
    ck_assert(is_there("h-20200101.db") && is_there("h-20200102.db"));
    ck_assert(is_there(".h-20260101.db.part-abcdef"));
}
END_TEST

START_TEST(what_was_just_made_stays_though_its_name_is_older)
{
    char *removed;

    touch("h-20260105.db");
    touch("h-20260104.db");
    touch("h-20250101.db"); /* made now: the clock was set back */
    removed = keep("h-%Y%m%d.db", "h-20250101.db", 2);
    ck_assert_str_eq(removed, "h-20260104.db\n");
    free(removed);
    ck_assert(is_there("h-20250101.db") && is_there("h-20260105.db"));
}
END_TEST

START_TEST(a_pattern_without_a_folder_is_of_the_one_where_one_is)
{
    struct buf removed = {0};

    touch("h-20261121.db");
    touch("h-20261122.db");
    ck_assert_int_eq(chdir(store_help_folder()), 0);
    ck_assert_int_eq(keep_newest("h-%Y%m%d.db", "h-20261122.db", 1, &removed), 0);
    ck_assert(!is_there("h-20261121.db"));
    ck_assert(is_there("h-20261122.db"));
    buf_free(&removed, false);
}
END_TEST

START_TEST(fewer_than_are_to_be_kept_all_stay)
{
    char *removed;

    touch("h-20260105.db");
    removed = keep("h-%Y%m%d.db", "h-20260105.db", 3);
    ck_assert_str_eq(removed, "");
    free(removed);
}
END_TEST

Suite *keep_suite(void)
{
    Suite *suite = suite_create("keep");
    TCase *test = tcase_create("keep");

    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_test(test, a_pattern_becomes_the_name_of_a_moment);
    tcase_add_test(test, what_a_pattern_cannot_hold_is_told);
    tcase_add_test(test, a_name_matches_only_if_the_pattern_could_have_made_it);
    tcase_add_test(test, the_oldest_go_and_the_newest_stay);
    tcase_add_test(test, what_does_not_match_or_is_no_plain_file_stays);
    tcase_add_test(test, what_was_just_made_stays_though_its_name_is_older);
    tcase_add_test(test, a_pattern_without_a_folder_is_of_the_one_where_one_is);
    tcase_add_test(test, fewer_than_are_to_be_kept_all_stay);
    suite_add_tcase(suite, test);
    return suite;
}
