/* SPDX-License-Identifier: MIT */
/* When a user is polled next, and how, as long as answers come: the start, the steady run, full
 * tails, somebody who skips. What fails is in test_policy_trouble.c. */
#include "capture/policy.h"

#include <check.h>
#include <stdlib.h>

#include "policy_help.h"

/* ---- the beginning ---- */

START_TEST(a_new_user_is_due_at_once_and_swept)
{
    struct policy policy;
    struct policy_action action;

    policy_start(&policy, BOOT, 0, 1, 1, POLICY_ACTIVE, POLICY_NO_TIME);
    ck_assert_int_ge(policy.due, BOOT);
    ck_assert_int_lt(policy.due, BOOT + POLICY_STAGGER);
    action = policy_next(&policy, &config, policy.due);
    ck_assert_int_eq(action.kind, POLICY_SWEEP);
}
END_TEST

START_TEST(the_first_poll_after_a_start_is_a_sweep_although_a_cursor_is_known)
{
    struct policy policy = started(BOOT);

    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(J4_many_users_are_staggered_at_the_start)
{
    int in_tenth[10] = {0};

    for (size_t i = 0; i < 1000; i++) {
        struct policy policy;

        policy_start(&policy, BOOT, i, 1000, i * 7919 + 1, POLICY_ACTIVE, PLAYED);
        ck_assert_int_ge(policy.due, BOOT);
        ck_assert_int_lt(policy.due, BOOT + INT64_C(1000) * POLICY_STAGGER);
        in_tenth[(policy.due - BOOT) * 10 / (INT64_C(1000) * POLICY_STAGGER)]++;
    }
    for (int i = 0; i < 10; i++)
        ck_assert_int_gt(in_tenth[i], 50);
}
END_TEST

START_TEST(a_user_who_must_sign_in_is_not_due_at_a_start)
{
    struct policy policy;

    policy_start(&policy, BOOT, 0, 1, 1, POLICY_NEEDS_LOGIN, PLAYED);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
}
END_TEST

START_TEST(a_paused_user_is_tried_once_at_a_start)
{
    struct policy policy;

    policy_start(&policy, BOOT, 0, 1, 1, POLICY_PAUSED, PLAYED);
    ck_assert_int_lt(policy.due, BOOT + POLICY_STAGGER);
    ck_assert_int_eq(policy.state, POLICY_PAUSED);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_deadlines)
{
    struct policy one, other;

    policy_start(&one, BOOT, 3, 9, 4711, POLICY_ACTIVE, PLAYED);
    policy_start(&other, BOOT, 3, 9, 4711, POLICY_ACTIVE, PLAYED);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(one.due, other.due);
        quiet_tail(&one, one.due);
        quiet_tail(&other, other.due);
    }
}
END_TEST

/* ---- the steady run ---- */

START_TEST(a_tail_asks_from_just_before_the_cursor_so_that_the_witness_comes_too)
{
    struct policy policy = settled();
    struct policy_action action = policy_next(&policy, &config, policy.due);

    ck_assert_int_eq(action.kind, POLICY_TAIL);
    ck_assert_int_eq(action.after, PLAYED - 1);
    page(&policy, policy.due,
         (struct policy_page){
             .kind = POLICY_TAIL, .witness = true, .newer = 1, .cursor = PLAYED + 5 * MINUTE});
    action = policy_next(&policy, &config, policy.due);
    ck_assert_int_eq(action.after, PLAYED + 5 * MINUTE - 1);
}
END_TEST

START_TEST(without_a_cursor_or_a_sweep_before_it_sweeps_though_nobody_wants_one)
{
    struct policy policy;

    policy_start(&policy, 0, 0, 1, 1, POLICY_ACTIVE, 5000);
    policy.sweep_wanted = false;
    policy.last_success = policy.last_sweep = 1000;
    ck_assert_int_eq(policy_next(&policy, &config, 1000).kind, POLICY_TAIL);
    policy.last_sweep = POLICY_NO_TIME;
    ck_assert_int_eq(policy_next(&policy, &config, 1000).kind, POLICY_SWEEP);
    policy.last_sweep = 1000;
    policy.cursor = POLICY_NO_TIME;
    ck_assert_int_eq(policy_next(&policy, &config, 1000).kind, POLICY_SWEEP);
}
END_TEST

