/* SPDX-License-Identifier: MIT */
/* The recorder's users: those stored at the start, those who sign in, those who go. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/poller.h"

struct poller *recorder_poller(const struct recorder *recorder, int64_t user_id)
{
    size_t from = 0, to = recorder->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (recorder->pollers[middle]->user_id == user_id)
            return recorder->pollers[middle];
        if (recorder->pollers[middle]->user_id < user_id)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* Room for count pollers in the list and the schedule, so that adding one cannot fail half way. */
static bool reserve(struct recorder *recorder, size_t count)
{
    struct poller **pollers;

    if (count > recorder->cap) {
        pollers = reallocarray(recorder->pollers, count + count / 2, sizeof(struct poller *));
        if (!pollers)
            return false;
        recorder->pollers = pollers;
        recorder->cap = count + count / 2;
    }
    return schedule_reserve(&recorder->schedule, recorder->cap);
}

enum store_result recorder_load(struct recorder *recorder)
{
    struct store_user *users = NULL;
    size_t count = 0;
    enum store_result result = store_users_load(recorder->store, &users, &count);

    if (result != STORE_OK)
        return result;
    if (!reserve(recorder, count + 1))
        result = STORE_NOMEM;
    for (size_t i = 0; i < count && result == STORE_OK; i++) {
        recorder->pollers[i] = poller_new(recorder, &users[i], i, count);
        if (recorder->pollers[i])
            recorder->count = i + 1;
        else
            result = STORE_NOMEM;
    }
    free(users);
    return result;
}

static struct poller *add_poller(struct recorder *recorder, const struct store_user *user)
{
    struct poller *poller = NULL;
    size_t place = recorder->count;

    if (reserve(recorder, recorder->count + 1))
        poller = poller_new(recorder, user, recorder->count, 1);
    if (!poller)
        return NULL;
    for (; place > 0 && recorder->pollers[place - 1]->user_id > user->user_id; place--)
        recorder->pollers[place] = recorder->pollers[place - 1];
    recorder->pollers[place] = poller;
    recorder->count++;
    return poller;
}

void recorder_remove_poller(struct recorder *recorder, struct poller *poller)
{
    size_t i = 0;

    poller_halt(poller);
    while (recorder->pollers[i] != poller)
        i++;
    memmove(&recorder->pollers[i], &recorder->pollers[i + 1],
            (recorder->count - i - 1) * sizeof(struct poller *));
    recorder->count--;
    poller_free(poller);
}

/* The app works, as a sign-in has just shown: those who met the trouble do not wait for its end. */
static void end_trouble_of_the_app(struct recorder *recorder)
{
    int64_t now = clock_boot_ms();

    if (!recorder->gate_by_app || recorder->gate.opens_at <= now)
        return;
    recorder->gate.opens_at = 0;
    for (size_t i = 0; i < recorder->count; i++)
        policy_on_reload(&recorder->pollers[i]->policy, &recorder->policy, now);
}

bool recorder_take_up(struct recorder *recorder, const struct store_user *user)
{
    struct poller *poller;

    if (!recorder->running)
        return false;
    poller = recorder_poller(recorder, user->user_id);
    if (!poller)
        poller = add_poller(recorder, user);
    if (!poller)
        return false;
    poller_signed_in(poller, user);
    log_notice("%s: signed in; looking at everything that Spotify shows", poller->name);
    recorder_apply_limits(recorder);
    end_trouble_of_the_app(recorder);
    recorder_reschedule(recorder);
    return true;
}

bool recorder_is_refreshing(const struct recorder *recorder, int64_t user_id)
{
    const struct poller *poller = user_id != 0 ? recorder_poller(recorder, user_id) : NULL;

    return poller && poller->stage == POLLER_REFRESHING;
}

bool recorder_poll_user(struct recorder *recorder, int64_t user_id)
{
    struct poller *poller = recorder_poller(recorder, user_id);

    if (!poller || poller->policy.state == POLICY_NEEDS_LOGIN || poller->policy.held ||
        !recorder_may_poll(recorder))
        return false;
    poller_request(poller);
    recorder_reschedule(recorder);
    return true;
}
