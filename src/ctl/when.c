/* SPDX-License-Identifier: MIT */
#include "ctl/when.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/zone.h"

/* "2026", "2026-11" or "2026-11-22": what is missing is the first. */
static bool read_date(const char *text, struct zone_date *date)
{
    char full[] = "0000-01-01";
    size_t len = strlen(text);
    int64_t day;

    if (len != 4 && len != 7 && len != 10)
        return false;
    memcpy(full, text, len);
    if (!zone_date_parse(full, &day))
        return false;
    *date = zone_date_of(day);
    return true;
}

/* The first moment of a local day. It is not midnight everywhere: where clocks are set forward at
 * midnight, mktime() answers the first hour there is. False for a day that was left out. */
static bool day_begins(struct zone_date date, int64_t *ms)
{
    struct tm time = {
        .tm_year = date.year - 1900, .tm_mon = date.month - 1, .tm_mday = date.day, .tm_isdst = -1};
    time_t seconds = mktime(&time);

    if ((seconds == (time_t)-1 && date.year != 1970) || time.tm_mday != date.day)
        return false;
    *ms = (int64_t)seconds * 1000;
    return true;
}

/* -- the calendar ------------------------------------------------------------------------------ */

/* mktime() puts a month 13 or a day 0 where they belong. */
static int64_t moment_of(struct tm time)
{
    time.tm_isdst = -1;
    return (int64_t)mktime(&time) * 1000;
}

static struct tm local_parts(int64_t now)
{
    time_t seconds = (time_t)(now / 1000);
    struct tm parts = {.tm_year = 70, .tm_mday = 1};

    (void)localtime_r(&seconds, &parts);
    return parts;
}

int64_t when_begins(enum when_unit unit, int back, int64_t now)
{
    struct tm parts = local_parts(now);

    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    switch (unit) {
    case WHEN_WEEK:
        parts.tm_mday -= (parts.tm_wday + 6) % 7 + 7 * back;
        break;
    case WHEN_MONTH:
        parts.tm_mday = 1;
        parts.tm_mon -= back;
        break;
    case WHEN_YEAR:
        parts.tm_mday = 1;
        parts.tm_mon = 0;
        parts.tm_year -= back;
        break;
    default:
        parts.tm_mday -= back;
    }
    return moment_of(parts);
}

int64_t when_same_before(enum when_unit unit, int64_t now)
{
    struct tm parts = local_parts(now);
    int64_t end = when_begins(unit, 0, now), moment;

    switch (unit) {
    case WHEN_WEEK:
        parts.tm_mday -= 7;
        break;
    case WHEN_MONTH:
        parts.tm_mon--;
        break;
    case WHEN_YEAR:
        parts.tm_year--;
        break;
    default:
        parts.tm_mday--;
    }
    moment = moment_of(parts) + now % 1000;
    return moment < end ? moment : end;
}

/* -- names ------------------------------------------------------------------------------------- */

struct name {
    const char *text;
    enum when_unit unit;
    int back;
};

static const struct name names[] = {
    {"today", WHEN_DAY, 0},      {"yesterday", WHEN_DAY, 1},    {"this-week", WHEN_WEEK, 0},
    {"last-week", WHEN_WEEK, 1}, {"this-month", WHEN_MONTH, 0}, {"last-month", WHEN_MONTH, 1},
    {"this-year", WHEN_YEAR, 0}, {"last-year", WHEN_YEAR, 1},
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

const char *when_name_at(size_t index)
{
    return index < NAME_COUNT ? names[index].text : NULL;
}

static const struct name *find_name(const char *text)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (strcmp(names[i].text, text) == 0)
            return &names[i];
    return NULL;
}

bool when_name_ends(const char *text, int64_t now, int64_t *ms)
{
    const struct name *name = find_name(text);

    if (name)
        *ms = when_begins(name->unit, name->back - 1, now);
    return name != NULL;
}

bool when_parse(const char *text, int64_t now, int64_t *ms)
{
    struct zone_date date;
    const struct name *name = find_name(text);
    int64_t duration;

    if (name) {
        *ms = when_begins(name->unit, name->back, now);
        return true;
    }
    if (read_date(text, &date))
        return day_begins(date, ms);
    if (text_time_parse(text, strlen(text), ms))
        return true;
    if (!text_duration_parse(text, &duration))
        return false;
    *ms = now - duration;
    return true;
}
