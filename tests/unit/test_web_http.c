/* SPDX-License-Identifier: MIT */
/* web/http against clients that mean well: routes, methods, decoded values, answers. */
#include "http_help.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define has(answer, text) \
    ck_assert_msg(strstr(answer, text) != NULL, "no \"%s\" in: %s", text, answer)

START_TEST(a_get_is_answered_with_the_headers_of_every_answer)
{
    const char *answer = web_get("/");

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "HTTP/1.1 200 OK\r\n");
    has(answer, "\r\nX-Frame-Options: DENY\r\n");
    has(answer, "\r\nX-Second: 2\r\n");
    has(answer, "\r\nDate: ");
    has(answer, " GMT\r\n");
    has(answer, "\r\nContent-Type: text/plain\r\n");
    has(answer, "\r\nContent-Length: 4\r\n");
    has(answer, "\r\nConnection: close\r\n");
    ck_assert_str_eq(web_body(answer), "home");
}
END_TEST

START_TEST(head_has_the_headers_of_get_and_no_body)
{
    const char *answer = web_method_call("HEAD", "/", "");

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "\r\nContent-Length: 4\r\n");
    ck_assert_str_eq(web_body(answer), "");
}
END_TEST

START_TEST(head_of_what_is_not_there_has_no_body_either)
{
    const char *answer = web_method_call("HEAD", "/nowhere", "");

    ck_assert_int_eq(web_status(answer), 404);
    ck_assert_str_eq(web_body(answer), "");
}
END_TEST

