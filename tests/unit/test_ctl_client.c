/* SPDX-License-Identifier: MIT */
/* One request to a daemon, good, bad and not there. */
#include "ctl/client.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"
#include "lib/count.h"

#define HEAD(status, length) "HTTP/1.1 " status "\r\nContent-Length: " length "\r\n\r\n"

static char folder[64], path[100], heard_path[100];
static struct client_answer answer;
static pid_t child;

static void setup(void)
{
    strcpy(folder, "/tmp/historyd-ctl-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/control.sock", folder);
    snprintf(heard_path, sizeof(heard_path), "%s/heard", folder);
    child = 0;
}

static void teardown(void)
{
    client_answer_free(&answer);
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    unlink(path);
    unlink(heard_path);
    chmod(folder, 0700);
    rmdir(folder);
}

static int listen_here(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    return fd;
}

/* Reads until the body that the head announces is there, or nothing more comes. */
static size_t hear(int fd, char *heard, size_t size)
{
    size_t len = 0;
    ssize_t got;

    while ((got = read(fd, heard + len, size - 1 - len)) > 0) {
        const char *end, *length;

        len += (size_t)got;
        heard[len] = '\0';
        end = strstr(heard, "\r\n\r\n");
        length = strstr(heard, "Content-Length: ");
        if (end && heard + len >= end + 4 + (length ? strtoul(length + 16, NULL, 10) : 0))
            break;
    }
    return len;
}

/* A process that takes one connection, writes down what it hears, and says text (and then fill
 * bytes more of nothing in particular). */
static void serve(const char *text, size_t fill)
{
    int listener = listen_here();

    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        static char heard[65536], junk[65536];
        int fd = accept(listener, NULL, NULL);
        size_t len = hear(fd, heard, sizeof(heard));
        FILE *file = fopen(heard_path, "w");

        if (!file || fwrite(heard, 1, len, file) != len || fclose(file) != 0)
            _exit(1);
        memset(junk, ' ', sizeof(junk));
        signal(SIGPIPE, SIG_IGN);
        if (write(fd, text, strlen(text)) < 0)
            _exit(1);
        for (size_t done = 0; done < fill; done += sizeof(junk))
            if (write(fd, junk, sizeof(junk)) < 0)
                break;
        _exit(0);
    }
    close(listener);
}

static void call(const char *target, const char *body)
{
    struct client_request request = {
        .socket = path, .target = target, .body = body, .timeout_ms = 3000};

    client_call(&request, &answer);
}

