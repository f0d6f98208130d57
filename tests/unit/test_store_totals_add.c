/* SPDX-License-Identifier: MIT */
/* Plays that are added to the sums of their block make the same bytes as a recount of it. */
#include <check.h>
#include <string.h>

#include "lib/chance.h"
#include "store/store_private.h"
#include "store/totals.h"
#include "store_help.h"

#define EDGE (STORE_HELP_T0 / STORE_BLOCK_MS * STORE_BLOCK_MS) /* where a block begins */
#define DAY INT64_C(86400000)
#define START (EDGE + DAY)
#define MOST 12

static struct store *store;

static void sql(const char *text)
{
    ck_assert_int_eq(sqlite3_exec(store->db, text, NULL, NULL, NULL), SQLITE_OK);
}

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_RELAXED);
    sql("INSERT INTO tracks (track_id, uri, kind, name, duration_ms, updated_at) VALUES"
        " (21, 'track 21', 'track', 'x', 1, 1), (22, 'track 22', 'track', 'x', NULL, 1),"
        " (23, 'track 23', 'track', 'x', 99000, 1), (400, 'track 400', 'track', 'x', 7, 1)");
    store_help_commit(store);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

static struct store_play play_at(int64_t moment, int64_t track_id)
{
    return (struct store_play){.user_id = 1,
                               .played_at = moment,
                               .track_id = track_id,
                               .source = STORE_SOURCE_API,
                               .first_seen_at = 1,
                               .ms_played = -1};
}

/* As a poll does it; true: they were added to the sums. */
static bool bring(const struct store_play *plays, size_t count)
{
    int64_t first = INT64_MAX, last = INT64_MIN, block = 0;
    bool can = false;

    for (size_t i = 0; i < count; i++) {
        int64_t moment = plays[i].played_at - plays[i].nudge_ms;

        first = moment < first ? moment : first;
        last = moment > last ? moment : last;
    }
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_follow(store, 1, first, last, &block, &can), STORE_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(store_play_insert(store, &plays[i]), STORE_OK);
    if (can)
        ck_assert_int_eq(store_totals_add(store, block, plays, count), STORE_OK);
    store_help_commit(store);
    return can;
}

static bool bring_one(int64_t moment, int64_t track_id)
{
    struct store_play play = play_at(moment, track_id);

    return bring(&play, 1);
}

static int64_t stale(void)
{
    int64_t count = -1;

    ck_assert_int_eq(store_totals_stale(store, &count), STORE_OK);
    return count;
}

static int64_t differences(void)
{
    int64_t count = -1;

    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_totals_verify(store, &count), STORE_OK);
    store_rollback(store);
    return count;
}

static void refresh(void)
{
    int64_t left = -1;

    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_refresh(store, 60000, &left), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(left, 0);
}

static const char *query(const char *text)
{
    return store_help_query(store_help_db(), text);
}

START_TEST(a_play_that_is_added_leaves_nothing_stale)
{
    ck_assert(bring_one(START, 23));
    ck_assert_int_eq(stale(), 0);
    ck_assert_str_eq(query("SELECT track_id, plays, listened_ms FROM play_totals"), "23|1|99000");
}
END_TEST

/* In any order, of few tracks and moments, so that many meet. */
START_TEST(what_is_added_is_what_a_recount_finds)
{
    static const int64_t tracks[] = {1, 2, 21, 22, 23, 400};
    struct chance chance = chance_open("what_is_added_is_what_a_recount_finds");
    struct store_play plays[MOST];
    int64_t key = START;
    size_t added = 0;

    for (int round = 0; round < 40; round++) {
        size_t count = 1 + chance_below(&chance, MOST);

        for (size_t i = 0; i < count; i++) {
            key += 1 + (int64_t)chance_below(&chance, (uint64_t)DAY / 40);
            plays[i] = play_at(key, CHANCE_PICK(&chance, tracks));
            plays[i].nudge_ms = (int64_t)chance_below(&chance, 3);
            plays[i].ms_played = chance_below(&chance, 3) ? -1 : 5000;
        }
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = chance_below(&chance, i + 1);
            struct store_play play = plays[i];

            plays[i] = plays[other];
            plays[other] = play;
        }
        added += bring(plays, count);
        ck_assert_msg(differences() == 0, "after round %d", round);
    }
    ck_assert_uint_gt(added, 30);
}
END_TEST

START_TEST(a_late_play_becomes_the_first_of_its_track)
{
    bring_one(START + DAY, 23);
    ck_assert(bring_one(START, 23));
    ck_assert_int_eq(differences(), 0);
    ck_assert_int_eq(stale(), 0);
}
END_TEST

START_TEST(a_block_that_is_stale_stays_so)
{
    store_help_begin(store, STORE_RELAXED);
    struct store_play before = play_at(START, 21);
    ck_assert_int_eq(store_play_insert(store, &before), STORE_OK);
    store_help_commit(store);
    ck_assert(!bring_one(START + DAY, 23));
    ck_assert_int_eq(stale(), 1);
    refresh();
    ck_assert_str_eq(query("SELECT sum(plays) FROM play_sums"), "2");
}
END_TEST

START_TEST(plays_of_two_blocks_are_left_to_a_recount)
{
    struct store_play plays[] = {play_at(START, 21), play_at(START + STORE_BLOCK_MS, 21)};

    ck_assert(!bring(plays, 2));
    ck_assert_int_eq(stale(), 2);
}
END_TEST

/* They mark the block before, too. */
START_TEST(plays_where_a_block_begins_are_left_to_a_recount)
{
    ck_assert(!bring_one(EDGE + 1000, 21));
    refresh();
    ck_assert_int_eq(differences(), 0);
}
END_TEST

START_TEST(a_row_that_cannot_be_read_is_counted_anew)
{
    static const char *const wrongs[] = {
        "UPDATE play_sums SET quarters = x'ff'",
        "UPDATE play_sums SET tracks = x'0001'",
        "UPDATE play_sums SET tracks = CAST(tracks || x'0000010100' AS BLOB)",
    };

    bring_one(START, 23);
    sql(wrongs[_i]);
    bring_one(START + DAY, 23);
    ck_assert_int_eq(stale(), 1);
    refresh();
    ck_assert_int_eq(differences(), 0);
}
END_TEST

Suite *store_totals_add_suite(void)
{
    Suite *suite = suite_create("store_totals_add");
    TCase *tcase = tcase_create("adding");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_play_that_is_added_leaves_nothing_stale);
    tcase_add_test(tcase, what_is_added_is_what_a_recount_finds);
    tcase_add_test(tcase, a_late_play_becomes_the_first_of_its_track);
    tcase_add_test(tcase, a_block_that_is_stale_stays_so);
    tcase_add_test(tcase, plays_of_two_blocks_are_left_to_a_recount);
    tcase_add_test(tcase, plays_where_a_block_begins_are_left_to_a_recount);
    tcase_add_loop_test(tcase, a_row_that_cannot_be_read_is_counted_anew, 0, 3);
    suite_add_tcase(suite, tcase);
    return suite;
}
