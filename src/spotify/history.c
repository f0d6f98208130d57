/* SPDX-License-Identifier: MIT */
#include "spotify/history.h"

#include <stdio.h>
#include <string.h>

#include "base/json_pull.h"
#include "base/text.h"
#include "spotify/fields.h"

#define PAGE_USUAL 50 /* items that there is room for at first */
#define COVER_URL_MAX 500
#define ISRC_MAX 32

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct raw_artist {
    struct field_uri uri;
    struct field_uri id;
    const char *name;
};

struct artist_list {
    struct spotify_artist *artists;
    size_t count;
};

struct raw_image {
    const char *url;
    int64_t width;
};

struct raw_album {
    struct field_uri uri;
    struct field_uri id;
    const char *name;
    const char *type;
    const char *release_date;
    const char *cover_url;
    int64_t total_tracks;
    struct artist_list artists;
};

/* The track of an item: its values, or why there are none. */
struct raw_track {
    const char *odd; /* NULL: an object */
    struct field_uri uri;
    struct field_uri id;
    const char *type;
    const char *name;
    const char *isrc;
    int is_local;
    int explicit_lyrics;
    int64_t duration_ms;
    int64_t track_number;
    int64_t disc_number;
    struct artist_list artists;
    struct raw_album album;
};

struct raw_time {
    const char *odd; /* NULL: ms is one */
    int64_t ms;
};

struct raw_item {
    struct raw_track track;
    struct raw_time played_at;
    struct field_uri context;
};

/* One decoding. */
struct decoder {
    struct fields_reader reader;
    const char *json;
    int64_t earliest_ms;
    int64_t latest_ms;
    struct spotify_page *page;
    size_t room; /* plays that page->plays can hold */
    bool has_items;
};

/* "spotify:artist:ID" for what has an id but no uri; NULL if it has neither. */
static const char *known_by(struct fields_reader *reader, const struct field_uri *uri,
                            const struct field_uri *id, const char *type)
{
    char made[FIELDS_URI_MAX + 1];
    int len;
    const char *copy;

    if (uri->text != NULL || id->text == NULL)
        return uri->text;
    len = snprintf(made, sizeof(made), "spotify:%s:%s", type, id->text);
    if (len < 0 || (size_t)len >= sizeof(made))
        return NULL;
    copy = arena_copy(reader->arena, made, (size_t)len);
    if (copy == NULL)
        reader->error = "out of memory";
    return copy;
}

static const struct field artist_fields[] = {
    FIELD("uri", fields_read_uri, raw_artist, uri),
    FIELD("id", fields_read_id, raw_artist, id),
    FIELD("name", fields_read_name, raw_artist, name),
};

/* Reads one artist; false if there is nothing that it could be known by. */
static bool artist_read(struct fields_reader *reader, enum json_token token,
                        struct spotify_artist *artist)
{
    struct raw_artist raw = {0};

    if (!fields_read_object(reader, token, artist_fields, COUNT_OF(artist_fields), &raw))
        return false;
    artist->uri = known_by(reader, &raw.uri, &raw.id, "artist");
    artist->name = raw.name != NULL ? raw.name : "";
    return artist->uri != NULL || artist->name[0] != '\0';
}

static void artists_read(struct fields_reader *reader, enum json_token token, void *into)
{
    struct artist_list *list = into;
    struct spotify_artist artists[SPOTIFY_ARTISTS_MAX];
    size_t count = 0;

    *list = (struct artist_list){0};
    if (token != JSON_TOKEN_ARRAY_BEGIN) {
        fields_skip(reader, token);
        return;
    }
    while ((token = fields_next(reader)) != JSON_TOKEN_ARRAY_END && reader->error == NULL) {
        if (count == SPOTIFY_ARTISTS_MAX)
            fields_skip(reader, token);
        else if (artist_read(reader, token, &artists[count]))
            count++;
    }
    if (count == 0 || reader->error != NULL)
        return;
    list->artists = arena_alloc(reader->arena, count * sizeof(artists[0]));
    if (list->artists == NULL) {
        reader->error = "out of memory";
        return;
    }
    memcpy(list->artists, artists, count * sizeof(artists[0]));
    list->count = count;
}

static const struct field image_fields[] = {
    FIELD("url", fields_read_name, raw_image, url),
    FIELD("width", fields_read_count, raw_image, width),
};

static bool cover_url_valid(const char *url)
{
    static const char scheme[] = "https://";
    size_t len = url != NULL ? strlen(url) : 0;

    if (len > COVER_URL_MAX || len < sizeof(scheme) || memcmp(url, scheme, sizeof(scheme) - 1) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (url[i] <= ' ' || url[i] > '~')
            return false;
    }
    return true;
}

