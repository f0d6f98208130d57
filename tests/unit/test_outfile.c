/* SPDX-License-Identifier: MIT */
/* A file that is complete under its name, or not there; and a zip. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/outfile.h"
#include "archive/zipped.h"
#include "store_help.h"

static int files_in_folder(void)
{
    DIR *directory = opendir(store_help_folder());
    struct dirent *entry;
    int count = 0;

    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static void assert_content(const char *name, const char *expected)
{
    size_t len;
    char *text = store_help_read(store_help_path(name), &len);

    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(len, strlen(expected));
    ck_assert_mem_eq(text, expected, len);
    free(text);
}

START_TEST(a_file_gets_its_name_when_it_is_complete)
{
    struct outfile file;
    struct stat status;

    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.csv")), 0);
    ck_assert_int_eq(outfile_write(file.fd, "new", 3), 0);
    ck_assert_int_ne(access(store_help_path("a.csv"), F_OK), 0);
    ck_assert_int_eq(outfile_commit(&file), 0);
    assert_content("a.csv", "new");
    ck_assert_int_eq(stat(store_help_path("a.csv"), &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0600);
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(what_bore_the_name_stays_until_then)
{
    struct outfile file;

    store_help_write(store_help_path("a.csv"), "old", 3, 0640);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.csv")), 0);
    ck_assert_int_eq(outfile_write(file.fd, "half", 4), 0);
    assert_content("a.csv", "old");
    outfile_drop(&file);
    assert_content("a.csv", "old");
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(what_cannot_be_a_file_is_refused_and_left_alone)
{
    struct outfile file;

    ck_assert_int_eq(mkdir(store_help_path("d"), 0700), 0);
    ck_assert_int_eq(symlink("/etc/passwd", store_help_path("link")), 0);
    ck_assert_int_eq(mkfifo(store_help_path("pipe"), 0600), 0);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("d")), EISDIR);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("d/")), EISDIR);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("link")), EEXIST);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("pipe")), EEXIST);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("no/a.csv")), ENOENT);
    ck_assert_int_eq(files_in_folder(), 3);
}
END_TEST

START_TEST(what_a_killed_call_left_is_removed_but_not_what_another_writes)
{
    struct outfile one, other;

    store_help_write(store_help_path(".a.csv.part-Xy12zZ"), "half", 4, 0600);
    store_help_write(store_help_path(".a.csv.part-long-name"), "mine", 4, 0600);
    ck_assert_int_eq(outfile_begin(&one, store_help_path("a.csv")), 0);
    ck_assert_int_ne(access(store_help_path(".a.csv.part-Xy12zZ"), F_OK), 0);
    ck_assert_int_eq(outfile_begin(&other, store_help_path("a.csv")), 0);
    ck_assert_int_eq(outfile_write(one.fd, "one", 3), 0);
    ck_assert_int_eq(outfile_write(other.fd, "other", 5), 0);
    ck_assert_int_eq(outfile_commit(&one), 0);
    assert_content("a.csv", "one");
    ck_assert_int_eq(outfile_commit(&other), 0);
    assert_content("a.csv", "other");
    assert_content(".a.csv.part-long-name", "mine");
    ck_assert_int_eq(files_in_folder(), 2);
}
END_TEST

START_TEST(E14_the_journal_of_a_killed_call_is_removed_with_its_file_or_without)
{
    struct outfile file, living;

    ck_assert_int_eq(outfile_begin(&living, store_help_path("a.db")), 0);
    char *beside = NULL;
    ck_assert_int_gt(asprintf(&beside, "%s-journal", living.made), 0);
    store_help_write(beside, "mine", 4, 0600);
    store_help_write(store_help_path(".a.db.part-Xy12zZ"), "half", 4, 0600);
    store_help_write(store_help_path(".a.db.part-Xy12zZ-journal"), "half", 4, 0600);
    store_help_write(store_help_path(".a.db.part-123456-journal"), "half", 4, 0600);
    store_help_write(store_help_path(".a.db.part-123456-wal"), "half", 4, 0600);
    store_help_write(store_help_path(".a.db.part-123456-shm"), "half", 4, 0600);
    store_help_write(store_help_path(".a.db.part-123456-journals"), "mine", 4, 0600);
    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.db")), 0);
    ck_assert_int_ne(access(store_help_path(".a.db.part-Xy12zZ"), F_OK), 0);
    ck_assert_int_ne(access(store_help_path(".a.db.part-Xy12zZ-journal"), F_OK), 0);
    ck_assert_int_ne(access(store_help_path(".a.db.part-123456-journal"), F_OK), 0);
    ck_assert_int_ne(access(store_help_path(".a.db.part-123456-wal"), F_OK), 0);
    ck_assert_int_ne(access(store_help_path(".a.db.part-123456-shm"), F_OK), 0);
    ck_assert_int_eq(access(store_help_path(".a.db.part-123456-journals"), F_OK), 0);
    ck_assert_int_eq(access(beside, F_OK), 0);
    outfile_drop(&living);
    ck_assert_int_ne(access(beside, F_OK), 0);
    outfile_drop(&file);
    free(beside);
}
END_TEST

START_TEST(E3_what_sqlite_could_not_remove_does_not_stay_beside_a_finished_file)
{
    struct outfile file;

    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.db")), 0);
    char *beside = NULL;
    ck_assert_int_gt(asprintf(&beside, "%s-journal", file.made), 0);
    store_help_write(beside, "left", 4, 0600);
    ck_assert_int_eq(outfile_commit(&file), 0);
    ck_assert_int_eq(files_in_folder(), 1);
    free(beside);
}
END_TEST

/* CRC-32 of "123456789" is known: cbf43926. */
START_TEST(a_zip_is_laid_out_as_its_description_says)
{
    static const char expected[] =
        "PK\3\4\24\0\0\10\0\0\202\30b]\x26\x39\xf4\xcb\11\0\0\0\11\0\0\0\5\0\0\0a.txt123456789"
        "PK\1\2\24\3\24\0\0\10\0\0\202\30b]\x26\x39\xf4\xcb\11\0\0\0\11\0\0\0\5\0\0\0\0\0\0\0\0\0"
        "\0\0\200\201\0\0\0\0a.txtPK\5\6\0\0\0\0\1\0\1\0\x33\0\0\0\x2c\0\0\0\0\0";
    const struct tm time = {
        .tm_year = 126, .tm_mon = 10, .tm_mday = 2, .tm_hour = 3, .tm_min = 4, .tm_sec = 5};
    struct outfile file;
    struct zipped zip;
    size_t len;
    char *bytes;

    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.zip")), 0);
    ck_assert_int_eq(zipped_begin(&zip, file.fd, "a.txt", &time), 0);
    ck_assert_int_eq(zipped_write(&zip, "1234", 4), 0);
    ck_assert_int_eq(zipped_write(&zip, "56789", 5), 0);
    ck_assert_int_eq(zipped_end(&zip), 0);
    ck_assert_int_eq(outfile_commit(&file), 0);
    bytes = store_help_read(store_help_path("a.zip"), &len);
    ck_assert_uint_eq(len, sizeof(expected) - 1);
    ck_assert_mem_eq(bytes, expected, len);
    free(bytes);
}
END_TEST

