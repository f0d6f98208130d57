/* SPDX-License-Identifier: MIT */
/* How many entries an array has, as tcase_add_loop_test() wants to be told. */
#ifndef TESTS_LIB_COUNT_H
#define TESTS_LIB_COUNT_H

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
