/* SPDX-License-Identifier: MIT */
/* Users of a recorder in every state there is, met by every request there is: what is taken is
 * given back, what is said is so, and nobody else notices. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/measures.h"
#include "lib/nth_step.h"
#include "recorder_help.h"
#include "store_help.h"

#define SPOTIFY_MS 10000
#define OTHER_APP "ffffffffffffffffffffffffffffffff"

static struct recorder_help *const help = &recorder_help;

static struct poller *poller(size_t number)
{
    return help->recorder->pollers[number - 1];
}

static void close_gate(bool by_app)
{
    help->recorder->gate.opens_at = clock_boot_ms() + CLOCK_HOUR;
    help->recorder->gate_by_app = by_app;
}

static size_t line_length(void)
{
    const struct poller *one;
    size_t length = 0;

    STAILQ_FOREACH (one, &help->recorder->line, line)
        length++;
    return length;
}

/* -- being taken away ---------------------------------------------------------------------------- */

START_TEST(somebody_in_the_line_is_taken_out_wherever_they_stand)
{
    static const int64_t leave[] = {3, 1, 4, 2};

    recorder_help_begin_idle(4);
    close_gate(false);
    recorder_poll_now(help->recorder);
    recorder_help_turns(2);
    ck_assert_uint_eq(line_length(), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(poller((size_t)leave[i])->stage, POLLER_WAITING);
        ck_assert_int_eq(recorder_sign_out(help->recorder, leave[i]), STORE_OK);
        ck_assert_int_eq(poller((size_t)leave[i])->stage, POLLER_IDLE);
        ck_assert_uint_eq(line_length(), 3 - i);
    }
    ck_assert_int_eq(help->recorder->gate.in_flight, 0);
    recorder_help_end();
}
END_TEST

static enum poller_stage wanted_stage;

static bool is_in_stage(void)
{
    return poller(1)->stage == wanted_stage;
}

static const enum poller_stage stages[] = {POLLER_REFRESHING, POLLER_ASKING, POLLER_STORING};

START_TEST(somebody_who_is_being_polled_gives_the_transfer_back_when_they_go)
{
    recorder_help_begin_idle(1);
    recorder_poll_now(help->recorder);
    wanted_stage = stages[_i];
    ck_assert_msg(recorder_help_run(is_in_stage, SPOTIFY_MS), "%s", help->log);
    ck_assert_int_eq(recorder_sign_out(help->recorder, 1), STORE_OK);
    ck_assert_int_eq(poller(1)->stage, POLLER_IDLE);
    ck_assert_ptr_null(poller(1)->request);
    ck_assert_ptr_null(poller(1)->refresh);
    ck_assert_int_eq(help->recorder->gate.in_flight, 0);
    ck_assert_str_eq(recorder_help_refresh_token(1), "");
    recorder_help_turns(5);
    ck_assert_int_eq(poller(1)->stage, POLLER_IDLE);
    recorder_help_end();
}
END_TEST

/* -- being asked for ----------------------------------------------------------------------------- */

static int once_told;

static void tell_once(enum recorder_outcome outcome, void *context)
{
    (void)context;
    ck_assert_int_eq(outcome, RECORDER_SOME_NEED_LOGIN);
    once_told++;
}

START_TEST(the_end_of_a_single_round_is_told_once_and_not_before_it_began_or_while_it_stops)
{
    recorder_help_begin_idle(1);
    poller(1)->foreign = true; /* waits for a person: nothing is to be polled */
    help->recorder->events.once = tell_once;
    help->recorder->running = false;
    recorder_reschedule(help->recorder);
    recorder_help_turns(3);
    ck_assert_int_eq(once_told, 0);
    help->recorder->running = help->recorder->stopping = true;
    recorder_reschedule(help->recorder);
    recorder_help_turns(3);
    ck_assert_int_eq(once_told, 0);
    help->recorder->stopping = false;
    for (int i = 0; i < 2; i++) {
        recorder_reschedule(help->recorder);
        recorder_help_turns(3);
    }
    ck_assert_int_eq(once_told, 1);
    help->recorder->events.once = NULL;
    recorder_help_end();
}
END_TEST

START_TEST(only_who_can_be_polled_is)
{
    recorder_help_begin_idle(4);
    poller(2)->policy.state = POLICY_NEEDS_LOGIN;
    policy_hold(&poller(3)->policy);
    ck_assert(recorder_poll_user(help->recorder, 1));
    ck_assert(!recorder_poll_user(help->recorder, 2));
    ck_assert(!recorder_poll_user(help->recorder, 3));
    ck_assert(!recorder_poll_user(help->recorder, 5));
    poller(4)->policy.state = POLICY_PAUSED; /* Spotify may have changed its mind */
    ck_assert(recorder_poll_user(help->recorder, 4));
    help->recorder->failed = true;
    ck_assert(!recorder_poll_user(help->recorder, 1));
    recorder_help_end();
}
END_TEST

