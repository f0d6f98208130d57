/* SPDX-License-Identifier: MIT */
/* Copies of a database that is written to meanwhile. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/backup.h"
#include "export_help.h"
#include "store/backup.h"

#define PLAYS 60000

/* Commits in every pause. */
struct busy {
    struct store *writer;
    int64_t commits;
};

static void commit_meanwhile(void *context, int64_t us)
{
    struct busy *busy = context;
    (void)us;
    store_help_begin(busy->writer, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(busy->writer, 1, STORE_HELP_T0 + busy->commits, 1), STORE_OK);
    store_help_commit(busy->writer);
    busy->commits++;
}

START_TEST(E17_a_copy_is_of_the_moment_at_which_it_began)
{
    struct busy busy = {0};
    struct backup_request request = {.pause = commit_meanwhile, .context = &busy};
    struct backup_outcome outcome;
    struct store *reader;
    struct stat status;

    export_help_make_long(PLAYS);
    busy.writer = store_help_open(STORE_WRITER);
    reader = store_help_open(STORE_READER);
    request.name = store_help_path("copy.db");
    ck_assert_int_eq(backup_run(reader, &request, &outcome), BACKUP_OK);
    ck_assert_int_gt(busy.commits, 1);
    ck_assert_int_eq(outcome.plays, PLAYS);
    ck_assert_str_eq(store_help_query(request.name, "SELECT count(*) FROM played_tracks"), "60000");
    ck_assert_str_eq(store_help_query(request.name, "PRAGMA integrity_check"), "ok");
    ck_assert_int_eq(stat(request.name, &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0600);
    ck_assert_int_eq(status.st_size, outcome.size);
    store_close(reader);
    store_close(busy.writer);
    ck_assert_int_gt(atoi(store_help_ask("SELECT count(*) FROM played_tracks")), PLAYS);
}
END_TEST

/* Without the transaction each commit would begin it anew, and it would never end. */
START_TEST(commits_between_the_steps_never_begin_it_anew)
{
    struct busy busy = {0};
    struct store_backup *backup;
    struct store *reader;
    bool done = false;
    int pages, steps = 0;

    export_help_make_long(PLAYS);
    busy.writer = store_help_open(STORE_WRITER);
    reader = store_help_open(STORE_READER);
    pages = atoi(store_help_ask("PRAGMA page_count"));
    store_help_write(store_help_path("copy.db"), "", 0, 0600);
    ck_assert_int_eq(store_backup_begin(reader, store_help_path("copy.db"), &backup), STORE_OK);
    for (; !done; steps++) {
        commit_meanwhile(&busy, 0);
        ck_assert_int_eq(store_backup_step(backup, 50, &done), STORE_OK);
        ck_assert_int_le(steps, pages / 50);
    }
    ck_assert_int_eq(steps, (pages + 49) / 50);
    ck_assert_int_eq(store_backup_verify(backup), STORE_OK);
    store_backup_end(backup);
    store_close(reader);
    store_close(busy.writer);
}
END_TEST

START_TEST(afterwards_the_writer_empties_its_log_again)
{
    struct busy busy = {0};
    struct backup_request request = {.pause = commit_meanwhile, .context = &busy};
    struct backup_outcome outcome;
    struct store *reader;

    export_help_make_long(PLAYS);
    busy.writer = store_help_open(STORE_WRITER);
    reader = store_help_open(STORE_READER);
    request.name = store_help_path("copy.db");
    ck_assert_int_eq(backup_run(reader, &request, &outcome), BACKUP_OK);
    ck_assert_int_eq(store_checkpoint(busy.writer), STORE_OK);
    store_close(reader);
    store_close(busy.writer);
}
END_TEST

START_TEST(a_copy_needs_no_file_beside_it_and_a_daemon_goes_on_with_it)
{
    struct backup_request request = {.name = NULL};
    struct backup_outcome outcome;
    struct store *store;

    export_help_make_long(3000);
    store = store_help_open(STORE_READER);
    request.name = store_help_path("copy.db");
    ck_assert_int_eq(backup_run(store, &request, &outcome), BACKUP_OK);
    store_close(store);
    ck_assert_str_eq(store_help_query(request.name, "PRAGMA journal_mode"), "delete");
    ck_assert_int_ne(access(store_help_path("copy.db-wal"), F_OK), 0);
    ck_assert_int_eq(unlink(store_help_path("history.db-wal")), 0);
    ck_assert_int_eq(unlink(store_help_path("history.db-shm")), 0);
    ck_assert_int_eq(rename(request.name, store_help_db()), 0);
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_OK);
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "3001");
}
END_TEST

