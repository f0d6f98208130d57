/* SPDX-License-Identifier: MIT */
/* ctl/health_daemon: the configuration, the daemon, its users and Spotify's limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/accounts.h"
#include "capture/gate.h"
#include "capture/policy.h"
#include "ctl/fields.h"
#include "ctl/health.h"
#include "store/ledger.h"

#define PATIENCE 3 /* intervals */

static size_t count_users(struct health_tour *tour)
{
    struct store_user *users = NULL;
    size_t count = 0;

    if (health_store(tour) && store_users_load(tour->store, &users, &count) != STORE_OK)
        count = 0;
    free(users);
    return count;
}

void health_config(struct health_tour *tour)
{
    struct health_verdict verdict;

    health_judge_config(tour->config, count_users(tour), &verdict);
    health_found(tour, &verdict);
}

void health_daemon(struct health_tour *tour)
{
    struct health_verdict verdict;

    health_judge_daemon(&tour->daemon, tour->daemon_ms, tour->config, &verdict);
    health_found(tour, &verdict);
}

/* -- sign-ins ---------------------------------------------------------------------------------- */

/* A time of the daemon's answer. */
static int64_t time_of(const json_t *object, const char *key)
{
    const char *text = field_text(object, key, "");
    int64_t ms;

    return text_time_parse(text, strlen(text), &ms) ? ms : STORE_NO_TIME;
}

/* For how long the running daemon has heard nothing for a user; 0 if none runs. */
static int64_t silence(const struct health_tour *tour, const struct store_user *user)
{
    int64_t since = STORE_NO_TIME;

    if (tour->daemon.result == CLIENT_OK)
        since = time_of(tour->daemon.json, "started_at");
    if (since == STORE_NO_TIME)
        return 0;
    if (user->last_success_at > since)
        since = user->last_success_at;
    return tour->now > since ? tour->now - since : 0;
}

static void judge_account(struct health_tour *tour, const struct account *account, size_t users)
{
    const struct config *config = tour->config;
    const struct store_user *user = &account->user;
    struct health_verdict verdict;
    char name[200];
    struct health_sign_in sign_in = {
        .name = name,
        .reason = user->state_reason,
        .state = user->state,
        .signed_out = account->signed_out,
        .days_left = account->days_left,
        .silent_ms = silence(tour, user),
        .patience_ms = PATIENCE * policy_stretch(config->capture.poll_interval_ms,
                                                 config->capture.sweep_interval_ms,
                                                 config->capture.daily_call_budget, users),
    };

    if (user->display_name[0])
        snprintf(name, sizeof(name), "%.90s (%.90s)", user->display_name, user->spotify_id);
    else
        snprintf(name, sizeof(name), "%.190s", user->spotify_id);
    if (tour->daemon.result == CLIENT_OK)
        health_believe_daemon(tour->daemon.json, user->user_id, &sign_in);
    health_judge_sign_in(&sign_in, &verdict);
    health_found(tour, &verdict);
}

void health_sign_ins(struct health_tour *tour)
{
    struct account *accounts = NULL;
    struct health_verdict verdict = {0};
    size_t count = 0;

    if (!health_has_store(tour))
        return;
    if (accounts_load(tour->store, tour->config->spotify.client_id, &accounts, &count) !=
        STORE_OK) {
        health_say(&verdict, HEALTH_FAILURE, "reading the users failed: %s",
                   store_message(tour->store));
        health_advise(&verdict, "see the check of the database");
        health_found(tour, &verdict);
    } else if (count == 0) {
        health_say(&verdict, HEALTH_WARNING, "nobody has signed in yet: nothing is recorded");
        health_advise(&verdict, "sign in: spotify-historyctl login");
        health_found(tour, &verdict);
    }
    for (size_t i = 0; accounts && i < count; i++)
        judge_account(tour, &accounts[i], count);
    free(accounts);
}

/* -- Spotify's limits -------------------------------------------------------------------------- */

/* The daemon knows it; without one, what it stored counts. False: nothing can be said, and that is
 * said. */
static bool read_gate(struct health_tour *tour, struct health_gate *gate, struct store_gate *stored)
{
    const json_t *spotify =
        tour->daemon.result == CLIENT_OK ? json_object_get(tour->daemon.json, "spotify") : NULL;
    enum store_result result;

    if (json_is_object(spotify)) {
        gate->opens_at = time_of(spotify, "opens_at");
        gate->app_trouble = field_flag(spotify, "app_trouble");
        gate->reason = field_text(spotify, "reason", "");
        return true;
    }
    if (!health_has_store(tour))
        return false;
    result = store_gate_get(tour->store, tour->config->spotify.client_id, stored);
    if (result != STORE_OK && result != STORE_NOT_FOUND) {
        health_skip(tour, store_message(tour->store));
        return false;
    }
    if (result == STORE_OK) {
        gate->opens_at = stored->not_before;
        gate->app_trouble = gate_reason_is_app(stored->reason);
        gate->reason = stored->reason + (gate->app_trouble ? strlen(GATE_APP_REASON) : 0);
    }
    return true;
}

void health_gate(struct health_tour *tour)
{
    struct health_verdict verdict;
    struct store_gate stored = {0};
    struct health_gate gate = {.opens_at = STORE_NO_TIME, .now = tour->now, .reason = ""};

    if (!read_gate(tour, &gate, &stored))
        return;
    health_judge_gate(&gate, &verdict);
    health_found(tour, &verdict);
}
