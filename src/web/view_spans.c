/* SPDX-License-Identifier: MIT */
#include "web/view_spans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/gaps.h"

/* -- gaps -------------------------------------------------------------------------------------- */

static void take_gap(const struct store_gap_row *gap, void *context)
{
    struct view_gaps *gaps = context;

    if (gap->filled_by != 0 || gaps->failed)
        return;
    if (gaps->count == gaps->cap) {
        size_t cap = gaps->cap > 0 ? 2 * gaps->cap : 64;
        struct view_gap *grown = reallocarray(gaps->items, cap, sizeof(*grown));

        if (grown == NULL) {
            gaps->failed = true;
            return;
        }
        gaps->items = grown;
        gaps->cap = cap;
    }
    gaps->items[gaps->count++] = (struct view_gap){
        .after = gap->after_played_at,
        .before = gap->before_played_at,
        .missing = strcmp(gap->certainty, "likely") == 0 ? 2 : 1,
    };
}

enum store_result view_gaps_read(struct store *store, int64_t user_id, struct view_gaps *gaps)
{
    enum store_result result;

    *gaps = (struct view_gaps){0};
    result = store_gaps_list(store, user_id, 0, take_gap, gaps);
    return result == STORE_OK && gaps->failed ? STORE_NOMEM : result;
}

void view_gaps_free(struct view_gaps *gaps)
{
    free(gaps->items);
    *gaps = (struct view_gaps){0};
}

/* Their ends are plays that are there: only what lies between them is missing. */
static uint8_t worst_between(const struct view_gaps *gaps, int64_t since, int64_t until)
{
    uint8_t worst = 0;

    for (size_t i = 0; i < gaps->count; i++) {
        const struct view_gap *gap = &gaps->items[i];

        if (gap->after < until && gap->before > since && gap->missing > worst)
            worst = gap->missing;
    }
    return worst;
}

uint8_t view_gaps_between(const struct view_gaps *gaps, const struct zone *zone, int64_t first,
                          int64_t last)
{
    if (gaps->count == 0)
        return 0;
    return worst_between(gaps, zone_day_begins(zone, first), zone_day_begins(zone, last + 1));
}

/* -- columns ----------------------------------------------------------------------------------- */

enum step { STEP_DAY, STEP_WEEK, STEP_MONTH, STEP_YEAR };

static const char *const titles[] = {"Day by day", "Week by week", "Month by month",
                                     "Year by year"};

/* The first day of the column that a day is in. */
static int64_t step_begins(enum step step, int64_t day)
{
    struct zone_date date = zone_date_of(day);

    switch (step) {
    case STEP_WEEK:
        return day - zone_weekday(day);
    case STEP_MONTH:
        return day - (date.day - 1);
    case STEP_YEAR:
        return zone_day_of((struct zone_date){date.year, 1, 1});
    default:
        return day;
    }
}

static int64_t step_next(enum step step, int64_t begin)
{
    struct zone_date date = zone_date_of(begin);

    switch (step) {
    case STEP_WEEK:
        return begin + 7;
    case STEP_MONTH:
        return begin + zone_month_days(date.year, date.month);
    case STEP_YEAR:
        return zone_day_of((struct zone_date){date.year + 1, 1, 1});
    default:
        return begin + 1;
    }
}

static void step_label(enum step step, int64_t begin, char label[static 16])
{
    char day[ZONE_DATE_SIZE];

    zone_date_format(begin, day);
    snprintf(label, 16, "%.*s", step == STEP_YEAR ? 4 : step == STEP_MONTH ? 7 : 10, day);
}

static enum step step_for(int64_t days)
{
    if (days <= 62)
        return STEP_DAY;
    if (days <= 53 * 7)
        return STEP_WEEK;
    return days <= 20 * 366 ? STEP_MONTH : STEP_YEAR;
}

static int64_t measured(const struct store_count *count, enum store_measure measure)
{
    return measure == STORE_BY_TIME ? count->listened_ms : count->plays;
}

/* From one day to another, both with it. */
static void cut_days(const struct view_spans_from *from, int64_t first, int64_t last,
                     struct view_spans *spans)
{
    const struct store_counts *days = &from->times->days;
    enum step step = step_for(last - first + 1);
    int64_t today = zone_day(from->zone, from->now, NULL);
    size_t at = 0;

    if (from->by_month && step < STEP_MONTH)
        step = STEP_MONTH;
    spans->title = titles[step];
    for (int64_t begin = step_begins(step, first); begin <= last && spans->count < VIEW_SPANS_MAX;
         begin = step_next(step, begin)) {
        int64_t next = step_next(step, begin);
        struct chart_point *point = &spans->points[spans->count];

        *point = (struct chart_point){.label = spans->labels[spans->count]};
        step_label(step, begin, spans->labels[spans->count++]);
        for (; at < days->count && days->items[at].id < next; at++)
            point->value += measured(&days->items[at], from->measure);
        point->missing = view_gaps_between(from->gaps, from->zone, begin, next - 1);
        point->part = begin <= today && today < next;
    }
}

/* One day by its hours. A clock that is set back shows its doubled hour as one. */
static void cut_hours(const struct view_spans_from *from, int64_t day, struct view_spans *spans)
{
    int weekday = zone_weekday(day);
    int32_t second = 0;
    int64_t today = zone_day(from->zone, from->now, &second);

    spans->title = "Hour by hour";
    for (int hour = 0; hour < STORE_DAY_HOURS; hour++) {
        struct chart_point *point = &spans->points[spans->count];
        int64_t since = zone_moment(from->zone, day, hour * 3600);

        snprintf(spans->labels[spans->count], sizeof(spans->labels[0]), "%02d:00", hour);
        *point = (struct chart_point){
            .label = spans->labels[spans->count++],
            .value = measured(&from->times->clock[weekday][hour], from->measure),
            .missing = worst_between(from->gaps, since, since + CLOCK_HOUR),
            .part = day == today && hour == second / 3600,
        };
    }
}

void view_spans_make(const struct view_spans_from *from, struct view_spans *spans)
{
    const struct store_counts *days = &from->times->days;
    const struct period *period = from->period;
    int64_t today = zone_day(from->zone, from->now, NULL);

    spans->count = 0;
    spans->title = titles[STEP_DAY];
    if (period->kind == PERIOD_ALL) {
        if (days->count > 0) {
            int64_t last = days->items[days->count - 1].id;

            cut_days(from, days->items[0].id, last > today ? last : today, spans);
        }
    } else if (period->first_day == period->last_day && !from->by_month) {
        cut_hours(from, period->first_day, spans);
    } else {
        cut_days(from, period->first_day, period->last_day, spans);
    }
}

const char *view_format_duration(int64_t ms, char *text, size_t size)
{
    int64_t minutes = ms / CLOCK_MINUTE;

    if (minutes >= 60)
        snprintf(text, size, "%lld h %02lld min", (long long)(minutes / 60),
                 (long long)(minutes % 60));
    else
        snprintf(text, size, "%lld min", (long long)minutes);
    return text;
}
