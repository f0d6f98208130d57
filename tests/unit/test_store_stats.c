/* SPDX-License-Identifier: MIT */
/* What was played in a stretch of time, counted. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/chance.h"
#include "store/gaps.h"
#include "store/stats.h"
#include "store_help.h"

#define T0 STORE_HELP_T0
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define ALL STORE_NO_TIME

static struct store *store;
static struct store_tally *tally;
static struct store_times times;
static struct zone *zone;

static void setup(void)
{
    zone = zone_open("Europe/Berlin");
    ck_assert_ptr_nonnull(zone);
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
}

static void teardown(void)
{
    store_tally_free(tally);
    store_times_free(&times);
    zone_free(zone);
    store_close(store);
    store_help_teardown();
}

/* What the play was heard for: -1: nobody told. */
static void play(int64_t user_id, int64_t moment, int64_t nudge_ms, int64_t track_id,
                 int64_t ms_played)
{
    struct store_play row = {
        .user_id = user_id,
        .played_at = moment + nudge_ms,
        .nudge_ms = nudge_ms,
        .track_id = track_id,
        .source = ms_played < 0 ? STORE_SOURCE_API : STORE_SOURCE_EXTENDED,
        .first_seen_at = moment + 90000,
        .ms_played = ms_played,
    };

    ck_assert_int_eq(store_play_insert(store, &row), STORE_OK);
}

static void read_from(int64_t user_id, int64_t since, int64_t until)
{
    struct store_stats_filter filter = {user_id, since, until};

    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_msg(store_tally_read(store, &filter, &tally) == STORE_OK, "%s", store_message(store));
    ck_assert_msg(store_times_read(store, &filter, zone, &times) == STORE_OK, "%s",
                  store_message(store));
}

static void assert_bounds(int64_t user_id, int64_t since, int64_t until, int64_t first,
                          int64_t last)
{
    struct store_stats_filter filter = {user_id, since, until};
    int64_t from = 0, to = 0;

    ck_assert_int_eq(store_bounds_within(store, &filter, &from, &to), STORE_OK);
    ck_assert_int_eq(from, first);
    ck_assert_int_eq(to, last);
}

START_TEST(what_nobody_told_is_as_long_as_its_track)
{
    play(1, T0, 0, 1, -1); /* 200000 */
    play(1, T0 + 1, 0, 2, 30000);
    play(1, T0 + 2, 0, 1, 0);
    read_from(1, ALL, ALL);
    ck_assert_int_eq(tally->plays, 3);
    ck_assert_int_eq(tally->listened_ms, 230000);
    ck_assert_uint_eq(tally->kind[STORE_KIND_TRACK].count, 2);
    ck_assert_uint_eq(tally->kind[STORE_KIND_ARTIST].count, 1);
    ck_assert_uint_eq(tally->kind[STORE_KIND_ALBUM].count, 1);
    assert_bounds(1, ALL, ALL, T0, T0 + 2);
}
END_TEST

START_TEST(without_plays_everything_is_zero)
{
    struct store_counts top = {0};

    read_from(1, ALL, ALL);
    ck_assert_int_eq(tally->plays, 0);
    assert_bounds(1, ALL, ALL, STORE_NO_TIME, STORE_NO_TIME);
    ck_assert_int_eq(store_days_streak(&times.days).days, 0);
    ck_assert_int_eq(store_days_get(&times.days, 0).plays, 0);
    ck_assert_int_eq(store_tally_top(store, tally, STORE_KIND_TRACK, STORE_BY_PLAYS, 3, &top),
                     STORE_OK);
    ck_assert_uint_eq(top.count, 0);
    free(top.items);
}
END_TEST

START_TEST(J2_deleted_plays_and_those_of_others_do_not_count)
{
    int64_t bo = store_help_user(store, "bo");

    play(1, T0, 0, 1, -1);
    play(1, T0 + 1, 0, 2, -1);
    play(bo, T0, 0, 3, -1);
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE played_tracks SET deleted_at = 1 WHERE track_id = 2");
    store_help_begin(store, STORE_DURABLE);
    read_from(1, ALL, ALL);
    ck_assert_int_eq(tally->plays, 1);
    ck_assert_int_eq(tally->kind[STORE_KIND_TRACK].items[0].id, 1);
}
END_TEST

