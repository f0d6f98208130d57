/* SPDX-License-Identifier: MIT */
/* Which addresses the HTTP client may be sent to. */
#include "lib/count.h"
#include "lib/net_world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const allowed[] = {
    "https://api.spotify.com/v1/me/player/recently-played?limit=50&after=1",
    "https://accounts.spotify.com/api/token",
    "HTTPS://API.SPOTIFY.COM/",
    "https://example.org:8443/x",
    "https://192.0.2.1/",
    "https://[2001:db8::1]/",
    "http://127.0.0.1/",
    "http://127.0.0.1:8888/x?y#z",
    "HTTP://127.0.0.1/",
    "http://127.8.9.10/",
    "http://127.255.255.255/",
    "http://0x7f.0.0.1/", /* libcurl reads these as the loopback address, and goes there */
    "http://127.1/",
    "http://2130706433/",
    "http://[::1]/",
    "http://[::1]:8080/",
    "http://[0:0:0:0:0:0:0:1]/",
};

static const char *const refused[] = {
    "http://api.spotify.com/",
    "http://localhost/",
    "http://localhost:8080/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1.:80/",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1:80@evil.example/",
    "http://user@127.0.0.1/",
    "http://:pass@127.0.0.1/",
    "http://evil.example#@127.0.0.1/",
    "http://evil.example?@127.0.0.1/",
    "http://evil.example\\@127.0.0.1/",
    "http://127.0.0.1\\.evil.example/",
    "http://evil.example/127.0.0.1",
    "http://128.0.0.1/",
    "http://126.255.255.255/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://2130706432.evil.example/",
    "http://[::]/",
    "http://[::2]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1%25lo]/",
    "http://[fe80::1]/",
    "http://[::1].evil.example/",
    "http://[::1",
    "https://user@api.spotify.com/",
    "https://user:password@api.spotify.com/",
    "https://@api.spotify.com/",
    "https://api.spotify.com:99999/",
    "https://api.spotify.com:/x y",
    " https://api.spotify.com/",
    "https://api.spotify.com/\r\nX-Evil: 1",
    "https://api.spotify.com/\t",
    "https://",
    "https:api.spotify.com/",
    "api.spotify.com",
    "//api.spotify.com/",
    "127.0.0.1",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "httpss://api.spotify.com/",
    "",
};

START_TEST(an_https_address_or_a_loopback_literal_is_allowed)
{
    ck_assert_msg(net_url_allowed(allowed[_i]), "%s was refused", allowed[_i]);
}
END_TEST

START_TEST(P5_any_other_address_is_refused_and_never_queued)
{
    struct net_call call = call_of(refused[_i]);

    ck_assert_msg(!net_url_allowed(refused[_i]), "%s was allowed", refused[_i]);
    ck_assert_ptr_null(net_start(world.net, &call, keep_answer, NULL));
    ck_assert_uint_eq(net_in_flight(world.net), 0);
}
END_TEST

START_TEST(an_endless_address_is_refused)
{
    size_t len = 1000000;
    char *url = malloc(len + 1);

    memset(url, 'a', len);
    memcpy(url, "https://", 8);
    url[len] = '\0';
    ck_assert(!net_url_allowed(url));
    ck_assert(!net_url_allowed(NULL));
    free(url);
}
END_TEST

START_TEST(loopback_is_told_from_the_rest)
{
    ck_assert(net_url_is_loopback("http://127.0.0.1:8080/"));
    ck_assert(net_url_is_loopback("https://127.0.0.1/"));
    ck_assert(net_url_is_loopback("https://[::1]/x"));
    ck_assert(!net_url_is_loopback("https://api.spotify.com/"));
    ck_assert(!net_url_is_loopback("https://localhost/"));
    ck_assert(!net_url_is_loopback("https://127.0.0.1.evil.example/"));
    ck_assert(!net_url_is_loopback("http://user@127.0.0.1/"));
    ck_assert(!net_url_is_loopback("nonsense"));
}
END_TEST

Suite *net_url_suite(void)
{
    Suite *suite = suite_create("net_url");
    TCase *plain = tcase_create("addresses");
    TCase *refusals = tcase_create("refusals");

    tcase_add_loop_test(plain, an_https_address_or_a_loopback_literal_is_allowed, 0,
                        COUNT(allowed));
    tcase_add_test(plain, an_endless_address_is_refused);
    tcase_add_test(plain, loopback_is_told_from_the_rest);
    tcase_add_checked_fixture(refusals, net_world_open, net_world_close);
    tcase_add_loop_test(refusals, P5_any_other_address_is_refused_and_never_queued, 0,
                        COUNT(refused));
    suite_add_tcase(suite, plain);
    suite_add_tcase(suite, refusals);
    return suite;
}
