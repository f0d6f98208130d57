/* SPDX-License-Identifier: MIT */
/* /spotify: the accounts, how each stands, and the way to connect another. */
#include "web/page.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/html.h"
#include "web/status.h"

#define TODO_MAX 10 /* sentences in the banner; what is more is counted */

void page_origin(const char *address, char *origin, size_t size)
{
    const char *after = strstr(address, "://");
    size_t len = after ? (size_t)(after + 3 - address) + strcspn(after + 3, "/?#") : 0;

    if (!after || len >= size)
        len = 0;
    snprintf(origin, size, "%.*s", (int)len, address);
}

bool page_redirect_fits(const char *redirect_uri, const char *host)
{
    char origin[300];
    size_t len;

    page_origin(redirect_uri, origin, sizeof(origin));
    if (!origin[0] || strcmp(redirect_uri + strlen(origin), PAGE_CALLBACK_PATH) != 0)
        return false;
    if (guard_origin_is_host(origin, host))
        return true;
    /* A browser leaves the port out where it is the scheme's own. */
    len = strlen(origin);
    if (strncasecmp(origin, "https:", 6) == 0 && len > 4 && strcmp(origin + len - 4, ":443") == 0)
        origin[len - 4] = '\0';
    else if (strncasecmp(origin, "http:", 5) == 0 && len > 3 &&
             strcmp(origin + len - 3, ":80") == 0)
        origin[len - 3] = '\0';
    return guard_origin_is_host(origin, host);
}

const char *page_account_state(const struct account *account,
                               const struct recorder_status *recorder, const char **style)
{
    *style = "bad";
    if (account->signed_out) {
        *style = "quiet";
        return "signed out";
    }
    if (account->user.state == STORE_USER_NEEDS_LOGIN)
        return "must sign in again";
    if (account->user.state == STORE_USER_PAUSED)
        return "refused by Spotify";
    if (recorder && recorder->app_trouble)
        return "not recorded: the app is refused";
    *style = "late";
    if (account->live && account->failures > 0)
        return "failing for now";
    if (recorder && !recorder->has_client)
        return "waiting for a client id";
    if (recorder && recorder->opens_at != STORE_NO_TIME)
        return "waiting: Spotify asked to";
    if (!account->live)
        return "not being recorded now";
    *style = "good";
    return "recording";
}

static const char *account_name(const struct account *account)
{
    return account->user.display_name[0] ? account->user.display_name : account->user.spotify_id;
}

/* A name may run from right to left: it must not carry its neighbours along. */
static void add_name(struct buf *buf, const struct account *account)
{
    html_add(buf, "<bdi>");
    html_add_text(buf, account_name(account));
    html_add(buf, "</bdi>");
}

/* -- what a person must do --------------------------------------------------------------------- */

static void add_todo(struct buf *buf, const char *sentence)
{
    html_add(buf, "<li>");
    html_add_text(buf, sentence);
    html_add(buf, "</li>\n");
}

static void add_account_todos(struct buf *buf, const struct page_accounts *page)
{
    size_t said = 0, more = 0;

    for (size_t i = 0; i < page->count; i++) {
        const struct account *account = &page->accounts[i];

        if (!account->must_act || account->suspicious)
            continue;
        if (said < TODO_MAX) {
            add_todo(buf, account->todo);
            said++;
        } else {
            more++;
        }
    }
    if (more > 0) {
        html_add(buf, "<li>and ");
        html_add_count(buf, (int64_t)more);
        html_add(buf, " more</li>\n");
    }
}

/* Refused for all at once: what to think of it, and that nothing has to be done yet. */
static void add_suspicion(struct buf *buf, const struct page_accounts *page)
{
    int64_t retry_at = STORE_NO_TIME;
    bool any = false;

    for (size_t i = 0; i < page->count; i++) {
        const struct account *account = &page->accounts[i];

        if (!account->suspicious)
            continue;
        any = true;
        if (account->retry_at != STORE_NO_TIME &&
            (retry_at == STORE_NO_TIME || account->retry_at < retry_at))
            retry_at = account->retry_at;
    }
    if (!any)
        return;
    html_add(buf, "<li>Spotify refused the sign-ins of everybody at once. That looks like a fault "
                  "of Spotify's.");
    if (retry_at != STORE_NO_TIME) {
        html_add(buf, " They are tried once more by themselves at ");
        html_add_time(buf, retry_at, "");
        html_add(buf, "; signing in again helps at once.");
    } else {
        html_add(buf, " Signing in again helps at once.");
    }
    html_add(buf, "</li>\n");
}

