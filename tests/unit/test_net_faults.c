/* SPDX-License-Identifier: MIT */
/* The HTTP client against everything that goes wrong below and around HTTP. */
#include "lib/net_world.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- cut and reset --------------------------------------------------------------------------- */

static const struct stub_step cut_body[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"items\":["),
    STUB_DO(STUB_CLOSE),
};

START_TEST(A7_a_body_shorter_than_its_length_is_broken)
{
    const struct kept_answer *kept = get_scripted(cut_body);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_uint_eq(kept->answer.body_len, 0);
    ck_assert_str_eq(kept->body, "");
    ck_assert(kept->answer.request_sent);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "(127.0.0.1)"));
}
END_TEST

static const struct stub_step cut_chunks[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(A7_a_chunked_body_without_its_end_is_broken)
{
    ck_assert_int_eq(get_scripted(cut_chunks)->answer.error, NET_ERROR_BROKEN);
}
END_TEST

static const struct stub_step reset_in_body[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin"),
    {.action = STUB_PAUSE, .ms = 10},
    STUB_DO(STUB_RESET),
};

START_TEST(A7_a_reset_in_the_body_is_broken)
{
    const struct kept_answer *kept = get_scripted(reset_in_body);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "reset"));
}
END_TEST

static const struct stub_step close_unanswered[] = {
    STUB_DO(STUB_READ),
    STUB_DO(STUB_CLOSE),
};

START_TEST(C5_a_connection_closed_without_an_answer_is_broken_and_was_sent)
{
    const struct kept_answer *kept = get_scripted(close_unanswered);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 0);
    ck_assert(kept->answer.request_sent);
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 1);
}
END_TEST

static const struct stub_step reset_unanswered[] = {
    STUB_DO(STUB_READ),
    STUB_DO(STUB_RESET),
};

START_TEST(C5_a_post_that_is_reset_after_sending_was_sent_once)
{
    struct net_call call = call_of(stub_server_url(world.server, "/api/token"));
    const struct kept_answer *kept;

    stub_server_script(world.server, reset_unanswered);
    call.form = "grant_type=refresh_token";
    call.form_len = strlen(call.form);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert(kept->answer.request_sent);
    ck_assert_uint_eq(stub_server_counts(world.server).requests, 1);
}
END_TEST

static const struct stub_step reset_at_once[] = {
    STUB_DO(STUB_RESET),
};

START_TEST(C5_a_connection_reset_at_once_is_broken)
{
    const struct kept_answer *kept = get_scripted(reset_at_once);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 0);
}
END_TEST

static const struct stub_step not_http[] = {
    STUB_TEXT("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
    STUB_DO(STUB_READ),
    STUB_TEXT("what?\r\n"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(what_does_not_speak_http_is_broken)
{
    const struct kept_answer *kept = get_scripted(not_http);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 0);
}
END_TEST

static const struct stub_step bad_gzip[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"),
    STUB_DO(STUB_END),
};

START_TEST(a_body_that_cannot_be_unpacked_is_broken)
{
    ck_assert_int_eq(get_scripted(bad_gzip)->answer.error, NET_ERROR_BROKEN);
}
END_TEST

static const struct stub_step only_interim[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 100 Continue\r\n\r\n"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(an_interim_answer_alone_is_no_answer)
{
    const struct kept_answer *kept = get_scripted(only_interim);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 0);
}
END_TEST

static const struct stub_step switching[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(a_protocol_switch_nobody_asked_for_is_broken)
{
    const struct kept_answer *kept = get_scripted(switching);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 0);
}
END_TEST

/* --- connections that went stale ------------------------------------------------------------- */

static const struct stub_step close_while_idle[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    {.action = STUB_PAUSE, .ms = 10},
    STUB_DO(STUB_CLOSE),
};

START_TEST(C7_a_connection_closed_while_idle_is_replaced)
{
    struct net_call call;

    ck_assert_str_eq(get_scripted(close_while_idle)->body, "ok");
    run_for(30);
    ck_assert_uint_eq(stub_server_counts(world.server).open, 0);
    call = call_of(stub_server_url(world.server, "/"));
    ck_assert_str_eq(get_call(&call)->body, "ok");
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 2);
}
END_TEST

/* The server takes the second request and drops it: the race that no look at the socket can see. */
static const struct stub_step drop_second[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_READ),
    STUB_DO(STUB_RESET),
};
static const struct stub_step answer_all[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    STUB_DO(STUB_AGAIN),
};

