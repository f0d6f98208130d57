/* SPDX-License-Identifier: MIT */
/*
 * store/catalogue: tracks, albums and artists. Each row is found by its uri, then changed by a
 * statement that touches nothing when nothing differs.
 */
#include "store/plays.h"
#include "store/prune.h"

#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE_UP "historyd:" /* uris of things that nobody gave us a uri of */

static const char what_track[] = "storing a track";
static const char what_album[] = "storing an album";
static const char what_artist[] = "storing an artist";

static bool is_made_up(const char *uri)
{
    return uri == NULL || strncmp(uri, MADE_UP, strlen(MADE_UP)) == 0;
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static enum store_result find_by_uri(struct store *store, enum store_sql id, const char *uri,
                                     const char *what, int64_t *found)
{
    struct store_query query;
    store_query_begin(&query, store, id, what);
    store_query_text(&query, ":uri", uri);
    return store_query_run_int(&query, found);
}

static enum store_result find_by_id(struct store *store, enum store_sql id, int64_t number,
                                    const char *what, int64_t *found)
{
    struct store_query query;
    store_query_begin(&query, store, id, what);
    store_query_int(&query, ":id", number);
    return store_query_run_int(&query, found);
}

static enum store_result run_insert(struct store_query *query, int64_t *id)
{
    struct store *store = query->store;
    enum store_result result = store_query_run(query, NULL);
    if (result == STORE_OK) {
        *id = sqlite3_last_insert_rowid(store->db);
    }
    return result;
}

/* -- artists ---------------------------------------------------------------------------------- */

/* *same: its name is the one that is stored, or is not told. STORE_NOT_FOUND. */
static enum store_result artist_find(struct store *store, const char *uri, const char *name,
                                     int64_t *artist_id, bool *same)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_ARTIST_FIND, what_artist);
    store_query_text(&query, ":uri", uri);
    store_query_text(&query, ":name", name);
    bool found = store_query_row(&query);
    if (found) {
        *artist_id = store_query_get_int(&query, 0, 0);
        *same = store_query_get_int(&query, 1, 0) != 0;
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

static enum store_result artist_put_uri(struct store *store, const char *uri, const char *name,
                                        int64_t now, int64_t *artist_id)
{
    struct store_query query;
    bool same = false;
    enum store_result result = artist_find(store, uri, name, artist_id, &same);
    if (result == STORE_NOT_FOUND) {
        store_query_begin(&query, store, STORE_SQL_ARTIST_ADD, what_artist);
        store_query_text(&query, ":uri", uri);
        store_query_text(&query, ":name", name);
        store_query_int(&query, ":now", now);
        return run_insert(&query, artist_id);
    }
    if (result == STORE_OK && !same) {
        store_query_begin(&query, store, STORE_SQL_ARTIST_CHANGE, what_artist);
        store_query_int(&query, ":id", *artist_id);
        store_query_text(&query, ":name", name);
        store_query_int(&query, ":now", now);
        result = store_query_run(&query, NULL);
        store->names_changed++;
    }
    return result;
}

static enum store_result artist_put(struct store *store, const struct store_artist *artist,
                                    int64_t now, int64_t *artist_id)
{
    if (artist->uri != NULL) {
        return artist_put_uri(store, artist->uri, artist->name, now, artist_id);
    }
    char *uri = NULL;
    if (asprintf(&uri, MADE_UP "artist:%s", artist->name) < 0) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what_artist);
    }
    enum store_result result = artist_put_uri(store, uri, artist->name, now, artist_id);
    free(uri);
    return result;
}

/* An artist who was put a moment ago: those of an album mostly are those of its track, too. */
struct last_artist {
    const struct store_artist *artist; /* NULL: none yet */
    int64_t artist_id;
};

static bool is_same_uri(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_last(const struct last_artist *last, const struct store_artist *artist)
{
    return last->artist != NULL && is_same_uri(last->artist->uri, artist->uri) &&
           last->artist->name != NULL && artist->name != NULL &&
           strcmp(last->artist->name, artist->name) == 0;
}

/* The two lists of artists work alike; only the statements differ. */
struct artist_list {
    enum store_sql read;
    enum store_sql clear;
    enum store_sql add;
    const char *what;
    int64_t owner;             /* track_id or album_id */
    bool is_new;               /* the owner was just added: no list of it is stored */
    struct last_artist *first; /* of those put for this track, filled in by the first list */
};

static enum store_result list_artist(struct store *store, const struct artist_list *list,
                                     const struct store_artist *artist, int64_t now, int64_t *id)
{
    if (is_last(list->first, artist)) {
        *id = list->first->artist_id;
        return STORE_OK;
    }
    enum store_result result = artist_put(store, artist, now, id);
    if (result == STORE_OK && list->first->artist == NULL) {
        *list->first = (struct last_artist){artist, *id};
    }
    return result;
}

/* Puts the artists and collects their ids, each once. ids has room for count. */
static enum store_result list_collect(struct store *store, const struct artist_list *list,
                                      const struct store_artist *artists, size_t count, int64_t now,
                                      int64_t *ids, size_t *id_count)
{
    *id_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (artists[i].uri == NULL && is_empty(artists[i].name)) {
            continue;
        }
        int64_t id = 0;
        enum store_result result = list_artist(store, list, &artists[i], now, &id);
        if (result != STORE_OK) {
            return result;
        }
        bool known = false;
        for (size_t k = 0; k < *id_count; k++) {
            known = known || ids[k] == id;
        }
        if (!known) {
            ids[(*id_count)++] = id;
        }
    }
    return STORE_OK;
}

