/* SPDX-License-Identifier: MIT */
/* Commands while no daemon runs: what they refuse, and what they say of a database, a key or a
 * place for a file that is not as it should be. */
#include <check.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"
#include "ctl_help.h"
#include "lib/count.h"
#include "store_help.h"

static void make_database(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    int64_t user;

    store_help_begin(store, STORE_DURABLE);
    user = store_help_user(store, "ann01");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(
            store_help_play(store, user, STORE_HELP_T0 + i * 1000, store_help_track(store, i + 1)),
            STORE_OK);
    store_help_commit(store);
    store_close(store);
    store_help_sum_up();
}

static void setup(void)
{
    ctl_help_setup();
    ck_assert_int_eq(chdir(store_help_folder()), 0); /* files are named as they are below */
}

struct said {
    const char *words[7];
    int status;
    const char *text;
};

static void check_said(const struct said *said)
{
    ctl_help_expect(ctl_help_call(said->words), said->status, said->text);
}

/* -- With a database ----------------------------------------------------------------------------- */

static const struct said exports[] = {
    {{"export"}, EXIT_STATUS_USAGE, "export: which format?: --format "},
    {{"export", "--format", "xml"}, EXIT_STATUS_USAGE, "export: xml is no format: --format "},
    {{"export", "--format", "csv", "-o", "a.zip"},
     EXIT_STATUS_USAGE,
     "csv is not written as a zip: give another name"},
    {{"export", "--format", "csv", "--since", "yesteryear"}, EXIT_STATUS_USAGE, "not a time"},
    {{"export", "--format", "csv", "--user", "Cid"}, EXIT_STATUS_USAGE, "there is no user \"Cid\""},
    {{"export", "--format", "csv", "-o", "nowhere/a.csv"},
     EXIT_STATUS_CANTCREAT,
     "nothing was written, what was there is still there"},
    {{"export", "--format", "csv", "-o", "."}, EXIT_STATUS_CANTCREAT, "nothing was written"},
    {{"export", "--format", "csv", "-o", "history.db"},
     EXIT_STATUS_USAGE,
     "history.db is a file that the daemon needs: give another name"},
    {{"export", "--format", "csv", "-o", "key"},
     EXIT_STATUS_USAGE,
     "key is a file that the daemon needs: give another name"},
    {{"export", "--format", "csv", "-o", "a.csv"}, EXIT_STATUS_OK, "3 plays in a.csv\n"},
    {{"export", "--format", "csv", "-o", "-"}, EXIT_STATUS_OK, "Track 1"},
    {{"export", "--format", "listenbrainz", "-o", "a.zip"}, EXIT_STATUS_OK, "in a.zip\n"},
    {{"backup", "history.db"}, EXIT_STATUS_USAGE, "is a file that the daemon needs"},
    {{"backup", "nowhere/copy.db"}, EXIT_STATUS_CANTCREAT, "nowhere/copy.db"},
    {{"backup", "."}, EXIT_STATUS_CANTCREAT, "backup: "},
    {{"imports", "--last", "0"}, EXIT_STATUS_USAGE, "--last 0: not a number from 1 on"},
    {{"imports", "x"}, EXIT_STATUS_USAGE, "x is no import"},
    {{"imports", "--rejects"}, EXIT_STATUS_USAGE, "--rejects: which import?"},
    {{"imports", "7"}, EXIT_STATUS_USAGE, "there is no import 7"},
    {{"imports", "--user", "Cid"}, EXIT_STATUS_USAGE, "there is no user \"Cid\""},
    {{"imports", "--user", "ann01", "--last", "3"}, EXIT_STATUS_OK, "Nothing was imported yet"},
    {{"gaps", "--last", "x"}, EXIT_STATUS_USAGE, "--last x: not a number from 1 on"},
    {{"gaps", "--user", "Cid"}, EXIT_STATUS_USAGE, "there is no user \"Cid\""},
    {{"gaps", "--user", "ann01"}, EXIT_STATUS_OK, "No gap in the record is known.\n"},
    {{"recent", "-n", "0"}, EXIT_STATUS_USAGE, "-n 0: not a number from 1 to 1000000"},
    {{"recent", "-n", "1000001"}, EXIT_STATUS_USAGE, "-n 1000001: not a number"},
    {{"recent", "--since", "2025", "--user", "ann01", "-n", "2"}, EXIT_STATUS_OK, "RACK"},
    {{"top", "songs"}, EXIT_STATUS_USAGE, "songs"},
    {{"top", "tracks", "--by", "luck"}, EXIT_STATUS_USAGE, "luck"},
    {{"top", "albums", "--by", "time"}, EXIT_STATUS_OK, "ALBUM"},
    {{"top", "tracks", "--until", "soon"}, EXIT_STATUS_USAGE, "--until soon: not a time"},
    {{"stats", "--since", "soon"}, EXIT_STATUS_USAGE, "--since soon: not a time"},
    {{"undo-import", "--yes", "7"}, EXIT_STATUS_USAGE, "there is no import 7"},
    {{"delete-play", "7"}, EXIT_STATUS_USAGE, "there is no such play: 7"},
    {{"restore-play", "7"}, EXIT_STATUS_USAGE, "there is no such play that is deleted: 7"},
    {{"forget", "--yes", "Cid"}, EXIT_STATUS_USAGE, "there is no user \"Cid\""},
    {{"forget", "--yes", "--keep-plays", "ann01"}, EXIT_STATUS_OK, "what is recorded stays\n"},
    {{"forget", "--yes", "ann01"}, EXIT_STATUS_OK, "removed: the sign-in, 3 plays"},
    {{"rebuild"}, EXIT_STATUS_OK, "3 plays are summed up anew"},
    {{"login"}, EXIT_STATUS_CONFIG, "client"},
    {{"sync"}, EXIT_STATUS_UNAVAILABLE, "start it, and it asks Spotify at once"},
};

