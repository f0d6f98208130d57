/* SPDX-License-Identifier: MIT */
/* The page, and those who mean it ill: other sites, odd requests, floods. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define PATIENCE_MS 15000 /* until a connection that is to be closed is closed */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The fake with so many accounts, nobody signed in, and a daemon that polls only when told to. */
static void begin(int accounts)
{
    char count[12];

    snprintf(count, sizeof(count), "%d", accounts);
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", count);
    hd_start();
}

/* Sends a text with {host} and {port} filled in. */
static struct raw_answer ask(const char *text, size_t len)
{
    char *filled = raw_fill(text, &len);
    struct raw_answer answer = raw_ask(filled, len, PATIENCE_MS);

    free(filled);
    return answer;
}

static struct raw_answer ask_text(const char *text)
{
    return ask(text, strlen(text));
}

static void expect_served(const char *text)
{
    struct raw_answer answer = ask_text(text);

    ck_assert_msg(answer.status == 200, "%ld for %s:\n%s", answer.status, text, answer.text);
    raw_free(&answer);
}

static void expect_alive(void)
{
    expect_served("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
}

/* HTTP lets a server answer so, or close without a word. */
static bool is_refusal(const struct raw_answer *answer)
{
    return (answer->status == 0 && answer->len == 0) ||
           (answer->status >= 400 && answer->status < 500) || answer->status == 501 ||
           answer->status == 505;
}

static void expect_refused(const char *what, const char *text, size_t len)
{
    struct raw_answer answer = ask(text, len);

    ck_assert_msg(is_refusal(&answer), "%s: %ld:\n%.600s", what, answer.status, answer.text);
    ck_assert_msg(answer.is_closed, "%s: the connection stays open:\n%.600s", what, answer.text);
    ck_assert_msg(!strstr(answer.text, "name=\"token\""), "%s: a form", what);
    raw_free(&answer);
}

struct bytes {
    const char *what, *text;
    size_t len;
};
#define BYTES(what, text)            \
    {                                \
        what, text, sizeof(text) - 1 \
    }

static void expect_all_refused(const struct bytes *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_refused(list[i].what, list[i].text, list[i].len);
        expect_alive();
    }
}

/* -- by which name it is asked for ------------------------------------------------------------- */

#define GET_WITH(lines) "GET /spotify HTTP/1.1\r\n" lines "Connection: close\r\n\r\n"

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
    begin(1);
    expect_all_refused(foreign_hosts, COUNT_OF(foreign_hosts));
}
END_TEST

START_TEST(H1_a_foreign_name_is_answered_with_421)
{
    struct raw_answer answer;

    begin(1);
    answer = ask_text(GET_WITH("Host: evil.example\r\n"));
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
    begin(1);
    expect_all_refused(other_methods_of_foreigners, COUNT_OF(other_methods_of_foreigners));
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
    begin(1);
    expect_all_refused(odd_forms, COUNT_OF(odd_forms));
}
END_TEST

START_TEST(the_names_of_this_machine_are_served)
{
    begin(1);
    expect_served(GET_WITH("Host: {host}\r\n"));
    expect_served(GET_WITH("Host: localhost:{port}\r\n"));
    expect_served(GET_WITH("Host: LocalHost:{port}\r\n"));
    expect_served(GET_WITH("Host: [::1]:{port}\r\n"));
}
END_TEST

START_TEST(a_name_that_is_allowed_is_served_after_a_reload_and_no_longer_after_another)
{
    struct raw_answer answer;

    begin(1);
    harness.config.allowed_hosts = "{ \"music.example\" }";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    expect_served(GET_WITH("Host: music.example\r\n"));
    hd_log_mark();
    harness.config.allowed_hosts = NULL;
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    answer = ask_text(GET_WITH("Host: music.example\r\n"));
    ck_assert_int_eq(answer.status, 421);
    raw_free(&answer);
}
END_TEST

/* -- what changes something -------------------------------------------------------------------- */

/* One who has the page open. */
struct visitor {
    char cookie[120], token[120];
};

static struct visitor visit(void)
{
    struct visitor visitor;
    struct browser *browser = browser_open();
    struct page page = browser_get(browser, "/spotify");
    const char *cookie = page_header(&page, "Set-Cookie");

    ck_assert_ptr_nonnull(cookie);
    snprintf(visitor.cookie, sizeof(visitor.cookie), "%.*s", (int)strcspn(cookie, ";"), cookie);
    ck_assert_ptr_nonnull(page_field(&page, "token"));
    snprintf(visitor.token, sizeof(visitor.token), "%s", page_field(&page, "token"));
    page_free(&page);
    browser_close(browser);
    return visitor;
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

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
    answer = ask_text(text);
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

