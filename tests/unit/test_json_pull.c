/* SPDX-License-Identifier: MIT */
/* The tokeniser: what it accepts, what it says, in one piece and in many. */
#include "base/json_pull.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lib/count.h"
#include "lib/json_tree.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* --- a trace of tokens -------------------------------------------------------------------- */

static void trace_text(struct buf *trace, const struct json_pull *pull)
{
    char escaped[2000];
    size_t len;
    const char *text = json_pull_text(pull, &len);

    buf_addf(trace, "<%s>", text_excerpt(text, len, escaped, sizeof(escaped)));
}

static void trace_token(struct buf *trace, const struct json_pull *pull, enum json_token token)
{
    static const char *const signs[] = {
        [JSON_TOKEN_END] = ".",        [JSON_TOKEN_OBJECT_BEGIN] = "{",
        [JSON_TOKEN_OBJECT_END] = "}", [JSON_TOKEN_ARRAY_BEGIN] = "[",
        [JSON_TOKEN_ARRAY_END] = "]",  [JSON_TOKEN_KEY] = "k",
        [JSON_TOKEN_STRING] = "s",     [JSON_TOKEN_NUMBER] = "n",
        [JSON_TOKEN_TRUE] = "T",       [JSON_TOKEN_FALSE] = "F",
        [JSON_TOKEN_NULL] = "N",
    };

    if (token == JSON_TOKEN_ERROR) {
        uint64_t offset;
        const char *error = json_pull_error(pull, &offset);

        buf_addf(trace, "!%" PRIu64 " %s", offset, error);
        return;
    }
    buf_addf(trace, "%s%zu", signs[token], json_pull_depth(pull));
    if (token == JSON_TOKEN_KEY || token == JSON_TOKEN_STRING || token == JSON_TOKEN_NUMBER)
        trace_text(trace, pull);
}

/* Tokens of a text that is fed in pieces which end at the given offsets, the last one at its end.
 */
static char *trace_pieces(const char *text, const size_t *ends, size_t count)
{
    struct json_pull *pull = json_pull_new();
    struct buf trace = {0};
    char *piece = NULL;
    size_t fed = 0;
    enum json_token token = JSON_TOKEN_MORE;

    for (size_t i = 0; i < count && token == JSON_TOKEN_MORE; i++) {
        free(piece);
        piece = malloc(ends[i] - fed + 1);
        memcpy(piece, text + fed, ends[i] - fed);
        piece[ends[i] - fed] = '"'; /* something that would be taken if one looked too far */
        json_pull_feed(pull, piece, ends[i] - fed, i == count - 1);
        fed = ends[i];
        while ((token = json_pull_next(pull)) != JSON_TOKEN_MORE) {
            trace_token(&trace, pull, token);
            if (token == JSON_TOKEN_ERROR || token == JSON_TOKEN_END)
                break;
        }
        ck_assert_int_eq(json_pull_next(pull), token); /* the three stay what they are */
    }
    free(piece);
    json_pull_free(pull);
    return trace.data;
}

static char *trace_whole(const char *text, size_t len)
{
    return trace_pieces(text, &len, 1);
}

/* --- what is accepted --------------------------------------------------------------------- */

