/* SPDX-License-Identifier: MIT */
#include "capture/signin.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "capture/gate.h"
#include "capture/tokens.h"
#include "net/net.h"
#include "spotify/errors.h"
#include "spotify/oauth.h"
#include "spotify/profile.h"
#include "spotify/request.h"
#include "store/ledger.h"

#define PROFILE_TRIES 3
#define CALLS 2 /* requests that a sign-in makes: token and account */
#define STORE_AGAIN_MS 250

struct signin {
    struct net *net;
    struct store *store;
    struct vault *vault;
    char *api_url;
    int64_t timeout_ms;
    char *given;  /* the refresh token handed in */
    bool rotated; /* Spotify replaced it: the given one is dead now */
    unsigned tries;
    struct spotify_token_answer answer;
    struct spotify_profile profile;
    struct event *timer; /* storing again; telling an early end */
    int64_t store_until; /* boot ms: no longer than this */
    bool is_over;        /* ended early: report says how */
    char *client_id;
    struct net_request *request;
    struct signin_report report;
    signin_function *done;
    void *context;
};

static void signin_free(struct signin *signin)
{
    if (signin->request)
        net_cancel(signin->request);
    if (signin->timer)
        event_free(signin->timer);
    free(signin->client_id);
    spotify_token_answer_free(&signin->answer);
    vault_wipe_free(signin->given);
    free(signin->api_url);
    free(signin);
}

