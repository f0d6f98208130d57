/* SPDX-License-Identifier: MIT */
/*
 * One connection: bytes in until a request is there in full, bytes out until its answer is, and a
 * deadline over each of the two. Requests that were sent ahead wait in the stream's input, which
 * reads only so far.
 */
#include "base/clock.h"
#include "web/http_private.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void deadline_set(struct http_connection *connection, int64_t ms)
{
    struct timeval delay = {
        .tv_sec = (time_t)(ms / CLOCK_SECOND),
        .tv_usec = (suseconds_t)(ms % CLOCK_SECOND * 1000),
    };

    /* It was added before: no memory is needed now. */
    (void)evtimer_add(connection->deadline, &delay);
}

static void deadline_passed(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    http_connection_free(context);
}

/* Makes ready for the first request, or the next. */
static void wait_for_request(struct http_connection *connection)
{
    http_request_clear(&connection->request);
    buf_clear(&connection->head, true);
    buf_clear(&connection->body, true);
    connection->scan = (struct http_scan){0};
    connection->chunks = (struct http_chunks){0};
    connection->stage = HTTP_IN_HEAD;
    deadline_set(connection, connection->http->config.request_ms);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Answers what is no request, or none that we take. Nobody knows where the next one begins. */
static void refuse(struct http_connection *connection, int status, const char *reason)
{
    connection->stage = HTTP_WITH_HANDLER;
    connection->close = true;
    web_answer_error(&connection->request, status, reason);
}

static void serve(struct http_connection *connection)
{
    event_del(connection->deadline);
    connection->stage = HTTP_WITH_HANDLER;
    http_request_serve(&connection->request);
}

static int check_host(const struct web_http *http, const struct http_head *head,
                      const char **reason)
{
    if (!http->config.check_host || http_host_is_served(http, head->host))
        return 0;
    *reason = "There is no such host here.";
    if (head->host[0] != '\0')
        return 421;
    *reason = "There must be one Host header.";
    return 400;
}

/* RFC 9110, 10.1.1. */
static void invite_body(struct http_connection *connection)
{
    static const char invitation[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_head *head = &connection->request.head;

    if (head->expects)
        (void)bufferevent_write(connection->stream, invitation, sizeof(invitation) - 1);
}

static void head_ended(struct http_connection *connection)
{
    struct http_head *head = &connection->request.head;
    const char *reason;
    int status = http_head_parse(connection->head.data, connection->head.len, head, &reason);

    if (status == 0)
        status = check_host(connection->http, head, &reason);
    if (status != 0) {
        refuse(connection, status, reason);
        return;
    }
    connection->close = head->close;
    connection->stage = HTTP_IN_BODY;
    if (!head->chunked && head->body_length == 0)
        serve(connection);
    else
        invite_body(connection);
}

static const char *scan_reason(int status)
{
    switch (status) {
    case 414:
        return "The address is too long.";
    case 431:
        return "The headers are too long.";
    default:
        return "This is not an HTTP request.";
    }
}

/* Each takes of the len bytes what is its own and returns how many. */
static size_t take_head(struct http_connection *connection, const char *data, size_t len)
{
    size_t used = 0;
    int status = http_scan(&connection->scan, data, len, &used);

    if (!buf_add(&connection->head, data, used))
        status = 500;
    if (status == 200)
        head_ended(connection);
    else if (status != 0)
        refuse(connection, status, scan_reason(status));
    return used;
}

static size_t take_length(struct http_connection *connection, const char *data, size_t len)
{
    size_t missing = connection->request.head.body_length - connection->body.len;
    size_t used = len < missing ? len : missing;

    if (!buf_add(&connection->body, data, used))
        refuse(connection, 500, "There is no memory for this.");
    else if (used == missing)
        serve(connection);
    return used;
}

static size_t take_chunks(struct http_connection *connection, const char *data, size_t len)
{
    size_t used = 0;
    int status = http_chunks(&connection->chunks, data, len, &connection->body, &used);

    if (status == 200)
        serve(connection);
    else if (status == 413)
        refuse(connection, status, "The body is too long.");
    else if (status != 0)
        refuse(connection, status, "The body is malformed.");
    return used;
}

static size_t take(struct http_connection *connection, const char *data, size_t len)
{
    if (connection->stage == HTTP_IN_HEAD)
        return take_head(connection, data, len);
    return connection->request.head.chunked ? take_chunks(connection, data, len)
                                            : take_length(connection, data, len);
}

static bool is_reading(const struct http_connection *connection)
{
    return connection->stage == HTTP_IN_HEAD || connection->stage == HTTP_IN_BODY;
}

/* Reads on until the bytes are used up or a request is there. Never frees the connection. */
static void advance(struct http_connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);

    while (is_reading(connection)) {
        size_t len = evbuffer_get_contiguous_space(input);
        const char *data = (const char *)evbuffer_pullup(input, (ev_ssize_t)len);

        if (len == 0 || data == NULL)
            return;
        evbuffer_drain(input, take(connection, data, len));
    }
}

/* --- the end of an answer, and of the connection ------------------------------------------------ */

/* Closing while bytes of the client lie unread would send it a reset, which may overtake the
 * answer: it gets some time to read that and to close (RFC 9112, 9.6). */
static void linger(struct http_connection *connection)
{
    int64_t request_ms = connection->http->config.request_ms;
    struct evbuffer *input = bufferevent_get_input(connection->stream);

    connection->stage = HTTP_LINGERING;
    evbuffer_drain(input, evbuffer_get_length(input));
    (void)shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
    deadline_set(connection, request_ms < HTTP_LINGER_MS ? request_ms : HTTP_LINGER_MS);
}

static void end(struct http_connection *connection)
{
    if (connection->eof)
        http_connection_free(connection);
    else
        linger(connection);
}

static void throw_away(struct http_connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);

    connection->thrown_away += evbuffer_get_length(input);
    evbuffer_drain(input, evbuffer_get_length(input));
    if (connection->thrown_away > HTTP_LINGER_BYTES)
        http_connection_free(connection);
}

