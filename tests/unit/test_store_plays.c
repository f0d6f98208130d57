/* SPDX-License-Identifier: MIT */
/* What is written comes back: the catalogue, plays. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"
#include "store_help.h"

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* What a connection of its own sees of the committed rows; a new transaction is open afterwards. */
static const char *stored(const char *sql)
{
    store_help_commit(store);
    store_help_begin(store, STORE_DURABLE);
    return store_help_ask(sql);
}

/* Rows that were changed since the connection was opened. */
static int64_t changes(void)
{
    return sqlite3_total_changes64(store->db);
}

/* -- the catalogue ---------------------------------------------------------------------------- */

static const struct store_artist two[] = {{"spotify:artist:1", "One"}, {"spotify:artist:2", "Two"}};

static struct store_track whole_track(void)
{
    return (struct store_track){
        .uri = "spotify:track:x",
        .kind = "track",
        .name = "Name",
        .isrc = "SEABC2600001",
        .duration_ms = 1000,
        .track_number = 2,
        .disc_number = 1,
        .explicit_lyrics = 1,
        .artists = two,
        .artist_count = 2,
        .album_uri = "spotify:album:x",
        .album_name = "Album",
        .album_type = "album",
        .album_release_date = "2019",
        .album_cover_url = "https://i.scdn.co/image/1",
        .album_total_tracks = 9,
        .album_artists = two,
        .album_artist_count = 1,
    };
}

static int64_t put(const struct store_track *track, int64_t now)
{
    int64_t id = 0;
    enum store_result result = store_track_put(store, track, now, &id);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    return id;
}

#define TRACK_ROW                                                                             \
    "SELECT t.kind, t.name, isrc, duration_ms, track_number, disc_number, explicit,"          \
    " t.updated_at, b.name, album_type, release_date, cover_url, total_tracks, b.updated_at," \
    " (SELECT group_concat(a.name) FROM track_artists JOIN artists AS a USING (artist_id)"    \
    " WHERE track_id = t.track_id)"                                                           \
    " FROM tracks AS t LEFT JOIN albums AS b USING (album_id) WHERE t.uri = 'spotify:track:x'"
#define WHOLE_ROW \
    "track|Name|SEABC2600001|1000|2|1|1|5|Album|album|2019|https://i.scdn.co/image/1|9|5|One,Two"

START_TEST(a_track_is_stored_with_its_album_and_artists)
{
    struct store_track track = whole_track();
    int64_t id = put(&track, 5);
    int64_t found = 0;
    ck_assert_int_eq(store_track_find(store, track.uri, &found), STORE_OK);
    ck_assert_int_eq(found, id);
    ck_assert_int_eq(store_track_find(store, "spotify:track:none", &found), STORE_NOT_FOUND);
    ck_assert_str_eq(stored(TRACK_ROW), WHOLE_ROW);
    ck_assert_str_eq(
        stored("SELECT count(*) FROM album_artists WHERE album_id = (SELECT album_id FROM albums"
               " WHERE uri = 'spotify:album:x')"),
        "1");
}
END_TEST

START_TEST(a_track_that_did_not_change_writes_nothing)
{
    struct store_track track = whole_track();
    int64_t id = put(&track, 5);
    int64_t before = changes();
    ck_assert_int_eq(put(&track, 6), id);
    ck_assert_int_eq(changes(), before);
    ck_assert_str_eq(stored(TRACK_ROW), WHOLE_ROW);
}
END_TEST

START_TEST(what_is_not_known_never_replaces_what_is)
{
    struct store_track whole = whole_track();
    int64_t id = put(&whole, 5);
    struct store_track bare = {
        .uri = whole.uri,
        .name = "",
        .isrc = "",
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .album_uri = whole.album_uri,
        .album_name = "",
        .album_type = "",
        .album_cover_url = "",
        .album_total_tracks = -1,
    };
    int64_t before = changes();
    ck_assert_int_eq(put(&bare, 6), id);
    bare.name = NULL;
    bare.isrc = NULL;
    bare.album_uri = NULL;
    ck_assert_int_eq(put(&bare, 6), id);
    ck_assert_int_eq(changes(), before);
    ck_assert_str_eq(stored(TRACK_ROW), WHOLE_ROW);
}
END_TEST

