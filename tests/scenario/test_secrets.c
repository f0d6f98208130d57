/* SPDX-License-Identifier: MIT */
/* Where tokens must not be: the harness looks through every file after every test; here is what it
 * does not see by itself. */
#include "harness.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A line of a file of /proc of the daemon that begins with these words; until the next call. */
static const char *proc_line(const char *file, const char *words)
{
    static char line[400];
    char path[80];
    FILE *in;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)harness.daemon.pid, file);
    in = fopen(path, "re");
    ck_assert_ptr_nonnull(in);
    while (fgets(line, sizeof(line), in) && strncmp(line, words, strlen(words)) != 0)
        line[0] = '\0';
    fclose(in);
    return line;
}

static bool there_is_a_core(void)
{
    DIR *folder = opendir(harness.folder);
    struct dirent *entry;
    bool found = false;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        found = found || strncmp(entry->d_name, "core", 4) == 0;
    closedir(folder);
    return found;
}

static struct browser *browser;

static void sign_in_with_a_browser(void)
{
    fake_start("--accounts", "1");
    hd_start();
    browser = browser_open();
    browser_login(browser, 1);
    hd_wait_for_polls(1);
}

static const int deaths[] = {SIGSEGV, SIGABRT, SIGQUIT};

START_TEST(P4_a_crash_leaves_no_core_file)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

    (void)setrlimit(RLIMIT_CORE, &all); /* as if somebody had asked for one */
    sign_in_with_a_browser();
    ck_assert_ptr_nonnull(strstr(proc_line("limits", "Max core file size"), " 0 "));
    hd_signal(deaths[_i]);
    harness.daemon.may_end = true;
    ck_assert_int_ne(hd_wait(), 0);
    ck_assert(!there_is_a_core());
    ck_assert_ptr_null(harness_find_in_files(HARNESS_CANARY));
}
END_TEST

START_TEST(P4_a_copy_of_the_database_holds_tokens_sealed_only)
{
    sqlite3 *from, *to;
    sqlite3_backup *backup;
    char path[HARNESS_PATH_SIZE];

    sign_in_with_a_browser();
    snprintf(path, sizeof(path), "%.100s/copy.db", harness.folder);
    ck_assert_int_eq(sqlite3_open_v2(harness.database, &from, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(path, &to), SQLITE_OK);
    backup = sqlite3_backup_init(to, "main", from, "main");
    ck_assert_ptr_nonnull(backup);
    ck_assert_int_eq(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(to);
    sqlite3_close(from);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
    ck_assert_ptr_null(harness_find_in_files(HARNESS_CANARY));
}
END_TEST

/* The key would open every token: it is neither beside them nor said anywhere. */
START_TEST(P4_the_key_stands_in_its_file_only)
{
    char key[80] = "";
    FILE *file;

    sign_in_with_a_browser();
    file = fopen(harness.key_file, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(key, sizeof(key), file));
    fclose(file);
    key[strcspn(key, "\n")] = '\0';
    ck_assert_uint_ge(strlen(key), 32);
    ck_assert_str_eq(harness_find_in_files(key), harness.key_file);
    ck_assert(!hd_logged(key));
}
END_TEST

START_TEST(P4_no_answer_of_the_control_interface_or_the_page_holds_a_token)
{
    static const char *const paths[] = {"/v1/status", "/v1/users", "/v1/users/1"};
    struct page page;

    sign_in_with_a_browser();
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        json_t *json = control_expect(200, "GET", paths[i], NULL);
        char *text = json_dumps(json, 0);

        ck_assert_ptr_null(strstr(text, HARNESS_CANARY));
        free(text);
        json_decref(json);
    }
    page = browser_get(browser, "/spotify");
    ck_assert(!page_has(&page, HARNESS_CANARY));
    page_free(&page);
}
END_TEST

Suite *secrets_suite(void)
{
    Suite *suite = suite_create("secrets");
    TCase *secrets = harness_case(suite, "secrets");

    tcase_add_loop_test(secrets, P4_a_crash_leaves_no_core_file, 0, (int)COUNT_OF(deaths));
    tcase_add_test(secrets, P4_a_copy_of_the_database_holds_tokens_sealed_only);
    tcase_add_test(secrets, P4_the_key_stands_in_its_file_only);
    tcase_add_test(secrets, P4_no_answer_of_the_control_interface_or_the_page_holds_a_token);
    return suite;
}
