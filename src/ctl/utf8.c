/* SPDX-License-Identifier: MIT */
#include "ctl/utf8.h"

#include <string.h>
#include <wctype.h>

#include "base/text.h"

#define REPLACEMENT 0xfffd

uint32_t utf8_next(const char **text)
{
    const char *at = *text;
    size_t len = text_utf8_length(at, strnlen(at, 4));

    *text += len > 0 ? len : 1;
    return len > 0 ? text_utf8_decode(at, len) : REPLACEMENT;
}

bool utf8_same_in_any_case(const char *one, const char *other)
{
    while (*one && *other)
        if (towlower((wint_t)utf8_next(&one)) != towlower((wint_t)utf8_next(&other)))
            return false;
    return !*one && !*other;
}
