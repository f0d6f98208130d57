/* SPDX-License-Identifier: MIT */
/* Sign-ins that end soon (capture/countdown): who is reminded, once a step, also over restarts. */
#include "base/clock.h"
#include "base/text.h"
#include "capture/countdown.h"
#include "capture/poller.h"

#define LOOK_EVERY_MS CLOCK_HOUR

/* The step that is to be said of a user now, 0: none. Who is not polled has other news. */
static int step_of(const struct poller *poller, int64_t wall)
{
    if (poller->policy.state == POLICY_NEEDS_LOGIN || poller->policy.held)
        return 0;
    return countdown_step(countdown_end(poller->authorized_at), wall, (int)poller->countdown);
}

static void say(struct poller *poller, int64_t wall)
{
    int64_t end = countdown_end(poller->authorized_at);
    int32_t days = countdown_days_left(end, wall);
    char text[TEXT_TIME_SIZE];

    poller->countdown = step_of(poller, wall);
    log_warning("%s: Spotify ends this sign-in in %d %s, at %s: sign in again before "
                "(spotify-historyctl login, or the page /spotify)",
                poller->name, days, days == 1 ? "day" : "days", text_time_format(end, text));
}

/* All in one transaction: many people may have signed in on one day. */
static enum store_result store_steps(struct recorder *recorder, int64_t wall, size_t *count)
{
    enum store_result result = STORE_OK;

    *count = 0;
    for (size_t i = 0; i < recorder->count && result == STORE_OK; i++) {
        const struct poller *poller = recorder->pollers[i];
        int step = step_of(poller, wall);

        if (step == 0)
            continue;
        if ((*count)++ == 0)
            result = store_begin(recorder->store, STORE_DURABLE);
        if (result == STORE_OK)
            result = store_user_set_countdown(recorder->store, poller->user_id, step);
    }
    return *count > 0 ? store_finish(recorder->store, result) : STORE_OK;
}

/* First stored, then said: a step is never said twice. What could not be stored is tried again at
 * the next look. */
void recorder_count_down(struct recorder *recorder, int64_t boot_now)
{
    int64_t wall = clock_wall_ms();
    size_t count;

    if (boot_now < recorder->countdown_at)
        return;
    recorder->countdown_at = boot_now + LOOK_EVERY_MS;
    if (store_steps(recorder, wall, &count) != STORE_OK || count == 0)
        return;
    for (size_t i = 0; i < recorder->count; i++)
        if (step_of(recorder->pollers[i], wall) != 0)
            say(recorder->pollers[i], wall);
}
