/* SPDX-License-Identifier: MIT */
/*
 * web/health: whether the recorder does its work, for a watchdog: what a new start or a look into
 * the log may mend makes it failing; what waits for a person, or for Spotify, is a warning.
 */
#ifndef WEB_HEALTH_H
#define WEB_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "capture/measures.h"

#define HEALTH_OVERDUE_MS INT64_C(300000) /* how late the recorder may be for a poll */

/* True if nothing fails. now: wall ms. */
bool health_is_good(const struct measures *measures, int64_t now);

/* Appends {"status": "ok" or "failing", "reasons": [...], "warnings": [...]}, short words as in
 * doc/metrics.md. */
void health_write(struct buf *buf, const struct measures *measures, int64_t now);

#endif
