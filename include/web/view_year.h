/* SPDX-License-Identifier: MIT */
/*
 * web/view_year: a year in review: what the page and the picture are drawn from.
 */
#ifndef WEB_VIEW_YEAR_H
#define WEB_VIEW_YEAR_H

#include "store/detail.h"
#include "store/stats.h"
#include "web/view.h"

#define YEAR_TOP 5

struct year_review {
    const struct view_request *request;
    struct store *store;
    struct view_people people;
    int32_t year;
    int64_t first_day, days; /* of the year */
    bool running;            /* it is not over */
    struct store_tally *tally, *before;
    struct store_times times;
    struct store_counts top[STORE_KINDS];
    struct store_title titles[STORE_KINDS][YEAR_TOP]; /* of the top */
    int64_t found[STORE_KINDS];                       /* heard for the first time; not of albums */
    struct store_streak streak;
    struct store_count best_day; /* with the most plays; plays 0: none */
};

/* Reads it; year_review_free() in any case. */
enum store_result year_review_read(struct year_review *review);
void year_review_free(struct year_review *review);

/* One SVG document of 1080 x 1350, with nothing in it that has to be loaded: to save and to share.
 */
void year_review_picture(struct buf *buf, const struct year_review *review);

#endif
