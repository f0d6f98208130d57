/* SPDX-License-Identifier: MIT */
/*
 * store/measure: numbers about the file and its small tables, for /metrics: cheap enough for the
 * event loop however many plays there are.
 */
#ifndef STORE_MEASURE_H
#define STORE_MEASURE_H

#include "store/store.h"

/* What imports that were not undone did with their rows, as in the table imports. */
enum store_measure_rows {
    STORE_MEASURE_ADDED,
    STORE_MEASURE_MATCHED,
    STORE_MEASURE_DUPLICATE,
    STORE_MEASURE_REJECTED,
    STORE_MEASURE_ROWS
};

struct store_measures {
    int64_t likely_gaps, possible_gaps; /* that no import has filled */
    int64_t imported[STORE_MEASURE_ROWS];
};

/* Reads the tables gaps and imports, which have a row a gap and a row a file. */
enum store_result store_measure(struct store *store, struct store_measures *measures);

struct store_sizes {
    int64_t file_bytes; /* of the database */
    int64_t log_bytes;  /* of the file of the write-ahead log, which is used again and again */
    int64_t log_pages;  /* of it, not yet copied into the database after the newest commit */
};

/* Reads no page. STORE_IO: the file cannot be looked at. */
enum store_result store_measure_sizes(const struct store *store, struct store_sizes *sizes);

#endif
