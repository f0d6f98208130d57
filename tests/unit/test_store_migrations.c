/* SPDX-License-Identifier: MIT */
/* From one version of the database to the next, whatever comes in between. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fault_vfs.h"
#include "store/inspect.h"
#include "store/store_private.h"
#include "store_help.h"

static const char *const next_sql[] = {
    "ALTER TABLE users ADD COLUMN note TEXT",
    "CREATE TABLE users_copy AS SELECT user_id, spotify_id FROM users",
    NULL,
};

static int next_run(sqlite3 *db)
{
    return sqlite3_exec(
        db, "UPDATE users SET note = 'was here'; UPDATE played_tracks SET ms_played = 1", NULL,
        NULL, NULL);
}

static int fails(sqlite3 *db)
{
    sqlite3_exec(db, "DELETE FROM played_tracks", NULL, NULL, NULL);
    return sqlite3_exec(db, "no sql", NULL, NULL, NULL);
}

static int breaks_references(sqlite3 *db)
{
    return sqlite3_exec(db, "DELETE FROM tracks", NULL, NULL, NULL);
}

/* The program's version of the database, and so many more, as text. */
static const char *version(int more)
{
    static char texts[2][12];
    snprintf(texts[more], sizeof texts[more], "%d", store_ladder_version(&store_schema) + more);
    return texts[more];
}

/* Path of the copy that is made before the step of the tests. */
static const char *copy_path(const char *suffix)
{
    char name[64];
    snprintf(name, sizeof name, "history.db.v%s.bak%s", version(0), suffix);
    return store_help_path(name);
}

/* The ladder of the program, and one step more. */
static struct store_ladder ladder_with(struct store_step steps[static 12], int (*run)(sqlite3 *db))
{
    size_t count = store_schema.count;
    memcpy(steps, store_schema.steps, count * sizeof steps[0]);
    steps[count] = (struct store_step){
        .version = store_ladder_version(&store_schema) + 1,
        .description = "a test",
        .destructive = true,
        .sql = next_sql,
        .run = run,
    };
    return (struct store_ladder){steps, count + 1};
}

static enum store_result open_ladder(const struct store_ladder *ladder, char *why, size_t size)
{
    struct store *store = NULL;
    enum store_result result =
        store_open_ladder(store_help_db(), STORE_WRITER, ladder, &store, why, size);
    store_close(store);
    return result;
}

/* A database of this version with one play. */
static void make_old(void)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 1000, 1), STORE_OK);
    store_help_commit(store);
    store_close(store);
}

