/* SPDX-License-Identifier: MIT */
/* The derived tables say what the plays say, whoever writes, and as far as they are behind they
 * know where. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chance.h"
#include "store/store_private.h"
#include "store/totals.h"
#include "store_help.h"

#define BLOCK STORE_BLOCK_MS
#define FIRST_BLOCK (STORE_HELP_T0 / STORE_BLOCK_MS)
#define EDGE (FIRST_BLOCK * STORE_BLOCK_MS) /* where a block begins */
#define DAY INT64_C(86400000)
#define START (EDGE + DAY)

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* -- what the plays say, in another way than ours --------------------------------------------- */

#define BLOCK_OF_M "(m - ((m % 2419200000) + 2419200000) % 2419200000) / 2419200000"
#define QUARTER_OF_M "(m - ((m % 900000) + 900000) % 900000) / 900000"

#define PLAIN                                                                                   \
    "WITH moments AS (SELECT p.user_id, p.track_id, p.played_at - p.nudge_ms AS m,"             \
    "   coalesce(p.ms_played, t.duration_ms, 0) AS ms"                                          \
    "   FROM played_tracks AS p JOIN tracks AS t USING (track_id) WHERE p.deleted_at IS NULL)," \
    " plain AS (SELECT *, " BLOCK_OF_M " AS block, " QUARTER_OF_M " AS quarter FROM moments),"  \
    " stale AS (SELECT * FROM plain JOIN stale_blocks USING (user_id, block)),"                 \
    " fresh_quarters AS (SELECT *, quarter / 2688 - (quarter % 2688 < 0) AS block"              \
    "   FROM play_quarters)"

#define QUARTERS " SELECT user_id, quarter, count(*), sum(ms) FROM "
#define BLOCKS " SELECT user_id, block, track_id, count(*), sum(ms), min(m) FROM "
#define TOTALS " SELECT user_id, track_id, count(*), sum(ms), min(m) FROM "
#define OF_FRESH(table) \
    " FROM " table " WHERE (user_id, block) NOT IN (SELECT user_id, block FROM stale_blocks)"

static char *rows_of(const char *sql)
{
    return strdup(store_help_query(store_help_db(), sql));
}

static void check_same(const char *table, const char *is, const char *should)
{
    char *found = rows_of(is), *wanted = rows_of(should);
    ck_assert_msg(strcmp(found, wanted) == 0, "%s:\n%s\nshould be\n%s", table, found, wanted);
    free(found);
    free(wanted);
}

/* What is fresh from the tables and the rest from the plays make the whole. */
static void check_decomposed(void)
{
    check_same("play_quarters",
               PLAIN " SELECT user_id, quarter, plays, listened_ms" OF_FRESH(
                   "fresh_quarters") " UNION ALL" QUARTERS "stale GROUP BY 1, 2 ORDER BY 1, 2",
               PLAIN QUARTERS "plain GROUP BY 1, 2 ORDER BY 1, 2");
    check_same("play_blocks",
               PLAIN " SELECT user_id, block, track_id, plays, listened_ms, first_at" OF_FRESH(
                   "play_blocks") " UNION ALL" BLOCKS "stale GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
               PLAIN BLOCKS "plain GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
}

static void check_whole(void)
{
    check_same("stale_blocks", "SELECT * FROM stale_blocks", "SELECT 1 WHERE 0");
    check_same("play_quarters", "SELECT * FROM play_quarters ORDER BY 1, 2",
               PLAIN QUARTERS "plain GROUP BY 1, 2 ORDER BY 1, 2");
    check_same("play_blocks", "SELECT * FROM play_blocks ORDER BY 1, 2, 3",
               PLAIN BLOCKS "plain GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    check_same("play_totals", "SELECT * FROM play_totals ORDER BY 1, 2",
               PLAIN TOTALS "plain GROUP BY 1, 2 ORDER BY 1, 2");
}

static int64_t differences(void)
{
    int64_t count = -1;
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_totals_verify(store, &count), STORE_OK);
    store_rollback(store);
    return count;
}

