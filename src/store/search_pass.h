/* SPDX-License-Identifier: MIT */
/*
 * store/search_pass: the keys of a page: what it begins after, what fits on it, and two ways to get
 * there: play by play in the order of time (search_walk.c), and track by track (search_seek.c).
 */
#ifndef STORE_SEARCH_PASS_H
#define STORE_SEARCH_PASS_H

#include "stats_read.h"
#include "store/search.h"
#include "words.h"

struct search_hit {
    struct store_place place;
    int64_t track_id;
};

struct search_pass {
    struct store *store;
    const struct store_search *search;
    const struct store_tracks *tracks; /* those with the words; NULL: any */
    struct stats_numbers users;        /* whose plays */
    bool back;                         /* newer ones are wanted */
    struct store_place from;           /* they lie beyond this place */
    int64_t since, until, low, high;   /* bounds of the moment, and of the key */
    struct search_hit *hits;           /* the nearest first; room for wanted */
    size_t count, wanted;
};

/* Less than 0: one stands before the other in a list: it is newer, or of a lower user. */
int search_order(struct store_place one, struct store_place other);

/* True if one is farther from where the page begins than other. */
bool search_is_farther(const struct search_pass *pass, struct store_place one,
                       struct store_place other);

/* True if a play of this moment, track and source is looked for. */
bool search_fits(const struct search_pass *pass, int64_t moment, int64_t track_id,
                 const char *source);

/* Keys of a user beyond the place; none if *low > *high. */
void search_bounds(const struct search_pass *pass, int64_t user_id, int64_t *low, int64_t *high);

/* Looks at plays one after the other until the page is full, or (with words) at most so many;
 * pass->from is then the last one that was looked at. *ended: there are no more. */
enum store_result search_walk(struct search_pass *pass, size_t most, bool *ended);

/* Fills the page with the nearest plays of pass->tracks, whatever lies between them. */
enum store_result search_seek(struct search_pass *pass);

/* Fills the page with those of the plays that are marked as deleted. */
enum store_result search_deleted(struct search_pass *pass);

#endif
