/* SPDX-License-Identifier: MIT */
/*
 * base/turns: how long a turn of the event loop keeps everybody else waiting.
 *
 * Owns: the histogram of the turns, the longest of them and what it was about.
 * Offers: a mark for callbacks to say what begins now, and the loop itself, which knows where a turn
 * ends.
 * Never: wakes the loop up, allocates, is used by two threads.
 *
 * A turn is what runs between two looks at the descriptors and timers. It is counted from the first
 * mark to its end: what libevent does before that (reading a request from a socket, say) is short,
 * and a turn without a mark does not count. libevent 2.1 tells nobody when it has looked, so each
 * turn is an event_base_loop(EVLOOP_ONCE) of its own. What a callback makes active belongs to the
 * same turn, as libevent runs it before it looks again; a timer of no time does not.
 */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

#include <stddef.h>
#include <stdint.h>

#define TURNS_BUCKETS 11

struct event_base;

/* Zero-initialised but for base: no turn was counted. */
struct turns {
    struct event_base *base;
    /* buckets[i]: turns of up to turns_bucket_us(i) and longer than the one before; the last takes
     * what is longer than all. */
    int64_t buckets[TURNS_BUCKETS + 1];
    int64_t count, sum_us;
    int64_t longest_us;
    const char *longest_in; /* what took the most of the longest turn; NULL: there was none */
    /* The turn under way. */
    const char *now_in; /* NULL: nothing was marked yet */
    int64_t began_us, part_began_us;
    const char *worst_in;
    int64_t worst_us;
};

/* The upper end of a bucket (index < TURNS_BUCKETS), in microseconds. */
int64_t turns_bucket_us(size_t index);

/* What runs from now on is about this (a static text): to be called first thing in a callback.
 * turns may be NULL. */
void turns_mark(struct turns *turns, const char *in);

/* Like event_base_dispatch(3), and counts the turns. */
int turns_run(struct turns *turns);

/* The two steps with times of a monotonic clock given, in microseconds: for tests. */
void turns_mark_at(struct turns *turns, const char *in, int64_t now_us);
void turns_end_at(struct turns *turns, int64_t now_us);

#endif
