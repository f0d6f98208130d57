/* SPDX-License-Identifier: MIT */
/*
 * capture/measures: how the recorder stands, in numbers, for programs that watch it: /metrics and
 * /healthz. Taken from memory alone: it asks the database nothing, and costs a walk over the users.
 *
 * Never: names anybody.
 */
#ifndef CAPTURE_MEASURES_H
#define CAPTURE_MEASURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/counters.h"

struct recorder;
struct turns;

enum measures_state {
    MEASURES_ACTIVE,
    MEASURES_NEEDS_LOGIN, /* a person must sign in; also a sign-in of another app */
    MEASURES_PAUSED,      /* Spotify refuses this user */
    MEASURES_SIGNED_OUT,  /* a person removed the tokens on purpose */
    MEASURES_STATES
};

/* "active", "needs_login", "paused", "signed_out". Static. */
const char *measures_state_name(enum measures_state state);

struct measures_user {
    int64_t user_id;
    enum measures_state state;
    int64_t last_success_at; /* wall ms; CLOCK_NO_TIME: never */
    int64_t ends_at;         /* wall ms, end of the sign-in; CLOCK_NO_TIME: not known */
    int64_t failures;        /* polls in a row */
    int64_t failing_ms;      /* since the first of these began, or since the poll under way did */
};

struct measures {
    bool running, has_client;
    bool takes_writes;   /* the newest try to write to the database worked */
    bool app_trouble;    /* the gate is closed for trouble of the app: a person must act */
    bool asked_to_wait;  /* it is closed because Spotify asked to wait */
    int64_t opens_in_ms; /* until requests may be sent; 0: now */
    int64_t calls_hour;  /* requests in this hour (wall clock) */
    int64_t budget;      /* requests planned for a day, 0: any number */
    int64_t in_flight;   /* transfers under way */
    int64_t overdue_ms;  /* how long somebody has been due without being lined up: 0 or next to
                            it as long as the recorder turns */
    int64_t patience_ms; /* failing_ms of an active user beyond which something is wrong */
    const struct counters *counters; /* the recorder's */
    const struct turns *turns;       /* of its loop; NULL: nobody counts them */
    struct measures_user *users;     /* in order of user_id */
    size_t count;
};

/* Free it with measures_free(). False without memory: there is nothing to free then. */
bool recorder_measure(const struct recorder *recorder, struct measures *measures);
void measures_free(struct measures *measures);

/* How long a user may go without a success before it is trouble: four intervals, an hour at least.
 */
int64_t measures_patience(int64_t poll_interval_ms);

#endif
