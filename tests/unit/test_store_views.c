/* SPDX-License-Identifier: MIT */
/* What people query: the views say the right thing, and no statement of ours reads more than it
 * must. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/gaps.h"
#include "store/store_private.h"
#include "store_help.h"

static struct store *store;

/* 2026-03-29: in central Europe the night in which 02:00 becomes 03:00. */
#define NIGHT INT64_C(1774746000000) /* 2026-03-29T01:00:00Z */
#define DAY INT64_C(86400000)

static void setup(void)
{
    store_help_setup();
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3",
           1); /* as in Stockholm; the rule needs no zone files */
    tzset();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static const char *view(const char *sql)
{
    if (store->transaction != STORE_TRANSACTION_NONE) {
        store_help_commit(store);
    }
    return store_help_ask(sql);
}

static int64_t duet(void)
{
    struct store_artist artists[] = {{"spotify:artist:z", "Zoe"}, {"spotify:artist:a", "Abe"}};
    struct store_track track = {
        .uri = "spotify:track:duet",
        .kind = "track",
        .name = "Duet",
        .duration_ms = 180000,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = artists,
        .artist_count = 2,
        .album_uri = "spotify:album:duets",
        .album_name = "Duets",
        .album_total_tracks = -1,
        .album_artists = artists,
        .album_artist_count = 2,
    };
    int64_t id = 0;
    ck_assert_int_eq(store_track_put(store, &track, 1, &id), STORE_OK);
    return id;
}

static void play(int64_t user_id, int64_t played_at, int64_t nudge_ms, int64_t track_id,
                 int64_t ms_played)
{
    struct store_play row = {
        .user_id = user_id,
        .played_at = played_at + nudge_ms,
        .nudge_ms = nudge_ms,
        .track_id = track_id,
        .source = ms_played < 0 ? STORE_SOURCE_API : STORE_SOURCE_EXTENDED,
        .first_seen_at = played_at + 90500,
        .ms_played = ms_played,
    };
    ck_assert_int_eq(store_play_insert(store, &row), STORE_OK);
}

START_TEST(plays_shows_the_reported_moment_in_utc_and_local_time)
{
    int64_t id = duet();
    play(1, NIGHT - 7, 0, id, -1);     /* 01:59:59.993 local */
    play(1, NIGHT + 1002, 3, 1, 1500); /* 03:00:01.002 local, stored 3 ms later */
    ck_assert_str_eq(
        view(
            "SELECT user_id, user, played_at, played_at_utc, played_at_local, track, artists, album,"
            " kind, duration_ms, ms_played, source, late_s, context_uri, track_uri, track_id,"
            " album_id, play_key"
            " FROM plays ORDER BY play_key"),
        "1|ann|1774745999993|2026-03-29T00:59:59.993Z|2026-03-29 01:59:59.993|Duet|Zoe, Abe|"
        "Duets|track|"
        "180000|NULL|api|90|NULL|spotify:track:duet|4|2|1774745999993\n"
        "1|ann|1774746001002|2026-03-29T01:00:01.002Z|2026-03-29 03:00:01.002|Track 1|"
        "Artist 0|Album 0|"
        "track|200000|1500|extended|90|NULL|"
        "spotify:track:0000000000000000000001|1|1|1774746001005");
}
END_TEST

START_TEST(plays_has_a_row_for_a_track_without_album_or_artist)
{
    struct store_track bare = {.uri = "spotify:local:x",
                               .kind = "local",
                               .name = "Tape",
                               .duration_ms = -1,
                               .track_number = -1,
                               .disc_number = -1,
                               .explicit_lyrics = -1};
    int64_t id = 0;
    ck_assert_int_eq(store_track_put(store, &bare, 1, &id), STORE_OK);
    play(1, NIGHT, 0, id, -1);
    ck_assert_str_eq(view("SELECT track, artists, album, kind, duration_ms FROM plays"),
                     "Tape|NULL|NULL|local|NULL");
    ck_assert_str_eq(view("SELECT plays, listened_ms FROM track_totals"), "1|0");
    ck_assert_str_eq(view("SELECT count(*) FROM artist_totals"), "0");
    ck_assert_str_eq(view("SELECT count(*) FROM album_totals"), "0");
}
END_TEST

