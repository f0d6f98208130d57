/* SPDX-License-Identifier: MIT */
#include "net/net.h"

#include "base/clock.h"
#include "base/turns.h"
#include "net/net_private.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONNECTIONS 8

/* "name: value", or NULL without memory or when value holds a control byte (it could smuggle in
 * a header). */
static char *header_line(const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(": ") + strlen(value) + 1;
    char *line;

    for (const char *c = value; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            return NULL;
    }
    line = malloc(size);
    if (line != NULL)
        snprintf(line, size, "%s: %s", name, value);
    return line;
}

static void free_secret(char *text, size_t len)
{
    buf_wipe(text, len);
    free(text);
}

/* Frees a request that libcurl and the list know nothing of (any more). */
static void request_free(struct net_request *request)
{
    if (request->deadline != NULL)
        event_free(request->deadline);
    if (request->easy != NULL)
        curl_easy_cleanup(request->easy);
    curl_url_cleanup(request->url);
    curl_free(request->host);
    if (request->authorization != NULL)
        free_secret(request->authorization, strlen(request->authorization));
    free(request->accept);
    free_secret(request->form, request->form_len);
    buf_free(&request->body, true);
    free(request);
}

/* Takes it from libcurl and from the list: from here on nothing calls it. */
static void request_stop(struct net_request *request)
{
    struct net *net = request->net;

    curl_multi_remove_handle(net->multi, request->easy);
    event_del(request->deadline);
    LIST_REMOVE(request, link);
    net->in_flight--;
    net->last_end_boot_ms = clock_boot_ms();
}

void net_request_finish(struct net_request *request, CURLcode result)
{
    struct net_answer answer;

    if (request == NULL)
        return;
    net_answer_fill(&answer, request, result);
    if (answer.error == NET_OK && request->form == NULL)
        request->net->usual_len = request->body.len;
    request_stop(request);
    request->done(&answer, request->context);
    request_free(request);
}

void net_request_give_up(struct net_request *request, enum net_veto veto)
{
    request->veto = veto;
    event_active(request->deadline, EV_TIMEOUT, 0);
}

/* libcurl counts the time itself, but not while a request waits for one of the connections, and
 * a caller that is never called would stand still for ever. */
static void deadline_passed(evutil_socket_t fd, short what, void *context)
{
    struct net_request *request = context;
    bool late = request->veto == NET_VETO_NONE;

    (void)fd;
    (void)what;
    turns_mark(request->net->turns, "transfer");
    request->curl_message[0] = '\0'; /* at best the trouble of one address among several */
    net_request_finish(request, late ? CURLE_OPERATION_TIMEDOUT : CURLE_ABORTED_BY_CALLBACK);
}

static bool deadline_set(struct net_request *request)
{
    int64_t ms = request->timeout_ms + NET_DEADLINE_GRACE_MS;
    struct timeval delay = {
        .tv_sec = (time_t)(ms / CLOCK_SECOND),
        .tv_usec = (suseconds_t)(ms % CLOCK_SECOND * 1000),
    };

    request->deadline = evtimer_new(request->net->base, deadline_passed, request);
    return request->deadline != NULL && evtimer_add(request->deadline, &delay) == 0;
}

static int64_t timeout_of(const struct net_call *call)
{
    if (call->timeout_ms <= 0)
        return NET_TIMEOUT_MS;
    return call->timeout_ms < NET_TIMEOUT_MAX_MS ? call->timeout_ms : NET_TIMEOUT_MAX_MS;
}

