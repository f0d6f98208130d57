/* SPDX-License-Identifier: MIT */
/* Plays that a person deletes, and brings back: what capture stores of it is a mark on the row. */
#include "base/log.h"
#include "capture/accounts.h"
#include "capture/poller.h"
#include "capture/upkeep.h"
#include "store/search.h"

static enum store_result mark(struct recorder *recorder, struct store_place place, bool deleted)
{
    enum store_result result;

    if (!commit_flush(recorder->commit))
        return STORE_BUSY;
    result = store_begin(recorder->store, STORE_DURABLE);
    if (result == STORE_OK)
        result = deleted ? store_play_delete(recorder->store, place, clock_wall_ms())
                         : store_play_restore(recorder->store, place);
    result = store_finish(recorder->store, result);
    if (result != STORE_OK)
        return result;
    upkeep_look(recorder->upkeep);
    log_notice("user %lld: a play was %s by a person", (long long)place.user_id,
               deleted ? "deleted" : "brought back");
    return STORE_OK;
}

enum store_result recorder_play_delete(struct recorder *recorder, int64_t user_id, int64_t key)
{
    return mark(recorder, (struct store_place){.key = key, .user_id = user_id}, true);
}

enum store_result recorder_play_restore(struct recorder *recorder, int64_t user_id, int64_t key)
{
    return mark(recorder, (struct store_place){.key = key, .user_id = user_id}, false);
}
