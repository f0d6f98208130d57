/* SPDX-License-Identifier: MIT */
/*
 * store/plays: the plays. Every statement here walks the primary key (user_id, played_at).
 */
#include "store/plays.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const source_names[] = {
    [STORE_SOURCE_API] = "api",
    [STORE_SOURCE_EXTENDED] = "extended",
    [STORE_SOURCE_ACCOUNT] = "account",
};

const char *store_source_name(enum store_source source)
{
    return source_names[source];
}

enum store_source store_source_of(const char *name)
{
    for (size_t i = 0; i < sizeof source_names / sizeof source_names[0]; i++) {
        if (strcmp(name, source_names[i]) == 0) {
            return (enum store_source)i;
        }
    }
    return STORE_SOURCE_API;
}

static bool marks_grow(struct store_play_mark **marks, size_t count, size_t *cap)
{
    if (count < *cap) {
        return true;
    }
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    struct store_play_mark *grown = realloc(*marks, wanted * sizeof **marks);
    if (grown == NULL) {
        return false;
    }
    *marks = grown;
    *cap = wanted;
    return true;
}

static void mark_read(struct store_query *query, struct store_play_mark *mark)
{
    char source[16];
    mark->played_at = store_query_get_int(query, 0, 0);
    mark->nudge_ms = store_query_get_int(query, 1, 0);
    mark->track_id = store_query_get_int(query, 2, 0);
    store_query_get_text(query, 3, source, sizeof source);
    mark->source = store_source_of(source);
    mark->deleted = store_query_get_int(query, 4, 0) != 0;
}

enum store_result store_plays_between(struct store *store, int64_t user_id, int64_t from,
                                      int64_t to, struct store_play_mark **marks, size_t *count,
                                      size_t *cap)
{
    struct store_query query;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_PLAYS_BETWEEN, "reading plays");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", to);
    while (store_query_row(&query)) {
        if (!marks_grow(marks, *count, cap)) {
            query.result = store_fail(store, STORE_NOMEM, "reading plays: out of memory");
            break;
        }
        mark_read(&query, &(*marks)[*count]);
        *count += 1;
    }
    return store_query_end(&query);
}

static enum store_result play_beside(struct store *store, enum store_sql id, int64_t user_id,
                                     int64_t ms, int64_t *played_at)
{
    struct store_query query;
    store_query_begin(&query, store, id, "reading a play");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":ms", ms);
    return store_query_run_int(&query, played_at);
}

enum store_result store_play_before(struct store *store, int64_t user_id, int64_t ms,
                                    int64_t *played_at)
{
    return play_beside(store, STORE_SQL_PLAY_BEFORE, user_id, ms, played_at);
}

enum store_result store_play_after(struct store *store, int64_t user_id, int64_t ms,
                                   int64_t *played_at)
{
    return play_beside(store, STORE_SQL_PLAY_AFTER, user_id, ms, played_at);
}

enum store_result store_play_newest_api(struct store *store, int64_t user_id, int64_t latest,
                                        int64_t *reported)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_PLAY_NEWEST_API, "reading the newest play");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":latest", latest);
    return store_query_run_int(&query, reported);
}

static enum store_result context_add(struct store *store, const struct store_play *play,
                                     int64_t *context_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_CONTEXT_ADD, "adding a context");
    store_query_int(&query, ":user_id", play->user_id);
    store_query_text(&query, ":uri", play->context_uri);
    enum store_result result = store_query_run(&query, NULL);
    *context_id = result == STORE_OK ? sqlite3_last_insert_rowid(store->db) : 0;
    return result;
}

enum store_result store_play_context(struct store *store, const struct store_play *play,
                                     int64_t *context_id)
{
    struct store_query query;
    *context_id = 0;
    if (play->context_uri == NULL || play->context_uri[0] == '\0') {
        return STORE_OK;
    }
    store_query_begin(&query, store, STORE_SQL_CONTEXT_FIND, "looking for a context");
    store_query_int(&query, ":user_id", play->user_id);
    store_query_text(&query, ":uri", play->context_uri);
    enum store_result result = store_query_run_int(&query, context_id);
    return result == STORE_NOT_FOUND ? context_add(store, play, context_id) : result;
}

void store_play_bind_details(struct store_query *query, const struct store_play *play)
{
    bool tells = play->detail_id != 0 && play->offline_at != STORE_NO_TIME;
    store_query_int_or_null(query, ":detail_id", play->detail_id, 0);
    store_query_int_or_null(query, ":offline_ms",
                            tells ? play->played_at - play->offline_at : INT64_MIN, INT64_MIN);
}

enum store_result store_play_insert(struct store *store, const struct store_play *play)
{
    struct store_query query;
    int64_t changes = 0, context_id = 0;
    enum store_result result = store_play_context(store, play, &context_id);
    if (result != STORE_OK) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_PLAY_INSERT, "adding a play");
    store_query_int(&query, ":user_id", play->user_id);
    store_query_int(&query, ":played_at", play->played_at);
    store_query_int(&query, ":track_id", play->track_id);
    store_query_int_or_null(&query, ":context_id", context_id, 0);
    store_query_text(&query, ":source", source_names[play->source]);
    store_query_int(&query, ":first_seen_at", play->first_seen_at);
    store_query_int_or_null(&query, ":ms_played", play->ms_played, -1);
    store_query_int(&query, ":nudge_ms", play->nudge_ms);
    store_query_int_or_null(&query, ":import_id", play->import_id, 0);
    store_play_bind_details(&query, play);
    store_query_int_or_null(&query, ":deleted_at", play->deleted_at, 0);
    result = store_query_run(&query, &changes);
    if (result == STORE_OK && changes == 0) {
        return STORE_EXISTS;
    }
    return result == STORE_OK ? store_marks_added(store, play) : result;
}

enum store_result store_play_count(struct store *store, int64_t user_id, int64_t *count)
{
    struct store_query query;
    store_query_begin(&query, store, user_id != 0 ? STORE_SQL_PLAY_COUNT : STORE_SQL_PLAY_COUNT_ALL,
                      "counting plays");
    if (user_id != 0) {
        store_query_int(&query, ":user_id", user_id);
    }
    return store_query_run_int(&query, count);
}
