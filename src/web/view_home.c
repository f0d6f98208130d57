/* SPDX-License-Identifier: MIT */
/* "/": what was played last, a period in numbers, what was played most, and when. */
#include "web/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/detail.h"
#include "store/gaps.h"
#include "store/search.h"
#include "store/stats.h"
#include "web/chart.h"
#include "web/html.h"
#include "web/period.h"
#include "web/view_parts.h"
#include "web/view_spans.h"

#define LAST_PLAYS 6
#define TOP 10
#define FOUND 10
#define HOME_PATH "/"

struct home {
    const struct view_request *request;
    struct store *store;
    struct buf *buf;
    struct view_people people;
    struct period period;
    enum store_measure measure;
    int32_t year; /* of the calendar */
    struct store_plays_page last;
    struct store_tally *tally, *before; /* before: NULL without one */
    struct store_times times;           /* of the period */
    struct store_times days;            /* of the year */
    struct view_gaps gaps;
    enum store_result result;
};

/* -- what it is about -------------------------------------------------------------------------- */

static struct store_stats_filter filter_of(const struct home *home, int64_t since, int64_t until)
{
    return (struct store_stats_filter){
        .user_id = home->people.user_id,
        .since = since == INT64_MIN ? STORE_NO_TIME : since,
        .until = until == INT64_MAX ? STORE_NO_TIME : until,
    };
}

static bool parse(struct home *home, struct view_answer *answer)
{
    const struct view_request *request = home->request;
    const char *by = view_field(request, "by");
    int64_t year = view_field_number(request, "year"), today, last;

    if (!period_parse(view_field(request, "period"), view_field(request, "from"),
                      view_field(request, "to"), request->zone, request->now, &home->period) ||
        year < 0 || year > 9999 || (year > 0 && year < 1970) ||
        (by && strcmp(by, "plays") != 0 && strcmp(by, "time") != 0)) {
        home->result = view_error(request, answer, 400, "This is no period of time.");
        return false;
    }
    home->measure = by && strcmp(by, "time") == 0 ? STORE_BY_TIME : STORE_BY_PLAYS;
    today = zone_day(request->zone, request->now, NULL);
    last = home->period.kind == PERIOD_ALL || home->period.last_day > today ? today
                                                                            : home->period.last_day;
    home->year = year > 0 ? (int32_t)year : zone_date_of(last).year;
    return true;
}

static void read_sums(struct home *home)
{
    const struct period *period = &home->period;
    const struct zone *zone = home->request->zone;
    struct store_stats_filter filter = filter_of(home, period->since, period->until);

    home->result = store_tally_read(home->store, &filter, &home->tally);
    if (home->result == STORE_OK && period->has_before) {
        struct store_stats_filter before =
            filter_of(home, period->before_since, period->before_until);

        home->result = store_tally_read(home->store, &before, &home->before);
    }
    if (home->result == STORE_OK)
        home->result = store_times_read(home->store, &filter, zone, &home->times);
}

static void read_year(struct home *home)
{
    const struct zone *zone = home->request->zone;
    struct store_stats_filter filter =
        filter_of(home, zone_day_begins(zone, zone_day_of((struct zone_date){home->year, 1, 1})),
                  zone_day_begins(zone, zone_day_of((struct zone_date){home->year + 1, 1, 1})));

    home->result = store_times_read(home->store, &filter, zone, &home->days);
}

static void read_last(struct home *home)
{
    struct store_search search = {
        .user_id = home->people.user_id, .since = STORE_NO_TIME, .until = STORE_NO_TIME};

    home->result = store_plays_find(home->store, &search, (struct store_place){0}, false,
                                    LAST_PLAYS, &home->last);
}

static void read_all(struct home *home)
{
    read_sums(home);
    if (home->result == STORE_OK)
        read_year(home);
    if (home->result == STORE_OK)
        home->result = view_gaps_read(home->store, home->people.user_id, &home->gaps);
    if (home->result == STORE_OK)
        read_last(home);
}

/* -- the parts --------------------------------------------------------------------------------- */

static void add_attention(struct home *home)
{
    if (!home->request->attention)
        return;
    html_add(home->buf, "<p class=\"banner\" role=\"status\">");
    html_add_text(home->buf, home->request->attention);
    html_add(home->buf, " <a href=\"" PAGE_ACCOUNTS_PATH "\">To the accounts</a></p>\n");
}

