/* SPDX-License-Identifier: MIT */
/* The imports that there are, and their rejected rows, read back. */
#include "store/imports.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_help.h"

#define INSERT                                                                              \
    "INSERT INTO imports (import_id, user_id, file, hash, source, started_at, finished_at," \
    " row_count, added, matched, duplicate, rejected, first_at, last_at) VALUES "

static struct store *store;

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store_help_exec(store_help_db(), INSERT "(4, 1, 'b.json', 'cd', 'account', 700, NULL,"
                                            " 0, 0, 0, 0, 0, NULL, NULL),"
                                            "(3, 1, 'a.zip: one.json', 'ab', 'extended', 500, 600,"
                                            " 15, 1, 2, 4, 8, 100, 200)");
    store_help_exec(store_help_db(), "INSERT INTO import_rejects VALUES"
                                     " (3, 12, 'no_time', NULL), (3, 7, 'no_title', 'ts=x'),"
                                     " (4, 1, 'bad_ms', '')");
    store = store_help_open(STORE_READER);
}

static void teardown(void)
{
    store_close(store);
    store_help_teardown();
}

START_TEST(all_imports_are_read_in_the_order_of_their_numbers)
{
    struct store_import *imports;
    size_t count;

    ck_assert_int_eq(store_imports_load(store, &imports, &count), STORE_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(imports[0].import_id, 3);
    ck_assert_int_eq(imports[1].import_id, 4);
    free(imports);
}
END_TEST

START_TEST(an_import_is_read_as_it_is_stored)
{
    struct store_import import;

    ck_assert_int_eq(store_import_load(store, 3, &import), STORE_OK);
    ck_assert_int_eq(import.user_id, 1);
    ck_assert_str_eq(import.file, "a.zip: one.json");
    ck_assert_str_eq(import.hash, "ab");
    ck_assert_str_eq(import.source, "extended");
    ck_assert_int_eq(import.started_at, 500);
    ck_assert_int_eq(import.finished_at, 600);
    ck_assert_int_eq(import.row_count, 15);
    ck_assert_int_eq(import.added, 1);
    ck_assert_int_eq(import.matched, 2);
    ck_assert_int_eq(import.duplicate, 4);
    ck_assert_int_eq(import.rejected, 8);
    ck_assert_int_eq(import.first_at, 100);
    ck_assert_int_eq(import.last_at, 200);
}
END_TEST

START_TEST(times_that_are_not_known_are_none)
{
    struct store_import import;

    ck_assert_int_eq(store_import_load(store, 4, &import), STORE_OK);
    ck_assert(import.finished_at == STORE_NO_TIME);
    ck_assert(import.first_at == STORE_NO_TIME);
    ck_assert(import.last_at == STORE_NO_TIME);
}
END_TEST

START_TEST(an_import_that_is_not_there_is_not_found)
{
    struct store_import import;

    ck_assert_int_eq(store_import_load(store, 5, &import), STORE_NOT_FOUND);
    ck_assert_str_eq(store_message(store), "there is no import 5");
}
END_TEST

START_TEST(a_name_that_is_too_long_is_cut_before_a_character)
{
    struct store_import import;

    store_close(store);
    store_help_exec(store_help_db(), "UPDATE imports SET file = 'xy' || replace(hex(zeroblob(300)),"
                                     " '00', 'a\xc3\xa9') WHERE import_id = 3");
    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_import_load(store, 3, &import), STORE_OK);
    ck_assert_uint_eq(strlen(import.file), 510);
    ck_assert_str_eq(import.file + 507, "\xc3\xa9"
                                        "a");
}
END_TEST

static int64_t rows[4];
static char words[4][40];
static size_t taken;

static void take(const struct store_import_reject *reject, void *context)
{
    ck_assert_ptr_eq(context, &taken);
    ck_assert_uint_lt(taken, 4);
    rows[taken] = reject->row_no;
    snprintf(words[taken++], sizeof(words[0]), "%s|%s", reject->reason, reject->excerpt);
}

START_TEST(rejected_rows_of_an_import_come_in_order)
{
    taken = 0;
    ck_assert_int_eq(store_import_rejects(store, 3, take, &taken), STORE_OK);
    ck_assert_uint_eq(taken, 2);
    ck_assert_int_eq(rows[0], 7);
    ck_assert_str_eq(words[0], "no_title|ts=x");
    ck_assert_int_eq(rows[1], 12);
    ck_assert_str_eq(words[1], "no_time|");
}
END_TEST

START_TEST(an_import_without_rejected_rows_has_none)
{
    taken = 0;
    ck_assert_int_eq(store_import_rejects(store, 9, take, &taken), STORE_OK);
    ck_assert_uint_eq(taken, 0);
}
END_TEST

Suite *store_imports_suite(void);

Suite *store_imports_suite(void)
{
    Suite *suite = suite_create("store_imports");
    TCase *test = tcase_create("list");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, all_imports_are_read_in_the_order_of_their_numbers);
    tcase_add_test(test, an_import_is_read_as_it_is_stored);
    tcase_add_test(test, times_that_are_not_known_are_none);
    tcase_add_test(test, an_import_that_is_not_there_is_not_found);
    tcase_add_test(test, a_name_that_is_too_long_is_cut_before_a_character);
    tcase_add_test(test, rejected_rows_of_an_import_come_in_order);
    tcase_add_test(test, an_import_without_rejected_rows_has_none);
    suite_add_tcase(suite, test);
    return suite;
}
