/* SPDX-License-Identifier: MIT */
/* The way of a page from a request to its bytes: with views of the test's own. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "http_help.h"
#include "store_help.h"
#include "web/web_private.h"

#define GZIP "Accept-Encoding: gzip\r\n"
#define PAGE_BYTES 5000
#define QUEUE 32 /* pages that may wait */

static struct web web;
static sem_t begun, go;
static int drawn; /* views that began; looked at when they have ended */

/* -- views, on the thread ---------------------------------------------------------------------- */

static enum store_result draw_fields(struct store *store, const struct view_request *request,
                                     struct view_answer *answer)
{
    (void)store;
    drawn++;
    buf_addf(&answer->body, "path=%s rest=%s zone=%s chosen=%s covers=%d here=%s attention=%s ",
             request->path, request->rest, zone_name(request->zone), request->zone_chosen,
             request->covers, request->site.here, request->attention ? request->attention : "none");
    for (size_t i = 0; i < request->field_count; i++)
        buf_addf(&answer->body, "[%s|%s]", request->fields[i].name, request->fields[i].value);
    return STORE_OK;
}

static enum store_result draw_page(struct store *store, const struct view_request *request,
                                   struct view_answer *answer)
{
    (void)store;
    (void)request;
    drawn++;
    while (answer->body.len < PAGE_BYTES)
        buf_add_text(&answer->body, "0123456789");
    return STORE_OK;
}

static enum store_result draw_small(struct store *store, const struct view_request *request,
                                    struct view_answer *answer)
{
    (void)store;
    (void)request;
    buf_add_text(&answer->body, "small");
    return STORE_OK;
}

static enum store_result draw_slowly(struct store *store, const struct view_request *request,
                                     struct view_answer *answer)
{
    sem_post(&begun);
    sem_wait(&go);
    return draw_page(store, request, answer);
}

static enum store_result draw_late(struct store *store, const struct view_request *request,
                                   struct view_answer *answer)
{
    (void)store;
    (void)request;
    buf_add_text(&answer->body, "half a page");
    return STORE_LATE;
}

static enum store_result draw_broken(struct store *store, const struct view_request *request,
                                     struct view_answer *answer)
{
    (void)draw_late(store, request, answer);
    return STORE_MISUSE;
}

static enum store_result draw_elsewhere(struct store *store, const struct view_request *request,
                                        struct view_answer *answer)
{
    (void)store;
    (void)request;
    answer->location = arena_copy(&answer->arena, "/elsewhere", 10);
    return STORE_OK;
}

static enum store_result draw_nothing(struct store *store, const struct view_request *request,
                                      struct view_answer *answer)
{
    (void)store;
    return view_error(request, answer, 404, "There is nothing.");
}

static enum store_result draw_too_much(struct store *store, const struct view_request *request,
                                       struct view_answer *answer)
{
    (void)store;
    (void)request;
    answer->body.limit = 100;
    buf_add_text(&answer->body, "some");
    for (int i = 0; i < 100; i++)
        buf_add_text(&answer->body, "more");
    return STORE_OK;
}

static enum store_result draw_file(struct store *store, const struct view_request *request,
                                   struct view_answer *answer)
{
    FILE *file = tmpfile();

    (void)store;
    (void)request;
    fputs("a,b\r\n1,2\r\n", file);
    fflush(file);
    answer->fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    answer->type = "text/csv; charset=utf-8";
    answer->filename = "plays \xc3\xa5.csv";
    fclose(file);
    return STORE_OK;
}

static enum store_result draw_picture(struct store *store, const struct view_request *request,
                                      struct view_answer *answer)
{
    (void)store;
    (void)request;
    answer->type = "image/svg+xml";
    answer->filename = "year.svg";
    buf_add_text(&answer->body, "<svg/>");
    return STORE_OK;
}

