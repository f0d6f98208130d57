/* SPDX-License-Identifier: MIT */
/* Accounts over months: sign-ins that end, that are refused, that are renewed; people who leave. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct browser *browser;

/* The fake with so many accounts, all of them signed in with a browser; polls by hand only. */
static void begin(int accounts)
{
    char count[12];

    snprintf(count, sizeof(count), "%d", accounts);
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", count);
    hd_start();
    browser = browser_open();
    for (int account = 1; account <= accounts; account++)
        browser_login(browser, account);
    hd_wait_for_polls(accounts);
}

static void refuse(int account)
{
    if (account > 0)
        fake_do("tokens", "{'account':%d,'expire_access':true}", account);
    else
        fake_do("tokens", "{'expire_access':true}");
    fake_fault_body(account > 0 ? "{'kind':'token','count':0,'account':1,'status':400}"
                                : "{'kind':'token','count':0,'status':400}",
                    "{'error':'invalid_grant','error_description':'Refresh token revoked'}");
}

static void wait_for_state(int account, const char *state)
{
    harness_wait_until(strcmp(db_state(account), state) == 0);
}

static int64_t token_requests(void)
{
    return fake_count("token", 0);
}

static void restart_after(const char *sql)
{
    hd_stop(SIGTERM);
    db_do("%s", sql);
    hd_start();
}

/* One number or boolean of a user in the control interface's answer. */
static json_t *user_field(int account, const char *name)
{
    char path[40];
    json_t *user, *value;

    snprintf(path, sizeof(path), "/v1/users/%lld", (long long)db_user(account));
    user = control_expect(200, "GET", path, NULL);
    value = json_incref(json_object_get(user, name));
    json_decref(user);
    ck_assert_msg(value != NULL, "no %s", name);
    return value;
}

static bool user_is(int account, const char *name)
{
    json_t *value = user_field(account, name);
    bool is = json_is_true(value);

    json_decref(value);
    return is;
}

static int64_t user_time(int account, const char *name)
{
    json_t *value = user_field(account, name);
    int64_t ms = 0;

    if (json_is_string(value))
        ms = db_int("SELECT CAST(strftime('%%s', '%s') AS INTEGER) * 1000",
                    json_string_value(value));
    json_decref(value);
    return ms;
}

/* -- refused for everybody at once ------------------------------------------------------------- */

START_TEST(B5_a_refusal_of_everybody_within_an_hour_is_said_to_look_like_Spotifys_fault)
{
    begin(3);
    refuse(0);
    hd_poll_now();
    for (int account = 1; account <= 3; account++)
        wait_for_state(account, "needs_login");
    harness_wait_until(hd_logged("refused the sign-ins of all 3 users within an hour: this looks "
                                 "like a fault of Spotify's"));
    for (int account = 1; account <= 3; account++) {
        ck_assert(user_is(account, "suspicious"));
        ck_assert_int_lt(llabs(user_time(account, "retry_at") - harness_now() - HOUR), MINUTE);
    }
}
END_TEST

START_TEST(B5_a_refusal_of_one_of_two_is_believed_and_not_tried_again)
{
    begin(2);
    refuse(1);
    hd_poll_now();
    wait_for_state(1, "needs_login");
    ck_assert(!user_is(1, "suspicious"));
    ck_assert_int_eq(user_time(1, "retry_at"), 0);
    ck_assert(!hd_logged("looks like"));
    ck_assert_int_eq(db_int("SELECT retries FROM users WHERE state = 'needs_login'"), 0);
}
END_TEST

START_TEST(B5_after_an_hour_each_is_tried_once_more_and_goes_on_by_itself)
{
    begin(2);
    refuse(0);
    hd_poll_now();
    wait_for_state(1, "needs_login");
    wait_for_state(2, "needs_login");
    harness_wait_until(db_int("SELECT sum(retries) FROM users") == 6);
    fake_forget_faults();
    fake_play(1, 1, harness_now() - 1000);
    restart_after("UPDATE users SET refused_at = refused_at - 3601000");
    harness_wait_for_truth(1);
    wait_for_state(1, "active");
    wait_for_state(2, "active");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE refused_at IS NOT NULL"), 0);
}
END_TEST