/* A play that was moved to a free ms belongs where its reported moment is. */
START_TEST(bounds_are_of_the_reported_moment)
{
    play(1, T0 - 1, 0, 1, -1);
    play(1, T0 - 1, 1, 2, -1); /* its key is the bound */
    play(1, T0, 1, 3, -1);
    play(1, T0 + DAY - 1, 7, 1, -1); /* its key is beyond */
    play(1, T0 + DAY, 8, 2, -1);
    read_from(1, T0, T0 + DAY);
    ck_assert_int_eq(tally->plays, 2);
    assert_bounds(1, T0, T0 + DAY, T0, T0 + DAY - 1);
}
END_TEST

START_TEST(an_unknown_user_is_not_found)
{
    struct store_stats_filter filter = {77, ALL, ALL};

    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_tally_read(store, &filter, &tally), STORE_NOT_FOUND);
    ck_assert_ptr_null(tally);
}
END_TEST

START_TEST(outside_of_a_transaction_nothing_is_counted)
{
    struct store_stats_filter filter = {1, ALL, ALL};

    store_help_commit(store);
    ck_assert_int_eq(store_tally_read(store, &filter, &tally), STORE_MISUSE);
}
END_TEST

/* -- local time ------------------------------------------------------------------------------- */

#define SPRING INT64_C(1774746000000) /* 2026-03-29T01:00:00Z, 02:00 becomes 03:00 */
#define AUTUMN INT64_C(1792890000000) /* 2026-10-25T01:00:00Z, 03:00 becomes 02:00 */
#define SPRING_DAY 20541              /* days since 1970-01-01 */
#define AUTUMN_DAY 20751
#define SUNDAY 6

START_TEST(D6_in_the_night_of_spring_the_hour_that_is_not_there_has_no_plays)
{
    play(1, SPRING - 1, 0, 1, -1); /* 01:59 */
    play(1, SPRING, 0, 1, -1);     /* 03:00 */
    read_from(1, ALL, ALL);
    ck_assert_int_eq(times.clock[SUNDAY][1].plays, 1);
    ck_assert_int_eq(times.clock[SUNDAY][2].plays, 0);
    ck_assert_int_eq(times.clock[SUNDAY][3].plays, 1);
    ck_assert_int_eq(store_days_get(&times.days, SPRING_DAY).plays, 2);
}
END_TEST

START_TEST(D6_in_the_night_of_autumn_an_hour_has_the_plays_of_two)
{
    play(1, AUTUMN - HOUR, 0, 1, -1); /* 02:00 */
    play(1, AUTUMN - 1, 0, 1, -1);    /* 02:59 */
    play(1, AUTUMN, 0, 1, -1);        /* 02:00 again */
    play(1, AUTUMN + HOUR, 0, 1, -1); /* 03:00 */
    read_from(1, ALL, ALL);
    ck_assert_int_eq(times.clock[SUNDAY][2].plays, 3);
    ck_assert_int_eq(times.clock[SUNDAY][3].plays, 1);
}
END_TEST