/* The address of the widest image, the first of several that are equally wide. */
static void images_read(struct fields_reader *reader, enum json_token token, void *into)
{
    const char **cover_url = into;
    int64_t widest = -2;

    *cover_url = NULL;
    if (token != JSON_TOKEN_ARRAY_BEGIN) {
        fields_skip(reader, token);
        return;
    }
    while ((token = fields_next(reader)) != JSON_TOKEN_ARRAY_END && reader->error == NULL) {
        struct raw_image image = {.width = -1};

        if (!fields_read_object(reader, token, image_fields, COUNT_OF(image_fields), &image))
            continue;
        if (image.width > widest && cover_url_valid(image.url)) {
            widest = image.width;
            *cover_url = image.url;
        }
    }
}

static const struct field album_fields[] = {
    FIELD("uri", fields_read_uri, raw_album, uri),
    FIELD("id", fields_read_id, raw_album, id),
    FIELD("name", fields_read_name, raw_album, name),
    FIELD("album_type", fields_read_name, raw_album, type),
    FIELD("release_date", fields_read_name, raw_album, release_date),
    FIELD("total_tracks", fields_read_count, raw_album, total_tracks),
    FIELD("images", images_read, raw_album, cover_url),
    FIELD("artists", artists_read, raw_album, artists),
};

static void album_read(struct fields_reader *reader, enum json_token token, void *into)
{
    struct raw_album *album = into;

    *album = (struct raw_album){.total_tracks = -1};
    fields_read_object(reader, token, album_fields, COUNT_OF(album_fields), album);
}

/* external_ids: of all that could be in it only the ISRC is kept. */
static void external_ids_read(struct fields_reader *reader, enum json_token token, void *into)
{
    static const struct field fields[] = {{"isrc", 4, fields_read_name, 0}};

    *(const char **)into = NULL;
    fields_read_object(reader, token, fields, COUNT_OF(fields), into);
}

static const struct field track_fields[] = {
    FIELD("uri", fields_read_uri, raw_track, uri),
    FIELD("id", fields_read_id, raw_track, id),
    FIELD("type", fields_read_name, raw_track, type),
    FIELD("name", fields_read_name, raw_track, name),
    FIELD("external_ids", external_ids_read, raw_track, isrc),
    FIELD("is_local", fields_read_flag, raw_track, is_local),
    FIELD("explicit", fields_read_flag, raw_track, explicit_lyrics),
    FIELD("duration_ms", fields_read_count, raw_track, duration_ms),
    FIELD("track_number", fields_read_count, raw_track, track_number),
    FIELD("disc_number", fields_read_count, raw_track, disc_number),
    FIELD("artists", artists_read, raw_track, artists),
    FIELD("album", album_read, raw_track, album),
};

static void track_read(struct fields_reader *reader, enum json_token token, void *into)
{
    struct raw_track *track = into;

    *track = (struct raw_track){
        .is_local = -1,
        .explicit_lyrics = -1,
        .duration_ms = -1,
        .track_number = -1,
        .disc_number = -1,
        .album.total_tracks = -1,
    };
    if (token == JSON_TOKEN_NULL)
        track->odd = "track is null";
    else if (!fields_read_object(reader, token, track_fields, COUNT_OF(track_fields), track))
        track->odd = "track is not an object";
}

static void played_at_read(struct fields_reader *reader, enum json_token token, void *into)
{
    struct raw_time *time = into;
    const char *text;
    size_t len;

    *time = (struct raw_time){.odd = "played_at is not a time"};
    if (token != JSON_TOKEN_STRING) {
        fields_skip(reader, token);
        return;
    }
    text = json_pull_text(reader->pull, &len);
    if (text_time_parse(text, len, &time->ms))
        time->odd = NULL;
}

static void context_read(struct fields_reader *reader, enum json_token token, void *into)
{
    static const struct field fields[] = {{"uri", 3, fields_read_uri, 0}};

    *(struct field_uri *)into = (struct field_uri){0};
    fields_read_object(reader, token, fields, COUNT_OF(fields), into);
}

