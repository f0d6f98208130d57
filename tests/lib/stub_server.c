/* SPDX-License-Identifier: MIT */
#include "lib/stub_server.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPTS_MAX 16

struct stub_connection {
    LIST_ENTRY(stub_connection) link;
    struct stub_server *server;
    struct bufferevent *stream;
    struct event *timer;
    const struct stub_step *script;
    size_t step;
    size_t dripped; /* bytes of a STUB_DRIP that are sent */
    bool paused;    /* a STUB_PAUSE has begun */
};

struct stub_server {
    struct event_base *base;
    struct evconnlistener *listener;
    uint16_t port;
    const struct stub_step *scripts[SCRIPTS_MAX];
    size_t script_count;
    stub_wrap_function *wrap;
    void *wrap_context;
    LIST_HEAD(, stub_connection) connections;
    struct stub_counts counts;
    struct buf heard;
    char url[512];
};

static const struct stub_step silence[] = {{.action = STUB_END}};

static void connection_free(struct stub_connection *connection)
{
    connection->server->counts.open--;
    LIST_REMOVE(connection, link);
    if (connection->stream != NULL)
        bufferevent_free(connection->stream);
    if (connection->timer != NULL)
        event_free(connection->timer);
    free(connection);
}

static void connection_reset(struct stub_connection *connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    evutil_socket_t fd = bufferevent_getfd(connection->stream);

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    connection_free(connection);
}

/* Moves len bytes of what came to what was heard. */
static void hear(struct stub_connection *connection, size_t len)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    char *bytes = malloc(len + 1);

    if (bytes == NULL)
        abort();
    evbuffer_copyout(input, bytes, len);
    buf_wipe(evbuffer_pullup(input, (ev_ssize_t)len), len);
    evbuffer_drain(input, len);
    buf_add(&connection->server->heard, bytes, len);
    buf_wipe(bytes, len);
    free(bytes);
}

/* Length of the whole request at the front of the input, 0 while it is not there. */
static size_t request_length(struct stub_connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    size_t length;
    char *header;
    const char *field;

    if (end.pos < 0)
        return 0;
    length = (size_t)end.pos + 4;
    header = calloc(1, length + 1);
    if (header == NULL)
        abort();
    evbuffer_copyout(input, header, length);
    field = strcasestr(header, "\r\nContent-Length:");
    if (field != NULL)
        length += strtoul(strchr(field, ':') + 1, NULL, 10);
    buf_wipe(header, (size_t)end.pos + 4);
    free(header);
    return evbuffer_get_length(input) >= length ? length : 0;
}

static void wake_in(struct stub_connection *connection, int ms)
{
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    evtimer_add(connection->timer, &delay);
}

static bool all_sent(struct stub_connection *connection)
{
    return evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0;
}

static bool step_read(struct stub_connection *connection, const struct stub_step *step)
{
    size_t there = evbuffer_get_length(bufferevent_get_input(connection->stream));
    size_t length = step->action == STUB_READ ? request_length(connection) : step->count;

    if (length == 0 || there < length)
        return false;
    hear(connection, length);
    connection->server->counts.requests++;
    return true;
}

/* References, no copies: a script may send a great deal more than there is memory for. */
static bool step_send(struct stub_connection *connection, const struct stub_step *step)
{
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    size_t count = step->count > 0 ? step->count : 1;

    for (size_t i = 0; i < count; i++)
        evbuffer_add_reference(output, step->data, step->len, NULL, NULL);
    return true;
}

static bool step_drip(struct stub_connection *connection, const struct stub_step *step)
{
    if (connection->dripped == step->len) {
        connection->dripped = 0;
        return true;
    }
    bufferevent_write(connection->stream, step->data + connection->dripped++, 1);
    wake_in(connection, step->ms);
    return false;
}

static bool step_pause(struct stub_connection *connection, const struct stub_step *step)
{
    connection->paused = !connection->paused;
    if (connection->paused)
        wake_in(connection, step->ms);
    return !connection->paused;
}

/* True when the step is done and the next may begin. */
static bool step_do(struct stub_connection *connection, const struct stub_step *step)
{
    switch (step->action) {
    case STUB_READ:
    case STUB_READ_N:
        return step_read(connection, step);
    case STUB_SEND:
        return step_send(connection, step);
    case STUB_DRIP:
        return step_drip(connection, step);
    case STUB_PAUSE:
        return step_pause(connection, step);
    default:
        return false;
    }
}

static void advance(struct stub_connection *connection)
{
    for (;;) {
        const struct stub_step *step = &connection->script[connection->step];

        if (step->action == STUB_AGAIN) {
            connection->step = 0;
            continue;
        }
        if (step->action == STUB_CLOSE || step->action == STUB_RESET) {
            if (!all_sent(connection))
                return;
            if (step->action == STUB_RESET)
                connection_reset(connection);
            else
                connection_free(connection);
            return;
        }
        if (!step_do(connection, step))
            return;
        connection->step++;
    }
}

