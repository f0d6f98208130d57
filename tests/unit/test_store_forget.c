/* SPDX-License-Identifier: MIT */
/* A user who leaves: all of theirs goes, nothing of anybody else's does. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fault_vfs.h"
#include "store/gaps.h"
#include "store/store_private.h"
#include "store/totals.h"
#include "store_help.h"

#define ANN INT64_C(1)
#define BO INT64_C(2)
#define CY INT64_C(3)

static struct store *store;

/* -- a database of three people --------------------------------------------------------------- */

/* The sealed token of a user: bytes that are nowhere else. */
static void token_bytes(int64_t user_id, enum store_token_type type, unsigned char sealed[256])
{
    uint32_t x = (uint32_t)user_id * 2654435761U + (uint32_t)type * 40503U + 1;
    for (size_t i = 0; i < 256; i++) {
        x = x * 1664525U + 1013904223U;
        sealed[i] = (unsigned char)(x >> 24);
    }
}

static void add_tokens(int64_t user_id)
{
    for (int type = STORE_TOKEN_ACCESS; type <= STORE_TOKEN_REFRESH; type++) {
        unsigned char sealed[256];
        struct store_token token = {
            .sealed = sealed, .sealed_len = sizeof sealed, .expires_at = 5, .updated_at = 6};
        token_bytes(user_id, (enum store_token_type)type, sealed);
        ck_assert_int_eq(store_token_put(store, user_id, (enum store_token_type)type, &token),
                         STORE_OK);
    }
    ck_assert_int_eq(store_refresh_begin(store, user_id, 7), STORE_OK);
}

static void add_plays(int64_t user_id, int first, int last)
{
    for (int n = first; n <= last; n++) {
        for (int again = 0; again < 3; again++) {
            int64_t played_at = STORE_HELP_T0 + n * 1000 + again;
            ck_assert_int_eq(store_help_play(store, user_id, played_at, store_help_track(store, n)),
                             STORE_OK);
        }
    }
}

static void add_ledger(int64_t user_id)
{
    struct store_poll poll = {user_id, 2, "sweep", 3, "ok", 200, "", 4, 5, 6, 7, 8};
    struct store_gap gap = {.user_id = user_id,
                            .after_played_at = 10,
                            .before_played_at = 20,
                            .certainty = "likely",
                            .cause = "unknown",
                            .detected_at = 30};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(store_poll_add(store, &poll), STORE_OK);
        gap.after_played_at++;
        ck_assert_int_eq(store_gap_add(store, &gap), STORE_OK);
    }
}

/* What only imports write: two of them, two rejects each; every second play of the user is of the
 * second one and has details, every seventh was deleted, one gap is filled. */
static void add_imports(int64_t user_id)
{
    char sql[2048];
    long long id = (long long)user_id;
    snprintf(
        sql, sizeof sql,
        "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added,"
        "  matched, duplicate, rejected) VALUES (%lld1, %lld, 'a.zip', 'ab', 'extended', 1, 2, 0, 0,"
        "  0, 2), (%lld2, %lld, 'b.zip', 'cd', 'account', 1, 2, 0, 0, 0, 2);"
        "INSERT INTO import_rejects VALUES (%lld1, 1, 'x', 'y'), (%lld1, 2, 'x', NULL),"
        "  (%lld2, 1, 'x', 'y'), (%lld2, 2, 'x', NULL);"
        "UPDATE played_tracks SET import_id = %lld2 WHERE user_id = %lld AND played_at %% 2 = 0;"
        "UPDATE played_tracks SET deleted_at = 9 WHERE user_id = %lld AND played_at %% 7 = 0;"
        "INSERT INTO details (detail_id, import_id, reason_start) VALUES (%lld2, %lld2, 'x');"
        "UPDATE played_tracks SET detail_id = import_id WHERE user_id = %lld;"
        "UPDATE gaps SET filled_by = %lld2 WHERE user_id = %lld AND after_played_at = 11",
        id, id, id, id, id, id, id, id, id, id, id, id, id, id, id, id);
    store_help_exec(store_help_db(), sql);
}

static void sum_up(void)
{
    int64_t left = 0;
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_refresh(store, 60000, &left), STORE_OK);
    store_help_commit(store);
}

