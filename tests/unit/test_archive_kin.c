/* SPDX-License-Identifier: MIT */
/* What a page is held against (settle_read_kin()), and what a kept trackbook still believes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "archive/settle.h"
#include "import_help.h"
#include "lib/nth_call.h"
#include "store_memory.h"

static struct store *store;
static struct trackbook *book;

static void setup(void)
{
    store_memory_install();
    import_setup();
    store = store_help_open(STORE_WRITER);
    book = trackbook_new(store, TRACKBOOK_PLACES);
    ck_assert_ptr_nonnull(book);
}

static void teardown(void)
{
    trackbook_free(book);
    store_close(store);
    import_teardown();
}

/* A track of one artist, in the transaction that is open; isrc "": not told. */
static int64_t put(const char *uri, const char *name, const char *artist_uri, const char *artist,
                   const char *isrc)
{
    struct store_artist by = {artist_uri, artist};
    struct store_track track = {
        .uri = uri,
        .kind = "track",
        .name = name,
        .isrc = isrc,
        .duration_ms = SONG,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = &by,
        .artist_count = 1,
        .album_total_tracks = -1,
    };
    int64_t track_id;

    ck_assert_int_eq(store_track_put(store, &track, T0, &track_id), STORE_OK);
    return track_id;
}

/* -- which plays are read ---------------------------------------------------------------------- */

/* How many stored plays a play of this track, at T0 + ms, is held against. */
static size_t count_kin(int64_t track_id, int64_t ms)
{
    struct settle *settle = settle_new(store, book, 1, T0);
    struct settle_api play = {T0 + ms, track_id, NULL};
    size_t stored;

    ck_assert_int_eq(trackbook_look(book), STORE_OK);
    settle_begin(settle);
    ck_assert_int_eq(settle_add_api(settle, &play), STORE_OK);
    ck_assert_int_eq(settle_read_kin(settle), STORE_OK);
    stored = settle_stored(settle);
    settle_free(settle);
    return stored;
}

START_TEST(a_page_is_held_against_plays_of_its_tracks_only)
{
    for (int i = 0; i < 50; i++)
        import_row(&import_file, 100 + i % 10, T0 + i * 300000, SONG);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_uint_eq(count_kin(put("spotify:track:0000000000000000000103", "Song 103",
                                    "spotify:artist:x", "Artist 5", ""),
                                CLOCK_DAY),
                      5);
}
END_TEST

/* So many plays of so many tracks that each array is a block of its own. */
START_TEST(without_memory_a_page_is_held_against_nothing_and_that_is_said)
{
    struct settle_api play = {T0 + CLOCK_DAY, 0, NULL};
    bool fired = true;
    long failures = 0;

    for (int i = 0; i < 12000; i++)
        import_row(&import_file, 100 + i % 6000, T0 + i * 5000, 4000);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    play.track_id = put("spotify:track:n", "Song 103", "spotify:artist:x", "Artist 103", "");
    ck_assert_int_eq(trackbook_look(book), STORE_OK);
    for (long k = 1; fired; k++) {
        struct settle *settle = settle_new(store, book, 1, T0);
        enum store_result result;

        settle_begin(settle);
        ck_assert_int_eq(settle_add_api(settle, &play), STORE_OK);
        nth_call_order(NTH_CALL_MEMORY, k);
        result = settle_read_kin(settle);
        fired = nth_call_end();
        ck_assert_int_eq(result, fired ? STORE_NOMEM : STORE_OK);
        failures += fired;
        settle_free(settle);
    }
    ck_assert_int_ge(failures, 8);
}
END_TEST

/* Each call of the store fails in turn. The plays are of the track that comes, or, told by another
 * track's row, of one of the same name. */
START_TEST(a_page_for_which_the_database_has_no_memory_is_held_against_nothing_and_that_is_said)
{
    struct settle_api play = {T0 + CLOCK_DAY, 0, NULL};
    int failures = 0;
    bool fired = true;

    for (int i = 0; i < 60; i++)
        import_row(&import_file, 100 + i % 6, T0 + i * 5000, 4000);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    play.track_id = _i ? put("spotify:track:n", "Song 103", "spotify:artist:x", "Artist 5", "")
                       : atoll(store_help_ask("SELECT min(track_id) FROM played_tracks"));
    ck_assert_int_eq(store_commit(store), STORE_OK);
    for (int k = 1; fired; k++) {
        struct trackbook *fresh = trackbook_new(store, TRACKBOOK_PLACES);
        struct settle *settle = settle_new(store, fresh, 1, T0);
        enum store_result result;

        store_help_begin(store, STORE_DURABLE);
        ck_assert_int_eq(trackbook_look(fresh), STORE_OK);
        settle_begin(settle);
        ck_assert_int_eq(settle_add_api(settle, &play), STORE_OK);
        store_memory_order(k);
        result = settle_read_kin(settle);
        if (result == STORE_OK && settle_stored(settle) > 0)
            result = settle_solve(settle);
        fired = store_memory_end();
        ck_assert(fired || result == STORE_OK);
        ck_assert(fired || settle_stored(settle) > 0);
        failures += result != STORE_OK;
        settle_free(settle);
        trackbook_free(fresh);
        store_rollback(store);
    }
    ck_assert_int_ge(failures, 3);
}
END_TEST

