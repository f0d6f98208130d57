/* SPDX-License-Identifier: MIT */
/* Single items of a listening history: every way in which one can be odd, or lack something. */
#include "spotify/fields.h"
#include "spotify/history.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lib/count.h"

#define EARLIEST INT64_C(1136073600000) /* 2006-01-01 */
#define LATEST INT64_C(1795300000000)   /* 2026-11-21 */
#define MOMENT "\"played_at\":\"2026-11-20T18:04:11.207Z\""

static struct spotify_page page;

/* Decodes a page of one item. */
static void decode_item(const char *item)
{
    struct buf json = {0};
    const char *error = NULL;

    ck_assert(buf_addf(&json, "{\"items\":[ %s ]}", item));
    ck_assert_msg(spotify_history_decode(json.data, json.len, EARLIEST, LATEST, &page, &error),
                  "%s: %s", error, item);
    ck_assert_uint_eq(page.item_count, 1);
    buf_free(&json, false);
}

/* The same for a track with these members beside its id. */
static const struct spotify_track *decode_track(const char *members)
{
    struct buf item = {0};

    ck_assert(buf_addf(&item, "{\"track\":{\"id\":\"i1\"%s%s}," MOMENT "}",
                       members[0] != '\0' ? "," : "", members));
    decode_item(item.data);
    ck_assert_msg(page.play_count == 1, "%s: %s", page.odd_reason, members);
    buf_free(&item, false);
    return &page.plays[0].track;
}

static void close_page(void)
{
    spotify_page_free(&page);
}

/* --- odd ones ----------------------------------------------------------------------------- */

static const struct odd_case {
    const char *item;
    const char *reason;
} odd[] = {
    {"null", "item is not an object"},
    {"17", "item is not an object"},
    {"\"x\"", "item is not an object"},
    {"[{\"track\":{\"id\":\"a\"}," MOMENT "}]", "item is not an object"},
    {"{}", "item has no track"},
    {"{" MOMENT "}", "item has no track"},
    {"{\"Track\":{\"id\":\"a\"}," MOMENT "}", "item has no track"},
    {"{\"track\":null," MOMENT "}", "track is null"},
    {"{\"track\":7," MOMENT "}", "track is not an object"},
    {"{\"track\":[]," MOMENT "}", "track is not an object"},
    {"{\"track\":\"spotify:track:a\"," MOMENT "}", "track is not an object"},
    {"{\"track\":{\"id\":\"a\"},\"track\":null," MOMENT "}", "track is null"},
    {"{\"track\":{}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"name\":\"x\"}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"uri\":null,\"id\":null}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"uri\":\"\",\"id\":\"\"}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"uri\":1,\"id\":[2]}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"uri\":\"a\",\"uri\":null}," MOMENT "}", "track has no uri and no id"},
    {"{\"track\":{\"uri\":\"spotify:track:a b\",\"id\":\"a\"}," MOMENT "}",
     "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:track:a\\n\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:track:\\u0000\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:track:\\u00fc\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:local:a:b:\\u0085:1\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:local:a:b:\\u202e:1\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"uri\":\"spotify:local:a:b:c d:1\"}," MOMENT "}", "track uri is not valid"},
    {"{\"track\":{\"id\":\"a b\"}," MOMENT "}", "track id is not valid"},
    {"{\"track\":{\"id\":\"a\"}}", "item has no played_at"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":null}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":1795197851207}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":{}}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"\"}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"string\"}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"2026-11-20 18:04\"}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"}," MOMENT ",\"played_at\":\"x\"}", "played_at is not a time"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"1970-01-01T00:00:00Z\"}",
     "played_at is out of range"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"2005-12-31T23:59:59.999Z\"}",
     "played_at is out of range"},
    {"{\"track\":{\"id\":\"a\"},\"played_at\":\"2026-11-21T22:26:40.001Z\"}",
     "played_at is out of range"},
};

