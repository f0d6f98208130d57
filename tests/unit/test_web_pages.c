/* SPDX-License-Identifier: MIT */
/* The pages as markup, drawn from plain values: what stands on them, and what never does. */
#include "web/page.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 INT64_C(1795284000000) /* 2026-11-21T18:00:00Z */
#define REDIRECT "http://127.0.0.1:8888/spotify/callback"
#define HOST "127.0.0.1:8888"

static struct buf out;
static const struct page_site site = {
    .title = "Play history", .token = "TOKEN", .version = "0123abcd"};

static void setup(void)
{
    out = (struct buf){.limit = 1 << 20};
}

static void teardown(void)
{
    buf_free(&out, false);
}

static bool has(const char *text)
{
    return strstr(out.data, text) != NULL;
}

static void expect(const char *text)
{
    ck_assert_msg(has(text), "\"%s\" is not in\n%s", text, out.data);
}

static void refuse(const char *text)
{
    ck_assert_msg(!has(text), "\"%s\" is in\n%s", text, out.data);
}

static size_t count_of(const char *text)
{
    size_t count = 0;

    for (const char *at = out.data; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

/* No attribute of any tag runs or styles anything. Text may speak of them: it is escaped, so that
 * '<' and '>' stand around tags only. */
static void check_tags(void)
{
    static const char *const never[] = {" on", " style=", "javascript:", "data:", " target="};
    char tag[2000];

    for (const char *at = out.data; (at = strchr(at, '<')) != NULL; at++) {
        size_t len = strcspn(at, ">");

        ck_assert_uint_lt(len, sizeof(tag));
        ck_assert_msg(at[len] == '>', "a tag without end: %.50s", at);
        snprintf(tag, sizeof(tag), "%.*s", (int)len, at);
        ck_assert_msg(!strchr(tag + 1, '<'), "%s", tag);
        for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
            ck_assert_msg(!strstr(tag, never[i]), "%s", tag);
    }
}

/* What holds for every page of ours. */
static void check_page(void)
{
    static const char *const never[] = {"<script", "<style", "<img", "<iframe", "<object", "<base"};

    ck_assert(!out.failed);
    ck_assert_int_eq(strncmp(out.data, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        refuse(never[i]);
    check_tags();
    ck_assert_uint_eq(count_of("<h1>"), 1);
    ck_assert_uint_eq(count_of("<main "), 1);
    ck_assert_uint_eq(count_of("</main>"), 1);
    ck_assert_uint_eq(count_of("</html>"), 1);
    ck_assert_uint_eq(count_of("<form "), count_of("</form>"));
    ck_assert_uint_eq(count_of("<form "), count_of("name=\"token\""));
    ck_assert_uint_eq(count_of("<form "), count_of("method=\"post\""));
    expect("<title>");
    expect("/style.css?v=");
}

static struct recorder_status quiet(void)
{
    return (struct recorder_status){.has_client = true, .opens_at = STORE_NO_TIME};
}

static struct account ann(void)
{
    return (struct account){
        .user = {.user_id = 1,
                 .spotify_id = "ann01",
                 .display_name = "Ann",
                 .state_since = T0,
                 .added_at = T0,
                 .authorized_at = T0,
                 .last_success_at = T0},
        .ends_at = T0,
        .days_left = 153,
        .plays_today = 1234,
        .live = true,
        .next_poll_at = T0,
        .retry_at = STORE_NO_TIME,
        .doing = "idle",
    };
}

static struct account needs_login(void)
{
    struct account account = ann();

    account.user.state = STORE_USER_NEEDS_LOGIN;
    snprintf(account.user.state_reason, sizeof(account.user.state_reason),
             "invalid_grant: Refresh token revoked");
    snprintf(account.todo, sizeof(account.todo), "Ann must sign in again: revoked");
    account.must_act = true;
    account.next_poll_at = STORE_NO_TIME;
    return account;
}

static void draw(const struct account *accounts, size_t count,
                 const struct recorder_status *recorder, const char *host, int64_t signed_in)
{
    struct page_accounts page = {.recorder = recorder,
                                 .accounts = accounts,
                                 .count = count,
                                 .now = T0,
                                 .config_file = "/etc/x/x.conf",
                                 .redirect_uri = REDIRECT,
                                 .host = host,
                                 .signed_in = signed_in};

    buf_clear(&out, false);
    page_accounts(&out, &site, &page);
    check_page();
}

static void draw_one(const struct account *account)
{
    struct recorder_status recorder = quiet();

    draw(account, 1, &recorder, HOST, 0);
}

/* ---- the accounts ---- */

START_TEST(an_account_that_is_recorded_shows_how_it_stands)
{
    struct account account = ann();

    draw_one(&account);
    expect("<bdi>Ann</bdi>");
    expect("<p class=\"state good\">recording</p>");
    expect("href=\"https://open.spotify.com/user/ann01\"");
    expect("153 days left");
    expect("1\xe2\x80\xaf"
           "234");
    expect("name=\"user\" value=\"1\"");
    expect("Connect an account");
    refuse("class=\"banner\"");
    refuse("class=\"notice");
}
END_TEST

START_TEST(nobody_yet_is_told_what_to_do_first)
{
    struct recorder_status recorder = quiet();

    draw(NULL, 0, &recorder, HOST, 0);
    expect("Nobody is recorded yet");
    expect("action=\"/spotify/connect\"");
}
END_TEST

START_TEST(an_account_without_a_name_goes_by_its_id)
{
    struct account account = ann();

    account.user.display_name[0] = '\0';
    draw_one(&account);
    expect("<h2 id=\"user-1\"><bdi>ann01</bdi></h2>");
}
END_TEST

START_TEST(each_state_has_its_own_words)
{
    struct recorder_status recorder = quiet();
    struct account account = ann();
    const char *style;

    ck_assert_str_eq(page_account_state(&account, &recorder, &style), "recording");
    ck_assert_str_eq(style, "good");
    recorder.opens_at = T0;
    ck_assert_str_eq(page_account_state(&account, &recorder, &style), "waiting: Spotify asked to");
    recorder.has_client = false;
    ck_assert_str_eq(page_account_state(&account, &recorder, &style), "waiting for a client id");
    account.failures = 1;
    ck_assert_str_eq(page_account_state(&account, NULL, &style), "failing for now");
    ck_assert_str_eq(style, "late");
    account.live = false;
    ck_assert_str_eq(page_account_state(&account, NULL, &style), "not being recorded now");
    account.user.state = STORE_USER_PAUSED;
    ck_assert_str_eq(page_account_state(&account, NULL, &style), "refused by Spotify");
    account.user.state = STORE_USER_NEEDS_LOGIN;
    ck_assert_str_eq(page_account_state(&account, NULL, &style), "must sign in again");
    ck_assert_str_eq(style, "bad");
    account.signed_out = true;
    ck_assert_str_eq(page_account_state(&account, NULL, &style), "signed out");
    ck_assert_str_eq(style, "quiet");
}
END_TEST

START_TEST(who_must_sign_in_is_named_in_the_banner_with_the_reason)
{
    struct account account = needs_login();

    draw_one(&account);
    expect("class=\"banner\"");
    expect("<li>Ann must sign in again: revoked</li>");
    expect("<p class=\"state bad\">must sign in again</p>");
    expect("Refresh token revoked");
}
END_TEST

START_TEST(trouble_that_looks_like_Spotifys_is_said_once_and_not_laid_on_the_person)
{
    struct account accounts[2] = {needs_login(), needs_login()};
    struct recorder_status recorder = quiet();

    accounts[1].user.user_id = 2;
    accounts[0].suspicious = accounts[1].suspicious = true;
    accounts[0].retry_at = accounts[1].retry_at = T0;
    draw(accounts, 2, &recorder, HOST, 0);
    ck_assert_uint_eq(count_of("looks like a fault of Spotify&#39;s") +
                          count_of("looks like a fault of Spotify's"),
                      1);
    refuse("<li>Ann must sign in again");
}
END_TEST

START_TEST(the_trouble_of_the_app_and_of_the_disk_is_in_the_banner)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();

    recorder.app_trouble = recorder.database_held = true;
    recorder.opens_at = T0;
    snprintf(recorder.gate_reason, sizeof(recorder.gate_reason), "owner <without> Premium");
    draw(&account, 1, &recorder, HOST, 0);
    expect("owner &lt;without&gt; Premium");
    expect("The database takes no writes");
}
END_TEST

START_TEST(a_wait_that_Spotify_asked_for_is_a_notice_and_no_call_to_act)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();

    recorder.opens_at = T0;
    draw(&account, 1, &recorder, HOST, 0);
    expect("Spotify asked to wait until");
    refuse("class=\"banner\"");
}
END_TEST

START_TEST(a_thousand_troubles_make_no_endless_banner)
{
    struct account *accounts = calloc(1000, sizeof(*accounts));
    struct recorder_status recorder = quiet();
    struct page_accounts page = {.recorder = &recorder,
                                 .accounts = accounts,
                                 .count = 1000,
                                 .config_file = "c",
                                 .redirect_uri = REDIRECT,
                                 .host = HOST};

    for (int i = 0; i < 1000; i++) {
        accounts[i] = needs_login();
        accounts[i].user.user_id = i + 1;
    }
    out.limit = 8 << 20;
    page_accounts(&out, &site, &page);
    ck_assert(!out.failed);
    ck_assert_uint_eq(count_of("<li>Ann must sign in again"), 10);
    expect("and 990 more");
    free(accounts);
}
END_TEST

START_TEST(the_last_days_are_said_ever_more_clearly)
{
    struct account account = ann();

    account.days_left = 31;
    draw_one(&account);
    expect("<dd>31 days left");
    account.days_left = 30;
    draw_one(&account);
    expect("<strong>30 days left</strong>");
    account.days_left = 7;
    draw_one(&account);
    expect("<strong class=\"late\">7 days left</strong>");
    account.days_left = 1;
    draw_one(&account);
    expect("<strong class=\"bad\">1 day left</strong>");
    account.days_left = 0;
    draw_one(&account);
    expect("<strong class=\"bad\">over</strong>");
    account.days_left = COUNTDOWN_UNKNOWN;
    account.ends_at = STORE_NO_TIME;
    draw_one(&account);
    expect("not known");
}
END_TEST

START_TEST(who_just_signed_in_is_named_and_nobody_else_can_be)
{
    struct account accounts[2] = {ann(), needs_login()};
    struct recorder_status recorder = quiet();

    accounts[1].user.user_id = 2;
    draw(accounts, 2, &recorder, HOST, 1);
    expect("is signed in: recording has begun");
    draw(accounts, 2, &recorder, HOST, 2);
    refuse("is signed in");
    draw(accounts, 2, &recorder, HOST, 3);
    refuse("is signed in");
    draw(accounts, 2, &recorder, HOST, -1);
    refuse("is signed in");
}
END_TEST

START_TEST(without_a_client_id_there_are_three_steps_and_no_button)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();

    recorder.has_client = false;
    draw(&account, 1, &recorder, HOST, 0);
    expect("https://developer.spotify.com/dashboard");
    expect("<code>" REDIRECT "</code>");
    expect("/etc/x/x.conf");
    ck_assert_uint_eq(count_of("<form "), 0);
}
END_TEST

START_TEST(a_page_opened_under_another_name_sends_people_where_they_come_back_to)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();

    draw(&account, 1, &recorder, "nas.lan:8888", 0);
    expect("<code>nas.lan:8888</code>");
    expect("href=\"http://127.0.0.1:8888/spotify\"");
    ck_assert_uint_eq(count_of("<form "), 0);
}
END_TEST

