/* SPDX-License-Identifier: MIT */
/* Imports by the command while the daemon captures, is read from, or is killed; and the gaps that
 * they fill. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/record.h"
#include "base/exit.h"
#include "base/text.h"
#include "import_help.h"

#define FEW 300
#define MANY 20000 /* rows that take some seconds */
#define STEP INT64_C(200000)
#define RECENT 5

/* Rows, and when the first one ended. */
struct part {
    int count;
    int64_t from;
};

static char folder[HARNESS_PATH_SIZE];

static const char *path(const char *name)
{
    static char paths[4][HARNESS_PATH_SIZE + 40];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
    return paths[next];
}

/* Writes the long form of plays of 50 tracks in turn. */
static void write_export(const char *name, const struct part *parts, size_t count)
{
    FILE *file = fopen(path(name), "we");
    const char *comma = "[";
    char time[TEXT_TIME_SIZE];

    ck_assert_ptr_nonnull(file);
    for (size_t at = 0; at < count; at++)
        for (int i = 0; i < parts[at].count; i++, comma = ",\n")
            fprintf(file,
                    "%s{\"ts\":\"%s\",\"ms_played\":61000,\"spotify_track_uri\":"
                    "\"spotify:track:%022d\",\"master_metadata_track_name\":\"Title %d\","
                    "\"master_metadata_album_artist_name\":\"Artist\"}",
                    comma, text_time_format(parts[at].from + i * STEP, time), i % 50 + 1,
                    i % 50 + 1);
    fputs("]", file);
    ck_assert_int_eq(fclose(file), 0);
}

static void write_part(const char *name, int count, int64_t from)
{
    write_export(name, &(struct part){count, from}, 1);
}

/* Plays of the same tracks at Spotify. */
static void play(int count, int64_t from)
{
    for (int i = 0; i < count; i++)
        fake_do("plays",
                "{'plays':[{'account':1,'played_at':%lld,'uri':'spotify:track:%022d',"
                "'name':'Title %d','artist':'Artist'}]}",
                (long long)(from + i * STEP), i % 50 + 1, i % 50 + 1);
}

static void make_folder(void)
{
    snprintf(folder, sizeof(folder), "%.60s/exports", harness.folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
}

static void begin(void)
{
    harness_run_by_hand(1);
    make_folder();
}

/* Starts the command with two files, and waits until the second, long one is on its way. */
static void import_into_the_middle(void)
{
    write_part("a.json", FEW, IMPORT_T0);
    write_part("b.json", MANY, IMPORT_T0 + FEW * STEP);
    ctl_start("import", path("a.json"), path("b.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("; import 1\n"));
    harness_wait_until(hd_log_count("imports b.json") == 1);
}

static void assert_whole_files(int files, int64_t plays)
{
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), files);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), plays);
    ck_assert_int_eq(db_int("SELECT sum(added) FROM imports"), plays);
}

/* -- killed -------------------------------------------------------------------------------------- */

START_TEST(I10_a_kill_of_the_daemon_leaves_whole_files_and_again_finishes_the_job)
{
    begin();
    import_into_the_middle();
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "; the same command again finishes the job");
    hd_start();
    assert_whole_files(1, FEW);
    ctl_expect(EXIT_STATUS_OK, "  again 1\n", "import", path("a.json"), path("b.json"));
    assert_whole_files(2, FEW + MANY);
    db_assert_integrity();
}
END_TEST

/* What it has handed over goes in without it, or nothing of it does. */
START_TEST(I10_a_kill_of_the_command_leaves_whole_files_and_again_finishes_the_job)
{
    begin();
    import_into_the_middle();
    ctl_signal(SIGKILL);
    ck_assert_int_eq(ctl_wait(), -SIGKILL);
    ctl_expect(EXIT_STATUS_OK, "  again 1\n", "import", path("a.json"), path("b.json"));
    assert_whole_files(2, FEW + MANY);
}
END_TEST

