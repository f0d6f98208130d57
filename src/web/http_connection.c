/* SPDX-License-Identifier: MIT */
/*
 * The guard over evhttp's connections. What evhttp leaves open: how many there are; a deadline over
 * a whole request and a whole answer (its own timeout starts again with each byte); a client that
 * leaves while an answer is owed; time for a client to take in the answer that ends its connection.
 *
 * evhttp tells about a connection only when it has a request. So each gets its stream from here, a
 * turn later the stream's callbacks name its evhttp_connection, and that one tells when it ends. A
 * reference of ours keeps the stream, and with it the descriptor, until we are done with it, too.
 */
#include "base/clock.h"
#include "base/turns.h"
#include "web/http_private.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

static void mark(const struct http_connection *connection)
{
    turns_mark(connection->http->config.turns, connection->http->config.turns_name);
}

static void deadline_set(struct http_connection *connection, int64_t ms)
{
    struct timeval delay = {
        .tv_sec = (time_t)(ms / CLOCK_SECOND),
        .tv_usec = (suseconds_t)(ms % CLOCK_SECOND * 1000),
    };

    /* It was added before: no memory is needed now. */
    (void)evtimer_add(connection->deadline, &delay);
}

/* Ends it at once. */
static void cut(struct http_connection *connection)
{
    connection->cut = true;
    if (connection->evhttp != NULL)
        evhttp_connection_free(connection->evhttp); /* comes back by way of connection_ended() */
    else
        http_connection_free(connection);
}

static void deadline_passed(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    mark(context);
    cut(context);
}

size_t http_count_nuls(struct evbuffer *bytes, size_t from)
{
    struct evbuffer_ptr at;
    size_t count = 0;

    if (evbuffer_ptr_set(bytes, &at, from, EVBUFFER_PTR_SET) != 0)
        return 0;
    for (at = evbuffer_search(bytes, "", 1, &at); at.pos >= 0;
         at = evbuffer_search(bytes, "", 1, &at)) {
        count++;
        if (evbuffer_ptr_set(bytes, &at, 1, EVBUFFER_PTR_ADD) != 0)
            break;
    }
    return count;
}

/* Whoever begins like this speaks TLS, say, and would wait for an answer until the deadline, as
 * evhttp waits for the end of a line. */
static void bytes_came(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context)
{
    struct http_connection *connection = context;
    unsigned char first;

    mark(connection);
    connection->nuls += http_count_nuls(input, evbuffer_get_length(input) - info->n_added);
    if (connection->spoke || info->n_added == 0 || evbuffer_copyout(input, &first, 1) != 1)
        return;
    connection->spoke = true;
    if (first >= 0x7f || (first < ' ' && first != '\r' && first != '\n'))
        (void)shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
}

