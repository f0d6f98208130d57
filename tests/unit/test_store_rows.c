/* SPDX-License-Identifier: MIT */
/* What is written comes back: users, tokens, the ledger. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/gaps.h"
#include "store/store_private.h"
#include "store_help.h"

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* What a connection of its own sees of the committed rows; a new transaction is open afterwards. */
static const char *stored(const char *sql)
{
    store_help_commit(store);
    store_help_begin(store, STORE_DURABLE);
    return store_help_ask(sql);
}

/* -- users ------------------------------------------------------------------------------------ */

START_TEST(a_user_comes_back_as_it_was_written)
{
    struct store_user user = {
        .spotify_id = "bo",
        .account_id = "aB3dE5fG7h",
        .display_name = "B\xc3\xb6",
        .state = STORE_USER_NEEDS_LOGIN,
        .state_reason = "invalid_grant",
        .state_since = 1,
        .added_at = 2,
        .authorized_at = 3,
        .last_success_at = 4,
        .first_sweep_at = 5,
        .anchor_played_at = 6,
        .refused_at = 7,
        .retries = 8,
        .countdown = 30,
    };
    struct store_user read;
    ck_assert_int_eq(store_user_add(store, &user), STORE_OK);
    ck_assert_int_eq(user.user_id, 2);
    ck_assert_int_eq(store_user_get(store, 2, &read), STORE_OK);
    ck_assert_str_eq(read.spotify_id, "bo");
    ck_assert_str_eq(read.account_id, "aB3dE5fG7h");
    ck_assert_str_eq(read.display_name, user.display_name);
    ck_assert_int_eq(read.state, STORE_USER_NEEDS_LOGIN);
    ck_assert_str_eq(read.state_reason, "invalid_grant");
    ck_assert_int_eq(read.state_since, 1);
    ck_assert_int_eq(read.added_at, 2);
    ck_assert_int_eq(read.authorized_at, 3);
    ck_assert_int_eq(read.last_success_at, 4);
    ck_assert_int_eq(read.first_sweep_at, 5);
    ck_assert_int_eq(read.anchor_played_at, 6);
    ck_assert_int_eq(read.refused_at, 7);
    ck_assert_int_eq(read.retries, 8);
    ck_assert_int_eq(read.countdown, 30);

    user.state = STORE_USER_PAUSED;
    user.account_id[0] = '\0';
    user.display_name[0] = '\0';
    user.state_reason[0] = '\0';
    user.authorized_at = STORE_NO_TIME;
    user.last_success_at = STORE_NO_TIME;
    user.first_sweep_at = STORE_NO_TIME;
    user.anchor_played_at = STORE_NO_TIME;
    user.refused_at = STORE_NO_TIME;
    user.retries = 0;
    user.countdown = 0;
    ck_assert_int_eq(store_user_update(store, &user), STORE_OK);
    ck_assert_int_eq(store_user_get(store, 2, &read), STORE_OK);
    ck_assert_str_eq(read.account_id, "");
    ck_assert_int_eq(read.authorized_at, STORE_NO_TIME);
    ck_assert_int_eq(read.refused_at, STORE_NO_TIME);
    ck_assert_int_eq(read.retries, 0);
    ck_assert_int_eq(read.countdown, 0);
    ck_assert_str_eq(
        stored(
            "SELECT account_id, display_name, state, state_reason, authorized_at, last_success_at,"
            " first_sweep_at, anchor_played_at, refused_at, retries, countdown FROM users"
            " WHERE user_id = 2"),
        "NULL|NULL|paused|NULL|NULL|NULL|NULL|NULL|NULL|0|NULL");
}
END_TEST

START_TEST(a_user_that_is_not_there_is_not_found)
{
    struct store_user user = {.user_id = 9, .spotify_id = "x"};
    ck_assert_int_eq(store_user_get(store, 9, &user), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_find(store, "x", NULL, &user), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_find(store, "x", "y", &user), STORE_NOT_FOUND);
    ck_assert_int_eq(
        store_user_update(store, &(struct store_user){.user_id = 9, .spotify_id = "x"}),
        STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_set_state(store, 9, STORE_USER_PAUSED, "", 1), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_set_progress(store, 9, 1, 1, 1), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_set_refused(store, 9, 1, 1), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_set_countdown(store, 9, 7), STORE_NOT_FOUND);
}
END_TEST

