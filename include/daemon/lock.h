/* SPDX-License-Identifier: MIT */
/*
 * daemon/lock: one writer a database: an flock on "<database>.lock", held by the daemon, or by a
 * command that writes while the daemon is not running. A kill -9 leaves no obstacle.
 */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include <stddef.h>

enum lock_result { LOCK_OK, LOCK_TAKEN, LOCK_FAILED };

/* Takes the lock of database. *fd is to be kept open (close-on-exec). why (of size bytes) gets one
 * line otherwise: who holds it (pid, as written in the file) or what the system said. */
enum lock_result lock_take(const char *database, int *fd, char *why, size_t size);
void lock_release(int fd);

#endif
