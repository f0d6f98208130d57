/* SPDX-License-Identifier: MIT */
/* Several processes at one database, and files that are taken away under it. */
#include <check.h>
#include <grp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store_private.h"
#include "store_help.h"

#define NOBODY 65534

static bool is_there(const char *name)
{
    return access(store_help_path(name), F_OK) == 0;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Becomes another user, of a group that may read; only root can. */
static bool become_reader(void)
{
    gid_t group = NOBODY;
    return setgroups(1, &group) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY + 1) == 0;
}

/* In a process of its own: opens for reading and counts the plays. */
static int count_as_other_user(void)
{
    int ends[2];
    int64_t count = -1;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = NULL;
        char why[512] = "";
        if (!become_reader() ||
            store_open(store_help_db(), STORE_READER, &store, why, sizeof why) != STORE_OK ||
            store_play_count(store, 0, &count) != STORE_OK) {
            fprintf(stderr, "%s\n", store != NULL ? store_message(store) : why);
            count = -2;
        }
        store_close(store);
        if (write(ends[1], &count, sizeof count) != sizeof count) {
            abort();
        }
        store_help_die();
    }
    store_help_wait(child);
    ck_assert_int_eq(read(ends[0], &count, sizeof count), sizeof count);
    close(ends[0]);
    close(ends[1]);
    return (int)count;
}

static void write_in_turns(struct store_help_other *self)
{
    struct store *store = store_help_open(STORE_WRITER);
    for (int i = 0; i < 5; i++) {
        store_help_begin(store, STORE_DURABLE);
        ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0 + i, 1), STORE_OK);
        store_help_commit(store);
        store_help_pass(self);
    }
    store_close(store);
}

START_TEST(a_reader_of_another_user_reads_whether_or_not_the_writer_is_there)
{
    struct store_help_other writer;
    if (geteuid() != 0) {
        return;
    }
    ck_assert_int_eq(chown(store_help_folder(), 0, NOBODY), 0);
    ck_assert_int_eq(chmod(store_help_folder(), 02750), 0); /* files get the folder's group */
    store_help_make();
    ck_assert_int_eq(count_as_other_user(), 0);
    store_help_start(&writer, write_in_turns);
    for (int i = 0; i < 5; i++) {
        ck_assert(store_help_pass(&writer));
        ck_assert_int_eq(count_as_other_user(), i + 1);
    }
    ck_assert(!store_help_pass(&writer));
    store_help_wait(writer.pid);
    char *before = store_help_snapshot(true);
    ck_assert_int_eq(count_as_other_user(), 5);
    store_help_expect_equal(before, store_help_snapshot(true));
}
END_TEST

START_TEST(E5_a_write_lock_of_another_process_is_waited_for_at_most_50_ms)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    sqlite3 *other = NULL;
    ck_assert_int_eq(sqlite3_open(store_help_db(), &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    double before = seconds();
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_BUSY);
    double took = seconds() - before;
    ck_assert_msg(took >= 0.03 && took < 0.5, "%f s", took);
    ck_assert(store_result_is_temporary(STORE_BUSY));
    int64_t count = -1;
    ck_assert_int_eq(store_play_count(store, 0, &count), STORE_OK); /* reading goes on */
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    store_help_begin(store, STORE_DURABLE);
    store_help_commit(store);
    sqlite3_close(other);
    store_close(store);
}
END_TEST

START_TEST(E7_a_database_that_was_removed_or_replaced_is_noticed)
{
    static const char *const names[] = {"history.db", "history.db-wal", "history.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        for (int replace = 0; replace < 2; replace++) {
            store_help_make();
            struct store *store = store_help_open(STORE_WRITER);
            store_help_begin(store, STORE_DURABLE);
            ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_OK);
            ck_assert_int_eq(unlink(store_help_path(names[i])), 0);
            if (replace != 0) {
                /* The number of the removed file is still in use, so this one gets another. */
                store_help_write(store_help_path(names[i]), "x", 1, 0640);
            }
            ck_assert_int_eq(store_commit(store), STORE_GONE); /* removed within the transaction */
            ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_GONE);
            ck_assert_ptr_nonnull(strstr(store_message(store), names[i]));
            ck_assert_int_eq(store_begin(store, STORE_RELAXED), STORE_GONE);
            store_close(store);
            for (size_t k = 0; k < 3; k++) {
                unlink(store_help_path(names[k]));
            }
        }
    }
}
END_TEST

START_TEST(E7_a_file_that_was_moved_aside_is_noticed_and_not_completed)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(rename(store_help_db(), store_help_path("old.db")), 0);
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_GONE);
    store_close(store);
    ck_assert(!is_there("history.db"));
}
END_TEST

START_TEST(E19_a_reader_neither_checkpoints_nor_removes_the_log)
{
    store_help_make();
    pid_t child = fork();
    if (child == 0) { /* leaves a log behind, as after kill -9 */
        struct store *store = store_help_open(STORE_WRITER);
        store_help_begin(store, STORE_DURABLE);
        store_help_play(store, 1, STORE_HELP_T0, 1);
        store_help_commit(store);
        store_help_die();
    }
    store_help_wait(child);
    char *before = store_help_snapshot(false);
    struct store *reader = store_help_open(STORE_READER);
    int64_t count = -1;
    ck_assert_int_eq(store_play_count(reader, 0, &count), STORE_OK);
    ck_assert_int_eq(count, 1);
    store_close(reader);
    char *after = store_help_snapshot(false);
    /* The shared memory may have been rebuilt; it comes between the two others. */
    static const char log[] = "history.db-wal";
    ck_assert_mem_eq(before, after, (size_t)(strstr(before, "history.db-shm") - before));
    ck_assert_str_eq(strstr(before, log), strstr(after, log));
    free(before);
    free(after);
}
END_TEST

