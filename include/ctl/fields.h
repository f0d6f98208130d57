/* SPDX-License-Identifier: MIT */
/*
 * ctl/fields: members of the daemon's JSON objects. What is absent or of another type is the value
 * for nothing: an answer of another version must not stop a command.
 */
#ifndef CTL_FIELDS_H
#define CTL_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Borrowed texts, valid as long as the object. */
const char *field_text(const json_t *object, const char *key, const char *absent);
int64_t field_number(const json_t *object, const char *key, int64_t absent);
bool field_flag(const json_t *object, const char *key);

#endif
