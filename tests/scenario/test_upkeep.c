/* SPDX-License-Identifier: MIT */
/* The derived tables follow the plays: behind polls, imports, undoings and removals, through the
 * daemon and in its place; and the command rebuild. */
#include "import_help.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"

#define FAILURES 2

/* Plays of a user that no sum knows, ten minutes apart. Of a daemon that does not run. */
static void add_plays(int count)
{
    db_do("INSERT INTO tracks (uri, kind, name, duration_ms, updated_at)"
          " VALUES ('spotify:track:x', 'track', 'x', 100000, 1);"
          "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
          " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
          " SELECT 1, 1400000000000 + i * 600000, (SELECT track_id FROM tracks"
          " WHERE uri = 'spotify:track:x'), 'api', 1 FROM n",
          count - 1);
}

static void wait_for_sums(void)
{
    harness_wait_until(db_int("SELECT count(*) FROM stale_blocks") == 0);
    db_assert_sums();
}

/* -- by itself ----------------------------------------------------------------------------------- */

START_TEST(what_polls_bring_is_summed_up_in_a_moment)
{
    harness_run_by_hand(2);
    fake_plays(1, 5, 1, harness_now() - 3600000, 60000);
    fake_plays(2, 3, 4, harness_now() - 3600000, 60000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    wait_for_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_sums"), 8);
}
END_TEST

START_TEST(what_was_behind_before_a_start_is_summed_up_after_it)
{
    harness_begin(1);
    add_plays(20000);
    ck_assert_int_gt(db_int("SELECT count(*) FROM stale_blocks"), 0);
    hd_start();
    wait_for_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_quarters"), 20000);
}
END_TEST

START_TEST(a_daemon_that_polls_once_leaves_nothing_behind)
{
    harness_begin(1);
    add_plays(100);
    fake_plays(1, 5, 1, harness_now() - 3600000, 60000);
    ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
    db_assert_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_totals"), 105);
}
END_TEST

START_TEST(an_import_and_its_undoing_are_followed)
{
    harness_run_by_hand(1);
    import_expect_end(import_begin(1, NULL, import_many(3000, IMPORT_T0, 200000)), "stored");
    wait_for_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_totals"), 3000);
    json_decref(control_expect(202, "POST", "/v1/undo-import", "{'import':1}"));
    harness_wait_until(db_int("SELECT count(*) FROM imports") == 0);
    wait_for_sums();
    ck_assert_int_eq(db_int("SELECT count(*) FROM play_sums"), 0);
}
END_TEST

/* -- the commands in the daemon's place ---------------------------------------------------------- */

static void write_export(char path[static HARNESS_PATH_SIZE + 24])
{
    FILE *file;

    snprintf(path, HARNESS_PATH_SIZE + 24, "%s/export.json", harness.folder);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 300; i++)
        fprintf(file,
                "%s{\"ts\":\"2015-%02d-%02dT10:00:00Z\",\"ms_played\":61000,\"spotify_track_uri\":"
                "\"spotify:track:12345678901234567890%02d\",\"master_metadata_track_name\":\"x\","
                "\"master_metadata_album_artist_name\":\"A\"}",
                i > 0 ? "," : "[", 1 + i / 28, 1 + i % 28, i % 30);
    fputs("]", file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(commands_without_a_daemon_leave_nothing_behind)
{
    char path[HARNESS_PATH_SIZE + 24];

    harness_begin(1);
    write_export(path);
    ctl_expect(EXIT_STATUS_OK, "", "import", path);
    db_assert_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_totals"), 300);
    ctl_expect(EXIT_STATUS_OK, "300 plays removed", "undo-import", "--yes", "1");
    db_assert_sums();
    ck_assert_int_eq(db_int("SELECT count(*) FROM play_sums"), 0);
}
END_TEST

START_TEST(of_a_user_who_is_removed_no_sum_stays)
{
    harness_begin(2);
    add_plays(500);
    hd_start();
    wait_for_sums();
    if (_i == ALONE)
        hd_stop(SIGTERM);
    ctl_expect(EXIT_STATUS_OK, "500 plays", "forget", "--yes", fake_id(1));
    wait_for_sums();
    ck_assert_int_eq(db_int("SELECT count(*) FROM play_sums"), 0);
}
END_TEST

/* -- rebuild ------------------------------------------------------------------------------------- */

/* Some that played, and sums that are wrong where nobody knows of it. */
static void begin_spoiled(int way, int plays)
{
    harness_begin(1);
    add_plays(plays);
    hd_start();
    wait_for_sums();
    hd_stop(SIGTERM);
    db_do("UPDATE play_sums SET plays = 7, quarters = x'';"
          " INSERT INTO play_sums VALUES (3, 3, 3, 3, x'00030303', x'0003030303')");
    if (way == BY_DAEMON)
        hd_start();
}

START_TEST(rebuild_makes_wrong_sums_right_and_says_how_many_plays_there_are)
{
    begin_spoiled(_i, 3000);
    ck_assert_int_eq(ctl_run("check", "--offline"), FAILURES);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "spotify-historyctl rebuild"));
    ctl_expect(EXIT_STATUS_OK, "3000 plays are summed up anew, in ", "rebuild");
    db_assert_sums();
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_quarters"), 3000);
    (void)ctl_run("check", "--offline");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "all sums are those of the plays\n"));
}
END_TEST

