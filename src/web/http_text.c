/* SPDX-License-Identifier: MIT */
/* The small languages inside a request: escapes, fields, cookies, lists, dates. */
#include "base/clock.h"
#include "base/text.h"
#include "web/http_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

int http_hex_value(char byte)
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
            int high = len - at > 2 ? http_hex_value(text[at + 1]) : -1;
            int low = len - at > 2 ? http_hex_value(text[at + 2]) : -1;

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

const char *http_date(int64_t wall_ms, char text[static HTTP_DATE_SIZE])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(wall_ms / CLOCK_SECOND);
    struct tm tm = {.tm_mday = 1};

    (void)gmtime_r(&seconds, &tm); /* strftime() would ask the locale for the names */
    snprintf(text, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return text;
}