static void add_last(struct home *home)
{
    struct buf *buf = home->buf;

    html_add(buf, "<section class=\"last\">\n<h2>Played last</h2>\n");
    if (home->last.count == 0) {
        html_add(buf,
                 "<p class=\"quiet\">Nothing is recorded yet. What is played from now on shows "
                 "up here within minutes; <code>spotify-historyctl import</code> brings in "
                 "what Spotify sends you of the years before.</p>\n</section>\n");
        return;
    }
    html_add(buf, "<ol class=\"plays\">\n");
    for (size_t i = 0; i < home->last.count; i++) {
        part_begin_play(buf, home->request, &home->people, &home->last.items[i]);
        html_add(buf, "</li>\n");
    }
    html_add(buf, "</ol>\n<p><a href=\"");
    view_add_address(buf, &home->people, "/plays", (const char *const[]){NULL});
    html_add(buf, "\">All plays</a></p>\n</section>\n");
}

static const char *by_name(const struct home *home)
{
    return home->measure == STORE_BY_TIME ? "time" : NULL;
}

/* A field as the page was asked for, so that a link can ask for the same. */
static const char *asked(const struct home *home, const char *name)
{
    return view_field(home->request, name);
}

/* Ends a link that begins with an open attribute. */
static void end_tab(struct home *home, const char *name, bool here)
{
    html_add(home->buf, "\"");
    if (here)
        html_add(home->buf, " aria-current=\"true\"");
    html_add(home->buf, ">");
    html_add_text(home->buf, name);
    html_add(home->buf, "</a></li>\n");
}

static void add_period_tab(struct home *home, const char *name, const char *period, bool here)
{
    html_add(home->buf, "<li><a href=\"");
    view_add_address(home->buf, &home->people, HOME_PATH,
                     (const char *const[]){"period", period, "by", by_name(home), NULL});
    end_tab(home, name, here);
}

static void add_measure_tab(struct home *home, const char *name, const char *by, bool here)
{
    html_add(home->buf, "<li><a href=\"");
    view_add_address(home->buf, &home->people, HOME_PATH,
                     (const char *const[]){"period", asked(home, "period"), "from",
                                           asked(home, "from"), "to", asked(home, "to"), "by", by,
                                           NULL});
    end_tab(home, name, here);
}

static void add_range_form(struct home *home)
{
    struct buf *buf = home->buf;
    char day[ZONE_DATE_SIZE];
    bool known = home->period.kind != PERIOD_ALL;

    html_add(buf, "<form class=\"range\" method=\"get\" action=\"/\">\n");
    if (home->people.user_id > 0) {
        html_add(buf, "<input type=\"hidden\" name=\"user\" value=\"");
        html_add_number(buf, home->people.user_id);
        html_add(buf, "\">\n");
    }
    html_add(buf, "<label>From <input type=\"date\" name=\"from\" required value=\"");
    html_add_text(buf, known ? zone_date_format(home->period.first_day, day) : "");
    html_add(buf, "\"></label>\n<label>to <input type=\"date\" name=\"to\" value=\"");
    html_add_text(buf, known ? zone_date_format(home->period.last_day, day) : "");
    html_add(buf, "\"></label>\n<button type=\"submit\">Show</button>\n</form>\n");
}

static void add_period_tabs(struct home *home)
{
    static const struct {
        enum period_kind kind;
        const char *name;
    } tabs[] = {
        {PERIOD_DAY, "Today"}, {PERIOD_WEEK, "Week"}, {PERIOD_MONTH, "Month"},
        {PERIOD_YEAR, "Year"}, {PERIOD_ALL, "All"},
    };
    bool now = home->period.running || home->period.kind == PERIOD_ALL;

    html_add(home->buf, "<nav aria-label=\"Period\">\n<ul class=\"tabs\">\n");
    for (size_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++)
        add_period_tab(home, tabs[i].name, period_name(tabs[i].kind),
                       now && home->period.kind == tabs[i].kind);
    html_add(home->buf, "</ul>\n</nav>\n");
    add_range_form(home);
}

static void add_cards(struct home *home)
{
    static const struct {
        enum store_kind kind;
        const char *label;
    } kinds[] = {
        {STORE_KIND_TRACK, "Tracks"},
        {STORE_KIND_ARTIST, "Artists"},
        {STORE_KIND_ALBUM, "Albums"},
    };
    const struct store_tally *now = home->tally, *before = home->before;
    char title[PERIOD_TITLE_SIZE];

    html_add(home->buf, "<dl class=\"cards\">\n");
    part_add_card(home->buf, "Plays", PART_COUNT, now->plays, before ? before->plays : -1);
    part_add_card(home->buf, "Listening time", PART_TIME, now->listened_ms,
                  before ? before->listened_ms : -1);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        part_add_card(home->buf, kinds[i].label, PART_COUNT,
                      (int64_t)now->kind[kinds[i].kind].count,
                      before ? (int64_t)before->kind[kinds[i].kind].count : -1);
    html_add(home->buf, "</dl>\n");
    if (before) {
        html_add(home->buf, "<p class=\"quiet\">Compared with ");
        html_add_text(home->buf, period_before_title(&home->period, title));
        html_add(home->buf, ".</p>\n");
    }
}

