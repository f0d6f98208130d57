/* SPDX-License-Identifier: MIT */
/*
 * web/view_selection: which plays an address asks for: ?q=words&from=day&to=day (day=day is
 * both)&source=...&show=deleted, and from which place on: &before=PLACE or &after=PLACE. What the
 * page and its downloads have in common.
 */
#ifndef WEB_VIEW_SELECTION_H
#define WEB_VIEW_SELECTION_H

#include "store/search.h"
#include "web/view.h"

struct view_selection {
    struct store_search search;
    const char *words, *from, *to, *source; /* as they came, NULL: absent or empty */
    struct store_place place;
    bool place_given;
    bool back; /* newer than place */
};

/* Reads it; texts are those of the request. NULL, or what is wrong with it. */
const char *view_selection_read(const struct view_request *request,
                                const struct view_people *people, struct view_selection *selection);

/* "1763800000000.2": a place as an address has it. */
#define VIEW_PLACE_SIZE 48
void view_place_format(struct store_place place, char text[static VIEW_PLACE_SIZE]);
bool view_place_parse(const char *text, struct store_place *place);

#endif
