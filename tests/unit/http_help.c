/* SPDX-License-Identifier: MIT */
#include "http_help.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct http_world web_world;

static union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_un un;
} address;
static socklen_t address_len;
static struct buf heard;

/* --- the server ------------------------------------------------------------------------------- */

static void answer_text(struct web_request *request, const char *text)
{
    struct buf body = {0};

    buf_add_text(&body, text);
    web_answer(request, 200, "text/plain", &body);
}

static void home(struct web_request *request, void *context)
{
    (void)context;
    web_world.calls++;
    answer_text(request, web_request_method(request) == WEB_GET ? "home" : "not GET");
}

static const char *or_none(const char *text)
{
    return text != NULL ? text : "(none)";
}

static void echo(struct web_request *request, void *context)
{
    struct buf body = {0};

    (void)context;
    web_world.calls++;
    buf_addf(&body, "path=%s|host=%s|query=%s|q=%s|cookie=%s|header=%s|", web_request_path(request),
             web_request_host(request), web_request_query_text(request),
             or_none(web_request_query(request, "q")), or_none(web_request_cookie(request, "sid")),
             or_none(web_request_header(request, "x-thing")));
    web_answer(request, 200, "text/plain", &body);
}

static void form(struct web_request *request, void *context)
{
    struct buf body = {0};

    (void)context;
    web_world.calls++;
    buf_addf(&body, "a=%s b=%s", or_none(web_request_form(request, "a")),
             or_none(web_request_form(request, "b")));
    web_answer(request, 200, "text/plain", &body);
}

static void body_back(struct web_request *request, void *context)
{
    struct buf body = {0};
    size_t len;
    const char *bytes = web_request_body(request, &len);

    (void)context;
    web_world.calls++;
    buf_addf(&body, "%zu:", len);
    buf_add(&body, bytes, len);
    web_answer(request, 200, "text/plain", &body);
}

static void twin(struct web_request *request, void *context)
{
    (void)context;
    answer_text(request, web_request_method(request) == WEB_GET ? "got" : "posted");
}

static void item(struct web_request *request, void *context)
{
    (void)context;
    answer_text(request, web_request_rest(request));
}

static void big(struct web_request *request, void *context)
{
    static char block[1000];
    struct buf body = {0};

    (void)context;
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 5000; i++)
        buf_add(&body, block, sizeof(block));
    web_answer(request, 200, "text/plain", &body);
    ck_assert_uint_eq(body.len, 0);
}

static void client_gone(void *context)
{
    struct http_world *world = context;

    world->gone++;
    world->waiting = NULL;
}

static void later(struct web_request *request, void *context)
{
    struct http_world *world = context;

    world->calls++;
    world->waiting = request;
    web_request_later(request, client_gone, world);
}

static void forgets(struct web_request *request, void *context)
{
    (void)request;
    (void)context;
}

static void go(struct web_request *request, void *context)
{
    (void)context;
    web_answer_see_other(request, "/there");
}

static void peer(struct web_request *request, void *context)
{
    struct web_peer who;
    char text[64] = "nobody";

    (void)context;
    if (web_request_peer(request, &who))
        snprintf(text, sizeof(text), "pid=%ld uid=%ld", (long)who.pid, (long)who.uid);
    answer_text(request, text);
}

static void fails(struct web_request *request, void *context)
{
    struct buf body = {.limit = 4};

    (void)context;
    buf_add_text(&body, "too long");
    web_answer(request, 200, "text/plain", &body);
}

static const struct web_route routes[] = {
    {"/", WEB_GET, home},           {"/echo", WEB_GET, echo}, {"/form", WEB_POST, form},
    {"/body", WEB_POST, body_back}, {"/twin", WEB_GET, twin}, {"/twin", WEB_POST, twin},
    {"/item/*", WEB_GET, item},     {"/big", WEB_GET, big},   {"/later", WEB_GET, later},
    {"/forgets", WEB_GET, forgets}, {"/go", WEB_GET, go},     {"/peer", WEB_GET, peer},
    {"/fails", WEB_GET, fails},     {NULL, 0, NULL},
};

static bool admit(struct web_request *request, void *context)
{
    struct http_world *world = context;

    world->admitted++;
    if (world->denies)
        web_answer_error(request, 403, "not you");
    return !world->denies;
}

static void keep_log(enum log_level level, const char *line, void *context)
{
    struct http_world *world = context;
    size_t len = strlen(world->log);

    (void)level;
    world->log_lines++;
    snprintf(world->log + len, sizeof(world->log) - len, "%s\n", line);
}

