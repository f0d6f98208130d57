/* SPDX-License-Identifier: MIT */
/* What names a play on a command line. */
#include <check.h>

#include "ctl/key.h"

static const struct {
    const char *text;
    struct store_place place;
} keys[] = {
    {"1795302000000", {1795302000000, 0}},
    {"1795302000000.2", {1795302000000, 2}},
    {"0", {0, 0}},
    {"-1.7", {-1, 7}},
    {"9223372036854775807.9223372036854775807", {INT64_MAX, INT64_MAX}},
    {"-9223372036854775808", {INT64_MIN, 0}},
};

START_TEST(a_key_is_read_and_written_as_it_was)
{
    struct store_place place = {-1, -1};
    char text[KEY_SIZE];

    ck_assert(key_parse(keys[_i].text, &place));
    ck_assert_int_eq(place.key, keys[_i].place.key);
    ck_assert_int_eq(place.user_id, keys[_i].place.user_id);
    ck_assert_str_eq(key_format(place, text), keys[_i].text);
}
END_TEST

static const char *const none[] = {
    "",
    ".",
    ".1",
    "1.",
    "1.0",
    "1.-1",
    "1.2.3",
    "1,2",
    " 1",
    "1 ",
    "+1",
    "x",
    "1.x",
    "1.2 ",
    "9223372036854775808",
    "1.9223372036854775808",
};

START_TEST(what_is_no_key_is_not_read)
{
    struct store_place place = {5, 6};

    ck_assert(!key_parse(none[_i], &place));
    ck_assert_int_eq(place.key, 5);
    ck_assert_int_eq(place.user_id, 6);
}
END_TEST

Suite *ctl_key_suite(void);

Suite *ctl_key_suite(void)
{
    Suite *suite = suite_create("ctl_key");
    TCase *test = tcase_create("key");

    tcase_add_loop_test(test, a_key_is_read_and_written_as_it_was, 0,
                        sizeof(keys) / sizeof(keys[0]));
    tcase_add_loop_test(test, what_is_no_key_is_not_read, 0, sizeof(none) / sizeof(none[0]));
    suite_add_tcase(suite, test);
    return suite;
}
