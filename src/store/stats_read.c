/* SPDX-License-Identifier: MIT */
#include "stats_read.h"

#include <stdlib.h>

enum store_result stats_no_memory(struct store *store, const char *what)
{
    return store_fail(store, STORE_NOMEM, "%s: out of memory", what);
}

/* -- numbers ----------------------------------------------------------------------------------- */

bool stats_numbers_add(struct stats_numbers *numbers, int64_t number)
{
    if (numbers->count == numbers->cap) {
        size_t cap = numbers->cap > 0 ? 2 * numbers->cap : 16;
        int64_t *items = reallocarray(numbers->items, cap, sizeof *items);
        if (items == NULL) {
            return false;
        }
        numbers->items = items;
        numbers->cap = cap;
    }
    numbers->items[numbers->count++] = number;
    return true;
}

void stats_numbers_free(struct stats_numbers *numbers)
{
    free(numbers->items);
    *numbers = (struct stats_numbers){0};
}

/* All users' numbers; of one that is asked for only theirs. */
static enum store_result users_pick(struct store *store, int64_t user_id, const char *what,
                                    struct stats_numbers *users)
{
    struct store_user *all = NULL;
    size_t count = 0;
    enum store_result result = store_users_load(store, &all, &count);
    for (size_t i = 0; result == STORE_OK && i < count; i++) {
        if ((user_id == 0 || all[i].user_id == user_id) &&
            !stats_numbers_add(users, all[i].user_id)) {
            result = stats_no_memory(store, what);
        }
    }
    free(all);
    return result;
}

enum store_result stats_users_read(struct store *store, int64_t user_id, const char *what,
                                   struct stats_numbers *users)
{
    *users = (struct stats_numbers){0};
    if (store->transaction == STORE_TRANSACTION_NONE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    enum store_result result = users_pick(store, user_id, what, users);
    if (result == STORE_OK && user_id != 0 && users->count == 0) {
        return store_fail(store, STORE_NOT_FOUND, "%s: there is no user %lld", what,
                          (long long)user_id);
    }
    return result;
}

enum store_result stats_stale_read(struct store *store, int64_t user_id, const char *what,
                                   struct stats_numbers *blocks)
{
    struct store_query query;
    *blocks = (struct stats_numbers){0};
    store_query_begin(&query, store, STORE_SQL_STATS_STALE, what);
    store_query_int(&query, ":user_id", user_id);
    while (store_query_row(&query)) {
        if (!stats_numbers_add(blocks, store_query_get_int(&query, 0, 0))) {
            query.result = stats_no_memory(store, what);
        }
    }
    return store_query_end(&query);
}

/* -- the ends of what was played --------------------------------------------------------------- */

static void bind_stretch(struct store_query *query, int64_t user_id, int64_t since, int64_t until)
{
    store_query_int(query, ":user_id", user_id);
    store_query_int(query, ":since", since);
    store_query_int(query, ":until", until);
    store_query_int(query, ":until_key", store_key_bound(until));
}

/* A play's key is its moment or up to STORE_NUDGE_BOUND later, so the play with the first moment
 * need not have the first key: the walk ends where no key can be of an earlier one. */
static enum store_result walk_first(struct store_query *query, int64_t *first)
{
    *first = STORE_NO_TIME;
    while (store_query_row(query)) {
        int64_t moment = store_query_get_int(query, 1, 0);
        if (*first == STORE_NO_TIME || moment < *first) {
            *first = moment;
        }
        if (store_query_get_int(query, 0, 0) > store_key_bound(*first)) {
            break;
        }
    }
    return store_query_end(query);
}

enum store_result stats_track_first(struct store *store, int64_t user_id, int64_t track_id,
                                    int64_t since, int64_t until, const char *what, int64_t *first)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STATS_FIRST_OF_TRACK, what);
    store_query_int(&query, ":id", track_id);
    bind_stretch(&query, user_id, since, until);
    return walk_first(&query, first);
}

