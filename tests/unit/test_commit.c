/* SPDX-License-Identifier: MIT */
#include "capture/commit.h"
#include "store/ledger.h"

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "capture/counters.h"
#include "store_help.h"

#define MINUTE INT64_C(60000)

/* What the callbacks of one test saw. */
struct seen {
    struct event_base *base;
    struct commit_result results[600];
    size_t count;
    enum store_result fatal;
};

static struct event_base *base;
static struct store *store;
static struct commit *commit;
static struct seen seen;

static void fatal(enum store_result result, const char *message, void *context)
{
    (void)message;
    ((struct seen *)context)->fatal = result;
}

static void done(const struct commit_result *result, void *context)
{
    struct seen *into = context;

    ck_assert_uint_lt(into->count, 600);
    into->results[into->count++] = *result;
}

static void drop_line(enum log_level level, const char *line, void *context)
{
    (void)level;
    (void)line;
    (void)context;
}

static void setup(void)
{
    log_set_sink(drop_line, NULL);
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    base = event_base_new();
    seen = (struct seen){.base = base};
    commit = commit_new(base, store, 0, fatal, &seen);
    ck_assert_ptr_nonnull(commit);
}

static void teardown(void)
{
    commit_free(commit);
    event_base_free(base);
    store_close(store);
    store_help_teardown();
}

/* A page of count plays, a minute apart, the newest at T0 + newest minutes. */
static void make_page(struct spotify_page *page, int newest, int count)
{
    struct buf json = {0};
    const char *error = "";
    char time[64];

    buf_add_text(&json, "{\"items\":[");
    for (int i = 0; i < count; i++) {
        int minute = newest - i;

        snprintf(time, sizeof(time), "2026-01-%02dT%02d:%02d:00Z", 1 + minute / 1440,
                 minute / 60 % 24, minute % 60);
        buf_addf(
            &json,
            "%s{\"track\":{\"uri\":\"spotify:track:%06d\",\"name\":\"n\"},\"played_at\":\"%s\"}",
            i ? "," : "", minute, time);
    }
    buf_add_text(&json, "]}");
    ck_assert_msg(spotify_history_decode(json.data, json.len, 0, INT64_MAX, page, &error), "%s",
                  error);
    ck_assert_uint_eq(page->odd_count, 0);
    buf_free(&json, false);
}

static void add_page(int64_t user_id, int newest, int count)
{
    int64_t now = STORE_HELP_T0 + 30 * CLOCK_DAY;
    struct commit_outcome outcome = {
        .user_id = user_id,
        .user_name = "ann",
        .kind = POLICY_SWEEP,
        .after = POLICY_NO_TIME,
        .started_wall_ms = now,
        .finished_wall_ms = now,
        .latest_wall_ms = now,
        .outcome = "ok",
        .success = true,
        .has_page = true,
    };

    make_page(&outcome.page, newest, count);
    ck_assert(commit_add(commit, &outcome, done, &seen));
}

static void add_note(int64_t user_id)
{
    struct commit_outcome outcome = {
        .user_id = user_id, .user_name = "ann", .outcome = "transient"};

    ck_assert(commit_add(commit, &outcome, done, &seen));
}

static int64_t number(const char *sql)
{
    return atoll(store_help_ask(sql));
}

START_TEST(a_page_is_stored_with_its_ledger_row_and_marks)
{
    add_page(1, 100, 10);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
    ck_assert_int_eq(number("SELECT added FROM polls"), 10);
    ck_assert_int_eq(number("SELECT anchor_played_at FROM users"), STORE_HELP_T0 + 100 * MINUTE);
    ck_assert_uint_eq(seen.count, 1);
    ck_assert_uint_eq(seen.results[0].added, 10);
    ck_assert_int_eq(seen.results[0].page.cursor, STORE_HELP_T0 + 100 * MINUTE);
}
END_TEST

