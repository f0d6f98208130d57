/* SPDX-License-Identifier: MIT */
/* What belongs to one person is never in what is asked for in the name of another: every command
 * and page that takes a user, searched for the marks that stand in the other's plays. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAYS 5

/* Each has tracks of an artist, album and name that nobody else has. */
static const char *const marks[] = {"", "Marsupial", "Wolverine"};

static void begin(void)
{
    int64_t at = harness_now() - HOUR;

    harness_run_by_hand(2);
    for (int account = 1; account <= 2; account++) {
        for (int i = 0; i < PLAYS; i++)
            fake_do("plays",
                    "[{'account':%d,'played_at':%lld,'uri':'spotify:track:%s%012d',"
                    "'name':'%s %d','artist':'%s','album':'%s','isrc':null}]",
                    account, (long long)(at + i * MINUTE + account),
                    account == 1 ? "a0000000aa" : "b0000000bb", i, marks[account], i,
                    marks[account], marks[account]);
    }
    hd_poll_and_wait();
}

static void assert_own(const char *what, const char *text, int account)
{
    ck_assert_msg(strstr(text, marks[3 - account]) == NULL, "%s of %d tells of another:\n%s", what,
                  account, text);
}

/* Some of the marks must be there, or there would be nothing to be kept apart. */
static void assert_own_and_some(const char *what, const char *text, int account)
{
    assert_own(what, text, account);
    ck_assert_msg(strstr(text, marks[account]) != NULL, "%s of %d is empty:\n%s", what, account,
                  text);
}

static const char *const commands[][4] = {
    {"recent"},
    {"recent", "--json"},
    {"top", "tracks"},
    {"top", "artists", "--json"},
    {"top", "albums"},
    {"export", "--format", "jsonl"},
    {"export", "--format", "extended"},
    {"export", "--format", "listenbrainz"},
};

START_TEST(J2_a_command_for_one_person_tells_nothing_of_another)
{
    char user[24];

    begin();
    for (int account = 1; account <= 2; account++) {
        snprintf(user, sizeof(user), "%lld", (long long)db_user(account));
        for (size_t i = 0; i < COUNT_OF(commands); i++) {
            const char *arguments[8] = {NULL};
            size_t count = 0;

            for (; count < 4 && commands[i][count] != NULL; count++)
                arguments[count] = commands[i][count];
            arguments[count++] = "--user";
            arguments[count] = user;
            ck_assert_int_eq(ctl_run_with("", arguments), 0);
            assert_own_and_some(commands[i][0], harness.ctl_output, account);
        }
    }
}
END_TEST

/* Not the names that a search in plays offers to go to: they are of the whole catalogue. */
static const struct {
    const char *path;
    bool is_empty; /* names no play whoever asks */
} pages[] = {{"/?", false},           {"/plays?", false}, {"/plays.csv?", false},
             {"/plays.json?", false}, {"/year/?", true},  {"/coverage?", true}};

START_TEST(J2_a_page_of_one_person_tells_nothing_of_another)
{
    struct browser *browser = browser_open();
    char address[120];
    struct page page;

    begin();
    for (int account = 1; account <= 2; account++) {
        for (size_t i = 0; i < COUNT_OF(pages); i++) {
            snprintf(address, sizeof(address), "%suser=%lld", pages[i].path,
                     (long long)db_user(account));
            page = browser_get(browser, address);
            if (pages[i].is_empty) {
                assert_own(address, page.body, account);
            } else {
                ck_assert_msg(page.status == 200, "%s: %ld", address, page.status);
                assert_own_and_some(address, page.body, account);
            }
            page_free(&page);
        }
        /* a search for what only the other has finds nothing */
        snprintf(address, sizeof(address), "/plays.csv?q=%s&user=%lld", marks[3 - account],
                 (long long)db_user(account));
        page = browser_get(browser, address);
        assert_own(address, page.body, account);
        page_free(&page);
    }
    browser_close(browser);
}
END_TEST

Suite *apart_suite(void)
{
    Suite *suite = suite_create("apart");
    TCase *people = harness_case(suite, "people");

    tcase_add_test(people, J2_a_command_for_one_person_tells_nothing_of_another);
    tcase_add_test(people, J2_a_page_of_one_person_tells_nothing_of_another);
    return suite;
}
