/* SPDX-License-Identifier: MIT */
/* What the daemon's answers look like to a person, and which exit status they end in. */
#include "ctl/view.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/exit.h"
#include "capture/signin.h"
#include "ctl/ctl.h"
#include "lib/count.h"

#define ANN                                                                                     \
    "{'user':1,'spotify_id':'ann01','name':'Ann','state':'active','days_left':153,"             \
    "'last_success_at':'2026-11-22T18:00:00.000Z','plays_today':12,'must_act':false,'polls':4," \
    "'last_poll':{'outcome':'ok','added':2,'detail':null}}"
#define BOB                                                                              \
    "{'user':12,'spotify_id':'bob2','name':null,'state':'needs_login','days_left':null," \
    "'last_success_at':null,'plays_today':0,'must_act':true,'signed_out':false,'last_poll':null}"
#define SPOTIFY                                                               \
    "{'opens_at':null,'reason':null,'app_trouble':false,'calls_this_hour':6," \
    "'calls_last_24_hours':150,'daily_call_budget':1000,'in_flight':0}"
#define STATUS(act, todo, setup, spotify, users)                                                \
    "{'running':true,'version':'0.1.0','started_at':'2026-11-22T08:00:00.000Z','must_act':" act \
    ",'todo':" todo ",'setup':" setup ",'page':'http://127.0.0.1:8888','page_problem':null,"    \
    "'database':{'path':'/var/lib/h.db','takes_writes':true},'spotify':" spotify                \
    ",'users':[" users "]}"

static struct buf out;

static json_t *json_of(const char *text)
{
    char json[4096];
    size_t len = strlen(text);
    json_t *value;

    ck_assert_uint_lt(len, sizeof(json));
    for (size_t i = 0; i <= len; i++) {
        if (text[i] == '\'')
            json[i] = '"';
        else
            json[i] = text[i];
    }
    value = json_loads(json, JSON_DECODE_ANY, NULL);
    ck_assert_msg(value != NULL, "%s", json);
    return value;
}

static void setup(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    tzset();
}

static void teardown(void)
{
    buf_free(&out, false);
}

static void show_users(const char *text)
{
    json_t *users = json_of(text);

    view_users(users, &out);
    json_decref(users);
}

/* Prints the status and returns its exit status. */
static int show_status(const char *text)
{
    json_t *status = json_of(text);
    int result = view_status_exit(status);

    view_status(status, (struct print_look){0}, &out);
    json_decref(status);
    return result;
}

/* -- Users ------------------------------------------------------------------------------------- */

START_TEST(users_are_a_table)
{
    show_users("[" ANN "," BOB "]");
    ck_assert_str_eq(out.data,
                     "USER  NAME  SPOTIFY ID  STATE        DAYS LEFT  LAST SUCCESS      TODAY\n"
                     "   1  Ann   ann01       active             153  2026-11-22 18:00     12\n"
                     "  12        bob2        needs_login          ?  never                 0\n");
}
END_TEST

START_TEST(without_users_the_table_says_how_to_sign_in)
{
    show_users("[]");
    ck_assert_str_eq(out.data, "Nobody has signed in yet: spotify-historyctl login\n");
}
END_TEST

START_TEST(a_user_who_signed_out_is_not_called_upon_to_sign_in)
{
    show_users(
        "[{'user':1,'spotify_id':'a','state':'needs_login','signed_out':true,'days_left':93}]");
    ck_assert_ptr_nonnull(strstr(out.data, "signed out"));
    ck_assert_ptr_null(strstr(out.data, "needs_login"));
    ck_assert_ptr_null(strstr(out.data, "93"));
}
END_TEST

START_TEST(users_of_another_shape_are_question_marks)
{
    show_users("[{},7,{'user':'x','name':[],'state':1}]");
    ck_assert_ptr_nonnull(strstr(out.data, "   ?        ?           ?              ?  never"));
}
END_TEST

/* -- Status ------------------------------------------------------------------------------------ */

