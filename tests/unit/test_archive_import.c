/* SPDX-License-Identifier: MIT */
/* Imports with a real database: what becomes of each row, and what undoing leaves. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_help.h"

static struct archive_import_counts run_counts(struct import_file *rows, const char *hash)
{
    struct archive_import_counts counts;
    int64_t import_id;

    ck_assert_int_eq(import_run(rows, hash, 0, &counts, &import_id), ARCHIVE_IMPORT_STORED);
    return counts;
}

/* Everything that is stored, the sums brought up to date first. */
static char *dump_with_sums(void)
{
    store_help_sum_up();
    return store_help_dump(store_help_db());
}

/* -- what becomes of a row --------------------------------------------------------------------- */

START_TEST(a_row_that_nobody_told_is_a_new_play)
{
    struct archive_import_counts counts;

    import_row(&import_file, 100, T0 + 5000, SONG);
    counts = run_counts(&import_file, HASH);
    ck_assert_int_eq(counts.rows, 1);
    ck_assert_int_eq(counts.added, 1);
    ck_assert_str_eq(
        store_help_ask("SELECT played_at - 1767225600000, source, ms_played, nudge_ms, import_id"
                       " FROM played_tracks"),
        "5000|extended|200000|0|1");
    ck_assert_str_eq(store_help_ask("SELECT track, artists, album, track_uri FROM plays"),
                     "Song 100|Artist 2|Album 1|spotify:track:0000000000000000000100");
    ck_assert_str_eq(
        store_help_ask("SELECT reason_start, reason_end, shuffle, skipped, offline, incognito,"
                       " platform, country FROM play_details"),
        "clickrow|trackdone|0|NULL|0|0|android|SE");
}
END_TEST

START_TEST(I4_a_row_of_a_play_of_the_API_completes_it)
{
    struct archive_import_counts counts;

    import_api(100, T0 + 5307);
    import_row(&import_file, 100, T0 + 5000, SONG);
    counts = run_counts(&import_file, HASH);
    ck_assert_int_eq(counts.matched, 1);
    ck_assert_str_eq(
        store_help_ask("SELECT played_at - 1767225600000, source, ms_played, import_id,"
                       " first_seen_at - played_at FROM played_tracks"),
        "5307|api|200000|1|60000");
    ck_assert_str_eq(store_help_ask("SELECT long_at - 1767225600000, long_track_id, reason_end FROM"
                                    " play_details"),
                     "5000|NULL|trackdone");
}
END_TEST

START_TEST(a_row_with_the_id_of_another_market_completes_it_and_its_track_is_remembered)
{
    import_api(100, T0 + 5307);
    strcpy(import_row(&import_file, 100, T0 + 5000, SONG)->uri,
           "spotify:track:9999999999999999999999");
    ck_assert_int_eq(run_counts(&import_file, HASH).matched, 1);
    ck_assert_str_eq(store_help_ask("SELECT t.uri FROM play_details JOIN tracks AS t"
                                    " ON t.track_id = long_track_id"),
                     "spotify:track:9999999999999999999999");
    ck_assert_str_eq(
        store_help_ask("SELECT t.uri FROM played_tracks JOIN tracks AS t USING (track_id)"),
        "spotify:track:0000000000000000000100");
}
END_TEST

START_TEST(equal_rows_of_one_file_are_one_play)
{
    struct archive_import_counts counts;

    for (int i = 0; i < 3; i++)
        import_row(&import_file, 100, T0 + 5000, SONG);
    counts = run_counts(&import_file, HASH);
    ck_assert_int_eq(counts.added, 1);
    ck_assert_int_eq(counts.duplicate, 2);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "1");
}
END_TEST

START_TEST(I6_two_plays_that_end_in_one_second_are_both_kept)
{
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 101, T0 + 5000, 1500);
    import_row(&import_file, 102, T0 + 5000, 0);
    ck_assert_int_eq(run_counts(&import_file, HASH).added, 3);
    ck_assert_str_eq(store_help_ask("SELECT group_concat(nudge_ms, ' ') FROM (SELECT nudge_ms FROM"
                                    " played_tracks ORDER BY played_at)"),
                     "0 1 2");
}
END_TEST