/* Does the stored list say the same? *any: there is a stored list. */
static enum store_result list_compare(struct store *store, const struct artist_list *list,
                                      const int64_t *ids, size_t count, bool *same, bool *any)
{
    struct store_query query;
    size_t rows = 0;
    *same = count == 0;
    *any = false;
    if (list->is_new) {
        return STORE_OK;
    }
    *same = true;
    store_query_begin(&query, store, list->read, list->what);
    store_query_int(&query, ":id", list->owner);
    while (store_query_row(&query)) {
        *same = *same && rows < count && store_query_get_int(&query, 0, 0) == ids[rows];
        rows++;
    }
    *same = *same && rows == count;
    *any = rows > 0;
    return store_query_end(&query);
}

static enum store_result list_clear(struct store *store, const struct artist_list *list)
{
    struct store_query query;
    store_query_begin(&query, store, list->clear, list->what);
    store_query_int(&query, ":id", list->owner);
    return store_query_run(&query, NULL);
}

static enum store_result list_fill(struct store *store, const struct artist_list *list,
                                   const int64_t *ids, size_t count)
{
    struct store_query query;
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < count && result == STORE_OK; i++) {
        store_query_begin(&query, store, list->add, list->what);
        store_query_int(&query, ":id", list->owner);
        store_query_int(&query, ":position", (int64_t)i);
        store_query_int(&query, ":artist_id", ids[i]);
        result = store_query_run(&query, NULL);
    }
    bool of_track = list->add == STORE_SQL_TRACK_ARTISTS_ADD && count > 0;
    return result == STORE_OK && of_track ? store_marks_named(store, list->owner) : result;
}

static enum store_result list_replace(struct store *store, const struct artist_list *list,
                                      const int64_t *ids, size_t count)
{
    struct store_ids before = {0};
    enum store_result result = store_ids_read(store, list->read, list->owner, &before);
    if (result == STORE_OK) {
        result = list_clear(store, list);
    }
    if (result == STORE_OK) {
        result = list_fill(store, list, ids, count);
    }
    if (result == STORE_OK) {
        result = store_prune_made_up_artists(store, &before);
    }
    store_ids_free(&before);
    return result;
}

/* Brings a list up to date. An empty one means not known, and one of bare names (from an export)
 * never replaces one that is there. */
static enum store_result list_put(struct store *store, const struct artist_list *list,
                                  const struct store_artist *artists, size_t count, int64_t now)
{
    size_t id_count = 0;
    bool same = true;
    bool any = false;
    bool named_only = false;
    for (size_t i = 0; i < count; i++) {
        named_only = named_only || is_made_up(artists[i].uri);
    }
    if (named_only) {
        enum store_result read = list_compare(store, list, NULL, 0, &same, &any);
        if (read != STORE_OK || any) {
            return read;
        }
    }
    int64_t *ids = calloc(count > 0 ? count : 1, sizeof *ids);
    if (ids == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", list->what);
    }
    enum store_result result = list_collect(store, list, artists, count, now, ids, &id_count);
    if (result == STORE_OK && id_count > 0) {
        result = list_compare(store, list, ids, id_count, &same, &any);
    }
    if (result == STORE_OK && !same) {
        /* SQLite builds a table of keys aside for a DELETE here, also where there is nothing. */
        result =
            any ? list_replace(store, list, ids, id_count) : list_fill(store, list, ids, id_count);
    }
    store->names_changed += !same && !list->is_new && list->add == STORE_SQL_ALBUM_ARTISTS_ADD;
    free(ids);
    return result;
}

/* -- albums ----------------------------------------------------------------------------------- */

static void album_bind(struct store_query *query, const struct store_track *track, int64_t now)
{
    store_query_text(query, ":name", track->album_name);
    store_query_text(query, ":album_type", track->album_type);
    store_query_text(query, ":release_date", track->album_release_date);
    store_query_text(query, ":cover_url", track->album_cover_url);
    store_query_int_or_null(query, ":total_tracks", track->album_total_tracks, -1);
    store_query_int(query, ":now", now);
}

/* An album that only an export named: its made-up uri is all that is told of it, and of its
 * artist. */
static bool is_only_named(const struct store_track *track)
{
    return is_made_up(track->album_uri) && is_empty(track->album_type) &&
           is_empty(track->album_release_date) && is_empty(track->album_cover_url) &&
           track->album_total_tracks < 0;
}

