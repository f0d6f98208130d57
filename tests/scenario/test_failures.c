/* SPDX-License-Identifier: MIT */
/* Answers that are none: each is sorted into its class, nobody loses a play by it, and it is said
 * once. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 3 /* tests that the troubles are dealt out to */

/* -- transient --------------------------------------------------------------------------------- */

static const struct {
    const char *rule; /* beside the kind */
    const char *outcome;
    int status; /* 0: none */
    const char *body;
} troubles[] = {
    {"'status':500,'generate':'html'", "transient", 500, NULL},
    {"'status':500,'generate':'plain'", "transient", 500, NULL},
    {"'status':502,'generate':'json-error'", "transient", 502, NULL},
    {"'status':502,'generate':'empty'", "transient", 502, NULL},
    {"'status':503,'generate':'plain'", "transient", 503, NULL},
    {"'status':504,'generate':'empty'", "transient", 504, NULL},
    {"'status':404,'generate':'json-error'", "transient", 404, NULL},
    {"'status':404,'generate':'html'", "transient", 404, NULL},
    {"'status':408,'generate':'empty'", "transient", 408, NULL},
    {"'status':429,'generate':'plain'", "transient", 429, NULL},
    {"'status':302,'headers':[['Location','http://127.0.0.1:9/']],'generate':'empty'", "transient",
     302, NULL},
    {"'status':400,'generate':'json-error'", "ours", 400, NULL},
    {"'status':410,'generate':'html'", "ours", 410, NULL},
    {"'status':200,'generate':'html'", "not_understood", 0, NULL},
    {"'status':200,'generate':'empty'", "not_understood", 0, NULL},
    {"'status':200,'generate':'not-json'", "not_understood", 0, NULL},
    {"'status':200,'generate':'half-json'", "not_understood", 0, NULL},
    {"'status':200,'generate':'bad-utf8'", "not_understood", 0, NULL},
    {"'status':200,'generate':'deep'", "not_understood", 0, NULL},
    {"'status':200", "not_understood", 0, "{}"},
    {"'status':200", "not_understood", 0, "{'items':7}"},
    {"'status':200", "not_understood", 0, "[]"},
    {"'generate':'truncated','after':true", "broken", 0, NULL},
    {"'generate':'big'", "too big", 0, NULL},
    {"'generate':'gzip-bomb'", "too big", 0, NULL},
    {"'reset':true", "broken", 0, NULL},
    {"'close':true", "broken", 0, NULL},
    {"'hang':true", "timeout", 0, NULL},
};

/* Twice in a row: after the first a broken connection is tried again at once. */
static void add_trouble(int number)
{
    char rule[200];

    snprintf(rule, sizeof(rule), "{'kind':'recent','count':2,%s}", troubles[number].rule);
    if (troubles[number].body != NULL)
        fake_fault_body(rule, "%s", troubles[number].body);
    else
        fake_fault("%s", rule);
}

/* One poll that meets the trouble, and one that does not. */
static void meet_trouble(int number)
{
    const char *rule = troubles[number].rule, *outcome;
    int64_t plays = db_plays(1), status;

    hd_log_mark();
    fake_plays(1, 3, 20 + 3 * number, harness_now() - 4000, 1000);
    add_trouble(number);
    hd_poll_and_wait();
    fake_forget_faults();
    status = db_int("SELECT http_status FROM polls ORDER BY poll_id DESC LIMIT 1");
    ck_assert_msg(status == troubles[number].status, "%s: %lld", rule, (long long)status);
    ck_assert_msg(db_plays(1) == plays, "%s: plays were stored", rule);
    outcome = db_text("SELECT outcome FROM polls ORDER BY poll_id DESC LIMIT 1");
    ck_assert_msg(strcmp(outcome, troubles[number].outcome) == 0, "%s: %s", rule, outcome);
    ck_assert_msg(hd_log_count(outcome) == 1, "%s: %d lines", rule, hd_log_count(outcome));
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    harness_wait_until(hd_log_count("recording again after") == 1);
}

START_TEST(A7_A8_A11_A15_A18_an_answer_that_is_none_costs_nothing_but_time)
{
    harness.config.request_timeout = "1s";
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    for (size_t i = (size_t)_i; i < COUNT_OF(troubles); i += GROUPS)
        meet_trouble((int)i);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_int_eq(fake_count("token", 1), 1); /* the sign-in's own */
}
END_TEST

