/* SPDX-License-Identifier: MIT */
/* The query of a page of history: its fields as the server splits them, and what the pages make of
 * them: stretches of time, selections of plays, places, numbers, titles. */
#include <string.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "web/http_private.h"
#include "web/period.h"
#include "web/view_selection.h"

#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(1795284000000) /* 2026-11-21T18:00:00Z */

static struct zone *zone_at(size_t i)
{
    static const char *const rules[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<-12>12",
                                        "<+1345>-13:45", "XXX0YYY,M1.1.0/0,J365/24"};
    static struct zone *zones[sizeof(rules) / sizeof(rules[0])];

    i %= sizeof(rules) / sizeof(rules[0]);
    if (zones[i] == NULL)
        zones[i] = zone_of_rule(rules[i]);
    hold(zones[i] != NULL);
    return zones[i];
}

/* -- stretches of time ------------------------------------------------------------------------- */

static void check_titles(const struct period *period, const struct zone *zone)
{
    char title[PERIOD_TITLE_SIZE];
    size_t len = strlen(period_title(period, zone, NOW, title));

    hold(len > 0 && len < PERIOD_TITLE_SIZE - 1 && text_printable(title, len));
    len = strlen(period_before_title(period, title));
    hold(len < PERIOD_TITLE_SIZE - 1 && (len > 0) == period->has_before);
}

static void check_days(const struct period *period, const struct zone *zone)
{
    char first[ZONE_DATE_SIZE], last[ZONE_DATE_SIZE];
    struct period again;

    hold(period->first_day >= 0 && period->first_day <= period->last_day);
    hold(period->since <= period->until);
    hold(period->running == (period->since <= NOW && NOW < period->until));
    if (period->has_before)
        hold(period->before_since <= period->before_until && period->before_until <= period->since);
    /* The same days, said in so many words. */
    zone_date_format(period->first_day, first);
    zone_date_format(period->last_day, last);
    hold(period_parse("free", first, last, zone, NOW, &again));
    hold(again.since == period->since && again.until == period->until);
    if (period->kind != PERIOD_FREE) { /* any day of it stands for it */
        hold(period_parse(period_name(period->kind), last, NULL, zone, NOW, &again));
        hold(again.first_day == period->first_day && again.last_day == period->last_day);
    }
}

static void try_period(const struct view_request *request)
{
    struct period period, week;
    bool good = period_parse(view_field(request, "period"), view_field(request, "from"),
                             view_field(request, "to"), request->zone, NOW, &period);

    hold((unsigned)period.kind < PERIOD_KINDS);
    if (!good) {
        hold(period_parse(NULL, NULL, NULL, request->zone, NOW, &week));
        hold(period.since == week.since && period.until == week.until && period.kind == week.kind);
    }
    check_titles(&period, request->zone);
    if (period.kind == PERIOD_ALL)
        hold(!period.has_before && period.since == INT64_MIN && period.until == INT64_MAX);
    else
        check_days(&period, request->zone);
}

/* -- plays ------------------------------------------------------------------------------------- */

static void check_place(struct store_place place)
{
    char text[VIEW_PLACE_SIZE];
    struct store_place again;

    view_place_format(place, text);
    hold(strlen(text) < sizeof(text) - 1 && view_place_parse(text, &again));
    hold(again.key == place.key && again.user_id == place.user_id && place.user_id > 0);
}

static void try_selection(const struct view_request *request)
{
    struct view_people people = {.user_id = 3};
    struct view_selection selection;
    const char *problem = view_selection_read(request, &people, &selection);

    if (problem != NULL) {
        hold(problem[0] != '\0');
        return;
    }
    hold(selection.search.user_id == 3 && (selection.search.words == selection.words));
    hold(selection.words == NULL ||
         (selection.words[0] != '\0' && strlen(selection.words) <= STORE_SEARCH_WORDS_MAX));
    hold((selection.from != NULL) == (selection.search.since != STORE_NO_TIME));
    hold((selection.to != NULL) == (selection.search.until != STORE_NO_TIME));
    if (selection.from != NULL && selection.to != NULL && strcmp(selection.from, selection.to) == 0)
        hold(selection.search.until - selection.search.since >= 0 &&
             selection.search.until - selection.search.since <= 2 * DAY_MS);
    if (selection.place_given)
        check_place(selection.place);
    else
        hold(selection.place.user_id == 0 && !selection.back);
}

/* A number is written in one way only, and read as what it is. */
static void try_number(const struct view_request *request, const char *name)
{
    const char *text = view_field(request, name);
    int64_t number = view_field_number(request, name), read;

    hold(number >= -1);
    if (number > 0)
        hold(text != NULL && text_int_parse(text, strlen(text), &read) && read == number &&
             text[0] != '0' && text[strspn(text, "0123456789")] == '\0');
    else
        hold((number == 0) == (text == NULL || text[0] == '\0'));
}

/* The first byte chooses the time zone. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_pair pairs[WEB_HTTP_FIELDS_MAX];
    struct view_field fields[WEB_HTTP_FIELDS_MAX];
    struct view_request request = {.fields = fields, .now = NOW, .rest = ""};
    char *text;

    if (size == 0)
        return 0;
    text = calloc(1, size);
    hold(text != NULL);
    memcpy(text, data + 1, size - 1);
    request.zone = zone_at(data[0]);
    if (http_fields_split(text, size - 1, pairs, &request.field_count)) {
        for (size_t i = 0; i < request.field_count; i++)
            fields[i] = (struct view_field){pairs[i].name, pairs[i].value};
        try_period(&request);
        try_selection(&request);
        try_number(&request, "user");
        try_number(&request, "before");
    }
    free(text);
    return 0;
}
