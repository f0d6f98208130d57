/* SPDX-License-Identifier: MIT */
/*
 * capture/signin: one sign-in from what a person brings to what is stored: a code (with its PKCE
 * verifier) or a refresh token is turned into tokens, Spotify is asked whose they are, both are
 * stored together.
 *
 * Owns: the order of it, its outcomes, and the words about them for people.
 * Offers: what happened, told once.
 * Never: stores a token that Spotify did not just accept, or for another account than the one that
 * was to be renewed; sends anything while the gate is closed or the database takes no writes.
 */
#ifndef CAPTURE_SIGNIN_H
#define CAPTURE_SIGNIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/users.h"

struct recorder;
struct signin;

#define SIGNIN_HOUR_CALLS 120 /* requests of sign-ins an hour: two each */
#define SIGNIN_STORE_MS 30000 /* how long storing is tried again while the database is busy */

/* How a sign-in ends. Each has a name, a title and an advice, see below. */
enum signin_result {
    SIGNIN_OK = 0,
    /* what came back from the browser */
    SIGNIN_DENIED,        /* the person said no at Spotify */
    SIGNIN_NO_STATE,      /* no state, or one that nobody began here */
    SIGNIN_EXPIRED,       /* more than ten minutes ago */
    SIGNIN_USED,          /* has come back before */
    SIGNIN_FOREIGN,       /* begun in another browser */
    SIGNIN_SPOTIFY_ERROR, /* another error=, or an address that makes no sense */
    /* what Spotify said to it */
    SIGNIN_CODE_REFUSED,   /* code or refresh token: invalid_grant */
    SIGNIN_NOT_REGISTERED, /* the account is not on the app's list */
    SIGNIN_OWNER_PREMIUM,  /* the owner of the app has no Premium */
    SIGNIN_CLIENT,         /* invalid_client: client id or secret are wrong */
    SIGNIN_SCOPE,          /* the permission was not given */
    SIGNIN_OTHER_ACCOUNT,  /* not the account that was to be renewed */
    SIGNIN_WAIT,           /* Spotify asked to wait: nothing was sent, or it asks now */
    SIGNIN_DOWN,           /* Spotify could not be reached, or fails */
    SIGNIN_REFUSED,        /* another refusal */
    /* what we could not do */
    SIGNIN_NO_CLIENT, /* no client id is configured */
    SIGNIN_STORE,     /* the database or the key */
    SIGNIN_RESULTS
};

/* A short stable word ("denied", "not_registered", "ok"); what happened, as a title; what the
 * person can do now, one or two sentences. Static. */
const char *signin_result_name(enum signin_result result);
const char *signin_result_title(enum signin_result result);
const char *signin_result_advice(enum signin_result result);

struct signin_report {
    enum signin_result result;
    char message[400]; /* the particulars, one line for people: names, Spotify's own words */
    bool added;        /* else: an account that was there was renewed */
    int64_t wanted;    /* this stored user was to be renewed; 0: whoever it is */
    struct store_user
        user; /* SIGNIN_OK: as stored. SIGNIN_OTHER_ACCOUNT: who signed in, user_id 0 */
};

typedef void signin_function(const struct signin_report *report, void *context);

/* What a person brings: a code with verifier and redirect_uri, or a refresh token. */
struct signin_grant {
    const char *code, *verifier, *redirect_uri;
    const char *refresh_token; /* NULL: a code. When it was authorized is not known then */
    int64_t user_id;           /* this stored user must come out; 0: whoever it is */
};

/* Starts over a recorder's store, network, gate and configuration. Texts are copied and wiped. done
 * is called once, from the loop; then it is gone. NULL without memory. On SIGNIN_OK the recorder
 * has taken the user up: swept at once, if it runs. */
struct signin *signin_start(struct recorder *recorder, const struct signin_grant *grant,
                            signin_function *done, void *context);

/* The one under way after this one; NULL: it was the last. */
const struct signin *signin_next(const struct signin *signin);

/* Drops it without calling done. */
void signin_cancel(struct signin *signin);

#endif
