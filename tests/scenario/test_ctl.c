/* SPDX-License-Identifier: MIT */
/* The command: sync, password, and what holds for every command. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

/* -- sync --------------------------------------------------------------------------------------- */

START_TEST(sync_counts_what_is_new_of_each_user)
{
    harness_run_by_hand(2);
    fake_plays(1, 2, 1, harness_now() - 2000, 1000);
    ctl_expect(EXIT_STATUS_OK, ": 2 new plays\n", "sync");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, ": nothing new\n"));
    ck_assert_int_eq(db_plays(1), 2);
    ctl_expect(EXIT_STATUS_OK, ": nothing new\n", "sync");
    ck_assert_ptr_null(strstr(harness.ctl_output, "new plays"));
}
END_TEST

START_TEST(sync_of_one_user_asks_for_nobody_else)
{
    int64_t asked;

    harness_run_by_hand(2);
    asked = fake_count("recent", 2);
    fake_play(1, 1, harness_now() - 1000);
    ctl_expect(EXIT_STATUS_OK, ": 1 new play\n", "sync", fake_id(1));
    ck_assert_int_eq(fake_count("recent", 2), asked);
    ck_assert_ptr_null(strstr(harness.ctl_output, fake_id(2)));
}
END_TEST

START_TEST(sync_of_nobody_is_told_how_to_begin)
{
    harness_run_by_hand(0);
    ctl_expect(EXIT_STATUS_OK, "Nobody has signed in yet", "sync");
}
END_TEST

START_TEST(sync_of_a_user_who_is_not_there_is_a_usage_error)
{
    harness_run_by_hand(1);
    ctl_expect(EXIT_STATUS_USAGE, "there is no user \"nobody\"", "sync", "nobody");
}
END_TEST

START_TEST(sync_that_meets_a_dead_sign_in_is_77_and_polls_the_others)
{
    char words[100];

    harness_run_by_hand(2);
    fake_do("tokens", "{'account':1,'revoke':true,'expire_access':true}");
    fake_play(2, 1, harness_now() - 1000);
    snprintf(words, sizeof(words), ": must sign in again: spotify-historyctl login --user %d\n",
             (int)db_user(1));
    ctl_expect(EXIT_STATUS_NOPERM, words, "sync");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, ": 1 new play\n"));
    ctl_expect(EXIT_STATUS_NOPERM, words, "sync", fake_id(1));
    ctl_expect(EXIT_STATUS_OK, ": nothing new\n", "sync", fake_id(2));
}
END_TEST

START_TEST(sync_of_who_signed_out_is_no_failure_unless_they_are_named)
{
    harness_run_by_hand(2);
    ctl_expect(EXIT_STATUS_OK, "", "forget", "--yes", "--keep-plays", fake_id(1));
    ctl_expect(EXIT_STATUS_OK, ": signed out, not polled\n", "sync");
    ctl_expect(EXIT_STATUS_NOPERM, ": signed out, not polled\n", "sync", fake_id(1));
}
END_TEST

START_TEST(sync_while_Spotify_fails_is_75)
{
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','status':503,'count':0}");
    ctl_expect(EXIT_STATUS_TEMPFAIL, ": failed: ", "sync");
}
END_TEST

START_TEST(sync_while_Spotify_asks_to_wait_is_75_and_sends_nothing)
{
    int64_t asked;

    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','status':429,'headers':{'Retry-After':'3600'}}");
    ctl_expect(EXIT_STATUS_TEMPFAIL, "", "sync");
    asked = fake_count("recent", 0);
    ctl_expect(EXIT_STATUS_TEMPFAIL, ": not polled: Spotify asked to wait\n", "sync");
    ctl_expect(EXIT_STATUS_TEMPFAIL, ": not polled: Spotify asked to wait\n", "sync", fake_id(1));
    ck_assert_int_eq(fake_count("recent", 0), asked);
}
END_TEST

