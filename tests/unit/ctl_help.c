/* SPDX-License-Identifier: MIT */
#include "ctl_help.h"

#include <check.h>
#include <fcntl.h>
#include <getopt.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "daemon/daemon.h"
#include "store_help.h"

#define WORDS_MAX 16
#define SAID_SIZE 65536

static struct {
    int out, err, input; /* files without a name */
    int screen;          /* the other end of the terminal; -1: none */
    pid_t daemon;
    char said[2][SAID_SIZE];
    char heard[SAID_SIZE];
} ctl;

/* -- The daemon -------------------------------------------------------------------------------- */

/* Reads until the body that the head announces is there, or nothing more comes. */
static size_t hear(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t got;

    text[0] = '\0';
    while (len < size - 1 && (got = read(fd, text + len, size - 1 - len)) > 0) {
        const char *end, *length;

        len += (size_t)got;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
        length = strstr(text, "Content-Length: ");
        if (end && text + len >= end + 4 + (length ? strtoul(length + 16, NULL, 10) : 0))
            break;
    }
    return len;
}

static bool is_for(const struct ctl_help_answer *answer, const char *text)
{
    size_t len = strlen(answer->request);

    return strncmp(text, answer->request, len) == 0 && text[len] == ' ';
}

static void say(int fd, const struct ctl_help_answer *answer)
{
    if (answer->status != 0)
        dprintf(fd, "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\n\r\n%s", answer->status,
                strlen(answer->body), answer->body);
}

/* The row for this request: the first that was not used yet, else the last. */
static const struct ctl_help_answer *choose(const struct ctl_help_answer *answers, bool *used,
                                            const char *text)
{
    static const struct ctl_help_answer not_found = {
        "", 404, "{\"error\":{\"code\":\"not_found\",\"message\":\"nothing there\"}}"};
    const struct ctl_help_answer *found = &not_found;

    for (size_t i = 0; answers[i].request; i++) {
        if (!is_for(&answers[i], text))
            continue;
        found = &answers[i];
        if (!used[i]) {
            used[i] = true;
            break;
        }
    }
    return found;
}

static void serve(int listener, const struct ctl_help_answer *answers, int log)
{
    static char text[SAID_SIZE];
    bool used[64] = {false};

    for (;;) {
        int fd = accept(listener, NULL, NULL);
        size_t len = hear(fd, text, sizeof(text));

        if (write(log, text, len) < 0)
            _exit(1);
        say(fd, choose(answers, used, text));
        close(fd);
    }
}

void ctl_help_daemon(const struct ctl_help_answer *answers)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int log = open(store_help_path("heard"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", store_help_path("control.sock"));
    ck_assert_int_ge(listener, 0);
    ck_assert_int_ge(log, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ctl.daemon = fork();
    ck_assert_int_ge(ctl.daemon, 0);
    if (ctl.daemon == 0) {
        signal(SIGPIPE, SIG_IGN);
        serve(listener, answers, log);
    }
    close(listener);
    close(log);
}

const char *ctl_help_heard(void)
{
    size_t len = 0;
    char *text = store_help_read(store_help_path("heard"), &len);

    ck_assert_ptr_nonnull(text);
    snprintf(ctl.heard, sizeof(ctl.heard), "%.*s", (int)len, text);
    free(text);
    return ctl.heard;
}

/* -- The command ------------------------------------------------------------------------------- */

static int nameless_file(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    return fd;
}

/* Without check's macros, which ask for memory, and so is ctl_help_call(). */
static void empty(int fd)
{
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        abort();
}

void ctl_help_setup(void)
{
    store_help_setup();
    ctl.out = nameless_file("out");
    ctl.err = nameless_file("err");
    ctl.input = nameless_file("input");
    ctl.screen = -1;
    ctl.daemon = 0;
    unsetenv("SPOTIFY_CLIENT_ID");
    unsetenv("SPOTIFY_CLIENT_SECRET");
    ctl_help_configure("");
    fflush(stdout);
    fflush(stderr);
    ck_assert_int_ge(dup2(ctl.out, STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(ctl.err, STDERR_FILENO), 0);
    ck_assert_int_ge(dup2(ctl.input, STDIN_FILENO), 0);
}

void ctl_help_teardown(void)
{
    if (ctl.daemon > 0) {
        kill(ctl.daemon, SIGKILL);
        waitpid(ctl.daemon, NULL, 0);
    }
    store_help_teardown();
}

void ctl_help_configure(const char *lines)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "store {\n  database = \"%s\"\n  key_file = \"%s\"\n}\n"
             "control {\n  socket = \"%s\"\n}\n%s",
             store_help_db(), store_help_path("key"), store_help_path("control.sock"), lines);
    store_help_write(store_help_path("test.conf"), text, strlen(text), 0600);
}

/* What a file holds, or what is on the screen by now. */
static const char *read_back(int fd, char *text)
{
    ssize_t got =
        fd == ctl.screen ? read(fd, text, SAID_SIZE - 1) : pread(fd, text, SAID_SIZE - 1, 0);

    text[got > 0 ? got : 0] = '\0';
    return text;
}

static int call(int (*program)(int, char **), const char *name, const char *const *words)
{
    char config[200];
    char *arguments[WORDS_MAX + 4] = {(char *)name, (char *)"-c", config};
    int count = 3, status;

    snprintf(config, sizeof(config), "%s", store_help_path("test.conf"));
    for (; *words && count < WORDS_MAX + 3; words++)
        arguments[count++] = (char *)*words;
    empty(ctl.out);
    empty(ctl.err);
    optind = 0; /* getopt begins anew */
    status = program(count, arguments);
    fflush(stdout);
    fflush(stderr);
    return status;
}

int ctl_help_call(const char *const *words)
{
    return call(ctl_main, "spotify-historyctl", words);
}

int ctl_help_call_daemon(const char *const *words)
{
    return call(daemon_main, "spotify-historyd", words);
}

const char *ctl_help_out(void)
{
    return read_back(ctl.out, ctl.said[0]);
}

const char *ctl_help_err(void)
{
    return read_back(ctl.screen >= 0 ? ctl.screen : ctl.err, ctl.said[1]);
}

static int open_terminal(struct winsize *size, int *other)
{
    struct termios raw;
    int fd;

    ck_assert_int_eq(openpty(other, &fd, NULL, NULL, size), 0);
    ck_assert_int_eq(tcgetattr(fd, &raw), 0);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)ECHO;
    ck_assert_int_eq(tcsetattr(fd, TCSANOW, &raw), 0);
    return fd;
}

void ctl_help_input(const char *text, bool is_terminal)
{
    int fd = ctl.input, other;

    if (is_terminal) {
        fd = open_terminal(NULL, &other);
        ck_assert_int_eq(write(other, text, strlen(text)), (ssize_t)strlen(text));
    } else {
        empty(ctl.input);
        ck_assert_int_eq(write(ctl.input, text, strlen(text)), (ssize_t)strlen(text));
        ck_assert_int_eq(lseek(ctl.input, 0, SEEK_SET), 0);
    }
    ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
}

void ctl_help_screen(unsigned columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    int fd = open_terminal(&size, &ctl.screen);

    ck_assert_int_eq(fcntl(ctl.screen, F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
}

void ctl_help_expect(int got, int status, const char *text)
{
    const char *out = ctl_help_out(), *err = ctl_help_err();

    ck_assert_msg(got == status, "exit status %d, not %d: %s%s", got, status, out, err);
    ck_assert_msg(strstr(out, text) != NULL || strstr(err, text) != NULL, "no '%s' in: %s%s", text,
                  out, err);
}
