/* SPDX-License-Identifier: MIT */
/*
 * store/tellings: what each source tells of a play. Every statement here finds its rows by their
 * key.
 */
#include "store/tellings.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char reading[] = "reading plays";
static const char writing[] = "writing a play";

#define NUDGE_WALK 32 /* ms that are looked at one by one for a free one */

/* -- reading ---------------------------------------------------------------------------------- */

static bool told_grow(struct store_told **told, size_t count, size_t *cap)
{
    if (count < *cap) {
        return true;
    }
    size_t wanted = *cap == 0 ? 256 : *cap * 2;
    struct store_told *grown = realloc(*told, wanted * sizeof **told);
    if (grown == NULL) {
        return false;
    }
    *told = grown;
    *cap = wanted;
    return true;
}

/* A telling that stands for the play has the moment of the row; the other columns say what differs
 * from the play. */
static void told_read(struct store_query *query, struct store_told *told)
{
    int64_t ms_played = store_query_get_int(query, 4, -1);
    int64_t import_id = store_query_get_int(query, 5, 0);
    struct store_telling *lng = &told->long_form;
    struct store_telling *shrt = &told->short_form;
    char source[16];
    told->played_at = store_query_get_int(query, 0, 0);
    told->nudge_ms = store_query_get_int(query, 1, 0);
    told->track_id = store_query_get_int(query, 2, 0);
    store_query_get_text(query, 3, source, sizeof source);
    told->source = store_source_of(source);
    lng->at = store_query_get_int(query, 6, STORE_NO_TIME);
    told->offline_at = store_query_get_int(query, 7, STORE_NO_TIME);
    lng->track_id = store_query_get_int(query, 8, told->track_id);
    lng->nudge_ms = store_query_get_int(query, 9, 0);
    told->offline = store_query_get_int(query, 10, 0) == 1;
    lng->ms_played = ms_played;
    lng->import_id = import_id;
    shrt->at = store_query_get_int(query, 11, STORE_NO_TIME);
    shrt->ms_played = store_query_get_int(query, 12, ms_played);
    shrt->track_id = store_query_get_int(query, 13, told->track_id);
    shrt->nudge_ms = store_query_get_int(query, 14, 0);
    shrt->import_id = store_query_get_int(query, 15, import_id);
    if (shrt->ms_played == ms_played && store_query_get_int(query, 12, -1) >= 0) {
        lng->ms_played = -1; /* said although it is the same: it is not the long form's */
    }
    if (told->source == STORE_SOURCE_EXTENDED) {
        lng->at = told->played_at - told->nudge_ms;
        lng->nudge_ms = told->nudge_ms;
    }
    if (told->source == STORE_SOURCE_ACCOUNT) {
        shrt->at = told->played_at - told->nudge_ms;
        shrt->nudge_ms = told->nudge_ms;
    }
}

enum store_result store_told_between(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                     size_t most, struct store_told **told, size_t *count,
                                     size_t *cap)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TOLD_BETWEEN, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", to);
    store_query_int(&query, ":rows", most < INT32_MAX ? (int64_t)most : -1);
    while (store_query_row(&query)) {
        if (!told_grow(told, *count, cap)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", reading);
            break;
        }
        told_read(&query, &(*told)[*count]);
        *count += 1;
    }
    return store_query_end(&query);
}

static bool told_tracks_grow(struct store_told_tracks **rows, size_t count, size_t *cap)
{
    if (count < *cap) {
        return true;
    }
    size_t wanted = *cap == 0 ? 1024 : *cap * 2;
    struct store_told_tracks *grown = realloc(*rows, wanted * sizeof **rows);
    if (grown == NULL) {
        return false;
    }
    *rows = grown;
    *cap = wanted;
    return true;
}

/* What the forms named in place of the plays' own tracks: the few of the rows, in the same order,
 * for which that was another. A join would look for it at each play. */
