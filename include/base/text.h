/* SPDX-License-Identifier: MIT */
/*
 * base/text: strict readers and writers of the small texts that cross our borders: time stamps,
 * durations, whole numbers, escaped excerpts. Never allocates, never reads the locale or a clock.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_TIME_SIZE 32     /* bytes that text_time_format() needs at most */
#define TEXT_DURATION_SIZE 48 /* the same for text_duration_format() */

/* Reads an RFC 3339 time stamp of len bytes ("2026-11-20T18:04:11.207Z", fraction optional with 1
 * to 9 digits of which the first three count, offset "Z" or "+hh:mm"), years 1970 to 9999, second
 * 60 is taken as the next second. Stores ms since 1970 UTC. False, *ms untouched, on anything else.
 */
bool text_time_parse(const char *text, size_t len, int64_t *ms);

/* Writes ms since 1970 UTC as "2026-11-20T18:04:11.207Z" into buf; returns buf. */
const char *text_time_format(int64_t ms, char buf[static TEXT_TIME_SIZE]);

/* Reads "90s", "10m", "1h30m", "250ms", "2d", "0" into ms. Units ms s m h d, each at most once,
 * largest first; whole numbers only; at most 36500 days. False on anything else. */
bool text_duration_parse(const char *text, int64_t *ms);

/* Writes the shortest exact form that text_duration_parse() takes ("1h30m"). Returns buf. */
const char *text_duration_format(int64_t ms, char buf[static TEXT_DURATION_SIZE]);

/* Writes a rounded form for people ("3 h 12 min", "12 s", "250 ms", "4 days"). Returns buf. */
const char *text_duration_human(int64_t ms, char buf[static TEXT_DURATION_SIZE]);

/* Reads a decimal whole number of len bytes, optional '-', no blanks, no '+'; false on overflow. */
bool text_int_parse(const char *text, size_t len, int64_t *value);

/* Length of the valid UTF-8 sequence at text (1 to 4), or 0 if the bytes there are not one
 * (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). len > 0. */
size_t text_utf8_length(const char *text, size_t len);

/* The same, but tells a sequence that is cut by the end of the bytes (0) from a wrong one (-1). */
int text_utf8_scan(const char *text, size_t len);

/* True if all len bytes are valid UTF-8. */
bool text_utf8_valid(const char *text, size_t len);

/* What a code point does to what stands around it. */
enum text_point {
    TEXT_POINT_PLAIN,
    TEXT_POINT_CONTROL,   /* C0, DEL, C1: a terminal does something else with it than showing it */
    TEXT_POINT_SEPARATOR, /* of lines and paragraphs: U+2028, U+2029 */
    TEXT_POINT_BIDI       /* it can turn the order in which its neighbours are read */
};
enum text_point text_point_kind(uint32_t point);

/* Code point of a valid UTF-8 sequence of len bytes, see text_utf8_length(). */
uint32_t text_utf8_decode(const char *text, size_t len);

/* True if all len bytes are valid UTF-8, and every code point is plain. */
bool text_printable(const char *text, size_t len);

/* Copies what of len bytes is valid UTF-8 and plain into buf of size bytes (NUL-terminated),
 * cut before the character that does not fit. For names that are kept as they are. Returns buf. */
const char *text_clean(const char *text, size_t len, char *buf, size_t size);

/* Writes an excerpt of len bytes into buf of size bytes (NUL-terminated): control bytes, DEL, bidi
 * controls and invalid UTF-8 as \xNN, backslash doubled, never more than size-1 bytes, "..." at the
 * end when cut. For logs. Returns buf. */
const char *text_excerpt(const char *text, size_t len, char *buf, size_t size);

/* The same, but a backslash stays as it is: for a line that may hold excerpts already. */
const char *text_line(const char *text, size_t len, char *buf, size_t size);

#endif
