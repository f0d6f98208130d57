/* SPDX-License-Identifier: MIT */
/*
 * What a database would hold of one user, in memory: plays, gaps and marks. A page comes in the
 * same way as in the daemon: look up, reconcile, write.
 */
#ifndef SIMULATION_BOOK_H
#define SIMULATION_BOOK_H

#include "capture/reconcile.h"

struct book_gap {
    int64_t after, before;
    bool likely;
    bool covered; /* a later page showed all that Spotify has from after to before */
};

struct book {
    struct reconcile_stored *rows; /* by played_at, oldest first */
    size_t count, room;
    struct book_gap *gaps; /* in the order in which they were found */
    size_t gap_count, gap_room;
    int64_t swept_at; /* the first sweep, anchor: as reconcile.h has them */
    int64_t anchor;
};

struct book_page {
    bool sweep;
    const struct reconcile_item *items;
    size_t count;
    int64_t at;     /* when it came: wall ms of the daemon */
    int64_t latest; /* as reconcile.h has it */
};

void book_open(struct book *book);
void book_close(struct book *book);

/* Takes a page in; result says what reconcile_page() said. False when memory ran out or a play was
 * to be stored in a millisecond that is taken: *why tells which. */
bool book_apply(struct book *book, const struct book_page *page, struct reconcile_result *result,
                const char **why);

/* Reported moment of the newest play that is not later than latest; RECONCILE_NO_TIME. */
int64_t book_cursor(const struct book *book, int64_t latest);

/* How many rows are this play. */
size_t book_find(const struct book *book, int64_t reported, int64_t track);

/* True if the moment lies in a gap; open: in one that no later page covered. */
bool book_in_gap(const struct book *book, int64_t at, bool open);

#endif
