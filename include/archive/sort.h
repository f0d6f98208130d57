/* SPDX-License-Identifier: MIT */
/*
 * archive/sort: sorts records by a number, in bounded memory: what does not fit goes in sorted runs
 * into a temporary file without a name, and the runs are merged.
 *
 * Owns: the memory, the file.
 * Never: grows past its memory (and 64 KiB to write from, and some 100 bytes a run), leaves a file
 *        behind, however the program ends.
 *
 * The file is written where the memory is full. A process that may meet a limit of file size has to
 * ignore SIGXFSZ; then it is an error like a full disk.
 */
#ifndef ARCHIVE_SORT_H
#define ARCHIVE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_SORT_MEMORY (8u << 20) /* bytes: a usual file of an export fits */

struct archive_sort;

/* A new sorter; memory: bytes, at least 64 KiB. NULL without memory. directory: where the temporary
 * file is made, if one is needed; copied. A file system in memory (/tmp, often) would defeat it. */
struct archive_sort *archive_sort_new(size_t memory, const char *directory);
void archive_sort_free(struct archive_sort *sort);

/* Forgets all, errors too, for the next file. Closes the temporary file, keeps the memory. */
void archive_sort_reset(struct archive_sort *sort);

/* Takes a copy of a record of 1 to 65,535 bytes. False on failure: archive_sort_error(), and all
 * that follows fails until archive_sort_reset(). */
bool archive_sort_add(struct archive_sort *sort, int64_t key, const void *record, size_t len);

/* After the last add, and again to read all from the start once more. False on failure. */
bool archive_sort_rewind(struct archive_sort *sort);

/* The next by ascending key; of equal keys the one that was added first. NULL at the end and on
 * failure (archive_sort_error() is not NULL). Valid until the next call. */
const void *archive_sort_next(struct archive_sort *sort, size_t *len);

/* One sentence for people ("cannot write a temporary file in /var/tmp: No space left on device");
 * NULL: nothing went wrong. */
const char *archive_sort_error(const struct archive_sort *sort);

#endif
