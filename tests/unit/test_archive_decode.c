/* SPDX-License-Identifier: MIT */
/* Rows of an export, from every known shape of file, in chunks of any size. */
#include "archive/decode.h"

#include <check.h>
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lib/archive_rows.h"
#include "lib/chance.h"
#include "lib/sample.h"

#define ROW_MS "{\"ts\":\"2020-01-01T00:00:00Z\",\"ms_played\":"

static char *dump(const char *text, size_t len, size_t chunk)
{
    struct buf lines = {0};

    archive_rows_dump(text, len, chunk, &lines);
    ck_assert(!lines.failed);
    return lines.data;
}

static void assert_dump(const char *text, const char *wanted)
{
    char *got = dump(text, strlen(text), 1000000);

    ck_assert_str_eq(got, wanted);
    free(got);
}

/* Decodes the beginning of a file; the row stands in the decoder. */
static struct archive_decoder *decode_first(const char *text, enum archive_step wanted)
{
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);

    archive_decoder_feed(decoder, text, strlen(text), true);
    ck_assert_int_eq(archive_decoder_next(decoder), wanted);
    return decoder;
}

/* --- every known shape --------------------------------------------------------------------- */

static const char *const samples[] = {
    "long-2025",     "endsong-2017", "short-music",  "short-podcast", "lines",      "joined",
    "mark",          "repaired",     "rejected",     "twice",         "empty-list", "not-list",
    "not-playlist",  "not-search",   "not-userdata", "broken-html",   "broken-nan", "broken-comma",
    "broken-behind", "short-book",   "not-songs"};

#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

static char *read_sample(int which, const char *ending, size_t *len)
{
    char name[64];

    snprintf(name, sizeof(name), "archive/%s.%s", samples[which], ending);
    return sample_read(name, len);
}

START_TEST(I5_a_sample_is_read_as_written_beside_it)
{
    size_t len;
    size_t wanted_len;
    char *text = read_sample(_i, "json", &len);
    char *wanted = read_sample(_i, "rows", &wanted_len);
    char *got = dump(text, len, len + 1);

    ck_assert_msg(strlen(got) == wanted_len && memcmp(got, wanted, wanted_len) == 0,
                  "%s was read as\n%s", samples[_i], got);
    free(got);
    free(wanted);
    free(text);
}
END_TEST

START_TEST(a_sample_is_read_the_same_in_chunks_of_1_to_64_bytes)
{
    size_t len;
    char *text = read_sample(_i, "json", &len);
    char *whole = dump(text, len, len + 1);

    for (size_t chunk = 1; chunk <= 64; chunk++) {
        char *parts = dump(text, len, chunk);

        ck_assert_msg(strcmp(parts, whole) == 0, "%s in chunks of %zu:\n%s", samples[_i], chunk,
                      parts);
        free(parts);
    }
    free(whole);
    free(text);
}
END_TEST

START_TEST(no_sample_is_forgotten)
{
    DIR *dir = opendir(TEST_SRCDIR "/tests/data/archive");
    const struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)) != NULL)
        count += strstr(entry->d_name, ".json") != NULL;
    closedir(dir);
    ck_assert_int_eq(count, SAMPLES);
}
END_TEST

/* --- generated rows ------------------------------------------------------------------------ */

/* Values of one generated row, and how they are written. */
struct made {
    int64_t at, ms;
    int number;
    int skipped;
    int64_t offline_at;
    bool offline_in_seconds;
};

static struct made make_row(struct chance *chance, int number)
{
    struct made made = {
        .at = (INT64_C(1300000000) + (int64_t)chance_below(chance, 400000000)) * 1000,
        .ms = (int64_t)chance_below(chance, 600000),
        .number = number,
        .skipped = (int)chance_below(chance, 3) - 1,
        .offline_at = (INT64_C(1300000000) + (int64_t)chance_below(chance, 400000000)) * 1000,
        .offline_in_seconds = chance_below(chance, 2) == 1,
    };
    return made;
}

