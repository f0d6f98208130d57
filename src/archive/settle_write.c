/* SPDX-License-Identifier: MIT */
/*
 * How plays with their tellings become rows. First all rows that move or go are removed, once what
 * moves with them has been read; then there is room for those that come.
 */
#include <stdlib.h>
#include <string.h>

#include "settle_private.h"

_Static_assert(STORE_REASON_SIZE == sizeof(((struct archive_row *)0)->reason_start), "reasons");
_Static_assert(STORE_PLATFORM_SIZE == sizeof(((struct archive_row *)0)->platform), "platforms");
_Static_assert(STORE_COUNTRY_SIZE == sizeof(((struct archive_row *)0)->country), "countries");

/* A play on its way into the database. */
struct image {
    struct store_play play;
    struct store_told told;
    const struct store_details *details;
};

/* The telling that gives a play its moment and track. */
static uint32_t first_piece(const struct match_play *play)
{
    for (int source = 0; source < MATCH_SOURCES; source++)
        if (play->piece[source] != MATCH_NONE)
            return play->piece[source];
    return MATCH_NONE;
}

static bool stays_in_place(const struct settle *settle, const struct match_play *play)
{
    const struct store_told *told;

    if (play->continues == MATCH_NONE)
        return false;
    told = &settle->told[play->continues];
    return told->played_at - told->nudge_ms == settle->pieces[first_piece(play)].at;
}

/* -- room -------------------------------------------------------------------------------------- */

/* What the long form told goes with its telling, wherever that goes. */
static enum store_result keep_details(struct settle *settle, const struct match_play *play)
{
    uint32_t piece = play->piece[MATCH_LONG];
    const struct store_told *told;
    enum store_result result;

    if (piece == MATCH_NONE || settle->pieces[piece].play == MATCH_NONE)
        return STORE_OK;
    told = &settle->told[settle->pieces[piece].play];
    settle->details[piece] = arena_alloc(&settle->arena, sizeof(struct store_details));
    if (!settle->details[piece])
        return STORE_NOMEM;
    *settle->details[piece] = (struct store_details){
        .shuffle = -1, .skipped = -1, .offline = -1, .incognito = -1}; /* should there be none */
    result =
        store_details_get(settle->store, settle->user_id, told->played_at, settle->details[piece]);
    return result == STORE_NOT_FOUND ? STORE_OK : result;
}

static enum store_result remove_row(struct settle *settle, uint32_t stored)
{
    int64_t key = settle->told[stored].played_at;
    enum store_result result =
        store_play_marks_get(settle->store, settle->user_id, key, &settle->marks[stored]);

    settle->removed[stored] = true;
    return result == STORE_OK ? store_play_remove(settle->store, settle->user_id, key) : result;
}

static bool is_cleared(const struct settle *settle)
{
    return settle->next_kept == settle->result.play_count &&
           settle->next_removed == settle->told_count;
}

/* All details are kept before the first row is removed: they may go to another row. */
static enum store_result clear(struct settle *settle, size_t plays)
{
    const struct match_result *found = &settle->result;
    enum store_result result = STORE_OK;

    for (; settle->next_kept < found->play_count && plays > 0 && result == STORE_OK;
         settle->next_kept++) {
        const struct match_play *play = &found->plays[settle->next_kept];

        if (!play->changed)
            continue;
        result = keep_details(settle, play);
        plays--;
    }
    for (; settle->next_removed < settle->told_count && plays > 0 && result == STORE_OK;
         settle->next_removed++) {
        uint32_t play = found->continued[settle->next_removed];

        if (play != MATCH_NONE &&
            (!found->plays[play].changed || stays_in_place(settle, &found->plays[play])))
            continue;
        result = remove_row(settle, (uint32_t)settle->next_removed);
        plays--;
    }
    return result;
}

/* -- images ------------------------------------------------------------------------------------ */

/* Unpacks a row that comes, into settle->record. */
static const struct archive_row *row_of(struct settle *settle, uint32_t piece)
{
    const struct settle_part *part = &settle->parts[piece];

    if (!part->record || archive_record_get(part->record, part->record_len, INT64_MAX,
                                            &settle->record) != part->record_len)
        return NULL;
    return &settle->record.row;
}

