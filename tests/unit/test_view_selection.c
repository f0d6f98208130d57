/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "web/view_selection.h"

static struct zone *zone;

static void setup(void)
{
    zone = zone_open("UTC");
    ck_assert_ptr_nonnull(zone);
}

static void teardown(void)
{
    zone_free(zone);
}

static const char *read(const char *name, const char *value, struct view_selection *selection)
{
    struct view_field field = {name, value};
    struct view_request request = {.fields = &field, .field_count = 1, .zone = zone};
    struct view_people people = {.user_id = 3};

    return view_selection_read(&request, &people, selection);
}

START_TEST(without_fields_it_is_everything_of_the_account)
{
    struct view_selection selection;

    ck_assert_ptr_null(read("other", "x", &selection));
    ck_assert_int_eq(selection.search.user_id, 3);
    ck_assert_int_eq(selection.search.since, STORE_NO_TIME);
    ck_assert_int_eq(selection.search.until, STORE_NO_TIME);
    ck_assert_ptr_null(selection.search.words);
    ck_assert(!selection.search.deleted && !selection.place_given);
}
END_TEST

START_TEST(days_are_bounds_of_which_the_last_counts_in_full)
{
    struct view_selection selection;

    ck_assert_ptr_null(read("from", "1970-01-02", &selection));
    ck_assert_int_eq(selection.search.since, 86400000);
    ck_assert_ptr_null(read("to", "1970-01-02", &selection));
    ck_assert_int_eq(selection.search.until, 2 * 86400000);
}
END_TEST

START_TEST(one_day_is_both_bounds)
{
    struct view_selection selection;

    ck_assert_ptr_null(read("day", "1970-01-02", &selection));
    ck_assert_int_eq(selection.search.since, 86400000);
    ck_assert_int_eq(selection.search.until, 2 * 86400000);
    ck_assert_str_eq(selection.to, "1970-01-02");
}
END_TEST

START_TEST(a_place_is_read_as_it_was_written)
{
    struct store_place place = {.key = 1763800000123, .user_id = 2}, read = {0};
    char text[VIEW_PLACE_SIZE];

    view_place_format(place, text);
    ck_assert(view_place_parse(text, &read));
    ck_assert_int_eq(read.key, place.key);
    ck_assert_int_eq(read.user_id, place.user_id);
}
END_TEST

START_TEST(before_goes_on_and_after_goes_back)
{
    struct view_selection selection;

    ck_assert_ptr_null(read("before", "17.2", &selection));
    ck_assert(!selection.back);
    ck_assert_ptr_null(read("after", "17.2", &selection));
    ck_assert(selection.back);
}
END_TEST

static const struct {
    const char *name, *value;
} nonsense[] = {
    {"from", "2026-02-30"}, {"to", "yesterday"},
    {"source", "radio"},    {"show", "secrets"},
    {"before", "17"},       {"before", "17.0"},
    {"before", "x.1"},      {"after", "."},
    {"before", "17.-1"},    {"after", "99999999999999999999.1"},
};

START_TEST(H8_what_makes_no_sense_is_refused_in_words)
{
    struct view_selection selection;
    const char *problem = read(nonsense[_i].name, nonsense[_i].value, &selection);

    ck_assert_msg(problem != NULL && problem[0] != '\0', "%s=%s", nonsense[_i].name,
                  nonsense[_i].value);
}
END_TEST

START_TEST(more_words_than_can_be_searched_for_are_refused)
{
    char words[STORE_SEARCH_WORDS_MAX + 2];
    struct view_selection selection;

    memset(words, 'a', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    ck_assert_ptr_nonnull(read("q", words, &selection));
    words[sizeof(words) - 2] = '\0';
    ck_assert_ptr_null(read("q", words, &selection));
}
END_TEST

Suite *view_selection_suite(void)
{
    Suite *suite = suite_create("view_selection");
    TCase *selection = tcase_create("selection");

    tcase_add_checked_fixture(selection, setup, teardown);
    tcase_add_test(selection, without_fields_it_is_everything_of_the_account);
    tcase_add_test(selection, days_are_bounds_of_which_the_last_counts_in_full);
    tcase_add_test(selection, one_day_is_both_bounds);
    tcase_add_test(selection, a_place_is_read_as_it_was_written);
    tcase_add_test(selection, before_goes_on_and_after_goes_back);
    tcase_add_loop_test(selection, H8_what_makes_no_sense_is_refused_in_words, 0,
                        (int)(sizeof(nonsense) / sizeof(nonsense[0])));
    tcase_add_test(selection, more_words_than_can_be_searched_for_are_refused);
    suite_add_tcase(suite, selection);
    return suite;
}
