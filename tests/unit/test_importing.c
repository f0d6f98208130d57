/* SPDX-License-Identifier: MIT */
/* The pace of an import, on an event loop of the test's own; the rest is tested with the real
 * daemon (tests/scenario/test_importing.c). */
#include "capture/importing.h"

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/poller.h"
#include "capture/upkeep.h"
#include "store_help.h"

static struct recorder recorder;
static struct poller poller;
static struct poller *pollers[] = {&poller};
static char id[IMPORTING_ID_SIZE];
static char log_lines[8192];

static void keep_line(enum log_level level, const char *line, void *context)
{
    size_t len = strlen(log_lines);

    (void)level;
    (void)context;
    snprintf(log_lines + len, sizeof(log_lines) - len, "%s\n", line);
}

static void no_fatal(enum store_result result, const char *message, void *context)
{
    (void)context;
    ck_abort_msg("%s: %s", store_result_name(result), message);
}

/* A recorder that polls nobody: one user, who rests. */
static void setup(void)
{
    store_help_setup();
    store_help_make();
    log_set_sink(keep_line, NULL);
    recorder = (struct recorder){.base = event_base_new(), .pollers = pollers, .count = 1};
    recorder.store = store_help_open(STORE_WRITER);
    recorder.commit = commit_new(recorder.base, recorder.store, 0, no_fatal, NULL);
    recorder.upkeep = upkeep_new(&recorder);
    recorder.database = strdup(store_help_db());
    recorder.upkeep = upkeep_new(&recorder);
    poller = (struct poller){.recorder = &recorder,
                             .user_id = 1,
                             .name = "Ann",
                             .entry.index = SCHEDULE_OUT,
                             .policy.due = POLICY_NEVER};
}

static void teardown(void)
{
    recorder_import_drop(&recorder);
    upkeep_free(recorder.upkeep);
    commit_free(recorder.commit);
    store_close(recorder.store);
    event_base_free(recorder.base);
    free(recorder.database);
    store_help_teardown();
}

static void open_one(void)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "a.json",
                                                   .hash = "0123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};

    ck_assert_int_eq(recorder_import_open(&recorder, &options, id), IMPORTING_OK);
    ck_assert_uint_eq(strlen(id), IMPORTING_ID_SIZE - 1);
}

static enum importing_result hand_in_row(void)
{
    static struct archive_row row;
    uint8_t record[ARCHIVE_RECORD_MAX];

    row = (struct archive_row){.form = ARCHIVE_FORM_LONG,
                               .row_no = 1,
                               .ended_at = STORE_HELP_T0 - CLOCK_DAY,
                               .ms_played = 200000,
                               .uri = "spotify:track:0000000000000000000001",
                               .name = "Title",
                               .offline_at = CLOCK_NO_TIME};
    return recorder_import_rows(&recorder, id, record, archive_record_put_row(record, &row));
}

static void open_with_row(void)
{
    open_one();
    ck_assert_int_eq(hand_in_row(), IMPORTING_OK);
}

static struct importing_status look(void)
{
    struct importing_status status;

    ck_assert_int_eq(recorder_import_status(&recorder, id, &status), IMPORTING_OK);
    return status;
}

static void turn(void)
{
    ck_assert_int_eq(event_base_loop(recorder.base, EVLOOP_ONCE), 0);
}

static void run_to_the_end(void)
{
    for (int i = 0; i < 1000 && look().stage != IMPORTING_DONE; i++)
        turn();
    ck_assert_int_eq(look().stage, IMPORTING_DONE);
    upkeep_stop(recorder.upkeep); /* what follows an import has tests of its own */
}

static int activate(const struct event_base *base, const struct event *event, void *context)
{
    (void)base;
    if (!event_pending(event, EV_TIMEOUT, NULL))
        return 0;
    event_active((struct event *)event, EV_TIMEOUT, 0);
    ++*(int *)context;
    return 0;
}

/* Lets all time pass that a timer waits for: there is one, the import's, besides that of the sums
 * that follow behind. */
static void let_time_pass(void)
{
    int count = 0;

    upkeep_stop(recorder.upkeep);
    event_base_foreach_event(recorder.base, activate, &count);
    ck_assert_int_eq(count, 1);
    event_base_loop(recorder.base, EVLOOP_NONBLOCK);
}

START_TEST(one_for_which_nothing_comes_is_given_up)
{
    struct importing_status status;

    open_with_row();
    let_time_pass();
    status = look();
    ck_assert_int_eq(status.stage, IMPORTING_DONE);
    ck_assert_int_eq(status.end, ARCHIVE_IMPORT_FAILED);
    ck_assert_str_eq(status.error, "it was given up: no rows came for a minute");
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_TOO_LATE);
    ck_assert_ptr_nonnull(strstr(log_lines, "Ann: a.json: importing failed: it was given up"));
}
END_TEST

START_TEST(one_that_is_done_is_forgotten_in_time)
{
    struct importing_status status;

    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    run_to_the_end();
    ck_assert_int_eq(look().end, ARCHIVE_IMPORT_STORED);
    let_time_pass();
    ck_assert_int_eq(recorder_import_status(&recorder, id, &status), IMPORTING_NO_IMPORT);
    ck_assert_ptr_null(recorder.importing);
}
END_TEST

