/* SPDX-License-Identifier: MIT */
#include "capture/reconcile.h"

#include <string.h>

/* The page's items, oldest first: an index into items each. */
struct order {
    size_t at[RECONCILE_MAX];
    size_t count;
};

/* What the page holds of plays that were stored before it came. */
struct overlap {
    bool any;       /* some play */
    bool to_anchor; /* a play at the anchor or before it */
    bool newest;    /* the newest stored play */
    int64_t oldest; /* reported moment of the oldest known item */
    int64_t reach;  /* played_at of the newest item; RECONCILE_NO_TIME */
};

/* Insertion sort: pages come newest first, so walking them backwards meets them sorted already, and
 * equal moments keep their order. */
static void sort_items(const struct reconcile_input *input, struct order *order)
{
    size_t count = input->item_count < RECONCILE_MAX ? input->item_count : RECONCILE_MAX;

    order->count = 0;
    for (size_t i = count; i-- > 0;) {
        size_t place = order->count++;

        for (; place > 0 && input->items[order->at[place - 1]].reported > input->items[i].reported;
             place--)
            order->at[place] = order->at[place - 1];
        order->at[place] = i;
    }
}

/* First stored play with played_at >= ms. */
static size_t stored_from(const struct reconcile_input *input, int64_t ms)
{
    size_t low = 0, high = input->stored_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (input->stored[middle].played_at < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The stored play that this item is, or NULL: same track, same reported moment. It stands at that
 * moment or, nudged, a little behind it. */
static const struct reconcile_stored *find_stored(const struct reconcile_input *input,
                                                  const struct reconcile_item *item)
{
    for (size_t i = stored_from(input, item->reported); i < input->stored_count; i++) {
        const struct reconcile_stored *stored = &input->stored[i];

        if (!stored->imported && stored->played_at - stored->nudge == item->reported &&
            stored->track == item->track)
            return stored;
        if (stored->played_at - item->reported > RECONCILE_SLACK)
            break;
    }
    return NULL;
}

/* True if an item already taken from this page is the same play: Spotify lists some twice. Items
 * come oldest first. */
static bool taken_already(const struct reconcile_input *input,
                          const struct reconcile_result *result, const struct reconcile_item *item)
{
    for (size_t i = result->added_count; i-- > 0;) {
        const struct reconcile_item *other = &input->items[result->added[i].item];

        if (other->reported < item->reported)
            break;
        if (other->track == item->track)
            return true;
    }
    return false;
}

static bool is_free(const struct reconcile_input *input, const struct reconcile_result *result,
                    int64_t ms)
{
    size_t i = stored_from(input, ms);

    if (i < input->stored_count && input->stored[i].played_at == ms)
        return false;
    for (i = result->added_count; i-- > 0 && result->added[i].played_at >= ms;)
        if (result->added[i].played_at == ms)
            return false;
    return true;
}

/* Takes the first free millisecond. Items come oldest first, so added stays sorted by played_at as
 * well. */
static void add_item(const struct reconcile_input *input, size_t item,
                     struct reconcile_result *result)
{
    int64_t reported = input->items[item].reported;
    struct reconcile_new added = {.item = item, .played_at = reported};

    while (!is_free(input, result, added.played_at))
        added.played_at++;
    added.nudge = added.played_at - reported;
    if (input->cursor != RECONCILE_NO_TIME && reported < input->cursor) {
        added.late = true;
        result->late_count++;
    } else {
        result->newer_count++;
    }
    result->added[result->added_count++] = added;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static void sort_out(const struct reconcile_input *input, const struct order *order,
                     struct reconcile_result *result, struct overlap *overlap)
{
    for (size_t i = 0; i < order->count; i++) {
        const struct reconcile_item *item = &input->items[order->at[i]];
        const struct reconcile_stored *stored = find_stored(input, item);

        if (stored) {
            if (!overlap->any)
                overlap->oldest = item->reported;
            overlap->any = true;
            overlap->to_anchor |=
                input->anchor != RECONCILE_NO_TIME && stored->played_at <= input->anchor;
            overlap->newest |= item->reported == input->cursor;
            overlap->reach = later(overlap->reach, stored->played_at);
            result->known_count++;
        } else if (taken_already(input, result, item)) {
            result->known_count++;
        } else {
            add_item(input, order->at[i], result);
            overlap->reach =
                later(overlap->reach, result->added[result->added_count - 1].played_at);
        }
    }
}

static void add_gap(struct reconcile_result *result, int64_t after, int64_t before, bool likely)
{
    if (after == RECONCILE_NO_TIME || before == RECONCILE_NO_TIME || after >= before)
        return;
    for (size_t i = 0; i < result->gap_count; i++)
        if (result->gaps[i].after == after && result->gaps[i].before == before)
            return;
    result->gaps[result->gap_count++] = (struct reconcile_gap){after, before, likely, false};
}

/* Earlier, short and witness-less tails left a stretch open, from the anchor to the oldest play
 * stored after it. */
static bool has_open_stretch(const struct reconcile_input *input)
{
    return input->anchor != RECONCILE_NO_TIME && input->anchor < input->newest;
}

/* What this page does not show of the open stretch is a gap. */
static void close_open_stretch(const struct reconcile_input *input, int64_t oldest_item,
                               struct reconcile_result *result)
{
    if (has_open_stretch(input))
        add_gap(result, input->anchor,
                input->after_anchor < oldest_item ? input->after_anchor : oldest_item,
                result->full);
}

/* A page that holds nothing known: between the newest stored play before it and its oldest item
 * plays may be missing. */
static void add_break(const struct reconcile_input *input, int64_t oldest_item,
                      struct reconcile_result *result)
{
    int64_t after = input->before;

    if (input->newest == RECONCILE_NO_TIME)
        after = result->full ? input->swept_at
                             : RECONCILE_NO_TIME; /* the list was empty when we first looked */
    add_gap(result, after, oldest_item, result->full);
}

/* A sweep whose oldest items are late plays that came in a batch: Spotify shows 50, sometimes
 * fewer, so the batch may have been cut. */
static void add_cut_batch(const struct reconcile_input *input, const struct order *order,
                          const struct overlap *overlap, struct reconcile_result *result)
{
    int64_t oldest = input->items[order->at[0]].reported;
    size_t gaps = result->gap_count;

    if (input->sweep && overlap->oldest > oldest)
        add_gap(result, input->before, oldest, false);
    if (result->gap_count > gaps)
        result->gaps[gaps].batch = true;
}

static int64_t newest_stored(const struct reconcile_input *input,
                             const struct reconcile_result *result)
{
    int64_t newest = input->newest;

    for (size_t i = 0; i < result->added_count; i++)
        if (result->added[i].played_at > newest)
            newest = result->added[i].played_at;
    return newest;
}

/* Now and then Spotify shows an old state of the list: one that ends before the open stretch says
 * nothing of it, and joins the record no further than to its own newest item. */
static bool is_outdated(const struct reconcile_input *input, const struct order *order)
{
    return has_open_stretch(input) &&
           input->items[order->at[order->count - 1]].reported < input->after_anchor;
}

/* Up to where the record is joined once this page's gaps are noted. A tail that lacks its witness
 * cannot tell: the sweep that follows at once will. */
static int64_t joined_up_to(const struct reconcile_input *input, const struct order *order,
                            const struct overlap *overlap, const struct reconcile_result *result)
{
    bool tells = overlap->to_anchor || input->sweep || (result->full && !overlap->any);

    if (is_outdated(input, order))
        return later(input->anchor, overlap->reach);
    return tells || input->swept_at == RECONCILE_NO_TIME ? newest_stored(input, result)
                                                         : input->anchor;
}

static void judge_joint(const struct reconcile_input *input, const struct order *order,
                        const struct overlap *overlap, struct reconcile_result *result)
{
    int64_t oldest = input->items[order->at[0]].reported;
    bool whole = input->sweep || result->full;

    result->anchor = joined_up_to(input, order, overlap, result);
    if (input->swept_at == RECONCILE_NO_TIME)
        return;
    if (overlap->to_anchor) {
        add_cut_batch(input, order, overlap, result);
    } else if (!overlap->any) {
        if (whole && !is_outdated(input, order))
            close_open_stretch(input, oldest, result);
        /* One open stretch can be remembered: a second one is a gap without waiting. */
        if (whole || has_open_stretch(input))
            add_break(input, oldest, result);
    } else if (input->sweep) {
        close_open_stretch(input, oldest, result);
        add_cut_batch(input, order, overlap, result);
    }
}

static void move_cursor(const struct reconcile_input *input, struct reconcile_result *result)
{
    for (size_t i = 0; i < input->item_count && i < RECONCILE_MAX; i++) {
        int64_t reported = input->items[i].reported;

        if (reported <= input->latest && reported > result->cursor)
            result->cursor = reported;
    }
}

void reconcile_page(const struct reconcile_input *input, struct reconcile_result *result)
{
    struct order order;
    struct overlap overlap = {.oldest = INT64_MAX, .reach = RECONCILE_NO_TIME};

    memset(result, 0, sizeof(*result));
    result->cursor = input->cursor;
    result->anchor = input->anchor;
    result->full = input->sent_count >= RECONCILE_FULL;
    sort_items(input, &order);
    if (order.count == 0)
        return;
    sort_out(input, &order, result, &overlap);
    move_cursor(input, result);
    judge_joint(input, &order, &overlap, result);
    /* The newest stored play is in the page if it just came from it, or was there before. */
    result->witness =
        input->sweep ? overlap.newest || result->cursor != input->cursor : overlap.any;
}

const char *reconcile_cause(const struct reconcile_outage *outage)
{
    if (outage->needs_login > 0)
        return "needs_login";
    if (outage->down_ms > outage->silent_ms / 2 && outage->down_ms > 0)
        return "daemon_down";
    if (outage->rate_limit > 0)
        return "rate_limit";
    if (outage->full_database > 0)
        return "database_full";
    if (outage->failing > 0)
        return "spotify_failing";
    return outage->down_ms > 0 ? "daemon_down" : "listened_faster";
}
