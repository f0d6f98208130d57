/* SPDX-License-Identifier: MIT */
/* The commands that only look: status and users, with a daemon and without one. */
#include "harness.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/exit.h"

#define MUST_ACT 1

static void begin(int accounts, int way)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    harness_begin_way(accounts, way);
}

/* What the command printed, as JSON. */
static json_t *printed_json(void)
{
    json_t *json = json_loads(harness.ctl_output, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(json != NULL, "no JSON: %s", harness.ctl_output);
    return json;
}

/* -- the exit status of status ------------------------------------------------------------------ */

START_TEST(status_is_0_when_all_is_well)
{
    begin(1, BY_DAEMON);
    fake_plays(1, 2, 1, harness_now() - 2000, 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    ctl_expect(EXIT_STATUS_OK, " is running since ", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, harness.page));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, harness.database));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, " in the last 24 hours"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, fake_id(1)));
    ck_assert_ptr_null(strstr(harness.ctl_output, "to do:"));
}
END_TEST

START_TEST(status_is_1_when_somebody_must_sign_in_again)
{
    begin(2, BY_DAEMON);
    fake_do("tokens", "{'account':1,'revoke':true,'expire_access':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(1), "needs_login") == 0);
    ctl_expect(MUST_ACT, "\nto do: ", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, " must sign in again: "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "needs_login"));
    hd_stop(SIGTERM);
    ctl_expect(MUST_ACT, " must sign in again: ", "status");
}
END_TEST

START_TEST(status_is_1_a_week_before_the_end_of_a_sign_in)
{
    begin(1, ALONE);
    db_do("UPDATE users SET authorized_at = 1000 * "
          "CAST(strftime('%%s', 'now', '+7 days', '-1 hours', '-6 months') AS INTEGER)");
    hd_start();
    ctl_expect(MUST_ACT, "\nto do: ", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, ": Spotify ends this sign-in in "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, " days left, "));
}
END_TEST

START_TEST(status_is_1_without_a_client_id_and_lists_the_setup)
{
    harness.config.client_id = "";
    harness.no_database = _i == ALONE;
    begin(0, _i);
    ctl_expect(MUST_ACT, "to do: No client id is configured", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "\n  1. Create an app"));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "\n  3. "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, harness.config_file));
}
END_TEST

START_TEST(status_is_1_before_the_first_sign_in)
{
    harness.no_database = _i == ALONE;
    begin(0, _i);
    ctl_expect(MUST_ACT, "to do: Nobody has signed in yet", "status");
}
END_TEST

START_TEST(status_is_1_without_a_daemon_although_all_is_well)
{
    begin(1, ALONE);
    ctl_expect(MUST_ACT, "The daemon is not running: nothing is recorded", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, fake_id(1)));
}
END_TEST

START_TEST(a_wait_that_Spotify_asked_for_is_shown_and_is_nobodys_task)
{
    begin(1, BY_DAEMON);
    fake_fault("{'kind':'recent','status':429,'headers':{'Retry-After':'3600'}}");
    hd_poll_and_wait();
    ctl_expect(EXIT_STATUS_OK, "\nSpotify: asked to wait until 2", "status");
}
END_TEST

START_TEST(trouble_of_the_app_is_shown_and_somebodys_task)
{
    begin(1, BY_DAEMON);
    fake_fault_body("{'kind':'recent','status':403,'count':0}",
                    "Active premium subscription required for the owner of the app. When the "
                    "subscription status changes, it can take a few hours before requests are "
                    "allowed again.");
    hd_poll_and_wait();
    ctl_expect(MUST_ACT, "\nSpotify: refuses this app", "status");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "to do: Spotify refuses the app itself"));
}
END_TEST

/* -- JSON --------------------------------------------------------------------------------------- */

