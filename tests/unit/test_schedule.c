/* SPDX-License-Identifier: MIT */
#include "capture/schedule.h"

#include <check.h>
#include <stdlib.h>

#define ENTRIES 200

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void make(struct schedule *schedule, struct schedule_entry *entries, size_t count)
{
    *schedule = (struct schedule){0};
    ck_assert(schedule_reserve(schedule, count));
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct schedule_entry){.index = SCHEDULE_OUT};
}

START_TEST(an_empty_schedule_has_nobody_due)
{
    struct schedule schedule = {0};

    ck_assert_ptr_null(schedule_first(&schedule));
}
END_TEST

START_TEST(whoever_is_due_first_stands_first)
{
    struct schedule schedule;
    struct schedule_entry entries[3];

    make(&schedule, entries, 3);
    schedule_set(&schedule, &entries[0], 30);
    schedule_set(&schedule, &entries[1], 10);
    schedule_set(&schedule, &entries[2], 20);
    ck_assert_ptr_eq(schedule_first(&schedule), &entries[1]);
    schedule_free(&schedule);
}
END_TEST

START_TEST(an_entry_can_be_moved_to_another_time)
{
    struct schedule schedule;
    struct schedule_entry entries[2];

    make(&schedule, entries, 2);
    schedule_set(&schedule, &entries[0], 10);
    schedule_set(&schedule, &entries[1], 20);
    schedule_set(&schedule, &entries[0], 30);
    ck_assert_ptr_eq(schedule_first(&schedule), &entries[1]);
    ck_assert_uint_eq(schedule.count, 2);
    schedule_free(&schedule);
}
END_TEST

START_TEST(removing_what_is_not_in_it_changes_nothing)
{
    struct schedule schedule;
    struct schedule_entry entries[2];

    make(&schedule, entries, 2);
    schedule_set(&schedule, &entries[0], 10);
    schedule_remove(&schedule, &entries[1]);
    ck_assert_uint_eq(schedule.count, 1);
    schedule_free(&schedule);
}
END_TEST

/* Sets, moves and removes at random; a plain search says who must stand first. */
START_TEST(random_use_agrees_with_a_plain_search)
{
    struct schedule schedule;
    struct schedule_entry entries[ENTRIES];
    uint64_t state = (uint64_t)_i + 1;

    make(&schedule, entries, ENTRIES);
    for (int step = 0; step < 5000; step++) {
        struct schedule_entry *entry = &entries[next_random(&state) % ENTRIES];
        int64_t first = INT64_MAX;

        if (next_random(&state) % 3 == 0)
            schedule_remove(&schedule, entry);
        else
            schedule_set(&schedule, entry, (int64_t)(next_random(&state) % 1000));
        for (size_t i = 0; i < ENTRIES; i++)
            if (entries[i].index != SCHEDULE_OUT && entries[i].due < first)
                first = entries[i].due;
        if (first == INT64_MAX)
            ck_assert_ptr_null(schedule_first(&schedule));
        else
            ck_assert_msg(schedule_first(&schedule)->due == first, "seed %d, step %d", _i + 1,
                          step);
    }
    schedule_free(&schedule);
}
END_TEST

Suite *schedule_suite(void);

Suite *schedule_suite(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("schedule");

    tcase_add_test(tests, an_empty_schedule_has_nobody_due);
    tcase_add_test(tests, whoever_is_due_first_stands_first);
    tcase_add_test(tests, an_entry_can_be_moved_to_another_time);
    tcase_add_test(tests, removing_what_is_not_in_it_changes_nothing);
    tcase_add_loop_test(tests, random_use_agrees_with_a_plain_search, 0, 20);
    suite_add_tcase(suite, tests);
    return suite;
}
