/* SPDX-License-Identifier: MIT */
/* Signing in with the command: through the running daemon, and in its place while none runs. */
#include "ctl_login_help.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

/* -- it works ----------------------------------------------------------------------------------- */

START_TEST(it_prints_an_address_the_redirect_uri_and_a_word_about_localhost)
{
    char wanted[200];
    char *address;

    begin(1, _i);
    ctl_start("login");
    address = ctl_printed_address();
    snprintf(wanted, sizeof(wanted), "%s/authorize?", harness.url);
    ck_assert_int_eq(strncmp(address, wanted, strlen(wanted)), 0);
    snprintf(wanted, sizeof(wanted), "\n  %s/spotify/callback\n", harness.page);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, wanted));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "Spotify refuses \"localhost\" there"));
    ck_assert_int_eq(strstr(harness.ctl_output, "The daemon is not running") != NULL, _i == ALONE);
    ctl_signal(SIGINT);
    ck_assert_int_eq(ctl_wait(), -SIGINT);
    free(address);
}
END_TEST

START_TEST(the_browser_that_comes_back_to_the_daemon_ends_it)
{
    struct page page;
    char *back;

    begin(1, BY_DAEMON);
    fake_plays(1, 3, 1, harness_now() - HOUR, MINUTE);
    ctl_start("login");
    back = ctl_agree(browser, 1);
    page = browser_get(browser, back);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    free(back);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in; recording has begun\n");
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(a_pasted_address_ends_it)
{
    static const char *const words[] = {
        [BY_DAEMON] = " is signed in; recording has begun\n",
        [ALONE] = " is signed in; recording begins when the daemon starts\n"};

    begin(1, _i);
    login_as(1);
    ctl_expect_end(EXIT_STATUS_OK, words[_i]);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, fake_id(1)));
    ck_assert_int_eq(users(), 1);
    ck_assert_int_eq(tokens(), 2);
    ck_assert_int_gt(db_int("SELECT authorized_at FROM users"), harness_now() - MINUTE);
}
END_TEST

START_TEST(who_signed_in_without_a_daemon_is_recorded_when_it_starts)
{
    begin(1, ALONE);
    fake_plays(1, 3, 1, harness_now() - HOUR, MINUTE);
    login_as(1);
    ctl_expect_end(EXIT_STATUS_OK, "");
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 3);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(an_account_that_is_there_is_renewed_and_keeps_its_number)
{
    begin(1, _i);
    login_as(1);
    ctl_expect_end(EXIT_STATUS_OK, "");
    login_as(1);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in again\n");
    ck_assert_int_eq(users(), 1);
    ck_assert_int_eq(tokens(), 2);
}
END_TEST

START_TEST(at_the_end_of_standard_input_it_waits_on_for_the_browser)
{
    struct page page;
    char *back;

    begin(1, BY_DAEMON);
    ctl_start("login");
    ctl_type_end();
    back = ctl_agree(browser, 1);
    page = browser_get(browser, back);
    page_free(&page);
    free(back);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
}
END_TEST

START_TEST(without_a_daemon_the_end_of_standard_input_ends_it)
{
    begin(1, ALONE);
    ctl_start("login");
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_USAGE, "no address was pasted: nobody was signed in");
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(an_empty_line_is_passed_over)
{
    begin(1, _i);
    ctl_start("login");
    ctl_type("");
    ctl_type(" \t");
    paste(ctl_agree(browser, 1));
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
    ck_assert_ptr_null(strstr(harness.ctl_output, "Paste the whole address"));
}
END_TEST

START_TEST(an_address_that_ends_without_a_line_end_counts)
{
    char *back;

    begin(1, _i);
    ctl_start("login");
    back = ctl_agree(browser, 1);
    ctl_type_bytes(back, strlen(back));
    free(back);
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
}
END_TEST

/* What was handed in may hold the only token that is valid. */
START_TEST(an_interrupt_while_Spotify_answers_is_put_off_until_it_is_stored)
{
    begin(1, ALONE);
    ctl_start("login");
    fake_fault("{'kind':'token','after':true,'delay_ms':700}");
    paste(ctl_agree(browser, 1));
    harness_wait_until(fake_hits() == 1);
    ctl_signal(SIGINT);
    ctl_signal(SIGTERM);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
    ck_assert_int_eq(tokens(), 2);
}
END_TEST

