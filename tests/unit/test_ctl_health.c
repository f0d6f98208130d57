/* SPDX-License-Identifier: MIT */
/* What check makes of what it saw: thresholds, words, the table, the JSON, the exit status. */
#include "ctl/health.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "capture/countdown.h"
#include "config.h"
#include "lib/count.h"

#define MIB INT64_C(1048576)
#define NOW INT64_C(1795370400000) /* 2026-11-22 */

static struct health_verdict verdict;

/* -- files ------------------------------------------------------------------------------------- */

static const struct {
    mode_t mode;
    uid_t uid;
    enum health_state state;
    const char *todo;
} files[] = {
    {S_IFREG | 0640, 5, HEALTH_OK, ""},
    {S_IFREG | 0600, 5, HEALTH_OK, ""},
    {S_IFREG | 0644, 5, HEALTH_WARNING, "chmod 0640 /f"},
    {S_IFREG | 0660, 5, HEALTH_FAILURE, "chmod 0640 /f"},
    {S_IFREG | 0777, 5, HEALTH_FAILURE, "chmod 0640 /f"},
    {S_IFREG | 0440, 5, HEALTH_FAILURE, "chmod 0640 /f"},
    {S_IFREG | 0640, 6, HEALTH_FAILURE, "chown 5 /f (or the database, if that is what is wrong)"},
    {S_IFREG | 0640, 0, HEALTH_FAILURE, "chown 5 /f (or the database, if that is what is wrong)"},
    {S_IFDIR | 0640, 5, HEALTH_FAILURE, "move /f away and restart the daemon"},
};

START_TEST(a_file_is_judged_by_type_owner_and_mode)
{
    struct health_file file = {.what = "database",
                               .path = "/f",
                               .type = S_IFREG,
                               .most = 0640,
                               .least = 0600,
                               .grave = 0022,
                               .mode = files[_i].mode,
                               .uid = files[_i].uid,
                               .owner = 5};

    health_judge_file(&file, &verdict);
    ck_assert_msg(verdict.state == files[_i].state, "%s", verdict.text);
    ck_assert_str_eq(verdict.todo, files[_i].todo);
}
END_TEST

START_TEST(a_secret_may_be_roots_and_without_a_database_nobodys)
{
    struct health_file file = {.what = "secret",
                               .path = "/f",
                               .type = S_IFREG,
                               .most = 0640,
                               .mode = S_IFREG | 0640,
                               .of_root = true,
                               .owner = 5};

    health_judge_file(&file, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_OK);
    file = (struct health_file){.what = "secret",
                                .path = "/f",
                                .type = S_IFREG,
                                .most = 0640,
                                .mode = S_IFREG | 0640,
                                .uid = 7,
                                .owner = (uid_t)-1};
    health_judge_file(&file, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_OK);
}
END_TEST

/* -- disk and clock ---------------------------------------------------------------------------- */

static const struct {
    struct health_disk disk;
    enum health_state state;
} disks[] = {
    {{.free_bytes = 200 * MIB, .database_bytes = 100 * MIB}, HEALTH_OK},
    {{.free_bytes = 200 * MIB - 1}, HEALTH_WARNING},
    {{.free_bytes = 20 * MIB}, HEALTH_WARNING},
    {{.free_bytes = 20 * MIB - 1}, HEALTH_FAILURE},
    {{.free_bytes = 400 * MIB, .database_bytes = 200 * MIB + 1}, HEALTH_WARNING},
    {{.free_bytes = INT64_MAX, .database_bytes = INT64_MAX}, HEALTH_WARNING},
    {{.free_bytes = 900 * MIB, .inodes = 1000, .free_inodes = 100}, HEALTH_OK},
    {{.free_bytes = 900 * MIB, .inodes = 1000, .free_inodes = 99}, HEALTH_WARNING},
    {{.free_bytes = 900 * MIB, .inodes = 1000, .free_inodes = 9}, HEALTH_FAILURE},
    {{.free_bytes = 900 * MIB, .inodes = 0, .free_inodes = 0}, HEALTH_OK},
    {{.free_bytes = 900 * MIB, .read_only = true}, HEALTH_FAILURE},
};

START_TEST(a_disk_is_judged_by_space_and_inodes)
{
    health_judge_disk(&disks[_i].disk, &verdict);
    ck_assert_msg(verdict.state == disks[_i].state, "%s", verdict.text);
    ck_assert_int_eq(verdict.todo[0] == '\0', disks[_i].state == HEALTH_OK);
}
END_TEST