START_TEST(A9_an_odd_item_is_counted_with_its_reason_and_an_excerpt)
{
    char excerpt[200];

    decode_item(odd[_i].item);
    ck_assert_uint_eq(page.play_count, 0);
    ck_assert_uint_eq(page.odd_count, 1);
    ck_assert_str_eq(page.odd_reason, odd[_i].reason);
    text_excerpt(odd[_i].item, strlen(odd[_i].item), excerpt, sizeof(excerpt));
    ck_assert_str_eq(page.odd_excerpt, excerpt);
}
END_TEST

START_TEST(A9_a_long_excerpt_is_cut_at_200_bytes)
{
    struct buf item = {0};

    ck_assert(buf_add_text(&item, "{\"x\":\""));
    for (int i = 0; i < 300; i++)
        ck_assert(buf_add_text(&item, "\xc3\xbc"));
    ck_assert(buf_add_text(&item, "\"}"));
    decode_item(item.data);
    ck_assert_uint_le(strlen(page.odd_excerpt), 199);
    ck_assert_uint_ge(strlen(page.odd_excerpt), 190);
    ck_assert(text_printable(page.odd_excerpt, strlen(page.odd_excerpt)));
    buf_free(&item, false);
}
END_TEST

START_TEST(A12_the_bounds_of_what_is_believable_belong_to_it)
{
    decode_item("{\"track\":{\"id\":\"a\"},\"played_at\":\"2006-01-01T00:00:00Z\"}");
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_int_eq(page.plays[0].played_at_ms, EARLIEST);
    spotify_page_free(&page);
    decode_item("{\"track\":{\"id\":\"a\"},\"played_at\":\"2026-11-21T22:26:40Z\"}");
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_int_eq(page.plays[0].played_at_ms, LATEST);
}
END_TEST

/* --- what a play is known by -------------------------------------------------------------- */

static const struct known_case {
    const char *track;
    const char *uri;
    enum spotify_kind kind;
} known[] = {
    {"{\"uri\":\"spotify:track:a\"}", "spotify:track:a", SPOTIFY_TRACK},
    {"{\"uri\":\"spotify:track:a\",\"id\":\"b\"}", "spotify:track:a", SPOTIFY_TRACK},
    {"{\"id\":\"b\"}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"id\":\"b\",\"uri\":null}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"id\":\"b\",\"uri\":7}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"id\":\"b\",\"type\":\"track\"}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"id\":\"b\",\"type\":\"episode\"}", "spotify:episode:b", SPOTIFY_EPISODE},
    {"{\"id\":\"b\",\"type\":\"chapter\"}", "spotify:chapter:b", SPOTIFY_CHAPTER},
    {"{\"id\":\"b\",\"type\":\"audiobook\"}", "spotify:audiobook:b", SPOTIFY_CHAPTER},
    {"{\"id\":\"b\",\"type\":\"unheard of\"}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"id\":\"b\",\"type\":5}", "spotify:track:b", SPOTIFY_TRACK},
    {"{\"uri\":\"spotify:episode:a\"}", "spotify:episode:a", SPOTIFY_EPISODE},
    {"{\"uri\":\"spotify:chapter:a\"}", "spotify:chapter:a", SPOTIFY_CHAPTER},
    {"{\"uri\":\"spotify:audiobook:a\"}", "spotify:audiobook:a", SPOTIFY_CHAPTER},
    {"{\"uri\":\"spotify:local:A+B:C:D%20E:182\"}", "spotify:local:A+B:C:D%20E:182", SPOTIFY_LOCAL},
    {"{\"uri\":\"spotify:local:\\u00d8+B::D:182\",\"id\":null}", "spotify:local:\xc3\x98+B::D:182",
     SPOTIFY_LOCAL},
    {"{\"uri\":\"spotify:track:a\",\"is_local\":true}", "spotify:track:a", SPOTIFY_LOCAL},
    {"{\"id\":\"b\",\"is_local\":true}", "spotify:track:b", SPOTIFY_LOCAL},
    {"{\"uri\":\"spotify:track:a\",\"is_local\":\"true\"}", "spotify:track:a", SPOTIFY_TRACK},
    {"{\"uri\":\"spotify:track:a\",\"uri\":\"spotify:track:b\"}", "spotify:track:b", SPOTIFY_TRACK},
};

