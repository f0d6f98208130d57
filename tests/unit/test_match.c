/* SPDX-License-Identifier: MIT */
/* Which tellings are of one play. Years of them are in tests/simulation/test_archive_match.c. */
#include "archive/match.h"

#include <check.h>
#include <stdlib.h>

#define T0 INT64_C(1700000040000) /* a full minute */
#define MINUTE CLOCK_MINUTE
#define SONG 200000 /* ms */

static struct match_piece pieces[8];
static size_t count, stored;
static struct arena arena;
static struct match_result result;

static struct match_piece *put(enum match_source source, uint64_t song, int64_t at, int64_t ms)
{
    pieces[count] = (struct match_piece){
        .at = at,
        .ms_played = ms,
        .offline_at = CLOCK_NO_TIME,
        .keys = {.uri = source == MATCH_SHORT ? 0 : song, .names = {song + 1000}},
        .source = source,
        .play = MATCH_NONE};
    return &pieces[count++];
}

static struct match_piece *api(uint64_t song, int64_t at)
{
    return put(MATCH_API, song, at, -1);
}

static struct match_piece *row(uint64_t song, int64_t at, int64_t ms)
{
    return put(MATCH_LONG, song, at, ms);
}

static struct match_piece *minute(uint64_t song, int64_t at, int64_t ms)
{
    return put(MATCH_SHORT, song, at, ms);
}

static struct match_piece *keep(struct match_piece *piece, uint32_t play)
{
    piece->play = play;
    stored = play + 1 > stored ? play + 1 : stored;
    return piece;
}

static size_t solve(void)
{
    struct match_input input = {pieces, count, stored};

    ck_assert(match_solve(&input, &arena, &result));
    return result.play_count;
}

static void begin(void)
{
    count = stored = 0;
    arena = (struct arena){0};
}

static void end(void)
{
    arena_free(&arena);
}

static bool together(size_t a, size_t b)
{
    return result.play_of[a] == result.play_of[b];
}

START_TEST(nothing_gives_nothing)
{
    ck_assert_uint_eq(solve(), 0);
}
END_TEST

START_TEST(a_row_within_seconds_of_an_api_play_is_matched)
{
    keep(api(1, T0 + 700), 0);
    row(1, T0 + 2000, SONG);
    ck_assert_uint_eq(solve(), 1);
    ck_assert_int_eq(result.outcomes[1], MATCH_MATCHED);
    ck_assert_uint_eq(result.plays[0].continues, 0);
    ck_assert(result.plays[0].changed);
    ck_assert_uint_eq(result.continued[0], 0);
}
END_TEST

START_TEST(another_track_at_the_same_moment_is_new)
{
    keep(api(1, T0), 0);
    row(2, T0, SONG);
    ck_assert_uint_eq(solve(), 2);
    ck_assert_int_eq(result.outcomes[1], MATCH_NEW);
    ck_assert(!result.plays[result.continued[0]].changed);
}
END_TEST

START_TEST(an_api_play_takes_over_the_row_of_an_import)
{
    keep(row(1, T0, SONG), 0);
    api(1, T0 + 512);
    ck_assert_uint_eq(solve(), 1);
    ck_assert_int_eq(result.outcomes[1], MATCH_MATCHED);
    ck_assert_uint_eq(result.plays[0].continues, 0);
    ck_assert_uint_eq(result.plays[0].piece[MATCH_API], 1);
    ck_assert_uint_eq(result.plays[0].piece[MATCH_LONG], 0);
}
END_TEST

START_TEST(ids_of_two_markets_meet_by_isrc_or_by_name)
{
    struct match_piece *one = api(1, T0), *other = row(2, T0, SONG);

    one->keys.isrc = other->keys.isrc = 7;
    ck_assert_uint_eq(solve(), 1);
    one->keys.isrc = 0;
    ck_assert_uint_eq(solve(), 2);
    one->keys.names[1] = other->keys.names[0];
    ck_assert_uint_eq(solve(), 1);
}
END_TEST

START_TEST(two_rows_are_never_one_play_if_both_can_have_been_played)
{
    keep(api(1, T0 + SONG), 0);
    row(1, T0, SONG);
    row(1, T0 + SONG, SONG);
    ck_assert_uint_eq(solve(), 2);
    ck_assert(together(0, 2));
}
END_TEST

START_TEST(a_song_on_repeat_is_paired_in_order)
{
    for (int i = 0; i < 3; i++)
        api(1, T0 + i * SONG);
    for (int i = 0; i < 3; i++)
        row(1, T0 + i * SONG + 9000, SONG);
    ck_assert_uint_eq(solve(), 3);
    ck_assert(together(0, 3) && together(1, 4) && together(2, 5));
}
END_TEST