static const struct {
    int64_t now, theirs;
    enum health_state state;
    const char *text;
} clocks[] = {
    {NOW, NOW + 59999, HEALTH_OK, "agrees with Spotify's within 1 min"},
    {NOW, NOW - 1999, HEALTH_OK, "agrees with Spotify's within 2 s"},
    {NOW, NOW + 60000, HEALTH_WARNING, "1 min behind Spotify's"},
    {NOW, NOW - CLOCK_HOUR + 1, HEALTH_WARNING, " ahead of Spotify's"},
    {NOW, NOW - CLOCK_HOUR, HEALTH_FAILURE, " ahead of Spotify's"},
    {NOW, 0, HEALTH_OK, "not compared"},
    {INT64_C(1767225599999), 0, HEALTH_FAILURE, "2025-12-31T23:59:59.999Z, which cannot be"},
};

START_TEST(a_clock_is_judged_by_Spotifys)
{
    health_judge_clock(clocks[_i].now, clocks[_i].theirs, &verdict);
    ck_assert_msg(verdict.state == clocks[_i].state, "%s", verdict.text);
    ck_assert_msg(strstr(verdict.text, clocks[_i].text) != NULL, "%s", verdict.text);
    ck_assert_int_eq(verdict.todo[0] == '\0', clocks[_i].state == HEALTH_OK);
}
END_TEST

/* -- people ------------------------------------------------------------------------------------ */

static const struct {
    struct health_sign_in sign_in;
    enum health_state state;
    const char *text;
} sign_ins[] = {
    {{.days_left = 31, .silent_ms = 30, .patience_ms = 30}, HEALTH_OK, "for another 31 days"},
    {{.days_left = COUNTDOWN_UNKNOWN}, HEALTH_OK, "nobody knows until when"},
    {{.days_left = 30}, HEALTH_WARNING, "ends the sign-in in 30 days"},
    {{.days_left = 1}, HEALTH_WARNING, "ends the sign-in in 1 day"},
    {{.days_left = 0}, HEALTH_FAILURE, "is over"},
    {{.days_left = 90, .silent_ms = 31000, .patience_ms = 30000},
     HEALTH_WARNING,
     "nothing from Spotify for 31 s"},
    {{.days_left = 90, .state = STORE_USER_NEEDS_LOGIN}, HEALTH_FAILURE, "must sign in again: why"},
    {{.days_left = 90, .state = STORE_USER_PAUSED}, HEALTH_FAILURE, "refused by Spotify: why"},
    {{.days_left = 90, .state = STORE_USER_NEEDS_LOGIN, .signed_out = true},
     HEALTH_OK,
     "signed out on purpose"},
};

START_TEST(a_sign_in_is_judged_by_state_days_and_silence)
{
    struct health_sign_in sign_in = sign_ins[_i].sign_in;

    sign_in.name = "Ann";
    sign_in.reason = "why";
    health_judge_sign_in(&sign_in, &verdict);
    ck_assert_msg(verdict.state == sign_ins[_i].state, "%s", verdict.text);
    ck_assert_msg(strstr(verdict.text, sign_ins[_i].text) != NULL, "%s", verdict.text);
    ck_assert_int_eq(verdict.todo[0] == '\0', sign_ins[_i].state == HEALTH_OK);
}
END_TEST

START_TEST(what_the_daemon_says_of_a_user_goes_before_what_is_stored)
{
    json_t *status = json_loads("{\"users\":[{\"user\":1,\"state\":\"active\"},{\"user\":2,"
                                "\"state\":\"needs_login\",\"reason\":\"another app\"}]}",
                                0, NULL);
    struct health_sign_in one = {.name = "Ann", .reason = "", .days_left = 90}, two = one;

    ck_assert_ptr_nonnull(status);
    health_believe_daemon(status, 1, &one);
    health_judge_sign_in(&one, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_OK);
    health_believe_daemon(status, 2, &two);
    health_judge_sign_in(&two, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_FAILURE);
    ck_assert_str_eq(verdict.text, "Ann must sign in again: another app");
    json_decref(status);
}
END_TEST

static const struct {
    struct health_gate gate;
    enum health_state state;
} gates[] = {
    {{.opens_at = STORE_NO_TIME, .now = NOW}, HEALTH_OK},
    {{.opens_at = NOW, .now = NOW}, HEALTH_OK},
    {{.opens_at = NOW + 1, .now = NOW}, HEALTH_WARNING},
    {{.opens_at = NOW + 1, .now = NOW, .app_trouble = true}, HEALTH_FAILURE},
    {{.opens_at = NOW - 1, .now = NOW, .app_trouble = true}, HEALTH_OK},
};

