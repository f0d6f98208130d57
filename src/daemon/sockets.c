/* SPDX-License-Identifier: MIT */
#include "daemon/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/options.h"

#define FIRST_INHERITED 3 /* SD_LISTEN_FDS_START */
#define INHERITED_MAX 16
#define BACKLOG 64
#define CONTROL_MODE 0660
#define DIRECTORY_MODE 0750

/* -- handed over by systemd -------------------------------------------------------------------- */

static int64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    int64_t number = 0;

    return text && text_int_parse(text, strlen(text), &number) ? number : 0;
}

/* The n-th of names joined by colons, "" if there are not so many. */
static void name_of(const char *names, int64_t n, char *name, size_t size)
{
    name[0] = '\0';
    for (; names && n > 0; n--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    if (names)
        snprintf(name, size, "%.*s", (int)strcspn(names, ":"), names);
}

static int family_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);

    return getsockname(fd, (struct sockaddr *)&address, &len) == 0 ? address.ss_family : AF_UNSPEC;
}

static bool is_listening(int fd)
{
    int listening = 0;
    socklen_t len = sizeof(listening);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening != 0;
}

static bool make_ours(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool take(struct sockets *sockets, int fd, const char *name)
{
    bool control =
        strcmp(name, "control") == 0 || (strcmp(name, "web") != 0 && family_of(fd) == AF_UNIX);
    int *place = control ? &sockets->control : &sockets->page;

    if (*place >= 0 || !is_listening(fd) || !make_ours(fd))
        return false;
    *place = fd;
    return true;
}

void sockets_inherit(struct sockets *sockets, char *why, size_t size)
{
    int64_t count = number_of("LISTEN_PID") == getpid() ? number_of("LISTEN_FDS") : 0;
    const char *names = getenv("LISTEN_FDNAMES");
    char name[64];

    *sockets = (struct sockets){-1, -1};
    why[0] = '\0';
    for (int64_t i = 0; i < count && i < INHERITED_MAX; i++) {
        int fd = FIRST_INHERITED + (int)i;

        name_of(names, i, name, sizeof(name));
        if (take(sockets, fd, name))
            continue;
        snprintf(why, size,
                 "socket %d that systemd handed over is not used: it does not listen, or is one "
                 "too many (wanted are one named \"web\" and one named \"control\")",
                 (int)i + 1);
        close(fd);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

/* -- opened here ------------------------------------------------------------------------------- */

static int fail(int fd, char *why, size_t size, const char *what, const char *name)
{
    snprintf(why, size, "%s %s: %s", what, name, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static socklen_t page_address(const char *listen, struct sockaddr_storage *storage)
{
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    char address[INET6_ADDRSTRLEN];
    uint16_t port;

    memset(storage, 0, sizeof(*storage));
    if (!option_split_listen(listen, address, &port) || port == 0)
        return 0;
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof(*four);
    }
    memset(storage, 0, sizeof(*storage));
    if (inet_pton(AF_INET6, address, &six->sin6_addr) != 1)
        return 0;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    return sizeof(*six);
}

int sockets_listen_page(const char *listen_at, char *why, size_t size)
{
    struct sockaddr_storage address;
    socklen_t len = page_address(listen_at, &address);
    int one = 1, fd;

    if (len == 0) {
        snprintf(why, size, "%s is not an address and a port", listen_at);
        return -1;
    }
    fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(fd, why, size, "no socket for", listen_at);
    /* Connections of a daemon that ended a moment ago do not keep the port. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (const struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0)
        return fail(fd, why, size, "cannot listen on", listen_at);
    return fd;
}

/* True if somebody answers at the socket. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive;

    if (fd < 0)
        return true; /* not known: leave it alone */
    alive = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
            errno != ECONNREFUSED;
    close(fd);
    return alive;
}

/* Makes room at the path: for what a dead process left. */
static bool clear_path(const struct sockaddr_un *address, char *why, size_t size)
{
    struct stat status;

    if (lstat(address->sun_path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode)) {
        snprintf(why, size, "%s is there and is no socket", address->sun_path);
        return false;
    }
    if (is_alive(address)) {
        snprintf(why, size, "another process listens on %s", address->sun_path);
        return false;
    }
    return unlink(address->sun_path) == 0 || errno == ENOENT;
}

static void make_directory(const char *path)
{
    char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    char *slash;

    snprintf(directory, sizeof(directory), "%s", path);
    slash = strrchr(directory, '/');
    if (!slash || slash == directory)
        return;
    *slash = '\0';
    (void)mkdir(directory, DIRECTORY_MODE); /* what is wrong with it, bind() tells */
}

int sockets_listen_control(const char *path, char *why, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    mode_t mask;
    int fd, bound;

    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(why, size, "%.200s is too long for a socket", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    make_directory(path);
    if (!clear_path(&address, why, size))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(fd, why, size, "no socket for", path);
    /* The mode is right from the first moment on. */
    mask = umask(0777 & ~CONTROL_MODE);
    bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
    umask(mask);
    if (bound != 0 || listen(fd, BACKLOG) != 0)
        return fail(fd, why, size, "cannot listen on", path);
    return fd;
}

bool sockets_name(int fd, char *text, size_t size)
{
    struct sockaddr_storage address = {0};
    const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
    socklen_t len = sizeof(address);
    char ip[INET6_ADDRSTRLEN];

    text[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return false;
    if (address.ss_family == AF_INET && inet_ntop(AF_INET, &four->sin_addr, ip, sizeof(ip)))
        snprintf(text, size, "%s:%u", ip, ntohs(four->sin_port));
    else if (address.ss_family == AF_INET6 && inet_ntop(AF_INET6, &six->sin6_addr, ip, sizeof(ip)))
        snprintf(text, size, "[%s]:%u", ip, ntohs(six->sin6_port));
    return text[0] != '\0';
}

bool sockets_is_local(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return false;
    if (address.ss_family == AF_UNIX)
        return true;
    if (address.ss_family == AF_INET)
        return ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == 127;
    return address.ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&address)->sin6_addr);
}
