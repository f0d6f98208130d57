/* SPDX-License-Identifier: MIT */
/* Failing on purpose: whatever allocation or file operation fails, once or for ever, and wherever
 * the process or the power goes, in a poll, a refresh, a sign-in, an import, a migration and a
 * backup: nothing that was acknowledged is lost, nothing leaks, and the next start does the rest.
 */
#include "faults_help.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "store/store_private.h"
#include "witness.h"

#define NEW_PLAYS 3 /* in each poll */
#define ROWS 60     /* of an export */

/* -- polls and refreshes ------------------------------------------------------------------------ */

static int round_no;

static void play_more(void)
{
    hd_log_mark();
    fake_plays(1, NEW_PLAYS, 100 + NEW_PLAYS * round_no++, harness_now() - 30, 10);
}

static void expire_and_play_more(void)
{
    fake_do("tokens", "{'expire_access':true}");
    play_more();
}

/* What was said to be recorded is there, and so is what was there before. */
static void check_poll(const struct faults_run *run)
{
    witness_plays();
    if (run->status == EXIT_STATUS_OK || hd_logged(": recorded "))
        harness_assert_truth(1);
    witness_sign_in(1);
    if (hd_once() == EXIT_STATUS_NOPERM) {
        witness_mend(1);
        ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
    }
    witness_plays();
    witness_sign_in(1);
    ck_assert(!witness_lost(1));
    harness_assert_truth(1);
}

/* A refresh does not give up an answer that cannot be stored. */
static int poll_with_refresh(void)
{
    struct harness_wait patience = harness_wait_begin(1500);

    hd_spawn("--once");
    harness.daemon.may_end = true;
    while (faults_may_wait() && !child_is_over(&harness.daemon) && harness_nap(&patience)) {
    }
    if (faults_may_wait() && hd_logged("it is kept in memory and tried again"))
        hd_signal(SIGKILL);
    return hd_wait();
}

static void begin_polls(const char *rotate)
{
    fake_start("--accounts", "1", "--rotate", rotate);
    ctl_login(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
    witness_begin(1);
}

START_TEST(E1_E3_E14_E15_E16_whatever_fails_in_a_poll_no_play_is_lost)
{
    static const struct faults_work poll = {"poll", false, play_more, hd_once, check_poll};

    begin_polls("absent");
    faults_try_all(&poll);
    witness_end();
}
END_TEST

START_TEST(B1_B2_E2_E14_E15_E16_whatever_fails_in_a_refresh_no_stored_token_is_lost)
{
    static const struct faults_work refresh = {"refresh", false, expire_and_play_more,
                                               poll_with_refresh, check_poll};

    begin_polls("new");
    faults_try_all(&refresh);
    printf("faults: refresh: %d tokens were lost on the way, %d sign-ins anew\n",
           witness_counts().lost, witness_counts().unknown);
    witness_end();
}
END_TEST

/* -- signing in --------------------------------------------------------------------------------- */

static struct browser *browser;

/* It tries for a minute to store what may be the only valid token. */
static int sign_in(void)
{
    struct harness_wait patience = harness_wait_begin(1500);
    static const char *const arguments[] = {"login", NULL};

    ctl_start_with(arguments);
    harness_wait_until(ctl_is_over() || ctl_said("paste it here and press Enter:\n"));
    if (!ctl_is_over()) {
        char *address = ctl_agree(browser, 2);

        ctl_type(address);
        free(address);
    }
    ctl_type_end();
    while (faults_may_wait() && !ctl_is_over() && harness_nap(&patience)) {
    }
    if (faults_may_wait())
        ctl_signal(SIGKILL);
    return ctl_wait();
}

/* The first account is as it was, the second is not there, or all of it is. */
static void check_accounts(bool second)
{
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), second ? 2 : 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens WHERE type = 'refresh'"), second ? 2 : 1);
    witness_sign_in(1);
    ck_assert_str_eq(db_state(1), "active");
    if (second)
        ck_assert_str_eq(db_state(2), "active");
}

static void check_sign_in(const struct faults_run *run)
{
    bool there = db_int("SELECT count(*) FROM users") == 2;

    ck_assert(there || run->status != EXIT_STATUS_OK);
    check_accounts(there);
    ck_assert_msg(sign_in() == EXIT_STATUS_OK, "%s", harness.ctl_output);
    check_accounts(true);
    ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
}

