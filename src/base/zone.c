/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone_private.h"

#define DAY_SECONDS 86400
#define FOLDER "/usr/share/zoneinfo"
#define OWN_FILE "/etc/localtime"

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* -- opening ----------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);

    return len > 0 && len < ZONE_NAME_MAX && strspn(name, fine) == len && name[0] != '/' &&
           name[len - 1] != '/' && !strstr(name, "//");
}

/* The content of a regular file into a malloc'ed buffer; NULL if it cannot be had. */
static uint8_t *read_file(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint8_t *data = NULL;
    struct stat stat;
    ssize_t got = 0;

    *size = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size <= ZONE_FILE_MAX)
        data = malloc((size_t)stat.st_size + 1);
    if (data)
        got = read(fd, data, (size_t)stat.st_size);
    close(fd);
    if (data && got > 0)
        *size = (size_t)got;
    return data;
}

static struct zone *open_file(const char *path, const char *name)
{
    struct zone *zone = NULL;
    size_t size;
    uint8_t *data = read_file(path, &size);

    if (data)
        zone = calloc(1, sizeof(*zone));
    if (zone) {
        snprintf(zone->name, sizeof(zone->name), "%s", name);
        if (!zone_file_parse(data, size, zone)) {
            zone_free(zone);
            zone = NULL;
        }
    }
    free(data);
    return zone;
}

static struct zone *open_name(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[512];

    if (!is_name(name))
        return NULL;
    if (snprintf(path, sizeof(path), "%s/%s", folder && folder[0] ? folder : FOLDER, name) >=
        (int)sizeof(path))
        return NULL;
    return open_file(path, name);
}

static struct zone *open_rule(const char *text)
{
    struct zone *zone = calloc(1, sizeof(*zone));

    if (!zone)
        return NULL;
    snprintf(zone->name, sizeof(zone->name), "local time");
    if (!zone_rule_parse(text, strlen(text), &zone->rule)) {
        zone_free(zone);
        return NULL;
    }
    return zone;
}

/* What /etc/localtime is a link to, behind ".../zoneinfo/". */
static void own_name(char name[static ZONE_NAME_MAX])
{
    static const char mark[] = "/zoneinfo/";
    char target[256];
    ssize_t len = readlink(OWN_FILE, target, sizeof(target) - 1);
    const char *found;

    snprintf(name, ZONE_NAME_MAX, "local time");
    if (len <= 0)
        return;
    target[len] = '\0';
    found = strstr(target, mark);
    if (found && is_name(found + sizeof(mark) - 1))
        snprintf(name, ZONE_NAME_MAX, "%.*s", ZONE_NAME_MAX - 1, found + sizeof(mark) - 1);
}

/* As the C library finds it (tzset(3)): TZ, else the system's; what is no zone is UTC. */
static struct zone *open_own(void)
{
    const char *tz = getenv("TZ");
    char name[ZONE_NAME_MAX];
    struct zone *zone;

    if (!tz) {
        own_name(name);
        zone = open_file(OWN_FILE, name);
    } else {
        tz += tz[0] == ':';
        zone = tz[0] == '/' ? open_file(tz, "local time") : open_name(tz);
        if (!zone)
            zone = open_rule(tz);
    }
    if (!zone) {
        zone = open_rule("UTC0");
        if (zone)
            snprintf(zone->name, sizeof(zone->name), "UTC");
    }
    return zone;
}

struct zone *zone_open(const char *name)
{
    return name ? open_name(name) : open_own();
}

void zone_free(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->at);
    free(zone->to);
    free(zone->types);
    free(zone);
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

bool zone_exists(const char *name)
{
    struct zone *zone = open_name(name);

    zone_free(zone);
    return zone != NULL;
}

/* -- local time -------------------------------------------------------------------------------- */

