/* SPDX-License-Identifier: MIT */
/* How long a turn of the event loop takes, and what of it took the most. */
#include "base/turns.h"

#include <check.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static struct turns turns;

static void setup(void)
{
    turns = (struct turns){.base = event_base_new()};
    ck_assert_ptr_nonnull(turns.base);
}

static void teardown(void)
{
    event_base_free(turns.base);
}

/* One turn with one part. */
static void turn(const char *in, int64_t us)
{
    turns_mark_at(&turns, in, 5000);
    turns_end_at(&turns, 5000 + us);
}

/* -- counting ---------------------------------------------------------------------------------- */

START_TEST(a_turn_lies_in_the_first_bucket_that_holds_it)
{
    for (size_t i = 0; i < TURNS_BUCKETS; i++) {
        turn("x", turns_bucket_us(i));
        ck_assert_int_eq(turns.buckets[i], i == 0 ? 1 : 2);
        turn("x", turns_bucket_us(i) + 1);
        ck_assert_int_eq(turns.buckets[i + 1], 1);
    }
    ck_assert_int_eq(turns.count, 2 * TURNS_BUCKETS);
}
END_TEST

START_TEST(the_limits_that_are_held_are_ends_of_buckets)
{
    int found = 0;

    for (size_t i = 0; i < TURNS_BUCKETS; i++)
        found += turns_bucket_us(i) == 20000 || turns_bucket_us(i) == 100000;
    ck_assert_int_eq(found, 2);
}
END_TEST

START_TEST(a_turn_is_counted_from_its_first_mark_to_its_end)
{
    turns_mark_at(&turns, "one", 1000);
    turns_mark_at(&turns, "two", 1700);
    turns_end_at(&turns, 2500);
    ck_assert_int_eq(turns.count, 1);
    ck_assert_int_eq(turns.sum_us, 1500);
}
END_TEST

START_TEST(a_turn_in_which_nothing_was_marked_does_not_count)
{
    turns_end_at(&turns, 2500);
    turn("x", 10);
    turns_end_at(&turns, 9000);
    ck_assert_int_eq(turns.count, 1);
}
END_TEST

/* -- the longest ------------------------------------------------------------------------------- */

START_TEST(the_longest_turn_is_called_after_the_part_that_took_the_most)
{
    turns_mark_at(&turns, "short", 0);
    turns_mark_at(&turns, "long", 100);
    turns_mark_at(&turns, "middle", 900);
    turns_end_at(&turns, 1300);
    ck_assert_str_eq(turns.longest_in, "long");
    ck_assert_int_eq(turns.longest_us, 1300);
}
END_TEST

START_TEST(a_shorter_turn_does_not_take_its_place)
{
    turn("long", 900);
    turn("short", 899);
    ck_assert_str_eq(turns.longest_in, "long");
    ck_assert_int_eq(turns.longest_us, 900);
    turn("longer", 901);
    ck_assert_str_eq(turns.longest_in, "longer");
}
END_TEST

START_TEST(a_turn_of_no_time_is_the_longest_of_none)
{
    turn("x", 0);
    ck_assert_str_eq(turns.longest_in, "x");
    ck_assert_int_eq(turns.buckets[0], 1);
}
END_TEST

/* -- the loop ---------------------------------------------------------------------------------- */

static int left;
static struct event *again;

static void work(int64_t us)
{
    int64_t until = clock_awake_us() + us;

    while (clock_awake_us() < until)
        ;
}

/* How a step makes the next. */
static enum { BY_ACTIVATION, BY_TIMER } how;

/* Works for 10 ms, and makes another as long as some are left. */
static void step(evutil_socket_t fd, short what, void *context)
{
    const struct timeval now = {0};

    (void)fd;
    (void)what;
    turns_mark(&turns, context);
    work(10000);
    if (--left == 0)
        return;
    if (how == BY_ACTIVATION)
        event_active(again, 0, 0);
    else
        event_add(again, &now);
}

