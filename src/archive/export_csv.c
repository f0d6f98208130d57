/* SPDX-License-Identifier: MIT */
#include "archive/export_private.h"
#include "base/text.h"

/* In the order in which export_row_csv() adds them. */
const char export_csv_head[] =
    "played_at,user_id,user,track,artists,album,kind,duration_ms,ms_played,source,context_uri,"
    "track_uri,album_uri,artist_uris,isrc,first_seen_at,nudge_ms,reason_start,reason_end,shuffle,"
    "skipped,offline,incognito,platform,country\r\n";

static void add_text(struct buf *out, const char *text)
{
    buf_add(out, ",", 1);
    export_csv_text(out, text);
}

static void add_number(struct buf *out, int64_t value, int64_t none)
{
    buf_add(out, ",", 1);
    if (value != none)
        export_number(out, value);
}

static void add_time(struct buf *out, int64_t ms)
{
    char time[TEXT_TIME_SIZE];

    if (ms != STORE_NO_TIME)
        buf_add_text(out, text_time_format(ms, time));
}

/* All names, or all uris, in one field. */
static void add_artists(struct buf *out, const struct store_listed_track *track, bool uris)
{
    struct buf all = {0};

    if (track->artist_count == 1) {
        add_text(out, uris ? export_uri(track->artists[0].uri) : track->artists[0].name);
        return;
    }
    for (size_t i = 0; i < track->artist_count; i++) {
        const char *one = uris ? export_uri(track->artists[i].uri) : track->artists[i].name;

        if (i > 0)
            buf_add_text(&all, uris ? " " : ", ");
        buf_add_text(&all, one ? one : "");
    }
    add_text(out, all.data);
    if (all.failed)
        out->failed = true;
    buf_free(&all, false);
}

enum export_left_out export_row_csv(struct buf *out, const struct store_listed *row, int64_t now)
{
    const struct store_listed_track *track = row->track;

    (void)now;
    add_time(out, row->played_at);
    add_number(out, row->user->user_id, 0);
    add_text(out, row->user->spotify_id);
    add_text(out, track->name);
    add_artists(out, track, false);
    add_text(out, track->album);
    add_text(out, track->kind);
    add_number(out, track->duration_ms, -1);
    add_number(out, row->ms_played, -1);
    add_text(out, row->source);
    add_text(out, row->context_uri);
    add_text(out, export_uri(track->uri));
    add_text(out, export_uri(track->album_uri));
    add_artists(out, track, true);
    add_text(out, track->isrc);
    buf_add(out, ",", 1);
    add_time(out, row->first_seen_at);
    add_number(out, row->nudge_ms, -1);
    add_text(out, row->reason_start);
    add_text(out, row->reason_end);
    add_number(out, row->shuffle, -1);
    add_number(out, row->skipped, -1);
    add_number(out, row->offline, -1);
    add_number(out, row->incognito, -1);
    add_text(out, row->platform);
    add_text(out, row->country);
    buf_add(out, "\r\n", 2);
    return EXPORT_WRITTEN;
}
