/* SPDX-License-Identifier: MIT */
/* The commands export and backup beside the real daemon, and without it. */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

#define MANY 300000

static char file[HARNESS_PATH_SIZE];

/* Makes file stand for a name in the folder of the test. */
static void name_file(const char *name)
{
    snprintf(file, sizeof(file), "%.60s/%s", harness.folder, name);
}

static char *read_file(void)
{
    FILE *in = fopen(file, "re");
    char *text = NULL;
    size_t cap = 0;

    ck_assert_msg(in != NULL, "no %s", file);
    ck_assert_int_ge(getdelim(&text, &cap, '\0', in), 0);
    fclose(in);
    return text;
}

static void write_old(void)
{
    FILE *out = fopen(file, "we");

    ck_assert_ptr_nonnull(out);
    fputs("old", out);
    fclose(out);
}

/* Names in the folder with this in them. */
static int count_files(const char *part)
{
    DIR *folder = opendir(harness.folder);
    struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        count += strstr(entry->d_name, part) != NULL;
    closedir(folder);
    return count;
}

static bool holds(const char *text, int64_t played_at)
{
    char wanted[100];

    snprintf(wanted, sizeof(wanted), "\"historyd_played_at\":\"%s\"",
             db_text("SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', %lld / 1000.0, 'unixepoch')",
                     (long long)played_at));
    return strstr(text, wanted) != NULL;
}

/* Plays of many years, put there while no daemon runs. */
static void add_years(void)
{
    db_do("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
          "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at) "
          "SELECT %lld, 1400000000000 + i * 1000000, (SELECT min(track_id) FROM tracks), "
          "'extended', 0 FROM n",
          MANY, (long long)db_user(1));
}

