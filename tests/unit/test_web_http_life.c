/* SPDX-License-Identifier: MIT */
/* web/http: how connections live and end: kept open, slow, idle, too many, gone. */
#include "http_help.h"

#include "base/clock.h"
#include "base/log.h"

#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET_HOME "GET / HTTP/1.1\r\nHost: page\r\n\r\n"
#define GET_LATER "GET /later HTTP/1.1\r\nHost: page\r\n\r\n"

/* An answer ends with its body; none of these tests asks for one that holds this text elsewhere. */
#define HOME_ENDS "home"

START_TEST(a_connection_is_kept_for_the_next_request)
{
    int fd = web_connect();

    for (int i = 0; i < 5; i++) {
        web_say(fd, GET_HOME);
        ck_assert_ptr_null(strstr(web_hear_until(fd, HOME_ENDS), "Connection:"));
    }
    ck_assert_int_eq(web_world.calls, 5);
    ck_assert_uint_eq(web_http_connections(web_world.http), 1);
    close(fd);
}
END_TEST

START_TEST(a_404_keeps_the_connection)
{
    int fd = web_connect();

    web_say(fd, "GET /nowhere HTTP/1.1\r\nHost: page\r\n\r\n");
    web_hear_until(fd, "address.\n");
    web_say(fd, GET_HOME);
    web_hear_until(fd, HOME_ENDS);
    close(fd);
}
END_TEST

START_TEST(http_1_0_ends_after_its_answer)
{
    const char *answer = web_ask("GET / HTTP/1.0\r\nHost: page\r\nConnection: keep-alive\r\n\r\n");

    ck_assert_int_eq(web_status(answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "\r\nConnection: close\r\n"));
}
END_TEST

START_TEST(requests_sent_ahead_are_answered_in_order)
{
    int fd = web_connect();
    const char *answers;
    const char *first, *second, *third;

    web_say(fd, "GET /item/first HTTP/1.1\r\nHost: page\r\n\r\n"
                "POST /body HTTP/1.1\r\nHost: page\r\nContent-Length: 6\r\n\r\nsecond"
                "GET /item/third HTTP/1.1\r\nHost: page\r\nConnection: x, Close\r\n\r\n"
                "GET /item/fourth HTTP/1.1\r\nHost: page\r\n\r\n");
    answers = web_hear(fd, NULL);
    first = strstr(answers, "\r\n\r\nfirst");
    second = strstr(answers, "\r\n\r\n6:second");
    third = strstr(answers, "\r\n\r\nthird");
    ck_assert(first != NULL && second != NULL && third != NULL);
    ck_assert(first < second && second < third);
    ck_assert_ptr_null(strstr(answers, "fourth"));
    close(fd);
}
END_TEST

START_TEST(a_thousand_requests_sent_ahead_are_answered)
{
    static char many[1000 * sizeof(GET_HOME)];
    int fd = web_connect();

    for (int i = 0; i < 1000; i++)
        memcpy(many + (size_t)i * strlen(GET_HOME), GET_HOME, sizeof(GET_HOME));
    web_say(fd, many);
    while (web_world.calls < 1000)
        web_hear_until(fd, HOME_ENDS);
    close(fd);
}
END_TEST

START_TEST(a_request_may_come_a_byte_at_a_time)
{
    static const char request[] = "POST /body HTTP/1.1\r\nHost: page\r\nConnection: close\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    int fd = web_connect();

    for (size_t i = 0; i < sizeof(request) - 1; i++)
        web_say_bytes(fd, request + i, 1);
    ck_assert_str_eq(web_body(web_hear(fd, NULL)), "2:ab");
    close(fd);
}
END_TEST

START_TEST(a_client_that_closed_its_half_gets_its_answer)
{
    int fd = web_connect();
    const char *answer;

    ck_assert_int_gt(send(fd, GET_HOME, strlen(GET_HOME), 0), 0);
    shutdown(fd, SHUT_WR);
    answer = web_hear(fd, NULL);
    ck_assert_str_eq(web_body(answer), "home");
    web_run_until_open(0);
    close(fd);
}
END_TEST

START_TEST(a_client_that_closed_its_half_gets_all_of_a_big_answer)
{
    static const char request[] = "GET /big HTTP/1.1\r\nHost: page\r\n\r\n";
    int fd = web_connect();
    const char *answer;
    size_t len;

    ck_assert_int_gt(send(fd, request, sizeof(request) - 1, 0), 0);
    shutdown(fd, SHUT_WR);
    answer = web_hear(fd, &len);
    ck_assert_uint_eq(len - (size_t)(web_body(answer) - answer), 5000000);
    web_run_until_open(0);
    close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_frees_its_place)
{
    int fd = web_connect();

    web_say(fd, "GET / HT");
    web_run_until_open(1);
    close(fd);
    web_run_until_open(0);
}
END_TEST

