/* SPDX-License-Identifier: MIT */
#include "simulation/book.h"

#include <stdlib.h>
#include <string.h>

void book_open(struct book *book)
{
    *book = (struct book){.swept_at = RECONCILE_NO_TIME, .anchor = RECONCILE_NO_TIME};
}

void book_close(struct book *book)
{
    free(book->rows);
    free(book->gaps);
    *book = (struct book){0};
}

/* Makes room for one more element; NULL when memory ran out (then the old array is still good). */
static void *grown(void *array, size_t count, size_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return array;
    larger = realloc(array, (*room ? *room * 2 : 64) * size);
    if (larger)
        *room = *room ? *room * 2 : 64;
    return larger;
}

/* First row with played_at >= ms. What is asked for lies near the end as a rule. */
static size_t row_from(const struct book *book, int64_t ms)
{
    size_t high = book->count, step = 8, low;

    while (high > step && book->rows[high - step].played_at >= ms) {
        high -= step;
        step *= 2;
    }
    low = high > step ? high - step : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (book->rows[middle].played_at < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t book_cursor(const struct book *book, int64_t latest)
{
    int64_t newest = RECONCILE_NO_TIME;

    for (size_t i = book->count; i > 0 && book->rows[i - 1].played_at >= newest; i--) {
        int64_t reported = book->rows[i - 1].played_at - book->rows[i - 1].nudge;

        if (reported <= latest && reported > newest)
            newest = reported;
    }
    return newest;
}

size_t book_find(const struct book *book, int64_t reported, int64_t track)
{
    size_t found = 0;

    for (size_t i = row_from(book, reported); i < book->count; i++) {
        const struct reconcile_stored *row = &book->rows[i];

        if (row->played_at > reported + RECONCILE_SLACK)
            break;
        found += row->played_at - row->nudge == reported && row->track == track;
    }
    return found;
}

bool book_in_gap(const struct book *book, int64_t at, bool open)
{
    for (size_t i = 0; i < book->gap_count; i++) {
        const struct book_gap *gap = &book->gaps[i];

        if (gap->after <= at && at <= gap->before && !(open && gap->covered))
            return true;
    }
    return false;
}

static bool insert_row(struct book *book, struct reconcile_stored row, const char **why)
{
    struct reconcile_stored *rows = grown(book->rows, book->count, &book->room, sizeof(row));
    size_t place;

    *why = "no memory";
    if (!rows)
        return false;
    book->rows = rows;
    place = row_from(book, row.played_at);
    *why = "a play was to be stored in a millisecond that is taken";
    if (place < book->count && rows[place].played_at == row.played_at)
        return false;
    memmove(rows + place + 1, rows + place, (book->count - place) * sizeof(row));
    rows[place] = row;
    book->count++;
    return true;
}

/* The same bounds are not noted twice. */
static bool insert_gap(struct book *book, struct reconcile_gap gap, const char **why)
{
    struct book_gap *gaps =
        grown(book->gaps, book->gap_count, &book->gap_room, sizeof(struct book_gap));

    *why = "no memory";
    if (!gaps)
        return false;
    book->gaps = gaps;
    for (size_t i = 0; i < book->gap_count; i++)
        if (gaps[i].after == gap.after && gaps[i].before == gap.before)
            return true;
    gaps[book->gap_count++] = (struct book_gap){gap.after, gap.before, gap.likely, false};
    return true;
}

/* A page shows all that Spotify has between its oldest and its newest item. */
static void cover_gaps(struct book *book, int64_t oldest, int64_t newest)
{
    for (size_t i = book->gap_count; i-- > 0;)
        if (book->gaps[i].after >= oldest && book->gaps[i].before <= newest)
            book->gaps[i].covered = true;
}

static void find_bounds(const struct book_page *page, int64_t *oldest, int64_t *newest)
{
    *oldest = INT64_MAX;
    *newest = INT64_MIN;
    for (size_t i = 0; i < page->count; i++) {
        int64_t reported = page->items[i].reported;

        *oldest = reported < *oldest ? reported : *oldest;
        *newest = reported > *newest ? reported : *newest;
    }
}

static void look_up(const struct book *book, int64_t oldest, int64_t newest,
                    struct reconcile_input *input)
{
    size_t from, until;

    from = row_from(book, oldest);
    until = input->item_count ? row_from(book, newest + RECONCILE_SLACK + 1) : from;
    input->stored = book->count ? book->rows + from : NULL;
    input->stored_count = until > from ? until - from : 0;
    input->before = from > 0 ? book->rows[from - 1].played_at : RECONCILE_NO_TIME;
    input->newest = book->count ? book->rows[book->count - 1].played_at : RECONCILE_NO_TIME;
    input->after_anchor = RECONCILE_NO_TIME;
    if (input->anchor != RECONCILE_NO_TIME &&
        (from = row_from(book, input->anchor + 1)) < book->count)
        input->after_anchor = book->rows[from].played_at;
}

bool book_apply(struct book *book, const struct book_page *page, struct reconcile_result *result,
                const char **why)
{
    struct reconcile_input input = {
        .sweep = page->sweep,
        .items = page->items,
        .item_count = page->count,
        .sent_count = page->count,
        .anchor = book->anchor,
        .swept_at = book->swept_at,
        .cursor = book_cursor(book, page->latest),
        .latest = page->latest,
    };
    int64_t oldest, newest;

    find_bounds(page, &oldest, &newest);
    look_up(book, oldest, newest, &input);
    reconcile_page(&input, result);
    for (size_t i = 0; i < result->added_count; i++) {
        const struct reconcile_new *added = &result->added[i];
        struct reconcile_stored row = {
            .played_at = added->played_at,
            .nudge = added->nudge,
            .track = page->items[added->item].track,
        };

        if (!insert_row(book, row, why))
            return false;
    }
    cover_gaps(book, oldest, newest);
    for (size_t i = 0; i < result->gap_count; i++)
        if (!insert_gap(book, result->gaps[i], why))
            return false;
    book->anchor = result->anchor;
    if (page->sweep && book->swept_at == RECONCILE_NO_TIME)
        book->swept_at = page->at;
    return true;
}
