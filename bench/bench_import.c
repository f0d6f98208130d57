/* SPDX-License-Identifier: MIT */
/*
 * What it takes to bring the long form of an export from a zip into an empty database, beside a
 * bare loop that inserts the same rows, already parsed, into the same tables: one prepared
 * statement a table, one transaction. And whether the last tenth of the rows goes in as fast as the
 * first, and in how much memory.
 *
 * What bounds it is SQLite's inserting: by a profile (perf, 100,000 rows, processor time) 23 % go
 * into played_tracks with its index, 18 % into tracks, albums and artists that are new, 11 % into
 * looking for those, 10 % into unpacking, parsing, packing and sorting, 7 % into reading the plays
 * around, 7 % into what rows tell of reasons and platforms, 4 % into matching.
 *
 * BENCH_ROWS rows, a tenth as many tracks. A tenth of the rows is whole blocks.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

#include "archive/import.h"
#include "archive/intake.h"
#include "base/buf.h"
#include "measure.h"
#include "store/users.h"

#define ROUNDS 5
#define START INT64_C(1420070400000) /* 2015-01-01 */
#define NOW INT64_C(1795300000000)   /* 2026-11-21 */
#define MEMORY_MIB 64.0

struct times {
    double seconds;     /* in all */
    double reading;     /* of these: unpacking, parsing, sorting */
    double first, last; /* of the first and the last tenth of the rows */
    double mib;
    int64_t plays;
};

static int64_t row_count;
static char folder[64];

/* Time of this process: what others do meanwhile does not count. */
static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *path_of(const char *name)
{
    static char path[4][128];
    static int next;

    next = (next + 1) % 4;
    snprintf(path[next], sizeof(path[next]), "%s/%s", folder, name);
    return path[next];
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_import: %s\n", what);
    exit(1);
}

/* -- rows -------------------------------------------------------------------------------------- */

struct plain {
    int64_t at, ms;
    int track;
};

/* Some three minutes apart; every tenth row is a skip of seconds. */
static struct plain row_at(int64_t i)
{
    uint64_t mixed = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t tracks = (uint64_t)row_count / 10 + 1;

    mixed ^= mixed >> 29;
    return (struct plain){
        .at = START + i * 200000,
        .ms = i % 10 == 0 ? 2000 + (int64_t)(mixed % 9000) : 120000 + (int64_t)(mixed % 70000),
        .track = (int)(mixed / 7 % tracks),
    };
}

static void write_row(struct buf *out, int64_t i)
{
    struct plain row = row_at(i);
    time_t seconds = (time_t)(row.at / 1000);
    struct tm tm;
    char time[32];

    gmtime_r(&seconds, &tm);
    strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_addf(out,
             "%s{\"ts\":\"%s\",\"platform\":\"android\",\"ms_played\":%" PRId64 ","
             "\"conn_country\":\"SE\",\"ip_addr\":\"192.0.2.7\","
             "\"master_metadata_track_name\":\"Morgengry %d\","
             "\"master_metadata_album_artist_name\":\"Nordlys Kvartett %d\","
             "\"master_metadata_album_album_name\":\"Vintersang %d\",\"spotify_track_uri\":"
             "\"spotify:track:%022d\",\"episode_name\":null,\"episode_show_name\":null,"
             "\"spotify_episode_uri\":null,\"audiobook_title\":null,\"audiobook_uri\":null,"
             "\"audiobook_chapter_uri\":null,\"audiobook_chapter_title\":null,"
             "\"reason_start\":\"clickrow\",\"reason_end\":\"trackdone\",\"shuffle\":true,"
             "\"skipped\":false,\"offline\":false,\"offline_timestamp\":null,"
             "\"incognito_mode\":false}",
             i > 0 ? "," : "[", time, row.ms, row.track, row.track / 20, row.track / 10, row.track);
}

static void write_rows(void)
{
    FILE *file = fopen(path_of("history.json"), "w");

    if (!file)
        fail("no file");
    for (int64_t i = 0; i < row_count; i++) {
        struct buf out = {0};

        write_row(&out, i);
        fwrite(out.data, 1, out.len, file);
        buf_free(&out, false);
    }
    fputs("]", file);
    if (fclose(file) != 0)
        fail("no space");
}

