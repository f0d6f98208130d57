/* SPDX-License-Identifier: MIT */
/* One track, artist or album, and its title. What is counted is held to plain SQL in
 * test_store_history.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "store/detail.h"
#include "store_help.h"

#define T0 STORE_HELP_T0

static struct store *store;
static struct store_title title;
static struct store_detail detail;
static struct zone *zone;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
}

static void teardown(void)
{
    store_title_free(&title);
    store_detail_free(&detail);
    zone_free(zone);
    store_close(store);
    store_help_teardown();
}

static int64_t duet(void)
{
    struct store_artist artists[] = {{"spotify:artist:z", "Zoe"}, {"spotify:artist:a", "Abe"}};
    struct store_track track = {
        .uri = "spotify:track:duet",
        .kind = "track",
        .name = "Duet",
        .duration_ms = 180000,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = artists,
        .artist_count = 2,
        .album_uri = "spotify:album:duets",
        .album_name = "Duets",
        .album_release_date = "2001-02",
        .album_cover_url = "https://i.scdn.co/image/duets",
        .album_total_tracks = -1,
        .album_artists = artists,
        .album_artist_count = 1,
    };
    int64_t id = 0;

    ck_assert_int_eq(store_track_put(store, &track, 1, &id), STORE_OK);
    return id;
}

static void begin_read(void)
{
    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
}

/* -- titles ------------------------------------------------------------------------------------ */

START_TEST(a_track_tells_its_artists_in_order_and_its_album)
{
    int64_t id = duet();

    begin_read();
    ck_assert_int_eq(store_title_get(store, STORE_KIND_TRACK, id, &title), STORE_OK);
    ck_assert_int_eq(title.self.id, id);
    ck_assert_str_eq(title.self.uri, "spotify:track:duet");
    ck_assert_str_eq(title.self.name, "Duet");
    ck_assert_uint_eq(title.artists.count, 2);
    ck_assert_str_eq(title.artists.items[0].name, "Zoe");
    ck_assert_str_eq(title.artists.items[1].uri, "spotify:artist:a");
    ck_assert_int_gt(title.artists.items[1].id, title.artists.items[0].id);
    ck_assert_int_eq(title.album.id, 2);
    ck_assert_str_eq(title.album.uri, "spotify:album:duets");
    ck_assert_str_eq(title.album.name, "Duets");
    ck_assert_str_eq(title.cover_url, "https://i.scdn.co/image/duets");
    ck_assert_str_eq(title.release_date, "2001-02");
    ck_assert_str_eq(title.track_kind, "track");
    ck_assert_int_eq(title.duration_ms, 180000);
}
END_TEST

START_TEST(a_local_file_has_neither_album_nor_artist)
{
    struct store_track bare = {.uri = "spotify:local:x",
                               .kind = "local",
                               .duration_ms = -1,
                               .track_number = -1,
                               .disc_number = -1,
                               .explicit_lyrics = -1};
    int64_t id = 0;

    ck_assert_int_eq(store_track_put(store, &bare, 1, &id), STORE_OK);
    begin_read();
    ck_assert_int_eq(store_title_get(store, STORE_KIND_TRACK, id, &title), STORE_OK);
    ck_assert_ptr_null(title.self.name);
    ck_assert_uint_eq(title.artists.count, 0);
    ck_assert_int_eq(title.album.id, 0);
    ck_assert_ptr_null(title.album.name);
    ck_assert_ptr_null(title.cover_url);
    ck_assert_str_eq(title.track_kind, "local");
    ck_assert_int_eq(title.duration_ms, -1);
}
END_TEST

START_TEST(an_album_tells_its_artists_and_cover)
{
    duet();
    begin_read();
    ck_assert_int_eq(store_title_get(store, STORE_KIND_ALBUM, 2, &title), STORE_OK);
    ck_assert_str_eq(title.self.name, "Duets");
    ck_assert_uint_eq(title.artists.count, 1);
    ck_assert_str_eq(title.artists.items[0].name, "Zoe");
    ck_assert_str_eq(title.cover_url, "https://i.scdn.co/image/duets");
    ck_assert_str_eq(title.release_date, "2001-02");
    ck_assert_int_eq(title.album.id, 0);
    ck_assert_ptr_null(title.track_kind);
}
END_TEST

START_TEST(an_artist_has_a_name_and_no_cover)
{
    begin_read();
    ck_assert_int_eq(store_title_get(store, STORE_KIND_ARTIST, 1, &title), STORE_OK);
    ck_assert_str_eq(title.self.name, "Artist 0");
    ck_assert_ptr_null(title.cover_url);
    ck_assert_uint_eq(title.artists.count, 0);
}
END_TEST

START_TEST(what_is_not_there_has_no_title)
{
    begin_read();
    for (int kind = 0; kind < STORE_KINDS; kind++)
        ck_assert_int_eq(store_title_get(store, (enum store_kind)kind, 99, &title),
                         STORE_NOT_FOUND);
    ck_assert_int_eq(title.self.id, 0);
}
END_TEST

