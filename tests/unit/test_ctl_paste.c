/* SPDX-License-Identifier: MIT */
/* Lines from a descriptor. */
#include "ctl/paste.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct paste paste;
static char line[PASTE_LINE_MAX];
static int ends[2];

static void setup(void)
{
    ck_assert_int_eq(pipe(ends), 0);
    memset(&paste, 0, sizeof(paste));
    paste.fd = ends[0];
}

static void bring(const char *text)
{
    ck_assert_int_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void expect_line(const char *text)
{
    ck_assert_int_eq(paste_read(&paste, 0, line), PASTE_LINE);
    ck_assert_str_eq(line, text);
}

START_TEST(lines_come_one_a_call_without_their_ends)
{
    bring("one\ntwo\r\n\nfour");
    expect_line("one");
    expect_line("two");
    expect_line("");
    ck_assert_int_eq(paste_read(&paste, 0, line), PASTE_NOTHING);
}
END_TEST

START_TEST(a_line_that_comes_in_pieces_is_put_together)
{
    bring("http://127.0.0.1");
    ck_assert_int_eq(paste_read(&paste, 0, line), PASTE_NOTHING);
    bring(":8888/?code=x\n");
    expect_line("http://127.0.0.1:8888/?code=x");
}
END_TEST

START_TEST(a_last_line_without_an_end_counts)
{
    bring("one\nlast");
    close(ends[1]);
    expect_line("one");
    expect_line("last");
    ck_assert_int_eq(paste_read(&paste, 0, line), PASTE_END);
    ck_assert_int_eq(paste_read(&paste, -1, line), PASTE_END);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_read_is_at_its_end)
{
    paste.fd = ends[1];
    close(ends[0]);
    ck_assert_int_eq(paste_read(&paste, -1, line), PASTE_END);
}
END_TEST

START_TEST(an_over_long_line_is_cut_and_does_not_overflow)
{
    char many[1000];

    memset(many, 'x', sizeof(many) - 1);
    many[sizeof(many) - 1] = '\0';
    for (int i = 0; i < 20; i++)
        bring(many);
    ck_assert_int_eq(paste_read(&paste, 0, line), PASTE_LINE);
    ck_assert_uint_eq(strlen(line), PASTE_LINE_MAX - 1);
}
END_TEST

START_TEST(nothing_that_was_read_stays_behind)
{
    bring("secret\nsecond secret\n");
    expect_line("secret");
    expect_line("second secret");
    for (size_t i = 0; i < sizeof(paste.data); i++)
        ck_assert_msg(paste.data[i] == '\0', "byte %zu is %d", i, paste.data[i]);
}
END_TEST

Suite *ctl_paste_suite(void)
{
    Suite *suite = suite_create("ctl_paste");
    TCase *test = tcase_create("paste");

    tcase_add_checked_fixture(test, setup, NULL);
    tcase_add_test(test, lines_come_one_a_call_without_their_ends);
    tcase_add_test(test, a_line_that_comes_in_pieces_is_put_together);
    tcase_add_test(test, a_last_line_without_an_end_counts);
    tcase_add_test(test, a_descriptor_that_cannot_be_read_is_at_its_end);
    tcase_add_test(test, an_over_long_line_is_cut_and_does_not_overflow);
    tcase_add_test(test, nothing_that_was_read_stays_behind);
    suite_add_tcase(suite, test);
    return suite;
}