START_TEST(plays_names_a_user_as_they_call_themselves)
{
    play(1, NIGHT, 0, 1, -1);
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE users SET display_name = 'Ann B.'");
    ck_assert_str_eq(view("SELECT user FROM plays"), "Ann B.");
}
END_TEST

START_TEST(deleted_plays_are_in_no_view)
{
    play(1, NIGHT, 0, 1, -1);
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE played_tracks SET deleted_at = 1");
    static const char *const views[] = {"plays",         "plays_by_day", "plays_by_hour",
                                        "artist_totals", "track_totals", "album_totals"};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", views[i]);
        ck_assert_str_eq(view(sql), "0");
    }
}
END_TEST

START_TEST(days_and_hours_are_those_of_the_reader)
{
    int64_t bo = store_help_user(store, "bo");
    play(1, NIGHT - 2 * 3600000 - 1, 0, 1, 60000); /* 23:59:59.999 of the day before */
    play(1, NIGHT - 2 * 3600000, 0, 1, -1);        /* 00:00 */
    play(1, NIGHT, 0, 2, -1);                      /* 03:00 */
    play(bo, NIGHT, 0, 2, 1000);
    ck_assert_str_eq(view("SELECT * FROM plays_by_day ORDER BY 1, 2"),
                     "1|2026-03-28|1|1|60000\n1|2026-03-29|2|2|400000\n2|2026-03-29|1|1|1000");
    ck_assert_str_eq(view("SELECT * FROM plays_by_hour ORDER BY 1, 2"),
                     "1|0|1|200000\n1|3|1|200000\n1|23|1|60000\n"
                     "2|3|1|1000");
}
END_TEST

START_TEST(totals_count_plays_tracks_and_time)
{
    int64_t id = duet();
    play(1, NIGHT, 0, id, -1);
    play(1, NIGHT, 1, 1, 1000);
    play(1, NIGHT + 5000, 0, 2, 2000);
    play(1, NIGHT + 9000, 0, id, 500);
    ck_assert_str_eq(
        view("SELECT artist, plays, tracks, listened_ms, first_played_utc, last_played_utc"
             " FROM artist_totals ORDER BY artist"),
        "Abe|2|1|180500|2026-03-29T01:00:00.000Z|2026-03-29T01:00:09.000Z\n"
        "Artist 0|2|2|3000|2026-03-29T01:00:00.000Z|2026-03-29T01:00:05.000Z\n"
        "Zoe|2|1|180500|2026-03-29T01:00:00.000Z|2026-03-29T01:00:09.000Z");
    ck_assert_str_eq(
        view("SELECT track, artists, album, plays, listened_ms, first_played_utc FROM track_totals"
             " ORDER BY plays DESC, track"),
        "Duet|Zoe, Abe|Duets|2|180500|2026-03-29T01:00:00.000Z\n"
        "Track 1|Artist 0|Album 0|1|1000|2026-03-29T01:00:00.000Z\n"
        "Track 2|Artist 0|Album 0|1|2000|2026-03-29T01:00:05.000Z");
    ck_assert_str_eq(
        view("SELECT album, artists, plays, tracks, listened_ms, last_played_utc FROM album_totals"
             " ORDER BY album"),
        "Album 0|Artist 0|2|2|3000|2026-03-29T01:00:05.000Z\n"
        "Duets|Zoe, Abe|2|1|180500|2026-03-29T01:00:09.000Z");
}
END_TEST

/* -- coverage --------------------------------------------------------------------------------- */

static void gap(int64_t after, int64_t before, const char *certainty, const char *cause)
{
    struct store_gap row = {1, after, before, certainty, cause, before};
    ck_assert_int_eq(store_gap_add(store, &row), STORE_OK);
}

