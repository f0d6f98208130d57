/* SPDX-License-Identifier: MIT */
/*
 * capture/attempts: sign-ins that were begun and are awaited back: each with a random state that
 * works once, its PKCE verifier, and the browser it belongs to.
 *
 * Owns: at most ATTEMPTS_MAX of them, ten minutes each, in memory only; and for an hour what became
 * of older ones, so that a person is told "too late" instead of "unknown".
 * Never: reads a clock, gives a verifier out twice, compares a state in a time that tells about it.
 */
#ifndef CAPTURE_ATTEMPTS_H
#define CAPTURE_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTEMPTS_MAX 64
#define ATTEMPTS_LIFE_MS 600000
#define ATTEMPTS_REMEMBER_MS 3600000
#define ATTEMPT_TEXT_SIZE 44 /* 32 random bytes as base64url, and NUL */
#define ATTEMPT_BROWSER_SIZE 16

struct attempts; /* one table */

/* One that was begun. Secret: state and verifier. */
struct attempt {
    char id[ATTEMPT_TEXT_SIZE]; /* names it to the command; says nothing about the state */
    char state[ATTEMPT_TEXT_SIZE];
    char verifier[ATTEMPT_TEXT_SIZE]; /* RFC 7636 section 4.1: 43 characters */
    uint8_t browser[ATTEMPT_BROWSER_SIZE];
    bool has_browser; /* it may come back in this browser only; else from anywhere: it was begun at
                         the control socket, and nobody else knows the state */
    int64_t user_id;  /* whose sign-in is renewed; 0: whoever it turns out to be */
    int64_t ends_at;  /* boot ms */
};

enum attempt_result {
    ATTEMPT_OK = 0,
    ATTEMPT_UNKNOWN, /* never begun here, or before a restart */
    ATTEMPT_EXPIRED, /* begun more than ten minutes ago, or pushed out by many others */
    ATTEMPT_USED,    /* it has come back already */
    ATTEMPT_FOREIGN  /* it belongs to another browser; it stays open for that one */
};

struct attempts *attempts_new(void);           /* NULL without memory */
void attempts_free(struct attempts *attempts); /* wipes */

/* Begins one at boot time now: fills in id, state, verifier and ends_at; has_browser, browser and
 * user_id are the caller's. The oldest is pushed out when there are ATTEMPTS_MAX. */
void attempts_begin(struct attempts *attempts, int64_t now, struct attempt *attempt);

/* Takes the one of a state that came back (browser: NULL when it was pasted at the control socket,
 * which may stand for any). On ATTEMPT_OK *attempt is filled and it is used up. */
enum attempt_result attempts_take(struct attempts *attempts, int64_t now, const char *state,
                                  const uint8_t *browser, struct attempt *attempt);

void attempt_wipe(struct attempt *attempt);

#endif
