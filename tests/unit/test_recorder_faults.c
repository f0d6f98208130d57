/* SPDX-License-Identifier: MIT */
/* The database fails at each statement of a poll, a sign-in, a removal, an import in turn: it is
 * told, nothing half is kept, and the next try brings in all of it. */
#include <check.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/importing.h"
#include "capture/signin.h"
#include "capture/upkeep.h"
#include "lib/nth_step.h"
#include "recorder_help.h"
#include "store_help.h"

#define SPOTIFY_MS 10000
#define PLAYS "SELECT count(*) FROM played_tracks"

/* A code of SQLite at one statement, or from there on. */
static const struct fault {
    int code;
    bool for_ever; /* until the test ends it */
} faults[] = {{SQLITE_BUSY, false},
              {SQLITE_BUSY, true},
              {SQLITE_IOERR, false},

              {SQLITE_ERROR, false}};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))
#define ERROR_FAULT 3 /* concerns one outcome of a poll only: others take it like a broken disk */

static struct recorder_help *const help = &recorder_help;
static int called;
static enum store_result forgotten;
static struct signin_report report;
static char import_id[IMPORTING_ID_SIZE];

static void order(int fault, long k)
{
    nth_step_order(faults[fault].code, k, faults[fault].for_ever);
}

/* How long Spotify may take; what fails for ever does not go on before the test ends it. */
static int64_t patience(int fault)
{
    return faults[fault].for_ever ? 100 : SPOTIFY_MS;
}

/* Every statement is met by one fault, every other one by the rest. */
static long stride(int fault)
{
    return fault == 0 ? 1 : 2;
}

static void expect(const char *sql, const char *result, long k)
{
    const char *found = store_help_ask(sql);

    ck_assert_msg(strcmp(found, result) == 0, "statement %ld, %s: %s, not %s\n%s", k, sql, found,
                  result, help->log);
}

static bool called_or_fatal(void)
{
    return called > 0 || help->fatal != STORE_OK;
}

/* -- a poll -------------------------------------------------------------------------------------- */

static bool has_plays(void)
{
    return recorder_help_polled() && help->fatal == STORE_OK &&
           help->recorder->pollers[0]->once_success;
}

/* The alarm of the first poll is a real one: it is asked for at once instead. */
static bool start(void)
{
    if (recorder_start(help->recorder) != STORE_OK)
        return false;
    recorder_poll_now(help->recorder);
    return true;
}

/* As a person does, or the daemon that is started anew. */
static void poll_once_more(void)
{
    if (help->fatal == STORE_OK && help->recorder->running) {
        recorder_poll_now(help->recorder);
        recorder_help_turns(3);
    } else {
        recorder_help_restart();
        ck_assert(start());
    }
    ck_assert_msg(recorder_help_run(has_plays, SPOTIFY_MS), "no plays came in:\n%s", help->log);
}

START_TEST(E16_a_poll_meets_a_failing_statement_and_the_next_brings_all_plays)
{
    bool fired = true;
    long k = 0;

    while (fired) {
        recorder_help_begin(recorder_help_page);
        order(_i, k += stride(_i));
        if (start())
            recorder_help_run(recorder_help_polled, patience(_i));
        recorder_help_turns(3);
        fired = nth_step_end();
        if (!fired)
            ck_assert_int_eq(help->fatal, STORE_OK);
        if (help->fatal != STORE_OK || !help->recorder->running || !has_plays())
            poll_once_more();
        expect(PLAYS, "2", k);
        /* A token that could not be stored for good is lost with the process, and no other is. */
        if (help->fatal == STORE_OK)
            ck_assert_str_eq(recorder_help_refresh_token(1), "R2");
        recorder_help_end();
    }
    ck_assert_int_gt(k, 20);
}
END_TEST

/* -- a sign-in ----------------------------------------------------------------------------------- */

static void signed_in(const struct signin_report *result, void *context)
{
    (void)context;
    report = *result;
    called++;
}

static void sign_in(int64_t wanted, int64_t ms)
{
    const struct signin_grant grant = {.refresh_token = "R1", .user_id = wanted};

    called = 0;
    ck_assert_ptr_nonnull(signin_start(help->recorder, &grant, signed_in, NULL));
    recorder_help_run(called_or_fatal, ms);
}

