/* SPDX-License-Identifier: MIT */
/* What views have in common: fields, numbers, accounts, the frame; and the page of choices. */
#include "web/view.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/accounts.h"
#include "store_help.h"

#define T0 INT64_C(1795284000000) /* 2026-11-21T18:00:00Z */
#define MANY 21

static struct store *store;
static struct view_request request;
static struct view_answer answer;
static struct view_field fields[4];
static struct view_people people;
static struct zone *zone;
static struct buf out;

static void set_field(size_t index, const char *name, const char *value)
{
    fields[index] = (struct view_field){name, value};
    request.field_count = index + 1;
}

static void setup(void)
{
    store_help_setup();
    store_help_make();
    store = store_help_open(STORE_WRITER);
    zone = zone_open("Asia/Kathmandu");
    ck_assert_ptr_nonnull(zone);
    request = (struct view_request){
        .site = {.title = "Play history",
                 .token = "TOKEN",
                 .version = "1",
                 .zone = "Asia/Kathmandu",
                 .here = "/plays?q=a&from=2026-01-01"},
        .path = "/plays",
        .rest = "",
        .fields = fields,
        .zone = zone,
        .zone_chosen = "Asia/Kathmandu",
        .now = T0,
        .covers = true,
    };
    answer = (struct view_answer){.status = 200, .type = VIEW_HTML, .fd = -1};
    out = (struct buf){.limit = 1 << 20};
}

static void teardown(void)
{
    free(people.users);
    buf_free(&out, false);
    buf_free(&answer.body, false);
    zone_free(zone);
    store_close(store);
    store_help_teardown();
}

#define has(buf, text) \
    ck_assert_msg(strstr((buf).data, text) != NULL, "no \"%s\" in: %s", text, (buf).data)
#define has_not(buf, text) \
    ck_assert_msg(strstr((buf).data, text) == NULL, "\"%s\" in: %s", text, (buf).data)

/* -- fields ------------------------------------------------------------------------------------ */

START_TEST(the_first_of_several_fields_counts)
{
    set_field(0, "q", "one");
    set_field(1, "q", "two");
    set_field(2, "", "nameless");
    ck_assert_str_eq(view_field(&request, "q"), "one");
    ck_assert_str_eq(view_field(&request, ""), "nameless");
    ck_assert_ptr_null(view_field(&request, "absent"));
}
END_TEST

static const struct {
    const char *text;
    int64_t number;
} numbers[] = {
    {"", 0},     {"1", 1},    {"12", 12},  {"9223372036854775807", INT64_MAX},
    {"0", -1},   {"-1", -1},  {"+1", -1},  {"9223372036854775808", -1},
    {"01", -1},  {" 1", -1},  {"1 ", -1},  {"1e3", -1},
    {"0x1", -1}, {"1.5", -1}, {"one", -1}, {"99999999999999999999999999999999", -1},
};

START_TEST(a_number_is_from_1_on_and_written_in_one_way)
{
    set_field(0, "n", numbers[_i].text);
    request.rest = numbers[_i].text;
    ck_assert_int_eq(view_field_number(&request, "n"), numbers[_i].number);
    ck_assert_int_eq(view_rest_number(&request), numbers[_i].number);
    ck_assert_int_eq(view_field_number(&request, "absent"), 0);
}
END_TEST

START_TEST(an_error_throws_away_what_was_drawn)
{
    buf_add_text(&answer.body, "half a page");
    answer.type = "image/svg+xml";
    answer.filename = "x.svg";
    ck_assert_int_eq(view_error(&request, &answer, 404, "There is no <such> thing."), STORE_OK);
    ck_assert_int_eq(answer.status, 404);
    ck_assert_str_eq(answer.type, VIEW_HTML);
    ck_assert_ptr_null(answer.filename);
    has_not(answer.body, "half a page");
    has(answer.body, "There is no &lt;such&gt; thing.");
    has(answer.body, "<nav aria-label=\"Pages\">");
}
END_TEST

/* -- accounts ---------------------------------------------------------------------------------- */

