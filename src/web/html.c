/* SPDX-License-Identifier: MIT */
#include "web/html.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define REPLACEMENT "\xef\xbf\xbd"  /* U+FFFD */
#define NARROW_BLANK "\xe2\x80\xaf" /* U+202F */
#define EN_DASH "\xe2\x80\x93"

static uint32_t decode(const char *text, size_t len)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)text[0] & masks[len];

    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((unsigned char)text[i] & 0x3f);
    return point;
}

/* What the HTML standard forbids in a text: controls but white space, and noncharacters. */
static bool is_forbidden(uint32_t point)
{
    if (point < 0x20)
        return point != '\t' && point != '\n' && point != '\r';
    return (point >= 0x7f && point < 0xa0) || (point >= 0xfdd0 && point <= 0xfdef) ||
           (point & 0xfffe) == 0xfffe;
}

/* They could turn the order of what stands around a name. */
static bool is_bidi_control(uint32_t point)
{
    return point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* What is written for a code point instead of its own bytes, NULL: these. */
static const char *replacement(uint32_t point)
{
    switch (point) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        if (is_bidi_control(point))
            return "";
        return is_forbidden(point) ? REPLACEMENT : NULL;
    }
}

void html_add_text(struct buf *buf, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    size_t plain = 0; /* where the bytes begin that are written as they are */

    for (size_t at = 0; at < len;) {
        size_t step = text_utf8_length(text + at, len - at);
        const char *other = step > 0 ? replacement(decode(text + at, step)) : REPLACEMENT;

        if (step == 0)
            step = 1;
        if (other != NULL) {
            buf_add(buf, text + plain, at - plain);
            buf_add_text(buf, other);
            plain = at + step;
        }
        at += step;
    }
    if (plain < len)
        buf_add(buf, text + plain, len - plain);
}

/* Browsers drop tabs and newlines inside an address and read '\' as '/': neither is let through. */
static bool is_address(const char *address)
{
    static const char *const schemes[] = {"https://", "http://"};

    if (!text_printable(address, strlen(address)) || strpbrk(address, " \\") != NULL)
        return false;
    if (address[0] == '/')
        return address[1] != '/';
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);

        if (strncasecmp(address, schemes[i], len) == 0)
            return address[len] != '\0' && address[len] != '/';
    }
    return false;
}

void html_add_href(struct buf *buf, const char *address)
{
    html_add_text(buf, address != NULL && is_address(address) ? address : "#");
}

void html_add_url_part(struct buf *buf, const char *text)
{
    if (text != NULL)
        buf_add_form(buf, text, strlen(text));
}

void html_add_count(struct buf *buf, int64_t count)
{
    char digits[24];
    const char *at = digits;

    snprintf(digits, sizeof(digits), "%" PRId64, count);
    if (*at == '-')
        buf_add(buf, at++, 1);
    while (*at != '\0') {
        buf_add(buf, at++, 1);
        if (*at != '\0' && strlen(at) % 3 == 0)
            buf_add_text(buf, NARROW_BLANK);
    }
}

/* "2026-11-22 18:00", and with seconds and the offset. */
static void local_time(int64_t ms, char *text, char *full, size_t size)
{
    time_t seconds = (time_t)(ms / CLOCK_SECOND - (ms % CLOCK_SECOND < 0 ? 1 : 0));
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL || strftime(text, size, "%Y-%m-%d %H:%M", &tm) == 0 ||
        strftime(full, size, "%Y-%m-%d %H:%M:%S %z", &tm) == 0) {
        char utc[TEXT_TIME_SIZE];

        snprintf(text, size, "%s", text_time_format(ms, utc));
        snprintf(full, size, "%s", utc);
    }
}

void html_add_time(struct buf *buf, int64_t ms, const char *absent)
{
    char utc[TEXT_TIME_SIZE];
    char text[64];
    char full[64];

    if (ms == CLOCK_NO_TIME) {
        html_add(buf, "<span role=\"img\" aria-label=\"");
        html_add_text(buf, absent);
        html_add(buf, "\" title=\"");
        html_add_text(buf, absent);
        html_add(buf, "\">" EN_DASH "</span>");
        return;
    }
    local_time(ms, text, full, sizeof(text));
    buf_addf(buf, "<time datetime=\"%s\" title=\"%s\">%s</time>", text_time_format(ms, utc), full,
             text);
}
