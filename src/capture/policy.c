/* SPDX-License-Identifier: MIT */
#include "capture/policy.h"

#define DAY_MS INT64_C(86400000)
#define SHORT_PLAY_MS 30000 /* the shortest play that Spotify lists as a rule */
#define REFRESHES_A_DAY 24  /* an access token lasts an hour */
#define SHOWN_PLAYS 50

/* splitmix64: enough for jitter, and the same on every machine, so that a seed repeats a run. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 <= result < range (range > 0), evenly enough. */
static int64_t random_below(uint64_t *state, int64_t range)
{
    return range > 0 ? (int64_t)(random_next(state) % (uint64_t)range) : 0;
}

/* The user's next own moment in the interval: users are spread over it by the golden ratio, which
 * stays even for any number of them. At least a third of the interval away, so that a poll made out
 * of turn is not followed by another. */
static int64_t next_slot(struct policy *policy, int64_t interval, int64_t now)
{
    int64_t offset = (int64_t)(((uint64_t)interval * (uint64_t)policy->phase) >> 32);
    int64_t earliest = now + interval / 3;
    int64_t slot = earliest - (earliest % interval) + offset;
    int64_t jitter = random_below(&policy->random, interval / 25 + 1) - interval / 50;

    if (slot < earliest)
        slot += interval;
    slot += jitter;
    /* Never further away than the interval (both polls have their jitter): one more on the way
     * there instead. */
    if (slot - now > interval + interval / 25)
        slot = now + (slot - now) / 2;
    return slot > now ? slot : now + 1;
}

void policy_start(struct policy *policy, int64_t now, size_t index, size_t count, uint64_t seed,
                  enum policy_state state, int64_t cursor)
{
    *policy = (struct policy){
        .state = state,
        .due = POLICY_NEVER,
        .cursor = cursor,
        .last_success = POLICY_NO_TIME,
        .last_sweep = POLICY_NO_TIME,
        .phase = (int64_t)((uint32_t)(index * UINT64_C(2654435769))),
        .hurry = POLICY_NEVER,
        .random = seed,
        .sweep_wanted = true,
    };
    if (state != POLICY_NEEDS_LOGIN)
        policy->due = now + random_below(&policy->random, (int64_t)count * POLICY_STAGGER);
}

struct policy_action policy_next(const struct policy *policy, const struct policy_config *config,
                                 int64_t now)
{
    struct policy_action sweep = {POLICY_SWEEP, 0};
    int64_t half = config->poll_interval_ms / 2;

    if (policy->sweep_wanted || policy->cursor == POLICY_NO_TIME ||
        policy->last_sweep == POLICY_NO_TIME)
        return sweep;
    /* The slot nearest to the sweep's time takes its place; a poll is never moved for it. */
    if (now - policy->last_sweep >= config->sweep_interval_ms - half)
        return sweep;
    if (now - policy->last_success > config->poll_interval_ms + half)
        return sweep;
    return (struct policy_action){POLICY_TAIL, policy->cursor - 1};
}

/* Somebody skips through songs: in how many ms twenty of them pass, by the pace just seen; or
 * POLICY_NEVER. One poll may meet few because they are not listed yet, and what follows a full page
 * at once shows no pace of its own: so a pace is forgotten by and by, and within a chain not at
 * all. */
static int64_t pace(const struct policy *policy, const struct policy_page *page, int64_t now)
{
    if (page->newer >= POLICY_HURRY_PLAYS && policy->last_success != POLICY_NO_TIME) {
        int64_t wait = (now - policy->last_success) * POLICY_HURRY_PLAYS / (int64_t)page->newer;

        return wait > POLICY_HURRY_MIN ? wait : POLICY_HURRY_MIN;
    }
    if (policy->hurry == POLICY_NEVER || policy->chained)
        return policy->hurry;
    return 2 * policy->hurry;
}

/* The user's slot, or before it: back before 50 more can have passed. */
static int64_t next_poll(struct policy *policy, const struct policy_config *config,
                         const struct policy_page *page, int64_t now)
{
    int64_t slot = next_slot(policy, config->poll_interval_ms, now);

    policy->hurry = pace(policy, page, now);
    if (policy->hurry >= config->poll_interval_ms)
        policy->hurry = POLICY_NEVER;
    return policy->hurry < slot - now ? now + policy->hurry : slot;
}

void policy_on_page(struct policy *policy, const struct policy_config *config, int64_t now,
                    const struct policy_page *page)
{
    int64_t slot = next_poll(policy, config, page, now);
    bool moved = page->cursor > policy->cursor;

    policy->state = POLICY_ACTIVE;
    policy->failures = 0;
    policy->forbidden = 0;
    policy->last_success = now;
    policy->cursor = page->cursor;
    if (page->kind == POLICY_SWEEP) {
        policy->last_sweep = now;
        policy->follow_ups = 0;
        /* A sweep without the newest stored play: a tail would come without its witness as well, so
         * sweep on. */
        policy->sweep_wanted = !page->witness;
        policy->due = slot;
    } else if (page->full && moved && policy->follow_ups < POLICY_FOLLOW_UPS) {
        /* From the same cursor the same page would come. */
        policy->follow_ups++;
        policy->due = now;
    } else if (page->full || !page->witness || policy->follow_ups > 0) {
        policy->follow_ups = 0;
        policy->sweep_wanted = true;
        policy->due = now;
    } else {
        policy->due = slot;
    }
    policy->chained = policy->due == now;
}