/* Ann played tracks 1 to 22, bo 18 to 30; cy is new. Albums hold five tracks, artists have ten. */
static void make(void)
{
    store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_user(store, "ann-canary-of-the-name"), ANN);
    ck_assert_int_eq(store_help_user(store, "bo"), BO);
    ck_assert_int_eq(store_help_user(store, "cy"), CY);
    add_plays(ANN, 1, 22);
    add_plays(BO, 18, 30);
    add_ledger(ANN);
    add_ledger(BO);
    add_tokens(ANN);
    add_tokens(BO);
    add_tokens(CY);
    int64_t run = 0;
    ck_assert_int_eq(store_run_begin(store, 100, "0.1", &run), STORE_OK);
    ck_assert_int_eq(store_gate_spend(store, "id", 1000, 5), STORE_OK);
    store_help_commit(store);
    add_imports(ANN);
    add_imports(BO);
    sum_up();
}

static void setup(void)
{
    store_help_setup();
    make();
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

/* -- looking at it ---------------------------------------------------------------------------- */

static int64_t count_of(const char *sql)
{
    return strtoll(store_help_ask(sql), NULL, 10);
}

#define OF_OTHERS "WHERE user_id <> 1 "
#define THEIR_TRACKS "(SELECT track_id FROM played_tracks WHERE user_id <> 1)"
#define THEIR_ALBUMS "(SELECT album_id FROM tracks WHERE track_id IN " THEIR_TRACKS ")"

/* What is looked at, and which of its rows are not Ann's, or of the catalogue and needed by others.
 */
static const struct {
    const char *rows, *others, *order;
} looks[] = {
    {"SELECT * FROM users ", OF_OTHERS, "user_id"},
    {"SELECT user_id, type, hex(sealed), scope, expires_at, updated_at FROM tokens ", OF_OTHERS,
     "user_id, type"},
    {"SELECT * FROM refreshes ", OF_OTHERS, "user_id"},
    {"SELECT * FROM played_tracks ", OF_OTHERS, "user_id, played_at"},
    {"SELECT * FROM play_details ", OF_OTHERS, "user_id, played_at"},
    {"SELECT * FROM contexts ", OF_OTHERS, "context_id"},
    {"SELECT * FROM details ", "WHERE import_id IN (SELECT import_id FROM imports " OF_OTHERS ") ",
     "detail_id"},
    {"SELECT user_id, block, plays, listened_ms, hex(quarters), hex(tracks)"
     " FROM play_sums ",
     OF_OTHERS, "user_id, block"},
    {"SELECT * FROM stale_blocks ", OF_OTHERS, "user_id, block"},
    {"SELECT * FROM polls ", OF_OTHERS, "poll_id"},
    {"SELECT * FROM gaps ", OF_OTHERS, "gap_id"},
    {"SELECT * FROM imports ", OF_OTHERS, "import_id"},
    {"SELECT * FROM import_rejects ",
     "WHERE import_id IN (SELECT import_id FROM imports " OF_OTHERS ") ", "import_id, row_no"},
    {"SELECT * FROM tracks ", "WHERE track_id IN " THEIR_TRACKS, "track_id"},
    {"SELECT * FROM albums ", "WHERE album_id IN " THEIR_ALBUMS, "album_id"},
    {"SELECT * FROM artists ",
     "WHERE artist_id IN (SELECT artist_id FROM track_artists WHERE track_id IN " THEIR_TRACKS
     " UNION SELECT artist_id FROM album_artists WHERE album_id IN " THEIR_ALBUMS ")",
     "artist_id"},
    {"SELECT * FROM track_artists ", "WHERE track_id IN " THEIR_TRACKS, "track_id, position"},
    {"SELECT * FROM album_artists ", "WHERE album_id IN " THEIR_ALBUMS, "album_id, position"},
    {"SELECT * FROM runs ", "", "run_id"},
    {"SELECT * FROM gate ", "", "1"},
    {"SELECT * FROM gate_calls ", "", "1, 2"},
};

/* All rows, or those of others; from malloc. */
static char *dump(bool others)
{
    char *text = NULL, sql[512];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        snprintf(sql, sizeof sql, "%s%s ORDER BY %s", looks[i].rows, others ? looks[i].others : "",
                 looks[i].order);
        fprintf(out, "== %s\n%s\n", sql, store_help_ask(sql));
    }
    fclose(out);
    return text;
}

