/* SPDX-License-Identifier: MIT */
#include "daemon/serve.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "capture/login.h"
#include "daemon/options.h"
#include "daemon/sockets.h"
#include "net/net.h"
#include "web/web.h"

#define WHY_SIZE 400
#define CALLBACK_PATH "/spotify/callback"

struct serve {
    struct event_base *base;
    struct web *web;
    struct login *login;
    struct event *retry;
    char *config_file;
    char *listen, *control; /* as at the start: a reload does not move sockets */
    bool page_open, control_open;
    bool page_local;          /* no other machine can reach it */
    bool control_ours;        /* the file below is to be removed in the end */
    struct stat control_file; /* what was made at the path */
    struct log_episode page_trouble, control_trouble;
};

/* -- by which names the page may be asked for -------------------------------------------------- */

struct hosts {
    char **list;
    size_t count;
    bool failed;
};

static void add_host(struct hosts *hosts, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_host(struct hosts *hosts, const char *format, ...)
{
    char **list = reallocarray(hosts->list, hosts->count + 2, sizeof(char *));
    va_list arguments;

    if (!list) {
        hosts->failed = true;
        return;
    }
    hosts->list = list;
    va_start(arguments, format);
    if (vasprintf(&list[hosts->count], format, arguments) < 0)
        hosts->failed = true;
    else
        hosts->count++;
    va_end(arguments);
    list[hosts->count] = NULL;
}

static void add_with_port(struct hosts *hosts, const char *name, unsigned port)
{
    add_host(hosts, "%s:%u", name, port);
    if (port == 80)
        add_host(hosts, "%s", name); /* browsers leave it out */
}

static void add_listen(struct hosts *hosts, const char *listen)
{
    char address[INET6_ADDRSTRLEN], brackets[INET6_ADDRSTRLEN + 2];
    uint16_t port;

    if (!option_split_listen(listen, address, &port))
        return;
    snprintf(brackets, sizeof(brackets), strchr(address, ':') ? "[%s]" : "%s", address);
    add_with_port(hosts, brackets, port);
    add_with_port(hosts, "localhost", port);
    add_with_port(hosts, "127.0.0.1", port);
    add_with_port(hosts, "[::1]", port);
}

/* A name without a port is meant with and without ours: a proxy hands on either. */
static void add_allowed(struct hosts *hosts, const char *name, const char *listen)
{
    char address[INET6_ADDRSTRLEN];
    const char *colon = strrchr(name, ':');
    bool has_port =
        colon && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1);
    uint16_t port;

    add_host(hosts, "%s", name);
    if (!has_port && option_split_listen(listen, address, &port))
        add_host(hosts, "%s:%u", name, port);
}

/* The page is where a sign-in ends. */
static void add_redirect(struct hosts *hosts, const char *redirect_uri)
{
    const char *host = strstr(redirect_uri, "://");

    if (host)
        add_host(hosts, "%.*s", (int)strcspn(host + 3, "/?#"), host + 3);
}

static struct hosts make_hosts(const struct config *config, const char *listen)
{
    struct hosts hosts = {0};

    add_listen(&hosts, listen);
    for (size_t i = 0; config->web.allowed_hosts && config->web.allowed_hosts[i]; i++)
        add_allowed(&hosts, config->web.allowed_hosts[i], listen);
    add_redirect(&hosts, config->spotify.redirect_uri);
    return hosts;
}

static void free_hosts(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        free(hosts->list[i]);
    free(hosts->list);
}

static struct web_config web_config_of(const struct serve *serve, const struct config *config,
                                       const struct hosts *hosts)
{
    return (struct web_config){
        .title = config->web.title,
        .hosts = (const char *const *)hosts->list,
        .password_hash = config->web.password_hash[0] ? config->web.password_hash : NULL,
        .config_file = serve->config_file,
        .database = config->store.database,
        .accounts_url = config->spotify.accounts_url,
    };
}

/* A sign-in ends at the redirect URI: if that is on this machine, but not where the page is, the
 * browser will find nothing there. */
