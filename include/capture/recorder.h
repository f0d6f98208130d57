/* SPDX-License-Identifier: MIT */
/*
 * capture/recorder: the recorder as a whole: one poller a user, one gate, one queue into the
 * database.
 *
 * Owns: the pollers and their schedule, the HTTP client, the group commit.
 * Offers: start, reload, poll now, status, an orderly stop.
 * Never: lets one user's trouble delay another, sends anything while the gate is closed, uses a token that is not stored.
 */
#ifndef CAPTURE_RECORDER_H
#define CAPTURE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/store.h"

struct event_base;
struct recorder;
struct turns;
struct vault;

/* What the recorder needs of the configuration; texts are copied. */
struct recorder_config {
    const char *database;  /* its path; what it is at the start holds */
    const char *client_id; /* "": nothing is asked until a reload brings one */
    const char *client_secret;
    const char *api_url;
    const char *accounts_url;
    int64_t poll_interval_ms;
    int64_t sweep_interval_ms;
    int64_t daily_call_budget;
    int64_t request_timeout_ms;
    size_t max_in_flight;
};

enum recorder_outcome { RECORDER_ALL_GOOD, RECORDER_SOME_FAILED, RECORDER_SOME_NEED_LOGIN };

struct recorder_events {
    void (*fatal)(enum store_result result, const char *message,
                  void *context); /* the database failed for good */
    void (*once)(enum recorder_outcome outcome,
                 void *context);    /* every user was polled once; NULL: go on for ever */
    void (*polled)(void *context);  /* a poll ended; NULL: not wanted */
    void (*stopped)(void *context); /* recorder_stop() is done */
    void *context;
};

/* A new recorder over an open store and vault (both outlive it). run_id: of this run in the ledger.
 * NULL with a line in why when something basic fails. */
struct recorder *recorder_new(struct event_base *base, struct store *store, struct vault *vault,
                              int64_t run_id, const struct recorder_config *config,
                              const struct recorder_events *events, char *why, size_t size);
void recorder_free(struct recorder *recorder);

/* Where it marks what it does in the loop (base/turns), and what /metrics tells of; outlives it.
 * NULL: nowhere. */
void recorder_set_turns(struct recorder *recorder, struct turns *turns);
struct turns *recorder_turns(const struct recorder *recorder);

/* The run in the ledger, when it could be noted only after the start. */
void recorder_set_run(struct recorder *recorder, int64_t run_id);

/* Begins to poll every stored user. */
enum store_result recorder_start(struct recorder *recorder);

/* Takes up a new configuration between two turns of the loop; transfers under way go on. False
 * without memory: then nothing changed. */
bool recorder_reload(struct recorder *recorder, const struct recorder_config *config);

/* Polls every user now that may be polled (SIGUSR1). */
void recorder_poll_now(struct recorder *recorder);

/* Begins to stop: drops requests for history, waits for token requests under way and stores what
 * they bring, stores what waits; then events.stopped. */
void recorder_stop(struct recorder *recorder);

/* Appends a report for people, a line a user. */
void recorder_report(const struct recorder *recorder, struct buf *text);

/* Appends one short line ("2 users, 1 must sign in again"). */
void recorder_summary(const struct recorder *recorder, struct buf *text);

#endif
