/* SPDX-License-Identifier: MIT */
/* Lines, tables and times for people. */
#include "ctl/print.h"

#include <check.h>
#include <locale.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

static const char *const headings[] = {"N", "NAME", "LAST"};

/* What stands where standard output is no terminal, whatever it is while the tests run. */
static void begin(struct print_table *table, const char *const *names, size_t columns,
                  unsigned right)
{
    print_table_begin(table, names, columns, right);
    table->look = (struct print_look){0};
}

static void draw(struct print_table *table, const char *name)
{
    print_table_add(table, (const char *[]){"1", name, "x"});
    print_table_add(table, (const char *[]){"12", "Bo", "yy"});
    ck_assert(print_table_end(table, &out));
}

START_TEST(a_table_is_as_wide_as_its_widest_cells)
{
    struct print_table table;

    begin(&table, headings, 3, 1U);
    draw(&table, "J\xc3\xbcrgen");
    ck_assert_str_eq(out.data, " N  NAME    LAST\n"
                               " 1  J\xc3\xbcrgen  x\n"
                               "12  Bo      yy\n");
}
END_TEST

/* name, and the blanks that stand between it and the next column. */
static const struct {
    const char *name, *behind;
} wide[] = {
    {"\xe6\x97\xa5\xe6\x9c\xac", "  "}, /* two wide characters */
    {"e\xcc\x81xyz", "  "},             /* a combining accent */
    {"\xf0\x9f\x8e\xb5xy", "  "},       /* an emoji is wide */
    {"a\xe2\x80\x8b"
     "bcd",
     "  "}, /* a blank of no width */
};

START_TEST(widths_are_columns_and_not_bytes)
{
    struct print_table table;
    char expected[200];

    begin(&table, headings, 3, 1U);
    draw(&table, wide[_i].name);
    snprintf(expected, sizeof(expected), " N  NAME  LAST\n 1  %s%sx\n12  Bo    yy\n", wide[_i].name,
             wide[_i].behind);
    ck_assert_str_eq(out.data, expected);
}
END_TEST

/* The library would not come to an end there. */
START_TEST(a_table_is_the_same_in_a_locale_of_single_bytes)
{
    struct print_table table;

    setlocale(LC_CTYPE, "C");
    begin(&table, headings, 3, 1U);
    draw(&table, "\xe6\x97\xa5\xe6\x9c\xac");
    ck_assert_str_eq(out.data, " N  NAME  LAST\n"
                               " 1  \xe6\x97\xa5\xe6\x9c\xac  x\n"
                               "12  Bo    yy\n");
}
END_TEST

START_TEST(empty_cells_leave_no_blanks_at_the_end_of_a_line)
{
    struct print_table table;

    begin(&table, headings, 3, 1U);
    print_table_add(&table, (const char *[]){"1", "", ""});
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, "N  NAME  LAST\n1\n");
}
END_TEST

START_TEST(on_a_narrow_terminal_only_what_may_be_cut_is_cut)
{
    struct print_table table;

    begin(&table, headings, 3, 1U);
    table.look.width = 20;
    table.cut = 1U << 1;
    print_table_add(&table, (const char *[]){"1234", "a name that goes on and on", "2026-11-22"});
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, "   N  NAME  LAST\n1234  a na  2026-11-22\n");
}
END_TEST

START_TEST(a_wide_character_is_not_cut_in_half)
{
    static const char *const names[] = {"NAME", "LAST"};
    struct print_table table;

    begin(&table, names, 2, 0);
    table.look.width = 15;
    table.cut = 1U << 0;
    print_table_add(&table, (const char *[]){"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
                                             "\xe6\x97\xa5",
                                             "12345678"});
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, "NAME   LAST\n\xe6\x97\xa5\xe6\x97\xa5   12345678\n");
}
END_TEST

START_TEST(a_sentence_goes_on_in_the_next_line_of_a_terminal)
{
    static const char *const names[] = {"CHECK", "FOUND"};
    struct print_table table;

    begin(&table, names, 2, 0);
    table.look.width = 20;
    table.whole = 1U << 1;
    print_table_add(&table, (const char *[]){"disk", "one two three four five"});
    ck_assert(print_table_end(&table, &out));
    ck_assert_str_eq(out.data, "CHECK  FOUND\ndisk   one two three\n        four five\n");
}
END_TEST

START_TEST(colours_are_only_there_where_they_are_wanted)
{
    struct print_table table;

    begin(&table, headings, 3, 1U);
    table.look = (struct print_look){.colours = true, .width = 80};
    print_table_add(&table, (const char *[]){"1", "Bo", "bad"});
    print_table_style(&table, 2, PRINT_BAD);
    ck_assert(print_table_end(&table, &out));
    ck_assert_ptr_nonnull(strstr(out.data, "\x1b[1mNAME\x1b[0m"));
    ck_assert_ptr_nonnull(strstr(out.data, "\x1b[31mbad\x1b[0m"));
    buf_clear(&out, false);
    begin(&table, headings, 3, 1U);
    print_table_add(&table, (const char *[]){"1", "Bo", "bad"});
    print_table_style(&table, 2, PRINT_BAD);
    ck_assert(print_table_end(&table, &out));
    ck_assert_ptr_null(strchr(out.data, '\x1b'));
}
END_TEST

