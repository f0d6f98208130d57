/* SPDX-License-Identifier: MIT */
#include "archive/trackbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/vault.h"

#define MADE_UP "historyd:"
#define URI_KEPT 80 /* a longer one is asked for each time */

/* What is of an earlier round is forgotten. */
struct by_uri {
    int64_t track_id; /* 0: not stored */
    uint32_t round;
    struct match_keys keys;
    char uri[URI_KEPT];
};

struct by_id {
    int64_t track_id; /* 0: a free place */
    uint32_t round;
    struct match_keys keys;
};

struct trackbook {
    struct store *store;
    uint64_t seed;
    uint32_t round;                /* from 1 on */
    int64_t version;               /* of the names when this was told of */
    struct store_told_title title; /* read last */
    char made_up[sizeof(MADE_UP "track::") + 4 * ARCHIVE_TEXT_MAX];
    char album_uri[sizeof(MADE_UP "album::") + 4 * ARCHIVE_TEXT_MAX];
    size_t places;
    struct by_uri *by_uri; /* NULL: no row has asked yet */
    struct by_id *by_id;
};

struct trackbook *trackbook_new(struct store *store, size_t places)
{
    struct trackbook *book = calloc(1, sizeof(*book));

    if (!book)
        return NULL;
    book->store = store;
    book->places = places;
    book->round = 1;
    book->by_id = calloc(places, sizeof(*book->by_id));
    vault_random(&book->seed, sizeof(book->seed));
    if (book->by_id)
        return book;
    trackbook_free(book);
    return NULL;
}

void trackbook_free(struct trackbook *book)
{
    if (!book)
        return;
    free(book->by_uri);
    free(book->by_id);
    free(book);
}

enum store_result trackbook_look(struct trackbook *book)
{
    int64_t version = 0;
    enum store_result result = store_names_version(book->store, &version);

    if (result != STORE_OK || version == book->version)
        return result;
    book->version = version;
    book->round++; /* no book lives for 2^32 of them */
    return STORE_OK;
}

/* -- numbers ----------------------------------------------------------------------------------- */

/* FNV-1a from a start that nobody outside knows, and mixed at the end: a file cannot be made to hit
 * one place. */
static uint64_t hash(const struct trackbook *book, const char *text)
{
    uint64_t value = book->seed ^ UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    return value ? value : 1;
}

static bool is_made_up(const char *uri)
{
    return strncmp(uri, MADE_UP, strlen(MADE_UP)) == 0;
}

/* A made-up uri says no more than the names do. */
static uint64_t uri_number(const struct trackbook *book, const char *uri)
{
    return is_made_up(uri) ? 0 : hash(book, uri);
}

static struct match_keys keys_of_title(const struct trackbook *book,
                                       const struct store_told_title *title)
{
    struct match_keys keys = {.uri = uri_number(book, title->uri)};

    if (title->isrc[0])
        keys.isrc = hash(book, title->isrc);
    keys.names[0] =
        match_name_key(title->name, title->album_artist[0] ? title->album_artist : title->artist);
    keys.names[1] =
        match_name_key(title->name, title->artist[0] ? title->artist : title->album_artist);
    return keys;
}

static struct match_keys keys_of_row(const struct trackbook *book, const char *uri,
                                     const struct archive_row *row)
{
    uint64_t name = match_name_key(row->name, row->artist);

    return (struct match_keys){.uri = uri_number(book, uri), .names = {name, name}};
}

/* -- uris -------------------------------------------------------------------------------------- */

/* Appends a text in which ':' and '%' are escaped, so that two of them cannot be mixed up. */
static char *append_escaped(char *out, const char *text)
{
    for (; *text; text++) {
        if (*text == ':' || *text == '%')
            out += sprintf(out, "%%%02X", (unsigned)*text);
        else
            *out++ = *text;
    }
    *out = '\0';
    return out;
}

static const char *make_up(char *out, const char *what, const char *by, const char *name)
{
    char *end = append_escaped(out + sprintf(out, MADE_UP "%s:", what), by);

    sprintf(end, ":%s", name);
    return out;
}

static const char *uri_of(struct trackbook *book, const struct archive_row *row)
{
    return row->uri[0] ? row->uri : make_up(book->made_up, "track", row->artist, row->name);
}