START_TEST(coverage_says_what_is_known_of_each_day)
{
    const int64_t day0 = STORE_HELP_T0; /* 2026-01-01 */
    int64_t run = 0;
    ck_assert_int_eq(store_user_set_progress(store, 1, day0 + 6 * DAY + 100, day0 + 5000, day0),
                     STORE_OK);
    gap(day0 + DAY + 10, day0 + DAY + 20, "possible", "late_batch");
    gap(day0 + 2 * DAY - 1, day0 + 3 * DAY + 1, "likely", "daemon_down"); /* touches three days */
    gap(day0 + 4 * DAY + 1, day0 + 4 * DAY + 9, "possible", "unknown");
    gap(day0 + 4 * DAY + 2, day0 + 4 * DAY + 8, "likely", "rate_limit"); /* the worse one counts */
    gap(day0 + 5 * DAY - 1, day0 + 5 * DAY, "likely", "unknown"); /* ends where day 5 begins */
    ck_assert_int_eq(store_run_begin(store, day0, "0.1", &run), STORE_OK);
    ck_assert_int_eq(store_run_end(store, run, day0 + 7 * DAY + 1), STORE_OK);
    ck_assert_str_eq(
        view("SELECT day, coverage, cause FROM coverage_by_day WHERE day <= '2026-01-09'"
             " ORDER BY day"),
        "2026-01-01|complete|NULL\n"
        "2026-01-02|lost|daemon_down\n"
        "2026-01-03|lost|daemon_down\n"
        "2026-01-04|lost|daemon_down\n"
        "2026-01-05|lost|rate_limit\n"
        "2026-01-06|complete|NULL\n"
        "2026-01-07|complete|NULL\n" /* up to the last success */
        "2026-01-08|possible|NULL\n" /* it ran, and Spotify did not answer */
        "2026-01-09|not_running|NULL");
    ck_assert_str_eq(view("SELECT max(day) = date('now') FROM coverage_by_day"), "1");
    store_help_exec(
        store_help_db(),
        "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added,"
        " matched, duplicate, rejected) VALUES (1, 1, 'f', 'h', 'extended', 1, 0, 0, 0, 0, 0);"
        "UPDATE gaps SET filled_by = 1 WHERE certainty = 'likely'");
    ck_assert_str_eq(
        view("SELECT group_concat(coverage) FROM coverage_by_day WHERE day <= '2026-01-05'"),
        "complete,possible,complete,complete,possible");
}
END_TEST

START_TEST(coverage_claims_nothing_before_the_first_sweep)
{
    ck_assert_str_eq(view("SELECT count(*) FROM coverage_by_day"), "0");
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(
        store_user_set_progress(store, 1, STORE_NO_TIME, STORE_HELP_T0 + 3 * DAY, STORE_NO_TIME),
        STORE_OK);
    ck_assert_str_eq(view("SELECT min(day) FROM coverage_by_day"), "2026-01-04");
}
END_TEST

/* -- plans ------------------------------------------------------------------------------------ */

/* Statements that read a table from one end, because they need all of it or stop early by
 * themselves. */
static bool may_scan(enum store_sql id)
{
    switch (id) {
    case STORE_SQL_USERS_LOAD:
    case STORE_SQL_TOKENS_EXIST:
    case STORE_SQL_PLAY_COUNT_ALL:
    case STORE_SQL_POLLS_PRUNE:
    case STORE_SQL_POLLS_WALK:
    case STORE_SQL_RUNS_WALK:
    case STORE_SQL_COVERAGE_RUNS:
    case STORE_SQL_STATS_ARTISTS: /* of thousands of tracks: all there are, in a row */
    case STORE_SQL_MEASURE_GAPS:  /* a row a gap, a row a file */
    case STORE_SQL_MEASURE_IMPORTS:
    case STORE_SQL_IMPORTS_LIST:
    case STORE_SQL_GAPS_LIST:
    /* A user is forgotten: once through the ledger and the catalogue; test_store_forget.c looks
     * that it is once. */
    case STORE_SQL_HOLD_LEDGER:
    case STORE_SQL_HOLD_TRACKS:
    case STORE_SQL_HOLD_ALBUMS:
    case STORE_SQL_HOLD_ARTISTS:
    case STORE_SQL_FORGET_REJECTS:
    case STORE_SQL_FORGET_CONTEXTS:
    case STORE_SQL_FORGET_FILLINGS:
    case STORE_SQL_FORGET_IMPORTS:
    case STORE_SQL_FORGET_USER: /* what polls are left, as they go with their user */
    /* An import is undone: once through the gaps, for those that it has filled. */
    case STORE_SQL_GAPS_REOPEN:
    case STORE_SQL_IMPORT_REMOVE:
    /* A row a block that is behind: few, and once all of them. */
    case STORE_SQL_STALE_COUNT:
    case STORE_SQL_STALE_NEWEST:
    case STORE_SQL_TOTALS_SUM:
    /* The index of words says SCAN for a look by word, too; a track's sum is one row beside many
     * plays; deleted plays are few, and in an index of their own. */
    case STORE_SQL_WORDS_MATCH:
    case STORE_SQL_WORDS_STALE:
    case STORE_SQL_WORDS_SOME:
    case STORE_SQL_WORDS_LEFT:
    case STORE_SQL_WORDS_ALL_STALE:
    case STORE_SQL_WORDS_DROP:
    case STORE_SQL_SEARCH_DELETED:
        return true;
    default:
        return false;
    }
}

