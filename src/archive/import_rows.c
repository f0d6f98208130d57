/* SPDX-License-Identifier: MIT */
/* The rows of a file, block by block. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_private.h"
#include "store/users.h"

#define NUDGE_MOST 50 /* ms by which a key may be ahead of the moment that an end of a gap has */

/* -- reading ----------------------------------------------------------------------------------- */

/* The next record, unpacked; NULL at the end, or after import_fail(). */
static const uint8_t *next_record(struct archive_import *import, size_t *len)
{
    const uint8_t *data = import->waiting;
    bool lost = false;

    if (data) {
        *len = import->waiting_len;
        import->waiting = NULL;
        return data;
    }
    data = import->supply.next(import->supply.context, len, &lost);
    if (!data && lost)
        import_fail(import, "the rows could not be read");
    if (!data)
        return NULL;
    if (archive_record_get(data, *len, INT64_MAX, &import->record) != *len) {
        import_fail(import, "row %lld could not be understood", (long long)import->counts.rows + 1);
        return NULL;
    }
    return data;
}

static enum store_result reject(struct archive_import *import)
{
    const struct archive_rejected *rejected = &import->record.rejected;

    import->counts.rows++;
    import->counts.rejected++;
    import->counts.by_reason[rejected->reason]++;
    return store_reject_add(import->store, import->import_id, rejected->row_no,
                            archive_reject_name(rejected->reason), rejected->excerpt);
}

static void note_moment(struct archive_import *import, int64_t at)
{
    struct archive_import_counts *counts = &import->counts;

    if (counts->first_at == CLOCK_NO_TIME || at < counts->first_at)
        counts->first_at = at;
    if (counts->last_at == CLOCK_NO_TIME || at > counts->last_at)
        counts->last_at = at;
}

static bool is_full(const struct archive_import *import, int64_t at)
{
    return at > import->fence || settle_count(import->settle) >= import->block_rows ||
           settle_bytes(import->settle) >= IMPORT_BLOCK_BYTES;
}

static enum store_result take_row(struct archive_import *import, const uint8_t *record, size_t len)
{
    const struct archive_row *row = &import->record.row;

    note_moment(import, row->ended_at);
    return settle_add_row(import->settle, row, record, len);
}

static enum store_result take_record(struct archive_import *import, const uint8_t *record,
                                     size_t len, bool *over)
{
    int64_t at = import->record.row.ended_at;
    enum store_result result = STORE_OK;

    if (import->record.kind == ARCHIVE_RECORD_REJECTED)
        return reject(import);
    if (settle_count(import->settle) == 0)
        result = import_find_fence(import, at, &import->fence);
    *over = result == STORE_OK && is_full(import, at);
    if (result == STORE_OK && !*over)
        return take_row(import, record, len);
    import->waiting = record;
    import->waiting_len = len;
    return result;
}

static enum store_result fill(struct archive_import *import, bool *over)
{
    enum store_result result = STORE_OK;

    if (import->last_block) {
        *over = true;
        return STORE_OK;
    }
    for (int i = 0; i < IMPORT_STEP_ROWS && !*over && result == STORE_OK; i++) {
        size_t len;
        const uint8_t *record = next_record(import, &len);

        if (!record) {
            *over = import->last_block = true;
            break;
        }
        result = take_record(import, record, len, over);
    }
    return result;
}

static enum store_result begin_block(struct archive_import *import, bool *over)
{
    *over = true;
    settle_begin(import->settle);
    return STORE_OK;
}

static enum store_result read_block(struct archive_import *import, bool *over)
{
    return settle_read(import->settle, IMPORT_STEP_STORED, NULL, over);
}

/* -- counting ---------------------------------------------------------------------------------- */

static bool is_end(int64_t end, int64_t moment)
{
    return end >= moment && end - moment <= NUDGE_MOST;
}

/* The file has a play that stands at the end of a gap. */
static void note_gaps(struct archive_import *import, int64_t moment)
{
    for (size_t i = 0; i < import->gap_count && moment != CLOCK_NO_TIME; i++) {
        struct import_gap *gap = &import->gaps[i];

        gap->after = gap->after || is_end(gap->gap.after_played_at, moment);
        gap->before = gap->before || is_end(gap->gap.before_played_at, moment);
    }
}

static enum store_result count_block(struct archive_import *import, bool *over)
{
    struct archive_import_counts *counts = &import->counts;
    size_t rows = settle_count(import->settle);

