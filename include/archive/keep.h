/* SPDX-License-Identifier: MIT */
/*
 * archive/keep: names of copies that are made again and again: "history-%Y%m%d-%H%M%S.db".
 *
 * Offers: the name of a moment; the removal of all but the newest copies of one pattern.
 * Never: removes what is no plain file or was not named by the pattern, or what was just made.
 */
#ifndef ARCHIVE_KEEP_H
#define ARCHIVE_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"

/* What stands for a moment: %Y (four digits), %m %d %H %M %S (two), %% (a percent sign). They may
 * stand in the last part of a path only. */

/* What is wrong with a pattern, static and for people; NULL: nothing. dated: it must name the day
 * (%Y, %m and %d), so that its names can be put in order. */
const char *keep_problem(const char *pattern, bool dated);

/* Appends the name of a moment. The pattern has no problem. */
void keep_expand(const char *pattern, const struct tm *time, struct buf *out);

#define KEEP_FIELDS 6

/* True if name may have been made from the last part of a pattern: literal bytes as they are, each
 * field of digits and within its range, twice the same where it stands twice. when gets the fields
 * from year to second, 0 for those that are not there. Pure. */
bool keep_match(const char *pattern, const char *name, int when[static KEEP_FIELDS]);

/* Removes the oldest files of the pattern, so that `count` are left, made (the path of the newest)
 * is one of them. Names of what was removed are added to removed, a line each. 0 or errno. */
int keep_newest(const char *pattern, const char *made, long count, struct buf *removed);

#endif
