/* SPDX-License-Identifier: MIT */
/* Rows as bytes: there and back, and back from bytes that somebody changed. */
#include "archive/record.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lib/archive_rows.h"
#include "lib/chance.h"
#include "lib/sample.h"

/* Unpacks from a block of exactly len bytes: a byte read behind them is seen by the sanitizers. */
static size_t get(const uint8_t *data, size_t len, struct archive_record *record)
{
    uint8_t *block = malloc(len > 0 ? len : 1);
    size_t length;

    if (len > 0)
        memcpy(block, data, len);
    memset(record, 'x', sizeof(*record)); /* what is not set must not look as if it were */
    length = archive_record_get(block, len, archive_record_latest(ARCHIVE_ROWS_NOW), record);
    free(block);
    return length;
}

static size_t put(uint8_t out[static ARCHIVE_RECORD_MAX], const struct archive_record *record)
{
    return record->kind == ARCHIVE_RECORD_ROW ? archive_record_put_row(out, &record->row)
                                              : archive_record_put_rejected(out, &record->rejected);
}

static void assert_same_text(const char *got, const char *text)
{
    ck_assert_str_eq(got, text);
}

static void assert_same_texts(const struct archive_row *got, const struct archive_row *row)
{
    assert_same_text(got->uri, row->uri);
    assert_same_text(got->name, row->name);
    assert_same_text(got->artist, row->artist);
    assert_same_text(got->album, row->album);
    assert_same_text(got->reason_start, row->reason_start);
    assert_same_text(got->reason_end, row->reason_end);
    assert_same_text(got->platform, row->platform);
    assert_same_text(got->country, row->country);
}

static void assert_same_row(const struct archive_row *got, const struct archive_row *row)
{
    ck_assert_int_eq(got->form, row->form);
    ck_assert_int_eq(got->row_no, row->row_no);
    ck_assert_int_eq(got->ended_at, row->ended_at);
    ck_assert_int_eq(got->ms_played, row->ms_played);
    ck_assert_int_eq(got->kind, row->kind);
    ck_assert_int_eq(got->offline_at, row->offline_at);
    ck_assert(got->shuffle == row->shuffle && got->skipped == row->skipped &&
              got->offline == row->offline && got->incognito == row->incognito);
    assert_same_texts(got, row);
}

static void assert_row_survives(const struct archive_row *row)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    size_t len = archive_record_put_row(packed, row);
    struct archive_record record;

    ck_assert_uint_eq(archive_record_length(packed, 2), len);
    ck_assert_uint_eq(get(packed, len, &record), len);
    ck_assert_int_eq(record.kind, ARCHIVE_RECORD_ROW);
    assert_same_row(&record.row, row);
}

static void assert_rejected_survives(const struct archive_rejected *rejected)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    size_t len = archive_record_put_rejected(packed, rejected);
    struct archive_record record;

    ck_assert_uint_eq(archive_record_length(packed, 2), len);
    ck_assert_uint_eq(get(packed, len, &record), len);
    ck_assert_int_eq(record.kind, ARCHIVE_RECORD_REJECTED);
    ck_assert_int_eq(record.rejected.reason, rejected->reason);
    ck_assert_int_eq(record.rejected.row_no, rejected->row_no);
    ck_assert_str_eq(record.rejected.excerpt, rejected->excerpt);
}

struct tally {
    int rows, rejected;
};

static struct tally assert_all_survive(const char *text, size_t len)
{
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
    struct tally tally = {0};
    enum archive_step step;

    archive_decoder_feed(decoder, text, len, true);
    while ((step = archive_decoder_next(decoder)) >= ARCHIVE_STEP_ROW) {
        if (step == ARCHIVE_STEP_ROW) {
            assert_row_survives(archive_decoder_row(decoder));
            tally.rows++;
        } else {
            assert_rejected_survives(archive_decoder_rejected(decoder));
            tally.rejected++;
        }
    }
    archive_decoder_free(decoder);
    return tally;
}

/* --- what was decoded ---------------------------------------------------------------------- */