START_TEST(D6_days_begin_at_local_midnight_also_where_they_are_shorter_or_longer)
{
    play(1, SPRING - 2 * HOUR - 1, 0, 1, -1);  /* 23:59 on Saturday, UTC+1 */
    play(1, SPRING - 2 * HOUR, 0, 1, -1);      /* 00:00 */
    play(1, SPRING + 21 * HOUR - 1, 0, 1, -1); /* 23:59, UTC+2 */
    play(1, SPRING + 21 * HOUR, 0, 1, -1);     /* 00:00 on Monday */
    play(1, AUTUMN - 3 * HOUR, 0, 1, -1);      /* 00:00, UTC+2 */
    play(1, AUTUMN + 22 * HOUR - 1, 0, 1, -1); /* 23:59, UTC+1 */
    play(1, AUTUMN + 22 * HOUR, 0, 1, -1);
    read_from(1, ALL, ALL);
    ck_assert_int_eq(store_days_get(&times.days, SPRING_DAY - 1).plays, 1);
    ck_assert_int_eq(store_days_get(&times.days, SPRING_DAY).plays, 2);
    ck_assert_int_eq(store_days_get(&times.days, SPRING_DAY + 1).plays, 1);
    ck_assert_int_eq(store_days_get(&times.days, AUTUMN_DAY).plays, 2);
    ck_assert_int_eq(store_days_get(&times.days, AUTUMN_DAY + 1).plays, 1);
}
END_TEST

START_TEST(a_streak_is_the_longest_row_of_days_the_latest_of_equal_ones)
{
    static const int days[] = {0, 1, 2, 4, 5, 6, 9, 10};

    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
        play(1, T0 + days[i] * DAY + 12 * HOUR, 0, 1, -1);
    read_from(1, ALL, ALL);
    ck_assert_int_eq(store_days_streak(&times.days).days, 3);
    ck_assert_int_eq(store_days_streak(&times.days).first_day, T0 / DAY + 4);
}
END_TEST

/* -- what comes first ------------------------------------------------------------------------- */

START_TEST(the_top_is_by_plays_or_by_time_then_by_the_other)
{
    struct store_counts top;

    play(1, T0, 0, 1, 1000);
    play(1, T0 + 1, 0, 1, 1000);
    play(1, T0 + 2, 0, 2, 1500);
    play(1, T0 + 3, 0, 2, 1500);
    play(1, T0 + 4, 0, 3, 9000);
    read_from(1, ALL, ALL);
    ck_assert_int_eq(store_tally_top(store, tally, STORE_KIND_TRACK, STORE_BY_PLAYS, 2, &top),
                     STORE_OK);
    ck_assert_uint_eq(top.count, 2);
    ck_assert_int_eq(top.items[0].id, 2);
    ck_assert_int_eq(top.items[1].id, 1);
    free(top.items);
    ck_assert_int_eq(store_tally_top(store, tally, STORE_KIND_TRACK, STORE_BY_TIME, 9, &top),
                     STORE_OK);
    ck_assert_uint_eq(top.count, 3);
    ck_assert_int_eq(top.items[0].id, 3);
    ck_assert_int_eq(top.items[0].listened_ms, 9000);
    free(top.items);
}
END_TEST

START_TEST(a_discovery_was_not_heard_before_the_stretch)
{
    struct store_found_list found;
    struct store_stats_filter filter = {1, T0, ALL};

    play(1, T0 - DAY, 0, 1, -1);
    play(1, T0, 0, 1, -1);
    play(1, T0 + 1, 0, 2, -1);
    play(1, T0 + 2, 0, 3, -1);
    play(1, T0 + 3, 0, 2, -1);
    read_from(1, T0, ALL);
    ck_assert_int_eq(
        store_discoveries(store, &filter, (enum store_kind[]){STORE_KIND_TRACK}, 1, 5, &found),
        STORE_OK);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_int_eq(found.all, 2);
    ck_assert_int_eq(found.items[0].id, 3);
    ck_assert_int_eq(found.items[1].id, 2);
    ck_assert_int_eq(found.items[1].first_at, T0 + 1);
    free(found.items);
}
END_TEST

