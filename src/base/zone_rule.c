/* SPDX-License-Identifier: MIT */
/* The rule of a TZ string (POSIX.1-2024, 8.3 "TZ"; RFC 9636, 3.3.1): "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#include <string.h>

#include "base/zone_private.h"

/* What a string with a summer time and no rule means: POSIX leaves it open, and C libraries take
 * the one of the USA. */
#define USUAL_RULE ",M3.2.0,M11.1.0"

/* More seconds than 64 bits of ms have, and few enough for a year of 32 bits. */
#define SECOND_MOST (INT64_C(1) << 55)

struct scan {
    const char *at;
    size_t left;
};

static char peek(const struct scan *scan)
{
    if (scan->left == 0)
        return '\0';
    return scan->at[0];
}

static bool take(struct scan *scan, char wanted)
{
    if (scan->left == 0 || scan->at[0] != wanted)
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

bool zone_letter_fits(char letter)
{
    return is_letter(letter) || is_digit(letter) || letter == '+' || letter == '-';
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

    for (char c = peek(scan); is_letter(c) || (quoted && zone_letter_fits(c)); c = peek(scan)) {
        if (len == ZONE_ABBREVIATION_MAX - 1)
            return false;
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
    if (take(scan, ':')) {
        if (!take_number(scan, 0, 59, &minutes) ||
            (take(scan, ':') && !take_number(scan, 0, 59, &rest)))
            return false;
    }
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

/* Name and offset of summer time, and when it begins and ends. */
static bool take_summer(struct scan *scan, struct zone_rule *rule)
{
    struct scan usual = {USUAL_RULE, sizeof(USUAL_RULE) - 1};
    int32_t offset;

    rule->has_summer = true;
    rule->summer.offset = rule->standard.offset + 3600;
    if (!take_name(scan, rule->summer.abbreviation))
        return false;
    if (scan->left > 0 && peek(scan) != ',') {
        if (!take_time(scan, 24, &offset))
            return false;
        rule->summer.offset = -offset;
    }
    if (scan->left == 0)
        scan = &usual;
    return take_change(scan, &rule->begins) && take_change(scan, &rule->ends) && scan->left == 0;
}

bool zone_rule_parse(const char *text, size_t len, struct zone_rule *rule)
{
    struct scan scan = {text, len};
    int32_t offset;

    *rule = (struct zone_rule){.known = false};
    if (!take_name(&scan, rule->standard.abbreviation) || !take_time(&scan, 24, &offset))
        return false;
    rule->standard.offset = -offset; /* POSIX counts westwards */
    rule->known = scan.left == 0 || take_summer(&scan, rule);
    return rule->known;
}

/* -- what holds when --------------------------------------------------------------------------- */

static int64_t weekday_of_month(const struct zone_change *change, int32_t year)
{
    int64_t first = zone_day_of((struct zone_date){year, change->month, 1});
    int64_t end = first + zone_month_days(year, change->month);
    int weekday = (zone_weekday(first) + 1) % 7; /* Sunday is 0 here */
    int64_t day = first + (change->day - weekday + 7) % 7 + 7 * ((int64_t)change->week - 1);

    return day < end ? day : day - 7; /* the fifth is the last */
}

/* The moment of a change in a year; before it clocks were ahead of UTC by offset. */
static int64_t change_at(const struct zone_change *change, int32_t year, int32_t offset)
{
    int64_t day = zone_day_of((struct zone_date){year, 1, 1}) + change->day;

    if (change->form == 'M')
        day = weekday_of_month(change, year);
    else if (change->form == 'J')
        day += change->day > 59 && zone_month_days(year, 2) == 29 ? 0 : -1;
    return day * ZONE_DAY_SECONDS + change->second - offset;
}

struct look {
    int64_t at, last, until; /* of the changes seen: the last one that took place, the next */
    const struct zone_type *type;
};

static void look_at(struct look *look, int64_t change, const struct zone_type *type)
{
    if (change > look->at) {
        look->until = change < look->until ? change : look->until;
    } else if (change >= look->last) {
        look->last = change;
        look->type = type;
    }
}

/* The last change that took place tells. Of two at the same moment the later in the order of a year
 * and its summer counts: so summer time lasts all year if it ends when the next begins. Changes may
 * stand more than a week outside of their year. */
const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds, int64_t *until)
{
    int64_t known = seconds > SECOND_MOST    ? SECOND_MOST
                    : seconds < -SECOND_MOST ? -SECOND_MOST
                                             : seconds;
    int32_t year = zone_date_of(zone_floor(known, ZONE_DAY_SECONDS)).year;
    struct look look = {known, INT64_MIN, INT64_MAX, &rule->standard};

    for (int32_t i = year - 2; rule->has_summer && i <= year + 2; i++) {
        look_at(&look, change_at(&rule->begins, i, rule->standard.offset), &rule->summer);
        look_at(&look, change_at(&rule->ends, i, rule->summer.offset), &rule->standard);
    }
    *until = look.until;
    return look.type;
}
