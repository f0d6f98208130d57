/* SPDX-License-Identifier: MIT */
/* Life of the page and of the control interface: what they are made of, start, reload, end. */
#include "web/web.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/recorder.h"
#include "web/assets.h"
#include "web/control.h"
#include "web/web_private.h"

#define SPOTIFY_ACCOUNTS "https://accounts.spotify.com"
/* Of single covers, and of those that Spotify puts together for a playlist. */
#define COVER_HOSTS " https://i.scdn.co https://mosaic.scdn.co"
#define DESCRIPTORS_KEPT 40 /* for the recorder: database, loop, requests under way */
#define CONNECTIONS_MIN 4

/* Of every answer of the control interface: a proxy that somebody puts before it keeps nothing. */
static const char *const control_headers[] = {"Cache-Control", "no-store", "X-Content-Type-Options",
                                              "nosniff", NULL};

/* -- copies ------------------------------------------------------------------------------------ */

/* True if to holds a copy of from, which may be NULL. */
static bool copy_text(const char *from, char **to)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

static void free_hosts(char **hosts)
{
    for (size_t i = 0; hosts && hosts[i]; i++)
        free(hosts[i]);
    free(hosts);
}

static bool copy_hosts(const char *const *from, char ***to)
{
    size_t count = 0;

    while (from && from[count])
        count++;
    *to = calloc(count + 1, sizeof(**to));
    for (size_t i = 0; *to && i < count; i++) {
        (*to)[i] = strdup(from[i]);
        if (!(*to)[i])
            return false;
    }
    return *to;
}

static void free_texts(struct web_texts *texts)
{
    free(texts->title);
    free_hosts(texts->hosts);
    free(texts->password_hash);
    free(texts->config_file);
    free(texts->database);
    free(texts->policy);
    free(texts->policy_covers);
    *texts = (struct web_texts){.title = NULL};
}

/* The answer to "connect an account" leads a form to Spotify's sign-in, and browsers hold
 * form-action against that step, too (w3.org/TR/CSP3, section 6.4.1); back from there it leads to
 * ourselves. The address comes from a checked configuration; one that cannot stand in a policy is
 * left out. covers: pictures come from Spotify's image hosts, too. */
static char *make_policy(const char *accounts_url, bool covers)
{
    struct buf policy = {.limit = 4096};
    char origin[WEB_ORIGIN_SIZE];

    buf_addf(&policy,
             "default-src 'none'; style-src 'self'; img-src 'self'%s; base-uri 'none'; "
             "frame-ancestors 'none'; form-action 'self'",
             covers ? COVER_HOSTS : "");
    page_origin(accounts_url ? accounts_url : SPOTIFY_ACCOUNTS, origin, sizeof(origin));
    if (origin[0] && !strpbrk(origin, " ;,\"'\\\t\r\n"))
        buf_addf(&policy, " %s", origin);
    if (policy.failed)
        buf_free(&policy, false);
    return policy.data;
}

static bool copy_texts(const struct web_config *config, struct web_texts *texts)
{
    *texts = (struct web_texts){.policy = make_policy(config->accounts_url, false),
                                .policy_covers = make_policy(config->accounts_url, true)};
    if (texts->policy && texts->policy_covers && copy_text(config->title, &texts->title) &&
        copy_hosts(config->hosts, &texts->hosts) &&
        copy_text(config->password_hash, &texts->password_hash) &&
        copy_text(config->config_file, &texts->config_file) &&
        copy_text(config->database, &texts->database))
        return true;
    free_texts(texts);
    return false;
}

/* -- life -------------------------------------------------------------------------------------- */

/* The servers know the list, not its values: they may change between two answers. */
static void set_page_headers(struct web *web)
{
    const char *const headers[] = {
        "Content-Security-Policy",
        web->texts.policy,
        "X-Content-Type-Options",
        "nosniff",
        "Cross-Origin-Opener-Policy",
        "same-origin",
        /* Pages with forms say it otherwise, see page_begin(). */
        "Referrer-Policy",
        "no-referrer",
    };

    _Static_assert(sizeof(headers) < sizeof(web->page_headers), "room for the end");
    memcpy(web->page_headers, headers, sizeof(headers));
}

static void set_style_version(struct web *web)
{
    uint8_t digest[VAULT_DIGEST_SIZE];

    vault_digest(web_style_css, web_style_css_size, digest);
    for (size_t i = 0; i < 8; i++)
        snprintf(web->style_version + 2 * i, 3, "%02x", digest[i]);
}

