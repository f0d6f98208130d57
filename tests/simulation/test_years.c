/* SPDX-License-Identifier: MIT */
/*
 * Years of listening and polling in seconds: the rules of capture/policy, capture/reconcile and
 * capture/gate against a model of Spotify and of the people who listen (doc/polling.md).
 *
 *   SIM_YEARS=N   user-years in all, shared among the tests: fewer for slow runs, more for long
 * ones SIM_SEED=N    other years SIM_DETAILS=1 more figures SIM_USER=N    only the household of
 * this user, as a failure names it; with CK_RUN_CASE its test
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "simulation/home.h"

#define YEARS 2000 /* of all tests together, unless SIM_YEARS says otherwise */
#define SEED UINT64_C(20261122)
#define PLANNED_A_DAY 144 /* calls for one user, at ten minutes */

struct years {
    const char *name;
    double share; /* of all user-years */
    size_t users; /* in a household; 0: one to five */
    int64_t days; /* 0: a year */
    struct home_options options;
};

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t seed_of(uint64_t base, const char *name, uint64_t home)
{
    struct chance chance = chance_from(base ^ (home << 32));

    for (; *name; name++)
        chance.state = chance_next(&chance) + (unsigned char)*name;
    return chance_next(&chance);
}

static void live_one(const struct years *years, uint64_t base, uint64_t number,
                     struct home_tally *tally)
{
    struct home_options options = years->options;
    char why[300];

    options.users = years->users ? years->users : 1 + number % 5;
    options.days = years->days ? years->days : 365;
    options.seed = seed_of(base, years->name, number);
    if (!home_live(&options, tally, why, sizeof(why)))
        ck_abort_msg("%s: household %" PRIu64 ": %s (again: CK_RUN_CASE=%s SIM_SEED=%" PRIu64
                     " SIM_USER=%" PRIu64 ")",
                     years->name, number, why, years->name, base, number * HOME_USERS_MAX);
}

static void print_details(const struct years *years, const struct home_tally *tally)
{
    printf("%s: %" PRId64 " tails, %" PRId64 " sweeps, %" PRId64 " unchanged, %" PRId64
           " failed, %" PRId64 " held; a user's most calls a day %" PRId64 "; %" PRId64
           " restarts, %" PRId64 " of them kills, %" PRId64 " sign-ins\n",
           years->name, tally->tails, tally->sweeps, tally->unchanged, tally->failures, tally->held,
           tally->most_calls_a_day, tally->restarts, tally->kills, tally->logins);
    printf("%s: there was room in the list for %" PRId64 " of the late ones lost and %" PRId64
           " of the others; %" PRId64 " were taken back by Spotify unseen; %" PRId64
           " were older than a record that began with a short list\n",
           years->name, tally->lost_late_listed, tally->lost_listed, tally->vanished,
           tally->before_record);
    printf("%s: %" PRId64 " gaps were covered by a later page, %" PRId64
           " lost plays lie in these; of the empty ones %" PRId64 " were not\n",
           years->name, tally->covered, tally->lost_covered, tally->empty_open);
}

static void print_summary(const struct years *years, uint64_t base, const struct home_tally *tally,
                          double took)
{
    double user_years = (double)tally->user_days / 365;

    printf("%s: %.1f user-years in %.1f s, seed %" PRIu64 ": %" PRId64 " calls, %" PRId64
           " plays, %" PRId64 " of them late\n",
           years->name, user_years, took, base, tally->calls, tally->stored, tally->stored_late);
    printf("%s: gaps: %" PRId64 " likely (%" PRId64 " empty), %" PRId64 " possible (%" PRId64
           " empty), %.2f empty a user-year; pushed out unseen: %" PRId64
           " in order, all in gaps, and %" PRId64 " late, %" PRId64 " in gaps\n",
           years->name, tally->likely, tally->empty_likely, tally->possible, tally->empty_possible,
           (double)(tally->empty_likely + tally->empty_possible) / user_years, tally->lost,
           tally->lost_late, tally->lost_late_in_gap);
    if (years->options.naive)
        printf("%s: of %" PRId64 " plays that the list showed, a cursor alone misses %" PRId64
               " (hourly %" PRId64 "), the daemon %" PRId64 " late ones and %" PRId64 " others\n",
               years->name, tally->listed, tally->naive_missed, tally->naive_hourly_missed,
               tally->lost_late_listed, tally->lost_listed);
    if (getenv("SIM_DETAILS"))
        print_details(years, tally);
    fflush(stdout);
}

