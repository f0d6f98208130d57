/* SPDX-License-Identifier: MIT */
/*
 * Values one after the other. The columns are drawn in units of their own (a point is SLOT wide)
 * and stretched to the width that there is; text and lines are not.
 */
#include "web/chart_private.h"

#include <string.h>

#include "base/clock.h"
#include "web/html.h"

#define POINTS_MAX 400
#define TABLE_MAX 130
#define DENSE_FROM 130 /* so many do not fit into a phone's width */

#define SLOT 10
#define SLOTS_LEAST 7 /* few columns must not become walls */
#define HEIGHT 160    /* of the columns, pixels and units */
#define TOP 10
#define EDGE_POSSIBLE 2
#define EDGE_LOST 5
#define FOOT 24 /* for the labels */

#define LABELS_WIDTH 268 /* pixels below the columns on the narrowest phone */
#define LABELS_MAX 6
#define LETTER 7 /* pixels of a character, and */
#define SPACE 8  /* between two labels */

#define TICKS 3 /* above the nought, at most */

struct columns {
    const struct chart_line *chart;
    size_t count, slots;
    int64_t sum, most;
    size_t most_at;
    size_t missing[3];
    bool running; /* one is not over yet */
    int64_t step; /* from one line to the next */
    int64_t steps;
};

/* -- round numbers ----------------------------------------------------------------------------- */

/* 1, 2 or 5 with noughts, and not less than least, which is a part of 64 bits that TICKS make. */
static int64_t round_number(int64_t least)
{
    int64_t unit = 1;

    while (5 * unit < least)
        unit *= 10;
    return unit >= least ? unit : 2 * unit >= least ? 2 * unit : 5 * unit;
}

/* Of an hour's parts only those that clocks know. */
static int64_t round_time(int64_t least)
{
    static const int64_t minutes[] = {1, 2, 5, 10, 15, 30};

    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++)
        if (minutes[i] * CLOCK_MINUTE >= least)
            return minutes[i] * CLOCK_MINUTE;
    return round_number(least / CLOCK_HOUR + (least % CLOCK_HOUR > 0 ? 1 : 0)) * CLOCK_HOUR;
}

static int64_t parts_of(int64_t value, int64_t part)
{
    return value / part + (value % part > 0 ? 1 : 0);
}

static struct columns columns_of(const struct chart_line *chart)
{
    struct columns columns = {
        .chart = chart,
        .count = chart->count < POINTS_MAX ? chart->count : POINTS_MAX,
    };
    int64_t least;

    for (size_t i = 0; i < columns.count; i++) {
        const struct chart_point *point = &chart->points[i];

        columns.sum = chart_sum(columns.sum, point->value);
        columns.missing[point->missing < 2 ? point->missing : 2]++;
        columns.running = columns.running || point->part;
        if (point->value > columns.most) {
            columns.most = point->value;
            columns.most_at = i;
        }
    }
    columns.slots = columns.count > SLOTS_LEAST ? columns.count : SLOTS_LEAST;
    least = columns.most > 0 ? parts_of(columns.most, TICKS) : 1;
    columns.step = chart->format ? round_time(least) : round_number(least);
    columns.steps = columns.most > 0 ? parts_of(columns.most, columns.step) : 1;
    return columns;
}

/* -- in words ---------------------------------------------------------------------------------- */

static void add_value(struct buf *buf, const struct columns *columns, int64_t value)
{
    char text[64] = "";

    if (columns->chart->format)
        html_add_text(buf, columns->chart->format(value, text, sizeof(text)));
    else
        html_add_count(buf, value);
}

static const char *label_of(const struct columns *columns, size_t i)
{
    return columns->chart->points[i].label ? columns->chart->points[i].label : "";
}

static void add_description(struct buf *buf, const struct columns *columns)
{
    html_add(buf, "Columns from ");
    html_add_text(buf, label_of(columns, 0));
    html_add(buf, " to ");
    html_add_text(buf, label_of(columns, columns->count - 1));
    html_add(buf, ". ");
    html_add_text(buf, columns->chart->unit);
    html_add(buf, ": ");
    add_value(buf, columns, columns->sum);
    html_add(buf, " in all");
    if (columns->most > 0) {
        html_add(buf, ", at most ");
        add_value(buf, columns, columns->most);
        html_add(buf, " at ");
        html_add_text(buf, label_of(columns, columns->most_at));
    }
    html_add(buf, ".");
    if (columns->missing[2] > 0)
        html_add(buf, " In some columns plays were lost.");
    if (columns->missing[1] > 0)
        html_add(buf, " In some columns plays may be missing.");
}

