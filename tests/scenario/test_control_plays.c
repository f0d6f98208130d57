/* SPDX-License-Identifier: MIT */
/* A play that is deleted stays away from what comes after, and comes back when somebody asks for
 * it.
 */
#include "harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"

#define PLAYS 12

static int64_t key; /* of one of them, the fifth */

/* A user with some plays, polled once. */
static void begin(void)
{
    harness_run_by_hand(1);
    fake_plays(1, PLAYS, 1, harness_now() - 3600000, 60000);
    hd_poll_and_wait();
    ck_assert_int_eq(db_plays(1), PLAYS);
    key = db_int("SELECT play_key FROM plays ORDER BY play_key LIMIT 1 OFFSET 4");
}

static json_t *mark(long status, int64_t play, const char *how)
{
    char path[100];

    snprintf(path, sizeof(path), "/v1/users/1/plays/%" PRId64 "/%s", play, how);
    return control_expect(status, "POST", path, "{}");
}

START_TEST(a_deleted_play_stays_away_from_polls_until_it_is_brought_back)
{
    json_t *answer;
    char text[24];

    begin();
    snprintf(text, sizeof(text), "%" PRId64, key);
    answer = mark(200, key, "delete");
    ck_assert_int_eq(json_integer_value(json_object_get(answer, "play_key")), key);
    ck_assert(json_is_true(json_object_get(answer, "deleted")));
    json_decref(answer);
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays"), PLAYS - 1);
    /* The first poll after a start is a sweep, and one more play makes its page another. */
    hd_stop(SIGTERM);
    fake_play(1, 40, harness_now() - 1000);
    hd_start();
    harness_wait_until(db_int("SELECT count(*) FROM plays") == PLAYS);
    ck_assert_int_eq(db_int("SELECT count(*) FROM played_tracks"), PLAYS + 1);
    ctl_expect(EXIT_STATUS_OK, "play_key", "recent", "--json");
    ck_assert_ptr_null(strstr(harness.ctl_output, text));
    answer = mark(200, key, "restore");
    ck_assert(json_is_false(json_object_get(answer, "deleted")));
    json_decref(answer);
    ctl_expect(EXIT_STATUS_OK, text, "recent", "--json");
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays"), PLAYS + 1);
}
END_TEST

/* What somebody was told is done is there however the daemon ends. */
START_TEST(a_play_is_deleted_before_that_is_said)
{
    begin();
    json_decref(mark(200, key, "delete"));
    hd_signal(SIGKILL);
    hd_wait();
    ck_assert_int_eq(db_int("SELECT count(*) FROM plays WHERE play_key = %" PRId64, key), 0);
}
END_TEST

START_TEST(what_is_no_play_is_not_deleted)
{
    begin();
    json_decref(mark(404, key + 1, "delete"));
    json_decref(mark(404, key, "restore"));
    json_decref(mark(404, key, "remove"));
    json_decref(control_expect(404, "POST", "/v1/users/7/plays/1/delete", "{}"));
    json_decref(control_expect(404, "POST", "/v1/users/1/plays/x/delete", "{}"));
    json_decref(control_expect(404, "POST", "/v1/users/1/plays//delete", "{}"));
    json_decref(control_expect(404, "POST", "/v1/users/1/plays/1", "{}"));
    json_decref(control_expect(405, "GET", "/v1/users/1/plays/1/delete", NULL));
    json_decref(control_expect(400, "POST", "/v1/users/1/plays/1/delete", "{'why':1}"));
    ck_assert_int_eq(db_int("SELECT count(deleted_at) FROM played_tracks"), 0);
    json_decref(mark(200, key, "delete"));
    json_decref(mark(404, key, "delete"));
}
END_TEST

Suite *control_plays_suite(void);

Suite *control_plays_suite(void)
{
    Suite *suite = suite_create("control_plays");
    TCase *plays = harness_case(suite, "plays");

    tcase_add_test(plays, a_deleted_play_stays_away_from_polls_until_it_is_brought_back);
    tcase_add_test(plays, a_play_is_deleted_before_that_is_said);
    tcase_add_test(plays, what_is_no_play_is_not_deleted);
    suite_add_tcase(suite, plays);
    return suite;
}
