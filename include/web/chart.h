/* SPDX-License-Identifier: MIT */
/*
 * web/chart: pictures of numbers: SVG inside a page, each with title and description for those who
 * listen to a page, and the numbers as a table behind it. Pure: from values to markup.
 *
 * Never: uses script, inline style, or colours other than by class (the style sheet knows light and
 * dark); shows a gap as silence.
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A figure with caption, SVG with title and description, legend and, folded, its table. id: a
 * literal; it and the title are unique in the page. */

/* Bars beside a list: a share of the largest, 0 .. 1000 per mille: only the SVG, for a table cell;
 * hidden from those who listen, since the number stands beside it. */
void chart_bar(struct buf *buf, int per_mille);

/* One value a day, beginning on any day: weeks are columns, Monday on top, at most 54 columns. */
struct chart_day {
    int64_t value;
    uint8_t missing; /* 0: nothing is missing; 1: possibly; 2: plays were lost */
    uint8_t future;  /* not yet there: drawn as nothing */
};
struct chart_days {
    const char *id, *title;
    const char *unit;  /* "plays", "minutes" */
    int64_t first_day; /* as base/zone counts them */
    const struct chart_day *days;
    size_t count; /* 1 .. 372 */
    /* Adds the address of the page of a day into an open attribute; NULL: days are no links. They
     * are links in the table. */
    void (*address)(struct buf *buf, int64_t day, void *context);
    void *context;
};
void chart_calendar(struct buf *buf, const struct chart_days *chart);

/* 7 x 24 values, Monday first, as a grid of hours. */
void chart_clock(struct buf *buf, const char *id, const char *title, const char *unit,
                 const int64_t values[static 7 * 24]);

/* Values one after the other as columns, with gaps shaded. */
struct chart_point {
    const char *label; /* "2026-11", "2026-11-22" */
    int64_t value;
    uint8_t missing; /* as above */
    uint8_t part;    /* it is not over yet */
};
struct chart_line {
    const char *id, *title, *unit;
    const struct chart_point *points;
    size_t count; /* 1 .. 400; of more than 130 the table is left out */
    /* NULL: whole numbers. Else values are ms, and this tells one; beside the columns stand round
     * minutes or hours. */
    const char *(*format)(int64_t value, char *text, size_t size);
};
void chart_columns(struct buf *buf, const struct chart_line *chart);

#endif
