/* SPDX-License-Identifier: MIT */
/* "/track/N", "/artist/N", "/album/N": one of the catalogue, and what was played of it. */
#include "web/view.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/detail.h"
#include "web/chart.h"
#include "web/html.h"
#include "web/view_parts.h"
#include "web/view_spans.h"

#define COVER_SIZE 160

struct detail_page {
    const struct view_request *request;
    struct store *store;
    struct buf *buf;
    struct view_people people;
    struct store_detail detail;
    struct view_gaps gaps;
    enum store_kind kind;
    enum store_result result;
};

static const char *const kind_words[STORE_KINDS] = {
    [STORE_KIND_TRACK] = "Track",
    [STORE_KIND_ARTIST] = "Artist",
    [STORE_KIND_ALBUM] = "Album",
};

/* "3 of 1,200 tracks" needs the plural. */
static const char *const kind_many[STORE_KINDS] = {
    [STORE_KIND_TRACK] = "tracks",
    [STORE_KIND_ARTIST] = "artists",
    [STORE_KIND_ALBUM] = "albums",
};

static const char *const kind_one[STORE_KINDS] = {
    [STORE_KIND_TRACK] = "track",
    [STORE_KIND_ARTIST] = "artist",
    [STORE_KIND_ALBUM] = "album",
};

static const char *name_of(const struct store_title *title)
{
    return title->self.name ? title->self.name : "(no name told)";
}

/* -- what it is -------------------------------------------------------------------------------- */

static void add_fact(struct buf *buf, const char *name, const char *value)
{
    html_add(buf, "<div><dt>");
    html_add_text(buf, name);
    html_add(buf, "</dt><dd>");
    html_add_text(buf, value);
    html_add(buf, "</dd></div>\n");
}

static void add_artists_fact(const struct detail_page *page)
{
    const struct store_links *artists = &page->detail.title.artists;

    if (artists->count == 0)
        return;
    html_add(page->buf, "<div><dt>By</dt><dd>");
    for (size_t i = 0; i < artists->count; i++) {
        if (i > 0)
            html_add(page->buf, ", ");
        part_add_link(page->buf, &page->people, STORE_KIND_ARTIST, &artists->items[i]);
    }
    html_add(page->buf, "</dd></div>\n");
}

static void add_facts(const struct detail_page *page)
{
    const struct store_title *title = &page->detail.title;
    struct buf *buf = page->buf;

    html_add(buf, "<dl class=\"facts\">\n");
    add_fact(buf, "What", title->track_kind ? title->track_kind : kind_words[page->kind]);
    add_artists_fact(page);
    if (title->album.id != 0) {
        html_add(buf, "<div><dt>On</dt><dd>");
        part_add_link(buf, &page->people, STORE_KIND_ALBUM, &title->album);
        html_add(buf, "</dd></div>\n");
    }
    if (title->release_date)
        add_fact(buf, "Released", title->release_date);
    if (title->duration_ms >= 0) {
        html_add(buf, "<div><dt>Length</dt><dd>");
        html_add_duration(buf, title->duration_ms);
        html_add(buf, "</dd></div>\n");
    }
    html_add(buf, "</dl>\n");
}

static void add_spotify(const struct detail_page *page)
{
    const char *uri = page->detail.title.self.uri;

    if (!html_is_spotify(uri))
        return;
    html_add(page->buf, "<p><a class=\"out\" rel=\"noreferrer\" href=\"");
    html_add_spotify(page->buf, uri);
    html_add(page->buf, "\">On Spotify</a></p>\n");
}

/* -- what was played of it --------------------------------------------------------------------- */

static void add_moment(const struct detail_page *page, const char *label, int64_t moment)
{
    html_add(page->buf, "<div class=\"card\"><dt>");
    html_add_text(page->buf, label);
    html_add(page->buf, "</dt><dd>");
    html_add_time_in(page->buf, page->request->zone, moment, "never");
    html_add(page->buf, "</dd></div>\n");
}

static void add_heard(const struct detail_page *page)
{
    const struct store_detail *detail = &page->detail;
    struct buf *buf = page->buf;

    html_add(buf, "<dl class=\"cards\">\n");
    part_add_card(buf, "Plays", PART_COUNT, detail->heard.plays, -1);
    part_add_card(buf, "Listening time", PART_TIME, detail->heard.listened_ms, -1);
    if (detail->rank > 0) {
        html_add(buf, "<div class=\"card\"><dt>Rank by plays</dt><dd>");
        html_add_count(buf, detail->rank);
        html_add(buf, " <span class=\"quiet\">of ");
        html_add_count(buf, detail->ranked);
        html_add(buf, " ");
        html_add_text(buf, detail->ranked == 1 ? kind_one[page->kind] : kind_many[page->kind]);
        html_add(buf, "</span></dd></div>\n");
    }
    add_moment(page, "First play", detail->heard.first_at);
    add_moment(page, "Last play", detail->heard.last_at);
    html_add(buf, "</dl>\n");
}

