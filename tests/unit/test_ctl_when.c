/* SPDX-License-Identifier: MIT */
/* Moments as a person writes them. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/when.h"

#define NOW INT64_C(1795370400000) /* 2026-11-22T18:00:00Z */

static void set_zone(const char *zone)
{
    ck_assert_int_eq(setenv("TZ", zone, 1), 0);
    tzset();
}

static void assert_when(const char *text, const char *expected)
{
    char time[TEXT_TIME_SIZE];
    int64_t ms = -1;

    ck_assert_msg(when_parse(text, NOW, &ms), "%s", text);
    ck_assert_str_eq(text_time_format(ms, time), expected);
}

START_TEST(dates_are_their_first_moment_in_the_local_time_zone)
{
    set_zone("Europe/Stockholm");
    assert_when("2026", "2025-12-31T23:00:00.000Z");
    assert_when("2026-11", "2026-10-31T23:00:00.000Z");
    assert_when("2026-11-22", "2026-11-21T23:00:00.000Z");
    assert_when("2026-07-01", "2026-06-30T22:00:00.000Z"); /* summer time */
    assert_when("2028-02-29", "2028-02-28T23:00:00.000Z");
    set_zone("UTC");
    assert_when("1970", "1970-01-01T00:00:00.000Z");
    assert_when("2026-11-22", "2026-11-22T00:00:00.000Z");
    set_zone("America/Los_Angeles");
    assert_when("2026-11-22", "2026-11-22T08:00:00.000Z");
}
END_TEST

/* In Chile clocks were set forward at midnight of 2023-09-03. */
START_TEST(a_day_without_midnight_begins_at_its_first_hour)
{
    set_zone("<-04>4<-03>,M9.1.0/0,M4.1.0/0");
    assert_when("2026-09-06", "2026-09-06T04:00:00.000Z");
}
END_TEST

START_TEST(time_stamps_mean_the_same_everywhere)
{
    set_zone("Asia/Tokyo");
    assert_when("2026-11-22T18:04:11Z", "2026-11-22T18:04:11.000Z");
    assert_when("2026-11-22T18:04:11.207+01:00", "2026-11-22T17:04:11.207Z");
}
END_TEST

START_TEST(durations_are_before_now)
{
    assert_when("7d", "2026-11-15T18:00:00.000Z");
    assert_when("1h30m", "2026-11-22T16:30:00.000Z");
    assert_when("0", "2026-11-22T18:00:00.000Z");
}
END_TEST

START_TEST(anything_else_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {
        "",           "26",
        "202",        "20261",
        "2026-",      "2026-1",
        "2026-13",    "2026-00",
        "2026-11-31", "2026-02-29",
        "2026-11-00", "2026-11-2x",
        "2026/11/22", "2026-11-22 ",
        " 2026",      "yesterday",
        "7",          "-7d",
        "7 d",        "1969",
        "0000",       "2026-11-22T18:04:11",
        "+2026",
    };
    int64_t ms = 42;

    set_zone("Europe/Stockholm");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!when_parse(bad[i], NOW, &ms), "\"%s\"", bad[i]);
        ck_assert_int_eq(ms, 42);
    }
}
END_TEST

Suite *ctl_when_suite(void)
{
    Suite *suite = suite_create("ctl_when");
    TCase *test = tcase_create("when");

    tcase_add_test(test, dates_are_their_first_moment_in_the_local_time_zone);
    tcase_add_test(test, a_day_without_midnight_begins_at_its_first_hour);
    tcase_add_test(test, time_stamps_mean_the_same_everywhere);
    tcase_add_test(test, durations_are_before_now);
    tcase_add_test(test, anything_else_is_refused_and_changes_nothing);
    suite_add_tcase(suite, test);
    return suite;
}
