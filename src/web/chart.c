/* SPDX-License-Identifier: MIT */
#include "web/chart.h"

#include <stdio.h>
#include <string.h>

#include "base/zone.h"
#include "web/html.h"

#define LEVELS 5

/* -- frames ------------------------------------------------------------------------------------ */

static void add_id(struct buf *buf, const char *id, const char *part)
{
    html_add_text(buf, id);
    html_add(buf, "-");
    html_add_text(buf, part);
}

/* <figure>, its caption, the frame that scrolls on a phone, and the <svg> up to its content. */
static void begin_figure(struct buf *buf, const char *id, const char *title, int width, int height)
{
    html_add(buf, "<figure class=\"chart\">\n<figcaption>");
    html_add_text(buf, title);
    html_add(buf, "</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                  "aria-label=\"");
    html_add_text(buf, title);
    html_add(buf, ", picture\">\n<svg role=\"img\" width=\"");
    html_add_number(buf, width);
    html_add(buf, "\" height=\"");
    html_add_number(buf, height);
    html_add(buf, "\" viewBox=\"0 0 ");
    html_add_number(buf, width);
    html_add(buf, " ");
    html_add_number(buf, height);
    html_add(buf, "\" aria-labelledby=\"");
    add_id(buf, id, "title");
    html_add(buf, " ");
    add_id(buf, id, "desc");
    html_add(buf, "\">\n<title id=\"");
    add_id(buf, id, "title");
    html_add(buf, "\">");
    html_add_text(buf, title);
    html_add(buf, "</title>\n<desc id=\"");
    add_id(buf, id, "desc");
    html_add(buf, "\">");
}

static void begin_table(struct buf *buf)
{
    html_add(buf, "</svg>\n</div>\n<details>\n<summary>As a table</summary>\n"
                  "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table\">\n"
                  "<table class=\"numbers\">\n");
}

static void end_figure(struct buf *buf)
{
    html_add(buf, "</table>\n</div>\n</details>\n</figure>\n");
}

static void add_svg_text(struct buf *buf, int x, int y, const char *anchor, const char *text)
{
    html_add(buf, "<text x=\"");
    html_add_number(buf, x);
    html_add(buf, "\" y=\"");
    html_add_number(buf, y);
    html_add(buf, "\" text-anchor=\"");
    html_add_text(buf, anchor);
    html_add(buf, "\">");
    html_add_text(buf, text);
    html_add(buf, "</text>\n");
}

/* "M12 20h9v9h-9z": a square or column in a path. */
static void add_box(struct buf *buf, int x, int y, int width, int height)
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

static void begin_path(struct buf *buf, const char *style, int level)
{
    html_add(buf, "<path class=\"");
    html_add_text(buf, style);
    if (level >= 0)
        html_add_number(buf, level);
    html_add(buf, "\" d=\"");
}

/* Nothing is 0; what there is, 1 to 4, by quarters of the most. */
static int level_of(int64_t value, int64_t most)
{
    if (value <= 0 || most <= 0)
        return 0;
    if (value > most - most / 4)
        return 4;
    return value > most / 2 ? 3 : value > most / 4 ? 2 : 1;
}

void chart_bar(struct buf *buf, int per_mille)
{
    int width = per_mille < 0 ? 0 : per_mille > 1000 ? 1000 : per_mille;

    html_add(buf, "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\"><rect width=\"");
    html_add_number(buf, width > 0 && width < 8 ? 8 : width);
    html_add(buf, "\" height=\"10\"/></svg>");
}

/* -- days -------------------------------------------------------------------------------------- */

#define CELL 14 /* of a day with its space */
#define SIZE 12
#define DAYS_LEFT 36
#define DAYS_TOP 20

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static int column_of(const struct chart_days *chart, size_t i)
{
    return (int)(((int64_t)i + zone_weekday(chart->first_day)) / 7);
}

static void add_day_box(struct buf *buf, const struct chart_days *chart, size_t i)
{
    int row = zone_weekday(chart->first_day + (int64_t)i);

    add_box(buf, DAYS_LEFT + CELL * column_of(chart, i), DAYS_TOP + CELL * row, SIZE, SIZE);
}

