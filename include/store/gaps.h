/* SPDX-License-Identifier: MIT */
/* store/gaps: stretches in which plays may be missing: noted by pages, filled by imports, and
 * listed for people. */
#ifndef STORE_GAPS_H
#define STORE_GAPS_H

#include "store/users.h"

struct store_gap {
    int64_t user_id;
    int64_t after_played_at;  /* the newest stored play before it */
    int64_t before_played_at; /* the oldest known play after it */
    const char *certainty;    /* "likely", "possible" */
    const char *cause;        /* "listened_faster", "late_batch", "daemon_down", "needs_login",
                                 "rate_limit", "spotify_failing", "database_full", "unknown" */
    int64_t detected_at;
};
/* Adds one; the same bounds for the same user are not added twice. It is filled already if an
 * import told of the plays at both of its ends. */
enum store_result store_gap_add(struct store *store, const struct store_gap *gap);

struct store_open_gap {
    int64_t gap_id, after_played_at, before_played_at;
};

/* The gaps of a user that no import has filled, into a malloc'ed array. */
enum store_result store_gaps_open(struct store *store, int64_t user_id,
                                  struct store_open_gap **gaps, size_t *count);
enum store_result store_gap_fill(struct store *store, int64_t gap_id, int64_t import_id);
enum store_result store_gaps_reopen(struct store *store, int64_t import_id);

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
