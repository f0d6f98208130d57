/* SPDX-License-Identifier: MIT */
/* Matching at its edges: without memory, in crowds too large for the best pairing, and rows that
 * nearly repeat or nearly fit. */
#include <check.h>
#include <stdlib.h>

#include "archive/match.h"
#include "lib/nth_call.h"

#define T0 INT64_C(1700000040000)
#define SONG 200000
#define PIECES 40000 /* at most */

static struct match_piece *pieces;
static size_t count;
static struct arena arena;
static struct match_result result;

static void begin(void)
{
    pieces = calloc(PIECES, sizeof(*pieces));
    ck_assert_ptr_nonnull(pieces);
    count = 0;
    arena = (struct arena){0};
}

static void end(void)
{
    free(pieces);
    arena_free(&arena);
}

static struct match_piece *put(enum match_source source, int64_t at, int64_t ms)
{
    ck_assert_uint_lt(count, PIECES);
    pieces[count] = (struct match_piece){.at = at,
                                         .ms_played = ms,
                                         .offline_at = CLOCK_NO_TIME,
                                         .keys = {.uri = 1, .names = {1001}},
                                         .source = source,
                                         .play = MATCH_NONE};
    return &pieces[count++];
}

static bool solve(void)
{
    const struct match_input input = {pieces, count, 0};

    return match_solve(&input, &arena, &result);
}

/* -- memory -------------------------------------------------------------------------------------- */

/* So many that each array of the solution is a block of its own. */
START_TEST(without_memory_nothing_is_decided_and_with_it_all_is)
{
    bool fired = true, solved = false;
    long failures = -1;

    for (int i = 0; i < PIECES; i++)
        put(i % 2 ? MATCH_LONG : MATCH_API, T0 + (i / 2) * CLOCK_HOUR, i % 2 ? SONG : -1);
    for (long k = 1; fired; k++) {
        arena_free(&arena);
        arena = (struct arena){0};
        nth_call_order(NTH_CALL_MEMORY, k);
        solved = solve();
        fired = nth_call_end();
        ck_assert(solved == !fired);
        failures++;
    }
    ck_assert_int_ge(failures, 10);
    ck_assert_uint_eq(result.play_count, PIECES / 2);
}
END_TEST

/* -- crowds -------------------------------------------------------------------------------------- */

/* The same track over and over, told by both sources from different moments on: in a crowd like
 * this the first that fit are partners. before: how much earlier the API begins. */
static const int64_t leads[] = {50 * CLOCK_HOUR, -50 * CLOCK_HOUR, 0};

START_TEST(in_a_large_crowd_only_what_is_near_enough_is_paired)
{
    const size_t each = 2000;
    size_t paired = 0;

    for (size_t i = 0; i < each; i++) {
        put(MATCH_API, T0 + (int64_t)i * 3 * CLOCK_MINUTE - leads[_i], -1);
        put(MATCH_LONG, T0 + (int64_t)i * 3 * CLOCK_MINUTE, SONG)->offline = true;
    }
    ck_assert(solve());
    for (size_t i = 0; i < result.play_count; i++) {
        uint32_t api = result.plays[i].piece[MATCH_API], row = result.plays[i].piece[MATCH_LONG];

        if (api == MATCH_NONE || row == MATCH_NONE)
            continue;
        ck_assert_int_le(llabs(pieces[api].at - pieces[row].at), MATCH_FAR);
        paired++;
    }
    ck_assert_uint_gt(paired, 0);
    ck_assert_uint_eq(result.play_count, 2 * each - paired);
}
END_TEST

/* So many tellings of the track, ten milliseconds apart, from so many of these on. */
static void put_run(enum match_source source, int from, int times)
{
    for (int i = from; i < from + times; i++)
        put(source, T0 + i * 10, source == MATCH_API ? -1 : 5);
}

/* Of one side too few are there for a while: who is too old by then waits for a wider search, and
 * those after it are partners at once. */
START_TEST(in_a_large_crowd_who_is_left_behind_holds_up_nobody)
{
    const enum match_source one = _i ? MATCH_LONG : MATCH_API, other = _i ? MATCH_API : MATCH_LONG;
    int near = 0;

    put_run(one, 0, 150);
    put_run(other, 0, 150);
    put_run(one, 300, 120);
    put_run(other, 160, 20);
    put_run(other, 560 + _i * 99, 100); /* an export leaves a second open */
    ck_assert(solve());
    for (size_t i = 0; i < result.play_count; i++) {
        uint32_t api = result.plays[i].piece[MATCH_API], row = result.plays[i].piece[MATCH_LONG];

        near += api != MATCH_NONE && row != MATCH_NONE &&
                llabs(pieces[api].at - pieces[row].at) <= (2 + _i) * CLOCK_SECOND;
    }
    ck_assert_int_eq(near, 150 + 20 + 60);
}
END_TEST

/* -- repetitions --------------------------------------------------------------------------------- */

