/* SPDX-License-Identifier: MIT */
/* The limits that all users of one client id share. */
#include "capture/gate.h"

#include <check.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define BOOT (5 * DAY)
#define WALL (INT64_C(498665) * HOUR + 20 * MINUTE) /* 40 minutes before an hour is full */

static struct gate open_gate(void)
{
    return (struct gate){.max_in_flight = 8, .hour_limit = 120};
}

static int64_t ready_in(const struct gate *gate, int64_t boot, int64_t wall)
{
    return gate_ready_at(gate, boot, wall) - boot;
}

/* ---- closing ---- */

START_TEST(an_open_gate_is_ready_at_once)
{
    struct gate gate = open_gate();

    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 0);
    ck_assert_int_eq(ready_in(&gate, 0, 0), 0);
}
END_TEST

START_TEST(a_closed_gate_opens_at_the_very_millisecond_and_not_before)
{
    struct gate gate = open_gate();

    ck_assert(gate_close(&gate, BOOT, 19056 * SECOND, "quota"));
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 19056 * SECOND);
    ck_assert_int_eq(ready_in(&gate, BOOT + 19056 * SECOND - 1, WALL), 1);
    ck_assert_int_eq(ready_in(&gate, BOOT + 19056 * SECOND, WALL), 0);
    ck_assert_int_eq(ready_in(&gate, BOOT + DAY, WALL), 0);
    ck_assert_str_eq(gate.reason, "quota");
}
END_TEST

START_TEST(a_shorter_closing_changes_nothing_and_a_longer_one_counts)
{
    struct gate gate = open_gate();

    ck_assert(gate_close(&gate, BOOT, HOUR, "first"));
    ck_assert(!gate_close(&gate, BOOT, HOUR, "the same again"));
    ck_assert(!gate_close(&gate, BOOT + MINUTE, 4 * SECOND, "shorter"));
    ck_assert_str_eq(gate.reason, "first");
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), HOUR);
    ck_assert(gate_close(&gate, BOOT + MINUTE, HOUR, "longer"));
    ck_assert_str_eq(gate.reason, "longer");
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), HOUR + MINUTE);
}
END_TEST

START_TEST(no_closing_is_longer_than_two_days)
{
    struct gate gate = open_gate();

    ck_assert(gate_close(&gate, BOOT, INT64_MAX, "nonsense"));
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), GATE_LONGEST_MS);
    ck_assert(!gate_close(&gate, BOOT, 30 * DAY, "nonsense"));
}
END_TEST

START_TEST(closing_for_no_time_closes_nothing_and_is_not_to_be_stored)
{
    struct gate gate = open_gate();

    ck_assert(!gate_close(&gate, BOOT, 0, "Retry-After: 0"));
    ck_assert(!gate_close(&gate, BOOT, -5 * SECOND, "negative"));
    ck_assert(!gate_close(&gate, BOOT, INT64_MIN, "nonsense"));
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 0);
}
END_TEST

START_TEST(trouble_of_the_app_that_is_over_and_comes_back_begins_with_an_hour)
{
    struct gate gate = open_gate();

    ck_assert_int_eq(gate_app_wait(&gate), HOUR);
    ck_assert_int_eq(gate_app_wait(&gate), HOUR); /* of a transfer that was under way as well */
    gate_succeeded(&gate);                        /* so was this one */
    ck_assert_int_eq(gate_app_wait(&gate), HOUR);
}
END_TEST

