/* SPDX-License-Identifier: MIT */
/* Pages that show history, through the real daemon: choices, what browsers say, many at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "requests.h"

#define AT_ONCE 20
#define KATHMANDU_MS (5 * HOUR + 45 * MINUTE) /* ahead of UTC, all the year */

static const char *const paths[] = {"/", "/plays", "/year/", "/coverage", "/choices"};

static struct page get(struct browser *browser, const char *path, long status)
{
    struct page page = browser_get(browser, path);

    ck_assert_msg(page.status == status, "%s: %ld, and not %ld:\n%s", path, page.status, status,
                  page.body);
    return page;
}

static void expect(struct browser *browser, const char *path, const char *text)
{
    struct page page = get(browser, path, 200);

    ck_assert_msg(page_has(&page, text), "%s: no \"%s\" in\n%s", path, text, page.body);
    page_free(&page);
}

/* Fills in the page of choices; the answer. */
static struct page choose(struct browser *browser, const char *fields)
{
    struct page page = get(browser, "/choices?next=%2Fplays%3Fq%3Da", 200);
    char form[400];

    snprintf(form, sizeof(form), "token=%s&next=%s&%s", page_field(&page, "token"),
             "%2Fplays%3Fq%3Da", fields);
    ck_assert_str_eq(page_field(&page, "next"), "/plays?q=a");
    page_free(&page);
    return browser_post(browser, "/choices", form);
}

static void choose_well(struct browser *browser, const char *fields)
{
    struct page page = choose(browser, fields);

    ck_assert_int_eq(page.status, 303);
    ck_assert_str_eq(page_header(&page, "Location"), "/plays?q=a");
    page_free(&page);
}

/* -- the pages --------------------------------------------------------------------------------- */

START_TEST(home_leads_to_the_accounts_until_somebody_is_connected)
{
    struct browser *browser = browser_open();
    struct page page;

    fake_start("--accounts", "1");
    hd_start();
    page = get(browser, "/", 303);
    ck_assert_str_eq(page_header(&page, "Location"), "/spotify");
    page_free(&page);
    browser_login(browser, 1);
    expect(browser, "/", "<a href=\"/\" aria-current=\"page\">Home</a>");
    browser_close(browser);
}
END_TEST

START_TEST(every_page_of_the_menu_answers_in_the_frame_of_all)
{
    struct browser *browser = browser_open();

    harness_run_by_hand(1);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        expect(browser, paths[i], "<nav aria-label=\"Pages\">");
        expect(browser, paths[i], "Time zone: ");
    }
    browser_close(browser);
}
END_TEST

/* -- the choices ------------------------------------------------------------------------------- */

/* "2026-11-22 18:04" somewhere on a page, at a moment or up to a minute before. */
static bool shows_time(const struct page *page, int64_t ms)
{
    char text[40];
    struct tm tm;

    for (int minutes = 0; minutes <= 1; minutes++) {
        time_t seconds = (time_t)((ms - minutes * MINUTE) / 1000);

        gmtime_r(&seconds, &tm);
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
        if (page_has(page, text))
            return true;
    }
    return false;
}

START_TEST(D6_a_time_zone_that_is_chosen_changes_the_times_that_are_shown)
{
    struct browser *browser = browser_open();
    struct page page;

    harness_run_by_hand(1);
    choose_well(browser, "zone=Asia%2FKathmandu&covers=on");
    page = get(browser, "/choices", 200);
    ck_assert_msg(shows_time(&page, harness_now() + KATHMANDU_MS), "%s", page.body);
    ck_assert(!shows_time(&page, harness_now()));
    page_free(&page);
    expect(browser, "/coverage", "Time zone: Asia/Kathmandu.");
    choose_well(browser, "zone=UTC&covers=on");
    page = get(browser, "/choices", 200);
    ck_assert(shows_time(&page, harness_now()));
    page_free(&page);
    choose_well(browser, "zone=&covers=on");
    page = get(browser, "/choices", 200);
    ck_assert(!page_has(&page, "Time zone: UTC."));
    page_free(&page);
    browser_close(browser);
}
END_TEST

START_TEST(choices_are_kept_for_a_year_and_for_us_alone)
{
    struct browser *browser = browser_open();
    struct page page;

    harness_run_by_hand(1);
    page = choose(browser, "zone=Europe%2FBerlin");
    ck_assert_ptr_nonnull(strstr(page.headers, "Set-Cookie: zone=Europe/Berlin; Path=/; "
                                               "Max-Age=31536000; HttpOnly; SameSite=Lax\r\n"));
    ck_assert_ptr_nonnull(strstr(page.headers, "Set-Cookie: covers=off; Path=/; "
                                               "Max-Age=31536000; HttpOnly; SameSite=Lax\r\n"));
    page_free(&page);
    browser_close(browser);
}
END_TEST

