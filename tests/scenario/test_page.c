/* SPDX-License-Identifier: MIT */
/* The page, and other sites that mean it ill. */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- by which name it is asked for ------------------------------------------------------------- */

static const struct bytes foreign_hosts[] = {
    BYTES("another name", GET_WITH("Host: evil.example\r\n")),
    BYTES("another name with our port", GET_WITH("Host: evil.example:{port}\r\n")),
    BYTES("no Host", GET_WITH("")),
    BYTES("an empty one", GET_WITH("Host: \r\n")),
    BYTES("two", GET_WITH("Host: {host}\r\nHost: evil.example\r\n")),
    BYTES("two, the foreign one first", GET_WITH("Host: evil.example\r\nHost: {host}\r\n")),
    BYTES("ours twice", GET_WITH("Host: {host}\r\nhost: {host}\r\n")),
    BYTES("ours at the beginning", GET_WITH("Host: 127.0.0.1.evil.example:{port}\r\n")),
    BYTES("ours and more", GET_WITH("Host: {host}.evil.example\r\n")),
    BYTES("without the port", GET_WITH("Host: 127.0.0.1\r\n")),
    BYTES("another port", GET_WITH("Host: 127.0.0.1:1\r\n")),
    BYTES("a list", GET_WITH("Host: {host}, evil.example\r\n")),
    BYTES("a user name", GET_WITH("Host: a@{host}\r\n")),
    BYTES("a NUL", GET_WITH("Host: {host}\0.evil.example\r\n")),
    BYTES("HTTP/1.0 without Host", "GET /spotify HTTP/1.0\r\n\r\n"),
    BYTES("X-Forwarded-Host", GET_WITH("Host: evil.example\r\nX-Forwarded-Host: {host}\r\n")),
    BYTES("a folded line", GET_WITH("Host: evil.example\r\n {host}\r\n")),
    BYTES("a blank before the colon", GET_WITH("Host : {host}\r\n")),
};

START_TEST(H1_a_foreign_Host_gets_nothing)
{
    requests_begin(1);
    requests_expect_all_refused(foreign_hosts, COUNT_OF(foreign_hosts));
}
END_TEST

START_TEST(H1_a_foreign_name_is_answered_with_421)
{
    struct raw_answer answer;

    requests_begin(1);
    answer = requests_ask_text(GET_WITH("Host: evil.example\r\n"));
    ck_assert_int_eq(answer.status, 421);
    raw_free(&answer);
}
END_TEST

