/* SPDX-License-Identifier: MIT */
/*
 * store/forget: a user is removed, with all that only they need. Every statement here is linear in
 * the rows it looks at: what it asks of other tables stands in a key or an index.
 */
#include "store/users.h"

#include "store/store_private.h"

/* -- counting --------------------------------------------------------------------------------- */

/* Runs a statement whose row is count numbers. */
static enum store_result count_some(struct store *store, enum store_sql id, int64_t user_id,
                                    int64_t *const numbers[], int count)
{
    struct store_query query;
    store_query_begin(&query, store, id, "counting what is kept of a user");
    store_query_int(&query, ":user_id", user_id);
    if (store_query_row(&query)) {
        for (int i = 0; i < count; i++) {
            *numbers[i] = store_query_get_int(&query, i, 0);
        }
    }
    return store_query_end(&query);
}

enum store_result store_user_holdings(struct store *store, int64_t user_id,
                                      struct store_holdings *holdings)
{
    *holdings = (struct store_holdings){0};
    struct store_user user;
    const struct {
        enum store_sql id;
        int count;
        int64_t *numbers[4];
    } counts[] = {
        {STORE_SQL_HOLD_PLAYS, 2, {&holdings->plays, &holdings->deleted_plays}},
        {STORE_SQL_HOLD_LEDGER,
         4,
         {&holdings->gaps, &holdings->polls, &holdings->imports, &holdings->rejects}},
        {STORE_SQL_HOLD_TRACKS, 1, {&holdings->tracks}},
        {STORE_SQL_HOLD_ALBUMS, 1, {&holdings->albums}},
        {STORE_SQL_HOLD_ARTISTS, 1, {&holdings->artists}},
    };
    enum store_result result = store_user_get(store, user_id, &user);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && result == STORE_OK; i++) {
        result = count_some(store, counts[i].id, user_id, counts[i].numbers, counts[i].count);
    }
    return result;
}

/* -- removing --------------------------------------------------------------------------------- */

/* Runs one of the statements that take a user's rows away; *rows (may be NULL): how many. */
static enum store_result remove_some(struct store *store, enum store_sql id, int64_t user_id,
                                     int64_t *rows)
{
    struct store_query query;
    store_query_begin(&query, store, id, "removing a user");
    store_query_int(&query, ":user_id", user_id);
    return store_query_run(&query, rows);
}

/* The same for the rows of the catalogue that nobody needs any more. Rows that nobody needed before
 * go too: nobody knows whose they were. */
static enum store_result remove_needless(struct store *store, struct store_holdings *removed)
{
    const struct {
        enum store_sql id;
        int64_t *rows;
    } steps[] = {
        {STORE_SQL_FORGET_TRACKS, &removed->tracks},
        {STORE_SQL_FORGET_ALBUMS, &removed->albums},
        {STORE_SQL_FORGET_ARTISTS, &removed->artists},
    };
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == STORE_OK; i++) {
        struct store_query query;
        store_query_begin(&query, store, steps[i].id, "removing what only that user needed");
        result = store_query_run(&query, steps[i].rows);
    }
    return result;
}

/* What refers goes before what it refers to. */
static enum store_result remove_rows(struct store *store, int64_t user_id,
                                     struct store_holdings *removed)
{
    const struct {
        enum store_sql id;
        int64_t *rows;
    } steps[] = {
        {STORE_SQL_FORGET_TOKENS, NULL},
        {STORE_SQL_FORGET_REFRESHES, NULL},
        {STORE_SQL_FORGET_DETAILS, NULL},
        {STORE_SQL_FORGET_DELETED_PLAYS, &removed->deleted_plays},
        {STORE_SQL_FORGET_PLAYS, &removed->plays},
        {STORE_SQL_FORGET_GAPS, &removed->gaps},
        {STORE_SQL_FORGET_POLLS, &removed->polls},
        {STORE_SQL_FORGET_REJECTS, &removed->rejects},
        {STORE_SQL_FORGET_FILLINGS, NULL},
        {STORE_SQL_FORGET_ORIGINS, NULL},
        {STORE_SQL_FORGET_IMPORTS, &removed->imports},
        {STORE_SQL_FORGET_USER, NULL},
    };
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == STORE_OK; i++) {
        result = remove_some(store, steps[i].id, user_id, steps[i].rows);
    }
    return result;
}

enum store_result store_user_forget(struct store *store, int64_t user_id,
                                    struct store_holdings *removed)
{
    struct store_user user;
    *removed = (struct store_holdings){0};
    enum store_result result = store_user_get(store, user_id, &user);
    if (result == STORE_OK) {
        result = remove_rows(store, user_id, removed);
    }
    if (result == STORE_OK) {
        result = remove_needless(store, removed);
    }
    if (result != STORE_OK) {
        *removed = (struct store_holdings){0};
    }
    return result;
}

enum store_result store_user_sign_out(struct store *store, int64_t user_id, const char *reason,
                                      int64_t now)
{
    enum store_result result =
        store_user_set_state(store, user_id, STORE_USER_NEEDS_LOGIN, reason, now);
    return result == STORE_OK ? remove_some(store, STORE_SQL_FORGET_TOKENS, user_id, NULL) : result;
}
