/* SPDX-License-Identifier: MIT */
/* The page behind a password. */
#include "harness.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PASSWORD "correct horse battery"
#define OTHER_PASSWORD "staple of another kind"

static struct browser *browser;

static void begin(void)
{
    harness.config.poll_interval = harness.config.sweep_interval = "1h";
    fake_start("--accounts", "1");
    ctl_set_password(PASSWORD);
    hd_start();
    browser = browser_open();
}

static void reload(void)
{
    hd_log_mark();
    hd_write_config();
    hd_signal(SIGHUP);
    harness_wait_until(hd_logged("reload: "));
}

/* The status of a page, and where it leads to ("": nowhere). */
static long get(const char *address, char location[static 300])
{
    struct page page = browser_get(browser, address);
    const char *header = page_header(&page, "Location");
    long status = page.status;

    snprintf(location, 300, "%s", header ? header : "");
    page_free(&page);
    return status;
}

static bool is_open(void)
{
    char location[300];

    return get("/spotify", location) == 200;
}

/* Types a password; next may be NULL. */
static struct page type(const char *password, const char *next)
{
    struct page page = browser_get(browser, "/password");
    const char *token = page_field(&page, "token");
    char form[600];

    ck_assert_msg(token != NULL, "%ld: %s", page.status, page.body);
    snprintf(form, sizeof(form), "token=%s&password=%s%s%s", token, password, next ? "&next=" : "",
             next ? next : "");
    page_free(&page);
    return browser_post(browser, "/password", form);
}

/* Types it as soon as it is looked at. */
static struct page type_patiently(const char *password, const char *next)
{
    struct harness_wait wait = harness_wait_begin(HARNESS_PATIENCE_MS);
    struct page page = type(password, next);

    while (page.status == 429 && harness_nap(&wait)) {
        page_free(&page);
        page = type(password, next);
    }
    return page;
}

static void open_page(const char *password)
{
    struct page page = type_patiently(password, NULL);

    ck_assert_msg(page.status == 303, "%ld: %s", page.status, page.body);
    page_free(&page);
    ck_assert(is_open());
}

/* -- what is shut ------------------------------------------------------------------------------ */

static const char *const shut[] = {
    "/",        "/spotify",         "/spotify?signed_in=1", "/spotify/callback?code=a&state=b",
    "/nothing", "/password/logout", "/style.css/x"};

START_TEST(everything_leads_to_the_password)
{
    char location[300];

    begin();
    for (size_t i = 0; i < COUNT_OF(shut); i++) {
        ck_assert_msg(get(shut[i], location) == 303, "%s", shut[i]);
        ck_assert_msg(strncmp(location, "/password?next=", 15) == 0, "%s -> %s", shut[i], location);
    }
}
END_TEST

static const char *const open_to_all[] = {"/style.css", "/favicon.svg", "/healthz", "/robots.txt",
                                          "/password"};

START_TEST(what_says_nothing_is_open)
{
    char location[300];

    begin();
    for (size_t i = 0; i < COUNT_OF(open_to_all); i++)
        ck_assert_msg(get(open_to_all[i], location) == 200, "%s", open_to_all[i]);
}
END_TEST

START_TEST(nothing_can_be_begun_without_the_password)
{
    struct page page;
    char form[200];

    begin();
    page = browser_get(browser, "/password");
    snprintf(form, sizeof(form), "token=%s", page_field(&page, "token"));
    page_free(&page);
    page = browser_post(browser, "/spotify/connect", form); /* a good token of this browser */
    ck_assert_int_eq(page.status, 303);
    ck_assert_ptr_null(strstr(page_header(&page, "Location"), "authorize"));
    page_free(&page);
    ck_assert(!hd_logged("a sign-in begins"));
}
END_TEST

