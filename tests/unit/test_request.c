/* SPDX-License-Identifier: MIT */
/* Addresses, bodies and headers of what is sent to Spotify. */
#include "spotify/request.h"

#include <check.h>
#include <string.h>

static const struct spotify_client with_secret = {"0123456789abcdef0123456789abcdef",
                                                  "fedcba9876543210fedcba9876543210"};
static const struct spotify_client without_secret = {"0123456789abcdef0123456789abcdef", ""};

static struct buf buf;

static void open_buf(void)
{
    buf = (struct buf){0};
}

static void close_buf(void)
{
    buf_free(&buf, true);
}

START_TEST(a_sweep_asks_for_50_items_without_a_cursor)
{
    ck_assert(spotify_request_history(&buf, "https://api.spotify.com", -1));
    ck_assert_str_eq(buf.data, "https://api.spotify.com/v1/me/player/recently-played?limit=50");
}
END_TEST

START_TEST(a_tail_asks_for_what_came_after_a_moment_in_ms)
{
    ck_assert(spotify_request_history(&buf, "https://api.spotify.com", INT64_C(1795197851206)));
    ck_assert_str_eq(
        buf.data,
        "https://api.spotify.com/v1/me/player/recently-played?limit=50&after=1795197851206");
}
END_TEST

START_TEST(the_moment_0_is_a_cursor)
{
    ck_assert(spotify_request_history(&buf, "http://127.0.0.1:4010", 0));
    ck_assert_str_eq(buf.data,
                     "http://127.0.0.1:4010/v1/me/player/recently-played?limit=50&after=0");
}
END_TEST

START_TEST(slashes_at_the_end_of_a_server_do_not_double)
{
    ck_assert(spotify_request_profile(&buf, "http://127.0.0.1:4010/"));
    ck_assert_str_eq(buf.data, "http://127.0.0.1:4010/v1/me");
    buf_clear(&buf, false);
    ck_assert(spotify_request_token_url(&buf, "https://accounts.spotify.com//"));
    ck_assert_str_eq(buf.data, "https://accounts.spotify.com/api/token");
    buf_clear(&buf, false);
    ck_assert(spotify_request_history(&buf, "http://[::1]:8080/prefix/", -1));
    ck_assert_str_eq(buf.data, "http://[::1]:8080/prefix/v1/me/player/recently-played?limit=50");
}
END_TEST

START_TEST(a_client_with_a_secret_refreshes_without_its_id_in_the_body)
{
    ck_assert(spotify_request_refresh(&buf, &with_secret, "AQC+made/up=&x"));
    ck_assert_str_eq(buf.data, "grant_type=refresh_token&refresh_token=AQC%2Bmade%2Fup%3D%26x");
}
END_TEST

START_TEST(a_client_without_a_secret_refreshes_with_its_id_in_the_body)
{
    ck_assert(spotify_request_refresh(&buf, &without_secret, "AQC-_madeup"));
    ck_assert_str_eq(buf.data, "grant_type=refresh_token&refresh_token=AQC-_madeup"
                               "&client_id=0123456789abcdef0123456789abcdef");
}
END_TEST

