/* SPDX-License-Identifier: MIT */
/*
 * Chance that can be repeated: a test that draws from it says its seed, and with that seed in
 * TEST_SEED it draws the same again.
 */
#ifndef TESTS_LIB_CHANCE_H
#define TESTS_LIB_CHANCE_H

#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* Begins with the seed in TEST_SEED, or else a new one, and prints it with the test's name. */
struct chance chance_open(const char *test);

/* Begins with a given seed and prints nothing. */
struct chance chance_from(uint64_t seed);

uint64_t chance_next(struct chance *chance);

/* 0 .. limit - 1; limit > 0. */
uint64_t chance_below(struct chance *chance, uint64_t limit);

/* One of the entries of an array. */
#define CHANCE_PICK(chance, array) \
    ((array)[chance_below((chance), sizeof(array) / sizeof((array)[0]))])

#endif
