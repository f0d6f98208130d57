/* SPDX-License-Identifier: MIT */
#include "archive/settle.h"

#include <stdlib.h>
#include <string.h>

#include "settle_private.h"

struct settle *settle_new(struct store *store, struct trackbook *book, int64_t user_id, int64_t now)
{
    struct settle *settle = calloc(1, sizeof(*settle));

    if (!settle)
        return NULL;
    settle->store = store;
    settle->book = book;
    settle->user_id = user_id;
    settle->now = now;
    return settle;
}

void settle_free(struct settle *settle)
{
    if (!settle)
        return;
    arena_free(&settle->arena);
    free(settle->pieces);
    free(settle->parts);
    free(settle->slots);
    free(settle->told);
    free(settle);
}

void settle_set_import(struct settle *settle, int64_t import_id)
{
    settle->import_id = import_id;
}

void settle_begin(struct settle *settle)
{
    arena_free(&settle->arena);
    settle->arena = (struct arena){0};
    settle->count = settle->fresh = settle->told_count = 0;
    settle->bytes = settle->gone = 0;
    settle->first = INT64_MAX;
    settle->last = INT64_MIN;
    settle->take_out = 0;
    settle->next = settle->next_kept = settle->next_removed = 0;
}

size_t settle_count(const struct settle *settle)
{
    return settle->fresh;
}

size_t settle_bytes(const struct settle *settle)
{
    return settle->bytes;
}

size_t settle_stored(const struct settle *settle)
{
    return settle->told_count;
}

size_t settle_gone(const struct settle *settle)
{
    return settle->gone;
}

/* -- what comes -------------------------------------------------------------------------------- */

static bool grow(struct settle *settle)
{
    size_t cap = settle->cap ? settle->cap * 2 : 1024;
    struct match_piece *pieces;
    struct settle_part *parts;

    if (settle->count < settle->cap)
        return true;
    pieces = realloc(settle->pieces, cap * sizeof(*pieces));
    if (!pieces)
        return false;
    settle->pieces = pieces;
    parts = realloc(settle->parts, cap * sizeof(*parts));
    if (!parts)
        return false;
    settle->parts = parts;
    settle->cap = cap;
    return true;
}

static enum store_result add(struct settle *settle, const struct match_piece *piece,
                             const struct settle_part *part)
{
    if (!grow(settle))
        return STORE_NOMEM;
    settle->pieces[settle->count] = *piece;
    settle->parts[settle->count] = *part;
    settle->count++;
    return STORE_OK;
}

static enum store_result add_fresh(struct settle *settle, const struct match_piece *piece,
                                   const struct settle_part *part)
{
    enum store_result result = add(settle, piece, part);

    if (result != STORE_OK)
        return result;
    settle->fresh++;
    settle->first = piece->at < settle->first ? piece->at : settle->first;
    settle->last = piece->at > settle->last ? piece->at : settle->last;
    return STORE_OK;
}

enum store_result settle_add_row(struct settle *settle, const struct archive_row *row,
                                 const uint8_t *record, size_t len)
{
    struct match_piece piece = {
        .at = row->ended_at,
        .ms_played = row->ms_played,
        .offline_at = row->offline_at,
        .source = row->form == ARCHIVE_FORM_SHORT ? MATCH_SHORT : MATCH_LONG,
        .play = MATCH_NONE,
        .offline = row->offline == ARCHIVE_YES,
    };
    struct settle_part part = {.import_id = settle->import_id, .record_len = len};
    enum store_result result = trackbook_find(settle->book, row, &piece.keys, &part.track_id);
    uint8_t *copy;

    if (result != STORE_OK)
        return result;
    copy = arena_alloc(&settle->arena, len);
    if (!copy)
        return STORE_NOMEM;
    memcpy(copy, record, len);
    settle->bytes += len;
    part.record = copy;
    return add_fresh(settle, &piece, &part);
}

enum store_result settle_add_api(struct settle *settle, const struct settle_api *play)
{
    struct match_piece piece = {
        .at = play->reported_at,
        .ms_played = -1,
        .offline_at = CLOCK_NO_TIME,
        .source = MATCH_API,
        .play = MATCH_NONE,
    };
    struct settle_part part = {.track_id = play->track_id, .context_uri = play->context_uri};
    enum store_result result = trackbook_keys(settle->book, play->track_id, &piece.keys);

    return result == STORE_OK ? add_fresh(settle, &piece, &part) : result;
}

void settle_take_out(struct settle *settle, int64_t import_id, int64_t from, int64_t to)
{
    settle->take_out = import_id;
    settle->first = from;
    settle->last = to;
}

/* -- what is stored ---------------------------------------------------------------------------- */