START_TEST(the_same_row_twice_is_a_duplicate)
{
    keep(row(1, T0, SONG), 0);
    row(1, T0, SONG);
    ck_assert_uint_eq(solve(), 1);
    ck_assert_int_eq(result.outcomes[1], MATCH_DUPLICATE);
    ck_assert(!result.plays[0].changed);
}
END_TEST

START_TEST(a_row_again_some_seconds_later_is_a_duplicate_unless_there_was_time_for_both)
{
    row(1, T0, SONG);
    row(1, T0 + 6000, SONG);
    row(2, T0, 3000);
    row(2, T0 + 6000, 3000);
    ck_assert_uint_eq(solve(), 3);
    ck_assert(together(0, 1));
    ck_assert_int_eq(result.outcomes[1], MATCH_DUPLICATE);
    ck_assert_int_eq(result.outcomes[3], MATCH_NEW);
}
END_TEST

START_TEST(a_stored_row_never_gives_way_to_one_that_repeats_it)
{
    keep(row(1, T0 + 6000, SONG), 0);
    row(1, T0, SONG);
    ck_assert_uint_eq(solve(), 1);
    ck_assert_int_eq(result.outcomes[1], MATCH_DUPLICATE);
    ck_assert_uint_eq(result.plays[0].continues, 0);
    ck_assert_uint_eq(result.plays[0].piece[MATCH_LONG], 0);
    ck_assert(!result.plays[0].changed);
}
END_TEST

START_TEST(two_api_plays_thirty_ms_apart_stay_two)
{
    api(1, T0);
    api(1, T0 + 30);
    row(1, T0, SONG);
    ck_assert_uint_eq(solve(), 2);
}
END_TEST

START_TEST(rows_uploaded_at_once_are_told_apart_by_the_device_s_clock)
{
    for (int i = 0; i < 2; i++) {
        struct match_piece *uploaded = row(1, T0, SONG);

        uploaded->offline = true;
        uploaded->offline_at = T0 - CLOCK_DAY + i * SONG;
        api(1, T0 - CLOCK_DAY + (i + 1) * SONG);
    }
    ck_assert_uint_eq(solve(), 2);
    ck_assert(together(0, 1) && together(2, 3));
}
END_TEST

START_TEST(a_row_minutes_away_is_matched_only_if_there_is_no_other_choice)
{
    api(1, T0);
    row(1, T0 + 20 * MINUTE, SONG);
    ck_assert_uint_eq(solve(), 1);
    row(1, T0 - 20 * MINUTE, SONG);
    ck_assert_uint_eq(solve(), 3);
}
END_TEST

START_TEST(a_better_row_that_comes_later_takes_the_api_play)
{
    keep(api(1, T0), 0);
    keep(row(1, T0 + 20 * MINUTE, SONG), 0);
    row(1, T0, SONG);
    ck_assert_uint_eq(solve(), 2);
    ck_assert(together(0, 2));
    ck_assert_int_eq(result.outcomes[2], MATCH_MATCHED);
    ck_assert_uint_eq(result.plays[result.play_of[1]].continues, MATCH_NONE);
}
END_TEST

START_TEST(a_short_row_is_matched_within_its_minute)
{
    api(1, T0 + 59000);
    minute(1, T0, SONG);
    api(2, T0 + 59000);
    minute(2, T0 + 40 * MINUTE, SONG);
    ck_assert_uint_eq(solve(), 3);
    ck_assert(together(0, 1));
}
END_TEST

START_TEST(a_long_row_is_better_than_a_short_one_and_a_short_one_adds_nothing_to_it)
{
    keep(minute(1, T0, SONG), 0);
    row(1, T0 + 12000, SONG);
    keep(row(2, T0 + 12000, SONG), 1);
    minute(2, T0, SONG);
    ck_assert_uint_eq(solve(), 2);
    ck_assert_int_eq(result.outcomes[1], MATCH_MATCHED);
    ck_assert_int_eq(result.outcomes[3], MATCH_DUPLICATE);
}
END_TEST

START_TEST(two_of_one_track_in_one_minute_are_told_apart_by_ms_played)
{
    minute(1, T0, 1500);
    minute(1, T0, SONG);
    row(1, T0 + 10000, SONG);
    row(1, T0 + 11700, 1500);
    ck_assert_uint_eq(solve(), 2);
    ck_assert(together(0, 3) && together(1, 2));
}
END_TEST

START_TEST(a_telling_that_is_taken_out_leaves_the_others)
{
    keep(api(1, T0), 0);
    keep(row(1, T0, SONG), 0)->gone = true;
    keep(row(2, T0, SONG), 1)->gone = true;
    ck_assert_uint_eq(solve(), 1);
    ck_assert(result.plays[0].changed);
    ck_assert_uint_eq(result.plays[0].piece[MATCH_LONG], MATCH_NONE);
    ck_assert_uint_eq(result.continued[1], MATCH_NONE);
}
END_TEST

