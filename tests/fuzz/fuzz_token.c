/* SPDX-License-Identifier: MIT */
/* spotify/oauth, with jansson as a second opinion on what the answer says. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/hold.h"
#include "spotify/oauth.h"
#include "spotify/request.h"

/* A text that is kept must be the one that jansson finds. */
static void check_member(const json_t *object, const char *key, const char *kept)
{
    const json_t *value = json_object_get(object, key);

    if (kept != NULL)
        hold(json_is_string(value) && strcmp(json_string_value(value), kept) == 0);
}

static void check_answer(const char *json, size_t size, const struct spotify_token_answer *answer)
{
    json_t *object = json_loadb(json, size, JSON_ALLOW_NUL, NULL);
    struct buf header = {0};

    hold(answer->access_token != NULL && answer->access_token[0] != '\0');
    hold(strlen(answer->access_token) <= SPOTIFY_TOKEN_MAX);
    hold(answer->refresh_token == NULL || answer->refresh_token[0] != '\0');
    hold(answer->scope == NULL || answer->scope[0] != '\0');
    hold(answer->expires_in_s >= 60 && answer->expires_in_s <= 3600);
    hold(spotify_request_bearer(&header, answer->access_token));
    buf_free(&header, true);
    if (object != NULL) { /* jansson refuses numbers that we do not look at */
        check_member(object, "access_token", answer->access_token);
        check_member(object, "refresh_token", answer->refresh_token);
        check_member(object, "scope", answer->scope);
    }
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spotify_token_answer answer;
    const char *error = NULL;

    if (spotify_token_decode((const char *)data, size, &answer, &error)) {
        check_answer((const char *)data, size, &answer);
        (void)spotify_scope_suffices(answer.scope);
    } else {
        hold(error != NULL && answer.access_token == NULL && answer.refresh_token == NULL);
    }
    spotify_token_answer_free(&answer);
    return 0;
}
