/* SPDX-License-Identifier: MIT */
/* What a reader keeps of statistics is never what was before. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "store/stats.h"
#include "store/totals.h"
#include "store_help.h"

#define T0 STORE_HELP_T0
#define MINUTE INT64_C(60000)

static struct store *writer, *reader;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    writer = store_help_open(STORE_WRITER);
    reader = store_help_open(STORE_READER);
}

static void teardown(void)
{
    store_close(reader);
    store_close(writer);
    store_help_teardown();
}

static void play(int64_t user_id, int64_t moment, int64_t track_id)
{
    store_help_begin(writer, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(writer, user_id, moment, track_id), STORE_OK);
    store_help_commit(writer);
}

static int64_t plays_of(struct store *store, int64_t user_id)
{
    struct store_stats_filter filter = {user_id, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally = NULL;
    int64_t plays;

    ck_assert_msg(store_tally_read(store, &filter, &tally) == STORE_OK, "%s", store_message(store));
    plays = tally->plays;
    for (size_t i = 0; i < tally->kind[STORE_KIND_TRACK].count; i++)
        plays -= tally->kind[STORE_KIND_TRACK].items[i].plays;
    ck_assert_int_eq(plays, 0);
    plays = tally->plays;
    store_tally_free(tally);
    return plays;
}

static int64_t read_plays(int64_t user_id)
{
    int64_t plays;

    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    plays = plays_of(reader, user_id);
    ck_assert_int_eq(plays_of(reader, user_id), plays);
    store_rollback(reader);
    return plays;
}

static int64_t read_artists_found(void)
{
    struct store_stats_filter filter = {0, STORE_NO_TIME, STORE_NO_TIME};
    struct store_found_list found;

    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(
        store_discoveries(reader, &filter, (enum store_kind[]){STORE_KIND_ARTIST}, 1, 5, &found),
        STORE_OK);
    store_rollback(reader);
    free(found.items);
    return found.all;
}

START_TEST(a_play_that_came_is_counted_by_a_reader_that_has_counted_before)
{
    play(1, T0, 1);
    ck_assert_int_eq(read_plays(1), 1);
    play(1, T0 + MINUTE, 2);
    ck_assert_int_eq(read_plays(1), 2);
    store_help_exec(store_help_db(), "DELETE FROM played_tracks WHERE track_id = 1");
    ck_assert_int_eq(read_plays(1), 1);
    store_help_sum_up();
    ck_assert_int_eq(read_plays(1), 1);
}
END_TEST

START_TEST(a_transaction_sees_what_was_when_it_began)
{
    play(1, T0, 1);
    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(plays_of(reader, 1), 1);
    play(1, T0 + MINUTE, 2);
    ck_assert_int_eq(plays_of(reader, 1), 1);
    store_rollback(reader);
    ck_assert_int_eq(read_plays(1), 2);
}
END_TEST

START_TEST(sums_of_one_user_are_not_taken_for_those_of_another)
{
    int64_t bo;

    store_help_begin(writer, STORE_DURABLE);
    bo = store_help_user(writer, "bo");
    store_help_commit(writer);
    play(1, T0, 1);
    play(bo, T0, 1);
    play(bo, T0 + MINUTE, 1);
    ck_assert_int_eq(read_plays(1), 1);
    ck_assert_int_eq(read_plays(bo), 2);
    ck_assert_int_eq(read_plays(0), 3);
    ck_assert_int_eq(read_plays(1), 1);
}
END_TEST

START_TEST(a_new_artist_of_a_track_is_found)
{
    play(1, T0, 1);
    ck_assert_int_eq(read_artists_found(), 1);
    store_help_exec(
        store_help_db(),
        "INSERT INTO artists (uri, name, updated_at) VALUES ('x', 'X', 1);"
        "INSERT INTO track_artists SELECT 1, 9, artist_id FROM artists WHERE uri = 'x'");
    ck_assert_int_eq(read_artists_found(), 2);
}
END_TEST

START_TEST(a_writer_counts_what_it_has_not_committed_and_not_what_it_took_back)
{
    play(1, T0, 1);
    store_help_begin(writer, STORE_DURABLE);
    ck_assert_int_eq(plays_of(writer, 1), 1);
    ck_assert_int_eq(store_help_play(writer, 1, T0 + MINUTE, 2), STORE_OK);
    ck_assert_int_eq(plays_of(writer, 1), 2);
    store_rollback(writer);
    store_help_begin(writer, STORE_DURABLE);
    ck_assert_int_eq(plays_of(writer, 1), 1);
    store_help_commit(writer);
}
END_TEST

START_TEST(sums_that_cannot_be_read_are_told_with_what_helps)
{
    struct store_stats_filter filter = {1, STORE_NO_TIME, STORE_NO_TIME};
    struct store_tally *tally = NULL;

    play(1, T0, 1);
    store_help_sum_up();
    store_help_exec(store_help_db(), "UPDATE play_sums SET tracks = x'ff'");
    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(store_tally_read(reader, &filter, &tally), STORE_CORRUPT);
    ck_assert_ptr_null(tally);
    ck_assert_ptr_nonnull(strstr(store_message(reader), "made anew (rebuild)"));
    store_rollback(reader);
}
END_TEST

Suite *store_kept_suite(void)
{
    Suite *suite = suite_create("store_kept");
    TCase *test = tcase_create("kept");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, a_play_that_came_is_counted_by_a_reader_that_has_counted_before);
    tcase_add_test(test, a_transaction_sees_what_was_when_it_began);
    tcase_add_test(test, sums_of_one_user_are_not_taken_for_those_of_another);
    tcase_add_test(test, a_new_artist_of_a_track_is_found);
    tcase_add_test(test, a_writer_counts_what_it_has_not_committed_and_not_what_it_took_back);
    tcase_add_test(test, sums_that_cannot_be_read_are_told_with_what_helps);
    suite_add_tcase(suite, test);
    return suite;
}
