/* SPDX-License-Identifier: MIT */
/*
 * web/http: an HTTP/1.1 server for a browser nearby and for the command: libevent's evhttp behind a
 * guard.
 *
 * Owns: the listener, evhttp's connections with their number, their deadlines and their limits; what
 * of a request is well-formed; the headers that every answer carries.
 * Offers: a table of routes, requests as decoded and checked values, answers in one call, also later.
 * Never: hands a handler a request with a foreign Host, a malformed target or an odd body; lets a
 * slow, idle or greedy client hold a connection, a descriptor or the loop; knows what the routes
 * are for.
 *
 * What HTTP says (RFC 9110, RFC 9112): exactly one Host (else 400), which must be on the list (else
 * 421); an origin-form target of valid UTF-8 without %00 (else 400); a path that is known (else
 * 404) and takes the method (else 405 with Allow; 501 for one that we never heard of); HEAD is GET
 * without its body; OPTIONS tells Allow; a body has one Content-Length or comes in chunks (else
 * 411 or 400); the target fits (else 414) and so do the headers (else 431).
 *
 * evhttp reads the request, and refuses in its own few words, without the headers of every answer,
 * what it cannot read (400), expects (417), or finds too long: a body (413), or headers of twice
 * the limit (400). The connection ends after each of these. It takes a lone LF for the end of a
 * line, and no extensions of chunks.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct event_base;
struct turns;
struct web_http;
struct web_request;

#define WEB_HTTP_CONNECTIONS 64   /* at once, at most; more wait in the listener's queue */
#define WEB_HTTP_REQUEST_MS 20000 /* from the first wait for a request to its last byte */
#define WEB_HTTP_ANSWER_MS                                                                       \
    30000                          /* from the answer to its last byte taken by the client; of a \
                                      file for each WEB_HTTP_FILE_STEP of it */
#define WEB_HTTP_FILE_STEP 65536   /* bytes */
#define WEB_HTTP_TARGET_MAX 4096   /* bytes of the request target */
#define WEB_HTTP_HEADERS_MAX 16384 /* bytes of the request line and all headers */
#define WEB_HTTP_BODY_MAX 65536    /* bytes of a body, unless the server takes more */
#define WEB_HTTP_FIELDS_MAX 64     /* query or form fields; more are 400 */

/* WEB_NO_METHOD: another one (OPTIONS, PUT ...), which admit may see and no handler does. */
enum web_method { WEB_NO_METHOD = 0, WEB_GET = 1, WEB_POST = 2 };

typedef void web_handler(struct web_request *request, void *context);

/* One route. path is exact; with a '*' at its end (after a '/') it stands for one or more
 * characters, which web_request_rest() tells. The first that matches counts, and rows of the very
 * same path belong together: each may take another method. Tables end with a row whose path is
 * NULL. */
struct web_route {
    const char *path;
    unsigned methods; /* WEB_GET | WEB_POST; HEAD comes with GET, OPTIONS with all */
    web_handler *handle;
};

struct web_http_config {
    const struct web_route *routes;
    void *context; /* of all handlers */
    /* Called before the route is looked up, NULL: everybody may. True lets the request through;
     * false: it has answered. */
    bool (*admit)(struct web_request *request, void *context);
    /* Adds the body of an answer that the server makes by itself (400, 404, 405 ...), NULL: plain
     * text. Sets *type. */
    void (*explain)(int status, const char *reason, struct buf *body, const char **type,
                    void *context);
    /* Headers that every answer gets, NULL-terminated pairs "Name", "value". One that the handler
     * has added stays as the handler wants it. */
    const char *const *headers;
    bool check_host;        /* a page: Host must be on the list of web_http_set_hosts() */
    size_t max_connections; /* 0: WEB_HTTP_CONNECTIONS */
    size_t max_body;        /* bytes; 0: WEB_HTTP_BODY_MAX */
    int64_t request_ms;     /* 0: WEB_HTTP_REQUEST_MS (tests are in a hurry) */
    int64_t answer_ms;      /* 0: WEB_HTTP_ANSWER_MS */
    struct turns *turns; /* where it marks what it does in the loop (base/turns); NULL: nowhere */
    const char *turns_name; /* as this */
};

