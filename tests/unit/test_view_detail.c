/* SPDX-License-Identifier: MIT */
/* "/track/N", "/artist/N", "/album/N": what a reader sees there. */
#include <inttypes.h>
#include <stdio.h>

#include "view_help.h"

#define NOW VIEW_HELP_NOW
#define DAY VIEW_HELP_DAY
#define HOUR VIEW_HELP_HOUR

static const struct {
    view_draw *draw;
    const char *address, *what, *rank;
} kinds[] = {
    {view_track, "/track/1", "<dt>What</dt><dd>track</dd>", "of 1 track<"},
    {view_artist, "/artist/1", "<dt>What</dt><dd>Artist</dd>", "of 1 artist<"},
    {view_album, "/album/1", "<dt>What</dt><dd>Album</dd>", "of 1 album<"},
};
#define KINDS 3

static void has_card(const char *label, int64_t number)
{
    char text[120];

    snprintf(text, sizeof(text), "<dt>%s</dt><dd>%" PRId64, label, number);
    view_help_has(text);
}

START_TEST(what_was_never_played_has_a_page_that_says_so)
{
    view_help_draw(kinds[_i].draw, kinds[_i].address);
    ck_assert_int_eq(view_help_status(), 200);
    view_help_has(kinds[_i].what);
    has_card("Plays", 0);
    view_help_has("never");
    view_help_has_not("Rank by plays");
    view_help_has_not("<figure");
}
END_TEST

START_TEST(one_play_is_the_first_and_the_last)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_draw(kinds[_i].draw, kinds[_i].address);
    has_card("Plays", 1);
    view_help_has("<dt>Listening time</dt><dd><time datetime=\"PT180S\">");
    view_help_has(kinds[_i].rank);
    ck_assert_int_eq(view_help_count("2026-11-21 17:00</time>"), 2);
    view_help_has("<th scope=\"row\">2026-11");
}
END_TEST

START_TEST(names_are_text_whatever_is_in_them)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_hostile(_i / KINDS);
    view_help_draw(kinds[_i % KINDS].draw, kinds[_i % KINDS].address);
    view_help_hostile_check();
}
END_TEST

/* Track 2 is played most, then 1 and 3 alike: these two have the same rank. */
START_TEST(the_rank_and_the_numbers_are_those_of_plain_sql)
{
    static const int64_t ranks[] = {2, 1, 2};
    char address[40];

    for (int i = 0; i < 8; i++)
        view_help_play(1, NOW - i * DAY, i < 4 ? 2 : 1 + 2 * (i % 2), 1000 * (i + 1));
    for (int track = 1; track <= 3; track++) {
        snprintf(address, sizeof(address), "/track/%d", track);
        view_help_draw(view_track, address);
        has_card("Plays",
                 view_help_ask("SELECT count(*) FROM played_tracks WHERE track_id = %d", track));
        has_card("Rank by plays", ranks[track - 1]);
    }
}
END_TEST

START_TEST(each_month_from_the_first_play_to_this_one_has_its_row)
{
    view_help_play(1, view_help_day(2024, 2, 29), 1, -1);
    view_help_play(1, view_help_day(2026, 9, 30), 1, -1);
    view_help_draw(view_track, "/track/1");
    ck_assert_int_eq(view_help_count("<tr><th scope=\"row\">20"), 11 + 12 + 11);
    view_help_has("<th scope=\"row\">2024-02<td>1\n");
    view_help_has("<th scope=\"row\">2025-02<td>0\n");
    view_help_has("<th scope=\"row\">2026-11 (not over yet)<td>0\n");
}
END_TEST

/* An hour before midnight in Berlin's summer it is still the month before in UTC. */
START_TEST(months_are_those_of_the_readers_zone)
{
    view_help_play(1, view_help_day(2026, 9, 30) + 23 * HOUR, 1, -1);
    view_help_draw(view_track, "/track/1");
    view_help_has("<th scope=\"row\">2026-09<td>1\n");
    view_help_zone("Europe/Berlin");
    view_help_draw(view_track, "/track/1");
    view_help_has("<th scope=\"row\">2026-10<td>1\n");
    view_help_has_not("<th scope=\"row\">2026-09");
    view_help_has("2026-10-01 01:00</time>");
}
END_TEST

START_TEST(months_with_gaps_are_shaded)
{
    view_help_play(1, view_help_day(2026, 8, 1), 1, -1);
    view_help_gap(view_help_day(2026, 9, 2), view_help_day(2026, 9, 3), "likely");
    view_help_draw(view_track, "/track/1");
    view_help_has("<th scope=\"row\">2026-09<td>0<td>some were lost");
    view_help_has_not("<th scope=\"row\">2026-10<td>0<td>some were lost");
}
END_TEST

START_TEST(who_else_played_it_is_told_where_there_are_several)
{
    view_help_play(1, NOW - HOUR, 1, -1);
    view_help_draw(view_track, "/track/1");
    view_help_has_not("Who played it");
    view_help_sql("INSERT INTO users (user_id, spotify_id, display_name, added_at, state,"
                  " state_since) SELECT 2, 'bo', 'Bo <b>', added_at, state, state_since FROM users"
                  " WHERE user_id = 1");
    view_help_play(2, NOW - DAY, 1, -1);
    view_help_play(2, NOW - 2 * DAY, 1, -1);
    view_help_draw(view_track, "/track/1");
    view_help_has("<bdi>Bo &lt;b&gt;</bdi></th><td class=\"number\">2</td>");
    has_card("Plays", 3);
}
END_TEST

static const char *const missing[] = {"/track/99", "/track/0", "/track/-1",
                                      "/track/x",  "/track/",  "/track/9223372036854775808"};

START_TEST(a_number_that_nothing_has_is_a_404)
{
    view_help_draw(view_track, missing[_i]);
    ck_assert_int_eq(view_help_status(), 404);
}
END_TEST

Suite *view_detail_suite(void);

Suite *view_detail_suite(void)
{
    Suite *suite = suite_create("view_detail");
    TCase *test = tcase_create("detail");

    tcase_add_checked_fixture(test, view_help_setup, view_help_teardown);
    tcase_add_loop_test(test, what_was_never_played_has_a_page_that_says_so, 0, KINDS);
    tcase_add_loop_test(test, one_play_is_the_first_and_the_last, 0, KINDS);
    tcase_add_loop_test(test, names_are_text_whatever_is_in_them, 0, KINDS * VIEW_HELP_HOSTILE);
    tcase_add_test(test, the_rank_and_the_numbers_are_those_of_plain_sql);
    tcase_add_test(test, each_month_from_the_first_play_to_this_one_has_its_row);
    tcase_add_test(test, months_are_those_of_the_readers_zone);
    tcase_add_test(test, months_with_gaps_are_shaded);
    tcase_add_test(test, who_else_played_it_is_told_where_there_are_several);
    tcase_add_loop_test(test, a_number_that_nothing_has_is_a_404, 0,
                        sizeof(missing) / sizeof(missing[0]));
    suite_add_tcase(suite, test);
    return suite;
}
