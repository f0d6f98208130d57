/* SPDX-License-Identifier: MIT */
/* For the tests of exports: a small database with all that is odd, and exports into memory. */
#ifndef TESTS_UNIT_EXPORT_HELP_H
#define TESTS_UNIT_EXPORT_HELP_H

#include "archive/export.h"
#include "base/buf.h"
#include "store_help.h"

/* After store_help_setup(): a database with two users; quotes, line ends, Hebrew and emoji, NULLs,
 * a local file, a podcast, a book, two artists, a deleted play, nudged plays, a private one, short
 * ones.
 */
void export_help_make(void);

/* The same database with so many plays of two users, track after track. */
void export_help_make_long(int plays);

/* Exports all of a user (0: of all) and a stretch of time; must succeed. To be freed. */
struct buf export_help_run(const char *format, int64_t user_id, int64_t since, int64_t until,
                           struct export_outcome *outcome);

#endif
