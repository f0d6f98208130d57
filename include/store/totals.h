/* SPDX-License-Identifier: MIT */
/*
 * store/totals: sums over the plays that would else be counted anew for every page: a derived
 * table, exact after every commit.
 *
 * Owns: play_sums (of each user and block of 28 days: plays and time of each quarter of an hour, and
 * of each track, with its first play in the block; packed as store/pack says), and stale_blocks:
 * which blocks are not in it as the plays are now.
 * Offers: bringing it up to date in small steps, building it anew.
 * Never: is believed for a block that is stale. Triggers on played_tracks and on tracks.duration_ms
 * put a block into stale_blocks in the transaction that changes it, whoever writes: a poll, an
 * import, an undo, a person with sqlite3. Who reads takes a stale block from the plays themselves.
 *
 * A block is floor(reported moment / STORE_BLOCK_MS), a quarter floor(reported moment /
 * STORE_QUARTER_MS): every time zone in use is a whole number of quarters from UTC, so days and
 * hours of any zone can be put together from them. Plays marked as deleted are in none.
 *
 * Ten years of a million plays are 131 rows of some 80 KiB: what all of them say is read several
 * times as fast as from tables with a row for each sum.
 */
#ifndef STORE_TOTALS_H
#define STORE_TOTALS_H

#include "store/plays.h"
#include "store/store.h"

#define STORE_QUARTER_MS INT64_C(900000)
#define STORE_BLOCK_MS INT64_C(2419200000) /* 28 days: a whole number of quarters */
#define STORE_BLOCK_QUARTERS (STORE_BLOCK_MS / STORE_QUARTER_MS)

/* How many blocks are stale now. */
enum store_result store_totals_stale(struct store *store, int64_t *blocks);

/* How many plays are summed up now, stale blocks as they were. */
enum store_result store_totals_plays(struct store *store, int64_t *plays);

/* Brings stale blocks up to date, the newest first, until none is left or ms have gone by (at least
 * one is done: some ms for thousands of plays); inside of a write transaction. *left: how many
 * still are. */
enum store_result store_totals_refresh(struct store *store, int64_t ms, int64_t *left);

/* Plays that a poll brings are added to the sums at once, in the transaction that stores them:
 * asked before they are inserted, whether those with reported moments from first to last can be.
 * They can if all are of one block, which is not stale. What the catalogue is to know of their
 * tracks has to be there. Else *can is false, and they are left to store_totals_refresh(). *block:
 * which one. */
enum store_result store_totals_follow(struct store *store, int64_t user_id, int64_t first,
                                      int64_t last, int64_t *block, bool *can);

/* Adds plays of one user that have been inserted since, and nothing else, to the sums of the block
 * that store_totals_follow() told, which then is not stale. Where the row of the block cannot be
 * read it stays stale. */
enum store_result store_totals_add(struct store *store, int64_t block,
                                   const struct store_play *plays, size_t count);

/* Empties the derived table and marks every block with plays as stale; inside of a write
 * transaction. To be followed by refreshes. */
enum store_result store_totals_reset(struct store *store);

/* Compares all that is not stale with the plays; *differences: blocks that are not as they should
 * be. Reads everything: for check. Inside of a transaction. */
enum store_result store_totals_verify(struct store *store, int64_t *differences);

#endif
