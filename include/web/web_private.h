/* SPDX-License-Identifier: MIT */
/*
 * web/web_private: what the files of this room share.
 */
#ifndef WEB_WEB_PRIVATE_H
#define WEB_WEB_PRIVATE_H

#include <sys/un.h>

#include "base/log.h"
#include "web/guard.h"
#include "web/http.h"
#include "web/page.h"
#include "web/view.h"
#include "web/web.h"

#define WEB_ORIGIN_SIZE 300

/* Copies of what the configuration says. */
struct web_texts {
    char *title;
    char **hosts;
    char *password_hash; /* NULL: none */
    char *config_file;
    char *database;
    char *policy;        /* Content-Security-Policy */
    char *policy_covers; /* the same for pages with pictures from Spotify's image hosts */
};

/* Why a person must act, as last found out. */
struct web_attention {
    int64_t made_at, cost; /* boot us; 0: never */
    bool is_empty;         /* nobody was ever connected */
    char text[600];        /* "": nobody must */
};

struct web {
    struct event_base *base;
    struct store *store;
    struct recorder *recorder;
    struct login *login;
    struct web_http *page, *control;
    struct web_texts texts;
    struct guard guard;
    struct reader *pages, *downloads;
    struct log_episode reading; /* what they read cannot be read */
    struct web_attention attention;
    int64_t started_at;   /* wall ms */
    int64_t started_boot; /* boot ms */
    char *address, *address_problem;
    char style_version[PAGE_ASSET_SIZE];
    const char *page_headers[16]; /* of every answer of the page; points into texts */
    char control_path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* "": not known */
};

/* -- the page: page_handlers.c -------------------------------------------------------------------- */

#define WEB_PAGE_LIMIT ((size_t)8 << 20) /* bytes of one page */

/* A page for a status in answer; 303 to a place. Nobody keeps either. */
void web_page_error(struct web_request *request, struct web *web, int status, const char *what);
void web_page_see_other(struct web_request *request, const char *location);

/* The site as a page with forms needs it: the browser is known by its cookie, or gets one. token
 * must live as long. */
struct page_site web_page_site(struct web *web, struct web_request *request,
                               char token[static VAULT_MAC_SIZE]);

/* True if a POST came from a form of ours; else it is answered, and nothing may change. */
bool web_page_check_form(struct web *web, struct web_request *request);

extern const struct web_route web_page_routes[];
bool web_page_admit(struct web_request *request, void *context);
void web_page_explain(int status, const char *reason, struct buf *body, const char **type,
                      void *context);

/* -- pages that show history: page_views.c -------------------------------------------------------- */

/* Every path, and the view that draws it; a path that ends with '*' as in struct web_route. */
#define WEB_VIEWS(row)                                                                 \
    row("/", view_home) row("/artist/*", view_artist) row("/album/*", view_album)      \
        row("/track/*", view_track) row("/plays", view_plays) row("/year/", view_year) \
            row("/year/*", view_year) row("/coverage", view_coverage)                  \
                row(PAGE_CHOICES_PATH, view_choices)

/* The same for what may take long: drawn by a reader of its own. */
#define WEB_DOWNLOADS(row) row("/plays.csv", view_download) row("/plays.json", view_download)

web_handler web_get_view;

/* Answers a request with a view, in time: with the fields of the query, or of the form of a POST.
 */
void web_view_answer(struct web_request *request, struct web *web, view_draw *draw);

/* The readers, without their threads. False without memory; the end is to be called all the same.
 */
bool web_views_begin(struct web *web);
void web_views_end(struct web *web);

/* -- who must act: page_attention.c --------------------------------------------------------------- */

#define WEB_ATTENTION_REST 10

/* Up to date but for so many times what it costs to find out: of a thousand accounts it is not
 * asked for each of twenty pages. */
const struct web_attention *web_attention_look(struct web *web);

/* -- the reader's choices: page_choices.c --------------------------------------------------------- */

#define WEB_ZONE_COOKIE "zone"     /* name of a time zone */
#define WEB_COVERS_COOKIE "covers" /* "off": no pictures from other hosts */

web_handler web_post_choices;
web_handler web_post_play_delete, web_post_play_restore; /* page_plays.c */

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
