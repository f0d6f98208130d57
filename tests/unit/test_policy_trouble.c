/* SPDX-License-Identifier: MIT */
/* When a user is polled next after a failure, a sign-in, a request or a reload; the budget; and
 * what holds whatever happens. */
#include "capture/policy.h"

#include <check.h>

#include "lib/chance.h"
#include "policy_help.h"

/* ---- failures ---- */

START_TEST(C8_waits_after_failures_double_from_ten_seconds_to_fifteen_minutes)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct policy policy;
        int64_t most = POLICY_BACKOFF_MIN * 3 / 2;

        policy_start(&policy, BOOT, 0, 1, seed, POLICY_ACTIVE, PLAYED);
        good_sweep(&policy, BOOT);
        for (int i = 0; i < 40; i++) {
            int64_t now = policy.due, wait;

            ck_assert(!failure(&policy, now, POLICY_FAIL_TRANSIENT));
            wait = policy.due - now;
            ck_assert_int_ge(wait, POLICY_BACKOFF_MIN);
            ck_assert_int_le(wait, most);
            ck_assert_int_ge(wait, most * 2 / 3);
            most = most * 2 < POLICY_BACKOFF_MAX ? most * 2 : POLICY_BACKOFF_MAX;
        }
    }
}
END_TEST

START_TEST(waits_after_failures_differ_between_users)
{
    int64_t seen[20];

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct policy policy;

        policy_start(&policy, BOOT, 0, 1, seed, POLICY_ACTIVE, PLAYED);
        for (int i = 0; i < 10; i++)
            failure(&policy, BOOT, POLICY_FAIL_TRANSIENT);
        seen[seed] = policy.due;
        for (uint64_t other = 0; other < seed; other++)
            ck_assert_int_ne(seen[seed], seen[other]);
    }
}
END_TEST

START_TEST(a_success_ends_the_back_off)
{
    struct policy policy = settled();

    for (int i = 0; i < 10; i++)
        failure(&policy, policy.due, POLICY_FAIL_TRANSIENT);
    good_sweep(&policy, policy.due);
    failure(&policy, policy.due, POLICY_FAIL_TRANSIENT);
    ck_assert_uint_eq(policy.failures, 1);
}
END_TEST

START_TEST(failures_without_end_overflow_nothing)
{
    struct policy policy = settled();

    policy.failures = UINT32_MAX - 1;
    for (int i = 0; i < 3; i++) {
        int64_t now = policy.due;

        failure(&policy, now, POLICY_FAIL_TRANSIENT);
        ck_assert_int_ge(policy.due, now + POLICY_BACKOFF_MIN);
        ck_assert_int_le(policy.due, now + POLICY_BACKOFF_MAX);
    }
}
END_TEST

START_TEST(a_retry_after_is_never_cut_short)
{
    const int64_t waits[] = {SECOND, 4 * SECOND, HOUR, 19056 * SECOND, 86400 * SECOND, 2 * DAY};

    for (uint64_t seed = 0; seed < 50; seed++) {
        for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
            struct policy policy;

            policy_start(&policy, BOOT, 0, 1, seed, POLICY_ACTIVE, PLAYED);
            policy_on_failure(&policy, &config, BOOT, POLICY_FAIL_GATE, waits[i]);
            ck_assert_int_ge(policy.due, BOOT + waits[i]);
            ck_assert_int_le(policy.due, BOOT + waits[i] + INTERVAL / 10);
            ck_assert_int_eq(policy.state, POLICY_ACTIVE);
            ck_assert_uint_eq(policy.failures, 0);
        }
    }
}
END_TEST

