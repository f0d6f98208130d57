/* SPDX-License-Identifier: MIT */
/* A page against what is stored: identity, nudges, late plays, witness, cursor, gaps. */
#include "capture/reconcile.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define T0 INT64_C(1795198051207) /* where most tests begin */
#define NO_TIME RECONCILE_NO_TIME
#define ROWS 4096
#define GAPS 64

/* What a database would hold of one user. */
struct book {
    struct reconcile_stored rows[ROWS];
    size_t count;
    int64_t swept_at, anchor, cursor, latest;
    struct reconcile_gap gaps[GAPS];
    size_t gap_count;
    struct reconcile_result last;
};

static struct book book;

static void book_empty(void)
{
    memset(&book, 0, sizeof(book));
    book.swept_at = book.anchor = book.cursor = NO_TIME;
    book.latest = INT64_MAX;
}

/* A user who was swept when there was nothing yet, long before T0. */
static void book_swept(void)
{
    book_empty();
    book.swept_at = T0 - 1000 * MINUTE;
}

static void book_insert(int64_t played_at, int64_t nudge, int64_t track)
{
    size_t place = book.count++;

    if (book.count > ROWS)
        ck_abort_msg("the book is full");
    for (; place > 0 && book.rows[place - 1].played_at >= played_at; place--) {
        if (book.rows[place - 1].played_at == played_at)
            ck_abort_msg("played_at %lld is taken", (long long)played_at);
        book.rows[place] = book.rows[place - 1];
    }
    book.rows[place] = (struct reconcile_stored){played_at, nudge, track};
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

static const struct reconcile_result *apply_sent(bool sweep, const struct reconcile_item *items,
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

static const struct reconcile_result *apply(bool sweep, const struct reconcile_item *items,
                                            size_t count)
{
    return apply_sent(sweep, items, count, count);
}

/* A page of one play a minute: the newest ended `newest` minutes after T0, the track is the minute. */
static const struct reconcile_result *apply_minutes(bool sweep, int newest, int count)
{
    struct reconcile_item items[RECONCILE_MAX];

    for (int i = 0; i < count; i++)
        items[i] = (struct reconcile_item){T0 + (newest - i) * MINUTE, 1000 + newest - i};
    return apply(sweep, items, (size_t)count);
}

#define TAIL(...)                                                                                  \
    apply(false, (const struct reconcile_item[]){__VA_ARGS__},                                     \
          sizeof((const struct reconcile_item[]){__VA_ARGS__}) / sizeof(struct reconcile_item))
#define SWEEP(...)                                                                                 \
    apply(true, (const struct reconcile_item[]){__VA_ARGS__},                                      \
          sizeof((const struct reconcile_item[]){__VA_ARGS__}) / sizeof(struct reconcile_item))

static void expect_row(size_t row, int64_t played_at, int64_t nudge, int64_t track)
{
    ck_assert_uint_lt(row, book.count);
    ck_assert_int_eq(book.rows[row].played_at, played_at);
    ck_assert_int_eq(book.rows[row].nudge, nudge);
    ck_assert_int_eq(book.rows[row].track, track);
}

static void expect_gap(size_t gap, int64_t after, int64_t before, bool likely)
{
    ck_assert_uint_lt(gap, book.gap_count);
    ck_assert_int_eq(book.gaps[gap].after, after);
    ck_assert_int_eq(book.gaps[gap].before, before);
    ck_assert_int_eq(book.gaps[gap].likely, likely);
}

static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* ---- identity ---- */

START_TEST(a_play_is_known_by_track_and_reported_moment)
{
    book_swept();
    ck_assert_uint_eq(SWEEP({T0, 7})->added_count, 1);
    ck_assert_uint_eq(SWEEP({T0, 7})->added_count, 0);
    ck_assert_uint_eq(book.last.known_count, 1);
    ck_assert_uint_eq(book.count, 1);
    expect_row(0, T0, 0, 7);
}
END_TEST

START_TEST(another_track_at_the_same_moment_is_a_play_of_its_own_at_the_next_free_ms)
{
    book_swept();
    SWEEP({T0, 7});
    ck_assert_uint_eq(SWEEP({T0, 8}, {T0, 7})->added_count, 1);
    ck_assert_uint_eq(book.last.known_count, 1);
    expect_row(0, T0, 0, 7);
    expect_row(1, T0 + 1, 1, 8);
}
END_TEST

START_TEST(the_same_track_thirty_ms_later_is_a_play_of_its_own)
{
    book_swept();
    ck_assert_uint_eq(SWEEP({T0 + 30, 7}, {T0, 7})->added_count, 2);
    ck_assert_uint_eq(SWEEP({T0 + 1, 7}, {T0, 7})->added_count, 1);
    ck_assert_uint_eq(book.count, 3);
}
END_TEST

START_TEST(a_nudged_play_is_known_again)
{
    book_swept();
    SWEEP({T0, 9}, {T0, 8}, {T0, 7});
    ck_assert_uint_eq(book.count, 3);
    ck_assert_uint_eq(SWEEP({T0, 7}, {T0, 8}, {T0, 9})->known_count, 3);
    ck_assert_uint_eq(SWEEP({T0, 8})->known_count, 1);
    ck_assert_uint_eq(book.count, 3);
}
END_TEST

START_TEST(two_tracks_in_one_ms_are_the_same_two_plays_in_either_order)
{
    const struct reconcile_item orders[2][2] = {{{T0, 7}, {T0, 8}}, {{T0, 8}, {T0, 7}}};

    for (int first = 0; first < 2; first++) {
        book_swept();
        apply(true, orders[first], 2);
        ck_assert_uint_eq(book.count, 2);
        apply(true, orders[1 - first], 2);
        ck_assert_uint_eq(book.count, 2);
        ck_assert_uint_eq(book.last.known_count, 2);
        apply(true, &orders[first][1], 1);
        ck_assert_uint_eq(book.count, 2);
    }
}
END_TEST

START_TEST(a_nudge_passes_over_milliseconds_that_are_taken)
{
    book_swept();
    SWEEP({T0 + 2, 3}, {T0 + 1, 2}, {T0, 1});
    SWEEP({T0, 4});
    expect_row(3, T0 + 3, 3, 4);
    SWEEP({T0 + 1, 5});
    expect_row(4, T0 + 4, 3, 5);
    ck_assert_uint_eq(SWEEP({T0 + 1, 5}, {T0, 4})->known_count, 2);
}
END_TEST

START_TEST(a_play_whose_own_ms_a_nudged_one_took_is_nudged_itself_and_both_stay_known)
{
    book_swept();
    SWEEP({T0, 2}, {T0, 1});
    SWEEP({T0 + 1, 2});
    ck_assert_uint_eq(book.count, 3);
    expect_row(2, T0 + 2, 1, 2);
    ck_assert_uint_eq(SWEEP({T0 + 1, 2}, {T0, 2}, {T0, 1})->known_count, 3);
    ck_assert_uint_eq(book.count, 3);
}
END_TEST

START_TEST(a_burst_of_thirteen_plays_in_one_ms_is_thirteen_plays)
{
    struct reconcile_item burst[13];

    for (int i = 0; i < 13; i++)
        burst[i] = (struct reconcile_item){T0, i};
    book_swept();
    ck_assert_uint_eq(apply(true, burst, 13)->added_count, 13);
    for (int i = 0; i < 13; i++)
        ck_assert_int_eq(book.rows[i].played_at - book.rows[i].nudge, T0);
    ck_assert_uint_eq(apply(true, burst, 13)->known_count, 13);
    ck_assert_uint_eq(TAIL({T0 + 5, 99})->added_count, 1);
    expect_row(13, T0 + 13, 8, 99);
}
END_TEST

START_TEST(a_whole_page_within_one_ms_is_stored_and_known_again)
{
    struct reconcile_item page[RECONCILE_MAX];

    for (int i = 0; i < RECONCILE_MAX; i++)
        page[i] = (struct reconcile_item){T0, i};
    book_swept();
    ck_assert_uint_eq(apply(true, page, RECONCILE_MAX)->added_count, RECONCILE_MAX);
    ck_assert_uint_eq(apply(true, page, RECONCILE_MAX)->known_count, RECONCILE_MAX);
    ck_assert_uint_eq(book.count, RECONCILE_MAX);
}
END_TEST

START_TEST(an_item_that_a_page_lists_twice_is_one_play)
{
    book_swept();
    SWEEP({T0 + MINUTE, 8}, {T0, 7}, {T0, 7});
    ck_assert_uint_eq(book.count, 2);
    ck_assert_uint_eq(book.last.known_count, 1);
    SWEEP({T0 + 9, 5}, {T0 + 9, 6}, {T0 + 9, 5}, {T0 + 9, 6});
    ck_assert_uint_eq(book.count, 4);
    ck_assert_uint_eq(book.last.added_count, 2);
}
END_TEST

START_TEST(a_page_in_disorder_is_stored_in_order)
{
    book_swept();
    SWEEP({T0 + 2, 3}, {T0 + 9, 1}, {T0, 4}, {T0 + 5, 2});
    ck_assert_uint_eq(book.last.added_count, 4);
    for (size_t i = 1; i < 4; i++)
        ck_assert_int_lt(book.last.added[i - 1].played_at, book.last.added[i].played_at);
    ck_assert_int_eq(book.cursor, T0 + 9);
    ck_assert_int_eq(book.anchor, T0 + 9);
}
END_TEST

START_TEST(more_items_than_a_page_can_have_do_no_harm)
{
    static struct reconcile_item many[RECONCILE_MAX + 50];

    for (int i = 0; i < RECONCILE_MAX + 50; i++)
        many[i] = (struct reconcile_item){T0 - i, i};
    book_swept();
    ck_assert_uint_eq(apply(true, many, RECONCILE_MAX + 50)->added_count, RECONCILE_MAX);
}
END_TEST

/* ---- late plays, cursor, witness ---- */

START_TEST(a_play_behind_the_cursor_is_late_and_moves_no_cursor)
{
    book_swept();
    SWEEP({T0 + 10 * MINUTE, 2}, {T0, 1});
    SWEEP({T0 + 10 * MINUTE, 2}, {T0 + 4 * MINUTE, 3}, {T0, 1});
    ck_assert_uint_eq(book.last.late_count, 1);
    ck_assert_uint_eq(book.last.newer_count, 0);
    ck_assert(book.last.added[0].late);
    ck_assert_int_eq(book.cursor, T0 + 10 * MINUTE);
    expect_row(1, T0 + 4 * MINUTE, 0, 3);
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(plays_of_a_first_page_and_twins_of_the_newest_are_not_late)
{
    book_empty();
    SWEEP({T0 + MINUTE, 2}, {T0, 1});
    ck_assert_uint_eq(book.last.late_count, 0);
    ck_assert_uint_eq(book.last.newer_count, 2);
    TAIL({T0 + MINUTE, 3}, {T0 + MINUTE, 2});
    ck_assert_uint_eq(book.last.late_count, 0);
    ck_assert_uint_eq(book.last.newer_count, 1);
}
END_TEST

START_TEST(the_cursor_is_the_reported_moment_and_not_the_nudged_one)
{
    book_swept();
    SWEEP({T0, 3}, {T0, 2}, {T0, 1});
    ck_assert_int_eq(book.cursor, T0);
}
END_TEST

START_TEST(the_cursor_never_goes_back)
{
    book_swept();
    SWEEP({T0 + 9 * MINUTE, 2}, {T0, 1});
    SWEEP({T0, 1});
    ck_assert_int_eq(book.cursor, T0 + 9 * MINUTE);
    apply(true, NULL, 0);
    ck_assert_int_eq(book.cursor, T0 + 9 * MINUTE);
    book.latest = T0;
    SWEEP({T0 + 3 * MINUTE, 5}, {T0, 1});
    ck_assert_int_eq(book.cursor, T0 + 9 * MINUTE);
}
END_TEST

START_TEST(a_play_from_the_future_is_stored_and_does_not_move_the_cursor)
{
    book_swept();
    book.latest = T0 + MINUTE;
    SWEEP({T0 + 48 * 60 * MINUTE, 2}, {T0 + MINUTE, 1}, {T0, 3});
    ck_assert_uint_eq(book.count, 3);
    ck_assert_int_eq(book.cursor, T0 + MINUTE);
    TAIL({T0 + 48 * 60 * MINUTE, 2}, {T0 + 2 * MINUTE, 4}, {T0 + MINUTE, 1});
    ck_assert_uint_eq(book.last.known_count, 2);
    ck_assert_int_eq(book.cursor, T0 + MINUTE);
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(any_play_stored_before_is_the_witness_of_a_tail)
{
    book_swept();
    SWEEP({T0, 1});
    ck_assert(TAIL({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(!TAIL({T0 + 2 * MINUTE, 3})->witness);
    ck_assert(!apply(false, NULL, 0)->witness);
}
END_TEST

START_TEST(the_newest_stored_play_is_the_witness_of_a_sweep)
{
    book_swept();
    ck_assert(SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(SWEEP({T0 + 2 * MINUTE, 3})->witness);
    ck_assert(!SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(!apply(true, NULL, 0)->witness);
}
END_TEST

START_TEST(a_page_is_full_by_what_was_sent_and_not_by_what_was_understood)
{
    book_swept();
    ck_assert(!apply_minutes(true, 48, 49)->full);
    ck_assert(apply_minutes(true, 50, 50)->full);
    ck_assert(apply_sent(true, &(struct reconcile_item){T0, 1}, 1, 50)->full);
}
END_TEST

/* ---- gaps ---- */

START_TEST(the_first_sweep_opens_no_gap)
{
    book_empty();
    apply_minutes(true, 50, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 50 * MINUTE);
}
END_TEST

START_TEST(after_an_empty_first_sweep_only_a_full_page_opens_a_gap_and_it_begins_there)
{
    book_empty();
    apply(true, NULL, 0);
    ck_assert_int_eq(book.swept_at, T0);
    SWEEP({T0 + MINUTE, 1});
    ck_assert_uint_eq(book.gap_count, 0);
    book_empty();
    apply(true, NULL, 0);
    apply_minutes(true, 100, 50);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 51 * MINUTE, true);
}
END_TEST

START_TEST(plays_from_before_an_empty_first_sweep_are_no_gap)
{
    book_empty();
    apply(true, NULL, 0); /* a private session was on */
    apply_minutes(true, 49, 60);
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(a_full_page_that_holds_nothing_known_opens_a_likely_gap)
{
    for (int sweep = 0; sweep < 2; sweep++) {
        book_swept();
        apply_minutes(true, 0, 10);
        ck_assert_uint_eq(book.gap_count, 0);
        apply_minutes(sweep, 100, 50);
        ck_assert_uint_eq(book.gap_count, 1);
        expect_gap(0, T0, T0 + 51 * MINUTE, true);
        ck_assert_int_eq(book.anchor, T0 + 100 * MINUTE);
        apply_minutes(true, 100, 50);
        ck_assert_uint_eq(book.gap_count, 1);
    }
}
END_TEST

START_TEST(a_short_sweep_that_holds_nothing_known_opens_a_possible_gap)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 18 * MINUTE, false);
}
END_TEST

START_TEST(an_overlap_that_covers_all_that_is_new_opens_no_gap)
{
    for (int overlap = 1; overlap < 50; overlap++) {
        book_empty();
        apply_minutes(true, 0, 50);
        apply_minutes(overlap % 2, 50 - overlap, 50);
        ck_assert_uint_eq(book.gap_count, 0);
        ck_assert_int_eq(book.anchor, T0 + (50 - overlap) * MINUTE);
    }
}
END_TEST

START_TEST(a_short_tail_without_its_witness_leaves_the_judgement_to_the_sweep_after_it)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    /* the sweep reaches back to what was joined: the witness had only vanished */
    apply_minutes(true, 20, 25);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
}
END_TEST

START_TEST(a_sweep_that_does_not_reach_back_makes_the_open_stretch_a_gap)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 18 * MINUTE, false);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
    apply_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
}
END_TEST

START_TEST(tails_that_go_on_without_a_sweep_keep_the_stretch_open)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply_minutes(false, 22, 3);
    apply_minutes(false, 24, 3);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    apply_minutes(true, 24, 7);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 18 * MINUTE, false);
}
END_TEST

START_TEST(a_chain_that_broke_altogether_makes_two_gaps)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply_minutes(true, 200, 50);
    ck_assert_uint_eq(book.gap_count, 2);
    expect_gap(0, T0, T0 + 18 * MINUTE, true);
    expect_gap(1, T0 + 20 * MINUTE, T0 + 151 * MINUTE, true);
    ck_assert_int_eq(book.anchor, T0 + 200 * MINUTE);
}
END_TEST

START_TEST(a_full_tail_after_an_open_stretch_makes_two_gaps_at_once)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply_minutes(false, 200, 50);
    ck_assert_uint_eq(book.gap_count, 2);
    ck_assert_int_eq(book.anchor, T0 + 200 * MINUTE);
}
END_TEST

