/* SPDX-License-Identifier: MIT */
/*
 * store/sums: something for each of many numbers, kept in memory. Only src/store and its tests
 * include it.
 *
 * Numbers of tracks, artists, albums and days are handed out one after the other: 64 of them lie
 * beside each other in a page, so that a look costs little more than one into an array, any number
 * can be used all the same, and all of them come out in order.
 */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "store/stats.h"

#define STORE_SUMS_PAGE 64

struct store_sum {
    int64_t plays; /* 0: there is nothing for this number */
    union {
        int64_t listened_ms;
        int64_t first_at;
        int64_t duration_ms;
        int64_t id;
    };
};

struct store_sums_page;

/* a + b; wraps around, so that no number in a file makes it undefined, and what was added can be
 * taken off again. */
int64_t store_sum_wrap(int64_t a, int64_t b);

struct store_sums {
    struct store_sums_page *pages;
    size_t count, cap;
    uint32_t *near; /* of the low numbers: index of the page, plus 1 */
    size_t near_count;
    uint32_t *far; /* a hash table of all others */
    unsigned bits; /* it has 2^bits slots, at least twice as many as there are pages */
};

/* That of a number, made if it is not there; valid until another one is asked for. NULL: no
 * memory. */
struct store_sum *store_sums_at(struct store_sums *sums, int64_t id);

/* The same, never made: NULL if there is nothing for it. */
const struct store_sum *store_sums_find(const struct store_sums *sums, int64_t id);

/* Adds; false: no memory. */
bool store_sums_add(struct store_sums *sums, int64_t id, int64_t plays, int64_t listened_ms);

/* Those with plays, in order of their numbers, into a malloc'ed array. False: no memory. */
bool store_sums_list(const struct store_sums *sums, struct store_counts *counts);

void store_sums_free(struct store_sums *sums);

#endif
