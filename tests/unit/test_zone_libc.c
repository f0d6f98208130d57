/* SPDX-License-Identifier: MIT */
/* base/zone held against the C library: what localtime_r(3) says of each place of the system, and
 * of TZ strings. Each test has a process of its own, and with it a TZ of its own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/zone.h"
#include "lib/chance.h"
#include "lib/count.h"

#define UNTIL INT64_C(4102444800)            /* 2100 */
#define STEP (6 * INT64_C(86400) + 7 * 3600) /* between looks for changes: many times of day */
#define PARTS 8
#define NAMES_MAX 2000

/* Asserts only what differs: check notes each assertion in a file. */
static void compare_at(const struct zone *zone, int64_t seconds)
{
    int32_t offset = zone_offset(zone, seconds * 1000);
    const char *abbreviation = zone_abbreviation(zone, seconds * 1000);
    time_t time = (time_t)seconds;
    struct tm tm;

    if (!localtime_r(&time, &tm))
        ck_abort_msg("localtime_r");
    if (offset != tm.tm_gmtoff || strcmp(abbreviation, tm.tm_zone) != 0)
        ck_abort_msg("%s at %lld: %s %d, the C library says %s %ld", zone_name(zone),
                     (long long)seconds, abbreviation, (int)offset, tm.tm_zone, tm.tm_gmtoff);
}

static bool same(const struct zone *zone, int64_t one, int64_t other)
{
    return zone_offset(zone, one * 1000) == zone_offset(zone, other * 1000) &&
           strcmp(zone_abbreviation(zone, one * 1000), zone_abbreviation(zone, other * 1000)) == 0;
}

/* The change between two moments, to the second. */
static void compare_around_change(const struct zone *zone, int64_t low, int64_t high)
{
    int64_t begin = low;

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (same(zone, begin, middle))
            low = middle;
        else
            high = middle;
    }
    compare_at(zone, low);
    compare_at(zone, high);
    compare_at(zone, high + 1);
}

/* tz: what TZ is; the same as the zone. */
static void compare(const struct zone *zone, const char *tz, struct chance *chance)
{
    ck_assert_int_eq(setenv("TZ", tz, 1), 0);
    tzset();
    for (int64_t at = 0; at < UNTIL; at += STEP) {
        compare_at(zone, at);
        if (!same(zone, at, at + STEP))
            compare_around_change(zone, at, at + STEP);
    }
    for (int i = 0; i < 200; i++)
        compare_at(zone, (int64_t)chance_below(chance, UNTIL));
}

/* -- places ------------------------------------------------------------------------------------ */

static char names[NAMES_MAX][ZONE_NAME_MAX];
static int name_count;

static void add_name(const char *name)
{
    if (name_count < NAMES_MAX)
        snprintf(names[name_count++], ZONE_NAME_MAX, "%s", name);
}

/* The third column of zone.tab, and some that are in no table. */
static void read_names(void)
{
    static const char *const others[] = {"UTC", "Etc/GMT+12", "Etc/GMT-14", "CET", "EST5EDT"};
    FILE *file = fopen("/usr/share/zoneinfo/zone.tab", "re");
    char line[512], name[ZONE_NAME_MAX];

    ck_assert_msg(file != NULL, "no zone.tab: tzdata is missing");
    while (fgets(line, sizeof(line), file))
        if (line[0] != '#' && sscanf(line, "%*s %*s %63s", name) == 1)
            add_name(name);
    fclose(file);
    for (int i = 0; i < COUNT(others); i++)
        add_name(others[i]);
    ck_assert_int_gt(name_count, 200);
}

START_TEST(local_time_of_every_place_is_the_one_of_the_c_library)
{
    struct chance chance = chance_open("local_time_of_every_place");

    read_names();
    for (int i = _i; i < name_count; i += PARTS) {
        struct zone *zone = zone_open(names[i]);

        ck_assert_msg(zone != NULL, "%s", names[i]);
        compare(zone, names[i], &chance);
        zone_free(zone);
    }
}
END_TEST

/* -- TZ strings -------------------------------------------------------------------------------- */

static const char *const rules[] = {
    "UTC0",
    "<+0545>-5:45",
    "<-0330>+3:30",
    "ABC-12:34:56",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "CET-1CEST-2:00:00,M3.5.0/2:00:00,M10.5.0/3:00",
    "EST5EDT,M3.2.0,M11.1.0",
    "<-04>4<-03>,M9.1.0/0,M4.1.0/0",                /* the south */
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",         /* half an hour */
    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", /* three quarters */
    "IST-1GMT0,M10.5.0,M3.5.0/1",                   /* winter time */
    "EET-2EEST,M4.5.5/0,M10.5.4/24",                /* hours beyond a day, */
    "EET-2EEST,M3.4.4/50,M10.4.4/50",               /* far beyond it, */
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",              /* and before it */
    "AAA3BBB,J59,J60",                              /* around 29 February */
    "AAA3BBB,J60/0,J365/12",
    "AAA3BBB,58/1:30:30,59/4",
    "AAA3BBB,60,300",
};

START_TEST(local_time_by_a_rule_is_the_one_of_the_c_library)
{
    struct chance chance = chance_open("local_time_by_a_rule");
    struct zone *zone = zone_of_rule(rules[_i]);

    ck_assert_ptr_nonnull(zone);
    ck_assert_str_eq(zone_name(zone), rules[_i]);
    compare(zone, rules[_i], &chance);
    zone_free(zone);
}
END_TEST

Suite *zone_libc_suite(void);
Suite *zone_libc_suite(void)
{
    Suite *suite = suite_create("zone_libc");
    TCase *zones = tcase_create("zones");

    tcase_add_loop_test(zones, local_time_of_every_place_is_the_one_of_the_c_library, 0, PARTS);
    tcase_add_loop_test(zones, local_time_by_a_rule_is_the_one_of_the_c_library, 0, COUNT(rules));
    suite_add_tcase(suite, zones);
    return suite;
}
