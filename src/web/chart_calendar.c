/* SPDX-License-Identifier: MIT */
/*
 * Days as weeks beside each other. A day is one short line in the path of its level, as wide as it
 * is long: a year of them is a few kilobytes. Behind a day of which something may be missing lies a
 * larger one, so that it stands in a frame.
 */
#include "web/chart_private.h"

#include "base/zone.h"
#include "web/html.h"

#define DAYS_MAX 372
#define CELL 14         /* of a day and the space around it */
#define LEFT 36         /* for the names of weekdays */
#define TOP 18          /* for those of months */
#define MONTH_COLUMNS 3 /* that the name of a month needs */

struct calendar {
    const struct chart_days *chart;
    size_t count;
    int lead; /* days of the first week before the first */
    int columns;
    int64_t most, sum;
    size_t most_at;
    size_t missing[3]; /* how many days of each kind */
    struct chart_scale scale;
};

static struct calendar calendar_of(const struct chart_days *chart)
{
    struct calendar calendar = {
        .chart = chart,
        .count = chart->count < DAYS_MAX ? chart->count : DAYS_MAX,
        .lead = zone_weekday(chart->first_day),
    };

    for (size_t i = 0; i < calendar.count; i++) {
        const struct chart_day *day = &chart->days[i];

        if (day->future)
            continue;
        calendar.sum = chart_sum(calendar.sum, day->value);
        calendar.missing[day->missing < 2 ? day->missing : 2]++;
        if (day->value > calendar.most) {
            calendar.most = day->value;
            calendar.most_at = i;
        }
    }
    calendar.columns = ((int)calendar.count + calendar.lead + 6) / 7;
    calendar.scale = chart_scale_of(calendar.most);
    return calendar;
}

/* -- in words ---------------------------------------------------------------------------------- */

static void add_missing_words(struct buf *buf, const struct calendar *calendar)
{
    if (calendar->missing[2] > 0) {
        html_add(buf, " Days on which plays were lost: ");
        html_add_count(buf, (int64_t)calendar->missing[2]);
        html_add(buf, ".");
    }
    if (calendar->missing[1] > 0) {
        html_add(buf, " Days on which plays may be missing: ");
        html_add_count(buf, (int64_t)calendar->missing[1]);
        html_add(buf, ".");
    }
}

static void add_description(struct buf *buf, const struct calendar *calendar)
{
    char day[ZONE_DATE_SIZE];

    html_add(buf, "Each day is a square, each week a column. ");
    html_add_text(buf, calendar->chart->unit);
    html_add(buf, ": ");
    html_add_count(buf, calendar->sum);
    html_add(buf, " in all");
    if (calendar->most > 0) {
        html_add(buf, ", at most ");
        html_add_count(buf, calendar->most);
        html_add(buf, " on ");
        html_add_text(
            buf, zone_date_format(calendar->chart->first_day + (int64_t)calendar->most_at, day));
    }
    html_add(buf, ".");
    add_missing_words(buf, calendar);
}

static void add_legend(struct buf *buf, const struct calendar *calendar)
{
    chart_begin_legend(buf, &calendar->scale, calendar->chart->unit);
    if (calendar->missing[1] > 0)
        chart_add_legend(buf, "framed-possible", "some may be missing");
    if (calendar->missing[2] > 0)
        chart_add_legend(buf, "framed-lost", "some were lost");
    html_add(buf, "</ul>\n");
}

/* -- the picture ------------------------------------------------------------------------------- */

static void add_day(struct buf *buf, const struct calendar *calendar, size_t i)
{
    int at = (int)i + calendar->lead;

    html_add(buf, "M");
    html_add_number(buf, at / 7);
    html_add(buf, " ");
    html_add_number(buf, at % 7);
}

static void add_frames(struct buf *buf, const struct calendar *calendar, int missing)
{
    if (calendar->missing[missing] == 0)
        return;
    html_add_either(buf, missing == 2, "<path class=\"framed-lost\" d=\"",
                    "<path class=\"framed-possible\" d=\"");
    for (size_t i = 0; i < calendar->count; i++) {
        const struct chart_day *day = &calendar->chart->days[i];

        if (day->future || (day->missing < 2 ? day->missing : 2) != missing)
            continue;
        add_day(buf, calendar, i);
        html_add(buf, "h1");
    }
    html_add(buf, "\"/>\n");
}

static void add_levels(struct buf *buf, const struct calendar *calendar)
{
    for (int level = 0; level < CHART_LEVELS; level++) {
        chart_begin_level(buf, level);
        for (size_t i = 0; i < calendar->count; i++) {
            const struct chart_day *day = &calendar->chart->days[i];

            if (day->future || chart_level(&calendar->scale, day->value) != level)
                continue;
            add_day(buf, calendar, i);
            html_add(buf, "h.8");
        }
        html_add(buf, "\"/>\n");
    }
}

static void begin_text(struct buf *buf, int x, int y)
{
    html_add(buf, "<text x=\"");
    html_add_number(buf, x);
    html_add(buf, "\" y=\"");
    html_add_number(buf, y);
    html_add(buf, "\">");
}