START_TEST(a_user_without_a_stored_play_is_always_swept)
{
    struct policy policy;

    policy_start(&policy, BOOT, 0, 1, 1, POLICY_ACTIVE, POLICY_NO_TIME);
    for (int i = 0; i < 20; i++) {
        int64_t now = policy.due;

        ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
        page(&policy, now, (struct policy_page){.kind = POLICY_SWEEP, .cursor = POLICY_NO_TIME});
        ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
    }
}
END_TEST

START_TEST(J4_a_thousand_users_are_spread_evenly_over_the_interval)
{
    int in_bucket[20] = {0};

    for (size_t i = 0; i < 1000; i++) {
        struct policy policy;

        policy_start(&policy, BOOT, i, 1000, i + 1, POLICY_ACTIVE, PLAYED);
        settle(&policy);
        in_bucket[policy.due % INTERVAL * 20 / INTERVAL]++;
    }
    for (int i = 0; i < 20; i++) {
        ck_assert_int_ge(in_bucket[i], 35);
        ck_assert_int_le(in_bucket[i], 65);
    }
}
END_TEST

START_TEST(C13_a_few_users_are_spread_evenly_as_well)
{
    for (size_t count = 2; count <= 8; count++) {
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < i; j++) {
                struct policy one, other;
                int64_t apart;

                policy_start(&one, BOOT, i, count, 1, POLICY_ACTIVE, PLAYED);
                policy_start(&other, BOOT, j, count, 2, POLICY_ACTIVE, PLAYED);
                settle(&one);
                settle(&other);
                apart = llabs((one.due - other.due) % INTERVAL);
                if (apart > INTERVAL / 2)
                    apart = INTERVAL - apart;
                ck_assert_int_ge(apart, INTERVAL / (3 * (int64_t)count) - 2 * JITTER);
            }
        }
    }
}
END_TEST

START_TEST(a_user_keeps_the_own_place_in_the_interval_for_weeks)
{
    struct policy policy = settled();
    int64_t first = policy.due;
    bool differed = false;

    for (int64_t i = 1; i <= 4000; i++) {
        int64_t from_place;

        quiet_tail(&policy, policy.due);
        from_place = policy.due - (first + i * INTERVAL);
        ck_assert_int_ge(from_place, -2 * JITTER - 1);
        ck_assert_int_le(from_place, 2 * JITTER + 1);
        differed = differed || from_place != 0;
    }
    ck_assert_msg(differed, "there is no jitter");
}
END_TEST

START_TEST(after_a_poll_out_of_turn_the_next_is_a_third_to_a_whole_interval_away)
{
    struct policy policy = settled();

    for (int64_t i = 0; i < 5000; i++) {
        int64_t now = BOOT + i * 7919;

        good_sweep(&policy, now);
        ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
        ck_assert_int_le(policy.due, now + INTERVAL + 2 * JITTER);
    }
}
END_TEST

START_TEST(a_quiet_day_costs_no_more_calls_than_the_interval_says_and_a_sweep_each_hour)
{
    struct policy policy = settled();
    int calls = 0, sweeps = 0;
    int64_t last_sweep = BOOT;

    while (policy.due < BOOT + 10 * DAY) {
        int64_t now = policy.due;

        calls++;
        if (next_kind(&policy) == POLICY_TAIL) {
            quiet_tail(&policy, now);
            continue;
        }
        sweeps++;
        ck_assert_int_le(now - last_sweep, HOUR + INTERVAL / 2);
        last_sweep = now;
        good_sweep(&policy, now);
    }
    ck_assert_int_ge(calls, 1439);
    ck_assert_int_le(calls, 1441);
    ck_assert_int_ge(sweeps, 239);
    ck_assert_int_le(sweeps, 241);
}
END_TEST

