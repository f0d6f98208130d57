/* SPDX-License-Identifier: MIT */
/*
 * web/html: typed writers of markup into a buf: what is text is escaped as text, what is an
 * attribute as an attribute. Markup itself comes from literals only.
 *
 * Never: lets a name, a title or a query become markup; writes a byte that is not valid UTF-8 or not
 * allowed in HTML (they become U+FFFD).
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/zone.h"

/* Markup: only a string literal is taken, so that no value can slip in; and one of two. */
#define html_add(buf, literal) buf_add_text((buf), "" literal)
#define html_add_either(buf, condition, one, other) \
    buf_add_text((buf), (condition) ? "" one : "" other)

/* Text between tags, and the value of an attribute between double quotes: & < > " ' are escaped;
 * bidirectional controls are dropped. NULL is nothing. */
void html_add_text(struct buf *buf, const char *text);

/* A path or address into a double-quoted href, src or action: https:, http: and paths of ours
 * (beginning with one '/'); anything else becomes "#". */
void html_add_href(struct buf *buf, const char *address);

/* One segment of a path, or a query value, percent-encoded (RFC 3986 unreserved kept). */
void html_add_url_part(struct buf *buf, const char *text);

/* A whole number, thousands apart (U+202F). */
void html_add_count(struct buf *buf, int64_t count);

/* Digits and '-' only: for attributes and coordinates. */
void html_add_number(struct buf *buf, int64_t number);

/* value / per with a point and no noughts at its end: 125 of 10 is "12.5". per: 1, 10,
 * 100 ... 1000000; of others six places are written. For coordinates as well as for people. */
void html_add_decimal(struct buf *buf, int64_t value, int32_t per);

/* part of whole in hundredths, 0 to 100: "12 %" (U+00A0); what is not nothing is not called 0, and
 * what is not all not 100: "<1 %", ">99 %". */
void html_add_share(struct buf *buf, int64_t part, int64_t whole);

/* How a number compares with the one before: "+12 %", "-3 %", "=", "x25" (from ten times on), "new"
 * (nothing before), in <span class="change up"> (or down, same, new), said in words to those who
 * listen. Nothing where both are nothing. */
void html_add_change(struct buf *buf, int64_t now, int64_t before);

/* A listening time in <time datetime="PT...S">, rounded: "0 min", "5 s", "3 min 25 s", "42 min", "3
 * h 12 min", and from a hundred hours on "12 d 4 h" (U+202F and U+00A0 between). */
void html_add_duration(struct buf *buf, int64_t ms);

/* A picture that says nothing by itself, size pixels wide and high (1 .. 2000): <img
 * class="cover">, only from the two hosts that Spotify keeps covers on. Any other url, or NULL:
 * nothing. */
void html_add_image(struct buf *buf, const char *url, int size);

/* The page at open.spotify.com of "spotify:KIND:ID", KIND being track, album, artist, episode or
 * show and ID base62, as a whole address into an open attribute. False, and nothing is added, for
 * what has none (local files, made-up uris, NULL). */
bool html_add_spotify(struct buf *buf, const char *uri);
bool html_is_spotify(const char *uri);

/* <time datetime="...Z">: local time of the process as "2026-11-22 18:00", full in the title. A
 * time of CLOCK_NO_TIME is written as absent (a dash with an accessible word). */
void html_add_time(struct buf *buf, int64_t ms, const char *absent);

/* The same in a zone of the reader's, with its abbreviation in the title. */
void html_add_time_in(struct buf *buf, const struct zone *zone, int64_t ms, const char *absent);

#endif
