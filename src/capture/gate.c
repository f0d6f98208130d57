/* SPDX-License-Identifier: MIT */
#include "capture/gate.h"

#include <stdio.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define APP_WAIT_MAX (6 * HOUR_MS)
#define HOUR_LIMIT_MIN 120

int64_t gate_ready_at(const struct gate *gate, int64_t boot_now, int64_t wall_now)
{
    int64_t ready = boot_now;

    if (gate->opens_at > ready)
        ready = gate->opens_at;
    if (gate->hour_limit > 0 && gate->hour == wall_now / HOUR_MS &&
        gate->hour_calls >= gate->hour_limit) {
        int64_t next_hour = boot_now + (HOUR_MS - wall_now % HOUR_MS);

        if (next_hour > ready)
            ready = next_hour;
    }
    return ready;
}

bool gate_has_room(const struct gate *gate)
{
    return gate->in_flight < gate->max_in_flight;
}

void gate_count_call(struct gate *gate, int64_t wall_now)
{
    int64_t hour = wall_now / HOUR_MS;

    if (gate->hour != hour) {
        gate->hour = hour;
        gate->hour_calls = 0;
    }
    gate->hour_calls++;
    gate->app_waited = false;
}

bool gate_close(struct gate *gate, int64_t boot_now, int64_t ms, const char *reason)
{
    int64_t until = boot_now + (ms < GATE_LONGEST_MS ? ms : GATE_LONGEST_MS);

    if (ms <= 0 || until <= gate->opens_at)
        return false;
    gate->opens_at = until;
    snprintf(gate->reason, sizeof(gate->reason), "%s", reason);
    return true;
}

void gate_restore(struct gate *gate, int64_t boot_now, int64_t wall_now, int64_t not_before,
                  int64_t set_at, const char *reason)
{
    int64_t whole = not_before - set_at;
    int64_t left = not_before - wall_now;

    if (left > whole)
        left = whole;
    if (left > 0)
        gate_close(gate, boot_now, left, reason);
}

bool gate_reason_is_app(const char *reason)
{
    return strncmp(reason, GATE_APP_REASON, strlen(GATE_APP_REASON)) == 0;
}

int64_t gate_app_wait(struct gate *gate)
{
    int64_t wait;

    /* Transfers under way together meet the same trouble; only a call made after a closing shows
     * that it goes on. */
    if (!gate->app_waited || gate->app_closings == 0)
        gate->app_closings++;
    gate->app_waited = true;
    wait = HOUR_MS << (gate->app_closings < 4 ? gate->app_closings - 1 : 3);
    return wait < APP_WAIT_MAX ? wait : APP_WAIT_MAX;
}

void gate_succeeded(struct gate *gate)
{
    gate->app_closings = 0;
}

int64_t gate_hour_limit(size_t users, int64_t interval_ms)
{
    int64_t planned = interval_ms > 0 ? (int64_t)users * (HOUR_MS / interval_ms + 1) : 0;

    return planned * 3 > HOUR_LIMIT_MIN ? planned * 3 : HOUR_LIMIT_MIN;
}
