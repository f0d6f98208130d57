/* SPDX-License-Identifier: MIT */
/*
 * store/listing: a cursor a user, merged. The plays of one user lie in the order of their key, so
 * nothing is sorted and nothing is held but one row of each user, and the tracks seen last.
 */
#include "store/listing.h"

#include "base/buf.h"
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_TRACKS 4096     /* tracks that are remembered */
#define CACHE_TRACK_SIZE 4096 /* bytes; a larger one is not */
#define TRACK_TEXTS 7 /* texts of a track, in the order of its columns without duration_ms */
#define NO_TEXT SIZE_MAX

static const char what[] = "listing plays";

/* The plays of one user. */
struct cursor {
    const struct store_user *user;
    sqlite3_stmt *plays;
    int64_t key;
    bool open; /* stands on a row */
};

struct store_listing {
    struct store *store;
    enum store_result result;
    struct store_user *users;
    size_t user_count;
    struct cursor *cursors;
    size_t cursor_count;
    struct cursor *shown; /* whose row was handed out last */
    sqlite3_stmt *track, *artists;
    struct store_listed_track *cache[CACHE_TRACKS];
    struct store_listed_track *large; /* one that is not remembered */
    struct buf text;                  /* of the track that is being read */
};

static void failed(struct store_listing *listing, int code)
{
    if (listing->result == STORE_OK) {
        listing->result = store_fail_sqlite(listing->store, listing->store->db, code, what);
    }
}

static void out_of_memory(struct store_listing *listing)
{
    if (listing->result == STORE_OK) {
        listing->result = store_fail(listing->store, STORE_NOMEM, "%s: out of memory", what);
    }
}

/* -- beginning -------------------------------------------------------------------------------- */

static void prepare(struct store_listing *listing, enum store_sql id, sqlite3_stmt **statement)
{
    if (listing->result != STORE_OK) {
        return;
    }
    int code = sqlite3_prepare_v3(listing->store->db, store_sql_text(id), -1,
                                  SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code != SQLITE_OK) {
        failed(listing, code);
    }
}

static void bind(struct store_listing *listing, sqlite3_stmt *statement, const char *name,
                 int64_t value)
{
    if (listing->result != STORE_OK) {
        return;
    }
    int code = sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, name), value);
    if (code != SQLITE_OK) {
        failed(listing, code);
    }
}

static void cursor_step(struct store_listing *listing, struct cursor *cursor)
{
    if (listing->result != STORE_OK) {
        return;
    }
    int code = sqlite3_step(cursor->plays);
    cursor->open = code == SQLITE_ROW;
    if (cursor->open) {
        cursor->key = sqlite3_column_int64(cursor->plays, 0);
    } else if (code != SQLITE_DONE) {
        failed(listing, code);
    }
}

static void cursor_open(struct store_listing *listing, struct cursor *cursor,
                        const struct store_user *user, const struct store_listing_filter *filter)
{
    int64_t since = filter->since != STORE_NO_TIME ? filter->since : INT64_MIN;
    int64_t until = filter->until != STORE_NO_TIME ? filter->until : INT64_MAX;
    cursor->user = user;
    prepare(listing, STORE_SQL_LISTING_PLAYS, &cursor->plays);
    bind(listing, cursor->plays, ":user_id", user->user_id);
    bind(listing, cursor->plays, ":since", since);
    bind(listing, cursor->plays, ":until", until);
    bind(listing, cursor->plays, ":until_key", store_key_bound(until));
    cursor_step(listing, cursor);
}

static void cursors_open(struct store_listing *listing, const struct store_listing_filter *filter)
{
    listing->result = store_users_load(listing->store, &listing->users, &listing->user_count);
    if (listing->result != STORE_OK) {
        return;
    }
    listing->cursors = calloc(listing->user_count + 1, sizeof *listing->cursors);
    if (listing->cursors == NULL) {
        out_of_memory(listing);
        return;
    }
    for (size_t i = 0; i < listing->user_count; i++) {
        const struct store_user *user = &listing->users[i];
        if (filter->user_id == 0 || filter->user_id == user->user_id) {
            cursor_open(listing, &listing->cursors[listing->cursor_count++], user, filter);
        }
    }
    if (listing->result == STORE_OK && filter->user_id != 0 && listing->cursor_count == 0) {
        listing->result = store_fail(listing->store, STORE_NOT_FOUND, "%s: there is no user %lld",
                                     what, (long long)filter->user_id);
    }
}

