/* SPDX-License-Identifier: MIT */
/* ctl/health_network: whether Spotify can be reached, and what time it is there. */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "config.h"
#include "ctl/health.h"
#include "net/net.h"

#define TIMEOUT_MS 5000
#define BODY_MAX 65536
#define USER_AGENT "spotify-historyctl/" PACKAGE_VERSION
#define HOSTS 2

/* One address that is asked. */
struct knock {
    struct health_tour *tour;
    const char *url;
    struct health_verdict verdict;
    struct event_base *base;
    int *open; /* of all, how many are still out */
};

/* Any answer will do: without a token there is none but a refusal. */
static void answered(const struct net_answer *answer, void *context)
{
    struct knock *knock = context;

    if (answer->status > 0) {
        health_say(&knock->verdict, HEALTH_OK, "%s answers, after %lld ms", knock->url,
                   (long long)(answer->duration_us / 1000));
        if (answer->date_wall_ms > 0 && knock->tour->their_time == 0)
            knock->tour->their_time = answer->date_wall_ms + (knock->tour->now - clock_wall_ms());
    } else {
        health_say(&knock->verdict, HEALTH_FAILURE, "%s cannot be reached (%s): %s", knock->url,
                   net_error_name(answer->error), answer->message);
        health_advise(&knock->verdict, "%s",
                      answer->error == NET_ERROR_TLS
                          ? "see that the clock is right, that ca-certificates is installed, and "
                            "that nothing stands between this machine and Spotify"
                          : "see that this machine has a network, a name server and no firewall in "
                            "the way; spotify.api_url and spotify.accounts_url must be right");
    }
    if (--*knock->open == 0)
        event_base_loopbreak(knock->base);
}

static void knock_at(struct net *net, struct knock *knock)
{
    char url[1024];
    struct net_call call = {.url = url, .timeout_ms = TIMEOUT_MS, .max_body = BODY_MAX};

    snprintf(url, sizeof(url), "%s/", knock->url);
    if (net_start(net, &call, answered, knock)) {
        ++*knock->open;
        return;
    }
    health_say(&knock->verdict, HEALTH_FAILURE, "%s cannot be asked", knock->url);
    health_advise(&knock->verdict, "correct the address in the configuration");
}

void health_network(struct health_tour *tour)
{
    const char *const urls[HOSTS] = {tour->config->spotify.api_url,
                                     tour->config->spotify.accounts_url};
    struct net_options options = {.user_agent = USER_AGENT};
    struct knock knocks[HOSTS];
    struct event_base *base;
    struct net *net = NULL;
    int open = 0;

    if (tour->offline) {
        health_skip(tour, "not with --offline");
        return;
    }
    base = event_base_new();
    if (base)
        net = net_new(base, &options);
    for (int i = 0; net && i < HOSTS; i++) {
        knocks[i] = (struct knock){.tour = tour, .url = urls[i], .base = base, .open = &open};
        knock_at(net, &knocks[i]);
    }
    if (net && open > 0)
        event_base_dispatch(base);
    for (int i = 0; net && i < HOSTS; i++)
        health_found(tour, &knocks[i].verdict);
    if (!net)
        health_skip(tour, "the network client cannot be set up");
    net_free(net);
    if (base)
        event_base_free(base);
}

void health_clock(struct health_tour *tour)
{
    struct health_verdict verdict;

    health_judge_clock(tour->now, tour->their_time, &verdict);
    health_found(tour, &verdict);
}
