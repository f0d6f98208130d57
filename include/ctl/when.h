/* SPDX-License-Identifier: MIT */
/* ctl/when: moments as a person writes them: --since and --until. */
#ifndef CTL_WHEN_H
#define CTL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* What it takes, for messages. */
#define WHEN_FORMS "2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, or 7d (ago; also m, h)"

/* Reads a moment: the beginning of a year, month or day in the local time zone (TZ), a time stamp
 * (RFC 3339), or a duration before now. Stores ms since 1970 UTC. False, *ms untouched, for
 * anything else, or a day that no month has. */
bool when_parse(const char *text, int64_t now, int64_t *ms);

#endif
