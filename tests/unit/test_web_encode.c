/* SPDX-License-Identifier: MIT */
/* How an answer goes over the wire. */
#include "web/encode.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* -- Accept-Encoding --------------------------------------------------------------------------- */

static const struct {
    const char *header;
    bool wanted;
} headers[] = {
    {NULL, false},
    {"", false},
    {"gzip", true},
    {"GZip", true},
    {"x-gzip", true},
    {"gzip, deflate, br", true},
    {"deflate , gzip ;q=0.5", true},
    {"br;q=1.0, gzip;q=0.001", true},
    {"gzip; q=1", true},
    {"gzip;q=1.000", true},
    {"*", true},
    {"*;q=0.1", true},
    {"gzip;q=0", false},
    {"gzip;q=0.0", false},
    {"gzip;q=0.000", false},
    {"gzip;q=0, *", false},
    {"*;q=0", false},
    {"*, gzip;q=0", false},
    {"identity", false},
    {"identity;q=0", false},
    {"deflate, br, zstd", false},
    {"gzipped", false},
    {"gzi", false},
    {"gzip;q=", false},
    {"gzip;q", false},
    {"gzip;", false},
    {"gzip;q=2", false},
    {"gzip;q=1.001", false},
    {"gzip;q=0.0001", false},
    {"gzip;q=-1", false},
    {"gzip;q=0,5", false},
    {"gzip;q=a", false},
    {"gzip;q=1e0", false},
    {"gzip;level=9", false},
    {",,,", false},
    {",gzip,", true},
    {";", false},
    {" \t gzip \t ", true},
    {"\xff\xfe,gzip", true},
};

START_TEST(gzip_is_taken_where_it_is_named_with_a_weight_above_0)
{
    ck_assert_msg(encode_wants_gzip(headers[_i].header) == headers[_i].wanted, "\"%s\"",
                  headers[_i].header);
}
END_TEST

/* -- gzip -------------------------------------------------------------------------------------- */

/* What a browser makes of it; *len of the result, from malloc. */
static char *inflate_all(const struct buf *body, size_t *len, size_t size)
{
    char *out = malloc(size);
    z_stream stream = {.next_in = (Bytef *)body->data,
                       .avail_in = (uInt)body->len,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)size};

    ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
    ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(stream.avail_in, 0);
    *len = size - stream.avail_out;
    inflateEnd(&stream);
    return out;
}

static const size_t sizes[] = {1, 1000, 16384, 300000};

START_TEST(what_is_compressed_comes_back_the_same)
{
    struct buf body = {.limit = 1 << 20};
    size_t size = sizes[_i], len;
    char *plain = malloc(size), *back;
    uint32_t chance = 1;

    for (size_t i = 0; i < size; i++) {
        chance = chance * 1664525u + 1013904223u;
        plain[i] = (char)(chance >> (_i % 2 ? 24 : 30)); /* hardly, and well compressible */
    }
    buf_add(&body, plain, size);
    ck_assert(encode_gzip(&body));
    ck_assert_uint_eq(body.limit, 1 << 20);
    back = inflate_all(&body, &len, size + 1);
    ck_assert_uint_eq(len, size);
    ck_assert_mem_eq(back, plain, size);
    free(back);
    free(plain);
    buf_free(&body, false);
}
END_TEST

START_TEST(a_page_becomes_smaller)
{
    struct buf body = {0};

    for (int i = 0; i < 500; i++)
        buf_addf(&body, "<li><a href=\"/track/%d\">Track</a></li>\n", i);
    size_t plain = body.len;

    ck_assert(encode_gzip(&body));
    ck_assert_uint_lt(body.len, plain / 4);
    buf_free(&body, false);
}
END_TEST

START_TEST(what_would_grow_past_its_limit_stays_as_it_was)
{
    struct buf body = {.limit = 8};

    buf_add_text(&body, "abcdefgh");
    ck_assert(!encode_gzip(&body));
    ck_assert(!body.failed);
    ck_assert_str_eq(body.data, "abcdefgh");
    buf_free(&body, false);
}
END_TEST

/* -- tags -------------------------------------------------------------------------------------- */