START_TEST(H3_names_from_outside_never_become_markup)
{
    static const char *const names[] = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onload='x",
        "</bdi></h2><h1>",
        "&lt;b&gt;",
        "a\xff\xfe\x01z",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct account account = needs_login();

        snprintf(account.user.display_name, sizeof(account.user.display_name), "%s", names[i]);
        snprintf(account.user.spotify_id, sizeof(account.user.spotify_id), "%s", names[i]);
        snprintf(account.user.state_reason, sizeof(account.user.state_reason), "%s", names[i]);
        snprintf(account.last_detail, sizeof(account.last_detail), "%s", names[i]);
        snprintf(account.todo, sizeof(account.todo), "%s", names[i]);
        buf_clear(&out, false);
        draw_one(&account);
        refuse("' onload");
        refuse("\xff");
    }
}
END_TEST

START_TEST(the_way_back_fits_only_where_the_browser_is)
{
    ck_assert(page_redirect_fits(REDIRECT, HOST));
    ck_assert(page_redirect_fits("https://History.example/spotify/callback", "history.example"));
    ck_assert(page_redirect_fits("https://h.example:443/spotify/callback", "h.example"));
    ck_assert(page_redirect_fits("http://h.example:80/spotify/callback", "h.example"));
    ck_assert(!page_redirect_fits("https://h.example:80/spotify/callback", "h.example"));
    ck_assert(!page_redirect_fits(REDIRECT, "localhost:8888"));
    ck_assert(!page_redirect_fits("http://127.0.0.1:8888/callback", HOST));
    ck_assert(!page_redirect_fits("http://127.0.0.1:8888", HOST));
    ck_assert(!page_redirect_fits("", ""));
}
END_TEST