/* A connection that is the last one removes the log as it closes. */
static void open_and_close(struct store_help_other *self)
{
    sqlite3 *db = NULL;
    (void)self;
    sqlite3_open(store_help_db(), &db);
    sqlite3_exec(db, "SELECT count(*) FROM users", NULL, NULL, NULL);
    sqlite3_close(db);
}

START_TEST(closing_a_reader_keeps_the_locks_of_the_writer_beside_it)
{
    struct store_help_other first;
    struct store_help_other second;
    store_help_make();
    store_help_start(&first, open_and_close);
    store_help_start(&second, open_and_close);
    struct store *writer = store_help_open(STORE_WRITER);
    store_close(store_help_open(STORE_READER));
    store_help_refused(store_help_path("none.db"), STORE_READER, STORE_CANTOPEN);
    ck_assert(!store_help_pass(&first));
    store_help_wait(first.pid);
    ck_assert(is_there("history.db-wal"));
    store_help_begin(writer, STORE_DURABLE);
    store_help_commit(writer);
    store_close(writer);
    ck_assert(!store_help_pass(&second)); /* without a writer it does remove it */
    store_help_wait(second.pid);
    ck_assert(!is_there("history.db-wal"));
}
END_TEST

START_TEST(E13_the_log_is_cut_back_when_a_reader_lets_go_of_it)
{
    store_help_make();
    struct store *writer = store_help_open(STORE_WRITER);
    struct store *reader = store_help_open(STORE_READER);
    struct stat status;
    int64_t count = 0;
    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(store_play_count(reader, 0, &count), STORE_OK);
    for (int i = 0; i < 120; i++) { /* spread, so that each touches many pages */
        store_help_begin(writer, STORE_RELAXED);
        for (int k = 0; k < 100; k++) {
            ck_assert_int_eq(store_help_play(writer, 1, STORE_HELP_T0 + k * 1000000 + i, 1),
                             STORE_OK);
        }
        store_help_commit(writer);
    }
    ck_assert_int_eq(stat(store_help_path("history.db-wal"), &status), 0);
    ck_assert_int_gt(status.st_size, STORE_WAL_LIMIT_BYTES);
    ck_assert_int_eq(store_checkpoint(writer), STORE_BUSY);
    store_rollback(reader);
    for (int i = 0; i < 2; i++) {
        store_help_begin(writer, STORE_RELAXED);
        ck_assert_int_eq(store_help_play(writer, 1, STORE_HELP_T0 - 1 - i, 1), STORE_OK);
        store_help_commit(writer);
    }
    ck_assert_int_eq(stat(store_help_path("history.db-wal"), &status), 0);
    ck_assert_int_le(status.st_size, STORE_WAL_LIMIT_BYTES);
    ck_assert_int_eq(store_checkpoint(writer), STORE_OK);
    ck_assert_int_eq(stat(store_help_path("history.db-wal"), &status), 0);
    ck_assert_int_eq(status.st_size, 0);
    store_close(reader);
    store_close(writer);
}
END_TEST

START_TEST(E14_a_writer_that_was_killed_leaves_all_that_it_committed)
{
    store_help_make();
    pid_t child = fork();
    if (child == 0) {
        struct store *store = store_help_open(STORE_WRITER);
        for (int i = 0; i < 20; i++) {
            store_help_begin(store, i % 2 == 0 ? STORE_DURABLE : STORE_RELAXED);
            store_help_play(store, 1, STORE_HELP_T0 + i, 1);
            store_help_commit(store);
        }
        store_help_begin(store, STORE_DURABLE);
        store_help_play(store, 1, STORE_HELP_T0 + 99, 1);
        store_help_die();
    }
    store_help_wait(child);
    struct store *store = store_help_open(STORE_WRITER);
    int64_t count = 0;
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_OK);
    ck_assert_int_eq(count, 20);
    store_close(store);
}
END_TEST

Suite *store_processes_suite(void)
{
    Suite *suite = suite_create("store_processes");
    TCase *others = tcase_create("others");
    tcase_add_checked_fixture(others, store_help_setup, store_help_teardown);
    tcase_add_test(others, a_reader_of_another_user_reads_whether_or_not_the_writer_is_there);
    tcase_add_test(others, E5_a_write_lock_of_another_process_is_waited_for_at_most_50_ms);
    tcase_add_test(others, E7_a_database_that_was_removed_or_replaced_is_noticed);
    tcase_add_test(others, E7_a_file_that_was_moved_aside_is_noticed_and_not_completed);
    tcase_add_test(others, E19_a_reader_neither_checkpoints_nor_removes_the_log);
    tcase_add_test(others, closing_a_reader_keeps_the_locks_of_the_writer_beside_it);
    tcase_add_test(others, E13_the_log_is_cut_back_when_a_reader_lets_go_of_it);
    tcase_add_test(others, E14_a_writer_that_was_killed_leaves_all_that_it_committed);
    suite_add_tcase(suite, others);
    return suite;
}
