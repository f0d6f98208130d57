/* SPDX-License-Identifier: MIT */
/* Full, broken and read-only disks, lost power, no memory, a kill in the middle of a migration:
 * nothing that was acknowledged is lost, and the database opens again. */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fault_vfs.h"
#include "store/store_private.h"
#include "store_help.h"

#define COMMITS 8

/* -- a day's work ---------------------------------------------------------------------------- */

/* Opens the database, commits plays one by one (at base, base + 1, ...; every third of them
 * relaxed), empties the log in between and closes. Tells each commit that was acknowledged. */
static void work(const char *path, int64_t base,
                 void (*acknowledged)(int64_t played_at, bool durable))
{
    struct store *store = NULL;
    char why[512];
    if (store_open(path, STORE_WRITER, &store, why, sizeof why) != STORE_OK) {
        ck_assert_ptr_null(store);
        ck_assert_str_ne(why, "");
        return;
    }
    bool broken = false;
    for (int i = 0; i < COMMITS; i++) {
        enum store_durability durability = i % 3 == 2 ? STORE_RELAXED : STORE_DURABLE;
        enum store_result result = store_begin(store, durability);
        ck_assert(!broken || result == STORE_IO);
        if (result == STORE_OK) {
            result = store_help_play(store, 1, base + i, 1 + i % 3);
        }
        if (result == STORE_OK) {
            result = store_commit(store);
            if (result == STORE_OK) {
                acknowledged(base + i, durability == STORE_DURABLE);
            }
        } else {
            store_rollback(store);
        }
        ck_assert(result == STORE_OK || store_message(store)[0] != '\0');
        broken = broken || result == STORE_IO;
        if (i == COMMITS / 2) {
            broken = store_checkpoint(store) == STORE_IO || broken;
        }
    }
    store_close(store);
}

static int64_t promised[4096];
static size_t promised_count;

static void remember(int64_t played_at, bool durable)
{
    (void)durable;
    promised[promised_count++] = played_at;
}

/* Opens path as the next start would, and looks for all that was promised. */
static void check_promises(const char *path, const char *when, int k)
{
    struct store *store = NULL;
    char why[512];
    struct store_play_mark *marks = NULL;
    size_t count = 0;
    size_t cap = 0;
    enum store_result result = store_open(path, STORE_WRITER, &store, why, sizeof why);
    ck_assert_msg(result == STORE_OK, "%s %d: %s", when, k, why);
    ck_assert_int_eq(store_plays_between(store, 1, INT64_MIN, INT64_MAX, &marks, &count, &cap),
                     STORE_OK);
    for (size_t p = 0, m = 0; p < promised_count; p++) {
        while (m < count && marks[m].played_at < promised[p]) {
            m++;
        }
        ck_assert_msg(m < count && marks[m].played_at == promised[p], "%s %d: play %lld is lost",
                      when, k, (long long)promised[p]);
    }
    free(marks);
    store_close(store);
    const char *integrity = store_help_query(path, "PRAGMA integrity_check");
    ck_assert_msg(strcmp(integrity, "ok") == 0, "%s %d: %s", when, k, integrity);
}

/* -- a disk that fails ----------------------------------------------------------------------- */

/* Fails the first operation, then the second ... until a day's work needs fewer; each alone, and
 * each with all that follow. */
static void fail_one_after_another(enum fault_vfs_kind kind, bool for_ever)
{
    store_help_make();
    fault_vfs_install();
    bool fired = true;
    for (int k = 1; fired; k++) {
        (for_ever ? fault_vfs_order_for_ever : fault_vfs_order)(kind, k);
        work(store_help_db(), k * 100, remember);
        fired = fault_vfs_fired();
        fault_vfs_order(FAULT_VFS_NONE, 0);
        check_promises(store_help_db(), "operation", k);
        ck_assert_int_lt(k, 500);
    }
    ck_assert_uint_ge(promised_count, COMMITS);
}

START_TEST(E3_whatever_operation_fails_for_good_no_commit_is_lost_and_none_is_tried_again)
{
    fail_one_after_another(FAULT_VFS_IO, _i == 1);
}
END_TEST

START_TEST(E1_whatever_write_finds_the_disk_full_no_commit_is_lost)
{
    fail_one_after_another(FAULT_VFS_FULL, _i == 1);
}
END_TEST

START_TEST(E1_whatever_write_is_cut_short_no_commit_is_lost)
{
    fail_one_after_another(FAULT_VFS_SHORT, _i == 1);
}
END_TEST

START_TEST(E4_whatever_read_fails_no_commit_is_lost)
{
    fail_one_after_another(FAULT_VFS_READ, _i == 1);
}
END_TEST

