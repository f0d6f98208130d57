/* SPDX-License-Identifier: MIT */
/*
 * spotify/errors: what an answer that is not a success means. One place, by status first; the body
 * is read for its message only, may be JSON of either form, text, HTML or nothing, and decides only
 * where the status cannot.
 */
#ifndef SPOTIFY_ERRORS_H
#define SPOTIFY_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spotify_failure_class {
    SPOTIFY_FAILURE_NONE = 0,
    SPOTIFY_FAILURE_TRANSIENT,     /* 5xx, 404, 408, 429 without a number, odd 2xx/3xx: back off */
    SPOTIFY_FAILURE_RATE_LIMIT,    /* Retry-After with a number: the whole client waits so long */
    SPOTIFY_FAILURE_TOKEN_EXPIRED, /* 401: refresh once, repeat once */
    SPOTIFY_FAILURE_NEEDS_LOGIN,   /* invalid_grant; scope not granted */
    SPOTIFY_FAILURE_FORBIDDEN, /* 403 of this user (not on the app's list, or unknown wording) */
    SPOTIFY_FAILURE_APP,       /* invalid_client; owner without Premium: every user of the client */
    SPOTIFY_FAILURE_OURS       /* 400, 405, 406, 410, 411, 413, 414, 415, 422: we asked wrongly */
};

enum spotify_endpoint { SPOTIFY_ENDPOINT_API, SPOTIFY_ENDPOINT_TOKEN };

struct spotify_failure {
    enum spotify_failure_class failure;
    int64_t retry_after_s; /* for RATE_LIMIT: 1 .. 172800 (48 h); else 0 */
    char reason[200];      /* escaped text for people: Spotify's own message, or the status */
    char code[64];         /* short stable word: "invalid_grant", "http_502", "scope_missing",
                              "not_registered",         "owner_premium", "rate_limit", "not_json" ... */
};

/* Sorts an answer with an HTTP status (any, success excluded by the caller). retry_after_s as net
 * gives it (negative: none or unreadable). A number is obeyed for 429 and 503 only. An
 * invalid_grant is believed only as status 400 or 401 with a JSON object body. */
void spotify_failure_sort(enum spotify_endpoint endpoint, int status, int64_t retry_after_s,
                          const char *body, size_t body_len, struct spotify_failure *failure);

/* True for an answer that asks to wait (RFC 9110 section 10.2.3): what it says holds even if its
 * body does not come through. */
bool spotify_asks_to_wait(int status, int64_t retry_after_s);

/* "transient", "rate_limit", ... static */
const char *spotify_failure_name(enum spotify_failure_class failure);

#endif
