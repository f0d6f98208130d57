/* SPDX-License-Identifier: MIT */
/* From a status and a body to the bytes of an answer. */
#include "base/clock.h"
#include "base/text.h"
#include "web/http_private.h"

#include <string.h>

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

static bool is_field_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == '\x7f')
            return false;
    }
    return true;
}

bool web_request_add_header(struct web_request *request, const char *name, const char *value)
{
    if (*name == '\0' || strpbrk(name, ": \t") != NULL || !is_field_text(name) ||
        !is_field_text(value))
        return false;
    return buf_addf(&request->headers, "%s: %s\r\n", name, value);
}

/* RFC 9110, 8.6: these two have no content, not even an empty one. */
static bool has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void compose_head(const struct web_request *request, int status, const char *type,
                         size_t len, struct buf *head)
{
    const char *const *header = request->http->config.headers;
    char date[HTTP_DATE_SIZE];

    buf_addf(head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, web_status_text(status),
             http_date(clock_wall_ms(), date));
    for (; header != NULL && header[0] != NULL && header[1] != NULL; header += 2)
        buf_addf(head, "%s: %s\r\n", header[0], header[1]);
    if (request->headers.len > 0)
        buf_add(head, request->headers.data, request->headers.len);
    if (type != NULL && len > 0)
        buf_addf(head, "Content-Type: %s\r\n", type);
    if (has_content(status))
        buf_addf(head, "Content-Length: %zu\r\n", len);
    if (request->connection->close)
        buf_add_text(head, "Connection: close\r\n");
    buf_add_text(head, "\r\n");
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

static void answer_send(struct web_request *request, int status, const char *type, struct buf *body)
{
    struct http_connection *connection = request->connection;
    size_t len = body != NULL && has_content(status) ? body->len : 0;
    struct buf head = {0};

    request->answered = true;
    tell(request, status);
    /* when all places are taken, nobody keeps one that they do not use */
    if (request->http->count >= request->http->config.max_connections)
        connection->close = true;
    compose_head(request, status, type, len, &head);
    http_connection_send(connection, &head,
                         len > 0 && request->head.method != HTTP_HEAD ? body : NULL);
    buf_free(&head, true);
    if (body != NULL)
        buf_free(body, false);
}

static bool answered_before(const struct web_request *request)
{
    if (request->answered)
        log_error("web: a request was answered twice");
    return request->answered;
}

void web_answer(struct web_request *request, int status, const char *type, struct buf *body)
{
    bool failed = request->headers.failed || (body != NULL && body->failed);

    if (answered_before(request) || failed) {
        if (body != NULL)
            buf_free(body, false);
        if (!request->answered)
            web_answer_error(request, 500, "There is no memory for this answer.");
        return;
    }
    answer_send(request, status, type, body);
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
    if (request->headers.failed)
        buf_clear(&request->headers, true);
    answer_send(request, status, type, &body);
}
