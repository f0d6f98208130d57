/* SPDX-License-Identifier: MIT */
/* The HTTP client against well-behaved answers: what goes out, what comes back. */
#include "lib/net_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct stub_step hello[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=UTF-8\r\n"
              "Date: Sun, 06 Nov 2033 08:49:37 GMT\r\nContent-Length: 5\r\n\r\nhello"),
    STUB_DO(STUB_AGAIN),
};

static bool heard(const char *text)
{
    return strstr(stub_server_heard(world.server), text) != NULL;
}

START_TEST(an_answer_has_status_body_type_and_date)
{
    const struct kept_answer *kept = get_scripted(hello);

    ck_assert_int_eq(kept->calls, 1);
    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_str_eq(kept->answer.message, "");
    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_uint_eq(kept->answer.body_len, 5);
    ck_assert_str_eq(kept->body, "hello");
    ck_assert_str_eq(kept->answer.content_type, "application/json");
    ck_assert_int_eq(kept->answer.date_wall_ms, INT64_C(2014879777000));
    ck_assert_int_eq(kept->answer.retry_after_s, NET_RETRY_AFTER_NONE);
    ck_assert(kept->answer.request_sent);
    ck_assert(!kept->answer.connection_reused);
    ck_assert_int_gt(kept->answer.duration_us, 0);
}
END_TEST

START_TEST(a_get_carries_only_the_headers_it_was_given)
{
    struct net_call call = call_of(stub_server_url(world.server, "/v1/me?limit=50"));

    stub_server_script(world.server, hello);
    call.authorization = "Bearer abc";
    call.accept = "application/json";
    get_call(&call);
    ck_assert(heard("GET /v1/me?limit=50 HTTP/1.1\r\n"));
    ck_assert(heard("\r\nAuthorization: Bearer abc\r\n"));
    ck_assert(heard("\r\nAccept: application/json\r\n"));
    ck_assert(heard("\r\nUser-Agent: stub-test/1\r\n"));
    ck_assert(heard("\r\nAccept-Encoding: gzip, deflate\r\n"));
    ck_assert(!heard("Cookie"));
    ck_assert(!heard("Referer"));
}
END_TEST

START_TEST(a_call_without_authorization_sends_none)
{
    get_scripted(hello);
    ck_assert(!heard("Authorization"));
}
END_TEST

START_TEST(a_form_is_posted_as_it_is)
{
    static const char form[] = "grant_type=refresh_token&refresh_token=a%2Fb";
    struct net_call call = call_of(stub_server_url(world.server, "/api/token"));

    stub_server_script(world.server, hello);
    call.form = form;
    call.form_len = sizeof(form) - 1;
    ck_assert_int_eq(get_call(&call)->answer.status, 200);
    ck_assert(heard("POST /api/token HTTP/1.1\r\n"));
    ck_assert(heard("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    ck_assert(heard("\r\n\r\ngrant_type=refresh_token&refresh_token=a%2Fb"));
}
END_TEST

START_TEST(an_empty_form_is_still_a_post)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    stub_server_script(world.server, hello);
    call.form = "";
    ck_assert_int_eq(get_call(&call)->answer.error, NET_OK);
    ck_assert(heard("POST / HTTP/1.1\r\n"));
    ck_assert(heard("\r\nContent-Length: 0\r\n"));
}
END_TEST

START_TEST(a_connection_is_used_again_for_the_next_get)
{
    get_scripted(hello);
    for (int i = 0; i < 5; i++) {
        struct net_call call = call_of(stub_server_url(world.server, "/"));

        ck_assert(get_call(&call)->answer.connection_reused);
    }
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 1);
}
END_TEST

START_TEST(fresh_connection_opens_a_new_one)
{
    struct net_call call;

    get_scripted(hello);
    call = call_of(stub_server_url(world.server, "/"));
    call.fresh_connection = true;
    ck_assert(!get_call(&call)->answer.connection_reused);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 2);
}
END_TEST

START_TEST(a_post_has_a_connection_of_its_own_and_leaves_none_behind)
{
    struct net_call call;

    get_scripted(hello);
    call = call_of(stub_server_url(world.server, "/"));
    call.form = "a=b";
    call.form_len = 3;
    ck_assert(!get_call(&call)->answer.connection_reused);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 2);
    run_for(20);
    ck_assert_uint_eq(stub_server_counts(world.server).open, 1);
}
END_TEST

static const struct stub_step status_only[] = {
    STUB_DO(STUB_READ),  STUB_TEXT("HTTP/1.1 204 No Content\r\n\r\n"),
    STUB_DO(STUB_READ),  STUB_TEXT("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"),
    STUB_DO(STUB_AGAIN),
};

START_TEST(A22_204_and_304_have_no_body_and_are_complete)
{
    const struct kept_answer *kept = get_scripted(status_only);
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_int_eq(kept->answer.status, 204);
    ck_assert_uint_eq(kept->answer.body_len, 0);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_int_eq(kept->answer.status, 304);
    ck_assert_str_eq(kept->body, "");
    ck_assert(kept->answer.connection_reused);
}
END_TEST

