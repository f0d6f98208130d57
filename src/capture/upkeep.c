/* SPDX-License-Identifier: MIT */
#include "capture/upkeep.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/turns.h"
#include "capture/poller.h"
#include "store/search.h"
#include "store/totals.h"

#define LOOK_MS 100          /* after a change: others of the same moment are taken along */
#define WORDS_MS 2000        /* after a poll that brought few tracks: those of others, too */
#define WORDS_MANY 200       /* tracks that are not few */
#define STEP_MS 10           /* of one step, and of a turn of the loop */
#define HOLD_MS 50           /* somebody else goes first */
#define HOLD_LONGEST_MS 1000 /* before all others, who may never end */
#define SOON_MS 20           /* who is due within it goes first */
#define AGAIN_MS (10 * CLOCK_SECOND) /* the database takes no writes */
#define ALONE_MS 500                 /* of one transaction, where nobody waits */

/* What is derived: a row each. */
static const struct derived {
    enum store_result (*behind)(struct store *store, int64_t *count);
    enum store_result (*refresh)(struct store *store, int64_t ms, int64_t *left);
    enum store_result (*reset)(struct store *store);
} derived[] = {
    {store_totals_stale, store_totals_refresh, store_totals_reset},
    {store_words_stale, store_words_refresh, store_words_reset},
};

#define DERIVED_COUNT (sizeof(derived) / sizeof(derived[0]))

struct upkeep {
    struct recorder *recorder;
    struct event *timer;
    bool idle;          /* the timer waits for few tracks only: what comes may shorten it */
    int64_t held_since; /* boot ms; 0: nobody goes first */
    int64_t rebuild_at; /* boot ms: when the rebuilding began */
    struct upkeep_rebuild rebuild;
};

/* -- one step ------------------------------------------------------------------------------------ */

/* How much is behind, of all that is derived. */
static enum store_result count_behind(struct store *store, int64_t *count)
{
    enum store_result result = STORE_OK;

    *count = 0;
    for (size_t i = 0; i < DERIVED_COUNT && result == STORE_OK; i++) {
        int64_t some = 0;

        result = derived[i].behind(store, &some);
        *count += some;
    }
    return result;
}

/* Works for some ms on the first that is behind. */
static enum store_result refresh_some(struct store *store, int64_t ms)
{
    for (size_t i = 0; i < DERIVED_COUNT; i++) {
        int64_t some = 0, left;
        enum store_result result = derived[i].behind(store, &some);

        if (result != STORE_OK || some > 0)
            return result == STORE_OK ? derived[i].refresh(store, ms, &left) : result;
    }
    return STORE_OK;
}

static enum store_result step(struct store *store, int64_t ms, int64_t *left)
{
    enum store_result result = store_begin(store, STORE_RELAXED);

    if (result == STORE_OK)
        result = refresh_some(store, ms);
    if (result == STORE_OK)
        result = count_behind(store, left);
    return store_finish(store, result);
}

static enum store_result reset(struct store *store)
{
    enum store_result result = store_begin(store, STORE_RELAXED);

    for (size_t i = 0; i < DERIVED_COUNT && result == STORE_OK; i++)
        result = derived[i].reset(store);
    return store_finish(store, result);
}

/* -- all at once --------------------------------------------------------------------------------- */

enum store_result upkeep_finish(struct store *store, int64_t ms)
{
    int64_t began = clock_boot_ms(), left = 0;
    enum store_result result = count_behind(store, &left);

    while (result == STORE_OK && left > 0 && clock_boot_ms() - began < ms)
        result = step(store, ALONE_MS, &left);
    return result;
}

enum store_result upkeep_rebuild(struct store *store, int64_t *plays)
{
    enum store_result result = reset(store);

    if (result == STORE_OK)
        result = upkeep_finish(store, INT64_MAX);
    return result == STORE_OK ? store_totals_plays(store, plays) : result;
}

/* -- beside the recorder ------------------------------------------------------------------------- */

static void set_timer(struct upkeep *upkeep, int64_t ms)
{
    struct timeval in = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    upkeep->idle = false;
    evtimer_add(upkeep->timer, &in);
}

static bool is_stopping(const struct recorder *recorder)
{
    return recorder->stopping || recorder->failed;
}

/* A poll that is due, or waits for its turn and may have it, or for its commit. */
static bool others_are_due(struct recorder *recorder)
{
    int64_t now = clock_boot_ms();
    struct schedule_entry *first = schedule_first(&recorder->schedule);

    if (!recorder_may_poll(recorder))
        return false;
    if (first && first->due <= now + SOON_MS)
        return true;
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->pollers[i]->stage == POLLER_STORING)
            return true;
    return !STAILQ_EMPTY(&recorder->line) && gate_has_room(&recorder->gate) &&
           gate_ready_at(&recorder->gate, now, clock_wall_ms()) <= now;
}

static bool must_hold(struct upkeep *upkeep)
{
    int64_t now = clock_boot_ms();

    if (store_long_is_open(upkeep->recorder->store))
        return true;
    if (!others_are_due(upkeep->recorder)) {
        upkeep->held_since = 0;
        return false;
    }
    if (upkeep->held_since == 0)
        upkeep->held_since = now;
    if (now < upkeep->held_since + HOLD_LONGEST_MS)
        return true;
    upkeep->held_since = 0;
    return false;
}