/* -- looking up -------------------------------------------------------------------------------- */

static struct by_id *place_of_id(struct trackbook *book, int64_t track_id)
{
    return &book->by_id[(uint64_t)track_id & (book->places - 1)];
}

enum store_result trackbook_keys(struct trackbook *book, int64_t track_id, struct match_keys *keys)
{
    struct by_id *place = place_of_id(book, track_id);
    enum store_result result;

    if (place->track_id == track_id && place->round == book->round) {
        *keys = place->keys;
        return STORE_OK;
    }
    result = store_told_title_get(book->store, track_id, &book->title);
    if (result != STORE_OK)
        return result;
    *place = (struct by_id){track_id, book->round, keys_of_title(book, &book->title)};
    *keys = place->keys;
    return STORE_OK;
}

void trackbook_drop(struct trackbook *book, int64_t track_id)
{
    struct by_id *place = place_of_id(book, track_id);

    if (place->track_id == track_id)
        place->track_id = 0;
}

static struct by_uri *place_of_uri(struct trackbook *book, const char *uri)
{
    return &book->by_uri[hash(book, uri) & (book->places - 1)];
}

static void remember(struct trackbook *book, const char *uri, int64_t track_id,
                     const struct match_keys *keys)
{
    struct by_uri *place = place_of_uri(book, uri);
    size_t len = strlen(uri);

    if (len >= sizeof(place->uri))
        return;
    memcpy(place->uri, uri, len + 1);
    place->round = book->round;
    place->track_id = track_id;
    place->keys = *keys;
    if (track_id != 0)
        *place_of_id(book, track_id) = (struct by_id){track_id, book->round, *keys};
}

enum store_result trackbook_find(struct trackbook *book, const struct archive_row *row,
                                 struct match_keys *keys, int64_t *track_id)
{
    const char *uri = uri_of(book, row);
    const struct by_uri *place;
    enum store_result result;

    if (!book->by_uri)
        book->by_uri = calloc(book->places, sizeof(*book->by_uri));
    if (!book->by_uri)
        return STORE_NOMEM;
    place = place_of_uri(book, uri);
    if (place->round == book->round && strcmp(place->uri, uri) == 0) {
        *keys = place->keys;
        *track_id = place->track_id;
        return STORE_OK;
    }
    result = store_told_title_find(book->store, uri, &book->title);
    if (result != STORE_OK && result != STORE_NOT_FOUND)
        return result;
    *track_id = result == STORE_OK ? book->title.track_id : 0;
    *keys = result == STORE_OK ? keys_of_title(book, &book->title) : keys_of_row(book, uri, row);
    remember(book, uri, *track_id, keys);
    return STORE_OK;
}

/* -- putting ----------------------------------------------------------------------------------- */

static enum store_result add_track(struct trackbook *book, const struct archive_row *row,
                                   const char *uri, int64_t now, int64_t *track_id)
{
    static const char *const kinds[] = {
        [ARCHIVE_TRACK] = "track",
        [ARCHIVE_EPISODE] = "episode",
        [ARCHIVE_CHAPTER] = "chapter",
        [ARCHIVE_LOCAL] = "local",
    };
    struct store_artist artist = {.name = row->artist};
    struct store_track track = {
        .uri = uri,
        .kind = kinds[row->kind],
        .name = row->name,
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .explicit_lyrics = -1,
        .artists = &artist,
        .artist_count = row->artist[0] ? 1 : 0,
        .album_total_tracks = -1,
        .album_artists = &artist,
        .album_artist_count = row->artist[0] ? 1 : 0,
    };

    if (row->album[0]) {
        track.album_uri = make_up(book->album_uri, "album", row->artist, row->album);
        track.album_name = row->album;
    }
    return store_track_put(book->store, &track, now, track_id);
}

enum store_result trackbook_put(struct trackbook *book, const struct archive_row *row, int64_t now,
                                int64_t *track_id)
{
    struct match_keys keys;
    enum store_result result = trackbook_find(book, row, &keys, track_id);
    const char *uri = uri_of(book, row);

    if (result != STORE_OK || *track_id != 0)
        return result;
    result = add_track(book, row, uri, now, track_id);
    if (result == STORE_OK)
        remember(book, uri, *track_id, &keys);
    return result;
}
