/* SPDX-License-Identifier: MIT */
/*
 * store/totals_count: the sums of one user's block: as the plays are, and as the tables have them.
 * What totals.c brings up to date and totals_verify.c looks at.
 */
#ifndef STORE_TOTALS_COUNT_H
#define STORE_TOTALS_COUNT_H

#include "store/store_private.h"
#include "store/totals.h"

/* No moment yet: the first comes before all others, the last after all. */
#define TOTALS_NO_FIRST INT64_MAX
#define TOTALS_NO_LAST INT64_MIN

struct totals_row {
    int64_t id; /* of a track, or a quarter */
    int64_t plays, listened_ms;
    int64_t first_at, last_at; /* reported moments, where the plays were read */
};

/* Zero-initialised: empty. Free with totals_rows_free(). */
struct totals_rows {
    struct totals_row *at;
    size_t count, cap;
};

bool totals_rows_add(struct totals_rows *rows, const struct totals_row *row); /* false: no memory */
void totals_rows_settle(struct totals_rows *rows); /* sorts by id, and each is left once */
void totals_rows_free(struct totals_rows *rows);

struct totals_block {
    struct totals_rows tracks, quarters; /* settled */
};
void totals_block_free(struct totals_block *block);

/* Reads the plays of a block, deleted ones aside. Free it in any case. */
enum store_result totals_block_count(struct store *store, int64_t user_id, int64_t block,
                                     struct totals_block *counted);

/* Reads what play_blocks and play_quarters have of it, and what play_totals has of its tracks
 * (NULL: that is not wanted). Free both in any case. */
enum store_result totals_block_read(struct store *store, int64_t user_id, int64_t block,
                                    struct totals_block *stored, struct totals_rows *totals);

/* Goes through two settled lists side by side. Zero-initialised but for the lists. */
struct totals_pair {
    const struct totals_rows *was_rows, *is_rows;
    size_t was_next, is_next;
    int64_t id;
    const struct totals_row *was, *is; /* NULL: not in that list */
};
bool totals_pair_next(struct totals_pair *pair);
bool totals_pair_differs(const struct totals_pair *pair); /* in plays or time */

/* Sums wrap around: no number in the file makes one undefined, and differences still add up. */
int64_t totals_sum(int64_t a, int64_t b);
int64_t totals_difference(int64_t a, int64_t b);

int64_t totals_block_of(int64_t moment);

/* The next user (after: INT64_MIN for the first) who is in users, plays or a derived table.
 * STORE_NOT_FOUND. */
enum store_result totals_next_user(struct store *store, int64_t after, int64_t *user_id);

/* The next block (after: INT64_MIN for the first) that has plays, or rows in a derived table;
 * sometimes also the one before. STORE_NOT_FOUND. */
enum store_result totals_next_block(struct store *store, int64_t user_id, int64_t after,
                                    int64_t *block);

#endif