START_TEST(a_user_is_found_by_account_and_by_name_only_while_the_account_is_not_known)
{
    struct store_user user = {.spotify_id = "bo", .account_id = "acc-bo", .added_at = 1};
    struct store_user read;
    ck_assert_int_eq(store_user_add(store, &user), STORE_OK);
    ck_assert_int_eq(store_user_find(store, "other", "acc-bo", &read), STORE_OK);
    ck_assert_int_eq(read.user_id, 2);
    ck_assert_int_eq(store_user_find(store, "bo", NULL, &read), STORE_OK);
    ck_assert_int_eq(store_user_find(store, "bo", "", &read), STORE_OK);
    ck_assert_int_eq(store_user_find(store, "bo", "acc-of-another", &read), STORE_NOT_FOUND);
    ck_assert_int_eq(store_user_find(store, "ann", "acc-ann", &read),
                     STORE_OK); /* none was told for her */
    ck_assert_int_eq(read.user_id, 1);
}
END_TEST

START_TEST(an_account_is_stored_once)
{
    struct store_user user = {.spotify_id = "ann"};
    ck_assert_int_eq(store_user_add(store, &user), STORE_EXISTS);
    struct store_user bo = {.spotify_id = "bo", .account_id = "acc"};
    struct store_user cy = {.spotify_id = "cy", .account_id = "acc"};
    ck_assert_int_eq(store_user_add(store, &bo), STORE_OK);
    ck_assert_int_eq(store_user_add(store, &cy), STORE_EXISTS);
}
END_TEST

START_TEST(users_are_loaded_in_order)
{
    struct store_user *users = NULL;
    size_t count = 0;
    char name[16];
    for (int i = 2; i <= 30; i++) {
        snprintf(name, sizeof name, "u%d", 100 - i);
        store_help_user(store, name);
    }
    ck_assert_int_eq(store_users_load(store, &users, &count), STORE_OK);
    ck_assert_uint_eq(count, 30);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(users[i].user_id, (int64_t)i + 1);
    }
    free(users);
}
END_TEST

START_TEST(progress_never_forgets_what_it_is_not_told)
{
    struct store_user user;
    ck_assert_int_eq(store_user_set_progress(store, 1, 10, 20, 30), STORE_OK);
    ck_assert_int_eq(store_user_set_progress(store, 1, 11, STORE_NO_TIME, STORE_NO_TIME), STORE_OK);
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    ck_assert_int_eq(user.last_success_at, 11);
    ck_assert_int_eq(user.first_sweep_at, 20);
    ck_assert_int_eq(user.anchor_played_at, 30);
}
END_TEST

START_TEST(a_state_is_entered_with_its_reason)
{
    ck_assert_int_eq(store_user_set_state(store, 1, STORE_USER_NEEDS_LOGIN, "revoked", 77),
                     STORE_OK);
    ck_assert_str_eq(stored("SELECT state, state_reason, state_since FROM users"),
                     "needs_login|revoked|77");
    ck_assert_int_eq(store_user_set_state(store, 1, STORE_USER_ACTIVE, "", 78), STORE_OK);
    ck_assert_str_eq(stored("SELECT state, state_reason, state_since FROM users"),
                     "active|NULL|78");
}
END_TEST

START_TEST(a_refusal_is_noted_with_its_retries_and_taken_back)
{
    struct store_user user;
    ck_assert_int_eq(store_user_set_refused(store, 1, 500, 3), STORE_OK);
    ck_assert_str_eq(stored("SELECT refused_at, retries FROM users"), "500|3");
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    ck_assert_int_eq(user.refused_at, 500);
    ck_assert_int_eq(user.retries, 3);
    ck_assert_int_eq(store_user_set_refused(store, 1, STORE_NO_TIME, 0), STORE_OK);
    ck_assert_str_eq(stored("SELECT refused_at, retries FROM users"), "NULL|0");
}
END_TEST