static int64_t stale(void)
{
    int64_t count = -1;
    ck_assert_int_eq(store_totals_stale(store, &count), STORE_OK);
    return count;
}

/* -- writing ---------------------------------------------------------------------------------- */

static void sql(const char *text)
{
    char *error = NULL;
    ck_assert_msg(sqlite3_exec(store->db, text, NULL, NULL, &error) == SQLITE_OK, "%s: %s", text,
                  error);
}

static void sqlf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sqlf(const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sql(text);
}

static void play(int64_t moment, int64_t track_id)
{
    sqlf("INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
         " VALUES (1, %lld, %lld, 'api', 1)",
         (long long)moment, (long long)track_id);
}

static int64_t refresh(int64_t ms)
{
    int64_t left = -1;
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_refresh(store, ms, &left), STORE_OK);
    store_help_commit(store);
    return left;
}

static void refresh_all(void)
{
    ck_assert_int_eq(refresh(60000), 0);
}

static const char *query(const char *text)
{
    return store_help_query(store_help_db(), text);
}

/* -- marks ------------------------------------------------------------------------------------ */

START_TEST(a_new_database_has_nothing_stale_and_nothing_to_do)
{
    ck_assert_int_eq(stale(), 0);
    ck_assert_int_eq(refresh(0), 0);
    ck_assert_int_eq(differences(), 0);
}
END_TEST

START_TEST(a_play_makes_its_block_stale_until_it_is_counted)
{
    play(START, 1);
    ck_assert_str_eq(query("SELECT user_id, block * 2419200000 <= 1767225600000 FROM stale_blocks"),
                     "1|1");
    ck_assert_str_eq(query("SELECT count(*) FROM play_totals"), "0");
    refresh_all();
    ck_assert_int_eq(stale(), 0);
    ck_assert_str_eq(query("SELECT track_id, plays, listened_ms FROM play_totals"), "1|1|200000");
}
END_TEST

START_TEST(a_play_that_was_moved_counts_where_it_was_reported)
{
    sqlf("INSERT INTO played_tracks (user_id, played_at, nudge_ms, track_id, source, first_seen_at)"
         " VALUES (1, %lld, 7, 1, 'api', 1)",
         (long long)(EDGE + 5));
    refresh_all();
    char wanted[128];
    snprintf(wanted, sizeof wanted, "%lld|%lld|%lld", (long long)FIRST_BLOCK - 1,
             (long long)(FIRST_BLOCK * 2688 - 1), (long long)EDGE - 2);
    ck_assert_str_eq(query("SELECT block, quarter, first_at FROM play_blocks, play_quarters"),
                     wanted);
}
END_TEST

START_TEST(plays_before_1970_are_in_blocks_of_their_own)
{
    play(-1, 1);
    play(0, 1);
    ck_assert_str_eq(query("SELECT block FROM stale_blocks ORDER BY 1"), "-1\n0");
    refresh_all();
    ck_assert_str_eq(query("SELECT quarter FROM play_quarters ORDER BY 1"), "-1\n0");
    check_whole();
}
END_TEST

/* What a person may write with a shell: the words outside win over those of a trigger. */
START_TEST(the_words_of_the_writing_statement_do_not_reach_the_marks)
{
    static const char *const words[] = {"OR ABORT",  "OR FAIL",    "OR ROLLBACK",
                                        "OR IGNORE", "OR REPLACE", ""};
    play(START + DAY, 1);
    sqlf("INSERT %s INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
         " VALUES (1, %lld, 2, 'api', 1)",
         words[_i], (long long)(START + DAY + 1));
    sqlf("UPDATE %s played_tracks SET ms_played = 5", words[_i]);
    ck_assert_int_eq(stale(), 1);
    ck_assert_str_eq(query("SELECT count(*), sum(ms_played) FROM played_tracks"), "2|10");
}
END_TEST

