/* SPDX-License-Identifier: MIT */
/*
 * archive/decode_private: what the files of the decoder share: the row under way (decode_row.c),
 * which decode.c fills from tokens.
 */
#ifndef ARCHIVE_DECODE_PRIVATE_H
#define ARCHIVE_DECODE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/decode.h"
#include "base/json_pull.h"

#define ARCHIVE_GUESSES 64
#define ARCHIVE_RAW_MAX 64
#define ARCHIVE_KEY_NONE (-1)

/* The row under way. The title of a row stands under one of three sets of keys; those of a track go
 * straight into the row. */
struct archive_draft {
    struct archive_row row;
    char episode[ARCHIVE_TEXT_MAX], show[ARCHIVE_TEXT_MAX];
    char chapter[ARCHIVE_TEXT_MAX], book[ARCHIVE_TEXT_MAX];
    char episode_uri[ARCHIVE_URI_MAX], chapter_uri[ARCHIVE_URI_MAX], book_uri[ARCHIVE_URI_MAX];
    int64_t exact_at; /* of a row that we exported; CLOCK_NO_TIME: none */
    uint64_t seen;    /* a bit a key */
    uint64_t wrong;   /* the value of this key cannot be used */
    char raw_time[ARCHIVE_RAW_MAX], raw_ms[ARCHIVE_RAW_MAX], raw_uri[ARCHIVE_RAW_MAX]; /* why */

    /* Rows have their keys in the same order: at which place which key was last. */
    unsigned char guess[ARCHIVE_GUESSES];
    size_t place;
};

/* Empties it, but for the guesses. */
void archive_draft_begin(struct archive_draft *draft);

/* The number of a key, noted as seen; ARCHIVE_KEY_NONE for one that means nothing here. */
int archive_draft_key(struct archive_draft *draft, const char *text, size_t len);

/* Reads the key that the row before had at this place, if it comes again: its number, or
 * ARCHIVE_KEY_NONE with nothing read. */
int archive_draft_expect(struct archive_draft *draft, struct json_pull *pull);

/* Takes the value of a key: the token just read, whose text pull has; for OBJECT_BEGIN and
 * ARRAY_BEGIN the caller skips the rest. */
void archive_draft_value(struct archive_draft *draft, int key, enum json_token token,
                         const struct json_pull *pull);

/* Which form the keys seen speak for. */
enum archive_form archive_draft_form(const struct archive_draft *draft);

/* Completes the row; form is that of its file. */
enum archive_reject archive_draft_finish(struct archive_draft *draft, enum archive_form form,
                                         int64_t now_ms);

/* Writes what can be shown of it. */
void archive_draft_excerpt(const struct archive_draft *draft, char excerpt[ARCHIVE_EXCERPT_SIZE]);

#endif
