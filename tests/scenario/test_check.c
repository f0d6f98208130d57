/* SPDX-License-Identifier: MIT */
/* The command check: nothing to say when all is well, and each trouble by its name, with what to do
 * and the right exit status. */
#include "harness.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

enum { WELL, WARNINGS, FAILURES };

/* Intervals that lose no plays, and in which nobody polls by himself. */
static void begin(int accounts, int way)
{
    harness.config.poll_interval = harness.config.sweep_interval = "10m";
    harness_begin_way(accounts, way);
}

/* What the command found, as JSON, after it ended with a status. */
static json_t *found(int status)
{
    json_t *json;

    ctl_expect(status, "\"checks\"", "check", "--json");
    json = json_loads(harness.ctl_output, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "no JSON: %s", harness.ctl_output);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "exit_status")), status);
    return json;
}

static const char *member(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));

    return text != NULL ? text : "";
}

/* Asserts that one row says this, with a result, and what to do if that is no "ok"; returns the
 * number of rows that are neither ok nor left out. */
static size_t expect(int status, const char *check, const char *result, const char *text)
{
    json_t *json = found(status), *finding;
    size_t index, bad = 0;
    bool seen = false;

    json_array_foreach (json_object_get(json, "checks"), index, finding) {
        bool fine = strcmp(member(finding, "result"), "ok") == 0 ||
                    strcmp(member(finding, "result"), "not checked") == 0;

        bad += fine ? 0 : 1;
        ck_assert_msg(fine == (member(finding, "todo")[0] == '\0'), "%s", harness.ctl_output);
        seen = seen || (strcmp(member(finding, "check"), check) == 0 &&
                        strcmp(member(finding, "result"), result) == 0 &&
                        strstr(member(finding, "text"), text) != NULL);
    }
    ck_assert_msg(seen, "no %s of %s with \"%s\": %s", result, check, text, harness.ctl_output);
    json_decref(json);
    return bad;
}

/* The same, and nothing else is wrong. */
#define expect_only(...) ck_assert_uint_eq(expect(__VA_ARGS__), 1)

/* -- all is well -------------------------------------------------------------------------------- */

START_TEST(when_all_is_well_every_row_is_ok_and_the_exit_status_0)
{
    json_t *json, *finding;
    size_t index;

    begin(2, BY_DAEMON);
    fake_plays(1, 3, 1, harness_now() - 5000, 1000);
    hd_poll_and_wait();
    json = found(WELL);
    ck_assert_str_eq(member(json, "result"), "ok");
    json_array_foreach (json_object_get(json, "checks"), index, finding)
        ck_assert_msg(strcmp(member(finding, "result"), "ok") == 0, "%s", harness.ctl_output);
    ck_assert_uint_gt(json_array_size(json_object_get(json, "checks")), 15);
    json_decref(json);
    ctl_expect(WELL, "CHECK ", "check");
    ck_assert_ptr_null(strstr(harness.ctl_output, "to do:"));
}
END_TEST

START_TEST(checking_changes_nothing)
{
    char *before, *after;

    begin(1, ALONE);
    before = db_dump();
    expect_only(FAILURES, "daemon", "failure", "not running: nothing is recorded");
    after = db_dump();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(with_offline_nothing_is_asked_of_Spotify)
{
    begin(1, BY_DAEMON);
    fake_stop();
    ctl_expect(WELL, "not with --offline", "check", "--offline");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "not compared with Spotify's"));
}
END_TEST

START_TEST(before_the_first_start_there_is_little_to_check)
{
    harness.no_database = true;
    begin(0, ALONE);
    expect(FAILURES, "database", "not checked", "there is none yet");
    expect(FAILURES, "key", "not checked", "there is none yet");
}
END_TEST

/* -- files -------------------------------------------------------------------------------------- */

START_TEST(a_mode_that_lets_others_in_is_told_with_the_command_that_mends_it)
{
    char path[HARNESS_PATH_SIZE + 8], advice[HARNESS_PATH_SIZE + 40];
    static const struct {
        const char *suffix;
        mode_t mode;
        int status;
        const char *advice;
    } cases[] = {
        {"", 0644, WARNINGS, "chmod 0640"},      {"", 0662, FAILURES, "chmod 0640"},
        {"-wal", 0644, WARNINGS, "chmod 0640"},  {"-shm", 0660, FAILURES, "chmod 0640"},
        {".lock", 0644, WARNINGS, "chmod 0600"},
    };

    begin(1, BY_DAEMON);
    snprintf(path, sizeof(path), "%s%s", harness.database, cases[_i].suffix);
    ck_assert_int_eq(chmod(path, cases[_i].mode), 0);
    expect_only(cases[_i].status, "permissions",
                cases[_i].status == WARNINGS ? "warning" : "failure", path);
    snprintf(advice, sizeof(advice), "to do: %s %s\n", cases[_i].advice, path);
    ctl_expect(cases[_i].status, advice, "check");
    ck_assert_int_eq(chmod(path, 0600), 0);
}
END_TEST

