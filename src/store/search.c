/* SPDX-License-Identifier: MIT */
/* store/search: plays page by page. A page of words is first looked for play by play, which is soon
 * done if many have them; if that leads nowhere, track by track. */
#include "store/search.h"

#include "search_pass.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX 500
#define WALK_MAX 20000 /* plays that are looked at in the hope of filling a page of words */
#define WALK_MIN 100
#define WALK_TRACK 4 /* as many are looked at in the time that it takes to find one of a track */

static const char what[] = "looking for plays";

/* -- what fits --------------------------------------------------------------------------------- */

int search_order(struct store_place one, struct store_place other)
{
    int by_key = (one.key < other.key) - (one.key > other.key);
    return by_key != 0 ? by_key : (one.user_id > other.user_id) - (one.user_id < other.user_id);
}

bool search_is_farther(const struct search_pass *pass, struct store_place one,
                       struct store_place other)
{
    return pass->back ? search_order(one, other) < 0 : search_order(one, other) > 0;
}

bool search_fits(const struct search_pass *pass, int64_t moment, int64_t track_id,
                 const char *source)
{
    if (moment < pass->since || moment >= pass->until) {
        return false;
    }
    if (pass->tracks != NULL && !store_tracks_have(pass->tracks, track_id)) {
        return false;
    }
    return pass->search->source == NULL || strcmp(pass->search->source, source) == 0;
}

void search_bounds(const struct search_pass *pass, int64_t user_id, int64_t *low, int64_t *high)
{
    const struct store_place *from = &pass->from;
    *low = pass->low;
    *high = pass->high;
    if (from->user_id == 0) {
        return;
    }
    /* Of equal keys the lower user stands first, so that it is the newer one. */
    if (pass->back && user_id >= from->user_id && from->key == INT64_MAX) {
        *high = INT64_MIN;
    } else if (pass->back) {
        int64_t least = user_id < from->user_id ? from->key : from->key + 1;
        *low = least > *low ? least : *low;
    } else if (user_id <= from->user_id && from->key == INT64_MIN) {
        *low = INT64_MAX;
    } else {
        int64_t most = user_id > from->user_id ? from->key : from->key - 1;
        *high = most < *high ? most : *high;
    }
}

/* -- the keys of a page ------------------------------------------------------------------------ */

static void pass_begin(struct search_pass *pass)
{
    const struct store_search *search = pass->search;
    pass->since = search->since != STORE_NO_TIME ? search->since : INT64_MIN;
    pass->until = search->until != STORE_NO_TIME ? search->until : INT64_MAX;
    pass->low = pass->since;
    pass->high = store_key_bound(pass->until);
}

/* As many plays are looked at one by one as take the time of finding the tracks one by one: so
 * whichever way is the right one, the other has cost no more. */
static size_t walk_most(const struct search_pass *pass)
{
    if (pass->tracks == NULL) {
        return SIZE_MAX;
    }
    size_t most = WALK_MIN + WALK_TRACK * pass->tracks->ids.count * pass->users.count;
    return most < WALK_MAX ? most : WALK_MAX;
}

static enum store_result pass_run(struct search_pass *pass)
{
    bool ended = false;
    if (pass->since >= pass->until || (pass->tracks != NULL && pass->tracks->ids.count == 0)) {
        return STORE_OK;
    }
    if (pass->search->deleted) {
        return search_deleted(pass);
    }
    enum store_result result = search_walk(pass, walk_most(pass), &ended);
    if (result == STORE_OK && !ended && pass->count < pass->wanted) {
        result = search_seek(pass);
    }
    return result;
}

/* -- beyond the other end ---------------------------------------------------------------------- */

/* Is there a play at a place that the search would list? */
static enum store_result is_listed(struct search_pass *pass, struct store_place place, bool *listed)
{
    struct store_query query;
    char source[16];
    *listed = false;
    store_query_begin(&query, pass->store, STORE_SQL_SEARCH_PLAY, what);
    store_query_int(&query, ":user_id", place.user_id);
    store_query_int(&query, ":played_at", place.key);
    if (store_query_row(&query)) {
        bool deleted = store_query_get_int(&query, 5, STORE_NO_TIME) != STORE_NO_TIME;
        store_query_get_text(&query, 2, source, sizeof source);
        *listed = deleted == pass->search->deleted &&
                  (pass->search->user_id == 0 || pass->search->user_id == place.user_id) &&
                  search_fits(pass, store_query_get_int(&query, 0, 0),
                              store_query_get_int(&query, 1, 0), source);
    }
    return store_query_end(&query);
}