static const char *heard(void)
{
    static char text[65536];
    FILE *file = fopen(heard_path, "r");
    size_t len;

    ck_assert_ptr_nonnull(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static bool heard_first(const char *text)
{
    return strncmp(heard(), text, strlen(text)) == 0;
}

/* -- Good ones --------------------------------------------------------------------------------- */

START_TEST(a_get_brings_an_object)
{
    serve(HEAD("200 OK", "16") "{\"running\":true}", 0);
    call("/v1/status", NULL);
    ck_assert_msg(answer.result == CLIENT_OK, "%s", answer.message);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(json_is_true(json_object_get(answer.json, "running")));
    ck_assert(heard_first("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n"));
    ck_assert_int_eq(client_exit_status(&answer), EXIT_STATUS_OK);
}
END_TEST

START_TEST(a_post_sends_its_body_as_json)
{
    serve(HEAD("202 Accepted", "2") "{}", 0);
    call("/v1/sync", "{\"user\": 1}");
    ck_assert_msg(answer.result == CLIENT_OK, "%s", answer.message);
    ck_assert(heard_first("POST /v1/sync HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(heard(), "Content-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(heard(), "\r\n\r\n{\"user\": 1}"));
    ck_assert_ptr_null(strstr(heard(), "Expect:"));
}
END_TEST

START_TEST(a_post_of_bytes_sends_all_of_them_under_their_type)
{
    static const char bytes[] = "a\0b\xff";
    struct client_request request = {.socket = path,
                                     .target = "/v1/imports/x/rows",
                                     .timeout_ms = 3000,
                                     .body_data = bytes,
                                     .body_len = 4,
                                     .body_type = "application/octet-stream"};
    const char *body;

    serve(HEAD("200 OK", "2") "{}", 0);
    client_call(&request, &answer);
    ck_assert_msg(answer.result == CLIENT_OK, "%s", answer.message);
    ck_assert(heard_first("POST /v1/imports/x/rows HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(heard(), "Content-Type: application/octet-stream\r\n"));
    ck_assert_ptr_nonnull(strstr(heard(), "Content-Length: 4\r\n"));
    body = strstr(heard(), "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_mem_eq(body + 4, bytes, 4);
}
END_TEST

START_TEST(a_proxy_of_the_environment_is_not_asked)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    serve(HEAD("200 OK", "2") "{}", 0);
    call("/v1/status", NULL);
    ck_assert_msg(answer.result == CLIENT_OK, "%s", answer.message);
}
END_TEST

/* -- Nobody there ------------------------------------------------------------------------------ */

START_TEST(without_a_socket_the_daemon_is_not_running)
{
    call("/v1/status", NULL);
    ck_assert_int_eq(answer.result, CLIENT_ABSENT);
    ck_assert_ptr_nonnull(strstr(answer.message, path));
    ck_assert_int_eq(client_exit_status(&answer), EXIT_STATUS_UNAVAILABLE);
}
END_TEST

START_TEST(a_socket_that_a_dead_daemon_left_is_no_daemon)
{
    close(listen_here());
    call("/v1/status", NULL);
    ck_assert_int_eq(answer.result, CLIENT_ABSENT);
}
END_TEST

/* Asks in a process of its own, which gives up root's right to open everything. Returns its exit
 * status. */
static int status_as_nobody(void)
{
    pid_t other = fork();
    int status = 0;

    ck_assert_int_ge(other, 0);
    if (other == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        call("/v1/status", NULL);
        _exit(answer.result == CLIENT_DENIED && strstr(answer.message, "members of the group")
                  ? client_exit_status(&answer)
                  : 98);
    }
    ck_assert_int_eq(waitpid(other, &status, 0), other);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_socket_that_one_may_not_open_names_who_may)
{
    int fd = listen_here();

    ck_assert_int_eq(chmod(path, 0), 0);
    ck_assert_int_eq(chmod(folder, 0711), 0);
    ck_assert_int_eq(status_as_nobody(), EXIT_STATUS_NOPERM);
    close(fd);
}
END_TEST

START_TEST(a_directory_that_one_may_not_enter_names_who_may)
{
    int fd = listen_here();

    ck_assert_int_eq(chmod(folder, 0), 0);
    ck_assert_int_eq(status_as_nobody(), EXIT_STATUS_NOPERM);
    close(fd);
}
END_TEST

/* -- Bad answers ------------------------------------------------------------------------------- */

START_TEST(a_connection_that_ends_early_may_work_later)
{
    serve(HEAD("200 OK", "500") "{", 0);
    call("/v1/status", NULL);
    ck_assert_int_eq(answer.result, CLIENT_LOST);
    ck_assert_int_eq(client_exit_status(&answer), EXIT_STATUS_TEMPFAIL);
}
END_TEST

START_TEST(a_daemon_that_says_nothing_is_given_up)
{
    struct client_request request = {.socket = path, .target = "/v1/status", .timeout_ms = 50};
    int fd = listen_here();

    client_call(&request, &answer);
    ck_assert_int_eq(answer.result, CLIENT_LOST);
    ck_assert_ptr_nonnull(strstr(answer.message, "in time"));
    close(fd);
}
END_TEST

START_TEST(an_answer_over_the_limit_is_refused)
{
    serve(HEAD("200 OK", "99999999"), 2 * CLIENT_ANSWER_MAX);
    call("/v1/users", NULL);
    ck_assert_int_eq(answer.result, CLIENT_BROKEN);
    ck_assert_ptr_nonnull(strstr(answer.message, "larger than 4 MiB"));
    ck_assert_int_eq(client_exit_status(&answer), EXIT_STATUS_SOFTWARE);
}
END_TEST

START_TEST(what_is_not_http_is_a_broken_answer)
{
    serve("SSH-2.0-OpenSSH_9.2\r\n", 0);
    call("/v1/status", NULL);
    ck_assert_int_eq(answer.result, CLIENT_BROKEN);
}
END_TEST

static const struct body_case {
    int status;
    const char *body;
} broken[] = {
    {200, ""},
    {200, "<html>"},
    {200, "[]"},
    {200, "7"},
    {200, "{\"a\":1,\"a\":2}"},
    {200, "{} {}"},
    {404, "{}"},
    {404, "{\"error\":7}"},
    {500, "{\"error\":{\"code\":7,\"message\":\"x\"}}"},
    {302, "{\"running\":true}"},
};

START_TEST(a_body_that_makes_no_sense_is_a_broken_answer)
{
    client_answer_read(broken[_i].status, broken[_i].body, strlen(broken[_i].body), &answer);
    ck_assert_int_eq(answer.result, CLIENT_BROKEN);
    ck_assert_ptr_null(answer.json);
    ck_assert_uint_gt(strlen(answer.message), 0);
}
END_TEST

START_TEST(an_error_of_the_daemon_keeps_its_code_and_an_escaped_message)
{
    static const char body[] = "{\"error\":{\"code\":\"not_found\",\"message\":\"no \\u001b7\"}}";

    client_answer_read(404, body, strlen(body), &answer);
    ck_assert_int_eq(answer.result, CLIENT_REFUSED);
    ck_assert_int_eq(answer.status, 404);
    ck_assert_str_eq(answer.code, "not_found");
    ck_assert_str_eq(answer.message, "no \\x1b7");
}
END_TEST

static const struct code_case {
    const char *code;
    int status;
} codes[] = {
    {"not_found", EXIT_STATUS_USAGE},      {"bad_address", EXIT_STATUS_USAGE},
    {"conflict", EXIT_STATUS_TEMPFAIL},    {"unavailable", EXIT_STATUS_TEMPFAIL},
    {"forbidden", EXIT_STATUS_NOPERM},     {"internal", EXIT_STATUS_SOFTWARE},
    {"bad_request", EXIT_STATUS_SOFTWARE}, {"busy", EXIT_STATUS_TEMPFAIL},
};

START_TEST(each_error_of_the_daemon_has_its_exit_status)
{
    answer.result = CLIENT_REFUSED;
    snprintf(answer.code, sizeof(answer.code), "%s", codes[_i].code);
    ck_assert_int_eq(client_exit_status(&answer), codes[_i].status);
}
END_TEST

/* -- Secrets ----------------------------------------------------------------------------------- */

START_TEST(a_secret_becomes_one_json_string)
{
    static const char secret[] = "a\"b\\c\n\x01\xc3\xa9";
    struct buf body = {0};
    json_t *json;

    ck_assert(client_secret_body(&body, "address", secret));
    json = json_loads(body.data, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_str_eq(json_string_value(json_object_get(json, "address")), secret);
    json_decref(json);
    buf_free(&body, true);
}
END_TEST

START_TEST(a_secret_that_is_no_utf_8_is_not_sent)
{
    struct buf body = {0};

    ck_assert(!client_secret_body(&body, "address", "a\xff"));
    ck_assert_uint_eq(body.len, 0);
}
END_TEST

static TCase *calls(void)
{
    TCase *test = tcase_create("call");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, a_get_brings_an_object);
    tcase_add_test(test, a_post_sends_its_body_as_json);
    tcase_add_test(test, a_post_of_bytes_sends_all_of_them_under_their_type);
    tcase_add_test(test, a_proxy_of_the_environment_is_not_asked);
    tcase_add_test(test, without_a_socket_the_daemon_is_not_running);
    tcase_add_test(test, a_socket_that_a_dead_daemon_left_is_no_daemon);
    tcase_add_test(test, a_socket_that_one_may_not_open_names_who_may);
    tcase_add_test(test, a_directory_that_one_may_not_enter_names_who_may);
    tcase_add_test(test, a_connection_that_ends_early_may_work_later);
    tcase_add_test(test, a_daemon_that_says_nothing_is_given_up);
    tcase_add_test(test, an_answer_over_the_limit_is_refused);
    tcase_add_test(test, what_is_not_http_is_a_broken_answer);
    return test;
}

Suite *ctl_client_suite(void)
{
    Suite *suite = suite_create("ctl_client");
    TCase *test = tcase_create("answer");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, a_body_that_makes_no_sense_is_a_broken_answer, 0, COUNT(broken));
    tcase_add_test(test, an_error_of_the_daemon_keeps_its_code_and_an_escaped_message);
    tcase_add_loop_test(test, each_error_of_the_daemon_has_its_exit_status, 0, COUNT(codes));
    tcase_add_test(test, a_secret_becomes_one_json_string);
    tcase_add_test(test, a_secret_that_is_no_utf_8_is_not_sent);
    suite_add_tcase(suite, calls());
    suite_add_tcase(suite, test);
    return suite;
}
