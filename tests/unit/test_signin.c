/* SPDX-License-Identifier: MIT */
/* A sign-in from grant to outcome, by what Spotify says to it: each of its answers, and each reason
 * for which it is not asked at all. */
#include "capture/signin.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "lib/stub_server.h"
#include "recorder_help.h"
#include "store_help.h"

#define SPOTIFY_MS 10000

#define ANSWER(status, body) \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body
#define TOKEN                                                                                 \
    ANSWER("200 OK", "{\"access_token\":\"A\",\"token_type\":\"Bearer\",\"expires_in\":3600," \
                     "\"scope\":\"user-read-recently-played\",\"refresh_token\":\"R7\"}")
#define PROFILE ANSWER("200 OK", "{\"id\":\"carol\",\"display_name\":\"Carol\"}")
#define ERROR(text) "{\"error\":{\"status\":1,\"message\":\"" text "\"}}"
#define WORD(text) "{\"error\":\"" text "\"}"

static struct recorder_help *const help = &recorder_help;
static struct signin_report report;
static int told;

static void signed_in(const struct signin_report *result, void *context)
{
    (void)context;
    report = *result;
    told++;
}

static bool is_told(void)
{
    return told > 0;
}

/* A part of Spotify that gives one answer, over and over. */
static pid_t serve(const char *answer, char **url)
{
    struct stub_step steps[] = {STUB_DO(STUB_READ),
                                {.action = STUB_SEND, .data = answer, .len = strlen(answer)},
                                STUB_DO(STUB_CLOSE),
                                STUB_DO(STUB_END)};
    uint16_t port;
    pid_t child = stub_server_fork(steps, &port);

    free(*url);
    ck_assert_int_gt(asprintf(url, "http://127.0.0.1:%u", port), 0);
    return child;
}

static void sign_in(const struct signin_grant *grant)
{
    told = 0;
    ck_assert_ptr_nonnull(signin_start(help->recorder, grant, signed_in, NULL));
    ck_assert(recorder_help_run(is_told, SPOTIFY_MS));
    ck_assert_int_eq(told, 1);
    ck_assert_str_ne(report.message, "");
}

static const struct signin_grant code = {.code = "c", .verifier = "v", .redirect_uri = "http://h/"};
static const struct signin_grant old_token = {.refresh_token = "R1"};

static const struct talk {
    const struct signin_grant *grant;
    const char *token, *profile;
    enum signin_result result;
    const char *said;
} talks[] = {
    {&code, TOKEN, PROFILE, SIGNIN_OK, "Carol is signed in"},
    {&old_token, TOKEN, PROFILE, SIGNIN_OK, "Carol is signed in"},
    {&code, ANSWER("400 Bad Request", WORD("invalid_grant")), PROFILE, SIGNIN_CODE_REFUSED,
     "invalid_grant"},
    {&code, ANSWER("400 Bad Request", WORD("invalid_client")), PROFILE, SIGNIN_CLIENT,
     "invalid_client"},
    {&code, ANSWER("400 Bad Request", WORD("invalid_request")), PROFILE, SIGNIN_REFUSED,
     "invalid_request"},
    {&code, ANSWER("429 Too Many\r\nRetry-After: 70", ""), PROFILE, SIGNIN_WAIT, "wait 70 s"},
    {&code, "HTTP/1.1 429 Too Many\r\nRetry-After: 70\r\nContent-Length: 9\r\n\r\n{", PROFILE,
     SIGNIN_WAIT, "wait 70 s"},
    {&code, ANSWER("500 Oh", ""), PROFILE, SIGNIN_DOWN, "HTTP status 500"},
    {&code, ANSWER("200 OK", "<html>"), PROFILE, SIGNIN_DOWN, "held no token"},
    {&code,
     ANSWER("200 OK", "{\"access_token\":\"A\",\"token_type\":\"Bearer\",\"expires_in\":60}"),
     PROFILE, SIGNIN_DOWN, "no token to stay signed in"},
    {&code,
     ANSWER("200 OK", "{\"access_token\":\"A\",\"token_type\":\"Bearer\",\"expires_in\":60,"
                      "\"refresh_token\":\"R7\",\"scope\":\"user-top-read\"}"),
     PROFILE, SIGNIN_SCOPE, "does not allow"},
    {&code, "", PROFILE, SIGNIN_DOWN, "asking Spotify failed"},
    {&code, TOKEN, ANSWER("401 No", ERROR("The access token expired")), SIGNIN_REFUSED, "expired"},
    {&code, TOKEN, ANSWER("403 No", ERROR("Insufficient client scope")), SIGNIN_SCOPE, "scope"},
    {&code, TOKEN, ANSWER("403 No", ERROR("User not registered")), SIGNIN_NOT_REGISTERED,
     "not registered"},
    {&code, TOKEN,
     ANSWER("403 No", ERROR("Premium subscription required for the owner of the app")),
     SIGNIN_OWNER_PREMIUM, "owner"},
    {&code, TOKEN, ANSWER("403 No", ERROR("no")), SIGNIN_REFUSED, "no"},
    {&code, TOKEN, ANSWER("400 No", ERROR("no")), SIGNIN_REFUSED, "no"},
    {&code, TOKEN, ANSWER("500 Oh", ""), SIGNIN_DOWN, "HTTP status 500"},
    {&code, TOKEN, ANSWER("429 Too Many\r\nRetry-After: 70", ""), SIGNIN_WAIT, "wait 70 s"},
    {&code, TOKEN, ANSWER("200 OK", "{}"), SIGNIN_DOWN, "no usable id"},
    {&old_token, TOKEN, ANSWER("200 OK", "{}"), SIGNIN_DOWN, "not understood"},
    {&old_token, TOKEN, "", SIGNIN_DOWN, "is used up"}, /* Spotify had replaced it */
};

