/* SPDX-License-Identifier: MIT */
/* The stage itself: its checks can fail, and a plain evening passes. */
#include "harness.h"

#include <stdio.h>
#include <unistd.h>

START_TEST(plays_arrive_in_the_database)
{
    harness_run(1);
    fake_plays(1, 5, 10, harness_now() - 600000, 60000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 5);
    fake_play(1, 20, harness_now() - 1000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 6);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(three_users_have_each_their_own_plays)
{
    harness_run(3);
    for (int account = 1; account <= 3; account++)
        fake_plays(account, 3 + account, 10, harness_now() - 600000, 60000);
    for (int account = 1; account <= 3; account++)
        harness_wait_for_truth(account);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 4 + 5 + 6);
}
END_TEST

START_TEST(a_planted_token_is_found)
{
    char path[200];
    FILE *file;

    harness.no_database = true;
    snprintf(path, sizeof(path), "%.150s/planted", harness.state);
    ck_assert_ptr_null(harness_find_in_files(HARNESS_CANARY));
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "BQ%s0123", HARNESS_CANARY);
    fclose(file);
    ck_assert_str_eq(harness_find_in_files(HARNESS_CANARY), path);
    unlink(path);
}
END_TEST

START_TEST(a_missing_and_an_invented_play_are_noticed)
{
    char why[400];
    int64_t now = harness_now();

    harness_run(1);
    fake_plays(1, 5, 10, now - 600000, 60000);
    harness_wait_for_truth(1);
    hd_stop(SIGTERM);
    ck_assert(harness_truth_is_stored(1, why, sizeof(why)));
    db_do("UPDATE played_tracks SET played_at = played_at + 1 WHERE played_at = %lld",
          (long long)now - 600000);
    ck_assert(!harness_truth_is_stored(1, why, sizeof(why)));
    db_do("UPDATE played_tracks SET played_at = played_at - 1 WHERE played_at = %lld",
          (long long)now - 599999);
    ck_assert(harness_truth_is_stored(1, why, sizeof(why)));
    db_do("DELETE FROM played_tracks WHERE played_at = %lld", (long long)now - 600000);
    ck_assert(!harness_truth_is_stored(1, why, sizeof(why)));
}
END_TEST

START_TEST(a_listener_with_all_quirks_is_recorded_to_the_last_play)
{
    fake_start("--accounts", "1");
    ctl_login(1);
    hd_start();
    fake_do("listener",
            "{'listener':true,'pace_s':0.02,'quirks':{'twin':0.1,'twice':0.1,'echo':0.1,"
            "'whole_second':0.02}}");
    harness_wait_until(fake_shown(1) > 60);
    fake_do("listener", "{'listener':false}");
    harness_wait_for_truth(1);
}
END_TEST

Suite *harness_suite(void)
{
    Suite *suite = suite_create("harness");
    TCase *tcase = harness_case(suite, "stage");

    tcase_add_test(tcase, plays_arrive_in_the_database);
    tcase_add_test(tcase, three_users_have_each_their_own_plays);
    tcase_add_test(tcase, a_planted_token_is_found);
    tcase_add_test(tcase, a_missing_and_an_invented_play_are_noticed);
    tcase_add_test(tcase, a_listener_with_all_quirks_is_recorded_to_the_last_play);
    return suite;
}
