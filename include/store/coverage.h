/* SPDX-License-Identifier: MIT */
/*
 * store/coverage: how complete each day of a user's record is, as the view coverage_by_day has it,
 * but for the days of any time zone.
 */
#ifndef STORE_COVERAGE_H
#define STORE_COVERAGE_H

#include "base/zone.h"
#include "store/users.h"

enum store_coverage {
    STORE_COVERAGE_BEFORE,      /* before the record began (an import may tell of it) */
    STORE_COVERAGE_COMPLETE,    /* every page overlapped with the one before */
    STORE_COVERAGE_POSSIBLE,    /* something may be missing */
    STORE_COVERAGE_LOST,        /* plays are missing, and no import has brought them */
    STORE_COVERAGE_NOT_RUNNING, /* nobody was there to ask, and what was shown later is not known */
    STORE_COVERAGE_STATES
};

struct store_covered_day {
    int64_t day; /* as base/zone counts them */
    enum store_coverage state;
    int64_t gap_id; /* the gap that makes it so, the worst; 0: none */
};

struct store_covered {
    struct store_covered_day *days; /* from the first play or the first sweep to today, each day */
    size_t count;
    int64_t of[STORE_COVERAGE_STATES]; /* how many days of each */
    int64_t began_at;                  /* the first sweep; STORE_NO_TIME: none yet */
    int64_t known_until;               /* the last success; STORE_NO_TIME */
};

/* Of one user, up to the day of now. Inside of a transaction. Free it with store_covered_free() in
 * any case. STORE_NOT_FOUND: no such user. */
enum store_result store_covered_read(struct store *store, int64_t user_id, const struct zone *zone,
                                     int64_t now, struct store_covered *covered);
void store_covered_free(struct store_covered *covered);

const char *store_coverage_name(enum store_coverage state); /* "complete", "not_running" ... */

#endif
