/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>

#include "base/exit.h"
#include "base/log.h"
#include "config.h"
#include "daemon/config.h"
#include "daemon/daemon.h"

enum action {
    ACTION_RUN,
    ACTION_ONCE,
    ACTION_CHECK,
    ACTION_PRINT,
    ACTION_SAMPLE,
    ACTION_VERSION,
    ACTION_HELP
};

/* One row an option: the usage text, the parser and the action come from it. */
static const struct {
    struct option option;
    const char *argument;
    const char *help;
} table[] = {
    {{"config", required_argument, NULL, 'c'},
     "FILE",
     "read this configuration (default " CONFIG_DEFAULT_FILE ")"},
    {{"check-config", no_argument, NULL, ACTION_CHECK}, "", "check the configuration and exit"},
    {{"print-config", no_argument, NULL, ACTION_PRINT},
     "",
     "print the configuration in use, with where each value is from"},
    {{"sample-config", no_argument, NULL, ACTION_SAMPLE},
     "",
     "print a commented sample configuration"},
    {{"once", no_argument, NULL, ACTION_ONCE}, "", "poll every user once, then exit"},
    {{"version", no_argument, NULL, ACTION_VERSION}, "", "print the version"},
    {{"help", no_argument, NULL, ACTION_HELP}, "", "print this text"},
};

#define OPTION_COUNT (sizeof(table) / sizeof(table[0]))

bool daemon_argument_at(size_t index, struct daemon_argument *option)
{
    if (index >= OPTION_COUNT)
        return false;
    *option = (struct daemon_argument){
        .name = table[index].option.name,
        .argument = table[index].argument,
        .help = table[index].help,
        .letter = (char)(table[index].option.val == 'c' ? 'c' : '\0'),
    };
    return true;
}

/* The exit status after something was printed; says what went wrong. */
static int printed(bool good)
{
    if (good && fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_STATUS_OK;
    perror("spotify-historyd: standard output");
    return EXIT_STATUS_IO;
}

static int print_help(void)
{
    printf("Usage: spotify-historyd [OPTION]...\n"
           "Record what is played on Spotify into one SQLite file. Stays in the foreground.\n\n");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        printf("  %s--%-13s %-5s %s\n", table[i].option.val == 'c' ? "-c, " : "    ",
               table[i].option.name, table[i].argument, table[i].help);
    printf("\nSignals: HUP reloads, USR1 logs a report and polls now, TERM and INT stop.\n"
           "See spotify-historyd(8).\n");
    return printed(true);
}

static void print_problems(const struct buf *problems)
{
    fputs(problems->data ? problems->data : "configuration: out of memory\n", stderr);
}

static int with_config(enum action action, const char *file)
{
    struct buf problems = {0};
    struct config *config = config_load(file, &problems);
    int status = EXIT_STATUS_OK;

    if (!config) {
        print_problems(&problems);
        status = EXIT_STATUS_CONFIG;
    } else if (action == ACTION_PRINT) {
        status = printed(config_print(config, stdout));
    }
    config_free(config);
    buf_free(&problems, false);
    return status;
}

static int act(enum action action, const char *file)
{
    struct daemon_options options = {.config_file = file, .once = action == ACTION_ONCE};

    switch (action) {
    case ACTION_RUN:
    case ACTION_ONCE:
        return daemon_run(&options);
    case ACTION_CHECK:
    case ACTION_PRINT:
        return with_config(action, file);
    case ACTION_SAMPLE:
        return printed(config_print_sample(stdout));
    case ACTION_VERSION:
        return printed(puts("spotify-historyd " PACKAGE_VERSION) >= 0);
    case ACTION_HELP:
        return print_help();
    }
    return EXIT_STATUS_USAGE;
}

int daemon_main(int argc, char **argv)
{
    struct option options[OPTION_COUNT + 1] = {{0}};
    enum action action = ACTION_RUN;
    const char *file = NULL;
    int option;

    log_open(LOG_FORM_AUTO, LOG_LEVEL_INFO);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        options[i] = table[i].option;
    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        if (option == '?') {
            fputs("Try 'spotify-historyd --help'.\n", stderr);
            return EXIT_STATUS_USAGE;
        }
        if (option == 'c')
            file = optarg;
        else
            action = (enum action)option;
    }
    if (optind < argc) {
        fprintf(stderr,
                "spotify-historyd: unexpected argument '%s'\nTry 'spotify-historyd --help'.\n",
                argv[optind]);
        return EXIT_STATUS_USAGE;
    }
    return act(action, file);
}