START_TEST(a_poll_interval_as_long_as_the_sweep_interval_or_longer_sweeps_each_time)
{
    const int64_t intervals[] = {HOUR, 2 * HOUR, DAY};

    for (size_t i = 0; i < 3; i++) {
        struct policy_config slow = {.poll_interval_ms = intervals[i], .sweep_interval_ms = HOUR};
        struct policy policy = started(BOOT);

        for (int poll = 0; poll < 50; poll++) {
            struct policy_page sweep = {.kind = POLICY_SWEEP, .witness = true, .cursor = PLAYED};

            ck_assert_int_eq(policy_next(&policy, &slow, policy.due).kind, POLICY_SWEEP);
            policy_on_page(&policy, &slow, policy.due, &sweep);
        }
    }
}
END_TEST

/* ---- full tails, and tails without their witness ---- */

START_TEST(a_full_tail_is_asked_again_at_once_at_most_five_times_and_then_swept)
{
    struct policy policy = settled();
    int64_t now = policy.due, cursor = PLAYED;

    for (int i = 0; i <= POLICY_FOLLOW_UPS; i++) {
        ck_assert_int_eq(next_kind(&policy), POLICY_TAIL);
        cursor += MINUTE;
        page(
            &policy, now,
            (struct policy_page){
                .kind = POLICY_TAIL, .full = true, .witness = true, .newer = 49, .cursor = cursor});
        ck_assert_int_eq(policy.due, now);
    }
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    page(&policy, now,
         (struct policy_page){
             .kind = POLICY_SWEEP, .full = true, .witness = true, .cursor = cursor});
    ck_assert_int_gt(policy.due, now);
    ck_assert_int_eq(next_kind(&policy), POLICY_TAIL);
}
END_TEST

START_TEST(a_full_tail_that_moved_no_cursor_is_not_asked_again_but_swept)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    page(&policy, now, (struct policy_page){.kind = POLICY_TAIL, .full = true, .witness = true});
    ck_assert_int_eq(policy.due, now);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    good_sweep(&policy, now);
    ck_assert_int_gt(policy.due, now);
}
END_TEST

START_TEST(a_chain_of_tails_ends_with_a_sweep)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    page(&policy, now,
         (struct policy_page){.kind = POLICY_TAIL,
                              .full = true,
                              .witness = true,
                              .newer = 49,
                              .cursor = PLAYED + MINUTE});
    page(&policy, now,
         (struct policy_page){.kind = POLICY_TAIL, .witness = true, .cursor = PLAYED + MINUTE});
    ck_assert_int_eq(policy.due, now);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(a_tail_without_its_witness_is_followed_by_a_sweep_at_once)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    page(&policy, now, (struct policy_page){.kind = POLICY_TAIL, .newer = 3});
    ck_assert_int_eq(policy.due, now);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(what_a_full_tail_asked_for_is_owed_after_a_failure_as_well)
{
    struct policy policy = settled();

    page(&policy, policy.due,
         (struct policy_page){.kind = POLICY_TAIL,
                              .full = true,
                              .witness = true,
                              .newer = 49,
                              .cursor = PLAYED + MINUTE});
    failure(&policy, policy.due, POLICY_FAIL_TRANSIENT);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(a_sweep_that_is_wanted_outlives_failures)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    page(&policy, now, (struct policy_page){.kind = POLICY_TAIL, .newer = 3});
    for (int i = 0; i < 5; i++) {
        failure(&policy, policy.due, POLICY_FAIL_TRANSIENT);
        ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    }
}
END_TEST

