/* SPDX-License-Identifier: MIT */
/*
 * store/ledger: what the recorder did: polls, runs, the gate and its calls. What it missed is in
 * store/gaps.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "store/users.h"

struct store_poll {
    int64_t user_id;
    int64_t started_at;  /* ms wall */
    const char *kind;    /* "tail", "sweep" */
    int64_t cursor;      /* the after parameter, STORE_NO_TIME: none */
    const char *outcome; /* "ok", "unchanged", "empty", or the failure's name */
    int http_status;     /* 0 = none */
    const char *detail;  /* short reason, NULL for success */
    int64_t items, added, late, odd;
    int64_t duration_ms;
};
enum store_result store_poll_add(struct store *store, const struct store_poll *poll);

/* Removes polls that started before ms, at most 1000 a call; *removed tells how many. */
enum store_result store_polls_prune(struct store *store, int64_t before, int64_t *removed);

/* What the ledger knows of a stretch without success of a user (since, until]: counts of polls by
 * failure name. The newest run, if it has not ended, counts as running now. The polls are read from
 * the newest back to since. */
struct store_outage {
    int64_t down_ms; /* time within it in which no daemon ran (from runs) */
    int64_t needs_login, rate_limit, transient, other; /* polls that ended so */
};
enum store_result store_outage_get(struct store *store, int64_t user_id, int64_t since,
                                   int64_t until, struct store_outage *outage);

/* -- runs: when the daemon was there ---------------------------------------------------------- */
enum store_result store_run_begin(struct store *store, int64_t now, const char *version,
                                  int64_t *run_id);
enum store_result store_run_alive(struct store *store, int64_t run_id, int64_t now);
enum store_result store_run_end(struct store *store, int64_t run_id, int64_t now);

/* -- gate: limits of a client id --------------------------------------------------------------- */
struct store_gate {
    int64_t not_before; /* ms wall, STORE_NO_TIME: open */
    int64_t set_at;     /* ms wall when it was closed */
    char reason[200];
};
/* STORE_NOT_FOUND if there is none. */
enum store_result store_gate_get(struct store *store, const char *client_id,
                                 struct store_gate *gate);
enum store_result store_gate_put(struct store *store, const char *client_id,
                                 const struct store_gate *gate);

/* Adds n calls in the hour (ms wall / 3,600,000) and drops hours older than 8 days; reads the sum
 * of hours from .. to. */
enum store_result store_gate_spend(struct store *store, const char *client_id, int64_t hour,
                                   int64_t n);
enum store_result store_gate_spent(struct store *store, const char *client_id, int64_t from_hour,
                                   int64_t to_hour, int64_t *calls);

#endif