/* In an export of ours, plays bear the very moments that the API tells. */
START_TEST(a_page_of_plays_that_were_imported_moves_the_anchor_to_the_newest_of_them)
{
    store_help_exec(
        store_help_db(),
        "INSERT INTO imports (user_id, file, hash, source, started_at, finished_at, row_count,"
        " added, matched, duplicate, rejected) VALUES (1, 'a', 'b', 'extended', 1, 1, 1, 1, 0, 0, 0);"
        "INSERT INTO tracks (uri, kind, name, updated_at)"
        " VALUES ('spotify:track:000005', 'track', 'n', 1);"
        "INSERT INTO details (detail_id, import_id) VALUES (1, 1);"
        "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, import_id,"
        " detail_id) VALUES (1, 1767225900000, 4, 'extended', 1, 1, 1)");
    add_page(1, 5, 2);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks WHERE source = 'api'"), 2);
    ck_assert_int_eq(number("SELECT anchor_played_at - 1767225900000 FROM users"), 0);
}
END_TEST

START_TEST(the_same_page_again_adds_nothing)
{
    add_page(1, 100, 10);
    add_page(1, 100, 10);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
    ck_assert_uint_eq(seen.results[1].added, 0);
    ck_assert(seen.results[1].page.witness);
}
END_TEST

START_TEST(what_finishes_within_a_tenth_of_a_second_is_one_group)
{
    int64_t began = clock_boot_ms();

    add_page(1, 100, 10);
    add_page(1, 101, 10);
    ck_assert_uint_eq(seen.count, 0);
    event_base_loop(base, EVLOOP_ONCE);
    ck_assert_uint_eq(seen.count, 2);
    ck_assert_int_ge(clock_boot_ms() - began, COMMIT_GROUP_MS - 1);
}
END_TEST

START_TEST(a_group_of_256_does_not_wait)
{
    for (int i = 0; i < COMMIT_GROUP_MAX; i++)
        add_note(1);
    event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_uint_eq(seen.count, COMMIT_GROUP_MAX);
}
END_TEST

START_TEST(an_outcome_that_cannot_be_stored_leaves_the_others_alone)
{
    add_page(1, 100, 10);
    add_page(4711, 100, 10); /* no such user */
    add_page(1, 101, 10);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 11);
    ck_assert_int_eq(number("SELECT count(*) FROM polls"), 2);
    ck_assert_int_ne(seen.results[1].stored, STORE_OK);
    ck_assert_int_eq(seen.results[2].stored, STORE_OK);
}
END_TEST

/* Another process that holds the write lock for as long as a test wants. */
static struct store *lock_out(void)
{
    struct store *other = store_help_open(STORE_WRITER);

    store_help_begin(other, STORE_DURABLE);
    return other;
}

START_TEST(E5_pages_are_held_while_the_database_takes_no_writes_and_stored_afterwards)
{
    struct store *other = lock_out();

    add_page(1, 100, 10);
    ck_assert(!commit_flush(commit));
    ck_assert(seen.results[0].held);
    ck_assert(commit_is_held(commit));
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
    ck_assert_uint_eq(seen.count, 2);
    ck_assert(seen.results[1].was_held);
    ck_assert(!commit_is_held(commit));
}
END_TEST

START_TEST(pages_held_in_a_row_are_stored_in_their_order_without_a_gap)
{
    struct store *other = lock_out();

    for (int newest = 100; newest < 200; newest += 40) {
        add_page(1, newest, 50);
        ck_assert(!commit_flush(commit));
    }
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 130);
    ck_assert_int_eq(number("SELECT count(*) FROM gaps"), 0);
}
END_TEST

START_TEST(a_mere_note_is_not_held)
{
    struct store *other = lock_out();

    add_note(1);
    ck_assert(!commit_flush(commit));
    ck_assert(!seen.results[0].held);
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM polls"), 0);
}
END_TEST

START_TEST(a_change_of_a_users_state_is_held_and_stored_afterwards)
{
    struct commit_outcome outcome = {.user_id = 1,
                                     .user_name = "ann",
                                     .outcome = "needs_login",
                                     .sets_state = true,
                                     .state = STORE_USER_NEEDS_LOGIN};
    struct store *other = lock_out();

    ck_assert(commit_add(commit, &outcome, done, &seen));
    ck_assert(!commit_flush(commit));
    ck_assert(seen.results[0].held);
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_str_eq(store_help_ask("SELECT state FROM users"), "needs_login");
}
END_TEST

