/* SPDX-License-Identifier: MIT */
/*
 * Pages of plays, at 1,000,000 plays of five users over ten years (BENCH_PLAYS), 50,000 tracks,
 * beside plain SQL that lists the same from the view of plays, with OFFSET and the same index of
 * words. Both by a connection with the settings of a reader, warm. And how large that index is.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "store/search.h"

#define BEGIN INT64_C(1451606400000) /* 2016-01-01 */
#define TRACKS 50000
#define ARTISTS 8000
#define ALBUMS 12000
#define PAGE 50
#define PAGES 10000

static char folder[64], path[96];
static struct store *store;
static sqlite3 *plain;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_search: %s: %s\n", what, why);
    exit(1);
}

/* -- a database -------------------------------------------------------------------------------- */

/* A name of two to five words, each of two to four syllables, of 16 * 17 + 1 words in all. */
#define SYLLABLE(i) \
    "substr('thorvexnyluilsarmosgalpelithoskorbeldrabinfenwyl', (" i ") % 16 * 3 + 1, 3)"
#define WORD(i) \
    SYLLABLE(i " * 31 / 7") " || " SYLLABLE(i " * 17 / 5") " || iif(" i " % 3, '', " SYLLABLE(i) ")"
#define NAME(i)                                    \
    WORD(i)                                        \
    " || ' ' || " WORD("(" i " / 3)") " || iif(" i \
                                      " % 2, '', ' of the ' || " WORD("(" i " / 11)") ")"

/* Nine tenths of the plays are of user 1. The words: solo is in 1 track, handful in 200, legion in
 * 20,000, and so is dusty, but nobody has played these for nine years. */
static const char make[] =
    "BEGIN;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
    " INSERT INTO users (user_id, spotify_id, state_since, added_at)"
    " SELECT i, 'user' || i, 0, 0 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :artists)"
    " INSERT INTO artists SELECT i, 'spotify:artist:' || i, " NAME(
        "i") ", 0 FROM n;"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :albums)"
             " INSERT INTO albums (album_id, uri, name, updated_at)"
             " SELECT i, 'spotify:album:' || i, " NAME(
                 "(i + 77)") ", 0 FROM n;"
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :tracks)"
                             " INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)"
                             " SELECT i, printf('spotify:track:%022d', i), 'track', " NAME(
                                 "i") " || iif(i = 12345, ' Solo', '') || iif(i < 30000 AND i % 150 = 0, ' Handful', '')"
                                      " || iif(i < 30000 AND i % 3, ' Legion', '') || iif(i > 30000, ' Dusty', ''),"
                                      " 180000 + i, 1 + i % :albums, 0 FROM n;"
                                      "INSERT INTO track_artists SELECT track_id, 0, 1 + track_id % :artists FROM tracks;"
                                      "INSERT OR IGNORE INTO track_artists SELECT track_id, 1, 1 + track_id / 7 % :artists"
                                      " FROM tracks WHERE track_id % 5 = 0;"
                                      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :plays)"
                                      " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, ms_played,"
                                      " deleted_at) SELECT iif(i % 10, 1, 2 + i / 10 % 4), :begin + i * 315000 + i % 977,"
                                      " iif(i * 10 < :plays, 30001 + i * 7919 % 100003 % 20000,"
                                      " 1 + i * 7919 % 100003 * (i * 31 % 1013) / 1013 % 30000),"
                                      " 'api', 0, iif(i % 2, NULL, 100000 + i % 99999), iif(i % 5000, NULL, 1) FROM n;"
                                      "COMMIT;";

static void bind(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index > 0)
        sqlite3_bind_int64(statement, index, value);
}