static bool goes(const struct settle *settle, const struct store_told *told, int64_t import_id)
{
    return settle->take_out != 0 && import_id == settle->take_out &&
           told->played_at >= settle->first && told->played_at <= settle->last;
}

static enum store_result add_export(struct settle *settle, uint32_t play, enum match_source source,
                                    struct store_ids *tracks)
{
    const struct store_told *told = &settle->told[play];
    const struct store_telling *telling =
        source == MATCH_LONG ? &told->long_form : &told->short_form;
    struct match_piece piece = {
        .at = telling->at,
        .ms_played = telling->ms_played,
        .offline_at = source == MATCH_LONG ? told->offline_at : CLOCK_NO_TIME,
        .source = source,
        .play = play,
        .offline = source == MATCH_LONG && told->offline,
        .gone = goes(settle, told, telling->import_id),
    };
    struct settle_part part = {
        .track_id = telling->track_id,
        .import_id = telling->import_id,
        .nudge_ms = telling->nudge_ms,
    };
    enum store_result result;

    if (telling->at == STORE_NO_TIME)
        return STORE_OK;
    settle->gone += piece.gone;
    if (piece.gone && tracks && !store_ids_add(tracks, telling->track_id))
        return STORE_NOMEM;
    result = trackbook_keys(settle->book, telling->track_id, &piece.keys);
    return result == STORE_OK ? add(settle, &piece, &part) : result;
}

enum store_result settle_add_stored(struct settle *settle, uint32_t play, struct store_ids *tracks)
{
    const struct store_told *told = &settle->told[play];
    enum store_result result = STORE_OK;

    if (told->source == STORE_SOURCE_API) {
        struct match_piece piece = {
            .at = told->played_at - told->nudge_ms,
            .ms_played = -1,
            .offline_at = CLOCK_NO_TIME,
            .source = MATCH_API,
            .play = play,
        };
        struct settle_part part = {.track_id = told->track_id, .nudge_ms = told->nudge_ms};

        result = trackbook_keys(settle->book, told->track_id, &piece.keys);
        if (result == STORE_OK)
            result = add(settle, &piece, &part);
    }
    if (result == STORE_OK)
        result = add_export(settle, play, MATCH_LONG, tracks);
    if (result == STORE_OK)
        result = add_export(settle, play, MATCH_SHORT, tracks);
    return result;
}

enum store_result settle_read(struct settle *settle, size_t plays, struct store_ids *tracks,
                              bool *done)
{
    size_t before = settle->told_count;
    enum store_result result;
    int64_t from;

    *done = true;
    if (settle->first > settle->last) /* nothing comes or goes */
        return STORE_OK;
    from = before > 0 ? settle->told[before - 1].played_at + 1 : settle->first - MATCH_REACH;
    result = store_told_between(settle->store, settle->user_id, from, settle->last + MATCH_REACH,
                                plays, &settle->told, &settle->told_count, &settle->told_cap);
    for (size_t i = before; i < settle->told_count && result == STORE_OK; i++)
        result = settle_add_stored(settle, (uint32_t)i, tracks);
    *done = settle->told_count - before < plays;
    return result;
}

enum store_result settle_solve(struct settle *settle)
{
    struct match_input input = {settle->pieces, settle->count, settle->told_count};
    size_t stored = settle->told_count + 1, pieces = settle->count + 1;

    settle->marks = arena_alloc(&settle->arena, stored * sizeof(*settle->marks));
    settle->removed = arena_alloc(&settle->arena, stored * sizeof(*settle->removed));
    settle->details = arena_alloc(&settle->arena, pieces * sizeof(struct store_details *));
    if (!settle->marks || !settle->removed || !settle->details ||
        !match_solve(&input, &settle->arena, &settle->result))
        return STORE_NOMEM;
    return STORE_OK;
}

enum match_outcome settle_outcome(const struct settle *settle, size_t n)
{
    return settle->result.outcomes[n];
}

int64_t settle_api_moment(const struct settle *settle, size_t n)
{
    uint32_t play = settle->result.play_of[n];
    uint32_t piece = play == MATCH_NONE ? MATCH_NONE : settle->result.plays[play].piece[MATCH_API];

    return piece == MATCH_NONE ? CLOCK_NO_TIME : settle->pieces[piece].at;
}

void settle_count_gone(const struct settle *settle, int64_t *removed, int64_t *kept)
{
    for (size_t i = 0; i < settle->told_count; i++) {
        uint32_t play = settle->result.continued[i];

        if (play == MATCH_NONE)
            ++*removed;
        else if (settle->result.plays[play].changed)
            ++*kept;
    }
}
