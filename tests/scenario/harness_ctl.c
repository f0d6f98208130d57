/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

static ssize_t read_output(void)
{
    ssize_t len = pread(ctl_log, harness.ctl_output, sizeof(harness.ctl_output) - 1, 0);

    ck_assert_int_ge(len, 0);
    harness.ctl_output[len] = '\0';
    return len;
}

/* -- what must hold for all that it says -------------------------------------------------------- */

/* Length of the UTF-8 sequence at text, and its code point; 0: none. */
static size_t take_point(const char *text, uint32_t *point)
{
    unsigned char first = (unsigned char)*text;
    size_t len = first < 0x80       ? 1
                 : first >> 5 == 6  ? 2
                 : first >> 4 == 14 ? 3
                 : first >> 3 == 30 ? 4
                                    : 0;

    *point = len < 2 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return len;
}

/* Whether a terminal would do something else with it than showing it. */
static bool is_odd(uint32_t point)
{
    return (point < 0x20 && point != '\n') || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
           point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

void ctl_assert_plain(const char *text)
{
    uint32_t point;

    for (size_t len; *text != '\0'; text += len) {
        len = take_point(text, &point);
        ck_assert_msg(len > 0, "byte %02x belongs to no character", (unsigned char)*text);
        ck_assert_msg(!is_odd(point), "U+%04X came out: %s", point, text);
    }
}

/* -- running it --------------------------------------------------------------------------------- */

void ctl_start_with(const char *const *arguments)
{
    int ends[2];
    const char *program = harness.ctl_program != NULL ? harness.ctl_program : "spotify-historyctl";
    struct child_plan plan = {.program = program,
                              .arguments = {"-c", harness.config_file},
                              .environment = harness.ctl_environment,
                              .identity = harness.ctl_as};

    for (size_t i = 2; *arguments != NULL && i < HARNESS_ARGUMENTS - 1; i++)
        plan.arguments[i] = *arguments++;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    plan.in = harness.ctl_in > 0 ? harness.ctl_in : ends[0];
    ctl_in = ends[1];
    plan.err = ctl_log = open_output();
    plan.out = harness.ctl_out > 0 ? harness.ctl_out : ctl_log;
    hd_write_config();
    child_start(&ctl, &plan);
    close(ends[0]);
}

void ctl_type_bytes(const char *bytes, size_t len)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

    /* It may be over without having read all. */
    sigaction(SIGPIPE, &ignore, &before);
    (void)!write(ctl_in, bytes, len);
    sigaction(SIGPIPE, &before, NULL);
}

void ctl_type(const char *line)
{
    ctl_type_bytes(line, strlen(line));
    ctl_type_bytes("\n", 1);
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

bool ctl_is_over(void)
{
    return child_is_over(&ctl);
}

int ctl_wait(void)
{
    int status = child_wait(&ctl);
    ssize_t len;

    ctl_type_end();
    len = read_output();
    close(ctl_log);
    ctl_log = -1;
    ck_assert_uint_eq(strlen(harness.ctl_output), (size_t)len);
    ctl_assert_plain(harness.ctl_output);
    return status;
}

int ctl_run_with(const char *text, const char *const *arguments)
{
    ctl_start_with(arguments);
    ctl_type_bytes(text, strlen(text));
    ctl_type_end();
    return ctl_wait();
}

char *ctl_printed_address(void)
{
    static const char before[] = "in a browser:\n\n  ";
    const char *at;

    harness_wait_until(ctl_said("paste it here and press Enter:\n"));
    at = strstr(harness.ctl_output, before);
    ck_assert_msg(at != NULL, "%s", harness.ctl_output);
    at += strlen(before);
    return strndup(at, strcspn(at, "\n"));
}

char *ctl_agree(struct browser *browser, int account)
{
    char *address = ctl_printed_address();
    char *back = browser_at_spotify(browser, address, account);

    free(address);
    return back;
}

void ctl_expect_end(int status, const char *text)
{
    int got = ctl_wait();

    ck_assert_msg(got == status, "%d instead of %d: %s", got, status, harness.ctl_output);
    ck_assert_msg(strstr(harness.ctl_output, text) != NULL, "no \"%s\" in %s", text,
                  harness.ctl_output);
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

void ctl_set_password(const char *password)
{
    char typed[200];

    snprintf(typed, sizeof(typed), "%s\n", password);
    ck_assert_int_eq(ctl_run_with(typed, (const char *const[]){"password", NULL}), 0);
    ck_assert_msg(strncmp(harness.ctl_output, "$argon2id$", 10) == 0, "%s", harness.ctl_output);
    harness_write_secret(harness.password_file, "password", harness.ctl_output);
    harness.config.password_file = harness.password_file;
}