START_TEST(A9_a_page_of_wrong_types_only_is_counted_as_odd)
{
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_fault("{'kind':'recent','generate':'wrong-types'}");
    hd_poll_and_wait();
    ck_assert_int_eq(db_int("SELECT max(odd) FROM polls"), 3);
    hd_poll_and_wait();
    harness_assert_truth(1);
}
END_TEST

START_TEST(A19_a_redirect_is_not_followed)
{
    harness_begin(1);
    fake_fault("{'kind':'recent','status':302,'generate':'empty','headers':[['Location',"
               "'%s/v1/me/player/recently-played?stolen=1']]}",
               harness.url);
    ck_assert_int_eq(hd_once(), 75);
    ck_assert_int_eq(fake_count("recent", 0), 1);
    ck_assert_int_eq(fake_count("other", 0), 0);
}
END_TEST

START_TEST(A18_a_transient_failure_is_tried_again_after_ten_to_fifteen_seconds)
{
    int soon = 0;

    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','status':503,'generate':'html'}");
    hd_poll_and_wait();
    hd_poll_and_wait(); /* the report that comes with it says when the next would have come */
    for (int seconds = 9; seconds <= 15; seconds++) {
        char words[60];

        snprintf(words, sizeof(words), "next poll in %d s", seconds);
        soon += hd_log_count(words);
    }
    ck_assert_int_eq(hd_log_count("idle after a failure"), 1);
    ck_assert_int_eq(soon, 1);
}
END_TEST

START_TEST(J6_P12_the_same_error_again_and_again_is_at_most_three_lines)
{
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    hd_log_mark();
    fake_fault("{'kind':'recent','count':12,'status':502,'generate':'html'}");
    for (int i = 0; i < 12; i++)
        hd_poll_and_wait();
    ck_assert_int_eq(db_outcomes("transient"), 12);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(hd_log_count("502"), 1);
    ck_assert_int_eq(hd_log_count("recording again after"), 1);
}
END_TEST

/* -- 429 --------------------------------------------------------------------------------------- */

static const struct {
    const char *headers;
    int64_t wait_s; /* 0: back off alone */
} limits[] = {
    {"['Retry-After','5']", 5},
    {"['Retry-After','0']", 1},
    {"['Retry-After','-1']", 0},
    {"['Retry-After','86400']", 86400},
    {"['Retry-After','604800']", 172800},
    {"['Date','Sun, 06 Nov 1994 08:49:37 GMT'],['Retry-After','Sun, 06 Nov 1994 09:49:37 GMT']",
     3600},
    {"", 0},
    {"['Retry-After','1e99']", 0},
    {"['Retry-After','soon']", 0},
    {"['Retry-After','7'],['Retry-After','3600']", 3600},
};

/* No request of anybody while the gate is closed, whatever is asked of the daemon. */
static void assert_closed(void)
{
    int64_t before = fake_count("recent", 0) + fake_count("token", 0);

    hd_poll_now();
    harness_stays(fake_count("recent", 0) + fake_count("token", 0) == before, 150);
}

static const char *const refusals[] = {
    "Too many requests",
    "{'error':{'status':429,'message':'API rate limit exceeded'}}",
    "{'error':{'status':429,'message':'Too many requests','reason':'QUOTA_EXCEEDED'}}",
    "<html><body>429</body></html>",
    "",
};

/* What is stored of the gate; it may be a moment late. 0: nothing. */
static void assert_stored_wait(int64_t ms)
{
    int64_t stored = db_int("SELECT coalesce(max(not_before - set_at), 0) FROM gate");

    ck_assert_msg(stored <= ms && stored >= ms - (ms > 0 ? 500 : 0), "%lld", (long long)stored);
}