START_TEST(a_sweep_that_brings_plays_of_the_open_stretch_leaves_only_the_rest_as_a_gap)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 100, 2);
    apply_minutes(true, 100, 50);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 51 * MINUTE, true);
}
END_TEST

START_TEST(a_sweep_that_reaches_below_the_anchor_without_its_play_covers_the_open_stretch)
{
    struct reconcile_item items[8];

    for (int i = 0; i < 8; i++) /* minutes 20 to 18, and others than those stored down to -4 */
        items[i] = (struct reconcile_item){T0 + (20 - i) * MINUTE - (i > 2) * 17 * MINUTE,
                                           1020 - i + (i > 2) * 500};
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply(true, items, 8);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
}
END_TEST

START_TEST(a_list_that_went_backwards_proves_nothing_about_the_open_stretch)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    apply_minutes(true, -2, 8); /* all of it known, and older than what is in question */
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    apply_minutes(true, 21, 5);
    ck_assert_uint_eq(book.gap_count, 1);
    expect_gap(0, T0, T0 + 17 * MINUTE, false);
}
END_TEST

START_TEST(a_list_that_went_backwards_and_came_back_opens_no_gap)
{
    book_empty();
    apply_minutes(true, 60, 50);
    apply_minutes(true, 36, 50);
    apply_minutes(true, 62, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 62 * MINUTE);
}
END_TEST