static struct home_tally live(const struct years *years)
{
    uint64_t base = number_from("SIM_SEED", SEED);
    uint64_t only = number_from("SIM_USER", UINT64_MAX);
    double wanted = years->share * (double)number_from("SIM_YEARS", YEARS) * 365;
    double began = seconds();
    struct home_tally tally = {0};

    if (only != UINT64_MAX)
        live_one(years, base, only / HOME_USERS_MAX, &tally);
    for (uint64_t number = 0; only == UINT64_MAX && (double)tally.user_days < wanted; number++)
        live_one(years, base, number, &tally);
    print_summary(years, base, &tally, seconds() - began);
    return tally;
}

/* ---- the years ---- */

static struct home_options ten_minutes(void)
{
    return (struct home_options){
        .poll_interval_ms = 10 * MINUTE,
        .sweep_interval_ms = HOUR,
        .listener = {.listens = true, .quirks = {.delay_s = 45}},
    };
}

static struct home_options measured(double faults)
{
    struct home_options options = ten_minutes();

    options.listener.quirks = world_quirks_measured();
    options.faults = faults;
    return options;
}

/* Rates mean something over many years only, not over one household or a short run. */
static bool is_long(const struct home_tally *tally)
{
    return tally->user_days >= INT64_C(100) * 365;
}

static int64_t calls_planned(const struct home_tally *tally)
{
    return tally->user_days * PLANNED_A_DAY;
}

START_TEST(where_spotify_does_as_documented_nothing_is_lost_and_no_gap_is_seen)
{
    struct years years = {.name = "plain", .share = 0.04, .options = ten_minutes()};
    struct home_tally tally = live(&years);

    ck_assert_int_eq(tally.lost + tally.lost_late, 0);
    ck_assert_int_eq(tally.likely + tally.possible, 0);
    ck_assert_int_le(tally.calls, calls_planned(&tally) * 101 / 100);
}
END_TEST

/* The judge holds each play that is lost here against the time for which it was listed. */
START_TEST(with_all_well_nothing_is_lost_that_was_listed_for_longer_than_an_interval)
{
    struct years years = {.name = "calm", .share = 0.1, .options = measured(0)};
    struct home_tally tally;

    years.options.naive = true;
    tally = live(&years);
    if (is_long(&tally)) {
        ck_assert_int_le(tally.lost_late_listed * 2000, tally.listed);
        ck_assert_int_ge(tally.naive_missed, 10 * tally.lost_late_listed);
        ck_assert_int_le(tally.empty_likely * 6, tally.likely);
    }
    ck_assert_int_le(tally.calls, calls_planned(&tally) * 102 / 100);
    ck_assert_int_le(tally.most_calls_a_day, 2 * PLANNED_A_DAY);
}
END_TEST

START_TEST(with_a_sweep_each_time_fewer_late_plays_are_lost)
{
    struct years years = {.name = "sweeping", .share = 0.08, .options = measured(0)};
    struct home_tally tally;

    years.options.naive = true;
    years.options.sweep_interval_ms = years.options.poll_interval_ms;
    tally = live(&years);
    ck_assert_int_le(tally.tails * 1000, tally.sweeps); /* those of somebody who skips */
    if (is_long(&tally))
        ck_assert_int_le(tally.lost_late_listed * 10000, tally.listed);
}
END_TEST

START_TEST(of_somebody_who_skips_through_76_songs_in_two_hours_nothing_is_lost)
{
    struct years years = {.name = "skipper", .share = 0.01, .options = ten_minutes()};
    struct home_tally tally;

    years.options.listener.plays_per_day = 400;
    years.options.listener.quirks.binge = 1;
    tally = live(&years);
    ck_assert_int_eq(tally.lost + tally.lost_late, 0);
    ck_assert_int_eq(tally.likely + tally.possible, 0);
}
END_TEST

