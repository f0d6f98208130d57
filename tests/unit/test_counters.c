/* SPDX-License-Identifier: MIT */
/* What is counted since the start: outcomes and how long answers took. */
#include "capture/counters.h"

#include <check.h>
#include <string.h>

#include "net/net.h"
#include "spotify/errors.h"

static size_t place_of(const char *outcome)
{
    for (size_t i = 0; i < COUNTERS_OUTCOMES; i++)
        if (strcmp(counters_outcome(i), outcome) == 0)
            return i;
    return COUNTERS_OUTCOMES;
}

START_TEST(each_outcome_has_a_place_of_its_own)
{
    for (size_t i = 0; i < COUNTERS_OUTCOMES; i++) {
        struct counters counters = {.plays = 0};

        ck_assert_uint_eq(place_of(counters_outcome(i)), i);
        counters_poll(&counters, counters_outcome(i));
        for (size_t k = 0; k < COUNTERS_OUTCOMES; k++)
            ck_assert_int_eq(counters.polls[k], k == i);
    }
}
END_TEST

START_TEST(no_failure_of_the_network_is_another_one)
{
    for (int error = NET_ERROR_RESOLVE; error <= NET_ERROR_LOCAL; error++)
        ck_assert_msg(place_of(net_error_name((enum net_error)error)) < COUNTERS_OUTCOMES, "%s",
                      net_error_name((enum net_error)error));
}
END_TEST

START_TEST(no_failure_of_spotifys_is_another_one)
{
    for (int failure = SPOTIFY_FAILURE_TRANSIENT; failure <= SPOTIFY_FAILURE_OURS; failure++) {
        const char *name = spotify_failure_name((enum spotify_failure_class)failure);

        ck_assert_msg(place_of(name) < COUNTERS_OUTCOMES, "%s", name);
    }
}
END_TEST

START_TEST(what_nobody_knows_counts_as_other)
{
    struct counters counters = {.plays = 0};

    counters_poll(&counters, "struck_by_lightning");
    ck_assert_int_eq(counters.polls[place_of("other")], 1);
}
END_TEST

START_TEST(a_poll_that_the_database_kept_from_asking_counts_as_not_stored)
{
    struct counters counters = {.plays = 0};

    counters_poll(&counters, "database_full");
    ck_assert_int_eq(counters.polls[place_of("not_stored")], 1);
}
END_TEST

START_TEST(buckets_ascend)
{
    for (size_t i = 1; i < COUNTERS_BUCKETS; i++)
        ck_assert_int_gt(counters_bucket(i), counters_bucket(i - 1));
}
END_TEST

START_TEST(an_answer_falls_into_the_bucket_whose_bound_it_does_not_pass)
{
    for (size_t i = 0; i < COUNTERS_BUCKETS; i++) {
        struct counters counters = {.plays = 0};
        const struct counters_latency *latency = &counters.latency[COUNTERS_TOKEN];

        counters_answer(&counters, COUNTERS_TOKEN, counters_bucket(i) * 1000);
        counters_answer(&counters, COUNTERS_TOKEN, counters_bucket(i) * 1000 + 1);
        ck_assert_int_eq(latency->buckets[i], 1);
        ck_assert_int_eq(latency->buckets[i + 1], 1);
        ck_assert_int_eq(latency->count, 2);
        ck_assert_int_eq(latency->sum_us, counters_bucket(i) * 2000 + 1);
        ck_assert_int_eq(counters.latency[COUNTERS_HISTORY].count, 0);
    }
}
END_TEST

Suite *counters_suite(void)
{
    Suite *suite = suite_create("counters");
    TCase *tcase = tcase_create("counters");

    tcase_add_test(tcase, each_outcome_has_a_place_of_its_own);
    tcase_add_test(tcase, no_failure_of_the_network_is_another_one);
    tcase_add_test(tcase, no_failure_of_spotifys_is_another_one);
    tcase_add_test(tcase, what_nobody_knows_counts_as_other);
    tcase_add_test(tcase, a_poll_that_the_database_kept_from_asking_counts_as_not_stored);
    tcase_add_test(tcase, buckets_ascend);
    tcase_add_test(tcase, an_answer_falls_into_the_bucket_whose_bound_it_does_not_pass);
    suite_add_tcase(suite, tcase);
    return suite;
}
