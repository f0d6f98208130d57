/* SPDX-License-Identifier: MIT */
#include "spotify/oauth.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_pull.h"
#include "spotify/request.h"

/*
 * Read with json_pull, not jansson: a tree would leave copies of both tokens in freed memory. Here
 * a token is in the answer's body, which net wipes, in the tokeniser's scratch, which is wiped, and
 * in the struct.
 */

#define EXPIRES_MIN 60
#define EXPIRES_MAX 3600

static void drop(char **text)
{
    if (*text != NULL)
        buf_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void spotify_token_answer_free(struct spotify_token_answer *answer)
{
    drop(&answer->access_token);
    drop(&answer->refresh_token);
    drop(&answer->scope);
    *answer = (struct spotify_token_answer){0};
}

/* Whether all bytes are printable ASCII from the first one on: ' ' for a scope, '!' for a token. */
static bool is_printable(const char *text, size_t len, char first)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < first || text[i] > '~')
            return false;
    }
    return true;
}

/* Stores a copy of the string just read; NULL for one that is empty. Returns false if it cannot be
 * used. */
static bool text_take(const struct json_pull *pull, enum json_token token, char first, char **slot)
{
    const char *text;
    size_t len;

    drop(slot);
    if (token != JSON_TOKEN_STRING)
        return true;
    text = json_pull_text(pull, &len);
    if (len > SPOTIFY_TOKEN_MAX || !is_printable(text, len, first))
        return false;
    if (len > 0)
        *slot = strndup(text, len);
    return len == 0 || *slot != NULL;
}

static int64_t expires_clamp(const struct json_pull *pull, enum json_token token)
{
    int64_t value;

    if (token != JSON_TOKEN_NUMBER || !json_pull_int(pull, &value) || value > EXPIRES_MAX)
        return EXPIRES_MAX;
    return value < EXPIRES_MIN ? EXPIRES_MIN : value;
}

enum member { MEMBER_ACCESS, MEMBER_REFRESH, MEMBER_SCOPE, MEMBER_EXPIRES, MEMBER_OTHER };

static enum member member_find(const char *key, size_t len)
{
    static const char *const keys[] = {"access_token", "refresh_token", "scope", "expires_in"};
    size_t i;

    for (i = 0; i < MEMBER_OTHER; i++) {
        if (strlen(keys[i]) == len && memcmp(keys[i], key, len) == 0)
            break;
    }
    return (enum member)i;
}

/* What is read, and which tokens cannot be used; of a member that comes twice the last one counts.
 */
struct token_reading {
    struct spotify_token_answer *answer;
    bool access_bad;
    bool refresh_bad;
};

static void member_read(struct json_pull *pull, enum member member, struct token_reading *reading)
{
    struct spotify_token_answer *answer = reading->answer;
    enum json_token token = json_pull_next(pull);

    switch (member) {
    case MEMBER_ACCESS:
        reading->access_bad = !text_take(pull, token, '!', &answer->access_token);
        break;
    case MEMBER_REFRESH:
        reading->refresh_bad = !text_take(pull, token, '!', &answer->refresh_token);
        break;
    case MEMBER_SCOPE:
        text_take(pull, token, ' ', &answer->scope); /* one that cannot be read says nothing */
        break;
    case MEMBER_EXPIRES:
        answer->expires_in_s = expires_clamp(pull, token);
        break;
    case MEMBER_OTHER:
        break;
    }
    json_pull_skip(pull, token); /* an error of it comes again with the next token */
}

/* Reads the whole text. Returns NULL, or what is wrong with it. */
static const char *answer_read(struct json_pull *pull, struct token_reading *reading)
{
    enum json_token token = json_pull_next(pull);
    uint64_t offset;

    if (token != JSON_TOKEN_OBJECT_BEGIN && token != JSON_TOKEN_ERROR)
        return "the answer is not an object";
    while (json_pull_next(pull) == JSON_TOKEN_KEY) {
        size_t len;
        const char *key = json_pull_text(pull, &len);

        member_read(pull, member_find(key, len), reading);
    }
    return json_pull_next(pull) == JSON_TOKEN_END ? NULL : json_pull_error(pull, &offset);
}

static const char *answer_judge(const struct token_reading *reading)
{
    if (reading->access_bad)
        return "the access token cannot be used";
    if (reading->answer->access_token == NULL)
        return "the answer has no access token";
    if (reading->refresh_bad)
        return "the refresh token cannot be used";
    return NULL;
}

bool spotify_token_decode(const char *json, size_t len, struct spotify_token_answer *answer,
                          const char **error)
{
    struct token_reading reading = {.answer = answer};
    struct json_pull *pull = json_pull_new();
    const char *wrong = "out of memory";

    *answer = (struct spotify_token_answer){.expires_in_s = EXPIRES_MAX};
    if (pull != NULL) {
        json_pull_feed(pull, json, len, true);
        wrong = answer_read(pull, &reading);
        json_pull_free(pull);
        if (wrong == NULL)
            wrong = answer_judge(&reading);
    }
    if (wrong == NULL)
        return true;
    spotify_token_answer_free(answer);
    *error = wrong;
    return false;
}

bool spotify_scope_suffices(const char *scope)
{
    size_t want = strlen(SPOTIFY_SCOPE);

    if (scope == NULL)
        return true;
    while (*scope != '\0') {
        size_t len = strcspn(scope, " ");

        if (len == want && memcmp(scope, SPOTIFY_SCOPE, want) == 0)
            return true;
        scope += len + (scope[len] == ' ' ? 1 : 0);
    }
    return false;
}
