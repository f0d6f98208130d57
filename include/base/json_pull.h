/* SPDX-License-Identifier: MIT */
/*
 * base/json_pull: a pull tokeniser for JSON (RFC 8259) in flat memory, for the two hot paths:
 * history pages and export files.
 *
 * Owns: a stack of JSON_PULL_DEPTH bits, a scratch buffer for strings with escapes or across chunks.
 * Offers: one token a call, over a whole text or over chunks handed in one after another.
 * Never: builds a tree, converts a number before it is asked to, accepts what RFC 8259 does not
 * (NaN, trailing commas, comments, lone surrogates, invalid UTF-8, depth over JSON_PULL_DEPTH), but
 * for the two that json_pull_repair() is about.
 */
#ifndef BASE_JSON_PULL_H
#define BASE_JSON_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_PULL_DEPTH 512          /* nesting allowed */
#define JSON_PULL_STRING_MAX 1048576 /* longest string or number, decoded bytes */

enum json_token {
    JSON_TOKEN_ERROR, /* see json_pull_error(); every later call returns it again */
    JSON_TOKEN_MORE,  /* the chunk is used up: json_pull_feed() the next one */
    JSON_TOKEN_END,   /* one whole value was read and nothing but blanks followed */
    JSON_TOKEN_OBJECT_BEGIN,
    JSON_TOKEN_OBJECT_END,
    JSON_TOKEN_ARRAY_BEGIN,
    JSON_TOKEN_ARRAY_END,
    JSON_TOKEN_KEY,    /* text: the member's name, decoded */
    JSON_TOKEN_STRING, /* text: decoded UTF-8 */
    JSON_TOKEN_NUMBER, /* text: as written, e.g. "-1.5e3" */
    JSON_TOKEN_TRUE,
    JSON_TOKEN_FALSE,
    JSON_TOKEN_NULL
};

struct json_pull;

/* A new tokeniser, NULL without memory. Free with json_pull_free(). */
struct json_pull *json_pull_new(void);
void json_pull_free(struct json_pull *pull);

/* Begins anew: forgets everything but its memory. */
void json_pull_reset(struct json_pull *pull);

/* Hands in the next len bytes, which must stay valid until they are used up (JSON_TOKEN_MORE). last
 * says that nothing follows. Only after reset or JSON_TOKEN_MORE. A UTF-8 byte order mark at the
 * very beginning is skipped. */
void json_pull_feed(struct json_pull *pull, const char *data, size_t len, bool last);

/* From now on, also after a reset, strings are repaired: U+FFFD takes the place of each byte that
 * is no UTF-8 and of each surrogate that stands alone. Everything else is refused as before. For
 * files that nobody can ask for again. */
void json_pull_repair(struct json_pull *pull);

/* How often that was done since the beginning, or since the last reset. */
uint64_t json_pull_repaired(const struct json_pull *pull);

/* The next token. */
enum json_token json_pull_next(struct json_pull *pull);

/* Takes the next token and its colon at once if it is the key of len bytes, plain ASCII, written
 * without an escape and whole in this chunk. False: nothing was taken, json_pull_next() tells what
 * comes. For whoever knows which key comes next: that is much faster than reading it. */
bool json_pull_take_key(struct json_pull *pull, const char *key, size_t len);

/* Text of the last KEY, STRING or NUMBER: *len bytes, not NUL-terminated (may hold NUL bytes from
 * \u0000), valid until the next call. */
const char *json_pull_text(const struct json_pull *pull, size_t *len);

/* The last NUMBER as a whole number ("1e3" and "5.0" are whole); false if it has a fraction or
 * exponent that makes it none, or is out of range. */
bool json_pull_int(const struct json_pull *pull, int64_t *value);

/* Nesting depth after the last token (0 at the top). */
size_t json_pull_depth(const struct json_pull *pull);

/* Skips the value that begins with the token just returned (an OBJECT_BEGIN or ARRAY_BEGIN: to its
 * end; others: nothing). False on an error, and when the chunk ends before the value does: a caller
 * that feeds chunks skips by depth instead. */
bool json_pull_skip(struct json_pull *pull, enum json_token token);

/* After JSON_TOKEN_ERROR: what is wrong (static text) and the byte offset from the beginning. */
const char *json_pull_error(const struct json_pull *pull, uint64_t *offset);

/* Byte offset, from the beginning, just behind the last token. */
uint64_t json_pull_offset(const struct json_pull *pull);

#endif
