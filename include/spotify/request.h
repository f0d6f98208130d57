/* SPDX-License-Identifier: MIT */
/*
 * spotify/request: the addresses and bodies of the requests we send to Spotify, from plain values.
 * Never sends anything, never takes an address from an answer.
 */
#ifndef SPOTIFY_REQUEST_H
#define SPOTIFY_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SPOTIFY_PAGE_LIMIT 50 /* items a page, all that the API ever shows */
#define SPOTIFY_SCOPE "user-read-recently-played"

/* Who asks: one application registered at Spotify. secret "" = none (PKCE client). */
struct spotify_client {
    const char *client_id;
    const char *client_secret;
};

/* <api_url>/v1/me/player/recently-played?limit=50[&after=<ms>]. after_ms < 0: without a cursor.
 * False without memory. */
bool spotify_request_history(struct buf *url, const char *api_url, int64_t after_ms);

/* <api_url>/v1/me */
bool spotify_request_profile(struct buf *url, const char *api_url);

/* <accounts_url>/api/token */
bool spotify_request_token_url(struct buf *url, const char *accounts_url);

/* Body of a refresh: with a secret grant_type and refresh_token, without one also client_id.
 * Secret: wipe it. */
bool spotify_request_refresh(struct buf *form, const struct spotify_client *client,
                             const char *refresh_token);

/* <accounts_url>/authorize?...: where a person signs in. challenge is of the PKCE method S256. The
 * dialog is always shown: else whoever is signed in at Spotify in this browser would be taken
 * without a question, which is wrong where several people use one. */
bool spotify_request_authorize(struct buf *url, const char *accounts_url,
                               const struct spotify_client *client, const char *redirect_uri,
                               const char *state, const char *challenge);

/* Body that turns the code of a sign-in into tokens. Secret: wipe it. False also for an empty code.
 */
bool spotify_request_exchange(struct buf *form, const struct spotify_client *client,
                              const char *code, const char *redirect_uri, const char *verifier);

/* "Basic <base64>" for a client with a secret, empty for one without. Secret: wipe it. RFC 6749
 * section 2.3.1. */
bool spotify_request_basic(struct buf *header, const struct spotify_client *client);

/* "Bearer <token>". Secret: wipe it. False also for a token with bytes that may not stand in a
 * header. */
bool spotify_request_bearer(struct buf *header, const char *access_token);

#endif