START_TEST(a_step_of_the_countdown_is_noted_and_taken_back)
{
    struct store_user user;
    ck_assert_int_eq(store_user_set_countdown(store, 1, 7), STORE_OK);
    ck_assert_str_eq(stored("SELECT countdown FROM users"), "7");
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    ck_assert_int_eq(user.countdown, 7);
    ck_assert_int_eq(store_user_set_countdown(store, 1, 0), STORE_OK);
    ck_assert_str_eq(stored("SELECT countdown FROM users"), "NULL");
}
END_TEST

static int64_t plays_since(int64_t user_id, int64_t since)
{
    int64_t plays = -1;
    ck_assert_int_eq(store_user_plays_since(store, user_id, since, &plays), STORE_OK);
    return plays;
}

START_TEST(plays_are_counted_from_the_reported_moment_on_without_deleted_ones)
{
    int64_t bo = store_help_user(store, "bo");
    ck_assert_int_eq(store_help_play(store, 1, 100, 1), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, 200, 1), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, 300, 2), STORE_OK);
    ck_assert_int_eq(store_help_play(store, bo, 250, 2), STORE_OK);
    ck_assert_int_eq(plays_since(1, INT64_MIN), 3);
    ck_assert_int_eq(plays_since(1, 200), 2);
    ck_assert_int_eq(plays_since(1, 201), 1);
    ck_assert_int_eq(plays_since(1, 301), 0);
    ck_assert_int_eq(plays_since(1, INT64_MAX), 0);
    ck_assert_int_eq(plays_since(bo, 200), 1);
    ck_assert_int_eq(plays_since(9, 0), 0);
    store_help_commit(store);
    store_help_exec(store_help_db(),
                    "UPDATE played_tracks SET deleted_at = 1 WHERE played_at = 300;"
                    "UPDATE played_tracks SET nudge_ms = 2 WHERE played_at = 200");
    ck_assert_int_eq(plays_since(1, 198), 1);
    ck_assert_int_eq(plays_since(1, 199), 0);
}
END_TEST

START_TEST(a_name_too_long_for_its_place_is_cut_between_characters)
{
    struct store_user user;
    store_help_commit(store);
    store_help_exec(store_help_db(),
                    "UPDATE users SET state_reason = printf('%.*c', 198, 'x') || 'ää'");
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    ck_assert_uint_eq(strlen(user.state_reason), 198);
}
END_TEST

/* -- tokens ----------------------------------------------------------------------------------- */

START_TEST(a_sealed_token_comes_back_byte_by_byte)
{
    unsigned char sealed[300];
    struct store_token read;
    bool any = true;
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] = (unsigned char)i;
    }
    struct store_token token = {.sealed = sealed,
                                .sealed_len = sizeof sealed,
                                .scope = "user-read-recently-played",
                                .expires_at = 5,
                                .updated_at = 6};
    ck_assert_int_eq(store_tokens_exist(store, &any), STORE_OK);
    ck_assert(!any);
    ck_assert_int_eq(store_token_get(store, 1, STORE_TOKEN_ACCESS, &read), STORE_NOT_FOUND);
    ck_assert_ptr_null(read.sealed);
    ck_assert_int_eq(store_token_put(store, 1, STORE_TOKEN_ACCESS, &token), STORE_OK);
    ck_assert_int_eq(store_token_get(store, 1, STORE_TOKEN_REFRESH, &read), STORE_NOT_FOUND);
    ck_assert_int_eq(store_token_get(store, 1, STORE_TOKEN_ACCESS, &read), STORE_OK);
    ck_assert_uint_eq(read.sealed_len, sizeof sealed);
    ck_assert_mem_eq(read.sealed, sealed, sizeof sealed);
    ck_assert_str_eq(read.scope, token.scope);
    ck_assert_int_eq(read.expires_at, 5);
    ck_assert_int_eq(read.updated_at, 6);
    free(read.sealed);
    ck_assert_int_eq(store_tokens_exist(store, &any), STORE_OK);
    ck_assert(any);
    token.scope[0] = '\0';
    token.expires_at = STORE_NO_TIME;
    ck_assert_int_eq(store_token_put(store, 1, STORE_TOKEN_ACCESS, &token), STORE_OK);
    ck_assert_str_eq(stored("SELECT count(*), scope, expires_at FROM tokens"), "1|NULL|NULL");
}
END_TEST

