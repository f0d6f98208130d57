/* SPDX-License-Identifier: MIT */
/* "/year/2026" and "/year/2026.svg": a year in review, as a page and as a picture. */
#include <inttypes.h>
#include <stdio.h>

#include "view_help.h"

#define NOW VIEW_HELP_NOW
#define DAY VIEW_HELP_DAY
#define HOUR VIEW_HELP_HOUR

static const char *year(const char *address)
{
    return view_help_draw(view_year, address);
}

static void has_card(const char *label, int64_t number)
{
    char text[120];

    snprintf(text, sizeof(text), "<dt>%s</dt><dd>%" PRId64, label, number);
    view_help_has(text);
}

START_TEST(a_year_without_plays_says_so)
{
    year("/year/2025");
    view_help_has("Nothing of this year is in the record.");
    view_help_has_not("As a picture");
    view_help_has("href=\"/year/2024\"");
    view_help_has("href=\"/year/2026\"");
}
END_TEST

START_TEST(one_play_is_one_of_everything)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    year("/year/2026");
    view_help_has("<h1>2026 so far</h1>");
    has_card("Plays", 1);
    has_card("New tracks", 1);
    has_card("Days with music", 1);
    view_help_has("The day with the most plays was 2026-11-21 with 1. ");
    view_help_has_not("longest streak");
    view_help_has_not("/year/2027");
    year("/year/2026.svg");
    view_help_has(">play<");
    view_help_has(">artist<");
    view_help_has(">new track<");
    view_help_has(">hours<"); /* three minutes are none */
}
END_TEST

START_TEST(the_numbers_are_those_of_plain_sql)
{
    static const char in_2025[] = "played_at >= 1735689600000 AND played_at < 1767225600000";

    for (int i = 0; i < 150; i++)
        view_help_play(1, view_help_day(2026, 1, 9) - i * 3 * DAY - i * HOUR, 1 + i * i % 3,
                       1000 * i);
    year("/year/2025");
    has_card("Plays", view_help_ask("SELECT count(*) FROM played_tracks WHERE %s", in_2025));
    has_card("Tracks",
             view_help_ask("SELECT count(DISTINCT track_id) FROM played_tracks WHERE %s", in_2025));
    has_card(
        "Days with music",
        view_help_ask("SELECT count(DISTINCT played_at / 86400000) FROM played_tracks WHERE %s",
                      in_2025));
    year("/year/2025.svg");
    {
        char text[60];

        snprintf(text, sizeof(text), ">%" PRId64 "</text>",
                 view_help_ask("SELECT count(*) FROM played_tracks WHERE %s", in_2025));
        view_help_has(text);
    }
}
END_TEST

START_TEST(names_are_text_whatever_is_in_them)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_hostile(_i / 2);
    year(_i % 2 ? "/year/2026.svg?user=1" : "/year/2026");
    view_help_has_not("<script");
    view_help_has_not((const char[]){'\xe2', '\x80', '\xae', '\0'});
    if (_i % 2 == 0)
        view_help_hostile_check();
    else if (_i / 2 == VIEW_HELP_HOSTILE - 1)
        view_help_has("\xe2\x80\xa6</text>"); /* cut */
}
END_TEST

/* The cells of the picture, one for each day, and the twelve months, whichever weekday it begins
 * on. */
START_TEST(a_year_has_each_of_its_days)
{
    int number = 2012 + _i;
    char address[40], text[80];

    view_help_play(1, view_help_day(number, 1, 1), 1, -1);
    view_help_play(1, view_help_day(number, 12, 31) + 24 * HOUR - 1, 1, -1);
    view_help_play(1, view_help_day(number, 1, 1) - 1, 2, -1);
    view_help_play(1, view_help_day(number + 1, 1, 1), 2, -1);
    snprintf(address, sizeof(address), "/year/%d.svg", number);
    year(address);
    ck_assert_int_eq(view_help_count("h13v13h-13z"), number % 4 == 0 ? 366 : 365);
    snprintf(address, sizeof(address), "/year/%d", number);
    year(address);
    has_card("Plays", 2);
    snprintf(text, sizeof(text), "<tr><th scope=\"row\">%d-", number);
    ck_assert_int_eq(view_help_count(text), 12);
}
END_TEST

/* In New York the year begins five hours later than in UTC. */
START_TEST(a_year_is_that_of_the_readers_zone)
{
    view_help_play(1, view_help_day(2026, 1, 1) + 5 * HOUR - 1, 1, -1);
    view_help_play(1, view_help_day(2026, 1, 1) + 5 * HOUR, 2, -1);
    view_help_zone("America/New_York");
    year("/year/2025");
    has_card("Plays", 1);
    view_help_has("/track/1\"");
    view_help_has_not("/track/2\"");
    year("/year/2026");
    has_card("Plays", 1);
    view_help_has("/track/2\"");
}
END_TEST

START_TEST(months_with_gaps_are_shaded)
{
    view_help_play(1, view_help_day(2026, 8, 1), 1, -1);
    view_help_gap(view_help_day(2026, 9, 2), view_help_day(2026, 9, 3), "possible");
    year("/year/2026");
    view_help_has("<th scope=\"row\">2026-09<td>0<td>some may be missing");
    view_help_has("class=\"gap-possible\"");
}
END_TEST

START_TEST(a_streak_over_a_leap_day_counts_it)
{
    for (int i = 0; i < 4; i++)
        view_help_play(1, view_help_day(2024, 2, 27) + i * DAY, 1, -1);
    year("/year/2024");
    view_help_has("The longest streak was 4 days, from 2024-02-27 on.");
    year("/year/2024.svg");
    view_help_has(">days in a row<");
}
END_TEST

static const char *const none[] = {"/year/1969",     "/year/9999", "/year/26",  "/year/02026",
                                   "/year/2026.png", "/year/.svg", "/year/-202"};

START_TEST(what_is_no_year_is_a_404)
{
    year(none[_i]);
    ck_assert_int_eq(view_help_status(), 404);
}
END_TEST

START_TEST(without_a_number_it_is_this_year)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_zone("Pacific/Kiritimati");
    view_help_now(view_help_day(2026, 12, 31) + 11 * HOUR);
    year("/year/");
    view_help_has("<h1>2027 so far</h1>");
}
END_TEST

Suite *view_year_suite(void);

Suite *view_year_suite(void)
{
    Suite *suite = suite_create("view_year");
    TCase *test = tcase_create("year");

    tcase_add_checked_fixture(test, view_help_setup, view_help_teardown);
    tcase_add_test(test, a_year_without_plays_says_so);
    tcase_add_test(test, one_play_is_one_of_everything);
    tcase_add_test(test, the_numbers_are_those_of_plain_sql);
    tcase_add_loop_test(test, names_are_text_whatever_is_in_them, 0, 2 * VIEW_HELP_HOSTILE);
    tcase_add_loop_test(test, a_year_has_each_of_its_days, 0, 14);
    tcase_add_test(test, a_year_is_that_of_the_readers_zone);
    tcase_add_test(test, months_with_gaps_are_shaded);
    tcase_add_test(test, a_streak_over_a_leap_day_counts_it);
    tcase_add_loop_test(test, what_is_no_year_is_a_404, 0, sizeof(none) / sizeof(none[0]));
    tcase_add_test(test, without_a_number_it_is_this_year);
    suite_add_tcase(suite, test);
    return suite;
}
