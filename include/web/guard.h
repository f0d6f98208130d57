/* SPDX-License-Identifier: MIT */
/*
 * web/guard: who may do what on the page: the cookie that knows a browser again, the token in its
 * forms, where a request came from, the password and the sessions of those who gave it.
 *
 * Owns: the sessions (as digests) and the count of wrong passwords.
 * Never: reads a clock, keeps a session's value, checks passwords faster than somebody can type.
 */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "vault/vault.h"

#define GUARD_BROWSER_COOKIE "historyd_browser"
#define GUARD_BROWSER_SIZE 23 /* 16 random bytes as base64url, and NUL */
#define GUARD_SESSION_COOKIE "historyd_session"
#define GUARD_SESSION_SIZE 44 /* 32 random bytes, the same way */
#define GUARD_SESSIONS 64     /* the oldest goes when there is one more */
#define GUARD_SESSION_MS (30 * CLOCK_DAY)
#define GUARD_BASICS 4          /* right and wrong ones remembered, each */
#define GUARD_PASSWORD_MAX 1024 /* bytes; more is wrong without a look */
#define GUARD_NEXT_MAX 2048     /* bytes of the place to go to after the password */

/* -- forms ----------------------------------------------------------------------------------- */

/* A cookie that could be one of ours: 22 characters of base64url. NULL is none. */
bool guard_browser_is_ours(const char *cookie);
void guard_browser_new(char cookie[static GUARD_BROWSER_SIZE]);

/* The token that forms drawn for this browser carry. */
void guard_form_token(const char *cookie, char token[static VAULT_MAC_SIZE]);

/* What a browser says about a POST; NULL where it says nothing. */
struct guard_post {
    const char *cookie; /* GUARD_BROWSER_COOKIE */
    const char *token;  /* the form's field */
    const char *host;   /* Host */
    const char *origin; /* Origin (RFC 6454) */
    const char *site;   /* Sec-Fetch-Site (w3.org/TR/fetch-metadata) */
};

/* NULL: it was sent from a form of ours. Else what is wrong, a static sentence for people. */
const char *guard_post_problem(const struct guard_post *post);

/* True if an Origin is http or https at this Host. */
bool guard_origin_is_host(const char *origin, const char *host);

/* True if text is a path of ours with or without a query, in the form in which it goes into a
 * Location: printable ASCII, one '/' first, no backslash, no fragment; not the password page. */
bool guard_next_is_ours(const char *next);

/* -- the password ---------------------------------------------------------------------------- */

struct guard_session {
    uint8_t digest[VAULT_DIGEST_SIZE];
    int64_t ends_at; /* boot ms; 0: a free place */
};

/* A password that came with a request for /metrics: a program sends it each time, and argon2id each
 * time would take the loop as long as everything else together. Known by a keyed digest. */
struct guard_basic {
    char mac[VAULT_MAC_SIZE]; /* "": a free place */
};

/* Zero-initialised: nobody has a session, nobody was wrong. */
struct guard {
    struct guard_session sessions[GUARD_SESSIONS];
    unsigned failures;    /* wrong passwords in a row */
    int64_t failed_at;    /* boot ms, of the newest */
    int64_t closed_until; /* boot ms: no password is looked at before */
    /* Apart, so that wrong ones never push a right one out; in turn. */
    struct guard_basic right[GUARD_BASICS], wrong[GUARD_BASICS];
    unsigned next_right, next_wrong;
};

/* Milliseconds until a password may be checked, 0: now. All browsers share it: argon2id takes the
 * loop 50 ms, and a guesser has many addresses. */
int64_t guard_password_wait(const struct guard *guard, int64_t now);

/* Tells how a check went. A wrong one closes the door for half a second; from the fifth in a row on
 * for 2 s, doubling up to a minute. Ten minutes without one and all is forgotten. */
void guard_password_checked(struct guard *guard, int64_t now, bool right);

/* Begins a session and writes its cookie's value. */
void guard_session_begin(struct guard *guard, int64_t now, char value[static GUARD_SESSION_SIZE]);

/* True if the cookie (NULL: none) is that of a session. */
bool guard_session_is_open(const struct guard *guard, int64_t now, const char *value);

void guard_session_end(struct guard *guard, const char *value);
/* Ends them all, and forgets what came with requests. */
void guard_sessions_end_all(struct guard *guard);

/* -- the password with each request (RFC 7617) ------------------------------------------------- */

/* The password of an Authorization header ("Basic ...", any user name) into password of size bytes.
 * False: it has none, or one that is too long. Secret: wipe it. */
bool guard_basic_password(const char *header, char *password, size_t size);

/* What is known of such a header since the password was last changed. A wrong one that comes again
 * is refused without being counted again: a program that has an old password tries it for ever, and
 * must not keep people out. */
enum guard_basic_result { GUARD_BASIC_NEW, GUARD_BASIC_RIGHT, GUARD_BASIC_WRONG };
enum guard_basic_result guard_basic_known(const struct guard *guard, const char *header);
void guard_basic_remember(struct guard *guard, const char *header, bool right);

#endif
