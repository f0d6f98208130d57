/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the views: a small history in a database of its own, and pages drawn of it. Each
 * page that is drawn is held to be well-formed, with each id there once.
 */
#ifndef TESTS_UNIT_VIEW_HELP_H
#define TESTS_UNIT_VIEW_HELP_H

#include <check.h>
#include <stdint.h>

#include "web/view.h"

#define VIEW_HELP_NOW INT64_C(1795284000000) /* 2026-11-21T18:00:00Z, a Saturday */
#define VIEW_HELP_DAY INT64_C(86400000)
#define VIEW_HELP_HOUR INT64_C(3600000)

/* A checked fixture: user 1 and tracks 1 to 3 ("Track 1"); the reader's zone is UTC. */
void view_help_setup(void);
void view_help_teardown(void);

/* Another zone, another moment, for the pages that follow. */
void view_help_zone(const char *name);
void view_help_now(int64_t now);

/* Rows, as SQL and one by one; a play heard as long as the track (3 min) if ms_played is -1. */
void view_help_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
void view_help_play(int64_t user_id, int64_t moment, int64_t track_id, int64_t ms_played);
void view_help_gap(int64_t after, int64_t before, const char *certainty);

/* A number that plain SQL tells. */
int64_t view_help_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The first moment of a day in UTC. */
int64_t view_help_day(int year, int month, int day);

/* Draws an address like "/year/2026?user=1": what was drawn, until the next one. */
const char *view_help_draw(view_draw *draw, const char *address);
int view_help_status(void);

/* How often a text stands in what was drawn last; and the two that hold it to be there or not. */
int view_help_count(const char *text);
void view_help_has(const char *text);
void view_help_has_not(const char *text);

/* Names that were made to do harm, and how often: each is given to track, artist and album 1, and
 * the user. Their parts that must not be markup are told by view_help_hostile_check(). */
#define VIEW_HELP_HOSTILE 5
void view_help_hostile(int which);
void view_help_hostile_check(void);

#endif
