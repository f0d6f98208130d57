/* SPDX-License-Identifier: MIT */
/*
 * store/budget: an end to reads that take too long, or that nobody waits for any more.
 */
#include "store/store_private.h"

#include <assert.h>

#include "base/clock.h"

/* Steps of SQLite's machine between two looks at the clock: a few hundredths of a millisecond. */
#define BUDGET_STEPS 2000

static bool is_over(struct store *store)
{
    return atomic_load_explicit(&store->stopped, memory_order_relaxed) ||
           (store->budget_ms > 0 && clock_boot_ms() >= store->late_at);
}

static int look(void *context)
{
    return is_over(context) ? 1 : 0;
}

void store_set_budget(struct store *store, int64_t ms)
{
    assert(store->mode == STORE_READER);
    store->budget_ms = ms;
    store->late_at = ms > 0 ? clock_boot_ms() + ms : 0;
    atomic_store_explicit(&store->stopped, false, memory_order_relaxed);
    /* Also without a budget: store_stop() is heard there. */
    sqlite3_progress_handler(store->db, BUDGET_STEPS, look, store);
}

void store_stop(struct store *store)
{
    atomic_store_explicit(&store->stopped, true, memory_order_relaxed);
}

enum store_result store_budget_fail(struct store *store, const char *what)
{
    if (atomic_load_explicit(&store->stopped, memory_order_relaxed)) {
        return store_fail(store, STORE_LATE, "%s: stopped, nobody waits for it", what);
    }
    return store_fail(store, STORE_LATE, "%s: took longer than %lld ms", what,
                      (long long)store->budget_ms);
}

enum store_result store_budget_check(struct store *store, const char *what)
{
    return is_over(store) ? store_budget_fail(store, what) : STORE_OK;
}