START_TEST(a_refusal_must_be_seen_three_times_before_it_pauses_the_user)
{
    struct policy policy = settled();

    for (int i = 1; i < POLICY_FORBIDDEN_POLLS; i++) {
        int64_t now = policy.due;

        ck_assert(!failure(&policy, now, POLICY_FAIL_FORBIDDEN));
        ck_assert_int_eq(policy.state, POLICY_ACTIVE);
        ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
        ck_assert_int_le(policy.due, now + INTERVAL / 3 + INTERVAL + JITTER);
    }
    ck_assert(failure(&policy, policy.due, POLICY_FAIL_FORBIDDEN));
    ck_assert_int_eq(policy.state, POLICY_PAUSED);
}
END_TEST

START_TEST(a_success_between_two_refusals_begins_the_count_anew)
{
    struct policy policy = settled();

    for (int i = 0; i < 10; i++) {
        failure(&policy, policy.due, POLICY_FAIL_FORBIDDEN);
        failure(&policy, policy.due, POLICY_FAIL_FORBIDDEN);
        good_sweep(&policy, policy.due);
        ck_assert_int_eq(policy.state, POLICY_ACTIVE);
    }
}
END_TEST

static struct policy paused(void)
{
    struct policy policy = settled();

    for (int i = 0; i < POLICY_FORBIDDEN_POLLS; i++)
        failure(&policy, policy.due, POLICY_FAIL_FORBIDDEN);
    return policy;
}

START_TEST(a_paused_user_is_tried_every_six_hours_and_active_again_after_a_page)
{
    struct policy policy = paused();

    for (int i = 0; i < 5; i++) {
        int64_t now = policy.due;

        ck_assert(!failure(&policy, now, POLICY_FAIL_FORBIDDEN));
        ck_assert_int_ge(policy.due, now + POLICY_FORBIDDEN_WAIT);
        ck_assert_int_le(policy.due, now + POLICY_FORBIDDEN_WAIT * 11 / 10);
    }
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    good_sweep(&policy, policy.due);
    ck_assert_int_eq(policy.state, POLICY_ACTIVE);
}
END_TEST

START_TEST(another_failure_does_not_make_a_paused_user_be_asked_more_often)
{
    struct policy policy = paused();
    int64_t now;

    failure(&policy, policy.due, POLICY_FAIL_TRANSIENT);
    now = policy.due;
    failure(&policy, now, POLICY_FAIL_FORBIDDEN);
    ck_assert_int_eq(policy.state, POLICY_PAUSED);
    ck_assert_int_ge(policy.due, now + POLICY_FORBIDDEN_WAIT);
    /* nor does a new start of the daemon */
    policy_start(&policy, BOOT, 0, 1, 1, POLICY_PAUSED, PLAYED);
    failure(&policy, BOOT, POLICY_FAIL_FORBIDDEN);
    ck_assert_int_ge(policy.due, BOOT + POLICY_FORBIDDEN_WAIT);
}
END_TEST

