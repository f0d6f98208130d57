/* SPDX-License-Identifier: MIT */
/* Answers of the token endpoint. */
#include "spotify/oauth.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lib/count.h"
#include "spotify/request.h"

#define ACCESS "BQDmadeupAccess9876543210-_.~+/="
#define REFRESH "AQCmadeupRefresh9876543210-_"

static struct spotify_token_answer answer;

static bool decode(const char *json, const char **error)
{
    return spotify_token_decode(json, strlen(json), &answer, error);
}

static void decode_good(const char *json)
{
    const char *error = NULL;

    ck_assert_msg(decode(json, &error), "%s: %s", error, json);
}

static void close_answer(void)
{
    spotify_token_answer_free(&answer);
}

START_TEST(B4_a_whole_answer_is_read)
{
    decode_good("{\"access_token\":\"" ACCESS "\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
                "\"refresh_token\":\"" REFRESH "\",\"scope\":\"user-read-recently-played\"}");
    ck_assert_str_eq(answer.access_token, ACCESS);
    ck_assert_str_eq(answer.refresh_token, REFRESH);
    ck_assert_str_eq(answer.scope, "user-read-recently-played");
    ck_assert_int_eq(answer.expires_in_s, 3600);
}
END_TEST

static const char *const without_refresh[] = {
    "{\"access_token\":\"a\"}",
    "{\"access_token\":\"a\",\"refresh_token\":null}",
    "{\"access_token\":\"a\",\"refresh_token\":\"\"}",
    "{\"access_token\":\"a\",\"refresh_token\":7}",
    "{\"access_token\":\"a\",\"refresh_token\":{\"refresh_token\":\"b\"}}",
    "{\"access_token\":\"a\",\"refresh_token\":\"b\",\"refresh_token\":null}",
    "{\"access_token\":\"a\",\"other\":{\"refresh_token\":\"b\"},\"Refresh_token\":\"c\"}",
};

START_TEST(B3_absent_null_and_empty_refresh_tokens_are_none)
{
    decode_good(without_refresh[_i]);
    ck_assert_str_eq(answer.access_token, "a");
    ck_assert_ptr_null(answer.refresh_token);
}
END_TEST

static const char *const without_scope[] = {
    "{\"access_token\":\"a\"}",
    "{\"access_token\":\"a\",\"scope\":null}",
    "{\"access_token\":\"a\",\"scope\":\"\"}",
    "{\"access_token\":\"a\",\"scope\":[\"user-read-recently-played\"]}",
    "{\"access_token\":\"a\",\"scope\":\"x\\n\"}",
};

START_TEST(B13_absent_null_and_empty_scopes_say_nothing)
{
    decode_good(without_scope[_i]);
    ck_assert_ptr_null(answer.scope);
    ck_assert(spotify_scope_suffices(answer.scope));
}
END_TEST

static const struct expiry_case {
    const char *value;
    int64_t seconds;
} expiries[] = {
    {"3600", 3600},
    {"3599", 3599},
    {"60", 60},
    {"59", 60},
    {"1", 60},
    {"0", 60},
    {"-1", 60},
    {"-9223372036854775808", 60},
    {"3601", 3600},
    {"86400", 3600},
    {"1000000000000", 3600},
    {"1e3", 1000},
    {"1800.0", 1800},
    {"1800.5", 3600},
    {"1e400", 3600},
    {"99999999999999999999", 3600},
    {"\"3600\"", 3600},
    {"\"60\"", 3600},
    {"null", 3600},
    {"true", 3600},
    {"[60]", 3600},
    {"{}", 3600},
};

START_TEST(B10_the_expiry_is_clamped)
{
    char json[128];

    snprintf(json, sizeof(json), "{\"expires_in\":%s,\"access_token\":\"a\"}", expiries[_i].value);
    decode_good(json);
    ck_assert_int_eq(answer.expires_in_s, expiries[_i].seconds);
}
END_TEST

START_TEST(B10_a_missing_expiry_is_an_hour)
{
    decode_good("{\"access_token\":\"a\"}");
    ck_assert_int_eq(answer.expires_in_s, 3600);
}
END_TEST

static const struct bad_case {
    const char *json;
    const char *error;
} bad[] = {
    {"", "the text ends too early"},
    {"<html></html>", "a value is expected"},
    {"null", "the answer is not an object"},
    {"[]", "the answer is not an object"},
    {"\"" ACCESS "\"", "the answer is not an object"},
    {"{}", "the answer has no access token"},
    {"{\"access_token\":null}", "the answer has no access token"},
    {"{\"access_token\":\"\"}", "the answer has no access token"},
    {"{\"access_token\":7}", "the answer has no access token"},
    {"{\"access_token\":[\"a\"]}", "the answer has no access token"},
    {"{\"access_token\":\"a\",\"access_token\":null}", "the answer has no access token"},
    {"{\"refresh_token\":\"a\"}", "the answer has no access token"},
    {"{\"access_token\":\"a b\"}", "the access token cannot be used"},
    {"{\"access_token\":\"a\\r\\nX: y\"}", "the access token cannot be used"},
    {"{\"access_token\":\"a\\u0000\"}", "the access token cannot be used"},
    {"{\"access_token\":\"a\\u00fc\"}", "the access token cannot be used"},
    {"{\"access_token\":\"a\x7f\"}", "the access token cannot be used"},
    {"{\"access_token\":\"a\",\"refresh_token\":\"b c\"}", "the refresh token cannot be used"},
    {"{\"access_token\":\"a\",\"refresh_token\":\"\\n\"}", "the refresh token cannot be used"},
    {"{\"access_token\":\"a\"", "the text ends too early"},
    {"{\"access_token\":\"a\"}x", "something follows the value"},
    {"{\"access_token\":\"a\",}", "a key is expected"},
};

