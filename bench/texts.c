/* SPDX-License-Identifier: MIT */
#include "texts.h"

void texts_add_id(struct buf *text, uint64_t *seed)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char id[22];

    for (size_t i = 0; i < sizeof(id); i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        id[i] = digits[(*seed >> 33) % 62];
    }
    buf_add(text, id, sizeof(id));
}

static void add_row(struct buf *text, int i, uint64_t *seed)
{
    buf_addf(text,
             "%s{\"ts\":\"2026-03-%02dT%02d:43:19Z\",\"platform\":\"android\",\"ms_played\":%d,"
             "\"conn_country\":\"SE\",\"ip_addr\":\"192.0.2.7\","
             "\"master_metadata_track_name\":\"Morgengr\xc3\xb8y %d\","
             "\"master_metadata_album_artist_name\":\"Nordlys Kvartett\","
             "\"master_metadata_album_album_name\":\"Vintersang\",\"spotify_track_uri\":"
             "\"spotify:track:",
             i > 0 ? "," : "", i % 28 + 1, i % 24, i * 7, i % 300);
    texts_add_id(text, seed);
    buf_add_text(text, "\",\"episode_name\":null,\"episode_show_name\":null,"
                       "\"spotify_episode_uri\":null,\"audiobook_title\":null,"
                       "\"audiobook_uri\":null,\"audiobook_chapter_uri\":null,"
                       "\"audiobook_chapter_title\":null,\"reason_start\":\"fwdbtn\","
                       "\"reason_end\":\"trackdone\",\"shuffle\":true,\"skipped\":false,"
                       "\"offline\":false,\"offline_timestamp\":1772494825,"
                       "\"incognito_mode\":false}");
}

void texts_add_extended(struct buf *text, int rows)
{
    uint64_t seed = 1;

    buf_add_text(text, "[");
    for (int i = 0; i < rows; i++)
        add_row(text, i, &seed);
    buf_add_text(text, "]");
}

void texts_add_account(struct buf *text, int rows)
{
    buf_add_text(text, "[");
    for (int i = 0; i < rows; i++)
        buf_addf(text,
                 "%s\n  {\n    \"endTime\" : \"2026-03-%02d 23:%02d\",\n    \"artistName\" : "
                 "\"Nordlys Kvartett\",\n    \"trackName\" : \"Morgengr\xc3\xb8y %d\",\n"
                 "    \"msPlayed\" : %d\n  }",
                 i > 0 ? "," : "", i % 28 + 1, i % 60, i % 300, i * 7);
    buf_add_text(text, "\n]");
}

int64_t texts_ms_played(int rows)
{
    return INT64_C(7) * (rows - 1) * rows / 2;
}
