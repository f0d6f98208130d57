/* SPDX-License-Identifier: MIT */
#include "base/turns.h"

#include <event2/event.h>

#include "base/clock.h"

/* us: finest where a quiet turn lies, and with the limits that are held (20 and 100 ms) among them.
 */
static const int64_t bounds[TURNS_BUCKETS] = {100,   250,   500,   1000,   2500,   5000,
                                              10000, 20000, 50000, 100000, 1000000};

int64_t turns_bucket_us(size_t index)
{
    return bounds[index];
}

/* A part of the turn is over. */
static void end_part(struct turns *turns, int64_t now_us)
{
    int64_t took = now_us - turns->part_began_us;

    if (turns->worst_in == NULL || took > turns->worst_us) {
        turns->worst_us = took;
        turns->worst_in = turns->now_in;
    }
}

void turns_end_at(struct turns *turns, int64_t now_us)
{
    int64_t took = now_us - turns->began_us;
    size_t i = 0;

    if (turns->now_in == NULL)
        return;
    end_part(turns, now_us);
    while (i < TURNS_BUCKETS && took > bounds[i])
        i++;
    turns->buckets[i]++;
    turns->count++;
    turns->sum_us += took;
    if (turns->longest_in == NULL || took > turns->longest_us) {
        turns->longest_us = took;
        turns->longest_in = turns->worst_in;
    }
    turns->now_in = NULL;
    turns->worst_in = NULL;
}

void turns_mark_at(struct turns *turns, const char *in, int64_t now_us)
{
    if (turns->now_in == NULL)
        turns->began_us = now_us;
    else
        end_part(turns, now_us);
    turns->now_in = in;
    turns->part_began_us = now_us;
}

void turns_mark(struct turns *turns, const char *in)
{
    if (turns != NULL)
        turns_mark_at(turns, in, clock_awake_us());
}

int turns_run(struct turns *turns)
{
    int result;

    do {
        result = event_base_loop(turns->base, EVLOOP_ONCE);
        if (turns->now_in != NULL)
            turns_end_at(turns, clock_awake_us());
    } while (result == 0 && !event_base_got_exit(turns->base) &&
             !event_base_got_break(turns->base));
    return result;
}
