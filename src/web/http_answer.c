/* SPDX-License-Identifier: MIT */
/* From a status and a body to an answer. */
#include "base/text.h"
#include "web/http_private.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int status;
    const char *text;
} statuses[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *web_status_text(int status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status)
            return statuses[i].text;
    }
    return "";
}

static void add_header(struct web_request *request, const char *name, const char *value)
{
    if (evhttp_add_header(evhttp_request_get_output_headers(request->evhttp), name, value) != 0)
        request->failed = true;
}

bool web_request_add_header(struct web_request *request, const char *name, const char *value)
{
    if (!http_field_plausible(name, value))
        return false;
    add_header(request, name, value);
    return !request->failed;
}

/* RFC 9110, 8.6: these two have no content, not even an empty one. */
static bool has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static bool is_head(const struct web_request *request)
{
    return evhttp_request_get_command(request->evhttp) == EVHTTP_REQ_HEAD;
}

static void add_header_once(struct web_request *request, const char *name, const char *value)
{
    if (evhttp_find_header(evhttp_request_get_output_headers(request->evhttp), name) == NULL)
        add_header(request, name, value);
}

/* evhttp adds the date. */
static void add_headers(struct web_request *request, int status, const char *type, size_t len)
{
    const char *const *header = request->http->config.headers;
    char length[24];

    for (; header != NULL && header[0] != NULL && header[1] != NULL; header += 2)
        add_header_once(request, header[0], header[1]);
    /* Nobody keeps what does not say how long. */
    add_header_once(request, "Cache-Control", "no-store");
    if (type != NULL && len > 0)
        add_header(request, "Content-Type", type);
    snprintf(length, sizeof(length), "%zu", len);
    if (has_content(status))
        add_header(request, "Content-Length", length);
    if (request->close)
        add_header(request, "Connection", "close");
}

static void free_bytes(const void *data, size_t len, void *context)
{
    (void)data;
    (void)len;
    free(context);
}

static void move_body(struct web_request *request, struct buf *body)
{
    struct evbuffer *output = evhttp_request_get_output_buffer(request->evhttp);

    if (evbuffer_add_reference(output, body->data, body->len, free_bytes, body->data) != 0)
        request->failed = true;
    else
        *body = (struct buf){.limit = body->limit};
}

/* Debug level only, and never the query: it may hold the code of a sign-in. */
static void tell(const struct web_request *request, int status)
{
    const char *path = request->path != NULL ? request->path : "";
    char excerpt[80];

    if (log_get_level() >= LOG_LEVEL_DEBUG)
        log_debug("web: %d for \"%s\"", status,
                  text_excerpt(path, strlen(path), excerpt, sizeof(excerpt)));
}

static void answer_begin(struct web_request *request, int status, const char *type, size_t len)
{
    request->answered = true;
    request->failed = false;
    tell(request, status);
    /* when all places are taken, nobody keeps one that they do not use */
    if (request->http->count >= request->http->config.max_connections)
        request->close = true;
    add_headers(request, status, type, len);
}

static void answer_send(struct web_request *request, int status, const char *type, struct buf *body)
{
    size_t len = body != NULL && has_content(status) ? body->len : 0;

    answer_begin(request, status, type, len);
    if (len > 0 && !is_head(request))
        move_body(request, body);
    if (body != NULL)
        buf_free(body, false);
    http_connection_send(request->connection, status);
}

static bool answered_before(const struct web_request *request)
{
    if (request->answered)
        log_error("web: a request was answered twice");
    return request->answered;
}

void web_answer(struct web_request *request, int status, const char *type, struct buf *body)
{
    bool failed = request->failed || (body != NULL && body->failed);

    if (answered_before(request) || failed) {
        if (body != NULL)
            buf_free(body, false);
        if (!request->answered)
            web_answer_error(request, 500, "There is no memory for this answer.");
        return;
    }
    answer_send(request, status, type, body);
}

/* Moved from fd, also when it fails. The buffer is told where its bytes go in the end: they are
 * sent from the file, and not read into memory. */
static void move_file(struct web_request *request, int fd, size_t size)
{
    struct evbuffer *output = evhttp_request_get_output_buffer(request->evhttp);

    (void)evbuffer_set_flags(output, EVBUFFER_FLAG_DRAINS_TO_FD);
    request->is_file = true;
    if (evbuffer_add_file(output, fd, 0, (ev_off_t)size) != 0) {
        close(fd);
        request->failed = true;
    }
}

void web_answer_file(struct web_request *request, int status, const char *type, int fd, size_t size)
{
    bool before = answered_before(request);

    if (before || request->failed || size > SIZE_MAX / 2) {
        close(fd);
        if (!before)
            web_answer_error(request, 500, "There is no memory for this answer.");
        return;
    }
    answer_begin(request, status, type, has_content(status) ? size : 0);
    if (size > 0 && has_content(status) && !is_head(request))
        move_file(request, fd, size);
    else
        close(fd);
    http_connection_send(request->connection, status);
}

void web_answer_see_other(struct web_request *request, const char *location)
{
    if (answered_before(request))
        return;
    if (web_request_add_header(request, "Location", location))
        web_answer(request, 303, NULL, NULL);
    else
        web_answer_error(request, 500, "This address cannot be sent.");
}

void web_answer_error(struct web_request *request, int status, const char *reason)
{
    const struct web_http_config *config = &request->http->config;
    const char *type = "text/plain; charset=utf-8";
    struct buf body = {0};

    if (answered_before(request))
        return;
    if (reason == NULL)
        reason = web_status_text(status);
    if (config->explain != NULL)
        config->explain(status, reason, &body, &type, config->context);
    else
        buf_addf(&body, "%d %s\n%s\n", status, web_status_text(status), reason);
    if (body.failed)
        buf_clear(&body, false); /* the status says enough */
    if (request->failed)
        evhttp_clear_headers(evhttp_request_get_output_headers(request->evhttp));
    answer_send(request, status, type, &body);
}