static const struct good_case {
    const char *text;
    size_t len;
    const char *trace;
} good[] = {
    {TEXT("{}"), "{1}0.0"},
    {TEXT("[]"), "[1]0.0"},
    {TEXT(" \t\r\n[ \n] \t"), "[1]0.0"},
    {TEXT("null"), "N0.0"},
    {TEXT("true"), "T0.0"},
    {TEXT("false"), "F0.0"},
    {TEXT("\"\""), "s0<>.0"},
    {TEXT("\"abc\""), "s0<abc>.0"},
    {TEXT("0"), "n0<0>.0"},
    {TEXT("-0"), "n0<-0>.0"},
    {TEXT("123"), "n0<123>.0"},
    {TEXT("-1.50e+07"), "n0<-1.50e+07>.0"},
    {TEXT("1E-2 "), "n0<1E-2>.0"},
    {TEXT("0.0"), "n0<0.0>.0"},
    {TEXT("0e0"), "n0<0e0>.0"},
    {TEXT("1e400"), "n0<1e400>.0"},
    {TEXT("99999999999999999999999999999999"), "n0<99999999999999999999999999999999>.0"},
    {TEXT("[1,2]"), "[1n1<1>n1<2>]0.0"},
    {TEXT("[[],{}]"), "[1[2]1{2}1]0.0"},
    {TEXT("[true,false,null]"), "[1T1F1N1]0.0"},
    {TEXT("{\"a\":1,\"b\":[{\"c\":null}]}"), "{1k1<a>n1<1>k1<b>[2{3k3<c>N3}2]1}0.0"},
    {TEXT("{ \"a\" : 1 , \"b\" : \"x\" }"), "{1k1<a>n1<1>k1<b>s1<x>}0.0"},
    {TEXT("{\"\":0}"), "{1k1<>n1<0>}0.0"},
    {TEXT("{\"a\":1,\"a\":2}"), "{1k1<a>n1<1>k1<a>n1<2>}0.0"},
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "s0<\"\\\\/\\x08\\x0c\\x0a\\x0d\\x09>.0"},
    {TEXT("\"\\u0041\\u00fc\\u20AC\\ud83c\\udfb5\""),
     "s0<A\xc3\xbc\xe2\x82\xac\xf0\x9f\x8e\xb5>.0"},
    {TEXT("\"\\uD834\\uDD1E\""), "s0<\xf0\x9d\x84\x9e>.0"},
    {TEXT("\"\\uffff\\ue000\\ud7ff\""), "s0<\xef\xbf\xbf\xee\x80\x80\xed\x9f\xbf>.0"},
    {TEXT("\"a\\u0000b\""), "s0<a\\x00b>.0"},
    {TEXT("\"x\\ny\""), "s0<x\\x0ay>.0"},
    {TEXT("\"\x7f\""), "s0<\\x7f>.0"},
    {TEXT("\"Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8e\xb5 \xe2\x82\xac\""),
     "s0<Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8e\xb5 \xe2\x82\xac>.0"},
    {TEXT("{\"k\\u00e9y\":1}"), "{1k1<k\xc3\xa9y>n1<1>}0.0"},
    {TEXT("\xef\xbb\xbf{}"), "{1}0.0"},
    {TEXT("\xef\xbb\xbf \"x\""), "s0<x>.0"},
    {TEXT("[\"0123456789012345678901234567890123456789\\n0123456789\xc3\xbc\",-1.5e3,true]"),
     "[1s1<0123456789012345678901234567890123456789\\x0a0123456789\xc3\xbc>n1<-1.5e3>T1]0.0"},
};

