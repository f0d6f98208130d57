/* SPDX-License-Identifier: MIT */
/* What the control interface is told, and does not take. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 15000

/* A daemon with one user that polls only when told to. */
static void expect_controlled(void)
{
    json_decref(control_expect(200, "GET", "/v1/status", NULL));
}

/* -- what it is told --------------------------------------------------------------------------- */

/* An answer of the control interface's own kind: {"error": {"code": ..., "message": ...}}. */
static void expect_error(const char *what, const struct raw_answer *answer)
{
    const char *body = strstr(answer->text, "\r\n\r\n");
    json_t *json = body ? json_loads(body + 4, 0, NULL) : NULL, *error;

    ck_assert_msg(answer->status >= 400 && answer->status < 500, "%s: %ld\n%s", what,
                  answer->status, answer->text);
    ck_assert_msg(strcasestr(answer->text, "\r\nContent-Type: application/json\r\n") != NULL,
                  "%s:\n%s", what, answer->text);
    error = json_object_get(json, "error");
    ck_assert_msg(json_is_string(json_object_get(error, "code")), "%s:\n%s", what, answer->text);
    ck_assert_msg(json_is_string(json_object_get(error, "message")), "%s:\n%s", what, answer->text);
    json_decref(json);
}

static struct raw_answer ask(const char *method, const char *path, const char *body, size_t len)
{
    char *text = NULL;
    size_t text_len;
    FILE *out = open_memstream(&text, &text_len);
    struct raw_answer answer;

    fprintf(out,
            "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
            method, path, len);
    fwrite(body, 1, len, out);
    fclose(out);
    answer = raw_ask_on(raw_connect_control(), text, text_len, PATIENCE_MS);
    free(text);
    return answer;
}

#define BODY(text) text, sizeof(text) - 1

static const struct {
    const char *path, *body;
    size_t len;
    long status;
} bad_bodies[] = {
    {"/v1/sync", BODY(""), 400},
    {"/v1/sync", BODY("hello"), 400},
    {"/v1/sync", BODY("{"), 400},
    {"/v1/sync", BODY("{}{}"), 400},
    {"/v1/sync", BODY("[]"), 400},
    {"/v1/sync", BODY("[{}]"), 400},
    {"/v1/sync", BODY("null"), 400},
    {"/v1/sync", BODY("1"), 400},
    {"/v1/sync", BODY("\"{}\""), 400},
    {"/v1/sync", BODY("{\"users\":1}"), 400},
    {"/v1/sync", BODY("{\"user\":1,\"more\":2}"), 400},
    {"/v1/sync", BODY("{\"user\":1,\"user\":1}"), 400},
    {"/v1/sync", BODY("{\"user\":\"1\"}"), 400},
    {"/v1/sync", BODY("{\"user\":1.0}"), 400},
    {"/v1/sync", BODY("{\"user\":0}"), 400},
    {"/v1/sync", BODY("{\"user\":-1}"), 400},
    {"/v1/sync", BODY("{\"user\":null}"), 400},
    {"/v1/sync", BODY("{\"user\":true}"), 400},
    {"/v1/sync", BODY("{\"user\":[1]}"), 400},
    {"/v1/sync", BODY("{\"user\":99999999999999999999}"), 400},
    {"/v1/sync", BODY("{\"user\":1e400}"), 400},
    {"/v1/sync", BODY("{\"user\":7}"), 404},
    {"/v1/sync", BODY("{\"us\0er\":1}"), 400},
    {"/v1/sync", BODY("{\"user\":1}\0"), 400},
    {"/v1/sync", BODY("{\"\xff\":1}"), 400},
    {"/v1/sync", BODY("{'user':1}"), 400},
    {"/v1/login", BODY("{\"refresh_token\":1}"), 400},
    {"/v1/login", BODY("{\"refresh_token\":\"\"}"), 400},
    {"/v1/login", BODY("{\"refresh_token\":\"CANARY\",\"user\":1}"), 400},
    {"/v1/login", BODY("{\"refresh_token\":null}"), 400},
    {"/v1/login", BODY("{\"user\":7}"), 404},
    {"/v1/login/made-up", BODY("{}"), 400},
    {"/v1/login/made-up", BODY("{\"address\":1}"), 400},
    {"/v1/users/1/forget", BODY(""), 400},
    {"/v1/users/1/forget", BODY("{}"), 400},
    {"/v1/users/1/forget", BODY("{\"keep_plays\":0}"), 400},
    {"/v1/users/1/forget", BODY("{\"keep_plays\":\"false\"}"), 400},
    {"/v1/users/1/forget", BODY("{\"keep_plays\":null}"), 400},
    {"/v1/users/1/forget", BODY("{\"keep_plays\":false,\"keep_plays\":false}"), 400},
    {"/v1/users/7/forget", BODY("{\"keep_plays\":false}"), 404},
    {"/v1/users/1x/forget", BODY("{\"keep_plays\":false}"), 404},
    {"/v1/users/01/forget/", BODY("{\"keep_plays\":false}"), 404},
};

