/* SPDX-License-Identifier: MIT */
/* The one-shot timer on the event loop, and the clocks it goes by. */
#include "base/alarm.h"

#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

static struct event_base *base;
static struct alarm *tested;
static int fired;

/* What the alarm does when it fires, beside being counted. */
static enum { THEN_STOP_LOOP, THEN_SET_AGAIN, THEN_FREE } then;

static void on_fired(void *context)
{
    ck_assert_ptr_eq(context, &fired);
    fired++;
    if (then == THEN_SET_AGAIN && fired < 3) {
        alarm_set(tested, clock_boot_ms() + 1);
        return;
    }
    if (then == THEN_FREE) {
        alarm_free(tested);
        tested = NULL;
    }
    event_base_loopbreak(base);
}

static void open_loop(void)
{
    base = event_base_new();
    ck_assert_ptr_nonnull(base);
    tested = alarm_new(base, on_fired, &fired);
    ck_assert_ptr_nonnull(tested);
    fired = 0;
    then = THEN_STOP_LOOP;
}

static void close_loop(void)
{
    alarm_free(tested);
    event_base_free(base);
}

/* Runs the loop until an alarm stops it, or for so long. */
static void run_loop(int ms)
{
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    event_base_loopexit(base, &limit);
    event_base_dispatch(base);
}

START_TEST(an_alarm_that_is_not_set_does_not_fire)
{
    run_loop(5);
    ck_assert_int_eq(fired, 0);
}
END_TEST

START_TEST(an_alarm_fires_at_its_time_and_not_before)
{
    int64_t at_ms = clock_boot_ms() + 20;

    alarm_set(tested, at_ms);
    run_loop(5000);
    ck_assert_int_eq(fired, 1);
    ck_assert_int_ge(clock_boot_ms(), at_ms);
    ck_assert_int_lt(clock_boot_ms(), at_ms + 2000);
}
END_TEST

START_TEST(an_alarm_fires_once)
{
    alarm_set(tested, clock_boot_ms());
    run_loop(5000);
    run_loop(5);
    ck_assert_int_eq(fired, 1);
}
END_TEST

START_TEST(a_time_that_has_passed_fires_on_the_next_turn)
{
    static const int64_t passed[] = {0, 1, -1, INT64_MIN};

    alarm_set(tested, passed[_i]);
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    ck_assert_int_eq(fired, 1);
}
END_TEST

START_TEST(a_time_far_ahead_does_not_fire)
{
    alarm_set(tested, INT64_MAX);
    run_loop(5);
    ck_assert_int_eq(fired, 0);
}
END_TEST

START_TEST(the_last_time_set_is_the_one_that_counts)
{
    alarm_set(tested, 0);
    alarm_set(tested, clock_boot_ms() + CLOCK_HOUR);
    run_loop(5);
    ck_assert_int_eq(fired, 0);
    alarm_set(tested, clock_boot_ms() + 1);
    run_loop(5000);
    ck_assert_int_eq(fired, 1);
}
END_TEST

START_TEST(a_stopped_alarm_does_not_fire)
{
    alarm_stop(tested);
    alarm_set(tested, 0);
    alarm_stop(tested);
    run_loop(5);
    ck_assert_int_eq(fired, 0);
}
END_TEST

START_TEST(a_stopped_alarm_can_be_set_to_the_same_time_again)
{
    alarm_set(tested, 1);
    alarm_stop(tested);
    alarm_set(tested, 1);
    run_loop(5000);
    ck_assert_int_eq(fired, 1);
}
END_TEST

START_TEST(an_alarm_can_be_set_to_the_same_time_after_it_fired)
{
    alarm_set(tested, 1);
    run_loop(5000);
    alarm_set(tested, 1);
    run_loop(5000);
    ck_assert_int_eq(fired, 2);
}
END_TEST

START_TEST(an_alarm_may_set_itself_again)
{
    then = THEN_SET_AGAIN;
    alarm_set(tested, 1);
    run_loop(5000);
    ck_assert_int_eq(fired, 3);
}
END_TEST

START_TEST(an_alarm_may_be_freed_by_what_it_calls)
{
    then = THEN_FREE;
    alarm_set(tested, 1);
    run_loop(5000);
    ck_assert_int_eq(fired, 1);
    ck_assert_ptr_null(tested);
}
END_TEST

START_TEST(without_descriptors_there_is_no_alarm)
{
    struct rlimit limit;
    struct rlimit none;
    struct alarm *refused;
    int error;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    errno = 0;
    refused = alarm_new(base, on_fired, NULL);
    error = errno;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0); /* for whatever else wants one */
    ck_assert_ptr_null(refused);
    ck_assert_int_eq(error, EMFILE);
}
END_TEST

START_TEST(the_boot_clock_does_not_go_back)
{
    int64_t last_us = clock_boot_us();

    for (int i = 0; i < 10000; i++) {
        int64_t now_us = clock_boot_us();

        ck_assert_int_ge(now_us, last_us);
        last_us = now_us;
    }
    ck_assert_int_le(llabs(last_us / 1000 - clock_boot_ms()), 1000);
}
END_TEST

START_TEST(the_wall_clock_counts_from_1970_in_ms)
{
    ck_assert_int_gt(clock_wall_ms(), INT64_C(1577836800000));
    ck_assert_int_lt(clock_wall_ms(), INT64_C(32503680000000));
}
END_TEST

Suite *alarm_suite(void)
{
    Suite *suite = suite_create("alarm");
    TCase *tcase = tcase_create("alarm");
    TCase *clocks = tcase_create("clock");

    tcase_add_checked_fixture(tcase, open_loop, close_loop);
    tcase_add_test(tcase, an_alarm_that_is_not_set_does_not_fire);
    tcase_add_test(tcase, an_alarm_fires_at_its_time_and_not_before);
    tcase_add_test(tcase, an_alarm_fires_once);
    tcase_add_loop_test(tcase, a_time_that_has_passed_fires_on_the_next_turn, 0, 4);
    tcase_add_test(tcase, a_time_far_ahead_does_not_fire);
    tcase_add_test(tcase, the_last_time_set_is_the_one_that_counts);
    tcase_add_test(tcase, a_stopped_alarm_does_not_fire);
    tcase_add_test(tcase, a_stopped_alarm_can_be_set_to_the_same_time_again);
    tcase_add_test(tcase, an_alarm_can_be_set_to_the_same_time_after_it_fired);
    tcase_add_test(tcase, an_alarm_may_set_itself_again);
    tcase_add_test(tcase, an_alarm_may_be_freed_by_what_it_calls);
    tcase_add_test(tcase, without_descriptors_there_is_no_alarm);
    suite_add_tcase(suite, tcase);
    tcase_add_test(clocks, the_boot_clock_does_not_go_back);
    tcase_add_test(clocks, the_wall_clock_counts_from_1970_in_ms);
    suite_add_tcase(suite, clocks);
    return suite;
}
