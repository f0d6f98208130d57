/* SPDX-License-Identifier: MIT */
/*
 * web/period: the stretch of time that a page is about, as its address says it: a day, week, month,
 * year, all, or from one day to another; and the one before, to compare with. Pure but for the
 * zone.
 */
#ifndef WEB_PERIOD_H
#define WEB_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

enum period_kind {
    PERIOD_DAY,   /* today */
    PERIOD_WEEK,  /* since Monday */
    PERIOD_MONTH, /* since the first */
    PERIOD_YEAR,  /* since 1 January */
    PERIOD_ALL,
    PERIOD_FREE, /* from one day to another, both included */
    PERIOD_KINDS
};

/* Moments in ms, since <= moment < until; INT64_MIN and INT64_MAX: no bound (PERIOD_ALL). */
struct period {
    enum period_kind kind;
    int64_t since, until;
    /* As base/zone counts them, 1970-01-01 .. 9999-12-31: a week may lack days. Of PERIOD_ALL not
     * set. */
    int64_t first_day, last_day;
    /* The same stretch before: the week, month or year before, so many days before for a free one.
     * If this one is not over, up to the same day and time of it; what the month before does not
     * have is its end (as when_same_before() has it). has_before is false for PERIOD_ALL, and where
     * it would begin before 1970. */
    bool has_before;
    int64_t before_since, before_until;
    bool running; /* now is within it */
};

/* name: "day", "week", "month", "year", "all" (NULL: "week"), or from and to are days
 * ("2026-01-01", "2026-03-31"; one of them NULL: it is that day; name NULL or "free"). A day, week,
 * month or year with from is the one that day lies in. "", as forms send it, is NULL. False: makes
 * no sense (then *period is the week). */
bool period_parse(const char *name, const char *from, const char *to, const struct zone *zone,
                  int64_t now, struct period *period);

const char *period_name(enum period_kind kind); /* "week" */

/* "Today", "Yesterday", "2026-11-20", "This week", "Last week", "November 2026", "2026", "All
 * time", "2026-01-01 to 2026-03-31". */
#define PERIOD_TITLE_SIZE 64
const char *period_title(const struct period *period, const struct zone *zone, int64_t now,
                         char title[static PERIOD_TITLE_SIZE]);
/* "the same part of last week", "the 90 days before"; "" without one before. Reads on after
 * "compared with". */
const char *period_before_title(const struct period *period, char title[static PERIOD_TITLE_SIZE]);

#endif