START_TEST(pictures_come_from_elsewhere_only_where_they_are_wanted)
{
    struct browser *browser = browser_open();
    struct page page;

    harness_run_by_hand(1);
    page = get(browser, "/", 200);
    ck_assert_ptr_nonnull(strstr(page_header(&page, "Content-Security-Policy"),
                                 "img-src 'self' https://i.scdn.co https://mosaic.scdn.co;"));
    page_free(&page);
    choose_well(browser, "zone=");
    page = get(browser, "/", 200);
    ck_assert_ptr_nonnull(strstr(page_header(&page, "Content-Security-Policy"), "img-src 'self';"));
    ck_assert(!page_has(&page, "scdn.co"));
    page_free(&page);
    page = get(browser, "/spotify", 200);
    ck_assert_ptr_null(strstr(page_header(&page, "Content-Security-Policy"), "scdn.co"));
    page_free(&page);
    browser_close(browser);
}
END_TEST

START_TEST(a_zone_that_is_none_is_refused_with_words_and_changes_nothing)
{
    struct browser *browser = browser_open();
    struct page page;

    harness_run_by_hand(1);
    choose_well(browser, "zone=Asia%2FKathmandu&covers=on");
    page = choose(browser, "zone=Mars%2F%3Cb%3E%22&covers=off");
    ck_assert_int_eq(page.status, 422);
    ck_assert(page_has(&page, "There is no time zone called <bdi>Mars/&lt;b&gt;&quot;</bdi>"));
    ck_assert_str_eq(page_field(&page, "next"), "/plays?q=a");
    ck_assert_ptr_null(strstr(page.headers, "Set-Cookie: zone"));
    page_free(&page);
    expect(browser, "/plays", "Time zone: Asia/Kathmandu.");
    browser_close(browser);
}
END_TEST

START_TEST(choices_come_from_a_form_of_ours_only)
{
    struct browser *browser = browser_open();
    struct page page;

    harness_run_by_hand(1);
    page = browser_post(browser, "/choices", "zone=UTC&next=/");
    ck_assert_int_eq(page.status, 403);
    ck_assert_ptr_null(strstr(page.headers, "Set-Cookie: zone"));
    page_free(&page);
    browser_close(browser);
}
END_TEST

/* -- what browsers say ------------------------------------------------------------------------- */

static const char *const odd_headers[] = {
    "Accept-Encoding: \r\n",
    "Accept-Encoding: ,,;;q=,gzip;;q=0;q=1\r\n",
    "Accept-Encoding: gzip;q=999999999999999999999999\r\n",
    "Accept-Encoding: *;q=\xff\xfe\r\n",
    "Accept-Encoding: gzip\r\nAccept-Encoding: identity\r\n",
    "If-None-Match: \r\n",
    "If-None-Match: \"\r\n",
    "If-None-Match: W/\r\n",
    "If-None-Match: W/\"\xff\", \"\\\"\r\n",
    "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n",
    "Cookie: zone=../../../etc/passwd; covers=\xff\r\n",
    "Cookie: zone=; covers=; zone=UTC\r\n",
};

START_TEST(odd_headers_get_the_page_all_the_same)
{
    char text[1000];
    struct raw_answer answer;

    harness_run_by_hand(1);
    for (size_t i = 0; i < COUNT_OF(odd_headers); i++) {
        snprintf(text, sizeof(text),
                 "GET /choices HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n%s\r\n",
                 odd_headers[i]);
        answer = requests_ask_text(text);
        ck_assert_msg(answer.status == 200, "%s: %ld", odd_headers[i], answer.status);
        ck_assert_ptr_nonnull(strstr(answer.text, "</html>"));
        raw_free(&answer);
    }
}
END_TEST

/* As long as headers may be, and nothing but commas, quotes and stars. */
START_TEST(H7_long_lists_take_no_time)
{
    static const char *const names[] = {"Accept-Encoding", "If-None-Match"};
    static const char *const parts[] = {",", "\"", "*;q=0,", "W/\"a\",", "gzi,"};
    struct browser *browser = browser_open();

    harness_run_by_hand(1);
    for (size_t i = 0; i < COUNT_OF(names) * COUNT_OF(parts); i++) {
        char header[8000];
        size_t len = (size_t)snprintf(header, sizeof(header), "%s: ", names[i % COUNT_OF(names)]);
        const char *part = parts[i / COUNT_OF(names)];
        int64_t began = harness_boot();
        struct page page;

        while (len + 10 < sizeof(header))
            len += (size_t)snprintf(header + len, sizeof(header) - len, "%s", part);
        page = browser_send(browser, "/choices", NULL, header);
        ck_assert_int_eq(page.status, 200);
        ck_assert_int_lt(harness_boot() - began, 1000);
        page_free(&page);
    }
    browser_close(browser);
}
END_TEST

