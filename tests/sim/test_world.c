/* SPDX-License-Identifier: MIT */
/* The world behind the fake Spotify: does its list behave as the real one was measured to? */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define T0 INT64_C(1780000000000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

Suite *world_suite(void);

/* ---- help ---- */

static struct world *world_quiet(void)
{
    struct world_account_options options = world_account_options_default(T0);
    struct world *w = world_new(5);

    options.listener.listens = false;
    ck_assert_ptr_nonnull(w);
    ck_assert_int_eq(world_account_add(w, &options, NULL), 0);
    return w;
}

static struct world *world_with(const struct world_quirks *quirks, uint64_t seed)
{
    struct world_account_options options = world_account_options_default(T0);
    struct world *w = world_new(seed);

    options.listener.quirks = *quirks;
    ck_assert_ptr_nonnull(w);
    ck_assert_int_eq(world_account_add(w, &options, NULL), 0);
    return w;
}

static struct world_play *add(struct world *w, int64_t played_at, uint32_t track)
{
    struct world_play play = world_play_plain(played_at, track),
                      *stored = world_play_add(w, 0, &play);

    ck_assert_ptr_nonnull(stored);
    return stored;
}

/* n plays, one a second; the newest at T0 + n seconds. The present is then. */
static void add_many(struct world *w, uint32_t n)
{
    for (uint32_t i = 1; i <= n; i++)
        add(w, T0 + i * 1000, i);
    world_advance(w, T0 + n * 1000);
}

static size_t sweep(const struct world *w, struct world_play *out[WORLD_LIST_MAX])
{
    struct world_query query = {.limit = WORLD_LIST_MAX};

    return world_list(w, 0, &query, out);
}

static size_t tail(const struct world *w, int64_t after, uint32_t limit,
                   struct world_play *out[WORLD_LIST_MAX])
{
    struct world_query query = {.limit = limit, .has_after = true, .after = after};

    return world_list(w, 0, &query, out);
}

static bool contains(struct world_play *const *list, size_t n, const struct world_play *play)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == play)
            return true;
    return false;
}

/* ---- the list ---- */

START_TEST(only_the_newest_fifty_exist)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];
    struct world_query back = {.limit = 50, .has_before = true, .before = T0 + 21 * 1000};

    add_many(w, 70);
    ck_assert_uint_eq(sweep(w, out), 50);
    ck_assert_int_eq(out[0]->played_at, T0 + 70 * 1000);
    ck_assert_int_eq(out[49]->played_at, T0 + 21 * 1000);
    ck_assert_uint_eq(world_list(w, 0, &back, out), 0);
    ck_assert_uint_eq(tail(w, 0, 50, out), 50);
    world_free(w);
}
END_TEST

START_TEST(after_is_strictly_newer_and_newest_first)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];

    add_many(w, 30);
    ck_assert_uint_eq(tail(w, T0 + 20 * 1000, 50, out), 10);
    ck_assert_int_eq(out[0]->played_at, T0 + 30 * 1000);
    ck_assert_int_eq(out[9]->played_at, T0 + 21 * 1000);
    ck_assert_uint_eq(tail(w, T0 + 20 * 1000 - 1, 50, out), 11);
    ck_assert_uint_eq(tail(w, T0 + 30 * 1000, 50, out), 0);
    world_free(w);
}
END_TEST

START_TEST(before_is_strictly_older)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];
    struct world_query back = {.limit = 3, .has_before = true, .before = T0 + 20 * 1000};

    add_many(w, 30);
    ck_assert_uint_eq(world_list(w, 0, &back, out), 3);
    ck_assert_int_eq(out[0]->played_at, T0 + 19 * 1000);
    ck_assert_int_eq(out[2]->played_at, T0 + 17 * 1000);
    world_free(w);
}
END_TEST

START_TEST(a_small_limit_takes_the_newest_or_those_at_the_cursor)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];
    struct world_query query = {
        .limit = 4, .has_after = true, .after = T0 + 10 * 1000, .from_cursor = true};

    add_many(w, 30);
    ck_assert_uint_eq(tail(w, T0 + 10 * 1000, 4, out), 4);
    ck_assert_int_eq(out[0]->played_at, T0 + 30 * 1000);
    ck_assert_uint_eq(world_list(w, 0, &query, out), 4);
    ck_assert_int_eq(out[0]->played_at, T0 + 14 * 1000);
    ck_assert_int_eq(out[3]->played_at, T0 + 11 * 1000);
    world_free(w);
}
END_TEST

