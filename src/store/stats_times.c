/* SPDX-License-Identifier: MIT */
/* store/stats: plays by day and hour: from quarters of hours, of which days and hours of any zone
 * can be put together. */
#include "stats_read.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define HOUR_SECONDS 3600

static const char what[] = "counting plays by day";

struct pass {
    struct store *store;
    struct store_times *times;
    const struct zone *zone;
    struct store_count sum;
    struct store_sums days;

    /* A local day of 24 hours that begins and ends equally far from UTC has no change of the clock
     * within: the zone is asked once a day, not once a quarter. */
    int64_t since, until;   /* such a day; until is not after since: there is none yet */
    struct store_count day; /* what was counted in it, and is in no sum yet */
    struct store_count *hours;
};

/* -- local time -------------------------------------------------------------------------------- */

static void count_add(struct store_count *count, int64_t plays, int64_t listened_ms)
{
    count->plays = store_sum_wrap(count->plays, plays);
    count->listened_ms = store_sum_wrap(count->listened_ms, listened_ms);
}

/* Puts what was counted in a day into the sums. */
static enum store_result day_end(struct pass *pass)
{
    struct store_count day = pass->day;
    pass->day = (struct store_count){0};
    if (day.plays == 0 && day.listened_ms == 0) {
        return STORE_OK;
    }
    count_add(&pass->sum, day.plays, day.listened_ms);
    return store_sums_add(&pass->days, day.id, day.plays, day.listened_ms)
               ? STORE_OK
               : stats_no_memory(pass->store, what);
}

/* Begins the local day of a moment; *hour: in which it is. A day with a change of the clock is
 * begun anew with each moment. */
static void day_begin(struct pass *pass, int64_t moment, int64_t *hour)
{
    int32_t second = 0, offset = zone_offset(pass->zone, moment);
    int64_t day = zone_day(pass->zone, moment, &second);
    int64_t begins = zone_day_begins(pass->zone, day);
    int64_t ends = zone_day_begins(pass->zone, day + 1);
    bool even = ends - begins == DAY_MS && begins <= moment && moment < ends &&
                zone_offset(pass->zone, begins) == offset &&
                zone_offset(pass->zone, ends - 1) == offset;
    pass->since = begins;
    pass->until = even ? ends : begins;
    pass->day.id = day;
    pass->hours = pass->times->clock[zone_weekday(day)];
    *hour = second / HOUR_SECONDS;
}

static enum store_result moment_add(struct pass *pass, int64_t moment, int64_t plays,
                                    int64_t listened_ms)
{
    int64_t hour = 0;
    if (moment >= pass->since && moment < pass->until) {
        hour = (moment - pass->since) / HOUR_MS;
    } else {
        enum store_result result = day_end(pass);
        if (result != STORE_OK) {
            return result;
        }
        day_begin(pass, moment, &hour);
    }
    count_add(&pass->hours[hour], plays, listened_ms);
    count_add(&pass->day, plays, listened_ms);
    return STORE_OK;
}

/* -- the pass ---------------------------------------------------------------------------------- */

/* Of moment, track_id, listened_ms. */
static enum store_result play_visit(void *context, const int64_t *row)
{
    return moment_add(context, row[0], 1, row[2]);
}

/* Of a row the quarters that are in the piece. */
static enum store_result row_count(struct pass *pass, struct stats_walk *walk,
                                   const struct store_plan_piece *piece)
{
    int64_t first = store_plan_first(piece, STORE_QUARTER_MS);
    int64_t last = store_plan_last(piece, STORE_QUARTER_MS);
    int64_t begin = store_block_begin(walk->block, STORE_BLOCK_QUARTERS);
    enum store_result result = STORE_OK;
    struct store_packed entry;
    while (result == STORE_OK && store_unpack_next(&walk->entries, &entry)) {
        int64_t quarter = store_sum_wrap(begin, entry.id);
        if (quarter >= first && quarter <= last) {
            result = moment_add(pass, (int64_t)((uint64_t)quarter * STORE_QUARTER_MS), entry.plays,
                                entry.listened_ms);
        }
    }
    return result;
}