static void check_redirect(const struct serve *serve, const struct config *config)
{
    struct hosts here = {0};
    const char *uri = config->spotify.redirect_uri, *host = strstr(uri, "://");
    bool found = false;
    size_t len;

    if (!host || !net_url_is_loopback(uri) || serve->listen[0] == '\0')
        return;
    host += 3;
    len = strcspn(host, "/?#");
    add_listen(&here, serve->listen);
    for (size_t i = 0; i < here.count; i++)
        found = found || (strlen(here.list[i]) == len && strncmp(here.list[i], host, len) == 0);
    free_hosts(&here);
    if (!found || strcmp(host + len, CALLBACK_PATH) != 0)
        log_warning("spotify.redirect_uri is %s, but the page is at %s" CALLBACK_PATH
                    ": a sign-in will end on an empty page; its address can be pasted into "
                    "spotify-historyctl login",
                    uri, serve->listen);
}

/* -- sockets ----------------------------------------------------------------------------------- */

static void set_address(struct serve *serve, const char *why)
{
    char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 40];
    const char *shown = address;
    uint16_t port;

    if (!serve->page_open || !option_split_listen(serve->listen, address, &port)) {
        (void)web_set_address(serve->web, NULL, why);
        return;
    }
    if (strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0)
        shown = "127.0.0.1";
    snprintf(text, sizeof(text), strchr(shown, ':') ? "http://[%s]:%u" : "http://%s:%u", shown,
             port);
    (void)web_set_address(serve->web, text, NULL);
}

static void open_page(struct serve *serve)
{
    char why[WHY_SIZE] = "";
    int fd = sockets_listen_page(serve->listen, why, sizeof(why));

    if (fd >= 0 && !web_serve_page(serve->web, fd)) {
        close(fd);
        fd = -1;
        snprintf(why, sizeof(why), "no memory for the page");
    }
    serve->page_open = fd >= 0;
    set_address(serve, why);
    if (serve->page_open)
        log_episode_leave(&serve->page_trouble, clock_boot_ms(), "the page is there");
    else
        log_episode_meet(&serve->page_trouble, clock_boot_ms(), LOG_LEVEL_ERROR,
                         "the page: %s; recording goes on, tried again every %d s", why,
                         SERVE_RETRY_S);
}

static void open_control(struct serve *serve)
{
    char why[WHY_SIZE] = "";
    int fd = sockets_listen_control(serve->control, why, sizeof(why));

    if (fd >= 0 && !web_serve_control(serve->web, fd)) {
        close(fd);
        fd = -1;
        snprintf(why, sizeof(why), "no memory for the control interface");
    }
    serve->control_open = fd >= 0;
    serve->control_ours = fd >= 0 && lstat(serve->control, &serve->control_file) == 0;
    if (serve->control_open)
        log_episode_leave(&serve->control_trouble, clock_boot_ms(),
                          "the control interface is there");
    else
        log_episode_meet(&serve->control_trouble, clock_boot_ms(), LOG_LEVEL_ERROR,
                         "the control interface: %s; recording goes on, tried again every %d s",
                         why, SERVE_RETRY_S);
}

static void open_missing(evutil_socket_t fd, short what, void *context)
{
    struct serve *serve = context;
    struct timeval again = {.tv_sec = SERVE_RETRY_S};

    (void)fd;
    (void)what;
    if (!serve->page_open && serve->listen[0])
        open_page(serve);
    if (!serve->control_open)
        open_control(serve);
    if ((!serve->page_open && serve->listen[0]) || !serve->control_open)
        evtimer_add(serve->retry, &again);
}

/* The file goes with us, unless somebody has put another in its place. */
static void remove_control(const struct serve *serve)
{
    struct stat now;

    if (serve->control_ours && lstat(serve->control, &now) == 0 &&
        now.st_dev == serve->control_file.st_dev && now.st_ino == serve->control_file.st_ino)
        (void)unlink(serve->control);
}

/* One that other machines can reach, without a password, is not served. */
static bool may_serve(const struct config *config, int fd)
{
    return sockets_is_local(fd) || config->web.password_hash[0] != '\0';
}