/* 1, 6 and 24 hours, then no more, however often it is started. */
START_TEST(B5_three_tries_and_no_more_also_over_restarts)
{
    static const char *const steps[] = {"3601000", "18000000", "64800000"};
    int64_t asked;

    begin(2);
    refuse(0);
    hd_poll_now();
    harness_wait_until(db_int("SELECT sum(retries) FROM users") == 6);
    asked = token_requests();
    restart_after("SELECT 1");
    hd_poll_now();
    harness_stays(token_requests() == asked, 300);
    for (int step = 0; step < 3; step++) {
        char sql[100];

        snprintf(sql, sizeof(sql), "UPDATE users SET refused_at = refused_at - %s", steps[step]);
        restart_after(sql);
        harness_wait_until(db_int("SELECT sum(retries) FROM users") == 4 - 2 * step);
        ck_assert_int_eq(token_requests(), asked + 2 * (step + 1));
    }
    restart_after("UPDATE users SET refused_at = refused_at - 864000000");
    harness_stays(token_requests() == asked + 6, 300);
    ck_assert_str_eq(db_state(1), "needs_login");
}
END_TEST

START_TEST(a_refusal_after_six_months_is_what_was_to_be_expected)
{
    begin(1);
    restart_after("UPDATE users SET authorized_at = authorized_at - 200 * 86400000");
    refuse(0);
    hd_poll_now();
    wait_for_state(1, "needs_login");
    ck_assert(!hd_logged("in case this is a fault of Spotify's"));
    ck_assert_int_eq(user_time(1, "retry_at"), 0);
}
END_TEST

START_TEST(a_sign_in_ends_the_tries_that_were_owed)
{
    begin(1);
    refuse(0);
    hd_poll_now();
    harness_wait_until(db_int("SELECT retries FROM users") == 3);
    fake_forget_faults();
    browser_login(browser, 1);
    wait_for_state(1, "active");
    ck_assert_int_eq(db_int("SELECT retries FROM users"), 0);
    ck_assert(!user_is(1, "suspicious"));
}
END_TEST

/* -- another app ------------------------------------------------------------------------------- */

static void reload_with_client(const char *client_id)
{
    hd_log_mark();
    harness.config.client_id = client_id;
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: done"));
}

START_TEST(a_sign_in_of_another_app_is_not_tried_and_good_again_with_its_own)
{
    int64_t asked;

    begin(2);
    asked = token_requests();
    fake_do("tokens", "{'expire_access':true}");
    reload_with_client("another-app");
    ck_assert_int_eq(hd_log_count("signed in with another app than the configured one"), 2);
    hd_poll_now();
    harness_stays(token_requests() == asked, 300);
    ck_assert(user_is(1, "must_act"));
    ck_assert(!user_is(1, "suspicious"));
    ck_assert_int_eq(ctl_run("status"), 1);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "another client id"));
    ck_assert_str_eq(db_state(1), "active");
    restart_after("SELECT 1");
    harness_stays(token_requests() == asked, 300);
    fake_play(1, 1, harness_now() - 1000);
    reload_with_client("sim-client-id");
    harness_wait_for_truth(1);
    ck_assert_int_eq(ctl_run("status"), 0);
}
END_TEST

