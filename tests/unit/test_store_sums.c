/* SPDX-License-Identifier: MIT */
/* Something for each of many numbers. */
#include <check.h>
#include <stdlib.h>

#include "lib/chance.h"
#include "store/sums.h"

static struct store_sums sums;
static struct store_counts counts;

static void teardown(void)
{
    store_sums_free(&sums);
    free(counts.items);
}

START_TEST(what_was_never_added_is_not_there)
{
    ck_assert_ptr_null(store_sums_find(&sums, 5));
    ck_assert(store_sums_add(&sums, 5, 1, 10));
    ck_assert_ptr_null(store_sums_find(&sums, 6));
    ck_assert_ptr_null(store_sums_find(&sums, 500));
    ck_assert_int_eq(store_sums_find(&sums, 5)->listened_ms, 10);
}
END_TEST

START_TEST(what_was_taken_off_again_is_not_listed)
{
    ck_assert(store_sums_add(&sums, 7, 2, 20));
    ck_assert(store_sums_add(&sums, 8, 1, 5));
    ck_assert(store_sums_add(&sums, 7, -2, -20));
    ck_assert(store_sums_list(&sums, &counts));
    ck_assert_uint_eq(counts.count, 1);
    ck_assert_int_eq(counts.items[0].id, 8);
}
END_TEST

START_TEST(all_numbers_there_are_come_out_in_order)
{
    static const int64_t ids[] = {INT64_MAX, 0, -1, INT64_MIN, 64, 63, -64, -65};
    static const int64_t sorted[] = {INT64_MIN, -65, -64, -1, 0, 63, 64, INT64_MAX};

    for (size_t i = 0; i < 8; i++)
        ck_assert(store_sums_add(&sums, ids[i], 1, 1));
    ck_assert(store_sums_list(&sums, &counts));
    ck_assert_uint_eq(counts.count, 8);
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(counts.items[i].id, sorted[i]);
}
END_TEST

START_TEST(sums_beyond_all_numbers_wrap_around)
{
    ck_assert(store_sums_add(&sums, 1, 1, INT64_MAX));
    ck_assert(store_sums_add(&sums, 1, 1, INT64_MAX));
    ck_assert(store_sums_add(&sums, 1, 1, 2));
    ck_assert_int_eq(store_sums_find(&sums, 1)->listened_ms, 0);
}
END_TEST

START_TEST(thousands_of_numbers_in_any_order_are_each_summed)
{
    struct chance chance = chance_open("thousands_of_numbers_in_any_order_are_each_summed");
    static int64_t plays[20000];
    size_t different = 0;

    for (int i = 0; i < 50000; i++) {
        uint64_t id = chance_below(&chance, 2) ? chance_below(&chance, 20000) : (uint64_t)i % 5000;

        plays[id]++;
        ck_assert(store_sums_add(&sums, (int64_t)id * 1000003, 1, (int64_t)id));
    }
    for (size_t id = 0; id < 20000; id++)
        different += plays[id] > 0;
    ck_assert(store_sums_list(&sums, &counts));
    ck_assert_uint_eq(counts.count, different);
    for (size_t i = 0; i < counts.count; i++) {
        int64_t id = counts.items[i].id / 1000003;

        ck_assert_int_eq(counts.items[i].plays, plays[id]);
        ck_assert_int_eq(counts.items[i].listened_ms, plays[id] * id);
    }
}
END_TEST

Suite *store_sums_suite(void);

Suite *store_sums_suite(void)
{
    Suite *suite = suite_create("store_sums");
    TCase *test = tcase_create("sums");

    tcase_add_checked_fixture(test, NULL, teardown);
    tcase_add_test(test, what_was_never_added_is_not_there);
    tcase_add_test(test, what_was_taken_off_again_is_not_listed);
    tcase_add_test(test, all_numbers_there_are_come_out_in_order);
    tcase_add_test(test, sums_beyond_all_numbers_wrap_around);
    tcase_add_test(test, thousands_of_numbers_in_any_order_are_each_summed);
    suite_add_tcase(suite, test);
    return suite;
}
