/* SPDX-License-Identifier: MIT */
/* Both kinds of work go the same way: blocks of steps, then an end, all in one long change. */
#include "archive/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "import_private.h"
#include "store/marks.h"

struct archive_import *import_new(struct store *store, int64_t user_id, int64_t now,
                                  size_t block_rows, struct trackbook *book)
{
    struct archive_import *import = calloc(1, sizeof(*import));

    if (!import)
        return NULL;
    import->store = store;
    import->user_id = user_id;
    import->now = now;
    import->block_rows = block_rows ? block_rows : ARCHIVE_IMPORT_BLOCK;
    import->counts.first_at = import->counts.last_at = CLOCK_NO_TIME;
    import->own_book = book ? NULL : trackbook_new(store, TRACKBOOK_PLACES);
    import->book = book ? book : import->own_book;
    import->settle = import->book ? settle_new(store, import->book, user_id, now) : NULL;
    if (import->settle)
        return import;
    archive_import_free(import);
    return NULL;
}

enum store_result import_begin(struct archive_import *made, struct archive_import **import)
{
    enum store_result result = store_long_begin(made->store);

    made->is_open = result == STORE_OK;
    if (result == STORE_OK)
        result = store_long_resume(made->store);
    if (result == STORE_OK) {
        result = store_marks_take(made->store);
        if (result == STORE_OK)
            result = trackbook_look(made->book);
        store_long_pause(made->store);
    }
    *import = result == STORE_OK ? made : NULL;
    if (result != STORE_OK)
        archive_import_free(made);
    return result;
}

static void roll_back(struct archive_import *import)
{
    import->is_open = false;
    store_rollback(import->store);
}

void archive_import_free(struct archive_import *import)
{
    if (!import)
        return;
    if (import->is_open) { /* another change that is open is none of ours */
        (void)store_long_resume(import->store);
        roll_back(import);
    }
    settle_free(import->settle);
    trackbook_free(import->own_book);
    free(import->gaps);
    free(import->keys);
    store_prune_free(&import->prune);
    free(import);
}

void import_fail(struct archive_import *import, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(import->error, sizeof(import->error), format, arguments);
    va_end(arguments);
}

enum store_result import_find_fence(struct archive_import *import, int64_t at, int64_t *fence)
{
    int64_t key, least = at + CLOCK_DAY;
    enum store_result result = store_told_fence(import->store, import->user_id, at - MATCH_REACH,
                                                (int64_t)import->block_rows * 2, &key);

    *fence = INT64_MAX;
    if (result == STORE_NOT_FOUND)
        return STORE_OK;
    if (result == STORE_OK)
        *fence = key - MATCH_REACH > least ? key - MATCH_REACH : least;
    return result;
}

enum store_result import_solve(struct archive_import *import, bool *over)
{
    *over = true;
    return settle_solve(import->settle);
}

enum store_result import_write(struct archive_import *import, bool *over)
{
    return settle_write(import->settle, IMPORT_STEP_PLAYS, over);
}

/* -- steps ------------------------------------------------------------------------------------- */

static enum archive_import_end failed(struct archive_import *import, enum store_result result)
{
    import->result = result;
    /* Memory of our own was missing, then: the store knows nothing of that. */
    if (!import->error[0] && result == STORE_NOMEM)
        import_fail(import, "out of memory");
    if (!import->error[0])
        import_fail(import, "%s", store_message(import->store));
    roll_back(import);
    return ARCHIVE_IMPORT_FAILED;
}

static enum archive_import_end commit(struct archive_import *import)
{
    enum store_result result;

    if (import->known) {
        roll_back(import);
        return ARCHIVE_IMPORT_KNOWN;
    }
    import->is_open = false; /* committed, or rolled back */
    result = store_commit(import->store);
    return result == STORE_OK ? ARCHIVE_IMPORT_STORED : failed(import, result);
}

/* The stage after the last of a block is the first of the next one, as long as there is one. */
static void go_on(struct archive_import *import)
{
    import->stage++;
    if (import->stage == import->block_end && !import->last_block)
        import->stage = import->repeat;
    import->ready = import->stages[import->stage] == NULL;
}

enum archive_import_end archive_import_step(struct archive_import *import)
{
    enum store_result result = store_long_resume(import->store);
    bool over = false;

    if (result != STORE_OK)
        return failed(import, result);
    if (import->ready)
        return commit(import);
    result = import->stages[import->stage](import, &over);
    if (result != STORE_OK || import->error[0])
        return failed(import, result);
    if (over)
        go_on(import);
    store_long_pause(import->store);
    return ARCHIVE_IMPORT_MORE;
}

bool archive_import_is_ready(const struct archive_import *import)
{
    return import->ready;
}

const struct archive_import_counts *archive_import_counts(const struct archive_import *import)
{
    return &import->counts;
}

int64_t archive_import_id(const struct archive_import *import)
{
    return import->import_id;
}

enum store_result archive_import_result(const struct archive_import *import)
{
    return import->result;
}

const char *archive_import_error(const struct archive_import *import)
{
    return import->error;
}
