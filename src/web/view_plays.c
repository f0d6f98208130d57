/* SPDX-License-Identifier: MIT */
/* "/plays": every play, searched, filtered, page by page; one can be deleted, and brought back. */
#include "web/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/search.h"
#include "web/html.h"
#include "web/view_parts.h"
#include "web/view_selection.h"

#define PAGE_PLAYS 50
#define NAMES 5 /* of each kind that a search may want to go to */
#define PLAYS_PATH "/plays"

struct plays_page {
    const struct view_request *request;
    struct store *store;
    struct buf *buf;
    struct view_people people;
    struct view_selection selection;
    struct store_plays_page plays;
    enum store_result result;
};

/* -- addresses --------------------------------------------------------------------------------- */

/* The same selection, with one more field (NULL: none). */
static void add_address(const struct plays_page *page, const char *path, const char *name,
                        const char *value)
{
    const struct view_selection *selection = &page->selection;

    view_add_address(page->buf, &page->people, path,
                     (const char *const[]){"q", selection->words, "from", selection->from, "to",
                                           selection->to, "source", selection->source, "show",
                                           selection->search.deleted ? "deleted" : NULL,
                                           name ? name : "", value, NULL});
}

static void place_text(const struct store_place *place, char text[static VIEW_PLACE_SIZE])
{
    view_place_format(*place, text);
}

/* -- the form ---------------------------------------------------------------------------------- */

static void add_field(struct buf *buf, const char *label, const char *type, const char *name,
                      const char *value)
{
    html_add(buf, "<label>");
    html_add_text(buf, label);
    html_add(buf, " <input type=\"");
    html_add_text(buf, type);
    html_add(buf, "\" name=\"");
    html_add_text(buf, name);
    html_add(buf, "\" value=\"");
    html_add_text(buf, value);
    html_add(buf, "\" maxlength=\"200\"></label>\n");
}

static void add_option(struct buf *buf, const char *value, const char *label, const char *chosen)
{
    html_add(buf, "<option value=\"");
    html_add_text(buf, value);
    html_add(buf, "\"");
    if (chosen && strcmp(value, chosen) == 0)
        html_add(buf, " selected");
    html_add(buf, ">");
    html_add_text(buf, label);
    html_add(buf, "</option>\n");
}

static void add_form(const struct plays_page *page)
{
    const struct view_selection *selection = &page->selection;
    struct buf *buf = page->buf;

    html_add(buf,
             "<form class=\"filters\" method=\"get\" action=\"" PLAYS_PATH "\" role=\"search\">"
             "\n");
    if (page->people.user_id > 0) {
        html_add(buf, "<input type=\"hidden\" name=\"user\" value=\"");
        html_add_number(buf, page->people.user_id);
        html_add(buf, "\">\n");
    }
    add_field(buf, "Track, artist, album", "search", "q", selection->words);
    add_field(buf, "From", "date", "from", selection->from);
    add_field(buf, "to", "date", "to", selection->to);
    html_add(buf, "<label>Told by <select name=\"source\">\n");
    add_option(buf, "", "anybody", NULL);
    add_option(buf, "api", "the recorder", selection->source);
    add_option(buf, "extended", "the extended history", selection->source);
    add_option(buf, "account", "the account data", selection->source);
    html_add(buf, "</select></label>\n<label>Show <select name=\"show\">\n");
    add_option(buf, "", "plays", NULL);
    add_option(buf, "deleted", "deleted plays", selection->search.deleted ? "deleted" : NULL);
    html_add(buf, "</select></label>\n<button type=\"submit\">Search</button>\n</form>\n");
}

/* -- where a search may want to go -------------------------------------------------------------- */

static void add_name_rows(struct plays_page *page, enum store_kind kind,
                          const struct store_counts *found)
{
    for (size_t i = 0; page->result == STORE_OK && i < found->count; i++) {
        struct store_title title;

        page->result = store_title_get(page->store, kind, found->items[i].id, &title);
        if (page->result == STORE_OK) {
            html_add(page->buf, "<li>");
            part_add_link(page->buf, &page->people, kind, &title.self);
            html_add(page->buf, " <span class=\"quiet\">");
            html_add_count(page->buf, found->items[i].plays);
            html_add(page->buf, "</span></li>\n");
        }
        store_title_free(&title);
    }
}

static void add_names(struct plays_page *page)
{
    static const struct {
        enum store_kind kind;
        const char *caption;
    } kinds[STORE_KINDS] = {
        {STORE_KIND_ARTIST, "Artists"},
        {STORE_KIND_ALBUM, "Albums"},
        {STORE_KIND_TRACK, "Tracks"},
    };
    struct store_counts found[STORE_KINDS];

    page->result =
        store_search_names(page->store, page->people.user_id, page->selection.words, NAMES, found);
    html_add(page->buf, "<div class=\"columns\">\n");
    for (int i = 0; i < STORE_KINDS; i++) {
        const struct store_counts *of_kind = &found[kinds[i].kind];

        if (of_kind->count > 0) {
            html_add(page->buf, "<section>\n<h2>");
            html_add_text(page->buf, kinds[i].caption);
            html_add(page->buf, "</h2>\n<ul class=\"names\">\n");
            add_name_rows(page, kinds[i].kind, of_kind);
            html_add(page->buf, "</ul>\n</section>\n");
        }
        free(of_kind->items);
    }
    html_add(page->buf, "</div>\n");
}

/* -- the plays --------------------------------------------------------------------------------- */