static void add_day_levels(struct buf *buf, const struct chart_days *chart, int64_t most)
{
    for (int level = 0; level < LEVELS; level++) {
        begin_path(buf, "heat", level);
        for (size_t i = 0; i < chart->count; i++)
            if (!chart->days[i].future && level_of(chart->days[i].value, most) == level)
                add_day_box(buf, chart, i);
        html_add(buf, "\"/>\n");
    }
    for (int missing = 1; missing <= 2; missing++) {
        begin_path(buf, missing == 2 ? "heat-lost" : "heat-possible", -1);
        for (size_t i = 0; i < chart->count; i++)
            if (chart->days[i].missing == missing && !chart->days[i].future)
                add_day_box(buf, chart, i);
        html_add(buf, "\"/>\n");
    }
}

static void add_day_labels(struct buf *buf, const struct chart_days *chart)
{
    char text[ZONE_DATE_SIZE];

    for (int row = 0; row < 7; row += 2)
        add_svg_text(buf, DAYS_LEFT - 6, DAYS_TOP + CELL * row + 10, "end", weekdays[row]);
    for (size_t i = 0; i < chart->count; i++) {
        int64_t day = chart->first_day + (int64_t)i;

        if (zone_date_of(day).day != 1)
            continue;
        zone_date_format(day, text);
        text[7] = '\0';
        add_svg_text(buf, DAYS_LEFT + CELL * column_of(chart, i), 12, "start", text + 5);
    }
}

static void add_day_cell(struct buf *buf, const struct chart_days *chart, size_t i)
{
    const struct chart_day *day = &chart->days[i];

    html_add(buf, "<td>");
    if (!day->future) {
        if (chart->address) {
            html_add(buf, "<a href=\"");
            chart->address(buf, chart->first_day + (int64_t)i, chart->context);
            html_add(buf, "\">");
        }
        html_add_count(buf, day->value);
        if (day->missing)
            html_add(buf, "*");
        if (chart->address)
            html_add(buf, "</a>");
    }
    html_add(buf, "</td>");
}

static void add_day_rows(struct buf *buf, const struct chart_days *chart)
{
    char text[ZONE_DATE_SIZE];
    int lead = zone_weekday(chart->first_day);

    for (int64_t begin = -lead; begin < (int64_t)chart->count; begin += 7) {
        html_add(buf, "<tr><th scope=\"row\">");
        html_add_text(buf, zone_date_format(chart->first_day + begin, text));
        html_add(buf, "</th>");
        for (int64_t i = begin; i < begin + 7; i++) {
            if (i < 0 || i >= (int64_t)chart->count)
                html_add(buf, "<td></td>");
            else
                add_day_cell(buf, chart, (size_t)i);
        }
        html_add(buf, "</tr>\n");
    }
}

static void add_weekday_heads(struct buf *buf, const char *first)
{
    html_add(buf, "<thead><tr><th scope=\"col\">");
    html_add_text(buf, first);
    html_add(buf, "</th>");
    for (int i = 0; i < 7; i++) {
        html_add(buf, "<th scope=\"col\">");
        html_add_text(buf, weekdays[i]);
        html_add(buf, "</th>");
    }
    html_add(buf, "</tr></thead>\n<tbody>\n");
}

static void add_legend(struct buf *buf, int64_t most, const char *unit, bool missing)
{
    html_add(buf, "<p class=\"legend\">The darkest is ");
    html_add_count(buf, most);
    html_add(buf, " ");
    html_add_text(buf, unit);
    html_add(buf, ".");
    if (missing)
        html_add(buf, " Outlined: plays were lost that day; dashed: plays may be missing.");
    html_add(buf, "</p>\n");
}

void chart_calendar(struct buf *buf, const struct chart_days *chart)
{
    int64_t most = 0, sum = 0;
    bool missing = false;

    for (size_t i = 0; i < chart->count; i++) {
        if (chart->days[i].value > most)
            most = chart->days[i].value;
        sum += chart->days[i].value;
        missing = missing || chart->days[i].missing;
    }
    begin_figure(buf, chart->id, chart->title,
                 DAYS_LEFT + CELL * (column_of(chart, chart->count - 1) + 1), DAYS_TOP + CELL * 7);
    html_add_count(buf, sum);
    html_add(buf, " ");
    html_add_text(buf, chart->unit);
    html_add(buf, ", at most ");
    html_add_count(buf, most);
    html_add(buf, " a day. Weeks are columns.</desc>\n");
    add_day_levels(buf, chart, most);
    add_day_labels(buf, chart);
    begin_table(buf);
    html_add(buf, "<caption>Each day");
    html_add_text(buf, missing ? "; with * plays are or may be missing" : "");
    html_add(buf, "</caption>\n");
    add_weekday_heads(buf, "Week of");
    add_day_rows(buf, chart);
    html_add(buf, "</tbody>\n");
    end_figure(buf);
    add_legend(buf, most, chart->unit, missing);
}