static void add_columns(struct home *home)
{
    const struct view_spans_from from = {
        .zone = home->request->zone,
        .now = home->request->now,
        .period = &home->period,
        .times = &home->times,
        .gaps = &home->gaps,
        .measure = home->measure,
    };
    struct view_spans spans;

    view_spans_make(&from, &spans);
    if (spans.count > 0)
        chart_columns(home->buf,
                      &(struct chart_line){
                          .id = "line",
                          .title = spans.title,
                          .unit = home->measure == STORE_BY_TIME ? "time" : "plays",
                          .points = spans.points,
                          .count = spans.count,
                          .format = home->measure == STORE_BY_TIME ? view_format_duration : NULL,
                      });
}

static void add_tops(struct home *home)
{
    static const struct {
        enum store_kind kind;
        const char *caption;
    } tops[] = {
        {STORE_KIND_TRACK, "Tracks played most"},
        {STORE_KIND_ARTIST, "Artists played most"},
        {STORE_KIND_ALBUM, "Albums played most"},
    };

    html_add(home->buf, "<nav aria-label=\"Measure\">\n<ul class=\"tabs\">\n");
    add_measure_tab(home, "by plays", NULL, home->measure == STORE_BY_PLAYS);
    add_measure_tab(home, "by time", "time", home->measure == STORE_BY_TIME);
    html_add(home->buf, "</ul>\n</nav>\n<div class=\"columns\">\n");
    for (size_t i = 0; home->result == STORE_OK && i < sizeof(tops) / sizeof(tops[0]); i++) {
        struct store_counts counts = {0};

        home->result =
            store_tally_top(home->store, home->tally, tops[i].kind, home->measure, TOP, &counts);
        if (home->result == STORE_OK)
            home->result = part_add_top(
                home->store, home->buf, home->request, &home->people,
                &(struct part_top){tops[i].caption, tops[i].kind, home->measure, &counts});
        free(counts.items);
    }
    html_add(home->buf, "</div>\n");
}

static void day_address(struct buf *buf, int64_t day, void *context)
{
    const struct home *home = context;
    char text[ZONE_DATE_SIZE];

    zone_date_format(day, text);
    view_add_address(buf, &home->people, "/plays", (const char *const[]){"day", text, NULL});
}

static void add_year_link(struct home *home, int32_t year, const char *rel)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", (int)year);
    html_add(home->buf, "<a rel=\"");
    html_add_text(home->buf, rel);
    html_add(home->buf, "\" href=\"");
    view_add_address(home->buf, &home->people, HOME_PATH,
                     (const char *const[]){"period", asked(home, "period"), "from",
                                           asked(home, "from"), "to", asked(home, "to"), "by",
                                           by_name(home), "year", text, NULL});
    html_add(home->buf, "#calendar-section\">");
    html_add_text(home->buf, text);
    html_add(home->buf, "</a> ");
}

static void add_streak(struct home *home)
{
    struct store_streak streak = store_days_streak(&home->days.days);
    char day[ZONE_DATE_SIZE];

    if (streak.days < 2)
        return;
    html_add(home->buf, "<p class=\"quiet\">Longest streak: ");
    html_add_count(home->buf, streak.days);
    html_add(home->buf, " days with music in a row, from ");
    html_add_text(home->buf, zone_date_format(streak.first_day, day));
    html_add(home->buf, " to ");
    html_add_text(home->buf, zone_date_format(streak.first_day + streak.days - 1, day));
    html_add(home->buf, ".</p>\n");
}

static void add_calendar(struct home *home)
{
    struct chart_day days[366] = {{0}};
    int64_t first = zone_day_of((struct zone_date){home->year, 1, 1});
    int64_t today = zone_day(home->request->zone, home->request->now, NULL);
    size_t count = (size_t)(zone_day_of((struct zone_date){home->year + 1, 1, 1}) - first);
    char title[64];

    for (size_t i = 0; i < home->days.days.count; i++) {
        const struct store_count *day = &home->days.days.items[i];

        if (day->id >= first && day->id < first + (int64_t)count)
            days[day->id - first].value = day->plays;
    }
    for (size_t i = 0; i < count; i++) {
        days[i].future = first + (int64_t)i > today;
        days[i].missing = view_gaps_between(&home->gaps, home->request->zone, first + (int64_t)i,
                                            first + (int64_t)i);
    }
    snprintf(title, sizeof(title), "Days of %d", (int)home->year);
    html_add(home->buf, "<section id=\"calendar-section\">\n");
    chart_calendar(home->buf, &(struct chart_days){.id = "calendar",
                                                   .title = title,
                                                   .unit = "plays",
                                                   .first_day = first,
                                                   .days = days,
                                                   .count = count,
                                                   .address = day_address,
                                                   .context = home});
    html_add(home->buf, "<p class=\"years\">");
    if (home->year > 1970)
        add_year_link(home, home->year - 1, "prev");
    if (home->year < zone_date_of(today).year)
        add_year_link(home, home->year + 1, "next");
    html_add(home->buf, "</p>\n");
    add_streak(home);
    html_add(home->buf, "</section>\n");
}

