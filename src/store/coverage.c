/* SPDX-License-Identifier: MIT */
/*
 * store/coverage: the rules of the view coverage_by_day (schema.c), for the days of any zone. Each
 * gap marks the days it touches, the worst gaps first; what is left is told by the last success and
 * by the runs of the daemon.
 */
#include "store/coverage.h"

#include "stats_read.h"

#include <stdlib.h>

/* Moments of a file that no clock showed do not make a list of a million days. */
#define DAYS_MOST 73050 /* 200 years */

static const char what[] = "reading how complete the record is";

struct pass {
    struct store *store;
    struct store_covered *covered;
    struct store_user user;
    int64_t *begins; /* of each day, and of the one after the last */
    size_t recorded; /* the first day of the record; count: there is none */
};

const char *store_coverage_name(enum store_coverage state)
{
    static const char *const names[STORE_COVERAGE_STATES] = {
        [STORE_COVERAGE_BEFORE] = "before",           [STORE_COVERAGE_COMPLETE] = "complete",
        [STORE_COVERAGE_POSSIBLE] = "possible",       [STORE_COVERAGE_LOST] = "lost",
        [STORE_COVERAGE_NOT_RUNNING] = "not_running",
    };
    return names[state];
}

/* -- days -------------------------------------------------------------------------------------- */

static int64_t day_of(const struct zone *zone, int64_t moment)
{
    int32_t second = 0;
    return zone_day(zone, moment, &second);
}

/* The first day that is told of; after last: none is. */
static int64_t first_day(const struct pass *pass, const struct zone *zone, int64_t first_play,
                         int64_t last)
{
    int64_t sweep = pass->user.first_sweep_at;
    if (first_play == STORE_NO_TIME && sweep == STORE_NO_TIME) {
        return last + 1;
    }
    int64_t first = first_play != STORE_NO_TIME ? day_of(zone, first_play) : INT64_MAX;
    if (sweep != STORE_NO_TIME && day_of(zone, sweep) < first) {
        first = day_of(zone, sweep);
    }
    return first > last - DAYS_MOST ? first : last - DAYS_MOST;
}

static enum store_result days_make(struct pass *pass, const struct zone *zone, int64_t first,
                                   int64_t last)
{
    struct store_covered *covered = pass->covered;
    covered->count = first <= last ? (size_t)(last - first + 1) : 0;
    covered->days = calloc(covered->count + 1, sizeof *covered->days);
    pass->begins = calloc(covered->count + 1, sizeof *pass->begins);
    if (covered->days == NULL || pass->begins == NULL) {
        covered->count = 0;
        return stats_no_memory(pass->store, what);
    }
    for (size_t i = 0; i < covered->count; i++) {
        covered->days[i].day = first + (int64_t)i;
        pass->begins[i] = zone_day_begins(zone, first + (int64_t)i);
    }
    pass->begins[covered->count] = zone_day_begins(zone, last + 1);
    int64_t swept = pass->user.first_sweep_at;
    pass->recorded = covered->count;
    if (swept != STORE_NO_TIME && day_of(zone, swept) <= last) {
        pass->recorded = day_of(zone, swept) > first ? (size_t)(day_of(zone, swept) - first) : 0;
    }
    return STORE_OK;
}

/* The first day of the record that ends after a moment; count: none does. */
static size_t first_ending_after(const struct pass *pass, int64_t moment)
{
    size_t low = pass->recorded, high = pass->covered->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pass->begins[middle + 1] > moment) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* -- gaps and runs ----------------------------------------------------------------------------- */