START_TEST(a_session_that_was_made_up_is_none)
{
    static const char *const cookies[] = {
        "Cookie: historyd_session=",
        "Cookie: historyd_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Cookie: historyd_session=1; historyd_session=2",
    };

    begin();
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        struct page page = browser_send(browser, "/spotify", NULL, cookies[i]);

        ck_assert_msg(page.status == 303, "%s: %ld", cookies[i], page.status);
        page_free(&page);
    }
}
END_TEST

/* -- opening ----------------------------------------------------------------------------------- */

START_TEST(the_right_password_opens_it)
{
    struct page page;
    const char *cookie;

    begin();
    page = type(PASSWORD, NULL);
    ck_assert_msg(page.status == 303, "%ld: %s", page.status, page.body);
    cookie = page_header(&page, "Set-Cookie");
    ck_assert_ptr_nonnull(cookie);
    ck_assert_ptr_nonnull(strstr(cookie, "HttpOnly"));
    ck_assert_ptr_nonnull(strstr(cookie, "SameSite=Lax"));
    page_free(&page);
    ck_assert(is_open());
    ck_assert_ptr_null(harness_find_in_files(PASSWORD));
}
END_TEST

static const char *const wrong[] = {"", "wrong", "correct horse battery%20", "correct",
                                    "%24argon2id%24v=19"};

START_TEST(a_wrong_password_is_403_and_opens_nothing)
{
    struct page page;

    begin();
    page = type_patiently(wrong[_i], NULL);
    ck_assert_int_eq(page.status, 403);
    ck_assert_ptr_null(strstr(page.headers, "historyd_session"));
    page_free(&page);
    ck_assert(!is_open());
    ck_assert(hd_logged("a wrong password"));
}
END_TEST

START_TEST(guessing_is_slowed_down_for_the_right_one_too)
{
    struct page page;

    begin();
    for (int i = 0; i < 5; i++) {
        page = type_patiently("wrong", NULL);
        ck_assert_int_eq(page.status, 403);
        page_free(&page);
    }
    page = type(PASSWORD, NULL);
    ck_assert_int_eq(page.status, 429);
    ck_assert_ptr_nonnull(page_header(&page, "Retry-After"));
    ck_assert_int_ge(atoi(page_header(&page, "Retry-After")), 1);
    page_free(&page);
    ck_assert(!is_open());
    open_page(PASSWORD);
}
END_TEST

START_TEST(a_long_password_is_no_trouble)
{
    char *form = malloc(60001);
    struct page page;

    begin();
    memset(form, 'a', 60000);
    form[60000] = '\0';
    page = browser_get(browser, "/password");
    snprintf(form, 100, "token=%s&password=", page_field(&page, "token"));
    form[strlen(form)] = 'a';
    page_free(&page);
    page = browser_post(browser, "/password", form);
    ck_assert_int_eq(page.status, 403);
    page_free(&page);
    free(form);
    ck_assert(!is_open());
}
END_TEST

/* -- leading elsewhere ------------------------------------------------------------------------- */

static const char *const elsewhere[] = {
    "//evil.example",      "https://evil.example",
    "http:evil.example",   "/%5Cevil.example",
    "/%5C%5Cevil.example", "%5C%5Cevil.example",
    "/%09/evil.example",   "/%0d%0aLocation:%20https://evil.example",
    "%20//evil.example",   "javascript:alert(1)",
    "evil.example",        "///evil.example",
    "%2F%2Fevil.example",  "/%2Fevil.example/..",
    "@evil.example",
};

/* A place of this page: one slash and then none of what browsers take for one. */
static bool is_ours(const char *location)
{
    return location[0] == '/' && location[1] != '/' && location[1] != '\\' && location[1] != '\t';
}

START_TEST(next_leads_to_this_page_only)
{
    char address[200], location[300];

    begin();
    open_page(PASSWORD);
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
        long status;

        snprintf(address, sizeof(address), "/password?next=%s", elsewhere[i]);
        status = get(address, location);
        ck_assert_msg(status == 400 || (status == 303 && is_ours(location)), "%s: %ld %s",
                      elsewhere[i], status, location);
        ck_assert_ptr_null(strstr(location, "\nLocation"));
    }
}
END_TEST

