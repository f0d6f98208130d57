/* SPDX-License-Identifier: MIT */
/* The address that a sign-in ends on: as our own server sees it, and as people paste it. */
#include "spotify/callback.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDIRECT "http://127.0.0.1:8888/spotify/callback"
#define CODE "AQBx-Secret_Code.that~nobody0may1see"
#define STATE "hZ3vN-state_7Q"
#define QUERY "code=" CODE "&state=" STATE
#define WHOLE REDIRECT "?" QUERY

static struct spotify_callback callback;

static bool is_empty(void)
{
    static const struct spotify_callback empty;

    return memcmp(&callback, &empty, sizeof(callback)) == 0;
}

/* Reads a query out of a block of exactly its size. NULL, or the problem. */
static const char *query_problem_of(const char *query, size_t len)
{
    const char *problem = "unset";
    char *block = malloc(len > 0 ? len : 1);

    memcpy(block, query, len);
    memset(&callback, 0xff, sizeof(callback));
    bool ok = spotify_callback_parse_query(block, len, &callback, &problem);
    free(block);
    ck_assert_int_eq(ok, problem == NULL);
    ck_assert(ok || is_empty());
    return problem;
}

static const char *query_problem(const char *query)
{
    return query_problem_of(query, strlen(query));
}

static const char *paste_problem_at(const char *text, size_t len, const char *redirect_uri)
{
    const char *problem = "unset";
    char *block = malloc(len > 0 ? len : 1);

    memcpy(block, text, len);
    memset(&callback, 0xff, sizeof(callback));
    bool ok = spotify_callback_parse_paste(block, len, redirect_uri, &callback, &problem);
    free(block);
    ck_assert_int_eq(ok, problem == NULL);
    ck_assert(ok || is_empty());
    return problem;
}

static const char *paste_problem(const char *text)
{
    return paste_problem_at(text, strlen(text), REDIRECT);
}

static void check_is_read(const char *problem, const char *text)
{
    ck_assert_msg(problem == NULL, "%s: %s", text, problem);
    ck_assert_str_eq(callback.code, CODE);
    ck_assert_str_eq(callback.state, STATE);
    ck_assert_str_eq(callback.error, "");
}

static void check_paste(const char *text)
{
    check_is_read(paste_problem(text), text);
}

/* The problem must have this word in it, be one sentence, and hold nothing of the code. */
static void check_problem(const char *problem, const char *word, const char *text)
{
    ck_assert_msg(problem != NULL, "%s: taken", text);
    ck_assert_msg(strstr(problem, word) != NULL, "%s: %s", text, problem);
    ck_assert_ptr_null(strstr(problem, "AQBx"));
    ck_assert_ptr_null(strchr(problem, '\n'));
    ck_assert_int_eq(problem[strlen(problem) - 1], '.');
}

static void check_wrong_query(const char *query, const char *word)
{
    check_problem(query_problem(query), word, query);
}

static void check_wrong_paste(const char *text, const char *word)
{
    check_problem(paste_problem(text), word, text);
}

/* ---- queries ---- */

START_TEST(code_and_state_are_read_in_either_order)
{
    check_is_read(query_problem(QUERY), QUERY);
    check_is_read(query_problem("state=" STATE "&code=" CODE), "the other way round");
}
END_TEST

START_TEST(an_error_is_read_with_its_state)
{
    ck_assert_ptr_null(query_problem("error=access_denied&state=" STATE));
    ck_assert_str_eq(callback.error, "access_denied");
    ck_assert_str_eq(callback.state, STATE);
    ck_assert_str_eq(callback.code, "");
}
END_TEST

START_TEST(a_state_may_be_missing_in_a_query)
{
    ck_assert_ptr_null(query_problem("code=" CODE));
    ck_assert_str_eq(callback.code, CODE);
    ck_assert_str_eq(callback.state, "");
}
END_TEST

