/* SPDX-License-Identifier: MIT */
/*
 * cost FILE COMMAND [ARGUMENT...]: runs the command, and adds a line to the file with what it took:
 *
 *     processor time (s)   time (s)   most memory (KiB)   time until it was ready (s)
 *
 * Processor time is the command's own, user and system, with that of its children: what else runs
 * on the machine counts less. "Ready" is what sd_notify(3) calls so. A command that has become
 * ready is ended at once; for any other the last figure is 0. Exits as the command does.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void on_child(int number)
{
    (void)number;
    ended = 1;
}

static double now_s(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* The socket that the command says READY=1 to: one with an abstract name, which needs no folder. */
static int notify_listen(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char name[sizeof(address.sun_path)];
    socklen_t length;

    snprintf(name, sizeof(name), "@bench-cost-%ld", (long)getpid());
    length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    memcpy(address.sun_path + 1, name + 1, strlen(name + 1));
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, length) != 0 ||
        setenv("NOTIFY_SOCKET", name, 1) != 0)
        return -1;
    return fd;
}

/* When READY=1 came, since began; 0: the command ended before. */
static double notify_wait(int fd, double began)
{
    char message[512];

    while (!ended) {
        ssize_t length = recv(fd, message, sizeof(message) - 1, 0);

        if (length <= 0)
            continue;
        message[length] = '\0';
        if (strstr(message, "READY=1") != NULL)
            return now_s() - began;
    }
    return 0;
}

static pid_t start(char **command, const sigset_t *before)
{
    pid_t child = fork();

    if (child != 0)
        return child;
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Waits for the end of the command, and says what it took. */
static int finish(pid_t child, const char *path, double began, double ready)
{
    struct rusage used = {0};
    int status = 0;
    FILE *file;

    if (ready > 0)
        (void)kill(child, SIGTERM);
    if (wait4(child, &status, 0, &used) != child)
        return 1;
    file = fopen(path, "a");
    if (file == NULL)
        return 1;
    fprintf(file, "%.6f %.6f %ld %.6f\n", seconds(used.ru_utime) + seconds(used.ru_stime),
            now_s() - began, used.ru_maxrss, ready);
    if (fclose(file) != 0)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_child};
    struct timeval patience = {.tv_usec = 100000}; /* the child may end just before the wait */
    sigset_t before;
    double began;
    pid_t child;
    int fd;

    if (argc < 3) {
        fprintf(stderr, "usage: cost FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    fd = notify_listen();
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        sigaction(SIGCHLD, &action, NULL) != 0 || sigprocmask(SIG_SETMASK, NULL, &before) != 0) {
        perror("cost");
        return 1;
    }
    began = now_s();
    child = start(argv + 2, &before);
    if (child < 0) {
        perror("cost");
        return 1;
    }
    return finish(child, argv[1], began, notify_wait(fd, began));
}
