/* SPDX-License-Identifier: MIT */
/* Texts of the size and the form of Spotify's own, the same ones in every run. */
#ifndef BENCH_TEXTS_H
#define BENCH_TEXTS_H

#include <stdint.h>

#include "base/buf.h"

#define TEXTS_NOW INT64_C(1795300000000) /* 2026-11-21: later than all that is in them */

/* Adds the 22 letters and digits of an id, and draws the next seed. */
void texts_add_id(struct buf *text, uint64_t *seed);

/* Adds a file of so many rows, as the extended history has them (650 bytes each), or the shorter
 * one of an account's data. Row i was played for 7 * i ms. */
void texts_add_extended(struct buf *text, int rows);
void texts_add_account(struct buf *text, int rows);

/* Sum of the ms played in so many rows. */
int64_t texts_ms_played(int rows);

#endif
