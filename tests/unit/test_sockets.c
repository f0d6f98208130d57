/* SPDX-License-Identifier: MIT */
/* Listening sockets: made here, or handed over as systemd does it. */
#include "daemon/sockets.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static char folder[64];
static char path[100];
static char why[512];

static void setup(void)
{
    strcpy(folder, "/tmp/historyd-sockets-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/control", folder);
    strcpy(why, "untouched");
}

static void teardown(void)
{
    if (unlink(path) != 0 && errno != ENOENT)
        perror(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static bool is_listening(int fd)
{
    int listening = 0;
    socklen_t len = sizeof(listening);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* -- the page ---------------------------------------------------------------------------------- */

/* A listening socket of the test on a free port of an address; *listen_at names it. */
static int take_port(const char *ip, char listen_at[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    inet_pton(AF_INET, ip, &address.sin_addr);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(listen_at, 64, "%s:%u", ip, ntohs(address.sin_port));
    return fd;
}

START_TEST(a_page_listens_where_it_is_told_to_and_does_not_block)
{
    char listen_at[64], name[64];
    int fd;

    close(take_port("127.0.0.1", listen_at));
    fd = sockets_listen_page(listen_at, why, sizeof(why));
    ck_assert_msg(fd >= 0, "%s", why);
    ck_assert(is_listening(fd));
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(sockets_name(fd, name, sizeof(name)));
    ck_assert_str_eq(name, listen_at);
    close(fd);
}
END_TEST

START_TEST(a_port_that_is_taken_is_told)
{
    char listen_at[64], expected[200];
    int taken = take_port("127.0.0.1", listen_at);

    ck_assert_int_eq(sockets_listen_page(listen_at, why, sizeof(why)), -1);
    snprintf(expected, sizeof(expected), "cannot listen on %s: Address already in use", listen_at);
    ck_assert_str_eq(why, expected);
    close(taken);
}
END_TEST

static const char *const no_addresses[] = {
    "",         "localhost:80", "127.0.0.1",  "[127.0.0.1]:1", "::1:80",
    "1.2.3:80", ":80",          "127.0.0.1:", "[::1]80"};

START_TEST(what_is_no_address_is_told)
{
    int fd = sockets_listen_page(no_addresses[_i], why, sizeof(why));

    ck_assert_msg(fd == -1, "%s", no_addresses[_i]);
    ck_assert_ptr_nonnull(strstr(why, "is not an address and a port"));
}
END_TEST

/* -- the control socket ------------------------------------------------------------------------ */

static int listen_control(void)
{
    int fd = sockets_listen_control(path, why, sizeof(why));

    ck_assert_msg(fd >= 0, "%s", why);
    return fd;
}

START_TEST(a_control_socket_is_for_owner_and_group_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    struct stat status;
    mode_t before = umask(masks[_i]);
    int fd = listen_control();

    ck_assert_int_eq(umask(before), masks[_i]);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0660);
    ck_assert(is_listening(fd));
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}
END_TEST

START_TEST(one_that_a_dead_process_left_is_replaced)
{
    close(listen_control());
    close(listen_control());
}
END_TEST

START_TEST(one_that_is_alive_is_not)
{
    int fd = listen_control();
    char expected[200];

    ck_assert_int_eq(sockets_listen_control(path, why, sizeof(why)), -1);
    snprintf(expected, sizeof(expected), "another process listens on %s", path);
    ck_assert_str_eq(why, expected);
    ck_assert_int_eq(access(path, F_OK), 0);
    close(fd);
}
END_TEST

/* A full backlog is no sign of death. */
START_TEST(one_that_is_busy_is_not)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), clients[4];

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 0), 0);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(clients[i], (struct sockaddr *)&address, sizeof(address));
    }
    ck_assert_int_eq(sockets_listen_control(path, why, sizeof(why)), -1);
    ck_assert_int_eq(access(path, F_OK), 0);
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        close(clients[i]);
    close(fd);
}
END_TEST

START_TEST(another_file_is_left_alone)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(sockets_listen_control(path, why, sizeof(why)), -1);
    ck_assert_ptr_nonnull(strstr(why, "is there and is no socket"));
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* A link is another file, wherever it leads. */
START_TEST(a_link_is_left_alone)
{
    ck_assert_int_eq(symlink("nowhere", path), 0);
    ck_assert_int_eq(sockets_listen_control(path, why, sizeof(why)), -1);
    ck_assert_ptr_nonnull(strstr(why, "is there and is no socket"));
}
END_TEST