START_TEST(an_unknown_path_is_404_in_plain_text)
{
    const char *answer = web_get("/nowhere");

    ck_assert_int_eq(web_status(answer), 404);
    has(answer, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    has(answer, "\r\nX-Frame-Options: DENY\r\n");
    ck_assert_str_eq(web_body(answer), "404 Not Found\nThere is nothing at this address.\n");
}
END_TEST

static void explain(int status, const char *reason, struct buf *body, const char **type,
                    void *context)
{
    ck_assert_ptr_eq(context, &web_world);
    buf_addf(body, "{%d %s}", status, reason);
    *type = "application/json";
}

START_TEST(the_caller_may_word_the_errors)
{
    const char *answer;

    web_world.config.explain = explain;
    web_world_serve(false);
    answer = web_get("/nowhere");
    has(answer, "\r\nContent-Type: application/json\r\n");
    ck_assert_str_eq(web_body(answer), "{404 There is nothing at this address.}");
}
END_TEST

START_TEST(a_wrong_method_is_405_with_allow)
{
    const char *answer = web_method_call("DELETE", "/", "");

    ck_assert_int_eq(web_status(answer), 405);
    has(answer, "\r\nAllow: GET, HEAD, OPTIONS\r\n");
    answer = web_method_call("GET", "/form", "");
    ck_assert_int_eq(web_status(answer), 405);
    has(answer, "\r\nAllow: POST, OPTIONS\r\n");
    answer = web_method_call("PUT", "/twin", "Content-Length: 0\r\n");
    ck_assert_int_eq(web_status(answer), 405);
    has(answer, "\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(options_tells_allow_and_calls_no_handler)
{
    const char *answer = web_method_call("OPTIONS", "/", "");

    ck_assert_int_eq(web_status(answer), 204);
    has(answer, "\r\nAllow: GET, HEAD, OPTIONS\r\n");
    ck_assert_ptr_null(strstr(answer, "Content-Length"));
    answer = web_method_call("OPTIONS", "*", "");
    ck_assert_int_eq(web_status(answer), 204);
    has(answer, "\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(two_rows_of_one_path_take_a_method_each)
{
    ck_assert_str_eq(web_body(web_get("/twin")), "got");
    ck_assert_str_eq(web_body(web_method_call("POST", "/twin", "Content-Length: 0\r\n")), "posted");
}
END_TEST

START_TEST(a_star_stands_for_the_rest_of_the_path)
{
    ck_assert_str_eq(web_body(web_get("/item/7")), "7");
    ck_assert_str_eq(web_body(web_get("/item/a/b?c")), "a/b");
    ck_assert_str_eq(web_body(web_get("/item/gr%C3%BC%C3%9Fe%20")), "grüße ");
    ck_assert_int_eq(web_status(web_get("/item/")), 404);
    ck_assert_int_eq(web_status(web_get("/item")), 404);
}
END_TEST

START_TEST(dot_segments_are_a_path_like_any_other)
{
    ck_assert_int_eq(web_status(web_get("/item/../echo")), 200);
    ck_assert_str_eq(web_body(web_get("/item/../echo")), "../echo");
    ck_assert_int_eq(web_status(web_get("/./")), 404);
    ck_assert_int_eq(web_status(web_get("/x/../")), 404);
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(a_handler_sees_decoded_values)
{
    const char *answer = web_method_call("GET", "/%65cho?q=a%26b+c%C3%A9&q=second",
                                         "Cookie: a=1; sid=xyz ; b\r\nX-Thing:  some thing \r\n");

    has(answer, "path=/echo|host=page|query=q=a%26b+c%C3%A9&q=second|q=a&b cé|cookie=xyz|"
                "header=some thing|");
}
END_TEST

START_TEST(what_was_not_sent_is_absent)
{
    has(web_get("/echo"), "path=/echo|host=page|query=|q=(none)|cookie=(none)|header=(none)|");
    has(web_get("/echo?"), "query=|q=(none)|");
    has(web_get("/echo?q"), "|q=|");
    has(web_get("/echo?Q=1&qq=1&=q"), "|q=(none)|");
}
END_TEST

START_TEST(what_was_sent_twice_is_nobodys)
{
    const char *answer = web_method_call("GET", "/echo",
                                         "X-Thing: 1\r\nX-Thing: 2\r\n"
                                         "Cookie: sid=1; sid=2\r\n");

    has(answer, "|cookie=(none)|header=(none)|");
    has(web_method_call("GET", "/echo", "Cookie: sid=1\r\nCookie: sid=1\r\n"), "|cookie=(none)|");
    has(web_method_call("GET", "/echo", "Cookie: a=1\r\nCookie: sid=2\r\n"), "|cookie=2|");
}
END_TEST

START_TEST(a_form_is_decoded)
{
    const char *answer =
        web_method_call("POST", "/form",
                        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                        "Content-Length: 23\r\n\r\na=1%2B1&&b=x+y%0D%0Az%E2");

    ck_assert_int_eq(web_status(answer), 400); /* the last byte is half a character */
    answer = web_method_call("POST", "/form",
                             "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                             "Content-Length: 20\r\n\r\na=1%2B1&&b=x+y%0D%0A");
    ck_assert_str_eq(web_body(answer), "a=1+1 b=x y\r\n");
}
END_TEST

START_TEST(a_body_of_another_type_is_no_form)
{
    const char *answer = web_method_call("POST", "/form",
                                         "Content-Type: text/plain\r\n"
                                         "Content-Length: 3\r\n\r\na=1");

    ck_assert_str_eq(web_body(answer), "a=(none) b=(none)");
}
END_TEST

START_TEST(a_body_is_handed_on_as_it_came)
{
    static const char request[] = "POST /body HTTP/1.1\r\nHost: page\r\nConnection: close\r\n"
                                  "Content-Length: 5\r\n\r\na\0\r\nz";
    int fd = web_connect();
    const char *answer;
    size_t len;

    web_say_bytes(fd, request, sizeof(request) - 1);
    answer = web_hear(fd, &len);
    ck_assert_int_eq(web_status(answer), 200);
    ck_assert_mem_eq(web_body(answer), "5:a\0\r\nz", 7);
    close(fd);
}
END_TEST

START_TEST(a_chunked_body_is_put_together)
{
    const char *answer = web_method_call("POST", "/body",
                                         "Transfer-Encoding: Chunked\r\n\r\n"
                                         "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\nTrail: er\r\n");

    ck_assert_int_eq(web_status(answer), 200);
    ck_assert_str_eq(web_body(answer), "13:abc0123456789");
}
END_TEST

START_TEST(a_client_that_asks_first_is_told_to_continue)
{
    int fd = web_connect();

    web_say(fd, "POST /body HTTP/1.1\r\nHost: page\r\nExpect: 100-Continue\r\n"
                "Content-Length: 2\r\nConnection: close\r\n\r\n");
    ck_assert_str_eq(web_hear_until(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    web_say(fd, "ab");
    ck_assert_str_eq(web_body(web_hear(fd, NULL)), "2:ab");
    close(fd);
}
END_TEST

START_TEST(a_client_that_asks_for_too_much_is_refused_before_it_sends)
{
    const char *answer =
        web_method_call("POST", "/body", "Expect: 100-continue\r\nContent-Length: 65537\r\n");

    ck_assert_int_eq(web_status(answer), 413);
    ck_assert_ptr_null(strstr(answer, "100 Continue"));
}
END_TEST

START_TEST(a_big_answer_that_ends_the_connection_arrives_whole)
{
    int fd = web_connect();
    size_t len;
    const char *answer;

    web_say(fd, "GET /big HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n");
    answer = web_hear(fd, &len);
    ck_assert_uint_eq(len - (size_t)(web_body(answer) - answer), 5000000);
    close(fd);
}
END_TEST

START_TEST(see_other_sends_elsewhere)
{
    const char *answer = web_get("/go");

    ck_assert_int_eq(web_status(answer), 303);
    has(answer, "\r\nLocation: /there\r\n");
    has(answer, "\r\nContent-Length: 0\r\n");
    ck_assert_ptr_null(strstr(answer, "Content-Type"));
}
END_TEST

START_TEST(a_body_that_failed_is_a_500)
{
    ck_assert_int_eq(web_status(web_get("/fails")), 500);
}
END_TEST

START_TEST(a_handler_that_forgets_to_answer_is_a_500_and_a_line_in_the_log)
{
    ck_assert_int_eq(web_status(web_get("/forgets")), 500);
    ck_assert_ptr_nonnull(strstr(web_world.log, "without an answer"));
}
END_TEST

START_TEST(admit_comes_before_the_route)
{
    web_world.denies = true;
    ck_assert_int_eq(web_status(web_get("/nowhere")), 403);
    ck_assert_int_eq(web_status(web_get("/")), 403);
    ck_assert_int_eq(web_status(web_method_call("OPTIONS", "/", "")), 403);
    ck_assert_int_eq(web_world.admitted, 3);
    ck_assert_int_eq(web_world.calls, 0);
}
END_TEST

START_TEST(a_peer_is_known_on_a_unix_socket_only)
{
    char wanted[64];

    ck_assert_str_eq(web_body(web_get("/peer")), "nobody");
    web_world_serve(true);
    snprintf(wanted, sizeof(wanted), "pid=%ld uid=%ld", (long)getpid(), (long)getuid());
    ck_assert_str_eq(web_body(web_get("/peer")), wanted);
}
END_TEST

static void adds_headers(struct web_request *request, void *context)
{
    (void)context;
    ck_assert(web_request_add_header(request, "Cache-Control", "no-store"));
    ck_assert(!web_request_add_header(request, "X-Bad", "a\r\nSet-Cookie: b"));
    ck_assert(!web_request_add_header(request, "X-Bad\r\nY", "a"));
    ck_assert(!web_request_add_header(request, "X Bad", "a"));
    ck_assert(!web_request_add_header(request, "", "a"));
    web_answer(request, 304, "text/plain", NULL);
    web_answer(request, 200, "text/plain", NULL);
}

START_TEST(an_answer_carries_added_headers_and_only_sound_ones)
{
    static const struct web_route routes[] = {{"/", WEB_GET, adds_headers}, {NULL, 0, NULL}};
    const char *answer;

    web_world.config.routes = routes;
    web_world_serve(false);
    answer = web_get("/");
    ck_assert_int_eq(web_status(answer), 304);
    has(answer, "\r\nCache-Control: no-store\r\n");
    ck_assert_ptr_null(strstr(answer, "Set-Cookie"));
    ck_assert_ptr_null(strstr(answer, "X-Bad"));
}
END_TEST

START_TEST(a_second_answer_is_not_sent)
{
    static const struct web_route routes[] = {{"/", WEB_GET, adds_headers}, {NULL, 0, NULL}};
    const char *answer;

    web_world.config.routes = routes;
    web_world_serve(false);
    answer = web_get("/");
    ck_assert_str_eq(web_body(answer), "");
    ck_assert_ptr_nonnull(strstr(web_world.log, "answered twice"));
}
END_TEST

START_TEST(every_status_that_is_sent_has_a_text)
{
    static const int sent[] = {200, 204, 303, 400, 404, 405, 411, 413,
                               414, 417, 421, 431, 500, 501, 503, 505};

    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
        ck_assert_str_ne(web_status_text(sent[i]), "");
    ck_assert_str_eq(web_status_text(299), "");
}
END_TEST

Suite *web_http_suite(void);
Suite *web_http_suite(void)
{
    Suite *suite = suite_create("web_http");
    TCase *routes = tcase_create("routes");
    TCase *values = tcase_create("values");
    TCase *answers = tcase_create("answers");

    tcase_add_checked_fixture(routes, web_world_open, web_world_close);
    tcase_add_checked_fixture(values, web_world_open, web_world_close);
    tcase_add_checked_fixture(answers, web_world_open, web_world_close);
    tcase_add_test(routes, a_get_is_answered_with_the_headers_of_every_answer);
    tcase_add_test(routes, head_has_the_headers_of_get_and_no_body);
    tcase_add_test(routes, head_of_what_is_not_there_has_no_body_either);
    tcase_add_test(routes, an_unknown_path_is_404_in_plain_text);
    tcase_add_test(routes, the_caller_may_word_the_errors);
    tcase_add_test(routes, a_wrong_method_is_405_with_allow);
    tcase_add_test(routes, options_tells_allow_and_calls_no_handler);
    tcase_add_test(routes, two_rows_of_one_path_take_a_method_each);
    tcase_add_test(routes, a_star_stands_for_the_rest_of_the_path);
    tcase_add_test(routes, dot_segments_are_a_path_like_any_other);
    tcase_add_test(routes, admit_comes_before_the_route);
    tcase_add_test(values, a_handler_sees_decoded_values);
    tcase_add_test(values, what_was_not_sent_is_absent);
    tcase_add_test(values, what_was_sent_twice_is_nobodys);
    tcase_add_test(values, a_form_is_decoded);
    tcase_add_test(values, a_body_of_another_type_is_no_form);
    tcase_add_test(values, a_body_is_handed_on_as_it_came);
    tcase_add_test(values, a_chunked_body_is_put_together);
    tcase_add_test(values, a_client_that_asks_first_is_told_to_continue);
    tcase_add_test(values, a_client_that_asks_for_too_much_is_refused_before_it_sends);
    tcase_add_test(values, a_peer_is_known_on_a_unix_socket_only);
    tcase_add_test(answers, a_big_answer_that_ends_the_connection_arrives_whole);
    tcase_add_test(answers, see_other_sends_elsewhere);
    tcase_add_test(answers, a_body_that_failed_is_a_500);
    tcase_add_test(answers, a_handler_that_forgets_to_answer_is_a_500_and_a_line_in_the_log);
    tcase_add_test(answers, an_answer_carries_added_headers_and_only_sound_ones);
    tcase_add_test(answers, a_second_answer_is_not_sent);
    tcase_add_test(answers, every_status_that_is_sent_has_a_text);
    suite_add_tcase(suite, routes);
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, answers);
    return suite;
}
