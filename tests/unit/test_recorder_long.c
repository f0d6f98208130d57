/* SPDX-License-Identifier: MIT */
/* What takes longer than a turn of a recorder's loop, imports, removals and sums that are made
 * anew: what it waits for, what waits for it, and what ends it. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alarm.h"
#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/importing.h"
#include "capture/upkeep.h"
#include "lib/later.h"
#include "lib/nth_step.h"
#include "recorder_help.h"
#include "store_help.h"

#define SPOTIFY_MS 10000

static struct recorder_help *const help = &recorder_help;

static struct poller *poller(size_t number)
{
    return help->recorder->pollers[number - 1];
}

static void close_gate(void)
{
    help->recorder->gate.opens_at = clock_boot_ms() + CLOCK_HOUR;
}

static enum store_result removal;
static bool removal_over;

static void removal_ended(enum store_result result, const struct store_holdings *removed,
                          void *context)
{
    (void)removed;
    (void)context;
    removal = result;
    removal_over = true;
}

static bool is_removal_over(void)
{
    return removal_over;
}

static void begin_removal(void)
{
    removal_over = false;
    ck_assert_int_eq(recorder_forget(help->recorder, 1, removal_ended, NULL), STORE_OK);
}

static char import_id[IMPORTING_ID_SIZE];

static bool is_import_over(void)
{
    struct importing_status status;

    return recorder_import_status(help->recorder, import_id, &status) != IMPORTING_OK ||
           status.stage == IMPORTING_DONE;
}

static void begin_import(void)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "a.json",
                                                   .hash = "0123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};

    ck_assert_int_eq(recorder_import_open(help->recorder, &options, import_id), IMPORTING_OK);
    ck_assert_int_eq(recorder_import_start(help->recorder, import_id), IMPORTING_OK);
    ck_assert(!is_import_over());
}

static void assert_import_failed(const char *why)
{
    struct importing_status status;

    ck_assert_msg(recorder_help_run(is_import_over, SPOTIFY_MS), "%s", help->log);
    ck_assert_int_eq(recorder_import_status(help->recorder, import_id, &status), IMPORTING_OK);
    ck_assert_int_eq(status.end, ARCHIVE_IMPORT_FAILED);
    ck_assert_str_eq(status.error, why);
}

START_TEST(while_a_large_change_is_under_way_nothing_else_begins)
{
    recorder_help_begin_idle(1);
    close_gate();
    help->recorder->gate_unstored = true;
    ck_assert_int_eq(store_long_begin(help->store), STORE_OK);
    store_long_pause(help->store);
    recorder_store_gate(help->recorder);
    ck_assert(help->recorder->gate_unstored);
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_BUSY);
    ck_assert_int_eq(recorder_forget(help->recorder, 1, NULL, NULL), STORE_BUSY);
    ck_assert_int_eq(store_long_resume(help->store), STORE_OK);
    store_rollback(help->store);
    recorder_store_gate(help->recorder);
    ck_assert(!help->recorder->gate_unstored);
    recorder_help_end();
}
END_TEST

/* It asks for nothing before, and does not wait until it may. */
START_TEST(an_import_comes_to_its_end_though_spotify_asked_to_wait)
{
    recorder_help_begin_idle(1);
    close_gate();
    begin_import();
    ck_assert(recorder_help_run(is_import_over, SPOTIFY_MS));
    recorder_help_end();
}
END_TEST

START_TEST(a_removal_does_not_wait_for_a_token_that_never_comes)
{
    recorder_help_begin_idle(2);
    poller(2)->stage = POLLER_REFRESHING;
    begin_removal();
    recorder_help_turns(3);
    ck_assert(!removal_over);
    later(CLOCK_MINUTE);
    ck_assert(recorder_help_run(is_removal_over, SPOTIFY_MS));
    ck_assert_int_eq(removal, STORE_BUSY);
    ck_assert_ptr_nonnull(poller(1));
    poller(2)->stage = POLLER_IDLE;
    recorder_help_end();
}
END_TEST

START_TEST(an_import_does_not_wait_for_a_token_that_never_comes)
{
    recorder_help_begin_idle(2);
    poller(2)->stage = POLLER_REFRESHING;
    begin_import();
    later(CLOCK_MINUTE);
    recorder_help_turns(3);
    ck_assert(!is_import_over());
    later(2 * CLOCK_MINUTE);
    assert_import_failed("tokens that must be stored first did not come; try again");
    poller(2)->stage = POLLER_IDLE;
    recorder_help_end();
}
END_TEST