START_TEST(of_a_song_every_eight_seconds_only_the_first_minutes_are_lost_and_noted)
{
    struct years years = {
        .name = "racer", .share = 0.0003, .users = 1, .days = 10, .options = ten_minutes()};
    struct home_tally tally;

    years.options.listener.pace_ms = 8 * SECOND;
    years.options.listener.quirks.delay_s = 5;
    tally = live(&years);
    ck_assert_int_le(tally.lost, 60 * tally.homes + 100);
    ck_assert_int_le(tally.likely + tally.possible, 2 * tally.homes + 5);
    ck_assert_int_le(tally.most_calls_a_day, 4 * PLANNED_A_DAY);
}
END_TEST

START_TEST(with_everything_going_wrong_every_loss_is_noted)
{
    struct years years = {.name = "faulty", .share = 0.4, .options = measured(1)};
    struct home_tally tally = live(&years);

    if (is_long(&tally)) {
        ck_assert_int_le(tally.empty_likely * 6, tally.likely);
        ck_assert_int_le(tally.calls, calls_planned(&tally) * 105 / 100);
    }
    ck_assert_int_le(tally.most_calls_a_day, 4 * PLANNED_A_DAY);
}
END_TEST

START_TEST(with_far_more_going_wrong_than_ever_does_every_loss_is_noted)
{
    struct years years = {.name = "wild", .share = 0.2, .options = measured(8)};
    struct world_quirks *quirks = &years.options.listener.quirks;

    quirks->late_batch *= 6;
    quirks->stalls_per_day *= 4;
    quirks->long_stalls_per_day *= 4;
    quirks->twin = quirks->twice = quirks->echo = 0.02;
    quirks->burst = quirks->binge = quirks->repeat = 0.1;
    quirks->whole_second = 0.2;
    quirks->vanish *= 5;
    quirks->short_per_day *= 5;
    quirks->back_per_day *= 20;
    live(&years);
}
END_TEST

START_TEST(with_an_hour_between_polls_more_is_lost_and_every_loss_is_noted)
{
    struct years years = {.name = "hourly", .share = 0.1, .options = measured(1)};

    years.options.poll_interval_ms = HOUR;
    live(&years);
}
END_TEST

START_TEST(ten_users_within_one_budget_are_polled_less_often_and_every_loss_is_noted)
{
    struct years years = {.name = "crowd", .share = 0.085, .users = 10, .options = measured(1)};
    struct home_options *options = &years.options;
    struct home_tally tally;

    options->poll_interval_ms = policy_stretch(10 * MINUTE, HOUR, 1000, years.users);
    tally = live(&years);
    if (is_long(&tally))
        ck_assert_int_le(tally.calls, tally.user_days * 1000 / 10 * 105 / 100);
}
END_TEST

static void add_case(Suite *suite, const char *name, const TTest *test)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 3600);
    tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
}

Suite *years_suite(void)
{
    Suite *suite = suite_create("years");

    add_case(suite, "plain", where_spotify_does_as_documented_nothing_is_lost_and_no_gap_is_seen);
    add_case(suite, "calm",
             with_all_well_nothing_is_lost_that_was_listed_for_longer_than_an_interval);
    add_case(suite, "sweeping", with_a_sweep_each_time_fewer_late_plays_are_lost);
    add_case(suite, "skipper", of_somebody_who_skips_through_76_songs_in_two_hours_nothing_is_lost);
    add_case(suite, "racer",
             of_a_song_every_eight_seconds_only_the_first_minutes_are_lost_and_noted);
    add_case(suite, "faulty", with_everything_going_wrong_every_loss_is_noted);
    add_case(suite, "wild", with_far_more_going_wrong_than_ever_does_every_loss_is_noted);
    add_case(suite, "hourly", with_an_hour_between_polls_more_is_lost_and_every_loss_is_noted);
    add_case(suite, "crowd",
             ten_users_within_one_budget_are_polled_less_often_and_every_loss_is_noted);
    return suite;
}
