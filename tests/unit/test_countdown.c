/* SPDX-License-Identifier: MIT */
/* When a sign-in ends, and when to say so. */
#include "capture/countdown.h"

#include <check.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

static int64_t at(const char *text)
{
    int64_t ms = 0;

    ck_assert_msg(text_time_parse(text, strlen(text), &ms), "%s", text);
    return ms;
}

static void check_end(const char *authorized, const char *end)
{
    char text[TEXT_TIME_SIZE];

    ck_assert_str_eq(text_time_format(countdown_end(at(authorized)), text), end);
}

/* ---- the end ---- */

START_TEST(a_sign_in_ends_on_the_same_day_and_moment_six_months_later)
{
    check_end("2026-01-15T08:09:10.123Z", "2026-07-15T08:09:10.123Z");
    check_end("2026-07-15T23:59:59.999Z", "2027-01-15T23:59:59.999Z");
    check_end("2026-06-30T00:00:00.000Z", "2026-12-30T00:00:00.000Z");
    check_end("2026-12-01T00:00:00.000Z", "2027-06-01T00:00:00.000Z");
}
END_TEST

START_TEST(where_there_is_no_such_day_it_ends_on_the_last_of_the_month)
{
    check_end("2026-08-31T12:00:00.000Z", "2027-02-28T12:00:00.000Z");
    check_end("2026-08-30T12:00:00.000Z", "2027-02-28T12:00:00.000Z");
    check_end("2026-08-29T12:00:00.000Z", "2027-02-28T12:00:00.000Z");
    check_end("2026-08-28T12:00:00.000Z", "2027-02-28T12:00:00.000Z");
    check_end("2026-03-31T12:00:00.000Z", "2026-09-30T12:00:00.000Z");
    check_end("2026-05-31T12:00:00.000Z", "2026-11-30T12:00:00.000Z");
    check_end("2026-10-31T12:00:00.000Z", "2027-04-30T12:00:00.000Z");
    check_end("2026-12-31T12:00:00.000Z", "2027-06-30T12:00:00.000Z");
}
END_TEST

START_TEST(in_a_leap_year_february_has_a_day_more)
{
    check_end("2027-08-31T12:00:00.000Z", "2028-02-29T12:00:00.000Z");
    check_end("2027-08-29T12:00:00.000Z", "2028-02-29T12:00:00.000Z");
    check_end("2027-08-28T12:00:00.000Z", "2028-02-28T12:00:00.000Z");
    check_end("2028-02-29T12:00:00.000Z", "2028-08-29T12:00:00.000Z");
    check_end("2099-08-31T12:00:00.000Z", "2100-02-28T12:00:00.000Z"); /* by 100, not by 400 */
    check_end("1999-08-31T12:00:00.000Z", "2000-02-29T12:00:00.000Z"); /* by 400 */
}
END_TEST

/* The C library's calendar as a second opinion. */
START_TEST(four_centuries_of_days_agree_with_the_calendar_of_the_c_library)
{
    for (int64_t day = 0; day < 146097; day++) {
        time_t seconds = (time_t)(day * 86400 + day % 86400);
        struct tm date;
        ck_assert_ptr_nonnull(gmtime_r(&seconds, &date));
        int month = (date.tm_mon + 6) % 12;
        date.tm_mon += 6;
        time_t end = timegm(&date);
        while (date.tm_mon != month) { /* it went over the end of the month */
            end -= 86400;
            gmtime_r(&end, &date);
        }
        ck_assert_int_eq(countdown_end((int64_t)seconds * 1000 + 7), (int64_t)end * 1000 + 7);
    }
}
END_TEST

START_TEST(before_1970_it_counts_in_the_same_way)
{
    int64_t july = -184 * CLOCK_DAY; /* 1969-07-01 */

    ck_assert_int_eq(countdown_end(july), 0);
    ck_assert_int_eq(countdown_end(july - 1), -CLOCK_DAY - 1); /* 30 June: 30 December */
}
END_TEST

