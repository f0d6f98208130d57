/* SPDX-License-Identifier: MIT */
/* SQLite without memory on order: every call of the store can be made to fail where it is made,
 * which is how each of its callers is seen to give up in good order. */
#ifndef TESTS_UNIT_STORE_MEMORY_H
#define TESTS_UNIT_STORE_MEMORY_H

#include <stdbool.h>

/* Before the first database of the process is opened. */
void store_memory_install(void);

/* The k-th allocation from now on fails (1: the next); 0: none. */
void store_memory_order(int k);

/* Ends the order. True if it had come to it. */
bool store_memory_end(void);

#endif