START_TEST(a_play_that_is_written_over_leaves_no_sum_behind)
{
    sqlf("INSERT INTO played_tracks (user_id, played_at, nudge_ms, track_id, source, first_seen_at)"
         " VALUES (1, %lld, 60000, 1, 'api', 1)",
         (long long)(EDGE + 1000));
    play(START + DAY, 3);
    refresh_all();
    if (_i == 0) {
        sqlf("INSERT OR REPLACE INTO played_tracks (user_id, played_at, track_id, source,"
             " first_seen_at) VALUES (1, %lld, 2, 'api', 1)",
             (long long)(EDGE + 1000));
    } else {
        sqlf("UPDATE OR REPLACE played_tracks SET played_at = %lld WHERE track_id = 3",
             (long long)(EDGE + 1000));
    }
    ck_assert_int_eq(stale(), 2);
    refresh_all();
    check_whole();
}
END_TEST

START_TEST(a_change_that_no_sum_knows_makes_nothing_stale)
{
    play(START, 1);
    refresh_all();
    sql("UPDATE played_tracks SET source = 'extended', context_id = 7, first_seen_at = 2");
    sql("UPDATE played_tracks SET ms_played = ms_played, deleted_at = deleted_at, track_id = 1");
    sql("UPDATE tracks SET name = 'x', duration_ms = duration_ms");
    ck_assert_int_eq(stale(), 0);
}
END_TEST

START_TEST(a_new_length_makes_the_plays_stale_that_take_it)
{
    play(START, 1);
    play(START + BLOCK, 1);
    play(START + 2 * BLOCK, 1);
    play(START + 3 * BLOCK, 2);
    sql("UPDATE played_tracks SET ms_played = 7 WHERE played_at = (SELECT max(played_at)"
        " FROM played_tracks WHERE track_id = 1)");
    refresh_all();
    if (_i == 0) {
        sql("UPDATE tracks SET duration_ms = 123 WHERE track_id = 1");
    } else {
        sql("PRAGMA foreign_keys = OFF");
        sql("INSERT OR REPLACE INTO tracks (track_id, uri, kind, name, duration_ms, updated_at)"
            " VALUES (1, 'x', 'track', 'x', 123, 1)");
        sql("PRAGMA foreign_keys = ON");
    }
    ck_assert_int_eq(stale(), 2);
    refresh_all();
    check_whole();
}
END_TEST

START_TEST(a_user_who_is_deleted_takes_every_row_along)
{
    int64_t bo = 0;
    store_help_begin(store, STORE_DURABLE);
    bo = store_help_user(store, "bo");
    ck_assert_int_eq(store_help_play(store, bo, START, 1), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, START, 1), STORE_OK);
    store_help_commit(store);
    refresh_all();
    play(START + BLOCK, 2);
    sql("DELETE FROM played_tracks WHERE user_id = 1; DELETE FROM users WHERE user_id = 1");
    ck_assert_str_eq(query("SELECT count(*), min(user_id) FROM (SELECT user_id FROM play_quarters"
                           " UNION ALL SELECT user_id FROM play_blocks"
                           " UNION ALL SELECT user_id FROM play_sums"
                           " UNION ALL SELECT user_id FROM stale_blocks)"),
                     "3|2");
    check_whole();
}
END_TEST

/* -- refreshing ------------------------------------------------------------------------------- */

START_TEST(the_newest_block_is_counted_first)
{
    for (int i = 0; i < 3; i++) {
        play(START + i * BLOCK, 1);
    }
    ck_assert_int_eq(refresh(0), 2);
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%lld", (long long)FIRST_BLOCK + 2);
    ck_assert_str_eq(query("SELECT block FROM play_blocks"), wanted);
    ck_assert_int_eq(refresh(0), 1);
    ck_assert_int_eq(refresh(0), 0);
    ck_assert_int_eq(refresh(0), 0);
}
END_TEST

