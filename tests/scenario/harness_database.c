/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "lib/unpack.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- SQL --------------------------------------------------------------------------------------- */

static sqlite3 *open_database(int flags)
{
    sqlite3 *database = NULL;
    int code = sqlite3_open_v2(harness.database, &database, flags, NULL);

    ck_assert_msg(code == SQLITE_OK, "%s: %s", harness.database, sqlite3_errmsg(database));
    sqlite3_busy_timeout(database, 5000);
    /* The daemon alone checkpoints. */
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return database;
}

static char *vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static char *vformat(const char *format, va_list arguments)
{
    char *sql = NULL;

    ck_assert_int_ge(vasprintf(&sql, format, arguments), 0);
    return sql;
}

/* First column of the first row, to be freed; NULL if there is none or it is NULL. */
static char *first_value(const char *sql)
{
    sqlite3 *database = open_database(SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    int code;

    unpack_sums_for(database, sql);
    code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(database));
    code = sqlite3_step(statement);
    ck_assert_msg(code == SQLITE_ROW || code == SQLITE_DONE, "%s: %s", sql,
                  sqlite3_errmsg(database));
    if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        value = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return value;
}

int64_t db_int(const char *format, ...)
{
    va_list arguments;
    char *sql, *value;
    int64_t number;

    va_start(arguments, format);
    sql = vformat(format, arguments);
    va_end(arguments);
    value = first_value(sql);
    number = value != NULL ? strtoll(value, NULL, 10) : 0;
    free(value);
    free(sql);
    return number;
}

const char *db_text(const char *format, ...)
{
    static char text[2000];
    va_list arguments;
    char *sql, *value;

    va_start(arguments, format);
    sql = vformat(format, arguments);
    va_end(arguments);
    value = first_value(sql);
    snprintf(text, sizeof(text), "%s", value != NULL ? value : "");
    free(value);
    free(sql);
    return text;
}

void db_do(const char *format, ...)
{
    sqlite3 *database;
    va_list arguments;
    char *sql, *error = NULL;

    ck_assert_int_eq(harness.daemon.pid, 0); /* one writer */
    va_start(arguments, format);
    sql = vformat(format, arguments);
    va_end(arguments);
    database = open_database(SQLITE_OPEN_READWRITE);
    sqlite3_exec(database, sql, NULL, NULL, &error);
    ck_assert_msg(error == NULL, "%s: %s", sql, error);
    sqlite3_close(database);
    free(sql);
}

int64_t db_user(int account)
{
    return db_int("SELECT user_id FROM users WHERE spotify_id = '%s'", fake_id(account));
}

int64_t db_plays(int account)
{
    return db_int(
        "SELECT count(*) FROM played_tracks JOIN users USING (user_id) WHERE spotify_id = '%s'",
        fake_id(account));
}

const char *db_state(int account)
{
    return db_text("SELECT state FROM users WHERE spotify_id = '%s'", fake_id(account));
}

int64_t db_outcomes(const char *outcome)
{
    return db_int("SELECT count(*) FROM polls WHERE outcome = '%s'", outcome);
}

void db_assert_integrity(void)
{
    ck_assert_str_eq(db_text("PRAGMA integrity_check"), "ok");
    ck_assert_int_eq(db_int("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void dump_table(sqlite3 *database, const char *name, FILE *out)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);

    ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s",
                  sql, sqlite3_errmsg(database));
    sqlite3_free(sql);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        fputs(name, out);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *bytes = sqlite3_column_blob(statement, i);

            fputc('|', out);
            for (int at = 0; at < sqlite3_column_bytes(statement, i); at++)
                fprintf(out, "%02x", bytes[at]);
        }
        fputc('\n', out);
    }
    sqlite3_finalize(statement);
}

