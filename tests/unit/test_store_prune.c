/* SPDX-License-Identifier: MIT */
/* What of the catalogue goes when nobody needs it any more. */
#include "store/prune.h"

#include <check.h>

#include "store_help.h"

static struct store *store;
static struct store_prune list;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
}

static void teardown(void)
{
    store_prune_free(&list);
    store_close(store);
    store_help_teardown();
}

/* A track, which may go. */
static int64_t add(int n)
{
    int64_t track_id = store_help_track(store, n);
    ck_assert(store_ids_add(&list.rows[STORE_PRUNE_TRACKS], track_id));
    return track_id;
}

/* How many steps of so many rows it took. */
static int prune(size_t rows)
{
    int steps = 0;
    for (bool done = false; !done; steps++) {
        ck_assert_int_lt(steps, 1000);
        ck_assert_int_eq(store_prune_step(store, &list, rows, &done), STORE_OK);
    }
    store_help_commit(store);
    return steps;
}

static const char *counts(void)
{
    return store_help_ask("SELECT (SELECT count(*) FROM tracks), (SELECT count(*) FROM albums),"
                          " (SELECT count(*) FROM artists), (SELECT count(*) FROM track_artists),"
                          " (SELECT count(*) FROM album_artists)");
}

START_TEST(a_track_that_nobody_played_goes_with_its_album_and_artist)
{
    ck_assert_str_eq(counts(), "3|1|1|3|1");
    add(100);
    prune(100);
    ck_assert_str_eq(counts(), "3|1|1|3|1");
}
END_TEST

/* 101 is of the same album; 105 of another one, by the same artist. */
START_TEST(what_the_track_of_a_play_needs_stays)
{
    store_help_play(store, 1, STORE_HELP_T0, add(100));
    add(101);
    add(105);
    prune(100);
    ck_assert_str_eq(store_help_ask("SELECT name FROM tracks WHERE track_id > 3"), "Track 100");
    ck_assert_str_eq(store_help_ask("SELECT group_concat(name) FROM albums"), "Album 0,Album 20");
    ck_assert_str_eq(store_help_ask("SELECT group_concat(name) FROM artists"),
                     "Artist 0,Artist 10");
}
END_TEST

START_TEST(an_album_and_an_artist_stay_with_a_track_that_is_not_on_the_list)
{
    store_help_track(store, 100);
    add(101);
    prune(100);
    ck_assert_str_eq(store_help_ask("SELECT name FROM tracks WHERE track_id > 3"), "Track 100");
    ck_assert_str_eq(counts(), "4|2|2|4|2");
}
END_TEST

/* 30 tracks of 6 albums and 3 artists, each of them looked at once. */
START_TEST(no_step_looks_at_more_rows_than_it_may)
{
    for (int n = 100; n < 130; n++)
        add(n);
    add(105);
    ck_assert_int_eq(prune((size_t)_i), (30 + 6 + 3 + _i - 1) / _i);
    ck_assert_str_eq(counts(), "3|1|1|3|1");
}
END_TEST

START_TEST(with_an_empty_list_it_is_done_at_once)
{
    ck_assert_int_eq(prune(1), 1);
    ck_assert_str_eq(counts(), "3|1|1|3|1");
}
END_TEST

Suite *store_prune_suite(void);

Suite *store_prune_suite(void)
{
    Suite *suite = suite_create("store_prune");
    TCase *tcase = tcase_create("prune");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_track_that_nobody_played_goes_with_its_album_and_artist);
    tcase_add_test(tcase, what_the_track_of_a_play_needs_stays);
    tcase_add_test(tcase, an_album_and_an_artist_stay_with_a_track_that_is_not_on_the_list);
    tcase_add_loop_test(tcase, no_step_looks_at_more_rows_than_it_may, 1, 8);
    tcase_add_test(tcase, with_an_empty_list_it_is_done_at_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
