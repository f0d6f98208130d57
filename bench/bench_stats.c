/* SPDX-License-Identifier: MIT */
/*
 * What pages are made of, at 1,000,000 plays of one user over ten years (BENCH_PLAYS), 50,000
 * tracks, beside plain SQL that says the same: it reads the plays, ours what is kept of them. Both
 * by a connection with the settings of a reader, warm.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "store/coverage.h"
#include "store/detail.h"
#include "store/totals.h"

#define BEGIN INT64_C(1451606400000) /* 2016-01-01 */
#define DAY INT64_C(86400000)
#define DAYS 3650
#define TRACKS 50000
#define ARTISTS 8000
#define ALBUMS 12000
#define GAPS 2000
#define NOW (BEGIN + DAYS * DAY)

static char folder[64], path[96];
static struct store *store;
static sqlite3 *plain;
static struct zone *zone;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_stats: %s: %s\n", what, why);
    exit(1);
}

/* -- a database -------------------------------------------------------------------------------- */

/* Sixteen hours a day a play every few minutes. Artist 1 has 100 tracks with a twentieth of all
 * plays. Of the others two thirds are of 1,500 tracks that somebody likes at the time, and change
 * by a dozen a day; some of the rest are played far more than others. */
static const char make[] =
    "BEGIN;"
    "INSERT INTO users (user_id, spotify_id, state_since, added_at, first_sweep_at,"
    " last_success_at) VALUES (1, 'ann01', 0, 0, :begin, :end);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :artists)"
    " INSERT INTO artists SELECT i, 'spotify:artist:' || i, 'Artist ' || i, 0 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :albums)"
    " INSERT INTO albums (album_id, uri, name, updated_at)"
    " SELECT i, 'spotify:album:' || i, 'Album ' || i, 0 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :tracks)"
    " INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)"
    " SELECT i, printf('spotify:track:%022d', i), 'track', 'Track ' || i, 180000 + i,"
    " 1 + i % :albums, 0 FROM n;"
    "INSERT INTO track_artists SELECT track_id, 0, iif(track_id <= 100, 1,"
    " 2 + track_id % (:artists - 1)) FROM tracks;"
    "INSERT OR IGNORE INTO track_artists SELECT track_id, 1, 2 + track_id / 7 % (:artists - 1)"
    " FROM tracks WHERE track_id % 5 = 0;"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :plays)"
    " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, ms_played)"
    " SELECT 1, :begin + i / (:plays / 3650 + 1) * 86400000"
    " + i % (:plays / 3650 + 1) * (57600000 / (:plays / 3650 + 1)) + i % 977,"
    " CASE WHEN i % 20 = 0 THEN 1 + i / 20 % 100"
    " WHEN i % 3 > 0 THEN 101 + (i / (:plays / 3650 + 1) * 13 + i * 7919 % 100003 % 1500) % 49900"
    " ELSE 101 + (i * 7919 % 100003) * (i * 104729 % 1009) % 49900 * (i * 31 % 1013) / 1013 END,"
    " 'api', 0, iif(i % 2, NULL, 100000 + i % 99999) FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :gaps)"
    " INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause, detected_at)"
    " SELECT 1, :begin + i * 150000000, :begin + i * 150000000 + 9000000,"
    " iif(i % 3, 'possible', 'likely'), 'unknown', 0 FROM n;"
    "COMMIT;";

static void bind(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index > 0)
        sqlite3_bind_int64(statement, index, value);
}

static void run_all(const char *sql, int64_t plays)
{
    sqlite3_stmt *statement = NULL;

    while (*sql) {
        if (sqlite3_prepare_v2(plain, sql, -1, &statement, &sql) != SQLITE_OK)
            fail(sql, sqlite3_errmsg(plain));
        bind(statement, ":begin", BEGIN);
        bind(statement, ":end", NOW - 2 * DAY);
        bind(statement, ":artists", ARTISTS);
        bind(statement, ":albums", ALBUMS);
        bind(statement, ":tracks", TRACKS);
        bind(statement, ":gaps", GAPS);
        bind(statement, ":plays", plays);
        if (sqlite3_step(statement) != SQLITE_DONE)
            fail("making a history", sqlite3_errmsg(plain));
        sqlite3_finalize(statement);
    }
}

