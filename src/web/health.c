/* SPDX-License-Identifier: MIT */
#include "web/health.h"

#include <stddef.h>

#include "base/clock.h"
#include "capture/countdown.h"

/* -- what may be wrong ------------------------------------------------------------------------- */

static bool is_not_recording(const struct measures *measures, int64_t now)
{
    (void)now;
    return !measures->running;
}

static bool is_stuck(const struct measures *measures, int64_t now)
{
    (void)now;
    return measures->overdue_ms > HEALTH_OVERDUE_MS;
}

static bool takes_no_writes(const struct measures *measures, int64_t now)
{
    (void)now;
    return !measures->takes_writes;
}

static bool is_app_refused(const struct measures *measures, int64_t now)
{
    (void)now;
    return measures->app_trouble;
}

/* Somebody who is signed in, and of whom nothing has come for longer than a bad hour explains. */
static bool has_no_success(const struct measures *measures, int64_t now)
{
    (void)now;
    for (size_t i = 0; i < measures->count; i++) {
        const struct measures_user *user = &measures->users[i];

        if (measures->has_client && user->state == MEASURES_ACTIVE &&
            user->failing_ms > measures->patience_ms)
            return true;
    }
    return false;
}

/* -- what waits for somebody ------------------------------------------------------------------- */

static bool has_no_client(const struct measures *measures, int64_t now)
{
    (void)now;
    return !measures->has_client;
}

static bool has_no_user(const struct measures *measures, int64_t now)
{
    (void)now;
    return measures->count == 0;
}

static bool any_in(const struct measures *measures, enum measures_state state)
{
    size_t i = 0;

    while (i < measures->count && measures->users[i].state != state)
        i++;
    return i < measures->count;
}

static bool is_sign_in_needed(const struct measures *measures, int64_t now)
{
    (void)now;
    return any_in(measures, MEASURES_NEEDS_LOGIN);
}

static bool is_user_refused(const struct measures *measures, int64_t now)
{
    (void)now;
    return any_in(measures, MEASURES_PAUSED);
}

static bool ends_sign_in_soon(const struct measures *measures, int64_t now)
{
    for (size_t i = 0; i < measures->count; i++) {
        int32_t days = countdown_days_left(measures->users[i].ends_at, now);

        if (measures->users[i].state == MEASURES_ACTIVE && days != COUNTDOWN_UNKNOWN &&
            days <= COUNTDOWN_ACT_DAYS)
            return true;
    }
    return false;
}

static bool is_asked_to_wait(const struct measures *measures, int64_t now)
{
    (void)now;
    return measures->asked_to_wait;
}

/* More requests than ever planned: they go on with the next hour. */
static bool is_at_hour_limit(const struct measures *measures, int64_t now)
{
    (void)now;
    return measures->opens_in_ms > 0 && !measures->app_trouble && !measures->asked_to_wait;
}

/* ---------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    bool fails; /* else it is a warning */
    bool (*holds)(const struct measures *measures, int64_t now);
} rules[] = {
    {"not_recording", true, is_not_recording},
    {"recorder_stuck", true, is_stuck},
    {"database_takes_no_writes", true, takes_no_writes},
    {"app_refused", true, is_app_refused},
    {"no_success", true, has_no_success},
    {"no_client", false, has_no_client},
    {"no_user", false, has_no_user},
    {"sign_in_needed", false, is_sign_in_needed},
    {"sign_in_ends_soon", false, ends_sign_in_soon},
    {"user_refused", false, is_user_refused},
    {"asked_to_wait", false, is_asked_to_wait},
    {"hour_limit", false, is_at_hour_limit},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

bool health_is_good(const struct measures *measures, int64_t now)
{
    for (size_t i = 0; i < RULES; i++) {
        if (rules[i].fails && rules[i].holds(measures, now))
            return false;
    }
    return true;
}

static void add_words(struct buf *buf, const struct measures *measures, int64_t now, bool fails)
{
    const char *between = "";

    for (size_t i = 0; i < RULES; i++) {
        if (rules[i].fails != fails || !rules[i].holds(measures, now))
            continue;
        buf_addf(buf, "%s\"%s\"", between, rules[i].word);
        between = ", ";
    }
}

void health_write(struct buf *buf, const struct measures *measures, int64_t now)
{
    buf_addf(buf, "{\"status\": \"%s\", \"reasons\": [",
             health_is_good(measures, now) ? "ok" : "failing");
    add_words(buf, measures, now, true);
    buf_add_text(buf, "], \"warnings\": [");
    add_words(buf, measures, now, false);
    buf_add_text(buf, "]}\n");
}
