/* SPDX-License-Identifier: MIT */
/* "/coverage": how complete each day is, as a reader sees it. */
#include <inttypes.h>
#include <stdio.h>

#include "view_help.h"

#define NOW VIEW_HELP_NOW
#define DAY VIEW_HELP_DAY
#define HOUR VIEW_HELP_HOUR

static const char *coverage(const char *address)
{
    return view_help_draw(view_coverage, address);
}

/* The record began so, and is known up to now. */
static void recorded_since(int64_t since)
{
    view_help_sql("UPDATE users SET first_sweep_at = %" PRId64 ", last_success_at = %" PRId64,
                  since, NOW);
    view_help_sql("INSERT INTO polls (user_id, started_at, kind, outcome, items, added, late, odd,"
                  " duration_ms) VALUES (1, %" PRId64 ", 'sweep', 'ok', 0, 0, 0, 0, 1)",
                  since);
    view_help_sql("INSERT INTO runs (started_at, alive_at, version) VALUES (%" PRId64 ", %" PRId64
                  ", 'test')",
                  since, NOW);
}

START_TEST(without_anybody_it_is_said)
{
    view_help_sql("DELETE FROM users");
    coverage("/coverage");
    view_help_has("Nobody is recorded yet.");
}
END_TEST

START_TEST(before_the_first_poll_nothing_is_claimed)
{
    coverage("/coverage");
    view_help_has("a day to come");
    view_help_has("nowhere yet");
    view_help_has("No gap is known.");
    view_help_has_not("class=\"covered-complete\"");
}
END_TEST

START_TEST(names_are_text_whatever_is_in_them)
{
    view_help_hostile(_i);
    coverage("/coverage");
    view_help_hostile_check();
}
END_TEST

START_TEST(days_with_a_gap_are_told_apart)
{
    recorded_since(view_help_day(2026, 11, 1));
    view_help_play(1, view_help_day(2026, 11, 1), 1, -1);
    view_help_gap(view_help_day(2026, 11, 3) + HOUR, view_help_day(2026, 11, 5) - HOUR, "likely");
    view_help_gap(view_help_day(2026, 11, 8) + HOUR, view_help_day(2026, 11, 8) + 2 * HOUR,
                  "possible");
    coverage("/coverage");
    view_help_has("title=\"2026-11-03: plays lost\"");
    view_help_has("title=\"2026-11-04: plays lost\"");
    view_help_has("title=\"2026-11-05: complete\"");
    view_help_has("title=\"2026-11-08: possibly not complete\"");
    ck_assert_int_eq(view_help_count("td class=\"covered-lost\""), 2);
    ck_assert_int_eq(view_help_count("td class=\"covered-possible\""), 1);
    view_help_has("Plays are missing: the recorder did not run.");
    view_help_has("Plays may be missing: the recorder did not run.");
    view_help_has("extended streaming history");
}
END_TEST

/* Each month is a table of whole weeks, with each of its days once. */
START_TEST(a_year_has_each_of_its_days)
{
    int year = 2012 + _i;
    char address[40], text[40];
    int cells;

    view_help_now(view_help_day(year, 12, 31) + HOUR);
    view_help_play(1, view_help_day(year, 1, 1), 1, -1);
    snprintf(address, sizeof(address), "/coverage?year=%d", year);
    coverage(address);
    snprintf(text, sizeof(text), "?day=%d-", year);
    ck_assert_int_eq(view_help_count(text), year % 4 == 0 ? 366 : 365);
    ck_assert_int_eq(view_help_count("<table class=\"month\">"), 12);
    cells = view_help_count("<td></td>") + view_help_count("<td class=\"covered-");
    ck_assert_int_eq(cells % 7, 0);
    ck_assert_int_eq(view_help_count("</tr>\n<tr><td"), cells / 7 - 12);
}
END_TEST

START_TEST(a_year_without_a_record_is_a_page)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    coverage("/coverage?year=2020");
    ck_assert_int_eq(view_help_status(), 200);
    view_help_has("Nothing is known of 2020.");
    view_help_has_not("<table class=\"month\">");
    coverage("/coverage?year=soon");
    ck_assert_int_eq(view_help_status(), 400);
}
END_TEST

START_TEST(more_gaps_than_are_listed_are_told)
{
    for (int i = 0; i < 201; i++)
        view_help_gap(NOW - (i + 2) * HOUR, NOW - (i + 2) * HOUR + 1, "possible");
    coverage("/coverage");
    ck_assert_int_eq(view_help_count("<td>Plays may be missing: "), 200);
    view_help_has("These are the newest 200; <code>spotify-historyctl gaps</code> lists all.");
    view_help_sql("DELETE FROM gaps WHERE gap_id = 1");
    coverage("/coverage");
    ck_assert_int_eq(view_help_count("<td>Plays may be missing: "), 200);
    view_help_has_not("These are the newest");
}
END_TEST

START_TEST(a_gap_that_was_filled_tells_by_what)
{
    view_help_play(1, NOW - 3 * DAY, 1, -1);
    view_help_gap(NOW - 3 * DAY, NOW - HOUR, "likely");
    view_help_sql("INSERT INTO imports (import_id, user_id, file, hash, source, started_at,"
                  " row_count, added, matched, duplicate, rejected)"
                  " VALUES (7, 1, '<b>.zip', 'h', 'extended', 1, 0, 0, 0, 0, 0);"
                  "UPDATE gaps SET filled_by = 7");
    coverage("/coverage");
    view_help_has("Filled by import 7 (<bdi>&lt;b&gt;.zip</bdi>).");
    view_help_has_not("extended streaming history");
}
END_TEST

Suite *view_coverage_suite(void);

Suite *view_coverage_suite(void)
{
    Suite *suite = suite_create("view_coverage");
    TCase *test = tcase_create("coverage");

    tcase_add_checked_fixture(test, view_help_setup, view_help_teardown);
    tcase_add_test(test, without_anybody_it_is_said);
    tcase_add_test(test, before_the_first_poll_nothing_is_claimed);
    tcase_add_loop_test(test, names_are_text_whatever_is_in_them, 0, VIEW_HELP_HOSTILE);
    tcase_add_test(test, days_with_a_gap_are_told_apart);
    tcase_add_loop_test(test, a_year_has_each_of_its_days, 0, 14);
    tcase_add_test(test, a_year_without_a_record_is_a_page);
    tcase_add_test(test, more_gaps_than_are_listed_are_told);
    tcase_add_test(test, a_gap_that_was_filled_tells_by_what);
    suite_add_tcase(suite, test);
    return suite;
}
