/* SPDX-License-Identifier: MIT */
/* web/http's pure readers: heads, chunks, escapes, fields, cookies, lists, dates. */
#include "web/http_private.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_head_is_found_wherever_the_bytes_are_cut)
{
    static const char bytes[] = "\r\nGET / HTTP/1.1\r\nA: b\r\n\r\nrest";
    const size_t end = sizeof("\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n") - 1;

    for (size_t cut = 0; cut < end; cut++) {
        struct http_scan scan = {0};
        size_t used = 0;

        ck_assert_int_eq(http_scan(&scan, bytes, cut, &used), 0);
        ck_assert_uint_eq(used, cut);
        ck_assert_int_eq(http_scan(&scan, bytes + cut, sizeof(bytes) - cut, &used), 200);
        ck_assert_uint_eq(cut + used, end);
    }
}
END_TEST

static int parse(const char *text, struct http_head *head)
{
    static char copy[1024];
    const char *reason = NULL;
    int status;

    ck_assert_uint_lt(strlen(text), sizeof(copy));
    memcpy(copy, text, strlen(text) + 1);
    status = http_head_parse(copy, strlen(copy), head, &reason);
    ck_assert_ptr_nonnull(reason);
    return status;
}

START_TEST(a_head_is_cut_into_its_parts)
{
    struct http_head head;

    ck_assert_int_eq(parse("\r\nPOST /a?b HTTP/1.1\r\nHost:\tx:1 \t\r\nA:\r\na-B: c : d\r\n"
                           "Content-Length: 0065536\r\n\r\n",
                           &head),
                     0);
    ck_assert_int_eq(head.method, HTTP_POST);
    ck_assert_str_eq(head.target, "/a?b");
    ck_assert_int_eq(head.minor, 1);
    ck_assert_uint_eq(head.count, 4);
    ck_assert_str_eq(head.host, "x:1");
    ck_assert_str_eq(http_head_find(&head, "a", NULL), "");
    ck_assert_str_eq(http_head_find(&head, "A-b", NULL), "c : d");
    ck_assert_uint_eq(head.body_length, 65536);
    ck_assert(!head.close && !head.chunked && !head.expects);
}
END_TEST

START_TEST(a_version_above_1_1_is_read_as_1_1)
{
    struct http_head head;

    ck_assert_int_eq(parse("GET / HTTP/1.9\r\nHost: x\r\n\r\n", &head), 0);
    ck_assert_int_eq(head.minor, 1);
}
END_TEST

START_TEST(an_expectation_of_http_1_0_is_passed_over)
{
    struct http_head head;

    ck_assert_int_eq(parse("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", &head), 0);
    ck_assert(!head.expects);
    ck_assert(head.close);
}
END_TEST

/* Feeds text in pieces of the given size. */
static int feed(const char *text, size_t piece, struct buf *body, size_t *used)
{
    struct http_chunks chunks = {0};
    size_t len = strlen(text);
    int status = 0;

    *used = 0;
    while (status == 0 && *used < len) {
        size_t part = len - *used < piece ? len - *used : piece;
        size_t taken = 0;

        status = http_chunks(&chunks, text + *used, part, body, &taken);
        *used += taken;
    }
    return status;
}

START_TEST(chunks_are_put_together_wherever_they_are_cut)
{
    static const char text[] =
        "3\r\nabc\r\n1;x=\"y\"\r\nd\r\n00b \r\n\r\n0123\r\n456\r\n000\r\nA: b\r\n\r\n";

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct buf body = {0};
        size_t used;

        ck_assert_int_eq(feed(text, piece, &body, &used), 200);
        ck_assert_uint_eq(used, strlen(text));
        ck_assert_str_eq(body.data, "abcd\r\n0123\r\n456");
        buf_free(&body, false);
    }
}
END_TEST

START_TEST(bytes_behind_the_last_chunk_are_left)
{
    struct buf body = {0};
    size_t used;

    ck_assert_int_eq(feed("1\r\na\r\n0\r\n\r\nGET", 100, &body, &used), 200);
    ck_assert_uint_eq(used, 11);
    buf_free(&body, false);
}
END_TEST

START_TEST(framing_without_end_is_cut_off)
{
    struct http_chunks chunks = {0};
    struct buf body = {0};
    size_t used = 0;
    int status = 0;
    char line[400];

    memset(line, 'x', sizeof(line));
    line[0] = '1';
    line[1] = ';';
    ck_assert_int_eq(http_chunks(&chunks, line, sizeof(line), &body, &used), 400);
    chunks = (struct http_chunks){0};
    ck_assert_int_eq(http_chunks(&chunks, "0\r\n", 3, &body, &used), 0);
    for (int i = 0; status == 0 && i < 100000; i++)
        status = http_chunks(&chunks, "A: b\r\n", 6, &body, &used);
    ck_assert_int_eq(status, 413);
    buf_free(&body, false);
}
END_TEST

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

START_TEST(a_date_is_written_as_http_wants_it)
{
    char text[HTTP_DATE_SIZE];

    ck_assert_str_eq(http_date(784111777999, text), "Sun, 06 Nov 1994 08:49:37 GMT");
    ck_assert_str_eq(http_date(0, text), "Thu, 01 Jan 1970 00:00:00 GMT");
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

Suite *web_http_head_suite(void);
Suite *web_http_head_suite(void)
{
    Suite *suite = suite_create("web_http_head");
    TCase *heads = tcase_create("heads");
    TCase *texts = tcase_create("texts");

    tcase_add_test(heads, a_head_is_found_wherever_the_bytes_are_cut);
    tcase_add_test(heads, a_head_is_cut_into_its_parts);
    tcase_add_test(heads, a_version_above_1_1_is_read_as_1_1);
    tcase_add_test(heads, an_expectation_of_http_1_0_is_passed_over);
    tcase_add_test(heads, chunks_are_put_together_wherever_they_are_cut);
    tcase_add_test(heads, bytes_behind_the_last_chunk_are_left);
    tcase_add_test(heads, framing_without_end_is_cut_off);
    tcase_add_loop_test(texts, escapes_are_decoded_strictly, 0,
                        (int)(sizeof(decodings) / sizeof(decodings[0])));
    tcase_add_test(texts, fields_are_split_before_they_are_decoded);
    tcase_add_test(texts, a_bad_field_spoils_them_all);
    tcase_add_test(texts, cookies_are_split_and_what_is_none_is_left_out);
    tcase_add_test(texts, no_more_cookies_are_kept_than_there_is_room_for);
    tcase_add_test(texts, a_token_is_found_in_a_list_only_whole);
    tcase_add_test(texts, a_date_is_written_as_http_wants_it);
    tcase_add_test(texts, a_path_begins_with_one_slash);
    suite_add_tcase(suite, heads);
    suite_add_tcase(suite, texts);
    return suite;
}
