/* SPDX-License-Identifier: MIT */
/*
 * The way of a request: it arrives, its account is found, a fault may be due; it is processed (or
 * not), delayed (or not), answered (or not). Only when the last byte of a true answer is with the
 * network do its plays count as shown.
 */
#include "sim.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <zlib.h>

#define HEADERS_MAX (64 * 1024)
#define PACKED_FROM 200             /* bytes: less grows */
#define BODY_MAX (16 * 1024 * 1024) /* a test may add a great many plays at once */

/* ---- what the rooms use ---- */

const char *sim_status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {302, "Found"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Status";
}

void sim_answer_header(struct sim_request *r, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(r->http);

    evhttp_add_header(headers, name, value);
}

static void answer_begin(struct sim_request *r, int status, const char *type)
{
    r->status = status;
    evbuffer_drain(r->body, evbuffer_get_length(r->body));
    evhttp_remove_header(evhttp_request_get_output_headers(r->http), "Content-Type");
    if (type != NULL)
        sim_answer_header(r, "Content-Type", type);
}

void sim_answer_text(struct sim_request *r, int status, const char *type, const char *text)
{
    answer_begin(r, status, type);
    evbuffer_add(r->body, text, strlen(text));
}

void sim_answer_json(struct sim_request *r, int status, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

    if (text == NULL)
        sim_answer_text(r, 500, "text/plain", "out of memory");
    else
        sim_answer_text(r, status, "application/json; charset=utf-8", text);
    free(text);
    json_decref(json);
}

void sim_answer_error(struct sim_request *r, int status, const char *message)
{
    sim_answer_json(r, status,
                    json_pack("{s:{s:i,s:s}}", "error", "status", status, "message", message));
}

const char *sim_query(const struct sim_request *r, const char *key)
{
    return evhttp_find_header(&r->query, key);
}

const char *sim_form(const struct sim_request *r, const char *key)
{
    return evhttp_find_header(&r->form, key);
}

const char *sim_request_header(const struct sim_request *r, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(r->http), name);
}

/* ---- the end of a request ---- */

static void request_free(struct sim_request *r)
{
    sim_log_end(r->sim, r);
    if (r->previous != NULL)
        r->previous->next = r->next;
    else
        r->sim->requests = r->next;
    if (r->next != NULL)
        r->next->previous = r->previous;
    if (r->timer != NULL)
        event_free(r->timer);
    if (r->closed != NULL)
        event_free(r->closed);
    if (r->body != NULL)
        evbuffer_free(r->body);
    sim_fault_release(r->fault);
    evhttp_clear_headers(&r->query);
    evhttp_clear_headers(&r->form);
    free(r->path_text);
    free(r);
}

/* The last byte of the answer is out. */
static void on_complete(struct evhttp_request *http, void *context)
{
    struct sim_request *r = context;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);

    if (connection != NULL)
        evhttp_connection_set_closecb(connection, NULL, NULL);
    if (!r->spoiled && !r->head)
        world_mark_shown(r->shown, r->shown_count, sim_clock_now(&r->sim->clock));
    request_free(r);
}

/* The client is gone before that. */
static void on_closed(struct evhttp_connection *connection, void *context)
{
    struct sim_request *r = context;
    struct evhttp_request *orphan = NULL;

    (void)connection;
    /* a request without its connection belongs to nobody any more; else it is freed with the
     * connection */
    if (!r->sent && evhttp_request_get_connection(r->http) == NULL)
        orphan = r->http;
    r->sent = false;
    request_free(r);
    if (orphan != NULL)
        evhttp_request_free(orphan);
}

/* Frees the connection, and with it the request: by way of on_closed(). */
static void request_drop(struct sim_request *r, bool reset)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(r->http);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

    if (connection == NULL)
        return;
    if (reset) {
        evutil_socket_t fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));

        /* evhttp shuts down before it closes, which would be an orderly end; this sends the RST at
         * once */
        if (connect(fd, &nowhere, sizeof(nowhere)) != 0)
            perror("fake-spotify: reset");
    }
    evhttp_connection_free(connection);
}

static void on_peer_gone(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    request_drop(context, false);
}

/* evhttp does not read while it waits for us: without this a hung request would outlive its client.
 */
static void request_watch(struct sim_request *r)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(r->http);
    evutil_socket_t fd;

    if (connection == NULL || r->closed != NULL)
        return;
    fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    r->closed = event_new(r->sim->base, fd, EV_CLOSED, on_peer_gone, r);
    if (r->closed != NULL)
        event_add(r->closed, NULL);
}

/* ---- the middle ---- */