static const struct bytes other_methods_of_foreigners[] = {
    BYTES("POST", "POST /spotify/connect HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n"
                  "Connection: close\r\n\r\n"),
    BYTES("HEAD", "HEAD /spotify HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    BYTES("OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    BYTES("a style sheet", "GET /style.css HTTP/1.1\r\nHost: evil.example\r\n"
                           "Connection: close\r\n\r\n"),
};

START_TEST(H1_a_foreign_name_gets_nothing_by_any_method)
{
    requests_begin(1);
    requests_expect_all_refused(other_methods_of_foreigners, COUNT_OF(other_methods_of_foreigners));
}
END_TEST

static const struct bytes odd_forms[] = {
    BYTES("absolute form of another", "GET http://evil.example/spotify HTTP/1.1\r\nHost: {host}\r\n"
                                      "Connection: close\r\n\r\n"),
    BYTES("absolute form, foreign Host", "GET http://{host}/spotify HTTP/1.1\r\n"
                                         "Host: evil.example\r\nConnection: close\r\n\r\n"),
    BYTES("//host/path", "GET //evil.example/spotify HTTP/1.1\r\nHost: {host}\r\n"
                         "Connection: close\r\n\r\n"),
    BYTES("//our host/path",
          "GET //{host}/spotify HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    BYTES("a backslash", "GET \\spotify HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    BYTES("no slash", "GET spotify HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    BYTES("an asterisk", "GET * HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
};

START_TEST(H1_a_target_with_a_host_in_it_gets_nothing)
{
    requests_begin(1);
    requests_expect_all_refused(odd_forms, COUNT_OF(odd_forms));
}
END_TEST

START_TEST(the_names_of_this_machine_are_served)
{
    requests_begin(1);
    requests_expect_served(GET_WITH("Host: {host}\r\n"));
    requests_expect_served(GET_WITH("Host: localhost:{port}\r\n"));
    requests_expect_served(GET_WITH("Host: LocalHost:{port}\r\n"));
    requests_expect_served(GET_WITH("Host: [::1]:{port}\r\n"));
}
END_TEST

START_TEST(a_name_that_is_allowed_is_served_after_a_reload_and_no_longer_after_another)
{
    struct raw_answer answer;

    requests_begin(1);
    harness.config.allowed_hosts = "{ \"music.example\" }";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    requests_expect_served(GET_WITH("Host: music.example\r\n"));
    hd_log_mark();
    harness.config.allowed_hosts = NULL;
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    answer = requests_ask_text(GET_WITH("Host: music.example\r\n"));
    ck_assert_int_eq(answer.status, 421);
    raw_free(&answer);
}
END_TEST

/* -- what changes something -------------------------------------------------------------------- */

/* A POST to a path; headers: whole lines, form: the body. {cookie}, {token} and {other} (the token
 * of somebody else) are filled in here. */
static struct raw_answer post(const char *path, const char *headers, const char *form,
                              const struct visitor *visitor, const struct visitor *other)
{
    const char *const words[][2] = {{"{cookie}", visitor->cookie},
                                    {"{token}", visitor->token},
                                    {"{other}", other->token},
                                    {"{other_cookie}", other->cookie}};
    char body[400], text[2000];
    struct raw_answer answer;

    snprintf(body, sizeof(body), "%s", form);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(form, words[i][0]) == 0)
            snprintf(body, sizeof(body), "token=%s", words[i][1]);
    }
    snprintf(text, sizeof(text),
             "POST %s HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n%sContent-Length: %zu\r\n"
             "\r\n%s",
             path, headers, strlen(body), body);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char *place = strstr(text, words[i][0]), rest[2000];

        if (!place)
            continue;
        snprintf(rest, sizeof(rest), "%s", place + strlen(words[i][0]));
        snprintf(place, sizeof(text) - (size_t)(place - text), "%s%s", words[i][1], rest);
    }
    answer = requests_ask_text(text);
    return answer;
}

#define COOKIE "Cookie: {cookie}\r\n"
#define OURS "Origin: http://{host}\r\n"