static void add_legend(struct buf *buf, const struct columns *columns)
{
    if (columns->missing[1] == 0 && columns->missing[2] == 0 && !columns->running)
        return;
    html_add(buf, "<ul class=\"legend\">\n");
    if (columns->missing[1] > 0)
        chart_add_legend(buf, "gap-possible", "some may be missing");
    if (columns->missing[2] > 0)
        chart_add_legend(buf, "gap-lost", "some were lost");
    if (columns->running)
        chart_add_legend(buf, "part", "not over yet");
    html_add(buf, "</ul>\n");
}

/* -- the picture ------------------------------------------------------------------------------- */

/* In floating point: the top of the picture may be more than 64 bits hold. */
static int height_of(const struct columns *columns, int64_t value)
{
    double top = (double)columns->step * (double)columns->steps;
    int height = value > 0 ? (int)(HEIGHT * ((double)value / top) + 0.5) : 0;

    return value > 0 && height < 1 ? 1 : height > HEIGHT ? HEIGHT : height;
}

static void add_tick(struct buf *buf, const struct columns *columns, int64_t value)
{
    if (!columns->chart->format) {
        html_add_count(buf, value);
    } else if (columns->step < CLOCK_HOUR) {
        html_add_count(buf, value / CLOCK_MINUTE);
        html_add(buf, "\xe2\x80\xafmin");
    } else {
        html_add_count(buf, value / CLOCK_HOUR);
        html_add(buf, "\xe2\x80\xafh");
    }
}

/* A line for each round number, whose name stands beside it; none for what 64 bits do not hold. */
static void add_lines(struct buf *buf, const struct columns *columns)
{
    for (int64_t i = 0; i <= columns->steps; i++) {
        int y = TOP + HEIGHT - (int)(HEIGHT * i / columns->steps);

        if (i > 0 && columns->step > INT64_MAX / i)
            continue;
        html_add_either(buf, i == 0, "<line class=\"ground\" x2=\"100%\" y1=\"",
                        "<line class=\"grid\" x2=\"100%\" y1=\"");
        html_add_number(buf, y);
        html_add(buf, "\" y2=\"");
        html_add_number(buf, y);
        html_add(buf, "\"/>\n");
        chart_begin_side_label(buf, y + 4);
        add_tick(buf, columns, i * columns->step);
        chart_end_label(buf);
    }
}

static void add_box(struct buf *buf, int64_t x, int y, int64_t width, int height)
{
    html_add(buf, "M");
    html_add_number(buf, x);
    html_add(buf, " ");
    html_add_number(buf, y);
    html_add(buf, "h");
    html_add_number(buf, width);
    html_add(buf, "v");
    html_add_number(buf, height);
    html_add(buf, "h-");
    html_add_number(buf, width);
    html_add(buf, "z");
}

/* Neighbours are one box: no seam between them. */
static void add_gaps(struct buf *buf, const struct columns *columns, int missing, int height)
{
    const struct chart_point *points = columns->chart->points;

    for (size_t begin = 0, end; begin < columns->count; begin = end) {
        end = begin + 1;
        if ((points[begin].missing < 2 ? points[begin].missing : 2) != missing)
            continue;
        while (end < columns->count && points[end].missing >= missing &&
               (missing == 2 || points[end].missing == 1))
            end++;
        add_box(buf, (int64_t)begin * SLOT, 0, (int64_t)(end - begin) * SLOT, height);
    }
    html_add(buf, "\"/>\n");
}

/* Each has an edge above, that of what was lost is thick: they can be told apart without colour. */
static void add_shades(struct buf *buf, const struct columns *columns)
{
    if (columns->missing[1] > 0) {
        html_add(buf, "<path class=\"gap-possible\" d=\"");
        add_gaps(buf, columns, 1, HEIGHT);
        html_add(buf, "<path class=\"edge-possible\" d=\"");
        add_gaps(buf, columns, 1, EDGE_POSSIBLE);
    }
    if (columns->missing[2] > 0) {
        html_add(buf, "<path class=\"gap-lost\" d=\"");
        add_gaps(buf, columns, 2, HEIGHT);
        html_add(buf, "<path class=\"edge-lost\" d=\"");
        add_gaps(buf, columns, 2, EDGE_LOST);
    }
}

static void add_columns(struct buf *buf, const struct columns *columns, bool part)
{
    /* Many stand without space between them. */
    int space = columns->count >= DENSE_FROM ? 0 : columns->count > 2 * SLOTS_LEAST ? 1 : 2;

    html_add_either(buf, part, "<path class=\"part\" d=\"", "<path class=\"column\" d=\"");
    for (size_t i = 0; i < columns->count; i++) {
        const struct chart_point *point = &columns->chart->points[i];
        int height = height_of(columns, point->value);

        if (height > 0 && (point->part != 0) == part)
            add_box(buf, (int64_t)i * SLOT + space, HEIGHT - height, SLOT - 2 * space, height);
    }
    html_add(buf, "\"/>\n");
}