START_TEST(a_client_that_leaves_during_a_big_answer_frees_its_place)
{
    struct linger at_once = {.l_onoff = 1};
    int fd = web_connect();

    web_say(fd, "GET /big HTTP/1.1\r\nHost: page\r\n\r\n");
    web_hear_until(fd, "xxxx");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    web_run_until_open(0);
}
END_TEST

/* --- deadlines -------------------------------------------------------------------------------- */

static void hurry(int64_t request_ms, int64_t answer_ms)
{
    web_world.config.request_ms = request_ms;
    web_world.config.answer_ms = answer_ms;
    web_world_serve(false);
}

START_TEST(an_idle_connection_is_closed)
{
    int fd;

    hurry(50, 0);
    fd = web_connect();
    ck_assert_str_eq(web_hear(fd, NULL), "");
    ck_assert_uint_eq(web_http_connections(web_world.http), 0);
    close(fd);
}
END_TEST

START_TEST(a_kept_connection_is_closed_when_it_idles)
{
    int fd;

    hurry(50, 0);
    fd = web_connect();
    web_say(fd, GET_HOME);
    ck_assert_str_eq(web_body(web_hear(fd, NULL)), "home");
    close(fd);
}
END_TEST

/* Bytes that come again and again must not push the deadline away. */
static void drip_until_closed(const char *start, const char *drop)
{
    int64_t began = clock_boot_ms();
    int fd;

    hurry(100, 0);
    fd = web_connect();
    web_say(fd, start);
    web_run_until_open(1);
    while (web_http_connections(web_world.http) > 0) {
        web_say(fd, drop);
        web_run_for(5);
        ck_assert_int_lt(clock_boot_ms() - began, 3000);
    }
    ck_assert_int_ge(clock_boot_ms() - began, 50); /* not at the first byte */
    ck_assert_int_eq(web_world.calls, 0);
    close(fd);
}

START_TEST(H5_headers_that_drip_are_cut_off_in_time)
{
    drip_until_closed("GET / HTTP/1.1\r\nX: ", "x");
}
END_TEST

START_TEST(empty_lines_that_drip_are_cut_off_in_time)
{
    drip_until_closed("", "\r\n");
}
END_TEST

START_TEST(H5_a_body_that_drips_is_cut_off_in_time)
{
    drip_until_closed("POST /body HTTP/1.1\r\nHost: page\r\nContent-Length: 60000\r\n\r\n", "x");
}
END_TEST

START_TEST(a_client_that_does_not_take_its_answer_is_cut_off)
{
    int fd;

    hurry(0, 50);
    fd = web_connect();
    web_say(fd, "GET /big HTTP/1.1\r\nHost: page\r\n\r\n");
    web_hear_until(fd, "200 OK");
    web_run_until_open(0);
    close(fd);
}
END_TEST

START_TEST(a_client_that_never_closes_is_left_after_its_last_answer)
{
    int fd;

    hurry(50, 0);
    fd = web_connect();
    web_say(fd, "nonsense\r\n\r\n");
    ck_assert_int_eq(web_status(web_hear(fd, NULL)), 400);
    ck_assert_uint_eq(web_http_connections(web_world.http), 1);
    web_run_until_open(0); /* fd stays open */
    close(fd);
}
END_TEST

/* Sends without end, until the server closes or takes no more; returns the bytes that it took,
 * which are more than the limit if nothing else ends it. */