/* -- the server -------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    view_draw *draw;
} views[] = {
    {"/fields", draw_fields},     {"/sub/", draw_fields},         {"/page", draw_page},
    {"/small", draw_small},       {"/slowly", draw_slowly},       {"/late", draw_late},
    {"/broken", draw_broken},     {"/elsewhere", draw_elsewhere}, {"/nothing", draw_nothing},
    {"/too-much", draw_too_much}, {"/file", draw_file},           {"/picture", draw_picture},
};

static void serve_view(struct web_request *request, void *context)
{
    const char *path = web_request_path(request);
    size_t i = 0;

    (void)context;
    while (strncmp(views[i].path, path, strlen(views[i].path)) != 0)
        i++;
    web_view_answer(request, &web, views[i].draw);
}

static const struct web_route routes[] = {
    {"/*", WEB_GET, serve_view},
    {"/*", WEB_POST, serve_view},
    {NULL, 0, NULL},
};

static const char *const headers[] = {"Content-Security-Policy", "strict", NULL};

static void setup(void)
{
    store_help_setup();
    store_help_make();
    ck_assert_int_eq(sem_init(&begun, 0, 0), 0);
    ck_assert_int_eq(sem_init(&go, 0, 0), 0);
    web_world_open();
    web_world.config.routes = routes;
    web_world.config.headers = headers;
    web_world_serve(false);
    web = (struct web){
        .base = web_world.base,
        .texts = {.title = strdup("Play history"),
                  .database = strdup(store_help_db()),
                  .policy_covers = strdup("with covers")},
        .style_version = "1",
        /* found out just now, and too dear to ask again: no recorder is needed */
        .attention = {.made_at = clock_boot_us(),
                      .cost = INT64_MAX / (2 * WEB_ATTENTION_REST),
                      .text = "Do something."},
    };
    ck_assert(web_views_begin(&web));
}

static void teardown(void)
{
    web_http_free(web_world.http);
    web_world.http = NULL;
    web_views_end(&web);
    free(web.texts.title);
    free(web.texts.database);
    free(web.texts.policy_covers);
    web_world_close();
    store_help_teardown();
}

#define has(answer, text) \
    ck_assert_msg(strstr(answer, text) != NULL, "no \"%s\" in: %.800s", text, answer)
#define has_not(answer, text) \
    ck_assert_msg(strstr(answer, text) == NULL, "\"%s\" in: %.800s", text, answer)

/* A header's value; from malloc. */
static char *header_of(const char *answer, const char *name)
{
    char line[100];
    const char *at;

    snprintf(line, sizeof(line), "\r\n%s: ", name);
    at = strstr(answer, line);
    ck_assert_msg(at != NULL, "no %s in: %.500s", name, answer);
    at += strlen(line);
    return strndup(at, strcspn(at, "\r"));
}

static const char *ask_known(const char *path, const char *tag, const char *more)
{
    char all[1000];

    snprintf(all, sizeof(all), "If-None-Match: %s\r\n%s", tag, more);
    return web_method_call("GET", path, all);
}

/* The server goes on until a slow view is on the thread. */
static void wait_until_begun(void)
{
    while (sem_trywait(&begun) != 0)
        web_run_for(1);
}

/* -- what a view is told ----------------------------------------------------------------------- */

START_TEST(a_view_is_told_what_was_asked)
{
    const char *answer = web_method_call(
        "GET", "/sub/a%20b?q=x+y&q=%C3%A5&empty=", "Cookie: zone=Asia/Tokyo; covers=off\r\n");

    has(answer, "path=/sub/a b ");
    has(answer, "rest=sub/a b ");
    has(answer, "zone=Asia/Tokyo chosen=Asia/Tokyo covers=0");
    has(answer, "attention=Do something. [q|x y][q|\xc3\xa5][empty|]");
}
END_TEST

START_TEST(the_address_of_a_page_is_one_to_come_back_to)
{
    has(web_get("/fields?q=x+y&a=%C3%A5"), "here=/fields?q=x+y&a=%C3%A5 ");
    has(web_get("/sub/a%20b?q=1"), "here=/ "); /* would have to be encoded anew */
    has(web_get("/sub/%3Fa"), "here=/ ");
}
END_TEST

static const char *const odd_cookies[] = {"",
                                          "Cookie: zone=Nowhere/Land\r\n",
                                          "Cookie: zone=../../etc/passwd\r\n",
                                          "Cookie: zone=\r\n",
                                          "Cookie: zone=Asia/Tokyo; zone=UTC\r\n",
                                          "Cookie: zone=/UTC\r\n"};

START_TEST(without_a_zone_that_is_one_it_is_that_of_the_server)
{
    const char *answer = web_method_call("GET", "/fields", odd_cookies[_i]);

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, " chosen= covers=1 ");
}
END_TEST