START_TEST(no_time_makes_it_overflow)
{
    ck_assert_int_eq(countdown_end(INT64_MAX), INT64_MAX);
    ck_assert_int_eq(countdown_end(INT64_MAX - 184 * CLOCK_DAY + 1), INT64_MAX);
    ck_assert_int_gt(countdown_end(INT64_MAX - 184 * CLOCK_DAY), INT64_MAX - 4 * CLOCK_DAY);
    ck_assert_int_le(countdown_end(INT64_MIN + 1), INT64_MIN + 1 + 184 * CLOCK_DAY);
    ck_assert_int_gt(countdown_end(INT64_MIN + 1), INT64_MIN + 1 + 180 * CLOCK_DAY);
}
END_TEST

START_TEST(of_a_sign_in_at_an_unknown_time_the_end_is_unknown)
{
    ck_assert_int_eq(countdown_end(CLOCK_NO_TIME), CLOCK_NO_TIME);
    ck_assert_int_eq(countdown_days_left(CLOCK_NO_TIME, 0), COUNTDOWN_UNKNOWN);
    ck_assert_int_eq(countdown_days_left(CLOCK_NO_TIME, INT64_MAX), COUNTDOWN_UNKNOWN);
    ck_assert_int_eq(countdown_step(CLOCK_NO_TIME, 0, 0), 0);
}
END_TEST

/* ---- days left ---- */

#define END INT64_C(1800000000000)

START_TEST(days_that_are_left_are_rounded_up)
{
    ck_assert_int_eq(countdown_days_left(END, END - 30 * CLOCK_DAY - 1), 31);
    ck_assert_int_eq(countdown_days_left(END, END - 30 * CLOCK_DAY), 30);
    ck_assert_int_eq(countdown_days_left(END, END - 29 * CLOCK_DAY - 1), 30);
    ck_assert_int_eq(countdown_days_left(END, END - CLOCK_DAY - 1), 2);
    ck_assert_int_eq(countdown_days_left(END, END - CLOCK_DAY), 1);
    ck_assert_int_eq(countdown_days_left(END, END - 1), 1);
}
END_TEST

START_TEST(when_it_is_over_no_day_is_left)
{
    ck_assert_int_eq(countdown_days_left(END, END), 0);
    ck_assert_int_eq(countdown_days_left(END, END + 1), 0);
    ck_assert_int_eq(countdown_days_left(END, END + CLOCK_DAY), -1);
    ck_assert_int_eq(countdown_days_left(END, END + 100 * CLOCK_DAY), -100);
}
END_TEST

START_TEST(days_that_do_not_fit_are_as_many_as_fit_and_never_the_mark_for_unknown)
{
    ck_assert_int_eq(countdown_days_left(INT64_MAX, INT64_MIN + 1), INT32_MAX);
    ck_assert_int_eq(countdown_days_left(INT64_MAX, 0), INT32_MAX);
    ck_assert_int_eq(countdown_days_left(INT64_MIN + 1, INT64_MAX), -INT32_MAX);
    ck_assert_int_eq(countdown_days_left(INT64_MIN + 1, 0), -INT32_MAX);
}
END_TEST

/* ---- steps ---- */

static int step(int64_t left, int told)
{
    return countdown_step(END, END - left, told);
}

START_TEST(nothing_is_said_before_the_last_thirty_days)
{
    ck_assert_int_eq(step(180 * CLOCK_DAY, 0), 0);
    ck_assert_int_eq(step(30 * CLOCK_DAY + 1, 0), 0);
    ck_assert_int_eq(step(30 * CLOCK_DAY, 0), 30);
}
END_TEST