static bool any_must_act(const struct page_accounts *page)
{
    if (page->recorder && (page->recorder->app_trouble || page->recorder->database_held))
        return true;
    for (size_t i = 0; i < page->count; i++) {
        if (page->accounts[i].must_act || page->accounts[i].suspicious)
            return true;
    }
    return false;
}

static void add_banner(struct buf *buf, const struct page_accounts *page)
{
    if (!any_must_act(page))
        return;
    html_add(buf, "<section class=\"banner\" aria-labelledby=\"todo\">\n"
                  "<h2 id=\"todo\">Something for you to do</h2>\n<ul>\n");
    if (page->recorder && page->recorder->app_trouble) {
        html_add(buf, "<li>Spotify refuses the app itself, so nobody is recorded: ");
        html_add_text(buf, page->recorder->gate_reason);
        html_add(buf, "</li>\n");
    }
    if (page->recorder && page->recorder->database_held)
        html_add(buf, "<li>The database takes no writes. Is the disk full? What was heard "
                      "meanwhile waits in memory.</li>\n");
    add_account_todos(buf, page);
    add_suspicion(buf, page);
    html_add(buf, "</ul>\n</section>\n");
}

/* No person has to act, but it should be known why nothing moves. */
static void add_waiting(struct buf *buf, const struct page_accounts *page)
{
    const struct recorder_status *recorder = page->recorder;

    if (!recorder || recorder->opens_at == STORE_NO_TIME || recorder->app_trouble)
        return;
    html_add(buf, "<p class=\"notice\">Spotify asked to wait until ");
    html_add_time(buf, recorder->opens_at, "");
    if (recorder->gate_reason[0]) {
        html_add(buf, " (");
        html_add_text(buf, recorder->gate_reason);
        html_add(buf, ")");
    }
    html_add(buf, ". Recording goes on by itself then.</p>\n");
}

/* Who just came back from Spotify: shown only for somebody who is there and signed in, because
 * anybody can write such a link. */
static void add_welcome(struct buf *buf, const struct page_accounts *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct account *account = &page->accounts[i];

        if (page->signed_in <= 0 || account->user.user_id != page->signed_in ||
            account->user.state != STORE_USER_ACTIVE)
            continue;
        html_add(buf, "<p class=\"notice done\" role=\"status\"><strong>");
        add_name(buf, account);
        html_add(buf, "</strong> is signed in: recording has begun.</p>\n");
    }
}

/* -- one account ------------------------------------------------------------------------------- */

static void add_days_left(struct buf *buf, const struct account *account)
{
    int32_t days = account->days_left;

    if (account->user.state == STORE_USER_NEEDS_LOGIN && !account->signed_out) {
        html_add(buf, "<strong class=\"bad\">not in use</strong>");
        return;
    }
    if (days == COUNTDOWN_UNKNOWN || account->ends_at == STORE_NO_TIME) {
        html_add(buf, "not known: the sign-in was made elsewhere");
        return;
    }
    if (account->signed_out) {
        html_add(buf, "signed out");
        return;
    }
    if (days <= 1)
        html_add(buf, "<strong class=\"bad\">");
    else if (days <= 7)
        html_add(buf, "<strong class=\"late\">");
    else if (days <= COUNTDOWN_ACT_DAYS)
        html_add(buf, "<strong>");
    if (days <= 0) {
        html_add(buf, "over");
    } else {
        html_add_count(buf, days);
        html_add_either(buf, days == 1, " day left", " days left");
    }
    if (days <= COUNTDOWN_ACT_DAYS)
        html_add(buf, "</strong>");
    html_add(buf, " <span class=\"beside\">(");
    html_add_time(buf, account->ends_at, "");
    html_add(buf, ")</span>");
}