START_TEST(what_was_not_known_is_filled_in_later)
{
    struct store_track bare = {
        .uri = "spotify:track:x",
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .album_total_tracks = -1,
    };
    struct store_track whole = whole_track();
    int64_t id = put(&bare, 4);
    ck_assert_str_eq(stored(TRACK_ROW),
                     "track||NULL|NULL|NULL|NULL|NULL|4|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
    ck_assert_int_eq(put(&whole, 5), id);
    ck_assert_str_eq(stored(TRACK_ROW), WHOLE_ROW);
}
END_TEST

START_TEST(each_change_of_a_track_is_taken_and_dated)
{
    struct store_artist other[] = {{"spotify:artist:2", "Two"}, {"spotify:artist:3", "Three"}};
    struct store_track track = whole_track();
    put(&track, 5);
    track.name = "Name (Remaster)";
    put(&track, 6);
    track.artists = other;
    put(&track, 7);
    track.album_uri = "spotify:album:y";
    track.album_name = "Album (Deluxe)";
    put(&track, 8);
    track.album_cover_url = "https://i.scdn.co/image/2";
    put(&track, 9);
    ck_assert_str_eq(stored(TRACK_ROW),
                     "track|Name (Remaster)|SEABC2600001|1000|2|1|1|8|Album (Deluxe)|album|2019|"
                     "https://i.scdn.co/image/2|9|9|Two,Three");
}
END_TEST

START_TEST(artists_keep_their_order_and_each_is_named_once)
{
    struct store_artist three[] = {
        {"spotify:artist:2", "Two"}, {"spotify:artist:1", "One"}, {"spotify:artist:2", "Two"}};
    struct store_track track = whole_track();
    put(&track, 5);
    track.artists = three;
    track.artist_count = 3;
    put(&track, 6);
    int64_t before = changes();
    put(&track, 7);
    ck_assert_int_eq(changes(), before);
    ck_assert_str_eq(
        stored("SELECT position, a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)"
               " WHERE track_id = (SELECT track_id FROM tracks WHERE uri = 'spotify:track:x')"
               " ORDER BY position"),
        "0|Two\n1|One");
}
END_TEST

START_TEST(an_artist_of_whom_only_the_name_is_known_has_a_made_up_uri)
{
    struct store_artist named[] = {{NULL, "The Example"}, {NULL, ""}, {NULL, NULL}};
    struct store_track track = whole_track();
    track.artists = named;
    track.artist_count = 3;
    put(&track, 5);
    ck_assert_str_eq(stored("SELECT uri, name FROM artists WHERE uri LIKE 'historyd:%'"),
                     "historyd:artist:The Example|The Example");
    track.artists = two; /* later the real ones are told */
    track.artist_count = 2;
    put(&track, 6);
    track.artists = named; /* and another export does not bring the bare name back */
    track.artist_count = 1;
    track.album_uri = "historyd:album:The Example:Album";
    int64_t before = changes();
    put(&track, 7);
    ck_assert_int_eq(changes(),
                     before + 2); /* the made-up album with its artist; the track keeps its own */
    ck_assert_str_eq(
        stored("SELECT group_concat(a.name), b.uri FROM tracks AS t"
               " JOIN track_artists USING (track_id)"
               " JOIN artists AS a USING (artist_id) JOIN albums AS b ON b.album_id = t.album_id"
               " WHERE t.uri = 'spotify:track:x'"),
        "One,Two|spotify:album:x");
}
END_TEST

START_TEST(a_kind_that_does_not_exist_is_refused)
{
    struct store_track track = whole_track();
    int64_t id = 0;
    track.kind = "video";
    ck_assert_int_eq(store_track_put(store, &track, 5, &id), STORE_MISUSE);
    ck_assert_ptr_nonnull(strstr(store_message(store), "CHECK"));
}
END_TEST

/* -- plays ------------------------------------------------------------------------------------ */

START_TEST(P3_a_play_is_stored_once_and_another_in_the_same_ms_finds_the_next)
{
    struct store_play play = {.user_id = 1,
                              .played_at = 1000,
                              .track_id = 1,
                              .source = STORE_SOURCE_EXTENDED,
                              .first_seen_at = 2000,
                              .ms_played = 0};
    ck_assert_int_eq(store_play_insert(store, &play), STORE_OK);
    ck_assert_int_eq(store_play_insert(store, &play), STORE_EXISTS);
    play.track_id = 2;
    ck_assert_int_eq(store_play_insert(store, &play), STORE_EXISTS);
    play.played_at = 1001;
    play.nudge_ms = 1;
    play.context_uri = "spotify:album:x";
    ck_assert_int_eq(store_play_insert(store, &play), STORE_OK);
    play.user_id = store_help_user(store, "bo"); /* another user has times of their own */
    play.ms_played = -1;
    ck_assert_int_eq(store_play_insert(store, &play), STORE_OK);
    ck_assert_str_eq(
        stored("SELECT p.user_id, played_at, track_id, uri, source, first_seen_at, ms_played,"
               " nudge_ms, import_id, deleted_at FROM played_tracks AS p"
               " LEFT JOIN contexts AS c ON c.context_id = p.context_id AND c.user_id = p.user_id"),
        "1|1000|1|NULL|extended|2000|0|0|NULL|NULL\n"
        "1|1001|2|spotify:album:x|extended|2000|0|1|NULL|NULL\n"
        "2|1001|2|spotify:album:x|extended|2000|NULL|1|NULL|NULL");
}
END_TEST

START_TEST(plays_between_two_moments_come_oldest_first_with_the_deleted_ones)
{
    struct store_play_mark *marks = NULL;
    size_t count = 0;
    size_t cap = 0;
    for (int i = 99; i >= 0; i--) {
        ck_assert_int_eq(store_help_play(store, 1, 1000 + i, 1 + i % 3), STORE_OK);
    }
    ck_assert_int_eq(store_help_play(store, store_help_user(store, "bo"), 1010, 1), STORE_OK);
    store_help_commit(store);
    store_help_exec(store_help_db(),
                    "UPDATE played_tracks SET deleted_at = 5 WHERE played_at = 1011");
    ck_assert_int_eq(store_plays_between(store, 1, 1010, 1089, &marks, &count, &cap), STORE_OK);
    ck_assert_uint_eq(count, 80);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(marks[i].played_at, 1010 + (int64_t)i);
        ck_assert_int_eq(marks[i].track_id, 1 + (10 + (int64_t)i) % 3);
        ck_assert_int_eq(marks[i].source, STORE_SOURCE_API);
        ck_assert_int_eq(marks[i].deleted, i == 1);
    }
    ck_assert_int_eq(store_plays_between(store, 1, 5000, 6000, &marks, &count, &cap), STORE_OK);
    ck_assert_uint_eq(count, 0);
    free(marks);
}
END_TEST

