/* SPDX-License-Identifier: MIT */
/*
 * The JSON of a track, as it stands in an item of the list. Made once and kept: a page of 50 is
 * then mostly copying, which is what lets the fake answer thousands of pages a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define SLOTS 32768  /* a power of two */
#define KEPT 24000   /* when so many are kept, begin anew */
#define DRIFT_DAYS 1 /* an older app sees another popularity every day */

/* ---- the order of keys ---- */

json_t *sim_json_shuffle(json_t *json, uint64_t salt)
{
    const char *keys[40];
    const char *key;
    json_t *value, *shuffled;
    size_t count = 0;

    if (!json_is_object(json) || json_object_size(json) > 40)
        return json;
    json_object_foreach (json, key, value)
        keys[count++] = key;
    shuffled = json_object();
    while (count > 0) {
        size_t pick = (size_t)(salt >> 33) % count;

        salt = salt * 6364136223846793005u + 1442695040888963407u;
        value = json_incref(json_object_get(json, keys[pick]));
        json_object_set_new(shuffled, keys[pick], sim_json_shuffle(value, salt));
        keys[pick] = keys[--count];
    }
    json_decref(json);
    return shuffled;
}

/* ---- parts ---- */

/* The four fields that everything in Spotify's catalogue has. */
static json_t *thing_json(const char *type, const char *id)
{
    json_t *json = json_object();

    json_object_set_new(
        json, "external_urls",
        json_pack("{s:o}", "spotify", json_sprintf("https://open.spotify.com/%s/%s", type, id)));
    json_object_set_new(json, "href", json_sprintf(SIM_API_HOST "/v1/%ss/%s", type, id));
    json_object_set_new(json, "id", json_string(id));
    json_object_set_new(json, "type", json_string(type));
    json_object_set_new(json, "uri", json_sprintf("spotify:%s:%s", type, id));
    return json;
}

static json_t *artist_json(const struct world_artist *artist)
{
    json_t *json = thing_json("artist", artist->id);

    json_object_set_new(json, "name", json_string(artist->name));
    return json;
}

static json_t *images_json(const char *id)
{
    static const int sizes[] = {640, 300, 64};
    json_t *list = json_array();
    char url[80];

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        snprintf(url, sizeof(url), "https://i.scdn.co/image/ab%04d%s", sizes[i], id);
        json_array_append_new(
            list, json_pack("{s:i,s:s,s:i}", "height", sizes[i], "url", url, "width", sizes[i]));
    }
    return list;
}

static json_t *markets_json(void)
{
    return json_pack("[s,s,s,s,s]", "CA", "DE", "FR", "SE", "US");
}

static json_t *album_json(const struct sim *sim, const struct world_track *track)
{
    json_t *json = thing_json("album", track->album_id);

    json_object_set_new(json, "album_type", json_string(track->album_type));
    json_object_set_new(json, "artists", json_pack("[o]", artist_json(&track->album_artist)));
    json_object_set_new(json, "images", images_json(track->album_id));
    json_object_set_new(json, "name", json_string(track->album_name));
    json_object_set_new(json, "release_date", json_string(track->release_date));
    json_object_set_new(json, "release_date_precision", json_string(track->release_precision));
    json_object_set_new(json, "total_tracks", json_integer(track->album_tracks));
    if (sim->old_fields) {
        json_object_set_new(json, "album_group", json_string(track->album_type));
        json_object_set_new(json, "available_markets", markets_json());
        json_object_set_new(json, "is_playable", json_true());
    }
    return json;
}

/* What apps from before 2026 still get; it drifts from day to day, and now and then a name does. */
static void add_old_fields(json_t *json, const struct world_track *track, uint64_t salt,
                           uint64_t day)
{
    uint64_t month = day / 30;
    char name[WORLD_NAME_MAX + 16];

    json_object_set_new(json, "popularity", json_integer((json_int_t)((salt + day * 7) % 101)));
    json_object_set_new(json, "available_markets", markets_json());
    if ((salt + month * 31) % 97 == 0) {
        snprintf(name, sizeof(name), "%s - Remastered", track->name);
        json_object_set_new(json, "name", json_string(name));
    }
}

static void add_optional(json_t *json, const struct world_track *track, uint64_t salt)
{
    json_object_set_new(json, "preview_url",
                        track->has_preview
                            ? json_sprintf("https://p.scdn.co/mp3-preview/%s%s", track->id, "")
                            : json_null());
    json_object_set_new(json, "external_ids",
                        track->isrc[0] != '\0' ? json_pack("{s:s}", "isrc", track->isrc)
                                               : json_object());
    if (salt % 61 == 5) /* a key that nobody knows yet */
        json_object_set_new(json, "x_new_in_2027",
                            json_pack("{s:[i,n,{s:b}]}", "list", 1, "deep", 1));
}

