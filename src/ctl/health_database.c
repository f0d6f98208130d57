/* SPDX-License-Identifier: MIT */
/* ctl/health_database: the file, and whether what is in it makes sense. */
#include <stdio.h>

#include "ctl/health.h"
#include "store/inspect.h"
#include "store/totals.h"

#define QUICK_FROM (200 * INT64_C(1048576)) /* bytes of a file that is not looked at in full */
#define LOG_MANY (64 * INT64_C(1048576))    /* the daemon cuts its log back to 4 MiB */

#define RESTORE                                                                                  \
    "stop the daemon, keep a copy of the file and of what begins with its name, and bring back " \
    "a backup"

static void tell_failed(struct health_tour *tour, enum store_result result)
{
    struct health_verdict verdict = {0};
    bool busy = result == STORE_BUSY;

    health_say(&verdict, busy ? HEALTH_UNCHECKED : HEALTH_FAILURE, "%s",
               store_message(tour->store));
    if (!busy)
        health_advise(&verdict, "%s", RESTORE);
    health_found(tour, &verdict);
}

static void tell_absent(struct health_tour *tour)
{
    struct health_verdict verdict = {0};

    if (tour->is_new && tour->daemon.result == CLIENT_OK) {
        health_say(&verdict, HEALTH_FAILURE, "%s is gone, although the daemon runs",
                   tour->config->store.database);
        health_advise(&verdict, "bring the file back, with what begins with its name, and restart "
                                "the daemon");
    } else if (tour->is_new) {
        health_say(&verdict, HEALTH_UNCHECKED,
                   "there is none yet: the daemon makes it when it starts");
    } else {
        health_say(&verdict, tour->store_state, "%s", tour->store_why);
        if (tour->store_state == HEALTH_FAILURE)
            health_advise(&verdict, "see which file store.database names; of a damaged one, bring "
                                    "back a backup");
    }
    health_found(tour, &verdict);
}

static void tell_sound(struct health_tour *tour, const struct store_layout *layout, bool quick)
{
    struct health_verdict verdict = {0};
    int64_t kib = layout->page_size * layout->pages / 1024;
    int64_t unused = layout->pages > 0 ? 100 * layout->free_pages / layout->pages : 0;

    health_say(&verdict, layout->log_bytes > LOG_MANY ? HEALTH_WARNING : HEALTH_OK,
               "%s: layout %lld, %lld KiB, %lld %% of it unused, %lld KiB in its log",
               quick ? "no damage in a quick look, as it is large" : "no damage",
               (long long)layout->version, (long long)kib, (long long)unused,
               (long long)(layout->log_bytes / 1024));
    if (verdict.state == HEALTH_WARNING)
        health_advise(&verdict,
                      "end programs that have been reading the database for long, so that "
                      "the daemon can empty its log");
    health_found(tour, &verdict);
}

void health_database(struct health_tour *tour)
{
    struct store_layout layout;
    struct health_verdict verdict = {0};
    char first[300];
    int64_t damages = 0;
    enum store_result result;
    bool quick;

    if (!health_store(tour)) {
        tell_absent(tour);
        return;
    }
    result = store_inspect_layout(tour->store, &layout);
    quick = layout.page_size * layout.pages > QUICK_FROM;
    if (result == STORE_OK)
        result = store_inspect_integrity(tour->store, quick, &damages, first, sizeof(first));
    if (result != STORE_OK) {
        tell_failed(tour, result);
    } else if (damages > 0) {
        health_say(&verdict, HEALTH_FAILURE, "it is damaged at %lld places or more: %s",
                   (long long)damages, first);
        health_advise(&verdict, "%s", RESTORE);
        health_found(tour, &verdict);
    } else {
        tell_sound(tour, &layout, quick);
    }
}

void health_references(struct health_tour *tour)
{
    struct health_verdict verdict = {0};
    char first[200];
    int64_t rows = 0;
    enum store_result result;

    if (!health_has_store(tour))
        return;
    result = store_inspect_references(tour->store, &rows, first, sizeof(first));
    if (result != STORE_OK) {
        tell_failed(tour, result);
        return;
    }
    if (rows > 0) {
        health_say(&verdict, HEALTH_FAILURE, "%lld orphans: %s that is not there", (long long)rows,
                   first);
        health_advise(&verdict, "something else wrote to the database: " RESTORE);
    } else {
        health_say(&verdict, HEALTH_OK, "every play has its user and track");
    }
    health_found(tour, &verdict);
}

