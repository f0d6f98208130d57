/* SPDX-License-Identifier: MIT */
#include "ctl/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool key_parse(const char *text, struct store_place *place)
{
    size_t len = strcspn(text, ".");
    struct store_place read = {0};

    if (!text_int_parse(text, len, &read.key))
        return false;
    if (text[len] == '.' &&
        (!text_int_parse(text + len + 1, strlen(text + len + 1), &read.user_id) ||
         read.user_id <= 0))
        return false;
    *place = read;
    return true;
}

const char *key_format(struct store_place place, char text[static KEY_SIZE])
{
    if (place.user_id == 0)
        snprintf(text, KEY_SIZE, "%" PRId64, place.key);
    else
        snprintf(text, KEY_SIZE, "%" PRId64 ".%" PRId64, place.key, place.user_id);
    return text;
}
