/* SPDX-License-Identifier: MIT */
/* A disk that is full for a while: the daemon goes on asking, refreshes nothing, says so once, and
 * loses no play. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

/* -- two ways to fill a disk ------------------------------------------------------------------- */

static char ballast[HARNESS_PATH_SIZE + 16];

/* A file system of two megabytes of our own where the state is. False: only root may do this. */
static bool small_disk(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    ck_assert_int_eq(mount("tmpfs", harness.state, "tmpfs", 0, "size=2m,mode=0700"), 0);
    snprintf(ballast, sizeof(ballast), "%s/ballast", harness.state);
    return true;
}

/* Not to the last byte: what is left is less than any page. */
static void fill_disk(void)
{
    char block[1024] = {0};
    int fd = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    while (write(fd, block, sizeof(block)) > 0) {
    }
    ck_assert_int_eq(errno, ENOSPC);
    close(fd);
}

static void free_disk(void)
{
    ck_assert_int_eq(unlink(ballast), 0);
}

/* No file of the daemon may grow beyond this: the log still may, the database may not. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    ck_assert_int_eq(prlimit(harness.daemon.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

static void limit_set(void)
{
    limit_files(32768);
}

static void limit_lifted(void)
{
    limit_files(RLIM_INFINITY);
}

static const struct {
    bool (*prepare)(void);
    void (*fill)(void);
    void (*free)(void);
} disks[] = {{small_disk, fill_disk, free_disk}, {NULL, limit_set, limit_lifted}};

static void leave_disk(void)
{
    if (harness.daemon.pid != 0)
        hd_stop(SIGTERM);
    db_assert_integrity();
    ck_assert_ptr_null(harness_find_in_files(HARNESS_CANARY));
    harness.no_database = true; /* it goes with its disk */
    if (umount2(harness.state, MNT_DETACH) != 0)
        harness.no_database = false;
}

/* -- tests ------------------------------------------------------------------------------------- */

static bool begin(int disk)
{
    if (disks[disk].prepare != NULL && !disks[disk].prepare()) {
        printf("disk: only root can have a small disk: not tried\n");
        harness.no_database = true;
        return false;
    }
    harness_begin(2);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    fake_plays(2, 10, 1, harness_now() - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    return true;
}

/* More than Spotify shows at once, in portions that each stand in an answer before the next comes.
 */
static void play_while_full(void)
{
    for (int portion = 1; portion <= 4; portion++) {
        fake_plays(1, 20, 100 * portion, harness_now() - 20000, 10);
        harness_wait_until(fake_shown(1) == 10 + 20 * portion);
    }
}

START_TEST(E1_E2_E10_P6_P12_a_full_disk_costs_no_play_no_token_and_one_line)
{
    int64_t requests, refreshes;

    if (!begin(_i))
        return;
    disks[_i].fill();
    play_while_full();
    harness_wait_until(hd_log_count("writing plays to the database failed") == 1);
    ck_assert_int_lt(db_plays(1), 90);
    requests = fake_count("recent", 2);
    harness_wait_until(fake_count("recent", 2) > requests + 5); /* it asks on */
    fake_do("tokens", "{'expire_access':true,'answer':'new'}");
    refreshes = fake_count("token", 0);
    requests = fake_count("recent", 1);
    harness_wait_until(fake_count("recent", 1) > requests);
    harness_stays(fake_count("token", 0) == refreshes, 500);
    disks[_i].free();
    fake_play(1, 900, harness_now() - 1000);
    fake_play(2, 900, harness_now() - 1000);
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    ck_assert_int_eq(db_plays(1), 91);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE state = 'active'"), 2);
    ck_assert_int_eq(hd_log_count("writing plays to the database failed"), 1);
    ck_assert_int_eq(hd_log_count("the database takes writes again"), 1);
    leave_disk();
}
END_TEST

START_TEST(E1_a_stop_while_the_disk_is_full_loses_nothing_that_spotify_still_shows)
{
    if (!begin(_i))
        return;
    disks[_i].fill();
    fake_plays(1, 30, 100, harness_now() - 20000, 10);
    harness_wait_until(hd_log_count("writing plays to the database failed") == 1);
    hd_stop(SIGTERM);
    ck_assert_int_eq(hd_log_count("the last plays could not be stored"), 1);
    if (_i == 0)
        disks[_i].free();
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    leave_disk();
}
END_TEST

/* -- a disk without inodes --------------------------------------------------------------------- */

static int taken;

static void inode_path(char path[static HARNESS_PATH_SIZE + 32], int number)
{
    snprintf(path, HARNESS_PATH_SIZE + 32, "%s/inode%d", harness.state, number);
}

/* Every name that the file system has room for is taken; its bytes stay free. */
static void take_inodes(void)
{
    char path[HARNESS_PATH_SIZE + 32];
    int fd;

    for (;; taken++) {
        inode_path(path, taken);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            break;
        close(fd);
    }
    ck_assert_int_eq(errno, ENOSPC);
}

static void give_inodes(void)
{
    char path[HARNESS_PATH_SIZE + 32];

    while (taken > 0) {
        inode_path(path, --taken);
        ck_assert_int_eq(unlink(path), 0);
    }
}

/* Temporary files have no place either. */
static bool begin_with_few_inodes(void)
{
    harness.environment[0] = "TMPDIR=/nowhere";
    harness.environment[1] = "SQLITE_TMPDIR=/nowhere";
    if (!small_disk()) {
        printf("disk: only root can have a small disk: not tried\n");
        harness.no_database = true;
        return false;
    }
    ck_assert_int_eq(mount(NULL, harness.state, NULL, MS_REMOUNT, "size=8m,nr_inodes=64,mode=0700"),
                     0);
    harness_begin(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    take_inodes();
    return true;
}

START_TEST(J8_without_inodes_and_a_place_for_temporary_files_it_records_on)
{
    int64_t refreshes;

    if (!begin_with_few_inodes())
        return;
    refreshes = fake_count("token", 1);
    fake_do("tokens", "{'expire_access':true,'answer':'new'}");
    fake_plays(1, 40, 100, harness_now() - 20000, 10);
    harness_wait_for_truth(1);
    ck_assert_int_eq(fake_count("token", 1), refreshes + 1);
    ck_assert_int_eq(db_plays(1), 50);
    ck_assert_int_eq(ctl_run("stats"), 0);
    ck_assert_int_eq(ctl_run("top", "tracks"), 0);
    leave_disk();
}
END_TEST

START_TEST(J8_a_start_without_inodes_ends_with_words_and_the_next_one_goes_on)
{
    char index[HARNESS_PATH_SIZE + 8];

    if (!begin_with_few_inodes())
        return;
    hd_stop(SIGTERM);
    snprintf(index, sizeof(index), "%s-shm", harness.database);
    ck_assert_int_eq(unlink(index), 0); /* SQLite makes it anew */
    take_inodes();
    fake_plays(1, 5, 100, harness_now() - 20000, 10);
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 73);
    ck_assert(hd_logged("no inode left"));
    give_inodes();
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 15);
    leave_disk();
}
END_TEST