static const struct sample_case {
    const char *name;
    int rows, rejected;
} samples[] = {{"long-2025", 3, 1},     {"endsong-2017", 3, 0}, {"short-music", 2, 0},
               {"short-podcast", 1, 0}, {"short-book", 1, 0},   {"repaired", 1, 0},
               {"rejected", 2, 18},     {"lines", 2, 0}};

#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

START_TEST(the_rows_of_a_sample_survive)
{
    char name[64];
    size_t len;
    struct tally tally;
    char *text;

    snprintf(name, sizeof(name), "archive/%s.json", samples[_i].name);
    text = sample_read(name, &len);
    tally = assert_all_survive(text, len);
    ck_assert_int_eq(tally.rows, samples[_i].rows);
    ck_assert_int_eq(tally.rejected, samples[_i].rejected);
    free(text);
}
END_TEST

/* A text of any length up to more than a field takes, as JSON. */
static void add_text(struct chance *chance, struct buf *text)
{
    static const char *const parts[] = {
        "a",       "Plain words ", "\xc3\xb8", "\xe6\x97\xa5\xe6\x9c\xac",
        "\\u0000", "\\n",          "\\u202e",  "\xf0\x9f\x98\x80",
        "\\ud800", "\\\""};
    uint64_t count =
        chance_below(chance, 20) == 0 ? chance_below(chance, 800) : chance_below(chance, 8);

    buf_add_text(text, "\"");
    for (uint64_t i = 0; i < count; i++)
        buf_add_text(text, CHANCE_PICK(chance, parts));
    buf_add_text(text, "\"");
}

static void add_uri(struct chance *chance, struct buf *text)
{
    static const char *const uris[] = {"null",
                                       "null",
                                       "\"\"",
                                       "\"spotify:track:4uLU6hMCjMI75M1A2tKUQC\"",
                                       "\"spotify:episode:512ojhOuo1ktJprKbVcKyQ\"",
                                       "\"spotify:chapter:0IsXVP0JmcB2adSE338GkK\"",
                                       "\"spotify:local:Bj\xc3\xb6rk::Army+of+Me:234\"",
                                       "\"spotify:local:a b\"",
                                       "\"http://example.org/\""};

    if (chance_below(chance, 20) == 0)
        buf_addf(text, "\"spotify:local:%0*d\"", (int)chance_below(chance, 1000) + 1, 7);
    else
        buf_add_text(text, CHANCE_PICK(chance, uris));
}

static void add_number(struct chance *chance, struct buf *text)
{
    static const char *const numbers[] = {
        "null",          "0",    "1",          "-1",           "86400000",
        "86400001",      "1e3",  "\"241000\"", "1.5",          "1772494825",
        "1772494825330", "true", "17",         "9999999999999"};

    buf_add_text(text, CHANCE_PICK(chance, numbers));
}

static void add_flag(struct chance *chance, struct buf *text)
{
    static const char *const flags[] = {"true", "false", "null", "0", "1", "2"};

    buf_add_text(text, CHANCE_PICK(chance, flags));
}

static void add_moment(struct chance *chance, struct buf *text, bool is_long)
{
    static const char *const odd[] = {"null", "\"\"", "\"2005-12-31T23:59:59Z\"",
                                      "\"2006-01-01T00:00:00Z\"", "\"2026-11-24T00:00:00Z\""};
    unsigned day = (unsigned)chance_below(chance, 28) + 1;
    unsigned minute = (unsigned)chance_below(chance, 60);

    if (chance_below(chance, 10) == 0)
        buf_add_text(text, CHANCE_PICK(chance, odd));
    else
        buf_addf(text, is_long ? "\"2020-03-%02uT10:%02u:07Z\"" : "\"2020-03-%02u 10:%02u\"", day,
                 minute);
}

