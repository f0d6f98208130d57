/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/loop.h"

static bool memory_is_gone;

static void *some(size_t size)
{
    return memory_is_gone ? NULL : malloc(size);
}

static void *other(void *block, size_t size)
{
    return memory_is_gone ? NULL : realloc(block, size);
}

static void fired(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    ++*(int *)context;
}

START_TEST(E16_without_memory_timers_are_set_and_fire_all_the_same)
{
    struct event *timers[LOOP_TIMERS + 1];
    const struct timeval at_once = {0, 0};
    int count = 0;

    event_set_mem_functions(some, other, free);
    struct event_base *base = loop_new();
    ck_assert_ptr_nonnull(base);
    for (int i = 0; i <= LOOP_TIMERS; i++) {
        timers[i] = evtimer_new(base, fired, &count);
        ck_assert_ptr_nonnull(timers[i]);
    }
    memory_is_gone = true;
    for (int i = 0; i < LOOP_TIMERS; i++) {
        ck_assert_int_eq(evtimer_add(timers[i], &at_once), 0);
    }
    ck_assert_int_ne(evtimer_add(timers[LOOP_TIMERS], &at_once), 0);
    event_base_dispatch(base);
    ck_assert_int_eq(count, LOOP_TIMERS);
    for (int i = 0; i <= LOOP_TIMERS; i++) {
        event_free(timers[i]);
    }
    event_base_free(base);
}
END_TEST

START_TEST(E16_a_loop_for_which_there_is_no_memory_is_none)
{
    event_set_mem_functions(some, other, free);
    memory_is_gone = true;
    ck_assert_ptr_null(loop_new());
}
END_TEST

START_TEST(a_new_loop_has_nothing_to_wait_for)
{
    struct event_base *base = loop_new();
    ck_assert_ptr_nonnull(base);
    ck_assert_int_eq(event_base_dispatch(base), 1); /* no events */
    event_base_free(base);
}
END_TEST

Suite *loop_suite(void)
{
    Suite *suite = suite_create("loop");
    TCase *tcase = tcase_create("loop");
    tcase_add_test(tcase, E16_without_memory_timers_are_set_and_fire_all_the_same);
    tcase_add_test(tcase, E16_a_loop_for_which_there_is_no_memory_is_none);
    tcase_add_test(tcase, a_new_loop_has_nothing_to_wait_for);
    suite_add_tcase(suite, tcase);
    return suite;
}
