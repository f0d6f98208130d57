/* SPDX-License-Identifier: MIT */
/*
 * capture/apply: brings one poll's outcome into the database: reads what the reconciler needs, asks
 * it, writes what it says. Runs inside the transaction of its caller. Never decides anything
 * itself.
 */
#ifndef CAPTURE_APPLY_H
#define CAPTURE_APPLY_H

#include "archive/trackbook.h"
#include "capture/commit.h"

/* What is worth a log line once it is committed. */
struct apply_report {
    size_t added, late, odd;
    size_t gap_count;
    struct {
        int64_t after, before;
        bool likely;
        const char *cause;
    } gaps[3];
    size_t newest[5]; /* indices of plays added, oldest of them first */
    size_t newest_count;
};

/* Fills result->page, added, late and *report. held: it waited for the database (the likely cause
 * of a gap). *book: of this store, kept by the caller from one outcome to the next and made here
 * (NULL: none yet) once imports tell of plays near those that come. Any result but STORE_OK: undo
 * the savepoint. */
enum store_result apply_outcome(struct store *store, struct trackbook **book,
                                const struct commit_outcome *outcome, bool held,
                                struct commit_result *result, struct apply_report *report);

/* Logs it: each play when there are few, else the newest and how many; every gap. */
void apply_log(const struct commit_outcome *outcome, const struct apply_report *report);

#endif