/* One row with all keys of its form. */
static void add_row(struct chance *chance, struct buf *text, bool is_long)
{
    static const char *const long_texts[] = {"master_metadata_track_name",
                                             "master_metadata_album_artist_name",
                                             "master_metadata_album_album_name",
                                             "episode_name",
                                             "episode_show_name",
                                             "audiobook_title",
                                             "audiobook_chapter_title",
                                             "reason_start",
                                             "reason_end",
                                             "platform",
                                             "conn_country"};
    static const char *const short_texts[] = {"trackName",   "artistName",    "episodeName",
                                              "podcastName", "audiobookName", "chapterName"};
    static const char *const uris[] = {"spotify_track_uri", "spotify_episode_uri", "audiobook_uri",
                                       "audiobook_chapter_uri"};
    static const char *const flags[] = {"shuffle", "skipped", "offline", "incognito_mode"};
    size_t count = is_long ? sizeof(long_texts) / sizeof(long_texts[0])
                           : sizeof(short_texts) / sizeof(short_texts[0]);

    buf_addf(text, "{\"%s\":", is_long ? "ts" : "endTime");
    add_moment(chance, text, is_long);
    buf_addf(text, ",\"%s\":", is_long ? "ms_played" : "msPlayed");
    add_number(chance, text);
    for (size_t i = 0; i < count; i++) {
        if (chance_below(chance, 3) == 0)
            continue;
        buf_addf(text, ",\"%s\":", is_long ? long_texts[i] : short_texts[i]);
        add_text(chance, text);
    }
    for (size_t i = 0; is_long && i < 4; i++) {
        buf_addf(text, ",\"%s\":", uris[i]);
        add_uri(chance, text);
        buf_addf(text, ",\"%s\":", flags[i]);
        add_flag(chance, text);
    }
    if (is_long) {
        buf_add_text(text, ",\"offline_timestamp\":");
        add_number(chance, text);
    }
    buf_add_text(text, "}");
}

static struct buf make_rows(struct chance *chance, int count, bool is_long)
{
    struct buf text = {0};

    buf_add_text(&text, "[");
    for (int i = 0; i < count; i++) {
        buf_add_text(&text, i > 0 ? "," : "");
        add_row(chance, &text, is_long);
    }
    buf_add_text(&text, "]");
    ck_assert(!text.failed);
    return text;
}

START_TEST(any_row_that_is_decoded_survives)
{
    struct chance chance = chance_open("any_row_that_is_decoded_survives");
    bool is_long = _i == 0;
    struct buf text = make_rows(&chance, 3000, is_long);
    struct tally tally = assert_all_survive(text.data, text.len);

    ck_assert_int_eq(tally.rows + tally.rejected, 3000);
    ck_assert_int_ge(tally.rows, 300);
    ck_assert_int_ge(tally.rejected, 300);
    buf_free(&text, false);
}
END_TEST

/* --- what was changed ---------------------------------------------------------------------- */

/* A long row with everything. */
static struct archive_row whole_row(void)
{
    return (struct archive_row){.form = ARCHIVE_FORM_LONG,
                                .row_no = 12,
                                .ended_at = INT64_C(1772494999000),
                                .ms_played = 241000,
                                .kind = ARCHIVE_LOCAL,
                                .uri = "spotify:local:Bj\xc3\xb6rk::Army:234",
                                .name = "Morgengr\xc3\xb8y \xf0\x9f\x98\x80",
                                .artist = "Nordlys Kvartett",
                                .album = "Vintersang",
                                .reason_start = "fwdbtn",
                                .reason_end = "trackdone",
                                .platform = "android",
                                .country = "SE",
                                .shuffle = ARCHIVE_YES,
                                .skipped = ARCHIVE_NO,
                                .offline = ARCHIVE_NOT_TOLD,
                                .incognito = ARCHIVE_NO,
                                .offline_at = INT64_C(1772494825330)};
}

/* Whatever is taken keeps the rules, and is these very bytes. Returns whether it was taken. */
static bool assert_refused_or_sound(const uint8_t *data, size_t len)
{
    uint8_t again[ARCHIVE_RECORD_MAX];
    struct archive_record record;
    size_t length = get(data, len, &record);

    if (length == 0)
        return false;
    ck_assert(record.kind == ARCHIVE_RECORD_ROW ? archive_rows_sound(&record.row)
                                                : archive_rows_sound_rejected(&record.rejected));
    ck_assert_uint_eq(put(again, &record), length);
    ck_assert_mem_eq(again, data, length);
    return true;
}

