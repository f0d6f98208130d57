/* SPDX-License-Identifier: MIT */
/*
 * archive/import: brings the rows of one file of an export into the database, or takes them out
 * again: one transaction, in steps.
 *
 * Owns: the walk over the rows in blocks, what each block has to be held against, the counts.
 * Offers: begin, step, end, for an import and for its undoing.
 * Never: asks Spotify anything; changes a track, album or artist that is there; holds more than a
 *        block in memory; leaves half of a file.
 */
#ifndef ARCHIVE_IMPORT_H
#define ARCHIVE_IMPORT_H

#include "archive/record.h"
#include "archive/trackbook.h"
#include "store/store.h"

/* Where the rows come from: packed (archive/record), in the order of their keys. */
struct archive_supply {
    /* The next one, valid until the next call; NULL at the end, or with *failed set. */
    const uint8_t *(*next)(void *context, size_t *len, bool *failed);
    void *context;
};

struct archive_import_options {
    int64_t user_id;
    const char *file;       /* its name, for people; copied */
    const char *hash;       /* digest of its content, lower-case hexadecimal; copied */
    enum archive_form form; /* ARCHIVE_FORM_LONG or ARCHIVE_FORM_SHORT */
    int64_t now;            /* wall ms */
    size_t block_rows;      /* rows that are matched at once; 0: ARCHIVE_IMPORT_BLOCK */
    /* Of the same store, for one import after the other as long as nobody else writes to it; stays
     * the caller's. NULL: one of its own. */
    struct trackbook *book;
};

#define ARCHIVE_IMPORT_BLOCK 16384     /* when nobody waits meanwhile */
#define ARCHIVE_IMPORT_BLOCK_LOOP 2048 /* beside an event loop: a step is some ms */

/* How many rows ended how; their sum is rows. */
struct archive_import_counts {
    int64_t rows, added, matched, duplicate, rejected;
    int64_t by_reason[ARCHIVE_REJECTS]; /* of the rejected ones; [ARCHIVE_ACCEPTED] is 0 */
    int64_t first_at, last_at;          /* moments of the rows that were taken; CLOCK_NO_TIME */
    int64_t gaps_filled;
};

enum archive_import_end {
    ARCHIVE_IMPORT_MORE,   /* go on */
    ARCHIVE_IMPORT_STORED, /* committed, under counts and import_id */
    ARCHIVE_IMPORT_KNOWN,  /* the same file was imported before, and nothing of it is new: nothing
                              is stored; import_id is that of then */
    ARCHIVE_IMPORT_FAILED  /* nothing has changed; see archive_import_error() */
};

struct archive_import;

/* Begins it, as a long change of the store (store_long_begin()). On failure *import is NULL:
 * STORE_NOT_FOUND (no such user), STORE_BUSY, STORE_NOMEM ... */
enum store_result archive_import_begin(struct store *store,
                                       const struct archive_import_options *options,
                                       const struct archive_supply *supply,
                                       struct archive_import **import);

/* Begins to undo an import: its rows are taken out, and what is left is matched anew.
 * STORE_NOT_FOUND: there is none of that number. Ends with ARCHIVE_IMPORT_STORED: counts.rows are
 * the rows of the import, added the plays that were removed, matched those that stayed without what
 * it told. */
enum store_result archive_undo_begin(struct store *store, int64_t import_id, int64_t now,
                                     size_t block_rows, struct archive_import **import);

/* One step: a part of a block. The last one commits. */
enum archive_import_end archive_import_step(struct archive_import *import);

/* True when the next step commits, which takes longer: a good moment may be waited for. */
bool archive_import_is_ready(const struct archive_import *import);

/* So far, or in the end. */
const struct archive_import_counts *archive_import_counts(const struct archive_import *import);
int64_t archive_import_id(const struct archive_import *import);

/* After ARCHIVE_IMPORT_FAILED: the store's result (STORE_OK: the rows could not be read, or were
 * not sound), and a sentence. */
enum store_result archive_import_result(const struct archive_import *import);
const char *archive_import_error(const struct archive_import *import);

/* Ends it; what is not committed is as it was. NULL is fine. */
void archive_import_free(struct archive_import *import);

#endif
