/* SPDX-License-Identifier: MIT */
/*
 * capture/reconcile: holds a page of Spotify against what is stored: which plays are new, known,
 * late, and whether something was missed in between. Pure: two sorted lists in, decisions out.
 *
 * Owns: the rules of identity, nudging and gaps (doc/polling.md gives the reasons).
 * Offers: reconcile_page().
 * Never: reads a clock or the store, changes or removes anything that is stored, takes silence for completeness.
 *
 * All times are wall ms. "Reported" is the moment that Spotify names; a play is stored under it,
 * or, where another play of the user has that millisecond, under the next free one (played_at =
 * reported + nudge).
 */
#ifndef CAPTURE_RECONCILE_H
#define CAPTURE_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define RECONCILE_MAX 200 /* items of one page */
#define RECONCILE_FULL 50 /* items of a page that may have pushed others out */
#define RECONCILE_NO_TIME CLOCK_NO_TIME
/* ms above the newest item for which stored plays must be handed in as well: no play is moved
 * further from its moment, not even where an export's rows crowd. */
#define RECONCILE_SLACK (61 * CLOCK_SECOND)

/* One item of the page. track: equal numbers mean the same track, in the page and in the store. */
struct reconcile_item {
    int64_t reported;
    int64_t track;
};

/* One stored play (deleted ones too: they stay known). */
struct reconcile_stored {
    int64_t played_at;
    int64_t nudge;
    int64_t track;
    bool imported; /* only an export told of it: it is no play that a page shows again, and stands
                      in the way of others' milliseconds only */
};

struct reconcile_input {
    bool sweep;                         /* asked without a cursor */
    const struct reconcile_item *items; /* newest first as sent, or in any order */
    size_t item_count;                  /* at most RECONCILE_MAX */
    size_t sent_count; /* items in the answer, those that were not understood included */
    const struct reconcile_stored *stored; /* ascending; at least those with played_at from an item
                                              on to RECONCILE_SLACK behind it */
    size_t stored_count;
    /* the following four are of plays that the API told */
    int64_t before; /* newest stored play strictly before the oldest item; RECONCILE_NO_TIME */
    int64_t newest; /* newest stored play of all; RECONCILE_NO_TIME: nothing stored yet */
    int64_t anchor; /* newest stored play up to which the record is joined; RECONCILE_NO_TIME */
    int64_t after_anchor; /* oldest stored play after the anchor; RECONCILE_NO_TIME */
    int64_t swept_at; /* when the first sweep of this user succeeded; RECONCILE_NO_TIME: never, so
                         that no gap can be seen */
    int64_t cursor;   /* reported moment of the newest API play; RECONCILE_NO_TIME */
    int64_t latest;   /* now: a play reported later than this does not move the cursor */
};

struct reconcile_new {
    size_t item; /* index into items */
    int64_t played_at;
    int64_t nudge;
    bool late; /* it came behind a newer one that was stored before */
};

struct reconcile_gap {
    int64_t after;  /* stored play (or first sweep) before it */
    int64_t before; /* play after it */
    bool likely;    /* else possible */
    bool batch;     /* a late batch may have been cut off: the cause is known */
};

struct reconcile_result {
    struct reconcile_new added[RECONCILE_MAX]; /* oldest first */
    size_t added_count, known_count, late_count,
        newer_count; /* newer: added ones newer than the cursor was */
    bool full;       /* see policy_page */
    bool witness;    /* the same */
    struct reconcile_gap gaps[3];
    size_t gap_count;
    int64_t cursor; /* the cursor after this page */
    int64_t anchor; /* the anchor after this page */
};

/* Decides. input is not changed; result is filled whole. */
void reconcile_page(const struct reconcile_input *input, struct reconcile_result *result);

/* -- what a gap came from -------------------------------------------------------------------- */

/* What the ledger knows of the time since the last success. */
struct reconcile_outage {
    int64_t down_ms;   /* no daemon was running */
    int64_t silent_ms; /* time since the last success, in all */
    int64_t needs_login, rate_limit, failing, full_database; /* polls that ended so */
};

/* The cause of a gap, in the ledger's words ("daemon_down", "needs_login", "rate_limit",
 * "database_full", "spotify_failing", "listened_faster"). Static. */
const char *reconcile_cause(const struct reconcile_outage *outage);

#endif
