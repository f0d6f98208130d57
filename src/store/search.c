/* SPDX-License-Identifier: MIT */
/* store/search: plays page by page. The rows that come nearest to a place are kept in a heap while
 * keys are walked: user by user as long as that fills the page soon, else track by track. */
#include "store/search.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

#define WALK_MAX                                                                     \
    20000 /* keys of one user that are walked in the hope of filling a page of words \
           */
#define PAGE_MAX 500

static const char what[] = "looking for plays";

/* -- the nearest so far ------------------------------------------------------------------------ */

struct found {
    struct store_place place;
    int64_t track_id;
};

struct pass {
    struct store *store;
    const struct store_search *search;
    const struct store_tracks *tracks; /* NULL: any */
    struct store_place from;
    bool back;
    int64_t since, until, low, high; /* moments, and bounds of the key */
    struct found *heap;              /* the farthest on top */
    size_t count, wanted;
    enum store_result result;
};

/* Less than 0: one comes before the other in the list: newer first, then the lower user. */
static int order(struct store_place one, struct store_place other)
{
    int by_key = (one.key < other.key) - (one.key > other.key);
    return by_key != 0 ? by_key : (one.user_id > other.user_id) - (one.user_id < other.user_id);
}

/* True if one is farther from where the page begins than other. */
static bool is_farther(const struct pass *pass, struct store_place one, struct store_place other)
{
    return pass->back ? order(one, other) < 0 : order(one, other) > 0;
}

static void swap(struct found *one, struct found *other)
{
    struct found kept = *one;
    *one = *other;
    *other = kept;
}

static void sift_up(struct pass *pass, size_t at)
{
    while (at > 0 && is_farther(pass, pass->heap[at].place, pass->heap[(at - 1) / 2].place)) {
        swap(&pass->heap[at], &pass->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct pass *pass)
{
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < pass->count &&
            is_farther(pass, pass->heap[child + 1].place, pass->heap[child].place)) {
            child++;
        }
        if (child >= pass->count ||
            !is_farther(pass, pass->heap[child].place, pass->heap[at].place)) {
            return;
        }
        swap(&pass->heap[child], &pass->heap[at]);
        at = child;
    }
}

/* Is there room for a play at that place? If not, nothing farther has any. */
static bool has_room(const struct pass *pass, struct store_place place)
{
    return pass->count < pass->wanted || is_farther(pass, pass->heap[0].place, place);
}

static void keep(struct pass *pass, struct store_place place, int64_t track_id)
{
    struct found found = {place, track_id};
    if (pass->count < pass->wanted) {
        pass->heap[pass->count] = found;
        sift_up(pass, pass->count++);
    } else {
        pass->heap[0] = found;
        sift_down(pass);
    }
}

/* -- what fits --------------------------------------------------------------------------------- */

static bool is_beyond(const struct pass *pass, struct store_place place)
{
    return pass->from.user_id == 0 ||
           (pass->back ? order(place, pass->from) < 0 : order(place, pass->from) > 0);
}

static bool fits(const struct pass *pass, int64_t moment, int64_t track_id, const char *source)
{
    if (moment < pass->since || moment >= pass->until) {
        return false;
    }
    if (pass->search->source != NULL && strcmp(pass->search->source, source) != 0) {
        return false;
    }
    return pass->tracks == NULL || store_tracks_have(pass->tracks, track_id);
}

/* The keys of one user that lie beyond the place. */
static void bounds(const struct pass *pass, int64_t user_id, int64_t *low, int64_t *high)
{
    *low = pass->low;
    *high = pass->high;
    if (pass->from.user_id == 0) {
        return;
    }
    if (pass->back) {
        int64_t least = user_id < pass->from.user_id ? pass->from.key : pass->from.key + 1;
        *low = least > *low ? least : *low;
    } else {
        int64_t most = user_id > pass->from.user_id ? pass->from.key : pass->from.key - 1;
        *high = most < *high ? most : *high;
    }
}

/* -- user by user ------------------------------------------------------------------------------ */

/* False: given up, the page may lack plays of this user. */
static bool walk_user(struct pass *pass, int64_t user_id, size_t most)
{
    struct store_query query;
    int64_t low, high;
    size_t walked = 0;
    bool all = true;
    bounds(pass, user_id, &low, &high);
    store_query_begin(&query, pass->store,
                      pass->back ? STORE_SQL_SEARCH_NEWER : STORE_SQL_SEARCH_OLDER, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":low", low);
    store_query_int(&query, ":high", high);
    while (all && store_query_row(&query)) {
        struct store_place place = {store_query_get_int(&query, 0, 0), user_id};
        int64_t moment = place.key - store_query_get_int(&query, 1, 0);
        int64_t track_id = store_query_get_int(&query, 2, 0);
        char source[16];
        if (!has_room(pass, place)) {
            break;
        }
        store_query_get_text(&query, 3, source, sizeof source);
        if (fits(pass, moment, track_id, source)) {
            keep(pass, place, track_id);
        }
        all = ++walked < most;
    }
    enum store_result result = store_query_end(&query);
    if (pass->result == STORE_OK) {
        pass->result = result;
    }
    return all;
}

