/* SPDX-License-Identifier: MIT */
/* Small pictures of characters, and listening times. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/draw.h"

static struct buf out;

static void teardown(void)
{
    buf_free(&out, false);
}

static const struct {
    int64_t part, whole;
    const char *blocks, *ascii;
} bars[] = {
    {0, 10, "", ""},
    {10, 10, "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88", "####"},
    {5, 10, "\xe2\x96\x88\xe2\x96\x88", "##"},
    {17, 32, "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x8f", "##"}, /* an eighth more than a half */
    {1, 1000000, "\xe2\x96\x8f", "#"},                      /* more than nothing */
    {11, 10, "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88", "####"},
    {INT64_MAX, INT64_MAX, "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88", "####"},
    {5, 0, "", ""},
    {-5, 10, "", ""},
};

START_TEST(a_bar_is_as_long_as_its_share)
{
    draw_bar(&out, bars[_i].part, bars[_i].whole, 4, true);
    ck_assert_str_eq(out.data ? out.data : "", bars[_i].blocks);
    buf_clear(&out, false);
    draw_bar(&out, bars[_i].part, bars[_i].whole, 4, false);
    ck_assert_str_eq(out.data ? out.data : "", bars[_i].ascii);
}
END_TEST

START_TEST(a_sparkline_is_as_high_as_its_values)
{
    static const int64_t values[] = {0, 1, 2, 3, 4, 5, 6, 7};

    draw_sparkline(&out, values, 8, true);
    ck_assert_str_eq(out.data, "\xe2\x96\x81\xe2\x96\x82\xe2\x96\x83\xe2\x96\x84"
                               "\xe2\x96\x85\xe2\x96\x86\xe2\x96\x87\xe2\x96\x88");
    buf_clear(&out, false);
    draw_sparkline(&out, values, 8, false);
    ck_assert_str_eq(out.data, "_.,:-=+#");
}
END_TEST

START_TEST(a_little_is_not_nothing_in_a_sparkline)
{
    static const int64_t values[] = {0, 1, 1000};

    draw_sparkline(&out, values, 3, false);
    ck_assert_str_eq(out.data, "_.#");
}
END_TEST

START_TEST(a_sparkline_of_nothing_is_flat)
{
    static const int64_t values[] = {0, 0};

    draw_sparkline(&out, values, 2, false);
    ck_assert_str_eq(out.data, "__");
}
END_TEST

static const struct {
    int64_t ms;
    const char *listened, *length;
} times[] = {
    {0, "0 s", "0:00"},
    {59999, "59 s", "0:59"},
    {60000, "1 min", "1:00"},
    {205000, "3 min", "3:25"},
    {3599999, "59 min", "59:59"},
    {3600000, "1 h 00 min", "1:00:00"},
    {43500000, "12 h 05 min", "12:05:00"},
    {INT64_C(36000000000), "10000 h 00 min", "10000:00:00"},
};

START_TEST(times_are_written_for_people)
{
    char text[DRAW_TIME_SIZE];

    ck_assert_str_eq(draw_listened(times[_i].ms, text), times[_i].listened);
    ck_assert_str_eq(draw_length(times[_i].ms, text), times[_i].length);
}
END_TEST

static const struct {
    int64_t now, before;
    const char *text;
} changes[] = {
    {0, 0, ""},      {5, 0, "new"},   {5, 5, "="},       {0, 5, "-100 %"},
    {6, 5, "+20 %"}, {4, 5, "-20 %"}, {1000, 1001, "="}, {1000, 10, "+9900 %"},
};

START_TEST(a_change_is_in_percent_of_what_was_before)
{
    char text[DRAW_TIME_SIZE];

    ck_assert_str_eq(draw_change(changes[_i].now, changes[_i].before, text), changes[_i].text);
}
END_TEST

START_TEST(days_are_dates)
{
    char text[DRAW_TIME_SIZE];

    ck_assert_str_eq(draw_day(0, text), "1970-01-01");
    ck_assert_str_eq(draw_day(20541, text), "2026-03-29");
    ck_assert_str_eq(draw_day(-1, text), "1969-12-31");
}
END_TEST

START_TEST(blocks_are_for_locales_of_utf_8)
{
    setlocale(LC_CTYPE, "C");
    ck_assert(!draw_has_blocks());
    setlocale(LC_CTYPE, "C.UTF-8");
    ck_assert(draw_has_blocks());
}
END_TEST

Suite *ctl_draw_suite(void);

Suite *ctl_draw_suite(void)
{
    Suite *suite = suite_create("ctl_draw");
    TCase *test = tcase_create("draw");

    tcase_add_checked_fixture(test, NULL, teardown);
    tcase_add_loop_test(test, a_bar_is_as_long_as_its_share, 0, sizeof(bars) / sizeof(bars[0]));
    tcase_add_test(test, a_sparkline_is_as_high_as_its_values);
    tcase_add_test(test, a_little_is_not_nothing_in_a_sparkline);
    tcase_add_test(test, a_sparkline_of_nothing_is_flat);
    tcase_add_loop_test(test, times_are_written_for_people, 0, sizeof(times) / sizeof(times[0]));
    tcase_add_loop_test(test, a_change_is_in_percent_of_what_was_before, 0,
                        sizeof(changes) / sizeof(changes[0]));
    tcase_add_test(test, days_are_dates);
    tcase_add_test(test, blocks_are_for_locales_of_utf_8);
    suite_add_tcase(suite, test);
    return suite;
}
