/* SPDX-License-Identifier: MIT */
/*
 * capture/signin: makes a user out of a refresh token from elsewhere: refreshes it once, asks who
 * it belongs to, stores both. Never stores a token that Spotify did not just accept, or one for
 * another account than it says.
 */
#ifndef CAPTURE_SIGNIN_H
#define CAPTURE_SIGNIN_H

#include <stdbool.h>

#include "capture/recorder.h"
#include "store/users.h"

struct event_base;
struct net;
struct signin;

#define SIGNIN_STORE_MS 30000

enum signin_result {
    SIGNIN_OK,
    SIGNIN_REFUSED, /* Spotify does not take this token or this client: message says why */
    SIGNIN_FAILED,  /* for now: network, Spotify, rate limit */
    SIGNIN_STORE    /* the database or the key */
};

struct signin_report {
    enum signin_result result;
    char message[400];
    bool added; /* else: an account that was there got this token */
    struct store_user user;
};

typedef void signin_function(const struct signin_report *report, void *context);

/* Starts. Nothing is sent while Spotify asks this client to wait, or when the database takes no
 * writes: the answer may hold the only valid token. Storing is tried again for SIGNIN_STORE_MS when
 * the database is busy. refresh_token is copied and wiped after use. NULL without memory. Ends
 * itself after calling done. */
struct signin *signin_start(struct event_base *base, struct net *net, struct store *store,
                            struct vault *vault, const struct recorder_config *config,
                            const char *refresh_token, signin_function *done, void *context);
void signin_cancel(struct signin *signin);

#endif