/* Nothing has changed since a dump, which is freed. */
static void check_unchanged(char *before, bool others)
{
    store_help_expect_equal(before, dump(others));
}

static void check_sound(void)
{
    ck_assert_str_eq(store_help_ask("PRAGMA foreign_key_check"), "");
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
}

static struct store_holdings forget(int64_t user_id)
{
    struct store_holdings removed;
    enum store_result result = store_help_forget(store, user_id, INT64_MAX, &removed, NULL);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    return removed;
}

static struct store_holdings holdings_of(int64_t user_id)
{
    struct store_holdings holdings;
    enum store_result result = store_user_holdings(store, user_id, &holdings);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    return holdings;
}

static void check_same(const struct store_holdings *one, const struct store_holdings *other)
{
    ck_assert(memcmp(one, other, sizeof *one) == 0);
}

/* Forgets a user, of whom exactly what was counted before must go. */
static struct store_holdings forget_what_is_counted(int64_t user_id)
{
    struct store_holdings held = holdings_of(user_id);
    struct store_holdings removed = forget(user_id);
    check_same(&held, &removed);
    return removed;
}

/* -- what goes and what stays ----------------------------------------------------------------- */

START_TEST(J2_not_a_byte_of_others_changes_when_a_user_is_forgotten)
{
    char *before = dump(true);
    forget(ANN);
    check_unchanged(before, true);
    check_sound();
}
END_TEST

START_TEST(nothing_of_a_forgotten_user_is_left_in_any_table)
{
    char *tables =
        strdup(store_help_ask("SELECT t.name FROM sqlite_schema AS t, pragma_table_info(t.name)"
                              " AS c WHERE t.type = 'table' AND c.name = 'user_id'"));
    int looked_at = 0;
    ck_assert_int_gt(count_of("SELECT count(*) FROM play_sums WHERE user_id = 1"), 0);
    forget(ANN);
    char *rest = tables;
    for (char *table; (table = strsep(&rest, "\n")) != NULL; looked_at++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE user_id = 1", table);
        ck_assert_msg(count_of(sql) == 0, "%s", table);
    }
    ck_assert_int_eq(looked_at, 11);
    ck_assert_str_eq(store_help_ask("SELECT group_concat(DISTINCT import_id) FROM import_rejects"),
                     "21,22");
    free(tables);
}
END_TEST

START_TEST(the_catalogue_keeps_what_others_played_and_nothing_else)
{
    forget(ANN);
    ck_assert_str_eq(store_help_ask("SELECT count(*), min(uri) FROM tracks"),
                     "13|spotify:track:0000000000000000000018");
    /* Of album 3 (15 to 19) Bo played 18, of album 6 (30 to 34) the first. */
    ck_assert_str_eq(
        store_help_ask("SELECT group_concat(name) FROM (SELECT name FROM albums ORDER BY uri)"),
        "Album 3,Album 4,Album 5,Album 6");
    ck_assert_str_eq(
        store_help_ask("SELECT group_concat(name) FROM (SELECT name FROM artists ORDER BY"
                       " uri)"),
        "Artist 1,Artist 2,Artist 3");
    ck_assert_int_eq(count_of("SELECT count(*) FROM track_artists"), 13);
    ck_assert_int_eq(count_of("SELECT count(*) FROM album_artists"), 4);
}
END_TEST

START_TEST(what_is_counted_before_is_what_is_removed)
{
    struct store_holdings removed = forget_what_is_counted(ANN);
    ck_assert_int_eq(removed.plays + removed.deleted_plays, 66);
    ck_assert_int_gt(removed.deleted_plays, 0);
    ck_assert_int_eq(removed.gaps, 4);
    ck_assert_int_eq(removed.polls, 4);
    ck_assert_int_eq(removed.imports, 2);
    ck_assert_int_eq(removed.rejects, 4);
    ck_assert_int_eq(removed.tracks, 17);
    ck_assert_int_eq(removed.albums, 3);
    ck_assert_int_eq(removed.artists, 1);
}
END_TEST

