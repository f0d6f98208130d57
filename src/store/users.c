/* SPDX-License-Identifier: MIT */
/*
 * store/users: who is recorded, and how far.
 */
#include "store/users.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [STORE_USER_ACTIVE] = "active",
    [STORE_USER_NEEDS_LOGIN] = "needs_login",
    [STORE_USER_PAUSED] = "paused",
};

const char *store_user_state_name(enum store_user_state state)
{
    return state_names[state];
}

/* The CHECK of the column lets nothing else in; a file that was changed by hand reads as paused. */
static enum store_user_state state_of(const char *name)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            return (enum store_user_state)i;
        }
    }
    return STORE_USER_PAUSED;
}

/* Reads USER_COLUMNS of sql.c, in that order. */
static void user_read(struct store_query *query, struct store_user *user)
{
    char state[16];
    *user = (struct store_user){0};
    user->user_id = store_query_get_int(query, 0, 0);
    store_query_get_text(query, 1, user->spotify_id, sizeof user->spotify_id);
    store_query_get_text(query, 2, user->account_id, sizeof user->account_id);
    store_query_get_text(query, 3, user->display_name, sizeof user->display_name);
    store_query_get_text(query, 4, state, sizeof state);
    user->state = state_of(state);
    store_query_get_text(query, 5, user->state_reason, sizeof user->state_reason);
    user->state_since = store_query_get_int(query, 6, 0);
    user->added_at = store_query_get_int(query, 7, 0);
    user->authorized_at = store_query_get_int(query, 8, STORE_NO_TIME);
    user->last_success_at = store_query_get_int(query, 9, STORE_NO_TIME);
    user->first_sweep_at = store_query_get_int(query, 10, STORE_NO_TIME);
    user->anchor_played_at = store_query_get_int(query, 11, STORE_NO_TIME);
    user->refused_at = store_query_get_int(query, 12, STORE_NO_TIME);
    user->retries = store_query_get_int(query, 13, 0);
    user->countdown = store_query_get_int(query, 14, 0);
    store_query_get_text(query, 15, user->client_id, sizeof user->client_id);
}

/* Makes room for one more. */
static bool users_grow(struct store_user **users, size_t count, size_t *cap)
{
    if (count < *cap) {
        return true;
    }
    size_t wanted = *cap == 0 ? 8 : *cap * 2;
    struct store_user *grown = realloc(*users, wanted * sizeof **users);
    if (grown == NULL) {
        return false;
    }
    *users = grown;
    *cap = wanted;
    return true;
}

enum store_result store_users_load(struct store *store, struct store_user **users, size_t *count)
{
    struct store_query query;
    size_t cap = 0;
    *users = NULL;
    *count = 0;
    store_query_begin(&query, store, STORE_SQL_USERS_LOAD, "reading the users");
    while (store_query_row(&query)) {
        if (!users_grow(users, *count, &cap)) {
            query.result = store_fail(store, STORE_NOMEM, "reading the users: out of memory");
            break;
        }
        user_read(&query, &(*users)[*count]);
        *count += 1;
    }
    enum store_result result = store_query_end(&query);
    if (result != STORE_OK) {
        free(*users);
        *users = NULL;
        *count = 0;
    }
    return result;
}

/* Reads the one row of a query and ends it. */
static enum store_result user_read_one(struct store_query *query, struct store_user *user)
{
    bool found = store_query_row(query);
    if (found) {
        user_read(query, user);
    }
    enum store_result result = store_query_end(query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_user_get(struct store *store, int64_t user_id, struct store_user *user)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_GET, "reading a user");
    store_query_int(&query, ":user_id", user_id);
    return user_read_one(&query, user);
}

/* The account's own id never changes and decides; the name is for users whose id was not told yet.
 */
enum store_result store_user_find(struct store *store, const char *spotify_id,
                                  const char *account_id, struct store_user *user)
{
    struct store_query query;
    if (account_id != NULL && account_id[0] != '\0') {
        store_query_begin(&query, store, STORE_SQL_USER_BY_ACCOUNT, "looking for a user");
        store_query_text(&query, ":account_id", account_id);
        enum store_result result = user_read_one(&query, user);
        if (result != STORE_NOT_FOUND) {
            return result;
        }
    }
    store_query_begin(&query, store, STORE_SQL_USER_BY_NAME, "looking for a user");
    store_query_text(&query, ":spotify_id", spotify_id);
    store_query_text_or_null(&query, ":account_id", account_id);
    return user_read_one(&query, user);
}

