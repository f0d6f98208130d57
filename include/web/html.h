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

/* Markup: only a string literal is taken, so that no value can slip in. */
#define html_add(buf, literal) buf_add_text((buf), "" literal)

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

/* <time datetime="...Z">: local time of the process as "2026-11-22 18:00", full in the title. A
 * time of CLOCK_NO_TIME is written as absent (a dash with an accessible word). */
void html_add_time(struct buf *buf, int64_t ms, const char *absent);

/* The same in a zone of the reader's. */
void html_add_time_in(struct buf *buf, const struct zone *zone, int64_t ms, const char *absent);

/* Digits and '-' only: for attributes and coordinates. */
void html_add_number(struct buf *buf, int64_t number);

/* A listening time: "3 h 12 min", "42 min", "12 d 4 h", said in full to machines (HTML, the time
 * element, a duration). */
void html_add_duration(struct buf *buf, int64_t ms);

/* How a number changed against one before: "+12 %", "-3 %", "as before", "new" (nothing before).
 * Nothing at all where both are 0. */
void html_add_change(struct buf *buf, int64_t now, int64_t before);

/* A picture, size pixels wide and high, that says nothing by itself: only from the hosts that
 * Spotify keeps covers on; other addresses are left out. */
void html_add_image(struct buf *buf, const char *url, int size);

/* The address at open.spotify.com of "spotify:KIND:ID" into an open attribute; false, and nothing
 * is added, for what has none (local files, made-up uris). */
bool html_add_spotify(struct buf *buf, const char *uri);

#endif