START_TEST(a_play_is_known_by_its_uri_or_else_by_its_id)
{
    char item[256];

    snprintf(item, sizeof(item), "{\"track\":%s," MOMENT "}", known[_i].track);
    decode_item(item);
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_str_eq(page.plays[0].track.uri, known[_i].uri);
    ck_assert_int_eq(page.plays[0].track.kind, known[_i].kind);
}
END_TEST

START_TEST(every_byte_of_a_uri_is_judged_at_every_place)
{
    char uri[36];

    for (size_t at = 0; at < sizeof(uri); at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            bool plain = byte > ' ' && byte < 0x7f;

            memset(uri, 'a' + (int)(at % 26), sizeof(uri));
            uri[at] = (char)byte;
            if (fields_uri_valid(uri, sizeof(uri)) != plain ||
                fields_uri_valid(uri, at + 1) != plain)
                ck_abort_msg("%02x at %zu", byte, at);
        }
    }
}
END_TEST

/* Item whose track has a uri, or an id, of so many bytes. */
static void decode_long(const char *key, size_t len)
{
    struct buf item = {0};

    ck_assert(buf_addf(&item, "{\"track\":{\"%s\":\"", key));
    for (size_t i = 0; i < len; i++)
        ck_assert(buf_add_text(&item, "x"));
    ck_assert(buf_add_text(&item, "\"}," MOMENT "}"));
    decode_item(item.data);
    buf_free(&item, false);
}

START_TEST(a_uri_of_1000_bytes_is_taken_and_a_longer_one_odd)
{
    decode_long("uri", 1000);
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_uint_eq(strlen(page.plays[0].track.uri), 1000);
    spotify_page_free(&page);
    decode_long("uri", 1001);
    ck_assert_str_eq(page.odd_reason, "track uri is not valid");
    spotify_page_free(&page);
    decode_long("id", 501);
    ck_assert_str_eq(page.odd_reason, "track id is not valid");
}
END_TEST

START_TEST(every_kind_has_a_name)
{
    ck_assert_str_eq(spotify_kind_name(SPOTIFY_TRACK), "track");
    ck_assert_str_eq(spotify_kind_name(SPOTIFY_EPISODE), "episode");
    ck_assert_str_eq(spotify_kind_name(SPOTIFY_CHAPTER), "chapter");
    ck_assert_str_eq(spotify_kind_name(SPOTIFY_LOCAL), "local");
}
END_TEST

/* --- what may be missing ------------------------------------------------------------------ */

START_TEST(A10_a_track_without_anything_but_an_id_is_kept)
{
    const struct spotify_track *track = decode_track("");

    ck_assert_str_eq(track->name, "");
    ck_assert_ptr_null(track->isrc);
    ck_assert_int_eq(track->duration_ms, -1);
    ck_assert_int_eq(track->track_number, -1);
    ck_assert_int_eq(track->disc_number, -1);
    ck_assert_int_eq(track->explicit_lyrics, -1);
    ck_assert_uint_eq(track->artist_count, 0);
    ck_assert_ptr_null(track->album.uri);
    ck_assert_str_eq(track->album.name, "");
    ck_assert_ptr_null(track->album.type);
    ck_assert_ptr_null(track->album.release_date);
    ck_assert_ptr_null(track->album.cover_url);
    ck_assert_int_eq(track->album.total_tracks, -1);
    ck_assert_uint_eq(track->album.artist_count, 0);
    ck_assert_ptr_null(page.plays[0].context_uri);
}
END_TEST

/* Each value is a wrong one for most keys; none may cost the item. */
static const char *const wrong_values[] = {
    "null", "true",  "-1", "1.5",    "1e400", "99999999999",
    "\"\"", "\"x\"", "[]", "[1,{}]", "{}",    "{\"a\":[{}]}",
};

static const char *const optional_keys[] = {
    "name",     "external_ids", "duration_ms", "track_number", "disc_number", "explicit",
    "is_local", "type",         "artists",     "album",        "href",        "new_thing",
};