static void check_plan(const char *sql, bool scans)
{
    sqlite3_stmt *statement = NULL;
    char explain[4096];
    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);
    ck_assert_msg(sqlite3_prepare_v2(store->db, explain, -1, &statement, NULL) == SQLITE_OK,
                  "%s: %s", sql, sqlite3_errmsg(store->db));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(statement, 3);
        /* The few users may be read in a row, and so is what a subquery found. */
        bool scan = strncmp(line, "SCAN", 4) == 0 && strncmp(line, "SCAN u", 6) != 0 &&
                    line[5] != '(' && strcmp(line, "SCAN CONSTANT ROW") != 0;
        ck_assert_msg(scans || !scan, "%s: %s", line, sql);
        /* A row a run, and a row an open gap of one user: few enough to be sorted. */
        ck_assert_msg(strstr(line, "TEMP B-TREE") == NULL || strstr(sql, "FROM runs") != NULL ||
                          strstr(sql, "FROM gaps") != NULL,
                      "%s: %s", line, sql);
        ck_assert_msg(strstr(line, "AUTOMATIC") == NULL, "%s: %s", line, sql);
    }
    sqlite3_finalize(statement);
}

static void check_all_plans(void)
{
    for (int id = 0; id < STORE_SQL_COUNT; id++) {
        if (id != STORE_SQL_WORDS_MAKE) { /* there is one */
            check_plan(store_sql_text((enum store_sql)id), may_scan((enum store_sql)id));
        }
    }
    /* What refers to a row is found by an index when the row goes. */
    check_plan("SELECT 1 FROM played_tracks WHERE track_id = 1", false);
    check_plan("SELECT 1 FROM play_tellings WHERE short_import_id = 1", false);
    check_plan("SELECT 1 FROM details WHERE import_id = 1", false);
    check_plan("SELECT 1 FROM track_artists WHERE artist_id = 1", false);
    check_plan("SELECT 1 FROM album_artists WHERE artist_id = 1", false);
    check_plan("SELECT 1 FROM tracks WHERE album_id = 1", false);
    /* The page of one track, and the newest plays of one user. */
    check_plan("SELECT * FROM plays WHERE track_id = 1", false);
    check_plan("SELECT * FROM plays WHERE track_uri = 'spotify:track:x'", false);
    check_plan("SELECT * FROM plays WHERE user_id = 1 ORDER BY play_key DESC LIMIT 20", false);
}

/* The first line of a plan, beside which there is at most a look at one row by its key. */
static void assert_plan(enum store_sql id, const char *expected)
{
    sqlite3_stmt *statement = NULL;
    char explain[4096];
    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", store_sql_text(id));
    ck_assert_int_eq(sqlite3_prepare_v2(store->db, explain, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(statement, 3), expected);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(statement, 3);
        ck_assert_msg(strcmp(line, "CORRELATED SCALAR SUBQUERY 1") == 0 ||
                          strcmp(line, "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)") == 0 ||
                          strcmp(line, "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)") == 0,
                      "%s", line);
    }
    sqlite3_finalize(statement);
}