START_TEST(a_user_without_plays_takes_nothing_along)
{
    char *tracks = strdup(store_help_ask("SELECT count(*) FROM tracks"));
    struct store_holdings removed = forget_what_is_counted(CY);
    check_same(&removed, &(struct store_holdings){0});
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM tracks"), tracks);
    ck_assert_int_eq(count_of("SELECT count(*) FROM tokens WHERE user_id = 3"), 0);
    free(tracks);
    check_sound();
}
END_TEST

START_TEST(after_the_last_user_only_the_ledger_of_the_daemon_is_left)
{
    static const char *const empty[] = {
        "users",         "tokens",         "refreshes", "tracks",
        "albums",        "artists",        "polls",     "gaps",
        "track_artists", "album_artists",  "imports",   "played_tracks",
        "play_tellings", "import_rejects", "details",   "contexts"};
    forget(ANN);
    forget(CY);
    forget_what_is_counted(BO);
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", empty[i]);
        ck_assert_msg(count_of(sql) == 0, "%s", empty[i]);
    }
    ck_assert_int_eq(count_of("SELECT count(*) FROM runs"), 1);
    ck_assert_int_eq(count_of("SELECT calls FROM gate_calls"), 5);
    check_sound();
}
END_TEST

START_TEST(tracks_that_nobody_played_are_counted_and_go_too)
{
    store_help_begin(store, STORE_DURABLE);
    store_help_track(store, 100);
    store_help_commit(store);
    struct store_holdings removed = forget_what_is_counted(CY);
    ck_assert_int_eq(removed.tracks, 1);
    ck_assert_int_eq(removed.albums, 1);
    ck_assert_int_eq(removed.artists, 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM tracks WHERE name = 'Track 100'"), 0);
}
END_TEST

/* No rule of the file forbids it, so it must not hold up the removal. */
START_TEST(a_row_of_another_that_refers_to_an_import_of_the_user_stays)
{
    store_help_exec(store_help_db(),
                    "UPDATE gaps SET filled_by = 11 WHERE gap_id = (SELECT max(gap_id) FROM gaps);"
                    "UPDATE played_tracks SET import_id = 12 WHERE user_id = 2 AND track_id = 30");
    int64_t plays = count_of("SELECT count(*) FROM played_tracks WHERE user_id = 2");
    forget(ANN);
    check_sound();
    ck_assert_str_eq(store_help_ask("SELECT filled_by FROM gaps WHERE gap_id = (SELECT max(gap_id)"
                                    " FROM gaps)"),
                     "NULL");
    ck_assert_int_eq(count_of("SELECT count(*) FROM played_tracks WHERE user_id = 2"), plays);
    ck_assert_int_eq(count_of("SELECT count(*) FROM gaps WHERE user_id = 2"), 4);
}
END_TEST

START_TEST(who_is_not_there_cannot_be_counted_forgotten_or_signed_out)
{
    struct store_holdings numbers = {.plays = 5};
    char *before = dump(false);
    ck_assert_int_eq(store_user_holdings(store, 9, &numbers), STORE_NOT_FOUND);
    check_same(&numbers, &(struct store_holdings){0});
    ck_assert_int_eq(store_help_forget(store, 9, 100, &numbers, NULL), STORE_NOT_FOUND);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_user_sign_out(store, 9, "x", 1), STORE_NOT_FOUND);
    store_help_commit(store);
    check_unchanged(before, false);
}
END_TEST

START_TEST(outside_of_a_transaction_nobody_is_signed_out)
{
    char *before = dump(false);
    ck_assert_int_eq(store_user_sign_out(store, ANN, "x", 1), STORE_MISUSE);
    check_unchanged(before, false);
}
END_TEST

/* -- secrets ---------------------------------------------------------------------------------- */

/* True if 16 bytes in a row of a token are in the file or its log. */
static bool token_is_there(int64_t user_id)
{
    bool found = false;
    for (int type = STORE_TOKEN_ACCESS; type <= STORE_TOKEN_REFRESH; type++) {
        unsigned char sealed[256];
        token_bytes(user_id, (enum store_token_type)type, sealed);
        for (size_t at = 0; at + 16 <= sizeof sealed; at += 16) {
            found = found || store_help_holds(store_help_db(), sealed + at, 16) ||
                    store_help_holds(store_help_path("history.db-wal"), sealed + at, 16);
        }
    }
    return found;
}

