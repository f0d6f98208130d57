/* SPDX-License-Identifier: MIT */
/*
 * capture/upkeep: what is derived from the plays is brought up to date behind them: in small steps,
 * when nobody else has anything to do.
 *
 * Owns: when that is, and the one rebuilding that can be under way.
 * Offers: a look after whatever may have changed plays; building all of it anew; the same at once,
 *         for a command that has the database to itself.
 * Never: goes before a poll, runs beside a long change, wakes the process when nothing is behind.
 *
 * Whoever reads derived tables takes what is behind from the plays, so nothing depends on when this
 * is done. A step may be lost in a power cut: then it is done again.
 */
#ifndef CAPTURE_UPKEEP_H
#define CAPTURE_UPKEEP_H

#include "store/store.h"

struct recorder;
struct upkeep;

/* For the recorder. NULL without memory. */
struct upkeep *upkeep_new(struct recorder *recorder);
void upkeep_free(struct upkeep *upkeep);

/* Plays, or what is told of them, may have changed and the change is committed: what is behind now
 * is brought up to date in a moment. */
void upkeep_look(struct upkeep *upkeep);

/* The recorder stops: what is behind stays so until the next start. */
void upkeep_stop(struct upkeep *upkeep);

/* Brings all that is behind up to date before it returns, or as much as ms (INT64_MAX: no limit)
 * are enough for: no loop goes on beside it. The newest first, in transactions of half a second at
 * most; on a failure (a message is in the store) what is left stays behind. */
enum store_result upkeep_finish(struct store *store, int64_t ms);

/* -- anew --------------------------------------------------------------------------------------- */

struct upkeep_rebuild {
    bool begun;        /* there was one since the start */
    bool done;         /* it is over */
    int64_t left;      /* pieces that are still to be done */
    int64_t plays;     /* done: that are summed up; -1: not known */
    int64_t took_ms;   /* so far, or in all */
    char problem[300]; /* done: why it was given up; "": it was not */
};

/* Empties what is derived and begins to make it anew, in steps between which the loop goes on.
 * STORE_BUSY: a rebuilding or a long change is under way, or the recorder stops. Emptying is one
 * step, of a tenth of a second for a million plays. */
enum store_result recorder_rebuild(struct recorder *recorder);
void recorder_rebuild_status(const struct recorder *recorder, struct upkeep_rebuild *status);

/* The same before it returns, as upkeep_finish(). *plays: that are summed up. */
enum store_result upkeep_rebuild(struct store *store, int64_t *plays);

#endif