static void assert_plans(void)
{
    static const struct {
        enum store_sql id;
        const char *plan;
    } plans[] = {
        {STORE_SQL_STATS_PLAYS,
         "SEARCH p USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_STATS_RECENT,
         "SEARCH p USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_STATS_FIRST,
         "SEARCH p USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_STATS_LAST,
         "SEARCH p USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_STATS_QUARTERS,
         "SEARCH play_sums USING INDEX sqlite_autoindex_play_sums_1 (user_id=? AND block>? AND"
         " block<?)"},
        {STORE_SQL_STATS_BLOCKS,
         "SEARCH play_sums USING INDEX sqlite_autoindex_play_sums_1 (user_id=? AND block>? AND"
         " block<?)"},
        {STORE_SQL_STATS_FIRST_OF_TRACK,
         "SEARCH p USING COVERING INDEX played_tracks_track"
         " (track_id=? AND user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_SEARCH_OLDER,
         "SEARCH played_tracks USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_SEARCH_NEWER,
         "SEARCH played_tracks USING PRIMARY KEY (user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_SEARCH_TRACK_OLDER,
         "SEARCH played_tracks USING COVERING INDEX played_tracks_track"
         " (track_id=? AND user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_SEARCH_TRACK_NEWER,
         "SEARCH played_tracks USING COVERING INDEX played_tracks_track"
         " (track_id=? AND user_id=? AND played_at>? AND played_at<?)"},
        {STORE_SQL_SEARCH_PLAY, "SEARCH p USING PRIMARY KEY (user_id=? AND played_at=?)"},
        {STORE_SQL_SEARCH_DELETED,
         "SEARCH played_tracks USING INDEX played_tracks_deleted (deleted_at>?)"},
        {STORE_SQL_DETAIL_PLAYS,
         "SEARCH played_tracks USING COVERING INDEX played_tracks_track (track_id=?)"},
        {STORE_SQL_STATS_ALBUMS, "SEARCH tracks USING COVERING INDEX tracks_album (album_id>?)"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        assert_plan(plans[i].id, plans[i].plan);
    }
}

START_TEST(statistics_read_only_the_plays_of_their_stretch)
{
    store_help_commit(store);
    assert_plans();
}
END_TEST

START_TEST(every_statement_finds_its_rows_by_a_key)
{
    store_help_commit(store);
    check_all_plans();
}
END_TEST

START_TEST(every_statement_still_does_with_many_rows_and_statistics)
{
    for (int n = 10; n < 200; n++) {
        store_help_track(store, n);
    }
    for (int i = 0; i < 3000; i++) {
        ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0 + i * 1000, 1 + i % 190),
                         STORE_OK);
        struct store_poll poll = {.user_id = 1, .started_at = i, .kind = "tail", .outcome = "ok"};
        ck_assert_int_eq(store_poll_add(store, &poll), STORE_OK);
    }
    store_help_commit(store);
    ck_assert_int_eq(sqlite3_exec(store->db, "ANALYZE", NULL, NULL, NULL), SQLITE_OK);
    check_all_plans();
    assert_plans();
}
END_TEST

Suite *store_views_suite(void)
{
    Suite *suite = suite_create("store_views");
    TCase *tcase = tcase_create("views");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, plays_shows_the_reported_moment_in_utc_and_local_time);
    tcase_add_test(tcase, plays_has_a_row_for_a_track_without_album_or_artist);
    tcase_add_test(tcase, plays_names_a_user_as_they_call_themselves);
    tcase_add_test(tcase, deleted_plays_are_in_no_view);
    tcase_add_test(tcase, days_and_hours_are_those_of_the_reader);
    tcase_add_test(tcase, totals_count_plays_tracks_and_time);
    tcase_add_test(tcase, coverage_says_what_is_known_of_each_day);
    tcase_add_test(tcase, coverage_claims_nothing_before_the_first_sweep);
    suite_add_tcase(suite, tcase);

    TCase *plans = tcase_create("plans");
    tcase_add_checked_fixture(plans, setup, teardown);
    tcase_add_test(plans, statistics_read_only_the_plays_of_their_stretch);
    tcase_add_test(plans, every_statement_finds_its_rows_by_a_key);
    tcase_add_test(plans, every_statement_still_does_with_many_rows_and_statistics);
    suite_add_tcase(suite, plans);
    return suite;
}
