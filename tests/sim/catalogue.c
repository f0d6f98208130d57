/* SPDX-License-Identifier: MIT */
/*
 * Artists, albums and tracks, all invented: a track's number and the seed give everything, so
 * nothing is kept. Some names are hard on purpose: other alphabets, right to left, quotes, markup,
 * very long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"
#include "world_inside.h"

#define TRACKS_PER_ALBUM 12
#define ALBUMS_PER_ARTIST 3
#define OWN_ALBUM_BASE                                                         \
    UINT64_C(0x100000000) /* albums of described tracks are numbered from here \
                           */

enum what { WHAT_TRACK = 'T', WHAT_ALBUM = 'L', WHAT_ARTIST = 'R', WHAT_ID = 'I' };

/* ---- words ---- */

static const char *const syllables[] = {
    "lu",  "mo",  "ra",  "ves", "ki",  "tan", "or",  "bel", "ny",  "shi", "qua",
    "dro", "fen", "gal", "hu",  "ith", "jo",  "kel", "lin", "mar", "nor", "os",
    "pel", "ru",  "sar", "tho", "ul",  "vey", "wex", "yl",  "zan", "eth",
};

static const char *const hard_words[] = {
    "\320\233\321\203\320\274\320\276\321\200\320\260 \320\222\320\265\321\201\321\202", /* Cyrillic
                                                                                          */
    "\346\234\210\343\201\256\347\264\231 \343\203\225\343\202\247",     /* kanji and kana */
    "\331\206\331\210\330\261 \330\247\331\204\331\205\330\261\330\247", /* Arabic: right to left */
    "\327\220\327\225\327\250 \327\240\327\224\327\250",                 /* Hebrew */
    "\360\237\214\231\360\237\221\251\342\200\215\360\237\216\244 tonight", /* emoji, joined */
    "<script>alert(1)</script>",
    "\"Quoted\" & 'single' \\ back",
    "A\314\212ngstro\314\210m decomposed",
    "\342\200\256drawkcab\342\200\254", /* direction override */
    "tab\there, line\nthere",
    "%s%n {{x}} ${y} '; DROP TABLE plays;--",
    "\340\271\200\340\270\236\340\270\245\340\270\207", /* Thai */
    "Na\303\257ve D\303\251j\303\240 \303\237 \304\260\304\261",
    "-",
    "\357\274\246\357\275\225\357\275\214\343\200\200\357\275\227", /* full width */
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Appends text as far as it fits. */
static void text_add(char *out, size_t size, const char *text)
{
    size_t used = strlen(out);

    snprintf(out + used, size - used, "%s", text);
}

static void word_add(char *out, size_t size, uint64_t *h)
{
    size_t at = strlen(out), parts = 2 + *h % 2;

    for (size_t i = 0; i < parts; i++) {
        *h = world_mix(*h + 1);
        text_add(out, size, syllables[*h % COUNT(syllables)]);
    }
    if (at < strlen(out))
        out[at] = (char)(out[at] - 'a' + 'A');
}

/* A name of one to `words` words; one in 25 is a hard one, one in 400 is very long. */
static void name_make(char *out, size_t size, uint64_t h, unsigned words)
{
    unsigned n = 1 + (unsigned)((h >> 20) % words);

    out[0] = '\0';
    if (h % 25 == 0) {
        text_add(out, size, hard_words[(h >> 8) % COUNT(hard_words)]);
        text_add(out, size, " ");
    } else if (h % 400 == 1) {
        n = 60;
    }
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            text_add(out, size, " ");
        word_add(out, size, &h);
    }
}