static enum store_result first_read(struct store *store, int64_t user_id, int64_t since,
                                    int64_t until, const char *what, int64_t *first)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STATS_FIRST, what);
    bind_stretch(&query, user_id, since, until);
    return walk_first(&query, first);
}

static enum store_result last_read(struct store *store, int64_t user_id, int64_t since,
                                   int64_t until, const char *what, int64_t *last)
{
    struct store_query query;
    *last = STORE_NO_TIME;
    store_query_begin(&query, store, STORE_SQL_STATS_LAST, what);
    bind_stretch(&query, user_id, since, until);
    while (store_query_row(&query)) {
        if (*last != STORE_NO_TIME && store_query_get_int(&query, 0, 0) <= *last) {
            break;
        }
        int64_t moment = store_query_get_int(&query, 1, 0);
        if (*last == STORE_NO_TIME || moment > *last) {
            *last = moment;
        }
    }
    return store_query_end(&query);
}

enum store_result stats_ends_read(struct store *store, int64_t user_id, int64_t since,
                                  int64_t until, const char *what, int64_t *first, int64_t *last)
{
    enum store_result result = first_read(store, user_id, since, until, what, first);
    *last = STORE_NO_TIME;
    return result == STORE_OK ? last_read(store, user_id, since, until, what, last) : result;
}

bool stats_plan_open(struct store_plan *plan, const struct store_stats_filter *filter,
                     int64_t first, int64_t last, int64_t unit, const struct stats_numbers *stale)
{
    int64_t since = filter->since, until = filter->until;
    if (first == STORE_NO_TIME || since > last || (until != STORE_NO_TIME && until <= first)) {
        return false;
    }
    if (since == STORE_NO_TIME || since <= first) {
        since = STORE_PLAN_BEGIN;
    }
    if (until == STORE_NO_TIME || until > last) {
        until = STORE_PLAN_END;
    }
    store_plan_open(plan, since, until, unit, STORE_BLOCK_MS, stale->items, stale->count);
    return true;
}

/* -- plays and sums ---------------------------------------------------------------------------- */

enum store_result stats_plays_feed(struct store *store, int64_t user_id,
                                   const struct store_plan_piece *piece, const char *what,
                                   store_visit *visit, void *context)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_STATS_PLAYS, what);
    bind_stretch(&query, user_id, piece->since, piece->until);
    return store_query_feed(&query, visit, context);
}

/* -- packed sums ------------------------------------------------------------------------------- */

void stats_walk_begin(struct stats_walk *walk, struct store *store, enum store_sql id,
                      int64_t user_id, const struct store_plan_piece *piece, const char *what)
{
    *walk = (struct stats_walk){.what = what};
    store_query_begin(&walk->query, store, id, what);
    store_query_int(&walk->query, ":user_id", user_id);
    store_query_int(&walk->query, ":first", store_plan_first(piece, STORE_BLOCK_MS));
    store_query_int(&walk->query, ":last", store_plan_last(piece, STORE_BLOCK_MS));
}

static void entries_judge(struct stats_walk *walk)
{
    if (walk->entries.bad && walk->query.result == STORE_OK) {
        walk->query.result =
            store_fail(walk->query.store, STORE_CORRUPT,
                       "%s: the sums of block %lld cannot be read; they can be made anew (rebuild)",
                       walk->what, (long long)walk->block);
    }
}

bool stats_walk_next(struct stats_walk *walk, int numbers)
{
    size_t len = 0;
    entries_judge(walk);
    /* What a row holds is read without SQLite, which else looks at the budget. */
    if (walk->query.result == STORE_OK) {
        walk->query.result = store_budget_check(walk->query.store, walk->what);
    }
    if (walk->query.result != STORE_OK || !store_query_row(&walk->query)) {
        return false;
    }
    walk->block = store_query_get_int(&walk->query, 0, 0);
    const void *data = store_query_get_blob(&walk->query, 1, &len);
    walk->entries = store_unpack_open(data, len, numbers);
    return true;
}

enum store_result stats_walk_end(struct stats_walk *walk)
{
    entries_judge(walk);
    return store_query_end(&walk->query);
}