START_TEST(a_closed_gate_is_a_warning_and_trouble_of_the_app_a_failure)
{
    struct health_gate gate = gates[_i].gate;

    gate.reason = "why";
    health_judge_gate(&gate, &verdict);
    ck_assert_msg(verdict.state == gates[_i].state, "%s", verdict.text);
}
END_TEST

/* -- the daemon -------------------------------------------------------------------------------- */

static struct config config = {
    .spotify = {.client_id = (char *)"id",
                .redirect_uri = (char *)"http://127.0.0.1:8888/spotify/callback"},
    .capture = {.poll_interval_ms = 600000, .sweep_interval_ms = 3600000},
    .store = {.database = (char *)"/h.db"},
    .web = {.listen = (char *)"127.0.0.1:8888"},
};

#define STATUS(version, path, writes, page)                                                     \
    "{\"version\":\"" version "\",\"started_at\":\"2026-11-22T18:00:00.000Z\",\"page\":" page   \
    ",\"page_problem\":\"in use\",\"database\":{\"path\":\"" path "\",\"takes_writes\":" writes \
    "}}"
#define PAGE "\"http://127.0.0.1:8888\""

static const struct {
    const char *status; /* NULL: none came */
    enum client_result result;
    int64_t took_ms;
    enum health_state state;
    const char *text;
} daemons[] = {
    {STATUS(PACKAGE_VERSION, "/h.db", "true", PAGE), CLIENT_OK, 1000, HEALTH_OK,
     " runs since 2026-11-22T18:00:00.000Z, page at http://127.0.0.1:8888"},
    {STATUS(PACKAGE_VERSION, "/h.db", "true", PAGE), CLIENT_OK, 1001, HEALTH_WARNING, "1001 ms"},
    {STATUS("0.0.1", "/h.db", "true", PAGE), CLIENT_OK, 1, HEALTH_WARNING, "version 0.0.1 runs"},
    {STATUS(PACKAGE_VERSION, "/g.db", "true", PAGE), CLIENT_OK, 1, HEALTH_WARNING, "/g.db"},
    {STATUS(PACKAGE_VERSION, "/h.db", "false", PAGE), CLIENT_OK, 1, HEALTH_FAILURE, "no writes"},
    {STATUS(PACKAGE_VERSION, "/h.db", "true", "null"), CLIENT_OK, 1, HEALTH_WARNING, "in use"},
    {"{}", CLIENT_OK, 1, HEALTH_WARNING, "version ? runs"},
    {NULL, CLIENT_ABSENT, 1, HEALTH_FAILURE, "not running"},
    {NULL, CLIENT_DENIED, 1, HEALTH_UNCHECKED, "no permission"},
    {NULL, CLIENT_LOST, 5000, HEALTH_FAILURE, "message"},
    {NULL, CLIENT_BROKEN, 1, HEALTH_FAILURE, "message"},
};

START_TEST(a_daemon_is_judged_by_its_answer)
{
    struct client_answer answer = {.result = daemons[_i].result, .message = "message"};

    if (daemons[_i].status)
        answer.json = json_loads(daemons[_i].status, 0, NULL);
    health_judge_daemon(&answer, daemons[_i].took_ms, &config, &verdict);
    ck_assert_msg(verdict.state == daemons[_i].state, "%s", verdict.text);
    ck_assert_msg(strstr(verdict.text, daemons[_i].text) != NULL, "%s", verdict.text);
    json_decref(answer.json);
}
END_TEST

/* -- the configuration ------------------------------------------------------------------------- */

START_TEST(a_budget_that_stretches_the_interval_too_far_is_told)
{
    config.capture.daily_call_budget = 1000;
    health_judge_config(&config, 1, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_OK);
    health_judge_config(&config, 25, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_WARNING);
    ck_assert_str_eq(verdict.todo, "raise capture.daily_call_budget");
    config.capture.daily_call_budget = 0;
    config.spotify.client_id = (char *)"";
    health_judge_config(&config, 0, &verdict);
    ck_assert_int_eq(verdict.state, HEALTH_WARNING);
}
END_TEST

static const struct {
    const char *uri, *listen;
    bool leads;
} addresses[] = {
    {"http://127.0.0.1:8888/spotify/callback", "127.0.0.1:8888", true},
    {"http://[::1]:8888/spotify/callback", "[::1]:8888", true},
    {"http://127.0.0.1:8888/spotify/callback", "0.0.0.0:8888", true},
    {"https://music.example/spotify/callback", "127.0.0.1:8888", true},
    {"http://127.0.0.1:8889/spotify/callback", "127.0.0.1:8888", false},
    {"http://127.0.0.1:18888/spotify/callback", "0.0.0.0:8888", false},
    {"http://[::1]:8888/spotify/callback", "127.0.0.1:8888", false},
    {"http://127.0.0.1:8888/callback", "127.0.0.1:8888", false},
    {"http://127.0.0.1:8888", "127.0.0.1:8888", false},
};