/* Is there anything on the side that the page was come to from? Mostly the play is still there that
 * it begins after; if not, it is looked for. */
static enum store_result look_behind(struct search_pass *pass, struct store_place from,
                                     struct store_place first, bool *more)
{
    struct search_hit hit;
    *more = false;
    if (from.user_id == 0) {
        return STORE_OK;
    }
    enum store_result result = is_listed(pass, from, more);
    if (result != STORE_OK || *more) {
        return result;
    }
    struct search_pass behind = *pass;
    behind.back = !pass->back;
    behind.from = first;
    behind.hits = &hit;
    behind.count = 0;
    behind.wanted = 1;
    result = pass_run(&behind);
    *more = behind.count > 0;
    return result;
}

/* -- a page ------------------------------------------------------------------------------------ */

static enum store_result play_read(struct store *store, const struct search_hit *hit,
                                   struct store_shown *play)
{
    struct store_query query;
    *play = (struct store_shown){.place = hit->place};
    store_query_begin(&query, store, STORE_SQL_SEARCH_PLAY, what);
    store_query_int(&query, ":user_id", hit->place.user_id);
    store_query_int(&query, ":played_at", hit->place.key);
    if (store_query_row(&query)) {
        play->played_at = store_query_get_int(&query, 0, 0);
        store_query_get_text(&query, 2, play->source, sizeof play->source);
        play->ms_played = store_query_get_int(&query, 3, -1);
        play->first_seen_at = store_query_get_int(&query, 4, STORE_NO_TIME);
        play->deleted_at = store_query_get_int(&query, 5, STORE_NO_TIME);
        play->context_uri = store_name_text(&query, 6);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK
               ? store_title_get(store, STORE_KIND_TRACK, hit->track_id, &play->title)
               : result;
}

static enum store_result page_fill(struct search_pass *pass, size_t n,
                                   struct store_plays_page *page)
{
    size_t count = pass->count < n ? pass->count : n;
    enum store_result result = STORE_OK;
    page->items = calloc(count + 1, sizeof *page->items);
    if (page->items == NULL) {
        return stats_no_memory(pass->store, what);
    }
    for (size_t i = 0; result == STORE_OK && i < count; i++) {
        result =
            play_read(pass->store, &pass->hits[pass->back ? count - 1 - i : i], &page->items[i]);
        page->count++;
    }
    return result;
}

/* pass->wanted is one more than the page has room for: so it is known if there are more. */
static enum store_result page_find(struct search_pass *pass, struct store_plays_page *page)
{
    struct store_place from = pass->from, first = from;
    bool behind = false, beyond = false;
    enum store_result result = pass_run(pass);
    if (result == STORE_OK && pass->count > 0) {
        first = pass->hits[0].place;
    }
    if (result == STORE_OK) {
        result = look_behind(pass, from, first, &behind);
    }
    if (result == STORE_OK) {
        beyond = pass->count == pass->wanted;
        page->newer = pass->back ? beyond : behind;
        page->older = pass->back ? behind : beyond;
        result = page_fill(pass, pass->wanted - 1, page);
    }
    return result;
}

enum store_result store_plays_find(struct store *store, const struct store_search *search,
                                   struct store_place from, bool back, size_t n,
                                   struct store_plays_page *page)
{
    struct store_tracks *tracks = NULL;
    struct search_pass pass = {.store = store, .search = search, .from = from, .back = back};
    *page = (struct store_plays_page){0};
    pass.wanted = (n < 1 ? 1 : n > PAGE_MAX ? PAGE_MAX : n) + 1;
    pass_begin(&pass);
    enum store_result result = stats_users_read(store, search->user_id, what, &pass.users);
    if (result != STORE_OK) {
        goto out;
    }
    pass.hits = calloc(pass.wanted, sizeof *pass.hits);
    if (pass.hits == NULL) {
        result = stats_no_memory(store, what);
        goto out;
    }
    if (search->words != NULL) {
        result = store_tracks_search(store, search->words, &tracks);
        pass.tracks = tracks != NULL && tracks->all ? NULL : tracks;
    }
    if (result == STORE_OK) {
        result = page_find(&pass, page);
    }
    if (result != STORE_OK) {
        store_plays_free(page);
    }
out:
    free(pass.hits);
    stats_numbers_free(&pass.users);
    store_tracks_free(tracks);
    return result;
}

void store_plays_free(struct store_plays_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        free(page->items[i].context_uri);
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
