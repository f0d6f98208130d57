/* SPDX-License-Identifier: MIT */
/*
 * web/http inside: what its files share.
 *
 * http_text.c is pure: bytes in, values out. http_check.c holds what evhttp has read to the rules,
 * http_request.c decodes it and finds its handler, http_answer.c words the answer,
 * http_connection.c watches over evhttp's connections, http.c listens.
 */
#ifndef WEB_HTTP_PRIVATE_H
#define WEB_HTTP_PRIVATE_H

#include "base/buf.h"
#include "base/log.h"
#include "web/http.h"

#include <event2/event.h>
#include <sys/queue.h>

struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;

#define HTTP_HEADER_LINES_MAX 100       /* header lines; more are 431 */
#define HTTP_LINGER_MS 2000             /* a client's time to take in an answer that ends it */
#define HTTP_LINGER_BYTES (1024 * 1024) /* bytes that are thrown away in that time, at most */
#define HTTP_ACCEPT_PAUSE_MS 1000       /* after accept(2) failed, for want of descriptors say */

struct http_pair {
    const char *name, *value;
};

/* -- texts inside a request: pure --------------------------------------------------------------- */

/* Decodes %XX (and '+' as a blank if plus) from text to out, which has room for len + 1 bytes and
 * may be text. False for a bad escape, a control character (newlines and tabs are allowed where
 * plus is), or what is not UTF-8 in the end. */
bool http_decode(char *out, const char *text, size_t len, bool plus);

/* Whether a path is one of ours in its form: begins with exactly one '/'. */
bool http_path_plausible(const char *path);

/* The same of a target as it came: a path and perhaps a query, in UTF-8 without blanks, control
 * characters and fragment. One with a scheme or a host in it is a proxy's. */
bool http_target_plausible(const char *target);

/* Whether it is made of what a host and a port are made of; "" is. */
bool http_host_plausible(const char *host);

/* RFC 9110, 5.1 and 5.5: a name is a token, a value has no control character but tabs. */
bool http_field_plausible(const char *name, const char *value);

/* Splits "a=1&b=2" (len bytes, NUL-terminated) in place. False if it is malformed or of more than
 * WEB_HTTP_FIELDS_MAX fields. pairs has room for so many. */
bool http_fields_split(char *text, size_t len, struct http_pair *pairs, size_t *count);

/* Splits a Cookie header in place into at most max pairs, leaves out what is none; returns their
 * number. */
size_t http_cookies_split(char *text, struct http_pair *pairs, size_t max);

/* Whether a comma-separated list holds the token, without case. */
bool http_list_has(const char *list, const char *token);

/* -- a connection and its request ----------------------------------------------------------------- */

struct web_request {
    struct web_http *http;
    struct http_connection *connection;
    struct evhttp_request *evhttp; /* NULL: there is none now */
    bool close;                    /* the connection ends after the answer */
    struct buf body;
    struct buf path_text, query_copy, form_text, cookie_text; /* decoded where they stand */
    const char *path, *rest, *query_text;
    struct http_pair query[WEB_HTTP_FIELDS_MAX], form[WEB_HTTP_FIELDS_MAX];
    size_t query_count, form_count;
    struct http_pair *cookies;
    size_t cookie_count;
    bool failed;  /* a header found no memory */
    bool is_file; /* the answer is one */
    bool answered, later;
    void (*gone)(void *context);
    void *gone_context;
};

struct http_connection {
    LIST_ENTRY(http_connection) link;
    struct web_http *http;
    struct bufferevent *stream;       /* one reference to it is ours */
    struct evhttp_connection *evhttp; /* NULL: not yet, or no more */
    struct event *turn;               /* evhttp has taken the stream on, or let go of it */
    struct event *deadline;
    struct event *watch; /* while an answer is owed: has the client left? */
    bool begun;          /* evhttp had it */
    bool spoke;          /* the client has sent something */
    bool cut;            /* its time is over: no last words */
    size_t thrown_away;
    size_t taken; /* bytes of a file that the client took since the deadline was set */
    size_t nuls;  /* that came since the last request was answered */
    struct web_request request;
};

struct web_http {
    struct event_base *base;
    struct web_http_config config;
    char **hosts; /* NULL-terminated; NULL: none */
    struct evhttp *evhttp;
    struct evconnlistener *listener; /* evhttp's; NULL: at the end */
    struct event *pause; /* on the listening socket; with a time: accept(2) failed a moment ago */
    struct log_episode accept_trouble;
    LIST_HEAD(, http_connection) connections;
    size_t count;
};

/* For evhttp: a stream for a connection that was just accepted, NULL without memory. */
struct bufferevent *http_connection_open(struct event_base *base, void *http);

/* For evhttp: a request that is there in full. */
void http_connection_serve(struct evhttp_request *evhttp, void *http);

/* Hands the answer to evhttp: its headers and body are there. */
void http_connection_send(struct http_connection *connection, int status);

/* How many NULs there are behind the first so many bytes. */
size_t http_count_nuls(struct evbuffer *bytes, size_t from);

/* Forgets a connection that evhttp knows no more. */
void http_connection_free(struct http_connection *connection);

/* One more or one less is open: the listener may have to pause or go on. */
void http_listener_update(struct web_http *http);

bool http_host_is_served(const struct web_http *http, const char *host);

/* Holds a request to the rules. Returns 0 or the status of the refusal with its reason; the
 * connection ends then, for nobody knows where the next request begins. */
int http_request_check(struct web_request *request, const char **reason);

/* The only header of that name, NULL if there is none; *times (may be NULL): how many there are. */
const char *http_request_find(const struct web_request *request, const char *name, size_t *times);

/* Finds the handler of a request. It is answered, or will be later, in the end. */
void http_request_serve(struct web_request *request);

/* Forgets the request of a connection. */
void http_request_clear(struct web_request *request);

#endif