START_TEST(a_short_row_has_a_made_up_uri_and_no_details)
{
    import_short_row(&import_file, 100, T0 + 65000, 51223);
    ck_assert_int_eq(run_counts(&import_file, HASH).added, 1);
    ck_assert_str_eq(
        store_help_ask("SELECT played_at - 1767225600000, source, ms_played FROM played_tracks"),
        "60000|account|51223");
    ck_assert_str_eq(store_help_ask("SELECT uri, name, album_id FROM tracks WHERE track_id IN"
                                    " (SELECT track_id FROM played_tracks)"),
                     "historyd:track:Artist 2:Song 100|Song 100|NULL");
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM play_details"), "0");
}
END_TEST

START_TEST(a_long_row_takes_the_place_of_the_short_one)
{
    import_short_row(&import_file, 100, T0 + 65000, 51223);
    import_all(&import_file, HASH);
    import_row(&import_later, 100, T0 + 66000, 51300);
    ck_assert_int_eq(run_counts(&import_later, OTHER).matched, 1);
    ck_assert_str_eq(
        store_help_ask("SELECT played_at - 1767225600000, source, ms_played, import_id FROM"
                       " played_tracks"),
        "66000|extended|51300|2");
    ck_assert_str_eq(
        store_help_ask("SELECT short_at - 1767225600000, short_ms_played, short_import_id,"
                       " t.uri FROM play_details JOIN tracks AS t ON t.track_id ="
                       " short_track_id"),
        "60000|51223|1|historyd:track:Artist 2:Song 100");
}
END_TEST

START_TEST(I7_rejected_rows_are_kept_with_their_place_and_reason)
{
    struct archive_import_counts counts;

    import_row(&import_file, 100, T0 + 5000, SONG);
    import_rejected(&import_file, 2, ARCHIVE_NO_TITLE);
    import_rejected(&import_file, 7, ARCHIVE_NO_TIME);
    counts = run_counts(&import_file, HASH);
    ck_assert_int_eq(counts.rejected, 2);
    ck_assert_int_eq(counts.by_reason[ARCHIVE_NO_TITLE], 1);
    ck_assert_str_eq(store_help_ask("SELECT * FROM import_rejects"),
                     "1|2|no_title|an excerpt\n1|7|no_time|an excerpt");
    ck_assert_str_eq(
        store_help_ask("SELECT row_count, added, matched, duplicate, rejected, file, hash, source"
                       " FROM imports"),
        "3|1|0|0|2|a file.json|" HASH "|extended");
}
END_TEST

START_TEST(what_is_known_of_a_track_is_not_changed_by_an_export)
{
    import_api(100, T0 + 5307);
    strcpy(import_row(&import_file, 100, T0 + CLOCK_DAY, SONG)->name, "Song 100 - Remastered");
    ck_assert_int_eq(run_counts(&import_file, HASH).added, 1);
    ck_assert_str_eq(store_help_ask("SELECT name FROM tracks WHERE uri LIKE '%100'"), "Song 100");
}
END_TEST

START_TEST(a_deleted_play_stays_deleted_when_an_import_completes_it)
{
    import_api(100, T0 + 5307);
    store_help_exec(store_help_db(), "UPDATE played_tracks SET deleted_at = 1");
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_all(&import_file, HASH);
    ck_assert_str_eq(store_help_ask("SELECT count(*), min(deleted_at) FROM played_tracks"), "1|1");
}
END_TEST

/* -- again, and out again ---------------------------------------------------------------------- */

START_TEST(I3_importing_a_file_again_changes_nothing)
{
    struct archive_import_counts counts;
    char *before;
    int64_t import_id;

    import_api(100, T0 + 5307);
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 101, T0 + 400000, SONG);
    import_rejected(&import_file, 3, ARCHIVE_NO_TIME);
    import_all(&import_file, HASH);
    before = dump_with_sums();
    ck_assert_int_eq(import_run(&import_file, HASH, 0, &counts, &import_id), ARCHIVE_IMPORT_KNOWN);
    ck_assert_int_eq(import_id, 1);
    ck_assert_int_eq(counts.duplicate, 2);
    ck_assert_int_eq(counts.rejected, 1);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

START_TEST(a_file_that_was_undone_can_be_imported_again)
{
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_undo(import_all(&import_file, HASH), 0);
    ck_assert_int_eq(run_counts(&import_file, HASH).added, 1);
}
END_TEST

