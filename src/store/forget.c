/* SPDX-License-Identifier: MIT */
/*
 * store/forget: a user is removed, with all that only they need. Every statement here is linear in
 * the rows it looks at: what it asks of other tables stands in a key or an index.
 */
#include "store/users.h"

#include "store/store_private.h"

#include <stddef.h>

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

/* One stage: a statement for all its rows at once; or, with last, for ranges of a table's numbers,
 * which need not be dense; or for the next few rows, until it finds none. What refers goes before
 * what it refers to. */
static const struct stage {
    enum store_sql id;
    enum store_sql last; /* the table's last number; STORE_SQL_BEGIN: all at once; its own: few */
    size_t rows;         /* offset in struct store_holdings of what is counted, NOT_COUNTED */
    bool of_user;        /* has :user_id */
} stages[] = {
#define NOT_COUNTED SIZE_MAX
#define COUNTED(field) offsetof(struct store_holdings, field)
    {STORE_SQL_FORGET_TOKENS, STORE_SQL_BEGIN, NOT_COUNTED, true},
    {STORE_SQL_FORGET_REFRESHES, STORE_SQL_BEGIN, NOT_COUNTED, true},
    {STORE_SQL_FORGET_PLAYS, STORE_SQL_FORGET_PLAYS_UP_TO, COUNTED(plays), true},
    /* The last marks of stale blocks go with the user. */
    {STORE_SQL_FORGET_SUMS, STORE_SQL_FORGET_SUMS, NOT_COUNTED, true},
    {STORE_SQL_FORGET_GAPS, STORE_SQL_BEGIN, COUNTED(gaps), true},
    {STORE_SQL_FORGET_POLLS, STORE_SQL_FORGET_LAST_POLL, COUNTED(polls), true},
    {STORE_SQL_FORGET_REJECTS, STORE_SQL_BEGIN, COUNTED(rejects), true},
    {STORE_SQL_FORGET_FILLINGS, STORE_SQL_BEGIN, NOT_COUNTED, true},
    {STORE_SQL_FORGET_IMPORTS, STORE_SQL_BEGIN, COUNTED(imports), true},
    {STORE_SQL_FORGET_CONTEXTS, STORE_SQL_BEGIN, NOT_COUNTED, true},
    {STORE_SQL_FORGET_USER, STORE_SQL_BEGIN, NOT_COUNTED, true},
    /* Of the catalogue what nobody needs any more. Rows that nobody needed before go too: nobody
     * knows whose they were. */
    {STORE_SQL_FORGET_TRACKS, STORE_SQL_FORGET_LAST_TRACK, COUNTED(tracks), false},
    {STORE_SQL_FORGET_ALBUMS, STORE_SQL_FORGET_LAST_ALBUM, COUNTED(albums), false},
    {STORE_SQL_FORGET_ARTISTS, STORE_SQL_FORGET_LAST_ARTIST, COUNTED(artists), false},
};

#define STAGE_COUNT (sizeof stages / sizeof stages[0])

static const char removing[] = "removing a user";

/* One number of a statement; found is false if it is NULL. */
static enum store_result ask_number(struct store_forget *forget, const struct stage *stage,
                                    int64_t rows, int64_t *number, bool *found)
{
    struct store_query query;
    bool is_plays = stage->last == STORE_SQL_FORGET_PLAYS_UP_TO;
    store_query_begin(&query, forget->store, stage->last, removing);
    if (is_plays) {
        store_query_int(&query, ":user_id", forget->user_id);
        store_query_int(&query, ":rows", rows);
    }
    *number = INT64_MIN;
    if (store_query_row(&query)) {
        *number = store_query_get_int(&query, 0, INT64_MIN);
    }
    *found = *number != INT64_MIN;
    return store_query_end(&query);
}

/* Runs one deletion up to a key (INT64_MIN: it has no range) and counts its rows. */
static enum store_result remove_some(struct store_forget *forget, enum store_sql id, bool of_user,
                                     int64_t from, int64_t to, int64_t *rows)
{
    struct store_query query;
    store_query_begin(&query, forget->store, id, removing);
    if (of_user) {
        store_query_int(&query, ":user_id", forget->user_id);
    }
    if (from != INT64_MIN) {
        store_query_int(&query, ":from", from);
    }
    if (to != INT64_MIN) {
        store_query_int(&query, ":to", to);
    }
    int64_t changes = 0;
    forget->store->names_changed++;
    enum store_result result = store_query_run(&query, &changes);
    *rows += changes;
    return result;
}

