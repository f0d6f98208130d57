/* SPDX-License-Identifier: MIT */
/* store/gaps_list: the gaps in the record, and which import filled them, for people to look at.
 * Reads only. */
#ifndef STORE_GAPS_LIST_H
#define STORE_GAPS_LIST_H

#include "store/users.h"

/* A gap. Texts are valid until the function it is handed to returns. */
struct store_gap_row {
    int64_t gap_id, user_id;
    int64_t after_played_at, before_played_at; /* plays around it, ms since 1970 UTC */
    const char *certainty, *cause;             /* words of the table gaps */
    int64_t detected_at;
    int64_t filled_by; /* an import; 0: it is open */
    const char *file;  /* of that import; "": it is open */
};
typedef void store_gap_take(const struct store_gap_row *gap, void *context);

/* Hands gaps to take, oldest first. user_id: of whom, 0: of all; last: the newest so many only, 0:
 * all of them. */
enum store_result store_gaps_list(struct store *store, int64_t user_id, int64_t last,
                                  store_gap_take *take, void *context);

#endif
