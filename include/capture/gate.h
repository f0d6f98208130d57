/* SPDX-License-Identifier: MIT */
/*
 * capture/gate: the limits that all users of one client id share: Spotify's "not before", the calls
 * of an hour, the transfers under way. Pure; the recorder stores what must outlive it.
 *
 * Never: reads a clock, lets anything through while closed, forgets a closing because a clock was set.
 */
#ifndef CAPTURE_GATE_H
#define CAPTURE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_LONGEST_MS INT64_C(172800000) /* 48 h: no closing is longer */

/* What a stored reason begins with when the app itself is in trouble (unknown client, wrong secret,
 * owner without Premium). A person mends that and then reloads or restarts: such a closing is
 * shown, but does not outlive us. */
#define GATE_APP_REASON "app: "

struct gate {
    int64_t opens_at; /* boot ms; 0: open */
    char reason[200]; /* why it is closed, or was last */
    size_t in_flight;
    size_t max_in_flight;
    int64_t hour;       /* wall ms / 3,600,000 of the calls counted */
    int64_t hour_calls; /* calls made in it */
    int64_t hour_limit; /* most calls an hour: a crash loop or a bug must not get the app banned */
    unsigned app_closings; /* closings in a row for trouble of the app itself */
    bool app_waited;       /* no call was made since the last of them */
};

/* Boot time from which a call may be made (now or earlier: at once). Does not look at in_flight. */
int64_t gate_ready_at(const struct gate *gate, int64_t boot_now, int64_t wall_now);

/* True while there is room for one more transfer. */
bool gate_has_room(const struct gate *gate);

/* Counts a call that is made now. */
void gate_count_call(struct gate *gate, int64_t wall_now);

/* Closes it for ms (at most 48 h); a closing that ends earlier than the present one changes
 * nothing. Returns true if it is now closed longer than before: then it is to be stored. */
bool gate_close(struct gate *gate, int64_t boot_now, int64_t ms, const char *reason);

/* Takes up a stored closing (wall ms, as stored) after a start. A clock that was set back makes it
 * no longer than it was. */
void gate_restore(struct gate *gate, int64_t boot_now, int64_t wall_now, int64_t not_before,
                  int64_t set_at, const char *reason);

/* True if a stored reason is of the app itself. */
bool gate_reason_is_app(const char *reason);

/* How long to close for trouble of the app itself (unknown client, owner without Premium): 1 h,
 * doubling to 6 h. */
int64_t gate_app_wait(struct gate *gate);

/* A call succeeded: trouble of the app is over. */
void gate_succeeded(struct gate *gate);

/* The hourly limit for users polled every interval_ms: three times what is planned, at least 120.
 */
int64_t gate_hour_limit(size_t users, int64_t interval_ms);

#endif