START_TEST(a_post_is_drawn_with_the_fields_of_its_form)
{
    const char *answer = web_ask(
        "POST /fields?q=query HTTP/1.1\r\nHost: page\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\nq=form");

    has(answer, "[q|form]");
    has_not(answer, "[q|query]");
}
END_TEST

/* -- what is sent ------------------------------------------------------------------------------ */

START_TEST(a_page_is_the_readers_own_and_asked_for_each_time)
{
    const char *answer = web_get("/page");

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    has(answer, "\r\nContent-Length: 5000\r\n");
    has(answer, "\r\nCache-Control: private, no-cache\r\n");
    has(answer, "\r\nVary: Accept-Encoding, Cookie\r\n");
    has(answer, "\r\nETag: \"");
    has(answer, "\r\nSet-Cookie: historyd_browser=");
    has_not(answer, "Content-Encoding");
    ck_assert_uint_eq(strlen(web_body(answer)), PAGE_BYTES);
}
END_TEST

START_TEST(head_is_the_same_without_the_page)
{
    char *whole = header_of(web_get("/page"), "ETag");
    const char *answer = web_method_call("HEAD", "/page", "");
    char *tag = header_of(answer, "ETag");

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "\r\nContent-Length: 5000\r\n");
    ck_assert_str_eq(tag, whole);
    ck_assert_str_eq(web_body(answer), "");
    free(whole);
    free(tag);
}
END_TEST

START_TEST(pictures_from_elsewhere_are_allowed_where_they_are_wanted)
{
    has(web_get("/page"), "\r\nContent-Security-Policy: with covers\r\n");
    has(web_method_call("GET", "/page", "Cookie: covers=off\r\n"),
        "\r\nContent-Security-Policy: strict\r\n");
    has(web_get("/picture"), "\r\nContent-Security-Policy: strict\r\n");
}
END_TEST

START_TEST(gzip_is_sent_to_who_asks_for_it)
{
    char *plain = header_of(web_get("/page"), "ETag"), *tag;
    unsigned char page[PAGE_BYTES + 1];
    z_stream stream = {.next_out = page, .avail_out = sizeof(page)};
    const char *answer, *body;
    size_t len;
    int fd = web_connect();

    web_say(fd, "GET /page HTTP/1.1\r\nHost: page\r\nConnection: close\r\n" GZIP "\r\n");
    answer = web_hear(fd, &len);
    close(fd);
    has(answer, "\r\nContent-Encoding: gzip\r\n");
    tag = header_of(answer, "ETag");
    ck_assert_str_ne(tag, plain);
    body = web_body(answer);
    stream.next_in = (Bytef *)body;
    stream.avail_in = (uInt)(len - (size_t)(body - answer));
    ck_assert_uint_lt(stream.avail_in, 200);
    ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
    ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(stream.avail_out, 1);
    inflateEnd(&stream);
    ck_assert_mem_eq(page, "01234567890123456789", 20);
    free(plain);
    free(tag);
}
END_TEST

START_TEST(what_is_small_is_not_compressed)
{
    const char *answer = web_method_call("GET", "/small", GZIP);

    has_not(answer, "Content-Encoding");
    ck_assert_str_eq(web_body(answer), "small");
}
END_TEST

START_TEST(what_the_browser_has_is_not_sent_again)
{
    char *tag = header_of(web_get("/page"), "ETag");
    const char *answer = ask_known("/page", tag, "");

    ck_assert_int_eq(web_status(answer), 304);
    ck_assert_str_eq(web_body(answer), "");
    has(answer, tag);
    has(answer, "\r\nVary: Accept-Encoding, Cookie\r\n");
    has(answer, "\r\nCache-Control: private, no-cache\r\n");
    has_not(answer, "Content-Length");
    has_not(answer, "Content-Encoding");
    free(tag);
}
END_TEST

START_TEST(each_form_of_a_page_is_known_by_its_own_tag)
{
    char *plain = header_of(web_get("/page"), "ETag");
    char *gzip = header_of(web_method_call("GET", "/page", GZIP), "ETag");

    ck_assert_int_eq(web_status(ask_known("/page", gzip, GZIP)), 304);
    ck_assert_int_eq(web_status(ask_known("/page", plain, GZIP)), 200);
    ck_assert_int_eq(web_status(ask_known("/page", gzip, "")), 200);
    ck_assert_int_eq(web_status(ask_known("/page", "*", "")), 304);
    free(plain);
    free(gzip);
}
END_TEST

