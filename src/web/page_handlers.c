/* SPDX-License-Identifier: MIT */
/* The page's routes: from a request to a page's values, and back. */
#include "web/web_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "capture/accounts.h"
#include "capture/login.h"
#include "spotify/callback.h"
#include "store/store.h"
#include "web/assets.h"

#define PAGE_LIMIT WEB_PAGE_LIMIT

/* -- answers ----------------------------------------------------------------------------------- */

/* A page holds what is somebody's, and forms whose tokens grow old. */
static void answer_page(struct web_request *request, int status, struct buf *page)
{
    web_request_add_header(request, "Cache-Control", "no-store");
    web_answer(request, status, VIEW_HTML, page);
}

void web_page_see_other(struct web_request *request, const char *location)
{
    web_request_add_header(request, "Cache-Control", "no-store");
    web_answer_see_other(request, location);
}

void web_page_error(struct web_request *request, struct web *web, int status, const char *what)
{
    struct page_site site = {.title = web->texts.title, .version = web->style_version};
    struct buf page = {.limit = PAGE_LIMIT};

    page_error(&page, &site, status, what);
    answer_page(request, status, &page);
}

void web_page_explain(int status, const char *reason, struct buf *body, const char **type,
                      void *context)
{
    struct web *web = context;
    struct page_site site = {.title = web->texts.title, .version = web->style_version};

    page_error(body, &site, status, reason);
    *type = VIEW_HTML;
}

static bool is_open(const struct web *web, const struct web_request *request)
{
    return guard_session_is_open(&web->guard, clock_boot_ms(),
                                 web_request_cookie(request, GUARD_SESSION_COOKIE));
}

struct page_site web_page_site(struct web *web, struct web_request *request,
                               char token[static VAULT_MAC_SIZE])
{
    const char *cookie = web_request_cookie(request, GUARD_BROWSER_COOKIE);
    char fresh[GUARD_BROWSER_SIZE];
    char header[sizeof(GUARD_BROWSER_COOKIE) + GUARD_BROWSER_SIZE + 64];

    if (!guard_browser_is_ours(cookie)) {
        guard_browser_new(fresh);
        snprintf(header, sizeof(header), GUARD_BROWSER_COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax",
                 fresh);
        web_request_add_header(request, "Set-Cookie", header);
        cookie = fresh;
    }
    guard_form_token(cookie, token);
    return (struct page_site){
        .title = web->texts.title,
        .token = token,
        .version = web->style_version,
        .with_session = web->texts.password_hash && is_open(web, request),
    };
}

bool web_page_check_form(struct web *web, struct web_request *request)
{
    const struct guard_post post = {
        .cookie = web_request_cookie(request, GUARD_BROWSER_COOKIE),
        .token = web_request_form(request, "token"),
        .host = web_request_host(request),
        .origin = web_request_header(request, "Origin"),
        .site = web_request_header(request, "Sec-Fetch-Site"),
    };
    const char *problem = guard_post_problem(&post);

    if (problem)
        web_page_error(request, web, 403, problem);
    return !problem;
}

/* -- the accounts ------------------------------------------------------------------------------ */

static void answer_store(struct web_request *request, struct web *web, enum store_result result)
{
    log_warning("page: the accounts cannot be read: %s", store_message(web->store));
    web_page_error(request, web, store_result_is_temporary(result) ? 503 : 500,
                   "The database cannot be read now.");
}

/* A user's number as it came; 0: none was given, negative: no number. */
static int64_t read_user(const char *text)
{
    int64_t user_id;

    if (!text || !text[0])
        return 0;
    if (!text_int_parse(text, strlen(text), &user_id) || user_id <= 0)
        return -1;
    return user_id;
}

static void get_accounts(struct web_request *request, void *context)
{
    struct web *web = context;
    struct recorder_status status;
    struct account *accounts = NULL;
    struct buf out = {.limit = PAGE_LIMIT};
    char token[VAULT_MAC_SIZE];
    struct page_site site;
    size_t count = 0;
    enum store_result result = recorder_accounts(web->recorder, &accounts, &count);

    if (result != STORE_OK) {
        answer_store(request, web, result);
        return;
    }
    recorder_status(web->recorder, &status);
    site = web_page_site(web, request, token);
    site.here = PAGE_ACCOUNTS_PATH;
    page_accounts(&out, &site,
                  &(struct page_accounts){
                      .recorder = &status,
                      .accounts = accounts,
                      .count = count,
                      .now = clock_wall_ms(),
                      .config_file = web->texts.config_file,
                      .redirect_uri = login_redirect_uri(web->login),
                      .host = web_request_host(request),
                      .signed_in = read_user(web_request_query(request, "signed_in")),
                  });
    free(accounts);
    answer_page(request, 200, &out);
}

