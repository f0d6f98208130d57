/* SPDX-License-Identifier: MIT */
/* The commands import, imports and undo-import: through the daemon, and in its place. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define MANY 60000
#define EXPORTS TEST_SRCDIR "/tests/data/archive" /* small files of every known shape */

#define OLD_ROW(time, name)                                                       \
    "{\"ts\":\"" time                                                             \
    "\",\"ms_played\":61000,\"ip_addr\":\"192.0.2.77\",\"username\":\"secret1\"," \
    "\"spotify_track_uri\":\"spotify:track:12345678901234567890zz\","             \
    "\"master_metadata_track_name\":\"" name "\",\"master_metadata_album_artist_name\":\"A\"}"
#define OLD "[" OLD_ROW("2015-03-01T10:00:00Z", "x") "," OLD_ROW("2015-03-01T11:00:00Z", "x") "]"
#define OTHER "[" OLD_ROW("2016-03-01T10:00:00Z", "y") ",{\"ts\":null,\"ms_played\":1}]"
#define CUT "[" OLD_ROW("2017-03-01T10:00:00Z", "z") ",{\"ts\":\"2017-"

static char folder[HARNESS_PATH_SIZE];

/* Path of a name in the folder of what is to be imported; valid until the next call but three. */
static const char *path(const char *name)
{
    static char paths[4][HARNESS_PATH_SIZE + 40];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
    return paths[next];
}

static void write_export(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "we");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Some that played so much: plays of five tracks each, known from the API. */
static void begin(int way, int accounts)
{
    harness_run_by_hand(accounts);
    for (int account = 1; account <= accounts; account++)
        fake_plays(account, 5, 1, harness_now() - HOUR, 5 * MINUTE);
    hd_poll_and_wait();
    if (way == ALONE)
        hd_stop(SIGTERM);
    snprintf(folder, sizeof(folder), "%.60s/exports", harness.folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
}

/* The recorded plays as the long form tells them, and two older ones. */
static void write_recorded(const char *name)
{
    const char *rows = db_text(
        "SELECT group_concat(json_object('ts', strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', played_at / "
        "1000, 'unixepoch'), 'ms_played', 61000, 'spotify_track_uri', uri, "
        "'master_metadata_track_name', name)) FROM played_tracks JOIN tracks USING (track_id)");
    char text[4000];

    ck_assert_int_lt(snprintf(text, sizeof(text), "[%s,%s", rows, &OLD[1]), (int)sizeof(text));
    write_export(name, text);
}

/* What the database holds, without what SQLite notes of it for itself. */
static char *dump(void)
{
    char *text = db_dump(), *to = text;

    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n") + 1;

        if (strncmp(line, "sqlite_stat", 11) != 0) {
            memmove(to, line, len);
            to += len;
        }
        line += len;
    }
    *to = '\0';
    return text;
}

/* Tells the first line in which two dumps differ, and frees both. */
static void assert_same(char *before, char *after)
{
    const char *one = before, *other = after;

    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    if (*one != *other) {
        while (one > before && one[-1] != '\n') {
            one--;
            other--;
        }
        ck_abort_msg("before: %.300s\nafter: %.300s", one, other);
    }
    free(before);
    free(after);
}

/* -- import -------------------------------------------------------------------------------------- */

START_TEST(I4_what_was_recorded_and_what_is_imported_become_one)
{
    begin(_i, 1);
    write_recorded("long.json");
    ctl_expect(EXIT_STATUS_OK, "\nlong.json     7    2        5          0         0  1\n",
               "import", path("long.json"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 7);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE ms_played = 61000"), 7);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE source = 'api'"), 5);
}
END_TEST

START_TEST(I3_importing_again_changes_nothing_and_says_so)
{
    char *before;

    begin(_i, 1);
    write_recorded("long.json");
    ctl_expect(EXIT_STATUS_OK, "", "import", path("long.json"));
    before = dump();
    ctl_expect(EXIT_STATUS_OK, "  again 1\n", "import", path("long.json"));
    assert_same(before, dump());
}
END_TEST

START_TEST(I12_undoing_an_import_brings_back_what_was_before)
{
    char *before;

    begin(_i, 1);
    write_recorded("long.json");
    before = dump();
    ctl_expect(EXIT_STATUS_OK, "", "import", path("long.json"));
    ctl_expect(EXIT_STATUS_OK, "import 1 is undone: 2 plays removed, 5 plays stay", "undo-import",
               "--yes", "1");
    assert_same(before, dump());
}
END_TEST

