/* SPDX-License-Identifier: MIT */
/* Names of time zones out of a file of the system's, whatever stands in it. */
#include "web/zone_names.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store_help.h"

static struct zone_names *names;

static void setup(void)
{
    store_help_setup();
    names = calloc(1, sizeof(*names));
    ck_assert_ptr_nonnull(names);
}

static void teardown(void)
{
    zone_names_free(names);
    free(names);
    store_help_teardown();
}

static void read_bytes(const char *text, size_t len)
{
    const char *path = store_help_path("zones.tab");

    store_help_write(path, text, len, 0600);
    zone_names_read(path, names);
}

static void read_text(const char *text)
{
    read_bytes(text, strlen(text));
}

START_TEST(names_are_the_third_column_sorted_and_each_once)
{
    read_text("# a comment\twith\tTabs\n"
              "DE,DK\t+5230+01322\tEurope/Berlin\tmost of Germany\n"
              "XX\t+00\tAmerica/Port-au-Prince\n"
              "YY\t+00\tEurope/Berlin\n"
              "US\t+00\tAmerica/Argentina/Rio_Gallegos\r\n");
    ck_assert_uint_eq(names->count, 3);
    ck_assert_str_eq(names->names[0], "America/Argentina/Rio_Gallegos");
    ck_assert_str_eq(names->names[1], "America/Port-au-Prince");
    ck_assert_str_eq(names->names[2], "Europe/Berlin");
}
END_TEST

static const char *const odd[] = {
    "",
    "\n\n\n",
    "no columns at all",
    "one\ttab",
    "A\tB\t\n",
    "A\tB\t<script>alert(1)</script>\n",
    "A\tB\tEurope/\"Berlin\"\n",
    "A\tB\t/etc/passwd\n",
    "A\tB\tEurope/\n",
    "A\tB\tEurope//Berlin\n",
    "A\tB\tEurope/\xc3\xa5\n",
    "A\tB\tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
};

START_TEST(what_is_no_name_is_left_out)
{
    read_text(odd[_i]);
    ck_assert_uint_eq(names->count, 0);
}
END_TEST

START_TEST(what_stands_behind_a_NUL_is_not_read)
{
    static const char text[] = "A\tB\tOne\n\0A\tB\tTwo\n";

    read_bytes(text, sizeof(text) - 1);
    ck_assert_uint_eq(names->count, 1);
}
END_TEST

START_TEST(more_names_than_there_is_room_for_are_left_out)
{
    struct buf text = {0};

    for (int i = 0; i < 2 * ZONE_NAMES_MAX; i++)
        buf_addf(&text, "A\tB\tZone/N%d\n", i);
    read_bytes(text.data, text.len);
    ck_assert_uint_eq(names->count, ZONE_NAMES_MAX);
    buf_free(&text, false);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_not_read)
{
    char *text = malloc(ZONE_NAMES_FILE_MAX + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, '\n', ZONE_NAMES_FILE_MAX + 1);
    memcpy(text, "A\tB\tOne\n", 8);
    read_bytes(text, ZONE_NAMES_FILE_MAX);
    ck_assert_uint_eq(names->count, 1);
    zone_names_free(names);
    read_bytes(text, ZONE_NAMES_FILE_MAX + 1);
    ck_assert_uint_eq(names->count, 0);
    free(text);
}
END_TEST

START_TEST(what_is_no_file_gives_no_names_and_holds_nobody_up)
{
    const char *pipe = store_help_path("pipe");

    zone_names_read(store_help_path("absent"), names);
    ck_assert_uint_eq(names->count, 0);
    zone_names_read(store_help_folder(), names);
    ck_assert_uint_eq(names->count, 0);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    zone_names_read(pipe, names);
    ck_assert_uint_eq(names->count, 0);
}
END_TEST

Suite *web_zone_names_suite(void)
{
    Suite *suite = suite_create("web_zone_names");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, names_are_the_third_column_sorted_and_each_once);
    tcase_add_loop_test(all, what_is_no_name_is_left_out, 0, sizeof(odd) / sizeof(odd[0]));
    tcase_add_test(all, what_stands_behind_a_NUL_is_not_read);
    tcase_add_test(all, more_names_than_there_is_room_for_are_left_out);
    tcase_add_test(all, a_file_that_is_too_large_is_not_read);
    tcase_add_test(all, what_is_no_file_gives_no_names_and_holds_nobody_up);
    suite_add_tcase(suite, all);
    return suite;
}
