/* SPDX-License-Identifier: MIT */
/*
 * archive/trackbook: which track a row of an export names, and what tracks are known by: the
 * catalogue with a memory of what was asked last.
 *
 * Owns: two tables of fixed size in front of the store.
 * Offers: keys for matching, of a stored track or of a row; a track for a row, made if need be.
 * Never: changes a track that is there; grows with the catalogue.
 */
#ifndef ARCHIVE_TRACKBOOK_H
#define ARCHIVE_TRACKBOOK_H

#include "archive/match.h"
#include "archive/row.h"
#include "store/tellings.h"

struct trackbook;

#define TRACKBOOK_PLACES 65536

/* A new one over a store, which remembers so many tracks at most (a power of two; only tests ask
 * for others than TRACKBOOK_PLACES); it may live as long as that. Pages take 50 bytes of memory for
 * each track that was looked at, an import 7 MiB more. NULL without memory. */
struct trackbook *trackbook_new(struct store *store, size_t places);
void trackbook_free(struct trackbook *book);

/* Before each block of work: forgets what others may have changed (store_names_version()). */
enum store_result trackbook_look(struct trackbook *book);
/* This track was just put by somebody else. */
void trackbook_drop(struct trackbook *book, int64_t track_id);

/* What a stored track is known by. */
enum store_result trackbook_keys(struct trackbook *book, int64_t track_id, struct match_keys *keys);

/* What the track of a row is known by, and its number; *track_id 0: it is not stored (yet). */
enum store_result trackbook_find(struct trackbook *book, const struct archive_row *row,
                                 struct match_keys *keys, int64_t *track_id);

/* The same track's number; stored now if it was not. A row without a uri gets one that is made up
 * of its title and artist ("historyd:track:ARTIST:TITLE"). */
enum store_result trackbook_put(struct trackbook *book, const struct archive_row *row, int64_t now,
                                int64_t *track_id);

#endif