START_TEST(an_import_for_somebody_who_is_being_removed_ends)
{
    recorder_help_begin_idle(2);
    poller(2)->stage = POLLER_REFRESHING;
    begin_removal();
    begin_import();
    poller(2)->stage = POLLER_IDLE;
    assert_import_failed("the user was removed");
    ck_assert(removal_over);
    ck_assert_int_eq(removal, STORE_OK);
    recorder_help_end();
}
END_TEST

START_TEST(a_recorder_that_stops_or_failed_takes_no_import_and_no_rebuilding)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "a.json",
                                                   .hash = "0123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};
    char id[IMPORTING_ID_SIZE];

    recorder_help_begin_idle(1);
    help->recorder->failed = true;
    ck_assert_int_eq(recorder_import_open(help->recorder, &options, id), IMPORTING_BUSY);
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_BUSY);
    help->recorder->failed = false;
    help->recorder->stopping = true;
    ck_assert_int_eq(recorder_import_open(help->recorder, &options, id), IMPORTING_BUSY);
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_BUSY);
    help->recorder->stopping = false;
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_OK);
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_BUSY);
    ck_assert_int_eq(recorder_import_open(help->recorder, &options, id), IMPORTING_OK);
    ck_assert_int_eq(recorder_import_open(help->recorder, &options, id), IMPORTING_BUSY);
    recorder_help_end();
}
END_TEST

static bool is_rebuilt(void)
{
    struct upkeep_rebuild status;

    recorder_rebuild_status(help->recorder, &status);
    return status.done;
}

static void make_due(void)
{
    schedule_set(&help->recorder->schedule, &poller(1)->entry, clock_boot_ms());
}

static void make_somebody_store(void)
{
    poller(2)->stage = POLLER_STORING;
}

/* Somebody in the line, but Spotify asked to wait. */
static void make_somebody_wait(void)
{
    close_gate();
    STAILQ_INSERT_TAIL(&help->recorder->line, poller(2), line);
}

static void take_all_transfers(void)
{
    help->recorder->gate.in_flight = help->recorder->gate.max_in_flight;
    STAILQ_INSERT_TAIL(&help->recorder->line, poller(2), line);
}

static void stop_polling(void)
{
    help->recorder->running = false;
    make_due();
}

static const struct beside {
    void (*make)(void);
    bool holds;
} besides[] = {
    {make_due, true},
    {make_somebody_store, true},
    {make_somebody_wait, false},
    {take_all_transfers, false},
    {stop_polling, false},
};

/* The alarm of the recorder is a real one, and what is due is not polled within this test. */
START_TEST(sums_wait_for_polls_that_are_due_and_for_no_others)
{
    recorder_help_begin_idle(2);
    ck_assert_int_eq(recorder_rebuild(help->recorder), STORE_OK);
    alarm_stop(help->recorder->alarm);
    besides[_i].make();
    if (besides[_i].holds) {
        recorder_help_turns(3);
        ck_assert(!is_rebuilt());
    } else {
        ck_assert(recorder_help_run(is_rebuilt, SPOTIFY_MS));
    }
    recorder_help_end();
}
END_TEST

START_TEST(sums_that_cannot_be_made_anew_are_no_success)
{
    int64_t plays = -1;
    bool fired = true;

    recorder_help_begin_idle(1);
    for (long k = 1; fired; k++) {
        enum store_result result;

        nth_step_order(SQLITE_BUSY, k, false);
        result = upkeep_rebuild(help->store, &plays);
        fired = nth_step_end();
        ck_assert_msg((result == STORE_OK) == !fired, "statement %ld", k);
    }
    ck_assert_int_eq(plays, 0);
    recorder_help_end();
}
END_TEST

Suite *recorder_long_suite(void);

Suite *recorder_long_suite(void)
{
    Suite *suite = suite_create("recorder_long");
    TCase *tcase = tcase_create("long work");

    tcase_add_checked_fixture(tcase, recorder_help_setup, recorder_help_teardown);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, while_a_large_change_is_under_way_nothing_else_begins);
    tcase_add_test(tcase, an_import_comes_to_its_end_though_spotify_asked_to_wait);
    tcase_add_test(tcase, a_removal_does_not_wait_for_a_token_that_never_comes);
    tcase_add_test(tcase, an_import_does_not_wait_for_a_token_that_never_comes);
    tcase_add_test(tcase, an_import_for_somebody_who_is_being_removed_ends);
    tcase_add_test(tcase, a_recorder_that_stops_or_failed_takes_no_import_and_no_rebuilding);
    tcase_add_test(tcase, sums_that_cannot_be_made_anew_are_no_success);
    tcase_add_loop_test(tcase, sums_wait_for_polls_that_are_due_and_for_no_others, 0,
                        (int)(sizeof(besides) / sizeof(besides[0])));
    return suite;
}
