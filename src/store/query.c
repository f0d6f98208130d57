/* SPDX-License-Identifier: MIT */
/*
 * store/query: statements that are prepared once, bound by name, and given back.
 */
#include "store/store_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static int statement_prepare(struct store *store, enum store_sql id)
{
    if (store->statements[id] != NULL) {
        return SQLITE_OK;
    }
    return sqlite3_prepare_v3(store->db, store_sql_text(id), -1, SQLITE_PREPARE_PERSISTENT,
                              &store->statements[id], NULL);
}

/* After some errors SQLite rolls the whole transaction back by itself. What came after would then
 * be committed one by one, without what came before: nothing may. */
static void doom_if_rolled_back(struct store *store, enum store_result result)
{
    if (store->transaction == STORE_TRANSACTION_WRITE && store->doomed == STORE_OK &&
        sqlite3_get_autocommit(store->db) != 0) {
        store->doomed = result;
    }
}

static void query_failed(struct store_query *query, int code)
{
    query->result = store_fail_sqlite(query->store, query->store->db, code, query->what);
    doom_if_rolled_back(query->store, query->result);
}

/* May this statement run now? */
static enum store_result query_allowed(struct store *store, sqlite3_stmt *statement,
                                       const char *what)
{
    if (sqlite3_stmt_readonly(statement) == 0 && store->transaction != STORE_TRANSACTION_WRITE) {
        return store_fail(store, STORE_MISUSE, "%s: outside of a transaction", what);
    }
    if (sqlite3_stmt_busy(statement) != 0) {
        return store_fail(store, STORE_MISUSE, "%s: its statement is in use", what);
    }
    return STORE_OK;
}

void store_query_begin(struct store_query *query, struct store *store, enum store_sql id,
                       const char *what)
{
    *query = (struct store_query){.store = store, .what = what, .result = STORE_OK};
    if (store->broken) {
        query->result = STORE_IO; /* the message of the failure stays */
        return;
    }
    if (store->doomed != STORE_OK) {
        query->result =
            store_fail(store, store->doomed, "%s: the transaction was rolled back before (%s)",
                       what, store_result_name(store->doomed));
        return;
    }
    query->result = store_budget_check(store, what);
    if (query->result != STORE_OK) {
        return;
    }
    int code = statement_prepare(store, id);
    if (code != SQLITE_OK) {
        query_failed(query, code);
        return;
    }
    query->result = query_allowed(store, store->statements[id], what);
    if (query->result == STORE_OK) {
        query->statement = store->statements[id];
    }
}

/* Index of a named parameter; 0 when nothing is to be bound because the query failed before. */
static int parameter_index(struct store_query *query, const char *name)
{
    if (query->result != STORE_OK) {
        return 0;
    }
    /* As a rule they are bound in the order of the text: to look for each name from the first on
     * takes longer than to bind. */
    const char *next = sqlite3_bind_parameter_name(query->statement, query->bound + 1);
    int index = next != NULL && strcmp(next, name) == 0
                    ? query->bound + 1
                    : sqlite3_bind_parameter_index(query->statement, name);
    query->bound = index;
    if (index == 0) {
        query->result =
            store_fail(query->store, STORE_MISUSE, "%s: no parameter %s", query->what, name);
    }
    return index;
}

static void query_bound(struct store_query *query, int code)
{
    if (code != SQLITE_OK) {
        query_failed(query, code);
    }
}

void store_query_int(struct store_query *query, const char *name, int64_t value)
{
    int index = parameter_index(query, name);
    if (index > 0) {
        query_bound(query, sqlite3_bind_int64(query->statement, index, value));
    }
}

void store_query_int_or_null(struct store_query *query, const char *name, int64_t value,
                             int64_t none)
{
    if (value != none) {
        store_query_int(query, name, value);
    } else {
        (void)parameter_index(query, name); /* unbound is NULL; the name is checked all the same */
    }
}

void store_query_text(struct store_query *query, const char *name, const char *text)
{
    int index = parameter_index(query, name);
    if (index > 0 && text != NULL) {
        query_bound(query, sqlite3_bind_text(query->statement, index, text, -1, SQLITE_STATIC));
    }
}