/* -- track by track ---------------------------------------------------------------------------- */

static bool source_fits(struct pass *pass, struct store_place place)
{
    struct store_query query;
    char source[16] = "";
    if (pass->search->source == NULL) {
        return true;
    }
    store_query_begin(&query, pass->store, STORE_SQL_SEARCH_PLAY, what);
    store_query_int(&query, ":user_id", place.user_id);
    store_query_int(&query, ":played_at", place.key);
    if (store_query_row(&query)) {
        store_query_get_text(&query, 2, source, sizeof source);
    }
    enum store_result result = store_query_end(&query);
    if (pass->result == STORE_OK) {
        pass->result = result;
    }
    return strcmp(source, pass->search->source) == 0;
}

static void walk_track(struct pass *pass, int64_t user_id, int64_t track_id)
{
    struct store_query query;
    int64_t low, high;
    bounds(pass, user_id, &low, &high);
    store_query_begin(&query, pass->store,
                      pass->back ? STORE_SQL_SEARCH_TRACK_NEWER : STORE_SQL_SEARCH_TRACK_OLDER,
                      what);
    store_query_int(&query, ":track_id", track_id);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":low", low);
    store_query_int(&query, ":high", high);
    while (pass->result == STORE_OK && store_query_row(&query)) {
        struct store_place place = {store_query_get_int(&query, 0, 0), user_id};
        int64_t moment = place.key - store_query_get_int(&query, 1, 0);
        if (!has_room(pass, place)) {
            break;
        }
        if (moment >= pass->since && moment < pass->until && source_fits(pass, place)) {
            keep(pass, place, track_id);
        }
    }
    enum store_result result = store_query_end(&query);
    if (pass->result == STORE_OK) {
        pass->result = result;
    }
}

static void walk_tracks(struct pass *pass, int64_t user_id)
{
    int64_t last = store_tracks_last(pass->tracks);
    for (int64_t id = 0; pass->result == STORE_OK && id <= last; id++) {
        if (store_tracks_have(pass->tracks, id)) {
            walk_track(pass, user_id, id);
        }
    }
}

/* What a user's walk has put into the heap, taken out again: walking track by track finds it anew.
 */
static void drop_user(struct pass *pass, int64_t user_id)
{
    size_t left = 0;
    for (size_t i = 0; i < pass->count; i++) {
        if (pass->heap[i].place.user_id != user_id) {
            pass->heap[left++] = pass->heap[i];
        }
    }
    pass->count = 0;
    while (pass->count < left) {
        sift_up(pass, pass->count++);
    }
}

/* -- deleted ones ------------------------------------------------------------------------------ */

static void walk_deleted(struct pass *pass)
{
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_SEARCH_DELETED, what);
    while (store_query_row(&query)) {
        struct store_place place = {store_query_get_int(&query, 1, 0),
                                    store_query_get_int(&query, 0, 0)};
        int64_t moment = place.key - store_query_get_int(&query, 2, 0);
        int64_t track_id = store_query_get_int(&query, 3, 0);
        char source[16];
        store_query_get_text(&query, 4, source, sizeof source);
        if ((pass->search->user_id == 0 || pass->search->user_id == place.user_id) &&
            is_beyond(pass, place) && fits(pass, moment, track_id, source) &&
            has_room(pass, place)) {
            keep(pass, place, track_id);
        }
    }
    pass->result = store_query_end(&query);
}

/* -- a page ------------------------------------------------------------------------------------ */

static void walk(struct pass *pass)
{
    struct store_user *users = NULL;
    size_t count = 0;
    bool found = false;
    pass->result = store_users_load(pass->store, &users, &count);
    for (size_t i = 0; pass->result == STORE_OK && i < count; i++) {
        if (pass->search->user_id != 0 && pass->search->user_id != users[i].user_id) {
            continue;
        }
        found = true;
        if (!walk_user(pass, users[i].user_id, pass->tracks != NULL ? WALK_MAX : SIZE_MAX) &&
            pass->result == STORE_OK) {
            drop_user(pass, users[i].user_id);
            walk_tracks(pass, users[i].user_id);
        }
    }
    free(users);
    if (pass->result == STORE_OK && pass->search->user_id != 0 && !found) {
        pass->result = store_fail(pass->store, STORE_NOT_FOUND, "%s: there is no user %lld", what,
                                  (long long)pass->search->user_id);
    }
}