START_TEST(a_sweep_without_the_newest_stored_play_is_followed_by_a_sweep_in_the_next_slot)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    page(&policy, now, (struct policy_page){.kind = POLICY_SWEEP, .full = true});
    ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    good_sweep(&policy, policy.due);
    ck_assert_int_eq(next_kind(&policy), POLICY_TAIL);
}
END_TEST

START_TEST(a_full_sweep_is_not_asked_again)
{
    struct policy policy = settled();

    page(&policy, policy.due,
         (struct policy_page){.kind = POLICY_SWEEP, .full = true, .witness = true, .newer = 50});
    ck_assert_int_gt(policy.due, BOOT);
    ck_assert_int_eq(next_kind(&policy), POLICY_TAIL);
}
END_TEST

START_TEST(after_a_long_silence_comes_a_sweep)
{
    struct policy policy = settled();

    quiet_tail(&policy, policy.due);
    policy.last_sweep = policy.last_success; /* so that the hour is not the reason */
    ck_assert_int_eq(policy_next(&policy, &config, policy.last_success + INTERVAL + JITTER).kind,
                     POLICY_TAIL);
    ck_assert_int_eq(policy_next(&policy, &config, policy.last_success + 2 * INTERVAL).kind,
                     POLICY_SWEEP);
}
END_TEST

/* ---- somebody who skips ---- */

static int64_t wait_after(int64_t elapsed, size_t newer)
{
    struct policy policy = settled();

    policy.last_success = BOOT;
    page(&policy, BOOT + elapsed,
         (struct policy_page){.kind = POLICY_TAIL, .witness = true, .newer = newer});
    return policy.due - (BOOT + elapsed);
}

START_TEST(twenty_plays_in_a_poll_bring_the_next_one_nearer_by_the_pace_seen)
{
    ck_assert_int_ge(wait_after(INTERVAL, POLICY_HURRY_PLAYS - 1), INTERVAL / 3 - JITTER);
    ck_assert_int_le(wait_after(INTERVAL, 40), INTERVAL / 2);
    ck_assert_int_le(wait_after(INTERVAL, 49), INTERVAL * 20 / 49);
    ck_assert_int_eq(wait_after(4 * MINUTE, 40), 2 * MINUTE);
    ck_assert_int_eq(wait_after(SECOND, 40), POLICY_HURRY_MIN);
}
END_TEST

START_TEST(a_slow_pace_never_makes_a_poll_later_than_its_slot)
{
    for (int64_t elapsed = INTERVAL; elapsed < 2 * DAY; elapsed += 17 * MINUTE)
        ck_assert_int_le(wait_after(elapsed, 45), INTERVAL / 3 + INTERVAL + JITTER);
}
END_TEST

START_TEST(the_pace_of_a_full_tail_is_not_forgotten_by_the_polls_that_follow_it_at_once)
{
    struct policy policy = settled();
    int64_t now = BOOT + INTERVAL;

    policy.last_success = BOOT;
    page(&policy, now,
         (struct policy_page){.kind = POLICY_TAIL,
                              .full = true,
                              .witness = true,
                              .newer = 49,
                              .cursor = PLAYED + MINUTE});
    page(&policy, now + 200,
         (struct policy_page){.kind = POLICY_TAIL, .witness = true, .cursor = PLAYED + MINUTE});
    page(&policy, now + 400,
         (struct policy_page){
             .kind = POLICY_SWEEP, .full = true, .witness = true, .cursor = PLAYED + MINUTE});
    ck_assert_int_le(policy.due, now + 400 + INTERVAL * 20 / 49);
    ck_assert_int_ge(policy.due, now + POLICY_HURRY_MIN);
    /* one quiet poll later it is forgotten */
    now = policy.due;
    page(&policy, now,
         (struct policy_page){.kind = POLICY_TAIL, .witness = true, .cursor = PLAYED + MINUTE});
    ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
}
END_TEST