static void add_time_or(struct buf *buf, int64_t ms, const char *absent)
{
    if (ms == STORE_NO_TIME)
        html_add_text(buf, absent);
    else
        html_add_time(buf, ms, "");
}

static void add_next(struct buf *buf, const struct account *account)
{
    if (account->user.state == STORE_USER_NEEDS_LOGIN) {
        html_add(buf, "<div><dt>Tried again</dt><dd>");
        add_time_or(buf, account->retry_at, "not before somebody signs in");
    } else if (account->doing && strcmp(account->doing, "idle") != 0) {
        html_add(buf, "<div><dt>Next poll</dt><dd>now: ");
        html_add_text(buf, account->doing);
    } else {
        html_add(buf, "<div><dt>Next poll</dt><dd>");
        add_time_or(buf, account->live ? account->next_poll_at : STORE_NO_TIME, "not planned");
    }
    html_add(buf, "</dd></div>\n");
}

static void add_facts(struct buf *buf, const struct account *account)
{
    html_add(buf, "<dl>\n<div><dt>On Spotify</dt><dd>"
                  "<a rel=\"noreferrer\" href=\"https://open.spotify.com/user/");
    html_add_url_part(buf, account->user.spotify_id);
    html_add(buf, "\"><bdi>");
    html_add_text(buf, account->user.spotify_id);
    html_add(buf, "</bdi></a></dd></div>\n<div><dt>Sign-in ends</dt><dd>");
    add_days_left(buf, account);
    html_add(buf, "</dd></div>\n<div><dt>Last success</dt><dd>");
    add_time_or(buf, account->user.last_success_at, "never");
    html_add(buf, "</dd></div>\n");
    add_next(buf, account);
    html_add(buf, "<div><dt>Plays recorded today</dt><dd>");
    html_add_count(buf, account->plays_today);
    html_add(buf, "</dd></div>\n</dl>\n");
}

/* Why it stands as it does, where there is a reason. */
static void add_reason(struct buf *buf, const struct account *account)
{
    const char *reason = account->user.state_reason;

    if (account->signed_out)
        reason = "The sign-in was removed here. What is recorded stays.";
    else if (account->user.state == STORE_USER_ACTIVE)
        reason = account->failures > 0 ? account->last_detail : "";
    if (!reason[0])
        return;
    html_add(buf, "<p class=\"reason\">");
    html_add_text(buf, reason);
    if (account->user.state != STORE_USER_ACTIVE) {
        html_add(buf, " <span class=\"beside\">(since ");
        html_add_time(buf, account->user.state_since, "");
        html_add(buf, ")</span>");
    }
    html_add(buf, "</p>\n");
}

static void add_renew(struct buf *buf, const struct page_site *site, const struct account *account)
{
    page_form(buf, site, "/spotify/connect");
    html_add(buf, "<input type=\"hidden\" name=\"user\" value=\"");
    html_add_number(buf, account->user.user_id);
    html_add(buf, "\">\n");
    html_add_either(buf, account->must_act, "<button type=\"submit\">",
                    "<button class=\"quiet\" type=\"submit\">");
    html_add(buf, "Sign in again<span class=\"unseen\"> as ");
    add_name(buf, account);
    html_add(buf, "</span></button>\n</form>\n");
}

static void add_account(struct buf *buf, const struct page_site *site,
                        const struct page_accounts *page, const struct account *account,
                        bool can_connect)
{
    const char *style;
    const char *state = page_account_state(account, page->recorder, &style);

    html_add(buf, "<article class=\"account\" aria-labelledby=\"user-");
    html_add_number(buf, account->user.user_id);
    html_add(buf, "\">\n<header>\n<h2 id=\"user-");
    html_add_number(buf, account->user.user_id);
    html_add(buf, "\">");
    add_name(buf, account);
    html_add(buf, "</h2>\n<p class=\"state ");
    html_add_text(buf, style);
    html_add(buf, "\">");
    html_add_text(buf, state);
    html_add(buf, "</p>\n</header>\n");
    add_reason(buf, account);
    add_facts(buf, account);
    if (can_connect)
        add_renew(buf, site, account);
    html_add(buf, "</article>\n");
}

