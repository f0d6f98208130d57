/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "archive/export_private.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Appends one character of text that is not plain ASCII, and returns its length. */
static size_t add_character(struct buf *out, const char *text, size_t len)
{
    size_t step = text_utf8_length(text, len);

    if (step == 0) {
        buf_add_text(out, REPLACEMENT);
        return 1;
    }
    buf_add(out, text, step);
    return step;
}

/* -- JSON -------------------------------------------------------------------------------------- */

/* A byte that stands for itself in a JSON string. */
static bool json_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void json_escape(struct buf *out, unsigned char byte)
{
    switch (byte) {
    case '"':
        buf_add_text(out, "\\\"");
        break;
    case '\\':
        buf_add_text(out, "\\\\");
        break;
    case '\n':
        buf_add_text(out, "\\n");
        break;
    case '\t':
        buf_add_text(out, "\\t");
        break;
    case '\r':
        buf_add_text(out, "\\r");
        break;
    default:
        buf_addf(out, "\\u%04x", byte);
    }
}

void export_json_text(struct buf *out, const char *text)
{
    size_t len;

    if (!text) {
        buf_add(out, "null", 4);
        return;
    }
    len = strlen(text);
    buf_add(out, "\"", 1);
    for (size_t at = 0; at < len;) {
        size_t run = 0;

        while (at + run < len && json_plain((unsigned char)text[at + run]))
            run++;
        buf_add(out, text + at, run);
        at += run;
        if (at == len)
            break;
        if ((unsigned char)text[at] < 0x80)
            json_escape(out, (unsigned char)text[at++]);
        else
            at += add_character(out, text + at, len - at);
    }
    buf_add(out, "\"", 1);
}

static void add_key(struct buf *out, const char *key)
{
    bool comma = key[0] == ',';

    buf_add(out, comma ? ",\"" : "\"", comma ? 2 : 1);
    buf_add_text(out, comma ? key + 1 : key);
    buf_add(out, "\":", 2);
}

void export_json_member(struct buf *out, const char *key, const char *text)
{
    add_key(out, key);
    export_json_text(out, text);
}

void export_json_number(struct buf *out, const char *key, int64_t value, int64_t none)
{
    add_key(out, key);
    if (value == none)
        buf_add(out, "null", 4);
    else
        export_number(out, value);
}

void export_json_flag(struct buf *out, const char *key, int flag)
{
    add_key(out, key);
    buf_add_text(out, flag < 0 ? "null" : flag ? "true" : "false");
}

void export_json_time(struct buf *out, const char *key, int64_t ms)
{
    char time[TEXT_TIME_SIZE];

    export_json_member(out, key, ms == STORE_NO_TIME ? NULL : text_time_format(ms, time));
}

/* -- CSV --------------------------------------------------------------------------------------- */

/* Blanks at an end are kept by RFC 4180, but not by all who read: these get quotes as well. */
static bool csv_needs_quotes(const char *text, size_t len)
{
    return len > 0 && (strpbrk(text, "\",\r\n") != NULL || text[0] == ' ' || text[len - 1] == ' ');
}

void export_csv_text(struct buf *out, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    bool quotes = text && csv_needs_quotes(text, len);

    if (quotes)
        buf_add(out, "\"", 1);
    for (size_t at = 0; at < len;) {
        size_t run = 0;

        while (at + run < len && (unsigned char)text[at + run] < 0x80 && text[at + run] != '"')
            run++;
        buf_add(out, text + at, run);
        at += run;
        if (at == len)
            break;
        if (text[at] == '"') {
            buf_add(out, "\"\"", 2);
            at++;
        } else {
            at += add_character(out, text + at, len - at);
        }
    }
    if (quotes)
        buf_add(out, "\"", 1);
}

/* -- Both -------------------------------------------------------------------------------------- */

void export_number(struct buf *out, int64_t value)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    buf_add(out, digits + at, sizeof(digits) - at);
}

const char *export_uri(const char *uri)
{
    return uri && strncmp(uri, "spotify:", 8) == 0 ? uri : NULL;
}

const char *export_album_artist(const struct store_listed_track *track)
{
    if (track->album_artist)
        return track->album_artist;
    return track->artist_count > 0 ? track->artists[0].name : NULL;
}