static enum store_result put_track(struct settle *settle, uint32_t piece)
{
    struct settle_part *part = &settle->parts[piece];
    const struct archive_row *row;

    if (part->track_id != 0)
        return STORE_OK;
    row = row_of(settle, piece);
    return row ? trackbook_put(settle->book, row, settle->now, &part->track_id) : STORE_MISUSE;
}

/* The tracks of all its tellings are known to the database. */
static enum store_result put_tracks(struct settle *settle, const struct match_play *play)
{
    enum store_result result = STORE_OK;

    for (int source = 0; source < MATCH_SOURCES && result == STORE_OK; source++)
        if (play->piece[source] != MATCH_NONE)
            result = put_track(settle, play->piece[source]);
    return result;
}

static void read_details(const struct archive_row *row, struct store_details *details)
{
    memcpy(details->reason_start, row->reason_start, sizeof(details->reason_start));
    memcpy(details->reason_end, row->reason_end, sizeof(details->reason_end));
    memcpy(details->platform, row->platform, sizeof(details->platform));
    memcpy(details->country, row->country, sizeof(details->country));
    details->shuffle = row->shuffle;
    details->skipped = row->skipped;
    details->offline = row->offline;
    details->incognito = row->incognito;
}

static struct store_telling telling_of(const struct settle *settle, uint32_t piece)
{
    if (piece == MATCH_NONE)
        return (struct store_telling){.at = STORE_NO_TIME, .ms_played = -1};
    return (struct store_telling){
        .at = settle->pieces[piece].at,
        .track_id = settle->parts[piece].track_id,
        .ms_played = settle->pieces[piece].ms_played,
        .import_id = settle->parts[piece].import_id,
        .nudge_ms = settle->parts[piece].nudge_ms,
    };
}

/* A row that is made anew of an import's telling was first seen when that import began. */
static enum store_result find_first_seen(struct settle *settle, uint32_t piece, int64_t *ms)
{
    struct store_import_brief brief;
    enum store_result result;

    *ms = settle->now;
    if (settle->pieces[piece].play == MATCH_NONE || settle->parts[piece].import_id == 0)
        return STORE_OK;
    result = store_import_get(settle->store, settle->parts[piece].import_id, &brief);
    *ms = brief.started_at;
    return result;
}

static enum store_result find_marks(struct settle *settle, const struct match_play *play,
                                    struct image *image)
{
    const struct store_play_marks *marks;

    if (play->continues == MATCH_NONE)
        return find_first_seen(settle, first_piece(play), &image->play.first_seen_at);
    marks = &settle->marks[play->continues];
    image->play.first_seen_at = marks->first_seen_at;
    image->play.deleted_at = marks->deleted_at;
    return STORE_OK;
}

/* What the long form tells of it: of a row that comes, read into *details; else what is kept. */
static void draw_details(struct settle *settle, uint32_t piece, struct store_details *details,
                         struct image *image)
{
    const struct archive_row *row;

    if (piece == MATCH_NONE)
        return;
    image->told.offline_at = settle->pieces[piece].offline_at;
    image->details = settle->details[piece];
    row = row_of(settle, piece);
    if (row) {
        read_details(row, details);
        image->details = details;
    }
}

/* The row itself; of what both forms tell, the long one's word counts. */
static void draw_play(const struct settle *settle, const struct match_play *play,
                      struct image *image)
{
    uint32_t first = first_piece(play);
    const struct store_telling *long_form = &image->told.long_form;
    const struct store_telling *short_form = &image->told.short_form;

    image->play = (struct store_play){
        .user_id = settle->user_id,
        .played_at = settle->pieces[first].at,
        .nudge_ms = settle->parts[first].nudge_ms,
        .track_id = settle->parts[first].track_id,
        .context_uri = settle->parts[first].context_uri,
        .source = (enum store_source)settle->pieces[first].source,
        .ms_played = long_form->ms_played >= 0 ? long_form->ms_played : short_form->ms_played,
        .import_id =
            play->piece[MATCH_LONG] != MATCH_NONE ? long_form->import_id : short_form->import_id,
    };
}