START_TEST(a_record_with_any_one_byte_changed_is_refused_or_sound)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    struct archive_row row = whole_row();
    struct archive_rejected rejected = {ARCHIVE_BAD_MS, 7, "ms \"-1\", name \"\xc3\xb8\""};
    size_t len = _i == 0 ? archive_record_put_row(packed, &row)
                         : archive_record_put_rejected(packed, &rejected);
    size_t taken = 0;

    for (size_t at = 0; at < len; at++) {
        uint8_t was = packed[at];

        for (unsigned value = 0; value < 256; value++) {
            packed[at] = (uint8_t)value;
            taken += assert_refused_or_sound(packed, len);
        }
        packed[at] = was;
    }
    ck_assert_uint_gt(taken, len);       /* as it was, and other letters */
    ck_assert_uint_lt(taken, len * 250); /* and not everything */
}
END_TEST

START_TEST(a_record_that_is_cut_anywhere_is_refused)
{
    struct chance chance = chance_open("a_record_that_is_cut_anywhere_is_refused");
    uint8_t packed[ARCHIVE_RECORD_MAX];
    struct archive_row row = whole_row();
    struct archive_record record;
    size_t len = archive_record_put_row(packed, &row);

    for (size_t cut = 0; cut < len; cut++)
        ck_assert_uint_eq(get(packed, cut, &record), 0);
    for (size_t claimed = 0; claimed < len; claimed++) {
        packed[0] = (uint8_t)claimed;
        packed[1] = (uint8_t)(claimed >> 8);
        ck_assert_msg(get(packed, len, &record) == 0, "it claims %zu bytes", claimed);
    }
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < len; i++)
            packed[i] = (uint8_t)chance_next(&chance);
        packed[2] &= 1;
        (void)assert_refused_or_sound(packed, len);
    }
}
END_TEST

START_TEST(any_row_with_some_bytes_changed_is_refused_or_sound)
{
    struct chance chance = chance_open("any_row_with_some_bytes_changed_is_refused_or_sound");
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
    struct buf text = make_rows(&chance, 300, _i == 0);
    uint8_t packed[ARCHIVE_RECORD_MAX];
    enum archive_step step;

    archive_decoder_feed(decoder, text.data, text.len, true);
    while ((step = archive_decoder_next(decoder)) >= ARCHIVE_STEP_ROW) {
        for (int round = 0; round < 100; round++) {
            size_t len =
                step == ARCHIVE_STEP_ROW
                    ? archive_record_put_row(packed, archive_decoder_row(decoder))
                    : archive_record_put_rejected(packed, archive_decoder_rejected(decoder));

            for (uint64_t changes = chance_below(&chance, 3) + 1; changes > 0; changes--)
                packed[chance_below(&chance, len)] = (uint8_t)chance_next(&chance);
            (void)assert_refused_or_sound(packed, len);
        }
    }
    archive_decoder_free(decoder);
    buf_free(&text, false);
}
END_TEST

/* --- single rules -------------------------------------------------------------------------- */

#define LATEST (ARCHIVE_ROWS_NOW + 2 * CLOCK_DAY)

static void set_long_uri(struct archive_row *row)
{
    memset(row->uri, 'a', 1001);
    memcpy(row->uri, "spotify:", 8);
    row->kind = ARCHIVE_TRACK;
}
static void set_early(struct archive_row *row)
{
    row->ended_at = ARCHIVE_EARLIEST - 1;
}
static void set_late(struct archive_row *row)
{
    row->ended_at = LATEST + 1;
}
static void set_offline_early(struct archive_row *row)
{
    row->offline_at = ARCHIVE_EARLIEST - 1;
}
static void set_offline_late(struct archive_row *row)
{
    row->offline_at = LATEST + 1;
}
static void set_offline_least(struct archive_row *row)
{
    row->offline_at = INT64_MIN + 1;
}
static void set_ms_low(struct archive_row *row)
{
    row->ms_played = -2;
}
static void set_ms_high(struct archive_row *row)
{
    row->ms_played = CLOCK_DAY + 1;
}
static void set_first_number(struct archive_row *row)
{
    row->row_no = 0;
}
static void set_no_title(struct archive_row *row)
{
    row->uri[0] = row->name[0] = '\0';
    row->kind = ARCHIVE_TRACK;
}
static void set_other_uri(struct archive_row *row)
{
    memcpy(row->uri, "http://a", 9);
    row->kind = ARCHIVE_TRACK;
}
static void set_blank_in_uri(struct archive_row *row)
{
    row->uri[20] = ' ';
}
static void set_bidi_in_uri(struct archive_row *row)
{
    static const unsigned char override[] = {0xe2, 0x80, 0xae}; /* U+202E */

    memcpy(row->uri + 15, override, sizeof(override));
}
static void set_letter_in_uri(struct archive_row *row)
{
    memcpy(row->uri, "spotify:track:\xc3\xb8", 17);
    row->kind = ARCHIVE_TRACK;
}
static void set_kind(struct archive_row *row)
{
    row->kind = ARCHIVE_TRACK; /* and the uri of a local file */
}
static void set_half_a_character(struct archive_row *row)
{
    memcpy(row->artist, "abc\xc3", 5);
}
static void set_surrogate(struct archive_row *row)
{
    memcpy(row->album, "\xed\xa0\x80", 4);
}

