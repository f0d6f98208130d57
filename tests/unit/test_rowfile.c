/* SPDX-License-Identifier: MIT */
/* Rows that wait in a file: what goes in comes out, and nothing else goes in. */
#include "capture/rowfile.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chance.h"
#include "lib/nth_call.h"
#include "store_help.h"

#define NOW STORE_HELP_T0
#define EARLIER (NOW - 365 * CLOCK_DAY)

static struct rowfile *rows;

static void setup(void)
{
    store_help_setup();
    store_help_write(store_help_db(), "", 0, 0600);
    rows = rowfile_new(store_help_db(), archive_record_latest(NOW), INT64_MAX);
    ck_assert_ptr_nonnull(rows);
}

static void teardown(void)
{
    rowfile_free(rows);
    store_help_teardown();
}

/* A record of a moment, whose name has so many bytes. */
static size_t make(uint8_t out[static ARCHIVE_RECORD_MAX], int64_t ended_at, size_t name_len)
{
    static struct archive_row row;

    row = (struct archive_row){.form = ARCHIVE_FORM_LONG,
                               .row_no = 1,
                               .ended_at = ended_at,
                               .ms_played = 1000,
                               .uri = "spotify:track:0000000000000000000001",
                               .offline_at = CLOCK_NO_TIME};
    memset(row.name, 'n', name_len);
    memset(row.artist, 'a', name_len);
    memset(row.album, 'b', name_len);
    return archive_record_put_row(out, &row);
}

static enum rowfile_result add(int64_t ended_at, size_t name_len)
{
    uint8_t record[ARCHIVE_RECORD_MAX];
    size_t len = make(record, ended_at, name_len);

    return rowfile_add(rows, record, len);
}

/* The moment of the next record; -1: there is none. */
static int64_t next_moment(const struct archive_supply *supply)
{
    static struct archive_record record;
    size_t len;
    bool failed = true;
    const uint8_t *data = supply->next(supply->context, &len, &failed);

    ck_assert(!failed);
    if (!data)
        return -1;
    ck_assert_uint_eq(archive_record_get(data, len, INT64_MAX, &record), len);
    return record.row.ended_at;
}

/* Of all sizes, so that some lie across each border of the buffer that reads them. */
START_TEST(what_goes_in_comes_out_in_order)
{
    struct chance chance = chance_open("what_goes_in_comes_out_in_order");
    struct archive_supply supply;

    for (int i = 0; i < 500; i++)
        ck_assert_int_eq(add(EARLIER + i, 1 + chance_below(&chance, ARCHIVE_TEXT_MAX - 1)),
                         ROWFILE_OK);
    ck_assert_int_eq(rowfile_count(rows), 500);
    for (int round = 0; round < 2; round++) {
        supply = rowfile_supply(rows);
        for (int i = 0; i < 500; i++)
            ck_assert_int_eq(next_moment(&supply), EARLIER + i);
        ck_assert_int_eq(next_moment(&supply), -1);
        ck_assert_int_eq(next_moment(&supply), -1);
    }
}
END_TEST

START_TEST(a_piece_has_many_records)
{
    uint8_t piece[3 * ARCHIVE_RECORD_MAX];
    size_t len = 0;
    struct archive_supply supply;

    for (int i = 0; i < 3; i++)
        len += make(piece + len, EARLIER + i, 1000);
    ck_assert_int_eq(rowfile_add(rows, piece, len), ROWFILE_OK);
    ck_assert_int_eq(rowfile_count(rows), 3);
    supply = rowfile_supply(rows);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(next_moment(&supply), EARLIER + i);
}
END_TEST

START_TEST(without_rows_there_is_no_file_and_nothing_to_read)
{
    struct archive_supply supply;

    ck_assert_int_eq(rowfile_add(rows, "", 0), ROWFILE_OK);
    supply = rowfile_supply(rows);
    ck_assert_int_eq(next_moment(&supply), -1);
}
END_TEST

/* Not the end of the rows: an import would leave out the rest. */
START_TEST(rows_that_cannot_be_read_back_are_a_failure)
{
    struct archive_supply supply;
    size_t len;
    bool failed = false;

    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_OK);
    supply = rowfile_supply(rows);
    nth_call_order(NTH_CALL_FILE, 1);
    ck_assert_ptr_null(supply.next(supply.context, &len, &failed));
    ck_assert(nth_call_end());
    ck_assert(failed);
}
END_TEST

