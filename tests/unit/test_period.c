/* SPDX-License-Identifier: MIT */
/* web/period: stretches of time as addresses say them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "lib/chance.h"
#include "lib/count.h"
#include "web/period.h"

/* The rules of Berlin and Chile; Chile's days may begin at 01:00. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define CHILE "<-04>4<-03>,M9.1.0/0,M4.1.0/0"
#define NOW "2026-11-22T18:00:00.000Z" /* a Sunday, 19:00 in Berlin */

static struct zone *zone;
static struct period period;

static int64_t at(const char *time)
{
    int64_t ms = -1;

    ck_assert_msg(text_time_parse(time, strlen(time), &ms), "%s", time);
    return ms;
}

static bool parse_in(const char *rule, const char *now, const char *name, const char *from,
                     const char *to)
{
    zone_free(zone);
    zone = zone_of_rule(rule);
    ck_assert_ptr_nonnull(zone);
    memset(&period, 0x5a, sizeof(period));
    return period_parse(name, from, to, zone, at(now), &period);
}

static void tidy_up(void)
{
    zone_free(zone);
    zone = NULL;
}

static void assert_time(int64_t ms, const char *expected)
{
    char time[TEXT_TIME_SIZE];

    ck_assert_str_eq(text_time_format(ms, time), expected);
}

static void assert_day(int64_t day, const char *expected)
{
    char date[ZONE_DATE_SIZE];

    ck_assert_str_eq(zone_date_format(day, date), expected);
}

/* -- which days -------------------------------------------------------------------------------- */

static const struct {
    const char *name, *from, *to;
    enum period_kind kind;
    const char *first, *last;
    bool running;
} days[] = {
    {"day", NULL, NULL, PERIOD_DAY, "2026-11-22", "2026-11-22", true},
    {"week", NULL, NULL, PERIOD_WEEK, "2026-11-16", "2026-11-22", true}, /* Sunday is its last */
    {"month", NULL, NULL, PERIOD_MONTH, "2026-11-01", "2026-11-30", true},
    {"year", NULL, NULL, PERIOD_YEAR, "2026-01-01", "2026-12-31", true},
    {NULL, NULL, NULL, PERIOD_WEEK, "2026-11-16", "2026-11-22", true},
    {"", "", "", PERIOD_WEEK, "2026-11-16", "2026-11-22", true}, /* a form with nothing in it */
    {"day", "2026-11-20", NULL, PERIOD_DAY, "2026-11-20", "2026-11-20", false},
    {"week", "2026-11-23", NULL, PERIOD_WEEK, "2026-11-23", "2026-11-29", false}, /* to come */
    {"week", "2026-01-01", "", PERIOD_WEEK, "2025-12-29", "2026-01-04", false},
    {"month", "2028-02-29", NULL, PERIOD_MONTH, "2028-02-01", "2028-02-29", false},
    {"month", "2025-12-31", NULL, PERIOD_MONTH, "2025-12-01", "2025-12-31", false},
    {"year", "2024-06-01", NULL, PERIOD_YEAR, "2024-01-01", "2024-12-31", false},
    {NULL, "2026-01-01", "2026-03-31", PERIOD_FREE, "2026-01-01", "2026-03-31", false},
    {NULL, "2026-11-01", "2026-11-22", PERIOD_FREE, "2026-11-01", "2026-11-22", true},
    {"free", "2026-01-01", "2026-03-31", PERIOD_FREE, "2026-01-01", "2026-03-31", false},
    {NULL, "2026-03-31", NULL, PERIOD_FREE, "2026-03-31", "2026-03-31", false},
    {NULL, NULL, "2026-03-31", PERIOD_FREE, "2026-03-31", "2026-03-31", false},
    {NULL, "2026-03-31", "2026-03-31", PERIOD_FREE, "2026-03-31", "2026-03-31", false},
    /* the ends of what there is */
    {"week", "1970-01-01", NULL, PERIOD_WEEK, "1970-01-01", "1970-01-04", false},
    {"week", "9999-12-31", NULL, PERIOD_WEEK, "9999-12-27", "9999-12-31", false},
    {NULL, "1970-01-01", "9999-12-31", PERIOD_FREE, "1970-01-01", "9999-12-31", true},
};

START_TEST(a_name_and_days_are_a_stretch_of_whole_days)
{
    ck_assert(parse_in(BERLIN, NOW, days[_i].name, days[_i].from, days[_i].to));
    ck_assert_int_eq(period.kind, days[_i].kind);
    assert_day(period.first_day, days[_i].first);
    assert_day(period.last_day, days[_i].last);
    ck_assert_int_eq(period.since, zone_day_begins(zone, period.first_day));
    ck_assert_int_eq(period.until, zone_day_begins(zone, period.last_day + 1));
    ck_assert_int_eq(period.running, days[_i].running);
}
END_TEST