START_TEST(A16_retry_after_is_obeyed_to_the_second_and_by_all)
{
    int64_t wait_ms = limits[_i].wait_s * 1000;
    char rule[300];

    harness_run_by_hand(2);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    snprintf(rule, sizeof(rule), "{'kind':'recent','account':1,'status':429,'headers':[%s]}",
             limits[_i].headers);
    fake_fault_body(rule, "%s", refusals[_i % (int)COUNT_OF(refusals)]);
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE http_status = 429") == 1);
    if (wait_ms > 1000)
        assert_closed();
    assert_stored_wait(wait_ms);
    ck_assert_str_eq(db_text("SELECT outcome FROM polls WHERE http_status = 429"),
                     wait_ms > 0 ? "rate_limit" : "transient");
    ck_assert_int_eq(hd_log_count("refuses this client"), wait_ms > 0);
    ck_assert_int_eq(hd_log_count("Bextor: transient"), wait_ms == 0);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(A16_the_gate_opens_by_itself)
{
    harness_begin(2);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    fake_plays(2, 10, 1, harness_now() - HOUR, MINUTE);
    fake_fault("{'kind':'recent','status':429,'generate':'plain','headers':[['Retry-After','1']]}");
    hd_start();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    harness_wait_until(hd_log_count("requests to Spotify go on after") == 1);
    ck_assert_int_eq(hd_log_count("refuses this client"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(A16_a_poll_that_began_before_the_gate_closed_asks_nothing_more)
{
    harness_run_by_hand(2);
    fake_do("tokens", "{'account':2,'expire_access':true}");
    fake_do("requests", "{'clear':true}");
    fake_fault(
        "[{'kind':'recent','account':1,'delay_ms':300,'status':429,'generate':'plain','headers':"
        "[['Retry-After','3600']]},{'kind':'token','account':2,'delay_ms':900}]");
    hd_poll_now();
    hd_wait_for_polls(4);
    ck_assert_int_eq(fake_count("recent", 2), 1); /* the one that was answered with 401 */
    ck_assert_int_eq(db_outcomes("rate_limit"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM refreshes WHERE outcome = 'ok'"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE state = 'active'"), 2);
}
END_TEST

START_TEST(A17_a_429_of_the_token_endpoint_closes_the_gate_and_touches_no_token)
{
    char before[200];

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    snprintf(before, sizeof(before), "%s",
             db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh'"));
    fake_do("tokens", "{'expire_access':true}");
    fake_fault("{'kind':'token','status':429,'generate':'plain','headers':[['Retry-After','2']]}");
    hd_poll_and_wait();
    ck_assert_str_eq(db_text("SELECT outcome FROM polls ORDER BY poll_id DESC LIMIT 1"),
                     "rate_limit");
    assert_stored_wait(2000);
    assert_closed();
    ck_assert_int_eq(
        strncmp(before, db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh'"), 199), 0);
    ck_assert_str_eq(db_state(1), "active");
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(A18_a_503_with_retry_after_is_obeyed_as_well)
{
    harness_run_by_hand(1);
    fake_fault(
        "{'kind':'recent','status':503,'generate':'html','headers':[['Retry-After','3600']]}");
    hd_poll_and_wait();
    assert_stored_wait(3600000);
    assert_closed();
}
END_TEST

START_TEST(rate_limits_are_named_as_the_cause_of_a_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_fault("{'kind':'recent','status':429,'generate':'plain','headers':[['Retry-After','1']]}");
    hd_poll_and_wait();
    fake_plays(1, 60, 20, now - 10 * MINUTE, 1000);
    hd_poll_now(); /* it waits until the gate opens */
    harness_wait_until(db_plays(1) == 60);
    ck_assert_str_eq(db_text("SELECT cause FROM gaps"), "rate_limit");
    harness_assert_truth(1);
}
END_TEST

/* -- 403 --------------------------------------------------------------------------------------- */

START_TEST(A14_a_403_pauses_a_user_at_the_third_time_only_and_ends_with_the_first_success)
{
    int64_t now = harness_now();

    harness_run_by_hand(2);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'account':1,'registered':false,'forbidden':%d}", _i);
    for (int poll = 1; poll <= 3; poll++) {
        ck_assert_str_eq(db_state(1), "active");
        hd_poll_and_wait();
        ck_assert_int_eq(db_outcomes("forbidden"), poll);
    }
    ck_assert_str_eq(db_state(1), "paused");
    ck_assert_str_eq(db_state(2), "active");
    ck_assert_ptr_nonnull(
        strstr(db_text("SELECT state_reason FROM users WHERE state = 'paused'"), "registered"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM gate"), 0);
    fake_do("listing", "{'account':1,'registered':true}");
    fake_play(1, 20, now - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_int_eq(fake_count("token", 1), 1);
    ck_assert_int_le(hd_log_count("forbidden"), 2);
}
END_TEST

START_TEST(A14_two_refusals_and_a_success_begin_the_count_anew)
{
    harness_run_by_hand(1);
    for (int round = 0; round < 2; round++) {
        fake_do("listing", "{'registered':false}");
        hd_poll_and_wait();
        hd_poll_and_wait();
        fake_do("listing", "{'registered':true}");
        hd_poll_and_wait();
        ck_assert_str_eq(db_state(1), "active");
    }
}
END_TEST

START_TEST(A14_a_paused_user_is_asked_again_after_a_restart)
{
    harness_run_by_hand(1);
    fake_do("listing", "{'registered':false}");
    for (int poll = 0; poll < 3; poll++)
        hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "paused");
    hd_stop(SIGTERM);
    fake_do("listing", "{'registered':true}");
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(A14_an_owner_without_premium_stops_the_whole_app_and_no_user)
{
    harness_run_by_hand(3);
    fake_fault_body(
        "{'kind':'recent','account':2,'status':403}",
        "Active premium subscription required for the owner of the app. When the subscription "
        "status changes, it can take a few hours before requests are allowed again.");
    hd_poll_now();
    harness_wait_until(hd_log_count("refuses this client (Active premium subscription required") ==
                       1);
    harness_wait_until(fake_in_flight() == 0);
    assert_closed();
    assert_stored_wait(HOUR);
    ck_assert_str_eq(db_text("SELECT substr(reason, 1, 11) FROM gate"), "app: Active");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE state = 'active'"), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 6);
    hd_stop(SIGTERM);
    fake_play(2, 1, harness_now() - 1000);
    hd_start(); /* whoever mends it restarts, and need not wait */
    harness_wait_for_truth(2);
}
END_TEST

/* -- scopes ------------------------------------------------------------------------------------ */

static const struct {
    int status;
    const char *message;
} missing_scopes[] = {
    {403, "Insufficient client scope"},
    {401, "Permissions missing"},
};

START_TEST(B13_a_missing_scope_needs_a_sign_in_and_no_refresh_can_mend_it)
{
    harness_run_by_hand(2);
    fake_fault_body(missing_scopes[_i].status == 403 ? "{'kind':'recent','account':1,'status':403}"
                                                     : "{'kind':'recent','account':1,'status':401}",
                    "{'error':{'status':%d,'message':'%s'}}", missing_scopes[_i].status,
                    missing_scopes[_i].message);
    hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "needs_login");
    ck_assert_str_eq(db_state(2), "active");
    ck_assert_ptr_nonnull(strstr(
        db_text("SELECT state_reason FROM users WHERE state = 'needs_login'"), "scope_missing"));
    ck_assert_int_eq(fake_count("token", 0), 2);
    ck_assert_int_eq(hd_log_count("sign in again"), 1);
}
END_TEST

/* -- the network ------------------------------------------------------------------------------- */

START_TEST(C3_a_spotify_that_is_not_there_is_waited_for)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    harness.config.api_url = "http://127.0.0.1:9"; /* nobody listens */
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_stop(SIGTERM);
    hd_start();
    harness_wait_until(db_outcomes("connect") == 1);
    ck_assert_str_eq(db_state(1), "active");
    harness.config.api_url = NULL;
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    hd_poll_and_wait();
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(a_connection_that_died_while_idle_is_replaced_at_once)
{
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    fake_fault("{'kind':'recent','reset':true}"); /* once, on the connection of the first poll */
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_outcomes("broken"), 0);
}
END_TEST

START_TEST(C10_a_proxy_in_the_environment_is_passed_by)
{
    harness_begin(1);
    harness.environment[0] = "http_proxy=http://127.0.0.1:9";
    harness.environment[1] = "ALL_PROXY=http://127.0.0.1:9";
    fake_play(1, 1, harness_now() - 1000);
    ck_assert_int_eq(hd_once(), 0);
    harness_assert_truth(1);
    ck_assert_int_eq(db_plays(1), 1);
}
END_TEST

START_TEST(C12_a_server_that_hangs_up_after_each_answer_is_no_trouble)
{
    fake_start("--accounts", "1");
    fake_fault("{'count':0,'headers':[['Connection','close']]}");
    ctl_login(1);
    hd_start();
    for (int round = 0; round < 5; round++) {
        fake_play(1, 1 + round, harness_now() - 1000);
        harness_wait_for_truth(1);
    }
    ck_assert_int_eq(hd_log_count("warning") + hd_log_count("error"), 0);
}
END_TEST

START_TEST(C13_no_more_requests_are_under_way_than_configured)
{
    json_t *log;

    harness.config.max_in_flight = "2";
    harness_begin(6);
    fake_do("requests", "{'clear':true}");
    fake_fault("{'kind':'recent','count':0,'delay_ms':60}");
    ck_assert_int_eq(hd_once(), 0);
    log = fake_ask("requests?last=1", NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(log, "max_in_flight")), 2);
    json_decref(log);
    ck_assert_int_eq(fake_count("recent", 0), 6);
}
END_TEST

START_TEST(P7_a_budget_makes_polls_rarer)
{
    harness.config.daily_call_budget = "1000";
    harness.config.sweep_interval = "1h";
    harness_run(1);
    hd_wait_for_polls(1);
    harness_stays(fake_count("recent", 0) == 1, 500);
    ck_assert_int_eq(hd_log_count("instead of the configured interval"), 1);
    hd_poll_and_wait(); /* who asks by hand is served */
}
END_TEST

START_TEST(D5_a_clock_that_is_far_from_spotifys_is_said_once)
{
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','count':3,'headers':[['Date','Sun, 06 Nov 1994 08:49:37 GMT']]}");
    for (int poll = 0; poll < 5; poll++)
        hd_poll_and_wait();
    ck_assert_int_eq(hd_log_count("differ by more than 5 minutes"), 1);
    ck_assert_int_eq(hd_log_count("agrees with Spotify's again"), 1);
}
END_TEST

Suite *failures_suite(void)
{
    Suite *suite = suite_create("failures");
    TCase *transient = harness_case(suite, "transient"), *limit = harness_case(suite, "limits");
    TCase *forbidden = harness_case(suite, "forbidden"), *network = harness_case(suite, "network");

    tcase_add_loop_test(transient, A7_A8_A11_A15_A18_an_answer_that_is_none_costs_nothing_but_time,
                        0, GROUPS);
    tcase_add_test(transient, A9_a_page_of_wrong_types_only_is_counted_as_odd);
    tcase_add_test(transient, A19_a_redirect_is_not_followed);
    tcase_add_test(transient, A18_a_transient_failure_is_tried_again_after_ten_to_fifteen_seconds);
    tcase_add_test(transient, J6_P12_the_same_error_again_and_again_is_at_most_three_lines);
    tcase_add_loop_test(limit, A16_retry_after_is_obeyed_to_the_second_and_by_all, 0,
                        COUNT_OF(limits));
    tcase_add_test(limit, A16_the_gate_opens_by_itself);
    tcase_add_test(limit, A16_a_poll_that_began_before_the_gate_closed_asks_nothing_more);
    tcase_add_test(limit, A17_a_429_of_the_token_endpoint_closes_the_gate_and_touches_no_token);
    tcase_add_test(limit, A18_a_503_with_retry_after_is_obeyed_as_well);
    tcase_add_test(limit, rate_limits_are_named_as_the_cause_of_a_gap);
    tcase_add_loop_test(
        forbidden, A14_a_403_pauses_a_user_at_the_third_time_only_and_ends_with_the_first_success,
        1, 4);
    tcase_add_test(forbidden, A14_two_refusals_and_a_success_begin_the_count_anew);
    tcase_add_test(forbidden, A14_a_paused_user_is_asked_again_after_a_restart);
    tcase_add_test(forbidden, A14_an_owner_without_premium_stops_the_whole_app_and_no_user);
    tcase_add_loop_test(forbidden, B13_a_missing_scope_needs_a_sign_in_and_no_refresh_can_mend_it,
                        0, COUNT_OF(missing_scopes));
    tcase_add_test(network, C3_a_spotify_that_is_not_there_is_waited_for);
    tcase_add_test(network, a_connection_that_died_while_idle_is_replaced_at_once);
    tcase_add_test(network, C10_a_proxy_in_the_environment_is_passed_by);
    tcase_add_test(network, C12_a_server_that_hangs_up_after_each_answer_is_no_trouble);
    tcase_add_test(network, C13_no_more_requests_are_under_way_than_configured);
    tcase_add_test(network, P7_a_budget_makes_polls_rarer);
    tcase_add_test(network, D5_a_clock_that_is_far_from_spotifys_is_said_once);
    return suite;
}