START_TEST(a_long_reason_is_cut)
{
    struct gate gate = open_gate();
    char reason[1000];

    memset(reason, 'x', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    gate_close(&gate, BOOT, HOUR, reason);
    ck_assert_uint_eq(strlen(gate.reason), sizeof(gate.reason) - 1);
}
END_TEST

START_TEST(D1_a_clock_that_is_set_does_not_open_a_gate)
{
    struct gate gate = open_gate();

    gate_close(&gate, BOOT, HOUR, "quota");
    ck_assert_int_eq(ready_in(&gate, BOOT + MINUTE, WALL + 3650 * DAY), HOUR - MINUTE);
    ck_assert_int_eq(ready_in(&gate, BOOT + MINUTE, WALL - 3650 * DAY), HOUR - MINUTE);
    ck_assert_int_eq(ready_in(&gate, BOOT + MINUTE, 0), HOUR - MINUTE);
}
END_TEST

/* ---- after a restart ---- */

START_TEST(a_stored_closing_goes_on_after_a_restart_for_what_is_left_of_it)
{
    struct gate gate = open_gate();

    gate_restore(&gate, 7 * SECOND, WALL + 10 * HOUR, WALL + DAY, WALL, "quota");
    ck_assert_int_eq(ready_in(&gate, 7 * SECOND, WALL + 10 * HOUR), 14 * HOUR);
    ck_assert_str_eq(gate.reason, "quota");
}
END_TEST

START_TEST(a_stored_closing_that_is_over_closes_nothing)
{
    struct gate gate = open_gate();

    gate_restore(&gate, 7 * SECOND, WALL + DAY, WALL + DAY, WALL, "quota");
    gate_restore(&gate, 7 * SECOND, WALL + 9 * DAY, WALL + DAY, WALL, "quota");
    ck_assert_int_eq(ready_in(&gate, 7 * SECOND, WALL + DAY), 0);
}
END_TEST

START_TEST(D2_a_clock_set_back_makes_a_stored_closing_no_longer_than_it_was)
{
    struct gate gate = open_gate();

    gate_restore(&gate, 7 * SECOND, WALL - 30 * DAY, WALL + HOUR, WALL, "quota");
    ck_assert_int_eq(ready_in(&gate, 7 * SECOND, WALL - 30 * DAY), HOUR);
    gate = open_gate();
    gate_restore(&gate, 7 * SECOND, 0, WALL + HOUR, WALL, "the machine does not know the time yet");
    ck_assert_int_eq(ready_in(&gate, 7 * SECOND, 0), HOUR);
}
END_TEST

START_TEST(a_stored_closing_that_makes_no_sense_closes_at_most_two_days)
{
    struct gate gate = open_gate();

    gate_restore(&gate, 0, WALL, WALL + 9000 * DAY, WALL, "nonsense");
    ck_assert_int_eq(ready_in(&gate, 0, WALL), GATE_LONGEST_MS);
    gate = open_gate();
    gate_restore(&gate, 0, WALL, WALL + HOUR, WALL + 2 * HOUR, "set after its end");
    ck_assert_int_eq(ready_in(&gate, 0, WALL), 0);
}
END_TEST

START_TEST(restarts_during_a_closing_neither_shorten_nor_stretch_it)
{
    int64_t not_before = WALL + DAY;

    for (int64_t wall = WALL; wall < not_before; wall += 37 * MINUTE) {
        struct gate gate = open_gate();

        gate_restore(&gate, 3 * SECOND, wall, not_before, WALL, "quota");
        ck_assert_int_eq(wall + ready_in(&gate, 3 * SECOND, wall), not_before);
    }
}
END_TEST

/* ---- the calls of an hour ---- */

START_TEST(when_the_calls_of_an_hour_are_spent_the_next_hour_is_waited_for)
{
    struct gate gate = open_gate();

    for (int i = 0; i < 120; i++) {
        ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 0);
        gate_count_call(&gate, WALL);
    }
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 40 * MINUTE);
    ck_assert_int_eq(ready_in(&gate, BOOT + 40 * MINUTE - 1, WALL + 40 * MINUTE - 1), 1);
    ck_assert_int_eq(ready_in(&gate, BOOT + 40 * MINUTE, WALL + 40 * MINUTE), 0);
    gate_count_call(&gate, WALL + 40 * MINUTE);
    ck_assert_int_eq(gate.hour_calls, 1);
}
END_TEST

START_TEST(calls_counted_before_a_restart_count_in_the_same_hour)
{
    struct gate gate = open_gate();

    gate.hour = WALL / HOUR; /* as the recorder takes it up from the store */
    gate.hour_calls = 120;
    ck_assert_int_eq(ready_in(&gate, 0, WALL), 40 * MINUTE);
}
END_TEST

START_TEST(a_closing_and_a_spent_hour_both_count)
{
    struct gate gate = open_gate();

    for (int i = 0; i < 120; i++)
        gate_count_call(&gate, WALL);
    gate_close(&gate, BOOT, 10 * MINUTE, "short");
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 40 * MINUTE);
    gate_close(&gate, BOOT, 2 * HOUR, "long");
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 2 * HOUR);
}
END_TEST

START_TEST(a_gate_without_an_hourly_limit_counts_and_lets_through)
{
    struct gate gate = {.max_in_flight = 1};

    for (int i = 0; i < 10000; i++)
        gate_count_call(&gate, WALL);
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), 0);
    ck_assert_int_eq(gate.hour_calls, 10000);
}
END_TEST

