/* SPDX-License-Identifier: MIT */
/* What a look through the whole file finds, as a reader and as the writer. */
#include "store/inspect.h"

#include <check.h>
#include <string.h>

#include "store_help.h"

#define NOW STORE_HELP_T0

static int64_t broken(enum store_rule rule)
{
    struct store *store = store_help_open(STORE_READER);
    int64_t rows = -1;

    ck_assert_int_eq(store_inspect_rule(store, rule, NOW, &rows), STORE_OK);
    store_close(store);
    return rows;
}

START_TEST(a_new_database_is_sound_and_breaks_no_rule)
{
    struct store *store;
    struct store_layout layout;
    char first[100];
    int64_t count = -1;

    store_help_make();
    for (int i = 0; i < STORE_RULE_COUNT; i++)
        ck_assert_msg(broken((enum store_rule)i) ==
                          (i == STORE_RULE_SIGN_IN), /* the user of these tests has no token */
                      "rule %d", i);
    store = store_help_open(STORE_READER);
    for (int quick = 0; quick < 2; quick++) {
        ck_assert_int_eq(store_inspect_integrity(store, quick != 0, &count, first, sizeof(first)),
                         STORE_OK);
        ck_assert_int_eq(count, 0);
        ck_assert_str_eq(first, "");
    }
    ck_assert_int_eq(store_inspect_references(store, &count, first, sizeof(first)), STORE_OK);
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(store_inspect_layout(store, &layout), STORE_OK);
    ck_assert_int_ge(layout.version, 2);
    ck_assert_int_eq(layout.page_size, 4096);
    ck_assert_int_gt(layout.pages, 10);
    store_close(store);
}
END_TEST

static const struct {
    enum store_rule rule;
    const char *good, *bad;
} rules[] = {
#define PLAY(at, nudge, deleted)                                                                \
    "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, nudge_ms," \
    " deleted_at) VALUES (1, " at ", 1, 'api', 0, " nudge ", " deleted ")"
    {STORE_RULE_NUDGE, PLAY("1700000000000", "60000", "NULL"), PLAY("1700000000001", "-1", "NULL")},
    {STORE_RULE_NUDGE, PLAY("1700000000000", "0", "NULL"), PLAY("1700000000001", "60001", "NULL")},
    {STORE_RULE_TIMES, PLAY("1136073600000", "0", "NULL"), PLAY("1136073599999", "0", "NULL")},
    {STORE_RULE_TIMES, PLAY("1767225600000 + 2 * 86400000", "0", "NULL"),
     PLAY("1767225600001 + 2 * 86400000", "0", "NULL")},
    {STORE_RULE_TIMES, PLAY("1000", "0", "5"), PLAY("1001", "0", "NULL")},
    {STORE_RULE_ANCHOR,
     PLAY("1700000000000", "0", "NULL") "; UPDATE users SET anchor_played_at = 1700000000000",
     "UPDATE users SET anchor_played_at = 1700000000001"},
    {STORE_RULE_ANCHOR, "UPDATE users SET anchor_played_at = NULL",
     "UPDATE users SET anchor_played_at = 5"},
#define GAP(after, before)                                                                         \
    "INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause, detected_at)" \
    " VALUES (1, " after ", " before ", 'likely', 'unknown', 0)"
    {STORE_RULE_GAPS, GAP("1", "2"), GAP("2", "2")},
#define IMPORT(rows)                                                                           \
    "INSERT INTO imports (user_id, file, hash, source, started_at, row_count, added, matched," \
    " duplicate, rejected) VALUES (1, 'a', 'b', 'extended', 0, " rows ", 1, 2, 3, 4)"
    {STORE_RULE_IMPORTS, IMPORT("10"), IMPORT("11")},
#define TOLD(at, source)                                                                         \
    "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at, import_id)" \
    " VALUES (1, " at ", 1, '" source "', 0, 1)"
#define DETAILS "; INSERT INTO details (detail_id, import_id) VALUES (1, 1);"
#define DETAILED(at) "; UPDATE played_tracks SET detail_id = 1 WHERE played_at = " at
#define BESIDE(at, column) \
    "; INSERT INTO play_tellings (user_id, played_at, " column ") VALUES (1, " at ", 60000)"
    {STORE_RULE_TELLINGS, IMPORT("10") DETAILS TOLD("60000", "extended") DETAILED("60000"),
     TOLD("60001", "extended")},
    {STORE_RULE_TELLINGS, IMPORT("10") ";" TOLD("60000", "api") BESIDE("60000", "short_at"),
     TOLD("60001", "api")},
    {STORE_RULE_TELLINGS,
     IMPORT("10") DETAILS TOLD("60000", "api") DETAILED("60000") BESIDE("60000", "long_at"),
     TOLD("60001", "api") DETAILED("60001") BESIDE("60001", "short_at")},
    {STORE_RULE_TELLINGS, IMPORT("10") DETAILS TOLD("60000", "account"),
     TOLD("60001", "account") DETAILED("60001")},
    {STORE_RULE_TELLINGS, IMPORT("10") DETAILS TOLD("60000", "extended") DETAILED("60000"),
     "DELETE FROM details"},
    {STORE_RULE_TELLINGS, IMPORT("10") ";" TOLD("60000", "account"), "DELETE FROM imports"},
    {STORE_RULE_TELLINGS,
     "INSERT INTO contexts VALUES (1, 1, 'x');" PLAY(
         "60000", "0", "NULL") "; UPDATE played_tracks SET context_id = 1",
     "UPDATE played_tracks SET context_id = 2"},
    {STORE_RULE_SIGN_IN,
     "INSERT INTO tokens (user_id, type, sealed, updated_at) VALUES (1, 'refresh', x'00', 0)",
     "UPDATE tokens SET type = 'access'"},
};

