/* SPDX-License-Identifier: MIT */
/*
 * store/inspect: whether the file is sound and what is in it makes sense. Reads only, as much as
 * all of it: not for the event loop. A reader may look while the daemon writes.
 */
#ifndef STORE_INSPECT_H
#define STORE_INSPECT_H

#include "store/store.h"

struct store_layout {
    int64_t version; /* of the layout, user_version */
    int64_t page_size, pages, free_pages;
    int64_t log_bytes; /* size of the write-ahead log, 0: none */
};
enum store_result store_inspect_layout(struct store *store, struct store_layout *layout);

/* Has SQLite look at every page. quick: without comparing indexes with tables, which takes long for
 * a large file. *damages counts what was found, up to 100; first (of size bytes) gets the first of
 * it, in SQLite's words. */
enum store_result store_inspect_integrity(struct store *store, bool quick, int64_t *damages,
                                          char *first, size_t size);

/* Counts rows that name a row of another table which is not there: plays without a user or a track,
 * tokens of users that are gone. first gets the two tables of one of them. */
enum store_result store_inspect_references(struct store *store, int64_t *rows, char *first,
                                           size_t size);

/* What must be true of every row, beyond what the tables themselves hold. */
enum store_rule {
    STORE_RULE_NUDGE,   /* a play was moved by no more than a minute, and never back */
    STORE_RULE_TIMES,   /* plays that are not deleted are of 2006 or later, and not of the future */
    STORE_RULE_ANCHOR,  /* no record is joined beyond its newest play */
    STORE_RULE_GAPS,    /* a gap ends after it began */
    STORE_RULE_IMPORTS, /* new, matched, duplicate and rejected rows add up to those read */
    STORE_RULE_TELLINGS, /* a play has what the source and the import that it names told */
    STORE_RULE_SIGN_IN,  /* whoever is active has a refresh token */
    STORE_RULE_ACCOUNTS, /* no two users are one account */
    STORE_RULE_COUNT
};

/* Counts the rows that break a rule. now: wall ms. */
enum store_result store_inspect_rule(struct store *store, enum store_rule rule, int64_t now,
                                     int64_t *rows);

#endif
