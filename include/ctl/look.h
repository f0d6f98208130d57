/* SPDX-License-Identifier: MIT */
/* ctl/look: what the commands that only look have in common. */
#ifndef CTL_LOOK_H
#define CTL_LOOK_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "ctl/ctl.h"

#define LOOK_NOT_RUNNING "The daemon is not running. This is what the database says:\n"

/* Asks the daemon for target into *json, to be released. Without a daemon *running is false, and
 * *json the whole status as the database has it. Returns an exit status; not OK: said. */
int look_up(const struct ctl_call *call, const char *target, json_t **json, bool *running);

/* Appends JSON for programs, indented, in plain ASCII. */
void look_add_json(const json_t *json, struct buf *out);

#endif
