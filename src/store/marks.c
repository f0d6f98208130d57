/* SPDX-License-Identifier: MIT */
#include "store/marks.h"

#include "store/store_private.h"
#include "store/totals.h"
#include "totals_count.h"

#include <stdlib.h>
#include <string.h>

static const char taking[] = "preparing to add many plays";
static const char giving[] = "ending to add many plays";

/* The triggers on what is added, and how each is dropped. (track_replaced is for tracks that an OR
 * REPLACE brings back: we do no such thing.) */
#define TRIGGER(name)                                                                 \
    {                                                                                 \
        "SELECT sql FROM sqlite_schema WHERE name = '" name "'", "DROP TRIGGER " name \
    }
static const struct {
    const char *text, *drop;
} triggers[STORE_MARKS_TRIGGERS] = {
    TRIGGER("play_added"),   TRIGGER("play_of_api_added"), TRIGGER("words_of_added"),
    TRIGGER("words_of_tie"), TRIGGER("track_replaced"),
};

/* *text: from malloc, NULL if somebody dropped the trigger. A SQLite code. */
static int text_of(sqlite3 *db, const char *sql, char **text)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(statement, 0);
        *text = found != NULL ? strdup(found) : NULL;
        code = *text != NULL ? SQLITE_OK : SQLITE_NOMEM;
    }
    int end = sqlite3_finalize(statement);
    return code != SQLITE_OK ? code : end;
}

void store_marks_forget(struct store *store)
{
    for (size_t i = 0; i < STORE_MARKS_TRIGGERS; i++) {
        free(store->marks.triggers[i]);
        store->marks.triggers[i] = NULL;
    }
    store->marks.own = false;
    store->marks.known = false;
    store->marks.track_id = 0;
}

enum store_result store_marks_take(struct store *store)
{
    int code = SQLITE_OK;
    if (store->transaction != STORE_TRANSACTION_WRITE || store->marks.own) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", taking);
    }
    for (size_t i = 0; i < STORE_MARKS_TRIGGERS && code == SQLITE_OK; i++) {
        code = text_of(store->db, triggers[i].text, &store->marks.triggers[i]);
        if (code == SQLITE_OK && store->marks.triggers[i] != NULL) {
            code = sqlite3_exec(store->db, triggers[i].drop, NULL, NULL, NULL);
        }
    }
    store->marks.own = true;
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(store, store->db, code, taking);
}

enum store_result store_marks_give(struct store *store)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < STORE_MARKS_TRIGGERS && code == SQLITE_OK; i++) {
        if (store->marks.triggers[i] != NULL) {
            code = sqlite3_exec(store->db, store->marks.triggers[i], NULL, NULL, NULL);
        }
    }
    store_marks_forget(store);
    return code == SQLITE_OK ? STORE_OK : store_fail_sqlite(store, store->db, code, giving);
}

static enum store_result mark_block(struct store *store, int64_t user_id, int64_t block)
{
    struct store_query query;
    if (store->marks.known && store->marks.user_id == user_id && store->marks.block == block) {
        return STORE_OK;
    }
    store_query_begin(&query, store, STORE_SQL_STALE_ADD, "marking sums as behind");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":block", block);
    enum store_result result = store_query_run(&query, NULL);
    if (result == STORE_OK) {
        store->marks.known = true;
        store->marks.user_id = user_id;
        store->marks.block = block;
    }
    return result;
}

static enum store_result keep_api_since(struct store *store, const struct store_play *play)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_API_SINCE, "adding a play");
    store_query_int(&query, ":user_id", play->user_id);
    store_query_int(&query, ":played_at", play->played_at);
    return store_query_run(&query, NULL);
}

enum store_result store_marks_added(struct store *store, const struct store_play *play)
{
    if (!store->marks.own) {
        return STORE_OK; /* the triggers did */
    }
    enum store_result result =
        mark_block(store, play->user_id, totals_block_of(play->played_at - play->nudge_ms));
    return result == STORE_OK && play->source == STORE_SOURCE_API ? keep_api_since(store, play)
                                                                  : result;
}

enum store_result store_marks_named(struct store *store, int64_t track_id)
{
    struct store_query query;
    if (!store->marks.own || store->marks.track_id == track_id) {
        return STORE_OK;
    }
    store_query_begin(&query, store, STORE_SQL_WORDS_MARK, "marking words as behind");
    store_query_int(&query, ":track_id", track_id);
    enum store_result result = store_query_run(&query, NULL);
    store->marks.track_id = result == STORE_OK ? track_id : 0;
    return result;
}
