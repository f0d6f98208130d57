/* SPDX-License-Identifier: MIT */
/* The daemon's command line, in this process; what needs a running one is a scenario. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "ctl_help.h"
#include "daemon/daemon.h"
#include "lib/count.h"
#include "memory_help.h"

START_TEST(help_names_every_option_and_what_it_takes)
{
    struct daemon_argument option;
    char line[200];

    ctl_help_expect(DAEMON_CALL("--help"), EXIT_STATUS_OK, "Usage: spotify-historyd [OPTION]...");
    for (size_t i = 0; daemon_argument_at(i, &option); i++) {
        snprintf(line, sizeof(line), "%s--%-13s %-5s %s\n", option.letter ? "-c, " : "    ",
                 option.name, option.argument, option.help);
        ck_assert_msg(strstr(ctl_help_out(), line) != NULL, "no line: %s", line);
    }
}
END_TEST

static const struct call {
    const char *words[4];
    int status;
    const char *text;
} calls[] = {
    {{"--version"}, EXIT_STATUS_OK, "spotify-historyd "},
    {{"--check-config"}, EXIT_STATUS_OK, ""},
    {{"--print-config"}, EXIT_STATUS_OK, "database"},
    {{"--sample-config"}, EXIT_STATUS_OK, "client_id"},
    {{"--check-config", "-c", "/nowhere/at-all.conf"}, EXIT_STATUS_CONFIG, "/nowhere/at-all.conf"},
    {{"--print-config", "--config=/nowhere/at-all.conf"},
     EXIT_STATUS_CONFIG,
     "/nowhere/at-all.conf"},
    {{"--once", "-c", "/nowhere/at-all.conf"}, EXIT_STATUS_CONFIG, "/nowhere/at-all.conf"},
    {{"--nonsense"}, EXIT_STATUS_USAGE, "Try 'spotify-historyd --help'.\n"},
    {{"-c"}, EXIT_STATUS_USAGE, "Try 'spotify-historyd --help'.\n"},
    {{"--help=yes"}, EXIT_STATUS_USAGE, "Try 'spotify-historyd --help'.\n"},
    {{"now"}, EXIT_STATUS_USAGE, "unexpected argument 'now'\n"},
};

START_TEST(each_option_does_its_work_and_what_is_none_is_said)
{
    const struct call *one = &calls[_i];

    ctl_help_expect(ctl_help_call_daemon(one->words), one->status, one->text);
}
END_TEST

static const char *const printers[] = {"--help", "--version", "--print-config", "--sample-config"};

/* Standard output is a disk without room. */
START_TEST(what_cannot_be_printed_is_a_failure)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    ck_assert_int_ge(full, 0);
    ck_assert_int_ge(dup2(full, STDOUT_FILENO), 0);
    ctl_help_expect(DAEMON_CALL(printers[_i]), EXIT_STATUS_IO, "standard output: ");
}
END_TEST

/* -- Without memory ------------------------------------------------------------------------------ */

static const struct run {
    const char *word;
    int status;
} runs[] = {
    {"--check-config", EXIT_STATUS_OK},
    {"--print-config", EXIT_STATUS_OK},
    {"--once", EXIT_STATUS_OK}, /* nobody has signed in */
};

static const struct run *run;
static int status;
static size_t good_len;

static void call_it(void)
{
    status = DAEMON_CALL(run->word);
}

static void look(long failed)
{
    if (failed == 0) {
        ck_assert_msg(status == run->status, "%d: %s", status, ctl_help_err());
        good_len = strlen(ctl_help_out());
    } else if (status == run->status) {
        ck_assert_uint_eq(strlen(ctl_help_out()), good_len);
    } else {
        ck_assert_int_ge(status, EXIT_STATUS_USAGE);
        ck_assert_msg(ctl_help_err()[0] != '\0', "without allocation %ld, status %d: nothing said",
                      failed, status);
    }
}

START_TEST(E16_the_daemon_without_memory_ends_and_says_so_or_does_its_work)
{
    struct memory_work work = {.name = runs[_i].word, .work = call_it, .after = look};

    run = &runs[_i];
    ctl_help_configure("spotify {\n  client_id = \"0123456789abcdef0123456789abcdef\"\n}\n"
                       "web {\n  allowed_hosts = { \"a.example\", \"b.example\" }\n}\n");
    memory_try_all(&work);
}
END_TEST

Suite *daemon_args_suite(void)
{
    Suite *suite = suite_create("daemon_args");
    TCase *test = tcase_create("arguments");

    tcase_set_timeout(test, 60);
    tcase_add_checked_fixture(test, ctl_help_setup, ctl_help_teardown);
    tcase_add_test(test, help_names_every_option_and_what_it_takes);
    tcase_add_loop_test(test, each_option_does_its_work_and_what_is_none_is_said, 0, COUNT(calls));
    tcase_add_loop_test(test, what_cannot_be_printed_is_a_failure, 0, COUNT(printers));
    tcase_add_loop_test(test, E16_the_daemon_without_memory_ends_and_says_so_or_does_its_work, 0,
                        COUNT(runs));
    suite_add_tcase(suite, test);
    return suite;
}
