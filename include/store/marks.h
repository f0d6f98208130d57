/* SPDX-License-Identifier: MIT */
/*
 * store/marks: what triggers write when a play or a track is added, written without them. A trigger
 * costs a play more than half of what its row costs; for one play that is nothing, for an import it
 * is minutes.
 *
 * Owns: the triggers on added plays, tracks and ties, from store_marks_take() to the end of the
 *       transaction.
 * Offers: taking them away within a transaction that adds many; the commit brings them back, a
 *         rollback, or a crash, has never lost them.
 * Never: touches the triggers on what is changed or removed.
 */
#ifndef STORE_MARKS_H
#define STORE_MARKS_H

#include "store/plays.h"

/* Within a transaction: until its end, store_play_insert() and store_track_put() mark for
 * themselves. */
enum store_result store_marks_take(struct store *store);

#endif
