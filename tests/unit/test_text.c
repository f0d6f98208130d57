/* SPDX-License-Identifier: MIT */
/* Time stamps and durations. */
#include "base/text.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "lib/chance.h"
#include "lib/count.h"

#define YEAR_9999_END INT64_C(253402300799999)

/* --- time stamps -------------------------------------------------------------------------- */

static const struct time_case {
    const char *text;
    int64_t ms;
} good_times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.001Z", 1},
    {"2026-11-20T18:04:11.207Z", INT64_C(1795197851207)},
    {"2026-11-20T18:04:11Z", INT64_C(1795197851000)},
    {"2026-11-20T18:04:11.2Z", INT64_C(1795197851200)},
    {"2026-11-20T18:04:11.207999999Z", INT64_C(1795197851207)},
    {"2026-11-20T19:04:11.207+01:00", INT64_C(1795197851207)},
    {"2026-11-20T12:34:11.207-05:30", INT64_C(1795197851207)},
    {"2026-11-20T18:04:11.207+00:00", INT64_C(1795197851207)},
    {"2026-11-20T18:04:11.207-00:00", INT64_C(1795197851207)},
    {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
    {"2100-02-28T23:59:59Z", INT64_C(4107542399000)},
    {"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
    {"2016-12-31T23:59:60.500Z", INT64_C(1483228800500)},
    {"9999-12-31T23:59:59.999Z", YEAR_9999_END},
};

static const char *const bad_times[] = {
    "",
    "2026",
    "2026-11-20",
    "2026-11-20T18:04:11",
    "2026-11-20T18:04Z",
    "2026-11-20T18-04:11Z",
    "2026-11-20T18:04-11Z",
    "2026-11-20T18:04:11?",
    "2026-11-20T18:04:11.207+01.00",
    "2026-11-20T18:04:11.207 01:00",
    "2026-11-20T18:04:11.207+aa:00",
    "2026-11-20T18:04:11.207+01:aa",
    "2026-11-20T18:04:11.207+01:60",
    "2026-11-20T18:04:11.207+24:00",
    "2026-11-20T18:04:11/5Z",
    "2026-11-20T18:04:11.2/Z",
    "2026-11-20 18:04:11Z",
    "2026-11-20t18:04:11Z",
    "2026-11-20T18:04:11z",
    "2026-11-20T18:04:11.Z",
    "2026-11-20T18:04:11,207Z",
    "2026-11-20T18:04:11.1234567890Z",
    "2026-11-20T18:04:11.20aZ",
    "2026-11-20T18:04:11.207",
    "2026-11-20T18:04:11.207ZZ",
    "2026-11-20T18:04:11.207Z ",
    " 2026-11-20T18:04:11.207Z",
    "2026-11-20T18:04:11+0100",
    "2026-11-20T18:04:11+01",
    "2026-11-20T18:04:11+24:00",
    "2026-11-20T18:04:11+01:60",
    "2026-11-20T18:04:11+1:000",
    "2026-00-20T18:04:11Z",
    "2026-13-20T18:04:11Z",
    "2026-11-00T18:04:11Z",
    "2026-11-31T18:04:11Z",
    "2026-02-29T18:04:11Z",
    "2100-02-29T18:04:11Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T18:60:11Z",
    "2026-11-20T18:04:61Z",
    "1969-12-31T23:59:59Z",
    "1969-12-31T23:00:00-01:00",
    "1970-01-01T00:00:00+00:01",
    "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "-026-11-20T18:04:11Z",
    "2026-11-20T18:04:-1Z",
    "2026-11-20T+8:04:11Z",
    "2026/11/20T18:04:11Z",
    "string",
    "Fri, 20 Nov 2026 18:04:11 GMT",
};

START_TEST(A12_a_time_stamp_is_read)
{
    const struct time_case *wanted = &good_times[_i];
    int64_t ms = -1;

    ck_assert_msg(text_time_parse(wanted->text, strlen(wanted->text), &ms), "%s", wanted->text);
    ck_assert_msg(ms == wanted->ms, "%s gave %" PRId64, wanted->text, ms);
}
END_TEST

START_TEST(A12_what_is_no_time_stamp_is_refused)
{
    int64_t ms = 42;

    ck_assert_msg(!text_time_parse(bad_times[_i], strlen(bad_times[_i]), &ms), "%s", bad_times[_i]);
    ck_assert_int_eq(ms, 42);
}
END_TEST

START_TEST(every_beginning_of_a_time_stamp_is_refused)
{
    const char *text = "2026-11-20T18:04:11.207+01:00";
    int64_t ms;

    for (size_t len = 0; len < strlen(text); len++) {
        char *cut = malloc(len > 0 ? len : 1); /* so that a sanitizer sees a step too far */

        memcpy(cut, text, len);
        ck_assert_msg(!text_time_parse(cut, len, &ms), "the first %zu bytes", len);
        free(cut);
    }
}
END_TEST

START_TEST(a_time_stamp_with_a_nul_in_it_is_refused)
{
    int64_t ms;

    ck_assert(!text_time_parse("2026-11-20T18:04:11\0Z", 21, &ms));
    ck_assert(!text_time_parse("2026-11-20T18:04:11Z\0", 21, &ms));
}
END_TEST

START_TEST(days_agree_with_timegm)
{
    char buf[TEXT_TIME_SIZE];

    for (int64_t day = 0; day * CLOCK_DAY < YEAR_9999_END; day += 1 + day % 29) {
        time_t seconds = (time_t)(day * 86400 + day % 86400);
        struct tm utc;
        char wanted[64];
        int64_t ms;

        gmtime_r(&seconds, &utc);
        strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.000Z", &utc);
        ck_assert(text_time_parse(wanted, strlen(wanted), &ms));
        if (ms != (int64_t)timegm(&utc) * 1000)
            ck_abort_msg("%s gave %" PRId64, wanted, ms);
        if (strcmp(text_time_format(ms, buf), wanted) != 0)
            ck_abort_msg("%s for %s", buf, wanted);
    }
}
END_TEST

START_TEST(what_is_written_is_read_as_the_same)
{
    struct chance chance = chance_open("text_time");
    char buf[TEXT_TIME_SIZE];

    for (int i = 0; i < 200000; i++) {
        int64_t ms = (int64_t)chance_below(&chance, (uint64_t)YEAR_9999_END + 1);
        int64_t again = -1;

        text_time_format(ms, buf);
        if (!text_time_parse(buf, strlen(buf), &again) || again != ms)
            ck_abort_msg("%" PRId64 " as %s gave %" PRId64, ms, buf, again);
    }
}
END_TEST

START_TEST(an_offset_only_moves_the_moment)
{
    struct chance chance = chance_open("text_time_offset");
    char buf[TEXT_TIME_SIZE];
    char moved[TEXT_TIME_SIZE + 8];

    for (int i = 0; i < 20000; i++) {
        int64_t local = CLOCK_DAY + (int64_t)chance_below(&chance, (uint64_t)(YEAR_9999_END / 2));
        int minutes = (int)chance_below(&chance, 1440);
        bool west = chance_below(&chance, 2) == 1;
        int64_t ms = -1;

        text_time_format(local, buf);
        snprintf(moved, sizeof(moved), "%.23s%c%02d:%02d", buf, west ? '-' : '+', minutes / 60,
                 minutes % 60);
        ck_assert_msg(text_time_parse(moved, strlen(moved), &ms), "%s", moved);
        ck_assert_msg(ms == local + (west ? 1 : -1) * minutes * CLOCK_MINUTE, "%s", moved);
    }
}
END_TEST

START_TEST(any_64_bit_time_is_written_within_its_buffer)
{
    char buf[TEXT_TIME_SIZE];

    ck_assert_str_eq(text_time_format(-1, buf), "1969-12-31T23:59:59.999Z");
    ck_assert_str_eq(text_time_format(INT64_MAX, buf), "292278994-08-17T07:12:55.807Z");
    ck_assert_str_eq(text_time_format(INT64_MIN, buf), "-292275055-05-16T16:47:04.192Z");
}
END_TEST

/* --- durations ---------------------------------------------------------------------------- */

static const struct duration_case {
    const char *text;
    int64_t ms;
    const char *written; /* NULL: as text */
} good_durations[] = {
    {"0", 0, NULL},
    {"0s", 0, "0"},
    {"250ms", 250, NULL},
    {"90s", 90000, "1m30s"},
    {"10m", 600000, NULL},
    {"1h30m", 5400000, NULL},
    {"2d", 2 * CLOCK_DAY, NULL},
    {"1d2h3m4s5ms", CLOCK_DAY + 2 * CLOCK_HOUR + 3 * CLOCK_MINUTE + 4005, NULL},
    {"48h", 2 * CLOCK_DAY, "2d"},
    {"1000ms", 1000, "1s"},
    {"007s", 7000, "7s"},
    {"36500d", 36500 * CLOCK_DAY, NULL},
    {"3153600000s", 36500 * CLOCK_DAY, "36500d"},
};

static const char *const bad_durations[] = {
    "",
    "1",
    "00",
    "10",
    "m",
    "-1s",
    "+1s",
    "1 s",
    " 1s",
    "1s ",
    "1m1h",
    "1s1s",
    "1h30",
    "1.5h",
    "1e3s",
    "1S",
    "1min",
    "1hour",
    "36501d",
    "36500d1ms",
    "1w",
    "1s1m",
    "1ms1s",
    "s1",
    "0x10s",
    "1\xc2s",
    "1h\n30m",
    "99999999999999999999s",
    "9223372036854775807d",
    "1m-1s",
};

START_TEST(a_duration_is_read)
{
    int64_t ms = -1;

    ck_assert(text_duration_parse(good_durations[_i].text, &ms));
    ck_assert_int_eq(ms, good_durations[_i].ms);
}
END_TEST

START_TEST(a_duration_is_written_in_its_shortest_form)
{
    const struct duration_case *wanted = &good_durations[_i];
    char buf[TEXT_DURATION_SIZE];

    ck_assert_str_eq(text_duration_format(wanted->ms, buf),
                     wanted->written != NULL ? wanted->written : wanted->text);
}
END_TEST

START_TEST(what_is_no_duration_is_refused)
{
    int64_t ms = 42;

    ck_assert_msg(!text_duration_parse(bad_durations[_i], &ms), "%s", bad_durations[_i]);
    ck_assert_int_eq(ms, 42);
}
END_TEST

START_TEST(a_written_duration_is_read_as_the_same)
{
    struct chance chance = chance_open("text_duration");
    char buf[TEXT_DURATION_SIZE];

    for (int i = 0; i < 50000; i++) {
        int64_t limit = i % 2 == 0 ? CLOCK_HOUR : 36500 * CLOCK_DAY;
        int64_t ms = (int64_t)chance_below(&chance, (uint64_t)limit + 1);
        int64_t again = -1;

        text_duration_format(ms, buf);
        if (!text_duration_parse(buf, &again) || again != ms)
            ck_abort_msg("%" PRId64 " as %s gave %" PRId64, ms, buf, again);
    }
}
END_TEST

START_TEST(a_negative_duration_is_written_as_none)
{
    char buf[TEXT_DURATION_SIZE];

    ck_assert_str_eq(text_duration_format(-5, buf), "0");
    ck_assert_str_eq(text_duration_human(INT64_MIN, buf), "0 ms");
}
END_TEST

static const struct human_case {
    int64_t ms;
    const char *text;
} human[] = {
    {0, "0 ms"},
    {250, "250 ms"},
    {999, "999 ms"},
    {1000, "1 s"},
    {1499, "1 s"},
    {1500, "2 s"},
    {12000, "12 s"},
    {59499, "59 s"},
    {59500, "1 min"},
    {60000, "1 min"},
    {90000, "1 min 30 s"},
    {599400, "9 min 59 s"},
    {599500, "10 min"},
    {601000, "10 min"},
    {59 * CLOCK_MINUTE + 30000, "1 h"},
    {CLOCK_HOUR, "1 h"},
    {3 * CLOCK_HOUR + 12 * CLOCK_MINUTE, "3 h 12 min"},
    {47 * CLOCK_HOUR + 59 * CLOCK_MINUTE, "47 h 59 min"},
    {48 * CLOCK_HOUR - 1, "2 days"},
    {4 * CLOCK_DAY, "4 days"},
    {4 * CLOCK_DAY + 12 * CLOCK_HOUR, "5 days"},
    {INT64_MAX, "106751991167 days"},
};

START_TEST(a_duration_is_rounded_for_people)
{
    char buf[TEXT_DURATION_SIZE];

    ck_assert_str_eq(text_duration_human(human[_i].ms, buf), human[_i].text);
}
END_TEST

static TCase *time_cases(void)
{
    TCase *tcase = tcase_create("time");

    tcase_add_loop_test(tcase, A12_a_time_stamp_is_read, 0, COUNT(good_times));
    tcase_add_loop_test(tcase, A12_what_is_no_time_stamp_is_refused, 0, COUNT(bad_times));
    tcase_add_test(tcase, every_beginning_of_a_time_stamp_is_refused);
    tcase_add_test(tcase, a_time_stamp_with_a_nul_in_it_is_refused);
    tcase_add_test(tcase, days_agree_with_timegm);
    tcase_add_test(tcase, what_is_written_is_read_as_the_same);
    tcase_add_test(tcase, an_offset_only_moves_the_moment);
    tcase_add_test(tcase, any_64_bit_time_is_written_within_its_buffer);
    return tcase;
}

static TCase *duration_cases(void)
{
    TCase *tcase = tcase_create("duration");

    tcase_add_loop_test(tcase, a_duration_is_read, 0, COUNT(good_durations));
    tcase_add_loop_test(tcase, a_duration_is_written_in_its_shortest_form, 0,
                        COUNT(good_durations));
    tcase_add_loop_test(tcase, what_is_no_duration_is_refused, 0, COUNT(bad_durations));
    tcase_add_test(tcase, a_written_duration_is_read_as_the_same);
    tcase_add_test(tcase, a_negative_duration_is_written_as_none);
    tcase_add_loop_test(tcase, a_duration_is_rounded_for_people, 0, COUNT(human));
    return tcase;
}

Suite *text_suite(void)
{
    Suite *suite = suite_create("text");

    suite_add_tcase(suite, time_cases());
    suite_add_tcase(suite, duration_cases());
    return suite;
}
