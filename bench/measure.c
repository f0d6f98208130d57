/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 5
#define ROUND_US 200000 /* a round goes on at least so long */

/* Time of this process alone: what else runs on the machine counts less. */
static int64_t cpu_us(void)
{
    struct timespec used = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Times a second; 0 if it was not done as it should be. */
static double run_round(measure_function *run, const struct measure *measure)
{
    int64_t began = cpu_us();
    int64_t took = 0;
    int times = 0;

    while (took < ROUND_US) {
        if (run(measure->input) != measure->wanted)
            return 0;
        times++;
        took = cpu_us() - began;
    }
    return times * 1e6 / (double)took;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

static double median(double *speeds)
{
    qsort(speeds, ROUNDS, sizeof(speeds[0]), compare);
    return speeds[ROUNDS / 2];
}

void measure_print(const char *figure, const char *unit, double ours, const char *alternative,
                   double theirs, const char *limit)
{
    printf("%s\t%s\t%.3f\t%s\t%.3f\t%s\n", figure, unit, ours, alternative, theirs, limit);
    (void)fflush(stdout);
}

bool measure_compare(const struct measure *measure)
{
    double ours[ROUNDS], theirs[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        theirs[round] = run_round(measure->theirs, measure);
        ours[round] = run_round(measure->ours, measure);
        if (ours[round] <= 0 || theirs[round] <= 0) {
            fprintf(stderr, "%s: %s did not do what it should\n", measure->figure,
                    ours[round] <= 0 ? "ours" : measure->alternative);
            return false;
        }
    }
    measure_print(measure->figure, measure->unit, measure->amount * median(ours),
                  measure->alternative, measure->amount * median(theirs), measure->limit);
    return true;
}
