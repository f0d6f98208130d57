/* SPDX-License-Identifier: MIT */
/*
 * libcurl's multi interface on libevent. libcurl says which sockets to watch and when to wake it
 * (socket_wanted, timer_wanted); we tell it what happened (socket_ready, timer_fired) and gather
 * what ended.
 */
#include "net/net_private.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/turns.h"

/* One socket that libcurl wants watched. Lives from its first wish until CURL_POLL_REMOVE. */
struct watch {
    struct net *net;
    struct event *event;
};

/* The request that a transfer of libcurl belongs to, or NULL. */
static struct net_request *request_of(CURL *easy)
{
    char *request = NULL;

    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request) != CURLE_OK)
        return NULL;
    return (struct net_request *)(void *)request;
}

/* Callbacks of ended requests may start and cancel others: libcurl drops the message of a
 * transfer that is cancelled, so its list is never stale. */
static void gather_ended(struct net *net)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(net->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            net_request_finish(request_of(message->easy_handle), message->data.result);
    }
}

static void socket_ready(evutil_socket_t fd, short what, void *context)
{
    struct watch *watch = context;
    struct net *net = watch->net; /* libcurl may drop the watch within the call */
    int flags = 0;
    int running;

    turns_mark(net->turns, "transfer");
    if (what & EV_READ)
        flags |= CURL_CSELECT_IN;
    if (what & EV_WRITE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(net->multi, fd, flags, &running);
    gather_ended(net);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct net *net = context;
    int running;

    (void)fd;
    (void)what;
    turns_mark(net->turns, "transfer");
    curl_multi_socket_action(net->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    gather_ended(net);
}

/* May not call libcurl: 0 ms is the next loop turn, not now. */
static int timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
    struct net *net = context;
    struct timeval delay = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

    (void)multi;
    if (timeout_ms < 0)
        evtimer_del(net->timer);
    else
        evtimer_add(net->timer, &delay);
    return 0;
}

static void watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->event != NULL)
        event_free(watch->event);
    free(watch);
}

static struct watch *watch_new(struct net *net, curl_socket_t fd)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        return NULL;
    watch->net = net;
    watch->event = event_new(net->base, fd, 0, socket_ready, watch);
    if (watch->event == NULL) {
        free(watch);
        return NULL;
    }
    curl_multi_assign(net->multi, fd, watch);
    return watch;
}

static bool watch_set(struct watch *watch, curl_socket_t fd, int wish)
{
    short events = EV_PERSIST;

    if (wish == CURL_POLL_IN || wish == CURL_POLL_INOUT)
        events |= EV_READ;
    if (wish == CURL_POLL_OUT || wish == CURL_POLL_INOUT)
        events |= EV_WRITE;
    event_del(watch->event);
    return event_assign(watch->event, watch->net->base, fd, events, socket_ready, watch) == 0 &&
           event_add(watch->event, NULL) == 0;
}

/* Never returns an error: libcurl would abort every transfer for the trouble of one socket. The one
 * transfer is given up instead. */
static int socket_wanted(CURL *easy, curl_socket_t fd, int wish, void *context,
                         void *socket_context)
{
    struct net *net = context;
    struct watch *watch = socket_context;
    struct net_request *request;

    if (wish == CURL_POLL_REMOVE) {
        watch_free(watch);
        return 0;
    }
    if (watch == NULL)
        watch = watch_new(net, fd);
    if (watch != NULL && watch_set(watch, fd, wish))
        return 0;
    request = request_of(easy);
    if (request != NULL)
        net_request_give_up(request, NET_VETO_MEMORY);
    return 0;
}

bool net_events_open(struct net *net)
{
    net->timer = evtimer_new(net->base, timer_fired, net);
    if (net->timer == NULL)
        return false;
    return curl_multi_setopt(net->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted) == CURLM_OK &&
           curl_multi_setopt(net->multi, CURLMOPT_SOCKETDATA, net) == CURLM_OK &&
           curl_multi_setopt(net->multi, CURLMOPT_TIMERFUNCTION, timer_wanted) == CURLM_OK &&
           curl_multi_setopt(net->multi, CURLMOPT_TIMERDATA, net) == CURLM_OK;
}

/* After curl_multi_cleanup(), which still tells us about the connections it closes. */
void net_events_close(struct net *net)
{
    if (net->timer != NULL)
        event_free(net->timer);
    net->timer = NULL;
}
