/* SPDX-License-Identifier: MIT */
/*
 * web/chart: what its pictures share: the figure around each, levels of a heat map, sums.
 */
#ifndef WEB_CHART_PRIVATE_H
#define WEB_CHART_PRIVATE_H

#include <stdbool.h>

#include "web/chart.h"

extern const char *const chart_weekdays[7];       /* "Monday" */
extern const char *const chart_weekdays_short[7]; /* "Mon" */

/* -- the figure -------------------------------------------------------------------------------- */

/* How the picture meets the width that there is. */
enum chart_fit {
    CHART_SCALES,    /* as a whole, down to a width that can be read: then it scrolls */
    CHART_STRETCHES, /* what is drawn gets narrower, text keeps its size */
    CHART_DENSE      /* the same, but not narrower than many columns need: then it scrolls */
};

struct chart_figure {
    const char *id, *title;
    const char *style; /* the class, a literal: "chart-clock" */
    enum chart_fit fit;
    int width, height; /* of the picture; CHART_SCALES: of its viewBox; else only height counts */
};

/* Caption, and the <svg> up to its description; what is written then, as text, is that. */
void chart_begin(struct buf *buf, const struct chart_figure *figure);
/* Ends the description: now the picture. */
void chart_begin_picture(struct buf *buf);
void chart_end_picture(struct buf *buf, const struct chart_figure *figure);
/* Behind the picture; its table is folded, and scrolls. */
void chart_begin_table(struct buf *buf, const struct chart_figure *figure);
void chart_end_table(struct buf *buf);
void chart_end(struct buf *buf);

/* Text in a picture that stretches: beginning ("start"), with its middle or ending ("end") at
 * part / whole of the width; and ending beside the picture, left of it. */
void chart_begin_label(struct buf *buf, int64_t part, int64_t whole, int y, const char *anchor);
void chart_begin_side_label(struct buf *buf, int y);
void chart_end_label(struct buf *buf);

/* A part of it that is drawn in units of its own and stretched to the whole width. */
struct chart_plot {
    const char *id, *part; /* literals; both together unique in the page */
    int top, pixels;       /* where it begins, and its height, in pixels */
    int width, height;     /* in its own units */
};
void chart_begin_plot(struct buf *buf, const struct chart_plot *plot);
void chart_end_plot(struct buf *buf, const struct chart_plot *plot);

/* <th scope="col"> */
void chart_add_head(struct buf *buf, const char *text);

/* -- levels ------------------------------------------------------------------------------------ */

#define CHART_LEVELS 5

/* What belongs to which level: 0 is nothing; the others part the square root of the most in four,
 * so that a few large values do not make all others look alike. until: the largest of each. */
struct chart_scale {
    int64_t until[CHART_LEVELS];
};
struct chart_scale chart_scale_of(int64_t most);
int chart_level(const struct chart_scale *scale, int64_t value);

/* <path class="heatN" d="; to be ended with "/>. */
void chart_begin_level(struct buf *buf, int level);

/* The legend of levels, in words; left open for more <li>, to be ended with </ul>. */
void chart_begin_legend(struct buf *buf, const struct chart_scale *scale, const char *unit);
/* One more entry: a swatch of that class (a literal), and what it means (a literal). */
void chart_add_legend(struct buf *buf, const char *style, const char *words);

/* The sum, or what fits; negative values count as nothing. */
int64_t chart_sum(int64_t sum, int64_t value);

#endif