/* -- hours ------------------------------------------------------------------------------------- */

#define HOUR_WIDTH 22
#define HOUR_HEIGHT 22

static void add_hours(struct buf *buf, const int64_t *values, int64_t most)
{
    for (int level = 0; level < LEVELS; level++) {
        begin_path(buf, "heat", level);
        for (int i = 0; i < 7 * 24; i++)
            if (level_of(values[i], most) == level)
                add_box(buf, DAYS_LEFT + HOUR_WIDTH * (i % 24), DAYS_TOP + HOUR_HEIGHT * (i / 24),
                        HOUR_WIDTH - 2, HOUR_HEIGHT - 2);
        html_add(buf, "\"/>\n");
    }
    for (int row = 0; row < 7; row++)
        add_svg_text(buf, DAYS_LEFT - 6, DAYS_TOP + HOUR_HEIGHT * row + 15, "end", weekdays[row]);
    for (int hour = 0; hour < 24; hour += 6) {
        char text[8];

        snprintf(text, sizeof(text), "%02d", hour);
        add_svg_text(buf, DAYS_LEFT + HOUR_WIDTH * hour, 12, "start", text);
    }
}

void chart_clock(struct buf *buf, const char *id, const char *title, const char *unit,
                 const int64_t values[static 7 * 24])
{
    int64_t most = 0;

    for (int i = 0; i < 7 * 24; i++)
        most = values[i] > most ? values[i] : most;
    begin_figure(buf, id, title, DAYS_LEFT + HOUR_WIDTH * 24, DAYS_TOP + HOUR_HEIGHT * 7);
    html_add(buf, "A row for each day of the week, a column for each hour; at most ");
    html_add_count(buf, most);
    html_add(buf, " ");
    html_add_text(buf, unit);
    html_add(buf, ".</desc>\n");
    add_hours(buf, values, most);
    begin_table(buf);
    add_weekday_heads(buf, "Hour");
    for (int hour = 0; hour < 24; hour++) {
        html_add(buf, "<tr><th scope=\"row\">");
        html_add_number(buf, hour);
        html_add(buf, "</th>");
        for (int day = 0; day < 7; day++) {
            html_add(buf, "<td>");
            html_add_count(buf, values[day * 24 + hour]);
            html_add(buf, "</td>");
        }
        html_add(buf, "</tr>\n");
    }
    html_add(buf, "</tbody>\n");
    end_figure(buf);
    add_legend(buf, most, unit, false);
}

/* -- columns ----------------------------------------------------------------------------------- */

#define PLOT_HEIGHT 160
#define PLOT_TOP 14
#define PLOT_LEFT 64
#define PLOT_WIDTH 560
#define COLUMN_MAX 40
#define TABLE_MAX 130

/* 1, 2 or 5 with noughts, so that two to five of them reach over most. */
static int64_t round_step(int64_t most)
{
    int64_t step = 1;

    while (step <= INT64_MAX / 20 && step * 4 < most) {
        if (step * 8 >= most)
            return step * 2;
        if (step * 20 >= most)
            return step * 5;
        step *= 10;
    }
    return step;
}

static const char *format_value(const struct chart_line *chart, int64_t value, char *text,
                                size_t size)
{
    if (chart->format)
        return chart->format(value, text, size);
    snprintf(text, size, "%lld", (long long)value);
    return text;
}

/* Of durations round hours, not round milliseconds. */
static int64_t step_for(const struct chart_line *chart, int64_t most)
{
    const int64_t minute = 60000;

    return chart->format ? round_step(most / minute) * minute : round_step(most);
}

static int height_of(int64_t value, int64_t top)
{
    return (int)(PLOT_HEIGHT * ((double)value / (double)top) + 0.5);
}

static void add_scale(struct buf *buf, const struct chart_line *chart, int64_t step, int64_t top)
{
    for (int64_t value = 0; value <= top; value += step) {
        int y = PLOT_TOP + PLOT_HEIGHT - height_of(value, top);
        char text[40];

        html_add(buf, "<path class=\"grid\" d=\"M");
        html_add_number(buf, PLOT_LEFT);
        html_add(buf, " ");
        html_add_number(buf, y);
        html_add(buf, "h");
        html_add_number(buf, PLOT_WIDTH);
        html_add(buf, "\"/>\n");
        add_svg_text(buf, PLOT_LEFT - 6, y + 4, "end",
                     format_value(chart, value, text, sizeof(text)));
        if (value > INT64_MAX - step)
            break;
    }
}

