/* SPDX-License-Identifier: MIT */
/*
 * For the tests of commands: each is called as the program is, in this process, with a
 * configuration in a folder of its own; the daemon it asks is a process that says what it was told
 * to.
 */
#ifndef TESTS_UNIT_CTL_HELP_H
#define TESTS_UNIT_CTL_HELP_H

#include <stdbool.h>
#include <stddef.h>

/* A checked fixture: the folder is store_help's, and there is a configuration in it. */
void ctl_help_setup(void);
void ctl_help_teardown(void);

/* More lines of the configuration. */
void ctl_help_configure(const char *lines);

/* What the daemon answers. A table of them ends with a row without a request; of the rows of one
 * request each is for one time, the last for all that follow. */
struct ctl_help_answer {
    const char *request; /* "GET /v1/users" */
    int status;          /* 0: the connection is closed */
    const char *body;
};

#define CTL_HELP_END  \
    {                 \
        NULL, 0, NULL \
    }

/* It listens when this returns, and answers until the end of the test. What is not in the table is
 * not found. */
void ctl_help_daemon(const struct ctl_help_answer *answers);

/* What it was asked, all of it. */
const char *ctl_help_heard(void);

/* Calls the program; a list of words that ends with NULL. Returns its exit status. */
int ctl_help_call(const char *const *words);
#define CTL_CALL(...) ctl_help_call((const char *const[]){__VA_ARGS__, NULL})

/* The same for the daemon's program, which comes to an end by itself with such words. */
int ctl_help_call_daemon(const char *const *words);
#define DAEMON_CALL(...) ctl_help_call_daemon((const char *const[]){__VA_ARGS__, NULL})

/* What it said on standard output, and standard error. */
const char *ctl_help_out(void);
const char *ctl_help_err(void);

/* What stands on its standard input from now on; nothing at first. With is_terminal it is typed on
 * one. */
void ctl_help_input(const char *text, bool is_terminal);

/* Its standard error becomes a terminal of so many columns (0: it does not say). */
void ctl_help_screen(unsigned columns);

/* Asserts an exit status, and a text in what was said on either stream. */
void ctl_help_expect(int got, int status, const char *text);

#endif
