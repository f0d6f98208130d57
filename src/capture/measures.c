/* SPDX-License-Identifier: MIT */
#include "capture/measures.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/countdown.h"
#include "capture/poller.h"

const char *measures_state_name(enum measures_state state)
{
    static const char *const names[] = {
        [MEASURES_ACTIVE] = "active",
        [MEASURES_NEEDS_LOGIN] = "needs_login",
        [MEASURES_PAUSED] = "paused",
        [MEASURES_SIGNED_OUT] = "signed_out",
    };

    return names[state];
}

int64_t measures_patience(int64_t poll_interval_ms)
{
    return poll_interval_ms > CLOCK_HOUR / 4 ? 4 * poll_interval_ms : CLOCK_HOUR;
}

static enum measures_state state_of(const struct poller *poller)
{
    bool signed_out = strcmp(poller->state_reason, ACCOUNT_SIGNED_OUT) == 0;

    if (poller->policy.state == POLICY_NEEDS_LOGIN)
        return signed_out ? MEASURES_SIGNED_OUT : MEASURES_NEEDS_LOGIN;
    if (poller->foreign)
        return MEASURES_NEEDS_LOGIN;
    return poller->policy.state == POLICY_PAUSED ? MEASURES_PAUSED : MEASURES_ACTIVE;
}

/* Counted from a failure, not from the last success: after a night's sleep of the machine that one
 * is long ago, and nothing is wrong. */
static int64_t failing_for(const struct poller *poller, int64_t now)
{
    bool under_way = poller->stage != POLLER_IDLE && poller->stage != POLLER_WAITING;

    if (poller->policy.failures > 0)
        return now - poller->failing_since;
    return under_way ? now - poller->started_boot : 0;
}

static void measure_user(const struct poller *poller, int64_t now, struct measures_user *user)
{
    *user = (struct measures_user){
        .user_id = poller->user_id,
        .state = state_of(poller),
        .last_success_at = poller->last_success_wall,
        .ends_at = countdown_end(poller->authorized_at),
        .failures = poller->policy.failures,
        .failing_ms = failing_for(poller, now),
    };
}

static void measure_gate(const struct recorder *recorder, int64_t now, struct measures *measures)
{
    const struct gate *gate = &recorder->gate;
    int64_t wall = clock_wall_ms();

    measures->opens_in_ms = gate_ready_at(gate, now, wall) - now;
    measures->app_trouble = gate->opens_at > now && recorder->gate_by_app;
    measures->asked_to_wait = gate->opens_at > now && !recorder->gate_by_app;
    measures->calls_hour = gate->hour == wall / CLOCK_HOUR ? gate->hour_calls : 0;
    measures->in_flight = (int64_t)gate->in_flight;
}

bool recorder_measure(const struct recorder *recorder, struct measures *measures)
{
    const struct schedule_entry *first = schedule_first(&recorder->schedule);
    int64_t now = clock_boot_ms();

    *measures = (struct measures){
        .running = recorder->running && !recorder->stopping && !recorder->failed,
        .has_client = recorder->config.client_id[0] != '\0',
        .takes_writes = !commit_is_failing(recorder->commit),
        .budget = recorder->config.daily_call_budget,
        .patience_ms = measures_patience(recorder->policy.poll_interval_ms),
        .counters = &recorder->counters,
        .turns = recorder->turns,
        .users = calloc(recorder->count + 1, sizeof(struct measures_user)),
        .count = recorder->count,
    };
    if (!measures->users)
        return false;
    if (first && recorder_may_poll(recorder) && first->due < now)
        measures->overdue_ms = now - first->due;
    measure_gate(recorder, now, measures);
    for (size_t i = 0; i < recorder->count; i++)
        measure_user(recorder->pollers[i], now, &measures->users[i]);
    return true;
}

void measures_free(struct measures *measures)
{
    free(measures->users);
    measures->users = NULL;
    measures->count = 0;
}
