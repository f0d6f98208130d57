/* SPDX-License-Identifier: MIT */
/* Requests that are odd, broken or endless. */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    answer = requests_ask_text(text);
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

    requests_begin(1);
    visitor = requests_visit();
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
    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(odd_methods); i++) {
        char text[200];
        struct raw_answer answer;

        snprintf(text, sizeof(text),
                 "%s /spotify HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n",
                 odd_methods[i]);
        answer = requests_ask_text(text);
        ck_assert_msg(requests_is_refusal(&answer) && answer.is_closed, "%s: %ld\n%s",
                      odd_methods[i], answer.status, answer.text);
        ck_assert_msg(answer.status != 405 || strstr(answer.text, "\nAllow: GET, HEAD"), "%s:\n%s",
                      odd_methods[i], answer.text);
        raw_free(&answer);
    }
    requests_expect_alive();
}
END_TEST

/* Such a connection may stay open until its deadline; there is nothing at its other end. */
START_TEST(CONNECT_leads_nowhere)
{
    static const char *const targets[] = {"/spotify", "{host}", "evil.example:80"};

    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        char text[200], *filled;
        struct raw_answer answer;

        snprintf(text, sizeof(text), "CONNECT %s HTTP/1.1\r\nHost: {host}\r\n\r\n", targets[i]);
        filled = raw_fill(text, NULL);
        answer = raw_ask(filled, strlen(filled), 500);
        ck_assert_msg(requests_is_refusal(&answer), "%s: %ld\n%s", targets[i], answer.status,
                      answer.text);
        raw_free(&answer);
        free(filled);
    }
    requests_expect_alive();
}
END_TEST

START_TEST(a_form_cannot_be_sent_with_GET)
{
    struct browser *browser;
    struct page page;

    requests_begin(1);
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
    requests_begin(1);
    requests_expect_all_refused(odd_targets, COUNT_OF(odd_targets));
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
    requests_expect_refused(what, text, len);
    free(text);
    requests_expect_alive();
}

START_TEST(H4_H5_what_is_too_long_is_cut_off)
{
    static const char end[] = " HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n";

    requests_begin(1);
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

    requests_begin(1);
    memset(chunk, 'a', sizeof(chunk));
    memcpy(chunk, "1000\r\n", 6);
    memcpy(chunk + 6 + 4096, "\r\n", 3);
    expect_long_refused("chunks",
                        "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n",
                        chunk, 300, "0\r\n\r\n");
}
END_TEST

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
    requests_begin(1);
    requests_expect_all_refused(odd_bodies, COUNT_OF(odd_bodies));
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
    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(smuggled); i++) {
        struct raw_answer answer = requests_ask(smuggled[i].text, smuggled[i].len);

        ck_assert_msg(!strstr(answer.text, "200 OK"), "%s:\n%s", smuggled[i].what, answer.text);
        ck_assert_msg(answer.is_closed, "%s: stays open", smuggled[i].what);
        raw_free(&answer);
    }
    requests_expect_alive();
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
    requests_begin(1);
    hd_log_mark();
    for (int i = 0; i < 300; i++) {
        const struct bytes *bytes = &garbage[i % (int)COUNT_OF(garbage)];
        int fd = raw_connect();

        ck_assert_int_ge(send(fd, bytes->text, bytes->len, MSG_NOSIGNAL), 0);
        close(fd);
    }
    requests_expect_alive();
    ck_assert_int_le(hd_log_count(""), 4);
}
END_TEST

START_TEST(H12_garbage_gets_no_page)
{
    requests_begin(1);
    for (size_t i = 0; i < COUNT_OF(garbage); i++) {
        size_t len = garbage[i].len;
        char *filled = raw_fill(garbage[i].text, &len);
        struct raw_answer answer = raw_ask(filled, len, 300);

        ck_assert_msg(requests_is_refusal(&answer), "%s: %ld\n%s", garbage[i].what, answer.status,
                      answer.text);
        raw_free(&answer);
        free(filled);
    }
    requests_expect_alive();
}
END_TEST

Suite *requests_suite(void)
{
    Suite *suite = suite_create("requests");
    TCase *methods = harness_case(suite, "methods");
    TCase *odd = harness_case(suite, "odd requests");

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
    return suite;
}
