/* SPDX-License-Identifier: MIT */
/* The HTTP client without memory, wherever it or libcurl or libevent asks for some: a request is
 * not begun, or is answered once. */
#include <check.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory_help.h"
#include "net/net.h"

#define BODY "{\"items\":[]}"

static pid_t server;
static char url[64];

static void serve(int listener)
{
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Content-Length: 12\r\nRetry-After: 7\r\nConnection: close\r\n\r\n" BODY;
    char heard[4096];

    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        ssize_t got = read(fd, heard, sizeof(heard));

        if (got > 0 && write(fd, answer, sizeof(answer) - 1) < 0)
            _exit(1);
        close(fd);
    }
}

static void setup(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(listener, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/v1/me", ntohs(address.sin_port));
    signal(SIGPIPE, SIG_IGN);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0)
        serve(listener);
    close(listener);
}

static void teardown(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

/* -- One request, in a client of its own --------------------------------------------------------- */

/* libcurl forgets a socket that it has no memory for: then the deadline ends the request. */
#define PATIENCE_MS 20000
#define IMPATIENCE_MS 300

static struct {
    bool post, begun;
    int runs; /* the first two have all they ask for */
    int answers;
    struct net_answer answer;
    char body[64];
    struct event_base *base;
} one;

static void keep(const struct net_answer *answer, void *context)
{
    (void)context;
    one.answers++;
    one.answer = *answer;
    snprintf(one.body, sizeof(one.body), "%s", answer->body);
    event_base_loopbreak(one.base);
}

static void forget(void)
{
    bool post = one.post;
    int runs = one.runs;

    memset(&one, 0, sizeof(one));
    one.post = post;
    one.runs = runs + 1;
}

static void ask(void)
{
    struct net_options options = {.user_agent = "test", .ca_file = "/nowhere/ca.pem"};
    struct net_call call = {.url = url,
                            .authorization = "Bearer abc",
                            .accept = "application/json",
                            .timeout_ms = one.runs <= 2 ? PATIENCE_MS : IMPATIENCE_MS};
    struct net *net;

    if (one.post) {
        call.form = "a=b";
        call.form_len = 3;
    }
    one.base = event_base_new();
    if (one.base == NULL)
        return;
    net = net_new(one.base, &options);
    one.begun = net != NULL && net_start(net, &call, keep, NULL) != NULL;
    if (one.begun)
        event_base_dispatch(one.base);
    net_free(net);
    event_base_free(one.base);
}

static void look(long failed)
{
    ck_assert_msg(one.answers == one.begun, "without allocation %ld: %d answers", failed,
                  one.answers);
    if (failed == 0)
        ck_assert(one.begun && one.answer.error == NET_OK);
    if (!one.begun)
        return;
    if (one.answer.error == NET_OK) {
        ck_assert_int_eq(one.answer.status, 200);
        ck_assert_str_eq(one.body, BODY);
    } else {
        ck_assert_str_ne(one.answer.message, "");
        ck_assert_str_eq(one.body, "");
    }
}

START_TEST(E16_a_request_without_memory_is_not_begun_or_answered_once)
{
    const struct memory_work work = {
        .name = "request", .before = forget, .work = ask, .after = look};

    one.post = _i == 1;
    memory_try_all(&work);
}
END_TEST

Suite *net_memory_suite(void)
{
    Suite *suite = suite_create("net_memory");
    TCase *test = tcase_create("requests");

    tcase_set_timeout(test, 60);
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, E16_a_request_without_memory_is_not_begun_or_answered_once, 0, 2);
    suite_add_tcase(suite, test);
    return suite;
}
