/* SPDX-License-Identifier: MIT */
/* The small languages inside a request: escapes, targets, fields, cookies, lists. */
#include "base/text.h"
#include "web/http_private.h"

#include <string.h>
#include <strings.h>

/* Value of a hexadecimal digit, -1 if it is none. */
static int hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* UTF-8 without C0, C1 and DEL. */
static bool is_clean(const char *text, size_t len, bool lines)
{
    for (size_t at = 0; at < len;) {
        size_t step = text_utf8_length(text + at, len - at);
        unsigned char byte = (unsigned char)text[at];

        if (step == 0 || byte == 0x7f)
            return false;
        if (byte < ' ' && !(lines && (byte == '\n' || byte == '\r' || byte == '\t')))
            return false;
        if (byte == 0xc2 && (unsigned char)text[at + 1] < 0xa0)
            return false;
        at += step;
    }
    return true;
}

bool http_decode(char *out, const char *text, size_t len, bool plus)
{
    size_t written = 0;

    for (size_t at = 0; at < len; at++) {
        char byte = text[at];

        if (byte == '%') {
            int high = len - at > 2 ? hex_value(text[at + 1]) : -1;
            int low = len - at > 2 ? hex_value(text[at + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            byte = (char)(high * 16 + low);
            at += 2;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        out[written++] = byte;
    }
    out[written] = '\0';
    return is_clean(out, written, plus);
}

bool http_path_plausible(const char *path)
{
    return path[0] == '/' && path[1] != '/';
}

bool http_target_plausible(const char *target)
{
    size_t len = strlen(target);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)target[i] <= ' ' || target[i] == 0x7f || target[i] == '#')
            return false;
    }
    return http_path_plausible(target) && text_utf8_valid(target, len);
}

bool http_host_plausible(const char *host)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";

    return host[strspn(host, letters)] == '\0';
}

bool http_field_plausible(const char *name, const char *value)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "!#$%&'*+-.^_`|~";

    if (*name == '\0' || name[strspn(name, letters)] != '\0')
        return false;
    for (; *value != '\0'; value++) {
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
            return false;
    }
    return true;
}

/* Decodes the len bytes of one field where they stand. The NULs go where '=' and '&' were, or
 * before. */
static bool field_decode(char *text, size_t len, struct http_pair *pair)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - text) : len;
    size_t value_at = equals != NULL ? name_len + 1 : len;
    char *value = text + value_at;

    pair->name = text;
    pair->value = value;
    return http_decode(value, value, len - value_at, true) &&
           http_decode(text, text, name_len, true);
}

bool http_fields_split(char *text, size_t len, struct http_pair *pairs, size_t *count)
{
    *count = 0;
    for (size_t at = 0; at < len;) {
        const char *stop = memchr(text + at, '&', len - at);
        size_t part = stop != NULL ? (size_t)(stop - (text + at)) : len - at;

        if (part > 0) {
            if (*count == WEB_HTTP_FIELDS_MAX || !field_decode(text + at, part, &pairs[*count]))
                return false;
            (*count)++;
        }
        at += part + 1;
    }
    return true;
}

/* Cuts the blanks from both ends of the text that ends at end. */
static char *trim(char *text, char *end)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    return text;
}

size_t http_cookies_split(char *text, struct http_pair *pairs, size_t max)
{
    size_t count = 0;
    char *at = text;

    while (at != NULL && count < max) {
        char *stop = strchr(at, ';');
        char *end = stop != NULL ? stop : at + strlen(at);
        char *equals = memchr(at, '=', (size_t)(end - at));

        if (equals != NULL) {
            pairs[count].value = trim(equals + 1, end);
            pairs[count].name = trim(at, equals);
            count += pairs[count].name[0] != '\0' ? 1 : 0;
        }
        at = stop != NULL ? stop + 1 : NULL;
    }
    return count;
}

bool http_list_has(const char *list, const char *token)
{
    size_t len = strlen(token);

    while (*list != '\0') {
        size_t word;

        list += strspn(list, " \t,");
        word = strcspn(list, " \t,");
        if (word == len && strncasecmp(list, token, len) == 0)
            return true;
        list += word;
    }
    return false;
}