START_TEST(a_full_sweep_whose_oldest_plays_came_late_opens_a_possible_gap_below_them)
{
    struct reconcile_item items[50];

    book_empty();
    apply_minutes(true, 20, 30);
    apply_minutes(true, 50, 50);
    for (int i = 0; i < 50; i++) /* the newest 29 of them, and 21 late ones that pushed the others out */
        items[i] = (struct reconcile_item){T0 + (50 - i) * MINUTE - (i >= 29) * 30000,
                                           1050 - i + (i >= 29) * 500};
    apply(true, items, 50);
    ck_assert_uint_eq(book.last.late_count, 21);
    ck_assert_uint_eq(book.gap_count, 1);
    ck_assert_int_eq(book.gaps[0].before, T0 + MINUTE - 30000);
    ck_assert_int_eq(book.gaps[0].after, T0);
    ck_assert(!book.gaps[0].likely);
}
END_TEST

START_TEST(late_plays_above_a_known_one_or_in_a_short_sweep_are_no_cut_batch)
{
    struct reconcile_item items[50];

    book_empty();
    apply_minutes(true, 50, 50);
    for (int i = 0; i < 50; i++) /* the last item is known */
        items[i] = (struct reconcile_item){T0 + (50 - i) * MINUTE - (i > 10 && i < 49) * 30000,
                                           1050 - i + (i > 10 && i < 49) * 500};
    apply(true, items, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    SWEEP({T0 + 50 * MINUTE, 1050}, {T0 - 90 * MINUTE, 4711});
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(older_plays_than_any_stored_are_no_gap)
{
    book_swept();
    apply_minutes(true, 60, 30);
    apply_minutes(true, 60, 50); /* somebody's list was short at first */
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_uint_eq(book.count, 50);
}
END_TEST

START_TEST(an_empty_page_changes_nothing)
{
    struct book before;

    book_swept();
    apply_minutes(true, 0, 10);
    apply_minutes(false, 20, 3);
    before = book;
    for (int sweep = 0; sweep < 2; sweep++) {
        apply(sweep, NULL, 0);
        ck_assert_uint_eq(book.last.added_count, 0);
        ck_assert_uint_eq(book.gap_count, 0);
        ck_assert_int_eq(book.anchor, before.anchor);
        ck_assert_int_eq(book.cursor, before.cursor);
    }
    ck_assert_uint_eq(book.count, before.count);
}
END_TEST

START_TEST(a_page_that_nobody_understood_changes_nothing)
{
    book_swept();
    apply_minutes(true, 0, 10);
    apply_sent(true, NULL, 0, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    ck_assert(book.last.full);
}
END_TEST

START_TEST(one_user_s_gaps_never_overlap_and_bounds_are_in_order)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t random = seed;
        int newest = 0;

        book_swept();
        for (int i = 0; i < 40; i++) {
            newest += (int)(random_next(&random) % 80) - 10;
            apply_minutes(random_next(&random) % 2, newest, 1 + (int)(random_next(&random) % 50));
            for (size_t gap = 0; gap < book.last.gap_count; gap++) {
                ck_assert_int_lt(book.last.gaps[gap].after, book.last.gaps[gap].before);
                if (gap > 0)
                    ck_assert_msg(book.last.gaps[gap - 1].before <= book.last.gaps[gap].after ||
                                      book.last.gaps[gap].before <= book.last.gaps[gap - 1].after,
                                  "seed %llu, page %d", (unsigned long long)seed, i);
            }
        }
    }
}
END_TEST

/* ---- whatever the pages are ---- */

/* Moments and tracks close together, so that twins, bursts and repetitions are common. */
static size_t random_page(uint64_t *random, struct reconcile_item items[50], int64_t around)
{
    size_t count = 1 + random_next(random) % 50;

    for (size_t i = 0; i < count; i++)
        items[i] = (struct reconcile_item){around - (int64_t)(random_next(random) % 60),
                                           (int64_t)(random_next(random) % 4)};
    return count;
}

static void shuffle(uint64_t *random, struct reconcile_item *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_next(random) % i;
        struct reconcile_item kept = items[i - 1];

        items[i - 1] = items[other];
        items[other] = kept;
    }
}

