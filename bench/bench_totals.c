/* SPDX-License-Identifier: MIT */
/*
 * What the derived tables cost: plays that go in with the triggers that mark blocks as stale,
 * beside the same without them; one play more in a block of 8,000, beside SQL that only adds that
 * block up; all blocks in steps, as beside polls, beside SQL that makes the same three tables at
 * once; and bytes in the file. A trigger costs mostly by being there: SQLite keeps a journal of
 * each statement then.
 *
 * BENCH_PLAYS plays are summed up (a million by itself), 285 a day, of a twentieth as many tracks:
 * as bad as it gets.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "store/store_private.h"
#include "store/totals.h"

#define ROUNDS 5
#define STEP_MS 10
#define INSERTED 300000
#define START INT64_C(1388534400000) /* 2014-01-01 */
#define APART 302400                 /* ms: 8,000 plays in a block */

static char folder[64];

/* Time of this process: what others do meanwhile does not count. */
static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_totals: %s\n", what);
    exit(1);
}

static void run(struct store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(store->db));
}

static int64_t ask(struct store *store, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number = -1;

    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(store->db));
    if (sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static void remove_database(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[200];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/history.db%s", folder, ends[i]);
        unlink(path);
    }
}

/* A new database with tracks and nothing else. */
static struct store *make_database(int64_t tracks)
{
    struct store *store;
    char path[200], why[300], sql[300];

    snprintf(path, sizeof(path), "%s/history.db", folder);
    remove_database();
    if (store_open(path, STORE_WRITER, &store, why, sizeof(why)) != STORE_OK)
        fail(why);
    run(store, "INSERT INTO users (user_id, spotify_id, state_since, added_at)"
               " VALUES (1, 'ann', 1, 1)");
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %" PRId64
             ") INSERT INTO tracks (track_id, uri, kind, name, duration_ms, updated_at)"
             " SELECT i, 'spotify:track:' || i, 'track', 'Morgengry ' || i, 200000, 1 FROM n",
             tracks);
    run(store, sql);
    return store;
}

/* Some tracks are played far more often than others. */
static int64_t track_of(int64_t i, int64_t tracks)
{
    uint64_t mixed = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    double part;

    mixed ^= mixed >> 29;
    part = (double)(mixed % 1000003) / 1000003;
    return 1 + (int64_t)(part * part * part * part * (double)tracks);
}

/* Plays as the importer adds them: one transaction, each by its statement. */
static double insert(struct store *store, int64_t plays, int64_t tracks)
{
    struct store_play play = {
        .user_id = 1, .source = STORE_SOURCE_EXTENDED, .first_seen_at = START};
    double began = now_s();

    if (store_long_begin(store) != STORE_OK || store_long_resume(store) != STORE_OK)
        fail(store_message(store));
    for (int64_t i = 0; i < plays; i++) {
        play.played_at = START + i * APART;
        play.track_id = track_of(i, tracks);
        play.ms_played = i % 2 == 0 ? 180000 : -1;
        if (store_play_insert(store, &play) != STORE_OK)
            fail(store_message(store));
    }
    if (store_commit(store) != STORE_OK)
        fail(store_message(store));
    return now_s() - began;
}

static double insert_measured(bool with_triggers)
{
    struct store *store = make_database(INSERTED / 20);
    double took;

    if (!with_triggers)
        run(store, "DROP TRIGGER play_added");
    took = insert(store, INSERTED, INSERTED / 20);
    if ((ask(store, "SELECT count(*) FROM stale_blocks") > 0) != with_triggers)
        fail("the triggers are not what was thought");
    store_close(store);
    return took;
}

/* All of it in turns of the loop; *longest is the longest of them. */
static double refresh(struct store *store, double *longest)
{
    double began = now_s();
    int64_t left = 1;

    for (*longest = 0; left > 0;) {
        double turn = now_s();

        if (store_begin(store, STORE_RELAXED) != STORE_OK ||
            store_totals_refresh(store, STEP_MS, &left) != STORE_OK ||
            store_commit(store) != STORE_OK)
            fail(store_message(store));
        turn = now_s() - turn;
        *longest = turn > *longest ? turn : *longest;
    }
    return now_s() - began;
}

