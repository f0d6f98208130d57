/* SPDX-License-Identifier: MIT */
/*
 * web/view_spans: a stretch of time cut into columns (hours, days, weeks, months or years, so that
 * there are not too many), with what was played in each and what is missing. Pure.
 */
#ifndef WEB_VIEW_SPANS_H
#define WEB_VIEW_SPANS_H

#include "store/stats.h"
#include "web/chart.h"
#include "web/period.h"

/* Open gaps of one user or of all, oldest first. */
struct view_gap {
    int64_t after, before; /* ms */
    uint8_t missing;       /* 1: possibly, 2: likely */
};
struct view_gaps {
    struct view_gap *items;
    size_t count, cap;
    bool failed; /* no memory */
};
enum store_result view_gaps_read(struct store *store, int64_t user_id, struct view_gaps *gaps);
void view_gaps_free(struct view_gaps *gaps);

/* The worst of the gaps that have a moment in common with days first .. last: 0, 1 or 2. */
uint8_t view_gaps_between(const struct view_gaps *gaps, const struct zone *zone, int64_t first,
                          int64_t last);

struct view_spans_from {
    const struct zone *zone;
    int64_t now;
    const struct period *period;
    const struct store_times *times; /* of the period */
    const struct view_gaps *gaps;
    enum store_measure measure;
    bool by_month; /* times->days are months already, by their first days */
};

#define VIEW_SPANS_MAX 400

struct view_spans {
    const char *title; /* static: "Day by day" */
    struct chart_point points[VIEW_SPANS_MAX];
    char labels[VIEW_SPANS_MAX][16]; /* of the points, which point here: it is not to be copied */
    size_t count;                    /* 0: nothing was played */
};

/* Cuts it. The last column of a stretch that is under way is told as part of one. */
void view_spans_make(const struct view_spans_from *from, struct view_spans *spans);

/* "3 h 12 min" of ms, plain. */
const char *view_format_duration(int64_t ms, char *text, size_t size);

#endif