static const struct {
    const char *what, *path, *headers, *form;
} forgeries[] = {
    {"no token", "/spotify/connect", COOKIE OURS FORM, ""},
    {"an empty token", "/spotify/connect", COOKIE OURS FORM, "token="},
    {"a token made up", "/spotify/connect", COOKIE OURS FORM,
     "token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    {"another browser's token", "/spotify/connect", COOKIE OURS FORM, "{other}"},
    {"a token without its cookie", "/spotify/connect", OURS FORM, "{token}"},
    {"two cookies of ours", "/spotify/connect", "Cookie: {other_cookie}; {cookie}\r\n" OURS FORM,
     "{token}"},
    {"an empty cookie", "/spotify/connect", "Cookie: historyd_browser=\r\n" OURS FORM, "{token}"},
    {"a foreign Origin", "/spotify/connect", COOKIE "Origin: http://evil.example\r\n" FORM,
     "{token}"},
    {"Origin: null", "/spotify/connect", COOKIE "Origin: null\r\n" FORM, "{token}"},
    {"an empty Origin", "/spotify/connect", COOKIE "Origin: \r\n" FORM, "{token}"},
    {"an Origin on another port", "/spotify/connect", COOKIE "Origin: http://127.0.0.1:1\r\n" FORM,
     "{token}"},
    {"an Origin that begins as ours", "/spotify/connect",
     COOKIE "Origin: http://{host}.evil.example\r\n" FORM, "{token}"},
    {"Sec-Fetch-Site: cross-site", "/spotify/connect",
     COOKIE OURS "Sec-Fetch-Site: cross-site\r\n" FORM, "{token}"},
    {"Sec-Fetch-Site: same-site", "/spotify/connect",
     COOKIE OURS "Sec-Fetch-Site: same-site\r\n" FORM, "{token}"},
    {"the token in the address", "/spotify/connect?token={token}", COOKIE OURS FORM, "user=1"},
    {"no form but a text", "/spotify/connect", COOKIE OURS "Content-Type: text/plain\r\n",
     "{token}"},
    {"leaving without a token", "/password/logout", COOKIE OURS FORM, ""},
    {"a password from elsewhere", "/password", COOKIE "Origin: http://evil.example\r\n" FORM,
     "{token}"},
};

START_TEST(H2_a_forged_form_is_403_and_changes_nothing)
{
    struct visitor visitor, other;
    char *before, *after;

    requests_begin(1);
    visitor = requests_visit();
    other = requests_visit();
    before = db_dump();
    for (size_t i = 0; i < COUNT_OF(forgeries); i++) {
        struct raw_answer answer =
            post(forgeries[i].path, forgeries[i].headers, forgeries[i].form, &visitor, &other);

        ck_assert_msg(answer.status == 403, "%s: %ld\n%s", forgeries[i].what, answer.status,
                      answer.text);
        ck_assert_msg(!strstr(answer.text, "\nLocation:"), "%s:\n%s", forgeries[i].what,
                      answer.text);
        raw_free(&answer);
    }
    after = db_dump();
    ck_assert_str_eq(before, after);
    ck_assert(!hd_logged("a sign-in begins"));
    ck_assert_int_eq(fake_count("token", 0) + fake_count("authorize", 0), 0);
    free(before);
    free(after);
}
END_TEST

static const struct {
    const char *what, *headers;
} good_posts[] = {
    {"as a browser sends it", COOKIE OURS "Sec-Fetch-Site: same-origin\r\n" FORM},
    {"without Origin, as old browsers do", COOKIE FORM},
    {"through a proxy with TLS", COOKIE "Origin: https://{host}\r\n" FORM},
    {"among cookies of others", "Cookie: a=b; {cookie}; c=d\r\n" OURS FORM},
    {"with a charset",
     COOKIE OURS "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"},
};

START_TEST(H2_a_form_of_ours_is_taken)
{
    struct visitor visitor;

    requests_begin(1);
    visitor = requests_visit();
    for (size_t i = 0; i < COUNT_OF(good_posts); i++) {
        struct raw_answer answer =
            post("/spotify/connect", good_posts[i].headers, "{token}", &visitor, &visitor);

        ck_assert_msg(answer.status == 303 && strstr(answer.text, "/authorize?"), "%s: %ld\n%s",
                      good_posts[i].what, answer.status, answer.text);
        raw_free(&answer);
    }
}
END_TEST

START_TEST(H2_a_token_is_of_no_use_after_a_restart)
{
    struct visitor visitor;
    struct raw_answer answer;

    requests_begin(1);
    visitor = requests_visit();
    hd_stop(SIGTERM);
    hd_start();
    answer = post("/spotify/connect", COOKIE OURS FORM, "{token}", &visitor, &visitor);
    ck_assert_int_eq(answer.status, 403);
    raw_free(&answer);
}
END_TEST

static const char *const users_made_up[] = {
    "user=-1",         "user=0x1",  "user=1%00", "user=99999999999999999999",
    "user=1%20OR%201", "user=';--", "user=7"};

START_TEST(H8_a_user_who_is_not_there_cannot_be_renewed)
{
    struct visitor visitor;
    char form[300];

    requests_begin(1);
    visitor = requests_visit();
    for (size_t i = 0; i < COUNT_OF(users_made_up); i++) {
        struct raw_answer answer;

        snprintf(form, sizeof(form), "token=%s&%s", visitor.token, users_made_up[i]);
        answer = post("/spotify/connect", COOKIE OURS FORM, form, &visitor, &visitor);
        ck_assert_msg(answer.status == 400 || answer.status == 404, "%s: %ld\n%s", users_made_up[i],
                      answer.status, answer.text);
        raw_free(&answer);
    }
    ck_assert(!hd_logged("a sign-in begins"));
}
END_TEST

/* -- what every answer says -------------------------------------------------------------------- */

static const struct bytes answers_of_all_kinds[] = {
    BYTES("accounts", GET_OF("/spotify")),
    BYTES("the root", GET_OF("/")),
    BYTES("a callback", GET_OF("/spotify/callback?error=access_denied&state=abc")),
    BYTES("the password", GET_OF("/password")),
    BYTES("nothing there", GET_OF("/nothing")),
    BYTES("malformed", GET_OF("/spotify%zz")),
    BYTES("another method",
          "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    BYTES("a forged form", POST_WITH("Content-Length: 0\r\n", "")),
    BYTES("another name", GET_WITH("Host: evil.example\r\n")),
    BYTES("signs of life", GET_OF("/healthz")),
    BYTES("robots", GET_OF("/robots.txt")),
};

static const char *const promises[] = {
    ("\r\nContent-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
     "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"),
    "\r\nX-Content-Type-Options: nosniff\r\n",
    "\r\nReferrer-Policy: no-referrer\r\n",
    "\r\nCache-Control: no-store\r\n",
};

START_TEST(every_answer_says_what_a_browser_must_not_do_with_it)
{
    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(answers_of_all_kinds); i++) {
        const struct bytes *bytes = &answers_of_all_kinds[i];
        struct raw_answer answer = requests_ask(bytes->text, bytes->len);

        for (size_t j = 0; j < COUNT_OF(promises); j++)
            ck_assert_msg(strstr(answer.text, promises[j]) != NULL, "%s: no %s in\n%s", bytes->what,
                          promises[j] + 2, answer.text);
        ck_assert_msg(!strstr(answer.text, "unsafe-inline"), "%s", bytes->what);
        ck_assert_msg(!strcasestr(answer.text, "<script"), "%s", bytes->what);
        ck_assert_msg(!strcasestr(answer.text, "\r\nServer:"), "%s:\n%s", bytes->what, answer.text);
        raw_free(&answer);
    }
}
END_TEST

static const struct bytes asked_from_elsewhere[] = {
    BYTES("GET", "GET /spotify HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n"
                 "Connection: close\r\n\r\n"),
    BYTES("preflight", "OPTIONS /spotify/connect HTTP/1.1\r\nHost: {host}\r\n"
                       "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n"
                       "Access-Control-Request-Private-Network: true\r\nConnection: close\r\n\r\n"),
};

START_TEST(no_other_site_is_allowed_to_read_it)
{
    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(asked_from_elsewhere); i++) {
        struct raw_answer answer =
            requests_ask(asked_from_elsewhere[i].text, asked_from_elsewhere[i].len);

        ck_assert_msg(!strcasestr(answer.text, "Access-Control"), "%s", answer.text);
        raw_free(&answer);
    }
}
END_TEST

