/* SPDX-License-Identifier: MIT */
/* web/http's pure readers: escapes, targets, hosts, fields, cookies, lists. */
#include "web/http_private.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text, *path, *field; /* NULL: refused */
} decodings[] = {
    {"", "", ""},
    {"a%20b+c", "a b+c", "a b c"},
    {"%2b%2B", "++", "++"},
    {"%E2%82%ac", "\xe2\x82\xac", "\xe2\x82\xac"},
    {"a\tb", NULL, "a\tb"},
    {"%0D%0a", NULL, "\r\n"},
    {"%c2%a0", "\xc2\xa0", "\xc2\xa0"},
    {"%e2%80%8f", "\xe2\x80\x8f", "\xe2\x80\x8f"},
    {"%00", NULL, NULL},
    {"%1b", NULL, NULL},
    {"%7f", NULL, NULL},
    {"%c2%9f", NULL, NULL},
    {"%", NULL, NULL},
    {"%2", NULL, NULL},
    {"%-1", NULL, NULL},
    {"% 1", NULL, NULL},
    {"%g0", NULL, NULL},
    {"%80", NULL, NULL},
    {"%f4%90%80%80", NULL, NULL},
};

START_TEST(escapes_are_decoded_strictly)
{
    const char *text = decodings[_i].text;
    char out[32];

    ck_assert_int_eq(http_decode(out, text, strlen(text), false), decodings[_i].path != NULL);
    if (decodings[_i].path != NULL)
        ck_assert_str_eq(out, decodings[_i].path);
    ck_assert_int_eq(http_decode(out, text, strlen(text), true), decodings[_i].field != NULL);
    if (decodings[_i].field != NULL)
        ck_assert_str_eq(out, decodings[_i].field);
}
END_TEST

START_TEST(fields_are_split_before_they_are_decoded)
{
    char text[] = "&a=1%262&&b%3D=x=y&c&=d&";
    struct http_pair pairs[WEB_HTTP_FIELDS_MAX];
    size_t count;

    ck_assert(http_fields_split(text, strlen(text), pairs, &count));
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(pairs[0].name, "a");
    ck_assert_str_eq(pairs[0].value, "1&2");
    ck_assert_str_eq(pairs[1].name, "b=");
    ck_assert_str_eq(pairs[1].value, "x=y");
    ck_assert_str_eq(pairs[2].name, "c");
    ck_assert_str_eq(pairs[2].value, "");
    ck_assert_str_eq(pairs[3].name, "");
    ck_assert_str_eq(pairs[3].value, "d");
}
END_TEST

START_TEST(a_bad_field_spoils_them_all)
{
    char name[] = "a=1&%zz=2";
    char value[] = "a=%00&b=2";
    struct http_pair pairs[WEB_HTTP_FIELDS_MAX];
    size_t count;

    ck_assert(!http_fields_split(name, strlen(name), pairs, &count));
    ck_assert(!http_fields_split(value, strlen(value), pairs, &count));
}
END_TEST

START_TEST(cookies_are_split_and_what_is_none_is_left_out)
{
    char text[] = "a=1; b = \"2=3\" ;;c;=4; d=";
    struct http_pair pairs[8];

    ck_assert_uint_eq(http_cookies_split(text, pairs, 8), 3);
    ck_assert_str_eq(pairs[0].name, "a");
    ck_assert_str_eq(pairs[0].value, "1");
    ck_assert_str_eq(pairs[1].name, "b");
    ck_assert_str_eq(pairs[1].value, "\"2=3\"");
    ck_assert_str_eq(pairs[2].name, "d");
    ck_assert_str_eq(pairs[2].value, "");
}
END_TEST

START_TEST(no_more_cookies_are_kept_than_there_is_room_for)
{
    char text[] = "a=1; b=2; c=3";
    struct http_pair pairs[2];

    ck_assert_uint_eq(http_cookies_split(text, pairs, 2), 2);
}
END_TEST

START_TEST(a_token_is_found_in_a_list_only_whole)
{
    ck_assert(http_list_has("close", "close"));
    ck_assert(http_list_has("keep-alive ,\tCLOSE", "close"));
    ck_assert(!http_list_has("closed, close-not", "close"));
    ck_assert(!http_list_has("", "close"));
    ck_assert(!http_list_has(", ,", "close"));
}
END_TEST

START_TEST(a_path_begins_with_one_slash)
{
    ck_assert(http_path_plausible("/"));
    ck_assert(http_path_plausible("/a//b"));
    ck_assert(!http_path_plausible("//a"));
    ck_assert(!http_path_plausible(""));
    ck_assert(!http_path_plausible("a/"));
}
END_TEST

START_TEST(a_target_is_a_path_and_a_query_without_blanks)
{
    ck_assert(http_target_plausible("/a?b=//c&d%20e"));
    ck_assert(http_target_plausible("/\xc3\xa9"));
    ck_assert(!http_target_plausible("/a b"));
    ck_assert(!http_target_plausible("/a\tb"));
    ck_assert(!http_target_plausible("/a#b"));
    ck_assert(!http_target_plausible("/\x7f"));
    ck_assert(!http_target_plausible("/\xc3"));
    ck_assert(!http_target_plausible("//host/a"));
    ck_assert(!http_target_plausible("http://host/a"));
    ck_assert(!http_target_plausible("*"));
}
END_TEST

START_TEST(a_host_is_made_of_letters_of_hosts)
{
    ck_assert(http_host_plausible("[::1]:8888"));
    ck_assert(http_host_plausible("Some-name_1.example:80"));
    ck_assert(!http_host_plausible("a b"));
    ck_assert(!http_host_plausible("a,b"));
    ck_assert(!http_host_plausible("user@a"));
    ck_assert(!http_host_plausible("a/"));
}
END_TEST

START_TEST(a_header_is_a_token_and_a_line)
{
    ck_assert(http_field_plausible("X-a_1!", "any \t text \xff"));
    ck_assert(http_field_plausible("A", ""));
    ck_assert(!http_field_plausible("", "a"));
    ck_assert(!http_field_plausible("A ", "a"));
    ck_assert(!http_field_plausible("A:", "a"));
    ck_assert(!http_field_plausible("\xc3\xa9", "a"));
    ck_assert(!http_field_plausible("A", "a\r\nB: c"));
    ck_assert(!http_field_plausible("A", "a\x01"));
    ck_assert(!http_field_plausible("A", "a\x7f"));
}
END_TEST

Suite *web_http_text_suite(void);
Suite *web_http_text_suite(void)
{
    Suite *suite = suite_create("web_http_text");
    TCase *texts = tcase_create("texts");

    tcase_add_loop_test(texts, escapes_are_decoded_strictly, 0,
                        (int)(sizeof(decodings) / sizeof(decodings[0])));
    tcase_add_test(texts, fields_are_split_before_they_are_decoded);
    tcase_add_test(texts, a_bad_field_spoils_them_all);
    tcase_add_test(texts, cookies_are_split_and_what_is_none_is_left_out);
    tcase_add_test(texts, no_more_cookies_are_kept_than_there_is_room_for);
    tcase_add_test(texts, a_token_is_found_in_a_list_only_whole);
    tcase_add_test(texts, a_path_begins_with_one_slash);
    tcase_add_test(texts, a_target_is_a_path_and_a_query_without_blanks);
    tcase_add_test(texts, a_host_is_made_of_letters_of_hosts);
    tcase_add_test(texts, a_header_is_a_token_and_a_line);
    suite_add_tcase(suite, texts);
    return suite;
}