START_TEST(what_a_command_cannot_do_with_a_database_it_says)
{
    char key[64]; /* in hexadecimal */

    make_database();
    memset(key, 'a', sizeof(key));
    store_help_write(store_help_path("key"), key, sizeof(key), 0600);
    check_said(&exports[_i]);
}
END_TEST

START_TEST(an_export_that_does_not_fit_where_it_is_written_is_a_failure)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    make_database();
    ck_assert_int_ge(full, 0);
    ck_assert_int_ge(dup2(full, STDOUT_FILENO), 0);
    ctl_help_expect(CTL_CALL("export", "--format", "json"), EXIT_STATUS_IO,
                    "standard output: No space left on device");
}
END_TEST

/* On a terminal a title must not do anything but be read; the carriage returns of CSV are left out.
 */
START_TEST(an_export_to_a_terminal_is_shown_and_does_nothing_to_it)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    static char shown[16384];
    int other, fd;
    ssize_t len;

    make_database();
    store_help_exec(store_help_db(), "UPDATE tracks SET name = 'Red' || char(27) || '[31m'");
    ck_assert_int_eq(openpty(&other, &fd, NULL, NULL, &size), 0);
    ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
    ck_assert_int_eq(CTL_CALL("export", "--format", "csv"), EXIT_STATUS_OK);
    ck_assert_int_eq(fcntl(other, F_SETFL, O_NONBLOCK), 0);
    len = read(other, shown, sizeof(shown) - 1);
    ck_assert_int_gt(len, 0);
    shown[len] = '\0';
    ck_assert_msg(strstr(shown, "Red\\x1b[31m") != NULL, "%s", shown);
    ck_assert_ptr_null(strchr(shown, '\x1b'));
    ck_assert_ptr_null(strstr(shown, "\r\r\n")); /* the one is the terminal's */
}
END_TEST

/* -- Without one --------------------------------------------------------------------------------- */

static const struct said without[] = {
    {{"rebuild"}, EXIT_STATUS_USAGE, "there is no database yet\n"},
    {{"delete-play", "5"}, EXIT_STATUS_USAGE, "there is no database yet\n"},
    {{"forget", "--yes", "Ann"}, EXIT_STATUS_USAGE, "forget: "},
    {{"undo-import", "--yes", "4"}, EXIT_STATUS_USAGE, "there is no database yet"},
    {{"import", "--dry-run", "x.json"}, EXIT_STATUS_USAGE, "there is no database yet"},
    {{"status"}, 1, "The daemon is not running: nothing is recorded."},
    {{"users"}, EXIT_STATUS_OK, "Nobody has signed in yet"},
};