static void request_wait(struct sim_request *r, int64_t ms, event_callback_fn callback)
{
    struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    request_watch(r);
    if (r->timer != NULL)
        event_free(r->timer);
    r->timer = evtimer_new(r->sim->base, callback, r);
    if (r->timer != NULL)
        evtimer_add(r->timer, &wait);
}

static void on_reset(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    request_drop(context, true);
}

static void on_close(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    request_drop(context, false);
}

static bool wants_gzip(const struct sim_request *r)
{
    const char *wanted =
        evhttp_find_header(evhttp_request_get_input_headers(r->http), "Accept-Encoding");
    const char *coding =
        evhttp_find_header(evhttp_request_get_output_headers(r->http), "Content-Encoding");

    return r->sim->options.gzip && r->kind != SIM_ADMIN && r->declared == 0 && coding == NULL &&
           wanted != NULL && strstr(wanted, "gzip") != NULL;
}

/* Stays plain without memory. */
static void request_pack(struct sim_request *r)
{
    size_t len = evbuffer_get_length(r->body);
    z_stream stream = {.avail_in = (uInt)len};
    unsigned char *packed;
    size_t room;

    if (len < PACKED_FROM ||
        deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    room = deflateBound(&stream, (uLong)len);
    packed = malloc(room);
    stream.next_in = evbuffer_pullup(r->body, -1);
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    if (packed != NULL && stream.next_in != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END) {
        evbuffer_drain(r->body, len);
        evbuffer_add(r->body, packed, room - stream.avail_out);
        sim_answer_header(r, "Content-Encoding", "gzip");
    }
    deflateEnd(&stream);
    free(packed);
}

static void request_send(struct sim_request *r)
{
    if (wants_gzip(r))
        request_pack(r);
    if (r->declared > 0) {
        char length[32];

        snprintf(length, sizeof(length), "%zu", r->declared);
        evhttp_remove_header(evhttp_request_get_output_headers(r->http), "Content-Length");
        sim_answer_header(r, "Content-Length", length);
        sim_answer_header(r, "Connection", "close");
    }
    if (r->closed != NULL) {
        event_free(r->closed);
        r->closed = NULL;
    }
    if (!r->sim->options.quiet && r->kind != SIM_ADMIN)
        fprintf(stderr, "fake-spotify: %s account %zu: %d\n", sim_kind_name(r->kind),
                r->account + 1, r->status);
    r->sent = true;
    evhttp_request_set_on_complete_cb(r->http, on_complete, r);
    evhttp_send_reply(r->http, r->status, sim_status_phrase(r->status), r->body);
}

static void request_deliver(struct sim_request *r)
{
    const struct sim_fault *fault = r->fault;

    if (fault == NULL) {
        request_send(r);
        return;
    }
    r->spoiled = sim_fault_replaces(fault);
    if (fault->hang) {
        request_watch(r);
    } else if (fault->reset || fault->close) {
        /* not from within evhttp's own callback: it still holds the connection */
        request_wait(r, 0, fault->reset ? on_reset : on_close);
    } else {
        if (sim_fault_apply(r, fault) != 0)
            sim_answer_text(r, 500, "text/plain", "out of memory");
        request_send(r);
    }
}

static void request_process(struct sim_request *r)
{
    static void (*const handlers[])(struct sim_request *) = {
        [SIM_AUTHORIZE] = sim_authorize_handle,
        [SIM_TOKEN] = sim_token_handle,
        [SIM_ME] = sim_me_handle,
        [SIM_RECENT] = sim_recent_handle,
        [SIM_ADMIN] = sim_admin_handle,
    };

    if (r->kind == SIM_OTHER)
        sim_answer_error(r, 404, "Service not found");
    else
        handlers[r->kind](r);
}

static void on_delayed_process(evutil_socket_t fd, short what, void *context)
{
    struct sim_request *r = context;

    (void)fd;
    (void)what;
    if (!sim_fault_replaces(r->fault))
        request_process(r);
    request_deliver(r);
}

static void on_delayed_deliver(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    request_deliver(context);
}

static void request_run(struct sim_request *r)
{
    const struct sim_fault *fault = r->fault;
    bool after = fault != NULL && fault->after;

    if (fault != NULL && fault->delay_ms > 0 && !after) {
        request_wait(r, fault->delay_ms, on_delayed_process);
        return;
    }
    if (fault == NULL || after || !sim_fault_replaces(fault))
        request_process(r);
    if (fault != NULL && fault->delay_ms > 0)
        request_wait(r, fault->delay_ms, on_delayed_deliver);
    else
        request_deliver(r);
}

/* ---- the arrival ---- */

static void request_parse(struct sim_request *r)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r->http);
    const char *query = evhttp_uri_get_query(uri), *path = evhttp_uri_get_path(uri);

    TAILQ_INIT(&r->query);
    TAILQ_INIT(&r->form);
    if (query != NULL && evhttp_parse_query_str(query, &r->query) != 0)
        evhttp_clear_headers(&r->query);
    r->path_text = evhttp_uridecode(path != NULL ? path : "", 0, NULL);
    r->path = r->path_text != NULL ? r->path_text : "";
}

