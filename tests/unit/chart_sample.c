/* SPDX-License-Identifier: MIT */
#include "chart_sample.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/zone.h"
#include "web/chart.h"
#include "web/html.h"

#define DAY INT64_C(20779) /* 2026-11-22 */

static const struct {
    const char *name, *by, *album;
} tracks[] = {
    {"Harbour Lights at Four", "Marlin Vey", "Tidewater"},
    {"Kelvin's Theme", "The Norrland Quartet", "Winter Etudes, Volume Two"},
    {"\xd7\x90\xd7\x95\xd7\xa8 \xd7\xa0\xd7\x94\xd7\xa8", "Thoul & Jonas Ithgard", "Ul"},
    {"Slow Arithmetic", "Qua Mori", "Proofs"},
    {"\xe6\x9c\x88\xe3\x81\xae\xe7\xb4\x99", "\xe3\x83\x95\xe3\x82\xa7\xe3\x83\xb3", "Paper"},
    {"An Unreasonably Long Name for a Song That Nobody Will Ever Sing Aloud in Company",
     "Zanethwexylulosbelmarshiquadrofenuninterrupted", "B-Sides"},
    {"Ny", "Shi", "Ra"},
};
#define TRACKS (sizeof(tracks) / sizeof(tracks[0]))

static void add_head(struct buf *buf, const char *style)
{
    html_add(buf, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<title>Sample</title>\n<link rel=\"stylesheet\" href=\"");
    html_add_text(buf, style);
    html_add(buf,
             "\">\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
             "<header class=\"site\">\n<a class=\"brand\" href=\"/\">Play history</a>\n"
             "<nav aria-label=\"Pages\">\n<ul>\n"
             "<li><a href=\"/\" aria-current=\"page\">Home</a></li>\n"
             "<li><a href=\"/plays\">Plays</a></li>\n<li><a href=\"/year/\">Year</a></li>\n"
             "<li><a href=\"/coverage\">Coverage</a></li>\n"
             "<li><a href=\"/spotify\">Accounts</a></li>\n</ul>\n</nav>\n</header>\n"
             "<main id=\"content\">\n<h1>Listening</h1>\n"
             "<p class=\"banner\">The sign-in of Ada ends in 3 days. "
             "<a href=\"/spotify\">To the accounts</a></p>\n"
             "<nav class=\"people\" aria-label=\"Accounts\">\n<ul>\n"
             "<li><a href=\"/\" aria-current=\"true\">Everybody</a></li>\n"
             "<li><a href=\"/\"><bdi>Ada</bdi></a></li>\n"
             "<li><a href=\"/\"><bdi>Bertil</bdi></a></li>\n</ul>\n</nav>\n");
}

/* There is no network for a sample: a square stands for a cover. */
static void add_cover(struct buf *buf, int size)
{
    html_add(buf, "<img class=\"cover\" alt=\"\" src=\"data:image/svg+xml,%3Csvg xmlns='http:"
                  "//www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Cpath fill='%23c96' d='M0 0h9v9H0'"
                  "/%3E%3Cpath fill='%23385' d='M0 9l9-9v9'/%3E%3C/svg%3E\" width=\"");
    html_add_number(buf, size);
    html_add(buf, "\" height=\"");
    html_add_number(buf, size);
    html_add(buf, "\">");
}

static void add_title(struct buf *buf, size_t i, bool album)
{
    html_add(buf, "<span class=\"words\"><span class=\"title\"><a href=\"/track/1\"><bdi>");
    html_add_text(buf, tracks[i % TRACKS].name);
    html_add(buf,
             "</bdi></a>\xe2\x80\xaf<a class=\"out\" rel=\"noreferrer\" aria-label=\"On Spotify\" "
             "href=\"https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC\">\xe2\x86\x97</a>"
             "</span><span class=\"by\"><a href=\"/artist/1\"><bdi>");
    html_add_text(buf, tracks[i % TRACKS].by);
    html_add(buf, "</bdi></a>");
    if (album) {
        html_add(buf, " \xc2\xb7 <a href=\"/album/1\"><bdi>");
        html_add_text(buf, tracks[i % TRACKS].album);
        html_add(buf, "</bdi></a>");
    }
    html_add(buf, "</span></span>");
}