START_TEST(a_refusal_is_held_and_stored_afterwards)
{
    struct commit_outcome outcome = {.user_id = 1,
                                     .user_name = "ann",
                                     .outcome = "transient",
                                     .sets_refused = true,
                                     .refused_at = STORE_HELP_T0,
                                     .retries = 2};
    struct store *other = lock_out();

    ck_assert(commit_add(commit, &outcome, done, &seen));
    ck_assert(!commit_flush(commit));
    ck_assert(seen.results[0].held);
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_str_eq(store_help_ask("SELECT retries FROM users"), "2");
}
END_TEST

/* Of what a held page takes in memory, as if it were a third of all that may be held. */
static void add_large_page(int newest)
{
    int64_t now = STORE_HELP_T0 + 30 * CLOCK_DAY;
    struct commit_outcome outcome = {.user_id = 1,
                                     .user_name = "ann",
                                     .started_wall_ms = now,
                                     .finished_wall_ms = now,
                                     .latest_wall_ms = now,
                                     .after = POLICY_NO_TIME,
                                     .outcome = "ok",
                                     .success = true,
                                     .has_page = true};

    make_page(&outcome.page, newest, 10);
    outcome.page.arena.total = COMMIT_HELD_MAX / 3;
    ck_assert(commit_add(commit, &outcome, done, &seen));
}

START_TEST(more_than_a_group_holds_is_stored_in_several)
{
    struct commit_outcome outcome = {
        .user_id = 1, .user_name = "ann", .kind = POLICY_TAIL, .outcome = "transient"};

    for (int i = 0; i < 2 * COMMIT_GROUP_MAX + 10; i++)
        ck_assert(commit_add(commit, &outcome, done, &seen));
    for (size_t groups = 1; groups <= 2; groups++) {
        event_base_loop(base, EVLOOP_ONCE);
        ck_assert_uint_eq(seen.count, groups * COMMIT_GROUP_MAX);
    }
    event_base_loop(base, EVLOOP_ONCE);
    ck_assert_uint_eq(seen.count, 2 * COMMIT_GROUP_MAX + 10);
}
END_TEST

START_TEST(past_what_may_be_held_the_oldest_pages_go_and_that_is_told)
{
    struct store *other = lock_out();

    for (int i = 1; i <= 5; i++)
        add_large_page(100 * i);
    ck_assert(!commit_flush(commit));
    ck_assert_uint_eq(seen.count, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(seen.results[i].held, i >= 2);
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 30);
    ck_assert_int_eq(number("SELECT min(played_at) FROM played_tracks"),
                     STORE_HELP_T0 + 291 * CLOCK_MINUTE);
}
END_TEST

START_TEST(what_nobody_waits_for_any_more_is_held_or_dropped_like_the_rest)
{
    struct store *other = lock_out();

    add_page(1, 100, 10);
    add_note(1);
    commit_detach(commit, &seen);
    ck_assert(!commit_flush(commit));
    ck_assert(!commit_flush(commit));
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_uint_eq(seen.count, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
    ck_assert_int_eq(number("SELECT count(*) FROM polls"), 1);
}
END_TEST

/* With the next poll in hand, and in a hurry. */
static void add_another(const struct commit_result *result, void *context)
{
    (void)result;
    (void)context;
    if (seen.count++ > 0)
        return;
    ck_assert(commit_flush(commit)); /* what this is about is committed */
    for (int i = 0; i < COMMIT_GROUP_MAX; i++)
        add_note(1);
    ck_assert(!commit_flush(commit)); /* and that waits its turn */
    commit_soon(commit);
}

START_TEST(who_is_told_may_hand_in_more_which_waits_for_its_own_transaction)
{
    struct commit_outcome outcome = {.user_id = 1, .user_name = "ann", .outcome = "transient"};

    commit_soon(commit); /* there is nothing yet */
    ck_assert(commit_add(commit, &outcome, add_another, NULL));
    ck_assert(commit_flush(commit));
    ck_assert_uint_eq(seen.count, 1 + COMMIT_GROUP_MAX);
    ck_assert_int_eq(number("SELECT count(*) FROM polls"), 1 + COMMIT_GROUP_MAX);
}
END_TEST

START_TEST(a_database_that_takes_no_writes_is_said_though_nothing_is_held)
{
    struct store *other = lock_out();

    add_note(1);
    ck_assert(!commit_flush(commit));
    ck_assert(commit_is_failing(commit));
    ck_assert(!commit_is_held(commit));
    store_rollback(other);
    store_close(other);
}
END_TEST

START_TEST(of_many_held_pages_one_group_a_turn_is_stored)
{
    struct store *other = lock_out();

    for (int i = 0; i < 60; i++)
        add_page(1, 100 + 50 * i, 50);
    ck_assert(!commit_flush(commit));
    store_rollback(other);
    store_close(other);
    seen.count = 0;
    event_base_loop(base, EVLOOP_ONCE); /* the retry's timer */
    ck_assert_uint_eq(seen.count, COMMIT_GROUP_PLAYS / 50);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 3000);
}
END_TEST