START_TEST(a_page_for_an_error_has_no_tag_and_is_never_known)
{
    const char *answer = ask_known("/nothing", "*", "");

    ck_assert_int_eq(web_status(answer), 404);
    has(answer, "There is nothing.");
    has_not(answer, "ETag");
}
END_TEST

START_TEST(a_file_is_sent_to_be_saved)
{
    const char *answer = web_method_call("GET", "/file", GZIP);

    ck_assert_int_eq(web_status(answer), 200);
    has(answer, "\r\nContent-Type: text/csv; charset=utf-8\r\n");
    has(answer, "\r\nContent-Disposition: attachment; filename=\"plays __.csv\"; "
                "filename*=UTF-8''plays%20%C3%A5.csv\r\n");
    has(answer, "\r\nContent-Length: 10\r\n");
    has(answer, "\r\nCache-Control: no-store\r\n");
    has_not(answer, "Content-Encoding");
    ck_assert_str_eq(web_body(answer), "a,b\r\n1,2\r\n");
}
END_TEST

START_TEST(a_page_with_a_name_is_sent_to_be_saved_too)
{
    const char *answer = web_get("/picture");

    has(answer, "\r\nContent-Type: image/svg+xml\r\n");
    has(answer, "\r\nContent-Disposition: attachment; filename=\"year.svg\"\r\n");
    ck_assert_str_eq(web_body(answer), "<svg/>");
}
END_TEST

START_TEST(a_view_can_lead_elsewhere)
{
    const char *answer = web_get("/elsewhere");

    ck_assert_int_eq(web_status(answer), 303);
    has(answer, "\r\nLocation: /elsewhere\r\n");
    has(answer, "\r\nCache-Control: no-store\r\n");
}
END_TEST

/* -- trouble ----------------------------------------------------------------------------------- */

START_TEST(H7_a_page_past_its_budget_is_a_503_with_words)
{
    const char *answer = web_get("/late");

    ck_assert_int_eq(web_status(answer), 503);
    has(answer, "\r\nRetry-After: 5\r\n");
    has(answer, "\r\nCache-Control: no-store\r\n");
    has(answer, "This page took longer to draw than a page may.");
    has_not(answer, "half a page");
}
END_TEST

START_TEST(a_failure_is_a_500_and_said_in_the_log_once)
{
    for (int i = 0; i < 3; i++) {
        const char *answer = web_get("/broken");

        ck_assert_int_eq(web_status(answer), 500);
        has_not(answer, "half a page");
    }
    ck_assert_int_eq(web_world.log_lines, 1);
    has(web_world.log, "the database cannot be read");
    ck_assert_int_eq(web_status(web_get("/small")), 200);
    has(web_world.log, "read again");
}
END_TEST

START_TEST(a_page_without_end_is_a_500)
{
    ck_assert_int_eq(web_status(web_method_call("GET", "/too-much", GZIP)), 500);
}
END_TEST

/* One is drawn, as many wait as may; all but the last get their page. */
START_TEST(one_page_too_many_is_a_503)
{
    int fds[QUEUE + 1];
    const char *answer;

    for (int i = 0; i < QUEUE + 1; i++) {
        fds[i] = web_connect();
        web_say(fds[i], i == 0 ? "GET /slowly HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n"
                               : "GET /small HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n");
        web_run_until_open((size_t)i + 1);
        web_run_for(2);
    }
    wait_until_begun();
    answer = web_get("/small");
    ck_assert_int_eq(web_status(answer), 503);
    has(answer, "\r\nRetry-After: 5\r\n");
    has(answer, "Too much is being asked for at once.");
    sem_post(&go);
    for (int i = 0; i < QUEUE + 1; i++) {
        ck_assert_int_eq(web_status(web_hear(fds[i], NULL)), 200);
        close(fds[i]);
    }
}
END_TEST