void store_query_text_or_null(struct store_query *query, const char *name, const char *text)
{
    store_query_text(query, name, text != NULL && text[0] != '\0' ? text : NULL);
}

void store_query_blob(struct store_query *query, const char *name, const void *data, size_t len)
{
    int index = parameter_index(query, name);
    if (index > 0) {
        query_bound(query, sqlite3_bind_blob64(query->statement, index, data, len, SQLITE_STATIC));
    }
}

bool store_query_stepped(struct store_query *query, int code)
{
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        query_failed(query, code);
    }
    return code == SQLITE_ROW;
}

bool store_query_row(struct store_query *query)
{
    return query->result == STORE_OK && store_query_stepped(query, sqlite3_step(query->statement));
}

int64_t store_query_get_int(const struct store_query *query, int column, int64_t none)
{
    if (sqlite3_column_type(query->statement, column) == SQLITE_NULL) {
        return none;
    }
    return sqlite3_column_int64(query->statement, column);
}

const void *store_query_get_blob(const struct store_query *query, int column, size_t *len)
{
    const void *data = sqlite3_column_blob(query->statement, column);
    int bytes = sqlite3_column_bytes(query->statement, column);
    *len = bytes > 0 ? (size_t)bytes : 0;
    return data;
}

/* Longest prefix of at most size bytes that does not end within a UTF-8 sequence. */
static size_t utf8_prefix(const char *text, size_t len, size_t size)
{
    if (len <= size) {
        return len;
    }
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
        size--;
    }
    return size;
}

void store_query_get_text(struct store_query *query, int column, char *text, size_t size)
{
    bool null = sqlite3_column_type(query->statement, column) == SQLITE_NULL;
    const char *value = (const char *)sqlite3_column_text(query->statement, column);
    if (value == NULL && !null) {
        query_failed(query, SQLITE_NOMEM);
    }
    size_t len = value != NULL ? utf8_prefix(value, strlen(value), size - 1) : 0;
    if (len > 0) {
        memcpy(text, value, len);
    }
    text[len] = '\0';
}

void store_query_again(struct store_query *query)
{
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
    }
}

enum store_result store_query_end(struct store_query *query)
{
    if (query->statement != NULL) {
        sqlite3_reset(query->statement); /* repeats the error of the step, which is known */
        sqlite3_clear_bindings(query->statement);
        query->statement = NULL;
    }
    return query->result;
}

enum store_result store_query_run(struct store_query *query, int64_t *changes)
{
    while (store_query_row(query)) {
    }
    if (changes != NULL) {
        *changes = query->result == STORE_OK ? sqlite3_changes64(query->store->db) : 0;
    }
    return store_query_end(query);
}

enum store_result store_query_run_int(struct store_query *query, int64_t *value)
{
    bool found = store_query_row(query) && sqlite3_column_type(query->statement, 0) != SQLITE_NULL;
    if (found) {
        *value = sqlite3_column_int64(query->statement, 0);
    }
    enum store_result result = store_query_end(query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

int store_query_control(struct store *store, enum store_sql id)
{
    int code = statement_prepare(store, id);
    if (code != SQLITE_OK) {
        return code;
    }
    code = sqlite3_step(store->statements[id]);
    sqlite3_reset(store->statements[id]);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int64_t store_key_bound(int64_t until)
{
    return until > INT64_MAX - STORE_NUDGE_BOUND ? INT64_MAX : until + STORE_NUDGE_BOUND;
}

const char *store_query_left(const struct store *store)
{
    for (int id = 0; id < STORE_SQL_COUNT; id++) {
        if (store->statements[id] != NULL && sqlite3_stmt_busy(store->statements[id]) != 0) {
            return store_sql_text((enum store_sql)id);
        }
    }
    return NULL;
}

void store_query_finalize_all(struct store *store)
{
    for (int id = 0; id < STORE_SQL_COUNT; id++) {
        sqlite3_finalize(store->statements[id]);
        store->statements[id] = NULL;
    }
}
