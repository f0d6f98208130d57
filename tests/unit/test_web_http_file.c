/* SPDX-License-Identifier: MIT */
/* Answers that are files, fields that are walked through, headers that a handler has its own of. */
#include "http_help.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define BLOCK 4096
#define LARGE ((size_t)20 << 20) /* more than any socket buffers */
#define GET_FILE "GET /file HTTP/1.1\r\nHost: page\r\n\r\n"

static size_t file_size;
static int file_fd; /* of the newest answer */
static bool is_denied;

/* A file of blocks that tell their place. */
static int make_file(size_t size)
{
    FILE *file = tmpfile();
    int fd;

    ck_assert_ptr_nonnull(file);
    for (size_t at = 0; at < size; at += BLOCK)
        fprintf(file, "%0*zx", BLOCK, at);
    ck_assert_int_eq(fflush(file), 0);
    fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
    fclose(file);
    return fd;
}

static void get_file(struct web_request *request, void *context)
{
    (void)context;
    file_fd = make_file(file_size);
    web_answer_file(request, is_denied ? 304 : 200, "text/csv", file_fd, file_size);
}

static void get_twice(struct web_request *request, void *context)
{
    (void)context;
    web_answer(request, 204, NULL, NULL);
    file_fd = make_file(8);
    web_answer_file(request, 200, "text/csv", file_fd, 8);
}

static void list_fields(struct web_request *request, void *context)
{
    bool posted = web_request_method(request) == WEB_POST;
    const char *name, *value;
    struct buf body = {0};

    (void)context;
    for (size_t i = 0; posted ? web_request_form_at(request, i, &name, &value)
                              : web_request_query_at(request, i, &name, &value);
         i++)
        buf_addf(&body, "[%s|%s]", name, value);
    web_answer(request, 200, "text/plain", &body);
}

static void own_header(struct web_request *request, void *context)
{
    (void)context;
    web_request_add_header(request, "x-second", "mine");
    web_request_add_header(request, "Cache-Control", "private");
    web_answer(request, 200, NULL, NULL);
}

static const struct web_route routes[] = {
    {"/file", WEB_GET, get_file},
    {"/twice", WEB_GET, get_twice},
    {"/fields", WEB_GET | WEB_POST, list_fields},
    {"/own", WEB_GET, own_header},
    {NULL, 0, NULL},
};

static void setup(void)
{
    web_world_open();
    web_world.config.routes = routes;
    web_world_serve(false);
    file_fd = -1;
}

static bool file_is_open(void)
{
    return fcntl(file_fd, F_GETFD) >= 0;
}

#define has(answer, text) \
    ck_assert_msg(strstr(answer, text) != NULL, "no \"%s\" in: %.500s", text, answer)

static const size_t sizes[] = {1, BLOCK, 65536, LARGE};

START_TEST(a_file_comes_whole_and_is_closed)
{
    int fd = web_connect();
    const char *answer, *body;
    char place[BLOCK + 1];
    size_t len;

    file_size = sizes[_i];
    web_say(fd, "GET /file HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n");
    answer = web_hear(fd, &len);
    close(fd);
    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "\r\nContent-Type: text/csv\r\n");
    body = web_body(answer);
    ck_assert_uint_eq(len - (size_t)(body - answer), file_size);
    for (size_t at = 0; at + BLOCK <= file_size; at += BLOCK) {
        snprintf(place, sizeof(place), "%0*zx", BLOCK, at);
        ck_assert_mem_eq(body + at, place, BLOCK);
    }
    web_run_until_open(0);
    ck_assert(!file_is_open());
}
END_TEST

START_TEST(an_empty_file_is_an_empty_answer)
{
    const char *answer;

    file_size = 0;
    answer = web_get("/file");
    has(answer, "\r\nContent-Length: 0\r\n");
    ck_assert_str_eq(web_body(answer), "");
    ck_assert(!file_is_open());
}
END_TEST

START_TEST(head_has_the_length_of_a_file_and_nothing_of_it)
{
    const char *answer;

    file_size = 65536;
    answer = web_method_call("HEAD", "/file", "");
    has(answer, "\r\nContent-Length: 65536\r\n");
    has(answer, "\r\nContent-Type: text/csv\r\n");
    ck_assert_str_eq(web_body(answer), "");
    ck_assert(!file_is_open());
}
END_TEST

START_TEST(a_status_without_content_sends_nothing_of_a_file)
{
    const char *answer;

    file_size = 8;
    is_denied = true;
    answer = web_get("/file");
    ck_assert_int_eq(web_status(answer), 304);
    ck_assert_ptr_null(strstr(answer, "Content-Length"));
    ck_assert_str_eq(web_body(answer), "");
    ck_assert(!file_is_open());
}
END_TEST

START_TEST(a_connection_is_kept_after_a_file)
{
    int fd = web_connect();

    file_size = 8;
    web_say(fd, GET_FILE);
    web_hear_until(fd, "\r\n\r\n00000000");
    web_say(fd, GET_FILE);
    web_hear_until(fd, "\r\n\r\n00000000");
    ck_assert_uint_eq(web_http_connections(web_world.http), 1);
    close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_in_the_middle_of_a_file_frees_it)
{
    int fd = web_connect();

    file_size = LARGE;
    web_say(fd, GET_FILE);
    web_hear_until(fd, "00001000");
    ck_assert(file_is_open());
    close(fd);
    web_run_until_open(0);
    ck_assert(!file_is_open());
}
END_TEST

