/* SPDX-License-Identifier: MIT */
/* Every command without memory, wherever it asks for some: it ends with a failure and says so, or
 * does all it was asked for; it never says half. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ctl_help.h"
#include "lib/count.h"
#include "memory_help.h"
#include "store_help.h"

#define ANN "{\"user\":1,\"spotify_id\":\"ann01\",\"name\":\"Ann\",\"state\":\"active\"}"
#define TIMED "{\"stage\":\"done\",\"end\":\"stored\",\"added\":2,\"id\":\"q\"}"

static const struct ctl_help_answer answers[] = {
    {"GET /v1/users", 200, "{\"users\":[" ANN "]}"},
    {"GET /v1/status", 200,
     "{\"running\":true,\"version\":\"1\",\"todo\":[\"Do it\"],\"setup\":[\"One\"],\"page\":\"x\","
     "\"spotify\":{\"opens_at\":\"2026-01-01T00:00:00.000Z\",\"calls_last_24_hours\":5},"
     "\"database\":{\"path\":\"/x\"},\"users\":[" ANN "]}"},
    {"POST /v1/sync", 202, "{\"users\":[{\"user\":1,\"polled\":false,\"why\":\"signed_out\"}]}"},
    {"POST /v1/users/1/forget", 200, "{\"removed\":{\"plays\":1,\"gaps\":2}}"},
    {"POST /v1/users/1/plays/5/delete", 200, "{}"},
    {"POST /v1/rebuild", 202, "{\"done\":true,\"plays\":1}"},
    {"POST /v1/undo-import", 202, TIMED},
    {"POST /v1/imports", 201, TIMED},
    {"POST /v1/imports/q/rows", 200, "{}"},
    {"POST /v1/imports/q/start", 202, "{}"},
    {"POST /v1/imports/q/cancel", 200, "{}"},
    {"GET /v1/imports/q", 200, TIMED},
    CTL_HELP_END};

static const struct run {
    bool by_daemon;
    bool finds_less; /* what cannot be looked at is said to be so, in other words */
    const char *words[6];
} runs[] = {
    {true, false, {"users"}},
    {true, false, {"users", "--json"}},
    {true, false, {"status"}},
    {true, false, {"status", "--json"}},
    {true, false, {"sync"}},
    {true, true, {"forget", "--yes", "Ann"}},
    {true, false, {"delete-play", "5"}},
    {true, false, {"delete-play", "--json", "5.1"}},
    {true, false, {"rebuild"}},
    {false, false, {"users"}},
    {false, false, {"status", "--json"}},
    {false, false, {"recent"}},
    {false, false, {"recent", "--json", "--user", "ann01"}},
    {false, false, {"top", "tracks"}},
    {false, false, {"top", "artists", "--json"}},
    {false, false, {"stats"}},
    {false, false, {"stats", "--json"}},
    {false, false, {"gaps"}},
    {false, false, {"gaps", "--json"}},
    {false, false, {"imports"}},
    {false, false, {"imports", "--json"}},
    {false, false, {"export", "--format", "csv"}},
    {false, false, {"export", "--format", "json"}},
    {false, false, {"--help"}},
    {false, false, {"recent", "--help"}},
};

static const struct run *run;
static int status, good_status;
static char good[65536];

static void call(void)
{
    status = ctl_help_call(run->words);
}

/* What was said without a fault is kept, and stands for all of it. */
static void look(long failed)
{
    const char *out = ctl_help_out();

    if (failed == 0) {
        good_status = status;
        snprintf(good, sizeof(good), "%s", out);
        ck_assert_msg(status < EXIT_STATUS_USAGE, "%d: %s", status, ctl_help_err());
        return;
    }
    if (status == good_status) {
        ck_assert_msg(run->finds_less || strlen(out) == strlen(good),
                      "without allocation %ld, not all of it: %.500s", failed, out);
    } else {
        ck_assert_int_ge(status, EXIT_STATUS_USAGE);
        ck_assert_msg(ctl_help_err()[0] != '\0',
                      "without allocation %ld, status %d, and nothing said", failed, status);
    }
}

static void make_database(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    int64_t user;

    store_help_begin(store, STORE_DURABLE);
    user = store_help_user(store, "ann01");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(
            store_help_play(store, user, STORE_HELP_T0 + i * 1000, store_help_track(store, i + 1)),
            STORE_OK);
    store_help_commit(store);
    store_close(store);
    store_help_sum_up();
}

START_TEST(E16_a_command_without_memory_fails_and_says_so_or_does_all_of_it)
{
    struct memory_work work = {.work = call, .after = look};

    run = &runs[_i];
    work.name = run->words[0];
    work.with_sqlite = strcmp(run->words[0], "gaps") == 0; /* the store's own tests do the rest */
    make_database();
    if (run->by_daemon)
        ctl_help_daemon(answers);
    memory_try_all(&work);
}
END_TEST

Suite *ctl_memory_suite(void)
{
    Suite *suite = suite_create("ctl_memory");
    TCase *test = tcase_create("commands");

    tcase_set_timeout(test, 60);
    tcase_add_checked_fixture(test, ctl_help_setup, ctl_help_teardown);
    tcase_add_loop_test(test, E16_a_command_without_memory_fails_and_says_so_or_does_all_of_it, 0,
                        COUNT(runs));
    suite_add_tcase(suite, test);
    return suite;
}
