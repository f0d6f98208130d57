/* SPDX-License-Identifier: MIT */
/*
 * POST /api/token: a code or a refresh token against an access token, with the rules of 2026. A
 * refresh token dies six calendar months after the person authorised, however often it was used;
 * only a new authorisation helps.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim.h"

void sim_token_identify(struct sim_request *r)
{
    const char *refresh = sim_form(r, "refresh_token"), *code = sim_form(r, "code");
    const struct sim_token *token = NULL;

    if (refresh != NULL)
        token = sim_token_find(r->sim, SIM_REFRESH, refresh);
    else if (code != NULL)
        token = sim_token_find(r->sim, SIM_CODE, code);
    if (token != NULL)
        r->account = token->account;
}

/* The token endpoint's form of error, which is OAuth's and not that of the API. */
static void answer_oauth_error(struct sim_request *r, const char *error, const char *description)
{
    sim_answer_json(r, 400,
                    json_pack("{s:s,s:s*}", "error", error, "error_description", description));
}

/* ---- the client ---- */

struct client {
    char id[200], secret[200];
    bool has_id, has_secret;
};

/* "Basic base64(id:secret)"; false when it is not that. */
static bool client_basic(const char *header, struct client *client)
{
    unsigned char plain[400];
    size_t length, id_length, secret_length;
    const unsigned char *colon;

    if (sodium_base642bin(plain, sizeof(plain), header + 6, strlen(header + 6), " ", &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    colon = memchr(plain, ':', length);
    if (colon == NULL)
        return false;
    id_length = (size_t)(colon - plain);
    secret_length = length - id_length - 1;
    if (id_length >= sizeof(client->id) || secret_length >= sizeof(client->secret))
        return false;
    memcpy(client->id, plain, id_length); /* the rest is 0 already */
    memcpy(client->secret, colon + 1, secret_length);
    client->has_id = client->has_secret = true;
    return true;
}

static bool client_read(const struct sim_request *r, struct client *client)
{
    const char *header = sim_request_header(r, "Authorization"), *id = sim_form(r, "client_id"),
               *secret = sim_form(r, "client_secret");

    memset(client, 0, sizeof(*client));
    if (header != NULL)
        return strncasecmp(header, "Basic ", 6) == 0 && client_basic(header, client);
    if (id == NULL || strlen(id) >= sizeof(client->id))
        return false;
    snprintf(client->id, sizeof(client->id), "%s", id);
    client->has_id = true;
    if (secret != NULL && strlen(secret) < sizeof(client->secret)) {
        snprintf(client->secret, sizeof(client->secret), "%s", secret);
        client->has_secret = true;
    }
    return true;
}

/* Who asks? False: the answer is made. *proven: with the right secret. */
static bool client_check(struct sim_request *r, bool *proven)
{
    const struct sim_options *options = &r->sim->options;
    struct client client;

    *proven = false;
    if (!client_read(r, &client) || client.id[0] == '\0') {
        answer_oauth_error(r, "invalid_client", "Invalid client");
    } else if (strcmp(client.id, options->client_id) != 0) {
        answer_oauth_error(r, "invalid_client", "Failed to get client");
    } else if (client.has_secret && (options->client_secret == NULL ||
                                     strcmp(client.secret, options->client_secret) != 0)) {
        answer_oauth_error(r, "invalid_client", "Invalid client secret");
    } else {
        *proven = client.has_secret;
        return true;
    }
    return false;
}

/* ---- the answer ---- */

static void add_refresh(json_t *json, enum sim_answer answer, const struct sim_token *refresh)
{
    if (answer == SIM_ANSWER_NEW && refresh != NULL)
        json_object_set_new(json, "refresh_token", json_string(refresh->text));
    else if (answer == SIM_ANSWER_NULL)
        json_object_set_new(json, "refresh_token", json_null());
    else if (answer == SIM_ANSWER_EMPTY)
        json_object_set_new(json, "refresh_token", json_string(""));
}

static void answer_tokens(struct sim_request *r, const struct sim_account *account,
                          const struct sim_token *access, const struct sim_token *refresh,
                          enum sim_answer answer)
{
    json_t *json;

    if (access == NULL || (answer == SIM_ANSWER_NEW && refresh == NULL)) {
        sim_answer_text(r, 500, "text/plain", "out of memory");
        return;
    }
    json = json_pack("{s:s,s:s,s:I}", "access_token", access->text, "token_type", "Bearer",
                     "expires_in", (json_int_t)account->expires_in_s);
    add_refresh(json, answer, refresh);
    if (account->scope_answer == SIM_SCOPE_NORMAL)
        json_object_set_new(json, "scope", json_string(access->scope));
    else if (account->scope_answer == SIM_SCOPE_EMPTY)
        json_object_set_new(json, "scope", json_string(""));
    sim_answer_json(r, 200,
                    sim_json_shuffle(json, world_hash(r->sim->world, 't', r->sim->tokens.made)));
}

/* ---- refresh ---- */

/* False: the answer is made. */
static bool refresh_allowed(struct sim_request *r, const struct sim_token *token, bool proven)
{
    if (token == NULL) {
        answer_oauth_error(r, "invalid_grant", "Invalid refresh token");
    } else if (!token->pkce && !proven && r->sim->options.client_secret != NULL) {
        answer_oauth_error(r, "invalid_client", "Invalid client");
    } else if (token->ends_at <= sim_clock_now(&r->sim->clock)) {
        answer_oauth_error(r, "invalid_grant", "Refresh token expired");
    } else if (token->state != SIM_LIVE) {
        if (r->sim->accounts[token->account]->kill_family)
            sim_token_revoke_family(r->sim->accounts[token->account], token->family);
        answer_oauth_error(r, "invalid_grant", "Refresh token revoked");
    } else {
        return true;
    }
    return false;
}

static void handle_refresh(struct sim_request *r, bool proven)
{
    const char *text = sim_form(r, "refresh_token");
    struct sim_token *token, *access, *fresh = NULL;
    struct sim_account *account;

    if (text == NULL || *text == '\0') {
        answer_oauth_error(r, "invalid_request", "refresh_token must be supplied");
        return;
    }
    token = sim_token_find(r->sim, SIM_REFRESH, text);
    if (!refresh_allowed(r, token, proven))
        return;
    account = r->sim->accounts[token->account];
    access = sim_token_make(r->sim, account, SIM_ACCESS, token, NULL);
    if (account->answer == SIM_ANSWER_NEW) {
        /* the state first: making the new one may be the end of the oldest */
        token->state = account->kill_old ? SIM_REVOKED : SIM_LIVE;
        fresh = sim_token_make(r->sim, account, SIM_REFRESH, token, NULL);
    }
    answer_tokens(r, account, access, fresh, account->answer);
}

/* ---- code ---- */

static bool verifier_matches(const char *verifier, const char *challenge)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES,
                                        sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

    crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
    sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return strcmp(text, challenge) == 0;
}

static bool verifier_is_sound(const char *verifier)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    size_t length = strlen(verifier);

    return length >= 43 && length <= 128 && strspn(verifier, allowed) == length;
}

