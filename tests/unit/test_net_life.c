/* SPDX-License-Identifier: MIT */
/* The HTTP client's requests: many at once, cancelled, dropped, forgotten; and its idleness. */
#include "lib/count.h"
#include "lib/net_world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/net_private.h"

#include <check.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct stub_step answer_all[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_AGAIN),
};
static const struct stub_step answer_one[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"),
    STUB_DO(STUB_CLOSE),
};
static const struct stub_step hang[] = {
    STUB_DO(STUB_READ),
    STUB_DO(STUB_END),
};

/* --- many ------------------------------------------------------------------------------------ */

struct crowd {
    int calls;
    int good;
    int timeouts;
    int unsent;
    struct net_request *requests[200];
};

static void count_one(const struct net_answer *answer, void *context)
{
    struct crowd *crowd = context;

    crowd->calls++;
    crowd->good += answer->error == NET_OK && strcmp(answer->body, "ok") == 0;
    crowd->timeouts += answer->error == NET_ERROR_TIMEOUT;
    crowd->unsent += !answer->request_sent;
}

static void start_crowd(struct crowd *crowd, int count, const struct net_call *call)
{
    for (int i = 0; i < count; i++) {
        crowd->requests[i] = net_start(world.net, call, count_one, crowd);
        ck_assert_ptr_nonnull(crowd->requests[i]);
    }
    ck_assert_int_eq(crowd->calls, 0);
    ck_assert_uint_eq(net_in_flight(world.net), (size_t)count);
}

static const struct stub_step *const crowd_scripts[] = {answer_all, answer_one};

START_TEST(C13_two_hundred_requests_never_have_more_than_eight_connections)
{
    struct crowd crowd = {0};
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    net_world_options(&(struct net_options){.user_agent = "x", .max_connections = 8});
    stub_server_script(world.server, crowd_scripts[_i]);
    call.timeout_ms = 10000;
    start_crowd(&crowd, 200, &call);
    run_until_count(&crowd.calls, 200);
    ck_assert_int_eq(crowd.good, 200);
    ck_assert_uint_eq(net_in_flight(world.net), 0);
    ck_assert_uint_le(stub_server_counts(world.server).open_max, 8);
    ck_assert_uint_ge(stub_server_counts(world.server).open_max, 2);
}
END_TEST

START_TEST(a_request_that_waits_for_a_connection_ends_at_its_timeout_too)
{
    struct crowd crowd = {0};
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    int64_t began = clock_boot_ms();

    net_world_options(&(struct net_options){.user_agent = "x", .max_connections = 1});
    stub_server_script(world.server, hang);
    call.timeout_ms = 100;
    start_crowd(&crowd, 20, &call);
    run_until_count(&crowd.calls, 20);
    ck_assert_int_eq(crowd.timeouts, 20);
    ck_assert_int_ge(crowd.unsent, 18);
    ck_assert_int_lt(clock_boot_ms() - began, 1000);
}
END_TEST

/* --- callbacks that start and cancel --------------------------------------------------------- */

static int chain_left;

static void start_next(const struct net_answer *answer, void *context)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    ck_assert_int_eq(answer->error, NET_OK);
    ck_assert_uint_eq(net_in_flight(world.net), 0);
    ++*(int *)context;
    if (--chain_left > 0)
        ck_assert_ptr_nonnull(net_start(world.net, &call, start_next, context));
}

START_TEST(a_callback_may_start_the_next_request)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    int calls = 0;

    stub_server_script(world.server, answer_all);
    chain_left = 50;
    ck_assert_ptr_nonnull(net_start(world.net, &call, start_next, &calls));
    run_until_count(&calls, 50);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 1);
}
END_TEST

struct rivals {
    int calls;
    size_t count;
    struct net_request *requests[20];
};

struct rival {
    struct rivals *all;
    size_t index;
};

static void cancel_the_others(const struct net_answer *answer, void *context)
{
    struct rival *rival = context;

    ck_assert_int_eq(answer->error, NET_OK);
    rival->all->calls++;
    for (size_t i = 0; i < rival->all->count; i++) {
        if (i != rival->index)
            net_cancel(rival->all->requests[i]);
    }
}

