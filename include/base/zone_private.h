/* SPDX-License-Identifier: MIT */
/*
 * base/zone inside: zone_file.c reads files, zone_rule.c TZ strings, zone.c finds them and asks
 * them, zone_date.c is the calendar.
 */
#ifndef BASE_ZONE_PRIVATE_H
#define BASE_ZONE_PRIVATE_H

#include "base/zone.h"

#define ZONE_ABBREVIATION_MAX 16 /* bytes, with NUL; what has longer ones is refused */
#define ZONE_FILE_MAX 65536      /* bytes; the largest of the system's has some 4,000 */
#define ZONE_DAY_SECONDS 86400

/* Further from UTC no place may be (RFC 9636, section 3.2, "utoff"). */
#define ZONE_OFFSET_LEAST (-25 * 3600 + 1)
#define ZONE_OFFSET_MOST (26 * 3600 - 1)

/* Local time of one kind. */
struct zone_type {
    int32_t offset; /* seconds ahead of UTC */
    char abbreviation[ZONE_ABBREVIATION_MAX];
};

/* When clocks change, each year (POSIX, "TZ"; RFC 9636 section 3.3.1 for hours beyond a day). */
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

/* What holds at a moment (seconds since 1970), and until when: the next moment at which clocks may
 * change, INT64_MAX: never. */
const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds, int64_t *until);

struct zone {
    char name[ZONE_NAME_MAX];
    size_t count; /* of changes */
    int64_t *at;  /* seconds since 1970, ascending */
    uint16_t *to; /* what begins there: an index of types */
    size_t type_count;
    struct zone_type *types;
    bool has_before; /* before the first change types[0] holds; false: the rule */
    int64_t
        rule_from; /* from here on the rule holds, whatever the last change is; INT64_MAX: never */
    struct zone_rule rule;
};

/* Reads the bytes of a TZif file (RFC 9636) into a zone; false if they are none, or without memory.
 * What was allocated is in the zone in any case. */
bool zone_file_parse(const uint8_t *data, size_t size, struct zone *zone);

/* Letters, digits, '+' and '-': RFC 9636 section 3.2 wants no others in an abbreviation. */
bool zone_letter_fits(char letter);

/* The quotient rounded down, and not towards zero. */
static inline int64_t zone_floor(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

#endif
