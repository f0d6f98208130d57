/* SPDX-License-Identifier: MIT */
/* Start, stop, reload and everything else that a service manager, or a person with kill(1), does.
 */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A second, or as much longer as everything takes under a sanitizer. */
static int64_t second(void)
{
    const char *factor = getenv("CK_TIMEOUT_MULTIPLIER");

    return 1000 * (factor != NULL && atoi(factor) > 0 ? atoi(factor) : 1);
}

static void reload(void)
{
    hd_write_config();
    hd_signal(SIGHUP);
}

/* -- stop -------------------------------------------------------------------------------------- */

static const int stop_signals[] = {SIGTERM, SIGINT};

START_TEST(F1_an_idle_daemon_stops_within_a_second)
{
    harness_run(1);
    hd_wait_for_polls(2);
    ck_assert_int_lt(hd_stop(stop_signals[_i]), second());
    ck_assert_int_eq(db_int("SELECT count(*) FROM runs WHERE stopped_at >= alive_at"), 1);
    ck_assert(hd_logged(stop_signals[_i] == SIGTERM ? "SIGTERM: stopping" : "SIGINT: stopping"));
}
END_TEST

START_TEST(F1_requests_for_history_under_way_do_not_hold_up_the_stop)
{
    harness_begin(3);
    fake_fault("{'kind':'recent','hang':true,'count':0}");
    hd_start();
    harness_wait_until(fake_hits() == 3);
    ck_assert_int_lt(hd_stop(SIGTERM), second());
    ck_assert_int_eq(db_int("SELECT count(*) FROM polls"), 0);
}
END_TEST

