/* SPDX-License-Identifier: MIT */
/* What a decoder makes of a history file, as text: a line a row, and what it ended with. */
#ifndef TESTS_LIB_ARCHIVE_ROWS_H
#define TESTS_LIB_ARCHIVE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/decode.h"
#include "base/buf.h"

#define ARCHIVE_ROWS_NOW INT64_C(1795300000000) /* 2026-11-21: what the decoder takes for now */

/* Adds the lines for len bytes, handed in chunk bytes at a time, each from a block of its own. */
void archive_rows_dump(const char *text, size_t len, size_t chunk, struct buf *lines);

/* True if all holds that a row, or a rejected one, promises: told without the rules of the product.
 * Against ARCHIVE_ROWS_NOW. */
bool archive_rows_sound(const struct archive_row *row);
bool archive_rows_sound_rejected(const struct archive_rejected *rejected);

#endif
