/* SPDX-License-Identifier: MIT */
#include "reconcile_help.h"

#include <check.h>
#include <string.h>

struct book book;

void book_empty(void)
{
    memset(&book, 0, sizeof(book));
    book.swept_at = book.anchor = book.cursor = NO_TIME;
    book.latest = INT64_MAX;
}

void book_swept(void)
{
    book_empty();
    book.swept_at = T0 - 1000 * MINUTE;
}

void book_insert(int64_t played_at, int64_t nudge, int64_t track)
{
    size_t place = book.count++;

    if (book.count > BOOK_ROWS)
        ck_abort_msg("the book is full");
    for (; place > 0 && book.rows[place - 1].played_at >= played_at; place--) {
        if (book.rows[place - 1].played_at == played_at)
            ck_abort_msg("played_at %lld is taken", (long long)played_at);
        book.rows[place] = book.rows[place - 1];
    }
    book.rows[place] =
        (struct reconcile_stored){.played_at = played_at, .nudge = nudge, .track = track};
}

static void look_up(struct reconcile_input *input)
{
    int64_t oldest = INT64_MAX, newest = INT64_MIN;
    size_t from = 0, until = 0;

    for (size_t i = 0; i < input->item_count; i++) {
        oldest = input->items[i].reported < oldest ? input->items[i].reported : oldest;
        newest = input->items[i].reported > newest ? input->items[i].reported : newest;
    }
    input->before = input->newest = input->after_anchor = NO_TIME;
    for (size_t i = 0; i < book.count; i++) {
        int64_t at = book.rows[i].played_at;

        from += at < oldest;
        until += at <= newest + RECONCILE_SLACK || newest > INT64_MAX - RECONCILE_SLACK;
        input->before = at < oldest ? at : input->before;
        input->newest = at;
        if (input->anchor != NO_TIME && at > input->anchor && input->after_anchor == NO_TIME)
            input->after_anchor = at;
    }
    input->stored = book.rows + from;
    input->stored_count = until > from ? until - from : 0;
}

const struct reconcile_result *book_apply_sent(bool sweep, const struct reconcile_item *items,
                                               size_t count, size_t sent)
{
    struct reconcile_input input = {
        .sweep = sweep,
        .items = items,
        .item_count = count,
        .sent_count = sent,
        .anchor = book.anchor,
        .swept_at = book.swept_at,
        .cursor = book.cursor,
        .latest = book.latest,
    };

    look_up(&input);
    reconcile_page(&input, &book.last);
    for (size_t i = 0; i < book.last.added_count; i++)
        book_insert(book.last.added[i].played_at, book.last.added[i].nudge,
                    items[book.last.added[i].item].track);
    for (size_t i = 0; i < book.last.gap_count; i++)
        book.gaps[book.gap_count++] = book.last.gaps[i];
    book.anchor = book.last.anchor;
    book.cursor = book.last.cursor;
    if (sweep && book.swept_at == NO_TIME)
        book.swept_at = T0;
    return &book.last;
}

const struct reconcile_result *book_apply(bool sweep, const struct reconcile_item *items,
                                          size_t count)
{
    return book_apply_sent(sweep, items, count, count);
}

const struct reconcile_result *book_minutes(bool sweep, int newest, int count)
{
    struct reconcile_item items[RECONCILE_MAX];

    for (int i = 0; i < count; i++)
        items[i] = (struct reconcile_item){T0 + (newest - i) * MINUTE, 1000 + newest - i};
    return book_apply(sweep, items, (size_t)count);
}

void book_expect_row(size_t row, int64_t played_at, int64_t nudge, int64_t track)
{
    ck_assert_uint_lt(row, book.count);
    ck_assert_int_eq(book.rows[row].played_at, played_at);
    ck_assert_int_eq(book.rows[row].nudge, nudge);
    ck_assert_int_eq(book.rows[row].track, track);
}

void book_expect_gap(size_t gap, int64_t after, int64_t before, bool likely)
{
    ck_assert_uint_lt(gap, book.gap_count);
    ck_assert_int_eq(book.gaps[gap].after, after);
    ck_assert_int_eq(book.gaps[gap].before, before);
    ck_assert_int_eq(book.gaps[gap].likely, likely);
}
