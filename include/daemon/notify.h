/* SPDX-License-Identifier: MIT */
/*
 * daemon/notify: tells systemd how we are (sd_notify(3), by hand: one datagram to $NOTIFY_SOCKET)
 * and reads the watchdog's interval. Never fails loudly: without systemd every call does nothing.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* Sends "STATUS=<text>\n" and the like; state is the whole message. */
void notify_send(const char *state);
void notify_ready(void);
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
void notify_reloading(void); /* RELOADING=1 with MONOTONIC_USEC= */
void notify_stopping(void);
void notify_watchdog(void);

/* Half of WATCHDOG_USEC in ms if it is meant for this process (WATCHDOG_PID), else 0. */
int64_t notify_watchdog_interval_ms(void);

#endif