static double sum_by_sql(struct store *store)
{
    double began = now_s();

    run(store,
        "BEGIN; CREATE TABLE play_quarters (user_id, quarter, plays, listened_ms,"
        " PRIMARY KEY (user_id, quarter)) WITHOUT ROWID;"
        "CREATE TABLE play_blocks (user_id, block, track_id, plays, listened_ms,"
        " PRIMARY KEY (user_id, block, track_id)) WITHOUT ROWID;"
        "CREATE TABLE play_totals (user_id, track_id, plays, listened_ms, first_at, last_at,"
        " PRIMARY KEY (user_id, track_id)) WITHOUT ROWID;"
        "CREATE TEMP TABLE listened AS SELECT p.user_id, p.track_id, p.played_at - p.nudge_ms AS m,"
        " coalesce(p.ms_played, t.duration_ms, 0) AS ms FROM played_tracks AS p"
        " JOIN tracks AS t USING (track_id) WHERE p.deleted_at IS NULL;"
        "INSERT INTO play_quarters SELECT user_id, m / 900000, count(*), sum(ms) FROM listened"
        " GROUP BY 1, 2;"
        "INSERT INTO play_blocks SELECT user_id, m / 2419200000, track_id, count(*), sum(ms)"
        " FROM listened GROUP BY 1, 2, 3;"
        "INSERT INTO play_totals SELECT user_id, track_id, count(*), sum(ms), min(m), max(m)"
        " FROM listened GROUP BY 1, 2; DROP TABLE listened; COMMIT;"
        "DROP TABLE play_quarters; DROP TABLE play_blocks; DROP TABLE play_totals");
    return now_s() - began;
}

/* When the newest whole block begins. */
#define NEWEST " (SELECT (max(block) - 1) * 2419200000 FROM play_sums WHERE user_id = 1)"

static double sum_a_block_by_sql(struct store *store)
{
    double began = now_s();

    run(store,
        "CREATE TEMP TABLE listened AS SELECT p.track_id, p.played_at - p.nudge_ms AS m,"
        " coalesce(p.ms_played, t.duration_ms, 0) AS ms FROM played_tracks AS p"
        " JOIN tracks AS t USING (track_id) WHERE p.user_id = 1 AND p.deleted_at IS NULL"
        " AND p.played_at BETWEEN" NEWEST " AND 2419200000 +" NEWEST ";"
        "CREATE TEMP TABLE a AS SELECT track_id, count(*), sum(ms) FROM listened GROUP BY 1;"
        "CREATE TEMP TABLE b AS SELECT m / 900000, count(*), sum(ms) FROM listened GROUP BY 1;"
        "DROP TABLE listened; DROP TABLE a; DROP TABLE b");
    return now_s() - began;
}

/* -- figures ------------------------------------------------------------------------------------- */

static void measure_inserting(void)
{
    double with = 1e9, without = 1e9, took;

    for (int i = 0; i < ROUNDS; i++) {
        took = insert_measured(true);
        with = took < with ? took : with;
        took = insert_measured(false);
        without = took < without ? took : without;
    }
    measure_print("adding plays, marking blocks", "kplays/s", INSERTED / with / 1000, "no triggers",
                  INSERTED / without / 1000, ">=0.5");
}

static void verify(struct store *store)
{
    int64_t wrong;

    if (store_begin_read(store) != STORE_OK || store_totals_verify(store, &wrong) != STORE_OK ||
        wrong != 0)
        fail("the sums are wrong");
    store_rollback(store);
}

/* A play more in a block of many. */
static void measure_a_block(struct store *store)
{
    double ours = 1e9, theirs = 1e9, took, longest;

    for (int i = 0; i < ROUNDS; i++) {
        run(store,
            "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
            " SELECT 1, 7777777 + count(*) % 1000 +" NEWEST ", 7, 'api', 1 FROM played_tracks");
        took = refresh(store, &longest);
        ours = took < ours ? took : ours;
        took = sum_a_block_by_sql(store);
        theirs = took < theirs ? took : theirs;
    }
    measure_print("a play more in a block of 8,000", "ms", ours * 1000, "block by SQL",
                  theirs * 1000, "<=2");
}

static void measure_all(int64_t plays)
{
    struct store *store = make_database(plays / 20);
    double pages, ours, theirs, longest = 0;

    insert(store, plays, plays / 20);
    pages = (double)ask(store, "PRAGMA page_count");
    ours = refresh(store, &longest);
    verify(store);
    measure_print("sums over plays, in the file", "bytes", //
                  ((double)ask(store, "PRAGMA page_count") - pages) * 4096 / (double)plays,
                  "plays themselves", pages * 4096 / (double)plays, "<=0.6");
    measure_a_block(store);
    theirs = sum_by_sql(store);
    measure_print("summing up all plays, in steps", "kplays/s", (double)plays / ours / 1000,
                  "all by SQL", (double)plays / theirs / 1000, ">=0.3");
    measure_print("summing up, longest step", "ms", longest * 1000, "all by SQL", theirs * 1000,
                  "<=0.1");
    store_close(store);
}

int main(void)
{
    const char *wish = getenv("BENCH_PLAYS");

    snprintf(folder, sizeof(folder), "/var/tmp/bench_totals.XXXXXX");
    if (!mkdtemp(folder))
        fail("no folder");
    measure_inserting();
    measure_all(wish ? strtoll(wish, NULL, 10) : 1000000);
    remove_database();
    rmdir(folder);
    return 0;
}