static const struct pair {
    int64_t apart, ms;
    int64_t offline_at[2]; /* after T0; CLOCK_NO_TIME */
    bool offline[2];
    bool other_uri, other_name;
    size_t plays;
} pairs[] = {
    {0, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 1},
    {0, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, true, false, 1},
    {0, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, true, true, 2},
    {2000, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 1},
    {2000, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, true, false, 1},
    {2000, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, true, true, 2},
    {2000, 1500, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 2}, /* both fit in */
    {11000, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 2},
    {500, SONG, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 1},
    {0, -1, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, false, false, 1},
    {0, -1, {CLOCK_NO_TIME, CLOCK_NO_TIME}, {false, false}, true, false, 2},
    /* What an offline device uploads may all bear one moment: its own clock tells. */
    {0, SONG, {0, 0}, {true, true}, false, false, 1},
    {0, SONG, {0, 300000}, {true, true}, false, false, 2},
    {0, SONG, {300000, 0}, {true, true}, false, false, 2},
    {0, SONG, {0, CLOCK_NO_TIME}, {true, false}, false, false, 2},
    {0, SONG, {0, CLOCK_NO_TIME}, {false, true}, false, false, 2},
    {0, SONG, {0, CLOCK_NO_TIME}, {false, false}, false, false, 1},
    {0, SONG, {0, 100000}, {false, false}, false, false, 1}, /* while it still played */
};

START_TEST(what_cannot_have_been_heard_twice_is_one_play)
{
    const struct pair *pair = &pairs[_i];

    for (int i = 0; i < 2; i++) {
        struct match_piece *piece = put(MATCH_LONG, T0 + i * pair->apart, pair->ms);

        piece->offline = pair->offline[i];
        if (pair->offline_at[i] != CLOCK_NO_TIME)
            piece->offline_at = T0 - SONG + pair->offline_at[i];
    }
    pieces[1].keys.uri += pair->other_uri;
    pieces[1].keys.names[0] += pair->other_name;
    ck_assert(solve());
    ck_assert_uint_eq(result.play_count, pair->plays);
}
END_TEST

/* Rows of an export of our own have milliseconds, and each play stands once. */
START_TEST(two_exact_rows_are_two_plays)
{
    put(MATCH_LONG, T0 + 123, SONG);
    put(MATCH_LONG, T0 + 2456, SONG);
    ck_assert(solve());
    ck_assert_uint_eq(result.play_count, 2);
}
END_TEST

START_TEST(an_exact_row_and_a_plain_one_are_one_play)
{
    put(MATCH_LONG, T0 + 123, SONG);
    put(MATCH_LONG, T0 + 2000, SONG);
    ck_assert(solve());
    ck_assert_uint_eq(result.play_count, 1);
}
END_TEST

/* -- the device's own clock ---------------------------------------------------------------------- */

/* Two plays that the API tells of, an hour and thirty hours before the upload. */
static const struct device {
    int64_t offline_at, ms; /* after T0 */
    bool believed;
} devices[] = {
    {-30 * CLOCK_HOUR - SONG, SONG, true}, {-30 * CLOCK_HOUR, -1, false},
    {-100 * CLOCK_HOUR, SONG, false},      {100 * CLOCK_HOUR, SONG, false},
    {-90 * CLOCK_HOUR, SONG, false},       {90 * CLOCK_HOUR, SONG, false},
};

START_TEST(a_device_says_when_it_played_unless_that_makes_no_sense)
{
    struct match_piece *row = put(MATCH_LONG, T0, devices[_i].ms);

    row->offline = true;
    row->offline_at = T0 + devices[_i].offline_at;
    put(MATCH_API, T0 - CLOCK_HOUR, -1);
    put(MATCH_API, T0 - 30 * CLOCK_HOUR, -1);
    ck_assert(solve());
    /* Without it either may be meant, and neither is taken. */
    ck_assert_uint_eq(result.play_count, devices[_i].believed ? 2 : 3);
    ck_assert(!devices[_i].believed || result.play_of[0] == result.play_of[2]);
}
END_TEST

Suite *match_odd_suite(void);

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

Suite *match_odd_suite(void)
{
    Suite *suite = suite_create("match_odd");
    TCase *tcase = tcase_create("edges");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, without_memory_nothing_is_decided_and_with_it_all_is);
    tcase_add_loop_test(tcase, in_a_large_crowd_only_what_is_near_enough_is_paired, 0,
                        COUNT(leads));
    tcase_add_loop_test(tcase, in_a_large_crowd_who_is_left_behind_holds_up_nobody, 0, 2);
    tcase_add_loop_test(tcase, what_cannot_have_been_heard_twice_is_one_play, 0, COUNT(pairs));
    tcase_add_test(tcase, two_exact_rows_are_two_plays);
    tcase_add_test(tcase, an_exact_row_and_a_plain_one_are_one_play);
    tcase_add_loop_test(tcase, a_device_says_when_it_played_unless_that_makes_no_sense, 0,
                        COUNT(devices));
    suite_add_tcase(suite, tcase);
    return suite;
}
