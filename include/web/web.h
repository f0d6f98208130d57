/* SPDX-License-Identifier: MIT */
/*
 * web: the page in the browser and the control interface of the command, over one kind of server
 * (web/http).
 *
 * Owns: the routes, the markup, the JSON; sessions of people who gave the password.
 * Offers: a page on TCP and a control interface on a unix socket, each on a socket that the daemon
 * opened.
 * Never: writes to the database or talks to Spotify by itself (capture does), shows a token, changes
 * anything for a GET.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct login;
struct recorder;
struct store;
struct web;

/* Texts and lists are copied. */
struct web_config {
    const char *title;
    const char *const *hosts;  /* Host values that are served, NULL-terminated */
    const char *password_hash; /* argon2id; NULL: the page asks for none */
    const char *config_file;   /* shown to people: where to put the client id */
    const char *database;      /* its path, shown in the status */
    const char *accounts_url;  /* Spotify's sign-in, where forms may lead; NULL: the real one */
};

/* Nothing is served yet. store: the daemon's own connection, for reading. All outlive it. NULL
 * without memory. */
struct web *web_new(struct event_base *base, struct store *store, struct recorder *recorder,
                    struct login *login, const struct web_config *config, int64_t started_wall_ms);
void web_free(struct web *web);

/* A new configuration. False without memory: then the old one
 * stays. Sessions end when the password changed. */
bool web_reload(struct web *web, const struct web_config *config);

/* Serves the page (or the control interface) on a listening socket, which it takes over. False
 * without memory: then it is still the caller's. */
bool web_serve_page(struct web *web, int fd);
bool web_serve_control(struct web *web, int fd);

/* Where the page is ("http://127.0.0.1:8888"), NULL: nowhere; why says why (copied, may be NULL).
 */
bool web_set_address(struct web *web, const char *address, const char *why);

#endif
