/* SPDX-License-Identifier: MIT */
/* "/coverage": how complete each day of the record is, and each gap with what can be done. */
#include "web/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/coverage.h"
#include "store/gaps.h"
#include "web/html.h"
#include "web/view_parts.h"

#define GAPS_SHOWN 200 /* the newest; the command lists all */

/* What the words of the database mean to people. */
static const struct state_words {
    const char *name, *style, *meaning;
} state_words[STORE_COVERAGE_STATES] = {
    [STORE_COVERAGE_BEFORE] = {"before", "before", "before the record began"},
    [STORE_COVERAGE_COMPLETE] = {"complete", "complete", "every play is here"},
    [STORE_COVERAGE_POSSIBLE] = {"possibly not complete", "possible", "plays may be missing"},
    [STORE_COVERAGE_LOST] = {"plays lost", "lost", "plays are missing"},
    [STORE_COVERAGE_NOT_RUNNING] = {"not running", "not-running",
                                    "the recorder did not run, and has not asked since"},
};

static const struct cause_words {
    const char *cause, *meaning, *advice;
} causes[] = {
    {"listened_faster", "more was played between two looks than Spotify shows",
     "A shorter capture.poll_interval makes this rarer."},
    {"late_batch", "a device sent plays late, more at once than Spotify shows",
     "Nothing prevents this; the export brings them."},
    {"daemon_down", "the recorder did not run", "Keep it running: systemctl enable it."},
    {"needs_login", "the sign-in had ended",
     "Sign in again in time: the accounts page counts down."},
    {"rate_limit", "Spotify asked to wait", "Fewer programs with the same client id help."},
    {"spotify_failing", "Spotify did not answer", "Nothing to do here."},
    {"database_full", "the disk was full or took no writes", "Make room on the disk."},
    {"unknown", "the cause is not known", "The log of that time may tell."},
};

struct coverage_page {
    const struct view_request *request;
    struct store *store;
    struct buf *buf;
    struct view_people people;
    const struct store_user *user; /* whose coverage; NULL: nobody is there */
    struct store_covered covered;
    size_t gaps_open;
    enum store_result result;
};

/* -- one calendar month ------------------------------------------------------------------------ */

static void add_day(const struct coverage_page *page, const struct store_covered_day *day)
{
    const struct state_words *words = &state_words[day->state];
    char text[ZONE_DATE_SIZE];
    struct buf *buf = page->buf;

    zone_date_format(day->day, text);
    html_add(buf, "<td class=\"covered-");
    html_add_text(buf, words->style);
    html_add(buf, "\"><a href=\"");
    view_add_address(buf, &page->people, "/plays", (const char *const[]){"day", text, NULL});
    html_add(buf, "\" title=\"");
    html_add_text(buf, text);
    html_add(buf, ": ");
    html_add_text(buf, words->name);
    html_add(buf, "\">");
    html_add_number(buf, zone_date_of(day->day).day);
    html_add(buf, "</a></td>");
}

static void add_blanks(struct buf *buf, int count)
{
    for (int i = 0; i < count; i++)
        html_add(buf, "<td></td>");
}

/* Days first .. first + count - 1 of covered, all of one month. */
static void add_month(const struct coverage_page *page, size_t first, size_t count)
{
    const struct store_covered_day *days = &page->covered.days[first];
    struct buf *buf = page->buf;
    char text[ZONE_DATE_SIZE];

    zone_date_format(days[0].day, text);
    text[7] = '\0';
    html_add(buf, "<table class=\"month\">\n<caption>");
    html_add_text(buf, text);
    html_add(buf, "</caption>\n<thead><tr><th scope=\"col\" abbr=\"Monday\">M</th>"
                  "<th scope=\"col\" abbr=\"Tuesday\">T</th>"
                  "<th scope=\"col\" abbr=\"Wednesday\">W</th>"
                  "<th scope=\"col\" abbr=\"Thursday\">T</th>"
                  "<th scope=\"col\" abbr=\"Friday\">F</th>"
                  "<th scope=\"col\" abbr=\"Saturday\">S</th>"
                  "<th scope=\"col\" abbr=\"Sunday\">S</th></tr></thead>\n<tbody>\n<tr>");
    add_blanks(buf, zone_weekday(days[0].day));
    for (size_t i = 0; i < count; i++) {
        add_day(page, &days[i]);
        if (zone_weekday(days[i].day) == 6 && i + 1 < count)
            html_add(buf, "</tr>\n<tr>");
    }
    add_blanks(buf, 6 - zone_weekday(days[count - 1].day));
    html_add(buf, "</tr>\n</tbody>\n</table>\n");
}

