/* SPDX-License-Identifier: MIT */
/*
 * base/exit: the exit statuses of both programs (the values of sysexits.h, and three of our own).
 * Scripts and systemd's RestartPreventExitStatus= depend on them; spotify-historyd(8) lists them.
 */
#ifndef BASE_EXIT_H
#define BASE_EXIT_H

enum exit_status {
    EXIT_STATUS_OK = 0,
    EXIT_STATUS_USAGE = 64,       /* EX_USAGE: wrong option or argument */
    EXIT_STATUS_DATA = 65,        /* EX_DATAERR: input was not understood */
    EXIT_STATUS_UNAVAILABLE = 69, /* EX_UNAVAILABLE: another instance is running */
    EXIT_STATUS_SOFTWARE = 70,    /* EX_SOFTWARE: a bug, or no memory */
    EXIT_STATUS_OS = 71,          /* EX_OSERR: the system refused something basic */
    EXIT_STATUS_CANTCREAT = 73,   /* EX_CANTCREAT: database or directory cannot be opened or made */
    EXIT_STATUS_IO = 74,          /* EX_IOERR: disk error; also a database that is damaged */
    EXIT_STATUS_TEMPFAIL = 75,    /* EX_TEMPFAIL: failed for now, the same call may work later */
    EXIT_STATUS_NOPERM = 77,      /* EX_NOPERM: a user needs to sign in */
    EXIT_STATUS_CONFIG = 78 /* EX_CONFIG: configuration, key file, or a file that is not ours */
};

#endif
