/* SPDX-License-Identifier: MIT */
#include "ctl/paste.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

/* Hands on len bytes, and drops used bytes from the beginning. */
static enum paste_result take(struct paste *paste, size_t len, size_t used, char *line)
{
    memcpy(line, paste->data, len);
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    memmove(paste->data, paste->data + used, paste->len - used);
    buf_wipe(paste->data + paste->len - used, used);
    paste->len -= used;
    return PASTE_LINE;
}

/* True if a line is there. */
static bool take_line(struct paste *paste, char *line)
{
    const char *end = memchr(paste->data, '\n', paste->len);

    if (end) {
        size_t len = (size_t)(end - paste->data);

        return take(paste, len, len + 1, line) == PASTE_LINE;
    }
    if (paste->len == PASTE_LINE_MAX - 1 || (paste->ended && paste->len > 0))
        return take(paste, paste->len, paste->len, line) == PASTE_LINE;
    return false;
}

static void read_more(struct paste *paste)
{
    ssize_t got = read(paste->fd, paste->data + paste->len, PASTE_LINE_MAX - 1 - paste->len);

    if (got > 0)
        paste->len += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        paste->ended = true;
}

enum paste_result paste_read(struct paste *paste, int timeout_ms, char line[static PASTE_LINE_MAX])
{
    int64_t until = clock_boot_ms() + timeout_ms;

    while (!take_line(paste, line)) {
        struct pollfd ready = {.fd = paste->fd, .events = POLLIN};
        int64_t left = timeout_ms < 0 ? -1 : until - clock_boot_ms();
        int events;

        if (paste->ended)
            return PASTE_END;
        if (timeout_ms >= 0 && left < 0)
            left = 0;
        events = poll(&ready, 1, (int)left);
        if (events == 0)
            return PASTE_NOTHING;
        if (events > 0)
            read_more(paste);
        else if (errno != EINTR)
            paste->ended = true;
    }
    return PASTE_LINE;
}

void paste_wipe(struct paste *paste)
{
    buf_wipe(paste->data, sizeof(paste->data));
    paste->len = 0;
}
