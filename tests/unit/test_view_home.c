/* SPDX-License-Identifier: MIT */
/* "/": what a reader sees there of histories that can be counted by hand. */
#include <inttypes.h>
#include <stdio.h>

#include "view_help.h"

#define NOW VIEW_HELP_NOW
#define DAY VIEW_HELP_DAY
#define HOUR VIEW_HELP_HOUR

static const char *home(const char *address)
{
    return view_help_draw(view_home, address);
}

/* A card as the page has it. */
static void has_card(const char *label, int64_t number)
{
    char text[120];

    snprintf(text, sizeof(text), "<dt>%s</dt><dd>%" PRId64, label, number);
    view_help_has(text);
}

START_TEST(an_empty_history_says_what_to_do)
{
    home("/");
    view_help_has("Nothing is recorded yet.");
    view_help_has("spotify-historyctl import");
    has_card("Plays", 0);
    ck_assert_int_eq(view_help_count("Nothing was played."), 3);
    view_help_has_not("heard for the first time");
}
END_TEST

START_TEST(one_play_is_one_of_everything)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    home("/?period=day");
    has_card("Plays", 1);
    has_card("Tracks", 1);
    view_help_has("<dt>Listening time</dt><dd><time datetime=\"PT180S\">");
    view_help_has("1 track heard for the first time.");
    view_help_has_not("1 tracks");
    view_help_has_not("1 plays");
    view_help_has("2026-11-21 17:00</time>");
}
END_TEST

/* Cards against plain SQL, over plays of many days and three tracks. */
START_TEST(the_numbers_are_those_of_plain_sql)
{
    static const struct {
        const char *address;
        int64_t since, until;
    } periods[] = {
        {"/?period=day", NOW - 18 * HOUR, NOW + 6 * HOUR},
        {"/?period=all", 0, INT64_MAX},
        {"/?from=2026-10-03&to=2026-10-09", 1790985600000, 1790985600000 + 7 * DAY},
    };

    for (int i = 0; i < 120; i++)
        view_help_play(1, NOW - i * 11 * HOUR, 1 + i % 3, i % 4 ? -1 : 1000 * i);
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        char range[120];

        snprintf(range, sizeof(range), "played_at >= %" PRId64 " AND played_at < %" PRId64,
                 periods[i].since, periods[i].until);
        home(periods[i].address);
        has_card("Plays", view_help_ask("SELECT count(*) FROM played_tracks WHERE %s", range));
        has_card("Tracks", view_help_ask("SELECT count(DISTINCT track_id) FROM played_tracks"
                                         " WHERE %s",
                                         range));
    }
}
END_TEST

START_TEST(names_are_text_whatever_is_in_them)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_hostile(_i);
    home("/");
    view_help_hostile_check();
}
END_TEST

START_TEST(gaps_are_shaded_and_told)
{
    view_help_play(1, NOW - 3 * DAY, 1, -1);
    view_help_play(1, NOW - HOUR, 2, -1);
    view_help_gap(NOW - 3 * DAY, NOW - HOUR, _i ? "likely" : "possible");
    home("/?period=week");
    view_help_has(_i ? "In some columns plays were lost."
                     : "In some columns plays may be missing.");
    view_help_has(_i ? "class=\"gap-lost\"" : "class=\"gap-possible\"");
    view_help_has_not(_i ? "class=\"gap-possible\"" : "class=\"gap-lost\"");
}
END_TEST

START_TEST(a_gap_that_is_filled_is_not_shaded)
{
    view_help_play(1, NOW - 3 * DAY, 1, -1);
    view_help_gap(NOW - 3 * DAY, NOW - HOUR, "likely");
    view_help_sql("INSERT INTO imports (import_id, user_id, file, hash, source, started_at,"
                  " row_count, added, matched, duplicate, rejected)"
                  " VALUES (1, 1, 'f', 'h', 'extended', 1, 0, 0, 0, 0, 0);"
                  "UPDATE gaps SET filled_by = 1");
    home("/?period=week");
    view_help_has_not("gap-lost\" d=");
    view_help_has_not("plays were lost");
}
END_TEST