/* Where column i begins. */
static int column_x(const struct chart_line *chart, size_t i)
{
    int pitch = PLOT_WIDTH / (int)chart->count;

    if (pitch > COLUMN_MAX)
        return PLOT_LEFT + (int)i * COLUMN_MAX;
    return PLOT_LEFT + (int)((double)i * PLOT_WIDTH / (double)chart->count);
}

static int column_width(const struct chart_line *chart, size_t i)
{
    int width = column_x(chart, i + 1) - column_x(chart, i);

    return width > 3 ? width - 2 : width > 0 ? width : 1;
}

static void add_missing(struct buf *buf, const struct chart_line *chart, int missing)
{
    begin_path(buf, missing == 2 ? "gap-lost" : "gap-possible", -1);
    for (size_t i = 0; i < chart->count; i++)
        if (chart->points[i].missing == missing)
            add_box(buf, column_x(chart, i), PLOT_TOP, column_width(chart, i), PLOT_HEIGHT);
    html_add(buf, "\"/>\n");
}

static void add_columns(struct buf *buf, const struct chart_line *chart, int64_t top, int part)
{
    begin_path(buf, part ? "column part" : "column", -1);
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_point *point = &chart->points[i];
        int height = height_of(point->value, top);

        if (point->value > 0 && (point->part != 0) == part)
            add_box(buf, column_x(chart, i), PLOT_TOP + PLOT_HEIGHT - (height > 0 ? height : 1),
                    column_width(chart, i), height > 0 ? height : 1);
    }
    html_add(buf, "\"/>\n");
}

static void add_column_labels(struct buf *buf, const struct chart_line *chart)
{
    size_t every = chart->count > 6 ? (chart->count + 5) / 6 : 1;

    for (size_t i = 0; i < chart->count; i += every)
        add_svg_text(buf, column_x(chart, i), PLOT_TOP + PLOT_HEIGHT + 18, "start",
                     chart->points[i].label);
}

static void add_column_table(struct buf *buf, const struct chart_line *chart)
{
    html_add(buf, "<thead><tr><th scope=\"col\">When</th><th scope=\"col\">");
    html_add_text(buf, chart->unit);
    html_add(buf, "</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_point *point = &chart->points[i];
        char text[40];

        html_add(buf, "<tr><th scope=\"row\">");
        html_add_text(buf, point->label);
        html_add(buf, "</th><td>");
        html_add_text(buf, format_value(chart, point->value, text, sizeof(text)));
        if (point->missing)
            html_add_text(buf, point->missing == 2 ? " (plays lost)" : " (possibly more)");
        html_add(buf, "</td></tr>\n");
    }
    html_add(buf, "</tbody>\n");
}

static void add_column_legend(struct buf *buf, const struct chart_line *chart)
{
    int worst = 0;

    for (size_t i = 0; i < chart->count; i++)
        worst = chart->points[i].missing > worst ? chart->points[i].missing : worst;
    if (worst > 0)
        html_add(buf, "<p class=\"legend\">Shaded: plays are missing there (darker) or may be "
                      "(lighter).</p>\n");
}

void chart_columns(struct buf *buf, const struct chart_line *chart)
{
    int64_t most = 1, step, top;

    for (size_t i = 0; i < chart->count; i++)
        most = chart->points[i].value > most ? chart->points[i].value : most;
    step = step_for(chart, most);
    top = most / step * step;
    if (top < most)
        top = top <= INT64_MAX - step ? top + step : INT64_MAX;
    begin_figure(buf, chart->id, chart->title, PLOT_LEFT + PLOT_WIDTH + 40,
                 PLOT_TOP + PLOT_HEIGHT + 26);
    html_add(buf, "Columns of ");
    html_add_text(buf, chart->unit);
    html_add(buf, ".</desc>\n");
    add_missing(buf, chart, 1);
    add_missing(buf, chart, 2);
    add_scale(buf, chart, step, top);
    add_columns(buf, chart, top, 0);
    add_columns(buf, chart, top, 1);
    add_column_labels(buf, chart);
    if (chart->count > TABLE_MAX) {
        html_add(buf, "</svg>\n</div>\n</figure>\n");
    } else {
        begin_table(buf);
        add_column_table(buf, chart);
        end_figure(buf);
    }
    add_column_legend(buf, chart);
}
