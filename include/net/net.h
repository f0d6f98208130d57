/* SPDX-License-Identifier: MIT */
/*
 * net: an HTTP client: libcurl's multi interface on the program's event loop.
 *
 * Owns: the connection cache, the transfers under way, every curl option.
 * Offers: start a request, cancel it, be called once when it ended; nothing is pending on the loop
 * while no request is under way.
 * Never: blocks the loop (the resolver included), follows a redirect, takes a proxy from the
 * environment, reads ~/.netrc, speaks plain http to anything but a loopback literal, accepts an
 * unverified certificate, keeps more than the body limit, or knows what it carries.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct event_base;
struct net;
struct net_request;
struct turns;

#define NET_RETRY_AFTER_NONE (-1)
#define NET_RETRY_AFTER_BAD (-2) /* a header was there that is neither seconds nor a date */

enum net_error {
    NET_OK = 0,        /* a complete answer came; look at the status */
    NET_ERROR_RESOLVE, /* name not resolved */
    NET_ERROR_CONNECT, /* refused, unreachable */
    NET_ERROR_TLS,     /* certificate or handshake */
    NET_ERROR_TIMEOUT, /* at any stage */
    NET_ERROR_BROKEN,  /* reset, closed early, cut, not HTTP */
    NET_ERROR_TOO_BIG, /* body over the limit, decoded; or more than 64 KiB of header */
    NET_ERROR_LOCAL    /* no memory, no descriptor, CA file not readable */
};

/* How a body is packed (Content-Encoding, RFC 9110 section 8.4). */
enum net_coding { NET_CODING_NONE = 0, NET_CODING_GZIP, NET_CODING_DEFLATE, NET_CODING_UNKNOWN };

struct net_options {
    const char *user_agent; /* copied */
    size_t max_connections; /* kept open and used at once, more requests wait; 0 = 8 */
    const char *ca_file;    /* NULL = system's; copied (tests) */
};

struct net_call {
    const char *url;           /* copied */
    const char *authorization; /* value of the Authorization header or NULL; copied, wiped after
                                  use */
    const char *accept;        /* value of Accept or NULL */
    const char *form;          /* body of a POST (application/x-www-form-urlencoded) or NULL for a
                                  GET; copied, wiped after use */
    size_t form_len;
    int64_t timeout_ms;    /* for the whole transfer, waiting for a free connection included;
                              connecting gets at most a third of it, 10 s at most. 0 = 30 s */
    size_t max_body;       /* bytes, decoded; 0 = 4 MiB */
    bool packed;           /* the body stays as it was sent, for net_answer_unpack(); max_body is
                              then about what was sent */
    bool fresh_connection; /* do not reuse one that may have gone stale; closes the idle ones.
                              A POST always gets a connection of its own: libcurl would repeat
                              it, unasked, when a reused one turns out to be dead */
};

/* With an error, status and the headers are what had come until then, and the body is empty. */
struct net_answer {
    enum net_error error;
    char message[256];      /* for people, when error is set; holds no URL query and no header */
    int status;             /* HTTP status, 0 without an answer */
    bool request_sent;      /* at least one byte of the request left this machine: the server may
                               have acted */
    bool connection_reused; /* it went over a connection that was already open */
    int64_t retry_after_s;  /* seconds >= 0 (a date is turned into seconds against the answer's own
                               Date header, else the wall clock), or NET_RETRY_AFTER_*. The largest
                               if sent more than once; capped at 10 years */
    int64_t date_wall_ms;   /* Date header as ms since 1970, 0 = none */
    char content_type[80];  /* without parameters, lower case, "" if none */
    enum net_coding coding; /* of the body; NET_CODING_NONE unless the call wanted it packed */
    const char *body;       /* never NULL, NUL-terminated, valid during the callback only; wiped
                               after it */
    size_t body_len;
    int64_t duration_us;
};

/* Called once per request, from the event loop, never from inside net_start(). May start new
 * requests, may not free the net. */
typedef void net_function(const struct net_answer *answer, void *context);

/* A new client on base; NULL without memory or when libcurl cannot be set up. The program must
 * ignore SIGPIPE. */
struct net *net_new(struct event_base *base, const struct net_options *options);

/* Where it marks what it does in the loop (base/turns); NULL: nowhere. */
void net_set_turns(struct net *net, struct turns *turns);

/* Changes how many connections are kept open and used at once. */
void net_set_connections(struct net *net, size_t connections);

/* Drops every transfer (their callbacks are not called) and frees it. */
void net_free(struct net *net);

/* Starts a request. NULL when it cannot even be queued (no memory, a URL that is refused, a control
 * byte in a header value: the callback is not called then). The handle is valid until the callback
 * is called or net_cancel(). */
struct net_request *net_start(struct net *net, const struct net_call *call, net_function *done,
                              void *context);

/* The same answer with its body unpacked, to be read as long as packed and body are there. body:
 * empty; its limit is the most bytes that are taken. What cannot be unpacked is an answer with an
 * error: NET_ERROR_BROKEN, NET_ERROR_TOO_BIG, NET_ERROR_LOCAL without memory. */
void net_answer_unpack(const struct net_answer *packed, struct buf *body, struct net_answer *plain);

/* The part of a packed body that is the same as long as its content and the server's way to pack
 * are (RFC 1952 has the time of packing in front). Points into the answer. */
void net_answer_signature(const struct net_answer *answer, const char **data, size_t *len);

/* Drops it; its callback is not called. */
void net_cancel(struct net_request *request);

/* Transfers under way. */
size_t net_in_flight(const struct net *net);

/* True if the URL may be used: https, or http to a loopback literal (127.0.0.0/8, [::1]); no
 * user info. */
bool net_url_allowed(const char *url);

/* True if it is http or https to a loopback literal. */
bool net_url_is_loopback(const char *url);

const char *net_error_name(enum net_error error); /* "resolve", "connect", ... static */

#endif