static void begin_with_years(void)
{
    harness_run_by_hand(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    add_years();
}

/* -- export ---------------------------------------------------------------------------------------- */

START_TEST(every_play_that_was_stored_before_is_in_an_export_beside_the_daemon)
{
    int64_t at = harness_now() - HOUR;
    json_t *rows;
    char *text;

    harness_run_by_hand(1);
    name_file("out.json");
    for (int round = 0; round < 5; round++) {
        fake_play(1, round + 1, at + round * MINUTE);
        hd_poll_now();
        harness_wait_for_truth(1);
        fake_play(1, round + 7, at + round * MINUTE + 30000);
        hd_poll_now(); /* and this one comes meanwhile, or does not */
        ctl_expect(EXIT_STATUS_OK, " in ", "export", "--format", "extended", "-o", file);
        text = read_file();
        for (int before = 0; before <= round; before++)
            ck_assert_msg(holds(text, at + before * MINUTE), "%lld is not in %s",
                          (long long)(at + before * MINUTE), text);
        rows = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        ck_assert(json_is_array(rows));
        json_decref(rows);
        free(text);
    }
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(an_export_is_the_same_with_the_daemon_and_without_it)
{
    static const char *const formats[] = {"csv", "json", "jsonl", "extended", "listenbrainz"};
    char *with, *without;

    harness_run_by_hand(1);
    fake_plays(1, 9, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    name_file("out");
    ctl_run("export", "--format", formats[_i], "-o", file);
    with = read_file();
    hd_stop(SIGTERM);
    ctl_run("export", "--format", formats[_i], "--output", file, "--user", fake_id(1), "--since",
            "1d");
    without = read_file();
    ck_assert_str_eq(with, without);
    ck_assert_uint_gt(strlen(with), 1000);
    free(with);
    free(without);
}
END_TEST

START_TEST(who_may_only_read_the_database_can_export_and_copy_it)
{
    static const struct child_identity nobody = {65534, 65534};
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[HARNESS_PATH_SIZE + 8];

    if (geteuid() != 0)
        return;
    harness_run_by_hand(1);
    fake_plays(1, 9, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", harness.database, suffixes[i]);
        ck_assert_int_eq(chmod(path, 0644), 0);
    }
    ck_assert_int_eq(chmod(harness.state, 0755), 0);
    ck_assert_int_eq(chmod(harness.folder, 01777), 0);
    ck_assert_int_eq(chmod(harness.config_file, 0644), 0);
    harness.ctl_as = &nobody;
    name_file("out.csv");
    ctl_expect(EXIT_STATUS_OK, "9 plays in ", "export", "--format", "csv", "-o", file);
    name_file("copy.db");
    ctl_expect(EXIT_STATUS_OK, "9 plays, ", "backup", file);
    hd_stop(SIGTERM);
    ctl_expect(EXIT_STATUS_OK, "9 plays, ", "backup", file);
}
END_TEST

START_TEST(an_output_that_takes_nothing_is_74)
{
    int ends[2];

    harness_run_by_hand(1);
    fake_plays(1, 9, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    if (_i == 0) {
        harness.ctl_out = open("/dev/full", O_WRONLY | O_CLOEXEC);
    } else {
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        close(ends[0]);
        harness.ctl_out = ends[1];
    }
    ctl_expect(EXIT_STATUS_IO, _i == 0 ? "No space left on device" : "Broken pipe", "export",
               "--format", "csv");
    close(harness.ctl_out);
    harness.ctl_out = 0;
}
END_TEST

static const int ends_of_it[] = {SIGKILL, SIGTERM, SIGINT};

/* Ends a command in the middle of its file; what bore the name is as it was. */
static void end_in_between(const char *const *arguments, int number)
{
    char *text;

    write_old();
    ctl_start_with(arguments);
    ctl_type_end();
    harness_wait_until(count_files(".part-") > 0);
    ctl_signal(number);
    ck_assert_int_eq(ctl_wait(), -number);
    text = read_file();
    ck_assert_str_eq(text, "old");
    free(text);
    if (number != SIGKILL)
        ck_assert_int_eq(count_files(".part-"), 0);
}

START_TEST(an_export_that_is_ended_leaves_what_bore_the_name)
{
    const char *const arguments[] = {"export", "--format", "json", "-o", file, NULL};

    begin_with_years();
    name_file("out.json");
    end_in_between(arguments, ends_of_it[_i]);
    ctl_expect(EXIT_STATUS_OK, "300005 plays in ", "export", "--format", "json", "-o", file);
    ck_assert_int_eq(count_files(".part-"), 0);
}
END_TEST

START_TEST(what_is_asked_for_wrongly_is_a_usage_error_and_makes_no_file)
{
    static const char *const wrong[][4] = {
        {NULL, NULL, "which format?", NULL},
        {"--format=xml", NULL, "xml is no format", NULL},
        {"--format=csv", "--since=2026-02-30", "--since 2026-02-30: not a time", NULL},
        {"--format=csv", "--until=never", "--until never: not a time", NULL},
        {"--format=csv", "--user=nobody", "there is no user \"nobody\"", NULL},
        {"--format=extended", NULL, "say whose, with --user", NULL},
        {"--format=listenbrainz", NULL, "say whose, with --user", NULL},
    };

    harness_begin(2);
    name_file("out");
    ctl_expect(EXIT_STATUS_USAGE, wrong[_i][2], "export", "-o", file,
               wrong[_i][0] ? wrong[_i][0] : wrong[_i][1], wrong[_i][1]);
    ck_assert_int_ne(access(file, F_OK), 0);
}
END_TEST

/* -- backup ---------------------------------------------------------------------------------------- */

static int64_t in_copy(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int64_t value;

    ck_assert_int_eq(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

START_TEST(E17_a_copy_made_while_the_daemon_records_has_all_that_was_stored_before)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(1);
    name_file("copy.db");
    for (int round = 0; round < 5; round++) {
        fake_play(1, round + 1, at + round * MINUTE);
        hd_poll_now();
        harness_wait_for_truth(1);
        fake_play(1, round + 7, at + round * MINUTE + 30000);
        hd_poll_now();
        ctl_expect(EXIT_STATUS_OK, ", verified\n", "backup", file);
        ck_assert_int_ge(in_copy("SELECT count(*) FROM played_tracks"), 2 * round + 1);
        ck_assert_int_eq(in_copy("SELECT count(*) FROM tokens"), 2);
        ck_assert_int_eq(in_copy("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
        harness_wait_for_truth(1);
    }
    ck_assert_ptr_null(harness_find_in_files(HARNESS_CANARY));
}
END_TEST

START_TEST(a_daemon_goes_on_with_a_copy_that_was_put_in_its_place)
{
    char path[HARNESS_PATH_SIZE + 8];

    harness_run_by_hand(1);
    fake_plays(1, 9, 1, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    name_file("copy.db");
    ctl_expect(EXIT_STATUS_OK, "9 plays, ", "backup", file);
    fake_play(1, 11, harness_now() - MINUTE); /* Spotify shows it again */
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", harness.database,
                 i == 0   ? ""
                 : i == 1 ? "-wal"
                          : "-shm");
        unlink(path);
    }
    ck_assert_int_eq(rename(file, harness.database), 0);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 10);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(a_backup_that_is_ended_leaves_what_bore_the_name)
{
    const char *const arguments[] = {"backup", file, NULL};

    begin_with_years();
    name_file("copy.db");
    end_in_between(arguments, ends_of_it[_i]);
    ctl_expect(EXIT_STATUS_OK, "300005 plays, ", "backup", file);
    ck_assert_int_eq(count_files(".part-"), 0);
}
END_TEST

START_TEST(E17_the_daemon_answers_and_stores_while_years_are_copied)
{
    int64_t worst = 0, began, answers = 0, plays;

    begin_with_years();
    hd_start();
    hd_poll_and_wait();
    plays = db_plays(1);
    name_file("copy.db");
    ctl_start("backup", file);
    ctl_type_end();
    fake_play(1, 9, harness_now() - 1000);
    hd_poll_now();
    while (!ctl_said("verified")) {
        began = harness_boot();
        json_decref(control_expect(200, "GET", "/v1/status", NULL));
        if (harness_boot() - began > worst)
            worst = harness_boot() - began;
        answers++;
    }
    ctl_expect_end(EXIT_STATUS_OK, ", verified");
    fprintf(stderr, "%lld answers during a backup, the slowest after %lld ms\n", (long long)answers,
            (long long)worst);
    ck_assert_int_gt(answers, 5);
    harness_wait_until(db_plays(1) == plays + 1);
    ck_assert_int_ge(in_copy("SELECT count(*) FROM played_tracks"), plays);
}
END_TEST

START_TEST(with_keep_only_the_newest_of_the_pattern_stay)
{
    static const char *const there[] = {"h-20200101000000.db", "h-20200102000000.db",
                                        "h-20200102000000.db-wal", "other-20200101000000.db"};
    char pattern[HARNESS_PATH_SIZE];

    harness_begin(1);
    for (size_t i = 0; i < 4; i++) {
        name_file(there[i]);
        write_old();
    }
    name_file("h-%Y%m%d%H%M%S.db");
    snprintf(pattern, sizeof(pattern), "%s", file);
    ctl_expect(EXIT_STATUS_OK, "removed h-20200101000000.db\n", "backup", "--keep", "2", pattern);
    ck_assert_int_eq(count_files("h-2020"), 2); /* the -wal is none of ours */
    ck_assert_int_eq(count_files("other-"), 1);
    ck_assert_int_eq(count_files("h-20"), 3);
}
END_TEST

START_TEST(a_backup_that_fails_removes_nothing)
{
    harness_begin(1);
    name_file("h-20200101000000.db");
    write_old();
    name_file("no/h-%Y%m%d.db");
    ctl_expect(EXIT_STATUS_CANTCREAT, "No such file or directory", "backup", "--keep", "1", file);
    ck_assert_int_eq(count_files("h-2020"), 1);
}
END_TEST

START_TEST(nothing_is_written_over_a_file_of_the_daemon)
{
    const char *const needed[] = {harness.database, harness.key_file};
    int64_t users;

    harness_begin(1);
    users = db_int("SELECT count(*) FROM users");
    ctl_expect(EXIT_STATUS_USAGE, "is a file that the daemon needs", "backup", needed[_i]);
    ctl_expect(EXIT_STATUS_USAGE, "is a file that the daemon needs", "export", "--format", "csv",
               "-o", needed[_i]);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), users);
    hd_start();
}
END_TEST

static const char *const wrong_backups[][3] = {
    {"--keep=0", "h-%Y%m%d", "not a number from 1"},
    {"--keep=x", "h-%Y%m%d", "not a number from 1"},
    {"--keep=2", "h.db", "must have %Y, %m and %d"},
    {"--keep=2", "%y", "only %Y %m %d %H %M %S"},
};

START_TEST(a_pattern_that_cannot_be_is_a_usage_error)
{
    harness_begin(1);
    ctl_expect(EXIT_STATUS_USAGE, wrong_backups[_i][2], "backup", wrong_backups[_i][0],
               wrong_backups[_i][1]);
}
END_TEST

static void add_backup(Suite *suite)
{
    TCase *test = harness_case(suite, "backup");
    TCase *quick = harness_case(suite, "answers during a backup");

    tcase_add_test(test, E17_a_copy_made_while_the_daemon_records_has_all_that_was_stored_before);
    tcase_add_test(test, a_daemon_goes_on_with_a_copy_that_was_put_in_its_place);
    tcase_add_loop_test(test, a_backup_that_is_ended_leaves_what_bore_the_name, 0, 3);
    tcase_add_test(test, with_keep_only_the_newest_of_the_pattern_stay);
    tcase_add_test(test, a_backup_that_fails_removes_nothing);
    tcase_add_loop_test(test, nothing_is_written_over_a_file_of_the_daemon, 0, 2);
    tcase_add_loop_test(test, a_pattern_that_cannot_be_is_a_usage_error, 0, 4);
    tcase_set_tags(quick, "timing");
    tcase_add_test(quick, E17_the_daemon_answers_and_stores_while_years_are_copied);
}

Suite *export_suite(void)
{
    Suite *suite = suite_create("export");
    TCase *test = harness_case(suite, "export");

    tcase_add_test(test, every_play_that_was_stored_before_is_in_an_export_beside_the_daemon);
    tcase_add_loop_test(test, an_export_is_the_same_with_the_daemon_and_without_it, 0, 5);
    tcase_add_test(test, who_may_only_read_the_database_can_export_and_copy_it);
    tcase_add_loop_test(test, an_output_that_takes_nothing_is_74, 0, 2);
    tcase_add_loop_test(test, an_export_that_is_ended_leaves_what_bore_the_name, 0, 3);
    tcase_add_loop_test(test, what_is_asked_for_wrongly_is_a_usage_error_and_makes_no_file, 0, 7);
    add_backup(suite);
    return suite;
}
