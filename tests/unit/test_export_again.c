/* SPDX-License-Identifier: MIT */
/* The long form that we export, imported into an empty database: the same plays. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/intake.h"
#include "export_help.h"
#include "import_help.h"

/* All that the export can hold, of every play. */
static char *plays(void)
{
    return strdup(store_help_ask(
        "SELECT p.played_at - p.nudge_ms, t.uri, t.kind, t.name, b.name, p.ms_played,"
        " d.reason_start, d.reason_end, d.shuffle, d.skipped, d.offline, d.incognito, d.platform,"
        " d.country, d.offline_at FROM played_tracks AS p JOIN tracks AS t USING (track_id)"
        " LEFT JOIN albums AS b USING (album_id) LEFT JOIN play_details AS d"
        " ON d.user_id = p.user_id AND d.played_at = p.played_at"
        " WHERE p.deleted_at IS NULL ORDER BY 1, 2, 6"));
}

static void import_path(const char *path)
{
    struct archive_intake_options options = {.now = T0 + 400 * CLOCK_DAY,
                                             .directory = store_help_folder()};
    struct archive_intake *intake = archive_intake_new(&options, &path, 1);
    struct archive_import_options import_options = {
        .user_id = 1, .file = "again", .hash = "00", .form = ARCHIVE_FORM_LONG, .now = options.now};
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;
    struct archive_supply supply;

    ck_assert_int_eq(archive_intake_next(intake), ARCHIVE_INTAKE_HISTORY);
    supply = archive_intake_supply(intake);
    ck_assert_int_eq(archive_import_begin(store, &import_options, &supply, &import), STORE_OK);
    import_must_be_stored(import);
    ck_assert_int_eq(archive_import_counts(import)->rejected, 0);
    archive_import_free(import);
    store_close(store);
    archive_intake_free(intake);
}

static void expect_the_same_again(void)
{
    struct export_outcome outcome;
    struct buf out = export_help_run("extended", 1, STORE_NO_TIME, STORE_NO_TIME, &outcome);
    char *before = plays();

    store_help_teardown();
    store_help_setup();
    store_help_make();
    store_help_write(store_help_path("again.json"), out.data, out.len, 0600);
    import_path(store_help_path("again.json"));
    store_help_expect_equal(before, plays());
    buf_free(&out, false);
}

START_TEST(plays_of_all_sources_are_the_same_again)
{
    struct archive_row *row;

    import_api(100, T0 + 3601);
    import_api(101, T0 + 500123);
    import_api(101, T0 + 500723); /* told twice, as happens */
    import_api(102, T0 + 900000);
    row = import_row(&import_file, 101, T0 + 500000, SONG);
    row->skipped = ARCHIVE_YES;
    import_row(&import_file, 103, T0 + 1300000, 5000);
    import_row(&import_file, 103, T0 + 1300000, 7000);
    import_row(&import_file, 104, T0 + 1400000, -1);
    row = import_row(&import_file, 105, T0 + 1700000, SONG);
    snprintf(row->uri, sizeof(row->uri), "spotify:episode:%022d", 105);
    row->kind = ARCHIVE_EPISODE;
    snprintf(row->album, sizeof(row->album), "%s", row->artist);
    row = import_row(&import_file, 106, T0 + 1900000, SONG);
    row->uri[0] = '\0';
    snprintf(row->name, sizeof(row->name), "50%% of: all");
    snprintf(row->artist, sizeof(row->artist), "A:B%%3AC");
    row = import_row(&import_file, 107, T0 + 2400000, SONG);
    snprintf(row->uri, sizeof(row->uri), "spotify:chapter:%022d", 107);
    row->kind = ARCHIVE_CHAPTER;
    row->artist[0] = '\0';
    row = import_row(&import_file, 108, T0 + 2900000, SONG);
    snprintf(row->uri, sizeof(row->uri), "spotify:local:Someone:Record:Song:200");
    row->kind = ARCHIVE_LOCAL;
    import_all(&import_file, "11");
    import_short_row(&import_later, 102, T0 + 900000, SONG);
    import_short_row(&import_later, 200, T0 + 3300000, SONG);
    row = import_short_row(&import_later, 201, T0 + 3600000, SONG);
    row->kind = ARCHIVE_EPISODE;
    snprintf(row->album, sizeof(row->album), "%s", row->artist);
    row = import_short_row(&import_later, 200, T0 + 3960000, SONG);
    snprintf(row->name, sizeof(row->name), "SONG 200");
    import_all(&import_later, "22");
    expect_the_same_again();
}
END_TEST

START_TEST(one_song_on_repeat_on_an_offline_device_is_all_there_again)
{
    for (int i = 0; i < 4; i++) {
        struct archive_row *row = import_row(&import_file, 100, T0 + 5000000, SONG);

        row->offline = ARCHIVE_YES;
        row->offline_at = T0 + (int64_t)i * (SONG + 1500);
    }
    import_all(&import_file, "11");
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "4");
    expect_the_same_again();
}
END_TEST

START_TEST(two_plays_of_one_ms_under_ids_of_two_markets_are_both_there_again)
{
    import_api(100, T0 + 5000);
    import_api(200, T0 + 5000 + 1);
    store_help_exec(store_help_db(), "UPDATE tracks SET name = 'Song 100' WHERE name = 'Song 200';"
                                     "UPDATE artists SET name = 'Artist';"
                                     "UPDATE played_tracks SET nudge_ms = 1"
                                     " WHERE played_at = 1767225605001");
    expect_the_same_again();
}
END_TEST

/* Rows of an export that repeat each other seconds apart are one play; what we stored is not. */
START_TEST(two_short_plays_that_the_API_told_seconds_apart_are_both_there_again)
{
    import_api(100, T0 + 1900);
    import_api(100, T0 + 10100);
    import_row(&import_file, 100, T0, 11000);
    import_row(&import_file, 100, T0 + 11000, 11000);
    import_all(&import_file, "11");
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "2");
    expect_the_same_again();
}
END_TEST

Suite *export_again_suite(void);

Suite *export_again_suite(void)
{
    const TTest *const tests[] = {
        plays_of_all_sources_are_the_same_again,
        one_song_on_repeat_on_an_offline_device_is_all_there_again,
        two_plays_of_one_ms_under_ids_of_two_markets_are_both_there_again,
        two_short_plays_that_the_API_told_seconds_apart_are_both_there_again,
    };
    Suite *suite = suite_create("export_again");
    TCase *tcase = tcase_create("again");

    tcase_add_checked_fixture(tcase, import_setup, import_teardown);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}
