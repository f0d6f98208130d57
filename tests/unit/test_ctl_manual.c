/* SPDX-License-Identifier: MIT */
/* The manual page of the command says what is there: each command, argument and option, and no
 * other. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_help.h"
#include "ctl/ctl.h"

static char *manual;

static void setup(void)
{
    manual = config_help_read(TEST_SRCDIR "/man/spotify-historyctl.1");
    ck_assert_ptr_nonnull(manual);
}

static void teardown(void)
{
    free(manual);
}

/* What stands between two texts; the caller frees it. */
static char *between(const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin), *to;

    ck_assert_msg(from != NULL, "no \"%s\" in the manual", begin);
    from += strlen(begin);
    to = strstr(from, end);
    return to != NULL ? strndup(from, (size_t)(to - from)) : strdup(from);
}

static int count(const char *text, const char *what)
{
    int found = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        found++;
    return found;
}

/* "[USER]" as the manual writes it: "Op Ar user"; "FILE...": "Ar file ...". */
static void write_argument(FILE *out, const char *argument)
{
    fputs(*argument == '[' ? "Op Ar " : "Ar ", out);
    for (; *argument; argument++)
        if (isalpha((unsigned char)*argument))
            putc(tolower((unsigned char)*argument), out);
        else if (*argument == '.' && argument[1] == '\0')
            fputs(" ...", out);
}

/* How a command stands in the synopsis, behind its name; from malloc. */
static char *synopsis_of(const struct ctl_command *command)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (const struct ctl_option *option = command->options; option->name; option++) {
        fprintf(out, ".Op Fl Fl %s", option->name);
        if (option->argument) {
            putc(' ', out);
            write_argument(out, option->argument);
        }
        putc('\n', out);
    }
    if (command->arguments[0]) {
        putc('.', out);
        write_argument(out, command->arguments);
        putc('\n', out);
    }
    fclose(out);
    return text;
}

static int commands(void)
{
    int number = 0;

    while (ctl_command_at((size_t)number))
        number++;
    return number;
}

START_TEST(the_synopsis_is_what_the_command_takes)
{
    const struct ctl_command *command = ctl_command_at((size_t)_i);
    char *synopsis = between(manual, "\n.Sh SYNOPSIS\n", "\n.Sh "), head[64];
    char *expected = synopsis_of(command), *found;

    snprintf(head, sizeof(head), "\n.Cm %s\n", command->name);
    found = between(synopsis, head, ".Nm\n");
    ck_assert_str_eq(found, expected);
    ck_assert_int_eq(count(synopsis, "\n.Cm "), commands());
    free(found);
    free(expected);
    free(synopsis);
}
END_TEST

/* What the manual says about a command; the caller frees it. */
static char *entry_of(const struct ctl_command *command)
{
    char *section = between(manual, "\n.Sh COMMANDS\n", "\n.Sh "), *entry, *head = NULL;
    size_t len;
    FILE *out = open_memstream(&head, &len);

    fprintf(out, "\n.It Cm %s", command->name);
    if (command->arguments[0]) {
        putc(' ', out);
        write_argument(out, command->arguments);
    }
    putc('\n', out);
    fclose(out);
    entry = between(section, head, "\n.It Cm ");
    ck_assert_int_eq(count(section, "\n.It Cm "), commands());
    free(head);
    free(section);
    return entry;
}

START_TEST(each_option_of_a_command_is_described)
{
    const struct ctl_command *command = ctl_command_at((size_t)_i);
    char *entry = entry_of(command), wanted[64];

    for (const struct ctl_option *option = command->options; option->name; option++) {
        snprintf(wanted, sizeof(wanted), "Fl Fl %s", option->name);
        ck_assert_msg(strstr(entry, wanted) != NULL, "%s: no %s", command->name, wanted);
    }
    free(entry);
}
END_TEST

START_TEST(no_option_is_described_that_a_command_does_not_have)
{
    const struct ctl_command *command = ctl_command_at((size_t)_i);
    char *entry = entry_of(command);

    for (const char *at = entry; (at = strstr(at, "Fl Fl ")) != NULL;) {
        const struct ctl_option *option = command->options;
        size_t len;

        at += strlen("Fl Fl ");
        len = strcspn(at, " \n");
        while (option->name && (strlen(option->name) != len || strncmp(option->name, at, len) != 0))
            option++;
        ck_assert_msg(option->name != NULL, "%s has no --%.*s", command->name, (int)len, at);
    }
    free(entry);
}
END_TEST

START_TEST(the_options_before_a_command_are_described)
{
    char *section = between(manual, "\n.Sh DESCRIPTION\n", "\n.Sh "), wanted[64];
    const struct ctl_option *option;
    int described = 1; /* --help */

    for (; (option = ctl_global_option_at((size_t)described - 1)) != NULL; described++) {
        snprintf(wanted, sizeof(wanted), "Fl Fl %s", option->name);
        ck_assert_msg(strstr(section, wanted) != NULL, "no %s", wanted);
    }
    ck_assert_ptr_nonnull(strstr(section, "\n.It Fl Fl help\n"));
    ck_assert_int_eq(count(section, "\n.It Fl "), described);
    free(section);
}
END_TEST

Suite *ctl_manual_suite(void);

Suite *ctl_manual_suite(void)
{
    Suite *suite = suite_create("ctl_manual");
    TCase *test = tcase_create("manual");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, the_synopsis_is_what_the_command_takes, 0, commands());
    tcase_add_loop_test(test, each_option_of_a_command_is_described, 0, commands());
    tcase_add_loop_test(test, no_option_is_described_that_a_command_does_not_have, 0, commands());
    tcase_add_test(test, the_options_before_a_command_are_described);
    suite_add_tcase(suite, test);
    return suite;
}