static const struct wrong_case {
    const char *what;
    void (*set)(struct archive_row *row);
} wrong[] = {{"a uri of 1001 bytes", set_long_uri},
             {"before 2006", set_early},
             {"too far ahead", set_late},
             {"offline before 2006", set_offline_early},
             {"offline too far ahead", set_offline_late},
             {"offline long before 1970", set_offline_least},
             {"-2 ms", set_ms_low},
             {"more than a day", set_ms_high},
             {"row 0", set_first_number},
             {"neither title nor uri", set_no_title},
             {"another uri", set_other_uri},
             {"a blank in the uri", set_blank_in_uri},
             {"a control in the uri", set_bidi_in_uri},
             {"a letter in the uri of a track", set_letter_in_uri},
             {"the kind of another uri", set_kind},
             {"half a character", set_half_a_character},
             {"a surrogate", set_surrogate}};

#define WRONG ((int)(sizeof(wrong) / sizeof(wrong[0])))

START_TEST(a_row_that_no_decoder_gives_is_refused)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    struct archive_row row = whole_row();
    struct archive_record record;
    size_t len;

    assert_row_survives(&row);
    wrong[_i].set(&row);
    len = archive_record_put_row(packed, &row);
    ck_assert_msg(get(packed, len, &record) == 0, "%s was taken", wrong[_i].what);
}
END_TEST

START_TEST(the_outermost_values_are_taken)
{
    struct archive_row row = whole_row();

    row.row_no = INT64_MAX;
    row.ended_at = ARCHIVE_EARLIEST;
    row.offline_at = LATEST;
    row.ms_played = -1;
    assert_row_survives(&row);
    row.ended_at = LATEST;
    row.offline_at = ARCHIVE_EARLIEST;
    row.ms_played = ARCHIVE_MS_PLAYED_MAX;
    assert_row_survives(&row);
}
END_TEST

START_TEST(the_largest_row_survives)
{
    struct archive_row row = whole_row();

    memset(row.uri, 'a', 1000);
    memcpy(row.uri, "spotify:local:", 14);
    row.uri[1000] = '\0';
    memset(row.name, 'b', sizeof(row.name) - 1);
    memset(row.artist, 'c', sizeof(row.artist) - 1);
    memset(row.album, 'd', sizeof(row.album) - 1);
    memset(row.reason_start, 'e', sizeof(row.reason_start) - 1);
    memset(row.reason_end, 'f', sizeof(row.reason_end) - 1);
    memset(row.platform, 'g', sizeof(row.platform) - 1);
    memset(row.country, 'h', sizeof(row.country) - 1);
    assert_row_survives(&row);
}
END_TEST

START_TEST(a_nul_inside_of_a_text_is_refused)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    struct archive_row row = whole_row();
    struct archive_record record;
    size_t len = archive_record_put_row(packed, &row);
    uint8_t *name = memmem(packed, len, "Vintersang", 10);

    ck_assert_ptr_nonnull(name);
    name[3] = '\0';
    ck_assert_uint_eq(get(packed, len, &record), 0);
}
END_TEST

