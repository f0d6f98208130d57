/* SPDX-License-Identifier: MIT */
/* The hours of a week: a row for each day, a column for each hour. */
#include "web/chart_private.h"

#include "web/html.h"

#define DAYS 7
#define HOURS 24
#define ROW 22 /* pixels */
#define TOP 20 /* for the hours */

struct clock {
    const char *id, *unit;
    const int64_t *values;
    int64_t sum, most;
    int most_at;
    struct chart_scale scale;
};

static struct clock clock_of(const char *id, const char *unit, const int64_t *values)
{
    struct clock clock = {.id = id, .unit = unit, .values = values};

    for (int i = 0; i < DAYS * HOURS; i++) {
        clock.sum = chart_sum(clock.sum, values[i]);
        if (values[i] > clock.most) {
            clock.most = values[i];
            clock.most_at = i;
        }
    }
    clock.scale = chart_scale_of(clock.most);
    return clock;
}

/* "18:00" */
static void add_hour(struct buf *buf, int hour)
{
    html_add_either(buf, hour < 10, "0", "");
    html_add_number(buf, hour);
    html_add(buf, ":00");
}

static void add_description(struct buf *buf, const struct clock *clock)
{
    html_add(buf, "A row for each day of the week, a column for each hour. ");
    html_add_text(buf, clock->unit);
    html_add(buf, ": ");
    html_add_count(buf, clock->sum);
    html_add(buf, " in all");
    if (clock->most > 0) {
        html_add(buf, ", at most ");
        html_add_count(buf, clock->most);
        html_add(buf, " on ");
        html_add_text(buf, chart_weekdays[clock->most_at / HOURS]);
        html_add(buf, " from ");
        add_hour(buf, clock->most_at % HOURS);
        html_add(buf, " on");
    }
    html_add(buf, ".");
}

static void add_levels(struct buf *buf, const struct clock *clock)
{
    html_add(buf, "<g stroke-width=\".88\" transform=\"translate(.05 .5)\">\n");
    for (int level = 0; level < CHART_LEVELS; level++) {
        chart_begin_level(buf, level);
        for (int i = 0; i < DAYS * HOURS; i++) {
            if (chart_level(&clock->scale, clock->values[i]) != level)
                continue;
            html_add(buf, "M");
            html_add_number(buf, i % HOURS);
            html_add(buf, " ");
            html_add_number(buf, i / HOURS);
            html_add(buf, "h.9");
        }
        html_add(buf, "\"/>\n");
    }
    html_add(buf, "</g>\n");
}

static void add_picture(struct buf *buf, const struct clock *clock)
{
    struct chart_plot plot = {clock->id, "-plot", TOP, ROW * DAYS, HOURS, DAYS};

    for (int hour = 0; hour < HOURS; hour += 6) {
        chart_begin_label(buf, hour, HOURS, TOP - 7, "start");
        html_add_number(buf, hour);
        chart_end_label(buf);
    }
    for (int day = 0; day < DAYS; day++) {
        chart_begin_side_label(buf, TOP + ROW * day + ROW / 2 + 4);
        html_add_text(buf, chart_weekdays_short[day]);
        chart_end_label(buf);
    }
    chart_begin_plot(buf, &plot);
    add_levels(buf, clock);
    chart_end_plot(buf, &plot);
}

static void add_table(struct buf *buf, const struct clock *clock)
{
    html_add(buf, "<caption>");
    html_add_text(buf, clock->unit);
    html_add(buf, " of each hour</caption>\n<thead>\n<tr>");
    chart_add_head(buf, "From");
    for (int day = 0; day < DAYS; day++)
        chart_add_head(buf, chart_weekdays[day]);
    html_add(buf, "</tr>\n</thead>\n<tbody>\n");
    for (int hour = 0; hour < HOURS; hour++) {
        html_add(buf, "<tr><th scope=\"row\">");
        add_hour(buf, hour);
        for (int day = 0; day < DAYS; day++) {
            html_add(buf, "<td>");
            html_add_count(buf, clock->values[day * HOURS + hour]);
        }
        html_add(buf, "\n");
    }
    html_add(buf, "</tbody>\n");
}

void chart_clock(struct buf *buf, const char *id, const char *title, const char *unit,
                 const int64_t values[static 7 * 24])
{
    struct clock clock = clock_of(id, unit, values);
    struct chart_figure figure = {
        .id = id,
        .title = title,
        .style = "chart-clock",
        .fit = CHART_STRETCHES,
        .height = TOP + ROW * DAYS,
    };

    chart_begin(buf, &figure);
    add_description(buf, &clock);
    chart_begin_picture(buf);
    add_picture(buf, &clock);
    chart_end_picture(buf, &figure);
    chart_begin_legend(buf, &clock.scale, unit);
    html_add(buf, "</ul>\n");
    chart_begin_table(buf, &figure);
    add_table(buf, &clock);
    chart_end_table(buf);
    chart_end(buf);
}
