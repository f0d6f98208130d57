/* SPDX-License-Identifier: MIT */
/* A recorder and its sign-ins begin whole or not at all: where memory is missing they say so, and
 * the next try, in the same process, has what it needs. */
#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/accounts.h"
#include "capture/importing.h"
#include "capture/login.h"
#include "capture/measures.h"
#include "capture/recorder.h"
#include "lib/nth_call.h"
#include "recorder_help.h"
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

/* -- one that runs -------------------------------------------------------------------------------- */

static struct recorder_help *const help = &recorder_help;
static int told;
static struct signin_report report;
static enum store_result left;

static bool is_told(void)
{
    return told > 0;
}

/* A piece of work, true if all of it was done, and a look at what came of it. The first asserts
 * nothing, as that asks for memory too. */
struct piece {
    bool (*work)(void);
    void (*look)(bool right);
    size_t users;
    const char *before; /* SQL; NULL: nothing */
};

/* The k-th allocation of it fails, until none does any more. What was not done must have left
 * nothing behind, and be done the next time. */
static void fail_each(const struct piece *piece)
{
    bool fired = true;
    int failures = 0;

    for (long k = 1; fired; k++) {
        bool right;

        recorder_help_begin_idle(piece->users);
        if (piece->before)
            store_help_exec(store_help_db(), piece->before);
        told = 0;
        nth_call_order(NTH_CALL_MEMORY, k);
        right = piece->work();
        fired = nth_call_end();
        ck_assert_msg(right || fired, "call %ld", k);
        if (piece->look)
            piece->look(right);
        failures += !right;
        if (!right)
            ck_assert_msg(piece->work(), "call %ld, once more:\n%s", k, help->log);
        recorder_help_end();
    }
    ck_assert_int_gt(failures, 0);
}

START_TEST(a_start_that_lacks_memory_polls_nobody_and_the_next_polls_all)
{
    bool fired = true;

    for (long k = 1; fired; k++) {
        enum store_result result;

        recorder_help_begin(recorder_help_page);
        nth_call_order(NTH_CALL_MEMORY, k);
        result = recorder_start(help->recorder);
        fired = nth_call_end();
        ck_assert(result == STORE_NOMEM || (result == STORE_OK && help->recorder->running));
        ck_assert(result == STORE_NOMEM || !fired);
        recorder_help_restart();
        ck_assert_int_eq(recorder_start(help->recorder), STORE_OK);
        ck_assert_uint_eq(help->recorder->count, 1);
        recorder_help_end();
    }
}
END_TEST

static bool measure(void)
{
    struct measures measures;
    bool right = recorder_measure(help->recorder, &measures);

    if (right)
        measures_free(&measures);
    return right;
}

static bool read_accounts(void)
{
    struct account *accounts = NULL;
    size_t count = 0;
    bool right = recorder_accounts(help->recorder, &accounts, &count) == STORE_OK;

    free(accounts);
    return right;
}

/* The line of users and the schedule have room for a few more: all of it is used up. */
static bool take_up_many(void)
{
    struct store_user user = {.last_success_at = STORE_NO_TIME,
                              .authorized_at = STORE_NO_TIME,
                              .refused_at = STORE_NO_TIME};
    bool right = true;

    while (right && help->recorder->count < 9) {
        user.user_id = 50 - (int64_t)help->recorder->count; /* each goes in front of those before */
        right = recorder_take_up(help->recorder, &user);
    }
    return right;
}

static void look_at_users(bool right)
{
    ck_assert(right == (help->recorder->count == 9));
    for (size_t i = 1; i < help->recorder->count; i++)
        ck_assert_int_lt(help->recorder->pollers[i - 1]->user_id,
                         help->recorder->pollers[i]->user_id);
}

static void gone(enum store_result result, const struct store_holdings *removed, void *context)
{
    (void)removed;
    (void)context;
    left = result;
    told++;
}

static bool forget_one(void)
{
    return recorder_forget(help->recorder, 1, gone, NULL) == STORE_OK &&
           recorder_help_run(is_told, 10000) && left == STORE_OK;
}

static void look_who_left(bool right)
{
    ck_assert_ptr_null(help->recorder->leaving);
    ck_assert_uint_eq(help->recorder->count, right ? 1 : 2);
    ck_assert(!help->recorder->pollers[0]->policy.held);
}

static enum importing_result opened;

static bool open_import(void)
{
    const struct archive_import_options options = {.user_id = 1,
                                                   .file = "a.json",
                                                   .hash = "0123456789abcdef0123456789abcdef",
                                                   .form = ARCHIVE_FORM_LONG,
                                                   .now = STORE_HELP_T0};
    char id[IMPORTING_ID_SIZE];

    opened = recorder_import_open(help->recorder, &options, id);
    return opened == IMPORTING_OK;
}

