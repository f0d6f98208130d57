/* SPDX-License-Identifier: MIT */
/* archive/export_private: what the writers of the formats share. */
#ifndef ARCHIVE_EXPORT_PRIVATE_H
#define ARCHIVE_EXPORT_PRIVATE_H

#include "archive/export.h"
#include "base/buf.h"

/* What stands around and between rows. */
enum export_shape {
    EXPORT_TABLE, /* a row is whole as it is */
    EXPORT_ARRAY, /* elements of one JSON array, one a line */
    EXPORT_LINES  /* an object a line */
};

struct export_writer {
    struct export_format format;
    enum export_shape shape;
    const char *head; /* what a table begins with */
    /* Appends one play; or nothing, and says why. */
    enum export_left_out (*row)(struct buf *out, const struct store_listed *row, int64_t now);
};

enum export_left_out export_row_csv(struct buf *out, const struct store_listed *row, int64_t now);
enum export_left_out export_row_json(struct buf *out, const struct store_listed *row, int64_t now);
enum export_left_out export_row_extended(struct buf *out, const struct store_listed *row,
                                         int64_t now);
enum export_left_out export_row_listenbrainz(struct buf *out, const struct store_listed *row,
                                             int64_t now);
extern const char export_csv_head[];

/* -- export_text.c: values ---------------------------------------------------------------------- */

/* What is no UTF-8 (RFC 3629) becomes U+FFFD in all of these. */

/* A JSON string with its quotes, NULL: null. Escaped is what RFC 8259 wants escaped, and DEL. */
void export_json_text(struct buf *out, const char *text);

/* A key and its value: ,"key":VALUE (the comma is part of key, where one is to be). */
void export_json_member(struct buf *out, const char *key, const char *text);
void export_json_number(struct buf *out, const char *key, int64_t value, int64_t none);
void export_json_flag(struct buf *out, const char *key, int flag);   /* -1: null */
void export_json_time(struct buf *out, const char *key, int64_t ms); /* STORE_NO_TIME: null */

/* A field of CSV, NULL: empty. */
void export_csv_text(struct buf *out, const char *text);

void export_number(struct buf *out, int64_t value);

/* "spotify:..." as it is; NULL for a uri that is made up. */
const char *export_uri(const char *uri);

/* Whom Spotify's forms name as the artist: the first of the album, else of the track; NULL: nobody.
 */
const char *export_album_artist(const struct store_listed_track *track);

#endif
