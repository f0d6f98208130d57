/* SPDX-License-Identifier: MIT */
/* The picture of a year: one SVG document. It stands alone: colours are attributes, since a page's
 * policy lets no style through, and fonts are the reader's own. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "web/html.h"
#include "web/view_year.h"

#define HEIGHT 1350
#define MARGIN 80
#define COLUMN 490     /* from one column of names to the next */
#define NAME_POINTS 26 /* of a name in a column; what is longer ends in an ellipsis */
#define CELL 17        /* of the calendar, with its space */

static const char *const levels[] = {"#26332f", "#2f5a4c", "#3f8a70", "#63bd9a", "#a9ecd0"};

struct place {
    int x, y;
};

/* <text>, up to its content. */
static void begin_text(struct buf *buf, struct place at, int size, const char *fill,
                       const char *weight)
{
    html_add(buf, "<text x=\"");
    html_add_number(buf, at.x);
    html_add(buf, "\" y=\"");
    html_add_number(buf, at.y);
    html_add(buf, "\" font-size=\"");
    html_add_number(buf, size);
    html_add(buf, "\" font-weight=\"");
    html_add_text(buf, weight);
    html_add(buf, "\" fill=\"");
    html_add_text(buf, fill);
    html_add(buf, "\">");
}

static void add_words(struct buf *buf, struct place at, int size, const char *fill,
                      const char *words)
{
    begin_text(buf, at, size, fill, "400");
    html_add_text(buf, words);
    html_add(buf, "</text>\n");
}

/* So many code points of a name at most: there is no way to measure a font that is not known. */
static void add_name(struct buf *buf, struct place at, const char *name)
{
    char cut[NAME_POINTS * 4 + 8];
    size_t len = strlen(name), used = 0;
    int points = 0;

    while (used < len && points < NAME_POINTS) {
        size_t step = text_utf8_length(name + used, len - used);

        used += step > 0 ? step : 1;
        points++;
    }
    snprintf(cut, sizeof(cut), "%.*s%s", (int)used, name, used < len ? "\xe2\x80\xa6" : "");
    add_words(buf, at, 30, "#e9ecea", cut);
}

static void add_number(struct buf *buf, struct place at, int64_t number, const char *one,
                       const char *many)
{
    begin_text(buf, at, 64, "#a9ecd0", "600");
    html_add_count(buf, number);
    html_add(buf, "</text>\n");
    add_words(buf, (struct place){at.x, at.y + 40}, 26, "#a6b0ab", number == 1 ? one : many);
}

static void add_numbers(struct buf *buf, const struct year_review *review)
{
    add_number(buf, (struct place){MARGIN, 300}, review->tally->plays, "play", "plays");
    add_number(buf, (struct place){MARGIN + 330, 300},
               review->tally->listened_ms / (3600 * INT64_C(1000)), "hour", "hours");
    add_number(buf, (struct place){MARGIN + 620, 300},
               (int64_t)review->tally->kind[STORE_KIND_ARTIST].count, "artist", "artists");
}

static void add_top(struct buf *buf, const struct year_review *review, enum store_kind kind,
                    const char *caption, int x)
{
    add_words(buf, (struct place){x, 450}, 26, "#a6b0ab", caption);
    for (size_t i = 0; i < review->top[kind].count; i++) {
        const char *name = review->titles[kind][i].self.name;
        int y = 505 + 56 * (int)i;

        begin_text(buf, (struct place){x, y}, 30, "#63bd9a", "600");
        html_add_number(buf, (int64_t)i + 1);
        html_add(buf, "</text>\n");
        add_name(buf, (struct place){x + 40, y}, name ? name : "(no name told)");
    }
}

static int level_of(int64_t plays, int64_t most)
{
    if (plays <= 0 || most <= 0)
        return 0;
    return plays * 4 > most * 3 ? 4 : plays * 2 > most ? 3 : plays * 4 > most ? 2 : 1;
}

static void add_cell(struct buf *buf, int64_t index, int weekday_of_first)
{
    int64_t at = index + weekday_of_first;

    html_add(buf, "M");
    html_add_number(buf, MARGIN + CELL * (at / 7));
    html_add(buf, " ");
    html_add_number(buf, 880 + CELL * (at % 7));
    html_add(buf, "h13v13h-13z");
}

/* One path a level. */
static void add_calendar(struct buf *buf, const struct year_review *review)
{
    int weekday = zone_weekday(review->first_day);

    add_words(buf, (struct place){MARGIN, 850}, 26, "#a6b0ab", "Day by day");
    for (int level = 0; level < 5; level++) {
        html_add(buf, "<path fill=\"");
        html_add_text(buf, levels[level]);
        html_add(buf, "\" d=\"");
        for (int64_t i = 0; i < review->days; i++) {
            struct store_count day = store_days_get(&review->times.days, review->first_day + i);

            if (level_of(day.plays, review->best_day.plays) == level)
                add_cell(buf, i, weekday);
        }
        html_add(buf, "\"/>\n");
    }
}

static void add_foot(struct buf *buf, const struct year_review *review)
{
    if (review->streak.days > 1)
        add_number(buf, (struct place){MARGIN, 1120}, review->streak.days, "day in a row",
                   "days in a row");
    add_number(buf, (struct place){MARGIN + 330, 1120}, review->found[STORE_KIND_TRACK],
               "new track", "new tracks");
    add_number(buf, (struct place){MARGIN + 620, 1120}, review->found[STORE_KIND_ARTIST],
               "new artist", "new artists");
    add_words(buf, (struct place){MARGIN, HEIGHT - 60}, 24, "#a6b0ab",
              "Counted by spotify-historyd");
}

void year_review_picture(struct buf *buf, const struct year_review *review)
{
    html_add(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1080\" height=\"1350\" "
                  "viewBox=\"0 0 1080 1350\" font-family=\"system-ui, sans-serif\">\n<title>");
    html_add(buf, "Listening in ");
    html_add_number(buf, review->year);
    html_add(buf, "</title>\n<rect width=\"1080\" height=\"1350\" fill=\"#141817\"/>\n");
    begin_text(buf, (struct place){MARGIN, 180}, 120, "#e9ecea", "700");
    html_add_number(buf, review->year);
    html_add(buf, "</text>\n");
    if (review->people.user_id > 0)
        add_words(buf, (struct place){MARGIN + 330, 180}, 40, "#a6b0ab",
                  view_people_name(&review->people, review->people.user_id));
    add_numbers(buf, review);
    add_top(buf, review, STORE_KIND_ARTIST, "Artists", MARGIN);
    add_top(buf, review, STORE_KIND_TRACK, "Tracks", MARGIN + COLUMN);
    add_calendar(buf, review);
    add_foot(buf, review);
    html_add(buf, "</svg>\n");
}
