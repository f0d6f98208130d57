/* SPDX-License-Identifier: MIT */
/* A thousand accounts, a tenth of them in every kind of trouble at once: the others are polled on
 * time. */
#include "harness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/users.h"
#include "vault/vault.h"

#define PEOPLE 1000
#define INTERVAL_MS 8000
#define INTERVALS 4 /* that are measured, after the first */

/* Kinds of trouble; account n has the kind n / 10 % KINDS when n is a multiple of ten. */
static const struct {
    const char *rule, *body;
} trouble[] = {
    {"'kind':'recent','hang':true", NULL},
    {"'kind':'recent','reset':true", NULL},
    {"'kind':'recent','close':true", NULL},
    {"'kind':'recent','status':500,'generate':'empty'", NULL},
    {"'kind':'recent','status':502,'generate':'html'", NULL},
    {"'kind':'recent','status':200,'generate':'truncated'", NULL},
    {"'kind':'recent','status':200,'generate':'deep'", NULL},
    {"'kind':'recent','status':200,'generate':'wrong-types'", NULL},
    {"'kind':'recent','status':401", NULL},
    {"'kind':'recent','status':403", "User not registered in the Developer Dashboard"},
    {"'kind':'recent','status':400", NULL},
    {"'kind':'recent','delay_ms':900", NULL},
    {"'kind':'token','status':400", "{'error':'invalid_grant'}"},
    {"'kind':'token','status':503,'generate':'html'", NULL},
    {"'kind':'token','hang':true", NULL},
};

#define KINDS COUNT_OF(trouble)

static void make_trouble(void)
{
    char rule[200];

    for (int account = 10; account <= PEOPLE; account += 10) {
        size_t kind = (size_t)(account / 10) % KINDS;

        snprintf(rule, sizeof(rule), "{'account':%d,'count':0,%s}", account, trouble[kind].rule);
        if (trouble[kind].body)
            fake_fault_body(rule, "%s", trouble[kind].body);
        else
            fake_fault("%s", rule);
    }
}

static void put_token(struct store *store, const struct vault *vault, int64_t user_id,
                      const char *token)
{
    struct store_token row = {.expires_at = STORE_NO_TIME, .updated_at = harness_now()};

    ck_assert_int_eq(vault_seal(vault, user_id, store_token_type_name(STORE_TOKEN_REFRESH), token,
                                strlen(token), &row.sealed, &row.sealed_len),
                     VAULT_OK);
    ck_assert_int_eq(store_token_put(store, user_id, STORE_TOKEN_REFRESH, &row), STORE_OK);
    free(row.sealed);
}

/* Signs everybody in as the daemon stores it, by the library: a thousand sign-ins of their own are
 * not what is tested here. */
static void sign_in_all(void)
{
    char why[400], source[400];
    json_t *state = fake_ask("state", NULL), *accounts = json_object_get(state, "accounts");
    struct store *store;
    struct vault *vault;
    json_t *account;
    size_t i;

    ck_assert_msg(store_open(harness.database, STORE_WRITER, &store, why, sizeof(why)) == STORE_OK,
                  "%s", why);
    ck_assert_int_eq(vault_open(harness.key_file, false, &vault, source, sizeof(source)), VAULT_OK);
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_OK);
    json_array_foreach (accounts, i, account) {
        struct store_user user = {.state_since = harness_now(),
                                  .added_at = harness_now(),
                                  .authorized_at = harness_now(),
                                  .last_success_at = STORE_NO_TIME,
                                  .first_sweep_at = STORE_NO_TIME,
                                  .anchor_played_at = STORE_NO_TIME,
                                  .refused_at = STORE_NO_TIME};

        snprintf(user.spotify_id, sizeof(user.spotify_id), "%s",
                 json_string_value(json_object_get(account, "id")));
        ck_assert_int_eq(store_user_add(store, &user), STORE_OK);
        put_token(store, vault, user.user_id,
                  json_string_value(json_object_get(account, "refresh_token")));
    }
    ck_assert_int_eq(store_commit(store), STORE_OK);
    store_close(store);
    vault_close(vault);
    json_decref(state);
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

/* How long after the one before each poll of a healthy user began, in ms, sorted. */
static size_t measure(int64_t **pauses)
{
    sqlite3 *db;
    sqlite3_stmt *rows;
    int64_t user = 0, last = 0;
    size_t count = 0, cap = PEOPLE * (INTERVALS + 4) * 4;

    *pauses = calloc(cap, sizeof(int64_t));
    ck_assert_ptr_nonnull(*pauses);
    ck_assert_int_eq(sqlite3_open_v2(harness.database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db,
                                        "SELECT user_id, started_at FROM polls WHERE user_id % 10 "
                                        "!= 0 ORDER BY user_id, started_at",
                                        -1, &rows, NULL),
                     SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW && count < cap) {
        int64_t at = sqlite3_column_int64(rows, 1);

        if (sqlite3_column_int64(rows, 0) == user)
            (*pauses)[count++] = at - last;
        user = sqlite3_column_int64(rows, 0);
        last = at;
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    qsort(*pauses, count, sizeof(int64_t), compare);
    return count;
}

START_TEST(J4_P11_the_healthy_of_a_thousand_are_polled_on_time_while_a_tenth_fails_in_every_way)
{
    int64_t *pauses, worst, p99;
    size_t count;

    harness.config.poll_interval = harness.config.sweep_interval = "8s";
    harness.config.request_timeout = "2s";
    harness.config.max_in_flight = "32";
    harness.config.daily_call_budget = "0";
    harness.config.level = "notice";
    fake_start("--accounts", "1000");
    hd_write_config();
    hd_once(); /* makes the database and the key */
    sign_in_all();
    make_trouble();
    hd_start();
    harness_wait_until(db_int("SELECT count(DISTINCT user_id) FROM polls WHERE outcome IN ('ok', "
                              "'empty')") >= PEOPLE * 9 / 10);
    harness_stays(true, INTERVALS * INTERVAL_MS);
    hd_stop(SIGTERM);
    count = measure(&pauses);
    ck_assert_uint_gt(count, PEOPLE * 9 / 10 * (INTERVALS - 1));
    p99 = pauses[count * 99 / 100];
    worst = pauses[count - 1];
    fprintf(stderr,
            "%zu polls of %d healthy of %d users, every %d ms: median %lld, p90 %lld, p99 %lld, "
            "longest pause %lld ms\n",
            count, PEOPLE * 9 / 10, PEOPLE, INTERVAL_MS, (long long)pauses[count / 2],
            (long long)pauses[count * 9 / 10], (long long)p99, (long long)worst);
    ck_assert_int_le(p99, INTERVAL_MS * 11 / 10);
    ck_assert_int_le(worst, 2 * INTERVAL_MS);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users WHERE user_id %% 10 != 0 AND state != "
                            "'active'"),
                     0);
    free(pauses);
}
END_TEST

Suite *people_suite(void)
{
    Suite *suite = suite_create("people");
    TCase *many = harness_case(suite, "a thousand");

    tcase_set_tags(many, "timing");
    tcase_add_test(
        many, J4_P11_the_healthy_of_a_thousand_are_polled_on_time_while_a_tenth_fails_in_every_way);
    return suite;
}
