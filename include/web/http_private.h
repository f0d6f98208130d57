/* SPDX-License-Identifier: MIT */
/*
 * web/http inside: what its files share.
 *
 * http_head.c and http_text.c are pure: bytes in, values or a status out. http_connection.c holds
 * one connection, http_request.c finds its handler, http_answer.c words the answer, http.c listens.
 */
#ifndef WEB_HTTP_PRIVATE_H
#define WEB_HTTP_PRIVATE_H

#include "base/buf.h"
#include "base/log.h"
#include "web/http.h"

#include <event2/event.h>
#include <sys/queue.h>

struct bufferevent;
struct evconnlistener;

#define HTTP_HEADER_LINES_MAX 100       /* header lines; more are 431 */
#define HTTP_LINGER_MS 2000             /* a client's time to take in an answer that ends it */
#define HTTP_LINGER_BYTES (1024 * 1024) /* bytes that are thrown away in that time, at most */
#define HTTP_INPUT_MAX 32768      /* bytes read ahead while a request is being answered, about */
#define HTTP_ACCEPT_PAUSE_MS 1000 /* after accept(2) failed, for want of descriptors say */

struct http_pair {
    const char *name, *value;
};

/* -- the head of a request: pure --------------------------------------------------------------- */

/* Looks for the end of a head, byte by byte as they come. Zero-initialised: nothing seen. */
struct http_scan {
    size_t total; /* bytes seen */
    size_t line;  /* of them in this line */
    bool begun;   /* a line that is not empty was there: empty ones before it do not count */
    bool first;   /* this line is the request line */
    bool cr;      /* the byte before was a CR */
};

/* Takes bytes up to the end of the head and stores how many in *used. Returns 0: there must be
 * more; 200: that was the head; another status: it will never be one. A line ends in CR LF (RFC
 * 9112, 2.2 allows to insist), and no control byte but a tab is in it. */
int http_scan(struct http_scan *scan, const char *data, size_t len, size_t *used);

enum http_method {
    HTTP_UNKNOWN,
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_OPTIONS,
    HTTP_OTHER /* known, and taken by no route: PUT and its like */
};

struct http_head {
    enum http_method method;
    const char *target; /* as it came */
    int minor;          /* of HTTP/1.x: 0 or 1 */
    struct http_pair fields[HTTP_HEADER_LINES_MAX];
    size_t count;
    const char *host;   /* "" if there is none */
    bool close;         /* the client wants, or is of an age to need, the connection to end */
    bool expects;       /* 100-continue */
    bool chunked;       /* the body comes in chunks */
    size_t body_length; /* bytes of the body, if it does not */
};

/* Reads a head that http_scan() has passed. text is cut into the texts of head. Returns 0, or the
 * status of the refusal with its reason; method and minor are then set as far as they were read. */
int http_head_parse(char *text, size_t len, struct http_head *head, const char **reason);

/* The only value of that name, NULL if there is none; *times (may be NULL): how many there are. */
const char *http_head_find(const struct http_head *head, const char *name, size_t *times);

/* -- a body in chunks (RFC 9112, 7.1): pure ----------------------------------------------------- */

/* Zero-initialised: before the first chunk. */
struct http_chunks {
    int stage;
    size_t left; /* bytes of this chunk, and then of its CR LF */
    size_t line; /* bytes of this line of framing */
    size_t more; /* bytes of all framing */
    bool cr;
};

/* Takes bytes up to the end of the body, adds what is content to body and stores in *used how many
 * were taken. Returns 0: there must be more; 200: that was all; 400, 413 or 500 (no memory). */
int http_chunks(struct http_chunks *chunks, const char *data, size_t len, struct buf *body,
                size_t *used);

/* -- texts inside a request: pure --------------------------------------------------------------- */

/* Decodes %XX (and '+' as a blank if plus) from text to out, which has room for len + 1 bytes and
 * may be text. False for a bad escape, a control character (newlines and tabs are allowed where
 * plus is), or what is not UTF-8 in the end. */
bool http_decode(char *out, const char *text, size_t len, bool plus);

/* Value of a hexadecimal digit, -1 if it is none. */
int http_hex_value(char byte);

/* Whether a path is one of ours in its form: begins with exactly one '/'. */
bool http_path_plausible(const char *path);

/* Splits "a=1&b=2" (len bytes, NUL-terminated) in place. False if it is malformed or of more than
 * WEB_HTTP_FIELDS_MAX fields. pairs has room for so many. */
bool http_fields_split(char *text, size_t len, struct http_pair *pairs, size_t *count);

/* Splits a Cookie header in place into at most max pairs, leaves out what is none; returns their
 * number. */
size_t http_cookies_split(char *text, struct http_pair *pairs, size_t max);

/* Whether a comma-separated list holds the token, without case. */
bool http_list_has(const char *list, const char *token);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). Returns text. */
#define HTTP_DATE_SIZE 64
const char *http_date(int64_t wall_ms, char text[static HTTP_DATE_SIZE]);

/* -- a connection and its request ----------------------------------------------------------------- */

struct web_request {
    struct web_http *http;
    struct http_connection *connection;
    struct http_head head;
    struct arena arena; /* of all texts that are decoded */
    const char *path, *rest, *query_text;
    struct http_pair query[WEB_HTTP_FIELDS_MAX], form[WEB_HTTP_FIELDS_MAX];
    size_t query_count, form_count;
    struct http_pair *cookies;
    size_t cookie_count;
    struct buf headers; /* of the answer, as they are sent */
    bool answered, later;
    void (*gone)(void *context);
    void *gone_context;
};

enum http_stage {
    HTTP_IN_HEAD,
    HTTP_IN_BODY,
    HTTP_WITH_HANDLER, /* not answered yet */
    HTTP_IN_ANSWER,    /* until the last byte of it is out */
    HTTP_LINGERING     /* all is said: waits for the client to close */
};

struct http_connection {
    LIST_ENTRY(http_connection) link;
    struct web_http *http;
    struct bufferevent *stream;
    struct event *deadline;
    enum http_stage stage;
    bool eof;   /* the client will send no more */
    bool close; /* ends after this answer */
    size_t thrown_away;
    struct http_scan scan;
    struct http_chunks chunks;
    struct buf head, body;
    struct web_request request;
};

struct web_http {
    struct event_base *base;
    struct web_http_config config;
    char **hosts; /* NULL-terminated; NULL: none */
    struct evconnlistener *listener;
    struct event *pause; /* pending: accept(2) failed a moment ago */
    struct log_episode accept_trouble;
    LIST_HEAD(, http_connection) connections;
    size_t count;
};

/* Takes fd over, also when it fails for memory. */
void http_connection_open(struct web_http *http, int fd);

/* Ends it at once; a handler that owes an answer is told. */
void http_connection_free(struct http_connection *connection);

/* Sends the bytes of head and moves those of body (may be NULL) behind them. */
void http_connection_send(struct http_connection *connection, const struct buf *head,
                          struct buf *body);

/* One more or one less is open: the listener may have to pause or go on. */
void http_listener_update(struct web_http *http);

bool http_host_is_served(const struct web_http *http, const char *host);

/* Finds the handler of a request that is there in full. It is answered, or will be later, in the
 * end. */
void http_request_serve(struct web_request *request);

/* Forgets the request of a connection, and makes ready for the next. */
void http_request_clear(struct web_request *request);

#endif