START_TEST(a_refresh_cut_off_can_be_told_from_one_that_ended)
{
    struct store_refresh refresh;
    ck_assert_int_eq(store_refresh_get(store, 1, &refresh), STORE_NOT_FOUND);
    ck_assert_int_eq(store_refresh_end(store, 1, 1, "ok"), STORE_NOT_FOUND);
    ck_assert_int_eq(store_refresh_begin(store, 1, 10), STORE_OK);
    ck_assert_int_eq(store_refresh_get(store, 1, &refresh), STORE_OK);
    ck_assert_int_eq(refresh.started_at, 10);
    ck_assert_int_eq(refresh.finished_at, STORE_NO_TIME);
    ck_assert_int_eq(store_refresh_end(store, 1, 11, "ok"), STORE_OK);
    ck_assert_int_eq(store_refresh_get(store, 1, &refresh), STORE_OK);
    ck_assert_int_eq(refresh.finished_at, 11);
    ck_assert_str_eq(refresh.outcome, "ok");
    ck_assert_int_eq(store_refresh_begin(store, 1, 12), STORE_OK);
    ck_assert_int_eq(store_refresh_get(store, 1, &refresh), STORE_OK);
    ck_assert_int_eq(refresh.finished_at, STORE_NO_TIME);
    ck_assert_str_eq(refresh.outcome, "");
}
END_TEST

/* -- the ledger ------------------------------------------------------------------------------- */

static void poll_at(int64_t user_id, int64_t started_at, const char *outcome)
{
    struct store_poll poll = {.user_id = user_id,
                              .started_at = started_at,
                              .kind = "tail",
                              .cursor = STORE_NO_TIME,
                              .outcome = outcome,
                              .items = 1};
    ck_assert_int_eq(store_poll_add(store, &poll), STORE_OK);
}

START_TEST(a_poll_is_noted)
{
    struct store_poll poll = {1, 2, "sweep", 3, "transient", 502, "bad gateway", 4, 5, 6, 7, 8};
    ck_assert_int_eq(store_poll_add(store, &poll), STORE_OK);
    poll_at(1, 9, "unchanged");
    ck_assert_str_eq(stored("SELECT * FROM polls"),
                     "1|1|2|sweep|3|transient|502|bad gateway|4|5|6|7|8\n"
                     "2|1|9|tail|NULL|unchanged|NULL|NULL|1|0|0|0|0");
}
END_TEST

START_TEST(old_polls_are_removed_a_thousand_at_a_time)
{
    int64_t removed = -1;
    for (int i = 0; i < 2500; i++) {
        poll_at(1, i, "ok");
    }
    ck_assert_int_eq(store_polls_prune(store, 2200, &removed), STORE_OK);
    ck_assert_int_eq(removed, 1000);
    ck_assert_int_eq(store_polls_prune(store, 2200, &removed), STORE_OK);
    ck_assert_int_eq(removed, 1000);
    ck_assert_int_eq(store_polls_prune(store, 2200, &removed), STORE_OK);
    ck_assert_int_eq(removed, 200);
    ck_assert_int_eq(store_polls_prune(store, 2200, &removed), STORE_OK);
    ck_assert_int_eq(removed, 0);
    ck_assert_str_eq(stored("SELECT count(*), min(started_at) FROM polls"), "300|2200");
}
END_TEST

