/* SPDX-License-Identifier: MIT */
/* systemd's notify protocol, spoken to a socket of our own. */
#include "daemon/notify.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static char name[108]; /* of the socket, as in $NOTIFY_SOCKET */
static int manager = -1;

static void make_socket(const char *socket_name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(socket_name);

    memcpy(name, socket_name, len + 1);
    memcpy(address.sun_path, socket_name, len);
    if (socket_name[0] == '@')
        address.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(manager, 0);
    ck_assert_int_eq(bind(manager, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    setenv("NOTIFY_SOCKET", name, 1);
}

static void setup(void)
{
    char path[100];

    strcpy(folder, "/tmp/historyd-notify-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/notify", folder);
    make_socket(path);
}

static void setup_abstract(void)
{
    char abstract[100];

    snprintf(abstract, sizeof(abstract), "@historyd-notify-%ld", (long)getpid());
    make_socket(abstract);
}

static void teardown(void)
{
    close(manager);
    if (name[0] == '/')
        unlink(name);
    if (folder[0] != '\0')
        rmdir(folder);
}

/* The next message, "" if there is none. */
static const char *received(void)
{
    static char text[2048];
    ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

START_TEST(each_message_arrives_as_one_datagram)
{
    notify_send("A=1\nB=2\n");
    notify_ready();
    notify_stopping();
    notify_watchdog();
    notify_status("%s has %d plays", "it", 5);
    ck_assert_str_eq(received(), "A=1\nB=2\n");
    ck_assert_str_eq(received(), "READY=1\n");
    ck_assert_str_eq(received(), "STOPPING=1\n");
    ck_assert_str_eq(received(), "WATCHDOG=1\n");
    ck_assert_str_eq(received(), "STATUS=it has 5 plays\n");
    ck_assert_str_eq(received(), "");
}
END_TEST

static long long monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

START_TEST(reloading_carries_the_monotonic_time)
{
    static const char begin[] = "RELOADING=1\nMONOTONIC_USEC=";
    long long before = monotonic_us();
    const char *text;
    char *end;
    long long told;

    notify_reloading();
    text = received();
    ck_assert_int_eq(strncmp(text, begin, sizeof(begin) - 1), 0);
    told = strtoll(text + sizeof(begin) - 1, &end, 10);
    ck_assert_str_eq(end, "\n");
    ck_assert_int_ge(told, before);
    ck_assert_int_le(told, monotonic_us());
}
END_TEST

START_TEST(a_status_cannot_hold_another_message)
{
    char longest[2000];

    notify_status("one\nMAINPID=1\rtwo\x1b");
    ck_assert_str_eq(received(), "STATUS=one MAINPID=1 two \n");
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    notify_status("%s", longest);
    ck_assert_uint_eq(strlen(received()), strlen("STATUS=") + 511 + 1);
}
END_TEST

static const char *const unusable[] = {"",           "/", "@", "vsock:2:1234", "relative/path",
                                       "/none/there"};

START_TEST(without_a_usable_address_nothing_happens)
{
    setenv("NOTIFY_SOCKET", unusable[_i], 1);
    notify_ready();
    notify_status("x");
    notify_reloading();
    ck_assert_str_eq(received(), "");
}
END_TEST

START_TEST(without_systemd_nothing_happens)
{
    unsetenv("NOTIFY_SOCKET");
    notify_ready();
    ck_assert_str_eq(received(), "");
}
END_TEST

START_TEST(an_address_that_is_too_long_is_not_cut)
{
    char longest[200];

    memset(longest, '/', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    setenv("NOTIFY_SOCKET", longest, 1);
    notify_ready();
    ck_assert_str_eq(received(), "");
}
END_TEST

START_TEST(a_manager_that_went_away_does_not_kill_us)
{
    signal(SIGPIPE, SIG_DFL);
    close(manager);
    manager = -1;
    notify_ready();
}
END_TEST

START_TEST(a_manager_that_does_not_read_holds_us_up_for_moments_only)
{
    for (int i = 0; i < 15; i++) { /* more than the socket's queue takes */
        long long begin = monotonic_us();

        notify_status("%d", i);
        ck_assert_int_lt(monotonic_us() - begin, 1000000);
    }
    ck_assert_str_eq(received(), "STATUS=0\n");
}
END_TEST

static const struct {
    const char *usec;
    const char *pid; /* "self" = ours */
    int64_t ms;
} watchdogs[] = {
    {NULL, NULL, 0},           {"", "self", 0},
    {"0", "self", 0},          {"-5", "self", 0},
    {"x", "self", 0},          {"60000000", NULL, 30000},
    {"60000000", "", 30000},   {"60000000", "self", 30000},
    {"60000000", "1", 0},      {"60000000", "x", 0},
    {"60000000", "0", 0},      {"1000", "self", 1},
    {"3000000", "self", 1500},
};

START_TEST(the_watchdog_is_asked_for_at_half_its_interval)
{
    char pid[24];

    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (watchdogs[_i].usec != NULL)
        setenv("WATCHDOG_USEC", watchdogs[_i].usec, 1);
    if (watchdogs[_i].pid != NULL)
        setenv("WATCHDOG_PID", strcmp(watchdogs[_i].pid, "self") == 0 ? pid : watchdogs[_i].pid, 1);
    ck_assert_int_eq(notify_watchdog_interval_ms(), watchdogs[_i].ms);
}
END_TEST

Suite *notify_suite(void);

Suite *notify_suite(void)
{
    Suite *suite = suite_create("notify");
    TCase *path = tcase_create("path");
    TCase *abstract = tcase_create("abstract");

    tcase_add_checked_fixture(path, setup, teardown);
    tcase_add_test(path, each_message_arrives_as_one_datagram);
    tcase_add_test(path, reloading_carries_the_monotonic_time);
    tcase_add_test(path, a_status_cannot_hold_another_message);
    tcase_add_loop_test(path, without_a_usable_address_nothing_happens, 0,
                        sizeof(unusable) / sizeof(unusable[0]));
    tcase_add_test(path, without_systemd_nothing_happens);
    tcase_add_test(path, an_address_that_is_too_long_is_not_cut);
    tcase_add_test(path, a_manager_that_went_away_does_not_kill_us);
    tcase_add_test(path, a_manager_that_does_not_read_holds_us_up_for_moments_only);
    tcase_add_loop_test(path, the_watchdog_is_asked_for_at_half_its_interval, 0,
                        sizeof(watchdogs) / sizeof(watchdogs[0]));
    suite_add_tcase(suite, path);

    tcase_add_checked_fixture(abstract, setup_abstract, teardown);
    tcase_add_test(abstract, each_message_arrives_as_one_datagram);
    tcase_add_test(abstract, a_manager_that_went_away_does_not_kill_us);
    suite_add_tcase(suite, abstract);
    return suite;
}