START_TEST(rebuild_without_plays_has_nothing_to_do)
{
    harness_begin_way(1, _i);
    ctl_expect(EXIT_STATUS_OK, "0 plays are summed up anew, in 0.", "rebuild");
}
END_TEST

START_TEST(rebuild_makes_no_database)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    hd_write_config();
    ctl_expect(EXIT_STATUS_USAGE, "there is no database yet", "rebuild");
    ck_assert_int_ne(access(harness.database, F_OK), 0);
}
END_TEST

/* How the rebuilding stands, once it is done; until then NULL. */
static json_t *done_rebuild(void)
{
    json_t *json = control_expect(200, "GET", "/v1/rebuild", NULL);

    if (json_is_true(json_object_get(json, "done")))
        return json;
    json_decref(json);
    return NULL;
}

START_TEST(while_it_is_rebuilt_polls_go_on_and_a_second_one_is_refused)
{
    json_t *json;

    harness_begin(1);
    add_plays(60000);
    hd_start();
    wait_for_sums();
    json_decref(control_expect(404, "GET", "/v1/rebuild", NULL));
    json = control_expect(202, "POST", "/v1/rebuild", "{}");
    ck_assert(json_is_false(json_object_get(json, "done")));
    json_decref(json);
    ck_assert_str_eq(import_code(control_expect(409, "POST", "/v1/rebuild", "{}")), "busy");
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_until(db_int("SELECT count(*) FROM played_tracks") == 60001);
    wait_for_sums();
    harness_wait_until((json = done_rebuild()) != NULL);
    /* Whether it had come to the end of the plays when one more was added is nobody's promise. */
    ck_assert_int_ge(json_integer_value(json_object_get(json, "plays")), 60000);
    json_decref(json);
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM play_quarters"), 60001);
}
END_TEST

Suite *upkeep_suite(void)
{
    Suite *suite = suite_create("upkeep");
    TCase *tcase = harness_case(suite, "sums");

    tcase_add_test(tcase, what_polls_bring_is_summed_up_in_a_moment);
    tcase_add_test(tcase, what_was_behind_before_a_start_is_summed_up_after_it);
    tcase_add_test(tcase, a_daemon_that_polls_once_leaves_nothing_behind);
    tcase_add_test(tcase, an_import_and_its_undoing_are_followed);
    tcase_add_test(tcase, commands_without_a_daemon_leave_nothing_behind);
    tcase_add_loop_test(tcase, of_a_user_who_is_removed_no_sum_stays, 0, WAYS);
    tcase = harness_case(suite, "rebuild");
    tcase_add_loop_test(tcase, rebuild_makes_wrong_sums_right_and_says_how_many_plays_there_are, 0,
                        WAYS);
    tcase_add_loop_test(tcase, rebuild_without_plays_has_nothing_to_do, 0, WAYS);
    tcase_add_test(tcase, rebuild_makes_no_database);
    tcase_add_test(tcase, while_it_is_rebuilt_polls_go_on_and_a_second_one_is_refused);
    return suite;
}
