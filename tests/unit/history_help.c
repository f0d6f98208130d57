/* SPDX-License-Identifier: MIT */
#include "history_help.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/store_private.h"
#include "store/totals.h"
#include "store_help.h"

#define HOUR INT64_C(3600000)
#define SPAN (15 * STORE_BLOCK_MS)
#define BEGIN (STORE_HELP_T0 - STORE_HELP_T0 % STORE_BLOCK_MS - 3 * STORE_BLOCK_MS)

static sqlite3 *plain; /* open since the first rows were asked for */

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
}

static void runf(sqlite3 *db, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *sql = sqlite3_vmprintf(format, list);
    va_end(list);
    run(db, sql);
    sqlite3_free(sql);
}

static int64_t below(struct chance *chance, uint64_t limit)
{
    return (int64_t)chance_below(chance, limit);
}

/* -- the catalogue ----------------------------------------------------------------------------- */

static void make_track(sqlite3 *db, struct chance *chance, int id)
{
    static const char *const kinds[] = {"track", "track", "track", "episode", "local"};
    const char *kind = CHANCE_PICK(chance, kinds);
    char duration[24] = "NULL", album[24] = "NULL";
    if (below(chance, 6) > 0) {
        snprintf(duration, sizeof duration, "%d", (int)below(chance, 600000));
    }
    if (strcmp(kind, "local") != 0 && below(chance, 8) > 0) {
        snprintf(album, sizeof album, "%d", 1 + (int)below(chance, HISTORY_ALBUMS));
    }
    runf(db,
         "INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)"
         " VALUES (%d, 'spotify:%s:%d', '%s', 'Track %d', %s, %s, 0)",
         id, kind, id, kind, id, duration, album);
    for (int position = (int)below(chance, 4); position > 0; position--) {
        runf(db, "INSERT OR IGNORE INTO track_artists VALUES (%d, %d, %d)", id, position,
             1 + (int)below(chance, HISTORY_ARTISTS));
    }
}

static void make_catalogue(sqlite3 *db, struct chance *chance)
{
    for (int user = 1; user <= HISTORY_USERS; user++) {
        runf(db,
             "INSERT INTO users (user_id, spotify_id, state_since, added_at)"
             " VALUES (%d, 'user%d', 0, 0)",
             user, user);
    }
    for (int artist = 1; artist <= HISTORY_ARTISTS; artist++) {
        runf(db, "INSERT INTO artists VALUES (%d, 'spotify:artist:%d', 'Artist %d', 0)", artist,
             artist, artist);
    }
    for (int album = 1; album <= HISTORY_ALBUMS; album++) {
        runf(db,
             "INSERT INTO albums (album_id, uri, name, updated_at)"
             " VALUES (%d, 'spotify:album:%d', 'Album %d', 0)",
             album, album, album);
    }
    for (int track = 1; track <= HISTORY_TRACKS; track++) {
        make_track(db, chance, track);
    }
}

/* -- plays ------------------------------------------------------------------------------------- */

/* Often at an edge of a block or a quarter, or close to it. */
static int64_t some_moment(struct chance *chance)
{
    int64_t moment = BEGIN + below(chance, SPAN);
    switch (below(chance, 6)) {
    case 0:
        return moment - moment % STORE_BLOCK_MS + below(chance, 3) - 1;
    case 1:
        return moment - moment % STORE_QUARTER_MS + below(chance, 3) - 1;
    default:
        return moment;
    }
}

static int64_t some_nudge(struct chance *chance)
{
    switch (below(chance, 8)) {
    case 0:
        return 1 + below(chance, 20);
    case 1:
        return below(chance, HOUR);
    default:
        return 0;
    }
}

/* The last tracks are played seldom, and late: they are discoveries. */
static void make_play(sqlite3 *db, struct chance *chance)
{
    int64_t moment = some_moment(chance), nudge = some_nudge(chance);
    int64_t track = 1 + below(chance, 1 + (uint64_t)below(chance, HISTORY_TRACKS));
    char heard[24] = "NULL";
    if (below(chance, 2) > 0) {
        snprintf(heard, sizeof heard, "%d", (int)below(chance, 300000));
    }
    runf(db,
         "INSERT OR IGNORE INTO played_tracks (user_id, played_at, track_id, source, first_seen_at,"
         " ms_played, nudge_ms, deleted_at) VALUES (%d, %lld, %lld, 'api', 0, %s, %lld, %s)",
         1 + (int)below(chance, HISTORY_USERS - 1), (long long)(moment + nudge), (long long)track,
         heard, (long long)nudge, below(chance, 15) == 0 ? "1" : "NULL");
}

/* Changes of all kinds, in a few places. Where first plays go, others take their place. */
static void change_plays(sqlite3 *db, struct chance *chance)
{
    for (int i = 0; i < 5; i++) {
        make_play(db, chance);
    }
    for (int i = 0; i < 3; i++) {
        static const char *const changes[] = {
            "UPDATE played_tracks SET deleted_at = 1 WHERE",
            "DELETE FROM played_tracks WHERE",
            "UPDATE played_tracks SET ms_played = 7 WHERE",
            "UPDATE played_tracks SET track_id = 2 WHERE",
            "UPDATE played_tracks SET deleted_at = NULL WHERE",
        };
        int64_t from = some_moment(chance);
        runf(db, "%s played_at BETWEEN %lld AND %lld", CHANCE_PICK(chance, changes),
             (long long)from, (long long)(from + below(chance, 5 * 24 * (uint64_t)HOUR)));
    }
    runf(db,
         "UPDATE played_tracks SET deleted_at = 1 WHERE (user_id, played_at) IN"
         " (SELECT user_id, min(played_at) FROM played_tracks WHERE track_id %% 7 = %d"
         " GROUP BY user_id, track_id)",
         (int)below(chance, 7));
}

