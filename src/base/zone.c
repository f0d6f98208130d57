/* SPDX-License-Identifier: MIT */
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone_private.h"

#define FOLDER "/usr/share/zoneinfo"
#define OWN_FILE "/etc/localtime"
#define NO_NAME "local time"

/* -- making one -------------------------------------------------------------------------------- */

/* The years whose changes are looked up instead of worked out: what a file says ends long ago where
 * the rule has not changed since. */
#define SPREAD_FIRST INT64_C(0)         /* 1970 */
#define SPREAD_LAST INT64_C(4102444800) /* 2100 */
#define SPREAD_CHANGES 400

/* Writes the changes of the rule behind those of the file. */
static bool spread_rule(struct zone *zone)
{
    int64_t at = zone->count > 0 ? zone->at[zone->count - 1] : SPREAD_FIRST;
    size_t count = zone->count > 0 ? zone->count - 1 : 0, most = count + SPREAD_CHANGES;
    int64_t *all_at = realloc(zone->at, most * sizeof(*all_at));
    uint16_t *all_to;

    if (!all_at)
        return false;
    zone->at = all_at;
    all_to = realloc(zone->to, most * sizeof(*all_to));
    if (!all_to)
        return false;
    zone->to = all_to;
    while (at < SPREAD_LAST && count < most) {
        const struct zone_type *type = zone_rule_at(&zone->rule, at, &zone->rule_from);

        zone->at[count] = at;
        zone->to[count++] = (uint16_t)(zone->type_count - (type == &zone->rule.summer ? 1 : 2));
        at = zone->rule_from;
    }
    if (count > zone->count)
        zone->count = count;
    return true;
}

/* Behind the types of the file come the two of the rule. */
static bool add_types(struct zone *zone)
{
    struct zone_type *types =
        realloc(zone->types, (zone->type_count + 2) * sizeof(struct zone_type));

    if (!types)
        return false;
    zone->types = types;
    types[zone->type_count++] = zone->rule.standard;
    types[zone->type_count++] = zone->rule.summer;
    return true;
}

/* What was read is made ready for questions. */
static bool finish(struct zone *zone)
{
    zone->has_before = zone->count > 0 || !zone->rule.known;
    zone->rule_from = INT64_MAX;
    if (!zone->rule.known)
        return true;
    zone->rule_from = zone->count > 0 ? zone->at[zone->count - 1] : INT64_MIN;
    return !zone->rule.has_summer || (add_types(zone) && spread_rule(zone));
}

static struct zone *make(const char *name)
{
    struct zone *zone = calloc(1, sizeof(*zone));

    if (zone)
        snprintf(zone->name, sizeof(zone->name), "%s", name);
    return zone;
}

struct zone *zone_of_file(const char *name, const void *data, size_t size)
{
    struct zone *zone = make(name);

    if (zone && zone_file_parse(data, size, zone) && finish(zone))
        return zone;
    zone_free(zone);
    return NULL;
}

struct zone *zone_of_rule(const char *text)
{
    struct zone *zone = make(strlen(text) < ZONE_NAME_MAX ? text : NO_NAME);