START_TEST(C7_a_get_dropped_on_a_reused_connection_is_repeated_or_said_to_be_broken)
{
    struct net_call call;
    const struct kept_answer *kept;

    stub_server_script(world.server, drop_second);
    get_scripted(answer_all); /* the first script is for this first connection */
    call = call_of(stub_server_url(world.server, "/"));
    kept = get_call(&call);
    if (kept->answer.error == NET_OK) {
        ck_assert_str_eq(kept->body, "ok");
    } else {
        ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
        ck_assert(kept->answer.connection_reused);
        ck_assert(kept->answer.request_sent);
    }
}
END_TEST

START_TEST(C7_a_post_is_never_sent_on_a_connection_that_may_be_dead)
{
    struct net_call call;
    const struct kept_answer *kept;

    stub_server_script(world.server, drop_second);
    get_scripted(answer_all);
    call = call_of(stub_server_url(world.server, "/"));
    call.form = "a=b";
    call.form_len = 3;
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert(!kept->answer.connection_reused);
    ck_assert_uint_eq(stub_server_counts(world.server).requests, 2);
}
END_TEST

static const struct stub_step closes_each[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"),
    STUB_DO(STUB_CLOSE),
};

START_TEST(C12_a_server_that_closes_after_each_answer_works)
{
    get_scripted(closes_each);
    for (int i = 0; i < 4; i++) {
        struct net_call call = call_of(stub_server_url(world.server, "/"));
        const struct kept_answer *kept = get_call(&call);

        ck_assert_str_eq(kept->body, "ok");
        ck_assert(!kept->answer.connection_reused);
    }
    ck_assert_uint_eq(stub_server_counts(world.server).accepted, 5);
}
END_TEST

/* --- time ------------------------------------------------------------------------------------ */

static struct net_call short_call(int64_t timeout_ms)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    call.timeout_ms = timeout_ms;
    return call;
}

static const struct stub_step hang[] = {
    STUB_DO(STUB_READ),
    STUB_DO(STUB_END),
};

START_TEST(a_server_that_never_answers_ends_in_a_timeout)
{
    struct net_call call = short_call(400);
    const struct kept_answer *kept;

    stub_server_script(world.server, hang);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TIMEOUT);
    ck_assert(kept->answer.request_sent);
    ck_assert_int_ge(kept->answer.duration_us, 399000);
    ck_assert_int_le(kept->answer.duration_us, 900000);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "127.0.0.1"));
}
END_TEST

static const struct stub_step slow_body[] = {
    STUB_DO(STUB_READ),
    STUB_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"),
    {.action = STUB_DRIP, .data = "0123456789012345678901234567890123456789", .len = 40, .ms = 15},
    STUB_DO(STUB_END),
};

START_TEST(C6_slow_bytes_do_not_keep_a_transfer_beyond_its_timeout)
{
    struct net_call call = short_call(400);
    const struct kept_answer *kept;

    stub_server_script(world.server, slow_body);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TIMEOUT);
    ck_assert_int_eq(kept->answer.status, 200);
    ck_assert_uint_eq(kept->answer.body_len, 0);
    ck_assert_int_le(kept->answer.duration_us, 900000);
}
END_TEST

START_TEST(C6_slow_bytes_within_the_timeout_are_an_answer)
{
    struct net_call call = short_call(3000);

    stub_server_script(world.server, slow_body);
    ck_assert_uint_eq(get_call(&call)->answer.body_len, 40);
}
END_TEST

/* A listener whose queue is full, so that the kernel drops every further SYN. Returns its port. */
static uint16_t swallowing_listener(int *fds, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fds[0], 0), 0);
    ck_assert_int_eq(getsockname(fds[0], (struct sockaddr *)&address, &len), 0);
    for (size_t i = 1; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        ck_assert(connect(fds[i], (struct sockaddr *)&address, len) == 0 || errno == EINPROGRESS);
    }
    return ntohs(address.sin_port);
}

START_TEST(C3_a_swallowed_syn_ends_after_a_third_of_the_timeout)
{
    int fds[8];
    char url[64];
    struct net_call call;
    const struct kept_answer *kept;

    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", swallowing_listener(fds, 8));
    call = call_of(url);
    call.timeout_ms = 600;
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_TIMEOUT);
    ck_assert(!kept->answer.request_sent);
    ck_assert_int_le(kept->answer.duration_us, 550000);
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}
END_TEST

START_TEST(C3_a_refused_connection_says_so_and_sent_nothing)
{
    struct net_call call;
    char url[64];
    const struct kept_answer *kept;

    snprintf(url, sizeof(url), "%s", stub_server_url(world.server, "/x?code=secret"));
    stub_server_free(world.server);
    world.server = NULL;
    call = call_of(url);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_CONNECT);
    ck_assert(!kept->answer.request_sent);
    ck_assert(!kept->answer.connection_reused);
    ck_assert_int_eq(kept->answer.status, 0);
    ck_assert_ptr_nonnull(strstr(kept->answer.message, "127.0.0.1"));
    ck_assert_ptr_null(strstr(kept->answer.message, "secret"));
}
END_TEST

