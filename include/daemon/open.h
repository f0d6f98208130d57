/* SPDX-License-Identifier: MIT */
/*
 * daemon/open: what the daemon and a command that writes in its place need first: the lock, the
 * database, the key. Opened in this order, closed in reverse; the first failure is told in one line
 * and leaves every file as it was.
 */
#ifndef DAEMON_OPEN_H
#define DAEMON_OPEN_H

#include <stddef.h>

#include "capture/recorder.h"
#include "daemon/config.h"
#include "store/store.h"
#include "vault/vault.h"

struct open_state {
    int lock_fd;
    struct store *store;
    struct vault *vault;
};

/* Opens all. Returns EXIT_STATUS_OK, with why (of size bytes) empty or one line to warn of; or the
 * exit status with why filled. */
int open_all(const struct config *config, struct open_state *state, char *why, size_t size);
void open_close(struct open_state *state);

/* The exit status that goes with a failure of the store. */
int open_status(enum store_result result);

/* The recorder's part of the configuration; the texts stay config's. */
struct recorder_config open_recorder_config(const struct config *config);

/* No core file, no ptrace by others of our uid, no signal from a closed pipe or a file size limit,
 * new files not for others; and large blocks of memory go back to the system when they are freed.
 */
void open_harden_process(void);

#endif