static bool is_rebuilding(const struct upkeep *upkeep)
{
    return upkeep->rebuild.begun && !upkeep->rebuild.done;
}

static void rebuild_over(struct upkeep *upkeep, enum store_result result)
{
    struct upkeep_rebuild *rebuild = &upkeep->rebuild;
    char took[TEXT_DURATION_SIZE];

    rebuild->done = true;
    rebuild->took_ms = clock_boot_ms() - upkeep->rebuild_at;
    if (result == STORE_OK)
        result = store_totals_plays(upkeep->recorder->store, &rebuild->plays);
    if (result != STORE_OK) {
        snprintf(rebuild->problem, sizeof(rebuild->problem), "%s",
                 store_message(upkeep->recorder->store));
        return;
    }
    log_notice("%lld plays are summed up anew, in %s", (long long)rebuild->plays,
               text_duration_human(rebuild->took_ms, took));
}

/* Half of the time is left to others, also where the processor is slow. */
static void go_on(struct upkeep *upkeep, int64_t left, int64_t took_ms)
{
    upkeep->rebuild.left = left;
    if (left > 0)
        set_timer(upkeep, took_ms);
    else if (is_rebuilding(upkeep))
        rebuild_over(upkeep, STORE_OK);
}

/* What cannot be done now is done later. That the database takes no writes is said by those whose
 * plays wait. A file that went away, or a disk that fails, ends the daemon whoever meets it. */
static void give_up(struct upkeep *upkeep, enum store_result result)
{
    if (store_result_is_temporary(result)) {
        set_timer(upkeep, AGAIN_MS);
        return;
    }
    if (is_rebuilding(upkeep))
        rebuild_over(upkeep, result);
    if (result == STORE_GONE || result == STORE_IO) {
        struct token_tools tools = recorder_token_tools(upkeep->recorder);

        tools.fatal(result, store_message(upkeep->recorder->store), tools.fatal_context);
    } else {
        log_error("bringing sums over plays up to date failed (%s): %s", store_result_name(result),
                  store_message(upkeep->recorder->store));
    }
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct upkeep *upkeep = context;
    int64_t began = clock_boot_ms(), left = 0;
    enum store_result result;

    (void)fd;
    (void)what;
    turns_mark(upkeep->recorder->turns, "upkeep");
    if (is_stopping(upkeep->recorder))
        return;
    if (must_hold(upkeep)) {
        set_timer(upkeep, HOLD_MS);
        return;
    }
    result = step(upkeep->recorder->store, STEP_MS, &left);
    if (result == STORE_OK)
        go_on(upkeep, left, clock_boot_ms() - began);
    else
        give_up(upkeep, result);
}

struct upkeep *upkeep_new(struct recorder *recorder)
{
    struct upkeep *upkeep = calloc(1, sizeof(*upkeep));

    if (!upkeep)
        return NULL;
    upkeep->recorder = recorder;
    upkeep->timer = evtimer_new(recorder->base, timer_fired, upkeep);
    if (!upkeep->timer) {
        free(upkeep);
        return NULL;
    }
    return upkeep;
}

void upkeep_free(struct upkeep *upkeep)
{
    if (!upkeep)
        return;
    event_free(upkeep->timer);
    free(upkeep);
}

/* A search finds few tracks as well that are not in the index: those of several polls are brought
 * in by one transaction. */
static enum store_result look(struct store *store, bool *any, bool *few)
{
    int64_t blocks = 0, tracks = 0;
    enum store_result result = store_totals_stale(store, &blocks);

    if (result == STORE_OK)
        result = store_words_stale(store, &tracks);
    *any = blocks > 0 || tracks > 0;
    *few = blocks == 0 && tracks < WORDS_MANY;
    return result;
}

void upkeep_look(struct upkeep *upkeep)
{
    bool pending = evtimer_pending(upkeep->timer, NULL), any = false, few = false;

    if (is_stopping(upkeep->recorder) || (pending && !upkeep->idle))
        return;
    if (look(upkeep->recorder->store, &any, &few) != STORE_OK || !any || (pending && few))
        return;
    set_timer(upkeep, few ? WORDS_MS : LOOK_MS);
    upkeep->idle = few;
}

void upkeep_stop(struct upkeep *upkeep)
{
    evtimer_del(upkeep->timer);
}

/* -- anew ---------------------------------------------------------------------------------------- */

enum store_result recorder_rebuild(struct recorder *recorder)
{
    struct upkeep *upkeep = recorder->upkeep;
    enum store_result result;

    if (is_stopping(recorder) || is_rebuilding(upkeep) || store_long_is_open(recorder->store))
        return STORE_BUSY;
    result = reset(recorder->store);
    if (result != STORE_OK)
        return result;
    upkeep->rebuild = (struct upkeep_rebuild){.begun = true, .plays = -1};
    upkeep->rebuild_at = clock_boot_ms();
    (void)count_behind(recorder->store, &upkeep->rebuild.left);
    set_timer(upkeep, 0);
    return STORE_OK;
}

void recorder_rebuild_status(const struct recorder *recorder, struct upkeep_rebuild *status)
{
    const struct upkeep *upkeep = recorder->upkeep;

    *status = upkeep->rebuild;
    if (is_rebuilding(upkeep))
        status->took_ms = clock_boot_ms() - upkeep->rebuild_at;
}
