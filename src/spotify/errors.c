/* SPDX-License-Identifier: MIT */
#include "spotify/errors.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define BODY_MAX 65536         /* longer bodies are not looked into */
#define PLAIN_MAX 100          /* bytes shown of a text that we do not know */
#define RETRY_AFTER_MAX 172800 /* 48 h */
#define SECRET_MIN 32          /* a run of so many token characters is not shown */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What a body says, escaped. */
struct message {
    bool is_object; /* a JSON object */
    bool is_html;
    bool is_plain;
    char word[64];  /* "invalid_grant": the error of the OAuth form */
    char text[512]; /* for people, and to know wordings by */
};

/* Wordings that decide where the status alone cannot. */
static const struct wording {
    int status;
    const char *words; /* in the text, in any case of letters */
    enum spotify_failure_class failure;
    const char *code;
} wordings[] = {
    {401, "permissions missing", SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing"},
    {401, "insufficient client scope", SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing"},
    {403, "permissions missing", SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing"},
    {403, "insufficient client scope", SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing"},
    {403, "premium subscription required for the owner", SPOTIFY_FAILURE_APP, "owner_premium"},
    {403, "not registered", SPOTIFY_FAILURE_FORBIDDEN, "not_registered"},
    {403, "not be registered", SPOTIFY_FAILURE_FORBIDDEN, "not_registered"},
};

/* The words of the token endpoint (RFC 6749 section 5.2), believed with status 400 and 401. */
static const struct oauth_word {
    const char *word;
    enum spotify_failure_class failure;
} oauth_words[] = {
    {"invalid_grant", SPOTIFY_FAILURE_NEEDS_LOGIN},   {"invalid_client", SPOTIFY_FAILURE_APP},
    {"unauthorized_client", SPOTIFY_FAILURE_APP},     {"invalid_request", SPOTIFY_FAILURE_OURS},
    {"unsupported_grant_type", SPOTIFY_FAILURE_OURS}, {"invalid_scope", SPOTIFY_FAILURE_OURS},
};

static const struct status_row {
    int status;
    enum spotify_failure_class failure;
} api_statuses[] = {
    {400, SPOTIFY_FAILURE_OURS},      {401, SPOTIFY_FAILURE_TOKEN_EXPIRED},
    {403, SPOTIFY_FAILURE_FORBIDDEN}, {405, SPOTIFY_FAILURE_OURS},
    {406, SPOTIFY_FAILURE_OURS},      {410, SPOTIFY_FAILURE_OURS},
    {411, SPOTIFY_FAILURE_OURS},      {413, SPOTIFY_FAILURE_OURS},
    {414, SPOTIFY_FAILURE_OURS},      {415, SPOTIFY_FAILURE_OURS},
    {422, SPOTIFY_FAILURE_OURS},
};

static void copy_string(const json_t *value, char *buf, size_t size)
{
    if (json_is_string(value))
        text_line(json_string_value(value), json_string_length(value), buf, size);
}

/* {"error":{"status":...,"message":...,"reason":...}} */
static void read_regular(const json_t *error, struct message *message)
{
    char reason[64] = "";
    size_t len;

    copy_string(json_object_get(error, "message"), message->text, sizeof(message->text));
    copy_string(json_object_get(error, "reason"), reason, sizeof(reason));
    len = strlen(message->text);
    if (reason[0] != '\0' && len + strlen(reason) + 4 < sizeof(message->text))
        snprintf(message->text + len, sizeof(message->text) - len, len > 0 ? " (%s)" : "%s",
                 reason);
}

/* {"error":"invalid_grant","error_description":...} */
static void read_oauth(const json_t *object, struct message *message)
{
    char description[400] = "";

    copy_string(json_object_get(object, "error"), message->word, sizeof(message->word));
    copy_string(json_object_get(object, "error_description"), description, sizeof(description));
    snprintf(message->text, sizeof(message->text), description[0] != '\0' ? "%s: %s" : "%s",
             message->word, description);
}

static void read_json(const json_t *root, struct message *message)
{
    const json_t *error = json_object_get(root, "error");

    message->is_object = json_is_object(root);
    if (json_is_object(error))
        read_regular(error, message);
    else if (json_is_string(error))
        read_oauth(root, message);
    else
        copy_string(json_object_get(root, "message"), message->text, sizeof(message->text));
}

static void read_plain(const char *body, size_t len, struct message *message)
{
    while (len > 0 && strchr(" \t\r\n", *body) != NULL) {
        body++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", body[len - 1]) != NULL)
        len--;
    message->is_html = len > 0 && *body == '<';
    message->is_plain = len > 0 && !message->is_html;
    if (message->is_plain)
        text_excerpt(body, len, message->text, sizeof(message->text));
}

static bool is_token_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* Whoever answers may repeat what we sent, and that holds tokens: no long run of their characters
 * is kept. */
static void hide_secrets(char *text)
{
    char *out = text;

    while (*text != '\0') {
        size_t run = 0;

        while (is_token_byte(text[run]))
            run++;
        if (run >= SECRET_MIN) {
            memcpy(out, "[...]", 5);
            out += 5;
        } else {
            run += run == 0 ? 1 : 0;
            memmove(out, text, run);
            out += run;
        }
        text += run;
    }
    *out = '\0';
}

static void message_read(const char *body, size_t len, struct message *message)
{
    json_t *root = NULL;

    *message = (struct message){0};
    if (len == 0 || len > BODY_MAX)
        return;
    root = json_loadb(body, len, JSON_ALLOW_NUL, NULL);
    if (root != NULL)
        read_json(root, message);
    else
        read_plain(body, len, message);
    json_decref(root);
    hide_secrets(message->text);
    hide_secrets(message->word);
}

static void failure_set(struct spotify_failure *failure, enum spotify_failure_class class,
                        const char *code)
{
    failure->failure = class;
    snprintf(failure->code, sizeof(failure->code), "%s", code);
}

static const struct oauth_word *find_oauth_word(const struct message *message)
{
    for (size_t i = 0; i < COUNT_OF(oauth_words); i++) {
        if (message->is_object && strcmp(message->word, oauth_words[i].word) == 0)
            return &oauth_words[i];
    }
    return NULL;
}

static const struct wording *find_wording(enum spotify_endpoint endpoint, int status,
                                          const char *text)
{
    if (endpoint == SPOTIFY_ENDPOINT_TOKEN && status == 401)
        return NULL; /* scopes are no matter of the token endpoint */
    for (size_t i = 0; i < COUNT_OF(wordings); i++) {
        const struct wording *wording = &wordings[i];

        if (wording->status == status && strcasestr(text, wording->words) != NULL)
            return wording;
    }
    return NULL;
}

/* The class that the status alone gives; anything that is not in the table may pass by itself. */
static enum spotify_failure_class class_of_status(enum spotify_endpoint endpoint, int status)
{
    /* there is no access token that a refresh could renew when it is the refresh that is refused */
    if (endpoint == SPOTIFY_ENDPOINT_TOKEN && status == 401)
        return SPOTIFY_FAILURE_TRANSIENT;
    for (size_t i = 0; i < COUNT_OF(api_statuses); i++) {
        if (api_statuses[i].status == status)
            return api_statuses[i].failure;
    }
    return SPOTIFY_FAILURE_TRANSIENT;
}

/* Fills class and code from what was asked, the status, and the body where it is needed. */
static void sort_by_status(enum spotify_endpoint endpoint, int status,
                           const struct message *message, struct spotify_failure *failure)
{
    const struct oauth_word *word = find_oauth_word(message);
    const struct wording *wording = find_wording(endpoint, status, message->text);
    char code[sizeof(failure->code)];

    snprintf(code, sizeof(code), "http_%d", status);
    if (endpoint == SPOTIFY_ENDPOINT_TOKEN && (status == 400 || status == 401) && word != NULL)
        failure_set(failure, word->failure, word->word);
    else if (wording != NULL)
        failure_set(failure, wording->failure, wording->code);
    else if (status == 429)
        failure_set(failure, SPOTIFY_FAILURE_TRANSIENT, "rate_limit");
    else if (status >= 200 && status <= 299 && !message->is_object)
        failure_set(failure, SPOTIFY_FAILURE_TRANSIENT, "not_json");
    else
        failure_set(failure, class_of_status(endpoint, status), code);
}

bool spotify_asks_to_wait(int status, int64_t retry_after_s)
{
    return retry_after_s >= 0 && (status == 429 || status == 503);
}

static void obey_retry_after(int status, int64_t retry_after_s, struct spotify_failure *failure)
{
    if (!spotify_asks_to_wait(status, retry_after_s))
        return;
    failure->failure = SPOTIFY_FAILURE_RATE_LIMIT;
    failure->retry_after_s = retry_after_s;
    if (retry_after_s < 1)
        failure->retry_after_s = 1;
    if (retry_after_s > RETRY_AFTER_MAX)
        failure->retry_after_s = RETRY_AFTER_MAX;
}

static void write_reason(int status, const struct message *message, struct spotify_failure *failure)
{
    bool known = strncmp(failure->code, "http_", 5) != 0 && strcmp(failure->code, "not_json") != 0;
    char plain[PLAIN_MAX + 1];

    if (message->text[0] == '\0') {
        snprintf(failure->reason, sizeof(failure->reason), "HTTP status %d%s", status,
                 message->is_html ? " with an HTML page" : "");
    } else if (message->is_plain && !known) {
        text_line(message->text, strlen(message->text), plain, sizeof(plain));
        snprintf(failure->reason, sizeof(failure->reason), "HTTP status %d: %s", status, plain);
    } else {
        text_line(message->text, strlen(message->text), failure->reason, sizeof(failure->reason));
    }
}

void spotify_failure_sort(enum spotify_endpoint endpoint, int status, int64_t retry_after_s,
                          const char *body, size_t body_len, struct spotify_failure *failure)
{
    struct message message;

    *failure = (struct spotify_failure){0};
    message_read(body, body_len, &message);
    sort_by_status(endpoint, status, &message, failure);
    obey_retry_after(status, retry_after_s, failure);
    write_reason(status, &message, failure);
}

const char *spotify_failure_name(enum spotify_failure_class failure)
{
    static const char *const names[] = {
        [SPOTIFY_FAILURE_NONE] = "none",
        [SPOTIFY_FAILURE_TRANSIENT] = "transient",
        [SPOTIFY_FAILURE_RATE_LIMIT] = "rate_limit",
        [SPOTIFY_FAILURE_TOKEN_EXPIRED] = "token_expired",
        [SPOTIFY_FAILURE_NEEDS_LOGIN] = "needs_login",
        [SPOTIFY_FAILURE_FORBIDDEN] = "forbidden",
        [SPOTIFY_FAILURE_APP] = "app",
        [SPOTIFY_FAILURE_OURS] = "ours",
    };

    return names[failure];
}