START_TEST(an_empty_refresh_token_is_never_sent)
{
    ck_assert(!spotify_request_refresh(&buf, &with_secret, ""));
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(a_sign_in_asks_for_a_code_with_pkce)
{
    ck_assert(spotify_request_authorize(&buf, "https://accounts.spotify.com", &without_secret,
                                        "http://127.0.0.1:8888/callback", "st-_~8", "ch-_"));
    ck_assert_str_eq(
        buf.data, "https://accounts.spotify.com/authorize?response_type=code"
                  "&client_id=0123456789abcdef0123456789abcdef"
                  "&scope=user-read-recently-played"
                  "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8888%2Fcallback"
                  "&state=st-_~8&code_challenge_method=S256&code_challenge=ch-_&show_dialog=true");
}
END_TEST

START_TEST(a_code_is_exchanged_with_its_verifier)
{
    ck_assert(spotify_request_exchange(&buf, &without_secret, "co&de", "http://[::1]/cb", "ver"));
    ck_assert_str_eq(buf.data, "grant_type=authorization_code&code=co%26de"
                               "&redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%2Fcb"
                               "&client_id=0123456789abcdef0123456789abcdef&code_verifier=ver");
    buf_clear(&buf, false);
    ck_assert(!spotify_request_exchange(&buf, &without_secret, "", "http://[::1]/cb", "ver"));
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

/* Texts of RFC 4648 section 10 behind "x:", and ids whose bytes are escaped before (RFC 6749). */
static const struct basic_case {
    const char *client_id;
    const char *client_secret;
    const char *header;
} basics[] = {
    {"f", "o", "Basic Zjpv"},
    {"fo", "o", "Basic Zm86bw=="},
    {"fo", "ob", "Basic Zm86b2I="},
    {"foo", "bar", "Basic Zm9vOmJhcg=="},
    {"a b", "c:d", "Basic YSUyMGI6YyUzQWQ="},
    {"0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210",
     "Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMy"
     "MTA="},
    {"~~~", "~~~", "Basic fn5+On5+fg=="},
};

START_TEST(a_secret_goes_into_basic_authentication)
{
    struct spotify_client client = {basics[_i].client_id, basics[_i].client_secret};

    ck_assert(spotify_request_basic(&buf, &client));
    ck_assert_str_eq(buf.data, basics[_i].header);
}
END_TEST

START_TEST(without_a_secret_there_is_no_basic_authentication)
{
    ck_assert(spotify_request_basic(&buf, &without_secret));
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(an_access_token_is_borne)
{
    ck_assert(spotify_request_bearer(&buf, "BQDmadeup-._~+/="));
    ck_assert_str_eq(buf.data, "Bearer BQDmadeup-._~+/=");
}
END_TEST

START_TEST(a_token_that_may_not_stand_in_a_header_is_refused)
{
    static const char *const tokens[] = {"",         "a b", "a\r\nX-Evil: 1", "a\t", "\x7f",
                                         "\xc3\xbc", " "};

    ck_assert(!spotify_request_bearer(&buf, tokens[_i]));
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(a_full_buffer_is_told)
{
    buf.limit = 20;
    ck_assert(!spotify_request_history(&buf, "https://api.spotify.com", 1));
    buf_clear(&buf, false);
    ck_assert(!spotify_request_profile(&buf, "https://api.spotify.com"));
    buf_clear(&buf, false);
    ck_assert(!spotify_request_token_url(&buf, "https://accounts.spotify.com"));
    buf_clear(&buf, false);
    ck_assert(!spotify_request_refresh(&buf, &with_secret, "x"));
    buf_clear(&buf, false);
    ck_assert(!spotify_request_basic(&buf, &with_secret));
    buf_clear(&buf, false);
    ck_assert(!spotify_request_bearer(&buf, "01234567890123456789"));
}
END_TEST

/* -- every byte may be the last there is room for ---------------------------------------------- */

static bool put_history(struct buf *to)
{
    return spotify_request_history(to, "https://api.spotify.com/", 1);
}

static bool put_profile(struct buf *to)
{
    return spotify_request_profile(to, "https://api.spotify.com");
}

static bool put_token_url(struct buf *to)
{
    return spotify_request_token_url(to, "https://accounts.spotify.com");
}

static bool put_refresh(struct buf *to)
{
    return spotify_request_refresh(to, &without_secret, "AQ token");
}

static bool put_authorize(struct buf *to)
{
    return spotify_request_authorize(to, "https://accounts.spotify.com", &without_secret,
                                     "http://127.0.0.1:8888/spotify/callback", "state",
                                     "challenge");
}

static bool put_exchange(struct buf *to)
{
    return spotify_request_exchange(to, &without_secret, "code",
                                    "http://127.0.0.1:8888/spotify/callback", "verifier");
}

static bool put_basic(struct buf *to)
{
    return spotify_request_basic(to, &with_secret);
}

static bool put_bearer(struct buf *to)
{
    return spotify_request_bearer(to, "token");
}

static bool (*const requests[])(struct buf *to) = {put_history, put_profile,   put_token_url,
                                                   put_refresh, put_authorize, put_exchange,
                                                   put_basic,   put_bearer};

START_TEST(a_request_is_whole_or_refused_however_much_room_there_is)
{
    size_t whole;

    ck_assert(requests[_i](&buf));
    whole = buf.len;
    for (size_t room = 1; room < whole; room++) {
        struct buf narrow = {.limit = room};

        ck_assert_msg(!requests[_i](&narrow), "%zu of %zu bytes are enough", room, whole);
        buf_free(&narrow, true);
    }
}
END_TEST

Suite *request_suite(void)
{
    Suite *suite = suite_create("request");
    TCase *tcase = tcase_create("request");

    tcase_add_checked_fixture(tcase, open_buf, close_buf);
    tcase_add_test(tcase, a_sweep_asks_for_50_items_without_a_cursor);
    tcase_add_test(tcase, a_tail_asks_for_what_came_after_a_moment_in_ms);
    tcase_add_test(tcase, the_moment_0_is_a_cursor);
    tcase_add_test(tcase, slashes_at_the_end_of_a_server_do_not_double);
    tcase_add_test(tcase, a_client_with_a_secret_refreshes_without_its_id_in_the_body);
    tcase_add_test(tcase, a_client_without_a_secret_refreshes_with_its_id_in_the_body);
    tcase_add_test(tcase, an_empty_refresh_token_is_never_sent);
    tcase_add_test(tcase, a_sign_in_asks_for_a_code_with_pkce);
    tcase_add_test(tcase, a_code_is_exchanged_with_its_verifier);
    tcase_add_loop_test(tcase, a_secret_goes_into_basic_authentication, 0, 7);
    tcase_add_test(tcase, without_a_secret_there_is_no_basic_authentication);
    tcase_add_test(tcase, an_access_token_is_borne);
    tcase_add_loop_test(tcase, a_token_that_may_not_stand_in_a_header_is_refused, 0, 7);
    tcase_add_test(tcase, a_full_buffer_is_told);
    tcase_add_loop_test(tcase, a_request_is_whole_or_refused_however_much_room_there_is, 0,
                        sizeof(requests) / sizeof(requests[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