static void write_zip(void)
{
    zip_t *zip = zip_open(path_of("export.zip"), ZIP_CREATE | ZIP_EXCL, NULL);
    zip_source_t *rows = zip ? zip_source_file(zip, path_of("history.json"), 0, -1) : NULL;

    if (!rows || zip_file_add(zip, "Streaming_History_Audio_0.json", rows, 0) < 0 ||
        zip_close(zip) != 0)
        fail("no zip");
}

static struct store *make_database(const char *name)
{
    struct store_user user = {.spotify_id = "ann", .state_since = NOW, .added_at = NOW};
    struct store *store;
    char why[300];

    user.authorized_at = user.last_success_at = user.first_sweep_at = STORE_NO_TIME;
    user.anchor_played_at = user.refused_at = STORE_NO_TIME;
    if (store_open(path_of(name), STORE_WRITER, &store, why, sizeof(why)) != STORE_OK)
        fail(why);
    if (store_begin(store, STORE_DURABLE) != STORE_OK || store_user_add(store, &user) != STORE_OK ||
        store_commit(store) != STORE_OK)
        fail(store_message(store));
    return store;
}

static void remove_database(const char *name)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[200];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", path_of(name), ends[i]);
        unlink(path);
    }
}

static int64_t count_plays(const char *name)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int64_t count = -1;

    if (sqlite3_open(path_of(name), &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db,
                           "SELECT count(*) FROM played_tracks JOIN play_details"
                           " USING (user_id, played_at)",
                           -1, &statement, NULL) == SQLITE_OK) {
        if (sqlite3_step(statement) == SQLITE_ROW)
            count = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
    }
    sqlite3_close(db);
    return count;
}

/* -- ours -------------------------------------------------------------------------------------- */

/* When so many tenths of the rows were done. */
static void note_tenths(int64_t rows, double tenths[11])
{
    for (int i = 1; i <= 10; i++)
        if (tenths[i] == 0 && rows >= row_count * i / 10)
            tenths[i] = now_s();
}

static void import(struct times *times)
{
    struct archive_intake_options intake_options = {.now = NOW};
    const char *zip = path_of("export.zip");
    struct archive_intake *intake = archive_intake_new(&intake_options, &zip, 1);
    struct archive_supply supply;
    struct archive_import_options options = {.user_id = 1, .file = "file", .now = NOW};
    struct store *store;
    struct archive_import *import;
    enum archive_import_end end;
    double began, started, tenths[11] = {0};

    store = make_database("ours.db");
    began = now_s();
    if (!intake || archive_intake_next(intake) != ARCHIVE_INTAKE_HISTORY)
        fail("the zip could not be read");
    supply = archive_intake_supply(intake);
    options.hash = archive_intake_file(intake)->hash;
    options.form = archive_intake_file(intake)->form;
    if (archive_import_begin(store, &options, &supply, &import) != STORE_OK)
        fail(store_message(store));
    started = now_s();
    times->reading = started - began;
    do {
        end = archive_import_step(import);
        note_tenths(archive_import_counts(import)->rows, tenths);
    } while (end == ARCHIVE_IMPORT_MORE);
    times->seconds = now_s() - began;
    if (end != ARCHIVE_IMPORT_STORED)
        fail(archive_import_error(import));
    times->first = tenths[1] - started;
    times->last = tenths[10] - tenths[9];
    times->plays = archive_import_counts(import)->added;
    archive_import_free(import);
    archive_intake_free(intake);
    store_close(store);
}

/* -- the bare loop ----------------------------------------------------------------------------- */

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    return statement;
}

/* Tracks are there already: the loop has less to do than we have. */
static void add_tracks(sqlite3 *db)
{
    sqlite3_stmt *add = prepare(db, "INSERT INTO tracks (track_id, uri, kind, name, updated_at)"
                                    " VALUES (?1, 'spotify:track:' || ?1, 'track', ?1, 0)");

    run(db, "BEGIN");
    for (int64_t i = 0; i <= row_count / 10; i++) {
        sqlite3_bind_int64(add, 1, i + 1);
        sqlite3_step(add);
        sqlite3_reset(add);
    }
    sqlite3_finalize(add);
    run(db, "COMMIT");
}

