/* SPDX-License-Identifier: MIT */
/*
 * ctl/client: asks the running daemon: one request over its unix socket (doc/control.md) a
 * call, and waits for the answer.
 *
 * Owns: every curl option of it, the words for people when it fails.
 * Never: follows a redirect, takes a proxy from the environment, keeps a body that it sent, reads
 * more than CLIENT_ANSWER_MAX.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CLIENT_ANSWER_MAX 4194304 /* bytes */
#define CLIENT_TIMEOUT_MS 30000

enum client_result {
    CLIENT_OK = 0,
    CLIENT_ABSENT,  /* no daemon there: no socket, or nobody listens */
    CLIENT_DENIED,  /* no permission to connect */
    CLIENT_REFUSED, /* the daemon answered with an error */
    CLIENT_LOST,    /* it did not answer in time, or the connection ended */
    CLIENT_BROKEN   /* an answer that makes no sense */
};

struct client_request {
    const char *socket; /* path */
    const char *target; /* "/v1/status" */
    const char *body;   /* JSON of a POST; NULL: a GET, if body_data is NULL, too */
    int64_t timeout_ms; /* 0: CLIENT_TIMEOUT_MS */

    /* Any other body of a POST, and what it is: "application/octet-stream". */
    const void *body_data;
    size_t body_len;
    const char *body_type;
};

/* Free with client_answer_free(). */
struct client_answer {
    enum client_result result;
    int status;         /* HTTP status, 0: none */
    json_t *json;       /* CLIENT_OK: an object */
    char code[64];      /* CLIENT_REFUSED: the daemon's word */
    char message[1200]; /* else than CLIENT_OK: one line for people, escaped */
};

void client_call(const struct client_request *request, struct client_answer *answer);
void client_answer_free(struct client_answer *answer);

/* The exit status that a failed call ends a command with. */
int client_exit_status(const struct client_answer *answer);

/* What an answer of an HTTP status means; fills in a zeroed *answer. Pure. */
void client_answer_read(int status, const char *body, size_t len, struct client_answer *answer);

/* Appends {"key": "value"} with the value escaped (RFC 8259 section 7), so that a secret is in this
 * buf only. False if value is not UTF-8, or without memory. Wipe it. */
bool client_secret_body(struct buf *body, const char *key, const char *value);

#endif