START_TEST(the_cookie_is_out_of_reach_of_scripts_and_other_sites)
{
    struct raw_answer answer;
    const char *cookie;

    requests_begin(1);
    answer = requests_ask_text(GET_OF("/spotify"));
    cookie = strstr(answer.text, "\r\nSet-Cookie: ");
    ck_assert_ptr_nonnull(cookie);
    ck_assert_ptr_null(strstr(cookie + 2, "\r\nSet-Cookie: "));
    ck_assert_ptr_nonnull(strstr(cookie, "; HttpOnly"));
    ck_assert_ptr_nonnull(strstr(cookie, "; SameSite=Lax"));
    ck_assert_ptr_nonnull(strstr(cookie, "; Path=/"));
    ck_assert_ptr_null(strstr(cookie, "Domain="));
    raw_free(&answer);
}
END_TEST

START_TEST(what_came_in_the_address_does_not_come_back_as_markup)
{
    struct raw_answer answer;

    requests_begin(1);
    answer = requests_ask_text(
        GET_OF("/spotify/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&state=a"));
    ck_assert_ptr_null(strstr(answer.text, "<script"));
    raw_free(&answer);
    answer = requests_ask_text(GET_OF("/%3Cimg%20src=x%20onerror=alert(1)%3E"));
    ck_assert_ptr_null(strstr(answer.text, "<img"));
    raw_free(&answer);
}
END_TEST

/* -- secrets ----------------------------------------------------------------------------------- */

static void expect_no_secret(const char *what, const char *text)
{
    static const char *const secrets[] = {HARNESS_CANARY, "code_verifier", "refresh_token",
                                          "access_token", "sealed"};

    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        ck_assert_msg(!strstr(text, secrets[i]), "%s: %s in\n%s", what, secrets[i], text);
}

