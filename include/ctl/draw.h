/* SPDX-License-Identifier: MIT */
/*
 * ctl/draw: small pictures of characters, and listening times for people. Pure. Where blocks is
 * false (the locale is not of UTF-8) they are drawn in ASCII.
 */
#ifndef CTL_DRAW_H
#define CTL_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define DRAW_TIME_SIZE 32

/* True if the locale is one of UTF-8. */
bool draw_has_blocks(void);

/* A bar as long as part of whole is of width columns, in eighths of one; what is more than nothing
 * is at least the shortest. No blanks behind it. */
void draw_bar(struct buf *out, int64_t part, int64_t whole, size_t width, bool blocks);

/* A column a value, the largest as high as it gets; only zero has the lowest mark. */
void draw_sparkline(struct buf *out, const int64_t *values, size_t count, bool blocks);

/* How long was listened: "45 s", "34 min", "12 h 05 min". */
const char *draw_listened(int64_t ms, char text[static DRAW_TIME_SIZE]);

/* How long one play is: "3:25", "1:02:03". */
const char *draw_length(int64_t ms, char text[static DRAW_TIME_SIZE]);

/* A day, as store_count has it: "2026-11-22". */
const char *draw_day(int64_t day, char text[static DRAW_TIME_SIZE]);

/* How one number stands to the one before: "+12 %", "-3 %", "=", "new", "" if both are 0. */
const char *draw_change(int64_t now, int64_t before, char text[static DRAW_TIME_SIZE]);

#endif
