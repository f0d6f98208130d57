/* SPDX-License-Identifier: MIT */
#include "web/period.h"

#include <stdio.h>
#include <string.h>

static const char *const names[PERIOD_KINDS] = {
    [PERIOD_DAY] = "day",   [PERIOD_WEEK] = "week", [PERIOD_MONTH] = "month",
    [PERIOD_YEAR] = "year", [PERIOD_ALL] = "all",   [PERIOD_FREE] = "free",
};

const char *period_name(enum period_kind kind)
{
    return names[kind];
}

/* -- the calendar ------------------------------------------------------------------------------ */

#define DAY_LAST INT64_C(2932896) /* 9999-12-31; the first is 1970-01-01, which is 0 */

static int64_t limit_day(int64_t day)
{
    return day < 0 ? 0 : day > DAY_LAST ? DAY_LAST : day;
}

/* The first day of the stretch that a day is in, or of one so many before it (less than zero:
 * after). */
static int64_t begin_of(enum period_kind kind, int64_t day, int back)
{
    struct zone_date date = zone_date_of(day);

    switch (kind) {
    case PERIOD_WEEK:
        return day - zone_weekday(day) - 7 * (int64_t)back;
    case PERIOD_MONTH:
        return zone_day_of((struct zone_date){date.year, date.month - back, 1});
    case PERIOD_YEAR:
        return zone_day_of((struct zone_date){date.year - back, 1, 1});
    default:
        return day - back;
    }
}

static int64_t count_days(const struct period *period)
{
    return period->last_day - period->first_day + 1;
}

/* The day at the same place one stretch before. What the month before does not have runs on into
 * its next, which is beyond its end. */
static int64_t same_before(const struct period *period, int64_t day)
{
    struct zone_date date = zone_date_of(day);

    switch (period->kind) {
    case PERIOD_MONTH:
        date.month--;
        return zone_day_of(date);
    case PERIOD_YEAR:
        date.year--;
        return zone_day_of(date);
    default:
        return day - (period->kind == PERIOD_WEEK ? 7 : count_days(period));
    }
}

/* -- the moments ------------------------------------------------------------------------------- */

/* The moment at which the clocks show the same as now, one stretch before. */
static int64_t moment_before(const struct period *period, const struct zone *zone, int64_t now)
{
    int32_t second;
    int64_t today = zone_day(zone, now, &second);
    int64_t part = (now % 1000 + 1000) % 1000; /* of the second */

    return zone_moment(zone, same_before(period, today), second) + part;
}

static void set_before(struct period *period, const struct zone *zone, int64_t now)
{
    int64_t first = period->kind == PERIOD_FREE ? period->first_day - count_days(period)
                                                : begin_of(period->kind, period->first_day, 1);

    period->has_before = first >= 0;
    if (!period->has_before)
        return;
    period->before_since = zone_day_begins(zone, first);
    period->before_until = period->since;
    if (period->running) {
        int64_t moment = moment_before(period, zone, now);

        if (moment < period->before_until)
            period->before_until = moment;
    }
}

static void set_days(struct period *period, const struct zone *zone, int64_t now)
{
    period->first_day = limit_day(period->first_day);
    period->last_day = limit_day(period->last_day);
    period->since = zone_day_begins(zone, period->first_day);
    period->until = zone_day_begins(zone, period->last_day + 1);
    period->running = period->since <= now && now < period->until;
    set_before(period, zone, now);
}

/* -- reading ----------------------------------------------------------------------------------- */

static bool find_kind(const char *name, enum period_kind *kind)
{
    for (int i = 0; i < PERIOD_KINDS; i++) {
        if (strcmp(names[i], name) == 0) {
            *kind = (enum period_kind)i;
            return true;
        }
    }
    return false;
}

/* "" is what a form sends of a field that nobody filled in. */
static const char *given(const char *text)
{
    return text && text[0] ? text : NULL;
}

