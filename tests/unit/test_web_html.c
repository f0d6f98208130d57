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

/* Also what writes nothing can be compared then. */
static void start(void)
{
    buf_add(&out, "", 0);
}

static void tidy_up(void)
{
    buf_free(&out, false);
}

START_TEST(H3_markup_in_a_text_is_escaped)
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

START_TEST(H3_what_html_forbids_becomes_a_replacement_character)
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

START_TEST(H3_bidi_controls_are_dropped)
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

/* -- values ------------------------------------------------------------------------------------ */

#define NARROW "\xe2\x80\xaf"
#define BLANK "\xc2\xa0"

/* Every character of out is one of allowed. */
static void only(const char *allowed)
{
    ck_assert_msg(strspn(out.data, allowed) == out.len, "\"%s\"", out.data);
}

START_TEST(a_number_is_digits)
{
    html_add_number(&out, INT64_MIN);
    html_add_number(&out, INT64_MAX);
    ck_assert_str_eq(out.data, "-92233720368547758089223372036854775807");
}
END_TEST

static const struct {
    int64_t value;
    int32_t per;
    const char *text;
} decimals[] = {
    {125, 10, "12.5"},
    {120, 10, "12"},
    {0, 100, "0"},
    {-5, 100, "-0.05"},
    {7, 1, "7"},
    {1000001, 1000000, "1.000001"},
    {INT64_MIN, 10, "-922337203685477580.8"},
    {-1, 3, "-0.333333"},
    {3, 0, "3"}, /* makes no sense, does no harm */
};

START_TEST(a_decimal_has_a_point)
{
    html_add_decimal(&out, decimals[_i].value, decimals[_i].per);
    ck_assert_str_eq(out.data, decimals[_i].text);
    only("-.0123456789");
}
END_TEST

static const struct {
    int64_t part, whole;
    const char *text;
} shares[] = {
    {3, 25, "12" BLANK "%"},
    {0, 25, "0" BLANK "%"},
    {0, 0, "0" BLANK "%"},
    {5, 0, "0" BLANK "%"},
    {-5, 10, "0" BLANK "%"},
    {25, 25, "100" BLANK "%"},
    {26, 25, "100" BLANK "%"},
    {1, 1000, "&lt;1" BLANK "%"},
    {999, 1000, "&gt;99" BLANK "%"},
    {1, INT64_MAX, "&lt;1" BLANK "%"},
    {INT64_MAX / 2, INT64_MAX, "50" BLANK "%"},
    {INT64_MAX, INT64_MAX, "100" BLANK "%"},
};

START_TEST(a_share_is_neither_called_nothing_nor_all_if_it_is_not)
{
    html_add_share(&out, shares[_i].part, shares[_i].whole);
    ck_assert_str_eq(out.data, shares[_i].text);
}
END_TEST

static const struct {
    int64_t now, before;
    const char *style, *seen, *told;
} changes[] = {
    {112, 100, "up", "+12" BLANK "%", "12" BLANK "% more than before"},
    {97, 100, "down",
     "\xe2\x88\x92"
     "3" BLANK "%",
     "3" BLANK "% less than before"},
    {0, 100, "down",
     "\xe2\x88\x92"
     "100" BLANK "%",
     "100" BLANK "% less than before"},
    {100, 100, "same", "=", "as before"},
    {1001, 1000, "same", "=", "as before"},
    {250, 10, "up",
     "\xc3\x97"
     "25",
     "25 times as much as before"},
    {INT64_MAX, 1, "up",
     "\xc3\x97"
     "999" NARROW "999",
     "999" NARROW "999 times as much as before"},
    {1, INT64_MAX, "down",
     "\xe2\x88\x92"
     "100" BLANK "%",
     "100" BLANK "% less than before"},
    {INT64_MIN, INT64_MAX, "down",
     "\xe2\x88\x92"
     "100" BLANK "%",
     "100" BLANK "% less than before"},
};

START_TEST(a_change_is_shown_and_told)
{
    char text[256];

    snprintf(text, sizeof(text),
             "<span class=\"change %s\"><span aria-hidden=\"true\">%s</span>"
             "<span class=\"unseen\">%s</span></span>",
             changes[_i].style, changes[_i].seen, changes[_i].told);
    html_add_change(&out, changes[_i].now, changes[_i].before);
    ck_assert_str_eq(out.data, text);
}
END_TEST

START_TEST(what_was_not_there_before_is_new)
{
    html_add_change(&out, 5, 0);
    ck_assert_str_eq(out.data, "<span class=\"change new\">new</span>");
}
END_TEST