/* Every month from the first with a play to this one, also those without. */
static void add_months(const struct detail_page *page)
{
    const struct store_counts *months = &page->detail.months;
    const struct zone *zone = page->request->zone;
    struct store_times times = {.days = *months};
    struct period period = {.kind = PERIOD_FREE};
    struct view_spans spans;
    int64_t today = zone_day(zone, page->request->now, NULL);

    if (months->count == 0)
        return;
    period.first_day = months->items[0].id;
    period.last_day =
        today > months->items[months->count - 1].id ? today : months->items[months->count - 1].id;
    view_spans_make(
        &(struct view_spans_from){
            .zone = zone,
            .now = page->request->now,
            .period = &period,
            .times = &times,
            .gaps = &page->gaps,
            .measure = STORE_BY_PLAYS,
            .by_month = true,
        },
        &spans);
    chart_columns(page->buf, &(struct chart_line){.id = "months",
                                                  .title = spans.title,
                                                  .unit = "plays",
                                                  .points = spans.points,
                                                  .count = spans.count});
}

static void add_by_user(const struct detail_page *page)
{
    const struct store_detail *detail = &page->detail;
    struct buf *buf = page->buf;

    if (page->people.count < 2 || detail->user_count == 0)
        return;
    html_add(
        buf,
        "<section>\n<h2>Who played it</h2>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"Who played it\">\n<table class=\"numbers\">\n<thead><tr>"
        "<th scope=\"col\">Account</th><th scope=\"col\">Plays</th>"
        "<th scope=\"col\">First</th><th scope=\"col\">Last</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < detail->user_count; i++) {
        const struct store_heard *heard = &detail->by_user[i];

        html_add(buf, "<tr><th scope=\"row\"><bdi>");
        html_add_text(buf, view_people_name(&page->people, heard->user_id));
        html_add(buf, "</bdi></th><td class=\"number\">");
        html_add_count(buf, heard->plays);
        html_add(buf, "</td><td>");
        html_add_time_in(buf, page->request->zone, heard->first_at, "never");
        html_add(buf, "</td><td>");
        html_add_time_in(buf, page->request->zone, heard->last_at, "never");
        html_add(buf, "</td></tr>\n");
    }
    html_add(buf, "</tbody>\n</table>\n</div>\n</section>\n");
}

/* "50 of 212 tracks": the list ends before what was played does. */
static void add_rest(const struct detail_page *page, size_t shown, int64_t all, const char *many)
{
    if (all <= (int64_t)shown)
        return;
    html_add(page->buf, "<p class=\"quiet\">The first ");
    html_add_count(page->buf, (int64_t)shown);
    html_add(page->buf, " of ");
    html_add_count(page->buf, all);
    html_add(page->buf, " ");
    html_add_text(page->buf, many);
    html_add(page->buf, ".</p>\n");
}

static void add_related(struct detail_page *page, enum store_kind kind, const char *caption,
                        const struct store_counts *counts, int64_t all)
{
    if (page->result != STORE_OK || counts->count == 0)
        return;
    page->result = part_add_top(page->store, page->buf, page->request, &page->people,
                                &(struct part_top){caption, kind, STORE_BY_PLAYS, counts});
    add_rest(page, counts->count, all, kind_many[kind]);
}

static void draw(struct detail_page *page)
{
    const struct store_detail *detail = &page->detail;
    const struct view_request *request = page->request;

    page_begin(page->buf, &request->site, "/", name_of(&detail->title));
    view_add_people(page->buf, request, &page->people);
    html_add(page->buf, "<div class=\"about\">\n");
    part_add_cover(page->buf, request, &detail->title, COVER_SIZE);
    add_facts(page);
    html_add(page->buf, "</div>\n");
    add_spotify(page);
    add_heard(page);
    add_months(page);
    if (page->kind == STORE_KIND_ARTIST)
        add_related(page, STORE_KIND_ALBUM, "Albums", &detail->albums, detail->album_count);
    if (page->kind != STORE_KIND_TRACK)
        add_related(page, STORE_KIND_TRACK, "Tracks", &detail->tracks, detail->track_count);
    add_by_user(page);
    page_end(page->buf, &request->site);
}

/* -- the views --------------------------------------------------------------------------------- */

static void read_detail(struct detail_page *page, struct view_answer *answer)
{
    int64_t id = view_rest_number(page->request);

    page->result = id > 0 ? store_detail_get(page->store, page->kind, id, page->people.user_id,
                                             page->request->zone, &page->detail)
                          : STORE_NOT_FOUND;
    if (page->result == STORE_NOT_FOUND) {
        page->result = view_error(page->request, answer, 404,
                                  "Nothing in the record has this number (any more).");
        return;
    }
    if (page->result == STORE_OK)
        page->result = view_gaps_read(page->store, page->people.user_id, &page->gaps);
    if (page->result == STORE_OK)
        draw(page);
}

static enum store_result view_detail(struct store *store, const struct view_request *request,
                                     struct view_answer *answer, enum store_kind kind)
{
    struct detail_page page = {
        .request = request, .store = store, .buf = &answer->body, .kind = kind};

    if (view_people_read(store, request, answer, &page.people, &page.result))
        read_detail(&page, answer);
    store_detail_free(&page.detail);
    view_gaps_free(&page.gaps);
    free(page.people.users);
    return page.result;
}

enum store_result view_track(struct store *store, const struct view_request *request,
                             struct view_answer *answer)
{
    return view_detail(store, request, answer, STORE_KIND_TRACK);
}

enum store_result view_artist(struct store *store, const struct view_request *request,
                              struct view_answer *answer)
{
    return view_detail(store, request, answer, STORE_KIND_ARTIST);
}

enum store_result view_album(struct store *store, const struct view_request *request,
                             struct view_answer *answer)
{
    return view_detail(store, request, answer, STORE_KIND_ALBUM);
}
