/* SPDX-License-Identifier: MIT */
/*
 * Tokens and codes. Their text comes from the seed, looks like Spotify's, and holds the word CANARY
 * so that a test can grep for it where no token may be. Old ones are forgotten after a while: what
 * is forgotten is an invalid token.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define TOKEN_LENGTH 140

/* How many of a kind are remembered for an account. */
static const size_t token_kept[SIM_TOKEN_TYPES] = {
    [SIM_ACCESS] = 16, [SIM_REFRESH] = 64, [SIM_CODE] = 16};

#define CODE_MINUTES 10

static size_t text_hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return (size_t)(h ^ (h >> 29));
}

/* Two letters, random ones, the canary, more random ones. */
static char *text_make(struct sim *sim, enum sim_token_type type)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    static const char *const prefixes[SIM_TOKEN_TYPES] = {"BQ", "AQ", "AQ"};
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *text = malloc(TOKEN_LENGTH + 1), seed[80];

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < TOKEN_LENGTH; i++) {
        if (i % sizeof(hash) == 0) {
            int n = snprintf(seed, sizeof(seed), "%llu/%d/%llu/%zu",
                             (unsigned long long)sim->options.seed, (int)type,
                             (unsigned long long)sim->tokens.made, i);

            crypto_hash_sha256(hash, (const unsigned char *)seed, (unsigned long long)n);
        }
        text[i] = digits[hash[i % sizeof(hash)] % 64];
    }
    text[TOKEN_LENGTH] = '\0';
    memcpy(text, prefixes[type], 2);
    memcpy(text + 30, "CANARY", 6);
    sim->tokens.made++;
    return text;
}

static void token_free(struct sim_token *token)
{
    if (token == NULL)
        return;
    free(token->text);
    free(token->scope);
    free(token->challenge);
    free(token->redirect_uri);
    free(token);
}

static struct sim_token **bucket_of(const struct sim *sim, const char *text)
{
    return &sim->tokens.buckets[text_hash(text) & (sim->tokens.bucket_count - 1)];
}

static int table_grow(struct sim *sim)
{
    struct sim_token **old = sim->tokens.buckets;
    size_t old_count = sim->tokens.bucket_count, wanted = old_count == 0 ? 256 : old_count * 2;
    struct sim_token **buckets;

    if (sim->tokens.count < old_count)
        return 0;
    buckets = calloc(wanted, sizeof(struct sim_token *));
    if (buckets == NULL)
        return -1;
    sim->tokens.buckets = buckets;
    sim->tokens.bucket_count = wanted;
    for (size_t i = 0; i < old_count; i++)
        while (old[i] != NULL) {
            struct sim_token *token = old[i], **bucket = bucket_of(sim, token->text);

            old[i] = token->next;
            token->next = *bucket;
            *bucket = token;
        }
    free(old);
    return 0;
}

static void table_remove(struct sim *sim, struct sim_token *token)
{
    struct sim_token **place = bucket_of(sim, token->text);

    while (*place != NULL && *place != token)
        place = &(*place)->next;
    if (*place == NULL)
        return;
    *place = token->next;
    sim->tokens.count--;
    token_free(token);
}

/* Adds the token to its account; the oldest goes when there are too many. */
static int list_add(struct sim *sim, struct sim_account *account, struct sim_token *token)
{
    struct sim_token_list *list = &account->tokens[token->type];
    size_t kept = token_kept[token->type];

    if (list->list == NULL) {
        list->list = calloc(kept, sizeof(struct sim_token *));
        if (list->list == NULL)
            return -1;
    } else if (list->count == kept) {
        table_remove(sim, list->list[0]);
        memmove(list->list, list->list + 1, (kept - 1) * sizeof(struct sim_token *));
        list->count--;
    }
    list->list[list->count++] = token;
    return 0;
}

static int64_t token_end(const struct sim_account *account, const struct sim_token *token,
                         int64_t now)
{
    switch (token->type) {
    case SIM_ACCESS:
        return now + account->expires_in_s * 1000;
    case SIM_REFRESH:
        return sim_time_half_year(token->authorized_at);
    default:
        return now + CODE_MINUTES * 60 * 1000;
    }
}

struct sim_token *sim_token_make(struct sim *sim, struct sim_account *account,
                                 enum sim_token_type type, const struct sim_token *like,
                                 const char *scope)
{
    struct sim_token *token = calloc(1, sizeof(*token)), **bucket;
    int64_t now = sim_clock_now(&sim->clock);

    if (token == NULL || table_grow(sim) != 0) {
        free(token);
        return NULL;
    }
    token->type = type;
    token->account = account->number;
    token->family = like != NULL ? like->family : ++sim->tokens.families;
    token->authorized_at = like != NULL ? like->authorized_at : now;
    token->pkce = like != NULL ? like->pkce : true;
    token->scope = strdup(like != NULL ? like->scope : scope);
    token->text = text_make(sim, type);
    if (token->scope == NULL || token->text == NULL || list_add(sim, account, token) != 0) {
        token_free(token);
        return NULL;
    }
    token->ends_at = token_end(account, token, now);
    bucket = bucket_of(sim, token->text);
    token->next = *bucket;
    *bucket = token;
    sim->tokens.count++;
    return token;
}

struct sim_token *sim_token_find(const struct sim *sim, enum sim_token_type type, const char *text)
{
    struct sim_token *token;

    if (sim->tokens.bucket_count == 0)
        return NULL;
    for (token = *bucket_of(sim, text); token != NULL; token = token->next)
        if (token->type == type && strcmp(token->text, text) == 0)
            return token;
    return NULL;
}

struct sim_token *sim_token_newest(const struct sim *sim, const struct sim_account *account)
{
    const struct sim_token_list *list = &account->tokens[SIM_REFRESH];
    int64_t now = sim_clock_now(&sim->clock);

    for (size_t i = list->count; i > 0; i--)
        if (list->list[i - 1]->state == SIM_LIVE && list->list[i - 1]->ends_at > now)
            return list->list[i - 1];
    return NULL;
}

void sim_token_revoke_family(struct sim_account *account, uint64_t family)
{
    const struct sim_token_list *list = &account->tokens[SIM_REFRESH];

    for (size_t i = 0; i < list->count; i++)
        if (list->list[i]->family == family)
            list->list[i]->state = SIM_REVOKED;
}

bool sim_token_has_scope(const struct sim_token *token, const char *scope)
{
    size_t length = strlen(scope);

    for (const char *at = token->scope; (at = strstr(at, scope)) != NULL; at += length)
        if ((at == token->scope || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

void sim_tokens_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->tokens.bucket_count; i++)
        while (sim->tokens.buckets[i] != NULL) {
            struct sim_token *token = sim->tokens.buckets[i];

            sim->tokens.buckets[i] = token->next;
            token_free(token);
        }
    free(sim->tokens.buckets);
    sim->tokens.buckets = NULL;
    sim->tokens.bucket_count = sim->tokens.count = 0;
}
