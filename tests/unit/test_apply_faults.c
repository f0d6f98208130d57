/* SPDX-License-Identifier: MIT */
/* A page that comes while the database fails somewhere on its way in: it is told, undone, and comes
 * in whole the next time. */
#include "capture/apply.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store_help.h"
#include "store_memory.h"

#define NOW (STORE_HELP_T0 + 30 * CLOCK_DAY)

static void drop_line(enum log_level level, const char *line, void *context)
{
    (void)level;
    (void)line;
    (void)context;
}

static void setup(void)
{
    log_set_sink(drop_line, NULL);
    store_memory_install();
    store_help_setup();
    store_help_make();
}

/* Plays that are known, one that is new and one that came late, far apart, and an item that is
 * none. */
static void make_outcome(struct commit_outcome *outcome)
{
    static const char page[] =
        "{\"items\":["
        "{\"track\":{\"uri\":\"spotify:track:000009\",\"name\":\"new\",\"artists\":[{\"uri\":"
        "\"spotify:artist:1\",\"name\":\"a\"}],\"album\":{\"uri\":\"spotify:album:1\",\"name\":"
        "\"b\"}},\"played_at\":\"2026-01-20T00:09:00Z\"},"
        "{\"track\":{\"uri\":\"spotify:track:000005\",\"name\":\"n\"},\"played_at\":"
        "\"2026-01-01T00:05:00Z\"},"
        "{\"track\":null},"
        "{\"track\":{\"uri\":\"spotify:track:000004\",\"name\":\"n\"},\"played_at\":"
        "\"2026-01-01T00:02:00Z\"}]}";
    const char *error = "";

    *outcome = (struct commit_outcome){.user_id = 1,
                                       .user_name = "ann",
                                       .kind = POLICY_SWEEP,
                                       .after = POLICY_NO_TIME,
                                       .started_wall_ms = NOW,
                                       .finished_wall_ms = NOW,
                                       .latest_wall_ms = NOW,
                                       .outcome = "ok",
                                       .success = true,
                                       .has_page = true};
    ck_assert_msg(
        spotify_history_decode(page, sizeof(page) - 1, 0, INT64_MAX, &outcome->page, &error), "%s",
        error);
}

static enum store_result apply(struct store *store)
{
    struct commit_outcome outcome;
    struct commit_result result = {.added = 0};
    struct apply_report report = {.added = 0};
    struct trackbook *book = NULL;
    enum store_result applied;

    make_outcome(&outcome);
    applied = apply_outcome(store, &book, &outcome, false, &result, &report);
    if (applied == STORE_OK)
        apply_log(&outcome, &report);
    spotify_page_free(&outcome.page);
    trackbook_free(book);
    return applied;
}

/* With each allocation failing in turn; what has come in in the end. */
static char *bring_in(void)
{
    bool fired = true;
    int failures = 0;

    for (int k = 1; fired; k += 1 + k / 32) {
        struct store *store = store_help_open(STORE_WRITER);
        enum store_result result;

        store_help_begin(store, STORE_RELAXED);
        store_memory_order(k);
        result = apply(store);
        fired = store_memory_end();
        failures += result != STORE_OK;
        ck_assert_msg(fired || result == STORE_OK, "%s: %s", store_result_name(result),
                      store_message(store));
        /* SQLite may do without, but nothing half is kept as if it were whole. */
        if (result == STORE_OK && !fired)
            store_help_commit(store);
        else
            store_rollback(store);
        store_close(store);
        if (fired)
            ck_assert_str_eq(store_help_ask("SELECT count(*) FROM polls"), "0");
    }
    ck_assert_int_gt(failures, 20);
    return store_help_dump_table(store_help_db(), "played_tracks");
}

static char *bring_in_untroubled(void)
{
    struct store *store = store_help_open(STORE_WRITER);

    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(apply(store), STORE_OK);
    store_help_commit(store);
    store_close(store);
    return store_help_dump_table(store_help_db(), "played_tracks");
}

static const char *const worlds[] = {
    /* Nothing is known. */
    "SELECT 1",
    /* Plays that were polled long ago, and a time without a sign-in since. */
    "INSERT INTO tracks (uri, kind, name, updated_at) VALUES ('spotify:track:000005', 'track', 'n', 1);"
    "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
    " VALUES (1, 1767225900000, 4, 'api', 1);"
    "UPDATE users SET anchor_played_at = 1767225900000, last_success_at = 1767225900001,"
    " first_sweep_at = 1767225900000",
    /* The same from an export. */
    "INSERT INTO imports (user_id, file, hash, source, started_at, finished_at, row_count,"
    " added, matched, duplicate, rejected) VALUES (1, 'a', 'b', 'extended', 1, 1, 1, 1, 0, 0, 0);"
    "INSERT INTO tracks (uri, kind, name, updated_at) VALUES ('spotify:track:000005', 'track', 'n', 1);"
    "INSERT INTO details (detail_id, import_id) VALUES (1, 1);"
    "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, import_id,"
    " detail_id) VALUES (1, 1767225900000, 4, 'extended', 1, 1, 1)",
};

START_TEST(E16_a_page_that_finds_no_memory_on_its_way_in_is_undone_and_comes_in_the_next_time)
{
    size_t size;
    char *before, *with, *without;

    store_help_exec(store_help_db(), worlds[_i]);
    store_help_exec(store_help_db(), "PRAGMA wal_checkpoint(TRUNCATE)");
    before = store_help_read(store_help_db(), &size);
    without = bring_in_untroubled();
    store_help_restore(before, size);
    with = bring_in();
    store_help_expect_equal(with, without);
    free(before);
}
END_TEST

Suite *apply_faults_suite(void)
{
    Suite *suite = suite_create("apply_faults");
    TCase *tcase = tcase_create("memory");

    tcase_add_checked_fixture(tcase, setup, store_help_teardown);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(
        tcase, E16_a_page_that_finds_no_memory_on_its_way_in_is_undone_and_comes_in_the_next_time,
        0, sizeof(worlds) / sizeof(worlds[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