/* Names a key that only one of them has, or another type than null in only one; NULL: none. */
static const char *difference(const json_t *one, const json_t *other)
{
    static char path[200];
    const char *key, *inner;
    json_t *value;

    json_object_foreach ((json_t *)one, key, value) {
        const json_t *there = json_object_get(other, key);

        if (there == NULL) {
            snprintf(path, sizeof(path), "%s is missing", key);
            return path;
        }
        if (json_is_null(there) || json_is_null(value))
            continue;
        if (json_typeof(there) != json_typeof(value) &&
            !(json_is_boolean(there) && json_is_boolean(value))) {
            snprintf(path, sizeof(path), "%s is of another type", key);
            return path;
        }
        inner = json_is_array(value)
                    ? difference(json_array_get(value, 0), json_array_get(there, 0))
                    : difference(value, there);
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

static void assert_same_shape(const json_t *one, const json_t *other)
{
    const char *wrong = difference(one, other);

    ck_assert_msg(wrong == NULL, "%s", wrong);
    wrong = difference(other, one);
    ck_assert_msg(wrong == NULL, "%s", wrong);
}

/* What differs from one moment to the next: reckoned from a clock that counts from the boot. */
static void leave_out_moments(json_t *json)
{
    size_t i;
    json_t *user;

    json_object_del(json, "now");
    json_array_foreach (json_object_get(json, "users"), i, user)
        json_object_del(user, "next_poll_at");
}

START_TEST(json_is_what_the_daemon_answers)
{
    static const char *const commands[] = {"status", "users"};
    char path[20];
    json_t *printed, *answered;

    begin(2, BY_DAEMON);
    hd_poll_and_wait();
    ctl_expect(EXIT_STATUS_OK, "{\n", commands[_i], "--json");
    printed = printed_json();
    snprintf(path, sizeof(path), "/v1/%s", commands[_i]);
    answered = control_expect(200, "GET", path, NULL);
    leave_out_moments(printed);
    leave_out_moments(answered);
    ck_assert_msg(json_equal(printed, answered), "%s", harness.ctl_output);
    json_decref(printed);
    json_decref(answered);
}
END_TEST

START_TEST(json_without_a_daemon_has_the_same_keys)
{
    const char *command = _i == 0 ? "status" : "users";
    json_t *with, *without;

    begin(2, BY_DAEMON);
    ctl_expect(EXIT_STATUS_OK, "", command, "--json");
    with = printed_json();
    hd_stop(SIGTERM);
    ctl_expect(_i == 0 ? MUST_ACT : EXIT_STATUS_OK, "", command, "--json");
    without = printed_json();
    assert_same_shape(with, without);
    ck_assert_uint_eq(json_array_size(json_object_get(without, "users")), 2);
    ck_assert_int_eq(json_is_false(json_object_get(without, "running")), _i == 0);
    json_decref(with);
    json_decref(without);
}
END_TEST

/* -- users -------------------------------------------------------------------------------------- */

START_TEST(users_are_listed)
{
    begin(1, ALONE);
    fake_do("accounts", "{'id':'zoe','display_name':'Zo\xc3\xab','listener':false}");
    ctl_login(2);
    if (_i == BY_DAEMON)
        hd_start();
    harness.ctl_environment[0] = "LC_ALL=C.UTF-8";
    ctl_expect(EXIT_STATUS_OK, "USER  NAME", "users");
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "\n   2  Zo\xc3\xab "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "  zoe "));
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, " active "));
    ck_assert_int_eq(strstr(harness.ctl_output, "The daemon is not running") != NULL, _i == ALONE);
}
END_TEST

START_TEST(without_users_it_is_told_how_to_begin)
{
    harness.no_database = _i == ALONE;
    begin(0, _i);
    ctl_expect(EXIT_STATUS_OK, "Nobody has signed in yet: spotify-historyctl login\n", "users");
}
END_TEST

/* -- without a daemon --------------------------------------------------------------------------- */

START_TEST(what_a_killed_daemon_left_is_read_and_not_touched)
{
    begin(1, BY_DAEMON);
    fake_plays(1, 3, 1, harness_now() - 3000, 1000);
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ctl_expect(MUST_ACT, ", last success 2", "status"); /* which only the log has */
    ctl_expect(EXIT_STATUS_OK, "The daemon is not running.", "users");
    ck_assert_int_eq(db_plays(1), 3);
    hd_start();
    ctl_expect(EXIT_STATUS_OK, ", last success 2", "status");
}
END_TEST

START_TEST(a_database_of_a_newer_version_is_told_and_not_touched)
{
    static const char *const commands[] = {"status", "users", "login", "forget"};

    begin(1, ALONE);
    db_do("PRAGMA user_version = 999");
    ctl_expect(EXIT_STATUS_CONFIG, harness.database, commands[_i], _i == 3 ? "1" : NULL);
    ck_assert_int_eq(db_int("PRAGMA user_version"), 999);
}
END_TEST

/* -- names that mean harm ----------------------------------------------------------------------- */

/* WIDE: 500 letters that take two columns, the last bytes of which are a control character
 * elsewhere; LONG: 500 that take one. */
static const char *const names[] = {
    "A\x1b[2J\x1b]0;owned\x07"
    "B",
    "line\nbreak\rand\ttab\x08",
    "\xe2\x80\xae"
    "evil\xe2\x80\xac \xe2\x81\xa6isolated\xe2\x81\xa9",
    "\xc2\x9b"
    "31mred\x7f",
    "\x9b"
    "31mno UTF-8 \xff\xc3",
    "e\xcc\x81\xcc\x81\xcc\x81 combined",
    "back\\x1bslash",
    "                              ",
    "WIDE",
    "LONG",
};