START_TEST(I10_alone_a_kill_leaves_whole_files_and_again_finishes_the_job)
{
    begin();
    hd_stop(SIGTERM);
    write_part("a.json", FEW, IMPORT_T0);
    write_part("b.json", MANY, IMPORT_T0 + FEW * STEP);
    ctl_start("import", path("a.json"), path("b.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("; import 1\n"));
    ctl_signal(SIGKILL);
    ck_assert_int_eq(ctl_wait(), -SIGKILL);
    assert_whole_files(1, FEW);
    ctl_expect(EXIT_STATUS_OK, "  again 1\n", "import", path("a.json"), path("b.json"));
    assert_whole_files(2, FEW + MANY);
}
END_TEST

/* -- beside capturing ---------------------------------------------------------------------------- */

/* Recent plays are in the file, and the API tells of them before it, in the middle, or after it. */
enum moment { BEFORE, IN_THE_MIDDLE, AFTER, MOMENTS };

START_TEST(what_both_tell_of_becomes_one_whenever_the_api_tells_of_it)
{
    int64_t recent = (harness_now() - HOUR) / 1000 * 1000;
    const struct part parts[] = {{MANY, IMPORT_T0}, {RECENT, recent}};

    begin();
    write_export("a.json", parts, 2);
    play(RECENT, recent + 207);
    if (_i == BEFORE)
        hd_poll_and_wait();
    ctl_start("import", path("a.json"));
    ctl_type_end();
    if (_i == IN_THE_MIDDLE) {
        harness_wait_until(hd_logged("imports a.json"));
        hd_poll_now();
        harness_wait_until(fake_shown(1) == RECENT);
    }
    ctl_expect_end(EXIT_STATUS_OK, "  1\n");
    if (_i == AFTER)
        hd_poll_and_wait();
    harness_wait_until(db_int("SELECT count(*) FROM played_tracks WHERE source = 'api'") == RECENT);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), MANY + RECENT);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE source = 'api' AND"
                            " ms_played = 61000 AND played_at %% 1000 = 207"),
                     RECENT);
}
END_TEST

/* What comes waits for the end of the import, so the interval must be longer than that. */
START_TEST(a_play_that_no_export_tells_of_finds_room_beside_the_rows_of_one)
{
    int64_t recent = (harness_now() - HOUR) / 1000 * 1000;

    begin();
    write_part("a.json", RECENT, recent);
    ctl_start("import", path("a.json"));
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_OK, "  1\n");
    fake_do("plays",
            "{'plays':[{'account':1,'played_at':%lld,'uri':'spotify:track:%022d',"
            "'name':'Another title','artist':'Another'}]}",
            (long long)(recent + STEP), 4711);
    hd_poll_and_wait();
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), RECENT + 1);
    ck_assert_int_eq(db_int("SELECT played_at - nudge_ms FROM played_tracks WHERE source = 'api'"),
                     recent + STEP);
    ck_assert_int_eq(db_int("SELECT nudge_ms FROM played_tracks WHERE source = 'api'"), 1);
    ck_assert_int_eq(db_int("SELECT sum(plays) FROM track_totals"), RECENT + 1);
}
END_TEST

START_TEST(I11_polls_of_many_go_out_on_time_beside_it)
{
    enum { USERS = 20, INTERVAL_MS = 5000, LATE_MS = 1000 };
    int64_t longest;

    harness.config.poll_interval = harness.config.sweep_interval = "5s";
    harness_run(USERS);
    make_folder();
    hd_wait_for_polls(2 * USERS);
    write_part("a.json", MANY / 4, IMPORT_T0);
    ctl_expect(EXIT_STATUS_OK, "  1\n", "import", "--user", "1", path("a.json"));
    hd_wait_for_polls(db_int("SELECT count(*) FROM polls") + USERS);
    longest =
        db_int("SELECT max(pause) FROM (SELECT started_at - lag(started_at) OVER (PARTITION"
               " BY user_id ORDER BY started_at) AS pause, started_at AS at FROM polls), imports"
               " WHERE at >= started_at");
    fprintf(stderr, "%d users every %d ms: the longest pause of one was %lld ms\n", USERS,
            INTERVAL_MS, (long long)longest);
    ck_assert_int_gt(longest, 0);
    ck_assert_int_lt(longest, INTERVAL_MS + LATE_MS);
}
END_TEST

/* -- beside a reader ----------------------------------------------------------------------------- */

START_TEST(H11_a_reader_sees_all_of_a_file_or_nothing)
{
    static const char look[] = "SELECT count(*) || ' ' || (SELECT count(*) FROM imports) FROM "
                               "played_tracks";
    char states[3][40];
    int looks[3] = {0};

    begin();
    snprintf(states[0], sizeof(states[0]), "0 0");
    snprintf(states[1], sizeof(states[1]), "%d 1", FEW);
    snprintf(states[2], sizeof(states[2]), "%d 2", FEW + MANY);
    write_part("a.json", FEW, IMPORT_T0);
    write_part("b.json", MANY, IMPORT_T0 + FEW * STEP);
    ctl_start("import", path("a.json"), path("b.json"));
    ctl_type_end();
    harness_wait_until(({
        const char *seen = db_text(look);
        int state = 0;

        while (state < 3 && strcmp(seen, states[state]) != 0)
            state++;
        ck_assert_msg(state < 3, "a reader saw %s", seen);
        looks[state]++;
        state == 2;
    }));
    ctl_expect_end(EXIT_STATUS_OK, "  2\n");
    ck_assert_int_gt(looks[1], 5); /* it has looked while the second was under way */
}
END_TEST