START_TEST(a_styled_text_is_escaped_all_the_same)
{
    print_styled(&out, (struct print_look){.colours = true}, PRINT_WARNING, "a\x1b[0m");
    ck_assert_str_eq(out.data, "\x1b[33ma\\x1b[0m\x1b[0m");
}
END_TEST

START_TEST(what_is_no_terminal_has_neither_colours_nor_a_width)
{
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    setenv("TERM", "xterm", 1);
    ck_assert(!print_look_now().colours);
    ck_assert_uint_eq(print_look_now().width, 0);
}
END_TEST

/* Environment of a terminal, and whether it gets colours. */
static const struct {
    const char *no_color, *term;
    bool colours;
} terminals[] = {
    {NULL, "xterm", true},
    {"", "xterm", true},
    {"1", "xterm", false},
    {NULL, "dumb", false},
};

START_TEST(a_terminal_has_colours_unless_somebody_minds)
{
    struct winsize size = {.ws_col = 72, .ws_row = 20};
    int ends[2];

    ck_assert_int_eq(openpty(&ends[0], &ends[1], NULL, NULL, &size), 0);
    ck_assert_int_ge(dup2(ends[1], STDOUT_FILENO), 0);
    unsetenv("NO_COLOR");
    if (terminals[_i].no_color)
        setenv("NO_COLOR", terminals[_i].no_color, 1);
    setenv("TERM", terminals[_i].term, 1);
    ck_assert_int_eq(print_look_now().colours, terminals[_i].colours);
    ck_assert_uint_eq(print_look_now().width, 72);
}
END_TEST

static const struct width {
    unsigned short told;
    const char *columns; /* NULL: not set */
    size_t width;
} widths[] = {
    {72, "100", 72}, {0, "100", 100}, {0, NULL, 80},       {0, "", 80},
    {0, "wide", 80}, {0, "-100", 80}, {0, "10000", 10000}, {0, "10001", 80},
};

START_TEST(a_terminal_that_tells_no_width_has_that_of_the_environment_or_80)
{
    struct winsize size = {.ws_col = widths[_i].told, .ws_row = 20};
    int ends[2];

    ck_assert_int_eq(openpty(&ends[0], &ends[1], NULL, NULL, &size), 0);
    ck_assert_int_ge(dup2(ends[1], STDOUT_FILENO), 0);
    unsetenv("COLUMNS");
    if (widths[_i].columns)
        setenv("COLUMNS", widths[_i].columns, 1);
    ck_assert_uint_eq(print_look_now().width, widths[_i].width);
}
END_TEST

START_TEST(a_cell_is_escaped_and_cut)
{
    static const char *const names[] = {"NAME"};
    char name[400];
    const char *cells[] = {name};
    struct print_table table;

    memset(name, 'x', sizeof(name) - 1);
    name[0] = '\t';
    name[sizeof(name) - 1] = '\0';
    begin(&table, names, 1, 0);
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
    tcase_add_test(test, a_table_is_as_wide_as_its_widest_cells);
    tcase_add_loop_test(test, widths_are_columns_and_not_bytes, 0, sizeof(wide) / sizeof(wide[0]));
    tcase_add_test(test, a_table_is_the_same_in_a_locale_of_single_bytes);
    tcase_add_test(test, empty_cells_leave_no_blanks_at_the_end_of_a_line);
    tcase_add_test(test, on_a_narrow_terminal_only_what_may_be_cut_is_cut);
    tcase_add_test(test, a_wide_character_is_not_cut_in_half);
    tcase_add_test(test, a_sentence_goes_on_in_the_next_line_of_a_terminal);
    tcase_add_test(test, colours_are_only_there_where_they_are_wanted);
    tcase_add_test(test, a_styled_text_is_escaped_all_the_same);
    tcase_add_test(test, what_is_no_terminal_has_neither_colours_nor_a_width);
    tcase_add_loop_test(test, a_terminal_that_tells_no_width_has_that_of_the_environment_or_80, 0,
                        sizeof(widths) / sizeof(widths[0]));
    tcase_add_loop_test(test, a_terminal_has_colours_unless_somebody_minds, 0,
                        sizeof(terminals) / sizeof(terminals[0]));
    tcase_add_test(test, a_cell_is_escaped_and_cut);
    tcase_add_test(test, a_time_is_shown_as_local_time);
    tcase_add_test(test, what_is_no_time_is_absent);
    tcase_add_test(test, output_that_cannot_be_written_ends_with_status_74);
    tcase_add_test(test, output_that_did_not_fit_into_memory_is_not_written);
    tcase_add_test(test, an_error_is_one_escaped_line);
    suite_add_tcase(suite, test);
    return suite;
}
