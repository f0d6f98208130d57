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
#include "base/turns.h"
#include "capture/poller.h"
#include "spotify/profile.h"
#include "spotify/request.h"
#include "store/ledger.h"

#define PROFILE_TRIES 3
#define PROFILE_BODY_MAX 262144
#define STORE_AGAIN_MS 250
#define SEND_AGAIN_MS 50
#define SEND_WAIT_MS \
    (2 * CLOCK_MINUTE)        /* for a large change of the database, before anything is sent */
#define REFRESH_WAIT_MS 40000 /* a refresh of the same account that is in the way */

struct signin {
    LIST_ENTRY(signin) link; /* of the recorder's */
    struct recorder *recorder;
    char client_id[129]; /* of the app that is asked */
    char *token;         /* the refresh token handed in; NULL: a code was */
    int64_t user_id;     /* must come out; 0: whoever it is */
    bool rotated;        /* Spotify replaced the token that was handed in: it is dead now */
    unsigned tries;
    int64_t authorized_at; /* STORE_NO_TIME: not known */
    struct spotify_token_answer answer;
    struct spotify_profile profile;
    struct buf form;       /* the token request, as long as it is not sent */
    int64_t send_until;    /* boot ms: it waits no longer than this */
    struct event *timer;   /* sending; storing again; telling an early end */
    int64_t store_until;   /* boot ms: no longer than this */
    int64_t refresh_until; /* no longer than this for a refresh that is in the way */
    bool is_over;          /* ended early: report says how */
    struct net_request *request;
    struct signin_report report;
    signin_function *done;
    void *context;
};

static void signin_free(struct signin *signin)
{
    LIST_REMOVE(signin, link);
    if (signin->request)
        net_cancel(signin->request);
    if (signin->timer)
        event_free(signin->timer);
    spotify_token_answer_free(&signin->answer);
    vault_wipe_free(signin->token);
    buf_free(&signin->form, true);
    free(signin);
}

static void set_report(struct signin *signin, enum signin_result result, const char *format,
                       va_list arguments) __attribute__((format(printf, 3, 0)));

static void set_report(struct signin *signin, enum signin_result result, const char *format,
                       va_list arguments)
{
    signin->report.result = result;
    vsnprintf(signin->report.message, sizeof(signin->report.message), format, arguments);
}

static void tell(struct signin *signin)
{
    struct signin_report report = signin->report;
    struct recorder *recorder = signin->recorder;
    signin_function *done = signin->done;
    void *context = signin->context;

    signin_free(signin);
    done(&report, context);
    recorder_signin_ended(recorder);
}