START_TEST(a_zip_that_would_be_too_large_is_refused)
{
    const struct tm time = {.tm_year = 126};
    struct outfile file;
    struct zipped zip;

    ck_assert_int_eq(outfile_begin(&file, store_help_path("a.zip")), 0);
    ck_assert_int_eq(zipped_begin(&zip, file.fd, "a.txt", &time), 0);
    zip.size = UINT32_MAX - 1024;
    ck_assert_int_eq(zipped_write(&zip, "1", 1), EFBIG);
    outfile_drop(&file);
}
END_TEST

Suite *outfile_suite(void)
{
    Suite *suite = suite_create("outfile");
    TCase *test = tcase_create("outfile");

    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_test(test, a_file_gets_its_name_when_it_is_complete);
    tcase_add_test(test, what_bore_the_name_stays_until_then);
    tcase_add_test(test, what_cannot_be_a_file_is_refused_and_left_alone);
    tcase_add_test(test, what_a_killed_call_left_is_removed_but_not_what_another_writes);
    tcase_add_test(test, E14_the_journal_of_a_killed_call_is_removed_with_its_file_or_without);
    tcase_add_test(test, E3_what_sqlite_could_not_remove_does_not_stay_beside_a_finished_file);
    tcase_add_test(test, a_zip_is_laid_out_as_its_description_says);
    tcase_add_test(test, a_zip_that_would_be_too_large_is_refused);
    suite_add_tcase(suite, test);
    return suite;
}
