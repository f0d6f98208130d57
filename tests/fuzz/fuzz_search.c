/* SPDX-License-Identifier: MIT */
/*
 * store/search on words as people type them: they are never an error of FTS5's language, and a
 * track is found the same whether the index has it or it is stale. The input is what is searched
 * for; what stands before a NUL in it becomes a track's name.
 */
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "store/plays.h"
#include "store/search.h"
#include "store/store.h"

#define TRACKS 12
#define NAME_MAX_BYTES 500

static struct {
    char folder[64];
    int pid; /* who made it */
    struct store *store;
} world;

static void must(enum store_result result)
{
    if (result != STORE_OK) {
        fprintf(stderr, "%s: %s\n", store_result_name(result), store_message(world.store));
        abort();
    }
}

/* -- the tracks -------------------------------------------------------------------------------- */

static int64_t put_track(int n, const char *name, int64_t now)
{
    static const char *const artists[] = {"Björk", "The Velvet Harbour", "AC/DC", "МОСКВА"};
    char uri[64];
    struct store_artist artist = {"spotify:artist:1", artists[0]};
    struct store_track track = {.uri = uri,
                                .kind = "track",
                                .name = name,
                                .duration_ms = 1,
                                .artists = &artist,
                                .artist_count = 1,
                                .album_uri = "spotify:album:1",
                                .album_name = "NEAR \"of\" * words",
                                .album_artists = &artist,
                                .album_artist_count = 1};
    int64_t track_id = 0;

    snprintf(uri, sizeof(uri), "spotify:track:%d", n);
    artist.name = artists[n % 4];
    artist.uri = n % 4 == 0   ? "spotify:artist:1"
                 : n % 4 == 1 ? "spotify:artist:2"
                 : n % 4 == 2 ? "spotify:artist:3"
                              : "spotify:artist:4";
    must(store_track_put(world.store, &track, now, &track_id));
    return track_id;
}

static void refresh(void)
{
    int64_t left = 1;

    while (left > 0)
        must(store_words_refresh(world.store, 1000, &left));
}

static void tear_down(void)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};

    if (getpid() != world.pid)
        return;
    store_close(world.store);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];

        snprintf(path, sizeof(path), "%s/db%s", world.folder, names[i]);
        unlink(path);
    }
    rmdir(world.folder);
}

/* All of it in one transaction that is never committed: nothing reaches the disk. */
static void set_up(void)
{
    static const char *const names[] = {
        "Velvet",         "velveteen rabbit", "naïve", "Naive \"live\"",
        "東京 tokyo",     "o\xcc\x88x",       "AND",   "a b c d e f",
        "naivety (feat.", "ÅNGSTRÖM",         "",      "Ørn-harbour's"};
    char path[128], why[512];

    snprintf(world.folder, sizeof(world.folder), "%s/fuzz-search.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    hold(mkdtemp(world.folder) != NULL);
    world.pid = getpid();
    snprintf(path, sizeof(path), "%s/db", world.folder);
    hold(store_open(path, STORE_WRITER, &world.store, why, sizeof(why)) == STORE_OK);
    hold(atexit(tear_down) == 0);
    must(store_begin(world.store, STORE_RELAXED));
    for (int i = 0; i < TRACKS; i++)
        put_track(i, names[i], 1000);
    refresh();
}

/* -- searches ---------------------------------------------------------------------------------- */

/* Which of the tracks are found, as bits by number. */
static uint64_t find(const char *words)
{
    struct store_tracks *tracks;
    uint64_t found = 0;

    must(store_tracks_search(world.store, words, &tracks));
    for (int64_t id = 1; id < 64; id++)
        found |= store_tracks_have(tracks, id) ? UINT64_C(1) << id : 0;
    store_tracks_free(tracks);
    return found;
}

/* More words find less, and their order is nothing. */
static void try_words(const char *words)
{
    char both[2 * STORE_SEARCH_WORDS_MAX];
    uint64_t found = find(words), more;

    hold(find(words) == found);
    /* What is no UTF-8 is cut somehow. */
    if (strlen(words) + 8 > STORE_SEARCH_WORDS_MAX || !text_utf8_valid(words, strlen(words)))
        return;
    snprintf(both, sizeof(both), "%s velvet", words);
    more = find(both);
    hold((more & ~(found & find("velvet"))) == 0);
    snprintf(both, sizeof(both), "velvet %s", words);
    hold(find(both) == more);
    snprintf(both, sizeof(both), "%s %s", words, words);
    hold(strlen(both) > STORE_SEARCH_WORDS_MAX || find(both) == found);
}

/* A track of this name is found by it, stale and not. */
static void try_name(const char *name, const char *words)
{
    int64_t id, left = 0;
    uint64_t stale;

    id = put_track(TRACKS, name, 2000);
    must(store_words_stale(world.store, &left));
    stale = find(words);
    hold(strlen(name) > STORE_SEARCH_WORDS_MAX || find(name) >> id & 1);
    refresh();
    hold(find(words) == stale);
    hold(strlen(name) > STORE_SEARCH_WORDS_MAX || find(name) >> id & 1);
    put_track(TRACKS, "nothing", 3000);
    refresh();
}

/* Names that a search may want to go to are some of all that there are. */
static void try_names(const char *words)
{
    struct store_counts found[STORE_KINDS];

    must(store_search_names(world.store, 0, words, 5, found));
    for (int kind = 0; kind < STORE_KINDS; kind++) {
        hold(found[kind].count <= 5);
        free(found[kind].items);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *name, *words;

    if (size > 2000)
        return 0;
    if (world.store == NULL)
        set_up();
    name = calloc(1, size + 2);
    hold(name != NULL);
    memcpy(name, data, size);
    words = strlen(name) < size ? name + strlen(name) + 1 : name;
    try_words(words);
    try_names(words);
    if (text_utf8_valid(name, strlen(name)) && strlen(name) <= NAME_MAX_BYTES)
        try_name(name, words);
    free(name);
    return 0;
}
