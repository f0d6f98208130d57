/* SPDX-License-Identifier: MIT */
/* ctl/utf8: code points of a text, for its width on a terminal and for names in any case. */
#ifndef CTL_UTF8_H
#define CTL_UTF8_H

#include <stdbool.h>
#include <stdint.h>

/* The code point at *text, which is not its end; *text moves behind it. A byte that belongs to no
 * valid UTF-8 sequence is U+FFFD. */
uint32_t utf8_next(const char **text);

/* True if both texts are the same but for upper and lower case, as far as the locale knows it. */
bool utf8_same_in_any_case(const char *one, const char *other);

#endif
