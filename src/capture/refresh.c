/* SPDX-License-Identifier: MIT */
#include "capture/tokens.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/turns.h"
#include "capture/counters.h"
#include "spotify/request.h"

struct token_refresh {
    struct token_tools tools;
    int64_t user_id;
    const char *user_name;
    token_function *done;
    void *context;
    struct net_request *request;
    struct event *timer;                 /* storing the answer again; telling an early end */
    struct spotify_token_answer *answer; /* not stored yet */
    int64_t asked_wall,
        asked_boot; /* the token's life is counted from here: never longer than it is */
    int64_t retry_ms;
    bool cut_off; /* an earlier refresh has no known end: the stored token may have been replaced at
                     Spotify */
    bool is_over; /* ended before anything was sent: over is told from the loop */
    struct token_report over;
};

static void refresh_free(struct token_refresh *refresh)
{
    if (refresh->request)
        net_cancel(refresh->request);
    if (refresh->timer)
        event_free(refresh->timer);
    if (refresh->answer) {
        spotify_token_answer_free(refresh->answer);
        free(refresh->answer);
    }
    free(refresh);
}

static void finish(struct token_refresh *refresh, struct token_report *report)
{
    token_function *done = refresh->done;
    void *context = refresh->context;

    refresh_free(refresh);
    done(report, context);
}

static struct token_report plain_report(enum token_outcome outcome, const char *code,
                                        const char *reason)
{
    struct token_report report = {.outcome = outcome};

    report.failure.failure =
        outcome == TOKEN_UNUSABLE ? SPOTIFY_FAILURE_NEEDS_LOGIN : SPOTIFY_FAILURE_TRANSIENT;
    snprintf(report.failure.code, sizeof(report.failure.code), "%s", code);
    snprintf(report.failure.reason, sizeof(report.failure.reason), "%s", reason);
    return report;
}

static void fail(struct token_refresh *refresh, const char *code, const char *reason)
{
    struct token_report report = plain_report(TOKEN_FAILED, code, reason);

    finish(refresh, &report);
}

/* Ends it before anything was sent. done is called from the loop, never from inside
 * tokens_refresh(). */
static void end_early(struct token_refresh *refresh, enum token_outcome outcome, const char *code,
                      const char *reason)
{
    struct timeval at_once = {0, 0};

    refresh->is_over = true;
    refresh->over = plain_report(outcome, code, reason);
    evtimer_add(refresh->timer, &at_once);
}

/* Noted after a refresh whose end is not known, until one succeeds, whatever comes between. */
static const char ambiguous[] = "ambiguous_refresh";

static bool is_open(const struct store_refresh *last)
{
    return last->finished_at == STORE_NO_TIME || strcmp(last->outcome, ambiguous) == 0;
}

/* Notes how a refresh ended that brought no token. Best effort: a note that is missing makes the
 * next refusal ambiguous, no more. */
static void note_end(struct token_refresh *refresh, const char *outcome)
{
    struct store *store = refresh->tools.store;

    enum store_result result = store_begin(store, STORE_RELAXED);

    if (result == STORE_OK)
        result = store_refresh_end(store, refresh->user_id, clock_wall_ms(),
                                   refresh->cut_off ? ambiguous : outcome);
    (void)store_finish(store, result);
}

static void succeed(struct token_refresh *refresh)
{
    struct token_report report = {.outcome = TOKEN_REFRESHED, .http_status = 200};
    const char *scope = refresh->answer->scope;
    int64_t life = refresh->answer->expires_in_s * CLOCK_SECOND;

    report.access.token = refresh->answer->access_token;
    report.access.expires_wall = refresh->asked_wall + life;
    report.access.expires_boot = refresh->asked_boot + life;
    refresh->answer->access_token = NULL;
    if (!spotify_scope_suffices(scope)) {
        tokens_drop_access(&report.access);
        report = plain_report(TOKEN_REFUSED, "scope_missing",
                              "the sign-in does not allow reading what was played");
        report.failure.failure = SPOTIFY_FAILURE_NEEDS_LOGIN;
    }
    finish(refresh, &report);
}

