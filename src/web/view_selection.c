/* SPDX-License-Identifier: MIT */
#include "web/view_selection.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void view_place_format(struct store_place place, char text[static VIEW_PLACE_SIZE])
{
    snprintf(text, VIEW_PLACE_SIZE, "%lld.%lld", (long long)place.key, (long long)place.user_id);
}

bool view_place_parse(const char *text, struct store_place *place)
{
    const char *dot = strchr(text, '.');
    struct store_place read;

    if (!dot || !text_int_parse(text, (size_t)(dot - text), &read.key) ||
        !text_int_parse(dot + 1, strlen(dot + 1), &read.user_id) || read.user_id <= 0)
        return false;
    *place = read;
    return true;
}

/* A field that is there and says something. */
static const char *field(const struct view_request *request, const char *name)
{
    const char *value = view_field(request, name);

    return value && value[0] ? value : NULL;
}

static const char *read_days(const struct view_request *request, struct view_selection *selection)
{
    const char *day = field(request, "day");
    int64_t first, last;

    selection->from = day ? day : field(request, "from");
    selection->to = day ? day : field(request, "to");
    if (selection->from) {
        if (!zone_date_parse(selection->from, &first))
            return "There is no such day: days are written like 2026-11-22.";
        selection->search.since = zone_day_begins(request->zone, first);
    }
    if (selection->to) {
        if (!zone_date_parse(selection->to, &last))
            return "There is no such day: days are written like 2026-11-22.";
        selection->search.until = zone_day_begins(request->zone, last + 1);
    }
    return NULL;
}

static const char *read_place(const struct view_request *request, struct view_selection *selection)
{
    const char *before = field(request, "before"), *after = field(request, "after");
    const char *place = before ? before : after;

    if (!place)
        return NULL;
    selection->back = !before;
    selection->place_given = true;
    return view_place_parse(place, &selection->place) ? NULL : "This page of plays is not known.";
}

const char *view_selection_read(const struct view_request *request,
                                const struct view_people *people, struct view_selection *selection)
{
    static const char *const sources[] = {"api", "extended", "account"};
    const char *show = field(request, "show"), *problem;

    *selection = (struct view_selection){
        .search = {.user_id = people->user_id, .since = STORE_NO_TIME, .until = STORE_NO_TIME},
        .words = field(request, "q"),
        .source = field(request, "source"),
    };
    if (selection->words && strlen(selection->words) > STORE_SEARCH_WORDS_MAX)
        return "That is more than can be searched for.";
    if (show && strcmp(show, "deleted") != 0)
        return "What is to be shown is not known.";
    if (selection->source) {
        bool known = false;

        for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
            known = known || strcmp(sources[i], selection->source) == 0;
        if (!known)
            return "Nobody of this name tells of plays.";
    }
    selection->search.words = selection->words;
    selection->search.source = selection->source;
    selection->search.deleted = show != NULL;
    problem = read_days(request, selection);
    return problem ? problem : read_place(request, selection);
}