/* A server on a listening, non-blocking socket (TCP or unix), which it closes in the end. config is
 * copied, what it points to is not. NULL without memory: then fd is still the caller's. */
struct web_http *web_http_new(struct event_base *base, int fd,
                              const struct web_http_config *config);

/* Ends it: open connections are closed, requests that wait for a later answer are told as gone. Not
 * to be called from a handler. */
void web_http_free(struct web_http *http);

/* The Host values that are served ("127.0.0.1:8888", "[::1]:8888", "name", "name:port"; compared
 * without case), NULL-terminated; copied. False without memory: the list stays as it was. */
bool web_http_set_hosts(struct web_http *http, const char *const *hosts);

/* Connections open now. */
size_t web_http_connections(const struct web_http *http);

/* -- the request; texts are valid until it is answered ----------------------------------------- */

enum web_method web_request_method(const struct web_request *request); /* HEAD shows as WEB_GET */
const char *web_request_path(const struct web_request *request); /* decoded, without the query */
const char *web_request_rest(const struct web_request *request); /* what stood for '*', or "" */
const char *web_request_host(const struct web_request *request);

/* A header's value, NULL if it is absent or there is more than one. Without controls but tabs, and
 * not checked to be UTF-8. */
const char *web_request_header(const struct web_request *request, const char *name);

/* A decoded field of the query, or of a form body (application/x-www-form-urlencoded): NULL if it
 * is absent; the first if there are several. Valid UTF-8 without control characters but newlines
 * and tabs. */
const char *web_request_query(const struct web_request *request, const char *name);
const char *web_request_form(const struct web_request *request, const char *name);

/* The same by number, in their order, to walk through all: false at the end. */
bool web_request_query_at(const struct web_request *request, size_t index, const char **name,
                          const char **value);
bool web_request_form_at(const struct web_request *request, size_t index, const char **name,
                         const char **value);

/* The query as it stood in the target, "" if there is none. */
const char *web_request_query_text(const struct web_request *request);

/* A cookie's value, NULL if it is absent or sent twice (then one of the two is somebody else's). */
const char *web_request_cookie(const struct web_request *request, const char *name);

/* The body's bytes (NUL-terminated). */
const char *web_request_body(const struct web_request *request, size_t *len);

/* Who is at the other end of a unix socket (SO_PEERCRED). False for TCP. */
struct web_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
    int fd; /* of the connection: for SO_PEERGROUPS */
};
bool web_request_peer(const struct web_request *request, struct web_peer *peer);

/* -- the answer: every request is answered exactly once ---------------------------------------- */

/* Adds a header to the answer; false without memory or for a value with control characters. */
bool web_request_add_header(struct web_request *request, const char *name, const char *value);

/* Sends it. body is moved from (and emptied); NULL: none. A body that failed for memory becomes a
 * 500. type: "text/html; charset=utf-8". */
void web_answer(struct web_request *request, int status, const char *type, struct buf *body);

/* The same with the first size bytes of a file as its body, read as the client takes them. fd is
 * moved from: it is closed in the end. Nobody may cut the file short before. */
void web_answer_file(struct web_request *request, int status, const char *type, int fd,
                     size_t size);

/* 303 See Other. location is a path of ours or an absolute address, already encoded. */
void web_answer_see_other(struct web_request *request, const char *location);

/* An answer that the server words by itself (explain). */
void web_answer_error(struct web_request *request, int status, const char *reason);

/* The handler returns without having answered. gone (with context) is called when the client leaves
 * before that: then the request is not valid any more. */
void web_request_later(struct web_request *request, void (*gone)(void *context), void *context);

const char *web_status_text(int status); /* "Not Found"; "" for an unknown one */

#endif