START_TEST(a_directory_that_others_can_change_is_a_failure)
{
    begin(1, BY_DAEMON);
    ck_assert_int_eq(chmod(harness.state, 0777), 0);
    expect_only(FAILURES, "permissions", "failure", "others may change it");
}
END_TEST

START_TEST(a_control_socket_for_everybody_is_a_warning)
{
    begin(1, BY_DAEMON);
    ck_assert_int_eq(chmod(harness.control, 0666), 0);
    expect_only(WARNINGS, "permissions", "warning", "others may connect to it");
}
END_TEST

START_TEST(a_log_of_another_owner_is_a_failure)
{
    char path[HARNESS_PATH_SIZE + 8];

    if (geteuid() != 0) {
        harness.no_database = true;
        return;
    }
    begin(1, BY_DAEMON);
    snprintf(path, sizeof(path), "%s-wal", harness.database);
    ck_assert_int_eq(chown(path, 65534, (gid_t)-1), 0);
    expect_only(FAILURES, "permissions", "failure", "belongs to user 65534");
    ck_assert_int_eq(chown(path, 0, (gid_t)-1), 0);
}
END_TEST

START_TEST(what_a_stranger_may_not_look_at_is_no_failure)
{
    static const struct child_identity stranger = {.uid = 65534, .gid = 65532};

    harness.no_database = geteuid() != 0;
    if (geteuid() != 0)
        return;
    begin(1, BY_DAEMON);
    ck_assert_int_eq(chmod(harness.folder, 0711), 0);
    harness.ctl_as = &stranger;
    ck_assert_uint_eq(expect(WELL, "database", "not checked", "no permission"), 0);
    expect(WELL, "key", "not checked", "no permission");
    expect(WELL, "daemon", "not checked", "no permission");
    expect(WELL, "permissions", "not checked", "no permission");
}
END_TEST

/* A member of the group may read the database and ask the daemon, but not read the key. */
START_TEST(a_member_of_the_group_can_check_nearly_all)
{
    static const struct child_identity member = {.uid = 65534, .gid = 65533};
    static const char *const names[] = {"", "-wal", "-shm"};
    char path[HARNESS_PATH_SIZE + 24];

    harness.no_database = geteuid() != 0;
    if (geteuid() != 0)
        return;
    begin(1, BY_DAEMON);
    ck_assert_int_eq(chmod(harness.folder, 0711), 0);
    ck_assert_int_eq(chmod(harness.state, 0750), 0);
    ck_assert_int_eq(chown(harness.state, 0, member.gid), 0);
    ck_assert_int_eq(chown(harness.control, 0, member.gid), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s%s", harness.database, names[i]);
        ck_assert_int_eq(chown(path, 0, member.gid), 0);
    }
    harness.ctl_as = &member;
    ck_assert_uint_eq(expect(WELL, "database", "ok", "no damage"), 0);
    expect(WELL, "key", "not checked", "no permission");
    expect(WELL, "daemon", "ok", " runs since ");
    expect(WELL, "consistency", "ok", "");
}
END_TEST

/* Root looks at a daemon of another user. */
START_TEST(root_can_check_what_another_user_records)
{
    static const char *const names[] = {"history.db", "history.db-wal", "history.db-shm",
                                        "history.db.lock", "token.key"};
    char path[HARNESS_PATH_SIZE + 24];

    harness.no_database = geteuid() != 0;
    if (geteuid() != 0)
        return;
    begin(1, ALONE);
    ck_assert_int_eq(chmod(harness.folder, 0711), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", harness.state, names[i]);
        ck_assert_int_eq(chown(path, 65534, 65534), 0);
    }
    ck_assert_int_eq(chown(harness.state, 65534, 65534), 0);
    expect_only(FAILURES, "key", "ok", "it opens every token");
}
END_TEST

