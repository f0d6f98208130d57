/* SPDX-License-Identifier: MIT */
/*
 * store/totals: sums over the plays that would else be counted anew for every page: derived tables,
 * exact after every commit.
 *
 * Owns: play_quarters (plays and time of each quarter of an hour), play_blocks (of each track in 28
 * days), play_totals (of each track in all) per user, and stale_blocks: which blocks of 28 days are
 * not in them as the plays are now.
 * Offers: bringing them up to date in small steps, building them anew.
 * Never: is believed for a block that is stale. Triggers on played_tracks and on tracks.duration_ms
 * put a block into stale_blocks in the transaction that changes it, whoever writes: a poll, an
 * import, an undo, a person with sqlite3. Who reads takes a stale block from the plays themselves.
 *
 * A block is floor(reported moment / STORE_BLOCK_MS), a quarter floor(reported moment /
 * STORE_QUARTER_MS): every time zone in use is a whole number of quarters from UTC, so days and
 * hours of any zone can be put together from them. Plays marked as deleted are in none.
 *
 * Who puts the first play of a track together: play_totals.first_at counts if its block is not
 * stale, and then the first is that, or one in a stale block; if it is stale, the plays have to be
 * asked. The same with last_at. A row of play_blocks in a stale block may have no plays.
 */
#ifndef STORE_TOTALS_H
#define STORE_TOTALS_H

#include "store/store.h"

#define STORE_QUARTER_MS INT64_C(900000)
#define STORE_BLOCK_MS INT64_C(2419200000) /* 28 days: a whole number of quarters */

/* How many blocks are stale now. */
enum store_result store_totals_stale(struct store *store, int64_t *blocks);

/* How many plays are summed up now, stale blocks as they were. Reads a row a track. */
enum store_result store_totals_plays(struct store *store, int64_t *plays);

/* Brings stale blocks up to date, the newest first, until none is left or ms have gone by (at least
 * one is done, or 2000 rows of it); inside of a write transaction. *left: how many still are. */
enum store_result store_totals_refresh(struct store *store, int64_t ms, int64_t *left);

/* Empties the derived tables and marks every block with plays as stale; inside of a write
 * transaction. To be followed by refreshes. */
enum store_result store_totals_reset(struct store *store);

/* Compares all that is not stale with the plays; *differences: rows that are not as they should be.
 * Reads everything: for check. Inside of a transaction. */
enum store_result store_totals_verify(struct store *store, int64_t *differences);

#endif
