/* SPDX-License-Identifier: MIT */
/* The status as JSON, as doc/control.md describes it. */
#include "web/status.h"

#include <check.h>
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 INT64_C(1795284000000) /* 2026-11-21T18:00:00Z */

static struct account ann(void)
{
    struct account account = {
        .user = {.user_id = 1,
                 .spotify_id = "ann01",
                 .account_id = "aB3dE5fG7h",
                 .display_name = "Ann",
                 .state = STORE_USER_ACTIVE,
                 .state_since = T0,
                 .added_at = T0,
                 .authorized_at = T0,
                 .last_success_at = T0 + 1},
        .ends_at = T0 + 2,
        .days_left = 153,
        .plays_today = 12,
        .live = true,
        .next_poll_at = T0 + 3,
        .retry_at = STORE_NO_TIME,
        .doing = "idle",
        .polls = 17,
        .last_outcome = "ok",
        .last_added = 2,
    };

    return account;
}

static struct recorder_status quiet(void)
{
    return (struct recorder_status){.has_client = true,
                                    .opens_at = STORE_NO_TIME,
                                    .calls_hour = 6,
                                    .calls_day = 150,
                                    .budget = 1000};
}

static struct web_status running(const struct recorder_status *recorder,
                                 const struct account *accounts, size_t count)
{
    return (struct web_status){.running = true,
                               .started_at = T0,
                               .now = T0 + 1000,
                               .recorder = recorder,
                               .has_client = recorder->has_client,
                               .config_file = "/etc/x.conf",
                               .redirect_uri = "http://127.0.0.1:8888/spotify/callback",
                               .database = "/var/lib/x/history.db",
                               .page = "http://127.0.0.1:8888",
                               .accounts = accounts,
                               .count = count};
}

/* Compares with JSON as text, in any order. */
static void check_json(json_t *json, const char *expected)
{
    json_error_t error;
    json_t *wanted = json_loads(expected, 0, &error);
    char *got = json_dumps(json, JSON_COMPACT);

    ck_assert_msg(wanted != NULL, "line %d: %s", error.line, error.text);
    ck_assert_msg(json_equal(json, wanted), "got %s", got);
    free(got);
    json_decref(wanted);
    json_decref(json);
}

START_TEST(a_user_is_as_the_document_says)
{
    struct account account = ann();

    check_json(web_account_json(&account),
               "{\"user\": 1, \"spotify_id\": \"ann01\", \"account_id\": \"aB3dE5fG7h\","
               " \"name\": \"Ann\", \"state\": \"active\", \"reason\": null,"
               " \"state_since\": \"2026-11-21T18:00:00.000Z\","
               " \"added_at\": \"2026-11-21T18:00:00.000Z\","
               " \"signed_in_at\": \"2026-11-21T18:00:00.000Z\","
               " \"sign_in_ends_at\": \"2026-11-21T18:00:00.002Z\", \"days_left\": 153,"
               " \"must_act\": false, \"todo\": null, \"signed_out\": false, \"suspicious\": false,"
               " \"last_success_at\": \"2026-11-21T18:00:00.001Z\", \"plays_today\": 12,"
               " \"next_poll_at\": \"2026-11-21T18:00:00.003Z\", \"retry_at\": null,"
               " \"doing\": \"idle\", \"failures\": 0, \"polls\": 17,"
               " \"last_poll\": {\"outcome\": \"ok\", \"added\": 2, \"detail\": null}}");
}
END_TEST

START_TEST(what_is_not_known_is_null)
{
    struct account account = {
        .user = {.user_id = 2,
                 .spotify_id = "b",
                 .state = STORE_USER_NEEDS_LOGIN,
                 .state_reason = "invalid_grant: revoked",
                 .state_since = T0,
                 .added_at = T0,
                 .authorized_at = STORE_NO_TIME,
                 .last_success_at = STORE_NO_TIME},
        .ends_at = STORE_NO_TIME,
        .days_left = COUNTDOWN_UNKNOWN,
        .must_act = true,
        .todo = "b must sign in again",
        .next_poll_at = STORE_NO_TIME,
        .retry_at = STORE_NO_TIME,
        .doing = "",
    };

    check_json(web_account_json(&account),
               "{\"user\": 2, \"spotify_id\": \"b\", \"account_id\": null, \"name\": null,"
               " \"state\": \"needs_login\", \"reason\": \"invalid_grant: revoked\","
               " \"state_since\": \"2026-11-21T18:00:00.000Z\","
               " \"added_at\": \"2026-11-21T18:00:00.000Z\", \"signed_in_at\": null,"
               " \"sign_in_ends_at\": null, \"days_left\": null, \"must_act\": true,"
               " \"todo\": \"b must sign in again\", \"signed_out\": false, \"suspicious\": false,"
               " \"last_success_at\": null, \"plays_today\": 0, \"next_poll_at\": null,"
               " \"retry_at\": null, \"doing\": null, \"failures\": null, \"polls\": null,"
               " \"last_poll\": null}");
}
END_TEST

START_TEST(names_that_are_no_utf8_still_make_json)
{
    struct account account = ann();
    json_t *json;

    snprintf(account.user.display_name, sizeof(account.user.display_name), "A\xff\xfe\"\n");
    json = web_account_json(&account);
    ck_assert_ptr_nonnull(json);
    ck_assert_str_eq(json_string_value(json_object_get(json, "name")), "A\\xff\\xfe\"\\x0a");
    json_decref(json);
}
END_TEST

