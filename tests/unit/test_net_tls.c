/* SPDX-License-Identifier: MIT */
/* The HTTP client over TLS: what is refused, and HTTP/2. */
#include "config.h"

#include "lib/count.h"
#include "lib/net_world.h"
#include "lib/stub_tls.h"

#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_OPENSSL

static struct stub_tls *tls;
static struct stub_tls *other_tls; /* only for its authority */

static const struct stub_step answer_all[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_AGAIN),
};

static void open_all(void)
{
    net_world_open();
    stub_server_script(world.server, answer_all);
}

static void close_all(void)
{
    net_world_close();
    stub_tls_free(tls);
    stub_tls_free(other_tls);
}

/* Dresses the server and makes a client that trusts its authority (or only another one). */
static void tls_start(const struct stub_tls_options *options, bool trusted)
{
    struct stub_tls_options valid = *options;

    if (valid.from_days == 0 && valid.to_days == 0) {
        valid.from_days = -30;
        valid.to_days = 30;
    }
    other_tls = stub_tls_new(world.server, &valid);
    tls = stub_tls_new(world.server, &valid);
    ck_assert(tls != NULL && other_tls != NULL);
    net_world_options(&(struct net_options){
        .user_agent = "x",
        .ca_file = stub_tls_ca_file(trusted ? tls : other_tls),
    });
}

static const struct kept_answer *get_https(void)
{
    struct net_call call = call_of(stub_server_https_url(world.server, "127.0.0.1", "/?q=hidden"));

    call.authorization = "Bearer not-for-impostors";
    return get_call(&call);
}

START_TEST(C4_a_good_certificate_of_the_authority_is_taken)
{
    const struct kept_answer *kept;

    tls_start(&(struct stub_tls_options){.to_days = 0}, true);
    kept = get_https();
    ck_assert_msg(kept->answer.error == NET_OK, "%s", kept->answer.message);
    ck_assert_str_eq(kept->body, "ok");
    ck_assert(!kept->answer.connection_reused);
    ck_assert(get_https()->answer.connection_reused);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 1);
}
END_TEST

static const struct {
    struct stub_tls_options options;
    bool trusted;
    const char *reason; /* what the message must say */
} flaws[] = {
    {{.from_days = -60, .to_days = -1}, true, "expired"},
    {{.from_days = 1, .to_days = 60}, true, "not yet valid"},
    {{.host = "other.example"}, true, "127.0.0.1"},
    {{.self_signed = true}, true, "self-signed"},
    {{.self_signed = true}, false, "self-signed"},
    {{.self_signed = false}, false, "issuer"},
    {{.sha1 = true}, true, "weak"},
    {{.old = true}, true, ""},
};

START_TEST(C4_D4_P5_a_flawed_certificate_is_refused_with_its_reason)
{
    const struct kept_answer *kept;

    tls_start(&flaws[_i].options, flaws[_i].trusted);
    kept = get_https();
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TLS);
    ck_assert_msg(strstr(kept->answer.message, flaws[_i].reason) != NULL, "no \"%s\" in \"%s\"",
                  flaws[_i].reason, kept->answer.message);
    ck_assert_ptr_null(strstr(kept->answer.message, "hidden"));
    ck_assert_int_eq(kept->answer.status, 0);
    ck_assert(!kept->answer.request_sent);
    run_for(20);
    ck_assert_str_eq(stub_server_heard(world.server), "");
}
END_TEST

START_TEST(C4_what_is_not_TLS_at_all_is_a_TLS_error)
{
    static const struct stub_step plain[] = {
        {.action = STUB_READ_N, .count = 1},
        STUB_TEXT("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        STUB_DO(STUB_END),
    };
    struct stub_server *other = stub_server_new(world.base);
    struct net_call call = call_of(stub_server_https_url(other, "127.0.0.1", "/"));
    const struct kept_answer *kept;

    stub_server_script(other, plain);
    tls_start(&(struct stub_tls_options){.self_signed = true}, true); /* one authority to read */
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TLS);
    ck_assert(!kept->answer.request_sent);
    stub_server_free(other);
}
END_TEST

