/* SPDX-License-Identifier: MIT */
/* People who leave: their rows go in one transaction, a few at a time, so that the loop goes on. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/turns.h"
#include "capture/accounts.h"
#include "capture/importing.h"
#include "capture/poller.h"
#include "capture/upkeep.h"

#define STEP_ROWS 100 /* some ms, where the database is large and its disk slow */
#define TURN_US 5000  /* of a turn of the loop */
#define LOOK_EVERY_MS 50
#define REFRESH_LONGEST_MS (TOKENS_REQUEST_MS + 5 * CLOCK_SECOND)

struct leaving {
    struct recorder *recorder;
    struct event *timer;
    int64_t user_id;
    int64_t refresh_until; /* boot ms: a refresh under way is awaited no longer than this */
    bool begun;            /* forget is under way, and its transaction open */
    struct store_forget forget;
    recorder_forget_function *done;
    void *context;
};

static void leaving_free(struct leaving *leaving)
{
    leaving->recorder->leaving = NULL;
    if (leaving->timer)
        event_free(leaving->timer);
    free(leaving);
}

/* What was a token must not stay in the WAL. It does not matter when: a reader may be in the way
 * now, and a later checkpoint does it. */
static void empty_wal(struct recorder *recorder)
{
    if (store_checkpoint(recorder->store) != STORE_OK)
        log_notice("removed tokens stay in the database's WAL file for now: %s",
                   store_message(recorder->store));
}

/* They stay after all. */
static void resume(const struct leaving *leaving)
{
    struct poller *poller = recorder_poller(leaving->recorder, leaving->user_id);

    if (!leaving->begun || !poller || poller->foreign)
        return;
    policy_let_go(&poller->policy, clock_boot_ms());
    if (poller->policy.state == POLICY_NEEDS_LOGIN) /* the tries that are owed */
        recorder_restore_refused(poller);
}

static void end(struct leaving *leaving, enum store_result result)
{
    struct recorder *recorder = leaving->recorder;
    struct poller *poller = recorder_poller(recorder, leaving->user_id);
    struct store_holdings removed = leaving->forget.removed;
    recorder_forget_function *done = leaving->done;
    void *context = leaving->context;

    if (result == STORE_OK) {
        log_notice("%s: removed by a person, with %lld plays", poller ? poller->name : "a user",
                   (long long)(removed.plays + removed.deleted_plays));
        if (poller)
            recorder_remove_poller(recorder, poller);
        recorder_import_of_removed(recorder, leaving->user_id);
    } else {
        resume(leaving);
    }
    leaving_free(leaving);
    if (done)
        done(result, &removed, context);
    if (result == STORE_OK)
        empty_wal(recorder);
    recorder_apply_limits(recorder);
    recorder_reschedule(recorder);
    upkeep_look(recorder->upkeep);
}

static enum store_result begin(struct leaving *leaving)
{
    struct recorder *recorder = leaving->recorder;
    struct poller *poller = recorder_poller(recorder, leaving->user_id);
    enum store_result result = STORE_BUSY;

    if (commit_flush(recorder->commit))
        result = store_forget_begin(&leaving->forget, recorder->store, leaving->user_id);
    leaving->begun = result == STORE_OK;
    if (poller && leaving->begun) {
        poller_halt(poller);
        policy_hold(&poller->policy);
    }
    return result;
}

static void take_steps(struct leaving *leaving)
{
    struct timeval at_once = {0, 0};
    int64_t until = clock_boot_us() + TURN_US;
    enum store_result result;
    bool over;

    do {
        result = store_forget_step(&leaving->forget, STEP_ROWS, &over);
        over = over || result != STORE_OK;
    } while (!over && clock_boot_us() < until);
    if (over)
        end(leaving, result);
    else
        evtimer_add(leaving->timer, &at_once);
}

/* What a token request brings may be the only valid token: it must not have to wait for the end of
 * this. That of who leaves is no exception, because the removal may still be given up. */
static bool must_wait(const struct leaving *leaving)
{
    return !leaving->begun && recorder_tokens_awaited(leaving->recorder) > 0;
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct leaving *leaving = context;
    struct timeval again = {0, LOOK_EVERY_MS * 1000};
    enum store_result result = STORE_OK;

    (void)fd;
    (void)what;
    turns_mark(leaving->recorder->turns, "removal");
    if (must_wait(leaving) && clock_boot_ms() < leaving->refresh_until) {
        evtimer_add(leaving->timer, &again);
        return;
    }
    if (!leaving->begun)
        result = must_wait(leaving) ? STORE_BUSY : begin(leaving);
    if (result == STORE_OK)
        take_steps(leaving);
    else
        end(leaving, result);
}

enum store_result recorder_forget(struct recorder *recorder, int64_t user_id,
                                  recorder_forget_function *done, void *context)
{
    struct timeval at_once = {0, 0};
    struct leaving *leaving;
    enum store_result result = STORE_OK;

    if (recorder->leaving || recorder->stopping || store_long_is_open(recorder->store) ||
        !commit_flush(recorder->commit))
        return STORE_BUSY;
    leaving = calloc(1, sizeof(*leaving));
    if (!leaving)
        return STORE_NOMEM;
    leaving->recorder = recorder;
    leaving->done = done;
    leaving->context = context;
    leaving->user_id = user_id;
    leaving->refresh_until = clock_boot_ms() + REFRESH_LONGEST_MS;
    leaving->timer = evtimer_new(recorder->base, timer_fired, leaving);
    if (!leaving->timer)
        result = STORE_NOMEM;
    else if (!must_wait(leaving))
        result = begin(leaving);
    if (result != STORE_OK) {
        leaving_free(leaving);
        return result;
    }
    recorder->leaving = leaving;
    evtimer_add(leaving->timer, &at_once);
    return STORE_OK;
}

void recorder_forget_detach(struct recorder *recorder, const void *context)
{
    if (recorder->leaving && recorder->leaving->context == context)
        recorder->leaving->done = NULL;
}

void recorder_give_up_leaving(struct recorder *recorder)
{
    struct leaving *leaving = recorder->leaving;
    recorder_forget_function *done;
    void *context;

    if (!leaving)
        return;
    done = leaving->done;
    context = leaving->context;
    if (leaving->begun)
        store_forget_drop(&leaving->forget);
    resume(leaving);
    leaving_free(leaving);
    log_notice("removing a user was given up: everything is as it was");
    if (done)
        done(STORE_BUSY, NULL, context);
}

enum store_result recorder_sign_out(struct recorder *recorder, int64_t user_id)
{
    struct poller *poller = recorder_poller(recorder, user_id);
    enum store_result result;

    if (!commit_flush(recorder->commit))
        return STORE_BUSY;
    result = store_begin(recorder->store, STORE_DURABLE);
    if (result == STORE_OK)
        result = store_user_sign_out(recorder->store, user_id, ACCOUNT_SIGNED_OUT, clock_wall_ms());
    if (result == STORE_OK) /* nothing is owed to a sign-in that is gone */
        result = store_user_set_refused(recorder->store, user_id, STORE_NO_TIME, 0);
    result = store_finish(recorder->store, result);
    if (result != STORE_OK)
        return result;
    empty_wal(recorder);
    if (poller) {
        poller_halt(poller);
        poller_signed_out(poller);
        log_notice("%s: signed out by a person; what is recorded stays", poller->name);
    }
    recorder_set_alarm(recorder);
    return STORE_OK;
}