START_TEST(I12_a_dry_run_tells_the_same_and_changes_nothing)
{
    char *before;

    begin(_i, 1);
    write_recorded("long.json");
    before = dump();
    ctl_expect(EXIT_STATUS_OK, "\nlong.json     7    2        5          0         0\n", "import",
               "--dry-run", path("long.json"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "Nothing was changed"));
    assert_same(before, dump());
}
END_TEST

START_TEST(I2_a_broken_file_is_named_nothing_of_it_goes_in_and_the_others_do)
{
    begin(_i, 1);
    write_export("a.json", OLD);
    write_export("b.json", CUT);
    write_export("c.json", OTHER);
    ctl_expect(EXIT_STATUS_DATA, "b.json: not understood: at byte ", "import", folder);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks WHERE source = 'extended'"), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks WHERE name = 'z'"), 0);
}
END_TEST

START_TEST(I5_files_of_every_known_shape_add_up_and_leave_no_secret)
{
    static const char *const secrets[] = {"192.0.2.", "2001:db8", "198.51.100.", "somebody"};
    json_t *json;
    int64_t rows, sum;

    begin(_i, 1);
    ck_assert_int_eq(ctl_run("import", EXPORTS), EXIT_STATUS_DATA); /* some are broken */
    rows = db_int("SELECT sum(row_count) FROM imports");
    sum = db_int("SELECT sum(added + matched + duplicate + rejected) FROM imports");
    ck_assert_int_gt(rows, 30);
    ck_assert_int_eq(rows, sum);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "\nnot-userdata.json "));
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        const char *where = harness_find_in_files(secrets[i]);

        ck_assert_msg(where == NULL, "%s in %s", secrets[i], where);
        ck_assert_ptr_null(strstr(harness.ctl_output, secrets[i]));
    }
    ck_assert_int_eq(ctl_run("imports", "--json"), EXIT_STATUS_OK);
    json = json_loads(harness.ctl_output, 0, NULL);
    ck_assert_int_eq((int64_t)json_array_size(json_object_get(json, "imports")),
                     db_int("SELECT count(*) FROM imports"));
    json_decref(json);
}
END_TEST

START_TEST(I9_standard_input_is_taken)
{
    begin(_i, 1);
    ck_assert_int_eq(ctl_run_with(OLD, (const char *const[]){"import", "-", NULL}), 0);
    ck_assert_int_eq(db_int("SELECT added FROM imports WHERE file = 'standard input'"), 2);
}
END_TEST

START_TEST(I14_without_a_network_an_import_brings_everything)
{
    begin(_i, 1);
    fake_stop();
    ck_assert_int_eq(ctl_run_with(OLD, (const char *const[]){"import", "-", NULL}), 0);
    ck_assert_int_eq(db_int("SELECT added FROM imports"), 2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE track = 'x'"), 2);
}
END_TEST

START_TEST(where_no_history_is_it_says_so)
{
    begin(_i, 1);
    write_export("Playlist1.json", "{\"playlists\":[]}");
    ctl_expect(EXIT_STATUS_DATA, "no history was found", "import", folder);
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 0);
}
END_TEST

START_TEST(I12_with_two_users_it_must_be_said_whose_history_it_is)
{
    begin(_i, 2);
    write_export("a.json", OLD);
    ctl_expect(EXIT_STATUS_USAGE, "say whose history it is, with --user; there are: 1 ", "import",
               path("a.json"));
    ctl_expect(EXIT_STATUS_OK, "", "import", "--user", fake_id(2), path("a.json"));
    ck_assert_int_eq(db_int("SELECT user_id FROM imports"), db_user(2));
    ck_assert_int_eq(db_plays(2), 7);
    ck_assert_int_eq(db_plays(1), 5);
}
END_TEST