START_TEST(a_new_token_for_somebody_who_is_being_polled_waits_for_the_next_poll)
{
    int64_t due;

    recorder_help_begin_idle(1);
    close_gate(false);
    recorder_poll_now(help->recorder);
    recorder_help_turns(2);
    due = poller(1)->policy.due;
    poller_renew(poller(1));
    ck_assert(poller(1)->renew);
    ck_assert_int_eq(poller(1)->policy.due, due);
    ck_assert_int_eq(poller(1)->stage, POLLER_WAITING);
    recorder_help_end();
}
END_TEST

/* -- figures ------------------------------------------------------------------------------------- */

static void put_into_states(void)
{
    recorder_help_begin_idle(5);
    poller(2)->policy.state = POLICY_PAUSED;
    poller(3)->policy.state = POLICY_NEEDS_LOGIN;
    ck_assert_int_eq(recorder_sign_out(help->recorder, 4), STORE_OK);
    snprintf(poller(5)->client_id, sizeof(poller(5)->client_id), "%s", OTHER_APP);
    poller_judge_app(poller(5));
    ck_assert(poller(5)->foreign);
}

START_TEST(each_state_of_a_user_is_told)
{
    static const enum measures_state states[] = {MEASURES_ACTIVE, MEASURES_PAUSED,
                                                 MEASURES_NEEDS_LOGIN, MEASURES_SIGNED_OUT,
                                                 MEASURES_NEEDS_LOGIN};
    struct measures measures;

    put_into_states();
    ck_assert(recorder_measure(help->recorder, &measures));
    ck_assert_uint_eq(measures.count, 5);
    for (size_t i = 0; i < measures.count; i++)
        ck_assert_int_eq(measures.users[i].state, states[i]);
    measures_free(&measures);
    recorder_help_end();
}
END_TEST

START_TEST(each_account_says_what_is_to_be_done)
{
    static const char *const todos[] = {"", "is refused by Spotify", "must sign in again", "",
                                        "belongs to another client id"};
    struct account *accounts;
    size_t count;

    recorder_help_begin_idle(5);
    store_help_exec(store_help_db(),
                    "UPDATE users SET state = 'paused' WHERE user_id = 2;"
                    "UPDATE users SET state = 'needs_login' WHERE user_id = 3;"
                    "UPDATE users SET client_id = '" OTHER_APP "' WHERE user_id = 5");
    ck_assert_int_eq(recorder_sign_out(help->recorder, 4), STORE_OK);
    ck_assert_int_eq(recorder_accounts(help->recorder, &accounts, &count), STORE_OK);
    ck_assert_uint_eq(count, 5);
    for (size_t i = 0; i < count; i++) {
        ck_assert(accounts[i].live);
        ck_assert_int_eq(accounts[i].must_act, todos[i][0] != '\0');
        ck_assert_int_eq(accounts[i].signed_out, i == 3);
        ck_assert_msg(strstr(accounts[i].todo, todos[i]) != NULL, "%s", accounts[i].todo);
    }
    free(accounts);
    recorder_help_end();
}
END_TEST

static bool says_running(void)
{
    struct measures measures;

    ck_assert(recorder_measure(help->recorder, &measures));
    measures_free(&measures);
    return measures.running;
}

START_TEST(a_recorder_runs_that_neither_stops_nor_failed)
{
    recorder_help_begin(recorder_help_page);
    ck_assert(!says_running());
    recorder_help_end();
    recorder_help_begin_idle(1);
    ck_assert(says_running());
    help->recorder->failed = true;
    ck_assert(!says_running());
    help->recorder->failed = false;
    help->recorder->stopping = true;
    ck_assert(!says_running());
    recorder_help_end();
}
END_TEST

static int64_t overdue(void)
{
    struct measures measures;

    ck_assert(recorder_measure(help->recorder, &measures));
    measures_free(&measures);
    return measures.overdue_ms;
}

START_TEST(who_is_due_for_long_is_overdue_if_anybody_is_polled)
{
    recorder_help_begin_idle(1);
    ck_assert_int_eq(overdue(), 0);
    schedule_set(&help->recorder->schedule, &poller(1)->entry, clock_boot_ms() - 5000);
    ck_assert_int_ge(overdue(), 5000);
    help->recorder->stopping = true;
    ck_assert_int_eq(overdue(), 0);
    recorder_help_end();
}
END_TEST

