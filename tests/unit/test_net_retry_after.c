/* SPDX-License-Identifier: MIT */
/* Retry-After, in every form that was ever seen, and the other headers that are read. */
#include "lib/count.h"
#include "lib/net_world.h"
#include "net/net_private.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TEN_YEARS INT64_C(315360000)
#define NOW INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct {
    const char *value;
    int64_t seconds;
} values[] = {
    {"5", 5},
    {"0", 0},
    {"007", 7},
    {"86400", 86400},
    {" 12\t", 12},
    {"315360000", TEN_YEARS},
    {"315360001", TEN_YEARS},
    {"99999999999999999999999999999999", TEN_YEARS},
    {"9223372036854775808", TEN_YEARS},
    {"5, 10", 10},
    {"10,5", 10},
    {"Sun, 06 Nov 1994 08:50:37 GMT", 60},
    {"Sunday, 06-Nov-94 08:49:38 GMT", 1},
    {"Sun Nov  6 09:49:37 1994", 3600},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    /* libcurl knows no time that the system has no number for */
    {"Fri, 31 Dec 9999 23:59:59 GMT", sizeof(time_t) > 4 ? TEN_YEARS : NET_RETRY_AFTER_BAD},
    {"", NET_RETRY_AFTER_BAD},
    {"-1", NET_RETRY_AFTER_BAD},
    {"+5", NET_RETRY_AFTER_BAD},
    {"1e99", NET_RETRY_AFTER_BAD},
    {"5.0", NET_RETRY_AFTER_BAD},
    {"5s", NET_RETRY_AFTER_BAD},
    {"5 5", NET_RETRY_AFTER_BAD},
    {"5,", NET_RETRY_AFTER_BAD},
    {",5", NET_RETRY_AFTER_BAD},
    {"5, soon", NET_RETRY_AFTER_BAD},
    {"0x10", NET_RETRY_AFTER_BAD},
    {"soon", NET_RETRY_AFTER_BAD},
    {"soon: later", NET_RETRY_AFTER_BAD},
    {"NaN", NET_RETRY_AFTER_BAD},
    {"20301106", 20301106}, /* a date to some, seconds to us */
    {"12:30:00", NET_RETRY_AFTER_BAD},
    {"\xd9\xa5", NET_RETRY_AFTER_BAD}, /* a digit, but not an ASCII one */
};

START_TEST(A16_retry_after_is_seconds_or_a_date_and_nothing_else)
{
    int64_t wanted = values[_i].seconds;

    ck_assert_msg(net_retry_after_parse(values[_i].value, NOW) == wanted, "\"%s\": %lld",
                  values[_i].value, (long long)net_retry_after_parse(values[_i].value, NOW));
}
END_TEST

/* GET that is answered with a 429 and these header lines. */
static const struct net_answer *limited(const char *lines)
{
    static char text[2000];
    static struct stub_step steps[3]; /* the last one is STUB_END */

    snprintf(text, sizeof(text), "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n%s\r\n", lines);
    steps[0] = (struct stub_step)STUB_DO(STUB_READ);
    steps[1] = (struct stub_step){STUB_SEND, text, strlen(text), 1, 0};
    return &get_scripted(steps)->answer;
}

START_TEST(A16_no_retry_after_is_told_from_a_bad_one)
{
    ck_assert_int_eq(limited("")->retry_after_s, NET_RETRY_AFTER_NONE);
}
END_TEST

START_TEST(A16_a_bad_retry_after_is_said)
{
    const struct net_answer *answer = limited("Retry-After: 1e99\r\n");

    ck_assert_int_eq(answer->error, NET_OK);
    ck_assert_int_eq(answer->status, 429);
    ck_assert_int_eq(answer->retry_after_s, NET_RETRY_AFTER_BAD);
}
END_TEST

START_TEST(A16_an_empty_retry_after_is_a_bad_one)
{
    ck_assert_int_eq(limited("Retry-After:\r\n")->retry_after_s, NET_RETRY_AFTER_BAD);
}
END_TEST

START_TEST(A16_of_two_retry_after_headers_the_larger_counts)
{
    ck_assert_int_eq(limited("Retry-After: 5\r\nretry-after: 86400\r\n")->retry_after_s, 86400);
}
END_TEST

START_TEST(A16_the_larger_counts_also_when_it_comes_first)
{
    ck_assert_int_eq(limited("Retry-After: 77\r\nX: y\r\nRetry-After: 5\r\n")->retry_after_s, 77);
}
END_TEST

START_TEST(A16_a_good_retry_after_beats_bad_ones_on_either_side)
{
    ck_assert_int_eq(
        limited("Retry-After: -1\r\nRetry-After: 0\r\nRetry-After: soon\r\n")->retry_after_s, 0);
}
END_TEST