    begin(1);
    visitor = visit();
    other = visit();
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

    begin(1);
    visitor = visit();
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

    begin(1);
    visitor = visit();
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

    begin(1);
    visitor = visit();
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

/* -- methods ----------------------------------------------------------------------------------- */

static const char *const pages[] = {"/",
                                    "/spotify",
                                    "/spotify/callback?error=x",
                                    "/password",
                                    "/style.css",
                                    "/favicon.svg",
                                    "/healthz",
                                    "/robots.txt",
                                    "/nothing",
                                    "/spotify?x=%zz"};

/* Status line and headers, sorted by nothing, without Date. */
static char *head_of(const char *method, const char *path, const struct visitor *visitor,
                     size_t *body_len)
{
    char text[400], *end, *date;
    struct raw_answer answer;

    snprintf(text, sizeof(text),
             "%s %s HTTP/1.1\r\nHost: {host}\r\nCookie: %s\r\nConnection: close\r\n\r\n", method,
             path, visitor->cookie);
    answer = ask_text(text);
    end = strstr(answer.text, "\r\n\r\n");
    ck_assert_msg(end != NULL, "%s %s: %s", method, path, answer.text);
    *body_len = answer.len - (size_t)(end + 4 - answer.text);
    end[2] = '\0';
    date = strstr(answer.text, "\nDate:");
    if (date)
        memset(date, ' ', strcspn(date + 1, "\n") + 1);
    return answer.text;
}

START_TEST(HEAD_has_the_headers_of_GET_and_no_body)
{
    struct visitor visitor;

    begin(1);
    visitor = visit();
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        size_t get_len, head_len;
        char *get = head_of("GET", pages[i], &visitor, &get_len);
        char *head = head_of("HEAD", pages[i], &visitor, &head_len);

        ck_assert_msg(strcmp(get, head) == 0, "%s:\n%s\nis not\n%s", pages[i], get, head);
        ck_assert_msg(head_len == 0, "%s: %zu bytes behind the head", pages[i], head_len);
        free(get);
        free(head);
    }
}
END_TEST

static const char *const odd_methods[] = {
    "PUT", "DELETE", "PATCH",    "TRACE", "MOVE",     "BREW",
    "get", "GET1",   "PROPFIND", "POST",  "M-SEARCH", "GETGETGETGETGETGETGETGETGETGETGET"};

START_TEST(a_method_that_is_none_of_ours_is_405_or_501)
{
    begin(1);
    for (size_t i = 0; i < COUNT_OF(odd_methods); i++) {
        char text[200];
        struct raw_answer answer;

        snprintf(text, sizeof(text),
                 "%s /spotify HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n",
                 odd_methods[i]);
        answer = ask_text(text);
        ck_assert_msg(is_refusal(&answer) && answer.is_closed, "%s: %ld\n%s", odd_methods[i],
                      answer.status, answer.text);
        ck_assert_msg(answer.status != 405 || strstr(answer.text, "\nAllow: GET, HEAD"), "%s:\n%s",
                      odd_methods[i], answer.text);
        raw_free(&answer);
    }
    expect_alive();
}
END_TEST

/* Such a connection may stay open until its deadline; there is nothing at its other end. */
START_TEST(CONNECT_leads_nowhere)
{
    static const char *const targets[] = {"/spotify", "{host}", "evil.example:80"};

    begin(1);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        char text[200], *filled;
        struct raw_answer answer;

        snprintf(text, sizeof(text), "CONNECT %s HTTP/1.1\r\nHost: {host}\r\n\r\n", targets[i]);
        filled = raw_fill(text, NULL);
        answer = raw_ask(filled, strlen(filled), 500);
        ck_assert_msg(is_refusal(&answer), "%s: %ld\n%s", targets[i], answer.status, answer.text);
        raw_free(&answer);
        free(filled);
    }
    expect_alive();
}
END_TEST

START_TEST(a_form_cannot_be_sent_with_GET)
{
    struct browser *browser;
    struct page page;

    begin(1);
    browser = browser_open();
    page = browser_get(browser, "/spotify/connect");
    ck_assert_int_eq(page.status, 405);
    ck_assert_ptr_nonnull(page_header(&page, "Allow"));
    page_free(&page);
    page = browser_get(browser, "/password/logout");
    ck_assert_int_eq(page.status, 405);
    page_free(&page);
    browser_close(browser);
}
END_TEST

