/* SPDX-License-Identifier: MIT */
/* The moment when a refresh token changes hands: answers that get lost, and tokens that a person
 * brings. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -- an answer that gets lost ------------------------------------------------------------------ */

static const char *const losses[] = {
    "'reset':true",
    "'close':true",
    "'generate':'truncated'",
    "'generate':'half-json'",
    "'status':502,'generate':'html'",
    "'generate':'empty'",
};

/* The server has replaced the token and the answer is lost: after this the stored one is dead. */
static void lose_the_answer(const char *loss)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','after':true,%s}", loss);
    hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "active"); /* it may have been anything */
    fake_forget_faults();
}

START_TEST(B1_an_answer_lost_after_the_token_was_replaced_is_told_apart)
{
    lose_the_answer(losses[_i]);
    ck_assert_int_eq(db_int("SELECT count(*) FROM refreshes WHERE finished_at IS NULL"), 1);
    hd_poll_and_wait();
    ck_assert_str_eq(db_state(1), "needs_login");
    ck_assert_ptr_nonnull(strstr(db_text("SELECT state_reason FROM users"), "ambiguous_refresh"));
    ck_assert_ptr_nonnull(
        strstr(db_text("SELECT state_reason FROM users"), "Refresh token revoked"));
    ck_assert_str_eq(db_text("SELECT outcome FROM refreshes"), "ambiguous_refresh");
}
END_TEST

START_TEST(B1_an_answer_lost_while_the_old_token_stays_good_does_no_harm)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'answer':'new','kill_old':false,'expire_access':true}");
    fake_fault("{'kind':'token','after':true,%s}", losses[_i]);
    hd_poll_and_wait();
    fake_forget_faults();
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_str_eq(db_text("SELECT outcome FROM refreshes"), "ok");
}
END_TEST

START_TEST(B2_a_death_between_question_and_answer_is_told_apart_after_the_restart)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','after':true,'hang':true}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    fake_forget_faults();
    hd_start();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    ck_assert_ptr_nonnull(strstr(db_text("SELECT state_reason FROM users"), "ambiguous_refresh"));
    hd_stop(SIGTERM);
    ctl_login(1);
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
}
END_TEST

static const char *const between[] = {
    "'status':429,'generate':'plain'",
    "'status':404,'generate':'html'",
    "'status':503,'generate':'html'",
};

START_TEST(B1_a_lost_answer_is_not_forgotten_over_later_failures_and_restarts)
{
    lose_the_answer("'reset':true");
    fake_fault("{'kind':'token',%s}", between[_i]);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    harness.config.accounts_url = "http://127.0.0.1:9"; /* nobody is there: nothing is sent */
    hd_start();
    hd_wait_for_polls(4);
    hd_stop(SIGTERM);
    ck_assert_str_eq(db_state(1), "active");
    harness.config.accounts_url = NULL;
    hd_start();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    ck_assert_str_eq(db_text("SELECT state_reason FROM users"),
                     "ambiguous_refresh: invalid_grant: Refresh token revoked");
}
END_TEST

START_TEST(B1_a_new_sign_in_leaves_nothing_ambiguous)
{
    lose_the_answer("'reset':true");
    hd_stop(SIGTERM);
    ctl_login(1);
    fake_do("tokens", "{'revoke':true,'expire_access':true}");
    hd_start();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    ck_assert_str_eq(db_text("SELECT state_reason FROM users"),
                     "invalid_grant: Refresh token revoked");
}
END_TEST

START_TEST(a_refusal_of_a_refresh_that_nothing_cut_off_is_not_called_ambiguous)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'expire_access':true}");
    fake_fault(
        "{'kind':'token','status':404,'generate':'html'}"); /* it was answered: nothing was done */
    hd_poll_and_wait();
    fake_do("tokens", "{'revoke':true}");
    hd_poll_and_wait();
    ck_assert_str_eq(db_text("SELECT state_reason FROM users"),
                     "invalid_grant: Refresh token revoked");
}
END_TEST

