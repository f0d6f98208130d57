/* SPDX-License-Identifier: MIT */
#include "capture/countdown.h"

#include <stddef.h>

#define LIFE_MONTHS 6
#define LIFE_LONGEST (184 * CLOCK_DAY) /* March to August, July to December */

struct date {
    int64_t year;
    int64_t month; /* 1 to 12 */
    int64_t day;   /* 1 to 31 */
};

/* Division that rounds down, for a positive divisor. */
static int64_t divide_down(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar. The year is taken to begin in March,
 * so that the leap day is its last: then the months before a given one have (153 * n + 2) / 5 days.
 */
static int64_t date_to_days(struct date date)
{
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t era = divide_down(year, 400);
    int64_t in_era = year - era * 400;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 +
           date.day - 1 - 719468;
}

/* The same the other way round. */
static struct date date_of_days(int64_t days)
{
    int64_t era = divide_down(days + 719468, 146097);
    int64_t day = days + 719468 - era * 146097;
    int64_t in_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t in_year = day - (in_era * 365 + in_era / 4 - in_era / 100);
    int64_t month = (5 * in_year + 2) / 153;
    struct date date = {.day = in_year - (153 * month + 2) / 5 + 1};

    date.month = month < 10 ? month + 3 : month - 9;
    date.year = era * 400 + in_era + (date.month <= 2 ? 1 : 0);
    return date;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    struct date first = {year, month, 1};
    struct date next = {month < 12 ? year : year + 1, month < 12 ? month + 1 : 1, 1};

    return date_to_days(next) - date_to_days(first);
}

int64_t countdown_end(int64_t authorized_at)
{
    int64_t days = divide_down(authorized_at, CLOCK_DAY);
    struct date date = date_of_days(days);
    int64_t longest;

    if (authorized_at == CLOCK_NO_TIME)
        return CLOCK_NO_TIME;
    if (authorized_at > INT64_MAX - LIFE_LONGEST)
        return INT64_MAX;
    date.month += LIFE_MONTHS;
    if (date.month > 12) {
        date.month -= 12;
        date.year++;
    }
    longest = days_in_month(date.year, date.month);
    if (date.day > longest)
        date.day = longest;
    return authorized_at + (date_to_days(date) - days) * CLOCK_DAY;
}

int32_t countdown_days_left(int64_t end, int64_t now)
{
    int64_t left;

    if (end == CLOCK_NO_TIME)
        return COUNTDOWN_UNKNOWN;
    if (__builtin_sub_overflow(end, now, &left))
        return end > now ? INT32_MAX : -INT32_MAX;
    left = left / CLOCK_DAY + (left % CLOCK_DAY > 0 ? 1 : 0);
    if (left > INT32_MAX)
        return INT32_MAX;
    return left < -INT32_MAX ? -INT32_MAX : (int32_t)left;
}

int countdown_step(int64_t end, int64_t now, int told)
{
    static const int steps[] = {1, 7, COUNTDOWN_ACT_DAYS};
    int32_t left = countdown_days_left(end, now);

    /* What is over is told by Spotify's refusal, and of no end there is nothing to tell. */
    if (left <= 0)
        return 0;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (left <= steps[i])
            return told == 0 || steps[i] < told ? steps[i] : 0;
    }
    return 0;
}