/* -- what is no proper request ----------------------------------------------------------------- */

#define GET_OF(target) "GET " target " HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"

static const struct bytes odd_targets[] = {
    BYTES("%00", GET_OF("/spotify%00")),
    BYTES("%00 in the middle", GET_OF("/spotify%00/callback")),
    BYTES("%00 in the query", GET_OF("/spotify?signed_in=1%00")),
    BYTES("%zz", GET_OF("/spotify%zz")),
    BYTES("% at the end", GET_OF("/spotify%")),
    BYTES("%zz in the query", GET_OF("/spotify?a=%zz")),
    BYTES("no UTF-8", GET_OF("/spotify%ff")),
    BYTES("no UTF-8, raw", GET_OF("/spotify\xff")),
    BYTES("overlong UTF-8", GET_OF("/%c0%af")),
    BYTES("a surrogate", GET_OF("/%ed%a0%80")),
    BYTES("no UTF-8 in the query", GET_OF("/spotify?a=%ff")),
    BYTES("a control byte", GET_OF("/spo\x01tify")),
    BYTES("a coded control byte", GET_OF("/spo%01tify")),
    BYTES("a coded line end", GET_OF("/spotify%0d%0aX-A:%20b")),
    BYTES("a NUL", GET_OF("/spotify\0")),
    BYTES("a fragment", GET_OF("/spotify#a")),
    BYTES("dot segments", GET_OF("/../spotify")),
    BYTES("dot segments inside", GET_OF("/password/../spotify")),
    BYTES("coded dot segments", GET_OF("/%2e%2e/spotify")),
    BYTES("a dot", GET_OF("/./spotify")),
    BYTES("outside", GET_OF("/../../../../etc/passwd")),
    BYTES("outside, coded", GET_OF("/%2e%2e%2f%2e%2e%2fetc%2fpasswd")),
    BYTES("a slash at the end", GET_OF("/spotify/")),
    BYTES("another case", GET_OF("/Spotify")),
    BYTES("a parameter", GET_OF("/spotify;a=b")),
    BYTES("two blanks", "GET  /spotify HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    BYTES("no target", "GET  HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
};

START_TEST(H4_a_target_that_is_malformed_or_goes_elsewhere_gets_nothing)
{
    begin(1);
    expect_all_refused(odd_targets, COUNT_OF(odd_targets));
}
END_TEST

/* begin, then fill count times, then end. */
static void expect_long_refused(const char *what, const char *first, const char *fill, size_t count,
                                const char *end)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    fputs(first, out);
    while (count-- > 0)
        fputs(fill, out);
    fputs(end, out);
    fclose(out);
    expect_refused(what, text, len);
    free(text);
    expect_alive();
}

