/* SPDX-License-Identifier: MIT */
/* The key file where the system fails: no key is half made, none is lost, none is made twice. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/failing_call.h"
#include "store_help.h"
#include "vault/vault.h"

static const char *key_path(void)
{
    return store_help_path("token.key");
}

static enum vault_result try_open(const char *path, bool create)
{
    struct vault *vault = NULL;
    char source[256];
    enum vault_result result = vault_open(path, create, &vault, source, sizeof source);
    int error = errno;
    ck_assert_int_eq(vault != NULL, result == VAULT_OK);
    vault_close(vault);
    errno = error;
    return result;
}

/* Files in the folder, whatever they are called. */
static int count_files(void)
{
    DIR *folder = opendir(store_help_folder());
    int count = 0;
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

/* No key was made, for this reason, and nothing of it lies about. */
static void expect_nothing_made(int error)
{
    ck_assert_int_eq(try_open(key_path(), true), VAULT_IO);
    ck_assert_int_eq(errno, error);
    ck_assert_int_eq(count_files(), 0);
}

static bool must_fail(long number, int error)
{
    bool works = failing_call(number, error);
    if (!works) {
        fprintf(stderr, "no seccomp filters here: not tried\n");
    }
    return works;
}

START_TEST(a_key_that_cannot_be_synced_is_not_made)
{
    if (must_fail(SYS_fsync, EIO)) {
        expect_nothing_made(EIO);
    }
}
END_TEST

START_TEST(a_key_whose_rights_cannot_be_set_is_not_made)
{
    if (must_fail(SYS_fchmod, EPERM)) {
        expect_nothing_made(EPERM);
    }
}
END_TEST

START_TEST(a_key_that_cannot_be_given_its_name_is_not_made)
{
    if (must_fail(SYS_renameat2, EPERM)) {
        expect_nothing_made(EPERM);
    }
}
END_TEST

/* Some file systems know no rename that never replaces. */
static const int no_such_rename[] = {EINVAL, ENOSYS};

START_TEST(where_a_rename_may_replace_a_link_gives_the_name)
{
    if (must_fail(SYS_renameat2, no_such_rename[_i])) {
        ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
        ck_assert_int_eq(count_files(), 1);
        ck_assert_int_eq(try_open(key_path(), false), VAULT_OK);
    }
}
END_TEST

START_TEST(without_rename_and_link_no_key_is_made)
{
    if (must_fail(SYS_renameat2, EINVAL) && must_fail(SYS_link, EPERM)) {
        expect_nothing_made(EPERM);
    }
}
END_TEST

/* The size that files may have: less than a key, and nothing. */
static const struct {
    rlim_t bytes;
    int error;
} disks[] = {{10, ENOSPC}, {0, EFBIG}};

START_TEST(a_key_that_does_not_fit_onto_the_disk_is_not_made)
{
    struct rlimit limit, before;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){disks[_i].bytes, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum vault_result result = try_open(key_path(), true);
    int error = errno;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(result, VAULT_IO);
    ck_assert_int_eq(error, disks[_i].error);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* The descriptor that the next file will have. */
static int next_fd(void)
{
    int fd = dup(STDERR_FILENO), next = fd;

    ck_assert_int_ge(fd, 0);
    close(fd);
    return next;
}

START_TEST(a_key_that_cannot_be_read_is_no_missing_key)
{
    int fd = next_fd();
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    if (failing_call_on(SYS_read, fd, EIO)) {
        enum vault_result result = try_open(key_path(), true);
        int error = errno;
        /* Whatever else this process reads has another number. */
        ck_assert_int_eq(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, fd), fd);
        ck_assert_int_eq(result, VAULT_IO);
        ck_assert_int_eq(error, EIO);
    }
}
END_TEST

START_TEST(a_key_is_found_and_made_beside_the_process)
{
    ck_assert_int_eq(chdir(store_help_folder()), 0);
    ck_assert_int_eq(try_open("key", true), VAULT_OK);
    ck_assert_int_eq(try_open("key", false), VAULT_OK);
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(where_systemd_hands_over_no_key_it_is_the_file)
{
    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", "", 1), 0);
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", store_help_path("none"), 1), 0);
    ck_assert_int_eq(try_open(key_path(), false), VAULT_OK);
}
END_TEST

START_TEST(a_folder_that_is_none_is_an_error)
{
    store_help_write(store_help_path("file"), "x", 1, 0600);
    ck_assert_int_eq(try_open(store_help_path("file/key"), true), VAULT_IO);
    ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

/* A new process's first question to sodium, and what it holds keys in. */
START_TEST(a_vault_without_locked_memory_is_told_from_one_without_a_key)
{
    struct rlimit before, none;
    ck_assert_int_eq(try_open(key_path(), true), VAULT_OK);
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    none = (struct rlimit){4096, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
    enum vault_result result = try_open(key_path(), false);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    ck_assert_int_eq(result, VAULT_NOMEM);
}
END_TEST

static const char *const foreign[] = {
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fxx",
};

START_TEST(a_key_of_somebody_else_is_refused)
{
    store_help_write(key_path(), foreign[0], strlen(foreign[0]), 0600);
    if (geteuid() != 0 || chown(key_path(), 12345, 12345) != 0) {
        fprintf(stderr, "not root: not tried\n");
        return;
    }
    ck_assert_int_eq(try_open(key_path(), false), VAULT_EXPOSED);
}
END_TEST

START_TEST(a_key_with_a_stroke_in_it_is_no_key)
{
    const char *text = foreign[_i];
    store_help_write(key_path(), text, strlen(text), 0600);
    ck_assert_int_eq(try_open(key_path(), false), VAULT_BAD_KEY);
}
END_TEST

Suite *vault_faults_suite(void)
{
    Suite *suite = suite_create("vault_faults");
    TCase *tcase = tcase_create("faults");

    tcase_add_checked_fixture(tcase, store_help_setup, store_help_teardown);
    tcase_add_test(tcase, a_key_that_cannot_be_synced_is_not_made);
    tcase_add_test(tcase, a_key_whose_rights_cannot_be_set_is_not_made);
    tcase_add_test(tcase, a_key_that_cannot_be_given_its_name_is_not_made);
    tcase_add_loop_test(tcase, where_a_rename_may_replace_a_link_gives_the_name, 0, 2);
    tcase_add_test(tcase, without_rename_and_link_no_key_is_made);
    tcase_add_loop_test(tcase, a_key_that_does_not_fit_onto_the_disk_is_not_made, 0, 2);
    tcase_add_test(tcase, a_key_that_cannot_be_read_is_no_missing_key);
    tcase_add_test(tcase, a_key_is_found_and_made_beside_the_process);
    tcase_add_test(tcase, where_systemd_hands_over_no_key_it_is_the_file);
    tcase_add_test(tcase, a_folder_that_is_none_is_an_error);
#ifndef __SANITIZE_ADDRESS__
    tcase_add_test(tcase, a_vault_without_locked_memory_is_told_from_one_without_a_key);
#endif
    tcase_add_test(tcase, a_key_of_somebody_else_is_refused);
    tcase_add_loop_test(tcase, a_key_with_a_stroke_in_it_is_no_key, 1, 3);
    suite_add_tcase(suite, tcase);
    return suite;
}
