/* SPDX-License-Identifier: MIT */
/* What answers that are no success mean. */
#include "spotify/errors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lib/chance.h"
#include "lib/count.h"

#define API SPOTIFY_ENDPOINT_API
#define TOKEN SPOTIFY_ENDPOINT_TOKEN

static struct spotify_failure failure;

static void sort(enum spotify_endpoint endpoint, int status, int64_t retry_after_s,
                 const char *body)
{
    size_t len = strlen(body);
    char *copy = malloc(len > 0 ? len : 1); /* not NUL-terminated */

    for (size_t i = 0; i < len; i++)
        copy[i] = body[i];
    spotify_failure_sort(endpoint, status, retry_after_s, copy, len, &failure);
    free(copy);
    ck_assert_str_ne(failure.reason, "");
    ck_assert_str_ne(failure.code, "");
}

#define OWNER_PREMIUM                                                                              \
    "Active premium subscription required for the owner of the app. When the subscription status " \
    "changes, it can take a few hours before requests are allowed again."
#define NOT_REGISTERED_2026                                                           \
    "The user is not registered for this application. Please check your settings on " \
    "https://developer.spotify.com/dashboard."
#define REGULAR(status, message) "{\"error\":{\"status\":" #status ",\"message\":\"" message "\"}}"
#define OAUTH(word, description) \
    "{\"error\":\"" word "\",\"error_description\":\"" description "\"}"