static void bytes_came(struct bufferevent *stream, void *context)
{
    struct http_connection *connection = context;

    (void)stream;
    if (connection->stage == HTTP_LINGERING)
        throw_away(connection);
    else
        advance(connection);
}

static void bytes_went(struct bufferevent *stream, void *context)
{
    struct http_connection *connection = context;

    if (connection->stage != HTTP_IN_ANSWER ||
        evbuffer_get_length(bufferevent_get_output(stream)) > 0)
        return;
    if (connection->close) {
        end(connection);
        return;
    }
    wait_for_request(connection);
    advance(connection);
    /* Who closed their half gets all answers, and is not waited for. */
    if (connection->eof && is_reading(connection))
        http_connection_free(connection);
}

static void stream_changed(struct bufferevent *stream, short what, void *context)
{
    struct http_connection *connection = context;

    (void)stream;
    connection->eof = true;
    /* Who closed their half may still read an answer that is on its way. One that is not there yet
     * may take long, and most who close are gone. */
    if ((what & BEV_EVENT_ERROR) != 0 || connection->stage != HTTP_IN_ANSWER)
        http_connection_free(connection);
}

static void free_bytes(const void *data, size_t len, void *context)
{
    (void)data;
    (void)len;
    free(context);
}

static bool output_move(struct evbuffer *output, struct buf *body)
{
    if (body == NULL || body->len == 0)
        return true;
    if (evbuffer_add_reference(output, body->data, body->len, free_bytes, body->data) != 0)
        return false;
    *body = (struct buf){.limit = body->limit};
    return true;
}

void http_connection_send(struct http_connection *connection, const struct buf *head,
                          struct buf *body)
{
    struct evbuffer *output = bufferevent_get_output(connection->stream);

    connection->stage = HTTP_IN_ANSWER;
    deadline_set(connection, connection->http->config.answer_ms);
    if (head->failed || evbuffer_add(output, head->data, head->len) != 0 ||
        !output_move(output, body)) {
        /* Without memory for an answer there is none. The stream will tell that it has ended. */
        linger(connection);
        (void)shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
    }
}

void http_connection_free(struct http_connection *connection)
{
    struct web_http *http = connection->http;
    const struct web_request *request = &connection->request;
    bool owed = request->later && !request->answered;
    void (*gone)(void *) = owed ? request->gone : NULL;
    void *gone_context = request->gone_context;

    LIST_REMOVE(connection, link);
    http->count--;
    event_free(connection->deadline);
    bufferevent_free(connection->stream);
    http_request_clear(&connection->request);
    buf_free(&connection->head, true);
    buf_free(&connection->body, true);
    free(connection);
    http_listener_update(http);
    if (gone != NULL)
        gone(gone_context);
}

/* A socket that is not TCP has no such option, and does not need it. */
static void send_at_once(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void http_connection_open(struct web_http *http, int fd)
{
    struct http_connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL) {
        close(fd);
        return;
    }
    connection->stream = bufferevent_socket_new(http->base, fd, BEV_OPT_CLOSE_ON_FREE);
    connection->deadline = evtimer_new(http->base, deadline_passed, connection);
    if (connection->stream == NULL || connection->deadline == NULL)
        goto fail;
    connection->http = http;
    connection->request.http = http;
    connection->request.connection = connection;
    bufferevent_setcb(connection->stream, bytes_came, bytes_went, stream_changed, connection);
    bufferevent_setwatermark(connection->stream, EV_READ, 0, HTTP_INPUT_MAX);
    wait_for_request(connection);
    if (!evtimer_pending(connection->deadline, NULL) ||
        bufferevent_enable(connection->stream, EV_READ | EV_WRITE) != 0)
        goto fail;
    send_at_once(fd);
    LIST_INSERT_HEAD(&http->connections, connection, link);
    http->count++;
    http_listener_update(http);
    return;

fail:
    if (connection->deadline != NULL)
        event_free(connection->deadline);
    if (connection->stream != NULL)
        bufferevent_free(connection->stream);
    else
        close(fd);
    free(connection);
}