/* Copies what the call holds; false without memory or when something in it is refused. */
static bool request_copy(struct net_request *request, const struct net_call *call)
{
    request->timeout_ms = timeout_of(call);
    request->packed = call->packed;
    request->body.limit = call->max_body > 0 ? call->max_body : NET_BODY_MAX;
    request->url = net_url_parse(call->url);
    if (request->url == NULL ||
        curl_url_get(request->url, CURLUPART_HOST, &request->host, 0) != CURLUE_OK)
        return false;
    if (call->authorization != NULL) {
        request->authorization = header_line("Authorization", call->authorization);
        if (request->authorization == NULL)
            return false;
    }
    if (call->accept != NULL) {
        request->accept = header_line("Accept", call->accept);
        if (request->accept == NULL)
            return false;
    }
    if (call->form == NULL)
        return true;
    request->form = malloc(call->form_len + 1);
    if (request->form == NULL)
        return false;
    memcpy(request->form, call->form, call->form_len);
    request->form[call->form_len] = '\0';
    request->form_len = call->form_len;
    return true;
}

/* Connections may have died unseen while nobody used them: a machine that slept does not notice,
 * and libcurl's own clock stood still with it. */
static bool connections_are_old(const struct net *net)
{
    return clock_boot_ms() - net->last_end_boot_ms > NET_MAX_IDLE_S * CLOCK_SECOND;
}

struct net_request *net_start(struct net *net, const struct net_call *call, net_function *done,
                              void *context)
{
    struct net_request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        return NULL;
    request->net = net;
    request->done = done;
    request->context = context;
    request->started_us = clock_boot_us();
    if (!request_copy(request, call))
        goto fail;
    request->easy = curl_easy_init();
    if (request->easy == NULL ||
        !net_options_set(request, call->fresh_connection || connections_are_old(net)))
        goto fail;
    if (!deadline_set(request) || curl_multi_add_handle(net->multi, request->easy) != CURLM_OK)
        goto fail;
    LIST_INSERT_HEAD(&net->requests, request, link);
    net->in_flight++;
    return request;

fail:
    request_free(request);
    return NULL;
}

void net_cancel(struct net_request *request)
{
    request_stop(request);
    request_free(request);
}

size_t net_in_flight(const struct net *net)
{
    return net->in_flight;
}

static bool copy_options(struct net *net, const struct net_options *options)
{
    net->user_agent = strdup(options->user_agent != NULL ? options->user_agent : "");
    if (net->user_agent == NULL)
        return false;
    if (options->ca_file == NULL)
        return true;
    net->ca_file = strdup(options->ca_file);
    return net->ca_file != NULL;
}

static bool multi_limit(struct net *net, size_t connections)
{
    long limit = (long)(connections > 0 && connections < 1000 ? connections : MAX_CONNECTIONS);

    return curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, limit) == CURLM_OK &&
           curl_multi_setopt(net->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit) == CURLM_OK;
}

void net_set_turns(struct net *net, struct turns *turns)
{
    net->turns = turns;
}

void net_set_connections(struct net *net, size_t connections)
{
    (void)multi_limit(net, connections); /* known options with whole numbers: cannot fail */
}

static bool multi_open(struct net *net, size_t connections)
{
    net->multi = curl_multi_init();
    return net->multi != NULL && multi_limit(net, connections) && net_events_open(net);
}

struct net *net_new(struct event_base *base, const struct net_options *options)
{
    struct net *net = calloc(1, sizeof(*net));

    if (net == NULL)
        return NULL;
    if (!net_memory_start()) {
        free(net);
        return NULL;
    }
    net->base = base;
    net->last_end_boot_ms = clock_boot_ms();
    if (!copy_options(net, options) || !multi_open(net, options->max_connections)) {
        net_free(net);
        return NULL;
    }
    return net;
}

void net_free(struct net *net)
{
    struct net_request *request;
    struct net_request *next;

    if (net == NULL)
        return;
    for (request = LIST_FIRST(&net->requests); request != NULL; request = next) {
        next = LIST_NEXT(request, link);
        net_cancel(request);
    }
    if (net->multi != NULL)
        curl_multi_cleanup(net->multi);
    net_events_close(net);
    curl_global_cleanup();
    free(net->user_agent);
    free(net->ca_file);
    free(net);
}