START_TEST(a_sign_in_meets_a_failing_statement_and_is_whole_or_not_there)
{
    bool fired = true;
    long k = 0;

    while (fired) {
        recorder_help_begin(recorder_help_profile);
        order(_i, k += stride(_i));
        sign_in(0, patience(_i));
        fired = nth_step_end();
        if (called == 0)
            recorder_help_run(called_or_fatal, SPOTIFY_MS);
        ck_assert_int_eq(called, 1);
        ck_assert_str_ne(report.message, "");
        ck_assert(fired || report.result == SIGNIN_OK);
        if (report.result == SIGNIN_OK) {
            ck_assert_str_eq(recorder_help_refresh_token(2), "R2");
        } else {
            ck_assert_int_eq(report.result, SIGNIN_STORE);
            expect("SELECT count(*) FROM users", "1", k);
            recorder_help_restart();
            sign_in(0, SPOTIFY_MS);
            ck_assert_int_eq(report.result, SIGNIN_OK);
        }
        expect("SELECT count(*) FROM users", "2", k);
        recorder_help_end();
    }
    ck_assert_int_gt(k, 8);
}
END_TEST

START_TEST(somebody_else_who_signs_in_is_not_taken_whatever_statement_fails)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        recorder_help_begin(recorder_help_profile);
        order(_i, k);
        sign_in(1, patience(_i));
        fired = nth_step_end();
        if (called == 0)
            recorder_help_run(called_or_fatal, SPOTIFY_MS);
        ck_assert_int_eq(called, 1);
        ck_assert_int_ne(report.result, SIGNIN_OK);
        ck_assert(fired || report.result == SIGNIN_OTHER_ACCOUNT);
        expect("SELECT count(*) FROM users", "1", k);
        ck_assert_str_eq(recorder_help_refresh_token(1), "R1");
        recorder_help_end();
    }
}
END_TEST

/* -- a removal ----------------------------------------------------------------------------------- */

/* A recorder that runs, over a database that holds what a poll brought. */
static void begin_polled(void)
{
    static bool is_kept;

    recorder_help_begin(recorder_help_page);
    if (is_kept) {
        ck_assert_int_eq(recorder_start(help->recorder), STORE_OK);
        help->recorder->pollers[0]->policy.due = clock_boot_ms() + 10 * CLOCK_MINUTE;
        recorder_reschedule(help->recorder);
        return;
    }
    ck_assert(start());
    ck_assert(recorder_help_run(has_plays, SPOTIFY_MS));
    recorder_help_end();
    recorder_help_keep();
    is_kept = true;
    begin_polled();
}

static void forget_done(enum store_result result, const struct store_holdings *removed,
                        void *context)
{
    (void)removed;
    (void)context;
    forgotten = result;
    called++;
}

static void forget(void)
{
    called = 0;
    forgotten = recorder_forget(help->recorder, 1, forget_done, NULL);
    if (forgotten == STORE_OK)
        recorder_help_run(called_or_fatal, SPOTIFY_MS);
}

START_TEST(somebody_who_leaves_goes_as_a_whole_or_stays_as_a_whole_whatever_statement_fails)
{
    bool fired = true;
    long k = 0;

    while (fired) {
        begin_polled();
        order(_i, k += stride(_i));
        forget();
        fired = nth_step_end();
        recorder_help_turns(2);
        ck_assert(fired || forgotten == STORE_OK);
        ck_assert_ptr_null(help->recorder->leaving);
        if (forgotten != STORE_OK) {
            expect(PLAYS, "2", k);
            ck_assert_str_eq(recorder_help_refresh_token(1), "R2");
            recorder_help_restart();
            ck_assert_int_eq(recorder_start(help->recorder), STORE_OK);
            forget();
            ck_assert_int_eq(forgotten, STORE_OK);
        }
        expect("SELECT count(*) FROM users", "0", k);
        expect("SELECT count(*) FROM tokens", "0", k);
        expect(PLAYS, "0", k);
        recorder_help_end();
    }
    ck_assert_int_gt(k, 10);
}
END_TEST

