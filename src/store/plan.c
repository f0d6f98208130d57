/* SPDX-License-Identifier: MIT */
#include "store/plan.h"

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Begin of a unit, at the ends of time where it would be beyond. */
static int64_t begin_of(int64_t number, int64_t unit)
{
    if (number > STORE_PLAN_END / unit) {
        return STORE_PLAN_END;
    }
    return number < STORE_PLAN_BEGIN / unit ? STORE_PLAN_BEGIN : number * unit;
}

/* Where a block of some number ends; it may be the last that a number can name. */
static int64_t end_of(int64_t number, int64_t unit)
{
    return number < INT64_MAX ? begin_of(number + 1, unit) : STORE_PLAN_END;
}

/* The next begin of a unit, this moment or later. No bound stays none. */
static int64_t align_up(int64_t ms, int64_t unit)
{
    if (ms == STORE_PLAN_BEGIN || ms % unit == 0) {
        return ms;
    }
    int64_t number = floor_div(ms, unit);
    return begin_of(number + 1, unit);
}

static int64_t align_down(int64_t ms, int64_t unit)
{
    return ms == STORE_PLAN_END ? ms : begin_of(floor_div(ms, unit), unit);
}

void store_plan_open(struct store_plan *plan, int64_t since, int64_t until, int64_t unit,
                     int64_t block, const int64_t *stale, size_t stale_count)
{
    *plan = (struct store_plan){
        .stale = stale,
        .stale_count = stale_count,
        .unit = unit,
        .block = block,
        .at = since,
        .until = until,
        .whole = align_up(since, unit),
        .ends = align_down(until, unit),
    };
}

/* Where a moment is taken from, and how long that stays so. */
static enum store_plan_source source_at(struct store_plan *plan, int64_t at, int64_t *until)
{
    *until = plan->until;
    if (plan->whole >= plan->ends || at >= plan->ends) {
        return STORE_PLAN_PLAYS;
    }
    if (at < plan->whole) {
        *until = plan->whole;
        return STORE_PLAN_PLAYS;
    }
    while (plan->stale_at < plan->stale_count &&
           end_of(plan->stale[plan->stale_at], plan->block) <= at) {
        plan->stale_at++;
    }
    *until = plan->ends;
    if (plan->stale_at == plan->stale_count) {
        return STORE_PLAN_SUMS;
    }
    int64_t begins = begin_of(plan->stale[plan->stale_at], plan->block);
    int64_t ends = end_of(plan->stale[plan->stale_at], plan->block);
    bool inside = begins <= at;
    int64_t change = inside ? ends : begins;
    if (change < *until) {
        *until = change;
    }
    return inside ? STORE_PLAN_PLAYS : STORE_PLAN_SUMS;
}

bool store_plan_next(struct store_plan *plan, struct store_plan_piece *piece)
{
    int64_t until = 0;
    if (plan->at >= plan->until) {
        return false;
    }
    *piece =
        (struct store_plan_piece){.source = source_at(plan, plan->at, &until), .since = plan->at};
    plan->at = until;
    while (plan->at < plan->until && source_at(plan, plan->at, &until) == piece->source) {
        plan->at = until;
    }
    piece->until = plan->at;
    return true;
}

int64_t store_plan_first(const struct store_plan_piece *piece, int64_t unit)
{
    return floor_div(piece->since, unit);
}

int64_t store_plan_last(const struct store_plan_piece *piece, int64_t unit)
{
    return floor_div(piece->until - 1, unit);
}
