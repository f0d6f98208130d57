/* SPDX-License-Identifier: MIT */
/* What recent, top and stats look like to a person. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/view_plays.h"

static struct buf out;
static json_t *json;

static void setup(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
}

static void teardown(void)
{
    json_decref(json);
    buf_free(&out, false);
}

static const struct view_look plain = {.blocks = true};

/* In the text ' stands for ". */
static const json_t *read_json(const char *text)
{
    char *copy = strdup(text);

    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json = json_loads(copy, 0, NULL);
    free(copy);
    ck_assert_ptr_nonnull(json);
    return json;
}

static void assert_has(const char *text)
{
    ck_assert_msg(out.data && strstr(out.data, text), "no \"%s\" in:\n%s", text,
                  out.data ? out.data : "");
}

START_TEST(a_play_is_a_row_in_local_time)
{
    view_recent(
        read_json("{'many_users':false,'plays':["
                  "{'user':1,'user_name':'Ann','played_at':'2026-10-25T00:30:00.000Z','track':"
                  "'Song','artists':'Abe, Zoe','album':'Disc','duration_ms':200000,'ms_played':"
                  "61000,'source':'extended','late_s':9999},"
                  "{'user':1,'user_name':'Ann','played_at':'2026-10-24T23:30:00.000Z','track':null,"
                  "'artists':null,'album':null,'duration_ms':200000,'ms_played':null,'source':"
                  "'api','late_s':300}]}"),
        plain, &out);
    ck_assert_str_eq(out.data,
                     "WHEN              TRACK  ARTISTS   ALBUM  HEARD  SOURCE    LATE\n"
                     "2026-10-25 02:30  Song   Abe, Zoe  Disc    1:01  extended\n"
                     "2026-10-25 01:30  ?                       ~3:20  api       5 min\n");
}
END_TEST

START_TEST(whose_a_play_is_stands_there_where_there_are_several_users)
{
    view_recent(read_json("{'many_users':true,'plays':[{'user':2,'user_name':'Bo','played_at':"
                          "'2026-11-22T18:00:00.000Z','track':'Song','source':'api'}]}"),
                plain, &out);
    assert_has("WHEN              USER  TRACK");
    assert_has("2026-11-22 19:00  Bo    Song");
    assert_has("    ?  api");
}
END_TEST

#define OLDER                                                                                   \
    "{'many_users':%s,'older':'1795302000001.2','plays':[{'user':1,'play_key':1795302000003},{" \
    "'user':2,'play_key':1795302000001}]}"

static const json_t *older(const char *many)
{
    char text[sizeof(OLDER) + 8];

    snprintf(text, sizeof(text), OLDER, many);
    return read_json(text);
}

START_TEST(a_key_names_a_play_and_where_there_are_several_users_whose_it_is)
{
    view_recent(older("false"), (struct view_look){.keys = true}, &out);
    assert_has("  LATE  KEY\n");
    assert_has("  1795302000003\n");
    assert_has("\nOlder ones: the same with --before 1795302000001\n");
    buf_clear(&out, false);
    json_decref(json);
    view_recent(older("true"), (struct view_look){.keys = true}, &out);
    assert_has("  1795302000003.1\n");
    assert_has("\nOlder ones: the same with --before 1795302000001.2\n");
}
END_TEST

START_TEST(how_to_go_on_is_told_on_a_terminal_and_not_to_a_pipe)
{
    view_recent(older("false"), plain, &out);
    ck_assert_ptr_null(strstr(out.data, "Older"));
    ck_assert_ptr_null(strstr(out.data, "1795302000001"));
    buf_clear(&out, false);
    view_recent(json, (struct view_look){.print.width = 80}, &out);
    assert_has("\nOlder ones: the same with --before 1795302000001\n");
}
END_TEST