/* User 1 is there; so many in all, the second with a name that is markup. */
static void add_users(int count)
{
    store_help_begin(store, STORE_DURABLE);
    for (int i = 2; i <= count; i++) {
        struct store_user user = {.added_at = T0,
                                  .state_since = T0,
                                  .authorized_at = STORE_NO_TIME,
                                  .last_success_at = STORE_NO_TIME,
                                  .first_sweep_at = STORE_NO_TIME,
                                  .anchor_played_at = STORE_NO_TIME,
                                  .refused_at = STORE_NO_TIME};

        snprintf(user.spotify_id, sizeof(user.spotify_id), "user%d", i);
        snprintf(user.display_name, sizeof(user.display_name), "%s", i == 2 ? "<b>\"&" : "");
        ck_assert_int_eq(store_user_add(store, &user), STORE_OK);
    }
    store_help_commit(store);
}

static bool read_people(void)
{
    enum store_result result = STORE_MISUSE;
    bool read = view_people_read(store, &request, &answer, &people, &result);

    ck_assert_int_eq(result, STORE_OK);
    return read;
}

START_TEST(without_a_choice_a_page_is_about_all)
{
    add_users(3);
    ck_assert(read_people());
    ck_assert_uint_eq(people.count, 3);
    ck_assert_int_eq(people.user_id, 0);
    ck_assert_str_eq(view_people_name(&people, 2), "<b>\"&");
    ck_assert_str_eq(view_people_name(&people, 3), "user3"); /* no name: the id */
    ck_assert_str_eq(view_people_name(&people, 99), "");
}
END_TEST

START_TEST(a_choice_is_one_of_them)
{
    add_users(3);
    set_field(0, "user", "2");
    ck_assert(read_people());
    ck_assert_int_eq(people.user_id, 2);
    ck_assert_int_eq(answer.status, 200);
}
END_TEST

static const char *const strangers[] = {"4", "0", "-1", "x", "9223372036854775808", "1 OR 1"};

START_TEST(a_choice_of_nobody_is_a_404)
{
    add_users(3);
    set_field(0, "user", strangers[_i]);
    ck_assert(!read_people());
    ck_assert_int_eq(answer.status, 404);
}
END_TEST

