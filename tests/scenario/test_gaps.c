/* SPDX-License-Identifier: MIT */
/* Late plays, lists that go back or stand still, and what slips through: it must lie inside a gap.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t gap_count(void)
{
    return db_int("SELECT count(*) FROM gaps");
}

static void assert_gap(const char *certainty, const char *cause, int64_t after, int64_t before)
{
    char words[60];

    snprintf(words, sizeof(words), "%s %s", certainty, cause);
    ck_assert_int_eq(gap_count(), 1);
    ck_assert_str_eq(db_text("SELECT certainty || ' ' || cause FROM gaps"), words);
    ck_assert_int_eq(db_int("SELECT after_played_at FROM gaps"), after);
    ck_assert_int_eq(db_int("SELECT before_played_at FROM gaps"), before);
}

/* Makes the stop that just was an hour long, by putting everything before it an hour back. */
static void lengthen_down_time(void)
{
    db_do("UPDATE runs SET started_at = started_at - 3600000, alive_at = alive_at - 3600000,"
          " stopped_at = stopped_at - 3600000");
    db_do("UPDATE polls SET started_at = started_at - 3600000");
    db_do("UPDATE users SET last_success_at = last_success_at - 3600000");
}

/* -- late plays -------------------------------------------------------------------------------- */

static const struct {
    int64_t late;
    int count;
} batches[] = {{2 * HOUR, 1}, {6 * HOUR, 1}, {12 * HOUR, 21}, {DAY, 5}, {2 * DAY, 21}};

START_TEST(A5_a_batch_that_comes_late_and_behind_newer_plays_is_found_by_the_sweep)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 5, 1, now - 3 * DAY, MINUTE);
    fake_plays(1, 10, 20, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_plays(1, batches[_i].count, 40, now - batches[_i].late, 10000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 15 + batches[_i].count);
    ck_assert_int_eq(db_int("SELECT sum(late) FROM polls"), batches[_i].count);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_11_tails_alone_do_not_find_late_plays_the_next_sweep_does)
{
    int64_t now = harness_now(), tails;

    harness.config.sweep_interval = "2s";
    harness_begin(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    fake_play(1, 50, now - DAY);
    tails = db_int("SELECT count(*) FROM polls WHERE kind = 'tail'");
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE kind = 'tail'") > tails + 2);
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_text("SELECT kind FROM polls WHERE late > 0"), "sweep");
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_11_a_late_batch_as_long_as_the_list_may_have_been_cut)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - 3 * DAY, MINUTE);
    fake_plays(1, 20, 20, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_plays(1, 40, 50, now - DAY, MINUTE); /* 30 of them are in the last 50 */
    hd_poll_and_wait();
    harness_assert_truth(1);
    ck_assert_int_eq(db_plays(1), 60);
    assert_gap("possible", "late_batch", now - 3 * DAY + 9 * MINUTE, now - DAY + 10 * MINUTE);
}
END_TEST

/* -- a list that is not what it was ------------------------------------------------------------ */

START_TEST(A21_a_list_that_stood_still_for_days_is_caught_up_without_a_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - 4 * DAY, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'freeze':true}");
    fake_late_plays(1, 49, 20, now - 3 * DAY, HOUR, fake_now() + 1);
    hd_poll_and_wait();
    ck_assert_int_eq(db_plays(1), 10);
    fake_do("listing", "{'freeze':false}");
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 59);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(A21_fifty_plays_at_once_after_a_standstill_are_noted_as_a_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - 4 * DAY, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'freeze':true}");
    fake_late_plays(1, 60, 20, now - 3 * DAY, HOUR, fake_now() + 1);
    hd_poll_and_wait();
    ck_assert_int_eq(db_plays(1), 10);
    fake_do("listing", "{'freeze':false}");
    hd_poll_and_wait();
    harness_assert_truth(1);
    assert_gap("likely", "listened_faster", now - 4 * DAY + 9 * MINUTE, now - 3 * DAY + 10 * HOUR);
}
END_TEST