START_TEST(each_answer_has_its_outcome)
{
    const struct talk *talk = &talks[_i];
    pid_t tokens, profiles;

    recorder_help_begin_idle(1);
    tokens = serve(talk->token, &help->recorder->config.accounts_url);
    profiles = serve(talk->profile, &help->recorder->config.api_url);
    sign_in(talk->grant);
    ck_assert_int_eq(report.result, talk->result);
    ck_assert_msg(strstr(report.message, talk->said) != NULL, "%s", report.message);
    ck_assert_int_eq(help->recorder->gate.opens_at > clock_boot_ms(), talk->result == SIGNIN_WAIT);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM users WHERE spotify_id = 'carol'"),
                     talk->result == SIGNIN_OK ? "1" : "0");
    stub_server_reap(tokens);
    stub_server_reap(profiles);
    recorder_help_end();
}
END_TEST

/* A token that Spotify does not replace stays the one that was brought. */
START_TEST(a_token_that_is_not_replaced_is_kept)
{
    pid_t tokens, profiles;

    recorder_help_begin_idle(1);
    tokens = serve(ANSWER("200 OK", "{\"access_token\":\"A\",\"token_type\":\"Bearer\","
                                    "\"expires_in\":3600,\"scope\":\"user-read-recently-played\"}"),
                   &help->recorder->config.accounts_url);
    profiles = serve(PROFILE, &help->recorder->config.api_url);
    sign_in(&old_token);
    ck_assert_int_eq(report.result, SIGNIN_OK);
    ck_assert_str_eq(recorder_help_refresh_token(report.user.user_id), "R1");
    stub_server_reap(tokens);
    stub_server_reap(profiles);
    recorder_help_end();
}
END_TEST

/* -- not asked at all ---------------------------------------------------------------------------- */

static void have_no_client(void)
{
    help->recorder->config.client_id[0] = '\0';
}

static void stop(void)
{
    help->recorder->stopping = help->recorder->stopped = true;
}

static void fail_for_good(void)
{
    help->recorder->failed = true;
}

static void try_too_often(void)
{
    help->recorder->signin_hour = clock_wall_ms() / CLOCK_HOUR;
    help->recorder->signin_calls = SIGNIN_HOUR_CALLS;
}

static void be_asked_to_wait(void)
{
    help->recorder->gate.opens_at = clock_boot_ms() + CLOCK_HOUR;
    snprintf(help->recorder->gate.reason, sizeof(help->recorder->gate.reason), "too many");
}

static void have_another_app(void)
{
    free(help->recorder->config.client_id);
    ck_assert_ptr_nonnull(help->recorder->config.client_id = strdup("another"));
}

static const struct obstacle {
    void (*make)(void);
    enum signin_result result;
    const char *said;
} obstacles[] = {
    {have_no_client, SIGNIN_NO_CLIENT, "no spotify.client_id"},
    {stop, SIGNIN_STORE, "is stopping"},
    {fail_for_good, SIGNIN_STORE, "is stopping"},
    {try_too_often, SIGNIN_WAIT, "more sign-ins were tried"},
    {be_asked_to_wait, SIGNIN_WAIT, "(too many); nothing was sent"},
};

START_TEST(what_is_in_the_way_is_said_and_nothing_is_sent)
{
    recorder_help_begin_idle(1);
    obstacles[_i].make();
    sign_in(&code);
    ck_assert_int_eq(report.result, obstacles[_i].result);
    ck_assert_msg(strstr(report.message, obstacles[_i].said) != NULL, "%s", report.message);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM users"), "1");
    help->recorder->stopping = false;
    recorder_help_end();
}
END_TEST

/* A large change of the database, of which a sign-in waits for the end. */
static void begin_large_change(void)
{
    ck_assert_int_eq(store_long_begin(help->store), STORE_OK);
    store_long_pause(help->store);
}

static const struct obstacle later_obstacles[] = {
    {have_another_app, SIGNIN_NO_STATE, "another app was configured; nothing was sent"},
    {stop, SIGNIN_STORE, "is stopping"},
    {fail_for_good, SIGNIN_STORE, "is stopping"},
    {try_too_often, SIGNIN_WAIT, "more sign-ins were tried"},
    {be_asked_to_wait, SIGNIN_WAIT, "(too many); nothing was sent"},
};

