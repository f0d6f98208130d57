/* SPDX-License-Identifier: MIT */
/* How complete each day is: what the view says, for the days of any zone. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lib/chance.h"
#include "store/coverage.h"
#include "store/store_private.h"
#include "store_help.h"

#define T0 STORE_HELP_T0 /* a Thursday, 2026-01-01T00:00:00Z */
#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)
#define T0_DAY (T0 / DAY)

static struct store *store;
static struct store_covered covered;
static struct zone *zone;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
}

static void teardown(void)
{
    store_covered_free(&covered);
    zone_free(zone);
    store_close(store);
    store_help_teardown();
}

static void progress(int64_t swept, int64_t success)
{
    ck_assert_int_eq(store_user_set_progress(store, 1, success, swept, STORE_NO_TIME), STORE_OK);
}

static void gap(int64_t after, int64_t before, const char *certainty)
{
    struct store_gap row = {1, after, before, certainty, "unknown", before};

    ck_assert_int_eq(store_gap_add(store, &row), STORE_OK);
}

static void run(int64_t from, int64_t to)
{
    int64_t id = 0;

    ck_assert_int_eq(store_run_begin(store, from, "0.1", &id), STORE_OK);
    ck_assert_int_eq(store_run_end(store, id, to), STORE_OK);
}

static void read_at(int64_t now)
{
    if (store->transaction == STORE_TRANSACTION_WRITE)
        store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_msg(store_covered_read(store, 1, zone, now, &covered) == STORE_OK, "%s",
                  store_message(store));
    store_rollback(store);
}

/* One letter a day. */
static const char *states(void)
{
    static const char letters[] = {[STORE_COVERAGE_BEFORE] = '.',
                                   [STORE_COVERAGE_COMPLETE] = 'c',
                                   [STORE_COVERAGE_POSSIBLE] = 'p',
                                   [STORE_COVERAGE_LOST] = 'L',
                                   [STORE_COVERAGE_NOT_RUNNING] = 'n'};
    static char text[64];
    size_t i;

    for (i = 0; i < covered.count && i + 1 < sizeof(text); i++)
        text[i] = letters[covered.days[i].state];
    text[i] = '\0';
    return text;
}

START_TEST(each_day_says_what_is_known_of_it)
{
    progress(T0 + 5000, T0 + 5 * DAY + 100);
    gap(T0 + DAY + 10, T0 + DAY + 20, "possible");
    gap(T0 + 2 * DAY - 1, T0 + 3 * DAY + 1, "likely"); /* three days */
    gap(T0 + 5 * DAY - 1, T0 + 5 * DAY, "likely");     /* ends where day 5 begins */
    run(T0, T0 + 6 * DAY + 1);
    read_at(T0 + 8 * DAY + HOUR);
    ck_assert_str_eq(states(), "cLLLLcpnn");
    ck_assert_int_eq(covered.days[0].day, T0_DAY);
    ck_assert_int_eq(covered.days[1].gap_id, 2);
    ck_assert_int_eq(covered.days[5].gap_id, 0);
    ck_assert_int_eq(covered.of[STORE_COVERAGE_LOST], 4);
    ck_assert_int_eq(covered.of[STORE_COVERAGE_COMPLETE], 2);
    ck_assert_int_eq(covered.began_at, T0 + 5000);
    ck_assert_int_eq(covered.known_until, T0 + 5 * DAY + 100);
}
END_TEST

START_TEST(of_several_gaps_the_worst_and_then_the_first_counts)
{
    progress(T0, T0 + DAY);
    gap(T0 + 1, T0 + 9, "possible");
    gap(T0 + 3, T0 + 7, "likely");
    gap(T0 + 2, T0 + 8, "likely");
    read_at(T0 + HOUR);
    ck_assert_str_eq(states(), "L");
    ck_assert_int_eq(covered.days[0].gap_id, 2);
}
END_TEST

START_TEST(plays_from_before_the_record_make_days_before_it)
{
    ck_assert_int_eq(store_help_play(store, 1, T0 - 2 * DAY, 1), STORE_OK);
    progress(T0 + 5000, T0 + DAY);
    gap(T0 - DAY, T0 - DAY + 5, "likely"); /* of which the record knows nothing */
    read_at(T0 + DAY);
    ck_assert_str_eq(states(), "..cc");
    ck_assert_int_eq(covered.of[STORE_COVERAGE_BEFORE], 2);
}
END_TEST

START_TEST(before_the_first_sweep_all_days_are_before_the_record)
{
    ck_assert_int_eq(store_help_play(store, 1, T0, 1), STORE_OK);
    read_at(T0 + 2 * DAY);
    ck_assert_str_eq(states(), "...");
    ck_assert(covered.began_at == STORE_NO_TIME);
}
END_TEST

START_TEST(without_plays_and_record_there_are_no_days)
{
    read_at(T0);
    ck_assert_uint_eq(covered.count, 0);
}
END_TEST

START_TEST(days_are_those_of_the_zone)
{
    zone_free(zone);
    zone = zone_open("Europe/Berlin");
    progress(T0 + 22 * HOUR, T0 + 3 * DAY);            /* 23:00 */
    gap(T0 + 23 * HOUR, T0 + 23 * HOUR + 1, "likely"); /* 00:00 */
    read_at(T0 + 2 * DAY + 23 * HOUR);
    ck_assert_str_eq(states(), "cLcc");
}
END_TEST

START_TEST(an_unknown_user_is_not_found)
{
    store_help_commit(store);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_covered_read(store, 77, zone, T0, &covered), STORE_NOT_FOUND);
}
END_TEST