static void request_parse_form(struct sim_request *r)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(r->http);
    const char *type = sim_request_header(r, "Content-Type");
    size_t length = evbuffer_get_length(input);
    char *text;

    if (type == NULL || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0 ||
        length > 65536)
        return;
    text = malloc(length + 1);
    if (text == NULL)
        return;
    evbuffer_copyout(input, text, length);
    text[length] = '\0';
    if (evhttp_parse_query_str(text, &r->form) != 0)
        evhttp_clear_headers(&r->form);
    sodium_memzero(text, length);
    free(text);
}

static enum sim_kind request_kind(const char *path)
{
    static const struct {
        const char *path;
        enum sim_kind kind;
    } paths[] = {
        {"/authorize", SIM_AUTHORIZE},
        {"/api/token", SIM_TOKEN},
        {"/v1/me", SIM_ME},
        {"/v1/me/player/recently-played", SIM_RECENT},
    };

    if (strncmp(path, "/_sim/", 6) == 0)
        return SIM_ADMIN;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (strcmp(path, paths[i].path) == 0)
            return paths[i].kind;
    return SIM_OTHER;
}

static void request_identify(struct sim_request *r)
{
    r->account = SIM_NO_ACCOUNT;
    if (r->kind == SIM_AUTHORIZE)
        sim_authorize_identify(r);
    else if (r->kind == SIM_TOKEN)
        sim_token_identify(r);
    else if (r->kind == SIM_ME || r->kind == SIM_RECENT)
        sim_bearer_identify(r);
}

static struct sim_request *request_new(struct sim *sim, struct evhttp_request *http)
{
    struct sim_request *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return NULL;
    r->sim = sim;
    r->http = http;
    r->head = evhttp_request_get_command(http) == EVHTTP_REQ_HEAD;
    r->status = 200;
    request_parse(r);
    r->body = evbuffer_new();
    r->next = sim->requests;
    if (r->next != NULL)
        r->next->previous = r;
    sim->requests = r;
    if (r->body == NULL) {
        request_free(r);
        return NULL;
    }
    return r;
}

/* Large pages end in a part of a segment: without this the client's delayed ACK adds up to 40 ms to
 * each. */
static void send_at_once(struct evhttp_connection *connection)
{
    int on = 1;

    setsockopt(bufferevent_getfd(evhttp_connection_get_bufferevent(connection)), IPPROTO_TCP,
               TCP_NODELAY, &on, sizeof(on));
}

static void on_request(struct evhttp_request *http, void *context)
{
    struct sim *sim = context;
    struct sim_request *r = request_new(sim, http);

    if (r == NULL) {
        evhttp_send_error(http, 500, NULL);
        return;
    }
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), on_closed, r);
    send_at_once(evhttp_request_get_connection(http));
    r->kind = request_kind(r->path);
    if (r->kind == SIM_TOKEN || r->kind == SIM_AUTHORIZE)
        request_parse_form(r);
    request_identify(r);
    if (r->kind != SIM_ADMIN) {
        r->fault = sim_faults_match(sim, r->kind, r->account);
        sim_log_begin(sim, r);
    }
    request_run(r);
}

/* ---- the server ---- */

int sim_server_start(struct sim *sim, uint16_t *port)
{
    struct evhttp_bound_socket *bound;
    struct sockaddr_in address = {0};
    socklen_t length = sizeof(address);

    sim->http = evhttp_new(sim->base);
    if (sim->http == NULL)
        return -1;
    evhttp_set_max_headers_size(sim->http, HEADERS_MAX);
    evhttp_set_max_body_size(sim->http, BODY_MAX);
    evhttp_set_default_content_type(sim->http, NULL);
    evhttp_set_gencb(sim->http, on_request, sim);
    bound = evhttp_bind_socket_with_handle(sim->http, "127.0.0.1", sim->options.port);
    if (bound == NULL ||
        getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &length) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return 0;
}

void sim_server_stop(struct sim *sim)
{
    if (sim->http != NULL)
        evhttp_free(sim->http);
    sim->http = NULL;
    for (struct sim_request *r = sim->requests, *next; r != NULL; r = next) {
        next = r->next;
        request_free(r);
    }
}