/* As only a database of another make could hold it: what Spotify sends is looked at. */
static void store_name(const char *name)
{
    static char hex[4000];
    char *text = NULL, *at = hex;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    bool wide = strcmp(name, "WIDE") == 0, many = wide || strcmp(name, "LONG") == 0;

    for (int i = 0; i < (many ? 500 : 1); i++)
        fputs(wide ? "\xe7\x9b\x9b" : many ? "x" : name, out);
    ck_assert_int_eq(fclose(out), 0);
    for (size_t i = 0; i < len; i++)
        at += sprintf(at, "%02x", (unsigned char)text[i]);
    db_do("UPDATE users SET display_name = CAST(x'%s' AS TEXT) WHERE user_id = 2", hex);
    free(text);
}

/* Columns from the beginning of a line to a place in it. */
static int columns(const char *line, const char *end)
{
    wchar_t wide[1000];
    char *text = strndup(line, (size_t)(end - line));
    size_t len = mbstowcs(wide, text, COUNT_OF(wide));

    free(text);
    ck_assert_uint_lt(len, COUNT_OF(wide));
    return wcswidth(wide, len);
}

/* Where a text of the table begins, in columns. */
static int column_of(const char *text)
{
    const char *at = strstr(harness.ctl_output, text), *line = at;

    ck_assert_msg(at != NULL, "no %s in %s", text, harness.ctl_output);
    while (line > harness.ctl_output && line[-1] != '\n')
        line--;
    return columns(line, at);
}

static int lines(void)
{
    int count = 0;

    for (const char *at = harness.ctl_output; *at; at++)
        count += *at == '\n';
    return count;
}

/* That nothing comes out which a terminal would obey holds for all that is run here. */
START_TEST(H3_a_name_that_means_harm_does_not_break_the_table)
{
    char id[200];

    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    harness.ctl_environment[0] = "LC_ALL=C.UTF-8";
    begin(2, ALONE);
    store_name(names[_i]);
    snprintf(id, sizeof(id), "%s", fake_id(2));
    hd_start();
    ctl_expect(EXIT_STATUS_OK, id, "users");
    ck_assert_int_eq(lines(), 3);
    ck_assert_int_eq(column_of("SPOTIFY ID"), column_of(id));
    ck_assert_int_eq(column_of("SPOTIFY ID"), column_of(fake_id(1)));
    ctl_expect(EXIT_STATUS_OK, id, "status");
    ctl_expect(EXIT_STATUS_OK, id, "users", "--json");
    ctl_expect(EXIT_STATUS_OK, id, "sync");
    ctl_expect(EXIT_STATUS_USAGE, id, "forget", id);
    ctl_expect(EXIT_STATUS_USAGE, id, "sync", "nobody");
}
END_TEST

START_TEST(a_name_that_means_harm_comes_out_whole_in_json)
{
    json_t *json, *user;

    begin(2, ALONE);
    store_name("A\x1b[2J\x7f");
    ctl_expect(EXIT_STATUS_OK, "\\u007f", "users", "--json");
    json = printed_json();
    user = json_array_get(json_object_get(json, "users"), 1);
    ck_assert_str_eq(json_string_value(json_object_get(user, "name")), "A\x1b[2J\x7f");
    json_decref(json);
}
END_TEST

Suite *ctl_status_suite(void)
{
    Suite *suite = suite_create("ctl_status");
    TCase *status = harness_case(suite, "the exit status of status");
    TCase *json = harness_case(suite, "JSON");
    TCase *users = harness_case(suite, "users");
    TCase *alone = harness_case(suite, "without a daemon");
    TCase *harm = harness_case(suite, "names that mean harm");

    tcase_add_test(status, status_is_0_when_all_is_well);
    tcase_add_test(status, status_is_1_when_somebody_must_sign_in_again);
    tcase_add_test(status, status_is_1_a_week_before_the_end_of_a_sign_in);
    tcase_add_loop_test(status, status_is_1_without_a_client_id_and_lists_the_setup, 0, WAYS);
    tcase_add_loop_test(status, status_is_1_before_the_first_sign_in, 0, WAYS);
    tcase_add_test(status, status_is_1_without_a_daemon_although_all_is_well);
    tcase_add_test(status, a_wait_that_Spotify_asked_for_is_shown_and_is_nobodys_task);
    tcase_add_test(status, trouble_of_the_app_is_shown_and_somebodys_task);
    tcase_add_loop_test(json, json_is_what_the_daemon_answers, 0, 2);
    tcase_add_loop_test(json, json_without_a_daemon_has_the_same_keys, 0, 2);
    tcase_add_loop_test(users, users_are_listed, 0, WAYS);
    tcase_add_loop_test(users, without_users_it_is_told_how_to_begin, 0, WAYS);
    tcase_add_test(alone, what_a_killed_daemon_left_is_read_and_not_touched);
    tcase_add_loop_test(alone, a_database_of_a_newer_version_is_told_and_not_touched, 0, 4);
    tcase_add_loop_test(harm, H3_a_name_that_means_harm_does_not_break_the_table, 0,
                        (int)COUNT_OF(names));
    tcase_add_test(harm, a_name_that_means_harm_comes_out_whole_in_json);
    return suite;
}