START_TEST(fact_13_a_list_that_goes_back_for_a_while_changes_nothing)
{
    int64_t now = harness_now(), cursor;

    harness_run_by_hand(1);
    fake_plays(1, 45, 1, now - HOUR, MINUTE / 2);
    hd_poll_and_wait();
    cursor = db_int("SELECT max(played_at) FROM played_tracks");
    fake_do("listing", "{'hide_newest':23}");
    hd_poll_and_wait();
    ck_assert_int_eq(db_plays(1), 45);
    fake_do("listing", "{'hide_newest':0}");
    fake_play(1, 60, now - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 46);
    ck_assert_int_gt(db_int("SELECT max(played_at) FROM played_tracks"), cursor);
    ck_assert_int_eq(db_int("SELECT sum(late) FROM polls"), 0);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_13_polling_goes_on_while_the_list_is_behind)
{
    int64_t now = harness_now();

    harness_begin(1);
    fake_plays(1, 45, 1, now - HOUR, MINUTE / 2);
    hd_start();
    harness_wait_for_truth(1);
    fake_do("listing", "{'hide_newest':25}");
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE kind = 'tail' AND items = 0"
                              " AND outcome != 'unchanged'") > 0);
    fake_do("listing", "{'hide_newest':0}");
    fake_plays(1, 3, 60, now - 5000, 1000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 48);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_13_a_play_that_vanishes_for_good_stays_stored)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'vanish':[{'played_at':%lld},{'played_at':%lld}]}",
            (long long)(now - HOUR + 9 * MINUTE), (long long)(now - HOUR + 3 * MINUTE));
    hd_poll_and_wait();
    hd_poll_and_wait();
    harness_assert_truth(1);
    ck_assert_int_eq(db_plays(1), 10);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_6_a_short_list_that_joins_on_is_no_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'keep':2}");
    fake_play(1, 20, now - 5000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_6_a_short_list_without_a_known_play_is_a_possible_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_do("listing", "{'keep':7}");
    fake_plays(1, 10, 20, now - 20000, 1000);
    hd_poll_and_wait();
    harness_assert_truth(1);
    ck_assert_int_eq(db_plays(1), 17);
    assert_gap("possible", "listened_faster", now - HOUR + 9 * MINUTE, now - 17000);
}
END_TEST

/* -- more than Spotify shows ------------------------------------------------------------------- */

static const struct {
    int plays;
    bool gap;
} crowds[] = {{48, false}, {49, false}, {50, true}, {51, true}, {120, true}};

START_TEST(A2_so_many_plays_between_two_polls_that_some_may_be_lost_open_one_gap)
{
    int64_t now = harness_now(), from = now - HOUR;
    int plays = crowds[_i].plays, lost = plays > 50 ? plays - 50 : 0;

    harness_run_by_hand(1);
    fake_plays(1, 60, 1, now - DAY, MINUTE);
    hd_poll_and_wait();
    ck_assert_int_eq(gap_count(),
                     0); /* 60 that were there when we first looked are no gap: see below */
    fake_plays(1, plays, 100, from, 10000);
    hd_poll_and_wait();
    hd_poll_and_wait();
    harness_assert_truth(1);
    ck_assert_int_eq(db_plays(1), 50 + plays - lost);
    if (crowds[_i].gap)
        assert_gap("likely", "listened_faster", now - DAY + 59 * MINUTE,
                   from + (int64_t)lost * 10000);
    else
        ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_19_a_gap_found_by_a_tail_is_the_same_gap)
{
    int64_t now = harness_now(), from = now - HOUR;

    harness.config.sweep_interval = "1h";
    harness_begin(1);
    fake_plays(1, 10, 1, now - DAY, MINUTE);
    hd_start();
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE kind = 'tail'") > 1);
    fake_plays(1, 70, 100, from, 10000);
    harness_wait_until(db_plays(1) == 60);
    harness_wait_until(db_int("SELECT count(*) FROM polls WHERE kind = 'sweep'") > 1);
    harness_assert_truth(1);
    assert_gap("likely", "listened_faster", now - DAY + 9 * MINUTE, from + 20 * 10000);
    ck_assert_str_eq(db_text("SELECT kind FROM polls WHERE added = 50"), "tail");
}
END_TEST

START_TEST(the_first_look_at_a_new_user_opens_no_gap)
{
    harness_begin(1);
    fake_plays(1, 80, 1, harness_now() - DAY, MINUTE);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_plays(1), 50);
    harness_assert_truth(1);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(fact_19_an_hour_of_skipping_through_songs_is_recorded_without_a_gap)
{
    harness.config.poll_interval = "200ms"; /* ten minutes, as the clock of the fake runs */
    harness.config.sweep_interval = "1200ms";
    fake_start("--accounts", "1", "--start", "2026-03-01T12:00:00Z", "--speed", "3000");
    fake_do("tokens", "{'expires_in':1000000}");
    ctl_login(1);
    fake_plays(1, 10, 1, INT64_C(1772366400000) - DAY, MINUTE);
    hd_start();
    harness_wait_until(db_plays(1) == 10);
    fake_plays(1, 76, 100, fake_now() + MINUTE, 2 * HOUR / 76);
    harness_wait_until(db_plays(1) == 86);
    harness_wait_for_truth(1);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(a_restart_after_a_short_break_opens_no_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - DAY, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    lengthen_down_time();
    fake_plays(1, 49, 100, now - HOUR, 10000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(gap_count(), 0);
}
END_TEST

START_TEST(a_restart_after_a_long_break_opens_a_gap_whose_cause_is_the_break)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - DAY, MINUTE);
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    lengthen_down_time();
    fake_plays(1, 75, 100, now - HOUR, 10000);
    hd_start();
    harness_wait_until(db_plays(1) == 60);
    harness_assert_truth(1);
    assert_gap("likely", "daemon_down", now - DAY + 9 * MINUTE, now - HOUR + 250000);
    ck_assert(hd_logged("daemon_down"));
}
END_TEST

