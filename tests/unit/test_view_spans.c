/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "web/view_spans.h"

#define DAY INT64_C(86400000)

static struct zone *zone;
static struct view_spans spans;

static void setup(void)
{
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
}

static void teardown(void)
{
    zone_free(zone);
}

static int64_t day_of(int year, int month, int day)
{
    return zone_day_of((struct zone_date){year, month, day});
}

/* A free stretch in which each day was played as often as the day of its month says. */
static void cut(int64_t first, int64_t last, const struct view_gaps *gaps, bool by_month)
{
    static const struct view_gaps none;
    struct period period = {.kind = PERIOD_FREE, .first_day = first, .last_day = last};
    struct store_times times = {0};

    times.days.items = calloc((size_t)(last - first + 1), sizeof(*times.days.items));
    for (int64_t day = first; day <= last; day++)
        times.days.items[times.days.count++] =
            (struct store_count){.id = day, .plays = zone_date_of(day).day};
    view_spans_make(&(struct view_spans_from){.zone = zone,
                                              .now = day_of(2026, 3, 10) * DAY + CLOCK_HOUR,
                                              .period = &period,
                                              .times = &times,
                                              .gaps = gaps ? gaps : &none,
                                              .measure = STORE_BY_PLAYS,
                                              .by_month = by_month},
                    &spans);
    free(times.days.items);
}

static int64_t sum(void)
{
    int64_t all = 0;

    for (size_t i = 0; i < spans.count; i++)
        all += spans.points[i].value;
    return all;
}

START_TEST(two_months_are_cut_into_days)
{
    cut(day_of(2026, 1, 1), day_of(2026, 2, 28), NULL, false);
    ck_assert_uint_eq(spans.count, 31 + 28);
    ck_assert_str_eq(spans.points[0].label, "2026-01-01");
    ck_assert_int_eq(spans.points[30].value, 31);
    ck_assert_int_eq(sum(), 31 * 32 / 2 + 28 * 29 / 2);
}
END_TEST

START_TEST(a_year_is_cut_into_weeks_that_begin_on_monday)
{
    cut(day_of(2026, 1, 1), day_of(2026, 12, 31), NULL, false);
    ck_assert_uint_eq(spans.count, 53);
    ck_assert_str_eq(spans.points[0].label, "2025-12-29");
    ck_assert_int_eq(spans.points[0].value, 1 + 2 + 3 + 4);
}
END_TEST

START_TEST(ten_years_are_cut_into_months_and_forty_into_years)
{
    cut(day_of(2016, 1, 1), day_of(2025, 12, 31), NULL, false);
    ck_assert_uint_eq(spans.count, 120);
    ck_assert_str_eq(spans.points[1].label, "2016-02");
    ck_assert_int_eq(spans.points[1].value, 29 * 30 / 2);
    cut(day_of(1986, 1, 1), day_of(2025, 12, 31), NULL, false);
    ck_assert_uint_eq(spans.count, 40);
    ck_assert_str_eq(spans.points[39].label, "2025");
}
END_TEST

START_TEST(months_stay_months_however_few_they_are)
{
    cut(day_of(2026, 1, 1), day_of(2026, 1, 1), NULL, true);
    ck_assert_uint_eq(spans.count, 1);
    ck_assert_str_eq(spans.points[0].label, "2026-01");
}
END_TEST

START_TEST(one_day_is_cut_into_hours)
{
    struct period period = {.kind = PERIOD_DAY,
                            .first_day = day_of(2026, 3, 10), /* a Tuesday */
                            .last_day = day_of(2026, 3, 10)};
    struct store_times times = {0};
    struct view_gaps gaps = {0};

    times.clock[1][7].plays = 5;
    view_spans_make(&(struct view_spans_from){.zone = zone,
                                              .now = period.first_day * DAY + 7 * CLOCK_HOUR,
                                              .period = &period,
                                              .times = &times,
                                              .gaps = &gaps},
                    &spans);
    ck_assert_uint_eq(spans.count, 24);
    ck_assert_int_eq(spans.points[7].value, 5);
    ck_assert_str_eq(spans.points[7].label, "07:00");
    ck_assert_int_eq(spans.points[7].part, 1);
    ck_assert_int_eq(spans.points[8].part, 0);
}
END_TEST

START_TEST(a_gap_marks_every_column_it_touches_and_the_worse_one_wins)
{
    struct view_gap items[] = {
        {day_of(2026, 1, 3) * DAY + 1, day_of(2026, 1, 5) * DAY + 1, 1},
        {day_of(2026, 1, 4) * DAY + 1, day_of(2026, 1, 4) * DAY + 9, 2},
    };
    struct view_gaps gaps = {.items = items, .count = 2};
    static const uint8_t expected[] = {0, 0, 1, 2, 1, 0};

    cut(day_of(2026, 1, 1), day_of(2026, 1, 6), &gaps, false);
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(spans.points[i].missing == expected[i], "day %zu: %d", i + 1,
                      spans.points[i].missing);
}
END_TEST

START_TEST(only_the_column_of_today_is_not_over)
{
    int parts = 0;

    cut(day_of(2026, 3, 1), day_of(2026, 3, 31), NULL, false);
    for (size_t i = 0; i < spans.count; i++)
        parts += spans.points[i].part;
    ck_assert_int_eq(parts, 1);
    ck_assert_int_eq(spans.points[9].part, 1);
}
END_TEST

START_TEST(a_stretch_of_ten_thousand_years_has_its_limit)
{
    cut(day_of(1970, 1, 1), day_of(2970, 12, 31), NULL, false);
    ck_assert_uint_eq(spans.count, VIEW_SPANS_MAX);
}
END_TEST

START_TEST(durations_have_hours_when_they_are_that_long)
{
    char text[32];

    ck_assert_str_eq(view_format_duration(59 * CLOCK_MINUTE, text, sizeof(text)), "59 min");
    ck_assert_str_eq(view_format_duration(125 * CLOCK_MINUTE, text, sizeof(text)), "2 h 05 min");
}
END_TEST

Suite *view_spans_suite(void)
{
    Suite *suite = suite_create("view_spans");
    TCase *spans_case = tcase_create("spans");

    tcase_add_checked_fixture(spans_case, setup, teardown);
    tcase_add_test(spans_case, two_months_are_cut_into_days);
    tcase_add_test(spans_case, a_year_is_cut_into_weeks_that_begin_on_monday);
    tcase_add_test(spans_case, ten_years_are_cut_into_months_and_forty_into_years);
    tcase_add_test(spans_case, months_stay_months_however_few_they_are);
    tcase_add_test(spans_case, one_day_is_cut_into_hours);
    tcase_add_test(spans_case, a_gap_marks_every_column_it_touches_and_the_worse_one_wins);
    tcase_add_test(spans_case, only_the_column_of_today_is_not_over);
    tcase_add_test(spans_case, a_stretch_of_ten_thousand_years_has_its_limit);
    tcase_add_test(spans_case, durations_have_hours_when_they_are_that_long);
    suite_add_tcase(suite, spans_case);
    return suite;
}
