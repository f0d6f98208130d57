/* SPDX-License-Identifier: MIT */
/* web/http against what is no request, or none of ours: what HTTP says is what it gets. */
#include "http_help.h"
#include "lib/chance.h"
#include "lib/count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A request in full (no header is added), and the status it gets. */
struct refusal {
    const char *request;
    int status;
};

/* What evhttp cannot read it refuses in its own words. */
static const char *expect_status(const struct refusal *refusal)
{
    const char *answer = web_ask(refusal->request);

    ck_assert_msg(web_status(answer) == refusal->status, "%d expected for:\n%s\ngot:\n%s",
                  refusal->status, refusal->request, answer);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nDate: "));
    ck_assert_ptr_nonnull(strstr(answer, "\r\nConnection: close\r\n"));
    ck_assert_int_eq(web_world.calls, 0);
    ck_assert_int_eq(web_world.admitted, 0);
    ck_assert_int_eq(web_world.log_lines, 0);
    return answer;
}

static void expect_refusal(const struct refusal *refusal)
{
    ck_assert_ptr_nonnull(strstr(expect_status(refusal), "\r\nX-Frame-Options: DENY\r\n"));
}

#define GET_PAGE "GET / HTTP/1.1\r\nHost: page\r\n"
#define POST_PAGE "POST /body HTTP/1.1\r\nHost: page\r\n"