START_TEST(a_user_who_must_sign_in_is_left_alone_until_then_and_swept_at_once_after_it)
{
    struct policy policy = settled();

    ck_assert(failure(&policy, policy.due, POLICY_FAIL_NEEDS_LOGIN));
    ck_assert_int_eq(policy.state, POLICY_NEEDS_LOGIN);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
    policy_on_request(&policy, BOOT + DAY);
    policy_on_reload(&policy, &config, BOOT + DAY);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
    policy_on_login(&policy, BOOT + 2 * DAY);
    ck_assert_int_eq(policy.state, POLICY_ACTIVE);
    ck_assert_int_eq(policy.due, BOOT + 2 * DAY);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(a_sign_in_is_followed_by_a_sweep_however_short_a_time_ago_the_last_one_was)
{
    struct policy policy = settled();

    policy_on_login(&policy, BOOT + SECOND);
    ck_assert_int_eq(policy.due, BOOT + SECOND);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
}
END_TEST

START_TEST(an_answer_that_says_that_we_asked_wrongly_slows_down_to_an_hour)
{
    struct policy policy = settled();
    int64_t now = policy.due;

    ck_assert(!failure(&policy, now, POLICY_FAIL_OURS));
    ck_assert_int_ge(policy.due, now + POLICY_OURS_WAIT);
    ck_assert_int_le(policy.due, now + POLICY_OURS_WAIT * 11 / 10);
}
END_TEST

START_TEST(while_the_database_takes_no_writes_each_slot_is_a_sweep)
{
    struct policy policy = settled();

    for (int i = 0; i < 5; i++) {
        int64_t now = policy.due;

        ck_assert(!failure(&policy, now, POLICY_FAIL_LOCAL));
        ck_assert_int_ge(policy.due, now + INTERVAL / 3 - JITTER);
        ck_assert_int_le(policy.due, now + INTERVAL / 3 + INTERVAL + JITTER);
        ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    }
}
END_TEST

/* ---- requests and reloads ---- */

START_TEST(a_request_sweeps_now_also_a_paused_user)
{
    struct policy policy = settled();

    policy_on_request(&policy, BOOT + MINUTE);
    ck_assert_int_eq(policy.due, BOOT + MINUTE);
    ck_assert_int_eq(next_kind(&policy), POLICY_SWEEP);
    policy = paused();
    policy_on_request(&policy, BOOT + 2 * HOUR);
    ck_assert_int_eq(policy.due, BOOT + 2 * HOUR);
}
END_TEST

START_TEST(a_shorter_interval_brings_the_next_poll_nearer_and_a_longer_one_leaves_it)
{
    struct policy_config fast = {.poll_interval_ms = MINUTE, .sweep_interval_ms = HOUR};
    struct policy_config slow = {.poll_interval_ms = 6 * HOUR, .sweep_interval_ms = 6 * HOUR};
    struct policy policy = settled();
    int64_t due = policy.due;

    policy_on_reload(&policy, &slow, BOOT);
    ck_assert_int_eq(policy.due, due);
    policy_on_reload(&policy, &fast, BOOT);
    ck_assert_int_gt(policy.due, BOOT);
    ck_assert_int_le(policy.due, BOOT + 2 * MINUTE);
}
END_TEST

START_TEST(who_is_held_is_not_due_whatever_happens)
{
    struct policy policy = settled();

    policy_hold(&policy);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
    policy_on_reload(&policy, &config, BOOT + DAY);
    policy_on_request(&policy, BOOT + DAY);
    policy_retry(&policy, BOOT + DAY);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
}
END_TEST

START_TEST(who_is_let_go_is_swept_at_once)
{
    struct policy policy = settled();

    policy_hold(&policy);
    policy_let_go(&policy, BOOT + DAY);
    ck_assert_int_eq(policy.due, BOOT + DAY);
    ck_assert_int_eq(policy_next(&policy, &config, BOOT + DAY).kind, POLICY_SWEEP);
    policy_hold(&policy);
    policy_on_login(&policy, BOOT + 2 * DAY);
    ck_assert_int_eq(policy.due, BOOT + 2 * DAY);
}
END_TEST

START_TEST(who_needs_a_login_still_does_when_let_go)
{
    struct policy policy = settled();

    failure(&policy, BOOT, POLICY_FAIL_NEEDS_LOGIN);
    policy_hold(&policy);
    policy_let_go(&policy, BOOT + DAY);
    ck_assert_int_eq(policy.due, POLICY_NEVER);
}
END_TEST

START_TEST(a_reload_does_not_shorten_a_back_off_or_a_pause)
{
    struct policy_config fast = {.poll_interval_ms = 10 * SECOND, .sweep_interval_ms = HOUR};
    struct policy policy = paused();
    int64_t due = policy.due;

    policy_on_reload(&policy, &fast, BOOT);
    ck_assert_int_eq(policy.due, due);
    policy = settled();
    for (int i = 0; i < 8; i++)
        failure(&policy, BOOT, POLICY_FAIL_TRANSIENT);
    due = policy.due;
    policy_on_reload(&policy, &fast, BOOT);
    ck_assert_int_eq(policy.due, due);
}
END_TEST

/* ---- the budget ---- */

START_TEST(the_interval_is_stretched_to_keep_all_users_within_the_budget)
{
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1000, 5), INTERVAL);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 841, 5), INTERVAL);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1000, 10), 10 * DAY / (1000 - 10 * 24) + 1);
    for (size_t users = 7; users <= 20; users++) {
        int64_t stretched = policy_stretch(INTERVAL, HOUR, 1000, users);

        ck_assert_int_ge(stretched, INTERVAL);
        ck_assert_int_le((int64_t)users * (DAY / stretched + 24), 1000);
    }
}
END_TEST

