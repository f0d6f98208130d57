/* SPDX-License-Identifier: MIT */
/* One writer a database. */
#include "daemon/lock.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char database[128];
static char lock_path[160];
static char why[512];

static void setup(void)
{
    strcpy(folder, "/tmp/historyd-lock-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(database, sizeof(database), "%s/history.db", folder);
    snprintf(lock_path, sizeof(lock_path), "%s.lock", database);
    strcpy(why, "untouched");
}

static void teardown(void)
{
    if (remove(lock_path) != 0 && errno != ENOENT)
        perror(lock_path);
    rmdir(folder);
}

static int take(void)
{
    int fd;

    ck_assert_int_eq(lock_take(database, &fd, why, sizeof(why)), LOCK_OK);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void expect_taken_by(long pid)
{
    char expected[256];
    int fd = 0;

    ck_assert_int_eq(lock_take(database, &fd, why, sizeof(why)), LOCK_TAKEN);
    ck_assert_int_eq(fd, -1);
    snprintf(expected, sizeof(expected), "the database is in use by process %ld, which holds %s",
             pid, lock_path);
    ck_assert_str_eq(why, expected);
}

/* A second process that takes the lock and waits for a signal; returns once it has it. */
static pid_t start_holder(void)
{
    int pipes[2];
    char byte;
    pid_t pid;

    ck_assert_int_eq(pipe(pipes), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int fd;

        signal(SIGTERM, SIG_DFL); /* check's own handler would end the test with it */
        if (lock_take(database, &fd, why, sizeof(why)) != LOCK_OK || write(pipes[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
    close(pipes[0]);
    return pid;
}

static void end_holder(pid_t pid, int signal_number)
{
    kill(pid, signal_number);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(the_lock_is_a_private_file_that_says_who_holds_it)
{
    int fd;
    struct stat status;
    char text[32] = "";
    char expected[32];

    umask(0);
    fd = take();
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
    snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
    ck_assert_str_eq(text, expected);
    ck_assert_str_eq(why, "untouched");
    lock_release(fd);
}
END_TEST

START_TEST(F8_a_second_process_is_refused_and_the_first_undisturbed)
{
    pid_t holder = start_holder();

    expect_taken_by((long)holder);
    expect_taken_by((long)holder);
    end_holder(holder, SIGTERM);
    lock_release(take());
}
END_TEST

START_TEST(F8_a_second_taking_in_the_same_process_is_refused_too)
{
    int fd = take();

    expect_taken_by((long)getpid());
    lock_release(fd);
    lock_release(take());
}
END_TEST

START_TEST(F8_a_lock_left_by_kill_9_is_no_obstacle)
{
    end_holder(start_holder(), SIGKILL);
    ck_assert_int_eq(access(lock_path, F_OK), 0);
    lock_release(take());
}
END_TEST

START_TEST(F8_releasing_keeps_the_file_and_forgets_the_holder)
{
    struct stat before;
    struct stat after;
    int fd = take();

    ck_assert_int_eq(fstat(fd, &before), 0);
    lock_release(fd);
    ck_assert_int_eq(stat(lock_path, &after), 0);
    ck_assert_uint_eq(after.st_ino, before.st_ino);
    ck_assert_int_eq(after.st_size, 0);
    lock_release(-1);
}
END_TEST

START_TEST(a_child_that_inherited_the_lock_does_not_keep_it)
{
    int fd = take();
    pid_t child = fork();

    if (child == 0) {
        pause();
        _exit(0);
    }
    lock_release(fd);
    lock_release(take());
    end_holder(child, SIGKILL);
}
END_TEST

/* Writes something else into the file while a process holds it. */
static void scribble(const char *text)
{
    int fd = open(lock_path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static const char *const scribbles[] = {"",
                                        "\n",
                                        "x\n",
                                        "-5\n",
                                        "0\n",
                                        "99999999999999999999999\n",
                                        "1234567890123456789012345678901234567890\n",
                                        "\x1b[2J\n"};

START_TEST(a_holder_that_wrote_no_number_is_another_process)
{
    pid_t holder = start_holder();
    char expected[256];
    int fd;

    scribble(scribbles[_i]);
    ck_assert_int_eq(lock_take(database, &fd, why, sizeof(why)), LOCK_TAKEN);
    snprintf(expected, sizeof(expected),
             "the database is in use by another process, which holds %s", lock_path);
    ck_assert_str_eq(why, expected);
    end_holder(holder, SIGKILL);
}
END_TEST

static void expect_failed(const char *path, const char *expected)
{
    int fd = 0;

    ck_assert_int_eq(lock_take(path, &fd, why, sizeof(why)), LOCK_FAILED);
    ck_assert_int_eq(fd, -1);
    ck_assert_str_eq(why, expected);
}

START_TEST(a_directory_that_is_missing_is_told)
{
    expect_failed("/none/such/history.db",
                  "cannot open /none/such/history.db.lock: No such file or directory");
}
END_TEST

START_TEST(a_directory_that_may_not_be_written_is_told)
{
    char expected[256];
    uid_t user = geteuid();

    ck_assert_int_eq(chmod(folder, 0555), 0);
    if (user == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    snprintf(expected, sizeof(expected), "cannot open %s: Permission denied", lock_path);
    expect_failed(database, expected);
    if (user == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(folder, 0700), 0);
}
END_TEST

START_TEST(what_is_not_a_file_is_not_locked)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "%s is not a regular file", lock_path);
    ck_assert_int_eq(mkfifo(lock_path, 0600), 0);
    expect_failed(database, expected);
    ck_assert_int_eq(unlink(lock_path), 0);
    snprintf(expected, sizeof(expected), "cannot open %s: Too many levels of symbolic links",
             lock_path);
    ck_assert_int_eq(symlink("/tmp/elsewhere", lock_path), 0);
    expect_failed(database, expected);
    ck_assert_int_eq(access("/tmp/elsewhere", F_OK), -1);
    ck_assert_int_eq(unlink(lock_path), 0);
    snprintf(expected, sizeof(expected), "cannot open %s: Is a directory", lock_path);
    ck_assert_int_eq(mkdir(lock_path, 0700), 0);
    expect_failed(database, expected);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_told)
{
    static char longest[5000];

    memset(longest, 'x', sizeof(longest) - 1);
    longest[0] = '/';
    expect_failed(longest, "the path of the database is too long");
}
END_TEST

START_TEST(failed_and_refused_attempts_leave_no_descriptor)
{
    int fd = take();
    int other;
    int next;

    for (int i = 0; i < 2000; i++) {
        lock_take(database, &other, why, sizeof(why));
        lock_take("/none/such/history.db", &other, why, sizeof(why));
    }
    next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_lt(next, fd + 3);
    close(next);
    lock_release(fd);
}
END_TEST

Suite *lock_suite(void);

Suite *lock_suite(void)
{
    Suite *suite = suite_create("lock");
    TCase *lock = tcase_create("lock");

    tcase_add_checked_fixture(lock, setup, teardown);
    tcase_add_test(lock, the_lock_is_a_private_file_that_says_who_holds_it);
    tcase_add_test(lock, F8_a_second_process_is_refused_and_the_first_undisturbed);
    tcase_add_test(lock, F8_a_second_taking_in_the_same_process_is_refused_too);
    tcase_add_test(lock, F8_a_lock_left_by_kill_9_is_no_obstacle);
    tcase_add_test(lock, F8_releasing_keeps_the_file_and_forgets_the_holder);
    tcase_add_test(lock, a_child_that_inherited_the_lock_does_not_keep_it);
    tcase_add_loop_test(lock, a_holder_that_wrote_no_number_is_another_process, 0,
                        sizeof(scribbles) / sizeof(scribbles[0]));
    tcase_add_test(lock, a_directory_that_is_missing_is_told);
    tcase_add_test(lock, a_directory_that_may_not_be_written_is_told);
    tcase_add_test(lock, what_is_not_a_file_is_not_locked);
    tcase_add_test(lock, a_path_that_is_too_long_is_told);
    tcase_add_test(lock, failed_and_refused_attempts_leave_no_descriptor);
    suite_add_tcase(suite, lock);
    return suite;
}
