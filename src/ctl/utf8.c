/* SPDX-License-Identifier: MIT */
#include "ctl/utf8.h"

#include <string.h>
#include <wctype.h>

#include "base/text.h"

#define REPLACEMENT 0xfffd

uint32_t utf8_next(const char **text)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const char *at = *text;
    size_t len = text_utf8_length(at, strnlen(at, 4));
    uint32_t point;

    *text += len > 0 ? len : 1;
    if (len == 0)
        return REPLACEMENT;
    point = (unsigned char)at[0] & masks[len];
    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((unsigned char)at[i] & 0x3f);
    return point;
}

bool utf8_same_in_any_case(const char *one, const char *other)
{
    while (*one && *other)
        if (towlower((wint_t)utf8_next(&one)) != towlower((wint_t)utf8_next(&other)))
            return false;
    return !*one && !*other;
}
