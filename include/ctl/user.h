/* SPDX-License-Identifier: MIT */
/* ctl/user: whom a person means by USER: a user number, a Spotify id, or a display name. Pure. */
#ifndef CTL_USER_H
#define CTL_USER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Finds the one user that text means, in an array of users as doc/control.md describes them: a user
 * number goes before a Spotify id, that before a display name, that before a name in another case.
 * A borrowed reference; NULL, with a line for people in why, for nobody or more than one: then it
 * names who may be meant. */
const json_t *user_find(const json_t *users, const char *text, struct buf *why);

/* Appends how a user is named to people: "Ann (ann01)", or the id alone. Escaped. */
void user_add_name(struct buf *out, const json_t *user);

/* Appends all of them with their numbers: "1 Ann (ann01), 2 Bob (bob)"; not more than a few. */
void user_add_names(struct buf *out, const json_t *users);

/* Their number; 0 if there is none. */
int64_t user_number(const json_t *user);

#endif
