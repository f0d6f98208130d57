/* SPDX-License-Identifier: MIT */
/* A page against what is stored: identity, nudges, late plays, witness, cursor. Gaps are in
 * test_reconcile_gaps.c. */
#include "capture/reconcile.h"

#include <check.h>

#include "lib/chance.h"
#include "reconcile_help.h"

/* ---- identity ---- */

START_TEST(a_play_is_known_by_track_and_reported_moment)
{
    book_swept();
    ck_assert_uint_eq(SWEEP({T0, 7})->added_count, 1);
    ck_assert_uint_eq(SWEEP({T0, 7})->added_count, 0);
    ck_assert_uint_eq(book.last.known_count, 1);
    ck_assert_uint_eq(book.count, 1);
    book_expect_row(0, T0, 0, 7);
}
END_TEST

START_TEST(another_track_at_the_same_moment_is_a_play_of_its_own_at_the_next_free_ms)
{
    book_swept();
    SWEEP({T0, 7});
    ck_assert_uint_eq(SWEEP({T0, 8}, {T0, 7})->added_count, 1);
    ck_assert_uint_eq(book.last.known_count, 1);
    book_expect_row(0, T0, 0, 7);
    book_expect_row(1, T0 + 1, 1, 8);
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
        book_apply(true, orders[first], 2);
        ck_assert_uint_eq(book.count, 2);
        book_apply(true, orders[1 - first], 2);
        ck_assert_uint_eq(book.count, 2);
        ck_assert_uint_eq(book.last.known_count, 2);
        book_apply(true, &orders[first][1], 1);
        ck_assert_uint_eq(book.count, 2);
    }
}
END_TEST

START_TEST(a_nudge_passes_over_milliseconds_that_are_taken)
{
    book_swept();
    SWEEP({T0 + 2, 3}, {T0 + 1, 2}, {T0, 1});
    SWEEP({T0, 4});
    book_expect_row(3, T0 + 3, 3, 4);
    SWEEP({T0 + 1, 5});
    book_expect_row(4, T0 + 4, 3, 5);
    ck_assert_uint_eq(SWEEP({T0 + 1, 5}, {T0, 4})->known_count, 2);
}
END_TEST

/* Where the rows of an export crowd, the free one may be far. */
START_TEST(a_play_that_was_moved_by_a_minute_is_known_again)
{
    book_swept();
    book_insert(T0 + 60000, 60000, 1);
    ck_assert_uint_eq(SWEEP({T0, 1})->known_count, 1);
    ck_assert_uint_eq(book.count, 1);
}
END_TEST

START_TEST(a_play_whose_own_ms_a_nudged_one_took_is_nudged_itself_and_both_stay_known)
{
    book_swept();
    SWEEP({T0, 2}, {T0, 1});
    SWEEP({T0 + 1, 2});
    ck_assert_uint_eq(book.count, 3);
    book_expect_row(2, T0 + 2, 1, 2);
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
    ck_assert_uint_eq(book_apply(true, burst, 13)->added_count, 13);
    for (int i = 0; i < 13; i++)
        ck_assert_int_eq(book.rows[i].played_at - book.rows[i].nudge, T0);
    ck_assert_uint_eq(book_apply(true, burst, 13)->known_count, 13);
    ck_assert_uint_eq(TAIL({T0 + 5, 99})->added_count, 1);
    book_expect_row(13, T0 + 13, 8, 99);
}
END_TEST

START_TEST(a_whole_page_within_one_ms_is_stored_and_known_again)
{
    struct reconcile_item page[RECONCILE_MAX];

    for (int i = 0; i < RECONCILE_MAX; i++)
        page[i] = (struct reconcile_item){T0, i};
    book_swept();
    ck_assert_uint_eq(book_apply(true, page, RECONCILE_MAX)->added_count, RECONCILE_MAX);
    ck_assert_uint_eq(book_apply(true, page, RECONCILE_MAX)->known_count, RECONCILE_MAX);
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
    ck_assert_uint_eq(book_apply(true, many, RECONCILE_MAX + 50)->added_count, RECONCILE_MAX);
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
    book_expect_row(1, T0 + 4 * MINUTE, 0, 3);
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
    book_apply(true, NULL, 0);
    ck_assert_int_eq(book.cursor, T0 + 9 * MINUTE);
    book.latest = T0;
    SWEEP({T0 + 3 * MINUTE, 5}, {T0, 1});
    ck_assert_int_eq(book.cursor, T0 + 9 * MINUTE);
}
END_TEST

