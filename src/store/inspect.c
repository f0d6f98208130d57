/* SPDX-License-Identifier: MIT */
/*
 * store/inspect: each statement here runs once in a look, so they stand here and are not kept
 * prepared. What is damaged must not be trusted: where an index could answer, the table is asked.
 */
#include "store/inspect.h"

#include "store/store_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"

#define FIRST_PLAY INT64_C(1136073600000) /* 2006-01-01: Spotify was founded later that year */
#define FUTURE (2 * CLOCK_DAY)            /* a device with a wrong clock, or in another zone */

/* -- running one ------------------------------------------------------------------------------ */

static enum store_result look_begin(struct store *store, const char *sql, sqlite3_stmt **statement)
{
    int code = sqlite3_prepare_v2(store->db, sql, -1, statement, NULL);
    return code == SQLITE_OK
               ? STORE_OK
               : store_fail_sqlite(store, store->db, code, "looking through the file");
}

/* True for a row; at the end and on a failure false, with *result. */
static bool look_row(struct store *store, sqlite3_stmt *statement, enum store_result *result)
{
    int code = sqlite3_step(statement);
    *result = code == SQLITE_ROW || code == SQLITE_DONE
                  ? STORE_OK
                  : store_fail_sqlite(store, store->db, code, "looking through the file");
    return code == SQLITE_ROW;
}

static const char *look_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? text : "";
}

static enum store_result look_number(struct store *store, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    enum store_result result = look_begin(store, sql, &statement);
    if (result == STORE_OK && look_row(store, statement, &result)) {
        *number = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return result;
}

/* -- the file --------------------------------------------------------------------------------- */

enum store_result store_inspect_layout(struct store *store, struct store_layout *layout)
{
    *layout = (struct store_layout){0};
    struct stat status;
    const struct {
        const char *sql;
        int64_t *number;
    } numbers[] = {
        {"PRAGMA user_version", &layout->version},
        {"PRAGMA page_size", &layout->page_size},
        {"PRAGMA page_count", &layout->pages},
        {"PRAGMA freelist_count", &layout->free_pages},
    };
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && result == STORE_OK; i++) {
        result = look_number(store, numbers[i].sql, numbers[i].number);
    }
    if (stat(store->wal_path, &status) == 0) {
        layout->log_bytes = status.st_size;
    }
    return result;
}

enum store_result store_inspect_integrity(struct store *store, bool quick, int64_t *damages,
                                          char *first, size_t size)
{
    sqlite3_stmt *statement = NULL;
    *damages = 0;
    first[0] = '\0';
    enum store_result result =
        look_begin(store, quick ? "PRAGMA quick_check" : "PRAGMA integrity_check", &statement);
    while (result == STORE_OK && look_row(store, statement, &result)) {
        const char *text = look_text(statement, 0);
        if (strcmp(text, "ok") != 0 && (*damages)++ == 0) {
            snprintf(first, size, "%s", text);
        }
    }
    sqlite3_finalize(statement);
    return result;
}

enum store_result store_inspect_references(struct store *store, int64_t *rows, char *first,
                                           size_t size)
{
    sqlite3_stmt *statement = NULL;
    *rows = 0;
    first[0] = '\0';
    enum store_result result = look_begin(store, "PRAGMA foreign_key_check", &statement);
    while (result == STORE_OK && look_row(store, statement, &result)) {
        if ((*rows)++ == 0) {
            snprintf(first, size, "a row of %s names one of %s", look_text(statement, 0),
                     look_text(statement, 2));
        }
    }
    sqlite3_finalize(statement);
    return result;
}

/* -- the rows --------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const rules[STORE_RULE_COUNT] = {
    [STORE_RULE_NUDGE] =
        "SELECT count(*) FROM played_tracks WHERE nudge_ms NOT BETWEEN 0 AND 60000",
    [STORE_RULE_TIMES] =
        "SELECT count(*) FROM played_tracks"
        " WHERE played_at NOT BETWEEN :from AND :to AND deleted_at IS NULL",
    [STORE_RULE_ANCHOR] =
        "SELECT count(*) FROM users AS u WHERE anchor_played_at > coalesce((SELECT max(played_at)"
        " FROM played_tracks AS p WHERE p.user_id = u.user_id), anchor_played_at - 1)",
    [STORE_RULE_GAPS] =
        "SELECT count(*) FROM gaps WHERE after_played_at >= before_played_at",
    [STORE_RULE_IMPORTS] =
        "SELECT count(*) FROM imports WHERE row_count <> added + matched + duplicate + rejected",
    [STORE_RULE_TELLINGS] =
        "SELECT count(*) FROM played_tracks AS p LEFT JOIN play_tellings AS d"
        " ON d.user_id = p.user_id AND d.played_at = p.played_at"
        " LEFT JOIN details AS x ON x.detail_id = p.detail_id"
        " LEFT JOIN contexts AS c ON c.context_id = p.context_id"
        " LEFT JOIN imports AS i ON i.import_id = p.import_id WHERE"
        " (p.source = 'extended' AND p.detail_id IS NULL)"
        " OR (p.source = 'api' AND p.import_id IS NOT NULL"
        " AND d.long_at IS NULL AND d.short_at IS NULL)"
        " OR (p.source = 'api' AND p.detail_id IS NOT NULL AND d.long_at IS NULL)"
        " OR (p.source = 'account' AND p.detail_id IS NOT NULL)"
        " OR (p.detail_id IS NOT NULL AND x.detail_id IS NULL)"
        " OR (p.context_id IS NOT NULL AND c.user_id IS NOT p.user_id)"
        " OR (p.import_id IS NOT NULL AND i.user_id IS NOT p.user_id)",
    [STORE_RULE_SIGN_IN] =
        "SELECT count(*) FROM users AS u WHERE state = 'active' AND NOT EXISTS"
        " (SELECT 1 FROM tokens AS t WHERE t.user_id = u.user_id AND t.type = 'refresh')",
    [STORE_RULE_ACCOUNTS] =
        "SELECT count(*) FROM (SELECT 1 FROM users NOT INDEXED WHERE account_id IS NOT NULL"
        " GROUP BY account_id HAVING count(*) > 1)",
};
/* clang-format on */

static void bind_time(sqlite3_stmt *statement, const char *name, int64_t ms)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index > 0) {
        sqlite3_bind_int64(statement, index, ms);
    }
}

enum store_result store_inspect_rule(struct store *store, enum store_rule rule, int64_t now,
                                     int64_t *rows)
{
    sqlite3_stmt *statement = NULL;
    *rows = 0;
    enum store_result result = look_begin(store, rules[rule], &statement);
    if (result == STORE_OK) {
        bind_time(statement, ":from", FIRST_PLAY);
        bind_time(statement, ":to", now + FUTURE);
        if (look_row(store, statement, &result)) {
            *rows = sqlite3_column_int64(statement, 0);
        }
    }
    sqlite3_finalize(statement);
    return result;
}