START_TEST(names_tell_artists_and_album_of_a_track)
{
    struct store_name name;

    store_help_commit(store);
    ck_assert_int_eq(store_name_get(store, STORE_KIND_TRACK, 1, &name), STORE_OK);
    ck_assert_str_eq(name.name, "Track 1");
    ck_assert_str_eq(name.artists, "Artist 0");
    ck_assert_str_eq(name.album, "Album 0");
    ck_assert_int_eq(name.duration_ms, 200000);
    store_name_free(&name);
    ck_assert_int_eq(store_name_get(store, STORE_KIND_ALBUM, 1, &name), STORE_OK);
    ck_assert_str_eq(name.name, "Album 0");
    ck_assert_str_eq(name.artists, "Artist 0");
    store_name_free(&name);
    ck_assert_int_eq(store_name_get(store, STORE_KIND_ARTIST, 1, &name), STORE_OK);
    ck_assert_str_eq(name.name, "Artist 0");
    ck_assert_ptr_null(name.artists);
    store_name_free(&name);
}
END_TEST

/* -- as the views have it --------------------------------------------------------------------- */

static void assert_view(const char *sql, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    ck_assert_msg(strcmp(store_help_ask(sql), text) == 0, "%s: %s, not %s", sql,
                  store_help_ask(sql), text);
}

START_TEST(sums_are_those_of_the_views)
{
    struct chance chance = chance_open("sums_are_those_of_the_views");
    char sql[200];

    setenv("TZ", "Europe/Berlin", 1); /* the views are of it */
    tzset();

    for (int n = 4; n < 600; n++)
        store_help_track(store, n);
    for (int i = 0; i < 3000; i++)
        play(1, T0 + i * 3 * HOUR + (int64_t)chance_below(&chance, 1000000), 0,
             1 + (int64_t)chance_below(&chance, 599),
             chance_below(&chance, 2) ? -1 : (int64_t)chance_below(&chance, 200000));
    read_from(1, ALL, ALL);
    store_rollback(store);
    assert_view("SELECT count(*) FROM plays", tally->plays);
    assert_view("SELECT sum(listened_ms) FROM track_totals", tally->listened_ms);
    assert_view("SELECT count(*) FROM track_totals", (int64_t)tally->kind[STORE_KIND_TRACK].count);
    assert_view("SELECT count(*) FROM artist_totals",
                (int64_t)tally->kind[STORE_KIND_ARTIST].count);
    assert_view("SELECT count(*) FROM album_totals", (int64_t)tally->kind[STORE_KIND_ALBUM].count);
    assert_view("SELECT count(*) FROM plays_by_day", (int64_t)times.days.count);
    for (size_t i = 0; i < tally->kind[STORE_KIND_ARTIST].count; i++) {
        const struct store_count *artist = &tally->kind[STORE_KIND_ARTIST].items[i];

        snprintf(sql, sizeof(sql),
                 "SELECT plays * 1000000000 + listened_ms FROM artist_totals"
                 " WHERE artist_id = %lld",
                 (long long)artist->id);
        assert_view(sql, artist->plays * 1000000000 + artist->listened_ms);
    }
    for (int hour = 0; hour < STORE_DAY_HOURS; hour++) {
        int64_t plays = 0;

        for (int day = 0; day < STORE_WEEK_DAYS; day++)
            plays += times.clock[day][hour].plays;
        snprintf(sql, sizeof(sql),
                 "SELECT coalesce(sum(plays), 0) FROM plays_by_hour WHERE hour = %d", hour);
        assert_view(sql, plays);
    }
}
END_TEST

/* -- the plays that came last ------------------------------------------------------------------ */

START_TEST(the_last_plays_of_all_stand_in_order_of_time)
{
    struct store_stats_filter filter = {0, T0, T0 + 10};
    struct store_recent_list list;
    int64_t bo = store_help_user(store, "bo");

    play(1, T0 - 1, 0, 1, -1);
    play(1, T0, 0, 1, -1);
    play(bo, T0 + 1, 0, 2, 7000);
    play(1, T0 + 2, 0, 3, -1);
    play(bo, T0 + 2, 0, 1, -1);
    play(bo, T0 + 10, 0, 1, -1);
    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_recent_load(store, &filter, 3, &list), STORE_OK);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_int_eq(list.items[0].user_id, 1);
    ck_assert_int_eq(list.items[0].played_at, T0 + 2);
    ck_assert_str_eq(list.items[0].track.name, "Track 3");
    ck_assert_str_eq(list.items[0].source, "api");
    ck_assert_int_eq(list.items[0].ms_played, -1);
    ck_assert_int_eq(list.items[1].user_id, bo);
    ck_assert_int_eq(list.items[2].ms_played, 7000);
    store_recent_free(&list);
}
END_TEST