enum store_result store_listing_begin(struct store *store,
                                      const struct store_listing_filter *filter,
                                      struct store_listing **listing)
{
    *listing = NULL;
    if (store->transaction == STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    struct store_listing *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    made->store = store;
    prepare(made, STORE_SQL_LISTING_TRACK, &made->track);
    prepare(made, STORE_SQL_LISTING_ARTISTS, &made->artists);
    if (made->result == STORE_OK) {
        cursors_open(made, filter);
    }
    if (made->result != STORE_OK) {
        return store_listing_end(made);
    }
    *listing = made;
    return STORE_OK;
}

enum store_result store_listing_end(struct store_listing *listing)
{
    if (listing == NULL) {
        return STORE_OK;
    }
    enum store_result result = listing->result;
    for (size_t i = 0; i < listing->cursor_count; i++) {
        sqlite3_finalize(listing->cursors[i].plays);
    }
    for (size_t i = 0; i < CACHE_TRACKS; i++) {
        free(listing->cache[i]);
    }
    sqlite3_finalize(listing->track);
    sqlite3_finalize(listing->artists);
    buf_free(&listing->text, false);
    free(listing->large);
    free(listing->cursors);
    free(listing->users);
    free(listing);
    return result;
}

/* -- tracks ----------------------------------------------------------------------------------- */

/* Keeps a text of a row; the place of it, NO_TEXT for NULL. */
static size_t text_keep(struct store_listing *listing, sqlite3_stmt *statement, int column)
{
    size_t at = listing->text.len;
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (text == NULL) {
        if (sqlite3_column_type(statement, column) != SQLITE_NULL) {
            failed(listing, SQLITE_NOMEM);
        }
        return NO_TEXT;
    }
    if (!buf_add(&listing->text, text, strlen(text) + 1)) {
        out_of_memory(listing);
    }
    return at;
}

/* Steps to the row of a statement that was bound to a track. */
static bool track_step(struct store_listing *listing, sqlite3_stmt *statement)
{
    int code = listing->result == STORE_OK ? sqlite3_step(statement) : SQLITE_DONE;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        failed(listing, code);
    }
    return code == SQLITE_ROW;
}

/* What was read of a track: places in listing->text. artists: pairs of uri and name. */
struct track_read {
    size_t texts[TRACK_TEXTS];
    int64_t duration_ms;
    size_t *artists;
    size_t artist_count;
};

static void artists_read(struct store_listing *listing, int64_t track_id, struct track_read *read)
{
    size_t cap = 0;
    sqlite3_reset(listing->artists);
    bind(listing, listing->artists, ":track_id", track_id);
    while (track_step(listing, listing->artists)) {
        if (read->artist_count == cap) {
            cap = cap == 0 ? 4 : cap * 2;
            size_t *grown = realloc(read->artists, cap * 2 * sizeof *grown);
            if (grown == NULL) {
                out_of_memory(listing);
                break;
            }
            read->artists = grown;
        }
        read->artists[2 * read->artist_count] = text_keep(listing, listing->artists, 0);
        read->artists[2 * read->artist_count + 1] = text_keep(listing, listing->artists, 1);
        read->artist_count++;
    }
    sqlite3_reset(listing->artists);
}

static void track_read(struct store_listing *listing, int64_t track_id, struct track_read *read)
{
    static const int columns[TRACK_TEXTS] = {0, 1, 2, 3, 5, 6, 7};
    for (size_t i = 0; i < TRACK_TEXTS; i++) {
        read->texts[i] = NO_TEXT;
    }
    sqlite3_reset(listing->track);
    bind(listing, listing->track, ":track_id", track_id);
    if (track_step(listing, listing->track)) {
        for (size_t i = 0; i < TRACK_TEXTS; i++) {
            read->texts[i] = text_keep(listing, listing->track, columns[i]);
        }
        read->duration_ms = sqlite3_column_type(listing->track, 4) == SQLITE_NULL
                                ? -1
                                : sqlite3_column_int64(listing->track, 4);
    } else if (listing->result == STORE_OK) {
        listing->result = store_fail(listing->store, STORE_CORRUPT, "%s: there is no track %lld",
                                     what, (long long)track_id);
    }
    sqlite3_reset(listing->track);
}

