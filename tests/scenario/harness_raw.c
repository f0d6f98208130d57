/* SPDX-License-Identifier: MIT */
/* Bytes on a connection: for what no proper client sends. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int raw_connect_control(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", harness.control);
    ck_assert_msg(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s: %s",
                  harness.control, strerror(errno));
    return fd;
}

char *raw_fill(const char *text, size_t *len)
{
    const char *host = harness.page + strlen("http://"), *port = strrchr(host, ':') + 1;
    size_t left = len ? *len : strlen(text), filled_len;
    char *filled = NULL;
    FILE *out = open_memstream(&filled, &filled_len);

    ck_assert_ptr_nonnull(out);
    while (left > 0) {
        const char *word = NULL;
        size_t used = 1;

        if (left >= 6 && memcmp(text, "{host}", 6) == 0)
            word = host;
        else if (left >= 6 && memcmp(text, "{port}", 6) == 0)
            word = port;
        if (word) {
            fputs(word, out);
            used = 6;
        } else {
            fputc(*text, out);
        }
        text += used;
        left -= used;
    }
    fclose(out);
    if (len)
        *len = filled_len;
    return filled;
}

/* Sends what there is room for. False: the other side wants no more of it. */
static bool send_some(int fd, const char **bytes, size_t *left)
{
    ssize_t sent = send(fd, *bytes, *left, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    *bytes += sent;
    *left -= (size_t)sent;
    return true;
}

/* Reads what is there. False: that was all. */
static bool read_some(int fd, FILE *out)
{
    char part[16384];
    ssize_t got = recv(fd, part, sizeof(part), 0);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    fwrite(part, 1, (size_t)got, out);
    return got > 0;
}

struct raw_answer raw_ask_on(int fd, const char *bytes, size_t len, int64_t ms)
{
    struct raw_answer answer = {0};
    FILE *out = open_memstream(&answer.text, &answer.len);
    int64_t until = harness_boot() + ms;

    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    while (!answer.is_closed && harness_boot() < until) {
        struct pollfd wait = {.fd = fd, .events = (short)(POLLIN | (len > 0 ? POLLOUT : 0))};

        if (poll(&wait, 1, (int)(until - harness_boot())) <= 0)
            continue;
        if ((wait.revents & POLLOUT) && len > 0 && !send_some(fd, &bytes, &len))
            len = 0;
        if (wait.revents & (POLLIN | POLLHUP | POLLERR))
            answer.is_closed = !read_some(fd, out);
    }
    close(fd);
    fclose(out);
    if (answer.len > 12 && strncmp(answer.text, "HTTP/1.", 7) == 0)
        answer.status = atol(answer.text + 9);
    return answer;
}

struct raw_answer raw_ask(const char *bytes, size_t len, int64_t ms)
{
    return raw_ask_on(raw_connect(), bytes, len, ms);
}

void raw_free(struct raw_answer *answer)
{
    free(answer->text);
    *answer = (struct raw_answer){0};
}
