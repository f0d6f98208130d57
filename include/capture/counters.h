/* SPDX-License-Identifier: MIT */
/*
 * capture/counters: what was counted since the start of the process, for /metrics.
 *
 * Owns: the list of a poll's outcomes, the buckets of the histograms.
 * Offers: a plain struct, and one call an event.
 * Never: goes down, outlives the process, knows whose event it was.
 */
#ifndef CAPTURE_COUNTERS_H
#define CAPTURE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#define COUNTERS_OUTCOMES 20
#define COUNTERS_BUCKETS 10

enum counters_request { COUNTERS_HISTORY, COUNTERS_TOKEN, COUNTERS_REQUESTS };

/* How long complete answers took, whatever they said. buckets[i]: those that took up to
 * counters_bucket(i) and longer than the one before; the last takes what is longer than all. */
struct counters_latency {
    int64_t buckets[COUNTERS_BUCKETS + 1];
    int64_t count;
    int64_t sum_us;
};

/* Zero-initialised: nothing was counted. */
struct counters {
    int64_t polls[COUNTERS_OUTCOMES]; /* by outcome, see counters_outcome() */
    int64_t plays;                    /* stored as new */
    int64_t late;                     /* of these, older than one that was stored before */
    int64_t odd;                      /* items of answers that could not be taken */
    struct counters_latency latency[COUNTERS_REQUESTS];
};

/* The word of an outcome (index < COUNTERS_OUTCOMES), as in the ledger. "not_stored": the database
 * took no writes and the poll brought nothing that could be held back for it; "other" is the last.
 * Static. */
const char *counters_outcome(size_t index);

/* What a kind of request is called: "history", "token". Static. */
const char *counters_request_name(enum counters_request request);

/* The upper end of a bucket (index < COUNTERS_BUCKETS), in ms. */
int64_t counters_bucket(size_t index);

/* A poll has ended: its outcome is in the ledger, or is given up. */
void counters_poll(struct counters *counters, const char *outcome);

/* A complete answer came to a request after us microseconds. */
void counters_answer(struct counters *counters, enum counters_request request, int64_t us);

#endif
