/* SPDX-License-Identifier: MIT */
/* base/zone, the calendar: held against the C library's. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/zone.h"
#include "lib/chance.h"
#include "lib/count.h"

#define YEARS_200 73049 /* days */

static struct tm utc_of(int64_t day)
{
    time_t seconds = (time_t)(day * 86400);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm))
        ck_abort_msg("gmtime_r");
    return tm;
}

START_TEST(every_day_of_200_years_has_the_date_that_the_c_library_gives_it)
{
    for (int64_t day = -YEARS_200 / 2; day <= YEARS_200 / 2; day++) {
        struct tm tm = utc_of(day);
        struct zone_date date = zone_date_of(day);

        if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
            date.day != tm.tm_mday || zone_weekday(day) != (tm.tm_wday + 6) % 7)
            ck_abort_msg("day %lld: %d-%d-%d, a %d", (long long)day, date.year, date.month,
                         date.day, zone_weekday(day));
        if (zone_day_of(date) != day)
            ck_abort_msg("day %lld comes back as %lld", (long long)day,
                         (long long)zone_day_of(date));
    }
}
END_TEST

START_TEST(months_and_days_beyond_theirs_run_on_as_in_the_c_library)
{
    struct chance chance = chance_open("months_and_days_beyond_theirs");

    for (int i = 0; i < 20000; i++) {
        struct zone_date date = {(int32_t)(1870 + chance_below(&chance, 200)),
                                 (int32_t)chance_below(&chance, 2000) - 1000,
                                 (int32_t)chance_below(&chance, 20000) - 10000};
        struct tm tm = {.tm_year = date.year - 1900, .tm_mon = date.month - 1, .tm_mday = date.day};

        if (zone_day_of(date) != timegm(&tm) / 86400)
            ck_abort_msg("%d-%d-%d", date.year, date.month, date.day);
    }
}
END_TEST

START_TEST(a_month_is_as_long_as_it_is_to_the_next)
{
    for (int32_t year = 1870; year < 2070; year++) {
        for (int32_t month = 1; month <= 12; month++) {
            struct tm tm = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = 0};

            timegm(&tm);
            if (zone_month_days(year, month) != tm.tm_mday)
                ck_abort_msg("%d-%d", year, month);
        }
    }
}
END_TEST

START_TEST(leap_years_follow_the_gregorian_rule)
{
    ck_assert_int_eq(zone_month_days(2000, 2), 29);
    ck_assert_int_eq(zone_month_days(1900, 2), 28);
    ck_assert_int_eq(zone_month_days(2028, 2), 29);
    ck_assert_int_eq(zone_month_days(2100, 2), 28);
    ck_assert_int_eq(zone_month_days(0, 2), 29);
    ck_assert_int_eq(zone_month_days(-4, 2), 29);
    ck_assert_int_eq(zone_month_days(2027, 14), 29); /* February of the next */
}
END_TEST

START_TEST(any_day_with_a_year_of_32_bits_comes_back)
{
    struct chance chance = chance_open("any_day_with_a_year_of_32_bits");

    for (int i = 0; i < 20000; i++) {
        int64_t day =
            (int64_t)chance_below(&chance, UINT64_C(1560000000000)) - INT64_C(780000000000);

        if (zone_day_of(zone_date_of(day)) != day)
            ck_abort_msg("day %lld", (long long)day);
    }
}
END_TEST

START_TEST(the_ends_of_all_numbers_do_no_harm)
{
    static const int64_t days[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    char text[ZONE_DATE_SIZE];

    for (int i = 0; i < COUNT(days); i++) {
        struct zone_date date = zone_date_of(days[i]);

        ck_assert((date.year < 0) == (days[i] < 0));
        ck_assert(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
        ck_assert(zone_weekday(days[i]) >= 0 && zone_weekday(days[i]) <= 6);
        ck_assert_uint_ge(strlen(zone_date_format(days[i], text)), strlen("2026-11-22"));
    }
    ck_assert_int_lt(zone_day_of((struct zone_date){INT32_MIN, INT32_MIN, INT32_MIN}), 0);
    ck_assert_int_gt(zone_day_of((struct zone_date){INT32_MAX, INT32_MAX, INT32_MAX}), 0);
    ck_assert_int_eq(zone_month_days(INT32_MAX, INT32_MAX), 31); /* a July */
    ck_assert_int_eq(zone_month_days(INT32_MIN, INT32_MIN), 30); /* an April */
}
END_TEST

START_TEST(a_date_is_written_with_four_digits_of_the_year)
{
    char text[ZONE_DATE_SIZE];

    ck_assert_str_eq(zone_date_format(0, text), "1970-01-01");
    ck_assert_str_eq(zone_date_format(20779, text), "2026-11-22");
    ck_assert_str_eq(zone_date_format(2932896, text), "9999-12-31");
    ck_assert_str_eq(zone_date_format(2932897, text), "10000-01-01");
    ck_assert_str_eq(zone_date_format(-719528, text), "0000-01-01");
}
END_TEST

START_TEST(a_date_that_was_written_is_read)
{
    char text[ZONE_DATE_SIZE];
    int64_t day = -1;

    for (int64_t i = 0; i < YEARS_200; i++) {
        if (!zone_date_parse(zone_date_format(i, text), &day) || day != i)
            ck_abort_msg("%s: %lld and not %lld", text, (long long)day, (long long)i);
    }
    ck_assert(zone_date_parse("9999-12-31", &day));
    ck_assert_int_eq(day, 2932896);
}
END_TEST

static const char *const no_dates[] = {
    "",           "2026",        "2026-11",     "2026-11-2",  "2026-11-222", "2026-11-31",
    "2026-02-29", "2100-02-29",  "2026-00-01",  "2026-13-01", "2026-01-00",  "2026-01-32",
    "2026/11/22", "2026-11-22 ", " 2026-11-22", "0000-01-01", "1969-12-31",  "-026-11-22",
    "+026-11-22", "2026-1-022",  "2026-11-2x",  "2O26-11-22", "20261122",    "２０２６",
};

START_TEST(what_is_no_date_is_refused_and_changes_nothing)
{
    int64_t day = 42;

    ck_assert_msg(!zone_date_parse(no_dates[_i], &day), "\"%s\"", no_dates[_i]);
    ck_assert_int_eq(day, 42);
}
END_TEST

Suite *zone_date_suite(void);
Suite *zone_date_suite(void)
{
    Suite *suite = suite_create("zone_date");
    TCase *dates = tcase_create("dates");

    tcase_add_test(dates, every_day_of_200_years_has_the_date_that_the_c_library_gives_it);
    tcase_add_test(dates, months_and_days_beyond_theirs_run_on_as_in_the_c_library);
    tcase_add_test(dates, a_month_is_as_long_as_it_is_to_the_next);
    tcase_add_test(dates, leap_years_follow_the_gregorian_rule);
    tcase_add_test(dates, any_day_with_a_year_of_32_bits_comes_back);
    tcase_add_test(dates, the_ends_of_all_numbers_do_no_harm);
    tcase_add_test(dates, a_date_is_written_with_four_digits_of_the_year);
    tcase_add_test(dates, a_date_that_was_written_is_read);
    tcase_add_loop_test(dates, what_is_no_date_is_refused_and_changes_nothing, 0, COUNT(no_dates));
    suite_add_tcase(suite, dates);
    return suite;
}
