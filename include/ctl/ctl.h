/* SPDX-License-Identifier: MIT */
/*
 * ctl: the command line program: one file a command, one table of them (src/ctl/ctl.c).
 * Never writes to the database beside a running daemon.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

struct ctl_call {
    const char *config_file; /* NULL: the default */
    int argc;                /* of the command: argv[0] is its name */
    char **argv;
};

/* The whole program. Returns its exit status (base/exit.h). */
int ctl_main(int argc, char **argv);

/* Each command: its options are its own. Returns an exit status. */
int ctl_login(const struct ctl_call *call);

#endif