START_TEST(J3_no_byte_of_a_token_is_left_in_the_file_or_its_log)
{
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert(token_is_there(ANN));
    forget(ANN);
    ck_assert(!token_is_there(ANN));
    ck_assert(token_is_there(BO));
    ck_assert(!store_help_holds(store_help_db(), "ann-canary", 10));
}
END_TEST

START_TEST(who_is_signed_out_keeps_everything_but_the_tokens)
{
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    char *before = dump(true);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_user_sign_out(store, ANN, "signed out", 55), STORE_OK);
    store_help_commit(store);
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    ck_assert_str_eq(
        store_help_ask("SELECT state, state_reason, state_since FROM users WHERE user_id = 1"),
        "needs_login|signed out|55");
    ck_assert_int_eq(count_of("SELECT count(*) FROM tokens WHERE user_id = 1"), 0);
    ck_assert_int_eq(count_of("SELECT count(*) FROM played_tracks WHERE user_id = 1"), 66);
    ck_assert(!token_is_there(ANN));
    ck_assert(token_is_there(BO));
    check_unchanged(before, true);
}
END_TEST

START_TEST(who_has_no_tokens_any_more_can_be_signed_out_again)
{
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_user_sign_out(store, ANN, "once", 1), STORE_OK);
    ck_assert_int_eq(store_user_sign_out(store, ANN, "twice", 2), STORE_OK);
    store_help_commit(store);
    ck_assert_str_eq(store_help_ask("SELECT state_reason FROM users WHERE user_id = 1"), "twice");
}
END_TEST

/* -- work ------------------------------------------------------------------------------------- */

/* Each of them asks other tables for each row it looks at: by a key, or it would take hours. */
START_TEST(no_statement_reads_all_plays_or_the_catalogue_once_a_row)
{
    static char text[8192];
    for (int id = STORE_SQL_HOLD_PLAYS; id <= STORE_SQL_FORGET_ARTISTS; id++) {
        bool nested = false;
        snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", store_sql_text((enum store_sql)id));
        char *plan = strdup(store_help_ask(text));
        char *rest = plan;
        for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
            nested = nested || strstr(line, "CORRELATED") != NULL;
            ck_assert_msg(strstr(line, "SCAN play") == NULL, "%s: %s", text, line);
            ck_assert_msg(!nested || strstr(line, "SCAN") == NULL, "%s: %s", text, line);
            ck_assert_msg(strstr(line, "AUTOMATIC") == NULL, "%s: %s", text, line);
        }
        free(plan);
    }
}
END_TEST

/* -- a disk that fails ------------------------------------------------------------------------ */

/* Opens, forgets Ann and closes; true when the commit was acknowledged. */
static bool work(void)
{
    char why[512];
    struct store_holdings removed;
    if (store_open(store_help_db(), STORE_WRITER, &store, why, sizeof why) != STORE_OK) {
        return false;
    }
    bool done = store_help_forget(store, ANN, INT64_MAX, &removed, NULL) == STORE_OK;
    if (done) {
        (void)store_checkpoint(store);
    }
    store_close(store);
    store = NULL;
    return done;
}

/* How many rows each table has, and whether all is sound, in one look: it is taken often. */
static const char *counts(void)
{
    return store_help_ask(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM tokens),"
        " (SELECT count(*) FROM refreshes), (SELECT count(*) FROM played_tracks),"
        " (SELECT count(*) FROM details), (SELECT count(*) FROM contexts), (SELECT count(*) FROM polls),"
        " (SELECT count(*) FROM gaps), (SELECT count(*) FROM imports),"
        " (SELECT count(*) FROM import_rejects), (SELECT count(*) FROM tracks),"
        " (SELECT count(*) FROM albums), (SELECT count(*) FROM artists),"
        " (SELECT count(*) FROM track_artists), (SELECT count(*) FROM album_artists),"
        " (SELECT count(*) FROM pragma_foreign_key_check),"
        " (SELECT group_concat(integrity_check) FROM pragma_integrity_check)");
}

static char *counts_before;
static char *counts_after;
static char *image; /* of the file before */
static size_t image_size;

