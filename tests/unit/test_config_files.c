/* SPDX-License-Identifier: MIT */
/* The configuration as a file among others: what is no configuration file, the secret's file, the
 * environment. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_help.h"
#include "daemon/config_private.h"
#include "vault/vault.h"

#define SECRET "s3cr3t-canary-0123456789"

/* -- The file ---------------------------------------------------------------------------------- */

static void expect_refused(const char *path, const char *reason)
{
    char expected[512];

    snprintf(expected, sizeof(expected), "%s%s\n", path, reason);
    ck_assert_str_eq(config_help_bad_file(path), expected);
}

START_TEST(G1_a_file_that_was_named_must_be_there)
{
    expect_refused(config_help_path("none.conf"), ": cannot be read: No such file or directory");
}
END_TEST

START_TEST(G1_the_default_file_may_be_absent)
{
    if (access(CONFIG_DEFAULT_FILE, F_OK) != 0)
        config_free(config_help_good_file(NULL));
}
END_TEST

/* A text for the file that web.password_file names, with this mode; the whole configuration. */
static const char *with_password(const char *password, mode_t mode)
{
    const char *path = config_help_file("page.password", password, strlen(password), mode);
    char text[600];

    snprintf(text, sizeof(text), "web { listen = '0.0.0.0:8888' password_file = '%s' }", path);
    return config_help_file("page.conf", text, strlen(text), 0600);
}

START_TEST(an_address_for_others_is_fine_with_a_password)
{
    char line[VAULT_PASSWORD_HASH_SIZE];
    struct config *config;

    ck_assert(vault_password_hash("correct horse", line));
    config = config_help_good_file(with_password(line, 0640));
    ck_assert_str_eq(config->web.password_hash, line);
    config_free(config);
}
END_TEST

START_TEST(a_password_in_the_clear_is_refused_and_not_repeated)
{
    const char *said = config_help_bad_file(with_password("correct-horse", 0600));

    ck_assert_ptr_nonnull(strstr(said, "web.password_file: "));
    ck_assert_ptr_nonnull(strstr(said, "as spotify-historyctl password prints it"));
    ck_assert_ptr_null(strstr(said, "correct-horse"));
}
END_TEST

START_TEST(G4_a_password_file_open_to_all_is_refused)
{
    char line[VAULT_PASSWORD_HASH_SIZE];

    ck_assert(vault_password_hash("correct horse", line));
    ck_assert_ptr_nonnull(
        strstr(config_help_bad_file(with_password(line, 0644)), "is open to all users"));
}
END_TEST

START_TEST(G1_a_directory_is_refused)
{
    expect_refused(config_help_path("."), ": is a directory, not a file");
}
END_TEST

START_TEST(G1_a_fifo_is_refused_and_does_not_block)
{
    ck_assert_int_eq(mkfifo(config_help_path("fifo"), 0600), 0);
    expect_refused(config_help_path("fifo"), ": is not a regular file");
}
END_TEST