START_TEST(failures_of_spotify_are_named_as_the_cause_of_a_gap)
{
    int64_t now = harness_now();

    harness_run_by_hand(1);
    fake_plays(1, 10, 1, now - DAY, MINUTE);
    hd_poll_and_wait();
    fake_fault("{'kind':'recent','status':502,'generate':'html'}");
    hd_poll_and_wait();
    fake_plays(1, 60, 100, now - HOUR, 10000);
    hd_poll_and_wait();
    harness_assert_truth(1);
    assert_gap("likely", "spotify_failing", now - DAY + 9 * MINUTE, now - HOUR + 100000);
}
END_TEST

/* -- all of it at once ------------------------------------------------------------------------- */

START_TEST(days_of_listening_with_everything_that_was_ever_seen_are_stored_as_shown)
{
    char seed[24];

    snprintf(seed, sizeof(seed), "%u", harness.seed);
    harness.config.poll_interval = "100ms";
    harness.config.sweep_interval = "600ms";
    fake_start("--accounts", "4", "--start", "2026-03-01T05:00:00Z", "--speed", "20000",
               "--backlog", "30");
    fake_do("tokens", "{'expires_in':1000000}");
    for (int account = 1; account <= 4; account++)
        ctl_login(account);
    fake_do("listener", "{'listener':true,'plays_per_day':250,'quirks':'measured'}");
    hd_start();
    harness_wait_until(fake_shown(1) > 120 && fake_shown(2) > 120 && fake_shown(3) > 120 &&
                       fake_shown(4) > 120);
    fake_do("clock", "{'speed':0}");
    for (int account = 1; account <= 4; account++)
        harness_wait_until(harness_truth_is_stored(account, seed, sizeof(seed)));
}
END_TEST

Suite *gaps_suite(void)
{
    Suite *suite = suite_create("gaps");
    TCase *late = harness_case(suite, "late"), *list = harness_case(suite, "list");
    TCase *gaps = harness_case(suite, "gaps");

    tcase_add_loop_test(late,
                        A5_a_batch_that_comes_late_and_behind_newer_plays_is_found_by_the_sweep, 0,
                        COUNT_OF(batches));
    tcase_add_test(late, fact_11_tails_alone_do_not_find_late_plays_the_next_sweep_does);
    tcase_add_test(late, fact_11_a_late_batch_as_long_as_the_list_may_have_been_cut);
    tcase_add_test(list, A21_a_list_that_stood_still_for_days_is_caught_up_without_a_gap);
    tcase_add_test(list, A21_fifty_plays_at_once_after_a_standstill_are_noted_as_a_gap);
    tcase_add_test(list, fact_13_a_list_that_goes_back_for_a_while_changes_nothing);
    tcase_add_test(list, fact_13_polling_goes_on_while_the_list_is_behind);
    tcase_add_test(list, fact_13_a_play_that_vanishes_for_good_stays_stored);
    tcase_add_test(list, fact_6_a_short_list_that_joins_on_is_no_gap);
    tcase_add_test(list, fact_6_a_short_list_without_a_known_play_is_a_possible_gap);
    tcase_add_loop_test(gaps, A2_so_many_plays_between_two_polls_that_some_may_be_lost_open_one_gap,
                        0, COUNT_OF(crowds));
    tcase_add_test(gaps, fact_19_a_gap_found_by_a_tail_is_the_same_gap);
    tcase_add_test(gaps, the_first_look_at_a_new_user_opens_no_gap);
    tcase_add_test(gaps, fact_19_an_hour_of_skipping_through_songs_is_recorded_without_a_gap);
    tcase_add_test(gaps, a_restart_after_a_short_break_opens_no_gap);
    tcase_add_test(gaps, a_restart_after_a_long_break_opens_a_gap_whose_cause_is_the_break);
    tcase_add_test(gaps, failures_of_spotify_are_named_as_the_cause_of_a_gap);
    tcase_add_test(gaps, days_of_listening_with_everything_that_was_ever_seen_are_stored_as_shown);
    return suite;
}
