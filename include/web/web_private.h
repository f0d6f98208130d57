/* SPDX-License-Identifier: MIT */
/*
 * web/web_private: what the files of this room share.
 */
#ifndef WEB_WEB_PRIVATE_H
#define WEB_WEB_PRIVATE_H

#include <sys/un.h>

#include "web/guard.h"
#include "web/http.h"
#include "web/page.h"
#include "web/web.h"

#define WEB_ORIGIN_SIZE 300

/* Copies of what the configuration says. */
struct web_texts {
    char *title;
    char **hosts;
    char *password_hash; /* NULL: none */
    char *config_file;
    char *database;
    char *policy; /* Content-Security-Policy */
};

struct web {
    struct event_base *base;
    struct store *store;
    struct recorder *recorder;
    struct login *login;
    struct web_http *page, *control;
    struct web_texts texts;
    struct guard guard;
    int64_t started_at;   /* wall ms */
    int64_t started_boot; /* boot ms */
    char *address, *address_problem;
    char style_version[PAGE_ASSET_SIZE];
    const char *page_headers[16]; /* of every answer of the page; points into texts */
    char control_path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* "": not known */
};

/* -- the page: page_handlers.c -------------------------------------------------------------------- */

extern const struct web_route web_page_routes[];
bool web_page_admit(struct web_request *request, void *context);
void web_page_explain(int status, const char *reason, struct buf *body, const char **type,
                      void *context);

/* -- what programs that watch ask of it: page_watch.c --------------------------------------------- */

web_handler web_get_metrics;
web_handler web_get_health;

/* With a password set, for a request without a session. False: it is answered. */
bool web_metrics_admit(struct web_request *request, struct web *web);

/* -- the control interface: control.c ------------------------------------------------------------- */

extern const struct web_route web_control_routes[];
bool web_control_admit(struct web_request *request, void *context);
void web_control_explain(int status, const char *reason, struct buf *body, const char **type,
                         void *context);

#endif
