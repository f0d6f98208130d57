/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the configuration: a folder of its own for each test, files in it, and readings
 * of texts.
 */
#ifndef TESTS_UNIT_CONFIG_HELP_H
#define TESTS_UNIT_CONFIG_HELP_H

#include <stddef.h>
#include <sys/types.h>

struct config;

/* A checked fixture: a new folder, and nothing of Spotify's in the environment. */
void config_help_setup(void);
void config_help_teardown(void);

/* The path of a name in the folder; valid until the next 7 calls. */
const char *config_help_path(const char *name);

/* Makes a file in the folder with exactly this mode; returns its path. */
const char *config_help_file(const char *name, const void *data, size_t len, mode_t mode);

/* Reads a text named "test.conf", which must be fine. */
struct config *config_help_good(const char *text);

/* Reads a text that must not be fine; returns what is said, valid until the next call. */
const char *config_help_bad(const char *text);

/* The same for files (NULL: the default file). */
struct config *config_help_good_file(const char *path);
const char *config_help_bad_file(const char *path);

/* All of a file as a string, from malloc. */
char *config_help_read(const char *path);

#endif
