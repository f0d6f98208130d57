/* SPDX-License-Identifier: MIT */
/*
 * base/clock: the only place that reads a clock. Everything that decides takes the time as a
 * parameter.
 *
 * wall: milliseconds since 1970-01-01 UTC; may jump. For what is stored and shown.
 * boot: milliseconds since boot, counting sleep (CLOCK_BOOTTIME); never jumps. For deadlines.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)
#define CLOCK_NO_TIME INT64_MIN /* a time that is not known, or not set */

/* Wall-clock time in ms since 1970 UTC. Never fails. */
int64_t clock_wall_ms(void);

/* Time since boot in ms, including time asleep. Never fails, never goes back. */
int64_t clock_boot_ms(void);

/* The same in microseconds, for measuring durations. */
int64_t clock_boot_us(void);

/* Microseconds of a clock that stands still while the machine sleeps, for how long work took. */
int64_t clock_awake_us(void);

#endif