START_TEST(outside_of_a_transaction_nothing_is_refreshed)
{
    int64_t left = 0;
    play(START, 1);
    ck_assert_int_eq(store_totals_refresh(store, 1000, &left), STORE_MISUSE);
    ck_assert_int_eq(store_totals_reset(store), STORE_MISUSE);
    ck_assert_int_eq(stale(), 1);
}
END_TEST

START_TEST(a_refresh_writes_one_row_and_one_mark)
{
    for (int i = 0; i < 1000; i++) {
        play(START + i * 1000000, 1 + i % 3);
    }
    refresh_all();
    play(START + 5, 2);
    store_help_begin(store, STORE_RELAXED);
    int64_t before = sqlite3_total_changes64(store->db), left;
    ck_assert_int_eq(store_totals_refresh(store, 0, &left), STORE_OK);
    ck_assert_int_eq(sqlite3_total_changes64(store->db) - before, 2);
    store_help_commit(store);
}
END_TEST

START_TEST(many_plays_of_few_tracks_take_room_for_the_tracks)
{
    sql("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
        " SELECT 1, 1767225600000 + i * 100, 1 + i % 3, 'api', 1 FROM n");
    refresh_all();
    check_whole();
}
END_TEST

START_TEST(a_first_play_that_came_and_went_is_not_remembered)
{
    play(START + 10 * BLOCK, 1);
    play(START + 20 * BLOCK, 1);
    refresh_all();
    play(START, 1);
    sqlf("DELETE FROM played_tracks WHERE played_at = %lld", (long long)(START + 10 * BLOCK));
    ck_assert_int_eq(refresh(0), 1);
    ck_assert_int_eq(differences(), 0);
    sqlf("DELETE FROM played_tracks WHERE played_at = %lld", (long long)START);
    ck_assert_int_eq(refresh(0), 0);
    check_whole();
}
END_TEST

