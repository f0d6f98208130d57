/* SPDX-License-Identifier: MIT */
/* A removal that has to wait or is given up, on an event loop of the test's own; the rest is tested
 * with the real daemon (tests/scenario/test_people.c). */
#include <check.h>
#include <event2/event.h>
#include <string.h>

#include "base/clock.h"
#include "capture/accounts.h"
#include "capture/poller.h"
#include "store_help.h"

static struct recorder recorder;
static struct poller poller, other;
static struct poller *pollers[] = {&poller, &other};

static void no_fatal(enum store_result result, const char *message, void *context)
{
    (void)context;
    ck_abort_msg("%s: %s", store_result_name(result), message);
}

/* A recorder with a user who rests, and another one. */
static void setup(void)
{
    store_help_setup();
    store_help_make();
    recorder = (struct recorder){.base = event_base_new(), .pollers = pollers, .count = 2};
    recorder.store = store_help_open(STORE_WRITER);
    recorder.commit = commit_new(recorder.base, recorder.store, 0, no_fatal, NULL);
    poller = (struct poller){.recorder = &recorder,
                             .user_id = 1,
                             .name = "Ann",
                             .entry.index = SCHEDULE_OUT,
                             .policy.state = POLICY_ACTIVE,
                             .policy.due = POLICY_NEVER,
                             .refused_at = STORE_NO_TIME};
    other = poller;
    other.user_id = 2;
    strcpy(other.name, "Ben");
}

static void teardown(void)
{
    commit_free(recorder.commit);
    store_close(recorder.store);
    event_base_free(recorder.base);
    store_help_teardown();
}

/* What it brings may be that user's only valid token, and must not have to wait for the end of a
 * removal. */
START_TEST(a_removal_waits_for_the_tokens_of_others)
{
    poller.policy.due = 0;
    other.stage = POLLER_REFRESHING;
    ck_assert_int_eq(recorder_forget(&recorder, 1, NULL, NULL), STORE_OK);
    ck_assert_int_eq(event_base_loop(recorder.base, EVLOOP_ONCE), 0);
    ck_assert_int_eq(poller.policy.due, 0); /* nobody is held back yet */
    recorder_give_up_leaving(&recorder);
}
END_TEST

static void begin_and_give_up(void)
{
    ck_assert_int_eq(recorder_forget(&recorder, 1, NULL, NULL), STORE_OK);
    ck_assert_int_eq(poller.policy.due, POLICY_NEVER);
    recorder_give_up_leaving(&recorder);
}

START_TEST(who_stays_after_all_is_polled_at_once)
{
    begin_and_give_up();
    ck_assert_int_le(poller.policy.due, clock_boot_ms());
}
END_TEST

/* Nobody else tries a sign-in again that Spotify may have refused by mistake. */
START_TEST(who_stays_after_all_keeps_the_tries_that_are_owed)
{
    int64_t now = clock_boot_ms();

    poller.policy.state = POLICY_NEEDS_LOGIN;
    poller.refused_at = clock_wall_ms();
    poller.retries = POLICY_RETRIES;
    poller.suspicious = true;
    begin_and_give_up();
    ck_assert_int_ge(poller.policy.due, now + CLOCK_HOUR - CLOCK_MINUTE);
    ck_assert_int_le(poller.policy.due, clock_boot_ms() + CLOCK_HOUR);
}
END_TEST

START_TEST(who_must_sign_in_is_left_alone_as_before)
{
    poller.policy.state = POLICY_NEEDS_LOGIN;
    begin_and_give_up();
    ck_assert_int_eq(poller.policy.due, POLICY_NEVER);
}
END_TEST

Suite *leaving_suite(void)
{
    Suite *suite = suite_create("leaving");
    TCase *waiting = tcase_create("waiting"), *given_up = tcase_create("given up");

    tcase_add_checked_fixture(waiting, setup, teardown);
    tcase_add_test(waiting, a_removal_waits_for_the_tokens_of_others);
    suite_add_tcase(suite, waiting);

    tcase_add_checked_fixture(given_up, setup, teardown);
    tcase_add_test(given_up, who_stays_after_all_is_polled_at_once);
    tcase_add_test(given_up, who_stays_after_all_keeps_the_tries_that_are_owed);
    tcase_add_test(given_up, who_must_sign_in_is_left_alone_as_before);
    suite_add_tcase(suite, given_up);
    return suite;
}