static void run_steps(int count, const struct timeval *after)
{
    again = event_new(turns.base, -1, 0, step, (void *)"step");
    ck_assert_ptr_nonnull(again);
    left = count;
    event_add(again, after);
    ck_assert_int_eq(turns_run(&turns), 1); /* nothing is left to wait for */
    event_free(again);
}

START_TEST(waiting_is_no_part_of_a_turn)
{
    const struct timeval after = {.tv_usec = 200000};

    run_steps(1, &after);
    ck_assert_int_eq(turns.count, 1);
    ck_assert_int_ge(turns.longest_us, 10000);
    ck_assert_int_lt(turns.longest_us, 200000);
}
END_TEST

START_TEST(what_callbacks_make_active_belongs_to_their_turn)
{
    const struct timeval after = {.tv_usec = 1};

    how = BY_ACTIVATION;
    run_steps(4, &after);
    ck_assert_int_eq(turns.count, 1);
    ck_assert_int_ge(turns.longest_us, 40000);
}
END_TEST

START_TEST(what_a_timer_of_no_time_brings_is_a_turn_of_its_own)
{
    const struct timeval after = {.tv_usec = 1};

    how = BY_TIMER;
    run_steps(4, &after);
    ck_assert_int_eq(turns.count, 4);
    ck_assert_int_ge(turns.sum_us, 40000);
    ck_assert_int_lt(turns.longest_us, turns.sum_us);
}
END_TEST

static void stop_here(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    turns_mark(&turns, "stop");
    if (context)
        event_base_loopbreak(turns.base);
    else
        event_base_loopexit(turns.base, NULL);
}

START_TEST(it_ends_when_a_callback_ends_the_loop)
{
    const struct timeval now = {0}, never = {.tv_sec = 1000};
    struct event *stop = evtimer_new(turns.base, stop_here, _i ? &turns : NULL);
    struct event *other = evtimer_new(turns.base, stop_here, NULL);

    evtimer_add(stop, &now);
    evtimer_add(other, &never);
    ck_assert_int_eq(turns_run(&turns), 0);
    ck_assert_int_ge(turns.count, 1);
    ck_assert_str_eq(turns.longest_in, "stop");
    event_free(stop);
    event_free(other);
}
END_TEST

START_TEST(a_mark_of_nobody_is_none)
{
    turns_mark(NULL, "x");
    ck_assert_int_eq(turns.count, 0);
}
END_TEST

Suite *turns_suite(void)
{
    Suite *suite = suite_create("turns");
    TCase *counting = tcase_create("counting");
    TCase *longest = tcase_create("longest");
    TCase *loop = tcase_create("loop");

    suite_add_tcase(suite, counting);
    tcase_add_checked_fixture(counting, setup, teardown);
    tcase_add_test(counting, a_turn_lies_in_the_first_bucket_that_holds_it);
    tcase_add_test(counting, the_limits_that_are_held_are_ends_of_buckets);
    tcase_add_test(counting, a_turn_is_counted_from_its_first_mark_to_its_end);
    tcase_add_test(counting, a_turn_in_which_nothing_was_marked_does_not_count);
    suite_add_tcase(suite, longest);
    tcase_add_checked_fixture(longest, setup, teardown);
    tcase_add_test(longest, the_longest_turn_is_called_after_the_part_that_took_the_most);
    tcase_add_test(longest, a_shorter_turn_does_not_take_its_place);
    tcase_add_test(longest, a_turn_of_no_time_is_the_longest_of_none);
    suite_add_tcase(suite, loop);
    tcase_add_checked_fixture(loop, setup, teardown);
    tcase_set_tags(loop, "timing");
    tcase_add_test(loop, waiting_is_no_part_of_a_turn);
    tcase_add_test(loop, what_callbacks_make_active_belongs_to_their_turn);
    tcase_add_test(loop, what_a_timer_of_no_time_brings_is_a_turn_of_its_own);
    tcase_add_loop_test(loop, it_ends_when_a_callback_ends_the_loop, 0, 2);
    tcase_add_test(loop, a_mark_of_nobody_is_none);
    return suite;
}