START_TEST(next_in_the_form_leads_to_this_page_only)
{
    begin();
    for (size_t i = 0; i < 4; i++) {
        struct page page = type_patiently(PASSWORD, elsewhere[i]);
        const char *location = page_header(&page, "Location");

        ck_assert_msg(page.status == 303 && location && is_ours(location), "%s: %ld %s",
                      elsewhere[i], page.status, location ? location : "");
        page_free(&page);
        browser_close(browser);
        browser = browser_open();
    }
}
END_TEST

START_TEST(after_the_password_one_is_where_one_wanted_to_be)
{
    char location[300];
    struct page page;

    begin();
    ck_assert_int_eq(get("/spotify?signed_in=7", location), 303);
    ck_assert_str_eq(location, "/password?next=%2Fspotify%3Fsigned_in%3D7");
    page = browser_get(browser, location);
    ck_assert_str_eq(page_field(&page, "next"), "/spotify?signed_in=7");
    page_free(&page);
    page = type(PASSWORD, "%2Fspotify%3Fsigned_in%3D7");
    ck_assert_str_eq(page_header(&page, "Location"), "/spotify?signed_in=7");
    page_free(&page);
}
END_TEST

/* -- the end of a session ---------------------------------------------------------------------- */

START_TEST(leaving_ends_the_session_for_good)
{
    struct browser *thief;
    struct page page;
    char form[200], cookie[300];

    begin();
    page = type(PASSWORD, NULL);
    snprintf(cookie, sizeof(cookie), "Cookie: %.200s", page_header(&page, "Set-Cookie"));
    *strchr(cookie, ';') = '\0';
    page_free(&page);
    page = browser_get(browser, "/spotify");
    snprintf(form, sizeof(form), "token=%s", page_field(&page, "token"));
    page_free(&page);
    page = browser_post(browser, "/password/logout", form);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    ck_assert(!is_open());
    thief = browser_open();
    page = browser_send(thief, "/spotify", NULL, cookie);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    browser_close(thief);
}
END_TEST

START_TEST(a_new_password_ends_all_sessions)
{
    begin();
    open_page(PASSWORD);
    ctl_set_password(OTHER_PASSWORD);
    reload();
    ck_assert(!is_open());
    open_page(OTHER_PASSWORD);
}
END_TEST

START_TEST(a_reload_that_leaves_the_password_leaves_the_sessions)
{
    begin();
    open_page(PASSWORD);
    reload();
    ck_assert(is_open());
}
END_TEST

START_TEST(a_password_file_that_is_broken_shuts_nobody_in)
{
    FILE *file;

    begin();
    file = fopen(harness.password_file, "we");
    fputs("hello\n", file);
    fclose(file);
    reload();
    ck_assert(hd_logged("the configuration is not valid"));
    ck_assert(!is_open());
    open_page(PASSWORD);
}
END_TEST

/* -- signing in behind it ---------------------------------------------------------------------- */

