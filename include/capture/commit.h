/* SPDX-License-Identifier: MIT */
/*
 * capture/commit: brings what finished polls found into the database, in groups: whatever finished
 * within 100 ms, or 256 of them, is one transaction.
 *
 * Owns: the outcomes that wait, and those held back because the database takes no writes for now.
 * Offers: hand in an outcome, be called when it is stored.
 * Never: forgets a page that is not committed (up to COMMIT_HELD_MAX bytes in all), lets one outcome's trouble spoil another's.
 */
#ifndef CAPTURE_COMMIT_H
#define CAPTURE_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/policy.h"
#include "spotify/history.h"
#include "store/store.h"

#define COMMIT_GROUP_MS 100
#define COMMIT_GROUP_MAX 256
#define COMMIT_GROUP_PLAYS 100 /* plays in the pages of one group: 5 to 10 ms, all of it new */
#define COMMIT_HELD_MAX (32u << 20)
#define COMMIT_RETRY_MIN 2000 /* ms between tries while the database takes no writes */
#define COMMIT_RETRY_MAX 60000

struct event_base;
struct commit;
struct counters;
struct turns;

/* What a finished poll leaves behind. */
struct commit_outcome {
    int64_t user_id;
    const char *user_name; /* for log lines; must outlive the call that hands it in until done is
                              called for the last time */
    enum policy_kind kind;
    int64_t after; /* cursor asked for, POLICY_NO_TIME: none */
    int64_t started_wall_ms;
    int64_t finished_wall_ms;
    int64_t
        latest_wall_ms; /* now, by our clock or Spotify's, whichever is later: bounds the cursor */
    int64_t duration_ms;
    const char *outcome; /* static: "ok", "unchanged", "empty" or the failure's name */
    int http_status;
    char detail[200]; /* reason, "" for success */
    bool blocked;     /* before it, our database did not let us ask */
    bool success;     /* Spotify answered: moves last_success_at */
    bool has_page;
    struct spotify_page page; /* owned once handed in, when has_page */
    bool sets_state;          /* the user enters a state */
    int state;                /* enum store_user_state */
    bool sets_refused;        /* the sign-in was refused: what is remembered of that */
    int64_t refused_at, retries;
};

struct commit_result {
    enum store_result
        stored;    /* STORE_OK; or why not: then a page is held and done will be called again */
    bool held;     /* it is kept and tried again */
    bool was_held; /* it had been held */
    struct policy_page page; /* facts for the policy (success only) */
    size_t added, late;
};

/* context as handed in. May hand in new outcomes. */
typedef void commit_function(const struct commit_result *result, void *context);

/* Called when the database failed in a way that only a new start can mend. */
typedef void commit_fatal_function(enum store_result result, const char *message, void *context);

/* A new queue. run_id: the run whose sign of life each commit is, 0: none. NULL without memory. */
struct commit *commit_new(struct event_base *base, struct store *store, int64_t run_id,
                          commit_fatal_function *fatal, void *context);
void commit_free(struct commit *commit);

/* Nobody else is about to hand something in: what waits is stored at the next turn of the loop. */
void commit_soon(struct commit *commit);

/* The run that signs of life are noted for; 0: none, as long as it could not be noted itself. */
void commit_set_run(struct commit *commit, int64_t run_id);

/* What is written along with every group, in its transaction, and told of once that is committed.
 */
struct commit_along {
    enum store_result (*write)(struct store *store, void *context);
    void (*stored)(void *context);
    void *context;
};
void commit_set_along(struct commit *commit, const struct commit_along *along);

/* Where polls and plays are counted as they are stored; outlives it. NULL: nowhere. */
void commit_set_counters(struct commit *commit, struct counters *counters);

/* Where it marks what it does in the loop (base/turns); NULL: nowhere. */
void commit_set_turns(struct commit *commit, struct turns *turns);

/* Hands in an outcome (moved from). False without memory: then nothing was taken. */
bool commit_add(struct commit *commit, struct commit_outcome *outcome, commit_function *done,
                void *context);

/* Stores what waits now. False if some is still held. */
bool commit_flush(struct commit *commit);

/* Forgets the callbacks of a user who is going away; what is held is stored all the same. */
void commit_detach(struct commit *commit, const void *context);

/* True if the newest try to write failed. */
bool commit_is_failing(const struct commit *commit);

/* True while outcomes wait for a database that takes no writes. */
bool commit_is_held(const struct commit *commit);

#endif