START_TEST(what_comes_in_the_way_while_it_waits_is_said_and_nothing_is_sent)
{
    recorder_help_begin_idle(1);
    begin_large_change();
    told = 0;
    ck_assert_ptr_nonnull(signin_start(help->recorder, &code, signed_in, NULL));
    recorder_help_turns(3);
    ck_assert_int_eq(told, 0);
    later_obstacles[_i].make();
    ck_assert(recorder_help_run(is_told, SPOTIFY_MS));
    ck_assert_int_eq(report.result, later_obstacles[_i].result);
    ck_assert_msg(strstr(report.message, later_obstacles[_i].said) != NULL, "%s", report.message);
    ck_assert_int_eq(store_long_resume(help->store), STORE_OK);
    store_rollback(help->store);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM users"), "1");
    help->recorder->stopping = false;
    recorder_help_end();
}
END_TEST

START_TEST(a_wait_that_another_app_was_asked_for_does_not_hold_for_this_one)
{
    pid_t tokens;

    recorder_help_begin_idle(1);
    tokens =
        serve(ANSWER("429 Too Many\r\nRetry-After: 70", ""), &help->recorder->config.accounts_url);
    told = 0;
    ck_assert_ptr_nonnull(signin_start(help->recorder, &code, signed_in, NULL));
    have_another_app();
    ck_assert(recorder_help_run(is_told, SPOTIFY_MS));
    ck_assert_int_eq(report.result, SIGNIN_WAIT);
    ck_assert(help->recorder->gate.opens_at <= clock_boot_ms());
    stub_server_reap(tokens);
    recorder_help_end();
}
END_TEST

/* To see whether the trouble is over is what somebody signs in for. */
START_TEST(trouble_of_the_app_is_not_in_the_way)
{
    pid_t tokens, profiles;

    recorder_help_begin_idle(1);
    tokens = serve(TOKEN, &help->recorder->config.accounts_url);
    profiles = serve(PROFILE, &help->recorder->config.api_url);
    be_asked_to_wait();
    help->recorder->gate_by_app = true;
    help->recorder->signin_hour =
        clock_wall_ms() / CLOCK_HOUR - 1; /* and those of then do not count */
    help->recorder->signin_calls = SIGNIN_HOUR_CALLS;
    sign_in(&code);
    ck_assert_int_eq(report.result, SIGNIN_OK);
    ck_assert(help->recorder->gate.opens_at <= clock_boot_ms());
    stub_server_reap(tokens);
    stub_server_reap(profiles);
    recorder_help_end();
}
END_TEST

/* -- whose it is --------------------------------------------------------------------------------- */

START_TEST(another_account_than_the_one_to_be_renewed_is_named_and_not_taken)
{
    struct signin_grant grant = code;
    pid_t tokens, profiles;

    recorder_help_begin_idle(1);
    tokens = serve(TOKEN, &help->recorder->config.accounts_url);
    profiles = serve(PROFILE, &help->recorder->config.api_url);
    grant.user_id = _i == 0 ? 1 : 9; /* who is there; who was removed meanwhile */
    sign_in(&grant);
    ck_assert_int_eq(report.result, SIGNIN_OTHER_ACCOUNT);
    ck_assert_ptr_nonnull(strstr(report.message, "Carol signed in at Spotify"));
    ck_assert_int_eq(strstr(report.message, "user 9") != NULL, _i == 1);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM users"), "1");
    stub_server_reap(tokens);
    stub_server_reap(profiles);
    recorder_help_end();
}
END_TEST

START_TEST(each_result_has_its_words)
{
    for (int result = 0; result <= SIGNIN_RESULTS; result++) {
        ck_assert_str_ne(signin_result_name((enum signin_result)result), "");
        ck_assert_str_ne(signin_result_title((enum signin_result)result), "");
        ck_assert_ptr_nonnull(signin_result_advice((enum signin_result)result));
    }
    ck_assert_str_eq(signin_result_name(SIGNIN_RESULTS), signin_result_name(SIGNIN_REFUSED));
}
END_TEST

Suite *signin_suite(void);

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

Suite *signin_suite(void)
{
    Suite *suite = suite_create("signin");
    TCase *tcase = tcase_create("answers");

    tcase_add_checked_fixture(tcase, recorder_help_setup, recorder_help_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, each_answer_has_its_outcome, 0, COUNT(talks));
    tcase_add_test(tcase, a_token_that_is_not_replaced_is_kept);
    tcase_add_loop_test(tcase, what_is_in_the_way_is_said_and_nothing_is_sent, 0, COUNT(obstacles));
    tcase_add_loop_test(tcase, what_comes_in_the_way_while_it_waits_is_said_and_nothing_is_sent, 0,
                        COUNT(later_obstacles));
    tcase_add_test(tcase, a_wait_that_another_app_was_asked_for_does_not_hold_for_this_one);
    tcase_add_test(tcase, trouble_of_the_app_is_not_in_the_way);
    tcase_add_loop_test(tcase, another_account_than_the_one_to_be_renewed_is_named_and_not_taken, 0,
                        2);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("words");
    tcase_add_test(tcase, each_result_has_its_words);
    suite_add_tcase(suite, tcase);
    return suite;
}