/* How many columns a month has to itself, from its first day (or the first there is) on. */
static int month_columns(const struct calendar *calendar, size_t i)
{
    struct zone_date date = zone_date_of(calendar->chart->first_day + (int64_t)i);
    size_t end = i + (size_t)(zone_month_days(date.year, date.month) - date.day);
    int first = ((int)i + calendar->lead + 6) / 7;

    if (end >= calendar->count)
        end = calendar->count - 1;
    return ((int)end + calendar->lead) / 7 - first + 1;
}

/* Above the first full week of a month; a January is named by its year. */
static void add_months(struct buf *buf, const struct calendar *calendar)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (size_t i = 0; i < calendar->count; i++) {
        struct zone_date date = zone_date_of(calendar->chart->first_day + (int64_t)i);
        int column = ((int)i + calendar->lead + 6) / 7;

        if ((i > 0 && date.day != 1) || month_columns(calendar, i) < MONTH_COLUMNS)
            continue;
        begin_text(buf, LEFT + CELL * column, TOP - 6);
        if (date.month == 1)
            html_add_number(buf, date.year);
        else
            html_add_text(buf, names[date.month - 1]);
        html_add(buf, "</text>\n");
    }
}

static void add_weekdays(struct buf *buf)
{
    html_add(buf, "<g text-anchor=\"end\">\n");
    for (int row = 0; row < 7; row += 2) {
        begin_text(buf, LEFT - 6, TOP + CELL * row + 10);
        html_add_text(buf, chart_weekdays_short[row]);
        html_add(buf, "</text>\n");
    }
    html_add(buf, "</g>\n");
}

static void add_group(struct buf *buf, const char *width, int x, int y)
{
    html_add(buf, "<g stroke-width=\"");
    html_add_text(buf, width);
    html_add(buf, "\" transform=\"translate(");
    html_add_decimal(buf, x, 10);
    html_add(buf, " ");
    html_add_decimal(buf, y, 10);
    html_add(buf, ") scale(");
    html_add_number(buf, CELL);
    html_add(buf, ")\">\n");
}

/* A line lies half above and half below its place: in tenths, the frame begins at LEFT, and the day
 * within it. */
static void add_picture(struct buf *buf, const struct calendar *calendar)
{
    int middle = TOP * 10 + CELL * 10 / 2;

    add_months(buf, calendar);
    add_weekdays(buf);
    add_group(buf, "1", LEFT * 10, middle);
    add_frames(buf, calendar, 1);
    add_frames(buf, calendar, 2);
    html_add(buf, "</g>\n");
    add_group(buf, ".8", LEFT * 10 + CELL, middle);
    add_levels(buf, calendar);
    html_add(buf, "</g>\n");
}

/* -- the table --------------------------------------------------------------------------------- */

/* End tags of cells and rows are left out, as HTML allows: a page holds hundreds of them. */
static void add_cell(struct buf *buf, const struct calendar *calendar, int64_t i)
{
    const struct chart_days *chart = calendar->chart;
    const struct chart_day *day;

    html_add(buf, "<td>");
    if (i < 0 || i >= (int64_t)calendar->count || chart->days[i].future)
        return;
    day = &chart->days[i];
    if (chart->address) {
        html_add(buf, "<a href=\"");
        chart->address(buf, chart->first_day + i, chart->context);
        html_add(buf, "\">");
    }
    html_add_count(buf, day->value);
    if (day->missing > 0)
        html_add_either(buf, day->missing == 1, "?", "!");
    if (chart->address)
        html_add(buf, "</a>");
}

static void add_table(struct buf *buf, const struct calendar *calendar)
{
    const struct chart_days *chart = calendar->chart;
    char day[ZONE_DATE_SIZE];

    html_add(buf, "<caption>");
    html_add_text(buf, chart->unit);
    html_add(buf, " of each day");
    if (calendar->missing[1] > 0)
        html_add(buf, "; with ? some may be missing");
    if (calendar->missing[2] > 0)
        html_add(buf, "; with ! some were lost");
    html_add(buf, "</caption>\n<thead>\n<tr>");
    chart_add_head(buf, "Week of");
    for (int i = 0; i < 7; i++)
        chart_add_head(buf, chart_weekdays[i]);
    html_add(buf, "</tr>\n</thead>\n<tbody>\n");
    for (int64_t week = -calendar->lead; week < (int64_t)calendar->count; week += 7) {
        html_add(buf, "<tr><th scope=\"row\">");
        html_add_text(buf, zone_date_format(chart->first_day + week, day));
        for (int64_t i = week; i < week + 7; i++)
            add_cell(buf, calendar, i);
        html_add(buf, "\n");
    }
    html_add(buf, "</tbody>\n");
}

void chart_calendar(struct buf *buf, const struct chart_days *chart)
{
    struct calendar calendar = calendar_of(chart);
    struct chart_figure figure = {
        .id = chart->id,
        .title = chart->title,
        .style = "chart-calendar",
        .fit = CHART_SCALES,
        .width = LEFT + CELL * calendar.columns,
        .height = TOP + CELL * 7,
    };

    if (calendar.count == 0)
        return;
    chart_begin(buf, &figure);
    add_description(buf, &calendar);
    chart_begin_picture(buf);
    add_picture(buf, &calendar);
    chart_end_picture(buf, &figure);
    add_legend(buf, &calendar);
    chart_begin_table(buf, &figure);
    add_table(buf, &calendar);
    chart_end_table(buf);
    chart_end(buf);
}
