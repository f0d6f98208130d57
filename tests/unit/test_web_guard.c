/* SPDX-License-Identifier: MIT */
/* Who may do what on the page: forms, passwords, sessions. */
#include "web/guard.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define HOST "127.0.0.1:8888"

static char cookie[GUARD_BROWSER_SIZE];
static char token[VAULT_MAC_SIZE];

static void setup(void)
{
    guard_browser_new(cookie);
    guard_form_token(cookie, token);
}

/* A POST of a form of ours, as a browser of today sends it. */
static struct guard_post good_post(void)
{
    return (struct guard_post){.cookie = cookie,
                               .token = token,
                               .host = HOST,
                               .origin = "http://" HOST,
                               .site = "same-origin"};
}

static void check_refused(struct guard_post post)
{
    ck_assert_ptr_nonnull(guard_post_problem(&post));
}

/* ---- forms ---- */

START_TEST(a_form_of_ours_is_taken)
{
    struct guard_post post = good_post();

    ck_assert_ptr_null(guard_post_problem(&post));
}
END_TEST

START_TEST(a_browser_that_tells_neither_origin_nor_site_is_taken_by_its_token)
{
    struct guard_post post = good_post();

    post.origin = post.site = NULL;
    ck_assert_ptr_null(guard_post_problem(&post));
}
END_TEST

START_TEST(a_proxy_may_end_tls_before_the_page)
{
    struct guard_post post = good_post();

    post.origin = "https://" HOST;
    ck_assert_ptr_null(guard_post_problem(&post));
}
END_TEST

START_TEST(without_or_with_another_token_it_is_refused)
{
    struct guard_post post = good_post();
    char other[VAULT_MAC_SIZE];

    post.token = NULL;
    check_refused(post);
    post.token = "";
    check_refused(post);
    memcpy(other, token, sizeof(other));
    other[0] = other[0] == 'A' ? 'B' : 'A';
    post.token = other;
    check_refused(post);
    other[0] = token[0];
    other[VAULT_MAC_SIZE - 2] = '\0';
    check_refused(post);
}
END_TEST

START_TEST(the_token_of_another_browser_is_refused)
{
    struct guard_post post = good_post();
    char stranger[GUARD_BROWSER_SIZE], theirs[VAULT_MAC_SIZE];

    guard_browser_new(stranger);
    ck_assert_str_ne(stranger, cookie);
    guard_form_token(stranger, theirs);
    post.token = theirs;
    check_refused(post);
}
END_TEST

START_TEST(without_a_cookie_that_could_be_ours_it_is_refused)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "AAAAAAAAAAAAAAAAAAAAA",
                                      "AAAAAAAAAAAAAAAAAAAAAAA",
                                      "AAAAAAAAAAA AAAAAAAAAA",
                                      "AAAAAAAAAAAAAAAAAAAAA="};
    struct guard_post post = good_post();
    char theirs[VAULT_MAC_SIZE];

    post.cookie = NULL;
    check_refused(post);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        /* even with the token that would go with it */
        guard_form_token(bad[i], theirs);
        post.cookie = bad[i];
        post.token = theirs;
        check_refused(post);
    }
}
END_TEST

START_TEST(what_another_site_sends_is_refused_although_the_token_is_right)
{
    static const char *const origins[] = {"null",
                                          "",
                                          "http://evil.example",
                                          "http://127.0.0.1",
                                          "http://127.0.0.1:8889",
                                          "http://" HOST ".evil.example",
                                          "http://" HOST "/",
                                          "ftp://" HOST,
                                          HOST,
                                          "http://user@" HOST};
    static const char *const sites[] = {"cross-site", "same-site", "", "same-origin2"};

    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        struct guard_post post = good_post();

        post.origin = origins[i];
        check_refused(post);
    }
    for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
        struct guard_post post = good_post();

        post.site = sites[i];
        check_refused(post);
    }
}
END_TEST