START_TEST(a_status_that_is_well_is_a_few_lines)
{
    ck_assert_int_eq(show_status(STATUS("false", "[]", "null", SPOTIFY, ANN)), 0);
    ck_assert_str_eq(out.data,
                     "spotify-historyd 0.1.0 is running since 2026-11-22 08:00\n"
                     "page: http://127.0.0.1:8888\n"
                     "calls: 150 of 1000 planned in the last 24 hours, 6 in this hour\n"
                     "database: /var/lib/h.db\n"
                     "Ann (ann01): active, 153 days left, last success 2026-11-22 18:00, 12 plays "
                     "today\n");
}
END_TEST

START_TEST(what_a_person_must_do_is_a_line_each_and_status_1)
{
    ck_assert_int_eq(show_status(STATUS("true", "['One.','Two\\u001b.']", "null", SPOTIFY, BOB)),
                     CTL_MUST_ACT);
    ck_assert_ptr_nonnull(strstr(out.data, "\nto do: One.\nto do: Two\\x1b.\n"));
    ck_assert_ptr_nonnull(
        strstr(out.data, "\nbob2: needs_login, last success never, 0 plays today\n"));
}
END_TEST

START_TEST(the_steps_of_the_setup_are_numbered)
{
    show_status(STATUS("true", "[]", "['Make an app.','Register.','Write.']", SPOTIFY, ""));
    ck_assert_ptr_nonnull(
        strstr(out.data, "To begin with:\n  1. Make an app.\n  2. Register.\n  3. Write.\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "Nobody has signed in yet.\n"));
}
END_TEST

START_TEST(a_daemon_that_does_not_run_is_the_first_line_and_status_1)
{
    static const char first[] = "The daemon is not running: nothing is recorded.";

    ck_assert_int_eq(show_status("{'running':false,'must_act':false,'todo':[],'page':null,"
                                 "'page_problem':'the daemon is not running','spotify':null,"
                                 "'database':{'path':'/h.db','takes_writes':null},'users':[]}"),
                     CTL_MUST_ACT);
    ck_assert_int_eq(strncmp(out.data, first, sizeof(first) - 1), 0);
    ck_assert_ptr_null(strstr(out.data, "page"));
    ck_assert_ptr_null(strstr(out.data, "takes no writes"));
}
END_TEST

START_TEST(a_wait_that_spotify_asked_for_is_told_with_its_reason)
{
    show_status(STATUS("false", "[]", "null",
                       "{'opens_at':'2026-11-22T19:30:00.000Z','reason':'Too many requests',"
                       "'app_trouble':false}",
                       ANN));
    ck_assert_ptr_nonnull(
        strstr(out.data, "\nSpotify: asked to wait until 2026-11-22 19:30: Too many requests\n"));
}
END_TEST

START_TEST(trouble_of_the_page_and_the_database_is_told)
{
    show_status("{'running':true,'version':'1','page':null,'page_problem':'the port is taken',"
                "'database':{'path':'/h.db','takes_writes':false}}");
    ck_assert_ptr_nonnull(strstr(out.data, "\npage: none: the port is taken\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\ndatabase: /h.db: takes no writes for now\n"));
}
END_TEST

static const char *const odd_documents[] = {
    "{}", "[]", "null", "{'running':1,'users':{},'todo':7,'setup':'x','spotify':[]}",
    "{'running':true,'users':[null],'todo':[null,{}],'setup':[1]}"};

START_TEST(an_odd_document_is_printed_as_well_as_it_goes)
{
    show_status(odd_documents[_i]);
    ck_assert(!out.failed);
    ck_assert_uint_gt(out.len, 0);
}
END_TEST

/* -- Sync -------------------------------------------------------------------------------------- */

#define POLLED "{'user':1,'polls':3,'polled':true,'why':null}"
#define LAST(outcome, added, detail)                                                                \
    "{'user':1,'spotify_id':'ann01','name':'Ann','state':'active','polls':4,'last_poll':{'outcome'" \
    ":'" outcome "','added':" added ",'detail':" detail "}}"

static const struct sync_case {
    const char *before, *now;
    bool done;
    int status;
    const char *line;
} syncs[] = {
    {POLLED, ANN, true, EXIT_STATUS_OK, "Ann (ann01): 2 new plays\n"},
    {POLLED, LAST("ok", "1", "null"), true, EXIT_STATUS_OK, "Ann (ann01): 1 new play\n"},
    {POLLED, LAST("unchanged", "0", "null"), true, EXIT_STATUS_OK, "Ann (ann01): nothing new\n"},
    {POLLED, LAST("empty", "0", "null"), true, EXIT_STATUS_OK, "Ann (ann01): nothing new\n"},
    {POLLED, LAST("transient", "0", "'502 \\u001b'"), true, EXIT_STATUS_TEMPFAIL,
     "Ann (ann01): failed: 502 \\x1b\n"},
    {POLLED, LAST("transient", "0", "null"), true, EXIT_STATUS_TEMPFAIL,
     "Ann (ann01): failed: transient\n"},
    {POLLED, ANN, false, EXIT_STATUS_TEMPFAIL, "Ann (ann01): no answer yet\n"},
    {POLLED, NULL, true, EXIT_STATUS_TEMPFAIL, "user 1: not there any more\n"},
    {POLLED, BOB, true, EXIT_STATUS_NOPERM,
     "bob2: must sign in again: spotify-historyctl login --user 12\n"},
    {"{'user':12,'polls':3,'polled':false,'why':'needs_login'}", BOB, true, EXIT_STATUS_NOPERM,
     "bob2: must sign in again: spotify-historyctl login --user 12\n"},
    {"{'user':1,'polls':3,'polled':false,'why':'wait'}", ANN, true, EXIT_STATUS_TEMPFAIL,
     "Ann (ann01): not polled: Spotify asked to wait\n"},
    {"{'user':1,'polls':3,'polled':false,'why':'signed_out'}", ANN, true, EXIT_STATUS_OK,
     "Ann (ann01): signed out, not polled\n"},
    {"{}", "{}", true, EXIT_STATUS_TEMPFAIL, "?: not polled: for no reason that the daemon told\n"},
};

START_TEST(what_became_of_a_poll_is_a_line_and_a_status)
{
    json_t *before = json_of(syncs[_i].before);
    json_t *now = syncs[_i].now ? json_of(syncs[_i].now) : NULL;

    view_synced(before, now, syncs[_i].done, &out);
    ck_assert_str_eq(out.data, syncs[_i].line);
    ck_assert_int_eq(view_synced_exit(before, now, syncs[_i].done), syncs[_i].status);
    json_decref(before);
    json_decref(now);
}
END_TEST

/* -- Forget ------------------------------------------------------------------------------------ */

START_TEST(what_is_kept_of_a_user_is_counted_without_the_zeros)
{
    json_t *holds = json_of("{'plays':2,'deleted_plays':0,'gaps':1,'polls':40,'imports':0,"
                            "'rejects':0,'tracks':1,'albums':1,'artists':3}");

    view_holds(holds, &out);
    ck_assert_str_eq(out.data, "2 plays, 1 gap, 40 polls of the ledger, 1 track that nobody else "
                               "needs, 1 album, 3 artists");
    json_decref(holds);
}
END_TEST

START_TEST(a_user_of_whom_nothing_is_kept_has_no_plays)
{
    view_holds(NULL, &out);
    ck_assert_str_eq(out.data, "no plays");
}
END_TEST

/* -- Login ------------------------------------------------------------------------------------- */

static int exit_of(enum signin_result result)
{
    return view_login_exit(signin_result_name(result));
}

START_TEST(a_sign_in_that_worked_ends_well_and_no_other)
{
    for (int i = 0; i < SIGNIN_RESULTS; i++)
        ck_assert_int_eq(exit_of((enum signin_result)i) == EXIT_STATUS_OK, i == SIGNIN_OK);
}
END_TEST

START_TEST(what_may_work_the_next_time_is_a_failure_for_now)
{
    ck_assert_int_eq(exit_of(SIGNIN_EXPIRED), EXIT_STATUS_TEMPFAIL);
    ck_assert_int_eq(exit_of(SIGNIN_WAIT), EXIT_STATUS_TEMPFAIL);
    ck_assert_int_eq(exit_of(SIGNIN_DOWN), EXIT_STATUS_TEMPFAIL);
}
END_TEST

START_TEST(what_is_wrong_with_this_machine_has_the_status_of_its_kind)
{
    ck_assert_int_eq(exit_of(SIGNIN_NO_CLIENT), EXIT_STATUS_CONFIG);
    ck_assert_int_eq(exit_of(SIGNIN_STORE), EXIT_STATUS_IO);
}
END_TEST

/* All others; also one that somebody adds and gives no status to. */
START_TEST(what_a_person_or_spotify_refused_is_not_permitted)
{
    int refused = 0;

    for (int i = 0; i < SIGNIN_RESULTS; i++) {
        int status = exit_of((enum signin_result)i);

        ck_assert_msg(status != EXIT_STATUS_SOFTWARE, "%s",
                      signin_result_name((enum signin_result)i));
        refused += status == EXIT_STATUS_NOPERM;
    }
    ck_assert_int_eq(refused, SIGNIN_RESULTS - 6);
}
END_TEST

START_TEST(a_result_of_another_version_is_a_mistake_of_ours)
{
    ck_assert_int_eq(view_login_exit("a word of another version"), EXIT_STATUS_SOFTWARE);
    ck_assert_int_eq(view_login_exit(""), EXIT_STATUS_SOFTWARE);
}
END_TEST

START_TEST(a_failed_sign_in_is_told_with_title_message_and_advice)
{
    view_login_failure("No.", "", "Try\nagain.", &out);
    ck_assert_str_eq(out.data, "spotify-historyctl: login: No.\n"
                               "spotify-historyctl: login: Try\\x0aagain.\n");
}
END_TEST

Suite *ctl_view_suite(void)
{
    Suite *suite = suite_create("ctl_view");
    TCase *test = tcase_create("view");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, users_are_a_table);
    tcase_add_test(test, without_users_the_table_says_how_to_sign_in);
    tcase_add_test(test, a_user_who_signed_out_is_not_called_upon_to_sign_in);
    tcase_add_test(test, users_of_another_shape_are_question_marks);
    tcase_add_test(test, a_status_that_is_well_is_a_few_lines);
    tcase_add_test(test, what_a_person_must_do_is_a_line_each_and_status_1);
    tcase_add_test(test, the_steps_of_the_setup_are_numbered);
    tcase_add_test(test, a_daemon_that_does_not_run_is_the_first_line_and_status_1);
    tcase_add_test(test, a_wait_that_spotify_asked_for_is_told_with_its_reason);
    tcase_add_test(test, trouble_of_the_page_and_the_database_is_told);
    tcase_add_loop_test(test, an_odd_document_is_printed_as_well_as_it_goes, 0,
                        COUNT(odd_documents));
    tcase_add_loop_test(test, what_became_of_a_poll_is_a_line_and_a_status, 0, COUNT(syncs));
    tcase_add_test(test, what_is_kept_of_a_user_is_counted_without_the_zeros);
    tcase_add_test(test, a_user_of_whom_nothing_is_kept_has_no_plays);
    tcase_add_test(test, a_sign_in_that_worked_ends_well_and_no_other);
    tcase_add_test(test, what_may_work_the_next_time_is_a_failure_for_now);
    tcase_add_test(test, what_is_wrong_with_this_machine_has_the_status_of_its_kind);
    tcase_add_test(test, what_a_person_or_spotify_refused_is_not_permitted);
    tcase_add_test(test, a_result_of_another_version_is_a_mistake_of_ours);
    tcase_add_test(test, a_failed_sign_in_is_told_with_title_message_and_advice);
    suite_add_tcase(suite, test);
    return suite;
}
