/* SPDX-License-Identifier: MIT */
/* Reading JSON that a test author wrote by hand: every mistake is named, nothing is guessed. */
#ifndef SIM_ARGS_H
#define SIM_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One object being read. The first mistake is kept in `error`; what comes after it changes nothing
 * any more. */
struct sim_args {
    const json_t *object;
    char error[200]; /* empty: all is well so far */
};

/* Begins to read; anything but an object, or a key that is not in the NULL-ended list, is a
 * mistake. */
void sim_args_begin(struct sim_args *args, const json_t *object, const char *const *keys);

bool sim_args_has(const struct sim_args *args, const char *key);
bool sim_args_ok(const struct sim_args *args);
void sim_args_fail(struct sim_args *args, const char *key, const char *what);

/* Each leaves *out as it is when the key is absent, and returns whether it was there and good. */
bool sim_args_int(struct sim_args *args, const char *key, int64_t low, int64_t high, int64_t *out);
bool sim_args_number(struct sim_args *args, const char *key, double low, double high, double *out);
bool sim_args_bool(struct sim_args *args, const char *key, bool *out);
bool sim_args_text(struct sim_args *args, const char *key,
                   const char **out); /* borrowed from the JSON */
bool sim_args_time(struct sim_args *args, const char *key, int64_t *out); /* ms or ISO text */
bool sim_args_choice(struct sim_args *args, const char *key, const char *const *names, size_t count,
                     int *out);

#endif