START_TEST(a_page_without_a_play_is_held_against_nothing)
{
    struct settle *settle = settle_new(store, book, 1, T0);

    settle_begin(settle);
    ck_assert_int_eq(settle_read_kin(settle), STORE_OK);
    ck_assert_uint_eq(settle_stored(settle), 0);
    settle_free(settle);
}
END_TEST

START_TEST(a_page_of_tracks_that_no_export_names_is_held_against_nothing)
{
    int64_t track_id;

    import_row(&import_file, 100, T0, SONG);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    track_id = put("spotify:track:n", "Another", "spotify:artist:x", "Artist 2", "");
    ck_assert_int_eq(store_help_play(store, 1, T0 + 5000, track_id), STORE_OK);
    ck_assert_uint_eq(count_kin(track_id, CLOCK_DAY), 0); /* the API's own play does not count */
}
END_TEST

/* The page's track has the recording of one that has the name of the row's. */
START_TEST(a_page_is_held_against_what_is_the_same_by_way_of_a_third_track)
{
    int64_t track_id, third;

    import_row(&import_file, 100, T0, SONG);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    third = put("spotify:track:t", "song 100", "spotify:artist:y", "ARTIST 2", "SEABC2600001");
    track_id = put("spotify:track:n", "Sang 100", "spotify:artist:x", "Artist", "SEABC2600001");
    ck_assert_uint_eq(count_kin(track_id, CLOCK_DAY), 0);
    ck_assert_int_eq(store_help_play(store, 1, T0 + 900000, third), STORE_OK);
    ck_assert_uint_eq(count_kin(track_id, CLOCK_DAY), 2);
}
END_TEST

START_TEST(a_page_is_held_against_a_play_for_which_an_export_named_its_track)
{
    int64_t track_id;

    import_api(100, T0 + 5307);
    strcpy(import_row(&import_file, 100, T0 + 5000, SONG)->uri, "spotify:track:other");
    import_all(&import_file, HASH);
    store_help_exec(store_help_db(), "UPDATE tracks SET name = 'Renamed' WHERE uri ="
                                     " 'spotify:track:0000000000000000000100'");
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_track_find(store, "spotify:track:other", &track_id), STORE_OK);
    ck_assert_uint_eq(count_kin(track_id, CLOCK_DAY), 1);
}
END_TEST

/* The near one may change; to judge it, the far one is needed. */
START_TEST(a_page_that_is_near_one_play_of_its_track_is_held_against_far_ones_too)
{
    int64_t track_id;

    import_row(&import_file, 100, T0, SONG);
    import_row(&import_file, 100, T0 + MATCH_REACH - 1000, SONG);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_track_find(store, "spotify:track:0000000000000000000100", &track_id),
                     STORE_OK);
    ck_assert_uint_eq(count_kin(track_id, MATCH_REACH), 2);
}
END_TEST

START_TEST(a_page_is_held_against_nothing_that_is_too_far_away)
{
    int64_t track_id;

    import_row(&import_file, 100, T0, SONG);
    import_all(&import_file, HASH);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_track_find(store, "spotify:track:0000000000000000000100", &track_id),
                     STORE_OK);
    ck_assert_uint_eq(count_kin(track_id, MATCH_NEAR), 1);
    ck_assert_uint_eq(count_kin(track_id, MATCH_NEAR + 1), 0);
}
END_TEST

/* -- a kept book ------------------------------------------------------------------------------- */

static struct match_keys keys_of(int64_t track_id)
{
    struct match_keys keys;

    ck_assert_int_eq(trackbook_look(book), STORE_OK);
    ck_assert_int_eq(trackbook_keys(book, track_id, &keys), STORE_OK);
    return keys;
}

START_TEST(a_kept_book_knows_a_track_by_the_new_name_of_its_artist)
{
    int64_t track_id;

    store_help_begin(store, STORE_DURABLE);
    track_id = put("spotify:track:n", "Song", "spotify:artist:x", "Before", "");
    ck_assert_uint_eq(keys_of(track_id).names[0], match_name_key("Song", "Before"));
    (void)put("spotify:track:m", "Another", "spotify:artist:x", "After", "");
    ck_assert_uint_eq(keys_of(track_id).names[0], match_name_key("Song", "After"));
}
END_TEST

