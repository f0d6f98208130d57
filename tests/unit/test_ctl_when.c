/* SPDX-License-Identifier: MIT */
/* Moments as a person writes them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
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
        "",           "26",         "202",        "20261",       "2026-",
        "2026-1",     "2026-13",    "2026-00",    "2026-11-31",  "2026-02-29",
        "2026-11-00", "2026-11-2x", "2026/11/22", "2026-11-22 ", " 2026",
        "Yesterday",  "last-day",   "next-week",  "last-month ", "7",
        "-7d",        "7 d",        "1969",       "0000",        "2026-11-22T18:04:11",
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

#define ZONE "Europe/Berlin"

/* What a name stands for at a moment: where it begins and ends. */
static const struct {
    const char *now, *name, *begins, *ends;
} names[] = {
    {"2026-11-22T18:00:00Z", "today", "2026-11-21T23:00:00.000Z", "2026-11-22T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "yesterday", "2026-11-20T23:00:00.000Z", "2026-11-21T23:00:00.000Z"},
    /* a Sunday is the last day of its week */
    {"2026-11-22T18:00:00Z", "this-week", "2026-11-15T23:00:00.000Z", "2026-11-22T23:00:00.000Z"},
    {"2026-11-22T23:00:00Z", "this-week", "2026-11-22T23:00:00.000Z", "2026-11-29T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "last-week", "2026-11-08T23:00:00.000Z", "2026-11-15T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "last-month", "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"},
    {"2026-01-31T18:00:00Z", "last-month", "2025-11-30T23:00:00.000Z", "2025-12-31T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "this-month", "2026-10-31T23:00:00.000Z", "2026-11-30T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "last-year", "2024-12-31T23:00:00.000Z", "2025-12-31T23:00:00.000Z"},
    {"2026-11-22T18:00:00Z", "this-year", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"},
    /* 23 and 25 hours */
    {"2026-03-29T10:00:00Z", "today", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"},
    {"2026-10-25T10:00:00Z", "today", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
    {"2026-10-26T10:00:00Z", "yesterday", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
    {"2026-03-30T10:00:00Z", "last-week", "2026-03-22T23:00:00.000Z", "2026-03-29T22:00:00.000Z"},
    /* in both of the hours that are called 02:30 */
    {"2026-10-25T00:30:00Z", "today", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
    {"2026-10-25T01:30:00Z", "today", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
};

static int64_t at(const char *time)
{
    int64_t ms = -1;

    ck_assert(text_time_parse(time, strlen(time), &ms));
    return ms;
}

START_TEST(a_name_is_a_stretch_of_the_local_calendar)
{
    char time[TEXT_TIME_SIZE];
    int64_t ms = -1;

    set_zone(ZONE);
    ck_assert(when_parse(names[_i].name, at(names[_i].now), &ms));
    ck_assert_str_eq(text_time_format(ms, time), names[_i].begins);
    ck_assert(when_name_ends(names[_i].name, at(names[_i].now), &ms));
    ck_assert_str_eq(text_time_format(ms, time), names[_i].ends);
}
END_TEST

START_TEST(what_is_no_name_has_no_end)
{
    int64_t ms = 42;

    ck_assert(!when_name_ends("2026-11", NOW, &ms));
    ck_assert(!when_name_ends("7d", NOW, &ms));
    ck_assert_int_eq(ms, 42);
}
END_TEST

static const struct {
    const char *now;
    enum when_unit unit;
    const char *before;
} before[] = {
    {"2026-11-22T18:00:00.5Z", WHEN_DAY, "2026-11-21T18:00:00.500Z"},
    {"2026-11-22T18:00:00Z", WHEN_WEEK, "2026-11-15T18:00:00.000Z"},
    {"2026-11-22T18:00:00Z", WHEN_MONTH, "2026-10-22T17:00:00.000Z"}, /* summer time */
    {"2026-11-22T18:00:00Z", WHEN_YEAR, "2025-11-22T18:00:00.000Z"},
    {"2026-03-31T18:00:00Z", WHEN_MONTH, "2026-02-28T23:00:00.000Z"}, /* there is no 31st */
    {"2028-02-29T18:00:00Z", WHEN_YEAR, "2027-03-01T18:00:00.000Z"},
    {"2026-03-30T10:00:00Z", WHEN_DAY, "2026-03-29T10:00:00.000Z"},
};

START_TEST(the_same_place_in_the_one_before)
{
    char time[TEXT_TIME_SIZE];

    set_zone(ZONE);
    ck_assert_str_eq(text_time_format(when_same_before(before[_i].unit, at(before[_i].now)), time),
                     before[_i].before);
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
    tcase_add_loop_test(test, a_name_is_a_stretch_of_the_local_calendar, 0,
                        sizeof(names) / sizeof(names[0]));
    tcase_add_test(test, what_is_no_name_has_no_end);
    tcase_add_loop_test(test, the_same_place_in_the_one_before, 0,
                        sizeof(before) / sizeof(before[0]));
    suite_add_tcase(suite, test);
    return suite;
}