START_TEST(the_hourly_limit_is_three_times_the_plan_and_at_least_two_a_minute)
{
    ck_assert_int_eq(gate_hour_limit(1, 10 * MINUTE), 120);
    ck_assert_int_eq(gate_hour_limit(5, 10 * MINUTE), 120);
    ck_assert_int_eq(gate_hour_limit(1000, 10 * MINUTE), 21000);
    ck_assert_int_eq(gate_hour_limit(10, MINUTE), 1830);
    ck_assert_int_eq(gate_hour_limit(1000, 6 * HOUR), 3000);
    ck_assert_int_eq(gate_hour_limit(0, 10 * MINUTE), 120);
    ck_assert_int_eq(gate_hour_limit(5, 0), 120);
}
END_TEST

/* ---- transfers and trouble of the app ---- */

START_TEST(there_is_room_until_all_transfers_are_under_way)
{
    struct gate gate = open_gate();

    for (gate.in_flight = 0; gate.in_flight < 8; gate.in_flight++)
        ck_assert(gate_has_room(&gate));
    ck_assert(!gate_has_room(&gate));
    gate.in_flight = 9; /* the limit was lowered by a reload */
    ck_assert(!gate_has_room(&gate));
}
END_TEST

START_TEST(trouble_of_the_app_waits_an_hour_and_doubles_to_six)
{
    const int64_t waits[] = {HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR};
    struct gate gate = open_gate();

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
            gate_count_call(&gate, WALL);
            ck_assert_int_eq(gate_app_wait(&gate), waits[i]);
        }
        gate_count_call(&gate, WALL);
        gate_succeeded(&gate);
    }
}
END_TEST

START_TEST(trouble_of_the_app_seen_by_several_transfers_at_once_is_one_closing)
{
    struct gate gate = open_gate();

    for (int i = 0; i < 8; i++)
        gate_count_call(&gate, WALL);
    for (int i = 0; i < 8; i++)
        gate_close(&gate, BOOT, gate_app_wait(&gate), "owner without Premium");
    ck_assert_int_eq(ready_in(&gate, BOOT, WALL), HOUR);
    gate_count_call(&gate, WALL + HOUR);
    ck_assert_int_eq(gate_app_wait(&gate), 2 * HOUR);
}
END_TEST

Suite *gate_suite(void)
{
    Suite *suite = suite_create("gate");
    TCase *all = tcase_create("gate");

    tcase_add_test(all, an_open_gate_is_ready_at_once);
    tcase_add_test(all, a_closed_gate_opens_at_the_very_millisecond_and_not_before);
    tcase_add_test(all, a_shorter_closing_changes_nothing_and_a_longer_one_counts);
    tcase_add_test(all, no_closing_is_longer_than_two_days);
    tcase_add_test(all, closing_for_no_time_closes_nothing_and_is_not_to_be_stored);
    tcase_add_test(all, trouble_of_the_app_that_is_over_and_comes_back_begins_with_an_hour);
    tcase_add_test(all, a_long_reason_is_cut);
    tcase_add_test(all, D1_a_clock_that_is_set_does_not_open_a_gate);
    tcase_add_test(all, a_stored_closing_goes_on_after_a_restart_for_what_is_left_of_it);
    tcase_add_test(all, a_stored_closing_that_is_over_closes_nothing);
    tcase_add_test(all, D2_a_clock_set_back_makes_a_stored_closing_no_longer_than_it_was);
    tcase_add_test(all, a_stored_closing_that_makes_no_sense_closes_at_most_two_days);
    tcase_add_test(all, restarts_during_a_closing_neither_shorten_nor_stretch_it);
    tcase_add_test(all, when_the_calls_of_an_hour_are_spent_the_next_hour_is_waited_for);
    tcase_add_test(all, calls_counted_before_a_restart_count_in_the_same_hour);
    tcase_add_test(all, a_closing_and_a_spent_hour_both_count);
    tcase_add_test(all, a_gate_without_an_hourly_limit_counts_and_lets_through);
    tcase_add_test(all, the_hourly_limit_is_three_times_the_plan_and_at_least_two_a_minute);
    tcase_add_test(all, there_is_room_until_all_transfers_are_under_way);
    tcase_add_test(all, trouble_of_the_app_waits_an_hour_and_doubles_to_six);
    tcase_add_test(all, trouble_of_the_app_seen_by_several_transfers_at_once_is_one_closing);
    suite_add_tcase(suite, all);
    return suite;
}
