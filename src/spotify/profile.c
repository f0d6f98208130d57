/* SPDX-License-Identifier: MIT */
#include "spotify/profile.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

#define PROFILE_BODY_MAX 65536 /* a profile has some 400 bytes */

/* Copies a member that is a string, without controls, into buf; "" if it is absent or of another
 * type. False if it is there and cannot be taken. */
static bool member_copy(const json_t *object, const char *key, char *buf, size_t size)
{
    const json_t *value = json_object_get(object, key);
    size_t len;

    buf[0] = '\0';
    if (!json_is_string(value))
        return true;
    len = json_string_length(value);
    if (len >= size || !text_printable(json_string_value(value), len))
        return false;
    memcpy(buf, json_string_value(value), len);
    buf[len] = '\0';
    return true;
}

/* A name is only shown: marks of writing direction, which are usual in Hebrew and Arabic names, and
 * whatever else does not belong into a line are left out, and nobody is refused for it. */
static void name_copy(const json_t *object, char *buf, size_t size)
{
    const json_t *value = json_object_get(object, "display_name");

    buf[0] = '\0';
    if (json_is_string(value))
        text_clean(json_string_value(value), json_string_length(value), buf, size);
}

bool spotify_profile_decode(const char *json, size_t len, struct spotify_profile *profile,
                            const char **error)
{
    json_t *object = NULL;
    bool ok = false;

    *profile = (struct spotify_profile){0};
    *error = "the answer is no JSON";
    if (len <= PROFILE_BODY_MAX)
        object = json_loadb(json, len, JSON_ALLOW_NUL, NULL);
    if (object == NULL)
        goto out;
    *error = "the answer is not an object";
    if (!json_is_object(object))
        goto out;
    *error = "the account has no usable id";
    if (!member_copy(object, "id", profile->id, sizeof(profile->id)) || profile->id[0] == '\0')
        goto out;
    if (!member_copy(object, "account_id", profile->account_id, sizeof(profile->account_id)))
        goto out;
    name_copy(object, profile->display_name, sizeof(profile->display_name));
    ok = true;

out:
    json_decref(object);
    return ok;
}