    if (zone && zone_rule_parse(text, strlen(text), &zone->rule) && finish(zone))
        return zone;
    zone_free(zone);
    return NULL;
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

/* -- finding one ------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);

    return len > 0 && len < ZONE_NAME_MAX && strspn(name, fine) == len && name[0] != '/' &&
           name[len - 1] != '/' && !strstr(name, "//");
}

/* Reads until there is no more, or data is full; the bytes read, 0 if that failed. */
static size_t read_all(int fd, uint8_t *data, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t got = read(fd, data + len, size - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return 0;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return len;
}

static struct zone *open_file(const char *path, const char *name)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct zone *zone = NULL;
    uint8_t *data = NULL;
    struct stat status;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        data = malloc(ZONE_FILE_MAX + 1); /* one byte more, so that too large is seen */
    if (data)
        zone = zone_of_file(name, data, read_all(fd, data, ZONE_FILE_MAX + 1));
    free(data);
    close(fd);
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

/* What stands behind ".../zoneinfo/" in a path; NULL: nothing that is a name. */
static const char *name_in(const char *path)
{
    static const char mark[] = "/zoneinfo/";
    const char *found = strstr(path, mark);

    return found && is_name(found + sizeof(mark) - 1) ? found + sizeof(mark) - 1 : NULL;
}

/* A file anywhere, named by its path or what it is a link to. */
static struct zone *open_path(const char *path)
{
    char target[256];
    ssize_t len = readlink(path, target, sizeof(target) - 1);
    const char *name = name_in(path);

    target[len > 0 ? len : 0] = '\0';
    if (!name)
        name = name_in(target);
    return open_file(path, name ? name : NO_NAME);
}

/* As the C library finds it (tzset(3)): TZ, else the system's. */
static struct zone *open_own(void)
{
    const char *tz = getenv("TZ");
    struct zone *zone;

    if (!tz)
        return open_path(OWN_FILE);
    tz += tz[0] == ':';
    zone = tz[0] == '/' ? open_path(tz) : open_name(tz);
    return zone ? zone : zone_of_rule(tz);
}

static struct zone *open_utc(void)
{
    struct zone *zone = zone_of_rule("UTC0");

    if (zone)
        snprintf(zone->name, sizeof(zone->name), "UTC");
    return zone;
}

struct zone *zone_open(const char *name)
{
    struct zone *zone = name ? open_name(name) : open_own();

    return zone || name ? zone : open_utc();
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

/* How many changes have taken place by then. */
static size_t count_changes(const struct zone *zone, int64_t seconds)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What holds at a moment, and until when at least. */
static const struct zone_type *find(const struct zone *zone, int64_t seconds, int64_t *until)
{
    size_t past = seconds < zone->rule_from ? count_changes(zone, seconds) : zone->count;

    if (seconds >= zone->rule_from || (past == 0 && !zone->has_before))
        return zone_rule_at(&zone->rule, seconds, until);
    *until = past < zone->count ? zone->at[past] : zone->rule_from;
    return past > 0 ? &zone->types[zone->to[past - 1]] : &zone->types[0];
}

static const struct zone_type *find_at(const struct zone *zone, int64_t ms)
{
    int64_t until;

    return find(zone, zone_floor(ms, 1000), &until);
}

int32_t zone_offset(const struct zone *zone, int64_t ms)
{
    return find_at(zone, ms)->offset;
}

const char *zone_abbreviation(const struct zone *zone, int64_t ms)
{
    return find_at(zone, ms)->abbreviation;
}

int64_t zone_day(const struct zone *zone, int64_t ms, int32_t *second)
{
    int64_t local = zone_floor(ms, 1000) + zone_offset(zone, ms);
    int64_t day = zone_floor(local, ZONE_DAY_SECONDS);

    if (second)
        *second = (int32_t)(local - day * ZONE_DAY_SECONDS);
    return day;
}

int64_t zone_day_begins(const struct zone *zone, int64_t day)
{
    return zone_moment(zone, day, 0);
}

/* Days whose moments fit into 64 bits; what is beyond them is taken as the last. */
#define DAY_MOST (INT64_MAX / (1000 * ZONE_DAY_SECONDS) - 3)

/* From before the clocks of any place show it, one stretch of the same offset after the other. */
int64_t zone_moment(const struct zone *zone, int64_t day, int32_t second)
{
    int64_t known = day > DAY_MOST ? DAY_MOST : day < -DAY_MOST ? -DAY_MOST : day;
    int64_t local = known * ZONE_DAY_SECONDS + second;
    int64_t at = local - ZONE_OFFSET_MOST - 1, until;

    for (;; at = until) {
        int64_t moment = local - find(zone, at, &until)->offset;

        if (moment <= at)
            return at * 1000; /* clocks jumped over it */
        if (moment < until)
            return moment * 1000;
    }
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
    snprintf(text, ZONE_TIME_SIZE, "%s %.5s", day, zone_clock_format(zone, ms, clock));
    return text;
}
