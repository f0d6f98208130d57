/* SPDX-License-Identifier: MIT */
/* What triggers on added plays would write is written without them, and they come back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "store/marks.h"
#include "store/search.h"
#include "store/totals.h"
#include "store_help.h"

#define BLOCK STORE_BLOCK_MS
#define TRIGGERS "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"
#define STALE "SELECT group_concat(block, ' ') FROM (SELECT block FROM stale_blocks ORDER BY block)"

static struct store *store;
static char *triggers;

static void setup(void)
{
    store_help_setup();
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_user(store, "ann"), 1);
    store_help_track(store, 1);
    store_help_commit(store);
    triggers = strdup(store_help_ask(TRIGGERS));
}

static void teardown(void)
{
    free(triggers);
    store_close(store);
    store_help_teardown();
}

static void add(int64_t played_at, int64_t nudge_ms, enum store_source source)
{
    struct store_play play = {.user_id = 1,
                              .played_at = played_at,
                              .nudge_ms = nudge_ms,
                              .track_id = 1,
                              .source = source,
                              .first_seen_at = 1,
                              .ms_played = -1};
    ck_assert_int_eq(store_play_insert(store, &play), STORE_OK);
}

/* On both sides of the ends of blocks, before 1970 as well, some of them nudged over an end. */
static void add_all(void)
{
    add(-1, 0, STORE_SOURCE_EXTENDED);
    add(0, 1, STORE_SOURCE_EXTENDED);
    add(5 * BLOCK, 0, STORE_SOURCE_EXTENDED);
    add(5 * BLOCK + 1, 0, STORE_SOURCE_EXTENDED);
    add(8 * BLOCK + 5, 6, STORE_SOURCE_EXTENDED);
    add(9 * BLOCK - 1, 0, STORE_SOURCE_API);
    add(3 * BLOCK - 1, 0, STORE_SOURCE_API);
    add(12 * BLOCK - 1, 0, STORE_SOURCE_API);
}

/* Nothing is marked any more. */
static void index_words(struct store *of)
{
    int64_t left = 0;
    store_help_begin(of, STORE_RELAXED);
    ck_assert_int_eq(store_words_refresh(of, 60000, &left), STORE_OK);
    store_help_commit(of);
    ck_assert_int_eq(left, 0);
}

static void sum_up(void)
{
    int64_t left = 0, differences = 0;
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_refresh(store, 60000, &left), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(store_totals_verify(store, &differences), STORE_OK);
    ck_assert_int_eq(differences, 0);
}

START_TEST(without_triggers_the_same_blocks_are_marked_as_with_them)
{
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    add_all();
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask(STALE), "-1 2 5 7 8 11");
    ck_assert_str_eq(store_help_ask("SELECT api_since FROM users"), "7257599999");
    sum_up();
}
END_TEST

START_TEST(after_the_commit_the_triggers_are_what_they_were)
{
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    add_all();
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask(TRIGGERS), triggers);
    sum_up();
    store_help_begin(store, STORE_DURABLE);
    add(21 * BLOCK - 1, 0, STORE_SOURCE_EXTENDED);
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask(STALE), "20");
}
END_TEST

START_TEST(the_words_of_added_tracks_are_marked)
{
    index_words(store);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    store_help_track(store, 7);
    store_help_track(store, 8);
    store_help_track(store, 7);
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask("SELECT (SELECT count(*) FROM stale_words),"
                                    " (SELECT group_concat(name, ' ') FROM tracks"
                                    " JOIN stale_words USING (track_id))"),
                     "2|Track 7 Track 8");
}
END_TEST

START_TEST(a_rollback_leaves_the_triggers_where_they_are)
{
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    add_all();
    store_rollback(store);
    ck_assert_str_eq(store_help_ask(TRIGGERS), triggers);
    ck_assert_str_eq(store_help_ask(STALE), "NULL");
    store_help_begin(store, STORE_DURABLE);
    add_all();
    store_help_commit(store);
    /* A trigger cannot know whether a row was replaced, which was nudged over the end of a block.
     */
    ck_assert_str_eq(store_help_ask(STALE), "-1 2 4 5 7 8 11");
    ck_assert_str_eq(store_help_ask("SELECT api_since FROM users"), "7257599999");
}
END_TEST

START_TEST(who_has_it_or_is_in_no_transaction_cannot_take_it)
{
    ck_assert_int_eq(store_marks_take(store), STORE_MISUSE);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    ck_assert_int_eq(store_marks_take(store), STORE_MISUSE);
    store_rollback(store);
    ck_assert_str_eq(store_help_ask(TRIGGERS), triggers);
}
END_TEST

/* A trigger that somebody dropped is theirs to miss. */
START_TEST(a_trigger_that_is_not_there_does_not_come_back)
{
    store_close(store);
    store_help_exec(store_help_db(), "DROP TRIGGER play_of_api_added");
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_marks_take(store), STORE_OK);
    add_all();
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM sqlite_schema WHERE name IN"
                                    " ('play_added', 'play_of_api_added')"),
                     "1");
}
END_TEST

Suite *store_marks_suite(void)
{
    Suite *suite = suite_create("store_marks");
    TCase *marks = tcase_create("marks");
    tcase_add_checked_fixture(marks, setup, teardown);
    tcase_add_test(marks, without_triggers_the_same_blocks_are_marked_as_with_them);
    tcase_add_test(marks, after_the_commit_the_triggers_are_what_they_were);
    tcase_add_test(marks, the_words_of_added_tracks_are_marked);
    tcase_add_test(marks, a_rollback_leaves_the_triggers_where_they_are);
    tcase_add_test(marks, who_has_it_or_is_in_no_transaction_cannot_take_it);
    tcase_add_test(marks, a_trigger_that_is_not_there_does_not_come_back);
    suite_add_tcase(suite, marks);
    return suite;
}