static void look_at(struct browser *browser, const char *address)
{
    struct page page = browser_get(browser, address);

    expect_no_secret(address, page.headers);
    expect_no_secret(address, page.body);
    page_free(&page);
}

static void ask_control(const char *path)
{
    json_t *json = control_ask(NULL, "GET", path, NULL);
    char *text = json_dumps(json, 0);

    expect_no_secret(path, text);
    free(text);
    json_decref(json);
}

/* At the most talkative level; the harness looks into the files. */
START_TEST(P4_no_answer_holds_a_token_or_a_code)
{
    struct browser *browser;
    char *address, *back;

    harness.config.level = "debug";
    requests_begin(2);
    browser = browser_open();
    address = browser_begin_login(browser, 0);
    expect_no_secret("the way to Spotify", address);
    back = browser_at_spotify(browser, address, 1);
    ck_assert_ptr_nonnull(strstr(back, HARNESS_CANARY)); /* the code */
    look_at(browser, back);
    look_at(browser, back); /* used up */
    free(back);
    back = browser_at_spotify(browser, address, 2);
    look_at(browser, back);
    look_at(browser, "/spotify/callback?code=" HARNESS_CANARY "1&state=" HARNESS_CANARY "2");
    look_at(browser, "/spotify/callback?error=" HARNESS_CANARY "3%");
    look_at(browser, "/spotify");
    ask_control("/v1/status");
    ask_control("/v1/users");
    ask_control("/v1/users/1");
    free(address);
    free(back);
    browser_close(browser);
}
END_TEST

START_TEST(P4_a_token_that_is_handed_in_is_not_said_again)
{
    json_t *json;
    char *text;

    harness.config.level = "debug";
    requests_begin(1);
    json = control_ask(NULL, "POST", "/v1/login", "{'refresh_token':'%s'}", fake_token(1));
    text = json_dumps(json, 0);
    expect_no_secret("login", text);
    free(text);
    json_decref(json);
    harness_wait_until(db_int("SELECT count(*) FROM users") == 1);
    json = control_ask(NULL, "POST", "/v1/login", "{'refresh_token':'" HARNESS_CANARY "',}");
    text = json_dumps(json, 0);
    ck_assert_ptr_null(strstr(text, HARNESS_CANARY));
    free(text);
    json_decref(json);
}
END_TEST

Suite *page_suite(void)
{
    Suite *suite = suite_create("page");
    TCase *names = harness_case(suite, "names");
    TCase *forms = harness_case(suite, "forms");
    TCase *headers = harness_case(suite, "headers");
    TCase *secrets = harness_case(suite, "secrets");

    tcase_add_test(names, H1_a_foreign_Host_gets_nothing);
    tcase_add_test(names, H1_a_foreign_name_is_answered_with_421);
    tcase_add_test(names, H1_a_foreign_name_gets_nothing_by_any_method);
    tcase_add_test(names, H1_a_target_with_a_host_in_it_gets_nothing);
    tcase_add_test(names, the_names_of_this_machine_are_served);
    tcase_add_test(names,
                   a_name_that_is_allowed_is_served_after_a_reload_and_no_longer_after_another);
    tcase_add_test(forms, H2_a_forged_form_is_403_and_changes_nothing);
    tcase_add_test(forms, H2_a_form_of_ours_is_taken);
    tcase_add_test(forms, H2_a_token_is_of_no_use_after_a_restart);
    tcase_add_test(forms, H8_a_user_who_is_not_there_cannot_be_renewed);
    tcase_add_test(headers, every_answer_says_what_a_browser_must_not_do_with_it);
    tcase_add_test(headers, no_other_site_is_allowed_to_read_it);
    tcase_add_test(headers, the_cookie_is_out_of_reach_of_scripts_and_other_sites);
    tcase_add_test(headers, what_came_in_the_address_does_not_come_back_as_markup);
    tcase_add_test(secrets, P4_no_answer_holds_a_token_or_a_code);
    tcase_add_test(secrets, P4_a_token_that_is_handed_in_is_not_said_again);
    return suite;
}
