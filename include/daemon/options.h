/* SPDX-License-Identifier: MIT */
/*
 * daemon/options: the one table of all options. The parser, the checks, --print-config, the sample
 * file, the comparison at a reload and the tests of the man page are made from its rows: a new
 * option is a row here and a field in struct config.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

#define OPTIONS_MAX 32         /* rows that arrays beside the table have room for */
#define OPTIONS_SECTIONS_MAX 8 /* the same for sections */

enum option_kind {
    OPTION_TEXT,     /* char * */
    OPTION_PATH,     /* char *, absolute */
    OPTION_URL,      /* char * */
    OPTION_BASE_URL, /* char *, slashes at the end cut off */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_NUMBER,   /* int64_t */
    OPTION_LIST,     /* char **, NULL-terminated */
    OPTION_LEVEL     /* enum log_level */
};

/* What is wrong with a text, for people, or NULL; for rules that a range cannot say. */
typedef const char *option_check_function(const char *text);

struct option_row {
    struct config_option shown;
    const char *section;
    const char *key;
    const char *initial; /* the default, without the quotes of the file */
    enum option_kind kind;
    size_t offset; /* of the field in struct config */
    int64_t min;   /* milliseconds, a number, or bytes of a text; items of a list */
    int64_t max;
    option_check_function *check;
};

struct option_section {
    const char *name;
    const char *help;
};

/* A row or section by its place, NULL past the end. Rows of one section are neighbours, in the
 * order of the sections. */
const struct option_row *option_at(size_t index);
const struct option_section *option_section_at(size_t index);

/* The place of an option or a section by its name; -1 if there is none. */
int option_find(const char *section, const char *key);
int option_section_find(const char *name);

/* The name that a person may have meant, NULL if none is near: an option of the section, or
 * (section NULL) a section. */
const char *option_nearest(const char *section, const char *name);

/* The section that has an option of this name, NULL if none has. */
const char *option_home(const char *key);

/* Reads "ADDRESS:PORT" or "[ADDRESS]:PORT"; *port is 0 if it is none. False if the address is none.
 */
bool option_split_listen(const char *text, char address[static INET6_ADDRSTRLEN], uint16_t *port);

/* True for an address that only this machine can reach. */
bool option_listen_is_loopback(const char *text);

/* The field of a row. */
void *option_field(const struct option_row *row, struct config *config);
const void *option_field_const(const struct option_row *row, const struct config *config);

#endif
