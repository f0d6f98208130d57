/* SPDX-License-Identifier: MIT */
/* ctl/password: what the command password asks of one. */
#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

#define PASSWORD_LEAST 8   /* characters */
#define PASSWORD_SIZE 1025 /* bytes of the longest, with NUL */

/* What is wrong with a password, static and for people; NULL: nothing. */
const char *password_problem(const char *password);

#endif
