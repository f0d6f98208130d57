/* SPDX-License-Identifier: MIT */
/* Statistics of histories made by chance are what plain SQL says, however far the sums over the
 * plays are behind. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_help.h"
#include "store/detail.h"
#include "store_help.h"

#define PLAYS 500
#define STRETCHES 24

static struct store *store;

static void teardown(void)
{
    history_end();
    store_close(store);
    store_help_teardown();
}

/* A history in a state of its own, in a transaction that reads. */
static struct chance begin(const char *test, int state)
{
    struct chance chance = chance_open(test);

    history_make(&chance, PLAYS, (enum history_state)state);
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    return chance;
}

static void assert_ok(enum store_result result)
{
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
}

static int64_t number_of(const struct store_stats_filter *filter, const char *sql)
{
    char *rows = history_rows(filter, sql);
    int64_t number = strncmp(rows, "NULL", 4) == 0 ? STORE_NO_TIME : atoll(rows);

    free(rows);
    return number;
}

/* What is "of" a track, artist or album, as a condition on "plain" and "here". */
static const char *condition(enum store_kind kind, int64_t id)
{
    static char text[200];
    static const char *const conditions[STORE_KINDS] = {
        "track_id = ",
        "track_id IN (SELECT track_id FROM track_artists WHERE artist_id = ",
        "album_id = ",
    };

    snprintf(text, sizeof(text), "%s%d%s", conditions[kind], (int)id,
             kind == STORE_KIND_ARTIST ? ")" : "");
    return text;
}

/* -- the tally --------------------------------------------------------------------------------- */

START_TEST(a_tally_is_what_plain_sql_says)
{
    struct chance chance = begin("a_tally_is_what_plain_sql_says", _i);

    for (int i = 0; i < STRETCHES; i++) {
        struct store_stats_filter filter = history_filter(&chance);
        struct store_tally *tally;

        assert_ok(store_tally_read(store, &filter, &tally));
        history_check(&filter, "tracks", &tally->kind[STORE_KIND_TRACK],
                      "SELECT track_id, count(*), sum(ms) FROM here GROUP BY 1 ORDER BY 1");
        history_check(&filter, "artists", &tally->kind[STORE_KIND_ARTIST],
                      "SELECT artist_id, count(*), sum(ms) FROM here JOIN track_artists"
                      " USING (track_id) GROUP BY 1 ORDER BY 1");
        history_check(&filter, "albums", &tally->kind[STORE_KIND_ALBUM],
                      "SELECT album_id, count(*), sum(ms) FROM here WHERE album_id NOTNULL"
                      " GROUP BY 1 ORDER BY 1");
        ck_assert_int_eq(tally->plays, number_of(&filter, "SELECT count(*) FROM here"));
        ck_assert_int_eq(tally->listened_ms,
                         number_of(&filter, "SELECT coalesce(sum(ms), 0) FROM here"));
        store_tally_free(tally);
    }
}
END_TEST

