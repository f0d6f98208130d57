/* SPDX-License-Identifier: MIT */
/*
 * base/json_pull held against jansson: the same text must be accepted or refused by both, and mean
 * the same values. What differs by design is known here and nowhere else.
 */
#ifndef TESTS_LIB_JSON_TREE_H
#define TESTS_LIB_JSON_TREE_H

#include <jansson.h>
#include <stddef.h>

/* Reads a text with json_pull, fed in chunks of so many bytes (0: all at once), into jansson's
 * values. NULL if it is refused; then *error says why. Free with json_decref(). */
json_t *json_tree_read(const char *text, size_t len, size_t chunk, const char **error);

/* NULL if both readers agree on the text, read at once and in chunks; else what they disagree on.
 */
const char *json_tree_compare(const char *text, size_t len, size_t chunk);

#endif
