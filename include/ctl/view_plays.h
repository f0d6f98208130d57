/* SPDX-License-Identifier: MIT */
/*
 * ctl/view_plays: what recent, top and stats look like to a person. Pure: the JSON objects that
 * their --json prints in (spotify-historyctl(1)), text out.
 */
#ifndef CTL_VIEW_PLAYS_H
#define CTL_VIEW_PLAYS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "ctl/print.h"

struct view_look {
    struct print_look print;
    bool blocks; /* pictures in block characters, see ctl/draw */
    bool keys;   /* recent has a column of keys */
};

void view_recent(const json_t *recent, struct view_look look, struct buf *out);
void view_top(const json_t *top, struct view_look look, struct buf *out);
void view_stats(const json_t *stats, struct view_look look, struct buf *out);

/* One sentence or more: since when is recorded, and what is missing in the stretch. */
void view_stats_coverage(const json_t *coverage, struct buf *out);

#endif
