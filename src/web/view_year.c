/* SPDX-License-Identifier: MIT */
/* "/year/2026": a year in review, to read and to print; "/year/2026.svg": as one picture. */
#include "web/view_year.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "web/chart.h"
#include "web/html.h"
#include "web/view_parts.h"
#include "web/view_spans.h"

/* -- reading ----------------------------------------------------------------------------------- */

static struct store_stats_filter filter_of(const struct year_review *review, int32_t year)
{
    const struct zone *zone = review->request->zone;

    return (struct store_stats_filter){
        .user_id = review->people.user_id,
        .since = zone_day_begins(zone, zone_day_of((struct zone_date){year, 1, 1})),
        .until = zone_day_begins(zone, zone_day_of((struct zone_date){year + 1, 1, 1})),
    };
}

static enum store_result read_top(struct year_review *review, enum store_kind kind)
{
    struct store_counts *top = &review->top[kind];
    enum store_result result =
        store_tally_top(review->store, review->tally, kind, STORE_BY_PLAYS, YEAR_TOP, top);

    for (size_t i = 0; result == STORE_OK && i < top->count; i++)
        result = store_title_get(review->store, kind, top->items[i].id, &review->titles[kind][i]);
    return result;
}

static enum store_result read_found(struct year_review *review)
{
    static const enum store_kind kinds[] = {STORE_KIND_TRACK, STORE_KIND_ARTIST};
    struct store_stats_filter filter = filter_of(review, review->year);
    struct store_found_list found[2];
    enum store_result result = store_discoveries(review->store, &filter, kinds, 2, 1, found);

    for (int i = 0; i < 2; i++) {
        review->found[kinds[i]] = found[i].all;
        free(found[i].items);
    }
    return result;
}

static void find_best_day(struct year_review *review)
{
    for (size_t i = 0; i < review->times.days.count; i++)
        if (review->times.days.items[i].plays > review->best_day.plays)
            review->best_day = review->times.days.items[i];
}

enum store_result year_review_read(struct year_review *review)
{
    struct store_stats_filter filter = filter_of(review, review->year);
    struct store_stats_filter before = filter_of(review, review->year - 1);
    enum store_result result = store_tally_read(review->store, &filter, &review->tally);

    review->first_day = zone_day_of((struct zone_date){review->year, 1, 1});
    review->days = zone_day_of((struct zone_date){review->year + 1, 1, 1}) - review->first_day;
    review->running = review->request->now < filter.until;
    if (result == STORE_OK && review->year > 1970 && !review->running)
        result = store_tally_read(review->store, &before, &review->before);
    if (result == STORE_OK)
        result = store_times_read(review->store, &filter, review->request->zone, &review->times);
    for (enum store_kind kind = 0; result == STORE_OK && kind < STORE_KINDS; kind++)
        result = read_top(review, kind);
    if (result == STORE_OK)
        result = read_found(review);
    if (result == STORE_OK) {
        review->streak = store_days_streak(&review->times.days);
        find_best_day(review);
    }
    return result;
}

void year_review_free(struct year_review *review)
{
    store_tally_free(review->tally);
    store_tally_free(review->before);
    store_times_free(&review->times);
    for (int kind = 0; kind < STORE_KINDS; kind++) {
        free(review->top[kind].items);
        for (int i = 0; i < YEAR_TOP; i++)
            store_title_free(&review->titles[kind][i]);
    }
}

/* -- the page ---------------------------------------------------------------------------------- */

static void add_year_link(const struct year_review *review, struct buf *buf, int32_t year,
                          const char *rel)
{
    char path[32];

    snprintf(path, sizeof(path), "/year/%d", (int)year);
    html_add(buf, "<a rel=\"");
    html_add_text(buf, rel);
    html_add(buf, "\" href=\"");
    view_add_address(buf, &review->people, path, (const char *const[]){NULL});
    html_add(buf, "\">");
    html_add_number(buf, year);
    html_add(buf, "</a>\n");
}

static void add_ways(const struct year_review *review, struct buf *buf)
{
    int32_t this_year =
        zone_date_of(zone_day(review->request->zone, review->request->now, NULL)).year;
    char path[32];

    html_add(buf, "<nav class=\"pager\" aria-label=\"Years\">\n");
    if (review->year > 1970)
        add_year_link(review, buf, review->year - 1, "prev");
    if (review->year < this_year)
        add_year_link(review, buf, review->year + 1, "next");
    if (review->tally->plays > 0) {
        snprintf(path, sizeof(path), "/year/%d.svg", (int)review->year);
        html_add(buf, "<a download href=\"");
        view_add_address(buf, &review->people, path, (const char *const[]){NULL});
        html_add(buf, "\">As a picture (SVG)</a>\n");
    }
    html_add(buf, "</nav>\n");
}

static int64_t count_before(const struct year_review *review, enum store_kind kind)
{
    return review->before ? (int64_t)review->before->kind[kind].count : -1;
}

static void add_cards(const struct year_review *review, struct buf *buf)
{
    const struct store_tally *now = review->tally, *before = review->before;

    html_add(buf, "<dl class=\"cards\">\n");
    part_add_card(buf, "Plays", PART_COUNT, now->plays, before ? before->plays : -1);
    part_add_card(buf, "Listening time", PART_TIME, now->listened_ms,
                  before ? before->listened_ms : -1);
    part_add_card(buf, "Tracks", PART_COUNT, (int64_t)now->kind[STORE_KIND_TRACK].count,
                  count_before(review, STORE_KIND_TRACK));
    part_add_card(buf, "Artists", PART_COUNT, (int64_t)now->kind[STORE_KIND_ARTIST].count,
                  count_before(review, STORE_KIND_ARTIST));
    part_add_card(buf, "Albums", PART_COUNT, (int64_t)now->kind[STORE_KIND_ALBUM].count,
                  count_before(review, STORE_KIND_ALBUM));
    part_add_card(buf, "New tracks", PART_COUNT, review->found[STORE_KIND_TRACK], -1);
    part_add_card(buf, "New artists", PART_COUNT, review->found[STORE_KIND_ARTIST], -1);
    part_add_card(buf, "Days with music", PART_COUNT, (int64_t)review->times.days.count, -1);
    html_add(buf, "</dl>\n");
}