/* One block: the track, its artists, and their texts. NULL: without memory. */
static struct store_listed_track *track_make(const struct buf *text, int64_t track_id,
                                             const struct track_read *read, size_t size)
{
    struct store_listed_track *track = malloc(size);
    if (track == NULL) {
        return NULL;
    }
    struct store_listed_artist *artists = (struct store_listed_artist *)(track + 1);
    char *base = (char *)(artists + read->artist_count);
    const char *texts[TRACK_TEXTS];
    memcpy(base, text->data, text->len);
    for (size_t i = 0; i < TRACK_TEXTS; i++) {
        texts[i] = read->texts[i] != NO_TEXT ? base + read->texts[i] : NULL;
    }
    for (size_t i = 0; i < read->artist_count; i++) {
        size_t name = read->artists[2 * i + 1];
        artists[i].uri = base + read->artists[2 * i];
        artists[i].name = name != NO_TEXT ? base + name : NULL;
    }
    *track = (struct store_listed_track){
        .track_id = track_id,
        .uri = texts[0],
        .kind = texts[1],
        .name = texts[2],
        .isrc = texts[3],
        .duration_ms = read->duration_ms,
        .album = texts[4],
        .album_uri = texts[5],
        .album_artist = texts[6],
        .artists = artists,
        .artist_count = read->artist_count,
    };
    return track;
}

/* A track, read anew if it is not remembered. NULL: failed. */
static const struct store_listed_track *track_get(struct store_listing *listing, int64_t track_id)
{
    struct store_listed_track **place = &listing->cache[(uint64_t)track_id % CACHE_TRACKS];
    struct track_read read = {0};
    if (*place != NULL && (*place)->track_id == track_id) {
        return *place;
    }
    buf_clear(&listing->text, false);
    track_read(listing, track_id, &read);
    artists_read(listing, track_id, &read);
    size_t size =
        sizeof **place + read.artist_count * sizeof(struct store_listed_artist) + listing->text.len;
    if (size > CACHE_TRACK_SIZE) {
        place = &listing->large;
    }
    free(*place);
    *place = NULL;
    if (listing->result == STORE_OK) {
        *place = track_make(&listing->text, track_id, &read, size);
        if (*place == NULL) {
            out_of_memory(listing);
        }
    }
    free(read.artists);
    return *place;
}

/* -- plays ------------------------------------------------------------------------------------ */

static int64_t column_int(sqlite3_stmt *statement, int column, int64_t none)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? none
               : sqlite3_column_int64(statement, column);
}

static const char *column_text(struct store_listing *listing, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (text == NULL && sqlite3_column_type(statement, column) != SQLITE_NULL) {
        failed(listing, SQLITE_NOMEM);
    }
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static void play_read(struct store_listing *listing, const struct cursor *cursor,
                      struct store_listed *row)
{
    sqlite3_stmt *plays = cursor->plays;
    row->user = cursor->user;
    row->nudge_ms = column_int(plays, 1, 0);
    row->played_at = cursor->key - row->nudge_ms;
    row->track = track_get(listing, column_int(plays, 2, 0));
    row->source = column_text(listing, plays, 3);
    row->first_seen_at = column_int(plays, 4, STORE_NO_TIME);
    row->ms_played = column_int(plays, 5, -1);
    row->context_uri = column_text(listing, plays, 6);
    row->reason_start = column_text(listing, plays, 7);
    row->reason_end = column_text(listing, plays, 8);
    row->platform = column_text(listing, plays, 9);
    row->country = column_text(listing, plays, 10);
    row->shuffle = (int)column_int(plays, 11, -1);
    row->skipped = (int)column_int(plays, 12, -1);
    row->offline = (int)column_int(plays, 13, -1);
    row->incognito = (int)column_int(plays, 14, -1);
    row->offline_at = column_int(plays, 15, STORE_NO_TIME);
}

/* Users stand in the order of their numbers: of equal keys the first one is taken. */
static struct cursor *cursor_earliest(struct store_listing *listing)
{
    struct cursor *earliest = NULL;
    for (size_t i = 0; i < listing->cursor_count; i++) {
        struct cursor *cursor = &listing->cursors[i];
        if (cursor->open && (earliest == NULL || cursor->key < earliest->key)) {
            earliest = cursor;
        }
    }
    return earliest;
}

bool store_listing_next(struct store_listing *listing, struct store_listed *row)
{
    if (listing->shown != NULL) {
        cursor_step(listing, listing->shown);
        listing->shown = NULL;
    }
    struct cursor *cursor = listing->result == STORE_OK ? cursor_earliest(listing) : NULL;
    if (cursor == NULL) {
        return false;
    }
    play_read(listing, cursor, row);
    listing->shown = cursor;
    return listing->result == STORE_OK;
}
