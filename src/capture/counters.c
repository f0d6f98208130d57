/* SPDX-License-Identifier: MIT */
#include "capture/counters.h"

#include <string.h>

/* Those of the ledger, and two of ours. Whatever is not in the list counts as the last. */
static const char *const outcomes[COUNTERS_OUTCOMES] = {
    "ok",      "unchanged",     "empty",     "needs_login",    "forbidden",  "rate_limit", "app",
    "ours",    "token_expired", "transient", "not_understood", "resolve",    "connect",    "tls",
    "timeout", "broken",        "too big",   "local",          "not_stored", "other",
};

/* ms: from an answer of a neighbour to the longest that a request may take. */
static const int64_t bounds[COUNTERS_BUCKETS] = {10,  25,   50,   100,   250,
                                                 500, 1000, 2500, 10000, 30000};

const char *counters_outcome(size_t index)
{
    return outcomes[index];
}

const char *counters_request_name(enum counters_request request)
{
    return request == COUNTERS_TOKEN ? "token" : "history";
}

int64_t counters_bucket(size_t index)
{
    return bounds[index];
}

void counters_poll(struct counters *counters, const char *outcome)
{
    size_t i = 0;

    /* Nothing could be asked, and nothing is noted: one thing to whoever looks at it. */
    if (strcmp(outcome, "database_full") == 0)
        outcome = "not_stored";
    while (i < COUNTERS_OUTCOMES - 1 && strcmp(outcomes[i], outcome) != 0)
        i++;
    counters->polls[i]++;
}

void counters_answer(struct counters *counters, enum counters_request request, int64_t us)
{
    struct counters_latency *latency = &counters->latency[request];
    size_t i = 0;

    if (us < 0)
        us = 0;
    while (i < COUNTERS_BUCKETS && us > bounds[i] * 1000)
        i++;
    latency->buckets[i]++;
    latency->count++;
    latency->sum_us += us;
}