/* --- our own want ---------------------------------------------------------------------------- */

/* Leaves no descriptor free. */
static void use_up_descriptors(struct rlimit *before)
{
    struct rlimit now;
    int fd = open("/dev/null", O_RDONLY);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, before), 0);
    now = *before;
    now.rlim_cur = (rlim_t)fd;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
}

START_TEST(J5_no_descriptor_left_is_our_own_error_and_passes)
{
    struct rlimit before;
    const struct kept_answer *kept;
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    stub_server_script(world.server, answer_all);
    use_up_descriptors(&before);
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_ERROR_LOCAL);
    ck_assert(!kept->answer.request_sent);
    ck_assert_str_eq(kept->answer.message, "no socket: Too many open files (127.0.0.1)");
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert_int_eq(get_call(&call)->answer.error, NET_OK);
}
END_TEST

START_TEST(J5_a_name_without_a_descriptor_left_fails_and_does_not_hang)
{
    struct rlimit before;
    struct net_call call = call_of("https://nowhere.invalid/");
    const struct kept_answer *kept;

    use_up_descriptors(&before);
    kept = get_call(&call);
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert(kept->answer.error == NET_ERROR_LOCAL || kept->answer.error == NET_ERROR_RESOLVE);
    ck_assert(!kept->answer.request_sent);
}
END_TEST

START_TEST(J5_a_name_without_a_resolver_thread_fails_and_does_not_hang)
{
    struct rlimit none = {0};
    struct rlimit before;
    struct net_call call = call_of("https://nowhere.invalid/");
    const struct kept_answer *kept;

    ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &before), 0);
    none.rlim_max = before.rlim_max;
    if (geteuid() == 0 && seteuid(65534) != 0) {
        puts("net: no test without threads: the limit does not hold for root");
        return;
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
    kept = get_call(&call);
    setrlimit(RLIMIT_NPROC, &before);
    if (seteuid(getuid()) != 0)
        ck_abort_msg("cannot become what we were");
    ck_assert_int_ne(kept->answer.error, NET_OK);
    ck_assert_int_ne(kept->answer.error, NET_ERROR_TIMEOUT);
}
END_TEST

Suite *net_faults_suite(void)
{
    Suite *suite = suite_create("net_faults");
    TCase *cut = net_world_case("cut");
    TCase *stale = net_world_case("stale");
    TCase *late = net_world_case("late");
    TCase *want = net_world_case("want");

    tcase_add_test(cut, A7_a_body_shorter_than_its_length_is_broken);
    tcase_add_test(cut, A7_a_chunked_body_without_its_end_is_broken);
    tcase_add_test(cut, A7_a_reset_in_the_body_is_broken);
    tcase_add_test(cut, C5_a_connection_closed_without_an_answer_is_broken_and_was_sent);
    tcase_add_test(cut, C5_a_post_that_is_reset_after_sending_was_sent_once);
    tcase_add_test(cut, C5_a_connection_reset_at_once_is_broken);
    tcase_add_test(cut, what_does_not_speak_http_is_broken);
    tcase_add_test(cut, a_body_that_cannot_be_unpacked_is_broken);
    tcase_add_test(cut, an_interim_answer_alone_is_no_answer);
    tcase_add_test(cut, a_protocol_switch_nobody_asked_for_is_broken);
    tcase_add_test(stale, C7_a_connection_closed_while_idle_is_replaced);
    tcase_add_test(stale, C7_a_get_dropped_on_a_reused_connection_is_repeated_or_said_to_be_broken);
    tcase_add_test(stale, C7_a_post_is_never_sent_on_a_connection_that_may_be_dead);
    tcase_add_test(stale, C12_a_server_that_closes_after_each_answer_works);
    tcase_set_tags(late, "timing");
    tcase_add_test(late, a_server_that_never_answers_ends_in_a_timeout);
    tcase_add_test(late, C6_slow_bytes_do_not_keep_a_transfer_beyond_its_timeout);
    tcase_add_test(late, C6_slow_bytes_within_the_timeout_are_an_answer);
    tcase_add_test(late, C3_a_swallowed_syn_ends_after_a_third_of_the_timeout);
    tcase_add_test(late, C3_a_refused_connection_says_so_and_sent_nothing);
    tcase_add_test(want, J5_no_descriptor_left_is_our_own_error_and_passes);
    tcase_add_test(want, J5_a_name_without_a_descriptor_left_fails_and_does_not_hang);
    tcase_add_test(want, J5_a_name_without_a_resolver_thread_fails_and_does_not_hang);
    suite_add_tcase(suite, cut);
    suite_add_tcase(suite, stale);
    suite_add_tcase(suite, late);
    suite_add_tcase(suite, want);
    return suite;
}
