/* SPDX-License-Identifier: MIT */
#include "ctl/fields.h"

const char *field_text(const json_t *object, const char *key, const char *absent)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : absent;
}

int64_t field_number(const json_t *object, const char *key, int64_t absent)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : absent;
}

bool field_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}