START_TEST(B4_many_rotations_one_after_the_other_lose_no_sign_in)
{
    harness_begin(1);
    fake_do("tokens", "{'answer':'new','kill_family':true,'expires_in':60,'expire_access':true}");
    /* an access token that lives a minute is never good enough: each poll refreshes */
    for (int run = 0; run < 10; run++) {
        fake_play(1, 1 + run, harness_now() - 1000);
        ck_assert_int_eq(hd_once(), 0);
    }
    harness_wait_for_truth(1);
    ck_assert_int_eq(fake_count("token", 1), 1 + 10);
    ck_assert_int_eq(hd_log_count("error"), 0);
}
END_TEST

/* -- tokens that a person brings --------------------------------------------------------------- */

static void assert_nothing_stored(void)
{
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 0);
}

START_TEST(a_token_that_works_makes_a_user)
{
    harness_begin(1);
    ck_assert_ptr_nonnull(
        strstr(harness.ctl_output, "is signed in; recording begins when the daemon starts"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, fake_id(1)));
    ck_assert_int_eq(
        db_int("SELECT count(*) FROM users WHERE state = 'active' AND account_id IS NOT NULL"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
}
END_TEST

START_TEST(a_token_that_is_rotated_at_sign_in_is_stored_in_its_new_form)
{
    fake_start("--accounts", "1", "--rotate", "new");
    fake_do("tokens", "{'kill_family':true}");
    ctl_login(1);
    fake_do("tokens", "{'expire_access':true}");
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
}
END_TEST

static const struct {
    const char *cause; /* told to the fake, NULL: nothing */
    const char *token; /* NULL: the account's */
    const char *words;
} refusals[] = {
    {"{'account':1,'revoke':true}", NULL, "Refresh token revoked"},
    {"{'account':1,'authorized_at':1577836800000}", NULL, "Refresh token expired"},
    {NULL, "AQ" HARNESS_CANARY "NobodyHasEverSeenThisOne", "Invalid refresh token"},
};

START_TEST(a_dead_token_is_refused_with_spotifys_reason_and_nothing_is_stored)
{
    char token[1024];

    fake_start("--accounts", "1");
    snprintf(token, sizeof(token), "%s", refusals[_i].token ? refusals[_i].token : fake_token(1));
    if (refusals[_i].cause != NULL)
        fake_do("tokens", "%s", refusals[_i].cause);
    ck_assert_int_eq(ctl_login_with(token), 77);
    ck_assert_msg(strstr(harness.ctl_output, refusals[_i].words) != NULL, "%s", harness.ctl_output);
    assert_nothing_stored();
}
END_TEST

START_TEST(B13_a_token_without_the_scope_is_refused)
{
    json_t *answer;

    fake_start("--accounts", "1");
    answer = fake_ask("tokens", "{'account':1,'mint':true,'scope':'user-read-email'}");
    ck_assert_int_eq(ctl_login_with(json_string_value(json_object_get(answer, "refresh_token"))),
                     77);
    json_decref(answer);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "user-read-recently-played"));
    assert_nothing_stored();
}
END_TEST

START_TEST(a_token_of_another_app_is_refused)
{
    harness.config.client_id = "another-client";
    fake_start("--accounts", "1");
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 77);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "invalid_client"));
    assert_nothing_stored();
}
END_TEST