START_TEST(json_tells_what_the_table_tells)
{
    json_t *json, *total;

    begin(_i, 1);
    write_export("c.json", OTHER);
    harness.ctl_out = open(path("out"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(ctl_run("import", "--json", path("c.json")), EXIT_STATUS_OK);
    close(harness.ctl_out);
    harness.ctl_out = 0;
    json = json_load_file(path("out"), 0, NULL);
    total = json_object_get(json, "total");
    ck_assert_int_eq(json_integer_value(json_object_get(total, "read")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(total, "new")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(total, "rejected")), 1);
    json_decref(json);
}
END_TEST

START_TEST(before_the_first_sign_in_nothing_is_imported_and_no_database_made)
{
    harness_begin(0);
    harness.no_database = true;
    ctl_expect(EXIT_STATUS_USAGE, "first somebody signs in", "import", EXPORTS);
    ck_assert_int_ne(access(harness.database, F_OK), 0);
}
END_TEST

/* -- waiting and stopping ------------------------------------------------------------------------ */

START_TEST(alone_it_waits_for_another_command)
{
    char lock[HARNESS_PATH_SIZE + 8];
    int fd;

    begin(ALONE, 1);
    write_export("a.json", OLD);
    snprintf(lock, sizeof(lock), "%s.lock", harness.database);
    fd = open(lock, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ctl_start("import", path("a.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("in use by another process"));
    close(fd);
    ctl_expect_end(EXIT_STATUS_OK, ": waiting\n");
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 1);
}
END_TEST

START_TEST(beside_the_daemon_it_waits_for_another_import)
{
    char cancel[100];
    json_t *other;

    begin(BY_DAEMON, 1);
    write_export("a.json", OLD);
    other = control_expect(201, "POST", "/v1/imports",
                           "{'user': 1, 'file': 'x', 'hash': '00112233445566778899aabbccddeeff', "
                           "'form': 'long', 'version': 1}");
    ctl_start("import", path("a.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("is under way: waiting\n"));
    snprintf(cancel, sizeof(cancel), "/v1/imports/%s/cancel",
             json_string_value(json_object_get(other, "id")));
    json_decref(control_expect(200, "POST", cancel, "{}"));
    json_decref(other);
    ctl_expect_end(EXIT_STATUS_OK, "  1\n");
}
END_TEST

/* A history of many rows. */
static void write_many(const char *name)
{
    FILE *file = fopen(path(name), "we");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < MANY; i++) {
        int minute = i * 7;

        fprintf(file,
                "%s{\"ts\":\"20%02d-%02d-%02dT%02d:%02d:00Z\",\"ms_played\":61000,"
                "\"spotify_track_uri\":\"spotify:track:1234567890123456%06d\","
                "\"master_metadata_track_name\":\"t\"}",
                i == 0 ? "[" : ",\n", 10 + minute / 483840, 1 + minute / 40320 % 12,
                1 + minute / 1440 % 28, minute / 60 % 24, minute % 60, i % 5000);
    }
    fputs("]", file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(I10_interrupted_it_gives_up_the_file_under_way_and_keeps_those_before)
{
    begin(_i, 1);
    write_export("a.json", OLD);
    write_many("b.json");
    ctl_start("import", path("a.json"), path("b.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("; import 1\n"));
    ctl_signal(SIGINT);
    ck_assert_int_eq(ctl_wait(), -SIGINT);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "1 file is imported and stays so (import 1)"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 7);
    ctl_expect(EXIT_STATUS_OK, "\nb.json  60000 ", "import", path("b.json"));
}
END_TEST

START_TEST(when_the_daemon_dies_files_are_in_whole_or_not_at_all)
{
    begin(BY_DAEMON, 1);
    write_export("a.json", OLD);
    write_many("b.json");
    ctl_start("import", path("a.json"), path("b.json"));
    ctl_type_end();
    harness_wait_until(ctl_said("; import 1\n"));
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ctl_expect_end(EXIT_STATUS_TEMPFAIL, "\nb.json: "); /* in whichever of its steps */
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 7);
    hd_start();
    ctl_expect(EXIT_STATUS_OK, "\nb.json  60000  60000 ", "import", path("b.json"));
}
END_TEST

/* -- imports and undo-import --------------------------------------------------------------------- */

START_TEST(the_list_of_imports_has_what_each_brought)
{
    begin(_i, 1);
    write_export("a.json", OLD);
    write_export("c.json", OTHER);
    ctl_expect(EXIT_STATUS_OK, "Nothing was imported yet", "imports");
    ctl_expect(EXIT_STATUS_OK, "", "import", path("a.json"), path("c.json"));
    ctl_expect(EXIT_STATUS_OK, "  2015-03-01  2015-03-01  a.json\n", "imports");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "  2016-03-01  2016-03-01  c.json\n"));
    ctl_expect(EXIT_STATUS_OK, "c.json\n", "imports", "-n", "1");
    ck_assert_ptr_null(strstr(harness.ctl_output, "a.json"));
    ctl_expect(EXIT_STATUS_OK, "a.json\n", "imports", "1");
    ck_assert_ptr_null(strstr(harness.ctl_output, "c.json"));
}
END_TEST

START_TEST(rejected_rows_are_listed_with_their_reason)
{
    begin(_i, 1);
    write_export("c.json", OTHER);
    ctl_expect(EXIT_STATUS_OK, "1 row has no time\n", "import", path("c.json"));
    ctl_expect(EXIT_STATUS_OK, "row 2: no time", "imports", "1", "--rejects");
    ctl_expect(EXIT_STATUS_USAGE, "which import?", "imports", "--rejects");
    ctl_expect(EXIT_STATUS_USAGE, "there is no import 2", "imports", "--rejects", "2");
}
END_TEST

START_TEST(without_a_terminal_and_without_yes_no_import_is_undone)
{
    begin(_i, 1);
    write_export("a.json", OLD);
    ctl_expect(EXIT_STATUS_OK, "", "import", path("a.json"));
    ctl_expect(EXIT_STATUS_USAGE, "no terminal to ask on", "undo-import", "1");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "import 1: a.json, imported "));
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 7);
}
END_TEST

START_TEST(an_import_that_is_not_there_cannot_be_undone)
{
    begin(_i, 1);
    ctl_expect(EXIT_STATUS_USAGE, "there is no import 7", "undo-import", "--yes", "7");
    ctl_expect(EXIT_STATUS_USAGE, "x is no import", "undo-import", "--yes", "x");
}
END_TEST

static const struct answer_case {
    const char *typed;
    int status;
    int plays;
} answers[] = {{"y\n", EXIT_STATUS_OK, 5}, {"n\n", EXIT_STATUS_USAGE, 7}};

/* Counts through the answers, and in each through the ways. */
START_TEST(on_a_terminal_it_asks)
{
    const struct answer_case *answer = &answers[_i / WAYS];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    begin(_i % WAYS, 1);
    write_export("a.json", OLD);
    ctl_expect(EXIT_STATUS_OK, "", "import", path("a.json"));
    harness.ctl_in = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(harness.ctl_in, 0);
    ctl_start("undo-import", "1");
    harness_wait_until(ctl_said("[y/N] "));
    ck_assert_int_eq(write(master, answer->typed, 2), 2);
    ck_assert_int_eq(ctl_wait(), answer->status);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), answer->plays);
    close(harness.ctl_in);
    harness.ctl_in = 0;
    close(master);
}
END_TEST