START_TEST(sync_that_gets_no_answer_ends_when_the_daemon_gives_up)
{
    harness.config.request_timeout = "1s";
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','hang':true,'count':0}");
    ctl_expect(EXIT_STATUS_TEMPFAIL, ": failed: ", "sync");
    fake_forget_faults();
}
END_TEST

/* 75 when it stops in the very moment in which it is asked. */
START_TEST(sync_is_told_that_the_daemon_stopped_meanwhile)
{
    int status;

    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','hang':true,'count':0}");
    ctl_start("sync");
    harness_wait_until(fake_hits() == 1);
    hd_stop(SIGTERM);
    status = ctl_wait();
    ck_assert(status == EXIT_STATUS_UNAVAILABLE || status == EXIT_STATUS_TEMPFAIL);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "the daemon "));
    fake_forget_faults();
}
END_TEST

START_TEST(sync_without_a_daemon_is_69_and_says_how_to_start_it)
{
    harness_begin(1);
    ctl_expect(EXIT_STATUS_UNAVAILABLE, "systemctl start spotify-historyd", "sync");
}
END_TEST

/* -- password ----------------------------------------------------------------------------------- */

#define PASSWORD "correct horse \xc3\xa4"

START_TEST(the_line_of_password_is_what_the_page_takes)
{
    char file[HARNESS_PATH_SIZE], form[200];
    struct browser *browser = browser_open();
    struct page page;
    int status;

    snprintf(file, sizeof(file), "%.60s/password", harness.folder);
    harness.ctl_out = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(harness.ctl_out, 0);
    fake_start("--accounts", "1");
    status = ctl_run_with(PASSWORD "\nnot this line\n", (const char *const[]){"password", NULL});
    ck_assert_int_eq(status, EXIT_STATUS_OK);
    ck_assert_str_eq(harness.ctl_output, "");
    ck_assert_ptr_null(harness_find_in_files(PASSWORD));
    close(harness.ctl_out);
    harness.config.password_file = file;
    hd_start();
    page = browser_get(browser, "/spotify");
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    page = browser_get(browser, "/password?next=/spotify");
    ck_assert(page_has(&page, "Password of this page"));
    snprintf(form, sizeof(form), "token=%s&next=/spotify&password=correct+horse+%%C3%%A4",
             page_field(&page, "token"));
    page_free(&page);
    page = browser_post(browser, "/password", form);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    page = browser_get(browser, "/spotify");
    ck_assert_int_eq(page.status, 200);
    page_free(&page);
    browser_close(browser);
}
END_TEST

static const char *const bad_passwords[] = {
    "", "\n", "1234567\n", "1234567", "\xe4\xf6\xfc 12345\n", "tab\tin the middle\n"};

START_TEST(a_password_that_cannot_be_one_is_65_and_prints_no_line)
{
    int status;

    harness.no_database = true;
    status = ctl_run_with(bad_passwords[_i], (const char *const[]){"password", NULL});
    ck_assert_msg(status == EXIT_STATUS_DATA, "%d: %s", status, harness.ctl_output);
    ck_assert_ptr_null(strstr(harness.ctl_output, "argon2"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "password"));
}
END_TEST

static int terminal;

static void open_terminal(void)
{
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(terminal, 0);
    ck_assert_int_eq(grantpt(terminal), 0);
    ck_assert_int_eq(unlockpt(terminal), 0);
    harness.ctl_in = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(harness.ctl_in, 0);
    harness.no_database = true;
    ctl_start("password");
}

/* Types a line when it is asked for. */
static void answer(const char *question, const char *line)
{
    harness_wait_until(ctl_said(question));
    ck_assert_int_eq(dprintf(terminal, "%s\n", line), (int)strlen(line) + 1);
}

