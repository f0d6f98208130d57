/* SPDX-License-Identifier: MIT */
/*
 * capture/rowfile: packed rows of an import that wait for it: in a file without a name, which is
 * gone however the program ends.
 *
 * Owns: the file (0600, beside the database), what of it is checked.
 * Offers: append a piece, read all of it as a supply (archive/import).
 * Never: keeps a piece that is not whole, sound and in order; keeps half of one; holds more than a
 * buffer of it in memory.
 */
#ifndef CAPTURE_ROWFILE_H
#define CAPTURE_ROWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/import.h"

struct rowfile;

enum rowfile_result {
    ROWFILE_OK,
    ROWFILE_UNSOUND,   /* no whole records, or not in the order of their keys */
    ROWFILE_TOO_LARGE, /* more than bytes_max in all */
    ROWFILE_FAILED     /* the file cannot be made or written: rowfile_error() */
};

/* A new one, of bytes_max bytes at most. database: the file is made in its directory, with the
 * first row; copied. latest: see archive_record_get(). NULL without memory. */
struct rowfile *rowfile_new(const char *database, int64_t latest, int64_t bytes_max);
void rowfile_free(struct rowfile *rows); /* NULL is fine */

/* Appends records. On anything but ROWFILE_OK it is as it was. */
enum rowfile_result rowfile_add(struct rowfile *rows, const void *data, size_t len);

/* How many there are. */
int64_t rowfile_count(const struct rowfile *rows);

/* After ROWFILE_FAILED: what went wrong, a sentence; until the next call. */
const char *rowfile_error(const struct rowfile *rows);

/* Reads it from its start. Nothing may be added any more, and rows outlives the supply. */
struct archive_supply rowfile_supply(struct rowfile *rows);

#endif