START_TEST(B9_an_answer_without_a_usable_token_is_refused)
{
    const char *error = NULL;

    ck_assert(!decode(bad[_i].json, &error));
    ck_assert_str_eq(error, bad[_i].error);
    ck_assert_ptr_null(answer.access_token);
    ck_assert_ptr_null(answer.refresh_token);
    ck_assert_ptr_null(answer.scope);
}
END_TEST

/* Decodes an answer whose member is a token of so many bytes. */
static bool decode_long(const char *key, size_t len)
{
    struct buf json = {0};
    const char *error = NULL;
    bool ok;

    ck_assert(buf_addf(&json, "{\"access_token\":\"a\",\"%s\":\"", key));
    for (size_t i = 0; i < len; i++)
        ck_assert(buf_add_text(&json, "x"));
    ck_assert(buf_add_text(&json, "\"}"));
    ok = decode(json.data, &error);
    buf_free(&json, false);
    return ok;
}

START_TEST(a_token_has_at_most_4096_bytes)
{
    ck_assert(decode_long("access_token", SPOTIFY_TOKEN_MAX));
    ck_assert_uint_eq(strlen(answer.access_token), SPOTIFY_TOKEN_MAX);
    spotify_token_answer_free(&answer);
    ck_assert(!decode_long("access_token", SPOTIFY_TOKEN_MAX + 1));
    ck_assert(decode_long("refresh_token", SPOTIFY_TOKEN_MAX));
    spotify_token_answer_free(&answer);
    ck_assert(!decode_long("refresh_token", SPOTIFY_TOKEN_MAX + 1));
}
END_TEST

START_TEST(of_a_token_that_comes_twice_the_last_one_counts)
{
    decode_good("{\"access_token\":\"bad one\",\"access_token\":\"good\"}");
    ck_assert_str_eq(answer.access_token, "good");
}
END_TEST

START_TEST(an_escaped_token_is_decoded)
{
    decode_good("{\"access_token\":\"a\\/b\\u002dc\"}");
    ck_assert_str_eq(answer.access_token, "a/b-c");
}
END_TEST

static const struct scope_case {
    const char *scope;
    bool suffices;
} scopes[] = {
    {NULL, true},
    {SPOTIFY_SCOPE, true},
    {"a " SPOTIFY_SCOPE, true},
    {SPOTIFY_SCOPE " b", true},
    {"a " SPOTIFY_SCOPE " b", true},
    {"  a  " SPOTIFY_SCOPE "  ", true},
    {"a", false},
    {" ", false},
    {"user-read-recently-playedx", false},
    {"xuser-read-recently-played", false},
    {"user-read-recently-playe", false},
    {"USER-READ-RECENTLY-PLAYED", false},
    {"user-read-recently-played,user-read-private", false},
};

START_TEST(B13_the_scope_must_hold_the_one_that_is_needed)
{
    ck_assert_int_eq(spotify_scope_suffices(scopes[_i].scope), scopes[_i].suffices);
}
END_TEST

Suite *oauth_suite(void)
{
    Suite *suite = suite_create("oauth");
    TCase *tcase = tcase_create("oauth");

    tcase_add_checked_fixture(tcase, NULL, close_answer);
    tcase_add_test(tcase, B4_a_whole_answer_is_read);
    tcase_add_loop_test(tcase, B3_absent_null_and_empty_refresh_tokens_are_none, 0,
                        COUNT(without_refresh));
    tcase_add_loop_test(tcase, B13_absent_null_and_empty_scopes_say_nothing, 0,
                        COUNT(without_scope));
    tcase_add_loop_test(tcase, B10_the_expiry_is_clamped, 0, COUNT(expiries));
    tcase_add_test(tcase, B10_a_missing_expiry_is_an_hour);
    tcase_add_loop_test(tcase, B9_an_answer_without_a_usable_token_is_refused, 0, COUNT(bad));
    tcase_add_test(tcase, a_token_has_at_most_4096_bytes);
    tcase_add_test(tcase, of_a_token_that_comes_twice_the_last_one_counts);
    tcase_add_test(tcase, an_escaped_token_is_decoded);
    tcase_add_loop_test(tcase, B13_the_scope_must_hold_the_one_that_is_needed, 0, COUNT(scopes));
    suite_add_tcase(suite, tcase);
    return suite;
}