static const char *const awkward[] = {"plain",
                                      "quote \\\" backslash \\\\ slash \\/",
                                      "\\ud83d\\ude00 pair",
                                      "Bj\xc3\xb6rk \xe6\x97\xa5\xe6\x9c\xac",
                                      "tab\\tnew\\nline",
                                      ""};
static const char *const awkward_read[] = {"plain",
                                           "quote \" backslash \\ slash /",
                                           "\xf0\x9f\x98\x80 pair",
                                           "Bj\xc3\xb6rk \xe6\x97\xa5\xe6\x9c\xac",
                                           "tab\tnew\nline",
                                           ""};
#define AWKWARD (sizeof(awkward) / sizeof(awkward[0]))

/* Members in a random order, with blanks and unknown keys between them. */
static void write_row(struct chance *chance, struct buf *text, const struct made *made)
{
    static const char *const between[] = {",", " , ", ",\n  ", ",\"later\":[1,{\"ts\":2}],"};
    static const char *const flags[] = {"null", "false", "true"};
    char time[TEXT_TIME_SIZE];
    uint64_t first = chance_below(chance, 6);

    text_time_format(made->at, time);
    time[19] = '\0';
    buf_add_text(text, "{");
    for (uint64_t i = 0; i < 6; i++) {
        if (i > 0)
            buf_add_text(text, CHANCE_PICK(chance, between));
        switch ((first + i) % 6) {
        case 0:
            buf_addf(text, "\"ts\": \"%sZ\"", time);
            break;
        case 1:
            buf_addf(text, "\"ms_played\":%" PRId64 "%s", made->ms,
                     chance_below(chance, 2) == 0 ? "" : ".0");
            break;
        case 2:
            buf_addf(text, "\"master_metadata_track_name\":\"%s\"",
                     awkward[(size_t)made->number % AWKWARD]);
            break;
        case 3:
            buf_addf(text, "\"spotify_track_uri\" :\"spotify:track:%022d\"", made->number);
            break;
        case 4:
            buf_addf(text, "\"skipped\":%s", flags[made->skipped + 1]);
            break;
        default:
            buf_addf(text, "\"offline_timestamp\":%" PRId64,
                     made->offline_in_seconds ? made->offline_at / 1000 : made->offline_at);
        }
    }
    buf_add_text(text, "}");
}

static void assert_row(const struct archive_row *row, const struct made *made)
{
    char uri[64];

    snprintf(uri, sizeof(uri), "spotify:track:%022d", made->number);
    ck_assert_int_eq(row->row_no, made->number + 1);
    ck_assert_int_eq(row->ended_at, made->at);
    ck_assert_int_eq(row->ms_played, made->ms);
    ck_assert_int_eq(row->skipped, made->skipped);
    ck_assert_int_eq(row->offline_at, made->offline_at);
    ck_assert_str_eq(row->uri, uri);
    ck_assert_str_eq(row->name, awkward_read[(size_t)made->number % AWKWARD]);
}

#define MADE_ROWS 60

START_TEST(written_rows_are_read_back_at_any_size_of_chunks)
{
    struct chance chance = chance_open("written_rows_are_read_back_at_any_size_of_chunks");
    struct made made[MADE_ROWS];
    struct buf text = {0};

    buf_add_text(&text, "[");
    for (int i = 0; i < MADE_ROWS; i++) {
        made[i] = make_row(&chance, i);
        buf_add_text(&text, i > 0 ? ",\n" : "");
        write_row(&chance, &text, &made[i]);
    }
    buf_add_text(&text, "]");
    for (size_t chunk = 1; chunk <= 64; chunk++) {
        struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
        enum archive_step step = ARCHIVE_STEP_MORE;
        size_t at = 0;
        int rows = 0;

        for (; step == ARCHIVE_STEP_MORE || step == ARCHIVE_STEP_ROW;
             step = archive_decoder_next(decoder)) {
            size_t part = text.len - at < chunk ? text.len - at : chunk;

            if (step == ARCHIVE_STEP_ROW) {
                assert_row(archive_decoder_row(decoder), &made[rows++]);
                continue;
            }
            archive_decoder_feed(decoder, text.data + at, part, at + part == text.len);
            at += part;
        }
        ck_assert_int_eq(step, ARCHIVE_STEP_END);
        ck_assert_int_eq(rows, MADE_ROWS);
        archive_decoder_free(decoder);
    }
    buf_free(&text, false);
}
END_TEST

