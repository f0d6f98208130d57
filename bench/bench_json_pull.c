/* SPDX-License-Identifier: MIT */
/*
 * How fast the tokeniser is beside jansson, in the same run on the same texts: a history page of 50
 * items, and the beginning of an export file. Prints MB/s, the median of five rounds each, and the
 * ratio. What is read is checked: a bench that reads nothing is fast.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json_pull.h"
#include "spotify/history.h"

#define ROUNDS 5
#define ROUND_US 200000   /* a round goes on at least so long */
#define EXPORT_ROWS 20000 /* about 12 MB, as an export file has */

/* Reads the whole text once; returns how many plays or rows were in it. */
typedef size_t bench_function(const struct buf *text);

static void add_id(struct buf *text, uint64_t *seed)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char id[22];

    for (size_t i = 0; i < sizeof(id); i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        id[i] = digits[(*seed >> 33) % 62];
    }
    buf_add(text, id, sizeof(id));
}

/* Adds "before", an id, "between", the same id, "behind". */
static void add_twice(struct buf *text, const char *before, const char *between, const char *behind,
                      uint64_t seed)
{
    uint64_t again = seed;

    buf_add_text(text, before);
    add_id(text, &seed);
    buf_add_text(text, between);
    add_id(text, &again);
    buf_add_text(text, behind);
}

static void add_links(struct buf *text, const char *kind, uint64_t seed)
{
    uint64_t copy = seed;

    buf_addf(text, "\"external_urls\":{\"spotify\":\"https://open.spotify.com/%s/", kind);
    add_id(text, &copy);
    buf_addf(text, "\"},\"href\":\"https://api.spotify.com/v1/%ss/", kind);
    add_twice(text, "", "\",\"id\":\"", "\",", seed);
    copy = seed;
    buf_addf(text, "\"type\":\"%s\",\"uri\":\"spotify:%s:", kind, kind);
    add_id(text, &copy);
    buf_add_text(text, "\"");
}

static void add_artist(struct buf *text, uint64_t seed)
{
    buf_add_text(text, "{\"name\":\"Nordlys Kvartett\",");
    add_links(text, "artist", seed);
    buf_add_text(text, "}");
}

static void add_item(struct buf *text, uint64_t i)
{
    uint64_t seed = i * 977 + 5;

    buf_add_text(text, "{\"track\":{\"album\":{\"album_type\":\"album\",\"artists\":[");
    add_artist(text, i % 7);
    buf_add_text(text, "],\"images\":[");
    for (int width = 640; width >= 64; width = width == 640 ? 300 : width == 300 ? 64 : 0) {
        buf_addf(text, "%s{\"height\":%d,\"url\":\"https://i.scdn.co/image/ab67616d0000b273",
                 width == 640 ? "" : ",", width);
        add_id(text, &seed);
        buf_addf(text, "\",\"width\":%d}", width);
    }
    buf_add_text(text, "],\"name\":\"Vintersang\",\"release_date\":\"2019-03-01\","
                       "\"release_date_precision\":\"day\",\"total_tracks\":11,");
    add_links(text, "album", i % 5);
    buf_add_text(text, "},\"artists\":[");
    add_artist(text, i % 7);
    buf_add_text(text, ",");
    add_artist(text, i % 3 + 10);
    buf_addf(text,
             "],\"disc_number\":1,\"duration_ms\":%" PRIu64 ",\"explicit\":false,\"external_ids\":{"
             "\"isrc\":\"XXABC19%05" PRIu64 "\"},\"is_local\":false,\"name\":\"Morgengr\xc3\xb8y "
             "(feat. Mira Aoki)\",\"preview_url\":null,\"track_number\":4,",
             180000 + i * 331, i);
    add_links(text, "track", i * 31);
    buf_addf(text, "},\"played_at\":\"2026-11-20T18:%02" PRIu64 ":11.207Z\",\"context\":{", i % 60);
    add_links(text, "playlist", 3);
    buf_add_text(text, "}}");
}

static void make_page(struct buf *text)
{
    buf_add_text(text, "{\"items\":[");
    for (uint64_t i = 0; i < 50; i++) {
        buf_add_text(text, i > 0 ? "," : "");
        add_item(text, i);
    }
    buf_add_text(text, "],\"next\":null,\"cursors\":{\"after\":\"1795197851207\",\"before\":"
                       "\"1795197851207\"},\"limit\":50,\"href\":\"x\"}");
}

