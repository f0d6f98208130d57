/* SPDX-License-Identifier: MIT */
/* store/search: the plays of certain tracks, each of which has its own in an index; and those that
 * are marked as deleted. They come in another order than that of the page: the nearest are kept in
 * a heap, the farthest on top. */
#include "search_pass.h"

#include <string.h>

static const char what[] = "looking for plays";

/* -- the nearest so far ------------------------------------------------------------------------ */

struct heap {
    struct search_pass *pass;
    struct search_hit *hits;
    size_t count, size;
};

static bool is_above(const struct heap *heap, size_t one, size_t other)
{
    return search_is_farther(heap->pass, heap->hits[one].place, heap->hits[other].place);
}

static void swap(struct heap *heap, size_t one, size_t other)
{
    struct search_hit kept = heap->hits[one];
    heap->hits[one] = heap->hits[other];
    heap->hits[other] = kept;
}

static void sift_up(struct heap *heap, size_t at)
{
    while (at > 0 && is_above(heap, at, (at - 1) / 2)) {
        swap(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct heap *heap)
{
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < heap->count && is_above(heap, child + 1, child)) {
            child++;
        }
        if (child >= heap->count || !is_above(heap, child, at)) {
            return;
        }
        swap(heap, child, at);
        at = child;
    }
}

/* If there is no room for a place, nothing farther has any. */
static bool has_room(const struct heap *heap, struct store_place place)
{
    return heap->count < heap->size ||
           (heap->size > 0 && search_is_farther(heap->pass, heap->hits[0].place, place));
}

static void keep(struct heap *heap, struct store_place place, int64_t track_id)
{
    struct search_hit hit = {place, track_id};
    if (heap->count < heap->size) {
        heap->hits[heap->count] = hit;
        sift_up(heap, heap->count++);
    } else {
        heap->hits[0] = hit;
        sift_down(heap);
    }
}

/* Behind what the page has already. */
static struct heap heap_open(struct search_pass *pass)
{
    return (struct heap){
        .pass = pass, .hits = pass->hits + pass->count, .size = pass->wanted - pass->count};
}

/* Takes the farthest off again and again: what is left behind is in order. */
static void heap_settle(struct heap *heap)
{
    heap->pass->count += heap->count;
    while (heap->count > 1) {
        swap(heap, 0, --heap->count);
        sift_down(heap);
    }
}

/* -- the plays of tracks ----------------------------------------------------------------------- */

/* The index has all but the source. */
static enum store_result source_fits(struct search_pass *pass, struct store_place place, bool *fits)
{
    struct store_query query;
    char source[16] = "";
    *fits = pass->search->source == NULL;
    if (*fits) {
        return STORE_OK;
    }
    store_query_begin(&query, pass->store, STORE_SQL_SEARCH_PLAY, what);
    store_query_int(&query, ":user_id", place.user_id);
    store_query_int(&query, ":played_at", place.key);
    if (store_query_row(&query)) {
        store_query_get_text(&query, 2, source, sizeof source);
    }
    *fits = strcmp(source, pass->search->source) == 0;
    return store_query_end(&query);
}

/* The plays of one track from the nearest on, as long as there is room. */
static void seek_track(struct heap *heap, struct store_query *query, int64_t user_id,
                       int64_t track_id)
{
    struct search_pass *pass = heap->pass;
    store_query_int(query, ":track_id", track_id);
    while (store_query_row(query)) {
        struct store_place place = {store_query_get_int(query, 0, 0), user_id};
        int64_t moment = place.key - store_query_get_int(query, 1, 0);
        bool fits = false;
        if (!has_room(heap, place)) {
            break;
        }
        if (moment >= pass->since && moment < pass->until) {
            enum store_result result = source_fits(pass, place, &fits);
            query->result = query->result == STORE_OK ? result : query->result;
        }
        if (fits) {
            keep(heap, place, track_id);
        }
    }
    store_query_again(query);
}

/* What is farther than all that was found need not be looked at. */
static void narrow(const struct heap *heap, struct store_query *query)
{
    if (heap->count == heap->size) {
        store_query_int(query, heap->pass->back ? ":high" : ":low", heap->hits[0].place.key);
    }
}

static enum store_result seek_user(struct heap *heap, int64_t user_id)
{
    struct search_pass *pass = heap->pass;
    struct store_query query;
    int64_t low, high;
    search_bounds(pass, user_id, &low, &high);
    store_query_begin(&query, pass->store,
                      pass->back ? STORE_SQL_SEARCH_TRACK_NEWER : STORE_SQL_SEARCH_TRACK_OLDER,
                      what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":low", low);
    store_query_int(&query, ":high", high);
    for (size_t i = 0; i < pass->tracks->ids.count && query.result == STORE_OK; i++) {
        int64_t farthest = heap->count > 0 ? heap->hits[0].place.key : 0;
        bool was_full = heap->count == heap->size;
        seek_track(heap, &query, user_id, pass->tracks->ids.at[i]);
        if (!was_full || farthest != heap->hits[0].place.key) {
            narrow(heap, &query);
        }
    }
    return store_query_end(&query);
}

enum store_result search_seek(struct search_pass *pass)
{
    struct heap heap = heap_open(pass);
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < pass->users.count && heap.size > 0 && result == STORE_OK; i++) {
        result = seek_user(&heap, pass->users.items[i]);
    }
    heap_settle(&heap);
    return result;
}

/* -- deleted ones: few, whosever they are ------------------------------------------------------ */

static bool is_of_user(const struct search_pass *pass, int64_t user_id)
{
    return pass->search->user_id == 0 || pass->search->user_id == user_id;
}

static bool is_beyond(const struct search_pass *pass, struct store_place place)
{
    return pass->from.user_id == 0 || search_is_farther(pass, place, pass->from);
}

enum store_result search_deleted(struct search_pass *pass)
{
    struct heap heap = heap_open(pass);
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_SEARCH_DELETED, what);
    while (store_query_row(&query)) {
        struct store_place place = {store_query_get_int(&query, 1, 0),
                                    store_query_get_int(&query, 0, 0)};
        int64_t track_id = store_query_get_int(&query, 3, 0);
        char source[16];
        store_query_get_text(&query, 4, source, sizeof source);
        if (is_of_user(pass, place.user_id) && is_beyond(pass, place) && has_room(&heap, place) &&
            search_fits(pass, store_query_get_int(&query, 2, 0), track_id, source)) {
            keep(&heap, place, track_id);
        }
    }
    heap_settle(&heap);
    return store_query_end(&query);
}
