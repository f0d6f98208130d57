/* SPDX-License-Identifier: MIT */
/* The words that completions offer are those that the commands take. */
#include <check.h>
#include <string.h>

#include "archive/export.h"
#include "ctl/ctl.h"
#include "ctl/when.h"

#define NOW INT64_C(1795400000000)

static size_t count(const char *argument)
{
    size_t number = 0;

    while (ctl_value_at(argument, number))
        number++;
    return number;
}

START_TEST(each_format_that_is_offered_is_one)
{
    const char *value;

    for (size_t i = 0; (value = ctl_value_at("FORMAT", i)) != NULL; i++)
        ck_assert_ptr_eq(export_format_find(value), export_format_at(i));
    ck_assert_uint_ge(count("FORMAT"), 5);
}
END_TEST

START_TEST(each_time_that_is_offered_has_a_beginning_and_an_end)
{
    const char *value;
    int64_t begin, end;

    for (size_t i = 0; (value = ctl_value_at("TIME", i)) != NULL; i++) {
        ck_assert_msg(when_parse(value, NOW, &begin), "%s", value);
        ck_assert_msg(when_name_ends(value, NOW, &end), "%s", value);
        ck_assert_int_lt(begin, end);
    }
    ck_assert_uint_ge(count("TIME"), 8);
}
END_TEST

/* top refuses another word with just these. */
START_TEST(kinds_and_measures_are_those_that_top_names)
{
    ck_assert_uint_eq(count("KIND"), 3);
    ck_assert_uint_eq(count("MEASURE"), 2);
    ck_assert_str_eq(ctl_value_at("MEASURE", 0), "plays");
    ck_assert_str_eq(ctl_value_at("MEASURE", 1), "time");
}
END_TEST

START_TEST(an_argument_of_any_text_has_no_words)
{
    ck_assert_uint_eq(count("FILE"), 0);
    ck_assert_uint_eq(count(""), 0);
}
END_TEST

Suite *ctl_values_suite(void);

Suite *ctl_values_suite(void)
{
    Suite *suite = suite_create("ctl_values");
    TCase *test = tcase_create("values");

    tcase_add_test(test, each_format_that_is_offered_is_one);
    tcase_add_test(test, each_time_that_is_offered_has_a_beginning_and_an_end);
    tcase_add_test(test, kinds_and_measures_are_those_that_top_names);
    tcase_add_test(test, an_argument_of_any_text_has_no_words);
    suite_add_tcase(suite, test);
    return suite;
}