START_TEST(the_neighbours_of_a_moment_are_found)
{
    int64_t ms = 0;
    ck_assert_int_eq(store_play_before(store, 1, INT64_MAX, &ms), STORE_NOT_FOUND);
    ck_assert_int_eq(store_play_after(store, 1, INT64_MIN, &ms), STORE_NOT_FOUND);
    store_help_play(store, 1, 1000, 1);
    store_help_play(store, 1, 2000, 1);
    ck_assert_int_eq(store_play_before(store, 1, 2000, &ms), STORE_OK);
    ck_assert_int_eq(ms, 1000);
    ck_assert_int_eq(store_play_before(store, 1, 2001, &ms), STORE_OK);
    ck_assert_int_eq(ms, 2000);
    ck_assert_int_eq(store_play_after(store, 1, 1000, &ms), STORE_OK);
    ck_assert_int_eq(ms, 2000);
    ck_assert_int_eq(store_play_after(store, 1, 2000, &ms), STORE_NOT_FOUND);
    ck_assert_int_eq(store_play_before(store, 1, 1000, &ms), STORE_NOT_FOUND);
    ck_assert_int_eq(store_play_before(store, 2, 2000, &ms), STORE_NOT_FOUND);
}
END_TEST

START_TEST(the_newest_api_play_is_told_by_its_reported_moment)
{
    int64_t ms = 0;
    struct store_play play = {
        .user_id = 1, .track_id = 1, .source = STORE_SOURCE_EXTENDED, .ms_played = -1};
    ck_assert_int_eq(store_play_newest_api(store, 1, INT64_C(1) << 60, &ms), STORE_NOT_FOUND);
    play.played_at = 9000;
    store_play_insert(store, &play);
    ck_assert_int_eq(store_play_newest_api(store, 1, INT64_C(1) << 60, &ms), STORE_NOT_FOUND);
    play.source = STORE_SOURCE_API;
    play.played_at = 1001;
    store_play_insert(store, &play);
    play.played_at = 1002; /* reported before the one above, stored behind it */
    play.nudge_ms = 2;
    store_play_insert(store, &play);
    ck_assert_int_eq(store_play_newest_api(store, 1, 9999, &ms), STORE_OK);
    ck_assert_int_eq(ms, 1001);
    ck_assert_int_eq(store_play_newest_api(store, 1, 1001, &ms), STORE_OK);
    ck_assert_int_eq(ms, 1001);
    ck_assert_int_eq(store_play_newest_api(store, 1, 1000, &ms),
                     STORE_OK); /* its key is behind latest */
    ck_assert_int_eq(ms, 1000);
    ck_assert_int_eq(store_play_newest_api(store, 1, 999, &ms), STORE_NOT_FOUND);
}
END_TEST

