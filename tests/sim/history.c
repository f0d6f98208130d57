/* SPDX-License-Identifier: MIT */
/*
 * GET /v1/me/player/recently-played.
 *
 * Where the live API, and so this fake, differs from the published OpenAPI description
 * (tests/data/openapi.yaml):
 *
 *  - `total` is described and never sent.
 *  - `next` and `cursors` are described as text and object; on an empty page both are null.
 *  - `next` is described as null when there is nothing more; it is there on every page with an
 *    item, also on a short one, and following it then gives the empty page.
 *  - `context` is described as an object; it is null when the play was not started from
 *    anything (for some accounts always).
 *  - `played_at` with 000 ms has no fraction; `cursors` are milliseconds, written as text.
 *  - `available_markets` (required for an album there), `popularity`, `linked_from`,
 *    `is_playable` and `album_group` are not sent to apps made in 2026 or later;
 *    `external_ids.isrc` may be absent.
 *  - `context.href` may be nonsense, and context types occur that are not listed.
 *  - `limit` is described with a minimum of 0; 0 is refused, like everything else outside 1 ...
 *    50.
 *  - Only 200, 401, 403 and 429 are described. 204 (private session), 400, 404 and every 5xx
 *    occur as well, and error bodies are not always JSON. The error object may have a `reason`.
 *  - `/v1/me`: `display_name` may be null, `account_id` absent; country, email,
 *    explicit_content, followers and product are gone for newer apps. The paths are described
 *    without /v1.
 *
 * Spotify itself keeps only the last 50 plays: a page can never reach further back than that,
 * whatever the cursor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define PATH SIM_API_HOST "/v1/me/player/recently-played"

/* ---- the question ---- */

/* A number of digits only that fits; false otherwise. */
static bool parse_number(const char *text, int64_t *number)
{
    size_t length = strlen(text);
    char *end;

    if (length == 0 || strspn(text, "0123456789") != length)
        return false;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0;
}

/* False: the answer is made. */
static bool query_parse(struct sim_request *r, struct world_query *query)
{
    const char *limit = sim_query(r, "limit"), *after = sim_query(r, "after"),
               *before = sim_query(r, "before");
    int64_t number = 20;

    memset(query, 0, sizeof(*query));
    query->has_after = after != NULL;
    query->has_before = before != NULL;
    if (limit != NULL && (!parse_number(limit, &number) || number < 1 || number > WORLD_LIST_MAX))
        sim_answer_error(r, 400, "Invalid limit");
    else if (after != NULL && before != NULL)
        sim_answer_error(r, 400, "Only one of after and before may be given");
    else if ((after != NULL && !parse_number(after, &query->after)) ||
             (before != NULL && !parse_number(before, &query->before)))
        sim_answer_error(r, 400, "Invalid cursor");
    else {
        query->limit = (uint32_t)number;
        return true;
    }
    return false;
}

/* ---- contexts ---- */

/* A choice of context that stays with the play. */
static enum world_context context_choose(uint64_t salt)
{
    static const uint8_t odds[] = {
        /* of 64 */
        [WORLD_CONTEXT_NULL] = 8,   [WORLD_CONTEXT_PLAYLIST] = 26, [WORLD_CONTEXT_OLD_PLAYLIST] = 2,
        [WORLD_CONTEXT_ALBUM] = 14, [WORLD_CONTEXT_ARTIST] = 6,    [WORLD_CONTEXT_COLLECTION] = 6,
        [WORLD_CONTEXT_SHOW] = 1,   [WORLD_CONTEXT_ODD_HREF] = 1};
    uint64_t left = salt % 64;

    for (size_t i = 0; i < sizeof(odds); i++) {
        if (left < odds[i])
            return (enum world_context)i;
        left -= odds[i];
    }
    return WORLD_CONTEXT_NULL;
}

static void context_add(struct evbuffer *out, const char *type, const char *id, const char *uri,
                        bool turned)
{
    static const char *const plain =
        "{\"type\":\"%s\",\"href\":\"" SIM_API_HOST "/v1/%ss/%s\",\"external_urls\":"
        "{\"spotify\":\"https://open.spotify.com/%s/%s\"},\"uri\":\"%s\"}";
    static const char *const other =
        "{\"uri\":\"%6$s\",\"external_urls\":{\"spotify\":\"https://open.spotify.com/"
        "%4$s/%5$s\"},\"href\":\"" SIM_API_HOST "/v1/%2$ss/%3$s\",\"type\":\"%1$s\"}";

    evbuffer_add_printf(out, turned ? other : plain, type, type, id, type, id, uri);
}

