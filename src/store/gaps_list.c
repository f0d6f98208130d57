/* SPDX-License-Identifier: MIT */
/*
 * store/gaps_list: a person asks for this now and then, so its statement is not kept prepared.
 */
#include "store/gaps_list.h"

#include "store/store_private.h"

static const char what[] = "reading the gaps";

/* A negative limit is none. */
static const char sql[] =
    "SELECT * FROM (SELECT g.gap_id, g.user_id, g.after_played_at, g.before_played_at,"
    " g.certainty, g.cause, g.detected_at, g.filled_by, i.file"
    " FROM gaps AS g LEFT JOIN imports AS i ON i.import_id = g.filled_by"
    " WHERE ?1 = 0 OR g.user_id = ?1"
    " ORDER BY g.after_played_at DESC, g.gap_id DESC LIMIT ?2)"
    " ORDER BY after_played_at, gap_id";

static const char *gap_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? text : "";
}

static void gap_hand_over(sqlite3_stmt *statement, store_gap_take *take, void *context)
{
    take(&(struct store_gap_row){.gap_id = sqlite3_column_int64(statement, 0),
                                 .user_id = sqlite3_column_int64(statement, 1),
                                 .after_played_at = sqlite3_column_int64(statement, 2),
                                 .before_played_at = sqlite3_column_int64(statement, 3),
                                 .certainty = gap_text(statement, 4),
                                 .cause = gap_text(statement, 5),
                                 .detected_at = sqlite3_column_int64(statement, 6),
                                 .filled_by = sqlite3_column_int64(statement, 7),
                                 .file = gap_text(statement, 8)},
         context);
}

enum store_result store_gaps_list(struct store *store, int64_t user_id, int64_t last,
                                  store_gap_take *take, void *context)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_bind_int64(statement, 1, user_id);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_bind_int64(statement, 2, last > 0 ? last : -1);
    }
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            gap_hand_over(statement, take, context);
        }
    }
    enum store_result result =
        code == SQLITE_DONE ? STORE_OK : store_fail_sqlite(store, store->db, code, what);
    sqlite3_finalize(statement);
    return result;
}
