/* SPDX-License-Identifier: MIT */
/* Options of the command by their tables, and the other small rules of it. */
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/login.h"
#include "ctl/password.h"
#include "lib/count.h"

enum { FILE_OPTION, FLAG_OPTION };

static const struct ctl_option table[] = {
    [FILE_OPTION] = {"file", "FILE", "a file", 'f'},
    [FLAG_OPTION] = {"flag", NULL, "a flag", 0},
    {NULL, NULL, NULL, 0},
};

static const char *values[CTL_OPTIONS_MAX];
static int first;

/* getopt complains on standard error. */
static void setup(void)
{
    int null = open("/dev/null", O_WRONLY);

    ck_assert_int_ge(dup2(null, STDERR_FILENO), 0);
    close(null);
}

static enum ctl_options_result read_options(char **argv, bool stop_at_operand)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    return ctl_options_read(table, argc, argv, stop_at_operand, values, &first);
}

#define ARGV(...) ((char *[]){(char *)"x", __VA_ARGS__, NULL})

START_TEST(options_are_read_by_both_names_and_operands_are_left)
{
    char **argv = ARGV((char *)"a", (char *)"-f", (char *)"one", (char *)"--flag", (char *)"b");

    ck_assert_int_eq(read_options(argv, false), CTL_OPTIONS_READ);
    ck_assert_str_eq(values[FILE_OPTION], "one");
    ck_assert_str_eq(values[FLAG_OPTION], "");
    ck_assert_str_eq(argv[first], "a");
    ck_assert_str_eq(argv[first + 1], "b");
}
END_TEST

START_TEST(of_an_option_given_twice_the_last_one_counts)
{
    ck_assert_int_eq(read_options(ARGV((char *)"--file=one", (char *)"--file=two"), false),
                     CTL_OPTIONS_READ);
    ck_assert_str_eq(values[FILE_OPTION], "two");
    ck_assert_ptr_null(values[FLAG_OPTION]);
}
END_TEST

START_TEST(options_behind_the_command_are_the_commands)
{
    char **argv = ARGV((char *)"--flag", (char *)"login", (char *)"--unknown");

    ck_assert_int_eq(read_options(argv, true), CTL_OPTIONS_READ);
    ck_assert_int_eq(first, 2);
}
END_TEST

START_TEST(every_table_has_help)
{
    ck_assert_int_eq(read_options(ARGV((char *)"--help"), false), CTL_OPTIONS_HELP);
}
END_TEST

static const char *const wrong[] = {"--unknown", "-x", "--file", "--flag=1", "-f"};

START_TEST(a_wrong_option_is_refused)
{
    ck_assert_int_eq(read_options(ARGV((char *)wrong[_i]), false), CTL_OPTIONS_WRONG);
}
END_TEST

START_TEST(behind_two_dashes_everything_is_an_operand)
{
    char **argv = ARGV((char *)"--", (char *)"--flag");

    ck_assert_int_eq(read_options(argv, false), CTL_OPTIONS_READ);
    ck_assert_str_eq(argv[first], "--flag");
    ck_assert_ptr_null(values[FLAG_OPTION]);
}
END_TEST

/* -- Passwords --------------------------------------------------------------------------------- */

START_TEST(eight_characters_are_a_password_in_any_script)
{
    ck_assert_ptr_null(password_problem("12345678"));
    ck_assert_ptr_null(password_problem("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f 678"));
}
END_TEST

static const char *const bad_passwords[] = {
    "",           "1234567",     "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "12345678\xff",
    "1234\t5678", "12345678\x7f"};

START_TEST(what_is_short_or_cannot_be_typed_in_a_browser_is_no_password)
{
    ck_assert_ptr_nonnull(password_problem(bad_passwords[_i]));
}
END_TEST

/* -- The browser ------------------------------------------------------------------------------- */

START_TEST(a_browser_is_started_only_where_somebody_looks_at_a_screen)
{
    ck_assert(login_has_screen(":0", NULL, NULL, false));
    ck_assert(login_has_screen(NULL, "wayland-0", NULL, false));
    ck_assert(login_has_screen(":0", NULL, "", false));
    ck_assert(!login_has_screen(NULL, NULL, NULL, false));
    ck_assert(!login_has_screen("", "", NULL, false));
    ck_assert(!login_has_screen(":0", NULL, "192.0.2.1 50000 192.0.2.2 22", false));
    ck_assert(!login_has_screen(":0", NULL, NULL, true));
}
END_TEST

static const char *const odd_addresses[] = {"",
                                            "file:///etc/passwd",
                                            "--version",
                                            "HTTPS://a",
                                            "https://a b",
                                            "https://a\n",
                                            "https://\xc3\xa4",
                                            "javascript:alert(1)"};

START_TEST(a_browser_is_not_started_at_an_odd_address)
{
    ck_assert(!login_address_is_plain(odd_addresses[_i]));
}
END_TEST

START_TEST(a_browser_is_started_at_spotifys_address)
{
    ck_assert(login_address_is_plain("https://accounts.spotify.com/authorize?client_id=1&scope=a"));
    ck_assert(login_address_is_plain("http://127.0.0.1:4000/authorize"));
}
END_TEST

START_TEST(the_instructions_hold_address_and_redirect_uri_each_on_a_line_of_its_own)
{
    struct buf out = {0};

    login_add_instructions("https://a/\x1b?b", "http://127.0.0.1:8888/c", _i == 1, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "\n  https://a/\\x1b?b\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\n  http://127.0.0.1:8888/c\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "https://developer.spotify.com/dashboard"));
    ck_assert_ptr_nonnull(strstr(out.data, "\"localhost\""));
    ck_assert_int_eq(strstr(out.data, "The daemon is not running") != NULL, _i);
    buf_free(&out, false);
}
END_TEST

Suite *ctl_options_suite(void)
{
    Suite *suite = suite_create("ctl_options");
    TCase *test = tcase_create("options");

    tcase_add_checked_fixture(test, setup, NULL);
    tcase_add_test(test, options_are_read_by_both_names_and_operands_are_left);
    tcase_add_test(test, of_an_option_given_twice_the_last_one_counts);
    tcase_add_test(test, options_behind_the_command_are_the_commands);
    tcase_add_test(test, every_table_has_help);
    tcase_add_loop_test(test, a_wrong_option_is_refused, 0, COUNT(wrong));
    tcase_add_test(test, behind_two_dashes_everything_is_an_operand);
    tcase_add_test(test, eight_characters_are_a_password_in_any_script);
    tcase_add_loop_test(test, what_is_short_or_cannot_be_typed_in_a_browser_is_no_password, 0,
                        COUNT(bad_passwords));
    tcase_add_test(test, a_browser_is_started_only_where_somebody_looks_at_a_screen);
    tcase_add_loop_test(test, a_browser_is_not_started_at_an_odd_address, 0, COUNT(odd_addresses));
    tcase_add_test(test, a_browser_is_started_at_spotifys_address);
    tcase_add_loop_test(
        test, the_instructions_hold_address_and_redirect_uri_each_on_a_line_of_its_own, 0, 2);
    suite_add_tcase(suite, test);
    return suite;
}