static enum store_result told_tracks_others(struct store *store, int64_t user_id, int64_t from,
                                            int64_t to, struct store_told_tracks *rows,
                                            size_t count)
{
    struct store_query query;
    size_t at = 0;
    store_query_begin(&query, store, STORE_SQL_TOLD_OTHER_TRACKS, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", to);
    while (store_query_row(&query)) {
        int64_t played_at = store_query_get_int(&query, 0, 0);
        while (at < count && rows[at].played_at < played_at) {
            at++;
        }
        if (at < count && rows[at].played_at == played_at) {
            rows[at].tracks[1] = store_query_get_int(&query, 1, 0);
            rows[at].tracks[2] = store_query_get_int(&query, 2, 0);
        }
    }
    return store_query_end(&query);
}

enum store_result store_told_tracks(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                    struct store_told_tracks **rows, size_t *count, size_t *cap)
{
    struct store_query query;
    size_t before = *count;
    store_query_begin(&query, store, STORE_SQL_TOLD_TRACKS, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", to);
    while (store_query_row(&query)) {
        if (!told_tracks_grow(rows, *count, cap)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", reading);
            break;
        }
        (*rows)[(*count)++] = (struct store_told_tracks){
            .played_at = store_query_get_int(&query, 0, 0),
            .tracks = {store_query_get_int(&query, 1, 0)},
            .exported = store_query_get_int(&query, 2, 0) != 0,
        };
    }
    enum store_result result = store_query_end(&query);
    if (result == STORE_OK && *count > before) {
        result = told_tracks_others(store, user_id, from, to, *rows + before, *count - before);
    }
    return result;
}

enum store_result store_told_fence(struct store *store, int64_t user_id, int64_t from,
                                   int64_t plays, int64_t *played_at)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TOLD_FENCE, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":plays", plays);
    return store_query_run_int(&query, played_at);
}

enum store_result store_told_by_import(struct store *store, int64_t user_id, int64_t import_id,
                                       int64_t *after, int64_t *keys, size_t most, size_t *count)
{
    struct store_query query;
    int64_t looked = 0;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_TOLD_BY_IMPORT, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":import_id", import_id);
    store_query_int(&query, ":after", *after);
    store_query_int(&query, ":rows", STORE_TOLD_LOOK);
    while (*count < most && store_query_row(&query)) {
        *after = store_query_get_int(&query, 0, 0);
        looked++;
        if (store_query_get_int(&query, 1, 0) != 0) {
            keys[(*count)++] = *after;
        }
    }
    if (*count < most && looked < STORE_TOLD_LOOK) {
        *after = STORE_NO_TIME;
    }
    return store_query_end(&query);
}

enum store_result store_told_any(struct store *store, int64_t user_id, int64_t from, int64_t to,
                                 bool *any)
{
    struct store_query query;
    int64_t found = 0;
    store_query_begin(&query, store, STORE_SQL_PLAY_IMPORTED_BETWEEN, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":from", from);
    store_query_int(&query, ":to", to);
    enum store_result result = store_query_run_int(&query, &found);
    *any = result == STORE_OK;
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

enum store_result store_details_get(struct store *store, int64_t user_id, int64_t played_at,
                                    struct store_details *details)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_DETAILS_GET, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":played_at", played_at);
    bool found = store_query_row(&query);
    if (found) {
        store_query_get_text(&query, 0, details->reason_start, sizeof details->reason_start);
        store_query_get_text(&query, 1, details->reason_end, sizeof details->reason_end);
        store_query_get_text(&query, 2, details->platform, sizeof details->platform);
        store_query_get_text(&query, 3, details->country, sizeof details->country);
        details->shuffle = (int)store_query_get_int(&query, 4, -1);
        details->skipped = (int)store_query_get_int(&query, 5, -1);
        details->offline = (int)store_query_get_int(&query, 6, -1);
        details->incognito = (int)store_query_get_int(&query, 7, -1);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_play_marks_get(struct store *store, int64_t user_id, int64_t played_at,
                                       struct store_play_marks *marks)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_PLAY_MARKS, reading);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":played_at", played_at);
    bool found = store_query_row(&query);
    if (found) {
        marks->first_seen_at = store_query_get_int(&query, 0, 0);
        marks->deleted_at = store_query_get_int(&query, 1, 0);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

/* -- writing ---------------------------------------------------------------------------------- */

static enum store_result run_on_play(struct store *store, enum store_sql id, int64_t user_id,
                                     int64_t played_at, int64_t *changes)
{
    struct store_query query;
    store_query_begin(&query, store, id, writing);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":played_at", played_at);
    return store_query_run(&query, changes);
}

enum store_result store_play_remove(struct store *store, int64_t user_id, int64_t played_at)
{
    int64_t changes = 0;
    enum store_result result =
        run_on_play(store, STORE_SQL_PLAY_REMOVE, user_id, played_at, &changes);
    return result == STORE_OK && changes == 0 ? STORE_NOT_FOUND : result;
}

/* The end of the unbroken row of keys that begins at *free_ms, if that is not far. */
static enum store_result walk_to_free(struct store *store, int64_t user_id, int64_t *free_ms)
{
    struct store_query query;
    int64_t from = *free_ms;
    store_query_begin(&query, store, STORE_SQL_PLAY_FREE, writing);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":ms", from);
    while (*free_ms - from < NUDGE_WALK && store_query_row(&query) &&
           store_query_get_int(&query, 0, 0) == *free_ms) {
        *free_ms += 1;
    }
    return store_query_end(&query);
}