/* The days of a period by its names, of the week that today is in if there are none. */
static bool read_days(const char *name, const char *from, const char *to, struct period *period,
                      int64_t today)
{
    int64_t first = today, last = today;

    if ((from && !zone_date_parse(from, &first)) || (to && !zone_date_parse(to, &last)))
        return false;
    period->kind = from || to ? PERIOD_FREE : PERIOD_WEEK;
    if (name && !find_kind(name, &period->kind))
        return false;
    if (period->kind == PERIOD_FREE) {
        period->first_day = from ? first : last;
        period->last_day = to ? last : first;
        return (from || to) && period->first_day <= period->last_day;
    }
    if (period->kind != PERIOD_ALL) {
        period->first_day = begin_of(period->kind, first, 0);
        period->last_day = begin_of(period->kind, first, -1) - 1;
    }
    return to == NULL && (from == NULL || period->kind != PERIOD_ALL);
}

bool period_parse(const char *name, const char *from, const char *to, const struct zone *zone,
                  int64_t now, struct period *period)
{
    int64_t today = limit_day(zone_day(zone, now, NULL));
    bool good;

    *period = (struct period){.kind = PERIOD_WEEK};
    good = read_days(given(name), given(from), given(to), period, today);
    if (!good)
        read_days(NULL, NULL, NULL, period, today);
    if (period->kind == PERIOD_ALL) {
        period->since = INT64_MIN;
        period->until = INT64_MAX;
        period->running = true;
    } else {
        set_days(period, zone, now);
    }
    return good;
}

/* -- titles ------------------------------------------------------------------------------------ */

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static void title_of_days(const struct period *period, char title[static PERIOD_TITLE_SIZE])
{
    struct zone_date date = zone_date_of(period->first_day);
    char first[ZONE_DATE_SIZE], last[ZONE_DATE_SIZE];

    zone_date_format(period->first_day, first);
    zone_date_format(period->last_day, last);
    if (period->kind == PERIOD_MONTH)
        snprintf(title, PERIOD_TITLE_SIZE, "%s %d", months[date.month - 1], (int)date.year);
    else if (period->kind == PERIOD_YEAR)
        snprintf(title, PERIOD_TITLE_SIZE, "%d", (int)date.year);
    else if (period->first_day == period->last_day)
        snprintf(title, PERIOD_TITLE_SIZE, "%s", first);
    else
        snprintf(title, PERIOD_TITLE_SIZE, "%s to %s", first, last);
}

const char *period_title(const struct period *period, const struct zone *zone, int64_t now,
                         char title[static PERIOD_TITLE_SIZE])
{
    static const char *const near[2][PERIOD_KINDS] = {
        {[PERIOD_DAY] = "Today", [PERIOD_WEEK] = "This week"},
        {[PERIOD_DAY] = "Yesterday", [PERIOD_WEEK] = "Last week"},
    };
    int64_t today = limit_day(zone_day(zone, now, NULL));

    title_of_days(period, title);
    if (period->kind == PERIOD_ALL)
        snprintf(title, PERIOD_TITLE_SIZE, "All time");
    for (int back = 0; back < 2; back++)
        if (near[back][period->kind] && period->first_day == begin_of(period->kind, today, back))
            snprintf(title, PERIOD_TITLE_SIZE, "%s", near[back][period->kind]);
    return title;
}

const char *period_before_title(const struct period *period, char title[static PERIOD_TITLE_SIZE])
{
    static const char *const running[PERIOD_KINDS] = {
        [PERIOD_DAY] = "yesterday up to this time",
        [PERIOD_WEEK] = "the same part of last week",
        [PERIOD_MONTH] = "the same part of last month",
        [PERIOD_YEAR] = "the same part of last year",
    };
    static const char *const over[PERIOD_KINDS] = {
        [PERIOD_DAY] = "the day before",
        [PERIOD_WEEK] = "the week before",
        [PERIOD_MONTH] = "the month before",
        [PERIOD_YEAR] = "the year before",
    };
    const char *known = period->running ? running[period->kind] : over[period->kind];
    const char *part = period->running ? "the same part of " : "";

    title[0] = '\0';
    if (!period->has_before)
        return title;
    if (known)
        snprintf(title, PERIOD_TITLE_SIZE, "%s", known);
    else if (count_days(period) == 1)
        snprintf(title, PERIOD_TITLE_SIZE, "%sthe day before", part);
    else
        snprintf(title, PERIOD_TITLE_SIZE, "%sthe %lld days before", part,
                 (long long)count_days(period));
    return title;
}
