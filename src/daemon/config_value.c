/* SPDX-License-Identifier: MIT */
#include "daemon/config_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/net.h"

#define SHOWN_SIZE 64 /* of a value in a message */

/* -- Reading ----------------------------------------------------------------------------------- */

/* Writes `"value" what` as the reason; for the "return" of a reader. */
static bool refuse(char reason[static CONFIG_REASON_SIZE], const char *value, const char *what)
{
    char shown[SHOWN_SIZE];

    text_excerpt(value, strlen(value), shown, sizeof(shown));
    snprintf(reason, CONFIG_REASON_SIZE, "\"%s\" %s", shown, what);
    return false;
}

static bool refuse_range(const struct option_row *row, char reason[static CONFIG_REASON_SIZE],
                         const char *value, bool low)
{
    char what[CONFIG_REASON_SIZE / 2];

    snprintf(what, sizeof(what), "is too %s (%s)",
             row->kind == OPTION_NUMBER ? (low ? "small" : "large") : (low ? "short" : "long"),
             row->shown.range);
    return refuse(reason, value, what);
}

static bool set_text(char **field, const char *text, size_t len,
                     char reason[static CONFIG_REASON_SIZE])
{
    char *copy = strndup(text, len);

    if (copy == NULL) {
        snprintf(reason, CONFIG_REASON_SIZE, "no memory");
        return false;
    }
    free(*field);
    *field = copy;
    return true;
}

/* A text that is too long is not repeated: a token may have come into the wrong place. */
static bool check_length(const struct option_row *row, const char *text,
                         char reason[static CONFIG_REASON_SIZE])
{
    int64_t len = (int64_t)strlen(text);

    if (len >= row->min && len <= row->max)
        return true;
    snprintf(reason, CONFIG_REASON_SIZE, "%s (%s)", len == 0 ? "must not be empty" : "too long",
             row->shown.range);
    return false;
}

static bool read_text(const struct option_row *row, const char *text, char **field,
                      char reason[static CONFIG_REASON_SIZE])
{
    const char *wrong = row->check != NULL ? row->check(text) : NULL;

    if (wrong != NULL)
        return refuse(reason, text, wrong);
    return set_text(field, text, strlen(text), reason);
}

static bool read_path(const char *text, char **field, char reason[static CONFIG_REASON_SIZE])
{
    size_t len = strlen(text);

    if (len > 0 && text[0] != '/')
        return refuse(reason, text, "is not an absolute path (it must begin with \"/\")");
    if (len > 0 && text[len - 1] == '/')
        return refuse(reason, text, "names a directory, not a file");
    return set_text(field, text, len, reason);
}

static bool read_url(const struct option_row *row, const char *text, char **field,
                     char reason[static CONFIG_REASON_SIZE])
{
    size_t len = strlen(text);

    /* What stands before an "@" may be a password: not repeated. */
    if (strchr(text, '@') != NULL) {
        snprintf(reason, CONFIG_REASON_SIZE, "must not hold a user name or a password (\"@\")");
        return false;
    }
    if (strpbrk(text, "?#") != NULL)
        return refuse(reason, text, "must not hold \"?\" or \"#\"");
    if (!net_url_allowed(text))
        return refuse(reason, text,
                      "is not a URL that may be used: https, or http to 127.0.0.1 or [::1]");
    while (row->kind == OPTION_BASE_URL && text[len - 1] == '/')
        len--;
    return set_text(field, text, len, reason);
}

static bool read_duration(const struct option_row *row, const char *text, int64_t *field,
                          char reason[static CONFIG_REASON_SIZE])
{
    int64_t ms;
    int64_t bare;

    if (!text_duration_parse(text, &ms)) {
        return refuse(reason, text,
                      text_int_parse(text, strlen(text), &bare) && bare > 0
                          ? "lacks a unit: ms, s, m, h or d, as in 90s or 1h30m"
                          : "is not a duration such as 90s, 10m or 1h30m");
    }
    if (ms < row->min || ms > row->max)
        return refuse_range(row, reason, text, ms < row->min);
    *field = ms;
    return true;
}

