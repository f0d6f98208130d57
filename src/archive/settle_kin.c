/* SPDX-License-Identifier: MIT */
/*
 * Which stored plays have to be held against a page: tellings are one play only if they are of one
 * track (archive/match_class), and of the thousands of plays within MATCH_REACH few are of those
 * that came.
 */
#include <stdlib.h>
#include <string.h>

#include "match_class.h"
#include "settle_private.h"

struct kin {
    struct settle *settle;
    struct store_told_tracks *rows; /* plays near enough */
    size_t count, cap;
    int64_t *tracks; /* theirs, each once */
    size_t track_count;
    uint32_t (*numbers)[STORE_TOLD_TRACKS]; /* of each row: places of its tracks, plus 1 */
    bool *related;                          /* of each track: it may be one of those that came */
};

static enum store_result read_rows(struct kin *kin, int64_t from, int64_t to)
{
    return store_told_tracks(kin->settle->store, kin->settle->user_id, from, to, &kin->rows,
                             &kin->count, &kin->cap);
}

/* -- tracks, each once ------------------------------------------------------------------------- */

/* The place of a track in a table of as many as a power of two, half of which are free. */
static uint32_t *slot_of(const struct kin *kin, uint32_t *slots, unsigned bits, int64_t track)
{
    size_t mask = ((size_t)1 << bits) - 1;
    size_t at = (size_t)((uint64_t)track * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));

    while (slots[at] != 0 && kin->tracks[slots[at] - 1] != track)
        at = (at + 1) & mask;
    return &slots[at];
}

static void number_rows(struct kin *kin, uint32_t *slots, unsigned bits)
{
    kin->track_count = 0;
    for (size_t i = 0; i < kin->count; i++)
        for (int k = 0; k < STORE_TOLD_TRACKS; k++) {
            int64_t track = kin->rows[i].tracks[k];
            uint32_t *slot = track != 0 ? slot_of(kin, slots, bits, track) : NULL;

            if (slot && *slot == 0) {
                kin->tracks[kin->track_count++] = track;
                *slot = (uint32_t)kin->track_count;
            }
            kin->numbers[i][k] = slot ? *slot : 0;
        }
}

static bool collect_tracks(struct kin *kin)
{
    struct arena *arena = &kin->settle->arena;
    size_t most = kin->count * STORE_TOLD_TRACKS + 1;
    unsigned bits = 4;
    uint32_t *slots;

    while ((size_t)1 << bits < 2 * most)
        bits++;
    slots = arena_alloc(arena, sizeof(*slots) << bits);
    kin->tracks = arena_alloc(arena, most * sizeof(*kin->tracks));
    kin->numbers = arena_alloc(arena, most * sizeof(*kin->numbers));
    if (!slots || !kin->tracks || !kin->numbers)
        return false;
    number_rows(kin, slots, bits);
    return true;
}

/* -- kin --------------------------------------------------------------------------------------- */

/* Each track once, behind what came. */
static enum store_result read_keys(struct kin *kin, struct match_piece *pieces)
{
    enum store_result result = STORE_OK;

    for (size_t i = 0; i < kin->track_count && result == STORE_OK; i++) {
        pieces[i] = (struct match_piece){.play = MATCH_NONE};
        result = trackbook_keys(kin->settle->book, kin->tracks[i], &pieces[i].keys);
    }
    return result;
}

static enum store_result relate(struct kin *kin)
{
    struct settle *settle = kin->settle;
    struct arena *arena = &settle->arena;
    size_t fresh = settle->count, count;
    struct match_piece *pieces;
    enum store_result result;
    uint32_t *classes;
    bool *came; /* of each set of tracks */

    if (!collect_tracks(kin))
        return STORE_NOMEM;
    count = fresh + kin->track_count;
    pieces = arena_alloc(arena, (count + 1) * sizeof(*pieces));
    came = arena_alloc(arena, count + 1);
    kin->related = arena_alloc(arena, kin->track_count + 1);
    if (!pieces || !came || !kin->related)
        return STORE_NOMEM;
    memcpy(pieces, settle->pieces, fresh * sizeof(*pieces));
    result = read_keys(kin, pieces + fresh);
    if (result != STORE_OK)
        return result;
    if (!match_classes(pieces, count, arena, &classes))
        return STORE_NOMEM;
    for (size_t i = 0; i < fresh; i++)
        came[classes[i]] = true;
    for (size_t i = 0; i < kin->track_count; i++)
        kin->related[i] = came[classes[fresh + i]];
    return STORE_OK;
}

static bool is_kin(const struct kin *kin, size_t row)
{
    for (int k = 0; k < STORE_TOLD_TRACKS; k++)
        if (kin->numbers[row][k] != 0 && kin->related[kin->numbers[row][k] - 1])
            return true;
    return false;
}

/* False: the API alone tells of all of them, and nothing changes. */
static bool is_told_by_export(const struct kin *kin)
{
    for (size_t i = 0; i < kin->count; i++)
        if (kin->rows[i].exported && is_kin(kin, i))
            return true;
    return false;
}

/* A play that an export tells of is of one of the very tracks that came: most often so, and nothing
 * has to be compared to know it. */
static bool is_plainly_told_by_export(const struct kin *kin)
{
    const struct settle *settle = kin->settle;

    for (size_t i = 0; i < kin->count; i++)
        for (size_t k = 0; k < settle->fresh && kin->rows[i].exported; k++)
            if (kin->rows[i].tracks[0] == settle->parts[k].track_id)
                return true;
    return false;
}

/* -- taking in --------------------------------------------------------------------------------- */

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

/* What may change is near; to judge it takes those around it, too. */
static enum store_result widen(struct kin *kin)
{
    const struct settle *settle = kin->settle;
    enum store_result result =
        read_rows(kin, settle->first - MATCH_REACH, settle->first - MATCH_NEAR - 1);

    if (result == STORE_OK)
        result = read_rows(kin, settle->last + MATCH_NEAR + 1, settle->last + MATCH_REACH);
    if (result == STORE_OK)
        result = relate(kin);
    for (size_t i = 0; i < kin->count && result == STORE_OK; i++)
        if (is_kin(kin, i))
            result = take_in(kin, kin->rows[i].played_at);
    return result;
}

enum store_result settle_read_kin(struct settle *settle)
{
    struct kin kin = {.settle = settle};
    enum store_result result;
    bool told;

    if (settle->fresh == 0)
        return STORE_OK;
    result = read_rows(&kin, settle->first - MATCH_NEAR, settle->last + MATCH_NEAR);
    told = result == STORE_OK && is_plainly_told_by_export(&kin);
    if (result == STORE_OK && !told) {
        result = relate(&kin);
        told = result == STORE_OK && is_told_by_export(&kin);
    }
    if (told)
        result = widen(&kin);
    free(kin.rows);
    return result;
}