/* Those tables that this query names. */
static char *dump_tables(const char *tables)
{
    sqlite3 *database = open_database(SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(database, tables, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        dump_table(database, (const char *)sqlite3_column_text(statement, 0), out);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    fclose(out);
    return text;
}

#define DERIVED "('play_sums', 'stale_blocks', 'track_words', 'stale_words')"

char *db_dump(void)
{
    return dump_tables("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'runs'"
                       " AND name NOT IN " DERIVED " AND name NOT LIKE 'track_words_%'"
                       " ORDER BY name");
}

char *db_sums(void)
{
    harness_wait_until(db_int("SELECT (SELECT count(*) FROM stale_blocks) + "
                              "(SELECT count(*) FROM stale_words)") == 0);
    return dump_tables("SELECT name FROM sqlite_master WHERE name IN " DERIVED " ORDER BY name");
}

void db_assert_sums(void)
{
    ck_assert_int_eq(db_int("SELECT count(*) FROM stale_blocks"), 0);
    ck_assert_int_eq(
        db_int(
            "SELECT count(*) FROM (SELECT user_id, track_id, plays, listened_ms FROM track_totals"
            " EXCEPT SELECT user_id, track_id, plays, listened_ms FROM play_totals)"),
        0);
    ck_assert_int_eq(db_int("SELECT (SELECT count(*) FROM played_tracks WHERE deleted_at IS NULL)"
                            " - (SELECT coalesce(sum(plays), 0) FROM play_totals)"),
                     0);
    ck_assert_int_eq(db_int("SELECT (SELECT coalesce(sum(plays), 0) FROM play_quarters)"
                            " - (SELECT coalesce(sum(plays), 0) FROM play_blocks)"),
                     0);
}

/* -- truth ------------------------------------------------------------------------------------- */

struct play {
    int64_t played_at; /* as reported */
    char uri[200];
};

struct plays {
    struct play *list;
    size_t count;
};

static int compare_plays(const void *left, const void *right)
{
    const struct play *a = left, *b = right;

    if (a->played_at != b->played_at)
        return a->played_at < b->played_at ? -1 : 1;
    return strcmp(a->uri, b->uri);
}

static void sort_plays(struct plays *plays)
{
    if (plays->count > 0)
        qsort(plays->list, plays->count, sizeof(struct play), compare_plays);
}

static void add_play(struct plays *plays, const char *uri, int64_t played_at)
{
    struct play *list = reallocarray(plays->list, plays->count + 1, sizeof(*list));

    ck_assert_ptr_nonnull(list);
    plays->list = list;
    list[plays->count].played_at = played_at;
    snprintf(list[plays->count++].uri, sizeof(list->uri), "%s", uri);
}

/* Items that are no plays: they are counted, not stored. */
static bool can_be_stored(const json_t *play)
{
    static const char *const not_stored[] = {"null-track", "no-played-at", "bad-played-at",
                                             "not-an-object"};
    const char *kind = json_string_value(json_object_get(play, "kind"));

    for (size_t i = 0; i < COUNT_OF(not_stored); i++)
        if (strcmp(kind, not_stored[i]) == 0)
            return false;
    return true;
}

static json_t *ask_truth(int account)
{
    char path[64];

    snprintf(path, sizeof(path), "truth?account=%d", account);
    return fake_ask(path, NULL);
}

/* *all_shown: false if something that is listed now was in no answer yet. */
static struct plays shown_plays(int account, bool *all_shown)
{
    json_t *truth = ask_truth(account), *play;
    int64_t now = json_integer_value(json_object_get(truth, "now"));
    struct plays plays = {0};
    size_t i;

    *all_shown = true;
    json_array_foreach (json_object_get(truth, "plays"), i, play) {
        const json_t *visible = json_object_get(play, "visible_at"),
                     *vanishes = json_object_get(play, "vanishes_at");
        bool gone = json_is_integer(vanishes) && json_integer_value(vanishes) <= now;

        if (json_is_true(json_object_get(play, "shown"))) {
            if (can_be_stored(play))
                add_play(&plays, json_string_value(json_object_get(play, "uri")),
                         json_integer_value(json_object_get(play, "played_at")));
        } else if (json_is_integer(visible) && json_integer_value(visible) <= now && !gone) {
            *all_shown = false;
        }
    }
    json_decref(truth);
    sort_plays(&plays);
    return plays;
}

static struct plays stored_plays(int account)
{
    static const char sql[] = "SELECT t.uri, p.played_at - p.nudge_ms FROM played_tracks AS p"
                              " JOIN tracks AS t USING (track_id) JOIN users AS u USING (user_id)"
                              " WHERE u.spotify_id = ?";
    sqlite3 *database = open_database(SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = NULL;
    struct plays plays = {0};

    ck_assert_int_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, fake_id(account), -1, SQLITE_TRANSIENT);
    while (sqlite3_step(statement) == SQLITE_ROW)
        add_play(&plays, (const char *)sqlite3_column_text(statement, 0),
                 sqlite3_column_int64(statement, 1));
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_close(database);
    sort_plays(&plays);
    return plays;
}

static bool plays_are_equal(const struct plays *shown, const struct plays *stored, char *why,
                            size_t size)
{
    size_t i = 0;

    while (i < shown->count && i < stored->count &&
           compare_plays(&shown->list[i], &stored->list[i]) == 0)
        i++;
    if (i == shown->count && i == stored->count)
        return true;
    if (i == stored->count ||
        (i < shown->count && compare_plays(&shown->list[i], &stored->list[i]) < 0))
        snprintf(why, size, "%zu shown, %zu stored: %s at %lld is not stored", shown->count,
                 stored->count, shown->list[i].uri, (long long)shown->list[i].played_at);
    else
        snprintf(why, size, "%zu shown, %zu stored: %s at %lld was never shown, or is stored twice",
                 shown->count, stored->count, stored->list[i].uri,
                 (long long)stored->list[i].played_at);
    return false;
}

/* The fake is asked first: what it shows in between is then not missed. */
static bool compare(int account, bool *all_shown, char *why, size_t size)
{
    struct plays shown = shown_plays(account, all_shown), stored = stored_plays(account);
    bool equal = plays_are_equal(&shown, &stored, why, size);

    free(shown.list);
    free(stored.list);
    return equal;
}

bool harness_truth_is_stored(int account, char *why, size_t size)
{
    bool all_shown;

    return compare(account, &all_shown, why, size);
}

void harness_assert_truth(int account)
{
    char why[400] = "";

    ck_assert_msg(harness_truth_is_stored(account, why, sizeof(why)), "account %d: %s", account,
                  why);
}

void harness_wait_for_truth(int account)
{
    struct harness_wait wait = harness_wait_begin(HARNESS_PATIENCE_MS);
    char why[400] = "";
    bool all_shown = false;

    while (!compare(account, &all_shown, why, sizeof(why)) || !all_shown)
        if (!harness_nap(&wait))
            ck_abort_msg("account %d: %s", account,
                         why[0] != '\0' && all_shown ? why : "what is listed was in no answer");
}
