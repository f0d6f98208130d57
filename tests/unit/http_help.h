/* SPDX-License-Identifier: MIT */
/*
 * What the tests of web/http need: a server on a loopback port of the system's choice, and clients
 * that say raw bytes, all on one event loop. One world a test.
 */
#ifndef TESTS_UNIT_HTTP_HELP_H
#define TESTS_UNIT_HTTP_HELP_H

#include "web/http.h"

#include <stdint.h>

struct event_base;

struct http_world {
    struct event_base *base;
    struct web_http *http;
    struct web_http_config config;
    int calls;                   /* of any handler */
    struct web_request *waiting; /* of /later */
    int gone;                    /* calls of its callback */
    bool denies;                 /* admit answers 403 */
    int admitted;                /* calls of admit */
    int log_lines;
    char log[8192];
};

extern struct http_world web_world;

/* For tcase_add_checked_fixture(): "Host: page" is served, and these routes:
 *   GET  /        "home"                      POST /form   "a=<a> b=<b>" of the form's fields
 *   GET  /echo    path, query, host, cookie   POST /body   the body's length and bytes
 *   GET  /twin, POST /twin  "got", "posted"   GET  /item/... the rest
 *   GET  /big     5,000,000 bytes             GET  /later  answered by web_world_answer()
 *   GET  /forgets nothing                     GET  /go     303 to "/there"
 *   GET  /peer    the peer's process          GET  /fails  a body without memory */
void web_world_open(void);
void web_world_close(void);

/* The server anew, after a change of web_world.config. unix_socket: on a unix socket. */
void web_world_serve(bool unix_socket);

/* A client's socket, connected. */
int web_connect(void);
void web_say(int fd, const char *text);
void web_say_bytes(int fd, const char *data, size_t len);

/* All that came on fd from now to its end, or until it holds text; the end must come. Valid until
 * the next call. */
const char *web_hear(int fd, size_t *len);
const char *web_hear_until(int fd, const char *text);

/* One request on a connection of its own, and all that came back until the server closed. */
const char *web_ask(const char *request);

/* The same for a target and headers: "METHOD TARGET HTTP/1.1", Host, "Connection: close", more. */
const char *web_get(const char *target);
const char *web_method_call(const char *method, const char *target, const char *more);

/* Status of an answer, and what stands behind its headers. */
int web_status(const char *answer);
const char *web_body(const char *answer);

/* Runs the loop until so many connections are open. */
void web_run_until_open(size_t count);
void web_run_for(int ms);

#endif
