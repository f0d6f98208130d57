/* SPDX-License-Identifier: MIT */
/* A recorder and its sign-ins begin whole or not at all: where memory is missing they say so, and
 * the next try, in the same process, has what it needs. */
#include <check.h>
#include <event2/event.h>
#include <stdio.h>

#include "capture/login.h"
#include "capture/recorder.h"
#include "lib/nth_call.h"
#include "store_help.h"
#include "vault/vault.h"

#define HERE "http://127.0.0.1:1/callback"

static void fatal(enum store_result result, const char *message, void *context)
{
    (void)result;
    (void)message;
    (void)context;
}

/* 1: all of it; 0: none; -1: failed without a word. */
static int begin(struct event_base *base, struct store *store, struct vault *vault)
{
    struct recorder_config config = {.client_id = "0123456789abcdef0123456789abcdef",
                                     .client_secret = "",
                                     .api_url = "http://127.0.0.1:1",
                                     .accounts_url = "http://127.0.0.1:1",
                                     .database = store_help_db(),
                                     .poll_interval_ms = 600000,
                                     .sweep_interval_ms = 3600000,
                                     .request_timeout_ms = 1000,
                                     .max_in_flight = 4};
    struct recorder_events events = {.fatal = fatal};
    struct recorder *recorder;
    struct login *login = NULL;
    char why[300] = "";
    bool right;

    recorder = recorder_new(base, store, vault, 1, &config, &events, why, sizeof(why));
    if (!recorder)
        return why[0] ? 0 : -1;
    login = login_new(recorder, HERE);
    right = login && recorder_reload(recorder, &config) && login_reload(login, HERE "/other");
    login_free(login);
    recorder_free(recorder);
    return right;
}

START_TEST(a_recorder_that_lacks_memory_is_not_there_and_the_next_one_is)
{
    struct event_base *base = event_base_new();
    struct store *store = store_help_open(STORE_WRITER);
    struct vault *vault;
    char source[300];
    bool fired = true;
    int failures = 0;

    ck_assert_int_eq(vault_open(store_help_path("token.key"), true, &vault, source, sizeof(source)),
                     VAULT_OK);
    for (long k = 1; fired; k++) {
        int begun;

        nth_call_order(NTH_CALL_MEMORY, k);
        begun = begin(base, store, vault);
        fired = nth_call_end();
        ck_assert_int_ne(begun, -1);
        ck_assert_msg(begun == 1 || fired, "call %ld", k);
        failures += begun == 0;
    }
    ck_assert_int_ge(failures, 15);
    vault_close(vault);
    store_close(store);
    event_base_free(base);
}
END_TEST

Suite *recorder_memory_suite(void);

Suite *recorder_memory_suite(void)
{
    Suite *suite = suite_create("recorder_memory");
    TCase *tcase = tcase_create("memory");

    tcase_add_checked_fixture(tcase, store_help_setup, store_help_teardown);
    tcase_add_checked_fixture(tcase, store_help_make, NULL);
    tcase_add_test(tcase, a_recorder_that_lacks_memory_is_not_there_and_the_next_one_is);
    suite_add_tcase(suite, tcase);
    return suite;
}
