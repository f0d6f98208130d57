/* SPDX-License-Identifier: MIT */
/*
 * Stretches of time in which something is wrong: they come at random, by a rate, and last between
 * two bounds, short ones more often than long ones. Time only goes forward.
 */
#ifndef SIMULATION_TROUBLE_H
#define SIMULATION_TROUBLE_H

#include <stdbool.h>

#include "lib/chance.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NEVER INT64_MAX

struct trouble {
    struct chance chance;
    double mean_ms; /* between two stretches; 0: none ever come */
    int64_t shortest, longest;
    int64_t quiet_from;  /* none begins or goes on from here */
    int64_t from, until; /* the present one, or the next */
    uint64_t nature;     /* random bits: what it is like */
};

/* 0 <= result < 1 */
double chance_unit(struct chance *chance);
bool chance_hits(struct chance *chance, double probability);

/* Stretches from `begins` on, per_year of them on average. */
void trouble_plan(struct trouble *trouble, uint64_t seed, double per_year, int64_t shortest,
                  int64_t longest, int64_t begins, int64_t quiet_from);

/* True if moment t lies in a stretch; from, until and nature are then its own. */
bool trouble_at(struct trouble *trouble, int64_t t);

/* Begin of the first stretch that begins at t or later, or of the one that goes on at t. */
int64_t trouble_next(struct trouble *trouble, int64_t t);

#endif
