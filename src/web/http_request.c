/* SPDX-License-Identifier: MIT */
/* A request that is there in full: decoded, checked, and handed to the one it is for. */
#include "web/http_private.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

void http_request_clear(struct web_request *request)
{
    struct web_http *http = request->http;
    struct http_connection *connection = request->connection;

    buf_free(&request->body, true);
    buf_free(&request->path_text, true);
    buf_free(&request->query_copy, true);
    buf_free(&request->form_text, true);
    buf_free(&request->cookie_text, true);
    free(request->cookies);
    *request = (struct web_request){.http = http, .connection = connection};
}

/* --- decoding --------------------------------------------------------------------------------- */

/* Each returns 0, 400 or 500 (no memory). */
static int decode_target(struct web_request *request)
{
    const char *target = evhttp_request_get_uri(request->evhttp);
    size_t path_len = strcspn(target, "?");
    const char *query = target[path_len] == '?' ? target + path_len + 1 : "";
    size_t query_len = strlen(query);
    struct buf *path = &request->path_text;

    request->query_text = query;
    if (!buf_add(path, target, path_len) || !buf_add(&request->query_copy, query, query_len))
        return 500;
    if (!http_decode(path->data, path->data, path_len, false))
        return 400;
    request->path = path->data;
    if (!http_path_plausible(request->path) && strcmp(request->path, "*") != 0)
        return 400;
    return http_fields_split(request->query_copy.data, query_len, request->query,
                             &request->query_count)
               ? 0
               : 400;
}

static int copy_body(struct web_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request->evhttp);
    size_t len = evbuffer_get_length(input);
    const unsigned char *bytes = evbuffer_pullup(input, -1);

    if (len == 0)
        return 0;
    return bytes != NULL && buf_add(&request->body, bytes, len) ? 0 : 500;
}

static bool is_form(const struct web_request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = http_request_find(request, "Content-Type", NULL);

    return type != NULL && strcspn(type, "; \t") == sizeof(form) - 1 &&
           strncasecmp(type, form, sizeof(form) - 1) == 0;
}

static int decode_form(struct web_request *request)
{
    const struct buf *body = &request->body;

    if (body->len == 0 || !is_form(request))
        return 0;
    if (!buf_add(&request->form_text, body->data, body->len))
        return 500;
    return http_fields_split(request->form_text.data, body->len, request->form,
                             &request->form_count)
               ? 0
               : 400;
}

/* Cookies of other servers on this machine come along, as many as there are: ports do not keep them
 * apart (RFC 6265, 8.5). So there is no limit but that of the headers. */
static int decode_cookies(struct web_request *request)
{
    struct buf *text = &request->cookie_text;
    const struct evkeyval *field;
    size_t max = 0;

    TAILQ_FOREACH (field, evhttp_request_get_input_headers(request->evhttp), next) {
        if (strcasecmp(field->key, "Cookie") == 0 &&
            (!buf_add_text(text, field->value) || !buf_add_text(text, ";")))
            return 500;
    }
    for (size_t i = 0; i < text->len; i++)
        max += text->data[i] == ';' ? 1 : 0;
    if (max == 0)
        return 0;
    request->cookies = calloc(max, sizeof(*request->cookies));
    if (request->cookies == NULL)
        return 500;
    request->cookie_count = http_cookies_split(text->data, request->cookies, max);
    return 0;
}

/* --- routes ----------------------------------------------------------------------------------- */

/* What of the path stands for the '*' of a route ("" if it has none), NULL if it is not the
 * route's.
 */
static const char *route_match(const struct web_route *route, const char *path)
{
    size_t len = strlen(route->path);

    if (len >= 2 && route->path[len - 1] == '*' && route->path[len - 2] == '/') {
        if (strncmp(path, route->path, len - 1) != 0 || path[len - 1] == '\0')
            return NULL;
        return path + len - 1;
    }
    return strcmp(path, route->path) == 0 ? path + strlen(path) : NULL;
}

/* The first route of that path, NULL if there is none. */
static const struct web_route *route_find(const struct web_route *routes, const char *path,
                                          const char **rest)
{
    for (const struct web_route *route = routes; route->path != NULL; route++) {
        *rest = route_match(route, path);
        if (*rest != NULL)
            return route;
    }
    *rest = "";
    return NULL;
}

static void answer_allow(struct web_request *request, int status, unsigned methods)
{
    const char *get = (methods & WEB_GET) != 0 ? "GET, HEAD, " : "";
    const char *post = (methods & WEB_POST) != 0 ? "POST, " : "";
    struct buf allow = {0};

    buf_addf(&allow, "%s%sOPTIONS", get, post);
    if (!allow.failed)
        (void)web_request_add_header(request, "Allow", allow.data);
    buf_free(&allow, false);
    if (status == 204)
        web_answer(request, status, NULL, NULL);
    else
        web_answer_error(request, status, "This address does not take this method.");
}

