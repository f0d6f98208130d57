/* SPDX-License-Identifier: MIT */
/*
 * archive/sort: sorts records by a number, in bounded memory: what does not fit goes in sorted runs
 * into a temporary file without a name, and the runs are merged.
 *
 * Owns: the memory, the file.
 * Never: grows past its memory (and a few KiB a run), leaves a file behind, however the program ends.
 */
#ifndef ARCHIVE_SORT_H
#define ARCHIVE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_SORT_MEMORY (16u << 20) /* bytes: a usual file of an export fits */

struct archive_sort;

/* A new sorter; memory: bytes, at least 64 KiB. NULL without memory. directory: where the temporary
 * file is made, if one is needed; copied. */
struct archive_sort *archive_sort_new(size_t memory, const char *directory);
void archive_sort_free(struct archive_sort *sort);

/* Forgets all, for the next file. */
void archive_sort_reset(struct archive_sort *sort);

/* Takes a copy of a record of 1 to 65,535 bytes. False on failure: archive_sort_error(). */
bool archive_sort_add(struct archive_sort *sort, int64_t key, const void *record, size_t len);

/* After the last add, and again to read all from the start once more. */
bool archive_sort_rewind(struct archive_sort *sort);

/* The next by ascending key; of equal keys the one that was added first. NULL at the end and on
 * failure (archive_sort_error() is not NULL). Valid until the next call. */
const void *archive_sort_next(struct archive_sort *sort, size_t *len);

/* One sentence for people, NULL: nothing went wrong. */
const char *archive_sort_error(const struct archive_sort *sort);

#endif
