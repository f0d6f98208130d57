/* SPDX-License-Identifier: MIT */
/*
 * ctl/local: what a command does by itself while no daemon runs: reads the database, or takes the
 * daemon's place at it (lock and all) to write.
 */
#ifndef CTL_LOCAL_H
#define CTL_LOCAL_H

#include <jansson.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "daemon/config.h"
#include "daemon/open.h"

struct event_base;

/* The configuration; NULL with what is wrong said on standard error: end with EXIT_STATUS_CONFIG.
 */
struct config *local_config(const struct ctl_call *call);

/* GET (body NULL) or POST to the daemon of a configuration. */
void local_ask(const struct config *config, const char *target, const char *body,
               struct client_answer *answer);

/* True if there is no database yet. */
bool local_is_new(const struct config *config);

/* The status as the daemon would give it, with "running": false, from the database alone. Returns
 * an exit status; not OK: said. A database that is not there yet has no users. */
int local_status(const struct ctl_call *call, const struct config *config, json_t **status);

/* The daemon's place. Zero-initialised but for open.lock_fd = -1: not taken. */
struct local {
    struct open_state open;
    struct event_base *base;
    struct recorder *recorder; /* not started: it polls nobody */
};

/* Takes it. Returns an exit status; not OK: said, and nothing is held. */
int local_take(const struct ctl_call *call, const struct config *config, struct local *local);
void local_give_back(struct local *local);

/* The users of the place that was taken, as the daemon names them; NULL: said. */
json_t *local_users(const struct ctl_call *call, struct local *local);

#endif