static enum store_result quarters_count(struct pass *pass, int64_t user_id,
                                        const struct store_plan_piece *piece)
{
    struct stats_walk walk;
    stats_walk_begin(&walk, pass->store, STORE_SQL_STATS_QUARTERS, user_id, piece, what);
    while (stats_walk_next(&walk, STORE_PACK_QUARTER)) {
        walk.query.result = row_count(pass, &walk, piece);
    }
    return stats_walk_end(&walk);
}

static enum store_result piece_count(struct pass *pass, int64_t user_id,
                                     const struct store_plan_piece *piece)
{
    return piece->source == STORE_PLAN_SUMS
               ? quarters_count(pass, user_id, piece)
               : stats_plays_feed(pass->store, user_id, piece, what, play_visit, pass);
}

static enum store_result user_count(struct pass *pass, const struct store_stats_filter *filter,
                                    int64_t user_id)
{
    struct store_plan plan;
    struct store_plan_piece piece;
    struct stats_numbers stale;
    int64_t first = STORE_NO_TIME, last = STORE_NO_TIME;
    enum store_result result = stats_stale_read(pass->store, user_id, what, &stale);
    if (result == STORE_OK) {
        result = stats_ends_read(pass->store, user_id, STORE_PLAN_BEGIN, STORE_PLAN_END, what,
                                 &first, &last);
    }
    if (result == STORE_OK &&
        stats_plan_open(&plan, filter, first, last, STORE_QUARTER_MS, &stale)) {
        while (result == STORE_OK && store_plan_next(&plan, &piece)) {
            result = piece_count(pass, user_id, &piece);
        }
    }
    stats_numbers_free(&stale);
    return result;
}

enum store_result store_times_read(struct store *store, const struct store_stats_filter *filter,
                                   const struct zone *zone, struct store_times *times)
{
    struct pass pass = {.store = store, .times = times, .zone = zone};
    struct stats_numbers users;
    *times = (struct store_times){0};
    enum store_result result = stats_users_read(store, filter->user_id, what, &users);
    for (size_t i = 0; result == STORE_OK && i < users.count; i++) {
        result = user_count(&pass, filter, users.items[i]);
    }
    stats_numbers_free(&users);
    if (result == STORE_OK) {
        result = day_end(&pass);
    }
    if (result == STORE_OK && !store_sums_list(&pass.days, &times->days)) {
        result = stats_no_memory(store, what);
    }
    times->plays = pass.sum.plays;
    times->listened_ms = pass.sum.listened_ms;
    store_sums_free(&pass.days);
    if (result != STORE_OK) {
        store_times_free(times);
    }
    return result;
}

void store_times_free(struct store_times *times)
{
    free(times->days.items);
    *times = (struct store_times){0};
}

/* -- days -------------------------------------------------------------------------------------- */

struct store_streak store_days_streak(const struct store_counts *days)
{
    struct store_streak longest = {0}, here = {0};
    for (size_t i = 0; i < days->count; i++) {
        int64_t day = days->items[i].id;
        if (here.days == 0 || day != here.first_day + here.days) {
            here = (struct store_streak){.first_day = day};
        }
        here.days++;
        if (here.days >= longest.days) {
            longest = here;
        }
    }
    return longest;
}

static int by_id(const void *one, const void *other)
{
    const struct store_count *a = one, *b = other;
    return (a->id > b->id) - (a->id < b->id);
}

struct store_count store_days_get(const struct store_counts *days, int64_t day)
{
    struct store_count key = {.id = day};
    const struct store_count *found =
        days->count > 0 ? bsearch(&key, days->items, days->count, sizeof *days->items, by_id)
                        : NULL;
    return found != NULL ? *found : key;
}