static bool undo_import(void)
{
    char id[IMPORTING_ID_SIZE];

    opened = recorder_import_undo(help->recorder, 7, id);
    return opened == IMPORTING_OK;
}

static void look_at_import(bool right)
{
    ck_assert_int_eq(opened, right ? IMPORTING_OK : IMPORTING_NO_MEMORY);
    ck_assert_int_eq(help->recorder->importing != NULL, right);
}

static void signed_in(const struct signin_report *result, void *context)
{
    (void)context;
    report = *result;
    told++;
}

/* What could not be sent is told from the loop. */
static bool begin_sign_in(const struct signin_grant *grant)
{
    struct signin *signin;

    told = 0;
    signin = signin_start(help->recorder, grant, signed_in, NULL);
    if (!signin)
        return false;
    recorder_help_turns(1);
    if (told > 0)
        return false;
    signin_cancel(signin);
    return true;
}

static bool begin_token(void)
{
    return begin_sign_in(&(struct signin_grant){.refresh_token = "R1"});
}

static bool begin_code(void)
{
    return begin_sign_in(
        &(struct signin_grant){.code = "c", .verifier = "v", .redirect_uri = HERE});
}

static void look_at_sign_in(bool right)
{
    ck_assert(LIST_EMPTY(&help->recorder->signins));
    ck_assert(right || told == 0 || report.result == SIGNIN_DOWN || report.result == SIGNIN_STORE);
}

static bool begin_login(void)
{
    const uint8_t browser[ATTEMPT_BROWSER_SIZE] = {1};
    struct login *login = login_new(help->recorder, HERE);
    struct buf address = {0};
    char id[ATTEMPT_TEXT_SIZE];
    int64_t ends_at;
    struct signin_report seen;
    bool right = login && login_begin(login, NULL, 0, &address, id) == SIGNIN_OK &&
                 strstr(address.data, "/authorize?") &&
                 login_look(login, id, &ends_at, &seen) == LOGIN_WAITING &&
                 login_begin(login, browser, 0, &address, NULL) == SIGNIN_OK &&
                 login_with_token(login, "R1", id) &&
                 login_look(login, id, &ends_at, &seen) == LOGIN_WORKING;

    buf_free(&address, false);
    login_free(login);
    return right;
}

/* As far as a token is asked for: what libcurl does without memory behind that is its own. */
static bool begin_poll(void)
{
    recorder_poll_now(help->recorder);
    recorder_help_turns(2);
    return help->recorder->pollers[0]->stage == POLLER_REFRESHING;
}

static void look_at_poll(bool right)
{
    const struct poller *poller = help->recorder->pollers[0];

    ck_assert_int_eq(help->fatal, STORE_OK);
    ck_assert_int_eq(help->recorder->gate.in_flight, right ? 1 : 0);
    ck_assert(right || poller->stage == POLLER_IDLE || poller->stage == POLLER_STORING);
    recorder_help_turns(3); /* that it failed is in the ledger before it is tried again */
}

#define AN_IMPORT                                                                                 \
    "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added, " \
    "matched, duplicate, rejected) "                                                              \
    "VALUES (7, 1, 'a.json', 'x', 'extended', 0, 0, 0, 0, 0, 0)"

static const struct piece pieces[] = {
    {measure, NULL, 2, NULL},
    {read_accounts, NULL, 2, NULL},
    {take_up_many, look_at_users, 2, NULL},
    {forget_one, look_who_left, 2, NULL},
    {open_import, look_at_import, 1, NULL},
    {undo_import, look_at_import, 1, AN_IMPORT},
    {begin_token, look_at_sign_in, 1, NULL},
    {begin_code, look_at_sign_in, 1, NULL},
    {begin_login, look_at_sign_in, 1, NULL},
    {begin_poll, look_at_poll, 1, NULL},
};

START_TEST(what_is_asked_of_a_recorder_that_lacks_memory_is_not_done_and_the_next_time_is)
{
    fail_each(&pieces[_i]);
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
    tcase = tcase_create("running");
    tcase_add_checked_fixture(tcase, recorder_help_setup, recorder_help_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_start_that_lacks_memory_polls_nobody_and_the_next_polls_all);
    tcase_add_loop_test(
        tcase, what_is_asked_of_a_recorder_that_lacks_memory_is_not_done_and_the_next_time_is, 0,
        sizeof(pieces) / sizeof(pieces[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
