/* SPDX-License-Identifier: MIT */
/*
 * Between the config_*.c files. A configuration is read in steps, each of which notes what is wrong
 * and goes on:
 *
 *   config_scan.c     the text: sections, names, lines; what libConfuse would stop at or let pass
 *   config_confuse.c  libConfuse: the text's values
 *   config_value.c    values into fields of struct config, and back into text
 *   config.c          the file, the environment, the secret, and what must fit together
 *   config_print.c    the other way: --print-config, the sample, the comparison
 */
#ifndef DAEMON_CONFIG_PRIVATE_H
#define DAEMON_CONFIG_PRIVATE_H

#include <stdarg.h>

#include "base/buf.h"
#include "daemon/options.h"

#define CONFIG_FILE_MAX 1048576 /* bytes of a file that is still read */
#define CONFIG_PROBLEMS_MAX 50  /* more are only counted */
#define CONFIG_REASON_SIZE 320  /* bytes of one reason */

#define CONFIG_LINE_NONE 0           /* of the file as a whole; an option: its default */
#define CONFIG_LINE_ENVIRONMENT (-1) /* from the environment */

/* What config_load() hands out: the configuration, and where its values are from. */
struct config_loaded {
    struct config config; /* first: the one is converted into the other */
    char *file;
    bool secret_from_environment;
    int line[OPTIONS_MAX]; /* of each option; CONFIG_LINE_* */
};

/* One option's value as libConfuse read it; given is false when the file does not set it. */
struct config_given {
    const char **items; /* one, or those of a list; in the arena */
    size_t count;
    bool given;
};

struct config_problem {
    int line;
    const char *text; /* in the arena */
};

/* One reading. */
struct config_reading {
    const char *file;
    struct config_loaded *loaded;
    struct config_given given[OPTIONS_MAX];
    bool good[OPTIONS_MAX]; /* the option has a valid value */
    struct config_problem problems[CONFIG_PROBLEMS_MAX];
    size_t problem_count; /* may be more than are kept */
    bool is_public;       /* secrets that may not be read are left out */
    bool no_memory;
    struct arena arena;
};

void config_problem(struct config_reading *reading, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_problem_list(struct config_reading *reading, int line, const char *format,
                         va_list arguments) __attribute__((format(printf, 3, 0)));

/* Looks through the text (text[len] is NUL), notes every option's line and blanks out comments and
 * what is wrong, so that libConfuse meets only what it understands the same way. False if the rest
 * makes no sense. */
bool config_scan(struct config_reading *reading, char *text, size_t len);

/* Has libConfuse read the text that config_scan() left. */
bool config_confuse(struct config_reading *reading, const char *text);

/* Puts values (one, or those of a list) into the row's field. False, with the reason for people,
 * when they are not valid. */
bool config_value_read(const struct option_row *row, const char *const *values, size_t count,
                       struct config *config, char reason[static CONFIG_REASON_SIZE]);

/* Appends the field's value as it is written in the file. */
bool config_value_write(const struct option_row *row, const struct config *config, struct buf *out);

/* Frees what the row's field holds. */
void config_value_free(const struct option_row *row, struct config *config);

/* config_load() for a text in memory. file is only a name for the messages. */
struct config *config_load_text(const char *file, const char *text, size_t len,
                                struct buf *problems);

#endif
