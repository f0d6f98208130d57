/* SPDX-License-Identifier: MIT */
/* The frame around all pages, and the pages for errors. */
#include "web/page.h"

#include <string.h>

#include "web/html.h"
#include "web/http.h"

/* The menu. A page that is to come gets a row here. */
static const struct {
    const char *path, *name;
} menu[] = {
    {"/", "Home"},
    {"/plays", "Plays"},
    {"/year/", "Year"},
    {"/coverage", "Coverage"},
    {PAGE_ACCOUNTS_PATH, "Accounts"},
};

static void add_head(struct buf *buf, const struct page_site *site, const char *heading)
{
    html_add(buf, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n");
    /* The header says no-referrer. With that a browser would also hide where a form comes from
     * ("Origin: null", Fetch standard, append a request Origin header). */
    if (site->token)
        html_add(buf, "<meta name=\"referrer\" content=\"same-origin\">\n");
    html_add(buf, "<title>");
    html_add_text(buf, heading);
    html_add(buf, " \xc2\xb7 ");
    html_add_text(buf, site->title);
    html_add(buf, "</title>\n<link rel=\"stylesheet\" href=\"/style.css?v=");
    html_add_url_part(buf, site->version);
    html_add(buf, "\">\n<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n"
                  "</head>\n");
}

/* "/year/2026" belongs to "/year/", and "/" to itself only. */
static bool is_in(const char *section, const char *path)
{
    size_t len = strlen(path);

    return strcmp(section, path) == 0 || (len > 1 && strncmp(section, path, len) == 0 &&
                                          (path[len - 1] == '/' || section[len] == '/'));
}

static void add_menu(struct buf *buf, const char *section)
{
    html_add(buf, "<nav aria-label=\"Pages\">\n<ul>\n");
    for (size_t i = 0; i < sizeof(menu) / sizeof(menu[0]); i++) {
        html_add(buf, "<li><a href=\"");
        html_add_href(buf, menu[i].path);
        html_add(buf, "\"");
        if (is_in(section, menu[i].path))
            html_add(buf, " aria-current=\"page\"");
        html_add(buf, ">");
        html_add_text(buf, menu[i].name);
        html_add(buf, "</a></li>\n");
    }
    html_add(buf, "</ul>\n</nav>\n");
}

void page_begin(struct buf *buf, const struct page_site *site, const char *section,
                const char *heading)
{
    add_head(buf, site, heading);
    html_add(buf, "<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
                  "<header class=\"site\">\n<a class=\"brand\" href=\"/\">");
    html_add_text(buf, site->title);
    html_add(buf, "</a>\n");
    if (section)
        add_menu(buf, section);
    html_add(buf, "</header>\n<main id=\"content\">\n<h1>");
    html_add_text(buf, heading);
    html_add(buf, "</h1>\n");
}

/* In which zone times are shown, and the way to change that. */
static void add_choices(struct buf *buf, const struct page_site *site)
{
    html_add(buf, "<p>");
    if (site->zone) {
        html_add(buf, "Time zone: ");
        html_add_text(buf, site->zone);
        html_add(buf, ". ");
    }
    if (site->here) {
        html_add(buf, "<a href=\"" PAGE_CHOICES_PATH "?next=");
        html_add_url_part(buf, site->here);
        html_add(buf, "\">Time zone and covers</a>");
    }
    html_add(buf, "</p>\n");
}

void page_end(struct buf *buf, const struct page_site *site)
{
    html_add(buf, "</main>\n<footer class=\"site\">\n");
    if (site->with_session && site->token) {
        page_form(buf, site, "/password/logout");
        html_add(buf, "<button class=\"plain\" type=\"submit\">Leave this page (the password is "
                      "asked for again)</button>\n</form>\n");
    }
    if (site->zone || site->here)
        add_choices(buf, site);
    html_add(buf, "<p>spotify-historyd keeps a record of your own listening. It is not made or "
                  "endorsed by Spotify.</p>\n</footer>\n</body>\n</html>\n");
}

void page_form(struct buf *buf, const struct page_site *site, const char *action)
{
    html_add(buf, "<form method=\"post\" action=\"");
    html_add_href(buf, action);
    html_add(buf, "\">\n<input type=\"hidden\" name=\"token\" value=\"");
    html_add_text(buf, site->token);
    html_add(buf, "\">\n");
}

/* What a status means to a person who did nothing wrong, and what they can do. */
static const char *error_advice(int status)
{
    switch (status) {
    case 403:
        return "Nothing was changed. Go back, load the page anew and try again.";
    case 404:
        return "There is no such page here.";
    case 405:
    case 501:
        return "This address does not take what your browser asked of it.";
    case 413:
    case 414:
    case 431:
        return "What your browser sent is longer than this page takes.";
    case 421:
        return "This name is not one that the page is served under. If it should be, add it to "
               "web.allowed_hosts in the configuration.";
    case 429:
        return "Wait a little, then try again.";
    case 503:
        return "Nothing was changed. Try again in a minute.";
    default:
        if (status >= 500)
            return "Something failed on this side; the recorder's log says what. What is recorded "
                   "stays.";
        return "Your browser sent something that makes no sense here. Nothing was changed.";
    }
}

void page_error(struct buf *buf, const struct page_site *site, int status, const char *what)
{
    const char *heading = web_status_text(status);

    /* Where there may be forms, the reader was let in, and may go elsewhere. */
    page_begin(buf, site, site->token ? "" : NULL, heading[0] ? heading : "Error");
    if (what && what[0] && strcmp(what, heading) != 0) {
        html_add(buf, "<p class=\"lead\">");
        html_add_text(buf, what);
        html_add(buf, "</p>\n");
    }
    html_add(buf, "<p>");
    html_add_text(buf, error_advice(status));
    html_add(buf, "</p>\n<p><a href=\"/spotify\">To the accounts</a></p>\n");
    page_end(buf, site);
}
