/* SPDX-License-Identifier: MIT */
/* store/stats: the plays that came last. Each user's lie in the order of their key: the last n of
 * each are read from its end, and no other. */
#include "store/stats.h"
#include "store/store_private.h"

#include <stdlib.h>

static const char what[] = "reading the last plays";

/* The newest first. */
static int by_key(const void *one, const void *other)
{
    const struct store_recent *a = one, *b = other;
    int order = (a->key < b->key) - (a->key > b->key);
    return order != 0 ? order : (a->user_id > b->user_id) - (a->user_id < b->user_id);
}

static bool list_grow(struct store_recent_list *list, size_t *cap)
{
    size_t wanted = *cap > 0 ? 2 * *cap : 32;
    struct store_recent *grown = reallocarray(list->items, wanted, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    list->items = grown;
    *cap = wanted;
    return true;
}

static void recent_read(struct store_query *query, int64_t user_id, struct store_recent *play)
{
    *play = (struct store_recent){.user_id = user_id, .track.duration_ms = -1};
    play->key = store_query_get_int(query, 0, 0);
    play->played_at = play->key - store_query_get_int(query, 1, 0);
    play->track_id = store_query_get_int(query, 2, 0);
    play->ms_played = store_query_get_int(query, 3, -1);
    store_query_get_text(query, 4, play->source, sizeof play->source);
    play->first_seen_at = store_query_get_int(query, 5, STORE_NO_TIME);
    play->context_uri = store_name_text(query, 6);
}

/* The last n of one user, behind what is there. */
static enum store_result recent_add(struct store *store, const struct store_stats_filter *filter,
                                    int64_t user_id, size_t n, struct store_recent_list *list,
                                    size_t *cap)
{
    int64_t until = filter->until != STORE_NO_TIME ? filter->until : INT64_MAX;
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STATS_RECENT, what);
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":since", filter->since != STORE_NO_TIME ? filter->since : INT64_MIN);
    store_query_int(&query, ":until", until);
    store_query_int(&query, ":until_key", store_key_bound(until));
    store_query_int(&query, ":limit", n > SIZE_MAX / 2 ? INT64_MAX : (int64_t)n);
    while (store_query_row(&query)) {
        if (list->count == *cap && !list_grow(list, cap)) {
            query.result = store_fail(store, STORE_NOMEM, "%s: out of memory", what);
            break;
        }
        recent_read(&query, user_id, &list->items[list->count++]);
    }
    return store_query_end(&query);
}

static void list_cut(struct store_recent_list *list, size_t n)
{
    while (list->count > n) {
        struct store_recent *last = &list->items[--list->count];
        free(last->context_uri);
        store_name_free(&last->track);
    }
}

enum store_result store_recent_load(struct store *store, const struct store_stats_filter *filter,
                                    size_t n, struct store_recent_list *list)
{
    struct store_user *users = NULL;
    size_t user_count = 0, cap = 0;
    bool found = false;
    *list = (struct store_recent_list){0};
    if (store->transaction == STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    enum store_result result = store_users_load(store, &users, &user_count);
    for (size_t i = 0; result == STORE_OK && i < user_count; i++) {
        if (filter->user_id == 0 || filter->user_id == users[i].user_id) {
            result = recent_add(store, filter, users[i].user_id, n, list, &cap);
            found = true;
        }
    }
    free(users);
    if (result == STORE_OK && filter->user_id != 0 && !found) {
        result = store_fail(store, STORE_NOT_FOUND, "%s: there is no user %lld", what,
                            (long long)filter->user_id);
    }
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof *list->items, by_key);
    }
    list_cut(list, n);
    for (size_t i = 0; result == STORE_OK && i < list->count; i++) {
        result =
            store_name_get(store, STORE_KIND_TRACK, list->items[i].track_id, &list->items[i].track);
    }
    if (result != STORE_OK) {
        store_recent_free(list);
    }
    return result;
}

void store_recent_free(struct store_recent_list *list)
{
    list_cut(list, 0);
    free(list->items);
    *list = (struct store_recent_list){0};
}
