/* SPDX-License-Identifier: MIT */
/* The recorder's reports for people: SIGUSR1 and systemd's status line. */
#include "capture/recorder.h"

#include "base/clock.h"
#include "base/text.h"
#include "capture/poller.h"

static const char *stage_name(const struct poller *poller)
{
    static const char *const names[] = {
        [POLLER_IDLE] = "idle",         [POLLER_WAITING] = "waiting for its turn",
        [POLLER_REFRESHING] = "asking", [POLLER_ASKING] = "asking",
        [POLLER_STORING] = "storing",
    };

    return names[poller->stage];
}

static void report_user(const struct poller *poller, struct buf *text)
{
    char success[TEXT_TIME_SIZE], due[TEXT_DURATION_SIZE];
    int64_t wait = poller->policy.due - clock_boot_ms();
    const char *last = "never";

    if (poller->last_success_wall != STORE_NO_TIME)
        last = text_time_format(poller->last_success_wall, success);
    if (poller->foreign)
        buf_addf(text, "%s: signed in with another app; last success %s\n", poller->name, last);
    else if (poller->policy.state == POLICY_NEEDS_LOGIN)
        buf_addf(text, "%s: needs to sign in again (%s); last success %s\n", poller->name,
                 poller->state_reason, last);
    else
        buf_addf(text, "%s: %s%s%s, last success %s, next poll in %s\n", poller->name,
                 poller->policy.state == POLICY_PAUSED ? "refused by Spotify, " : "",
                 stage_name(poller), poller->policy.failures > 0 ? " after a failure" : "", last,
                 text_duration_human(wait > 0 ? wait : 0, due));
}

void recorder_report(const struct recorder *recorder, struct buf *text)
{
    for (size_t i = 0; i < recorder->count; i++)
        report_user(recorder->pollers[i], text);
    buf_addf(text, "%lld requests to Spotify this hour, %zu under way\n",
             (long long)recorder->gate.hour_calls, recorder->gate.in_flight);
}

void recorder_summary(const struct recorder *recorder, struct buf *text)
{
    size_t need_login = 0, failing = 0;
    int64_t closed = recorder->gate.opens_at - clock_boot_ms();
    char left[TEXT_DURATION_SIZE];

    for (size_t i = 0; i < recorder->count; i++) {
        need_login += recorder->pollers[i]->policy.state == POLICY_NEEDS_LOGIN ||
                      recorder->pollers[i]->foreign;
        failing += recorder->pollers[i]->policy.failures > 0 &&
                   recorder->pollers[i]->policy.state != POLICY_NEEDS_LOGIN;
    }
    if (!recorder->config.client_id[0])
        buf_add_text(text, "no client id is configured");
    else
        buf_addf(text, "%zu %s", recorder->count, recorder->count == 1 ? "user" : "users");
    if (need_login > 0)
        buf_addf(text, ", %zu must sign in again", need_login);
    if (failing > 0)
        buf_addf(text, ", %zu failing for now", failing);
    if (closed > 0)
        buf_addf(text, "; Spotify asked to wait %s", text_duration_human(closed, left));
    if (commit_is_held(recorder->commit))
        buf_add_text(text, "; the database takes no writes");
}