START_TEST(the_way_after_the_password_leads_to_paths_of_ours_only)
{
    static const char *const good[] = {"/", "/spotify", "/spotify?signed_in=2",
                                       "/spotify/callback?code=a%2Fb&state=c"};
    static const char *const bad[] = {"",
                                      "spotify",
                                      "//evil.example",
                                      "/\\evil",
                                      "http://evil",
                                      "/a b",
                                      "/a\r\nX:y",
                                      "/a#b",
                                      "/password",
                                      "/a\"b",
                                      "/a<b",
                                      "/\xc3\xa9",
                                      "javascript:alert(1)",
                                      "/password/logout"};
    char text[GUARD_NEXT_MAX + 2];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(guard_next_is_ours(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!guard_next_is_ours(bad[i]), "%s", bad[i]);
    memset(text, 'a', sizeof(text));
    text[0] = '/';
    text[GUARD_NEXT_MAX] = '\0';
    ck_assert(guard_next_is_ours(text));
    text[GUARD_NEXT_MAX] = 'a';
    text[GUARD_NEXT_MAX + 1] = '\0';
    ck_assert(!guard_next_is_ours(text));
}
END_TEST

/* ---- the password ---- */

START_TEST(the_first_password_is_looked_at_at_once)
{
    struct guard guard = {0};

    ck_assert_int_eq(guard_password_wait(&guard, 0), 0);
    ck_assert_int_eq(guard_password_wait(&guard, 1000), 0);
}
END_TEST

START_TEST(two_checks_are_never_closer_than_half_a_second)
{
    struct guard guard = {0};

    guard_password_checked(&guard, 1000, true);
    ck_assert_int_eq(guard_password_wait(&guard, 1000), 500);
    ck_assert_int_eq(guard_password_wait(&guard, 1499), 1);
    ck_assert_int_eq(guard_password_wait(&guard, 1500), 0);
    guard_password_checked(&guard, 1500, false);
    ck_assert_int_eq(guard_password_wait(&guard, 1500), 500);
}
END_TEST

START_TEST(from_the_fifth_wrong_one_on_the_wait_doubles_up_to_a_minute)
{
    static const int64_t waits[] = {500,  500,   500,   500,   2000,  4000,
                                    8000, 16000, 32000, 60000, 60000, 60000};
    struct guard guard = {0};
    int64_t now = 1000;

    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        guard_password_checked(&guard, now, false);
        ck_assert_int_eq(guard_password_wait(&guard, now), waits[i]);
        now += waits[i];
        ck_assert_int_eq(guard_password_wait(&guard, now), 0);
    }
}
END_TEST

START_TEST(a_day_of_guessing_gets_fewer_than_two_thousand_guesses)
{
    struct guard guard = {0};
    int guesses = 0;

    for (int64_t now = 0; now < CLOCK_DAY; now += 100) {
        if (guard_password_wait(&guard, now) > 0)
            continue;
        guard_password_checked(&guard, now, false);
        guesses++;
    }
    ck_assert_int_gt(guesses, 1000); /* and a person who comes back is let in */
    ck_assert_int_lt(guesses, 2000);
}
END_TEST

START_TEST(the_right_one_and_ten_quiet_minutes_forget_the_wrong_ones)
{
    struct guard guard = {0};

    for (int i = 0; i < 6; i++)
        guard_password_checked(&guard, 0, false);
    guard_password_checked(&guard, 10000, true);
    guard_password_checked(&guard, 11000, false);
    ck_assert_int_eq(guard_password_wait(&guard, 11000), 500);
    for (int i = 0; i < 6; i++)
        guard_password_checked(&guard, 11000, false);
    guard_password_checked(&guard, 11000 + 10 * CLOCK_MINUTE + 1, false);
    ck_assert_int_eq(guard_password_wait(&guard, 11000 + 10 * CLOCK_MINUTE + 1), 500);
}
END_TEST

/* ---- sessions ---- */

START_TEST(a_session_is_open_for_thirty_days)
{
    struct guard guard = {0};
    char value[GUARD_SESSION_SIZE];

    guard_session_begin(&guard, 1000, value);
    ck_assert_uint_eq(strlen(value), GUARD_SESSION_SIZE - 1);
    ck_assert(guard_session_is_open(&guard, 1000, value));
    ck_assert(guard_session_is_open(&guard, 999 + 30 * CLOCK_DAY, value));
    ck_assert(!guard_session_is_open(&guard, 1000 + 30 * CLOCK_DAY, value));
}
END_TEST

START_TEST(nothing_else_opens_it)
{
    struct guard guard = {0};
    char value[GUARD_SESSION_SIZE], other[GUARD_SESSION_SIZE];

    ck_assert(!guard_session_is_open(&guard, 0, NULL));
    vault_random_text(other, 32);
    ck_assert(!guard_session_is_open(&guard, 0, other));
    guard_session_begin(&guard, 1000, value);
    ck_assert(!guard_session_is_open(&guard, 1000, other));
    ck_assert(!guard_session_is_open(&guard, 1000, ""));
    ck_assert(!guard_session_is_open(&guard, 1000, NULL));
    value[GUARD_SESSION_SIZE - 2] = '\0';
    ck_assert(!guard_session_is_open(&guard, 1000, value));
}
END_TEST