static void add_words(const struct year_review *review, struct buf *buf)
{
    char day[ZONE_DATE_SIZE];

    html_add(buf, "<p class=\"lead\">");
    if (review->best_day.plays > 0) {
        html_add(buf, "The day with the most plays was ");
        html_add_text(buf, zone_date_format(review->best_day.id, day));
        html_add(buf, " with ");
        html_add_count(buf, review->best_day.plays);
        html_add(buf, ". ");
    }
    if (review->streak.days > 1) {
        html_add(buf, "The longest streak was ");
        html_add_count(buf, review->streak.days);
        html_add(buf, " days, from ");
        html_add_text(buf, zone_date_format(review->streak.first_day, day));
        html_add(buf, " on.");
    }
    html_add(buf, "</p>\n");
}

static void add_charts(const struct year_review *review, struct buf *buf,
                       const struct view_gaps *gaps)
{
    struct period period = {.kind = PERIOD_FREE,
                            .first_day = review->first_day,
                            .last_day = review->first_day + review->days - 1};
    struct view_spans spans;
    int64_t values[7 * 24];

    view_spans_make(&(struct view_spans_from){.zone = review->request->zone,
                                              .now = review->request->now,
                                              .period = &period,
                                              .times = &review->times,
                                              .gaps = gaps,
                                              .measure = STORE_BY_PLAYS,
                                              .by_month = true},
                    &spans);
    chart_columns(buf, &(struct chart_line){.id = "months",
                                            .title = spans.title,
                                            .unit = "plays",
                                            .points = spans.points,
                                            .count = spans.count});
    for (int i = 0; i < 7 * 24; i++)
        values[i] = review->times.clock[i / 24][i % 24].plays;
    chart_clock(buf, "clock", "Hours of the week", "plays", values);
}

static enum store_result add_tops(const struct year_review *review, struct buf *buf)
{
    static const char *const captions[STORE_KINDS] = {
        [STORE_KIND_TRACK] = "Tracks of the year",
        [STORE_KIND_ARTIST] = "Artists of the year",
        [STORE_KIND_ALBUM] = "Albums of the year",
    };
    enum store_result result = STORE_OK;

    html_add(buf, "<div class=\"columns\">\n");
    for (enum store_kind kind = 0; result == STORE_OK && kind < STORE_KINDS; kind++)
        result = part_add_top(
            review->store, buf, review->request, &review->people,
            &(struct part_top){captions[kind], kind, STORE_BY_PLAYS, &review->top[kind]});
    html_add(buf, "</div>\n");
    return result;
}

static enum store_result draw(const struct year_review *review, struct buf *buf)
{
    struct view_gaps gaps;
    enum store_result result = view_gaps_read(review->store, review->people.user_id, &gaps);
    char heading[32];

    snprintf(heading, sizeof(heading), review->running ? "%d so far" : "%d", (int)review->year);
    page_begin(buf, &review->request->site, "/year/", heading);
    view_add_people(buf, review->request, &review->people);
    if (review->tally->plays == 0) {
        html_add(buf, "<p class=\"quiet\">Nothing of this year is in the record.</p>\n");
    } else {
        add_cards(review, buf);
        add_words(review, buf);
        if (result == STORE_OK)
            result = add_tops(review, buf);
        add_charts(review, buf, &gaps);
    }
    add_ways(review, buf);
    page_end(buf, &review->request->site);
    view_gaps_free(&gaps);
    return result;
}

/* -- the view ---------------------------------------------------------------------------------- */

/* "2026" or "2026.svg" behind "/year/"; "" is this year. */
static bool read_year(struct year_review *review, bool *picture)
{
    const char *rest = review->request->rest;
    size_t len = strlen(rest);
    int64_t year;

    *picture = len > 4 && strcmp(rest + len - 4, ".svg") == 0;
    if (*picture)
        len -= 4;
    if (len == 0) {
        review->year =
            zone_date_of(zone_day(review->request->zone, review->request->now, NULL)).year;
        return true;
    }
    if (len != 4 || !text_int_parse(rest, len, &year) || year < 1970 || year > 9998)
        return false;
    review->year = (int32_t)year;
    return true;
}

static enum store_result show(struct year_review *review, struct view_answer *answer, bool picture)
{
    enum store_result result = year_review_read(review);

    if (result != STORE_OK)
        return result;
    if (!picture)
        return draw(review, &answer->body);
    year_review_picture(&answer->body, review);
    answer->type = "image/svg+xml";
    answer->filename = "listening.svg";
    return STORE_OK;
}

enum store_result view_year(struct store *store, const struct view_request *request,
                            struct view_answer *answer)
{
    struct year_review review = {.request = request, .store = store};
    enum store_result result = STORE_OK;
    bool picture = false;

    if (!read_year(&review, &picture))
        result = view_error(request, answer, 404, "There is no such year here.");
    else if (view_people_read(store, request, answer, &review.people, &result))
        result = show(&review, answer, picture);
    year_review_free(&review);
    free(review.people.users);
    return result;
}
