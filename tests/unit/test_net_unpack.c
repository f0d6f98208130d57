/* SPDX-License-Identifier: MIT */
/* Bodies that stay packed until somebody reads them: what is told from them packed, and what comes
 * out. */
#include "lib/net_world.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"

#define TEXT "{\"items\":[]}, and then something long enough to be worth packing, packing, packing"
#define ROOM 400
#define LIMIT 1000

#define GZIP_WINDOW 31
#define ZLIB_WINDOW 15
#define BARE_WINDOW (-15)

static char packed[ROOM];
static struct buf body;
static struct net_answer plain;

static void setup(void)
{
    body = (struct buf){.limit = LIMIT};
    memset(&plain, 0, sizeof(plain));
}

static void teardown(void)
{
    buf_free(&body, false);
}

static size_t pack(const void *in, size_t in_len, int window, char *out, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)in_len};

    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return size - stream.avail_out;
}

static struct net_answer answer_of(enum net_coding coding, size_t len)
{
    return (struct net_answer){.status = 200, .coding = coding, .body = packed, .body_len = len};
}

static void expect_plain(const struct net_answer *answer)
{
    net_answer_unpack(answer, &body, &plain);
    ck_assert_int_eq(plain.error, NET_OK);
    ck_assert_int_eq(plain.status, 200);
    ck_assert_int_eq(plain.coding, NET_CODING_NONE);
    ck_assert_str_eq(plain.body, TEXT);
    ck_assert_uint_eq(plain.body_len, strlen(TEXT));
}

static void expect_error(const struct net_answer *answer, enum net_error error, const char *message)
{
    net_answer_unpack(answer, &body, &plain);
    ck_assert_int_eq(plain.error, error);
    ck_assert_str_eq(plain.message, message);
    ck_assert_int_eq(plain.status, 200);
    ck_assert_str_eq(plain.body, "");
    ck_assert_uint_eq(plain.body_len, 0);
}

static const struct {
    enum net_coding coding;
    int window;
} ways[] = {
    {NET_CODING_GZIP, GZIP_WINDOW},
    {NET_CODING_DEFLATE, ZLIB_WINDOW},
    {NET_CODING_DEFLATE, BARE_WINDOW},
};

START_TEST(each_coding_is_unpacked)
{
    struct net_answer answer =
        answer_of(ways[_i].coding, pack(TEXT, strlen(TEXT), ways[_i].window, packed, ROOM));

    expect_plain(&answer);
}
END_TEST

START_TEST(what_was_cut_is_broken)
{
    size_t whole = pack(TEXT, strlen(TEXT), ways[_i].window, packed, ROOM);

    for (size_t len = 1; len < whole; len++) {
        struct net_answer answer = answer_of(ways[_i].coding, len);

        expect_error(&answer, NET_ERROR_BROKEN, "answer cannot be unpacked");
        buf_clear(&body, false);
    }
}
END_TEST

START_TEST(what_follows_the_end_is_left_alone)
{
    size_t len = pack(TEXT, strlen(TEXT), ways[_i].window, packed, ROOM);
    struct net_answer answer = answer_of(ways[_i].coding, len + 20);

    memset(packed + len, 'x', 20);
    expect_plain(&answer);
}
END_TEST

START_TEST(a_plain_body_is_its_own)
{
    struct net_answer answer = answer_of(NET_CODING_NONE, strlen(TEXT));

    memcpy(packed, TEXT, sizeof(TEXT));
    expect_plain(&answer);
    ck_assert_ptr_eq(plain.body, packed);
}
END_TEST

START_TEST(nothing_packed_is_nothing)
{
    struct net_answer answer = answer_of(NET_CODING_GZIP, 0);

    packed[0] = '\0';
    net_answer_unpack(&answer, &body, &plain);
    ck_assert_int_eq(plain.error, NET_OK);
    ck_assert_str_eq(plain.body, "");
}
END_TEST

START_TEST(emptiness_packed_is_nothing)
{
    struct net_answer answer =
        answer_of(ways[_i].coding, pack("", 0, ways[_i].window, packed, ROOM));

    net_answer_unpack(&answer, &body, &plain);
    ck_assert_int_eq(plain.error, NET_OK);
    ck_assert_str_eq(plain.body, "");
    ck_assert_uint_eq(plain.body_len, 0);
}
END_TEST

START_TEST(what_is_no_such_coding_is_broken)
{
    struct net_answer answer = answer_of(ways[_i].coding, strlen("no coding at all"));

    memcpy(packed, "no coding at all", sizeof("no coding at all"));
    expect_error(&answer, NET_ERROR_BROKEN, "answer cannot be unpacked");
}
END_TEST

START_TEST(an_unknown_coding_is_broken)
{
    struct net_answer answer = answer_of(NET_CODING_UNKNOWN, strlen(TEXT));

    memcpy(packed, TEXT, sizeof(TEXT));
    expect_error(&answer, NET_ERROR_BROKEN, "answer cannot be unpacked");
}
END_TEST

START_TEST(a_dictionary_is_nothing_that_we_have)
{
    struct net_answer answer = answer_of(NET_CODING_DEFLATE, 8);

    memcpy(packed, "\x78\xf9\1\2\3\4\5\6", 8); /* FDICT, RFC 1950 section 2.2 */
    expect_error(&answer, NET_ERROR_BROKEN, "answer cannot be unpacked");
}
END_TEST

