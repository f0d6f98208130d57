/* SPDX-License-Identifier: MIT */
#include "daemon/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define STATUS_SIZE 512
#define SEND_WAIT_US 50000 /* how long a full socket of the manager may hold us up */

/* The manager's address; 0 if there is none that we can use (systemd also knows vsock:CID:PORT, for
 * virtual machines). */
static socklen_t manager_address(struct sockaddr_un *address)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path != NULL ? strlen(path) : 0;

    if (len < 2 || len >= sizeof(address->sun_path) || (path[0] != '/' && path[0] != '@'))
        return 0;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, len);
    /* An abstract name begins with NUL, and every byte that the length covers is part of it. */
    if (path[0] == '@')
        address->sun_path[0] = '\0';
    else
        len++;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_send(const char *state)
{
    struct timeval wait = {.tv_usec = SEND_WAIT_US};
    struct sockaddr_un address;
    socklen_t len = manager_address(&address);
    int fd;

    if (len == 0)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
    close(fd);
}

void notify_ready(void)
{
    notify_send("READY=1\n");
}

void notify_stopping(void)
{
    notify_send("STOPPING=1\n");
}

void notify_watchdog(void)
{
    notify_send("WATCHDOG=1\n");
}

void notify_status(const char *format, ...)
{
    char text[STATUS_SIZE];
    char state[STATUS_SIZE + 16];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    /* A second line would be a message of its own. */
    for (char *byte = text; *byte != '\0'; byte++) {
        if ((unsigned char)*byte < ' ' || *byte == '\x7f')
            *byte = ' ';
    }
    snprintf(state, sizeof(state), "STATUS=%s\n", text);
    notify_send(state);
}

void notify_reloading(void)
{
    char state[64];
    struct timespec now;

    /* The protocol wants CLOCK_MONOTONIC, which nothing else here uses: base/clock has none. */
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
             (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    notify_send(state);
}

/* A positive whole number from the environment; -1 if it is none, 0 if it is not there. */
static int64_t environment_number(const char *name)
{
    const char *text = getenv(name);
    int64_t value;

    if (text == NULL || *text == '\0')
        return 0;
    return text_int_parse(text, strlen(text), &value) && value > 0 ? value : -1;
}

int64_t notify_watchdog_interval_ms(void)
{
    int64_t usec = environment_number("WATCHDOG_USEC");
    int64_t pid = environment_number("WATCHDOG_PID");

    if (usec <= 0 || (pid != 0 && pid != getpid()))
        return 0;
    return usec / 2000 > 0 ? usec / 2000 : 1;
}