/* The status without its users, which have tests of their own. */
static void check_status(const struct web_status *status, const char *expected)
{
    json_t *json = web_status_json(status);

    ck_assert_int_eq(json_object_del(json, "users"), 0);
    check_json(json, expected);
}

START_TEST(the_status_of_a_quiet_day_asks_for_nothing)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();
    struct web_status status = running(&recorder, &account, 1);

    check_status(&status,
                 "{\"running\": true, \"version\": \"" PACKAGE_VERSION "\","
                 " \"started_at\": \"2026-11-21T18:00:00.000Z\","
                 " \"now\": \"2026-11-21T18:00:01.000Z\", \"must_act\": false, \"todo\": [],"
                 " \"setup\": null, \"page\": \"http://127.0.0.1:8888\", \"page_problem\": null,"
                 " \"redirect_uri\": \"http://127.0.0.1:8888/spotify/callback\","
                 " \"database\": {\"path\": \"/var/lib/x/history.db\", \"takes_writes\": true},"
                 " \"spotify\": {\"opens_at\": null, \"reason\": null, \"app_trouble\": false,"
                 " \"calls_this_hour\": 6, \"calls_last_24_hours\": 150,"
                 " \"daily_call_budget\": 1000, \"in_flight\": 0}}");
}
END_TEST

START_TEST(as_long_as_nobody_has_signed_in_somebody_must)
{
    struct recorder_status recorder = quiet();
    struct web_status status = running(&recorder, NULL, 0);
    json_t *json = web_status_json(&status);

    ck_assert(json_is_true(json_object_get(json, "must_act")));
    ck_assert_uint_eq(json_array_size(json_object_get(json, "todo")), 1);
    json_decref(json);
}
END_TEST

START_TEST(whatever_a_person_must_do_is_a_sentence_in_todo)
{
    struct account accounts[] = {ann(), ann()};
    struct recorder_status recorder = quiet();
    struct web_status status;
    json_t *json, *todo;

    accounts[1].must_act = true;
    snprintf(accounts[1].todo, sizeof(accounts[1].todo), "Ann must sign in again");
    recorder.app_trouble = recorder.database_held = true;
    recorder.opens_at = T0;
    snprintf(recorder.gate_reason, sizeof(recorder.gate_reason), "owner without Premium");
    status = running(&recorder, accounts, 2);
    json = web_status_json(&status);
    todo = json_object_get(json, "todo");
    ck_assert(json_is_true(json_object_get(json, "must_act")));
    ck_assert_uint_eq(json_array_size(todo), 3);
    ck_assert_str_eq(json_string_value(json_array_get(todo, 0)),
                     "Spotify refuses the app itself: owner without Premium");
    ck_assert_str_eq(json_string_value(json_array_get(todo, 2)), "Ann must sign in again");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "users")), 2);
    json_decref(json);
}
END_TEST

START_TEST(without_a_client_id_it_tells_the_three_steps)
{
    struct recorder_status recorder = quiet();
    struct web_status status;
    json_t *json, *setup;

    recorder.has_client = false;
    status = running(&recorder, NULL, 0);
    json = web_status_json(&status);
    setup = json_object_get(json, "setup");
    ck_assert(json_is_true(json_object_get(json, "must_act")));
    ck_assert_uint_eq(json_array_size(setup), 3);
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_array_get(setup, 0)), "https://developer.spotify.com"));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(setup, 1)),
                                 "http://127.0.0.1:8888/spotify/callback"));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(setup, 2)), "/etc/x.conf"));
    json_decref(json);
}
END_TEST

START_TEST(without_a_daemon_there_is_nothing_of_the_recorder)
{
    struct web_status status = {.started_at = STORE_NO_TIME,
                                .now = T0,
                                .has_client = true,
                                .config_file = "c",
                                .redirect_uri = "r",
                                .database = "d"};
    json_t *json = web_status_json(&status);

    ck_assert_ptr_nonnull(json);
    ck_assert(json_is_false(json_object_get(json, "running")));
    ck_assert(json_is_null(json_object_get(json, "started_at")));
    ck_assert(json_is_null(json_object_get(json, "spotify")));
    ck_assert(json_is_null(json_object_get(json, "page")));
    ck_assert(json_is_null(json_object_get(json_object_get(json, "database"), "takes_writes")));
    json_decref(json);
}
END_TEST

START_TEST(a_step_fits_into_what_it_is_given_and_there_is_no_fourth)
{
    char text[1024];

    web_setup_step(2, "/etc/x.conf", "r", text, 20);
    ck_assert_uint_eq(strlen(text), 19);
    web_setup_step(3, "c", "r", text, sizeof(text));
    ck_assert_str_eq(text, "");
}
END_TEST

Suite *web_status_suite(void)
{
    Suite *suite = suite_create("web_status");
    TCase *tcase = tcase_create("json");

    tcase_add_test(tcase, a_user_is_as_the_document_says);
    tcase_add_test(tcase, what_is_not_known_is_null);
    tcase_add_test(tcase, names_that_are_no_utf8_still_make_json);
    tcase_add_test(tcase, the_status_of_a_quiet_day_asks_for_nothing);
    tcase_add_test(tcase, as_long_as_nobody_has_signed_in_somebody_must);
    tcase_add_test(tcase, whatever_a_person_must_do_is_a_sentence_in_todo);
    tcase_add_test(tcase, without_a_client_id_it_tells_the_three_steps);
    tcase_add_test(tcase, without_a_daemon_there_is_nothing_of_the_recorder);
    tcase_add_test(tcase, a_step_fits_into_what_it_is_given_and_there_is_no_fourth);
    suite_add_tcase(suite, tcase);
    return suite;
}