static enum store_result draw(struct settle *settle, const struct match_play *play,
                              struct store_details *details, struct image *image)
{
    enum store_result result = put_tracks(settle, play);

    if (result != STORE_OK)
        return result;
    *image = (struct image){0};
    image->told.long_form = telling_of(settle, play->piece[MATCH_LONG]);
    image->told.short_form = telling_of(settle, play->piece[MATCH_SHORT]);
    draw_details(settle, play->piece[MATCH_LONG], details, image);
    draw_play(settle, play, image);
    return STORE_OK;
}

/* -- writing ----------------------------------------------------------------------------------- */

static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619U; /* FNV-1a */
    return hash ^ 0x100;
}

/* NULL without memory. */
static struct settle_slot *slot_of(struct settle *settle, const struct store_details *details)
{
    uint32_t hash = 2166136261U;

    if (!settle->slots)
        settle->slots = calloc(SETTLE_SLOTS, sizeof(*settle->slots));
    if (!settle->slots)
        return NULL;
    hash = hash_text(hash, details->reason_start);
    hash = hash_text(hash, details->reason_end);
    hash = hash_text(hash, details->platform);
    hash = hash_text(hash, details->country);
    hash += (uint32_t)(details->shuffle * 27 + details->skipped * 9 + details->offline * 3 +
                       details->incognito);
    return &settle->slots[(hash ^ hash >> 16) % SETTLE_SLOTS];
}

static bool are_same(const struct store_details *a, const struct store_details *b)
{
    return a->shuffle == b->shuffle && a->skipped == b->skipped && a->offline == b->offline &&
           a->incognito == b->incognito && strcmp(a->platform, b->platform) == 0 &&
           strcmp(a->reason_start, b->reason_start) == 0 &&
           strcmp(a->reason_end, b->reason_end) == 0 && strcmp(a->country, b->country) == 0;
}

/* What the long form tells has a number; the play takes that. */
static enum store_result number_details(struct settle *settle, struct image *image)
{
    struct settle_slot *slot;
    enum store_result result = STORE_OK;

    if (!image->details)
        return STORE_OK;
    slot = slot_of(settle, image->details);
    if (!slot)
        return STORE_NOMEM;
    if (slot->detail_id == 0 || slot->import_id != image->play.import_id ||
        !are_same(&slot->details, image->details)) {
        *slot =
            (struct settle_slot){.import_id = image->play.import_id, .details = *image->details};
        result =
            store_details_put(settle->store, slot->import_id, image->details, &slot->detail_id);
    }
    image->play.detail_id = slot->detail_id;
    image->play.offline_at = image->told.offline_at;
    return result;
}

static enum store_result write_play(struct settle *settle, const struct match_play *play)
{
    bool in_place = stays_in_place(settle, play);
    struct store_details details;
    struct image image;
    enum store_result result = draw(settle, play, &details, &image);

    if (result == STORE_OK)
        result = number_details(settle, &image);
    if (result != STORE_OK)
        return result;
    if (in_place) {
        image.play.played_at = settle->told[play->continues].played_at;
        result = store_play_change(settle->store, &image.play);
    } else {
        result = find_marks(settle, play, &image);
        if (result == STORE_OK)
            result = store_play_place(settle->store, &image.play);
    }
    return result == STORE_OK ? store_told_put(settle->store, &image.play, &image.told, !in_place)
                              : result;
}

enum store_result settle_write(struct settle *settle, size_t plays, bool *done)
{
    const struct match_result *found = &settle->result;
    enum store_result result = STORE_OK;

    *done = false;
    if (!is_cleared(settle))
        return clear(settle, plays);
    while (settle->next < found->play_count && plays > 0 && result == STORE_OK) {
        const struct match_play *play = &found->plays[settle->next++];

        if (!play->changed)
            continue;
        result = write_play(settle, play);
        plays--;
    }
    *done = settle->next == found->play_count;
    return result;
}