static void add_clock(struct home *home)
{
    int64_t values[7 * 24];

    for (int i = 0; i < 7 * 24; i++)
        values[i] = home->times.clock[i / 24][i % 24].plays;
    chart_clock(home->buf, "clock", "Hours of the week", "plays", values);
}

static enum store_result add_found_rows(struct home *home, enum store_kind kind,
                                        const struct store_found_list *found)
{
    enum store_result result = STORE_OK;

    for (size_t i = 0; result == STORE_OK && i < found->count; i++) {
        struct store_title title;

        result = store_title_get(home->store, kind, found->items[i].id, &title);
        if (result == STORE_OK) {
            html_add(home->buf, "<li>");
            part_add_cover(home->buf, home->request, &title, 48);
            html_add(home->buf, "<span class=\"words\">");
            part_add_title(home->buf, &home->people, &title);
            html_add(home->buf, "</span><span class=\"when\">");
            html_add_time_in(home->buf, home->request->zone, found->items[i].first_at, "not known");
            html_add(home->buf, "</span></li>\n");
        }
        store_title_free(&title);
    }
    return result;
}

static void add_found(struct home *home)
{
    static const enum store_kind kinds[] = {STORE_KIND_TRACK, STORE_KIND_ARTIST};
    static const char *const captions[] = {"New tracks", "New artists"};
    static const char *const ones[][2] = {{"track", "tracks"}, {"artist", "artists"}};
    struct store_stats_filter filter = filter_of(home, home->period.since, home->period.until);
    struct store_found_list found[2];

    home->result = store_discoveries(home->store, &filter, kinds, 2, FOUND, found);
    for (int i = 0; i < 2; i++) {
        if (home->result == STORE_OK && found[i].count > 0) {
            html_add(home->buf, "<section>\n<h2>");
            html_add_text(home->buf, captions[i]);
            html_add(home->buf, "</h2>\n<p class=\"quiet\">");
            html_add_count(home->buf, found[i].all);
            html_add(home->buf, " ");
            html_add_text(home->buf, ones[i][found[i].all != 1]);
            html_add(home->buf, " heard for the first time.</p>\n<ol class=\"plays\">\n");
            home->result = add_found_rows(home, kinds[i], &found[i]);
            html_add(home->buf, "</ol>\n</section>\n");
        }
        free(found[i].items);
    }
}

static void draw(struct home *home)
{
    struct buf *buf = home->buf;
    const struct view_request *request = home->request;
    char title[PERIOD_TITLE_SIZE];

    page_begin(buf, &request->site, HOME_PATH, "Listening");
    add_attention(home);
    view_add_people(buf, request, &home->people);
    add_last(home);
    html_add(buf, "<section class=\"period\" aria-labelledby=\"period\">\n<h2 id=\"period\">");
    html_add_text(buf, period_title(&home->period, request->zone, request->now, title));
    html_add(buf, "</h2>\n");
    add_period_tabs(home);
    add_cards(home);
    add_columns(home);
    html_add(buf, "</section>\n");
    if (home->result == STORE_OK)
        add_tops(home);
    add_clock(home);
    add_calendar(home);
    html_add(buf, "<div class=\"columns\">\n");
    if (home->result == STORE_OK)
        add_found(home);
    html_add(buf, "</div>\n");
    page_end(buf, &request->site);
}

enum store_result view_home(struct store *store, const struct view_request *request,
                            struct view_answer *answer)
{
    struct home home = {.request = request, .store = store, .buf = &answer->body};

    if (view_people_read(store, request, answer, &home.people, &home.result) &&
        parse(&home, answer)) {
        read_all(&home);
        if (home.result == STORE_OK)
            draw(&home);
    }
    store_plays_free(&home.last);
    store_tally_free(home.tally);
    store_tally_free(home.before);
    store_times_free(&home.times);
    store_times_free(&home.days);
    view_gaps_free(&home.gaps);
    free(home.people.users);
    return home.result;
}