/* Keys are in another order than the moments of plays that were moved. */
START_TEST(the_first_moment_is_found_among_plays_that_were_moved)
{
    static const struct {
        int64_t key, nudge;
    } rows[] = {{1000, 0}, {1001, 0}, {1002, 500}, {1003, 900}, {70000, 0}, {70001, 60000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sqlf("INSERT INTO played_tracks (user_id, played_at, nudge_ms, track_id, source,"
             " first_seen_at) VALUES (1, %lld, %lld, 1, 'api', 1)",
             (long long)(START + DAY + rows[i].key), (long long)rows[i].nudge);
    }
    play(START + 1, 1);
    play(START + 2 * DAY, 1);
    refresh_all();
    sqlf("DELETE FROM played_tracks WHERE played_at IN (%lld, %lld)", (long long)START + 1,
         (long long)(START + 2 * DAY));
    refresh_all();
    check_whole();
}
END_TEST

/* -- by chance -------------------------------------------------------------------------------- */

static int64_t some_moment(struct chance *chance)
{
    static const int64_t starts[] = {0, EDGE, EDGE + BLOCK, EDGE + 2 * BLOCK};
    static const int64_t spans[] = {20, 2000, 100000, 5000000, BLOCK - 1};
    int64_t span = CHANCE_PICK(chance, spans);
    return CHANCE_PICK(chance, starts) - span / 2 + (int64_t)chance_below(chance, (uint64_t)span);
}

static int below(struct chance *chance, int limit)
{
    return (int)chance_below(chance, (uint64_t)limit);
}

static void insert_some(struct chance *chance)
{
    static const char *const words[] = {"OR IGNORE", "OR IGNORE", "OR REPLACE"};
    static const int nudges[] = {0, 0, 0, 1, 900, 59999, 60000};
    for (int n = below(chance, 6); n > 0; n--) {
        int user = 1 + below(chance, 3), nudge = CHANCE_PICK(chance, nudges);
        sqlf("INSERT %s INTO played_tracks (user_id, played_at, nudge_ms, track_id, source,"
             " first_seen_at, ms_played, deleted_at) SELECT %d, %lld, %d, %d, 'api', 1, %s, %s"
             " WHERE EXISTS (SELECT 1 FROM users WHERE user_id = %d)",
             CHANCE_PICK(chance, words), user, (long long)some_moment(chance) + nudge, nudge,
             1 + below(chance, 6), below(chance, 2) == 0 ? "1234" : "NULL",
             below(chance, 8) == 0 ? "1" : "NULL", user);
    }
}

/* A few plays near a moment, by a WHERE clause. */
static const char *some_plays(struct chance *chance)
{
    static char text[200];
    long long moment = some_moment(chance);
    long long span = below(chance, 3) == 0 ? BLOCK / 4 : 100000;
    snprintf(text, sizeof text, "WHERE user_id = %d AND played_at BETWEEN %lld AND %lld",
             1 + below(chance, 3), moment - span, moment + span);
    return text;
}

static void update_some(struct chance *chance)
{
    switch (below(chance, 6)) {
    case 0:
        sqlf("UPDATE played_tracks SET deleted_at = 1 %s", some_plays(chance));
        break;
    case 1:
        sqlf("UPDATE played_tracks SET deleted_at = NULL %s", some_plays(chance));
        break;
    case 2:
        sqlf("UPDATE played_tracks SET track_id = %d, ms_played = nullif(%d, 0) %s",
             1 + below(chance, 6), below(chance, 3) * 1000, some_plays(chance));
        break;
    case 3:
        sqlf("UPDATE OR REPLACE played_tracks SET played_at = played_at + %d %s",
             below(chance, 200000) - 100000, some_plays(chance));
        break;
    case 4:
        sqlf("UPDATE played_tracks SET nudge_ms = %d %s", below(chance, 60001), some_plays(chance));
        break;
    default:
        sqlf("UPDATE OR IGNORE played_tracks SET user_id = %d %s AND EXISTS (SELECT 1 FROM users"
             " WHERE user_id = %d)",
             1, some_plays(chance), 1);
        break;
    }
}

static void change_a_track(struct chance *chance)
{
    int track = 1 + below(chance, 6);
    if (below(chance, 4) > 0) {
        sqlf("UPDATE tracks SET duration_ms = nullif(%d, 0) WHERE track_id = %d",
             below(chance, 4) * 50000, track);
    } else {
        sqlf("INSERT OR REPLACE INTO tracks (track_id, uri, kind, name, duration_ms, updated_at)"
             " VALUES (%d, 'track %d', 'track', 'x', %d, 1)",
             track, track, below(chance, 300000));
    }
}

static void remove_a_user(struct chance *chance)
{
    int user = 1 + below(chance, 3);
    if (below(chance, 2) == 0) {
        sqlf("DELETE FROM played_tracks WHERE user_id = %d", user);
        sqlf("DELETE FROM users WHERE user_id = %d", user);
    }
    sqlf("INSERT OR IGNORE INTO users (user_id, spotify_id, state_since, added_at)"
         " VALUES (%d, 'user %d', 1, 1)",
         user, user);
}

static void do_something(struct chance *chance)
{
    int64_t left;
    switch (below(chance, 16)) {
    case 0:
        remove_a_user(chance);
        break;
    case 1:
    case 2:
        change_a_track(chance);
        break;
    case 3:
        sqlf("DELETE FROM played_tracks %s", some_plays(chance));
        break;
    case 4:
    case 5:
    case 6:
        update_some(chance);
        break;
    case 7:
    case 8:
    case 9:
    case 10:
        ck_assert_int_eq(store_totals_refresh(store, 0, &left), STORE_OK);
        break;
    case 11:
        if (below(chance, 10) == 0) {
            ck_assert_int_eq(store_totals_reset(store), STORE_OK);
        }
        break;
    default:
        insert_some(chance);
        break;
    }
}

/* As the sqlite3 shell has it: nobody asks whether what a row refers to is there. */
static void begin_as_in_a_shell(void)
{
    sql("PRAGMA foreign_keys = OFF");
    store_help_begin(store, STORE_RELAXED);
}

START_TEST(after_whatever_is_done_the_sums_and_the_stale_blocks_make_the_whole)
{
    struct chance chance = chance_open("sums_and_stale_blocks_make_the_whole");
    begin_as_in_a_shell();
    sql("INSERT INTO tracks (track_id, uri, kind, name, duration_ms, updated_at) VALUES"
        " (4, 'track 4', 'track', 'x', 1, 1), (5, 'track 5', 'track', 'x', NULL, 1),"
        " (6, 'track 6', 'track', 'x', 99, 1)");
    store_help_commit(store);
    for (int i = 0; i < 160; i++) {
        begin_as_in_a_shell();
        for (int n = 1 + below(&chance, 3); n > 0; n--) {
            do_something(&chance);
        }
        store_help_commit(store);
        check_decomposed();
        ck_assert_msg(differences() == 0, "after step %d", i);
        if (i % 20 == 19) {
            refresh_all();
            check_whole();
        }
    }
}
END_TEST

/* -- anew, and looked at ---------------------------------------------------------------------- */

static void fill(void)
{
    for (int i = 0; i < 60; i++) {
        play(START + i * (BLOCK / 20) + i, 1 + i % 3);
    }
}

START_TEST(a_reset_makes_all_stale_and_a_refresh_brings_the_same_again)
{
    fill();
    sqlf("INSERT INTO played_tracks (user_id, played_at, nudge_ms, track_id, source, first_seen_at)"
         " VALUES (1, %lld, 4, 1, 'api', 1)",
         (long long)EDGE + 2);
    refresh_all();
    char *before = store_help_dump(store_help_db());
    sql("UPDATE play_sums SET plays = 77, quarters = x'ff';"
        "INSERT INTO play_sums VALUES (1, 1, 1, 1, x'00', x'0001010100')");
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_reset(store), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(stale(), 4);
    ck_assert_str_eq(query("SELECT * FROM play_sums"), "");
    check_decomposed();
    refresh_all();
    char *after = store_help_dump(store_help_db());
    ck_assert_str_eq(after, before);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_sum_that_is_wrong_is_found)
{
#define NEWEST " WHERE block = (SELECT max(block) FROM play_sums)"
    static const struct {
        const char *sql;
    } wrongs[] = {
        {"UPDATE play_sums SET plays = plays + 1" NEWEST},
        {"UPDATE play_sums SET listened_ms = listened_ms - 1" NEWEST},
        {"UPDATE play_sums SET quarters = CAST(quarters || x'00000101' AS BLOB)" NEWEST},
        {"UPDATE play_sums SET tracks = x''" NEWEST},
        {"DELETE FROM play_sums" NEWEST},
        {"INSERT INTO play_sums VALUES (1, 1, 1, 1, x'00000101', x'0001010100')"},
        {"INSERT INTO play_sums VALUES (7, 1, 0, 0, x'', x'')"},
    };
    fill();
    refresh_all();
    ck_assert_int_eq(differences(), 0);
    sql(wrongs[_i].sql);
    ck_assert_int_eq(differences(), 1);
}
END_TEST

START_TEST(what_is_stale_is_not_called_wrong)
{
    fill();
    refresh_all();
    sql("DELETE FROM played_tracks WHERE played_at = (SELECT min(played_at) FROM played_tracks)");
    ck_assert_int_eq(stale(), 1);
    ck_assert_int_eq(differences(), 0);
}
END_TEST

/* Numbers that nobody counts must not stop the program. */
START_TEST(numbers_beyond_all_bounds_do_no_harm)
{
    play(INT64_MAX - 5, 1);
    play(INT64_MAX - 4, 1);
    play(INT64_MIN + 9, 1);
    sql("UPDATE played_tracks SET ms_played = 9223372036854775807");
    sql("INSERT INTO stale_blocks VALUES (1, 9223372036854775807), (1, -9223372036854775807 - 1),"
        " (77, 4)");
    sql("INSERT INTO play_sums VALUES (1, 9223372036854775806, 1, 1, x'00000101', x'0001010100')");
    refresh_all();
    ck_assert_str_eq(query("SELECT sum(plays) FROM play_sums WHERE abs(block) < 9000000000000"),
                     "3");
    ck_assert_int_eq(differences(), 1);
}
END_TEST

/* -- an older file ---------------------------------------------------------------------------- */

START_TEST(an_older_file_has_all_its_blocks_counted)
{
    struct store_ladder ladder = {store_schema.steps, (size_t)_i};
    char why[512];
    store_close(store);
    unlink(store_help_db());
    unlink(store_help_path("history.db-wal"));
    unlink(store_help_path("history.db-shm"));
    ck_assert_int_eq(
        store_open_ladder(store_help_db(), STORE_WRITER, &ladder, &store, why, sizeof why),
        STORE_OK);
    sql("INSERT INTO users (user_id, spotify_id, state_since, added_at) VALUES (1, 'ann', 1, 1);"
        "INSERT INTO tracks (track_id, uri, kind, name, duration_ms, updated_at) VALUES"
        " (1, 'a', 'track', 'x', 9, 1), (2, 'b', 'track', 'x', NULL, 1),"
        " (3, 'c', 'track', 'x', 7, 1)");
    fill();
    sqlf("INSERT INTO played_tracks (user_id, played_at, nudge_ms, track_id, source, first_seen_at)"
         " VALUES (1, %lld, 4, 1, 'api', 1)",
         (long long)EDGE + 2);
    store_close(store);
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(stale(), 4);
    check_decomposed();
    refresh_all();
    check_whole();
}
END_TEST

Suite *store_totals_suite(void)
{
    Suite *suite = suite_create("store_totals");
    TCase *tcase = tcase_create("totals");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_new_database_has_nothing_stale_and_nothing_to_do);
    tcase_add_test(tcase, a_play_makes_its_block_stale_until_it_is_counted);
    tcase_add_test(tcase, a_play_that_was_moved_counts_where_it_was_reported);
    tcase_add_test(tcase, plays_before_1970_are_in_blocks_of_their_own);
    tcase_add_loop_test(tcase, the_words_of_the_writing_statement_do_not_reach_the_marks, 0, 6);
    tcase_add_loop_test(tcase, a_play_that_is_written_over_leaves_no_sum_behind, 0, 2);
    tcase_add_test(tcase, a_change_that_no_sum_knows_makes_nothing_stale);
    tcase_add_loop_test(tcase, a_new_length_makes_the_plays_stale_that_take_it, 0, 2);
    tcase_add_test(tcase, a_user_who_is_deleted_takes_every_row_along);
    tcase_add_test(tcase, the_newest_block_is_counted_first);
    tcase_add_test(tcase, outside_of_a_transaction_nothing_is_refreshed);
    tcase_add_test(tcase, a_refresh_writes_one_row_and_one_mark);
    tcase_add_test(tcase, many_plays_of_few_tracks_take_room_for_the_tracks);
    tcase_add_test(tcase, a_first_play_that_came_and_went_is_not_remembered);
    tcase_add_test(tcase, the_first_moment_is_found_among_plays_that_were_moved);
    tcase_add_test(tcase, a_reset_makes_all_stale_and_a_refresh_brings_the_same_again);
    tcase_add_loop_test(tcase, a_sum_that_is_wrong_is_found, 0, 7);
    tcase_add_test(tcase, what_is_stale_is_not_called_wrong);
    tcase_add_test(tcase, numbers_beyond_all_bounds_do_no_harm);
    tcase_add_loop_test(tcase, an_older_file_has_all_its_blocks_counted, 3, 6);
    suite_add_tcase(suite, tcase);

    TCase *chance = tcase_create("chance");
    tcase_set_timeout(chance, 60);
    tcase_add_checked_fixture(chance, setup, teardown);
    tcase_add_test(chance, after_whatever_is_done_the_sums_and_the_stale_blocks_make_the_whole);
    suite_add_tcase(suite, chance);
    return suite;
}
