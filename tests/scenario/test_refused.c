/* SPDX-License-Identifier: MIT */
/* What the daemon does not start with: one clear line, an exit status that says who can help, and
 * every file as it was. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static void in_database(const char *path, const char *sql)
{
    sqlite3 *database;
    char *error = NULL;

    ck_assert_int_eq(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_exec(database, sql, NULL, NULL, &error);
    ck_assert_msg(error == NULL, "%s: %s", sql, error);
    sqlite3_close(database);
}

/* The bytes of the database file, to be freed; an empty text if there is none. */
static char *database_bytes(size_t *len)
{
    FILE *file = fopen(harness.database, "re");
    char *bytes = calloc(1, 4 << 20);

    ck_assert_ptr_nonnull(bytes);
    *len = file != NULL ? fread(bytes, 1, 4 << 20, file) : 0;
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* -- what may be wrong, each made out of a state folder that was good -------------------------- */

static void no_database_at_all(void)
{
    write_file(harness.database,
               "Dear diary,\nthis is not a database. It is longer than one header, though, so that "
               "nobody can take it for an empty one.\n",
               0640);
}

static void database_of_others(void)
{
    unlink(harness.database);
    in_database(harness.database,
                "CREATE TABLE photos (id INTEGER PRIMARY KEY); PRAGMA user_version = 1;");
}

static void newer_database(void)
{
    in_database(harness.database, "PRAGMA user_version = 4711");
}

static void cut_database(void)
{
    ck_assert_int_eq(truncate(harness.database, 5000), 0);
}

static void database_is_a_folder(void)
{
    unlink(harness.database);
    ck_assert_int_eq(mkdir(harness.database, 0750), 0);
}

static void no_folder(void)
{
    harness_remove_folder(harness.state);
}

static void no_key(void)
{
    unlink(harness.key_file);
}

static void key_for_all(void)
{
    ck_assert_int_eq(chmod(harness.key_file, 0644), 0);
}

static void no_key_in_it(void)
{
    write_file(harness.key_file, "short", 0600);
}

static const struct {
    void (*spoil)(void);
    int status;
    const char *words;
} spoilt[] = {
    {no_database_at_all, 74, "is not a SQLite database"},
    {database_of_others, 78, "history.db"},
    {newer_database, 78, "newer"},
    {cut_database, 74, "history.db"},
    {database_is_a_folder, 73, "history.db"},
    {no_folder, 73, "state"},
    {no_key, 78, "token.key"},
    {key_for_all, 78, "token.key"},
    {no_key_in_it, 78, "token.key"},
};

START_TEST(E6_E11_what_is_not_ours_or_not_whole_is_refused_and_left_alone)
{
    size_t before_len, after_len;
    char *before, *after;

    harness.no_database = true;
    harness_begin(1);
    ck_assert_int_eq(hd_once(), 0);
    hd_log_mark();
    spoilt[_i].spoil();
    before = database_bytes(&before_len);
    fake_do("requests", "{'clear':true}");
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), spoilt[_i].status);
    after = database_bytes(&after_len);
    ck_assert_uint_eq(after_len, before_len);
    ck_assert_int_eq(memcmp(before, after, before_len), 0);
    ck_assert_int_eq(hd_log_count(""), 1);
    ck_assert_int_eq(hd_log_count("error: "), 1);
    ck_assert_int_ge(hd_log_count(spoilt[_i].words), 1);
    ck_assert_int_eq(fake_count("recent", 0) + fake_count("token", 0), 0);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_key_that_is_made_anew_would_hide_a_loss_so_none_is_made)
{
    harness.no_database = true;
    harness_begin(1);
    unlink(harness.key_file);
    ck_assert_int_eq(hd_once(), 78);
    ck_assert_int_eq(access(harness.key_file, F_OK), -1);
}
END_TEST

START_TEST(B19_a_token_that_was_tampered_with_needs_a_sign_in_and_the_others_go_on)
{
    harness_begin(2);
    db_do("UPDATE tokens SET sealed = (SELECT sealed FROM tokens WHERE user_id = %lld"
          " AND type = 'refresh')"
          " WHERE user_id = %lld AND type = 'refresh'",
          (long long)db_user(2), (long long)db_user(1));
    db_do("DELETE FROM tokens WHERE type = 'access'");
    fake_play(2, 1, harness_now() - 1000);
    ck_assert_int_eq(hd_once(), 77);
    ck_assert_str_eq(db_state(1), "needs_login");
    ck_assert_ptr_nonnull(
        strstr(db_text("SELECT state_reason FROM users WHERE state = 'needs_login'"), "key_error"));
    harness_assert_truth(2);
    ctl_login(1);
    ck_assert_int_eq(hd_once(), 0);
}
END_TEST