START_TEST(a_redirect_uri_of_this_machine_must_lead_to_the_page)
{
    ck_assert_int_eq(health_leads_to_page(addresses[_i].uri, addresses[_i].listen),
                     addresses[_i].leads);
}
END_TEST

/* -- the report -------------------------------------------------------------------------------- */

static struct health_list list;
static struct buf out;

static void teardown(void)
{
    health_list_free(&list);
    buf_free(&out, false);
}

static void add(const char *check, enum health_state state, const char *text, const char *todo)
{
    verdict = (struct health_verdict){0};
    health_say(&verdict, state, "%s", text);
    health_advise(&verdict, "%s", todo);
    health_list_add(&list, check, &verdict);
}

START_TEST(the_exit_status_is_that_of_the_worst)
{
    ck_assert_int_eq(health_exit_status(&list), 0);
    add("a", HEALTH_OK, "", "");
    add("b", HEALTH_UNCHECKED, "", "");
    ck_assert_int_eq(health_exit_status(&list), 0);
    add("c", HEALTH_WARNING, "", "");
    ck_assert_int_eq(health_exit_status(&list), 1);
    add("d", HEALTH_FAILURE, "", "");
    add("e", HEALTH_OK, "", "");
    ck_assert_int_eq(health_exit_status(&list), 2);
}
END_TEST

START_TEST(the_table_has_three_columns_and_what_to_do_below_a_row)
{
    add("disk space", HEALTH_WARNING, "little\x1b[2J", "free some");
    add("key", HEALTH_UNCHECKED, "no permission", "");
    health_print(&list, (struct print_look){0}, &out);
    ck_assert_str_eq(out.data, "CHECK       RESULT       WHAT WAS FOUND\n"
                               "disk space  warning      little\\x1b[2J\n"
                               "                         to do: free some\n"
                               "key         not checked  no permission\n");
}
END_TEST

START_TEST(the_json_holds_the_same_and_is_valid_whatever_came_from_outside)
{
    json_t *json, *expected;

    add("disk space", HEALTH_WARNING, "little \xff", "free some");
    add("key", HEALTH_OK, "fine", "");
    json = health_json(&list);
    expected = json_pack("{s:s,s:i,s:[{s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:n}]}", "result", "warning",
                         "exit_status", 1, "checks", "check", "disk space", "result", "warning",
                         "text", "little \\xff", "todo", "free some", "check", "key", "result",
                         "ok", "text", "fine", "todo");
    ck_assert_ptr_nonnull(expected);
    ck_assert(json_equal(json, expected));
    json_decref(json);
    json_decref(expected);
}
END_TEST

Suite *ctl_health_suite(void);

Suite *ctl_health_suite(void)
{
    Suite *suite = suite_create("ctl_health");
    TCase *judge = tcase_create("judge");
    TCase *report = tcase_create("report");

    tcase_add_loop_test(judge, a_file_is_judged_by_type_owner_and_mode, 0, COUNT(files));
    tcase_add_test(judge, a_secret_may_be_roots_and_without_a_database_nobodys);
    tcase_add_loop_test(judge, a_disk_is_judged_by_space_and_inodes, 0, COUNT(disks));
    tcase_add_loop_test(judge, a_clock_is_judged_by_Spotifys, 0, COUNT(clocks));
    tcase_add_loop_test(judge, a_sign_in_is_judged_by_state_days_and_silence, 0, COUNT(sign_ins));
    tcase_add_test(judge, what_the_daemon_says_of_a_user_goes_before_what_is_stored);
    tcase_add_loop_test(judge, a_closed_gate_is_a_warning_and_trouble_of_the_app_a_failure, 0,
                        COUNT(gates));
    tcase_add_loop_test(judge, a_daemon_is_judged_by_its_answer, 0, COUNT(daemons));
    tcase_add_test(judge, a_budget_that_stretches_the_interval_too_far_is_told);
    tcase_add_loop_test(judge, a_redirect_uri_of_this_machine_must_lead_to_the_page, 0,
                        COUNT(addresses));
    tcase_add_checked_fixture(report, NULL, teardown);
    tcase_add_test(report, the_exit_status_is_that_of_the_worst);
    tcase_add_test(report, the_table_has_three_columns_and_what_to_do_below_a_row);
    tcase_add_test(report, the_json_holds_the_same_and_is_valid_whatever_came_from_outside);
    suite_add_tcase(suite, judge);
    suite_add_tcase(suite, report);
    return suite;
}