/* The worst come first: what is marked (is no longer BEFORE) stays. */
static enum store_result gaps_mark(struct pass *pass)
{
    struct store_covered_day *days = pass->covered->days;
    struct store_query query;
    store_query_begin(&query, pass->store, STORE_SQL_COVERAGE_GAPS, what);
    store_query_int(&query, ":user_id", pass->user.user_id);
    while (store_query_row(&query)) {
        int64_t gap_id = store_query_get_int(&query, 0, 0);
        int64_t before = store_query_get_int(&query, 2, 0);
        bool likely = store_query_get_int(&query, 3, 0) != 0;
        size_t at = first_ending_after(pass, store_query_get_int(&query, 1, 0));
        for (; at < pass->covered->count && pass->begins[at] < before; at++) {
            if (days[at].state == STORE_COVERAGE_BEFORE) {
                days[at].gap_id = gap_id;
                days[at].state = likely ? STORE_COVERAGE_LOST : STORE_COVERAGE_POSSIBLE;
            }
        }
    }
    return store_query_end(&query);
}

/* Days without a gap, up to the last success; later ones are taken to be without the daemon. */
static void successes_mark(struct pass *pass)
{
    int64_t known = pass->user.last_success_at != STORE_NO_TIME ? pass->user.last_success_at
                                                                : pass->user.first_sweep_at;
    for (size_t i = pass->recorded; i < pass->covered->count; i++) {
        struct store_covered_day *day = &pass->covered->days[i];
        if (day->state == STORE_COVERAGE_BEFORE) {
            day->state =
                pass->begins[i] <= known ? STORE_COVERAGE_COMPLETE : STORE_COVERAGE_NOT_RUNNING;
        }
    }
}

/* Of what came after the last success the daemon may know, if it ran. */
static enum store_result runs_mark(struct pass *pass)
{
    struct store_covered_day *days = pass->covered->days;
    size_t first = pass->recorded;
    struct store_query query;
    while (first < pass->covered->count && days[first].state != STORE_COVERAGE_NOT_RUNNING) {
        first++;
    }
    store_query_begin(&query, pass->store, STORE_SQL_COVERAGE_RUNS, what);
    store_query_int(&query, ":since", pass->begins[first]);
    while (store_query_row(&query)) {
        int64_t ended = store_query_get_int(&query, 1, 0);
        size_t at = first_ending_after(pass, store_query_get_int(&query, 0, 0));
        for (; at < pass->covered->count && pass->begins[at] <= ended; at++) {
            if (days[at].state == STORE_COVERAGE_NOT_RUNNING) {
                days[at].state = STORE_COVERAGE_POSSIBLE;
            }
        }
    }
    return store_query_end(&query);
}

/* -- all of it --------------------------------------------------------------------------------- */

static enum store_result days_judge(struct pass *pass)
{
    enum store_result result = gaps_mark(pass);
    if (result != STORE_OK) {
        return result;
    }
    successes_mark(pass);
    result = runs_mark(pass);
    for (size_t i = 0; result == STORE_OK && i < pass->covered->count; i++) {
        pass->covered->of[pass->covered->days[i].state]++;
    }
    return result;
}

enum store_result store_covered_read(struct store *store, int64_t user_id, const struct zone *zone,
                                     int64_t now, struct store_covered *covered)
{
    struct pass pass = {.store = store, .covered = covered};
    int64_t first = STORE_NO_TIME, last = STORE_NO_TIME;
    *covered = (struct store_covered){.began_at = STORE_NO_TIME, .known_until = STORE_NO_TIME};
    enum store_result result = store_bounds_get(store, user_id, &first, &last);
    if (result == STORE_OK) {
        result = store_user_get(store, user_id, &pass.user);
    }
    if (result == STORE_OK) {
        covered->began_at = pass.user.first_sweep_at;
        covered->known_until = pass.user.last_success_at;
        int64_t today = day_of(zone, now);
        result = days_make(&pass, zone, first_day(&pass, zone, first, today), today);
    }
    if (result == STORE_OK) {
        result = days_judge(&pass);
    }
    free(pass.begins);
    return result;
}

void store_covered_free(struct store_covered *covered)
{
    free(covered->days);
    *covered = (struct store_covered){.began_at = STORE_NO_TIME, .known_until = STORE_NO_TIME};
}