/* -- gaps ---------------------------------------------------------------------------------------- */

/* More was played between two polls than Spotify shows: a gap, of whose ends both are known. */
static void make_gap(int64_t from)
{
    int64_t polls;

    play(10, from);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    polls = db_int("SELECT count(*) FROM polls");
    db_do("UPDATE users SET first_sweep_at = first_sweep_at - 86400000");
    play(100, from + 10 * STEP); /* while nobody looks: one by one they would leave no gap */
    hd_start();
    hd_wait_for_polls(polls + 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 1);
}

START_TEST(a_gap_is_open_until_an_import_fills_it_and_after_that_is_undone)
{
    int64_t from = (harness_now() - 8 * HOUR) / 1000 * 1000;

    begin();
    ctl_expect(EXIT_STATUS_OK, "No gap in the record is known.\n", "gaps");
    make_gap(from);
    ctl_expect(EXIT_STATUS_OK, "  open\n", "gaps");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "1 gap is open. "));
    write_export("a.json", (const struct part[]){{10, from}, {100, from + 10 * STEP}}, 2);
    ctl_expect(EXIT_STATUS_OK, "1 gap in the record is filled\n", "import", path("a.json"));
    ctl_expect(EXIT_STATUS_OK, "  import 1   a.json\n", "gaps");
    ck_assert_ptr_null(strstr(harness.ctl_output, "open"));
    ctl_expect(EXIT_STATUS_OK, "\"filled_by\": 1,", "gaps", "--json");
    ck_assert_int_eq(db_int("SELECT count(*) FROM coverage_by_day WHERE coverage <> 'complete'"),
                     0);
    ctl_expect(EXIT_STATUS_OK, "", "undo-import", "--yes", "1");
    ctl_expect(EXIT_STATUS_OK, "  open\n", "gaps");
    ck_assert_int_gt(db_int("SELECT count(*) FROM coverage_by_day WHERE coverage <> 'complete'"),
                     0);
}
END_TEST

START_TEST(gaps_are_listed_for_one_user_and_the_newest_only)
{
    harness_run_by_hand(2);
    hd_stop(SIGTERM);
    db_do("INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause,"
          " detected_at) VALUES (1, 1000000000000, 1000000001000, 'likely', 'daemon_down', 0),"
          " (2, 1100000000000, 1100000001000, 'possible', 'needs_login', 0)");
    ctl_expect(EXIT_STATUS_OK, "2 gaps are open. ", "gaps");
    ctl_expect(EXIT_STATUS_OK, "daemon_down", "gaps", "--user", "1");
    ck_assert_ptr_null(strstr(harness.ctl_output, "needs_login"));
    ctl_expect(EXIT_STATUS_OK, "needs_login", "gaps", "-n", "1");
    ck_assert_ptr_null(strstr(harness.ctl_output, "daemon_down"));
    ctl_expect(EXIT_STATUS_USAGE, "not a number from 1 on", "gaps", "-n", "0");
    ctl_expect(EXIT_STATUS_USAGE, "there is no user", "gaps", "--user", "nobody");
}
END_TEST

Suite *import_beside_suite(void)
{
    Suite *suite = suite_create("import_beside");
    TCase *killed = harness_case(suite, "killed");
    TCase *capturing = harness_case(suite, "beside capturing");
    TCase *on_time = harness_case(suite, "on time");
    TCase *reader = harness_case(suite, "beside a reader");
    TCase *gaps = harness_case(suite, "gaps");

    tcase_add_test(killed, I10_a_kill_of_the_daemon_leaves_whole_files_and_again_finishes_the_job);
    tcase_add_test(killed, I10_a_kill_of_the_command_leaves_whole_files_and_again_finishes_the_job);
    tcase_add_test(killed, I10_alone_a_kill_leaves_whole_files_and_again_finishes_the_job);
    tcase_add_loop_test(capturing, what_both_tell_of_becomes_one_whenever_the_api_tells_of_it, 0,
                        MOMENTS);
    tcase_add_test(capturing, a_play_that_no_export_tells_of_finds_room_beside_the_rows_of_one);
    tcase_set_tags(on_time, "timing");
    tcase_add_test(on_time, I11_polls_of_many_go_out_on_time_beside_it);
    tcase_add_test(reader, H11_a_reader_sees_all_of_a_file_or_nothing);
    tcase_add_test(gaps, a_gap_is_open_until_an_import_fills_it_and_after_that_is_undone);
    tcase_add_test(gaps, gaps_are_listed_for_one_user_and_the_newest_only);
    return suite;
}