START_TEST(an_origin_is_what_stands_before_the_path)
{
    char origin[40];

    page_origin("https://accounts.spotify.com/authorize?x", origin, sizeof(origin));
    ck_assert_str_eq(origin, "https://accounts.spotify.com");
    page_origin("http://[::1]:9", origin, sizeof(origin));
    ck_assert_str_eq(origin, "http://[::1]:9");
    page_origin("nothing", origin, sizeof(origin));
    ck_assert_str_eq(origin, "");
    page_origin("https://a-name-that-is-far-too-long-for-this-room.example/", origin,
                sizeof(origin));
    ck_assert_str_eq(origin, "");
}
END_TEST

START_TEST(a_name_cannot_turn_the_text_around_it)
{
    static const char turn[] = {(char)0xe2, (char)0x80, (char)0xae, '\0'}; /* U+202E */
    struct account account = ann();

    snprintf(account.user.display_name, sizeof(account.user.display_name), "An%sn", turn);
    draw_one(&account);
    refuse(turn);
    expect("<bdi>Ann</bdi>");
}
END_TEST

/* ---- other pages ---- */

START_TEST(each_end_of_a_sign_in_has_a_title_an_advice_and_a_way_on)
{
    struct signin_report report = {.result = (enum signin_result)_i};

    snprintf(report.message, sizeof(report.message), "about <%d>", _i);
    page_signin(&out, &site, &report);
    check_page();
    ck_assert_uint_gt(strlen(signin_result_title(report.result)), 0);
    ck_assert_uint_gt(strlen(signin_result_advice(report.result)), 0);
    ck_assert_uint_ge(count_of("<p>"), 2);
    expect("&lt;");
    expect("href=\"/spotify\"");
    ck_assert_int_ge(page_signin_status(report.result), report.result == SIGNIN_OK ? 200 : 400);
}
END_TEST