START_TEST(undoing_leaves_what_was_before)
{
    char *before;

    import_api(100, T0 + 5307);
    import_api(101, T0 + 405307);
    before = dump_with_sums();
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 101, T0 + 405000, SONG);
    import_row(&import_file, 555, T0 + 705000, SONG);
    import_rejected(&import_file, 9, ARCHIVE_NO_TIME);
    import_undo(import_all(&import_file, HASH), 0);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

START_TEST(undoing_the_long_form_leaves_the_short_one)
{
    char *before;
    int64_t import_id;

    for (int i = 0; i < 3; i++)
        import_short_row(&import_file, 100 + i, T0 + 60000, 5000 + i);
    import_all(&import_file, HASH);
    before = dump_with_sums();
    import_row(&import_later, 102, T0 + 66000, 5300);
    import_row(&import_later, 100, T0 + 62000, 5001);
    import_id = import_all(&import_later, OTHER);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "3");
    import_undo(import_id, 0);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

START_TEST(undoing_the_first_of_two_leaves_what_the_second_told)
{
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 101, T0 + 405000, SONG);
    import_row(&import_later, 101, T0 + 405000, SONG);
    import_row(&import_later, 102, T0 + 805000, SONG);
    import_all(&import_file, HASH);
    import_all(&import_later, OTHER);
    import_undo(1, 0);
    ck_assert_str_eq(store_help_ask("SELECT track FROM plays"), "Song 102");
    ck_assert_str_eq(store_help_ask("SELECT import_id FROM imports"), "2");
}
END_TEST

START_TEST(undoing_what_is_not_there_is_not_found)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;

    ck_assert_int_eq(archive_undo_begin(store, 7, T0, 0, &import), STORE_NOT_FOUND);
    ck_assert_ptr_null(import);
    store_close(store);
}
END_TEST

/* -- gaps -------------------------------------------------------------------------------------- */

static void add_gap(int64_t after, int64_t before)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause,"
             " detected_at) VALUES (1, %lld, %lld, 'likely', 'daemon_down', 1)",
             (long long)after, (long long)before);
    store_help_exec(store_help_db(), sql);
}

START_TEST(a_gap_is_filled_by_a_file_that_has_the_plays_at_both_ends)
{
    import_api(100, T0 + 5307);
    import_api(101, T0 + CLOCK_DAY + 307);
    add_gap(T0 + 5307, T0 + CLOCK_DAY + 307);
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 300, T0 + 405000, SONG);
    import_row(&import_file, 101, T0 + CLOCK_DAY, SONG);
    ck_assert_int_eq(run_counts(&import_file, HASH).gaps_filled, 1);
    ck_assert_str_eq(store_help_ask("SELECT filled_by FROM gaps"), "1");
    import_undo(1, 0);
    ck_assert_str_eq(store_help_ask("SELECT filled_by FROM gaps"), "NULL");
}
END_TEST

START_TEST(a_gap_that_is_noted_behind_the_import_is_filled_by_it)
{
    struct store_gap gap = {1, T0 + 5307, T0 + CLOCK_DAY + 307, "likely", "daemon_down", T0};
    struct store *store;

    import_api(100, T0 + 5307);
    import_api(101, T0 + CLOCK_DAY + 307);
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 101, T0 + CLOCK_DAY, SONG);
    import_all(&import_file, HASH);
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    gap.before_played_at += CLOCK_DAY;
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT filled_by FROM gaps ORDER BY gap_id"), "1\nNULL");
}
END_TEST

START_TEST(what_an_export_made_up_goes_when_the_API_brings_the_real_thing)
{
    struct store *store;
    int64_t track_id;
    struct store_artist artist = {"spotify:artist:0000000000000000000001", "Artist 2"};
    struct store_track track = {
        .uri = "spotify:track:0000000000000000000100",
        .kind = "track",
        .name = "Song 100",
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = &artist,
        .artist_count = 1,
        .album_uri = "spotify:album:0000000000000000000001",
        .album_name = "Album 1",
        .album_total_tracks = -1,
        .album_artists = &artist,
        .album_artist_count = 1,
    };

    import_row(&import_file, 100, T0 + 5000, SONG);
    import_all(&import_file, HASH);
    ck_assert_str_eq(
        store_help_ask("SELECT (SELECT count(*) FROM albums WHERE uri GLOB 'historyd:*'),"
                       " (SELECT count(*) FROM artists WHERE uri GLOB 'historyd:*')"),
        "1|1");
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_track_put(store, &track, T0, &track_id), STORE_OK);
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(
        store_help_ask("SELECT (SELECT count(*) FROM albums WHERE uri GLOB 'historyd:*'),"
                       " (SELECT count(*) FROM artists WHERE uri GLOB 'historyd:*')"),
        "0|0");
    ck_assert_str_eq(store_help_ask("PRAGMA foreign_key_check"), "");
}
END_TEST

