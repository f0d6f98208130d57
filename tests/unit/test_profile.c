/* SPDX-License-Identifier: MIT */
/* Answers that say whose account it is. */
#include "spotify/profile.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "lib/count.h"

static struct spotify_profile profile;

static bool decode(const char *json, const char **error)
{
    return spotify_profile_decode(json, strlen(json), &profile, error);
}

static const struct good_case {
    const char *json;
    const char *id;
    const char *account_id;
    const char *display_name;
} good[] = {
    {"{\"account_id\":\"aB3dE5fG7h\",\"display_name\":\"Kim\",\"external_urls\":{\"spotify\":"
     "\"https://open.spotify.com/user/kim02\"},\"href\":\"https://api.spotify.com/v1/users/kim02\","
     "\"id\":\"kim02\",\"images\":[],\"type\":\"user\",\"uri\":\"spotify:user:kim02\"}",
     "kim02", "aB3dE5fG7h", "Kim"},
    {"{\"country\":\"SE\",\"display_name\":\"J\\u00fcrgen \\ud83c\\udfb5\",\"email\":"
     "\"kim@example.org\",\"explicit_content\":{\"filter_enabled\":false,\"filter_locked\":false},"
     "\"followers\":{\"href\":null,\"total\":3},\"href\":\"x\",\"id\":\"1189998819991197253\","
     "\"images\":[{\"url\":\"https://i.scdn.co/image/ab00\",\"height\":64,\"width\":64}],"
     "\"product\":\"premium\",\"type\":\"user\",\"uri\":\"x\"}",
     "1189998819991197253", "", "J\xc3\xbcrgen \xf0\x9f\x8e\xb5"},
    {"{\"id\":\"kim02\"}", "kim02", "", ""},
    {"{\"id\":\"kim02\",\"display_name\":\"x\\u202ey\\u0000z\\n\"}", "kim02", "", "xyz"},
    {"{\"id\":\"kim02\",\"display_name\":\"\\u200f\\u05e0\\u05d5\\u05e2\\u05d4\"}", "kim02", "",
     "\u05e0\u05d5\u05e2\u05d4"},
    {"{\"id\":\"kim02\",\"display_name\":null,\"account_id\":null}", "kim02", "", ""},
    {"{\"id\":\"kim02\",\"display_name\":7,\"account_id\":[]}", "kim02", "", ""},
    {"{\"id\":\"kim02\",\"display_name\":\"\",\"account_id\":\"\"}", "kim02", "", ""},
    {"{\"id\":\"j\\u00fcrgen\"}", "j\xc3\xbcrgen", "", ""},
    {"{\"id\":\"old\",\"id\":\"new\"}", "new", "", ""},
};

START_TEST(a_profile_of_either_shape_is_read)
{
    const char *error = NULL;

    ck_assert_msg(decode(good[_i].json, &error), "%s", error);
    ck_assert_str_eq(profile.id, good[_i].id);
    ck_assert_str_eq(profile.account_id, good[_i].account_id);
    ck_assert_str_eq(profile.display_name, good[_i].display_name);
}
END_TEST

static const struct bad_case {
    const char *json;
    const char *error;
} bad[] = {
    {"", "the answer is no JSON"},
    {"<html>", "the answer is no JSON"},
    {"{\"id\":\"a\"", "the answer is no JSON"},
    {"{\"id\":\"\xff\"}", "the answer is no JSON"},
    {"[]", "the answer is not an object"},
    {"[{\"id\":\"a\"}]", "the answer is not an object"},
    {"{}", "the account has no usable id"},
    {"{\"id\":null}", "the account has no usable id"},
    {"{\"id\":\"\"}", "the account has no usable id"},
    {"{\"id\":12345}", "the account has no usable id"},
    {"{\"ID\":\"a\"}", "the account has no usable id"},
    {"{\"id\":\"a\\nb\"}", "the account has no usable id"},
    {"{\"id\":\"a\\u0000b\"}", "the account has no usable id"},
    {"{\"id\":\"a\\u202eb\"}", "the account has no usable id"},
    {"{\"id\":\"a\",\"account_id\":\"\\u001b[2J\"}", "the account has no usable id"},
};

START_TEST(a_profile_without_a_usable_id_is_refused)
{
    const char *error = NULL;

    ck_assert(!decode(bad[_i].json, &error));
    ck_assert_str_eq(error, bad[_i].error);
}
END_TEST

static bool decode_long(const char *key, size_t len)
{
    struct buf json = {0};
    const char *error = NULL;
    bool ok;

    ck_assert(buf_addf(&json, "{\"id\":\"a\",\"%s\":\"", key));
    for (size_t i = 0; i < len; i++)
        ck_assert(buf_add_text(&json, "x"));
    ck_assert(buf_add_text(&json, "\"}"));
    ok = decode(json.data, &error);
    buf_free(&json, false);
    return ok;
}

START_TEST(an_id_that_does_not_fit_is_refused_instead_of_cut)
{
    ck_assert(decode_long("id", sizeof(profile.id) - 1));
    ck_assert(!decode_long("id", sizeof(profile.id)));
    ck_assert(decode_long("account_id", sizeof(profile.account_id) - 1));
    ck_assert(!decode_long("account_id", sizeof(profile.account_id)));
}
END_TEST

START_TEST(a_name_that_does_not_fit_is_cut)
{
    ck_assert(decode_long("display_name", sizeof(profile.display_name)));
    ck_assert_uint_eq(strlen(profile.display_name), sizeof(profile.display_name) - 1);
}
END_TEST

START_TEST(a_body_far_too_large_is_not_read)
{
    ck_assert(decode_long("x", 60000));
    ck_assert(!decode_long("x", 70000));
}
END_TEST

Suite *profile_suite(void)
{
    Suite *suite = suite_create("profile");
    TCase *tcase = tcase_create("profile");

    tcase_add_loop_test(tcase, a_profile_of_either_shape_is_read, 0, COUNT(good));
    tcase_add_loop_test(tcase, a_profile_without_a_usable_id_is_refused, 0, COUNT(bad));
    tcase_add_test(tcase, an_id_that_does_not_fit_is_refused_instead_of_cut);
    tcase_add_test(tcase, a_name_that_does_not_fit_is_cut);
    tcase_add_test(tcase, a_body_far_too_large_is_not_read);
    suite_add_tcase(suite, tcase);
    return suite;
}