START_TEST(F12_a_migration_keeps_the_rows_and_a_copy_of_what_was)
{
    struct store_step steps[12];
    struct store_ladder ladder = ladder_with(steps, next_run);
    struct stat status;
    char why[512];
    make_old();
    ck_assert_int_eq(open_ladder(&ladder, why, sizeof why), STORE_OK);
    ck_assert_str_eq(store_help_ask("SELECT spotify_id, note FROM users"), "ann|was here");
    ck_assert_str_eq(store_help_ask("PRAGMA user_version"), version(1));
    const char *copy = copy_path("");
    ck_assert_int_eq(stat(copy, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0640);
    ck_assert_str_eq(store_help_query(copy, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(store_help_query(copy, "PRAGMA user_version"), version(0));
    ck_assert_str_eq(store_help_query(copy, "PRAGMA application_id"), "1397770308");
    ck_assert_str_eq(store_help_query(copy, "SELECT played_at, ms_played FROM played_tracks"),
                     "1000|NULL");
    ck_assert_int_ne(access(copy_path(".tmp"), F_OK), 0);
    /* The program of before refuses it, and opening it again takes no step. */
    store_help_refused(store_help_db(), STORE_WRITER, STORE_NEWER);
    ck_assert_int_eq(open_ladder(&ladder, why, sizeof why), STORE_OK);
}
END_TEST

START_TEST(a_new_file_of_a_longer_ladder_needs_no_copy)
{
    struct store_step steps[12];
    struct store_ladder ladder = ladder_with(steps, next_run);
    char why[512];
    ck_assert_int_eq(open_ladder(&ladder, why, sizeof why), STORE_OK);
    ck_assert_str_eq(store_help_ask("PRAGMA user_version"), version(1));
    ck_assert_int_ne(access(copy_path(""), F_OK), 0);
}
END_TEST

START_TEST(E12_a_migration_that_fails_changes_nothing)
{
    static int (*const runs[])(sqlite3 *) = {fails, breaks_references};
    struct store_step steps[12];
    char why[512];
    make_old();
    for (size_t i = 0; i < 2; i++) {
        struct store_ladder ladder = ladder_with(steps, runs[i]);
        ck_assert_int_eq(open_ladder(&ladder, why, sizeof why), STORE_MISUSE);
        char said[32];
        snprintf(said, sizeof said, "version %s (a test)", version(1));
        ck_assert_ptr_nonnull(strstr(why, said));
        store_close(store_help_open(STORE_WRITER)); /* the version before goes on */
        ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "1");
        ck_assert_str_eq(store_help_ask("SELECT name FROM sqlite_schema WHERE name = 'users_copy'"),
                         "");
    }
}
END_TEST

/* -- the steps that there are ----------------------------------------------------------------- */

#define SCHEMA \
    "SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_stat1' ORDER BY type, name"

/* A file of version 1 with a user, written in its own words. */
static void make_version_1(void)
{
    struct store_ladder ladder = {store_schema.steps, 1};
    char why[512];
    ck_assert_msg(open_ladder(&ladder, why, sizeof why) == STORE_OK, "%s", why);
    ck_assert_str_eq(store_help_ask("PRAGMA user_version"), "1");
    store_help_exec(store_help_db(),
                    "INSERT INTO users VALUES (4, 'ann', 'acc', 'Ann', 'needs_login',"
                    " 'invalid_grant', 1, 2, 3, 4, 5, 6);"
                    "INSERT INTO tokens VALUES (4, 'refresh', x'0102', 'scope', NULL, 9)");
}

START_TEST(F12_a_file_of_the_first_version_keeps_its_users_and_has_no_warnings_yet)
{
    struct store_user user;
    struct stat status;
    make_version_1();
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_user_get(store, 4, &user), STORE_OK);
    ck_assert_str_eq(user.spotify_id, "ann");
    ck_assert_str_eq(user.state_reason, "invalid_grant");
    ck_assert_int_eq(user.anchor_played_at, 6);
    ck_assert_int_eq(user.refused_at, STORE_NO_TIME);
    ck_assert_int_eq(user.retries, 0);
    ck_assert_int_eq(user.countdown, 0);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT refused_at, retries, countdown, hex(sealed) FROM"
                                    " users JOIN tokens USING (user_id)"),
                     "NULL|0|NULL|0102");
    ck_assert_int_ne(stat(store_help_path("history.db.v1.bak"), &status), 0); /* nothing is lost */
}
END_TEST

START_TEST(a_file_brought_up_from_the_first_version_ends_as_a_new_one_begins)
{
    make_version_1();
    store_close(store_help_open(STORE_WRITER));
    char *brought_up = strdup(store_help_ask(SCHEMA));
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
    unlink(store_help_db());
    unlink(store_help_path("history.db-wal"));
    unlink(store_help_path("history.db-shm"));
    store_close(store_help_open(STORE_WRITER));
    ck_assert_str_eq(store_help_ask(SCHEMA), brought_up);
    free(brought_up);
}
END_TEST

/* Plays of every kind that version 6 knew: of the API alone, with the long form, with the short
 * one, with both; of the long form alone and with the short one; of the short form alone; nudged,
 * deleted, offline, without details. */
