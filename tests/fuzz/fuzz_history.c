/* SPDX-License-Identifier: MIT */
/* spotify/history: a page is refused, or all that it promises about its plays is true. */
#include <string.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "spotify/history.h"

#define EARLIEST INT64_C(1136073600000) /* 2006-01-01 */
#define LATEST INT64_C(1795300000000)   /* 2026-11-21 */

static void check_text(const char *text, size_t most)
{
    if (text != NULL)
        hold(strlen(text) <= most && text_utf8_valid(text, strlen(text)));
}

static void check_uri(const char *uri)
{
    if (uri != NULL)
        hold(uri[0] != '\0' && strlen(uri) <= 1000 && text_printable(uri, strlen(uri)));
}

static void check_artists(const struct spotify_artist *artists, size_t count)
{
    hold(count <= SPOTIFY_ARTISTS_MAX);
    for (size_t i = 0; i < count; i++) {
        check_uri(artists[i].uri);
        hold(artists[i].name != NULL && (artists[i].uri != NULL || artists[i].name[0] != '\0'));
        check_text(artists[i].name, 10000);
    }
}

static void check_album(const struct spotify_album *album)
{
    check_uri(album->uri);
    hold(album->name != NULL && album->total_tracks >= -1);
    check_text(album->name, 10000);
    check_text(album->type, 11);
    check_text(album->release_date, 10);
    check_text(album->cover_url, 500);
    hold(album->cover_url == NULL || strncmp(album->cover_url, "https://", 8) == 0);
    check_artists(album->artists, album->artist_count);
}

static void check_play(const struct spotify_play *play)
{
    const struct spotify_track *track = &play->track;

    hold(play->played_at_ms >= EARLIEST && play->played_at_ms <= LATEST);
    check_uri(play->context_uri);
    hold(track->uri != NULL && track->name != NULL);
    check_uri(track->uri);
    check_text(track->name, 10000);
    check_text(track->isrc, 32);
    hold(track->duration_ms >= -1 && track->track_number >= -1 && track->disc_number >= -1);
    hold(track->explicit_lyrics >= -1 && track->explicit_lyrics <= 1);
    hold(strcmp(spotify_kind_name(track->kind), "") != 0);
    check_artists(track->artists, track->artist_count);
    check_album(&track->album);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spotify_page page;
    const char *error = NULL;

    if (!spotify_history_decode((const char *)data, size, EARLIEST, LATEST, &page, &error)) {
        hold(error != NULL);
        return 0;
    }
    hold(page.play_count <= SPOTIFY_HISTORY_MAX);
    hold(page.item_count == page.play_count + page.odd_count);
    hold((page.odd_reason != NULL) == (page.odd_count > 0));
    hold(text_printable(page.odd_excerpt, strlen(page.odd_excerpt)));
    hold(page.arena.total <= 8 * size + 65536);
    for (size_t i = 0; i < page.play_count; i++)
        check_play(&page.plays[i]);
    spotify_page_free(&page);
    return 0;
}