START_TEST(a_callback_may_cancel_all_other_requests)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    struct rivals rivals = {.count = 20};
    struct rival contexts[20];

    stub_server_script(world.server, answer_all);
    for (size_t i = 0; i < 20; i++) {
        contexts[i] = (struct rival){.all = &rivals, .index = i};
        rivals.requests[i] = net_start(world.net, &call, cancel_the_others, &contexts[i]);
    }
    run_until_count(&rivals.calls, 1);
    ck_assert_uint_eq(net_in_flight(world.net), 0);
    run_for(30);
    ck_assert_int_eq(rivals.calls, 1);
}
END_TEST

/* --- cancelling at every stage --------------------------------------------------------------- */

static const struct stub_step in_header[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-"),
    STUB_DO(STUB_END),
};
static const struct stub_step in_body[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nsome"),
    STUB_DO(STUB_END),
};
static const struct stub_step in_gzip[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3"),
    STUB_DO(STUB_END),
};

static const struct {
    const struct stub_step *script;
    const char *url; /* NULL = the server's */
    int run_ms;
} stages[] = {
    {hang, NULL, 0},
    {hang, NULL, 1},
    {hang, NULL, 20},
    {in_header, NULL, 20},
    {in_body, NULL, 20},
    {in_gzip, NULL, 20},
    {hang, "https", 20}, /* handshake */
    {hang, "https://nowhere.invalid/", 0},
    {hang, "https://nowhere.invalid/", 1},
};

static struct net_call call_at_stage(int stage)
{
    static char url[64];
    const char *wanted = stages[stage].url;
    struct net_call call;

    snprintf(url, sizeof(url), "%s", wanted != NULL ? wanted : stub_server_url(world.server, "/"));
    if (strcmp(url, "https") == 0)
        snprintf(url, sizeof(url), "%s", stub_server_https_url(world.server, "127.0.0.1", "/"));
    call = call_of(url);
    call.authorization = "Bearer x";
    if (stage % 2 == 0) {
        call.form = "a=b";
        call.form_len = 3;
    }
    return call;
}

START_TEST(a_cancelled_request_is_never_heard_of_again)
{
    struct crowd crowd = {0};
    struct net_call call = call_at_stage(_i);

    net_world_options(&(struct net_options){.user_agent = "x", .max_connections = 2});
    stub_server_script(world.server, stages[_i].script);
    start_crowd(&crowd, 3, &call); /* the third waits for a connection */
    if (stages[_i].run_ms > 0)
        run_for(stages[_i].run_ms);
    if (crowd.calls > 0) /* there is a resolver here that is quick to say no */
        run_until_count(&crowd.calls, 3);
    for (int i = crowd.calls; i < 3; i++)
        net_cancel(crowd.requests[i]);
    run_for(20);
    ck_assert_uint_eq(net_in_flight(world.net), 0);
}
END_TEST

START_TEST(freeing_the_client_drops_what_is_under_way)
{
    struct crowd crowd = {0};
    struct net_call call = call_at_stage(_i);
    int before;

    net_world_options(&(struct net_options){.user_agent = "x", .max_connections = 2});
    stub_server_script(world.server, stages[_i].script);
    start_crowd(&crowd, 3, &call);
    if (stages[_i].run_ms > 0)
        run_for(stages[_i].run_ms);
    before = crowd.calls;
    net_free(world.net);
    world.net = NULL;
    run_for(20);
    ck_assert_int_eq(crowd.calls, before);
}
END_TEST

START_TEST(F1_a_get_under_way_does_not_delay_the_end)
{
    struct crowd crowd = {0};
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    int64_t began;

    stub_server_script(world.server, hang);
    start_crowd(&crowd, 8, &call);
    run_for(10);
    began = clock_boot_ms();
    net_free(world.net);
    world.net = NULL;
    ck_assert_int_lt(clock_boot_ms() - began, 100);
}
END_TEST

/* --- idle ------------------------------------------------------------------------------------ */

static int events_pending(void)
{
    return event_base_get_num_events(world.base, EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE);
}