static void make_export(struct buf *text)
{
    uint64_t seed = 1;

    buf_add_text(text, "[");
    for (int i = 0; i < EXPORT_ROWS; i++) {
        buf_addf(text,
                 "%s{\"ts\":\"2026-03-%02dT23:43:19Z\",\"platform\":\"android\",\"ms_played\":%d,"
                 "\"conn_country\":\"SE\",\"ip_addr\":\"192.0.2.7\","
                 "\"master_metadata_track_name\":\"Morgengr\xc3\xb8y\","
                 "\"master_metadata_album_artist_name\":\"Nordlys Kvartett\","
                 "\"master_metadata_album_album_name\":\"Vintersang\",\"spotify_track_uri\":"
                 "\"spotify:track:",
                 i > 0 ? "," : "", i % 28 + 1, i * 7);
        add_id(text, &seed);
        buf_add_text(text, "\",\"episode_name\":null,\"episode_show_name\":null,"
                           "\"spotify_episode_uri\":null,\"audiobook_title\":null,"
                           "\"audiobook_uri\":null,\"audiobook_chapter_uri\":null,"
                           "\"audiobook_chapter_title\":null,\"reason_start\":\"fwdbtn\","
                           "\"reason_end\":\"trackdone\",\"shuffle\":true,\"skipped\":false,"
                           "\"offline\":false,\"offline_timestamp\":1772494825,"
                           "\"incognito_mode\":false}");
    }
    buf_add_text(text, "]");
}

/* Every token of the text; how many objects hold a moment. */
static size_t count_with_tokens(const struct buf *text)
{
    struct json_pull *pull = json_pull_new();
    size_t count = 0;
    enum json_token token;

    if (pull == NULL)
        return 0;
    json_pull_feed(pull, text->data, text->len, true);
    while ((token = json_pull_next(pull)) > JSON_TOKEN_END) {
        size_t len;
        const char *key;

        if (token != JSON_TOKEN_KEY)
            continue;
        key = json_pull_text(pull, &len);
        count += (len == 9 && memcmp(key, "played_at", 9) == 0) ||
                 (len == 2 && memcmp(key, "ts", 2) == 0);
    }
    json_pull_free(pull);
    return token == JSON_TOKEN_END ? count : 0;
}

/* The same text, skipped. */
static size_t skip_items(const struct buf *text)
{
    struct json_pull *pull = json_pull_new();
    size_t count = 0;
    enum json_token token;

    if (pull == NULL)
        return 0;
    json_pull_feed(pull, text->data, text->len, true);
    while (json_pull_next(pull) != JSON_TOKEN_ARRAY_BEGIN) { /* of the items, or of the rows */
    }
    while ((token = json_pull_next(pull)) == JSON_TOKEN_OBJECT_BEGIN && json_pull_skip(pull, token))
        count++;
    json_pull_free(pull);
    return count;
}

static size_t count_with_jansson(const struct buf *text)
{
    json_t *root = json_loadb(text->data, text->len, 0, NULL);
    const json_t *items = json_is_array(root) ? root : json_object_get(root, "items");
    size_t count = json_array_size(items);

    json_decref(root);
    return count;
}

static size_t decode_history(const struct buf *text)
{
    struct spotify_page page;
    const char *error;
    size_t count;

    if (!spotify_history_decode(text->data, text->len, 0, INT64_MAX, &page, &error))
        return 0;
    count = page.play_count;
    spotify_page_free(&page);
    return count;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

/* Time of this process alone: what else runs on the machine counts less. */
static int64_t cpu_us(void)
{
    struct timespec used = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* MB/s, the median of some rounds; 0 if the text was not read as it should be. */
static double measure(bench_function *read, const struct buf *text, size_t wanted)
{
    double speeds[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        int64_t began = cpu_us();
        int64_t took = 0;
        size_t times = 0;

        while (took < ROUND_US) {
            if (read(text) != wanted)
                return 0;
            times++;
            took = cpu_us() - began;
        }
        speeds[round] = (double)(times * text->len) / (double)took;
    }
    qsort(speeds, ROUNDS, sizeof(speeds[0]), compare);
    return speeds[ROUNDS / 2];
}

static bool report(const char *name, const char *what, bench_function *read, const struct buf *text,
                   size_t wanted, double jansson)
{
    double speed = measure(read, text, wanted);

    if (speed > 0 && jansson > 0)
        printf("%-8s %-22s %7.0f MB/s   %5.1f times jansson\n", name, what, speed, speed / jansson);
    else
        printf("%-8s %-22s was read wrongly\n", name, what);
    return speed > 0 && jansson > 0;
}

static bool bench(const char *name, const struct buf *text, size_t wanted, bool is_page)
{
    double jansson = measure(count_with_jansson, text, wanted);
    bool ok;

    printf("%-8s %zu bytes, %zu items; jansson reads it into a tree at %.0f MB/s\n", name,
           text->len, wanted, jansson);
    ok = report(name, "json_pull, all tokens", count_with_tokens, text, wanted, jansson);
    ok = report(name, "json_pull, skipping", skip_items, text, wanted, jansson) && ok;
    if (is_page)
        ok = report(name, "history, into structs", decode_history, text, wanted, jansson) && ok;
    return ok;
}

int main(void)
{
    struct buf page = {0};
    struct buf rows = {0};
    bool ok;

    make_page(&page);
    make_export(&rows);
    ok = !page.failed && !rows.failed && bench("page", &page, 50, true);
    ok = bench("export", &rows, EXPORT_ROWS, false) && ok;
    buf_free(&page, false);
    buf_free(&rows, false);
    return ok ? 0 : 1;
}