/* True if the play stands in the book, and only once. */
static bool stored_once(const struct reconcile_item *item)
{
    int found = 0;

    for (size_t i = 0; i < book.count; i++)
        found += book.rows[i].track == item->track &&
                 book.rows[i].played_at - book.rows[i].nudge == item->reported;
    return found == 1;
}

START_TEST(any_page_twice_adds_nothing)
{
    struct reconcile_item items[50];

    for (uint64_t seed = 1; seed <= 500; seed++) {
        uint64_t random = seed;

        book_swept();
        for (int page = 0; page < 8; page++) {
            bool sweep = random_next(&random) % 2;
            size_t count = random_page(&random, items, T0 + page * 15), stored, gaps;

            apply(sweep, items, count);
            stored = book.count;
            shuffle(&random, items, count);
            apply(sweep, items, count);
            ck_assert_msg(book.count == stored && book.last.added_count == 0,
                          "seed %llu, page %d", (unsigned long long)seed, page);
            gaps = book.gap_count;
            apply(sweep, items, count);
            ck_assert_uint_eq(book.gap_count, gaps);
            for (size_t i = 0; i < count; i++)
                if (!stored_once(&items[i]))
                    ck_abort_msg("seed %llu, page %d, item %zu", (unsigned long long)seed, page, i);
        }
    }
}
END_TEST

