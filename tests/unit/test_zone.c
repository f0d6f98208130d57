/* SPDX-License-Identifier: MIT */
/* base/zone: days and times of places, and which zone is meant by a name or by TZ. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/zone.h"
#include "lib/chance.h"
#include "lib/count.h"

#define BERLIN_RULE "CET-1CEST,M3.5.0,M10.5.0/3"
#define CHILE_RULE "<-04>4<-03>,M9.1.0/0,M4.1.0/0" /* changes at midnight */

static int64_t at(const char *time)
{
    int64_t ms = -1;

    ck_assert_msg(text_time_parse(time, strlen(time), &ms), "%s", time);
    return ms;
}

static int64_t day_of(const char *date)
{
    int64_t day = -1;

    ck_assert_msg(zone_date_parse(date, &day), "%s", date);
    return day;
}

static struct zone *open_zone(const char *name)
{
    struct zone *zone = zone_open(name);

    ck_assert_msg(zone != NULL, "no zone %s: tzdata is missing", name);
    return zone;
}

/* -- days -------------------------------------------------------------------------------------- */

static const struct {
    const char *zone, *day, *begins;
} days[] = {
    {"Europe/Berlin", "2026-11-22", "2026-11-21T23:00:00.000Z"},
    {"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"}, /* of 23 hours */
    {"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"},
    {"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z"}, /* of 25 hours */
    {"Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00.000Z"},
    /* clocks go from 00:00 to 01:00 */
    {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"},
    {"Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00.000Z"},
    {"Asia/Beirut", "2025-03-30", "2025-03-29T22:00:00.000Z"},
    /* from 24:00 back to 23:00: there is one midnight, and it is the later */
    {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00.000Z"},
    /* from 01:00 back to 00:00: the first of two */
    {"America/Havana", "2024-11-03", "2024-11-03T04:00:00.000Z"},
    /* a minute after midnight back to the day before: the day begins twice */
    {"America/St_Johns", "2006-10-29", "2006-10-29T02:30:00.000Z"},
    /* a day that was left out, the one before and the one after */
    {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00.000Z"},
    {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"},
    {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"},
    {"Pacific/Apia", "2012-01-01", "2011-12-31T10:00:00.000Z"},
    /* odd offsets */
    {"Asia/Kathmandu", "2026-11-22", "2026-11-21T18:15:00.000Z"},
    {"Pacific/Chatham", "2026-11-22", "2026-11-21T10:15:00.000Z"},
    {"Pacific/Chatham", "2026-07-01", "2026-06-30T11:15:00.000Z"},
    {"Australia/Lord_Howe", "2026-12-01", "2026-11-30T13:00:00.000Z"},
    {"Australia/Lord_Howe", "2026-07-01", "2026-06-30T13:30:00.000Z"},
    {"Pacific/Kiritimati", "2026-11-22", "2026-11-21T10:00:00.000Z"},
    {"Etc/GMT+12", "2026-11-22", "2026-11-22T12:00:00.000Z"},
    {"UTC", "1970-01-01", "1970-01-01T00:00:00.000Z"},
};

START_TEST(a_day_begins_at_its_first_moment)
{
    struct zone *zone = open_zone(days[_i].zone);
    char time[TEXT_TIME_SIZE];

    text_time_format(zone_day_begins(zone, day_of(days[_i].day)), time);
    zone_free(zone);
    ck_assert_msg(strcmp(time, days[_i].begins) == 0, "%s in %s begins at %s", days[_i].day,
                  days[_i].zone, time);
}
END_TEST

START_TEST(a_day_that_begins_at_one_has_no_hour_zero)
{
    struct zone *zone = open_zone("America/Sao_Paulo");
    int32_t second = -1;

    ck_assert_int_eq(zone_day(zone, at("2018-11-04T03:00:00Z"), &second), day_of("2018-11-04"));
    ck_assert_int_eq(second, 3600);
    ck_assert_int_eq(zone_day(zone, at("2018-11-04T02:59:59.999Z"), &second), day_of("2018-11-03"));
    ck_assert_int_eq(second, 86399);
    zone_free(zone);
}
END_TEST

START_TEST(a_day_that_was_left_out_is_the_day_of_no_moment)
{
    struct zone *zone = open_zone("Pacific/Apia");

    ck_assert_int_eq(zone_day(zone, at("2011-12-30T09:59:59.999Z"), NULL), day_of("2011-12-29"));
    ck_assert_int_eq(zone_day(zone, at("2011-12-30T10:00:00Z"), NULL), day_of("2011-12-31"));
    zone_free(zone);
}
END_TEST

START_TEST(a_moment_is_the_first_at_which_clocks_show_a_time)
{
    struct zone *zone = zone_of_rule(BERLIN_RULE);

    ck_assert_int_eq(zone_moment(zone, day_of("2026-11-22"), 18 * 3600 + 4 * 60 + 11),
                     at("2026-11-22T17:04:11Z"));
    /* 02:30 is left out in spring, and comes twice in autumn */
    ck_assert_int_eq(zone_moment(zone, day_of("2026-03-29"), 9000), at("2026-03-29T01:00:00Z"));
    ck_assert_int_eq(zone_moment(zone, day_of("2026-10-25"), 9000), at("2026-10-25T00:30:00Z"));
    zone_free(zone);
}
END_TEST

static const char *const rules[] = {
    "UTC0",
    BERLIN_RULE,
    CHILE_RULE,
    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
    "EET-2EEST,M3.4.4/50,M10.4.4/50",
    "AAA24:59:59BBB-24:59:59,M3.5.0/-167,M10.5.0/167",
    "AAA-24:59:59BBB,0/0,J1/1",
    "AAA-3BBB,M2.5.1,M2.5.6/23", /* in which order is another matter each year */
    "EST5EDT,0/0,J365/25",
    "AAA0BBB,J365/167,J364/167",
};

/* Told without the way in which moments are found. */
START_TEST(no_moment_before_the_first_of_a_day_is_in_it_or_later)
{
    struct chance chance = chance_open("no_moment_before_the_first_of_a_day");
    struct zone *zone = zone_of_rule(rules[_i]);

    for (int i = 0; i < 300; i++) {
        int64_t day = (int64_t)chance_below(&chance, 80000) - 10000;
        int32_t second = (int32_t)chance_below(&chance, 86400), shown;
        int64_t moment = zone_moment(zone, day, second), before;

        before = zone_day(zone, moment, &shown);
        ck_assert(before > day || (before == day && shown >= second));
        for (int step = 0; step < 80; step++) {
            before = zone_day(zone, moment - 1 - step * INT64_C(1800000), &shown);
            if (before > day || (before == day && shown >= second))
                ck_abort_msg("%lld s before, it is %lld %d", (long long)step * 1800,
                             (long long)before, shown);
        }
        ck_assert_int_le(zone_day_begins(zone, day), moment);
        ck_assert_int_le(moment, zone_day_begins(zone, day + 1));
    }
    zone_free(zone);
}
END_TEST

START_TEST(the_ends_of_time_do_no_harm)
{
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    struct zone *zone = zone_of_rule(rules[_i]);
    char text[ZONE_TIME_SIZE];
    int32_t second;

    for (int i = 0; i < COUNT(ends); i++) {
        zone_day(zone, ends[i], &second);
        ck_assert(second >= 0 && second < 86400);
        ck_assert((zone_day_begins(zone, ends[i]) < 0) == (ends[i] < 0));
        ck_assert_uint_ge(strlen(zone_time_format(zone, ends[i], text)), 16);
    }
    zone_free(zone);
}
END_TEST

START_TEST(local_time_is_written_to_the_minute)
{
    struct zone *zone = zone_of_rule(BERLIN_RULE);
    char text[ZONE_TIME_SIZE];

    ck_assert_str_eq(zone_time_format(zone, at("2026-11-22T17:04:59.999Z"), text),
                     "2026-11-22 18:04");
    ck_assert_str_eq(zone_clock_format(zone, at("2026-07-01T22:05:00Z"), text), "00:05");
    ck_assert_str_eq(zone_time_format(zone, -1, text), "1970-01-01 00:59");
    zone_free(zone);
}
END_TEST

START_TEST(an_abbreviation_tells_summer_from_winter)
{
    struct zone *zone = open_zone("Europe/Berlin"), *half = open_zone("Asia/Kathmandu");

    ck_assert_str_eq(zone_abbreviation(zone, at("2026-11-22T18:00:00Z")), "CET");
    ck_assert_str_eq(zone_abbreviation(zone, at("2090-07-01T18:00:00Z")), "CEST");
    ck_assert_str_eq(zone_abbreviation(half, at("2026-11-22T18:00:00Z")), "+0545");
    zone_free(half);
    zone_free(zone);
}
END_TEST

/* -- TZ strings -------------------------------------------------------------------------------- */

START_TEST(summer_time_may_last_all_year)
{
    struct zone *zone = zone_of_rule("EST5EDT,0/0,J365/25");
    struct chance chance = chance_open("summer_time_may_last_all_year");

    ck_assert_int_eq(zone_offset(zone, at("2026-01-01T04:59:59Z")), -4 * 3600);
    ck_assert_int_eq(zone_offset(zone, at("2026-01-01T05:00:00Z")), -4 * 3600);
    for (int i = 0; i < 500; i++)
        ck_assert_int_eq(
            zone_offset(zone, (int64_t)chance_below(&chance, INT64_C(200) * 366 * 86400000)),
            -4 * 3600);
    zone_free(zone);
}
END_TEST

START_TEST(summer_time_may_last_no_time)
{
    struct zone *zone = zone_of_rule("AAA0BBB,J100/0,J100/1");

    ck_assert_int_eq(zone_offset(zone, at("2026-04-09T23:59:59Z")), 0);
    ck_assert_int_eq(zone_offset(zone, at("2026-04-10T00:00:00Z")), 0);
    ck_assert_int_eq(zone_offset(zone, at("2026-12-31T00:00:00Z")), 0);
    zone_free(zone);
}
END_TEST

/* -167 hours from Sunday, 2027-01-03, are 2026-12-27T01:00. */
START_TEST(a_change_may_stand_in_the_year_before_its_own)
{
    struct zone *zone = zone_of_rule("AAA0BBB,M1.1.0/-167,M7.1.0/0");

    ck_assert_int_eq(zone_offset(zone, at("2026-12-27T00:59:59Z")), 0);
    ck_assert_int_eq(zone_offset(zone, at("2026-12-27T01:00:00Z")), 3600);
    ck_assert_int_eq(zone_offset(zone, at("2027-01-02T00:00:00Z")), 3600);
    ck_assert_int_eq(zone_offset(zone, at("2027-08-01T00:00:00Z")), 0);
    /* and where changes are no longer looked up */
    ck_assert_int_eq(zone_offset(zone, at("2209-12-31T00:59:59Z")), 0);
    ck_assert_int_eq(zone_offset(zone, at("2209-12-31T01:00:00Z")), 3600);
    zone_free(zone);
}
END_TEST

/* The calendar is the same again after 400 years, of which the first are looked up, and the others
 * worked out. */
START_TEST(a_rule_says_the_same_of_near_and_far_years)
{
    struct chance chance = chance_open("a_rule_says_the_same");
    struct zone *zone = zone_of_rule(rules[_i]);

    for (int i = 0; i < 20000; i++) {
        int64_t near = (int64_t)chance_below(&chance, INT64_C(130) * 366 * 86400) * 1000;
        int64_t far = near + INT64_C(146097) * 86400000;

        if (zone_offset(zone, near) != zone_offset(zone, far) ||
            strcmp(zone_abbreviation(zone, near), zone_abbreviation(zone, far)) != 0)
            ck_abort_msg("%s at %lld", rules[_i], (long long)near);
    }
    zone_free(zone);
}
END_TEST

static const char *const no_rules[] = {
    "",
    "UTC",
    "AB0",
    "A1C0",
    "0",
    "<AB>0",
    "<+05",
    "<+05>",
    "<+0 5>-5",
    "CET-25",
    "CET-1:60",
    "CET-1:00:60",
    "CET-1:",
    "CET--1",
    "CET-1 ",
    "CET-1CE",
    "CET-1CEST,",
    "CET-1CEST,M3.5.0",
    "CET-1CEST,M3.5.0,",
    "CET-1CEST,M3.5.0,M10.5.0/3 ",
    "CET-1CEST,M3.5.0,M10.5.0/",
    "CET-1CEST,M3.5.0,M10.5.0/168",
    "CET-1CEST,M3.5.0,M10.5.0/-168",
    "CET-1CEST,M0.5.0,M10.5.0",
    "CET-1CEST,M13.5.0,M10.5.0",
    "CET-1CEST,M3.0.0,M10.5.0",
    "CET-1CEST,M3.6.0,M10.5.0",
    "CET-1CEST,M3.5.7,M10.5.0",
    "CET-1CEST,M3.5,M10.5.0",
    "CET-1CEST,J0,J300",
    "CET-1CEST,J366,J300",
    "CET-1CEST,366,300",
    "CET-1CEST,M3.5.0,M10.5.0,M11.1.0",
    "CET-99999999999999999999",
    "ABCDEFGHIJKLMNOP0",
    "C\xc3\x89T-1",
};

START_TEST(what_is_no_rule_is_refused)
{
    struct zone *zone = zone_of_rule(no_rules[_i]);

    zone_free(zone);
    ck_assert_msg(zone == NULL, "\"%s\"", no_rules[_i]);
}
END_TEST

/* -- names ------------------------------------------------------------------------------------- */

static const char *const no_names[] = {
    "",
    "/",
    "/etc/localtime",
    "/usr/share/zoneinfo/Europe/Berlin",
    "../zoneinfo/Europe/Berlin",
    "Europe/../Europe/Berlin",
    "Europe/./Berlin",
    "Europe//Berlin",
    "Europe/Berlin/",
    "Europe",      /* a folder */
    "zone.tab",    /* no zone, nor a name of one */
    "iso3166.tab", /* the same */
    "Europe/Berlin ",
    "Europe\\Berlin",
    "Europe/Berl\xc3\xadn",
    "Europe/Nowhere",
    "right/Europe/Berlin", /* counts leap seconds; where it is there */
    BERLIN_RULE,
    "a/name/that/is/longer/than/any/zone/of/the/database/has/ever/had/or/ought/to",
};

START_TEST(what_is_no_name_opens_nothing)
{
    struct zone *zone = zone_open(no_names[_i]);

    zone_free(zone);
    ck_assert_msg(zone == NULL, "\"%s\"", no_names[_i]);
    ck_assert(!zone_exists(no_names[_i]));
}
END_TEST

START_TEST(a_zone_has_the_name_it_was_opened_by)
{
    struct zone *zone = open_zone("America/Argentina/Buenos_Aires");

    ck_assert_str_eq(zone_name(zone), "America/Argentina/Buenos_Aires");
    ck_assert(zone_exists("America/Argentina/Buenos_Aires"));
    zone_free(zone);
}
END_TEST

START_TEST(nothing_can_be_freed)
{
    zone_free(NULL);
}
END_TEST

/* -- the process's own ------------------------------------------------------------------------- */

static const struct {
    const char *tz, *name;
    int32_t offset; /* on 2026-07-01 */
} own[] = {
    {"Europe/Berlin", "Europe/Berlin", 7200},
    {":Europe/Berlin", "Europe/Berlin", 7200},
    {"/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", 7200},
    {":/usr/share/zoneinfo/Asia/Kathmandu", "Asia/Kathmandu", 20700},
    {BERLIN_RULE, BERLIN_RULE, 7200},
    {":" BERLIN_RULE, BERLIN_RULE, 7200},
    {"<+0545>-5:45", "<+0545>-5:45", 20700},
    {"QQQ5RRR", "QQQ5RRR", -14400}, /* the rule of the USA */
    {"CHATHAM-12:45:00CHATHAMDAY-13:45:00,M9.5.0/02:45:00,M4.1.0/03:45:00", "local time", 45900},
    {"", "UTC", 0},
    {":", "UTC", 0},
    {"Nowhere/Nothing", "UTC", 0},
    {"/nowhere/nothing", "UTC", 0},
    {"../../../etc/passwd", "UTC", 0},
};

START_TEST(the_own_zone_is_what_tz_says)
{
    struct zone *zone;

    unsetenv("TZDIR");
    setenv("TZ", own[_i].tz, 1);
    zone = zone_open(NULL);
    ck_assert_ptr_nonnull(zone);
    ck_assert_str_eq(zone_name(zone), own[_i].name);
    ck_assert_int_eq(zone_offset(zone, at("2026-07-01T00:00:00Z")), own[_i].offset);
    zone_free(zone);
}
END_TEST

START_TEST(without_tz_the_own_zone_is_the_one_of_the_c_library)
{
    struct chance chance = chance_open("without_tz_the_own_zone");
    struct zone *zone;

    unsetenv("TZ");
    tzset();
    zone = zone_open(NULL);
    ck_assert_ptr_nonnull(zone);
    ck_assert_str_ne(zone_name(zone), "");
    for (int i = 0; i < 1000; i++) {
        time_t seconds = (time_t)chance_below(&chance, INT64_C(130) * 366 * 86400);
        struct tm tm;

        ck_assert_ptr_nonnull(localtime_r(&seconds, &tm));
        ck_assert_int_eq(zone_offset(zone, seconds * INT64_C(1000)), tm.tm_gmtoff);
    }
    zone_free(zone);
}
END_TEST

/* -- the folder -------------------------------------------------------------------------------- */

static char folder[64], inside[80];

static void write_zone(const char *path, size_t padding)
{
    static const char zone[] = "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                               "\0\0\x0e\x10\0\0ABC";
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fwrite(zone, 1, sizeof(zone), file);
    for (size_t i = sizeof(zone); i < padding; i++)
        fputc(0, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/historyd-zone-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inside, sizeof(inside), "%s/Here", folder);
    setenv("TZDIR", folder, 1);
}

static void remove_folder(void)
{
    unlink(inside);
    rmdir(folder);
}

START_TEST(tzdir_is_the_folder_of_zones)
{
    struct zone *zone;

    write_zone(inside, 0);
    zone = zone_open("Here");
    ck_assert_ptr_nonnull(zone);
    ck_assert_int_eq(zone_offset(zone, 0), 3600);
    ck_assert_str_eq(zone_abbreviation(zone, 0), "ABC");
    zone_free(zone);
    ck_assert(!zone_exists("Europe/Berlin"));
}
END_TEST

START_TEST(a_file_of_64_kib_is_read_and_a_larger_one_is_not)
{
    write_zone(inside, 65536);
    ck_assert(zone_exists("Here"));
    write_zone(inside, 65537);
    ck_assert(!zone_exists("Here"));
}
END_TEST

START_TEST(a_pipe_in_the_folder_holds_nobody_up)
{
    ck_assert_int_eq(mkfifo(inside, 0600), 0);
    ck_assert(!zone_exists("Here"));
}
END_TEST

START_TEST(without_a_folder_there_is_utc)
{
    struct zone *zone;

    setenv("TZ", "Europe/Berlin", 1);
    zone = zone_open(NULL);
    ck_assert_ptr_nonnull(zone);
    ck_assert_str_eq(zone_name(zone), "UTC");
    ck_assert_str_eq(zone_abbreviation(zone, 0), "UTC");
    zone_free(zone);
}
END_TEST

Suite *zone_suite(void);
Suite *zone_suite(void)
{
    Suite *suite = suite_create("zone");
    TCase *places = tcase_create("places"), *files = tcase_create("folder");

    tcase_add_loop_test(places, a_day_begins_at_its_first_moment, 0, COUNT(days));
    tcase_add_test(places, a_day_that_begins_at_one_has_no_hour_zero);
    tcase_add_test(places, a_day_that_was_left_out_is_the_day_of_no_moment);
    tcase_add_test(places, a_moment_is_the_first_at_which_clocks_show_a_time);
    tcase_add_loop_test(places, no_moment_before_the_first_of_a_day_is_in_it_or_later, 0,
                        COUNT(rules));
    tcase_add_loop_test(places, the_ends_of_time_do_no_harm, 0, COUNT(rules));
    tcase_add_test(places, local_time_is_written_to_the_minute);
    tcase_add_test(places, an_abbreviation_tells_summer_from_winter);
    tcase_add_test(places, summer_time_may_last_all_year);
    tcase_add_test(places, summer_time_may_last_no_time);
    tcase_add_test(places, a_change_may_stand_in_the_year_before_its_own);
    tcase_add_loop_test(places, a_rule_says_the_same_of_near_and_far_years, 0, COUNT(rules));
    tcase_add_loop_test(places, what_is_no_rule_is_refused, 0, COUNT(no_rules));
    tcase_add_loop_test(places, what_is_no_name_opens_nothing, 0, COUNT(no_names));
    tcase_add_test(places, a_zone_has_the_name_it_was_opened_by);
    tcase_add_test(places, nothing_can_be_freed);
    tcase_add_loop_test(places, the_own_zone_is_what_tz_says, 0, COUNT(own));
    tcase_add_test(places, without_tz_the_own_zone_is_the_one_of_the_c_library);
    suite_add_tcase(suite, places);
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_test(files, tzdir_is_the_folder_of_zones);
    tcase_add_test(files, a_file_of_64_kib_is_read_and_a_larger_one_is_not);
    tcase_add_test(files, a_pipe_in_the_folder_holds_nobody_up);
    tcase_add_test(files, without_a_folder_there_is_utc);
    suite_add_tcase(suite, files);
    return suite;
}
