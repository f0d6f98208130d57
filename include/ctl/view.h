/* SPDX-License-Identifier: MIT */
/*
 * ctl/view: what the daemon's answers look like to a person. Pure: JSON objects as doc/control.md
 * describes them in, text out; what is absent is left out.
 */
#ifndef CTL_VIEW_H
#define CTL_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "ctl/print.h"

/* A table, a user a row; without users one line that says how to sign in. */
void view_users(const json_t *users, struct buf *out);

/* The whole status: running or not, page, Spotify, users, what to do, the steps of the setup. */
void view_status(const json_t *status, struct print_look look, struct buf *out);

/* Exit status of the command status: 0, or CTL_MUST_ACT when a person must act or no daemon runs.
 */
int view_status_exit(const json_t *status);

/* One line about a user after sync; before: the entry of the answer to POST /v1/sync, now: the user
 * (NULL: gone). done: their poll ended. */
void view_synced(const json_t *before, const json_t *now, bool done, struct buf *out);

/* Exit status of one user after sync: OK, TEMPFAIL or NOPERM (must sign in). */
int view_synced_exit(const json_t *before, const json_t *now, bool done);

/* "12 plays (3 deleted ones), 1 gap, ..." of a "holds" object. */
void view_holds(const json_t *holds, struct buf *out);

/* Exit status of a login's result: a word of doc/control.md. */
int view_login_exit(const char *result);

/* Why a sign-in failed: title, message and advice of a login; NULL or "": left out. */
void view_login_failure(const char *title, const char *message, const char *advice,
                        struct buf *out);

#endif
