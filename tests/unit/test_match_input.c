/* SPDX-License-Identifier: MIT */
/* What matching is handed: pieces that cannot be are refused, names are compared as people read
 * them, and where memory is missing nothing is matched. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/intake.h"
#include "archive/match.h"
#include "base/clock.h"
#include "lib/nth_call.h"
#include "lib/zip_make.h"
#include "store_help.h"

#define AT STORE_HELP_T0
#define STORED 2

static struct match_piece sound(void)
{
    return (struct match_piece){.at = AT,
                                .ms_played = 60000,
                                .offline_at = CLOCK_NO_TIME,
                                .source = (enum match_source)0,
                                .play = MATCH_NONE};
}

static bool solve(const struct match_piece *pieces, size_t count)
{
    struct match_input input = {.pieces = pieces, .count = count, .stored = STORED};
    struct match_result result;
    struct arena arena = {0};
    bool solved = match_solve(&input, &arena, &result);

    arena_free(&arena);
    return solved;
}

static void too_early(struct match_piece *piece)
{
    piece->at = INT64_MIN;
}

static void too_late(struct match_piece *piece)
{
    piece->at = INT64_MAX;
}

static void of_no_source(struct match_piece *piece)
{
    piece->source = MATCH_SOURCES;
}

static void offline_too_late(struct match_piece *piece)
{
    piece->offline_at = INT64_MAX;
}

static void of_less_than_nothing(struct match_piece *piece)
{
    piece->ms_played = -2;
}

static void too_long(struct match_piece *piece)
{
    piece->ms_played = INT64_MAX;
}

static void of_a_play_that_is_not_there(struct match_piece *piece)
{
    piece->play = STORED;
}

static void gone_and_of_no_play(struct match_piece *piece)
{
    piece->gone = true;
}

static void (*const spoilt[])(struct match_piece *piece) = {
    too_early,
    too_late,
    of_no_source,
    offline_too_late,
    of_less_than_nothing,
    too_long,
    of_a_play_that_is_not_there,
    gone_and_of_no_play,
};

START_TEST(a_piece_that_cannot_be_is_refused_wherever_it_stands)
{
    struct match_piece pieces[2] = {sound(), sound()};

    ck_assert(solve(pieces, 2));
    spoilt[_i](&pieces[1]);
    ck_assert(!solve(pieces, 2));
    ck_assert(solve(pieces, 1));
}
END_TEST

START_TEST(matching_without_memory_says_so)
{
    struct match_piece pieces[2] = {sound(), sound()};
    bool fired = true;
    int failures = 0;

    pieces[1].play = 0;
    for (long k = 1; fired; k++) {
        bool solved;

        nth_call_order(NTH_CALL_MEMORY, k);
        solved = solve(pieces, 2);
        fired = nth_call_end();
        ck_assert_int_eq(solved, !fired);
        failures += !solved;
    }
    ck_assert_int_ge(failures, 1);
}
END_TEST

/* -- names --------------------------------------------------------------------------------------- */

static const struct {
    const char *one, *other;
    bool same;
} names[] = {
    {"HELLO", "hello", true},
    {"\u00c9t\u00e9", "\u00e9t\u00e9", true},
    {"\u00de", "\u00fe", true},
    {"\u00d7", "\u00f7", false}, /* times is not divided by */
    {"@[`", "@[`", true},
    {"[", "{", false},
    {"it's", "it\u2018s", true},
    {"it's", "it\u2019s", true},
    {"it's", "it\u2032s", true},
    {"it's", "it\u02bcs", true},
    {"it's", "it`s", true},
    {"it's", "it\u00b4s", true},
    {"\"a\"", "\u201ca\u201d", true},
    {"12\"", "12\u2033", true},
    {"a-b", "a\u2010b", true},
    {"a-b", "a\u2015b", true},
    {"a-b", "a\u2212b", true},
    {"a-b", "a\u2016b", false},
    {"a b", "a\u00a0b", true},
    {"a b", "a\u2003b", true},
    {"a b", "a\u202fb", true},
    {"a b", "a\u3000 \tb ", true},
    {"a b", "ab", false},
    {"ab", "a\u200bb", true},
    {"ab",
     "\ufeff"
     "ab",
     true},
    {"a\xff", "a\xfe", false}, /* no UTF-8 */
    {"\u4f60", "\u597d", false},
};

