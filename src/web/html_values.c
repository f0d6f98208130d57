/* SPDX-License-Identifier: MIT */
/* web/html: values: numbers and how they compare, times, and what lies at Spotify. */
#include "web/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

#define BLANK "\xc2\xa0"            /* U+00A0, does not break */
#define NARROW_BLANK "\xe2\x80\xaf" /* U+202F, nor does this */
#define EN_DASH "\xe2\x80\x93"
#define MINUS "\xe2\x88\x92"
#define TIMES "\xc3\x97"

#define PLACES 6         /* behind the point, at most */
#define TIMES_FROM 10    /* so many times as before, and more, is told in times */
#define TIMES_MAX 999999 /* more is not told apart */
#define URL_MAX 300      /* bytes of a cover's address */
#define ID_MAX 64        /* bytes of a Spotify id; they have 22 */
#define SIZE_MAX_PX 2000 /* of a cover */

/* -- numbers ----------------------------------------------------------------------------------- */

void html_add_number(struct buf *buf, int64_t number)
{
    buf_addf(buf, "%" PRId64, number);
}

void html_add_count(struct buf *buf, int64_t count)
{
    char digits[24];
    const char *at = digits;

    snprintf(digits, sizeof(digits), "%" PRId64, count);
    if (*at == '-')
        buf_add(buf, at++, 1);
    while (*at != '\0') {
        buf_add(buf, at++, 1);
        if (*at != '\0' && strlen(at) % 3 == 0)
            buf_add_text(buf, NARROW_BLANK);
    }
}

void html_add_decimal(struct buf *buf, int64_t value, int32_t per)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = per > 0 ? (uint64_t)per : 1;
    uint64_t rest = size % unit;

    if (value < 0)
        buf_add_text(buf, "-");
    buf_addf(buf, "%" PRIu64, size / unit);
    if (rest > 0)
        buf_add_text(buf, ".");
    for (int i = 0; i < PLACES && rest > 0; i++) {
        buf_addf(buf, "%" PRIu64, rest * 10 / unit);
        rest = rest * 10 % unit;
    }
}

void html_add_share(struct buf *buf, int64_t part, int64_t whole)
{
    int64_t share;

    while (whole > INT64_MAX / 200) { /* so that hundredths fit; nothing is lost that is shown */
        whole /= 2;
        part = part > 1 ? part / 2 : part;
    }
    if (part <= 0 || whole <= 0)
        share = 0;
    else
        share = part >= whole ? 100 : (part * 100 + whole / 2) / whole;
    if (share == 0 && part > 0 && whole > 0)
        html_add(buf, "&lt;1");
    else if (share == 100 && part < whole)
        html_add(buf, "&gt;99");
    else
        html_add_number(buf, share);
    html_add(buf, BLANK "%");
}

/* -- comparisons ------------------------------------------------------------------------------- */

/* What those who see are shown stands first, then what those who listen are told. */
static void begin_change(struct buf *buf, const char *style)
{
    html_add(buf, "<span class=\"change ");
    html_add_text(buf, style);
    html_add(buf, "\"><span aria-hidden=\"true\">");
}

static void add_change_words(struct buf *buf)
{
    html_add(buf, "</span><span class=\"unseen\">");
}

static void add_share_change(struct buf *buf, int64_t percent)
{
    bool more = percent > 0;
    int64_t size = more ? percent : -percent;

    begin_change(buf, more ? "up" : "down");
    html_add_either(buf, more, "+", MINUS);
    html_add_number(buf, size);
    html_add(buf, BLANK "%");
    add_change_words(buf);
    html_add_number(buf, size);
    html_add_either(buf, more, BLANK "% more than before", BLANK "% less than before");
    html_add(buf, "</span></span>");
}

static void add_times_change(struct buf *buf, double times)
{
    int64_t whole = times < TIMES_MAX ? (int64_t)(times + 0.5) : TIMES_MAX;

    begin_change(buf, "up");
    html_add(buf, TIMES);
    html_add_count(buf, whole);
    add_change_words(buf);
    html_add_count(buf, whole);
    html_add(buf, " times as much as before</span></span>");
}

/* In floating point: nothing overflows, and hundredths need no more. */
void html_add_change(struct buf *buf, int64_t now, int64_t before)
{
    double times, percent;

    if (now <= 0 && before <= 0)
        return;
    if (before <= 0) {
        html_add(buf, "<span class=\"change new\">new</span>");
        return;
    }
    times = now > 0 ? (double)now / (double)before : 0;
    percent = 100 * (times - 1);
    if (times >= TIMES_FROM) {
        add_times_change(buf, times);
    } else if (percent > -0.5 && percent < 0.5) {
        begin_change(buf, "same");
        html_add(buf, "=");
        add_change_words(buf);
        html_add(buf, "as before</span></span>");
    } else {
        add_share_change(buf, (int64_t)(percent + (percent < 0 ? -0.5 : 0.5)));
    }
}

/* -- times ------------------------------------------------------------------------------------- */

/* "2026-11-22 18:00", and with seconds and the offset. */
static void local_time(int64_t ms, char *text, char *full, size_t size)
{
    time_t seconds = (time_t)(ms / CLOCK_SECOND - (ms % CLOCK_SECOND < 0 ? 1 : 0));
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL || strftime(text, size, "%Y-%m-%d %H:%M", &tm) == 0 ||
        strftime(full, size, "%Y-%m-%d %H:%M:%S %z", &tm) == 0) {
        char utc[TEXT_TIME_SIZE];

        snprintf(text, size, "%s", text_time_format(ms, utc));
        snprintf(full, size, "%s", utc);
    }
}

