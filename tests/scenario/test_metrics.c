/* SPDX-License-Identifier: MIT */
/* /metrics and /healthz: what programs that watch are told, in good times and bad. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/metrics_text.h"

#define PREFIX "spotify_historyd_"
#define PASSWORD "correct horse battery"
#define RIGHT "Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="
#define RIGHT_OF_OTHER "Authorization: basic  b3RoZXI6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"
#define WRONG "Authorization: Basic cHJvbWV0aGV1czp3cm9uZw=="
#define WRONG_TOO "Authorization: Basic eDp3cm9uZyB0b28="

static char *text; /* of the newest scrape */

static void scrape(void)
{
    struct browser *browser = browser_open();
    struct page page = browser_get(browser, "/metrics");
    const char *problem;

    ck_assert_msg(page.status == 200, "%ld: %s", page.status, page.body);
    ck_assert_str_eq(page_header(&page, "Content-Type"),
                     "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_str_eq(page_header(&page, "Cache-Control"), "no-store");
    problem = metrics_text_problem(page.body);
    ck_assert_msg(problem == NULL, "%s", problem);
    free(text);
    text = strdup(page.body);
    page_free(&page);
    browser_close(browser);
}

static double value(const char *series)
{
    return metrics_text_number(text, series);
}

/* Scrapes until a series has a value. */
static bool shows(const char *series, double wanted)
{
    scrape();
    return value(series) == wanted;
}

static double polls(const char *outcome)
{
    char series[100];

    snprintf(series, sizeof(series), PREFIX "polls_total{outcome=\"%s\"}", outcome);
    return value(series);
}

static double user(const char *name, int account)
{
    char series[100];

    snprintf(series, sizeof(series), PREFIX "%s{user=\"%lld\"}", name, (long long)db_user(account));
    return value(series);
}

static bool is_in(int account, const char *state)
{
    char series[100];

    snprintf(series, sizeof(series), PREFIX "user_state{user=\"%lld\",state=\"%s\"}",
             (long long)db_user(account), state);
    return value(series) == 1;
}

/* The words of a list of /healthz, with blanks between. */
static const char *words(json_t *health, const char *list, char out[static 200])
{
    json_t *word;
    size_t i;

    out[0] = '\0';
    json_array_foreach (json_object_get(health, list), i, word)
        snprintf(out + strlen(out), 200 - strlen(out), "%s%s", i > 0 ? " " : "",
                 json_string_value(word));
    return out;
}

static bool health_is(long status, const char *reasons, const char *warnings)
{
    struct browser *browser = browser_open();
    struct page page = browser_get(browser, "/healthz");
    json_t *health = json_loads(page.body, JSON_REJECT_DUPLICATES, NULL);
    char out[200];
    bool is_so;

    ck_assert_msg(health != NULL, "%s", page.body);
    ck_assert_str_eq(page_header(&page, "Content-Type"), "application/json");
    ck_assert_str_eq(page_header(&page, "Cache-Control"), "no-store");
    ck_assert_str_eq(json_string_value(json_object_get(health, "status")),
                     page.status == 200 ? "ok" : "failing");
    is_so = page.status == status && strcmp(words(health, "reasons", out), reasons) == 0 &&
            strcmp(words(health, "warnings", out), warnings) == 0;
    json_decref(health);
    page_free(&page);
    browser_close(browser);
    return is_so;
}

/* -- good times -------------------------------------------------------------------------------- */

START_TEST(before_the_first_poll_everything_is_there_and_nothing_is_counted)
{
    fake_start("--accounts", "1");
    hd_start();
    scrape();
    ck_assert_double_eq(polls("ok"), 0);
    ck_assert_double_eq(value(PREFIX "plays_recorded_total"), 0);
    ck_assert_double_eq(value(PREFIX "open_gaps{certainty=\"likely\"}"), 0);
    ck_assert_double_eq(value(PREFIX "healthy"), 1);
    ck_assert_double_eq(value(PREFIX "gate_open"), 1);
    ck_assert_uint_eq(metrics_text_count(text, PREFIX "user_state"), 0);
    ck_assert(health_is(200, "", "no_user"));
}
END_TEST

START_TEST(without_a_client_id_that_is_a_warning)
{
    harness.config.client_id = NULL;
    fake_start("--accounts", "1");
    hd_start();
    ck_assert(health_is(200, "", "no_client no_user"));
    scrape();
}
END_TEST

START_TEST(what_was_polled_is_counted_as_the_ledger_has_it)
{
    static const char *const outcomes[] = {"ok", "unchanged", "empty"};

    harness_run_by_hand(2);
    fake_plays(1, 10, 1, harness_now() - HOUR, MINUTE);
    fake_plays(2, 3, 50, harness_now() - HOUR, MINUTE);
    hd_poll_and_wait();
    fake_late_plays(1, 2, 80, harness_now() - 2 * HOUR, MINUTE, harness_now() - 1000);
    hd_poll_and_wait();
    hd_poll_and_wait();
    harness_wait_for_truth(1);
    scrape();
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        ck_assert_msg(polls(outcomes[i]) == (double)db_outcomes(outcomes[i]), "%s: %g", outcomes[i],
                      polls(outcomes[i]));
    ck_assert_double_eq(value(PREFIX "plays_recorded_total"), (double)(db_plays(1) + db_plays(2)));
    ck_assert_double_eq(value(PREFIX "late_plays_total"),
                        (double)db_int("SELECT sum(late) FROM polls"));
    ck_assert_double_eq(value(PREFIX "requests_last_day"),
                        (double)db_int("SELECT sum(calls) FROM gate_calls"));
    ck_assert_double_eq(value(PREFIX "request_duration_seconds_count{request=\"history\"}"),
                        (double)fake_count("recent", 0));
}
END_TEST

START_TEST(each_user_has_a_state_an_age_and_an_end)
{
    harness_run_by_hand(2);
    scrape();
    for (int account = 1; account <= 2; account++) {
        ck_assert(is_in(account, "active"));
        ck_assert_double_lt(user("user_last_success_age_seconds", account), 60);
        ck_assert_double_eq(user("user_failed_polls", account), 0);
    }
    ck_assert(health_is(200, "", ""));
}
END_TEST

START_TEST(nobody_is_named)
{
    harness_run_by_hand(1);
    scrape();
    ck_assert_ptr_null(strstr(text, db_text("SELECT display_name FROM users")));
    ck_assert_ptr_null(strstr(text, db_text("SELECT spotify_id FROM users")));
}
END_TEST

START_TEST(the_database_and_the_process_have_their_sizes)
{
    struct stat status;

    harness_run_by_hand(1);
    scrape();
    ck_assert_int_eq(stat(harness.database, &status), 0);
    ck_assert_double_eq(value(PREFIX "database_size_bytes"), (double)status.st_size);
    ck_assert_double_gt(value(PREFIX "database_log_bytes"), 0);
    ck_assert_double_gt(value(PREFIX "database_log_pages"), 0);
    ck_assert_double_gt(value("process_resident_memory_bytes"), 1e6);
    ck_assert_double_gt(value("process_open_fds"), 5);
    ck_assert_double_lt(value("process_open_fds"), 100);
    ck_assert_double_lt((double)harness_now() / 1000 - value("process_start_time_seconds"), 60);
    ck_assert_double_lt(value(PREFIX "uptime_seconds"), 60);
}
END_TEST

START_TEST(P8_the_turns_of_the_loop_are_counted)
{
    double before;

    harness_run_by_hand(1);
    scrape();
    before = value(PREFIX "loop_turn_seconds_count");
    ck_assert_double_ge(before, 3); /* a poll begins, is answered, is stored */
    ck_assert_uint_eq(metrics_text_count(text, PREFIX "loop_longest_turn_seconds"), 1);
    hd_poll_and_wait();
    scrape();
    ck_assert_double_ge(value(PREFIX "loop_turn_seconds_count"), before + 3);
    ck_assert_double_gt(value(PREFIX "loop_turn_seconds_sum"), 0);
}
END_TEST

START_TEST(a_reload_keeps_the_counters_and_a_restart_begins_anew)
{
    harness_run_by_hand(1);
    scrape();
    ck_assert_double_gt(polls("ok") + polls("empty"), 0);
    hd_log_mark();
    harness.config.daily_call_budget = "77";
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: "));
    scrape();
    ck_assert_double_gt(polls("ok") + polls("empty"), 0);
    ck_assert_double_eq(value(PREFIX "daily_request_budget"), 77);
    hd_stop(SIGTERM);
    fake_fault("{'kind':'recent','delay_ms':5000,'count':9}");
    hd_start();
    scrape();
    ck_assert_double_eq(polls("ok") + polls("empty"), 0);
    ck_assert_double_gt(value(PREFIX "requests_last_day"), 0);
}
END_TEST

START_TEST(a_scrape_writes_nothing)
{
    char *before, *after;

    harness_run_by_hand(1);
    before = db_dump();
    scrape();
    ck_assert(health_is(200, "", ""));
    after = db_dump();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

/* -- bad times --------------------------------------------------------------------------------- */

START_TEST(failed_polls_are_counted_and_are_no_bad_health_at_once)
{
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','status':500,'generate':'html'}");
    hd_poll_now();
    harness_wait_until(shows(PREFIX "polls_total{outcome=\"transient\"}", 1));
    ck_assert_double_eq(user("user_failed_polls", 1), 1);
    ck_assert_double_ge(value(PREFIX "request_duration_seconds_count{request=\"history\"}"), 2);
    ck_assert(health_is(200, "", ""));
}
END_TEST

START_TEST(a_wait_that_spotify_asked_for_closes_the_gate_and_is_a_warning)
{
    harness_run_by_hand(1);
    fake_fault("{'kind':'recent','status':429,'generate':'plain',"
               "'headers':[['Retry-After','3600']]}");
    hd_poll_now();
    harness_wait_until(shows(PREFIX "gate_open", 0));
    ck_assert_double_le(value(PREFIX "gate_opens_in_seconds"), 3601);
    ck_assert_double_gt(value(PREFIX "gate_opens_in_seconds"), 3500);
    ck_assert_double_eq(value(PREFIX "gate_app_trouble"), 0);
    harness_wait_until(shows(PREFIX "polls_total{outcome=\"rate_limit\"}", 1));
    ck_assert(health_is(200, "", "asked_to_wait"));
}
END_TEST

START_TEST(B8_trouble_of_the_app_is_bad_health)
{
    harness_run_by_hand(1);
    fake_fault_body("{'kind':'recent','status':403}",
                    "Active premium subscription required for the owner of the app.");
    hd_poll_now();
    harness_wait_until(shows(PREFIX "gate_app_trouble", 1));
    ck_assert_double_eq(value(PREFIX "gate_open"), 0);
    ck_assert_double_eq(value(PREFIX "healthy"), 0);
    ck_assert(health_is(503, "app_refused", ""));
}
END_TEST

START_TEST(who_must_sign_in_again_is_a_warning)
{
    harness_run_by_hand(2);
    fake_do("tokens", "{'account':2,'revoke':true,'expire_access':true}");
    hd_poll_now();
    harness_wait_until(strcmp(db_state(2), "needs_login") == 0);
    scrape();
    ck_assert(is_in(2, "needs_login"));
    ck_assert(!is_in(2, "active"));
    ck_assert(is_in(1, "active"));
    ck_assert_double_eq(user("user_sign_in_left_seconds", 2), 0);
    ck_assert(health_is(200, "", "sign_in_needed"));
}
END_TEST

/* No file of the daemon may grow beyond this. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    ck_assert_int_eq(prlimit(harness.daemon.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

START_TEST(a_database_that_takes_no_writes_is_bad_health_until_it_does)
{
    harness_run_by_hand(1);
    limit_files(32768);
    fake_plays(1, 50, 1, harness_now() - HOUR, MINUTE);
    hd_poll_now();
    harness_wait_until(health_is(503, "database_takes_no_writes", ""));
    scrape();
    ck_assert_double_eq(value(PREFIX "database_takes_writes"), 0);
    limit_files(RLIM_INFINITY);
    harness_wait_until(health_is(200, "", ""));
    scrape();
    ck_assert_double_eq(value(PREFIX "plays_recorded_total"), 50);
}
END_TEST

START_TEST(a_gap_is_open_until_it_is_filled)
{
    harness_run_by_hand(1);
    fake_plays(1, 10, 1, harness_now() - 5 * HOUR, MINUTE);
    hd_poll_and_wait();
    fake_plays(1, 120, 100, harness_now() - 2 * HOUR, MINUTE / 2); /* Spotify shows 50 of them */
    hd_poll_and_wait();
    scrape();
    ck_assert_double_eq(value(PREFIX "open_gaps{certainty=\"likely\"}"),
                        (double)db_int("SELECT count(*) FROM gaps WHERE certainty = 'likely'"));
    ck_assert_double_eq(value(PREFIX "open_gaps{certainty=\"likely\"}"), 1);
}
END_TEST

/* -- who may see it ---------------------------------------------------------------------------- */

static struct browser *browser;

static void begin_with_a_password(void)
{
    fake_start("--accounts", "1");
    ctl_set_password(PASSWORD);
    hd_start();
    browser = browser_open();
}

static struct page ask(const char *header)
{
    return browser_send(browser, "/metrics", NULL, header);
}

static long status_of(const char *header)
{
    struct page page = ask(header);
    long status = page.status;

    page_free(&page);
    return status;
}

/* As soon as a password is looked at. */
static long patient_status_of(const char *header)
{
    struct harness_wait wait = harness_wait_begin(HARNESS_PATIENCE_MS);
    long status = status_of(header);

    while (status == 429 && harness_nap(&wait))
        status = status_of(header);
    return status;
}

START_TEST(with_a_password_metrics_want_it_and_say_how)
{
    struct page page;

    begin_with_a_password();
    page = ask(NULL);
    ck_assert_int_eq(page.status, 401);
    ck_assert_str_eq(page_header(&page, "WWW-Authenticate"),
                     "Basic realm=\"spotify-historyd\", charset=\"UTF-8\"");
    ck_assert_str_eq(page_header(&page, "Cache-Control"), "no-store");
    ck_assert(!page_has(&page, PREFIX));
    page_free(&page);
}
END_TEST

START_TEST(the_health_is_open_to_all)
{
    begin_with_a_password();
    ck_assert(health_is(200, "", "no_user"));
}
END_TEST

START_TEST(the_right_password_with_any_name_is_let_in_again_and_again)
{
    begin_with_a_password();
    ck_assert_int_eq(status_of(RIGHT), 200);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(status_of(RIGHT), 200);
    ck_assert_int_eq(patient_status_of(RIGHT_OF_OTHER), 200);
    ck_assert_int_eq(status_of(RIGHT), 200);
}
END_TEST

START_TEST(it_opens_the_metrics_and_nothing_else)
{
    struct page page;

    begin_with_a_password();
    ck_assert_int_eq(status_of(RIGHT), 200);
    page = browser_send(browser, "/spotify", NULL, RIGHT);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
}
END_TEST

START_TEST(a_wrong_password_that_comes_again_and_again_counts_once)
{
    begin_with_a_password();
    ck_assert_int_eq(status_of(WRONG), 401);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(status_of(WRONG), 401);
    ck_assert_int_eq(hd_log_count("a wrong password for the metrics"), 1);
    ck_assert_int_eq(patient_status_of(RIGHT), 200);
}
END_TEST

START_TEST(a_guesser_has_to_wait)
{
    struct page page;

    begin_with_a_password();
    ck_assert_int_eq(status_of(WRONG), 401);
    page = ask(WRONG_TOO);
    ck_assert_int_eq(page.status, 429);
    ck_assert_str_eq(page_header(&page, "Retry-After"), "1");
    page_free(&page);
}
END_TEST

START_TEST(who_was_let_in_is_not_kept_out_by_a_guesser)
{
    begin_with_a_password();
    ck_assert_int_eq(status_of(RIGHT), 200);
    ck_assert_int_eq(patient_status_of(WRONG), 401);
    ck_assert_int_eq(status_of(RIGHT), 200);
}
END_TEST

static const char *const no_passwords[] = {
    "Authorization: Basic",
    "Authorization: Basic ",
    "Authorization: Basic =",
    "Authorization: Basic ====",
    "Authorization: Basic cHJvbWV0aGV1cw==",                              /* no colon */
    "Authorization: Basic cHJvbWV0aGV1czo=",                              /* nothing behind it */
    "Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk",   /* no padding */
    "Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk==", /* too much */
    "Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnl=",  /* bits left over */
    "Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk= x",
    "Authorization: Basic YTpiAGM=", /* a NUL */
    "Authorization: Bearer cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=",
    "Authorization: correct horse battery",
    "Cookie: historyd_session=cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=",
};

START_TEST(what_holds_no_password_is_refused_without_a_look)
{
    begin_with_a_password();
    for (size_t i = 0; i < COUNT_OF(no_passwords); i++)
        ck_assert_msg(status_of(no_passwords[i]) == 401, "%s", no_passwords[i]);
    ck_assert_int_eq(hd_log_count("wrong password"), 0);
    ck_assert_int_eq(status_of(RIGHT), 200); /* at once: nobody was wrong */
}
END_TEST

START_TEST(another_password_ends_what_the_old_one_opened)
{
    begin_with_a_password();
    ck_assert_int_eq(status_of(RIGHT), 200);
    ctl_set_password("staple of another kind");
    hd_log_mark();
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: "));
    ck_assert_int_eq(patient_status_of(RIGHT), 401);
}
END_TEST

START_TEST(a_session_of_the_page_sees_the_metrics)
{
    struct page page;
    char form[200];

    begin_with_a_password();
    page = browser_get(browser, "/password");
    snprintf(form, sizeof(form), "token=%s&password=" PASSWORD, page_field(&page, "token"));
    page_free(&page);
    page = browser_post(browser, "/password", form);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    ck_assert_int_eq(status_of(NULL), 200);
}
END_TEST

static const char *const foreign[] = {
    "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
};

START_TEST(under_a_foreign_name_there_is_nothing)
{
    fake_start("--accounts", "1");
    hd_start();
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        struct raw_answer answer = raw_ask(foreign[i], strlen(foreign[i]), HARNESS_PATIENCE_MS);

        ck_assert_int_eq(answer.status, 421);
        raw_free(&answer);
    }
}
END_TEST