START_TEST(B16_E14_E15_E16_whatever_fails_in_a_sign_in_there_is_no_half_user)
{
    static const struct faults_work work = {"sign-in", true, faults_put_state_back, sign_in,
                                            check_sign_in};

    fake_start("--accounts", "2");
    ctl_login(1);
    witness_begin(1);
    faults_keep_state();
    browser = browser_open();
    faults_try_all(&work);
    browser_close(browser);
    witness_end();
}
END_TEST

/* -- imports ------------------------------------------------------------------------------------ */

static char file[HARNESS_PATH_SIZE + 16];
static char plays_before[400], plays_after[400];

static const char *plays(void)
{
    return db_text("SELECT count(*) || ' ' || sum(played_at) || ' ' || sum(nudge_ms) || ' ' ||"
                   " sum(length(uri) + length(name)) || ' ' || count(DISTINCT uri) || ' ' ||"
                   " coalesce(sum(ms_played), 0) FROM played_tracks JOIN tracks USING (track_id)");
}

/* Some of it is known from the API, most is not. */
static void write_export(void)
{
    FILE *out;

    snprintf(file, sizeof(file), "%.60s/export.json", harness.folder);
    out = fopen(file, "we");
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < ROWS; i++)
        fprintf(out,
                "%c{\"ts\":\"2015-03-01T10:%02d:00Z\",\"ms_played\":61000,\"spotify_track_uri\":"
                "\"spotify:track:%022d\",\"master_metadata_track_name\":\"Title %d\","
                "\"master_metadata_album_artist_name\":\"Artist %d\","
                "\"master_metadata_album_album_name\":\"Album %d\"}",
                i == 0 ? '[' : ',', i % 60, i % 17, i % 17, i % 5, i % 7);
    fputs("]\n", out);
    ck_assert_int_eq(fclose(out), 0);
}

static int import(void)
{
    return ctl_run("import", file);
}

static void check_import(const struct faults_run *run)
{
    const char *found = plays();
    bool all = strcmp(found, plays_after) == 0;

    ck_assert_msg(all || strcmp(found, plays_before) == 0, "half of it: %s", found);
    ck_assert(all || run->status != EXIT_STATUS_OK);
    ck_assert_msg(import() == EXIT_STATUS_OK, "%s", harness.ctl_output);
    ck_assert_str_eq(plays(), plays_after);
    db_assert_sums();
    ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
}

START_TEST(I10_E1_E14_E15_E16_whatever_fails_in_an_import_all_of_a_file_is_there_or_nothing)
{
    static const struct faults_work work = {"import", true, faults_put_state_back, import,
                                            check_import};

    begin_polls("absent");
    write_export();
    faults_keep_state();
    snprintf(plays_before, sizeof(plays_before), "%s", plays());
    ck_assert_int_eq(import(), EXIT_STATUS_OK);
    snprintf(plays_after, sizeof(plays_after), "%s", plays());
    ck_assert_str_ne(plays_before, plays_after);
    faults_try_all(&work);
    witness_end();
}
END_TEST

/* -- migrations --------------------------------------------------------------------------------- */

static int old_version;

/* A file of an older version, made by the steps of its time. */
static void make_old(void)
{
    struct store_ladder first = {store_schema.steps, 1},
                        then = {store_schema.steps, (size_t)old_version};
    struct store *store = NULL;
    char why[512];

    ck_assert_int_eq(
        store_open_ladder(harness.database, STORE_WRITER, &first, &store, why, sizeof(why)),
        STORE_OK);
    store_close(store);
    db_do("INSERT INTO users VALUES (1, 'ann', 'acc', 'Ann', 'needs_login', 'invalid_grant', 1, 2,"
          " 3, 4, 5, 6);"
          "INSERT INTO albums (album_id, uri, name, updated_at) VALUES (1, 'spotify:album:a',"
          " 'Album', 1);"
          "INSERT INTO tracks (track_id, uri, kind, name, duration_ms, album_id, updated_at)"
          " VALUES (1, 'spotify:track:a', 'track', 'One', 200000, 1, 1),"
          " (2, 'spotify:track:b', 'track', 'Two', 300000, 1, 1);"
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
          " INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
          " SELECT 1, 1767225600000 + i * 86400000, 1 + i %% 2, 'api', 1 FROM n");
    ck_assert_int_eq(
        store_open_ladder(harness.database, STORE_WRITER, &then, &store, why, sizeof(why)),
        STORE_OK);
    store_close(store);
}

static int64_t version(void)
{
    return db_int("PRAGMA user_version");
}

