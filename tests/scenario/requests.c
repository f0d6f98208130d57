/* SPDX-License-Identifier: MIT */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 15000 /* until a connection that is to be closed is closed */

void requests_begin(int accounts)
{
    char count[12];

    snprintf(count, sizeof(count), "%d", accounts);
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", count);
    hd_start();
}

struct raw_answer requests_ask(const char *text, size_t len)
{
    char *filled = raw_fill(text, &len);
    struct raw_answer answer = raw_ask(filled, len, PATIENCE_MS);

    free(filled);
    return answer;
}

struct raw_answer requests_ask_text(const char *text)
{
    return requests_ask(text, strlen(text));
}

void requests_expect_served(const char *text)
{
    struct raw_answer answer = requests_ask_text(text);

    ck_assert_msg(answer.status == 200, "%ld for %s:\n%s", answer.status, text, answer.text);
    raw_free(&answer);
}

void requests_expect_alive(void)
{
    requests_expect_served("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
}

/* HTTP lets a server answer so, or close without a word. */
bool requests_is_refusal(const struct raw_answer *answer)
{
    return (answer->status == 0 && answer->len == 0) ||
           (answer->status >= 400 && answer->status < 500) || answer->status == 501 ||
           answer->status == 505;
}

void requests_expect_refused(const char *what, const char *text, size_t len)
{
    struct raw_answer answer = requests_ask(text, len);

    ck_assert_msg(requests_is_refusal(&answer), "%s: %ld:\n%.600s", what, answer.status,
                  answer.text);
    ck_assert_msg(answer.is_closed, "%s: the connection stays open:\n%.600s", what, answer.text);
    ck_assert_msg(!strstr(answer.text, "name=\"token\""), "%s: a form", what);
    raw_free(&answer);
}

void requests_expect_all_refused(const struct bytes *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        requests_expect_refused(list[i].what, list[i].text, list[i].len);
        requests_expect_alive();
    }
}

struct visitor requests_visit(void)
{
    struct visitor visitor;
    struct browser *browser = browser_open();
    struct page page = browser_get(browser, "/spotify");
    const char *cookie = page_header(&page, "Set-Cookie");

    ck_assert_ptr_nonnull(cookie);
    snprintf(visitor.cookie, sizeof(visitor.cookie), "%.*s", (int)strcspn(cookie, ";"), cookie);
    ck_assert_ptr_nonnull(page_field(&page, "token"));
    snprintf(visitor.token, sizeof(visitor.token), "%s", page_field(&page, "token"));
    page_free(&page);
    browser_close(browser);
    return visitor;
}