static const struct bad_case {
    const char *text;
    size_t len;
    uint64_t offset;
    const char *error;
} bad[] = {
    {TEXT(""), 0, "the text ends too early"},
    {TEXT("  "), 2, "the text ends too early"},
    {TEXT("{"), 1, "the text ends too early"},
    {TEXT("["), 1, "the text ends too early"},
    {TEXT("[1"), 2, "the text ends too early"},
    {TEXT("[1,"), 3, "the text ends too early"},
    {TEXT("{\"a\""), 4, "the text ends too early"},
    {TEXT("{\"a\":"), 5, "the text ends too early"},
    {TEXT("\"abc"), 4, "the text ends too early"},
    {TEXT("\"abc\\"), 5, "the text ends too early"},
    {TEXT("\"\\u12"), 5, "the text ends too early"},
    {TEXT("\"\\ud83c"), 7, "the text ends too early"},
    {TEXT("\"\xe2\x82"), 3, "the text ends too early"},
    {TEXT("tru"), 3, "the text ends too early"},
    {TEXT("-"), 1, "the text ends too early"},
    {TEXT("1."), 2, "the text ends too early"},
    {TEXT("1e"), 2, "the text ends too early"},
    {TEXT("1e+"), 3, "the text ends too early"},
    {TEXT("\xef\xbb\xbf"), 3, "the text ends too early"},
    {TEXT("\xef\xbb"), 2, "the text ends too early"},
    {TEXT("\xef\xbb{}"), 2, "a value is expected"},
    {TEXT("\xef\xbb\xbf\xef\xbb\xbf{}"), 3, "a value is expected"},
    {TEXT(" \xef\xbb\xbf{}"), 1, "a value is expected"},
    {TEXT("[1,]"), 3, "a value is expected"},
    {TEXT("[,1]"), 1, "a value is expected"},
    {TEXT("[1 2]"), 3, "a comma or an end is expected"},
    {TEXT("[1}"), 2, "a comma or an end is expected"},
    {TEXT("[}"), 1, "a value is expected"},
    {TEXT("{]"), 1, "a key is expected"},
    {TEXT("{,}"), 1, "a key is expected"},
    {TEXT("{\"a\":1,}"), 7, "a key is expected"},
    {TEXT("{\"a\" 1}"), 5, "a colon is expected"},
    {TEXT("{\"a\":}"), 5, "a value is expected"},
    {TEXT("{\"a\"::1}"), 5, "a value is expected"},
    {TEXT("{\"a\":1:2}"), 6, "a comma or an end is expected"},
    {TEXT("{1:2}"), 1, "a key is expected"},
    {TEXT("{a:2}"), 1, "a key is expected"},
    {TEXT("{'a':2}"), 1, "a key is expected"},
    {TEXT("{\"a\":1]"), 6, "a comma or an end is expected"},
    {TEXT("[[1}]"), 3, "a comma or an end is expected"},
    {TEXT("[{\"a\":1]]"), 7, "a comma or an end is expected"},
    {TEXT("]"), 0, "a value is expected"},
    {TEXT("{}}"), 2, "something follows the value"},
    {TEXT("1 2"), 2, "something follows the value"},
    {TEXT("{}x"), 2, "something follows the value"},
    {TEXT("\"a\"\"b\""), 3, "something follows the value"},
    {TEXT("null\0"), 4, "something follows the value"},
    {TEXT("01"), 1, "something follows the value"},
    {TEXT("[01]"), 2, "a comma or an end is expected"},
    {TEXT("-01"), 2, "something follows the value"},
    {TEXT("+1"), 0, "a value is expected"},
    {TEXT(".5"), 0, "a value is expected"},
    {TEXT("[-]"), 2, "invalid number"},
    {TEXT("[1.]"), 3, "invalid number"},
    {TEXT("[1.e3]"), 3, "invalid number"},
    {TEXT("[1e]"), 3, "invalid number"},
    {TEXT("[1e+]"), 4, "invalid number"},
    {TEXT("[--1]"), 2, "invalid number"},
    {TEXT("[1-1]"), 2, "a comma or an end is expected"},
    {TEXT("[0x10]"), 2, "a comma or an end is expected"},
    {TEXT("[1_000]"), 2, "a comma or an end is expected"},
    {TEXT("NaN"), 0, "a value is expected"},
    {TEXT("[nan]"), 2, "invalid literal"},
    {TEXT("Infinity"), 0, "a value is expected"},
    {TEXT("[-Infinity]"), 2, "invalid number"},
    {TEXT("nul1"), 3, "invalid literal"},
    {TEXT("True"), 0, "a value is expected"},
    {TEXT("[truE]"), 4, "invalid literal"},
    {TEXT("[nullnull]"), 5, "a comma or an end is expected"},
    {TEXT("/* x */ 1"), 0, "a value is expected"},
    {TEXT("[1 // x\n]"), 3, "a comma or an end is expected"},
    {TEXT("'a'"), 0, "a value is expected"},
    {TEXT("undefined"), 0, "a value is expected"},
    {TEXT("\f1"), 0, "a value is expected"},
    {TEXT("\xc2\xa0 1"), 0, "a value is expected"},
    {TEXT("<html>"), 0, "a value is expected"},
    {TEXT("\"a\nb\""), 2, "control character in a string"},
    {TEXT("\"a\tb\""), 2, "control character in a string"},
    {TEXT("\"a\0b\""), 2, "control character in a string"},
    {TEXT("\"\x1f\""), 1, "control character in a string"},
    {TEXT("\"\\x41\""), 1, "invalid escape"},
    {TEXT("\"\\'\""), 1, "invalid escape"},
    {TEXT("\"\\0\""), 1, "invalid escape"},
    {TEXT("\"\\U0041\""), 1, "invalid escape"},
    {TEXT("\"\\u004\""), 1, "invalid escape"},
    {TEXT("\"\\u00g1\""), 1, "invalid escape"},
    {TEXT("\"\\u 041\""), 1, "invalid escape"},
    {TEXT("\"x\\ud800\""), 2, "invalid escape"},
    {TEXT("\"x\\udc00\""), 2, "invalid escape"},
    {TEXT("\"\\ud800x\""), 1, "invalid escape"},
    {TEXT("\"\\ud800\\n\""), 1, "invalid escape"},
    {TEXT("\"\\ud800\\u0041\""), 1, "invalid escape"},
    {TEXT("\"\\ud800\\ud800\""), 1, "invalid escape"},
    {TEXT("\"\\udc00\\ud800\""), 1, "invalid escape"},
    {TEXT("\"\\ud800\\udc0\""), 1, "invalid escape"},
    {TEXT("\"a\x80\""), 2, "invalid UTF-8"},
    {TEXT("\"a\xff\""), 2, "invalid UTF-8"},
    {TEXT("\"\xc0\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc1\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe0\x9f\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xed\xa0\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xed\xbf\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf0\x8f\xbf\xbf\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf4\x90\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xf5\x80\x80\x80\""), 1, "invalid UTF-8"},
    {TEXT("\"\xc3\""), 1, "invalid UTF-8"},
    {TEXT("\"\xe2\x82\""), 1, "invalid UTF-8"},
    {TEXT("\"abcdefgh\xf0\x9f\x8e\""), 9, "invalid UTF-8"},
    {TEXT("{\"a\x80\":1}"), 3, "invalid UTF-8"},
    {TEXT("{\"a\\q\":1}"), 3, "invalid escape"},
};

