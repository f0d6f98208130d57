/* SPDX-License-Identifier: MIT */
/* For the tests of capture/reconcile: what a database would hold of one user, and pages that come.
 */
#ifndef TESTS_UNIT_RECONCILE_HELP_H
#define TESTS_UNIT_RECONCILE_HELP_H

#include "capture/reconcile.h"

#define MINUTE INT64_C(60000)
#define T0 INT64_C(1795198051207) /* where most tests begin */
#define NO_TIME RECONCILE_NO_TIME

#define BOOK_ROWS 4096
#define BOOK_GAPS 128

struct book {
    struct reconcile_stored rows[BOOK_ROWS];
    size_t count;
    int64_t swept_at, anchor, cursor, latest;
    struct reconcile_gap gaps[BOOK_GAPS];
    size_t gap_count;
    struct reconcile_result last; /* what reconcile_page() said of the last page */
};

/* The one book of a test; each test has a process of its own. */
extern struct book book;

/* Nothing stored, never swept. */
void book_empty(void);

/* Nothing stored, and swept when there was nothing yet, long before T0. */
void book_swept(void);

/* Stores a play past the reconciler. */
void book_insert(int64_t played_at, int64_t nudge, int64_t track);

/* A page comes; sent: items in the answer, those that were not understood included. */
const struct reconcile_result *book_apply_sent(bool sweep, const struct reconcile_item *items,
                                               size_t count, size_t sent);
const struct reconcile_result *book_apply(bool sweep, const struct reconcile_item *items,
                                          size_t count);

/* A page of one play a minute: the newest ended `newest` minutes after T0, the track is the minute.
 */
const struct reconcile_result *book_minutes(bool sweep, int newest, int count);

void book_expect_row(size_t row, int64_t played_at, int64_t nudge, int64_t track);
void book_expect_gap(size_t gap, int64_t after, int64_t before, bool likely);

/* Pages of items that are written out: TAIL({moment, track}, ...) */
#define BOOK_PAGE(sweep, ...)                                         \
    book_apply(sweep, (const struct reconcile_item[]){__VA_ARGS__},   \
               sizeof((const struct reconcile_item[]){__VA_ARGS__}) / \
                   sizeof(struct reconcile_item))
#define TAIL(...) BOOK_PAGE(false, __VA_ARGS__)
#define SWEEP(...) BOOK_PAGE(true, __VA_ARGS__)

#endif
