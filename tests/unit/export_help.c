/* SPDX-License-Identifier: MIT */
#include "export_help.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char users[] =
    "INSERT INTO users (user_id, spotify_id, display_name, state_since, added_at) VALUES"
    " (1, 'ann01', 'Ann', 0, 0), (2, 'bob\"02', NULL, 0, 0);";

static const char catalogue[] =
    "INSERT INTO artists VALUES (1, 'spotify:artist:a1', 'A, B', 0),"
    " (2, 'spotify:artist:a2', '\xce\xa3\xce\xaf\xce\xb3\xce\xbc\xce\xb1', 0),"
    " (3, 'historyd:artist:x', 'Made up', 0), (4, 'spotify:artist:a4', '@four', 0),"
    " (5, 'spotify:artist:a5', 'Various', 0);"
    "INSERT INTO albums (album_id, uri, name, updated_at) VALUES"
    " (1, 'spotify:album:b1', 'Line' || char(10) || 'Break', 0),"
    " (2, 'spotify:show:s2', 'The Show', 0), (3, 'historyd:album:x', 'The Book', 0);"
    "INSERT INTO album_artists VALUES (1, 0, 5);"
    "INSERT INTO tracks (track_id, uri, kind, name, isrc, duration_ms, album_id, updated_at) VALUES"
    " (1, 'spotify:track:t1', 'track', 'He said \"hi\", then\\left', 'SEABC2600001', 200000, 1, 0),"
    " (2, 'spotify:local:A:B:C:200', 'local', '\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x8e\xa7',"
    "  NULL, NULL, NULL, 0),"
    " (3, 'spotify:episode:e3', 'episode', 'Episode 3', NULL, 1800000, 2, 0),"
    " (4, 'spotify:track:t4', 'track', '', NULL, NULL, NULL, 0),"
    " (5, 'spotify:track:t5', 'track', '=1+1' || char(9) || char(27), NULL, 40000, NULL, 0),"
    " (6, 'historyd:chapter:c6', 'chapter', ' Chapter ', NULL, NULL, 3, 0);"
    "INSERT INTO track_artists VALUES (1, 0, 1), (1, 1, 2), (2, 0, 3), (5, 0, 4);";

/* From 2026-01-01T00:00:00Z. */
static const char plays[] =
    "INSERT INTO contexts VALUES (3, 1, 'spotify:playlist:p');"
    "INSERT INTO played_tracks (user_id, played_at, track_id, context_id, source, first_seen_at,"
    " ms_played, nudge_ms, deleted_at) VALUES"
    " (1, 1767225600207, 1, 3, 'api', 1767225700000, 150000, 0, NULL),"
    " (1, 1767225601000, 1, NULL, 'extended', 1767225700000, 30000, 0, NULL),"
    " (1, 1767225601001, 5, NULL, 'extended', 1767225700000, 20000, 1, NULL),"
    " (2, 1767225601000, 1, NULL, 'api', 1767225700000, NULL, 0, NULL),"
    " (1, 1767225602000, 1, NULL, 'api', 1767225700000, NULL, 0, 1767225800000),"
    " (1, 1767225603000, 2, NULL, 'api', 1767225700000, NULL, 0, NULL),"
    " (1, 1767225604000, 3, NULL, 'extended', 1767225700000, 1700000, 0, NULL),"
    " (1, 1767225605000, 4, NULL, 'account', 1767225700000, 50000, 0, NULL),"
    " (1, 1767225606000, 1, NULL, 'extended', 1767225700000, 190000, 0, NULL),"
    " (1, 1767225607000, 1, NULL, 'extended', 1767225700000, 0, 0, NULL),"
    " (1, 1767225608000, 6, NULL, 'extended', 1767225700000, 60000, 0, NULL);"
    "INSERT INTO details (detail_id, reason_start, reason_end,"
    " shuffle, skipped, offline, incognito, platform, country) VALUES"
    " (207, 'clickrow', 'trackdone', 1, 0, 0, 0, 'Android OS 14, \"Pixel\"', 'SE'),"
    " (6000, NULL, 'unknown', NULL, NULL, NULL, 1, NULL, NULL),"
    " (7000, 'fwdbtn', 'fwdbtn', 0, 1, 1, 0, '', 'NO');"
    "UPDATE played_tracks SET detail_id = played_at - 1767225600000"
    " WHERE played_at - 1767225600000 IN (207, 6000, 7000);";

static void make_empty(void)
{
    store_close(store_help_open(STORE_WRITER));
}

void export_help_make(void)
{
    make_empty();
    store_help_exec(store_help_db(), users);
    store_help_exec(store_help_db(), catalogue);
    store_help_exec(store_help_db(), plays);
}

void export_help_make_long(int count)
{
    char sql[1000];

    make_empty();
    store_help_exec(store_help_db(), users);
    store_help_exec(store_help_db(), catalogue);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
             "INSERT INTO tracks (track_id, uri, kind, name, album_id, updated_at)"
             " SELECT 100 + i, 'spotify:track:n' || i, 'track', 'Number ' || i, 1, 0 FROM n;"
             "INSERT INTO track_artists SELECT track_id, 0, 1 + track_id %% 2 FROM tracks"
             " WHERE track_id > 100;"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
             " SELECT 1 + i %% 2, 1400000000000 + i / 2 * 60000, 101 + i * 7919 %% 9000, 'api', 0"
             " FROM n",
             count);
    store_help_exec(store_help_db(), sql);
}

static int gather(void *context, const void *data, size_t len)
{
    return buf_add(context, data, len) ? 0 : ENOMEM;
}

struct buf export_help_run(const char *format, int64_t user_id, int64_t since, int64_t until,
                           struct export_outcome *outcome)
{
    struct buf out = {0};
    struct export_request request = {
        .format = export_format_find(format),
        .filter = {.user_id = user_id, .since = since, .until = until},
        .now = STORE_HELP_T0 + CLOCK_DAY,
        .write = gather,
        .context = &out,
    };
    struct store *store = store_help_open(STORE_READER);
    enum export_result result = export_run(store, &request, outcome);

    ck_assert_msg(result == EXPORT_OK, "%d: %s", (int)result, store_message(store));
    store_close(store);
    return out;
}