/* --- broken files -------------------------------------------------------------------------- */

START_TEST(I2_a_file_cut_anywhere_gives_the_rows_before_the_cut_and_the_place)
{
    size_t len;
    char *text = read_sample(0, "json", &len);
    char *whole = dump(text, len, len + 1);

    while (len > 0 && text[len - 1] != ']')
        len--;
    for (size_t cut = 0; cut < len; cut++) {
        char *got = dump(text, cut, 512);
        char *error = strstr(got, "error at ");
        char wanted[64];

        snprintf(wanted, sizeof(wanted), "error at %zu: the text ends too early\n", cut);
        ck_assert_msg(error != NULL && strcmp(error, wanted) == 0, "cut at %zu: %s", cut, got);
        ck_assert_msg(strncmp(got, whole, (size_t)(error - got)) == 0, "cut at %zu: %s", cut, got);
        free(got);
    }
    free(whole);
    free(text);
}
END_TEST

START_TEST(I8_nesting_without_end_is_an_error_and_no_crash)
{
    size_t len = 1000000;
    char *text = malloc(len);
    char *got;

    memset(text, '[', len);
    got = dump(text, len, 65536);
    ck_assert_ptr_nonnull(strstr(got, "nested too deeply"));
    free(got);
    free(text);
}
END_TEST

START_TEST(an_error_stays)
{
    struct archive_decoder *decoder = decode_first("{]", ARCHIVE_STEP_ERROR);

    ck_assert_int_eq(archive_decoder_next(decoder), ARCHIVE_STEP_ERROR);
    archive_decoder_free(decoder);
}
END_TEST

START_TEST(a_decoder_begins_anew)
{
    struct archive_decoder *decoder = decode_first("{]", ARCHIVE_STEP_ERROR);
    const char *text = "[" ROW_MS "1,\"spotify_track_uri\":\"spotify:track:1\"}]";

    archive_decoder_reset(decoder);
    archive_decoder_feed(decoder, text, strlen(text), true);
    ck_assert_int_eq(archive_decoder_next(decoder), ARCHIVE_STEP_ROW);
    ck_assert_int_eq(archive_decoder_row(decoder)->row_no, 1);
    ck_assert_int_eq(archive_decoder_next(decoder), ARCHIVE_STEP_END);
    ck_assert_int_eq(archive_decoder_offset(decoder), strlen(text));
    archive_decoder_free(decoder);
}
END_TEST

/* --- single rules -------------------------------------------------------------------------- */

START_TEST(a_long_name_is_cut_at_a_character)
{
    struct archive_decoder *decoder;
    struct buf text = {0};
    const char *name;

    buf_add_text(&text, "[" ROW_MS "1,\"master_metadata_track_name\":\"");
    for (int i = 0; i < 600; i++)
        buf_add_text(&text, "\xe6\x97\xa5");
    buf_add_text(&text, "\"}]");
    decoder = decode_first(text.data, ARCHIVE_STEP_ROW);
    name = archive_decoder_row(decoder)->name;
    ck_assert_uint_eq(strlen(name), (ARCHIVE_TEXT_MAX - 1) / 3 * 3);
    ck_assert(text_utf8_valid(name, strlen(name)));
    archive_decoder_free(decoder);
    buf_free(&text, false);
}
END_TEST

