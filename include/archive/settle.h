/* SPDX-License-Identifier: MIT */
/*
 * archive/settle: holds what comes (rows of an export, plays of the API) or goes (an import that is
 * undone) against the stored plays around it, by archive/match, and writes what changes.
 *
 * Owns: the pieces of one block and their match; how a play with its tellings becomes rows.
 * Offers: begin, hand in, solve, write; each in a transaction of the caller's.
 * Never: decides who belongs to whom (archive/match), reads a clock, touches a play that does not
 *        change.
 */
#ifndef ARCHIVE_SETTLE_H
#define ARCHIVE_SETTLE_H

#include "archive/match.h"
#include "archive/record.h"
#include "archive/trackbook.h"
#include "store/gaps.h"
#include "store/imports.h"
#include "store/prune.h"

struct settle;

/* A play that the API tells of. */
struct settle_api {
    int64_t reported_at; /* ms */
    int64_t track_id;
    const char *context_uri; /* or NULL; must live until the end of the block */
};

/* For one user. now: wall ms, when what comes is first seen. NULL without memory. */
struct settle *settle_new(struct store *store, struct trackbook *book, int64_t user_id,
                          int64_t now);
void settle_free(struct settle *settle);

/* The import whose rows come, and when it began; 0: none comes. */
void settle_set_import(struct settle *settle, int64_t import_id);

/* Begins a block. Then hand in all that comes, in any order. */
void settle_begin(struct settle *settle);
size_t settle_count(const struct settle *settle); /* handed in so far */
size_t settle_bytes(const struct settle *settle); /* that what was handed in takes */
enum store_result settle_add_row(struct settle *settle, const struct archive_row *row,
                                 const uint8_t *record, size_t len); /* the same row, packed */
enum store_result settle_add_api(struct settle *settle, const struct settle_api *play);

/* Or: all tellings of this import, of plays with from <= key <= to, are to go. */
void settle_take_out(struct settle *settle, int64_t import_id, int64_t from, int64_t to);

/* Reads the stored plays around, so many at most. *done: there are no more. tracks: filled with the
 * tracks of what goes; NULL where nothing goes. */
enum store_result settle_read(struct settle *settle, size_t plays, struct store_ids *tracks,
                              bool *done);

/* In place of that for plays of the API: reads those plays only of which a telling may be of one
 * track with what was handed in, as no others can be touched, and none at all where no export
 * tells of one. */
enum store_result settle_read_kin(struct settle *settle);
size_t settle_stored(const struct settle *settle); /* plays that were read */
size_t settle_gone(const struct settle *settle);   /* then: how many tellings go */

/* Finds out what belongs together. */
enum store_result settle_solve(struct settle *settle);

/* Makes room for, or writes, at most so many plays that change. *done: there are no more. */
enum store_result settle_write(struct settle *settle, size_t plays, bool *done);

/* After settle_solve(): how the n-th of what was handed in ended. */
enum match_outcome settle_outcome(const struct settle *settle, size_t n);

/* The reported moment of the API's telling of the play that the n-th ended in; CLOCK_NO_TIME: the
 * API did not tell of it. */
int64_t settle_api_moment(const struct settle *settle, size_t n);

/* After settle_take_out(): adds how many rows went, and how many stay without what went. */
void settle_count_gone(const struct settle *settle, int64_t *removed, int64_t *kept);

#endif