START_TEST(a_page_that_the_browser_has_is_not_sent_again)
{
    struct browser *browser = browser_open();
    struct page page;
    char header[200];

    harness_run_by_hand(1);
    expect(browser, "/coverage", "</html>"); /* and the browser has its cookie */
    page = get(browser, "/coverage", 200);
    snprintf(header, sizeof(header), "If-None-Match: %s", page_header(&page, "ETag"));
    page_free(&page);
    page = browser_send(browser, "/coverage", NULL, header);
    ck_assert_int_eq(page.status, 304);
    ck_assert_uint_eq(page.len, 0);
    page_free(&page);
    browser_close(browser);
}
END_TEST

/* -- many at once ------------------------------------------------------------------------------ */

/* All of them, each from a connection of its own, until all are answered. */
static void ask_for_many(struct browser *browser)
{
    int fds[AT_ONCE];
    char address[200];

    for (int i = 0; i < AT_ONCE; i++) {
        snprintf(address, sizeof(address), "%s%s", harness.page, paths[i % COUNT_OF(paths)]);
        fds[i] = browser_start(browser, address);
    }
    for (int i = 0; i < AT_ONCE; i++)
        ck_assert_int_eq(browser_end(fds[i]), 200);
}

/* The longest time between two polls of the same user that both began in a stretch of time. */
static int64_t longest_pause(int64_t since)
{
    return db_int("SELECT max(pause) FROM (SELECT started_at - lag(started_at) OVER (PARTITION BY"
                  " user_id ORDER BY started_at) AS pause FROM polls WHERE started_at >= %lld)",
                  (long long)since);
}

enum { MANY_USERS = 5, MANY_INTERVAL_MS = 1000, MANY_LATE_MS = 100, MANY_ROUNDS = 4 };

/* The longest pause between two polls of a user while pages are asked for. */
static int64_t pause_under_load(struct browser *browser)
{
    int64_t since = harness_now(), polls = db_int("SELECT count(*) FROM polls"), pages = 0;
    int64_t pause;

    while (db_int("SELECT count(*) FROM polls") < polls + (int64_t)MANY_ROUNDS * MANY_USERS) {
        ask_for_many(browser);
        pages += AT_ONCE;
    }
    pause = longest_pause(since);
    fprintf(stderr, "%lld pages: the longest pause of a user polled every %d ms was %lld ms\n",
            (long long)pages, MANY_INTERVAL_MS, (long long)pause);
    ck_assert_int_gt(pause, 0);
    return pause;
}

/* A disk that is slow for once holds up everybody: pages would do it each time. */
START_TEST(H7_many_pages_at_once_do_not_hold_up_a_poll)
{
    struct browser *browser = browser_open();
    int64_t pause = INT64_MAX;

    harness.config.poll_interval = harness.config.sweep_interval = "1s";
    harness_run(MANY_USERS);
    hd_wait_for_polls(2 * MANY_USERS);
    for (int i = 0; i < 3 && pause >= MANY_INTERVAL_MS + MANY_LATE_MS; i++)
        pause = pause_under_load(browser);
    ck_assert_int_lt(pause, MANY_INTERVAL_MS + MANY_LATE_MS);
    browser_close(browser);
}
END_TEST

START_TEST(the_daemon_ends_at_once_while_pages_are_drawn)
{
    struct browser *browser = browser_open();
    char address[200];
    int fds[AT_ONCE];

    harness_run_by_hand(1);
    snprintf(address, sizeof(address), "%s/choices", harness.page);
    for (int i = 0; i < AT_ONCE; i++)
        fds[i] = browser_start(browser, address);
    ck_assert_int_lt(hd_stop(SIGTERM), 1000);
    for (int i = 0; i < AT_ONCE; i++)
        (void)browser_end(fds[i]);
    browser_close(browser);
}
END_TEST

Suite *views_suite(void)
{
    Suite *suite = suite_create("views");
    TCase *pages = harness_case(suite, "pages");
    TCase *choices = harness_case(suite, "choices");
    TCase *headers = harness_case(suite, "headers");
    TCase *many = harness_case(suite, "many");

    tcase_add_test(pages, home_leads_to_the_accounts_until_somebody_is_connected);
    tcase_add_test(pages, every_page_of_the_menu_answers_in_the_frame_of_all);
    tcase_add_test(choices, D6_a_time_zone_that_is_chosen_changes_the_times_that_are_shown);
    tcase_add_test(choices, choices_are_kept_for_a_year_and_for_us_alone);
    tcase_add_test(choices, pictures_come_from_elsewhere_only_where_they_are_wanted);
    tcase_add_test(choices, a_zone_that_is_none_is_refused_with_words_and_changes_nothing);
    tcase_add_test(choices, choices_come_from_a_form_of_ours_only);
    tcase_add_test(headers, odd_headers_get_the_page_all_the_same);
    tcase_add_test(headers, H7_long_lists_take_no_time);
    tcase_add_test(headers, a_page_that_the_browser_has_is_not_sent_again);
    tcase_set_tags(many, "timing");
    tcase_add_test(many, H7_many_pages_at_once_do_not_hold_up_a_poll);
    tcase_add_test(many, the_daemon_ends_at_once_while_pages_are_drawn);
    return suite;
}