START_TEST(the_last_plays_of_one_are_theirs_alone)
{
    struct store_stats_filter filter = {1, ALL, ALL};
    struct store_recent_list list;

    play(store_help_user(store, "bo"), T0 + 1, 0, 2, -1);
    play(1, T0, 0, 1, -1);
    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_recent_load(store, &filter, 10, &list), STORE_OK);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(list.items[0].user_id, 1);
    store_recent_free(&list);
}
END_TEST

/* -- what is missing --------------------------------------------------------------------------- */

static void gap(int64_t after, int64_t before, const char *certainty)
{
    struct store_gap row = {1, after, before, certainty, "unknown", before};

    ck_assert_int_eq(store_gap_add(store, &row), STORE_OK);
}

START_TEST(open_gaps_that_reach_into_the_stretch_are_counted)
{
    struct store_stats_filter filter = {1, T0, T0 + DAY};
    struct store_missing missing;

    gap(T0 - 10, T0, "likely");     /* ends where it begins */
    gap(T0 - 10, T0 + 1, "likely"); /* reaches into it */
    gap(T0 + 5, T0 + 9, "possible");
    gap(T0 + 6, T0 + 8, "possible"); /* filled below */
    gap(T0 + DAY, T0 + DAY + 1, "likely");
    store_help_commit(store);
    store_help_exec(
        store_help_db(),
        "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added,"
        " matched, duplicate, rejected) VALUES (1, 1, 'f', 'h', 'extended', 1, 0, 0, 0, 0, 0);"
        "UPDATE gaps SET filled_by = 1 WHERE gap_id = 4");
    ck_assert_int_eq(store_missing_get(store, &filter, &missing), STORE_OK);
    ck_assert_int_eq(missing.likely, 1);
    ck_assert_int_eq(missing.possible, 1);
    ck_assert_int_eq(missing.first_at, T0 - 10);
    ck_assert_int_eq(missing.last_at, T0 + 9);
}
END_TEST

Suite *store_stats_suite(void);

Suite *store_stats_suite(void)
{
    Suite *suite = suite_create("store_stats");
    TCase *test = tcase_create("stats");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, what_nobody_told_is_as_long_as_its_track);
    tcase_add_test(test, without_plays_everything_is_zero);
    tcase_add_test(test, J2_deleted_plays_and_those_of_others_do_not_count);
    tcase_add_test(test, bounds_are_of_the_reported_moment);
    tcase_add_test(test, an_unknown_user_is_not_found);
    tcase_add_test(test, outside_of_a_transaction_nothing_is_counted);
    tcase_add_test(test, D6_in_the_night_of_spring_the_hour_that_is_not_there_has_no_plays);
    tcase_add_test(test, D6_in_the_night_of_autumn_an_hour_has_the_plays_of_two);
    tcase_add_test(test, D6_days_begin_at_local_midnight_also_where_they_are_shorter_or_longer);
    tcase_add_test(test, a_streak_is_the_longest_row_of_days_the_latest_of_equal_ones);
    tcase_add_test(test, the_top_is_by_plays_or_by_time_then_by_the_other);
    tcase_add_test(test, a_discovery_was_not_heard_before_the_stretch);
    tcase_add_test(test, names_tell_artists_and_album_of_a_track);
    tcase_add_loop_test(test, sums_are_those_of_the_views, 0, 2);
    tcase_add_test(test, the_last_plays_of_all_stand_in_order_of_time);
    tcase_add_test(test, the_last_plays_of_one_are_theirs_alone);
    tcase_add_test(test, open_gaps_that_reach_into_the_stretch_are_counted);
    suite_add_tcase(suite, test);
    return suite;
}
