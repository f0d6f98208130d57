/* SPDX-License-Identifier: MIT */
/*
 * spotify/callback: reads the address that a sign-in ends on: the query of our callback, or what a
 * person copied from the browser's address bar (RFC 6749 section 4.1.2).
 * Never keeps the code beyond the struct it fills, puts any of it into a message, or believes a key
 * that is there twice.
 */
#ifndef SPOTIFY_CALLBACK_H
#define SPOTIFY_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#define SPOTIFY_CODE_MAX 2048 /* bytes of a code */
#define SPOTIFY_STATE_MAX 256 /* bytes of a state */
#define SPOTIFY_ADDRESS_MAX 8192

/* Either code or error is set, never both. Wipe it with spotify_callback_wipe(). */
struct spotify_callback {
    char code[SPOTIFY_CODE_MAX + 1];
    char state[SPOTIFY_STATE_MAX + 1]; /* "" if absent */
    char error[64];                    /* "access_denied", "server_error" ...; printable ASCII */
};

/* Reads a query ("code=...&state=...", without the question mark; what follows a "#" does not
 * count). Keys that are not ours are passed over. False, callback empty, with *problem a static
 * sentence for people; true with *problem NULL. */
bool spotify_callback_parse_query(const char *query, size_t len, struct spotify_callback *callback,
                                  const char **problem);

/* Reads what a person pasted: the whole address, or from anywhere before the question mark on, or
 * the query alone. Blanks and line breaks around and inside it are forgiven, and so are quotes and
 * angle brackets around it. What stands before the question mark must be redirect_uri, or without a
 * scheme its end; letter case of scheme and host and a default port do not count. The state must be
 * there. *problem, a static sentence, tells the person what is wrong: empty; the address of
 * Spotify's sign-in page, from before signing in; some other page; the code or state is missing
 * (cut off?); only the bare code was pasted (the state is needed as well) ... */
bool spotify_callback_parse_paste(const char *text, size_t len, const char *redirect_uri,
                                  struct spotify_callback *callback, const char **problem);

void spotify_callback_wipe(struct spotify_callback *callback);

#endif