START_TEST(a_play_is_listed_from_its_moment_on_behind_newer_ones)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], late = world_play_plain(T0 + 5500, 99), *stored;

    late.visible_at = T0 + DAY;
    stored = world_play_add(w, 0, &late);
    add_many(w, 10);
    ck_assert_uint_eq(sweep(w, out), 10);
    ck_assert(!contains(out, 10, stored));
    world_advance(w, T0 + DAY - 1);
    ck_assert_uint_eq(sweep(w, out), 10);
    world_advance(w, T0 + DAY);
    ck_assert_uint_eq(sweep(w, out), 11);
    ck_assert_ptr_eq(out[5], stored);
    ck_assert_uint_eq(tail(w, T0 + 10 * 1000 - 1, 50, out), 1);
    world_free(w);
}
END_TEST

START_TEST(a_play_listed_twice_takes_two_places_and_is_one_play)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], *const *truth;

    add_many(w, 60);
    add(w, T0 + 60 * 1000, 60);
    ck_assert_uint_eq(sweep(w, out), 50);
    ck_assert_ptr_eq(out[0], out[1]);
    ck_assert_int_eq(out[49]->played_at, T0 + 12 * 1000);
    world_mark_shown(out, 50, T0);
    ck_assert_uint_eq(out[0]->times_shown, 1);
    ck_assert_uint_eq(world_plays(w, 0, &truth), 60);
    world_free(w);
}
END_TEST

START_TEST(two_tracks_at_one_ms_are_two_plays)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], *a = add(w, T0, 1), *b = add(w, T0, 2);

    world_advance(w, T0);
    ck_assert_ptr_ne(a, b);
    ck_assert_uint_eq(sweep(w, out), 2);
    ck_assert(contains(out, 2, a) && contains(out, 2, b));
    ck_assert_uint_eq(tail(w, T0, 50, out), 0);
    ck_assert_uint_eq(tail(w, T0 - 1, 50, out), 2);
    world_free(w);
}
END_TEST

START_TEST(a_vanished_play_is_gone_and_an_older_one_moves_up)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], *gone;

    add_many(w, 55);
    ck_assert_uint_eq(sweep(w, out), 50);
    gone = out[7];
    gone->vanishes_at = T0 + 55 * 1000;
    ck_assert_uint_eq(sweep(w, out), 50);
    ck_assert(!contains(out, 50, gone));
    ck_assert_int_eq(out[49]->played_at, T0 + 5 * 1000);
    world_free(w);
}
END_TEST

START_TEST(the_list_goes_backwards_and_returns)
{
    struct world *w = world_quiet();
    struct world_play *before[WORLD_LIST_MAX], *out[WORLD_LIST_MAX];

    add_many(w, 60);
    sweep(w, before);
    world_account_hide(w, 0, 23);
    ck_assert_uint_eq(sweep(w, out), 37);
    ck_assert_ptr_eq(out[0], before[23]);
    ck_assert_uint_eq(tail(w, T0 + 50 * 1000, 50, out), 0);
    world_account_hide(w, 0, 0);
    ck_assert_uint_eq(sweep(w, out), 50);
    ck_assert_int_eq(memcmp(out, before, sizeof(before)), 0);
    world_free(w);
}
END_TEST

START_TEST(fewer_than_fifty_may_be_kept)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];

    add_many(w, 60);
    world_account_keep(w, 0, 2);
    ck_assert_uint_eq(sweep(w, out), 2);
    ck_assert_int_eq(out[0]->played_at, T0 + 60 * 1000);
    ck_assert_uint_eq(tail(w, 0, 50, out), 2);
    world_free(w);
}
END_TEST

START_TEST(a_frozen_list_comes_all_at_once_and_the_truth_says_when)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], *held;

    add_many(w, 5);
    world_account_freeze(w, 0, true);
    held = add(w, T0 + 6000, 6);
    add(w, T0 + 7000, 7);
    world_advance(w, T0 + DAY);
    ck_assert_uint_eq(sweep(w, out), 5);
    world_account_freeze(w, 0, false);
    ck_assert_uint_eq(sweep(w, out), 7);
    ck_assert_int_eq(held->visible_at, T0 + DAY);
    world_free(w);
}
END_TEST

