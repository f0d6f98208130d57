/* SPDX-License-Identifier: MIT */
/*
 * capture/tokens: sealed tokens in and out of the store, and one refresh from the first note to the
 * stored answer.
 *
 * Owns: the order of a refresh: commit that it is under way, ask, commit the answer, then use it.
 * Offers: load and store tokens; start a refresh and be called when its answer is stored.
 * Never: uses an answer that is not committed, refreshes while the database takes no writes, runs two refreshes of one user at
 * once, logs a token, forgets an answer that could not be stored yet.
 */
#ifndef CAPTURE_TOKENS_H
#define CAPTURE_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/commit.h"
#include "net/net.h"
#include "spotify/errors.h"
#include "spotify/oauth.h"
#include "store/users.h"
#include "vault/vault.h"

struct event_base;
struct token_refresh;

#define TOKENS_REQUEST_MS \
    30000 /* a token request is given time: its answer may hold the only valid token */
#define TOKENS_RETRY_MIN 250 /* ms between tries to store an answer */
#define TOKENS_RETRY_MAX 10000

struct counters;
struct turns;
struct spotify_client;

/* Sends a request for tokens; form is its body (spotify_request_refresh(), _exchange()), which
 * stays the caller's. NULL when it cannot be made. */
struct net_request *tokens_ask(struct net *net, const char *accounts_url,
                               const struct spotify_client *client, const struct buf *form,
                               net_function *done, void *context);

/* An access token in use. */
struct token_access {
    char *token;          /* NULL: none; wiped when dropped */
    int64_t expires_wall; /* both must lie ahead: clocks get set, machines sleep */
    int64_t expires_boot;
};

/* Loads the stored access token. STORE_NOT_FOUND if there is none; *sealed_result tells when it
 * cannot be unsealed (then STORE_OK and no token). */
enum store_result tokens_load_access(struct store *store, const struct vault *vault,
                                     int64_t user_id, struct token_access *access,
                                     enum vault_result *sealed_result);
void tokens_drop_access(struct token_access *access);

/* True if it is good for another minute; if it still will be in ms. */
bool tokens_access_is_good(const struct token_access *access);
bool tokens_access_lasts(const struct token_access *access, int64_t ms);

/* Seals and writes what a token answer brought, inside the caller's transaction: the access token
 * always, the refresh token if there is one. */
enum store_result tokens_write(struct store *store, const struct vault *vault, int64_t user_id,
                               const struct spotify_token_answer *answer, int64_t now);

enum token_outcome {
    TOKEN_REFRESHED,
    TOKEN_REFUSED,   /* failure tells: needs login, app, rate limit, ours */
    TOKEN_FAILED,    /* transient: failure.reason tells */
    TOKEN_UNUSABLE,  /* no stored refresh token, or it cannot be unsealed: needs login;
                        failure.reason tells */
    TOKEN_NOT_STORED /* the database takes no writes: nothing was asked */
};

struct token_report {
    enum token_outcome outcome;
    struct spotify_failure failure;
    int http_status;
    struct token_access access; /* TOKEN_REFRESHED: moved to the receiver */
};

typedef void token_function(struct token_report *report, void *context);

/* What a refresh works with. All outlive it but the three texts, which are read before it is
 * started. */
struct token_tools {
    struct event_base *base;
    struct net *net;
    struct store *store;
    const struct vault *vault;
    const char *accounts_url;
    const char *client_id;
    const char *client_secret;
    commit_fatal_function
        *fatal; /* the database failed for good while an answer was to be stored */
    void *fatal_context;
    struct counters *counters; /* where answers are counted; NULL: nowhere */
    struct turns *turns;       /* where it marks what it does in the loop; NULL: nowhere */
};

/* Starts one. done is called exactly once, from the loop. NULL without memory (done is not called
 * then). */
struct token_refresh *tokens_refresh(const struct token_tools *tools, int64_t user_id,
                                     const char *user_name, token_function *done, void *context);

/* Drops it without calling done: only for an end that cannot wait. */
void tokens_refresh_drop(struct token_refresh *refresh);

#endif
