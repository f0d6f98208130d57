/* SPDX-License-Identifier: MIT */
/*
 * The HTTP client and name servers, in a private network (needs root). The loop must go on whatever
 * the resolver does: libcurl would wait for it inside the loop, were it not told otherwise.
 */
#include "lib/net_world.h"
#include "lib/stub_dns.h"

#include "base/clock.h"

#include <check.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TICK_MS 10
#define STALL_MAX_MS 100

static struct stub_dns *dns;

/* True if the test can be run; says why not. */
static bool private_network(enum stub_dns_answer answer)
{
    const char *why = private_network_enter();

    if (why != NULL) {
        printf("net_dns: skipped: %s (root is needed)\n", why);
        return false;
    }
    dns = stub_dns_new(world.base, answer);
    ck_assert_ptr_nonnull(dns);
    return true;
}

static void close_all(void)
{
    stub_dns_free(dns);
    net_world_close();
}

/* --- how long the loop stood still ----------------------------------------------------------- */

struct ticker {
    struct event *event;
    int64_t last_ms;
    int64_t longest_ms;
};

static void tick(evutil_socket_t fd, short what, void *context)
{
    struct ticker *ticker = context;
    int64_t now_ms = clock_boot_ms();

    (void)fd;
    (void)what;
    if (now_ms - ticker->last_ms > ticker->longest_ms)
        ticker->longest_ms = now_ms - ticker->last_ms;
    ticker->last_ms = now_ms;
}

static void ticker_start(struct ticker *ticker)
{
    struct timeval every = {.tv_usec = TICK_MS * 1000};

    ticker->event = event_new(world.base, -1, EV_PERSIST, tick, ticker);
    event_add(ticker->event, &every);
    ticker->last_ms = clock_boot_ms();
    ticker->longest_ms = 0;
}

static int64_t ticker_stop(struct ticker *ticker)
{
    tick(-1, 0, ticker); /* the last stretch counts as well */
    event_free(ticker->event);
    return ticker->longest_ms;
}

/* --- tests ----------------------------------------------------------------------------------- */

static struct net_call call_by_name(int64_t timeout_ms)
{
    struct net_call call = call_of("https://api.example/");

    call.timeout_ms = timeout_ms;
    return call;
}

START_TEST(C2_a_silent_resolver_does_not_stall_the_loop)
{
    struct net_call call = call_by_name(900);
    struct ticker ticker;
    const struct kept_answer *kept;

    if (!private_network(STUB_DNS_SWALLOW))
        return;
    ticker_start(&ticker);
    kept = get_call(&call);
    ck_assert_int_lt(ticker_stop(&ticker), STALL_MAX_MS);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TIMEOUT);
    ck_assert(!kept->answer.request_sent);
    ck_assert_int_ge(kept->answer.duration_us, 290000);
    ck_assert_int_le(kept->answer.duration_us, 900000);
    ck_assert_uint_ge(stub_dns_questions(dns), 1);
}
END_TEST

START_TEST(C2_cancelling_while_the_resolver_is_silent_does_not_stall_the_loop)
{
    struct net_call call = call_by_name(30000);
    struct ticker ticker;
    struct net_request *request;

    if (!private_network(STUB_DNS_SWALLOW))
        return;
    request = net_start(world.net, &call, keep_answer, NULL);
    ticker_start(&ticker);
    run_for(50);
    ck_assert_uint_ge(stub_dns_questions(dns), 1);
    net_cancel(request);
    ck_assert_int_lt(ticker_stop(&ticker), STALL_MAX_MS);
}
END_TEST

START_TEST(F1_the_end_does_not_wait_for_a_silent_resolver)
{
    struct net_call call = call_by_name(30000);
    struct kept_answer kept[4];
    int64_t began_ms;

    if (!private_network(STUB_DNS_SWALLOW))
        return;
    for (int i = 0; i < 4; i++)
        ck_assert_ptr_nonnull(net_start(world.net, &call, keep_answer, &kept[i]));
    run_for(50);
    began_ms = clock_boot_ms();
    net_free(world.net);
    world.net = NULL;
    ck_assert_int_lt(clock_boot_ms() - began_ms, STALL_MAX_MS);
}
END_TEST

START_TEST(P11_a_silent_resolver_does_not_hold_up_other_requests)
{
    static const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        STUB_DO(STUB_AGAIN),
    };
    struct net_call call = call_by_name(30000);
    struct kept_answer stuck[3];

    if (!private_network(STUB_DNS_SWALLOW))
        return;
    stub_server_free(world.server); /* it listens in the network that we have left */
    world.server = stub_server_new(world.base);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(net_start(world.net, &call, keep_answer, &stuck[i]));
    ck_assert_int_lt(get_scripted(steps)->answer.duration_us, 100000);
    ck_assert_uint_eq(net_in_flight(world.net), 3);
}
END_TEST

static const enum stub_dns_answer no_answers[] = {STUB_DNS_NXDOMAIN, STUB_DNS_SERVFAIL};

START_TEST(C1_a_name_that_does_not_resolve_is_a_resolve_error)
{
    struct net_call call = call_by_name(3000);
    const struct kept_answer *kept;

    if (!private_network(no_answers[_i]))
        return;
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_RESOLVE);
    ck_assert(!kept->answer.request_sent);
    ck_assert(!kept->answer.connection_reused);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "api.example"));
}
END_TEST

static const enum stub_dns_answer both_ways[] = {STUB_DNS_LOOPBACK, STUB_DNS_BOTH};

/* Plain bytes where a handshake should be: what matters is that IPv4 was reached. */
START_TEST(C9_a_broken_IPv6_does_not_keep_from_IPv4)
{
    static const struct stub_step steps[] = {STUB_TEXT("no TLS here\r\n"), STUB_DO(STUB_END)};
    struct net_call call;
    const struct kept_answer *kept;

    if (!private_network(both_ways[_i]))
        return;
    stub_server_free(world.server);
    world.server = stub_server_new(world.base);
    stub_server_script(world.server, steps);
    call = call_of(stub_server_https_url(world.server, "api.example", "/"));
    call.timeout_ms = 60000; /* connecting includes reading the system's authorities */
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TLS);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 1);
}
END_TEST

Suite *net_dns_suite(void)
{
    Suite *suite = suite_create("net_dns");
    TCase *silence = tcase_create("silent name servers");
    TCase *answers = tcase_create("name servers");

    tcase_add_checked_fixture(silence, net_world_open, close_all);
    tcase_add_checked_fixture(answers, net_world_open, close_all);
    tcase_set_tags(silence, "timing");
    tcase_set_timeout(silence, 30);
    tcase_set_timeout(answers, 30);
    tcase_add_test(silence, C2_a_silent_resolver_does_not_stall_the_loop);
    tcase_add_test(silence, C2_cancelling_while_the_resolver_is_silent_does_not_stall_the_loop);
    tcase_add_test(silence, F1_the_end_does_not_wait_for_a_silent_resolver);
    tcase_add_test(silence, P11_a_silent_resolver_does_not_hold_up_other_requests);
    tcase_add_loop_test(answers, C1_a_name_that_does_not_resolve_is_a_resolve_error, 0, 2);
    tcase_add_loop_test(answers, C9_a_broken_IPv6_does_not_keep_from_IPv4, 0, 2);
    suite_add_tcase(suite, silence);
    suite_add_tcase(suite, answers);
    return suite;
}