static void change_the_copy(const char *sql)
{
    struct store_backup *backup;
    struct store *reader;
    bool done = false;

    export_help_make_long(3000);
    reader = store_help_open(STORE_READER);
    store_help_write(store_help_path("copy.db"), "", 0, 0600);
    ck_assert_int_eq(store_backup_begin(reader, store_help_path("copy.db"), &backup), STORE_OK);
    while (!done)
        ck_assert_int_eq(store_backup_step(backup, 1000, &done), STORE_OK);
    store_help_exec(store_help_path("copy.db"), sql);
    ck_assert_int_eq(store_backup_verify(backup), STORE_CORRUPT);
    store_backup_end(backup);
    store_close(reader);
}

START_TEST(a_copy_that_lacks_a_row_is_found_out)
{
    change_the_copy("DELETE FROM played_tracks WHERE played_at = (SELECT max(played_at)"
                    " FROM played_tracks)");
}
END_TEST

START_TEST(a_copy_with_a_row_that_refers_to_none_is_found_out)
{
    change_the_copy("PRAGMA foreign_keys = OFF; UPDATE played_tracks SET track_id = 999999"
                    " WHERE played_at = (SELECT max(played_at) FROM played_tracks)");
}
END_TEST

/* -- when it fails ---------------------------------------------------------------------------------- */

/* What bore the name is there, and nothing half made beside it. */
static void assert_untouched(void)
{
    DIR *folder = opendir(store_help_folder());
    struct dirent *entry;
    size_t len;
    char *text = store_help_read(store_help_path("copy.db"), &len);

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        ck_assert_msg(strstr(entry->d_name, ".part-") == NULL, "%s", entry->d_name);
    closedir(folder);
    ck_assert_str_eq(text, "old");
    free(text);
}

START_TEST(on_a_full_disk_what_bore_the_name_stays)
{
    struct backup_request request = {.name = store_help_path("copy.db")};
    struct rlimit limit = {100000, 100000};
    struct backup_outcome outcome;
    struct store *store;

    export_help_make_long(20000);
    store_help_write(store_help_path("copy.db"), "old", 3, 0600);
    store = store_help_open(STORE_READER);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(backup_run(store, &request, &outcome), BACKUP_STORE_FAILED);
    ck_assert_msg(outcome.result == STORE_FULL || outcome.result == STORE_IO, "%s",
                  store_result_name(outcome.result));
    store_close(store);
    assert_untouched();
}
END_TEST

static volatile sig_atomic_t stop;

static void stop_now(void *context, int64_t us)
{
    (void)context, (void)us;
    stop = SIGTERM;
}

START_TEST(stopped_in_between_it_leaves_nothing)
{
    struct backup_request request = {
        .name = store_help_path("copy.db"), .pause = stop_now, .stop = &stop};
    struct backup_outcome outcome;
    struct store *store;

    export_help_make_long(20000);
    store_help_write(store_help_path("copy.db"), "old", 3, 0600);
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(backup_run(store, &request, &outcome), BACKUP_STOPPED);
    store_close(store);
    assert_untouched();
}
END_TEST

Suite *backup_suite(void)
{
    Suite *suite = suite_create("backup");
    TCase *test = tcase_create("backup");

    tcase_set_timeout(test, 20);
    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_test(test, E17_a_copy_is_of_the_moment_at_which_it_began);
    tcase_add_test(test, commits_between_the_steps_never_begin_it_anew);
    tcase_add_test(test, afterwards_the_writer_empties_its_log_again);
    tcase_add_test(test, a_copy_needs_no_file_beside_it_and_a_daemon_goes_on_with_it);
    tcase_add_test(test, a_copy_that_lacks_a_row_is_found_out);
    tcase_add_test(test, a_copy_with_a_row_that_refers_to_none_is_found_out);
    tcase_add_test(test, on_a_full_disk_what_bore_the_name_stays);
    tcase_add_test(test, stopped_in_between_it_leaves_nothing);
    suite_add_tcase(suite, test);
    return suite;
}