static bool same_month(int64_t one, int64_t other)
{
    struct zone_date a = zone_date_of(one), b = zone_date_of(other);

    return a.year == b.year && a.month == b.month;
}

/* The months of a year, the newest first. */
static void add_months(const struct coverage_page *page, int32_t year)
{
    const struct store_covered *covered = &page->covered;
    size_t end = covered->count;

    if (end == 0 || year < zone_date_of(covered->days[0].day).year ||
        year > zone_date_of(covered->days[end - 1].day).year) {
        html_add(page->buf, "<p class=\"quiet\">Nothing is known of ");
        html_add_number(page->buf, year);
        html_add(page->buf, ".</p>\n");
        return;
    }
    html_add(page->buf, "<div class=\"months\">\n");
    while (end > 0) {
        size_t begin = end - 1;

        while (begin > 0 && same_month(covered->days[begin - 1].day, covered->days[end - 1].day))
            begin--;
        if (zone_date_of(covered->days[begin].day).year == year)
            add_month(page, begin, end - begin);
        end = begin;
    }
    html_add(page->buf, "</div>\n");
}

/* -- the years --------------------------------------------------------------------------------- */

static void add_year_tabs(const struct coverage_page *page, int32_t first, int32_t last,
                          int32_t chosen)
{
    struct buf *buf = page->buf;

    html_add(buf, "<nav aria-label=\"Year\">\n<ul class=\"tabs\">\n");
    for (int32_t year = last; year >= first; year--) {
        char text[16];

        snprintf(text, sizeof(text), "%d", (int)year);
        html_add(buf, "<li><a href=\"");
        view_add_address(buf, &page->people, "/coverage",
                         (const char *const[]){"year", text, NULL});
        html_add(buf, "\"");
        if (year == chosen)
            html_add(buf, " aria-current=\"true\"");
        html_add(buf, ">");
        html_add_text(buf, text);
        html_add(buf, "</a></li>\n");
    }
    html_add(buf, "</ul>\n</nav>\n");
}

static void add_sums(const struct coverage_page *page)
{
    struct buf *buf = page->buf;

    html_add(buf, "<table class=\"numbers legend\">\n<thead><tr><th scope=\"col\">State</th>"
                  "<th scope=\"col\">Days</th><th scope=\"col\">What it means</th></tr></thead>\n"
                  "<tbody>\n");
    for (int i = STORE_COVERAGE_COMPLETE; i != STORE_COVERAGE_BEFORE;
         i = (i + 1) % STORE_COVERAGE_STATES) {
        html_add(buf, "<tr><th scope=\"row\"><span class=\"swatch covered-");
        html_add_text(buf, state_words[i].style);
        html_add(buf, "\"></span> ");
        html_add_text(buf, state_words[i].name);
        html_add(buf, "</th><td class=\"number\">");
        html_add_count(buf, page->covered.of[i]);
        html_add(buf, "</td><td>");
        html_add_text(buf, state_words[i].meaning);
        html_add(buf, "</td></tr>\n");
    }
    html_add(buf, "</tbody>\n</table>\n");
}

/* -- gaps -------------------------------------------------------------------------------------- */

static const struct cause_words *words_of(const char *cause)
{
    size_t count = sizeof(causes) / sizeof(causes[0]);

    for (size_t i = 0; i < count; i++)
        if (strcmp(causes[i].cause, cause) == 0)
            return &causes[i];
    return &causes[count - 1];
}

static void take_gap(const struct store_gap_row *gap, void *context)
{
    struct coverage_page *page = context;
    const struct cause_words *words = words_of(gap->cause);
    struct buf *buf = page->buf;
    bool lost = strcmp(gap->certainty, "likely") == 0;

    html_add(buf, "<tr><td>");
    html_add_time_in(buf, page->request->zone, gap->after_played_at, "not known");
    html_add(buf, "</td><td>");
    html_add_time_in(buf, page->request->zone, gap->before_played_at, "not known");
    html_add(buf, "</td><td>");
    html_add_text(buf, lost ? "Plays are missing: " : "Plays may be missing: ");
    html_add_text(buf, words->meaning);
    html_add(buf, ".</td><td>");
    if (gap->filled_by != 0) {
        html_add(buf, "Filled by import ");
        html_add_number(buf, gap->filled_by);
        html_add(buf, " (<bdi>");
        html_add_text(buf, gap->file);
        html_add(buf, "</bdi>).");
    } else {
        page->gaps_open++;
        html_add_text(buf, words->advice);
    }
    html_add(buf, "</td></tr>\n");
}

static void count_gap(const struct store_gap_row *gap, void *context)
{
    int *count = context;

    (void)gap;
    (*count)++;
}