/* -- connecting -------------------------------------------------------------------------------- */

static void add_steps(struct buf *buf, const struct page_accounts *page)
{
    char step[1024];

    html_add(buf, "<section class=\"steps\" aria-labelledby=\"steps\">\n"
                  "<h2 id=\"steps\">Three steps before the first sign-in</h2>\n"
                  "<p>Spotify gives its data to apps that somebody registered. This one is yours "
                  "alone, and nothing is recorded before.</p>\n<ol>\n");
    for (int i = 0; i < 3; i++) {
        web_setup_step(i, page->config_file, page->redirect_uri, step, sizeof(step));
        html_add(buf, "<li>");
        html_add_text(buf, step);
        html_add(buf, "</li>\n");
    }
    html_add(buf, "</ol>\n<p><a class=\"button quiet\" rel=\"noreferrer\" "
                  "href=\"https://developer.spotify.com/dashboard\">Open Spotify's "
                  "dashboard</a></p>\n<p>The redirect URI, to copy:</p>\n<pre><code>");
    html_add_text(buf, page->redirect_uri);
    html_add(buf, "</code></pre>\n<p>The line for <code>");
    html_add_text(buf, page->config_file);
    html_add(buf, "</code>:</p>\n<pre><code>spotify { client_id = &quot;...&quot; }"
                  "</code></pre>\n</section>\n");
}

/* Opened under another name than the one that Spotify sends people back to: the browser would come
 * back without the cookie, and be taken for a stranger. */
static void add_elsewhere(struct buf *buf, const struct page_accounts *page)
{
    char origin[300];

    page_origin(page->redirect_uri, origin, sizeof(origin));
    html_add(buf, "<p>You opened this page as <code>");
    html_add_text(buf, page->host);
    html_add(buf, "</code>, but Spotify sends people back to <code>");
    html_add_text(buf, page->redirect_uri);
    html_add(buf, "</code>. ");
    if (origin[0] && strcmp(page->redirect_uri + strlen(origin), PAGE_CALLBACK_PATH) == 0) {
        html_add(buf, "To connect an account, open <a href=\"");
        html_add_href(buf, origin);
        html_add(buf, PAGE_ACCOUNTS_PATH "\">");
        html_add_text(buf, origin);
        html_add(buf, PAGE_ACCOUNTS_PATH "</a> in a browser that reaches it, or call ");
    } else {
        html_add(buf, "To connect an account, call ");
    }
    html_add(buf, "<code>spotify-historyctl login</code> in a shell.</p>\n");
}

static void add_connect(struct buf *buf, const struct page_site *site,
                        const struct page_accounts *page, bool can_connect)
{
    html_add(buf, "<section class=\"connect\" aria-labelledby=\"connect\">\n<h2 id=\"connect\">");
    html_add_either(buf, page->count > 0, "Another account", "Nobody is recorded yet");
    html_add(buf, "</h2>\n");
    if (!can_connect) {
        add_elsewhere(buf, page);
    } else {
        html_add(buf, "<p>You sign in at Spotify and agree that what you played may be read, "
                      "nothing else. The account must be entered under User Management of your "
                      "app.</p>\n");
        page_form(buf, site, "/spotify/connect");
        html_add(buf, "<button type=\"submit\">Connect an account</button>\n</form>\n");
    }
    html_add(buf, "</section>\n");
}

void page_accounts(struct buf *buf, const struct page_site *site, const struct page_accounts *page)
{
    bool has_client = !page->recorder || page->recorder->has_client;
    bool can_connect =
        has_client && site->token && page_redirect_fits(page->redirect_uri, page->host);

    page_begin(buf, site, PAGE_ACCOUNTS_PATH, "Accounts");
    add_welcome(buf, page);
    add_banner(buf, page);
    add_waiting(buf, page);
    if (!has_client)
        add_steps(buf, page);
    for (size_t i = 0; i < page->count; i++)
        add_account(buf, site, page, &page->accounts[i], can_connect);
    if (has_client)
        add_connect(buf, site, page, can_connect);
    page_end(buf, site);
}