static int by_place(const void *one, const void *other)
{
    return order(((const struct found *)one)->place, ((const struct found *)other)->place);
}

static enum store_result play_read(struct store *store, const struct found *found,
                                   struct store_shown *play)
{
    struct store_query query;
    *play = (struct store_shown){.place = found->place};
    store_query_begin(&query, store, STORE_SQL_SEARCH_PLAY, what);
    store_query_int(&query, ":user_id", found->place.user_id);
    store_query_int(&query, ":played_at", found->place.key);
    if (store_query_row(&query)) {
        play->played_at = store_query_get_int(&query, 0, 0);
        store_query_get_text(&query, 2, play->source, sizeof play->source);
        play->ms_played = store_query_get_int(&query, 3, -1);
        play->first_seen_at = store_query_get_int(&query, 4, STORE_NO_TIME);
        play->deleted_at = store_query_get_int(&query, 5, STORE_NO_TIME);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK
               ? store_title_get(store, STORE_KIND_TRACK, found->track_id, &play->title)
               : result;
}

/* The heap has one more than the page if there are more. */
static void page_fill(struct pass *pass, size_t n, struct store_plays_page *page)
{
    bool more = pass->count > n;
    size_t first = more && pass->back ? 1 : 0;
    size_t count = more ? n : pass->count;
    qsort(pass->heap, pass->count, sizeof *pass->heap, by_place);
    page->items = calloc(count + 1, sizeof *page->items);
    if (page->items == NULL) {
        pass->result = store_fail(pass->store, STORE_NOMEM, "%s: out of memory", what);
        return;
    }
    for (size_t i = 0; pass->result == STORE_OK && i < count; i++) {
        pass->result = play_read(pass->store, &pass->heap[first + i], &page->items[i]);
        page->count++;
    }
    /* Where a page goes on from there was a play; it may be gone, then a link leads to an empty
     * page. */
    page->newer = pass->back ? more : pass->from.user_id != 0;
    page->older = pass->back ? pass->from.user_id != 0 : more;
}

static void pass_begin(struct pass *pass)
{
    const struct store_search *search = pass->search;
    pass->since = search->since != STORE_NO_TIME ? search->since : INT64_MIN;
    pass->until = search->until != STORE_NO_TIME ? search->until : INT64_MAX;
    pass->low = pass->since;
    pass->high = store_key_bound(pass->until);
}

enum store_result store_plays_find(struct store *store, const struct store_search *search,
                                   struct store_place from, bool back, size_t n,
                                   struct store_plays_page *page)
{
    struct store_tracks *tracks = NULL;
    n = n < 1 ? 1 : n > PAGE_MAX ? PAGE_MAX : n;
    struct pass pass = {
        .store = store, .search = search, .from = from, .back = back, .wanted = n + 1};
    *page = (struct store_plays_page){0};
    if (store->transaction == STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    pass.heap = calloc(pass.wanted, sizeof *pass.heap);
    if (pass.heap == NULL) {
        return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
    }
    pass_begin(&pass);
    if (search->words != NULL) {
        pass.result = store_tracks_search(store, search->words, &tracks);
        pass.tracks = tracks;
    }
    if (pass.result == STORE_OK && search->deleted) {
        walk_deleted(&pass);
    } else if (pass.result == STORE_OK) {
        walk(&pass);
    }
    if (pass.result == STORE_OK) {
        page_fill(&pass, n, page);
    }
    free(pass.heap);
    store_tracks_free(tracks);
    return pass.result;
}

void store_plays_free(struct store_plays_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        store_title_free(&page->items[i].title);
    }
    free(page->items);
    *page = (struct store_plays_page){0};
}

/* -- deleting ---------------------------------------------------------------------------------- */

static enum store_result mark(struct store *store, enum store_sql id, struct store_place place,
                              const int64_t *now, const char *trying)
{
    struct store_query query;
    int64_t changes = 0;
    store_query_begin(&query, store, id, trying);
    store_query_int(&query, ":user_id", place.user_id);
    store_query_int(&query, ":played_at", place.key);
    if (now != NULL) {
        store_query_int(&query, ":now", *now);
    }
    enum store_result result = store_query_run(&query, &changes);
    if (result == STORE_OK && changes == 0) {
        result = store_fail(store, STORE_NOT_FOUND, "%s: there is no such play", trying);
    }
    return result;
}

enum store_result store_play_delete(struct store *store, struct store_place place, int64_t now)
{
    return mark(store, STORE_SQL_PLAY_DELETE, place, &now, "deleting a play");
}

enum store_result store_play_restore(struct store *store, struct store_place place)
{
    return mark(store, STORE_SQL_PLAY_RESTORE, place, NULL, "bringing a play back");
}