START_TEST(calls_of_another_hour_are_not_counted_for_this_one)
{
    struct measures measures;
    struct recorder_status status;

    recorder_help_begin_idle(1);
    help->recorder->gate.hour = clock_wall_ms() / CLOCK_HOUR - 1;
    help->recorder->gate.hour_calls = 7;
    ck_assert(recorder_measure(help->recorder, &measures));
    measures_free(&measures);
    ck_assert_int_eq(measures.calls_hour, 0);
    recorder_status(help->recorder, &status);
    ck_assert_int_eq(status.calls_hour, 0);
    recorder_help_end();
}
END_TEST

/* -- leaving ------------------------------------------------------------------------------------- */

static int told;

static void gone(enum store_result result, const struct store_holdings *removed, void *context)
{
    (void)result;
    (void)removed;
    (void)context;
    told++;
}

static bool nobody_leaves(void)
{
    return help->recorder->leaving == NULL;
}

START_TEST(one_leaves_at_a_time_and_none_of_a_recorder_that_stops)
{
    recorder_help_begin_idle(2);
    told = 0;
    ck_assert_int_eq(recorder_forget(help->recorder, 9, gone, NULL), STORE_NOT_FOUND);
    ck_assert_int_eq(recorder_forget(help->recorder, 2, gone, NULL), STORE_OK);
    ck_assert_int_eq(recorder_forget(help->recorder, 1, gone, NULL), STORE_BUSY);
    ck_assert(recorder_help_run(nobody_leaves, SPOTIFY_MS));
    ck_assert_int_eq(told, 1);
    ck_assert_uint_eq(help->recorder->count, 1);
    help->recorder->stopping = true;
    ck_assert_int_eq(recorder_forget(help->recorder, 1, gone, NULL), STORE_BUSY);
    recorder_help_end();
}
END_TEST

START_TEST(only_who_asked_for_a_removal_lets_go_of_it)
{
    int here, elsewhere;

    recorder_help_begin_idle(3);
    told = 0;
    recorder_forget_detach(help->recorder, &here); /* there is none */
    ck_assert_int_eq(recorder_forget(help->recorder, 2, gone, &here), STORE_OK);
    recorder_forget_detach(help->recorder, &elsewhere);
    ck_assert(recorder_help_run(nobody_leaves, SPOTIFY_MS));
    ck_assert_int_eq(told, 1);
    ck_assert_int_eq(recorder_forget(help->recorder, 3, gone, &here), STORE_OK);
    recorder_forget_detach(help->recorder, &here);
    ck_assert(recorder_help_run(nobody_leaves, SPOTIFY_MS));
    ck_assert_int_eq(told, 1);
    ck_assert_uint_eq(help->recorder->count, 1);
    recorder_help_end();
}
END_TEST

/* Whoever was not polled before is not polled after it either. */
START_TEST(a_removal_that_is_given_up_leaves_a_foreign_sign_in_alone)
{
    put_into_states();
    ck_assert_int_eq(recorder_forget(help->recorder, 5, gone, NULL), STORE_OK);
    recorder_give_up_leaving(help->recorder);
    ck_assert(poller(5)->policy.held);
    ck_assert_int_eq(recorder_forget(help->recorder, 1, NULL, NULL), STORE_OK);
    ck_assert(poller(1)->policy.held);
    recorder_give_up_leaving(help->recorder); /* nobody is told */
    ck_assert(!poller(1)->policy.held);
    recorder_help_end();
}
END_TEST

/* -- the app ------------------------------------------------------------------------------------- */

static const struct reload {
    const char *secret;
    bool by_app, opens;
} reloads[] = {
    {"another secret", true, true},
    {"another secret", false, false}, /* Spotify asked to wait, whatever the secret is */
    {"", true, false},
};

START_TEST(another_secret_opens_a_gate_that_was_closed_for_trouble_of_the_app)
{
    const struct reload *reload = &reloads[_i];
    struct recorder *recorder;
    struct recorder_config config;

    recorder_help_begin_idle(1);
    recorder = help->recorder;
    close_gate(reload->by_app);
    config = (struct recorder_config){.database = store_help_db(),
                                      .client_id = recorder->config.client_id,
                                      .client_secret = reload->secret,
                                      .api_url = recorder->config.api_url,
                                      .accounts_url = recorder->config.accounts_url,
                                      .poll_interval_ms = recorder->config.poll_interval_ms,
                                      .sweep_interval_ms = recorder->config.sweep_interval_ms,
                                      .request_timeout_ms = recorder->config.request_timeout_ms,
                                      .max_in_flight = 4};
    ck_assert(recorder_reload(recorder, &config));
    ck_assert_int_eq(recorder->gate.opens_at <= clock_boot_ms(), reload->opens);
    recorder_help_end();
}
END_TEST

