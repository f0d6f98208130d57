/* SPDX-License-Identifier: MIT */
/*
 * web/view_parts: what several views show in the same way: a title with its links, a list of what
 * was played most, a play, the choice of a period.
 *
 * Never: decides what is shown; reads more than the names of what it is given.
 */
#ifndef WEB_VIEW_PARTS_H
#define WEB_VIEW_PARTS_H

#include "store/search.h"
#include "web/period.h"
#include "web/view.h"

/* "/artist/12" of a kind and number into an open attribute, with the account that is chosen. */
void part_add_address(struct buf *buf, const struct view_people *people, enum store_kind kind,
                      int64_t id);

/* A link to the page of something, named; what has no name is called so. */
void part_add_link(struct buf *buf, const struct view_people *people, enum store_kind kind,
                   const struct store_link *link);

/* The picture of a title, size pixels wide; nothing where there is none or none is wanted. */
void part_add_cover(struct buf *buf, const struct view_request *request,
                    const struct store_title *title, int size);

/* Its name as a link, then artists and album as links in a smaller line; and the way to Spotify. */
void part_add_title(struct buf *buf, const struct view_people *people,
                    const struct store_title *title);

/* A list of what was played most: rank, picture, title, number and bar. caption: a literal or a
 * name of ours. */
struct part_top {
    const char *caption;
    enum store_kind kind;
    enum store_measure measure;
    const struct store_counts *counts; /* in their order */
};
enum store_result part_add_top(struct store *store, struct buf *buf,
                               const struct view_request *request, const struct view_people *people,
                               const struct part_top *top);

/* One play as an item of a list, which is left open for more (end it with </li>): picture, title,
 * when, how late it was seen, who (if there are several and none is chosen). */
void part_begin_play(struct buf *buf, const struct view_request *request,
                     const struct view_people *people, const struct store_shown *play);

/* A number that stands for itself: label, value as text, and how it compares; before < 0: with
 * nothing. */
enum part_unit { PART_COUNT, PART_TIME };
void part_add_card(struct buf *buf, const char *label, enum part_unit unit, int64_t value,
                   int64_t before);

#endif