/* The proof that whoever has the code also began the sign-in. False: the answer is made. */
static bool code_proven(struct sim_request *r, const struct sim_token *code, bool proven)
{
    const char *verifier = sim_form(r, "code_verifier");

    if (code->challenge == NULL) {
        if (!proven)
            answer_oauth_error(r, "invalid_client", "Invalid client");
        return proven;
    }
    if (verifier == NULL || *verifier == '\0')
        answer_oauth_error(r, "invalid_request", "code_verifier must be supplied");
    else if (!verifier_is_sound(verifier) || !verifier_matches(verifier, code->challenge))
        answer_oauth_error(r, "invalid_grant", "code_verifier was incorrect");
    else
        return true;
    return false;
}

static void handle_code(struct sim_request *r, bool proven)
{
    const char *text = sim_form(r, "code"), *redirect = sim_form(r, "redirect_uri");
    struct sim_token *code, *access, *refresh;
    struct sim_account *account;

    if (text == NULL || *text == '\0') {
        answer_oauth_error(r, "invalid_request", "code must be supplied");
        return;
    }
    code = sim_token_find(r->sim, SIM_CODE, text);
    if (code == NULL || code->state != SIM_LIVE) {
        answer_oauth_error(r, "invalid_grant", "Invalid authorization code");
    } else if (code->ends_at <= sim_clock_now(&r->sim->clock)) {
        answer_oauth_error(r, "invalid_grant", "Authorization code expired");
    } else if (redirect == NULL || strcmp(redirect, code->redirect_uri) != 0) {
        answer_oauth_error(r, "invalid_grant", "Invalid redirect URI");
    } else if (code_proven(r, code, proven)) {
        account = r->sim->accounts[code->account];
        code->state = SIM_USED;
        access = sim_token_make(r->sim, account, SIM_ACCESS, code, NULL);
        refresh = sim_token_make(r->sim, account, SIM_REFRESH, code, NULL);
        answer_tokens(r, account, access, refresh, SIM_ANSWER_NEW);
    }
}

void sim_token_handle(struct sim_request *r)
{
    const char *grant = sim_form(r, "grant_type");
    bool refresh = grant != NULL && strcmp(grant, "refresh_token") == 0;
    bool code = grant != NULL && strcmp(grant, "authorization_code") == 0;
    bool proven;

    if (evhttp_request_get_command(r->http) != EVHTTP_REQ_POST)
        sim_answer_error(r, 405, "Method not allowed");
    else if (!refresh && !code)
        answer_oauth_error(
            r, "unsupported_grant_type",
            "grant_type must be client_credentials, authorization_code or refresh_token");
    else if (!client_check(r, &proven))
        return; /* the answer is made */
    else if (refresh)
        handle_refresh(r, proven);
    else
        handle_code(r, proven);
}