static const char world_of_6[] =
    "INSERT INTO users (user_id, spotify_id, state_since, added_at) VALUES (1, 'ann', 0, 0),"
    " (2, 'bo', 0, 0), (3, 'cy', 0, 0);"
    "INSERT INTO tracks (track_id, uri, kind, name, updated_at) VALUES"
    " (1, 'spotify:track:1', 'track', 'One', 0), (2, 'spotify:track:2', 'track', 'Two', 0);"
    "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, row_count, added,"
    " matched, duplicate, rejected) VALUES (1, 1, 'a', 'a', 'extended', 0, 0, 0, 0, 0, 0),"
    " (2, 1, 'b', 'b', 'account', 0, 0, 0, 0, 0, 0), (3, 2, 'c', 'c', 'extended', 0, 0, 0, 0, 0, 0);"
    "INSERT INTO played_tracks (user_id, played_at, track_id, context_uri, source, first_seen_at,"
    " ms_played, nudge_ms, import_id, deleted_at) VALUES"
    " (1, 90000, 1, NULL, 'extended', 7, 50, 0, 1, NULL),"
    " (1, 90001, 2, NULL, 'extended', 7, 51, 1, 1, NULL),"
    " (1, 120000, 1, NULL, 'account', 8, 60, 0, 2, NULL),"
    " (1, 150207, 1, 'spotify:album:x', 'api', 9, NULL, 0, NULL, NULL),"
    " (1, 160207, 2, 'spotify:album:x', 'api', 9, 70, 0, 1, 11),"
    " (1, 170207, 2, NULL, 'api', 9, 71, 0, 2, NULL),"
    " (1, 180207, 2, 'spotify:playlist:y', 'api', 9, 72, 0, 1, NULL),"
    " (1, 190000, 2, NULL, 'extended', 7, 73, 0, 1, NULL),"
    " (2, 90000, 1, NULL, 'extended', 7, 50, 0, 3, NULL),"
    " (2, 99000, 1, 'spotify:album:x', 'api', 7, NULL, 0, NULL, NULL);"
    "INSERT INTO play_details (user_id, played_at, reason_start, reason_end, shuffle, skipped,"
    " offline, incognito, platform, country, long_at, offline_at, long_track_id, long_nudge_ms,"
    " short_at, short_ms_played, short_track_id, short_nudge_ms, short_import_id) VALUES"
    " (1, 90000, 'clickrow', 'trackdone', 1, 0, 0, 0, 'android', 'SE', 90000, 40000, NULL, NULL,"
    "  NULL, NULL, NULL, NULL, NULL),"
    " (1, 90001, 'clickrow', 'trackdone', 1, 0, 0, 0, 'android', 'SE', 90000, NULL, NULL, NULL,"
    "  60000, 55, 1, 2, 2),"
    " (1, 160207, 'fwdbtn', NULL, NULL, NULL, 1, NULL, NULL, NULL, 160000, NULL, 1, 3, NULL, NULL,"
    "  NULL, NULL, NULL),"
    " (1, 170207, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 120000,"
    "  NULL, NULL, NULL, NULL),"
    " (1, 180207, NULL, 'endplay', 0, 1, 0, 1, 'ios', NULL, 180000, NULL, NULL, NULL, 180000, 70,"
    "  1, NULL, 2),"
    " (1, 190000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 190000, NULL, NULL, NULL, NULL,"
    "  NULL, NULL, NULL, NULL),"
    " (2, 90000, 'clickrow', 'trackdone', 1, 0, 0, 0, 'android', 'SE', 90000, 40000, NULL, NULL,"
    "  NULL, NULL, NULL, NULL, NULL);";

static char *told_at_all(void)
{
    char *plays = strdup(store_help_ask("SELECT * FROM plays ORDER BY user_id, play_key"));
    char *all = NULL;
    ck_assert_int_ge(
        asprintf(&all, "%s\n%s", plays,
                 store_help_ask("SELECT user_id, played_at, reason_start, reason_end, shuffle,"
                                " skipped, offline, incognito, platform, country, long_at,"
                                " offline_at, long_track_id, long_nudge_ms, short_at,"
                                " short_ms_played, short_track_id, short_nudge_ms, short_import_id"
                                " FROM play_details ORDER BY user_id, played_at")),
        0);
    free(plays);
    return all;
}

START_TEST(what_version_6_tells_of_plays_is_told_by_those_behind_it)
{
    struct store_ladder ladder = {store_schema.steps, 6};
    struct stat status;
    char why[512];
    int64_t broken = -1;
    ck_assert_msg(open_ladder(&ladder, why, sizeof why) == STORE_OK, "%s", why);
    store_help_exec(store_help_db(), world_of_6);
    char *before = told_at_all();
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_inspect_rule(store, STORE_RULE_TELLINGS, 0, &broken), STORE_OK);
    ck_assert_int_eq(broken, 0);
    store_close(store);
    char *after = told_at_all();
    store_help_expect_equal(before, after); /* frees both */
    ck_assert_int_eq(stat(store_help_path("history.db.v6.bak"), &status), 0);
    ck_assert_str_eq(store_help_ask("SELECT group_concat(coalesce(api_since, 'none'), ' ')"
                                    " FROM (SELECT api_since FROM users ORDER BY user_id)"),
                     "150207 99000 none");
    ck_assert_str_eq(store_help_ask("SELECT (SELECT count(*) FROM contexts),"
                                    " (SELECT count(*) FROM details),"
                                    " (SELECT count(*) FROM play_tellings)"),
                     "3|5|4");
}
END_TEST

