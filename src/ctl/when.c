/* SPDX-License-Identifier: MIT */
#include "ctl/when.h"

#include <string.h>
#include <time.h>

#include "base/text.h"

/* Reads so many digits. */
static bool read_digits(const char *text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

/* "2026", "2026-11" or "2026-11-22". */
static bool read_date(const char *text, int *year, int *month, int *day)
{
    size_t len = strlen(text);

    *month = *day = 1;
    if ((len != 4 && len != 7 && len != 10) || !read_digits(text, 4, year))
        return false;
    if (len >= 7 && (text[4] != '-' || !read_digits(text + 5, 2, month)))
        return false;
    return len < 10 || (text[7] == '-' && read_digits(text + 8, 2, day));
}

/* The first moment of a local day; false if there is no such day. It is not midnight everywhere:
 * where clocks are set forward at midnight, mktime() answers the first hour there is. */
static bool day_begins(int year, int month, int day, int64_t *ms)
{
    struct tm time = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};
    time_t seconds;

    if (year < 1970 || month < 1 || month > 12 || day < 1)
        return false;
    seconds = mktime(&time);
    if (seconds == (time_t)-1 && year != 1970)
        return false;
    if (time.tm_mon != month - 1 || time.tm_mday != day)
        return false;
    *ms = (int64_t)seconds * 1000;
    return true;
}

bool when_parse(const char *text, int64_t now, int64_t *ms)
{
    int year, month, day;
    int64_t duration;

    if (read_date(text, &year, &month, &day))
        return day_begins(year, month, day, ms);
    if (text_time_parse(text, strlen(text), ms))
        return true;
    if (!text_duration_parse(text, &duration))
        return false;
    *ms = now - duration;
    return true;
}