START_TEST(other_keys_and_empty_pairs_are_passed_over)
{
    static const char *const queries[] = {
        "x=1&" QUERY "&y=2",
        "&&" QUERY "&&",
        QUERY "&x=1&x=2&x",
        QUERY "&error_description=100%&=&codes=2&Code=3&a-very-long-key-that-nobody-knows=1",
        QUERY "&iss=https%3A%2F%2Faccounts.spotify.com",
        QUERY "&error=",
    };

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        check_is_read(query_problem(queries[i]), queries[i]);
}
END_TEST

START_TEST(the_fragment_that_facebook_leaves_is_passed_over)
{
    check_is_read(query_problem(QUERY "#_=_"), "fragment");
    check_is_read(query_problem(QUERY "#code=other&code=x%"), "fragment");
}
END_TEST

START_TEST(percent_signs_are_decoded)
{
    check_is_read(
        query_problem("%63ode=AQBx%2dSecret%5FCode%2Ethat%7enobody0may1see&stat%65=" STATE),
        "encoded");
    ck_assert_ptr_null(query_problem("code=a%2Bb%2F%3D%26%25c+d&state=%23"));
    ck_assert_str_eq(callback.code, "a+b/=&%c d");
    ck_assert_str_eq(callback.state, "#");
}
END_TEST

START_TEST(a_percent_sign_without_two_digits_is_refused)
{
    static const char *const queries[] = {
        "code=%&state=x", "code=a%4&state=x",  "code=a%4",     "code=a%",      "code=%4g&state=x",
        "code=%g4",       "code=% 41&state=x", "code=%%41",    "co%64e%=x",    "state=%zz&code=x",
        "code=%+1",       "code=%-1",          "code=%0x&a=b", "error=a%4&x=y"};

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        ck_assert_msg(query_problem(queries[i]) != NULL, "%s", queries[i]);
    check_wrong_query("code=%4&state=x", "percent");
}
END_TEST

START_TEST(a_key_that_is_there_twice_is_refused_however_it_is_written)
{
    check_wrong_query("code=a&code=b&state=x", "twice");
    check_wrong_query("code=a&code=a&state=x", "twice");
    check_wrong_query("code=a&co%64e=b&state=x", "twice");
    check_wrong_query("code=&code=b&state=x", "twice");
    check_wrong_query("code&code=b", "twice");
    check_wrong_query("code=b&state=x&state=", "twice");
    check_wrong_query("error=a&error=a", "twice");
}
END_TEST

START_TEST(code_and_error_at_once_are_refused)
{
    check_wrong_query(QUERY "&error=access_denied", "both");
}
END_TEST

START_TEST(a_query_with_neither_code_nor_error_is_refused)
{
    check_wrong_query("", "code is missing");
    check_wrong_query("state=" STATE, "code is missing");
    check_wrong_query("code=&state=" STATE, "code is missing");
    check_wrong_query("code", "code is missing");
    check_wrong_query("#" QUERY, "code is missing");
}
END_TEST

START_TEST(what_is_not_printable_ascii_is_refused)
{
    check_wrong_query("code=a%00b&state=x", "characters");
    check_wrong_query("code=a%0Ab", "characters");
    check_wrong_query("code=a%7f", "characters");
    check_wrong_query("code=%C3%A4", "characters");
    check_wrong_query("code=a&state=%1b", "characters");
    check_wrong_query("error=%e2%80%ae", "characters");
    check_wrong_query("code=a b", "characters");
    check_wrong_query("code=a\n", "characters");
    check_wrong_query("code=\xc3\xa4", "characters");
    ck_assert_ptr_nonnull(query_problem_of("code=a\0b", 8));
    ck_assert_ptr_nonnull(query_problem_of("code=ab\0", 8));
    ck_assert_ptr_nonnull(query_problem_of("code\0=ab", 8));
}
END_TEST

