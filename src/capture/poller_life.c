/* SPDX-License-Identifier: MIT */
/* A poller's life beside its polls: begin and end, signing in and out, another app, being stopped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/accounts.h"
#include "capture/poller.h"
#include "store/plays.h"

static void name_poller(struct poller *poller, const struct store_user *user)
{
    const char *name = user->display_name[0] ? user->display_name : user->spotify_id;

    text_excerpt(name, strlen(name), poller->name, sizeof(poller->name));
    snprintf(poller->state_reason, sizeof(poller->state_reason), "%s", user->state_reason);
}

static enum policy_state policy_state_of(enum store_user_state state)
{
    switch (state) {
    case STORE_USER_NEEDS_LOGIN:
        return POLICY_NEEDS_LOGIN;
    case STORE_USER_PAUSED:
        return POLICY_PAUSED;
    case STORE_USER_ACTIVE:
        break;
    }
    return POLICY_ACTIVE;
}

/* Users are due one after the other at the start, but none later than an interval. */
static size_t spread(const struct recorder *recorder, size_t count)
{
    int64_t most = recorder->policy.poll_interval_ms / POLICY_STAGGER + 1;

    return (int64_t)count < most ? count : (size_t)most;
}

struct poller *poller_new(struct recorder *recorder, const struct store_user *user, size_t index,
                          size_t count)
{
    struct poller *poller = calloc(1, sizeof(*poller));
    int64_t cursor = POLICY_NO_TIME;
    uint64_t seed;

    if (!poller)
        return NULL;
    poller->entry.index = SCHEDULE_OUT;
    poller->recorder = recorder;
    poller->user_id = user->user_id;
    poller->last_success_wall = user->last_success_at;
    poller->authorized_at = user->authorized_at;
    poller->countdown = user->countdown;
    poller->refused_at = user->refused_at;
    poller->retries = user->retries;
    snprintf(poller->client_id, sizeof(poller->client_id), "%s", user->client_id);
    name_poller(poller, user);
    if (store_play_newest_api(recorder->store, user->user_id, clock_wall_ms(), &cursor) != STORE_OK)
        cursor = POLICY_NO_TIME; /* a sweep, which comes first, needs none and finds it anew */
    vault_random(&seed, sizeof(seed));
    policy_start(&poller->policy, clock_boot_ms(), index, spread(recorder, count), seed,
                 policy_state_of(user->state), cursor);
    if (user->state == STORE_USER_NEEDS_LOGIN)
        recorder_restore_refused(poller);
    poller_judge_app(poller);
    return poller;
}

void poller_judge_app(struct poller *poller)
{
    const char *configured = poller->recorder->config.client_id;
    bool foreign = account_is_foreign(poller->client_id, configured);

    /* The answer of a token request must not be lost: it is looked at again when that is over. */
    if (foreign == poller->foreign || poller->stage == POLLER_REFRESHING ||
        poller->stage == POLLER_STORING)
        return;
    poller->foreign = foreign;
    if (foreign) {
        poller_halt(poller);
        policy_hold(&poller->policy);
        log_warning("%s: signed in with another app than the configured one: not polled; sign in "
                    "again, or put the client id of that app back",
                    poller->name);
    } else {
        policy_let_go(&poller->policy, clock_boot_ms());
        recorder_restore_refused(poller);
    }
}

void poller_free(struct poller *poller)
{
    if (!poller)
        return;
    tokens_refresh_drop(poller->refresh);
    if (poller->request)
        net_cancel(poller->request);
    tokens_drop_access(&poller->access);
    free(poller);
}

void poller_drop_request(struct poller *poller)
{
    if (poller->stage != POLLER_ASKING)
        return;
    net_cancel(poller->request);
    poller->request = NULL;
    poller->stage = POLLER_IDLE;
    recorder_release(poller->recorder);
}

void poller_halt(struct poller *poller)
{
    struct recorder *recorder = poller->recorder;
    bool has_transfer = poller->stage == POLLER_REFRESHING || poller->stage == POLLER_ASKING;

    if (poller->stage == POLLER_WAITING)
        STAILQ_REMOVE(&recorder->line, poller, poller, line);
    tokens_refresh_drop(poller->refresh);
    poller->refresh = NULL;
    if (poller->request)
        net_cancel(poller->request);
    poller->request = NULL;
    commit_detach(recorder->commit, poller);
    schedule_remove(&recorder->schedule, &poller->entry);
    poller->stage = POLLER_IDLE;
    poller->again = poller->renew = poller->postponed = false;
    if (has_transfer)
        recorder_release(recorder);
}

void poller_signed_out(struct poller *poller)
{
    tokens_drop_access(&poller->access);
    poller->policy.state = POLICY_NEEDS_LOGIN;
    poller->policy.due = POLICY_NEVER;
    poller->refused_at = poller->authorized_at = STORE_NO_TIME;
    poller->retries = 0;
    poller->suspicious = false;
    snprintf(poller->state_reason, sizeof(poller->state_reason), "%s", ACCOUNT_SIGNED_OUT);
}

void poller_signed_in(struct poller *poller, const struct store_user *user)
{
    poller_halt(poller);
    tokens_drop_access(&poller->access);
    name_poller(poller, user);
    poller->authorized_at = user->authorized_at;
    snprintf(poller->client_id, sizeof(poller->client_id), "%s", user->client_id);
    poller->foreign = false;
    poller->countdown = 0;
    poller->refused_at = STORE_NO_TIME;
    poller->retries = 0;
    poller->suspicious = false;
    poller->known_page[POLICY_TAIL] = poller->known_page[POLICY_SWEEP] = false;
    log_episode_leave(&poller->trouble, clock_boot_ms(), "%s: signed in again", poller->name);
    policy_on_login(&poller->policy, clock_boot_ms());
    poller_judge_app(poller); /* the configuration may have changed meanwhile */
}

void poller_renew(struct poller *poller)
{
    poller->renew = true;
    if (poller->stage != POLLER_IDLE)
        return;
    poller->policy.due = clock_boot_ms();
    schedule_set(&poller->recorder->schedule, &poller->entry, poller->policy.due);
}

void poller_request(struct poller *poller)
{
    poller->again = poller->stage != POLLER_IDLE && poller->stage != POLLER_WAITING;
    if (!poller->again)
        policy_on_request(&poller->policy, clock_boot_ms());
}
