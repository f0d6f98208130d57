/* SPDX-License-Identifier: MIT */
/*
 * capture/policy: when one user is polled next, and how. Pure: state, event and time in, state and
 * action out.
 *
 * Owns: the rules of tails, sweeps, back-off, states and spread (doc/polling.md gives the reasons).
 * Offers: one struct a user, one function an event.
 * Never: reads a clock, allocates, talks to anybody. All times are boot milliseconds unless they say wall.
 */
#ifndef CAPTURE_POLICY_H
#define CAPTURE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define POLICY_NEVER INT64_MAX
#define POLICY_NO_TIME CLOCK_NO_TIME

#define POLICY_FOLLOW_UPS 5       /* tails asked at once after full ones */
#define POLICY_BACKOFF_MIN 10000  /* ms */
#define POLICY_BACKOFF_MAX 900000 /* ms: 15 min */
#define POLICY_FORBIDDEN_POLLS                                         \
    3 /* a 403 must be seen in so many polls before it changes a state \
       */
#define POLICY_FORBIDDEN_WAIT 21600000 /* ms: 6 h between polls of a user who is refused */
#define POLICY_OURS_WAIT 3600000       /* ms: 1 h after an answer that says that we asked wrongly */
#define POLICY_HURRY_PLAYS 20          /* plays a poll above which the next one comes sooner */
#define POLICY_HURRY_MIN 30000         /* ms: but not sooner than this */
#define POLICY_RETRIES 3               /* tries after a refusal of everybody at once */
#define POLICY_STAGGER 100             /* ms between users when all are due at once */

enum policy_state { POLICY_ACTIVE, POLICY_NEEDS_LOGIN, POLICY_PAUSED };
enum policy_kind { POLICY_TAIL, POLICY_SWEEP };

struct policy_config {
    int64_t poll_interval_ms; /* as configured, stretched by the budget: policy_stretch() */
    int64_t sweep_interval_ms;
};

/* What an answer that was no page means for a user; the app-wide part is capture/gate's. */
enum policy_failure {
    POLICY_FAIL_TRANSIENT,
    POLICY_FAIL_GATE, /* the whole client waits: wait_ms says how long */
    POLICY_FAIL_NEEDS_LOGIN,
    POLICY_FAIL_FORBIDDEN,
    POLICY_FAIL_OURS,
    POLICY_FAIL_LOCAL /* our database takes no writes: ask on, slowly */
};

struct policy {
    enum policy_state state;
    int64_t due;          /* when to poll next; POLICY_NEVER while a person must act first */
    int64_t cursor;       /* wall ms: reported moment of the newest stored play of the API;
                             POLICY_NO_TIME: none */
    int64_t last_success; /* POLICY_NO_TIME: none since start */
    int64_t last_sweep;   /* the same */
    int64_t hurry;   /* ms in which twenty plays pass, for somebody who skips; else POLICY_NEVER */
    int64_t phase;   /* this user's place in the interval, 0 .. 2^32-1 */
    uint64_t random; /* state of the jitter's generator */
    unsigned failures;   /* in a row */
    unsigned forbidden;  /* polls in a row that were refused */
    unsigned follow_ups; /* tails asked at once, in a row */
    bool chained;        /* the last page was followed by a poll at once */
    bool held;           /* kept from being polled, for another reason than state */
    bool sweep_wanted;   /* the next poll is a sweep whatever the clock says */
};

/* What a page that was stored said. */
struct policy_page {
    enum policy_kind kind;
    bool full;      /* it held as many items as Spotify ever shows */
    bool witness;   /* tail: it held a play stored before. sweep: it holds the newest stored play */
    size_t newer;   /* plays stored from it that are newer than the cursor was */
    int64_t cursor; /* the cursor now; POLICY_NO_TIME: none */
};

/* What to do when a user is due. */
struct policy_action {
    enum policy_kind kind;
    int64_t
        after; /* tail: value of the after parameter (cursor - 1, so that the witness comes too) */
};

/* Begins: index is the user's place among count users, seed its random seed, cursor as above. Due
 * at once, staggered. */
void policy_start(struct policy *policy, int64_t now, size_t index, size_t count, uint64_t seed,
                  enum policy_state state, int64_t cursor);

/* The poll to make now. */
struct policy_action policy_next(const struct policy *policy, const struct policy_config *config,
                                 int64_t now);

/* A page came and is stored (or held safely). Sets due. */
void policy_on_page(struct policy *policy, const struct policy_config *config, int64_t now,
                    const struct policy_page *page);

/* A poll failed. wait_ms: for POLICY_FAIL_GATE. Sets due and state; true if the state changed. */
bool policy_on_failure(struct policy *policy, const struct policy_config *config, int64_t now,
                       enum policy_failure failure, int64_t wait_ms);

/* The sign-in was refused, but the refusal looks false (capture/refused.c): it is tried once more
 * at due. */
void policy_retry(struct policy *policy, int64_t due);

/* How long after a refusal that looks false the sign-in is tried again, for the first, second and
 * third time (POLICY_RETRIES): 1, 6 and 24 h. POLICY_NEVER past these. */
int64_t policy_retry_wait(int64_t tried);

/* Holds a user back whatever their state (their sign-in belongs to another app; they are being
 * removed): due is POLICY_NEVER until they are let go, or sign in. Not while a poll is under way.
 */
void policy_hold(struct policy *policy);
void policy_let_go(struct policy *policy, int64_t now);

/* A person signed in: active, swept at once. */
void policy_on_login(struct policy *policy, int64_t now);

/* Somebody asks for a poll now. Nothing happens for a user who needs to sign in. */
void policy_on_request(struct policy *policy, int64_t now);

/* The configuration changed, or what held requests back is over: a due time further away than the
 * interval comes nearer. */
void policy_on_reload(struct policy *policy, const struct policy_config *config, int64_t now);

/* The interval that keeps users within a daily budget of calls (0 = none): poll_interval_ms or
 * longer, but never longer than sweep_interval_ms (sweeps are not stretched) unless it was so
 * before. */
int64_t policy_stretch(int64_t poll_interval_ms, int64_t sweep_interval_ms, int64_t daily_budget,
                       size_t users);

/* True if plays of 30 s in a row can push one out of Spotify's 50 within the interval. */
bool policy_interval_can_lose(int64_t interval_ms);

#endif