START_TEST(C4_a_handshake_that_stalls_ends_after_a_third_of_the_timeout)
{
    static const struct stub_step silence[] = {STUB_DO(STUB_END)};
    struct stub_server *other = stub_server_new(world.base);
    struct net_call call = call_of(stub_server_https_url(other, "127.0.0.1", "/"));
    const struct kept_answer *kept;

    stub_server_script(other, silence);
    tls_start(&(struct stub_tls_options){.self_signed = true}, true); /* one authority to read */
    call.timeout_ms = 900;
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TIMEOUT);
    ck_assert(!kept->answer.request_sent);
    ck_assert_int_le(kept->answer.duration_us, 850000);
    stub_server_free(other);
}
END_TEST

static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* With the system's authorities: each time would stop the loop for the better part of 100 ms. */
START_TEST(P8_the_authorities_are_read_once_and_not_for_every_connection)
{
    int64_t first;
    int64_t others;

    if (curl_version_info(CURLVERSION_NOW)->cainfo == NULL) {
        puts("net_tls: skipped: libcurl knows no file of the system's authorities");
        return;
    }
    tls_start(&(struct stub_tls_options){.self_signed = true}, false);
    net_world_options(&(struct net_options){.user_agent = "x"});
    first = cpu_us();
    ck_assert_int_eq(get_https()->answer.error, NET_ERROR_TLS);
    first = cpu_us() - first;
    others = cpu_us();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(get_https()->answer.error, NET_ERROR_TLS);
    others = cpu_us() - others;
    ck_assert_int_lt(others, first);
}
END_TEST

START_TEST(a_missing_ca_file_is_our_own_error)
{
    net_world_options(&(struct net_options){.user_agent = "x", .ca_file = "/nonexistent/ca"});
    ck_assert_int_eq(get_https()->answer.error, NET_ERROR_LOCAL);
}
END_TEST

/* Without a Content-Length libcurl takes the end for the end: OpenSSL is told to. */
START_TEST(A7_a_TLS_answer_that_is_cut_is_broken)
{
    static const struct stub_step cut[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall of it?"),
        STUB_DO(STUB_CLOSE),
    };

    stub_server_free(world.server);
    world.server = stub_server_new(world.base);
    stub_server_script(world.server, cut);
    tls_start(&(struct stub_tls_options){.http2 = false}, true);
    ck_assert_int_eq(get_https()->answer.error, NET_ERROR_BROKEN);
}
END_TEST

/* --- HTTP/2, frame by frame ------------------------------------------------------------------ */

/* Preface, SETTINGS, WINDOW_UPDATE and the head of HEADERS: the request has begun to come. */
#define H2_REQUEST                                       \
    {                                                    \
        .action = STUB_READ_N, .count = 24 + 27 + 13 + 9 \
    }
#define H2_SETTINGS      \
    "\0\0\0\4\0\0\0\0\0" \
    "\0\0\0\4\1\0\0\0\0"
#define H2_HEADERS_200 "\0\0\1\1\4\0\0\0\1\x88"
#define H2_DATA_OK "\0\0\2\0\1\0\0\0\1ok"
#define H2_GOAWAY_NOTHING_DONE "\0\0\x8\7\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define H2_RST_REFUSED "\0\0\4\3\0\0\0\0\1\0\0\0\7"
#define H2_RST_INTERNAL "\0\0\4\3\0\0\0\0\1\0\0\0\2"

static const struct stub_step h2_answer[] = {
    H2_REQUEST,
    STUB_TEXT(H2_SETTINGS H2_HEADERS_200 H2_DATA_OK),
    STUB_DO(STUB_END),
};
static const struct stub_step h2_goaway[] = {
    H2_REQUEST,
    STUB_TEXT(H2_SETTINGS H2_GOAWAY_NOTHING_DONE),
    STUB_DO(STUB_CLOSE),
};
static const struct stub_step h2_refused[] = {
    H2_REQUEST,
    STUB_TEXT(H2_SETTINGS H2_RST_REFUSED),
    STUB_DO(STUB_CLOSE),
};
static const struct stub_step h2_internal[] = {
    H2_REQUEST,
    STUB_TEXT(H2_SETTINGS H2_RST_INTERNAL),
    STUB_DO(STUB_END),
};
static const struct stub_step h2_cut[] = {
    H2_REQUEST,
    STUB_TEXT(H2_SETTINGS H2_HEADERS_200),
    STUB_DO(STUB_RESET),
};
static const struct stub_step h2_garbage[] = {
    H2_REQUEST,
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_END),
};

