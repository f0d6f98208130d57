/* SPDX-License-Identifier: MIT */
/*
 * capture/login: sign-ins by a person: begun here, gone through at Spotify in a browser, come back
 * as a callback or as a pasted address.
 *
 * Owns: the attempts (capture/attempts), the sign-ins under way, and what became of those begun at
 * the control socket.
 * Offers: begin, come back, look how it stands.
 * Never: takes a state from another browser than the one it was given to.
 */
#ifndef CAPTURE_LOGIN_H
#define CAPTURE_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "capture/attempts.h"
#include "capture/signin.h"
#include "spotify/callback.h"

struct login;
struct recorder;

/* redirect_uri is copied. NULL without memory. */
struct login *login_new(struct recorder *recorder, const char *redirect_uri);
/* After a reload of the recorder: when the redirect URI or the app is another one, sign-ins that
 * were begun end, because Spotify would refuse their codes. False without memory. */
bool login_reload(struct login *login, const char *redirect_uri);
const char *login_redirect_uri(const struct login *login);
void login_free(struct login *login);

/* Begins one: Spotify's address for the browser into address; id (ATTEMPT_TEXT_SIZE bytes, may be
 * NULL) names it for login_look(). browser: the one it belongs to, NULL: begun at the control
 * socket. user_id: whom to renew, 0: anybody. SIGNIN_OK, SIGNIN_NO_CLIENT or SIGNIN_STORE (no
 * memory). */
enum signin_result login_begin(struct login *login, const uint8_t *browser, int64_t user_id,
                               struct buf *address, char *id);

struct login_return; /* one that came back and is being worked on */

/* One came back. browser: the one it came in, NULL: pasted at the control socket. done is called
 * once, possibly before this returns (then it returns NULL); with the result to login_forget() when
 * the receiver goes away. callback is wiped. */
struct login_return *login_come_back(struct login *login, struct spotify_callback *callback,
                                     const uint8_t *browser, signin_function *done, void *context);

/* done is not called any more; the sign-in itself goes on and is stored. */
void login_forget(struct login_return *came_back);

/* Signs in with a refresh token from elsewhere; id as in login_begin(). False without memory. */
bool login_with_token(struct login *login, const char *refresh_token,
                      char id[static ATTEMPT_TEXT_SIZE]);

enum login_stage { LOGIN_UNKNOWN, LOGIN_WAITING, LOGIN_WORKING, LOGIN_DONE };

/* How the one of an id stands; *ends_at (wall ms) tells until when it waits. LOGIN_DONE fills
 * *report (also with failures; SIGNIN_EXPIRED when nobody came back). Outcomes are kept for
 * ATTEMPTS_REMEMBER_MS. */
enum login_stage login_look(struct login *login, const char *id, int64_t *ends_at,
                            struct signin_report *report);

#endif
