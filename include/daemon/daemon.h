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
#include <stddef.h>

struct daemon_options {
    const char *config_file; /* NULL: the default */
    bool once;
};

/* One option of the command line. */
struct daemon_argument {
    const char *name;     /* "config": --config */
    const char *argument; /* "FILE"; "": it takes none */
    const char *help;     /* one line */
    char letter;          /* 'c': also -c; 0: none */
};

/* The options, for the man page, completions and tests. False, *option untouched, past the end. */
bool daemon_argument_at(size_t index, struct daemon_argument *option);

/* The whole program. Returns its exit status (base/exit.h). */
int daemon_main(int argc, char **argv);

/* Runs the recorder until a signal ends it, or once. */
int daemon_run(const struct daemon_options *options);

#endif
