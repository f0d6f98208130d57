/* SPDX-License-Identifier: MIT */
/*
 * base/zone: time zones by name, from the system's files (TZif, RFC 9636), without touching the
 * process's own TZ, so that two threads and many readers can each have theirs; and the calendar.
 *
 * Owns: what a zone file says: its changes and the rule for what comes after the last.
 * Never: reads a file outside of the folder of zones but for the process's own zone, guesses: what
 * cannot be read is NULL. Changes a zone once it is open: threads may share it.
 *
 * Days are counted from 1970-01-01, in the proleptic Gregorian calendar. Moments are ms since 1970
 * UTC.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_NAME_MAX 64 /* bytes of a name, with NUL */

struct zone;

/* The zone of that name ("Europe/Berlin") in the folder TZDIR, else /usr/share/zoneinfo, or the
 * process's own (TZ, else /etc/localtime, else UTC, as tzset(3) finds it) for NULL, which always
 * works but for memory. NULL: no such name, not readable, no memory. Names are letters, digits, and
 * "_+-/", without a '/' at an end or two in a row. Zones that count leap seconds ("right/...") are
 * not taken: our moments do not count them. */
struct zone *zone_open(const char *name);

/* A zone from the bytes of a zone file: TZif, versions 1 to 4 (RFC 9636). NULL: they are not one,
 * or no memory. */
struct zone *zone_of_file(const char *name, const void *data, size_t size);

/* A zone from a TZ string: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX, and RFC 9636 section 3.3.1). One
 * that tells no rule has that of the USA, as in the C library. NULL: it is none, or no memory. */
struct zone *zone_of_rule(const char *text);

void zone_free(struct zone *zone); /* NULL is fine */

/* "Europe/Berlin"; of the process's own zone its name if that can be told (from TZ, or the link
 * that /etc/localtime is), else "local time"; of a TZ string that string. */
const char *zone_name(const struct zone *zone);

/* True if zone_open() would find it. */
bool zone_exists(const char *name);

/* Seconds that local time is ahead of UTC at a moment. Fast: a day of plays asks once. */
int32_t zone_offset(const struct zone *zone, int64_t ms);

/* Abbreviation at a moment ("CET", "+0545"); valid as long as the zone. */
const char *zone_abbreviation(const struct zone *zone, int64_t ms);

/* The local day of a moment, and (unless second is NULL) the seconds since its nominal midnight,
 * 0 .. 86399. */
int64_t zone_day(const struct zone *zone, int64_t ms, int32_t *second);

/* The first moment of a local day: midnight, the first of two, or where clocks are set forward over
 * it the first moment there is, which may be one of a later day. It never falls as days grow. */
int64_t zone_day_begins(const struct zone *zone, int64_t day);

/* The first moment at which the clocks of a place show that day and second since midnight (0 ..
 * 86399), or more: of a time that comes twice the first, of one left out when clocks change. */
int64_t zone_moment(const struct zone *zone, int64_t day, int32_t second);

/* -- the calendar: pure ------------------------------------------------------------------------ */

struct zone_date {
    int32_t year;
    int32_t month; /* 1 .. 12 */
    int32_t day;   /* 1 .. 31 */
};

/* Months beyond 1 .. 12 and days beyond the month run on. */
int64_t zone_day_of(struct zone_date date);
struct zone_date zone_date_of(int64_t day);
int zone_weekday(int64_t day);                    /* Monday is 0 */
int zone_month_days(int32_t year, int32_t month); /* 28 .. 31; months beyond 1 .. 12 run on */

#define ZONE_DATE_SIZE 20
/* "2026-11-22". */
const char *zone_date_format(int64_t day, char text[static ZONE_DATE_SIZE]);
/* Reads "2026-11-22", years 1970 to 9999; false, *day untouched, for anything else and for days
 * that do not exist. */
bool zone_date_parse(const char *text, int64_t *day);

/* "2026-11-22 18:04" and "18:04" in local time. */
#define ZONE_TIME_SIZE 32
const char *zone_time_format(const struct zone *zone, int64_t ms, char text[static ZONE_TIME_SIZE]);
const char *zone_clock_format(const struct zone *zone, int64_t ms,
                              char text[static ZONE_TIME_SIZE]);

#endif