/* -- signing in -------------------------------------------------------------------------------- */

static void answer_signin(struct web_request *request, struct web *web,
                          const struct signin_report *report)
{
    struct buf out = {.limit = PAGE_LIMIT};
    char token[VAULT_MAC_SIZE];
    struct page_site site = web_page_site(web, request, token);

    page_signin(&out, &site, report);
    answer_page(request, page_signin_status(report->result), &out);
}

/* What binds a sign-in to a browser. One without our cookie gets what nobody else has. */
static void browser_digest(const struct web_request *request,
                           uint8_t digest[static VAULT_DIGEST_SIZE])
{
    const char *cookie = web_request_cookie(request, GUARD_BROWSER_COOKIE);

    if (guard_browser_is_ours(cookie))
        vault_digest(cookie, strlen(cookie), digest);
    else
        vault_random(digest, VAULT_DIGEST_SIZE);
}

/* Whether a sign-in for a user (0: anybody) can begin; else it is answered. */
static bool check_user(struct web_request *request, struct web *web, int64_t user_id)
{
    struct account account;
    enum store_result result;

    if (user_id == 0)
        return true;
    if (user_id < 0) {
        web_page_error(request, web, 400, "This is no number of an account.");
        return false;
    }
    result = recorder_account(web->recorder, user_id, &account);
    if (result == STORE_NOT_FOUND)
        web_page_error(request, web, 404, "This account is not here any more.");
    else if (result != STORE_OK)
        answer_store(request, web, result);
    return result == STORE_OK;
}

static void post_connect(struct web_request *request, void *context)
{
    struct web *web = context;
    struct signin_report report = {.result = SIGNIN_OK};
    struct buf address = {.limit = WEB_HTTP_HEADERS_MAX};
    char id[ATTEMPT_TEXT_SIZE];
    uint8_t browser[VAULT_DIGEST_SIZE];
    int64_t user_id;

    _Static_assert(VAULT_DIGEST_SIZE == ATTEMPT_BROWSER_SIZE, "the digest is the browser");
    if (!web_page_check_form(web, request))
        return;
    user_id = read_user(web_request_form(request, "user"));
    if (!check_user(request, web, user_id))
        return;
    browser_digest(request, browser);
    report.result = login_begin(web->login, browser, user_id, &address, id);
    if (report.result != SIGNIN_OK || address.failed || !address.data) {
        if (report.result == SIGNIN_OK)
            report.result = SIGNIN_STORE;
        answer_signin(request, web, &report);
    } else {
        log_info("page: a sign-in begins");
        web_page_see_other(request, address.data);
    }
    buf_free(&address, true);
}

/* One that came back from Spotify and waits for what becomes of it. */
struct visit {
    struct web *web;
    struct web_request *request;
    struct login_return *came_back;
    bool is_answered;
    bool is_later; /* the handler has returned: nobody else frees this */
};

static void visit_done(const struct signin_report *report, void *context)
{
    struct visit *visit = context;
    char location[64];

    visit->is_answered = true;
    if (report->result == SIGNIN_OK) {
        /* Away from the address with the code in it. */
        snprintf(location, sizeof(location), PAGE_ACCOUNTS_PATH "?signed_in=%lld",
                 (long long)report->user.user_id);
        web_page_see_other(visit->request, location);
    } else {
        log_info("page: a sign-in failed: %s", signin_result_name(report->result));
        answer_signin(visit->request, visit->web, report);
    }
    if (visit->is_later)
        free(visit);
}

/* The browser went away; the sign-in itself goes on. */
static void visit_gone(void *context)
{
    struct visit *visit = context;

    login_forget(visit->came_back);
    free(visit);
}

static void come_back(struct web_request *request, struct web *web,
                      struct spotify_callback *callback)
{
    struct visit *visit = calloc(1, sizeof(*visit));
    uint8_t browser[VAULT_DIGEST_SIZE];

    if (!visit) {
        web_page_error(request, web, 500, NULL);
        return;
    }
    visit->web = web;
    visit->request = request;
    browser_digest(request, browser);
    visit->came_back = login_come_back(web->login, callback, browser, visit_done, visit);
    if (visit->came_back) {
        visit->is_later = true;
        web_request_later(request, visit_gone, visit);
        return;
    }
    if (!visit->is_answered)
        web_page_error(request, web, 500, NULL);
    free(visit);
}