START_TEST(a_uri_that_is_too_long_is_rejected)
{
    struct archive_decoder *decoder;
    struct buf text = {0};

    buf_add_text(&text, "[" ROW_MS "1,\"spotify_track_uri\":\"spotify:local:");
    for (int i = 0; i < 200; i++)
        buf_add_text(&text, "abcdef");
    buf_add_text(&text, "\"}]");
    decoder = decode_first(text.data, ARCHIVE_STEP_REJECTED);
    ck_assert_int_eq(archive_decoder_rejected(decoder)->reason, ARCHIVE_BAD_URI);
    ck_assert_uint_le(strlen(archive_decoder_rejected(decoder)->excerpt), 200);
    archive_decoder_free(decoder);
    buf_free(&text, false);
}
END_TEST

START_TEST(an_excerpt_is_short_printable_and_tells_nobody)
{
    static const char private_parts[][16] = {"somebody", "192.0.2.7", "Mozilla", "2001:db8"};
    struct archive_decoder *decoder;
    struct buf text = {0};
    const char *excerpt;

    buf_add_text(&text,
                 "[{\"username\":\"somebody\",\"ip_addr\":\"192.0.2.7\",\"ip_addr_decrypted\":"
                 "\"2001:db8::1\",\"user_agent_decrypted\":\"Mozilla\",\"ts\":\"\\u001b[31m");
    for (int i = 0; i < 500; i++)
        buf_add_text(&text, "\xe2\x80\xa8");
    buf_add_text(&text, "\",\"ms_played\":1,\"master_metadata_track_name\":\"");
    for (int i = 0; i < 500; i++)
        buf_add_text(&text, "\\u202e");
    buf_add_text(&text, "\",\"master_metadata_album_artist_name\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]");
    decoder = decode_first(text.data, ARCHIVE_STEP_REJECTED);
    excerpt = archive_decoder_rejected(decoder)->excerpt;
    ck_assert_uint_le(strlen(excerpt), 200);
    ck_assert(text_printable(excerpt, strlen(excerpt)));
    for (size_t i = 0; i < sizeof(private_parts) / sizeof(private_parts[0]); i++)
        ck_assert_ptr_null(strstr(excerpt, private_parts[i]));
    archive_decoder_free(decoder);
    buf_free(&text, false);
}
END_TEST

static const struct offline_case {
    const char *text;
    int64_t at;
} offline_cases[] = {
    {"1772494825", INT64_C(1772494825000)},
    {"1772494825330", INT64_C(1772494825330)},
    {"\"1772494825\"", INT64_C(1772494825000)},
    {"1772494825.0", INT64_C(1772494825000)},
    {"0", CLOCK_NO_TIME},
    {"null", CLOCK_NO_TIME},
    {"-1772494825", CLOCK_NO_TIME},
    {"17", CLOCK_NO_TIME},
    {"177249482533000", CLOCK_NO_TIME},
    {"9223372036854775807", CLOCK_NO_TIME},
    {"1e400", CLOCK_NO_TIME},
    {"true", CLOCK_NO_TIME},
    {"[1772494825]", CLOCK_NO_TIME},
};

START_TEST(an_offline_moment_is_in_seconds_or_milliseconds_or_none)
{
    struct archive_decoder *decoder;
    char text[256];

    snprintf(text, sizeof(text),
             "[" ROW_MS "1,\"master_metadata_track_name\":\"a\",\"offline_timestamp\":%s}]",
             offline_cases[_i].text);
    decoder = decode_first(text, ARCHIVE_STEP_ROW);
    ck_assert_int_eq(archive_decoder_row(decoder)->offline_at, offline_cases[_i].at);
    archive_decoder_free(decoder);
}
END_TEST

static const struct {
    const char *text;
    int64_t at;
} time_cases[] = {
    {"2020-01-01T00:00:01Z", INT64_C(1577836801000)},
    {"2020-01-01T00:00", INT64_C(1577836800000)},
    {"2020-01-01 00:00", INT64_C(1577836800000)},
    {"2020-01-01T00:00:01", INT64_C(1577836801000)},
    {"2020-01-01x00:00", CLOCK_NO_TIME},
    {"2020-01-01 00:00:x1", CLOCK_NO_TIME},
};

