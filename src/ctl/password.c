/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/exit.h"
#include "ctl/ctl.h"
#include "ctl/password.h"
#include "ctl/print.h"
#include "daemon/open.h"
#include "vault/vault.h"

const struct ctl_option ctl_password_options[] = {
    {NULL, NULL, NULL, 0},
};

/* -- A line, from whatever it is --------------------------------------------------------------- */

/* Reads up to a line end, a byte at a time: what stands behind the line is not ours. The line goes
 * into line without its end. False at the end without a line, on an error, and when it is too long.
 */
static bool read_line(int fd, char line[static PASSWORD_SIZE])
{
    size_t len = 0;
    ssize_t got;
    char byte = '\0';

    while ((got = read(fd, &byte, 1)) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got < 0)
            continue;
        if (byte == '\n' || byte == '\0' || len == PASSWORD_SIZE - 1)
            break;
        line[len++] = byte;
    }
    line[len] = '\0';
    if (len > 0 && line[len - 1] == '\r')
        line[len - 1] = '\0';
    return (got != 0 || len > 0) && (got == 0 || byte == '\n');
}

/* -- A terminal -------------------------------------------------------------------------------- */

/* Signals that end or stop us are held back while the terminal does not echo, and let through once
 * it does again: nobody is left with a terminal that shows nothing. */
struct silence {
    struct termios before;
    sigset_t held, mask_before;
    int signals; /* tells that one is held back */
};

static bool silence_begin(struct silence *silence)
{
    struct termios quiet;

    if (tcgetattr(STDIN_FILENO, &silence->before) < 0)
        return false;
    quiet = silence->before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ECHONL;
    sigprocmask(SIG_BLOCK, &silence->held, &silence->mask_before);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

static void silence_end(struct silence *silence)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silence->before);
    sigprocmask(SIG_SETMASK, &silence->mask_before, NULL);
}

/* Waits until a line is there. False when a signal is held back. */
static bool wait_for_line(const struct silence *silence)
{
    struct pollfd events[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = silence->signals, .events = POLLIN}};

    while (poll(events, 2, -1) < 0 && errno == EINTR)
        ;
    return (events[1].revents & POLLIN) == 0;
}

static bool ask_line(struct silence *silence, const char *prompt, char line[static PASSWORD_SIZE])
{
    for (;;) {
        bool came, good;

        if (!silence_begin(silence))
            return false;
        fputs(prompt, stderr);
        came = wait_for_line(silence);
        good = came && read_line(STDIN_FILENO, line);
        silence_end(silence); /* a signal that was held back arrives here */
        if (came)
            return good;
    }
}

static int ask_twice(char password[static PASSWORD_SIZE])
{
    struct silence silence = {.signals = -1};
    char again[PASSWORD_SIZE] = "";
    int status = EXIT_STATUS_DATA;

    sigemptyset(&silence.held);
    sigaddset(&silence.held, SIGINT);
    sigaddset(&silence.held, SIGTERM);
    sigaddset(&silence.held, SIGQUIT);
    sigaddset(&silence.held, SIGHUP);
    sigaddset(&silence.held, SIGTSTP);
    silence.signals = signalfd(-1, &silence.held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (silence.signals < 0) {
        print_error("password", "%s", strerror(errno));
        return EXIT_STATUS_OS;
    }
    if (!ask_line(&silence, "Password of the page: ", password))
        print_error("password", "no password was typed, or it is too long");
    else if (password_problem(password))
        print_error("password", "%s", password_problem(password));
    else if (!ask_line(&silence, "The same again: ", again) || strcmp(password, again) != 0)
        print_error("password", "these are two different passwords");
    else
        status = EXIT_STATUS_OK;
    buf_wipe(again, sizeof(again));
    close(silence.signals);
    return status;
}

static int read_password(char password[static PASSWORD_SIZE])
{
    const char *problem;

    if (isatty(STDIN_FILENO))
        return ask_twice(password);
    problem = read_line(STDIN_FILENO, password)
                  ? password_problem(password)
                  : "no password on standard input, or it is too long";
    if (problem)
        print_error("password", "%s", problem);
    return problem ? EXIT_STATUS_DATA : EXIT_STATUS_OK;
}

int ctl_password(const struct ctl_call *call)
{
    char password[PASSWORD_SIZE] = "", hash[VAULT_PASSWORD_HASH_SIZE];
    struct buf out = {0};
    int status;

    (void)call;
    open_harden_process();
    status = read_password(password);
    if (status == EXIT_STATUS_OK && !vault_password_hash(password, hash)) {
        print_error("password", "out of memory");
        status = EXIT_STATUS_SOFTWARE;
    }
    buf_wipe(password, sizeof(password));
    if (status != EXIT_STATUS_OK)
        return status;
    buf_addf(&out, "%s\n", hash);
    return print_out(&out);
}
