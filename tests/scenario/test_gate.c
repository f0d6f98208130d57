/* SPDX-License-Identifier: MIT */
/* One app-wide "wait an hour", one dead sign-in, restarts in between: the gate holds, and
 * afterwards nobody misses a play. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static int64_t all_requests(void)
{
    return fake_count("recent", 0) + fake_count("token", 0) + fake_count("me", 0);
}

/* Three users with ten plays each; the second's sign-in has ended. */
static void begin_with_a_dead_sign_in(void)
{
    harness_begin(3);
    for (int account = 1; account <= 3; account++)
        fake_plays(account, 10, 1, harness_now() - HOUR, MINUTE);
    hd_start();
    for (int account = 1; account <= 3; account++)
        harness_wait_for_truth(account);
    fake_do("tokens", "{'account':2,'revoke':true,'expire_access':true}");
    harness_wait_until(strcmp(db_state(2), "needs_login") == 0);
}

/* Spotify refuses the first request of this user, and the answers to those under way have come. */
static void close_the_gate(const char *seconds)
{
    fake_fault("{'kind':'recent','account':1,'status':429,'generate':'plain',"
               "'headers':[['Retry-After','%s']]}",
               seconds);
    harness_wait_until(db_int("SELECT count(*) FROM gate") == 1);
    harness_wait_until(fake_in_flight() == 0);
    fake_do("requests", "{'clear':true}");
}

/* The gate's end, as if the time had passed: only while the daemon is down. */
static void let_the_hour_pass(void)
{
    db_do("UPDATE gate SET set_at = set_at - 3600000, not_before = not_before - 3600000");
}

