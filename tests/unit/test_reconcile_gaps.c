/* SPDX-License-Identifier: MIT */
/* A page against what is stored: whether something was missed in between, and why. */
#include "capture/reconcile.h"

#include <check.h>

#include "lib/chance.h"
#include "reconcile_help.h"

/* ---- gaps ---- */

START_TEST(the_first_sweep_opens_no_gap)
{
    book_empty();
    book_minutes(true, 50, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 50 * MINUTE);
}
END_TEST

START_TEST(the_first_sweep_opens_no_gap_either_where_an_export_was_imported_before)
{
    book_empty();
    for (int i = 0; i < 10; i++)
        book_insert(T0 - (500 - i) * MINUTE, 0, i);
    book_minutes(true, 50, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 50 * MINUTE);
    book_minutes(false, 51, 2);
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(after_an_empty_first_sweep_only_a_full_page_opens_a_gap_and_it_begins_there)
{
    book_empty();
    book_apply(true, NULL, 0);
    ck_assert_int_eq(book.swept_at, T0);
    SWEEP({T0 + MINUTE, 1});
    ck_assert_uint_eq(book.gap_count, 0);
    book_empty();
    book_apply(true, NULL, 0);
    book_minutes(true, 100, 50);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 51 * MINUTE, true);
}
END_TEST

START_TEST(plays_from_before_an_empty_first_sweep_are_no_gap)
{
    book_empty();
    book_apply(true, NULL, 0); /* a private session was on */
    book_minutes(true, 49, 60);
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(a_full_page_that_holds_nothing_known_opens_a_likely_gap)
{
    for (int sweep = 0; sweep < 2; sweep++) {
        book_swept();
        book_minutes(true, 0, 10);
        ck_assert_uint_eq(book.gap_count, 0);
        book_minutes(sweep, 100, 50);
        ck_assert_uint_eq(book.gap_count, 1);
        book_expect_gap(0, T0, T0 + 51 * MINUTE, true);
        ck_assert_int_eq(book.anchor, T0 + 100 * MINUTE);
        book_minutes(true, 100, 50);
        ck_assert_uint_eq(book.gap_count, 1);
    }
}
END_TEST

START_TEST(a_short_sweep_that_holds_nothing_known_opens_a_possible_gap)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 18 * MINUTE, false);
}
END_TEST

START_TEST(an_overlap_that_covers_all_that_is_new_opens_no_gap)
{
    for (int overlap = 1; overlap < 50; overlap++) {
        book_empty();
        book_minutes(true, 0, 50);
        book_minutes(overlap % 2, 50 - overlap, 50);
        ck_assert_uint_eq(book.gap_count, 0);
        ck_assert_int_eq(book.anchor, T0 + (50 - overlap) * MINUTE);
    }
}
END_TEST

START_TEST(a_short_tail_without_its_witness_leaves_the_judgement_to_the_sweep_after_it)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    /* the sweep reaches back to what was joined: the witness had only vanished */
    book_minutes(true, 20, 25);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
}
END_TEST

START_TEST(a_sweep_that_does_not_reach_back_makes_the_open_stretch_a_gap)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 18 * MINUTE, false);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
    book_minutes(true, 20, 3);
    ck_assert_uint_eq(book.gap_count, 1);
}
END_TEST

START_TEST(tails_that_go_on_without_a_sweep_keep_the_stretch_open)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(false, 22, 3);
    book_minutes(false, 24, 3);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    book_minutes(true, 24, 7);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 18 * MINUTE, false);
}
END_TEST

START_TEST(a_chain_that_broke_altogether_makes_two_gaps)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(true, 200, 50);
    ck_assert_uint_eq(book.gap_count, 2);
    book_expect_gap(0, T0, T0 + 18 * MINUTE, true);
    book_expect_gap(1, T0 + 20 * MINUTE, T0 + 151 * MINUTE, true);
    ck_assert_int_eq(book.anchor, T0 + 200 * MINUTE);
}
END_TEST

START_TEST(a_full_tail_after_an_open_stretch_makes_two_gaps_at_once)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(false, 200, 50);
    ck_assert_uint_eq(book.gap_count, 2);
    ck_assert_int_eq(book.anchor, T0 + 200 * MINUTE);
}
END_TEST

START_TEST(a_sweep_that_brings_plays_of_the_open_stretch_leaves_only_the_rest_as_a_gap)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 100, 2);
    book_minutes(true, 100, 50);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 51 * MINUTE, true);
}
END_TEST