START_TEST(the_server_keeps_no_sessions_value)
{
    struct guard guard = {0};
    char value[GUARD_SESSION_SIZE];

    guard_session_begin(&guard, 1000, value);
    ck_assert_ptr_null(memmem(&guard, sizeof(guard), value, 8));
}
END_TEST

START_TEST(who_leaves_is_out_and_the_others_stay)
{
    struct guard guard = {0};
    char one[GUARD_SESSION_SIZE], two[GUARD_SESSION_SIZE];

    guard_session_begin(&guard, 1000, one);
    guard_session_begin(&guard, 1000, two);
    guard_session_end(&guard, one);
    ck_assert(!guard_session_is_open(&guard, 1000, one));
    ck_assert(guard_session_is_open(&guard, 1000, two));
    guard_sessions_end_all(&guard);
    ck_assert(!guard_session_is_open(&guard, 1000, two));
}
END_TEST

START_TEST(of_one_session_too_many_the_oldest_ends)
{
    struct guard guard = {0};
    char values[GUARD_SESSIONS + 1][GUARD_SESSION_SIZE];

    for (int i = 0; i <= GUARD_SESSIONS; i++)
        guard_session_begin(&guard, 1000 + i, values[i]);
    ck_assert(!guard_session_is_open(&guard, 2000, values[0]));
    for (int i = 1; i <= GUARD_SESSIONS; i++)
        ck_assert(guard_session_is_open(&guard, 2000, values[i]));
}
END_TEST

START_TEST(a_session_that_is_over_makes_room_before_one_that_is_open)
{
    struct guard guard = {0};
    char values[GUARD_SESSIONS + 1][GUARD_SESSION_SIZE];
    int64_t late = 1000 + GUARD_SESSION_MS;

    guard_session_begin(&guard, 1000, values[0]);
    for (int i = 1; i <= GUARD_SESSIONS; i++)
        guard_session_begin(&guard, i == GUARD_SESSIONS ? late : 5000 + i, values[i]);
    for (int i = 1; i <= GUARD_SESSIONS; i++)
        ck_assert(guard_session_is_open(&guard, late, values[i]));
}
END_TEST

/* ---- the password with each request ---- */

static const struct {
    const char *header, *password; /* NULL: none */
} basics[] = {
    {"Basic YTpi", "b"},
    {"basic YTpi", "b"},
    {"Basic   YTpi", "b"},
    {"Basic OmI=", "b"},       /* no name */
    {"Basic YTpiOmM=", "b:c"}, /* of a password, the first colon is none */
    {"Basic YTrDpA==", "\xc3\xa4"},
    {"Basic", NULL},
    {"Basic ", NULL},
    {"BasicYTpi", NULL},
    {"Basic YTp", NULL},
    {"Basic YTo=", NULL},
    {"Basic YWI=", NULL},
    {"Basic YTpi ", NULL},
    {"Basic YT-_", NULL},
    {"Basic =", NULL},
    {"Basic ====", NULL},
    {"Basic YTpi====", NULL},
    {"Basic OmJ=", NULL},
    {"Basic YTpiAGM=", NULL},
    {"", NULL},
};

START_TEST(a_password_is_read_from_its_header_or_there_is_none)
{
    char password[8] = "";

    ck_assert_int_eq(guard_basic_password(basics[_i].header, password, sizeof(password)),
                     basics[_i].password != NULL);
    if (basics[_i].password)
        ck_assert_str_eq(password, basics[_i].password);
}
END_TEST

START_TEST(a_password_that_does_not_fit_is_none)
{
    char password[4];

    ck_assert(guard_basic_password("Basic YTpiY2Q=", password, sizeof(password)));
    ck_assert_str_eq(password, "bcd");
    ck_assert(!guard_basic_password("Basic YTpiY2Rl", password, sizeof(password)));
}
END_TEST

START_TEST(the_longest_header_is_read_within_bounds)
{
    static char header[16384];
    char password[GUARD_PASSWORD_MAX + 1];

    for (size_t len = 6; len < sizeof(header) - 1; len += 501) {
        memset(header, 'A', len);
        memcpy(header, "Basic ", 6);
        header[len] = '\0';
        ck_assert(!guard_basic_password(header, password, sizeof(password)));
    }
}
END_TEST