static void add_plays(struct buf *buf, struct zone *zone)
{
    html_add(buf, "<section>\n<h2>Played last</h2>\n<ol class=\"plays\">\n");
    for (size_t i = 0; i < TRACKS; i++) {
        html_add(buf, "<li>");
        add_cover(buf, 48);
        add_title(buf, i, true);
        html_add(buf, "<span class=\"when\">");
        html_add_time_in(buf, zone, (DAY * 24 + 18) * CLOCK_HOUR - (int64_t)i * 260000, "");
        if (i == 2) {
            html_add(buf, " <span class=\"late\">seen ");
            html_add_duration(buf, 3 * CLOCK_HOUR);
            html_add(buf, " later</span>");
        }
        html_add(buf, "</span></li>\n");
    }
    html_add(buf, "</ol>\n<p><a href=\"/plays\">All plays</a></p>\n</section>\n");
}

static void add_card(struct buf *buf, const char *label, int64_t now, int64_t before, bool time)
{
    html_add(buf, "<div class=\"card\"><dt>");
    html_add_text(buf, label);
    html_add(buf, "</dt><dd>");
    if (time)
        html_add_duration(buf, now);
    else
        html_add_count(buf, now);
    html_add(buf, " ");
    html_add_change(buf, now, before);
    html_add(buf, "</dd></div>\n");
}

static void add_period(struct buf *buf)
{
    html_add(buf, "<section aria-labelledby=\"period\">\n<h2 id=\"period\">November 2026</h2>\n"
                  "<nav aria-label=\"Period\">\n<ul class=\"tabs\">\n"
                  "<li><a href=\"/\">Today</a></li>\n<li><a href=\"/\">Week</a></li>\n"
                  "<li><a href=\"/\" aria-current=\"true\">Month</a></li>\n"
                  "<li><a href=\"/\">Year</a></li>\n<li><a href=\"/\">All</a></li>\n</ul>\n</nav>\n"
                  "<form class=\"range\">\n<label>From <input type=\"date\" name=\"from\" "
                  "value=\"2026-11-01\"></label>\n<label>to <input type=\"date\" name=\"to\" "
                  "value=\"2026-11-30\"></label>\n<button type=\"submit\">Show</button>\n</form>\n"
                  "<dl class=\"cards\">\n");
    add_card(buf, "Plays", 1248, 1114, false);
    add_card(buf, "Listening time", 71 * CLOCK_HOUR + 12 * CLOCK_MINUTE, 74 * CLOCK_HOUR, true);
    add_card(buf, "Tracks", 402, 402, false);
    add_card(buf, "Artists", 97, 0, false);
    add_card(buf, "Albums", 181, 12, false);
    html_add(buf, "</dl>\n<p class=\"quiet\">Compared with the same part of last month.</p>\n"
                  "</section>\n");
}

static void add_top(struct buf *buf, const char *caption, size_t first, bool covers)
{
    html_add(buf, "<section class=\"top\">\n<h2>");
    html_add_text(buf, caption);
    html_add(buf, "</h2>\n<table class=\"tops\">\n<thead class=\"unseen\"><tr>"
                  "<th scope=\"col\">Rank</th><th scope=\"col\">Name</th>"
                  "<th scope=\"col\">Plays</th><th scope=\"col\">Share of the first</th>"
                  "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < 10; i++) {
        html_add(buf, "<tr><td class=\"rank\">");
        html_add_count(buf, (int64_t)i + 1);
        html_add(buf, "</td><td class=\"what\">");
        if (covers)
            add_cover(buf, 48);
        add_title(buf, i + first, false);
        html_add(buf, "</td><td class=\"number\">");
        if (first == 1)
            html_add_duration(buf, 20000000 / (int64_t)(i + 1));
        else
            html_add_count(buf, 1100 / (int64_t)(i + 1));
        html_add(buf, "</td><td class=\"bar\">");
        chart_bar(buf, 1000 / (int)(i + 1));
        html_add(buf, "</td></tr>\n");
    }
    html_add(buf, "</tbody>\n</table>\n</section>\n");
}

static void day_address(struct buf *buf, int64_t day, void *context)
{
    char text[ZONE_DATE_SIZE];

    (void)context;
    html_add(buf, "/plays?from=");
    html_add_text(buf, zone_date_format(day, text));
}

static void add_calendar(struct buf *buf)
{
    struct chart_day days[371] = {{0}};
    int64_t first = DAY - zone_weekday(DAY) - 52 * (int64_t)7;

    for (int i = 0; i < 371; i++) {
        int64_t noise = (i * 7919 + i * i * 31) % 97;

        days[i].value = noise < 9 ? 0 : noise * noise / 90 + (i % 7 > 4 ? 30 : 0);
        days[i].future = first + i > DAY;
        days[i].missing = i >= 100 && i < 104 ? 2 : i % 61 == 7 || i == 104 ? 1 : 0;
        if (days[i].missing == 2)
            days[i].value /= 8;
    }
    chart_calendar(buf, &(struct chart_days){.id = "calendar",
                                             .title = "Day by day",
                                             .unit = "plays",
                                             .first_day = first,
                                             .days = days,
                                             .count = 371,
                                             .address = day_address});
}