START_TEST(a_kept_book_asks_again_for_a_track_that_was_put)
{
    int64_t track_id;

    store_help_begin(store, STORE_DURABLE);
    track_id = put("spotify:track:n", "Song", "spotify:artist:x", "Artist", "");
    ck_assert_uint_eq(keys_of(track_id).isrc, 0);
    (void)put("spotify:track:n", "Song", "spotify:artist:x", "Artist", "SEABC2600001");
    trackbook_drop(book, track_id);
    ck_assert_uint_ne(keys_of(track_id).isrc, 0);
}
END_TEST

START_TEST(a_kept_book_does_not_take_a_track_for_one_that_was_rolled_back)
{
    int64_t before, after;

    store_help_begin(store, STORE_DURABLE);
    before = put("spotify:track:n", "Before", "spotify:artist:x", "Artist", "");
    (void)keys_of(before);
    store_rollback(store);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_mark(store), STORE_OK);
    ck_assert_int_eq(put("spotify:track:m", "Between", "spotify:artist:x", "Artist", ""), before);
    ck_assert_uint_eq(keys_of(before).names[0], match_name_key("Between", "Artist"));
    ck_assert_int_eq(store_mark_undo(store), STORE_OK);
    after = put("spotify:track:o", "After", "spotify:artist:x", "Artist", "");
    ck_assert_int_eq(after, before);
    ck_assert_uint_eq(keys_of(after).names[0], match_name_key("After", "Artist"));
}
END_TEST

START_TEST(a_kept_book_sees_what_another_program_wrote)
{
    uint64_t before = keys_of(1).names[0];

    store_help_exec(store_help_db(), "UPDATE tracks SET name = 'By hand' WHERE track_id = 1");
    ck_assert_uint_ne(keys_of(1).names[0], before);
}
END_TEST

/* The number of the last track is given to the next one. */
START_TEST(a_kept_book_does_not_take_a_track_for_one_that_was_removed)
{
    struct store_prune prune = {0};
    bool done = false;
    int64_t track_id;

    store_help_begin(store, STORE_DURABLE);
    track_id = put("spotify:track:n", "Before", "spotify:artist:x", "Artist", "");
    (void)keys_of(track_id);
    ck_assert(store_ids_add(&prune.rows[STORE_PRUNE_TRACKS], track_id));
    while (!done)
        ck_assert_int_eq(store_prune_step(store, &prune, 10, &done), STORE_OK);
    store_prune_free(&prune);
    ck_assert_int_eq(put("spotify:track:m", "After", "spotify:artist:x", "Artist", ""), track_id);
    ck_assert_uint_eq(keys_of(track_id).names[0], match_name_key("After", "Artist"));
}
END_TEST

Suite *archive_kin_suite(void)
{
    Suite *suite = suite_create("archive_kin");
    TCase *kin = tcase_create("kin"), *kept = tcase_create("book");

    tcase_add_checked_fixture(kin, setup, teardown);
    tcase_add_test(kin, a_page_is_held_against_plays_of_its_tracks_only);
    tcase_add_test(kin, without_memory_a_page_is_held_against_nothing_and_that_is_said);
    tcase_add_loop_test(
        kin, a_page_for_which_the_database_has_no_memory_is_held_against_nothing_and_that_is_said,
        0, 2);
    tcase_add_test(kin, a_page_without_a_play_is_held_against_nothing);
    tcase_add_test(kin, a_page_of_tracks_that_no_export_names_is_held_against_nothing);
    tcase_add_test(kin, a_page_is_held_against_what_is_the_same_by_way_of_a_third_track);
    tcase_add_test(kin, a_page_is_held_against_a_play_for_which_an_export_named_its_track);
    tcase_add_test(kin, a_page_that_is_near_one_play_of_its_track_is_held_against_far_ones_too);
    tcase_add_test(kin, a_page_is_held_against_nothing_that_is_too_far_away);
    suite_add_tcase(suite, kin);
    tcase_add_checked_fixture(kept, setup, teardown);
    tcase_add_test(kept, a_kept_book_knows_a_track_by_the_new_name_of_its_artist);
    tcase_add_test(kept, a_kept_book_asks_again_for_a_track_that_was_put);
    tcase_add_test(kept, a_kept_book_does_not_take_a_track_for_one_that_was_rolled_back);
    tcase_add_test(kept, a_kept_book_sees_what_another_program_wrote);
    tcase_add_test(kept, a_kept_book_does_not_take_a_track_for_one_that_was_removed);
    suite_add_tcase(suite, kept);
    return suite;
}