/* -- details ----------------------------------------------------------------------------------- */

START_TEST(details_of_a_user_count_their_plays_and_name_all_listeners)
{
    int64_t bo = store_help_user(store, "bo");

    store_help_play(store, 1, T0, 1);
    store_help_play(store, bo, T0 + 1, 1);
    store_help_play(store, bo, T0 + 2, 1);
    store_help_play(store, bo, T0 + 3, 2);
    begin_read();
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_TRACK, 1, 1, zone, &detail), STORE_OK);
    ck_assert_int_eq(detail.heard.user_id, 1);
    ck_assert_int_eq(detail.heard.plays, 1);
    ck_assert_int_eq(detail.heard.listened_ms, 200000);
    ck_assert_int_eq(detail.heard.last_at, T0);
    ck_assert_uint_eq(detail.user_count, 2);
    ck_assert_int_eq(detail.by_user[0].user_id, bo);
    ck_assert_int_eq(detail.by_user[0].plays, 2);
    ck_assert_int_eq(detail.rank, 1);
    ck_assert_int_eq(detail.ranked, 1);
    ck_assert_uint_eq(detail.months.count, 1);
    ck_assert_str_eq(detail.title.self.name, "Track 1");
}
END_TEST

START_TEST(an_artist_has_tracks_and_albums)
{
    store_help_play(store, 1, T0, 1);
    store_help_play(store, 1, T0 + 1, 2);
    store_help_play(store, 1, T0 + 2, 2);
    begin_read();
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_ARTIST, 1, 0, zone, &detail), STORE_OK);
    ck_assert_uint_eq(detail.tracks.count, 2);
    ck_assert_int_eq(detail.tracks.items[0].id, 2);
    ck_assert_uint_eq(detail.albums.count, 1);
    ck_assert_int_eq(detail.albums.items[0].plays, 3);
}
END_TEST

START_TEST(of_many_tracks_the_first_fifty_are_told)
{
    for (int n = 100; n < 160; n++) {
        int64_t id = store_help_track(store, n - 100 + 1000); /* ten an artist, five an album */

        ck_assert_int_gt(id, 0);
    }
    store_help_commit(store);
    store_help_exec(store_help_db(),
                    "UPDATE tracks SET album_id = 1;"
                    "INSERT INTO played_tracks (user_id, played_at, track_id, source,"
                    " first_seen_at) SELECT 1, track_id, track_id, 'api', 0 FROM tracks");
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_ALBUM, 1, 0, zone, &detail), STORE_OK);
    ck_assert_uint_eq(detail.tracks.count, STORE_DETAIL_RELATED);
    ck_assert_int_eq(detail.track_count, 63);
    ck_assert_int_eq(detail.album_count, 0);
}
END_TEST

START_TEST(what_nobody_played_has_a_title_and_no_rank)
{
    begin_read();
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_TRACK, 3, 0, zone, &detail), STORE_OK);
    ck_assert_str_eq(detail.title.self.name, "Track 3");
    ck_assert_int_eq(detail.heard.plays, 0);
    ck_assert(detail.heard.first_at == STORE_NO_TIME);
    ck_assert_int_eq(detail.rank, 0);
    ck_assert_uint_eq(detail.user_count, 0);
}
END_TEST

START_TEST(what_is_not_there_and_who_is_not_there_is_not_found)
{
    begin_read();
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_TRACK, 99, 0, zone, &detail),
                     STORE_NOT_FOUND);
    store_detail_free(&detail);
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_TRACK, 1, 77, zone, &detail),
                     STORE_NOT_FOUND);
}
END_TEST

START_TEST(outside_of_a_transaction_nothing_is_told)
{
    store_help_commit(store);
    ck_assert_int_eq(store_detail_get(store, STORE_KIND_TRACK, 1, 0, zone, &detail), STORE_MISUSE);
}
END_TEST

Suite *store_detail_suite(void);

Suite *store_detail_suite(void)
{
    Suite *suite = suite_create("store_detail");
    TCase *test = tcase_create("detail");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, a_track_tells_its_artists_in_order_and_its_album);
    tcase_add_test(test, a_local_file_has_neither_album_nor_artist);
    tcase_add_test(test, an_album_tells_its_artists_and_cover);
    tcase_add_test(test, an_artist_has_a_name_and_no_cover);
    tcase_add_test(test, what_is_not_there_has_no_title);
    tcase_add_test(test, details_of_a_user_count_their_plays_and_name_all_listeners);
    tcase_add_test(test, an_artist_has_tracks_and_albums);
    tcase_add_test(test, of_many_tracks_the_first_fifty_are_told);
    tcase_add_test(test, what_nobody_played_has_a_title_and_no_rank);
    tcase_add_test(test, what_is_not_there_and_who_is_not_there_is_not_found);
    tcase_add_test(test, outside_of_a_transaction_nothing_is_told);
    suite_add_tcase(suite, test);
    return suite;
}