START_TEST(somebody_who_signs_out_has_no_token_any_more_or_is_told_that_it_failed)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        enum store_result result;

        begin_polled();
        order(_i, k);
        result = recorder_sign_out(help->recorder, 1);
        fired = nth_step_end();
        ck_assert(fired || result == STORE_OK);
        ck_assert_str_eq(recorder_help_refresh_token(1), result == STORE_OK ? "" : "R2");
        expect("SELECT count(*) FROM users WHERE state_reason LIKE 'signed_out%'",
               result == STORE_OK ? "1" : "0", k);
        recorder_help_end();
    }
}
END_TEST

/* -- an import ----------------------------------------------------------------------------------- */

static bool import_over(void)
{
    struct importing_status status;

    return recorder_import_status(help->recorder, import_id, &status) != IMPORTING_OK ||
           status.stage == IMPORTING_DONE;
}

static struct importing_status import_end(void)
{
    struct importing_status status;

    recorder_help_run(import_over, 0);
    (void)nth_step_end();
    if (!import_over()) /* it waits for the database, by the clock */
        (void)recorder_import_cancel(help->recorder, import_id);
    ck_assert_int_eq(recorder_import_status(help->recorder, import_id, &status), IMPORTING_OK);
    ck_assert_int_eq(status.stage, IMPORTING_DONE);
    return status;
}

/* Hands in one row. */
static void hand_in(void)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "a.json",
                                                   .hash = "0123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};
    struct archive_row row = {.form = ARCHIVE_FORM_LONG,
                              .row_no = 1,
                              .ended_at = STORE_HELP_T0 - CLOCK_DAY,
                              .ms_played = 200000,
                              .uri = "spotify:track:0000000000000000000001",
                              .name = "Title",
                              .offline_at = CLOCK_NO_TIME};
    uint8_t record[ARCHIVE_RECORD_MAX];
    size_t len = archive_record_put_row(record, &row);

    ck_assert_int_eq(recorder_import_open(help->recorder, &options, import_id), IMPORTING_OK);
    ck_assert_int_eq(recorder_import_rows(help->recorder, import_id, record, len), IMPORTING_OK);
}

static bool is_stored(const struct importing_status *status)
{
    ck_assert(status->end == ARCHIVE_IMPORT_STORED || status->error[0]);
    return status->end == ARCHIVE_IMPORT_STORED;
}

START_TEST(an_import_is_stored_as_a_whole_or_not_at_all_whatever_statement_fails)
{
    bool fired = true;
    long k = 0;

    while (fired) {
        struct importing_status status;

        begin_polled();
        hand_in();
        order(_i, k += stride(_i));
        (void)recorder_import_start(help->recorder, import_id);
        recorder_help_run(import_over, 0);
        fired = nth_step_end();
        status = import_end();
        ck_assert(fired || status.end == ARCHIVE_IMPORT_STORED);
        expect(PLAYS, is_stored(&status) ? "3" : "2", k);
        expect("SELECT count(*) FROM imports", is_stored(&status) ? "1" : "0", k);
        recorder_help_end();
    }
    ck_assert_int_gt(k, 10);
}
END_TEST

START_TEST(undoing_an_import_is_done_as_a_whole_or_not_at_all_whatever_statement_fails)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        struct importing_status status;
        enum importing_result begun;

        begin_polled();
        hand_in();
        (void)recorder_import_start(help->recorder, import_id);
        status = import_end();
        ck_assert(is_stored(&status));
        order(_i, k);
        begun = recorder_import_undo(help->recorder, status.import_id, import_id);
        if (begun == IMPORTING_OK)
            recorder_help_run(import_over, 0);
        fired = nth_step_end();
        if (begun == IMPORTING_OK)
            status = import_end();
        ck_assert(fired || (begun == IMPORTING_OK && status.end == ARCHIVE_IMPORT_STORED));
        if (begun == IMPORTING_OK && is_stored(&status))
            expect(PLAYS, "2", k);
        else
            expect(PLAYS, "3", k);
        recorder_help_end();
    }
}
END_TEST

/* -- what is asked for --------------------------------------------------------------------------- */