static const struct stub_step *const idle_scripts[] = {answer_all, answer_one, hang};

/* Connections stay open, and still there is nothing that could wake the process. */
START_TEST(an_idle_client_has_no_timer_and_watches_no_socket)
{
    uint16_t port;
    pid_t child = stub_server_fork(idle_scripts[_i], &port);
    char url[64];
    struct crowd crowd = {0};
    struct net_call call;

    stub_server_free(world.server);
    world.server = NULL;
    ck_assert_int_eq(events_pending(), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    call = call_of(url);
    call.timeout_ms = idle_scripts[_i] == hang ? 100 : 5000;
    start_crowd(&crowd, 5, &call);
    run_until_count(&crowd.calls, 5);
    net_cancel(net_start(world.net, &call, count_one, &crowd));
    ck_assert_int_eq(events_pending(), 0);
    ck_assert_int_eq(event_base_dispatch(world.base), 1); /* 1: no event left to wait for */
    stub_server_reap(child);
}
END_TEST

START_TEST(C7_after_a_long_rest_no_old_connection_is_used)
{
    struct net_call call;

    get_scripted(answer_all);
    world.net->last_end_boot_ms -= (NET_MAX_IDLE_S + 1) * CLOCK_SECOND;
    call = call_of(stub_server_url(world.server, "/"));
    ck_assert(!get_call(&call)->answer.connection_reused);
    call = call_of(stub_server_url(world.server, "/"));
    ck_assert(get_call(&call)->answer.connection_reused);
}
END_TEST

/* --- secrets --------------------------------------------------------------------------------- */

#define MASK 0x2a /* the secrets exist only masked, but for the time they are used */
#define SECRET_LEN 24
#define MAPPING_MAX ((size_t)1 << 30) /* larger ones are a sanitizer's shadow */

static const char masked_header[SECRET_LEN + 1] = "GKNO_HKRNGZ_TOROQNXONGZV";
static const char masked_form[SECRET_LEN + 1] = "ZQVRONFWXOTPXMKQSRVTZVVO";
static const char masked_body[SECRET_LEN + 1] = "PTOQXNVOKWMSZRXOQTVFNKWZ";

static void unmask(char *to, const char *masked)
{
    for (size_t i = 0; i < SECRET_LEN; i++)
        to[i] = (char)(masked[i] ^ MASK);
}

static bool secret_at(const char *bytes, const char *masked)
{
    for (size_t i = 0; i < SECRET_LEN; i++) {
        if (bytes[i] != (masked[i] ^ MASK))
            return false;
    }
    return true;
}

static size_t find_in(const char *bytes, size_t len, const char *masked)
{
    size_t found = 0;

    for (size_t i = 0; i + SECRET_LEN <= len; i++)
        found += bytes[i] == (masked[0] ^ MASK) && secret_at(bytes + i, masked);
    return found;
}

static size_t find_in_mapping(int memory, size_t begin, size_t end, const char *masked)
{
    static char window[65536];
    size_t step = sizeof(window) - SECRET_LEN;
    size_t found = 0;

    for (size_t at = begin; at < end; at += step) {
        size_t want = end - at < sizeof(window) ? end - at : sizeof(window);
        ssize_t got = pread(memory, window, want, (off_t)at);

        if (got > 0)
            found += find_in(window, (size_t)got, masked);
    }
    memset(window, 0, sizeof(window));
    return found;
}

/* How often a secret stands in the writable memory of this process. */
static size_t find_in_memory(const char *masked)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512];
    size_t found = 0;

    ck_assert_ptr_nonnull(maps);
    ck_assert_int_ge(memory, 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        size_t begin;
        size_t end;
        char *rest;

        begin = strtoul(line, &rest, 16);
        end = strtoul(rest + 1, &rest, 16);
        if (rest[2] == 'w' && end - begin < MAPPING_MAX) /* "begin-end rw-p ..." */
            found += find_in_mapping(memory, begin, end, masked);
    }
    fclose(maps);
    close(memory);
    return found;
}