static size_t flood(int fd, size_t limit)
{
    static char block[65536];
    size_t sum = 0;

    for (int stuck = 0; stuck < 100 && sum <= limit; stuck++) {
        ssize_t sent = send(fd, block, sizeof(block), MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break;
        if (sent > 0) {
            sum += (size_t)sent;
            stuck = 0;
        }
        event_base_loop(web_world.base, EVLOOP_NONBLOCK);
    }
    return sum;
}

#define FLOOD_LIMIT (64U * 1024 * 1024) /* more than all buffers of a socket hold */

START_TEST(a_client_that_never_stops_is_left_after_its_last_answer)
{
    int fd = web_connect();

    web_say(fd, "nonsense\r\n\r\n");
    ck_assert_int_eq(web_status(web_hear_until(fd, "\r\n\r\n")), 400);
    ck_assert_uint_lt(flood(fd, FLOOD_LIMIT), FLOOD_LIMIT);
    web_run_until_open(0);
    close(fd);
}
END_TEST

START_TEST(an_invitation_on_a_kept_connection_is_followed_by_the_answer)
{
    int fd = web_connect();

    for (int i = 0; i < 3; i++) {
        web_say(fd, GET_HOME);
        web_hear_until(fd, HOME_ENDS);
        web_say(fd, "POST /body HTTP/1.1\r\nHost: page\r\nExpect: 100-continue\r\n"
                    "Content-Length: 2\r\n\r\n");
        web_hear_until(fd, "100 Continue\r\n\r\n");
        web_say(fd, "ab");
        web_hear_until(fd, "2:ab");
    }
    close(fd);
}
END_TEST

START_TEST(the_server_may_end_while_a_last_answer_is_read)
{
    int fd = web_connect();

    web_say(fd, "nonsense\r\n\r\n");
    ck_assert_int_eq(web_status(web_hear(fd, NULL)), 400);
    ck_assert_uint_eq(web_http_connections(web_world.http), 1);
    web_http_free(web_world.http);
    web_world.http = NULL;
    event_base_loop(web_world.base, EVLOOP_NONBLOCK);
    close(fd);
}
END_TEST

START_TEST(a_client_that_only_sends_is_not_read_without_end)
{
    int fd = web_connect();

    web_say(fd, "GET /big HTTP/1.1\r\nHost: page\r\n\r\n");
    web_run_until_open(1);
    ck_assert_uint_lt(flood(fd, FLOOD_LIMIT), FLOOD_LIMIT);
    close(fd);
}
END_TEST

/* --- answers that come later ------------------------------------------------------------------- */

static int64_t cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void run_until_waiting(void)
{
    while (web_world.waiting == NULL)
        event_base_loop(web_world.base, EVLOOP_ONCE);
}

START_TEST(an_answer_may_come_later)
{
    int fd = web_connect();
    struct buf body = {0};

    hurry(50, 50);
    close(fd);
    fd = web_connect();
    web_say(fd, GET_LATER);
    run_until_waiting();
    web_run_for(100); /* no deadline counts while it is our turn */
    buf_add_text(&body, "at last");
    web_answer(web_world.waiting, 200, "text/plain", &body);
    ck_assert_ptr_nonnull(strstr(web_hear_until(fd, "at last"), "HTTP/1.1 200 OK"));
    ck_assert_int_eq(web_world.gone, 0);
    close(fd);
}
END_TEST

START_TEST(a_request_sent_ahead_waits_for_the_later_answer)
{
    int fd = web_connect();

    web_say(fd, GET_LATER GET_HOME);
    run_until_waiting();
    web_run_for(20);
    ck_assert_int_eq(web_world.calls, 1);
    web_answer_error(web_world.waiting, 503, "not now");
    web_hear_until(fd, HOME_ENDS);
    ck_assert_int_eq(web_world.calls, 2);
    close(fd);
}
END_TEST

START_TEST(what_is_sent_ahead_without_end_is_not_kept)
{
    int fd = web_connect();
    int64_t cpu;

    web_say(fd, GET_LATER);
    run_until_waiting();
    ck_assert_uint_lt(flood(fd, FLOOD_LIMIT), FLOOD_LIMIT);
    ck_assert_uint_eq(web_http_connections(web_world.http), 1);
    cpu = cpu_ms();
    web_run_for(200);
    ck_assert_int_lt(cpu_ms() - cpu, 100); /* it waits, and does not spin */
    web_answer_error(web_world.waiting, 404, NULL);
    web_hear_until(fd, "404 Not Found");
    close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_during_its_later_answer_is_not_told)
{
    struct linger at_once = {.l_onoff = 1};
    struct buf body = {0};
    int fd = web_connect();

    web_say(fd, GET_LATER);
    run_until_waiting();
    while (body.len < FLOOD_LIMIT / 4)
        buf_add(&body, (const char[4096]){0}, 4096);
    web_answer(web_world.waiting, 200, "text/plain", &body);
    web_hear_until(fd, "200 OK");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    web_run_until_open(0);
    ck_assert_int_eq(web_world.gone, 0);
}
END_TEST

START_TEST(a_client_that_leaves_before_its_later_answer_is_told_once)
{
    int fd = web_connect();

    web_say(fd, GET_LATER);
    run_until_waiting();
    close(fd);
    web_run_until_open(0);
    ck_assert_int_eq(web_world.gone, 1);
    web_http_free(web_world.http);
    web_world.http = NULL;
    ck_assert_int_eq(web_world.gone, 1);
}
END_TEST

START_TEST(a_client_that_is_reset_before_its_later_answer_is_told_at_once)
{
    struct linger at_once = {.l_onoff = 1};
    int fd = web_connect();
    int64_t cpu;

    web_say(fd, GET_LATER GET_HOME);
    run_until_waiting();
    web_run_for(10);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    cpu = cpu_ms();
    web_run_for(50);
    ck_assert_int_lt(cpu_ms() - cpu, 40);
    ck_assert_int_eq(web_world.gone, 1);
    ck_assert_uint_eq(web_http_connections(web_world.http), 0);
    ck_assert_int_eq(web_world.log_lines, 0);
}
END_TEST

START_TEST(a_client_that_sent_ahead_and_left_before_its_later_answer_is_told)
{
    int fd = web_connect();

    web_say(fd, GET_LATER);
    run_until_waiting();
    web_say(fd, GET_HOME);
    web_run_for(10);
    ck_assert_int_eq(web_world.gone, 0);
    close(fd);
    web_run_until_open(0);
    ck_assert_int_eq(web_world.gone, 1);
    ck_assert_int_eq(web_world.calls, 1);
}
END_TEST

START_TEST(later_answers_follow_each_other_on_one_connection)
{
    int fd = web_connect();

    for (int i = 0; i < 3; i++) {
        web_world.waiting = NULL;
        web_say(fd, GET_LATER);
        run_until_waiting();
        web_answer_error(web_world.waiting, 404, NULL);
        web_hear_until(fd, "404 Not Found\nNot Found\n");
    }
    ck_assert_int_eq(web_world.log_lines, 0);
    close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_after_its_later_answer_is_not_told)
{
    int fd = web_connect();

    web_say(fd, GET_LATER);
    run_until_waiting();
    web_answer_error(web_world.waiting, 404, NULL);
    close(fd);
    web_run_until_open(0);
    ck_assert_int_eq(web_world.gone, 0);
}
END_TEST

START_TEST(the_end_of_the_server_tells_those_who_wait)
{
    int fds[4];

    for (size_t i = 0; i < 4; i++) {
        fds[i] = web_connect();
        web_say(fds[i], i < 2 ? GET_LATER : "GET /big HTTP/1.1\r\nHost: page\r\n\r\n");
    }
    while (web_world.calls < 2 || web_http_connections(web_world.http) < 4)
        event_base_loop(web_world.base, EVLOOP_ONCE);
    web_http_free(web_world.http);
    web_world.http = NULL;
    ck_assert_int_eq(web_world.gone, 2);
    event_base_loop(web_world.base, EVLOOP_NONBLOCK);
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

/* --- too many ------------------------------------------------------------------------------------- */

START_TEST(no_more_than_the_limit_are_open_and_the_others_wait)
{
    int fds[40];

    web_world.config.max_connections = 8;
    web_world_serve(false);
    for (size_t i = 0; i < 40; i++)
        fds[i] = web_connect();
    web_run_until_open(8);
    web_run_for(20);
    ck_assert_uint_eq(web_http_connections(web_world.http), 8);
    for (size_t i = 0; i < 32; i++)
        close(fds[i]);
    web_say(fds[39], "GET / HTTP/1.1\r\nHost: page\r\n\r\n");
    web_hear_until(fds[39], HOME_ENDS);
    ck_assert_int_eq(web_world.log_lines, 0);
    for (size_t i = 32; i < 40; i++)
        close(fds[i]);
}
END_TEST

START_TEST(at_the_limit_nobody_keeps_a_place)
{
    int fd;

    web_world.config.max_connections = 1;
    web_world_serve(false);
    fd = web_connect();
    web_say(fd, GET_HOME);
    ck_assert_ptr_nonnull(strstr(web_hear(fd, NULL), "\r\nConnection: close\r\n"));
    close(fd);
}
END_TEST

START_TEST(H6_out_of_descriptors_it_says_so_once_and_rests)
{
    struct rlimit limit;
    int fds[4];
    int64_t cpu;
    int highest;

    for (size_t i = 0; i < 4; i++)
        fds[i] = web_connect();
    highest = dup(fds[0]);
    close(highest);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)highest; /* every number below is taken */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cpu = cpu_ms();
    web_run_for(300);
    ck_assert_int_lt(cpu_ms() - cpu, 100);
    ck_assert_uint_eq(web_http_connections(web_world.http), 0);
    ck_assert_int_eq(web_world.log_lines, 1);
    ck_assert_ptr_nonnull(strstr(web_world.log, "Too many open files"));
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    web_run_until_open(4);
    ck_assert_int_eq(web_world.log_lines, 2);
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

START_TEST(a_query_never_comes_into_the_log)
{
    log_set_level(LOG_LEVEL_DEBUG);
    ck_assert_int_eq(web_status(web_get("/echo?code=secret-of-a-sign-in")), 200);
    ck_assert_ptr_nonnull(strstr(web_world.log, "/echo"));
    ck_assert_ptr_null(strstr(web_world.log, "secret"));
}
END_TEST

Suite *web_http_life_suite(void);
Suite *web_http_life_suite(void)
{
    Suite *suite = suite_create("web_http_life");
    TCase *kept = tcase_create("kept");
    TCase *deadlines = tcase_create("deadlines");
    TCase *waits = tcase_create("later");
    TCase *many = tcase_create("many");
    TCase *descriptors = tcase_create("descriptors");

    tcase_add_checked_fixture(kept, web_world_open, web_world_close);
    tcase_add_checked_fixture(deadlines, web_world_open, web_world_close);
    tcase_add_checked_fixture(waits, web_world_open, web_world_close);
    tcase_add_checked_fixture(many, web_world_open, web_world_close);
    tcase_add_checked_fixture(descriptors, web_world_open, web_world_close);
    tcase_set_tags(deadlines, "timing");
    tcase_set_tags(descriptors, "timing"); /* valgrind has a limit of its own */
    tcase_add_test(kept, a_connection_is_kept_for_the_next_request);
    tcase_add_test(kept, a_404_keeps_the_connection);
    tcase_add_test(kept, http_1_0_ends_after_its_answer);
    tcase_add_test(kept, requests_sent_ahead_are_answered_in_order);
    tcase_add_test(kept, a_thousand_requests_sent_ahead_are_answered);
    tcase_add_test(kept, a_request_may_come_a_byte_at_a_time);
    tcase_add_test(kept, a_client_that_closed_its_half_gets_its_answer);
    tcase_add_test(kept, a_client_that_closed_its_half_gets_all_of_a_big_answer);
    tcase_add_test(kept, a_client_that_leaves_frees_its_place);
    tcase_add_test(kept, a_client_that_leaves_during_a_big_answer_frees_its_place);
    tcase_add_test(deadlines, an_idle_connection_is_closed);
    tcase_add_test(deadlines, a_kept_connection_is_closed_when_it_idles);
    tcase_add_test(deadlines, H5_headers_that_drip_are_cut_off_in_time);
    tcase_add_test(deadlines, empty_lines_that_drip_are_cut_off_in_time);
    tcase_add_test(deadlines, H5_a_body_that_drips_is_cut_off_in_time);
    tcase_add_test(deadlines, a_client_that_does_not_take_its_answer_is_cut_off);
    tcase_add_test(deadlines, a_client_that_never_closes_is_left_after_its_last_answer);
    tcase_add_test(deadlines, a_client_that_never_stops_is_left_after_its_last_answer);
    tcase_add_test(kept, an_invitation_on_a_kept_connection_is_followed_by_the_answer);
    tcase_add_test(deadlines, the_server_may_end_while_a_last_answer_is_read);
    tcase_add_test(deadlines, a_client_that_only_sends_is_not_read_without_end);
    tcase_add_test(waits, an_answer_may_come_later);
    tcase_add_test(waits, a_request_sent_ahead_waits_for_the_later_answer);
    tcase_add_test(waits, what_is_sent_ahead_without_end_is_not_kept);
    tcase_add_test(waits, a_client_that_leaves_during_its_later_answer_is_not_told);
    tcase_add_test(waits, a_client_that_leaves_before_its_later_answer_is_told_once);
    tcase_add_test(waits, a_client_that_leaves_after_its_later_answer_is_not_told);
    tcase_add_test(waits, a_client_that_is_reset_before_its_later_answer_is_told_at_once);
    tcase_add_test(waits, a_client_that_sent_ahead_and_left_before_its_later_answer_is_told);
    tcase_add_test(waits, later_answers_follow_each_other_on_one_connection);
    tcase_add_test(waits, the_end_of_the_server_tells_those_who_wait);
    tcase_add_test(many, no_more_than_the_limit_are_open_and_the_others_wait);
    tcase_add_test(many, at_the_limit_nobody_keeps_a_place);
    tcase_add_test(descriptors, H6_out_of_descriptors_it_says_so_once_and_rests);
    tcase_add_test(many, a_query_never_comes_into_the_log);
    suite_add_tcase(suite, kept);
    suite_add_tcase(suite, deadlines);
    suite_add_tcase(suite, waits);
    suite_add_tcase(suite, many);
    suite_add_tcase(suite, descriptors);
    return suite;
}