START_TEST(where_nothing_is_older_nothing_is_said_of_going_on)
{
    view_recent(read_json("{'older':null,'plays':[{'user':1,'play_key':7}]}"),
                (struct view_look){.print.width = 80, .keys = true}, &out);
    assert_has("  7\n");
    ck_assert_ptr_null(strstr(out.data, "Older"));
}
END_TEST

START_TEST(a_title_does_nothing_to_a_terminal)
{
    view_recent(read_json("{'plays':[{'played_at':null,'track':'a\\u001b[2Jb\\u202ec\\u0007'}]}"),
                plain, &out);
    assert_has("a\\x1b[2Jb\\xe2\\x80\\xaec\\x07");
}
END_TEST

START_TEST(without_plays_a_sentence_says_so)
{
    view_recent(read_json("{'plays':[]}"), plain, &out);
    ck_assert_str_eq(out.data, "No plays.\n");
    buf_clear(&out, false);
    json_decref(json);
    view_top(read_json("{'kind':'tracks','users':[{'items':[]}]}"), plain, &out);
    ck_assert_str_eq(out.data, "No plays.\n");
}
END_TEST

#define TOP                                                                                       \
    "{'kind':'tracks','by':'plays','users':[{'user_name':'Ann','items':[{'rank':1,'name':"        \
    "'\xe6\x97\xa5\xe6\x9c\xac','artists':'Abe','plays':12,'listened_ms':3660000,'share':0.75},{" \
    "'rank':2,'name':'Song','artists':null,'plays':4,'listened_ms':60000,'share':0.25}]}]}"

START_TEST(a_ranking_has_bars_that_fit)
{
    view_top(read_json(TOP), (struct view_look){.blocks = false}, &out);
    ck_assert_str_eq(out.data,
                     "RANK  TRACK  ARTISTS  PLAYS        TIME   SHARE\n"
                     "   1  \xe6\x97\xa5\xe6\x9c\xac   Abe         12  1 h 01 min  75.0 %  "
                     "#############\n"
                     "   2  Song                4       1 min  25.0 %  ####\n");
}
END_TEST

START_TEST(on_a_narrow_terminal_no_line_of_a_ranking_is_longer_than_it)
{
    view_top(read_json(TOP), (struct view_look){.print.width = 60}, &out);
    for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 62); /* two wide characters are six bytes */
}
END_TEST

START_TEST(artists_have_no_artists)
{
    view_top(read_json("{'kind':'artists','users':[{'user_name':'Ann','items':[{'rank':1,'name':"
                       "'Abe','plays':1}]},{'user_name':'Bo','items':[]}]}"),
             plain, &out);
    assert_has("RANK  USER  ARTIST  PLAYS");
    assert_has("   1  Ann   Abe         1");
}
END_TEST

#define STATS                                                                                     \
    "{'users':[{'user_name':'Ann','first_at':'2026-01-01T12:00:00.000Z','ranges':[{'range':"      \
    "'today','plays':6,'listened_ms':60000,'tracks':3,'artists':2,'albums':1,'before':{'plays':"  \
    "5,'listened_ms':120000}},{'range':'all','plays':6,'listened_ms':60000,'tracks':3,'artists'"  \
    ":2,'albums':1,'before':null}],'days':[{'day':'2026-11-21','plays':0},{'day':'2026-11-22',"   \
    "'plays':6}],'clock':[[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,5]],'streak':{'days':2," \
    "'first_day':'2026-11-21','last_day':'2026-11-22'},'top':{'tracks':[{'name':'Song','artists'" \
    ":'Abe','plays':1}]},'discoveries':[{'name':'Song','artists':'Abe','first_at':"               \
    "'2026-11-22T18:00:00.000Z'}],'coverage':{'recorded_since':'2026-01-01T12:00:00.000Z',"       \
    "'last_success_at':'2026-11-22T18:00:00.000Z','likely':1,'possible':2}}]}"

