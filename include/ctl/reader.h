/* SPDX-License-Identifier: MIT */
/*
 * ctl/reader: what the commands have in common that read the database themselves, whether or not
 * the daemon runs, and write a file.
 */
#ifndef CTL_READER_H
#define CTL_READER_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

#include "ctl/ctl.h"
#include "daemon/config.h"
#include "store/store.h"

/* Opens the database for reading. Returns an exit status; not OK: said, and *store is NULL. */
int reader_open(const struct ctl_call *call, const struct config *config, struct store **store);

/* Says what the store says of a failure, and returns its exit status. */
int reader_failed(const struct ctl_call *call, const struct config *config,
                  const struct store *store, enum store_result result);

/* All users as user_find() takes them; a new reference, NULL on failure. */
json_t *reader_users(struct store *store);

/* True (and said) if path is a file that the daemon needs: its database, what is beside it, its
 * key. Nothing may be written in its place. */
bool reader_is_in_use(const struct ctl_call *call, const struct config *config, const char *path);

/* From here on SIGINT, SIGTERM and SIGHUP set the flag, so that a file that is half written can be
 * taken away. A second one ends the program at once. */
extern volatile sig_atomic_t reader_stop;
void reader_catch_stop(void);

/* Ends the program by the signal that came, as if it had not been caught. */
void reader_die(void);

#endif