static void change_length(sqlite3 *db, struct chance *chance)
{
    runf(db, "UPDATE tracks SET duration_ms = %d WHERE track_id = %d", (int)below(chance, 600000),
         HISTORY_TRACKS - (int)below(chance, 10));
}

/* Brings sums up to date: all, or so many blocks. */
static void refresh(int64_t blocks)
{
    struct store *store = store_help_open(STORE_WRITER);
    int64_t left = 1;
    store_help_begin(store, STORE_DURABLE);
    while (left > 0 && blocks-- != 0) {
        ck_assert_int_eq(store_totals_refresh(store, 0, &left), STORE_OK);
    }
    store_help_commit(store);
    store_close(store);
}

void history_make(struct chance *chance, size_t plays, enum history_state state)
{
    sqlite3 *db = NULL;
    store_close(store_help_open(STORE_WRITER));
    ck_assert_int_eq(sqlite3_open(store_help_db(), &db), SQLITE_OK);
    run(db, "BEGIN");
    make_catalogue(db, chance);
    for (size_t i = 0; i < plays; i++) {
        make_play(db, chance);
    }
    run(db, "COMMIT");
    if (state != HISTORY_STALE) {
        refresh(state == HISTORY_PART ? 1 + below(chance, 12) : -1);
    }
    if (state == HISTORY_BEHIND || state == HISTORY_PART) {
        run(db, "BEGIN");
        change_plays(db, chance);
        if (below(chance, 3) == 0) {
            change_length(db, chance);
        }
        run(db, "COMMIT");
    }
    sqlite3_close(db);
}

struct store_stats_filter history_filter(struct chance *chance)
{
    struct store_stats_filter filter = {below(chance, HISTORY_USERS + 1), STORE_NO_TIME,
                                        STORE_NO_TIME};
    if (below(chance, 4) > 0) {
        filter.since = some_moment(chance);
    }
    if (below(chance, 4) > 0) {
        filter.until = some_moment(chance);
    }
    return filter;
}

/* -- what plain SQL says ----------------------------------------------------------------------- */

static char *with_tables(const struct store_stats_filter *filter, const char *sql)
{
    int64_t until = filter->until != STORE_NO_TIME ? filter->until : INT64_MAX;
    return sqlite3_mprintf(
        "WITH plain AS (SELECT p.user_id, p.track_id, t.album_id, p.played_at - p.nudge_ms AS m,"
        " coalesce(p.ms_played, t.duration_ms, 0) AS ms FROM played_tracks AS p NOT INDEXED"
        " JOIN tracks AS t ON t.track_id = p.track_id WHERE p.deleted_at IS NULL),"
        " here AS (SELECT * FROM plain WHERE (%lld = 0 OR user_id = %lld) AND m >= %lld"
        " AND m < %lld) %s",
        (long long)filter->user_id, (long long)filter->user_id, (long long)filter->since,
        (long long)until, sql);
}

char *history_rows(const struct store_stats_filter *filter, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    struct buf out = {0};
    char *text = with_tables(filter, sql);
    if (plain == NULL) {
        ck_assert_int_eq(sqlite3_open(store_help_db(), &plain), SQLITE_OK);
    }
    ck_assert_msg(sqlite3_prepare_v2(plain, text, -1, &statement, NULL) == SQLITE_OK, "%s: %s",
                  text, sqlite3_errmsg(plain));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *cell = (const char *)sqlite3_column_text(statement, i);
            buf_addf(&out, "%s%s", i > 0 ? "|" : "", cell != NULL ? cell : "NULL");
        }
        buf_add_text(&out, "\n");
    }
    sqlite3_finalize(statement);
    sqlite3_free(text);
    char *rows = strdup(out.data != NULL ? out.data : "");
    buf_free(&out, false);
    return rows;
}

void history_end(void)
{
    sqlite3_close(plain);
    plain = NULL;
}

void history_check(const struct store_stats_filter *filter, const char *of,
                   const struct store_counts *counts, const char *sql)
{
    char *expected = history_rows(filter, sql);
    struct buf found = {0};
    buf_add_text(&found, "");
    for (size_t i = 0; i < counts->count; i++) {
        buf_addf(&found, "%lld|%lld|%lld\n", (long long)counts->items[i].id,
                 (long long)counts->items[i].plays, (long long)counts->items[i].listened_ms);
    }
    ck_assert_msg(strcmp(found.data != NULL ? found.data : "", expected) == 0,
                  "%s of user %lld in %lld .. %lld:\n%s\nshould be\n%s", of,
                  (long long)filter->user_id, (long long)filter->since, (long long)filter->until,
                  found.data != NULL ? found.data : "", expected);
    buf_free(&found, false);
    free(expected);
}