static void note_before_and_after(void)
{
    ck_assert_int_eq(store_checkpoint(store), STORE_OK);
    store_close(store);
    image = store_help_read(store_help_db(), &image_size);
    counts_before = strdup(counts());
    ck_assert(work());
    counts_after = strdup(counts());
    ck_assert_str_eq(counts_after, "2|4|2|39|1|1|4|4|2|4|13|4|3|13|4|0|ok");
}

static void check_all_or_nothing(bool done, int k)
{
    store_close(store_help_open(STORE_WRITER)); /* the next start */
    const char *now = counts();
    bool all = strcmp(now, counts_after) == 0;
    ck_assert_msg(all || (!done && strcmp(now, counts_before) == 0), "operation %d: %s", k, now);
}

static void free_notes(void)
{
    free(counts_before);
    free(counts_after);
    free(image);
}

static const enum fault_vfs_kind kinds[] = {FAULT_VFS_IO, FAULT_VFS_READ, FAULT_VFS_FULL};

START_TEST(whatever_operation_fails_all_is_gone_or_nothing)
{
    note_before_and_after();
    fault_vfs_install();
    bool fired = true;
    int k = 1;
    for (; fired; k++) {
        store_help_restore(image, image_size);
        fault_vfs_order(kinds[_i], k);
        bool done = work();
        fired = fault_vfs_fired();
        fault_vfs_order(FAULT_VFS_NONE, 0);
        check_all_or_nothing(done, k);
        ck_assert(done || fired);
        ck_assert_int_lt(k, 1000);
    }
    ck_assert_int_gt(k, 20);
    free_notes();
}
END_TEST

START_TEST(killed_at_any_operation_all_is_gone_or_nothing)
{
    note_before_and_after();
    bool killed = true;
    int k = 1;
    for (; killed; k++) {
        store_help_restore(image, image_size);
        pid_t child = fork();
        if (child == 0) {
            fault_vfs_install();
            fault_vfs_order(FAULT_VFS_KILL, k);
            _exit(work() ? 0 : 1);
        }
        killed = store_help_was_killed(child);
        check_all_or_nothing(!killed, k);
        ck_assert_int_lt(k, 1000);
    }
    ck_assert_int_gt(k, 20);
    free_notes();
}
END_TEST

Suite *store_forget_suite(void)
{
    Suite *suite = suite_create("store_forget");
    TCase *rows = tcase_create("rows");
    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_add_test(rows, J2_not_a_byte_of_others_changes_when_a_user_is_forgotten);
    tcase_add_test(rows, nothing_of_a_forgotten_user_is_left_in_any_table);
    tcase_add_test(rows, the_catalogue_keeps_what_others_played_and_nothing_else);
    tcase_add_test(rows, what_is_counted_before_is_what_is_removed);
    tcase_add_test(rows, a_user_without_plays_takes_nothing_along);
    tcase_add_test(rows, after_the_last_user_only_the_ledger_of_the_daemon_is_left);
    tcase_add_test(rows, tracks_that_nobody_played_are_counted_and_go_too);
    tcase_add_test(rows, a_row_of_another_that_refers_to_an_import_of_the_user_stays);
    tcase_add_test(rows, who_is_not_there_cannot_be_counted_forgotten_or_signed_out);
    tcase_add_test(rows, outside_of_a_transaction_nobody_is_signed_out);
    tcase_add_test(rows, J3_no_byte_of_a_token_is_left_in_the_file_or_its_log);
    tcase_add_test(rows, who_is_signed_out_keeps_everything_but_the_tokens);
    tcase_add_test(rows, who_has_no_tokens_any_more_can_be_signed_out_again);
    tcase_add_test(rows, no_statement_reads_all_plays_or_the_catalogue_once_a_row);
    suite_add_tcase(suite, rows);

    TCase *faults = tcase_create("faults");
    tcase_add_checked_fixture(faults, setup, teardown);
    tcase_set_timeout(faults, 30);
    tcase_add_loop_test(faults, whatever_operation_fails_all_is_gone_or_nothing, 0,
                        (int)(sizeof kinds / sizeof kinds[0]));
    tcase_add_test(faults, killed_at_any_operation_all_is_gone_or_nothing);
    suite_add_tcase(suite, faults);
    return suite;
}