START_TEST(the_order_of_items_does_not_change_what_is_stored_or_decided)
{
    struct reconcile_item items[50];

    for (uint64_t seed = 1; seed <= 500; seed++) {
        uint64_t random = seed;
        struct reconcile_result first;
        size_t count, stored;

        book_swept();
        count = random_page(&random, items, T0);
        apply(true, items, count);
        count = random_page(&random, items, T0 + 20);
        for (int round = 0; round < 5; round++) {
            static struct book start;

            if (round == 0)
                start = book;
            book = start;
            apply(seed % 2, items, count);
            if (round == 0) {
                first = book.last;
                stored = book.count;
            }
            ck_assert_uint_eq(book.count, stored);
            ck_assert_uint_eq(book.last.late_count, first.late_count);
            ck_assert_uint_eq(book.last.newer_count, first.newer_count);
            ck_assert_uint_eq(book.last.known_count, first.known_count);
            ck_assert_uint_eq(book.last.gap_count, first.gap_count);
            ck_assert_int_eq(book.last.cursor, first.cursor);
            ck_assert_int_eq(book.last.anchor, first.anchor);
            for (size_t i = 0; i < count; i++)
                ck_assert_msg(stored_once(&items[i]), "seed %llu", (unsigned long long)seed);
            shuffle(&random, items, count);
        }
    }
}
END_TEST