static enum store_result commit_answer(struct token_refresh *refresh)
{
    struct store *store = refresh->tools.store;
    enum store_result result = store_begin(store, STORE_DURABLE);

    if (result != STORE_OK)
        return result;
    result = tokens_write(store, refresh->tools.vault, refresh->user_id, refresh->answer,
                          refresh->asked_wall);
    if (result == STORE_OK)
        result = store_refresh_end(store, refresh->user_id, clock_wall_ms(), "ok");
    return store_finish(store, result);
}

/* The answer may hold the only refresh token that is valid now: it is kept and tried until it is on
 * the disk. */
static void store_answer(struct token_refresh *refresh)
{
    enum store_result result = commit_answer(refresh);
    struct timeval wait;

    if (result == STORE_OK) {
        succeed(refresh);
        return;
    }
    if (!store_result_is_temporary(result)) {
        refresh->tools.fatal(result, store_message(refresh->tools.store),
                             refresh->tools.fatal_context);
        return;
    }
    if (refresh->retry_ms == 0 && !store_long_is_open(refresh->tools.store))
        log_error(
            "%s: storing the refreshed token failed: %s; it is kept in memory and tried again",
            refresh->user_name, store_message(refresh->tools.store));
    refresh->retry_ms = refresh->retry_ms ? refresh->retry_ms * 2 : TOKENS_RETRY_MIN;
    if (refresh->retry_ms > TOKENS_RETRY_MAX)
        refresh->retry_ms = TOKENS_RETRY_MAX;
    wait = (struct timeval){(time_t)(refresh->retry_ms / 1000),
                            (suseconds_t)(refresh->retry_ms % 1000 * 1000)};
    evtimer_add(refresh->timer, &wait);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct token_refresh *refresh = context;

    (void)fd;
    (void)what;
    turns_mark(refresh->tools.turns, "refresh");
    if (refresh->is_over) {
        struct token_report over = refresh->over; /* finish() frees where it stands */

        finish(refresh, &over);
    } else {
        store_answer(refresh);
    }
}

static void refused(struct token_refresh *refresh, const struct net_answer *answer)
{
    struct token_report report = {.outcome = TOKEN_REFUSED, .http_status = answer->status};

    spotify_failure_sort(SPOTIFY_ENDPOINT_TOKEN, answer->status, answer->retry_after_s,
                         answer->body, answer->body_len, &report.failure);
    if (report.failure.failure == SPOTIFY_FAILURE_TRANSIENT)
        report.outcome = TOKEN_FAILED;
    if (report.failure.failure == SPOTIFY_FAILURE_NEEDS_LOGIN && refresh->cut_off)
        snprintf(report.failure.code, sizeof(report.failure.code), "%s", ambiguous);
    /* A 5xx may have come after the token was replaced; anything below says that nothing was done.
     */
    if (answer->status < 500)
        note_end(refresh, report.failure.code);
    finish(refresh, &report);
}

static void answered(const struct net_answer *answer, void *context)
{
    struct token_refresh *refresh = context;
    const char *error;

    refresh->request = NULL;
    if (answer->error == NET_OK && refresh->tools.counters)
        counters_answer(refresh->tools.counters, COUNTERS_TOKEN, answer->duration_us);
    if (answer->error != NET_OK && !spotify_asks_to_wait(answer->status, answer->retry_after_s)) {
        if (!answer->request_sent)
            note_end(refresh, "not_sent");
        fail(refresh, net_error_name(answer->error), answer->message);
        return;
    }
    if (answer->status != 200) {
        refused(refresh, answer);
        return;
    }
    refresh->answer = calloc(1, sizeof(*refresh->answer));
    if (!refresh->answer ||
        !spotify_token_decode(answer->body, answer->body_len, refresh->answer, &error)) {
        free(refresh->answer);
        refresh->answer = NULL;
        fail(refresh, "not_a_token", "the answer to a token request holds no token");
        return;
    }
    store_answer(refresh);
}

