/* SPDX-License-Identifier: MIT */
/*
 * base/json_scan: the small pieces that JSON text is made of: plain runs of a string, one escape,
 * one number. For base/json_pull, which puts them together.
 *
 * Never: keeps state, allocates, reads beyond the bytes given. Where bytes end in the middle of a
 * piece it says so, instead of guessing what follows.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* the same two as text_utf8_scan() */
#define JSON_SCAN_MORE 0 /* a right beginning, cut by the end of the bytes */
#define JSON_SCAN_BAD (-1)

#define JSON_SCAN_UNIT_MAX 12 /* bytes of the longest unit: two \uXXXX */

/* The first byte from at that is no plain text of a string: a quote, a backslash, a control
 * character, a byte that begins no whole and valid UTF-8 sequence; or end. */
const char *json_scan_plain(const char *at, const char *end);

/* Reads the escape or UTF-8 sequence at the beginning of len bytes (len > 0). Returns how many
 * bytes it takes and stores its UTF-8 form in out, or JSON_SCAN_MORE, or JSON_SCAN_BAD. */
int json_scan_unit(const char *at, size_t len, char out[static 4], size_t *out_len);

/* Where json_scan_unit() says JSON_SCAN_BAD: how many bytes a reader that repairs puts U+FFFD for:
 * a byte that is no UTF-8, or the \uXXXX of a surrogate that stands alone. 0: nothing to repair. */
size_t json_scan_repair(const char *at, size_t len);

/* Where in a number we are; JSON_NUMBER_START before its first byte. */
enum json_number {
    JSON_NUMBER_START,
    JSON_NUMBER_MINUS,
    JSON_NUMBER_POINT,
    JSON_NUMBER_E,
    JSON_NUMBER_E_SIGN,
    /* a number may end in these */
    JSON_NUMBER_ZERO,
    JSON_NUMBER_WHOLE,
    JSON_NUMBER_FRACTION,
    JSON_NUMBER_EXPONENT
};

/* The first byte from at that does not continue the number; *state goes along. */
const char *json_scan_number(const char *at, const char *end, enum json_number *state);

/* True if a number may end in this state. */
bool json_scan_number_ended(enum json_number state);

/* Value of a well-formed number if it is whole ("1e3" and "5.0" are) and in range. */
bool json_scan_int(const char *text, size_t len, int64_t *value);

#endif
