/* SPDX-License-Identifier: MIT */
/*
 * store/plan: which part of a stretch of time is taken from sums and which from the plays
 * themselves. Pure.
 *
 * Sums are kept by units (quarters, blocks; see store/totals) that are believed but for stale
 * blocks. So the whole units within the stretch come from sums, and its ends and the stale blocks
 * from the plays. Each moment of the stretch is counted once.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_PLAN_BEGIN INT64_MIN /* no bound */
#define STORE_PLAN_END INT64_MAX

enum store_plan_source {
    STORE_PLAN_PLAYS, /* the plays of the piece */
    STORE_PLAN_SUMS   /* the units of the piece */
};

struct store_plan_piece {
    enum store_plan_source source;
    int64_t since, until; /* ms; of sums: whole units, or a bound that is none */
};

/* A stretch, cut into pieces in order of time. Its fields are its own. */
struct store_plan {
    const int64_t *stale;
    size_t stale_count, stale_at;
    int64_t unit, block; /* ms of each */
    int64_t at, until;   /* what is not told yet */
    int64_t whole, ends; /* the whole units */
};

/* Of [since, until) in ms. stale: numbers of blocks, ascending, which have to live as long as the
 * plan; a block is a whole number of units. */
void store_plan_open(struct store_plan *plan, int64_t since, int64_t until, int64_t unit,
                     int64_t block, const int64_t *stale, size_t stale_count);

/* The next piece; false: there are no more. */
bool store_plan_next(struct store_plan *plan, struct store_plan_piece *piece);

/* The first and the last whole unit of a piece. */
int64_t store_plan_first(const struct store_plan_piece *piece, int64_t unit);
int64_t store_plan_last(const struct store_plan_piece *piece, int64_t unit);

#endif
