/* SPDX-License-Identifier: MIT */
/*
 * store/ledger: polls, gaps, runs, and the gate.
 */
#include "store/ledger.h"

#include "base/clock.h"
#include "store/store_private.h"

#include <string.h>

/* -- polls ------------------------------------------------------------------------------------ */

enum store_result store_poll_add(struct store *store, const struct store_poll *poll)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_POLL_ADD, "noting a poll");
    store_query_int(&query, ":user_id", poll->user_id);
    store_query_int(&query, ":started_at", poll->started_at);
    store_query_text(&query, ":kind", poll->kind);
    store_query_int_or_null(&query, ":cursor", poll->cursor, STORE_NO_TIME);
    store_query_text(&query, ":outcome", poll->outcome);
    store_query_int_or_null(&query, ":http_status", poll->http_status, 0);
    store_query_text_or_null(&query, ":detail", poll->detail);
    store_query_int(&query, ":items", poll->items);
    store_query_int(&query, ":added", poll->added);
    store_query_int(&query, ":late", poll->late);
    store_query_int(&query, ":odd", poll->odd);
    store_query_int(&query, ":duration_ms", poll->duration_ms);
    return store_query_run(&query, NULL);
}

enum store_result store_polls_prune(struct store *store, int64_t before, int64_t *removed)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_POLLS_PRUNE, "removing old polls");
    store_query_int(&query, ":before", before);
    store_query_int(&query, ":rows", STORE_PRUNE_ROWS);
    return store_query_run(&query, removed);
}

/* -- outages ---------------------------------------------------------------------------------- */

static void outage_count(struct store_outage *outage, const char *outcome)
{
    static const char *const successes[] = {"ok", "unchanged", "empty"};
    for (size_t i = 0; i < sizeof successes / sizeof successes[0]; i++) {
        if (strcmp(outcome, successes[i]) == 0) {
            return;
        }
    }
    if (strcmp(outcome, "needs_login") == 0) {
        outage->needs_login++;
    } else if (strcmp(outcome, "rate_limit") == 0) {
        outage->rate_limit++;
    } else if (strcmp(outcome, "transient") == 0) {
        outage->transient++;
    } else {
        outage->other++;
    }
}

/* From the newest poll back to since: no index is needed, and the stretch is what is read. The rows
 * stand in the order in which they were stored; an answer that was held back came late, hence the
 * day more. */
static enum store_result outage_polls(struct store *store, int64_t user_id, int64_t since,
                                      int64_t until, struct store_outage *outage)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_POLLS_WALK, "reading the polls of an outage");
    while (store_query_row(&query)) {
        char outcome[64];
        int64_t started_at = store_query_get_int(&query, 1, 0);
        if (started_at < since - CLOCK_DAY) {
            break;
        }
        if (started_at <= since || started_at > until) {
            continue;
        }
        store_query_get_text(&query, 2, outcome, sizeof outcome);
        if (store_query_get_int(&query, 0, 0) == user_id) {
            outage_count(outage, outcome);
        } else if (strcmp(outcome, "rate_limit") == 0 || strcmp(outcome, "app") == 0) {
            outage_count(outage,
                         outcome); /* Spotify refused the client: all its users had to wait */
        }
    }
    return store_query_end(&query);
}

/* Sums up what lies between the runs. They come in order of their start; they may overlap if the
 * clock jumped. */
static enum store_result outage_runs(struct store *store, int64_t since, int64_t until,
                                     struct store_outage *outage)
{
    struct store_query query;
    int64_t covered = since; /* up to here it is known whether a daemon ran */
    store_query_begin(&query, store, STORE_SQL_RUNS_WALK, "reading the runs of an outage");
    store_query_int(&query, ":since", since);
    store_query_int(&query, ":until", until);
    while (store_query_row(&query)) {
        int64_t start = store_query_get_int(&query, 0, since);
        int64_t end = store_query_get_int(&query, 1, since);
        if (start > covered) {
            outage->down_ms += start - covered;
        }
        if (end > covered) {
            covered = end;
        }
    }
    if (covered < until) {
        outage->down_ms += until - covered;
    }
    return store_query_end(&query);
}

enum store_result store_outage_get(struct store *store, int64_t user_id, int64_t since,
                                   int64_t until, struct store_outage *outage)
{
    *outage = (struct store_outage){0};
    if (since == STORE_NO_TIME || since >= until) {
        return STORE_OK;
    }
    enum store_result result = outage_polls(store, user_id, since, until, outage);
    return result == STORE_OK ? outage_runs(store, since, until, outage) : result;
}

