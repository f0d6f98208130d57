/* SPDX-License-Identifier: MIT */
/* Floods and crowds on the page: the recording does not notice. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE 200       /* connections of somebody who says nothing */
#define DESCRIPTORS 64 /* that the daemon may have open */
#define USERS 3

/* In the daemon's process. */
static void allow_few_descriptors(void)
{
    struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};

    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        _exit(126);
}

/* Connections that are not waited for: what the daemon does not accept waits in the kernel. */
static void open_idle(int idle[static IDLE])
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    to.sin_port = htons((uint16_t)atoi(strrchr(harness.page, ':') + 1));
    for (int i = 0; i < IDLE; i++) {
        idle[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ck_assert_int_ge(idle[i], 0);
        ck_assert(connect(idle[i], (struct sockaddr *)&to, sizeof(to)) == 0 ||
                  errno == EINPROGRESS);
    }
}

static void close_idle(int idle[static IDLE])
{
    for (int i = 0; i < IDLE; i++)
        close(idle[i]);
}

/* How much of a processor the daemon has had, in ms (proc(5), utime and stime). */
static int64_t cpu_ms(void)
{
    char path[40], text[1000] = "";
    unsigned long user = 0, system = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)harness.daemon.pid);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
    fclose(file);
    ck_assert_int_eq(sscanf(strrchr(text, ')') + 2,
                            "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system),
                     2);
    return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Each user plays something, and it is recorded. */
static void expect_recording(int track)
{
    for (int account = 1; account <= USERS; account++)
        fake_play(account, track, harness_now() - 1000);
    hd_poll_now();
    for (int account = 1; account <= USERS; account++)
        harness_wait_for_truth(account);
}

static long status_of_page(struct browser *browser)
{
    struct page page = browser_get(browser, "/spotify");
    long status = page.status;

    page_free(&page);
    return status;
}

/* No connection to Spotify is kept, and all places on the page are taken: who polls needs
 * descriptors all the same. */
START_TEST(H6_polls_go_on_beside_200_idle_connections_and_few_descriptors)
{
    int idle[IDLE];

    harness.prepare = allow_few_descriptors;
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    harness_begin(USERS);
    fake_fault("{'kind':'any','headers':{'Connection':'close'},'count':0}");
    hd_start();
    hd_wait_for_polls(USERS);
    open_idle(idle);
    expect_recording(1);
    harness_stays(true, 1200); /* the listener may have paused */
    expect_recording(2);
    close_idle(idle);
}
END_TEST

START_TEST(H6_a_flood_of_idle_connections_costs_no_time_and_no_log)
{
    int64_t before;
    int idle[IDLE];

    harness.prepare = allow_few_descriptors;
    harness_run_by_hand(USERS);
    hd_log_mark();
    open_idle(idle);
    harness_stays(true, 300);
    before = cpu_ms();
    harness_stays(true, 1000);
    ck_assert_int_le(cpu_ms() - before, 50);
    close_idle(idle);
    harness_stays(true, 300);
    ck_assert_int_le(hd_log_count(""), 2);
}
END_TEST

START_TEST(H6_the_page_answers_again_when_they_have_gone)
{
    struct browser *browser;
    int idle[IDLE];

    harness.prepare = allow_few_descriptors;
    harness_run_by_hand(1);
    open_idle(idle);
    harness_stays(true, 300);
    close_idle(idle);
    browser = browser_open();
    ck_assert_int_eq(status_of_page(browser), 200);
    browser_close(browser);
}
END_TEST

/* The two servers do not take each other's places. */
START_TEST(H6_the_control_socket_answers_beside_a_flood_on_the_page)
{
    int idle[IDLE];

    harness.prepare = allow_few_descriptors;
    harness_run_by_hand(1);
    open_idle(idle);
    json_decref(control_expect(200, "GET", "/v1/status", NULL));
    close_idle(idle);
}
END_TEST

/* Polls since a moment. */
static int64_t polls_since(int64_t from)
{
    return db_int("SELECT count(*) FROM polls WHERE started_at >= %lld", (long long)from);
}

START_TEST(P8_polls_stay_on_time_while_the_page_is_loaded_200_times)
{
    struct browser *browser;
    int64_t began, took;

    harness.config.poll_interval = "100ms";
    harness.config.sweep_interval = "500ms";
    harness_run(USERS);
    hd_wait_for_polls((int64_t)3 * USERS);
    browser = browser_open();
    began = harness_now();
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(status_of_page(browser), 200);
        json_decref(control_expect(200, "GET", "/v1/status", NULL));
        if (i % 20 == 19)
            harness_stays(true, 50);
    }
    took = harness_now() - began;
    browser_close(browser);
    hd_stop(SIGTERM);
    /* One each 100 ms; a busy machine takes its part. */
    ck_assert_msg(polls_since(began) * 2 >= USERS * (took / 100), "%lld polls in %lld ms",
                  (long long)polls_since(began), (long long)took);
}
END_TEST

START_TEST(P8_the_page_answers_while_polls_hang)
{
    struct browser *browser;
    int64_t began;

    harness_begin(USERS);
    fake_fault("{'kind':'recent','hang':true,'count':0}");
    hd_start();
    harness_wait_until(fake_hits() == USERS);
    browser = browser_open();
    began = harness_boot();
    ck_assert_int_eq(status_of_page(browser), 200);
    json_decref(control_expect(200, "GET", "/v1/status", NULL));
    ck_assert_int_lt(harness_boot() - began, 2000);
    browser_close(browser);
}
END_TEST

Suite *load_suite(void)
{
    Suite *suite = suite_create("load");
    TCase *floods = harness_case(suite, "floods");
    TCase *crowds = harness_case(suite, "crowds");

    tcase_add_test(floods, H6_polls_go_on_beside_200_idle_connections_and_few_descriptors);
    tcase_add_test(floods, H6_a_flood_of_idle_connections_costs_no_time_and_no_log);
    tcase_add_test(floods, H6_the_page_answers_again_when_they_have_gone);
    tcase_add_test(floods, H6_the_control_socket_answers_beside_a_flood_on_the_page);
    tcase_set_tags(crowds, "timing");
    tcase_add_test(crowds, P8_polls_stay_on_time_while_the_page_is_loaded_200_times);
    tcase_add_test(crowds, P8_the_page_answers_while_polls_hang);
    return suite;
}
