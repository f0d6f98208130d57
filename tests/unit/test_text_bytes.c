/* SPDX-License-Identifier: MIT */
/* Whole numbers, UTF-8 and escaped excerpts. */
#include "base/text.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/chance.h"
#include "lib/count.h"

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

START_TEST(a_wrong_byte_is_found_at_any_place)
{
    char text[41];

    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        text[at] = (char)0xff;
        for (size_t len = 0; len <= sizeof(text); len++)
            ck_assert_msg(text_utf8_valid(text, len) == (len <= at), "%zu of %zu", at, len);
    }
}
END_TEST

START_TEST(a_character_of_two_bytes_is_taken_at_any_place_unless_it_is_cut)
{
    char text[42];

    for (size_t at = 0; at + 1 < sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        memcpy(text + at, "\xc3\xbc", 2);
        for (size_t len = 0; len <= sizeof(text); len++)
            ck_assert_msg(text_utf8_valid(text, len) == (len != at + 1), "%zu of %zu", at, len);
    }
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

static const struct {
    const char *text, *clean;
    size_t size;
} cleans[] = {
    {"plain", "plain", 8},
    {"J\xc3\xbcrgen", "J\xc3\xbcrgen", 8},
    {"a\x1b[31mb\x7f", "a[31mb", 8},
    // NOLINTNEXTLINE(misc-misleading-bidirectional): U+202E and U+200F, which are to go
    {"x\xe2\x80\xaey\xe2\x80\x8fz", "xyz", 8},
    {"bad \xff\xc3", "bad ", 8},
    {"12345678", "1234567", 8},
    {"123456\xc3\xbc", "123456", 8}, /* does not fit, and is not cut in two */
    {"\xc3\xbc", "", 1},
    {"", "", 1},
};

START_TEST(a_clean_text_has_no_controls_and_whole_characters)
{
    char buf[8];

    ck_assert_str_eq(text_clean(cleans[_i].text, strlen(cleans[_i].text), buf, cleans[_i].size),
                     cleans[_i].clean);
}
END_TEST

Suite *text_bytes_suite(void)
{
    Suite *suite = suite_create("text_bytes");
    TCase *tcase = tcase_create("text_bytes");

    tcase_add_loop_test(tcase, a_whole_number_is_read, 0, COUNT(good_ints));
    tcase_add_loop_test(tcase, what_is_no_whole_number_is_refused, 0, COUNT(bad_ints));
    tcase_add_test(tcase, a_whole_number_ends_where_its_length_says);
    tcase_add_test(tcase, every_pair_and_triple_of_bytes_is_judged_as_the_rfc_says);
    tcase_add_test(tcase, a_sequence_is_cut_exactly_if_some_bytes_would_make_it_whole);
    tcase_add_test(tcase, a_text_is_valid_if_all_of_it_is);
    tcase_add_test(tcase, a_wrong_byte_is_found_at_any_place);
    tcase_add_test(tcase, a_character_of_two_bytes_is_taken_at_any_place_unless_it_is_cut);
    tcase_add_loop_test(tcase, a_control_makes_a_text_not_printable, 0, COUNT(controls));
    tcase_add_loop_test(tcase, an_excerpt_shows_bytes_and_does_nothing, 0, COUNT(excerpts));
    tcase_add_test(tcase, an_excerpt_into_nothing_writes_nothing);
    tcase_add_test(tcase, any_excerpt_is_printable_and_fits);
    tcase_add_loop_test(tcase, a_clean_text_has_no_controls_and_whole_characters, 0, COUNT(cleans));
    tcase_add_test(tcase, a_line_keeps_the_backslashes_of_an_excerpt);
    suite_add_tcase(suite, tcase);
    return suite;
}