START_TEST(an_answer_with_an_error_keeps_it)
{
    struct net_answer answer = {
        .error = NET_ERROR_TIMEOUT, .message = "no answer within 3 s", .body = ""};

    answer.coding = NET_CODING_GZIP;
    net_answer_unpack(&answer, &body, &plain);
    ck_assert_int_eq(plain.error, NET_ERROR_TIMEOUT);
    ck_assert_str_eq(plain.message, "no answer within 3 s");
}
END_TEST

START_TEST(A11_as_many_bytes_as_the_limit_are_taken_and_one_more_is_too_big)
{
    char zeros[LIMIT + 1] = {0};
    struct net_answer answer =
        answer_of(ways[_i].coding, pack(zeros, LIMIT + (size_t)1, ways[_i].window, packed, ROOM));

    expect_error(&answer, NET_ERROR_TOO_BIG, "answer is larger than 1000 bytes");
    buf_clear(&body, false);
    answer.body_len = pack(zeros, LIMIT, ways[_i].window, packed, ROOM);
    net_answer_unpack(&answer, &body, &plain);
    ck_assert_int_eq(plain.error, NET_OK);
    ck_assert_uint_eq(plain.body_len, LIMIT);
}
END_TEST

/* Packed at another second: RFC 1952 section 2.3, MTIME. */
START_TEST(the_signature_knows_no_time)
{
    struct net_answer answer =
        answer_of(NET_CODING_GZIP, pack(TEXT, strlen(TEXT), GZIP_WINDOW, packed, ROOM));
    char first[ROOM];
    const char *data;
    size_t len, first_len;

    net_answer_signature(&answer, &data, &first_len);
    memcpy(first, data, first_len);
    packed[4]++;
    packed[7]++;
    net_answer_signature(&answer, &data, &len);
    ck_assert_uint_eq(len, first_len);
    ck_assert_mem_eq(data, first, len);
    expect_plain(&answer);
}
END_TEST

START_TEST(the_signature_is_all_of_what_is_no_gzip)
{
    struct net_answer answer = answer_of(ways[1].coding, 100);
    const char *data;
    size_t len;

    net_answer_signature(&answer, &data, &len);
    ck_assert_ptr_eq(data, packed);
    ck_assert_uint_eq(len, 100);
    answer = answer_of(NET_CODING_GZIP, 8); /* and of what is too short to be one */
    net_answer_signature(&answer, &data, &len);
    ck_assert_ptr_eq(data, packed);
    ck_assert_uint_eq(len, 8);
}
END_TEST

/* -- over the wire ------------------------------------------------------------------------------ */

static const struct coding_header {
    const char *header;
    enum net_coding coding;
} headers[] = {
    {"", NET_CODING_NONE},
    {"Content-Encoding: gzip\r\n", NET_CODING_GZIP},
    {"Content-Encoding: X-GZip\r\n", NET_CODING_GZIP},
    {"Content-Encoding: deflate\r\n", NET_CODING_DEFLATE},
    {"Content-Encoding: identity\r\n", NET_CODING_NONE},
    {"Content-Encoding: br\r\n", NET_CODING_UNKNOWN},
    {"Content-Encoding: gzip, gzip\r\n", NET_CODING_UNKNOWN},
    {"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", NET_CODING_UNKNOWN},
};

START_TEST(a_packed_body_comes_as_it_was_sent_with_its_coding)
{
    const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.0 200 OK\r\n"),
        {.action = STUB_SEND, .data = headers[_i].header, .len = strlen(headers[_i].header)},
        STUB_TEXT("\r\nas it is"),
        STUB_DO(STUB_CLOSE),
    };
    struct net_call call = call_of(stub_server_url(world.server, "/"));
    const struct kept_answer *kept;

    stub_server_script(world.server, steps);
    call.packed = true;
    kept = get_call(&call);
    ck_assert_int_eq(kept->answer.error, NET_OK);
    ck_assert_int_eq(kept->answer.coding, headers[_i].coding);
    ck_assert_str_eq(kept->body, "as it is");
    ck_assert_ptr_nonnull(
        strstr(stub_server_heard(world.server), "\r\nAccept-Encoding: gzip, deflate\r\n"));
    stub_server_free(world.server);
    world.server = NULL;
}
END_TEST

Suite *net_unpack_suite(void)
{
    Suite *suite = suite_create("net_unpack");
    TCase *tcase = tcase_create("unpack");
    const int count = sizeof(ways) / sizeof(ways[0]);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, each_coding_is_unpacked, 0, count);
    tcase_add_loop_test(tcase, what_was_cut_is_broken, 0, count);
    tcase_add_loop_test(tcase, what_follows_the_end_is_left_alone, 0, count);
    tcase_add_test(tcase, a_plain_body_is_its_own);
    tcase_add_test(tcase, nothing_packed_is_nothing);
    tcase_add_loop_test(tcase, emptiness_packed_is_nothing, 0, count);
    tcase_add_loop_test(tcase, what_is_no_such_coding_is_broken, 0, count);
    tcase_add_test(tcase, an_unknown_coding_is_broken);
    tcase_add_test(tcase, a_dictionary_is_nothing_that_we_have);
    tcase_add_test(tcase, an_answer_with_an_error_keeps_it);
    tcase_add_loop_test(tcase, A11_as_many_bytes_as_the_limit_are_taken_and_one_more_is_too_big, 0,
                        count);
    tcase_add_test(tcase, the_signature_knows_no_time);
    tcase_add_test(tcase, the_signature_is_all_of_what_is_no_gzip);
    suite_add_tcase(suite, tcase);
    tcase = net_world_case("wire");
    tcase_add_loop_test(tcase, a_packed_body_comes_as_it_was_sent_with_its_coding, 0,
                        sizeof(headers) / sizeof(headers[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