static const struct field item_fields[] = {
    FIELD("track", track_read, raw_item, track),
    FIELD("played_at", played_at_read, raw_item, played_at),
    FIELD("context", context_read, raw_item, context),
};

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; text != NULL && i < count; i++) {
        if (strcmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

/* "1981", "1981-12" or "1981-12-15" in digits; Spotify says "0000" for a date it does not know. */
static bool release_date_valid(const char *date)
{
    size_t len = date != NULL ? strlen(date) : 0;

    if ((len != 4 && len != 7 && len != 10) || strncmp(date, "0000", 4) == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (i == 4 || i == 7 ? date[i] != '-' : date[i] < '0' || date[i] > '9')
            return false;
    }
    return true;
}

static void album_finish(struct fields_reader *reader, const struct raw_album *raw,
                         struct spotify_album *album)
{
    static const char *const types[] = {"album", "single", "compilation"};

    album->uri = known_by(reader, &raw->uri, &raw->id, "album");
    album->name = raw->name != NULL ? raw->name : "";
    album->type = is_one_of(raw->type, types, COUNT_OF(types)) ? raw->type : NULL;
    album->release_date = release_date_valid(raw->release_date) ? raw->release_date : NULL;
    album->cover_url = raw->cover_url;
    album->total_tracks = raw->total_tracks;
    album->artists = raw->artists.artists;
    album->artist_count = raw->artists.count;
}

/* What a uri of each beginning is, or an object of each type. */
static const struct kind_sign {
    const char *prefix;
    const char *type;
    enum spotify_kind kind;
} kind_signs[] = {
    {"spotify:local:", "local", SPOTIFY_LOCAL},
    {"spotify:episode:", "episode", SPOTIFY_EPISODE},
    {"spotify:chapter:", "chapter", SPOTIFY_CHAPTER},
    {"spotify:audiobook:", "audiobook", SPOTIFY_CHAPTER},
};

static const struct kind_sign *kind_find(const struct raw_track *track)
{
    const char *uri = track->uri.text != NULL ? track->uri.text : "";
    const char *type = track->type != NULL ? track->type : "";

    if (track->is_local == 1)
        return &kind_signs[0];
    for (size_t i = 0; i < COUNT_OF(kind_signs); i++) {
        const struct kind_sign *sign = &kind_signs[i];

        if (strncmp(uri, sign->prefix, strlen(sign->prefix)) == 0 || strcmp(type, sign->type) == 0)
            return sign;
    }
    return NULL;
}

static bool isrc_valid(const char *isrc)
{
    size_t len = isrc != NULL ? strlen(isrc) : 0;

    for (size_t i = 0; i < len; i++) {
        if (isrc[i] <= ' ' || isrc[i] > '~')
            return false;
    }
    return len > 0 && len <= ISRC_MAX;
}

static void track_finish(struct fields_reader *reader, const struct raw_track *raw,
                         struct spotify_track *track)
{
    const struct kind_sign *sign = kind_find(raw);
    const char *type = sign != NULL && sign->kind != SPOTIFY_LOCAL ? sign->type : "track";

    track->uri = known_by(reader, &raw->uri, &raw->id, type);
    track->kind = sign != NULL ? sign->kind : SPOTIFY_TRACK;
    track->name = raw->name != NULL ? raw->name : "";
    track->isrc = isrc_valid(raw->isrc) ? raw->isrc : NULL;
    track->duration_ms = raw->duration_ms;
    track->track_number = raw->track_number;
    track->disc_number = raw->disc_number;
    track->explicit_lyrics = raw->explicit_lyrics;
    track->artists = raw->artists.artists;
    track->artist_count = raw->artists.count;
    album_finish(reader, &raw->album, &track->album);
}

/* Why an item is none, as static text; NULL if it is good. */
static const char *item_judge(const struct decoder *decoder, const struct raw_item *item)
{
    const struct raw_track *track = &item->track;
    const struct raw_time *time = &item->played_at;

    if (track->odd != NULL)
        return track->odd;
    if (track->uri.bad)
        return "track uri is not valid";
    if (track->uri.text == NULL && track->id.text == NULL)
        return track->id.bad ? "track id is not valid" : "track has no uri and no id";
    if (time->odd != NULL)
        return time->odd;
    if (time->ms < decoder->earliest_ms || time->ms > decoder->latest_ms)
        return "played_at is out of range";
    return NULL;
}

/* A place for one more play, or NULL without memory. Room is for the usual page first, then for the
 * largest. */
static struct spotify_play *play_add(struct decoder *decoder)
{
    struct spotify_page *page = decoder->page;

    if (page->play_count == decoder->room) {
        size_t room = decoder->room == 0 ? PAGE_USUAL : SPOTIFY_HISTORY_MAX;
        struct spotify_play *plays = arena_alloc(&page->arena, room * sizeof(*plays));

        if (plays == NULL) {
            decoder->reader.error = "out of memory";
            return NULL;
        }
        if (page->play_count > 0)
            memcpy(plays, page->plays, page->play_count * sizeof(*plays));
        page->plays = plays;
        decoder->room = room;
    }
    return &page->plays[page->play_count++];
}

static void item_note_odd(struct decoder *decoder, const char *reason, uint64_t from)
{
    struct spotify_page *page = decoder->page;
    const char *begin = decoder->json + from;
    const char *end = decoder->json + json_pull_offset(decoder->reader.pull);

    if (page->odd_count++ > 0)
        return;
    while (begin < end && strchr(", \t\r\n", *begin) != NULL)
        begin++;
    page->odd_reason = reason;
    text_excerpt(begin, (size_t)(end - begin), page->odd_excerpt, sizeof(page->odd_excerpt));
}

/* Reads one item, which begins somewhere behind byte from. */
static void item_read(struct decoder *decoder, enum json_token token, uint64_t from)
{
    struct fields_reader *reader = &decoder->reader;
    struct raw_item item = {.track.odd = "item has no track",
                            .played_at.odd = "item has no played_at"};
    const char *odd = "item is not an object";
    struct spotify_play *play;

    if (decoder->page->item_count++ >= SPOTIFY_HISTORY_MAX) {
        fields_skip(reader, token);
        odd = "more items than a page may hold";
    } else if (fields_read_object(reader, token, item_fields, COUNT_OF(item_fields), &item)) {
        odd = item_judge(decoder, &item);
    }
    if (reader->error != NULL)
        return;
    if (odd != NULL) {
        item_note_odd(decoder, odd, from);
        return;
    }
    play = play_add(decoder);
    if (play == NULL)
        return;
    play->played_at_ms = item.played_at.ms;
    play->context_uri = item.context.text;
    track_finish(reader, &item.track, &play->track);
}

static void items_read(struct fields_reader *reader, enum json_token token, void *into)
{
    struct decoder *decoder = into;
    struct spotify_page *page = decoder->page;
    uint64_t from;

    page->play_count = 0;
    page->item_count = 0;
    page->odd_count = 0;
    page->odd_reason = NULL;
    decoder->has_items = token == JSON_TOKEN_ARRAY_BEGIN;
    if (!decoder->has_items) {
        fields_skip(reader, token);
        return;
    }
    from = json_pull_offset(reader->pull);
    while ((token = fields_next(reader)) != JSON_TOKEN_ARRAY_END && reader->error == NULL) {
        item_read(decoder, token, from);
        from = json_pull_offset(reader->pull);
    }
}

/* Reads the whole answer. What is wrong with it is left in decoder->reader.error. */
static void page_read(struct decoder *decoder)
{
    static const struct field fields[] = {{"items", 5, items_read, 0}};
    struct fields_reader *reader = &decoder->reader;
    enum json_token token = fields_next(reader);
    bool is_object = fields_read_object(reader, token, fields, COUNT_OF(fields), decoder);

    if (reader->error == NULL)
        fields_next(reader); /* the end, or whatever follows and should not */
    if (reader->error == NULL && !is_object)
        reader->error = "the answer is not an object";
    if (reader->error == NULL && !decoder->has_items)
        reader->error = "the answer has no array of items";
}

bool spotify_history_decode(const char *json, size_t len, int64_t earliest_ms, int64_t latest_ms,
                            struct spotify_page *page, const char **error)
{
    struct decoder decoder = {
        .reader = {.pull = json_pull_new(), .arena = &page->arena},
        .json = json,
        .earliest_ms = earliest_ms,
        .latest_ms = latest_ms,
        .page = page,
    };

    *page = (struct spotify_page){0};
    if (decoder.reader.pull == NULL) {
        *error = "out of memory";
        return false;
    }
    json_pull_feed(decoder.reader.pull, json, len, true);
    page_read(&decoder);
    json_pull_free(decoder.reader.pull);
    if (decoder.reader.error != NULL) {
        *error = decoder.reader.error;
        spotify_page_free(page);
        return false;
    }
    return true;
}

void spotify_page_free(struct spotify_page *page)
{
    arena_free(&page->arena);
    *page = (struct spotify_page){0};
}

const char *spotify_kind_name(enum spotify_kind kind)
{
    static const char *const names[] = {
        [SPOTIFY_TRACK] = "track",
        [SPOTIFY_EPISODE] = "episode",
        [SPOTIFY_CHAPTER] = "chapter",
        [SPOTIFY_LOCAL] = "local",
    };

    return names[kind];
}