static void add_clock(struct buf *buf)
{
    int64_t values[7 * 24];

    for (int i = 0; i < 7 * 24; i++) {
        int hour = i % 24;
        int64_t wave = hour < 6 ? 0 : hour < 9 ? 30 : hour < 17 ? 14 : 46 - 5 * abs(hour - 19);

        values[i] = wave > 0 ? wave + i * 13 % 17 : 0;
    }
    chart_clock(buf, "clock", "Hours of the week", "plays", values);
}

static const char *as_hours(int64_t ms, char *text, size_t size)
{
    snprintf(text, size, "%d h %02d min", (int)(ms / CLOCK_HOUR), (int)(ms / CLOCK_MINUTE % 60));
    return text;
}

static void add_columns(struct buf *buf, const char *id, const char *title, size_t count, bool time)
{
    static char labels[400][ZONE_DATE_SIZE];
    static struct chart_point points[400];

    for (size_t i = 0; i < count; i++) {
        if (count > 60 || count < 8)
            zone_date_format(DAY - (int64_t)(count - 1 - i), labels[i]);
        else
            snprintf(labels[i], sizeof(labels[i]), "%04zu-%02zu", 2024 + i / 12, i % 12 + 1);
        points[i] = (struct chart_point){
            .label = labels[i],
            .value = (int64_t)(300 + i * 7919 % 800) * (time ? 210000 : 1),
            .missing = i * 4 / count == 1 && i % 5 < 2 ? 1
                       : i * 7 / count == 4            ? 2
                                                       : 0,
            .part = i + 1 == count,
        };
    }
    chart_columns(buf, &(struct chart_line){.id = id,
                                            .title = title,
                                            .unit = time ? "time" : "plays",
                                            .points = points,
                                            .count = count,
                                            .format = time ? as_hours : NULL});
}

static void add_forms(struct buf *buf)
{
    html_add(buf, "<section>\n<h2>Search</h2>\n<form class=\"filters\" role=\"search\">\n"
                  "<label>Track, artist, album <input type=\"search\" name=\"q\"></label>\n"
                  "<label>From <input type=\"date\" name=\"f\"></label>\n"
                  "<label>to <input type=\"date\" name=\"t\"></label>\n"
                  "<label>Told by <select name=\"source\"><option>anybody</option></select>"
                  "</label>\n<button type=\"submit\">Search</button>\n</form>\n"
                  "<div class=\"notice\" role=\"status\"><p>The play is deleted.</p>\n"
                  "<button type=\"submit\">Undo</button></div>\n"
                  "<ul class=\"names\">\n<li><a href=\"/artist/1\">Marlin Vey</a> "
                  "<span class=\"quiet\">212</span></li>\n<li><a href=\"/artist/2\">Qua Mori</a> "
                  "<span class=\"quiet\">18</span></li>\n</ul>\n"
                  "<ol class=\"plays\">\n<li class=\"day\"><h3>2026-11-22</h3></li>\n<li>");
    add_cover(buf, 48);
    add_title(buf, 0, true);
    html_add(buf,
             "<span class=\"when\">18:04 <span class=\"who\">Ada</span></span>"
             "<form><button class=\"plain\" type=\"submit\">Delete</button></form></li>\n<li>");
    add_title(buf, 5, true);
    html_add(
        buf,
        "<span class=\"when\">18:01 <span class=\"who\">Ada</span></span>"
        "<form><button class=\"plain\" type=\"submit\">Delete</button></form></li>\n"
        "</ol>\n<nav class=\"pager\" aria-label=\"Pages of plays\">\n<a href=\"/\">Newest</a>\n"
        "<a href=\"/\">Newer</a>\n<a href=\"/\">Older</a>\n</nav>\n"
        "<p class=\"downloads\">All plays of this selection: <a href=\"/\">CSV</a> "
        "<a href=\"/\">JSON</a></p>\n</section>\n");
}

static void add_detail(struct buf *buf)
{
    html_add(buf, "<section>\n<h2>Harbour Lights at Four</h2>\n<div class=\"about\">\n");
    add_cover(buf, 160);
    html_add(buf, "<dl class=\"facts\">\n<div><dt>By</dt><dd><a href=\"/\">Marlin Vey</a></dd>"
                  "</div>\n<div><dt>On</dt><dd><a href=\"/\">Tidewater</a></dd></div>\n"
                  "<div><dt>Released</dt><dd>2019-03-08</dd></div>\n<div><dt>Length</dt><dd>");
    html_add_duration(buf, 205000);
    html_add(buf,
             "</dd></div>\n</dl>\n</div>\n<table class=\"numbers\">\n<thead><tr>"
             "<th scope=\"col\">Account</th><th scope=\"col\">Plays</th>"
             "<th scope=\"col\">First</th></tr></thead>\n<tbody>\n<tr><th scope=\"row\">Ada"
             "</th><td>1248</td><td>2019-03-08 17:05</td></tr>\n<tr><th scope=\"row\">Bertil"
             "</th><td>3</td><td>2024-10-01 09:12</td></tr>\n</tbody>\n</table>\n</section>\n");
}

