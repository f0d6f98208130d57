/* SPDX-License-Identifier: MIT */
/*
 * archive/export: plays out of the database, in a form that other programs read.
 *
 * Owns: the table of formats, and what each makes of a play.
 * Offers: one run over the plays of a moment, in the order of store/listing, in flat memory.
 * Never: opens or names a file, guesses what is not known (it is null, or empty) but for the start of
 * a listen, which no source tells.
 *
 * The formats:
 *   csv           RFC 4180: a header, CRLF, UTF-8, quotes where they are needed. Values are exact:
 * a title that begins with '=' is not made harmless for spreadsheets, which would make it another
 * title for everybody else. They have to be told that columns are text. json, jsonl   one array, or
 * an object a line (RFC 8259, https://jsonlines.org). extended      Spotify's "Extended streaming
 * history". "ts" has whole seconds there, so the moment stands in the key "historyd_played_at" as
 * well, to the millisecond; whoever does not know the key passes over it. What was nudged is nudged
 * again by whoever stores plays in this order. listenbrainz  listens as ListenBrainz has them (its
 * documentation, "JSON Documentation"): an array, which is what Maloja reads; or, zipped, a file of
 * lines listens/listens.jsonl, which is what ListenBrainz's own import page and Koito read. Of what
 * is no listen there, see enum export_left_out, none is written.
 */
#ifndef ARCHIVE_EXPORT_H
#define ARCHIVE_EXPORT_H

#include <signal.h>

#include "store/listing.h"

struct export_format {
    const char *name;
    bool one_user; /* has no place for whose a play is */
    bool zips;     /* can be written as a zip */
};

/* One by its place, NULL past the end; the one of a name, NULL if there is none. */
const struct export_format *export_format_at(size_t index);
const struct export_format *export_format_find(const char *name);

/* Takes len bytes. Returns 0, or an errno that ends the run. */
typedef int export_write_function(void *context, const void *data, size_t len);

struct export_request {
    const struct export_format *format;
    struct store_listing_filter filter;
    int64_t now; /* wall ms: no listen begins later */
    bool lines;  /* listenbrainz: lines in place of an array */
    export_write_function *write;
    void *context;
    const volatile sig_atomic_t *stop; /* the run ends when it is not 0; NULL: it does not */
    /* Whether a play of the filter is to be written, NULL: all are. */
    bool (*wants)(const struct store_listed *row, void *wants_context);
    void *wants_context;
    bool inside; /* of a read transaction that the caller has begun */
};

/* Why listenbrainz leaves a play out. */
enum export_left_out {
    EXPORT_WRITTEN,
    EXPORT_PODCAST,  /* an episode or a chapter of a book: not music */
    EXPORT_PRIVATE,  /* from a private session: ListenBrainz is public */
    EXPORT_SHORT,    /* heard for less than 30 s, and for less than half of it */
    EXPORT_NAMELESS, /* without a title or an artist, which it refuses */
    EXPORT_LEFT_OUT
};
const char *export_left_out_name(enum export_left_out reason); /* "from a podcast or book" ... */

enum export_result {
    EXPORT_OK,
    EXPORT_STORE_FAILED, /* result says how, store_message() what */
    EXPORT_WRITE_FAILED, /* error says why */
    EXPORT_STOPPED,
    EXPORT_NO_MEMORY
};

struct export_outcome {
    int64_t count[EXPORT_LEFT_OUT]; /* [EXPORT_WRITTEN]: plays that were written */
    enum store_result result;
    int error; /* errno */
};

/* Writes all plays that the request asks for, in a read transaction of its own unless it says that
 * there is one. */
enum export_result export_run(struct store *store, const struct export_request *request,
                              struct export_outcome *outcome);

#endif
