/* SPDX-License-Identifier: MIT */
/*
 * lib/failing_call: a system call that fails from now on in this process, by a seccomp filter
 * (seccomp(2)): for what no file, limit or missing right brings about, a sync that fails say. It
 * cannot be taken back: for tests in a process of their own.
 */
#ifndef TESTS_LIB_FAILING_CALL_H
#define TESTS_LIB_FAILING_CALL_H

#include <stdbool.h>

/* The call of this number (SYS_fsync) fails with errno error. False where the machine has no such
 * filters. */
bool failing_call(long number, int error);

/* The same for one descriptor only, its first argument. */
bool failing_call_on(long number, int fd, int error);

#endif