struct web *web_new(struct event_base *base, struct store *store, struct recorder *recorder,
                    struct login *login, const struct web_config *config, int64_t started_wall_ms)
{
    struct web *web = calloc(1, sizeof(*web));

    if (!web)
        return NULL;
    web->base = base;
    web->store = store;
    web->recorder = recorder;
    web->login = login;
    web->started_at = started_wall_ms;
    web->started_boot = clock_boot_ms();
    if (!copy_texts(config, &web->texts) || !web_views_begin(web)) {
        web_free(web);
        return NULL;
    }
    set_page_headers(web);
    set_style_version(web);
    return web;
}

void web_free(struct web *web)
{
    if (!web)
        return;
    if (web->page)
        web_http_free(web->page);
    if (web->control)
        web_http_free(web->control);
    web_views_end(web);
    free_texts(&web->texts);
    free(web->address);
    free(web->address_problem);
    buf_wipe(&web->guard, sizeof(web->guard));
    free(web);
}

static bool same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

bool web_reload(struct web *web, const struct web_config *config)
{
    struct web_texts texts;

    if (!copy_texts(config, &texts))
        return false;
    if (web->page && !web_http_set_hosts(web->page, (const char *const *)texts.hosts)) {
        free_texts(&texts);
        return false;
    }
    if (!same_text(web->texts.password_hash, texts.password_hash))
        guard_sessions_end_all(&web->guard);
    free_texts(&web->texts);
    web->texts = texts;
    set_page_headers(web);
    return true;
}

/* How many connections each of the two servers may have: who opens many takes no descriptor that a
 * poll needs. */
static size_t connections_max(void)
{
    struct rlimit limit;
    rlim_t each;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return WEB_HTTP_CONNECTIONS;
    each = limit.rlim_cur > DESCRIPTORS_KEPT ? (limit.rlim_cur - DESCRIPTORS_KEPT) / 2 : 0;
    if (each > WEB_HTTP_CONNECTIONS)
        return WEB_HTTP_CONNECTIONS;
    return each > CONNECTIONS_MIN ? (size_t)each : CONNECTIONS_MIN;
}

bool web_serve_page(struct web *web, int fd)
{
    const struct web_http_config config = {
        .routes = web_page_routes,
        .context = web,
        .admit = web_page_admit,
        .explain = web_page_explain,
        .headers = web->page_headers,
        .check_host = true,
        .max_connections = connections_max(),
        .turns = recorder_turns(web->recorder),
        .turns_name = "page",
    };

    /* A copy of the descriptor goes first: what fails half-way closes that, and not the caller's.
     */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    struct web_http *page = copy >= 0 ? web_http_new(web->base, copy, &config) : NULL;

    if (page && web_http_set_hosts(page, (const char *const *)web->texts.hosts)) {
        web->page = page;
        close(fd);
        return true;
    }
    if (page)
        web_http_free(page);
    else if (copy >= 0)
        close(copy);
    return false;
}

/* The path of a unix socket, as it was bound; "" for one without. */
static void find_path(int fd, char *path, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNSPEC};
    socklen_t len = sizeof(address);

    path[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 && address.sun_family == AF_UNIX &&
        len > offsetof(struct sockaddr_un, sun_path))
        snprintf(path, size, "%.*s", (int)(len - offsetof(struct sockaddr_un, sun_path)),
                 address.sun_path);
}

bool web_serve_control(struct web *web, int fd)
{
    const struct web_http_config config = {
        .routes = web_control_routes,
        .context = web,
        .admit = web_control_admit,
        .explain = web_control_explain,
        .headers = control_headers,
        .max_connections = connections_max(),
        .max_body = CONTROL_ROWS_MAX,
        .turns = recorder_turns(web->recorder),
        .turns_name = "control",
    };

    find_path(fd, web->control_path, sizeof(web->control_path));
    web->control = web_http_new(web->base, fd, &config);
    return web->control;
}

bool web_set_address(struct web *web, const char *address, const char *why)
{
    char *new_address, *new_problem;

    if (!copy_text(address, &new_address))
        return false;
    if (!copy_text(why, &new_problem)) {
        free(new_address);
        return false;
    }
    free(web->address);
    free(web->address_problem);
    web->address = new_address;
    web->address_problem = new_problem;
    return true;
}