START_TEST(what_is_played_in_private_is_never_listed)
{
    struct world_quirks none = {0};
    struct world *w = world_with(&none, 3);
    struct world_play *out[WORLD_LIST_MAX], *const *truth;
    size_t before;

    world_advance(w, T0 + 2 * DAY);
    before = world_plays(w, 0, &truth);
    world_account_private(w, 0, true);
    world_advance(w, T0 + 4 * DAY);
    world_account_private(w, 0, false);
    ck_assert_uint_gt(world_plays(w, 0, &truth), before);
    for (size_t i = before; i < world_plays(w, 0, &truth); i++)
        ck_assert_int_eq(truth[i]->visible_at, WORLD_NEVER);
    ck_assert_uint_gt(sweep(w, out), 0);
    ck_assert_ptr_eq(out[0], truth[before - 1]);
    world_free(w);
}
END_TEST

START_TEST(only_marked_answers_count_as_shown)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX];

    add_many(w, 3);
    sweep(w, out);
    ck_assert_uint_eq(out[0]->times_shown, 0);
    world_mark_shown(out, 1, T0 + 9000);
    world_mark_shown(out, 3, T0 + 9500);
    ck_assert_uint_eq(out[0]->times_shown, 2);
    ck_assert_int_eq(out[0]->first_shown_at, T0 + 9000);
    ck_assert_int_eq(out[1]->first_shown_at, T0 + 9500);
    world_free(w);
}
END_TEST

START_TEST(time_may_go_back)
{
    struct world *w = world_quiet();
    struct world_play *out[WORLD_LIST_MAX], *const *truth;

    add_many(w, 30);
    world_advance(w, T0 + 12 * 1000);
    ck_assert_uint_eq(sweep(w, out), 12);
    world_advance(w, T0 + 30 * 1000);
    ck_assert_uint_eq(sweep(w, out), 30);
    ck_assert_uint_eq(world_plays(w, 0, &truth), 30);
    world_free(w);
}
END_TEST

START_TEST(plays_added_out_of_order_are_kept_in_order)
{
    struct world *w = world_quiet();
    struct world_play *const *truth;

    for (uint32_t i = 0; i < 1000; i++)
        add(w, T0 + (i * 7919 % 1000) * 10, i);
    ck_assert_uint_eq(world_plays(w, 0, &truth), 1000);
    for (size_t i = 1; i < 1000; i++)
        ck_assert_int_lt(truth[i - 1]->played_at, truth[i]->played_at);
    world_free(w);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    struct world *w = world_quiet();
    struct world_play play = world_play_plain(T0, 0x80000000u), *out[WORLD_LIST_MAX];
    struct world_query query = {.limit = 50};

    ck_assert_ptr_null(world_play_add(w, 0, &play));
    play = world_play_plain(T0, 1);
    ck_assert_ptr_null(world_play_add(w, 7, &play));
    play.kind = WORLD_KINDS;
    ck_assert_ptr_null(world_play_add(w, 0, &play));
    ck_assert_uint_eq(world_list(w, 7, &query, out), 0);
    ck_assert_int_eq(world_account_hide(w, 7, 1), -1);
    world_free(NULL);
    world_free(w);
}
END_TEST

Suite *world_suite(void)
{
    Suite *suite = suite_create("world");
    TCase *list = tcase_create("list");

    tcase_add_test(list, only_the_newest_fifty_exist);
    tcase_add_test(list, after_is_strictly_newer_and_newest_first);
    tcase_add_test(list, before_is_strictly_older);
    tcase_add_test(list, a_small_limit_takes_the_newest_or_those_at_the_cursor);
    tcase_add_test(list, a_play_is_listed_from_its_moment_on_behind_newer_ones);
    tcase_add_test(list, a_play_listed_twice_takes_two_places_and_is_one_play);
    tcase_add_test(list, two_tracks_at_one_ms_are_two_plays);
    tcase_add_test(list, a_vanished_play_is_gone_and_an_older_one_moves_up);
    tcase_add_test(list, the_list_goes_backwards_and_returns);
    tcase_add_test(list, fewer_than_fifty_may_be_kept);
    tcase_add_test(list, a_frozen_list_comes_all_at_once_and_the_truth_says_when);
    tcase_add_test(list, what_is_played_in_private_is_never_listed);
    tcase_add_test(list, only_marked_answers_count_as_shown);
    tcase_add_test(list, time_may_go_back);
    tcase_add_test(list, plays_added_out_of_order_are_kept_in_order);
    tcase_add_test(list, wrong_arguments_are_refused);
    suite_add_tcase(suite, list);
    return suite;
}