START_TEST(a_warning_is_of_one_of_three_steps_only)
{
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    int64_t ann = store_help_user(store, "ann");
    ck_assert_int_eq(store_user_set_countdown(store, ann, 30), STORE_OK);
    ck_assert_int_eq(store_user_set_countdown(store, ann, 7), STORE_OK);
    ck_assert_int_eq(store_user_set_countdown(store, ann, 1), STORE_OK);
    ck_assert_int_eq(store_user_set_countdown(store, ann, 0), STORE_OK);
    ck_assert_int_ne(store_user_set_countdown(store, ann, 8), STORE_OK);
    store_close(store);
}
END_TEST

START_TEST(a_reader_does_not_migrate)
{
    struct store_step steps[12];
    struct store_ladder ladder = ladder_with(steps, next_run);
    struct store *store = NULL;
    char why[512];
    make_old();
    ck_assert_int_eq(
        store_open_ladder(store_help_db(), STORE_READER, &ladder, &store, why, sizeof why),
        STORE_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(why, "older version"));
    ck_assert_str_eq(store_help_ask("PRAGMA user_version"), version(0));
}
END_TEST

START_TEST(E12_a_migration_killed_at_any_operation_leaves_the_old_or_the_new_version)
{
    struct store_step steps[12];
    struct store_ladder ladder = ladder_with(steps, next_run);
    char why[512];
    make_old();
    size_t size = 0;
    char *data = store_help_read(store_help_db(), &size);
    bool killed = true;
    for (int k = 1; killed; k++) {
        store_help_restore(data, size);
        unlink(copy_path(""));
        pid_t child = fork();
        if (child == 0) {
            fault_vfs_install();
            fault_vfs_order(FAULT_VFS_KILL, k);
            _exit(open_ladder(&ladder, why, sizeof why) == STORE_OK ? 0 : 1);
        }
        killed = store_help_was_killed(child);
        const char *found = store_help_ask("PRAGMA user_version");
        bool is_new = strcmp(found, version(1)) == 0;
        ck_assert(is_new || strcmp(found, version(0)) == 0);
        ck_assert_str_eq(store_help_ask("SELECT coalesce(ms_played, 'old') FROM played_tracks"),
                         is_new ? "1" : "old");
        if (is_new) {
            ck_assert_str_eq(store_help_query(copy_path(""), "PRAGMA user_version"), version(0));
        }
        ck_assert_msg(open_ladder(&ladder, why, sizeof why) == STORE_OK, "kill at %d: %s", k, why);
        ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
        ck_assert_str_eq(store_help_ask("SELECT note, ms_played FROM users, played_tracks"),
                         "was here|1");
        ck_assert_int_lt(k, 500);
    }
    free(data);
}
END_TEST

Suite *store_migrations_suite(void)
{
    Suite *suite = suite_create("store_migrations");
    TCase *migrations = tcase_create("migrations");
    tcase_add_checked_fixture(migrations, store_help_setup, store_help_teardown);
    tcase_set_timeout(migrations, 20);
    tcase_add_test(migrations, F12_a_migration_keeps_the_rows_and_a_copy_of_what_was);
    tcase_add_test(migrations, a_new_file_of_a_longer_ladder_needs_no_copy);
    tcase_add_test(migrations, E12_a_migration_that_fails_changes_nothing);
    tcase_add_test(migrations,
                   F12_a_file_of_the_first_version_keeps_its_users_and_has_no_warnings_yet);
    tcase_add_test(migrations, a_file_brought_up_from_the_first_version_ends_as_a_new_one_begins);
    tcase_add_test(migrations, what_version_6_tells_of_plays_is_told_by_those_behind_it);
    tcase_add_test(migrations, a_warning_is_of_one_of_three_steps_only);
    tcase_add_test(migrations, a_reader_does_not_migrate);
    tcase_add_test(migrations,
                   E12_a_migration_killed_at_any_operation_leaves_the_old_or_the_new_version);
    suite_add_tcase(suite, migrations);
    return suite;
}