/* -- the key ------------------------------------------------------------------------------------ */

START_TEST(a_key_file_that_is_gone_is_told_before_the_daemon_needs_it_again)
{
    begin(1, BY_DAEMON);
    ck_assert_int_eq(unlink(harness.key_file), 0);
    expect_only(FAILURES, "key", "failure", "is missing: the tokens");
}
END_TEST

START_TEST(another_key_is_told)
{
    static const char other[] =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    int fd;

    begin(1, BY_DAEMON);
    fd = open(harness.key_file, O_WRONLY | O_TRUNC | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, other, strlen(other)), (ssize_t)strlen(other));
    close(fd);
    expect_only(FAILURES, "key", "failure", "sealed with another key");
}
END_TEST

START_TEST(a_key_that_others_can_read_is_told_twice)
{
    begin(1, BY_DAEMON);
    ck_assert_int_eq(chmod(harness.key_file, 0644), 0);
    ck_assert_uint_eq(expect(FAILURES, "permissions", "failure", "others may read it"), 2);
    expect(FAILURES, "key", "failure", "others can read or change the key file");
}
END_TEST

START_TEST(tokens_that_were_swapped_between_users_are_told)
{
    begin(2, ALONE);
    db_do("UPDATE tokens SET sealed = (SELECT sealed FROM tokens WHERE user_id = 2"
          " AND type = 'refresh') WHERE user_id = 1 AND type = 'refresh'");
    ck_assert_uint_eq(expect(FAILURES, "key", "failure", "changed, cut off, or of another user"),
                      2);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, fake_id(1)));
}
END_TEST

/* -- the database ------------------------------------------------------------------------------- */

/* Each breaks something that the daemon never writes; the daemon does not run. */
static const struct {
    const char *sql, *check, *text;
    int status;
    bool loose; /* the sum of the database must not be looked at by the harness */
} broken[] = {
    {"INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at)"
     " VALUES (1, 1795000000000, 4711, 'api', 0)",
     "references", "1 orphans: a row of played_tracks names one of tracks", FAILURES, true},
    {"INSERT INTO tokens (user_id, type, sealed, updated_at) VALUES (99, 'refresh', x'00', 0)",
     "references", "a row of tokens names one of users", FAILURES, true},
    {"UPDATE played_tracks SET nudge_ms = 3600000", "consistency", "moved by more than a minute",
     FAILURES, false},
    {"UPDATE users SET anchor_played_at = 4102444800000", "consistency", "anchor_played_at",
     FAILURES, false},
    {"INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause, detected_at)"
     " VALUES (1, 2000, 1000, 'likely', 'unknown', 0)",
     "consistency", "1 gaps end before they begin", FAILURES, false},
    {"INSERT INTO imports (user_id, file, hash, source, started_at, row_count, added, matched,"
     " duplicate, rejected) VALUES (1, 'a', 'b', 'extended', 0, 10, 1, 2, 3, 5)",
     "consistency", "1 imports' counts do not add up", FAILURES, false},
    {"INSERT INTO play_sums VALUES (1, 4711, 1, 1, x'00000101', x'0001010100')", "totals",
     "1 sums are not those of the plays", FAILURES, false},
    {"DELETE FROM tokens WHERE type = 'refresh'", "consistency", "have no refresh token", FAILURES,
     false},
    {"UPDATE users SET anchor_played_at = NULL; UPDATE played_tracks SET played_at = 5000",
     "consistency", "1 plays bear a time before 2006", WARNINGS, false},
};

START_TEST(rows_that_make_no_sense_are_told)
{
    begin(1, BY_DAEMON);
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    hd_stop(SIGTERM);
    db_do("PRAGMA foreign_keys = OFF; %s", broken[_i].sql);
    /* The other one is that no daemon runs. */
    ck_assert_uint_eq(expect(FAILURES, broken[_i].check,
                             broken[_i].status == FAILURES ? "failure" : "warning",
                             broken[_i].text),
                      2);
    harness.no_database = broken[_i].loose;
}
END_TEST

START_TEST(a_damaged_page_is_told)
{
    static const char noise[64] = "this is no page of a database, and never was";
    int fd;

    begin(1, ALONE);
    harness.no_database = true;
    db_do("PRAGMA wal_checkpoint(TRUNCATE)");
    fd = open(harness.database, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    for (off_t page = 4; page < 20; page++)
        ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), page * 4096), (ssize_t)sizeof(noise));
    close(fd);
    expect(FAILURES, "database", "failure", "");
}
END_TEST