/* What systemd handed over and we may use. The page is where its socket is bound then: that is what
 * browsers call it by. False without memory. */
static bool take_inherited(struct serve *serve, const struct config *config,
                           struct sockets *sockets)
{
    char why[WHY_SIZE], name[INET6_ADDRSTRLEN + 16];

    sockets_inherit(sockets, why, sizeof(why));
    if (why[0])
        log_warning("%s", why);
    if (sockets->page >= 0 && !may_serve(config, sockets->page)) {
        log_error("the page's socket from systemd can be reached by other machines, and no "
                  "web.password_file is set: it is not used");
        close(sockets->page);
        sockets->page = -1;
    }
    if (sockets->page < 0)
        return true;
    serve->page_local = sockets_is_local(sockets->page);
    if (sockets_name(sockets->page, name, sizeof(name))) {
        free(serve->listen);
        serve->listen = strdup(name);
    }
    return serve->listen;
}

static void close_socket(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void serve_inherited(struct serve *serve, struct sockets *sockets)
{
    serve->page_open = sockets->page >= 0 && web_serve_page(serve->web, sockets->page);
    if (serve->page_open)
        set_address(serve, NULL);
    else
        close_socket(&sockets->page);
    serve->control_open = sockets->control >= 0 && web_serve_control(serve->web, sockets->control);
    if (!serve->control_open)
        close_socket(&sockets->control);
}

/* -- life -------------------------------------------------------------------------------------- */

void serve_free(struct serve *serve)
{
    if (!serve)
        return;
    if (serve->retry)
        event_free(serve->retry);
    web_free(serve->web);
    login_free(serve->login);
    remove_control(serve);
    free(serve->config_file);
    free(serve->listen);
    free(serve->control);
    free(serve);
}

static bool make_parts(struct serve *serve, const struct config *config, struct store *store,
                       struct recorder *recorder, int64_t started_wall_ms)
{
    struct hosts hosts = make_hosts(config, serve->listen);
    struct web_config web = web_config_of(serve, config, &hosts);

    serve->retry = evtimer_new(serve->base, open_missing, serve);
    serve->login = login_new(recorder, config->spotify.redirect_uri);
    if (serve->login && !hosts.failed)
        serve->web = web_new(serve->base, store, recorder, serve->login, &web, started_wall_ms);
    free_hosts(&hosts);
    return serve->retry && serve->web;
}

struct serve *serve_new(struct event_base *base, const struct config *config,
                        const char *config_file, struct store *store, struct recorder *recorder,
                        int64_t started_wall_ms)
{
    struct serve *serve = calloc(1, sizeof(*serve));
    struct sockets sockets = {-1, -1};

    if (!serve)
        return NULL;
    serve->base = base;
    serve->config_file = strdup(config_file);
    serve->listen = strdup(config->web.listen);
    serve->control = strdup(config->control.socket);
    serve->page_local = option_listen_is_loopback(config->web.listen);
    if (!serve->config_file || !serve->listen || !serve->control ||
        !take_inherited(serve, config, &sockets) ||
        !make_parts(serve, config, store, recorder, started_wall_ms)) {
        close_socket(&sockets.page);
        close_socket(&sockets.control);
        serve_free(serve);
        return NULL;
    }
    serve_inherited(serve, &sockets);
    open_missing(-1, 0, serve);
    check_redirect(serve, config);
    return serve;
}

bool serve_accepts(const struct serve *serve, const struct config *config)
{
    if (serve->page_local || !serve->listen[0] || config->web.password_hash[0])
        return true;
    log_error("reload: the page can be reached by other machines until a restart: "
              "web.password_file cannot be taken away before");
    return false;
}

bool serve_reload(struct serve *serve, const struct config *config)
{
    struct hosts hosts = make_hosts(config, serve->listen);
    struct web_config web = web_config_of(serve, config, &hosts);
    bool done = !hosts.failed && web_reload(serve->web, &web) &&
                login_reload(serve->login, config->spotify.redirect_uri);

    free_hosts(&hosts);
    if (done) {
        check_redirect(serve, config);
        open_missing(-1, 0, serve);
    }
    return done;
}