static bool is_waiting_for_time(const struct stub_connection *connection)
{
    return connection->timer != NULL && evtimer_pending(connection->timer, NULL);
}

static void stream_moved(struct bufferevent *stream, void *context)
{
    struct stub_connection *connection = context;

    (void)stream;
    if (!is_waiting_for_time(connection))
        advance(connection);
}

static void stream_event(struct bufferevent *stream, short what, void *context)
{
    struct stub_connection *connection = context;

    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        connection_free(connection);
    else if (what & BEV_EVENT_CONNECTED)
        stream_moved(stream, context);
}

static void time_passed(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    advance(context);
}

/* A client that closed one connection before it opened the next has never had both. */
static void drop_closed(struct stub_server *server)
{
    struct stub_connection *connection = LIST_FIRST(&server->connections);

    while (connection != NULL) {
        struct stub_connection *next = LIST_NEXT(connection, link);
        char byte;

        if (recv(bufferevent_getfd(connection->stream), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
            connection_free(connection);
        connection = next;
    }
}

static const struct stub_step *next_script(const struct stub_server *server)
{
    size_t index = server->counts.accepted - 1;

    if (server->script_count == 0)
        return silence;
    return server->scripts[index < server->script_count ? index : server->script_count - 1];
}

static void accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                     int address_len, void *context)
{
    struct stub_server *server = context;
    struct stub_connection *connection = calloc(1, sizeof(*connection));

    (void)listener;
    (void)address;
    (void)address_len;
    if (connection == NULL)
        abort();
    drop_closed(server);
    server->counts.accepted++;
    server->counts.open++;
    if (server->counts.open > server->counts.open_max)
        server->counts.open_max = server->counts.open;
    connection->server = server;
    connection->script = next_script(server);
    LIST_INSERT_HEAD(&server->connections, connection, link);
    connection->timer = evtimer_new(server->base, time_passed, connection);
    connection->stream = server->wrap != NULL
                             ? server->wrap(server->base, fd, server->wrap_context)
                             : bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (connection->stream == NULL) {
        close(fd);
        connection_free(connection);
        return;
    }
    bufferevent_setcb(connection->stream, stream_moved, stream_moved, stream_event, connection);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
    advance(connection);
}

struct stub_server *stub_server_new(struct event_base *base)
{
    struct stub_server *server = calloc(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    if (server == NULL)
        return NULL;
    server->base = base;
    LIST_INIT(&server->connections);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = evconnlistener_new_bind(base, accepted, server,
                                               LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 512,
                                               (struct sockaddr *)&address, (int)sizeof(address));
    if (server->listener == NULL || getsockname(evconnlistener_get_fd(server->listener),
                                                (struct sockaddr *)&address, &len) != 0) {
        stub_server_free(server);
        return NULL;
    }
    server->port = ntohs(address.sin_port);
    return server;
}

void stub_server_free(struct stub_server *server)
{
    struct stub_connection *connection;
    struct stub_connection *next;

    if (server == NULL)
        return;
    for (connection = LIST_FIRST(&server->connections); connection != NULL; connection = next) {
        next = LIST_NEXT(connection, link);
        connection_free(connection);
    }
    if (server->listener != NULL)
        evconnlistener_free(server->listener);
    buf_free(&server->heard, true);
    free(server);
}

void stub_server_script(struct stub_server *server, const struct stub_step *steps)
{
    if (server->script_count == SCRIPTS_MAX)
        abort();
    server->scripts[server->script_count++] = steps;
}

void stub_server_wrap(struct stub_server *server, stub_wrap_function *wrap, void *context)
{
    server->wrap = wrap;
    server->wrap_context = context;
}

uint16_t stub_server_port(const struct stub_server *server)
{
    return server->port;
}

const char *stub_server_url(struct stub_server *server, const char *path)
{
    snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d%s", server->port, path);
    return server->url;
}

const char *stub_server_https_url(struct stub_server *server, const char *host, const char *path)
{
    snprintf(server->url, sizeof(server->url), "https://%s:%d%s", host, server->port, path);
    return server->url;
}

struct stub_counts stub_server_counts(struct stub_server *server)
{
    drop_closed(server);
    return server->counts;
}

const char *stub_server_heard(struct stub_server *server)
{
    return server->heard.data != NULL ? server->heard.data : "";
}

static void serve_for_ever(const struct stub_step *steps, int port_pipe)
{
    struct event_base *base = event_base_new();
    struct stub_server *server = base != NULL ? stub_server_new(base) : NULL;

    if (server == NULL)
        _exit(1);
    stub_server_script(server, steps);
    if (write(port_pipe, &server->port, sizeof(server->port)) != sizeof(server->port))
        _exit(1);
    close(port_pipe);
    event_base_dispatch(base);
    _exit(0);
}

pid_t stub_server_fork(const struct stub_step *steps, uint16_t *port)
{
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0)
        abort();
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        close(ends[0]);
        serve_for_ever(steps, ends[1]);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], port, sizeof(*port)) != sizeof(*port))
        abort();
    close(ends[0]);
    return child;
}

void stub_server_reap(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