START_TEST(what_is_asked_of_a_failing_database_is_refused_not_made_up)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        struct account *accounts = NULL, account;
        struct recorder_status status;
        size_t count = 0;
        enum store_result all, one;

        begin_polled();
        order(_i, k);
        all = recorder_accounts(help->recorder, &accounts, &count);
        one = recorder_account(help->recorder, 1, &account);
        recorder_status(help->recorder, &status);
        fired = nth_step_end();
        ck_assert(fired || (all == STORE_OK && one == STORE_OK));
        ck_assert_uint_eq(count, all == STORE_OK ? 1 : 0);
        ck_assert(all != STORE_OK || accounts[0].live);
        ck_assert(one != STORE_OK || account.live);
        ck_assert(status.has_client);
        free(accounts);
        recorder_help_end();
    }
}
END_TEST

static bool is_rebuilt(void)
{
    struct upkeep_rebuild rebuild;

    recorder_rebuild_status(help->recorder, &rebuild);
    return rebuild.done || help->fatal != STORE_OK;
}

START_TEST(sums_are_made_anew_in_the_end_whatever_statement_fails)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        struct upkeep_rebuild rebuild = {.done = false};
        enum store_result begun;

        begin_polled();
        order(_i, k);
        begun = recorder_rebuild(help->recorder);
        recorder_help_run(is_rebuilt, 0);
        fired = nth_step_end();
        recorder_help_run(is_rebuilt, 0);
        recorder_rebuild_status(help->recorder, &rebuild);
        ck_assert(fired || begun == STORE_OK);
        ck_assert(!rebuild.done || rebuild.problem[0] || rebuild.plays == 2);
        ck_assert(fired || rebuild.plays == 2);
        recorder_help_end();
    }
}
END_TEST

START_TEST(until_when_spotify_asked_to_wait_is_stored_in_the_end)
{
    bool fired = true;

    for (long k = 1; fired; k += stride(_i)) {
        begin_polled();
        order(_i, k);
        recorder_close_gate(help->recorder, CLOCK_HOUR, "rate_limit", false);
        fired = nth_step_end();
        ck_assert(fired || !help->recorder->gate_unstored);
        if (help->recorder->gate_unstored)
            ck_assert_ptr_nonnull(strstr(help->log, "storing until when Spotify asked to wait"));
        if (faults[_i].code == SQLITE_IOERR &&
            fired) { /* it takes nothing any more: the daemon ends */
            recorder_help_end();
            continue;
        }
        recorder_store_gate(help->recorder);
        ck_assert(!help->recorder->gate_unstored);
        expect("SELECT count(*) FROM gate WHERE reason = 'rate_limit'", "1", k);
        recorder_help_end();
    }
}
END_TEST

Suite *recorder_faults_suite(void);

Suite *recorder_faults_suite(void)
{
    Suite *suite = suite_create("recorder_faults");
    TCase *tcase = tcase_create("statements");

    tcase_add_checked_fixture(tcase, recorder_help_setup, recorder_help_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, E16_a_poll_meets_a_failing_statement_and_the_next_brings_all_plays,
                        0, FAULTS);
    tcase_add_loop_test(tcase, a_sign_in_meets_a_failing_statement_and_is_whole_or_not_there, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(tcase, somebody_else_who_signs_in_is_not_taken_whatever_statement_fails, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(
        tcase, somebody_who_leaves_goes_as_a_whole_or_stays_as_a_whole_whatever_statement_fails, 0,
        ERROR_FAULT);
    tcase_add_loop_test(tcase,
                        somebody_who_signs_out_has_no_token_any_more_or_is_told_that_it_failed, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(tcase,
                        an_import_is_stored_as_a_whole_or_not_at_all_whatever_statement_fails, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(tcase,
                        undoing_an_import_is_done_as_a_whole_or_not_at_all_whatever_statement_fails,
                        0, ERROR_FAULT);
    tcase_add_loop_test(tcase, what_is_asked_of_a_failing_database_is_refused_not_made_up, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(tcase, sums_are_made_anew_in_the_end_whatever_statement_fails, 0,
                        ERROR_FAULT);
    tcase_add_loop_test(tcase, until_when_spotify_asked_to_wait_is_stored_in_the_end, 0,
                        ERROR_FAULT);
    suite_add_tcase(suite, tcase);
    return suite;
}
