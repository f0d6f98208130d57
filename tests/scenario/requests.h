/* SPDX-License-Identifier: MIT */
/*
 * Requests to the page that no browser sends, and what HTTP allows to answer.
 *
 * In all texts {host} stands for the page's Host and {port} for its port, see raw_fill().
 */
#ifndef SCENARIO_REQUESTS_H
#define SCENARIO_REQUESTS_H

#include "harness.h"

/* A row of a table: bytes, and what is odd about them. */
struct bytes {
    const char *what, *text;
    size_t len;
};
#define BYTES(what, text)            \
    {                                \
        what, text, sizeof(text) - 1 \
    }

#define GET_WITH(lines) "GET /spotify HTTP/1.1\r\n" lines "Connection: close\r\n\r\n"

#define GET_OF(target) "GET " target " HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

#define POST_WITH(lines, body)                                                              \
    "POST /spotify/connect HTTP/1.1\r\nHost: {host}\r\n" FORM "Connection: close\r\n" lines \
    "\r\n" body

/* The fake with so many accounts, nobody signed in, and a daemon that polls only when told to. */
void requests_begin(int accounts);

/* Sends it and reads until the daemon closes. Free it with raw_free(). */
struct raw_answer requests_ask(const char *text, size_t len);
struct raw_answer requests_ask_text(const char *text);

/* True for a 4xx, 501, 505, or if the connection was closed without a word. */
bool requests_is_refusal(const struct raw_answer *answer);

void requests_expect_served(const char *text);
void requests_expect_alive(void);

/* It is refused and the connection closed. */
void requests_expect_refused(const char *what, const char *text, size_t len);

/* Each of them, and the page is there after each. */
void requests_expect_all_refused(const struct bytes *list, size_t count);

/* One who has the page open. */
struct visitor {
    char cookie[120], token[120]; /* "name=value"; the token of their forms */
};
struct visitor requests_visit(void);

#endif
