/* SPDX-License-Identifier: MIT */
/* The commands recent, top and stats, beside the daemon and without it. */
#include "harness.h"

#include <locale.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/exit.h"

#define TRACKS 5

/* Account 1 heard 5 tracks, one of them twice more; BY_DAEMON: the daemon runs. */
static void begin(int accounts, int way)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(accounts);
    fake_plays(1, TRACKS, 1, at, MINUTE);
    fake_play(1, 1, at + 10 * MINUTE);
    fake_play(1, 1, at + 11 * MINUTE);
    hd_poll_and_wait();
    if (way == ALONE)
        hd_stop(SIGTERM);
}

/* What the command answered, as JSON. */
static json_t *answer(void)
{
    json_t *json = json_loads(harness.ctl_output, 0, NULL);

    ck_assert_msg(json != NULL, "no JSON: %s", harness.ctl_output);
    return json;
}

static int64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_integer(value), "%s is no integer", key);
    return json_integer_value(value);
}

static const json_t *first(const json_t *object, const char *key)
{
    const json_t *array = json_object_get(object, key);

    ck_assert_msg(json_array_size(array) > 0, "%s holds nothing", key);
    return json_array_get(array, 0);
}

START_TEST(H11_recent_lists_the_last_plays_with_the_daemon_and_without)
{
    json_t *json;

    begin(1, _i);
    ck_assert_int_eq(ctl_run("recent", "-n", "2", "--json"), EXIT_STATUS_OK);
    json = answer();
    ck_assert_uint_eq(json_array_size(json_object_get(json, "plays")), 2);
    ck_assert_int_eq(number(first(json, "plays"), "play_key"),
                     db_int("SELECT max(play_key) FROM plays"));
    ck_assert_str_eq(json_string_value(json_object_get(first(json, "plays"), "track")),
                     db_text("SELECT track FROM plays ORDER BY play_key DESC LIMIT 1"));
    json_decref(json);
    ck_assert_int_eq(ctl_run("recent"), EXIT_STATUS_OK);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "WHEN  "));
    ck_assert_ptr_null(strstr(harness.ctl_output, "  USER  "));
}
END_TEST

START_TEST(top_counts_as_the_views_do)
{
    json_t *json;
    const json_t *user, *item;

    begin(1, _i);
    ck_assert_int_eq(ctl_run("top", "tracks", "--json"), EXIT_STATUS_OK);
    json = answer();
    user = first(json, "users");
    item = first(user, "items");
    ck_assert_int_eq(number(user, "plays"), TRACKS + 2);
    ck_assert_int_eq(number(user, "different"), TRACKS);
    ck_assert_int_eq(number(item, "plays"), 3);
    ck_assert_int_eq(number(item, "listened_ms"),
                     db_int("SELECT listened_ms FROM track_totals WHERE plays = 3"));
    json_decref(json);
    ctl_expect(EXIT_STATUS_OK, "RANK  ARTIST", "top", "artists", "--by", "time");
    ctl_expect(EXIT_STATUS_OK, "RANK  ALBUM", "top", "albums", "--since", "7d");
    ctl_expect(EXIT_STATUS_OK, "No plays.", "top", "albums", "--until", "2020");
}
END_TEST

START_TEST(stats_tell_totals_and_what_may_be_missing)
{
    json_t *json;
    const json_t *user, *coverage;

    begin(1, _i);
    ck_assert_int_eq(ctl_run("stats", "--json"), EXIT_STATUS_OK);
    json = answer();
    user = first(json, "users");
    ck_assert_uint_eq(json_array_size(json_object_get(user, "ranges")), 5);
    ck_assert_int_eq(number(json_array_get(json_object_get(user, "ranges"), 4), "plays"),
                     TRACKS + 2);
    ck_assert_uint_eq(json_array_size(json_object_get(user, "days")), 30);
    coverage = json_object_get(user, "coverage");
    ck_assert_int_eq(number(coverage, "likely") + number(coverage, "possible"),
                     db_int("SELECT count(*) FROM gaps WHERE filled_by IS NULL"));
    json_decref(json);
    ctl_expect(EXIT_STATUS_OK, "Coverage: recorded since ", "stats");
    ctl_expect(EXIT_STATUS_OK, "\nasked ", "stats", "--since", "this-year");
}
END_TEST

START_TEST(with_several_users_each_row_says_whose_it_is)
{
    begin(2, ALONE);
    ctl_expect(EXIT_STATUS_OK, "  USER  ", "recent");
    ctl_expect(EXIT_STATUS_OK, "  USER  ", "top", "tracks");
    ctl_expect(EXIT_STATUS_OK, "RANK  TRACK", "top", "tracks", "--user", "1");
    ctl_expect(EXIT_STATUS_OK, "No plays.", "recent", "--user", "2");
    ctl_expect(EXIT_STATUS_USAGE, "", "recent", "--user", "nobody");
}
END_TEST

