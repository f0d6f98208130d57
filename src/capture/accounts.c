/* SPDX-License-Identifier: MIT */
#include "capture/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/poller.h"
#include "store/ledger.h"

/* Midnight before a moment, in the time zone of the process. */
static int64_t midnight(int64_t wall)
{
    time_t seconds = (time_t)(wall / CLOCK_SECOND);
    struct tm local;
    time_t start;

    if (!localtime_r(&seconds, &local))
        return wall - wall % CLOCK_DAY;
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    local.tm_isdst = -1; /* the day may have begun in the other time */
    start = mktime(&local);
    return start == (time_t)-1 ? wall - wall % CLOCK_DAY : (int64_t)start * CLOCK_SECOND;
}

/* A due time of the recorder on the wall. */
static int64_t on_the_wall(int64_t boot_due)
{
    int64_t left;

    if (boot_due == POLICY_NEVER)
        return STORE_NO_TIME;
    left = boot_due - clock_boot_ms();
    return clock_wall_ms() + (left > 0 ? left : 0);
}

static void add_live(const struct recorder *recorder, struct account *account)
{
    static const char *const doing[] = {
        [POLLER_IDLE] = "idle",         [POLLER_WAITING] = "waiting for its turn",
        [POLLER_REFRESHING] = "asking", [POLLER_ASKING] = "asking",
        [POLLER_STORING] = "storing",
    };
    const struct poller *poller = recorder_poller(recorder, account->user.user_id);
    int64_t due;

    if (!poller)
        return;
    if (poller->foreign) {
        account->user.state = STORE_USER_NEEDS_LOGIN;
        snprintf(account->user.state_reason, sizeof(account->user.state_reason), ACCOUNT_OTHER_APP);
    }
    due = on_the_wall(poller->policy.due);
    account->live = true;
    if (poller->policy.state == POLICY_NEEDS_LOGIN)
        account->retry_at = due;
    else if (recorder->config.client_id[0])
        account->next_poll_at = due;
    account->suspicious = poller->suspicious;
    account->doing = doing[poller->stage];
    account->under_way = poller->stage != POLLER_IDLE && poller->stage != POLLER_WAITING;
    account->failures = poller->policy.failures;
    account->polls = poller->polls;
    snprintf(account->last_outcome, sizeof(account->last_outcome), "%s",
             poller->last_outcome ? poller->last_outcome : "");
    snprintf(account->last_detail, sizeof(account->last_detail), "%s", poller->last_detail);
    account->last_added = poller->last_added;
}

static void judge(struct account *account)
{
    const struct store_user *user = &account->user;
    const char *text = user->display_name[0] ? user->display_name : user->spotify_id;
    char name[100];

    text_excerpt(text, strlen(text), name, sizeof(name));
    account->signed_out = user->state == STORE_USER_NEEDS_LOGIN &&
                          strcmp(user->state_reason, ACCOUNT_SIGNED_OUT) == 0;
    if (account->signed_out)
        return;
    account->must_act = true;
    if (user->state == STORE_USER_NEEDS_LOGIN && account->suspicious)
        snprintf(account->todo, sizeof(account->todo),
                 "%s: Spotify refused the sign-in (%.200s), which looks like a fault of Spotify's; "
                 "signing in again helps at once",
                 name, user->state_reason);
    else if (user->state == STORE_USER_NEEDS_LOGIN)
        snprintf(account->todo, sizeof(account->todo), "%s must sign in again: %.200s", name,
                 user->state_reason);
    else if (user->state == STORE_USER_PAUSED)
        snprintf(account->todo, sizeof(account->todo), "%s is refused by Spotify: %.200s", name,
                 user->state_reason);
    else if (account->days_left != COUNTDOWN_UNKNOWN && account->days_left <= COUNTDOWN_ACT_DAYS)
        snprintf(account->todo, sizeof(account->todo),
                 "%s: Spotify ends this sign-in in %d %s; sign in again before", name,
                 account->days_left > 0 ? account->days_left : 0,
                 account->days_left == 1 ? "day" : "days");
    else
        account->must_act = false;
}

bool account_is_foreign(const char *client_id, const char *configured)
{
    return client_id[0] && configured[0] && strcmp(client_id, configured) != 0;
}

static enum store_result complete(struct store *store, const char *client_id,
                                  const struct recorder *recorder, struct account *account)
{
    struct store_user *user = &account->user;
    int64_t now = clock_wall_ms();

    account->ends_at = countdown_end(user->authorized_at);
    account->days_left = countdown_days_left(account->ends_at, now);
    account->next_poll_at = account->retry_at = STORE_NO_TIME;
    account->doing = "";
    if (account_is_foreign(user->client_id, client_id)) {
        user->state = STORE_USER_NEEDS_LOGIN;
        snprintf(user->state_reason, sizeof(user->state_reason), ACCOUNT_OTHER_APP);
    }
    if (recorder)
        add_live(recorder, account);
    judge(account);
    return store_user_plays_since(store, user->user_id, midnight(now), &account->plays_today);
}

static enum store_result load(struct store *store, const char *client_id,
                              const struct recorder *recorder, struct account **accounts,
                              size_t *count)
{
    struct store_user *users = NULL;
    enum store_result result = store_users_load(store, &users, count);

    *accounts = NULL;
    if (result == STORE_OK) {
        *accounts = calloc(*count + 1, sizeof(struct account));
        result = *accounts ? STORE_OK : STORE_NOMEM;
    }
    for (size_t i = 0; i < *count && result == STORE_OK; i++) {
        (*accounts)[i].user = users[i];
        result = complete(store, client_id, recorder, &(*accounts)[i]);
    }
    free(users);
    if (result != STORE_OK) {
        free(*accounts);
        *accounts = NULL;
        *count = 0;
    }
    return result;
}

enum store_result accounts_load(struct store *store, const char *client_id,
                                struct account **accounts, size_t *count)
{
    return load(store, client_id, NULL, accounts, count);
}

enum store_result recorder_accounts(const struct recorder *recorder, struct account **accounts,
                                    size_t *count)
{
    return load(recorder->store, recorder->config.client_id, recorder, accounts, count);
}

enum store_result recorder_account(const struct recorder *recorder, int64_t user_id,
                                   struct account *account)
{
    enum store_result result;

    *account = (struct account){0};
    result = store_user_get(recorder->store, user_id, &account->user);
    return result == STORE_OK
               ? complete(recorder->store, recorder->config.client_id, recorder, account)
               : result;
}

void recorder_status(const struct recorder *recorder, struct recorder_status *status)
{
    int64_t hour = clock_wall_ms() / CLOCK_HOUR, boot = clock_boot_ms();

    *status = (struct recorder_status){
        .has_client = recorder->config.client_id[0] != '\0',
        .opens_at = STORE_NO_TIME,
        .calls_hour = recorder->gate.hour == hour ? recorder->gate.hour_calls : 0,
        .budget = recorder->config.daily_call_budget,
        .in_flight = recorder->gate.in_flight,
        .database_held = commit_is_held(recorder->commit),
    };
    if (recorder->gate.opens_at > boot) {
        status->opens_at = on_the_wall(recorder->gate.opens_at);
        status->app_trouble = recorder->gate_by_app;
        snprintf(status->gate_reason, sizeof(status->gate_reason), "%s", recorder->gate.reason);
    }
    if (store_gate_spent(recorder->store, recorder->config.client_id, hour - 23, hour,
                         &status->calls_day) != STORE_OK)
        status->calls_day = status->calls_hour;
}