START_TEST(B19_a_lost_access_token_is_only_a_reason_to_refresh)
{
    harness_begin(1);
    db_do("UPDATE tokens SET sealed = x'0102' WHERE type = 'access'");
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(fake_count("token", 1), 2);
}
END_TEST

/* -- the configuration ------------------------------------------------------------------------- */

static const struct {
    const char *more;
    const char *words;
} mistakes[] = {
    {"colour { red = 1 }", "historyd.conf:23: unknown section \"colour\""},
    {"capture {", "historyd.conf:"},
    {"}", "historyd.conf:23: "},
    {"\"", "historyd.conf:23: "},
};

START_TEST(G1_G2_a_configuration_with_a_mistake_starts_nothing_and_says_where_it_is)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    harness.config.more = mistakes[_i].more;
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 78);
    ck_assert_int_ge(hd_log_count(mistakes[_i].words), 1);
    ck_assert_int_eq(access(harness.database, F_OK), -1);
    ck_assert_int_eq(access(harness.key_file, F_OK), -1);
}
END_TEST

static const struct {
    const char *poll, *sweep, *in_flight;
    const char *words;
} ranges[] = {
    {"0ms", "1h", "8", "poll_interval"}, {"15 minutes", "1h", "8", "poll_interval"},
    {"-1s", "1h", "8", "poll_interval"}, {"1s", "500ms", "8", "sweep_interval"},
    {"1s", "1h", "0", "max_in_flight"},  {"1s", "1h", "eight", "max_in_flight"},
};

START_TEST(G3_a_value_out_of_range_is_named_with_its_line)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    harness.config.poll_interval = ranges[_i].poll;
    harness.config.sweep_interval = ranges[_i].sweep;
    harness.config.max_in_flight = ranges[_i].in_flight;
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 78);
    ck_assert_int_ge(hd_log_count("historyd.conf:"), 1);
    ck_assert_int_ge(hd_log_count(ranges[_i].words), 1);
}
END_TEST

START_TEST(G5_P5_plain_http_to_another_machine_is_refused)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    harness.config.api_url = "http://api.spotify.example";
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 78);
    ck_assert_int_ge(hd_log_count("api_url"), 1);
}
END_TEST

START_TEST(G1_a_configuration_that_is_not_there_is_named)
{
    struct child child = {0};
    int log = open(harness.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct child_plan plan = {.program = "spotify-historyd",
                              .arguments = {"-c", "/nonexistent/historyd.conf"},
                              .in = -1,
                              .out = -1,
                              .err = log};

    harness.no_database = true;
    child_start(&child, &plan);
    ck_assert_int_eq(child_wait(&child), 78);
    close(log);
    ck_assert_int_eq(
        hd_log_count("/nonexistent/historyd.conf: cannot be read: No such file or directory"), 1);
}
END_TEST

Suite *refused_suite(void)
{
    Suite *suite = suite_create("refused");
    TCase *files = harness_case(suite, "files"), *config = harness_case(suite, "config");

    tcase_add_loop_test(files, E6_E11_what_is_not_ours_or_not_whole_is_refused_and_left_alone, 0,
                        COUNT_OF(spoilt));
    tcase_add_test(files, a_key_that_is_made_anew_would_hide_a_loss_so_none_is_made);
    tcase_add_test(files, B19_a_token_that_was_tampered_with_needs_a_sign_in_and_the_others_go_on);
    tcase_add_test(files, B19_a_lost_access_token_is_only_a_reason_to_refresh);
    tcase_add_loop_test(config,
                        G1_G2_a_configuration_with_a_mistake_starts_nothing_and_says_where_it_is, 0,
                        COUNT_OF(mistakes));
    tcase_add_loop_test(config, G3_a_value_out_of_range_is_named_with_its_line, 0,
                        COUNT_OF(ranges));
    tcase_add_test(config, G5_P5_plain_http_to_another_machine_is_refused);
    tcase_add_test(config, G1_a_configuration_that_is_not_there_is_named);
    return suite;
}