START_TEST(a_database_of_another_program_is_told)
{
    begin(1, ALONE);
    db_do("PRAGMA application_id = 7");
    harness.no_database = true;
    expect(FAILURES, "database", "failure", "is a database of another program");
    expect(FAILURES, "sign-ins", "not checked", "the database is not open");
}
END_TEST

/* -- the daemon and Spotify --------------------------------------------------------------------- */

START_TEST(a_daemon_that_does_not_answer_is_a_failure)
{
    begin(1, BY_DAEMON);
    hd_signal(SIGSTOP);
    expect_only(FAILURES, "daemon", "failure", "");
    hd_signal(SIGCONT);
}
END_TEST

START_TEST(a_clock_far_from_Spotifys_is_told)
{
    static const struct {
        const char *date, *text;
    } cases[] = {
        {"Fri, 01 Jan 2027 00:00:00 GMT", " behind Spotify's"},
        {"Thu, 01 Jan 2026 00:00:00 GMT", " ahead of Spotify's"},
    };

    begin(1, BY_DAEMON);
    if (harness_now() > INT64_C(1798761600000) - 3600000)
        return; /* the first of them is no future any more */
    fake_fault("{'kind':'any','count':0,'headers':{'Date':'%s'}}", cases[_i].date);
    expect_only(FAILURES, "clock", "failure", cases[_i].text);
}
END_TEST

START_TEST(a_Spotify_that_cannot_be_reached_is_told_for_both_addresses)
{
    begin(1, BY_DAEMON);
    fake_stop();
    ck_assert_uint_eq(expect(FAILURES, "network", "failure", "cannot be reached (connect)"), 2);
}
END_TEST

START_TEST(a_server_without_a_certificate_is_told)
{
    char url[80];

    begin(1, BY_DAEMON);
    snprintf(url, sizeof(url), "https%.70s", harness.url + strlen("http"));
    harness.config.accounts_url = url;
    expect_only(FAILURES, "network", "failure", "cannot be reached (tls)");
}
END_TEST