START_TEST(the_configuration_may_name_another_app_while_a_token_is_refreshed)
{
    int64_t asked;

    begin(1);
    fake_do("tokens", "{'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','after':true,'delay_ms':700}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    asked = fake_count("recent", 0);
    reload_with_client("another-app");
    harness_wait_until(hd_logged("signed in with another app than the configured one"));
    ck_assert(hd_logged("another app was configured while its token was renewed"));
    harness_stays(fake_count("recent", 0) == asked, 300);
    fake_play(1, 1, harness_now() - 1000);
    fake_do("tokens", "{'expire_access':true}");
    reload_with_client("sim-client-id");
    harness_wait_for_truth(1);
}
END_TEST

/* -- the countdown ----------------------------------------------------------------------------- */

/* Sets the sign-in so that it ends so many days (less an hour) from now. */
static void set_days_left(int days)
{
    char sql[300];

    /* Six calendar months before that end. */
    snprintf(sql, sizeof(sql),
             "UPDATE users SET authorized_at = 1000 * "
             "CAST(strftime('%%s', 'now', '+%d days', '-1 hours', '-6 months') AS INTEGER)",
             days);
    restart_after(sql);
}

static const int steps[] = {30, 7, 1};

START_TEST(B6_each_step_is_said_once_also_over_restarts)
{
    char text[60];

    begin(1);
    for (size_t i = 0; i < 3; i++) {
        hd_log_mark();
        set_days_left(steps[i]);
        snprintf(text, sizeof(text), "Spotify ends this sign-in in");
        harness_wait_until(hd_log_count(text) == 1);
        harness_wait_until(db_int("SELECT countdown FROM users") == steps[i]);
        restart_after("SELECT 1");
        hd_poll_now();
        harness_stays(hd_log_count(text) == 1, 300);
    }
}
END_TEST

START_TEST(B6_before_thirty_days_nothing_is_said_and_nobody_must_act)
{
    begin(1);
    set_days_left(40);
    hd_poll_and_wait();
    ck_assert(!hd_logged("Spotify ends this sign-in"));
    ck_assert(!user_is(1, "must_act"));
    ck_assert_int_eq(ctl_run("status"), 0);
}
END_TEST

START_TEST(B6_the_page_and_status_say_it_too_and_status_exits_1)
{
    struct page page;
    json_t *days;

    begin(1);
    set_days_left(7);
    days = user_field(1, "days_left");
    ck_assert_int_ge(json_integer_value(days), 6);
    ck_assert_int_le(json_integer_value(days), 8);
    json_decref(days);
    ck_assert(user_is(1, "must_act"));
    page = browser_get(browser, "/spotify");
    ck_assert_msg(page_has(&page, "days"), "%s", page.body);
    page_free(&page);
    ck_assert_int_eq(ctl_run("status"), 1);
    ck_assert_ptr_nonnull(strstr(harness.ctl_output, "ends this sign-in"));
}
END_TEST

START_TEST(B6_signing_in_again_begins_six_new_months)
{
    begin(1);
    set_days_left(1);
    harness_wait_until(db_int("SELECT countdown FROM users") == 1);
    browser_login(browser, 1);
    ck_assert_int_eq(db_int("SELECT coalesce(countdown, 0) FROM users"), 0);
    ck_assert(!user_is(1, "must_act"));
    ck_assert_int_eq(ctl_run("status"), 0);
}
END_TEST

/* -- leaving ----------------------------------------------------------------------------------- */

static void forget(int account, const char *body)
{
    char path[60];

    snprintf(path, sizeof(path), "/v1/users/%lld/forget", (long long)db_user(account));
    json_decref(control_expect(200, "POST", path, "%s", body));
}

START_TEST(J3_a_person_who_is_forgotten_leaves_nothing_and_others_everything)
{
    int64_t user;

    begin(2);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE); /* tracks 1 to 5 */
    fake_plays(2, 3, 4, harness_now() - HOUR, MINUTE); /* tracks 4 to 6 */
    hd_poll_now();
    harness_wait_for_truth(1);
    harness_wait_for_truth(2);
    user = db_user(1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks"), 6);
    forget(1, "{'keep_plays':false}");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tracks"), 3);
    ck_assert_int_eq(db_int("SELECT count(*) FROM polls WHERE user_id = %lld", (long long)user), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens WHERE user_id = %lld", (long long)user),
                     0);
    fake_play(2, 9, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(2);
    ck_assert(hd_logged("control: user"));
}
END_TEST

START_TEST(J3_with_keep_plays_only_the_sign_in_goes)
{
    int64_t asked;

    begin(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    hd_poll_now();
    harness_wait_for_truth(1);
    asked = fake_count("recent", 0);
    forget(1, "{'keep_plays':true}");
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 0);
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert(user_is(1, "signed_out"));
    ck_assert(!user_is(1, "must_act"));
    hd_poll_now();
    harness_stays(fake_count("recent", 0) == asked, 300);
    fake_play(1, 7, harness_now() - 1000);
    browser_login(browser, 1);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 6);
}
END_TEST

START_TEST(G6_a_person_who_signs_out_is_owed_no_more_tries)
{
    begin(1);
    refuse(1);
    hd_poll_now();
    harness_wait_until(user_is(1, "suspicious"));
    forget(1, "{'keep_plays':true}");
    hd_stop(SIGTERM);
    hd_start();
    ck_assert(user_is(1, "signed_out"));
    ck_assert(!user_is(1, "suspicious"));
}
END_TEST

START_TEST(J3_a_person_may_be_forgotten_while_a_request_is_under_way)
{
    begin(2);
    fake_fault("{'kind':'recent','account':1,'hang':true}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    forget(1, "{'keep_plays':false}");
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    fake_play(2, 9, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(2);
}
END_TEST

START_TEST(J3_a_person_may_be_forgotten_while_a_token_is_refreshed)
{
    begin(2);
    fake_do("tokens", "{'account':1,'expire_access':true}");
    fake_fault("{'kind':'token','account':1,'after':true,'delay_ms':1000}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    forget(1, "{'keep_plays':false}");
    fake_play(2, 9, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(2);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 2);
}
END_TEST

/* Ten years of plays for the first user, put there while the daemon is down. */
static void add_years_of_plays(void)
{
    hd_stop(SIGTERM);
    db_do("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
          "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at) "
          "SELECT %lld, 1400000000000 + i * 1000000, "
          "(SELECT min(track_id) FROM tracks) + (i * 7919) %% (SELECT count(*) FROM tracks), "
          "'extended', 0 FROM n",
          (long long)db_user(1));
    hd_start();
}

static void begin_to_forget_years(void)
{
    begin(2);
    fake_plays(1, 40, 1, harness_now() - HOUR, MINUTE);
    hd_poll_now();
    harness_wait_for_truth(1);
    add_years_of_plays();
    harness_wait_until(fake_in_flight() == 0);
}

/* Sends the request and does not wait for the answer. */
static void forget_in_the_background(int account)
{
    static const char body[] = "{\"keep_plays\":false}";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", harness.control);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    dprintf(fd,
            "POST /v1/users/%lld/forget HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
            (long long)db_user(account), strlen(body), body);
}

START_TEST(P8_ten_years_of_plays_are_forgotten_without_holding_up_the_loop)
{
    int64_t worst = 0, began = 0, answers = 0;

    begin_to_forget_years();
    forget_in_the_background(1);
    while (db_int("SELECT count(*) FROM users") == 2) {
        began = harness_boot();
        json_decref(control_expect(200, "GET", "/v1/status", NULL));
        if (harness_boot() - began > worst)
            worst = harness_boot() - began;
        answers++;
    }
    fprintf(stderr, "%lld answers while 300,000 plays went, the slowest after %lld ms\n",
            (long long)answers, (long long)worst);
    ck_assert_int_gt(answers, 5);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 0);
    fake_play(2, 9, harness_now() - 1000);
    hd_poll_now();
    harness_wait_for_truth(2);
}
END_TEST

START_TEST(J3_one_removal_at_a_time_and_the_second_is_told_so)
{
    char path[60];
    json_t *answer;

    begin_to_forget_years();
    forget_in_the_background(1);
    snprintf(path, sizeof(path), "/v1/users/%lld/forget", (long long)db_user(2));
    answer = control_expect(503, "POST", path, "{'keep_plays':false}");
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(json_object_get(answer, "error"), "message")),
               "somebody else is being removed"));
    json_decref(answer);
    harness_wait_until(db_int("SELECT count(*) FROM users") == 1);
}
END_TEST

