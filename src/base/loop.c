/* SPDX-License-Identifier: MIT */
#include "base/loop.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

static void nothing(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

/* libevent keeps its timers in an array that grows with them and never shrinks. */
static bool reserve_timers(struct event_base *base)
{
    const struct timeval an_hour = {.tv_sec = 3600};
    size_t size = event_get_struct_event_size();
    char *events = calloc(LOOP_TIMERS, size);
    bool ok = events != NULL;

    for (size_t i = 0; ok && i < LOOP_TIMERS; i++) {
        struct event *event = (struct event *)(void *)(events + i * size);

        ok = evtimer_assign(event, base, nothing, NULL) == 0 && evtimer_add(event, &an_hour) == 0;
    }
    for (size_t i = 0; events != NULL && i < LOOP_TIMERS; i++) {
        struct event *event = (struct event *)(void *)(events + i * size);

        if (event_initialized(event))
            (void)evtimer_del(event);
    }
    free(events);
    return ok;
}

struct event_base *loop_new(void)
{
    struct event_base *base = event_base_new();

    if (base != NULL && !reserve_timers(base)) {
        event_base_free(base);
        base = NULL;
    }
    return base;
}