START_TEST(two_in_the_daemons_place_do_not_meet)
{
    struct child first = {0};
    struct child_plan plan = {.program = "spotify-historyctl",
                              .arguments = {"-c", harness.config_file, "login"},
                              .out = -1,
                              .err = -1};
    int ends[2];

    begin(1, ALONE);
    hd_write_config();
    ck_assert_int_eq(pipe(ends), 0);
    plan.in = ends[0];
    child_start(&first, &plan);
    harness_wait_until(access(harness.database, F_OK) == 0);
    ck_assert_int_eq(ctl_run("login"), EXIT_STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, harness.database));
    child_signal(&first, SIGTERM);
    ck_assert_int_eq(child_wait(&first), -SIGTERM);
}
END_TEST

/* Another configuration may name another socket, say. */
START_TEST(a_daemon_that_is_not_at_its_socket_is_not_pushed_aside)
{
    begin(1, BY_DAEMON);
    ck_assert_int_eq(unlink(harness.control), 0);
    ck_assert_int_eq(ctl_run("login"), EXIT_STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "is that the socket of the daemon that runs"));
}
END_TEST

/* -- a wrong address ---------------------------------------------------------------------------- */

enum wrong { AT_SPOTIFY, ELSEWHERE, CUT, BARE, BEFORE_THE_END, UNKNOWN, LATIN1, WRONGS };

static const struct {
    const char *told;
} wrongs[WRONGS] = {
    [AT_SPOTIFY] = {"Spotify's own page"}, [ELSEWHERE] = {"another page"},
    [CUT] = {"The state is missing"},      [BARE] = {"the code alone"},
    [BEFORE_THE_END] = {"not an address"}, [UNKNOWN] = {"was not begun here"},
    [LATIN1] = {"That is no address"},
};

/* A wrong address of a kind; the caller frees it. */
static char *wrong_address(int kind, const char *address, const char *right)
{
    const char *code = strstr(right, "code=") + strlen("code=");
    char *wrong = NULL;

    switch (kind) {
    case AT_SPOTIFY:
        return strdup(address);
    case ELSEWHERE:
        return strdup("https://example.org/spotify/callback?code=abc&state=def");
    case CUT:
        return strndup(right, (size_t)(strstr(right, "&state=") - right));
    case BARE:
        return strndup(code, strcspn(code, "&"));
    case BEFORE_THE_END:
        return strdup("it does not work");
    case UNKNOWN:
        ck_assert_int_ge(asprintf(&wrong, "%.*sA", (int)strlen(right) - 1, right), 0);
        wrong[strlen(wrong) - 1] = right[strlen(right) - 1] == 'A' ? 'B' : 'A';
        return wrong;
    default:
        return strdup("http://127.0.0.1/\xe4\xf6\xfc?code=a&state=b");
    }
}

/* Counts through both ways and all kinds. */
START_TEST(a_wrong_address_is_told_asked_for_again_and_the_right_one_works)
{
    char *address, *right, *wrong;
    int kind = _i / WAYS;

    begin(1, _i % WAYS);
    ctl_start("login");
    address = ctl_printed_address();
    right = browser_at_spotify(browser, address, 1);
    wrong = wrong_address(kind, address, right);
    ctl_type(wrong);
    harness_wait_until(ctl_said("Paste the"));
    if (kind != LATIN1 || _i % WAYS == BY_DAEMON)
        ck_assert_msg(ctl_said(wrongs[kind].told), "%s", harness.ctl_output);
    ck_assert_int_eq(fake_count("token", 0), 0);
    paste(right);
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
    free(address);
    free(wrong);
}
END_TEST

START_TEST(an_address_of_another_sign_in_is_told_and_that_one_goes_on)
{
    json_t *other;
    char *back;

    begin(2, BY_DAEMON);
    ctl_start("login");
    other = control_expect(201, "POST", "/v1/login", "{}");
    back = browser_at_spotify(browser, json_string_value(json_object_get(other, "address")), 2);
    free(ctl_printed_address());
    paste(back);
    harness_wait_until(ctl_said("belongs to another sign-in, which goes on with it"));
    harness_wait_until(users() == 1);
    paste(ctl_agree(browser, 1));
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
    harness_wait_until(users() == 2);
    json_decref(other);
}
END_TEST

START_TEST(an_address_that_was_used_already_is_told)
{
    char *old;

    begin(1, BY_DAEMON);
    ctl_start("login");
    old = ctl_agree(browser, 1);
    ctl_type(old);
    ctl_expect_end(EXIT_STATUS_OK, "");
    ctl_start("login");
    free(ctl_printed_address());
    paste(old);
    harness_wait_until(ctl_said("was used already"));
    paste(ctl_agree(browser, 1));
    ctl_expect_end(EXIT_STATUS_OK, " is signed in again\n");
}
END_TEST