START_TEST(A10_a_wrong_type_of_an_optional_member_is_as_good_as_none)
{
    const char *key = optional_keys[_i];

    for (int i = 0; i < COUNT(wrong_values); i++) {
        char members[128];
        const struct spotify_track *track;

        snprintf(members, sizeof(members), "\"%s\":%s", key, wrong_values[i]);
        track = decode_track(members);
        ck_assert_str_eq(track->uri, "spotify:track:i1");
        ck_assert_int_eq(track->duration_ms, -1);
        ck_assert_int_eq(track->track_number, -1);
        ck_assert_int_eq(track->disc_number, -1);
        ck_assert_uint_eq(track->artist_count, 0);
        ck_assert_ptr_null(track->isrc);
        ck_assert_ptr_null(track->album.uri);
        spotify_page_free(&page);
    }
}
END_TEST

static const char *const album_keys[] = {"uri",        "id",           "name",
                                         "album_type", "release_date", "total_tracks",
                                         "images",     "artists",      "new_thing"};

START_TEST(A10_an_album_may_lack_anything)
{
    for (int i = 0; i < COUNT(wrong_values); i++) {
        char members[128];
        const struct spotify_album *album;

        snprintf(members, sizeof(members), "\"album\":{\"%s\":%s}", album_keys[_i],
                 wrong_values[i]);
        album = &decode_track(members)->album;
        if (strcmp(wrong_values[i], "\"x\"") != 0)
            ck_assert_ptr_null(album->uri);
        ck_assert_ptr_null(album->type);
        ck_assert_ptr_null(album->release_date);
        ck_assert_ptr_null(album->cover_url);
        ck_assert_int_eq(album->total_tracks, -1);
        ck_assert_uint_eq(album->artist_count, 0);
        spotify_page_free(&page);
    }
}
END_TEST

START_TEST(a_null_after_a_value_takes_it_back)
{
    const struct spotify_track *track = decode_track(
        "\"name\":\"a\",\"name\":null,\"duration_ms\":5,\"duration_ms\":null,"
        "\"artists\":[{\"id\":\"a\"}],\"artists\":null,\"explicit\":true,\"explicit\":1,"
        "\"album\":{\"id\":\"a\"},\"album\":null,"
        "\"external_ids\":{\"isrc\":\"A\"},\"external_ids\":{}");

    ck_assert_str_eq(track->name, "");
    ck_assert_int_eq(track->duration_ms, -1);
    ck_assert_uint_eq(track->artist_count, 0);
    ck_assert_int_eq(track->explicit_lyrics, -1);
    ck_assert_ptr_null(track->album.uri);
    ck_assert_ptr_null(track->isrc);
}
END_TEST

START_TEST(numbers_are_whole_not_negative_and_believable)
{
    const struct spotify_track *track =
        decode_track("\"duration_ms\":2.14053e5,\"track_number\":4.0,\"disc_number\":2147483647");

    ck_assert_int_eq(track->duration_ms, 214053);
    ck_assert_int_eq(track->track_number, 4);
    ck_assert_int_eq(track->disc_number, 2147483647);
}
END_TEST

/* --- texts -------------------------------------------------------------------------------- */

START_TEST(a_name_keeps_what_it_is_made_of)
{
    const struct spotify_track *track =
        decode_track("\"name\":\" <b>\\\"O'Brien\\\" & \\u00d8 \\ud83c\\udfb5\\n\\\\ \"");

    ck_assert_str_eq(track->name, " <b>\"O'Brien\" & \xc3\x98 \xf0\x9f\x8e\xb5\n\\ ");
}
END_TEST

START_TEST(I8_a_nul_in_a_name_is_replaced)
{
    ck_assert_str_eq(decode_track("\"name\":\"a\\u0000b\\u0000\"")->name,
                     "a\xef\xbf\xbd\x62\xef\xbf\xbd");
}
END_TEST