/* Every wording that is known. */
static const struct wording_case {
    enum spotify_endpoint endpoint;
    int status;
    const char *body;
    enum spotify_failure_class failure;
    const char *code;
    const char *reason;
} wordings[] = {
    {API, 400, REGULAR(400, "Only valid bearer authentication supported"), SPOTIFY_FAILURE_OURS,
     "http_400", "Only valid bearer authentication supported"},
    {API, 400, REGULAR(400, "Invalid limit"), SPOTIFY_FAILURE_OURS, "http_400", "Invalid limit"},
    {API, 401, REGULAR(401, "The access token expired"), SPOTIFY_FAILURE_TOKEN_EXPIRED, "http_401",
     "The access token expired"},
    {API, 401, REGULAR(401, "Invalid access token"), SPOTIFY_FAILURE_TOKEN_EXPIRED, "http_401",
     "Invalid access token"},
    {API, 401, REGULAR(401, "No token provided"), SPOTIFY_FAILURE_TOKEN_EXPIRED, "http_401",
     "No token provided"},
    {API, 401, "", SPOTIFY_FAILURE_TOKEN_EXPIRED, "http_401", "HTTP status 401"},
    {API, 401, REGULAR(401, "Permissions missing"), SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing",
     "Permissions missing"},
    {API, 401, "Permissions missing", SPOTIFY_FAILURE_NEEDS_LOGIN, "scope_missing",
     "Permissions missing"},
    {API, 403, REGULAR(403, "Insufficient client scope"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "scope_missing", "Insufficient client scope"},
    {API, 403, "User not registered in the Developer Dashboard", SPOTIFY_FAILURE_FORBIDDEN,
     "not_registered", "User not registered in the Developer Dashboard"},
    {API, 403, "Check settings on developer.spotify.com/dashboard, the user may not be registered.",
     SPOTIFY_FAILURE_FORBIDDEN, "not_registered",
     "Check settings on developer.spotify.com/dashboard, the user may not be registered."},
    {API, 403, NOT_REGISTERED_2026, SPOTIFY_FAILURE_FORBIDDEN, "not_registered",
     NOT_REGISTERED_2026},
    {API, 403, REGULAR(403, NOT_REGISTERED_2026), SPOTIFY_FAILURE_FORBIDDEN, "not_registered",
     NOT_REGISTERED_2026},
    {API, 403, OWNER_PREMIUM, SPOTIFY_FAILURE_APP, "owner_premium", OWNER_PREMIUM},
    {API, 403, REGULAR(403, OWNER_PREMIUM), SPOTIFY_FAILURE_APP, "owner_premium", OWNER_PREMIUM},
    {API, 403, OWNER_PREMIUM "\n", SPOTIFY_FAILURE_APP, "owner_premium", OWNER_PREMIUM},
    {API, 403, REGULAR(403, "Forbidden."), SPOTIFY_FAILURE_FORBIDDEN, "http_403", "Forbidden."},
    {API, 403, "", SPOTIFY_FAILURE_FORBIDDEN, "http_403", "HTTP status 403"},
    {API, 403, "Something new", SPOTIFY_FAILURE_FORBIDDEN, "http_403",
     "HTTP status 403: Something new"},
    {API, 404, REGULAR(404, "Service not found"), SPOTIFY_FAILURE_TRANSIENT, "http_404",
     "Service not found"},
    {API, 429, "Too many requests", SPOTIFY_FAILURE_TRANSIENT, "rate_limit", "Too many requests"},
    {API, 429, REGULAR(429, "API rate limit exceeded"), SPOTIFY_FAILURE_TRANSIENT, "rate_limit",
     "API rate limit exceeded"},
    {API, 429,
     "{\"error\":{\"status\":429,\"message\":\"Too many requests\",\"reason\":\"QUOTA_EXCEEDED\"}}",
     SPOTIFY_FAILURE_TRANSIENT, "rate_limit", "Too many requests (QUOTA_EXCEEDED)"},
    {API, 429, "", SPOTIFY_FAILURE_TRANSIENT, "rate_limit", "HTTP status 429"},
    {API, 500, REGULAR(500, "Server error."), SPOTIFY_FAILURE_TRANSIENT, "http_500",
     "Server error."},
    {API, 502, REGULAR(502, "Bad gateway."), SPOTIFY_FAILURE_TRANSIENT, "http_502", "Bad gateway."},
    {API, 502, "<html><body><h1>502 Bad Gateway</h1></body></html>", SPOTIFY_FAILURE_TRANSIENT,
     "http_502", "HTTP status 502 with an HTML page"},
    {API, 502, "\r\n  <!DOCTYPE html>", SPOTIFY_FAILURE_TRANSIENT, "http_502",
     "HTTP status 502 with an HTML page"},
    {API, 503, "", SPOTIFY_FAILURE_TRANSIENT, "http_503", "HTTP status 503"},
    {API, 504, "upstream request timeout", SPOTIFY_FAILURE_TRANSIENT, "http_504",
     "HTTP status 504: upstream request timeout"},
    {TOKEN, 400, OAUTH("invalid_grant", "Refresh token expired"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "invalid_grant", "invalid_grant: Refresh token expired"},
    {TOKEN, 400, OAUTH("invalid_grant", "Refresh token revoked"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "invalid_grant", "invalid_grant: Refresh token revoked"},
    {TOKEN, 400, OAUTH("invalid_grant", "Invalid refresh token"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "invalid_grant", "invalid_grant: Invalid refresh token"},
    {TOKEN, 400, OAUTH("invalid_grant", "Invalid authorization code"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "invalid_grant", "invalid_grant: Invalid authorization code"},
    {TOKEN, 400, OAUTH("invalid_grant", "Authorization code expired"), SPOTIFY_FAILURE_NEEDS_LOGIN,
     "invalid_grant", "invalid_grant: Authorization code expired"},
    {TOKEN, 400, "{\"error\":\"invalid_grant\"}", SPOTIFY_FAILURE_NEEDS_LOGIN, "invalid_grant",
     "invalid_grant"},
    {TOKEN, 401, "{\"error\":\"invalid_grant\",\"error_description\":null}",
     SPOTIFY_FAILURE_NEEDS_LOGIN, "invalid_grant", "invalid_grant"},
    {TOKEN, 400, OAUTH("invalid_client", "Invalid client"), SPOTIFY_FAILURE_APP, "invalid_client",
     "invalid_client: Invalid client"},
    {TOKEN, 400, OAUTH("invalid_client", "Invalid client secret"), SPOTIFY_FAILURE_APP,
     "invalid_client", "invalid_client: Invalid client secret"},
    {TOKEN, 400, OAUTH("invalid_client", "Failed to get client"), SPOTIFY_FAILURE_APP,
     "invalid_client", "invalid_client: Failed to get client"},
    {TOKEN, 401, OAUTH("invalid_client", "Invalid client"), SPOTIFY_FAILURE_APP, "invalid_client",
     "invalid_client: Invalid client"},
    {TOKEN, 400, OAUTH("unauthorized_client", "x"), SPOTIFY_FAILURE_APP, "unauthorized_client",
     "unauthorized_client: x"},
    {TOKEN, 400, OAUTH("invalid_request", "refresh_token must be supplied"), SPOTIFY_FAILURE_OURS,
     "invalid_request", "invalid_request: refresh_token must be supplied"},
    {TOKEN, 400, OAUTH("unsupported_grant_type", "grant_type parameter is missing"),
     SPOTIFY_FAILURE_OURS, "unsupported_grant_type",
     "unsupported_grant_type: grant_type parameter is missing"},
    {TOKEN, 400, OAUTH("unheard_of", "x"), SPOTIFY_FAILURE_OURS, "http_400", "unheard_of: x"},
    {TOKEN, 400, "", SPOTIFY_FAILURE_OURS, "http_400", "HTTP status 400"},
    {TOKEN, 401, "", SPOTIFY_FAILURE_TRANSIENT, "http_401", "HTTP status 401"},
    {TOKEN, 403, OWNER_PREMIUM, SPOTIFY_FAILURE_APP, "owner_premium", OWNER_PREMIUM},
    {TOKEN, 429, "Too many requests", SPOTIFY_FAILURE_TRANSIENT, "rate_limit", "Too many requests"},
    {TOKEN, 500, OAUTH("server_error", "x"), SPOTIFY_FAILURE_TRANSIENT, "http_500",
     "server_error: x"},
    {TOKEN, 503, "<html>", SPOTIFY_FAILURE_TRANSIENT, "http_503",
     "HTTP status 503 with an HTML page"},
};

START_TEST(every_known_wording_is_sorted)
{
    const struct wording_case *wanted = &wordings[_i];

    sort(wanted->endpoint, wanted->status, -1, wanted->body);
    ck_assert_str_eq(spotify_failure_name(failure.failure), spotify_failure_name(wanted->failure));
    ck_assert_str_eq(failure.code, wanted->code);
    ck_assert_str_eq(failure.reason, wanted->reason);
    ck_assert_int_eq(failure.retry_after_s, 0);
}
END_TEST

/* --- by status alone ---------------------------------------------------------------------- */

static const struct status_case {
    int status;
    enum spotify_failure_class api;
    enum spotify_failure_class token;
} statuses[] = {
    {0, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {100, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {202, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {301, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {302, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {307, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {400, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {401, SPOTIFY_FAILURE_TOKEN_EXPIRED, SPOTIFY_FAILURE_TRANSIENT},
    {403, SPOTIFY_FAILURE_FORBIDDEN, SPOTIFY_FAILURE_FORBIDDEN},
    {404, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {405, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {406, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {408, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {410, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {411, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {413, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {414, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {415, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {418, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {422, SPOTIFY_FAILURE_OURS, SPOTIFY_FAILURE_OURS},
    {429, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {500, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {502, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {503, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {504, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {599, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {999, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
    {-1, SPOTIFY_FAILURE_TRANSIENT, SPOTIFY_FAILURE_TRANSIENT},
};

/* Bodies that say nothing, or what is not theirs to say. */
static const char *const idle_bodies[] = {
    "",
    " ",
    "null",
    "42",
    "[]",
    "{}",
    "\"invalid_grant\"",
    "[\"invalid_grant\"]",
    "{\"error\":null}",
    "{\"error\":7}",
    "{\"error\":[]}",
    "{\"error\":{}}",
    "{\"error\":{\"status\":\"x\",\"message\":7,\"reason\":{}}}",
    "{\"error\":{\"message\":\"invalid_grant\"}}",
    "{\"message\":\"hello\"}",
    "<html>invalid_grant</html>",
    "error=invalid_grant",
    "{\"error\":\"invalid_grant\"",
};

START_TEST(the_status_decides_whatever_the_body_is)
{
    for (int i = 0; i < COUNT(statuses) * COUNT(idle_bodies); i++) {
        const struct status_case *wanted = &statuses[i % COUNT(statuses)];
        const char *body = idle_bodies[i / COUNT(statuses)];

        sort(API, wanted->status, -1, body);
        ck_assert_msg(failure.failure == wanted->api, "%d %s: %s", wanted->status, body,
                      spotify_failure_name(failure.failure));
        sort(TOKEN, wanted->status, -1, body);
        ck_assert_msg(failure.failure == wanted->token, "%d %s: %s", wanted->status, body,
                      spotify_failure_name(failure.failure));
    }
}
END_TEST

START_TEST(B5_invalid_grant_is_believed_only_with_status_400_or_401_of_the_token_endpoint)
{
    static const char body[] = "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}";

    for (int i = 0; i < COUNT(statuses); i++) {
        int status = statuses[i].status;

        sort(TOKEN, status, -1, body);
        ck_assert_int_eq(failure.failure == SPOTIFY_FAILURE_NEEDS_LOGIN,
                         status == 400 || status == 401);
        sort(API, status, -1, body);
        ck_assert_int_ne(failure.failure, SPOTIFY_FAILURE_NEEDS_LOGIN);
    }
}
END_TEST

START_TEST(A19_a_redirect_is_named_and_passes)
{
    sort(API, 302, -1, "<a href=\"https://elsewhere.example/\">Found</a>");
    ck_assert_int_eq(failure.failure, SPOTIFY_FAILURE_TRANSIENT);
    ck_assert_str_eq(failure.code, "http_302");
}
END_TEST

START_TEST(A8_a_success_without_json_is_said_to_be_none)
{
    sort(API, 200, -1, "<html>Please sign in</html>");
    ck_assert_str_eq(failure.code, "not_json");
    sort(API, 200, -1, "");
    ck_assert_str_eq(failure.code, "not_json");
    sort(API, 200, -1, "{\"x\":1}");
    ck_assert_str_eq(failure.code, "http_200");
    ck_assert_int_eq(failure.failure, SPOTIFY_FAILURE_TRANSIENT);
}
END_TEST

/* --- Retry-After -------------------------------------------------------------------------- */

static const struct retry_case {
    int status;
    int64_t retry_after_s;
    enum spotify_failure_class failure;
    int64_t wait_s;
} retries[] = {
    {429, 1, SPOTIFY_FAILURE_RATE_LIMIT, 1},
    {429, 4, SPOTIFY_FAILURE_RATE_LIMIT, 4},
    {429, 0, SPOTIFY_FAILURE_RATE_LIMIT, 1},
    {429, 79892, SPOTIFY_FAILURE_RATE_LIMIT, 79892},
    {429, 86400, SPOTIFY_FAILURE_RATE_LIMIT, 86400},
    {429, 172800, SPOTIFY_FAILURE_RATE_LIMIT, 172800},
    {429, 172801, SPOTIFY_FAILURE_RATE_LIMIT, 172800},
    {429, INT64_MAX, SPOTIFY_FAILURE_RATE_LIMIT, 172800},
    {429, -1, SPOTIFY_FAILURE_TRANSIENT, 0},
    {429, -2, SPOTIFY_FAILURE_TRANSIENT, 0},
    {429, INT64_MIN, SPOTIFY_FAILURE_TRANSIENT, 0},
    {503, 120, SPOTIFY_FAILURE_RATE_LIMIT, 120},
    {503, -1, SPOTIFY_FAILURE_TRANSIENT, 0},
    {500, 120, SPOTIFY_FAILURE_TRANSIENT, 0},
    {502, 120, SPOTIFY_FAILURE_TRANSIENT, 0},
    {301, 120, SPOTIFY_FAILURE_TRANSIENT, 0},
    {401, 120, SPOTIFY_FAILURE_TOKEN_EXPIRED, 0},
    {403, 120, SPOTIFY_FAILURE_FORBIDDEN, 0},
    {400, 120, SPOTIFY_FAILURE_OURS, 0},
};

START_TEST(A16_a_number_of_seconds_is_obeyed_with_429_and_503)
{
    const struct retry_case *wanted = &retries[_i];

    sort(API, wanted->status, wanted->retry_after_s, "Too many requests");
    ck_assert_int_eq(failure.failure, wanted->failure);
    ck_assert_int_eq(failure.retry_after_s, wanted->wait_s);
    ck_assert_str_eq(failure.code, wanted->status == 429 ? "rate_limit" : failure.code);
}
END_TEST

START_TEST(A17_the_token_endpoint_can_limit_as_well)
{
    sort(TOKEN, 429, 30, "");
    ck_assert_int_eq(failure.failure, SPOTIFY_FAILURE_RATE_LIMIT);
    ck_assert_int_eq(failure.retry_after_s, 30);
}
END_TEST

/* --- texts -------------------------------------------------------------------------------- */

START_TEST(a_reason_can_be_shown_anywhere)
{
    sort(API, 500, -1, "{\"error\":{\"message\":\"a\\n\\u001b[2J\\u202eb\\u0000\"}}");
    ck_assert_str_eq(failure.reason, "a\\x0a\\x1b[2J\\xe2\\x80\\xaeb\\x00");
    sort(API, 500, -1, "oops\xff\x07");
    ck_assert_str_eq(failure.reason, "HTTP status 500: oops\\xff\\x07");
}
END_TEST

START_TEST(A8_of_an_unknown_text_at_most_100_bytes_are_shown)
{
    char body[4001];

    memset(body, 'x', sizeof(body));
    for (size_t i = 10; i < sizeof(body); i += 10)
        body[i] = ' ';
    body[4000] = '\0';
    sort(API, 500, -1, body);
    ck_assert_uint_eq(strlen(failure.reason), strlen("HTTP status 500: ") + 100);
    ck_assert_str_eq(failure.reason + strlen(failure.reason) - 3, "...");
}
END_TEST

START_TEST(a_message_too_long_for_its_place_is_cut)
{
    struct buf body = {0};

    buf_add_text(&body, "{\"error\":{\"message\":\"");
    for (int i = 0; i < 300; i++)
        buf_add_text(&body, "long ");
    ck_assert(buf_add_text(&body, "\",\"reason\":\"AND_MORE\"}}"));
    sort(API, 500, -1, body.data);
    buf_free(&body, false);
    ck_assert_uint_eq(strlen(failure.reason), sizeof(failure.reason) - 1);
    ck_assert_str_eq(failure.reason + strlen(failure.reason) - 3, "...");
}
END_TEST

START_TEST(P4_what_looks_like_a_token_is_not_repeated)
{
    sort(TOKEN, 400, -1,
         OAUTH("invalid_request", "no such token AQCmadeupRefresh0123456789-_abcdefgh, sorry"));
    ck_assert_str_eq(failure.reason, "invalid_request: no such token [...], sorry");
    sort(TOKEN, 502, -1,
         "grant_type=refresh_token&refresh_token=AQCmadeupRefresh0123456789abcdefgh");
    ck_assert_str_eq(failure.reason,
                     "HTTP status 502: grant_type=refresh_token&refresh_token=[...]");
    sort(TOKEN, 400, -1, "{\"error\":\"AQCmadeupRefresh0123456789abcdefghijklmnop\"}");
    ck_assert_ptr_null(strstr(failure.reason, "AQC"));
}
END_TEST

START_TEST(a_body_over_64_KiB_is_not_looked_into)
{
    size_t len = 4 * 1024 * 1024;
    char *body = malloc(len + 1);

    memset(body, ' ', len);
    memcpy(body, "{\"error\":\"invalid_grant\"}", 25);
    body[len] = '\0';
    sort(TOKEN, 400, -1, body);
    ck_assert_int_eq(failure.failure, SPOTIFY_FAILURE_OURS);
    ck_assert_str_eq(failure.reason, "HTTP status 400");
    free(body);
}
END_TEST

START_TEST(any_bytes_give_a_class_and_printable_texts)
{
    static const char *const pieces[] = {
        "{",
        "}",
        "\"error\"",
        ":",
        "\"message\"",
        "\"invalid_grant\"",
        "[",
        "]",
        ",",
        "<",
        "x",
        "\\u0000",
        "\xff",
        "\xc3\xbc",
        "\"",
        "reason",
        "\"reason\"",
        " ",
        "\\ud83c",
        "\n",
        "123",
        "null",
        "error_description",
    };
    struct chance chance = chance_open("errors");

    for (int i = 0; i < 20000; i++) {
        struct buf body = {0};

        ck_assert(buf_add_text(&body, ""));
        for (uint64_t j = chance_below(&chance, 20); j > 0; j--)
            ck_assert(buf_add_text(&body, CHANCE_PICK(&chance, pieces)));
        sort(chance_below(&chance, 2) == 0 ? API : TOKEN, (int)chance_below(&chance, 600),
             (int64_t)chance_below(&chance, 10) - 3, body.data);
        buf_free(&body, false);
        ck_assert_int_ne(failure.failure, SPOTIFY_FAILURE_NONE);
        ck_assert(text_printable(failure.reason, strlen(failure.reason)));
        ck_assert(text_printable(failure.code, strlen(failure.code)));
        ck_assert_int_eq(failure.retry_after_s > 0, failure.failure == SPOTIFY_FAILURE_RATE_LIMIT);
    }
}
END_TEST

START_TEST(every_class_has_a_name)
{
    static const char *const names[] = {"none",        "transient", "rate_limit", "token_expired",
                                        "needs_login", "forbidden", "app",        "ours"};

    ck_assert_str_eq(spotify_failure_name((enum spotify_failure_class)_i), names[_i]);
}
END_TEST

Suite *errors_suite(void)
{
    Suite *suite = suite_create("errors");
    TCase *tcase = tcase_create("errors");

    tcase_add_loop_test(tcase, every_known_wording_is_sorted, 0, COUNT(wordings));
    tcase_add_test(tcase, the_status_decides_whatever_the_body_is);
    tcase_add_test(tcase,
                   B5_invalid_grant_is_believed_only_with_status_400_or_401_of_the_token_endpoint);
    tcase_add_test(tcase, A19_a_redirect_is_named_and_passes);
    tcase_add_test(tcase, A8_a_success_without_json_is_said_to_be_none);
    tcase_add_loop_test(tcase, A16_a_number_of_seconds_is_obeyed_with_429_and_503, 0,
                        COUNT(retries));
    tcase_add_test(tcase, A17_the_token_endpoint_can_limit_as_well);
    tcase_add_test(tcase, a_reason_can_be_shown_anywhere);
    tcase_add_test(tcase, A8_of_an_unknown_text_at_most_100_bytes_are_shown);
    tcase_add_test(tcase, a_message_too_long_for_its_place_is_cut);
    tcase_add_test(tcase, P4_what_looks_like_a_token_is_not_repeated);
    tcase_add_test(tcase, a_body_over_64_KiB_is_not_looked_into);
    tcase_add_test(tcase, any_bytes_give_a_class_and_printable_texts);
    tcase_add_loop_test(tcase, every_class_has_a_name, 0, 8);
    suite_add_tcase(suite, tcase);
    return suite;
}