/* What a poll brings waits for the end of the removal, but it begins in time. */
START_TEST(P11_others_are_polled_while_somebody_is_forgotten)
{
    int64_t from, until, longest;

    begin(12);
    fake_plays(1, 40, 1, harness_now() - HOUR, MINUTE);
    hd_poll_now();
    harness_wait_for_truth(1);
    harness.config.poll_interval = harness.config.sweep_interval = "1s";
    add_years_of_plays();
    harness_wait_until(db_int("SELECT min(count) FROM (SELECT count(*) AS count FROM polls WHERE "
                              "outcome = 'unchanged' GROUP BY user_id)") > 1);
    from = harness_now();
    forget_in_the_background(1);
    harness_wait_until(db_int("SELECT count(*) FROM users") == 11);
    until = harness_now();
    hd_wait_for_polls(db_int("SELECT count(*) FROM polls") + 30);
    longest = db_int("SELECT max(pause) FROM (SELECT started_at - lag(started_at) OVER (ORDER BY "
                     "started_at) AS pause, started_at FROM polls) WHERE started_at BETWEEN %lld "
                     "AND %lld",
                     (long long)from, (long long)until);
    fprintf(stderr, "%lld ms of removing: the longest pause between two polls was %lld ms\n",
            (long long)(until - from), (long long)longest);
    ck_assert_int_lt(longest, (until - from) / 2);
}
END_TEST

START_TEST(F1_a_stop_while_somebody_is_forgotten_leaves_everything_as_it_was)
{
    int64_t plays;

    begin_to_forget_years();
    plays = db_int("SELECT count(*) FROM played_tracks");
    forget_in_the_background(1);
    harness_stays(true, 200);
    ck_assert_int_lt(hd_stop(SIGTERM), 1000);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), plays);
    ck_assert_int_eq(db_int("SELECT count(*) FROM tokens"), 4);
}
END_TEST

/* The answer to a refresh may hold the only valid token: it is needed when the removal is given up.
 */