static const struct refusal malformed[] = {
    {"GET  / HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET /  HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {" GET / HTTP/1.1\r\nHost: page\r\n\r\n", 501},
    {"GET / HTTP/0.9\r\nHost: page\r\n\r\n", 505},
    {"G@T / HTTP/1.1\r\nHost: page\r\n\r\n", 501},
    {"get / HTTP/1.1\r\nHost: page\r\n\r\n", 501},
    {"BREW / HTTP/1.1\r\nHost: page\r\n\r\n", 501},
    {GET_PAGE ": no name\r\n\r\n", 400},
    {GET_PAGE "A : blank before the colon\r\n\r\n", 400},
    {GET_PAGE "A: b\x01\r\n\r\n", 400},
    {GET_PAGE "A: b\x7f\r\n\r\n", 400},
};

START_TEST(what_is_malformed_is_refused)
{
    expect_refusal(&malformed[_i]);
}
END_TEST

static const struct refusal unreadable[] = {
    {"GET /\r\nHost: page\r\n\r\n", 400},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET / http/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET / HTTP/11\r\nHost: page\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\nHost: page\r\n\r\n", 400},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"GET //evil:port/x HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {GET_PAGE "no colon\r\n\r\n", 400},
    {GET_PAGE "A: b\rc\r\n\r\n", 400},
    {POST_PAGE "Expect: wonders\r\nContent-Length: 1\r\n\r\na", 417},
    {POST_PAGE "Content-Length: -1\r\n\r\n", 400},
    {POST_PAGE "Content-Length: 0x1\r\n\r\na", 400},
    {POST_PAGE "Content-Length: 1, 1\r\n\r\na", 400},
    {POST_PAGE "Content-Length:\r\n\r\n", 400},
    {POST_PAGE "Content-Length: 65537\r\n\r\n", 413},
    {POST_PAGE "Content-Length: 99999999999\r\n\r\n", 413},
    {POST_PAGE "Content-Length: 18446744073709551617\r\n\r\na", 413},
    {GET_PAGE "Content-Length: 99999999999\r\n\r\n", 413},
    {POST_PAGE "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413},
    {POST_PAGE "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", 413},
};

START_TEST(what_evhttp_cannot_read_it_refuses)
{
    expect_status(&unreadable[_i]);
}
END_TEST

/* RFC 9112, 2.2 and 5.2, and RFC 9110, 10.1.1 allow it. */
START_TEST(what_can_be_read_all_the_same_is_taken)
{
    ck_assert_int_eq(
        web_status(web_ask("GET / HTTP/1.1 \r\nHost: page\r\nConnection: close\r\n\r\n")), 200);
    ck_assert_int_eq(web_status(web_ask("GET / HTTP/1.1\nHost: page\nConnection: close\n\n")), 200);
    ck_assert_int_eq(web_status(web_method_call("GET", "/", "A: b\r\n folded: line\r\n")), 200);
    ck_assert_int_eq(web_status(web_method_call("GET", "/", "Expect: wonders\r\n")), 200);
}
END_TEST

/* Where the body ends is unknown then: what follows is never taken for a request. */
static const char *const bad_chunks[] = {"-1\r\n", ";x\r\n", "1g\r\na\r\n"};

START_TEST(chunks_that_cannot_be_read_end_the_connection)
{
    char request[256];

    snprintf(request, sizeof(request),
             POST_PAGE "Transfer-Encoding: chunked\r\n\r\n%s" GET_PAGE "\r\n", bad_chunks[_i]);
    ck_assert_int_ge(web_status(web_ask(request)), 400);
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(the_body_of_a_head_is_never_taken_for_a_request)
{
    const char *answers = web_ask("HEAD / HTTP/1.1\r\nHost: page\r\nContent-Length: 36\r\n\r\n"
                                  "GET /echo HTTP/1.1\r\nHost: page\r\n\r\n");

    ck_assert_ptr_null(strstr(answers + 1, "HTTP/1.1"));
    ck_assert_int_eq(web_world.calls, 1);
}
END_TEST

START_TEST(a_tunnel_is_refused)
{
    int fd = web_connect();

    web_say(fd, "CONNECT evil.example:443 HTTP/1.1\r\nHost: page\r\n\r\n");
    ck_assert_int_ge(web_status(web_hear_until(fd, "\r\n\r\n")), 400);
    ck_assert_int_eq(web_world.admitted, 0);
    close(fd);
}
END_TEST

static const struct refusal targets[] = {
    {"GET http://evil.example/x HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET http://page/ HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET //evil.example/x HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET page HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET ?q HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET /#x HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET /\t HTTP/1.1\r\nHost: page\r\n\r\n", 400},
    {"GET /\xff HTTP/1.1\r\nHost: page\r\n\r\n", 400},
};

START_TEST(only_a_path_of_ours_is_a_target)
{
    expect_refusal(&targets[_i]);
}
END_TEST

static const char *const escapes[] = {
    "/%00",    "/%",         "/%4",     "/%zz",        "/%ff",
    "/%c3",    "/%0a",       "/%7f",    "/%c2%85",     "/%2Fevil.example",
    "/?%00",   "/?a=%",      "/?a=%f",  "/?%c3=1",     "/?a=%ed%a0%80",
    "/?a=%01", "/?a=%c0%af", "/%c0%ae", "/?a=1&b=%7f", "/?a=%c2%9b",
};

START_TEST(a_bad_escape_is_400)
{
    ck_assert_int_eq(web_status(web_get(escapes[_i])), 400);
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(valid_utf8_in_a_target_is_taken)
{
    ck_assert_str_eq(web_body(web_get("/item/\xc3\xa9?a=\xe2\x82\xac")), "\xc3\xa9");
}
END_TEST

static const struct refusal hosts[] = {
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.0\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: page\r\nHost: page\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: page\r\nhost: evil.example\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: page, evil.example\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: user@page\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: page/\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: page:80\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: page.\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: pag\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421},
    {"POST /form HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 3\r\n\r\na=1", 421},
};

START_TEST(a_foreign_host_is_refused_before_any_handler)
{
    expect_refusal(&hosts[_i]);
}
END_TEST

START_TEST(a_host_of_the_list_is_served_whatever_its_case)
{
    static const char *const served[] = {"page", "PAGE", "127.0.0.1:8888", "[::1]:8888"};
    char request[128];

    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++) {
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHOST:%s\r\nConnection: close\r\n\r\n",
                 served[i]);
        ck_assert_int_eq(web_status(web_ask(request)), 200);
    }
}
END_TEST

START_TEST(a_new_list_of_hosts_takes_the_place_of_the_old)
{
    static const char *const other[] = {"other", NULL};
    static const char *const none[] = {NULL};

    ck_assert(web_http_set_hosts(web_world.http, other));
    ck_assert_int_eq(web_status(web_get("/")), 421);
    ck_assert_int_eq(
        web_status(web_ask("GET / HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n")), 200);
    ck_assert(web_http_set_hosts(web_world.http, none));
    ck_assert_int_eq(
        web_status(web_ask("GET / HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n")), 421);
}
END_TEST

START_TEST(the_control_interface_takes_any_one_host_and_none_in_http_1_0)
{
    web_world.config.check_host = false;
    web_world_serve(true);
    ck_assert_int_eq(
        web_status(web_ask("GET / HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n")), 200);
    ck_assert_int_eq(web_status(web_ask("GET / HTTP/1.0\r\n\r\n")), 200);
    ck_assert_int_eq(web_status(web_ask("GET / HTTP/1.1\r\n\r\n")), 400);
    ck_assert_int_eq(web_status(web_ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")), 400);
}
END_TEST

static const struct refusal framings[] = {
    {POST_PAGE "\r\n", 411},
    {POST_PAGE "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
    {POST_PAGE "Content-Length: +1\r\n\r\na", 400},
    {POST_PAGE "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {POST_PAGE "Transfer-Encoding: identity\r\n\r\n", 501},
    {"POST /body HTTP/1.0\r\nHost: page\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
};

/* Some releases of evhttp refuse these before they come to us. */
static const struct refusal twofold[] = {
    {POST_PAGE "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {POST_PAGE "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
};

START_TEST(a_body_with_two_lengths_is_refused)
{
    expect_status(&twofold[_i]);
}
END_TEST

START_TEST(a_body_has_one_length)
{
    expect_refusal(&framings[_i]);
}
END_TEST

/* A request with so many bytes of filler in it. */
static char *filled(const char *before, size_t count, const char *after)
{
    size_t size = strlen(before) + count + strlen(after) + 1;
    char *request = malloc(size);

    ck_assert_ptr_nonnull(request);
    memset(request, 'x', size);
    memcpy(request, before, strlen(before));
    memcpy(request + size - 1 - strlen(after), after, strlen(after) + 1);
    return request;
}

static int status_of_filled(const char *before, size_t count, const char *after)
{
    char *request = filled(before, count, after);
    int status = web_status(web_ask(request));

    free(request);
    return status;
}

START_TEST(a_target_up_to_the_limit_is_taken)
{
    static const char after[] = " HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n";

    ck_assert_int_eq(status_of_filled("GET /?", WEB_HTTP_TARGET_MAX - 2, after), 200);
    ck_assert_int_eq(status_of_filled("GET /?", WEB_HTTP_TARGET_MAX - 1, after), 414);
    ck_assert_int_eq(status_of_filled("GET /?", 1000000, after), 400);
}
END_TEST

START_TEST(headers_up_to_the_limit_are_taken)
{
    static const char before[] = "GET / HTTP/1.1\r\nHost: page\r\nConnection: close\r\nA: ";
    size_t most = WEB_HTTP_HEADERS_MAX - strlen(before) - strlen("\r\n\r\n");

    ck_assert_int_eq(status_of_filled(before, most, "\r\n\r\n"), 200);
    ck_assert_int_eq(status_of_filled(before, most + 1, "\r\n\r\n"), 431);
    ck_assert_int_eq(status_of_filled(before, 1000000, "\r\n\r\n"), 400);
}
END_TEST

START_TEST(too_many_header_lines_are_431)
{
    char request[1024] = GET_PAGE "Connection: close\r\n";
    size_t len = strlen(request);

    for (int i = 0; i < 98; i++)
        len += (size_t)snprintf(request + len, sizeof(request) - len, "A:b\r\n");
    snprintf(request + len, sizeof(request) - len, "\r\n");
    ck_assert_int_eq(web_status(web_ask(request)), 200);
    snprintf(request + len, sizeof(request) - len, "A:b\r\n\r\n");
    ck_assert_int_eq(web_status(web_ask(request)), 431);
}
END_TEST

START_TEST(a_body_up_to_the_limit_is_taken)
{
    ck_assert_int_eq(status_of_filled(POST_PAGE
                                      "Connection: close\r\nContent-Length: 65536\r\n\r\n",
                                      WEB_HTTP_BODY_MAX, ""),
                     200);
    ck_assert_int_eq(status_of_filled(POST_PAGE "Connection: close\r\n"
                                                "Transfer-Encoding: chunked\r\n\r\n10000\r\n",
                                      WEB_HTTP_BODY_MAX, "\r\n0\r\n\r\n"),
                     200);
    ck_assert_int_eq(status_of_filled(POST_PAGE "Connection: close\r\n"
                                                "Transfer-Encoding: chunked\r\n\r\n10000\r\n",
                                      WEB_HTTP_BODY_MAX, "\r\n1\r\na\r\n0\r\n\r\n"),
                     413);
}
END_TEST

START_TEST(a_server_may_take_larger_bodies)
{
    web_world.config.max_body = 262144;
    web_world_serve(false);
    ck_assert_int_eq(status_of_filled(POST_PAGE
                                      "Connection: close\r\nContent-Length: 262144\r\n\r\n",
                                      262144, ""),
                     200);
    ck_assert_int_eq(status_of_filled(POST_PAGE "Connection: close\r\n"
                                                "Transfer-Encoding: chunked\r\n\r\n40000\r\n",
                                      262144, "\r\n0\r\n\r\n"),
                     200);
    ck_assert_int_eq(status_of_filled(POST_PAGE "Content-Length: 262145\r\n\r\n", 0, ""), 413);
}
END_TEST

START_TEST(a_large_body_may_be_all_NULs)
{
    static const char zeros[262144];
    int fd;

    web_world.config.max_body = sizeof(zeros);
    web_world_serve(false);
    fd = web_connect();
    web_say(fd, POST_PAGE "Connection: close\r\nContent-Length: 262144\r\n\r\n");
    web_say_bytes(fd, zeros, sizeof(zeros));
    ck_assert_int_eq(web_status(web_hear(fd, NULL)), 200);
}
END_TEST

START_TEST(an_answer_to_a_client_that_still_sends_arrives)
{
    ck_assert_int_eq(status_of_filled(POST_PAGE "Content-Length: 900000\r\n\r\n", 900000, ""), 413);
}
END_TEST

static const char *query_of(int count)
{
    static char target[1024];
    size_t len = (size_t)snprintf(target, sizeof(target), "/echo?");

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(target + len, sizeof(target) - len, "&a%d=1", i);
    return target;
}

START_TEST(more_than_64_fields_are_400)
{
    ck_assert_int_eq(web_status(web_get(query_of(WEB_HTTP_FIELDS_MAX))), 200);
    ck_assert_int_eq(web_status(web_get(query_of(WEB_HTTP_FIELDS_MAX + 1))), 400);
}
END_TEST

START_TEST(a_nul_byte_is_400)
{
    static const char request[] = "GET /\0x HTTP/1.1\r\nHost: page\r\n\r\n";
    int fd = web_connect();

    web_say_bytes(fd, request, sizeof(request) - 1);
    ck_assert_int_eq(web_status(web_hear(fd, NULL)), 400);
    close(fd);
}
END_TEST

START_TEST(a_tls_client_is_closed_at_its_first_bytes)
{
    static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    int fd = web_connect();

    web_say_bytes(fd, hello, sizeof(hello) - 1);
    ck_assert_str_eq(web_hear(fd, NULL), "");
    ck_assert_int_eq(web_world.log_lines, 0);
    close(fd);
}
END_TEST

START_TEST(random_bytes_do_no_harm)
{
    struct chance chance = chance_open("random_bytes_do_no_harm");
    char bytes[300];

    web_world.config.request_ms = 20; /* for those without the end of a line */
    web_world_serve(false);
    for (int round = 0; round < 100; round++) {
        int fd = web_connect();
        const char *answer;

        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (char)chance_below(&chance, 256);
        web_say_bytes(fd, bytes, sizeof(bytes));
        answer = web_hear(fd, NULL);
        ck_assert_msg(*answer == '\0' || web_status(answer) >= 400, "round %d", round);
        close(fd);
    }
    ck_assert_int_eq(web_world.log_lines, 0);
    ck_assert_int_eq(web_status(web_get("/")), 200);
}
END_TEST

Suite *web_http_guard_suite(void);
Suite *web_http_guard_suite(void)
{
    Suite *suite = suite_create("web_http_guard");
    TCase *refusals = tcase_create("refusals");
    TCase *limits = tcase_create("limits");

    tcase_add_checked_fixture(refusals, web_world_open, web_world_close);
    tcase_add_checked_fixture(limits, web_world_open, web_world_close);
    tcase_add_loop_test(refusals, what_is_malformed_is_refused, 0, COUNT(malformed));
    tcase_add_loop_test(refusals, only_a_path_of_ours_is_a_target, 0, COUNT(targets));
    tcase_add_loop_test(refusals, a_bad_escape_is_400, 0, COUNT(escapes));
    tcase_add_test(refusals, valid_utf8_in_a_target_is_taken);
    tcase_add_loop_test(refusals, a_foreign_host_is_refused_before_any_handler, 0, COUNT(hosts));
    tcase_add_test(refusals, a_host_of_the_list_is_served_whatever_its_case);
    tcase_add_test(refusals, a_new_list_of_hosts_takes_the_place_of_the_old);
    tcase_add_test(refusals, the_control_interface_takes_any_one_host_and_none_in_http_1_0);
    tcase_add_loop_test(refusals, a_body_has_one_length, 0, COUNT(framings));
    tcase_add_loop_test(refusals, a_body_with_two_lengths_is_refused, 0, COUNT(twofold));
    tcase_add_loop_test(refusals, what_evhttp_cannot_read_it_refuses, 0, COUNT(unreadable));
    tcase_add_test(refusals, what_can_be_read_all_the_same_is_taken);
    tcase_add_loop_test(refusals, chunks_that_cannot_be_read_end_the_connection, 0,
                        COUNT(bad_chunks));
    tcase_add_test(refusals, the_body_of_a_head_is_never_taken_for_a_request);
    tcase_add_test(refusals, a_tunnel_is_refused);
    tcase_add_test(limits, a_target_up_to_the_limit_is_taken);
    tcase_add_test(limits, headers_up_to_the_limit_are_taken);
    tcase_add_test(limits, too_many_header_lines_are_431);
    tcase_add_test(limits, a_body_up_to_the_limit_is_taken);
    tcase_add_test(limits, a_server_may_take_larger_bodies);
    tcase_add_test(limits, a_large_body_may_be_all_NULs);
    tcase_add_test(limits, an_answer_to_a_client_that_still_sends_arrives);
    tcase_add_test(limits, more_than_64_fields_are_400);
    tcase_add_test(limits, a_nul_byte_is_400);
    tcase_add_test(limits, a_tls_client_is_closed_at_its_first_bytes);
    tcase_add_test(limits, random_bytes_do_no_harm);
    suite_add_tcase(suite, refusals);
    suite_add_tcase(suite, limits);
    return suite;
}