static const struct kept_answer *get_h2(const struct stub_step *first)
{
    stub_server_free(world.server);
    world.server = stub_server_new(world.base);
    stub_server_script(world.server, first);
    stub_server_script(world.server, h2_answer);
    tls_start(&(struct stub_tls_options){.http2 = true}, true);
    return get_https();
}

START_TEST(an_http2_answer_is_an_answer)
{
    const struct kept_answer *kept = get_h2(h2_answer);

    ck_assert_msg(kept->answer.error == NET_OK, "%s", kept->answer.message);
    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_str_eq(kept->body, "ok");
    ck_assert(kept->answer.request_sent);
}
END_TEST

static const struct stub_step *const h2_undone[] = {h2_goaway, h2_refused};

START_TEST(C11_a_stream_that_was_not_begun_is_repeated_or_broken)
{
    const struct kept_answer *kept = get_h2(h2_undone[_i]);

    if (kept->answer.error == NET_OK)
        ck_assert_str_eq(kept->body, "ok");
    else
        ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
}
END_TEST

static const struct stub_step *const h2_broken[] = {h2_internal, h2_cut, h2_garbage};

START_TEST(C11_a_stream_that_ends_in_an_error_is_broken)
{
    const struct kept_answer *kept = get_h2(h2_broken[_i]);

    ck_assert_msg(kept->answer.error == NET_ERROR_BROKEN, "%s: %s",
                  net_error_name(kept->answer.error), kept->answer.message);
    ck_assert(kept->answer.request_sent);
    ck_assert_str_eq(kept->body, "");
}
END_TEST

static void add_tests(Suite *suite)
{
    TCase *tc = tcase_create("tls");
    TCase *late = tcase_create("late");
    TCase *h2 = tcase_create("http2");

    tcase_add_checked_fixture(tc, open_all, close_all);
    tcase_add_checked_fixture(late, open_all, close_all);
    tcase_set_tags(late, "timing");
    tcase_add_checked_fixture(h2, open_all, close_all);
    tcase_set_timeout(tc, 30);
    tcase_set_timeout(late, 30);
    tcase_set_timeout(h2, 30);
    tcase_add_test(tc, C4_a_good_certificate_of_the_authority_is_taken);
    tcase_add_loop_test(tc, C4_D4_P5_a_flawed_certificate_is_refused_with_its_reason, 0,
                        COUNT(flaws));
    tcase_add_test(tc, C4_what_is_not_TLS_at_all_is_a_TLS_error);
    tcase_add_test(late, C4_a_handshake_that_stalls_ends_after_a_third_of_the_timeout);
    tcase_add_test(late, P8_the_authorities_are_read_once_and_not_for_every_connection);
    tcase_add_test(tc, a_missing_ca_file_is_our_own_error);
    tcase_add_test(tc, A7_a_TLS_answer_that_is_cut_is_broken);
    tcase_add_test(h2, an_http2_answer_is_an_answer);
    tcase_add_loop_test(h2, C11_a_stream_that_was_not_begun_is_repeated_or_broken, 0, 2);
    tcase_add_loop_test(h2, C11_a_stream_that_ends_in_an_error_is_broken, 0, 3);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, late);
    suite_add_tcase(suite, h2);
}

#else

START_TEST(C4_needs_openssl)
{
    puts("net_tls: skipped: built without OpenSSL and libevent_openssl");
}
END_TEST

static void add_tests(Suite *suite)
{
    TCase *tc = tcase_create("tls");

    tcase_add_test(tc, C4_needs_openssl);
    suite_add_tcase(suite, tc);
}

#endif

Suite *net_tls_suite(void)
{
    Suite *suite = suite_create("net_tls");

    add_tests(suite);
    return suite;
}
