/* SPDX-License-Identifier: MIT */
/*
 * base/loop: an event loop that keeps time also when there is no memory.
 *
 * Owns: nothing; who asks for a loop frees it.
 * Offers: a new loop in which there is room for LOOP_TIMERS timers from the start: to set one of
 * them needs no memory, so evtimer_add() cannot fail. Otherwise a timer that could not be set would
 * be one that never fires: plays that wait for ever, a stop that does not come.
 * Never: runs a loop, or ends one.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

/* Those of a daemon at its limits: one for each transfer in flight, connection and sign-in, and a
 * dozen besides. */
#define LOOP_TIMERS 256

struct event_base;

/* NULL: no memory or no descriptors. Free it with event_base_free(). */
struct event_base *loop_new(void);

#endif
