/* SPDX-License-Identifier: MIT */
/*
 * capture/countdown: when a sign-in ends, and when to say so. Pure.
 *
 * A refresh token dies six months after the person authorized, however often it is used
 * (developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens).
 */
#ifndef CAPTURE_COUNTDOWN_H
#define CAPTURE_COUNTDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define COUNTDOWN_UNKNOWN INT32_MIN /* days left when nobody knows when the person signed in */
#define COUNTDOWN_ACT_DAYS 30       /* from here on a person must act */

/* End (wall ms) of a sign-in made at authorized_at: six calendar months later in UTC, the last day
 * of the month where there is no such day. CLOCK_NO_TIME for CLOCK_NO_TIME. */
int64_t countdown_end(int64_t authorized_at);

/* Whole days from now to end, rounded up; 0 or less: it is over. COUNTDOWN_UNKNOWN for
 * CLOCK_NO_TIME. */
int32_t countdown_days_left(int64_t end, int64_t now);

/* The step that is to be said now: 30, 7 or 1 (days), 0: none. told: the last step said for this
 * sign-in, 0: none. Each step is said once, steps that were slept through are skipped. */
int countdown_step(int64_t end, int64_t now, int told);

#endif