/* From 10 s to 15 min: doubles, and up to half as much again is random, so that users and programs
 * do not march in step. */
static int64_t backoff(struct policy *policy)
{
    int64_t wait = POLICY_BACKOFF_MIN;

    for (unsigned i = 1; i < policy->failures && wait < POLICY_BACKOFF_MAX; i++)
        wait *= 2;
    if (wait > POLICY_BACKOFF_MAX * 2 / 3)
        wait = POLICY_BACKOFF_MAX * 2 / 3;
    return wait + random_below(&policy->random, wait / 2 + 1);
}

static int64_t around(struct policy *policy, int64_t wait)
{
    return wait + random_below(&policy->random, wait / 10 + 1);
}

static int64_t after_forbidden(struct policy *policy, const struct policy_config *config,
                               int64_t now)
{
    if (policy->state != POLICY_PAUSED && policy->forbidden < POLICY_FORBIDDEN_POLLS)
        return next_slot(policy, config->poll_interval_ms, now);
    policy->state = POLICY_PAUSED;
    return now + around(policy, POLICY_FORBIDDEN_WAIT);
}

bool policy_on_failure(struct policy *policy, const struct policy_config *config, int64_t now,
                       enum policy_failure failure, int64_t wait_ms)
{
    enum policy_state before = policy->state;

    policy->failures++;
    policy->sweep_wanted |= policy->follow_ups > 0; /* what a full tail asked for is still owed */
    policy->follow_ups = 0;
    policy->forbidden = failure == POLICY_FAIL_FORBIDDEN ? policy->forbidden + 1 : 0;
    switch (failure) {
    case POLICY_FAIL_GATE:
        policy->failures = 0;
        policy->due =
            now + wait_ms + random_below(&policy->random, config->poll_interval_ms / 10 + 1);
        break;
    case POLICY_FAIL_NEEDS_LOGIN:
        policy->state = POLICY_NEEDS_LOGIN;
        policy->due = POLICY_NEVER;
        break;
    case POLICY_FAIL_FORBIDDEN:
        policy->due = after_forbidden(policy, config, now);
        break;
    case POLICY_FAIL_OURS:
        policy->due = now + around(policy, POLICY_OURS_WAIT);
        break;
    case POLICY_FAIL_LOCAL:
        policy->sweep_wanted = true; /* the newest page, while nothing can be stored */
        policy->due = next_slot(policy, config->poll_interval_ms, now);
        break;
    case POLICY_FAIL_TRANSIENT:
        policy->due = now + backoff(policy);
        break;
    }
    return policy->state != before;
}

void policy_hold(struct policy *policy)
{
    policy->held = true;
    policy->due = POLICY_NEVER;
}

void policy_let_go(struct policy *policy, int64_t now)
{
    policy->held = false;
    policy_on_request(policy, now);
}

void policy_retry(struct policy *policy, int64_t due)
{
    if (policy->held)
        return;
    policy->sweep_wanted = true;
    policy->due = due;
}

int64_t policy_retry_wait(int64_t tried)
{
    static const int64_t waits[POLICY_RETRIES] = {CLOCK_HOUR, 6 * CLOCK_HOUR, CLOCK_DAY};

    return tried >= 0 && tried < POLICY_RETRIES ? waits[tried] : POLICY_NEVER;
}

void policy_on_login(struct policy *policy, int64_t now)
{
    policy->state = POLICY_ACTIVE;
    policy->held = false;
    policy->failures = 0;
    policy->forbidden = 0;
    policy->follow_ups = 0;
    policy->sweep_wanted = true;
    policy->due = now;
}

void policy_on_request(struct policy *policy, int64_t now)
{
    if (policy->state == POLICY_NEEDS_LOGIN || policy->held)
        return;
    policy->sweep_wanted = true;
    policy->due = now;
}

void policy_on_reload(struct policy *policy, const struct policy_config *config, int64_t now)
{
    int64_t slot;

    if (policy->state != POLICY_ACTIVE || policy->held || policy->failures > 0 ||
        policy->due <= now)
        return;
    slot = next_slot(policy, config->poll_interval_ms, now);
    if (slot < policy->due)
        policy->due = slot;
}

int64_t policy_stretch(int64_t poll_interval_ms, int64_t sweep_interval_ms, int64_t daily_budget,
                       size_t users)
{
    int64_t stretched = sweep_interval_ms, refreshes = (int64_t)users * REFRESHES_A_DAY;

    if (daily_budget <= 0 || users == 0 || users > (size_t)(INT64_MAX / DAY_MS))
        return poll_interval_ms;
    if (daily_budget > refreshes)
        stretched = DAY_MS * (int64_t)users / (daily_budget - refreshes) + 1;
    if (stretched > sweep_interval_ms)
        stretched = sweep_interval_ms;
    return stretched > poll_interval_ms ? stretched : poll_interval_ms;
}

bool policy_interval_can_lose(int64_t interval_ms)
{
    return interval_ms > (int64_t)SHOWN_PLAYS * SHORT_PLAY_MS;
}
