/* SPDX-License-Identifier: MIT */
/* Time stamps, durations, whole numbers, UTF-8 and escaped excerpts. */
#include "base/text.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "lib/chance.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
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

/* --- whole numbers ------------------------------------------------------------------------ */

static const struct int_case {
    const char *text;
    int64_t value;
} good_ints[] = {
    {"0", 0},
    {"-0", 0},
    {"7", 7},
    {"-7", -7},
    {"007", 7},
    {"9223372036854775807", INT64_MAX},
    {"-9223372036854775807", -INT64_MAX},
    {"-9223372036854775808", INT64_MIN},
};

static const char *const bad_ints[] = {
    "",
    "-",
    "--1",
    "+1",
    " 1",
    "1 ",
    "1.0",
    "1e3",
    "0x",
    "1\n",
    "a",
    "1-1",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
};

START_TEST(a_whole_number_is_read)
{
    int64_t value = 42;

    ck_assert(text_int_parse(good_ints[_i].text, strlen(good_ints[_i].text), &value));
    ck_assert_int_eq(value, good_ints[_i].value);
}
END_TEST

START_TEST(what_is_no_whole_number_is_refused)
{
    int64_t value = 42;

    ck_assert_msg(!text_int_parse(bad_ints[_i], strlen(bad_ints[_i]), &value), "%s", bad_ints[_i]);
    ck_assert_int_eq(value, 42);
}
END_TEST

START_TEST(a_whole_number_ends_where_its_length_says)
{
    int64_t value;

    ck_assert(text_int_parse("12345", 2, &value));
    ck_assert_int_eq(value, 12);
    ck_assert(!text_int_parse("1\0", 2, &value));
}
END_TEST

/* --- UTF-8 -------------------------------------------------------------------------------- */

/* The plain reading of RFC 3629, against which the quick one is held. */
static size_t slow_length(const unsigned char *at, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = at[0] < 0x80             ? 1
                  : (at[0] & 0xe0) == 0xc0 ? 2
                  : (at[0] & 0xf0) == 0xe0 ? 3
                  : (at[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
    uint32_t point = need == 1 ? at[0] : at[0] & (0x7fu >> need);

    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least[need] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return need;
}

START_TEST(every_pair_and_triple_of_bytes_is_judged_as_the_rfc_says)
{
    for (unsigned value = 0; value < 0x1000000; value += value < 0xe00000 ? 0x101 : 0x33) {
        unsigned char bytes[4] = {(unsigned char)(value >> 16), (unsigned char)(value >> 8),
                                  (unsigned char)value, 0x80};

        for (size_t len = 1; len <= 4; len++) {
            size_t got = text_utf8_length((const char *)bytes, len);

            if (got != slow_length(bytes, len))
                ck_abort_msg("%06x of %zu bytes gave %zu", value, len, got);
        }
    }
}
END_TEST

START_TEST(a_sequence_is_cut_exactly_if_some_bytes_would_make_it_whole)
{
    for (unsigned value = 0; value < 0x10000; value++) {
        unsigned char bytes[4] = {(unsigned char)(value >> 8), (unsigned char)value, 0, 0};
        bool could = false;

        for (unsigned more = 0; more < 0x100 && !could; more++) {
            bytes[2] = (unsigned char)more;
            bytes[3] = 0x80;
            could = slow_length(bytes, 4) > 2;
        }
        if ((text_utf8_scan((const char *)bytes, 2) == 0) != could)
            ck_abort_msg("%04x", value);
    }
}
END_TEST

START_TEST(a_text_is_valid_if_all_of_it_is)
{
    ck_assert(text_utf8_valid("", 0));
    ck_assert(text_utf8_valid("Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8e\xb5", 12));
    ck_assert(text_utf8_valid("a\0b", 3));
    ck_assert(!text_utf8_valid("abc\xff", 4));
    ck_assert(!text_utf8_valid("abc\xc3", 4));
    ck_assert(!text_utf8_valid("\xc0\x80", 2));
    ck_assert(!text_utf8_valid("\xed\xa0\x80", 3));
    ck_assert(!text_utf8_valid("\xf4\x90\x80\x80", 4));
}
END_TEST

static const char *const controls[] = {
    "\n",
    "\r",
    "\t",
    "\x1b",
    "\x7f",
    "\xc2\x85",
    "\xc2\x9b",
    "\xe2\x80\xa8",
    "\xe2\x80\xa9",
    // NOLINTNEXTLINE(misc-misleading-bidirectional): that they do no harm is what is tested
    "\xe2\x80\xae",
    "\xe2\x80\x8e",
    "\xe2\x80\x8f",
    // NOLINTNEXTLINE(misc-misleading-bidirectional)
    "\xe2\x81\xa6",
    "\xe2\x81\xa9",
    "\xd8\x9c",
    "\xff",
};

START_TEST(a_control_makes_a_text_not_printable)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "a%sb", controls[_i]);

    ck_assert(!text_printable(text, (size_t)len));
    ck_assert(text_printable("Sigur R\xc3\xb3s \xe2\x80\x93 ( )", 17));
}
END_TEST

