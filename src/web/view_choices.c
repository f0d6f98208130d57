/* SPDX-License-Identifier: MIT */
/* "/choices": the reader's time zone, and whether pictures come from Spotify's hosts. */
#include "web/view.h"

#include <stdlib.h>
#include <string.h>

#include "web/html.h"
#include "web/zone_names.h"

/* What was entered, and is no zone; NULL: nothing, or it is one. */
static const char *wrong_zone(const struct view_request *request)
{
    const char *zone = view_field(request, "zone");

    return zone && zone[0] && !zone_exists(zone) ? zone : NULL;
}

static void add_names(struct buf *buf)
{
    struct zone_names *names = malloc(sizeof(*names));

    if (!names)
        return;
    zone_names_read(ZONE_NAMES_FILE, names);
    html_add(buf, "<datalist id=\"zones\">\n<option value=\"UTC\"></option>\n");
    for (size_t i = 0; i < names->count; i++) {
        html_add(buf, "<option value=\"");
        html_add_text(buf, names->names[i]);
        html_add(buf, "\"></option>\n");
    }
    html_add(buf, "</datalist>\n");
    zone_names_free(names);
    free(names);
}

static void add_zone(struct buf *buf, const struct view_request *request, const char *wrong)
{
    char now[ZONE_TIME_SIZE];

    if (wrong) {
        html_add(buf, "<p class=\"problem\" id=\"problem\" role=\"alert\">There is no time zone "
                      "called <bdi>");
        html_add_text(buf, wrong);
        html_add(buf, "</bdi> here. Nothing was changed.</p>\n");
    }
    html_add(buf, "<label for=\"zone\">Time zone</label>\n"
                  "<input id=\"zone\" name=\"zone\" type=\"text\" list=\"zones\" maxlength=\"63\" "
                  "autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\" "
                  "placeholder=\"that of the server\" value=\"");
    html_add_text(buf, wrong ? wrong : request->zone_chosen);
    html_add(buf, "\" aria-describedby=\"zone-now");
    html_add_either(buf, wrong, " problem\" aria-invalid=\"true\">\n", "\">\n");
    add_names(buf);
    html_add(buf, "<p class=\"beside\" id=\"zone-now\">Such as Europe/Berlin; empty: that of the "
                  "server. In ");
    html_add_text(buf, zone_name(request->zone));
    html_add(buf, " it is ");
    html_add_text(buf, zone_time_format(request->zone, request->now, now));
    html_add(buf, ".</p>\n");
}

static void add_covers(struct buf *buf, const struct view_request *request)
{
    html_add(buf,
             "<p><label class=\"check\"><input type=\"checkbox\" name=\"covers\" value=\"on\"");
    if (request->covers)
        html_add(buf, " checked");
    html_add(buf, "> Show covers</label></p>\n<p class=\"beside\">Your browser fetches them from "
                  "Spotify's image host, which sees your address then, but not which page you "
                  "look at. Without them nothing is asked of anybody but this recorder.</p>\n");
}

enum store_result view_choices(struct store *store, const struct view_request *request,
                               struct view_answer *answer)
{
    struct buf *buf = &answer->body;
    struct page_site site = request->site;
    const char *next = view_field(request, "next"), *wrong = wrong_zone(request);

    (void)store;
    site.here = NULL; /* it is here */
    answer->status = wrong ? 422 : 200;
    page_begin(buf, &site, "", "Choices");
    html_add(buf, "<div class=\"narrow\">\n<p>They are kept in this browser.</p>\n");
    page_form(buf, &site, PAGE_CHOICES_PATH);
    html_add(buf, "<input type=\"hidden\" name=\"next\" value=\"");
    html_add_text(buf, next && guard_next_is_ours(next) ? next : "/");
    html_add(buf, "\">\n");
    add_zone(buf, request, wrong);
    add_covers(buf, request);
    html_add(buf, "<button type=\"submit\">Save</button>\n</form>\n</div>\n");
    page_end(buf, &site);
    return STORE_OK;
}