START_TEST(what_the_rfc_allows_is_accepted)
{
    char *trace = trace_whole(good[_i].text, good[_i].len);

    ck_assert_str_eq(trace, good[_i].trace);
    free(trace);
}
END_TEST

START_TEST(I8_what_the_rfc_does_not_allow_is_refused_with_its_offset)
{
    char *trace = trace_whole(bad[_i].text, bad[_i].len);
    const char *told = strrchr(trace, '!');
    char wanted[128];

    snprintf(wanted, sizeof(wanted), "!%" PRIu64 " %s", bad[_i].offset, bad[_i].error);
    ck_assert_ptr_nonnull(told);
    ck_assert_msg(strcmp(told, wanted) == 0, "%s: %s", bad[_i].text, told);
    free(trace);
}
END_TEST

/* Holds every cut in two, every cut in three (of short texts) and one byte at a time against the
 * whole. */
static void compare_cuts(const char *text, size_t len)
{
    char *whole = trace_whole(text, len);
    size_t *ends = malloc((len + 2) * sizeof(*ends));

    for (size_t first = 0; first <= len; first++) {
        for (size_t second = len > 60 ? len : first; second <= len; second++) {
            size_t cut[] = {first, second, len};
            char *pieces = trace_pieces(text, cut, 3);

            ck_assert_msg(strcmp(whole, pieces) == 0, "%s: %s for %s, cut at %zu and %zu", text,
                          pieces, whole, first, second);
            free(pieces);
        }
    }
    for (size_t i = 0; i <= len; i++)
        ends[i] = i + 1 < len ? i + 1 : len;
    {
        char *pieces = trace_pieces(text, ends, len + 1);

        ck_assert_msg(strcmp(whole, pieces) == 0, "%s: byte by byte %s", text, pieces);
        free(pieces);
    }
    free(ends);
    free(whole);
}

START_TEST(a_good_text_cut_anywhere_gives_the_same_tokens)
{
    for (int i = 0; i < COUNT(good); i++)
        compare_cuts(good[i].text, good[i].len);
}
END_TEST

START_TEST(a_bad_text_cut_anywhere_gives_the_same_error)
{
    for (int i = 0; i < COUNT(bad); i++)
        compare_cuts(bad[i].text, bad[i].len);
}
END_TEST

/* --- limits ------------------------------------------------------------------------------- */

static char *nest(size_t depth, bool close)
{
    struct buf text = {0};

    for (size_t i = 0; i < depth; i++)
        buf_add_text(&text, i % 2 == 0 ? "[" : "{\"a\":");
    for (size_t i = depth; close && i > 0; i--)
        buf_add_text(&text, (i - 1) % 2 == 0 ? "]" : "}");
    return text.data;
}

START_TEST(nesting_is_allowed_down_to_its_limit)
{
    char *text =
        nest(JSON_PULL_DEPTH - 1, true); /* an object wants a value: an odd number of levels */
    char *trace = trace_whole(text, strlen(text));

    ck_assert_ptr_null(strchr(trace, '!'));
    ck_assert_str_eq(trace + strlen(trace) - 4, "]0.0");
    free(trace);
    free(text);
    text = nest(JSON_PULL_DEPTH, false);
    trace = trace_whole(text, strlen(text));
    ck_assert_ptr_nonnull(strstr(trace, "the text ends too early"));
    free(trace);
    free(text);
}
END_TEST