static json_t *track_json(const struct sim *sim, const struct world_track *track, uint64_t salt,
                          uint64_t day)
{
    json_t *json = thing_json("track", track->id), *artists = json_array();

    for (size_t i = 0; i < track->artist_count; i++)
        json_array_append_new(artists, artist_json(&track->artists[i]));
    json_object_set_new(json, "uri", json_string(track->uri));
    json_object_set_new(json, "album", album_json(sim, track));
    json_object_set_new(json, "artists", artists);
    json_object_set_new(json, "disc_number", json_integer(track->disc_number));
    json_object_set_new(json, "duration_ms", json_integer(track->duration_ms));
    json_object_set_new(json, "explicit", json_boolean(track->is_explicit));
    json_object_set_new(json, "is_local", json_false());
    json_object_set_new(json, "name", json_string(track->name));
    json_object_set_new(json, "track_number", json_integer(track->track_number));
    add_optional(json, track, salt);
    if (sim->old_fields)
        add_old_fields(json, track, salt, day);
    return json;
}

/* ---- items that are not quite tracks ---- */

static void make_odd(const struct sim *sim, json_t *json, const struct world_play *play)
{
    char uri[WORLD_URI_MAX];

    world_play_uri(sim->world, play, uri);
    json_object_set_new(json, "uri", json_string(uri));
    switch (play->kind) {
    case WORLD_LOCAL:
        json_object_set_new(json, "is_local", json_true());
        json_object_set_new(json, "href", json_null());
        json_object_set_new(json, "external_urls", json_object());
        json_object_set_new(json, "id", json_null());
        break;
    case WORLD_NULL_ID:
        json_object_set_new(json, "id", json_null());
        break;
    case WORLD_EPISODE:
        json_object_set_new(json, "type", json_string("episode"));
        json_object_del(json, "album");
        json_object_del(json, "artists");
        json_object_set_new(json, "show",
                            json_pack("{s:s,s:s}", "name", "An invented show", "type", "show"));
        break;
    case WORLD_WRONG_TYPES:
        json_object_set_new(json, "name", json_integer(42));
        json_object_set_new(json, "duration_ms", json_string("long"));
        json_object_set_new(json, "artists", json_pack("{s:i}", "name", 1));
        json_object_set_new(json, "album", json_pack("[i,n]", 1));
        json_object_set_new(json, "explicit", json_string("no"));
        break;
    default:
        break;
    }
}

static char *item_make(struct sim *sim, const struct world_play *play, uint64_t day)
{
    uint64_t salt = world_hash(sim->world, 'k', play->track);
    struct world_track track;
    json_t *json;
    char *text;

    if (play->kind == WORLD_NULL_TRACK)
        return strdup("null");
    world_track_describe(sim->world, play->track, &track);
    json = track_json(sim, &track, salt, day);
    if (play->kind != WORLD_TRACK)
        make_odd(sim, json, play);
    json = sim_json_shuffle(json, salt);
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

/* ---- the store ---- */

static void items_empty(struct sim_items *items)
{
    for (size_t i = 0; i < items->slot_count; i++)
        free(items->slots[i].text);
    if (items->slots != NULL)
        memset(items->slots, 0, items->slot_count * sizeof(items->slots[0]));
    items->count = 0;
}

/* The slot of this key, or the empty one where it belongs. */
static struct sim_item *item_slot(struct sim_items *items, uint64_t key)
{
    size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 40) % SLOTS;

    while (items->slots[i].text != NULL && items->slots[i].key != key)
        i = (i + 1) % SLOTS;
    return &items->slots[i];
}

/* What the text depends on besides the key. */
static uint64_t item_variant(const struct sim *sim, const struct world_play *play, uint64_t day)
{
    struct world_track track;

    if ((play->track & ~WORLD_TRACK_MAX) != 0) {
        world_track_describe(sim->world, play->track, &track);
        return (uint64_t)track.version * 2 + sim->old_fields + (sim->old_fields ? day << 32 : 0);
    }
    return sim->old_fields ? 1 + day : 0;
}

const char *sim_item_track(struct sim *sim, const struct world_play *play, size_t *length)
{
    struct sim_items *items = &sim->items;
    uint64_t key = ((uint64_t)play->kind << 32) | play->track;
    uint64_t day = (uint64_t)sim_clock_now(&sim->clock) / (86400000u * DRIFT_DAYS);
    uint64_t variant = item_variant(sim, play, day);
    struct sim_item *item;

    if (items->slots == NULL) {
        items->slots = calloc(SLOTS, sizeof(items->slots[0]));
        if (items->slots == NULL)
            return NULL;
        items->slot_count = SLOTS;
    }
    if (items->count >= KEPT)
        items_empty(items);
    item = item_slot(items, key);
    if (item->text == NULL || item->variant != variant) {
        char *text = item_make(sim, play, day);

        if (text == NULL)
            return NULL;
        items->count += item->text == NULL;
        free(item->text);
        item->key = key;
        item->variant = variant;
        item->text = text;
        item->length = strlen(text);
    }
    *length = item->length;
    return item->text;
}

void sim_items_free(struct sim *sim)
{
    items_empty(&sim->items);
    free(sim->items.slots);
    sim->items.slots = NULL;
    sim->items.slot_count = 0;
}
