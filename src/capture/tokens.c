/* SPDX-License-Identifier: MIT */
#include "capture/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "spotify/request.h"

#define GOOD_FOR_MS 60000
#define TOKENS_BODY_MAX 65536

struct net_request *tokens_ask(struct net *net, const char *accounts_url,
                               const struct spotify_client *client, const struct buf *form,
                               net_function *done, void *context)
{
    struct buf url = {0}, basic = {0};
    struct net_request *request = NULL;

    if (spotify_request_token_url(&url, accounts_url) && spotify_request_basic(&basic, client)) {
        struct net_call call = {
            .url = url.data,
            .authorization = basic.len > 0 ? basic.data : NULL,
            .accept = "application/json",
            .form = form->data,
            .form_len = form->len,
            .timeout_ms = TOKENS_REQUEST_MS,
            .max_body = TOKENS_BODY_MAX,
        };

        request = net_start(net, &call, done, context);
    }
    buf_free(&url, false);
    buf_free(&basic, true);
    return request;
}

enum store_result tokens_load_access(struct store *store, const struct vault *vault,
                                     int64_t user_id, struct token_access *access,
                                     enum vault_result *sealed_result)
{
    struct store_token row = {0};
    int64_t left;
    size_t len;
    enum store_result result = store_token_get(store, user_id, STORE_TOKEN_ACCESS, &row);

    *sealed_result = VAULT_OK;
    if (result != STORE_OK)
        return result;
    tokens_drop_access(access);
    *sealed_result = vault_unseal(vault, user_id, store_token_type_name(STORE_TOKEN_ACCESS),
                                  row.sealed, row.sealed_len, &access->token, &len);
    free(row.sealed);
    if (*sealed_result != VAULT_OK) {
        access->token = NULL;
        return STORE_OK;
    }
    /* An end further away than Spotify ever sets one means that the clock was set back: do not
     * trust it. */
    left = row.expires_at == STORE_NO_TIME ? 0 : row.expires_at - clock_wall_ms();
    if (left > CLOCK_HOUR)
        left = 0;
    access->expires_wall = row.expires_at;
    access->expires_boot = clock_boot_ms() + left;
    return STORE_OK;
}

void tokens_drop_access(struct token_access *access)
{
    vault_wipe_free(access->token);
    *access = (struct token_access){0};
}

bool tokens_access_is_good(const struct token_access *access)
{
    return tokens_access_lasts(access, 0);
}

bool tokens_access_lasts(const struct token_access *access, int64_t ms)
{
    return access->token && access->expires_wall - clock_wall_ms() > GOOD_FOR_MS + ms &&
           access->expires_boot - clock_boot_ms() > GOOD_FOR_MS + ms;
}

static enum store_result write_one(struct store *store, const struct vault *vault, int64_t user_id,
                                   enum store_token_type type, const char *token,
                                   struct store_token *row)
{
    enum store_result result;

    if (vault_seal(vault, user_id, store_token_type_name(type), token, strlen(token), &row->sealed,
                   &row->sealed_len) != VAULT_OK)
        return STORE_NOMEM;
    result = store_token_put(store, user_id, type, row);
    free(row->sealed);
    return result;
}

enum store_result tokens_write(struct store *store, const struct vault *vault, int64_t user_id,
                               const struct spotify_token_answer *answer, int64_t now)
{
    struct store_token row = {.updated_at = now,
                              .expires_at = now + answer->expires_in_s * CLOCK_SECOND};
    enum store_result result;

    if (answer->scope && strlen(answer->scope) < sizeof(row.scope))
        memcpy(row.scope, answer->scope, strlen(answer->scope));
    result = write_one(store, vault, user_id, STORE_TOKEN_ACCESS, answer->access_token, &row);
    if (result != STORE_OK || !answer->refresh_token)
        return result;
    row.expires_at =
        STORE_NO_TIME; /* Spotify names no end for it: six months after the person authorized */
    return write_one(store, vault, user_id, STORE_TOKEN_REFRESH, answer->refresh_token, &row);
}
