/* SPDX-License-Identifier: MIT */
#include "lib/unpack.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

#define QUARTERS 2688 /* of a block of 28 days */
#define BLOCK_MS INT64_C(2419200000)

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS play_quarters (user_id, quarter, plays, listened_ms);"
    "CREATE TEMP TABLE IF NOT EXISTS play_blocks (user_id, block, track_id, plays, listened_ms,"
    " first_at);"
    "CREATE TEMP VIEW IF NOT EXISTS play_totals AS SELECT user_id, track_id, sum(plays) AS plays,"
    " sum(listened_ms) AS listened_ms, min(first_at) AS first_at FROM play_blocks GROUP BY 1, 2;"
    "DELETE FROM temp.play_quarters; DELETE FROM temp.play_blocks";

struct bytes {
    const unsigned char *at, *end;
};

static struct bytes column_bytes(sqlite3_stmt *row, int column)
{
    const unsigned char *data = sqlite3_column_blob(row, column);
    return (struct bytes){data, data + sqlite3_column_bytes(row, column)};
}

/* The numbers of the next entry. */
static void entry(struct bytes *bytes, sqlite3_int64 *numbers, int count)
{
    unsigned lengths = *bytes->at++;
    for (int i = 0; i < count; i++) {
        int length = 1 << (lengths % 4);
        uint64_t value = 0;
        ck_assert_msg(bytes->end - bytes->at >= length, "packed sums end within an entry");
        for (int byte = length - 1; byte >= 0; byte--) {
            value = value * 256 + bytes->at[byte];
        }
        numbers[i] = (sqlite3_int64)value;
        bytes->at += length;
        lengths /= 4;
    }
    ck_assert_msg(lengths == 0, "an entry tells of more numbers than it has");
}

static sqlite3_stmt *statement_of(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s",
                  sql, sqlite3_errmsg(database));
    return statement;
}

static void insert(sqlite3_stmt *into, const sqlite3_int64 *values, int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3_bind_int64(into, i + 1, values[i]);
    }
    ck_assert_int_eq(sqlite3_step(into), SQLITE_DONE);
    sqlite3_reset(into);
}

static void quarters_unpack(sqlite3_stmt *row, sqlite3_stmt *into)
{
    sqlite3_int64 values[4] = {sqlite3_column_int64(row, 0),
                               sqlite3_column_int64(row, 1) * QUARTERS};
    for (struct bytes bytes = column_bytes(row, 2); bytes.at < bytes.end;) {
        sqlite3_int64 numbers[3];
        entry(&bytes, numbers, 3);
        values[1] += numbers[0];
        values[2] = numbers[1];
        values[3] = numbers[2];
        insert(into, values, 4);
    }
}

static void tracks_unpack(sqlite3_stmt *row, sqlite3_stmt *into)
{
    sqlite3_int64 values[6] = {sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), 0};
    for (struct bytes bytes = column_bytes(row, 3); bytes.at < bytes.end;) {
        sqlite3_int64 numbers[4];
        entry(&bytes, numbers, 4);
        values[2] = (sqlite3_int64)((uint64_t)values[2] + (uint64_t)numbers[0]);
        values[3] = numbers[1];
        values[4] = numbers[2];
        values[5] = values[1] * BLOCK_MS + numbers[3];
        insert(into, values, 6);
    }
}

void unpack_sums(sqlite3 *database)
{
    ck_assert_int_eq(sqlite3_exec(database, tables, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_stmt *row = statement_of(
        database, "SELECT user_id, block, quarters, tracks FROM play_sums ORDER BY 1, 2");
    sqlite3_stmt *quarters =
        statement_of(database, "INSERT INTO temp.play_quarters VALUES (?, ?, ?, ?)");
    sqlite3_stmt *blocks =
        statement_of(database, "INSERT INTO temp.play_blocks VALUES (?, ?, ?, ?, ?, ?)");
    while (sqlite3_step(row) == SQLITE_ROW) {
        quarters_unpack(row, quarters);
        tracks_unpack(row, blocks);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(quarters);
    sqlite3_finalize(blocks);
}

void unpack_sums_for(sqlite3 *database, const char *sql)
{
    if (strstr(sql, "play_quarters") != NULL || strstr(sql, "play_blocks") != NULL ||
        strstr(sql, "play_totals") != NULL) {
        unpack_sums(database);
    }
}
