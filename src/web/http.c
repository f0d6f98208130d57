/* SPDX-License-Identifier: MIT */
/* The listener: who may come in, and how many at once. */
#include "web/http.h"

#include "base/clock.h"
#include "web/http_private.h"

#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_paused(const struct web_http *http)
{
    return evtimer_pending(http->pause, NULL);
}

void http_listener_update(struct web_http *http)
{
    if (http->listener == NULL)
        return;
    if (http->count < http->config.max_connections && !is_paused(http))
        evconnlistener_enable(http->listener);
    else
        evconnlistener_disable(http->listener);
}

static void pause_ended(evutil_socket_t fd, short what, void *context)
{
    struct web_http *http = context;

    (void)fd;
    (void)what;
    (void)event_remove_timer(http->pause);
    http_listener_update(http);
}

struct search {
    int fd;
    struct web_http *found;
};

static int look_at(const struct event_base *base, const struct event *event, void *context)
{
    struct search *search = context;

    (void)base;
    if (event_get_callback(event) != pause_ended || event_get_fd(event) != search->fd)
        return 0;
    search->found = event_get_callback_arg(event);
    return 1;
}

/* Out of descriptors, say: the socket stays readable, and the loop would run hot. The listener's
 * context is evhttp's, which leads nowhere; but there is an event of ours on its socket. */
static void accept_failed(struct evconnlistener *listener, void *context)
{
    struct search search = {.fd = evconnlistener_get_fd(listener)};
    const char *why = evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
    struct timeval delay = {
        .tv_sec = HTTP_ACCEPT_PAUSE_MS / 1000,
        .tv_usec = HTTP_ACCEPT_PAUSE_MS % 1000 * 1000,
    };

    (void)context;
    (void)event_base_foreach_event(evconnlistener_get_base(listener), look_at, &search);
    if (search.found == NULL)
        return;
    log_episode_meet(&search.found->accept_trouble, clock_boot_ms(), LOG_LEVEL_WARNING,
                     "a connection cannot be accepted: %s", why);
    (void)event_add(search.found->pause, &delay);
    http_listener_update(search.found);
}

static void config_complete(struct web_http_config *config)
{
    if (config->max_connections == 0)
        config->max_connections = WEB_HTTP_CONNECTIONS;
    if (config->max_body == 0)
        config->max_body = WEB_HTTP_BODY_MAX;
    if (config->request_ms <= 0)
        config->request_ms = WEB_HTTP_REQUEST_MS;
    if (config->answer_ms <= 0)
        config->answer_ms = WEB_HTTP_ANSWER_MS;
}

/* What is too long for evhttp it refuses in its own words. */
static void evhttp_configure(struct web_http *http)
{
    evhttp_set_max_headers_size(http->evhttp, (ev_ssize_t)2 * WEB_HTTP_HEADERS_MAX);
    evhttp_set_max_body_size(http->evhttp, (ev_ssize_t)http->config.max_body);
    evhttp_set_default_content_type(http->evhttp, NULL);
    /* all others come to us, also those that it never heard of; this one it would not end */
    evhttp_set_allowed_methods(http->evhttp, (ev_uint16_t)~EVHTTP_REQ_CONNECT);
    evhttp_set_gencb(http->evhttp, http_connection_serve, http);
    evhttp_set_bevcb(http->evhttp, http_connection_open, http);
}

struct web_http *web_http_new(struct event_base *base, int fd, const struct web_http_config *config)
{
    struct web_http *http = calloc(1, sizeof(*http));

    if (http == NULL)
        return NULL;
    http->base = base;
    http->config = *config;
    config_complete(&http->config);
    LIST_INIT(&http->connections);
    /* EV_CLOSED never comes from a listening socket: only accept_failed() adds a time to it */
    http->pause = event_new(base, fd, EV_CLOSED | EV_PERSIST, pause_ended, http);
    http->evhttp = evhttp_new(base);
    if (http->pause == NULL || event_add(http->pause, NULL) != 0 || http->evhttp == NULL)
        goto fail;
    /* without LEV_OPT_CLOSE_ON_FREE: until all is well, fd is the caller's */
    http->listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (http->listener == NULL)
        goto fail;
    if (evhttp_bind_listener(http->evhttp, http->listener) == NULL) {
        evconnlistener_free(http->listener);
        goto fail;
    }
    evhttp_configure(http);
    evconnlistener_set_error_cb(http->listener, accept_failed);
    return http;

fail:
    if (http->pause != NULL)
        event_free(http->pause);
    if (http->evhttp != NULL)
        evhttp_free(http->evhttp);
    free(http);
    return NULL;
}

static void hosts_free(char **hosts)
{
    for (size_t i = 0; hosts != NULL && hosts[i] != NULL; i++)
        free(hosts[i]);
    free(hosts);
}

void web_http_free(struct web_http *http)
{
    int fd;

    if (http == NULL)
        return;
    fd = evconnlistener_get_fd(http->listener);
    http->listener = NULL;
    event_free(http->pause);
    evhttp_free(http->evhttp);
    close(fd);
    while (!LIST_EMPTY(&http->connections))
        http_connection_free(LIST_FIRST(&http->connections));
    hosts_free(http->hosts);
    free(http);
}

bool web_http_set_hosts(struct web_http *http, const char *const *hosts)
{
    size_t count = 0;
    char **copy;

    while (hosts[count] != NULL)
        count++;
    copy = calloc(count + 1, sizeof(*copy));
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        copy[i] = strdup(hosts[i]);
        if (copy[i] == NULL) {
            hosts_free(copy);
            return false;
        }
    }
    hosts_free(http->hosts);
    http->hosts = copy;
    return true;
}

bool http_host_is_served(const struct web_http *http, const char *host)
{
    for (size_t i = 0; http->hosts != NULL && http->hosts[i] != NULL; i++) {
        if (strcasecmp(http->hosts[i], host) == 0)
            return true;
    }
    return false;
}

size_t web_http_connections(const struct web_http *http)
{
    return http->count;
}