START_TEST(all_time_has_no_bounds_and_nothing_before)
{
    char title[PERIOD_TITLE_SIZE];

    ck_assert(parse_in(BERLIN, NOW, "all", NULL, NULL));
    ck_assert_int_eq(period.kind, PERIOD_ALL);
    ck_assert_int_eq(period.since, INT64_MIN);
    ck_assert_int_eq(period.until, INT64_MAX);
    ck_assert(period.running && !period.has_before);
    ck_assert_str_eq(period_before_title(&period, title), "");
}
END_TEST

static const struct {
    const char *name, *from, *to;
} senseless[] = {
    {"weeks", NULL, NULL},
    {"Week", NULL, NULL},
    {"free", NULL, NULL},
    {"all", "2026-01-01", NULL},
    {"all", NULL, "2026-01-01"},
    {"week", NULL, "2026-01-01"},
    {"week", "2026-01-01", "2026-01-07"},
    {NULL, "2026-03-31", "2026-01-01"},
    {NULL, "2026-02-29", NULL},
    {NULL, "2026-01-01", "tomorrow"},
    {NULL, "yesterday", "2026-01-01"},
    {NULL, "0000-01-01", NULL},
    {NULL, "0000-01-01", "9999-12-31"},
    {NULL, "1969-12-31", NULL},
    {NULL, "10000-01-01", NULL},
    {NULL, "99999999999999999999", NULL},
    {"day", "-1", NULL},
    {"\xff", "\xff", "\xff"},
};

START_TEST(what_makes_no_sense_is_the_week)
{
    ck_assert(!parse_in(BERLIN, NOW, senseless[_i].name, senseless[_i].from, senseless[_i].to));
    ck_assert_int_eq(period.kind, PERIOD_WEEK);
    assert_day(period.first_day, "2026-11-16");
    assert_day(period.last_day, "2026-11-22");
    ck_assert(period.running && period.has_before);
}
END_TEST

START_TEST(a_period_that_begins_now_runs_and_one_that_ends_now_does_not)
{
    ck_assert(parse_in(BERLIN, "2026-11-22T23:00:00Z", "day", "2026-11-23", NULL));
    ck_assert(period.running);
    ck_assert(parse_in(BERLIN, "2026-11-22T23:00:00Z", "day", "2026-11-22", NULL));
    ck_assert(!period.running);
}
END_TEST

START_TEST(a_day_without_its_first_hour_begins_at_one)
{
    ck_assert(parse_in(CHILE, "2026-09-06T12:00:00Z", "day", NULL, NULL));
    assert_time(period.since, "2026-09-06T04:00:00.000Z");
    assert_time(period.until, "2026-09-07T03:00:00.000Z"); /* 23 hours later */
}
END_TEST

START_TEST(a_day_that_was_left_out_is_empty)
{
    zone = zone_open("Pacific/Apia");
    ck_assert_msg(zone != NULL, "tzdata is missing");
    ck_assert(period_parse("day", "2011-12-30", NULL, zone, at("2011-12-30T10:00:00Z"), &period));
    assert_time(period.since, "2011-12-30T10:00:00.000Z");
    assert_time(period.until, "2011-12-30T10:00:00.000Z");
    ck_assert(!period.running);
}
END_TEST

/* -- the one before ---------------------------------------------------------------------------- */

