/* SPDX-License-Identifier: MIT */
/*
 * daemon: the process: command line, start in order, signals, reload, stop in reverse.
 *
 * Owns: what is opened at start, in which order, and the exit status.
 * Offers: daemon_main(), which main() calls.
 * Never: decides about plays, waits for the network before it is ready, leaves anything half started.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

struct daemon_options {
    const char *config_file; /* NULL: the default */
    bool once;
};

/* The whole program. Returns its exit status (base/exit.h). */
int daemon_main(int argc, char **argv);

/* Runs the recorder until a signal ends it, or once. */
int daemon_run(const struct daemon_options *options);

#endif