START_TEST(a_bad_body_is_refused_and_changes_nothing)
{
    char *before, *after;

    harness_run_by_hand(1);
    before = db_dump();
    for (size_t i = 0; i < COUNT_OF(bad_bodies); i++) {
        struct raw_answer answer =
            ask("POST", bad_bodies[i].path, bad_bodies[i].body, bad_bodies[i].len);

        ck_assert_msg(answer.status == bad_bodies[i].status, "%s %s: %ld\n%s", bad_bodies[i].path,
                      bad_bodies[i].body, answer.status, answer.text);
        expect_error(bad_bodies[i].body, &answer);
        ck_assert(!strstr(answer.text, HARNESS_CANARY));
        raw_free(&answer);
    }
    after = db_dump();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

/* count times fill between two texts. */
static struct raw_answer ask_long(const char *first, const char *fill, size_t count,
                                  const char *last)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct raw_answer answer;

    fputs(first, out);
    while (count-- > 0)
        fputs(fill, out);
    fputs(last, out);
    fclose(out);
    answer = ask("POST", "/v1/sync", text, len);
    free(text);
    return answer;
}

START_TEST(a_body_of_70_KB_is_413_or_cut_off)
{
    struct raw_answer answer;

    harness_run_by_hand(1);
    answer = ask_long("{\"user\":\"", "aaaaaaaaaa", 7168, "\"}");
    ck_assert_msg(answer.status == 413 || answer.len == 0, "%ld\n%s", answer.status, answer.text);
    ck_assert(answer.is_closed);
    raw_free(&answer);
    expect_controlled();
}
END_TEST

START_TEST(a_body_that_is_nested_deep_is_400)
{
    struct raw_answer answer;

    harness_run_by_hand(1);
    answer = ask_long("{\"user\":", "[", 60000, "");
    ck_assert_int_eq(answer.status, 400);
    expect_error("nested", &answer);
    raw_free(&answer);
    answer = ask_long("", "{\"a\":", 10000, "1");
    ck_assert_int_eq(answer.status, 400);
    raw_free(&answer);
    expect_controlled();
}
END_TEST

START_TEST(a_body_that_says_it_is_something_else_is_415)
{
    static const char text[] = "POST /v1/sync HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                               "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}";
    struct raw_answer answer;

    harness_run_by_hand(1);
    answer = raw_ask_on(raw_connect_control(), text, sizeof(text) - 1, PATIENCE_MS);
    ck_assert_int_eq(answer.status, 415);
    expect_error("text/plain", &answer);
    raw_free(&answer);
}
END_TEST