static void finish(struct signin *signin, enum signin_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void finish(struct signin *signin, enum signin_result result, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_report(signin, result, format, arguments);
    va_end(arguments);
    tell(signin);
}

/* Ends it before anything was sent; done is called from the loop. */
static void fail_early(struct signin *signin, enum signin_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail_early(struct signin *signin, enum signin_result result, const char *format, ...)
{
    struct timeval at_once = {0, 0};
    va_list arguments;

    va_start(arguments, format);
    set_report(signin, result, format, arguments);
    va_end(arguments);
    signin->is_over = true;
    evtimer_add(signin->timer, &at_once);
}

/* -- what Spotify refuses ---------------------------------------------------------------------- */

static enum signin_result result_of(const struct spotify_failure *failure)
{
    switch (failure->failure) {
    case SPOTIFY_FAILURE_RATE_LIMIT:
        return SIGNIN_WAIT;
    case SPOTIFY_FAILURE_TRANSIENT:
    case SPOTIFY_FAILURE_NONE:
        return SIGNIN_DOWN;
    case SPOTIFY_FAILURE_NEEDS_LOGIN:
        return strcmp(failure->code, "scope_missing") == 0 ? SIGNIN_SCOPE : SIGNIN_CODE_REFUSED;
    case SPOTIFY_FAILURE_APP:
        return strcmp(failure->code, "owner_premium") == 0 ? SIGNIN_OWNER_PREMIUM : SIGNIN_CLIENT;
    case SPOTIFY_FAILURE_FORBIDDEN:
        return strcmp(failure->code, "not_registered") == 0 ? SIGNIN_NOT_REGISTERED
                                                            : SIGNIN_REFUSED;
    case SPOTIFY_FAILURE_TOKEN_EXPIRED:
    case SPOTIFY_FAILURE_OURS:
        break;
    }
    return SIGNIN_REFUSED;
}

static const char *used_up(const struct signin *signin)
{
    return signin->token && signin->rotated
               ? "; the token that was given is used up: sign in anew for another"
               : "";
}

/* A reload may have brought another one, which what Spotify says to this does not concern. */
static bool is_of_the_app(const struct signin *signin)
{
    return strcmp(signin->client_id, signin->recorder->config.client_id) == 0;
}

static void finish_failure(struct signin *signin, enum spotify_endpoint endpoint,
                           const struct net_answer *answer)
{
    struct spotify_failure failure;
    enum signin_result result;

    if (answer->error != NET_OK && !spotify_asks_to_wait(answer->status, answer->retry_after_s)) {
        finish(signin, SIGNIN_DOWN, "asking Spotify failed: %s%s", answer->message,
               used_up(signin));
        return;
    }
    spotify_failure_sort(endpoint, answer->status, answer->retry_after_s, answer->body,
                         answer->body_len, &failure);
    result = result_of(&failure);
    if (result == SIGNIN_WAIT && is_of_the_app(signin))
        recorder_close_gate(signin->recorder, failure.retry_after_s * CLOCK_SECOND, failure.reason,
                            false);
    if (result == SIGNIN_WAIT)
        finish(signin, result, "Spotify asks to wait %lld s before the next request (%s)%s",
               (long long)failure.retry_after_s, failure.reason, used_up(signin));
    else
        finish(signin, result, "Spotify said: %s (%s)%s", failure.reason, failure.code,
               used_up(signin));
}

/* -- storing ----------------------------------------------------------------------------------- */

static void name_account(const struct store_user *user, char *name, size_t size)
{
    const char *text = user->display_name[0] ? user->display_name : user->spotify_id;

    text_excerpt(text, strlen(text), name, size);
}

static enum store_result find_user(struct signin *signin)
{
    const struct spotify_profile *profile = &signin->profile;
    struct store_user *user = &signin->report.user;
    enum store_result result =
        store_user_find(signin->recorder->store, profile->id, profile->account_id, user);

    signin->report.added = result == STORE_NOT_FOUND;
    if (signin->report.added) {
        *user = (struct store_user){.added_at = clock_wall_ms(),
                                    .last_success_at = STORE_NO_TIME,
                                    .first_sweep_at = STORE_NO_TIME,
                                    .anchor_played_at = STORE_NO_TIME};
        result = STORE_OK;
    }
    snprintf(user->spotify_id, sizeof(user->spotify_id), "%s", profile->id);
    if (profile->account_id[0])
        snprintf(user->account_id, sizeof(user->account_id), "%s", profile->account_id);
    snprintf(user->display_name, sizeof(user->display_name), "%s", profile->display_name);
    return result;
}

static enum store_result write_user(struct signin *signin)
{
    struct store_user *user = &signin->report.user;
    struct store *store = signin->recorder->store;

    user->state = STORE_USER_ACTIVE;
    user->state_reason[0] = '\0';
    user->state_since = clock_wall_ms();
    user->authorized_at = signin->authorized_at;
    memcpy(user->client_id, signin->client_id, sizeof(user->client_id));
    user->refused_at = STORE_NO_TIME;
    user->retries = 0;
    user->countdown = 0;
    return signin->report.added ? store_user_add(store, user) : store_user_update(store, user);
}

/* The new tokens, and that nothing is open any more of a refresh of older ones. */
static enum store_result write_tokens(struct signin *signin)
{
    struct store *store = signin->recorder->store;
    int64_t user_id = signin->report.user.user_id, now = clock_wall_ms();
    enum store_result result =
        tokens_write(store, signin->recorder->vault, user_id, &signin->answer, now);

    if (result == STORE_OK)
        result = store_refresh_begin(store, user_id, now);
    if (result == STORE_OK)
        result = store_refresh_end(store, user_id, now, "ok");
    return result;
}

static enum store_result write_all(struct signin *signin)
{
    struct store *store = signin->recorder->store;
    enum store_result result = store_begin(store, STORE_DURABLE);

    if (result == STORE_OK)
        result = write_user(signin);
    if (result == STORE_OK)
        result = write_tokens(signin);
    return store_finish(store, result);
}

static void stored(struct signin *signin)
{
    char name[200];

    name_account(&signin->report.user, name, sizeof(name));
    if (!recorder_take_up(signin->recorder, &signin->report.user))
        finish(signin, SIGNIN_OK, "%s is signed in; recording begins at the next start", name);
    else
        finish(signin, SIGNIN_OK,
               signin->report.added ? "%s is signed in" : "%s is signed in again", name);
}

/* What an earlier refresh of this account brings must not come after the new sign-in and replace
 * it; what polls found has to be there first for the same reason. */
static enum store_result clear_the_way(struct signin *signin)
{
    int64_t now = clock_boot_ms();

    if (recorder_is_refreshing(signin->recorder, signin->report.user.user_id)) {
        if (now < signin->refresh_until)
            signin->store_until = now + SIGNIN_STORE_MS;
        return STORE_BUSY;
    }
    return commit_flush(signin->recorder->commit) ? STORE_OK : STORE_BUSY;
}

/* Stores it; again and again for a while when the database is busy: the token may be the only valid
 * one. */
static void store_it(struct signin *signin)
{
    struct timeval again = {0, STORE_AGAIN_MS * 1000};
    char name[200], wanted[200];
    struct store_user other;
    enum store_result result = find_user(signin);

    if (result == STORE_OK && signin->user_id != 0 &&
        signin->report.user.user_id != signin->user_id) {
        name_account(&signin->report.user, name, sizeof(name));
        signin->report.user.user_id = 0;
        if (store_user_get(signin->recorder->store, signin->user_id, &other) == STORE_OK)
            name_account(&other, wanted, sizeof(wanted));
        else
            snprintf(wanted, sizeof(wanted), "user %lld", (long long)signin->user_id);
        finish(signin, SIGNIN_OTHER_ACCOUNT,
               "%.180s signed in at Spotify, but %.180s was to be renewed", name, wanted);
        return;
    }
    if (result == STORE_OK)
        result = clear_the_way(signin);
    if (result == STORE_OK)
        result = find_user(signin); /* what was in the way may have moved them on */
    if (result == STORE_OK)
        result = write_all(signin);
    if (result == STORE_OK)
        stored(signin);
    else if (store_result_is_temporary(result) && clock_boot_ms() < signin->store_until)
        evtimer_add(signin->timer, &again);
    else
        finish(signin, SIGNIN_STORE, "storing the sign-in failed: %.250s%s",
               store_message(signin->recorder->store), used_up(signin));
}

/* -- asking ------------------------------------------------------------------------------------ */

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
        finish(signin, SIGNIN_DOWN, "Spotify's answer about the account was not understood: %s",
               error);
        return;
    }
    /* The app works: whatever was said about it before is over. */
    gate_succeeded(&signin->recorder->gate);
    signin->store_until = clock_boot_ms() + SIGNIN_STORE_MS;
    signin->refresh_until = clock_boot_ms() + REFRESH_WAIT_MS;
    store_it(signin);
}

