/* SPDX-License-Identifier: MIT */
/* Imports beside everything else that the daemon does, and what interrupts them. */
#include "import_help.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 20000 /* rows that take some seconds */
#define STEP INT64_C(200000)

/* Begins one that takes long, and waits until it is in the middle. */
static const char *begin_long(int account)
{
    const char *id = import_begin(account, NULL, import_many(MANY, IMPORT_T0, STEP));

    harness_wait_until(import_number(id, "rows") > 0);
    ck_assert_str_eq(import_text(id, "stage"), "working");
    return id;
}

static void assert_nothing_is_imported(void)
{
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks"), 0);
}

/* -- interrupted ------------------------------------------------------------------------------- */

START_TEST(a_stop_in_the_middle_leaves_everything_as_it_was)
{
    harness_run_by_hand(1);
    begin_long(1);
    ck_assert_int_lt(hd_stop(SIGTERM), 1000);
    ck_assert(hd_logged("an import was given up: everything is as it was"));
    assert_nothing_is_imported();
}
END_TEST

START_TEST(E14_a_kill_in_the_middle_leaves_everything_as_it_was)
{
    harness_run_by_hand(1);
    begin_long(1);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    hd_start();
    assert_nothing_is_imported();
    json_decref(control_expect(404, "GET", "/v1/imports/0123456789012345678901", NULL));
}
END_TEST

/* Files in the folder of the database. */
static int count_files(void)
{
    DIR *folder = opendir(harness.state);
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(rows_that_wait_are_in_no_file_that_has_a_name)
{
    struct import_rows rows = import_many(1000, IMPORT_T0, STEP);
    int before;

    harness_run_by_hand(1);
    before = count_files();
    import_send_all(import_open(1, NULL), &rows);
    ck_assert_int_eq(count_files(), before);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ck_assert_int_eq(count_files(), before);
    free(rows.data);
}
END_TEST

START_TEST(a_reload_in_the_middle_changes_nothing)
{
    const char *id;

    harness_run_by_hand(1);
    id = begin_long(1);
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
    import_expect_end(id, "stored");
    ck_assert_int_eq(db_plays(1), MANY);
}
END_TEST

START_TEST(one_that_is_given_up_in_the_middle_leaves_everything_as_it_was)
{
    const char *id;

    harness_run_by_hand(1);
    id = begin_long(1);
    json_decref(control_expect(200, "POST", import_path(id, "/cancel"), "{}"));
    import_expect_end(id, "failed");
    assert_nothing_is_imported();
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    import_expect_end(import_begin(1, NULL, import_many(10, IMPORT_T0, STEP)), "stored");
}
END_TEST

START_TEST(a_client_that_leaves_in_the_middle_of_a_piece_takes_nothing_with_it)
{
    struct import_rows rows = import_many(1000, IMPORT_T0, STEP);
    const char *id;
    int fd;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    fd = raw_connect_control();
    dprintf(fd, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n",
            import_path(id, "/rows"), rows.len);
    ck_assert_int_eq(send(fd, rows.data, rows.len / 2, MSG_NOSIGNAL), (ssize_t)rows.len / 2);
    close(fd);
    ck_assert_int_eq(import_number(id, "received"), 0);
    import_send_all(id, &rows); /* another goes on */
    import_start(id);
    import_expect_end(id, "stored");
    ck_assert_int_eq(db_plays(1), 1000);
    free(rows.data);
}
END_TEST

/* -- beside removals --------------------------------------------------------------------------- */

static void forget(int64_t user, long expected)
{
    char path[60];

    snprintf(path, sizeof(path), "/v1/users/%lld/forget", (long long)user);
    json_decref(control_expect(expected, "POST", path, "{'keep_plays':false}"));
}

START_TEST(nobody_is_removed_in_the_middle)
{
    const char *id;

    harness_run_by_hand(2);
    id = begin_long(1);
    forget(2, 503);
    forget(1, 503);
    json_decref(control_expect(503, "POST", "/v1/users/1/plays/1/delete", "{}"));
    import_expect_end(id, "stored");
    forget(1, 200);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
}
END_TEST

START_TEST(who_is_removed_while_their_rows_come_is_told_of_at_the_start)
{
    struct import_rows rows = import_many(10, IMPORT_T0, STEP);
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    import_send_all(id, &rows);
    forget(1, 200);
    ck_assert_str_eq(import_code(control_expect(404, "POST", import_path(id, "/start"), "{}")),
                     "not_found");
    ck_assert_str_eq(import_text(id, "error"), "the user was removed");
    free(rows.data);
}
END_TEST

/* The database may give the number of who was removed to who comes next. */
START_TEST(rows_for_somebody_who_was_removed_are_not_taken_for_who_has_the_number_now)
{
    struct import_rows rows = import_many(10, IMPORT_T0, STEP);
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    import_send_all(id, &rows);
    forget(1, 200);
    ctl_login(1);
    ck_assert_int_eq(db_int("SELECT user_id FROM users"), 1);
    ck_assert_str_eq(import_code(control_expect(404, "POST", import_path(id, "/start"), "{}")),
                     "not_found");
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 0);
    free(rows.data);
}
END_TEST

