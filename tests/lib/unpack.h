/* SPDX-License-Identifier: MIT */
/* lib/unpack: the packed sums of a database as tables that SQL can look at, read in another way
 * than the store's. */
#ifndef LIB_UNPACK_H
#define LIB_UNPACK_H

#include <sqlite3.h>

/* Makes, in this connection only, anew each time: play_quarters (user_id, quarter, plays,
 * listened_ms), play_blocks (user_id, block, track_id, plays, listened_ms, first_at) and
 * play_totals (user_id, track_id, plays, listened_ms, first_at: the sums of play_blocks). Fails the
 * test if bytes are none of the store's. */
void unpack_sums(sqlite3 *database);

/* The same for a statement that names one of them. */
void unpack_sums_for(sqlite3 *database, const char *sql);

#endif