static void check_migration(const struct faults_run *run)
{
    int64_t newest = store_ladder_version(&store_schema);

    ck_assert_int_ge(version(), old_version);
    ck_assert_str_eq(plays(), plays_before);
    ck_assert_int_ne(run->status, EXIT_STATUS_OK); /* nobody is signed in */
    ck_assert_int_eq(hd_once(), EXIT_STATUS_NOPERM);
    ck_assert_int_eq(version(), newest);
    ck_assert_str_eq(plays(), plays_before);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE spotify_id = 'ann'"), 1);
    ck_assert_int_eq(ctl_run("rebuild"), EXIT_STATUS_OK);
    db_assert_sums();
}

START_TEST(E12_E14_E15_E16_whatever_fails_in_a_migration_the_file_is_of_one_version)
{
    char name[40];
    const struct faults_work work = {name, false, faults_put_state_back, hd_once, check_migration};

    old_version = _i;
    snprintf(name, sizeof(name), "migration from version %d", old_version);
    fake_start("--accounts", "1");
    make_old();
    faults_keep_state();
    snprintf(plays_before, sizeof(plays_before), "%s", plays());
    faults_try_all(&work);
}
END_TEST

/* -- backups ------------------------------------------------------------------------------------ */

static char copy[HARNESS_PATH_SIZE + 16];

static int back_up(void)
{
    return ctl_run("backup", copy);
}

/* Files whose name begins like the copy's. */
static int copies(void)
{
    DIR *folder = opendir(harness.state);
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += strstr(entry->d_name, "copy") != NULL;
    closedir(folder);
    return count;
}

/* The copy is there as a whole. */
static void check_copy(void)
{
    char original[HARNESS_PATH_SIZE];

    memcpy(original, harness.database, sizeof(original));
    snprintf(harness.database, sizeof(harness.database), "%.150s", copy);
    db_assert_integrity();
    ck_assert_str_eq(plays(), plays_before);
    memcpy(harness.database, original, sizeof(original));
}

static void check_backup(const struct faults_run *run)
{
    bool there = access(copy, F_OK) == 0;

    ck_assert(there || run->status != EXIT_STATUS_OK);
    if (there)
        check_copy();
    if (run->status >= 0)
        ck_assert_int_eq(copies(), there);
    ck_assert_str_eq(plays(), plays_before);
    ck_assert_msg(back_up() == EXIT_STATUS_OK, "%s", harness.ctl_output);
    check_copy();
    ck_assert_int_eq(copies(), 1);
    ck_assert_int_eq(hd_once(), EXIT_STATUS_OK);
}

START_TEST(E1_E14_E15_E16_whatever_fails_in_a_backup_the_copy_is_whole_or_not_there)
{
    static const struct faults_work work = {"backup", true, faults_put_state_back, back_up,
                                            check_backup};

    begin_polls("absent");
    snprintf(copy, sizeof(copy), "%.100s/copy.db", harness.state);
    snprintf(plays_before, sizeof(plays_before), "%s", plays());
    faults_keep_state();
    faults_try_all(&work);
    witness_end();
}
END_TEST

/* A case of its own each, so that the long run can do several at once. */
static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = harness_case(suite, name);

    tcase_set_timeout(tcase, faults_timeout());
    return tcase;
}

Suite *faults_suite(void)
{
    Suite *suite = suite_create("faults");

    tcase_add_test(add_case(suite, "poll"),
                   E1_E3_E14_E15_E16_whatever_fails_in_a_poll_no_play_is_lost);
    tcase_add_test(add_case(suite, "refresh"),
                   B1_B2_E2_E14_E15_E16_whatever_fails_in_a_refresh_no_stored_token_is_lost);
    tcase_add_test(add_case(suite, "sign-in"),
                   B16_E14_E15_E16_whatever_fails_in_a_sign_in_there_is_no_half_user);
    tcase_add_test(
        add_case(suite, "import"),
        I10_E1_E14_E15_E16_whatever_fails_in_an_import_all_of_a_file_is_there_or_nothing);
    tcase_add_loop_test(add_case(suite, "migration"),
                        E12_E14_E15_E16_whatever_fails_in_a_migration_the_file_is_of_one_version, 1,
                        (int)store_schema.count);
    tcase_add_test(add_case(suite, "backup"),
                   E1_E14_E15_E16_whatever_fails_in_a_backup_the_copy_is_whole_or_not_there);
    return suite;
}