Suite *import_suite(void)
{
    Suite *suite = suite_create("import");
    TCase *test = harness_case(suite, "import");
    TCase *waiting = harness_case(suite, "waiting");
    TCase *undoing = harness_case(suite, "imports");

    tcase_add_loop_test(test, I4_what_was_recorded_and_what_is_imported_become_one, 0, WAYS);
    tcase_add_loop_test(test, I3_importing_again_changes_nothing_and_says_so, 0, WAYS);
    tcase_add_loop_test(test, I12_undoing_an_import_brings_back_what_was_before, 0, WAYS);
    tcase_add_loop_test(test, I12_a_dry_run_tells_the_same_and_changes_nothing, 0, WAYS);
    tcase_add_loop_test(test, I2_a_broken_file_is_named_nothing_of_it_goes_in_and_the_others_do, 0,
                        WAYS);
    tcase_add_loop_test(test, I5_files_of_every_known_shape_add_up_and_leave_no_secret, 0, WAYS);
    tcase_add_loop_test(test, I9_standard_input_is_taken, 0, WAYS);
    tcase_add_loop_test(test, I14_without_a_network_an_import_brings_everything, 0, WAYS);
    tcase_add_loop_test(test, where_no_history_is_it_says_so, 0, WAYS);
    tcase_add_loop_test(test, I12_with_two_users_it_must_be_said_whose_history_it_is, 0, WAYS);
    tcase_add_loop_test(test, json_tells_what_the_table_tells, 0, WAYS);
    tcase_add_test(test, before_the_first_sign_in_nothing_is_imported_and_no_database_made);
    tcase_add_test(waiting, alone_it_waits_for_another_command);
    tcase_add_test(waiting, beside_the_daemon_it_waits_for_another_import);
    tcase_add_loop_test(
        waiting, I10_interrupted_it_gives_up_the_file_under_way_and_keeps_those_before, 0, WAYS);
    tcase_add_test(waiting, when_the_daemon_dies_files_are_in_whole_or_not_at_all);
    tcase_add_loop_test(undoing, the_list_of_imports_has_what_each_brought, 0, WAYS);
    tcase_add_loop_test(undoing, rejected_rows_are_listed_with_their_reason, 0, WAYS);
    tcase_add_loop_test(undoing, without_a_terminal_and_without_yes_no_import_is_undone, 0, WAYS);
    tcase_add_loop_test(undoing, an_import_that_is_not_there_cannot_be_undone, 0, WAYS);
    tcase_add_loop_test(undoing, on_a_terminal_it_asks, 0, 2 * WAYS);
    return suite;
}