START_TEST(a_missing_directory_is_made_for_owner_and_group)
{
    char directory[90], inside[100];
    struct stat status;
    int fd;

    snprintf(directory, sizeof(directory), "%s/run", folder);
    snprintf(inside, sizeof(inside), "%s/control", directory);
    fd = sockets_listen_control(inside, why, sizeof(why));
    ck_assert_msg(fd >= 0, "%s", why);
    ck_assert_int_eq(stat(directory, &status), 0);
    ck_assert_int_eq(status.st_mode & 07027, 0);
    close(fd);
    unlink(inside);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_told)
{
    char long_path[200];

    memset(long_path, 'a', sizeof(long_path) - 1);
    long_path[0] = '/';
    long_path[sizeof(long_path) - 1] = '\0';
    ck_assert_int_eq(sockets_listen_control(long_path, why, sizeof(why)), -1);
    ck_assert_ptr_nonnull(strstr(why, "is too long for a socket"));
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_told)
{
    char deep[120];

    snprintf(deep, sizeof(deep), "%s/a/b/control", folder);
    ck_assert_int_eq(sockets_listen_control(deep, why, sizeof(why)), -1);
    ck_assert_ptr_nonnull(strstr(why, "No such file or directory"));
}
END_TEST

/* -- where others can reach it ----------------------------------------------------------------- */

static const struct {
    int family;
    const char *ip;
    bool local;
    const char *name; /* before the port */
} places[] = {
    {AF_INET, "127.0.0.1", true, "127.0.0.1"}, {AF_INET, "127.8.9.10", true, "127.8.9.10"},
    {AF_INET6, "::1", true, "[::1]"},          {AF_INET, "0.0.0.0", false, "0.0.0.0"},
    {AF_INET6, "::", false, "[::]"},
};

/* Bound and not listening: nobody can come in. */
START_TEST(a_socket_is_local_when_it_is_bound_to_loopback)
{
    struct sockaddr_storage address = {.ss_family = (sa_family_t)places[_i].family};
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    bool is_four = places[_i].family == AF_INET;
    socklen_t len = is_four ? sizeof(*four) : sizeof(*six);
    int fd = socket(places[_i].family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char name[64], expected[64];

    inet_pton(places[_i].family, places[_i].ip,
              is_four ? (void *)&four->sin_addr : (void *)&six->sin6_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0) {
        ck_assert_msg(!is_four, "%s: %s", places[_i].ip, strerror(errno));
        return; /* a machine without IPv6 */
    }
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    ck_assert_int_eq(sockets_is_local(fd), places[_i].local);
    ck_assert(sockets_name(fd, name, sizeof(name)));
    snprintf(expected, sizeof(expected), "%s:%u", places[_i].name,
             ntohs(is_four ? four->sin_port : six->sin6_port));
    ck_assert_str_eq(name, expected);
    close(fd);
}
END_TEST

START_TEST(a_unix_socket_is_local_and_has_no_name)
{
    char name[64] = "untouched";
    int fd = listen_control();

    ck_assert(sockets_is_local(fd));
    ck_assert(!sockets_name(fd, name, sizeof(name)));
    ck_assert_str_eq(name, "");
    close(fd);
}
END_TEST

START_TEST(what_is_no_socket_is_not_local)
{
    ck_assert(!sockets_is_local(-1));
    ck_assert(!sockets_is_local(STDIN_FILENO));
}
END_TEST

/* -- handed over ------------------------------------------------------------------------------- */

/* What lies at descriptor 3 and up: p: a page, c: a control socket, u: one that does not listen,
 * f: a file. */
static const struct {
    const char *given;
    const char *names; /* LISTEN_FDNAMES, NULL: not set */
    const char *count; /* LISTEN_FDS, NULL: as many as are given */
    const char *pid;   /* LISTEN_PID, NULL: ours */
    int page, control; /* what must come of it; -1: none */
    bool said;         /* why says something */
} handovers[] = {
    {"pc", "web:control", NULL, NULL, 3, 4, false},
    {"cp", "control:web", NULL, NULL, 4, 3, false},
    {"pc", NULL, NULL, NULL, 3, 4, false},
    {"cp", NULL, NULL, NULL, 4, 3, false},
    {"p", "web", NULL, NULL, 3, -1, false},
    {"c", "control", NULL, NULL, -1, 3, false},
    {"pc", "a.socket:b.socket", NULL, NULL, 3, 4, false},
    {"cc", "web:control", NULL, NULL, 3, 4, false}, /* a page on a unix socket, for a proxy */
    {"pp", "web:web", NULL, NULL, 3, -1, true},
    {"pcp", "web:control", NULL, NULL, 3, 4, true},
    {"u", "web", NULL, NULL, -1, -1, true},
    {"f", "web", NULL, NULL, -1, -1, true},
    {"fpc", NULL, NULL, NULL, 4, 5, true},
    {"pc", "web:control", NULL, "1", -1, -1, false},
    {"pc", "web:control", NULL, "", -1, -1, false},
    {"pc", "web:control", NULL, "x", -1, -1, false},
    {"pc", "web:control", "0", NULL, -1, -1, false},
    {"pc", "web:control", "-1", NULL, -1, -1, false},
    {"pc", "web:control", "two", NULL, -1, -1, false},
    {"pc", "web:control", "1", NULL, 3, -1, false},
    {"pc", "web:control", "9", NULL, 3, 4, true},
    {"pc", "web:control", "2000000000", NULL, 3, 4, true},
    {"pc", "", NULL, NULL, 3, 4, false},
    {"pc", ":::", NULL, NULL, 3, 4, false},
};

static int make_one(char kind, int number)
{
    char place[64];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    switch (kind) {
    case 'p':
        return take_port("127.0.0.1", place);
    case 'u':
        return socket(AF_INET, SOCK_STREAM, 0);
    case 'f':
        return open("/dev/null", O_RDONLY);
    default:
        /* in the abstract namespace: no file is left */
        snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "historyd-%d-%d",
                 (int)getpid(), number);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0
                   ? fd
                   : -1;
    }
}

