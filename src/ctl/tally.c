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

/* 4 digits: more would only be noise. */
static double share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)(int64_t)((double)part / (double)whole * 10000 + 0.5) / 10000 : 0;
}

static json_t *item_json(const struct store_name *name, const struct store_count *count,
                         size_t rank, double share)
{
    return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:I,s:I,s:f,s:o}", "rank", (json_int_t)rank, "id",
                     (json_int_t)count->id, "uri", choice_text_json(name->uri), "name",
                     choice_text_json(name->name), "artists", choice_text_json(name->artists),
                     "album", choice_text_json(name->album), "plays", (json_int_t)count->plays,
                     "listened_ms", (json_int_t)count->listened_ms, "share", share, "first_at",
                     choice_time_json(count->first_at));
}

static json_t *list_json(struct store *store, const struct store_tally *tally, enum store_kind kind,
                         enum store_measure measure, const struct store_counts *counts,
                         enum store_result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < counts->count; i++) {
        const struct store_count *count = &counts->items[i];
        double share = measure == STORE_BY_TIME ? share_of(count->listened_ms, tally->listened_ms)
                                                : share_of(count->plays, tally->plays);
        struct store_name name;

        *result = store_name_get(store, kind, count->id, &name);
        if (*result != STORE_OK ||
            json_array_append_new(list, item_json(&name, count, i + 1, share)) < 0) {
            json_decref(list);
            list = NULL;
        }
        if (*result == STORE_OK)
            store_name_free(&name);
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
        list = list_json(store, tally, kind, measure, &top, result);
    free(top.items);
    return list;
}

json_t *tally_discoveries_json(struct store *store, const struct store_tally *tally, size_t n,
                               enum store_result *result)
{
    struct store_counts found;
    json_t *list = NULL;

    *result = store_tally_discoveries(store, tally, n, &found);
    if (*result == STORE_OK)
        list = list_json(store, tally, STORE_KIND_TRACK, STORE_BY_PLAYS, &found, result);
    free(found.items);
    return list;
}
