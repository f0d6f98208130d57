/* SPDX-License-Identifier: MIT */
/*
 * Spotify's long form. All keys are there, as in its own files since 2024; what we never store (the
 * address) is null.
 */
#include <string.h>

#include "archive/export_private.h"
#include "base/text.h"

static bool is_kind(const struct store_listed_track *track, const char *kind)
{
    return strcmp(track->kind, kind) == 0;
}

/* "2026-11-22T18:04:11Z": the second in which the play ended. */
static void add_second(struct buf *out, int64_t ms)
{
    char time[TEXT_TIME_SIZE];
    size_t len = strlen(text_time_format(ms, time));

    buf_add_text(out, "\"ts\":\"");
    buf_add(out, time, len - strlen(".000Z"));
    buf_add_text(out, "Z\"");
}

/* Of the three groups of keys all but one are null. */
static void add_item(struct buf *out, const struct store_listed_track *track)
{
    bool chapter = is_kind(track, "chapter"), episode = is_kind(track, "episode");
    bool music = !chapter && !episode;
    const char *uri = export_uri(track->uri);

    export_json_member(out, ",master_metadata_track_name", music ? track->name : NULL);
    export_json_member(out, ",master_metadata_album_artist_name",
                       music ? export_album_artist(track) : NULL);
    export_json_member(out, ",master_metadata_album_album_name", music ? track->album : NULL);
    export_json_member(out, ",spotify_track_uri", music ? uri : NULL);
    export_json_member(out, ",episode_name", episode ? track->name : NULL);
    export_json_member(out, ",episode_show_name", episode ? track->album : NULL);
    export_json_member(out, ",spotify_episode_uri", episode ? uri : NULL);
    export_json_member(out, ",audiobook_title", chapter ? track->album : NULL);
    export_json_member(out, ",audiobook_uri", chapter ? export_uri(track->album_uri) : NULL);
    export_json_member(out, ",audiobook_chapter_uri", chapter ? uri : NULL);
    export_json_member(out, ",audiobook_chapter_title", chapter ? track->name : NULL);
}

enum export_left_out export_row_extended(struct buf *out, const struct store_listed *row,
                                         int64_t now)
{
    (void)now;
    buf_add(out, "{", 1);
    add_second(out, row->played_at);
    export_json_member(out, ",platform", row->platform);
    export_json_number(out, ",ms_played", row->ms_played, -1);
    export_json_member(out, ",conn_country", row->country);
    export_json_member(out, ",ip_addr", NULL);
    add_item(out, row->track);
    export_json_member(out, ",reason_start", row->reason_start);
    export_json_member(out, ",reason_end", row->reason_end);
    export_json_flag(out, ",shuffle", row->shuffle);
    export_json_flag(out, ",skipped", row->skipped);
    export_json_flag(out, ",offline", row->offline);
    export_json_number(out, ",offline_timestamp", row->offline_at, STORE_NO_TIME);
    export_json_flag(out, ",incognito_mode", row->incognito);
    export_json_time(out, ",historyd_played_at", row->played_at);
    buf_add(out, "}", 1);
    return EXPORT_WRITTEN;
}