START_TEST(the_first_of_a_tally_are_the_first_of_all_sorted)
{
    struct chance chance = begin("the_first_of_a_tally_are_the_first_of_all_sorted", HISTORY_FRESH);
    struct store_stats_filter filter = {1, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally;

    assert_ok(store_tally_read(store, &filter, &tally));
    for (int n = 0; n < 70; n++) {
        static const enum store_measure measures[] = {STORE_BY_PLAYS, STORE_BY_TIME};
        enum store_measure measure = CHANCE_PICK(&chance, measures);
        struct store_counts top;
        char sql[200];

        assert_ok(store_tally_top(store, tally, STORE_KIND_TRACK, measure, (size_t)n, &top));
        snprintf(sql, sizeof(sql),
                 "SELECT track_id, count(*), sum(ms) FROM here GROUP BY 1 ORDER BY %s LIMIT %d",
                 measure == STORE_BY_TIME ? "3 DESC, 2 DESC, 1" : "2 DESC, 3 DESC, 1", n);
        history_check(&filter, "top", &top, sql);
        free(top.items);
    }
    store_tally_free(tally);
}
END_TEST

START_TEST(a_rank_counts_those_with_more_plays)
{
    begin("a_rank_counts_those_with_more_plays", HISTORY_FRESH);
    struct store_stats_filter filter = {1, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally;

    assert_ok(store_tally_read(store, &filter, &tally));
    for (int64_t id = 0; id <= HISTORY_TRACKS; id++) {
        char sql[400];

        snprintf(sql, sizeof(sql),
                 "SELECT CASE (SELECT count(*) FROM here WHERE track_id = %d) WHEN 0 THEN 0 ELSE"
                 " 1 + (SELECT count(*) FROM (SELECT count(*) AS n FROM here GROUP BY track_id)"
                 " WHERE n > (SELECT count(*) FROM here WHERE track_id = %d)) END",
                 (int)id, (int)id);
        ck_assert_int_eq(store_tally_rank(tally, STORE_KIND_TRACK, id), number_of(&filter, sql));
    }
    store_tally_free(tally);
}
END_TEST

/* From so many tracks on, artists and albums are read in a row. */
START_TEST(a_tally_of_thousands_of_tracks_is_what_plain_sql_says)
{
    struct store_stats_filter filter = {1, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally;

    begin("a_tally_of_thousands_of_tracks_is_what_plain_sql_says", HISTORY_FRESH);
    store_rollback(store);
    store_help_exec(
        store_help_db(),
        "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        " INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)"
        " SELECT i, i, 'track', 'T', i, iif(i % 9, 1 + i % 12, NULL), 0 FROM n;"
        "INSERT INTO track_artists SELECT track_id, 0, 1 + track_id * 31 % 15 FROM tracks"
        " WHERE track_id >= 1000;"
        "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
        " SELECT 1, track_id * 7777777, track_id, 'api', 0 FROM tracks WHERE track_id % 5;");
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    assert_ok(store_tally_read(store, &filter, &tally));
    ck_assert_uint_gt(tally->kind[STORE_KIND_TRACK].count, 2000);
    history_check(&filter, "artists", &tally->kind[STORE_KIND_ARTIST],
                  "SELECT artist_id, count(*), sum(ms) FROM here JOIN track_artists"
                  " USING (track_id) GROUP BY 1 ORDER BY 1");
    history_check(&filter, "albums", &tally->kind[STORE_KIND_ALBUM],
                  "SELECT album_id, count(*), sum(ms) FROM here WHERE album_id NOTNULL"
                  " GROUP BY 1 ORDER BY 1");
    store_tally_free(tally);
}
END_TEST

/* -- by time ----------------------------------------------------------------------------------- */

/* Each play asks the zone for itself. */
static void count_plainly(const struct store_stats_filter *filter, const struct zone *zone,
                          struct store_count clock[STORE_WEEK_DAYS][STORE_DAY_HOURS])
{
    char *rows = history_rows(filter, "SELECT m, ms FROM here"), *at = rows;

    while (*at != '\0') {
        int64_t moment = strtoll(at, &at, 10), ms = strtoll(at + 1, &at, 10);
        int32_t second;
        int64_t day = zone_day(zone, moment, &second);
        struct store_count *cell = &clock[zone_weekday(day)][second / 3600];

        cell->plays++;
        cell->listened_ms += ms;
        at++;
    }
    free(rows);
}

static void check_clock(const struct store_stats_filter *filter, const struct zone *zone,
                        const struct store_times *times)
{
    struct store_count clock[STORE_WEEK_DAYS][STORE_DAY_HOURS] = {0};

    count_plainly(filter, zone, clock);
    for (int day = 0; day < STORE_WEEK_DAYS; day++)
        for (int hour = 0; hour < STORE_DAY_HOURS; hour++) {
            ck_assert_int_eq(times->clock[day][hour].plays, clock[day][hour].plays);
            ck_assert_int_eq(times->clock[day][hour].listened_ms, clock[day][hour].listened_ms);
        }
}

/* The days of each play, summed by SQL: a table of what zone_day() says would be the same code. */
static void check_days(const struct store_stats_filter *filter, const struct zone *zone,
                       const struct store_times *times)
{
    size_t days = 0;

    for (size_t i = 0; i < times->days.count; i++) {
        const struct store_count *day = &times->days.items[i];
        char sql[200];

        snprintf(sql, sizeof(sql), "SELECT count(*) FROM here WHERE m >= %lld AND m < %lld",
                 (long long)zone_day_begins(zone, day->id),
                 (long long)zone_day_begins(zone, day->id + 1));
        if (i % 16 == 0)
            ck_assert_int_eq(day->plays, number_of(filter, sql));
        ck_assert(i == 0 || day[-1].id < day->id);
        days += (size_t)day->plays;
    }
    ck_assert_int_eq((int64_t)days, times->plays);
}

START_TEST(D6_days_and_hours_are_those_of_each_play_in_the_zone)
{
    static const char *const zones[] = {
        "UTC",          "Europe/Berlin",      "Asia/Kathmandu", "America/St_Johns",
        "Pacific/Apia", "Australia/Lord_Howe"};
    struct chance chance = begin("D6_days_and_hours_are_those_of_each_play_in_the_zone", _i);

    for (int i = 0; i < STRETCHES / 2; i++) {
        struct store_stats_filter filter = history_filter(&chance);
        struct zone *zone = zone_open(CHANCE_PICK(&chance, zones));
        struct store_times times;

        ck_assert_ptr_nonnull(zone);
        assert_ok(store_times_read(store, &filter, zone, &times));
        ck_assert_int_eq(times.plays, number_of(&filter, "SELECT count(*) FROM here"));
        ck_assert_int_eq(times.listened_ms,
                         number_of(&filter, "SELECT coalesce(sum(ms), 0) FROM here"));
        check_clock(&filter, zone, &times);
        check_days(&filter, zone, &times);
        store_times_free(&times);
        zone_free(zone);
    }
}
END_TEST

/* -- first plays ------------------------------------------------------------------------------- */

static void check_found(const struct store_stats_filter *filter, enum store_kind kind, size_t n)
{
    static const char *const sql[STORE_KINDS] = {
        "SELECT track_id, min(m) AS first_at FROM plain",
        "SELECT artist_id, min(m) AS first_at FROM plain JOIN track_artists USING (track_id)",
        "SELECT album_id, min(m) AS first_at FROM plain",
    };
    struct store_found_list found;
    struct store_counts counts = {0};
    char text[600];

    assert_ok(store_discoveries(store, filter, &kind, 1, n, &found));
    counts.items = calloc(found.count + 1, sizeof(*counts.items));
    for (size_t i = 0; i < found.count; i++)
        counts.items[counts.count++] =
            (struct store_count){found.items[i].id, found.items[i].first_at, found.all};
    snprintf(text, sizeof(text),
             "SELECT *, count(*) OVER () FROM (%s WHERE (%d = 0 OR user_id = %d)%s GROUP BY 1)"
             " WHERE first_at >= %lld AND first_at < %lld ORDER BY 2 DESC, 1 LIMIT %zu",
             sql[kind], (int)filter->user_id, (int)filter->user_id,
             kind == STORE_KIND_ALBUM ? " AND album_id NOTNULL" : "", (long long)filter->since,
             (long long)(filter->until != STORE_NO_TIME ? filter->until : INT64_MAX), n);
    history_check(filter, "found", &counts, text);
    free(counts.items);
    free(found.items);
}

START_TEST(discoveries_are_what_plain_sql_says)
{
    struct chance chance = begin("discoveries_are_what_plain_sql_says", _i);

    for (int i = 0; i < STRETCHES; i++) {
        struct store_stats_filter filter = history_filter(&chance);

        for (int kind = 0; kind < STORE_KINDS; kind++)
            check_found(&filter, (enum store_kind)kind, 1 + chance_below(&chance, 100));
    }
}
END_TEST

START_TEST(bounds_are_the_first_and_the_last_moment)
{
    struct chance chance = begin("bounds_are_the_first_and_the_last_moment", _i);
    int64_t first, last;

    for (int i = 0; i < STRETCHES; i++) {
        struct store_stats_filter filter = history_filter(&chance);

        assert_ok(store_bounds_within(store, &filter, &first, &last));
        ck_assert_int_eq(first, number_of(&filter, "SELECT min(m) FROM here"));
        ck_assert_int_eq(last, number_of(&filter, "SELECT max(m) FROM here"));
    }
    for (int64_t user_id = 0; user_id <= HISTORY_USERS; user_id++) {
        struct store_stats_filter filter = {user_id, STORE_NO_TIME, STORE_NO_TIME};

        assert_ok(store_bounds_get(store, user_id, &first, &last));
        ck_assert_int_eq(first, number_of(&filter, "SELECT min(m) FROM here"));
        ck_assert_int_eq(last, number_of(&filter, "SELECT max(m) FROM here"));
    }
}
END_TEST

START_TEST(the_first_play_of_one_is_that_of_the_stretch)
{
    struct chance chance = begin("the_first_play_of_one_is_that_of_the_stretch", _i);

    for (int i = 0; i < STRETCHES; i++) {
        struct store_stats_filter filter = history_filter(&chance);
        enum store_kind kind = (enum store_kind)chance_below(&chance, STORE_KINDS);
        int64_t id = 1 + (int64_t)chance_below(&chance, HISTORY_ALBUMS), first;
        char text[300];

        snprintf(text, sizeof(text), "SELECT min(m) FROM here WHERE %s", condition(kind, id));
        assert_ok(store_first_get(store, &filter, kind, id, &first));
        ck_assert_int_eq(first, number_of(&filter, text));
    }
}
END_TEST

/* -- one of them ------------------------------------------------------------------------------- */

/* Rows of the ids in a column, most plays first. */
static void check_rows(const struct store_stats_filter *filter, const char *column,
                       const struct store_counts *counts, enum store_kind kind, int64_t id)
{
    char sql[600];

    snprintf(sql, sizeof(sql),
             "SELECT %s, count(*), sum(ms) FROM here WHERE %s AND %s NOTNULL GROUP BY 1"
             " ORDER BY 2 DESC, 3 DESC, 1 LIMIT 50",
             column, condition(kind, id), column);
    history_check(filter, column, counts, sql);
}

static void check_heard(const struct store_stats_filter *filter, const struct store_detail *detail,
                        enum store_kind kind, int64_t id)
{
    char sql[600], *expected, found[200];

    snprintf(sql, sizeof(sql),
             "SELECT count(*), coalesce(sum(ms), 0), coalesce(min(m), %lld), coalesce(max(m), %lld)"
             " FROM here WHERE %s",
             (long long)STORE_NO_TIME, (long long)STORE_NO_TIME, condition(kind, id));
    expected = history_rows(filter, sql);
    snprintf(found, sizeof(found), "%lld|%lld|%lld|%lld\n", (long long)detail->heard.plays,
             (long long)detail->heard.listened_ms, (long long)detail->heard.first_at,
             (long long)detail->heard.last_at);
    ck_assert_str_eq(found, expected);
    free(expected);
}

static void check_users(const struct store_detail *detail, enum store_kind kind, int64_t id)
{
    struct store_stats_filter all = {0, STORE_NO_TIME, STORE_NO_TIME};
    struct store_counts users = {.items = calloc(detail->user_count + 1, sizeof(*users.items))};

    for (size_t i = 0; i < detail->user_count; i++)
        users.items[users.count++] = (struct store_count){
            detail->by_user[i].user_id, detail->by_user[i].plays, detail->by_user[i].listened_ms};
    check_rows(&all, "user_id", &users, kind, id);
    free(users.items);
}

static void check_rank(const struct store_stats_filter *filter, const struct store_detail *detail,
                       enum store_kind kind, int64_t id)
{
    struct store_tally *tally;

    assert_ok(store_tally_read(store, filter, &tally));
    ck_assert_int_eq(detail->rank, store_tally_rank(tally, kind, id));
    ck_assert_int_eq(detail->ranked,
                     detail->heard.plays > 0 ? (int64_t)tally->kind[kind].count : 0);
    store_tally_free(tally);
}

static void check_months(const struct store_stats_filter *filter, const struct store_detail *detail,
                         const struct zone *zone, enum store_kind kind, int64_t id)
{
    int64_t plays = 0;

    for (size_t i = 0; i < detail->months.count; i++) {
        const struct store_count *month = &detail->months.items[i];
        struct zone_date date = zone_date_of(month->id);
        char sql[600];

        ck_assert_int_eq(date.day, 1);
        ck_assert(i == 0 || month[-1].id < month->id);
        date.month++;
        snprintf(sql, sizeof(sql), "SELECT count(*) FROM here WHERE m >= %lld AND m < %lld AND %s",
                 (long long)zone_day_begins(zone, month->id),
                 (long long)zone_day_begins(zone, zone_day_of(date)), condition(kind, id));
        ck_assert_int_eq(month->plays, number_of(filter, sql));
        plays += month->plays;
    }
    ck_assert_int_eq(plays, detail->heard.plays);
}

START_TEST(details_are_what_plain_sql_says)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "Pacific/Kiritimati",
                                        "Pacific/Pago_Pago"};
    struct chance chance = begin("details_are_what_plain_sql_says", _i);

    for (int i = 0; i < STRETCHES; i++) {
        struct store_stats_filter filter = {(int64_t)chance_below(&chance, HISTORY_USERS + 1),
                                            STORE_NO_TIME, STORE_NO_TIME};
        enum store_kind kind = (enum store_kind)chance_below(&chance, STORE_KINDS);
        int64_t id = 1 + (int64_t)chance_below(&chance, HISTORY_ALBUMS);
        struct zone *zone = zone_open(CHANCE_PICK(&chance, zones));
        struct store_detail detail;

        assert_ok(store_detail_get(store, kind, id, filter.user_id, zone, &detail));
        check_heard(&filter, &detail, kind, id);
        check_users(&detail, kind, id);
        check_rank(&filter, &detail, kind, id);
        check_months(&filter, &detail, zone, kind, id);
        if (kind != STORE_KIND_TRACK)
            check_rows(&filter, "track_id", &detail.tracks, kind, id);
        if (kind == STORE_KIND_ARTIST)
            check_rows(&filter, "album_id", &detail.albums, kind, id);
        ck_assert_int_eq(detail.track_count, (int64_t)detail.tracks.count);
        ck_assert_int_eq(detail.album_count, (int64_t)detail.albums.count);
        store_detail_free(&detail);
        zone_free(zone);
    }
}
END_TEST

Suite *store_history_suite(void);

Suite *store_history_suite(void)
{
    Suite *suite = suite_create("store_history");
    TCase *test = tcase_create("history");

    tcase_add_checked_fixture(test, store_help_setup, teardown);
    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, a_tally_is_what_plain_sql_says, 0, HISTORY_STATES);
    tcase_add_test(test, a_tally_of_thousands_of_tracks_is_what_plain_sql_says);
    tcase_add_test(test, the_first_of_a_tally_are_the_first_of_all_sorted);
    tcase_add_test(test, a_rank_counts_those_with_more_plays);
    tcase_add_loop_test(test, D6_days_and_hours_are_those_of_each_play_in_the_zone, 0,
                        HISTORY_STATES);
    tcase_add_loop_test(test, discoveries_are_what_plain_sql_says, 0, HISTORY_STATES);
    tcase_add_loop_test(test, bounds_are_the_first_and_the_last_moment, 0, HISTORY_STATES);
    tcase_add_loop_test(test, the_first_play_of_one_is_that_of_the_stretch, 0, HISTORY_STATES);
    tcase_add_loop_test(test, details_are_what_plain_sql_says, 0, HISTORY_STATES);
    suite_add_tcase(suite, test);
    return suite;
}