/* An answer of any length has its time, as long as the client takes it in. */
static void bytes_went(struct evbuffer *output, const struct evbuffer_cb_info *info, void *context)
{
    struct http_connection *connection = context;

    (void)output;
    mark(connection);
    if (!connection->request.is_file)
        return;
    connection->taken += info->n_deleted;
    if (connection->taken >= WEB_HTTP_FILE_STEP) {
        connection->taken = 0;
        deadline_set(connection, connection->http->config.answer_ms);
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static void throw_away(struct bufferevent *stream, void *context)
{
    struct http_connection *connection = context;
    struct evbuffer *input = bufferevent_get_input(stream);

    connection->thrown_away += evbuffer_get_length(input);
    evbuffer_drain(input, evbuffer_get_length(input));
    if (connection->thrown_away > HTTP_LINGER_BYTES)
        http_connection_free(connection);
}

static void client_closed(struct bufferevent *stream, short what, void *context)
{
    (void)stream;
    (void)what;
    http_connection_free(context);
}

/* evhttp has shut our half. Closing while bytes of the client lie unread would send it a reset,
 * which may overtake the answer: it gets some time to read that and to close (RFC 9112, 9.6). */
static void linger(struct http_connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    int64_t request_ms = connection->http->config.request_ms;

    evbuffer_drain(input, evbuffer_get_length(input));
    bufferevent_setcb(connection->stream, throw_away, NULL, client_closed, connection);
    deadline_set(connection, request_ms < HTTP_LINGER_MS ? request_ms : HTTP_LINGER_MS);
    if (bufferevent_enable(connection->stream, EV_READ) != 0)
        http_connection_free(connection);
}

static void watch_end(struct http_connection *connection)
{
    if (connection->watch != NULL)
        event_free(connection->watch);
    connection->watch = NULL;
}

/* Of evhttp, before it lets go of the stream. */
static void connection_ended(struct evhttp_connection *evhttp, void *context)
{
    struct http_connection *connection = context;
    struct evhttp_request *request = connection->request.evhttp;
    bool owed = connection->request.later && !connection->request.answered;
    void (*gone)(void *) = owed ? connection->request.gone : NULL;
    void *gone_context = connection->request.gone_context;

    (void)evhttp;
    connection->evhttp = NULL;
    /* a request without its connection belongs to nobody else any more */
    if (request != NULL && evhttp_request_get_connection(request) == NULL)
        evhttp_request_free(request);
    http_request_clear(&connection->request);
    watch_end(connection);
    if (connection->cut || connection->http->listener == NULL)
        http_connection_free(connection);
    else
        event_active(connection->turn, 0, 0);
    if (gone != NULL)
        gone(gone_context);
}

void http_connection_free(struct http_connection *connection)
{
    struct web_http *http = connection->http;

    LIST_REMOVE(connection, link);
    http->count--;
    http_request_clear(&connection->request);
    watch_end(connection);
    event_free(connection->turn);
    event_free(connection->deadline);
    (void)evbuffer_remove_cb(bufferevent_get_input(connection->stream), bytes_came, connection);
    (void)evbuffer_remove_cb(bufferevent_get_output(connection->stream), bytes_went, connection);
    bufferevent_setcb(connection->stream, NULL, NULL, NULL, NULL);
    bufferevent_decref(connection->stream);
    free(connection);
    http_listener_update(http);
}

/* --- the beginning ------------------------------------------------------------------------------ */

/* Of evhttp's connection nothing else tells before it has a request. */
static void begin(struct http_connection *connection)
{
    void *evhttp = NULL;

    connection->begun = true;
    bufferevent_getcb(connection->stream, NULL, NULL, NULL, &evhttp);
    connection->evhttp = evhttp;
    if (evhttp != NULL)
        evhttp_connection_set_closecb(connection->evhttp, connection_ended, connection);
    else
        http_connection_free(connection); /* it has given up */
}

static void turn_came(evutil_socket_t fd, short what, void *context)
{
    struct http_connection *connection = context;

    (void)fd;
    (void)what;
    mark(connection);
    if (connection->begun)
        linger(connection);
    else
        begin(connection);
}

struct bufferevent *http_connection_open(struct event_base *base, void *http)
{
    struct web_http *server = http;
    struct http_connection *connection = calloc(1, sizeof(*connection));

    turns_mark(server->config.turns, server->config.turns_name);
    log_episode_leave(&server->accept_trouble, clock_boot_ms(), "connections are accepted again");
    if (connection == NULL)
        return NULL;
    connection->stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    connection->turn = event_new(base, -1, 0, turn_came, connection);
    connection->deadline = evtimer_new(base, deadline_passed, connection);
    if (connection->stream == NULL || connection->turn == NULL || connection->deadline == NULL ||
        evbuffer_add_cb(bufferevent_get_input(connection->stream), bytes_came, connection) ==
            NULL ||
        evbuffer_add_cb(bufferevent_get_output(connection->stream), bytes_went, connection) == NULL)
        goto fail;
    connection->http = server;
    connection->request = (struct web_request){.http = server, .connection = connection};
    deadline_set(connection, server->config.request_ms);
    if (!evtimer_pending(connection->deadline, NULL))
        goto fail;
    /* evhttp wants a body, or a chunk of it, in one piece before it takes it */
    bufferevent_setwatermark(connection->stream, EV_READ, 0,
                             server->config.max_body + WEB_HTTP_HEADERS_MAX);
    bufferevent_incref(connection->stream);
    event_active(connection->turn, 0, 0);
    LIST_INSERT_HEAD(&server->connections, connection, link);
    server->count++;
    http_listener_update(server);
    return connection->stream;

fail:
    if (connection->deadline != NULL)
        event_free(connection->deadline);
    if (connection->turn != NULL)
        event_free(connection->turn);
    if (connection->stream != NULL)
        bufferevent_free(connection->stream);
    free(connection);
    return NULL;
}

/* --- requests and answers ----------------------------------------------------------------------- */

/* Something moved: bytes of the next request, or the client has left. */
static void client_moved(evutil_socket_t fd, short what, void *context)
{
    struct pollfd look = {.fd = fd, .events = POLLRDHUP};

    (void)what;
    mark(context);
    if (poll(&look, 1, 0) > 0)
        cut(context);
}

/* evhttp does not read while an answer is owed, and would not notice. One who closed only their
 * half counts as gone, too: the answer may take long, and most who close are. Edges, because bytes
 * of the next request may lie there all the time. */
static void watch_begin(struct http_connection *connection)
{
    evutil_socket_t fd = bufferevent_getfd(connection->stream);

    connection->watch =
        event_new(connection->http->base, fd, EV_READ | EV_CLOSED | EV_ET | EV_PERSIST,
                  client_moved, connection);
    if (connection->watch != NULL)
        (void)event_add(connection->watch, NULL);
}

/* evhttp makes ready for the next request, or ends the connection. */
static void answer_went(struct evhttp_request *evhttp, void *context)
{
    struct http_connection *connection = context;

    (void)evhttp;
    http_request_clear(&connection->request);
    connection->nuls = 0;
    deadline_set(connection, connection->http->config.request_ms);
}

/* A socket that is not TCP has no such option, and does not need it. */
static void send_at_once(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct http_connection *connection_of(struct web_http *http, struct evhttp_request *request)
{
    struct evhttp_connection *evhttp = evhttp_request_get_connection(request);
    struct http_connection *connection;

    LIST_FOREACH (connection, &http->connections, link) {
        if (connection->evhttp == evhttp)
            return connection;
    }
    return NULL;
}

void http_connection_serve(struct evhttp_request *evhttp, void *http)
{
    struct http_connection *connection = connection_of(http, evhttp);

    if (connection == NULL) { /* there was no memory for it */
        evhttp_send_error(evhttp, 503, NULL);
        return;
    }
    event_del(connection->deadline);
    send_at_once(bufferevent_getfd(connection->stream));
    connection->request.evhttp = evhttp;
    evhttp_request_set_on_complete_cb(evhttp, answer_went, connection);
    http_request_serve(&connection->request);
    if (!connection->request.answered)
        watch_begin(connection);
}

void http_connection_send(struct http_connection *connection, int status)
{
    struct web_request *request = &connection->request;

    watch_end(connection);
    connection->taken = 0;
    deadline_set(connection, connection->http->config.answer_ms);
    /* Without memory for an answer there is none: evhttp will find that the client has left. */
    if (request->failed)
        (void)shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
    evhttp_send_reply(request->evhttp, status, web_status_text(status), NULL);
    /* evhttp would read on, to see a client leave: then one that closed only its half loses the
     * rest of the answer, and one that sends without end fills the memory */
    bufferevent_disable(connection->stream, EV_READ);
}
