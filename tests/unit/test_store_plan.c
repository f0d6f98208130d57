/* SPDX-License-Identifier: MIT */
/* Which part of a stretch comes from sums and which from plays. Units of 10, blocks of 100. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/chance.h"
#include "store/plan.h"

#define UNIT 10
#define BLOCK 100
#define NONE (-1), 0

static char told[1024];

static const char *tell(struct store_plan *plan)
{
    static const char *const sources[] = {"plays", "sums", "totals", "off"};
    struct store_plan_piece piece;
    size_t len = 0;

    told[0] = '\0';
    while (store_plan_next(plan, &piece)) {
        len += (size_t)snprintf(told + len, sizeof(told) - len, "%s%s", len > 0 ? ", " : "",
                                sources[piece.source]);
        if (piece.since != STORE_PLAN_BEGIN)
            len += (size_t)snprintf(told + len, sizeof(told) - len, " %d", (int)piece.since);
        len += (size_t)snprintf(told + len, sizeof(told) - len, "..");
        if (piece.until != STORE_PLAN_END)
            len += (size_t)snprintf(told + len, sizeof(told) - len, "%d", (int)piece.until);
    }
    return told;
}

static const char *of(int64_t since, int64_t until, const int64_t *stale, size_t count)
{
    struct store_plan plan;

    store_plan_open(&plan, since, until, UNIT, BLOCK, stale, count);
    return tell(&plan);
}

START_TEST(whole_units_come_from_sums_and_the_ends_from_plays)
{
    ck_assert_str_eq(of(13, 57, NULL, 0), "plays 13..20, sums 20..50, plays 50..57");
    ck_assert_str_eq(of(20, 50, NULL, 0), "sums 20..50");
    ck_assert_str_eq(of(19, 50, NULL, 0), "plays 19..20, sums 20..50");
    ck_assert_str_eq(of(20, 51, NULL, 0), "sums 20..50, plays 50..51");
}
END_TEST

START_TEST(a_stretch_within_a_unit_comes_from_plays)
{
    ck_assert_str_eq(of(11, 19, NULL, 0), "plays 11..19");
    ck_assert_str_eq(of(15, 25, NULL, 0), "plays 15..25");
    ck_assert_str_eq(of(20, 21, NULL, 0), "plays 20..21");
}
END_TEST

START_TEST(an_empty_stretch_has_no_piece)
{
    ck_assert_str_eq(of(20, 20, NULL, 0), "");
    ck_assert_str_eq(of(30, 20, NULL, 0), "");
}
END_TEST

START_TEST(no_bound_is_no_end_from_plays)
{
    ck_assert_str_eq(of(STORE_PLAN_BEGIN, 15, NULL, 0), "sums..10, plays 10..15");
    ck_assert_str_eq(of(15, STORE_PLAN_END, NULL, 0), "plays 15..20, sums 20..");
    ck_assert_str_eq(of(STORE_PLAN_BEGIN, STORE_PLAN_END, NULL, 0), "sums..");
}
END_TEST

START_TEST(stale_blocks_come_from_plays_as_far_as_they_are_in_the_stretch)
{
    static const int64_t stale[] = {-7, 1, 2, 5, 9};

    ck_assert_str_eq(of(20, 800, stale, 5),
                     "sums 20..100, plays 100..300, sums 300..500, plays 500..600, sums 600..800");
    ck_assert_str_eq(of(150, 560, stale, 5), "plays 150..300, sums 300..500, plays 500..560");
    ck_assert_str_eq(of(295, 305, stale, 5), "plays 295..305");
    ck_assert_str_eq(of(STORE_PLAN_BEGIN, STORE_PLAN_END, stale, 1), "sums..-700, "
                                                                     "plays -700..-600, "
                                                                     "sums -600..");
}
END_TEST

START_TEST(before_1970_units_are_divided_down)
{
    static const int64_t stale[] = {-2};

    ck_assert_str_eq(of(-57, -13, NULL, 0), "plays -57..-50, sums -50..-20, plays -20..-13");
    ck_assert_str_eq(of(-250, 0, stale, 1), "sums -250..-200, plays -200..-100, sums -100..0");
}
END_TEST

START_TEST(units_of_a_piece_are_the_first_and_the_last)
{
    struct store_plan_piece piece = {STORE_PLAN_SUMS, -50, 120};

    ck_assert_int_eq(store_plan_first(&piece, UNIT), -5);
    ck_assert_int_eq(store_plan_last(&piece, UNIT), 11);
    piece = (struct store_plan_piece){STORE_PLAN_SUMS, STORE_PLAN_BEGIN, STORE_PLAN_END};
    ck_assert_int_le(store_plan_first(&piece, UNIT), INT64_MIN / UNIT);
    ck_assert_int_eq(store_plan_last(&piece, UNIT), INT64_MAX / UNIT);
}
END_TEST

/* Numbers that a damaged file may have. */
START_TEST(blocks_beyond_all_time_do_no_harm)
{
    static const int64_t stale[] = {INT64_MIN, INT64_MIN / BLOCK - 1, INT64_MAX / BLOCK, INT64_MAX};

    ck_assert_str_eq(of(20, 50, stale, 4), "sums 20..50");
    ck_assert_str_eq(of(20, 50, stale + 3, 1), "sums 20..50");
    ck_assert_ptr_nonnull(of(STORE_PLAN_BEGIN, STORE_PLAN_END, stale, 4));
}
END_TEST