static const struct {
    const char *now, *name, *from, *to;
    const char *since, *until;
} before[] = {
    /* running: up to the same time of day */
    {NOW, "day", NULL, NULL, "2026-11-20T23:00:00.000Z", "2026-11-21T18:00:00.000Z"},
    {"2026-11-22T18:00:00.5Z", "day", NULL, NULL, "2026-11-20T23:00:00.000Z",
     "2026-11-21T18:00:00.500Z"},
    {NOW, "week", NULL, NULL, "2026-11-08T23:00:00.000Z", "2026-11-15T18:00:00.000Z"},
    {NOW, "month", NULL, NULL, "2026-09-30T22:00:00.000Z", "2026-10-22T17:00:00.000Z"},
    {NOW, "year", NULL, NULL, "2024-12-31T23:00:00.000Z", "2025-11-22T18:00:00.000Z"},
    {NOW, NULL, "2026-11-13", "2026-11-22", "2026-11-02T23:00:00.000Z", "2026-11-12T18:00:00.000Z"},
    {NOW, NULL, "2026-11-13", "2026-12-12", "2026-10-13T22:00:00.000Z", "2026-10-23T17:00:00.000Z"},
    /* what the month before does not have is its end */
    {"2026-03-31T18:00:00Z", "month", NULL, NULL, "2026-01-31T23:00:00.000Z",
     "2026-02-28T23:00:00.000Z"},
    {"2026-03-29T18:00:00Z", "month", NULL, NULL, "2026-01-31T23:00:00.000Z",
     "2026-02-28T23:00:00.000Z"},
    {"2026-03-28T18:00:00Z", "month", NULL, NULL, "2026-01-31T23:00:00.000Z",
     "2026-02-28T18:00:00.000Z"},
    {"2026-01-31T18:00:00Z", "month", NULL, NULL, "2025-11-30T23:00:00.000Z",
     "2025-12-31T18:00:00.000Z"},
    {"2028-02-29T18:00:00Z", "year", NULL, NULL, "2026-12-31T23:00:00.000Z",
     "2027-03-01T18:00:00.000Z"},
    /* the day after clocks were set forward, in the hour that was left out, and an hour later */
    {"2026-03-30T00:30:00Z", "day", NULL, NULL, "2026-03-28T23:00:00.000Z",
     "2026-03-29T01:00:00.000Z"},
    {"2026-03-30T01:30:00Z", "day", NULL, NULL, "2026-03-28T23:00:00.000Z",
     "2026-03-29T01:30:00.000Z"},
    /* over: all of the one before */
    {NOW, "day", "2026-11-20", NULL, "2026-11-18T23:00:00.000Z", "2026-11-19T23:00:00.000Z"},
    {NOW, "week", "2026-11-15", NULL, "2026-11-01T23:00:00.000Z", "2026-11-08T23:00:00.000Z"},
    {NOW, "month", "2026-03-01", NULL, "2026-01-31T23:00:00.000Z", "2026-02-28T23:00:00.000Z"},
    {NOW, "year", "2025-03-01", NULL, "2023-12-31T23:00:00.000Z", "2024-12-31T23:00:00.000Z"},
    {NOW, NULL, "2026-04-01", "2026-04-30", "2026-03-01T23:00:00.000Z", "2026-03-31T22:00:00.000Z"},
    /* to come */
    {NOW, "week", "2026-11-23", NULL, "2026-11-15T23:00:00.000Z", "2026-11-22T23:00:00.000Z"},
};

START_TEST(the_same_stretch_before_ends_at_the_same_place)
{
    ck_assert(parse_in(BERLIN, before[_i].now, before[_i].name, before[_i].from, before[_i].to));
    ck_assert(period.has_before);
    assert_time(period.before_since, before[_i].since);
    assert_time(period.before_until, before[_i].until);
}
END_TEST

START_TEST(before_1970_there_is_nothing_to_compare_with)
{
    static const char *const names[] = {"day", "week", "month", "year"};

    for (int i = 0; i < COUNT(names); i++) {
        ck_assert(parse_in(BERLIN, NOW, names[i], "1970-01-01", NULL));
        ck_assert(!period.has_before);
    }
    ck_assert(parse_in(BERLIN, NOW, NULL, "1970-01-10", "1970-01-19"));
    ck_assert(!period.has_before);
    ck_assert(parse_in(BERLIN, NOW, NULL, "1970-01-11", "1970-01-20"));
    ck_assert(period.has_before);
}
END_TEST

/* -- titles ------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *from, *to;
    const char *title, *before;
} titles[] = {
    {"day", NULL, NULL, "Today", "yesterday up to this time"},
    {"day", "2026-11-22", NULL, "Today", "yesterday up to this time"},
    {"day", "2026-11-21", NULL, "Yesterday", "the day before"},
    {"day", "2026-11-20", NULL, "2026-11-20", "the day before"},
    {"day", "2026-11-23", NULL, "2026-11-23", "the day before"},
    {"week", NULL, NULL, "This week", "the same part of last week"},
    {"week", "2026-11-15", NULL, "Last week", "the week before"},
    {"week", "2026-11-08", NULL, "2026-11-02 to 2026-11-08", "the week before"},
    {"month", NULL, NULL, "November 2026", "the same part of last month"},
    {"month", "2026-02-03", NULL, "February 2026", "the month before"},
    {"year", NULL, NULL, "2026", "the same part of last year"},
    {"year", "2025-02-03", NULL, "2025", "the year before"},
    {"all", NULL, NULL, "All time", ""},
    {NULL, "2026-01-01", "2026-03-31", "2026-01-01 to 2026-03-31", "the 90 days before"},
    {NULL, "2026-01-01", NULL, "2026-01-01", "the day before"},
    {NULL, "2026-11-22", NULL, "2026-11-22", "the same part of the day before"},
    {NULL, "2026-11-13", "2026-11-22", "2026-11-13 to 2026-11-22",
     "the same part of the 10 days before"},
    {NULL, "1970-01-01", "9999-12-31", "1970-01-01 to 9999-12-31", ""},
};

START_TEST(a_period_has_a_title_and_so_has_the_one_before)
{
    char title[PERIOD_TITLE_SIZE];

    ck_assert(parse_in(BERLIN, NOW, titles[_i].name, titles[_i].from, titles[_i].to));
    ck_assert_str_eq(period_title(&period, zone, at(NOW), title), titles[_i].title);
    ck_assert_str_eq(period_before_title(&period, title), titles[_i].before);
}
END_TEST

START_TEST(a_name_leads_to_the_kind_that_has_it)
{
    for (int kind = 0; kind < PERIOD_KINDS; kind++) {
        const char *from = kind == PERIOD_FREE ? "2026-01-01" : NULL;

        ck_assert(parse_in(BERLIN, NOW, period_name((enum period_kind)kind), from, NULL));
        ck_assert_int_eq((int)period.kind, kind);
    }
}
END_TEST

/* -- anything at any time ---------------------------------------------------------------------- */