/* How many labels stand below the columns without touching each other, on the narrowest phone. */
static size_t label_count(const struct columns *columns)
{
    size_t width = LABELS_WIDTH * columns->count / columns->slots;
    size_t longest = 0, fit;

    for (size_t i = 0; i < columns->count; i++) {
        size_t len = strlen(label_of(columns, i));

        longest = len > longest ? len : longest;
    }
    fit = longest < LABELS_WIDTH ? width / (longest * LETTER + SPACE) : 1;
    if (fit > LABELS_MAX)
        fit = LABELS_MAX;
    if (fit > columns->count)
        fit = columns->count;
    return fit > 0 ? fit : 1;
}

/* The first begins where its column does, the last ends there; the others stand in the middle. */
static void add_labels(struct buf *buf, const struct columns *columns)
{
    size_t labels = label_count(columns);
    int64_t whole = (int64_t)columns->slots * 2;

    for (size_t at = 0; at < labels; at++) {
        size_t i = labels > 1 ? at * (columns->count - 1) / (labels - 1) : 0;
        int y = TOP + HEIGHT + FOOT - 7;

        if (columns->count == labels)
            chart_begin_label(buf, 2 * (int64_t)i + 1, whole, y, "middle");
        else if (at == 0)
            chart_begin_label(buf, 0, whole, y, "start");
        else if (at == labels - 1)
            chart_begin_label(buf, 2 * (int64_t)i + 2, whole, y, "end");
        else
            chart_begin_label(buf, 2 * (int64_t)i + 1, whole, y, "middle");
        html_add_text(buf, label_of(columns, i));
        chart_end_label(buf);
    }
}

static void add_picture(struct buf *buf, const struct columns *columns)
{
    int width = (int)columns->slots * SLOT;
    struct chart_plot back = {columns->chart->id, "-back", TOP, HEIGHT, width, HEIGHT};
    struct chart_plot front = {columns->chart->id, "-front", TOP, HEIGHT, width, HEIGHT};

    if (columns->missing[1] > 0 || columns->missing[2] > 0) {
        chart_begin_plot(buf, &back);
        add_shades(buf, columns);
        chart_end_plot(buf, &back);
    }
    add_lines(buf, columns);
    chart_begin_plot(buf, &front);
    add_columns(buf, columns, false);
    if (columns->running)
        add_columns(buf, columns, true);
    chart_end_plot(buf, &front);
    add_labels(buf, columns);
}

/* -- the table --------------------------------------------------------------------------------- */

static void add_row(struct buf *buf, const struct columns *columns, size_t i)
{
    const struct chart_point *point = &columns->chart->points[i];

    html_add(buf, "<tr><th scope=\"row\">");
    html_add_text(buf, label_of(columns, i));
    if (point->part)
        html_add(buf, " (not over yet)");
    html_add(buf, "<td>");
    add_value(buf, columns, point->value);
    if (columns->missing[1] > 0 || columns->missing[2] > 0) {
        html_add(buf, "<td>");
        if (point->missing > 0)
            html_add_either(buf, point->missing == 1, "some may be missing", "some were lost");
    }
    html_add(buf, "\n");
}

static void add_table(struct buf *buf, const struct columns *columns)
{
    html_add(buf, "<thead>\n<tr>");
    chart_add_head(buf, "When");
    chart_add_head(buf, columns->chart->unit);
    if (columns->missing[1] > 0 || columns->missing[2] > 0)
        chart_add_head(buf, "Record");
    html_add(buf, "</tr>\n</thead>\n<tbody>\n");
    for (size_t i = 0; i < columns->count; i++)
        add_row(buf, columns, i);
    html_add(buf, "</tbody>\n");
}

void chart_columns(struct buf *buf, const struct chart_line *chart)
{
    struct columns columns = columns_of(chart);
    struct chart_figure figure = {
        .id = chart->id,
        .title = chart->title,
        .style = "chart-columns",
        .fit = columns.count >= DENSE_FROM ? CHART_DENSE : CHART_STRETCHES,
        .height = TOP + HEIGHT + FOOT,
    };

    if (columns.count == 0)
        return;
    chart_begin(buf, &figure);
    add_description(buf, &columns);
    chart_begin_picture(buf);
    add_picture(buf, &columns);
    chart_end_picture(buf, &figure);
    add_legend(buf, &columns);
    if (columns.count <= TABLE_MAX) {
        chart_begin_table(buf, &figure);
        add_table(buf, &columns);
        chart_end_table(buf);
    }
    chart_end(buf);
}
