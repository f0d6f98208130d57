/* SPDX-License-Identifier: MIT */
/* The commands delete-play and restore-play: through the daemon, and in its place while none runs.
 */
#include "harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"

#define PLAYS 6

static char key[24]; /* of a play of account 1, the fourth */

/* Two who played; the second the same moments. */
static void begin(int accounts, int way)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(accounts);
    for (int account = 1; account <= accounts; account++)
        fake_plays(account, PLAYS, 1, at, MINUTE);
    hd_poll_and_wait();
    if (way == ALONE)
        hd_stop(SIGTERM);
    snprintf(key, sizeof(key), "%s",
             db_text("SELECT play_key FROM plays WHERE user_id = 1 ORDER BY play_key LIMIT 1"
                     " OFFSET 3"));
}

static int64_t shown(void)
{
    return db_int("SELECT count(*) FROM plays");
}

START_TEST(a_play_is_deleted_and_brought_back)
{
    char track[300];

    begin(1, _i);
    snprintf(track, sizeof(track), "%s",
             db_text("SELECT track FROM plays WHERE play_key = %s", key));
    ctl_expect(EXIT_STATUS_OK, track, "delete-play", key);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "deleted: "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "spotify-historyctl restore-play "));
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE play_key = %s", key), 0);
    ck_assert_int_eq(shown(), PLAYS - 1);
    ctl_expect(EXIT_STATUS_OK, key, "recent", "--deleted", "--keys");
    ctl_expect(EXIT_STATUS_OK, track, "restore-play", key);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "brought back: "));
    ck_assert_int_eq(shown(), PLAYS);
    ctl_expect(EXIT_STATUS_OK, "No plays.\n", "recent", "--deleted");
    if (_i == BY_DAEMON)
        hd_stop(SIGTERM);
    db_assert_integrity();
}
END_TEST

/* What delete-play says is a command that works as it stands. */
START_TEST(what_it_says_brings_the_play_back)
{
    static const char words[] = "spotify-historyctl restore-play ";
    char told[60];

    begin(2, _i);
    ctl_expect(EXIT_STATUS_OK, words, "delete-play", "--user", "1", key);
    snprintf(told, sizeof(told), "%s", strstr(harness.ctl_output, words) + strlen(words));
    told[strcspn(told, " ")] = '\0';
    ctl_expect(EXIT_STATUS_OK, "brought back: ", "restore-play", told);
    ck_assert_int_eq(shown(), 2 * PLAYS);
}
END_TEST

START_TEST(whose_play_it_is_must_be_said_where_there_are_several_users)
{
    char whose[40];

    begin(2, _i);
    ctl_expect(EXIT_STATUS_USAGE, "whose play?", "delete-play", key);
    snprintf(whose, sizeof(whose), "%s.2", key);
    ctl_expect(EXIT_STATUS_USAGE, "is a play of another user", "delete-play", "--user", "1", whose);
    ctl_expect(EXIT_STATUS_USAGE, "there is no user \"nobody\"", "delete-play", "--user", "nobody",
               key);
    ck_assert_int_eq(shown(), 2 * PLAYS);
    ctl_expect(EXIT_STATUS_OK, "deleted: ", "delete-play", whose);
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE user_id = 1"), PLAYS);
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE user_id = 2"), PLAYS - 1);
    ctl_expect(EXIT_STATUS_OK, "deleted: ", "delete-play", "--user", fake_id(1), key);
    ck_assert_int_eq(shown(), 2 * PLAYS - 2);
}
END_TEST

START_TEST(a_play_that_is_not_there_is_a_usage_error)
{
    begin(1, _i);
    ctl_expect(EXIT_STATUS_USAGE, "there is no such play: 1\n", "delete-play", "1");
    ctl_expect(EXIT_STATUS_USAGE, "there is no such play that is deleted: ", "restore-play", key);
    ctl_expect(EXIT_STATUS_OK, "", "delete-play", key);
    ctl_expect(EXIT_STATUS_USAGE, "there is no such play: ", "delete-play", key);
    ctl_expect(EXIT_STATUS_USAGE, "there is no user \"9\"", "delete-play", "1.9");
    ck_assert_int_eq(shown(), PLAYS - 1);
}
END_TEST

START_TEST(in_json_it_is_what_the_control_interface_answers)
{
    json_t *json;

    begin(1, _i);
    ck_assert_int_eq(ctl_run("delete-play", "--json", key), EXIT_STATUS_OK);
    ck_assert_ptr_nonnull(strchr(harness.ctl_output, '{')); /* behind a warning, of the stderr */
    json = json_loads(strchr(harness.ctl_output, '{'), 0, NULL);
    ck_assert_msg(json != NULL, "%s", harness.ctl_output);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "user")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "play_key")),
                     db_int("SELECT %s", key));
    ck_assert(json_is_true(json_object_get(json, "deleted")));
    json_decref(json);
    ctl_expect(EXIT_STATUS_OK, "\"deleted\": false", "restore-play", "--json", key);
}
END_TEST

START_TEST(sums_follow_also_when_no_daemon_runs)
{
    begin(1, ALONE);
    ctl_expect(EXIT_STATUS_OK, "", "delete-play", key);
    db_assert_sums();
    ctl_expect(EXIT_STATUS_OK, "", "restore-play", key);
    db_assert_sums();
}
END_TEST

START_TEST(without_a_database_none_is_made)
{
    harness_begin(0);
    harness.no_database = true;
    ctl_expect(EXIT_STATUS_USAGE, "there is no database yet", "delete-play", "1");
    ck_assert_int_ne(access(harness.database, F_OK), 0);
}
END_TEST

Suite *ctl_delete_play_suite(void);

Suite *ctl_delete_play_suite(void)
{
    Suite *suite = suite_create("ctl_delete_play");
    TCase *test = harness_case(suite, "marking");

    tcase_add_loop_test(test, a_play_is_deleted_and_brought_back, 0, WAYS);
    tcase_add_loop_test(test, what_it_says_brings_the_play_back, 0, WAYS);
    tcase_add_loop_test(test, whose_play_it_is_must_be_said_where_there_are_several_users, 0, WAYS);
    tcase_add_loop_test(test, a_play_that_is_not_there_is_a_usage_error, 0, WAYS);
    tcase_add_loop_test(test, in_json_it_is_what_the_control_interface_answers, 0, WAYS);
    tcase_add_test(test, sums_follow_also_when_no_daemon_runs);
    tcase_add_test(test, without_a_database_none_is_made);
    return suite;
}