START_TEST(a_moment_has_one_of_three_forms)
{
    struct archive_decoder *decoder;
    char text[256];
    bool known = time_cases[_i].at != CLOCK_NO_TIME;

    snprintf(text, sizeof(text),
             "[{\"ts\":\"%s\",\"ms_played\":1,\"master_metadata_track_name\":\"a\"}]",
             time_cases[_i].text);
    decoder = decode_first(text, known ? ARCHIVE_STEP_ROW : ARCHIVE_STEP_REJECTED);
    ck_assert(!known || archive_decoder_row(decoder)->ended_at == time_cases[_i].at);
    archive_decoder_free(decoder);
}
END_TEST

static const struct {
    const char *text;
    enum archive_flag flag;
} flag_cases[] = {
    {"true", ARCHIVE_YES},       {"false", ARCHIVE_NO},      {"1", ARCHIVE_YES},
    {"0", ARCHIVE_NO},           {"null", ARCHIVE_NOT_TOLD}, {"2", ARCHIVE_NOT_TOLD},
    {"-1", ARCHIVE_NOT_TOLD},    {"0.5", ARCHIVE_NOT_TOLD},  {"1e400", ARCHIVE_NOT_TOLD},
    {"\"1\"", ARCHIVE_NOT_TOLD}, {"[1]", ARCHIVE_NOT_TOLD},
};

static const struct {
    const char *exact;
    int64_t at;
} exact_cases[] = {
    {"2020-01-01T00:00:00.123Z", INT64_C(1577836800123)},
    {"2020-01-01T00:00:01.123Z", INT64_C(1577836800000)}, /* of another second */
    {"soon", INT64_C(1577836800000)},
};

START_TEST(what_our_own_export_says_besides_is_taken_if_it_is_of_the_same_second)
{
    struct archive_decoder *decoder;
    char text[256];

    snprintf(text, sizeof(text),
             "[" ROW_MS "1,\"master_metadata_track_name\":\"a\",\"historyd_played_at\":\"%s\"}]",
             exact_cases[_i].exact);
    decoder = decode_first(text, ARCHIVE_STEP_ROW);
    ck_assert_int_eq(archive_decoder_row(decoder)->ended_at, exact_cases[_i].at);
    archive_decoder_free(decoder);
}
END_TEST

START_TEST(a_flag_is_a_truth_value_or_0_or_1)
{
    struct archive_decoder *decoder;
    char text[256];

    snprintf(text, sizeof(text),
             "[" ROW_MS "1,\"master_metadata_track_name\":\"a\",\"shuffle\":%s}]",
             flag_cases[_i].text);
    decoder = decode_first(text, ARCHIVE_STEP_ROW);
    ck_assert_int_eq(archive_decoder_row(decoder)->shuffle, flag_cases[_i].flag);
    archive_decoder_free(decoder);
}
END_TEST

START_TEST(the_last_of_sixteen_strange_elements_may_precede_a_history)
{
    static const char text[] = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1," ROW_MS "-1}," ROW_MS
                               "1,\"master_metadata_track_name\":\"a\"}]";
    char *got = dump(text, strlen(text), 7);
    int rejected = 0;

    for (const char *at = got; (at = strstr(at, "not_object")) != NULL; at++)
        rejected++;
    ck_assert_int_eq(rejected, ARCHIVE_STRANGE_MAX);
    ck_assert_ptr_nonnull(strstr(got, "\n17 bad_ms"));
    ck_assert_ptr_nonnull(strstr(got, "\n18 long"));
    ck_assert_ptr_nonnull(strstr(got, "\nend of long form"));
    free(got);
}
END_TEST

START_TEST(seventeen_strange_elements_are_no_history)
{
    assert_dump("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1," ROW_MS "1}]", "no history\n");
}
END_TEST

START_TEST(every_reason_has_a_name)
{
    for (int i = 0; i < ARCHIVE_REJECTS; i++)
        ck_assert_str_ne(archive_reject_name((enum archive_reject)i), "unknown");
    ck_assert_str_eq(archive_reject_name((enum archive_reject)99), "unknown");
}
END_TEST

