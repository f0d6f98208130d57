/* SPDX-License-Identifier: MIT */
/* Each play that Spotify listed is stored once, or lies in a gap; and nothing else is stored. */
#include "soak.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXPORT_AGE (INT64_C(8) * 24 * 60 * MINUTE)
#define OLD_ROWS 3000 /* of years before, in an export */
#define OLD_STEP (37 * MINUTE)
#define OLD_FROM INT64_C(1500000000000) /* 2017-07-14 */

struct row {
    char uri[80];
    int64_t at;
    bool by_api;
    bool taken; /* it is a play of the truth */
};

struct play {
    char uri[80];
    int64_t at, visible_at, vanishes_at; /* INT64_MAX: never */
    bool shown, stored, late;
};

struct gap {
    int64_t after, before;
};

struct record {
    struct row *rows;
    struct gap *gaps;
    struct play *plays;
    size_t row_count, gap_count, play_count;
    int64_t now; /* the fake's */
};

/* -- reading ----------------------------------------------------------------------------------- */

static void *one_more(void *list, size_t count, size_t size)
{
    void *grown = count % 1024 == 0 ? reallocarray(list, count + 1024, size) : list;

    ck_assert_ptr_nonnull(grown);
    return grown;
}

static void each_row(const char *sql, const char *id,
                     void (*take)(struct record *record, sqlite3_stmt *row), struct record *record)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    ck_assert_int_eq(sqlite3_open_v2(harness.database, &database, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    sqlite3_busy_timeout(database, 5000);
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    ck_assert_int_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW)
        take(record, statement);
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_close(database);
}

static void take_row(struct record *record, sqlite3_stmt *row)
{
    struct row *to;

    record->rows = one_more(record->rows, record->row_count, sizeof(*record->rows));
    to = &record->rows[record->row_count++];
    *to = (struct row){.at = sqlite3_column_int64(row, 1), .by_api = sqlite3_column_int(row, 2)};
    snprintf(to->uri, sizeof(to->uri), "%s", (const char *)sqlite3_column_text(row, 0));
}

static void take_gap(struct record *record, sqlite3_stmt *row)
{
    record->gaps = one_more(record->gaps, record->gap_count, sizeof(*record->gaps));
    record->gaps[record->gap_count++] =
        (struct gap){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1)};
}

static int64_t time_of(const json_t *play, const char *key)
{
    const json_t *value = json_object_get(play, key);

    return json_is_integer(value) ? json_integer_value(value) : INT64_MAX;
}

static void take_play(struct record *record, const json_t *play)
{
    const char *uri = json_string_value(json_object_get(play, "uri"));
    struct play *to;

    record->plays = one_more(record->plays, record->play_count, sizeof(*record->plays));
    to = &record->plays[record->play_count++];
    *to = (struct play){.at = time_of(play, "played_at"),
                        .visible_at = time_of(play, "visible_at"),
                        .vanishes_at = time_of(play, "vanishes_at"),
                        .shown = json_is_true(json_object_get(play, "shown"))};
    snprintf(to->uri, sizeof(to->uri), "%s", uri ? uri : "");
}

static void read_truth(struct record *record, int account)
{
    json_t *truth, *play;
    char path[64];
    size_t i;

    snprintf(path, sizeof(path), "truth?account=%d", account);
    truth = fake_ask(path, NULL);
    record->now = json_integer_value(json_object_get(truth, "now"));
    json_array_foreach (json_object_get(truth, "plays"), i, play)
        take_play(record, play);
    json_decref(truth);
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = strcmp(a->uri, b->uri);

    if (order != 0)
        return order;
    return a->at != b->at ? (a->at < b->at ? -1 : 1) : 0;
}

static struct record read_all(int account)
{
    struct record record = {.now = 0};
    const char *id = fake_id(account);

    read_truth(&record, account);
    each_row("SELECT uri, played_at - nudge_ms, source = 'api' FROM played_tracks"
             " JOIN tracks USING (track_id) JOIN users USING (user_id) WHERE spotify_id = ?",
             id, take_row, &record);
    each_row("SELECT after_played_at, before_played_at FROM gaps JOIN users USING (user_id)"
             " WHERE spotify_id = ?",
             id, take_gap, &record);
    if (record.row_count > 0)
        qsort(record.rows, record.row_count, sizeof(struct row), compare_rows);
    return record;
}

/* -- comparing --------------------------------------------------------------------------------- */