static enum store_result is_taken(struct store *store, int64_t user_id, int64_t ms, bool *taken)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_PLAY_FREE, writing);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":ms", ms);
    *taken = store_query_row(&query) && store_query_get_int(&query, 0, 0) == ms;
    return store_query_end(&query);
}

/* A free key from played_at on. Where plays crowd, doubling and halving the stretch finds the end
 * of the unbroken row: to walk along it for each play would take forever. */
static enum store_result find_free(struct store *store, const struct store_play *play,
                                   int64_t *free_ms)
{
    int64_t taken_ms, step = NUDGE_WALK;
    bool taken = true;
    *free_ms = play->played_at;
    enum store_result result = walk_to_free(store, play->user_id, free_ms);
    if (result != STORE_OK || *free_ms - play->played_at < NUDGE_WALK) {
        return result;
    }
    for (taken_ms = *free_ms - 1; taken && result == STORE_OK; step *= 2) {
        *free_ms = taken_ms + step;
        result = is_taken(store, play->user_id, *free_ms, &taken);
        taken_ms = taken ? *free_ms : taken_ms;
    }
    while (result == STORE_OK && *free_ms - taken_ms > 1) {
        int64_t middle = taken_ms + (*free_ms - taken_ms) / 2;
        result = is_taken(store, play->user_id, middle, &taken);
        *(taken ? &taken_ms : free_ms) = middle;
    }
    return result;
}

enum store_result store_play_place(struct store *store, struct store_play *play)
{
    int64_t reported = play->played_at;
    play->played_at = reported + play->nudge_ms;
    enum store_result result = store_play_insert(store, play);
    if (result != STORE_EXISTS) {
        return result;
    }
    play->played_at = reported;
    int64_t free_ms = reported;
    result = find_free(store, play, &free_ms);
    play->played_at = free_ms;
    play->nudge_ms = free_ms - reported;
    if (result == STORE_OK && play->nudge_ms > STORE_NUDGE_MOST &&
        play->source != STORE_SOURCE_API) {
        return store_fail(store, STORE_EXISTS,
                          "%s: more plays end at one moment than a minute has room for", writing);
    }
    return result == STORE_OK ? store_play_insert(store, play) : result;
}

enum store_result store_play_change(struct store *store, const struct store_play *play)
{
    struct store_query query;
    int64_t context_id = 0;
    enum store_result result = store_play_context(store, play, &context_id);
    if (result != STORE_OK) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_PLAY_CHANGE, writing);
    store_query_int(&query, ":user_id", play->user_id);
    store_query_int(&query, ":played_at", play->played_at);
    store_query_int(&query, ":track_id", play->track_id);
    store_query_text(&query, ":source", store_source_name(play->source));
    store_query_int_or_null(&query, ":ms_played", play->ms_played, -1);
    store_query_int_or_null(&query, ":import_id", play->import_id, 0);
    store_query_int_or_null(&query, ":context_id", context_id, 0);
    store_play_bind_details(&query, play);
    return store_query_run(&query, NULL);
}

static void bind_details(struct store_query *query, int64_t import_id,
                         const struct store_details *details)
{
    store_query_int_or_null(query, ":import_id", import_id, 0);
    store_query_text_or_null(query, ":reason_start", details->reason_start);
    store_query_text_or_null(query, ":reason_end", details->reason_end);
    store_query_text_or_null(query, ":platform", details->platform);
    store_query_text_or_null(query, ":country", details->country);
    store_query_int_or_null(query, ":shuffle", details->shuffle, -1);
    store_query_int_or_null(query, ":skipped", details->skipped, -1);
    store_query_int_or_null(query, ":offline", details->offline, -1);
    store_query_int_or_null(query, ":incognito", details->incognito, -1);
}

enum store_result store_details_put(struct store *store, int64_t import_id,
                                    const struct store_details *details, int64_t *detail_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_DETAILS_FIND, writing);
    bind_details(&query, import_id, details);
    enum store_result result = store_query_run_int(&query, detail_id);
    if (result != STORE_NOT_FOUND) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_DETAILS_ADD, writing);
    bind_details(&query, import_id, details);
    result = store_query_run(&query, NULL);
    *detail_id = result == STORE_OK ? sqlite3_last_insert_rowid(store->db) : 0;
    return result;
}

