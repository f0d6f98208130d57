/* SPDX-License-Identifier: MIT */
/*
 * archive/sort_runs: sorted runs of records in a temporary file, and the way through all of them in
 * the order of their keys.
 *
 * Owns: the file, the list of runs, one record that is on its way.
 * Never: reads what it did not write itself, without holding it to its bounds all the same; gives
 *        two records of one key in another order than that of their runs.
 */
#ifndef ARCHIVE_SORT_RUNS_H
#define ARCHIVE_SORT_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SORT_ERROR_SIZE 320
#define SORT_RECORD_MAX 65535 /* bytes of a record */

struct sort_run;

/* Begin with all zero but directory and fd = -1. */
struct sort_runs {
    const char *directory; /* where the file is made */
    int fd;                /* -1: there is none yet */
    int64_t end;           /* of the file, in bytes */
    struct sort_run *run;
    size_t count, room;
    uint8_t *carry;         /* what is to be written; later the record that was given */
    size_t carried;         /* bytes of it */
    struct sort_run **heap; /* runs that have a record left, the one with the least on top */
    size_t heap_count;
    char error[SORT_ERROR_SIZE]; /* "": nothing went wrong */
};

/* Each is false once something went wrong: runs->error is a sentence then. */

/* Begins a run behind the others; makes the file if there is none. */
bool sort_runs_begin(struct sort_runs *runs);

/* Adds a record of 1 to SORT_RECORD_MAX bytes to it, whose key is not below the one before. */
bool sort_runs_add(struct sort_runs *runs, int64_t key, const void *record, size_t len);
bool sort_runs_end(struct sort_runs *runs);

/* To the first record of all, by way of memory: at least 64 KiB, aligned for pointers, and in use
 * from here on. If there are more runs than can be read at once in it, they are made fewer. */
bool sort_runs_rewind(struct sort_runs *runs, void *memory, size_t size);

/* The next by ascending key, of equal keys that of the first run. NULL at the end and when
 * something went wrong. Valid until the next call. */
const void *sort_runs_next(struct sort_runs *runs, size_t *len);

/* Forgets all runs and closes the file; the error stays. */
void sort_runs_clear(struct sort_runs *runs);

#endif
