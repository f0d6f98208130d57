/* SPDX-License-Identifier: MIT */
/* What makes the recorder failing, what is a warning only, and what is neither. */
#include "web/health.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define NOW INT64_C(1795284000000)

static struct measures_user users[2];
static struct measures measures;

static void setup(void)
{
    for (int i = 0; i < 2; i++)
        users[i] = (struct measures_user){.user_id = i + 1,
                                          .state = MEASURES_ACTIVE,
                                          .last_success_at = NOW - CLOCK_MINUTE,
                                          .ends_at = NOW + 100 * CLOCK_DAY};
    measures = (struct measures){.running = true,
                                 .has_client = true,
                                 .takes_writes = true,
                                 .patience_ms = CLOCK_HOUR,
                                 .users = users,
                                 .count = 2};
}

/* The words of one list, with blanks between. */
static const char *words(json_t *json, const char *list)
{
    static char text[300];
    json_t *word;
    size_t i;

    text[0] = '\0';
    ck_assert(json_is_array(json_object_get(json, list)));
    json_array_foreach (json_object_get(json, list), i, word) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "",
                 json_string_value(word));
    }
    return text;
}

static void expect(const char *reasons, const char *warnings)
{
    struct buf buf = {.data = NULL};
    json_error_t error;
    json_t *json;

    health_write(&buf, &measures, NOW);
    json = json_loads(buf.data, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s: %s", error.text, buf.data);
    ck_assert_str_eq(words(json, "reasons"), reasons);
    ck_assert_str_eq(words(json, "warnings"), warnings);
    ck_assert_str_eq(json_string_value(json_object_get(json, "status")),
                     reasons[0] ? "failing" : "ok");
    ck_assert_uint_eq(json_object_size(json), 3);
    ck_assert_int_eq(health_is_good(&measures, NOW), !reasons[0]);
    json_decref(json);
    buf_free(&buf, false);
}

START_TEST(who_records_is_well)
{
    expect("", "");
}
END_TEST

START_TEST(one_that_stops_is_not)
{
    measures.running = false;
    expect("not_recording", "");
}
END_TEST

START_TEST(a_recorder_that_does_not_turn_any_more_is_not)
{
    measures.overdue_ms = HEALTH_OVERDUE_MS + 1;
    expect("recorder_stuck", "");
}
END_TEST

START_TEST(a_poll_that_is_a_little_late_is_nothing)
{
    measures.overdue_ms = HEALTH_OVERDUE_MS;
    expect("", "");
}
END_TEST

START_TEST(a_database_that_takes_no_writes_is_not_well)
{
    measures.takes_writes = false;
    expect("database_takes_no_writes", "");
}
END_TEST

START_TEST(trouble_of_the_app_is_not_well)
{
    measures.app_trouble = true;
    measures.opens_in_ms = CLOCK_HOUR;
    expect("app_refused", "");
}
END_TEST

START_TEST(one_user_who_fails_for_longer_than_patience_is_not_well)
{
    users[1].failing_ms = CLOCK_HOUR + 1;
    expect("no_success", "");
}
END_TEST

START_TEST(up_to_patience_failures_are_borne)
{
    users[1].failing_ms = CLOCK_HOUR;
    expect("", "");
}
END_TEST

START_TEST(who_must_sign_in_is_no_failure_however_long)
{
    users[0].state = MEASURES_NEEDS_LOGIN;
    users[0].failing_ms = 10 * CLOCK_DAY;
    expect("", "sign_in_needed");
}
END_TEST

START_TEST(who_is_refused_by_spotify_is_a_warning)
{
    users[0].state = MEASURES_PAUSED;
    users[0].failing_ms = 10 * CLOCK_DAY;
    expect("", "user_refused");
}
END_TEST

START_TEST(who_signed_out_is_not_worth_a_word)
{
    users[0].state = MEASURES_SIGNED_OUT;
    users[0].ends_at = CLOCK_NO_TIME;
    expect("", "");
}
END_TEST

START_TEST(a_sign_in_that_ends_within_thirty_days_is_a_warning)
{
    users[0].ends_at = NOW + 31 * CLOCK_DAY;
    expect("", "");
    users[0].ends_at = NOW + 30 * CLOCK_DAY;
    expect("", "sign_in_ends_soon");
}
END_TEST

START_TEST(a_wait_that_spotify_asked_for_is_a_warning)
{
    measures.asked_to_wait = true;
    measures.opens_in_ms = 1;
    expect("", "asked_to_wait");
}
END_TEST

START_TEST(the_limit_of_an_hour_is_a_warning)
{
    measures.opens_in_ms = 1;
    expect("", "hour_limit");
}
END_TEST

START_TEST(without_a_client_id_or_users_a_person_has_to_act)
{
    measures.has_client = false;
    users[0].failing_ms = CLOCK_DAY; /* of the time when there was one */
    expect("", "no_client");
    measures.count = 0;
    expect("", "no_client no_user");
}
END_TEST

START_TEST(patience_grows_with_the_interval)
{
    ck_assert_int_eq(measures_patience(CLOCK_SECOND), CLOCK_HOUR);
    ck_assert_int_eq(measures_patience(15 * CLOCK_MINUTE), CLOCK_HOUR);
    ck_assert_int_eq(measures_patience(CLOCK_HOUR), 4 * CLOCK_HOUR);
}
END_TEST

Suite *web_health_suite(void)
{
    Suite *suite = suite_create("web_health");
    TCase *tcase = tcase_create("health");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, who_records_is_well);
    tcase_add_test(tcase, one_that_stops_is_not);
    tcase_add_test(tcase, a_recorder_that_does_not_turn_any_more_is_not);
    tcase_add_test(tcase, a_poll_that_is_a_little_late_is_nothing);
    tcase_add_test(tcase, a_database_that_takes_no_writes_is_not_well);
    tcase_add_test(tcase, trouble_of_the_app_is_not_well);
    tcase_add_test(tcase, one_user_who_fails_for_longer_than_patience_is_not_well);
    tcase_add_test(tcase, up_to_patience_failures_are_borne);
    tcase_add_test(tcase, who_must_sign_in_is_no_failure_however_long);
    tcase_add_test(tcase, who_is_refused_by_spotify_is_a_warning);
    tcase_add_test(tcase, who_signed_out_is_not_worth_a_word);
    tcase_add_test(tcase, a_sign_in_that_ends_within_thirty_days_is_a_warning);
    tcase_add_test(tcase, a_wait_that_spotify_asked_for_is_a_warning);
    tcase_add_test(tcase, the_limit_of_an_hour_is_a_warning);
    tcase_add_test(tcase, without_a_client_id_or_users_a_person_has_to_act);
    tcase_add_test(tcase, patience_grows_with_the_interval);
    suite_add_tcase(suite, tcase);
    return suite;
}
