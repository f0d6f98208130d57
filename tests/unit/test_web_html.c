/* SPDX-License-Identifier: MIT */
/* web/html: what is text stays text. */
#include "web/html.h"

#include "base/clock.h"
#include "base/text.h"
#include "lib/chance.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct buf out;

static const char *text_of(const char *text)
{
    buf_clear(&out, false);
    buf_add(&out, "", 0);
    html_add_text(&out, text);
    return out.data;
}

static const char *href_of(const char *address)
{
    buf_clear(&out, false);
    html_add_href(&out, address);
    return out.data;
}

static void tidy_up(void)
{
    buf_free(&out, false);
}

START_TEST(markup_in_a_text_is_escaped)
{
    ck_assert_str_eq(text_of("<b onclick=\"x('&amp;')\">"),
                     "&lt;b onclick=&quot;x(&#39;&amp;amp;&#39;)&quot;&gt;");
}
END_TEST

START_TEST(other_texts_stay_as_they_are)
{
    ck_assert_str_eq(text_of("Ångström & Söhne"), "Ångström &amp; Söhne");
    ck_assert_str_eq(text_of("a\tb\nc \xf0\x9f\x8e\xb5"), "a\tb\nc \xf0\x9f\x8e\xb5");
    ck_assert_str_eq(text_of(""), "");
    ck_assert_str_eq(text_of(NULL), "");
}
END_TEST

START_TEST(what_is_not_utf8_becomes_a_replacement_character)
{
    ck_assert_str_eq(text_of("a\xff"
                             "b"),
                     "a\xef\xbf\xbd"
                     "b");
    ck_assert_str_eq(text_of("\xc3"), "\xef\xbf\xbd");
    ck_assert_str_eq(text_of("\xc0\xbc"), "\xef\xbf\xbd\xef\xbf\xbd"); /* an overlong '<' */
    ck_assert_str_eq(text_of("\xe2\x82<"), "\xef\xbf\xbd\xef\xbf\xbd&lt;");
}
END_TEST

START_TEST(what_html_forbids_becomes_a_replacement_character)
{
    static const char *const forbidden[] = {
        "\x01",     "\x0b",         "\x1b",         "\x7f",
        "\xc2\x85", "\xef\xbf\xbe", "\xef\xb7\x90", "\xf0\x9f\xbf\xbf"};

    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        ck_assert_str_eq(text_of(forbidden[i]), "\xef\xbf\xbd");
}
END_TEST

/* U+202E, which turns the order of letters. In numbers: as a literal it would turn this line, too.
 */
static const char right_to_left[] = {'/', '\xe2', '\x80', '\xae', '\0'};

START_TEST(bidi_controls_are_dropped)
{
    static const uint32_t controls[] = {0x61c,  0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
                                        0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069};
    char text[5];

    ck_assert_str_eq(text_of(right_to_left), "/");
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        uint32_t point = controls[i];

        if (point < 0x800)
            snprintf(text, sizeof(text), "%c%c", (int)(0xc0 | point >> 6),
                     (int)(0x80 | (point & 63)));
        else
            snprintf(text, sizeof(text), "%c%c%c", (int)(0xe0 | point >> 12),
                     (int)(0x80 | (point >> 6 & 63)), (int)(0x80 | (point & 63)));
        ck_assert_str_eq(text_of(text), "");
    }
    ck_assert_str_eq(text_of("\xe2\x80\x8b"), "\xe2\x80\x8b"); /* U+200B is none */
}
END_TEST

/* Every text of random bytes comes out without markup, as valid UTF-8. */
START_TEST(random_bytes_never_become_markup)
{
    struct chance chance = chance_open("random_bytes_never_become_markup");
    char bytes[64];

    for (int round = 0; round < 5000; round++) {
        const char *escaped;
        size_t len = chance_below(&chance, 63);

        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(chance_below(&chance, 255) + 1);
        bytes[len] = '\0';
        escaped = text_of(bytes);
        ck_assert_msg(strpbrk(escaped, "<>\"'") == NULL, "round %d", round);
        ck_assert_msg(text_utf8_valid(escaped, out.len), "round %d", round);
    }
}
END_TEST

START_TEST(addresses_of_ours_and_of_the_web_are_taken)
{
    ck_assert_str_eq(href_of("/"), "/");
    ck_assert_str_eq(href_of("/plays?q=a&b=%22"), "/plays?q=a&amp;b=%22");
    ck_assert_str_eq(href_of("https://example.org/x'y"), "https://example.org/x&#39;y");
    ck_assert_str_eq(href_of("HTTP://example.org"), "HTTP://example.org");
}
END_TEST

static const char *const bad_addresses[] = {
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\\\\evil.example",
    "relative",
    "?q",
    "#x",
    "",
    "http:",
    "http://",
    "http:///x",
    "https:/x",
    "http:evil.example",
    "https://evil.example\\@page",
    "/a b",
    "/\xff",
    right_to_left,
};