START_TEST(E1_a_start_on_a_full_disk_waits_for_room)
{
    if (!begin(0))
        return;
    hd_stop(SIGTERM);
    fill_disk();
    fake_plays(1, 30, 100, harness_now() - 20000, 10);
    hd_start();
    harness_wait_until(hd_log_count("writing plays to the database failed") == 1);
    free_disk();
    harness_wait_for_truth(1);
    /* the run is noted after all, from its true start on, and lives */
    harness_wait_until(db_int("SELECT count(*) FROM runs WHERE alive_at > started_at") == 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM runs"), 2);
    leave_disk();
    ck_assert_int_eq(hd_log_count("noting this start in the database failed"), 1);
}
END_TEST

START_TEST(E1_once_on_a_full_disk_failed_for_now)
{
    if (!begin(0))
        return;
    hd_stop(SIGTERM);
    fill_disk();
    fake_plays(1, 30, 100, harness_now() - 20000, 10);
    ck_assert_int_eq(hd_once(), 75);
    free_disk();
    ck_assert_int_eq(hd_once(), 0);
    harness_assert_truth(1);
    leave_disk();
}
END_TEST

START_TEST(a_full_disk_is_named_as_the_cause_of_a_gap)
{
    int64_t requests;

    if (!begin(0))
        return;
    fill_disk();
    fake_plays(1, 30, 100, harness_now() - 30000, 10);
    harness_wait_until(fake_shown(1) == 40);
    fake_do("listing", "{'freeze':true}");
    fake_late_plays(1, 60, 200, harness_now() - 20000, 10, fake_now() + 1);
    harness_wait_until(hd_log_count("writing plays to the database failed") == 1);
    fake_do("listing", "{'freeze':false}");
    harness_wait_until(fake_shown(1) == 90);
    requests = fake_count("recent", 1);
    harness_wait_until(fake_count("recent", 1) > requests + 2); /* the page has met the full disk */
    free_disk();
    harness_wait_until(db_plays(1) == 90);
    ck_assert_str_eq(db_text("SELECT certainty || ' ' || cause FROM gaps"), "likely database_full");
    leave_disk();
}
END_TEST

START_TEST(E2_a_full_disk_at_sign_in_stores_nothing_and_says_so)
{
    if (!small_disk()) {
        harness.no_database = true;
        return;
    }
    fake_start("--accounts", "2");
    ctl_login(1);
    fill_disk();
    ck_assert_int_eq(ctl_login_with(fake_token(2)), 74);
    free_disk();
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    ctl_login(2);
    leave_disk();
}
END_TEST

/* -- somebody else in the database ------------------------------------------------------------- */

START_TEST(E5_a_stranger_who_holds_the_write_lock_is_waited_for)
{
    sqlite3 *stranger;

    harness_run(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    ck_assert_int_eq(sqlite3_open_v2(harness.database, &stranger, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    sqlite3_db_config(stranger, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(stranger, 5000);
    ck_assert_int_eq(sqlite3_exec(stranger, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    fake_plays(1, 10, 100, harness_now() - 20000, 10);
    harness_wait_until(fake_shown(1) == 20);
    harness_wait_until(hd_log_count("writing plays to the database failed") == 1);
    ck_assert_int_eq(sqlite3_exec(stranger, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(stranger);
    harness_wait_for_truth(1);
    ck_assert_int_eq(hd_log_count("writing plays to the database failed"), 1);
}
END_TEST

START_TEST(E13_a_reader_who_stays_for_long_disturbs_nothing)
{
    sqlite3 *reader;

    harness_run(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    ck_assert_int_eq(sqlite3_open_v2(harness.database, &reader, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM played_tracks", NULL, NULL, NULL),
        SQLITE_OK);
    fake_plays(1, 10, 100, harness_now() - 20000, 10);
    harness_wait_for_truth(1);
    ck_assert_int_lt(hd_stop(SIGTERM), 5000);
    sqlite3_close(reader);
    ck_assert_int_eq(hd_log_count("error"), 0);
}
END_TEST

START_TEST(E7_a_database_that_is_taken_away_ends_the_daemon_and_is_not_made_anew)
{
    char away[HARNESS_PATH_SIZE];

    harness_run(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    snprintf(away, sizeof(away), "%.60s/state/away.db", harness.folder);
    harness.daemon.may_end = true;
    ck_assert_int_eq(rename(harness.database, away), 0);
    ck_assert_int_eq(hd_wait(), 74);
    ck_assert_int_ge(hd_log_count("history.db"), 2);
    ck_assert_int_eq(hd_log_count("error: "), 1);
    ck_assert_int_eq(access(harness.database, F_OK), -1);
    ck_assert_int_eq(rename(away, harness.database), 0);
    fake_play(1, 20, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
}
END_TEST

/* No poll is due for an hour: who writes next is who brings the sums up to date. */
START_TEST(E7_a_database_that_is_taken_away_is_noticed_by_the_sums_too_and_said_once)
{
    char away[HARNESS_PATH_SIZE];

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    snprintf(away, sizeof(away), "%.60s/state/away.db", harness.folder);
    harness.daemon.may_end = true;
    hd_poll_now();
    harness_wait_until(db_plays(1) == 10);
    ck_assert_int_eq(rename(harness.database, away), 0);
    ck_assert_int_eq(hd_wait(), 74);
    ck_assert_int_eq(hd_log_count("error: "), 1);
    ck_assert_int_eq(rename(away, harness.database), 0);
}
END_TEST

Suite *disk_suite(void)
{
    Suite *suite = suite_create("disk");
    TCase *full = harness_case(suite, "full"), *shared = harness_case(suite, "shared");

    tcase_add_loop_test(full, E1_E2_E10_P6_P12_a_full_disk_costs_no_play_no_token_and_one_line, 0,
                        2);
    tcase_add_loop_test(
        full, E1_a_stop_while_the_disk_is_full_loses_nothing_that_spotify_still_shows, 0, 2);
    tcase_add_test(full, J8_without_inodes_and_a_place_for_temporary_files_it_records_on);
    tcase_add_test(full, J8_a_start_without_inodes_ends_with_words_and_the_next_one_goes_on);
    tcase_add_test(full, E1_a_start_on_a_full_disk_waits_for_room);
    tcase_add_test(full, E1_once_on_a_full_disk_failed_for_now);
    tcase_add_test(full, a_full_disk_is_named_as_the_cause_of_a_gap);
    tcase_add_test(full, E2_a_full_disk_at_sign_in_stores_nothing_and_says_so);
    tcase_add_test(shared, E5_a_stranger_who_holds_the_write_lock_is_waited_for);
    tcase_add_test(shared, E7_a_database_that_is_taken_away_ends_the_daemon_and_is_not_made_anew);
    tcase_add_test(shared,
                   E7_a_database_that_is_taken_away_is_noticed_by_the_sums_too_and_said_once);
    tcase_add_test(shared, E13_a_reader_who_stays_for_long_disturbs_nothing);
    return suite;
}
