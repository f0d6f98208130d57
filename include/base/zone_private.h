/* SPDX-License-Identifier: MIT */
/* base/zone_private: what a zone is made of: zone_file.c reads it, zone_rule.c knows what comes
 * after the last change, zone.c asks both. */
#ifndef BASE_ZONE_PRIVATE_H
#define BASE_ZONE_PRIVATE_H

#include "base/zone.h"

#define ZONE_ABBREVIATION_MAX 16 /* bytes, with NUL; longer ones are cut */
#define ZONE_FILE_MAX 65536      /* bytes; the largest of the system's has some 4,000 */

/* Local time of one kind. */
struct zone_type {
    int32_t offset; /* seconds ahead of UTC */
    char abbreviation[ZONE_ABBREVIATION_MAX];
};

/* When clocks change, each year (POSIX, "TZ"; RFC 9636 section 3.3.2 for hours beyond a day). */
struct zone_change {
    char form;           /* 'J': day 1 .. 365 without 29 February; '0': day 0 .. 365; 'M' */
    int32_t day;         /* of 'J' and '0'; of 'M' the weekday, Sunday is 0 */
    int32_t week, month; /* of 'M' */
    int32_t second;      /* of local time that day, may be negative or beyond it */
};

struct zone_rule {
    bool known;
    bool has_summer;
    struct zone_type standard, summer;
    struct zone_change begins, ends; /* of summer time */
};

/* Reads a TZ string of that length; false if it is none. */
bool zone_rule_parse(const char *text, size_t len, struct zone_rule *rule);

/* What holds at a moment (seconds since 1970). */
const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds);

struct zone {
    char name[ZONE_NAME_MAX];
    size_t count; /* of changes */
    int64_t *at;  /* seconds since 1970, ascending */
    uint8_t *to;  /* what begins there */
    size_t type_count;
    struct zone_type *types;
    struct zone_rule rule; /* behind the last change */
};

/* Reads the bytes of a TZif file (RFC 9636) into a zone; false if they are none, or without memory.
 * What was allocated is in the zone in any case. */
bool zone_file_parse(const uint8_t *data, size_t size, struct zone *zone);

#endif
