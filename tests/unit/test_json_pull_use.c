/* SPDX-License-Identifier: MIT */
/* Using the tokeniser: numbers, skipping, offsets, beginning anew. */
#include "base/json_pull.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/chance.h"
#include "lib/count.h"

/* --- numbers ------------------------------------------------------------------------------ */

static const struct whole_case {
    const char *text;
    int64_t value;
} wholes[] = {
    {"0", 0},
    {"-0", 0},
    {"7", 7},
    {"-7", -7},
    {"1e3", 1000},
    {"1E+3", 1000},
    {"5.0", 5},
    {"-5.000", -5},
    {"1.5e1", 15},
    {"120e-1", 12},
    {"1200e-2", 12},
    {"0.000012e6", 12},
    {"0e99999999999999999999", 0},
    {"0.0e-99999999999999999999", 0},
    {"-0.0", 0},
    {"9223372036854775807", INT64_MAX},
    {"-9223372036854775808", INT64_MIN},
    {"9223372036854775807.000", INT64_MAX},
    {"922337203685477580700e-2", INT64_MAX},
    {"9.223372036854775807e18", INT64_MAX},
    {"-9.223372036854775808E18", INT64_MIN},
    {"1000000000000000000", INT64_C(1000000000000000000)},
    {"1e18", INT64_C(1000000000000000000)},
    {"100000000000000000000000000000e-29", 1},
    {"214053", 214053},
};

static const char *const not_whole[] = {
    "0.5",
    "-1.5",
    "1e-1",
    "15e-1",
    "1e19",
    "9223372036854775808",
    "-9223372036854775809",
    "1e400",
    "-1e400",
    "1e-400",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "123456789012345678901234567890",
    "9223372036854775807.1",
    "9.2233720368547758071e18",
    "0.1e0",
};

static bool read_int(const char *text, int64_t *value)
{
    struct json_pull *pull = json_pull_new();
    bool whole;

    json_pull_feed(pull, text, strlen(text), true);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_NUMBER);
    whole = json_pull_int(pull, value);
    json_pull_free(pull);
    return whole;
}

START_TEST(a_whole_number_is_known_in_any_form)
{
    int64_t value = 42;

    ck_assert_msg(read_int(wholes[_i].text, &value), "%s", wholes[_i].text);
    ck_assert_int_eq(value, wholes[_i].value);
}
END_TEST

START_TEST(I7_another_number_is_no_whole_one)
{
    int64_t value = 42;

    ck_assert_msg(!read_int(not_whole[_i], &value), "%s", not_whole[_i]);
    ck_assert_int_eq(value, 42);
}
END_TEST

START_TEST(every_whole_number_survives_being_moved_by_an_exponent)
{
    struct chance chance = chance_open("json_pull_int");

    for (int i = 0; i < 20000; i++) {
        int64_t wanted = (int64_t)chance_next(&chance) >> chance_below(&chance, 64);
        int zeros = (int)chance_below(&chance, 30);
        char text[80];
        int64_t value = -1;

        snprintf(text, sizeof(text), "%" PRId64 "%.*se-%d", wanted, zeros,
                 "000000000000000000000000000000", zeros);
        ck_assert_msg(read_int(wanted == 0 ? "0" : text, &value) && value == wanted, "%s", text);
    }
}
END_TEST

/* --- using it ----------------------------------------------------------------------------- */

START_TEST(a_plain_string_is_not_copied)
{
    static const char text[] =
        "{\"key\":\"a string without escapes, \xc3\xbc as well\",\"n\":12.5}";
    struct json_pull *pull = json_pull_new();
    enum json_token token;

    json_pull_feed(pull, text, sizeof(text) - 1, true);
    while ((token = json_pull_next(pull)) > JSON_TOKEN_END) {
        if (token == JSON_TOKEN_KEY || token == JSON_TOKEN_STRING || token == JSON_TOKEN_NUMBER) {
            size_t len;
            const char *at = json_pull_text(pull, &len);

            ck_assert(at >= text && at + len <= text + sizeof(text));
        }
    }
    ck_assert_int_eq(token, JSON_TOKEN_END);
    json_pull_free(pull);
}
END_TEST

START_TEST(a_value_is_skipped_to_its_end)
{
    static const char text[] =
        "{\"a\":{\"x\":[1,{\"y\":\"\\n\"}]},\"b\":[[],[]],\"c\":\"s\",\"d\":5}";
    struct json_pull *pull = json_pull_new();
    int64_t value = 0;
    int keys = 0;

    json_pull_feed(pull, text, sizeof(text) - 1, true);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_OBJECT_BEGIN);
    while (json_pull_next(pull) == JSON_TOKEN_KEY) {
        enum json_token token = json_pull_next(pull);

        keys++;
        ck_assert(json_pull_skip(pull, token));
        ck_assert_uint_eq(json_pull_depth(pull), 1);
        if (token == JSON_TOKEN_NUMBER)
            ck_assert(json_pull_int(pull, &value));
    }
    ck_assert_int_eq(keys, 4);
    ck_assert_int_eq(value, 5);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_END);
    json_pull_free(pull);
}
END_TEST