static void open_store(enum store_mode mode)
{
    char why[300];

    if (store_open(path, mode, &store, why, sizeof(why)) != STORE_OK)
        fail(path, why);
}

static void make_history(int64_t plays)
{
    int64_t left = 0;

    open_store(STORE_WRITER);
    if (sqlite3_open(path, &plain) != SQLITE_OK)
        fail(path, sqlite3_errmsg(plain));
    run_all(make, plays);
    if (store_begin(store, STORE_DURABLE) != STORE_OK ||
        store_totals_refresh(store, INT64_C(600000), &left) != STORE_OK || left != 0 ||
        store_commit(store) != STORE_OK)
        fail("sums", store_message(store));
    store_close(store);
    sqlite3_exec(plain, "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    open_store(STORE_READER);
    if (store_begin_read(store) != STORE_OK)
        fail("reading", store_message(store));
}

static void clean(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];

    store_close(store);
    sqlite3_close(plain);
    zone_free(zone);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
}

/* -- ours -------------------------------------------------------------------------------------- */

struct input {
    struct store_stats_filter filter;
    const char *sql; /* of theirs: statements, the first column of all rows is summed up */
};

static void check(enum store_result result)
{
    if (result != STORE_OK)
        fail("ours", store_message(store));
}

static int64_t sum_of(const struct store_counts *counts)
{
    int64_t sum = 0;

    for (size_t i = 0; i < counts->count; i++)
        sum += counts->items[i].plays;
    return sum;
}

static int64_t our_tally(const void *argument)
{
    const struct input *input = argument;
    struct store_tally *tally;
    int64_t sum = 0;

    check(store_tally_read(store, &input->filter, &tally));
    for (int kind = 0; kind < STORE_KINDS; kind++)
        sum += sum_of(&tally->kind[kind]);
    store_tally_free(tally);
    return sum;
}

static int64_t our_times(const void *argument)
{
    const struct input *input = argument;
    struct store_times times;
    int64_t sum;

    check(store_times_read(store, &input->filter, zone, &times));
    sum = sum_of(&times.days);
    for (int day = 0; day < STORE_WEEK_DAYS; day++)
        for (int hour = 0; hour < STORE_DAY_HOURS; hour++)
            sum += times.clock[day][hour].plays;
    store_times_free(&times);
    return sum;
}

static int64_t our_discoveries(const void *argument)
{
    const struct input *input = argument;
    struct store_found_list found;
    int64_t all;

    check(store_discoveries(store, &input->filter, (enum store_kind[]){STORE_KIND_TRACK}, 1, 10,
                            &found));
    all = found.all;
    free(found.items);
    return all;
}

static int64_t our_detail(const void *argument)
{
    struct store_detail detail;
    int64_t sum;

    (void)argument;
    check(store_detail_get(store, STORE_KIND_ARTIST, 1, 1, zone, &detail));
    sum = detail.heard.plays + sum_of(&detail.months) + sum_of(&detail.tracks) + detail.rank;
    store_detail_free(&detail);
    return sum;
}

static int64_t our_coverage(const void *argument)
{
    struct store_covered covered;
    int64_t sum;

    (void)argument;
    check(store_covered_read(store, 1, zone, NOW - DAY, &covered));
    sum = covered.of[STORE_COVERAGE_LOST];
    store_covered_free(&covered);
    return sum;
}

/* -- theirs ------------------------------------------------------------------------------------ */

static int64_t their_sum(const void *argument)
{
    const struct input *input = argument;
    const char *sql = input->sql;
    sqlite3_stmt *statement = NULL;
    int64_t sum = 0;

    while (*sql) {
        if (sqlite3_prepare_v2(plain, sql, -1, &statement, &sql) != SQLITE_OK)
            fail(sql, sqlite3_errmsg(plain));
        bind(statement, ":since", input->filter.since);
        bind(statement, ":until",
             input->filter.until != STORE_NO_TIME ? input->filter.until : INT64_MAX);
        while (sqlite3_step(statement) == SQLITE_ROW)
            sum += sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
    }
    return sum;
}

#define HERE                                                                         \
    " FROM played_tracks AS p JOIN tracks AS t USING (track_id) WHERE p.user_id = 1" \
    " AND p.played_at >= :since AND p.played_at < :until AND p.deleted_at IS NULL"