/* However many come back from an outage at once, with tracks that nobody has heard before; the time
 * of a processor, so that a busy machine does not count. */
START_TEST(who_is_alone_is_stored_at_the_next_turn_of_the_loop)
{
    add_page(1, 100, 10);
    commit_soon(commit);
    ck_assert_uint_eq(seen.count, 0);
    event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_uint_eq(seen.count, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
}
END_TEST

static enum store_result count_call(struct store *into, void *context)
{
    (void)context;
    return store_gate_spend(into, "app", 1, 1);
}

static void note_stored(void *context)
{
    ++*(int *)context;
}

START_TEST(what_goes_along_is_stored_with_each_group)
{
    int stored = 0;
    struct commit_along along = {count_call, note_stored, &stored};

    commit_set_along(commit, &along);
    for (int group = 0; group < 2; group++) {
        add_page(1, 100, 10);
        ck_assert(commit_flush(commit));
    }
    ck_assert_int_eq(stored, 2);
    ck_assert_int_eq(number("SELECT calls FROM gate_calls"), 2);
}
END_TEST

START_TEST(what_goes_along_is_not_called_stored_where_the_group_is_not)
{
    int stored = 0;
    struct commit_along along = {count_call, note_stored, &stored};

    commit_set_along(commit, &along);
    store_help_exec(store_help_db(), "CREATE TRIGGER full BEFORE INSERT ON gate_calls"
                                     " BEGIN SELECT RAISE(ROLLBACK, 'full'); END");
    add_page(1, 100, 10);
    (void)commit_flush(commit);
    ck_assert_int_eq(stored, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM gate_calls"), 0);
}
END_TEST

START_TEST(P8_no_group_keeps_the_loop_for_long)
{
    const char *slow = getenv("CK_TIMEOUT_MULTIPLIER"); /* sanitizers, say */
    clock_t longest = 0, limit = CLOCKS_PER_SEC / 20 * (slow ? atoi(slow) : 1);

    for (int page = 0; page < 60; page++)
        add_page(1, 100 + 50 * page, 50);
    while (seen.count < 60) {
        clock_t began = clock(), took;

        ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
        took = clock() - began;
        longest = took > longest ? took : longest;
    }
    ck_assert_msg(longest < limit, "%ld us", (long)longest);
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 3000);
}
END_TEST

START_TEST(a_gap_after_held_pages_names_the_database)
{
    struct store *other;

    add_page(1, 100, 50);
    ck_assert(commit_flush(commit));
    other = lock_out();
    add_page(1, 1000, 50);
    ck_assert(!commit_flush(commit));
    store_rollback(other);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert_str_eq(store_help_ask("SELECT certainty, cause FROM gaps"), "likely|database_full");
}
END_TEST

static int64_t counted(const struct counters *counters, const char *outcome)
{
    for (size_t i = 0; i < COUNTERS_OUTCOMES; i++)
        if (strcmp(counters_outcome(i), outcome) == 0)
            return counters->polls[i];
    ck_abort_msg("no outcome %s", outcome);
}

START_TEST(what_is_stored_is_counted_once)
{
    struct counters counters = {.plays = 0};

    commit_set_counters(commit, &counters);
    add_page(1, 100, 10);
    add_page(1, 100, 10);
    add_note(1);
    ck_assert(commit_flush(commit));
    ck_assert_int_eq(counted(&counters, "ok"), 2);
    ck_assert_int_eq(counted(&counters, "transient"), 1);
    ck_assert_int_eq(counters.plays, 10);
}
END_TEST

START_TEST(what_is_held_is_counted_when_it_is_stored_and_what_is_dropped_as_not_stored)
{
    struct counters counters = {.plays = 0};
    struct store *other = lock_out();

    commit_set_counters(commit, &counters);
    add_page(1, 100, 10);
    add_note(1);
    ck_assert(!commit_flush(commit));
    ck_assert(commit_is_failing(commit));
    ck_assert_int_eq(counted(&counters, "ok"), 0);
    ck_assert_int_eq(counted(&counters, "not_stored"), 1);
    store_close(other);
    ck_assert(commit_flush(commit));
    ck_assert(!commit_is_failing(commit));
    ck_assert_int_eq(counted(&counters, "ok"), 1);
    ck_assert_int_eq(counted(&counters, "not_stored"), 1);
    ck_assert_int_eq(counters.plays, 10);
}
END_TEST

START_TEST(a_detached_owner_is_not_called)
{
    add_page(1, 100, 10);
    commit_detach(commit, &seen);
    ck_assert(commit_flush(commit));
    ck_assert_uint_eq(seen.count, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM played_tracks"), 10);
}
END_TEST

START_TEST(E7_a_database_that_was_replaced_is_fatal)
{
    add_page(1, 100, 10);
    ck_assert_int_eq(rename(store_help_db(), store_help_path("elsewhere.db")), 0);
    ck_assert(!commit_flush(commit));
    ck_assert_int_eq(seen.fatal, STORE_GONE);
}
END_TEST

Suite *commit_suite(void);

Suite *commit_suite(void)
{
    Suite *suite = suite_create("commit");
    TCase *tests = tcase_create("commit");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_page_is_stored_with_its_ledger_row_and_marks);
    tcase_add_test(tests,
                   a_page_of_plays_that_were_imported_moves_the_anchor_to_the_newest_of_them);
    tcase_add_test(tests, the_same_page_again_adds_nothing);
    tcase_add_test(tests, what_finishes_within_a_tenth_of_a_second_is_one_group);
    tcase_add_test(tests, a_group_of_256_does_not_wait);
    tcase_add_test(tests, an_outcome_that_cannot_be_stored_leaves_the_others_alone);
    tcase_add_test(tests,
                   E5_pages_are_held_while_the_database_takes_no_writes_and_stored_afterwards);
    tcase_add_test(tests, pages_held_in_a_row_are_stored_in_their_order_without_a_gap);
    tcase_add_test(tests, a_mere_note_is_not_held);
    tcase_add_test(tests, a_change_of_a_users_state_is_held_and_stored_afterwards);
    tcase_add_test(tests, a_refusal_is_held_and_stored_afterwards);
    tcase_add_test(tests, more_than_a_group_holds_is_stored_in_several);
    tcase_add_test(tests, past_what_may_be_held_the_oldest_pages_go_and_that_is_told);
    tcase_add_test(tests, what_nobody_waits_for_any_more_is_held_or_dropped_like_the_rest);
    tcase_add_test(tests, who_is_told_may_hand_in_more_which_waits_for_its_own_transaction);
    tcase_add_test(tests, a_database_that_takes_no_writes_is_said_though_nothing_is_held);
    tcase_add_test(tests, of_many_held_pages_one_group_a_turn_is_stored);
    tcase_add_test(tests, who_is_alone_is_stored_at_the_next_turn_of_the_loop);
    tcase_add_test(tests, what_goes_along_is_stored_with_each_group);
    tcase_add_test(tests, what_goes_along_is_not_called_stored_where_the_group_is_not);
    tcase_add_test(tests, P8_no_group_keeps_the_loop_for_long);
    tcase_add_test(tests, a_gap_after_held_pages_names_the_database);
    tcase_add_test(tests, what_is_stored_is_counted_once);
    tcase_add_test(tests,
                   what_is_held_is_counted_when_it_is_stored_and_what_is_dropped_as_not_stored);
    tcase_add_test(tests, a_detached_owner_is_not_called);
    tcase_add_test(tests, E7_a_database_that_was_replaced_is_fatal);
    suite_add_tcase(suite, tests);
    return suite;
}