START_TEST(what_can_be_tried_again_has_a_button_and_what_cannot_has_none)
{
    struct signin_report report = {.result = SIGNIN_EXPIRED};

    page_signin(&out, &site, &report);
    expect("Try again");
    buf_clear(&out, false);
    report.result = SIGNIN_OWNER_PREMIUM;
    page_signin(&out, &site, &report);
    refuse("Try again");
}
END_TEST

START_TEST(an_error_page_says_what_and_leads_on)
{
    static const int statuses[] = {400, 403, 404, 405, 413, 421, 429, 431, 500, 501, 503, 599};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        buf_clear(&out, false);
        page_error(&out, &site, statuses[i], "<b>");
        check_page();
        expect("&lt;b&gt;");
        expect("href=\"/spotify\"");
    }
}
END_TEST

START_TEST(the_password_page_asks_and_tells_what_was_wrong)
{
    page_password(&out, &site, "/spotify?a=\"><b>", false, 0);
    check_page();
    expect("for=\"password\"");
    expect("type=\"password\"");
    expect("/spotify?a=&quot;&gt;&lt;b&gt;");
    refuse("role=\"alert\"");
    buf_clear(&out, false);
    page_password(&out, &site, "/", true, 0);
    expect("This is not the password");
    buf_clear(&out, false);
    page_password(&out, &site, "/", false, 1500);
    expect("Try again in 2 s");
}
END_TEST