START_TEST(a_gap_is_not_filled_by_a_file_that_lacks_the_play_at_one_end)
{
    import_api(100, T0 + 5307);
    import_api(101, T0 + CLOCK_DAY + 307);
    add_gap(T0 + 5307, T0 + CLOCK_DAY + 307);
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 300, T0 + 405000, SONG);
    import_row(&import_file, 301, T0 + 2 * CLOCK_DAY, SONG);
    ck_assert_int_eq(run_counts(&import_file, HASH).gaps_filled, 0);
    ck_assert_str_eq(store_help_ask("SELECT filled_by FROM gaps"), "NULL");
}
END_TEST

/* -- whole or not at all ----------------------------------------------------------------------- */

START_TEST(an_import_that_is_dropped_half_way_leaves_nothing)
{
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 1, .file = "f", .hash = HASH, .form = ARCHIVE_FORM_LONG, .now = T0};
    char *before = dump_with_sums();
    struct store *store;
    struct archive_import *import;

    for (int i = 0; i < 100; i++)
        import_row(&import_file, 100 + i, T0 + i * 300000, SONG);
    import_supply(&import_file, &supply);
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_OK);
    while (!archive_import_is_ready(import))
        ck_assert_int_eq(archive_import_step(import), ARCHIVE_IMPORT_MORE);
    archive_import_free(import);
    store_help_begin(store, STORE_DURABLE); /* others may write again */
    store_help_commit(store);
    store_close(store);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

/* Imports file with a book of the caller's; dropped before its commit unless it is to be stored. */
static void run_with_book(struct store *store, struct trackbook *book, struct import_file *file,
                          const char *hash, bool stored)
{
    struct archive_supply supply;
    struct archive_import_options options = {.user_id = 1,
                                             .file = "f",
                                             .hash = hash,
                                             .form = ARCHIVE_FORM_LONG,
                                             .now = T0,
                                             .book = book};
    struct archive_import *import;

    import_supply(file, &supply);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_OK);
    if (stored)
        import_must_be_stored(import);
    while (!stored && !archive_import_is_ready(import))
        ck_assert_int_eq(archive_import_step(import), ARCHIVE_IMPORT_MORE);
    archive_import_free(import);
}

START_TEST(a_book_kept_from_one_file_to_the_next_forgets_tracks_that_were_rolled_back)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct trackbook *book = trackbook_new(store, TRACKBOOK_PLACES);

    import_row(&import_file, 300, T0 + 5000, SONG); /* a new track, with a number of its own */
    run_with_book(store, book, &import_file, HASH, false);
    import_row(&import_later, 301, T0 + 5000, SONG); /* has that number now */
    import_row(&import_later, 300, T0 + 305000, SONG);
    run_with_book(store, book, &import_later, OTHER, true);
    run_with_book(store, book, &import_file, HASH, true);
    trackbook_free(book);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT group_concat(name, ',') FROM (SELECT t.name AS name"
                                    " FROM played_tracks JOIN tracks AS t USING (track_id)"
                                    " ORDER BY played_at)"),
                     "Song 301,Song 300,Song 300");
}
END_TEST