START_TEST(the_order_of_pages_does_not_change_which_plays_are_stored)
{
    static struct reconcile_item pages[6][50];
    size_t counts[6];

    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t random = seed;
        size_t stored = 0;

        for (int i = 0; i < 6; i++)
            counts[i] = random_page(&random, pages[i], T0 + i * 20);
        for (size_t round = 0; round < 6; round++) {
            book_swept();
            for (size_t i = 0; i < 6; i++) {
                size_t page = round % 2 ? (i + round) % 6 : (6 + round - i) % 6;

                apply(i % 2, pages[page], counts[page]);
            }
            stored = round == 0 ? book.count : stored;
            ck_assert_msg(book.count == stored, "seed %llu", (unsigned long long)seed);
            for (size_t page = 0; page < 6; page++)
                for (size_t i = 0; i < counts[page]; i++)
                    if (!stored_once(&pages[page][i]))
                        ck_abort_msg("seed %llu", (unsigned long long)seed);
        }
    }
}
END_TEST

/* ---- why ---- */

START_TEST(the_cause_of_a_gap_is_what_the_ledger_knows)
{
    const struct {
        struct reconcile_outage outage;
        const char *cause;
    } cases[] = {
        {{.silent_ms = 10 * MINUTE}, "listened_faster"},
        {{.silent_ms = 600 * MINUTE, .down_ms = 500 * MINUTE}, "daemon_down"},
        {{.silent_ms = 600 * MINUTE, .down_ms = 500 * MINUTE, .failing = 3}, "daemon_down"},
        {{.silent_ms = 600 * MINUTE, .down_ms = 100 * MINUTE, .failing = 30}, "spotify_failing"},
        {{.silent_ms = 600 * MINUTE, .down_ms = 100 * MINUTE}, "daemon_down"},
        {{.silent_ms = 600 * MINUTE, .needs_login = 1, .down_ms = 500 * MINUTE}, "needs_login"},
        {{.silent_ms = 600 * MINUTE, .rate_limit = 1, .failing = 3}, "rate_limit"},
        {{.silent_ms = 600 * MINUTE, .full_database = 1, .failing = 3}, "database_full"},
        {{.silent_ms = 600 * MINUTE, .failing = 1}, "spotify_failing"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_str_eq(reconcile_cause(&cases[i].outage), cases[i].cause);
}
END_TEST

Suite *reconcile_suite(void)
{
    Suite *suite = suite_create("reconcile");
    TCase *all = tcase_create("reconcile");

    tcase_add_test(all, a_play_is_known_by_track_and_reported_moment);
    tcase_add_test(all, another_track_at_the_same_moment_is_a_play_of_its_own_at_the_next_free_ms);
    tcase_add_test(all, the_same_track_thirty_ms_later_is_a_play_of_its_own);
    tcase_add_test(all, a_nudged_play_is_known_again);
    tcase_add_test(all, two_tracks_in_one_ms_are_the_same_two_plays_in_either_order);
    tcase_add_test(all, a_nudge_passes_over_milliseconds_that_are_taken);
    tcase_add_test(all, a_play_whose_own_ms_a_nudged_one_took_is_nudged_itself_and_both_stay_known);
    tcase_add_test(all, a_burst_of_thirteen_plays_in_one_ms_is_thirteen_plays);
    tcase_add_test(all, a_whole_page_within_one_ms_is_stored_and_known_again);
    tcase_add_test(all, an_item_that_a_page_lists_twice_is_one_play);
    tcase_add_test(all, a_page_in_disorder_is_stored_in_order);
    tcase_add_test(all, more_items_than_a_page_can_have_do_no_harm);
    tcase_add_test(all, a_play_behind_the_cursor_is_late_and_moves_no_cursor);
    tcase_add_test(all, plays_of_a_first_page_and_twins_of_the_newest_are_not_late);
    tcase_add_test(all, the_cursor_is_the_reported_moment_and_not_the_nudged_one);
    tcase_add_test(all, the_cursor_never_goes_back);
    tcase_add_test(all, a_play_from_the_future_is_stored_and_does_not_move_the_cursor);
    tcase_add_test(all, any_play_stored_before_is_the_witness_of_a_tail);
    tcase_add_test(all, the_newest_stored_play_is_the_witness_of_a_sweep);
    tcase_add_test(all, a_page_is_full_by_what_was_sent_and_not_by_what_was_understood);
    tcase_add_test(all, the_first_sweep_opens_no_gap);
    tcase_add_test(all, after_an_empty_first_sweep_only_a_full_page_opens_a_gap_and_it_begins_there);
    tcase_add_test(all, plays_from_before_an_empty_first_sweep_are_no_gap);
    tcase_add_test(all, a_full_page_that_holds_nothing_known_opens_a_likely_gap);
    tcase_add_test(all, a_short_sweep_that_holds_nothing_known_opens_a_possible_gap);
    tcase_add_test(all, an_overlap_that_covers_all_that_is_new_opens_no_gap);
    tcase_add_test(all, a_short_tail_without_its_witness_leaves_the_judgement_to_the_sweep_after_it);
    tcase_add_test(all, a_sweep_that_does_not_reach_back_makes_the_open_stretch_a_gap);
    tcase_add_test(all, tails_that_go_on_without_a_sweep_keep_the_stretch_open);
    tcase_add_test(all, a_chain_that_broke_altogether_makes_two_gaps);
    tcase_add_test(all, a_full_tail_after_an_open_stretch_makes_two_gaps_at_once);
    tcase_add_test(all, a_sweep_that_brings_plays_of_the_open_stretch_leaves_only_the_rest_as_a_gap);
    tcase_add_test(all, a_sweep_that_reaches_below_the_anchor_without_its_play_covers_the_open_stretch);
    tcase_add_test(all, a_list_that_went_backwards_proves_nothing_about_the_open_stretch);
    tcase_add_test(all, a_list_that_went_backwards_and_came_back_opens_no_gap);
    tcase_add_test(all, a_full_sweep_whose_oldest_plays_came_late_opens_a_possible_gap_below_them);
    tcase_add_test(all, late_plays_above_a_known_one_or_in_a_short_sweep_are_no_cut_batch);
    tcase_add_test(all, older_plays_than_any_stored_are_no_gap);
    tcase_add_test(all, an_empty_page_changes_nothing);
    tcase_add_test(all, a_page_that_nobody_understood_changes_nothing);
    tcase_add_test(all, one_user_s_gaps_never_overlap_and_bounds_are_in_order);
    tcase_add_test(all, any_page_twice_adds_nothing);
    tcase_add_test(all, the_order_of_items_does_not_change_what_is_stored_or_decided);
    tcase_add_test(all, the_order_of_pages_does_not_change_which_plays_are_stored);
    tcase_add_test(all, the_cause_of_a_gap_is_what_the_ledger_knows);
    suite_add_tcase(suite, all);
    return suite;
}