START_TEST(a_wrong_secret_is_refused_and_the_right_one_works)
{
    char path[HARNESS_PATH_SIZE];
    FILE *file;

    fake_start("--accounts", "1", "--client-secret", "the-secret-of-the-app");
    snprintf(path, sizeof(path), "%.60s/secret", harness.folder);
    harness.config.secret_file = path;
    for (int right = 0; right < 2; right++) {
        file = fopen(path, "we");
        ck_assert_ptr_nonnull(file);
        fprintf(file, "%s\n", right ? "the-secret-of-the-app" : "another-secret");
        fclose(file);
        ck_assert_int_eq(chmod(path, 0600), 0);
        ck_assert_int_eq(ctl_login_with(fake_token(1)), right ? 0 : 77);
        ck_assert_ptr_null(strstr(harness.ctl_output, "-secret"));
    }
    fake_do("tokens", "{'expire_access':true}");
    fake_play(1, 1, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(hd_log_count("-secret"), 0);
}
END_TEST

START_TEST(a_user_who_is_not_registered_is_refused)
{
    fake_start("--accounts", "1");
    fake_do("listing", "{'registered':false}");
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 77);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "registered"));
    assert_nothing_stored();
}
END_TEST

static const struct {
    const char *rule;
    const char *words;
} delays[] = {
    {"{'kind':'token','status':503,'generate':'html'}", "503"},
    {"{'kind':'token','status':429,'generate':'plain','headers':[['Retry-After','77']]}",
     "wait 77 s"},
    {"{'kind':'token','reset':true}", "asking Spotify failed"},
    {"{'kind':'token','generate':'empty'}", "held no token"},
    {"{'kind':'me','status':502,'generate':'html','count':0}", "502"},
    {"{'kind':'me','generate':'wrong-types'}", "not understood"},
};

START_TEST(trouble_during_a_sign_in_is_for_now_and_nothing_is_stored)
{
    fake_start("--accounts", "1");
    fake_fault("%s", delays[_i].rule);
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 75);
    ck_assert_msg(strstr(harness.ctl_output, delays[_i].words) != NULL, "%s", harness.ctl_output);
    assert_nothing_stored();
    fake_forget_faults();
    db_do("DELETE FROM gate"); /* what Spotify asked to wait is over */
    ctl_login(1);
}
END_TEST

START_TEST(A16_a_sign_in_tells_the_daemon_to_wait_and_waits_for_the_daemon)
{
    fake_start("--accounts", "1");
    fake_fault("{'kind':'token','status':429,'generate':'plain','headers':[['Retry-After','77']]}");
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 75);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "wait 77 s"));
    ck_assert_int_eq(db_int("SELECT not_before - set_at FROM gate"), 77000);
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 75);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "nothing was sent"));
    ck_assert_int_eq(fake_count("token", 0), 1);
    db_do("UPDATE gate SET set_at = set_at - 77000, not_before = not_before - 77000");
    ctl_login(1);
}
END_TEST

START_TEST(a_profile_that_fails_once_is_asked_for_again)
{
    fake_start("--accounts", "1");
    fake_fault("{'kind':'me','status':502,'generate':'html'}");
    ctl_login(1);
}
END_TEST

static const char *const rubbish[] = {
    "", "\n", "   \n", "two words\n", "\x01\x02\n", "t\xc3\xb6ken\n",
};

START_TEST(what_cannot_be_a_token_is_refused_without_asking)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    ck_assert_int_eq(ctl_login_with(rubbish[_i]), 64);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "token"));
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

START_TEST(what_is_too_long_for_a_token_is_refused)
{
    char *text = malloc(60001);

    harness.no_database = true;
    fake_start("--accounts", "1");
    memset(text, 'x', 60000);
    text[60000] = '\0';
    ck_assert_int_eq(ctl_login_with(text), 64);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "too long"));
    free(text);
}
END_TEST

START_TEST(blanks_and_a_line_end_around_a_token_are_taken_off)
{
    char text[1100];

    fake_start("--accounts", "1");
    snprintf(text, sizeof(text), "%s  \r\nmore lines\n", fake_token(1));
    ck_assert_int_eq(ctl_login_with(text), 0);
}
END_TEST