START_TEST(who_gave_the_password_has_a_way_out)
{
    struct page_site inside = site;
    struct signin_report report = {.result = SIGNIN_DENIED};

    page_signin(&out, &site, &report);
    refuse("/password/logout");
    buf_clear(&out, false);
    inside.with_session = true;
    page_signin(&out, &inside, &report);
    check_page();
    expect("action=\"/password/logout\"");
}
END_TEST

START_TEST(the_title_of_the_site_is_text_as_well)
{
    struct page_site odd = {.title = "</title><b>", .version = "\"><b>"};

    page_error(&out, &odd, 404, NULL);
    check_page();
    refuse("<b>");
}
END_TEST

START_TEST(a_page_that_does_not_fit_into_its_limit_says_so)
{
    struct account account = ann();
    struct recorder_status recorder = quiet();
    struct page_accounts page = {.recorder = &recorder,
                                 .accounts = &account,
                                 .count = 1,
                                 .config_file = "c",
                                 .redirect_uri = REDIRECT,
                                 .host = HOST};

    out.limit = 1000;
    page_accounts(&out, &site, &page);
    ck_assert(out.failed);
}
END_TEST

Suite *web_pages_suite(void)
{
    Suite *suite = suite_create("web_pages");
    TCase *accounts = tcase_create("accounts");
    TCase *others = tcase_create("others");

    tcase_add_checked_fixture(accounts, setup, teardown);
    tcase_add_test(accounts, an_account_that_is_recorded_shows_how_it_stands);
    tcase_add_test(accounts, nobody_yet_is_told_what_to_do_first);
    tcase_add_test(accounts, an_account_without_a_name_goes_by_its_id);
    tcase_add_test(accounts, each_state_has_its_own_words);
    tcase_add_test(accounts, who_must_sign_in_is_named_in_the_banner_with_the_reason);
    tcase_add_test(accounts,
                   trouble_that_looks_like_Spotifys_is_said_once_and_not_laid_on_the_person);
    tcase_add_test(accounts, the_trouble_of_the_app_and_of_the_disk_is_in_the_banner);
    tcase_add_test(accounts, a_wait_that_Spotify_asked_for_is_a_notice_and_no_call_to_act);
    tcase_add_test(accounts, a_thousand_troubles_make_no_endless_banner);
    tcase_add_test(accounts, the_last_days_are_said_ever_more_clearly);
    tcase_add_test(accounts, who_just_signed_in_is_named_and_nobody_else_can_be);
    tcase_add_test(accounts, without_a_client_id_there_are_three_steps_and_no_button);
    tcase_add_test(accounts, a_page_opened_under_another_name_sends_people_where_they_come_back_to);
    tcase_add_test(accounts, H3_names_from_outside_never_become_markup);
    tcase_add_test(accounts, a_name_cannot_turn_the_text_around_it);
    tcase_add_test(accounts, the_way_back_fits_only_where_the_browser_is);
    tcase_add_test(accounts, an_origin_is_what_stands_before_the_path);
    suite_add_tcase(suite, accounts);

    tcase_add_checked_fixture(others, setup, teardown);
    tcase_add_loop_test(others, each_end_of_a_sign_in_has_a_title_an_advice_and_a_way_on, 0,
                        SIGNIN_RESULTS);
    tcase_add_test(others, what_can_be_tried_again_has_a_button_and_what_cannot_has_none);
    tcase_add_test(others, an_error_page_says_what_and_leads_on);
    tcase_add_test(others, the_password_page_asks_and_tells_what_was_wrong);
    tcase_add_test(others, who_gave_the_password_has_a_way_out);
    tcase_add_test(others, the_title_of_the_site_is_text_as_well);
    tcase_add_test(others, a_page_that_does_not_fit_into_its_limit_says_so);
    suite_add_tcase(suite, others);
    return suite;
}
