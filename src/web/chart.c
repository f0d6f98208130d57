/* SPDX-License-Identifier: MIT */
/* The figure around each picture, the levels of heat maps, and the smallest picture of all. */
#include "web/chart_private.h"

#include "web/html.h"

#define BAR_WIDTH 1000
#define BAR_LEAST 12 /* what is not nothing can be seen */

const char *const chart_weekdays[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
const char *const chart_weekdays_short[7] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

void chart_bar(struct buf *buf, int per_mille)
{
    int width = per_mille < 0 ? 0 : per_mille > BAR_WIDTH ? BAR_WIDTH : per_mille;

    if (width > 0 && width < BAR_LEAST)
        width = BAR_LEAST;
    html_add(buf, "<svg class=\"bar\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\"><path d=\"M0 0h");
    html_add_number(buf, width);
    html_add(buf, "v1H0z\"/></svg>");
}

int64_t chart_sum(int64_t sum, int64_t value)
{
    if (value <= 0)
        return sum;
    return sum > INT64_MAX - value ? INT64_MAX : sum + value;
}

/* -- the figure -------------------------------------------------------------------------------- */

/* What scrolls can be reached by keyboard, and says what it is. */
static void begin_scroll(struct buf *buf, const char *title, const char *what)
{
    html_add(buf, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_add_text(buf, title);
    html_add_text(buf, what);
    html_add(buf, "\">\n");
}

static void add_size(struct buf *buf, const struct chart_figure *figure)
{
    if (figure->fit == CHART_SCALES) {
        html_add(buf, " viewBox=\"0 0 ");
        html_add_number(buf, figure->width);
        html_add(buf, " ");
        html_add_number(buf, figure->height);
        html_add(buf, "\"");
    } else {
        html_add_either(buf, figure->fit == CHART_DENSE, " class=\"plot dense\" height=\"",
                        " class=\"plot\" height=\"");
        html_add_number(buf, figure->height);
        html_add(buf, "\"");
    }
}

void chart_begin(struct buf *buf, const struct chart_figure *figure)
{
    html_add(buf, "<figure class=\"chart ");
    html_add_text(buf, figure->style);
    html_add(buf, "\">\n<figcaption id=\"");
    html_add_text(buf, figure->id);
    html_add(buf, "-caption\">");
    html_add_text(buf, figure->title);
    html_add(buf, "</figcaption>\n");
    if (figure->fit != CHART_STRETCHES)
        begin_scroll(buf, figure->title, ", picture");
    html_add(buf, "<svg role=\"img\" aria-labelledby=\"");
    html_add_text(buf, figure->id);
    html_add(buf, "-caption ");
    html_add_text(buf, figure->id);
    html_add(buf, "-desc\"");
    add_size(buf, figure);
    html_add(buf, ">\n<title>");
    html_add_text(buf, figure->title);
    html_add(buf, "</title>\n<desc id=\"");
    html_add_text(buf, figure->id);
    html_add(buf, "-desc\">");
}

void chart_begin_picture(struct buf *buf)
{
    html_add(buf, "</desc>\n");
}

void chart_end_picture(struct buf *buf, const struct chart_figure *figure)
{
    html_add(buf, "</svg>\n");
    if (figure->fit != CHART_STRETCHES)
        html_add(buf, "</div>\n");
}

void chart_begin_table(struct buf *buf, const struct chart_figure *figure)
{
    html_add(buf, "<details>\n<summary>As a table</summary>\n");
    begin_scroll(buf, figure->title, ", table");
    html_add(buf, "<table class=\"numbers\">\n");
}

void chart_end_table(struct buf *buf)
{
    html_add(buf, "</table>\n</div>\n</details>\n");
}

void chart_end(struct buf *buf)
{
    html_add(buf, "</figure>\n");
}

void chart_add_head(struct buf *buf, const char *text)
{
    html_add(buf, "<th scope=\"col\">");
    html_add_text(buf, text);
    html_add(buf, "</th>");
}

void chart_begin_label(struct buf *buf, int64_t part, int64_t whole, int y, const char *anchor)
{
    html_add(buf, "<text x=\"");
    html_add_decimal(buf, part * 10000 / whole, 100);
    html_add(buf, "%\" y=\"");
    html_add_number(buf, y);
    html_add(buf, "\" text-anchor=\"");
    html_add_text(buf, anchor);
    html_add(buf, "\">");
}

void chart_begin_side_label(struct buf *buf, int y)
{
    html_add(buf, "<text x=\"-8\" y=\"");
    html_add_number(buf, y);
    html_add(buf, "\" text-anchor=\"end\">");
}

void chart_end_label(struct buf *buf)
{
    html_add(buf, "</text>\n");
}

/* A symbol, which use stretches: an <svg> within the <svg> would do the same, but tidy 5.6 knows no
 * such thing. */
void chart_begin_plot(struct buf *buf, const struct chart_plot *plot)
{
    html_add(buf, "<symbol id=\"");
    html_add_text(buf, plot->id);
    html_add_text(buf, plot->part);
    html_add(buf, "\" viewBox=\"0 0 ");
    html_add_number(buf, plot->width);
    html_add(buf, " ");
    html_add_number(buf, plot->height);
    html_add(buf, "\" preserveAspectRatio=\"none\">\n");
}

void chart_end_plot(struct buf *buf, const struct chart_plot *plot)
{
    html_add(buf, "</symbol>\n<use href=\"#");
    html_add_text(buf, plot->id);
    html_add_text(buf, plot->part);
    html_add(buf, "\" y=\"");
    html_add_number(buf, plot->top);
    html_add(buf, "\" width=\"100%\" height=\"");
    html_add_number(buf, plot->pixels);
    html_add(buf, "\"/>\n");
}

/* -- levels ------------------------------------------------------------------------------------ */

struct chart_scale chart_scale_of(int64_t most)
{
    struct chart_scale scale = {{0}};

    if (most < 0)
        most = 0;
    for (int level = 1; level < CHART_LEVELS; level++)
        scale.until[level] = most / 16 * level * level + most % 16 * level * level / 16;
    return scale;
}

int chart_level(const struct chart_scale *scale, int64_t value)
{
    int level = 0;

    if (value <= 0)
        return 0;
    while (level < CHART_LEVELS - 1 && value > scale->until[level])
        level++;
    return level;
}

void chart_begin_level(struct buf *buf, int level)
{
    html_add(buf, "<path class=\"heat");
    html_add_number(buf, level);
    html_add(buf, "\" d=\"");
}

static void begin_entry(struct buf *buf, const char *style)
{
    html_add(buf, "<li><span class=\"swatch ");
    html_add_text(buf, style);
    html_add(buf, "\"></span> ");
}

void chart_add_legend(struct buf *buf, const char *style, const char *words)
{
    begin_entry(buf, style);
    html_add_text(buf, words);
    html_add(buf, "</li>\n");
}

/* Small numbers leave levels empty: "1 to 1" is "1", and what has no number is not there. */
void chart_begin_legend(struct buf *buf, const struct chart_scale *scale, const char *unit)
{
    static const char *const styles[CHART_LEVELS] = {"heat0", "heat1", "heat2", "heat3", "heat4"};

    html_add(buf, "<ul class=\"legend\">\n<li>");
    html_add_text(buf, unit);
    html_add(buf, ":</li>\n");
    chart_add_legend(buf, styles[0], "none");
    for (int level = 1; level < CHART_LEVELS; level++) {
        int64_t from = scale->until[level - 1], until = scale->until[level];

        if (from == until)
            continue;
        begin_entry(buf, styles[level]);
        if (from + 1 < until) {
            html_add_count(buf, from + 1);
            html_add(buf, " to ");
        }
        html_add_count(buf, until);
        html_add(buf, "</li>\n");
    }
}
