/* SPDX-License-Identifier: MIT */
/*
 * What a database would hold of one user's plays, in memory, with what the truth about each telling
 * is. Rows and pages come in the same way as in the daemon: look up what is near, solve, write.
 */
#ifndef SIMULATION_SHELF_H
#define SIMULATION_SHELF_H

#include "simulation/tellings.h"

/* A stored play; piece.at of a source that tells nothing is CLOCK_NO_TIME. */
struct shelf_row {
    struct telling told[MATCH_SOURCES];
};

struct shelf {
    struct shelf_row **rows; /* by moment, oldest first */
    size_t count, room;
    size_t outcomes[4]; /* of the last shelf_add(), by enum match_outcome */
    size_t changes;     /* rows that it added, changed or removed */
};

/* What became of the truth. */
struct shelf_score {
    size_t told;              /* plays that any source tells of */
    size_t lost;              /* of these, without a row */
    size_t doubled;           /* rows that another row's play has */
    size_t doubled_displaced; /* of these, plays with tellings over a minute apart */
    size_t echoes;            /* rows that the API's second telling has */
    size_t joined, rightly;   /* pairs of API and long form */
    size_t could;             /* plays that both tell of */
};

void shelf_close(struct shelf *shelf);

/* Takes tellings in, all at once. False when memory ran out or the answer is not sound (a telling
 * that is lost, or stands twice): *why says which. */
bool shelf_add(struct shelf *shelf, const struct telling *tellings, size_t count, const char **why);

/* Takes those of one source out again, as undoing an import of them does. */
bool shelf_take_out(struct shelf *shelf, enum match_source source, int64_t from, int64_t to,
                    const char **why);

/* What is on the shelf is held against what these sources (bits 1 << source) tell. False when
 * memory ran out. */
bool shelf_judge(const struct shelf *shelf, const struct tellings *tellings, unsigned sources,
                 struct shelf_score *score);

/* Whether both hold the same rows. */
bool shelf_equal(const struct shelf *one, const struct shelf *other, size_t *different);

#endif
