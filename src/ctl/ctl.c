/* SPDX-License-Identifier: MIT */
#include "ctl/ctl.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/log.h"
#include "config.h"
#include "daemon/config.h"

static const struct {
    const char *name;
    const char *arguments;
    const char *help;
    int (*run)(const struct ctl_call *call);
} commands[] = {
    {"login", "--token-stdin", "store a refresh token from elsewhere (read from standard input)",
     ctl_login},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int print_help(void)
{
    printf("Usage: spotify-historyctl [-c FILE] COMMAND [OPTION]...\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %-15s %s\n", commands[i].name, commands[i].arguments, commands[i].help);
    printf("\nOptions:\n"
           "  -c, --config FILE  the daemon's configuration (default " CONFIG_DEFAULT_FILE ")\n"
           "      --version      print the version\n"
           "      --help         print this text\n");
    return fflush(stdout) == 0 ? EXIT_STATUS_OK : EXIT_STATUS_IO;
}

static int usage(const char *what, const char *name)
{
    fprintf(stderr, "spotify-historyctl: %s%s\nTry 'spotify-historyctl --help'.\n", what, name);
    return EXIT_STATUS_USAGE;
}

static int run_command(const char *config_file, int argc, char **argv)
{
    struct ctl_call call = {config_file, argc, argv};

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].run(&call);
    return usage("no such command: ", argv[0]);
}

int ctl_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *config_file = NULL;
    int option;

    log_open(LOG_FORM_TEXT, LOG_LEVEL_WARNING);
    /* '+': what stands behind the command is the command's. */
    while ((option = getopt_long(argc, argv, "+c:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            config_file = optarg;
            break;
        case 'V':
            return puts("spotify-historyctl " PACKAGE_VERSION) >= 0 ? EXIT_STATUS_OK
                                                                    : EXIT_STATUS_IO;
        case 'h':
            return print_help();
        default:
            return usage("see the options and commands", "");
        }
    }
    if (optind >= argc)
        return usage("which command?", "");
    return run_command(config_file, argc - optind, argv + optind);
}
