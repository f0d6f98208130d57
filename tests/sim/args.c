/* SPDX-License-Identifier: MIT */
#include "args.h"

#include <stdio.h>
#include <string.h>

#include "sim.h"

bool sim_args_ok(const struct sim_args *args)
{
    return args->error[0] == '\0';
}

void sim_args_fail(struct sim_args *args, const char *key, const char *what)
{
    if (sim_args_ok(args))
        snprintf(args->error, sizeof(args->error), "%.60s: %s", key, what);
}

void sim_args_begin(struct sim_args *args, const json_t *object, const char *const *keys)
{
    const char *key;
    json_t *value;

    memset(args, 0, sizeof(*args));
    args->object = object;
    if (!json_is_object(object)) {
        sim_args_fail(args, "body", "must be an object");
        return;
    }
    json_object_foreach ((json_t *)object, key, value) {
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], key) != 0)
            i++;
        if (keys[i] == NULL)
            sim_args_fail(args, key, "there is no such key");
    }
}

static json_t *args_get(const struct sim_args *args, const char *key)
{
    return sim_args_ok(args) ? json_object_get(args->object, key) : NULL;
}

bool sim_args_has(const struct sim_args *args, const char *key)
{
    return args_get(args, key) != NULL;
}

bool sim_args_int(struct sim_args *args, const char *key, int64_t low, int64_t high, int64_t *out)
{
    const json_t *value = args_get(args, key);

    if (value == NULL)
        return false;
    if (!json_is_integer(value) || json_integer_value(value) < low ||
        json_integer_value(value) > high) {
        sim_args_fail(args, key, "must be a whole number in its range");
        return false;
    }
    *out = json_integer_value(value);
    return true;
}

bool sim_args_number(struct sim_args *args, const char *key, double low, double high, double *out)
{
    const json_t *value = args_get(args, key);

    if (value == NULL)
        return false;
    if (!json_is_number(value) || json_number_value(value) < low ||
        json_number_value(value) > high) {
        sim_args_fail(args, key, "must be a number in its range");
        return false;
    }
    *out = json_number_value(value);
    return true;
}

bool sim_args_bool(struct sim_args *args, const char *key, bool *out)
{
    const json_t *value = args_get(args, key);

    if (value == NULL)
        return false;
    if (!json_is_boolean(value)) {
        sim_args_fail(args, key, "must be true or false");
        return false;
    }
    *out = json_is_true(value);
    return true;
}

bool sim_args_text(struct sim_args *args, const char *key, const char **out)
{
    const json_t *value = args_get(args, key);

    if (value == NULL)
        return false;
    if (!json_is_string(value)) {
        sim_args_fail(args, key, "must be text");
        return false;
    }
    *out = json_string_value(value);
    return true;
}

bool sim_args_time(struct sim_args *args, const char *key, int64_t *out)
{
    const json_t *value = args_get(args, key);

    if (value == NULL)
        return false;
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return true;
    }
    if (json_is_string(value) && sim_time_parse(json_string_value(value), out))
        return true;
    sim_args_fail(args, key, "must be milliseconds or a time like 2026-03-01T12:00:00.123Z");
    return false;
}

bool sim_args_choice(struct sim_args *args, const char *key, const char *const *names, size_t count,
                     int *out)
{
    const char *text = NULL;

    if (!sim_args_text(args, key, &text))
        return false;
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], text) == 0) {
            *out = (int)i;
            return true;
        }
    sim_args_fail(args, key, "is not one of the known words");
    return false;
}
