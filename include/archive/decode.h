/* SPDX-License-Identifier: MIT */
/*
 * archive/decode: the rows of a history file, one by one, from bytes that come chunk by chunk.
 *
 * Owns: a tokeniser and one row; what each key means, in all spellings since 2017.
 * Offers: rows, rejected rows with their reason, and whether a file is a history at all.
 * Never: grows with the file, looks at the name of a file, keeps an address, a user agent or a user
 * name.
 *
 * A history is an array of objects, or one object a line, or several of these one after another.
 * The keys of its first objects tell its form: a file none of whose first ARCHIVE_STRANGE_MAX
 * elements has keys of a history is none.
 *
 * What is broken is repaired or refused by rule:
 * - A byte that is no UTF-8, or a surrogate that stands alone, becomes U+FFFD and is counted
 *   (archive_decoder_repaired()). So does U+0000 in a name, as in the names that the API sends.
 * - Of a key that is there twice the last one counts.
 * - A name that is too long is cut at a character; a name that is a number is its digits.
 * - A flag that is neither true, false, 0 nor 1 is not told.
 * - A row whose title is an array, an object, true or false is rejected.
 * - Anything else that RFC 8259 forbids, NaN say, and a file that is cut, is an error there, after
 *   all rows before it.
 */
#ifndef ARCHIVE_DECODE_H
#define ARCHIVE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/row.h"

#define ARCHIVE_STRANGE_MAX 16   /* elements without a key of a history before a file is none */
#define ARCHIVE_EXCERPT_SIZE 201 /* of a rejected row, with NUL */
#define ARCHIVE_EARLIEST INT64_C(1136073600000) /* 2006-01-01: no play is older than Spotify */
#define ARCHIVE_MS_PLAYED_MAX CLOCK_DAY

enum archive_step {
    ARCHIVE_STEP_ERROR,       /* see archive_decoder_error(); every later call returns it again */
    ARCHIVE_STEP_MORE,        /* the chunk is used up: archive_decoder_feed() the next one */
    ARCHIVE_STEP_END,         /* the file ended as it should; without a row its form is UNKNOWN */
    ARCHIVE_STEP_NOT_HISTORY, /* valid so far, but no history; every later call returns it again */
    ARCHIVE_STEP_ROW,         /* see archive_decoder_row() */
    ARCHIVE_STEP_REJECTED     /* see archive_decoder_rejected() */
};

/* A row that is not taken. */
struct archive_rejected {
    enum archive_reject reason;
    int64_t row_no;                     /* place in its file, from 1 */
    char excerpt[ARCHIVE_EXCERPT_SIZE]; /* what was understood of it, printable, without anything
                                           that tells who or where somebody is */
};

struct archive_decoder;

/* A new decoder, NULL without memory. now_ms: wall time, against which "too late" is held. */
struct archive_decoder *archive_decoder_new(int64_t now_ms);
void archive_decoder_free(struct archive_decoder *decoder);

/* Begins the next file. */
void archive_decoder_reset(struct archive_decoder *decoder);

/* Hands in the next len bytes, which must stay valid until they are used up (ARCHIVE_STEP_MORE).
 * last says that nothing follows. Only after new, reset or ARCHIVE_STEP_MORE. */
void archive_decoder_feed(struct archive_decoder *decoder, const char *data, size_t len, bool last);

enum archive_step archive_decoder_next(struct archive_decoder *decoder);

/* The row, or the rejected one, of the last step. Valid until the next call. */
const struct archive_row *archive_decoder_row(const struct archive_decoder *decoder);
const struct archive_rejected *archive_decoder_rejected(const struct archive_decoder *decoder);

/* UNKNOWN before the first row. Of a file that has rows of both forms: that of its first. */
enum archive_form archive_decoder_form(const struct archive_decoder *decoder);

/* After ARCHIVE_STEP_ERROR: what is wrong (static text), and the byte, counted from 0. */
const char *archive_decoder_error(const struct archive_decoder *decoder, uint64_t *offset);

uint64_t archive_decoder_offset(const struct archive_decoder *decoder);   /* bytes understood */
uint64_t archive_decoder_repaired(const struct archive_decoder *decoder); /* characters */

#endif