static bool is_options(const struct web_request *request)
{
    return evhttp_request_get_command(request->evhttp) == EVHTTP_REQ_OPTIONS;
}

/* Rows of the same path belong together: each may take another method. */
static void route_call(struct web_request *request, const struct web_route *first)
{
    enum web_method method = web_request_method(request);
    unsigned methods = 0;

    for (const struct web_route *route = first; route->path != NULL; route++) {
        if (strcmp(route->path, first->path) != 0)
            continue;
        if ((route->methods & (unsigned)method) != 0) {
            route->handle(request, request->http->config.context);
            return;
        }
        methods |= route->methods;
    }
    answer_allow(request, is_options(request) ? 204 : 405, methods);
}

static void request_route(struct web_request *request)
{
    const struct web_http_config *config = &request->http->config;
    const struct web_route *route;

    if (config->admit != NULL && !config->admit(request, config->context))
        return;
    if (strcmp(request->path, "*") == 0) {
        answer_allow(request, 204, WEB_GET | WEB_POST);
        return;
    }
    route = route_find(config->routes, request->path, &request->rest);
    if (route == NULL)
        web_answer_error(request, 404, "There is nothing at this address.");
    else
        route_call(request, route);
}

static void request_decode(struct web_request *request)
{
    int status = decode_target(request);

    if (status == 0)
        status = copy_body(request);
    if (status == 0)
        status = decode_form(request);
    if (status == 0)
        status = decode_cookies(request);
    if (status == 500)
        web_answer_error(request, status, "There is no memory for this.");
    else if (status != 0)
        web_answer_error(request, status, "The address or the form is malformed.");
    else
        request_route(request);
}

void http_request_serve(struct web_request *request)
{
    const char *reason = NULL;
    int status = http_request_check(request, &reason);

    request->rest = "";
    if (status != 0)
        web_answer_error(request, status, reason);
    else
        request_decode(request);
    if (!request->answered && !request->later) {
        log_error("web: a request was left without an answer");
        web_answer_error(request, 500, NULL);
    }
}

/* --- what handlers ask -------------------------------------------------------------------------- */

enum web_method web_request_method(const struct web_request *request)
{
    switch (evhttp_request_get_command(request->evhttp)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return WEB_GET;
    case EVHTTP_REQ_POST:
        return WEB_POST;
    default:
        return WEB_NO_METHOD;
    }
}

const char *web_request_path(const struct web_request *request)
{
    return request->path;
}

const char *web_request_rest(const struct web_request *request)
{
    return request->rest;
}

const char *web_request_host(const struct web_request *request)
{
    const char *host = http_request_find(request, "Host", NULL);

    return host != NULL ? host : "";
}

const char *web_request_header(const struct web_request *request, const char *name)
{
    return http_request_find(request, name, NULL);
}

static const char *pair_find(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    }
    return NULL;
}

const char *web_request_query(const struct web_request *request, const char *name)
{
    return pair_find(request->query, request->query_count, name);
}

const char *web_request_form(const struct web_request *request, const char *name)
{
    return pair_find(request->form, request->form_count, name);
}

static bool pair_at(const struct http_pair *pairs, size_t count, size_t index, const char **name,
                    const char **value)
{
    if (index >= count)
        return false;
    *name = pairs[index].name;
    *value = pairs[index].value;
    return true;
}

bool web_request_query_at(const struct web_request *request, size_t index, const char **name,
                          const char **value)
{
    return pair_at(request->query, request->query_count, index, name, value);
}

bool web_request_form_at(const struct web_request *request, size_t index, const char **name,
                         const char **value)
{
    return pair_at(request->form, request->form_count, index, name, value);
}

const char *web_request_query_text(const struct web_request *request)
{
    return request->query_text;
}

const char *web_request_cookie(const struct web_request *request, const char *name)
{
    const char *found = NULL;

    for (size_t i = 0; i < request->cookie_count; i++) {
        if (strcmp(request->cookies[i].name, name) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = request->cookies[i].value;
    }
    return found;
}

const char *web_request_body(const struct web_request *request, size_t *len)
{
    *len = request->body.len;
    return request->body.data != NULL ? request->body.data : "";
}

bool web_request_peer(const struct web_request *request, struct web_peer *peer)
{
    int fd = bufferevent_getfd(request->connection->stream);
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t address_len = sizeof(address);
    struct ucred who;
    socklen_t who_len = sizeof(who);

    if (getsockname(fd, (struct sockaddr *)&address, &address_len) != 0 ||
        address.ss_family != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_len) != 0)
        return false;
    *peer = (struct web_peer){.pid = who.pid, .uid = who.uid, .gid = who.gid, .fd = fd};
    return true;
}

void web_request_later(struct web_request *request, void (*gone)(void *context), void *context)
{
    request->later = true;
    request->gone = gone;
    request->gone_context = context;
}