    *over = true;
    for (size_t i = 0; i < rows; i++) {
        switch (settle_outcome(import->settle, i)) {
        case MATCH_NEW:
            counts->added++;
            break;
        case MATCH_MATCHED:
            counts->matched++;
            break;
        case MATCH_DUPLICATE:
        case MATCH_STORED:
            counts->duplicate++;
            break;
        }
        note_gaps(import, settle_api_moment(import->settle, i));
    }
    counts->rows += (int64_t)rows;
    return STORE_OK;
}

/* -- begin and end ----------------------------------------------------------------------------- */

static enum store_result load_gaps(struct archive_import *import)
{
    struct store_open_gap *gaps = NULL;
    enum store_result result =
        store_gaps_open(import->store, import->user_id, &gaps, &import->gap_count);

    if (result == STORE_OK) {
        import->gaps = calloc(import->gap_count + 1, sizeof(*import->gaps));
        if (!import->gaps)
            result = STORE_NOMEM;
    }
    for (size_t i = 0; i < import->gap_count && result == STORE_OK; i++)
        import->gaps[i].gap = gaps[i];
    free(gaps);
    return result;
}

static enum store_result begin(struct archive_import *import, bool *over)
{
    struct store_import_start start = {
        .user_id = import->user_id,
        .file = import->file,
        .hash = import->hash,
        .source = import->form == ARCHIVE_FORM_SHORT ? STORE_SOURCE_ACCOUNT : STORE_SOURCE_EXTENDED,
        .started_at = import->now,
    };
    enum store_result result = store_import_add(import->store, &start, &import->import_id);

    *over = true;
    if (result == STORE_OK)
        result = load_gaps(import);
    settle_set_import(import->settle, import->import_id);
    return result;
}

/* A file that has the plays at both ends of a gap has what is between them. */
static enum store_result fill_gaps(struct archive_import *import)
{
    enum store_result result = STORE_OK;

    for (size_t i = 0; i < import->gap_count && result == STORE_OK; i++) {
        const struct import_gap *gap = &import->gaps[i];

        if (!gap->after || !gap->before)
            continue;
        result = store_gap_fill(import->store, gap->gap.gap_id, import->import_id);
        import->counts.gaps_filled++;
    }
    return result;
}

/* Importing a file again changes nothing, and is not noted either. */
static enum store_result find_same(struct archive_import *import)
{
    int64_t same;
    enum store_result result;

    if (import->counts.added + import->counts.matched > 0)
        return STORE_OK;
    result =
        store_import_same(import->store, import->user_id, import->hash, import->import_id, &same);
    if (result == STORE_NOT_FOUND)
        return STORE_OK;
    if (result == STORE_OK) {
        import->known = true;
        import->import_id = same;
        import->counts.gaps_filled = 0;
    }
    return result;
}

static enum store_result finish(struct archive_import *import, bool *over)
{
    const struct archive_import_counts *counts = &import->counts;
    struct store_import_end end = {
        .finished_at = clock_wall_ms(),
        .rows = counts->rows,
        .added = counts->added,
        .matched = counts->matched,
        .duplicate = counts->duplicate,
        .rejected = counts->rejected,
        .first_at = counts->first_at,
        .last_at = counts->last_at,
    };
    enum store_result result = fill_gaps(import);

    *over = true;
    if (result == STORE_OK)
        result = store_import_finish(import->store, import->import_id, &end);
    return result == STORE_OK ? find_same(import) : result;
}

static import_stage *const stages[] = {begin,        begin_block, fill,   read_block, import_solve,
                                       import_write, count_block, finish, NULL};

#define FIRST_OF_BLOCK 1
#define BEHIND_BLOCK 7

enum store_result archive_import_begin(struct store *store,
                                       const struct archive_import_options *options,
                                       const struct archive_supply *supply,
                                       struct archive_import **import)
{
    struct archive_import *made;
    struct store_user *user = calloc(1, sizeof(*user));
    enum store_result result;

    *import = NULL;
    if (!user)
        return STORE_NOMEM;
    result = store_user_get(store, options->user_id, user);
    free(user);
    if (result != STORE_OK)
        return result;
    made = import_new(store, options->user_id, options->now, options->block_rows, options->book);
    if (!made)
        return STORE_NOMEM;
    made->stages = stages;
    made->repeat = FIRST_OF_BLOCK;
    made->block_end = BEHIND_BLOCK;
    made->supply = *supply;
    made->form = options->form;
    snprintf(made->file, sizeof(made->file), "%s", options->file);
    snprintf(made->hash, sizeof(made->hash), "%s", options->hash);
    return import_begin(made, import);
}
