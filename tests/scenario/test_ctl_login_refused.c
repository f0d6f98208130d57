/* SPDX-License-Identifier: MIT */
/* Signing in with the command, where it does not work; and with a token from elsewhere. */
#include "ctl_login_help.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

/* -- it does not work --------------------------------------------------------------------------- */

START_TEST(who_says_no_is_told_so_and_nothing_is_stored)
{
    begin(1, _i);
    login_as(0);
    ctl_expect_end(EXIT_STATUS_NOPERM, "The permission was not given");
    ck_assert_int_eq(users(), 0);
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

START_TEST(who_says_no_in_a_browser_beside_the_daemon_ends_it_too)
{
    struct page page;
    char *back;

    begin(1, BY_DAEMON);
    ctl_start("login");
    back = ctl_agree(browser, 0);
    page = browser_get(browser, back);
    page_free(&page);
    free(back);
    ctl_expect_end(EXIT_STATUS_NOPERM, "The permission was not given");
}
END_TEST

static const struct {
    const char *fault, *body;
    int status;
    const char *text;
} refusals[] = {
    {"{'kind':'token','status':400}", "{'error':'invalid_grant'}", EXIT_STATUS_NOPERM,
     "did not accept the sign-in any more"},
    {"{'kind':'token','status':400}", "{'error':'invalid_client'}", EXIT_STATUS_NOPERM,
     "does not know this app"},
    {"{'kind':'token','status':200}",
     "{'access_token':'CANARY-a','token_type':'Bearer','expires_in':3600,"
     "'refresh_token':'CANARY-b','scope':'user-read-email'}",
     EXIT_STATUS_NOPERM, "permission to read what was played is missing"},
    {"{'kind':'me','status':403}",
     "Active premium subscription required for the owner of the app. When the subscription status "
     "changes, it can take a few hours before requests are allowed again.",
     EXIT_STATUS_NOPERM, "has no Premium subscription"},
    {"{'kind':'token','status':502,'generate':'html'}", NULL, EXIT_STATUS_TEMPFAIL,
     "could not be reached"},
    {"{'kind':'token','reset':true}", NULL, EXIT_STATUS_TEMPFAIL, "could not be reached"},
    {"{'kind':'me','status':503,'count':0}", NULL, EXIT_STATUS_TEMPFAIL, "could not be reached"},
    {"{'kind':'token','status':429,'headers':{'Retry-After':'3'}}", NULL, EXIT_STATUS_TEMPFAIL,
     "asks to wait"},
};

/* Counts through both ways and all refusals. */
START_TEST(a_refusal_of_Spotify_is_told_with_its_status_and_nothing_is_stored)
{
    int kind = _i / WAYS;

    begin(1, _i % WAYS);
    if (refusals[kind].body)
        fake_fault_body(refusals[kind].fault, "%s", refusals[kind].body);
    else
        fake_fault("%s", refusals[kind].fault);
    login_as(1);
    ctl_expect_end(refusals[kind].status, refusals[kind].text);
    ck_assert_int_eq(users(), 0);
    ck_assert_int_eq(tokens(), 0);
}
END_TEST

START_TEST(an_account_that_is_not_on_the_apps_list_is_told_so)
{
    begin(1, _i);
    fake_do("listing", "{'registered':false}");
    login_as(1);
    ctl_expect_end(EXIT_STATUS_NOPERM, "is not on the app's list");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "User Management"));
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(Spotify_that_is_down_is_told)
{
    char *back;

    begin(1, _i);
    ctl_start("login");
    back = ctl_agree(browser, 1);
    fake_stop();
    paste(back);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "could not be reached");
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(a_wait_that_Spotify_asked_for_holds_for_the_next_login_too)
{
    int64_t asked;

    begin(1, _i);
    fake_fault("{'kind':'token','status':429,'headers':{'Retry-After':'3600'}}");
    login_as(1);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "asks to wait");
    asked = fake_count("token", 0);
    login_as(1);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "nothing was sent");
    ck_assert_int_eq(fake_count("token", 0), asked);
}
END_TEST