static const struct stub_step server_error[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n"
              "Content-Length: 13\r\n\r\n<html></html>"),
    STUB_DO(STUB_END),
};

START_TEST(A8_an_error_status_is_an_answer_with_its_body)
{
    const struct kept_answer *kept = get_scripted(server_error);

    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_int_eq(kept->answer.status, 503);
    ck_assert_str_eq(kept->answer.content_type, "text/html");
    ck_assert_str_eq(kept->body, "<html></html>");
}
END_TEST

static const struct stub_step chunked[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    {.action = STUB_PAUSE, .ms = 5},
    STUB_TEXT("6;x=y\r\n, you!\r\n0\r\nRetry-After: 7\r\nContent-Type: text/late\r\n\r\n"),
    STUB_DO(STUB_END),
};

START_TEST(a_chunked_body_is_put_together_and_its_trailer_ignored)
{
    const struct kept_answer *kept = get_scripted(chunked);

    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_str_eq(kept->body, "hello, you!");
    ck_assert_int_eq(kept->answer.retry_after_s, NET_RETRY_AFTER_NONE);
    ck_assert_str_eq(kept->answer.content_type, "");
}
END_TEST

static const struct stub_step until_close[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.0 200 OK\r\n\r\nall until the end"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(a_body_without_a_length_ends_with_the_connection)
{
    const struct kept_answer *kept = get_scripted(until_close);

    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_str_eq(kept->body, "all until the end");
}
END_TEST

static const struct stub_step interim[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 103 Early Hints\r\nRetry-After: 99\r\nContent-Type: text/early\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_END),
};

START_TEST(an_interim_answer_leaves_no_header_behind)
{
    const struct kept_answer *kept = get_scripted(interim);

    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_str_eq(kept->body, "ok");
    ck_assert_str_eq(kept->answer.content_type, "");
    ck_assert_int_eq(kept->answer.retry_after_s, NET_RETRY_AFTER_NONE);
}
END_TEST

/* gzip of "squeezed", made here so that the bytes need no explanation. */
static size_t gzip(const void *in, size_t in_len, char *out, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)in_len};

    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return size - stream.avail_out;
}

START_TEST(a_gzipped_body_is_unpacked)
{
    char packed[200];
    size_t len = gzip("squeezed", 8, packed, sizeof(packed));
    const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
        {.action = STUB_SEND, .data = packed, .len = len},
        STUB_DO(STUB_CLOSE),
    };

    ck_assert_str_eq(get_scripted(steps)->body, "squeezed");
}
END_TEST

START_TEST(A11_a_gzip_bomb_stops_at_the_limit_of_decoded_bytes)
{
    size_t big = 50 * 1024 * 1024;
    char *zeros = calloc(1, big);
    char *packed = malloc(200000);
    size_t len = gzip(zeros, big, packed, 200000);
    const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
        {.action = STUB_SEND, .data = packed, .len = len},
        STUB_DO(STUB_CLOSE),
    };
    const struct kept_answer *kept;

    free(zeros);
    kept = get_scripted(steps);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TOO_BIG);
    ck_assert_str_eq(kept->answer.message, "answer is larger than 4194304 bytes (127.0.0.1)");
    ck_assert_uint_eq(kept->answer.body_len, 0);
    stub_server_free(world.server);
    world.server = NULL;
    free(packed);
}
END_TEST

static char block[65536];

/* GET of a body of as many blocks, without and with a Content-Length. */
static const struct kept_answer *get_blocks(size_t count, const char *header)
{
    static struct stub_step steps[4];

    memset(block, 'x', sizeof(block));
    steps[0] = (struct stub_step)STUB_DO(STUB_READ);
    steps[1] = (struct stub_step){STUB_SEND, header, strlen(header), 1, 0};
    steps[2] = (struct stub_step){STUB_SEND, block, sizeof(block), count, 0};
    steps[3] = (struct stub_step)STUB_DO(STUB_CLOSE);
    return get_scripted(steps);
}

START_TEST(A11_a_body_of_exactly_4_MiB_is_taken)
{
    const struct kept_answer *kept =
        get_blocks(64, "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n");

    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_uint_eq(kept->answer.body_len, 4194304);
}
END_TEST

START_TEST(A11_a_50_MB_body_is_cut_at_4_MiB)
{
    const struct kept_answer *kept = get_blocks(800, "HTTP/1.1 200 OK\r\n\r\n");

    ck_assert_int_eq(kept->answer.error, NET_ERROR_TOO_BIG);
    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_str_eq(kept->body, "");
}
END_TEST

START_TEST(A11_a_call_may_name_a_smaller_limit)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    call.max_body = 4;
    stub_server_script(world.server, hello);
    ck_assert_int_eq(get_call(&call)->answer.error, NET_ERROR_TOO_BIG);
    call.url = stub_server_url(world.server, "/");
    call.max_body = 5;
    ck_assert_int_eq(get_call(&call)->answer.error, NET_OK);
}
END_TEST

