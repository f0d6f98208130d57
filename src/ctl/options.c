/* SPDX-License-Identifier: MIT */
/* Options by a table: one that getopt_long(3) understands is made of it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

#define HELP_VALUE 256  /* above every letter */
#define FIRST_VALUE 257 /* of the first row */

struct getopt_table {
    struct option longs[CTL_OPTIONS_MAX + 2];
    char letters[2 * CTL_OPTIONS_MAX + 2];
};

static void make_table(const struct ctl_option *options, bool stop_at_operand,
                       struct getopt_table *table)
{
    size_t count = 0;
    char *letter = table->letters;

    if (stop_at_operand)
        *letter++ = '+';
    for (; count < CTL_OPTIONS_MAX && options[count].name; count++) {
        table->longs[count] = (struct option){
            options[count].name, options[count].argument ? required_argument : no_argument, NULL,
            FIRST_VALUE + (int)count};
        if (!options[count].letter)
            continue;
        *letter++ = options[count].letter;
        if (options[count].argument)
            *letter++ = ':';
    }
    table->longs[count] = (struct option){"help", no_argument, NULL, HELP_VALUE};
}

/* The row of what getopt_long() returned, -1: none. */
static int row_of(const struct ctl_option *options, int value)
{
    if (value >= FIRST_VALUE)
        return value - FIRST_VALUE;
    for (int i = 0; i < CTL_OPTIONS_MAX && options[i].name; i++)
        if (options[i].letter && options[i].letter == value)
            return i;
    return -1;
}

enum ctl_options_result ctl_options_read(const struct ctl_option *options, int argc, char **argv,
                                         bool stop_at_operand,
                                         const char *values[static CTL_OPTIONS_MAX], int *first)
{
    struct getopt_table table = {0};
    int value;

    make_table(options, stop_at_operand, &table);
    optind = 0; /* a new scan */
    while ((value = getopt_long(argc, argv, table.letters, table.longs, NULL)) != -1) {
        int row = row_of(options, value);

        if (value == HELP_VALUE)
            return CTL_OPTIONS_HELP;
        if (row < 0)
            return CTL_OPTIONS_WRONG;
        values[row] = optarg ? optarg : "";
    }
    *first = optind;
    return CTL_OPTIONS_READ;
}