START_TEST(plays_are_counted_without_the_deleted_ones)
{
    int64_t count = 0;
    int64_t bo = store_help_user(store, "bo");
    for (int i = 0; i < 10; i++) {
        store_help_play(store, i < 7 ? 1 : bo, i, 1);
    }
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE played_tracks SET deleted_at = 5 WHERE played_at = 1");
    ck_assert_int_eq(store_play_count(store, 0, &count), STORE_OK);
    ck_assert_int_eq(count, 9);
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_OK);
    ck_assert_int_eq(count, 6);
    ck_assert_int_eq(store_play_count(store, bo, &count), STORE_OK);
    ck_assert_int_eq(count, 3);
}
END_TEST

START_TEST(P9_a_user_or_a_track_with_plays_cannot_be_removed_by_accident)
{
    sqlite3 *db = NULL;
    store_help_play(store, 1, 1000, 1);
    store_help_commit(store);
    ck_assert_int_eq(sqlite3_open(store_help_db(), &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
    ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM users", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM tracks", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    ck_assert_int_eq(
        sqlite3_exec(db, "DELETE FROM played_tracks; DELETE FROM tracks; DELETE FROM users", NULL,
                     NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}
END_TEST

Suite *store_plays_suite(void)
{
    Suite *suite = suite_create("store_plays");
    TCase *catalogue = tcase_create("catalogue");
    tcase_add_checked_fixture(catalogue, setup, teardown);
    tcase_add_test(catalogue, a_track_is_stored_with_its_album_and_artists);
    tcase_add_test(catalogue, a_track_that_did_not_change_writes_nothing);
    tcase_add_test(catalogue, what_is_not_known_never_replaces_what_is);
    tcase_add_test(catalogue, what_was_not_known_is_filled_in_later);
    tcase_add_test(catalogue, each_change_of_a_track_is_taken_and_dated);
    tcase_add_test(catalogue, artists_keep_their_order_and_each_is_named_once);
    tcase_add_test(catalogue, an_artist_of_whom_only_the_name_is_known_has_a_made_up_uri);
    tcase_add_test(catalogue, a_kind_that_does_not_exist_is_refused);
    suite_add_tcase(suite, catalogue);

    TCase *plays = tcase_create("plays");
    tcase_add_checked_fixture(plays, setup, teardown);
    tcase_add_test(plays, P3_a_play_is_stored_once_and_another_in_the_same_ms_finds_the_next);
    tcase_add_test(plays, plays_between_two_moments_come_oldest_first_with_the_deleted_ones);
    tcase_add_test(plays, the_neighbours_of_a_moment_are_found);
    tcase_add_test(plays, the_newest_api_play_is_told_by_its_reported_moment);
    tcase_add_test(plays, plays_are_counted_without_the_deleted_ones);
    tcase_add_test(plays, P9_a_user_or_a_track_with_plays_cannot_be_removed_by_accident);
    suite_add_tcase(suite, plays);
    return suite;
}
