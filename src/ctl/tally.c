/* SPDX-License-Identifier: MIT */
#include "ctl/tally.h"

#include <stdlib.h>

#include "ctl/choice.h"

const char *tally_kind_name(enum store_kind kind)
{
    static const char *const names[STORE_KINDS] = {
        [STORE_KIND_TRACK] = "tracks",
        [STORE_KIND_ARTIST] = "artists",
        [STORE_KIND_ALBUM] = "albums",
    };

    return names[kind];
}

const char *tally_measure_name(enum store_measure measure)
{
    return measure == STORE_BY_TIME ? "time" : "plays";
}

/* 4 digits: more would only be noise. */
static double share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)(int64_t)((double)part / (double)whole * 10000 + 0.5) / 10000 : 0;
}

/* One row of a list. */
struct item {
    struct store_count count;
    int64_t first_at;
    size_t rank;
    double share;
};

static json_t *item_json(const struct store_name *name, const struct item *item)
{
    return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:I,s:I,s:f,s:o}", "rank", (json_int_t)item->rank,
                     "id", (json_int_t)item->count.id, "uri", choice_text_json(name->uri), "name",
                     choice_text_json(name->name), "artists", choice_text_json(name->artists),
                     "album", choice_text_json(name->album), "plays", (json_int_t)item->count.plays,
                     "listened_ms", (json_int_t)item->count.listened_ms, "share", item->share,
                     "first_at", choice_time_json(item->first_at));
}

/* False: *result, or no memory. */
static bool add_item(struct store *store, enum store_kind kind, const struct item *item,
                     json_t *list, enum store_result *result)
{
    struct store_name name;
    bool added;

    *result = store_name_get(store, kind, item->count.id, &name);
    if (*result != STORE_OK)
        return false;
    added = json_array_append_new(list, item_json(&name, item)) == 0;
    store_name_free(&name);
    return added;
}

static json_t *top_json(struct store *store, const struct store_tally *tally, enum store_kind kind,
                        enum store_measure measure, const struct store_counts *top,
                        enum store_result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < top->count; i++) {
        struct item item = {.count = top->items[i], .rank = i + 1};

        item.share = measure == STORE_BY_TIME ? share_of(item.count.listened_ms, tally->listened_ms)
                                              : share_of(item.count.plays, tally->plays);
        *result = store_first_get(store, &tally->filter, kind, item.count.id, &item.first_at);
        if (*result != STORE_OK || !add_item(store, kind, &item, list, result)) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *tally_top_json(struct store *store, const struct store_tally *tally, enum store_kind kind,
                       enum store_measure measure, size_t n, enum store_result *result)
{
    struct store_counts top;
    json_t *list = NULL;

    *result = store_tally_top(store, tally, kind, measure, n, &top);
    if (*result == STORE_OK)
        list = top_json(store, tally, kind, measure, &top, result);
    free(top.items);
    return list;
}

static json_t *found_json(struct store *store, const struct store_tally *tally,
                          const struct store_found_list *found, enum store_result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < found->count; i++) {
        struct item item = {.first_at = found->items[i].first_at, .rank = i + 1};

        item.count = store_days_get(&tally->kind[STORE_KIND_TRACK], found->items[i].id);
        item.share = share_of(item.count.plays, tally->plays);
        if (!add_item(store, STORE_KIND_TRACK, &item, list, result)) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *tally_discoveries_json(struct store *store, const struct store_tally *tally, size_t n,
                               enum store_result *result)
{
    struct store_found_list found;
    json_t *list = NULL;

    *result = store_discoveries(store, &tally->filter, (enum store_kind[]){STORE_KIND_TRACK}, 1, n,
                                &found);
    if (*result == STORE_OK)
        list = found_json(store, tally, &found, result);
    free(found.items);
    return list;
}
