/* SPDX-License-Identifier: MIT */
#include "archive/export_private.h"

static void add_artists(struct buf *out, const struct store_listed_track *track)
{
    buf_add_text(out, ",\"artists\":[");
    for (size_t i = 0; i < track->artist_count; i++) {
        buf_add_text(out, i > 0 ? ",{" : "{");
        export_json_member(out, "name", track->artists[i].name);
        export_json_member(out, ",uri", export_uri(track->artists[i].uri));
        buf_add(out, "}", 1);
    }
    buf_add(out, "]", 1);
}

static void add_details(struct buf *out, const struct store_listed *row)
{
    export_json_member(out, ",reason_start", row->reason_start);
    export_json_member(out, ",reason_end", row->reason_end);
    export_json_flag(out, ",shuffle", row->shuffle);
    export_json_flag(out, ",skipped", row->skipped);
    export_json_flag(out, ",offline", row->offline);
    export_json_flag(out, ",incognito", row->incognito);
    export_json_member(out, ",platform", row->platform);
    export_json_member(out, ",country", row->country);
}

enum export_left_out export_row_json(struct buf *out, const struct store_listed *row, int64_t now)
{
    const struct store_listed_track *track = row->track;

    (void)now;
    buf_add(out, "{", 1);
    export_json_time(out, "played_at", row->played_at);
    export_json_number(out, ",user_id", row->user->user_id, 0);
    export_json_member(out, ",user", row->user->spotify_id);
    export_json_member(out, ",track", track->name);
    add_artists(out, track);
    export_json_member(out, ",album", track->album);
    export_json_member(out, ",kind", track->kind);
    export_json_number(out, ",duration_ms", track->duration_ms, -1);
    export_json_number(out, ",ms_played", row->ms_played, -1);
    export_json_member(out, ",source", row->source);
    export_json_member(out, ",context_uri", row->context_uri);
    export_json_member(out, ",track_uri", export_uri(track->uri));
    export_json_member(out, ",album_uri", export_uri(track->album_uri));
    export_json_member(out, ",isrc", track->isrc);
    export_json_time(out, ",first_seen_at", row->first_seen_at);
    export_json_number(out, ",nudge_ms", row->nudge_ms, -1);
    add_details(out, row);
    buf_add(out, "}", 1);
    return EXPORT_WRITTEN;
}