static void id_make(const struct world *w, uint64_t what, uint64_t number,
                    char out[WORLD_ID_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t a = world_hash(w, WHAT_ID + what * 256, number), b = world_mix(a + 1);

    for (int i = 0; i < WORLD_ID_LENGTH; i++) {
        uint64_t *part = i % 2 == 0 ? &a : &b;

        out[i] = digits[*part % 62];
        *part /= 62;
    }
    out[WORLD_ID_LENGTH] = '\0';
}

/* ---- artists, albums, tracks ---- */

static void artist_make(const struct world *w, uint64_t number, struct world_artist *out)
{
    uint64_t h = world_hash(w, WHAT_ARTIST, number);

    id_make(w, WHAT_ARTIST, number, out->id);
    name_make(out->name, sizeof(out->name), h, 2);
    if (h % 7 == 3) {
        text_add(out->name, sizeof(out->name), " & the ");
        h = world_mix(h);
        word_add(out->name, sizeof(out->name), &h);
    }
}

static void album_make(const struct world *w, uint64_t number, struct world_track *out)
{
    uint64_t h = world_hash(w, WHAT_ALBUM, number);
    unsigned year = 1958 + (unsigned)((h >> 16) % 68), month = 1 + (unsigned)((h >> 24) % 12),
             day = 1 + (unsigned)((h >> 32) % 28);

    id_make(w, WHAT_ALBUM, number, out->album_id);
    name_make(out->album_name, sizeof(out->album_name), h, 3);
    artist_make(w, number / ALBUMS_PER_ARTIST, &out->album_artist);
    out->album_type = h % 10 < 7 ? "album" : h % 10 < 9 ? "single" : "compilation";
    out->album_tracks = TRACKS_PER_ALBUM;
    out->release_precision = (h >> 40) % 20 == 0 ? "year" : (h >> 40) % 20 == 1 ? "month" : "day";
    if (out->release_precision[0] == 'd')
        snprintf(out->release_date, sizeof(out->release_date), "%04u-%02u-%02u", year, month, day);
    else if (out->release_precision[0] == 'm')
        snprintf(out->release_date, sizeof(out->release_date), "%04u-%02u", year, month);
    else
        snprintf(out->release_date, sizeof(out->release_date), "%04u", year);
}

static void artists_make(const struct world *w, uint64_t album, uint64_t h, struct world_track *out)
{
    uint64_t artist = album / ALBUMS_PER_ARTIST;

    out->artist_count = 1;
    if (strcmp(out->album_type, "compilation") == 0)
        artist += 1 + (h >> 12) % 50;
    artist_make(w, artist, &out->artists[0]);
    if (h % 100 < 18)
        out->artist_count += h % 100 < 1 ? 3u : h % 100 < 4 ? 2u : 1u;
    for (size_t i = 1; i < out->artist_count; i++)
        artist_make(w, artist + i + (h >> 20) % 40, &out->artists[i]);
}

static void track_make(const struct world *w, uint32_t number, struct world_track *out)
{
    uint64_t album = number / TRACKS_PER_ALBUM, h = world_hash(w, WHAT_TRACK, number);

    id_make(w, WHAT_TRACK, number, out->id);
    snprintf(out->uri, sizeof(out->uri), "spotify:track:%s", out->id);
    name_make(out->name, sizeof(out->name), h, 4);
    out->isrc[0] = '\0';
    if ((h >> 32) % 1000 >= 7)
        snprintf(out->isrc, sizeof(out->isrc), "XX%c%c%c%02u%05u", 'A' + (char)(h % 26),
                 'A' + (char)((h >> 5) % 26), 'A' + (char)((h >> 10) % 26),
                 (unsigned)((h >> 15) % 100), (unsigned)(number % 100000));
    out->duration_ms = 60000 + (uint32_t)((h >> 8) % 300000);
    out->disc_number = 1 + (uint32_t)((h >> 44) % 20 == 0);
    out->track_number = 1 + number % TRACKS_PER_ALBUM;
    out->is_explicit = (h >> 48) % 8 == 0;
    out->has_preview = (h >> 52) % 3 != 0;
    out->version = 0;
    album_make(w, album, out);
    artists_make(w, album, h, out);
}

/* ---- tracks that somebody described ---- */

static void own_id(const char *uri, char out[WORLD_ID_LENGTH + 1])
{
    const char *colon = strrchr(uri, ':');
    size_t length = colon != NULL ? strlen(colon + 1) : 0;

    out[0] = '\0';
    if (strncmp(uri, "spotify:local:", 14) != 0 && length > 0 && length <= WORLD_ID_LENGTH)
        memcpy(out, colon + 1, length + 1);
}

static void own_describe(const struct world *w, const struct world_own_track *own, uint32_t index,
                         struct world_track *out)
{
    track_make(w, own->base, out);
    if (own->uri != NULL) {
        snprintf(out->uri, sizeof(out->uri), "%s", own->uri);
        own_id(own->uri, out->id);
    } else {
        id_make(w, WHAT_TRACK, OWN_ALBUM_BASE + index, out->id);
        snprintf(out->uri, sizeof(out->uri), "spotify:track:%s", out->id);
    }
    if (own->name != NULL)
        snprintf(out->name, sizeof(out->name), "%s", own->name);
    if (own->artist != NULL) {
        snprintf(out->artists[0].name, sizeof(out->artists[0].name), "%s", own->artist);
        id_make(w, WHAT_ARTIST, OWN_ALBUM_BASE + index, out->artists[0].id);
        out->artist_count = 1;
        out->album_artist = out->artists[0];
    }
    if (own->album != NULL) {
        snprintf(out->album_name, sizeof(out->album_name), "%s", own->album);
        id_make(w, WHAT_ALBUM, OWN_ALBUM_BASE + index, out->album_id);
    }
    if (own->isrc != NULL)
        snprintf(out->isrc, sizeof(out->isrc), "%s", own->isrc);
    if (own->duration_ms != 0)
        out->duration_ms = own->duration_ms;
    out->version = own->version;
}

/* Replaces a text by a copy of another; NULL leaves it. */
static int own_set(char **text, const char *fresh)
{
    char *copy;

    if (fresh == NULL)
        return 0;
    copy = strdup(fresh);
    if (copy == NULL)
        return -1;
    free(*text);
    *text = copy;
    return 0;
}

static struct world_own_track *own_find(struct world *w, const char *uri)
{
    for (size_t i = w->own_count; uri != NULL && i > 0; i--)
        if (w->own[i - 1].uri != NULL && strcmp(w->own[i - 1].uri, uri) == 0)
            return &w->own[i - 1];
    return NULL;
}

int world_track_custom(struct world *w, const struct world_custom *custom, uint32_t *track)
{
    struct world_own_track *own = own_find(w, custom->uri);

    if (own == NULL) {
        own = world_room(w->own, w->own_count, &w->own_room, sizeof(*own));
        if (own == NULL || w->own_count >= WORLD_TRACK_MAX)
            return -1;
        w->own = own;
        own = &w->own[w->own_count++];
        memset(own, 0, sizeof(*own));
        own->base = custom->base & WORLD_TRACK_MAX;
    }
    if (own_set(&own->uri, custom->uri) != 0 || own_set(&own->name, custom->name) != 0 ||
        own_set(&own->artist, custom->artist) != 0 || own_set(&own->album, custom->album) != 0 ||
        own_set(&own->isrc, custom->isrc) != 0)
        return -1;
    if (custom->duration_ms != 0)
        own->duration_ms = custom->duration_ms;
    own->version++;
    *track = WORLD_OWN_TRACK | (uint32_t)(own - w->own);
    return 0;
}

void world_track_describe(const struct world *w, uint32_t track, struct world_track *out)
{
    uint32_t index = track & ~WORLD_OWN_TRACK;

    if ((track & WORLD_OWN_TRACK) != 0 && index < w->own_count)
        own_describe(w, &w->own[index], index, out);
    else
        track_make(w, index, out);
}

/* ---- uris ---- */

/* One part of a local uri: as in a form, everything but letters and digits is escaped. */
static void local_part(char *out, size_t size, const char *text)
{
    size_t used = strlen(out);

    for (; *text != '\0' && used + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[used++] = (char)c;
        else if (c == ' ')
            out[used++] = '+';
        else
            used += (size_t)snprintf(out + used, size - used, "%%%02X", c);
    }
    out[used] = '\0';
}

static void local_uri(const struct world_track *track, char out[WORLD_URI_MAX])
{
    const char *const parts[] = {track->artists[0].name, track->album_name, track->name};
    char part[130], tail[16];

    snprintf(out, WORLD_URI_MAX, "spotify:local");
    for (size_t i = 0; i < COUNT(parts); i++) {
        part[0] = '\0';
        local_part(part, sizeof(part), parts[i]);
        text_add(out, WORLD_URI_MAX, ":");
        text_add(out, WORLD_URI_MAX, part);
    }
    snprintf(tail, sizeof(tail), ":%u", track->duration_ms / 1000);
    text_add(out, WORLD_URI_MAX, tail);
}

void world_play_uri(const struct world *w, const struct world_play *play, char out[WORLD_URI_MAX])
{
    struct world_track track;

    out[0] = '\0';
    if (play->kind == WORLD_NULL_TRACK || play->kind == WORLD_NOT_AN_OBJECT)
        return;
    world_track_describe(w, play->track, &track);
    if ((play->kind == WORLD_LOCAL || play->kind == WORLD_NULL_ID) &&
        strncmp(track.uri, "spotify:local:", 14) != 0)
        local_uri(&track, out);
    else if (play->kind == WORLD_EPISODE && strncmp(track.uri, "spotify:track:", 14) == 0)
        snprintf(out, WORLD_URI_MAX, "spotify:episode:%s", track.id);
    else
        snprintf(out, WORLD_URI_MAX, "%s", track.uri);
}