Suite *metrics_suite(void)
{
    Suite *suite = suite_create("metrics");
    TCase *good = harness_case(suite, "good");
    TCase *bad = harness_case(suite, "bad");
    TCase *who = harness_case(suite, "who");

    tcase_add_test(good, before_the_first_poll_everything_is_there_and_nothing_is_counted);
    tcase_add_test(good, without_a_client_id_that_is_a_warning);
    tcase_add_test(good, what_was_polled_is_counted_as_the_ledger_has_it);
    tcase_add_test(good, each_user_has_a_state_an_age_and_an_end);
    tcase_add_test(good, nobody_is_named);
    tcase_add_test(good, the_database_and_the_process_have_their_sizes);
    tcase_add_test(good, P8_the_turns_of_the_loop_are_counted);
    tcase_add_test(good, a_reload_keeps_the_counters_and_a_restart_begins_anew);
    tcase_add_test(good, a_scrape_writes_nothing);

    tcase_add_test(bad, failed_polls_are_counted_and_are_no_bad_health_at_once);
    tcase_add_test(bad, a_wait_that_spotify_asked_for_closes_the_gate_and_is_a_warning);
    tcase_add_test(bad, B8_trouble_of_the_app_is_bad_health);
    tcase_add_test(bad, who_must_sign_in_again_is_a_warning);
    tcase_add_test(bad, a_database_that_takes_no_writes_is_bad_health_until_it_does);
    tcase_add_test(bad, a_gap_is_open_until_it_is_filled);

    tcase_add_test(who, with_a_password_metrics_want_it_and_say_how);
    tcase_add_test(who, the_health_is_open_to_all);
    tcase_add_test(who, the_right_password_with_any_name_is_let_in_again_and_again);
    tcase_add_test(who, it_opens_the_metrics_and_nothing_else);
    tcase_add_test(who, a_wrong_password_that_comes_again_and_again_counts_once);
    tcase_add_test(who, a_guesser_has_to_wait);
    tcase_add_test(who, who_was_let_in_is_not_kept_out_by_a_guesser);
    tcase_add_test(who, what_holds_no_password_is_refused_without_a_look);
    tcase_add_test(who, another_password_ends_what_the_old_one_opened);
    tcase_add_test(who, a_session_of_the_page_sees_the_metrics);
    tcase_add_test(who, under_a_foreign_name_there_is_nothing);
    return suite;
}