START_TEST(a_database_that_another_process_holds_is_told_and_nothing_is_sent)
{
    sqlite3 *other;
    int status;

    begin(1, _i);
    if (_i == ALONE) /* there must be one */
        ck_assert_int_eq(ctl_run("login"), EXIT_STATUS_USAGE);
    ctl_start("login");
    free(ctl_printed_address());
    ck_assert_int_eq(sqlite3_open(harness.database, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    paste(ctl_agree(browser, 1));
    status = ctl_wait();
    ck_assert_msg(status == EXIT_STATUS_IO, "%d: %s", status, harness.ctl_output);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "could not be stored"));
    ck_assert_int_eq(fake_count("token", 0), 0);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}
END_TEST

START_TEST(without_a_client_id_it_says_what_to_do)
{
    int status;

    harness.config.client_id = "";
    harness.no_database = _i == ALONE;
    begin(1, _i);
    status = ctl_run("login");
    ck_assert_msg(status == EXIT_STATUS_CONFIG, "%d: %s", status, harness.ctl_output);
    ck_assert_msg(strstr(harness.ctl_output, "https://developer.spotify.com/dashboard"), "%s",
                  harness.ctl_output);
    ck_assert_ptr_null(strstr(harness.ctl_output, "authorize?"));
}
END_TEST

/* Somebody who may write the database, but not read the secret: without it Spotify would refuse. */
START_TEST(a_client_secret_that_may_not_be_read_is_told_and_nothing_is_sent)
{
    static const struct child_identity somebody = {.uid = 65534, .gid = 65534};
    char secret[HARNESS_PATH_SIZE];

    harness.no_database = true;
    if (geteuid() != 0)
        return;
    begin(1, ALONE);
    harness_write_secret(secret, "secret", "0123456789abcdef0123456789abcdef\n");
    ck_assert_int_eq(chmod(harness.folder, 0711), 0);
    ck_assert_int_eq(chown(harness.state, somebody.uid, somebody.gid), 0);
    harness.config.secret_file = secret;
    harness.ctl_as = &somebody;
    ctl_expect(EXIT_STATUS_CONFIG, secret, "login");
    ck_assert_int_eq(ctl_login_with(fake_token(1)), EXIT_STATUS_CONFIG);
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

START_TEST(a_daemon_that_stops_meanwhile_is_told)
{
    begin(1, BY_DAEMON);
    ctl_start("login");
    free(ctl_printed_address());
    hd_stop(SIGTERM);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "was stopped or restarted meanwhile: begin anew\n");
}
END_TEST

START_TEST(a_daemon_that_is_restarted_meanwhile_is_told)
{
    begin(1, BY_DAEMON);
    ctl_start("login");
    free(ctl_printed_address());
    hd_stop(SIGTERM);
    hd_start();
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "was stopped or restarted meanwhile: begin anew\n");
    ck_assert_int_eq(users(), 0);
}
END_TEST

/* -- a token from elsewhere --------------------------------------------------------------------- */

