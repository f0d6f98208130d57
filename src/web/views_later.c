/* SPDX-License-Identifier: MIT */
/* Pages that are not there yet, each in the frame of all pages: a row goes when its page comes. */
#include "web/view.h"

#include "web/html.h"

static enum store_result draw_later(const struct view_request *request, struct view_answer *answer,
                                    const char *section, const char *heading)
{
    page_begin(&answer->body, &request->site, section, heading);
    html_add(&answer->body, "<p>This page is not there yet. What is recorded is safe, and "
                            "<code>spotify-historyctl</code> shows it.</p>\n");
    page_end(&answer->body, &request->site);
    return STORE_OK;
}

#define LATER(name, section, heading)                                               \
    enum store_result name(struct store *store, const struct view_request *request, \
                           struct view_answer *answer)                              \
    {                                                                               \
        (void)store;                                                                \
        return draw_later(request, answer, section, heading);                       \
    }

LATER(view_home, "/", "Home")
LATER(view_artist, "/", "Artist")
LATER(view_album, "/", "Album")
LATER(view_track, "/", "Track")
LATER(view_plays, "/plays", "Plays")
LATER(view_download, "/plays", "Download")
LATER(view_year, "/year/", "Year")
LATER(view_coverage, "/coverage", "Coverage")
