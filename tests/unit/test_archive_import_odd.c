/* SPDX-License-Identifier: MIT */
/* Imports of what is odd, incomplete or made to do harm. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_help.h"

/* -- what is not told -------------------------------------------------------------------------- */

START_TEST(undoing_a_short_row_leaves_a_long_one_that_tells_no_ms_as_it_was)
{
    char *before;

    import_row(&import_file, 100, T0 + 5000, -1);
    import_all(&import_file, HASH);
    before = store_help_dump(store_help_db());
    import_short_row(&import_later, 100, T0 + 5000, SONG);
    import_undo(import_all(&import_later, OTHER), 0);
    store_help_expect_dump(before);
}
END_TEST

START_TEST(a_short_row_gives_its_ms_to_a_long_one_that_tells_none)
{
    import_row(&import_file, 100, T0 + 5000, -1);
    import_all(&import_file, HASH);
    import_short_row(&import_later, 100, T0 + 5000, SONG);
    import_all(&import_later, OTHER);
    ck_assert_str_eq(
        store_help_ask("SELECT played_at - 1767225600000, source, ms_played FROM played_tracks"),
        "5000|extended|200000");
}
END_TEST

/* -- one second -------------------------------------------------------------------------------- */

/* Plays of track 1 in each ms of so long a time from T0 on. */
static void fill_each_ms(int plays)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
             " SELECT 1, 1767225600000 + i, 1, 'api', 1 FROM n",
             plays - 1);
    store_help_exec(store_help_db(), sql);
}

START_TEST(a_row_behind_many_of_its_second_stands_right_behind_them)
{
    fill_each_ms(3000);
    import_row(&import_file, 100, T0, SONG);
    import_row(&import_file, 101, T0, SONG);
    import_row(&import_file, 102, T0 + 1000, SONG);
    import_all(&import_file, HASH);
    ck_assert_str_eq(
        store_help_ask("SELECT count(*), min(played_at) - 1767225600000,"
                       " max(played_at) - 1767225600000 FROM played_tracks WHERE import_id = 1"),
        "3|3000|3002");
    ck_assert_str_eq(
        store_help_ask("SELECT group_concat(DISTINCT played_at - nudge_ms - 1767225600000)"
                       " FROM played_tracks WHERE import_id = 1 AND track_id <> 1"
                       " ORDER BY 1"),
        "0,1000");
}
END_TEST

/* What `check` takes for a fault must not come from a file. */
START_TEST(rows_for_which_their_minute_has_no_room_are_refused_and_nothing_has_changed)
{
    struct archive_import_counts counts;
    int64_t import_id;
    char *before;

    fill_each_ms(60001);
    before = store_help_dump(store_help_db());
    import_row(&import_file, 100, T0 - 5000, SONG);
    import_row(&import_file, 101, T0, SONG);
    ck_assert_int_eq(import_run(&import_file, HASH, 0, &counts, &import_id), ARCHIVE_IMPORT_FAILED);
    store_help_expect_dump(before);
}
END_TEST

/* -- what cannot be ---------------------------------------------------------------------------- */

START_TEST(undoing_an_import_of_which_a_play_has_no_telling_ends_as_a_failure)
{
    struct store *store;
    struct archive_import *import;

    import_api(100, T0 + 5000);
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_all(&import_file, HASH);
    store_help_exec(store_help_db(), "DELETE FROM play_tellings");
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(archive_undo_begin(store, 1, T0, 0, &import), STORE_OK);
    ck_assert_int_eq(import_end_of(import), ARCHIVE_IMPORT_FAILED);
    ck_assert_ptr_nonnull(strstr(archive_import_error(import), "spotify-historyctl check"));
    archive_import_free(import);
    store_close(store);
}
END_TEST

START_TEST(a_long_row_without_details_is_completed_all_the_same)
{
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_all(&import_file, HASH);
    store_help_exec(store_help_db(), "UPDATE played_tracks SET detail_id = NULL");
    import_short_row(&import_later, 100, T0 + 5000, SONG);
    import_all(&import_later, OTHER);
    ck_assert_str_eq(
        store_help_ask("SELECT long_at - 1767225600000, short_at - 1767225600000, reason_end"
                       " IS NULL FROM play_details"),
        "5000|0|1");
}
END_TEST

/* More of them than there are places to remember them by, so that many meet in one place with just
 * one difference. */
START_TEST(details_that_differ_in_one_thing_are_told_apart)
{
    const int rows = 12000;

    for (int i = 0; i < rows; i++) {
        struct archive_row *row = import_row(&import_file, 100 + i % 7, T0 + i * 400000LL, SONG);
        char *texts[] = {row->platform, row->reason_start, row->reason_end};

        if (i % 5 < 3)
            snprintf(texts[i % 5], 60, "x%d", i);
        else if (i % 5 == 3)
            snprintf(row->country, sizeof(row->country), "%c%c", 'A' + i / 5 % 26,
                     'A' + i / 130 % 26);
        else
            snprintf(row->platform, sizeof(row->platform), "x%d", i);
        row->shuffle = i % 5 == 4 && i / 5 % 2 ? ARCHIVE_YES : ARCHIVE_NO;
        row->skipped = i % 5 == 4 && i / 10 % 2 ? ARCHIVE_YES : ARCHIVE_NO;
        row->offline = i % 5 == 4 && i / 20 % 2 ? ARCHIVE_YES : ARCHIVE_NO;
        row->incognito = i % 5 == 4 && i / 40 % 2 ? ARCHIVE_YES : ARCHIVE_NO;
    }
    import_all(&import_file, HASH);
#define AS_TOLD(number, what)                                                             \
    "SELECT count(*) FROM (SELECT d.*, (p.played_at - 1767225600000) / 400000 AS i"       \
    " FROM played_tracks AS p JOIN details AS d USING (detail_id)) WHERE i % 5 = " number \
    " AND " what
    ck_assert_str_eq(store_help_ask(AS_TOLD("0", "platform = 'x' || i")), "2400");
    ck_assert_str_eq(store_help_ask(AS_TOLD("1", "reason_start = 'x' || i")), "2400");
    ck_assert_str_eq(store_help_ask(AS_TOLD("2", "reason_end = 'x' || i")), "2400");
    ck_assert_str_eq(
        store_help_ask(AS_TOLD("3", "country = char(65 + i / 5 % 26, 65 + i / 130 % 26)")), "2400");
    ck_assert_str_eq(store_help_ask(AS_TOLD("4", "platform = 'x' || i AND shuffle = i / 5 % 2"
                                                 " AND skipped = i / 10 % 2"
                                                 " AND offline = i / 20 % 2"
                                                 " AND incognito = i / 40 % 2")),
                     "2400");
}
END_TEST

Suite *archive_import_odd_suite(void);

Suite *archive_import_odd_suite(void)
{
    const TTest *const tests[] = {
        undoing_a_short_row_leaves_a_long_one_that_tells_no_ms_as_it_was,
        a_short_row_gives_its_ms_to_a_long_one_that_tells_none,
        a_row_behind_many_of_its_second_stands_right_behind_them,
        rows_for_which_their_minute_has_no_room_are_refused_and_nothing_has_changed,
        undoing_an_import_of_which_a_play_has_no_telling_ends_as_a_failure,
        a_long_row_without_details_is_completed_all_the_same,
        details_that_differ_in_one_thing_are_told_apart,
    };
    Suite *suite = suite_create("archive_import_odd");
    TCase *tcase = tcase_create("odd");

    tcase_add_checked_fixture(tcase, import_setup, import_teardown);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}