START_TEST(sweeps_are_not_stretched)
{
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1000, 1000), HOUR);
    ck_assert_int_eq(policy_stretch(2 * HOUR, HOUR, 1000, 1000), 2 * HOUR);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1, 1), HOUR);
}
END_TEST

START_TEST(a_refusal_is_tried_again_so_often_and_no_more)
{
    ck_assert_int_eq(policy_retry_wait(0), HOUR);
    ck_assert_int_eq(policy_retry_wait(POLICY_RETRIES - 1), DAY);
    ck_assert_int_eq(policy_retry_wait(POLICY_RETRIES), POLICY_NEVER);
    ck_assert_int_eq(policy_retry_wait(-1), POLICY_NEVER);
}
END_TEST

START_TEST(without_a_budget_or_users_nothing_is_stretched)
{
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 0, 1000), INTERVAL);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, -1, 1000), INTERVAL);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1000, 0), INTERVAL);
    ck_assert_int_eq(policy_stretch(INTERVAL, HOUR, 1000, SIZE_MAX), INTERVAL);
}
END_TEST

START_TEST(an_interval_of_more_than_fifty_short_plays_can_lose)
{
    ck_assert(!policy_interval_can_lose(INTERVAL));
    ck_assert(!policy_interval_can_lose(25 * MINUTE));
    ck_assert(policy_interval_can_lose(25 * MINUTE + 1));
    ck_assert(policy_interval_can_lose(HOUR));
}
END_TEST

/* ---- whatever happens ---- */

static void random_event(struct policy *policy, struct chance *chance, int64_t now)
{
    struct policy_page what = {.kind = policy_next(policy, &config, now).kind,
                               .full = chance_next(chance) % 4 == 0,
                               .witness = chance_next(chance) % 4 != 0,
                               .newer = chance_next(chance) % 51,
                               .cursor = policy->cursor + (int64_t)(chance_next(chance) % 1000)};

    switch (chance_next(chance) % 12) {
    case 0:
        policy_on_login(policy, now);
        break;
    case 1:
        policy_on_request(policy, now);
        break;
    case 2:
        policy_on_reload(policy, &config, now);
        break;
    case 3:
    case 4:
    case 5:
        policy_on_failure(policy, &config, now,
                          (enum policy_failure)(chance_next(chance) % (POLICY_FAIL_LOCAL + 1)),
                          (int64_t)(chance_next(chance) % (uint64_t)DAY));
        break;
    default:
        policy_on_page(policy, &config, now, &what);
    }
}

START_TEST(whatever_happens_a_user_is_due_again_unless_a_person_must_act)
{
    struct chance chance = chance_from(0xc0ffee);
    struct policy policy = settled();
    int64_t now = BOOT;

    for (int i = 0; i < 100000; i++) {
        random_event(&policy, &chance, now);
        if ((policy.due == POLICY_NEVER) != (policy.state == POLICY_NEEDS_LOGIN))
            ck_abort_msg("seed 0xc0ffee, event %d: state %d, due %lld", i, (int)policy.state,
                         (long long)policy.due);
        if (policy.due == POLICY_NEVER)
            policy_on_login(&policy, now);
        if (policy.due - now > DAY + HOUR)
            ck_abort_msg("seed 0xc0ffee, event %d: due in %lld ms", i,
                         (long long)(policy.due - now));
        now = policy.due > now ? policy.due : now;
    }
}
END_TEST