/* --- memory -------------------------------------------------------------------------------- */

#define MANY 1000000
#define BLOCK_ROWS 100

static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

START_TEST(I1_a_million_rows_take_no_more_memory_than_one)
{
    struct chance chance = chance_from(5);
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
    struct buf block = {0};
    size_t before;
    size_t most = 0;
    int rows = 0;

    for (int i = 0; i < BLOCK_ROWS; i++) {
        struct made made = make_row(&chance, i);

        write_row(&chance, &block, &made);
        buf_add_text(&block, ",");
    }
    before = bytes_in_use();
    archive_decoder_feed(decoder, "[", 1, false);
    ck_assert_int_eq(archive_decoder_next(decoder), ARCHIVE_STEP_MORE);
    while (rows < MANY) {
        archive_decoder_feed(decoder, block.data, block.len, false);
        while (archive_decoder_next(decoder) == ARCHIVE_STEP_ROW)
            rows++;
        if (bytes_in_use() > most)
            most = bytes_in_use();
    }
    ck_assert_int_eq(rows, MANY);
    ck_assert_uint_lt(most, before + (size_t)64 * 1024);
    archive_decoder_free(decoder);
    buf_free(&block, false);
}
END_TEST

Suite *archive_decode_suite(void)
{
    Suite *suite = suite_create("archive_decode");
    TCase *shapes = tcase_create("shapes");
    TCase *broken = tcase_create("broken");
    TCase *rules = tcase_create("rules");
    TCase *memory = tcase_create("memory");

    tcase_add_loop_test(shapes, I5_a_sample_is_read_as_written_beside_it, 0, SAMPLES);
    tcase_add_loop_test(shapes, a_sample_is_read_the_same_in_chunks_of_1_to_64_bytes, 0, SAMPLES);
    tcase_add_test(shapes, no_sample_is_forgotten);
    tcase_add_test(shapes, written_rows_are_read_back_at_any_size_of_chunks);
    suite_add_tcase(suite, shapes);

    tcase_add_test(broken, I2_a_file_cut_anywhere_gives_the_rows_before_the_cut_and_the_place);
    tcase_add_test(broken, I8_nesting_without_end_is_an_error_and_no_crash);
    tcase_add_test(broken, an_error_stays);
    tcase_add_test(broken, a_decoder_begins_anew);
    suite_add_tcase(suite, broken);

    tcase_add_test(rules, a_long_name_is_cut_at_a_character);
    tcase_add_test(rules, a_uri_that_is_too_long_is_rejected);
    tcase_add_test(rules, an_excerpt_is_short_printable_and_tells_nobody);
    tcase_add_loop_test(rules, an_offline_moment_is_in_seconds_or_milliseconds_or_none, 0,
                        (int)(sizeof(offline_cases) / sizeof(offline_cases[0])));
    tcase_add_loop_test(rules, a_moment_has_one_of_three_forms, 0,
                        (int)(sizeof(time_cases) / sizeof(time_cases[0])));
    tcase_add_loop_test(rules,
                        what_our_own_export_says_besides_is_taken_if_it_is_of_the_same_second, 0,
                        (int)(sizeof(exact_cases) / sizeof(exact_cases[0])));
    tcase_add_loop_test(rules, a_flag_is_a_truth_value_or_0_or_1, 0,
                        (int)(sizeof(flag_cases) / sizeof(flag_cases[0])));
    tcase_add_test(rules, the_last_of_sixteen_strange_elements_may_precede_a_history);
    tcase_add_test(rules, seventeen_strange_elements_are_no_history);
    tcase_add_test(rules, every_reason_has_a_name);
    suite_add_tcase(suite, rules);

    tcase_set_timeout(memory, 20);
    tcase_add_test(memory, I1_a_million_rows_take_no_more_memory_than_one);
    suite_add_tcase(suite, memory);
    return suite;
}
