/* SPDX-License-Identifier: MIT */
/*
 * Two ways to do the same thing, measured beside each other in one run, in turn, so that a machine
 * that is slow or busy is so for both. What comes of it is one line for bench/table.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

/* Does it once, and returns something that says it was done: a bench that reads nothing is fast. */
typedef int64_t measure_function(const void *input);

struct measure {
    const char *figure; /* what is measured, for people, at most 36 characters */
    const char *unit;   /* "MB/s" */
    double amount;      /* so many units are done at once: 12.8 */
    measure_function *ours, *theirs;
    const char *alternative; /* what theirs is, at most 20 characters */
    const void *input;       /* of both */
    int64_t wanted;          /* what both return when all was done */
    const char *limit;       /* what ours / theirs is promised to be: ">=10", "<=1.5" */
};

/* Measures both, each the median of five rounds of a fifth of a second or more of this process's
 * own time, and prints the line. False, with a message, if one did not return what is wanted. */
bool measure_compare(const struct measure *measure);

/* Prints the line of a figure that was measured otherwise. */
void measure_print(const char *figure, const char *unit, double ours, const char *alternative,
                   double theirs, const char *limit);

#endif