START_TEST(G1_a_file_that_may_not_be_read_is_refused)
{
    const char *path = config_help_file("closed.conf", "", 0, 0);

    if (geteuid() == 0) { /* root may read everything */
        ck_assert_int_eq(chmod(config_help_path("."), 0711), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
    expect_refused(path, ": cannot be read: Permission denied");
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(G1_an_empty_file_and_dev_null_are_fine)
{
    config_free(config_help_good_file(config_help_file("empty.conf", "", 0, 0600)));
    config_free(config_help_good_file("/dev/null"));
}
END_TEST

START_TEST(G1_a_file_of_up_to_1_MiB_is_read_and_a_larger_one_refused)
{
    size_t len = 10 * 1024 * 1024;
    char *text = malloc(len);

    ck_assert_ptr_nonnull(text);
    memset(text, '\n', len);
    config_free(config_help_good_file(config_help_file("large.conf", text, CONFIG_FILE_MAX, 0600)));
    expect_refused(config_help_file("large.conf", text, CONFIG_FILE_MAX + 1, 0600),
                   ": is larger than 1 MiB: not a configuration file");
    expect_refused(config_help_file("large.conf", text, len, 0600),
                   ": is larger than 1 MiB: not a configuration file");
    expect_refused("/dev/zero", ": is larger than 1 MiB: not a configuration file");
    free(text);
}
END_TEST

START_TEST(G1_a_byte_order_mark_and_crlf_are_accepted)
{
    static const char text[] = "\xef\xbb\xbflog {\r\n level = debug\r\n}\r\n";
    struct config *config =
        config_help_good_file(config_help_file("windows.conf", text, sizeof(text) - 1, 0600));

    ck_assert_int_eq(config->log.level, LOG_LEVEL_DEBUG);
    config_free(config);
}
END_TEST

START_TEST(G1_a_NUL_byte_is_refused_with_its_line)
{
    static const char text[] = "# x\nlog {\n level = debug\0\n}\n";
    static const char wide[] = "\xff\xfel\0o\0g\0";

    expect_refused(config_help_file("nul.conf", text, sizeof(text) - 1, 0600),
                   ":3: a NUL byte: this is not a text file in UTF-8");
    expect_refused(config_help_file("nul.conf", wide, sizeof(wide), 0600),
                   ":1: a NUL byte: this is not a text file in UTF-8");
}
END_TEST

/* Else the comment would go on to the end of the file, and all of it count for nothing. */
START_TEST(G1_lines_that_end_in_CR_alone_are_refused)
{
    static const char text[] = "# comment\rlog { level = debug }\r";

    expect_refused(config_help_file("mac.conf", text, sizeof(text) - 1, 0600),
                   ":1: a carriage return that does not end a line");
}
END_TEST

START_TEST(other_kinds_of_files_are_refused_and_never_taken_for_defaults)
{
    struct buf problems = {0};

    ck_assert_ptr_null(config_load("/proc/self/exe", &problems));
    ck_assert_ptr_nonnull(strstr(problems.data, "/proc/self/exe:"));
    buf_free(&problems, false);
}
END_TEST

/* libConfuse says some things on standard error, or ends the program, when it is left to itself. */
START_TEST(nothing_is_written_but_what_is_returned)
{
    static const char *const texts[] = {
        "{", "}", "=", "web { title = \"", "web { title = { } }", "a\nb\nc", "web { \"\" = }"};
    const char *path = config_help_path("stderr");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int old = dup(STDERR_FILENO);
    struct stat status;

    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        config_help_bad(texts[i]);
    config_help_bad_file(config_help_path("none.conf"));
    ck_assert_int_ge(dup2(old, STDERR_FILENO), 0);
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_int_eq(status.st_size, 0);
    close(fd);
    close(old);
}
END_TEST

static size_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

START_TEST(a_thousand_reloads_leave_no_file_open)
{
    const char *good = config_help_file("good.conf", "log { level = debug }", 21, 0600);
    const char *bad = config_help_file("bad.conf", "log { level = ", 14, 0600);
    size_t before = open_files();

    for (int i = 0; i < 1000; i++) {
        config_free(config_help_good_file(good));
        config_help_bad_file(bad);
        config_help_bad_file("/");
    }
    ck_assert_uint_eq(open_files(), before);
}
END_TEST

/* -- The client secret ------------------------------------------------------------------------- */

/* A configuration file that names the secret's file, in line 2. */
static const char *make_config(const char *secret_file)
{
    char text[512];
    int len =
        snprintf(text, sizeof(text), "spotify {\n client_secret_file = \"%s\"\n}\n", secret_file);

    return config_help_file("main.conf", text, (size_t)len, 0600);
}

static void expect_secret(const char *content, size_t len, mode_t mode)
{
    const char *path = make_config(config_help_file("secret", content, len, mode));
    struct config *config = config_help_good_file(path);

    ck_assert_str_eq(config->spotify.client_secret, SECRET);
    config_free(config);
}

/* The secret's file must be refused with this reason behind its path. */
static void expect_no_secret(const char *secret_file, const char *reason)
{
    const char *path = make_config(secret_file);
    char expected[1024];

    snprintf(expected, sizeof(expected), "%s:2: spotify.client_secret_file: %s %s\n", path,
             secret_file, reason);
    ck_assert_str_eq(config_help_bad_file(path), expected);
}

START_TEST(the_secret_is_read_without_the_blanks_around_it)
{
    expect_secret(SECRET, strlen(SECRET), 0600);
    expect_secret(SECRET "\n", strlen(SECRET) + 1, 0400);
    expect_secret("\r\n \t" SECRET " \r\n\n", strlen(SECRET) + 8, 0640);
}
END_TEST

START_TEST(G4_a_secret_that_others_can_reach_is_refused)
{
    static const mode_t modes[] = {0644, 0604, 0602, 0601, 0666, 0777};

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        expect_no_secret(config_help_file("secret", SECRET, strlen(SECRET), modes[i]),
                         "is open to all users: take their rights away with chmod o=");
}
END_TEST

START_TEST(G4_what_cannot_be_a_secret_is_refused_and_not_shown)
{
    char longest[600];

    memset(longest, 'x', sizeof(longest));
    expect_no_secret(config_help_file("secret", "", 0, 0600), "is empty");
    expect_no_secret(config_help_file("secret", " \n\t", 3, 0600), "is empty");
    expect_no_secret(config_help_file("secret", longest, 513, 0600), "is too long for a secret");
    expect_no_secret(config_help_file("secret", longest, 600, 0600), "is too long for a secret");
    expect_no_secret(config_help_file("secret", "two words", 9, 0600),
                     "holds bytes that no secret has");
    expect_no_secret(config_help_file("secret", "x\0y", 3, 0600), "holds bytes that no secret has");
    expect_no_secret(config_help_file("secret", "\xc3\xbc", 2, 0600),
                     "holds bytes that no secret has");
    config_free(config_help_good_file(make_config(config_help_file("secret", longest, 512, 0600))));
}
END_TEST

START_TEST(G4_a_secret_file_that_is_not_there_is_refused)
{
    expect_no_secret(config_help_path("none"), "cannot be read: No such file or directory");
}
END_TEST

START_TEST(G4_a_directory_or_a_fifo_is_no_secret)
{
    ck_assert_int_eq(mkdir(config_help_path("dir"), 0700), 0);
    ck_assert_int_eq(mkfifo(config_help_path("fifo"), 0600), 0);
    expect_no_secret(config_help_path("dir"), "is not a regular file");
    expect_no_secret(config_help_path("fifo"), "is not a regular file");
}
END_TEST

/* -- The environment --------------------------------------------------------------------------- */

START_TEST(G8_the_environment_goes_before_the_file)
{
    const char *path = make_config(config_help_file("secret", "from-the-file", 13, 0600));
    struct config *config;

    setenv("SPOTIFY_CLIENT_ID", "from-the-environment", 1);
    setenv("SPOTIFY_CLIENT_SECRET", SECRET, 1);
    config = config_help_good_file(path);
    ck_assert_str_eq(config->spotify.client_id, "from-the-environment");
    ck_assert_str_eq(config->spotify.client_secret, SECRET);
    config_free(config);
    config = config_help_good("spotify { client_id = fromthefile }");
    ck_assert_str_eq(config->spotify.client_id, "from-the-environment");
    config_free(config);
}
END_TEST

START_TEST(G8_an_empty_variable_is_the_same_as_none)
{
    struct config *config;

    setenv("SPOTIFY_CLIENT_ID", "", 1);
    setenv("SPOTIFY_CLIENT_SECRET", "", 1);
    config = config_help_good("spotify { client_id = fromthefile }");
    ck_assert_str_eq(config->spotify.client_id, "fromthefile");
    ck_assert_str_eq(config->spotify.client_secret, "");
    config_free(config);
}
END_TEST

START_TEST(G8_what_is_wrong_in_the_environment_is_told_last)
{
    setenv("SPOTIFY_CLIENT_ID", "a/b", 1);
    setenv("SPOTIFY_CLIENT_SECRET", "two words", 1);
    ck_assert_str_eq(
        config_help_bad("\nlog { level = x }"),
        "test.conf:2: log.level: \"x\" is not a level (error, warning, notice, info or debug)\n"
        "environment: SPOTIFY_CLIENT_ID: \"a/b\" may hold letters, digits, \"-\" and \"_\" only\n"
        "environment: SPOTIFY_CLIENT_SECRET: holds bytes that no secret has\n");
}
END_TEST

Suite *config_files_suite(void);

Suite *config_files_suite(void)
{
    Suite *suite = suite_create("config_files");
    TCase *file = tcase_create("file");
    TCase *secret = tcase_create("secret");
    TCase *environment = tcase_create("environment");

    tcase_add_checked_fixture(file, config_help_setup, config_help_teardown);
    tcase_add_test(file, G1_a_file_that_was_named_must_be_there);
    tcase_add_test(file, G1_the_default_file_may_be_absent);
    tcase_add_test(file, an_address_for_others_is_fine_with_a_password);
    tcase_add_test(file, a_password_in_the_clear_is_refused_and_not_repeated);
    tcase_add_test(file, G4_a_password_file_open_to_all_is_refused);
    tcase_add_test(file, G1_a_directory_is_refused);
    tcase_add_test(file, G1_a_fifo_is_refused_and_does_not_block);
    tcase_add_test(file, G1_a_file_that_may_not_be_read_is_refused);
    tcase_add_test(file, G1_an_empty_file_and_dev_null_are_fine);
    tcase_add_test(file, G1_a_file_of_up_to_1_MiB_is_read_and_a_larger_one_refused);
    tcase_add_test(file, G1_a_byte_order_mark_and_crlf_are_accepted);
    tcase_add_test(file, G1_a_NUL_byte_is_refused_with_its_line);
    tcase_add_test(file, G1_lines_that_end_in_CR_alone_are_refused);
    tcase_add_test(file, other_kinds_of_files_are_refused_and_never_taken_for_defaults);
    tcase_add_test(file, nothing_is_written_but_what_is_returned);
    tcase_add_test(file, a_thousand_reloads_leave_no_file_open);
    suite_add_tcase(suite, file);

    tcase_add_checked_fixture(secret, config_help_setup, config_help_teardown);
    tcase_add_test(secret, the_secret_is_read_without_the_blanks_around_it);
    tcase_add_test(secret, G4_a_secret_that_others_can_reach_is_refused);
    tcase_add_test(secret, G4_what_cannot_be_a_secret_is_refused_and_not_shown);
    tcase_add_test(secret, G4_a_secret_file_that_is_not_there_is_refused);
    tcase_add_test(secret, G4_a_directory_or_a_fifo_is_no_secret);
    suite_add_tcase(suite, secret);

    tcase_add_checked_fixture(environment, config_help_setup, config_help_teardown);
    tcase_add_test(environment, G8_the_environment_goes_before_the_file);
    tcase_add_test(environment, G8_an_empty_variable_is_the_same_as_none);
    tcase_add_test(environment, G8_what_is_wrong_in_the_environment_is_told_last);
    suite_add_tcase(suite, environment);
    return suite;
}
