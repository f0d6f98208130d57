/* SPDX-License-Identifier: MIT */
/* Every view over a small history, whole, and with each of SQLite's allocations failing in turn: it
 * gives up and says so, and draws the same bytes as ever the next time. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/totals.h"
#include "store_help.h"
#include "store_memory.h"
#include "web/view.h"

#define NOW (STORE_HELP_T0 + INT64_C(40) * 86400000)

static const struct {
    const char *path, *rest;
    view_draw *draw;
    struct view_field fields[3];
    int status;
} cases[] = {
    {"/", "", view_home, {{"period", "month"}}, 200},
    {"/", "", view_home, {{"period", "all"}, {"by", "time"}}, 200},
    {"/", "", view_home, {{"user", "1"}, {"from", "2026-01-01"}, {"to", "2026-01-09"}}, 200},
    {"/artist/1", "1", view_artist, {{"user", "1"}}, 200},
    {"/album/1", "1", view_album, {{NULL, NULL}}, 200},
    {"/track/1", "1", view_track, {{NULL, NULL}}, 200},
    {"/track/999", "999", view_track, {{NULL, NULL}}, 404},
    {"/plays", "", view_plays, {{"q", "track"}}, 200},
    {"/plays", "", view_plays, {{"show", "deleted"}}, 200},
    {"/plays", "", view_plays, {{"user", "1"}, {"after", "1767225600000.1"}}, 200},
    {"/plays", "", view_plays, {{"source", "nobody"}}, 400},
    {"/plays.csv", "", view_download, {{"q", "track"}}, 200},
    {"/plays.json", "", view_download, {{"day", "2026-01-02"}}, 200},
    {"/year/2026", "2026", view_year, {{NULL, NULL}}, 200},
    {"/year/2026.svg", "2026.svg", view_year, {{NULL, NULL}}, 200},
    {"/coverage", "", view_coverage, {{"user", "1"}}, 200},
    {"/choices", "", view_choices, {{NULL, NULL}}, 200},
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static struct zone *zone;

/* Forty days of two people, an import among them, a gap, a play that was deleted. */
static void fill(void)
{
    struct store *store = store_help_open(STORE_WRITER);

    store_help_begin(store, STORE_RELAXED);
    store_help_user(store, "bob");
    for (int i = 0; i < 300; i++)
        ck_assert_int_eq(
            store_help_play(store, 1 + i % 2, STORE_HELP_T0 + i * INT64_C(11000000), 1 + i % 3),
            STORE_OK);
    store_help_commit(store);
    store_close(store);
    store_help_exec(store_help_db(),
                    "UPDATE played_tracks SET deleted_at = 1 WHERE (user_id, played_at) IN"
                    " (SELECT user_id, played_at FROM played_tracks LIMIT 3);"
                    "INSERT INTO gaps (user_id, after_played_at, before_played_at, detected_at,"
                    " certainty, cause) VALUES (1, 1767600000000, 1767700000000, 1767700000000,"
                    " 'likely', 'daemon_down')");
    store_help_sum_up();
}

static void setup(void)
{
    store_memory_install();
    store_help_setup();
    store_help_make();
    fill();
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
}

static void teardown(void)
{
    zone_free(zone);
    store_help_teardown();
}

/* What a view answers: its body, or that of its file, behind its status. From malloc. */
static char *take(struct view_answer *answer)
{
    char *text = NULL;

    if (answer->fd >= 0) {
        off_t size = lseek(answer->fd, 0, SEEK_END);

        text = calloc(1, (size_t)size + 1);
        ck_assert_ptr_nonnull(text);
        ck_assert_int_eq(pread(answer->fd, text, (size_t)size, 0), size);
    } else if (answer->body.data != NULL) {
        text = strndup(answer->body.data, answer->body.len);
    } else {
        text = strdup("");
    }
    return text;
}

static enum store_result draw(int i, int k, bool *fired, int *status, char **text)
{
    struct store *store = store_help_open(STORE_READER);
    struct view_request request = {
        .site = {.title = "History", .token = "T", .version = "1", .here = cases[i].path},
        .path = cases[i].path,
        .rest = cases[i].rest,
        .fields = (struct view_field *)cases[i].fields,
        .zone = zone,
        .zone_chosen = "",
        .now = NOW,
        .covers = true,
    };
    struct view_answer answer = {
        .status = 200, .type = VIEW_HTML, .fd = -1, .body = {.limit = 1 << 20}};
    enum store_result result;

    while (request.field_count < 3 && cases[i].fields[request.field_count].name != NULL)
        request.field_count++;
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    store_memory_order(k);
    result = cases[i].draw(store, &request, &answer);
    *fired = store_memory_end();
    *status = answer.status;
    *text = take(&answer);
    ck_assert_msg(*fired || result == STORE_OK, "%s", store_message(store));
    if (answer.fd >= 0)
        close(answer.fd);
    buf_free(&answer.body, false);
    arena_free(&answer.arena);
    store_rollback(store);
    store_close(store);
    return result;
}

START_TEST(a_view_answers_with_its_status)
{
    bool fired;
    int status;
    char *text;

    ck_assert_int_eq(draw(_i, 0, &fired, &status, &text), STORE_OK);
    ck_assert_int_eq(status, cases[_i].status);
    ck_assert_uint_gt(strlen(text), 20);
    free(text);
}
END_TEST

START_TEST(E16_a_view_without_memory_fails_and_draws_the_same_the_next_time)
{
    bool fired = true;
    int status, failures = 0;
    char *text, *whole;

    ck_assert_int_eq(draw(_i, 0, &fired, &status, &whole), STORE_OK);
    fired = true;
    for (int k = 1; fired; k += 1 + k / 8) {
        enum store_result result = draw(_i, k, &fired, &status, &text);

        failures += result != STORE_OK;
        /* SQLite can do without some; what it draws then is as good. */
        if (result == STORE_OK && status == cases[_i].status)
            ck_assert_msg(strcmp(text, whole) == 0, "allocation %d: %s", k, text);
        free(text);
    }
    ck_assert(failures > 0 || cases[_i].draw == view_choices);
    free(whole);
}
END_TEST

Suite *view_faults_suite(void)
{
    Suite *suite = suite_create("view_faults");
    TCase *tcase = tcase_create("views");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, a_view_answers_with_its_status, 0, CASES);
    tcase_add_loop_test(tcase, E16_a_view_without_memory_fails_and_draws_the_same_the_next_time, 0,
                        CASES);
    suite_add_tcase(suite, tcase);
    return suite;
}