START_TEST(another_takes_the_place_of_one_that_is_done)
{
    char first[IMPORTING_ID_SIZE];
    struct importing_status status;

    open_one();
    memcpy(first, id, sizeof(first));
    ck_assert_int_eq(recorder_import_cancel(&recorder, id), IMPORTING_OK);
    open_one();
    ck_assert_str_ne(first, id);
    ck_assert_int_eq(recorder_import_status(&recorder, first, &status), IMPORTING_NO_IMPORT);
}
END_TEST

static bool can_open(void)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "b.json",
                                                   .hash = "1123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};

    return recorder_import_open(&recorder, &options, id) == IMPORTING_OK;
}

/* Runs one to its end without asking how it stands. */
static void run_untold(void)
{
    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    for (int i = 0; i < 1000 && !strstr(log_lines, "imported 1 row:"); i++)
        turn();
    upkeep_stop(recorder.upkeep);
}

START_TEST(another_waits_until_the_end_of_the_last_was_told)
{
    run_untold();
    ck_assert(!can_open());
    ck_assert_int_eq(look().end, ARCHIVE_IMPORT_STORED);
    ck_assert(can_open());
}
END_TEST

START_TEST(another_does_not_wait_for_ever_until_the_end_of_the_last_was_told)
{
    run_untold();
    let_time_pass();
    ck_assert(can_open());
}
END_TEST

/* Turns until the database sees it, for some of them: whether it commits. */
static bool commits_in_turns(int turns)
{
    for (int i = 0; i < turns && look().stage == IMPORTING_WORKING; i++)
        turn();
    return look().stage == IMPORTING_DONE;
}

START_TEST(it_does_not_commit_while_a_poll_is_about_to_begin)
{
    poller.stage = POLLER_WAITING;
    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    ck_assert(!commits_in_turns(10));
    ck_assert_int_eq(look().counts.rows, 1);
    poller.stage = POLLER_REFRESHING; /* it has begun, some time ago */
    ck_assert(commits_in_turns(10));
}
END_TEST

START_TEST(it_commits_at_once_when_a_poll_waits_for_that)
{
    poller.stage = POLLER_WAITING;
    poller.postponed = true;
    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    ck_assert(commits_in_turns(10));
}
END_TEST

START_TEST(it_waits_for_a_token_and_gives_way_to_a_stop)
{
    poller.stage = POLLER_REFRESHING;
    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    turn();
    turn();
    ck_assert_int_eq(look().stage, IMPORTING_WAITING);
    ck_assert(!store_long_is_open(recorder.store));
    recorder_import_drop(&recorder);
    ck_assert_ptr_null(recorder.importing);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM imports"), "0");
}
END_TEST

START_TEST(a_drop_in_the_middle_leaves_no_transaction_behind)
{
    poller.stage = POLLER_WAITING; /* it is held back before the commit */
    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    ck_assert(!commits_in_turns(10));
    ck_assert(store_long_is_open(recorder.store));
    recorder_import_drop(&recorder);
    ck_assert(!store_long_is_open(recorder.store));
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM imports"), "0");
}
END_TEST

START_TEST(rows_for_which_there_is_no_room_end_it_and_that_is_said)
{
    struct importing_status status;

    free(recorder.database);
    recorder.database = strdup("/nowhere/history.db");
    open_one();
    ck_assert_int_eq(hand_in_row(), IMPORTING_NO_SPACE);
    status = look();
    ck_assert_int_eq(status.stage, IMPORTING_DONE);
    ck_assert_ptr_nonnull(strstr(status.error, "the rows cannot be kept: "));
    ck_assert_ptr_nonnull(strstr(log_lines, "Ann: a.json: importing failed: the rows cannot be"));
}
END_TEST

START_TEST(an_undoing_is_not_begun_when_the_recorder_stops)
{
    char other[IMPORTING_ID_SIZE];

    open_with_row();
    ck_assert_int_eq(recorder_import_start(&recorder, id), IMPORTING_OK);
    run_to_the_end();
    recorder.stopping = true;
    ck_assert_int_eq(recorder_import_undo(&recorder, look().import_id, other), IMPORTING_BUSY);
    ck_assert_int_eq(recorder_import_undo(&recorder, 99, other), IMPORTING_NO_IMPORT);
}
END_TEST

START_TEST(a_recorder_that_stops_takes_none)
{
    const struct archive_import_options options = {.user_id = 1, .file = "a", .hash = "b"};

    recorder.stopping = true;
    ck_assert_int_eq(recorder_import_open(&recorder, &options, id), IMPORTING_BUSY);
}
END_TEST

Suite *importing_suite(void)
{
    Suite *suite = suite_create("importing");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, one_for_which_nothing_comes_is_given_up);
    tcase_add_test(all, one_that_is_done_is_forgotten_in_time);
    tcase_add_test(all, another_takes_the_place_of_one_that_is_done);
    tcase_add_test(all, another_waits_until_the_end_of_the_last_was_told);
    tcase_add_test(all, another_does_not_wait_for_ever_until_the_end_of_the_last_was_told);
    tcase_add_test(all, it_does_not_commit_while_a_poll_is_about_to_begin);
    tcase_add_test(all, it_commits_at_once_when_a_poll_waits_for_that);
    tcase_add_test(all, it_waits_for_a_token_and_gives_way_to_a_stop);
    tcase_add_test(all, a_drop_in_the_middle_leaves_no_transaction_behind);
    tcase_add_test(all, rows_for_which_there_is_no_room_end_it_and_that_is_said);
    tcase_add_test(all, an_undoing_is_not_begun_when_the_recorder_stops);
    tcase_add_test(all, a_recorder_that_stops_takes_none);
    suite_add_tcase(suite, all);
    return suite;
}