/* What the terminal has shown of what was typed. */
static const char *shown(void)
{
    static char text[1000];
    ssize_t len;

    ck_assert_int_eq(fcntl(terminal, F_SETFL, O_NONBLOCK), 0);
    len = read(terminal, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

START_TEST(a_terminal_does_not_show_the_password_that_is_typed_twice)
{
    open_terminal();
    answer("Password of the page: ", "correct horse");
    answer("The same again: ", "correct horse");
    ctl_expect_end(EXIT_STATUS_OK, "$argon2id$");
    ck_assert_ptr_null(strstr(shown(), "horse"));
}
END_TEST

START_TEST(two_different_passwords_are_refused)
{
    open_terminal();
    answer("Password of the page: ", "correct horse");
    answer("The same again: ", "battery staple");
    ctl_expect_end(EXIT_STATUS_DATA, "two different passwords");
    ck_assert_ptr_null(strstr(harness.ctl_output, "argon2"));
}
END_TEST

/* -- what holds for every command --------------------------------------------------------------- */

static const char *const misuse[][4] = {
    {"no-such-command"},
    {"status", "--no-such-option"},
    {"--no-such-option"},
    {"status", "surplus"},
    {"sync", "a", "b"},
    {"forget"},
    {"login", "--user"},
    {"login", "surplus"},
    {"users", "--json=x"},
    {"login", "--user", "1", "--token-stdin"},
    {NULL},
};

/* A file in place of standard output; how much it got is asked with its length. */
static int out_file(void)
{
    char file[HARNESS_PATH_SIZE];

    snprintf(file, sizeof(file), "%.60s/out", harness.folder);
    harness.ctl_out = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(harness.ctl_out, 0);
    return harness.ctl_out;
}

START_TEST(H9_misuse_is_64_with_words_on_standard_error_alone)
{
    int fd = out_file();

    harness.no_database = true;
    ctl_start_with(misuse[_i]);
    ctl_type_end();
    ck_assert_int_eq(ctl_wait(), EXIT_STATUS_USAGE);
    ck_assert_str_ne(harness.ctl_output, "");
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
}
END_TEST

static const char *const help[][2] = {
    {"--help"},           {"--version"},      {"login", "--help"},  {"users", "--help"},
    {"status", "--help"}, {"sync", "--help"}, {"forget", "--help"}, {"password", "--help"},
};

START_TEST(help_is_0_on_standard_output_alone_and_needs_no_configuration)
{
    int fd = out_file();

    harness.no_database = true;
    ctl_expect(EXIT_STATUS_OK, "", "-c", "/nonexistent", help[_i][0], help[_i][1]);
    ck_assert_str_eq(harness.ctl_output, "");
    ck_assert_int_gt(lseek(fd, 0, SEEK_END), 0);
}
END_TEST

/* The last one ignores the signal, so that nothing interrupts a sign-in. */
static const char *const printing[][2] = {
    {"status"}, {"status", "--json"}, {"users"},     {"users", "--json"},
    {"sync"},   {"--help"},           {"--version"}, {"login"},
};

START_TEST(H10_output_that_cannot_be_written_is_74)
{
    harness_run_by_hand(1);
    harness.ctl_out = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(harness.ctl_out, 0);
    ctl_expect(EXIT_STATUS_IO, "spotify-historyctl: standard output: ", printing[_i][0],
               printing[_i][1]);
}
END_TEST

START_TEST(H10_a_reader_who_has_gone_ends_it_quietly)
{
    int ends[2];

    harness_run_by_hand(1);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    harness.ctl_out = ends[1];
    ctl_expect(-SIGPIPE, "", printing[_i][0], printing[_i][1]);
    ck_assert_str_eq(harness.ctl_output, "");
}
END_TEST

static const char *const configured[][3] = {
    {"status"}, {"users"}, {"sync"}, {"forget", "--yes", "1"}, {"login"}};

START_TEST(a_configuration_that_is_wrong_is_78_and_its_line_is_told)
{
    char words[HARNESS_PATH_SIZE + 40];

    harness.no_database = true;
    harness.config.more = "web { titel = \"x\" }";
    hd_write_config();
    snprintf(words, sizeof(words), "%s:", harness.config_file);
    ctl_expect(EXIT_STATUS_CONFIG, words, configured[_i][0], configured[_i][1], configured[_i][2]);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "titel"));
    ctl_expect(EXIT_STATUS_CONFIG, "/nonexistent: cannot be read: ", "-c", "/nonexistent",
               configured[_i][0], configured[_i][1], configured[_i][2]);
}
END_TEST