START_TEST(a_tag_depends_on_each_byte_and_on_the_form)
{
    char one[ENCODE_TAG_SIZE], other[ENCODE_TAG_SIZE];

    encode_tag("abc", 3, false, one);
    encode_tag("abc", 3, false, other);
    ck_assert_str_eq(one, other);
    ck_assert_uint_eq(strlen(one), 2 * VAULT_DIGEST_SIZE + 2);
    ck_assert(one[0] == '"' && one[strlen(one) - 1] == '"');
    encode_tag("abd", 3, false, other);
    ck_assert_str_ne(one, other);
    encode_tag("abc", 3, true, other);
    ck_assert_str_ne(one, other);
    ck_assert_uint_eq(strlen(other), ENCODE_TAG_SIZE - 1);
}
END_TEST

static const struct {
    const char *header;
    bool matches; /* "abc" */
} known[] = {
    {NULL, false},
    {"", false},
    {"*", true},
    {"\"abc\"", true},
    {"W/\"abc\"", true},
    {"\"x\", \"abc\"", true},
    {"\"x\",\t W/\"abc\" , \"y\"", true},
    {"\"x,y\", \"abc\"", true},
    {",,\"abc\"", true},
    {"\"abc\" and nonsense", true},
    {"abc", false},
    {"\"abc", false},
    {"\"abcd\"", false},
    {"\"ab\"", false},
    {"\"x\"abc\"", false},
    {"nonsense \"abc\"", false},
    {"w/\"abc\"", false},
    {"W/W/\"abc\"", false},
    {"W/", false},
    {"\"", false},
    {"\"\"", false},
    {"*, \"x\"", false},
    {"\"\xff\xfe\", \"abc\"", true},
};

START_TEST(a_tag_is_found_in_a_list_of_them)
{
    ck_assert_msg(encode_tag_matches(known[_i].header, "\"abc\"") == known[_i].matches, "%s",
                  known[_i].header);
}
END_TEST

/* -- names of files ---------------------------------------------------------------------------- */

static const struct {
    const char *name, *header;
} names[] = {
    {"plays.csv", "attachment; filename=\"plays.csv\""},
    {"my plays.csv", "attachment; filename=\"my plays.csv\""},
    {"a\"b\\c.csv", "attachment; filename=\"a_b_c.csv\"; filename*=UTF-8''a%22b%5Cc.csv"},
    {"\xc3\xa5.csv", "attachment; filename=\"__.csv\"; filename*=UTF-8''%C3%A5.csv"},
    {"../../etc/x", "attachment; filename=\".._.._etc_x\"; filename*=UTF-8''.._.._etc_x"},
    {"50%.csv", "attachment; filename=\"50_.csv\"; filename*=UTF-8''50%25.csv"},
    {"a\r\nSet-Cookie: x", "attachment; filename=\"a__Set-Cookie: x\"; "
                           "filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x"},
};

START_TEST(a_name_is_quoted_so_that_it_stays_one)
{
    struct buf header = {0};

    encode_disposition(&header, names[_i].name);
    ck_assert_str_eq(header.data, names[_i].header);
    buf_free(&header, false);
}
END_TEST

Suite *web_encode_suite(void)
{
    Suite *suite = suite_create("web_encode");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, gzip_is_taken_where_it_is_named_with_a_weight_above_0, 0,
                        sizeof(headers) / sizeof(headers[0]));
    tcase_add_loop_test(all, what_is_compressed_comes_back_the_same, 0,
                        sizeof(sizes) / sizeof(sizes[0]));
    tcase_add_test(all, a_page_becomes_smaller);
    tcase_add_test(all, what_would_grow_past_its_limit_stays_as_it_was);
    tcase_add_test(all, a_tag_depends_on_each_byte_and_on_the_form);
    tcase_add_loop_test(all, a_tag_is_found_in_a_list_of_them, 0, sizeof(known) / sizeof(known[0]));
    tcase_add_loop_test(all, a_name_is_quoted_so_that_it_stays_one, 0,
                        sizeof(names) / sizeof(names[0]));
    suite_add_tcase(suite, all);
    return suite;
}
