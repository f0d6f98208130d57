/* SPDX-License-Identifier: MIT */
/* The files of tests/data. */
#ifndef TESTS_LIB_SAMPLE_H
#define TESTS_LIB_SAMPLE_H

#include <stddef.h>

/* Content of tests/data/NAME in a block of exactly its size; ends the test if it cannot be read.
 * Free it. */
char *sample_read(const char *name, size_t *len);

#endif
