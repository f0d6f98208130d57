/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct child ctl;
static int ctl_in = -1, ctl_log = -1;

static int open_output(void)
{
    char path[HARNESS_PATH_SIZE + 16];
    int fd;

    snprintf(path, sizeof(path), "%s/ctl.log", harness.folder);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void read_output(void)
{
    ssize_t len = pread(ctl_log, harness.ctl_output, sizeof(harness.ctl_output) - 1, 0);

    ck_assert_int_ge(len, 0);
    harness.ctl_output[len] = '\0';
}

void ctl_start_with(const char *const *arguments)
{
    int ends[2];
    struct child_plan plan = {.program = "spotify-historyctl",
                              .arguments = {"-c", harness.config_file},
                              .environment = harness.ctl_environment,
                              .identity = harness.ctl_as};

    for (size_t i = 2; *arguments != NULL && i < HARNESS_ARGUMENTS - 1; i++)
        plan.arguments[i] = *arguments++;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    plan.in = ends[0];
    ctl_in = ends[1];
    plan.err = ctl_log = open_output();
    plan.out = harness.ctl_out > 0 ? harness.ctl_out : ctl_log;
    hd_write_config();
    child_start(&ctl, &plan);
    close(ends[0]);
}

static void type(const char *text)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

    /* It may be over without having read all. */
    sigaction(SIGPIPE, &ignore, &before);
    (void)!write(ctl_in, text, strlen(text));
    sigaction(SIGPIPE, &before, NULL);
}

void ctl_type(const char *line)
{
    type(line);
    type("\n");
}

void ctl_type_end(void)
{
    if (ctl_in >= 0)
        close(ctl_in);
    ctl_in = -1;
}

bool ctl_said(const char *text)
{
    read_output();
    return strstr(harness.ctl_output, text) != NULL;
}

void ctl_signal(int number)
{
    child_signal(&ctl, number);
}

int ctl_wait(void)
{
    int status = child_wait(&ctl);

    ctl_type_end();
    read_output();
    close(ctl_log);
    ctl_log = -1;
    return status;
}

int ctl_run_with(const char *text, const char *const *arguments)
{
    ctl_start_with(arguments);
    type(text);
    ctl_type_end();
    return ctl_wait();
}

int ctl_login_with(const char *text)
{
    return ctl_run_with(text, (const char *const[]){"login", "--token-stdin", NULL});
}

void ctl_login(int account)
{
    int status = ctl_login_with(fake_token(account));

    ck_assert_msg(status == 0, "login: exit %d: %s", status, harness.ctl_output);
}