/* The form that deletes one, or brings it back. */
static void add_action(const struct plays_page *page, const struct store_shown *play)
{
    bool deleted = play->deleted_at != STORE_NO_TIME;
    char place[VIEW_PLACE_SIZE];
    struct buf *buf = page->buf;

    place_text(&play->place, place);
    page_form(buf, &page->request->site, deleted ? "/plays/restore" : "/plays/delete");
    html_add(buf, "<input type=\"hidden\" name=\"play\" value=\"");
    html_add_text(buf, place);
    html_add(buf, "\">\n<input type=\"hidden\" name=\"next\" value=\"");
    add_address(page, PLAYS_PATH, NULL, NULL);
    html_add(buf, "\">\n<button class=\"plain\" type=\"submit\" aria-label=\"");
    html_add_text(buf, deleted ? "Bring back " : "Delete the play of ");
    html_add_text(buf, play->title.self.name ? play->title.self.name : "a track without a name");
    html_add(buf, "\">");
    html_add_text(buf, deleted ? "Bring back" : "Delete");
    html_add(buf, "</button>\n</form>\n");
}

static void add_plays(const struct plays_page *page)
{
    struct buf *buf = page->buf;
    int64_t last = INT64_MIN;

    if (page->plays.count == 0) {
        html_add(buf, "<p class=\"quiet\">No play fits this.</p>\n");
        return;
    }
    html_add(buf, "<ol class=\"plays\">\n");
    for (size_t i = 0; i < page->plays.count; i++) {
        const struct store_shown *play = &page->plays.items[i];
        int64_t day = zone_day(page->request->zone, play->played_at, NULL);
        char text[ZONE_DATE_SIZE];

        if (day != last) {
            html_add(buf, "<li class=\"day\"><h2>");
            html_add_text(buf, zone_date_format(day, text));
            html_add(buf, "</h2></li>\n");
            last = day;
        }
        part_begin_play(buf, page->request, &page->people, play);
        add_action(page, play);
        html_add(buf, "</li>\n");
    }
    html_add(buf, "</ol>\n");
}

static void add_page_link(const struct plays_page *page, const char *name,
                          const struct store_place *place, const char *rel, const char *label)
{
    char text[VIEW_PLACE_SIZE];

    place_text(place, text);
    html_add(page->buf, "<a rel=\"");
    html_add_text(page->buf, rel);
    html_add(page->buf, "\" href=\"");
    add_address(page, PLAYS_PATH, name, text);
    html_add(page->buf, "\">");
    html_add_text(page->buf, label);
    html_add(page->buf, "</a>\n");
}

static void add_pager(const struct plays_page *page)
{
    const struct store_plays_page *plays = &page->plays;

    if (plays->count == 0)
        return;
    html_add(page->buf, "<nav class=\"pager\" aria-label=\"Pages of plays\">\n");
    if (plays->newer) {
        html_add(page->buf, "<a href=\"");
        add_address(page, PLAYS_PATH, NULL, NULL);
        html_add(page->buf, "\">Newest</a>\n");
        add_page_link(page, "after", &plays->items[0].place, "prev", "Newer");
    }
    if (plays->older)
        add_page_link(page, "before", &plays->items[plays->count - 1].place, "next", "Older");
    html_add(page->buf, "</nav>\n");
}

static void add_downloads(const struct plays_page *page)
{
    html_add(page->buf, "<p class=\"downloads\">All plays of this selection: <a href=\"");
    add_address(page, "/plays.csv", NULL, NULL);
    html_add(page->buf, "\" download>CSV</a> <a href=\"");
    add_address(page, "/plays.json", NULL, NULL);
    html_add(page->buf, "\" download>JSON</a></p>\n");
}

/* What just happened to a play, and the way back. */
static void add_notice(const struct plays_page *page)
{
    const char *deleted = view_field(page->request, "deleted");
    struct store_place place;
    struct buf *buf = page->buf;

    if (view_field(page->request, "restored"))
        html_add(buf, "<p class=\"notice\" role=\"status\">The play is back.</p>\n");
    if (!deleted || !view_place_parse(deleted, &place))
        return;
    html_add(buf, "<div class=\"notice\" role=\"status\"><p>The play is deleted: it counts nowhere "
                  "any more, and will not be recorded again.</p>\n");
    page_form(buf, &page->request->site, "/plays/restore");
    html_add(buf, "<input type=\"hidden\" name=\"play\" value=\"");
    html_add_text(buf, deleted);
    html_add(buf, "\">\n<input type=\"hidden\" name=\"next\" value=\"");
    add_address(page, PLAYS_PATH, NULL, NULL);
    html_add(buf, "\">\n<button type=\"submit\">Undo</button>\n</form>\n</div>\n");
}

static void draw(struct plays_page *page)
{
    const struct view_request *request = page->request;

    page_begin(page->buf, &request->site, PLAYS_PATH, "Plays");
    add_notice(page);
    view_add_people(page->buf, request, &page->people);
    add_form(page);
    if (page->selection.words && page->plays.count > 0 && !page->selection.place_given)
        add_names(page);
    add_plays(page);
    add_pager(page);
    if (!page->selection.search.deleted)
        add_downloads(page);
    page_end(page->buf, &request->site);
}

enum store_result view_plays(struct store *store, const struct view_request *request,
                             struct view_answer *answer)
{
    struct plays_page page = {.request = request, .store = store, .buf = &answer->body};

    if (view_people_read(store, request, answer, &page.people, &page.result)) {
        const char *problem = view_selection_read(request, &page.people, &page.selection);

        if (problem)
            page.result = view_error(request, answer, 400, problem);
        else
            page.result = store_plays_find(store, &page.selection.search, page.selection.place,
                                           page.selection.back, PAGE_PLAYS, &page.plays);
        if (!problem && page.result == STORE_OK)
            draw(&page);
    }
    store_plays_free(&page.plays);
    free(page.people.users);
    return page.result;
}