START_TEST(rows_that_are_not_sound_end_it_and_nothing_has_changed)
{
    struct archive_import_counts counts;
    char *before = dump_with_sums();
    int64_t import_id;

    for (int i = 0; i < 5; i++)
        import_row(&import_file, 100 + i, T0 + i * 300000, SONG);
    import_row(&import_file, 200, T0 + CLOCK_DAY, SONG);
    import_rejected(&import_file, 90, ARCHIVE_NO_TIME);
    import_file.records[3].len -= 1;
    ck_assert_int_eq(import_run(&import_file, HASH, 0, &counts, &import_id), ARCHIVE_IMPORT_FAILED);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

START_TEST(an_import_into_a_scratch_copy_leaves_the_database_as_it_is)
{
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 1, .file = "f", .hash = HASH, .form = ARCHIVE_FORM_LONG, .now = T0};
    char *before, why[300];
    struct store *store;
    struct archive_import *import;

    import_api(100, T0 + 5307);
    before = dump_with_sums();
    import_row(&import_file, 100, T0 + 5000, SONG);
    import_row(&import_file, 300, T0 + 405000, SONG);
    import_supply(&import_file, &supply);
    ck_assert_int_eq(store_open_scratch(store_help_db(), &store, why, sizeof(why)), STORE_OK);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_OK);
    import_must_be_stored(import);
    ck_assert_int_eq(archive_import_counts(import)->matched, 1);
    ck_assert_int_eq(archive_import_counts(import)->added, 1);
    archive_import_free(import);
    store_close(store);
    store_help_expect_equal(before, dump_with_sums());
}
END_TEST

START_TEST(an_import_of_a_user_that_is_none_is_not_found)
{
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 7, .file = "f", .hash = HASH, .form = ARCHIVE_FORM_LONG, .now = T0};
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;

    import_supply(&import_file, &supply);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_NOT_FOUND);
    store_close(store);
}
END_TEST

START_TEST(an_import_that_finds_another_change_under_way_leaves_it_alone)
{
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 1, .file = "f", .hash = HASH, .form = ARCHIVE_FORM_LONG, .now = T0};
    int64_t first;
    struct store *store;
    struct archive_import *import;

    import_row(&import_file, 1, T0, 180000);
    first = import_all(&import_file, HASH);
    store = store_help_open(STORE_WRITER);
    import_supply(&import_file, &supply);
    ck_assert_int_eq(store_long_begin(store), STORE_OK);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_BUSY);
    ck_assert_ptr_null(import);
    ck_assert(store_long_is_open(store));
    ck_assert_int_eq(archive_undo_begin(store, first, T0, 0, &import), STORE_BUSY);
    ck_assert_ptr_null(import);
    ck_assert(store_long_is_open(store));
    ck_assert_int_eq(store_long_resume(store), STORE_OK);
    store_rollback(store);
    store_close(store);
}
END_TEST

Suite *archive_import_suite(void);

Suite *archive_import_suite(void)
{
    const TTest *const tests[] = {
        a_row_that_nobody_told_is_a_new_play,
        I4_a_row_of_a_play_of_the_API_completes_it,
        a_row_with_the_id_of_another_market_completes_it_and_its_track_is_remembered,
        equal_rows_of_one_file_are_one_play,
        I6_two_plays_that_end_in_one_second_are_both_kept,
        a_short_row_has_a_made_up_uri_and_no_details,
        a_long_row_takes_the_place_of_the_short_one,
        I7_rejected_rows_are_kept_with_their_place_and_reason,
        what_is_known_of_a_track_is_not_changed_by_an_export,
        a_deleted_play_stays_deleted_when_an_import_completes_it,
        I3_importing_a_file_again_changes_nothing,
        a_file_that_was_undone_can_be_imported_again,
        undoing_leaves_what_was_before,
        undoing_the_long_form_leaves_the_short_one,
        undoing_the_first_of_two_leaves_what_the_second_told,
        undoing_what_is_not_there_is_not_found,
        a_gap_is_filled_by_a_file_that_has_the_plays_at_both_ends,
        a_gap_that_is_noted_behind_the_import_is_filled_by_it,
        what_an_export_made_up_goes_when_the_API_brings_the_real_thing,
        a_gap_is_not_filled_by_a_file_that_lacks_the_play_at_one_end,
        an_import_that_is_dropped_half_way_leaves_nothing,
        a_book_kept_from_one_file_to_the_next_forgets_tracks_that_were_rolled_back,
        rows_that_are_not_sound_end_it_and_nothing_has_changed,
        an_import_into_a_scratch_copy_leaves_the_database_as_it_is,
        an_import_of_a_user_that_is_none_is_not_found,
        an_import_that_finds_another_change_under_way_leaves_it_alone,
    };
    Suite *suite = suite_create("archive_import");
    TCase *tcase = tcase_create("import");

    tcase_add_checked_fixture(tcase, import_setup, import_teardown);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}