/* That no token stands in a file holds after every test. */
START_TEST(a_token_is_stored_sealed_and_recorded)
{
    char *token;

    begin(1, _i);
    fake_plays(1, 2, 1, harness_now() - HOUR, MINUTE);
    token = strdup(fake_token(1));
    ck_assert_int_eq(ctl_login_with(token), EXIT_STATUS_OK);
    ck_assert_ptr_null(strstr(harness.ctl_output, HARNESS_CANARY));
    ck_assert_ptr_null(strstr(harness.ctl_output, "authorize?"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE authorized_at IS NULL"), 1);
    if (_i == ALONE)
        hd_start();
    harness_wait_for_truth(1);
    free(token);
}
END_TEST

START_TEST(a_token_without_the_scope_is_refused)
{
    json_t *minted;
    int status;

    begin(1, _i);
    minted = fake_ask("tokens", "{'account':1,'mint':true,'scope':'user-read-email'}");
    status = ctl_login_with(json_string_value(json_object_get(minted, "refresh_token")));
    ck_assert_msg(status == EXIT_STATUS_NOPERM, "%d: %s", status, harness.ctl_output);
    ck_assert_ptr_nonnull(
        strstr(harness.ctl_output, "permission to read what was played is missing"));
    ck_assert_int_eq(users(), 0);
    json_decref(minted);
}
END_TEST

START_TEST(a_token_that_Spotify_does_not_know_is_refused)
{
    int status;

    begin(1, _i);
    status = ctl_login_with("CANARY-nobody-made-this");
    ck_assert_msg(status == EXIT_STATUS_NOPERM, "%d: %s", status, harness.ctl_output);
    ck_assert_int_eq(users(), 0);
}
END_TEST

static const char *const garbage[] = {"",           "\n",           "   \n",  "two words",
                                      "tab\tin it", "\xe4\xf6\xfc", "\x1b[2J"};

START_TEST(garbage_in_place_of_a_token_is_told_and_not_sent)
{
    begin(1, ALONE);
    harness.no_database = true;
    ck_assert_int_eq(ctl_login_with(garbage[_i]), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "standard input"));
    ck_assert_int_eq(fake_count("token", 0), 0);
    ck_assert_int_ne(access(harness.database, F_OK), 0);
}
END_TEST

START_TEST(a_token_of_a_hundred_thousand_bytes_is_told_and_not_sent)
{
    char *token = malloc(100001);

    ck_assert_ptr_nonnull(token);
    memset(token, 'x', 100000);
    token[100000] = '\0';
    begin(1, ALONE);
    harness.no_database = true;
    ck_assert_int_eq(ctl_login_with(token), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "too long for a token"));
    free(token);
}
END_TEST

Suite *ctl_login_refused_suite(void)
{
    Suite *suite = suite_create("ctl_login_refused");
    TCase *token = harness_case(suite, "a token from elsewhere");
    TCase *refused = harness_case(suite, "it does not work");

    tcase_add_loop_test(refused, who_says_no_is_told_so_and_nothing_is_stored, 0, WAYS);
    tcase_add_test(refused, who_says_no_in_a_browser_beside_the_daemon_ends_it_too);
    tcase_add_loop_test(refused, a_refusal_of_Spotify_is_told_with_its_status_and_nothing_is_stored,
                        0, (int)COUNT_OF(refusals) * WAYS);
    tcase_add_loop_test(refused, an_account_that_is_not_on_the_apps_list_is_told_so, 0, WAYS);
    tcase_add_loop_test(refused, Spotify_that_is_down_is_told, 0, WAYS);
    tcase_add_loop_test(refused, a_wait_that_Spotify_asked_for_holds_for_the_next_login_too, 0,
                        WAYS);
    tcase_add_loop_test(refused, a_database_that_another_process_holds_is_told_and_nothing_is_sent,
                        0, WAYS);
    tcase_add_loop_test(refused, without_a_client_id_it_says_what_to_do, 0, WAYS);
    tcase_add_test(refused, a_client_secret_that_may_not_be_read_is_told_and_nothing_is_sent);
    tcase_add_test(refused, a_daemon_that_stops_meanwhile_is_told);
    tcase_add_test(refused, a_daemon_that_is_restarted_meanwhile_is_told);

    tcase_add_loop_test(token, a_token_is_stored_sealed_and_recorded, 0, WAYS);
    tcase_add_loop_test(token, a_token_without_the_scope_is_refused, 0, WAYS);
    tcase_add_loop_test(token, a_token_that_Spotify_does_not_know_is_refused, 0, WAYS);
    tcase_add_loop_test(token, garbage_in_place_of_a_token_is_told_and_not_sent, 0,
                        (int)COUNT_OF(garbage));
    tcase_add_test(token, a_token_of_a_hundred_thousand_bytes_is_told_and_not_sent);
    return suite;
}
