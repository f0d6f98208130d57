/* SPDX-License-Identifier: MIT */
/* How values look in exports, those that no history of Spotify's has among them: a database may
 * have been written to by others. */
#include <check.h>
#include <string.h>

#include "archive/export_private.h"
#include "base/clock.h"

#define T0 INT64_C(1767225600000)
#define URI "spotify:track:0000000000000000000001"

static struct buf out;

static void begin(void)
{
    out = (struct buf){0};
}

static void end(void)
{
    buf_free(&out, false);
}

static void expect(const char *text)
{
    ck_assert(!out.failed);
    ck_assert_str_eq(out.data, text);
    buf_clear(&out, false);
}

START_TEST(a_number_is_digits_whatever_its_sign)
{
    export_number(&out, INT64_MIN);
    expect("-9223372036854775808");
    export_number(&out, INT64_MAX);
    expect("9223372036854775807");
    export_number(&out, 0);
    expect("0");
}
END_TEST

START_TEST(json_escapes_what_it_must)
{
    export_json_text(&out, "a\"b\\c\nd\te\rf\bg\x7f");
    expect("\"a\\\"b\\\\c\\nd\\te\\rf\\u0008g\\u007f\"");
    export_json_text(&out, NULL);
    expect("null");
    export_json_time(&out, "at", T0);
    expect("\"at\":\"2026-01-01T00:00:00.000Z\"");
    export_json_time(&out, ",at", STORE_NO_TIME);
    expect(",\"at\":null");
}
END_TEST

static const struct quoted {
    const char *text, *csv;
} fields[] = {
    {"", ""},         {"plain", "plain"}, {"a,b", "\"a,b\""},   {"a\"b", "\"a\"\"b\""},
    {" a", "\" a\""}, {"a ", "\"a \""},   {"a\nb", "\"a\nb\""}, {NULL, ""},
};

START_TEST(csv_quotes_what_readers_would_take_otherwise)
{
    buf_add_text(&out, "|");
    export_csv_text(&out, fields[_i].text);
    ck_assert_str_eq(out.data + 1, fields[_i].csv);
}
END_TEST

/* -- a whole row --------------------------------------------------------------------------------- */

static const struct store_listed_artist nobody = {"spotify:artist:x", NULL};
static const struct store_listed_artist two[] = {{"spotify:artist:x", NULL},
                                                 {"spotify:artist:y", "Why"}};
static const struct store_user user = {.user_id = 1, .spotify_id = "ann"};
static struct store_listed_track track;
static struct store_listed row;

static void begin_row(void)
{
    begin();
    track = (struct store_listed_track){.uri = URI,
                                        .kind = "track",
                                        .name = "Title",
                                        .duration_ms = 200000,
                                        .album_artist = "By",
                                        .artists = two,
                                        .artist_count = 2};
    row = (struct store_listed){.user = &user,
                                .track = &track,
                                .played_at = T0,
                                .source = "api",
                                .first_seen_at = STORE_NO_TIME,
                                .ms_played = -1,
                                .shuffle = -1,
                                .skipped = -1,
                                .offline = -1,
                                .incognito = -1,
                                .offline_at = STORE_NO_TIME};
}

static bool listens(const char *text)
{
    return strstr(out.data, text) != NULL;
}

START_TEST(artists_without_a_name_are_left_out_of_a_listen)
{
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(listens("\"artist_name\":\"Why\""));
    ck_assert(listens("\"artist_names\":[\"Why\"]"));
    buf_clear(&out, false);
    track.artists = &nobody;
    track.artist_count = 1;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(listens("\"artist_name\":\"By\""));
    ck_assert(!listens("artist_names"));
}
END_TEST

START_TEST(what_has_no_artist_at_all_is_no_listen)
{
    track.album_artist = NULL;
    track.artists = &nobody;
    track.artist_count = 1;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_NAMELESS);
    track.artist_count = 0;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_NAMELESS);
}
END_TEST

static const struct heard {
    int64_t ms, duration;
    enum export_left_out what;
} heards[] = {
    {29000, 200000, EXPORT_SHORT}, {29000, 50000, EXPORT_WRITTEN}, {29000, -1, EXPORT_SHORT},
    {24000, 50000, EXPORT_SHORT},  {30000, -1, EXPORT_WRITTEN},
};

START_TEST(half_of_a_short_track_is_a_listen)
{
    row.ms_played = heards[_i].ms;
    track.duration_ms = heards[_i].duration;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), heards[_i].what);
}
END_TEST

static const char *const strangers[] = {
    "spotify:local:a:b:c:1", "spotify:track:",     "spotify:track:a/b", "spotify:track",
    "spotify:track:a?b",     "spotify:track:a\"b", "historyd:track:1",
};

START_TEST(an_address_is_made_of_a_plain_id_only)
{
    track.uri = strangers[_i];
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(!listens("open.spotify.com"));
}
END_TEST

START_TEST(a_listen_began_neither_before_1970_nor_in_the_future)
{
    row.played_at = 1000;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(listens("\"listened_at\":0"));
    buf_clear(&out, false);
    row.played_at = T0 + CLOCK_DAY;
    ck_assert_int_eq(export_row_listenbrainz(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(listens("\"listened_at\":1767225600"));
}
END_TEST

START_TEST(csv_has_a_field_for_what_is_not_known)
{
    ck_assert_int_eq(export_row_csv(&out, &row, T0), EXPORT_WRITTEN);
    ck_assert(listens("2026-01-01T00:00:00.000Z,1,ann,Title,\", Why\",,track,200000,,api,"));
    ck_assert(listens(",spotify:artist:x spotify:artist:y,"));
}
END_TEST

Suite *export_values_suite(void);

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

Suite *export_values_suite(void)
{
    Suite *suite = suite_create("export_values");
    TCase *tcase = tcase_create("values");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_number_is_digits_whatever_its_sign);
    tcase_add_test(tcase, json_escapes_what_it_must);
    tcase_add_loop_test(tcase, csv_quotes_what_readers_would_take_otherwise, 0, COUNT(fields));
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("rows");
    tcase_add_checked_fixture(tcase, begin_row, end);
    tcase_add_test(tcase, artists_without_a_name_are_left_out_of_a_listen);
    tcase_add_test(tcase, what_has_no_artist_at_all_is_no_listen);
    tcase_add_loop_test(tcase, half_of_a_short_track_is_a_listen, 0, COUNT(heards));
    tcase_add_loop_test(tcase, an_address_is_made_of_a_plain_id_only, 0, COUNT(strangers));
    tcase_add_test(tcase, a_listen_began_neither_before_1970_nor_in_the_future);
    tcase_add_test(tcase, csv_has_a_field_for_what_is_not_known);
    suite_add_tcase(suite, tcase);
    return suite;
}
