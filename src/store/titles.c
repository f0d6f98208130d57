/* SPDX-License-Identifier: MIT */
/* store/detail: titles: names, with the numbers to link to. */
#include "stats_read.h"
#include "store/detail.h"

#include <stdlib.h>

static const char what[] = "reading a title";

/* -- what is linked to ------------------------------------------------------------------------- */

static void link_free(struct store_link *link)
{
    free(link->uri);
    free(link->name);
    *link = (struct store_link){0};
}

static void links_free(struct store_links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        link_free(&links->items[i]);
    }
    free(links->items);
    *links = (struct store_links){0};
}

/* One more, empty; NULL without memory. */
static struct store_link *links_add(struct store_links *links)
{
    struct store_link *grown = reallocarray(links->items, links->count + 1, sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    links->items = grown;
    links->items[links->count] = (struct store_link){0};
    return &links->items[links->count++];
}

static enum store_result artists_read(struct store *store, enum store_sql id, int64_t of,
                                      struct store_links *artists)
{
    struct store_query query;
    store_query_begin(&query, store, id, what);
    store_query_int(&query, ":id", of);
    while (store_query_row(&query)) {
        struct store_link *artist = links_add(artists);
        if (artist == NULL) {
            query.result = stats_no_memory(store, what);
            break;
        }
        artist->id = store_query_get_int(&query, 0, 0);
        artist->uri = store_name_text(&query, 1);
        artist->name = store_name_text(&query, 2);
    }
    return store_query_end(&query);
}

/* -- titles ------------------------------------------------------------------------------------ */

static void track_read(struct store_query *query, struct store_title *title)
{
    title->track_kind = store_name_text(query, 2);
    title->duration_ms = store_query_get_int(query, 3, -1);
    title->album.id = store_query_get_int(query, 6, 0);
    title->album.uri = store_name_text(query, 7);
    title->album.name = store_name_text(query, 8);
}

static enum store_result row_read(struct store *store, enum store_kind kind, int64_t id,
                                  struct store_title *title)
{
    static const enum store_sql ids[STORE_KINDS] = {
        [STORE_KIND_TRACK] = STORE_SQL_DETAIL_TRACK,
        [STORE_KIND_ARTIST] = STORE_SQL_DETAIL_ARTIST,
        [STORE_KIND_ALBUM] = STORE_SQL_DETAIL_ALBUM,
    };
    struct store_query query;
    store_query_begin(&query, store, ids[kind], what);
    store_query_int(&query, ":id", id);
    bool found = store_query_row(&query);
    if (found) {
        title->self.id = id;
        title->self.uri = store_name_text(&query, 0);
        title->self.name = store_name_text(&query, 1);
        if (kind != STORE_KIND_ARTIST) {
            title->cover_url = store_name_text(&query, 4);
            title->release_date = store_name_text(&query, 5);
        }
        if (kind == STORE_KIND_TRACK) {
            track_read(&query, title);
        }
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found
               ? store_fail(store, STORE_NOT_FOUND, "%s: there is no number %lld", what,
                            (long long)id)
               : result;
}

enum store_result store_title_get(struct store *store, enum store_kind kind, int64_t id,
                                  struct store_title *title)
{
    *title = (struct store_title){.kind = kind, .duration_ms = -1};
    enum store_result result = row_read(store, kind, id, title);
    if (result == STORE_OK && kind == STORE_KIND_TRACK) {
        result = artists_read(store, STORE_SQL_DETAIL_TRACK_ARTISTS, id, &title->artists);
    }
    if (result == STORE_OK && kind == STORE_KIND_ALBUM) {
        result = artists_read(store, STORE_SQL_DETAIL_ALBUM_ARTISTS, id, &title->artists);
    }
    return result;
}

void store_title_free(struct store_title *title)
{
    link_free(&title->self);
    links_free(&title->artists);
    link_free(&title->album);
    free(title->cover_url);
    free(title->release_date);
    free(title->track_kind);
    *title = (struct store_title){.kind = title->kind, .duration_ms = -1};
}
