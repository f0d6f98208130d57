/* SPDX-License-Identifier: MIT */
/*
 * store/measure: numbers for those who watch.
 */
#include "store/measure.h"

#include "store/store_private.h"

#include <sys/stat.h>

static enum store_result count_gaps(struct store *store, struct store_measures *measures)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_MEASURE_GAPS, "counting the gaps");
    if (store_query_row(&query)) {
        measures->likely_gaps = store_query_get_int(&query, 0, 0);
        measures->possible_gaps = store_query_get_int(&query, 1, 0);
    }
    return store_query_end(&query);
}

static enum store_result count_imported(struct store *store, struct store_measures *measures)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_MEASURE_IMPORTS, "adding up the imports");
    if (store_query_row(&query)) {
        for (int i = 0; i < STORE_MEASURE_ROWS; i++) {
            measures->imported[i] = store_query_get_int(&query, i, 0);
        }
    }
    return store_query_end(&query);
}

enum store_result store_measure(struct store *store, struct store_measures *measures)
{
    *measures = (struct store_measures){.likely_gaps = 0};
    enum store_result result = count_gaps(store, measures);
    return result == STORE_OK ? count_imported(store, measures) : result;
}

enum store_result store_measure_sizes(const struct store *store, struct store_sizes *sizes)
{
    struct stat status;
    *sizes = (struct store_sizes){.log_pages = store->log_pages};
    if (stat(store->path, &status) != 0) {
        return STORE_IO;
    }
    sizes->file_bytes = status.st_size;
    if (stat(store->wal_path, &status) == 0) {
        sizes->log_bytes = status.st_size;
    }
    return STORE_OK;
}