START_TEST(who_looks_every_hour_is_told_thirty_and_seven_and_one_once_each)
{
    int64_t said_at[3] = {0};
    int said[3] = {0};
    int count = 0;
    int told = 0;

    for (int64_t left = 200 * CLOCK_DAY; left > -10 * CLOCK_DAY; left -= CLOCK_HOUR) {
        int now = step(left, told);
        if (now == 0)
            continue;
        ck_assert_int_lt(count, 3);
        said[count] = now;
        said_at[count++] = left;
        told = now;
    }
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(said[0], 30);
    ck_assert_int_eq(said[1], 7);
    ck_assert_int_eq(said[2], 1);
    ck_assert_int_eq(said_at[0], 30 * CLOCK_DAY);
    ck_assert_int_eq(said_at[1], 7 * CLOCK_DAY);
    ck_assert_int_eq(said_at[2], CLOCK_DAY);
}
END_TEST

START_TEST(steps_that_were_slept_through_are_skipped)
{
    ck_assert_int_eq(step(5 * CLOCK_DAY, 0), 7);
    ck_assert_int_eq(step(5 * CLOCK_DAY, 30), 7);
    ck_assert_int_eq(step(CLOCK_HOUR, 0), 1);
    ck_assert_int_eq(step(CLOCK_HOUR, 30), 1);
}
END_TEST

START_TEST(a_step_that_was_said_is_not_said_again_by_another_start)
{
    ck_assert_int_eq(step(30 * CLOCK_DAY, 30), 0);
    ck_assert_int_eq(step(8 * CLOCK_DAY, 30), 0);
    ck_assert_int_eq(step(7 * CLOCK_DAY, 7), 0);
    ck_assert_int_eq(step(CLOCK_HOUR, 1), 0);
}
END_TEST

START_TEST(D2_a_clock_that_was_set_back_says_no_earlier_step_again)
{
    ck_assert_int_eq(step(20 * CLOCK_DAY, 7), 0);
    ck_assert_int_eq(step(20 * CLOCK_DAY, 1), 0);
    ck_assert_int_eq(step(6 * CLOCK_DAY, 1), 0);
}
END_TEST

START_TEST(when_it_is_over_there_is_no_step_any_more)
{
    ck_assert_int_eq(step(1, 0), 1);
    ck_assert_int_eq(step(0, 0), 0);
    ck_assert_int_eq(step(-1, 0), 0);
    ck_assert_int_eq(step(-40 * CLOCK_DAY, 30), 0);
}
END_TEST

Suite *countdown_suite(void)
{
    Suite *suite = suite_create("countdown");
    TCase *end = tcase_create("end");
    TCase *days = tcase_create("days");
    TCase *steps = tcase_create("steps");

    tcase_add_test(end, a_sign_in_ends_on_the_same_day_and_moment_six_months_later);
    tcase_add_test(end, where_there_is_no_such_day_it_ends_on_the_last_of_the_month);
    tcase_add_test(end, in_a_leap_year_february_has_a_day_more);
    tcase_add_test(end, four_centuries_of_days_agree_with_the_calendar_of_the_c_library);
    tcase_add_test(end, before_1970_it_counts_in_the_same_way);
    tcase_add_test(end, no_time_makes_it_overflow);
    tcase_add_test(end, of_a_sign_in_at_an_unknown_time_the_end_is_unknown);
    suite_add_tcase(suite, end);

    tcase_add_test(days, days_that_are_left_are_rounded_up);
    tcase_add_test(days, when_it_is_over_no_day_is_left);
    tcase_add_test(days, days_that_do_not_fit_are_as_many_as_fit_and_never_the_mark_for_unknown);
    suite_add_tcase(suite, days);

    tcase_add_test(steps, nothing_is_said_before_the_last_thirty_days);
    tcase_add_test(steps, who_looks_every_hour_is_told_thirty_and_seven_and_one_once_each);
    tcase_add_test(steps, steps_that_were_slept_through_are_skipped);
    tcase_add_test(steps, a_step_that_was_said_is_not_said_again_by_another_start);
    tcase_add_test(steps, D2_a_clock_that_was_set_back_says_no_earlier_step_again);
    tcase_add_test(steps, when_it_is_over_there_is_no_step_any_more);
    suite_add_tcase(suite, steps);
    return suite;
}