START_TEST(A16_the_gate_holds_over_restarts_and_the_others_miss_nothing)
{
    begin_with_a_dead_sign_in();
    close_the_gate("3600");
    for (int account = 1; account <= 3; account++)
        fake_plays(account, 30, 20, harness_now() - 20 * MINUTE, 10000);
    harness_stays(all_requests() == 0, 500);
    for (int restart = 0; restart < 3; restart++) {
        if (restart == 1) {
            hd_signal(SIGKILL);
            ck_assert_int_eq(hd_wait(), -SIGKILL);
        } else {
            hd_stop(SIGTERM);
        }
        hd_start();
        hd_poll_now();
        harness_stays(all_requests() == 0, 300);
    }
    ck_assert_int_eq(hd_log_count("Spotify asked to wait (Too many requests)"), 3);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_str_eq(db_state(2), "needs_login");
    ck_assert_str_eq(db_state(3), "active");
    hd_stop(SIGTERM);
    let_the_hour_pass();
    hd_start();
    harness_wait_for_truth(1);
    harness_wait_for_truth(3);
    ck_assert_int_eq(db_plays(1), 40);
    ck_assert_int_eq(db_plays(3), 40);
    ck_assert_int_eq(db_plays(2), 10);
    ck_assert_int_eq(fake_count("recent", 2) + fake_count("token", 2), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    fake_do("tokens", "{'account':2,'mint':true}");
    hd_stop(SIGTERM);
    ctl_login(2);
    hd_start();
    harness_wait_for_truth(2);
    ck_assert_int_eq(db_plays(2), 40);
}
END_TEST

/* The number is in the answer's head: what becomes of its body does not matter. */
static const char *const broken_waits[] = {
    "'kind':'recent','generate':'truncated','headers':[['Retry-After','3600']]",
    "'kind':'token','generate':'truncated','headers':[['Retry-After','3600']]",
    "'kind':'recent','headers':[['Retry-After','3600'],['Content-Encoding','br']],'body':'x'",
    "'kind':'token','headers':[['Retry-After','3600'],['Content-Encoding','br']],'body':'x'",
    "'kind':'recent','headers':[['Retry-After','3600'],['Content-Encoding','gzip']],'body':'x'",
};

START_TEST(A16_a_wait_is_kept_though_the_body_of_the_answer_cannot_be_read)
{
    char fault[200];

    harness_run_by_hand(1);
    fake_do("tokens", "{'account':1,'expire_access':true}");
    snprintf(fault, sizeof(fault), "{'status':429,%s}", broken_waits[_i]);
    fake_fault("%s", fault);
    hd_poll_and_wait();
    ck_assert_int_eq(db_int("SELECT count(*) FROM gate"), 1);
    fake_do("requests", "{'clear':true}");
    hd_poll_now();
    harness_stays(all_requests() == 0, 300);
}
END_TEST

START_TEST(A16_a_short_wait_ends_without_a_restart)
{
    begin_with_a_dead_sign_in();
    close_the_gate("2");
    for (int account = 1; account <= 3; account++)
        fake_plays(account, 30, 20, harness_now() - 20 * MINUTE, 10000);
    harness_stays(all_requests() == 0, 500);
    harness_wait_for_truth(1);
    harness_wait_for_truth(3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(A16_the_wait_ends_in_time_after_a_restart_too)
{
    int64_t opens;

    begin_with_a_dead_sign_in();
    close_the_gate("2");
    opens = db_int("SELECT not_before FROM gate");
    hd_stop(SIGTERM);
    fake_plays(1, 30, 20, harness_now() - 20 * MINUTE, 10000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_ge(
        db_int("SELECT min(started_at) FROM polls WHERE outcome = 'ok' AND started_at > %lld",
               (long long)opens - 2000),
        opens - 5); /* the two clocks are cut to milliseconds, each for itself */
}
END_TEST

START_TEST(A16_once_does_not_ask_while_the_gate_is_closed)
{
    begin_with_a_dead_sign_in();
    close_the_gate("3600");
    hd_stop(SIGTERM);
    ck_assert_int_eq(hd_once(), 77); /* the dead sign-in is what a person can do something about */
    ck_assert_int_eq(all_requests(), 0);
    db_do("DELETE FROM tokens WHERE user_id = %lld", (long long)db_user(2));
    db_do("UPDATE users SET state = 'active' WHERE user_id = %lld", (long long)db_user(2));
    ck_assert_int_eq(hd_once(), 75);
    ck_assert_int_eq(all_requests(), 0);
}
END_TEST

START_TEST(A16_a_sign_in_does_not_ask_while_the_gate_is_closed)
{
    begin_with_a_dead_sign_in();
    close_the_gate("3600");
    fake_do("tokens", "{'account':2,'mint':true}");
    ck_assert_int_eq(ctl_login_with(fake_token(2)), 75);
    hd_stop(SIGTERM);
    ck_assert_int_eq(ctl_login_with(fake_token(2)), 75);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "nothing was sent"));
    ck_assert_int_eq(all_requests(), 0);
    ck_assert_str_eq(db_state(2), "needs_login");
}
END_TEST

/* The third user made no request that failed: they only waited behind the first one's refusal. */
START_TEST(a_gap_of_somebody_who_waited_for_others_has_the_wait_as_its_cause)
{
    begin_with_a_dead_sign_in();
    close_the_gate("2");
    fake_plays(3, 60, 20, harness_now() - 20 * MINUTE, 10000);
    harness_wait_until(db_int("SELECT count(*) FROM gaps") == 1);
    ck_assert_int_eq(db_int("SELECT user_id FROM gaps"), db_user(3));
    ck_assert_str_eq(db_text("SELECT certainty FROM gaps"), "likely");
    ck_assert_str_eq(db_text("SELECT cause FROM gaps"), "rate_limit");
}
END_TEST

START_TEST(F10_calls_of_an_hour_are_counted_over_restarts)
{
    harness.config.poll_interval = "1h";
    harness.config.sweep_interval = "1h";
    harness_begin(1);
    for (int run = 0; run < 5; run++)
        ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_int("SELECT sum(calls) FROM gate_calls"), 2 + 5); /* the sign-in's too */
    db_do("UPDATE gate_calls SET calls = 119");
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(hd_once(), 75); /* three times what is planned, at least 120, and that is it */
    ck_assert_int_eq(fake_count("recent", 1), 6);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gate"), 0);
}
END_TEST

/* The calls of two users go out before anything is committed; one of them was stored ahead. */
START_TEST(F10_a_daemon_that_dies_with_its_calls_under_way_asks_twice_the_limit_at_most)
{
    const int64_t left = 5; /* of the least limit, 120 */
    int64_t asked = 0;

    harness.config.poll_interval = "1h";
    harness.config.sweep_interval = "1h";
    harness_begin(2);
    db_do("UPDATE gate_calls SET calls = %lld", (long long)(120 - left));
    for (int64_t life = 1; life <= left; life++) {
        asked += life < left ? 2 : 1; /* it knows of its own calls, stored or not */
        fake_fault("{'kind':'recent','hang':true,'count':2}");
        hd_start();
        harness_wait_until(fake_count("recent", 0) == asked);
        hd_signal(SIGKILL);
        ck_assert_int_eq(hd_wait(), -SIGKILL);
    }
    ck_assert_int_eq(db_int("SELECT calls FROM gate_calls"), 120);
    ck_assert_int_eq(hd_once(), 75);
    ck_assert_int_eq(fake_count("recent", 0), asked);
}
END_TEST

Suite *gate_suite(void)
{
    Suite *suite = suite_create("gate");
    TCase *gate = harness_case(suite, "gate");

    tcase_add_test(gate, A16_the_gate_holds_over_restarts_and_the_others_miss_nothing);
    tcase_add_loop_test(gate, A16_a_wait_is_kept_though_the_body_of_the_answer_cannot_be_read, 0,
                        sizeof(broken_waits) / sizeof(broken_waits[0]));
    tcase_add_test(gate, A16_a_short_wait_ends_without_a_restart);
    tcase_add_test(gate, A16_the_wait_ends_in_time_after_a_restart_too);
    tcase_add_test(gate, A16_once_does_not_ask_while_the_gate_is_closed);
    tcase_add_test(gate, A16_a_sign_in_does_not_ask_while_the_gate_is_closed);
    tcase_add_test(gate, a_gap_of_somebody_who_waited_for_others_has_the_wait_as_its_cause);
    tcase_add_test(gate, F10_calls_of_an_hour_are_counted_over_restarts);
    tcase_add_test(gate,
                   F10_a_daemon_that_dies_with_its_calls_under_way_asks_twice_the_limit_at_most);
    return suite;
}