static bool send_request(struct token_refresh *refresh, const char *token)
{
    struct spotify_client client = {refresh->tools.client_id, refresh->tools.client_secret};
    struct buf form = {0};

    refresh->asked_wall = clock_wall_ms();
    refresh->asked_boot = clock_boot_ms();
    if (spotify_request_refresh(&form, &client, token))
        refresh->request = tokens_ask(refresh->tools.net, refresh->tools.accounts_url, &client,
                                      &form, answered, refresh);
    buf_free(&form, true);
    /* They are the caller's and may be gone when the answer comes. */
    refresh->tools.client_id = refresh->tools.client_secret = refresh->tools.accounts_url = NULL;
    return refresh->request != NULL;
}

/* Unseals the stored refresh token into *token; otherwise reports why not and returns false. */
static bool load_refresh_token(struct token_refresh *refresh, char **token)
{
    struct store_token row = {0};
    enum vault_result sealed;
    size_t len;
    enum store_result result =
        store_token_get(refresh->tools.store, refresh->user_id, STORE_TOKEN_REFRESH, &row);

    if (result == STORE_NOT_FOUND) {
        end_early(refresh, TOKEN_UNUSABLE, "no_token", "there is no stored sign-in");
        return false;
    }
    if (result != STORE_OK) {
        end_early(refresh, TOKEN_NOT_STORED, "database", store_message(refresh->tools.store));
        return false;
    }
    sealed = vault_unseal(refresh->tools.vault, refresh->user_id,
                          store_token_type_name(STORE_TOKEN_REFRESH), row.sealed, row.sealed_len,
                          token, &len);
    free(row.sealed);
    if (sealed == VAULT_NOMEM) {
        end_early(refresh, TOKEN_FAILED, "local", vault_result_name(sealed));
        return false;
    }
    if (sealed != VAULT_OK) {
        end_early(refresh, TOKEN_UNUSABLE, "key_error", vault_result_name(sealed));
        return false;
    }
    return true;
}

/* Commits that a refresh is under way: it proves that the disk takes writes, and after a crash
 * tells that one was cut off. */
static bool note_begin(struct token_refresh *refresh)
{
    struct store *store = refresh->tools.store;
    struct store_refresh last;
    enum store_result result = store_refresh_get(store, refresh->user_id, &last);

    refresh->cut_off = result == STORE_OK && is_open(&last);
    result = store_begin(store, STORE_DURABLE);
    if (result == STORE_OK)
        result = store_refresh_begin(store, refresh->user_id, clock_wall_ms());
    result = store_finish(store, result);
    if (result == STORE_OK)
        return true;
    end_early(refresh, TOKEN_NOT_STORED, "database", store_message(store));
    return false;
}

struct token_refresh *tokens_refresh(const struct token_tools *tools, int64_t user_id,
                                     const char *user_name, token_function *done, void *context)
{
    struct token_refresh *refresh = calloc(1, sizeof(*refresh));
    char *token = NULL;

    if (!refresh)
        return NULL;
    refresh->tools = *tools;
    refresh->user_id = user_id;
    refresh->user_name = user_name;
    refresh->done = done;
    refresh->context = context;
    refresh->timer = evtimer_new(tools->base, timer_fired, refresh);
    if (!refresh->timer) {
        refresh_free(refresh);
        return NULL;
    }
    if (load_refresh_token(refresh, &token) && note_begin(refresh) &&
        !send_request(refresh, token)) {
        note_end(refresh, "not_sent");
        end_early(refresh, TOKEN_FAILED, "local", "the token request could not be made");
    }
    vault_wipe_free(token);
    return refresh;
}

void tokens_refresh_drop(struct token_refresh *refresh)
{
    if (refresh)
        refresh_free(refresh);
}