START_TEST(a_rejected_row_with_a_control_in_its_excerpt_is_refused)
{
    uint8_t packed[ARCHIVE_RECORD_MAX];
    struct archive_rejected rejected = {ARCHIVE_NO_TIME, 1, "a\x1b[31m"};
    struct archive_record record;
    size_t len = archive_record_put_rejected(packed, &rejected);

    ck_assert_uint_eq(get(packed, len, &record), 0);
}
END_TEST

START_TEST(a_length_is_told_of_two_bytes_if_it_can_be_one)
{
    static const struct {
        uint8_t bytes[2];
        size_t length;
    } cases[] = {{{0, 0}, 0},   {{2, 0}, 0},       {{11, 0}, 0},   {{12, 0}, 12},
                 {{0, 1}, 256}, {{0, 0x20}, 8192}, {{1, 0x20}, 0}, {{0xff, 0xff}, 0}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_uint_eq(archive_record_length(cases[i].bytes, 2), cases[i].length);
        ck_assert_uint_eq(archive_record_length(cases[i].bytes, 1), 0);
        ck_assert_uint_eq(archive_record_length(cases[i].bytes, 0), 0);
    }
}
END_TEST

START_TEST(records_stand_one_after_another)
{
    uint8_t stream[3 * ARCHIVE_RECORD_MAX];
    struct archive_row row = whole_row();
    struct archive_rejected rejected = {ARCHIVE_NO_TITLE, 13, "time \"x\""};
    struct archive_record record;
    size_t len = archive_record_put_row(stream, &row);
    size_t at;

    len += archive_record_put_rejected(stream + len, &rejected);
    row.row_no = 14;
    len += archive_record_put_row(stream + len, &row);
    at = get(stream, len, &record);
    ck_assert_int_eq(record.row.row_no, 12);
    at += get(stream + at, len - at, &record);
    ck_assert_int_eq(record.rejected.row_no, 13);
    at += get(stream + at, len - at, &record);
    ck_assert_int_eq(record.row.row_no, 14);
    ck_assert_uint_eq(at, len);
}
END_TEST

START_TEST(keys_put_rejected_rows_first_and_rows_by_their_moment)
{
    struct archive_rejected rejected = {ARCHIVE_NO_TIME, 99, ""};
    struct archive_row early = whole_row();
    struct archive_row late = whole_row();

    early.ended_at = ARCHIVE_EARLIEST;
    late.ended_at = ARCHIVE_EARLIEST + 1;
    ck_assert_int_lt(archive_record_key_of_rejected(&rejected), archive_record_key_of_row(&early));
    ck_assert_int_lt(archive_record_key_of_row(&early), archive_record_key_of_row(&late));
    late.ended_at = early.ended_at;
    ck_assert_int_eq(archive_record_key_of_row(&early), archive_record_key_of_row(&late));
}
END_TEST

Suite *archive_record_suite(void)
{
    Suite *suite = suite_create("archive_record");
    TCase *there = tcase_create("there and back");
    TCase *changed = tcase_create("changed");
    TCase *rules = tcase_create("rules");

    tcase_add_loop_test(there, the_rows_of_a_sample_survive, 0, SAMPLES);
    tcase_add_loop_test(there, any_row_that_is_decoded_survives, 0, 2);
    tcase_add_test(there, the_outermost_values_are_taken);
    tcase_add_test(there, the_largest_row_survives);
    tcase_add_test(there, records_stand_one_after_another);
    suite_add_tcase(suite, there);
    tcase_add_loop_test(changed, a_record_with_any_one_byte_changed_is_refused_or_sound, 0, 2);
    tcase_add_test(changed, a_record_that_is_cut_anywhere_is_refused);
    tcase_add_loop_test(changed, any_row_with_some_bytes_changed_is_refused_or_sound, 0, 2);
    suite_add_tcase(suite, changed);
    tcase_add_loop_test(rules, a_row_that_no_decoder_gives_is_refused, 0, WRONG);
    tcase_add_test(rules, a_nul_inside_of_a_text_is_refused);
    tcase_add_test(rules, a_rejected_row_with_a_control_in_its_excerpt_is_refused);
    tcase_add_test(rules, a_length_is_told_of_two_bytes_if_it_can_be_one);
    tcase_add_test(rules, keys_put_rejected_rows_first_and_rows_by_their_moment);
    suite_add_tcase(suite, rules);
    return suite;
}
