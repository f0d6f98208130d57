/* SPDX-License-Identifier: MIT */
/* web/html: values: times, numbers and what they mean, pictures and addresses of Spotify's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "web/html.h"

#define NARROW_BLANK "\xe2\x80\xaf" /* U+202F */
#define NO_BREAK "\xc2\xa0"         /* U+00A0 */
#define MINUS "\xe2\x88\x92"        /* U+2212 */
#define EN_DASH "\xe2\x80\x93"
#define PER_CENT_MAX 9999 /* more is told in times, not in hundredths */

void html_add_number(struct buf *buf, int64_t number)
{
    buf_addf(buf, "%" PRId64, number);
}

/* -- times ------------------------------------------------------------------------------------- */

static void add_absent(struct buf *buf, const char *absent)
{
    html_add(buf, "<span role=\"img\" aria-label=\"");
    html_add_text(buf, absent);
    html_add(buf, "\" title=\"");
    html_add_text(buf, absent);
    html_add(buf, "\">" EN_DASH "</span>");
}

void html_add_time_in(struct buf *buf, const struct zone *zone, int64_t ms, const char *absent)
{
    char utc[TEXT_TIME_SIZE], local[ZONE_TIME_SIZE];

    if (ms == CLOCK_NO_TIME) {
        add_absent(buf, absent);
        return;
    }
    html_add(buf, "<time datetime=\"");
    html_add_text(buf, text_time_format(ms, utc));
    html_add(buf, "\" title=\"");
    html_add_text(buf, zone_time_format(zone, ms, local));
    html_add(buf, " ");
    html_add_text(buf, zone_abbreviation(zone, ms));
    html_add(buf, "\">");
    html_add_text(buf, local);
    html_add(buf, "</time>");
}

/* Two units at most: nobody asks for the minutes of a year. */
static void add_units(struct buf *buf, int64_t large, const char *large_unit, int64_t small,
                      const char *small_unit)
{
    if (large > 0) {
        html_add_count(buf, large);
        html_add(buf, NARROW_BLANK);
        html_add_text(buf, large_unit);
    }
    if (small > 0 || large == 0) {
        if (large > 0)
            html_add(buf, NO_BREAK);
        html_add_count(buf, small);
        html_add(buf, NARROW_BLANK);
        html_add_text(buf, small_unit);
    }
}

void html_add_duration(struct buf *buf, int64_t ms)
{
    int64_t seconds = ms > 0 ? ms / CLOCK_SECOND : 0, minutes = seconds / 60;
    int64_t hours = minutes / 60, days = hours / 24;

    html_add(buf, "<time datetime=\"PT");
    html_add_number(buf, seconds);
    html_add(buf, "S\">");
    if (days > 0)
        add_units(buf, days, "d", hours % 24, "h");
    else if (hours > 0)
        add_units(buf, hours, "h", minutes % 60, "min");
    else if (minutes >= 10)
        add_units(buf, 0, "", minutes, "min");
    else
        add_units(buf, minutes, "min", seconds % 60, "s");
    html_add(buf, "</time>");
}

/* -- comparisons ------------------------------------------------------------------------------- */

/* In floating point: nothing overflows, and hundredths need no more. */
static int64_t per_cent(int64_t now, int64_t before)
{
    double change = 100.0 * ((double)now - (double)before) / (double)before;

    if (change > PER_CENT_MAX)
        return PER_CENT_MAX;
    return (int64_t)(change + (change < 0 ? -0.5 : 0.5));
}

void html_add_change(struct buf *buf, int64_t now, int64_t before)
{
    int64_t change;

    if (before <= 0) {
        if (now > 0)
            html_add(buf, "<span class=\"change up\">new</span>");
        return;
    }
    change = per_cent(now, before);
    if (change == 0) {
        html_add(buf, "<span class=\"change\">as before</span>");
    } else if (change > 0) {
        html_add(buf, "<span class=\"change up\">+");
        html_add_count(buf, change);
        html_add(buf, NARROW_BLANK "%</span>");
    } else {
        html_add(buf, "<span class=\"change down\">" MINUS);
        html_add_count(buf, -change);
        html_add(buf, NARROW_BLANK "%</span>");
    }
}

/* -- what is Spotify's -------------------------------------------------------------------------- */

void html_add_image(struct buf *buf, const char *url, int size)
{
    static const char *const hosts[] = {"https://i.scdn.co/", "https://mosaic.scdn.co/"};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (strncmp(url, hosts[i], strlen(hosts[i])) != 0 || strlen(url) > 300)
            continue;
        html_add(buf, "<img class=\"cover\" alt=\"\" loading=\"lazy\" decoding=\"async\" "
                      "referrerpolicy=\"no-referrer\" width=\"");
        html_add_number(buf, size);
        html_add(buf, "\" height=\"");
        html_add_number(buf, size);
        html_add(buf, "\" src=\"");
        html_add_href(buf, url);
        html_add(buf, "\">");
        return;
    }
}

static bool is_id(const char *id)
{
    static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t len = strlen(id);

    return len > 0 && len <= 64 && strspn(id, base62) == len;
}

bool html_add_spotify(struct buf *buf, const char *uri)
{
    static const char *const kinds[] = {"track", "artist", "album", "episode", "show"};

    if (strncmp(uri, "spotify:", 8) != 0)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i]);

        if (strncmp(uri + 8, kinds[i], len) != 0 || uri[8 + len] != ':' || !is_id(uri + 9 + len))
            continue;
        html_add(buf, "https://open.spotify.com/");
        html_add_text(buf, kinds[i]);
        html_add(buf, "/");
        html_add_text(buf, uri + 9 + len);
        return true;
    }
    return false;
}