/* Each year's days lead to their plays: as many as the year has, whichever weekday it begins on. */
START_TEST(a_calendar_has_each_day_of_its_year)
{
    int year = 2012 + _i;
    bool leap = year % 4 == 0;
    char address[64], text[64];

    view_help_play(1, view_help_day(year, 1, 1), 1, -1);
    view_help_play(1, view_help_day(year, 12, 31) + 23 * HOUR, 2, -1);
    snprintf(address, sizeof(address), "/?period=all&year=%d", year);
    home(address);
    snprintf(text, sizeof(text), "Days of %d", year);
    view_help_has(text);
    snprintf(text, sizeof(text), "/plays?day=%d-", year);
    ck_assert_int_eq(view_help_count(text), leap ? 366 : 365);
    snprintf(text, sizeof(text), "/plays?day=%d-12-31", year);
    view_help_has(text);
    snprintf(text, sizeof(text), "%d-02-29", year);
    ck_assert_int_eq(view_help_count(text) > 0, leap);
}
END_TEST

/* In Berlin the clocks went back at 2026-10-25 03:00: a day of 25 hours. */
START_TEST(a_day_on_which_clocks_change_has_all_its_plays)
{
    int64_t midnight = view_help_day(2026, 10, 24) + 22 * HOUR;

    for (int hour = 0; hour < 25; hour++)
        view_help_play(1, midnight + hour * HOUR, 1, -1);
    view_help_play(1, midnight - 1, 2, -1);
    view_help_play(1, midnight + 25 * HOUR, 2, -1);
    view_help_zone("Europe/Berlin");
    home("/?from=2026-10-25&to=2026-10-25");
    has_card("Plays", 25);
    has_card("Tracks", 1);
    view_help_zone("UTC");
    home("/?from=2026-10-25&to=2026-10-25");
    has_card("Plays", 24);
}
END_TEST

START_TEST(with_several_users_it_is_said_who_and_each_has_a_page)
{
    view_help_sql("INSERT INTO users (user_id, spotify_id, display_name, added_at, state,"
                  " state_since) SELECT 2, 'bo', 'Bo & Bo', added_at, state, state_since FROM"
                  " users WHERE user_id = 1");
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_play(2, NOW - HOUR, 2, -1);
    home("/?period=all");
    view_help_has("<span class=\"who\"><bdi>Bo &amp; Bo</bdi>");
    has_card("Plays", 2);
    home("/?period=all&user=2");
    view_help_has_not("class=\"who\"");
    has_card("Plays", 1);
    view_help_has("href=\"/plays?user=2\"");
    home("/?user=9");
    ck_assert_int_eq(view_help_status(), 404);
}
END_TEST

static const char *const nonsense[] = {
    "/?period=aeon",
    "/?by=love",
    "/?year=1969",
    "/?year=10000",
    "/?year=x",
    "/?from=2026-02-30",
    "/?from=2026-01-02&to=2026-01-01",
};

START_TEST(what_is_no_period_is_said_to_be_none)
{
    home(nonsense[_i]);
    ck_assert_int_eq(view_help_status(), 400);
}
END_TEST

static const char *const ends[] = {"/?year=1970", "/?year=9999", "/?from=1970-01-01",
                                   "/?from=9999-12-31&to=9999-12-31", "/?period=all&by=time"};

START_TEST(the_ends_of_time_are_pages)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    home(ends[_i]);
    ck_assert_int_eq(view_help_status(), 200);
}
END_TEST

Suite *view_home_suite(void);

Suite *view_home_suite(void)
{
    Suite *suite = suite_create("view_home");
    TCase *test = tcase_create("home");

    tcase_add_checked_fixture(test, view_help_setup, view_help_teardown);
    tcase_add_test(test, an_empty_history_says_what_to_do);
    tcase_add_test(test, one_play_is_one_of_everything);
    tcase_add_test(test, the_numbers_are_those_of_plain_sql);
    tcase_add_loop_test(test, names_are_text_whatever_is_in_them, 0, VIEW_HELP_HOSTILE);
    tcase_add_loop_test(test, gaps_are_shaded_and_told, 0, 2);
    tcase_add_test(test, a_gap_that_is_filled_is_not_shaded);
    tcase_add_loop_test(test, a_calendar_has_each_day_of_its_year, 0, 14);
    tcase_add_test(test, a_day_on_which_clocks_change_has_all_its_plays);
    tcase_add_test(test, with_several_users_it_is_said_who_and_each_has_a_page);
    tcase_add_loop_test(test, what_is_no_period_is_said_to_be_none, 0,
                        sizeof(nonsense) / sizeof(nonsense[0]));
    tcase_add_loop_test(test, the_ends_of_time_are_pages, 0, sizeof(ends) / sizeof(ends[0]));
    suite_add_tcase(suite, test);
    return suite;
}