static void item_id(const struct sim *sim, uint64_t salt, char id[WORLD_ID_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t a = world_hash(sim->world, 'x', salt % 40), b = world_hash(sim->world, 'y', salt % 40);

    for (int i = 0; i < WORLD_ID_LENGTH; i++) {
        uint64_t *part = i % 2 == 0 ? &a : &b;

        id[i] = digits[*part % 62];
        *part /= 62;
    }
    id[WORLD_ID_LENGTH] = '\0';
}

/* Ids need no escaping: accounts have only letters, digits, dots, lines and underscores in theirs.
 */
static void add_context(struct evbuffer *out, const struct sim *sim,
                        const struct sim_account *account, enum world_context context,
                        uint64_t salt)
{
    bool turned = (salt >> 20) % 2 == 0;
    char id[WORLD_ID_LENGTH + 1], uri[400];

    item_id(sim, salt >> 8, id);
    snprintf(uri, sizeof(uri), "spotify:%s:%s",
             context == WORLD_CONTEXT_ALBUM || context == WORLD_CONTEXT_ODD_HREF ? "album"
             : context == WORLD_CONTEXT_ARTIST                                   ? "artist"
             : context == WORLD_CONTEXT_SHOW                                     ? "show"
                                                                                 : "playlist",
             id);
    switch (context) {
    case WORLD_CONTEXT_OLD_PLAYLIST:
        snprintf(uri, sizeof(uri), "spotify:user:%s:playlist:%s", account->id, id);
        context_add(out, "playlist", id, uri, turned);
        break;
    case WORLD_CONTEXT_PLAYLIST:
        context_add(out, "playlist", id, uri, turned);
        break;
    case WORLD_CONTEXT_ALBUM:
        context_add(out, "album", id, uri, turned);
        break;
    case WORLD_CONTEXT_ODD_HREF:
        context_add(out, "album", "null", uri, turned);
        break;
    case WORLD_CONTEXT_ARTIST:
        context_add(out, "artist", id, uri, turned);
        break;
    case WORLD_CONTEXT_SHOW:
        context_add(out, "show", id, uri, turned);
        break;
    case WORLD_CONTEXT_COLLECTION:
        evbuffer_add_printf(out,
                            "{\"type\":\"collection\",\"href\":\"" SIM_API_HOST
                            "/v1/me/tracks\",\"external_urls\":"
                            "{\"spotify\":\"https://open.spotify.com/collection/tracks\"},"
                            "\"uri\":\"spotify:user:%s:collection\"}",
                            account->id);
        break;
    case WORLD_CONTEXT_WRONG_TYPE:
        evbuffer_add_printf(out, "[\"spotify:playlist:%s\",7]", id);
        break;
    default:
        evbuffer_add_printf(out, "null");
    }
}

/* ---- items ---- */

static void add_played_at(struct evbuffer *out, const struct world_play *play)
{
    char time[SIM_TIME_MAX];

    sim_time_print(time, play->played_at);
    if (play->kind == WORLD_BAD_PLAYED_AT)
        evbuffer_add_printf(out, "\"played_at\":\"half past nine\"");
    else
        evbuffer_add_printf(out, "\"played_at\":\"%s\"", time);
}

static int add_item(struct evbuffer *out, struct sim *sim, const struct sim_account *account,
                    const struct world_play *play)
{
    uint64_t salt =
        world_hash(sim->world, 'c' + account->number, (uint64_t)play->played_at ^ play->track);
    enum world_context context = play->context != WORLD_CONTEXT_ANY
                                     ? (enum world_context)play->context
                                     : context_choose(salt);
    bool track_first = (salt >> 40) % 4 != 0;
    const char *text;
    size_t length;

    if (play->kind == WORLD_NOT_AN_OBJECT) {
        evbuffer_add_printf(out, "\"an item that is no object\"");
        return 0;
    }
    text = sim_item_track(sim, play, &length);
    if (text == NULL)
        return -1;
    evbuffer_add_printf(out, "{");
    if (track_first)
        evbuffer_add_printf(out, "\"track\":");
    if (track_first && evbuffer_add(out, text, length) == 0)
        evbuffer_add_printf(out, ",");
    if (play->kind != WORLD_NO_PLAYED_AT) {
        add_played_at(out, play);
        evbuffer_add_printf(out, ",");
    }
    evbuffer_add_printf(out, "\"context\":");
    add_context(out, sim, account, context, salt >> 2);
    if (!track_first)
        evbuffer_add_printf(out, ",\"track\":");
    if (!track_first && evbuffer_add(out, text, length) != 0)
        return -1;
    evbuffer_add_printf(out, "}");
    return 0;
}

/* ---- the page ---- */

struct page {
    struct sim *sim;
    const struct sim_account *account;
    const struct world_query *query;
    struct world_play *const *plays;
    size_t count;
};

static int page_items(struct evbuffer *out, const struct page *page)
{
    evbuffer_add_printf(out, "\"items\":[");
    for (size_t i = 0; i < page->count; i++) {
        if (i > 0)
            evbuffer_add_printf(out, ",");
        if (add_item(out, page->sim, page->account, page->plays[i]) != 0)
            return -1;
    }
    return evbuffer_add_printf(out, "]") < 0 ? -1 : 0;
}

/* With `after` forward, else back; always there when the page holds anything. */
static int page_next(struct evbuffer *out, const struct page *page)
{
    bool after = page->query->has_after;

    if (page->count == 0)
        return evbuffer_add_printf(out, "\"next\":null") < 0 ? -1 : 0;
    evbuffer_add_printf(out, "\"next\":\"" PATH "?%s=%lld&limit=%u\"", after ? "after" : "before",
                        (long long)page->plays[after ? 0 : page->count - 1]->played_at,
                        page->query->limit);
    return 0;
}

static int page_cursors(struct evbuffer *out, const struct page *page)
{
    if (page->count == 0)
        return evbuffer_add_printf(out, "\"cursors\":null") < 0 ? -1 : 0;
    evbuffer_add_printf(out, "\"cursors\":{\"after\":\"%lld\",\"before\":\"%lld\"}",
                        (long long)page->plays[0]->played_at,
                        (long long)page->plays[page->count - 1]->played_at);
    return 0;
}

static int page_limit(struct evbuffer *out, const struct page *page)
{
    return evbuffer_add_printf(out, "\"limit\":%u", page->query->limit) < 0 ? -1 : 0;
}

static int page_href(struct evbuffer *out, const struct page *page)
{
    const struct world_query *query = page->query;

    evbuffer_add_printf(out, "\"href\":\"" PATH "?");
    if (query->has_after)
        evbuffer_add_printf(out, "after=%lld&", (long long)query->after);
    if (query->has_before)
        evbuffer_add_printf(out, "before=%lld&", (long long)query->before);
    return evbuffer_add_printf(out, "limit=%u\"", query->limit) < 0 ? -1 : 0;
}

/* The keys come in an order that depends on the contents: the same page has the same bytes. */
static int page_write(struct evbuffer *out, const struct page *page)
{
    int (*parts[])(struct evbuffer *, const struct page *) = {page_items, page_next, page_cursors,
                                                              page_limit, page_href};
    size_t left = sizeof(parts) / sizeof(parts[0]);
    uint64_t salt = world_hash(page->sim->world, 'p',
                               page->count > 0 ? (uint64_t)page->plays[0]->played_at : 0);

    evbuffer_add_printf(out, "{");
    for (; left > 0; left--) {
        size_t pick = salt % 3 == 0 ? (size_t)(salt >> 8) % left : 0;
        int (*part)(struct evbuffer *, const struct page *) = parts[pick];

        if (part(out, page) != 0)
            return -1;
        memmove(parts + pick, parts + pick + 1, (left - pick - 1) * sizeof(parts[0]));
        if (left > 1)
            evbuffer_add_printf(out, ",");
        salt /= 5;
    }
    return evbuffer_add_printf(out, "}") < 0 ? -1 : 0;
}

void sim_recent_handle(struct sim_request *r)
{
    struct sim_account *account = sim_bearer_check(r, SIM_SCOPE);
    struct world_query query;
    struct page page;

    if (account == NULL || !query_parse(r, &query))
        return;
    if (world_account_is_private(r->sim->world, account->number)) {
        sim_answer_text(r, 204, NULL, "");
        return;
    }
    query.from_cursor = account->limit_from_cursor;
    r->shown_count = world_list(r->sim->world, account->number, &query, r->shown);
    page = (struct page){r->sim, account, &query, r->shown, r->shown_count};
    sim_answer_text(r, 200, "application/json; charset=UTF-8", "");
    if (page_write(r->body, &page) != 0) {
        r->shown_count = 0;
        sim_answer_text(r, 500, "text/plain", "out of memory");
    }
}
