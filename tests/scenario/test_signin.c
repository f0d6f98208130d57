/* SPDX-License-Identifier: MIT */
/* A person signs in with a browser, and everything that may come in between. */
#include "harness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct browser *browser;

/* The fake with so many accounts, nobody signed in, and the daemon. */
static void begin(int accounts)
{
    char count[12];

    snprintf(count, sizeof(count), "%d", accounts);
    fake_start("--accounts", count);
    hd_start();
    browser = browser_open();
}

/* The callback address of a sign-in up to its last step. */
static char *go_to_spotify_and_back(int64_t user, int account)
{
    char *address = browser_begin_login(browser, user);
    char *back = browser_at_spotify(browser, address, account);

    free(address);
    return back;
}

/* Ends a sign-in at an address, asserting status and text of the page; frees the address. */
static void expect_page(char *back, long status, const char *text)
{
    struct page page = browser_get(browser, back);

    ck_assert_msg(page.status == status, "%ld instead of %ld: %s", page.status, status, page.body);
    ck_assert_msg(page_has(&page, text), "\"%s\" is not in %s", text, page.body);
    page_free(&page);
    free(back);
}

static int64_t users(void)
{
    return db_int("SELECT count(*) FROM users");
}

/* -- it works ---------------------------------------------------------------------------------- */