START_TEST(a_header_is_known_as_it_was_remembered)
{
    struct guard guard = {0};

    ck_assert_int_eq(guard_basic_known(&guard, ""), GUARD_BASIC_NEW);
    guard_basic_remember(&guard, "Basic YTpi", true);
    guard_basic_remember(&guard, "Basic YTpj", false);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic YTpi"), GUARD_BASIC_RIGHT);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic YTpj"), GUARD_BASIC_WRONG);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic YTpk"), GUARD_BASIC_NEW);
    ck_assert_int_eq(guard_basic_known(&guard, ""), GUARD_BASIC_NEW);
    guard_sessions_end_all(&guard);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic YTpi"), GUARD_BASIC_NEW);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic YTpj"), GUARD_BASIC_NEW);
}
END_TEST

START_TEST(wrong_ones_never_push_a_right_one_out)
{
    struct guard guard = {0};
    char header[32];

    guard_basic_remember(&guard, "Basic right", true);
    for (int i = 0; i < 100; i++) {
        snprintf(header, sizeof(header), "Basic %d", i);
        guard_basic_remember(&guard, header, false);
    }
    ck_assert_int_eq(guard_basic_known(&guard, "Basic right"), GUARD_BASIC_RIGHT);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic 0"), GUARD_BASIC_NEW);
    ck_assert_int_eq(guard_basic_known(&guard, "Basic 99"), GUARD_BASIC_WRONG);
}
END_TEST

START_TEST(the_server_keeps_nothing_of_the_header_itself)
{
    struct guard guard = {0};

    guard_basic_remember(&guard, "Basic cHJvbWV0aGV1czpzZWNyZXQ=", true);
    ck_assert_ptr_null(memmem(&guard, sizeof(guard), "cHJvbWV0", 8));
}
END_TEST

Suite *web_guard_suite(void)
{
    Suite *suite = suite_create("web_guard");
    TCase *forms = tcase_create("forms");
    TCase *password = tcase_create("password");
    TCase *sessions = tcase_create("sessions");
    TCase *basic = tcase_create("basic");

    tcase_add_checked_fixture(forms, setup, NULL);
    tcase_add_test(forms, a_form_of_ours_is_taken);
    tcase_add_test(forms, a_browser_that_tells_neither_origin_nor_site_is_taken_by_its_token);
    tcase_add_test(forms, a_proxy_may_end_tls_before_the_page);
    tcase_add_test(forms, without_or_with_another_token_it_is_refused);
    tcase_add_test(forms, the_token_of_another_browser_is_refused);
    tcase_add_test(forms, without_a_cookie_that_could_be_ours_it_is_refused);
    tcase_add_test(forms, what_another_site_sends_is_refused_although_the_token_is_right);
    tcase_add_test(forms, the_way_after_the_password_leads_to_paths_of_ours_only);
    suite_add_tcase(suite, forms);

    tcase_add_test(password, the_first_password_is_looked_at_at_once);
    tcase_add_test(password, two_checks_are_never_closer_than_half_a_second);
    tcase_add_test(password, from_the_fifth_wrong_one_on_the_wait_doubles_up_to_a_minute);
    tcase_add_test(password, a_day_of_guessing_gets_fewer_than_two_thousand_guesses);
    tcase_add_test(password, the_right_one_and_ten_quiet_minutes_forget_the_wrong_ones);
    suite_add_tcase(suite, password);

    tcase_add_test(sessions, a_session_is_open_for_thirty_days);
    tcase_add_test(sessions, nothing_else_opens_it);
    tcase_add_test(sessions, the_server_keeps_no_sessions_value);
    tcase_add_test(sessions, who_leaves_is_out_and_the_others_stay);
    tcase_add_test(sessions, of_one_session_too_many_the_oldest_ends);
    tcase_add_test(sessions, a_session_that_is_over_makes_room_before_one_that_is_open);
    suite_add_tcase(suite, sessions);
    tcase_add_checked_fixture(basic, setup, NULL);
    tcase_add_loop_test(basic, a_password_is_read_from_its_header_or_there_is_none, 0,
                        (int)(sizeof(basics) / sizeof(basics[0])));
    tcase_add_test(basic, a_password_that_does_not_fit_is_none);
    tcase_add_test(basic, the_longest_header_is_read_within_bounds);
    tcase_add_test(basic, a_header_is_known_as_it_was_remembered);
    tcase_add_test(basic, wrong_ones_never_push_a_right_one_out);
    tcase_add_test(basic, the_server_keeps_nothing_of_the_header_itself);
    suite_add_tcase(suite, basic);
    return suite;
}
