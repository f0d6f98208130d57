/* SPDX-License-Identifier: MIT */
/* ctl/when: moments as a person writes them: --since and --until. */
#ifndef CTL_WHEN_H
#define CTL_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What it takes, for messages. */
#define WHEN_FORMS                                                                  \
    "2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, 7d (ago; also m, h), today, " \
    "yesterday, or this- or last- and week, month or year"

/* Reads a moment: the beginning of a year, month or day in the local time zone (TZ), a time stamp
 * (RFC 3339), a duration before now, or the beginning of what a name stands for. Stores ms since
 * 1970 UTC. False, *ms untouched, for anything else, or a day that no month has. */
bool when_parse(const char *text, int64_t now, int64_t *ms);

/* Where what a name stands for ends ("today", "last-month"); false, *ms untouched, if it is none.
 */
bool when_name_ends(const char *text, int64_t now, int64_t *ms);

/* The names, NULL past the end. */
const char *when_name_at(size_t index);

/* Stretches of the calendar. A week begins on Monday. */
enum when_unit { WHEN_DAY, WHEN_WEEK, WHEN_MONTH, WHEN_YEAR };

/* The first moment of the one that now is in, or of one so many before it (less than zero: after).
 */
int64_t when_begins(enum when_unit unit, int back, int64_t now);

/* The same place in the one before: yesterday at this time of day, the same day of last month. What
 * that month does not have is its end. */
int64_t when_same_before(enum when_unit unit, int64_t now);

#endif