START_TEST(a_proxy_in_the_environment_is_not_asked_about_the_daemon)
{
    harness_run_by_hand(1);
    harness.ctl_environment[0] = "http_proxy=http://127.0.0.1:1";
    harness.ctl_environment[1] = "all_proxy=http://127.0.0.1:1";
    ctl_expect(EXIT_STATUS_OK, " is running since ", "status");
}
END_TEST

START_TEST(the_client_id_may_stand_in_the_environment_where_it_takes_the_daemons_place)
{
    struct browser *browser = browser_open();
    char *back;

    harness.config.client_id = "";
    fake_start("--accounts", "1");
    harness.ctl_environment[0] = "SPOTIFY_CLIENT_ID=sim-client-id";
    ctl_start("login");
    back = ctl_agree(browser, 1);
    ctl_type(back);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
    browser_close(browser);
    free(back);
}
END_TEST

/* -- other people on this machine --------------------------------------------------------------- */

#define GROUP 65533

static const struct child_identity stranger = {.uid = 65534, .gid = 65532};
static const struct child_identity member = {.uid = 65534, .gid = GROUP};

/* False: only root can play this. */
static bool can_be_others(void)
{
    harness.no_database = geteuid() != 0;
    return geteuid() == 0;
}

/* The folder may be passed through, and there is a group for the socket. */
static void admit_others(void)
{
    ck_assert_int_eq(chmod(harness.folder, 0711), 0);
    ck_assert_int_eq(chown(harness.control, 0, GROUP), 0);
}

/* A daemon of root's. */
static bool begin_as_two(void)
{
    if (!can_be_others())
        return false;
    harness_run_by_hand(1);
    admit_others();
    return true;
}

START_TEST(a_stranger_is_told_the_socket_and_the_group)
{
    char words[HARNESS_PATH_SIZE + 60];

    if (!begin_as_two())
        return;
    harness.ctl_as = &stranger;
    snprintf(words, sizeof(words), "no permission to talk to the daemon at %s: ", harness.control);
    ctl_expect(EXIT_STATUS_NOPERM, words, configured[_i][0], configured[_i][1], configured[_i][2]);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "members of the group 65533"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
}
END_TEST

/* The socket's mode may let them connect: the daemon looks for itself. */
START_TEST(a_stranger_who_can_connect_is_refused_all_the_same)
{
    if (!begin_as_two())
        return;
    ck_assert_int_eq(chmod(harness.control, 0666), 0);
    harness.ctl_as = &stranger;
    ctl_expect(EXIT_STATUS_NOPERM, "members of the socket's group", configured[_i][0],
               configured[_i][1], configured[_i][2]);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
}
END_TEST

START_TEST(a_member_of_the_group_needs_no_secret_to_ask_the_daemon)
{
    char secret[HARNESS_PATH_SIZE];

    if (!can_be_others())
        return;
    fake_start("--accounts", "1", "--client-secret", "0123456789abcdef0123456789abcdef");
    harness_write_secret(secret, "secret", "0123456789abcdef0123456789abcdef\n");
    ctl_set_password("correct horse");
    harness.config.secret_file = secret;
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    ctl_login(1);
    hd_start();
    hd_wait_for_polls(1);
    admit_others();
    harness.ctl_as = &member;
    fake_play(1, 1, harness_now() - 1000);
    ctl_expect(EXIT_STATUS_OK, ": 1 new play\n", "sync");
    ctl_expect(EXIT_STATUS_OK, " is running since ", "status");
    ctl_expect(EXIT_STATUS_OK, fake_id(1), "users");
    ctl_expect(EXIT_STATUS_OK, "all plays and everything else that is recorded", "forget", "--yes",
               fake_id(1));
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 0);
}
END_TEST

START_TEST(who_may_not_read_the_database_is_told_while_no_daemon_runs)
{
    if (!begin_as_two())
        return;
    hd_stop(SIGTERM);
    harness.ctl_as = &member;
    ctl_expect(EXIT_STATUS_CANTCREAT, harness.database, configured[_i][0], configured[_i][1],
               configured[_i][2]);
}
END_TEST