static const struct {
    const char *method, *path;
    long status;
} unknown[] = {
    {"GET", "/", 404},
    {"GET", "/spotify", 404},
    {"GET", "/v1", 404},
    {"GET", "/v2/status", 404},
    {"GET", "/v1/status/", 404},
    {"GET", "/v1/users/", 404},
    {"GET", "/v1/users/0", 404},
    {"GET", "/v1/users/7", 404},
    {"GET", "/v1/users/x", 404},
    {"GET", "/v1/users/-1", 404},
    {"GET", "/v1/users/99999999999999999999", 404},
    {"GET", "/v1/users/1/more", 404},
    {"GET", "/v1/users/1/", 404},
    {"GET", "/v1/login/made-up", 404},
    {"GET", "/v1/login/../status", 404},
    {"GET", "/v1/sync", 405},
    {"GET", "/v1/login", 405},
    {"GET", "/v1/users/1/forget", 405},
    {"POST", "/v1/status", 405},
    {"POST", "/v1/users", 405},
    {"POST", "/v1/users/1", 405},
    {"DELETE", "/v1/users/1", 405},
    {"PUT", "/v1/status", 405},
    {"GET", "/v1/users/%zz", 400},
    {"GET", "/v1/users/1%00", 400},
    {"GET", "/v1/users/%ff", 400},
};

START_TEST(what_it_does_not_know_is_refused_as_it_is_documented)
{
    harness_run_by_hand(1);
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        struct raw_answer answer = ask(unknown[i].method, unknown[i].path, "{}",
                                       strcmp(unknown[i].method, "GET") == 0 ? 0 : 2);

        ck_assert_msg(answer.status == unknown[i].status, "%s %s: %ld\n%s", unknown[i].method,
                      unknown[i].path, answer.status, answer.text);
        expect_error(unknown[i].path, &answer);
        ck_assert_msg(answer.status != 405 || strstr(answer.text, "\r\nAllow: "), "%s %s:\n%s",
                      unknown[i].method, unknown[i].path, answer.text);
        raw_free(&answer);
    }
}
END_TEST

/* Every address that takes GET, on both sockets, and addresses that do not. */
static const char *const looked_at[] = {
    "/v1/status",        "/v1/users", "/v1/users/1", "/v1/users/7",
    "/v1/login/made-up", "/v1/sync",  "/v1/login",   "/v1/users/1/forget?keep_plays=false"};
static const char *const pages[] = {"/",
                                    "/spotify",
                                    "/spotify?signed_in=1",
                                    "/spotify/connect?user=1",
                                    "/spotify/callback?error=access_denied&state=x",
                                    "/spotify/callback?code=a&state=b",
                                    "/password",
                                    "/password/logout",
                                    "/style.css",
                                    "/favicon.svg",
                                    "/healthz",
                                    "/robots.txt"};

START_TEST(looking_changes_nothing)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS"};
    struct browser *browser;
    char *before, *after;

    harness_run_by_hand(1);
    browser = browser_open();
    before = db_dump();
    for (size_t i = 0; i < COUNT_OF(looked_at) * COUNT_OF(methods); i++) {
        struct raw_answer answer =
            ask(methods[i % COUNT_OF(methods)], looked_at[i / COUNT_OF(methods)], "", 0);

        ck_assert_int_gt(answer.status, 0);
        raw_free(&answer);
    }
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct page page = browser_get(browser, pages[i]);

        page_free(&page);
    }
    harness_stays(fake_count("recent", 0) == 1, 200);
    after = db_dump();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    browser_close(browser);
}
END_TEST

Suite *control_suite(void)
{
    Suite *suite = suite_create("control");
    TCase *told = harness_case(suite, "what it is told");

    tcase_add_test(told, a_bad_body_is_refused_and_changes_nothing);
    tcase_add_test(told, a_body_of_70_KB_is_413_or_cut_off);
    tcase_add_test(told, a_body_that_is_nested_deep_is_400);
    tcase_add_test(told, a_body_that_says_it_is_something_else_is_415);
    tcase_add_test(told, what_it_does_not_know_is_refused_as_it_is_documented);
    tcase_add_test(told, looking_changes_nothing);
    return suite;
}