/* Length of a name of count times part, as it is kept. */
static size_t kept_length(const char *part, size_t count)
{
    struct buf members = {0};
    const char *name;
    size_t len;

    ck_assert(buf_add_text(&members, "\"name\":\""));
    for (size_t i = 0; i < count; i++)
        ck_assert(buf_add_text(&members, part));
    ck_assert(buf_add_text(&members, "\""));
    name = decode_track(members.data)->name;
    len = strlen(name);
    ck_assert(text_utf8_valid(name, len));
    spotify_page_free(&page);
    buf_free(&members, false);
    return len;
}

START_TEST(I8_a_name_over_10000_bytes_is_cut_between_characters)
{
    ck_assert_uint_eq(kept_length("x", 10000), 10000);
    ck_assert_uint_eq(kept_length("x", 10001), 10000);
    ck_assert_uint_eq(kept_length("\xe2\x82\xac", 3333), 9999);
    ck_assert_uint_eq(kept_length("\xe2\x82\xac", 3334), 9999);
    ck_assert_uint_eq(kept_length("\\u0000", 3334), 9999);
    ck_assert_uint_eq(kept_length("\xf0\x9f\x8e\xb5", 200000), 10000);
}
END_TEST

static const struct isrc_case {
    const char *members;
    const char *isrc;
} isrcs[] = {
    {"\"external_ids\":{\"isrc\":\"XXABC1900001\"}", "XXABC1900001"},
    {"\"external_ids\":{\"ean\":\"1\",\"isrc\":\"XXABC1900001\",\"upc\":null}", "XXABC1900001"},
    {"\"external_ids\":{\"isrc\":\"\"}", NULL},
    {"\"external_ids\":{\"isrc\":null}", NULL},
    {"\"external_ids\":{\"isrc\":\"XX ABC\"}", NULL},
    {"\"external_ids\":{\"isrc\":\"\\u00fc\"}", NULL},
    {"\"external_ids\":{\"isrc\":\"012345678901234567890123456789012\"}", NULL},
    {"\"external_ids\":null", NULL},
    {"\"isrc\":\"XXABC1900001\"", NULL},
};

START_TEST(an_isrc_is_short_and_printable)
{
    const struct spotify_track *track = decode_track(isrcs[_i].members);

    ck_assert_pstr_eq(track->isrc, isrcs[_i].isrc);
}
END_TEST

static const struct date_case {
    const char *sent;
    bool kept;
} dates[] = {
    {"1981", true},      {"1981-12", true},      {"1981-12-15", true},
    {"0000", false},     {"0000-00-00", false},  {"", false},
    {"81", false},       {"1981-1", false},      {"1981/12", false},
    {"19811215", false}, {"1981-12-15T", false}, {"soon", false},
    {"198x", false},     {"1981-12-15Z", false},
};

START_TEST(a_release_date_is_a_year_a_month_or_a_day)
{
    char members[64];
    const struct spotify_track *track;

    snprintf(members, sizeof(members), "\"album\":{\"release_date\":\"%s\"}", dates[_i].sent);
    track = decode_track(members);
    ck_assert_pstr_eq(track->album.release_date, dates[_i].kept ? dates[_i].sent : NULL);
}
END_TEST

/* --- covers, artists, contexts ------------------------------------------------------------ */

static const struct cover_case {
    const char *images;
    const char *url;
} covers[] = {
    {"[]", NULL},
    {"{}", NULL},
    {"[null,7,\"https://i.example/a\"]", NULL},
    {"[{\"url\":\"https://i.example/a\"}]", "https://i.example/a"},
    {"[{\"url\":\"https://i.example/a\",\"width\":null},{\"url\":\"https://i.example/b\"}]",
     "https://i.example/a"},
    {"[{\"url\":\"https://i.example/a\",\"width\":64},{\"url\":\"https://i.example/b\",\"width\":640}]",
     "https://i.example/b"},
    {"[{\"url\":\"https://i.example/a\",\"width\":640},{\"width\":640,\"url\":\"https://i.example/b\"}]",
     "https://i.example/a"},
    {"[{\"url\":\"http://i.example/a\",\"width\":640},{\"url\":\"https://i.example/b\",\"width\":64}]",
     "https://i.example/b"},
    {"[{\"url\":\"https://\"}]", NULL},
    {"[{\"url\":\"javascript:alert(1)\"}]", NULL},
    {"[{\"url\":\"HTTPS://i.example/a\"}]", NULL},
    {"[{\"url\":\"https://i.example/a b\"}]", NULL},
    {"[{\"url\":\"https://i.example/\\u00fc\"}]", NULL},
    {"[{\"url\":\"https://i.example/\\n\"}]", NULL},
    {"[{\"url\":null}]", NULL},
};