static void ask_profile(struct signin *signin)
{
    struct recorder *recorder = signin->recorder;
    struct buf url = {0}, bearer = {0};

    if (spotify_request_profile(&url, recorder->config.api_url) &&
        spotify_request_bearer(&bearer, signin->answer.access_token)) {
        struct net_call call = {
            .url = url.data,
            .authorization = bearer.data,
            .accept = "application/json",
            .timeout_ms = recorder->config.request_timeout_ms,
            .max_body = PROFILE_BODY_MAX,
        };

        signin->request = net_start(recorder->net, &call, profile_answered, signin);
    }
    buf_free(&url, false);
    buf_free(&bearer, true);
    if (signin->request)
        (void)recorder_count_signin(recorder, STORE_RELAXED);
    else
        finish(signin, SIGNIN_DOWN, "the request for the account could not be made");
}

/* Without a refresh token in the answer the one that was handed in stays valid; a code must bring
 * one. */
static bool complete_answer(struct signin *signin)
{
    signin->rotated = signin->answer.refresh_token != NULL;
    if (!signin->answer.refresh_token && signin->token)
        signin->answer.refresh_token = strdup(signin->token);
    return signin->answer.refresh_token != NULL;
}

static void token_answered(const struct net_answer *answer, void *context)
{
    struct signin *signin = context;
    const char *error = "";

    signin->request = NULL;
    recorder_compare_clocks(signin->recorder, answer->date_wall_ms);
    if (answer->error == NET_OK)
        counters_answer(&signin->recorder->counters, COUNTERS_TOKEN, answer->duration_us);
    if (answer->error != NET_OK || answer->status != 200)
        finish_failure(signin, SPOTIFY_ENDPOINT_TOKEN, answer);
    else if (!spotify_token_decode(answer->body, answer->body_len, &signin->answer, &error))
        finish(signin, SIGNIN_DOWN, "Spotify's answer held no token: %s", error);
    else if (!complete_answer(signin))
        finish(signin, SIGNIN_DOWN, "Spotify's answer held no token to stay signed in with");
    else if (!spotify_scope_suffices(signin->answer.scope))
        finish(signin, SIGNIN_SCOPE, "the sign-in does not allow %s", SPOTIFY_SCOPE);
    else
        ask_profile(signin);
}

static bool make_form(struct signin *signin, const struct signin_grant *grant)
{
    const struct recorder *recorder = signin->recorder;
    struct spotify_client client = {recorder->config.client_id, recorder->config.client_secret};

    return grant->refresh_token
               ? spotify_request_refresh(&signin->form, &client, grant->refresh_token)
               : spotify_request_exchange(&signin->form, &client, grant->code, grant->redirect_uri,
                                          grant->verifier);
}

