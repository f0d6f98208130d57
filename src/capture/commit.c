/* SPDX-License-Identifier: MIT */
#include "capture/commit.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/turns.h"
#include "capture/apply.h"
#include "capture/counters.h"
#include "store/ledger.h"

struct entry {
    struct commit_outcome outcome;
    struct commit_result result;
    struct apply_report report; /* what to log once it is committed */
    commit_function *done;
    void *context;
    struct entry *next;
};

struct commit {
    struct store *store;
    struct trackbook *book; /* NULL: no import is near what comes */
    int64_t run_id;
    struct event *timer;
    struct entry *first, **last; /* oldest first */
    size_t count;
    size_t held_bytes;
    int64_t retry_ms; /* 0: the database takes writes */
    bool busy;        /* callbacks are being called: they may add, not flush */
    struct log_episode trouble;
    struct commit_along along; /* without functions: nothing */
    struct counters *counters; /* NULL: nothing is counted */
    struct turns *turns;       /* NULL: nothing is marked */
    commit_fatal_function *fatal;
    void *fatal_context;
};

static void timer_fired(evutil_socket_t fd, short what, void *context);

struct commit *commit_new(struct event_base *base, struct store *store, int64_t run_id,
                          commit_fatal_function *fatal, void *context)
{
    struct commit *commit = calloc(1, sizeof(*commit));

    if (!commit)
        return NULL;
    commit->store = store;
    commit->run_id = run_id;
    commit->fatal = fatal;
    commit->fatal_context = context;
    commit->last = &commit->first;
    commit->timer = evtimer_new(base, timer_fired, commit);
    if (!commit->timer) {
        free(commit);
        return NULL;
    }
    return commit;
}

void commit_set_run(struct commit *commit, int64_t run_id)
{
    commit->run_id = run_id;
}

void commit_set_along(struct commit *commit, const struct commit_along *along)
{
    commit->along = *along;
}

void commit_set_counters(struct commit *commit, struct counters *counters)
{
    commit->counters = counters;
}

void commit_set_turns(struct commit *commit, struct turns *turns)
{
    commit->turns = turns;
}

/* What has come to its end: it is stored, or never will be. */
static void count_entry(struct commit *commit, const struct entry *entry)
{
    struct counters *counters = commit->counters;

    if (!counters)
        return;
    if (entry->result.stored != STORE_OK) {
        counters_poll(counters, "not_stored");
        return;
    }
    counters_poll(counters, entry->outcome.outcome);
    counters->plays += (int64_t)entry->report.added;
    counters->late += (int64_t)entry->report.late;
    counters->odd += (int64_t)entry->report.odd;
}

static void entry_free(struct entry *entry)
{
    if (entry->outcome.has_page)
        spotify_page_free(&entry->outcome.page);
    free(entry);
}

void commit_free(struct commit *commit)
{
    struct entry *next;

    if (!commit)
        return;
    for (struct entry *entry = commit->first; entry; entry = next) {
        next = entry->next;
        entry_free(entry);
    }
    event_free(commit->timer);
    trackbook_free(commit->book);
    free(commit);
}

static void set_timer(struct commit *commit, int64_t ms)
{
    struct timeval in = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    evtimer_add(commit->timer, &in);
}

static void append(struct commit *commit, struct entry *entry)
{
    entry->next = NULL;
    *commit->last = entry;
    commit->last = &entry->next;
    commit->count++;
}

bool commit_add(struct commit *commit, struct commit_outcome *outcome, commit_function *done,
                void *context)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    if (!entry)
        return false;
    entry->outcome = *outcome;
    entry->result.page.kind = outcome->kind;
    entry->done = done;
    entry->context = context;
    append(commit, entry);
    if (commit->count >= COMMIT_GROUP_MAX && !commit->busy)
        set_timer(commit, 0);
    else if (!evtimer_pending(commit->timer, NULL) || commit->retry_ms > COMMIT_GROUP_MS)
        set_timer(commit, COMMIT_GROUP_MS);
    return true;
}

