/* SPDX-License-Identifier: MIT */
/*
 * Taking an import out: its tellings go, what is left is matched anew, and what of the catalogue
 * only they needed goes with them. So the tables are as they were before it, as long as nothing
 * else came in between. Of duplicates nothing is remembered: a play that a later import told as
 * well goes with the first, and comes back when that file is imported again.
 */
#include <stdlib.h>
#include <string.h>

#include "import_private.h"

/* The next plays that have something of it. Plays may move to an earlier key while others are taken
 * apart: so the end is only there when a walk from the first play to the last finds none. */
static enum store_result pick(struct archive_import *import, bool *over)
{
    int64_t fence, after = import->after;
    size_t count;
    enum store_result result =
        store_told_by_import(import->store, import->user_id, import->import_id, &after,
                             import->keys, import->block_rows, &count);

    settle_begin(import->settle);
    import->after = after;
    *over = result != STORE_OK || count > 0 || after == STORE_NO_TIME;
    if (result != STORE_OK || !*over)
        return result;
    if (count == 0) {
        import->last_block = !import->found;
        import->found = false;
        return STORE_OK;
    }
    import->found = true;
    result = import_find_fence(import, import->keys[0], &fence);
    while (import->keys[count - 1] > fence)
        count--;
    import->after = import->keys[count - 1];
    settle_take_out(import->settle, import->import_id, import->keys[0], import->after);
    return result;
}

static enum store_result read_block(struct archive_import *import, bool *over)
{
    enum store_result result = settle_read(import->settle, IMPORT_STEP_STORED,
                                           &import->prune.rows[STORE_PRUNE_TRACKS], over);

    /* Or it would be looked for again and again. */
    if (result == STORE_OK && *over && !import->last_block && settle_gone(import->settle) == 0 &&
        import->after != STORE_NO_TIME)
        import_fail(import, "a play names the import, but has nothing of it: see "
                            "\"spotify-historyctl check\"");
    return result;
}

static enum store_result count_block(struct archive_import *import, bool *over)
{
    *over = true;
    settle_count_gone(import->settle, &import->counts.added, &import->counts.matched);
    return STORE_OK;
}

/* -- the end ----------------------------------------------------------------------------------- */

static enum store_result prune(struct archive_import *import, bool *over)
{
    return store_prune_step(import->store, &import->prune, IMPORT_STEP_ROWS_PRUNED, over);
}

static enum store_result finish(struct archive_import *import, bool *over)
{
    enum store_result result = store_gaps_reopen(import->store, import->import_id);

    *over = true;
    return result == STORE_OK ? store_import_remove(import->store, import->import_id) : result;
}

static import_stage *const stages[] = {pick,        read_block, import_solve, import_write,
                                       count_block, prune,      finish,       NULL};

#define FIRST_OF_BLOCK 0
#define BEHIND_BLOCK 5

enum store_result archive_undo_begin(struct store *store, int64_t import_id, int64_t now,
                                     size_t block_rows, struct archive_import **import)
{
    struct store_import_brief brief;
    struct archive_import *made;
    enum store_result result = store_import_get(store, import_id, &brief);

    *import = NULL;
    if (result != STORE_OK)
        return result;
    made = import_new(store, brief.user_id, now, block_rows, NULL);
    if (!made)
        return STORE_NOMEM;
    made->stages = stages;
    made->repeat = FIRST_OF_BLOCK;
    made->block_end = BEHIND_BLOCK;
    made->import_id = import_id;
    made->after = STORE_NO_TIME;
    made->counts.rows = brief.rows;
    made->keys = calloc(made->block_rows, sizeof(*made->keys));
    if (made->keys)
        return import_begin(made, import);
    archive_import_free(made);
    return STORE_NOMEM;
}
