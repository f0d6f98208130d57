/* SPDX-License-Identifier: MIT */
#include "lib/net_world.h"

#include <check.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

struct net_world world;

void net_world_open(void)
{
    signal(SIGPIPE, SIG_IGN);
    world.base = event_base_new();
    ck_assert_ptr_nonnull(world.base);
    net_world_options(&(struct net_options){.user_agent = "stub-test/1"});
    world.server = stub_server_new(world.base);
    ck_assert_ptr_nonnull(world.server);
}

void net_world_close(void)
{
    net_free(world.net);
    stub_server_free(world.server);
    event_base_free(world.base);
    libevent_global_shutdown();
}

TCase *net_world_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, net_world_open, net_world_close);
    tcase_set_timeout(tcase, 20);
    return tcase;
}

void net_world_options(const struct net_options *options)
{
    net_free(world.net);
    world.net = net_new(world.base, options);
    ck_assert_ptr_nonnull(world.net);
}

void keep_answer(const struct net_answer *answer, void *context)
{
    struct kept_answer *kept = context;
    size_t len = answer->body_len < sizeof(kept->body) ? answer->body_len : sizeof(kept->body) - 1;

    kept->calls++;
    kept->answer = *answer;
    kept->answer.body = kept->body;
    memcpy(kept->body, answer->body, len);
    kept->body[len] = '\0';
}

void run_until_count(const int *calls, int n)
{
    while (*calls < n)
        ck_assert_int_eq(event_base_loop(world.base, EVLOOP_ONCE), 0);
}

void run_until(const struct kept_answer *kept)
{
    run_until_count(&kept->calls, 1);
}

void run_for(int ms)
{
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    event_base_loopexit(world.base, &delay);
    event_base_dispatch(world.base);
}

struct net_call call_of(const char *url)
{
    return (struct net_call){.url = url, .timeout_ms = 20000};
}

const struct kept_answer *get_call(const struct net_call *call)
{
    static struct kept_answer kept;

    memset(&kept, 0, sizeof(kept));
    ck_assert_ptr_nonnull(net_start(world.net, call, keep_answer, &kept));
    ck_assert_int_eq(kept.calls, 0);
    run_until(&kept);
    return &kept;
}

const struct kept_answer *get_scripted(const struct stub_step *steps)
{
    struct net_call call = call_of(stub_server_url(world.server, "/"));

    stub_server_script(world.server, steps);
    return get_call(&call);
}
