/* SPDX-License-Identifier: MIT */
/* ctl/check_database: the file, and whether what is in it makes sense. */
#include <stdio.h>

#include "ctl/check.h"
#include "store/inspect.h"

#define QUICK_FROM (200 * INT64_C(1048576)) /* bytes of a file that is not looked at in full */
#define LOG_MANY (64 * INT64_C(1048576))    /* the daemon cuts its log back to 4 MiB */

#define RESTORE                                                                                  \
    "stop the daemon, keep a copy of the file and of what begins with its name, and bring back " \
    "a backup"

static void tell_failed(struct check_tour *tour, enum store_result result)
{
    struct check_verdict verdict = {0};
    bool busy = result == STORE_BUSY;

    check_say(&verdict, busy ? CHECK_UNCHECKED : CHECK_FAILURE, "%s", store_message(tour->store));
    if (!busy)
        check_advise(&verdict, "%s", RESTORE);
    check_found(tour, &verdict);
}

static void tell_absent(struct check_tour *tour)
{
    struct check_verdict verdict = {0};

    if (tour->is_new && tour->daemon.result == CLIENT_OK) {
        check_say(&verdict, CHECK_FAILURE, "%s is gone, although the daemon runs",
                  tour->config->store.database);
        check_advise(&verdict, "bring the file back, with what begins with its name, and restart "
                               "the daemon");
    } else if (tour->is_new) {
        check_say(&verdict, CHECK_UNCHECKED,
                  "there is none yet: the daemon makes it when it starts");
    } else {
        check_say(&verdict, tour->store_state, "%s", tour->store_why);
        if (tour->store_state == CHECK_FAILURE)
            check_advise(&verdict, "see which file store.database names; of a damaged one, bring "
                                   "back a backup");
    }
    check_found(tour, &verdict);
}

static void tell_sound(struct check_tour *tour, const struct store_layout *layout, bool quick)
{
    struct check_verdict verdict = {0};
    int64_t kib = layout->page_size * layout->pages / 1024;
    int64_t unused = layout->pages > 0 ? 100 * layout->free_pages / layout->pages : 0;

    check_say(&verdict, layout->log_bytes > LOG_MANY ? CHECK_WARNING : CHECK_OK,
              "%s: layout %lld, %lld KiB, %lld %% of it unused, %lld KiB in its log",
              quick ? "no damage in a quick look, as it is large" : "no damage",
              (long long)layout->version, (long long)kib, (long long)unused,
              (long long)(layout->log_bytes / 1024));
    if (verdict.state == CHECK_WARNING)
        check_advise(&verdict, "end programs that have been reading the database for long, so that "
                               "the daemon can empty its log");
    check_found(tour, &verdict);
}

void check_database(struct check_tour *tour)
{
    struct store_layout layout;
    struct check_verdict verdict = {0};
    char first[300];
    int64_t damages = 0;
    enum store_result result;
    bool quick;

    if (!tour->store) {
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
        check_say(&verdict, CHECK_FAILURE, "it is damaged at %lld places or more: %s",
                  (long long)damages, first);
        check_advise(&verdict, "%s", RESTORE);
        check_found(tour, &verdict);
    } else {
        tell_sound(tour, &layout, quick);
    }
}

void check_references(struct check_tour *tour)
{
    struct check_verdict verdict = {0};
    char first[200];
    int64_t rows = 0;
    enum store_result result;

    if (!check_has_store(tour))
        return;
    result = store_inspect_references(tour->store, &rows, first, sizeof(first));
    if (result != STORE_OK) {
        tell_failed(tour, result);
        return;
    }
    if (rows > 0) {
        check_say(&verdict, CHECK_FAILURE, "%lld orphans: %s that is not there", (long long)rows,
                  first);
        check_advise(&verdict, "something else wrote to the database: " RESTORE);
    } else {
        check_say(&verdict, CHECK_OK, "every play has its user and track");
    }
    check_found(tour, &verdict);
}

/* -- rules ------------------------------------------------------------------------------------- */

#define REPORT "keep a copy of the database, and report this"

static const struct rule_words {
    enum check_state state;
    const char *words; /* after the number */
    const char *todo;
} rules[STORE_RULE_COUNT] = {
    [STORE_RULE_NUDGE] = {CHECK_FAILURE, "plays were moved by more than a minute (nudge_ms)",
                          REPORT},
    [STORE_RULE_TIMES] = {CHECK_WARNING, "plays bear a time before 2006 or of the future",
                          "a device with a wrong clock played them; look at them, and set "
                          "deleted_at while the daemon is stopped if they are not wanted"},
    [STORE_RULE_ANCHOR] = {CHECK_FAILURE,
                           "users' records are joined beyond their newest play "
                           "(anchor_played_at): a gap would not be seen",
                           REPORT},
    [STORE_RULE_GAPS] = {CHECK_FAILURE, "gaps end before they begin", REPORT},
    [STORE_RULE_IMPORTS] = {CHECK_FAILURE, "imports' counts do not add up",
                            "undo and repeat those imports, and report this"},
    [STORE_RULE_SIGN_IN] = {CHECK_FAILURE, "users are to be recorded, but have no refresh token",
                            "sign in again: spotify-historyctl login"},
    [STORE_RULE_ACCOUNTS] = {CHECK_FAILURE, "accounts belong to two users at once", REPORT},
};

void check_rules(struct check_tour *tour)
{
    bool good = true;

    if (!check_has_store(tour))
        return;
    for (int i = 0; i < STORE_RULE_COUNT; i++) {
        struct check_verdict verdict = {0};
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
        check_say(&verdict, rules[i].state, "%lld %s", (long long)rows, rules[i].words);
        check_advise(&verdict, "%s", rules[i].todo);
        check_found(tour, &verdict);
    }
    if (good) {
        struct check_verdict verdict = {0};

        check_say(&verdict, CHECK_OK, "plays, gaps, imports and sign-ins agree with each other");
        check_found(tour, &verdict);
    }
}