START_TEST(H4_H5_what_is_too_long_is_cut_off)
{
    static const char end[] = " HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n";

    begin(1);
    expect_long_refused("100 KB target", "GET /", "aaaaaaaaaa", 10240, end);
    expect_long_refused("100 KB query", "GET /spotify?a=", "aaaaaaaaaa", 10240, end);
    expect_long_refused("1000 fields", "GET /spotify?a=b", "&a=b", 1000, end);
    expect_long_refused("1 MB in one header",
                        "GET /spotify HTTP/1.1\r\nHost: {host}\r\nX-A: ", "aaaaaaaaaa", 104858,
                        "\r\n\r\n");
    expect_long_refused("1 MB of headers", "GET /spotify HTTP/1.1\r\nHost: {host}\r\n",
                        "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 20000, "\r\n");
    expect_long_refused("1 MB without a line end", "GET ", "aaaaaaaaaa", 104858, "");
    expect_long_refused("1 MB of empty lines", "", "\r\n", 524288, "BREW\r\n\r\n");
    expect_long_refused("a long method", "", "AAAAAAAAAA", 10240,
                        " /spotify HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    expect_long_refused("a long body",
                        "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        "Content-Length: 1048580\r\n\r\n",
                        "aaaaaaaaaa", 104858, "");
    expect_long_refused("a long body in chunks",
                        "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n",
                        "1000\r\n"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                        5000, "");
}
END_TEST

/* Chunks that are well-formed: only their sum is too much. */
START_TEST(H5_a_body_in_chunks_that_grows_too_long_is_cut_off)
{
    char chunk[4096 + 16];

    begin(1);
    memset(chunk, 'a', sizeof(chunk));
    memcpy(chunk, "1000\r\n", 6);
    memcpy(chunk + 6 + 4096, "\r\n", 3);
    expect_long_refused("chunks",
                        "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n",
                        chunk, 300, "0\r\n\r\n");
}
END_TEST

#define POST_WITH(lines, body)                                                              \
    "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\n" FORM "Connection: close\r\n" lines \
    "\r\n" body

static const struct bytes odd_bodies[] = {
    BYTES("10^11 bytes", POST_WITH("Content-Length: 100000000000\r\n", "a=b")),
    BYTES("10^30 bytes", POST_WITH("Content-Length: 1000000000000000000000000000000\r\n", "a=b")),
    BYTES("-1 bytes", POST_WITH("Content-Length: -1\r\n", "a=b")),
    BYTES("+3 bytes", POST_WITH("Content-Length: +3\r\n", "a=b")),
    BYTES("0x3 bytes", POST_WITH("Content-Length: 0x3\r\n", "a=b")),
    BYTES("3, 3 bytes", POST_WITH("Content-Length: 3, 3\r\n", "a=b")),
    BYTES("no number", POST_WITH("Content-Length: three\r\n", "a=b")),
    BYTES("an empty length", POST_WITH("Content-Length: \r\n", "a=b")),
    BYTES("length and chunks", POST_WITH("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                                         "3\r\na=b\r\n0\r\n\r\n")),
    BYTES("chunks and length", POST_WITH("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                                         "3\r\na=b\r\n0\r\n\r\n")),
    BYTES("two lengths", POST_WITH("Content-Length: 3\r\nContent-Length: 4\r\n", "a=bc")),
    BYTES("the same length twice", POST_WITH("Content-Length: 3\r\nContent-Length: 3\r\n", "a=b")),
    BYTES("chunked twice",
          POST_WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
    BYTES("an unknown coding", POST_WITH("Transfer-Encoding: gzip\r\n", "a=b")),
    BYTES("a hidden coding", POST_WITH("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
    BYTES("a chunk's size is no number", POST_WITH("Transfer-Encoding: chunked\r\n", "zz\r\n\r\n")),
    BYTES("a chunk's size is negative", POST_WITH("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n")),
    BYTES("a chunk's size is huge",
          POST_WITH("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n")),
    BYTES("a POST without a length", POST_WITH("", "")),
    BYTES("a bad escape in the form", POST_WITH("Content-Length: 9\r\n", "token=%zz")),
    BYTES("an expectation", POST_WITH("Content-Length: 3\r\nExpect: miracles\r\n", "a=b")),
};

START_TEST(H5_a_body_whose_length_is_odd_is_refused)
{
    begin(1);
    expect_all_refused(odd_bodies, COUNT_OF(odd_bodies));
}
END_TEST

/* What one server takes for the end of a request is the beginning of another's: nothing that stands
 * behind a refused request may be answered. */
static const struct bytes smuggled[] = {
    BYTES("chunks and length",
          "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
          "GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    BYTES("two lengths", "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n"
                         "Content-Length: 67\r\n\r\n"
                         "GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
};

START_TEST(H5_nothing_is_smuggled_behind_a_request)
{
    begin(1);
    for (size_t i = 0; i < COUNT_OF(smuggled); i++) {
        struct raw_answer answer = ask(smuggled[i].text, smuggled[i].len);

        ck_assert_msg(!strstr(answer.text, "200 OK"), "%s:\n%s", smuggled[i].what, answer.text);
        ck_assert_msg(answer.is_closed, "%s: stays open", smuggled[i].what);
        raw_free(&answer);
    }
    expect_alive();
}
END_TEST

static const struct bytes garbage[] = {
    BYTES("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x5a\x5a\x0d\x0a\x0d\x0a\x00\x20"),
    BYTES("TLS that waits", "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03"),
    BYTES("SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    BYTES("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    BYTES("HTTP/0.9", "GET /spotify\r\n\r\n"),
    BYTES("HTTP/9", "GET /spotify HTTP/9.9\r\nHost: {host}\r\n\r\n"),
    BYTES("NULs", "\0\0\0\0\0\0\0\0\r\n\r\n"),
    BYTES("a line", "\r\n\r\nhello\r\n\r\n"),
    BYTES("a lone LF", "GET /spotify HTTP/1.1\nHost {host}\n\n"),
    BYTES("percents", "%s%n%s%n%s%n /%s%n HTTP/1.1\r\nHost: %s%n\r\n\r\n"),
};

START_TEST(H12_garbage_300_times_is_closed_and_does_not_fill_the_log)
{
    begin(1);
    hd_log_mark();
    for (int i = 0; i < 300; i++) {
        const struct bytes *bytes = &garbage[i % (int)COUNT_OF(garbage)];
        int fd = raw_connect();

        ck_assert_int_ge(send(fd, bytes->text, bytes->len, MSG_NOSIGNAL), 0);
        close(fd);
    }
    expect_alive();
    ck_assert_int_le(hd_log_count(""), 4);
}
END_TEST

START_TEST(H12_garbage_gets_no_page)
{
    begin(1);
    for (size_t i = 0; i < COUNT_OF(garbage); i++) {
        size_t len = garbage[i].len;
        char *filled = raw_fill(garbage[i].text, &len);
        struct raw_answer answer = raw_ask(filled, len, 300);

        ck_assert_msg(is_refusal(&answer), "%s: %ld\n%s", garbage[i].what, answer.status,
                      answer.text);
        raw_free(&answer);
        free(filled);
    }
    expect_alive();
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
    BYTES("another method", "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n"
                            "Connection: close\r\n\r\n"),
    BYTES("a forged form", POST_WITH("Content-Length: 0\r\n", "")),
    BYTES("another name", GET_WITH("Host: evil.example\r\n")),
    BYTES("signs of life", GET_OF("/healthz")),
    BYTES("robots", GET_OF("/robots.txt")),
};

static const char *const promises[] = {
    "\r\nContent-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    "\r\nX-Content-Type-Options: nosniff\r\n",
    "\r\nReferrer-Policy: no-referrer\r\n",
    "\r\nCache-Control: no-store\r\n",
};

START_TEST(every_answer_says_what_a_browser_must_not_do_with_it)
{
    begin(1);
    for (size_t i = 0; i < COUNT_OF(answers_of_all_kinds); i++) {
        const struct bytes *bytes = &answers_of_all_kinds[i];
        struct raw_answer answer = ask(bytes->text, bytes->len);

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
    begin(1);
    for (size_t i = 0; i < COUNT_OF(asked_from_elsewhere); i++) {
        struct raw_answer answer = ask(asked_from_elsewhere[i].text, asked_from_elsewhere[i].len);

        ck_assert_msg(!strcasestr(answer.text, "Access-Control"), "%s", answer.text);
        raw_free(&answer);
    }
}
END_TEST

START_TEST(the_cookie_is_out_of_reach_of_scripts_and_other_sites)
{
    struct raw_answer answer;
    const char *cookie;

    begin(1);
    answer = ask_text(GET_OF("/spotify"));
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

    begin(1);
    answer = ask_text(GET_OF("/spotify/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&state=a"));
    ck_assert_ptr_null(strstr(answer.text, "<script"));
    raw_free(&answer);
    answer = ask_text(GET_OF("/%3Cimg%20src=x%20onerror=alert(1)%3E"));
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
    begin(2);
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
    begin(1);
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
    TCase *methods = harness_case(suite, "methods");
    TCase *odd = harness_case(suite, "odd requests");
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
    tcase_add_test(methods, HEAD_has_the_headers_of_GET_and_no_body);
    tcase_add_test(methods, a_method_that_is_none_of_ours_is_405_or_501);
    tcase_add_test(methods, CONNECT_leads_nowhere);
    tcase_add_test(methods, a_form_cannot_be_sent_with_GET);
    tcase_add_test(odd, H4_a_target_that_is_malformed_or_goes_elsewhere_gets_nothing);
    tcase_add_test(odd, H4_H5_what_is_too_long_is_cut_off);
    tcase_add_test(odd, H5_a_body_in_chunks_that_grows_too_long_is_cut_off);
    tcase_add_test(odd, H5_a_body_whose_length_is_odd_is_refused);
    tcase_add_test(odd, H5_nothing_is_smuggled_behind_a_request);
    tcase_add_test(odd, H12_garbage_300_times_is_closed_and_does_not_fill_the_log);
    tcase_add_test(odd, H12_garbage_gets_no_page);
    tcase_add_test(headers, every_answer_says_what_a_browser_must_not_do_with_it);
    tcase_add_test(headers, no_other_site_is_allowed_to_read_it);
    tcase_add_test(headers, the_cookie_is_out_of_reach_of_scripts_and_other_sites);
    tcase_add_test(headers, what_came_in_the_address_does_not_come_back_as_markup);
    tcase_add_test(secrets, P4_no_answer_holds_a_token_or_a_code);
    tcase_add_test(secrets, P4_a_token_that_is_handed_in_is_not_said_again);
    return suite;
}