START_TEST(a_sweep_that_reaches_below_the_anchor_without_its_play_covers_the_open_stretch)
{
    struct reconcile_item items[8];

    for (int i = 0; i < 8; i++) /* minutes 20 to 18, and others than those stored down to -4 */
        items[i] = (struct reconcile_item){T0 + (20 - i) * MINUTE - (i > 2) * 17 * MINUTE,
                                           1020 - i + (i > 2) * 500};
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_apply(true, items, 8);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
    /* only below the page, where those others may have been cut off */
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0 - 5 * MINUTE, T0 - 4 * MINUTE, false);
}
END_TEST

START_TEST(a_list_that_went_backwards_proves_nothing_about_the_open_stretch)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(true, -2, 8); /* all of it known, and older than what is in question */
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    book_minutes(true, 21, 5);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0, T0 + 17 * MINUTE, false);
}
END_TEST

START_TEST(a_list_that_went_backwards_and_came_back_opens_no_gap)
{
    book_empty();
    book_minutes(true, 60, 50);
    book_minutes(true, 36, 50);
    book_minutes(true, 62, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 62 * MINUTE);
}
END_TEST

START_TEST(a_list_that_went_backwards_joins_the_record_as_far_as_it_reaches)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(true, 5, 10);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0 + 5 * MINUTE);
    book_minutes(true, 20, 2);
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0 + 5 * MINUTE, T0 + 18 * MINUTE, false);
}
END_TEST

START_TEST(a_list_that_went_back_into_the_open_stretch_leaves_a_gap_on_either_side)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(true, 10, 3);
    ck_assert_int_eq(book.anchor, T0 + 10 * MINUTE);
    book_minutes(true, 20, 2);
    ck_assert_uint_eq(book.gap_count, 2);
    book_expect_gap(0, T0, T0 + 8 * MINUTE, false);
    book_expect_gap(1, T0 + 10 * MINUTE, T0 + 18 * MINUTE, false);
    ck_assert_int_eq(book.anchor, T0 + 20 * MINUTE);
}
END_TEST

START_TEST(a_second_tail_without_its_witness_is_a_gap_of_its_own)
{
    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    book_minutes(false, 40, 2);
    ck_assert_int_eq(book.anchor, T0);
    book_minutes(true, 40, 1);
    ck_assert_uint_eq(book.gap_count, 2);
    book_expect_gap(0, T0 + 20 * MINUTE, T0 + 39 * MINUTE, false);
    book_expect_gap(1, T0, T0 + 18 * MINUTE, false);
    ck_assert_int_eq(book.anchor, T0 + 40 * MINUTE);
}
END_TEST

START_TEST(a_full_sweep_whose_oldest_plays_came_late_opens_a_possible_gap_below_them)
{
    struct reconcile_item items[50];

    book_empty();
    book_minutes(true, 20, 30);
    book_minutes(true, 50, 50);
    for (int i = 0; i < 50;
         i++) /* the newest 29 of them, and 21 late ones that pushed the others out */
        items[i] = (struct reconcile_item){T0 + (50 - i) * MINUTE - (i >= 29) * 30000,
                                           1050 - i + (i >= 29) * 500};
    book_apply(true, items, 50);
    ck_assert_uint_eq(book.last.late_count, 21);
    ck_assert_uint_eq(book.gap_count, 1);
    ck_assert_int_eq(book.gaps[0].before, T0 + MINUTE - 30000);
    ck_assert_int_eq(book.gaps[0].after, T0);
    ck_assert(!book.gaps[0].likely);
    ck_assert(book.gaps[0].batch);
}
END_TEST

START_TEST(a_short_sweep_can_cut_a_batch_as_well)
{
    book_empty();
    book_minutes(true, 10, 20);
    SWEEP({T0 + 10 * MINUTE, 1010}, {T0 + 3 * MINUTE + 1, 4711});
    ck_assert_uint_eq(book.gap_count, 1);
    book_expect_gap(0, T0 + 3 * MINUTE, T0 + 3 * MINUTE + 1, false);
    ck_assert(book.gaps[0].batch);
}
END_TEST

