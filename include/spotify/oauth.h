/* SPDX-License-Identifier: MIT */
/*
 * spotify/oauth: reads an answer of POST /api/token.
 * Never keeps a token beyond the struct it is asked to fill.
 */
#ifndef SPOTIFY_OAUTH_H
#define SPOTIFY_OAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOTIFY_TOKEN_MAX 4096 /* longest token taken, bytes */

struct spotify_token_answer {
    char *access_token;   /* never NULL or empty */
    char *refresh_token;  /* NULL: absent, null or "": keep the old one */
    char *scope;          /* NULL: absent, null or "": nothing said */
    int64_t expires_in_s; /* clamped to 60 .. 3600; 3600 when missing or odd */
};

/* Decodes a 200 answer. False with *error a static text if it holds no usable access_token (or
 * tokens with bytes outside printable ASCII, or over SPOTIFY_TOKEN_MAX). Free with
 * spotify_token_answer_free(), which wipes. */
bool spotify_token_decode(const char *json, size_t len, struct spotify_token_answer *answer,
                          const char **error);
void spotify_token_answer_free(struct spotify_token_answer *answer);

/* True if the space-separated scope holds SPOTIFY_SCOPE; a NULL scope says nothing and is taken as
 * yes. */
bool spotify_scope_suffices(const char *scope);

#endif
