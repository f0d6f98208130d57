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

/* The day at the same place one stretch before; what that month does not have is its end. */
static int64_t same_before(enum period_kind kind, int64_t day)
{
    struct zone_date date = zone_date_of(day);

    switch (kind) {
    case PERIOD_WEEK:
        return day - 7;
    case PERIOD_MONTH:
    case PERIOD_YEAR: {
        struct zone_date first = {date.year - (kind == PERIOD_YEAR),
                                  date.month - (kind == PERIOD_MONTH), 1};
        struct zone_date there = zone_date_of(zone_day_of(first));
        int days = zone_month_days(there.year, there.month);

        there.day = date.day < days ? date.day : days;
        return zone_day_of(there);
    }
    default:
        return day - 1;
    }
}

/* -- the moments ------------------------------------------------------------------------------- */

/* The moment at the same time of day as now, on the same day one stretch before. */
static int64_t moment_before(enum period_kind kind, const struct zone *zone, int64_t now)
{
    int64_t today = zone_day(zone, now, NULL);
    int64_t moment = now - zone_day_begins(zone, today);
    int64_t day = same_before(kind, today);
    int64_t end = zone_day_begins(zone, day + 1);

    moment += zone_day_begins(zone, day);
    return moment < end ? moment : end; /* that day had fewer hours */
}

static void set_before(struct period *period, const struct zone *zone, int64_t now)
{
    int64_t days = period->last_day - period->first_day + 1;
    int64_t first = period->kind == PERIOD_FREE ? period->first_day - days
                                                : begin_of(period->kind, period->first_day, 1);

    period->has_before = first >= 0;
    if (!period->has_before)
        return;
    period->before_since = zone_day_begins(zone, first);
    period->before_until = period->since;
    if (period->running && period->kind != PERIOD_FREE) {
        int64_t moment = moment_before(period->kind, zone, now);

        if (moment < period->before_until)
            period->before_until = moment;
    }
}

static void set_days(struct period *period, const struct zone *zone, int64_t now)
{
    period->since = zone_day_begins(zone, period->first_day);
    period->until = zone_day_begins(zone, period->last_day + 1);
    period->running = period->since <= now && now < period->until;
    set_before(period, zone, now);
}

/* -- reading ----------------------------------------------------------------------------------- */

static bool find_kind(const char *name, enum period_kind *kind)
{
    for (int i = 0; i < PERIOD_FREE; i++) {
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

static bool read(const char *name, const char *from, const char *to, struct period *period,
                 int64_t today)
{
    int64_t first = today, last = today;

    if ((from && !zone_date_parse(from, &first)) || (to && !zone_date_parse(to, &last)))
        return false;
    if (name) {
        if (!find_kind(name, &period->kind) || to)
            return false;
        period->first_day = begin_of(period->kind, first, 0);
        period->last_day = begin_of(period->kind, first, -1) - 1;
        return true;
    }
    if (!from && !to)
        return read("week", NULL, NULL, period, today);
    period->kind = PERIOD_FREE;
    period->first_day = from ? first : last;
    period->last_day = to ? last : first;
    return period->first_day <= period->last_day;
}

bool period_parse(const char *name, const char *from, const char *to, const struct zone *zone,
                  int64_t now, struct period *period)
{
    int64_t today = zone_day(zone, now, NULL);
    bool good;

    *period = (struct period){.kind = PERIOD_WEEK};
    good = read(given(name), given(from), given(to), period, today);
    if (!good)
        read("week", NULL, NULL, period, today);
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
    static const char *const running[PERIOD_KINDS] = {
        [PERIOD_DAY] = "Today",      [PERIOD_WEEK] = "This week", [PERIOD_MONTH] = "This month",
        [PERIOD_YEAR] = "This year", [PERIOD_ALL] = "All time",
    };

    (void)zone;
    (void)now;
    if (period->running && running[period->kind])
        snprintf(title, PERIOD_TITLE_SIZE, "%s", running[period->kind]);
    else
        title_of_days(period, title);
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
    long long days = (long long)(period->last_day - period->first_day + 1);

    title[0] = '\0';
    if (!period->has_before)
        return title;
    if (period->kind == PERIOD_FREE)
        snprintf(title, PERIOD_TITLE_SIZE, days == 1 ? "the day before" : "the %lld days before",
                 days);
    else
        snprintf(title, PERIOD_TITLE_SIZE, "%s",
                 period->running ? running[period->kind] : over[period->kind]);
    return title;
}
