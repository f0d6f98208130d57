/* SPDX-License-Identifier: MIT */
/* For the tests of capture/policy: one user of a daemon that polls every ten minutes. */
#ifndef TESTS_UNIT_POLICY_HELP_H
#define TESTS_UNIT_POLICY_HELP_H

#include "capture/policy.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define INTERVAL (10 * MINUTE)
#define JITTER (INTERVAL / 50) /* either way */
#define BOOT (3 * DAY)         /* the machine runs for a while when a test begins */
#define PLAYED INT64_C(1795198051207)

static const struct policy_config config = {.poll_interval_ms = INTERVAL,
                                            .sweep_interval_ms = HOUR};

static inline struct policy started(int64_t now)
{
    struct policy policy;

    policy_start(&policy, now, 0, 1, 1, POLICY_ACTIVE, PLAYED);
    return policy;
}

static inline void page(struct policy *policy, int64_t now, struct policy_page what)
{
    if (what.cursor == 0)
        what.cursor = PLAYED;
    policy_on_page(policy, &config, now, &what);
}

static inline void good_sweep(struct policy *policy, int64_t now)
{
    page(policy, now, (struct policy_page){.kind = POLICY_SWEEP, .full = true, .witness = true});
}

static inline void quiet_tail(struct policy *policy, int64_t now)
{
    page(policy, now, (struct policy_page){.kind = POLICY_TAIL, .witness = true});
}

/* A user who was swept at BOOT and is due in the next slot. */
static inline struct policy settled(void)
{
    struct policy policy = started(BOOT);

    good_sweep(&policy, BOOT);
    return policy;
}

/* A user on the way, in the own place in the interval: the first polls lead there. */
static inline void settle(struct policy *policy)
{
    good_sweep(policy, BOOT);
    while (policy->due < BOOT + 2 * INTERVAL)
        quiet_tail(policy, policy->due);
}

static inline enum policy_kind next_kind(const struct policy *policy)
{
    return policy_next(policy, &config, policy->due).kind;
}

static inline bool failure(struct policy *policy, int64_t now, enum policy_failure what)
{
    return policy_on_failure(policy, &config, now, what, 0);
}

#endif