START_TEST(E3_after_a_failed_sync_the_connection_refuses_everything)
{
    store_help_make();
    fault_vfs_install();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
    /* Of the commit: two frames at least, then the sync. */
    enum store_result result = STORE_OK;
    for (int k = 1; k < 20 && result == STORE_OK; k++) {
        fault_vfs_order(FAULT_VFS_FULL,
                        k); /* writes fail as full, which can be tried again: find the sync */
        result = store_commit(store);
        fault_vfs_order(FAULT_VFS_NONE, 0);
        if (result == STORE_FULL) {
            store_help_begin(store, STORE_DURABLE);
            ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
            result = STORE_OK;
        }
    }
    ck_assert_int_eq(result, STORE_IO);
    char *message = strdup(store_message(store));
    int64_t count = 0;
    struct store_user user;
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_IO);
    ck_assert_int_eq(store_begin_read(store), STORE_IO);
    ck_assert_int_eq(store_commit(store), STORE_IO);
    ck_assert_int_eq(store_mark(store), STORE_IO);
    ck_assert_int_eq(store_checkpoint(store), STORE_IO);
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_IO);
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_IO);
    ck_assert_str_eq(store_message(store), message);
    free(message);
    store_close(store);
}
END_TEST

/* Opens for reading, counts and reads; what is told must be true. */
static void read_all(size_t expected)
{
    struct store *store = NULL;
    struct store_play_mark *marks = NULL;
    char why[512];
    size_t count = 0;
    size_t cap = 0;
    int64_t number = 0;
    struct store_user user;
    if (store_open(store_help_db(), STORE_READER, &store, why, sizeof why) != STORE_OK) {
        ck_assert_str_ne(why, "");
        return;
    }
    enum store_result counted = store_play_count(store, 1, &number);
    ck_assert(counted == STORE_IO || (counted == STORE_OK && number == (int64_t)expected));
    enum store_result listed =
        store_plays_between(store, 1, INT64_MIN, INT64_MAX, &marks, &count, &cap);
    ck_assert(listed == STORE_IO || (listed == STORE_OK && count == expected));
    enum store_result found = store_user_get(store, 1, &user);
    ck_assert(found == STORE_IO || (found == STORE_OK && strcmp(user.spotify_id, "ann") == 0));
    free(marks);
    store_close(store);
}

START_TEST(E4_a_read_that_fails_is_told_and_gives_no_wrong_numbers)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0 + i, 1), STORE_OK);
    }
    store_help_commit(store);
    store_close(store);
    fault_vfs_install();
    bool fired = true;
    int k = 0;
    while (fired) {
        fault_vfs_order(FAULT_VFS_READ, ++k);
        read_all(200);
        fired = fault_vfs_fired();
        fault_vfs_order(FAULT_VFS_NONE, 0);
    }
    ck_assert_int_gt(k, 5);
}
END_TEST

START_TEST(P2_after_a_rollback_by_sqlite_itself_nothing_of_the_transaction_goes_on)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
    ck_assert_int_eq(sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    store->doomed = STORE_FULL; /* as query.c notes it when SQLite does this on a full disk */
    ck_assert_int_eq(store_help_play(store, 1, 2, 1), STORE_FULL);
    ck_assert_int_eq(store_mark(store), STORE_FULL);
    ck_assert_int_eq(store_commit(store), STORE_FULL);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 3, 1), STORE_OK);
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT played_at FROM played_tracks"), "3");
}
END_TEST

/* -- lost power ------------------------------------------------------------------------------ */

static int pipe_out;

static void promise_if_durable(int64_t played_at, bool durable)
{
    if (durable && write(pipe_out, &played_at, sizeof played_at) != sizeof played_at) {
        _exit(1);
    }
}

/* In a process of its own: works until the k-th operation, where the power goes. True if it came so
 * far. */
static bool power_cut(int k, const char *after, unsigned seed)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        pipe_out = ends[1];
        fault_vfs_install();
        fault_vfs_power(after, seed);
        fault_vfs_order(FAULT_VFS_POWER, k);
        work(store_help_db(), 1000, promise_if_durable);
        fault_vfs_cut();
        _exit(0);
    }
    close(ends[1]);
    promised_count = 0;
    while (read(ends[0], &promised[promised_count], sizeof promised[0]) == sizeof promised[0]) {
        promised_count++;
    }
    close(ends[0]);
    return store_help_was_killed(child);
}

/* loss: 0 to 2, what becomes of writes that were not synced. */
static void cut_one_after_another(const char *data, size_t size, int loss)
{
    char after[192];
    snprintf(after, sizeof after, "%s/after", store_help_folder());
    ck_assert_int_eq(mkdir(after, 0700), 0);
    bool cut = true;
    for (int k = 1; cut; k++) {
        store_help_restore(data, size);
        cut = power_cut(k, after, (unsigned)(3 * k + loss));
        check_promises(store_help_path("after/history.db"), "power cut", k);
        unlink(store_help_path("after/history.db"));
        unlink(store_help_path("after/history.db-wal"));
        unlink(store_help_path("after/history.db-shm"));
        ck_assert_int_lt(k, 500);
    }
    ck_assert_uint_eq(promised_count, COMMITS - COMMITS / 3);
}

