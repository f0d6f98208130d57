/* SPDX-License-Identifier: MIT */
/* Lines, tables and times for people. */
#include "ctl/print.h"

#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/exit.h"

static struct buf out;

static void setup(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void teardown(void)
{
    buf_free(&out, false);
}

START_TEST(control_and_bidi_characters_and_bad_bytes_are_escaped)
{
    // NOLINTNEXTLINE(misc-misleading-bidirectional): that is what must not get through
    print_text(&out, "a\x1b[0m\n\xe2\x80\xae\xff\xc2\x9b \xc3\xa9\\");
    ck_assert_str_eq(out.data, "a\\x1b[0m\\x0a\\xe2\\x80\\xae\\xff\\xc2\\x9b \xc3\xa9\\");
}
END_TEST

START_TEST(a_long_text_is_printed_whole)
{
    char text[5001];

    memset(text, 'x', 5000);
    text[5000] = '\0';
    print_text(&out, text);
    ck_assert_str_eq(out.data, text);
}
END_TEST

START_TEST(no_text_is_nothing)
{
    ck_assert(print_text(&out, NULL));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(width_counts_columns_and_not_bytes)
{
    ck_assert_uint_eq(print_width(""), 0);
    ck_assert_uint_eq(print_width("Ann"), 3);
    ck_assert_uint_eq(print_width("J\xc3\xbcrgen"), 6);
    ck_assert_uint_eq(print_width("\xe6\x97\xa5\xe6\x9c\xac"), 4); /* two wide characters */
    ck_assert_uint_eq(print_width("e\xcc\x81"), 1);                /* a combining accent */
}
END_TEST

START_TEST(what_the_locale_does_not_know_counts_one_column)
{
    setlocale(LC_CTYPE, "C");
    ck_assert_uint_eq(print_width("\xff"), 1);
    ck_assert_uint_eq(print_width("a\x01"), 2);
}
END_TEST

START_TEST(a_table_is_as_wide_as_its_widest_cells)
{
    static const char *const headings[] = {"N", "NAME", "LAST"};
    static const char *const rows[][3] = {{"1", "J\xc3\xbcrgen", "x"}, {"12", "Bo", "yy"}};
    struct print_table table;

    print_table_begin(&table, headings, 3, 1U);
    print_table_add(&table, rows[0]);
    print_table_add(&table, rows[1]);
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, " N  NAME    LAST\n"
                               " 1  J\xc3\xbcrgen  x\n"
                               "12  Bo      yy\n");
}
END_TEST

START_TEST(a_row_ends_without_blanks)
{
    static const char *const headings[] = {"N", "LAST", "MORE"};
    static const char *const cells[] = {"1", "", ""};
    struct print_table table;

    print_table_begin(&table, headings, 3, 0);
    print_table_add(&table, cells);
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, "N  LAST  MORE\n1\n");
}
END_TEST

START_TEST(a_cell_is_escaped_and_cut)
{
    static const char *const headings[] = {"NAME"};
    char name[400];
    const char *cells[] = {name};
    struct print_table table;

    memset(name, 'x', sizeof(name) - 1);
    name[0] = '\t';
    name[sizeof(name) - 1] = '\0';
    print_table_begin(&table, headings, 1, 0);
    print_table_add(&table, cells);
    ck_assert(print_table_end(&table, &out));
    ck_assert_int_eq(strncmp(out.data, "NAME\n\\x09xxx", 12), 0);
    ck_assert_uint_lt(out.len, 5 + PRINT_CELL_SIZE + 1);
    ck_assert_ptr_nonnull(strstr(out.data, "x...\n"));
}
END_TEST

START_TEST(a_time_is_shown_as_local_time)
{
    char text[PRINT_TIME_SIZE];

    setenv("TZ", "XYZ-5:30", 1);
    tzset();
    ck_assert_str_eq(print_time("2026-11-22T18:00:00.000Z", "never", text), "2026-11-22 23:30");
}
END_TEST

START_TEST(what_is_no_time_is_absent)
{
    char text[PRINT_TIME_SIZE];

    ck_assert_str_eq(print_time(NULL, "never", text), "never");
    ck_assert_str_eq(print_time("soon", "never", text), "never");
}
END_TEST

START_TEST(output_that_cannot_be_written_ends_with_status_74)
{
    ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    buf_add_text(&out, "x\n");
    ck_assert_int_eq(print_out(&out), EXIT_STATUS_IO);
}
END_TEST

START_TEST(output_that_did_not_fit_into_memory_is_not_written)
{
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    out.limit = 1;
    buf_add_text(&out, "xx");
    ck_assert_int_eq(print_out(&out), EXIT_STATUS_SOFTWARE);
}
END_TEST

START_TEST(an_error_is_one_escaped_line)
{
    char line[200] = "";
    int ends[2];
    ssize_t len;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
    print_error("sync", "%s", "two\nlines\x1b");
    len = read(ends[0], line, sizeof(line) - 1);
    ck_assert_int_gt(len, 0);
    ck_assert_str_eq(line, "spotify-historyctl: sync: two\\x0alines\\x1b\n");
}
END_TEST

Suite *ctl_print_suite(void)
{
    Suite *suite = suite_create("ctl_print");
    TCase *test = tcase_create("print");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, control_and_bidi_characters_and_bad_bytes_are_escaped);
    tcase_add_test(test, a_long_text_is_printed_whole);
    tcase_add_test(test, no_text_is_nothing);
    tcase_add_test(test, width_counts_columns_and_not_bytes);
    tcase_add_test(test, what_the_locale_does_not_know_counts_one_column);
    tcase_add_test(test, a_table_is_as_wide_as_its_widest_cells);
    tcase_add_test(test, a_row_ends_without_blanks);
    tcase_add_test(test, a_cell_is_escaped_and_cut);
    tcase_add_test(test, a_time_is_shown_as_local_time);
    tcase_add_test(test, what_is_no_time_is_absent);
    tcase_add_test(test, output_that_cannot_be_written_ends_with_status_74);
    tcase_add_test(test, output_that_did_not_fit_into_memory_is_not_written);
    tcase_add_test(test, an_error_is_one_escaped_line);
    suite_add_tcase(suite, test);
    return suite;
}
