/* SPDX-License-Identifier: MIT */
/* Access and refresh tokens while the daemon runs: renewed in time, never in a loop, never two at
 * once. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static void expire_access(void)
{
    fake_do("tokens", "{'expire_access':true}");
}

static const char *sealed_refresh(void)
{
    static char text[2000];

    snprintf(text, sizeof(text), "%s",
             db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh' AND user_id = 1"));
    return text;
}

static int64_t token_requests(void)
{
    return fake_count("token", 0);
}

static const char *last_outcome(void)
{
    return db_text("SELECT outcome FROM polls ORDER BY poll_id DESC LIMIT 1");
}

static const char *refresh_outcome(int account)
{
    return db_text("SELECT coalesce(outcome, 'none') FROM refreshes WHERE user_id = %lld",
                   (long long)db_user(account));
}

/* -- 401 --------------------------------------------------------------------------------------- */

START_TEST(A13_a_401_is_answered_by_one_refresh_and_one_repetition)
{
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    expire_access();
    fake_do("requests", "{'clear':true}");
    hd_poll_and_wait();
    ck_assert_int_eq(token_requests(), 1);
    ck_assert_int_eq(fake_count("recent", 1), 2);
    ck_assert_str_eq(last_outcome(), "ok");
    ck_assert_int_eq(hd_log_count("warning: Bextor") + hd_log_count("error"), 0);
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(A13_a_401_for_ever_is_no_loop)
{
    harness_begin(1);
    fake_fault_body("{'kind':'recent','count':0,'status':401}",
                    "{'error':{'status':401,'message':'The access token expired'}}");
    fake_do("requests", "{'clear':true}");
    hd_start();
    harness_wait_until(db_outcomes("token_expired") == 1);
    harness_stays(fake_count("recent", 1) == 2 && token_requests() == 1, 1000);
    ck_assert_str_eq(db_state(1), "active");
    hd_poll_and_wait();
    ck_assert_int_eq(fake_count("recent", 1), 4);
    ck_assert_int_eq(token_requests(), 2);
    fake_forget_faults();
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(an_access_token_is_refreshed_before_it_ends)
{
    harness_run_by_hand(1);
    hd_stop(SIGTERM);
    db_do("UPDATE tokens SET expires_at = %lld WHERE type = 'access'",
          (long long)harness_now() + 50000);
    fake_do("requests", "{'clear':true}");
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(token_requests(), 1);
    ck_assert_int_eq(fake_count("recent", 1), 1); /* none that was refused */
}
END_TEST

START_TEST(an_access_token_that_is_good_is_used_again_after_a_restart)
{
    harness_run_by_hand(1);
    fake_do("requests", "{'clear':true}");
    for (int i = 0; i < 2; i++) {
        hd_stop(SIGTERM);
        hd_start();
        hd_wait_for_polls(2 + i);
    }
    ck_assert_int_eq(token_requests(), 0);
}
END_TEST

/* -- what a refresh answers -------------------------------------------------------------------- */

static const char *const answers[] = {"new", "absent", "null", "empty"};

START_TEST(B3_B4_a_new_refresh_token_replaces_the_old_and_none_keeps_it)
{
    char before[2000];

    harness_run_by_hand(1);
    fake_do("tokens", "{'answer':'%s','kill_family':true}", answers[_i]);
    for (int round = 0; round < 3; round++) {
        snprintf(before, sizeof(before), "%s", sealed_refresh());
        fake_play(1, 1 + round, harness_now() - 1000);
        expire_access();
        hd_poll_and_wait();
        ck_assert_str_eq(last_outcome(), "ok");
        ck_assert_int_eq(strcmp(before, sealed_refresh()) == 0, _i != 0);
        ck_assert_str_eq(refresh_outcome(1), "ok");
        if (round == 1) {
            hd_stop(SIGTERM);
            hd_start();
            hd_wait_for_polls(4);
        }
    }
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

static const struct {
    const char *member;
    int64_t life_s;
} lives[] = {
    {"'expires_in':0", 60},
    {"'expires_in':-5", 60},
    {"'expires_in':1800", 1800},
    {"'expires_in':'1e9'", 3600},
    {"'expires_in':1000000000000", 3600},
    {"'token_type':'Bearer'", 3600},
};

START_TEST(B10_an_odd_life_of_an_access_token_is_brought_into_bounds)
{
    harness_run_by_hand(1);
    for (size_t i = 0; i < COUNT_OF(lives); i++) {
        int64_t life;

        expire_access();
        fake_fault_body("{'kind':'token'}", "{'access_token':'BQ" HARNESS_CANARY "0123456789',%s}",
                        lives[i].member);
        hd_poll_and_wait();
        life = db_int("SELECT expires_at - updated_at FROM tokens WHERE type = 'access'");
        ck_assert_msg(life == lives[i].life_s * 1000, "%s: %lld", lives[i].member, (long long)life);
        hd_poll_and_wait(); /* the invented token is refused, the next refresh brings a good one */
    }
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(B11_many_polls_that_need_a_token_ask_for_one)
{
    harness_run_by_hand(1);
    expire_access();
    fake_do("requests", "{'clear':true}");
    fake_fault("{'kind':'token','delay_ms':400}");
    hd_poll_now();
    harness_wait_until(token_requests() == 1);
    for (int i = 0; i < 10; i++)
        hd_poll_now();
    hd_wait_for_polls(2);
    ck_assert_int_eq(token_requests(), 1);
    ck_assert_str_eq(last_outcome(), "unchanged");
}
END_TEST

static const char *const scopes[] = {"absent", "empty"};

START_TEST(B13_a_scope_that_is_not_told_is_no_trouble)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'scope_answer':'%s','expire_access':true}", scopes[_i]);
    hd_poll_and_wait();
    ck_assert_str_eq(last_outcome(), "unchanged");
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(B13_a_refresh_that_lost_the_scope_needs_a_sign_in)
{
    harness_run_by_hand(1);
    expire_access();
    fake_fault_body("{'kind':'token'}", "{'access_token':'BQ" HARNESS_CANARY
                                        "0123456789','scope':'user-read-email user-top-read'}");
    hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "needs_login");
    ck_assert_ptr_nonnull(strstr(db_text("SELECT state_reason FROM users"), "scope_missing"));
}
END_TEST

/* -- the accounts service in trouble ----------------------------------------------------------- */

static const char *const outages[] = {
    "'status':500,'generate':'html'",
    "'status':502,'generate':'empty'",
    "'status':503,'generate':'plain'",
    "'status':504,'generate':'empty'",
    "'status':404,'generate':'html'",
    "'status':408,'generate':'empty'",
    "'status':429,'generate':'plain'",
    "'status':401,'generate':'plain'",
    "'status':200,'generate':'html'",
    "'status':200,'generate':'empty'",
    "'status':200,'generate':'not-json'",
    "'status':200,'generate':'half-json'",
    "'status':200,'generate':'bad-utf8'",
    "'status':200,'generate':'wrong-types'",
    "'status':200,'generate':'deep'",
    "'generate':'truncated'",
    "'generate':'big'",
    "'generate':'gzip-bomb'",
    "'reset':true",
    "'close':true",
    "'status':302,'headers':[['Location','http://127.0.0.1:9/']],'generate':'empty'",
};

START_TEST(B9_trouble_of_the_accounts_service_touches_no_token)
{
    char before[2000];

    harness_run_by_hand(1);
    snprintf(before, sizeof(before), "%s", sealed_refresh());
    for (size_t i = 0; i < COUNT_OF(outages); i++) {
        expire_access();
        fake_do("requests", "{'clear':true}");
        fake_fault("{'kind':'token','count':0,%s}", outages[i]);
        hd_poll_and_wait();
        fake_forget_faults();
        ck_assert_msg(strcmp(db_state(1), "active") == 0, "%s: %s", outages[i], db_state(1));
        ck_assert_msg(strcmp(before, sealed_refresh()) == 0, "%s", outages[i]);
        ck_assert_msg(token_requests() == 1, "%s: %lld requests", outages[i],
                      (long long)token_requests());
    }
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(hd_log_count("recording again after"), 1);
}
END_TEST

/* Signed in by a version that did not remember with which app: else nothing would be asked as
 * another one. */
static void forget_the_app(void)
{
    db_do("UPDATE users SET client_id = NULL");
}

START_TEST(B8_an_unknown_client_stops_the_whole_app_and_touches_no_user)
{
    harness_run_by_hand(2);
    hd_stop(SIGTERM);
    forget_the_app();
    expire_access();
    harness.config.client_id = "another-client";
    fake_do("requests", "{'clear':true}");
    hd_start();
    harness_wait_until(hd_log_count("refuses this client (invalid_client: ") == 1);
    harness_wait_until(fake_in_flight() == 0);
    harness_stays(token_requests() <= 2, 300);
    ck_assert_int_eq(hd_log_count("no requests for 1 h, until"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE state = 'active'"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens WHERE type = 'refresh'"), 2);
    hd_stop(SIGTERM);
    harness.config.client_id = "sim-client-id"; /* a restart tries at once */
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(B8_a_client_that_is_mended_by_a_reload_is_tried_at_once)
{
    harness_begin(1);
    forget_the_app();
    expire_access();
    harness.config.client_id = "another-client";
    hd_start();
    harness_wait_until(hd_log_count("refuses this client (invalid_client: ") == 1);
    harness.config.client_id = "sim-client-id";
    hd_write_config();
    hd_signal(SIGHUP);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

/* What Spotify says then is about the app of before. */
START_TEST(B8_an_answer_to_the_app_of_before_a_reload_does_not_hold_the_new_one_back)
{
    harness_begin(1);
    forget_the_app();
    expire_access();
    harness.config.client_id = "another-client";
    fake_fault("{'kind':'token','after':true,'delay_ms':700}");
    hd_start();
    harness_wait_until(fake_in_flight() == 1);
    harness.config.client_id = "sim-client-id";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_log_count("reload: spotify.client_id") == 1);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_until(hd_log_count("said to the app of before the reload") == 1);
    ck_assert_int_eq(hd_log_count("refuses this client"), 0);
    harness_stays(db_int("SELECT count(*) FROM gate") == 0, 100);
    hd_poll_now();
    harness_wait_for_truth(1);
}
END_TEST

/* -- the end of a sign-in ---------------------------------------------------------------------- */

static const struct {
    const char *cause; /* told to the fake */
    const char *words;
} ends[] = {
    {"{'account':1,'revoke':true}", "Refresh token revoked"},
    {"{'account':1,'authorized_at':1577836800000}", "Refresh token expired"},
};

START_TEST(B5_a_dead_sign_in_is_said_once_kept_and_not_used_again)
{
    char before[2000];

    harness_run_by_hand(1);
    snprintf(before, sizeof(before), "%s", sealed_refresh());
    fake_do("tokens", "%s", ends[_i].cause);
    expire_access();
    fake_do("requests", "{'clear':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    ck_assert_ptr_nonnull(strstr(db_text("SELECT state_reason FROM users"), ends[_i].words));
    ck_assert_str_eq(refresh_outcome(1), "invalid_grant");
    hd_poll_now();
    harness_stays(token_requests() == 1, 300);
    hd_stop(SIGTERM);
    hd_start();
    harness_wait_until(hd_log_count("not polled") == 1);
    hd_poll_now();
    harness_stays(token_requests() == 1 && fake_count("recent", 1) == 1, 300);
    ck_assert_str_eq(before, sealed_refresh());
    ck_assert_int_eq(hd_log_count("sign in again (spotify-historyctl login"), 1);
}
END_TEST

START_TEST(B7_a_new_sign_in_goes_on_where_the_old_one_ended_and_notes_what_is_missing)
{
    int64_t now = harness_now(), user;

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    user = db_user(1);
    fake_do("tokens", "{'revoke':true,'expire_access':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    hd_stop(SIGTERM);
    fake_plays(1, 70, 20, now - 10 * MINUTE, 1000);
    fake_do("tokens", "{'account':1,'mint':true}");
    ctl_login(1);
    ck_assert_str_eq(db_state(1), "active");
    hd_start();
    harness_wait_until(db_plays(1) == 60);
    harness_assert_truth(1);
    ck_assert_int_eq(db_user(1), user);
    ck_assert_str_eq(db_text("SELECT certainty || ' ' || cause FROM gaps"), "likely needs_login");
    ck_assert_int_eq(db_int("SELECT after_played_at FROM gaps"), now - HOUR + 9 * MINUTE);
}
END_TEST

START_TEST(J1_one_dead_sign_in_delays_nobody)
{
    int64_t began;

    harness_run(3);
    harness_wait_until(db_int("SELECT count(DISTINCT user_id) FROM polls") == 3);
    fake_do("tokens", "{'account':2,'revoke':true,'expire_access':true}");
    harness_wait_until(strcmp(db_state(2), "needs_login") == 0);
    began = harness_now();
    for (int round = 0; round < 5; round++) {
        fake_play(1, 1 + round, harness_now() - 1);
        fake_play(3, 1 + round, harness_now() - 1);
        harness_wait_for_truth(1);
        harness_wait_for_truth(3);
    }
    hd_stop(SIGTERM);
    ck_assert_int_eq(db_int("SELECT count(*) FROM polls WHERE user_id = %lld AND started_at > %lld",
                            (long long)db_user(2), (long long)began),
                     0);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_str_eq(db_state(3), "active");
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

static const char *const bad_company[] = {"'hang':true", "'generate':'big'",
                                          "'status':500,'generate':'html'"};

START_TEST(J1_P11_one_user_in_trouble_delays_nobody)
{
    harness_run(3);
    harness_wait_until(db_int("SELECT count(DISTINCT user_id) FROM polls") == 3);
    fake_fault("{'kind':'recent','account':2,'count':0,%s}", bad_company[_i]);
    harness_wait_until(fake_hits() > 0);
    for (int round = 0; round < 5; round++) {
        int64_t began = harness_boot();

        fake_play(1, 1 + round, harness_now() - 1);
        fake_play(3, 1 + round, harness_now() - 1);
        harness_wait_for_truth(1);
        harness_wait_for_truth(3);
        ck_assert_int_lt(harness_boot() - began, 5000); /* the request_timeout of the other */
    }
}
END_TEST

Suite *tokens_suite(void)
{
    Suite *suite = suite_create("tokens");
    TCase *access = harness_case(suite, "access"), *refresh = harness_case(suite, "refresh");
    TCase *service = harness_case(suite, "service"), *end = harness_case(suite, "end");

    tcase_add_test(access, A13_a_401_is_answered_by_one_refresh_and_one_repetition);
    tcase_add_test(access, A13_a_401_for_ever_is_no_loop);
    tcase_add_test(access, an_access_token_is_refreshed_before_it_ends);
    tcase_add_test(access, an_access_token_that_is_good_is_used_again_after_a_restart);
    tcase_add_loop_test(refresh, B3_B4_a_new_refresh_token_replaces_the_old_and_none_keeps_it, 0,
                        COUNT_OF(answers));
    tcase_add_test(refresh, B10_an_odd_life_of_an_access_token_is_brought_into_bounds);
    tcase_add_test(refresh, B11_many_polls_that_need_a_token_ask_for_one);
    tcase_add_loop_test(refresh, B13_a_scope_that_is_not_told_is_no_trouble, 0, COUNT_OF(scopes));
    tcase_add_test(refresh, B13_a_refresh_that_lost_the_scope_needs_a_sign_in);
    tcase_add_test(service, B9_trouble_of_the_accounts_service_touches_no_token);
    tcase_add_test(service, B8_an_unknown_client_stops_the_whole_app_and_touches_no_user);
    tcase_add_test(service, B8_a_client_that_is_mended_by_a_reload_is_tried_at_once);
    tcase_add_test(service,
                   B8_an_answer_to_the_app_of_before_a_reload_does_not_hold_the_new_one_back);
    tcase_add_loop_test(end, B5_a_dead_sign_in_is_said_once_kept_and_not_used_again, 0,
                        COUNT_OF(ends));
    tcase_add_test(end, B7_a_new_sign_in_goes_on_where_the_old_one_ended_and_notes_what_is_missing);
    tcase_add_test(end, J1_one_dead_sign_in_delays_nobody);
    tcase_add_loop_test(end, J1_P11_one_user_in_trouble_delays_nobody, 0, COUNT_OF(bad_company));
    return suite;
}