/* In a process of its own: descriptor 3 may be somebody's. Returns what was wrong, or NULL. */
static const char *try_handover(int i)
{
    const char *given = handovers[i].given;
    int copies[8], count = (int)strlen(given);
    struct sockets sockets;
    char text[24];

    for (int at = 0; at < count; at++)
        copies[at] = fcntl(make_one(given[at], at), F_DUPFD, 30);
    for (int fd = 3; fd < 30; fd++)
        close(fd);
    for (int at = 0; at < count; at++) {
        if (dup2(copies[at], 3 + at) < 0)
            return "not set up";
    }
    snprintf(text, sizeof(text), "%d", count);
    setenv("LISTEN_FDS", handovers[i].count ? handovers[i].count : text, 1);
    snprintf(text, sizeof(text), "%d", (int)getpid());
    setenv("LISTEN_PID", handovers[i].pid ? handovers[i].pid : text, 1);
    if (handovers[i].names)
        setenv("LISTEN_FDNAMES", handovers[i].names, 1);
    sockets_inherit(&sockets, why, sizeof(why));
    if (sockets.page != handovers[i].page || sockets.control != handovers[i].control)
        return "other sockets";
    if ((why[0] != '\0') != handovers[i].said)
        return "said, or not said";
    if (getenv("LISTEN_FDS") || getenv("LISTEN_PID") || getenv("LISTEN_FDNAMES"))
        return "the variables are still there";
    for (int at = 0; at < 2; at++) {
        int fd = at == 0 ? sockets.page : sockets.control;

        if (fd >= 0 && (!(fcntl(fd, F_GETFL) & O_NONBLOCK) || !(fcntl(fd, F_GETFD) & FD_CLOEXEC)))
            return "blocks, or is handed on";
    }
    return NULL;
}

START_TEST(what_is_handed_over_is_told_apart)
{
    int ends[2], status;
    char wrong[64] = "";
    pid_t pid;

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    fflush(NULL);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int out = fcntl(ends[1], F_DUPFD_CLOEXEC, 40);
        const char *text = try_handover(_i);

        _exit(text && write(out, text, strlen(text)) >= 0 ? 1 : 0);
    }
    close(ends[1]);
    ck_assert_int_ge(read(ends[0], wrong, sizeof(wrong) - 1), 0);
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s as \"%s\": %s",
                  handovers[_i].given, handovers[_i].names ? handovers[_i].names : "", wrong);
}
END_TEST

Suite *sockets_suite(void)
{
    Suite *suite = suite_create("sockets");
    TCase *page = tcase_create("the page");
    TCase *control = tcase_create("the control socket");
    TCase *places_case = tcase_create("where others can reach it");
    TCase *inherited = tcase_create("handed over");

    tcase_add_test(page, a_page_listens_where_it_is_told_to_and_does_not_block);
    tcase_add_test(page, a_port_that_is_taken_is_told);
    tcase_add_loop_test(page, what_is_no_address_is_told, 0, (int)COUNT_OF(no_addresses));
    suite_add_tcase(suite, page);
    tcase_add_checked_fixture(control, setup, teardown);
    tcase_add_loop_test(control, a_control_socket_is_for_owner_and_group_whatever_the_umask, 0, 4);
    tcase_add_test(control, one_that_a_dead_process_left_is_replaced);
    tcase_add_test(control, one_that_is_alive_is_not);
    tcase_add_test(control, one_that_is_busy_is_not);
    tcase_add_test(control, another_file_is_left_alone);
    tcase_add_test(control, a_link_is_left_alone);
    tcase_add_test(control, a_missing_directory_is_made_for_owner_and_group);
    tcase_add_test(control, a_path_that_is_too_long_is_told);
    tcase_add_test(control, a_directory_that_is_not_there_is_told);
    suite_add_tcase(suite, control);
    tcase_add_checked_fixture(places_case, setup, teardown);
    tcase_add_loop_test(places_case, a_socket_is_local_when_it_is_bound_to_loopback, 0,
                        (int)COUNT_OF(places));
    tcase_add_test(places_case, a_unix_socket_is_local_and_has_no_name);
    tcase_add_test(places_case, what_is_no_socket_is_not_local);
    suite_add_tcase(suite, places_case);
    tcase_add_loop_test(inherited, what_is_handed_over_is_told_apart, 0, (int)COUNT_OF(handovers));
    suite_add_tcase(suite, inherited);
    return suite;
}
