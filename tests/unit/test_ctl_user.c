/* SPDX-License-Identifier: MIT */
/* Whom a person means. */
#include "ctl/user.h"

#include <check.h>
#include <locale.h>
#include <string.h>

#include "lib/count.h"

static const char people[] = "[{'user':1,'spotify_id':'ann01','name':'Ann'},"
                             "{'user':2,'spotify_id':'3','name':'Bob'},"
                             "{'user':3,'spotify_id':'cleo','name':'ann'},"
                             "{'user':4,'spotify_id':'dora','name':'J\xc3\xbcrgen'},"
                             "{'user':5,'spotify_id':'bob','name':'7'},"
                             "{'user':6,'spotify_id':'eve','name':null},"
                             "{'user':7,'spotify_id':'twin1','name':'Twin'},"
                             "{'user':8,'spotify_id':'twin2','name':'Twin'},"
                             "{'user':9,'spotify_id':'bad','name':'\\u001b[2J\\u202e'}]";

static json_t *users;
static struct buf why;

static void load(const char *text)
{
    char json[2048];
    size_t len = strlen(text);

    ck_assert_uint_lt(len, sizeof(json));
    for (size_t i = 0; i <= len; i++) {
        if (text[i] == '\'')
            json[i] = '"';
        else
            json[i] = text[i];
    }
    users = json_loads(json, 0, NULL);
    ck_assert_ptr_nonnull(users);
}

static void setup(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    load(people);
}

static void teardown(void)
{
    json_decref(users);
    buf_free(&why, false);
}

static const struct found_case {
    const char *text;
    int user;
} found[] = {
    {"1", 1},     {"3", 3},   /* a number goes before a Spotify id */
    {"ann01", 1}, {"bob", 5}, /* a Spotify id goes before a name */
    {"Ann", 1},               /* the exact name before one in another case */
    {"ann", 3},   {"BOB", 2},   {"j\xc3\x9cRGEN", 4}, {"7", 7}, /* a number before a name */
    {"eve", 6},   {"twin2", 8},
};

START_TEST(a_user_is_found_by_number_id_and_name_in_this_order)
{
    const json_t *user = user_find(users, found[_i].text, &why);

    ck_assert_msg(user != NULL, "%s: %s", found[_i].text, why.data);
    ck_assert_int_eq(user_number(user), found[_i].user);
    ck_assert_uint_eq(why.len, 0);
}
END_TEST

static const char *const unknown[] = {"", "0", "-1", "10", "01x", "annn", "an", "ANN01", "null"};

START_TEST(nobody_is_found_by_what_is_nobodys)
{
    ck_assert_ptr_null(user_find(users, unknown[_i], &why));
    ck_assert_ptr_nonnull(strstr(why.data, "there is no user"));
    ck_assert_ptr_nonnull(strstr(why.data, "1 Ann (ann01), 2 Bob (3)"));
}
END_TEST

START_TEST(a_name_that_two_have_names_both_and_nobody_else)
{
    ck_assert_ptr_null(user_find(users, "Twin", &why));
    ck_assert_str_eq(why.data, "more than one user is called \"Twin\", give the number: "
                               "7 Twin (twin1), 8 Twin (twin2)");
}
END_TEST

START_TEST(a_name_that_two_have_in_other_cases_is_ambiguous)
{
    ck_assert_ptr_null(user_find(users, "aNN", &why));
    ck_assert_str_eq(why.data, "more than one user is called \"aNN\", give the number: "
                               "1 Ann (ann01), 3 ann (cleo)");
}
END_TEST

START_TEST(without_users_the_way_to_sign_in_is_told)
{
    json_decref(users);
    load("[]");
    ck_assert_ptr_null(user_find(users, "ann", &why));
    ck_assert_str_eq(why.data, "nobody has signed in yet: spotify-historyctl login");
}
END_TEST

START_TEST(a_hostile_name_is_escaped_where_it_is_named)
{
    ck_assert_ptr_null(user_find(users, "\x1b]0;x", &why));
    ck_assert_ptr_nonnull(strstr(why.data, "\"\\x1b]0;x\""));
    ck_assert_ptr_nonnull(strstr(why.data, "9 \\x1b[2J\\xe2\\x80\\xae (bad)"));
}
END_TEST

START_TEST(what_is_no_list_of_users_finds_nobody)
{
    json_decref(users);
    load("[null,7,{},{'user':'1','name':5},{'name':'x'}]");
    ck_assert_ptr_null(user_find(users, "1", &why));
    ck_assert_ptr_null(user_find(NULL, "1", &why));
}
END_TEST

START_TEST(many_candidates_are_not_all_named)
{
    json_decref(users);
    users = json_array();
    for (int i = 1; i <= 30; i++)
        json_array_append_new(users, json_pack("{sisssn}", "user", i, "spotify_id", "u", "name"));
    ck_assert_ptr_null(user_find(users, "nobody", &why));
    ck_assert_ptr_nonnull(strstr(why.data, ", 20 u, ..."));
    ck_assert_ptr_null(strstr(why.data, "21 u"));
}
END_TEST

Suite *ctl_user_suite(void)
{
    Suite *suite = suite_create("ctl_user");
    TCase *test = tcase_create("user");

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, a_user_is_found_by_number_id_and_name_in_this_order, 0, COUNT(found));
    tcase_add_loop_test(test, nobody_is_found_by_what_is_nobodys, 0, COUNT(unknown));
    tcase_add_test(test, a_name_that_two_have_names_both_and_nobody_else);
    tcase_add_test(test, a_name_that_two_have_in_other_cases_is_ambiguous);
    tcase_add_test(test, without_users_the_way_to_sign_in_is_told);
    tcase_add_test(test, a_hostile_name_is_escaped_where_it_is_named);
    tcase_add_test(test, what_is_no_list_of_users_finds_nobody);
    tcase_add_test(test, many_candidates_are_not_all_named);
    suite_add_tcase(suite, test);
    return suite;
}