START_TEST(a_second_sign_in_of_an_account_replaces_its_token_only)
{
    char before[2000];
    int64_t user;

    harness_begin(2);
    fake_play(1, 1, harness_now() - 1000);
    ck_assert_int_eq(hd_once(), 0);
    user = db_user(1);
    snprintf(before, sizeof(before), "%s",
             db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh' AND user_id = %lld",
                     (long long)user));
    fake_do("tokens", "{'account':1,'mint':true}");
    ctl_login(1);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "is signed in again"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 4);
    ck_assert_int_eq(db_user(1), user);
    ck_assert_int_eq(db_plays(1), 1);
    ck_assert_str_ne(
        before, db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh' AND user_id = %lld",
                        (long long)user));
}
END_TEST

START_TEST(a_sign_in_beside_a_running_daemon_goes_through_it)
{
    harness_run(1);
    ctl_login(1);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "is signed in again"));
    ck_assert_int_eq(fake_count("me", 0), 2);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(without_a_client_id_there_is_nothing_to_sign_in_to)
{
    harness.no_database = true;
    harness.config.client_id = NULL;
    fake_start("--accounts", "1");
    ck_assert_int_eq(ctl_login_with(fake_token(1)), 78);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "client id"));
}
END_TEST

Suite *refresh_suite(void)
{
    Suite *suite = suite_create("refresh");
    TCase *lost = harness_case(suite, "lost"), *login = harness_case(suite, "login");
    TCase *again = harness_case(suite, "again");

    tcase_add_loop_test(lost, B1_an_answer_lost_after_the_token_was_replaced_is_told_apart, 0,
                        COUNT_OF(losses));
    tcase_add_loop_test(lost, B1_an_answer_lost_while_the_old_token_stays_good_does_no_harm, 0, 3);
    tcase_add_test(lost, B2_a_death_between_question_and_answer_is_told_apart_after_the_restart);
    tcase_add_loop_test(lost, B1_a_lost_answer_is_not_forgotten_over_later_failures_and_restarts, 0,
                        COUNT_OF(between));
    tcase_add_test(lost, B1_a_new_sign_in_leaves_nothing_ambiguous);
    tcase_add_test(lost, a_refusal_of_a_refresh_that_nothing_cut_off_is_not_called_ambiguous);
    tcase_add_test(lost, B4_many_rotations_one_after_the_other_lose_no_sign_in);
    tcase_add_test(login, a_token_that_works_makes_a_user);
    tcase_add_test(login, a_token_that_is_rotated_at_sign_in_is_stored_in_its_new_form);
    tcase_add_loop_test(login, a_dead_token_is_refused_with_spotifys_reason_and_nothing_is_stored,
                        0, COUNT_OF(refusals));
    tcase_add_test(login, B13_a_token_without_the_scope_is_refused);
    tcase_add_test(login, a_token_of_another_app_is_refused);
    tcase_add_test(login, a_wrong_secret_is_refused_and_the_right_one_works);
    tcase_add_test(login, a_user_who_is_not_registered_is_refused);
    tcase_add_loop_test(login, trouble_during_a_sign_in_is_for_now_and_nothing_is_stored, 0,
                        COUNT_OF(delays));
    tcase_add_test(login, A16_a_sign_in_tells_the_daemon_to_wait_and_waits_for_the_daemon);
    tcase_add_test(login, a_profile_that_fails_once_is_asked_for_again);
    tcase_add_loop_test(login, what_cannot_be_a_token_is_refused_without_asking, 0,
                        COUNT_OF(rubbish));
    tcase_add_test(login, what_is_too_long_for_a_token_is_refused);
    tcase_add_test(login, blanks_and_a_line_end_around_a_token_are_taken_off);
    tcase_add_test(again, a_second_sign_in_of_an_account_replaces_its_token_only);
    tcase_add_test(again, a_sign_in_beside_a_running_daemon_goes_through_it);
    tcase_add_test(again, without_a_client_id_there_is_nothing_to_sign_in_to);
    return suite;
}