START_TEST(a_page_that_nobody_waits_for_is_not_drawn)
{
    int slow = web_connect(), left;

    web_say(slow, "GET /slowly HTTP/1.1\r\nHost: page\r\nConnection: close\r\n\r\n");
    web_run_until_open(1);
    wait_until_begun();
    left = web_connect();
    web_say(left, "GET /page HTTP/1.1\r\nHost: page\r\n\r\n");
    web_run_until_open(2);
    web_run_for(5);
    close(left);
    web_run_until_open(1);
    sem_post(&go);
    ck_assert_int_eq(web_status(web_hear(slow, NULL)), 200);
    ck_assert_int_eq(drawn, 1);
    close(slow);
}
END_TEST

START_TEST(a_client_that_leaves_while_its_page_is_drawn_is_forgotten)
{
    int slow = web_connect();

    web_say(slow, "GET /slowly HTTP/1.1\r\nHost: page\r\n\r\n");
    web_run_until_open(1);
    wait_until_begun();
    close(slow);
    web_run_until_open(0);
    sem_post(&go);
    ck_assert_int_eq(web_status(web_get("/small")), 200);
}
END_TEST

START_TEST(an_end_while_pages_are_drawn_is_an_end)
{
    int slow = web_connect(), waits;

    web_say(slow, "GET /slowly HTTP/1.1\r\nHost: page\r\n\r\n");
    web_run_until_open(1);
    wait_until_begun();
    waits = web_connect();
    web_say(waits, "GET /page HTTP/1.1\r\nHost: page\r\n\r\n");
    web_run_until_open(2);
    web_run_for(5);
    sem_post(&go);
    close(slow);
    close(waits);
    /* teardown() ends it */
}
END_TEST

static void add_told(Suite *suite)
{
    TCase *told = tcase_create("told");

    tcase_add_checked_fixture(told, setup, teardown);
    tcase_add_test(told, a_view_is_told_what_was_asked);
    tcase_add_test(told, the_address_of_a_page_is_one_to_come_back_to);
    tcase_add_loop_test(told, without_a_zone_that_is_one_it_is_that_of_the_server, 0,
                        sizeof(odd_cookies) / sizeof(odd_cookies[0]));
    tcase_add_test(told, a_post_is_drawn_with_the_fields_of_its_form);
    suite_add_tcase(suite, told);
}

static void add_sent(Suite *suite)
{
    TCase *sent = tcase_create("sent");

    tcase_add_checked_fixture(sent, setup, teardown);
    tcase_add_test(sent, a_page_is_the_readers_own_and_asked_for_each_time);
    tcase_add_test(sent, head_is_the_same_without_the_page);
    tcase_add_test(sent, pictures_from_elsewhere_are_allowed_where_they_are_wanted);
    tcase_add_test(sent, gzip_is_sent_to_who_asks_for_it);
    tcase_add_test(sent, what_is_small_is_not_compressed);
    tcase_add_test(sent, what_the_browser_has_is_not_sent_again);
    tcase_add_test(sent, each_form_of_a_page_is_known_by_its_own_tag);
    tcase_add_test(sent, a_page_for_an_error_has_no_tag_and_is_never_known);
    tcase_add_test(sent, a_file_is_sent_to_be_saved);
    tcase_add_test(sent, a_page_with_a_name_is_sent_to_be_saved_too);
    tcase_add_test(sent, a_view_can_lead_elsewhere);
    suite_add_tcase(suite, sent);
}

Suite *web_page_views_suite(void)
{
    Suite *suite = suite_create("web_page_views");
    TCase *trouble = tcase_create("trouble");

    add_told(suite);
    add_sent(suite);
    tcase_add_checked_fixture(trouble, setup, teardown);
    tcase_add_test(trouble, H7_a_page_past_its_budget_is_a_503_with_words);
    tcase_add_test(trouble, a_failure_is_a_500_and_said_in_the_log_once);
    tcase_add_test(trouble, a_page_without_end_is_a_500);
    tcase_add_test(trouble, one_page_too_many_is_a_503);
    tcase_add_test(trouble, a_page_that_nobody_waits_for_is_not_drawn);
    tcase_add_test(trouble, a_client_that_leaves_while_its_page_is_drawn_is_forgotten);
    tcase_add_test(trouble, an_end_while_pages_are_drawn_is_an_end);
    suite_add_tcase(suite, trouble);
    return suite;
}
