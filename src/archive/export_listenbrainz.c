/* SPDX-License-Identifier: MIT */
/*
 * Listens, as ListenBrainz documents them: when one began in seconds, names, and what else is
 * known. What is not known is left out: its readers take a null for a value.
 */
#include <string.h>

#include "archive/export_private.h"
#include "base/clock.h"

#define SHORTEST_MS (30 * CLOCK_SECOND)

/* A play of a short track that was heard to its half is a listen all the same. */
static bool is_short(const struct store_listed *row)
{
    int64_t duration = row->track->duration_ms;

    return row->ms_played >= 0 && row->ms_played < SHORTEST_MS &&
           (duration <= 0 || row->ms_played < duration / 2);
}

static enum export_left_out judge(const struct store_listed *row)
{
    const struct store_listed_track *track = row->track;

    if (strcmp(track->kind, "episode") == 0 || strcmp(track->kind, "chapter") == 0)
        return EXPORT_PODCAST;
    if (row->incognito == 1)
        return EXPORT_PRIVATE;
    if (is_short(row))
        return EXPORT_SHORT;
    if (!track->name || !export_album_artist(track))
        return EXPORT_NAMELESS;
    return EXPORT_WRITTEN;
}

/* The end is what Spotify tells. Where nobody told how long it was heard, it was heard whole. */
static int64_t began_at(const struct store_listed *row, int64_t now)
{
    int64_t heard = row->ms_played >= 0 ? row->ms_played : row->track->duration_ms;
    int64_t began = row->played_at - (heard > 0 ? heard : 0);

    if (began > now)
        began = now;
    return began > 0 ? began / 1000 : 0;
}

/* "https://open.spotify.com/track/ID" of "spotify:track:ID". */
static void add_address(struct buf *out, const char *key, const char *uri)
{
    const char *kind, *id;

    uri = export_uri(uri);
    kind = uri ? uri + strlen("spotify:") : NULL;
    id = kind ? strchr(kind, ':') : NULL;
    if (!id || strncmp(kind, "local:", 6) == 0 || strpbrk(id + 1, ":/?#\"\\ ") || !id[1])
        return;
    if (key)
        buf_addf(out, ",\"%s\":", key);
    buf_addf(out, "\"https://open.spotify.com/%.*s/", (int)(id - kind), kind);
    buf_add_text(out, id + 1);
    buf_add_text(out, "\"");
}

/* Spotify plays local files, too, but does not know them. */
static void add_service(struct buf *out, const struct store_listed *row)
{
    const struct store_listed_track *track = row->track;

    if (strcmp(track->kind, "local") == 0 || !export_uri(track->uri))
        return;
    buf_add_text(out, ",\"music_service\":\"spotify.com\"");
    add_address(out, "origin_url", track->uri);
    add_address(out, "spotify_id", track->uri);
    add_address(out, "spotify_album_id", track->album_uri);
}

static void add_artist_names(struct buf *out, const struct store_listed_track *track)
{
    const char *before = ",\"artist_names\":[";

    for (size_t i = 0; i < track->artist_count; i++) {
        if (!track->artists[i].name)
            continue;
        buf_add_text(out, before);
        export_json_text(out, track->artists[i].name);
        before = ",";
    }
    if (before[1] == '\0')
        buf_add_text(out, "]");
}

/* One name of all of them. */
static void add_artist(struct buf *out, const struct store_listed_track *track)
{
    struct buf all = {0};

    for (size_t i = 0; i < track->artist_count; i++) {
        if (!track->artists[i].name)
            continue;
        if (all.len > 0)
            buf_add_text(&all, ", ");
        buf_add_text(&all, track->artists[i].name);
    }
    export_json_member(out, "artist_name", all.len > 0 ? all.data : export_album_artist(track));
    if (all.failed)
        out->failed = true;
    buf_free(&all, false);
}

enum export_left_out export_row_listenbrainz(struct buf *out, const struct store_listed *row,
                                             int64_t now)
{
    const struct store_listed_track *track = row->track;
    enum export_left_out judged = judge(row);

    if (judged != EXPORT_WRITTEN)
        return judged;
    buf_add(out, "{", 1);
    export_json_number(out, "listened_at", began_at(row, now), -1);
    buf_add_text(out, ",\"track_metadata\":{");
    add_artist(out, track);
    export_json_member(out, ",track_name", track->name);
    if (track->album)
        export_json_member(out, ",release_name", track->album);
    buf_add_text(out, ",\"additional_info\":{\"submission_client\":\"spotify-historyd\"");
    add_artist_names(out, track);
    if (track->duration_ms > 0)
        export_json_number(out, ",duration_ms", track->duration_ms, -1);
    if (row->ms_played >= 0)
        export_json_number(out, ",duration_played", row->ms_played / 1000, -1);
    if (track->isrc)
        export_json_member(out, ",isrc", track->isrc);
    add_service(out, row);
    buf_add_text(out, "}}}");
    return EXPORT_WRITTEN;
}