void commit_soon(struct commit *commit)
{
    if (commit->first && commit->retry_ms == 0 && !commit->busy)
        set_timer(commit, 0);
}

/* How many outcomes the next group has: at most so many plays as are written without the loop
 * standing still for long. */
static size_t group_size(const struct commit *commit)
{
    const struct entry *entry = commit->first;
    size_t count = 0, plays = 0;

    for (; entry && count < COMMIT_GROUP_MAX; entry = entry->next, count++) {
        plays += entry->outcome.has_page ? entry->outcome.page.play_count : 0;
        if (plays > COMMIT_GROUP_PLAYS && count > 0)
            break;
    }
    return count;
}

/* A page that may bring something new has to be on the disk before it counts; what only notes that
 * a poll took place may be lost in a power cut, and costs no sync. */
static bool needs_sync(const struct commit *commit, size_t size)
{
    for (const struct entry *entry = commit->first; size-- > 0; entry = entry->next)
        if (entry->outcome.sets_state || entry->outcome.sets_refused ||
            (entry->outcome.has_page && entry->outcome.page.play_count > 0))
            return true;
    return false;
}

/* Brings one outcome in, alone: what goes wrong with it is undone and leaves the others of the
 * group as they are. */
static enum store_result apply_one(struct commit *commit, struct entry *entry)
{
    enum store_result result = store_mark(commit->store);

    if (result != STORE_OK)
        return result;
    result = apply_outcome(commit->store, &commit->book, &entry->outcome, entry->result.was_held,
                           &entry->result, &entry->report);
    if (result == STORE_OK)
        return store_mark_keep(commit->store);
    if (store_result_is_temporary(result) || result == STORE_IO || result == STORE_CORRUPT)
        return result;
    entry->result.stored = result;
    log_error(
        "%s: storing a poll's outcome failed (%s): %s; it is left out, the next poll asks again",
        entry->outcome.user_name, store_result_name(result), store_message(commit->store));
    return store_mark_undo(commit->store);
}

static enum store_result apply_group(struct commit *commit, size_t size)
{
    enum store_result result;

    result = store_begin(commit->store, needs_sync(commit, size) ? STORE_DURABLE : STORE_RELAXED);
    for (struct entry *entry = commit->first; size-- > 0 && result == STORE_OK;
         entry = entry->next) {
        entry->result.stored = STORE_OK;
        result = apply_one(commit, entry);
    }
    if (result == STORE_OK && commit->run_id != 0)
        result = store_run_alive(commit->store, commit->run_id, clock_wall_ms());
    if (result == STORE_OK && commit->along.write)
        result = commit->along.write(commit->store, commit->along.context);
    result = store_finish(commit->store, result);
    if (result == STORE_OK && commit->along.stored)
        commit->along.stored(commit->along.context);
    return result;
}

/* A group is committed: tell, log, forget. Callbacks may hand in new outcomes: these come behind
 * what waits. */
static void finish_group(struct commit *commit, size_t size)
{
    commit->retry_ms = 0;
    log_episode_leave(&commit->trouble, clock_boot_ms(), "the database takes writes again");
    for (; size > 0 && commit->first; size--) {
        struct entry *entry = commit->first;

        commit->first = entry->next;
        if (!commit->first)
            commit->last = &commit->first;
        commit->count--;
        entry->result.held = false;
        count_entry(commit, entry);
        if (entry->result.stored == STORE_OK)
            apply_log(&entry->outcome, &entry->report);
        if (entry->done)
            entry->done(&entry->result, entry->context);
        entry_free(entry);
    }
}

/* Takes an entry out of the list and tells its owner that it is not kept. */
static void drop(struct commit *commit, struct entry **link)
{
    struct entry *entry = *link;

    *link = entry->next;
    if (!*link)
        commit->last = link;
    commit->count--;
    entry->result.held = false;
    count_entry(commit, entry);
    if (entry->done)
        entry->done(&entry->result, entry->context);
    entry_free(entry);
}