static void get_callback(struct web_request *request, void *context)
{
    struct web *web = context;
    const char *query = web_request_query_text(request);
    struct spotify_callback callback = {.code = ""};
    struct signin_report report = {.result = SIGNIN_SPOTIFY_ERROR};
    const char *problem = "";

    if (spotify_callback_parse_query(query, strlen(query), &callback, &problem)) {
        come_back(request, web, &callback);
    } else {
        snprintf(report.message, sizeof(report.message),
                 "the address that the browser came back to holds no answer of Spotify's");
        answer_signin(request, web, &report);
    }
    spotify_callback_wipe(&callback);
}

/* -- assets and signs of life ------------------------------------------------------------------ */

static void answer_asset(struct web_request *request, const char *type, const void *data,
                         size_t size, bool for_ever)
{
    uint8_t digest[VAULT_DIGEST_SIZE];
    char tag[2 * VAULT_DIGEST_SIZE + 3] = "\"";
    const char *known = web_request_header(request, "If-None-Match");
    struct buf body = {.data = NULL};

    vault_digest(data, size, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(tag + 1 + 2 * i, 3, "%02x", digest[i]);
    tag[sizeof(tag) - 2] = '"';
    web_request_add_header(request, "ETag", tag);
    web_request_add_header(request, "Cache-Control",
                           for_ever ? "max-age=31536000, immutable" : "no-cache");
    if (known && (strstr(known, tag) || strcmp(known, "*") == 0)) {
        web_answer(request, 304, NULL, NULL);
        return;
    }
    buf_add(&body, data, size);
    web_answer(request, 200, type, &body);
}

/* Its address changes with it: a copy of the right version may be kept for ever. */
static void get_style(struct web_request *request, void *context)
{
    const struct web *web = context;
    const char *version = web_request_query(request, "v");

    answer_asset(request, "text/css; charset=utf-8", web_style_css, web_style_css_size,
                 version && strcmp(version, web->style_version) == 0);
}

static void get_favicon(struct web_request *request, void *context)
{
    (void)context;
    answer_asset(request, "image/svg+xml", web_favicon_svg, web_favicon_svg_size, false);
}

static void answer_text(struct web_request *request, const char *text)
{
    struct buf body = {.data = NULL};

    buf_add_text(&body, text);
    web_request_add_header(request, "Cache-Control", "no-store");
    web_answer(request, 200, "text/plain; charset=utf-8", &body);
}

static void get_robots(struct web_request *request, void *context)
{
    (void)context;
    answer_text(request, "User-agent: *\nDisallow: /\n");
}

/* -- the password ------------------------------------------------------------------------------ */

static void answer_password(struct web_request *request, struct web *web, const char *next,
                            bool wrong, int64_t wait_ms)
{
    struct buf out = {.limit = PAGE_LIMIT};
    char token[VAULT_MAC_SIZE], seconds[24];
    struct page_site site = web_page_site(web, request, token);

    site.with_session = false;
    if (wait_ms > 0) {
        snprintf(seconds, sizeof(seconds), "%lld",
                 (long long)((wait_ms + CLOCK_SECOND - 1) / CLOCK_SECOND));
        web_request_add_header(request, "Retry-After", seconds);
    }
    page_password(&out, &site, next, wrong, wait_ms);
    answer_page(request, wait_ms > 0 ? 429 : wrong ? 403 : 200, &out);
}

static const char *next_or_home(const char *next)
{
    return next && guard_next_is_ours(next) ? next : PAGE_ACCOUNTS_PATH;
}

static void get_password(struct web_request *request, void *context)
{
    struct web *web = context;
    const char *next = next_or_home(web_request_query(request, "next"));

    if (!web->texts.password_hash || is_open(web, request))
        web_page_see_other(request, next);
    else
        answer_password(request, web, next, false, 0);
}

/* Over TLS (a proxy ends it) the cookie says so: the browser sends it nowhere else. */
static void begin_session(struct web_request *request, struct web *web)
{
    char value[GUARD_SESSION_SIZE];
    char header[sizeof(GUARD_SESSION_COOKIE) + GUARD_SESSION_SIZE + 96];
    const char *origin = web_request_header(request, "Origin");
    bool secure = origin && strncmp(origin, "https:", 6) == 0;

    guard_session_begin(&web->guard, clock_boot_ms(), value);
    snprintf(header, sizeof(header),
             GUARD_SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", value,
             (long long)(GUARD_SESSION_MS / CLOCK_SECOND), secure ? "; Secure" : "");
    web_request_add_header(request, "Set-Cookie", header);
    buf_wipe(value, sizeof(value));
    buf_wipe(header, sizeof(header));
}

static void post_password(struct web_request *request, struct web *web)
{
    const char *password = web_request_form(request, "password");
    const char *next = next_or_home(web_request_form(request, "next"));
    int64_t now = clock_boot_ms();
    int64_t wait = guard_password_wait(&web->guard, now);
    bool right;

    if (!web_page_check_form(web, request))
        return;
    if (!web->texts.password_hash) {
        web_page_see_other(request, next);
        return;
    }
    if (wait > 0) {
        answer_password(request, web, next, false, wait);
        return;
    }
    right = password && strlen(password) <= GUARD_PASSWORD_MAX &&
            vault_password_verify(password, web->texts.password_hash);
    guard_password_checked(&web->guard, clock_boot_ms(), right);
    if (!right) {
        log_notice("page: a wrong password");
        answer_password(request, web, next, true, 0);
        return;
    }
    begin_session(request, web);
    web_page_see_other(request, next);
}

static void handle_password(struct web_request *request, void *context)
{
    if (web_request_method(request) == WEB_POST)
        post_password(request, context);
    else
        get_password(request, context);
}

static void post_logout(struct web_request *request, void *context)
{
    struct web *web = context;

    if (!web_page_check_form(web, request))
        return;
    guard_session_end(&web->guard, web_request_cookie(request, GUARD_SESSION_COOKIE));
    web_request_add_header(request, "Set-Cookie",
                           GUARD_SESSION_COOKIE "=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    web_page_see_other(request, "/password");
}

/* What is served to everybody, because it says nothing. */
static bool is_public(const char *path)
{
    static const char *const paths[] = {"/style.css", "/favicon.svg", "/healthz", "/robots.txt",
                                        "/password"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(path, paths[i]) == 0)
            return true;
    }
    return false;
}

/* The place that was asked for, to come back to; for a POST, which cannot be asked for again, and
 * for what does not fit, the accounts. */
static void add_wanted(struct buf *location, const struct web_request *request)
{
    const char *path = web_request_path(request);
    const char *query = web_request_query_text(request);
    struct buf next = {.limit = GUARD_NEXT_MAX};

    buf_add_text(&next, path);
    if (query[0]) {
        buf_add_text(&next, "?");
        buf_add_text(&next, query);
    }
    /* The path is decoded here: one that needs coding is none of ours. */
    if (web_request_method(request) == WEB_GET && !next.failed && !strpbrk(path, "%?#&") &&
        guard_next_is_ours(next.data))
        buf_add_form(location, next.data, next.len);
    else
        buf_add_form(location, PAGE_ACCOUNTS_PATH, strlen(PAGE_ACCOUNTS_PATH));
    buf_free(&next, true);
}

bool web_page_admit(struct web_request *request, void *context)
{
    struct web *web = context;
    struct buf location = {.limit = WEB_HTTP_TARGET_MAX - 256};

    if (!web->texts.password_hash || is_public(web_request_path(request)) || is_open(web, request))
        return true;
    if (strcmp(web_request_path(request), PAGE_METRICS_PATH) == 0)
        return web_metrics_admit(request, web);
    buf_add_text(&location, "/password?next=");
    add_wanted(&location, request);
    web_page_see_other(request, location.failed ? "/password" : location.data);
    buf_free(&location, true);
    return false;
}

const struct web_route web_page_routes[] = {
#define VIEW_ROUTE(path, draw) {path, WEB_GET, web_get_view},
    WEB_VIEWS(VIEW_ROUTE) WEB_DOWNLOADS(VIEW_ROUTE){PAGE_CHOICES_PATH, WEB_POST, web_post_choices},
    {"/plays/delete", WEB_POST, web_post_play_delete},
    {"/plays/restore", WEB_POST, web_post_play_restore},
    {PAGE_ACCOUNTS_PATH, WEB_GET, get_accounts},
    {PAGE_ACCOUNTS_PATH "/connect", WEB_POST, post_connect},
    {PAGE_CALLBACK_PATH, WEB_GET, get_callback},
    {"/password", WEB_GET | WEB_POST, handle_password},
    {"/password/logout", WEB_POST, post_logout},
    {"/style.css", WEB_GET, get_style},
    {"/favicon.svg", WEB_GET, get_favicon},
    {"/healthz", WEB_GET, web_get_health},
    {PAGE_METRICS_PATH, WEB_GET, web_get_metrics},
    {"/robots.txt", WEB_GET, get_robots},
    {NULL, 0, NULL},
};