START_TEST(who_may_not_read_the_configuration_is_told)
{
    if (!begin_as_two())
        return;
    ck_assert_int_eq(chmod(harness.config_file, 0600), 0);
    harness.ctl_as = &member;
    ctl_expect(EXIT_STATUS_CONFIG, ": cannot be read: Permission denied", "status");
}
END_TEST

static void add_sync(Suite *suite)
{
    TCase *sync = harness_case(suite, "sync");

    tcase_add_test(sync, sync_counts_what_is_new_of_each_user);
    tcase_add_test(sync, sync_of_one_user_asks_for_nobody_else);
    tcase_add_test(sync, sync_of_nobody_is_told_how_to_begin);
    tcase_add_test(sync, sync_of_a_user_who_is_not_there_is_a_usage_error);
    tcase_add_test(sync, sync_that_meets_a_dead_sign_in_is_77_and_polls_the_others);
    tcase_add_test(sync, sync_of_who_signed_out_is_no_failure_unless_they_are_named);
    tcase_add_test(sync, sync_while_Spotify_fails_is_75);
    tcase_add_test(sync, sync_while_Spotify_asks_to_wait_is_75_and_sends_nothing);
    tcase_add_test(sync, sync_that_gets_no_answer_ends_when_the_daemon_gives_up);
    tcase_add_test(sync, sync_is_told_that_the_daemon_stopped_meanwhile);
    tcase_add_test(sync, sync_without_a_daemon_is_69_and_says_how_to_start_it);
}

static void add_general(Suite *suite)
{
    TCase *general = harness_case(suite, "what holds for every command");

    tcase_add_loop_test(general, H9_misuse_is_64_with_words_on_standard_error_alone, 0,
                        (int)COUNT_OF(misuse));
    tcase_add_loop_test(general, help_is_0_on_standard_output_alone_and_needs_no_configuration, 0,
                        (int)COUNT_OF(help));
    tcase_add_loop_test(general, H10_output_that_cannot_be_written_is_74, 0,
                        (int)COUNT_OF(printing));
    tcase_add_loop_test(general, H10_a_reader_who_has_gone_ends_it_quietly, 0,
                        (int)COUNT_OF(printing) - 1);
    tcase_add_loop_test(general, a_configuration_that_is_wrong_is_78_and_its_line_is_told, 0,
                        (int)COUNT_OF(configured));
    tcase_add_test(general, a_proxy_in_the_environment_is_not_asked_about_the_daemon);
    tcase_add_test(general,
                   the_client_id_may_stand_in_the_environment_where_it_takes_the_daemons_place);
}

static void add_others(Suite *suite)
{
    TCase *others = harness_case(suite, "other people on this machine");

    tcase_add_loop_test(others, a_stranger_is_told_the_socket_and_the_group, 0,
                        (int)COUNT_OF(configured));
    tcase_add_loop_test(others, a_stranger_who_can_connect_is_refused_all_the_same, 0,
                        (int)COUNT_OF(configured));
    tcase_add_test(others, a_member_of_the_group_needs_no_secret_to_ask_the_daemon);
    tcase_add_loop_test(others, who_may_not_read_the_database_is_told_while_no_daemon_runs, 0, 2);
    tcase_add_test(others, who_may_not_read_the_configuration_is_told);
}

Suite *ctl_suite(void)
{
    Suite *suite = suite_create("ctl");
    TCase *password = harness_case(suite, "password");

    add_sync(suite);
    tcase_add_test(password, the_line_of_password_is_what_the_page_takes);
    tcase_add_loop_test(password, a_password_that_cannot_be_one_is_65_and_prints_no_line, 0,
                        (int)COUNT_OF(bad_passwords));
    tcase_add_test(password, a_terminal_does_not_show_the_password_that_is_typed_twice);
    tcase_add_test(password, two_different_passwords_are_refused);
    add_general(suite);
    add_others(suite);
    return suite;
}
