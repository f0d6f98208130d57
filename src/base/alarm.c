/* SPDX-License-Identifier: MIT */
#include "base/alarm.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct alarm {
    int fd;
    struct event *event;
    alarm_function *fired;
    void *context;
    bool set;
    int64_t at_ms; /* when set */
};

static void alarm_on_readable(evutil_socket_t fd, short what, void *context)
{
    struct alarm *alarm = context;
    uint64_t expirations;

    (void)what;
    /* Nothing to read: it was stopped or set anew after it had become readable. Any other failure
     * is no reason not to ring: it would be readable on and on, and the loop would spin. */
    if (read(fd, &expirations, sizeof(expirations)) < 0 && errno == EAGAIN)
        return;
    alarm->set = false;
    alarm->fired(alarm->context); /* may free the alarm */
}

struct alarm *alarm_new(struct event_base *base, alarm_function *fired, void *context)
{
    struct alarm *alarm = calloc(1, sizeof(*alarm));

    if (alarm == NULL)
        return NULL;
    alarm->fired = fired;
    alarm->context = context;
    alarm->fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (alarm->fd < 0)
        goto fail;
    /* watched from the beginning, so that alarm_set() has nothing left that can fail */
    alarm->event = event_new(base, alarm->fd, EV_READ | EV_PERSIST, alarm_on_readable, alarm);
    if (alarm->event == NULL || event_add(alarm->event, NULL) != 0) {
        errno = ENOMEM;
        goto fail;
    }
    return alarm;

fail:
    alarm_free(alarm);
    return NULL;
}

void alarm_free(struct alarm *alarm)
{
    int saved = errno;

    if (alarm == NULL)
        return;
    if (alarm->event != NULL)
        event_free(alarm->event);
    if (alarm->fd >= 0)
        close(alarm->fd);
    free(alarm);
    errno = saved;
}

void alarm_set(struct alarm *alarm, int64_t at_ms)
{
    struct itimerspec when = {0};

    if (alarm->set && alarm->at_ms == at_ms)
        return;
    when.it_value.tv_sec = (time_t)(at_ms > 0 ? at_ms / 1000 : 0);
    when.it_value.tv_nsec = (long)(at_ms > 0 ? at_ms % 1000 * 1000000 : 0);
    if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0)
        when.it_value.tv_nsec = 1; /* all zero would disarm it */
    (void)timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &when, NULL);
    alarm->set = true;
    alarm->at_ms = at_ms;
}

void alarm_stop(struct alarm *alarm)
{
    struct itimerspec never = {0};

    if (!alarm->set)
        return;
    (void)timerfd_settime(alarm->fd, 0, &never, NULL);
    alarm->set = false;
}
