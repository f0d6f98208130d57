/* SPDX-License-Identifier: MIT */
/*
 * malloc that fails on order, for a whole process: our own code, SQLite, libcurl, libevent, jansson
 * and the C library alike. A program that links this file has its malloc, calloc, realloc and
 * friends, which hand on to those of glibc; where there is no glibc, or a sanitizer owns malloc,
 * fault_memory_works() says no.
 *
 * What is freed is overwritten, and what is new holds no zeros, so that use of either is seen.
 */
#ifndef TESTS_FAULTY_MEMORY_H
#define TESTS_FAULTY_MEMORY_H

#include <stdbool.h>
#include <stdio.h>

bool fault_memory_works(void);

/* From now on the k-th allocation (1: the next) fails, and, if for_ever, all that follow; 0: none.
 * Counts anew, and what is allocated from now on is remembered until it is freed. */
void fault_memory_order(long k, bool for_ever);

/* Until fault_memory_go_on() nothing of this thread fails or is counted. */
void fault_memory_pause(void);
void fault_memory_go_on(void);

/* Has it happened? */
bool fault_memory_fired(void);

/* Allocations since the order. */
long fault_memory_count(void);

/* Looks at who asks from now on: where an allocation comes from a place (the chain of callers) that
 * asked for none before, its number is kept. */
void fault_memory_watch(void);

/* Writes the numbers kept, "place N" each, and ends the watch. */
void fault_memory_write_places(FILE *out);

/* Writes what was allocated since the order and is not free, "left COUNT BYTES OBJECT+OFFSET" for
 * each place that asked, and ends counting. Libraries that keep memory until the end of the process
 * by design (libcrypto and its like) are left out. After it a new order may be given. */
void fault_memory_write_leftovers(FILE *out);

#endif
