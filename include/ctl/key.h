/* SPDX-License-Identifier: MIT */
/*
 * ctl/key: how a play is named: "1795302000000.2", its play_key and the number of whose it is; or
 * the play_key alone where it is plain whose. Pure.
 */
#ifndef CTL_KEY_H
#define CTL_KEY_H

#include <stdbool.h>

#include "store/search.h"

#define KEY_SIZE 48
#define KEY_HELP "as recent --keys shows it"

/* Reads a key; user_id is 0 where none is named. False: it is none. */
bool key_parse(const char *text, struct store_place *place);

/* Writes one, with the number of the user if it is not 0. Returns text. */
const char *key_format(struct store_place place, char text[static KEY_SIZE]);

#endif