START_TEST(a_cover_is_the_widest_image_with_an_https_address)
{
    char members[256];
    const struct spotify_track *track;

    snprintf(members, sizeof(members), "\"album\":{\"images\":%s}", covers[_i].images);
    track = decode_track(members);
    ck_assert_pstr_eq(track->album.cover_url, covers[_i].url);
}
END_TEST

START_TEST(a_cover_address_has_at_most_500_bytes)
{
    for (size_t len = 500; len <= 501; len++) {
        struct buf members = {0};
        const struct spotify_track *track;

        ck_assert(buf_add_text(&members, "\"album\":{\"images\":[{\"url\":\"https://"));
        for (size_t i = 8; i < len; i++)
            ck_assert(buf_add_text(&members, "x"));
        ck_assert(buf_add_text(&members, "\"}]}"));
        track = decode_track(members.data);
        ck_assert((track->album.cover_url != NULL) == (len == 500));
        buf_free(&members, false);
        spotify_page_free(&page);
    }
}
END_TEST

static const struct artist_case {
    const char *artist;
    const char *uri;
    const char *name; /* NULL: not kept */
} artists[] = {
    {"{\"uri\":\"spotify:artist:a\",\"name\":\"A\"}", "spotify:artist:a", "A"},
    {"{\"id\":\"a\",\"name\":\"A\"}", "spotify:artist:a", "A"},
    {"{\"id\":\"a\",\"uri\":null}", "spotify:artist:a", ""},
    {"{\"id\":\"a\",\"uri\":\"has a blank\"}", "spotify:artist:a", ""},
    {"{\"name\":\"A\"}", NULL, "A"},
    {"{\"name\":\"A\",\"id\":null,\"uri\":null}", NULL, "A"},
    {"{\"name\":\"A\",\"id\":\"has a blank\"}", NULL, "A"},
    {"{\"name\":null,\"id\":null}", NULL, NULL},
    {"{}", NULL, NULL},
    {"null", NULL, NULL},
    {"\"A\"", NULL, NULL},
    {"[{\"name\":\"A\"}]", NULL, NULL},
};

START_TEST(an_artist_is_known_by_uri_id_or_name)
{
    char members[256];
    const struct spotify_track *track;

    snprintf(members, sizeof(members),
             "\"artists\":[%s,{\"id\":\"z\"}],\"album\":{\"artists\":[%s]}", artists[_i].artist,
             artists[_i].artist);
    track = decode_track(members);
    ck_assert_uint_eq(track->artist_count, artists[_i].name != NULL ? 2 : 1);
    ck_assert_uint_eq(track->album.artist_count, artists[_i].name != NULL ? 1 : 0);
    ck_assert_str_eq(track->artists[track->artist_count - 1].uri, "spotify:artist:z");
    if (artists[_i].name != NULL) {
        ck_assert_pstr_eq(track->artists[0].uri, artists[_i].uri);
        ck_assert_str_eq(track->artists[0].name, artists[_i].name);
        ck_assert_pstr_eq(track->album.artists[0].uri, artists[_i].uri);
    }
}
END_TEST

START_TEST(the_first_64_artists_are_kept)
{
    struct buf members = {0};
    const struct spotify_track *track;

    ck_assert(buf_add_text(&members, "\"artists\":["));
    for (int i = 0; i < 100; i++)
        ck_assert(buf_addf(&members, "%s{\"id\":\"a%d\"}", i > 0 ? "," : "", i));
    ck_assert(buf_add_text(&members, "]"));
    track = decode_track(members.data);
    ck_assert_uint_eq(track->artist_count, 64);
    ck_assert_str_eq(track->artists[63].uri, "spotify:artist:a63");
    buf_free(&members, false);
}
END_TEST

