/* SPDX-License-Identifier: MIT */
/*
 * lib/nth_step: the n-th step of a statement fails, by the linker (--wrap, see check-unit in the
 * Makefile), as if the database were busy, full or broken at that very place. For loops over n:
 * until nothing fails any more, every statement of a piece of work has failed once.
 *
 * Never: a ROLLBACK, which SQLite does whatever has happened.
 */
#ifndef TESTS_LIB_NTH_STEP_H
#define TESTS_LIB_NTH_STEP_H

#include <stdbool.h>

/* The k-th step from now on (1: the next) gives this code of SQLite instead of being made;
 * for_ever: and so do all that follow. One order at a time. */
void nth_step_order(int code, long k, bool for_ever);

/* Ends the order. True if it had come to it. */
bool nth_step_end(void);

#endif
