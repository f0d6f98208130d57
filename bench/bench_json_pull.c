/* SPDX-License-Identifier: MIT */
/*
 * How fast the tokeniser is beside jansson, which reads the same texts into a tree: a history page
 * of 50 items, and the beginning of an export file.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/json_pull.h"
#include "measure.h"
#include "spotify/history.h"
#include "texts.h"

#define ITEMS 50
#define ROWS 20000 /* about 12 MB, as an export file has */

/* Adds "before", an id, "between", the same id, "behind". */
static void add_twice(struct buf *text, const char *before, const char *between, const char *behind,
                      uint64_t seed)
{
    uint64_t again = seed;

    buf_add_text(text, before);
    texts_add_id(text, &seed);
    buf_add_text(text, between);
    texts_add_id(text, &again);
    buf_add_text(text, behind);
}

static void add_links(struct buf *text, const char *kind, uint64_t seed)
{
    uint64_t copy = seed;

    buf_addf(text, "\"external_urls\":{\"spotify\":\"https://open.spotify.com/%s/", kind);
    texts_add_id(text, &copy);
    buf_addf(text, "\"},\"href\":\"https://api.spotify.com/v1/%ss/", kind);
    add_twice(text, "", "\",\"id\":\"", "\",", seed);
    copy = seed;
    buf_addf(text, "\"type\":\"%s\",\"uri\":\"spotify:%s:", kind, kind);
    texts_add_id(text, &copy);
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
        texts_add_id(text, &seed);
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
    for (uint64_t i = 0; i < ITEMS; i++) {
        buf_add_text(text, i > 0 ? "," : "");
        add_item(text, i);
    }
    buf_add_text(text, "],\"next\":null,\"cursors\":{\"after\":\"1795197851207\",\"before\":"
                       "\"1795197851207\"},\"limit\":50,\"href\":\"x\"}");
}

/* All return how many items or rows were in the text. */

/* Every token of the text; how many objects hold a moment. */
static int64_t count_with_tokens(const void *input)
{
    const struct buf *text = input;
    struct json_pull *pull = json_pull_new();
    int64_t count = 0;
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
static int64_t skip_items(const void *input)
{
    const struct buf *text = input;
    struct json_pull *pull = json_pull_new();
    int64_t count = 0;
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

static int64_t count_with_jansson(const void *input)
{
    const struct buf *text = input;
    json_t *root = json_loadb(text->data, text->len, 0, NULL);
    const json_t *items = json_is_array(root) ? root : json_object_get(root, "items");
    int64_t count = (int64_t)json_array_size(items);

    json_decref(root);
    return count;
}

static int64_t decode_history(const void *input)
{
    const struct buf *text = input;
    struct spotify_page page;
    const char *error;
    int64_t count;

    if (!spotify_history_decode(text->data, text->len, 0, INT64_MAX, &page, &error))
        return 0;
    count = (int64_t)page.play_count;
    spotify_page_free(&page);
    return count;
}

static bool bench(const char *figure, const struct buf *text, int64_t wanted,
                  measure_function *ours, const char *limit)
{
    struct measure measure = {.figure = figure,
                              .unit = "MB/s",
                              .amount = (double)text->len / 1e6,
                              .ours = ours,
                              .theirs = count_with_jansson,
                              .alternative = "jansson",
                              .input = text,
                              .wanted = wanted,
                              .limit = limit};

    return !text->failed && measure_compare(&measure);
}

int main(void)
{
    struct buf page = {0}, rows = {0};
    bool ok;

    make_page(&page);
    texts_add_extended(&rows, ROWS);
    ok = bench("history page, every token", &page, ITEMS, count_with_tokens, ">=10");
    ok = bench("history page, items skipped", &page, ITEMS, skip_items, ">=10") && ok;
    ok = bench("history page, into structs", &page, ITEMS, decode_history, ">=5") && ok;
    ok = bench("extended history, every token", &rows, ROWS, count_with_tokens, ">=10") && ok;
    ok = bench("extended history, rows skipped", &rows, ROWS, skip_items, ">=10") && ok;
    buf_free(&page, false);
    buf_free(&rows, false);
    return ok ? 0 : 1;
}
