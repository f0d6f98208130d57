/* SPDX-License-Identifier: MIT */
#include "store/gaps.h"

#include "store/store_private.h"

#include <stdlib.h>

static const char reading[] = "reading the gaps";
static const char filling[] = "noting which gaps are filled";

enum store_result store_gap_add(struct store *store, const struct store_gap *gap)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GAP_ADD, "noting a gap");
    store_query_int(&query, ":user_id", gap->user_id);
    store_query_int(&query, ":after", gap->after_played_at);
    store_query_int(&query, ":before", gap->before_played_at);
    store_query_text(&query, ":certainty", gap->certainty);
    store_query_text(&query, ":cause", gap->cause);
    store_query_int(&query, ":detected_at", gap->detected_at);
    enum store_result result = store_query_run(&query, NULL);
    if (result != STORE_OK) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_GAP_SETTLE, "noting a gap");
    store_query_int(&query, ":user_id", gap->user_id);
    store_query_int(&query, ":after", gap->after_played_at);
    store_query_int(&query, ":before", gap->before_played_at);
    return store_query_run(&query, NULL);
}

enum store_result store_gaps_open(struct store *store, int64_t user_id,
                                  struct store_open_gap **gaps, size_t *count)
{
    struct store_query query;
    size_t cap = 0;
    *gaps = NULL;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_GAPS_OPEN, reading);
    store_query_int(&query, ":user_id", user_id);
    while (store_query_row(&query)) {
        if (*count == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            struct store_open_gap *grown = realloc(*gaps, cap * sizeof *grown);
            if (grown == NULL) {
                query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", reading);
                break;
            }
            *gaps = grown;
        }
        (*gaps)[(*count)++] = (struct store_open_gap){store_query_get_int(&query, 0, 0),
                                                      store_query_get_int(&query, 1, 0),
                                                      store_query_get_int(&query, 2, 0)};
    }
    return store_query_end(&query);
}

enum store_result store_gap_fill(struct store *store, int64_t gap_id, int64_t import_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GAP_FILL, filling);
    store_query_int(&query, ":gap_id", gap_id);
    store_query_int(&query, ":import_id", import_id);
    return store_query_run(&query, NULL);
}

enum store_result store_gaps_reopen(struct store *store, int64_t import_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GAPS_REOPEN, filling);
    store_query_int(&query, ":import_id", import_id);
    return store_query_run(&query, NULL);
}

enum store_result store_gaps_list(struct store *store, int64_t user_id, int64_t last,
                                  store_gap_take *take, void *context)
{
    char certainty[16], cause[32], file[512];
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GAPS_LIST, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":last", last > 0 ? last : -1); /* a negative limit is none */
    while (store_query_row(&query)) {
        store_query_get_text(&query, 4, certainty, sizeof certainty);
        store_query_get_text(&query, 5, cause, sizeof cause);
        store_query_get_text(&query, 8, file, sizeof file);
        take(&(struct store_gap_row){.gap_id = store_query_get_int(&query, 0, 0),
                                     .user_id = store_query_get_int(&query, 1, 0),
                                     .after_played_at = store_query_get_int(&query, 2, 0),
                                     .before_played_at = store_query_get_int(&query, 3, 0),
                                     .certainty = certainty,
                                     .cause = cause,
                                     .detected_at = store_query_get_int(&query, 6, 0),
                                     .filled_by = store_query_get_int(&query, 7, 0),
                                     .file = file},
             context);
    }
    return store_query_end(&query);
}