START_TEST(a_sign_in_is_stored_and_swept_at_once)
{
    begin(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    browser_login(browser, 1);
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert_int_gt(db_int("SELECT authorized_at FROM users"), harness_now() - MINUTE);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
    ck_assert_str_eq(db_text("SELECT kind FROM polls ORDER BY poll_id LIMIT 1"), "sweep");
}
END_TEST

START_TEST(the_last_page_names_the_account_and_holds_no_code)
{
    char *back;
    struct page page;

    begin(1);
    fake_do("accounts", "{'id':'zoe','display_name':'Zoë <b>','listener':false}");
    back = go_to_spotify_and_back(0, 2);
    page = browser_get(browser, back);
    ck_assert_int_eq(page.status, 303);
    free(back);
    back = strdup(page_header(&page, "Location"));
    ck_assert_ptr_null(strstr(back, "code="));
    page_free(&page);
    expect_page(back, 200, "Zoë &lt;b&gt;");
}
END_TEST

START_TEST(several_people_sign_in_and_each_is_recorded)
{
    begin(3);
    for (int account = 1; account <= 3; account++) {
        fake_plays(account, account, 10 * account, harness_now() - HOUR, MINUTE);
        browser_login(browser, account);
    }
    for (int account = 1; account <= 3; account++) {
        harness_wait_for_truth(account);
        ck_assert_int_eq(db_plays(account), account);
    }
}
END_TEST

START_TEST(B7_signing_in_again_keeps_the_user_and_what_is_recorded)
{
    int64_t user;

    begin(1);
    fake_plays(1, 3, 1, harness_now() - HOUR, MINUTE);
    browser_login(browser, 1);
    harness_wait_for_truth(1);
    user = db_user(1);
    fake_do("tokens", "{'revoke':true,'expire_access':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    fake_play(1, 9, harness_now() - 1000);
    expect_page(go_to_spotify_and_back(user, 1), 303, "");
    harness_wait_for_truth(1);
    ck_assert_int_eq(users(), 1);
    ck_assert_int_eq(db_user(1), user);
    ck_assert_int_eq(db_plays(1), 4);
    ck_assert_str_eq(db_state(1), "active");
    ck_assert_str_eq(db_text("SELECT state_reason FROM users"), "");
}
END_TEST

START_TEST(B18_connecting_an_account_that_is_there_renews_it)
{
    begin(1);
    browser_login(browser, 1);
    browser_login(browser, 1);
    ck_assert_int_eq(users(), 1);
    ck_assert(hd_logged("signed in"));
}
END_TEST

START_TEST(one_persons_trouble_is_mended_by_one_sign_in_while_others_are_recorded)
{
    begin(2);
    browser_login(browser, 1);
    browser_login(browser, 2);
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    fake_do("tokens", "{'account':1,'revoke':true,'expire_access':true}");
    fake_play(2, 5, harness_now() - 1000);
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    harness_wait_for_truth(2);
    ck_assert_str_eq(db_state(2), "active");
    fake_play(1, 6, harness_now() - 1000);
    browser_login(browser, 1);
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

/* A refresh of the old sign-in that ends later must not replace the new one. */
START_TEST(a_refresh_under_way_does_not_undo_a_new_sign_in)
{
    char *back;

    begin(1);
    browser_login(browser, 1);
    harness_wait_until(db_outcomes("empty") + db_outcomes("ok") > 0);
    fake_do("tokens", "{'answer':'new','expire_access':true}");
    back = go_to_spotify_and_back(0, 1);
    fake_fault("{'kind':'token','after':true,'delay_ms':1500}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    expect_page(back, 303, "");
    fake_do("tokens", "{'expire_access':true}");
    fake_play(1, 7, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

/* Who met the trouble first is not left waiting for hours either. */
START_TEST(a_sign_in_that_works_ends_trouble_of_the_app_for_everybody)
{
    harness.config.poll_interval = harness.config.sweep_interval = "2s";
    begin(2);
    browser_login(browser, 1);
    harness_wait_until(db_outcomes("empty") + db_outcomes("ok") > 0);
    fake_fault_body("{'kind':'recent','account':1,'status':403}",
                    "Active premium subscription required for the owner of the app.");
    harness_wait_until(hd_logged("Spotify refuses this client"));
    browser_login(browser, 2);
    fake_play(1, 7, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

/* -- it does not ------------------------------------------------------------------------------- */

START_TEST(B15_who_says_no_gets_a_page_and_nothing_is_stored)
{
    begin(1);
    expect_page(go_to_spotify_and_back(0, 0), 400, "The permission was not given");
    ck_assert_int_eq(users(), 0);
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

START_TEST(B15_trying_again_is_for_the_account_that_was_to_be_renewed)
{
    char *address, *back;
    char user[24];
    struct page page;

    begin(1);
    browser_login(browser, 1);
    address = browser_begin_login(browser, db_user(1));
    back = browser_at_spotify(browser, address, 0);
    page = browser_get(browser, back);
    snprintf(user, sizeof(user), "%lld", (long long)db_user(1));
    ck_assert_ptr_nonnull(page_field(&page, "user"));
    ck_assert_str_eq(page_field(&page, "user"), user);
    page_free(&page);
    free(address);
    free(back);
}
END_TEST

static const struct {
    const char *query;
    const char *text;
} bad_returns[] = {
    {"code=CANARY-made-up", "was not begun here"},
    {"code=CANARY-made-up&state=", "was not begun here"},
    {"code=CANARY-made-up&state=abc", "was not begun here"},
    {"state=abc", "ended the sign-in with an error"},
    {"", "ended the sign-in with an error"},
    {"error=server_error&state=abc", "was not begun here"},
    {"code=a&code=b&state=abc", "ended the sign-in with an error"},
};

START_TEST(B14_a_return_that_nobody_began_is_refused)
{
    char address[200];

    begin(1);
    snprintf(address, sizeof(address), "/spotify/callback?%s", bad_returns[_i].query);
    expect_page(strdup(address), 400, bad_returns[_i].text);
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

START_TEST(B16_B14_a_state_works_once)
{
    char *back, *again;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    again = strdup(back);
    expect_page(back, 303, "");
    expect_page(again, 400, "was used already");
    ck_assert_int_eq(fake_count("token", 0), 1);
}
END_TEST

START_TEST(B17_a_state_of_another_browser_is_refused_and_stays_good_in_its_own)
{
    struct browser *other;
    struct page page;
    char *back;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    other = browser_open();
    page = browser_get(other, back);
    ck_assert_int_eq(page.status, 400);
    ck_assert(page_has(&page, "belongs to another browser"));
    page_free(&page);
    browser_close(other);
    ck_assert_int_eq(fake_count("token", 0), 0);
    expect_page(back, 303, "");
}
END_TEST

START_TEST(a_restart_forgets_a_sign_in_that_was_begun)
{
    char *back;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    hd_stop(SIGTERM);
    hd_start();
    expect_page(back, 400, "was not begun here");
}
END_TEST

START_TEST(another_app_ends_the_sign_ins_that_were_begun_for_the_old_one)
{
    char *back;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    harness.config.client_id = "another-app";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    expect_page(back, 400, "was not begun here");
    ck_assert_int_eq(fake_count("token", 0), 0);
}
END_TEST

static void visit(const char *address)
{
    struct page page = browser_get(browser, address);

    page_free(&page);
}

/* Made-up codes, as somebody may send who can reach the page. */
START_TEST(P7_many_sign_ins_do_not_use_up_what_polls_need)
{
    begin(2);
    browser_login(browser, 1);
    hd_wait_for_polls(1);
    for (int tries = 0; tries < 60; tries++) {
        char *back = go_to_spotify_and_back(0, 2), *made_up = strdup(back);
        char *code = strstr(made_up, "code=") + strlen("code=");

        memset(code, 'x', strcspn(code, "&"));
        visit(made_up);
        free(made_up);
        free(back);
    }
    for (int tries = 0; tries < 60; tries++)
        visit("/spotify/callback?code=x&state=x");
    ck_assert_int_le(fake_count("token", 0), 130);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

/* What Spotify may say to it: a fault (with a body, or without), the status and the text of our
 * page. */
static const struct {
    const char *fault, *body;
    long status;
    const char *text;
} refusals[] = {
    {"{'kind':'token','status':400}", "{'error':'invalid_grant'}", 400,
     "did not accept the sign-in any more"},
    {"{'kind':'token','status':400}", "{'error':'invalid_client'}", 400, "does not know this app"},
    {"{'kind':'token','status':502,'generate':'html'}", NULL, 502, "could not be reached"},
    {"{'kind':'token','reset':true}", NULL, 502, "could not be reached"},
    {"{'kind':'token','status':200,'generate':'html'}", NULL, 502, "could not be reached"},
    {"{'kind':'token','status':429,'headers':{'Retry-After':'3'}}", NULL, 503, "asks to wait"},
    {"{'kind':'me','status':503,'count':0}", NULL, 502, "could not be reached"},
    {"{'kind':'me','status':200,'generate':'wrong-types'}", NULL, 502, "could not be reached"},
    {"{'kind':'me','status':403}",
     "Active premium subscription required for the owner of the app. When the subscription status "
     "changes, it can take a few hours before requests are allowed again.",
     403, "has no Premium subscription"},
};

START_TEST(B16_a_refusal_of_Spotify_is_a_page_that_a_person_understands_and_nothing_is_stored)
{
    char *back;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    if (refusals[_i].body)
        fake_fault_body(refusals[_i].fault, "%s", refusals[_i].body);
    else
        fake_fault("%s", refusals[_i].fault);
    expect_page(back, refusals[_i].status, refusals[_i].text);
    ck_assert_int_eq(users(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 0);
}
END_TEST

START_TEST(an_account_that_is_not_on_the_apps_list_is_told_so_in_all_wordings)
{
    begin(1);
    fake_do("listing", "{'registered':false,'forbidden':%d}", _i);
    expect_page(go_to_spotify_and_back(0, 1), 403, "is not on the app&#39;s list");
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(A20_another_account_than_the_one_to_be_renewed_is_refused_and_nothing_changes)
{
    char *before;

    begin(2);
    browser_login(browser, 1);
    harness_wait_until(db_outcomes("empty") + db_outcomes("ok") > 0);
    before = strdup(db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh'"));
    expect_page(go_to_spotify_and_back(db_user(1), 2), 400, "Another account signed in");
    ck_assert_int_eq(users(), 1);
    ck_assert_str_eq(db_text("SELECT hex(sealed) FROM tokens WHERE type = 'refresh'"), before);
    free(before);
}
END_TEST

START_TEST(A17_a_wait_that_Spotify_asks_for_at_a_sign_in_holds_for_everything)
{
    int64_t asked;

    begin(1);
    fake_fault("{'kind':'token','status':429,'headers':{'Retry-After':'3600'}}");
    expect_page(go_to_spotify_and_back(0, 1), 503, "asks to wait");
    asked = fake_count("token", 0);
    expect_page(go_to_spotify_and_back(0, 1), 503, "nothing was sent");
    ck_assert_int_eq(fake_count("token", 0), asked);
    ck_assert_int_gt(db_int("SELECT not_before FROM gate"), harness_now() + 50 * MINUTE);
}
END_TEST

/* -- in between -------------------------------------------------------------------------------- */

/* Trouble of the app does not hold sign-ins back, but a wait does, whichever came first. */
START_TEST(A17_a_wait_holds_for_sign_ins_also_beside_trouble_of_the_app)
{
    int64_t asked;

    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    begin(3);
    browser_login(browser, 1);
    browser_login(browser, 2);
    hd_wait_for_polls(2);
    fake_fault("{'kind':'recent','account':1,'status':429,'delay_ms':%d,"
               "'headers':[['Retry-After','600']]}",
               _i == 0 ? 0 : 500);
    fake_fault_body(_i == 0 ? "{'kind':'recent','account':2,'status':403,'delay_ms':500}"
                            : "{'kind':'recent','account':2,'status':403}",
                    "Active premium subscription required for the owner of the app.");
    hd_poll_now();
    hd_wait_for_polls(4);
    asked = fake_count("token", 0);
    expect_page(go_to_spotify_and_back(0, 3), 503, "Spotify asks to wait");
    ck_assert_int_eq(fake_count("token", 0), asked);
}
END_TEST

START_TEST(F2_a_sign_in_under_way_is_waited_for_at_a_stop_and_stored)
{
    char *back;
    int fd;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    fake_fault("{'kind':'token','after':true,'delay_ms':1500}");
    fd = browser_start(browser, back);
    free(back);
    harness_wait_until(fake_hits() == 1);
    hd_signal(SIGTERM);
    ck_assert_int_eq(hd_wait(), 0);
    browser_end(fd);
    ck_assert_int_eq(users(), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
}
END_TEST

START_TEST(E5_a_database_that_is_busy_delays_storing_and_loses_nothing)
{
    sqlite3 *other;
    char *back;
    int fd;

    begin(1);
    back = go_to_spotify_and_back(0, 1);
    fake_fault("{'kind':'me','delay_ms':500}");
    fd = browser_start(browser, back);
    free(back);
    harness_wait_until(fake_hits() == 1);
    ck_assert_int_eq(sqlite3_open(harness.database, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    harness_stays(true, 1200);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    ck_assert_int_eq(browser_end(fd), 303);
    ck_assert_int_eq(users(), 1);
}
END_TEST

/* A poll whose page is held while the database is busy is stored with the sign-in: what it brought
 * the user forward must stay. */
START_TEST(a_sign_in_does_not_set_a_user_back_behind_a_poll_that_waited_to_be_stored)
{
    int64_t began;
    sqlite3 *other;
    char *back;
    int fd;

    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    begin(1);
    browser_login(browser, 1);
    hd_wait_for_polls(1);
    back = go_to_spotify_and_back(0, 1);
    fake_fault("{'kind':'me','delay_ms':700}");
    fd = browser_start(browser, back);
    free(back);
    harness_wait_until(fake_hits() == 1);
    ck_assert_int_eq(sqlite3_open(harness.database, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    began = harness_now();
    fake_play(1, 7, began - 1000);
    hd_poll_now();
    harness_wait_until(fake_shown(1) == 1);
    fake_fault("{'kind':'recent','count':0,'hang':true}"); /* the sweep after the sign-in */
    harness_stays(true, 1500);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    ck_assert_int_eq(browser_end(fd), 303);
    ck_assert_int_eq(db_plays(1), 1);
    ck_assert_int_ge(db_int("SELECT last_success_at FROM users"), began);
    fake_forget_faults();
}
END_TEST

START_TEST(E2_P6_nothing_is_sent_while_the_database_takes_no_writes)
{
    sqlite3 *other;

    begin(1);
    ck_assert_int_eq(sqlite3_open(harness.database, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    expect_page(go_to_spotify_and_back(0, 1), 500, "could not be stored");
    ck_assert_int_eq(fake_count("token", 0), 0);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}
END_TEST

/* -- the first start --------------------------------------------------------------------------- */

START_TEST(without_a_client_id_the_page_says_three_steps_and_a_reload_is_enough)
{
    struct page page;

    harness.config.client_id = "";
    begin(1);
    page = browser_get(browser, "/spotify");
    ck_assert_int_eq(page.status, 200);
    ck_assert(page_has(&page, "https://developer.spotify.com/dashboard"));
    ck_assert(page_has(&page, "/spotify/callback"));
    ck_assert(page_has(&page, harness.config_file));
    ck_assert_ptr_null(page_field(&page, "token"));
    page_free(&page);
    harness.config.client_id = "sim-client-id";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    browser_login(browser, 1);
    harness_wait_until(db_outcomes("empty") + db_outcomes("ok") > 0);
}
END_TEST

START_TEST(F11_a_port_that_is_taken_does_not_stop_the_recording)
{
    int fd;

    fake_start("--accounts", "1");
    hd_write_config();
    ctl_login(1);
    fake_play(1, 1, harness_now() - 1000);
    fd = raw_listen();
    hd_start();
    harness_wait_until(hd_logged("the page: cannot listen on"));
    harness_wait_for_truth(1);
    close(fd);
}
END_TEST

Suite *signin_suite(void)
{
    Suite *suite = suite_create("signin");
    TCase *works = harness_case(suite, "it works");
    TCase *refused = harness_case(suite, "it does not");
    TCase *between = harness_case(suite, "in between");

    tcase_add_test(works, a_sign_in_is_stored_and_swept_at_once);
    tcase_add_test(works, the_last_page_names_the_account_and_holds_no_code);
    tcase_add_test(works, several_people_sign_in_and_each_is_recorded);
    tcase_add_test(works, B7_signing_in_again_keeps_the_user_and_what_is_recorded);
    tcase_add_test(works, B18_connecting_an_account_that_is_there_renews_it);
    tcase_add_test(works, one_persons_trouble_is_mended_by_one_sign_in_while_others_are_recorded);
    tcase_add_test(works, a_refresh_under_way_does_not_undo_a_new_sign_in);
    tcase_add_test(works, a_sign_in_that_works_ends_trouble_of_the_app_for_everybody);
    tcase_add_test(refused, B15_who_says_no_gets_a_page_and_nothing_is_stored);
    tcase_add_test(refused, B15_trying_again_is_for_the_account_that_was_to_be_renewed);
    tcase_add_loop_test(refused, B14_a_return_that_nobody_began_is_refused, 0,
                        (int)COUNT_OF(bad_returns));
    tcase_add_test(refused, B16_B14_a_state_works_once);
    tcase_add_test(refused, B17_a_state_of_another_browser_is_refused_and_stays_good_in_its_own);
    tcase_add_test(refused, a_restart_forgets_a_sign_in_that_was_begun);
    tcase_add_test(refused, another_app_ends_the_sign_ins_that_were_begun_for_the_old_one);
    tcase_add_test(refused, P7_many_sign_ins_do_not_use_up_what_polls_need);
    tcase_add_loop_test(
        refused, B16_a_refusal_of_Spotify_is_a_page_that_a_person_understands_and_nothing_is_stored,
        0, (int)COUNT_OF(refusals));
    tcase_add_loop_test(refused, an_account_that_is_not_on_the_apps_list_is_told_so_in_all_wordings,
                        1, 4);
    tcase_add_test(refused,
                   A20_another_account_than_the_one_to_be_renewed_is_refused_and_nothing_changes);
    tcase_add_test(refused, A17_a_wait_that_Spotify_asks_for_at_a_sign_in_holds_for_everything);
    tcase_add_loop_test(refused, A17_a_wait_holds_for_sign_ins_also_beside_trouble_of_the_app, 0,
                        2);
    tcase_add_test(between, F2_a_sign_in_under_way_is_waited_for_at_a_stop_and_stored);
    tcase_add_test(between, E5_a_database_that_is_busy_delays_storing_and_loses_nothing);
    tcase_add_test(between,
                   a_sign_in_does_not_set_a_user_back_behind_a_poll_that_waited_to_be_stored);
    tcase_add_test(between, E2_P6_nothing_is_sent_while_the_database_takes_no_writes);
    tcase_add_test(between, without_a_client_id_the_page_says_three_steps_and_a_reload_is_enough);
    tcase_add_test(between, F11_a_port_that_is_taken_does_not_stop_the_recording);
    return suite;
}