static void user_bind(struct store_query *query, const struct store_user *user)
{
    store_query_text(query, ":spotify_id", user->spotify_id);
    store_query_text_or_null(query, ":account_id", user->account_id);
    store_query_text_or_null(query, ":display_name", user->display_name);
    store_query_text(query, ":state", store_user_state_name(user->state));
    store_query_text_or_null(query, ":state_reason", user->state_reason);
    store_query_int(query, ":state_since", user->state_since);
    store_query_int(query, ":added_at", user->added_at);
    store_query_int_or_null(query, ":authorized_at", user->authorized_at, STORE_NO_TIME);
    store_query_int_or_null(query, ":last_success_at", user->last_success_at, STORE_NO_TIME);
    store_query_int_or_null(query, ":first_sweep_at", user->first_sweep_at, STORE_NO_TIME);
    store_query_int_or_null(query, ":anchor_played_at", user->anchor_played_at, STORE_NO_TIME);
    store_query_int_or_null(query, ":refused_at", user->refused_at, STORE_NO_TIME);
    store_query_int(query, ":retries", user->retries);
    store_query_int_or_null(query, ":countdown", user->countdown, 0);
    store_query_text_or_null(query, ":client_id", user->client_id);
}

enum store_result store_user_add(struct store *store, struct store_user *user)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_ADD, "adding a user");
    user_bind(&query, user);
    enum store_result result = store_query_run(&query, NULL);
    if (result == STORE_OK) {
        user->user_id = sqlite3_last_insert_rowid(store->db);
    }
    return result;
}

/* An update of one row by its key: none changed means there is none. */
static enum store_result run_on_one(struct store_query *query)
{
    int64_t changes = 0;
    enum store_result result = store_query_run(query, &changes);
    return result == STORE_OK && changes == 0 ? STORE_NOT_FOUND : result;
}

enum store_result store_user_update(struct store *store, const struct store_user *user)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_UPDATE, "updating a user");
    user_bind(&query, user);
    store_query_int(&query, ":user_id", user->user_id);
    return run_on_one(&query);
}

enum store_result store_user_set_state(struct store *store, int64_t user_id,
                                       enum store_user_state state, const char *reason, int64_t now)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_STATE, "setting a user's state");
    store_query_int(&query, ":user_id", user_id);
    store_query_text(&query, ":state", store_user_state_name(state));
    store_query_text_or_null(&query, ":state_reason", reason);
    store_query_int(&query, ":state_since", now);
    return run_on_one(&query);
}

enum store_result store_user_set_progress(struct store *store, int64_t user_id,
                                          int64_t last_success_at, int64_t first_sweep_at,
                                          int64_t anchor_played_at)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_PROGRESS, "noting a user's progress");
    store_query_int(&query, ":user_id", user_id);
    store_query_int_or_null(&query, ":last_success_at", last_success_at, STORE_NO_TIME);
    store_query_int_or_null(&query, ":first_sweep_at", first_sweep_at, STORE_NO_TIME);
    store_query_int_or_null(&query, ":anchor_played_at", anchor_played_at, STORE_NO_TIME);
    return run_on_one(&query);
}

enum store_result store_user_set_refused(struct store *store, int64_t user_id, int64_t refused_at,
                                         int64_t retries)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_REFUSED, "noting that a sign-in was refused");
    store_query_int(&query, ":user_id", user_id);
    store_query_int_or_null(&query, ":refused_at", refused_at, STORE_NO_TIME);
    store_query_int(&query, ":retries", retries);
    return run_on_one(&query);
}

enum store_result store_user_set_countdown(struct store *store, int64_t user_id, int64_t days)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_COUNTDOWN, "noting a user's countdown");
    store_query_int(&query, ":user_id", user_id);
    store_query_int_or_null(&query, ":countdown", days, 0);
    return run_on_one(&query);
}

enum store_result store_user_plays_since(struct store *store, int64_t user_id, int64_t since,
                                         int64_t *plays)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_PLAY_COUNT_SINCE, "counting the newest plays");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":since", since);
    return store_query_run_int(&query, plays);
}