START_TEST(who_must_sign_in_again_is_a_failure)
{
    begin(2, BY_DAEMON);
    fake_do("tokens", "{'account':1,'revoke':true,'expire_access':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    expect_only(FAILURES, "sign-ins", "failure", " must sign in again: ");
}
END_TEST

START_TEST(a_sign_in_that_ends_in_a_week_is_a_warning)
{
    begin(1, ALONE);
    db_do("UPDATE users SET authorized_at = 1000 * "
          "CAST(strftime('%%s', 'now', '+7 days', '-1 hours', '-6 months') AS INTEGER)");
    hd_start();
    hd_wait_for_polls(1);
    expect_only(WARNINGS, "sign-ins", "warning", "Spotify ends the sign-in in ");
}
END_TEST

/* The command is told of a shorter interval than the daemon was. */
START_TEST(a_user_for_whom_nothing_comes_for_three_intervals_is_a_warning)
{
    begin(1, BY_DAEMON);
    harness_wait_until(harness_now() - db_int("SELECT last_success_at FROM users") > 400);
    harness.config.poll_interval = "100ms";
    expect_only(WARNINGS, "sign-ins", "warning", ": nothing from Spotify for ");
}
END_TEST

START_TEST(nobody_signed_in_is_a_warning)
{
    begin(0, BY_DAEMON);
    expect_only(WARNINGS, "sign-ins", "warning", "nobody has signed in yet");
}
END_TEST

START_TEST(a_wait_that_Spotify_asked_for_is_a_warning_also_after_the_daemon_ended)
{
    begin(1, BY_DAEMON);
    fake_fault("{'kind':'recent','status':429,'headers':{'Retry-After':'3600'}}");
    hd_poll_and_wait();
    expect_only(WARNINGS, "rate limit", "warning", "Spotify asked to wait until 2");
    hd_stop(SIGTERM);
    expect(FAILURES, "rate limit", "warning", "Spotify asked to wait until 2");
}
END_TEST

/* In a name space of its own, so that the mount ends with the test. Only root may, and not
 * everywhere. */
static bool mount_small(void)
{
    return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", harness.state, "tmpfs", 0, "size=12m,mode=0700") == 0;
}

START_TEST(a_file_system_that_is_nearly_full_is_a_failure)
{
    harness.no_database = true;
    if (!mount_small())
        return;
    begin(1, BY_DAEMON);
    expect_only(FAILURES, "disk space", "failure", " MiB are free");
    hd_stop(SIGTERM);
    ck_assert_int_eq(umount(harness.state), 0);
}
END_TEST

/* -- the configuration -------------------------------------------------------------------------- */

START_TEST(a_configuration_that_is_not_valid_is_a_failure_and_leaves_the_rest_out)
{
    begin(1, BY_DAEMON);
    harness.config.more = "store { databse = \"/nowhere\" }\n";
    expect(FAILURES, "configuration", "failure", "databse");
    expect(FAILURES, "clock", "not checked", "needs a valid configuration");
}
END_TEST

START_TEST(values_that_lose_plays_or_sign_ins_are_warnings)
{
    begin(1, BY_DAEMON);
    if (_i == 0)
        harness.config.poll_interval = harness.config.sweep_interval = "30m";
    else
        harness.config.redirect_uri = "http://127.0.0.1:9/spotify/callback";
    expect_only(WARNINGS, "configuration", "warning",
                _i == 0 ? "polling every 30 min can lose plays" : "a sign-in will end on an empty");
}
END_TEST

static void add_files(Suite *suite)
{
    TCase *files = harness_case(suite, "files");
    TCase *key = harness_case(suite, "the key");

    tcase_add_loop_test(files, a_mode_that_lets_others_in_is_told_with_the_command_that_mends_it, 0,
                        5);
    tcase_add_test(files, a_directory_that_others_can_change_is_a_failure);
    tcase_add_test(files, a_control_socket_for_everybody_is_a_warning);
    tcase_add_test(files, a_log_of_another_owner_is_a_failure);
    tcase_add_test(files, what_a_stranger_may_not_look_at_is_no_failure);
    tcase_add_test(files, a_member_of_the_group_can_check_nearly_all);
    tcase_add_test(files, root_can_check_what_another_user_records);
    tcase_add_test(files, a_file_system_that_is_nearly_full_is_a_failure);
    tcase_add_test(key, a_key_file_that_is_gone_is_told_before_the_daemon_needs_it_again);
    tcase_add_test(key, another_key_is_told);
    tcase_add_test(key, a_key_that_others_can_read_is_told_twice);
    tcase_add_test(key, tokens_that_were_swapped_between_users_are_told);
}

Suite *check_suite(void)
{
    Suite *suite = suite_create("check");
    TCase *well = harness_case(suite, "all is well");
    TCase *rows = harness_case(suite, "the database");
    TCase *spotify = harness_case(suite, "the daemon and Spotify");
    TCase *config = harness_case(suite, "the configuration");

    tcase_add_test(well, when_all_is_well_every_row_is_ok_and_the_exit_status_0);
    tcase_add_test(well, checking_changes_nothing);
    tcase_add_test(well, with_offline_nothing_is_asked_of_Spotify);
    tcase_add_test(well, before_the_first_start_there_is_little_to_check);
    add_files(suite);
    tcase_add_loop_test(rows, rows_that_make_no_sense_are_told, 0, (int)COUNT_OF(broken));
    tcase_add_test(rows, a_damaged_page_is_told);
    tcase_add_test(rows, a_database_of_another_program_is_told);
    tcase_add_test(spotify, a_daemon_that_does_not_answer_is_a_failure);
    tcase_add_loop_test(spotify, a_clock_far_from_Spotifys_is_told, 0, 2);
    tcase_add_test(spotify, a_Spotify_that_cannot_be_reached_is_told_for_both_addresses);
    tcase_add_test(spotify, a_server_without_a_certificate_is_told);
    tcase_add_test(spotify, who_must_sign_in_again_is_a_failure);
    tcase_add_test(spotify, a_sign_in_that_ends_in_a_week_is_a_warning);
    tcase_add_test(spotify, a_user_for_whom_nothing_comes_for_three_intervals_is_a_warning);
    tcase_add_test(spotify, nobody_signed_in_is_a_warning);
    tcase_add_test(spotify, a_wait_that_Spotify_asked_for_is_a_warning_also_after_the_daemon_ended);
    tcase_add_test(config, a_configuration_that_is_not_valid_is_a_failure_and_leaves_the_rest_out);
    tcase_add_loop_test(config, values_that_lose_plays_or_sign_ins_are_warnings, 0, 2);
    return suite;
}