/* Reads "KEY=xxx...", with a code if the key is another. */
static const char *problem_of_long(const char *key, size_t len)
{
    char *query = malloc(len + 32);
    int at = sprintf(query, "%s%s=", strcmp(key, "state") == 0 ? "code=a&" : "", key);

    memset(query + at, 'x', len);
    query[(size_t)at + len] = '\0';
    const char *problem = query_problem(query);
    free(query);
    return problem;
}

START_TEST(what_is_longer_than_any_of_spotifys_is_refused)
{
    ck_assert_ptr_null(problem_of_long("code", SPOTIFY_CODE_MAX));
    ck_assert_uint_eq(strlen(callback.code), SPOTIFY_CODE_MAX);
    ck_assert_ptr_nonnull(problem_of_long("code", SPOTIFY_CODE_MAX + 1));
    ck_assert_ptr_null(problem_of_long("state", SPOTIFY_STATE_MAX));
    ck_assert_ptr_nonnull(problem_of_long("state", SPOTIFY_STATE_MAX + 1));
    ck_assert_ptr_null(problem_of_long("error", sizeof(callback.error) - 1));
    ck_assert_ptr_nonnull(problem_of_long("error", sizeof(callback.error)));
    check_problem(problem_of_long("x", SPOTIFY_ADDRESS_MAX), "too long", "x");
}
END_TEST

START_TEST(wiped_it_holds_nothing)
{
    ck_assert_ptr_null(query_problem(QUERY));
    spotify_callback_wipe(&callback);
    ck_assert(is_empty());
}
END_TEST

/* ---- what is taken from a person ---- */

START_TEST(the_whole_address_is_taken)
{
    check_paste(WHOLE);
    check_paste(WHOLE "#_=_");
    check_paste(WHOLE "&x=http://elsewhere/");
    check_paste(REDIRECT "?state=" STATE "&code=" CODE);
}
END_TEST

START_TEST(a_refusal_by_the_person_is_taken)
{
    ck_assert_ptr_null(paste_problem(REDIRECT "?error=access_denied&state=" STATE));
    ck_assert_str_eq(callback.error, "access_denied");
}
END_TEST

START_TEST(from_the_question_mark_on_or_the_query_alone_is_enough)
{
    check_paste("?" QUERY);
    check_paste(QUERY);
    check_paste("state=" STATE "&code=" CODE "#_=_");
}
END_TEST

START_TEST(the_beginning_of_the_address_may_be_cut_off)
{
    check_paste("127.0.0.1:8888/spotify/callback?" QUERY); /* as browsers show it */
    check_paste("//127.0.0.1:8888/spotify/callback?" QUERY);
    check_paste("8888/spotify/callback?" QUERY);
    check_paste("/spotify/callback?" QUERY);
    check_paste("callback?" QUERY);
}
END_TEST

START_TEST(blanks_around_and_line_breaks_inside_are_forgiven)
{
    check_paste("  " WHOLE "\n");
    check_paste("\r\n\t" WHOLE " \r\n\r\n");
    check_paste("http://127.0.0.1:8888/spot\nify/callback?co\r\n  de=" CODE "&state=" STATE);
    check_paste(REDIRECT "?code=AQBx-Secret_Co\nde.that~no\n body0may1see&sta te=" STATE);
    check_paste("\xef\xbb\xbf" WHOLE "\xc2\xa0\xe2\x80\x8b");
    check_paste("\v\f" WHOLE);
}
END_TEST

/* Wherever a terminal wraps it. */
START_TEST(a_line_break_anywhere_is_forgiven)
{
    char text[sizeof(WHOLE) + 1];

    for (size_t at = 0; at < sizeof(WHOLE); at++) {
        snprintf(text, sizeof(text), "%.*s\n%s", (int)at, WHOLE, &WHOLE[at]);
        check_paste(text);
    }
}
END_TEST

