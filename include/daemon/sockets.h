/* SPDX-License-Identifier: MIT */
/*
 * daemon/sockets: the listening sockets of the page and of the control interface: opened here, or
 * handed over by systemd (sd_listen_fds(3), by hand: three environment variables).
 */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* -1: none. */
struct sockets {
    int page, control;
};

/* Takes what systemd handed over: named "web" and "control" (FileDescriptorName=), or else told
 * apart by their family. Anything else is closed, and why (of size bytes) says so; else it is
 * empty. The variables are removed, so that no child sees them. */
void sockets_inherit(struct sockets *sockets, char *why, size_t size);

/* A listening, non-blocking socket on "ADDRESS:PORT" or "[ADDRESS]:PORT". -1 with why. */
int sockets_listen_page(const char *listen, char *why, size_t size);

/* The same on a path, mode 0660, in the daemon's group. A socket that a dead process left there is
 * replaced, a live one or another file is not; a missing last directory is made. -1 with why. */
int sockets_listen_control(const char *path, char *why, size_t size);

/* Writes where an IP socket is bound, as the configuration has it: "ADDRESS:PORT" or
 * "[ADDRESS]:PORT". False, and text is "", for a socket of another kind. */
bool sockets_name(int fd, char *text, size_t size);

/* True if a socket is bound to a loopback address, or is a unix socket. */
bool sockets_is_local(int fd);

#endif