static const struct way_back {
    bool by_app, over, opens;
} ways_back[] = {
    {true, false, true},
    {false, false, false},
    {true, true, true},
};

/* Somebody signs in, which the app could not if it were still in trouble. */
START_TEST(a_sign_in_ends_trouble_of_the_app_and_nothing_else)
{
    struct store_user user = {.user_id = 7,
                              .spotify_id = "new",
                              .last_success_at = STORE_NO_TIME,
                              .authorized_at = STORE_NO_TIME,
                              .refused_at = STORE_NO_TIME};
    struct recorder *recorder;

    recorder_help_begin_idle(2);
    recorder = help->recorder;
    close_gate(ways_back[_i].by_app);
    if (ways_back[_i].over)
        recorder->gate.opens_at = clock_boot_ms() - 1;
    ck_assert(recorder_take_up(recorder, &user));
    ck_assert_uint_eq(recorder->count, 3);
    ck_assert_int_eq(recorder->gate.opens_at <= clock_boot_ms(), ways_back[_i].opens);
    recorder->running = false;
    ck_assert(!recorder_take_up(recorder, &user));
    recorder_help_end();
}
END_TEST

/* -- sign-ins that end soon ---------------------------------------------------------------------- */

static bool log_says(const char *text)
{
    return strstr(help->log, text) != NULL;
}

static void end_soon(size_t number)
{
    poller(number)->authorized_at = clock_wall_ms();
    while (countdown_days_left(countdown_end(poller(number)->authorized_at), clock_wall_ms()) > 5)
        poller(number)->authorized_at -= CLOCK_DAY;
}

static void count_down(void)
{
    help->recorder->countdown_at = clock_boot_ms();
    recorder_count_down(help->recorder, clock_boot_ms());
}

START_TEST(all_whose_sign_in_ends_soon_are_reminded_once)
{
    recorder_help_begin_idle(4);
    for (size_t i = 1; i <= 4; i++)
        end_soon(i);
    poller(3)->policy.state = POLICY_NEEDS_LOGIN; /* other news */
    policy_hold(&poller(4)->policy);
    count_down();
    ck_assert(log_says("user2: Spotify ends this sign-in in 5 days"));
    ck_assert(!log_says("user3: Spotify ends") && !log_says("user4: Spotify ends"));
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM users WHERE countdown > 0"), "2");
    help->log[0] = '\0';
    count_down();
    ck_assert(!log_says("ends this sign-in"));
    recorder_help_end();
}
END_TEST

START_TEST(a_reminder_that_could_not_be_stored_comes_at_the_next_look)
{
    bool fired = true;

    for (long k = 1; fired; k++) {
        recorder_help_begin_idle(3);
        end_soon(2);
        end_soon(3);
        nth_step_order(SQLITE_BUSY, k, true);
        count_down();
        fired = nth_step_end();
        ck_assert_int_eq(log_says("ends this sign-in"), !fired);
        count_down();
        ck_assert(log_says("user2: Spotify ends") && log_says("user3: Spotify ends"));
        recorder_help_end();
    }
}
END_TEST

/* -- refusals ------------------------------------------------------------------------------------ */

/* All sign-ins that should have been good, refused within an hour: the second is looked at. */
static const struct refusal {
    int64_t before;     /* ms since the other was refused; -1: it was not */
    int64_t authorized; /* ms since the other signed in; -1: not known */
    enum policy_state other;
    bool held;
    const char *said; /* "": nothing */
} refusals[] = {
    {CLOCK_MINUTE, -1, POLICY_NEEDS_LOGIN, false, "the sign-ins of all 2 users"},
    {CLOCK_MINUTE, CLOCK_DAY, POLICY_NEEDS_LOGIN, false, "the sign-ins of all 2 users"},
    {CLOCK_MINUTE, 400 * CLOCK_DAY, POLICY_NEEDS_LOGIN, false, "the only sign-in"}, /* its end */
    {2 * CLOCK_HOUR, -1, POLICY_NEEDS_LOGIN, false, "the only sign-in"},
    {-1, -1, POLICY_NEEDS_LOGIN, false, "the only sign-in"},
    {-1, -1, POLICY_ACTIVE, false, ""},
    {-1, -1, POLICY_ACTIVE, true, "the only sign-in"},
    {-1, -1, POLICY_PAUSED, false, "the only sign-in"},
};