static enum store_result album_put(struct store *store, const struct store_track *track,
                                   int64_t now, struct last_artist *first, int64_t *album_id)
{
    struct store_query query;
    enum store_result result =
        find_by_uri(store, STORE_SQL_ALBUM_FIND, track->album_uri, what_album, album_id);
    bool is_new = result == STORE_NOT_FOUND;
    if (is_new) {
        store_query_begin(&query, store, STORE_SQL_ALBUM_ADD, what_album);
        store_query_text(&query, ":uri", track->album_uri);
        album_bind(&query, track, now);
        result = run_insert(&query, album_id);
    } else if (result == STORE_OK && is_only_named(track)) {
        return STORE_OK;
    } else if (result == STORE_OK) {
        store_query_begin(&query, store, STORE_SQL_ALBUM_CHANGE, what_album);
        store_query_int(&query, ":id", *album_id);
        album_bind(&query, track, now);
        result = store_query_run(&query, NULL);
    }
    if (result == STORE_OK) {
        struct artist_list list = {STORE_SQL_ALBUM_ARTISTS,
                                   STORE_SQL_ALBUM_ARTISTS_CLEAR,
                                   STORE_SQL_ALBUM_ARTISTS_ADD,
                                   what_album,
                                   *album_id,
                                   is_new,
                                   first};
        result = list_put(store, &list, track->album_artists, track->album_artist_count, now);
    }
    return result;
}

/* -- tracks ----------------------------------------------------------------------------------- */

enum store_result store_track_find(struct store *store, const char *uri, int64_t *track_id)
{
    return find_by_uri(store, STORE_SQL_TRACK_FIND, uri, "looking for a track", track_id);
}

static void track_bind(struct store_query *query, const struct store_track *track, int64_t album_id,
                       int64_t now)
{
    store_query_text(query, ":kind", track->kind);
    store_query_text(query, ":name", track->name);
    store_query_text_or_null(query, ":isrc", track->isrc);
    store_query_int_or_null(query, ":duration_ms", track->duration_ms, -1);
    store_query_int_or_null(query, ":track_number", track->track_number, -1);
    store_query_int_or_null(query, ":disc_number", track->disc_number, -1);
    store_query_int_or_null(query, ":explicit", track->explicit_lyrics, -1);
    store_query_int_or_null(query, ":album_id", album_id, 0);
    store_query_int(query, ":now", now);
}

static enum store_result track_add(struct store *store, const struct store_track *track,
                                   int64_t album_id, int64_t now, int64_t *track_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TRACK_ADD, what_track);
    store_query_text(&query, ":uri", track->uri);
    track_bind(&query, track, album_id, now);
    enum store_result result = run_insert(&query, track_id);
    return result == STORE_OK ? store_marks_named(store, *track_id) : result;
}

static enum store_result track_change(struct store *store, const struct store_track *track,
                                      int64_t album_id, int64_t now, int64_t track_id)
{
    struct store_query query;
    int64_t before = 0;
    enum store_result result =
        find_by_id(store, STORE_SQL_PRUNE_TRACK_OF, track_id, what_track, &before);
    if (result != STORE_OK && result != STORE_NOT_FOUND) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_TRACK_CHANGE, what_track);
    store_query_int(&query, ":id", track_id);
    /* An album that only an export named does not take the place of the real one. */
    store_query_int(&query, ":made_up", is_made_up(track->album_uri));
    track_bind(&query, track, album_id, now);
    result = store_query_run(&query, NULL);
    /* What an export made up is not needed once the real one has come. */
    return result == STORE_OK && before != 0 && album_id != 0 && album_id != before
               ? store_prune_made_up_album(store, before)
               : result;
}

enum store_result store_track_put(struct store *store, const struct store_track *track, int64_t now,
                                  int64_t *track_id)
{
    int64_t album_id = 0;
    struct last_artist first = {0};
    enum store_result result = STORE_OK;
    if (!is_empty(track->album_uri)) {
        result = album_put(store, track, now, &first, &album_id);
    }
    if (result == STORE_OK) {
        result = find_by_uri(store, STORE_SQL_TRACK_FIND, track->uri, what_track, track_id);
    }
    bool is_new = result == STORE_NOT_FOUND;
    if (is_new) {
        result = track_add(store, track, album_id, now, track_id);
    } else if (result == STORE_OK) {
        result = track_change(store, track, album_id, now, *track_id);
    }
    if (result == STORE_OK) {
        struct artist_list list = {STORE_SQL_TRACK_ARTISTS,
                                   STORE_SQL_TRACK_ARTISTS_CLEAR,
                                   STORE_SQL_TRACK_ARTISTS_ADD,
                                   what_track,
                                   *track_id,
                                   is_new,
                                   &first};
        result = list_put(store, &list, track->artists, track->artist_count, now);
    }
    return result;
}