static void add_gap_table(struct coverage_page *page)
{
    struct buf *buf = page->buf;

    html_add(buf, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                  "aria-label=\"Gaps\">\n<table class=\"gaps\">\n<thead><tr>"
                  "<th scope=\"col\">After the play of</th>"
                  "<th scope=\"col\">Before the play of</th><th scope=\"col\">What happened</th>"
                  "<th scope=\"col\">What to do</th></tr></thead>\n<tbody>\n");
    page->result = store_gaps_list(page->store, page->user->user_id, GAPS_SHOWN, take_gap, page);
    html_add(buf, "</tbody>\n</table>\n</div>\n");
}

static void add_gaps(struct coverage_page *page)
{
    struct buf *buf = page->buf;
    int gaps = 0;

    page->result =
        store_gaps_list(page->store, page->user->user_id, GAPS_SHOWN + 1, count_gap, &gaps);
    html_add(buf, "<section>\n<h2>Gaps</h2>\n");
    if (page->result == STORE_OK && gaps > 0)
        add_gap_table(page);
    else
        html_add(buf, "<p class=\"quiet\">No gap is known.</p>\n");
    if (gaps > GAPS_SHOWN) {
        html_add(buf, "<p class=\"quiet\">These are the newest ");
        html_add_count(buf, GAPS_SHOWN);
        html_add(buf, "; <code>spotify-historyctl gaps</code> lists all.</p>\n");
    }
    if (page->gaps_open > 0)
        html_add(buf, "<p>Spotify tells of all plays in the data that it sends you on request: ask "
                      "for the extended streaming history on "
                      "<a rel=\"noreferrer\" href=\"https://www.spotify.com/account/privacy/\">"
                      "your account's privacy page</a>, then run <code>spotify-historyctl import "
                      "my_spotify_data.zip</code>. What it brings closes the gaps.</p>\n");
    html_add(buf, "</section>\n");
}

/* -- the page ---------------------------------------------------------------------------------- */

static void draw(struct coverage_page *page, int32_t year)
{
    const struct store_covered *covered = &page->covered;
    const struct view_request *request = page->request;
    struct buf *buf = page->buf;

    page_begin(buf, &request->site, "/coverage", "Coverage");
    view_add_people(buf, request, &page->people);
    if (!page->user) {
        html_add(buf, "<p>Nobody is recorded yet.</p>\n");
        page_end(buf, &request->site);
        return;
    }
    html_add(buf, "<p class=\"lead\">The record of <bdi>");
    html_add_text(buf, view_people_name(&page->people, page->user->user_id));
    html_add(buf, "</bdi> began on ");
    html_add_time_in(buf, request->zone, covered->began_at, "a day to come");
    html_add(buf, "; what is known reaches up to ");
    html_add_time_in(buf, request->zone, covered->known_until, "nowhere yet");
    html_add(buf, ".</p>\n");
    add_sums(page);
    if (covered->count > 0) {
        add_year_tabs(page, zone_date_of(covered->days[0].day).year,
                      zone_date_of(covered->days[covered->count - 1].day).year, year);
        add_months(page, year);
    }
    add_gaps(page);
    page_end(buf, &request->site);
}

/* One at a time: days of several people are not to be added up. */
static void choose_user(struct coverage_page *page)
{
    for (size_t i = 0; i < page->people.count && !page->user; i++)
        if (page->people.user_id == 0 || page->people.users[i].user_id == page->people.user_id)
            page->user = &page->people.users[i];
    if (page->user && page->people.count > 1)
        page->people.user_id = page->user->user_id;
}

static void read_and_draw(struct coverage_page *page, struct view_answer *answer)
{
    const struct view_request *request = page->request;
    int64_t year = view_field_number(request, "year");

    choose_user(page);
    if (year < 0 || year > 9999) {
        page->result = view_error(request, answer, 400, "This is no year.");
        return;
    }
    if (page->user)
        page->result = store_covered_read(page->store, page->user->user_id, request->zone,
                                          request->now, &page->covered);
    if (page->result != STORE_OK)
        return;
    if (year == 0)
        year = zone_date_of(zone_day(request->zone, request->now, NULL)).year;
    draw(page, (int32_t)year);
}

enum store_result view_coverage(struct store *store, const struct view_request *request,
                                struct view_answer *answer)
{
    struct coverage_page page = {.request = request, .store = store, .buf = &answer->body};

    if (view_people_read(store, request, answer, &page.people, &page.result))
        read_and_draw(&page, answer);
    store_covered_free(&page.covered);
    free(page.people.users);
    return page.result;
}