/* A clock that was set by mistake. */
START_TEST(moments_beyond_reason_make_no_endless_list)
{
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE users SET first_sweep_at = -9000000000000000000,"
                                     " last_success_at = 9000000000000000000");
    read_at(T0);
    ck_assert_uint_le(covered.count, 80000);
    ck_assert_int_eq(covered.days[covered.count - 1].day, T0_DAY);
}
END_TEST

START_TEST(states_have_the_names_of_the_view)
{
    ck_assert_str_eq(store_coverage_name(STORE_COVERAGE_BEFORE), "before");
    ck_assert_str_eq(store_coverage_name(STORE_COVERAGE_COMPLETE), "complete");
    ck_assert_str_eq(store_coverage_name(STORE_COVERAGE_POSSIBLE), "possible");
    ck_assert_str_eq(store_coverage_name(STORE_COVERAGE_LOST), "lost");
    ck_assert_str_eq(store_coverage_name(STORE_COVERAGE_NOT_RUNNING), "not_running");
}
END_TEST

/* -- as the view has it ------------------------------------------------------------------------ */

/* Often at the edge of a day. */
static int64_t some_moment(struct chance *chance)
{
    int64_t moment = T0 + (int64_t)chance_below(chance, 60 * (uint64_t)DAY);

    return chance_below(chance, 3) ? moment
                                   : moment - moment % DAY + (int64_t)chance_below(chance, 3) - 1;
}

static void make_ledger(struct chance *chance)
{
    static const char *const certainties[] = {"likely", "possible", "possible"};

    progress(some_moment(chance), chance_below(chance, 8) ? some_moment(chance) : STORE_NO_TIME);
    for (int i = (int)chance_below(chance, 12); i > 0; i--) {
        int64_t after = some_moment(chance);

        gap(after, after + 1 + (int64_t)chance_below(chance, 3 * (uint64_t)DAY),
            CHANCE_PICK(chance, certainties));
    }
    for (int i = (int)chance_below(chance, 6); i > 0; i--) {
        int64_t from = some_moment(chance);

        run(from, from + (int64_t)chance_below(chance, 9 * (uint64_t)DAY));
    }
}

static char *as_the_view(void)
{
    struct buf out = {0};

    for (size_t i = 0; i < covered.count; i++)
        if (covered.days[i].state != STORE_COVERAGE_BEFORE) {
            char date[ZONE_DATE_SIZE];

            buf_addf(&out, "%s%s|%s", out.len > 0 ? "\n" : "",
                     zone_date_format(covered.days[i].day, date),
                     store_coverage_name(covered.days[i].state));
        }
    return out.data;
}

START_TEST(in_utc_days_are_what_the_view_says)
{
    struct chance chance = chance_open("in_utc_days_are_what_the_view_says");
    int64_t now = clock_wall_ms();

    for (int round = 0; round < 15; round++) {
        char *found;
        const char *expected;

        make_ledger(&chance);
        read_at(now);
        found = as_the_view();
        expected = store_help_query(store_help_db(),
                                    "SELECT day, coverage FROM coverage_by_day ORDER BY day");
        /* Midnight may come between the two. */
        ck_assert_uint_gt(strlen(found), 0);
        ck_assert_int_eq(strncmp(expected, found, strlen(found)), 0);
        ck_assert_uint_le(strlen(expected), strlen(found) + 23);
        free(found);
        store_covered_free(&covered);
        store_help_exec(store_help_db(), "DELETE FROM gaps; DELETE FROM runs;"
                                         " UPDATE users SET last_success_at = NULL");
        store_help_begin(store, STORE_DURABLE);
    }
    store_rollback(store);
}
END_TEST

/* The gap that is named is the one whose cause the view tells. */
START_TEST(the_gap_of_a_day_is_that_of_the_view)
{
    struct chance chance = chance_open("the_gap_of_a_day_is_that_of_the_view");

    make_ledger(&chance);
    store_help_commit(store);
    store_help_exec(store_help_db(), "UPDATE gaps SET filled_by = NULL");
    read_at(T0 + 70 * DAY);
    for (size_t i = 0; i < covered.count; i++) {
        char sql[500], id[24];

        snprintf(sql, sizeof(sql),
                 "SELECT coalesce((SELECT gap_id FROM gaps WHERE after_played_at < %lld"
                 " AND before_played_at > %lld ORDER BY certainty, gap_id LIMIT 1), 0)",
                 (long long)((covered.days[i].day + 1) * DAY),
                 (long long)(covered.days[i].day * DAY));
        snprintf(id, sizeof(id), "%lld", (long long)covered.days[i].gap_id);
        ck_assert_str_eq(store_help_query(store_help_db(), sql), id);
    }
}
END_TEST

Suite *store_coverage_suite(void);

Suite *store_coverage_suite(void)
{
    Suite *suite = suite_create("store_coverage");
    TCase *test = tcase_create("coverage");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, each_day_says_what_is_known_of_it);
    tcase_add_test(test, of_several_gaps_the_worst_and_then_the_first_counts);
    tcase_add_test(test, plays_from_before_the_record_make_days_before_it);
    tcase_add_test(test, before_the_first_sweep_all_days_are_before_the_record);
    tcase_add_test(test, without_plays_and_record_there_are_no_days);
    tcase_add_test(test, days_are_those_of_the_zone);
    tcase_add_test(test, an_unknown_user_is_not_found);
    tcase_add_test(test, moments_beyond_reason_make_no_endless_list);
    tcase_add_test(test, states_have_the_names_of_the_view);
    tcase_add_test(test, in_utc_days_are_what_the_view_says);
    tcase_add_test(test, the_gap_of_a_day_is_that_of_the_view);
    suite_add_tcase(suite, test);
    return suite;
}
