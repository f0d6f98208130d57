/* SPDX-License-Identifier: MIT */
#include "web/html.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* What the HTML standard forbids in a text: controls but white space, and noncharacters. */
static bool is_forbidden(uint32_t point)
{
    if (text_point_kind(point) == TEXT_POINT_CONTROL)
        return point != '\t' && point != '\n' && point != '\r';
    return (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe;
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
        if (text_point_kind(point) == TEXT_POINT_BIDI)
            return ""; /* it could turn the order of what stands around a name */
        return is_forbidden(point) ? REPLACEMENT : NULL;
    }
}

void html_add_text(struct buf *buf, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    size_t plain = 0; /* where the bytes begin that are written as they are */

    for (size_t at = 0; at < len;) {
        size_t step = text_utf8_length(text + at, len - at);
        const char *other = step > 0 ? replacement(text_utf8_decode(text + at, step)) : REPLACEMENT;

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
