/* SPDX-License-Identifier: MIT */
/*
 * Sign-ins that Spotify refuses.
 *
 * Spotify once answered invalid_grant to everybody for a while. So when every user of the client is
 * refused within an hour, it looks like Spotify's fault, and each of these sign-ins is tried again
 * three times (policy_retry_wait()). Who has signed in again by then is not concerned.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "capture/countdown.h"
#include "capture/poller.h"

/* An access token lasts an hour: in that time, and a poll more, everybody's turn has come. */
static int64_t window(const struct recorder *recorder)
{
    return CLOCK_HOUR + recorder->policy.poll_interval_ms;
}

static bool is_over(const struct poller *poller, int64_t wall)
{
    int64_t end = countdown_end(poller->authorized_at);

    return end != CLOCK_NO_TIME && wall >= end;
}

/* Refused within the window, while the sign-in should still have been good. */
static bool is_odd(const struct recorder *recorder, const struct poller *poller, int64_t wall)
{
    return poller->policy.state == POLICY_NEEDS_LOGIN && poller->refused_at != STORE_NO_TIME &&
           wall - poller->refused_at <= window(recorder) && !is_over(poller, wall);
}

/* True if nobody's sign-in is known to be good: all that could be refused were. Users who have been
 * without a sign-in for longer, or are refused for another reason, say nothing about it. */
static bool everybody_is_refused(const struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->pollers[i]->policy.state == POLICY_ACTIVE &&
            !recorder->pollers[i]->policy.held)
            return false;
    return true;
}

/* When the next of the tries that are owed is due, on the clock that does not jump; shortest: not
 * sooner than this, so that a wall clock set forward does not spend all of them at once. */
static void set_retry(struct poller *poller, int64_t shortest)
{
    int64_t wait = policy_retry_wait(POLICY_RETRIES - poller->retries);
    int64_t left;

    if (poller->retries <= 0 || wait == POLICY_NEVER) {
        poller->policy.due = POLICY_NEVER;
        return;
    }
    left = poller->refused_at + wait - clock_wall_ms();
    /* A clock that was set must not make it sooner than now or later than it ever is. */
    left = left < shortest ? shortest : left > wait ? wait : left;
    policy_retry(&poller->policy, clock_boot_ms() + left);
}

static void say_suspicion(size_t count)
{
    if (count > 1)
        log_warning("Spotify refused the sign-ins of all %zu users within an hour: this looks like "
                    "a fault of Spotify's; each is tried again after 1, 6 and 24 hours",
                    count);
    else if (count == 1)
        log_warning(
            "Spotify refused the only sign-in that was still good: in case this is a fault of "
            "Spotify's it is tried again after 1, 6 and 24 hours");
}

static void suspect(struct recorder *recorder, int64_t wall)
{
    size_t count = 0;

    for (size_t i = 0; i < recorder->count; i++) {
        struct poller *poller = recorder->pollers[i];

        if (!is_odd(recorder, poller, wall))
            continue;
        count++;
        if (poller->suspicious)
            continue;
        poller->suspicious = true;
        poller->retries = POLICY_RETRIES;
        set_retry(poller, 0);
        if (poller->stage == POLLER_IDLE)
            schedule_set(&recorder->schedule, &poller->entry, poller->policy.due);
    }
    recorder->suspects_unstored = true;
    say_suspicion(count);
}

/* Behind the outcomes of the polls, which were handed in before the suspicion and know nothing of
 * the tries. */
void recorder_store_suspects(struct recorder *recorder)
{
    enum store_result result;

    if (!recorder->suspects_unstored)
        return;
    result = store_begin(recorder->store, STORE_DURABLE);
    for (size_t i = 0; i < recorder->count && result == STORE_OK; i++) {
        const struct poller *poller = recorder->pollers[i];

        if (poller->suspicious)
            result = store_user_set_refused(recorder->store, poller->user_id, poller->refused_at,
                                            poller->retries);
    }
    /* What fails is tried again with the next failure that is stored. */
    recorder->suspects_unstored = store_finish(recorder->store, result) != STORE_OK;
}

bool recorder_on_refused(struct poller *poller, const char *code)
{
    struct recorder *recorder = poller->recorder;
    int64_t wall = clock_wall_ms();

    if (strcmp(code, "invalid_grant") != 0 && strcmp(code, "ambiguous_refresh") != 0)
        return false; /* no token, no key, no permission: trying again does not mend these */
    if (poller->retries > 0) {
        poller->retries--;
        set_retry(poller, policy_retry_wait(0));
        return true;
    }
    if (poller->suspicious)
        return false; /* the last try */
    poller->refused_at = wall;
    if (everybody_is_refused(recorder))
        suspect(recorder, wall);
    return true;
}

void recorder_restore_refused(struct poller *poller)
{
    if (poller->refused_at == STORE_NO_TIME || poller->retries <= 0)
        return;
    poller->suspicious = true;
    set_retry(poller, 0);
}