/* --- excerpts ----------------------------------------------------------------------------- */

static const struct excerpt_case {
    const char *text;
    size_t len;
    size_t size;
    const char *excerpt;
} excerpts[] = {
    {"plain", 5, 32, "plain"},
    {"", 0, 32, ""},
    {"a\nb", 3, 32, "a\\x0ab"},
    {"a\0b", 3, 32, "a\\x00b"},
    {"\x1b[31m", 5, 32, "\\x1b[31m"},
    {"\x7f", 1, 32, "\\x7f"},
    {"C:\\x", 4, 32, "C:\\\\x"},
    {"\xc3\xbc", 2, 32, "\xc3\xbc"},
    {"\xc3", 1, 32, "\\xc3"},
    {"\xff\xfe", 2, 32, "\\xff\\xfe"},
    {"\xc2\x9b", 2, 32, "\\xc2\\x9b"},
    // NOLINTNEXTLINE(misc-misleading-bidirectional)
    {"\xe2\x80\xae", 3, 32, "\\xe2\\x80\\xae"},
    {"123456789", 9, 10, "123456789"},
    {"1234567890", 10, 10, "123456..."},
    {"12345\n7890", 10, 10, "12345..."},
    {"12345\xc3\xbc\xc3\xbc\xc3\xbc", 11, 10, "12345..."},
    {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 12, 10, "\xe2\x82\xac\xe2\x82\xac..."},
    {"\n\n\n", 3, 10, "\\x0a..."},
    {"abc", 3, 4, "abc"},
    {"abcd", 4, 4, "..."},
    {"abcd", 4, 3, ".."},
    {"abcd", 4, 1, ""},
};

START_TEST(an_excerpt_shows_bytes_and_does_nothing)
{
    const struct excerpt_case *wanted = &excerpts[_i];
    char buf[32];

    memset(buf, 'X', sizeof(buf));
    ck_assert_ptr_eq(text_excerpt(wanted->text, wanted->len, buf, wanted->size), buf);
    ck_assert_str_eq(buf, wanted->excerpt);
    ck_assert(wanted->size == sizeof(buf) || buf[wanted->size] == 'X');
}
END_TEST

START_TEST(an_excerpt_into_nothing_writes_nothing)
{
    char guard = 'X';

    text_excerpt("abc", 3, &guard, 0);
    ck_assert_int_eq(guard, 'X');
}
END_TEST

START_TEST(any_excerpt_is_printable_and_fits)
{
    struct chance chance = chance_open("text_excerpt");

    for (int i = 0; i < 20000; i++) {
        char text[40];
        char buf[64];
        size_t len = chance_below(&chance, sizeof(text));
        size_t size = 1 + chance_below(&chance, sizeof(buf));

        for (size_t j = 0; j < len; j++)
            text[j] = (char)chance_next(&chance);
        text_excerpt(text, len, buf, size);
        ck_assert_uint_lt(strlen(buf), size);
        ck_assert(text_printable(buf, strlen(buf)));
    }
}
END_TEST

START_TEST(a_line_keeps_the_backslashes_of_an_excerpt)
{
    char excerpt[32];
    char line[32];

    text_excerpt("a\nb\\", 4, excerpt, sizeof(excerpt));
    ck_assert_str_eq(text_line(excerpt, strlen(excerpt), line, sizeof(line)), "a\\x0ab\\\\");
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

static TCase *byte_cases(void)
{
    TCase *tcase = tcase_create("bytes");

    tcase_add_loop_test(tcase, a_whole_number_is_read, 0, COUNT(good_ints));
    tcase_add_loop_test(tcase, what_is_no_whole_number_is_refused, 0, COUNT(bad_ints));
    tcase_add_test(tcase, a_whole_number_ends_where_its_length_says);
    tcase_add_test(tcase, every_pair_and_triple_of_bytes_is_judged_as_the_rfc_says);
    tcase_add_test(tcase, a_sequence_is_cut_exactly_if_some_bytes_would_make_it_whole);
    tcase_add_test(tcase, a_text_is_valid_if_all_of_it_is);
    tcase_add_loop_test(tcase, a_control_makes_a_text_not_printable, 0, COUNT(controls));
    tcase_add_loop_test(tcase, an_excerpt_shows_bytes_and_does_nothing, 0, COUNT(excerpts));
    tcase_add_test(tcase, an_excerpt_into_nothing_writes_nothing);
    tcase_add_test(tcase, any_excerpt_is_printable_and_fits);
    tcase_add_test(tcase, a_line_keeps_the_backslashes_of_an_excerpt);
    return tcase;
}

Suite *text_suite(void)
{
    Suite *suite = suite_create("text");

    suite_add_tcase(suite, time_cases());
    suite_add_tcase(suite, duration_cases());
    suite_add_tcase(suite, byte_cases());
    return suite;
}