static const char *const states[] = {"complete", "possible", "lost", "not-running", "before"};

static void add_month(struct buf *buf, int month, int state)
{
    int days = zone_month_days(2026, month);
    int lead = zone_weekday(zone_day_of((struct zone_date){2026, month, 1}));

    html_add(buf, "<table class=\"month\">\n<caption>2026-");
    html_add_either(buf, month < 10, "0", "");
    html_add_number(buf, month);
    html_add(buf, "</caption>\n<thead><tr><th scope=\"col\">M</th><th scope=\"col\">T</th>"
                  "<th scope=\"col\">W</th><th scope=\"col\">T</th><th scope=\"col\">F</th>"
                  "<th scope=\"col\">S</th><th scope=\"col\">S</th></tr></thead>\n<tbody>\n<tr>");
    for (int i = -lead; i < days; i++) {
        if (i > -lead && (i + lead) % 7 == 0)
            html_add(buf, "</tr>\n<tr>");
        if (i < 0) {
            html_add(buf, "<td></td>");
            continue;
        }
        html_add(buf, "<td class=\"covered-");
        html_add_text(buf, states[i % 9 == 4 ? state : i > 20 && i < 24 ? 2 : 0]);
        html_add(buf, "\"><a href=\"/\">");
        html_add_number(buf, i + 1);
        html_add(buf, "</a></td>");
    }
    html_add(buf, "</tr>\n</tbody>\n</table>\n");
}

static void add_coverage(struct buf *buf)
{
    html_add(buf, "<section>\n<h2>Coverage</h2>\n<table class=\"numbers legend\">\n<thead><tr>"
                  "<th scope=\"col\">State</th><th scope=\"col\">Days</th>"
                  "<th scope=\"col\">What it means</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < 5; i++) {
        html_add(buf, "<tr><th scope=\"row\"><span class=\"swatch covered-");
        html_add_text(buf, states[i]);
        html_add(buf, "\"></span> ");
        html_add_text(buf, states[i]);
        html_add(buf, "</th><td class=\"number\">12</td><td>every play is here</td></tr>\n");
    }
    html_add(buf, "</tbody>\n</table>\n<div class=\"months\">\n");
    for (int i = 0; i < 4; i++)
        add_month(buf, 11 - i, i + 1);
    html_add(buf, "</div>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                  "aria-label=\"Gaps\">\n<table class=\"gaps\">\n<thead><tr>"
                  "<th scope=\"col\">After the play of</th><th scope=\"col\">Before the play of"
                  "</th><th scope=\"col\">What happened</th><th scope=\"col\">What to do</th>"
                  "</tr></thead>\n<tbody>\n<tr><td>2026-11-20 18:00</td><td>2026-11-20 22:10</td>"
                  "<td>Plays are missing: the recorder did not run.</td><td>Keep it running: "
                  "systemctl enable it.</td></tr>\n</tbody>\n</table>\n</div>\n</section>\n");
}

void chart_sample(struct buf *buf, const char *style)
{
    struct zone *zone = zone_open("UTC");

    add_head(buf, style);
    add_plays(buf, zone);
    add_period(buf);
    add_columns(buf, "days", "Months", 30, true);
    html_add(buf, "<div class=\"columns\">\n");
    add_top(buf, "Tracks played most", 0, true);
    add_top(buf, "Artists played most", 1, false);
    add_top(buf, "Albums played most", 2, true);
    html_add(buf, "</div>\n");
    add_calendar(buf);
    add_clock(buf);
    add_columns(buf, "week", "The week", 7, false);
    add_columns(buf, "years", "Two years", 24, false);
    add_columns(buf, "dense", "A year of days", 365, false);
    add_forms(buf);
    add_detail(buf);
    add_coverage(buf);
    html_add(buf, "</main>\n<footer class=\"site\">\n<p>Times are those of Europe/Berlin. "
                  "<a href=\"/choices\">Time zone and covers</a></p>\n"
                  "<p>spotify-historyd keeps a record of your own listening.</p>\n</footer>\n"
                  "</body>\n</html>\n");
    zone_free(zone);
}