/* The next few plays: those marked as deleted are counted apart. */
static enum store_result remove_plays(struct store_forget *forget, int64_t rows, bool *over)
{
    int64_t to = 0;
    bool found = false;
    enum store_result result = ask_number(forget, &stages[forget->stage], rows, &to, &found);
    *over = !found;
    if (result != STORE_OK || !found) {
        return result;
    }
    result = remove_some(forget, STORE_SQL_FORGET_DELETED_PLAYS, true, INT64_MIN, to,
                         &forget->removed.deleted_plays);
    if (result == STORE_OK) {
        result = remove_some(forget, STORE_SQL_FORGET_PLAYS, true, INT64_MIN, to,
                             &forget->removed.plays);
    }
    return result;
}

/* The next range of a table. */
static enum store_result remove_range(struct store_forget *forget, const struct stage *stage,
                                      int64_t rows, int64_t *counter, bool *over)
{
    enum store_result result = STORE_OK;
    bool found = true;
    if (forget->next == 0) {
        result = ask_number(forget, stage, rows, &forget->last, &found);
        forget->next = 1;
    }
    *over = !found || forget->next > forget->last;
    if (result != STORE_OK || *over) {
        return result;
    }
    int64_t to = forget->last - forget->next < rows ? forget->last : forget->next + rows - 1;
    result = remove_some(forget, stage->id, stage->of_user, forget->next, to, counter);
    forget->next = to + 1;
    *over = to == forget->last;
    return result;
}

/* The next few rows of a derived table. */
static enum store_result remove_few(struct store_forget *forget, const struct stage *stage,
                                    int64_t rows, bool *over)
{
    struct store_query query;
    int64_t changes = 0;
    store_query_begin(&query, forget->store, stage->id, removing);
    store_query_int(&query, ":user_id", forget->user_id);
    store_query_int(&query, ":rows", rows);
    enum store_result result = store_query_run(&query, &changes);
    *over = changes == 0;
    return result;
}

/* One small piece of the work, in a transaction. */
static enum store_result advance(struct store_forget *forget, int64_t rows)
{
    const struct stage *stage = &stages[forget->stage];
    int64_t uncounted = 0, *counter = &uncounted;
    bool over = true;
    enum store_result result;
    if (stage->rows != NOT_COUNTED) {
        counter = (int64_t *)(void *)((char *)&forget->removed + stage->rows);
    }
    if (stage->last == STORE_SQL_FORGET_PLAYS_UP_TO) {
        result = remove_plays(forget, rows, &over);
    } else if (stage->last == stage->id) {
        result = remove_few(forget, stage, rows, &over);
    } else if (stage->last != STORE_SQL_BEGIN) {
        result = remove_range(forget, stage, rows, counter, &over);
    } else {
        result = remove_some(forget, stage->id, stage->of_user, INT64_MIN, INT64_MIN, counter);
    }
    if (over) {
        forget->stage++;
        forget->next = 0;
    }
    return result;
}

enum store_result store_forget_begin(struct store_forget *forget, struct store *store,
                                     int64_t user_id)
{
    struct store_user user;
    *forget = (struct store_forget){.store = store, .user_id = user_id};
    enum store_result result = store_user_get(store, user_id, &user);
    return result == STORE_OK ? store_long_begin(store) : result;
}

enum store_result store_forget_step(struct store_forget *forget, int64_t rows, bool *done)
{
    enum store_result result = store_long_resume(forget->store);
    *done = false;
    if (result == STORE_OK && forget->stage < STAGE_COUNT) {
        result = advance(forget, rows);
        if (result == STORE_OK) {
            store_long_pause(forget->store);
            return STORE_OK;
        }
    }
    *done = result == STORE_OK;
    return store_finish(forget->store, result);
}

void store_forget_drop(struct store_forget *forget)
{
    if (store_long_is_open(forget->store) && store_long_resume(forget->store) == STORE_OK) {
        store_rollback(forget->store);
    }
}

enum store_result store_user_sign_out(struct store *store, int64_t user_id, const char *reason,
                                      int64_t now)
{
    enum store_result result =
        store_user_set_state(store, user_id, STORE_USER_NEEDS_LOGIN, reason, now);
    struct store_forget forget = {.store = store, .user_id = user_id};
    int64_t rows = 0;
    return result == STORE_OK
               ? remove_some(&forget, STORE_SQL_FORGET_TOKENS, true, INT64_MIN, INT64_MIN, &rows)
               : result;
}
