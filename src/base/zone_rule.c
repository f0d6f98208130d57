/* SPDX-License-Identifier: MIT */
/* The rule of a TZ string (POSIX.1-2024, 8.3 "TZ"; RFC 9636, 3.3.2): "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#include <string.h>

#include "base/zone_private.h"

#define DAY_SECONDS 86400

struct scan {
    const char *at;
    size_t left;
};

static char peek(const struct scan *scan)
{
    return scan->left > 0 ? scan->at[0] : '\0';
}

static bool take(struct scan *scan, char wanted)
{
    if (peek(scan) != wanted || scan->left == 0)
        return false;
    scan->at++;
    scan->left--;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_number(struct scan *scan, int32_t least, int32_t most, int32_t *number)
{
    if (!is_digit(peek(scan)))
        return false;
    *number = 0;
    while (is_digit(peek(scan))) {
        *number = *number * 10 + (peek(scan) - '0');
        if (*number > most)
            return false;
        take(scan, peek(scan));
    }
    return *number >= least;
}

/* Letters, or anything of letters, digits and signs in <>. At least three. */
static bool take_name(struct scan *scan, char name[static ZONE_ABBREVIATION_MAX])
{
    bool quoted = take(scan, '<');
    size_t len = 0;

    for (;;) {
        char c = peek(scan);

        if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-')))
            break;
        if (len < ZONE_ABBREVIATION_MAX - 1)
            name[len++] = c;
        take(scan, c);
    }
    name[len] = '\0';
    return len >= 3 && (!quoted || take(scan, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct scan *scan, int32_t hours_most, int32_t *seconds)
{
    int32_t hours, minutes = 0, rest = 0;
    bool negative = take(scan, '-');

    if (!negative)
        take(scan, '+');
    if (!take_number(scan, 0, hours_most, &hours))
        return false;
    if (take(scan, ':') && !take_number(scan, 0, 59, &minutes))
        return false;
    if (take(scan, ':') && !take_number(scan, 0, 59, &rest))
        return false;
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

static bool take_day(struct scan *scan, struct zone_change *change)
{
    if (take(scan, 'J')) {
        change->form = 'J';
        return take_number(scan, 1, 365, &change->day);
    }
    if (!take(scan, 'M')) {
        change->form = '0';
        return take_number(scan, 0, 365, &change->day);
    }
    change->form = 'M';
    return take_number(scan, 1, 12, &change->month) && take(scan, '.') &&
           take_number(scan, 1, 5, &change->week) && take(scan, '.') &&
           take_number(scan, 0, 6, &change->day);
}

static bool take_change(struct scan *scan, struct zone_change *change)
{
    change->second = 2 * 3600;
    return take(scan, ',') && take_day(scan, change) &&
           (!take(scan, '/') || take_time(scan, 167, &change->second));
}

bool zone_rule_parse(const char *text, size_t len, struct zone_rule *rule)
{
    struct scan scan = {text, len};
    int32_t offset;

    *rule = (struct zone_rule){0};
    if (!take_name(&scan, rule->standard.abbreviation) || !take_time(&scan, 24, &offset))
        return false;
    rule->standard.offset = -offset; /* POSIX counts westwards */
    if (scan.left > 0) {
        rule->has_summer = true;
        rule->summer.offset = rule->standard.offset + 3600;
        if (!take_name(&scan, rule->summer.abbreviation))
            return false;
        if (peek(&scan) != ',' && scan.left > 0) {
            if (!take_time(&scan, 24, &offset))
                return false;
            rule->summer.offset = -offset;
        }
        if (!take_change(&scan, &rule->begins) || !take_change(&scan, &rule->ends))
            return false;
    }
    rule->known = scan.left == 0;
    return rule->known;
}

/* -- what holds when --------------------------------------------------------------------------- */

static bool is_leap(int32_t year)
{
    return zone_month_days(year, 2) == 29;
}

/* The day of a change in a year. */
static int64_t change_day(const struct zone_change *change, int32_t year)
{
    int64_t first = zone_day_of((struct zone_date){year, 1, 1});
    int64_t day;
    int weekday;

    if (change->form == 'J')
        return first + change->day - 1 + (is_leap(year) && change->day > 59);
    if (change->form == '0')
        return first + change->day;
    first = zone_day_of((struct zone_date){year, change->month, 1});
    weekday = (zone_weekday(first) + 1) % 7; /* Sunday is 0 here */
    day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    /* The fifth is the last. */
    while (day >= first + zone_month_days(year, change->month))
        day -= 7;
    return day;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds)
{
    int32_t year;
    int64_t begins, ends;

    if (!rule->has_summer)
        return &rule->standard;
    year = zone_date_of(floor_div(seconds + rule->standard.offset, DAY_SECONDS)).year;
    begins =
        change_day(&rule->begins, year) * DAY_SECONDS + rule->begins.second - rule->standard.offset;
    ends = change_day(&rule->ends, year) * DAY_SECONDS + rule->ends.second - rule->summer.offset;
    if (begins < ends)
        return seconds >= begins && seconds < ends ? &rule->summer : &rule->standard;
    /* In the south summer goes over the end of the year. */
    return seconds >= ends && seconds < begins ? &rule->standard : &rule->summer;
}
