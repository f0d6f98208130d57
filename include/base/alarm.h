/* SPDX-License-Identifier: MIT */
/*
 * base/alarm: a one-shot timer on the event loop that counts time asleep (timerfd on
 * CLOCK_BOOTTIME): libevent's own timers stand still while the machine sleeps.
 */
#ifndef BASE_ALARM_H
#define BASE_ALARM_H

#include <stdint.h>

struct event_base;
struct alarm;

typedef void alarm_function(void *context);

/* A new alarm, not set. NULL with errno when the system gives none. Free with alarm_free(), also
 * from the function it calls. As long as it lives, the loop does not end for want of events. */
struct alarm *alarm_new(struct event_base *base, alarm_function *fired, void *context);
void alarm_free(struct alarm *alarm);

/* Sets it to boot time at_ms (clock_boot_ms()); a time that has passed fires on the next loop turn.
 * Setting the time it is already set to costs nothing. */
void alarm_set(struct alarm *alarm, int64_t at_ms);
void alarm_stop(struct alarm *alarm);

#endif