/* The server's answer with the secret, in pieces, so that buffers grow on the way. */
static void serve_secret(uint16_t *port, pid_t *child)
{
    static char answer[256];
    static struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"),
        {.action = STUB_SEND, .data = answer, .len = 60},
        {.action = STUB_PAUSE, .ms = 5},
        {.action = STUB_SEND, .data = answer + 60, .len = 140},
        STUB_DO(STUB_AGAIN),
    };

    memset(answer, ' ', sizeof(answer));
    unmask(answer + 4, masked_body);
    unmask(answer + 120, masked_body);
    *child = stub_server_fork(steps, port);
    buf_wipe(answer, sizeof(answer));
}

static int secret_calls;
static size_t secrets_seen;

static void look_for_secret(const struct net_answer *answer, void *context)
{
    (void)context;
    ck_assert_int_eq(answer->error, NET_OK);
    secrets_seen = find_in(answer->body, answer->body_len, masked_body);
    secret_calls++;
}

START_TEST(B21_no_secret_stays_in_memory_after_a_request)
{
    char header[64] = "Bearer ";
    char form[SECRET_LEN] = "";
    char url[64];
    struct net_call call;
    uint16_t port;
    pid_t child;

    serve_secret(&port, &child);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    call = call_of(url);
    unmask(header + 7, masked_header);
    unmask(form, masked_form);
    call.authorization = header;
    if (_i == 1) {
        call.form = form;
        call.form_len = SECRET_LEN;
    }
    ck_assert_ptr_nonnull(net_start(world.net, &call, look_for_secret, NULL));
    buf_wipe(header, sizeof(header));
    buf_wipe(form, sizeof(form));
    ck_assert_uint_ge(find_in_memory(masked_header), 1); /* the search finds what is there */
    ck_assert_uint_ge(find_in_memory(masked_form), (size_t)_i);
    run_until_count(&secret_calls, 1);
    ck_assert_uint_eq(secrets_seen, 2);
    ck_assert_uint_eq(find_in_memory(masked_header), 0);
    ck_assert_uint_eq(find_in_memory(masked_form), 0);
    ck_assert_uint_eq(find_in_memory(masked_body), 0);
    stub_server_reap(child);
}
END_TEST

START_TEST(B21_no_secret_stays_in_memory_after_a_cancelled_request)
{
    char header[64] = "Bearer ";
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    unmask(header + 7, masked_header);
    call.authorization = header;
    net_cancel(net_start(world.net, &call, keep_answer, NULL));
    buf_wipe(header, sizeof(header));
    ck_assert_uint_eq(find_in_memory(masked_header), 0);
}
END_TEST

Suite *net_life_suite(void)
{
    Suite *suite = suite_create("net_life");
    TCase *tc = tcase_create("life");
    TCase *quick = tcase_create("quick");

    tcase_add_checked_fixture(tc, net_world_open, net_world_close);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, C13_two_hundred_requests_never_have_more_than_eight_connections, 0,
                        COUNT(crowd_scripts));
    tcase_add_test(tc, a_callback_may_start_the_next_request);
    tcase_add_test(tc, a_callback_may_cancel_all_other_requests);
    tcase_add_loop_test(tc, a_cancelled_request_is_never_heard_of_again, 0, COUNT(stages));
    tcase_add_loop_test(tc, freeing_the_client_drops_what_is_under_way, 0, COUNT(stages));
    tcase_add_checked_fixture(quick, net_world_open, net_world_close);
    tcase_set_tags(quick, "timing");
    tcase_add_test(quick, a_request_that_waits_for_a_connection_ends_at_its_timeout_too);
    tcase_add_test(quick, F1_a_get_under_way_does_not_delay_the_end);
    tcase_add_loop_test(tc, an_idle_client_has_no_timer_and_watches_no_socket, 0,
                        COUNT(idle_scripts));
    tcase_add_test(tc, C7_after_a_long_rest_no_old_connection_is_used);
    tcase_add_loop_test(tc, B21_no_secret_stays_in_memory_after_a_request, 0, 2);
    tcase_add_test(tc, B21_no_secret_stays_in_memory_after_a_cancelled_request);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, quick);
    return suite;
}
