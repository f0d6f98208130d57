/* SPDX-License-Identifier: MIT */
#include "ctl/ctl.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/log.h"
#include "config.h"
#include "ctl/key.h"
#include "ctl/print.h"
#include "daemon/config.h"

static const struct ctl_command commands[] = {
    {"login", "", "sign somebody in at Spotify, or renew a sign-in", ctl_login_options, 0, 0,
     ctl_login},
    {"users", "", "list who is recorded", ctl_users_options, 0, 0, ctl_users},
    {"status", "", "tell how the daemon stands and what there is to do", ctl_status_options, 0, 0,
     ctl_status},
    {"sync", "[USER]", "ask Spotify now, for all or one, and wait for what is new",
     ctl_sync_options, 0, 1, ctl_sync},
    {"recent", "", "list what was played last", ctl_recent_options, 0, 0, ctl_recent},
    {"top", "KIND", "list the artists, tracks or albums that were played most", ctl_top_options, 1,
     1, ctl_top},
    {"stats", "", "tell how much was played, when and what, and what is missing", ctl_stats_options,
     0, 0, ctl_stats},
    {"delete-play", "KEY", "take a play out of lists and sums; it can be brought back",
     ctl_delete_play_options, 1, 1, ctl_delete_play},
    {"restore-play", "KEY", "bring a play back that was deleted", ctl_restore_play_options, 1, 1,
     ctl_restore_play},
    {"forget", "USER", "remove a user and what was recorded of them", ctl_forget_options, 1, 1,
     ctl_forget},
    {"import", "FILE...", "take in older plays, from what Spotify sends on request",
     ctl_import_options, 1, INT_MAX, ctl_import},
    {"imports", "[IMPORT]", "list what was imported", ctl_imports_options, 0, 1, ctl_imports},
    {"undo-import", "IMPORT", "take out again what an import brought", ctl_undo_import_options, 1,
     1, ctl_undo_import},
    {"gaps", "", "list when plays were lost, or may have been, and what filled that",
     ctl_gaps_options, 0, 0, ctl_gaps},
    {"export", "", "write what was played, for other programs", ctl_export_options, 0, 0,
     ctl_export},
    {"backup", "FILE", "copy the database, also while the daemon records", ctl_backup_options, 1, 1,
     ctl_backup},
    {"check", "", "look whether all is well, and tell what to do if not", ctl_check_options, 0, 0,
     ctl_check},
    {"rebuild", "", "sum up the plays anew for statistics, if check says that a sum is wrong",
     ctl_rebuild_options, 0, 0, ctl_rebuild},
    {"password", "", "make a line for the file of the page's password", ctl_password_options, 0, 0,
     ctl_password},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

enum { GLOBAL_CONFIG, GLOBAL_VERSION };

static const struct ctl_option global_options[] = {
    [GLOBAL_CONFIG] = {"config", "FILE",
                       "the daemon's configuration (default " CONFIG_DEFAULT_FILE ")", 'c'},
    [GLOBAL_VERSION] = {"version", NULL, "print the version", 0},
    {NULL, NULL, NULL, 0},
};

#define GLOBAL_COUNT (sizeof(global_options) / sizeof(global_options[0]) - 1)

const struct ctl_command *ctl_command_at(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

const struct ctl_option *ctl_global_option_at(size_t index)
{
    return index < GLOBAL_COUNT ? &global_options[index] : NULL;
}

/* -- Help -------------------------------------------------------------------------------------- */

static void add_option(const struct ctl_option *option, struct buf *out)
{
    char name[64];
    int len = snprintf(name, sizeof(name), "--%s%s%s", option->name, option->argument ? " " : "",
                       option->argument ? option->argument : "");

    if (option->letter)
        buf_addf(out, "  -%c, %s", option->letter, name);
    else
        buf_addf(out, "      %s", name);
    buf_addf(out, "%*s%s\n", len < 18 ? 18 - len : 1, "", option->help);
}

static void add_options(const struct ctl_option *options, struct buf *out)
{
    static const struct ctl_option help = {"help", NULL, "print this text", 0};

    buf_add_text(out, "\nOptions:\n");
    for (; options->name; options++)
        add_option(options, out);
    add_option(&help, out);
}

static void add_usage(const struct ctl_command *command, struct buf *out)
{
    buf_addf(out, "Usage: spotify-historyctl [-c FILE] %s", command->name);
    for (const struct ctl_option *option = command->options; option->name; option++)
        buf_addf(out, " [--%s%s%s]", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
    buf_addf(out, "%s%s\n", command->arguments[0] ? " " : "", command->arguments);
}

static int print_command_help(const struct ctl_command *command)
{
    struct buf out = {0};

    add_usage(command, &out);
    buf_addf(&out, "\n%s: %s.\n", command->name, command->help);
    if (strstr(command->arguments, "USER"))
        buf_add_text(&out, "USER is a user number, a Spotify id, or a display name.\n");
    if (strstr(command->arguments, "KIND"))
        buf_add_text(&out, "KIND is artists, tracks or albums.\n");
    if (strstr(command->arguments, "KEY"))
        buf_add_text(&out, "KEY is the key of a play, " KEY_HELP ".\n");
    add_options(command->options, &out);
    return print_out(&out);
}

static int print_help(void)
{
    struct buf out = {0};

    buf_add_text(&out, "Usage: spotify-historyctl [-c FILE] COMMAND [OPTION]...\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buf_addf(&out, "  %-12s %-8s %s\n", commands[i].name, commands[i].arguments,
                 commands[i].help);
    add_options(global_options, &out);
    buf_add_text(&out, "\n'spotify-historyctl COMMAND --help' tells the options of a command.\n");
    return print_out(&out);
}

static int print_version(void)
{
    struct buf out = {0};

    buf_add_text(&out, "spotify-historyctl " PACKAGE_VERSION "\n");
    return print_out(&out);
}

static int say_usage(const struct ctl_command *command)
{
    struct buf out = {0};

    add_usage(command, &out);
    fputs(out.data ? out.data : "", stderr);
    buf_free(&out, false);
    return EXIT_STATUS_USAGE;
}

/* -- Running one ------------------------------------------------------------------------------- */

/* What an operand that is missing would have told. */
static const char *question(const struct ctl_command *command)
{
    if (strstr(command->arguments, "USER"))
        return "which user?";
    if (strstr(command->arguments, "KIND"))
        return "artists, tracks or albums?";
    if (strstr(command->arguments, "KEY"))
        return "which play?";
    return strstr(command->arguments, "IMPORT") ? "which import?" : "which file?";
}

static int run_command(const struct ctl_command *command, const char *config_file, int argc,
                       char **argv)
{
    struct ctl_call call = {.config_file = config_file, .command = command->name};
    char name[64];
    int first = 0;

    snprintf(name, sizeof(name), "spotify-historyctl: %s", command->name);
    argv[0] = name; /* what getopt begins its messages with */
    switch (ctl_options_read(command->options, argc, argv, false, call.option, &first)) {
    case CTL_OPTIONS_READ:
        break;
    case CTL_OPTIONS_HELP:
        return print_command_help(command);
    default:
        return say_usage(command);
    }
    call.operands = argv + first;
    call.operand_count = argc - first;
    if (call.operand_count < command->least || call.operand_count > command->most) {
        print_error(command->name, "%s",
                    call.operand_count >= command->least ? "too many arguments"
                                                         : question(command));
        return say_usage(command);
    }
    return command->run(&call);
}

static const struct ctl_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int usage(const char *what, const char *name)
{
    print_error(NULL, "%s%s", what, name);
    fputs("Try 'spotify-historyctl --help'.\n", stderr);
    return EXIT_STATUS_USAGE;
}

int ctl_main(int argc, char **argv)
{
    const char *values[CTL_OPTIONS_MAX] = {NULL};
    const struct ctl_command *command;
    int first = 0;

    setlocale(LC_CTYPE, ""); /* how wide a name is, and what its capitals are */
    log_open(LOG_FORM_TEXT, LOG_LEVEL_WARNING);
    switch (ctl_options_read(global_options, argc, argv, true, values, &first)) {
    case CTL_OPTIONS_READ:
        break;
    case CTL_OPTIONS_HELP:
        return print_help();
    default:
        return usage("see the options and commands", "");
    }
    if (values[GLOBAL_VERSION])
        return print_version();
    if (first >= argc)
        return usage("which command?", "");
    command = find_command(argv[first]);
    if (!command)
        return usage("no such command: ", argv[first]);
    return run_command(command, values[GLOBAL_CONFIG], argc - first, argv + first);
}