START_TEST(late_plays_above_a_known_one_or_in_a_tail_are_no_cut_batch)
{
    struct reconcile_item items[50];

    book_empty();
    book_minutes(true, 50, 50);
    for (int i = 0; i < 50; i++) /* the last item is known */
        items[i] = (struct reconcile_item){T0 + (50 - i) * MINUTE - (i > 10 && i < 49) * 30000,
                                           1050 - i + (i > 10 && i < 49) * 500};
    book_apply(true, items, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    TAIL({T0 + 51 * MINUTE, 1051}, {T0 + 50 * MINUTE, 1050}, {T0 + 48 * MINUTE + 1, 4711});
    ck_assert_uint_eq(book.gap_count, 0);
}
END_TEST

START_TEST(older_plays_than_any_stored_are_no_gap)
{
    book_swept();
    book_minutes(true, 60, 30);
    book_minutes(true, 60, 50); /* somebody's list was short at first */
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_uint_eq(book.count, 50);
}
END_TEST

START_TEST(an_empty_page_changes_nothing)
{
    struct book before;

    book_swept();
    book_minutes(true, 0, 10);
    book_minutes(false, 20, 3);
    before = book;
    for (int sweep = 0; sweep < 2; sweep++) {
        book_apply(sweep, NULL, 0);
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
    book_minutes(true, 0, 10);
    book_apply_sent(true, NULL, 0, 50);
    ck_assert_uint_eq(book.gap_count, 0);
    ck_assert_int_eq(book.anchor, T0);
    ck_assert(book.last.full);
}
END_TEST

START_TEST(one_user_s_gaps_never_overlap_and_bounds_are_in_order)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct chance chance = chance_from(seed);
        int newest = 0;

        book_swept();
        for (int i = 0; i < 40; i++) {
            newest += (int)(chance_next(&chance) % 80) - 10;
            book_minutes(chance_next(&chance) % 2, newest, 1 + (int)(chance_next(&chance) % 50));
            for (size_t gap = 0; gap < book.last.gap_count; gap++) {
                const struct reconcile_gap *one = &book.last.gaps[gap], *other = one - 1;

                ck_assert_int_lt(one->after, one->before);
                if (gap > 0 && other->before > one->after && one->before > other->after)
                    ck_abort_msg("seed %llu, page %d", (unsigned long long)seed, i);
            }
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
        {{.silent_ms = -10 * MINUTE, .failing = 1}, "spotify_failing"}, /* the clock was set */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_str_eq(reconcile_cause(&cases[i].outage), cases[i].cause);
}
END_TEST

Suite *reconcile_gaps_suite(void)
{
    Suite *suite = suite_create("reconcile_gaps");
    TCase *all = tcase_create("reconcile_gaps");

    tcase_add_test(all, the_first_sweep_opens_no_gap);
    tcase_add_test(all, the_first_sweep_opens_no_gap_either_where_an_export_was_imported_before);
    tcase_add_test(all,
                   after_an_empty_first_sweep_only_a_full_page_opens_a_gap_and_it_begins_there);
    tcase_add_test(all, plays_from_before_an_empty_first_sweep_are_no_gap);
    tcase_add_test(all, a_full_page_that_holds_nothing_known_opens_a_likely_gap);
    tcase_add_test(all, a_short_sweep_that_holds_nothing_known_opens_a_possible_gap);
    tcase_add_test(all, an_overlap_that_covers_all_that_is_new_opens_no_gap);
    tcase_add_test(all,
                   a_short_tail_without_its_witness_leaves_the_judgement_to_the_sweep_after_it);
    tcase_add_test(all, a_sweep_that_does_not_reach_back_makes_the_open_stretch_a_gap);
    tcase_add_test(all, tails_that_go_on_without_a_sweep_keep_the_stretch_open);
    tcase_add_test(all, a_chain_that_broke_altogether_makes_two_gaps);
    tcase_add_test(all, a_full_tail_after_an_open_stretch_makes_two_gaps_at_once);
    tcase_add_test(all,
                   a_sweep_that_brings_plays_of_the_open_stretch_leaves_only_the_rest_as_a_gap);
    tcase_add_test(all,
                   a_sweep_that_reaches_below_the_anchor_without_its_play_covers_the_open_stretch);
    tcase_add_test(all, a_list_that_went_backwards_proves_nothing_about_the_open_stretch);
    tcase_add_test(all, a_list_that_went_backwards_and_came_back_opens_no_gap);
    tcase_add_test(all, a_list_that_went_backwards_joins_the_record_as_far_as_it_reaches);
    tcase_add_test(all, a_list_that_went_back_into_the_open_stretch_leaves_a_gap_on_either_side);
    tcase_add_test(all, a_second_tail_without_its_witness_is_a_gap_of_its_own);
    tcase_add_test(all, a_full_sweep_whose_oldest_plays_came_late_opens_a_possible_gap_below_them);
    tcase_add_test(all, late_plays_above_a_known_one_or_in_a_tail_are_no_cut_batch);
    tcase_add_test(all, a_short_sweep_can_cut_a_batch_as_well);
    tcase_add_test(all, older_plays_than_any_stored_are_no_gap);
    tcase_add_test(all, an_empty_page_changes_nothing);
    tcase_add_test(all, a_page_that_nobody_understood_changes_nothing);
    tcase_add_test(all, one_user_s_gaps_never_overlap_and_bounds_are_in_order);
    tcase_add_test(all, the_cause_of_a_gap_is_what_the_ledger_knows);
    suite_add_tcase(suite, all);
    return suite;
}
