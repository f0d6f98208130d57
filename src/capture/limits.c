/* SPDX-License-Identifier: MIT */
/* The recorder's side of the gate: what of it is stored, and what is said about it. */
#include "capture/recorder.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/poller.h"
#include "store/ledger.h"

void recorder_restore_gate(struct recorder *recorder)
{
    struct store_gate row;
    int64_t wall = clock_wall_ms(), boot = clock_boot_ms();
    char left[TEXT_DURATION_SIZE];

    recorder->gate.opens_at = 0;
    recorder->gate.app_closings = 0;
    recorder->gate_by_app = false;
    recorder->gate_unstored = false;
    recorder->gate.hour = wall / CLOCK_HOUR;
    if (store_gate_spent(recorder->store, recorder->config.client_id, recorder->gate.hour,
                         recorder->gate.hour, &recorder->gate.hour_calls) != STORE_OK)
        recorder->gate.hour_calls = 0;
    if (store_gate_get(recorder->store, recorder->config.client_id, &row) != STORE_OK ||
        row.not_before == STORE_NO_TIME || gate_reason_is_app(row.reason))
        return;
    gate_restore(&recorder->gate, boot, wall, row.not_before, row.set_at, row.reason);
    if (recorder->gate.opens_at > boot)
        log_notice("Spotify asked to wait (%s): no requests for another %s", row.reason,
                   text_duration_human(recorder->gate.opens_at - boot, left));
}

void recorder_store_gate(struct recorder *recorder)
{
    struct store_gate row = {.set_at = clock_wall_ms()};
    enum store_result result;

    if (!recorder->gate_unstored || store_long_is_open(recorder->store))
        return;
    row.not_before = row.set_at + (recorder->gate.opens_at - clock_boot_ms());
    snprintf(row.reason, sizeof(row.reason), "%s%.190s",
             recorder->gate_by_app ? GATE_APP_REASON : "", recorder->gate.reason);
    result = store_begin(recorder->store, STORE_DURABLE);
    if (result == STORE_OK)
        result = store_gate_put(recorder->store, recorder->config.client_id, &row);
    result = store_finish(recorder->store, result);
    recorder->gate_unstored = result != STORE_OK;
    if (result == STORE_OK)
        log_episode_leave(&recorder->store_trouble, clock_boot_ms(),
                          "until when Spotify asked to wait is stored");
    else
        log_episode_meet(&recorder->store_trouble, clock_boot_ms(), LOG_LEVEL_WARNING,
                         "storing until when Spotify asked to wait failed: %s; trying again",
                         store_message(recorder->store));
}

void recorder_close_gate(struct recorder *recorder, int64_t wait_ms, const char *reason,
                         bool by_app)
{
    int64_t boot = clock_boot_ms();
    char text[TEXT_DURATION_SIZE], until[TEXT_TIME_SIZE];

    /* What Spotify asked for is obeyed exactly, also by sign-ins and over a restart. Trouble of the
     * app, which holds neither back, must not stand in its place: it is met again, or not. */
    if (recorder->gate.opens_at > boot && by_app != recorder->gate_by_app) {
        if (by_app)
            return;
        recorder->gate.opens_at = 0;
    }
    if (!gate_close(&recorder->gate, boot, wait_ms, reason))
        return;
    recorder->gate_by_app = by_app;
    log_episode_meet(&recorder->gate_trouble, boot, LOG_LEVEL_WARNING,
                     "Spotify refuses this client (%s): no requests for %s, until %s", reason,
                     text_duration_human(recorder->gate.opens_at - boot, text),
                     text_time_format(clock_wall_ms() + recorder->gate.opens_at - boot, until));
    recorder->gate_unstored = true;
    recorder_store_gate(recorder);
}

/* -- calls ------------------------------------------------------------------------------------- */

static enum store_result write_calls(struct store *store, void *context)
{
    struct recorder *recorder = context;

    if (recorder->unstored_calls == 0)
        return STORE_OK;
    return store_gate_spend(store, recorder->config.client_id, clock_wall_ms() / CLOCK_HOUR,
                            recorder->unstored_calls);
}

static void calls_stored(void *context)
{
    struct recorder *recorder = context;

    recorder->stored_calls += recorder->unstored_calls;
    recorder->unstored_calls = 0;
}

static enum store_result store_calls(struct recorder *recorder, enum store_durability durability)
{
    enum store_result result = store_begin(recorder->store, durability);

    if (result == STORE_OK)
        result = write_calls(recorder->store, recorder);
    result = store_finish(recorder->store, result);
    if (result == STORE_OK)
        calls_stored(recorder);
    return result;
}

void recorder_calls_along(struct recorder *recorder)
{
    struct commit_along along = {write_calls, calls_stored, recorder};

    commit_set_along(recorder->commit, &along);
}

void recorder_calls_flush(struct recorder *recorder)
{
    if (recorder->unstored_calls > 0)
        (void)store_calls(recorder, STORE_RELAXED);
}

enum store_result recorder_count_call(struct recorder *recorder, enum store_durability durability)
{
    gate_count_call(&recorder->gate, clock_wall_ms());
    recorder->unstored_calls++;
    return store_calls(recorder, durability);
}

void recorder_count_poll(struct recorder *recorder)
{
    gate_count_call(&recorder->gate, clock_wall_ms());
    recorder->unstored_calls++;
    if (recorder->unstored_calls > recorder->stored_calls)
        (void)store_calls(recorder, STORE_RELAXED);
}

enum store_result recorder_count_signin(struct recorder *recorder, enum store_durability durability)
{
    recorder->signin_calls++;
    recorder->unstored_calls++;
    return store_calls(recorder, durability);
}