START_TEST(whatever_the_pages_say_there_is_a_pause_after_seven_polls)
{
    struct chance chance = chance_from(0xbeef);
    struct policy policy = settled();
    int64_t now = BOOT;
    unsigned in_a_row = 0;

    for (int i = 0; i < 100000; i++) {
        struct policy_page what = {.kind = policy_next(&policy, &config, now).kind,
                                   .full = chance_next(&chance) % 8 != 0,
                                   .witness = chance_next(&chance) % 4 != 0,
                                   .newer = chance_next(&chance) % 51,
                                   .cursor = policy.cursor + (int64_t)(chance_next(&chance) % 9)};

        policy_on_page(&policy, &config, now, &what);
        in_a_row = policy.due > now ? 0 : in_a_row + 1;
        if (in_a_row >= POLICY_FOLLOW_UPS + 2)
            ck_abort_msg("seed 0xbeef, page %d: %u polls in a row", i, in_a_row + 1);
        if (policy.due != now && policy.due < now + POLICY_HURRY_MIN)
            ck_abort_msg("seed 0xbeef, page %d: due in %lld ms", i, (long long)(policy.due - now));
        now = policy.due;
    }
}
END_TEST

Suite *policy_trouble_suite(void)
{
    Suite *suite = suite_create("policy_trouble");
    TCase *all = tcase_create("policy_trouble");

    tcase_add_test(all, C8_waits_after_failures_double_from_ten_seconds_to_fifteen_minutes);
    tcase_add_test(all, waits_after_failures_differ_between_users);
    tcase_add_test(all, a_success_ends_the_back_off);
    tcase_add_test(all, failures_without_end_overflow_nothing);
    tcase_add_test(all, a_retry_after_is_never_cut_short);
    tcase_add_test(all, a_refusal_must_be_seen_three_times_before_it_pauses_the_user);
    tcase_add_test(all, a_success_between_two_refusals_begins_the_count_anew);
    tcase_add_test(all, a_paused_user_is_tried_every_six_hours_and_active_again_after_a_page);
    tcase_add_test(all, another_failure_does_not_make_a_paused_user_be_asked_more_often);
    tcase_add_test(all,
                   a_user_who_must_sign_in_is_left_alone_until_then_and_swept_at_once_after_it);
    tcase_add_test(all, a_sign_in_is_followed_by_a_sweep_however_short_a_time_ago_the_last_one_was);
    tcase_add_test(all, an_answer_that_says_that_we_asked_wrongly_slows_down_to_an_hour);
    tcase_add_test(all, while_the_database_takes_no_writes_each_slot_is_a_sweep);
    tcase_add_test(all, a_request_sweeps_now_also_a_paused_user);
    tcase_add_test(all, a_shorter_interval_brings_the_next_poll_nearer_and_a_longer_one_leaves_it);
    tcase_add_test(all, who_is_held_is_not_due_whatever_happens);
    tcase_add_test(all, who_is_let_go_is_swept_at_once);
    tcase_add_test(all, who_needs_a_login_still_does_when_let_go);
    tcase_add_test(all, a_reload_does_not_shorten_a_back_off_or_a_pause);
    tcase_add_test(all, the_interval_is_stretched_to_keep_all_users_within_the_budget);
    tcase_add_test(all, sweeps_are_not_stretched);
    tcase_add_test(all, a_refusal_is_tried_again_so_often_and_no_more);
    tcase_add_test(all, without_a_budget_or_users_nothing_is_stretched);
    tcase_add_test(all, an_interval_of_more_than_fifty_short_plays_can_lose);
    tcase_add_test(all, whatever_happens_a_user_is_due_again_unless_a_person_must_act);
    tcase_add_test(all, whatever_the_pages_say_there_is_a_pause_after_seven_polls);
    suite_add_tcase(suite, all);
    return suite;
}