/* -- rules ------------------------------------------------------------------------------------- */

#define REPORT "keep a copy of the database, and report this"

static const struct rule_words {
    enum health_state state;
    const char *words; /* after the number */
    const char *todo;
} rules[STORE_RULE_COUNT] = {
    [STORE_RULE_NUDGE] = {HEALTH_FAILURE, "plays were moved by more than a minute (nudge_ms)",
                          REPORT},
    [STORE_RULE_TIMES] = {HEALTH_WARNING, "plays bear a time before 2006 or of the future",
                          "a device with a wrong clock played them; look at them, and set "
                          "deleted_at while the daemon is stopped if they are not wanted"},
    [STORE_RULE_ANCHOR] = {HEALTH_FAILURE,
                           "users' records are joined beyond their newest play "
                           "(anchor_played_at): a gap would not be seen",
                           REPORT},
    [STORE_RULE_GAPS] = {HEALTH_FAILURE, "gaps end before they begin", REPORT},
    [STORE_RULE_IMPORTS] = {HEALTH_FAILURE, "imports' counts do not add up",
                            "undo and repeat those imports, and report this"},
    [STORE_RULE_TELLINGS] = {HEALTH_WARNING, "plays lack what their import told of them",
                             "such an import cannot be undone; bring back a backup, or " REPORT},
    [STORE_RULE_SIGN_IN] = {HEALTH_FAILURE, "users are to be recorded, but have no refresh token",
                            "sign in again: spotify-historyctl login"},
    [STORE_RULE_ACCOUNTS] = {HEALTH_FAILURE, "accounts belong to two users at once", REPORT},
};

void health_rules(struct health_tour *tour)
{
    bool good = true;

    if (!health_has_store(tour))
        return;
    for (int i = 0; i < STORE_RULE_COUNT; i++) {
        struct health_verdict verdict = {0};
        int64_t rows = 0;
        enum store_result result =
            store_inspect_rule(tour->store, (enum store_rule)i, tour->now, &rows);

        if (result != STORE_OK) {
            tell_failed(tour, result);
            return;
        }
        if (rows == 0)
            continue;
        good = false;
        health_say(&verdict, rules[i].state, "%lld %s", (long long)rows, rules[i].words);
        health_advise(&verdict, "%s", rules[i].todo);
        health_found(tour, &verdict);
    }
    if (good) {
        struct health_verdict verdict = {0};

        health_say(&verdict, HEALTH_OK, "plays, gaps, imports and sign-ins agree with each other");
        health_found(tour, &verdict);
    }
}

/* -- derived tables ---------------------------------------------------------------------------- */

/* Of one moment: the daemon may be at work. */
static enum store_result verify_totals(struct store *store, int64_t *differences, int64_t *stale)
{
    enum store_result result = store_begin_read(store);

    if (result == STORE_OK)
        result = store_totals_verify(store, differences);
    if (result == STORE_OK)
        result = store_totals_stale(store, stale);
    store_rollback(store);
    return result;
}

void health_totals(struct health_tour *tour)
{
    struct health_verdict verdict = {0};
    int64_t differences = 0, stale = 0;
    enum store_result result;

    if (!health_has_store(tour))
        return;
    result = verify_totals(tour->store, &differences, &stale);
    if (result != STORE_OK) {
        tell_failed(tour, result);
        return;
    }
    if (differences > 0) {
        health_say(&verdict, HEALTH_FAILURE, "%lld sums are not those of the plays",
                   (long long)differences);
        health_advise(&verdict, "spotify-historyctl rebuild, and report this");
    } else if (stale > 0) {
        health_say(&verdict, HEALTH_OK,
                   "all sums are those of the plays; %lld block%s of 28 days still to be summed up",
                   (long long)stale, stale == 1 ? " is" : "s are");
    } else {
        health_say(&verdict, HEALTH_OK, "all sums are those of the plays");
    }
    health_found(tour, &verdict);
}