START_TEST(skipping_checks_what_it_skips)
{
    static const char text[] = "[{\"a\":[1,2,tru]},5]";
    struct json_pull *pull = json_pull_new();
    uint64_t offset;

    json_pull_feed(pull, text, sizeof(text) - 1, true);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_ARRAY_BEGIN);
    ck_assert(!json_pull_skip(pull, json_pull_next(pull)));
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_ERROR);
    ck_assert(!json_pull_skip(pull, JSON_TOKEN_ERROR));
    ck_assert_str_eq(json_pull_error(pull, &offset), "invalid literal");
    ck_assert_uint_eq(offset, 14);
    json_pull_free(pull);
}
END_TEST

START_TEST(skipping_beyond_a_chunk_says_so)
{
    struct json_pull *pull = json_pull_new();

    json_pull_feed(pull, "[[1,2", 5, false);
    json_pull_next(pull);
    ck_assert(!json_pull_skip(pull, json_pull_next(pull)));
    json_pull_free(pull);
}
END_TEST

START_TEST(the_offset_is_behind_the_last_token)
{
    static const uint64_t wanted[] = {2, 6, 10, 14, 19};
    struct json_pull *pull = json_pull_new();

    json_pull_feed(pull, " [ 12, ", 7, false);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_ARRAY_BEGIN);
    ck_assert_uint_eq(json_pull_offset(pull), wanted[0]);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_NUMBER);
    ck_assert_uint_eq(json_pull_offset(pull), 5);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_MORE);
    json_pull_feed(pull, " \"ab\" ]", 7, true);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_STRING);
    ck_assert_uint_eq(json_pull_offset(pull), 12);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_ARRAY_END);
    ck_assert_uint_eq(json_pull_offset(pull), 14);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_END);
    json_pull_free(pull);
}
END_TEST

static const char *const broken[] = {
    "[[[[", "{\"a\":", "\"abc", "\"\\ud83c", "\"\xe2", "[tru]", "-", "[1e]", "{}{}", "\xef\xbb",
};

START_TEST(it_can_begin_anew_after_anything)
{
    struct json_pull *pull = json_pull_new();

    for (int i = 0; i < COUNT(broken); i++) {
        enum json_token token;

        json_pull_reset(pull);
        json_pull_feed(pull, broken[i], strlen(broken[i]), true);
        while ((token = json_pull_next(pull)) > JSON_TOKEN_END) {
        }
        ck_assert_int_eq(token, JSON_TOKEN_ERROR);
        json_pull_reset(pull);
        json_pull_feed(pull, "\"\\n\"", 4, true);
        ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_STRING);
        ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_END);
    }
    json_pull_free(pull);
}
END_TEST

START_TEST(nothing_fed_is_a_wish_for_more)
{
    struct json_pull *pull = json_pull_new();

    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_MORE);
    json_pull_feed(pull, NULL, 0, false);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_MORE);
    json_pull_feed(pull, "1", 1, false);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_MORE);
    json_pull_feed(pull, NULL, 0, true);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_NUMBER);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_END);
    json_pull_free(pull);
    json_pull_free(NULL);
}
END_TEST

/* --- repairing ---------------------------------------------------------------------------- */