START_TEST(statistics_tell_totals_days_hours_and_what_is_missing)
{
    view_stats(read_json(STATS), (struct view_look){0}, &out);
    assert_has("today      6  +20 %  1 min  -50 %       3        2       1\n");
    assert_has("all        6         1 min              3        2       1\n");
    assert_has("\n_#  plays a day, 2026-11-21 to 2026-11-22, at most 6\n");
    assert_has("\n_._____________________#  ");
    assert_has("Top tracks\n  1. Song (Abe), 1 play\n");
    assert_has("  2026-11-22 19:00  Song (Abe)\n");
    assert_has("First play: 2026-01-01 13:00.\n");
    assert_has("Longest streak: 2 days, 2026-11-21 to 2026-11-22.\n");
    assert_has("3 gaps are open: in 1 plays were likely lost, in 2 plays may have been lost");
}
END_TEST

START_TEST(colours_are_no_part_of_what_a_pipe_gets)
{
    view_stats(read_json(STATS), (struct view_look){.blocks = true}, &out);
    ck_assert_ptr_null(strchr(out.data, '\x1b'));
    buf_clear(&out, false);
    view_stats(json, (struct view_look){.print = {.colours = true, .width = 80}}, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "\x1b[32m"));
}
END_TEST

static const struct {
    const char *coverage, *sentence;
} coverages[] = {
    {"{'recorded_since':null}", "nothing was recorded yet"},
    {"{'recorded_since':'2026-01-01T12:00:00.000Z','last_success_at':null,'likely':0,'possible':0}",
     "up to ?. Nothing is known to be missing."},
    {"{'recorded_since':'2026-01-01T12:00:00.000Z','likely':1}",
     " 1 gap is open: in 1 plays were likely lost (spotify-historyctl gaps)."},
    {"{'recorded_since':'2026-01-01T12:00:00.000Z','possible':2}",
     " 2 gaps are open: in 2 plays may have been lost (spotify-historyctl gaps)."},
};

START_TEST(coverage_is_said_in_a_sentence)
{
    view_stats_coverage(read_json(coverages[_i].coverage), &out);
    assert_has(coverages[_i].sentence);
}
END_TEST

START_TEST(objects_of_another_shape_are_shown_as_far_as_they_go)
{
    view_stats(read_json("{'users':[{'ranges':3,'days':[1],'clock':'x','top':[],'streak':7}]}"),
               plain, &out);
    ck_assert(!out.failed);
    buf_clear(&out, false);
    view_stats(json_object_get(json, "no"), plain, &out);
    assert_has("Nobody has signed in yet");
}
END_TEST

Suite *ctl_view_plays_suite(void);

Suite *ctl_view_plays_suite(void)
{
    Suite *suite = suite_create("ctl_view_plays");
    TCase *test = tcase_create("view");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, a_play_is_a_row_in_local_time);
    tcase_add_test(test, whose_a_play_is_stands_there_where_there_are_several_users);
    tcase_add_test(test, a_key_names_a_play_and_where_there_are_several_users_whose_it_is);
    tcase_add_test(test, how_to_go_on_is_told_on_a_terminal_and_not_to_a_pipe);
    tcase_add_test(test, where_nothing_is_older_nothing_is_said_of_going_on);
    tcase_add_test(test, a_title_does_nothing_to_a_terminal);
    tcase_add_test(test, without_plays_a_sentence_says_so);
    tcase_add_test(test, a_ranking_has_bars_that_fit);
    tcase_add_test(test, on_a_narrow_terminal_no_line_of_a_ranking_is_longer_than_it);
    tcase_add_test(test, artists_have_no_artists);
    tcase_add_test(test, statistics_tell_totals_days_hours_and_what_is_missing);
    tcase_add_test(test, colours_are_no_part_of_what_a_pipe_gets);
    tcase_add_loop_test(test, coverage_is_said_in_a_sentence, 0,
                        sizeof(coverages) / sizeof(coverages[0]));
    tcase_add_test(test, objects_of_another_shape_are_shown_as_far_as_they_go);
    suite_add_tcase(suite, test);
    return suite;
}