START_TEST(without_a_database_nothing_is_made)
{
    check_said(&without[_i]);
    ck_assert_int_ne(access(store_help_db(), F_OK), 0);
}
END_TEST

/* -- Taking the daemon's place ------------------------------------------------------------------- */

START_TEST(a_key_that_is_none_is_said_with_its_name)
{
    make_database();
    store_help_write(store_help_path("key"), "short", 5, 0600);
    ctl_help_expect(CTL_CALL("rebuild"), EXIT_STATUS_CONFIG, store_help_path("key"));
}
END_TEST

START_TEST(a_key_that_cannot_be_read_is_said_with_the_reason)
{
    make_database();
    ck_assert_int_eq(mkdir(store_help_path("key"), 0700), 0);
    ck_assert_int_ne(CTL_CALL("rebuild"), EXIT_STATUS_OK);
    ctl_help_expect(CTL_CALL("rebuild"), EXIT_STATUS_CONFIG, store_help_path("key"));
    ck_assert_int_eq(rmdir(store_help_path("key")), 0);
}
END_TEST

START_TEST(what_is_no_database_is_left_as_it_is)
{
    size_t len = 0;
    char *data;

    store_help_write(store_help_db(), "no database, by far", 19, 0600);
    ctl_help_expect(CTL_CALL("rebuild"), EXIT_STATUS_IO, store_help_db());
    data = store_help_read(store_help_db(), &len);
    ck_assert_uint_eq(len, 19);
    ck_assert_mem_eq(data, "no database, by far", 19);
    free(data);
}
END_TEST

/* Two names of one database meet at one lock, also through a link. */
START_TEST(a_database_behind_a_link_is_the_one_it_leads_to)
{
    make_database();
    ck_assert_int_eq(rename("history.db", "other.db"), 0);
    ck_assert_int_eq(symlink("other.db", "history.db"), 0);
    ctl_help_expect(CTL_CALL("rebuild"), EXIT_STATUS_OK, "3 plays are summed up anew");
    ck_assert_int_eq(access("other.db.lock", F_OK), 0);
    ck_assert_int_ne(access("history.db.lock", F_OK), 0);
}
END_TEST

/* -- A password ---------------------------------------------------------------------------------- */

static const struct password {
    const char *typed;
    int status;
    const char *text;
} passwords[] = {
    {"correct horse battery\n", EXIT_STATUS_OK, "$argon2"},
    {"short\n", EXIT_STATUS_DATA, "password: "},
    {"\n", EXIT_STATUS_DATA, "password: "},
    {"", EXIT_STATUS_DATA, "password: "},
};

START_TEST(a_password_from_standard_input_is_taken_if_it_is_long_enough)
{
    const struct password *one = &passwords[_i];

    ctl_help_input(one->typed, false);
    ctl_help_expect(CTL_CALL("password"), one->status, one->text);
}
END_TEST

Suite *ctl_alone_suite(void)
{
    Suite *suite = suite_create("ctl_alone");
    TCase *test = tcase_create("alone");

    tcase_add_checked_fixture(test, setup, ctl_help_teardown);
    tcase_add_loop_test(test, what_a_command_cannot_do_with_a_database_it_says, 0, COUNT(exports));
    tcase_add_test(test, an_export_that_does_not_fit_where_it_is_written_is_a_failure);
    tcase_add_test(test, an_export_to_a_terminal_is_shown_and_does_nothing_to_it);
    tcase_add_loop_test(test, without_a_database_nothing_is_made, 0, COUNT(without));
    tcase_add_test(test, a_key_that_is_none_is_said_with_its_name);
    tcase_add_test(test, a_key_that_cannot_be_read_is_said_with_the_reason);
    tcase_add_test(test, what_is_no_database_is_left_as_it_is);
    tcase_add_test(test, a_database_behind_a_link_is_the_one_it_leads_to);
    tcase_add_loop_test(test, a_password_from_standard_input_is_taken_if_it_is_long_enough, 0,
                        COUNT(passwords));
    suite_add_tcase(suite, test);
    return suite;
}
