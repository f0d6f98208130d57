/* SPDX-License-Identifier: MIT */
/* The table of commands, which help texts and completions are made of. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "ctl/ctl.h"
#include "store/search.h"

static char heard[8192];

/* Calls the program with words, and keeps what it says on both streams in heard. */
static int call(char **words)
{
    FILE *file = tmpfile();
    int argc = 0, status;
    size_t len;

    ck_assert_ptr_nonnull(file);
    while (words[argc])
        argc++;
    ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(fileno(file), STDERR_FILENO), 0);
    status = ctl_main(argc, words);
    fflush(stdout);
    rewind(file);
    len = fread(heard, 1, sizeof(heard) - 1, file);
    heard[len] = '\0';
    return status;
}

#define CALL(...) call((char *[]){(char *)"spotify-historyctl", __VA_ARGS__, NULL})

static int count_commands(void)
{
    int count = 0;

    while (ctl_command_at((size_t)count))
        count++;
    return count;
}

START_TEST(every_command_has_what_help_and_completions_need)
{
    const struct ctl_command *command;
    int options;

    for (size_t i = 0; (command = ctl_command_at(i)) != NULL; i++) {
        ck_assert_uint_gt(strlen(command->name), 0);
        ck_assert_uint_gt(strlen(command->help), 0);
        ck_assert_ptr_nonnull(command->arguments);
        ck_assert(command->run != NULL);
        ck_assert_int_le(command->least, command->most);
        ck_assert_int_eq(command->most > 0, command->arguments[0] != '\0');
        for (options = 0; command->options[options].name; options++)
            ck_assert_uint_gt(strlen(command->options[options].help), 0);
        ck_assert_int_le(options, CTL_OPTIONS_MAX);
    }
}
END_TEST

START_TEST(no_two_commands_have_one_name)
{
    for (size_t i = 0; ctl_command_at(i); i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(ctl_command_at(i)->name, ctl_command_at(j)->name);
}
END_TEST

START_TEST(help_of_a_command_names_all_its_options)
{
    const struct ctl_command *command = ctl_command_at((size_t)_i);

    ck_assert_int_eq(CALL((char *)command->name, (char *)"--help"), EXIT_STATUS_OK);
    for (const struct ctl_option *option = command->options; option->name; option++)
        ck_assert_msg(strstr(heard, option->name) != NULL, "%s", option->name);
    ck_assert_int_eq(strncmp(heard, "Usage: ", 7), 0);
}
END_TEST

START_TEST(H9_an_unknown_option_of_a_command_ends_with_its_usage)
{
    const struct ctl_command *command = ctl_command_at((size_t)_i);
    char usage[100];

    snprintf(usage, sizeof(usage), "Usage: spotify-historyctl [-c FILE] %s", command->name);
    ck_assert_int_eq(CALL((char *)command->name, (char *)"--unknown"), EXIT_STATUS_USAGE);
    ck_assert_msg(strstr(heard, usage) != NULL, "%s", heard);
}
END_TEST

START_TEST(help_names_every_command_and_the_options_before_it)
{
    ck_assert_int_eq(CALL((char *)"--help"), EXIT_STATUS_OK);
    for (size_t i = 0; ctl_command_at(i); i++)
        ck_assert_ptr_nonnull(strstr(heard, ctl_command_at(i)->help));
    for (size_t i = 0; ctl_global_option_at(i); i++)
        ck_assert_ptr_nonnull(strstr(heard, ctl_global_option_at(i)->help));
}
END_TEST

START_TEST(a_command_that_is_none_is_a_usage_error_and_printed_escaped)
{
    ck_assert_int_eq(CALL((char *)"no\x1bne"), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "no such command: no\\x1bne\n"));
}
END_TEST

START_TEST(a_missing_or_surplus_operand_is_a_usage_error)
{
    ck_assert_int_eq(CALL((char *)"forget", (char *)"--yes"), EXIT_STATUS_USAGE);
    ck_assert_int_eq(CALL((char *)"sync", (char *)"a", (char *)"b"), EXIT_STATUS_USAGE);
    ck_assert_int_eq(CALL((char *)"-c", (char *)"/dev/null"), EXIT_STATUS_USAGE);
}
END_TEST

START_TEST(what_is_no_key_names_no_play)
{
    ck_assert_int_eq(CALL((char *)"delete-play"), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "delete-play: which play?\n"));
    ck_assert_int_eq(CALL((char *)"restore-play", (char *)"yesterday"), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "restore-play: yesterday is not the key of a play"));
    ck_assert_int_eq(CALL((char *)"recent", (char *)"--before", (char *)"7."), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "--before 7.: not the key of a play"));
}
END_TEST

START_TEST(more_than_can_be_searched_for_is_a_usage_error)
{
    char words[STORE_SEARCH_WORDS_MAX + 2] = "";

    memset(words, 'a', STORE_SEARCH_WORDS_MAX + 1);
    ck_assert_int_eq(CALL((char *)"recent", (char *)"--search", words), EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "more than can be searched for"));
}
END_TEST

START_TEST(a_token_cannot_renew_a_certain_user)
{
    ck_assert_int_eq(CALL((char *)"login", (char *)"--token-stdin", (char *)"--user=1"),
                     EXIT_STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(heard, "do not go together"));
}
END_TEST

Suite *ctl_commands_suite(void)
{
    Suite *suite = suite_create("ctl_commands");
    TCase *test = tcase_create("commands");

    tcase_add_test(test, every_command_has_what_help_and_completions_need);
    tcase_add_test(test, no_two_commands_have_one_name);
    tcase_add_loop_test(test, help_of_a_command_names_all_its_options, 0, count_commands());
    tcase_add_loop_test(test, H9_an_unknown_option_of_a_command_ends_with_its_usage, 0,
                        count_commands());
    tcase_add_test(test, help_names_every_command_and_the_options_before_it);
    tcase_add_test(test, a_command_that_is_none_is_a_usage_error_and_printed_escaped);
    tcase_add_test(test, a_missing_or_surplus_operand_is_a_usage_error);
    tcase_add_test(test, what_is_no_key_names_no_play);
    tcase_add_test(test, more_than_can_be_searched_for_is_a_usage_error);
    tcase_add_test(test, a_token_cannot_renew_a_certain_user);
    suite_add_tcase(suite, test);
    return suite;
}
