/* SPDX-License-Identifier: MIT */
/*
 * store/totals_count: the sums of one user's block as its plays are, packed. What totals.c writes
 * and totals_verify.c looks at.
 */
#ifndef STORE_TOTALS_COUNT_H
#define STORE_TOTALS_COUNT_H

#include "store/pack.h"
#include "store/store_private.h"
#include "store/totals.h"

/* A row of play_sums. Zero-initialised: empty. Free with totals_block_free(). */
struct totals_block {
    int64_t plays, listened_ms;
    struct buf quarters, tracks; /* entries of store/pack */
};
void totals_block_free(struct totals_block *block);

/* Sums up the plays of a block, deleted ones aside. Free it in any case. */
enum store_result totals_block_count(struct store *store, int64_t user_id, int64_t block,
                                     struct totals_block *counted);

/* Writes it as the row of this block, or removes the row where there are no plays; the block is not
 * stale any more. Of totals.c. */
enum store_result totals_block_write(struct store *store, int64_t user_id, int64_t block,
                                     const struct totals_block *counted);

int64_t totals_block_of(int64_t moment);

/* The next user (after: INT64_MIN for the first) who is in users, plays or the derived table.
 * STORE_NOT_FOUND. */
enum store_result totals_next_user(struct store *store, int64_t after, int64_t *user_id);

/* The next block (after: INT64_MIN for the first) that has plays, or a row in the derived table;
 * sometimes also the one before. STORE_NOT_FOUND. */
enum store_result totals_next_block(struct store *store, int64_t user_id, int64_t after,
                                    int64_t *block);

#endif