/* What a row of play_tellings says; what equals the play's own is not said twice. */
struct said {
    bool has_long, has_short, ms;
    int64_t long_at, long_track_id, long_nudge_ms;
    int64_t short_track_id, short_nudge_ms, short_import_id;
};

static struct said say(const struct store_play *play, const struct store_told *told)
{
    const struct store_telling *lng = &told->long_form;
    const struct store_telling *shrt = &told->short_form;
    struct said said = {
        .has_long = lng->at != STORE_NO_TIME,
        .has_short = shrt->at != STORE_NO_TIME && play->source != STORE_SOURCE_ACCOUNT,
    };
    bool beside = said.has_long && play->source != STORE_SOURCE_EXTENDED;
    said.ms = said.has_short && (shrt->ms_played != play->ms_played ||
                                 (said.has_long && lng->ms_played < 0 && shrt->ms_played >= 0));
    said.long_at = beside ? lng->at : STORE_NO_TIME;
    said.long_track_id = said.has_long ? lng->track_id : play->track_id;
    said.long_nudge_ms = beside ? lng->nudge_ms : 0;
    said.short_track_id = said.has_short ? shrt->track_id : play->track_id;
    said.short_nudge_ms = said.has_short ? shrt->nudge_ms : 0;
    said.short_import_id = said.has_short ? shrt->import_id : play->import_id;
    return said;
}

static bool says_nothing(const struct said *said, const struct store_play *play)
{
    return !said->has_short && said->long_at == STORE_NO_TIME &&
           said->long_track_id == play->track_id;
}

enum store_result store_told_put(struct store *store, const struct store_play *play,
                                 const struct store_told *told, bool placed)
{
    struct said said = say(play, told);
    struct store_query query;
    if (says_nothing(&said, play)) {
        return placed ? STORE_OK
                      : run_on_play(store, STORE_SQL_TELLING_DROP, play->user_id, play->played_at,
                                    NULL);
    }
    store_query_begin(&query, store, placed ? STORE_SQL_TELLING_ADD : STORE_SQL_TELLING_PUT,
                      writing);
    store_query_int(&query, ":user_id", play->user_id);
    store_query_int(&query, ":played_at", play->played_at);
    store_query_int_or_null(&query, ":long_at", said.long_at, STORE_NO_TIME);
    store_query_int_or_null(&query, ":long_track_id", said.long_track_id, play->track_id);
    store_query_int_or_null(&query, ":long_nudge_ms", said.long_nudge_ms, 0);
    store_query_int_or_null(&query, ":short_at",
                            said.has_short ? told->short_form.at : STORE_NO_TIME, STORE_NO_TIME);
    /* No number of ms is INT64_MIN. */
    store_query_int_or_null(&query, ":short_ms_played",
                            said.ms ? told->short_form.ms_played : INT64_MIN, INT64_MIN);
    store_query_int_or_null(&query, ":short_track_id", said.short_track_id, play->track_id);
    store_query_int_or_null(&query, ":short_nudge_ms", said.short_nudge_ms, 0);
    store_query_int_or_null(&query, ":short_import_id", said.short_import_id, play->import_id);
    return store_query_run(&query, NULL);
}

/* -- titles ----------------------------------------------------------------------------------- */

static enum store_result title_read(struct store_query *query, struct store_told_title *title)
{
    bool found = store_query_row(query);
    if (found) {
        title->track_id = store_query_get_int(query, 0, 0);
        store_query_get_text(query, 1, title->uri, sizeof title->uri);
        store_query_get_text(query, 2, title->isrc, sizeof title->isrc);
        store_query_get_text(query, 3, title->name, sizeof title->name);
        store_query_get_text(query, 4, title->album_artist, sizeof title->album_artist);
        store_query_get_text(query, 5, title->artist, sizeof title->artist);
    }
    enum store_result result = store_query_end(query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_names_version(struct store *store, int64_t *version)
{
    struct store_query query;
    int64_t of_others = 0;
    store_query_begin(&query, store, STORE_SQL_NAMES_VERSION, "reading a track");
    enum store_result result = store_query_run_int(&query, &of_others);
    *version = of_others * INT32_MAX + store->names_changed;
    return result;
}

enum store_result store_told_title_get(struct store *store, int64_t track_id,
                                       struct store_told_title *title)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TRACK_TITLE, "reading a track");
    store_query_int(&query, ":track_id", track_id);
    return title_read(&query, title);
}

enum store_result store_told_title_find(struct store *store, const char *uri,
                                        struct store_told_title *title)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TRACK_TITLE_BY_URI, "reading a track");
    store_query_text(&query, ":uri", uri);
    return title_read(&query, title);
}