/* The command that it belonged to has ended, and took its sign-in along. */
START_TEST(without_a_daemon_an_address_of_an_earlier_command_is_told)
{
    char *old;

    begin(1, ALONE);
    ctl_start("login");
    old = ctl_agree(browser, 1);
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_USAGE, "");
    ctl_start("login");
    free(ctl_printed_address());
    paste(old);
    harness_wait_until(ctl_said("was not begun here"));
    paste(ctl_agree(browser, 1));
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
}
END_TEST

START_TEST(a_line_without_end_is_told_and_does_no_harm)
{
    char *line = malloc(50001);

    ck_assert_ptr_nonnull(line);
    memset(line, 'a', 50000);
    line[50000] = '\0';
    begin(1, _i);
    ctl_start("login");
    free(ctl_printed_address());
    paste(line);
    harness_wait_until(ctl_said("Paste the whole address"));
    paste(ctl_agree(browser, 1));
    ctl_expect_end(EXIT_STATUS_OK, " is signed in;");
}
END_TEST

/* -- whom to renew ------------------------------------------------------------------------------ */

/* Two people with one name, and Zoë. */
static void begin_with_people(int way)
{
    begin(1, ALONE);
    fake_do("accounts", "{'id':'ann.1','display_name':'Ann','listener':false}");
    fake_do("accounts", "{'id':'ann.2','display_name':'Ann','listener':false}");
    fake_do("accounts", "{'id':'zoe','display_name':'Zo\xc3\xab','listener':false}");
    for (int account = 2; account <= 4; account++)
        ctl_login(account);
    if (way == BY_DAEMON)
        hd_start();
}

static const char *const names_of_zoe[] = {"3", "zoe", "Zo\xc3\xab", "zO\xc3\x8b"};

/* Counts through both ways and all names. */
START_TEST(a_user_is_renewed_by_number_id_or_name)
{
    int64_t before;

    harness.ctl_environment[0] = "LC_ALL=C.UTF-8";
    begin_with_people(_i % WAYS);
    before = db_int("SELECT coalesce(authorized_at, 0) FROM users WHERE user_id = 3");
    ctl_start("login", "--user", names_of_zoe[_i / WAYS]);
    paste(ctl_agree(browser, 4));
    ctl_expect_end(EXIT_STATUS_OK, "Zo\xc3\xab (zoe) is signed in again\n");
    ck_assert_int_eq(users(), 3);
    ck_assert_int_gt(db_int("SELECT authorized_at FROM users WHERE user_id = 3"), before);
}
END_TEST

START_TEST(a_name_that_two_have_is_asked_about)
{
    begin_with_people(_i);
    ctl_start("login", "--user", "Ann");
    ctl_expect_end(EXIT_STATUS_USAGE,
                   "more than one user is called \"Ann\", give the number: 1 Ann (ann.1), 2 Ann "
                   "(ann.2)\n");
    ck_assert_ptr_null(strstr(harness.ctl_output, "authorize?"));
}
END_TEST

START_TEST(a_user_who_is_not_there_is_told_and_who_is)
{
    begin_with_people(_i);
    ctl_start("login", "--user", "Bob");
    ctl_expect_end(EXIT_STATUS_USAGE, "there is no user \"Bob\"; there are: 1 Ann (ann.1), 2 Ann "
                                      "(ann.2), 3 Zo\xc3\xab (zoe)\n");
}
END_TEST

START_TEST(A20_another_account_than_the_one_to_be_renewed_is_refused_and_nothing_changes)
{
    char *before;

    begin_with_people(_i);
    before = strdup(db_text("SELECT group_concat(hex(sealed)) FROM tokens"));
    ctl_start("login", "--user", "zoe");
    paste(ctl_agree(browser, 2));
    ctl_expect_end(EXIT_STATUS_NOPERM, "Another account signed in");
    ck_assert_str_eq(db_text("SELECT group_concat(hex(sealed)) FROM tokens"), before);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE authorized_at IS NOT NULL"), 0);
    free(before);
}
END_TEST

/* -- a browser of its own ----------------------------------------------------------------------- */

/* A folder for the path in which xdg-open writes down what it is asked for. */
static void plant_xdg_open(char file[static HARNESS_PATH_SIZE], char path[static 300])
{
    char name[HARNESS_PATH_SIZE];
    FILE *script;

    snprintf(file, HARNESS_PATH_SIZE, "%.60s/opened", harness.folder);
    snprintf(name, sizeof(name), "%.60s/xdg-open", harness.folder);
    snprintf(path, 300, "PATH=%s:/usr/bin:/bin", harness.folder);
    script = fopen(name, "we");
    ck_assert_ptr_nonnull(script);
    fprintf(script, "#!/bin/sh\nprintf '%%s' \"$1\" >%s.new && mv %s.new %s\n", file, file, file);
    ck_assert_int_eq(fclose(script), 0);
    ck_assert_int_eq(chmod(name, 0755), 0);
}

