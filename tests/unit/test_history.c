/* SPDX-License-Identifier: MIT */
/* Whole answers with a listening history: from files, and broken ones. */
#include "spotify/history.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "lib/chance.h"
#include "lib/count.h"
#include "lib/sample.h"

#define EARLIEST INT64_C(1136073600000) /* 2006-01-01 */
#define LATEST INT64_C(1795300000000)   /* 2026-11-21 */

static struct spotify_page page;

static bool decode(const char *json, size_t len, const char **error)
{
    return spotify_history_decode(json, len, EARLIEST, LATEST, &page, error);
}

static void decode_sample(const char *name)
{
    const char *error = NULL;
    size_t len;
    char *json = sample_read(name, &len);

    ck_assert_msg(decode(json, len, &error), "%s: %s", name, error);
    free(json); /* nothing of the page may point into the text */
}

static const struct spotify_track *track_of(size_t play)
{
    ck_assert_uint_lt(play, page.play_count);
    return &page.plays[play].track;
}

START_TEST(every_play_of_a_page_is_read_in_its_order)
{
    static const int64_t moments[] = {INT64_C(1795197851207), INT64_C(1795197637000),
                                      INT64_C(1795197449600)};

    decode_sample("history/page.json");
    ck_assert_uint_eq(page.item_count, 3);
    ck_assert_uint_eq(page.odd_count, 0);
    ck_assert_ptr_null(page.odd_reason);
    ck_assert_uint_eq(page.play_count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(page.plays[i].played_at_ms, moments[i]);
    spotify_page_free(&page);
}
END_TEST

START_TEST(a_track_is_read_with_all_that_is_known_of_it)
{
    const struct spotify_track *track;

    decode_sample("history/page.json");
    track = track_of(0);
    ck_assert_str_eq(track->uri, "spotify:track:9xY0zA1bC2dE3fG4hI5jK6");
    ck_assert_int_eq(track->kind, SPOTIFY_TRACK);
    ck_assert_str_eq(track->name, "Morgengry");
    ck_assert_str_eq(track->isrc, "XXABC1900001");
    ck_assert_int_eq(track->duration_ms, 214053);
    ck_assert_int_eq(track->track_number, 4);
    ck_assert_int_eq(track->disc_number, 1);
    ck_assert_int_eq(track->explicit_lyrics, 0);
    ck_assert_uint_eq(track->artist_count, 1);
    ck_assert_str_eq(track->artists[0].uri, "spotify:artist:5tU6vW7xY8zA9bC0dE1fG2");
    ck_assert_str_eq(track->artists[0].name, "Nordlys Kvartett");
    ck_assert_str_eq(page.plays[0].context_uri, "spotify:playlist:4dE5fG6hI7jK8lM9nO0pQ1");
    track = track_of(1);
    ck_assert_str_eq(track->name, "Lys (feat. Mira Aoki) \xf0\x9f\x8e\xb5");
    ck_assert_ptr_null(track->isrc);
    ck_assert_int_eq(track->explicit_lyrics, 1);
    ck_assert_uint_eq(track->artist_count, 2);
    ck_assert_str_eq(track->artists[1].name, "Mira Aoki");
    ck_assert_ptr_null(page.plays[1].context_uri);
    spotify_page_free(&page);
}
END_TEST

START_TEST(an_album_is_read_with_its_widest_cover)
{
    const struct spotify_album *album;

    decode_sample("history/page.json");
    album = &track_of(0)->album;
    ck_assert_str_eq(album->uri, "spotify:album:7vW8xY9zA0bC1dE2fG3hI4");
    ck_assert_str_eq(album->name, "Vintersang");
    ck_assert_str_eq(album->type, "album");
    ck_assert_str_eq(album->release_date, "2019-03-01");
    ck_assert_str_eq(album->cover_url, "https://i.scdn.co/image/ab007vW8640");
    ck_assert_int_eq(album->total_tracks, 11);
    ck_assert_uint_eq(album->artist_count, 1);
    ck_assert_str_eq(album->artists[0].uri, "spotify:artist:5tU6vW7xY8zA9bC0dE1fG2");
    album = &track_of(1)->album;
    ck_assert_str_eq(album->name, "S\xc3\xb8vn & Sn\xc3\xb8 \xe2\x80\x93 Deluxe");
    ck_assert_str_eq(album->type, "single");
    ck_assert_str_eq(album->release_date, "2021-12");
    album = &track_of(2)->album;
    ck_assert_str_eq(album->type, "compilation");
    ck_assert_str_eq(album->release_date, "1981");
    ck_assert_int_eq(track_of(2)->disc_number, 2);
    spotify_page_free(&page);
}
END_TEST

START_TEST(A1_an_empty_page_is_a_page)
{
    decode_sample("history/empty.json");
    ck_assert_uint_eq(page.item_count, 0);
    ck_assert_uint_eq(page.play_count, 0);
    ck_assert_uint_eq(page.odd_count, 0);
    spotify_page_free(&page);
}
END_TEST

/* Everything that is kept of a page, as one text. */
static char *describe(void)
{
    static char text[20000];
    size_t len = 0;

    for (size_t i = 0; i < page.play_count; i++) {
        const struct spotify_play *play = &page.plays[i];
        const struct spotify_track *track = &play->track;

        len += (size_t)snprintf(
            text + len, sizeof(text) - len,
            "%lld %s %s %d %s %s %lld %lld %lld %d %zu %s %s %s %s %s %lld %zu\n",
            (long long)play->played_at_ms, play->context_uri ? play->context_uri : "-", track->uri,
            (int)track->kind, track->name, track->isrc ? track->isrc : "-",
            (long long)track->duration_ms, (long long)track->track_number,
            (long long)track->disc_number, track->explicit_lyrics, track->artist_count,
            track->album.uri ? track->album.uri : "-", track->album.name,
            track->album.type ? track->album.type : "-",
            track->album.release_date ? track->album.release_date : "-",
            track->album.cover_url ? track->album.cover_url : "-",
            (long long)track->album.total_tracks, track->album.artist_count);
    }
    return text;
}

START_TEST(A10_more_members_and_another_order_change_nothing)
{
    char *wanted;

    decode_sample("history/page.json");
    wanted = strdup(describe());
    spotify_page_free(&page);
    decode_sample("history/older-app.json");
    ck_assert_str_eq(describe(), wanted);
    ck_assert_uint_eq(page.odd_count, 0);
    free(wanted);
    spotify_page_free(&page);
}
END_TEST

START_TEST(the_answer_of_a_mock_made_from_the_api_description_is_read)
{
    decode_sample("history/mock.json");
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_str_eq(track_of(0)->uri, "string");
    ck_assert_int_eq(page.plays[0].played_at_ms, INT64_C(1566656122000));
    ck_assert_str_eq(track_of(0)->album.release_date, "1981-12");
    spotify_page_free(&page);
}
END_TEST

START_TEST(A9_odd_items_are_counted_and_the_good_ones_kept)
{
    decode_sample("history/odd.json");
    ck_assert_uint_eq(page.item_count, 9);
    ck_assert_uint_eq(page.play_count, 4);
    ck_assert_uint_eq(page.odd_count, 5);
    ck_assert_str_eq(page.odd_reason, "track is null");
    ck_assert_str_eq(
        page.odd_excerpt,
        "{\"track\": null, \"played_at\": \"2026-11-20T18:00:37Z\", \"context\": null}");
    spotify_page_free(&page);
}
END_TEST

START_TEST(A9_local_files_and_episodes_are_plays)
{
    const struct spotify_track *track;

    decode_sample("history/odd.json");
    track = track_of(1);
    ck_assert_int_eq(track->kind, SPOTIFY_LOCAL);
    ck_assert_str_eq(track->uri, "spotify:local:Ola+Nordmann:Hjemmeopptak:%C3%98ving+3:182");
    ck_assert_ptr_null(track->album.uri);
    ck_assert_str_eq(track->album.name, "Hjemmeopptak");
    ck_assert_uint_eq(track->artist_count, 1);
    ck_assert_ptr_null(track->artists[0].uri);
    ck_assert_str_eq(track->artists[0].name, "Ola Nordmann");
    ck_assert_str_eq(page.plays[1].context_uri, "spotify:user:ann01:collection");
    track = track_of(2);
    ck_assert_int_eq(track->kind, SPOTIFY_EPISODE);
    ck_assert_str_eq(track->uri, "spotify:episode:3bC4dE5fG6hI7jK8lM9nO0");
    ck_assert_ptr_null(track->album.uri);
    ck_assert_uint_eq(track->artist_count, 0);
    ck_assert_str_eq(page.plays[2].context_uri, "spotify:show:4cD5eF6gH7iJ8kL9mN0oP1");
    spotify_page_free(&page);
}
END_TEST

/* --- what is no page ---------------------------------------------------------------------- */

static const struct broken_case {
    const char *json;
    const char *error;
} broken[] = {
    {"", "the text ends too early"},
    {"   ", "the text ends too early"},
    {"<!DOCTYPE html><html><body>Sign in to the hotel network</body></html>",
     "a value is expected"},
    {"Too many requests", "a value is expected"},
    {"null", "the answer is not an object"},
    {"42", "the answer is not an object"},
    {"[]", "the answer is not an object"},
    {"[{\"items\":[]}]", "the answer is not an object"},
    {"\"items\"", "the answer is not an object"},
    {"{}", "the answer has no array of items"},
    {"{\"item\":[]}", "the answer has no array of items"},
    {"{\"Items\":[]}", "the answer has no array of items"},
    {"{\"items\":null}", "the answer has no array of items"},
    {"{\"items\":{}}", "the answer has no array of items"},
    {"{\"items\":\"\"}", "the answer has no array of items"},
    {"{\"items\":[],\"items\":null}", "the answer has no array of items"},
    {"{\"x\":{\"items\":[]}}", "the answer has no array of items"},
    {"{\"error\":{\"status\":200,\"message\":\"x\"}}", "the answer has no array of items"},
    {"{\"items\":[]}{}", "something follows the value"},
    {"{\"items\":[]} x", "something follows the value"},
    {"{\"items\":[1,]}", "a value is expected"},
    {"{\"items\":[]", "the text ends too early"},
    {"{\"items\\u0000\":[]}", "the answer has no array of items"},
};

START_TEST(A8_what_is_no_page_is_refused)
{
    const char *error = NULL;

    ck_assert(!decode(broken[_i].json, strlen(broken[_i].json), &error));
    ck_assert_str_eq(error, broken[_i].error);
    ck_assert_ptr_null(page.arena.blocks);
    ck_assert_uint_eq(page.play_count, 0);
}
END_TEST

START_TEST(A7_a_page_cut_anywhere_is_refused)
{
    const char *error;
    size_t len;
    char *json = sample_read("history/odd.json", &len);

    while (json[len - 1] == '\n')
        len--;
    for (size_t cut = 0; cut < len; cut += 1 + cut % 7) {
        char *copy = malloc(cut > 0 ? cut : 1);

        memcpy(copy, json, cut);
        ck_assert_msg(!decode(copy, cut, &error), "the first %zu bytes", cut);
        ck_assert_str_eq(error, "the text ends too early");
        free(copy);
    }
    free(json);
}
END_TEST

START_TEST(A11_deep_nesting_is_refused)
{
    struct buf json = {0};
    const char *error = NULL;

    ck_assert(buf_add_text(&json, "{\"x\":"));
    while (json.len < 4 * 1024 * 1024)
        ck_assert(buf_add_text(&json, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["));
    ck_assert(!decode(json.data, json.len, &error));
    ck_assert_str_eq(error, "nested too deeply");
    buf_free(&json, false);
}
END_TEST

START_TEST(a_byte_order_mark_before_the_page_is_skipped)
{
    static const char json[] = "\xef\xbb\xbf{\"items\":[7]}";
    const char *error = NULL;

    ck_assert(decode(json, sizeof(json) - 1, &error));
    ck_assert_str_eq(page.odd_excerpt, "7");
    spotify_page_free(&page);
}
END_TEST

START_TEST(of_items_that_come_twice_the_last_ones_count)
{
    static const char json[] =
        "{\"items\":[1,2,{\"track\":{\"id\":\"a\"},\"played_at\":\"2026-11-20T18:04:11Z\"}],"
        "\"items\":[{\"track\":{\"id\":\"b\"},\"played_at\":\"2026-11-20T18:04:12Z\"}]}";
    const char *error = NULL;

    ck_assert(decode(json, sizeof(json) - 1, &error));
    ck_assert_uint_eq(page.item_count, 1);
    ck_assert_uint_eq(page.odd_count, 0);
    ck_assert_ptr_null(page.odd_reason);
    ck_assert_str_eq(track_of(0)->uri, "spotify:track:b");
    spotify_page_free(&page);
}
END_TEST

/* --- large ones --------------------------------------------------------------------------- */

/* A page of so many plays of the same text. */
static char *repeat_item(const char *item, size_t count, size_t *len)
{
    struct buf json = {0};

    ck_assert(buf_add_text(&json, "{\"items\":["));
    for (size_t i = 0; i < count; i++)
        ck_assert(buf_add_text(&json, i > 0 ? "," : "") && buf_add_text(&json, item));
    ck_assert(buf_add_text(&json, "]}"));
    *len = json.len;
    return json.data;
}

#define SMALL_ITEM "{\"track\":{\"id\":\"a\"},\"played_at\":\"2026-11-20T18:04:11Z\"}"

START_TEST(a_page_holds_up_to_200_items_and_says_when_there_were_more)
{
    static const size_t counts[] = {1, 49, 50, 51, 199, 200, 201, 250};
    size_t count = counts[_i];
    const char *error = NULL;
    size_t len;
    char *json = repeat_item(SMALL_ITEM, count, &len);

    ck_assert(decode(json, len, &error));
    ck_assert_uint_eq(page.item_count, count);
    ck_assert_uint_eq(page.play_count, count < 200 ? count : 200);
    ck_assert_uint_eq(page.odd_count, count < 200 ? 0 : count - 200);
    for (size_t i = 0; i < page.play_count; i++)
        ck_assert_str_eq(page.plays[i].track.uri, "spotify:track:a");
    spotify_page_free(&page);
    free(json);
}
END_TEST

/* Items that cost the most memory for their length. */
static const char *const greedy[] = {
    SMALL_ITEM,
    "{\"track\":{\"id\":\"a\",\"artists\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]}}",
    "{\"track\":{\"artists\":[{\"id\":\"a\"}],\"artists\":[{\"id\":\"a\"}],\"artists\":[{\"id\":\"a\"}]}}",
    "{\"track\":{\"name\":\"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\",\"name\":\"\",\"name\":\"\"}}",
    "{\"track\":{\"uri\":\"a\",\"uri\":\"a\",\"uri\":\"a\",\"uri\":\"a\"}}",
};

START_TEST(the_memory_of_a_page_is_a_few_times_its_text)
{
    const char *error = NULL;
    size_t len;
    char *json = repeat_item(greedy[_i], 200, &len);

    ck_assert(decode(json, len, &error));
    ck_assert_msg(page.arena.total < 6 * len + 65536, "%zu bytes for %zu", page.arena.total, len);
    spotify_page_free(&page);
    free(json);
}
END_TEST

START_TEST(a_usual_page_costs_less_memory_than_its_text)
{
    const char *error = NULL;
    struct buf json = {0};
    size_t len;
    char *text = sample_read("history/page.json", &len);
    char *item = strstr(text, "{\n   \"track\"");
    char *end = strstr(item, "\n  },");

    ck_assert_ptr_nonnull(end);
    ck_assert(buf_add_text(&json, "{\"items\":["));
    for (int i = 0; i < 50; i++)
        ck_assert(buf_add(&json, item, (size_t)(end + 4 - item)) &&
                  buf_add_text(&json, i < 49 ? "," : ""));
    ck_assert(buf_add_text(&json, "]}"));
    ck_assert_msg(decode(json.data, json.len, &error), "%s", error);
    ck_assert_uint_eq(page.play_count, 50);
    ck_assert_uint_lt(page.arena.total, json.len);
    spotify_page_free(&page);
    buf_free(&json, false);
    free(text);
}
END_TEST

START_TEST(a_page_with_broken_bytes_is_read_or_refused_and_nothing_else)
{
    struct chance chance = chance_open("history");
    const char *error;
    size_t len;
    char *json = sample_read("history/odd.json", &len);
    char *copy = malloc(len);

    for (int i = 0; i < 3000; i++) {
        memcpy(copy, json, len);
        for (uint64_t j = chance_below(&chance, 8); j > 0; j--)
            copy[chance_below(&chance, len)] = "\"{}[],:x0\\\xff"[chance_below(&chance, 12)];
        if (decode(copy, len, &error)) {
            ck_assert_uint_eq(page.item_count, page.play_count + page.odd_count);
            ck_assert(text_printable(page.odd_excerpt, strlen(page.odd_excerpt)));
            spotify_page_free(&page);
        }
    }
    free(copy);
    free(json);
}
END_TEST

Suite *history_suite(void)
{
    Suite *suite = suite_create("history");
    TCase *tcase = tcase_create("history");

    tcase_add_test(tcase, every_play_of_a_page_is_read_in_its_order);
    tcase_add_test(tcase, a_track_is_read_with_all_that_is_known_of_it);
    tcase_add_test(tcase, an_album_is_read_with_its_widest_cover);
    tcase_add_test(tcase, A1_an_empty_page_is_a_page);
    tcase_add_test(tcase, A10_more_members_and_another_order_change_nothing);
    tcase_add_test(tcase, the_answer_of_a_mock_made_from_the_api_description_is_read);
    tcase_add_test(tcase, A9_odd_items_are_counted_and_the_good_ones_kept);
    tcase_add_test(tcase, A9_local_files_and_episodes_are_plays);
    tcase_add_loop_test(tcase, A8_what_is_no_page_is_refused, 0, COUNT(broken));
    tcase_add_test(tcase, A7_a_page_cut_anywhere_is_refused);
    tcase_add_test(tcase, A11_deep_nesting_is_refused);
    tcase_add_test(tcase, a_byte_order_mark_before_the_page_is_skipped);
    tcase_add_test(tcase, of_items_that_come_twice_the_last_ones_count);
    tcase_add_loop_test(tcase, a_page_holds_up_to_200_items_and_says_when_there_were_more, 0, 8);
    tcase_add_loop_test(tcase, the_memory_of_a_page_is_a_few_times_its_text, 0, COUNT(greedy));
    tcase_add_test(tcase, a_usual_page_costs_less_memory_than_its_text);
    tcase_add_test(tcase, a_page_with_broken_bytes_is_read_or_refused_and_nothing_else);
    suite_add_tcase(suite, tcase);
    return suite;
}