/* Keeps pages and changes of a user's state, drops mere notes, and says so to those who wait. Past
 * the limit the oldest pages go: a sweep shows the newest, and what was lost then stands as a gap.
 */
static void hold_all(struct commit *commit, enum store_result why)
{
    struct entry **link = &commit->first;

    commit->held_bytes = 0;
    for (struct entry *entry = commit->first; entry; entry = entry->next)
        commit->held_bytes += entry->outcome.has_page ? entry->outcome.page.arena.total : 0;
    while (*link) {
        struct entry *entry = *link;
        bool keep =
            entry->outcome.has_page || entry->outcome.sets_state || entry->outcome.sets_refused;

        entry->result.stored = why;
        if (entry->outcome.has_page && commit->held_bytes > COMMIT_HELD_MAX) {
            log_error("%s: %zu plays are given up: more than %u MiB wait for the database",
                      entry->outcome.user_name, entry->outcome.page.play_count,
                      COMMIT_HELD_MAX >> 20);
            commit->held_bytes -= entry->outcome.page.arena.total;
            keep = false;
        }
        if (!keep) {
            drop(commit, link);
            continue;
        }
        entry->result.held = true;
        if (!entry->result.was_held && entry->done)
            entry->done(&entry->result, entry->context);
        entry->result.was_held = true;
        link = &entry->next;
    }
}

static void hold(struct commit *commit, enum store_result why)
{
    log_episode_meet(
        &commit->trouble, clock_boot_ms(), LOG_LEVEL_ERROR,
        "writing plays to the database failed: %s; they are held in memory and tried again, polling goes on",
        store_message(commit->store));
    commit->retry_ms = commit->retry_ms ? commit->retry_ms * 2 : COMMIT_RETRY_MIN;
    if (commit->retry_ms > COMMIT_RETRY_MAX)
        commit->retry_ms = COMMIT_RETRY_MAX;
    hold_all(commit, why);
    if (commit->first)
        set_timer(commit, commit->retry_ms);
}

/* Stores one group. */
static enum store_result flush_group(struct commit *commit)
{
    size_t size = group_size(commit);
    enum store_result result;

    commit->busy = true;
    result = apply_group(commit, size);
    if (result == STORE_OK)
        finish_group(commit, size);
    else if (store_result_is_temporary(result))
        hold(commit, result);
    commit->busy = false;
    if (result != STORE_OK && !store_result_is_temporary(result))
        commit->fatal(result, store_message(commit->store), commit->fatal_context);
    return result;
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct commit *commit = context;

    (void)fd;
    (void)what;
    turns_mark(commit->turns, "commit");
    if (store_long_is_open(commit->store)) { /* it ends soon: no trouble to be told */
        set_timer(commit, COMMIT_GROUP_MS);
        return;
    }
    /* One group a turn of the loop, however much waits. */
    if (commit->first && flush_group(commit) == STORE_OK && commit->first)
        set_timer(commit, commit->count >= COMMIT_GROUP_MAX || commit->first->result.was_held
                              ? 0
                              : COMMIT_GROUP_MS);
}

bool commit_flush(struct commit *commit)
{
    enum store_result result = STORE_OK;

    /* Called by a callback: what that is about is committed, or still in the list. */
    if (commit->busy || store_long_is_open(commit->store))
        return !commit->first;
    event_del(commit->timer);
    while (commit->first && result == STORE_OK)
        result = flush_group(commit);
    return result == STORE_OK;
}

void commit_detach(struct commit *commit, const void *context)
{
    for (struct entry *entry = commit->first; entry; entry = entry->next)
        if (entry->context == context)
            entry->done = NULL;
}

bool commit_is_failing(const struct commit *commit)
{
    return commit->retry_ms > 0;
}

bool commit_is_held(const struct commit *commit)
{
    return commit->retry_ms > 0 && commit->first;
}