/* -- runs ------------------------------------------------------------------------------------- */

enum store_result store_run_begin(struct store *store, int64_t now, const char *version,
                                  int64_t *run_id)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_RUN_BEGIN, "noting the start");
    store_query_int(&query, ":now", now);
    store_query_text(&query, ":version", version);
    enum store_result result = store_query_run(&query, NULL);
    if (result == STORE_OK) {
        *run_id = sqlite3_last_insert_rowid(store->db);
    }
    return result;
}

static enum store_result run_note(struct store *store, enum store_sql id, int64_t run_id,
                                  int64_t now)
{
    struct store_query query;
    int64_t changes = 0;
    store_query_begin(&query, store, id, "noting a sign of life");
    store_query_int(&query, ":run_id", run_id);
    store_query_int(&query, ":now", now);
    enum store_result result = store_query_run(&query, &changes);
    return result == STORE_OK && changes == 0 ? STORE_NOT_FOUND : result;
}

enum store_result store_run_alive(struct store *store, int64_t run_id, int64_t now)
{
    return run_note(store, STORE_SQL_RUN_ALIVE, run_id, now);
}

enum store_result store_run_end(struct store *store, int64_t run_id, int64_t now)
{
    return run_note(store, STORE_SQL_RUN_END, run_id, now);
}

/* -- the gate --------------------------------------------------------------------------------- */

enum store_result store_gate_get(struct store *store, const char *client_id,
                                 struct store_gate *gate)
{
    struct store_query query;
    *gate = (struct store_gate){.not_before = STORE_NO_TIME};
    store_query_begin(&query, store, STORE_SQL_GATE_GET, "reading the gate");
    store_query_text(&query, ":client_id", client_id);
    bool found = store_query_row(&query);
    if (found) {
        gate->not_before = store_query_get_int(&query, 0, STORE_NO_TIME);
        gate->set_at = store_query_get_int(&query, 1, 0);
        store_query_get_text(&query, 2, gate->reason, sizeof gate->reason);
    }
    enum store_result result = store_query_end(&query);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

enum store_result store_gate_put(struct store *store, const char *client_id,
                                 const struct store_gate *gate)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GATE_PUT, "storing the gate");
    store_query_text(&query, ":client_id", client_id);
    store_query_int_or_null(&query, ":not_before", gate->not_before, STORE_NO_TIME);
    store_query_int(&query, ":set_at", gate->set_at);
    store_query_text_or_null(&query, ":reason", gate->reason);
    return store_query_run(&query, NULL);
}

static enum store_result calls_add(struct store *store, enum store_sql id, const char *client_id,
                                   int64_t hour, int64_t n, int64_t *changes)
{
    struct store_query query;
    store_query_begin(&query, store, id, "counting calls");
    store_query_text(&query, ":client_id", client_id);
    store_query_int(&query, ":hour", hour);
    store_query_int(&query, ":calls", n);
    return store_query_run(&query, changes);
}

/* Old hours go when a new one begins. */
enum store_result store_gate_spend(struct store *store, const char *client_id, int64_t hour,
                                   int64_t n)
{
    struct store_query query;
    int64_t changes = 0;
    enum store_result result = calls_add(store, STORE_SQL_GATE_SPEND, client_id, hour, n, &changes);
    if (result != STORE_OK || changes > 0) {
        return result;
    }
    result = calls_add(store, STORE_SQL_GATE_HOUR, client_id, hour, n, &changes);
    if (result != STORE_OK) {
        return result;
    }
    store_query_begin(&query, store, STORE_SQL_GATE_FORGET, "forgetting old calls");
    store_query_text(&query, ":client_id", client_id);
    store_query_int(&query, ":hour", hour - STORE_GATE_HOURS);
    return store_query_run(&query, NULL);
}

enum store_result store_gate_spent(struct store *store, const char *client_id, int64_t from_hour,
                                   int64_t to_hour, int64_t *calls)
{
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_GATE_SPENT, "reading the calls spent");
    store_query_text(&query, ":client_id", client_id);
    store_query_int(&query, ":from", from_hour);
    store_query_int(&query, ":to", to_hour);
    return store_query_run_int(&query, calls);
}