/* Sends the request and does not wait for the answer. */
static void forget_in_the_background(int64_t user)
{
    int fd = raw_connect_control();

    dprintf(fd,
            "POST /v1/users/%lld/forget HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"keep_plays\":false}",
            (long long)user);
}

START_TEST(a_removal_under_way_is_waited_for)
{
    int64_t first;
    const char *id;

    harness_run_by_hand(2);
    first = db_user(1);
    /* which itself waits for a token request */
    fake_do("tokens", "{'account':2,'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','account':2,'after':true,'delay_ms':2000}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    forget_in_the_background(first);
    id = import_begin(2, NULL, import_many(10, IMPORT_T0, STEP));
    ck_assert_str_eq(import_text(id, "stage"), "waiting");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 2);
    import_expect_end(id, "stored");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    ck_assert_int_eq(db_plays(2), 10);
}
END_TEST

/* -- beside tokens ----------------------------------------------------------------------------- */

START_TEST(a_token_request_under_way_is_waited_for)
{
    const char *id;

    harness_run_by_hand(2);
    fake_do("tokens", "{'account':2,'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','account':2,'after':true,'delay_ms':1000}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    id = import_begin(1, NULL, import_many(10, IMPORT_T0, STEP));
    ck_assert_str_eq(import_text(id, "stage"), "waiting");
    import_expect_end(id, "stored");
    ck_assert_int_le(
        db_int("SELECT finished_at FROM refreshes WHERE user_id = %lld", (long long)db_user(2)),
        db_int("SELECT finished_at FROM imports"));
    ck_assert_str_eq(
        db_text("SELECT outcome FROM refreshes WHERE user_id = %lld", (long long)db_user(2)), "ok");
}
END_TEST

/* One that would have to be refreshed meanwhile is refreshed before. */
START_TEST(a_token_that_ends_soon_is_refreshed_first)
{
    harness.config.poll_interval = harness.config.sweep_interval = "30s";
    harness_run(2);
    hd_wait_for_polls(2);
    hd_stop(SIGTERM);
    db_do("UPDATE tokens SET expires_at = %lld WHERE type = 'access' AND user_id = 1",
          (long long)harness_now() + 100000);
    fake_do("requests", "{'clear':true}");
    hd_start();
    hd_wait_for_polls(4);
    ck_assert_int_eq(fake_count("token", 0), 0);
    import_expect_end(import_begin(1, NULL, import_many(10, IMPORT_T0, STEP)), "stored");
    ck_assert_int_eq(fake_count("token", 1), 1);
    ck_assert_int_eq(fake_count("token", 2), 0);
    ck_assert_int_le(db_int("SELECT finished_at FROM refreshes WHERE user_id = 1"),
                     db_int("SELECT finished_at FROM imports"));
}
END_TEST

/* A poll that needs a token in the middle comes behind it. */
START_TEST(a_token_that_is_refused_in_the_middle_is_refreshed_behind_it)
{
    const char *id;

    harness_run_by_hand(2);
    id = begin_long(1);
    fake_play(2, 1, harness_now() - 1000);
    fake_do("tokens", "{'account':2,'answer':'new','expire_access':true}");
    hd_poll_now();
    import_expect_end(id, "stored");
    harness_wait_for_truth(2);
    ck_assert_int_ge(
        db_int("SELECT finished_at FROM refreshes WHERE user_id = %lld", (long long)db_user(2)),
        db_int("SELECT finished_at FROM imports"));
}
END_TEST

/* However long it takes: an import of years must not spend the calls of the hour on it. */
START_TEST(a_token_that_is_refused_in_the_middle_is_sent_no_more)
{
    const char *id;

    harness_run_by_hand(2);
    id = begin_long(1);
    fake_play(2, 1, harness_now() - 1000);
    fake_do("tokens", "{'account':2,'answer':'new','expire_access':true}");
    fake_do("requests", "{'clear':true}");
    hd_poll_now();
    import_expect_end(id, "stored");
    harness_wait_for_truth(2);
    ck_assert_int_eq(fake_count("token", 2), 1);
    ck_assert_int_eq(fake_count("recent", 2), 2);
}
END_TEST

/* -- beside polls ------------------------------------------------------------------------------ */

START_TEST(polls_go_on_beside_it)
{
    int64_t from, until, longest, answers = 0, slowest = 0;
    struct import_rows rows = import_many(2 * MANY, IMPORT_T0, STEP);
    const char *id;

    harness.config.poll_interval = harness.config.sweep_interval = "1s";
    harness_run(12);
    harness_wait_until(db_int("SELECT min(count) FROM (SELECT count(*) AS count FROM polls GROUP "
                              "BY user_id)") > 2);
    id = import_open(1, NULL);
    import_send_all(id, &rows);
    free(rows.data);
    from = harness_now();
    import_start(id);
    while (strcmp(import_text(id, "stage"), "done") != 0) {
        int64_t began = harness_boot();

        json_decref(control_expect(200, "GET", "/v1/users/1", NULL));
        slowest = harness_boot() - began > slowest ? harness_boot() - began : slowest;
        answers++;
    }
    until = harness_now();
    import_expect_end(id, "stored");
    hd_wait_for_polls(db_int("SELECT count(*) FROM polls") + 30);
    longest = db_int("SELECT max(pause) FROM (SELECT started_at - lag(started_at) OVER (ORDER BY "
                     "started_at) AS pause, started_at FROM polls) WHERE started_at BETWEEN %lld "
                     "AND %lld",
                     (long long)from, (long long)until);
    fprintf(stderr,
            "%d rows in %lld ms: the slowest of %lld answers after %lld ms, the longest pause "
            "between two polls was %lld ms\n",
            2 * MANY, (long long)(until - from), (long long)answers, (long long)slowest,
            (long long)longest);
    ck_assert_int_gt(answers, 5);
    ck_assert_int_lt(longest, (until - from) / 2);
}
END_TEST

START_TEST(what_a_poll_brings_in_the_middle_is_stored_behind_it)
{
    const char *id;

    harness_run_by_hand(2);
    id = begin_long(1);
    fake_plays(2, 5, 1, harness_now() - 60000, 1000);
    hd_poll_now();
    harness_wait_until(fake_shown(2) == 5);
    import_expect_end(id, "stored");
    harness_wait_for_truth(2);
    ck_assert_int_eq(db_plays(1), MANY);
}
END_TEST

START_TEST(who_signs_in_in_the_middle_is_let_in_behind_it)
{
    const char *id;

    fake_start("--accounts", "2");
    ctl_login(1);
    hd_start();
    hd_wait_for_polls(1);
    id = begin_long(1);
    ctl_login(2);
    import_expect_end(id, "stored");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 2);
}
END_TEST