START_TEST(names_are_the_same_when_only_their_case_blanks_quotes_or_dashes_differ)
{
    uint64_t one = match_name_key(names[_i].one, "x"), other = match_name_key(names[_i].other, "x");

    ck_assert_msg((one == other) == names[_i].same, "%s and %s", names[_i].one, names[_i].other);
}
END_TEST

/* -- how much there is --------------------------------------------------------------------------- */

static void write_text(const char *name, const char *text)
{
    store_help_write(store_help_path(name), text, strlen(text), 0600);
}

static int64_t measure(const char *one, const char *other)
{
    const char *const paths[] = {one, other};

    return archive_intake_measure(paths, 2, NULL);
}

START_TEST(files_are_measured_before_they_are_read_unless_that_would_use_them_up)
{
    char one[300], other[300];

    snprintf(one, sizeof(one), "%s", store_help_path("one.json"));
    snprintf(other, sizeof(other), "%s", store_help_path("other"));
    write_text("one.json", "[1]");
    write_text("other", "[22]");
    ck_assert_int_eq(measure(one, other), 7);
    ck_assert_int_eq(measure(one, "-"), -1);
    ck_assert_int_eq(measure(one, store_help_path("none")), -1);
    ck_assert_int_eq(measure(one, "/dev/null"), -1);
    ck_assert_int_eq(measure(store_help_folder(), one), 6);
    write_text("broken.zip", "PK\3\4 and no more");
    ck_assert_int_eq(measure(store_help_folder(), one), 6);
}
END_TEST

/* -- zips on pipes ------------------------------------------------------------------------------- */

static int pipe_with(const char *zip, size_t len)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(write(ends[1], zip, len), (ssize_t)len);
    close(ends[1]);
    return ends[0];
}

/* What is read of the zip's member; -1: it cannot be had, -3: nor is it said why. */
static int64_t read_piped(int fd)
{
    struct archive_source *source;
    char error[300] = "", text[100];
    int64_t got = -1;

    source = archive_source_open_fd(fd, "x", NULL, error, sizeof(error));
    if (source && archive_source_next(source) == ARCHIVE_SOURCE_FILE)
        got = archive_source_read(source, text, sizeof(text));
    else if (!source && !error[0])
        got = -3;
    archive_source_close(source);
    return got;
}

static const enum nth_call_kind kinds[] = {NTH_CALL_MEMORY, NTH_CALL_FILE, NTH_CALL_GONE,
                                           NTH_CALL_LIBRARY};

START_TEST(a_zip_on_a_pipe_is_had_whole_or_refused_with_a_word)
{
    const struct zip_entry entries[] = {{.name = "a.json", .data = "[1,2]", .len = 5}};
    size_t len;
    char *zip = zip_make(entries, 1, &len);
    bool fired = true;
    int failures = 0;

    for (long k = 1; fired; k++) {
        int64_t got;

        int fd = pipe_with(zip, len);

        nth_call_order(kinds[_i], k);
        got = read_piped(fd);
        fired = nth_call_end();
        ck_assert_msg(got == 5 || (fired && got == -1), "call %ld: %lld", k, (long long)got);
        failures += got != 5;
    }
    ck_assert_int_ge(failures, 1);
    free(zip);
}
END_TEST

Suite *match_input_suite(void);

Suite *match_input_suite(void)
{
    Suite *suite = suite_create("match_input");
    TCase *tcase = tcase_create("input");

    tcase_add_checked_fixture(tcase, store_help_setup, store_help_teardown);
    tcase_add_loop_test(tcase, a_piece_that_cannot_be_is_refused_wherever_it_stands, 0,
                        sizeof(spoilt) / sizeof(spoilt[0]));
    tcase_add_test(tcase, matching_without_memory_says_so);
    tcase_add_loop_test(tcase,
                        names_are_the_same_when_only_their_case_blanks_quotes_or_dashes_differ, 0,
                        sizeof(names) / sizeof(names[0]));
    tcase_add_test(tcase, files_are_measured_before_they_are_read_unless_that_would_use_them_up);
    tcase_add_loop_test(tcase, a_zip_on_a_pipe_is_had_whole_or_refused_with_a_word, 0,
                        sizeof(kinds) / sizeof(kinds[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