/* -- by chance --------------------------------------------------------------------------------- */

static bool is_stale(const int64_t *stale, size_t count, int64_t ms)
{
    for (size_t i = 0; i < count; i++)
        if (ms >= stale[i] * BLOCK && ms < (stale[i] + 1) * BLOCK)
            return true;
    return false;
}

/* Each moment is in one piece, in order; sums are whole units and never of a stale block. */
START_TEST(each_moment_is_counted_once)
{
    struct chance chance = chance_open("each_moment_is_counted_once");

    for (int round = 0; round < 2000; round++) {
        struct store_plan plan;
        struct store_plan_piece piece;
        int64_t stale[12], since = (int64_t)chance_below(&chance, 1200) - 300;
        int64_t until = since + (int64_t)chance_below(&chance, 900), at = since;
        size_t count = 0;

        for (int64_t block = -4; block < 8; block++)
            if (chance_below(&chance, 3) == 0)
                stale[count++] = block;
        store_plan_open(&plan, since, until, UNIT, BLOCK, stale, count);
        while (store_plan_next(&plan, &piece)) {
            ck_assert_int_eq(piece.since, at);
            ck_assert_int_gt(piece.until, piece.since);
            at = piece.until;
            if (piece.source == STORE_PLAN_PLAYS)
                continue;
            ck_assert_int_eq(piece.since % UNIT, 0);
            ck_assert_int_eq(piece.until % UNIT, 0);
            for (int64_t ms = piece.since; ms < piece.until; ms += UNIT)
                ck_assert(!is_stale(stale, count, ms));
        }
        ck_assert_int_eq(at, until);
    }
}
END_TEST

Suite *store_plan_suite(void);

Suite *store_plan_suite(void)
{
    Suite *suite = suite_create("store_plan");
    TCase *test = tcase_create("plan");

    tcase_add_test(test, whole_units_come_from_sums_and_the_ends_from_plays);
    tcase_add_test(test, a_stretch_within_a_unit_comes_from_plays);
    tcase_add_test(test, an_empty_stretch_has_no_piece);
    tcase_add_test(test, no_bound_is_no_end_from_plays);
    tcase_add_test(test, stale_blocks_come_from_plays_as_far_as_they_are_in_the_stretch);
    tcase_add_test(test, before_1970_units_are_divided_down);
    tcase_add_test(test, units_of_a_piece_are_the_first_and_the_last);
    tcase_add_test(test, blocks_beyond_all_time_do_no_harm);
    tcase_add_test(test, each_moment_is_counted_once);
    suite_add_tcase(suite, test);
    return suite;
}