START_TEST(after_a_pace_that_was_too_fast_the_pauses_at_most_double_until_the_slot)
{
    for (int64_t begin = BOOT; begin < BOOT + INTERVAL; begin += 13 * SECOND) {
        struct policy policy = settled();
        int64_t wait = INTERVAL * 20 / 49, now = begin + INTERVAL;

        policy.last_success = begin;
        page(&policy, now, (struct policy_page){.kind = POLICY_TAIL, .witness = true, .newer = 49});
        ck_assert_int_le(policy.due - now, wait);
        /* the songs that were not listed in time for this poll come in the next */
        now = policy.due;
        page(&policy, now, (struct policy_page){.kind = POLICY_TAIL, .witness = true, .newer = 4});
        ck_assert_int_le(policy.due - now, 2 * wait);
        for (int i = 0; i < 3; i++)
            quiet_tail(&policy, policy.due);
        ck_assert_int_eq(policy.hurry, POLICY_NEVER);
    }
}
END_TEST

Suite *policy_suite(void)
{
    Suite *suite = suite_create("policy");
    TCase *all = tcase_create("policy");

    tcase_add_test(all, a_new_user_is_due_at_once_and_swept);
    tcase_add_test(all, the_first_poll_after_a_start_is_a_sweep_although_a_cursor_is_known);
    tcase_add_test(all, J4_many_users_are_staggered_at_the_start);
    tcase_add_test(all, a_user_who_must_sign_in_is_not_due_at_a_start);
    tcase_add_test(all, a_paused_user_is_tried_once_at_a_start);
    tcase_add_test(all, the_same_seed_gives_the_same_deadlines);
    tcase_add_test(all, a_tail_asks_from_just_before_the_cursor_so_that_the_witness_comes_too);
    tcase_add_test(all, without_a_cursor_or_a_sweep_before_it_sweeps_though_nobody_wants_one);
    tcase_add_test(all, a_user_without_a_stored_play_is_always_swept);
    tcase_add_test(all, J4_a_thousand_users_are_spread_evenly_over_the_interval);
    tcase_add_test(all, C13_a_few_users_are_spread_evenly_as_well);
    tcase_add_test(all, a_user_keeps_the_own_place_in_the_interval_for_weeks);
    tcase_add_test(all, after_a_poll_out_of_turn_the_next_is_a_third_to_a_whole_interval_away);
    tcase_add_test(all,
                   a_quiet_day_costs_no_more_calls_than_the_interval_says_and_a_sweep_each_hour);
    tcase_add_test(all, a_poll_interval_as_long_as_the_sweep_interval_or_longer_sweeps_each_time);
    tcase_add_test(all, a_full_tail_is_asked_again_at_once_at_most_five_times_and_then_swept);
    tcase_add_test(all, a_full_tail_that_moved_no_cursor_is_not_asked_again_but_swept);
    tcase_add_test(all, a_chain_of_tails_ends_with_a_sweep);
    tcase_add_test(all, a_tail_without_its_witness_is_followed_by_a_sweep_at_once);
    tcase_add_test(all, what_a_full_tail_asked_for_is_owed_after_a_failure_as_well);
    tcase_add_test(all, a_sweep_that_is_wanted_outlives_failures);
    tcase_add_test(all,
                   a_sweep_without_the_newest_stored_play_is_followed_by_a_sweep_in_the_next_slot);
    tcase_add_test(all, a_full_sweep_is_not_asked_again);
    tcase_add_test(all, after_a_long_silence_comes_a_sweep);
    tcase_add_test(all, twenty_plays_in_a_poll_bring_the_next_one_nearer_by_the_pace_seen);
    tcase_add_test(all, a_slow_pace_never_makes_a_poll_later_than_its_slot);
    tcase_add_test(all,
                   the_pace_of_a_full_tail_is_not_forgotten_by_the_polls_that_follow_it_at_once);
    tcase_add_test(all, after_a_pace_that_was_too_fast_the_pauses_at_most_double_until_the_slot);
    suite_add_tcase(suite, all);
    return suite;
}