START_TEST(quotes_and_angle_brackets_around_it_are_forgiven)
{
    check_paste("\"" WHOLE "\"");
    check_paste("'" WHOLE "'");
    check_paste("`" WHOLE "`");
    check_paste("<" WHOLE ">");
    check_paste(" \" <" WHOLE "\n> \" ");
    check_paste("\xe2\x80\x9c" WHOLE "\xe2\x80\x9d");
    check_paste("\xe2\x80\x9e" WHOLE "\xe2\x80\x9c");
    check_paste("\xc2\xab\xc2\xa0" WHOLE "\xc2\xa0\xc2\xbb");
    check_paste("\"" WHOLE); /* one of the two was missed */
    check_paste("'" QUERY "'");
}
END_TEST

START_TEST(letter_case_of_scheme_and_host_and_a_default_port_do_not_count)
{
    static const struct {
        const char *redirect_uri;
        const char *pasted;
    } same[] = {
        {REDIRECT, "HTTP://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "http://127.0.0.1:08888/spotify/callback"},
        {"https://Music.Example/cb", "HTTPS://music.example/cb"},
        {"https://music.example/cb", "https://music.example:443/cb"},
        {"https://music.example:443/cb", "https://music.example/cb"},
        {"https://music.example/cb", "https://music.example:/cb"},
        {"https://music.example/cb", "music.example:443/cb"},
        {"http://127.0.0.1:80/cb", "http://127.0.0.1/cb"},
        {"http://[::1]:8888/cb", "http://[::1]:8888/cb"},
        {"http://[::1]/cb", "http://[::1]:80/cb"},
        {"http://[FE80::1]/cb", "http://[fe80::1]/cb"},
        {"http://127.0.0.1:8888", "http://127.0.0.1:8888/"},
        {"http://127.0.0.1:8888", "127.0.0.1:8888/"},
        {"http://127.0.0.1:8888/", "http://127.0.0.1:8888"},
        {"http://127.0.0.1:8888/cb?x=1", "http://127.0.0.1:8888/cb"},
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "%s?%s", same[i].pasted, QUERY);
        check_is_read(paste_problem_at(text, strlen(text), same[i].redirect_uri), text);
    }
}
END_TEST

/* ---- what is told to a person ---- */