START_TEST(E15_power_cut_at_any_operation_keeps_all_durable_commits)
{
    store_help_make();
    size_t size = 0;
    char *data = store_help_read(store_help_db(), &size);
    cut_one_after_another(data, size, _i);
    free(data);
}
END_TEST

START_TEST(E15_power_cut_in_the_first_start_of_a_new_file_leaves_one_that_opens)
{
    store_help_make();
    /* As it is before it was ever opened: its format is still that of a rollback journal. */
    size_t size = 0;
    char *data = store_help_read(store_help_db(), &size);
    data[18] = 1;
    data[19] = 1;
    cut_one_after_another(data, size, _i);
    free(data);
}
END_TEST

/* -- full and read-only file systems --------------------------------------------------------- */

/* Commits plays until one does not fit; returns how many did. */
static int fill(struct store *store)
{
    int count = 0;
    enum store_result result = STORE_OK;
    while (result == STORE_OK) {
        store_help_begin(store, STORE_DURABLE);
        for (int i = 0; i < 50 && result == STORE_OK; i++) {
            result = store_help_play(store, 1, STORE_HELP_T0 + count * 50 + i, 1);
        }
        if (result == STORE_OK) {
            result = store_commit(store);
        } else {
            store_rollback(store);
        }
        count += result == STORE_OK;
        ck_assert_int_lt(count, 10000);
    }
    ck_assert_msg(result == STORE_FULL, "%s: %s", store_result_name(result), store_message(store));
    ck_assert(store_result_is_temporary(result));
    return count;
}

/* Nothing is lost, reading goes on, and so does writing once there is room. */
static void check_full(struct store *store, int commits, bool (*make_room)(void))
{
    int64_t count = 0;
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_OK);
    ck_assert_int_eq(count, commits * 50);
    ck_assert(make_room());
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_OK);
    ck_assert_int_eq(count, commits * 50 + 1);
}

/* A small file system over the folder, seen by this process only. Needs root. */
static bool mount_small(void)
{
    return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", store_help_folder(), "tmpfs", 0, "size=1m,mode=0750") == 0;
}

static bool mount_larger(void)
{
    return mount("none", store_help_folder(), "none", MS_REMOUNT, "size=4m") == 0;
}

START_TEST(E1_a_full_disk_stops_writing_and_nothing_else)
{
    if (!mount_small()) {
        return;
    }
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    int commits = fill(store);
    check_full(store, commits, mount_larger);
    store_close(store);
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
    umount2(store_help_folder(), MNT_DETACH);
}
END_TEST

START_TEST(E1_a_new_database_on_a_full_disk_is_not_left_half_made)
{
    if (!mount_small()) {
        return;
    }
    char *zeros = calloc(1, 1 << 20);
    store_help_write(store_help_path("ballast"), zeros, (1 << 20) - 65536, 0600);
    free(zeros);
    store_help_refused(store_help_db(), STORE_WRITER, STORE_FULL);
    ck_assert_int_ne(access(store_help_db(), F_OK), 0);
    ck_assert_int_ne(access(store_help_path("history.db.new"), F_OK), 0);
    umount2(store_help_folder(), MNT_DETACH);
}
END_TEST

START_TEST(E8_a_read_only_file_system_is_told_from_a_broken_one)
{
    if (!mount_small()) {
        return;
    }
    store_help_refused(store_help_path("no/history.db"), STORE_WRITER, STORE_CANTOPEN);
    store_help_make();
    ck_assert_int_eq(mount("none", store_help_folder(), "none", MS_REMOUNT | MS_RDONLY, NULL), 0);
    store_help_refused(store_help_db(), STORE_WRITER, STORE_READONLY);
    store_help_refused(store_help_path("new.db"), STORE_WRITER, STORE_READONLY);
    struct store *store = store_help_open(STORE_READER); /* its log is there and empty */
    struct store_user user;
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    store_close(store);
    umount2(store_help_folder(), MNT_DETACH);
}
END_TEST