#define COUNTS "SELECT count(*), sum(coalesce(p.ms_played, t.duration_ms, 0))"

static const char tally_sql[] = COUNTS HERE
    " GROUP BY p.track_id;" COUNTS
    " FROM played_tracks AS p JOIN tracks AS t USING (track_id) JOIN track_artists AS x"
    " USING (track_id) WHERE p.user_id = 1 AND p.played_at >= :since AND p.played_at < :until"
    " AND p.deleted_at IS NULL GROUP BY x.artist_id;" COUNTS HERE " GROUP BY t.album_id;";

static const char times_sql[] =
    COUNTS HERE " GROUP BY (p.played_at - p.nudge_ms) / 86400000;" COUNTS HERE
                " GROUP BY (p.played_at - p.nudge_ms) / 3600000 % 168;";

static const char discoveries_sql[] =
    "SELECT count(*) FROM (SELECT min(played_at - nudge_ms) AS first_at FROM played_tracks"
    " WHERE user_id = 1 AND deleted_at IS NULL GROUP BY track_id)"
    " WHERE first_at >= :since AND first_at < :until;";

#define OF_ARTIST                                                                        \
    " FROM track_artists AS x JOIN tracks AS t USING (track_id) JOIN played_tracks AS p" \
    " USING (track_id) WHERE x.artist_id = 1 AND p.deleted_at IS NULL AND p.user_id = 1"

static const char detail_sql[] = COUNTS OF_ARTIST
    ";" COUNTS OF_ARTIST
    " GROUP BY strftime('%Y-%m', (p.played_at - p.nudge_ms) / 1000, 'unixepoch');"
    "SELECT * FROM (" COUNTS OF_ARTIST
    " GROUP BY p.track_id ORDER BY 1 DESC, 2 DESC, p.track_id LIMIT 50);"
    "SELECT 1 + count(*) FROM (SELECT count(*) AS plays FROM played_tracks AS p"
    " JOIN track_artists AS x USING (track_id) WHERE p.user_id = 1 AND p.deleted_at IS NULL"
    " GROUP BY x.artist_id) WHERE plays > 50000;";

static const char coverage_sql[] = "SELECT coverage = 'lost' FROM coverage_by_day;";

/* -- side by side ------------------------------------------------------------------------------ */

static bool compare(const char *figure, measure_function *ours, struct input input,
                    const char *limit)
{
    struct measure measure = {
        .figure = figure,
        .unit = "a second",
        .amount = 1,
        .ours = ours,
        .theirs = their_sum,
        .alternative = "plain SQL",
        .input = &input,
        .wanted = their_sum(&input),
        .limit = limit,
    };

    if (ours(&input) != measure.wanted)
        fail(figure, "ours says something else");
    return measure_compare(&measure);
}

int main(void)
{
    const char *wish = getenv("BENCH_PLAYS");
    int64_t plays = wish ? strtoll(wish, NULL, 10) : 1000000, year = NOW - 365 * DAY;
    struct store_stats_filter all = {1, STORE_NO_TIME, STORE_NO_TIME};
    bool done;

    snprintf(folder, sizeof(folder), "bench_stats.XXXXXX");
    if (!mkdtemp(folder))
        fail(folder, "no folder");
    snprintf(path, sizeof(path), "%s/history.db", folder);
    zone = zone_open("UTC");
    if (!zone)
        fail("UTC", "no zone");
    make_history(plays);
    done =
        compare("tally of ten years", our_tally, (struct input){all, tally_sql}, ">=20") &&
        compare("tally of a year", our_tally,
                (struct input){{1, year + 12345, STORE_NO_TIME}, tally_sql}, ">=6") &&
        compare("days and hours of ten years", our_times, (struct input){all, times_sql}, ">=20") &&
        compare("discoveries of a year", our_discoveries,
                (struct input){{1, year, NOW}, discoveries_sql}, ">=10") &&
        compare("an artist with 50,000 plays", our_detail, (struct input){all, detail_sql},
                ">=5") &&
        compare("coverage of ten years", our_coverage, (struct input){all, coverage_sql}, ">=10");
    clean();
    return done ? 0 : 1;
}