static const struct stub_step endless_header[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\n"),
    {STUB_SEND, "X-Filler: 0123456789012345678901234567890123456789\r\n", 52, 5000, 0},
    STUB_DO(STUB_END),
};

START_TEST(A11_a_header_without_end_is_cut)
{
    const struct kept_answer *kept = get_scripted(endless_header);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "header"));
}
END_TEST

START_TEST(C10_the_proxy_of_the_environment_is_ignored)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "socks5://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
    setenv("no_proxy", "", 1);
    ck_assert_int_eq(get_scripted(hello)->answer.error, NET_OK);
}
END_TEST

START_TEST(A19_a_redirect_is_an_answer_and_is_not_followed)
{
    struct stub_server *other = stub_server_new(world.base);
    char redirect[200];
    struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        {.action = STUB_SEND},
        STUB_DO(STUB_END),
    };
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    const struct kept_answer *kept;

    snprintf(redirect, sizeof(redirect),
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             stub_server_url(other, "/stolen"));
    steps[1].data = redirect;
    steps[1].len = strlen(redirect);
    stub_server_script(world.server, steps);
    call.authorization = "Bearer not-for-others";
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_int_eq(kept->answer.status, 302);
    run_for(20);
    ck_assert_uint_eq(stub_server_counts(other).accepted, 0);
    ck_assert(heard("not-for-others"));
    stub_server_free(other);
}
END_TEST

START_TEST(a_header_value_with_a_line_break_is_refused)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    call.authorization = "Bearer a\r\nX-Evil: 1";
    ck_assert_ptr_null(net_start(world.net, &call, keep_answer, NULL));
    call.authorization = NULL;
    call.accept = "a\nb";
    ck_assert_ptr_null(net_start(world.net, &call, keep_answer, NULL));
    ck_assert_uint_eq(net_in_flight(world.net), 0);
}
END_TEST

START_TEST(every_error_has_a_name)
{
    for (int i = NET_OK; i <= NET_ERROR_LOCAL; i++) {
        ck_assert_str_ne(net_error_name((enum net_error)i), "unknown");
        for (int j = NET_OK; j < i; j++)
            ck_assert_str_ne(net_error_name((enum net_error)i), net_error_name((enum net_error)j));
    }
    ck_assert_str_eq(net_error_name(NET_ERROR_RESOLVE), "resolve");
    ck_assert_str_eq(net_error_name((enum net_error)99), "unknown");
}
END_TEST

Suite *net_suite(void)
{
    Suite *suite = suite_create("net");
    TCase *requests = net_world_case("requests");
    TCase *answers = net_world_case("answers");
    TCase *limits = net_world_case("limits");
    TCase *refusals = net_world_case("refusals");

    tcase_add_test(requests, a_get_carries_only_the_headers_it_was_given);
    tcase_add_test(requests, a_call_without_authorization_sends_none);
    tcase_add_test(requests, a_form_is_posted_as_it_is);
    tcase_add_test(requests, an_empty_form_is_still_a_post);
    tcase_add_test(requests, a_connection_is_used_again_for_the_next_get);
    tcase_add_test(requests, fresh_connection_opens_a_new_one);
    tcase_add_test(requests, a_post_has_a_connection_of_its_own_and_leaves_none_behind);
    tcase_add_test(answers, an_answer_has_status_body_type_and_date);
    tcase_add_test(answers, A22_204_and_304_have_no_body_and_are_complete);
    tcase_add_test(answers, A8_an_error_status_is_an_answer_with_its_body);
    tcase_add_test(answers, a_chunked_body_is_put_together_and_its_trailer_ignored);
    tcase_add_test(answers, a_body_without_a_length_ends_with_the_connection);
    tcase_add_test(answers, an_interim_answer_leaves_no_header_behind);
    tcase_add_test(answers, a_gzipped_body_is_unpacked);
    tcase_add_test(answers, every_error_has_a_name);
    tcase_add_test(limits, A11_a_gzip_bomb_stops_at_the_limit_of_decoded_bytes);
    tcase_add_test(limits, A11_a_body_of_exactly_4_MiB_is_taken);
    tcase_add_test(limits, A11_a_50_MB_body_is_cut_at_4_MiB);
    tcase_add_test(limits, A11_a_call_may_name_a_smaller_limit);
    tcase_add_test(limits, A11_a_header_without_end_is_cut);
    tcase_add_test(refusals, C10_the_proxy_of_the_environment_is_ignored);
    tcase_add_test(refusals, A19_a_redirect_is_an_answer_and_is_not_followed);
    tcase_add_test(refusals, a_header_value_with_a_line_break_is_refused);
    suite_add_tcase(suite, requests);
    suite_add_tcase(suite, answers);
    suite_add_tcase(suite, limits);
    suite_add_tcase(suite, refusals);
    return suite;
}