START_TEST(a_read_or_write_that_is_interrupted_is_made_again)
{
    struct archive_supply supply;
    int64_t moment;

    nth_call_order(NTH_CALL_BROKEN, 1);
    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_OK);
    ck_assert(nth_call_end());
    supply = rowfile_supply(rows);
    nth_call_order(NTH_CALL_BROKEN, 1);
    moment = next_moment(&supply);
    ck_assert(nth_call_end());
    ck_assert_int_eq(moment, EARLIER);
}
END_TEST

START_TEST(records_of_the_same_moment_are_in_order)
{
    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_OK);
    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_OK);
    ck_assert_int_eq(add(EARLIER - 1, 1), ROWFILE_UNSOUND);
    ck_assert_int_eq(rowfile_count(rows), 2);
}
END_TEST

/* Nothing of a piece is taken when its end is bad: the next one may begin before it. */
START_TEST(a_piece_with_a_bad_end_is_not_taken)
{
    uint8_t piece[2 * ARCHIVE_RECORD_MAX];
    size_t first = make(piece, EARLIER + 10, 1), len = first;
    struct archive_supply supply;

    len += make(piece + len, EARLIER + 20, 1);
    for (size_t cut = first + 1; cut < len; cut++)
        ck_assert_int_eq(rowfile_add(rows, piece, cut), ROWFILE_UNSOUND);
    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_OK);
    supply = rowfile_supply(rows);
    ck_assert_int_eq(next_moment(&supply), EARLIER);
    ck_assert_int_eq(next_moment(&supply), -1);
}
END_TEST

START_TEST(a_moment_that_has_not_come_is_unsound)
{
    ck_assert_int_eq(add(archive_record_latest(NOW), 1), ROWFILE_OK);
    ck_assert_int_eq(add(archive_record_latest(NOW) + 1, 1), ROWFILE_UNSOUND);
}
END_TEST

START_TEST(no_more_than_the_limit_is_taken)
{
    uint8_t record[ARCHIVE_RECORD_MAX];
    size_t len = make(record, EARLIER, 100);

    rowfile_free(rows);
    rows = rowfile_new(store_help_db(), archive_record_latest(NOW), (int64_t)len * 2);
    ck_assert_int_eq(rowfile_add(rows, record, len), ROWFILE_OK);
    ck_assert_int_eq(rowfile_add(rows, record, len), ROWFILE_OK);
    ck_assert_int_eq(rowfile_add(rows, record, len), ROWFILE_TOO_LARGE);
    ck_assert_int_eq(rowfile_count(rows), 2);
}
END_TEST

START_TEST(without_a_place_for_the_file_it_says_why)
{
    rowfile_free(rows);
    rows = rowfile_new("/nowhere/history.db", archive_record_latest(NOW), INT64_MAX);
    ck_assert_int_eq(add(EARLIER, 1), ROWFILE_FAILED);
    ck_assert_str_eq(rowfile_error(rows),
                     "making a file beside the database failed: No such file or directory");
    ck_assert_int_eq(rowfile_count(rows), 0);
}
END_TEST

Suite *rowfile_suite(void)
{
    Suite *suite = suite_create("rowfile");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, what_goes_in_comes_out_in_order);
    tcase_add_test(all, a_piece_has_many_records);
    tcase_add_test(all, without_rows_there_is_no_file_and_nothing_to_read);
    tcase_add_test(all, rows_that_cannot_be_read_back_are_a_failure);
    tcase_add_test(all, a_read_or_write_that_is_interrupted_is_made_again);
    tcase_add_test(all, records_of_the_same_moment_are_in_order);
    tcase_add_test(all, a_piece_with_a_bad_end_is_not_taken);
    tcase_add_test(all, a_moment_that_has_not_come_is_unsound);
    tcase_add_test(all, no_more_than_the_limit_is_taken);
    tcase_add_test(all, without_a_place_for_the_file_it_says_why);
    suite_add_tcase(suite, all);
    return suite;
}