START_TEST(a_deleted_play_is_nowhere)
{
    json_t *json;

    begin(1, ALONE);
    db_do("UPDATE played_tracks SET deleted_at = 1 WHERE track_id ="
          " (SELECT track_id FROM track_totals WHERE plays = 3)");
    ck_assert_int_eq(ctl_run("top", "tracks", "--json"), EXIT_STATUS_OK);
    json = answer();
    ck_assert_int_eq(number(first(json, "users"), "plays"), TRACKS - 1);
    json_decref(json);
    ck_assert_int_eq(ctl_run("recent", "--json"), EXIT_STATUS_OK);
    json = answer();
    ck_assert_uint_eq(json_array_size(json_object_get(json, "plays")), TRACKS - 1);
    json_decref(json);
}
END_TEST

/* A title made to do harm: an escape sequence, an override, a line end, and long. */
START_TEST(H3_a_title_does_nothing_to_a_terminal)
{
    begin(1, ALONE);
    db_do("UPDATE tracks SET name = char(27) || '[2J' || char(8238) || char(10) || char(7) ||"
          " replace(hex(zeroblob(5000)), '0', char(26085))");
    ctl_expect(EXIT_STATUS_OK, "\\x1b[2J\\xe2\\x80\\xae\\x0a\\x07", "recent");
    ctl_expect(EXIT_STATUS_OK, "\\x1b[2J", "top", "tracks");
    ctl_expect(EXIT_STATUS_OK, "\\x1b[2J", "stats");
    ctl_expect(EXIT_STATUS_OK, "\\u001B[2J", "recent", "-n", "1", "--json");
}
END_TEST

/* -- further back -------------------------------------------------------------------------------- */

START_TEST(each_play_is_listed_once_going_back_by_the_key_that_was_told)
{
    char key[60] = "9223372036854775807";
    int64_t newest = INT64_MAX, listed = 0;

    begin(1, _i);
    for (int calls = 0; calls <= TRACKS && key[0]; calls++) {
        const json_t *play;
        json_t *json;
        size_t at;

        ck_assert_int_eq(ctl_run("recent", "-n", "2", "--json", "--before", key), EXIT_STATUS_OK);
        json = answer();
        json_array_foreach (json_object_get(json, "plays"), at, play) {
            ck_assert_int_lt(number(play, "play_key"), newest);
            newest = number(play, "play_key");
            listed++;
        }
        snprintf(key, sizeof(key), "%s",
                 json_is_null(json_object_get(json, "older"))
                     ? ""
                     : json_string_value(json_object_get(json, "older")));
        json_decref(json);
    }
    ck_assert_str_eq(key, "");
    ck_assert_int_eq(listed, TRACKS + 2);
}
END_TEST

START_TEST(plays_of_one_moment_by_two_users_are_each_listed_once)
{
    int64_t at = harness_now() - HOUR;
    char before[60];

    harness_run_by_hand(2);
    fake_play(1, 1, at);
    fake_play(2, 2, at);
    hd_poll_and_wait();
    ck_assert_int_eq(db_int("SELECT count(DISTINCT play_key) FROM plays"), 1);
    ctl_expect(EXIT_STATUS_OK, "Older ones: the same with --before ", "recent", "-n1", "--keys");
    snprintf(before, sizeof(before), "%s",
             strstr(harness.ctl_output, "--before ") + strlen("--before "));
    before[strcspn(before, "\n")] = '\0';
    ck_assert_str_eq(before + strlen(before) - 2, ".1");
    ctl_expect(EXIT_STATUS_OK, ".2\n", "recent", "--keys", "--before", before);
    ck_assert_ptr_null(strstr(harness.ctl_output, ".1\n"));
    before[strlen(before) - 2] = '\0';
    ctl_expect(EXIT_STATUS_OK, "No plays.\n", "recent", "--before", before);
}
END_TEST

START_TEST(words_find_plays_by_track_artist_and_album)
{
    json_t *json;

    begin(1, _i);
    for (int i = 0; i < 3; i++) {
        static const char *const what[] = {"track", "artists", "album"};
        char words[200];

        snprintf(words, sizeof(words), "%s",
                 db_text("SELECT %s FROM plays ORDER BY play_key DESC LIMIT 1", what[i]));
        ck_assert_int_eq(ctl_run("recent", "--json", "--search", words), EXIT_STATUS_OK);
        json = answer();
        ck_assert_int_eq(number(first(json, "plays"), "play_key"),
                         db_int("SELECT max(play_key) FROM plays"));
        json_decref(json);
    }
    ctl_expect(EXIT_STATUS_OK, "No plays.\n", "recent", "--search", "nobodyhasthisword");
}
END_TEST

