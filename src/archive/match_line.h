/* SPDX-License-Identifier: MIT */
/*
 * archive/match_line: pairs the points of two lines of time, one to one. Pure.
 *
 * Owns: how pairs are chosen among points that could be partners.
 * Offers: match_line_order(), which keeps the order of both lines; match_line_only(), which takes
 *         those that have no other choice.
 * Never: pairs points further apart than it is told, or takes more than n log n steps.
 */
#ifndef ARCHIVE_MATCH_LINE_H
#define ARCHIVE_MATCH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A moment that is known to lie from low to high. */
struct match_point {
    int64_t low, high;
    uint32_t piece;
};

/* Ascending by low; all points of one line are equally long. */
struct match_points {
    struct match_point *at;
    size_t count;
};

#define MATCH_LINE_NEVER (-1)

struct match_line {
    struct match_points left, right;
    int64_t radius; /* most ms between two partners */
    /* What speaks against these two pieces that are so far apart, in ms of distance more;
     * MATCH_LINE_NEVER: they cannot be. */
    int64_t (*against)(const void *context, uint32_t left, uint32_t right, int64_t apart);
    void (*pair)(void *context, uint32_t left, uint32_t right);
    void *context;
    struct match_table *table;
};

/* Room to work in; NULL without memory. Lives as long as the arena. */
struct match_table *match_table_new(struct arena *arena);

/*
 * As many pairs as can be, none crossing another; among these the ones with the least sum of
 * distance and `against`. Where more than some hundred points of both lines crowd within the
 * radius, as many pairs, the first that fit.
 */
void match_line_order(const struct match_line *line);

/* Those pairs of which each has nothing else within the radius. */
void match_line_only(const struct match_line *line);

#endif