START_TEST(refusals_look_false_when_nobody_is_left_whose_sign_in_is_good)
{
    const struct refusal *refusal = &refusals[_i];
    int64_t wall = clock_wall_ms();

    recorder_help_begin_idle(2);
    poller(1)->policy.state = POLICY_NEEDS_LOGIN;
    poller(2)->policy.state = refusal->other;
    if (refusal->held)
        policy_hold(&poller(2)->policy);
    poller(2)->refused_at = refusal->before < 0 ? STORE_NO_TIME : wall - refusal->before;
    poller(2)->authorized_at = refusal->authorized < 0 ? STORE_NO_TIME : wall - refusal->authorized;
    ck_assert(recorder_on_refused(poller(1), "invalid_grant"));
    ck_assert_int_eq(poller(1)->suspicious, refusal->said[0] != '\0');
    if (refusal->said[0])
        ck_assert_msg(log_says(refusal->said), "%s", help->log);
    else
        ck_assert(!log_says("a fault of Spotify"));
    recorder_help_end();
}
END_TEST

START_TEST(a_suspicion_is_said_once_and_ends_with_the_last_try)
{
    recorder_help_begin_idle(2);
    poller(1)->policy.state = poller(2)->policy.state = POLICY_NEEDS_LOGIN;
    poller(1)->stage = POLLER_STORING;
    ck_assert(recorder_on_refused(poller(1), "invalid_grant"));
    ck_assert(poller(1)->suspicious);
    poller(1)->stage = POLLER_IDLE;
    ck_assert(recorder_on_refused(poller(2), "ambiguous_refresh"));
    ck_assert(poller(2)->suspicious);
    ck_assert_int_eq(poller(1)->retries, POLICY_RETRIES);
    for (int i = POLICY_RETRIES - 1; i >= 0; i--) {
        ck_assert(recorder_on_refused(poller(1), "invalid_grant"));
        ck_assert_int_eq(poller(1)->retries, i);
    }
    ck_assert_int_eq(poller(1)->policy.due, POLICY_NEVER);
    ck_assert(!recorder_on_refused(poller(1), "invalid_grant"));
    ck_assert(!recorder_on_refused(poller(1), "scope_missing"));
    recorder_help_end();
}
END_TEST

Suite *recorder_states_suite(void);

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static TCase *states_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, recorder_help_setup, recorder_help_teardown);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}

Suite *recorder_states_suite(void)
{
    Suite *suite = suite_create("recorder_states");
    TCase *tcase = states_case(suite, "polls");

    tcase_add_test(tcase, somebody_in_the_line_is_taken_out_wherever_they_stand);
    tcase_add_loop_test(tcase, somebody_who_is_being_polled_gives_the_transfer_back_when_they_go, 0,
                        COUNT(stages));
    tcase_add_test(
        tcase, the_end_of_a_single_round_is_told_once_and_not_before_it_began_or_while_it_stops);
    tcase_add_test(tcase, only_who_can_be_polled_is);
    tcase_add_test(tcase, a_new_token_for_somebody_who_is_being_polled_waits_for_the_next_poll);
    tcase = states_case(suite, "figures");
    tcase_add_test(tcase, each_state_of_a_user_is_told);
    tcase_add_test(tcase, each_account_says_what_is_to_be_done);
    tcase_add_test(tcase, a_recorder_runs_that_neither_stops_nor_failed);
    tcase_add_test(tcase, who_is_due_for_long_is_overdue_if_anybody_is_polled);
    tcase_add_test(tcase, calls_of_another_hour_are_not_counted_for_this_one);
    tcase = states_case(suite, "leaving");
    tcase_add_test(tcase, one_leaves_at_a_time_and_none_of_a_recorder_that_stops);
    tcase_add_test(tcase, only_who_asked_for_a_removal_lets_go_of_it);
    tcase_add_test(tcase, a_removal_that_is_given_up_leaves_a_foreign_sign_in_alone);
    tcase = states_case(suite, "app");
    tcase_add_loop_test(tcase, another_secret_opens_a_gate_that_was_closed_for_trouble_of_the_app,
                        0, COUNT(reloads));
    tcase_add_loop_test(tcase, a_sign_in_ends_trouble_of_the_app_and_nothing_else, 0,
                        COUNT(ways_back));
    tcase = states_case(suite, "sign-ins");
    tcase_add_test(tcase, all_whose_sign_in_ends_soon_are_reminded_once);
    tcase_add_test(tcase, a_reminder_that_could_not_be_stored_comes_at_the_next_look);
    tcase_add_loop_test(tcase, refusals_look_false_when_nobody_is_left_whose_sign_in_is_good, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, a_suspicion_is_said_once_and_ends_with_the_last_try);
    return suite;
}