static void finish(struct signin *signin, enum signin_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void finish(struct signin *signin, enum signin_result result, const char *format, ...)
{
    struct signin_report report = signin->report;
    signin_function *done = signin->done;
    void *context = signin->context;
    va_list arguments;

    report.result = result;
    va_start(arguments, format);
    vsnprintf(report.message, sizeof(report.message), format, arguments);
    va_end(arguments);
    signin_free(signin);
    done(&report, context);
}

/* Ends it before anything was sent; done is called from the loop. */
static void fail_early(struct signin *signin, enum signin_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail_early(struct signin *signin, enum signin_result result, const char *format, ...)
{
    struct timeval at_once = {0, 0};
    va_list arguments;

    signin->is_over = true;
    signin->report.result = result;
    va_start(arguments, format);
    vsnprintf(signin->report.message, sizeof(signin->report.message), format, arguments);
    va_end(arguments);
    evtimer_add(signin->timer, &at_once);
}

/* What Spotify asked for holds for the daemon as well. Best effort: it will be told again. */
static void close_gate(struct signin *signin, const struct spotify_failure *failure)
{
    struct store_gate row = {.set_at = clock_wall_ms()};

    row.not_before = row.set_at + failure->retry_after_s * CLOCK_SECOND;
    snprintf(row.reason, sizeof(row.reason), "%s", failure->reason);
    if (store_begin(signin->store, STORE_DURABLE) == STORE_OK &&
        store_gate_put(signin->store, signin->client_id, &row) == STORE_OK)
        store_commit(signin->store);
    store_rollback(signin->store);
}

/* Spotify did not answer with a success: tells it, and whether the same token may work later. */
static void finish_failure(struct signin *signin, enum spotify_endpoint endpoint,
                           const struct net_answer *answer)
{
    struct spotify_failure failure;
    enum signin_result result = SIGNIN_FAILED;
    const char *dead =
        signin->rotated ? " (the token that was given is used up: sign in anew for another)" : "";

    if (answer->error != NET_OK) {
        finish(signin, SIGNIN_FAILED, "Spotify could not be asked: %s%s", answer->message, dead);
        return;
    }
    spotify_failure_sort(endpoint, answer->status, answer->retry_after_s, answer->body,
                         answer->body_len, &failure);
    if (failure.failure == SPOTIFY_FAILURE_NEEDS_LOGIN ||
        failure.failure == SPOTIFY_FAILURE_FORBIDDEN || failure.failure == SPOTIFY_FAILURE_APP ||
        failure.failure == SPOTIFY_FAILURE_OURS)
        result = SIGNIN_REFUSED;
    if (failure.failure == SPOTIFY_FAILURE_RATE_LIMIT) {
        close_gate(signin, &failure);
        finish(signin, result, "Spotify asks to wait %lld s before the next request (%s)%s",
               (long long)failure.retry_after_s, failure.reason, dead);
    } else {
        finish(signin, result, "Spotify refused it: %s (%s)%s", failure.reason, failure.code, dead);
    }
}

static enum store_result write_user(struct signin *signin, const struct spotify_profile *profile)
{
    struct store_user *user = &signin->report.user;
    int64_t now = clock_wall_ms();
    enum store_result result =
        store_user_find(signin->store, profile->id, profile->account_id, user);

    if (result != STORE_OK && result != STORE_NOT_FOUND)
        return result;
    signin->report.added = result == STORE_NOT_FOUND;
    if (signin->report.added) {
        *user = (struct store_user){.added_at = now,
                                    .authorized_at = STORE_NO_TIME,
                                    .last_success_at = STORE_NO_TIME,
                                    .first_sweep_at = STORE_NO_TIME,
                                    .anchor_played_at = STORE_NO_TIME};
    }
    snprintf(user->spotify_id, sizeof(user->spotify_id), "%s", profile->id);
    if (profile->account_id[0])
        snprintf(user->account_id, sizeof(user->account_id), "%s", profile->account_id);
    snprintf(user->display_name, sizeof(user->display_name), "%s", profile->display_name);
    user->state = STORE_USER_ACTIVE;
    user->state_reason[0] = '\0';
    user->state_since = now;
    user->authorized_at = STORE_NO_TIME; /* when this token was authorized is not known here */
    return signin->report.added ? store_user_add(signin->store, user)
                                : store_user_update(signin->store, user);
}

/* The refresh token that is valid now: the new one, or the one given. */
static bool complete_answer(struct signin *signin)
{
    if (!signin->answer.refresh_token)
        signin->answer.refresh_token = strdup(signin->given);
    return signin->answer.refresh_token != NULL;
}

/* The new tokens, and that nothing is open any more of a refresh of older ones. */
static enum store_result write_tokens(struct signin *signin)
{
    int64_t user_id = signin->report.user.user_id, now = clock_wall_ms();
    enum store_result result =
        tokens_write(signin->store, signin->vault, user_id, &signin->answer, now);

    if (result == STORE_OK)
        result = store_refresh_begin(signin->store, user_id, now);
    if (result == STORE_OK)
        result = store_refresh_end(signin->store, user_id, now, "ok");
    return result;
}

static enum store_result write_all(struct signin *signin, const struct spotify_profile *profile)
{
    enum store_result result;

    if (!complete_answer(signin))
        return STORE_NOMEM;
    result = store_begin(signin->store, STORE_DURABLE);
    if (result != STORE_OK)
        return result;
    result = write_user(signin, profile);
    if (result == STORE_OK)
        result = write_tokens(signin);
    if (result == STORE_OK)
        return store_commit(signin->store);
    store_rollback(signin->store);
    return result;
}

/* Stores it; again and again for a while when the database is busy: the token may be the only valid
 * one. */
static void store_it(struct signin *signin)
{
    struct timeval again = {0, STORE_AGAIN_MS * 1000};
    enum store_result result = write_all(signin, &signin->profile);

    if (result == STORE_OK)
        finish(signin, SIGNIN_OK, "signed in");
    else if (store_result_is_temporary(result) && clock_boot_ms() < signin->store_until)
        evtimer_add(signin->timer, &again);
    else
        finish(signin, SIGNIN_STORE, "storing the sign-in failed: %s%s",
               store_message(signin->store),
               signin->rotated ? " (the token that was given is used up: sign in anew for another)"
                               : "");
}

static void ask_profile(struct signin *signin);

static void profile_answered(const struct net_answer *answer, void *context)
{
    struct signin *signin = context;
    const char *error = "";

    signin->request = NULL;
    if (answer->error != NET_OK || answer->status != 200) {
        bool again = answer->error != NET_OK || answer->status >= 500;

        if (again && ++signin->tries < PROFILE_TRIES)
            ask_profile(signin);
        else
            finish_failure(signin, SPOTIFY_ENDPOINT_API, answer);
        return;
    }
    if (!spotify_profile_decode(answer->body, answer->body_len, &signin->profile, &error)) {
        finish(signin, SIGNIN_FAILED, "Spotify's answer about the account was not understood: %s",
               error);
        return;
    }
    signin->store_until = clock_boot_ms() + SIGNIN_STORE_MS;
    store_it(signin);
}

static void ask_profile(struct signin *signin)
{
    struct buf url = {0}, bearer = {0};

    if (spotify_request_profile(&url, signin->api_url) &&
        spotify_request_bearer(&bearer, signin->answer.access_token)) {
        struct net_call call = {
            .url = url.data,
            .authorization = bearer.data,
            .accept = "application/json",
            .timeout_ms = signin->timeout_ms,
            .max_body = 262144,
        };

        signin->request = net_start(signin->net, &call, profile_answered, signin);
    }
    buf_free(&url, false);
    buf_free(&bearer, true);
    if (!signin->request)
        finish(signin, SIGNIN_FAILED, "the request for the account could not be made");
}

static void token_answered(const struct net_answer *answer, void *context)
{
    struct signin *signin = context;
    const char *error = "";

    signin->request = NULL;
    if (answer->error != NET_OK || answer->status != 200) {
        finish_failure(signin, SPOTIFY_ENDPOINT_TOKEN, answer);
        return;
    }
    if (!spotify_token_decode(answer->body, answer->body_len, &signin->answer, &error)) {
        finish(signin, SIGNIN_FAILED, "Spotify's answer held no token: %s", error);
        return;
    }
    signin->rotated = signin->answer.refresh_token != NULL;
    if (!spotify_scope_suffices(signin->answer.scope)) {
        finish(signin, SIGNIN_REFUSED,
               "this token does not allow reading what was played (scope %s is missing)",
               SPOTIFY_SCOPE);
        return;
    }
    ask_profile(signin);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct signin *signin = context;
    char message[sizeof(signin->report.message)];

    (void)fd;
    (void)what;
    if (!signin->is_over) {
        store_it(signin);
        return;
    }
    memcpy(message, signin->report.message, sizeof(message));
    finish(signin, signin->report.result, "%s", message);
}

/* Asks for the token, if Spotify may be asked and the database takes writes: what is written first
 * is that the calls are made. */
static void begin(struct signin *signin, const struct recorder_config *config)
{
    struct spotify_client client = {config->client_id, config->client_secret};
    int64_t now = clock_wall_ms();
    char until[TEXT_TIME_SIZE];
    struct store_gate gate;
    enum store_result result;

    if (store_gate_get(signin->store, config->client_id, &gate) == STORE_OK &&
        gate.not_before != STORE_NO_TIME && gate.not_before > now && gate.set_at <= now &&
        !gate_reason_is_app(gate.reason)) {
        fail_early(signin, SIGNIN_FAILED,
                   "Spotify asked to wait until %s (%.150s); nothing was sent",
                   text_time_format(gate.not_before, until), gate.reason);
        return;
    }
    result = store_begin(signin->store, STORE_DURABLE);
    if (result == STORE_OK)
        result = store_gate_spend(signin->store, config->client_id, now / CLOCK_HOUR, CALLS);
    if (result == STORE_OK)
        result = store_commit(signin->store);
    else
        store_rollback(signin->store);
    if (result != STORE_OK) {
        fail_early(signin, SIGNIN_STORE, "the database takes no writes: %.300s; nothing was sent",
                   store_message(signin->store));
        return;
    }
    signin->request = tokens_ask(signin->net, config->accounts_url, &client, signin->given,
                                 token_answered, signin);
    if (!signin->request)
        fail_early(signin, SIGNIN_FAILED, "the token request could not be made");
}

struct signin *signin_start(struct event_base *base, struct net *net, struct store *store,
                            struct vault *vault, const struct recorder_config *config,
                            const char *refresh_token, signin_function *done, void *context)
{
    struct signin *signin = calloc(1, sizeof(*signin));

    if (!signin)
        return NULL;
    signin->net = net;
    signin->store = store;
    signin->vault = vault;
    signin->timeout_ms = config->request_timeout_ms;
    signin->done = done;
    signin->context = context;
    signin->given = strdup(refresh_token);
    signin->api_url = strdup(config->api_url);
    signin->client_id = strdup(config->client_id);
    signin->timer = evtimer_new(base, timer_fired, signin);
    if (!signin->given || !signin->api_url || !signin->client_id || !signin->timer) {
        signin_free(signin);
        return NULL;
    }
    begin(signin, config);
    return signin;
}

void signin_cancel(struct signin *signin)
{
    if (signin)
        signin_free(signin);
}