START_TEST(an_account_can_be_connected_behind_the_password)
{
    begin();
    open_page(PASSWORD);
    browser_login(browser, 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
}
END_TEST

START_TEST(a_return_from_Spotify_without_a_session_changes_nothing)
{
    struct browser *other;
    struct page page;
    char *address, *back;

    begin();
    open_page(PASSWORD);
    address = browser_begin_login(browser, 0);
    back = browser_at_spotify(browser, address, 1);
    other = browser_open();
    page = browser_get(other, back);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    browser_close(other);
    ck_assert_int_eq(fake_count("token", 0), 0);
    page = browser_get(browser, back);
    ck_assert_int_eq(page.status, 303);
    page_free(&page);
    ck_assert_int_eq(db_int("SELECT count(*) FROM users"), 1);
    free(address);
    free(back);
}
END_TEST

/* -- a page that others can reach -------------------------------------------------------------- */

START_TEST(a_page_for_other_machines_without_a_password_is_refused_at_the_start)
{
    harness.no_database = true;
    fake_start("--accounts", "1");
    harness.config.listen = "0.0.0.0:31999";
    harness.config.redirect_uri = "http://127.0.0.1:31999/spotify/callback";
    hd_spawn(NULL);
    ck_assert_int_eq(hd_wait(), 78);
    ck_assert(hd_logged("set web.password_file first"));
}
END_TEST

START_TEST(a_page_for_other_machines_without_a_password_is_refused_at_a_reload)
{
    fake_start("--accounts", "1");
    hd_start();
    browser = browser_open();
    harness.config.listen = "0.0.0.0:31999";
    harness.config.redirect_uri = "http://127.0.0.1:31999/spotify/callback";
    reload();
    ck_assert(hd_logged("the configuration is not valid; everything stays as it was"));
}
END_TEST

/* A network of the test's own, of which only loopback is up: nobody else can come in. False where
 * that is not allowed. */
static bool enter_own_network(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd;
    bool up;

    if (unshare(CLONE_NEWNET) != 0)
        return false;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    ck_assert(up);
    close(fd);
    return true;
}

START_TEST(the_password_of_a_page_for_other_machines_cannot_be_taken_away)
{
    if (!enter_own_network()) {
        harness.no_database = true;
        return;
    }
    harness.config.listen = "0.0.0.0:31999";
    harness.config.redirect_uri = "http://127.0.0.1:31999/spotify/callback";
    begin();
    ck_assert(!is_open());
    harness.config.password_file = NULL;
    reload();
    ck_assert(!is_open());
    hd_write_config();
    harness.config.listen = "127.0.0.1:31999"; /* takes effect at the next start only */
    reload();
    ck_assert(hd_logged("web.password_file cannot be taken away before"));
    ck_assert(!is_open());
    open_page(PASSWORD);
}
END_TEST

Suite *password_suite(void)
{
    Suite *suite = suite_create("password");
    TCase *closed = harness_case(suite, "shut");
    TCase *opening = harness_case(suite, "opening");
    TCase *leads = harness_case(suite, "leading elsewhere");
    TCase *ends = harness_case(suite, "the end of a session");
    TCase *signin = harness_case(suite, "signing in");
    TCase *others = harness_case(suite, "other machines");

    tcase_add_test(closed, everything_leads_to_the_password);
    tcase_add_test(closed, what_says_nothing_is_open);
    tcase_add_test(closed, nothing_can_be_begun_without_the_password);
    tcase_add_test(closed, a_session_that_was_made_up_is_none);
    tcase_add_test(opening, the_right_password_opens_it);
    tcase_add_loop_test(opening, a_wrong_password_is_403_and_opens_nothing, 0,
                        (int)COUNT_OF(wrong));
    tcase_add_test(opening, guessing_is_slowed_down_for_the_right_one_too);
    tcase_add_test(opening, a_long_password_is_no_trouble);
    tcase_add_test(leads, next_leads_to_this_page_only);
    tcase_add_test(leads, next_in_the_form_leads_to_this_page_only);
    tcase_add_test(leads, after_the_password_one_is_where_one_wanted_to_be);
    tcase_add_test(ends, leaving_ends_the_session_for_good);
    tcase_add_test(ends, a_new_password_ends_all_sessions);
    tcase_add_test(ends, a_reload_that_leaves_the_password_leaves_the_sessions);
    tcase_add_test(ends, a_password_file_that_is_broken_shuts_nobody_in);
    tcase_add_test(signin, an_account_can_be_connected_behind_the_password);
    tcase_add_test(signin, a_return_from_Spotify_without_a_session_changes_nothing);
    tcase_add_test(others, a_page_for_other_machines_without_a_password_is_refused_at_the_start);
    tcase_add_test(others, a_page_for_other_machines_without_a_password_is_refused_at_a_reload);
    tcase_add_test(others, the_password_of_a_page_for_other_machines_cannot_be_taken_away);
    return suite;
}