START_TEST(any_other_address_leads_nowhere)
{
    ck_assert_str_eq(href_of(bad_addresses[_i]), "#");
}
END_TEST

START_TEST(no_address_leads_nowhere)
{
    ck_assert_str_eq(href_of(NULL), "#");
}
END_TEST

START_TEST(a_part_of_an_address_is_encoded)
{
    html_add_url_part(&out, "a/b?c&d=e f\"\xc3\xa9~");
    ck_assert_str_eq(out.data, "a%2Fb%3Fc%26d%3De%20f%22%C3%A9~");
    html_add_url_part(&out, NULL);
    ck_assert_uint_eq(out.len, strlen("a%2Fb%3Fc%26d%3De%20f%22%C3%A9~"));
}
END_TEST

static const struct {
    int64_t count;
    const char *text;
} counts[] = {
    {0, "0"},
    {-1, "-1"},
    {999, "999"},
    {1000, "1\xe2\x80\xaf"
           "000"},
    {-123456, "-123\xe2\x80\xaf"
              "456"},
    {1234567, "1\xe2\x80\xaf"
              "234\xe2\x80\xaf"
              "567"},
    {INT64_MIN, "-9\xe2\x80\xaf"
                "223\xe2\x80\xaf"
                "372\xe2\x80\xaf"
                "036\xe2\x80\xaf"
                "854\xe2\x80\xaf"
                "775\xe2\x80\xaf"
                "808"},
};

START_TEST(thousands_stand_apart)
{
    html_add_count(&out, counts[_i].count);
    ck_assert_str_eq(out.data, counts[_i].text);
}
END_TEST

START_TEST(a_time_is_local_with_utc_for_machines)
{
    setenv("TZ", "UTC-1", 1);
    tzset();
    html_add_time(&out, INT64_C(1795366800123), "never");
    ck_assert_str_eq(out.data, "<time datetime=\"2026-11-22T17:00:00.123Z\" "
                               "title=\"2026-11-22 18:00:00 +0100\">2026-11-22 18:00</time>");
}
END_TEST

START_TEST(a_time_before_1970_is_rounded_down)
{
    setenv("TZ", "UTC", 1);
    tzset();
    html_add_time(&out, -1, "never");
    ck_assert_ptr_nonnull(strstr(out.data, ">1969-12-31 23:59</time>"));
}
END_TEST

START_TEST(a_time_that_is_none_is_a_dash_with_a_word)
{
    html_add_time(&out, CLOCK_NO_TIME, "\"never\"");
    ck_assert_str_eq(out.data, "<span role=\"img\" aria-label=\"&quot;never&quot;\" "
                               "title=\"&quot;never&quot;\">\xe2\x80\x93</span>");
}
END_TEST

START_TEST(the_ends_of_time_are_written_too)
{
    html_add_time(&out, INT64_MAX, "never");
    html_add_time(&out, INT64_MIN + 1, "never");
    ck_assert(!out.failed);
    ck_assert_ptr_nonnull(strstr(out.data, "</time><time"));
}
END_TEST

START_TEST(a_buffer_that_is_full_says_so)
{
    out.limit = 8;
    html_add_text(&out, "<<<<");
    ck_assert(out.failed);
    ck_assert_uint_le(out.len, 8);
}
END_TEST

Suite *web_html_suite(void);
Suite *web_html_suite(void)
{
    Suite *suite = suite_create("web_html");
    TCase *texts = tcase_create("texts");

    tcase_add_checked_fixture(texts, NULL, tidy_up);
    tcase_add_test(texts, markup_in_a_text_is_escaped);
    tcase_add_test(texts, other_texts_stay_as_they_are);
    tcase_add_test(texts, what_is_not_utf8_becomes_a_replacement_character);
    tcase_add_test(texts, what_html_forbids_becomes_a_replacement_character);
    tcase_add_test(texts, bidi_controls_are_dropped);
    tcase_add_test(texts, random_bytes_never_become_markup);
    tcase_add_test(texts, addresses_of_ours_and_of_the_web_are_taken);
    tcase_add_loop_test(texts, any_other_address_leads_nowhere, 0,
                        (int)(sizeof(bad_addresses) / sizeof(bad_addresses[0])));
    tcase_add_test(texts, no_address_leads_nowhere);
    tcase_add_test(texts, a_part_of_an_address_is_encoded);
    tcase_add_loop_test(texts, thousands_stand_apart, 0, (int)(sizeof(counts) / sizeof(counts[0])));
    tcase_add_test(texts, a_time_is_local_with_utc_for_machines);
    tcase_add_test(texts, a_time_before_1970_is_rounded_down);
    tcase_add_test(texts, a_time_that_is_none_is_a_dash_with_a_word);
    tcase_add_test(texts, the_ends_of_time_are_written_too);
    tcase_add_test(texts, a_buffer_that_is_full_says_so);
    suite_add_tcase(suite, texts);
    return suite;
}
