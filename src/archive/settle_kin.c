/* SPDX-License-Identifier: MIT */
/*
 * Which stored plays have to be held against a page: tellings are one play only if they are of one
 * track (archive/match_class), and of the thousands of plays within MATCH_REACH few are of those
 * that came.
 */
#include <stdlib.h>

#include "match_class.h"
#include "settle_private.h"

struct kin {
    struct settle *settle;
    struct store_told_tracks *rows; /* plays near enough */
    size_t count;
    struct store_ids tracks; /* theirs, sorted */
    bool *related;           /* of each of these: it may be one of those that came */
};

static bool collect(struct kin *kin)
{
    for (size_t i = 0; i < kin->count; i++)
        for (int k = 0; k < STORE_TOLD_TRACKS; k++)
            if (kin->rows[i].tracks[k] != 0 && !store_ids_add(&kin->tracks, kin->rows[i].tracks[k]))
                return false;
    store_ids_settle(&kin->tracks);
    return true;
}

/* Each track once, behind what came. */
static enum store_result read_keys(struct kin *kin, struct match_piece *pieces)
{
    enum store_result result = STORE_OK;

    for (size_t i = 0; i < kin->tracks.count && result == STORE_OK; i++) {
        pieces[i] = (struct match_piece){.play = MATCH_NONE};
        result = trackbook_keys(kin->settle->book, kin->tracks.at[i], &pieces[i].keys);
    }
    return result;
}

static enum store_result relate(struct kin *kin)
{
    struct settle *settle = kin->settle;
    struct arena *arena = &settle->arena;
    size_t fresh = settle->count, count = fresh + kin->tracks.count;
    struct match_piece *pieces = arena_alloc(arena, (count + 1) * sizeof(*pieces));
    bool *came = arena_alloc(arena, count + 1); /* of each set of tracks */
    enum store_result result;
    uint32_t *classes;

    kin->related = arena_alloc(arena, kin->tracks.count + 1);
    if (!pieces || !came || !kin->related)
        return STORE_NOMEM;
    for (size_t i = 0; i < fresh; i++)
        pieces[i] = settle->pieces[i];
    result = read_keys(kin, pieces + fresh);
    if (result != STORE_OK)
        return result;
    if (!match_classes(pieces, count, arena, &classes))
        return STORE_NOMEM;
    for (size_t i = 0; i < fresh; i++)
        came[classes[i]] = true;
    for (size_t i = 0; i < kin->tracks.count; i++)
        kin->related[i] = came[classes[fresh + i]];
    return STORE_OK;
}

static int by_id(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return a < b ? -1 : a > b;
}

static bool is_kin(const struct kin *kin, const struct store_told_tracks *row)
{
    const struct store_ids *ids = &kin->tracks;

    for (int k = 0; k < STORE_TOLD_TRACKS; k++) {
        const int64_t *place = row->tracks[k] == 0 ? NULL
                                                   : bsearch(&row->tracks[k], ids->at, ids->count,
                                                             sizeof(ids->at[0]), by_id);

        if (place && kin->related[place - ids->at])
            return true;
    }
    return false;
}

/* False: the API alone tells of all of them, and nothing changes. */
static bool is_told_by_export(const struct kin *kin)
{
    for (size_t i = 0; i < kin->count; i++)
        if (kin->rows[i].exported && is_kin(kin, &kin->rows[i]))
            return true;
    return false;
}

static enum store_result take_in(struct kin *kin, int64_t played_at)
{
    struct settle *settle = kin->settle;
    size_t before = settle->told_count;
    enum store_result result =
        store_told_between(settle->store, settle->user_id, played_at, played_at, 1, &settle->told,
                           &settle->told_count, &settle->told_cap);

    if (result == STORE_OK && settle->told_count > before)
        result = settle_add_stored(settle, (uint32_t)before, NULL);
    return result;
}

enum store_result settle_read_kin(struct settle *settle)
{
    struct kin kin = {.settle = settle};
    enum store_result result;

    if (settle->fresh == 0)
        return STORE_OK;
    result = store_told_tracks(settle->store, settle->user_id, settle->first - MATCH_REACH,
                               settle->last + MATCH_REACH, &kin.rows, &kin.count);
    if (result == STORE_OK && !collect(&kin))
        result = STORE_NOMEM;
    if (result == STORE_OK)
        result = relate(&kin);
    if (result == STORE_OK && is_told_by_export(&kin))
        for (size_t i = 0; i < kin.count && result == STORE_OK; i++)
            if (is_kin(&kin, &kin.rows[i]))
                result = take_in(&kin, kin.rows[i].played_at);
    store_ids_free(&kin.tracks);
    free(kin.rows);
    return result;
}