START_TEST(one_account_is_no_choice)
{
    ck_assert(read_people());
    view_add_people(&out, &request, &people);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(the_choice_leads_to_the_same_page_with_the_same_fields)
{
    add_users(3);
    request.path = "/year/a \"b/c";
    set_field(0, "q", "R&B <x>");
    set_field(1, "user", "3");
    set_field(2, "empty", "");
    ck_assert(read_people());
    view_add_people(&out, &request, &people);
    has(out, "<a href=\"/year/a%20%22b/c?q=R%26B%20%3Cx%3E\"><bdi>Everybody</bdi>");
    has(out, "<a href=\"/year/a%20%22b/c?q=R%26B%20%3Cx%3E&amp;user=2\">"
             "<bdi>&lt;b&gt;&quot;&amp;</bdi>");
    has(out, "&amp;user=3\" aria-current=\"true\"><bdi>user3</bdi>");
    has_not(out, "empty");
}
END_TEST

START_TEST(of_many_accounts_one_is_chosen_from_a_list)
{
    add_users(MANY);
    set_field(0, "q", "<x>");
    set_field(1, "user", "2");
    ck_assert(read_people());
    view_add_people(&out, &request, &people);
    has(out, "<input type=\"hidden\" name=\"q\" value=\"&lt;x&gt;\">");
    has(out, "<option value=\"2\" selected>&lt;b&gt;&quot;&amp;</option>");
    has(out, "<option value=\"\">Everybody</option>");
    has_not(out, "name=\"user\" value");
}
END_TEST

START_TEST(an_address_has_its_fields_and_the_account)
{
    const char *const pairs[] = {"q", "a b&c", "none", NULL, "empty", "", "n", "1", NULL};
    struct view_people chosen = {.user_id = 7}, all = {.user_id = 0};

    view_add_address(&out, &chosen, "/plays", pairs);
    ck_assert_str_eq(out.data, "/plays?q=a%20b%26c&amp;n=1&amp;user=7");
    buf_clear(&out, false);
    view_add_address(&out, &all, "/artist/12", NULL);
    ck_assert_str_eq(out.data, "/artist/12");
    buf_clear(&out, false);
    view_add_address(&out, &chosen, "/", NULL);
    ck_assert_str_eq(out.data, "/?user=7");
}
END_TEST

/* -- the frame --------------------------------------------------------------------------------- */

static const struct {
    const char *section, *current;
} sections[] = {
    {"/", "<a href=\"/\" aria-current=\"page\">"},
    {"/plays", "<a href=\"/plays\" aria-current=\"page\">"},
    {"/year/", "<a href=\"/year/\" aria-current=\"page\">"},
    {"/year/2026", "<a href=\"/year/\" aria-current=\"page\">"},
    {"/coverage", "<a href=\"/coverage\" aria-current=\"page\">"},
    {"/spotify", "<a href=\"/spotify\" aria-current=\"page\">"},
    {"/spotify/callback", "<a href=\"/spotify\" aria-current=\"page\">"},
};

START_TEST(the_menu_tells_where_a_page_is)
{
    const char *current;

    page_begin(&out, &request.site, sections[_i].section, "Heading");
    current = strstr(out.data, "aria-current");
    has(out, sections[_i].current);
    ck_assert_ptr_null(strstr(current + 1, "aria-current"));
}
END_TEST

START_TEST(a_page_of_no_entry_has_the_menu_and_a_page_for_strangers_has_none)
{
    page_begin(&out, &request.site, "", "Heading");
    has(out, "<a href=\"/plays\">");
    has_not(out, "aria-current");
    buf_clear(&out, false);
    page_begin(&out, &request.site, NULL, "Heading");
    has_not(out, "<nav");
}
END_TEST

START_TEST(the_footer_tells_the_zone_and_leads_to_the_choices_and_back)
{
    page_end(&out, &request.site);
    has(out, "Time zone: Asia/Kathmandu.");
    has(out, "<a href=\"/choices?next=%2Fplays%3Fq%3Da%26from%3D2026-01-01\">");
    buf_clear(&out, false);
    request.site.zone = request.site.here = NULL;
    page_end(&out, &request.site);
    has_not(out, "choices");
}
END_TEST

/* -- who must act ------------------------------------------------------------------------------ */

static const char *attention(const struct recorder_status *status, const struct account *accounts,
                             size_t count)
{
    static char text[600];

    page_attention(status, accounts, count, text, sizeof(text));
    return text;
}

START_TEST(nobody_must_act_when_all_is_well)
{
    struct recorder_status status = {.has_client = true, .opens_at = STORE_NO_TIME};
    struct account well = {.user = {.user_id = 1}};

    ck_assert_str_eq(attention(&status, &well, 1), "");
}
END_TEST

START_TEST(the_gravest_reason_to_act_is_said)
{
    struct recorder_status status = {.has_client = true, .opens_at = STORE_NO_TIME};
    struct account accounts[] = {{.user = {.user_id = 1}},
                                 {.must_act = true, .todo = "Ann must sign in again: revoked"},
                                 {.must_act = true, .todo = "Bob must sign in again: revoked"}};

    ck_assert_str_eq(attention(&status, accounts, 2), "Ann must sign in again: revoked.");
    ck_assert_str_eq(attention(&status, accounts, 3),
                     "Ann must sign in again: revoked (and 1 more).");
    ck_assert_ptr_nonnull(strstr(attention(&status, NULL, 0), "No account"));
    status.app_trouble = true;
    ck_assert_ptr_nonnull(strstr(attention(&status, accounts, 3), "the app itself"));
    status.has_client = false;
    ck_assert_ptr_nonnull(strstr(attention(&status, accounts, 3), "client id"));
    status.database_held = true;
    ck_assert_ptr_nonnull(strstr(attention(&status, accounts, 3), "takes no writes"));
}
END_TEST

/* -- the choices ------------------------------------------------------------------------------- */

START_TEST(the_choices_show_what_is_chosen_and_what_time_it_is)
{
    set_field(0, "next", "/year/2026?user=1");
    ck_assert_int_eq(view_choices(store, &request, &answer), STORE_OK);
    ck_assert_int_eq(answer.status, 200);
    has(answer.body, "name=\"token\" value=\"TOKEN\"");
    has(answer.body, "name=\"zone\" type=\"text\"");
    has(answer.body, "value=\"Asia/Kathmandu\" aria-describedby");
    has(answer.body, "2026-11-21 23:45");
    has(answer.body, "value=\"on\" checked>");
    has(answer.body, "name=\"next\" value=\"/year/2026?user=1\"");
    has(answer.body, "<option value=\"UTC\">");
    has_not(answer.body, "href=\"/choices");
}
END_TEST

START_TEST(covers_that_are_off_are_not_ticked)
{
    request.covers = false;
    ck_assert_int_eq(view_choices(store, &request, &answer), STORE_OK);
    has(answer.body, "value=\"on\">");
}
END_TEST

static const char *const foreign[] = {"//evil.example", "https://evil.example", "/password",   "",
                                      "/a\\b",          "javascript:alert(1)",  "/\"><script>"};

START_TEST(the_choices_lead_back_to_us_only)
{
    set_field(0, "next", foreign[_i]);
    ck_assert_int_eq(view_choices(store, &request, &answer), STORE_OK);
    has(answer.body, "name=\"next\" value=\"/\"");
}
END_TEST

static const char *const wrong[] = {"Europe/Nowhere", "../../etc/passwd", "\"><script>", "/UTC"};

START_TEST(a_zone_that_is_none_is_refused_with_words)
{
    set_field(0, "zone", wrong[_i]);
    ck_assert_int_eq(view_choices(store, &request, &answer), STORE_OK);
    ck_assert_int_eq(answer.status, 422);
    has(answer.body, "There is no time zone called <bdi>");
    has(answer.body, "aria-invalid=\"true\"");
    has_not(answer.body, "\"><script>");
}
END_TEST

static void add_page_tests(Suite *suite)
{
    TCase *pages = tcase_create("pages");

    tcase_add_checked_fixture(pages, setup, teardown);
    tcase_add_loop_test(pages, the_menu_tells_where_a_page_is, 0,
                        sizeof(sections) / sizeof(sections[0]));
    tcase_add_test(pages, a_page_of_no_entry_has_the_menu_and_a_page_for_strangers_has_none);
    tcase_add_test(pages, the_footer_tells_the_zone_and_leads_to_the_choices_and_back);
    tcase_add_test(pages, nobody_must_act_when_all_is_well);
    tcase_add_test(pages, the_gravest_reason_to_act_is_said);
    tcase_add_test(pages, the_choices_show_what_is_chosen_and_what_time_it_is);
    tcase_add_test(pages, covers_that_are_off_are_not_ticked);
    tcase_add_loop_test(pages, the_choices_lead_back_to_us_only, 0,
                        sizeof(foreign) / sizeof(foreign[0]));
    tcase_add_loop_test(pages, a_zone_that_is_none_is_refused_with_words, 0,
                        sizeof(wrong) / sizeof(wrong[0]));
    suite_add_tcase(suite, pages);
}

Suite *web_view_suite(void)
{
    Suite *suite = suite_create("web_view");
    TCase *asked = tcase_create("asked"), *accounts = tcase_create("accounts");

    tcase_add_checked_fixture(asked, setup, teardown);
    tcase_add_test(asked, the_first_of_several_fields_counts);
    tcase_add_loop_test(asked, a_number_is_from_1_on_and_written_in_one_way, 0,
                        sizeof(numbers) / sizeof(numbers[0]));
    tcase_add_test(asked, an_error_throws_away_what_was_drawn);
    suite_add_tcase(suite, asked);
    tcase_add_checked_fixture(accounts, setup, teardown);
    tcase_add_test(accounts, without_a_choice_a_page_is_about_all);
    tcase_add_test(accounts, a_choice_is_one_of_them);
    tcase_add_loop_test(accounts, a_choice_of_nobody_is_a_404, 0,
                        sizeof(strangers) / sizeof(strangers[0]));
    tcase_add_test(accounts, one_account_is_no_choice);
    tcase_add_test(accounts, the_choice_leads_to_the_same_page_with_the_same_fields);
    tcase_add_test(accounts, of_many_accounts_one_is_chosen_from_a_list);
    tcase_add_test(accounts, an_address_has_its_fields_and_the_account);
    suite_add_tcase(suite, accounts);
    add_page_tests(suite);
    return suite;
}
