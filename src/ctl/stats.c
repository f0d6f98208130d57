/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/exit.h"
#include "base/zone.h"
#include "ctl/choice.h"
#include "ctl/ctl.h"
#include "ctl/draw.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/tally.h"
#include "ctl/user.h"
#include "ctl/view_plays.h"

#define DAYS 30
#define FIRST 3 /* of each list */

enum { OPTION_USER, OPTION_SINCE, OPTION_UNTIL, OPTION_JSON };

const struct ctl_option ctl_stats_options[] = {
    [OPTION_USER] = {"user", "USER", CHOICE_USER_HELP, 0},
    [OPTION_SINCE] = {"since", "TIME", CHOICE_SINCE_HELP, 0},
    [OPTION_UNTIL] = {"until", "TIME", CHOICE_UNTIL_HELP, 0},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

/* What is told about one user. */
struct tour {
    const struct choice *choice;
    const struct zone *zone;
    struct store_stats_filter filter; /* what was asked for */
    struct store_times times;         /* of it */
    enum store_result result;
    json_t *json;
};

/* Puts a value in; false, and no memory, without one. */
static bool put(struct tour *tour, const char *key, json_t *value)
{
    return json_object_set_new(tour->json, key, value) == 0;
}

/* -- Totals ------------------------------------------------------------------------------------ */

static json_t *totals_json(const char *range, const struct store_tally *tally)
{
    json_t *json = json_pack(
        "{s:o,s:o,s:I,s:I,s:I,s:I,s:I}", "since", choice_time_json(tally->filter.since), "until",
        choice_time_json(tally->filter.until), "plays", (json_int_t)tally->plays, "listened_ms",
        (json_int_t)tally->listened_ms, "tracks", (json_int_t)tally->kind[STORE_KIND_TRACK].count,
        "artists", (json_int_t)tally->kind[STORE_KIND_ARTIST].count, "albums",
        (json_int_t)tally->kind[STORE_KIND_ALBUM].count);

    if (range && json_object_set_new(json, "range", json_string(range)) < 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* The sums of a stretch; NULL: tour->result, or no memory. */
static json_t *stretch_json(struct tour *tour, const char *range, int64_t since, int64_t until)
{
    struct store_stats_filter filter = {tour->filter.user_id, since, until};
    struct store_tally *tally = NULL;
    json_t *json = NULL;

    tour->result = store_tally_read(tour->choice->store, &filter, &tally);
    if (tour->result == STORE_OK)
        json = totals_json(range, tally);
    store_tally_free(tally);
    return json;
}

/* A stretch of the calendar up to now, and the one before up to the same place. */
static json_t *unit_json(struct tour *tour, const char *range, enum when_unit unit)
{
    int64_t now = tour->choice->now;
    json_t *json = stretch_json(tour, range, when_begins(unit, 0, now), now);

    if (json && json_object_set_new(json, "before",
                                    stretch_json(tour, NULL, when_begins(unit, 1, now),
                                                 when_same_before(unit, now))) < 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* The stretch that was asked for, and as long a one before it. */
static json_t *asked_json(struct tour *tour, const struct store_tally *tally)
{
    int64_t since = tour->filter.since, until = tour->filter.until;
    bool all = since == STORE_NO_TIME && until == STORE_NO_TIME;
    json_t *json = totals_json(all ? "all" : "asked", tally), *before;

    if (since == STORE_NO_TIME) {
        before = json_null();
    } else {
        if (until == STORE_NO_TIME || until > tour->choice->now)
            until = tour->choice->now;
        before =
            until > since ? stretch_json(tour, NULL, since - (until - since), since) : json_null();
    }
    if (!json || json_object_set_new(json, "before", before) < 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *ranges_json(struct tour *tour, const struct store_tally *tally)
{
    static const struct {
        const char *range;
        enum when_unit unit;
    } units[] = {{"today", WHEN_DAY},
                 {"this week", WHEN_WEEK},
                 {"this month", WHEN_MONTH},
                 {"this year", WHEN_YEAR}};
    bool all = tour->filter.since == STORE_NO_TIME && tour->filter.until == STORE_NO_TIME;
    json_t *ranges = json_array();
    bool fits = true;

    for (size_t i = 0; all && fits && i < sizeof(units) / sizeof(units[0]); i++)
        fits = json_array_append_new(ranges, unit_json(tour, units[i].range, units[i].unit)) == 0;
    if (!fits || json_array_append_new(ranges, asked_json(tour, tally)) < 0) {
        json_decref(ranges);
        ranges = NULL;
    }
    return ranges;
}

/* -- When -------------------------------------------------------------------------------------- */

static json_t *day_json(int64_t day, int64_t plays, int64_t listened_ms)
{
    char text[DRAW_TIME_SIZE];

    return json_pack("{s:s,s:I,s:I}", "day", draw_day(day, text), "plays", (json_int_t)plays,
                     "listened_ms", (json_int_t)listened_ms);
}

static int64_t day_of(const struct tour *tour, int64_t moment)
{
    int32_t second;

    return zone_day(tour->zone, moment, &second);
}

/* The last days of the stretch, 30 at most, oldest first, also those without a play. */
static json_t *days_json(const struct tour *tour)
{
    int64_t until = tour->filter.until, now = tour->choice->now;
    int64_t last = day_of(tour, until == STORE_NO_TIME || until > now ? now : until - 1);
    int64_t first = last - DAYS + 1;
    json_t *days = json_array();

    if (tour->filter.since != STORE_NO_TIME && day_of(tour, tour->filter.since) > first)
        first = day_of(tour, tour->filter.since);
    for (int64_t day = first; days && day <= last; day++) {
        struct store_count count = store_days_get(&tour->times.days, day);

        if (json_array_append_new(days, day_json(day, count.plays, count.listened_ms)) < 0) {
            json_decref(days);
            days = NULL;
        }
    }
    return days;
}

/* Plays by hour, of each weekday, Monday first. */
static json_t *clock_json(const struct store_times *times)
{
    json_t *clock = json_array();

    for (int day = 0; clock && day < STORE_WEEK_DAYS; day++) {
        json_t *hours = json_array();

        for (int hour = 0; hours && hour < STORE_DAY_HOURS; hour++)
            json_array_append_new(hours, json_integer(times->clock[day][hour].plays));
        if (json_array_size(hours) != STORE_DAY_HOURS || json_array_append(clock, hours) < 0) {
            json_decref(clock);
            clock = NULL;
        }
        json_decref(hours);
    }
    return clock;
}

static json_t *streak_json(const struct store_times *times)
{
    struct store_streak streak = store_days_streak(&times->days);
    char first[DRAW_TIME_SIZE], last[DRAW_TIME_SIZE];

    if (streak.days == 0)
        return json_null();
    return json_pack("{s:I,s:s,s:s}", "days", (json_int_t)streak.days, "first_day",
                     draw_day(streak.first_day, first), "last_day",
                     draw_day(streak.first_day + streak.days - 1, last));
}

/* -- What, and what is missing ------------------------------------------------------------------ */

static json_t *top_json(struct tour *tour, const struct store_tally *tally)
{
    json_t *top = json_object();

    for (int kind = 0; top && kind < STORE_KINDS; kind++)
        if (json_object_set_new(top, tally_kind_name((enum store_kind)kind),
                                tally_top_json(tour->choice->store, tally, (enum store_kind)kind,
                                               STORE_BY_PLAYS, FIRST, &tour->result)) < 0) {
            json_decref(top);
            top = NULL;
        }
    return top;
}

static json_t *coverage_json(struct tour *tour)
{
    struct store_missing missing;
    struct store_user user;

    tour->result = store_user_get(tour->choice->store, tour->filter.user_id, &user);
    if (tour->result == STORE_OK)
        tour->result = store_missing_get(tour->choice->store, &tour->filter, &missing);
    if (tour->result != STORE_OK)
        return NULL;
    return json_pack(
        "{s:o,s:o,s:I,s:I,s:o,s:o}", "recorded_since", choice_time_json(user.first_sweep_at),
        "last_success_at", choice_time_json(user.last_success_at), "likely",
        (json_int_t)missing.likely, "possible", (json_int_t)missing.possible, "first_gap_at",
        choice_time_json(missing.first_at), "last_gap_at", choice_time_json(missing.last_at));
}

static bool put_all(struct tour *tour, const struct store_tally *tally)
{
    int64_t user_id = tour->filter.user_id, first = STORE_NO_TIME, last = STORE_NO_TIME;

    tour->result = store_bounds_within(tour->choice->store, &tour->filter, &first, &last);
    return tour->result == STORE_OK && put(tour, "user", json_integer(user_id)) &&
           put(tour, "user_name", choice_text_json(choice_user_name(tour->choice, user_id))) &&
           put(tour, "first_at", choice_time_json(first)) &&
           put(tour, "last_at", choice_time_json(last)) &&
           put(tour, "ranges", ranges_json(tour, tally)) && put(tour, "days", days_json(tour)) &&
           put(tour, "clock", clock_json(&tour->times)) &&
           put(tour, "streak", streak_json(&tour->times)) &&
           put(tour, "top", top_json(tour, tally)) &&
           put(tour, "discoveries",
               tally_discoveries_json(tour->choice->store, tally, FIRST, &tour->result)) &&
           put(tour, "coverage", coverage_json(tour));
}

static json_t *user_json(struct tour *tour)
{
    struct store_tally *tally = NULL;

    tour->json = json_object();
    tour->result = store_times_read(tour->choice->store, &tour->filter, tour->zone, &tour->times);
    if (tour->result == STORE_OK)
        tour->result = store_tally_read(tour->choice->store, &tour->filter, &tally);
    if (tour->result != STORE_OK || !put_all(tour, tally)) {
        json_decref(tour->json);
        tour->json = NULL;
    }
    store_tally_free(tally);
    store_times_free(&tour->times);
    return tour->json;
}

/* -- The command ------------------------------------------------------------------------------- */

static int print_users(const struct choice *choice, const struct store_stats_filter *filter,
                       json_t *users)
{
    json_t *json = json_pack("{s:o,s:o,s:o}", "since", choice_time_json(filter->since), "until",
                             choice_time_json(filter->until), "users", users);
    struct buf out = {0};

    if (!json)
        out.failed = true;
    else if (choice->call->option[OPTION_JSON])
        look_add_json(json, &out);
    else
        view_stats(json, (struct view_look){print_look_now(), draw_has_blocks(), false}, &out);
    json_decref(json);
    return print_out(&out);
}

static int run(const struct choice *choice, const struct zone *zone)
{
    const struct ctl_call *call = choice->call;
    struct tour tour = {.choice = choice, .zone = zone};
    json_t *users, *user;
    size_t at;

    if (!choice_read_times(call, call->option[OPTION_SINCE], call->option[OPTION_UNTIL],
                           choice->now, &tour.filter.since, &tour.filter.until))
        return EXIT_STATUS_USAGE;
    users = json_array();
    json_array_foreach (choice->users, at, user) {
        tour.filter.user_id = user_number(user);
        if (json_array_append_new(users, user_json(&tour)) < 0) {
            json_decref(users);
            users = NULL;
            break;
        }
    }
    if (tour.result == STORE_OK)
        return print_users(choice, &tour.filter, users);
    json_decref(users);
    return choice_failed(choice, tour.result);
}

int ctl_stats(const struct ctl_call *call)
{
    struct choice choice;
    struct zone *zone = NULL;
    int status = choice_open(&choice, call, call->option[OPTION_USER]);

    if (status == EXIT_STATUS_OK && !(zone = zone_open(NULL))) {
        print_error(call->command, "out of memory");
        status = EXIT_STATUS_SOFTWARE;
    }
    if (status == EXIT_STATUS_OK)
        status = run(&choice, zone);
    zone_free(zone);
    choice_close(&choice);
    return status;
}