START_TEST(F2_a_removal_that_is_given_up_leaves_a_token_that_works)
{
    begin_to_forget_years();
    fake_do("tokens", "{'account':1,'answer':'new','expire_access':true}");
    fake_fault("{'kind':'token','account':1,'after':true,'delay_ms':700}");
    hd_poll_now();
    harness_wait_until(fake_hits() == 1);
    forget_in_the_background(1);
    harness_stays(true, 200);
    hd_signal(SIGTERM);
    ck_assert_int_eq(hd_wait(), 0);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 2);
    hd_start();
    fake_play(1, 50, harness_now() - 1000);
    hd_poll_now();
    harness_wait_until(db_int("SELECT count(*) FROM played_tracks WHERE source = 'api'") == 41);
    ck_assert_str_eq(db_state(1), "active");
}
END_TEST

START_TEST(P10_a_kill_while_somebody_is_forgotten_leaves_everything_as_it_was)
{
    int64_t plays;

    begin_to_forget_years();
    plays = db_int("SELECT count(*) FROM played_tracks");
    forget_in_the_background(1);
    harness_stays(true, 200);
    hd_signal(SIGKILL);
    ck_assert_int_eq(hd_wait(), -SIGKILL);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), plays);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 2);
}
END_TEST

START_TEST(who_was_forgotten_can_come_back)
{
    begin(1);
    fake_plays(1, 5, 1, harness_now() - HOUR, MINUTE);
    hd_poll_now();
    harness_wait_for_truth(1);
    forget(1, "{'keep_plays':false}");
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), 0);
    browser_login(browser, 1);
    harness_wait_for_truth(1);
    ck_assert_int_eq(db_plays(1), 5);
    ck_assert_int_eq(db_int("SELECT count(*) FROM gaps"), 0);
}
END_TEST

Suite *accounts_suite(void)
{
    Suite *suite = suite_create("accounts");
    TCase *refused = harness_case(suite, "refused for everybody at once");
    TCase *app = harness_case(suite, "another app");
    TCase *countdown = harness_case(suite, "the countdown");
    TCase *leaving = harness_case(suite, "leaving");
    TCase *quick = harness_case(suite, "answers while somebody leaves");

    tcase_add_test(refused,
                   B5_a_refusal_of_everybody_within_an_hour_is_said_to_look_like_Spotifys_fault);
    tcase_add_test(refused, B5_a_refusal_of_one_of_two_is_believed_and_not_tried_again);
    tcase_add_test(refused, B5_after_an_hour_each_is_tried_once_more_and_goes_on_by_itself);
    tcase_add_test(refused, B5_three_tries_and_no_more_also_over_restarts);
    tcase_add_test(refused, a_refusal_after_six_months_is_what_was_to_be_expected);
    tcase_add_test(refused, a_sign_in_ends_the_tries_that_were_owed);
    tcase_add_test(app, a_sign_in_of_another_app_is_not_tried_and_good_again_with_its_own);
    tcase_add_test(app, the_configuration_may_name_another_app_while_a_token_is_refreshed);
    tcase_add_test(countdown, B6_each_step_is_said_once_also_over_restarts);
    tcase_add_test(countdown, B6_before_thirty_days_nothing_is_said_and_nobody_must_act);
    tcase_add_test(countdown, B6_the_page_and_status_say_it_too_and_status_exits_1);
    tcase_add_test(countdown, B6_signing_in_again_begins_six_new_months);
    tcase_add_test(leaving, J3_a_person_who_is_forgotten_leaves_nothing_and_others_everything);
    tcase_add_test(leaving, J3_with_keep_plays_only_the_sign_in_goes);
    tcase_add_test(leaving, G6_a_person_who_signs_out_is_owed_no_more_tries);
    tcase_add_test(leaving, J3_a_person_may_be_forgotten_while_a_request_is_under_way);
    tcase_add_test(leaving, J3_a_person_may_be_forgotten_while_a_token_is_refreshed);
    tcase_add_test(leaving, J3_one_removal_at_a_time_and_the_second_is_told_so);
    tcase_add_test(leaving, P11_others_are_polled_while_somebody_is_forgotten);
    tcase_add_test(leaving, F1_a_stop_while_somebody_is_forgotten_leaves_everything_as_it_was);
    tcase_add_test(leaving, F2_a_removal_that_is_given_up_leaves_a_token_that_works);
    tcase_add_test(leaving, P10_a_kill_while_somebody_is_forgotten_leaves_everything_as_it_was);
    tcase_add_test(leaving, who_was_forgotten_can_come_back);
    tcase_set_tags(quick, "timing");
    tcase_add_test(quick, P8_ten_years_of_plays_are_forgotten_without_holding_up_the_loop);
    return suite;
}
