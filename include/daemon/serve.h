/* SPDX-License-Identifier: MIT */
/*
 * daemon/serve: the page and the control interface on their sockets.
 *
 * Owns: which sockets, tried again when one is taken; what of the configuration the web room needs.
 * Offers: start, reload, stop.
 * Never: keeps the recorder from recording because a port is taken.
 */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config.h"

#define SERVE_RETRY_S 30 /* between tries to open a socket that was taken */

struct event_base;
struct recorder;
struct serve;
struct store;

/* Opens what the configuration names, or takes what systemd handed over. What cannot be opened is
 * logged and tried again. NULL without memory. */
struct serve *serve_new(struct event_base *base, const struct config *config,
                        const char *config_file, struct store *store, struct recorder *recorder,
                        int64_t started_wall_ms);

/* False, with an error logged, for a configuration that would leave a page without a password that
 * other machines can reach. */
bool serve_accepts(const struct serve *serve, const struct config *config);

/* Takes up a configuration. Sockets that are open stay as they are, one that was taken is tried
 * again at once. False without memory: then some of it may be taken up, and the next reload takes
 * up the rest. */
bool serve_reload(struct serve *serve, const struct config *config);

void serve_free(struct serve *serve);

#endif