START_TEST(nothing_compared_with_nothing_is_not_told)
{
    html_add_change(&out, 0, 0);
    html_add_change(&out, -1, INT64_MIN);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

static const struct {
    int64_t ms;
    const char *text;
} durations[] = {
    {0, "<time datetime=\"PT0S\">0" NARROW "min</time>"},
    {INT64_MIN, "<time datetime=\"PT0S\">0" NARROW "min</time>"},
    {4600, "<time datetime=\"PT5S\">5" NARROW "s</time>"},
    {205000, "<time datetime=\"PT205S\">3" NARROW "min 25" NARROW "s</time>"},
    {180000, "<time datetime=\"PT180S\">3" NARROW "min</time>"},
    {599600, "<time datetime=\"PT600S\">10" NARROW "min</time>"},
    {42 * CLOCK_MINUTE, "<time datetime=\"PT2520S\">42" NARROW "min</time>"},
    {CLOCK_HOUR - 1, "<time datetime=\"PT3600S\">1" NARROW "h</time>"},
    {3 * CLOCK_HOUR + 12 * CLOCK_MINUTE,
     "<time datetime=\"PT11520S\">3" NARROW "h 12" NARROW "min</time>"},
    {99 * CLOCK_HOUR, "<time datetime=\"PT356400S\">99" NARROW "h</time>"},
    {12 * CLOCK_DAY + 4 * CLOCK_HOUR,
     "<time datetime=\"PT1051200S\">12" NARROW "d 4" NARROW "h</time>"},
};

START_TEST(a_duration_is_told_in_two_units_at_most)
{
    html_add_duration(&out, durations[_i].ms);
    ck_assert_str_eq(out.data, durations[_i].text);
}
END_TEST

START_TEST(the_longest_duration_is_written_too)
{
    html_add_duration(&out, INT64_MAX);
    ck_assert_ptr_nonnull(strstr(out.data, "PT9223372036854776S"));
}
END_TEST

START_TEST(a_cover_is_shown_from_the_hosts_of_covers)
{
    html_add_image(&out, "https://i.scdn.co/image/ab67616d0000b273", 48);
    ck_assert_str_eq(out.data,
                     "<img class=\"cover\" src=\"https://i.scdn.co/image/ab67616d0000b273\" "
                     "alt=\"\" width=\"48\" height=\"48\" loading=\"lazy\" "
                     "decoding=\"async\" referrerpolicy=\"no-referrer\">");
    buf_clear(&out, false);
    html_add_image(&out, "https://mosaic.scdn.co/640/ab-c_d.jpg", 1);
    ck_assert_ptr_nonnull(strstr(out.data, "src=\"https://mosaic.scdn.co/640/ab-c_d.jpg\""));
}
END_TEST

static const char *const no_covers[] = {
    NULL,
    "",
    "https://i.scdn.co/",
    "http://i.scdn.co/image/a",
    "HTTPS://i.scdn.co/image/a",
    "https://i.scdn.co.evil.example/a",
    "https://i.scdn.co@evil.example/a",
    "https://evil.example/https://i.scdn.co/a",
    "//i.scdn.co/a",
    " https://i.scdn.co/a",
    "https://i.scdn.co/a b",
    "https://i.scdn.co/a\"onerror=\"x",
    "https://i.scdn.co/a'b",
    "https://i.scdn.co/<b>",
    "https://i.scdn.co/a\n",
    "https://i.scdn.co/a\\b",
    "https://i.scdn.co/a\x01",
    "https://i.scdn.co/\xff",
    "https://i.scdn.co/a?b=c&d",
    "javascript:alert(1)",
    "data:image/png;base64,AA",
};

START_TEST(a_cover_from_elsewhere_is_left_out)
{
    html_add_image(&out, no_covers[_i], 48);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* begin, then so many times 'a'. */
static char *long_text(const char *begin, size_t count)
{
    static char text[10200];

    ck_assert_uint_lt(strlen(begin) + count, sizeof(text));
    memset(text, 'a', sizeof(text));
    memcpy(text, begin, strlen(begin));
    text[strlen(begin) + count] = '\0';
    return text;
}

START_TEST(what_is_too_long_for_spotify_is_not_from_spotify)
{
    html_add_image(&out, long_text("https://i.scdn.co/", 10000), 48);
    ck_assert(!html_add_spotify(&out, long_text("spotify:track:", 10000)));
    ck_assert_uint_eq(out.len, 0);
    ck_assert(html_add_spotify(&out, long_text("spotify:track:", 22)));
}
END_TEST

START_TEST(what_turns_the_order_of_letters_is_not_from_spotify)
{
    char text[64];

    snprintf(text, sizeof(text), "https://i.scdn.co/image%s", right_to_left);
    html_add_image(&out, text, 48);
    snprintf(text, sizeof(text), "spotify:track:a%s", right_to_left + 1);
    ck_assert(!html_add_spotify(&out, text));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(a_cover_of_no_size_is_left_out)
{
    static const int sizes[] = {0, -1, INT32_MIN, 2001, INT32_MAX};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        html_add_image(&out, "https://i.scdn.co/image/a", sizes[i]);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(what_spotify_knows_has_an_address_there)
{
    static const char *const kinds[] = {"track", "album", "artist", "episode", "show"};
    char uri[64], address[80];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        snprintf(uri, sizeof(uri), "spotify:%s:4uLU6hMCjMI75M1A2tKUQC", kinds[i]);
        snprintf(address, sizeof(address), "https://open.spotify.com/%s/4uLU6hMCjMI75M1A2tKUQC",
                 kinds[i]);
        buf_clear(&out, false);
        ck_assert(html_is_spotify(uri));
        ck_assert(html_add_spotify(&out, uri));
        ck_assert_str_eq(out.data, address);
    }
}
END_TEST

static const char *const no_spotify[] = {
    NULL,
    "",
    "spotify:",
    "spotify:track",
    "spotify:track:",
    "spotify:track:a b",
    "spotify:track:abc:def",
    "spotify:track:abc/../user",
    "spotify:track:abc?x",
    "spotify:track:\"onclick=\"x",
    "spotify:track:<b>",
    "spotify:track:\xff",
    "spotify:track:a\x01",
    "spotify:track:\xc3\xa9",
    "spotify:tracks:abc",
    "spotify:user:abc",
    "spotify:playlist:abc",
    "spotify:local:Artist:Album:Title:200",
    "historyd:track:artist:name",
    "SPOTIFY:track:abc",
    " spotify:track:abc",
    "https://open.spotify.com/track/abc",
};

START_TEST(what_spotify_does_not_know_has_none)
{
    ck_assert(!html_is_spotify(no_spotify[_i]));
    ck_assert(!html_add_spotify(&out, no_spotify[_i]));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(H3_ten_thousand_hostile_characters_stay_text)
{
    char *text = long_text("", 10000);

    for (size_t i = 0; i < 10000; i += 4)
        memcpy(text + i, "<\"\xff\x1b", 4);
    text_of(text);
    ck_assert_ptr_null(strpbrk(out.data, "<>\"'\x1b"));
    ck_assert(text_utf8_valid(out.data, out.len));
}
END_TEST

START_TEST(a_time_in_a_zone_has_its_abbreviation)
{
    struct zone *zone = zone_open("UTC");

    html_add_time_in(&out, zone, INT64_C(1795366800123), "never");
    zone_free(zone);
    ck_assert_str_eq(out.data, "<time datetime=\"2026-11-22T17:00:00.123Z\" "
                               "title=\"2026-11-22 17:00 UTC\">2026-11-22 17:00</time>");
}
END_TEST

START_TEST(a_time_in_a_zone_may_be_none)
{
    html_add_time_in(&out, NULL, CLOCK_NO_TIME, "never");
    ck_assert_ptr_nonnull(strstr(out.data, "aria-label=\"never\""));
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

#define COUNT(values) (int)(sizeof(values) / sizeof((values)[0]))

static TCase *values_case(void)
{
    TCase *values = tcase_create("values");

    tcase_add_checked_fixture(values, start, tidy_up);
    tcase_add_test(values, a_number_is_digits);
    tcase_add_loop_test(values, a_decimal_has_a_point, 0, COUNT(decimals));
    tcase_add_loop_test(values, a_share_is_neither_called_nothing_nor_all_if_it_is_not, 0,
                        COUNT(shares));
    tcase_add_loop_test(values, a_change_is_shown_and_told, 0, COUNT(changes));
    tcase_add_test(values, what_was_not_there_before_is_new);
    tcase_add_test(values, nothing_compared_with_nothing_is_not_told);
    tcase_add_loop_test(values, a_duration_is_told_in_two_units_at_most, 0, COUNT(durations));
    tcase_add_test(values, the_longest_duration_is_written_too);
    tcase_add_test(values, a_cover_is_shown_from_the_hosts_of_covers);
    tcase_add_loop_test(values, a_cover_from_elsewhere_is_left_out, 0, COUNT(no_covers));
    tcase_add_test(values, what_is_too_long_for_spotify_is_not_from_spotify);
    tcase_add_test(values, what_turns_the_order_of_letters_is_not_from_spotify);
    tcase_add_test(values, a_cover_of_no_size_is_left_out);
    tcase_add_test(values, what_spotify_knows_has_an_address_there);
    tcase_add_loop_test(values, what_spotify_does_not_know_has_none, 0, COUNT(no_spotify));
    tcase_add_test(values, H3_ten_thousand_hostile_characters_stay_text);
    tcase_add_test(values, a_time_in_a_zone_has_its_abbreviation);
    tcase_add_test(values, a_time_in_a_zone_may_be_none);
    return values;
}

Suite *web_html_suite(void);
Suite *web_html_suite(void)
{
    Suite *suite = suite_create("web_html");
    TCase *texts = tcase_create("texts");

    tcase_add_checked_fixture(texts, NULL, tidy_up);
    tcase_add_test(texts, H3_markup_in_a_text_is_escaped);
    tcase_add_test(texts, other_texts_stay_as_they_are);
    tcase_add_test(texts, what_is_not_utf8_becomes_a_replacement_character);
    tcase_add_test(texts, H3_what_html_forbids_becomes_a_replacement_character);
    tcase_add_test(texts, H3_bidi_controls_are_dropped);
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
    suite_add_tcase(suite, values_case());
    return suite;
}