static void run_all(const char *sql, int64_t plays)
{
    sqlite3_stmt *statement = NULL;

    while (*sql) {
        if (sqlite3_prepare_v2(plain, sql, -1, &statement, &sql) != SQLITE_OK)
            fail(sql, sqlite3_errmsg(plain));
        bind(statement, ":begin", BEGIN);
        bind(statement, ":artists", ARTISTS);
        bind(statement, ":albums", ALBUMS);
        bind(statement, ":tracks", TRACKS);
        bind(statement, ":plays", plays);
        if (sqlite3_step(statement) != SQLITE_DONE)
            fail("making a history", sqlite3_errmsg(plain));
        sqlite3_finalize(statement);
    }
}

static void open_store(enum store_mode mode)
{
    char why[300];

    if (store_open(path, mode, &store, why, sizeof(why)) != STORE_OK)
        fail(path, why);
}

static void check(enum store_result result)
{
    if (result != STORE_OK)
        fail("ours", store_message(store));
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t found;

    if (sqlite3_prepare_v2(plain, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(plain));
    if (sqlite3_step(statement) != SQLITE_ROW)
        fail(sql, sqlite3_errmsg(plain));
    found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

static void run(const char *sql)
{
    if (sqlite3_exec(plain, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(plain));
}

static void make_history(int64_t plays)
{
    int64_t left = 1;

    open_store(STORE_WRITER);
    if (sqlite3_open(path, &plain) != SQLITE_OK)
        fail(path, sqlite3_errmsg(plain));
    run_all(make, plays);
    check(store_begin(store, STORE_DURABLE));
    check(store_words_refresh(store, INT64_C(600000), &left));
    check(store_commit(store));
    if (left != 0)
        fail("words", "some are left");
    store_close(store);
    run("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = -2000");
    open_store(STORE_READER);
    check(store_begin_read(store));
}

static void clean(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];

    store_close(store);
    sqlite3_close(plain);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
}

/* -- ours and theirs --------------------------------------------------------------------------- */

struct input {
    struct store_search search;
    struct store_place from;
    const char *sql; /* of theirs */
};

/* Something of every row of the page. */
static int64_t our_page(const void *argument)
{
    const struct input *input = argument;
    struct store_plays_page page;
    int64_t sum = 0;

    check(store_plays_find(store, &input->search, input->from, false, PAGE, &page));
    for (size_t i = 0; i < page.count; i++)
        sum += page.items[i].place.key * (int64_t)(i + 1) +
               (int64_t)strlen(page.items[i].title.self.name);
    store_plays_free(&page);
    return sum;
}

static int64_t their_page(const void *argument)
{
    const struct input *input = argument;
    sqlite3_stmt *statement = NULL;
    int64_t sum = 0;

    if (sqlite3_prepare_v2(plain, input->sql, -1, &statement, NULL) != SQLITE_OK)
        fail(input->sql, sqlite3_errmsg(plain));
    for (int i = 1; sqlite3_step(statement) == SQLITE_ROW; i++)
        sum += sqlite3_column_int64(statement, 0) * i + sqlite3_column_bytes(statement, 1);
    sqlite3_finalize(statement);
    return sum;
}

#define ROWS "SELECT play_key, track, artists, album, played_at_utc, ms_played, source FROM plays "
#define FIRST " ORDER BY play_key DESC, user_id LIMIT 50"
#define HAS(word)                                                                              \
    "WHERE user_id = 1 AND track_id IN (SELECT rowid FROM track_words WHERE track_words MATCH" \
    " '\"" word "\"*')"

static bool compare(const char *figure, struct input input, const char *limit)
{
    struct measure measure = {
        .figure = figure,
        .unit = "a second",
        .amount = 1,
        .ours = our_page,
        .theirs = their_page,
        .alternative = "plain SQL",
        .input = &input,
        .wanted = their_page(&input),
        .limit = limit,
    };

    if (our_page(&input) != measure.wanted)
        fail(figure, "ours lists something else");
    return measure_compare(&measure);
}

/* A page beside another of ours. */
static const struct input *other_input;

static int64_t other_page(const void *argument)
{
    (void)argument;
    return our_page(other_input) != 0;
}

static int64_t some_page(const void *argument)
{
    return our_page(argument) != 0;
}

static bool compare_own(const char *figure, struct input input, const char *alternative,
                        struct input other, const char *limit)
{
    struct measure measure = {
        .figure = figure,
        .unit = "a second",
        .amount = 1,
        .ours = some_page,
        .theirs = other_page,
        .alternative = alternative,
        .input = &input,
        .wanted = 1,
        .limit = limit,
    };

    other_input = &other;
    return measure_compare(&measure);
}

static bool compare_pages(void)
{
    struct store_search ann = {.user_id = 1, .since = STORE_NO_TIME, .until = STORE_NO_TIME};
    struct store_search all = {.since = STORE_NO_TIME, .until = STORE_NO_TIME};
    struct input first = {.search = ann}, deep = {.search = ann}, legion = {.search = ann};

    deep.from.user_id = 1;
    deep.from.key = number("SELECT played_at FROM played_tracks WHERE user_id = 1 AND deleted_at"
                           " IS NULL ORDER BY played_at DESC LIMIT 1 OFFSET 499949");
    deep.sql = ROWS "WHERE user_id = 1" FIRST " OFFSET 499950";
    legion.search.words = "legion";
    legion.sql = ROWS HAS("legion") FIRST;
    if (our_page(&deep) != their_page(&deep) || our_page(&legion) != their_page(&legion))
        fail("pages", "ours lists something else");
    return compare("page 1", (struct input){ann, {0}, ROWS "WHERE user_id = 1" FIRST}, ">=0.5") &&
           compare_own("page 1 of five users", (struct input){.search = all}, "of one user", first,
                       ">=0.5") &&
           compare_own("page 10,000", deep, "page 1", first, ">=0.7") &&
           compare_own("words of 20,000 tracks", legion, "without words", first, ">=0.01");
}

static bool compare_words(const char *figure, const char *words, const char *sql, const char *limit)
{
    struct input input = {.search = {1, STORE_NO_TIME, STORE_NO_TIME, NULL, words, false},
                          .sql = sql};

    return compare(figure, input, limit);
}

/* -- how large the words are ------------------------------------------------------------------- */

static int64_t size_of(const char *table)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%s\\_%%' ESCAPE '\\'", table);
    return number(sql);
}

static void measure_size(void)
{
    run("CREATE VIRTUAL TABLE other_words USING fts5(track, artists, album);"
        "INSERT INTO other_words (rowid, track, artists, album) SELECT t.track_id, t.name,"
        " (SELECT group_concat(a.name, ' ') FROM track_artists AS x JOIN artists AS a"
        " USING (artist_id) WHERE x.track_id = t.track_id), b.name"
        " FROM tracks AS t JOIN albums AS b USING (album_id)");
    measure_print("words of a track", "bytes", (double)size_of("track_words") / TRACKS,
                  "FTS5 as it comes", (double)size_of("other_words") / TRACKS, "<=0.8");
}

int main(void)
{
    const char *wish = getenv("BENCH_PLAYS");
    int64_t plays = wish ? strtoll(wish, NULL, 10) : 1000000;
    bool done;

    snprintf(folder, sizeof(folder), "bench_search.XXXXXX");
    if (!mkdtemp(folder))
        fail(folder, "no folder");
    snprintf(path, sizeof(path), "%s/history.db", folder);
    make_history(plays);
    done = compare_pages() &&
           compare_words("words of 1 track", "solo", ROWS HAS("solo") FIRST, ">=0.5") &&
           compare_words("words of 200 tracks", "handf", ROWS HAS("handf") FIRST, ">=3") &&
           compare_words("words not played for long", "dusty", ROWS HAS("dusty") FIRST, ">=2") &&
           compare_words("words of none", "nosuchword", ROWS HAS("nosuchword") FIRST, ">=1");
    measure_size();
    clean();
    return done ? 0 : 1;
}