static const struct repair_case {
    const char *text;
    const char *wanted; /* NULL: it stays an error */
    int repaired;
} repair_cases[] = {
    {"\"a\\ud83d\"", "a\xef\xbf\xbd", 1},
    {"\"\\ude00a\"",
     "\xef\xbf\xbd"
     "a",
     1},
    {"\"\\ud83d\\u0041\"",
     "\xef\xbf\xbd"
     "A",
     1},
    {"\"\\ud83d\\n\"", "\xef\xbf\xbd\n", 1},
    {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", 1},
    {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 0},
    {"\"\\ud83d\xc3\xa9\"", "\xef\xbf\xbd\xc3\xa9", 1},
    {"\"\xff\xfe"
     "b\"",
     "\xef\xbf\xbd\xef\xbf\xbd"
     "b",
     2},
    {"\"\xe2\x82\"", "\xef\xbf\xbd\xef\xbf\xbd", 2},
    {"\"\xe2\x82\\n\"", "\xef\xbf\xbd\xef\xbf\xbd\n", 2},
    {"\"\xe2\xe2\x82\xac\"", "\xef\xbf\xbd\xe2\x82\xac", 1},
    {"\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},
    {"\"\\ud83d\\x\"", NULL, 0},
    {"\"\\ud83d\\u00zz\"", NULL, 0},
    {"\"\\x\"", NULL, 0},
    {"\"\n\"", NULL, 0},
    {"\"\xe2\x82", NULL, 0},
};

START_TEST(a_string_is_repaired_the_same_in_chunks_of_any_size)
{
    const struct repair_case *repair = &repair_cases[_i];
    size_t all = strlen(repair->text);

    for (size_t chunk = 1; chunk <= all; chunk++) {
        struct json_pull *pull = json_pull_new();
        enum json_token token = JSON_TOKEN_MORE;
        size_t at = 0;
        size_t len;

        json_pull_repair(pull);
        while (token == JSON_TOKEN_MORE) {
            size_t part = chunk < all - at ? chunk : all - at;

            json_pull_feed(pull, repair->text + at, part, at + part == all);
            at += part;
            token = json_pull_next(pull);
        }
        if (repair->wanted == NULL) {
            ck_assert_int_eq(token, JSON_TOKEN_ERROR);
        } else {
            const char *text = json_pull_text(pull, &len);

            ck_assert_int_eq(token, JSON_TOKEN_STRING);
            ck_assert_uint_eq(len, strlen(repair->wanted));
            ck_assert_mem_eq(text, repair->wanted, len);
            ck_assert_int_eq(json_pull_repaired(pull), repair->repaired);
        }
        json_pull_free(pull);
    }
}
END_TEST

START_TEST(nothing_is_repaired_unasked)
{
    for (int i = 0; i < COUNT(repair_cases); i++) {
        struct json_pull *pull = json_pull_new();
        const struct repair_case *repair = &repair_cases[i];
        bool good = repair->wanted != NULL && repair->repaired == 0;

        json_pull_feed(pull, repair->text, strlen(repair->text), true);
        ck_assert_int_eq(json_pull_next(pull), good ? JSON_TOKEN_STRING : JSON_TOKEN_ERROR);
        json_pull_free(pull);
    }
}
END_TEST

/* --- keys that are known ------------------------------------------------------------------ */

START_TEST(an_expected_key_is_taken_with_its_colon)
{
    const char *text = "{ \"a\" : 1 , \"b\":2}";
    struct json_pull *pull = json_pull_new();

    json_pull_feed(pull, text, strlen(text), true);
    ck_assert(!json_pull_take_key(pull, "a", 1));
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_OBJECT_BEGIN);
    ck_assert(!json_pull_take_key(pull, "b", 1));
    ck_assert(json_pull_take_key(pull, "a", 1));
    ck_assert(!json_pull_take_key(pull, "b", 1));
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_NUMBER);
    ck_assert(json_pull_take_key(pull, "b", 1));
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_NUMBER);
    ck_assert(!json_pull_take_key(pull, "c", 1));
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_OBJECT_END);
    ck_assert_int_eq(json_pull_next(pull), JSON_TOKEN_END);
    json_pull_free(pull);
}
END_TEST

START_TEST(a_key_that_is_not_there_whole_is_left_to_the_next_token)
{
    static const char *const texts[] = {"{\"ab\":1}", "{\"a\" 1}",  "{\"a",     "{\"a\"",
                                        "{\"a\" ",    "{,\"a\":1}", "[\"a\":1", "{\"\\u0061\":1}"};

    for (int i = 0; i < COUNT(texts); i++) {
        struct json_pull *pull = json_pull_new();

        json_pull_feed(pull, texts[i], strlen(texts[i]), false);
        (void)json_pull_next(pull);
        ck_assert_msg(!json_pull_take_key(pull, "a", 1), "%s", texts[i]);
        ck_assert_uint_eq(json_pull_offset(pull), 1);
        json_pull_free(pull);
    }
}
END_TEST

Suite *json_pull_use_suite(void)
{
    Suite *suite = suite_create("json_pull_use");
    TCase *tcase = tcase_create("json_pull_use");

    tcase_add_loop_test(tcase, a_whole_number_is_known_in_any_form, 0, COUNT(wholes));
    tcase_add_loop_test(tcase, I7_another_number_is_no_whole_one, 0, COUNT(not_whole));
    tcase_add_test(tcase, every_whole_number_survives_being_moved_by_an_exponent);
    tcase_add_test(tcase, a_plain_string_is_not_copied);
    tcase_add_test(tcase, a_value_is_skipped_to_its_end);
    tcase_add_test(tcase, skipping_checks_what_it_skips);
    tcase_add_test(tcase, skipping_beyond_a_chunk_says_so);
    tcase_add_test(tcase, the_offset_is_behind_the_last_token);
    tcase_add_test(tcase, it_can_begin_anew_after_anything);
    tcase_add_test(tcase, nothing_fed_is_a_wish_for_more);
    tcase_add_loop_test(tcase, a_string_is_repaired_the_same_in_chunks_of_any_size, 0,
                        COUNT(repair_cases));
    tcase_add_test(tcase, nothing_is_repaired_unasked);
    tcase_add_test(tcase, an_expected_key_is_taken_with_its_colon);
    tcase_add_test(tcase, a_key_that_is_not_there_whole_is_left_to_the_next_token);
    suite_add_tcase(suite, tcase);
    return suite;
}
