/* SPDX-License-Identifier: MIT */
/* The tries of refused sign-ins on their way into the database; the rest is tested with the real
 * daemon (tests/scenario/test_refused.c). */
#include <check.h>
#include <sqlite3.h>

#include "capture/poller.h"
#include "store_help.h"

#define REFUSED_AT (STORE_HELP_T0 + 5)

static struct recorder recorder;
static struct poller poller;
static struct poller *pollers[] = {&poller};

static void setup(void)
{
    store_help_setup();
    store_help_make();
    recorder = (struct recorder){.pollers = pollers, .count = 1, .suspects_unstored = true};
    recorder.store = store_help_open(STORE_WRITER);
    poller = (struct poller){.recorder = &recorder,
                             .user_id = 1,
                             .suspicious = true,
                             .refused_at = REFUSED_AT,
                             .retries = 2};
}

static void teardown(void)
{
    store_close(recorder.store);
    store_help_teardown();
}

START_TEST(tries_that_could_not_be_stored_are_stored_later)
{
    sqlite3 *other;

    ck_assert_int_eq(sqlite3_open(store_help_db(), &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    recorder_store_suspects(&recorder);
    sqlite3_close(other);
    recorder_store_suspects(&recorder);
    ck_assert_str_eq(store_help_ask("SELECT refused_at - 1767225600000 FROM users"), "5");
}
END_TEST

START_TEST(tries_that_are_stored_are_not_stored_again)
{
    recorder_store_suspects(&recorder);
    store_help_exec(store_help_db(), "UPDATE users SET refused_at = NULL");
    recorder_store_suspects(&recorder);
    ck_assert_str_eq(store_help_ask("SELECT refused_at FROM users"), "NULL");
}
END_TEST

Suite *refused_suite(void)
{
    Suite *suite = suite_create("refused");
    TCase *tries = tcase_create("tries");

    tcase_add_checked_fixture(tries, setup, teardown);
    tcase_add_test(tries, tries_that_could_not_be_stored_are_stored_later);
    tcase_add_test(tries, tries_that_are_stored_are_not_stored_again);
    suite_add_tcase(suite, tries);
    return suite;
}