static void insert(sqlite3 *db, const struct plain *rows)
{
    sqlite3_stmt *play = prepare(
        db, "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at,"
            " ms_played, import_id, detail_id) VALUES (1, ?1, ?2, 'extended', ?3, ?4, 1, ?5)");

    for (int64_t i = 0; i < row_count; i++) {
        sqlite3_bind_int64(play, 1, rows[i].at);
        sqlite3_bind_int64(play, 2, rows[i].track + 1);
        sqlite3_bind_int64(play, 3, NOW);
        sqlite3_bind_int64(play, 4, rows[i].ms);
        sqlite3_bind_int64(play, 5, 1 + i % 200);
        sqlite3_step(play);
        sqlite3_reset(play);
    }
    sqlite3_finalize(play);
}

static void bare_loop(struct times *times)
{
    struct plain *rows = calloc((size_t)row_count, sizeof(*rows));
    sqlite3 *db;
    double began;

    store_close(make_database("theirs.db"));
    if (!rows || sqlite3_open(path_of("theirs.db"), &db) != SQLITE_OK)
        fail("no database");
    for (int64_t i = 0; i < row_count; i++)
        rows[i] = row_at(i);
    run(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; DROP TRIGGER play_added;"
            " DROP TRIGGER play_of_api_added;"
            " DROP TRIGGER track_replaced"); /* nor does it mark what is stale */
    add_tracks(db);
    run(db, "INSERT INTO imports (user_id, file, hash, source, started_at, row_count, added,"
            " matched, duplicate, rejected) VALUES (1, 'f', 'h', 'extended', 1, 0, 0, 0, 0, 0)");
    began = now_s();
    run(db, "BEGIN");
    insert(db, rows);
    run(db, "COMMIT");
    times->seconds = now_s() - began;
    sqlite3_close(db);
    times->plays = row_count;
    free(rows);
}

/* -- both, in turn ----------------------------------------------------------------------------- */

/* In a process of its own, so that its memory can be told. */
static struct times measure(void (*work)(struct times *times), const char *name)
{
    struct times times = {0};
    struct rusage used;
    int fds[2], status;
    pid_t child;

    if (pipe(fds) != 0 || (child = fork()) < 0)
        fail("no process");
    if (child == 0) {
        work(&times);
        getrusage(RUSAGE_SELF, &used);
        times.mib = (double)used.ru_maxrss / 1024;
        _exit(write(fds[1], &times, sizeof(times)) == sizeof(times) ? 0 : 1);
    }
    close(fds[1]);
    if (read(fds[0], &times, sizeof(times)) != sizeof(times) || wait(&status) < 0 || status != 0)
        fail("a round failed");
    close(fds[0]);
    if (times.plays != row_count || count_plays(name) != row_count)
        fail("rows are missing");
    remove_database(name);
    return times;
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return a < b ? -1 : a > b;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), by_value);
    return values[ROUNDS / 2];
}

int main(void)
{
    const char *wish = getenv("BENCH_ROWS");
    double ours[ROUNDS], theirs[ROUNDS], first[ROUNDS], last[ROUNDS], all[ROUNDS], reading[ROUNDS];
    double mib = 0;

    row_count = wish ? strtoll(wish, NULL, 10) : 20 * ARCHIVE_IMPORT_BLOCK;
    snprintf(folder, sizeof(folder), "/var/tmp/bench_import.XXXXXX");
    if (!mkdtemp(folder))
        fail("no folder");
    write_rows();
    write_zip();
    for (int i = 0; i < ROUNDS; i++) {
        struct times mine = measure(import, "ours.db"), bare = measure(bare_loop, "theirs.db");

        ours[i] = (double)row_count / mine.seconds / 1000;
        theirs[i] = (double)row_count / bare.seconds / 1000;
        first[i] = (double)row_count / 10 / mine.first / 1000;
        last[i] = (double)row_count / 10 / mine.last / 1000;
        all[i] = mine.seconds * 1e6 / (double)row_count;
        reading[i] = mine.reading * 1e6 / (double)row_count;
        mib = mine.mib > mib ? mine.mib : mib;
    }
    unlink(path_of("history.json"));
    unlink(path_of("export.zip"));
    rmdir(folder);
    measure_print("import of the long form, zipped", "krows/s", median(ours), "bare INSERT",
                  median(theirs), ">=0.5");
    measure_print("import, its last tenth", "krows/s", median(last), "its first", median(first),
                  ">=0.8");
    measure_print("import, reading the zip", "us a row", median(reading), "all of it", median(all),
                  "<=0.3");
    measure_print("import, memory", "MiB", mib, "promised", MEMORY_MIB, "<=1");
    return 0;
}
