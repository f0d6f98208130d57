/* SPDX-License-Identifier: MIT */
/* Serving the page and the control interface, without memory: it is there as a whole or not at all,
 * and a reload that fails leaves what was there. */
#include <check.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "capture/recorder.h"
#include "ctl_help.h"
#include "daemon/config.h"
#include "daemon/open.h"
#include "daemon/serve.h"
#include "memory_help.h"
#include "store_help.h"

static struct {
    struct config *config;
    struct open_state open;
    struct event_base *base;
    struct recorder *recorder;
    bool served, reloaded, socket;
} one;

/* One that was free just now; when it is not any more, the page is tried again later, which is as
 * good here. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void setup(void)
{
    char lines[200];
    struct recorder_config recorder;
    struct recorder_events events = {0};
    struct buf problems = {0};
    char why[400];

    ctl_help_setup();
    log_open(LOG_FORM_TEXT, LOG_LEVEL_ERROR);
    snprintf(lines, sizeof(lines),
             "web {\n  listen = \"127.0.0.1:%d\"\n"
             "  allowed_hosts = { \"music.example\", \"music.example:8443\" }\n}\n",
             free_port());
    ctl_help_configure(lines);
    one.config = config_load(store_help_path("test.conf"), &problems);
    ck_assert_msg(one.config != NULL, "%s", problems.data);
    ck_assert_msg(open_all(one.config, &one.open, why, sizeof(why)) == 0, "%s", why);
    one.base = loop_new();
    recorder = open_recorder_config(one.config);
    one.recorder = recorder_new(one.base, one.open.store, one.open.vault, 0, &recorder, &events,
                                why, sizeof(why));
    ck_assert_msg(one.recorder != NULL, "%s", why);
}

static void teardown(void)
{
    recorder_free(one.recorder);
    event_base_free(one.base);
    open_close(&one.open);
    config_free(one.config);
    ctl_help_teardown();
}

static void serve(void)
{
    struct serve *serve =
        serve_new(one.base, one.config, "test.conf", one.open.store, one.recorder, STORE_HELP_T0);
    struct stat status;

    one.served = serve != NULL;
    one.socket = stat(one.config->control.socket, &status) == 0 && S_ISSOCK(status.st_mode);
    one.reloaded =
        serve != NULL && serve_accepts(serve, one.config) && serve_reload(serve, one.config);
    serve_free(serve);
}

/* A socket that could not be opened for want of memory is tried again later. */
static void look(long failed)
{
    struct stat status;

    if (failed == 0)
        ck_assert(one.served && one.socket && one.reloaded);
    ck_assert(one.served || (!one.socket && !one.reloaded));
    ck_assert_msg(stat(one.config->control.socket, &status) < 0,
                  "the socket stays behind without allocation %ld", failed);
}

START_TEST(E16_what_cannot_be_served_for_want_of_memory_leaves_nothing_behind)
{
    const struct memory_work work = {
        .name = "serve", .with_sqlite = true, .work = serve, .after = look};

    memory_try_all(&work);
}
END_TEST

Suite *serve_suite(void)
{
    Suite *suite = suite_create("serve");
    TCase *test = tcase_create("memory");

    tcase_set_timeout(test, 60);
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, E16_what_cannot_be_served_for_want_of_memory_leaves_nothing_behind);
    suite_add_tcase(suite, test);
    return suite;
}
