/* SPDX-License-Identifier: MIT */
/*
 * ctl/paste: lines from a descriptor, waited for with a deadline: what a person types or pastes, or
 * what a pipe brings. What was read is wiped as it is handed on.
 */
#ifndef CTL_PASTE_H
#define CTL_PASTE_H

#include <stdbool.h>
#include <stddef.h>

#define PASTE_LINE_MAX 16384 /* bytes; a longer line is as good as a bad one: cut */

enum paste_result {
    PASTE_LINE,
    PASTE_NOTHING, /* not in this time */
    PASTE_END      /* the end, or an error: nothing will come any more */
};

/* Zero-initialised but for fd: nothing was read yet. */
struct paste {
    int fd;
    bool ended;
    size_t len;
    char data[PASTE_LINE_MAX];
};

/* Waits at most timeout_ms (-1: for ever) for a line and copies it, NUL-terminated and without its
 * line end, to line. A last line without an end counts. At the end it returns at once, each time.
 */
enum paste_result paste_read(struct paste *paste, int timeout_ms, char line[static PASTE_LINE_MAX]);
void paste_wipe(struct paste *paste);

#endif