static bool read_number(const struct option_row *row, const char *text, int64_t *field,
                        char reason[static CONFIG_REASON_SIZE])
{
    size_t len = strlen(text);
    bool minus = text[0] == '-';
    int64_t number;

    if (len == (minus ? 1 : 0) ||
        text[strspn(text + (minus ? 1 : 0), "0123456789") + (minus ? 1 : 0)] != '\0')
        return refuse(reason, text, "is not a whole number");
    if (!text_int_parse(text, len, &number)) /* only an overflow is left */
        number = minus ? INT64_MIN : INT64_MAX;
    if (number < row->min || number > row->max)
        return refuse_range(row, reason, text, number < row->min);
    *field = number;
    return true;
}

static bool read_level(const struct option_row *row, const char *text, enum log_level *field,
                       char reason[static CONFIG_REASON_SIZE])
{
    char what[CONFIG_REASON_SIZE / 2];

    if (log_level_parse(text, field))
        return true;
    snprintf(what, sizeof(what), "is not a level (%s)", row->shown.range);
    return refuse(reason, text, what);
}

static void free_list(char **list)
{
    for (char **item = list; item != NULL && *item != NULL; item++)
        free(*item);
    free(list);
}

static bool read_list(const struct option_row *row, const char *const *values, size_t count,
                      char ***field, char reason[static CONFIG_REASON_SIZE])
{
    char **list;

    if ((int64_t)count > row->max) {
        snprintf(reason, CONFIG_REASON_SIZE, "%zu values are too many (%s)", count,
                 row->shown.range);
        return false;
    }
    list = calloc(count + 1, sizeof(*list));
    if (list == NULL) {
        snprintf(reason, CONFIG_REASON_SIZE, "no memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_text(row, values[i], &list[i], reason)) {
            free_list(list);
            return false;
        }
    }
    free_list(*field);
    *field = list;
    return true;
}

bool config_value_read(const struct option_row *row, const char *const *values, size_t count,
                       struct config *config, char reason[static CONFIG_REASON_SIZE])
{
    void *field = option_field(row, config);
    bool is_text = row->kind == OPTION_TEXT || row->kind == OPTION_PATH ||
                   row->kind == OPTION_URL || row->kind == OPTION_BASE_URL;

    if (is_text && !check_length(row, values[0], reason))
        return false;
    switch (row->kind) {
    case OPTION_TEXT:
        return read_text(row, values[0], field, reason);
    case OPTION_PATH:
        return read_path(values[0], field, reason);
    case OPTION_URL:
    case OPTION_BASE_URL:
        return read_url(row, values[0], field, reason);
    case OPTION_DURATION:
        return read_duration(row, values[0], field, reason);
    case OPTION_NUMBER:
        return read_number(row, values[0], field, reason);
    case OPTION_LIST:
        return read_list(row, values, count, field, reason);
    case OPTION_LEVEL:
        return read_level(row, values[0], field, reason);
    }
    return false;
}

/* -- Writing ----------------------------------------------------------------------------------- */

static void write_text(const char *text, struct buf *out)
{
    buf_add_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\' || (*text == '$' && text[1] == '{'))
            buf_add_text(out, "\\");
        buf_add(out, text, 1);
    }
    buf_add_text(out, "\"");
}

static void write_list(char *const *list, struct buf *out)
{
    const char *between = "";

    buf_add_text(out, "{");
    for (; *list != NULL; list++) {
        buf_add_text(out, between);
        write_text(*list, out);
        between = ", ";
    }
    buf_add_text(out, "}");
}

bool config_value_write(const struct option_row *row, const struct config *config, struct buf *out)
{
    const void *field = option_field_const(row, config);
    char duration[TEXT_DURATION_SIZE];

    switch (row->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_URL:
    case OPTION_BASE_URL:
        write_text(*(char *const *)field, out);
        break;
    case OPTION_DURATION:
        write_text(text_duration_format(*(const int64_t *)field, duration), out);
        break;
    case OPTION_NUMBER:
        buf_addf(out, "%lld", (long long)*(const int64_t *)field);
        break;
    case OPTION_LIST:
        write_list(*(char **const *)field, out);
        break;
    case OPTION_LEVEL:
        write_text(log_level_name(*(const enum log_level *)field), out);
        break;
    }
    return !out->failed;
}

void config_value_free(const struct option_row *row, struct config *config)
{
    void *field = option_field(row, config);

    switch (row->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_URL:
    case OPTION_BASE_URL:
        free(*(char **)field);
        break;
    case OPTION_LIST:
        free_list(*(char ***)field);
        break;
    case OPTION_DURATION:
    case OPTION_NUMBER:
    case OPTION_LEVEL:
        break;
    }
}