START_TEST(D1_a_play_from_the_future_is_stored_and_does_not_move_the_cursor)
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
    ck_assert(!book_apply(false, NULL, 0)->witness);
}
END_TEST

START_TEST(the_newest_stored_play_is_the_witness_of_a_sweep)
{
    book_swept();
    ck_assert(SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(SWEEP({T0 + 2 * MINUTE, 3})->witness);
    ck_assert(!SWEEP({T0 + MINUTE, 2}, {T0, 1})->witness);
    ck_assert(!book_apply(true, NULL, 0)->witness);
}
END_TEST

START_TEST(a_page_is_full_by_what_was_sent_and_not_by_what_was_understood)
{
    book_swept();
    ck_assert(!book_minutes(true, 48, 49)->full);
    ck_assert(book_minutes(true, 50, 50)->full);
    ck_assert(book_apply_sent(true, &(struct reconcile_item){T0, 1}, 1, 50)->full);
}
END_TEST

/* ---- whatever the pages are ---- */

/* Moments and tracks close together, so that twins, bursts and repetitions are common. */
static size_t random_page(struct chance *chance, struct reconcile_item items[50], int64_t around)
{
    size_t count = 1 + chance_next(chance) % 50;

    for (size_t i = 0; i < count; i++)
        items[i] = (struct reconcile_item){around - (int64_t)(chance_next(chance) % 60),
                                           (int64_t)(chance_next(chance) % 4)};
    return count;
}

static void shuffle(struct chance *chance, struct reconcile_item *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = chance_next(chance) % i;
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

    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct chance chance = chance_from(seed);

        book_swept();
        for (int page = 0; page < 8; page++) {
            bool sweep = chance_next(&chance) % 2;
            size_t count = random_page(&chance, items, T0 + page * 15), stored, gaps;

            book_apply(sweep, items, count);
            stored = book.count;
            shuffle(&chance, items, count);
            book_apply(sweep, items, count);
            ck_assert_msg(book.count == stored && book.last.added_count == 0, "seed %llu, page %d",
                          (unsigned long long)seed, page);
            gaps = book.gap_count;
            book_apply(sweep, items, count);
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

    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct chance chance = chance_from(seed);
        struct reconcile_result first;
        size_t count, stored;

        book_swept();
        count = random_page(&chance, items, T0);
        book_apply(true, items, count);
        count = random_page(&chance, items, T0 + 20);
        for (int round = 0; round < 5; round++) {
            static struct book start;

            if (round == 0)
                start = book;
            book = start;
            book_apply(seed % 2, items, count);
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
                if (!stored_once(&items[i]))
                    ck_abort_msg("seed %llu", (unsigned long long)seed);
            shuffle(&chance, items, count);
        }
    }
}
END_TEST

START_TEST(the_order_of_pages_does_not_change_which_plays_are_stored)
{
    static struct reconcile_item pages[6][50];
    size_t counts[6];

    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct chance chance = chance_from(seed);
        size_t stored = 0;

        for (int i = 0; i < 6; i++)
            counts[i] = random_page(&chance, pages[i], T0 + i * 20);
        for (size_t round = 0; round < 6; round++) {
            book_swept();
            for (size_t i = 0; i < 6; i++) {
                size_t page = round % 2 ? (i + round) % 6 : (6 + round - i) % 6;

                book_apply(i % 2, pages[page], counts[page]);
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
    tcase_add_test(all, a_play_that_was_moved_by_a_minute_is_known_again);
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
    tcase_add_test(all, D1_a_play_from_the_future_is_stored_and_does_not_move_the_cursor);
    tcase_add_test(all, any_play_stored_before_is_the_witness_of_a_tail);
    tcase_add_test(all, the_newest_stored_play_is_the_witness_of_a_sweep);
    tcase_add_test(all, a_page_is_full_by_what_was_sent_and_not_by_what_was_understood);
    tcase_add_test(all, any_page_twice_adds_nothing);
    tcase_add_test(all, the_order_of_items_does_not_change_what_is_stored_or_decided);
    tcase_add_test(all, the_order_of_pages_does_not_change_which_plays_are_stored);
    suite_add_tcase(suite, all);
    return suite;
}
