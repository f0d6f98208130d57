/* SPDX-License-Identifier: MIT */
/*
 * tables: prints what the programs' own tables hold, for build-aux/gen-completion and
 * build-aux/gen-manual. A line an entry, its fields separated by tabs, none of which holds one:
 *
 *   daemon   OPTION LETTER ARGUMENT HELP            of spotify-historyd
 *   global   OPTION LETTER ARGUMENT HELP            of spotify-historyctl, before the command
 *   command  NAME ARGUMENTS HELP
 *   option   COMMAND OPTION LETTER ARGUMENT HELP    those of a command follow it
 *   value    ARGUMENT WORD                          what an argument of this name can be
 *   section  NAME HELP                              of the configuration
 *   setting  NAME TYPE RANGE DEFAULT RESTART HELP   those of a section follow it
 */
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "daemon/daemon.h"
#include "daemon/options.h"

static void print_option(const struct ctl_option *option)
{
    printf("%s\t%.1s\t%s\t%s\n", option->name, option->letter ? &option->letter : "",
           option->argument ? option->argument : "", option->help);
}

static void print_daemon(void)
{
    struct daemon_argument option;

    for (size_t i = 0; daemon_argument_at(i, &option); i++)
        printf("daemon\t%s\t%.1s\t%s\t%s\n", option.name, option.letter ? &option.letter : "",
               option.argument, option.help);
}

static void print_commands(void)
{
    const struct ctl_option *option;
    const struct ctl_command *command;

    for (size_t i = 0; (option = ctl_global_option_at(i)) != NULL; i++) {
        printf("global\t");
        print_option(option);
    }
    for (size_t i = 0; (command = ctl_command_at(i)) != NULL; i++) {
        printf("command\t%s\t%s\t%s\n", command->name, command->arguments, command->help);
        for (option = command->options; option->name; option++) {
            printf("option\t%s\t", command->name);
            print_option(option);
        }
    }
}

static void print_values(void)
{
    static const char *const arguments[] = {"FORMAT", "KIND", "MEASURE", "TIME"};
    const char *value;

    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        for (size_t j = 0; (value = ctl_value_at(arguments[i], j)) != NULL; j++)
            printf("value\t%s\t%s\n", arguments[i], value);
}

static void print_settings(void)
{
    const struct option_row *row;
    size_t section = 0;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        if (i == 0 || strcmp(option_at(i - 1)->section, row->section) != 0) {
            printf("section\t%s\t%s\n", row->section, option_section_at(section)->help);
            section++;
        }
        printf("setting\t%s\t%s\t%s\t%s\t%s\t%s\n", row->shown.name, row->shown.type,
               row->shown.range, row->shown.default_value, row->shown.restart ? "yes" : "no",
               row->shown.help);
    }
}

int main(void)
{
    print_daemon();
    print_commands();
    print_values();
    print_settings();
    return fflush(stdout) == 0 ? 0 : 1;
}