static void hold(bool holds, const char *what, const char *name, const char *from, const char *to,
                 int64_t now)
{
    if (!holds)
        ck_abort_msg("%s: \"%s\", \"%s\" to \"%s\", now %lld", what, name ? name : "none",
                     from ? from : "none", to ? to : "none", (long long)now);
}

/* A date, or what is nearly one. */
static const char *some_day(struct chance *chance, char text[static 32])
{
    snprintf(text, 32, "%04d-%02d-%02d", (int)chance_below(chance, 10001),
             (int)chance_below(chance, 14), (int)chance_below(chance, 33));
    if (chance_below(chance, 8) == 0)
        text[chance_below(chance, 10)] = (char)chance_next(chance);
    return chance_below(chance, 3) == 0 ? NULL : text;
}

static const char *const zones[] = {"UTC0", BERLIN, CHILE,
                                    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
                                    "AAA24:59:59BBB-24:59:59,M3.5.0/-167,M10.5.0/167"};

START_TEST(H8_whatever_is_asked_the_answer_is_a_period)
{
    static const char *const names[] = {"day", "week", "month", "year",
                                        "all", "free", "else",  NULL};
    static const int64_t ends[] = {INT64_MIN, -1, 0, INT64_C(253402300800000), INT64_MAX};
    struct chance chance = chance_open("whatever_is_asked");
    char first[32], last[32], title[PERIOD_TITLE_SIZE];

    zone = zone_of_rule(zones[_i]);
    for (int i = 0; i < 20000; i++) {
        const char *name = CHANCE_PICK(&chance, names);
        const char *from = some_day(&chance, first), *to = some_day(&chance, last);
        int64_t now = chance_below(&chance, 10) == 0
                          ? CHANCE_PICK(&chance, ends)
                          : (int64_t)chance_below(&chance, INT64_C(3000000000000));

        period_parse(name, from, to, zone, now, &period);
        hold(period.since <= period.until, "bounds", name, from, to, now);
        hold(period.running ==
                 (period.kind == PERIOD_ALL || (period.since <= now && now < period.until)),
             "running", name, from, to, now);
        hold(period.kind == PERIOD_ALL ||
                 (period.first_day >= 0 && period.first_day <= period.last_day &&
                  period.last_day <= 2932896),
             "days", name, from, to, now);
        hold(!period.has_before || (period.before_since <= period.before_until &&
                                    period.before_until <= period.since),
             "before", name, from, to, now);
        hold(period_title(&period, zone, now, title)[0] != '\0' && strlen(title) < sizeof(title),
             "title", name, from, to, now);
        hold((period_before_title(&period, title)[0] != '\0') == period.has_before, "its title",
             name, from, to, now);
    }
}
END_TEST

Suite *period_suite(void);
Suite *period_suite(void)
{
    Suite *suite = suite_create("period");
    TCase *periods = tcase_create("periods");

    tcase_add_checked_fixture(periods, NULL, tidy_up);
    tcase_add_loop_test(periods, a_name_and_days_are_a_stretch_of_whole_days, 0, COUNT(days));
    tcase_add_test(periods, all_time_has_no_bounds_and_nothing_before);
    tcase_add_loop_test(periods, what_makes_no_sense_is_the_week, 0, COUNT(senseless));
    tcase_add_test(periods, a_period_that_begins_now_runs_and_one_that_ends_now_does_not);
    tcase_add_test(periods, a_day_without_its_first_hour_begins_at_one);
    tcase_add_test(periods, a_day_that_was_left_out_is_empty);
    tcase_add_loop_test(periods, the_same_stretch_before_ends_at_the_same_place, 0, COUNT(before));
    tcase_add_test(periods, before_1970_there_is_nothing_to_compare_with);
    tcase_add_loop_test(periods, a_period_has_a_title_and_so_has_the_one_before, 0, COUNT(titles));
    tcase_add_test(periods, a_name_leads_to_the_kind_that_has_it);
    tcase_add_loop_test(periods, H8_whatever_is_asked_the_answer_is_a_period, 0, COUNT(zones));
    suite_add_tcase(suite, periods);
    return suite;
}