START_TEST(an_outage_is_explained_by_the_polls_within_it)
{
    struct store_outage outage;
    int64_t bo = store_help_user(store, "bo");
    poll_at(1, 90, "needs_login"); /* before it */
    poll_at(1, 100, "ok");
    poll_at(1, 110, "transient");
    poll_at(bo, 115, "transient"); /* of another */
    poll_at(1, 120, "rate_limit");
    poll_at(1, 130, "rate_limit");
    poll_at(1, 140, "needs_login");
    poll_at(1, 150, "forbidden");
    poll_at(1, 155, "empty");
    poll_at(1, 200, "transient");
    poll_at(1, 201, "transient"); /* behind it */
    ck_assert_int_eq(store_outage_get(store, 1, 100, 200, &outage), STORE_OK);
    ck_assert_int_eq(outage.transient, 2);
    ck_assert_int_eq(outage.rate_limit, 2);
    ck_assert_int_eq(outage.needs_login, 1);
    ck_assert_int_eq(outage.other, 1);
    ck_assert_int_eq(store_outage_get(store, 1, 200, 100, &outage), STORE_OK);
    ck_assert_int_eq(outage.transient + outage.down_ms, 0);
}
END_TEST

START_TEST(an_outage_tells_how_long_no_daemon_ran)
{
    struct store_outage outage;
    int64_t run = 0;
    ck_assert_int_eq(store_outage_get(store, 1, 0, 1000, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 1000);
    ck_assert_int_eq(store_run_begin(store, 100, "0.1", &run), STORE_OK);
    ck_assert_int_eq(store_run_end(store, run, 200), STORE_OK);
    ck_assert_int_eq(store_run_begin(store, 300, "0.1", &run), STORE_OK);
    ck_assert_int_eq(store_run_alive(store, run, 400), STORE_OK); /* then killed */
    ck_assert_int_eq(store_run_begin(store, 600, "0.1", &run), STORE_OK);
    ck_assert_int_eq(store_run_alive(store, run, 610), STORE_OK); /* runs now */
    ck_assert_int_eq(store_outage_get(store, 1, 0, 1000, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 100 + 100 + 200);
    ck_assert_int_eq(store_outage_get(store, 1, 150, 350, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 100);
    ck_assert_int_eq(store_outage_get(store, 1, 310, 390, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 0);
    ck_assert_int_eq(store_outage_get(store, 1, 450, 550, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 100);
    ck_assert_int_eq(store_outage_get(store, 1, 700, 900, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 0);
    ck_assert_int_eq(store_run_end(store, 99, 1), STORE_NOT_FOUND);
}
END_TEST

START_TEST(runs_that_overlap_because_the_clock_jumped_are_counted_once)
{
    struct store_outage outage;
    static const int64_t spans[][2] = {{100, 500}, {200, 300}, {450, 600}};
    for (size_t i = 0; i < 3; i++) {
        int64_t run = 0;
        ck_assert_int_eq(store_run_begin(store, spans[i][0], "0.1", &run), STORE_OK);
        ck_assert_int_eq(store_run_end(store, run, spans[i][1]), STORE_OK);
    }
    ck_assert_int_eq(store_outage_get(store, 1, 0, 700, &outage), STORE_OK);
    ck_assert_int_eq(outage.down_ms, 200);
}
END_TEST

START_TEST(a_gap_is_noted_once)
{
    struct store_gap gap = {1, 100, 200, "likely", "daemon_down", 300};
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    gap.detected_at = 301;
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    gap.before_played_at = 201;
    gap.cause = "late_batch";
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    ck_assert_str_eq(stored("SELECT * FROM gaps"), "1|1|100|200|likely|daemon_down|300|NULL\n"
                                                   "2|1|100|201|likely|late_batch|301|NULL");
    gap.before_played_at = 202;
    gap.cause = "bad_luck";
    ck_assert_int_eq(store_gap_add(store, &gap), STORE_MISUSE);
}
END_TEST

START_TEST(the_gate_stays_closed_over_a_restart)
{
    struct store_gate gate = {.not_before = 500, .set_at = 400, .reason = "Retry-After: 100"};
    struct store_gate read;
    ck_assert_int_eq(store_gate_get(store, "id", &read), STORE_NOT_FOUND);
    ck_assert_int_eq(store_gate_put(store, "id", &gate), STORE_OK);
    store_help_commit(store);
    store_close(store);
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_gate_get(store, "id", &read), STORE_OK);
    ck_assert_int_eq(read.not_before, 500);
    ck_assert_int_eq(read.set_at, 400);
    ck_assert_str_eq(read.reason, "Retry-After: 100");
    store_help_begin(store, STORE_DURABLE);
    gate = (struct store_gate){.not_before = STORE_NO_TIME, .set_at = 600};
    ck_assert_int_eq(store_gate_put(store, "id", &gate), STORE_OK);
    ck_assert_int_eq(store_gate_get(store, "id", &read), STORE_OK);
    ck_assert_int_eq(read.not_before, STORE_NO_TIME);
    ck_assert_str_eq(read.reason, "");
}
END_TEST

START_TEST(P7_calls_are_counted_by_the_hour_for_eight_days)
{
    int64_t calls = -1;
    ck_assert_int_eq(store_gate_spent(store, "id", 0, 1000000, &calls), STORE_OK);
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(store_gate_spend(store, "id", 1000, 5), STORE_OK);
    ck_assert_int_eq(store_gate_spend(store, "id", 1000, 6), STORE_OK);
    ck_assert_int_eq(store_gate_spend(store, "id", 1001, 1), STORE_OK);
    ck_assert_int_eq(store_gate_spend(store, "other", 1000, 100), STORE_OK);
    ck_assert_int_eq(store_gate_spent(store, "id", 1000, 1001, &calls), STORE_OK);
    ck_assert_int_eq(calls, 12);
    ck_assert_int_eq(store_gate_spent(store, "id", 1001, 1001, &calls), STORE_OK);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(store_gate_spend(store, "id", 1000 + 8 * 24 + 1, 1), STORE_OK);
    ck_assert_str_eq(stored("SELECT client_id, hour, calls FROM gate_calls"),
                     "id|1001|1\nid|1193|1\nother|1000|100");
}
END_TEST

Suite *store_rows_suite(void)
{
    Suite *suite = suite_create("store_rows");
    TCase *users = tcase_create("users");
    tcase_add_checked_fixture(users, setup, teardown);
    tcase_add_test(users, a_user_comes_back_as_it_was_written);
    tcase_add_test(users, a_user_that_is_not_there_is_not_found);
    tcase_add_test(users,
                   a_user_is_found_by_account_and_by_name_only_while_the_account_is_not_known);
    tcase_add_test(users, an_account_is_stored_once);
    tcase_add_test(users, users_are_loaded_in_order);
    tcase_add_test(users, progress_never_forgets_what_it_is_not_told);
    tcase_add_test(users, a_state_is_entered_with_its_reason);
    tcase_add_test(users, a_refusal_is_noted_with_its_retries_and_taken_back);
    tcase_add_test(users, a_step_of_the_countdown_is_noted_and_taken_back);
    tcase_add_test(users, plays_are_counted_from_the_reported_moment_on_without_deleted_ones);
    tcase_add_test(users, a_name_too_long_for_its_place_is_cut_between_characters);
    tcase_add_test(users, a_sealed_token_comes_back_byte_by_byte);
    tcase_add_test(users, a_refresh_cut_off_can_be_told_from_one_that_ended);
    suite_add_tcase(suite, users);

    TCase *ledger = tcase_create("ledger");
    tcase_add_checked_fixture(ledger, setup, teardown);
    tcase_add_test(ledger, a_poll_is_noted);
    tcase_add_test(ledger, old_polls_are_removed_a_thousand_at_a_time);
    tcase_add_test(ledger, an_outage_is_explained_by_the_polls_within_it);
    tcase_add_test(ledger, an_outage_tells_how_long_no_daemon_ran);
    tcase_add_test(ledger, runs_that_overlap_because_the_clock_jumped_are_counted_once);
    tcase_add_test(ledger, a_gap_is_noted_once);
    tcase_add_test(ledger, the_gate_stays_closed_over_a_restart);
    tcase_add_test(ledger, P7_calls_are_counted_by_the_hour_for_eight_days);
    suite_add_tcase(suite, ledger);
    return suite;
}