START_TEST(what_is_far_from_the_news_stays_as_it_was_stored)
{
    keep(api(1, T0), 0);
    keep(row(1, T0, SONG), 1);
    row(2, T0 + MATCH_SETTLED + 1, SONG);
    ck_assert_uint_eq(solve(), 3);
    pieces[2].at--;
    ck_assert_uint_eq(solve(), 2);
}
END_TEST

START_TEST(numbers_that_cannot_be_are_refused)
{
    struct match_input input = {pieces, 1, 0};

    keep(api(1, T0), 0);
    ck_assert(!match_solve(&input, &arena, &result));
    pieces[0].play = MATCH_NONE;
    ck_assert(match_solve(&input, &arena, &result));
    pieces[0].at = INT64_MAX;
    ck_assert(!match_solve(&input, &arena, &result));
}
END_TEST

/* With the square of it, this would take minutes. */
START_TEST(a_hundred_thousand_plays_of_one_track_in_a_minute_are_paired_in_no_time)
{
    size_t many = 50000;
    struct match_piece *crowd = calloc(2 * many, sizeof(*crowd));
    struct match_input input = {crowd, 2 * many, 0};

    ck_assert_ptr_nonnull(crowd);
    for (size_t i = 0; i < 2 * many; i++) {
        crowd[i] = pieces[0];
        crowd[i].source = i % 2 ? MATCH_LONG : MATCH_API;
        crowd[i].at = T0 + (int64_t)(i % 60000);
        crowd[i].ms_played = i % 2 ? (int64_t)(i % 7919) : -1;
        crowd[i].offline_at = CLOCK_NO_TIME;
        crowd[i].keys.uri = 1;
        crowd[i].play = MATCH_NONE;
    }
    ck_assert(match_solve(&input, &arena, &result));
    ck_assert_uint_ge(result.play_count, many);
    ck_assert_uint_lt(result.play_count, 2 * many);
    free(crowd);
}
END_TEST

START_TEST(names_are_the_same_up_to_case_blanks_and_typography)
{
    uint64_t key = match_name_key("Don't Stop - Now...", "The Example");

    ck_assert_uint_eq(match_name_key("  don\u2019t  stop \u2013 NOW\u2026", "THE\u00a0EXAMPLE"),
                      key);
    ck_assert_uint_ne(match_name_key("Don't Stop - Now... (Live)", "The Example"), key);
    ck_assert_uint_ne(match_name_key("Don't Stop - Now", "... The Example"), key);
    ck_assert_uint_eq(match_name_key("\u00c9TUDE", ""), match_name_key("\u00e9tude", ""));
    ck_assert_uint_eq(match_name_key(" \t", "The Example"), 0);
    ck_assert_uint_ne(match_name_key("\xff", ""), 0);
}
END_TEST

Suite *match_suite(void)
{
    Suite *suite = suite_create("match");
    TCase *all = tcase_create("match");

    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, nothing_gives_nothing);
    tcase_add_test(all, a_row_within_seconds_of_an_api_play_is_matched);
    tcase_add_test(all, another_track_at_the_same_moment_is_new);
    tcase_add_test(all, an_api_play_takes_over_the_row_of_an_import);
    tcase_add_test(all, ids_of_two_markets_meet_by_isrc_or_by_name);
    tcase_add_test(all, two_rows_are_never_one_play_if_both_can_have_been_played);
    tcase_add_test(all, a_song_on_repeat_is_paired_in_order);
    tcase_add_test(all, the_same_row_twice_is_a_duplicate);
    tcase_add_test(all,
                   a_row_again_some_seconds_later_is_a_duplicate_unless_there_was_time_for_both);
    tcase_add_test(all, a_stored_row_never_gives_way_to_one_that_repeats_it);
    tcase_add_test(all, two_api_plays_thirty_ms_apart_stay_two);
    tcase_add_test(all, rows_uploaded_at_once_are_told_apart_by_the_device_s_clock);
    tcase_add_test(all, a_row_minutes_away_is_matched_only_if_there_is_no_other_choice);
    tcase_add_test(all, a_better_row_that_comes_later_takes_the_api_play);
    tcase_add_test(all, a_short_row_is_matched_within_its_minute);
    tcase_add_test(all, a_long_row_is_better_than_a_short_one_and_a_short_one_adds_nothing_to_it);
    tcase_add_test(all, two_of_one_track_in_one_minute_are_told_apart_by_ms_played);
    tcase_add_test(all, a_telling_that_is_taken_out_leaves_the_others);
    tcase_add_test(all, what_is_far_from_the_news_stays_as_it_was_stored);
    tcase_add_test(all, numbers_that_cannot_be_are_refused);
    tcase_add_test(all, a_hundred_thousand_plays_of_one_track_in_a_minute_are_paired_in_no_time);
    tcase_add_test(all, names_are_the_same_up_to_case_blanks_and_typography);
    suite_add_tcase(suite, all);
    return suite;
}