/* What Spotify asked for holds for sign-ins too, but not a closing for trouble of the app: a person
 * signs in to see whether it is over. They have an hourly limit of their own, so that polls leave
 * room for them, and somebody who plays with sign-ins does not stop the recording. */
static bool gate_lets_through(struct signin *signin)
{
    struct recorder *recorder = signin->recorder;
    int64_t boot = clock_boot_ms(), wall = clock_wall_ms();
    char until[TEXT_TIME_SIZE];

    if (recorder->signin_hour != wall / CLOCK_HOUR)
        recorder->signin_calls = 0;
    recorder->signin_hour = wall / CLOCK_HOUR;
    if (recorder->signin_calls >= SIGNIN_HOUR_CALLS)
        fail_early(signin, SIGNIN_WAIT,
                   "more sign-ins were tried in this hour than people make; nothing was sent");
    else if (recorder->gate.opens_at > boot && !recorder->gate_by_app)
        fail_early(
            signin, SIGNIN_WAIT, "no requests to Spotify until %s (%.200s); nothing was sent",
            text_time_format(wall + recorder->gate.opens_at - boot, until), recorder->gate.reason);
    else
        return true;
    return false;
}

static bool send_form(struct signin *signin)
{
    struct recorder *recorder = signin->recorder;
    struct spotify_client client = {recorder->config.client_id, recorder->config.client_secret};

    signin->request = tokens_ask(recorder->net, recorder->config.accounts_url, &client,
                                 &signin->form, token_answered, signin);
    buf_free(&signin->form, true);
    return signin->request != NULL;
}

/* Looked at until it is sent: all of it may change while an import is waited for. */
static bool may_send(struct signin *signin)
{
    const struct recorder *recorder = signin->recorder;

    if (recorder->stopping || recorder->failed)
        fail_early(signin, SIGNIN_STORE, "the recorder is stopping; nothing was sent");
    else if (!is_of_the_app(signin))
        fail_early(signin, SIGNIN_NO_STATE, "another app was configured; nothing was sent");
    else
        return gate_lets_through(signin);
    return false;
}

/* What Spotify answers may be the only valid token: first a real write, that the call is made. A
 * large change of the database, an import say, is over in seconds. */
static void send_grant(struct signin *signin)
{
    struct timeval again = {0, SEND_AGAIN_MS * 1000};
    struct recorder *recorder = signin->recorder;
    enum store_result result;

    if (!may_send(signin))
        return;
    if (store_long_is_open(recorder->store) && clock_boot_ms() < signin->send_until) {
        evtimer_add(signin->timer, &again);
        return;
    }
    result = recorder_count_signin(recorder, STORE_DURABLE);
    if (result != STORE_OK)
        fail_early(signin, SIGNIN_STORE, "the database takes no writes: %.300s; nothing was sent",
                   store_message(recorder->store));
    else if (!send_form(signin))
        fail_early(signin, SIGNIN_DOWN, "the token request could not be made");
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct signin *signin = context;

    (void)fd;
    (void)what;
    turns_mark(signin->recorder->turns, "sign-in");
    if (signin->is_over)
        tell(signin);
    else if (signin->form.len > 0)
        send_grant(signin);
    else
        store_it(signin);
}

static void begin(struct signin *signin, const struct signin_grant *grant)
{
    struct recorder *recorder = signin->recorder;

    if (!recorder->config.client_id[0]) {
        fail_early(signin, SIGNIN_NO_CLIENT, "no spotify.client_id is configured");
        return;
    }
    signin->send_until = clock_boot_ms() + SEND_WAIT_MS;
    if (make_form(signin, grant))
        send_grant(signin);
    else
        fail_early(signin, SIGNIN_DOWN, "the token request could not be made");
}

struct signin *signin_start(struct recorder *recorder, const struct signin_grant *grant,
                            signin_function *done, void *context)
{
    struct signin *signin = calloc(1, sizeof(*signin));

    if (!signin)
        return NULL;
    LIST_INSERT_HEAD(&recorder->signins, signin, link);
    signin->recorder = recorder;
    snprintf(signin->client_id, sizeof(signin->client_id), "%s", recorder->config.client_id);
    signin->done = done;
    signin->context = context;
    signin->user_id = signin->report.wanted = grant->user_id;
    signin->authorized_at = grant->refresh_token ? STORE_NO_TIME : clock_wall_ms();
    signin->timer = evtimer_new(recorder->base, timer_fired, signin);
    if (grant->refresh_token)
        signin->token = strdup(grant->refresh_token);
    if (!signin->timer || (grant->refresh_token && !signin->token)) {
        signin_free(signin);
        return NULL;
    }
    begin(signin, grant);
    return signin;
}

const struct signin *signin_next(const struct signin *signin)
{
    return LIST_NEXT(signin, link);
}

void signin_cancel(struct signin *signin)
{
    if (signin)
        signin_free(signin);
}