static const struct context_case {
    const char *context;
    const char *uri;
} contexts[] = {
    {"{\"type\":\"playlist\",\"uri\":\"spotify:playlist:a\"}", "spotify:playlist:a"},
    {"{\"uri\":\"spotify:user:some%20one:playlist:a\"}", "spotify:user:some%20one:playlist:a"},
    {"{\"uri\":\"spotify:user:123:collection\",\"href\":\"https://api.spotify.com/v1/albums/null\"}",
     "spotify:user:123:collection"},
    {"null", NULL},
    {"{}", NULL},
    {"[]", NULL},
    {"\"spotify:playlist:a\"", NULL},
    {"{\"uri\":null}", NULL},
    {"{\"uri\":\"\"}", NULL},
    {"{\"uri\":\"a b\"}", NULL},
    {"{\"uri\":{\"uri\":\"a\"}}", NULL},
    {"{\"uri\":\"spotify:playlist:a\"},\"context\":null", NULL},
};

START_TEST(a_context_is_its_uri_or_nothing)
{
    char item[256];

    snprintf(item, sizeof(item), "{\"track\":{\"id\":\"a\"}," MOMENT ",\"context\":%s}",
             contexts[_i].context);
    decode_item(item);
    ck_assert_uint_eq(page.play_count, 1);
    ck_assert_pstr_eq(page.plays[0].context_uri, contexts[_i].uri);
}
END_TEST

Suite *history_items_suite(void)
{
    Suite *suite = suite_create("history_items");
    TCase *tcase = tcase_create("history_items");

    tcase_add_checked_fixture(tcase, NULL, close_page);
    tcase_add_loop_test(tcase, A9_an_odd_item_is_counted_with_its_reason_and_an_excerpt, 0,
                        COUNT(odd));
    tcase_add_test(tcase, A9_a_long_excerpt_is_cut_at_200_bytes);
    tcase_add_test(tcase, A12_the_bounds_of_what_is_believable_belong_to_it);
    tcase_add_loop_test(tcase, a_play_is_known_by_its_uri_or_else_by_its_id, 0, COUNT(known));
    tcase_add_test(tcase, every_byte_of_a_uri_is_judged_at_every_place);
    tcase_add_test(tcase, a_uri_of_1000_bytes_is_taken_and_a_longer_one_odd);
    tcase_add_test(tcase, every_kind_has_a_name);
    tcase_add_test(tcase, A10_a_track_without_anything_but_an_id_is_kept);
    tcase_add_loop_test(tcase, A10_a_wrong_type_of_an_optional_member_is_as_good_as_none, 0,
                        COUNT(optional_keys));
    tcase_add_loop_test(tcase, A10_an_album_may_lack_anything, 0, COUNT(album_keys));
    tcase_add_test(tcase, a_null_after_a_value_takes_it_back);
    tcase_add_test(tcase, numbers_are_whole_not_negative_and_believable);
    tcase_add_test(tcase, a_name_keeps_what_it_is_made_of);
    tcase_add_test(tcase, I8_a_nul_in_a_name_is_replaced);
    tcase_add_test(tcase, I8_a_name_over_10000_bytes_is_cut_between_characters);
    tcase_add_loop_test(tcase, an_isrc_is_short_and_printable, 0, COUNT(isrcs));
    tcase_add_loop_test(tcase, a_release_date_is_a_year_a_month_or_a_day, 0, COUNT(dates));
    tcase_add_loop_test(tcase, a_cover_is_the_widest_image_with_an_https_address, 0, COUNT(covers));
    tcase_add_test(tcase, a_cover_address_has_at_most_500_bytes);
    tcase_add_loop_test(tcase, an_artist_is_known_by_uri_id_or_name, 0, COUNT(artists));
    tcase_add_test(tcase, the_first_64_artists_are_kept);
    tcase_add_loop_test(tcase, a_context_is_its_uri_or_nothing, 0, COUNT(contexts));
    suite_add_tcase(suite, tcase);
    return suite;
}