/* The first row of a track that is not before a moment. */
static size_t find_row(const struct record *record, const char *uri, int64_t at)
{
    struct row wanted = {.at = at};
    size_t low = 0, high = record->row_count;

    snprintf(wanted.uri, sizeof(wanted.uri), "%s", uri);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_rows(&record->rows[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Takes a row that tells this play: by the API to the millisecond, by an export within a second. */
static bool take_telling(struct record *record, const struct play *play, bool by_api)
{
    int64_t off = by_api ? 0 : 1000;

    for (size_t i = find_row(record, play->uri, play->at - off);
         i < record->row_count && strcmp(record->rows[i].uri, play->uri) == 0 &&
         record->rows[i].at <= play->at + off;
         i++) {
        struct row *row = &record->rows[i];

        if (row->taken || row->by_api != by_api)
            continue;
        row->taken = true;
        return true;
    }
    return false;
}

static void match(struct record *record)
{
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < record->play_count; i++) {
            struct play *play = &record->plays[i];

            if (!play->stored)
                play->stored = take_telling(record, play, pass == 0);
        }
}

static bool is_in_gap(const struct record *record, int64_t at)
{
    for (size_t i = 0; i < record->gap_count; i++)
        if (record->gaps[i].after <= at && at <= record->gaps[i].before)
            return true;
    return false;
}

/* Late: a newer one was listed before it. */
static void find_late(struct record *record)
{
    int64_t first_newer = INT64_MAX;

    for (size_t i = record->play_count; i-- > 0;) {
        struct play *play = &record->plays[i];

        play->late = play->visible_at > first_newer;
        if (play->visible_at < first_newer)
            first_newer = play->visible_at;
    }
}

static void judge_play(const struct record *record, const struct play *play,
                       struct soak_verdict *verdict)
{
    verdict->played++;
    if (play->stored)
        verdict->stored++;
    else if (is_in_gap(record, play->at))
        verdict->in_gaps++;
    else if (play->vanishes_at <= record->now && !play->shown)
        verdict->vanished++;
    else if (play->late)
        verdict->late++;
    else if (verdict->why[0] == '\0')
        snprintf(verdict->why, sizeof(verdict->why),
                 "%s at %lld, listed at %lld and %s, is not stored and lies in no gap", play->uri,
                 (long long)play->at, (long long)play->visible_at,
                 play->shown ? "shown" : "never shown");
}

/* What is stored and was not played; rows of years before are the export's own. */
static void judge_rows(const struct record *record, struct soak_verdict *verdict)
{
    for (size_t i = 0; i < record->row_count; i++) {
        const struct row *row = &record->rows[i];

        if (row->taken || (!row->by_api && row->at < OLD_FROM + OLD_ROWS * OLD_STEP))
            continue;
        snprintf(verdict->why, sizeof(verdict->why),
                 "%s at %lld (%s) is stored and was not played, or is stored twice", row->uri,
                 (long long)row->at, row->by_api ? "from the API" : "imported");
        return;
    }
}

struct soak_verdict soak_judge(int account, int64_t since)
{
    struct record record = read_all(account);
    struct soak_verdict verdict = {.played = 0};

    match(&record);
    find_late(&record);
    for (size_t i = 0; i < record.play_count; i++) {
        const struct play *play = &record.plays[i];

        if (play->visible_at > since && play->visible_at <= record.now)
            judge_play(&record, play, &verdict);
    }
    judge_rows(&record, &verdict);
    free(record.rows);
    free(record.gaps);
    free(record.plays);
    return verdict;
}

/* -- an export --------------------------------------------------------------------------------- */

static void write_row(FILE *file, const char *before, int64_t at, const char *uri)
{
    time_t seconds = (time_t)(at / 1000);
    struct tm utc;
    char text[40];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(file,
            "%s{\"ts\":\"%s\",\"ms_played\":61000,\"spotify_track_uri\":\"%s\","
            "\"master_metadata_track_name\":\"From an export\","
            "\"master_metadata_album_artist_name\":\"Somebody\"}",
            before, text, uri);
}

/* Exports are made days before they can be had; while there are not so many, half of them. */
static int64_t export_end(const struct record *record)
{
    int64_t first = record->now, half;

    for (size_t i = 0; i < record->play_count; i++)
        first = record->plays[i].at < first ? record->plays[i].at : first;
    half = (record->now - first) / 2;
    return record->now - (half < EXPORT_AGE ? half : EXPORT_AGE);
}

int soak_write_export(int account, const char *path)
{
    struct record record = {.now = 0};
    FILE *file = fopen(path, "we");
    int64_t end;

    ck_assert_ptr_nonnull(file);
    read_truth(&record, account);
    end = export_end(&record);
    for (int i = 0; i < OLD_ROWS; i++) {
        char uri[60];

        snprintf(uri, sizeof(uri), "spotify:track:%022d", i % 300);
        write_row(file, i == 0 ? "[" : ",\n", OLD_FROM + i * OLD_STEP, uri);
    }
    for (size_t i = 0; i < record.play_count; i++)
        if (record.plays[i].uri[0] != '\0' && record.plays[i].at <= end)
            write_row(file, ",\n", record.plays[i].at, record.plays[i].uri);
    fputs("]\n", file);
    ck_assert_int_eq(fclose(file), 0);
    free(record.plays);
    return OLD_ROWS;
}