static bool lift_limit(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

START_TEST(E10_a_limit_on_file_sizes_is_a_full_disk)
{
    struct rlimit limit;
    store_help_make();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 300000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct store *store = store_help_open(STORE_WRITER);
    int commits = fill(store);
    check_full(store, commits, lift_limit);
    store_close(store);
}
END_TEST

/* -- memory ---------------------------------------------------------------------------------- */

static sqlite3_mem_methods real_memory;
static int memory_countdown;

static void *failing_malloc(int size)
{
    return memory_countdown > 0 && --memory_countdown == 0 ? NULL : real_memory.xMalloc(size);
}

static void *failing_realloc(void *block, int size)
{
    return memory_countdown > 0 && --memory_countdown == 0 ? NULL
                                                           : real_memory.xRealloc(block, size);
}

static void memory_fails_on_order(void)
{
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = failing_malloc;
    memory.xRealloc = failing_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory), SQLITE_OK);
}

START_TEST(E16_without_memory_a_call_fails_and_no_commit_is_lost)
{
    memory_fails_on_order();
    store_help_make();
    bool fired = true;
    int rounds = 0;
    for (int k = 1; fired; k += 1 + k / 8) {
        memory_countdown = k;
        work(store_help_db(), ++rounds * 100, remember);
        fired = memory_countdown == 0;
        memory_countdown = 0;
        check_promises(store_help_db(), "allocation", k);
    }
    ck_assert_int_gt(rounds, 20);
    ck_assert_uint_ge(promised_count, COMMITS);
}
END_TEST

/* Five plays in one transaction, going on whatever fails: either the commit says that it succeeded,
 * and all that were taken are there, or none is. */
static void all_or_nothing(struct store *store, int64_t base)
{
    enum { PLAYS = 5 };
    enum store_result taken[PLAYS];
    struct store_play_mark *marks = NULL;
    size_t count = 0;
    size_t cap = 0;
    size_t expected = 0;
    bool began = store_begin(store, STORE_RELAXED) == STORE_OK;
    for (int i = 0; i < PLAYS; i++) {
        taken[i] = store_help_play(store, 1, base + i, 1);
        ck_assert(began || taken[i] != STORE_OK);
    }
    bool committed = store_commit(store) == STORE_OK;
    memory_countdown = -memory_countdown; /* no more of it, and how far it came stays known */
    for (int i = 0; i < PLAYS; i++) {
        expected += committed && taken[i] == STORE_OK;
    }
    enum store_result result =
        store_plays_between(store, 1, base, base + PLAYS, &marks, &count, &cap);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    ck_assert_uint_eq(count, expected);
    free(marks);
}

START_TEST(P2_whatever_fails_within_a_transaction_no_half_of_it_is_left)
{
    memory_fails_on_order();
    store_help_make();
    bool fired = true;
    int failures = 0;
    for (int k = 1; fired; k++) {
        struct store *store = store_help_open(STORE_WRITER);
        memory_countdown = k;
        all_or_nothing(store, k * 100);
        fired = memory_countdown == 0;
        failures += fired;
        memory_countdown = 0;
        store_close(store);
    }
    ck_assert_int_gt(failures, 20);
}
END_TEST

Suite *store_faults_suite(void)
{
    Suite *suite = suite_create("store_faults");
    TCase *disk = tcase_create("disk");
    tcase_add_checked_fixture(disk, store_help_setup, store_help_teardown);
    tcase_set_timeout(disk, 20);
    tcase_add_loop_test(
        disk, E3_whatever_operation_fails_for_good_no_commit_is_lost_and_none_is_tried_again, 0, 2);
    tcase_add_loop_test(disk, E1_whatever_write_finds_the_disk_full_no_commit_is_lost, 0, 2);
    tcase_add_loop_test(disk, E1_whatever_write_is_cut_short_no_commit_is_lost, 0, 2);
    tcase_add_loop_test(disk, E4_whatever_read_fails_no_commit_is_lost, 0, 2);
    tcase_add_test(disk, E3_after_a_failed_sync_the_connection_refuses_everything);
    tcase_add_test(disk, E4_a_read_that_fails_is_told_and_gives_no_wrong_numbers);
    tcase_add_test(disk, P2_after_a_rollback_by_sqlite_itself_nothing_of_the_transaction_goes_on);
    tcase_add_loop_test(disk, E15_power_cut_at_any_operation_keeps_all_durable_commits, 0, 3);
    tcase_add_loop_test(disk, E15_power_cut_in_the_first_start_of_a_new_file_leaves_one_that_opens,
                        0, 3);
    tcase_add_test(disk, E1_a_full_disk_stops_writing_and_nothing_else);
    tcase_add_test(disk, E1_a_new_database_on_a_full_disk_is_not_left_half_made);
    tcase_add_test(disk, E8_a_read_only_file_system_is_told_from_a_broken_one);
    tcase_add_test(disk, E10_a_limit_on_file_sizes_is_a_full_disk);
    tcase_add_test(disk, P2_whatever_fails_within_a_transaction_no_half_of_it_is_left);
    tcase_add_test(disk, E16_without_memory_a_call_fails_and_no_commit_is_lost);
    suite_add_tcase(suite, disk);

    return suite;
}