Suite *importing_life_suite(void)
{
    Suite *suite = suite_create("importing_life");
    TCase *interrupted = harness_case(suite, "interrupted");
    TCase *removals = harness_case(suite, "beside removals");
    TCase *tokens = harness_case(suite, "beside tokens");
    TCase *polls = harness_case(suite, "beside polls");

    tcase_add_test(interrupted, a_stop_in_the_middle_leaves_everything_as_it_was);
    tcase_add_test(interrupted, E14_a_kill_in_the_middle_leaves_everything_as_it_was);
    tcase_add_test(interrupted, rows_that_wait_are_in_no_file_that_has_a_name);
    tcase_add_test(interrupted, a_reload_in_the_middle_changes_nothing);
    tcase_add_test(interrupted, one_that_is_given_up_in_the_middle_leaves_everything_as_it_was);
    tcase_add_test(interrupted,
                   a_client_that_leaves_in_the_middle_of_a_piece_takes_nothing_with_it);
    tcase_add_test(removals, nobody_is_removed_in_the_middle);
    tcase_add_test(removals, who_is_removed_while_their_rows_come_is_told_of_at_the_start);
    tcase_add_test(removals,
                   rows_for_somebody_who_was_removed_are_not_taken_for_who_has_the_number_now);
    tcase_add_test(removals, a_removal_under_way_is_waited_for);
    tcase_add_test(tokens, a_token_request_under_way_is_waited_for);
    tcase_add_test(tokens, a_token_that_ends_soon_is_refreshed_first);
    tcase_add_test(tokens, a_token_that_is_refused_in_the_middle_is_refreshed_behind_it);
    tcase_add_test(tokens, a_token_that_is_refused_in_the_middle_is_sent_no_more);
    tcase_add_test(tokens, who_signs_in_in_the_middle_is_let_in_behind_it);
    tcase_add_test(polls, polls_go_on_beside_it);
    tcase_add_test(polls, what_a_poll_brings_in_the_middle_is_stored_behind_it);
    return suite;
}
