/* SPDX-License-Identifier: MIT */
/* The calendar: days and dates. Pure. */
#include <stdio.h>
#include <string.h>

#include "base/zone_private.h"

/* The algorithms count in eras of 400 years that begin on 1 March, so that the leap day is a year's
 * last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
#define ERA_DAYS 146097
#define ERA_EPOCH 719468 /* days from 0000-03-01 to 1970-01-01 */

/* Beyond it a year does not fit into 32 bits. */
#define DAY_MOST INT64_C(784000000000)

/* The first of a month; months beyond 1 .. 12 run on. */
static int64_t month_begins(int64_t year, int64_t month)
{
    int64_t months = year * 12 + month - 1;
    int64_t in_year = months - zone_floor(months, 12) * 12; /* January is 0 */
    int64_t shifted = (in_year + 10) % 12;                  /* March is 0 */
    int64_t march_year = zone_floor(months, 12) - (in_year < 2);
    int64_t era = zone_floor(march_year, 400);
    int64_t of_era = march_year - era * 400;

    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + (153 * shifted + 2) / 5 -
           ERA_EPOCH;
}

int64_t zone_day_of(struct zone_date date)
{
    return month_begins(date.year, date.month) + date.day - 1;
}

struct zone_date zone_date_of(int64_t day)
{
    int64_t known = day > DAY_MOST ? DAY_MOST : day < -DAY_MOST ? -DAY_MOST : day;
    int64_t era = zone_floor(known + ERA_EPOCH, ERA_DAYS);
    int64_t of_era = known + ERA_EPOCH - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;

    return (struct zone_date){
        .year = (int32_t)(year + era * 400 + (shifted >= 10)),
        .month = (int32_t)(shifted < 10 ? shifted + 3 : shifted - 9),
        .day = (int32_t)(of_year - (153 * shifted + 2) / 5 + 1),
    };
}

int zone_weekday(int64_t day)
{
    return (int)((day % 7 + 10) % 7); /* 1970-01-01 was a Thursday */
}

int zone_month_days(int32_t year, int32_t month)
{
    static const signed char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t since_january = (int64_t)month - 1, years = zone_floor(since_january, 12);
    int64_t known = year + years, in_year = since_january - years * 12;
    bool leap = known % 4 == 0 && (known % 100 != 0 || known % 400 == 0);

    return lengths[in_year] + (in_year == 1 && leap);
}

const char *zone_date_format(int64_t day, char text[static ZONE_DATE_SIZE])
{
    struct zone_date date = zone_date_of(day);

    if (snprintf(text, ZONE_DATE_SIZE, "%04d-%02d-%02d", (int)date.year, (int)date.month,
                 (int)date.day) >= ZONE_DATE_SIZE)
        text[ZONE_DATE_SIZE - 1] = '\0';
    return text;
}

static bool read_digits(const char *text, int count, int32_t *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

bool zone_date_parse(const char *text, int64_t *day)
{
    struct zone_date date;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        !read_digits(text, 4, &date.year) || !read_digits(text + 5, 2, &date.month) ||
        !read_digits(text + 8, 2, &date.day))
        return false;
    if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > zone_month_days(date.year, date.month))
        return false;
    *day = zone_day_of(date);
    return true;
}