START_TEST(each_rule_tells_what_breaks_it_from_what_does_not)
{
    store_help_make();
    store_help_exec(store_help_db(), rules[_i].good);
    ck_assert_int_eq(broken(rules[_i].rule), 0);
    store_help_exec(store_help_db(), rules[_i].bad);
    ck_assert_int_eq(broken(rules[_i].rule), 1);
}
END_TEST

/* The table forbids it: only a file whose index is gone can hold it. */
START_TEST(two_users_of_one_account_are_found_without_the_index)
{
    store_help_make();
    store_help_exec(store_help_db(),
                    "PRAGMA writable_schema = ON;"
                    "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_users_2';"
                    "UPDATE sqlite_schema SET sql = replace(sql, 'TEXT UNIQUE,', 'TEXT,')"
                    " WHERE name = 'users'");
    store_help_exec(store_help_db(),
                    "UPDATE users SET account_id = 'a'; INSERT INTO users (spotify_id, account_id,"
                    " state_since, added_at) VALUES ('another', 'a', 0, 0)");
    ck_assert_int_eq(broken(STORE_RULE_ACCOUNTS), 1);
}
END_TEST

START_TEST(rows_that_name_what_is_not_there_are_counted)
{
    struct store *store;
    char first[100];
    int64_t rows = 0;

    store_help_make();
    store_help_exec(store_help_db(), "PRAGMA foreign_keys = OFF;"
                                     "INSERT INTO tokens (user_id, type, sealed, updated_at)"
                                     " VALUES (9, 'access', x'00', 0), (9, 'refresh', x'00', 0)");
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_inspect_references(store, &rows, first, sizeof(first)), STORE_OK);
    ck_assert_int_eq(rows, 2);
    ck_assert_str_eq(first, "a row of tokens names one of users");
    store_close(store);
}
END_TEST

START_TEST(a_look_fits_into_a_transaction_that_only_reads)
{
    struct store *store;
    int64_t rows = -1;

    store_help_make();
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin_read(store), STORE_OK);
    ck_assert_int_eq(store_inspect_rule(store, STORE_RULE_GAPS, NOW, &rows), STORE_OK);
    store_rollback(store);
    ck_assert_int_eq(rows, 0);
    store_close(store);
}
END_TEST

Suite *store_inspect_suite(void);

Suite *store_inspect_suite(void)
{
    Suite *suite = suite_create("store_inspect");
    TCase *test = tcase_create("inspect");

    tcase_add_checked_fixture(test, store_help_setup, store_help_teardown);
    tcase_add_test(test, a_new_database_is_sound_and_breaks_no_rule);
    tcase_add_loop_test(test, each_rule_tells_what_breaks_it_from_what_does_not, 0,
                        (int)(sizeof(rules) / sizeof(rules[0])));
    tcase_add_test(test, two_users_of_one_account_are_found_without_the_index);
    tcase_add_test(test, rows_that_name_what_is_not_there_are_counted);
    tcase_add_test(test, a_look_fits_into_a_transaction_that_only_reads);
    suite_add_tcase(suite, test);
    return suite;
}
