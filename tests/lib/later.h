/* SPDX-License-Identifier: MIT */
/*
 * lib/later: the clock of the machine's running time goes ahead, by the linker (--wrap, see
 * check-unit in the Makefile), for what gives up after minutes. No timer fires by that alone.
 */
#ifndef TESTS_LIB_LATER_H
#define TESTS_LIB_LATER_H

#include <stdint.h>

/* From now on clock_boot_ms() says so many ms more than it did. */
void later(int64_t ms);

#endif