START_TEST(a_second_answer_that_is_a_file_is_closed_and_not_sent)
{
    const char *answer = web_get("/twice");

    ck_assert_int_eq(web_status(answer), 204);
    ck_assert(!file_is_open());
    ck_assert_ptr_nonnull(strstr(web_world.log, "answered twice"));
}
END_TEST

static void hurry(int64_t answer_ms)
{
    web_world.config.answer_ms = answer_ms;
    web_world_serve(false);
    file_size = LARGE;
}

START_TEST(who_takes_nothing_of_a_file_is_cut_off)
{
    int fd;

    hurry(50);
    fd = web_connect();
    web_say(fd, GET_FILE);
    web_hear_until(fd, "200 OK");
    web_run_until_open(0);
    ck_assert(!file_is_open());
    close(fd);
}
END_TEST

/* Several times as long as an answer may take in all, in pieces. */
START_TEST(who_takes_a_file_slowly_gets_all_of_it)
{
    enum { ANSWER_MS = 400, STEP_MS = 60, PIECE = 1 << 20 };
    int64_t began = clock_boot_ms();
    static char piece[PIECE];
    size_t taken = 0;
    int fd;

    hurry(ANSWER_MS);
    fd = web_connect();
    web_say(fd, GET_FILE);
    while (taken < LARGE) {
        size_t in_this = 0;

        web_run_for(STEP_MS);
        while (in_this < PIECE && taken < LARGE) {
            ssize_t got = recv(fd, piece, PIECE - in_this, MSG_DONTWAIT);

            ck_assert_msg(got != 0, "closed after %zu bytes", taken);
            if (got < 0)
                break;
            in_this += (size_t)got;
            taken += (size_t)got;
        }
    }
    ck_assert_int_gt(clock_boot_ms() - began, (int64_t)2 * ANSWER_MS);
    close(fd);
}
END_TEST

/* A byte now and then does not keep it. */
START_TEST(who_takes_next_to_nothing_of_a_file_is_cut_off)
{
    int64_t began = clock_boot_ms();
    int small = 4096, fd;
    char byte;

    hurry(500);
    fd = web_connect();
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    web_say(fd, GET_FILE);
    web_hear_until(fd, "200 OK");
    while (web_http_connections(web_world.http) > 0) {
        (void)recv(fd, &byte, 1, MSG_DONTWAIT);
        web_run_for(5);
        ck_assert_int_lt(clock_boot_ms() - began, 3000);
    }
    close(fd);
}
END_TEST

/* -- fields and headers ------------------------------------------------------------------------ */

START_TEST(fields_of_the_query_are_walked_in_order)
{
    ck_assert_str_eq(web_body(web_get("/fields?b=1&a=%C3%A5+x&b=2&c&=d")),
                     "[b|1][a|\xc3\xa5 x][b|2][c|][|d]");
    ck_assert_str_eq(web_body(web_get("/fields")), "");
}
END_TEST

START_TEST(fields_of_a_form_are_walked_in_order)
{
    const char *answer =
        web_ask("POST /fields?q=1 HTTP/1.1\r\nHost: page\r\nConnection: close\r\nContent-Type: "
                "application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nb=1&a=2");

    ck_assert_str_eq(web_body(answer), "[b|1][a|2]");
}
END_TEST

START_TEST(a_header_that_the_handler_adds_stands_for_that_of_every_answer)
{
    const char *answer = web_get("/own");

    has(answer, "\r\nx-second: mine\r\n");
    has(answer, "\r\nCache-Control: private\r\n");
    has(answer, "\r\nX-Frame-Options: DENY\r\n");
    ck_assert_ptr_null(strstr(answer, "X-Second"));
    ck_assert_ptr_null(strstr(answer, "no-store"));
}
END_TEST

Suite *web_http_file_suite(void)
{
    Suite *suite = suite_create("web_http_file");
    TCase *files = tcase_create("files"), *slow = tcase_create("slow"),
          *values = tcase_create("values");

    tcase_add_checked_fixture(files, setup, web_world_close);
    tcase_add_loop_test(files, a_file_comes_whole_and_is_closed, 0,
                        sizeof(sizes) / sizeof(sizes[0]));
    tcase_add_test(files, an_empty_file_is_an_empty_answer);
    tcase_add_test(files, head_has_the_length_of_a_file_and_nothing_of_it);
    tcase_add_test(files, a_status_without_content_sends_nothing_of_a_file);
    tcase_add_test(files, a_connection_is_kept_after_a_file);
    tcase_add_test(files, a_client_that_leaves_in_the_middle_of_a_file_frees_it);
    tcase_add_test(files, a_second_answer_that_is_a_file_is_closed_and_not_sent);
    suite_add_tcase(suite, files);
    tcase_add_checked_fixture(slow, setup, web_world_close);
    tcase_set_tags(slow, "timing");
    tcase_add_test(slow, who_takes_nothing_of_a_file_is_cut_off);
    tcase_add_test(slow, who_takes_a_file_slowly_gets_all_of_it);
    tcase_add_test(slow, who_takes_next_to_nothing_of_a_file_is_cut_off);
    suite_add_tcase(suite, slow);
    tcase_add_checked_fixture(values, setup, web_world_close);
    tcase_add_test(values, fields_of_the_query_are_walked_in_order);
    tcase_add_test(values, fields_of_a_form_are_walked_in_order);
    tcase_add_test(values, a_header_that_the_handler_adds_stands_for_that_of_every_answer);
    suite_add_tcase(suite, values);
    return suite;
}