static const struct zone_type *type_at(const struct zone *zone, int64_t seconds)
{
    size_t low = 0, high = zone->count; /* the last change not after it is before high */

    if (zone->count == 0 || seconds >= zone->at[zone->count - 1]) {
        if (zone->rule.known)
            return zone_rule_at(&zone->rule, seconds);
        return zone->count > 0 ? &zone->types[zone->to[zone->count - 1]] : &zone->types[0];
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &zone->types[zone->to[low - 1]] : &zone->types[0];
}

int32_t zone_offset(const struct zone *zone, int64_t ms)
{
    return type_at(zone, floor_div(ms, 1000))->offset;
}

const char *zone_abbreviation(const struct zone *zone, int64_t ms)
{
    return type_at(zone, floor_div(ms, 1000))->abbreviation;
}

int64_t zone_day(const struct zone *zone, int64_t ms, int32_t *second)
{
    int64_t local = floor_div(ms, 1000) + zone_offset(zone, ms);
    int64_t day = floor_div(local, DAY_SECONDS);

    if (second)
        *second = (int32_t)(local - day * DAY_SECONDS);
    return day;
}

int64_t zone_day_begins(const struct zone *zone, int64_t day)
{
    /* No zone is further from UTC than 26 hours: the first moment of a day is within three days. */
    int64_t low = (day - 2) * DAY_SECONDS, high = (day + 2) * DAY_SECONDS;
    int64_t guess = day * DAY_SECONDS - type_at(zone, day * DAY_SECONDS)->offset;

    /* Nearly always the offset of midnight is that of its own guess, and of the second before. */
    if (zone_day(zone, guess * 1000, NULL) >= day && zone_day(zone, (guess - 1) * 1000, NULL) < day)
        return guess * 1000;
    /* Days only ever grow with time but where clocks are set back over midnight; there the first
     * moment counts of those that can be found by halving. */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (zone_day(zone, middle * 1000, NULL) >= day)
            high = middle;
        else
            low = middle + 1;
    }
    return low * 1000;
}

/* -- the calendar ------------------------------------------------------------------------------ */

/* The algorithms count in eras of 400 years that begin on 1 March, so that the leap day is a year's
 * last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
#define ERA_DAYS 146097
#define ERA_EPOCH 719468 /* days from 0000-03-01 to 1970-01-01 */

int64_t zone_day_of(struct zone_date date)
{
    int64_t month = (int64_t)date.year * 12 + date.month - 1;
    int64_t year = floor_div(month, 12);
    int64_t in_year = month - year * 12;   /* January is 0 */
    int64_t shifted = (in_year + 10) % 12; /* March is 0 */
    int64_t era, of_era;

    year -= in_year < 2;
    era = floor_div(year, 400);
    of_era = year - era * 400;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + (153 * shifted + 2) / 5 +
           date.day - 1 - ERA_EPOCH;
}

struct zone_date zone_date_of(int64_t day)
{
    int64_t since = day + ERA_EPOCH;
    int64_t era = floor_div(since, ERA_DAYS);
    int64_t of_era = since - era * ERA_DAYS;
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
    int64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int zone_month_days(int32_t year, int32_t month)
{
    return (int)(zone_day_of((struct zone_date){year, month + 1, 1}) -
                 zone_day_of((struct zone_date){year, month, 1}));
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

const char *zone_clock_format(const struct zone *zone, int64_t ms, char text[static ZONE_TIME_SIZE])
{
    int32_t second;

    zone_day(zone, ms, &second);
    snprintf(text, ZONE_TIME_SIZE, "%02d:%02d", second / 3600, second / 60 % 60);
    return text;
}

const char *zone_time_format(const struct zone *zone, int64_t ms, char text[static ZONE_TIME_SIZE])
{
    char day[ZONE_DATE_SIZE], clock[ZONE_TIME_SIZE];

    zone_date_format(zone_day(zone, ms, NULL), day);
    snprintf(text, ZONE_TIME_SIZE, "%.15s %.5s", day, zone_clock_format(zone, ms, clock));
    return text;
}