START_TEST(F1_what_has_come_is_stored_before_the_end)
{
    harness_begin(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    hd_start();
    harness_wait_until(fake_shown(1) == 10); /* it waits for its group of commits now */
    hd_stop(SIGTERM);
    harness_assert_truth(1);
}
END_TEST

/* A refresh is under way whose answer comes late and replaces the token. */
static void begin_a_slow_refresh(const char *fault)
{
    harness_run_by_hand(1);
    fake_do("tokens", "{'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','after':true,%s}", fault);
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
}

START_TEST(F2_a_token_request_under_way_is_waited_for_and_stored)
{
    int64_t took;

    begin_a_slow_refresh("'delay_ms':1500");
    took = hd_stop(SIGTERM);
    ck_assert_int_gt(took, 1000);
    ck_assert(hd_logged("stopping: waiting for 1 token request"));
    ck_assert_str_eq(db_text("SELECT outcome FROM refreshes"), "ok");
    fake_play(1, 1, harness_now() - 1000);
    fake_do("tokens", "{'expire_access':true}");
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(F2_a_token_request_that_fails_while_stopping_ends_the_wait)
{
    begin_a_slow_refresh("'delay_ms':1000,'status':502,'generate':'html'");
    hd_stop(SIGTERM);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(F3_a_second_signal_ends_it_at_once)
{
    int64_t began;

    begin_a_slow_refresh("'hang':true");
    hd_signal(SIGTERM);
    harness_wait_until(hd_logged("stopping: waiting"));
    began = harness_boot();
    hd_signal(SIGTERM);
    ck_assert_int_eq(hd_wait(), 0);
    ck_assert_int_lt(harness.daemon.ended_ms - began, second());
    ck_assert(hd_logged("second signal"));
}
END_TEST

/* What is played after Spotify put its answer together is not in it. */
START_TEST(a_poll_asked_for_while_one_is_under_way_comes_after_it)
{
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','after':true,'delay_ms':500}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(P10_kill_9_is_a_start_like_any_other)
{
    harness_run(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ck_assert_int_eq(db_int("SELECT count(*) FROM runs WHERE stopped_at IS NULL"), 1);
    fake_play(1, 20, harness_now() - 1000);
    hd_start();
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

/* -- reload ------------------------------------------------------------------------------------ */

START_TEST(F4_a_good_reload_takes_effect_and_names_what_changed)
{
    harness_run_by_hand(1);
    harness.config.poll_interval = "150ms";
    harness.config.sweep_interval = "900ms";
    reload();
    harness_wait_until(hd_logged("reload: done"));
    ck_assert_int_eq(hd_log_count("reload: capture.poll_interval: \"1h\" -> \"150ms\""), 1);
    ck_assert_int_eq(hd_log_count("reload: capture.sweep_interval: \"1h\" -> \"900ms\""), 1);
    ck_assert_int_eq(hd_log_count("reload: "), 3);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
    hd_wait_for_polls(5);
}
END_TEST

START_TEST(F4_a_reload_that_changes_nothing_says_only_that)
{
    harness_run(1);
    reload();
    harness_wait_until(hd_logged("reload: done"));
    ck_assert_int_eq(hd_log_count("reload: "), 1);
}
END_TEST

START_TEST(F4_what_needs_a_restart_is_named_each_time_and_stays_as_it_was)
{
    harness_run(1);
    harness.config.listen = "127.0.0.1:1234";
    harness.config.level = "debug";
    for (int round = 1; round <= 2; round++) {
        reload();
        harness_wait_until(hd_log_count("reload: done") == round);
        ck_assert_int_eq(hd_log_count("needs a restart"), round);
        ck_assert_int_eq(hd_log_count("web.listen"), round);
    }
    ck_assert_int_eq(hd_log_count("reload: log.level: \"info\" -> \"debug\""), 1);
}
END_TEST

static const struct {
    const char *more;
    const char *words;
} mistakes[] = {
    {"capture { poll_intervall = \"5s\" }", "historyd.conf:23: "},
    {"capture { poll_interval = \"soon\" }", "poll_interval"},
    {"capture { max_in_flight = 1000 }", "max_in_flight"},
    {"store {", "historyd.conf:"},
    {"colour { red = 1 }", "historyd.conf:23: "},
};

START_TEST(F5_a_bad_reload_changes_nothing_and_says_where_the_mistake_is)
{
    harness.keep_notify = true;
    harness_run(1);
    hd_wait_for_polls(1);
    hd_forget_notes();
    harness.config.poll_interval = "1h"; /* good, but all or nothing */
    harness.config.sweep_interval = "1h";
    harness.config.more = mistakes[_i].more;
    reload();
    harness_wait_until(
        hd_logged("reload: the configuration is not valid; everything stays as it was"));
    ck_assert_int_ge(hd_log_count(mistakes[_i].words), 1);
    ck_assert_int_eq(hd_log_count("reload: done"), 0);
    harness_wait_until(hd_notified("READY=1"));
    ck_assert(hd_notified("RELOADING=1\nMONOTONIC_USEC="));
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1); /* it still polls ten times a second */
}
END_TEST

START_TEST(F5_a_configuration_that_is_gone_changes_nothing)
{
    harness_run(1);
    unlink(harness.config_file);
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("everything stays as it was"));
    ck_assert_int_ge(hd_log_count("No such file"), 1);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

/* Entries of /proc/PID/fd. */
static int open_files(void)
{
    char path[64];
    struct dirent *entry;
    int count = 0;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)harness.daemon.pid);
    folder = opendir(path);
    if (folder == NULL)
        return 0; /* only root may look */
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

START_TEST(F6_a_thousand_reloads_leak_nothing_and_poll_nothing)
{
    int files;
    int64_t requests;

    harness_run_by_hand(1);
    hd_poll_and_wait();
    files = open_files();
    requests = fake_count("recent", 0);
    for (int i = 0; i < 1000; i++) {
        hd_signal(SIGHUP);
        sched_yield();
    }
    harness_wait_until(hd_logged("reload: done"));
    hd_poll_and_wait(); /* it has come to the end of them */
    ck_assert_int_eq(fake_count("recent", 0), requests + 1);
    ck_assert_int_eq(open_files(), files);
    ck_assert_int_le(hd_log_count("reload: done"), 1000);
    ck_assert_int_eq(hd_log_count("reload: capture"), 0);
}
END_TEST

START_TEST(F4_a_reload_does_not_disturb_a_request_under_way)
{
    harness_begin(1);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    fake_fault("{'kind':'recent','delay_ms':700}");
    hd_start();
    harness_wait_until(fake_hits() == 1);
    harness.config.poll_interval = "150ms";
    reload();
    harness_wait_until(hd_logged("reload: done"));
    ck_assert_int_eq(db_int("SELECT count(*) FROM polls"), 0);
    harness_wait_for_truth(1);
    ck_assert_str_eq(db_text("SELECT outcome FROM polls ORDER BY poll_id LIMIT 1"), "ok");
}
END_TEST

START_TEST(F6_reloads_during_a_refresh_ask_for_no_second_one)
{
    begin_a_slow_refresh("'delay_ms':500");
    for (int i = 0; i < 100; i++)
        hd_signal(SIGHUP);
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(fake_count("token", 1), 2); /* the sign-in's, and this one */
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(a_client_id_may_come_with_a_reload)
{
    harness_begin(1);
    fake_play(1, 1, harness_now() - 1000);
    harness.config.client_id = NULL;
    hd_start();
    ck_assert(hd_logged("no spotify.client_id is configured"));
    harness_stays(fake_count("recent", 0) == 0, 300);
    harness.config.client_id = "sim-client-id";
    reload();
    harness_wait_for_truth(1);
}
END_TEST

/* -- poll now, and once ------------------------------------------------------------------------ */

START_TEST(usr1_polls_everybody_now_and_says_how_it_stands)
{
    harness_run_by_hand(2);
    hd_log_mark();
    fake_play(1, 1, harness_now() - 1000);
    fake_play(2, 2, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    ck_assert_int_eq(hd_log_count("status: running for"), 1);
    ck_assert_int_eq(hd_log_count("last success"), 2);
    ck_assert_int_eq(hd_log_count("requests to Spotify this hour"), 1);
}
END_TEST

START_TEST(once_twice_in_a_row_inserts_nothing_the_second_time)
{
    harness_begin(2);
    fake_plays(1, 30, 1, harness_now() - HOUR, MINUTE);
    fake_plays(2, 70, 1, harness_now() - HOUR, 10000);
    ck_assert_int_eq(hd_once(), 0);
    harness_assert_truth(1);
    harness_assert_truth(2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 80);
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 80);
    ck_assert_int_eq(db_int("SELECT count(*) FROM polls"), 4);
    ck_assert_int_eq(db_int("SELECT sum(added) FROM polls WHERE poll_id > 2"), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
    ck_assert_int_eq(hd_log_count("error"), 0);
}
END_TEST

START_TEST(once_polls_nobody_twice_while_another_takes_long)
{
    harness_begin(2);
    fake_fault("{'kind':'recent','account':2,'delay_ms':800}");
    ck_assert_int_eq(hd_once(), 0);
    ck_assert_int_eq(fake_count("recent", 1), 1);
    ck_assert_int_eq(fake_count("recent", 2), 1);
}
END_TEST

START_TEST(once_that_is_stopped_has_not_done_its_work)
{
    harness_begin(1);
    fake_fault("{'kind':'recent','hang':true}");
    hd_spawn("--once");
    harness_wait_until(fake_hits() == 1);
    hd_signal(SIGTERM);
    ck_assert_int_eq(hd_wait(), 75);
}
END_TEST

START_TEST(once_without_a_client_id_is_a_mistake)
{
    harness_begin(1);
    harness.config.client_id = NULL;
    ck_assert_int_eq(hd_once(), 78);
    ck_assert_int_eq(hd_log_count("client_id"), 1);
}
END_TEST

START_TEST(once_without_anybody_is_a_success)
{
    fake_start("--accounts", "1");
    ck_assert_int_eq(hd_once(), 0);
    ck_assert(hd_logged("no user is signed in"));
}
END_TEST

START_TEST(once_says_by_its_exit_status_who_can_do_something)
{
    harness_begin(2);
    fake_fault("{'kind':'recent','account':1,'status':502,'generate':'html','count':0}");
    ck_assert_int_eq(hd_once(), 75);
    ck_assert_int_eq(db_outcomes("empty"), 1);
    fake_do("tokens", "{'account':2,'revoke':true,'expire_access':true}");
    ck_assert_int_eq(hd_once(), 77);
    ck_assert_str_eq(db_state(2), "needs_login");
    fake_forget_faults();
    ck_assert_int_eq(hd_once(), 77); /* the first is well again, the second still is not */
    ck_assert_str_eq(db_text("SELECT outcome FROM polls ORDER BY poll_id DESC LIMIT 1"), "empty");
}
END_TEST

/* -- what a service manager sees --------------------------------------------------------------- */

START_TEST(ready_does_not_wait_for_an_answer_of_spotify)
{
    int64_t began;

    harness_begin(1);
    fake_do("tokens", "{'expire_access':true}");
    fake_fault("{'hang':true,'count':0}");
    began = harness_boot();
    hd_start();
    ck_assert_int_lt(harness_boot() - began, 5000);
    harness_wait_until(fake_hits() == 1);
    ck_assert_int_lt(hd_stop(SIGTERM), second()); /* it is the request for history that hangs */
}
END_TEST

START_TEST(ready_does_not_wait_for_a_network)
{
    harness_begin(1);
    harness.config.api_url = harness.config.accounts_url = "http://127.0.0.1:9";
    hd_start();
    harness_wait_until(hd_logged("connect"));
}
END_TEST

START_TEST(the_manager_is_told_of_start_status_reload_and_stop)
{
    harness.keep_notify = true;
    harness_run(2);
    ck_assert_int_eq(hd_note_count("READY=1"), 1);
    harness_wait_until(hd_notified("STATUS=2 users\n"));
    hd_forget_notes();
    reload();
    harness_wait_until(hd_notified("READY=1"));
    ck_assert(hd_notified("RELOADING=1\nMONOTONIC_USEC="));
    fake_do("tokens", "{'account':1,'revoke':true,'expire_access':true}");
    harness_wait_until(hd_notified("STATUS=2 users, 1 must sign in again"));
    fake_fault(
        "{'kind':'recent','status':429,'generate':'plain','headers':[['Retry-After','3600']]}");
    harness_wait_until(hd_notified("; Spotify asked to wait "));
    hd_stop(SIGTERM);
    ck_assert_int_eq(hd_note_count("STOPPING=1"), 1);
}
END_TEST

START_TEST(F9_the_watchdog_is_fed_while_the_loop_turns)
{
    harness.keep_notify = true;
    harness.environment[0] = "WATCHDOG_USEC=200000";
    harness_run_by_hand(1);
    harness_wait_until(hd_note_count("WATCHDOG=1") >= 5);
    kill(harness.daemon.pid, SIGSTOP);
    hd_forget_notes();
    harness_stays(hd_note_count("WATCHDOG=1") <= 1, 500);
    kill(harness.daemon.pid, SIGCONT);
}
END_TEST

START_TEST(F9_a_watchdog_for_somebody_else_is_not_fed)
{
    harness.keep_notify = true;
    harness.environment[0] = "WATCHDOG_USEC=100000";
    harness.environment[1] = "WATCHDOG_PID=1";
    harness_run_by_hand(1);
    harness_stays(!hd_notified("WATCHDOG"), 300);
}
END_TEST

START_TEST(B12_F8_a_second_daemon_is_refused_and_the_first_undisturbed)
{
    struct child first;
    char words[100];

    harness_run(1);
    first = harness.daemon;
    harness.daemon = (struct child){0};
    ck_assert_int_eq(hd_once(), 69);
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 69);
    snprintf(words, sizeof(words), "in use by process %d", (int)first.pid);
    ck_assert_int_eq(hd_log_count(words), 2);
    harness.daemon = first;
    fake_play(1, 1, harness_now() - 1000);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM runs"), 1);
}
END_TEST

START_TEST(E18_two_names_of_one_database_meet_at_one_lock)
{
    char target[HARNESS_PATH_SIZE], link[HARNESS_PATH_SIZE];
    struct child first;

    harness_run(1);
    first = harness.daemon;
    harness.daemon = (struct child){0};
    snprintf(target, sizeof(target), "%s", harness.database);
    snprintf(link, sizeof(link), "%.60s/link.db", harness.folder);
    ck_assert_int_eq(symlink(target, link), 0);
    snprintf(harness.database, sizeof(harness.database), "%s", link);
    ck_assert_int_eq(hd_once(), 69);
    snprintf(harness.database, sizeof(harness.database), "%s", target);
    harness.daemon = first;
}
END_TEST

/* -- the log ----------------------------------------------------------------------------------- */

START_TEST(lines_for_the_journal_bear_their_priority)
{
    char stream[100];
    struct stat status;
    int fd = open(harness.log_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    ck_assert_int_eq(fstat(fd, &status), 0);
    close(fd);
    snprintf(stream, sizeof(stream), "JOURNAL_STREAM=%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    harness.environment[0] = stream;
    harness_run_by_hand(1);
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    fake_fault("{'kind':'recent','status':502,'generate':'html'}");
    hd_poll_and_wait();
    fake_do("tokens", "{'revoke':true,'expire_access':true}");
    hd_poll_and_wait();
    hd_stop(SIGTERM);
    ck_assert_int_eq(hd_log_count("<5>recording for 1 user"), 1);
    ck_assert_int_eq(hd_log_count("<6>Bextor: recorded "), 1);
    ck_assert_int_eq(hd_log_count("<4>Bextor: transient"), 1);
    ck_assert_int_eq(hd_log_count("<3>Bextor: needs_login"), 1);
    ck_assert_int_eq(hd_log_count(""), hd_log_count("<"));
    ck_assert_int_eq(hd_log_count("warning:") + hd_log_count("error:"), 0);
}
END_TEST

START_TEST(lines_for_people_bear_the_time_and_no_number)
{
    harness.environment[0] = "JOURNAL_STREAM=1:2"; /* of somebody else */
    harness_run_by_hand(1);
    ck_assert_int_eq(hd_log_count("<5>"), 0);
    ck_assert_int_eq(hd_log_count(": recording for"), 0);
    ck_assert_int_eq(hd_log_count(" recording for 1 user"), 1);
}
END_TEST

START_TEST(F7_a_reader_of_the_log_that_went_away_is_no_reason_to_end)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    harness.err_fd = ends[1];
    harness_begin(1);
    hd_start();
    close(ends[0]);
    close(ends[1]);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    harness_wait_for_truth(1);
    hd_poll_now();
    reload();
    fake_play(1, 20, harness_now() - 1000);
    harness_wait_for_truth(1);
}
END_TEST

START_TEST(F7_a_reader_of_the_log_that_does_not_read_holds_nothing_up)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_gt(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
    harness.err_fd = ends[1];
    harness_begin(1);
    fake_plays(1, 50, 1, harness_now() - HOUR, MINUTE);
    hd_start();
    harness_wait_for_truth(1);
    for (int i = 0; i < 15; i++) {
        hd_poll_now();
        reload();
        fake_play(1, 100 + i, harness_now() - 1000);
        harness_wait_for_truth(1);
    }
    ck_assert_int_lt(hd_stop(SIGTERM), second());
    close(ends[0]);
    close(ends[1]);
}
END_TEST

Suite *lifecycle_suite(void)
{
    Suite *suite = suite_create("lifecycle");
    TCase *stop = harness_case(suite, "stop"), *change = harness_case(suite, "reload");
    TCase *once = harness_case(suite, "once"), *manager = harness_case(suite, "manager");
    TCase *log = harness_case(suite, "log");

    tcase_set_tags(stop, "timing");
    tcase_add_loop_test(stop, F1_an_idle_daemon_stops_within_a_second, 0, COUNT_OF(stop_signals));
    tcase_add_test(stop, F1_requests_for_history_under_way_do_not_hold_up_the_stop);
    tcase_add_test(stop, F1_what_has_come_is_stored_before_the_end);
    tcase_add_test(stop, F2_a_token_request_under_way_is_waited_for_and_stored);
    tcase_add_test(stop, F2_a_token_request_that_fails_while_stopping_ends_the_wait);
    tcase_add_test(stop, F3_a_second_signal_ends_it_at_once);
    tcase_add_test(stop, a_poll_asked_for_while_one_is_under_way_comes_after_it);
    tcase_add_test(stop, P10_kill_9_is_a_start_like_any_other);
    tcase_add_test(change, F4_a_good_reload_takes_effect_and_names_what_changed);
    tcase_add_test(change, F4_a_reload_that_changes_nothing_says_only_that);
    tcase_add_test(change, F4_what_needs_a_restart_is_named_each_time_and_stays_as_it_was);
    tcase_add_loop_test(change, F5_a_bad_reload_changes_nothing_and_says_where_the_mistake_is, 0,
                        COUNT_OF(mistakes));
    tcase_add_test(change, F5_a_configuration_that_is_gone_changes_nothing);
    tcase_add_test(change, F6_a_thousand_reloads_leak_nothing_and_poll_nothing);
    tcase_add_test(change, F4_a_reload_does_not_disturb_a_request_under_way);
    tcase_add_test(change, F6_reloads_during_a_refresh_ask_for_no_second_one);
    tcase_add_test(change, a_client_id_may_come_with_a_reload);
    tcase_add_test(once, usr1_polls_everybody_now_and_says_how_it_stands);
    tcase_add_test(once, once_twice_in_a_row_inserts_nothing_the_second_time);
    tcase_add_test(once, once_polls_nobody_twice_while_another_takes_long);
    tcase_add_test(once, once_that_is_stopped_has_not_done_its_work);
    tcase_add_test(once, once_without_a_client_id_is_a_mistake);
    tcase_add_test(once, once_without_anybody_is_a_success);
    tcase_add_test(once, once_says_by_its_exit_status_who_can_do_something);
    tcase_add_test(manager, ready_does_not_wait_for_an_answer_of_spotify);
    tcase_add_test(manager, ready_does_not_wait_for_a_network);
    tcase_add_test(manager, the_manager_is_told_of_start_status_reload_and_stop);
    tcase_add_test(manager, F9_the_watchdog_is_fed_while_the_loop_turns);
    tcase_add_test(manager, F9_a_watchdog_for_somebody_else_is_not_fed);
    tcase_add_test(manager, B12_F8_a_second_daemon_is_refused_and_the_first_undisturbed);
    tcase_add_test(manager, E18_two_names_of_one_database_meet_at_one_lock);
    tcase_add_test(log, lines_for_the_journal_bear_their_priority);
    tcase_add_test(log, lines_for_people_bear_the_time_and_no_number);
    tcase_add_test(log, F7_a_reader_of_the_log_that_went_away_is_no_reason_to_end);
    tcase_add_test(log, F7_a_reader_of_the_log_that_does_not_read_holds_nothing_up);
    return suite;
}
