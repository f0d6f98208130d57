/* SPDX-License-Identifier: MIT */
/*
 * lib/stub_server: a server on a loopback port of the system's choice that answers with scripted
 * raw bytes, for everything a real server would never say.
 *
 * It runs on the event base of the test. Each connection follows a script: an array of steps that
 * ends with { STUB_END }. It never judges what it hears; the test looks at stub_server_heard().
 */
#ifndef TESTS_LIB_STUB_SERVER_H
#define TESTS_LIB_STUB_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bufferevent;
struct event_base;
struct stub_server;

enum stub_action {
    STUB_END,    /* nothing more to say: stays open until the client closes */
    STUB_READ,   /* waits for a whole HTTP/1.1 request (its body by Content-Length) */
    STUB_READ_N, /* waits for count bytes, for what is not HTTP/1.1 */
    STUB_SEND,   /* data, len; count times when count > 0 */
    STUB_DRIP,   /* data, len: a byte every ms milliseconds */
    STUB_PAUSE,  /* ms milliseconds */
    STUB_CLOSE,  /* an orderly end after all was sent */
    STUB_RESET,  /* RST after all was sent */
    STUB_AGAIN   /* from the first step on */
};

struct stub_step {
    enum stub_action action;
    const char *data; /* must stay valid as long as the server */
    size_t len;
    size_t count;
    int ms;
};

/* The steps most scripts are made of. TEXT is a literal and may hold NUL bytes. */
#define STUB_TEXT(TEXT)                                              \
    {                                                                \
        .action = STUB_SEND, .data = (TEXT), .len = sizeof(TEXT) - 1 \
    }
#define STUB_DO(ACTION)    \
    {                      \
        .action = (ACTION) \
    }

struct stub_counts {
    size_t accepted; /* connections ever */
    size_t open;     /* now */
    size_t open_max; /* at once, ever */
    size_t requests; /* passed STUB_READ steps */
};

/* A server on 127.0.0.1 that has no script yet. NULL with errno when the system gives no socket. */
struct stub_server *stub_server_new(struct event_base *base);

/* Closes everything. */
void stub_server_free(struct stub_server *server);

/* Adds a script: the first is for the first connection, and so on; the last one is for all that
 * follow. steps must stay valid as long as the server. At most 16. */
void stub_server_script(struct stub_server *server, const struct stub_step *steps);

/* What turns an accepted socket into a stream, instead of a plain one (TLS). NULL refuses it. */
typedef struct bufferevent *stub_wrap_function(struct event_base *base, intptr_t fd, void *context);
void stub_server_wrap(struct stub_server *server, stub_wrap_function *wrap, void *context);

uint16_t stub_server_port(const struct stub_server *server);

/* "http://127.0.0.1:PORT" + path. Valid until the next call for this server. */
const char *stub_server_url(struct stub_server *server, const char *path);

/* "https://HOST:PORT" + path, the same. */
const char *stub_server_https_url(struct stub_server *server, const char *host, const char *path);

struct stub_counts stub_server_counts(struct stub_server *server);

/* Everything that clients sent so far, NUL-terminated; "" if nothing. Valid until the loop runs. */
const char *stub_server_heard(struct stub_server *server);

/* A server in a process of its own, with one script, for tests that look at the memory or the
 * events of the client alone. Returns the child, to be ended with stub_server_reap(), and its
 * port. */
pid_t stub_server_fork(const struct stub_step *steps, uint16_t *port);
void stub_server_reap(pid_t child);

#endif
