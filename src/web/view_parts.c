/* SPDX-License-Identifier: MIT */
#include "web/view_parts.h"

#include "web/chart.h"
#include "web/html.h"

#include <stdio.h>

#define COVER_SIZE 48
#define LATE_SHOWN CLOCK_HOUR /* a play seen that much later is called late */

static const char *const kind_paths[STORE_KINDS] = {
    [STORE_KIND_TRACK] = "/track/",
    [STORE_KIND_ARTIST] = "/artist/",
    [STORE_KIND_ALBUM] = "/album/",
};

void part_add_address(struct buf *buf, const struct view_people *people, enum store_kind kind,
                      int64_t id)
{
    char path[48];

    snprintf(path, sizeof(path), "%s%lld", kind_paths[kind], (long long)id);
    view_add_address(buf, people, path, (const char *const[]){NULL});
}

void part_add_link(struct buf *buf, const struct view_people *people, enum store_kind kind,
                   const struct store_link *link)
{
    html_add(buf, "<a href=\"");
    part_add_address(buf, people, kind, link->id);
    html_add(buf, "\"><bdi>");
    html_add_text(buf, link->name ? link->name : "(no name told)");
    html_add(buf, "</bdi></a>");
}

void part_add_cover(struct buf *buf, const struct view_request *request,
                    const struct store_title *title, int size)
{
    if (request->covers && title->cover_url)
        html_add_image(buf, title->cover_url, size);
}

static void add_artists(struct buf *buf, const struct view_people *people,
                        const struct store_links *artists)
{
    for (size_t i = 0; i < artists->count; i++) {
        if (i > 0)
            html_add(buf, ", ");
        part_add_link(buf, people, STORE_KIND_ARTIST, &artists->items[i]);
    }
}

static void add_spotify(struct buf *buf, const struct store_title *title)
{
    if (!html_is_spotify(title->self.uri))
        return;
    html_add(buf, "\xe2\x80\xaf<a class=\"out\" rel=\"noreferrer\" href=\"");
    html_add_spotify(buf, title->self.uri);
    html_add(buf, "\" aria-label=\"");
    html_add_text(buf, title->self.name ? title->self.name : "this");
    html_add(buf, " on Spotify\">\xe2\x86\x97</a>");
}

void part_add_title(struct buf *buf, const struct view_people *people,
                    const struct store_title *title)
{
    html_add(buf, "<span class=\"title\">");
    part_add_link(buf, people, title->kind, &title->self);
    add_spotify(buf, title);
    html_add(buf, "</span>");
    if (title->artists.count == 0 && title->album.id == 0)
        return;
    html_add(buf, "<span class=\"by\">");
    add_artists(buf, people, &title->artists);
    if (title->album.id != 0) {
        if (title->artists.count > 0)
            html_add(buf, " \xc2\xb7 ");
        part_add_link(buf, people, STORE_KIND_ALBUM, &title->album);
    }
    html_add(buf, "</span>");
}

/* -- what was played most ---------------------------------------------------------------------- */

static int64_t measured(const struct part_top *top, size_t i)
{
    return top->measure == STORE_BY_TIME ? top->counts->items[i].listened_ms
                                         : top->counts->items[i].plays;
}

static void add_amount(struct buf *buf, const struct part_top *top, size_t i)
{
    int64_t most = measured(top, 0), value = measured(top, i);

    html_add(buf, "<td class=\"number\">");
    if (top->measure == STORE_BY_TIME)
        html_add_duration(buf, value);
    else
        html_add_count(buf, value);
    html_add(buf, "</td><td class=\"bar\">");
    /* In floating point: listening time in ms times 1000 is for a century no trouble, but bytes
     * that were edited by hand may hold anything. */
    chart_bar(buf, most > 0 ? (int)(1000.0 * (double)value / (double)most) : 0);
    html_add(buf, "</td></tr>\n");
}

static enum store_result add_top_row(struct store *store, struct buf *buf,
                                     const struct view_request *request,
                                     const struct view_people *people, const struct part_top *top,
                                     size_t i)
{
    struct store_title title;
    enum store_result result = store_title_get(store, top->kind, top->counts->items[i].id, &title);

    if (result == STORE_OK) {
        html_add(buf, "<tr><td class=\"rank\">");
        html_add_count(buf, (int64_t)i + 1);
        html_add(buf, "</td><td class=\"what\">");
        part_add_cover(buf, request, &title, COVER_SIZE);
        html_add(buf, "<span class=\"words\">");
        part_add_title(buf, people, &title);
        html_add(buf, "</span></td>");
        add_amount(buf, top, i);
    }
    store_title_free(&title);
    return result;
}

enum store_result part_add_top(struct store *store, struct buf *buf,
                               const struct view_request *request, const struct view_people *people,
                               const struct part_top *top)
{
    enum store_result result = STORE_OK;

    html_add(buf, "<section class=\"top\">\n<h2>");
    html_add_text(buf, top->caption);
    html_add(buf, "</h2>\n");
    if (top->counts->count == 0) {
        html_add(buf, "<p class=\"quiet\">Nothing was played.</p>\n</section>\n");
        return STORE_OK;
    }
    html_add(buf, "<table class=\"tops\">\n<thead class=\"unseen\"><tr><th scope=\"col\">Rank</th>"
                  "<th scope=\"col\">Name</th><th scope=\"col\">");
    html_add_text(buf, top->measure == STORE_BY_TIME ? "Time" : "Plays");
    html_add(buf, "</th><th scope=\"col\">Share of the first</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; result == STORE_OK && i < top->counts->count; i++)
        result = add_top_row(store, buf, request, people, top, i);
    html_add(buf, "</tbody>\n</table>\n</section>\n");
    return result;
}

/* -- plays ------------------------------------------------------------------------------------- */

static void add_late(struct buf *buf, const struct store_shown *play)
{
    int64_t late = play->first_seen_at - play->played_at;

    if (late < LATE_SHOWN || play->source[0] != 'a' || play->source[1] != 'p')
        return;
    html_add(buf, " <span class=\"late\">seen ");
    html_add_duration(buf, late);
    html_add(buf, " later</span>");
}

void part_begin_play(struct buf *buf, const struct view_request *request,
                     const struct view_people *people, const struct store_shown *play)
{
    html_add(buf, "<li>");
    part_add_cover(buf, request, &play->title, COVER_SIZE);
    html_add(buf, "<span class=\"words\">");
    part_add_title(buf, people, &play->title);
    html_add(buf, "</span><span class=\"when\">");
    html_add_time_in(buf, request->zone, play->played_at, "not known");
    if (people->user_id == 0 && people->count > 1) {
        html_add(buf, " <span class=\"who\"><bdi>");
        html_add_text(buf, view_people_name(people, play->place.user_id));
        html_add(buf, "</bdi></span>");
    }
    add_late(buf, play);
    html_add(buf, "</span>");
}

/* -- numbers ----------------------------------------------------------------------------------- */

void part_add_card(struct buf *buf, const char *label, enum part_unit unit, int64_t value,
                   int64_t before)
{
    html_add(buf, "<div class=\"card\"><dt>");
    html_add_text(buf, label);
    html_add(buf, "</dt><dd>");
    if (unit == PART_TIME)
        html_add_duration(buf, value);
    else
        html_add_count(buf, value);
    if (before >= 0) {
        html_add(buf, " ");
        html_add_change(buf, value, before);
    }
    html_add(buf, "</dd></div>\n");
}