static void add_moment(struct buf *buf, int64_t ms, const char *text, const char *full)
{
    char utc[TEXT_TIME_SIZE];

    html_add(buf, "<time datetime=\"");
    html_add_text(buf, text_time_format(ms, utc));
    html_add(buf, "\" title=\"");
    html_add_text(buf, full);
    html_add(buf, "\">");
    html_add_text(buf, text);
    html_add(buf, "</time>");
}

static void add_absent(struct buf *buf, const char *absent)
{
    html_add(buf, "<span role=\"img\" aria-label=\"");
    html_add_text(buf, absent);
    html_add(buf, "\" title=\"");
    html_add_text(buf, absent);
    html_add(buf, "\">" EN_DASH "</span>");
}

void html_add_time(struct buf *buf, int64_t ms, const char *absent)
{
    char text[64];
    char full[64];

    if (ms == CLOCK_NO_TIME) {
        add_absent(buf, absent);
        return;
    }
    local_time(ms, text, full, sizeof(text));
    add_moment(buf, ms, text, full);
}

void html_add_time_in(struct buf *buf, const struct zone *zone, int64_t ms, const char *absent)
{
    char text[ZONE_TIME_SIZE];
    char full[ZONE_TIME_SIZE + ZONE_NAME_MAX];

    if (ms == CLOCK_NO_TIME) {
        add_absent(buf, absent);
        return;
    }
    zone_time_format(zone, ms, text);
    snprintf(full, sizeof(full), "%s %s", text, zone_abbreviation(zone, ms));
    add_moment(buf, ms, text, full);
}

/* value in units of which per make a larger one: "3 h 12 min"; a unit of which there is nothing is
 * left out. */
static void add_units(struct buf *buf, int64_t value, int64_t per, const char *large,
                      const char *small)
{
    if (value >= per) {
        html_add_count(buf, value / per);
        html_add(buf, NARROW_BLANK);
        html_add_text(buf, large);
    }
    if (value >= per && value % per > 0)
        html_add(buf, " "); /* the only one that may break, where the style lets a time do so */
    if (value < per || value % per > 0) {
        html_add_number(buf, value % per);
        html_add(buf, NARROW_BLANK);
        html_add_text(buf, small);
    }
}

static int64_t round_to(int64_t value, int64_t unit)
{
    return value / unit + (value % unit >= (unit + 1) / 2 ? 1 : 0);
}

void html_add_duration(struct buf *buf, int64_t ms)
{
    int64_t seconds = ms > 0 ? round_to(ms, CLOCK_SECOND) : 0;
    int64_t minutes = round_to(seconds, 60), hours = round_to(seconds, 3600);

    html_add(buf, "<time datetime=\"PT");
    html_add_number(buf, seconds);
    html_add(buf, "S\">");
    if (seconds > 0 && seconds < 600)
        add_units(buf, seconds, 60, "min", "s");
    else if (minutes < 6000)
        add_units(buf, minutes, 60, "h", "min");
    else
        add_units(buf, hours, 24, "d", "h");
    html_add(buf, "</time>");
}

/* -- what lies at Spotify ------------------------------------------------------------------------ */

/* A path of plain characters only: there is no reason for any other. */
static bool is_cover(const char *url)
{
    static const char *const hosts[] = {"https://i.scdn.co/", "https://mosaic.scdn.co/"};
    static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "/-_.";

    if (url == NULL || strnlen(url, URL_MAX + 1) > URL_MAX)
        return false;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t len = strlen(hosts[i]);

        if (strncmp(url, hosts[i], len) == 0)
            return url[len] != '\0' && url[len + strspn(url + len, plain)] == '\0';
    }
    return false;
}

void html_add_image(struct buf *buf, const char *url, int size)
{
    if (!is_cover(url) || size < 1 || size > SIZE_MAX_PX)
        return;
    html_add(buf, "<img class=\"cover\" src=\"");
    html_add_href(buf, url);
    html_add(buf, "\" alt=\"\" width=\"");
    html_add_number(buf, size);
    html_add(buf, "\" height=\"");
    html_add_number(buf, size);
    html_add(buf, "\" loading=\"lazy\" decoding=\"async\" referrerpolicy=\"no-referrer\">");
}

static bool is_id(const char *id)
{
    static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t len = strspn(id, base62);

    return len > 0 && len <= ID_MAX && id[len] == '\0';
}

/* The id within uri, and in *kind what it is of; NULL: it has no page. */
static const char *spotify_id(const char *uri, const char **kind)
{
    static const char *const kinds[] = {"track", "album", "artist", "episode", "show"};

    if (uri == NULL || strncmp(uri, "spotify:", 8) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i]);

        if (strncmp(uri + 8, kinds[i], len) == 0 && uri[8 + len] == ':') {
            *kind = kinds[i];
            return is_id(uri + 9 + len) ? uri + 9 + len : NULL;
        }
    }
    return NULL;
}

bool html_is_spotify(const char *uri)
{
    const char *kind;

    return spotify_id(uri, &kind) != NULL;
}

bool html_add_spotify(struct buf *buf, const char *uri)
{
    const char *kind = NULL;
    const char *id = spotify_id(uri, &kind);

    if (id == NULL)
        return false;
    html_add(buf, "https://open.spotify.com/");
    html_add_text(buf, kind);
    html_add(buf, "/");
    html_add_text(buf, id);
    return true;
}
