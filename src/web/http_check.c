/* SPDX-License-Identifier: MIT */
/*
 * What a request says beside its content. evhttp takes whatever it can make sense of; here is what
 * of that we take: one Host, one way to tell a body's length, a target that is a path.
 */
#include "web/http_private.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

const char *http_request_find(const struct web_request *request, const char *name, size_t *times)
{
    const struct evkeyval *field;
    const char *found = NULL;
    size_t count = 0;

    TAILQ_FOREACH (field, evhttp_request_get_input_headers(request->evhttp), next) {
        if (strcasecmp(field->key, name) == 0) {
            found = field->value;
            count++;
        }
    }
    if (times != NULL)
        *times = count;
    return count == 1 ? found : NULL;
}

static int check_line(struct web_request *request, const char **reason)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(request->evhttp);
    const char *target = evhttp_request_get_uri(request->evhttp);

    *reason = "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
    if (request->evhttp->major != 1)
        return 505;
    *reason = "The address is too long.";
    if (strlen(target) > WEB_HTTP_TARGET_MAX)
        return 414;
    *reason = "This method does not exist here.";
    if (method > EVHTTP_REQ_PATCH)
        return 501;
    *reason = "The address is malformed.";
    if (method == EVHTTP_REQ_OPTIONS && strcmp(target, "*") == 0)
        return 0;
    return http_target_plausible(target) ? 0 : 400;
}

static int check_fields(struct web_request *request, const char **reason)
{
    const struct evkeyval *field;
    size_t lines = 2; /* the first and the empty one */

    TAILQ_FOREACH (field, evhttp_request_get_input_headers(request->evhttp), next) {
        *reason = "A header is malformed.";
        if (!http_field_plausible(field->key, field->value))
            return 400;
        if (strcasecmp(field->key, "Connection") == 0 && http_list_has(field->value, "close"))
            request->close = true;
        lines++;
    }
    *reason = "The headers are too long.";
    /* evhttp counts without the ends of lines */
    if (lines > HTTP_HEADER_LINES_MAX + 2 ||
        request->evhttp->headers_size + 2 * lines > WEB_HTTP_HEADERS_MAX)
        return 431;
    return 0;
}

/* evhttp takes a NUL for the end of a line: what stands behind it is never seen. So as many must be
 * in the body as have come (RFC 9110, 5.5; those of a request that came along behind this one count
 * against it, too). */
static int check_nuls(struct web_request *request, const char **reason)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request->evhttp);

    *reason = "There is a NUL in the request.";
    return request->connection->nuls != http_count_nuls(body, 0) ? 400 : 0;
}

/* RFC 9112, 3.2. evhttp_request_get_host() would rather have the target's. */
static int check_host(struct web_request *request, const char **reason)
{
    const struct web_http *http = request->http;
    size_t times;
    const char *host = http_request_find(request, "Host", &times);
    bool needed = request->evhttp->minor > 0 || http->config.check_host;

    *reason = "There must be one Host header.";
    if (times > 1 || (needed && (host == NULL || (http->config.check_host && *host == '\0'))))
        return 400;
    *reason = "The Host header is malformed.";
    if (host != NULL && !http_host_plausible(host))
        return 400;
    *reason = "There is no such host here.";
    return http->config.check_host && !http_host_is_served(http, host) ? 421 : 0;
}

/* RFC 9112, 6: how long the body is. Two ways to tell are how requests are smuggled. */
static int check_framing(struct web_request *request, const char **reason)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(request->evhttp);
    size_t lengths, codings;
    const char *length = http_request_find(request, "Content-Length", &lengths);
    const char *coding = http_request_find(request, "Transfer-Encoding", &codings);

    *reason = "The length of the body is told in more than one way.";
    if (lengths + codings > 1 || (codings > 0 && request->evhttp->minor < 1))
        return 400;
    *reason = "This transfer coding is not known here.";
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return 501;
    *reason = "The Content-Length is malformed.";
    if (length != NULL && (*length == '\0' || length[strspn(length, "0123456789")] != '\0'))
        return 400;
    *reason = "The length of the body is not told.";
    if (method == EVHTTP_REQ_POST && lengths + codings == 0)
        return 411;
    /* evhttp leaves their bodies unread, and would take them for the next request */
    if (lengths + codings > 0 && (method == EVHTTP_REQ_HEAD || method == EVHTTP_REQ_TRACE))
        request->close = true;
    return 0;
}

int http_request_check(struct web_request *request, const char **reason)
{
    static int (*const checks[])(struct web_request *, const char **) = {
        check_line, check_fields, check_nuls, check_host, check_framing};
    int status = 0;

    for (size_t i = 0; status == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
        status = checks[i](request, reason);
    /* Answers are of HTTP/1.1 (RFC 9110, 2.5). Who speaks 1.0 is not kept. */
    request->close = request->close || status != 0 || request->evhttp->minor < 1;
    request->evhttp->major = 1;
    request->evhttp->minor = 1;
    request->evhttp->flags &= ~EVHTTP_PROXY_REQUEST; /* whatever the target says */
    return status;
}