static void keep_libevent_log(int severity, const char *line)
{
    if (severity >= EVENT_LOG_WARN)
        keep_log(LOG_LEVEL_WARNING, line, &web_world);
}

static void address_set(bool unix_socket)
{
    memset(&address, 0, sizeof(address));
    if (unix_socket) {
        address.un.sun_family = AF_UNIX; /* in the abstract name space, of the system's choice */
        address_len = sizeof(sa_family_t);
    } else {
        address.in.sin_family = AF_INET;
        address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address_len = sizeof(address.in);
    }
}

void web_world_serve(bool unix_socket)
{
    static const char *const hosts[] = {"page", "127.0.0.1:8888", "[::1]:8888", NULL};
    int fd = socket(unix_socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    web_http_free(web_world.http);
    address_set(unix_socket);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, &address.any, address_len), 0);
    address_len = sizeof(address);
    ck_assert_int_eq(getsockname(fd, &address.any, &address_len), 0);
    ck_assert_int_eq(listen(fd, 256), 0);
    web_world.http = web_http_new(web_world.base, fd, &web_world.config);
    ck_assert_ptr_nonnull(web_world.http);
    ck_assert(web_http_set_hosts(web_world.http, hosts));
}

void web_world_open(void)
{
    static const char *const headers[] = {"X-Frame-Options", "DENY", "X-Second", "2", NULL};

    signal(SIGPIPE, SIG_IGN);
    log_set_sink(keep_log, &web_world);
    event_set_log_callback(keep_libevent_log);
    web_world.base = event_base_new();
    ck_assert_ptr_nonnull(web_world.base);
    web_world.config = (struct web_http_config){
        .routes = routes,
        .context = &web_world,
        .admit = admit,
        .headers = headers,
        .check_host = true,
    };
    web_world_serve(false);
}

void web_world_close(void)
{
    web_http_free(web_world.http);
    event_base_free(web_world.base);
    libevent_global_shutdown();
    buf_free(&heard, false);
    memset(&web_world, 0, sizeof(web_world));
}

/* --- the client --------------------------------------------------------------------------------- */

int web_connect(void)
{
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, &address.any, address_len), 0);
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* One turn of the server; waits a little for what is under way. */
static void turn(int fd, short events)
{
    struct pollfd wait = {.fd = fd, .events = events};

    event_base_loop(web_world.base, EVLOOP_NONBLOCK);
    poll(&wait, 1, 1);
}

void web_say_bytes(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return; /* the server has heard enough */
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        }
        turn(fd, POLLOUT);
    }
}

void web_say(int fd, const char *text)
{
    web_say_bytes(fd, text, strlen(text));
}

/* Adds what is there to heard; false at the end. */
static bool hear_some(int fd)
{
    static char bytes[65536];
    ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (len > 0)
        ck_assert(buf_add(&heard, bytes, (size_t)len));
    else
        turn(fd, POLLIN);
    return len > 0 || (len < 0 && errno == EAGAIN);
}

const char *web_hear(int fd, size_t *len)
{
    buf_clear(&heard, false);
    buf_add(&heard, "", 0);
    while (hear_some(fd))
        continue;
    if (len != NULL)
        *len = heard.len;
    return heard.data;
}

const char *web_hear_until(int fd, const char *text)
{
    buf_clear(&heard, false);
    buf_add(&heard, "", 0);
    while (strstr(heard.data, text) == NULL)
        ck_assert_msg(hear_some(fd), "closed after: %s", heard.data);
    return heard.data;
}

const char *web_ask(const char *request)
{
    int fd = web_connect();
    const char *answer;

    web_say(fd, request);
    answer = web_hear(fd, NULL);
    close(fd);
    return answer;
}

const char *web_method_call(const char *method, const char *target, const char *more)
{
    char request[8192];

    snprintf(request, sizeof(request),
             "%s %s HTTP/1.1\r\nHost: page\r\nConnection: close\r\n%s\r\n", method, target, more);
    return web_ask(request);
}

const char *web_get(const char *target)
{
    return web_method_call("GET", target, "");
}

int web_status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

const char *web_body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");

    ck_assert_msg(end != NULL, "no answer: %s", answer);
    return end + 4;
}

void web_run_until_open(size_t count)
{
    while (web_http_connections(web_world.http) != count)
        event_base_loop(web_world.base, EVLOOP_ONCE);
}

void web_run_for(int ms)
{
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    event_base_loopexit(web_world.base, &delay);
    event_base_dispatch(web_world.base);
}