/* Root gets no browser: so the command is somebody else's, who may write all of it. */
static void become_somebody(void)
{
    static const struct child_identity somebody = {.uid = 65534, .gid = 65534};

    if (geteuid() != 0)
        return;
    harness.ctl_as = &somebody;
    ck_assert_int_eq(chown(harness.folder, somebody.uid, somebody.gid), 0);
    ck_assert_int_eq(chown(harness.state, somebody.uid, somebody.gid), 0);
}

START_TEST(where_there_is_a_screen_a_browser_is_started_unless_told_not_to)
{
    char file[HARNESS_PATH_SIZE], path[300], opened[4000] = "";
    bool wanted = _i == 0;
    char *address;
    FILE *in;

    begin(1, ALONE);
    plant_xdg_open(file, path);
    become_somebody();
    harness.ctl_environment[0] = path;
    harness.ctl_environment[1] = "DISPLAY=:99";
    ctl_start("login", wanted ? NULL : "--no-browser");
    address = ctl_printed_address();
    if (wanted) {
        harness_wait_until(access(file, F_OK) == 0);
        in = fopen(file, "re");
        ck_assert_ptr_nonnull(in);
        ck_assert_uint_gt(fread(opened, 1, sizeof(opened) - 1, in), 0);
        fclose(in);
        ck_assert_str_eq(opened, address);
    } else {
        harness_stays(access(file, F_OK) != 0, 300);
    }
    ctl_type_end();
    ctl_expect_end(EXIT_STATUS_USAGE, "");
    free(address);
}
END_TEST

static void add_works(Suite *suite)
{
    TCase *works = harness_case(suite, "it works");

    tcase_add_loop_test(works, it_prints_an_address_the_redirect_uri_and_a_word_about_localhost, 0,
                        WAYS);
    tcase_add_test(works, the_browser_that_comes_back_to_the_daemon_ends_it);
    tcase_add_loop_test(works, a_pasted_address_ends_it, 0, WAYS);
    tcase_add_test(works, who_signed_in_without_a_daemon_is_recorded_when_it_starts);
    tcase_add_loop_test(works, an_account_that_is_there_is_renewed_and_keeps_its_number, 0, WAYS);
    tcase_add_test(works, at_the_end_of_standard_input_it_waits_on_for_the_browser);
    tcase_add_test(works, without_a_daemon_the_end_of_standard_input_ends_it);
    tcase_add_loop_test(works, an_empty_line_is_passed_over, 0, WAYS);
    tcase_add_loop_test(works, an_address_that_ends_without_a_line_end_counts, 0, WAYS);
    tcase_add_test(works, an_interrupt_while_Spotify_answers_is_put_off_until_it_is_stored);
    tcase_add_test(works, two_in_the_daemons_place_do_not_meet);
    tcase_add_test(works, a_daemon_that_is_not_at_its_socket_is_not_pushed_aside);
    tcase_add_loop_test(works, where_there_is_a_screen_a_browser_is_started_unless_told_not_to, 0,
                        2);
}

static void add_wrong(Suite *suite)
{
    TCase *wrong = harness_case(suite, "a wrong address");

    tcase_add_loop_test(wrong, a_wrong_address_is_told_asked_for_again_and_the_right_one_works, 0,
                        WRONGS * WAYS);
    tcase_add_test(wrong, an_address_of_another_sign_in_is_told_and_that_one_goes_on);
    tcase_add_test(wrong, an_address_that_was_used_already_is_told);
    tcase_add_test(wrong, without_a_daemon_an_address_of_an_earlier_command_is_told);
    tcase_add_loop_test(wrong, a_line_without_end_is_told_and_does_no_harm, 0, WAYS);
}

Suite *ctl_login_suite(void)
{
    Suite *suite = suite_create("ctl_login");
    TCase *user;

    add_works(suite);
    add_wrong(suite);
    user = harness_case(suite, "whom to renew");
    tcase_add_loop_test(user, a_user_is_renewed_by_number_id_or_name, 0,
                        (int)COUNT_OF(names_of_zoe) * WAYS);
    tcase_add_loop_test(user, a_name_that_two_have_is_asked_about, 0, WAYS);
    tcase_add_loop_test(user, a_user_who_is_not_there_is_told_and_who_is, 0, WAYS);
    tcase_add_loop_test(
        user, A20_another_account_than_the_one_to_be_renewed_is_refused_and_nothing_changes, 0,
        WAYS);
    return suite;
}
