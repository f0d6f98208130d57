/* SPDX-License-Identifier: MIT */
/*
 * What the soak (test_soak.c) holds in the end: the truth against the database, and what was
 * measured of the daemon meanwhile.
 */
#ifndef SCENARIO_SOAK_H
#define SCENARIO_SOAK_H

#include "harness.h"

/* -- the truth (soak_judge.c) ------------------------------------------------------------------ */

/* What became of the plays of an account. */
struct soak_verdict {
    int64_t played;   /* listed, from the first look on */
    int64_t stored;   /* of these */
    int64_t in_gaps;  /* of these: not stored, and a gap says so */
    int64_t late;     /* not stored, outside of gaps: came behind newer ones, and were pushed out */
    int64_t vanished; /* taken out of the list by Spotify before an answer had them */
    char why[400];    /* what is wrong; "": nothing */
};

/* since: the fake's clock when the first look at the list was stored. imported: rows may be some
 * that were told by an export, by the second. */
struct soak_verdict soak_judge(int account, int64_t since);

/* Writes an account's plays so far as Spotify's export has them (the long form), and some from
 * years before; how many of these. */
int soak_write_export(int account, const char *path);

/* -- the gauge (soak_gauge.c) ------------------------------------------------------------------ */

/* Looks at the daemon's memory, descriptors and log file (progress says where in the soak: 0 .. 1)
 * and at its own measure of its loop. Call it again and again, and at last before each end of it.
 */
void soak_gauge_look(struct browser *browser, double progress);

/* The daemon is another one now. */
void soak_gauge_restart(void);

/* Turns of the daemon's loop, as it tells them. */
struct soak_turns {
    int64_t count, over_20ms;
    double longest_s;
    char longest_in[40];
};

struct soak_figures {
    /* Of the second and of the last quarter: means, and the least memory, which is what the daemon
     * keeps. What a page or an import needs for a moment grows with the plays that there are. */
    double memory_kib[2], descriptors[2], log_kib[2];
    double most_memory_kib, most_log_kib;
    /* calm: from one look to the next in which the machine took next to no time: the daemon waited
     * no 10 ms for a processor, and no 10 ms passed in a sync of ours. */
    struct soak_turns all, calm;
    double waited_s, slowest_sync_s; /* for a processor; of ours, beside it */
};

struct soak_figures soak_gauge_read(void);

#endif