START_TEST(any_other_difference_makes_it_another_page)
{
    static const struct {
        const char *redirect_uri;
        const char *pasted;
    } others[] = {
        {REDIRECT, "https://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "http://localhost:8888/spotify/callback"},
        {REDIRECT, "http://127.0.0.1:8889/spotify/callback"},
        {REDIRECT, "http://127.0.0.1:88880/spotify/callback"},
        {REDIRECT, "http://127.0.0.1/spotify/callback"},
        {REDIRECT, "http://127.0.0.1:8888/spotify/callback/"},
        {REDIRECT, "http://127.0.0.1:8888/spotify/callbac"},
        {REDIRECT, "http://127.0.0.1:8888/Spotify/callback"},
        {REDIRECT, "http://127.0.0.1:8888/spotify%2Fcallback"},
        {REDIRECT, "http://127.0.0.1:8888//spotify/callback"},
        {REDIRECT, "http://user@127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "http://127.0.0.1:8888@evil.example/spotify/callback"},
        {REDIRECT, "http://evil.example/http://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "http://127.0.0.1.evil.example:8888/spotify/callback"},
        {REDIRECT, "ftp://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "ahttp://127.0.0.1:8888/spotify/callback"},
        {REDIRECT, "http://"},
        {REDIRECT, "http://["},
        {REDIRECT, "http://:8888/spotify/callback"},
        {REDIRECT, "evil.example/spotify/callback"},
        {REDIRECT, "/another"},
        {"https://music.example/cb", "https://music.example:80/cb"},
        {"http://[::1]:8888/cb", "http://[::2]:8888/cb"},
        {"http://[::1]:8888/cb", "http://[::1:8888/cb"},
        {"http://[::1]:8888/cb", "http://[::1]:1/cb"},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "%s?%s", others[i].pasted, QUERY);
        check_problem(paste_problem_at(text, strlen(text), others[i].redirect_uri), "another page",
                      text);
    }
}
END_TEST

START_TEST(a_page_without_a_query_is_another_page_too)
{
    check_wrong_paste("https://example.org/", "another page");
    check_wrong_paste("example.org/some/page", "another page");
}
END_TEST

START_TEST(nothing_pasted_is_told)
{
    check_wrong_paste("", "Nothing");
    check_wrong_paste(" \n\t ", "Nothing");
    check_wrong_paste("\"\"", "Nothing");
    check_wrong_paste("<>", "Nothing");
}
END_TEST

START_TEST(the_address_of_the_sign_in_page_is_told)
{
    check_wrong_paste("https://accounts.spotify.com/authorize?client_id=0123&response_type=code"
                      "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8888%2Fspotify%2Fcallback&state=x",
                      "own page");
    check_wrong_paste("https://accounts.spotify.com/de/login?continue=https%3A%2F%2Fx", "own page");
    check_wrong_paste("https://ACCOUNTS.spotify.com/en/status", "own page");
    check_wrong_paste("accounts.spotify.com/authorize?client_id=0123", "own page");
    check_wrong_paste("accounts.spotify.com/en/login", "own page");
    check_wrong_paste("https://spotify.com/", "own page");
    check_wrong_paste("http://127.0.0.1:9999/authorize?response_type=code&client_id=0", "own page");
    check_wrong_paste("?response_type=code&client_id=0&state=x", "own page");
    check_wrong_paste("https://notspotify.com/?" QUERY, "another page");
    check_wrong_paste("https://spotify.com.evil.example/?" QUERY, "another page");
}
END_TEST

START_TEST(an_address_without_its_code_is_told)
{
    check_wrong_paste(REDIRECT, "code is missing");
    check_wrong_paste(REDIRECT "?", "code is missing");
    check_wrong_paste(REDIRECT "?state=" STATE, "code is missing");
    check_wrong_paste(REDIRECT "#_=_", "code is missing");
    check_wrong_paste("127.0.0.1:8888/spotify/callback", "code is missing");
    check_wrong_paste("?", "code is missing");
}
END_TEST

START_TEST(an_address_cut_off_before_its_state_is_told)
{
    check_wrong_paste(REDIRECT "?code=" CODE, "state is missing");
    check_wrong_paste(REDIRECT "?code=" CODE "&sta", "state is missing");
    check_wrong_paste(REDIRECT "?code=" CODE "&state=", "state is missing");
    check_wrong_paste(REDIRECT "?error=access_denied", "state is missing");
}
END_TEST

START_TEST(a_bare_code_is_told)
{
    check_wrong_paste(CODE, "code alone");
    check_wrong_paste(" " CODE "\n", "code alone");
}
END_TEST

START_TEST(a_word_is_no_address)
{
    check_wrong_paste("hello", "not an address");
    check_wrong_paste("q", "not an address");
}
END_TEST

START_TEST(an_address_pasted_twice_is_told)
{
    check_wrong_paste(WHOLE "\n" WHOLE, "twice");
    check_wrong_paste(WHOLE WHOLE, "twice");
}
END_TEST

START_TEST(bytes_that_no_address_has_are_told)
{
    check_wrong_paste(REDIRECT "?code=\x1b[200~" CODE "&state=x", "characters");
    check_wrong_paste(REDIRECT "?code=\xc3\xa4&state=x", "characters");
    check_problem(paste_problem_at("a\0b=c", 5, REDIRECT), "characters", "NUL");
}
END_TEST

START_TEST(what_is_too_long_is_told_however_much_it_is)
{
    size_t len = 3 * SPOTIFY_ADDRESS_MAX;
    char *text = malloc(len);

    memset(text, 'x', len);
    check_problem(paste_problem_at(text, len, REDIRECT), "too long", "x...");
    check_problem(paste_problem_at(text, SPOTIFY_ADDRESS_MAX + 1, REDIRECT), "too long", "x...");
    check_problem(paste_problem_at(text, SPOTIFY_ADDRESS_MAX, REDIRECT), "code alone", "x...");
    memset(text, ' ', len); /* blanks do not count */
    memcpy(text + len - strlen(WHOLE), WHOLE, strlen(WHOLE));
    check_is_read(paste_problem_at(text, len, REDIRECT), "many blanks");
    free(text);
}
END_TEST

/* However it is cut: it is told, and never taken for whole. */
START_TEST(an_address_cut_anywhere_before_its_state_is_told)
{
    size_t before_state = strlen(WHOLE) - strlen(STATE);

    for (size_t len = 0; len <= before_state; len++) {
        const char *problem = paste_problem_at(WHOLE, len, REDIRECT);
        ck_assert_msg(problem != NULL, "%.*s", (int)len, WHOLE);
    }
}
END_TEST

Suite *callback_suite(void)
{
    Suite *suite = suite_create("callback");
    TCase *query = tcase_create("query");
    TCase *taken = tcase_create("taken");
    TCase *told = tcase_create("told");

    tcase_add_test(query, code_and_state_are_read_in_either_order);
    tcase_add_test(query, an_error_is_read_with_its_state);
    tcase_add_test(query, a_state_may_be_missing_in_a_query);
    tcase_add_test(query, other_keys_and_empty_pairs_are_passed_over);
    tcase_add_test(query, the_fragment_that_facebook_leaves_is_passed_over);
    tcase_add_test(query, percent_signs_are_decoded);
    tcase_add_test(query, a_percent_sign_without_two_digits_is_refused);
    tcase_add_test(query, a_key_that_is_there_twice_is_refused_however_it_is_written);
    tcase_add_test(query, code_and_error_at_once_are_refused);
    tcase_add_test(query, a_query_with_neither_code_nor_error_is_refused);
    tcase_add_test(query, what_is_not_printable_ascii_is_refused);
    tcase_add_test(query, what_is_longer_than_any_of_spotifys_is_refused);
    tcase_add_test(query, wiped_it_holds_nothing);
    suite_add_tcase(suite, query);

    tcase_add_test(taken, the_whole_address_is_taken);
    tcase_add_test(taken, a_refusal_by_the_person_is_taken);
    tcase_add_test(taken, from_the_question_mark_on_or_the_query_alone_is_enough);
    tcase_add_test(taken, the_beginning_of_the_address_may_be_cut_off);
    tcase_add_test(taken, blanks_around_and_line_breaks_inside_are_forgiven);
    tcase_add_test(taken, a_line_break_anywhere_is_forgiven);
    tcase_add_test(taken, quotes_and_angle_brackets_around_it_are_forgiven);
    tcase_add_test(taken, letter_case_of_scheme_and_host_and_a_default_port_do_not_count);
    suite_add_tcase(suite, taken);

    tcase_add_test(told, any_other_difference_makes_it_another_page);
    tcase_add_test(told, a_page_without_a_query_is_another_page_too);
    tcase_add_test(told, nothing_pasted_is_told);
    tcase_add_test(told, the_address_of_the_sign_in_page_is_told);
    tcase_add_test(told, an_address_without_its_code_is_told);
    tcase_add_test(told, an_address_cut_off_before_its_state_is_told);
    tcase_add_test(told, a_bare_code_is_told);
    tcase_add_test(told, a_word_is_no_address);
    tcase_add_test(told, an_address_pasted_twice_is_told);
    tcase_add_test(told, bytes_that_no_address_has_are_told);
    tcase_add_test(told, what_is_too_long_is_told_however_much_it_is);
    tcase_add_test(told, an_address_cut_anywhere_before_its_state_is_told);
    suite_add_tcase(suite, told);
    return suite;
}