START_TEST(before_there_is_a_database_it_is_said)
{
    harness_begin(0);
    harness.no_database = true;
    ck_assert_int_ne(ctl_run("recent"), EXIT_STATUS_OK);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, harness.database));
}
END_TEST

static const struct {
    const char *words[4], *why;
} wrong[] = {
    {{"top", "songs"}, "songs: artists, tracks or albums?"},
    {{"top"}, "artists, tracks or albums?"},
    {{"top", "tracks", "--by", "love"}, "--by love: plays or time?"},
    {{"top", "tracks", "-n", "0"}, "-n 0: not a number from 1"},
    {{"recent", "-n", "many"}, "-n many: not a number from 1"},
    {{"recent", "--before", "soon"}, "--before soon: not the key of a play"},
    {{"recent", "--since", "soon"}, "--since soon: not a time"},
    {{"stats", "--until", "2026-13"}, "--until 2026-13: not a time"},
    {{"stats", "more"}, "too many arguments"},
};

START_TEST(what_is_asked_for_wrongly_is_a_usage_error)
{
    const char *words[5] = {NULL};

    harness_run_by_hand(1);
    memcpy(words, wrong[_i].words, sizeof(wrong[_i].words));
    ck_assert_int_eq(ctl_run_with("", words), EXIT_STATUS_USAGE);
    ck_assert_msg(strstr(harness.ctl_output, wrong[_i].why) != NULL, "%s", harness.ctl_output);
}
END_TEST

/* -- on a terminal ------------------------------------------------------------------------------- */

/* What the command writes to a terminal of so many columns. */
static const char *on_terminal(unsigned short columns, const char *const *words)
{
    static char text[16384];
    struct winsize size = {.ws_col = columns, .ws_row = 24};
    int main_end, other_end;
    size_t len = 0;
    ssize_t got;

    ck_assert_int_eq(openpty(&main_end, &other_end, NULL, NULL, &size), 0);
    harness.ctl_out = other_end;
    ck_assert_int_eq(ctl_run_with("", words), EXIT_STATUS_OK);
    harness.ctl_out = 0;
    close(other_end);
    while (len < sizeof(text) - 1 && (got = read(main_end, text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(main_end);
    return text;
}

/* Columns of the line that text begins with. */
static size_t columns_of(const char *text)
{
    size_t len = strcspn(text, "\r\n"), columns = 0;

    for (const char *at = text; at < text + len;) {
        wchar_t wide;
        int step = mbtowc(&wide, at, (size_t)(text + len - at));

        ck_assert_int_gt(step, 0);
        columns += wcwidth(wide) > 0 ? (size_t)wcwidth(wide) : 0;
        at += step;
    }
    return columns;
}

START_TEST(a_terminal_gets_colours_and_lines_that_fit)
{
    static const char *const words[] = {"recent", NULL};
    const char *text;

    setlocale(LC_CTYPE, "C.UTF-8");
    begin(1, ALONE);
    harness.ctl_environment[0] = "TERM=xterm";
    harness.ctl_environment[1] = "NO_COLOR=1";
    text = on_terminal(75, words);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        ck_assert_msg(columns_of(line) <= 75, "%s", line);
    harness.ctl_environment[1] = NULL;
    ck_assert_ptr_nonnull(strstr(on_terminal(75, words), "\x1b[1mWHEN"));
}
END_TEST

Suite *listing_suite(void);

Suite *listing_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *test = harness_case(suite, "listing");

    tcase_add_loop_test(test, H11_recent_lists_the_last_plays_with_the_daemon_and_without, 0, WAYS);
    tcase_add_loop_test(test, top_counts_as_the_views_do, 0, WAYS);
    tcase_add_loop_test(test, stats_tell_totals_and_what_may_be_missing, 0, WAYS);
    tcase_add_test(test, with_several_users_each_row_says_whose_it_is);
    tcase_add_test(test, a_deleted_play_is_nowhere);
    tcase_add_test(test, H3_a_title_does_nothing_to_a_terminal);
    tcase_add_loop_test(test, each_play_is_listed_once_going_back_by_the_key_that_was_told, 0,
                        WAYS);
    tcase_add_test(test, plays_of_one_moment_by_two_users_are_each_listed_once);
    tcase_add_loop_test(test, words_find_plays_by_track_artist_and_album, 0, WAYS);
    tcase_add_test(test, before_there_is_a_database_it_is_said);
    tcase_add_loop_test(test, what_is_asked_for_wrongly_is_a_usage_error, 0, COUNT_OF(wrong));
    tcase_add_test(test, a_terminal_gets_colours_and_lines_that_fit);
    suite_add_tcase(suite, test);
    return suite;
}
