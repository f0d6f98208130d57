/* SPDX-License-Identifier: MIT */
/*
 * store/tokens: sealed tokens and the refresh that is under way. What is sealed is never looked
 * into here.
 */
#include "store/users.h"

#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

const char *store_token_type_name(enum store_token_type type)
{
    return type == STORE_TOKEN_ACCESS ? "access" : "refresh";
}

static enum store_result token_read(struct store_query *query, struct store_token *token)
{
    int len = sqlite3_column_bytes(query->statement, 0);
    const void *sealed = sqlite3_column_blob(query->statement, 0);
    *token = (struct store_token){.sealed_len = (size_t)len};
    token->sealed = malloc(len > 0 ? (size_t)len : 1);
    if (token->sealed == NULL) {
        return store_fail(query->store, STORE_NOMEM, "reading a token: out of memory");
    }
    if (sealed != NULL) {
        memcpy(token->sealed, sealed, (size_t)len);
    }
    store_query_get_text(query, 1, token->scope, sizeof token->scope);
    token->expires_at = store_query_get_int(query, 2, STORE_NO_TIME);
    token->updated_at = store_query_get_int(query, 3, 0);
    return query->result;
}

enum store_result store_token_get(struct store *store, int64_t user_id, enum store_token_type type,
                                  struct store_token *token)
{
    struct store_query query;
    *token = (struct store_token){.expires_at = STORE_NO_TIME};
    store_query_begin(&query, store, STORE_SQL_TOKEN_GET, "reading a token");
    store_query_int(&query, ":user_id", user_id);
    store_query_text(&query, ":type", store_token_type_name(type));
    bool found = store_query_row(&query);
    if (found) {
        query.result = token_read(&query, token);
    }
    enum store_result result = store_query_end(&query);
    if (result != STORE_OK) {
        free(token->sealed);
        token->sealed = NULL;
    }
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_token_put(struct store *store, int64_t user_id, enum store_token_type type,
                                  const struct store_token *token)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_TOKEN_PUT, "storing a token");
    store_query_int(&query, ":user_id", user_id);
    store_query_text(&query, ":type", store_token_type_name(type));
    store_query_blob(&query, ":sealed", token->sealed, token->sealed_len);
    store_query_text_or_null(&query, ":scope", token->scope);
    store_query_int_or_null(&query, ":expires_at", token->expires_at, STORE_NO_TIME);
    store_query_int(&query, ":updated_at", token->updated_at);
    return store_query_run(&query, NULL);
}

enum store_result store_tokens_exist(struct store *store, bool *any)
{
    struct store_query query;
    int64_t exists = 0;
    store_query_begin(&query, store, STORE_SQL_TOKENS_EXIST, "looking for tokens");
    enum store_result result = store_query_run_int(&query, &exists);
    *any = exists != 0;
    return result;
}

enum store_result store_refresh_begin(struct store *store, int64_t user_id, int64_t now)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_REFRESH_BEGIN, "noting that a refresh begins");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":started_at", now);
    return store_query_run(&query, NULL);
}

enum store_result store_refresh_end(struct store *store, int64_t user_id, int64_t now,
                                    const char *outcome)
{
    struct store_query query;
    int64_t changes = 0;
    store_query_begin(&query, store, STORE_SQL_REFRESH_END, "noting how a refresh ended");
    store_query_int(&query, ":user_id", user_id);
    store_query_int(&query, ":finished_at", now);
    store_query_text_or_null(&query, ":outcome", outcome);
    enum store_result result = store_query_run(&query, &changes);
    return result == STORE_OK && changes == 0 ? STORE_NOT_FOUND : result;
}

enum store_result store_refresh_get(struct store *store, int64_t user_id,
                                    struct store_refresh *refresh)
{
    struct store_query query;
    *refresh = (struct store_refresh){.finished_at = STORE_NO_TIME};
    store_query_begin(&query, store, STORE_SQL_REFRESH_GET, "reading how the last refresh ended");
    store_query_int(&query, ":user_id", user_id);
    bool found = store_query_row(&query);
    if (found) {
        refresh->started_at = store_query_get_int(&query, 0, 0);
        refresh->finished_at = store_query_get_int(&query, 1, STORE_NO_TIME);
        store_query_get_text(&query, 2, refresh->outcome, sizeof refresh->outcome);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}