START_TEST(A11_nesting_below_its_limit_is_refused)
{
    char *text = malloc(1000000);
    char *trace;

    memset(text, '[', 1000000);
    trace = trace_whole(text, 1000000);
    ck_assert_ptr_nonnull(strstr(trace, "!512 nested too deeply"));
    free(trace);
    free(text);
}
END_TEST

/* The result of one string of so many bytes, fed in pieces, its last byte written as given. */
static enum json_token read_long_string(size_t len, const char *last, size_t piece, size_t *read)
{
    struct json_pull *pull = json_pull_new();
    struct buf text = {0};
    enum json_token token = JSON_TOKEN_MORE;

    buf_add_text(&text, "\"");
    for (size_t i = 0; i + 1 < len; i++)
        buf_add_text(&text, "x");
    buf_add_text(&text, last);
    buf_add_text(&text, "\"");
    for (size_t at = 0; at < text.len && token == JSON_TOKEN_MORE; at += piece) {
        size_t left = text.len - at;

        json_pull_feed(pull, text.data + at, left < piece ? left : piece, left <= piece);
        token = json_pull_next(pull);
    }
    if (token == JSON_TOKEN_STRING)
        json_pull_text(pull, read);
    buf_free(&text, false);
    json_pull_free(pull);
    return token;
}

static const struct long_case {
    const char *last;
    size_t piece;
} longs[] = {
    {"x", SIZE_MAX / 4}, {"\\n", SIZE_MAX / 4}, {"x", 65536}, {"\\n", 65536}, {"\\u0041", 1000},
};

START_TEST(I8_a_string_of_1_MiB_is_taken_and_a_longer_one_refused)
{
    const struct long_case *with = &longs[_i];
    size_t read = 0;

    ck_assert_int_eq(read_long_string(JSON_PULL_STRING_MAX, with->last, with->piece, &read),
                     JSON_TOKEN_STRING);
    ck_assert_uint_eq(read, JSON_PULL_STRING_MAX);
    ck_assert_int_eq(read_long_string(JSON_PULL_STRING_MAX + 1, with->last, with->piece, &read),
                     JSON_TOKEN_ERROR);
}
END_TEST

START_TEST(a_number_longer_than_the_limit_is_refused)
{
    char *text = malloc(JSON_PULL_STRING_MAX + 1);
    char *trace;

    memset(text, '7', JSON_PULL_STRING_MAX + 1);
    trace = trace_whole(text, JSON_PULL_STRING_MAX + 1);
    ck_assert_str_eq(trace, "!0 string or number too long");
    free(trace);
    free(text);
}
END_TEST

START_TEST(jansson_judges_these_tables_the_same)
{
    for (int i = 0; i < COUNT(good); i++)
        ck_assert_msg(json_tree_compare(good[i].text, good[i].len, 3) == NULL, "%s", good[i].text);
    for (int i = 0; i < COUNT(bad); i++)
        ck_assert_msg(json_tree_compare(bad[i].text, bad[i].len, 3) == NULL, "%s", bad[i].text);
}
END_TEST

Suite *json_pull_suite(void)
{
    Suite *suite = suite_create("json_pull");
    TCase *tcase = tcase_create("json_pull");

    tcase_add_loop_test(tcase, what_the_rfc_allows_is_accepted, 0, COUNT(good));
    tcase_add_loop_test(tcase, I8_what_the_rfc_does_not_allow_is_refused_with_its_offset, 0,
                        COUNT(bad));
    tcase_add_test(tcase, a_good_text_cut_anywhere_gives_the_same_tokens);
    tcase_add_test(tcase, a_bad_text_cut_anywhere_gives_the_same_error);
    tcase_add_test(tcase, nesting_is_allowed_down_to_its_limit);
    tcase_add_test(tcase, A11_nesting_below_its_limit_is_refused);
    tcase_add_loop_test(tcase, I8_a_string_of_1_MiB_is_taken_and_a_longer_one_refused, 0,
                        COUNT(longs));
    tcase_add_test(tcase, a_number_longer_than_the_limit_is_refused);
    tcase_add_test(tcase, jansson_judges_these_tables_the_same);
    suite_add_tcase(suite, tcase);
    return suite;
}
