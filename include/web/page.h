/* SPDX-License-Identifier: MIT */
/*
 * web/page: the pages as markup, drawn from plain values into a buf: no server, no database and no
 * clock is needed to look at one.
 *
 * Never: writes what came from outside other than through web/html; uses script or inline style.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "capture/accounts.h"
#include "capture/signin.h"
#include "web/guard.h"

#define PAGE_ACCOUNTS_PATH "/spotify"
#define PAGE_METRICS_PATH "/metrics"
#define PAGE_CHOICES_PATH "/choices"
#define PAGE_CALLBACK_PATH PAGE_ACCOUNTS_PATH "/callback"
#define PAGE_ASSET_SIZE 33 /* name of a version of an asset, and NUL */

/* What every page knows. */
struct page_site {
    const char *title;   /* of the whole site, from the configuration */
    const char *token;   /* of the forms; NULL: the page has none */
    const char *version; /* of the style sheet: a new one has another address */
    bool with_session;   /* the reader gave a password: there is a way out */
    const char *zone;    /* name of the time zone that times are shown in; NULL: not said */
    const char *here;    /* address of this page, to come back to it from the reader's choices;
                            NULL: there is no way to these */
};

/* The frame around a page's content. section: the path of the entry of the menu it belongs to, or
 * one below it ("/year/2026"); "": of none; NULL: there is no menu. heading: text. */
void page_begin(struct buf *buf, const struct page_site *site, const char *section,
                const char *heading);
void page_end(struct buf *buf, const struct page_site *site);

/* The beginning of a form that posts to action, with its token. */
void page_form(struct buf *buf, const struct page_site *site, const char *action);

/* A page for a status (400 ... 599); what: the particulars, NULL or "": only what the status says.
 */
void page_error(struct buf *buf, const struct page_site *site, int status, const char *what);

/* The accounts. */
struct page_accounts {
    const struct recorder_status *recorder;
    const struct account *accounts;
    size_t count;
    int64_t now;              /* wall ms */
    const char *config_file;  /* for the three steps */
    const char *redirect_uri; /* where Spotify sends people back to */
    const char *host;         /* the Host this page was opened with */
    int64_t signed_in;        /* this user just came back from Spotify; 0: nobody */
};
void page_accounts(struct buf *buf, const struct page_site *site, const struct page_accounts *page);

/* Why a person must act, one sentence, the gravest reason first; "": nobody must. */
void page_attention(const struct recorder_status *recorder, const struct account *accounts,
                    size_t count, char *text, size_t size);

/* How an account stands, as a few words and as a class of the style sheet ("good", "bad", "late",
 * "quiet"). recorder may be NULL. */
const char *page_account_state(const struct account *account,
                               const struct recorder_status *recorder, const char **style);

/* True if Spotify sends a browser back to the page that it has open: the same host, the path of our
 * callback. Else a cookie would be missing there. */
bool page_redirect_fits(const char *redirect_uri, const char *host);

/* Scheme and authority of an address ("http://127.0.0.1:8888"), "" if it has none or does not fit.
 */
void page_origin(const char *address, char *origin, size_t size);

/* A sign-in that did not work, and its status. */
int page_signin_status(enum signin_result result);
void page_signin(struct buf *buf, const struct page_site *site, const struct signin_report *report);

/* The password: next is where it leads; wrong: it was tried; wait_ms: it was not even looked at. */
void page_password(struct buf *buf, const struct page_site *site, const char *next, bool wrong,
                   int64_t wait_ms);

#endif