START_TEST(A16_a_date_counts_from_the_answers_own_date)
{
    const struct net_answer *answer = limited("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                              "Retry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\n");

    ck_assert_int_eq(answer->date_wall_ms, NOW * 1000);
    ck_assert_int_eq(answer->retry_after_s, 3600);
}
END_TEST

START_TEST(A16_a_date_without_a_date_counts_from_the_wall_clock)
{
    char lines[100];
    time_t then = time(NULL) + 3600;
    struct tm tm;
    int64_t seconds;

    strftime(lines, sizeof(lines), "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n",
             gmtime_r(&then, &tm));
    seconds = limited(lines)->retry_after_s;
    ck_assert_int_ge(seconds, 3590);
    ck_assert_int_le(seconds, 3600);
}
END_TEST

START_TEST(a_thousand_retry_after_headers_cost_nothing)
{
    static const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n"),
        {STUB_SEND, "Retry-After: 1\r\n", 16, 2000, 0},
        STUB_TEXT("\r\n"),
        STUB_DO(STUB_END),
    };
    const struct kept_answer *kept = get_scripted(steps);

    ck_assert_int_eq(kept->answer.retry_after_s, 1);
    ck_assert_int_lt(kept->answer.duration_us, 500000);
}
END_TEST

START_TEST(a_cut_429_still_tells_how_long_to_wait)
{
    static const struct stub_step steps[] = {
        STUB_DO(STUB_READ),
        STUB_TEXT("HTTP/1.1 429 Too Many\r\nRetry-After: 300\r\nContent-Length: 9\r\n\r\n{"),
        STUB_DO(STUB_CLOSE),
    };
    const struct kept_answer *kept = get_scripted(steps);

    ck_assert_int_eq(kept->answer.error, NET_ERROR_BROKEN);
    ck_assert_int_eq(kept->answer.status, 429);
    ck_assert_int_eq(kept->answer.retry_after_s, 300);
}
END_TEST

START_TEST(a_date_that_is_none_is_none)
{
    ck_assert_int_eq(limited("Date: yesterday\r\n")->date_wall_ms, 0);
}
END_TEST

START_TEST(a_content_type_of_odd_bytes_is_cut_at_the_first)
{
    ck_assert_str_eq(limited("Content-Type: text/ht\x1bml\r\n")->content_type, "text/ht");
}
END_TEST

START_TEST(a_long_content_type_is_cut_to_its_room)
{
    char lines[300] = "Content-Type: ";

    memset(lines + 14, 'A', 200);
    memcpy(lines + 214, "\r\n", 3);
    ck_assert_uint_eq(strlen(limited(lines)->content_type), 79);
}
END_TEST

Suite *net_retry_after_suite(void)
{
    Suite *suite = suite_create("net_retry_after");
    TCase *parsing = tcase_create("parsing");
    TCase *answers = tcase_create("answers");
    TCase *quick = tcase_create("quick");

    tcase_add_loop_test(parsing, A16_retry_after_is_seconds_or_a_date_and_nothing_else, 0,
                        COUNT(values));
    tcase_add_checked_fixture(answers, net_world_open, net_world_close);
    tcase_add_test(answers, A16_no_retry_after_is_told_from_a_bad_one);
    tcase_add_test(answers, A16_a_bad_retry_after_is_said);
    tcase_add_test(answers, A16_an_empty_retry_after_is_a_bad_one);
    tcase_add_test(answers, A16_of_two_retry_after_headers_the_larger_counts);
    tcase_add_test(answers, A16_the_larger_counts_also_when_it_comes_first);
    tcase_add_test(answers, A16_a_good_retry_after_beats_bad_ones_on_either_side);
    tcase_add_test(answers, A16_a_date_counts_from_the_answers_own_date);
    tcase_add_test(answers, A16_a_date_without_a_date_counts_from_the_wall_clock);
    tcase_add_checked_fixture(quick, net_world_open, net_world_close);
    tcase_set_tags(quick, "timing");
    tcase_add_test(quick, a_thousand_retry_after_headers_cost_nothing);
    tcase_add_test(answers, a_cut_429_still_tells_how_long_to_wait);
    tcase_add_test(answers, a_date_that_is_none_is_none);
    tcase_add_test(answers, a_content_type_of_odd_bytes_is_cut_at_the_first);
    tcase_add_test(answers, a_long_content_type_is_cut_to_its_room);
    suite_add_tcase(suite, parsing);
    suite_add_tcase(suite, answers);
    suite_add_tcase(suite, quick);
    return suite;
}
