/* SPDX-License-Identifier: MIT */
/* ctl/tally: what a store_tally holds, as JSON: what top and stats have in common. */
#ifndef CTL_TALLY_H
#define CTL_TALLY_H

#include <jansson.h>

#include "store/stats.h"

/* "tracks", "artists", "albums"; static. */
const char *tally_kind_name(enum store_kind kind);

/* "plays", "time"; static. */
const char *tally_measure_name(enum store_measure measure);

/* An array of the first n: rank, id, uri, name, artists, album, plays, listened_ms, share (of all
 * plays or all time). A failure of the store is in *result; NULL with STORE_OK: no memory. */
json_t *tally_top_json(struct store *store, const struct store_tally *tally, enum store_kind kind,
                       enum store_measure measure, size_t n, enum store_result *result);

/* The same of the tracks heard for the first time, with first_at. */
json_t *tally_discoveries_json(struct store *store, const struct store_tally *tally, size_t n,
                               enum store_result *result);

#endif
